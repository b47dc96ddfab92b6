#include "tests/unit/dkim_test_signer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>


#include "core/base/base64.h"
#include "tests/unit/canon_naive.h"

#define MAX_FIELDS 2000
#define MAX_BYTES (64 * 1024 * 1024)

struct field {
    const char *text;
    size_t len; /* with its CRLF */
    size_t name_len;
    bool used;
};

struct message {
    struct field fields[MAX_FIELDS];
    size_t count;
    struct mv_bytes body;
};

static void sha256(struct mv_bytes text, unsigned char hash[32])
{
    test_must(EVP_Digest(text.data, text.len, hash, NULL, EVP_sha256(), NULL) == 1);
}

static size_t field_length(const char *at, const char *end)
{
    const char *p = at;

    do {
        const char *newline = memchr(p, '\n', (size_t)(end - p));

        p = newline == NULL ? end : newline + 1;
    } while (p < end && (*p == ' ' || *p == '\t'));
    return (size_t)(p - at);
}

static void split(struct mv_bytes text, struct message *message)
{
    const char *at = (const char *)text.data, *end = at + text.len;

    message->count = 0;
    while (at < end && *at != '\r') {
        struct field *field = &message->fields[message->count++];

        test_must(message->count < MAX_FIELDS);
        *field = (struct field){.text = at, .len = field_length(at, end)};
        field->name_len = strcspn(at, ": \t");
        at += field->len;
    }
    at += at < end ? 2 : 0;
    message->body = mv_bytes_of(at, (size_t)(end - at));
}

static void put_field(enum mv_canon canon, const char *text, size_t len, struct mv_buf *out)
{
    size_t colon = (size_t)((const char *)memchr(text, ':', len) - text);
    size_t name_len = strcspn(text, ": \t");

    if (canon == MV_CANON_SIMPLE) {
        mv_buf_put(out, mv_bytes_of(text, len));
        return;
    }
    mv_buf_put_lower(out, mv_bytes_of(text, name_len));
    mv_buf_putc(out, ':');
    canon_naive_value(mv_bytes_of(text + colon + 1, len - colon - 3), out);
    mv_buf_puts(out, "\r\n");
}

/* From the bottom up, each instance once (5.4.2). */
static void put_named(struct message *message, enum mv_canon canon, const char *name, size_t name_len,
                      struct mv_buf *out)
{
    for (size_t i = message->count; i > 0; i--) {
        struct field *field = &message->fields[i - 1];

        if (field->used || field->name_len != name_len || strncasecmp(field->text, name, name_len) != 0)
            continue;
        field->used = true;
        put_field(canon, field->text, field->len, out);
        return;
    }
}

static void put_names(struct message *message, enum mv_canon canon, const char *names, struct mv_buf *out)
{
    while (*names != '\0') {
        size_t len;

        names += strspn(names, " :\r\n\t");
        len = strcspn(names, " :\r\n\t");
        if (len > 0)
            put_named(message, canon, names, len, out);
        names += len;
    }
}

static void put_hash64(struct mv_bytes text, struct mv_buf *out)
{
    unsigned char hash[32];

    sha256(text, hash);
    mv_base64_encode(mv_bytes_of(hash, sizeof hash), out);
}

static void put_body_hash(const struct dkim_test_spec *spec, struct mv_bytes body, struct mv_buf *out)
{
    struct mv_buf canonical;
    struct mv_bytes octets;

    mv_buf_init(&canonical, MAX_BYTES);
    canon_naive_body(spec->body, body, &canonical);
    octets = mv_buf_bytes(&canonical);
    if (spec->body_length != DKIM_TEST_WHOLE_BODY)
        octets = mv_bytes_slice(octets, 0, (size_t)spec->body_length);
    put_hash64(octets, out);
    mv_buf_free(&canonical);
}

static void put_folded(struct mv_bytes text, struct mv_buf *out)
{
    for (size_t i = 0; i < text.len; i += 64) {
        mv_buf_puts(out, i == 0 ? "" : "\r\n  ");
        mv_buf_put(out, mv_bytes_slice(text, i, i + 64));
    }
}

void dkim_test_sign(const struct dkim_test_spec *spec, struct mv_bytes text, struct mv_buf *out)
{
    struct message *message = calloc(1, sizeof *message);
    struct mv_buf field, input, signature, base64;
    unsigned char hash[32];

    mv_buf_init(&field, MAX_BYTES);
    mv_buf_init(&input, MAX_BYTES);
    mv_buf_init(&signature, MAX_BYTES);
    mv_buf_init(&base64, MAX_BYTES);
    split(text, message);
    mv_buf_printf(&field, "%s: %s;\r\n h=%s;\r\n bh=", spec->field_name == NULL ? "DKIM-Signature" : spec->field_name,
                  spec->tags, spec->names);
    put_body_hash(spec, message->body, &field);
    mv_buf_puts(&field, ";\r\n b=\r\n");
    put_names(message, spec->header, spec->names, &input);
    put_field(spec->header, (const char *)field.data, field.len, &input);
    mv_buf_truncate(&input, input.len - 2);
    sha256(mv_buf_bytes(&input), hash);
    test_key_sign(spec->key, hash, &signature);
    mv_base64_encode(mv_buf_bytes(&signature), &base64);
    mv_buf_truncate(&field, field.len - 2);
    put_folded(mv_buf_bytes(&base64), &field);
    mv_buf_put(out, mv_buf_bytes(&field));
    mv_buf_puts(out, "\r\n");
    mv_buf_put(out, text);
    test_must(!mv_buf_failed(out));
    mv_buf_free(&field);
    mv_buf_free(&input);
    mv_buf_free(&signature);
    mv_buf_free(&base64);
    free(message);
}
