#include "core/dkim/explain.h"

#include "core/base/base64.h"

#define MV_EXPLAIN_MAX_NAMES 60
#define MV_EXPLAIN_MAX_NAME_BYTES 76
#define MV_EXPLAIN_MAX_RECORD_BYTES 600

static const char *canon_text(enum mv_canon canon)
{
    return canon == MV_CANON_RELAXED ? "relaxed" : "simple";
}

/* A list of names for one line: names beyond the first few are counted. */
struct name_list {
    struct mv_buf text;
    size_t count;
};

static void name_list_init(struct name_list *list)
{
    mv_buf_init(&list->text, MV_TRACE_MAX_TEXT_BYTES * 2);
    list->count = 0;
}

static void name_list_add(struct name_list *list, struct mv_bytes name)
{
    if (++list->count > MV_EXPLAIN_MAX_NAMES)
        return;
    if (list->count > 1)
        mv_buf_puts(&list->text, ", ");
    mv_buf_put(&list->text, mv_bytes_slice(name, 0, MV_EXPLAIN_MAX_NAME_BYTES));
}

static const char *name_list_text(struct name_list *list)
{
    const char *text;

    if (list->count > MV_EXPLAIN_MAX_NAMES)
        mv_buf_printf(&list->text, " and %zu more", list->count - MV_EXPLAIN_MAX_NAMES);
    text = mv_buf_cstr(&list->text);
    return text == NULL ? "..." : text;
}

/* RFC 6376 5.4.2: which fields the list of names found, and which not. */
static void explain_names(struct mv_trace *trace, const struct mv_dkim_task *task, struct mv_dkim_header_index *index)
{
    const struct mv_dkim_signature *signature = &task->signature;
    struct name_list present, absent;

    name_list_init(&present);
    name_list_init(&absent);
    mv_dkim_header_index_rewind(index);
    for (size_t i = 0; i < signature->name_count; i++) {
        bool found = mv_dkim_header_index_take(index, signature->names[i], task->field) != NULL;

        name_list_add(found ? &present : &absent, signature->names[i]);
    }
    if (present.count > 0)
        mv_trace_note(trace, "RFC 6376 5.4.2", "signed header fields: %s", name_list_text(&present));
    if (absent.count > 0)
        mv_trace_note(trace, "RFC 6376 5.4.2", "signed as absent, so that none can be added: %s",
                      name_list_text(&absent));
    mv_buf_free(&present.text);
    mv_buf_free(&absent.text);
}

static void explain_length(struct mv_trace *trace, const struct mv_dkim_task *task)
{
    const struct mv_dkim_signature *signature = &task->signature;
    unsigned long long octets = mv_dkim_body_hash_octets(task->body);
    const char *canon = canon_text(signature->body_canon);

    if (signature->body_length == MV_DKIM_NO_LENGTH)
        mv_trace_note(trace, "RFC 6376 3.4", "body: %llu octets (%s), all signed", octets, canon);
    else
        mv_trace_note(trace, "RFC 6376 3.5", "body: %llu octets (%s), l=%llu of them signed", octets, canon,
                      (unsigned long long)signature->body_length);
}

static void explain_key(struct mv_trace *trace, const struct mv_dkim_task *task)
{
    if (task->key_name.len == 0)
        return;
    if (task->key_text.len == 0) {
        mv_trace_note(trace, "RFC 6376 3.6.2", "no key from %.*s", MV_ARG(task->key_name));
        return;
    }
    mv_trace_enter(trace, "RFC 6376 3.6.2", "key from %.*s", MV_ARG(task->key_name));
    mv_trace_note(trace, NULL, "%.*s%s",
                  MV_ARG(mv_bytes_slice(task->key_text, 0, MV_EXPLAIN_MAX_RECORD_BYTES)),
                  task->key_text.len > MV_EXPLAIN_MAX_RECORD_BYTES ? "..." : "");
    if (task->result->key_bits > 0)
        mv_trace_note(trace, NULL, "%s, %u bits%s", task->signature.key_type == MV_KEY_RSA ? "RSA" : "Ed25519",
                      task->result->key_bits, task->result->test_key ? ", in test mode (t=y)" : "");
    mv_trace_leave(trace);
}

static void explain_body(struct mv_trace *trace, const struct mv_dkim_task *task)
{
    struct mv_buf text;

    if (task->body_finding == MV_DKIM_RIGHT)
        mv_trace_note(trace, "RFC 6376 6.1.3", "the body is as it was signed");
    if (task->body_finding != MV_DKIM_WRONG)
        return;
    mv_buf_init(&text, MV_TRACE_MAX_TEXT_BYTES);
    mv_buf_puts(&text, "bh= has ");
    mv_base64_encode(task->signature.body_hash, &text);
    mv_buf_puts(&text, ", the body gives ");
    mv_base64_encode(task->body_hash, &text);
    mv_trace_note(trace, "RFC 6376 6.1.3", "the body was changed after signing: %.*s", MV_ARG(mv_buf_bytes(&text)));
    mv_buf_free(&text);
}

static void explain_header(struct mv_trace *trace, const struct mv_dkim_task *task)
{
    const char *canon = canon_text(task->signature.header_canon);

    if (task->header_finding == MV_DKIM_RIGHT)
        mv_trace_note(trace, "RFC 6376 6.1.3", "the signed header fields (%s) are as they were signed", canon);
    if (task->header_finding == MV_DKIM_WRONG)
        mv_trace_note(trace, "RFC 6376 6.1.3",
                      "the signature does not fit the signed header fields (%s): "
                      "one was changed, or the key is another one",
                      canon);
}

/* "pass", "policy (expired): the signature has expired (x=)" */
static void enter_signature(struct mv_trace *trace, const struct mv_dkim_task *task)
{
    const struct mv_dkim_result *result = task->result;
    struct mv_buf text;

    mv_buf_init(&text, MV_TRACE_MAX_TEXT_BYTES);
    mv_buf_puts(&text, mv_dkim_code_text(result->code));
    if (result->rule != NULL)
        mv_buf_printf(&text, " (%s)", result->rule);
    if (result->reason != NULL)
        mv_buf_printf(&text, ": %s", result->reason);
    mv_trace_enter(trace, result->section, "%s %zu, d=%.*s s=%.*s a=%.*s: %.*s", task->kind, task->number,
                   MV_ARG(result->sdid), MV_ARG(result->selector), MV_ARG(result->algorithm),
                   MV_ARG(mv_buf_bytes(&text)));
    mv_buf_free(&text);
}

void mv_dkim_explain(struct mv_trace *trace, const struct mv_dkim_task *task, struct mv_dkim_header_index *index)
{
    if (trace == NULL)
        return;
    enter_signature(trace, task);
    if (task->readable) {
        explain_names(trace, task, index);
        if (task->body != NULL)
            explain_length(trace, task);
        explain_key(trace, task);
        explain_body(trace, task);
        explain_header(trace, task);
    }
    mv_trace_leave(trace);
}

void mv_dkim_explain_skipped(struct mv_trace *trace, size_t skipped)
{
    if (skipped > 0)
        mv_trace_note(trace, "RFC 6376 6.1", "%zu more signatures were not looked at: %d are enough for any message",
                      skipped, MV_DKIM_MAX_SIGNATURES);
}
