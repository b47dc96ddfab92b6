/*
 * --expect and --write-expect of "mailvouch check".
 */
#ifndef MV_CLI_DOMAIN_EXPECT_H
#define MV_CLI_DOMAIN_EXPECT_H

#include "cli/domain/request.h"
#include "cli/domain/show.h"
#include "core/ops/expect.h"

struct mv_check_expect {
    struct mv_expect *expected; /* NULL: without --expect */
    const char *write_path;     /* NULL: without --write-expect */
    struct mv_buf written;
};

/* Reads the file. Says what is wrong; end it all the same. */
enum mv_exit mv_check_expect_begin(struct mv_lookup *lookup, const struct mv_check_given *given,
                                   struct mv_check_expect *expect_r);
/* The findings of the result become those that are not expected; all of it goes into the file that is written. */
enum mv_exit mv_check_expect_apply(struct mv_check_expect *expect, const struct mv_lookup *lookup,
                                   struct mv_arena *arena, struct mv_check_result *result);
/* Writes the file, whole or not at all. */
enum mv_exit mv_check_expect_finish(const struct mv_check_expect *expect);
void mv_check_expect_end(struct mv_check_expect *expect);

#endif
