/*
 * What no body may hold that is to be signed (RFC 6376 5.3): NUL, a CR without
 * LF, an LF without CR.  Others repair such octets on the way, and so break the
 * signature.  Internal to core/dkim.
 *
 *   struct mv_dkim_body_defects defects;
 *   mv_dkim_body_defects_init(&defects, mv_body_scan_at(0))
 *   mv_dkim_body_defects_feed(&defects, bytes) ...   any split
 *   mv_dkim_body_defects_end(&defects)
 */
#ifndef MV_DKIM_BODY_DEFECTS_H
#define MV_DKIM_BODY_DEFECTS_H

#include "core/base/bytes.h"
#include "core/dkim/body_scan.h"

struct mv_dkim_body_defects {
    mv_body_scan *scan;
    const char *reason; /* of the first one; NULL so far */
    bool after_cr;
};

void mv_dkim_body_defects_init(struct mv_dkim_body_defects *defects, mv_body_scan *scan);

void mv_dkim_body_defects_feed(struct mv_dkim_body_defects *defects, struct mv_bytes body);
/* NULL, or the first defect (static text). */
const char *mv_dkim_body_defects_end(struct mv_dkim_body_defects *defects);

#endif
