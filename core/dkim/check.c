#include "core/dkim/check.h"

#include "core/crypto/key_cache.h"
#include "core/dkim/header_hash.h"
#include "core/dkim/rules.h"

/* One task and one key record. */
struct attempt {
    const struct mv_dkim_check *check;
    struct mv_dkim_task *task;
    struct mv_dkim_result result;
    enum mv_dkim_finding header_finding;
};

static enum mv_code permerror(struct attempt *a, const char *section, const char *reason)
{
    mv_dkim_conclude(&a->result, MV_DKIM_PERMERROR, section, reason);
    return MV_OK;
}

/* What only our library can be guilty of is nobody's fault out there: worth another try later. */
static enum mv_code library_failed(struct attempt *a)
{
    mv_dkim_conclude(&a->result, MV_DKIM_TEMPERROR, NULL, "the crypto library here could not check the signature");
    return MV_OK;
}

/* RFC 6376 3.7. A body that does not match ends the matter, whatever the header fields say. */
static bool body_is_right(struct attempt *a)
{
    struct mv_dkim_task *task = a->task;
    const struct mv_dkim_signature *signature = &task->signature;
    uint64_t octets;

    if (task->body == NULL)
        return true;
    octets = mv_dkim_body_hash_octets(task->body);
    a->result.partial_body = signature->body_length != MV_DKIM_NO_LENGTH && octets > signature->body_length;
    task->body_hash = mv_dkim_body_hash_at(task->body, signature->body_length);
    if (task->body_hash.len == 0) {
        permerror(a, "RFC 6376 3.5", "l= is longer than the body");
        return false;
    }
    task->body_finding = mv_bytes_equal(task->body_hash, signature->body_hash) ? MV_DKIM_RIGHT : MV_DKIM_WRONG;
    if (task->body_finding == MV_DKIM_RIGHT)
        return true;
    a->result.body_differs = true;
    mv_dkim_conclude(&a->result, MV_DKIM_FAIL, "RFC 6376 6.1.3",
                     "the body hash does not match: the body was changed after signing");
    return false;
}

static enum mv_code hash_header(struct attempt *a)
{
    struct mv_dkim_task *task = a->task;
    struct mv_dkim_header_input input = {task->signature.names, task->signature.name_count,
                                         task->signature.header_canon, task->field};
    enum mv_code code;

    if (task->has_header_hash)
        return MV_OK;
    code = mv_dkim_header_hash(a->check->index, &input, a->check->scratch, task->header_hash);
    if (code != MV_OK)
        return code;
    task->has_header_hash = true;
    task->content_type_unsigned =
        mv_dkim_header_index_take(a->check->index, MV_BYTES("Content-Type"), NULL) != NULL;
    return MV_OK;
}

static enum mv_code verify_header(struct attempt *a, struct mv_public_key *key)
{
    bool valid = false;
    enum mv_code code = hash_header(a);

    if (code == MV_OK)
        code = mv_public_key_verify(key, a->task->header_hash, a->task->signature.value, &valid);
    if (code == MV_OK)
        a->header_finding = valid ? MV_DKIM_RIGHT : MV_DKIM_WRONG;
    return code;
}

/* RFC 6376 6.1.3, in its order. */
static enum mv_code try_key(struct attempt *a, struct mv_public_key *key)
{
    enum mv_code code;

    a->result.key_bits = mv_public_key_bits(key);
    if (mv_dkim_rules_key(a->check->options, mv_public_key_type(key), &a->result))
        return MV_OK;
    if (!body_is_right(a)) {
        code = a->check->thorough ? verify_header(a, key) : MV_OK;
        return code == MV_ERR_MEMORY ? code : MV_OK;
    }
    code = verify_header(a, key);
    if (code == MV_ERR_CRYPTO)
        return library_failed(a);
    if (code != MV_OK)
        return code;
    if (a->header_finding == MV_DKIM_RIGHT)
        mv_dkim_conclude(&a->result, MV_DKIM_PASS, "RFC 6376 6.1.3", NULL);
    else
        mv_dkim_conclude(&a->result, MV_DKIM_FAIL, "RFC 6376 6.1.3",
                         "the signature does not match: a signed header field was changed, or the key is another one");
    return MV_OK;
}

/* RFC 6376 6.1.2 */
static enum mv_code try_record(struct attempt *a, struct mv_bytes text)
{
    struct mv_public_key *public_key;
    struct mv_dkim_key key;
    enum mv_dkim_key_code key_code = mv_dkim_key_parse(a->check->arena, text, &key);
    const char *section, *reason;
    enum mv_code code;

