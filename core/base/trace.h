/*
 * The reason tree: why a check came to its result.
 *
 * Stages build it while they run; "mailvouch verify --explain" prints it.  A
 * stage that needs DNS runs again from its start and is then given a new trace.
 * Every function does nothing when trace is NULL, which is how a mail server
 * runs.
 *
 * Texts may quote what strangers wrote: they are stored as they are, and
 * whoever prints them escapes them (mv_buf_put_escaped()).
 */
#ifndef MV_BASE_TRACE_H
#define MV_BASE_TRACE_H

#include "core/base/arena.h"

struct mv_trace;

struct mv_trace_node {
    struct mv_bytes text;
    const char *section; /* "RFC 9989 4.10.1", or NULL */
    const struct mv_trace_node *first_child;
    const struct mv_trace_node *next;
};

#define MV_TRACE_MAX_NODES 4096
#define MV_TRACE_MAX_TEXT_BYTES 4096 /* longer text ends in "..." */

/* NULL without memory, which is a valid trace that keeps nothing. */
struct mv_trace *mv_trace_new(struct mv_arena *arena);
/* Opens a node: what follows becomes its children until mv_trace_leave(). section must be static. */
void mv_trace_enter(struct mv_trace *trace, const char *section, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void mv_trace_leave(struct mv_trace *trace);
/* A node without children. */
void mv_trace_note(struct mv_trace *trace, const char *section, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The first top-level node, or NULL when the trace is empty. */
const struct mv_trace_node *mv_trace_first(const struct mv_trace *trace);

/* For printf's "%.*s" with bytes: the two arguments. */
#define MV_ARG(b) (int)(b).len, (b).len == 0 ? "" : (const char *)(b).data

#endif
