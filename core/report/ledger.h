/*
 * What was seen of others' mail, tallied by policy domain and UTC day, until it is reported (RFC 9990).
 *
 * In: "mailvouch report import" counts evidence lines, a piece of a file in one transaction with the place where
 * the next piece begins, so that each line counts exactly once whatever is killed when.
 * Out: "mailvouch report send" reads a day's rows.
 *
 * Tables: ledger_policy (one row for each policy domain, day and record that differs), ledger_row (rows that a report
 * would tell apart, with their counts), ledger_file (how far each file has been read).
 */
#ifndef MV_REPORT_LEDGER_H
#define MV_REPORT_LEDGER_H

#include "core/auth/evidence_line.h"
#include "core/report/aggregate.h"
#include "core/report/db.h"

struct mv_ledger;

/* Makes the tables when they are missing and the db was opened to write. The db is borrowed. */
enum mv_code mv_ledger_open(struct mv_db *db, struct mv_ledger **ledger_r, struct mv_error *error);
void mv_ledger_close(struct mv_ledger **ledger);

/* In */
/* One transaction for one file: name is that of the file, and inode tells a new one of the same name apart. */
enum mv_code mv_ledger_begin(struct mv_ledger *ledger, struct mv_bytes name, uint64_t inode, int64_t *offset_r,
                             struct mv_error *error);
/* Counts one message; equal ones are gathered in memory until the commit. */
enum mv_code mv_ledger_count(struct mv_ledger *ledger, const struct mv_evidence_line *line, struct mv_error *error);
enum mv_code mv_ledger_commit(struct mv_ledger *ledger, int64_t offset, struct mv_error *error);
void mv_ledger_rollback(struct mv_ledger *ledger);
/* The file is gone, or will be at once. */
enum mv_code mv_ledger_forget_file(struct mv_ledger *ledger, struct mv_bytes name, uint64_t inode,
                                   struct mv_error *error);

/* Out */
struct mv_ledger_day {
    int64_t id;                    /* ledger_policy.id of the record that was seen last */
    struct mv_bytes policy_domain;
    int64_t day_secs;              /* 00:00 UTC */
    struct mv_bytes record;        /* the DMARC record that was seen last on that day */
    unsigned records;              /* how many different ones were seen: more than 1 is told in <error> */
    uint64_t messages, passed;     /* passed: DMARC */
    uint64_t reports;              /* of those that passed: DMARC reports themselves. When all are, nobody is told */
    bool late;                     /* rows came after the day had been reported: not reported again */
};

/*
 * Days before before_secs that are neither settled nor late, by policy domain, then day. Borrowed for the call;
 * the ledger may be asked again within it.
 */
enum mv_code mv_ledger_due(struct mv_ledger *ledger, int64_t before_secs,
                           enum mv_code (*each)(void *to, const struct mv_ledger_day *day), void *to,
                           struct mv_error *error);
/*
 * The rows of that day, all its records taken together, as a report says them: equal ones are one row, signatures in
 * the order of RFC 9990 3.1.1.12, disposition from the published policy, reasons where they are required.
 */
enum mv_code mv_ledger_rows(struct mv_ledger *ledger, struct mv_bytes policy_domain, int64_t day_secs,
                            enum mv_code (*each)(void *to, const struct mv_aggregate_record *record), void *to,
                            struct mv_error *error);
/* Messages of the policy domain that passed DMARC since then: is there wanted traffic? */
enum mv_code mv_ledger_passed_since(struct mv_ledger *ledger, struct mv_bytes policy_domain, int64_t since_secs,
                                    uint64_t *messages_r, struct mv_error *error);
/* The day is done with: reported, or there was nobody to report it to. */
enum mv_code mv_ledger_settle(struct mv_ledger *ledger, struct mv_bytes policy_domain, int64_t day_secs,
                              int64_t now_secs, struct mv_error *error);
/* Days before that time, with their rows. */
enum mv_code mv_ledger_purge(struct mv_ledger *ledger, int64_t before_secs, uint64_t *days_r, struct mv_error *error);

#endif
