#include "core/dkim/verify.h"

#include "core/dkim/check.h"
#include "core/dkim/explain.h"
#include "core/dkim/rules.h"
#include "core/text/message.h"

/* Of the canonical text that is hashed at once: one field may be as long as the header block. */
#define MV_DKIM_MAX_SCRATCH_BYTES (4 * MV_MAX_HEADER_BYTES)

struct mv_dkim_verifier {
    struct mv_arena *arena;
    const struct mv_dkim_options *options;
    const struct mv_field *fields;
    size_t field_count;
    struct mv_dkim_selection selection;
    struct mv_dkim_task tasks[MV_DKIM_MAX_SIGNATURES];
    struct mv_dkim_result results[MV_DKIM_MAX_SIGNATURES];
    struct mv_dkim_header_index *index;
    struct mv_dkim_bodies *bodies; /* borrowed */
    struct mv_buf scratch;
};

struct mv_dkim_verifier *mv_dkim_verifier_new(struct mv_arena *arena, struct mv_dkim_bodies *bodies)
{
    struct mv_dkim_verifier *verifier = mv_arena_alloc(arena, sizeof *verifier);

    if (verifier == NULL)
        return NULL;
    verifier->arena = arena;
    verifier->bodies = bodies;
    mv_buf_init(&verifier->scratch, MV_DKIM_MAX_SCRATCH_BYTES);
    return verifier;
}

/* What a report names, also for a signature that does not parse. */
static void describe(struct mv_dkim_task *task)
{
    const struct mv_dkim_signature *signature = &task->signature;
    struct mv_dkim_result *result = task->result;

    result->sdid = signature->sdid;
    result->auid = signature->auid;
    result->selector = signature->selector;
    result->algorithm = signature->algorithm;
    result->value_text = signature->value_text;
}

/* RFC 6376 3.5 bh= with SHA-256; what has another length was not made by it. */
static bool has_body_hash(struct mv_dkim_task *task)
{
    if (task->signature.body_hash.len == MV_SHA256_BYTES)
        return true;
    mv_dkim_conclude(task->result, MV_DKIM_NEUTRAL, "RFC 6376 3.5", "bh= does not have the length of a SHA-256 hash");
    return false;
}

static enum mv_code begin_task(struct mv_dkim_verifier *verifier, struct mv_dkim_task *task)
{
    const struct mv_dkim_signature *signature = &task->signature;
    enum mv_code code = mv_dkim_signature_parse(verifier->arena, task->field, &task->signature, task->result);

    if (code != MV_OK && code != MV_ERR_SYNTAX)
        return code;
    describe(task);
    task->readable = code == MV_OK;
    task->decided = !task->readable || mv_dkim_rules_early(verifier->options, signature, task->result) ||
                    !has_body_hash(task);
    if (task->decided)
        return MV_OK;
    if (!mv_dkim_key_name(verifier->arena, signature->selector, signature->sdid, &task->key_name))
        return MV_ERR_MEMORY;
    return mv_dkim_bodies_want(verifier->bodies, signature->body_canon, signature->body_length, &task->body);
}

/* Only for signatures that parse: the index is also what the explanation reads. */
static enum mv_code index_fields(struct mv_dkim_verifier *verifier)
{
    for (size_t i = 0; i < verifier->selection.count; i++) {
        if (!verifier->tasks[i].readable)
            continue;
        verifier->index = mv_dkim_header_index_new(verifier->arena, verifier->fields, verifier->field_count);
        return verifier->index == NULL ? MV_ERR_MEMORY : MV_OK;
    }
    return MV_OK;
}

enum mv_code mv_dkim_verifier_header(struct mv_dkim_verifier *verifier, const struct mv_dkim_options *options,
                                     const struct mv_field *fields, size_t count)
{
    verifier->options = options;
    verifier->fields = fields;
    verifier->field_count = count;
    if (!mv_dkim_select(verifier->arena, fields, count, MV_BYTES("DKIM-Signature"), options->author_domain,
                        &verifier->selection))
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < verifier->selection.count; i++) {
        struct mv_dkim_task *task = &verifier->tasks[i];
        enum mv_code code;

        task->field = &fields[verifier->selection.fields[i]];
        task->number = i + 1;
        task->result = &verifier->results[i];
        code = begin_task(verifier, task);
        if (code != MV_OK)
            return code;
    }
    return index_fields(verifier);
}

void mv_dkim_verifier_prefetch(const struct mv_dkim_verifier *verifier, struct mv_memo *memo)
{
    for (size_t i = 0; i < verifier->selection.count; i++)
        if (!verifier->tasks[i].decided)
            mv_memo_prefetch(memo, verifier->tasks[i].key_name, MV_DNS_TXT);
}

static void explain(const struct mv_dkim_verifier *verifier, struct mv_trace *trace)
{
    for (size_t i = 0; i < verifier->selection.count; i++)
        mv_dkim_explain(trace, &verifier->tasks[i], verifier->index);
    mv_dkim_explain_skipped(trace, mv_dkim_verifier_skipped(verifier));
}

enum mv_code mv_dkim_verifier_run(struct mv_dkim_verifier *verifier, struct mv_memo *memo, struct mv_trace *trace)
{
    struct mv_dkim_check check = {verifier->arena, verifier->options, verifier->index, &verifier->scratch,
                                  trace != NULL};
    bool waiting = false;

    if (!mv_dkim_bodies_ended(verifier->bodies))
        return MV_ERR_USAGE;
    for (size_t i = 0; i < verifier->selection.count; i++) {
        struct mv_dkim_task *task = &verifier->tasks[i];
        const struct mv_dns_answer *answer;
        enum mv_code code;

        if (task->decided)
            continue;
        answer = mv_memo_ask(memo, task->key_name, MV_DNS_TXT);
        waiting = waiting || answer == NULL;
        code = answer == NULL ? MV_OK : mv_dkim_check(&check, task, answer);
        if (code != MV_OK)
            return code;
    }
    if (waiting)
        return mv_memo_miss(memo);
    explain(verifier, trace);
    return MV_OK;
}

const struct mv_dkim_result *mv_dkim_verifier_results(const struct mv_dkim_verifier *verifier, size_t *count_r)
{
    *count_r = verifier->selection.count;
    return verifier->results;
}

size_t mv_dkim_verifier_skipped(const struct mv_dkim_verifier *verifier)
{
    return verifier->selection.total - verifier->selection.count;
}

void mv_dkim_verifier_free(struct mv_dkim_verifier **verifier)
{
    struct mv_dkim_verifier *v = *verifier;

    *verifier = NULL;
    if (v == NULL)
        return;
    mv_buf_free(&v->scratch);
}
