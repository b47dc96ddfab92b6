#include "core/base/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MV_ARENA_FIRST_BLOCK_BYTES 4000 /* with malloc's own a page: most stages of a message need no more */
#define MV_ARENA_BLOCK_BYTES 16000

struct block {
    struct block *next;
    alignas(max_align_t) unsigned char data[];
};

struct mv_arena {
    struct block *blocks;
    unsigned char *free_at;
    size_t free_bytes;
    size_t left_bytes; /* of the limit */
};

struct mv_arena *mv_arena_new(size_t max_bytes)
{
    struct mv_arena *arena = calloc(1, sizeof *arena);

    if (arena != NULL)
        arena->left_bytes = max_bytes;
    return arena;
}

void mv_arena_free(struct mv_arena **arena)
{
    struct block *block = *arena == NULL ? NULL : (*arena)->blocks;

    while (block != NULL) {
        struct block *next = block->next;

        free(block);
        block = next;
    }
    free(*arena);
    *arena = NULL;
}

static struct block *add_block(struct mv_arena *arena, size_t size)
{
    struct block *block;

    if (size > arena->left_bytes)
        return NULL;
    block = malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    arena->left_bytes -= size;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *mv_arena_room(struct mv_arena *arena, size_t size_bytes)
{
    const size_t align = alignof(max_align_t);
    size_t size = (size_bytes / align + 1) * align;
    unsigned char *at;

    if (size_bytes > SIZE_MAX - 2 * align)
        return NULL;
    if (size > MV_ARENA_FIRST_BLOCK_BYTES / 2) { /* a block of its own; the current one stays open */
        struct block *block = add_block(arena, size);

        return block == NULL ? NULL : block->data;
    }
    if (size > arena->free_bytes) {
        size_t more = arena->blocks == NULL ? MV_ARENA_FIRST_BLOCK_BYTES : MV_ARENA_BLOCK_BYTES;
        struct block *block = add_block(arena, more);

        if (block == NULL)
            return NULL;
        arena->free_at = block->data;
        arena->free_bytes = more;
    }
    at = arena->free_at;
    arena->free_at += size;
    arena->free_bytes -= size;
    return at;
}

void *mv_arena_alloc(struct mv_arena *arena, size_t size_bytes)
{
    void *room = mv_arena_room(arena, size_bytes);

    return room == NULL ? NULL : memset(room, 0, size_bytes);
}

void *mv_arena_array(struct mv_arena *arena, size_t count, size_t size_bytes)
{
    if (size_bytes != 0 && count > SIZE_MAX / size_bytes)
        return NULL;
    return mv_arena_alloc(arena, count * size_bytes);
}

void *mv_arena_grow(struct mv_arena *arena, const void *items, size_t count, size_t size_bytes)
{
    void *more;

    if (count != 0 && (count & (count - 1)) != 0)
        return (void *)items; /* the caller's own array */
    if (count > SIZE_MAX / 2)
        return NULL;
    more = mv_arena_array(arena, count == 0 ? 1 : 2 * count, size_bytes);
    if (more != NULL && count > 0)
        memcpy(more, items, count * size_bytes);
    return more;
}

bool mv_arena_copy(struct mv_arena *arena, struct mv_bytes b, struct mv_bytes *copy_r)
{
    char *copy = mv_arena_str(arena, b);

    if (copy == NULL)
        return false;
    *copy_r = mv_bytes_of(copy, b.len);
    return true;
}

char *mv_arena_str(struct mv_arena *arena, struct mv_bytes b)
{
    char *copy = b.len == SIZE_MAX ? NULL : mv_arena_room(arena, b.len + 1);

    if (copy == NULL)
        return NULL;
    if (b.len > 0)
        memcpy(copy, b.data, b.len);
    copy[b.len] = '\0';
    return copy;
}

bool mv_arena_join(struct mv_arena *arena, const struct mv_bytes *parts, size_t count, struct mv_bytes *joined_r)
{
    size_t len = 0;
    unsigned char *at;

    for (size_t i = 0; i < count; i++)
        len += parts[i].len; /* they lie in memory: no overflow */
    at = mv_arena_room(arena, len + 1);
    if (at == NULL)
        return false;
    *joined_r = mv_bytes_of(at, len);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > 0)
            memcpy(at, parts[i].data, parts[i].len);
        at += parts[i].len;
    }
    *at = '\0';
    return true;
}

char *mv_arena_printf(struct mv_arena *arena, const char *format, ...)
{
    va_list args;
    char *text;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        return NULL;
    text = mv_arena_room(arena, (size_t)n + 1);
    if (text == NULL)
        return NULL;
    va_start(args, format);
    vsnprintf(text, (size_t)n + 1, format, args);
    va_end(args);
    return text;
}
