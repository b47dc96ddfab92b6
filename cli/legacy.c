#include "cli/legacy.h"

#include <stdio.h>
#include <string.h>

#include "cli/json.h"
#include "cli/show.h"
#include "core/text/domain.h"

#define MAX_MEMORY_BYTES (128 * 1024 * 1024)
#define MAX_LINE_BYTES 8192
#define MAX_WORD_BYTES 10 /* "permerror", "quarantine", "no opinion" */

struct job {
    struct mv_opinion_asker asker;
    struct mv_msg *msg;
    struct mv_dmarc_identifier identifiers[MV_DMARC_MAX_IDENTIFIERS];
    size_t identifier_count;
    struct mv_legacy *legacy;
};

static enum mv_code ask_spf(struct mv_memo *memo, void *context)
{
    struct job *job = context;

    job->asker.memo = memo;
    return mv_opinion_of_spf(&job->asker, mv_msg_spf_request(job->msg), mv_msg_spf(job->msg), &job->legacy->spf);
}

static enum mv_code ask_dmarc(struct mv_memo *memo, void *context)
{
    struct job *job = context;
    const struct mv_verdict *verdict = mv_msg_verdict(job->msg);
    const struct mv_dmarc_input input = {
        .author_domain = verdict->dmarc.author_domain,
        .identifiers = job->identifiers,
        .identifier_count = job->identifier_count,
    };

    job->asker.memo = memo;
    return mv_opinion_of_dmarc(&job->asker, &input, &verdict->dmarc, job->legacy->has_spf ? &job->legacy->spf : NULL,
                               &job->legacy->dmarc);
}

static void add_identifier(struct job *job, enum mv_dmarc_method method, bool passed, struct mv_bytes domain)
{
    if (domain.len > 0 && job->identifier_count < MV_DMARC_MAX_IDENTIFIERS)
        job->identifiers[job->identifier_count++] =
            (struct mv_dmarc_identifier){method, passed ? MV_DMARC_AUTH_PASS : MV_DMARC_AUTH_FAIL, domain};
}

/* Those of the message, or those that were given; the latter are domains, the check has seen to that. */
static void collect(struct job *job, const struct mv_options *options, const struct mv_verdict *verdict)
{
    for (size_t i = 0; i < options->identifier_count; i++) {
        struct mv_bytes domain;

        if (mv_domain_normalize(job->asker.arena, options->identifiers[i].domain, &domain))
            add_identifier(job, options->identifiers[i].method, options->identifiers[i].auth == MV_DMARC_AUTH_PASS,
                           domain);
    }
    if (options->from != NULL)
        return;
    if (verdict->has_spf)
        add_identifier(job, MV_DMARC_BY_SPF, verdict->spf.code == MV_SPF_PASS, verdict->spf.domain);
    for (size_t i = 0; i < verdict->dkim_count; i++)
        add_identifier(job, MV_DMARC_BY_DKIM, verdict->dkim[i].code == MV_DKIM_PASS, verdict->dkim[i].sdid);
}

enum mv_exit mv_legacy_ask(const char *command, const struct mv_options *options, struct mv_msg *msg,
                           struct mv_legacy *legacy_r)
{
    const struct mv_verdict *verdict = mv_msg_verdict(msg);
    struct job job = {.msg = msg, .legacy = legacy_r};
    enum mv_code code = MV_OK;

    legacy_r->arena = mv_arena_new(MAX_MEMORY_BYTES);
    if (legacy_r->arena == NULL)
        return mv_exit_of_code(MV_ERR_MEMORY);
    job.asker.arena = legacy_r->arena;
    job.asker.program = mv_opinion_program(legacy_r->arena, MV_LIBEXECDIR);
    legacy_r->has_spf = mv_msg_spf(msg) != NULL && options->from == NULL && options->ip.family != MV_IP_NONE;
    legacy_r->has_dmarc = verdict != NULL && verdict->has_dmarc;
    if (job.asker.program == NULL)
        code = MV_ERR_MEMORY;
    if (code == MV_OK && legacy_r->has_spf)
        code = mv_msg_ask(msg, ask_spf, &job);
    if (code == MV_OK && legacy_r->has_dmarc) {
        collect(&job, options, verdict);
        code = mv_msg_ask(msg, ask_dmarc, &job);
    }
    if (code != MV_OK)
        fprintf(stderr, "mailvouch %s: --as-legacy: %s\n", command, mv_code_text(code));
    return mv_exit_of_code(code);
}

void mv_legacy_free(struct mv_legacy *legacy)
{
    mv_arena_free(&legacy->arena);
}

