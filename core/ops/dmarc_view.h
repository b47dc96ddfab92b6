/*
 * What a DMARC record comes to, for the two generations of receivers that read it.
 *
 * Receivers of RFC 9989 know np, psd and t, and ignore pct.  Those of RFC 7489
 * know none of these, draw lots by pct (6.6.4 there), and find the
 * Organizational Domain by a list of public suffixes.  A record that means to
 * be safe is looked at with both eyes.
 *
 * Pure; the record is taken as the one that applies: whether it is found at all
 * is the walk's matter (core/dmarc/walk.h).
 */
#ifndef MV_OPS_DMARC_VIEW_H
#define MV_OPS_DMARC_VIEW_H

#include "core/dmarc/record.h"

enum mv_dmarc_generation { MV_DMARC_RFC9989, MV_DMARC_RFC7489 };
/* Whose mail: of the domain with the record, of a name below it that exists, of one that does not. */
enum mv_dmarc_author { MV_DMARC_OWN, MV_DMARC_BELOW, MV_DMARC_MISSING, MV_DMARC_AUTHORS };

/* What happens to mail that fails. */
struct mv_dmarc_fate {
    enum mv_dmarc_policy policy; /* t applied */
    unsigned percent;            /* 0 to 100 of the messages get it; 100 without lots */
    enum mv_dmarc_policy rest;   /* what the others get; equals policy when percent is 100 */
};

struct mv_dmarc_view {
    bool applies; /* false: such a receiver does no DMARC with this record, and fates are none */
    struct mv_dmarc_fate fates[MV_DMARC_AUTHORS];
};

void mv_dmarc_look(const struct mv_dmarc_record *record, enum mv_dmarc_generation generation,
                   struct mv_dmarc_view *view_r);
/* One step down; none stays none. */
enum mv_dmarc_policy mv_dmarc_weaker(enum mv_dmarc_policy policy);
/* The strongest thing that can happen to a failing message under the fate. */
enum mv_dmarc_policy mv_dmarc_fate_worst(struct mv_dmarc_fate fate);
bool mv_dmarc_fate_equal(struct mv_dmarc_fate a, struct mv_dmarc_fate b);
/* "quarantine", or "reject 20 %, quarantine 80 %". */
void mv_dmarc_fate_print(struct mv_dmarc_fate fate, struct mv_buf *out);

#endif
