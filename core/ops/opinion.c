#include "mv-config.h"

#include "core/ops/opinion.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/base/self.h"
#include "core/base/trace.h"
#include "core/ops/child.h"
#include "core/text/domain.h"

const char *mv_opinion_program(struct mv_arena *arena, const char *libexec)
{
    struct mv_buf beside;
    const char *program;

    mv_buf_init(&beside, MV_SELF_MAX_BYTES);
    if (mv_self_beside(MV_OPINION_PROGRAM, &beside) && access(mv_buf_cstr(&beside), X_OK) == 0)
        program = mv_arena_printf(arena, "%s", mv_buf_cstr(&beside));
    else
        program = mv_arena_printf(arena, "%s/" MV_OPINION_PROGRAM, libexec);
    mv_buf_free(&beside);
    return program;
}

static enum mv_code none(struct mv_opinion *opinion, const char *why)
{
    opinion->given = false;
    opinion->why_not = mv_bytes_str(why);
    return why == NULL ? MV_ERR_MEMORY : MV_OK;
}

static unsigned deadline_of(const struct mv_opinion_asker *asker)
{
    return asker->deadline_msecs == 0 ? MV_OPINION_DEADLINE_MSECS : asker->deadline_msecs;
}

static const char *library_of(enum mv_opinion_kind kind)
{
    return kind == MV_OPINION_SPF ? "libspf2" : "libopendmarc";
}

/* How the child ended, when there is no reply to read. */
static const char *describe_end(const struct mv_opinion_asker *asker, enum mv_opinion_kind kind,
                                const struct mv_child_result *result)
{
    const char *library = library_of(kind), *description;

    switch (result->end) {
    case MV_CHILD_KILLED:
        if (result->status == SIGXCPU)
            return mv_arena_printf(asker->arena, "%s used too much time and was ended", library);
        description = sigdescr_np(result->status);
        return mv_arena_printf(asker->arena, "%s %s: signal %d (%s)", library,
                               result->status == SIGKILL ? "was ended" : "crashed", result->status,
                               description == NULL ? "unknown" : description);
    case MV_CHILD_LATE:
        return mv_arena_printf(asker->arena, "%s had not decided after %u ms", library, deadline_of(asker));
    case MV_CHILD_MISSING:
        return mv_arena_printf(asker->arena, "%s cannot be started: %s", asker->program, strerror(result->status));
    case MV_CHILD_EXITED:
        break;
    }
    return mv_arena_printf(asker->arena, "%s ended with status %d and no answer", asker->program, result->status);
}

static const char *escaped(struct mv_arena *arena, struct mv_bytes text)
{
    struct mv_buf out;
    const char *copy;

    mv_buf_init(&out, 4 * MV_OPINION_MAX_SAID_BYTES + 1);
    mv_buf_put_escaped(&out, text);
    copy = mv_arena_str(arena, mv_buf_bytes(&out));
    mv_buf_free(&out);
    return copy;
}

/* All that the memo holds; later ones past the limit are not seen. */
static enum mv_code collect(const struct mv_opinion_asker *asker, struct mv_opinion_request *request)
{
    struct mv_opinion_answer *answers = mv_arena_array(asker->arena, MV_OPINION_MAX_ANSWERS, sizeof *answers);
    const struct mv_dns_answer *answer;
    struct mv_dns_question question;
    size_t count = 0;

    if (answers == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; count < MV_OPINION_MAX_ANSWERS && mv_memo_at(asker->memo, i, &question, &answer); i++)
        answers[count++] = (struct mv_opinion_answer){question, *answer};
    request->answers = answers;
    request->answer_count = count;
    return MV_OK;
}

static enum mv_code read_reply(const struct mv_opinion_asker *asker, enum mv_opinion_kind kind, struct mv_bytes bytes,
                               const struct mv_child_result *result, struct mv_opinion *opinion)
{
    struct mv_bytes kept;

    if (result->end != MV_CHILD_EXITED || result->status != 0)
        return none(opinion, describe_end(asker, kind, result));
    if (!mv_arena_copy(asker->arena, bytes, &kept))
        return MV_ERR_MEMORY;
    if (mv_opinion_reply_read(kept, &opinion->reply) != MV_OK || opinion->reply.kind != kind)
        return none(opinion, "what " MV_OPINION_PROGRAM " answered cannot be read");
    if (opinion->reply.word == MV_OPINION_REFUSES)
        return none(opinion, escaped(asker->arena, opinion->reply.said));
    opinion->given = true;
    return MV_OK;
}

static enum mv_code run(const struct mv_opinion_asker *asker, enum mv_opinion_kind kind, struct mv_bytes input,
                        struct mv_opinion *opinion)
{
    const char *const argv[] = {asker->program, NULL};
    static const char *const envp[] = {"LC_ALL=C", NULL};
    struct mv_child child = {argv, envp, input, deadline_of(asker)};
    struct mv_child_result result;
    struct mv_buf output;
    enum mv_code code;

    mv_buf_init(&output, MV_OPINION_MAX_REPLY_BYTES);
    code = mv_child_run(&child, &output, &result);
    if (code == MV_OK)
        code = read_reply(asker, kind, mv_buf_bytes(&output), &result, opinion);
    mv_buf_free(&output);
    return code;
}

/* The question was not among the answers that were handed in: it is new, or the memo takes no more. */
static enum mv_code ask_memo(const struct mv_opinion_asker *asker, struct mv_opinion *opinion)
{
    struct mv_dns_question question = opinion->reply.question;

    opinion->given = false;
    if (mv_memo_ask(asker->memo, question.name, question.type) == NULL)
        return mv_memo_miss(asker->memo);
    return none(opinion,
                mv_arena_printf(asker->arena, "%s asks more than %d questions of DNS", library_of(opinion->reply.kind),
                                MV_OPINION_MAX_ANSWERS));
}

