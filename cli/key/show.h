/*
 * Keys and what happened to them, for people and as JSON.
 */
#ifndef MV_CLI_KEY_SHOW_H
#define MV_CLI_KEY_SHOW_H

#include <jansson.h>

#include "core/ops/keeper.h"

/* "2026-11-23 14:05 UTC", in the buffer. "never" for 0. */
void mv_key_show_time(int64_t secs, struct mv_buf *out);
/* One line for one event, without the line end. would: it was not done. */
void mv_key_show_event(struct mv_bytes domain, const struct mv_keeper_event *event, bool would, struct mv_buf *out);
/* "since when, seen when" in a few words. */
void mv_key_show_state(const struct mv_key_entry *entry, struct mv_buf *out);
/* Prints what the buffer holds and a line end; false when it is not whole. */
bool mv_key_show_line(struct mv_buf *line);

/* New references, NULL without memory. */
json_t *mv_key_json_text(struct mv_bytes text);
json_t *mv_key_json_entry(const struct mv_key_entry *entry);
json_t *mv_key_json_event(const struct mv_keeper_event *event);
json_t *mv_key_json_sight(const struct mv_sight *sight);

#endif
