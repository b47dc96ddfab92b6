#include "tests/unit/arc_test_sealer.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/base64.h"
#include "tests/unit/canon_naive.h"

#define MAX_BYTES (16 * 1024 * 1024)

static const char *or_usual(const char *text, const char *usual)
{
    return text == NULL ? usual : text;
}

/* The length of the field with its folds and its CRLF. */
static size_t field_length(const char *at)
{
    const char *p = at;

    do
        p = strchr(p, '\n') + 1;
    while (*p == ' ' || *p == '\t');
    return (size_t)(p - at);
}

/* The field of this name and instance, relaxed, appended. */
static void put_relaxed(const char *text, const char *name, unsigned instance, struct mv_buf *out)
{
    char tag[20];

    snprintf(tag, sizeof tag, " i=%u;", instance);
    for (const char *at = text; *at != '\r'; at += field_length(at)) {
        size_t len = field_length(at), name_len = strlen(name);

        if (strncasecmp(at, name, name_len) != 0 || at[name_len] != ':' ||
            strncmp(at + name_len + 1, tag, strlen(tag)) != 0)
            continue;
        mv_buf_put_lower(out, mv_bytes_of(at, name_len));
        mv_buf_putc(out, ':');
        canon_naive_value(mv_bytes_of(at + name_len + 1, len - name_len - 3), out);
        mv_buf_puts(out, "\r\n");
        return;
    }
}

/* RFC 8617 5.1.1 */
static void put_sealed(const char *text, unsigned instance, struct mv_buf *out)
{
    for (unsigned i = 1; i <= instance; i++) {
        put_relaxed(text, "ARC-Authentication-Results", i, out);
        put_relaxed(text, "ARC-Message-Signature", i, out);
        if (i < instance)
            put_relaxed(text, "ARC-Seal", i, out);
    }
}

static void put_in_front(const char *field, struct mv_buf *message)
{
    struct mv_buf copy;

    mv_buf_init(&copy, MAX_BYTES);
    mv_buf_put(&copy, mv_buf_bytes(message));
    mv_buf_reset(message);
    mv_buf_puts(message, field);
    mv_buf_put(message, mv_buf_bytes(&copy));
    mv_buf_free(&copy);
}

static void put_message_signature(const struct arc_test_set *set, struct mv_buf *message)
{
    char tags[500];
    struct dkim_test_spec spec = {.key = set->key,
                                  .tags = tags,
                                  .names = or_usual(set->names, ARC_TEST_NAMES),
                                  .header = set->canon_tag == NULL ? MV_CANON_RELAXED : set->header,
                                  .body = set->canon_tag == NULL ? MV_CANON_RELAXED : set->body,
                                  .body_length = DKIM_TEST_WHOLE_BODY,
                                  .field_name = "ARC-Message-Signature"};
    struct mv_buf copy;

    snprintf(tags, sizeof tags, "i=%u; a=%s; %sd=%s; s=%s%s", set->instance,
             set->key == TEST_ED25519 ? "ed25519-sha256" : "rsa-sha256",
             or_usual(set->canon_tag, "c=relaxed/relaxed; "), or_usual(set->domain, "example.net"),
             or_usual(set->selector, "sel"), or_usual(set->more_tags, ""));
    mv_buf_init(&copy, MAX_BYTES);
    mv_buf_put(&copy, mv_buf_bytes(message));
    mv_buf_reset(message);
    dkim_test_sign(&spec, mv_buf_bytes(&copy), message);
    mv_buf_free(&copy);
}

/* The value of b= over the sets in the message and this field, which ends in "b=" and CRLF. */
static void put_seal_value(const struct arc_test_set *set, const char *text, const char *field, struct mv_buf *out)
{
    struct mv_buf input, signature;
    unsigned char hash[32];

    mv_buf_init(&input, MAX_BYTES);
    mv_buf_init(&signature, 1000);
    put_sealed(text, set->instance, &input);
    put_relaxed(field, "ARC-Seal", set->instance, &input);
    mv_buf_truncate(&input, input.len - 2);
    test_must(EVP_Digest(input.data, input.len, hash, NULL, EVP_sha256(), NULL) == 1);
    hash[0] ^= set->damage_seal;
    test_key_sign(set->key, hash, &signature);
    mv_base64_encode(mv_buf_bytes(&signature), out);
    mv_buf_free(&input);
    mv_buf_free(&signature);
}

static void put_seal(const struct arc_test_set *set, struct mv_buf *message)
{
    struct mv_buf field, value;

    mv_buf_init(&field, MAX_BYTES);
    mv_buf_init(&value, 4000);
    mv_buf_printf(&field, "ARC-Seal: i=%u; a=%s; cv=%s; d=%s; s=%s; t=1700000000; b=\r\n\r\n", set->instance,
                  set->key == TEST_ED25519 ? "ed25519-sha256" : "rsa-sha256",
                  or_usual(set->cv, set->instance == 1 ? "none" : "pass"), or_usual(set->domain, "example.net"),
                  or_usual(set->seal_selector, or_usual(set->selector, "sel")));
    put_seal_value(set, mv_buf_cstr(message), mv_buf_cstr(&field), &value);
    mv_buf_truncate(&field, field.len - 4);
    mv_buf_put(&field, mv_buf_bytes(&value));
    mv_buf_puts(&field, "\r\n");
    put_in_front(mv_buf_cstr(&field), message);
    mv_buf_free(&field);
    mv_buf_free(&value);
}

void arc_test_seal(const struct arc_test_set *set, struct mv_buf *message)
{
    char field[1000];

    put_message_signature(set, message);
    snprintf(field, sizeof field, "ARC-Authentication-Results: i=%u; %s\r\n", set->instance,
             or_usual(set->results, "example.net; none"));
    put_in_front(field, message);
    put_seal(set, message);
    test_must(!mv_buf_failed(message));
}
