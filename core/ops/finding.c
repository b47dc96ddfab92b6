#include "core/ops/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_DETAIL_BYTES 2048

struct mv_findings {
    struct mv_arena *arena;
    struct mv_finding *items;
    size_t count;
    size_t dropped;
    bool failed;
    bool last_dropped; /* what is suggested now belongs to no finding that is kept */
};

struct mv_findings *mv_findings_new(struct mv_arena *arena)
{
    struct mv_findings *findings = mv_arena_alloc(arena, sizeof *findings);

    if (findings != NULL)
        findings->arena = arena;
    return findings;
}

static struct mv_finding *grow(struct mv_findings *findings)
{
    struct mv_finding *items = mv_arena_grow(findings->arena, findings->items, findings->count, sizeof *items);

    if (items == NULL) {
        findings->failed = true;
        return NULL;
    }
    findings->items = items;
    items[findings->count] = (struct mv_finding){0};
    return &items[findings->count];
}

void mv_findings_add(struct mv_findings *findings, const struct mv_finding_kind *kind, struct mv_bytes subject,
                     const char *format, ...)
{
    char text[MAX_DETAIL_BYTES];
    struct mv_finding *finding;
    va_list arguments;

    findings->last_dropped = findings->count >= MV_FINDINGS_MAX;
    if (findings->last_dropped) {
        findings->dropped++;
        return;
    }
    finding = grow(findings);
    if (finding == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    finding->kind = kind;
    if (mv_arena_copy(findings->arena, subject, &finding->subject) &&
        mv_arena_copy(findings->arena, mv_bytes_str(text), &finding->detail))
        findings->count++;
    else
        findings->failed = true;
}

void mv_findings_suggest(struct mv_findings *findings, struct mv_bytes name, const char *type, struct mv_bytes record)
{
    struct mv_finding *last;

    if (findings->failed || findings->last_dropped || findings->count == 0)
        return;
    last = &findings->items[findings->count - 1];
    if (!mv_arena_copy(findings->arena, name, &last->record_name) ||
        !mv_arena_copy(findings->arena, mv_bytes_str(type), &last->record_type) ||
        !mv_arena_copy(findings->arena, record, &last->record))
        findings->failed = true;
}

bool mv_findings_failed(const struct mv_findings *findings)
{
    return findings->failed;
}

size_t mv_findings_count(const struct mv_findings *findings)
{
    return findings->count;
}

const struct mv_finding *mv_findings_at(const struct mv_findings *findings, size_t index)
{
    return index < findings->count ? &findings->items[index] : NULL;
}

size_t mv_findings_dropped(const struct mv_findings *findings)
{
    return findings->dropped;
}

bool mv_findings_have(const struct mv_findings *findings, const char *id, struct mv_bytes subject)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct mv_finding *finding = &findings->items[i];

        if (strcmp(finding->kind->id, id) == 0 && (subject.len == 0 || mv_bytes_equal(finding->subject, subject)))
            return true;
    }
    return false;
}

bool mv_findings_worst(const struct mv_findings *findings, enum mv_severity *severity_r)
{
    for (size_t i = 0; i < findings->count; i++) {
        enum mv_severity severity = findings->items[i].kind->severity;

        if (i == 0 || severity > *severity_r)
            *severity_r = severity;
    }
    return findings->count > 0;
}

const char *mv_severity_text(enum mv_severity severity)
{
    switch (severity) {
    case MV_SEVERITY_NOTE:
        return "note";
    case MV_SEVERITY_WARNING:
        return "warning";
    case MV_SEVERITY_ERROR:
        break;
    }
    return "error";
}
