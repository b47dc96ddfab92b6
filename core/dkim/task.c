#include "core/dkim/task.h"

#include "core/dkim/rules.h"

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

enum mv_code mv_dkim_task_begin(struct mv_arena *arena, const struct mv_dkim_options *options, enum mv_dkim_form form,
                                struct mv_dkim_task *task)
{
    const struct mv_dkim_signature *signature = &task->signature;
    enum mv_code code = mv_dkim_signature_parse_as(arena, task->field, form, &task->signature, task->result);

    if (code != MV_OK && code != MV_ERR_SYNTAX)
        return code;
    describe(task);
    task->readable = code == MV_OK;
    task->decided = !task->readable || mv_dkim_rules_early(options, signature, task->result) ||
                    (form != MV_DKIM_FORM_SEAL && !has_body_hash(task));
    if (task->decided)
        return MV_OK;
    return mv_dkim_key_name(arena, signature->selector, signature->sdid, &task->key_name) ? MV_OK : MV_ERR_MEMORY;
}
