/*
 * Messages through the verifier, with keys from a table instead of DNS.
 */
#ifndef DKIM_TEST_RUN_H
#define DKIM_TEST_RUN_H

#include "core/dkim/verify.h"
#include "tests/unit/dkim_test_signer.h"

#define DKIM_TEST_NOW 1700000000
#define DKIM_TEST_NAMES "From:To:Subject:Date"
#define DKIM_TEST_KEY_NAME "sel._domainkey.example.com"
#define DKIM_TEST_MAX_BYTES (16 * 1024 * 1024)

/* A message without a signature. */
extern const char dkim_test_plain[];

/* Several rows of one name are several records; a name without a row does not exist. */
struct dkim_test_dns {
    const char *name;
    const char *text; /* NULL: no record, see status */
    enum mv_dns_status status;
};

struct dkim_test_run {
    struct mv_arena *arena;
    struct mv_memo *memo;
    struct mv_dkim_bodies *bodies;
    struct mv_dkim_verifier *verifier;
    struct mv_trace *trace;
    const struct mv_dkim_result *results;
    size_t count;
    size_t questions;
    size_t wanted_rounds; /* how often the verifier had to wait */
};

/*
 * piece_bytes 0: fed whole, else in pieces.  options is borrowed; its defects
 * are those that the reader finds, added to those given.
 */
void dkim_test_run(struct dkim_test_run *run, struct mv_dkim_options *options, struct mv_bytes message,
                   size_t piece_bytes, const struct dkim_test_dns *dns, size_t dns_count);
void dkim_test_end(struct dkim_test_run *run);
/* The same with the key of dkim_test_sign_as(), and usual options where they are 0. */
void dkim_test_run_signed(struct dkim_test_run *run, struct mv_dkim_options *options, struct mv_bytes message);
/* The reason tree as text, appended. */
void dkim_test_explain(const struct dkim_test_run *run, struct mv_buf *out);

/* Appends the text, with each "{p}" replaced by the public key. */
void dkim_test_record(const char *text, enum test_key_id key, struct mv_buf *out);
/* The first place of find becomes put; find must be there. */
void dkim_test_edit(struct mv_buf *text, const char *find, const char *put);
/* Puts a signature of the usual key on top of the message; an empty one becomes dkim_test_plain. */
void dkim_test_sign_as(struct mv_buf *message, const char *domain, enum mv_canon canon, const char *more_tags,
                       long length);

#endif
