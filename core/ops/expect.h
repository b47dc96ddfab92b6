/*
 * The expected state of domains: what their records said when somebody was
 * content with them, and the findings that he took as they were.  What differs
 * from it is an error, and what was accepted stays silent: so a check becomes an
 * alarm for what has drifted.
 *
 *   mailvouch-expect 1
 *   record _dmarc.example.org TXT v=DMARC1; p=reject
 *   record example.org MX 10 mx.example.org
 *   none _mta-sts.example.org TXT
 *   accept dnssec-unsigned example.org
 *
 * One line each, in any order; lines that begin with "#" are for people.  Bytes
 * that are not printable ASCII are \xNN, and a backslash is doubled.  A name and
 * type that has no line is not known.  "accept" holds for as many findings of
 * this id and subject as there are lines.
 *
 * Of TXT records at the domain, and at domains of MAIL FROM, only SPF is looked at:
 * others keep their tokens there.
 */
#ifndef MV_OPS_EXPECT_H
#define MV_OPS_EXPECT_H

#include "core/base/buf.h"
#include "core/ops/deployment.h"

#define MV_EXPECT_MAX_BYTES (16 * 1024 * 1024)
#define MV_EXPECT_MAX_LINES 100000

struct mv_expect;

/* Lives in the arena; the text is not needed any more. MV_ERR_SYNTAX: the error names the line. */
enum mv_code mv_expect_parse(struct mv_arena *arena, struct mv_bytes text, struct mv_expect **expect_r,
                             struct mv_error *error);

/*
 * After the check is complete: found is all that it found, drift_r gets what is
 * not expected, each with a finding of its own ("drift-...").  MV_ERR_MEMORY.
 * An accepted finding is used up: call it once for each domain.
 */
enum mv_code mv_expect_compare(struct mv_arena *arena, struct mv_expect *expect,
                               const struct mv_deployment_request *request, const struct mv_memo *memo,
                               const struct mv_findings *found, struct mv_findings *drift_r);

/* The first line of a file. */
void mv_expect_put_head(struct mv_buf *out);
/* MV_ERR_IO: DNS gave no answer for *name_r, so that what is expected there is not known. */
enum mv_code mv_expect_put(struct mv_arena *arena, const struct mv_deployment_request *request,
                           const struct mv_memo *memo, const struct mv_findings *found, struct mv_buf *out,
                           struct mv_bytes *name_r);

/* All kinds of finding there are here; NULL past the end. */
const struct mv_finding_kind *mv_expect_kind_at(size_t index);

#endif
