/*
 * What was said about domains, so that it is not said again: the state file of "mailvouch report alert".
 *
 *   mv_alert_memory_read(arena, text, &memory, &error)     an empty text: nothing was said
 *   mv_alert_memory_judge(memory, domain, &alert, now)     and, when it was said, mv_alert_memory_note(...)
 *   mv_alert_memory_write(memory, now, out)
 *
 * A line each, "SECONDS WHAT SIZE DOMAIN WHO", after comments; who is escaped text, which is never
 * turned back, and may hold spaces.
 */
#ifndef MV_OPS_ALERT_MEMORY_H
#define MV_OPS_ALERT_MEMORY_H

#include "core/ops/alert.h"

#define MV_ALERT_AGAIN_DAYS 14
#define MV_ALERT_KEEP_DAYS 60  /* what has not been said for so long is forgotten */
#define MV_ALERT_MEMORY_MAX_LINES 20000 /* in a file; of more that is said the oldest is forgotten */
#define MV_ALERT_MEMORY_MAX_BYTES (16 * 1024 * 1024)

struct mv_alert_memory;

enum mv_alert_turn {
    MV_ALERT_SILENT,
    MV_ALERT_FIRST,
    MV_ALERT_WORSE, /* twice as much as when it was said; of a rate, as much again as a fall needs */
    MV_ALERT_AGAIN  /* it goes on */
};

/* text is borrowed as long as the memory. MV_ERR_SYNTAX: such a file this command has not written; MV_ERR_LIMIT. */
enum mv_code mv_alert_memory_read(struct mv_arena *arena, struct mv_bytes text, struct mv_alert_memory **memory_r,
                                  struct mv_error *error);
enum mv_alert_turn mv_alert_memory_judge(const struct mv_alert_memory *memory, struct mv_bytes domain,
                                         const struct mv_alert *alert, int64_t now_secs);
bool mv_alert_memory_knows(const struct mv_alert_memory *memory, struct mv_bytes domain, const struct mv_alert *alert);
/* domain and who are borrowed as long as the memory. MV_ERR_MEMORY. */
enum mv_code mv_alert_memory_note(struct mv_alert_memory *memory, struct mv_bytes domain,
                                  const struct mv_alert *alert, int64_t now_secs);
void mv_alert_memory_write(const struct mv_alert_memory *memory, int64_t now_secs, struct mv_buf *out);

#endif
