/* A signature field under an attacker's control: parsed, reported, and emptied of its b=. */
#include "core/dkim/signature.h"

#include "core/text/domain.h"
#include "tests/fuzz/fuzz.h"

static void check_parsed(const struct mv_dkim_signature *signature)
{
    bool has_from = false;

    fuzz_require(mv_domain_labels(signature->sdid) >= 2 && signature->selector.len > 0);
    fuzz_require(mv_domain_is_within(signature->auid_domain, signature->sdid));
    fuzz_require(signature->name_count > 0 && signature->name_count <= MV_DKIM_MAX_SIGNED_NAMES);
    for (size_t i = 0; i < signature->name_count; i++) {
        fuzz_require(signature->names[i].len > 0);
        has_from = has_from || mv_bytes_equal_nocase(signature->names[i], MV_BYTES("from"));
    }
    fuzz_require(has_from);
    fuzz_require(signature->value.len > 0 && signature->value.len <= MV_DKIM_MAX_B_OCTETS);
    fuzz_require(signature->body_hash.len > 0 && signature->value_text.len > 0);
}

/* A CR that folds nothing: where it stands before a fold, taking the fold out makes a new one. Such mail never passes. */
static bool has_bare_cr(struct mv_bytes value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.data[i] == '\r' && (i + 1 == value.len || value.data[i + 1] != '\n'))
            return true;
    return false;
}

/* What is left has no value in b=, so it is the same when it is emptied again. */
static void check_without_b(const struct mv_field *field, enum mv_canon canon)
{
    struct mv_buf once, twice;
    struct mv_field emptied;

    mv_buf_init(&once, FUZZ_MAX_BYTES);
    mv_buf_init(&twice, FUZZ_MAX_BYTES);
    mv_dkim_signature_without_b(field, canon, &once);
    mv_buf_puts(&once, "\r\n");
    emptied = mv_field_split(mv_buf_bytes(&once));
    mv_dkim_signature_without_b(&emptied, canon, &twice);
    mv_buf_puts(&twice, "\r\n");
    fuzz_require(!mv_buf_failed(&once) && !mv_buf_failed(&twice));
    fuzz_require(mv_bytes_equal(mv_buf_bytes(&once), mv_buf_bytes(&twice)));
    mv_buf_free(&once);
    mv_buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_dkim_signature signature;
    struct mv_dkim_result result;
    struct mv_buf raw;
    struct mv_field field;
    enum mv_code code;

    mv_buf_init(&raw, FUZZ_MAX_BYTES);
    mv_buf_puts(&raw, "DKIM-Signature:");
    mv_buf_put(&raw, mv_bytes_of(data, size));
    mv_buf_puts(&raw, "\r\n");
    field = mv_field_split(mv_buf_bytes(&raw));
    code = mv_dkim_signature_parse(arena, &field, &signature, &result);
    fuzz_require(code == MV_OK || code == MV_ERR_SYNTAX);
    if (code == MV_OK) {
        check_parsed(&signature);
        if (!has_bare_cr(field.value))
            check_without_b(&field, signature.header_canon);
    } else {
        fuzz_require(result.code == MV_DKIM_NEUTRAL || result.code == MV_DKIM_PERMERROR);
        fuzz_require(result.reason != NULL && result.section != NULL);
    }
    mv_buf_free(&raw);
    mv_arena_free(&arena);
    return 0;
}
