/*
 * One signature against its key, when the key and the whole body are there
 * (RFC 6376 6.1.2, 6.1.3).  For core/dkim, and for core/arc, whose fields are signed in the same way.
 */
#ifndef MV_DKIM_CHECK_H
#define MV_DKIM_CHECK_H

#include "core/dkim/header_index.h"
#include "core/dkim/task.h"

/*
 * Several key records: RFC 6376 3.6.2.2 leaves it open.  [ours] Records that are no
 * keys are passed over; of what is left, so many are tried and the first that
 * verifies wins; more is permerror.
 */
#define MV_DKIM_MAX_KEY_RECORDS 3

struct mv_dkim_check {
    struct mv_arena *arena;
    const struct mv_dkim_options *options;
    struct mv_dkim_header_index *index;
    struct mv_buf *scratch;
    bool thorough; /* find out for the explanation what the result does not need */
};

/* Decides the task. MV_OK, or MV_ERR_MEMORY. */
enum mv_code mv_dkim_check(const struct mv_dkim_check *check, struct mv_dkim_task *task,
                           const struct mv_dns_answer *answer);

#endif
