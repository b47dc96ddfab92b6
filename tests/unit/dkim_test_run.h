/*
 * One message through the verifier, with keys from a table instead of DNS.
 */
#ifndef DKIM_TEST_RUN_H
#define DKIM_TEST_RUN_H

#include "core/dkim/verify.h"

/* Several rows of one name are several records; a name without a row does not exist. */
struct dkim_test_dns {
    const char *name;
    const char *text; /* NULL: no record, see status */
    enum mv_dns_status status;
};

struct dkim_test_run {
    struct mv_arena *arena;
    struct mv_memo *memo;
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
/* The reason tree as text, appended. */
void dkim_test_explain(const struct dkim_test_run *run, struct mv_buf *out);

#endif
