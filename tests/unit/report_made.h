/*
 * Heads and rows of aggregate reports, made by chance or as a fuzzer says, hostile texts among them; and as text: what
 * they hold, and what is to be held by those that are read back after they were written.
 */
#ifndef MV_TESTS_REPORT_MADE_H
#define MV_TESTS_REPORT_MADE_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/report/aggregate.h"
#include "core/report/aggregate_write.h"

/* bytes, one after the other, then zeros; where there are none, chance that begins with the seed. */
struct made_source {
    struct mv_bytes bytes;
    uint64_t seed;
};

unsigned made_draw(struct made_source *source, unsigned below);
/* All texts in the arena; false without memory. The head can be written, whatever it holds. */
bool made_head(struct made_source *source, struct mv_arena *arena, struct mv_aggregate_head *head_r);
bool made_record(struct made_source *source, struct mv_arena *arena, struct mv_aggregate_record *record_r);

/* May that record be written? */
bool made_is_sayable(const struct mv_aggregate_record *record);

enum made_form {
    MADE_HELD, /* as it is */
    MADE_SAID  /* as it is to come back */
};

void made_put_head(const struct mv_aggregate_head *head, enum made_form form, struct mv_buf *out);
void made_put_record(const struct mv_aggregate_record *record, enum made_form form, struct mv_buf *out);

#endif