static void print_escaped(const char *format, struct mv_bytes text)
{
    struct mv_buf out;

    mv_buf_init(&out, MAX_LINE_BYTES);
    mv_buf_put_escaped(&out, text);
    printf(format, (int)out.len, out.len == 0 ? "" : (const char *)out.data);
    mv_buf_free(&out);
}

static void show_reasons(const struct mv_opinion *opinion)
{
    for (size_t i = 0; i < opinion->reasons.count; i++) {
        const struct mv_finding_kind *reason = opinion->reasons.items[i];

        printf("       %s%s%s%s: %s\n", reason->id, *reason->section == '\0' ? "" : " (", reason->section,
               *reason->section == '\0' ? "" : ")", reason->meaning);
    }
}

static void show_opinion(const char *check, const char *by, const struct mv_opinion *opinion)
{
    const char *word = opinion->given ? opinion->theirs : "no opinion";

    printf("%-6s ", check);
    mv_show_toned(!opinion->given || opinion->differs ? MV_TONE_WARN : MV_TONE_GOOD, word);
    printf("%*s %s", strlen(word) < MAX_WORD_BYTES ? (int)(MAX_WORD_BYTES - strlen(word)) : 0, "", by);
    if (!opinion->given) {
        print_escaped(": %.*s\n", opinion->why_not);
        return;
    }
    printf(": %s", opinion->differs ? "would decide otherwise" : "agrees");
    if (opinion->reply.kind == MV_OPINION_DMARC && opinion->reply.pct < 100)
        printf(", for %u %% of such mail", opinion->reply.pct);
    if (opinion->reply.said.len > 0)
        print_escaped("; it says: %.*s", opinion->reply.said);
    printf("\n");
    show_reasons(opinion);
}

void mv_legacy_show(const struct mv_legacy *legacy)
{
    if (legacy->arena == NULL)
        return;
    printf("\nas older receivers see it:\n");
    if (legacy->has_spf)
        show_opinion("SPF", "libspf2, as Exim asks it", &legacy->spf);
    if (legacy->has_dmarc)
        show_opinion("DMARC", "libopendmarc, as OpenDMARC asks it", &legacy->dmarc);
}

static json_t *json_text(struct mv_bytes text)
{
    return text.len == 0 ? json_null() : mv_json_bytes(text);
}

static json_t *json_reasons(const struct mv_opinion *opinion)
{
    json_t *list = json_array();

    for (size_t i = 0; i < opinion->reasons.count; i++) {
        const struct mv_finding_kind *reason = opinion->reasons.items[i];

        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "id", reason->id, "section", reason->section,
                                              "meaning", reason->meaning));
    }
    return list;
}

static json_t *json_none(const char *by, const struct mv_opinion *opinion)
{
    return json_pack("{s:s, s:n, s:o, s:b, s:[]}", "by", by, "result", "no_opinion", json_text(opinion->why_not),
                     "differs", 0, "reasons");
}

static json_t *json_spf(const struct mv_opinion *opinion)
{
    if (!opinion->given)
        return json_none("libspf2", opinion);
    return json_pack("{s:s, s:s, s:n, s:o, s:b, s:o}", "by", "libspf2", "result", opinion->theirs, "no_opinion", "said",
                     json_text(opinion->reply.said), "differs", opinion->differs, "reasons", json_reasons(opinion));
}

static json_t *json_dmarc(const struct mv_opinion *opinion)
{
    const struct mv_opinion_reply *reply = &opinion->reply;

    if (!opinion->given)
        return json_none("libopendmarc", opinion);
    return json_pack("{s:s, s:s, s:n, s:o, s:b, s:o, s:s?, s:i, s:o, s:o, s:b, s:b}", "by", "libopendmarc", "result",
                     mv_dmarc_code_text(reply->dmarc), "no_opinion", "said", json_text(reply->said), "differs",
                     opinion->differs, "reasons", json_reasons(opinion), "policy",
                     reply->policy == MV_DMARC_NO_POLICY ? NULL : mv_dmarc_policy_text(reply->policy), "pct",
                     (int)reply->pct, "policy_domain", json_text(reply->policy_domain), "org_domain",
                     json_text(reply->org_domain), "aligned_dkim", reply->aligned_dkim, "aligned_spf",
                     reply->aligned_spf);
}

json_t *mv_legacy_json(const struct mv_legacy *legacy, json_t *object)
{
    json_t *opinions;

    if (legacy->arena == NULL || object == NULL)
        return object;
    opinions = json_pack("{s:o, s:o}", "spf", legacy->has_spf ? json_spf(&legacy->spf) : json_null(), "dmarc",
                         legacy->has_dmarc ? json_dmarc(&legacy->dmarc) : json_null());
    if (opinions != NULL && json_object_set_new(object, "legacy", opinions) == 0)
        return object;
    json_decref(object);
    return NULL;
}
