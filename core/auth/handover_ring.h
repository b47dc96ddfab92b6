/*
 * The keys of the hand-over as an engine holds them: read when they are first
 * needed, and anew when their file changes.  Private to core/auth.
 *
 * One stat() for each message.  What could not be read is tried again with the next
 * message, since a repaired group does not change the file.
 */
#ifndef MV_AUTH_HANDOVER_RING_H
#define MV_AUTH_HANDOVER_RING_H

#include "core/base/stamp.h"
#include "core/keys/handover_file.h"

/* All zero: nothing was read yet. */
struct mv_handover_ring {
    bool settled;
    struct mv_stamp stamp;
    struct mv_handover_keys keys; /* none after an error */
    struct mv_error error;        /* why there are none; MV_OK: there is no file, or it was read */
};

/* path: that of the settings. */
void mv_handover_ring_refresh(struct mv_handover_ring *ring, struct mv_bytes path, int64_t now_secs);
void mv_handover_ring_wipe(struct mv_handover_ring *ring);

#endif
