#include "core/dkim/verify.h"

#include "core/dkim/check.h"
#include "core/dkim/explain.h"
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

static enum mv_code begin_task(struct mv_dkim_verifier *verifier, struct mv_dkim_task *task)
{
    const struct mv_dkim_signature *signature = &task->signature;
    enum mv_code code = mv_dkim_task_begin(verifier->arena, verifier->options, MV_DKIM_FORM_DKIM, task);

    if (code != MV_OK || task->decided)
        return code;
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
        task->kind = "signature";
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
