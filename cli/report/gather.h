/*
 * Aggregate reports as evidence (core/ops/evidence.h): those of the store, or
 * those in files, mails and mailboxes, each report once and only whole ones.
 */
#ifndef MV_CLI_REPORT_GATHER_H
#define MV_CLI_REPORT_GATHER_H

#include "cli/exit_code.h"
#include "core/ops/evidence.h"
#include "core/report/store.h"

struct mv_report_gather {
    const char *command;
    char **paths; /* as "report read" takes them; their senders are not asked for */
    size_t count; /* 0: the store */
    const char *store_path;     /* its file or address; NULL: that of settings */
    const struct mv_settings *settings;
    enum mv_report_trust trust; /* at least; for the store */
    struct mv_bytes domain;     /* normalised: its reports, and those of names below it */
    int64_t from_secs, to_secs;
    int64_t counted_from_secs;  /* what ended before it is evidence, but is not counted in the result */
    const struct mv_report_reader *also; /* gets the same reports and records; NULL: nobody */
    /* Looks at the rest of what is there, after them, at senders that are trusted so much; NULL: nobody. */
    enum mv_code (*over)(void *to, struct mv_db *db, enum mv_report_trust trust, struct mv_error *error);
    void *over_to;
};

struct mv_report_gathered {
    uint64_t reports;
    uint64_t untrusted; /* left out */
    uint64_t refused;   /* in files: no report, or not whole; each was named on stderr */
    int64_t first_secs, last_secs; /* from begin to end; 0: no report */
};

/* What is wrong is said on stderr. */
enum mv_exit mv_report_gather(const struct mv_report_gather *how, struct mv_evidence *evidence,
                              struct mv_report_gathered *gathered_r);

/* What a record says, as evidence. MV_ERR_MEMORY. */
enum mv_code mv_report_to_evidence(struct mv_evidence *evidence, const struct mv_aggregate_head *head,
                                   const struct mv_aggregate_record *record);

#endif
