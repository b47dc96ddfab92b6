/*
 * A DMARC record from what somebody wants (RFC 9989 4.7).
 *
 * Words are checked here, so that what is printed parses back to the same
 * meaning; whether it is wise is the lint's matter (core/ops/dmarc_lint.h).
 * With t=y, pct=0 is written as well unless that is switched off: then receivers
 * of RFC 7489, which do not know t, hold back too.
 */
#ifndef MV_OPS_DMARC_BUILD_H
#define MV_OPS_DMARC_BUILD_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/dmarc/record.h"

/* Each as it is written behind "="; NULL: not in the record. Borrowed. */
struct mv_dmarc_plan {
    const char *p; /* NULL: none */
    const char *sp, *np, *psd, *t, *adkim, *aspf, *fo;
    const char *const *rua; /* URIs, or plain addresses: "dmarc@example.org" */
    size_t rua_count;
    const char *const *ruf;
    size_t ruf_count;
    bool without_pct;
};

/*
 * The record and its text, in the arena.  MV_ERR_SYNTAX: the error names the tag
 * and what it takes.  Defaults are left out of the text.
 */
enum mv_code mv_dmarc_build(struct mv_arena *arena, const struct mv_dmarc_plan *plan, struct mv_dmarc_record *record_r,
                            struct mv_error *error);

/* "dmarc@example.org" as a URI: "mailto:" before it, and what a URI cannot hold percent-encoded (RFC 6068 2). */
bool mv_dmarc_address_uri(struct mv_arena *arena, struct mv_bytes address, struct mv_bytes *uri_r);

#endif
