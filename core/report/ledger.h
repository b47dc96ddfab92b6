/*
 * What was seen of others' mail, tallied by policy domain and UTC day, until it is reported (RFC 9990).
 *
 * In: "mailvouch report import" counts evidence lines, a piece of a file in one transaction with the place where
 * the next piece begins, so that each line counts exactly once whatever is killed when.
 *
 *   mv_ledger_begin(ledger, name, inode, &place, &error)
 *   mv_ledger_count(ledger, &line, &error) ...               from place.offset on
 *   mv_ledger_commit(ledger, &place, &error)                 or mv_ledger_rollback(ledger)
 *   ... mv_ledger_begin(...), remove the file, mv_ledger_forget(ledger, &error)
 *
 * Who does that does it within the transaction, and so does who looks whether the file is still there: then nobody
 * begins anew with a file that another has just removed, and whose place is forgotten.
 *
 * Out: "mailvouch report send" reads the days that are over.
 *
 *   mv_ledger_due(ledger, before, each, to, &error)          mv_ledger_rows(ledger, domain, day, each, to, &error)
 *   mv_ledger_settle(ledger, domain, day, messages, now, &error)
 *
 * A day that is settled is never due again.  What comes for it later is kept and counted as late, so that it can be
 * told; it is in no report, since reports of one day must not overlap (RFC 9990 3.1).
 *
 * What counts is mail that was delivered, filed as junk or refused for good.  A deferred message comes again and is
 * counted then: a line that says tempfail is refused, as is one without a client.
 *
 * Failures: lines for failure reports (core/auth/failure_line.h) come in the same way, by mv_ledger_failure().  Those
 * of one hour that are alike are one case, told once, with how many they were.
 *
 *   mv_ledger_next_failure(ledger, before, &arena, &failure, &found, &error)   until there are no more
 *   mv_ledger_fix_failure(ledger, failure, &error)                             before the first mail of it leaves
 *   mv_ledger_settle_failure(ledger, failure->id, now, &error)
 *
 * Tables: ledger_day (one row for each policy domain and day, with the record that was seen last), ledger_record (the
 * digests of its different records), ledger_row (rows that a report tells apart, with their counts), ledger_file
 * (how far each file has been read), ledger_failure (cases).
 */
#ifndef MV_REPORT_LEDGER_H
#define MV_REPORT_LEDGER_H

#include "core/auth/evidence_line.h"
#include "core/auth/failure_line.h"
#include "core/report/aggregate.h"
#include "core/report/db.h"

/*
 * Rows, days and records in memory; then they are written, in the same transaction.  Where each line is a row of its
 * own, what an importer takes at once just fits: each page of the tables is then written once for each piece.
 */
#define MV_LEDGER_MAX_HELD 32768
#define MV_LEDGER_MAX_HELD_BYTES (4u * 1024 * 1024)
#define MV_LEDGER_MARK_BYTES 16

struct mv_ledger;

/* Makes the tables when they are missing and the db was opened to write. The db is borrowed. */
enum mv_code mv_ledger_open(struct mv_db *db, struct mv_ledger **ledger_r, struct mv_error *error);
void mv_ledger_close(struct mv_ledger **ledger);

/* In */

/* How far a file has been read. */
struct mv_ledger_place {
    int64_t offset;                           /* 0: not at all */
    unsigned char mark[MV_LEDGER_MARK_BYTES]; /* the caller's: tells whether what is before the offset is still that */
};

/* A mark of some octets, such as those before the offset. MV_ERR_CRYPTO. */
enum mv_code mv_ledger_mark(struct mv_bytes octets, unsigned char mark_r[MV_LEDGER_MARK_BYTES]);

/* One transaction for one file: name is that of the file, and inode tells a new one of the same name apart. */
enum mv_code mv_ledger_begin(struct mv_ledger *ledger, struct mv_bytes name, uint64_t inode,
                             struct mv_ledger_place *place_r, struct mv_error *error);
/*
 * Counts one message; equal ones are gathered in memory.  MV_ERR_SYNTAX: what the line says is nothing that a report
 * can say; the transaction goes on.  After any other error roll back.
 */
enum mv_code mv_ledger_count(struct mv_ledger *ledger, const struct mv_evidence_line *line, struct mv_error *error);
/*
 * The same for one failure; text: the line that was parsed.  Alike: the same domains, record and reports that are
 * asked for, the same results, signature and action, from one /24 or /64.
 */
