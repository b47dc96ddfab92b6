/*
 * The header as it goes to the next hop: our fields on top, and without what only we may write.
 *
 *   Authentication-Results: ...           what was found
 *   Mailvouch-Result: ...                 the same, proven to the mailbox server, where there are keys for it
 *   Mailvouch-Disposition: quarantine     for Sieve: it is to be filed as junk
 */
#ifndef MV_LMTP_TAGS_H
#define MV_LMTP_TAGS_H

#include "core/text/field.h"
#include "lmtp-hook/judge.h"

/* What becomes of the message beside its tags. */
enum mv_fate {
    MV_FATE_DELIVER = 0,
    MV_FATE_QUARANTINE, /* delivered, and marked */
    MV_FATE_REFUSE,     /* 550 5.7.1 for every recipient */
    MV_FATE_DEFER       /* 451 4.7.0 */
};

struct mv_tags_done {
    unsigned removed; /* fields that were left out */
    bool handed_over; /* Mailvouch-Result was put */
};

enum mv_fate mv_tags_fate(const struct mv_judge *judge, const struct mv_lmtp_settings *settings);
/*
 * Appends the header, without the empty line.  A first line that would continue what is put above it is left out.  Of a
 * FAILED judge's message all Authentication-Results fields are left out that might be ours, and none is added.  A
 * hand-over that cannot be made is left out.
 */
struct mv_tags_done mv_tags_put(const struct mv_judge *judge, enum mv_fate fate, const struct mv_field *fields,
                                size_t count, struct mv_buf *out);
/* "550 5.7.1 ...", "451 4.7.0 ...": what a recipient is told of a message that is not delivered. */
void mv_tags_put_refusal(const struct mv_judge *judge, enum mv_fate fate, struct mv_buf *out);

#endif
