#include <stdio.h>
#include <string.h>

#include <opendkim/dkim.h>

#include "core/text/message.h"
#include "tests/bench/bench.h"

/* libopendkim is given the fields already split and the body in our pieces: only its own work counts. */

const bool bench_has_opendkim = true;

static const struct bench_message *current;

static DKIM_CBSTAT find_key(DKIM *dkim, DKIM_SIGINFO *sig, u_char *buf, size_t buf_bytes)
{
    (void)dkim;
    (void)sig;
    if (current->key_record.len >= buf_bytes)
        return DKIM_CBSTAT_ERROR;
    memcpy(buf, current->key_record.data, current->key_record.len);
    buf[current->key_record.len] = '\0';
    return DKIM_CBSTAT_CONTINUE;
}

static DKIM_LIB *library(void)
{
    static DKIM_LIB *lib;

    if (lib == NULL) {
        lib = dkim_init(NULL, NULL);
        bench_require(lib != NULL && dkim_set_key_lookup(lib, find_key) == DKIM_STAT_OK, "libopendkim does not start");
    }
    return lib;
}

/* The end of the field at `at`, without its CRLF. */
static size_t field_end(struct mv_bytes raw, size_t at)
{
    do
        at += mv_bytes_find(mv_bytes_slice(raw, at, raw.len), '\n') + 1;
    while (raw.data[at] == ' ' || raw.data[at] == '\t');
    return at - 2;
}

static size_t feed_header(DKIM *dkim, struct mv_bytes raw)
{
    size_t at = 0;

    while (raw.data[at] != '\r') {
        size_t end = field_end(raw, at);

        bench_require(dkim_header(dkim, (u_char *)raw.data + at, end - at) == DKIM_STAT_OK,
                      "libopendkim refuses a field");
        at = end + 2;
    }
    bench_require(dkim_eoh(dkim) == DKIM_STAT_OK, "libopendkim refuses the header");
    return at + 2;
}

static void feed(DKIM *dkim, struct mv_bytes raw)
{
    for (size_t at = feed_header(dkim, raw); at < raw.len; at += BENCH_PIECE_BYTES) {
        struct mv_bytes piece = mv_bytes_slice(raw, at, at + BENCH_PIECE_BYTES);

        bench_require(dkim_body(dkim, (u_char *)piece.data, piece.len) == DKIM_STAT_OK, "libopendkim refuses a body");
    }
}

void bench_run_opendkim(void *context)
{
    DKIM_STAT status;
    DKIM *dkim;

    current = context;
    dkim = dkim_verify(library(), (const unsigned char *)"bench", NULL, &status);
    bench_require(dkim != NULL, "libopendkim has no handle");
    feed(dkim, current->raw);
    bench_require(dkim_eom(dkim, NULL) == DKIM_STAT_OK, "libopendkim does not pass the message");
    dkim_free(dkim);
}

bool bench_opendkim_signs(enum bench_keys keys)
{
    return (keys & BENCH_ED25519) == 0 || dkim_libfeature(library(), DKIM_FEATURE_ED25519);
}

/* One handle has one key: two signatures are two passes over the message. */
static void sign(struct mv_bytes raw, enum bench_keys key)
{
    dkim_alg_t algorithm = key == BENCH_RSA ? DKIM_SIGN_RSASHA256 : DKIM_SIGN_ED25519SHA256;
    DKIM_STAT status;
    u_char *field;
    size_t len;
    DKIM *dkim = dkim_sign(library(), (const unsigned char *)"bench", NULL, (dkim_sigkey_t)bench_private_pem(key),
                           (const unsigned char *)BENCH_SELECTOR, (const unsigned char *)BENCH_SDID,
                           DKIM_CANON_RELAXED, DKIM_CANON_RELAXED, algorithm, -1, &status);

    bench_require(dkim != NULL, "libopendkim has no handle");
    feed(dkim, raw);
    bench_require(dkim_eom(dkim, NULL) == DKIM_STAT_OK, "libopendkim does not sign the message");
    bench_require(dkim_getsighdr_d(dkim, 0, &field, &len) == DKIM_STAT_OK && len > 0, "libopendkim makes no field");
    dkim_free(dkim);
}

void bench_run_sign_opendkim(void *context)
{
    const struct bench_signing *signing = context;

    if ((signing->keys & BENCH_RSA) != 0)
        sign(signing->raw, BENCH_RSA);
    if ((signing->keys & BENCH_ED25519) != 0)
        sign(signing->raw, BENCH_ED25519);
}