enum mv_code mv_ledger_failure(struct mv_ledger *ledger, const struct mv_failure_line *line, struct mv_bytes text,
                               struct mv_error *error);
/* After an error it has been rolled back. */
enum mv_code mv_ledger_commit(struct mv_ledger *ledger, const struct mv_ledger_place *place, struct mv_error *error);
void mv_ledger_rollback(struct mv_ledger *ledger);
/* Messages of what was committed since the opening whose day had been settled before. */
uint64_t mv_ledger_late(const struct mv_ledger *ledger);
/* Instead of the commit, when the file has been removed: forgets its place, and what was counted in this piece. */
enum mv_code mv_ledger_forget(struct mv_ledger *ledger, struct mv_error *error);

/* Out */

struct mv_ledger_day {
    int64_t id;                    /* ledger_day.id */
    struct mv_bytes policy_domain;
    int64_t day_secs;              /* 00:00 UTC */
    struct mv_bytes record;        /* the DMARC record that was seen last on that day */
    uint64_t records;              /* how many different ones were seen: more than 1 is told in <error> */
    uint64_t messages, passed;     /* passed: DMARC */
    uint64_t reports;              /* of those that passed: DMARC reports themselves. When all are, nobody is told */
};

/*
 * Days before before_secs that are not settled, by policy domain, then day. Borrowed for the call; the ledger and the
 * db may be used within it.  A code other than MV_OK of each ends it and is passed on.
 */
enum mv_code mv_ledger_due(struct mv_ledger *ledger, int64_t before_secs,
                           enum mv_code (*each)(void *to, const struct mv_ledger_day *day), void *to,
                           struct mv_error *error);
/*
 * The rows of that day, all its records taken together, as a report says them: signatures in
 * the order of RFC 9990 3.1.3, disposition from the published policy, reasons where they are required.  The order
 * is that of the source addresses.  Borrowed for the call, within which the db is not to be used.
 */
enum mv_code mv_ledger_rows(struct mv_ledger *ledger, struct mv_bytes policy_domain, int64_t day_secs,
                            enum mv_code (*each)(void *to, const struct mv_aggregate_record *record), void *to,
                            struct mv_error *error);
/* Messages of the policy domain that passed DMARC on that day and since: is there wanted traffic? */
enum mv_code mv_ledger_passed_since(struct mv_ledger *ledger, struct mv_bytes policy_domain, int64_t since_secs,
                                    uint64_t *messages_r, struct mv_error *error);
/*
 * The day is done with: reported, or there was nobody to report it to.  messages: the sum of the rows that were read;
 * what an importer added meanwhile is late.  One statement: alone, or in a transaction of the caller that settles one
 * day (of two, an importer could wait for the one and the caller for the importer).
 */
enum mv_code mv_ledger_settle(struct mv_ledger *ledger, struct mv_bytes policy_domain, int64_t day_secs,
                              uint64_t messages, int64_t now_secs, struct mv_error *error);
/* A case: failures of one hour that are alike. */
struct mv_ledger_failure {
    int64_t id;
    int64_t hour_secs;
    uint64_t incidents;
    struct mv_bytes line; /* the first of them; core/report/failure_read.h reads it */
};

/*
 * The first case behind *failure that is not settled, of an hour that begins before before_secs; all zero at first.
 * In the arena, and no statement is open then.
 */
enum mv_code mv_ledger_next_failure(struct mv_ledger *ledger, int64_t before_secs, struct mv_arena *arena,
                                    struct mv_ledger_failure *failure, bool *found_r, struct mv_error *error);
/* Its incidents stay as they are told now, so that whoever gets the report again gets the same one. */
enum mv_code mv_ledger_fix_failure(struct mv_ledger *ledger, struct mv_ledger_failure *failure,
                                   struct mv_error *error);
/* Nothing of it is told any more; what comes for it later is only counted. One statement, as mv_ledger_settle(). */
enum mv_code mv_ledger_settle_failure(struct mv_ledger *ledger, int64_t id, int64_t now_secs, struct mv_error *error);

/* Days and cases before that time, with their rows; and places in files without newer lines. */
enum mv_code mv_ledger_purge(struct mv_ledger *ledger, int64_t before_secs, uint64_t *days_r, struct mv_error *error);
/* How many days that would remove. */
enum mv_code mv_ledger_count_old(struct mv_ledger *ledger, int64_t before_secs, uint64_t *days_r,
                                 struct mv_error *error);

#endif
