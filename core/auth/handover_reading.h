/*
 * The hand-overs of one message that is read in a stream: found when the header
 * block is complete, checked when the body has ended.
 *
 *   mv_handover_reading_header()   once; asks for the body hashes that are needed, before the first byte of the body
 *   (the bodies are fed and ended by their owner)
 *   mv_handover_reading_end()
 *
 * Of several VALID fields the one that was made last counts, of equally old
 * ones the one nearer to the top: where two of our servers have judged, the one
 * nearer to the mailbox knew more.
 *
 * Private to core/auth; front ends see core/mailvouch.h.
 */
#ifndef MV_AUTH_HANDOVER_READING_H
#define MV_AUTH_HANDOVER_READING_H

#include "core/auth/handover.h"
#include "core/dkim/bodies.h"

struct mv_handover_reading {
    struct mv_handover_claim claims[MV_HANDOVER_MAX_FIELDS];
    const struct mv_dkim_body_hash *hashes[MV_HANDOVER_MAX_FIELDS]; /* NULL: nothing to check */
    size_t claim_count;
    size_t field_count;
    bool unreadable; /* the header block is beyond a limit: what is in it is not known */
    struct mv_handover result; /* after the end */
};

/* fields are borrowed until the arena ends. MV_OK, MV_ERR_MEMORY. */
enum mv_code mv_handover_reading_header(struct mv_handover_reading *reading, struct mv_arena *arena,
                                        const struct mv_field *fields, size_t count,
                                        const struct mv_handover_keys *keys, struct mv_dkim_bodies *bodies);
/* cover's body_hash is filled in here. MV_OK: reading->result is final. */
enum mv_code mv_handover_reading_end(struct mv_handover_reading *reading, struct mv_handover_cover cover,
                                     const struct mv_handover_keys *keys, int64_t now_secs,
                                     unsigned max_age_secs);

#endif
