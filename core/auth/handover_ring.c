#include "core/auth/handover_ring.h"

/* The stamp is taken first: what changes after it is seen with the next message. */
void mv_handover_ring_refresh(struct mv_handover_ring *ring, struct mv_bytes path, int64_t now_secs)
{
    const char *name = (const char *)path.data;
    struct mv_stamp stamp;

    if (path.len == 0)
        return;
    (void)mv_stamp_take(name, &stamp); /* what is wrong shows when it is read */
    if (ring->settled && mv_stamp_equal(&stamp, &ring->stamp))
        return;
    mv_handover_ring_wipe(ring);
    ring->stamp = stamp;
    ring->settled = mv_handover_file_read(name, &ring->keys, &ring->error) == MV_OK &&
                    mv_stamp_is_settled(&stamp, now_secs);
}

void mv_handover_ring_wipe(struct mv_handover_ring *ring)
{
    mv_handover_keys_wipe(&ring->keys);
    *ring = (struct mv_handover_ring){.settled = false};
}