    if (key_code == MV_DKIM_KEY_MEMORY)
        return MV_ERR_MEMORY;
    a->result.test_key = key.testing;
    a->result.key_revoked = key_code == MV_DKIM_KEY_REVOKED;
    if (key_code != MV_DKIM_KEY_OK)
        return permerror(a, "RFC 6376 6.1.2", mv_dkim_key_code_text(key_code));
    reason = mv_dkim_key_mismatch(&key, &a->task->signature, &section);
    if (reason != NULL)
        return permerror(a, section, reason);
    code = mv_key_cache_get(key.type, key.octets, &public_key, &reason);
    if (code == MV_ERR_SYNTAX)
        return permerror(a, "RFC 6376 6.1.2", reason);
    if (code == MV_ERR_CRYPTO)
        return library_failed(a);
    if (code != MV_OK)
        return code;
    code = try_key(a, public_key);
    mv_public_key_free(&public_key);
    return code;
}

/* RFC 6376 3.6.1 t=y. [ours] A failure counts as unsigned; a pass stays one, for many forget the flag. */
static enum mv_code apply_test_mode(const struct mv_dkim_check *check, struct mv_dkim_result *result)
{
    const char *reason;

    if (!result->test_key || (result->code != MV_DKIM_PASS && result->code != MV_DKIM_FAIL))
        return MV_OK;
    if (result->code == MV_DKIM_PASS) {
        enum mv_dkim_code code = check->options->ignore_test_keys ? MV_DKIM_NEUTRAL : MV_DKIM_PASS;

        mv_dkim_conclude(result, code, "RFC 6376 3.6.1", "the key is in test mode (t=y)");
        return MV_OK;
    }
    reason = mv_arena_printf(check->arena, "%s; the key is in test mode (t=y)", result->reason);
    mv_dkim_conclude(result, MV_DKIM_NEUTRAL, "RFC 6376 3.6.1", reason);
    return reason == NULL ? MV_ERR_MEMORY : MV_OK;
}

/* Of failures, one that got as far as the mathematics tells most; else the first. */
static bool is_better(const struct attempt *a, const struct attempt *best)
{
    if (a->result.code == MV_DKIM_PASS)
        return true;
    return a->result.code == MV_DKIM_FAIL && best->result.code != MV_DKIM_FAIL;
}

static enum mv_code try_records(const struct mv_dkim_check *check, struct mv_dkim_task *task,
                                const struct mv_bytes *texts, size_t count)
{
    struct attempt best = {0};

    for (size_t i = 0; i < count && best.result.code != MV_DKIM_PASS; i++) {
        struct attempt a = {.check = check, .task = task, .result = *task->result};
        enum mv_code code = try_record(&a, texts[i]);

        if (code != MV_OK)
            return code;
        if (i > 0 && !is_better(&a, &best))
            continue;
        best = a;
        task->key_text = texts[i];
    }
    *task->result = best.result;
    task->header_finding = best.header_finding;
    if (best.result.code == MV_DKIM_PASS)
        mv_dkim_rules_late(&task->signature, task->content_type_unsigned, task->result);
    return apply_test_mode(check, task->result);
}

/* The records that look like keys, as far as there is room; the count is of all of them. */
static size_t find_records(const struct mv_dns_answer *answer, struct mv_bytes texts_r[MV_DKIM_MAX_KEY_RECORDS])
{
    size_t count = 0;

    for (size_t i = 0; i < answer->count; i++) {
        if (!mv_dkim_key_is_shaped(answer->records[i].data))
            continue;
        if (count < MV_DKIM_MAX_KEY_RECORDS)
            texts_r[count] = answer->records[i].data;
        count++;
    }
    return count;
}

/* RFC 6376 6.1.2: no answer is a temporary error, an answer without a key a permanent one. */
static enum mv_code check_answer(const struct mv_dkim_check *check, struct mv_dkim_task *task,
                                 const struct mv_dns_answer *answer)
{
    struct mv_bytes texts[MV_DKIM_MAX_KEY_RECORDS];
    const char *reason;
    size_t count;

    if (mv_dns_is_error(answer->status)) {
        reason = mv_arena_printf(check->arena, "the key could not be had: %s", mv_dns_status_text(answer->status));
        mv_dkim_conclude(task->result, MV_DKIM_TEMPERROR, "RFC 6376 6.1.2", reason);
        return reason == NULL ? MV_ERR_MEMORY : MV_OK;
    }
    count = find_records(answer, texts);
    if (count > 0 && count <= MV_DKIM_MAX_KEY_RECORDS)
        return try_records(check, task, texts, count);
    if (answer->status != MV_DNS_FOUND)
        reason = "there is no key at this selector";
    else
        reason = count == 0 ? mv_dkim_key_code_text(MV_DKIM_KEY_FOREIGN) : "there are more than 3 key records";
    mv_dkim_conclude(task->result, MV_DKIM_PERMERROR, "RFC 6376 6.1.2", reason);
    return MV_OK;
}

enum mv_code mv_dkim_check(const struct mv_dkim_check *check, struct mv_dkim_task *task,
                           const struct mv_dns_answer *answer)
{
    enum mv_code code = check_answer(check, task, answer);

    task->decided = code == MV_OK;
    return code;
}
