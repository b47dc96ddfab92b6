#include "core/base/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MV_TRACE_MAX_DEPTH 32

struct level {
    struct mv_trace_node *last;  /* last child so far */
    struct mv_trace_node *owner; /* whose children these are */
};

struct mv_trace {
    struct mv_arena *arena;
    struct mv_trace_node *first;
    size_t nodes;
    size_t depth; /* levels beyond the array are counted and fold into the deepest one */
    struct level levels[MV_TRACE_MAX_DEPTH];
};

struct mv_trace *mv_trace_new(struct mv_arena *arena)
{
    struct mv_trace *trace = mv_arena_alloc(arena, sizeof *trace);

    if (trace != NULL)
        trace->arena = arena;
    return trace;
}

static struct level *current(struct mv_trace *trace)
{
    size_t depth = trace->depth < MV_TRACE_MAX_DEPTH ? trace->depth : MV_TRACE_MAX_DEPTH - 1;

    return &trace->levels[depth];
}

static struct mv_bytes format_text(struct mv_arena *arena, const char *format, va_list args)
{
    static const char cut[] = "...";
    char text[MV_TRACE_MAX_TEXT_BYTES];
    int n = vsnprintf(text, sizeof text, format, args);
    struct mv_bytes copy = {NULL, 0};

    if (n < 0)
        return copy;
    if ((size_t)n >= sizeof text) {
        memcpy(text + sizeof text - sizeof cut, cut, sizeof cut);
        n = (int)sizeof text - 1;
    }
    mv_arena_copy(arena, mv_bytes_of(text, (size_t)n), &copy);
    return copy;
}

static struct mv_trace_node *add(struct mv_trace *trace, const char *section, const char *format, va_list args)
{
    struct level *level = current(trace);
    struct mv_trace_node *node;

    if (trace->nodes >= MV_TRACE_MAX_NODES)
        return NULL;
    node = mv_arena_alloc(trace->arena, sizeof *node);
    if (node == NULL)
        return NULL;
    trace->nodes++;
    node->section = section;
    node->text = format_text(trace->arena, format, args);
    if (level->last != NULL)
        level->last->next = node;
    else if (level->owner != NULL)
        level->owner->first_child = node;
    else
        trace->first = node;
    level->last = node;
    return node;
}

void mv_trace_enter(struct mv_trace *trace, const char *section, const char *format, ...)
{
    struct mv_trace_node *node;
    va_list args;

    if (trace == NULL)
        return;
    va_start(args, format);
    node = add(trace, section, format, args);
    va_end(args);
    trace->depth++;
    if (node != NULL && trace->depth < MV_TRACE_MAX_DEPTH)
        *current(trace) = (struct level){NULL, node};
}

void mv_trace_leave(struct mv_trace *trace)
{
    if (trace != NULL && trace->depth > 0)
        trace->depth--;
}

void mv_trace_note(struct mv_trace *trace, const char *section, const char *format, ...)
{
    va_list args;

    if (trace == NULL)
        return;
    va_start(args, format);
    add(trace, section, format, args);
    va_end(args);
}

const struct mv_trace_node *mv_trace_first(const struct mv_trace *trace)
{
    return trace == NULL ? NULL : trace->first;
}
