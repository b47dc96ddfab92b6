/*
 * The pipeline: stages are run again from the start until none needs DNS
 * (doc/ARCHITECTURE.md, "How a message flows").
 */
#include "core/auth/message.h"

/* A message whose stages always find something new to ask would be a defect of ours; this ends it. */
#define MV_MSG_MAX_ROUNDS 1000

/* A stage starts afresh: what its last run made is gone. */
static bool begin_stage(const struct mv_msg *msg, struct mv_stage *stage)
{
    mv_arena_free(&stage->arena);
    stage->arena = mv_arena_new(MV_MSG_MAX_MEMORY_BYTES);
    stage->trace = NULL;
    if (stage->arena != NULL && (msg->want & MV_WANT_EXPLAIN) != 0)
        stage->trace = mv_trace_new(stage->arena);
    return stage->arena != NULL;
}

/* MV_OK when there is nothing to do or the result is final. */
static enum mv_code run_spf(struct mv_msg *msg)
{
    enum mv_code code;

    if ((msg->want & MV_WANT_SPF) == 0 || msg->spf_done)
        return MV_OK;
    if (!begin_stage(msg, &msg->spf_stage))
        return MV_ERR_MEMORY;
    code = mv_spf_evaluate(msg->spf_stage.arena, &msg->spf_request, msg->memo, msg->spf_stage.trace, &msg->spf);
    msg->spf_done = code == MV_OK;
    return code;
}

/* Keys are asked for as soon as the header block is known; the rest waits for the body. */
static enum mv_code run_dkim(struct mv_msg *msg)
{
    enum mv_code code;

    if ((msg->want & MV_WANT_DKIM) == 0 || msg->dkim_done || msg->phase < MV_PHASE_BODY)
        return MV_OK;
    mv_dkim_verifier_prefetch(msg->dkim, msg->memo);
    if (msg->phase < MV_PHASE_ENDED)
        return MV_OK;
    if (!begin_stage(msg, &msg->dkim_stage))
        return MV_ERR_MEMORY;
    code = mv_dkim_verifier_run(msg->dkim, msg->memo, msg->dkim_stage.trace);
    msg->dkim_done = code == MV_OK;
    return code;
}

static enum mv_code run_arc(struct mv_msg *msg)
{
    enum mv_code code;

    if ((msg->want & MV_WANT_ARC) == 0 || msg->arc_done || msg->phase < MV_PHASE_BODY)
        return MV_OK;
    mv_arc_verifier_prefetch(msg->arc, msg->memo);
    if (msg->phase < MV_PHASE_ENDED || !mv_arc_verifier_result(msg->arc)->has_fields)
        return MV_OK;
    if (!begin_stage(msg, &msg->arc_stage))
        return MV_ERR_MEMORY;
    code = mv_arc_verifier_run(msg->arc, msg->memo, msg->arc_stage.trace);
    msg->arc_done = code == MV_OK;
    return code;
}

static enum mv_dmarc_auth auth_of_spf(const struct mv_msg *msg)
{
    if (!msg->spf_done)
        return MV_DMARC_AUTH_PENDING;
    if (msg->spf.code == MV_SPF_PASS)
        return MV_DMARC_AUTH_PASS;
    return msg->spf.code == MV_SPF_TEMPERROR ? MV_DMARC_AUTH_TEMPERROR : MV_DMARC_AUTH_FAIL;
}

static enum mv_dmarc_auth auth_of_dkim(const struct mv_msg *msg, const struct mv_dkim_result *result)
{
    if (!msg->dkim_done)
        return MV_DMARC_AUTH_PENDING;
    if (result->code == MV_DKIM_PASS)
        return MV_DMARC_AUTH_PASS;
    return result->code == MV_DKIM_TEMPERROR ? MV_DMARC_AUTH_TEMPERROR : MV_DMARC_AUTH_FAIL;
}

static void add_identifier(struct mv_msg *msg, enum mv_dmarc_method method, enum mv_dmarc_auth auth,
                           struct mv_bytes domain)
{
    if (domain.len > 0 && msg->identifier_count < MV_DMARC_MAX_IDENTIFIERS)
        msg->identifiers[msg->identifier_count++] = (struct mv_dmarc_identifier){method, auth, domain};
}

/* RFC 9989 4.4: the MAIL FROM domain, and the d= of each signature. */
static void collect_identifiers(struct mv_msg *msg)
{
    size_t count;
    const struct mv_dkim_result *results = mv_dkim_verifier_results(msg->dkim, &count);

    if (msg->assumed)
        return;
    msg->identifier_count = 0;
    if ((msg->want & MV_WANT_SPF) != 0)
        add_identifier(msg, MV_DMARC_BY_SPF, auth_of_spf(msg), msg->spf.domain);
    if ((msg->want & MV_WANT_DKIM) == 0)
        return;
    for (size_t i = 0; i < count; i++)
        add_identifier(msg, MV_DMARC_BY_DKIM, auth_of_dkim(msg, &results[i]), results[i].sdid);
}

static enum mv_code run_dmarc(struct mv_msg *msg)
{
    struct mv_verdict *verdict = &msg->verdict;
    struct mv_dmarc_input input = {
        .author_domain = verdict->author_domain,
        .identifiers = msg->identifiers,
        .suffix_hardening = msg->engine->settings->suffix_hardening,
        .honour_pct = msg->engine->settings->honour_pct,
        .pct_roll = msg->pct_roll,
    };

