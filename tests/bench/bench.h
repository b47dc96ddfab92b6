/*
 * What the benchmarks share: a clock that compares, messages, and the sides
 * that are compared.
 *
 * Nearly every number is a ratio to a floor that is measured in the same run,
 * turn by turn, so that a busy or slow machine moves both.  The floor of a message is
 * what no verifier can do without: SHA-256 of its octets and, when it is signed, one RSA
 * operation with a key that is ready.
 */
#ifndef MV_BENCH_H
#define MV_BENCH_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/dkim/canon.h"

#define BENCH_MAX_SIDES 8
#define BENCH_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define BENCH_PIECE_BYTES ((size_t)64 * 1024) /* what a front end hands over at once */

/* Clock. */

/* One thing to be timed. */
struct bench_side {
    void (*run)(void *context);
    void *context;
};

struct bench_time {
    double fraction; /* median of (time of side 0 / time of this side): 1.0 is as quick as the floor */
    double secs;     /* median of one run */
};

/* Seconds of CLOCK_MONOTONIC. */
double bench_now_secs(void);
/* Times all sides in turn, in nine rounds in which each has the same time. */
void bench_compare(const struct bench_side *sides, size_t count, struct bench_time *times_r);
/* Ends the program with a message: a benchmark whose work goes wrong measures nothing. */
void bench_require(bool condition, const char *what);

/* Bodies. */

enum bench_body {
    BENCH_TEXT,          /* wrapped prose */
    BENCH_HTML,          /* indented mark-up */
    BENCH_FLOWED,        /* prose, each line ends in SP (RFC 3676) */
    BENCH_SENTENCES,     /* prose, two SP after each sentence */
    BENCH_BASE64,
    BENCH_SHORT_LINES,   /* one octet each */
    BENCH_EMPTY_LINES,   /* then one of text */
    BENCH_EMPTY_TAIL,    /* text, then nothing but empty lines */
    BENCH_BLANK,         /* SP alone */
    BENCH_TABS,          /* HTAB alone */
    BENCH_RUNS,          /* "a  b  c" */
    BENCH_SECOND_EMPTY,  /* every second line empty */
    BENCH_WSP_LINE_ENDS, /* white space before each CRLF */
    BENCH_WSP_LINES,     /* SP CRLF, then one line of text */
    BENCH_ONE_LINE,      /* without any CRLF but the last */
    BENCH_BARE_LF,       /* one octet and LF */
    BENCH_BODIES
};

const char *bench_body_name(enum bench_body kind);
/* Appends a body of about that size: whole lines, the same on each call. */
void bench_body(enum bench_body kind, size_t size_bytes, struct mv_buf *out);

/* Messages. */

struct bench_spec {
    enum bench_body body;
    size_t size_bytes;       /* of the whole message, about */
    enum mv_canon canon;     /* of header and body */
    size_t extra_fields;     /* beside those that every message has */
    size_t signed_extra;     /* of these, how many h= names */
    size_t signatures;       /* 0 counts as 1; all by one key */
};

#define BENCH_SELECTOR "bench"
#define BENCH_SDID "example.com"

/* Appends the message without signatures. */
void bench_unsigned_message(const struct bench_spec *spec, struct mv_buf *out);
/* Appends the signed message: rsa-sha256, 2048 bits. */
void bench_message(const struct bench_spec *spec, struct mv_buf *out);
/* Appends the text of the key record. */
void bench_key_record(struct mv_buf *out);

/* Sides: each context is the message. They end the program when the message does not pass. */

struct bench_message {
    struct mv_bytes raw;
    struct mv_bytes key_record;
    size_t passes; /* how many signatures pass */
};

void bench_sides_open(void);
void bench_sides_close(void);
/* SHA-256 and one RSA operation. */
void bench_run_floor(void *message);
/* SHA-256 alone. */
void bench_run_hash(void *message);
/* The verifier of core/dkim, its key read anew, or from the cache. */
void bench_run_ours(void *message);
void bench_run_ours_cached(void *message);
/* libopendkim. bench_has_opendkim: it was there when this was built. */
extern const bool bench_has_opendkim;
void bench_run_opendkim(void *message);

/* Signing: each context is a message that is to be signed. */

enum bench_keys { BENCH_RSA = 1, BENCH_ED25519 = 2, BENCH_BOTH = 3 };

struct bench_signing {
    struct mv_bytes raw;
    enum bench_keys keys;
};

void bench_signers_open(void);
void bench_signers_close(void);
/* PEM, of one key. */
const char *bench_private_pem(enum bench_keys key);
/* SHA-256 of the message and one operation with each private key. */
void bench_run_sign_floor(void *signing);
/* The signer of core/dkim, its keys held parsed. */
void bench_run_sign_ours(void *signing);
/* Ends the program unless our verifier passes what our signer makes. */
void bench_check_signer(const struct bench_signing *signing);
/* libopendkim takes a key with each message, as PEM. */
bool bench_opendkim_signs(enum bench_keys keys);
void bench_run_sign_opendkim(void *signing);

/* Parts of the benchmark: each prints its tables. */

void bench_canon(void);
void bench_dkim(void);
void bench_sign(void);
void bench_worst(void);
void bench_memory(void);
void bench_report(void);
void bench_write(void);
void bench_import(void);
void bench_evidence(void);
/* false: DNS with that round trip could not be had. */
void bench_dns(unsigned rtt_msecs);

#endif
