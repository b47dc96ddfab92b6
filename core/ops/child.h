/*
 * Runs one program to its end, or to a deadline: no shell, no descriptors of ours,
 * its input from memory, what it prints kept up to a limit.
 */
#ifndef MV_OPS_CHILD_H
#define MV_OPS_CHILD_H

#include "core/base/buf.h"
#include "core/base/error.h"

#define MV_CHILD_MAX_OUTPUT_BYTES 4096 /* what comes behind is read and forgotten */

enum mv_child_end {
    MV_CHILD_EXITED,
    MV_CHILD_KILLED,  /* by a signal of others */
    MV_CHILD_LATE,    /* by us at the deadline, with all processes it started in its group */
    MV_CHILD_MISSING  /* could not be started */
};

struct mv_child {
    const char *const *argv; /* ends in NULL; argv[0] is the path */
    const char *const *envp; /* all of its environment; ends in NULL */
    struct mv_bytes input;
    unsigned deadline_msecs; /* from now */
};

struct mv_child_result {
    enum mv_child_end end;
    int status; /* EXITED: what it exited with. KILLED: the signal. MISSING: errno */
};

/* output gets stdout and stderr together. Errors are ours: MV_ERR_IO, MV_ERR_MEMORY. */
enum mv_code mv_child_run(const struct mv_child *child, struct mv_buf *output, struct mv_child_result *result_r);

#endif