    if ((msg->want & MV_WANT_DMARC) == 0 || msg->phase < MV_PHASE_BODY)
        return MV_OK;
    if (verdict->from != MV_FROM_OK)
        input.from_reason = mv_from_code_text(verdict->from);
    else if ((verdict->defects & MV_DEFECTS_FATAL) != 0) {
        /* RFC 9989 11.5: others may see another header block, and another From field, than we do */
        input.author_domain = mv_bytes_str(NULL);
        input.from_reason = "the header is malformed: programs may read different From fields in it";
    }
    collect_identifiers(msg);
    input.identifier_count = msg->identifier_count;
    if (!begin_stage(msg, &msg->dmarc_stage))
        return MV_ERR_MEMORY;
    if (msg->author.is_loose)
        mv_trace_note(msg->dmarc_stage.trace, "RFC 5322 3.4",
                      "the From field is not well-formed, but names one domain whichever way it is read");
    return mv_dmarc_evaluate(msg->dmarc_stage.arena, &input, msg->memo, msg->dmarc_stage.trace, &verdict->dmarc);
}

static enum mv_code decide(struct mv_msg *msg)
{
    struct mv_verdict *verdict = &msg->verdict;
    enum mv_code code;

    verdict->has_spf = (msg->want & MV_WANT_SPF) != 0;
    verdict->spf = msg->spf;
    verdict->has_dkim = (msg->want & MV_WANT_DKIM) != 0;
    verdict->dkim = mv_dkim_verifier_results(msg->dkim, &verdict->dkim_count);
    verdict->dkim_skipped = mv_dkim_verifier_skipped(msg->dkim);
    verdict->has_arc = (msg->want & MV_WANT_ARC) != 0;
    verdict->arc = *mv_arc_verifier_result(msg->arc);
    verdict->has_dmarc = (msg->want & MV_WANT_DMARC) != 0;
    verdict->client_ip = msg->spf_request.ip;
    verdict->dns_questions = (unsigned)mv_memo_questions(msg->memo);
    verdict->dns_rounds = mv_memo_rounds(msg->memo);
    code = mv_verdict_decide(msg->arena, msg->engine->settings, &msg->spf_request.ip, verdict);
    msg->verdict_done = code == MV_OK;
    return code;
}

static enum mv_code worse(enum mv_code a, enum mv_code b)
{
    if (a == MV_OK || (a == MV_NEED_DNS && b != MV_OK))
        return b;
    return a;
}

/* Every stage runs, so that all questions that can be foreseen go out together. */
enum mv_code mv_msg_advance(struct mv_msg *msg)
{
    enum mv_code code;

    if (msg->failed)
        return msg->error.code;
    if (msg->verdict_done)
        return MV_OK;
    code = run_spf(msg);
    code = worse(code, run_dkim(msg));
    code = worse(code, run_arc(msg));
    code = worse(code, run_dmarc(msg));
    if (code == MV_OK && msg->phase == MV_PHASE_ENDED)
        code = decide(msg);
    if (code != MV_OK && code != MV_NEED_DNS) {
        msg->failed = true;
        mv_error_set(&msg->error, code, "%s", mv_code_text(code));
    }
    return code;
}

bool mv_msg_next_question(struct mv_msg *msg, struct mv_dns_question *question_r)
{
    return mv_memo_next_question(msg->memo, question_r);
}

enum mv_code mv_msg_answer(struct mv_msg *msg, const struct mv_dns_question *question,
                           const struct mv_dns_answer *answer)
{
    return mv_memo_answer(msg->memo, question, answer);
}

enum mv_code mv_msg_start(struct mv_msg *msg)
{
    enum mv_code code = mv_resolver_poll(msg->engine->resolver, msg->memo);

    if (code == MV_OK)
        code = mv_msg_advance(msg);
    return code == MV_NEED_DNS || code == MV_OK ? mv_resolver_send(msg->engine->resolver, msg->memo) : code;
}

static bool reached(const struct mv_msg *msg, enum mv_until until)
{
    if (until == MV_UNTIL_VERDICT)
        return msg->verdict_done;
    return msg->spf_done || (msg->want & MV_WANT_SPF) == 0;
}

/* Time spent here is what the message's one deadline counts; what the client takes between commands is not. */
static enum mv_code wait_for_answers(struct mv_msg *msg)
{
    int64_t before = mv_resolver_now_msecs();
    enum mv_code code = mv_resolver_wait(msg->engine->resolver, msg->memo, before + msg->wait_msecs);

    msg->wait_msecs -= mv_resolver_now_msecs() - before;
    if (msg->wait_msecs < 0)
        msg->wait_msecs = 0;
    return code;
}

enum mv_code mv_msg_run(struct mv_msg *msg, enum mv_until until)
{
    for (unsigned round = 0; round < MV_MSG_MAX_ROUNDS; round++) {
        enum mv_code code = mv_msg_advance(msg);

        if (code != MV_OK && code != MV_NEED_DNS)
            return code;
        if (reached(msg, until))
            return MV_OK;
        if (code == MV_OK)
            return MV_ERR_USAGE; /* the verdict was asked for before mv_msg_end() */
        code = wait_for_answers(msg);
        if (code != MV_OK)
            return code;
    }
    return mv_error_set(&msg->error, MV_ERR_LIMIT, "no verdict after %d rounds of DNS questions", MV_MSG_MAX_ROUNDS);
}

enum mv_code mv_msg_ask(struct mv_msg *msg, mv_msg_stage stage, void *context)
{
    int64_t deadline = mv_resolver_now_msecs() + msg->engine->settings->dns_deadline_msecs;

    for (unsigned round = 0; round < MV_MSG_MAX_ROUNDS; round++) {
        enum mv_code code = stage(msg->memo, context);

        if (code != MV_NEED_DNS)
            return code;
        code = mv_resolver_wait(msg->engine->resolver, msg->memo, deadline);
        if (code != MV_OK)
            return code;
    }
    return MV_ERR_LIMIT;
}
