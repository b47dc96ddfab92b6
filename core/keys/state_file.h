/*
 * The state file of a key: "name = value" lines, each name exactly once, in any
 * order; lines that begin with "#" are comments.  Anything else refuses the
 * whole file: a state that was half understood must not decide who signs.
 *
 * Only core/keys includes this.
 */
#ifndef MV_KEYS_STATE_FILE_H
#define MV_KEYS_STATE_FILE_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/keys/store.h"

#define MV_KEYS_MAX_TIME_SECS INT64_C(253402300799) /* the end of the year 9999 */
#define MV_KEYS_MAX_HOST_BYTES 63

/* MV_ERR_SYNTAX with "line N: what is wrong". Strings are copied into the arena. */
enum mv_code mv_state_file_parse(struct mv_arena *arena, struct mv_bytes text, struct mv_key_entry *entry_r,
                                 struct mv_error *error);
/* Appends. MV_ERR_USAGE for an entry that mv_state_file_parse() would refuse. */
enum mv_code mv_state_file_print(const struct mv_key_entry *entry, struct mv_buf *out, struct mv_error *error);

/* In normal form, and short enough to be a file name. */
bool mv_selector_is_normal(struct mv_bytes selector);
bool mv_key_domain_is_normal(struct mv_bytes domain);

#endif
