/*
 * Memory that is freed together: one arena for each message.
 *
 * Every allocation lives until mv_arena_free().  Past the
 * limit, and without memory, functions return NULL (empty bytes): the caller
 * passes MV_ERR_MEMORY up.
 */
#ifndef MV_BASE_ARENA_H
#define MV_BASE_ARENA_H

#include <stddef.h>

#include "core/base/bytes.h"

struct mv_arena;

/* NULL without memory. */
struct mv_arena *mv_arena_new(size_t max_bytes);
void mv_arena_free(struct mv_arena **arena);
/* Zeroed, aligned for any object. size 0 gives a valid pointer. */
void *mv_arena_alloc(struct mv_arena *arena, size_t size_bytes);
/* The same, not zeroed: for octets that are written before they are read. */
void *mv_arena_room(struct mv_arena *arena, size_t size_bytes);
/* count * size_bytes without overflow. */
void *mv_arena_array(struct mv_arena *arena, size_t count, size_t size_bytes);
/*
 * An array of count items with room for one more behind them, for lists whose
 * length is not known ahead: the same array, or a copy with twice the room where
 * count is a power of two.  items is NULL when count is 0.
 */
void *mv_arena_grow(struct mv_arena *arena, const void *items, size_t count, size_t size_bytes);
/* A copy, followed by a NUL that is not counted. false without memory. */
bool mv_arena_copy(struct mv_arena *arena, struct mv_bytes b, struct mv_bytes *copy_r);
/* The copy as a C string; NULL without memory. */
char *mv_arena_str(struct mv_arena *arena, struct mv_bytes b);
/* All parts, one behind the other; NUL as for mv_arena_copy(). */
bool mv_arena_join(struct mv_arena *arena, const struct mv_bytes *parts, size_t count, struct mv_bytes *joined_r);
char *mv_arena_printf(struct mv_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
