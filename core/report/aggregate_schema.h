/*
 * The schema of aggregate reports as a tree of tables: which element may stand
 * where, what kind of value it holds, and which member gets it.  Only
 * core/report/aggregate*.c includes this.
 */
#ifndef MV_REPORT_AGGREGATE_SCHEMA_H
#define MV_REPORT_AGGREGATE_SCHEMA_H

#include "core/report/aggregate.h"

enum mv_schema_kind {
    MV_SCHEMA_GROUP,  /* has children, no value */
    MV_SCHEMA_TEXT,   /* struct mv_bytes, cut at max */
    MV_SCHEMA_DOMAIN, /* struct mv_bytes, at most MV_AGGREGATE_MAX_DOMAIN_BYTES */
    MV_SCHEMA_WORD,   /* an enum of words */
    MV_SCHEMA_COUNT,  /* uint64_t */
    MV_SCHEMA_TIME,   /* int64_t */
    MV_SCHEMA_IP      /* struct mv_ip */
};

/* Which struct the member is in, or what a group begins. */
enum mv_schema_place {
    MV_SCHEMA_HEAD,
    MV_SCHEMA_RECORD,
    MV_SCHEMA_REASON,
    MV_SCHEMA_DKIM,
    MV_SCHEMA_SPF,
    MV_SCHEMA_PLACE_COUNT
};

struct mv_schema_word {
    const char *text; /* NULL ends a list; the first of a value is the one that is printed */
    int value;
};

/* Elements that are asked for by name. */
enum mv_schema_mark {
    MV_MARK_NONE,
    MV_MARK_BEGINS, /* a group that begins its place: record, reason, dkim, spf */
    MV_MARK_BEGIN,
    MV_MARK_END,
    MV_MARK_POLICY_DOMAIN,
    MV_MARK_SOURCE,
    MV_MARK_COUNT,
    MV_MARK_HEADER_FROM,
    MV_MARK_ENVELOPE_FROM,
    MV_MARK_OTHER /* elements from here on count on from it */
};

struct mv_schema_element {
    const char *name; /* NULL ends a list */
    enum mv_schema_kind kind;
    enum mv_schema_place place;
    unsigned mark; /* of a value: its bit in the set of what was seen; no two of one place are the same */
    size_t offset;
    size_t max;
    const struct mv_schema_word *words;
    const struct mv_schema_element *children;
};

/* The document: its one child is feedback. */
extern const struct mv_schema_element mv_schema_document;

/* Puts a value into the member. *note_r is MV_NOTE_COUNT when all is well; false: nothing was stored. */
bool mv_schema_store(const struct mv_schema_element *element, void *place, struct mv_bytes text, bool is_cut,
                     enum mv_aggregate_note *note_r);

#endif