static enum mv_code ask(const struct mv_opinion_asker *asker, struct mv_opinion_request *request,
                        struct mv_opinion *opinion)
{
    struct mv_buf input;
    enum mv_code code = collect(asker, request);

    *opinion = (struct mv_opinion){0};
    mv_buf_init(&input, MV_OPINION_MAX_REQUEST_BYTES);
    if (code == MV_OK)
        code = mv_opinion_request_write(request, &input);
    if (code == MV_OK)
        code = run(asker, request->kind, mv_buf_bytes(&input), opinion);
    else if (code == MV_ERR_LIMIT)
        code = none(opinion, "the answers of DNS are too large to hand over");
    mv_buf_free(&input);
    return code == MV_OK && opinion->given && opinion->reply.word == MV_OPINION_ASKS ? ask_memo(asker, opinion) : code;
}

static struct mv_bytes without_brackets(struct mv_bytes path)
{
    if (path.len >= 2 && path.data[0] == '<' && path.data[path.len - 1] == '>')
        return mv_bytes_slice(path, 1, path.len - 1);
    return path;
}

/* As Exim's $spf_result has it. */
static const char *spf_word(const struct mv_opinion_reply *reply)
{
    return reply->spf_invalid ? "invalid" : mv_spf_code_text(reply->spf);
}

static const char *dmarc_word(enum mv_dmarc_code code, enum mv_dmarc_policy policy)
{
    static const char *const fails[] = {
        [MV_DMARC_NO_POLICY] = "fail",
        [MV_DMARC_P_NONE] = "fail (none)",
        [MV_DMARC_P_QUARANTINE] = "fail (quarantine)",
        [MV_DMARC_P_REJECT] = "fail (reject)",
    };

    return code == MV_DMARC_FAIL ? fails[policy] : mv_dmarc_code_text(code);
}

enum mv_code mv_opinion_of_spf(const struct mv_opinion_asker *asker, const struct mv_spf_request *request,
                               const struct mv_spf_result *ours, struct mv_opinion *opinion_r)
{
    struct mv_opinion_request wire = {
        .kind = MV_OPINION_SPF,
        .ip = request->ip,
        .helo = request->helo,
        .mail_from = without_brackets(request->mail_from),
        .receiver = request->receiver.len == 0 ? MV_BYTES("unknown") : request->receiver,
    };
    enum mv_code code = ask(asker, &wire, opinion_r);

    if (code != MV_OK || !opinion_r->given)
        return code;
    opinion_r->ours = mv_spf_code_text(ours->code);
    opinion_r->theirs = spf_word(&opinion_r->reply);
    opinion_r->differs = mv_opinion_spf_differs(&wire, ours, &opinion_r->reply, &opinion_r->reasons);
    return MV_OK;
}

/* The same identifiers as such a receiver has them. */
static void replace_spf(const struct mv_opinion *spf, struct mv_dmarc_identifier *identifiers, size_t count)
{
    for (size_t i = 0; spf != NULL && spf->given && i < count; i++)
        if (identifiers[i].method == MV_DMARC_BY_SPF)
            identifiers[i].auth = spf->reply.spf == MV_SPF_PASS ? MV_DMARC_AUTH_PASS : MV_DMARC_AUTH_FAIL;
}

enum mv_code mv_opinion_of_dmarc(const struct mv_opinion_asker *asker, const struct mv_dmarc_input *input,
                                 const struct mv_dmarc_result *ours, const struct mv_opinion *spf,
                                 struct mv_opinion *opinion_r)
{
    struct mv_opinion_request wire = {.kind = MV_OPINION_DMARC, .author_domain = input->author_domain};
    struct mv_dmarc_identifier theirs[MV_DMARC_MAX_IDENTIFIERS];
    enum mv_code code;

    *opinion_r = (struct mv_opinion){0};
    if (input->author_domain.len == 0)
        return none(opinion_r, "there is no From domain to ask about");
    if (input->identifier_count > MV_DMARC_MAX_IDENTIFIERS)
        return MV_ERR_LIMIT;
    for (size_t i = 0; i < input->identifier_count; i++)
        theirs[i] = input->identifiers[i];
    replace_spf(spf, theirs, input->identifier_count);
    for (size_t i = 0; i < input->identifier_count; i++)
        if (theirs[i].auth == MV_DMARC_AUTH_PASS)
            wire.identifiers[wire.identifier_count++] = theirs[i];
    code = ask(asker, &wire, opinion_r);
    if (code != MV_OK || !opinion_r->given)
        return code;
    opinion_r->ours = dmarc_word(ours->code, ours->effective);
    opinion_r->theirs = dmarc_word(opinion_r->reply.dmarc, opinion_r->reply.policy);
    opinion_r->differs = mv_opinion_dmarc_differs(input, ours, &wire, &opinion_r->reply, &opinion_r->reasons);
    return MV_OK;
}

void mv_opinion_find(const struct mv_opinion *opinion, struct mv_bytes subject, struct mv_findings *findings)
{
    static const struct mv_finding_kind no_opinion = {
        "opinion-none", MV_SEVERITY_NOTE, "",
        "How older receivers see this could not be asked. A library that crashes here crashes there as well."};

    if (!opinion->given)
        mv_findings_add(findings, &no_opinion, subject, "%.*s", MV_ARG(opinion->why_not));
    for (size_t i = 0; opinion->given && opinion->differs && i < opinion->reasons.count; i++)
        mv_findings_add(findings, opinion->reasons.items[i], subject, "they: %s, others: %s", opinion->theirs,
                        opinion->ours);
}
