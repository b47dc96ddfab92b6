/*
 * Aggregate reports from files and directories, as evidence (core/ops/evidence.h).
 */
#ifndef MV_CLI_DMARC_REPORTS_H
#define MV_CLI_DMARC_REPORTS_H

#include "cli/exit_code.h"
#include "core/ops/evidence.h"

#define MV_DMARC_MAX_REPORT_FILES 100000

struct mv_dmarc_reports {
    uint64_t files;      /* that were opened */
    uint64_t reports;    /* that counted */
    uint64_t repeated;   /* the same organisation and id again */
    uint64_t foreign;    /* about other domains */
    uint64_t unreadable; /* without a whole report: each was named on stderr */
};

/*
 * Each path is a file with a report, packed or not, a mail that brings one, or an mbox of such mails; or a directory of
 * them (such as "new" of a Maildir), which is read by name and not further down; names that begin with a dot are left
 * out.  A file without a whole report is named on stderr and counted; a path that cannot be opened ends it.
 */
enum mv_exit mv_dmarc_read_reports(const char *command, struct mv_arena *arena, char **paths, size_t count,
                                   struct mv_bytes domain, struct mv_evidence *evidence,
                                   struct mv_dmarc_reports *totals_r);

#endif
