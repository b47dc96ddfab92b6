/*
 * What is to be said about a record or a deployment.
 *
 * A kind of finding is a static row of the module that finds it: its id is
 * stable, once released never used for anything else, and is what --expect files
 * and monitoring know.  A finding is one case of it: which domain, what exactly,
 * and, where there is one, the record that mends it.
 *
 * Texts may quote what strangers wrote: they are kept as they are, and whoever
 * prints them escapes them.
 */
#ifndef MV_OPS_FINDING_H
#define MV_OPS_FINDING_H

#include "core/base/arena.h"
#include "core/base/error.h"

#define MV_FINDINGS_MAX 1000 /* of one run; more are counted, not kept */

enum mv_severity {
    MV_SEVERITY_NOTE,    /* good to know: nothing is to be done */
    MV_SEVERITY_WARNING, /* works today, or for most receivers */
    MV_SEVERITY_ERROR    /* mail is refused, or anybody may forge */
};

struct mv_finding_kind {
    const char *id;      /* "spf-too-many-lookups": words and hyphens */
    enum mv_severity severity;
    const char *section; /* "RFC 7208 4.6.4"; "" where no standard speaks of it */
    const char *meaning; /* what it means for the mail of this domain, and what to do: one or two sentences */
};

struct mv_finding {
    const struct mv_finding_kind *kind;
    struct mv_bytes subject;     /* the domain or name that it is about */
    struct mv_bytes detail;      /* what was seen, one sentence; empty when the meaning says it all */
    struct mv_bytes record_name; /* the exact record to publish instead; empty: none */
    struct mv_bytes record_type; /* "TXT", "MX", ... */
    struct mv_bytes record;      /* its text; of a TXT record in one piece */
};

struct mv_findings;

/* Lives in the arena. NULL without memory. */
struct mv_findings *mv_findings_new(struct mv_arena *arena);
/* subject is copied. Memory that runs out is remembered: see mv_findings_failed(). */
void mv_findings_add(struct mv_findings *findings, const struct mv_finding_kind *kind, struct mv_bytes subject,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));
/* What to publish because of the finding that was added last. The three are copied. */
void mv_findings_suggest(struct mv_findings *findings, struct mv_bytes name, const char *type, struct mv_bytes record);
/* A list is not to be used when this is true. */
bool mv_findings_failed(const struct mv_findings *findings);

size_t mv_findings_count(const struct mv_findings *findings);
/* In the order of adding. */
const struct mv_finding *mv_findings_at(const struct mv_findings *findings, size_t index);
/* How many there were past MV_FINDINGS_MAX. */
size_t mv_findings_dropped(const struct mv_findings *findings);
/* Is there one of this id (and about this subject, unless it is empty)? */
bool mv_findings_have(const struct mv_findings *findings, const char *id, struct mv_bytes subject);
/* false when there is none. */
bool mv_findings_worst(const struct mv_findings *findings, enum mv_severity *severity_r);

/* "note", "warning", "error" */
const char *mv_severity_text(enum mv_severity severity);

#endif
