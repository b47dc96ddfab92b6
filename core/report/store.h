/*
 * Reports that were read, kept: each once.
 *
 *   mv_report_store_open(where, MV_STORE_WRITE, &store, &error)
 *   for each delivery, which is a file or a mail with all reports in it:
 *     mv_report_store_begin(store, &error)
 *     for each report: mv_report_store_add(store, &report, &state), its rows, mv_report_store_end_report(...)
 *     mv_report_store_commit(store, &sender, settle, to, &error)     or mv_report_store_rollback(store)
 *   mv_report_store_close(&store)
 *
 * A delivery is one transaction: a reader that is killed at any moment leaves it
 * whole or not at all, and reading it again makes it whole.
 *
 * A report is the same when kind, organisation, domain, id and dates are.  Of two
 * that are the same, the one whose sender is better known stays, else the first:
 * so nobody keeps a genuine report away by sending a false one before it.
 *
 * The store is in any database of core/report/db.h.  Several processes may use one store; a writer waits up to
 * MV_DB_WAIT_MSECS for another.
 */
#ifndef MV_REPORT_STORE_H
#define MV_REPORT_STORE_H

#include "core/report/db.h"
#include "core/report/intake.h"

#define MV_STORE_MAX_DELIVERY_REPORTS MV_INTAKE_MAX_REPORTS /* of one delivery; more are refused */

/* How well the sender is known, the worst first. */
enum mv_report_trust {
    MV_TRUST_NONE, /* a mail without an aligned pass of DMARC */
    MV_TRUST_FILE, /* no mail: given by hand */
    MV_TRUST_MAIL  /* the mail passed DMARC */
};

struct mv_report_sender {
    enum mv_report_trust trust;
    struct mv_bytes domain; /* of a mail that passed DMARC */
};

struct mv_stored_report {
    int64_t id; /* from the store alone */
    enum mv_report_kind kind;
    struct mv_aggregate_head head; /* of other kinds: org_name, contact, report_id, dates, and policy.domain */
    uint64_t records, skipped, messages, passed;
    struct mv_report_sender sender;
};

enum mv_store_state {
    MV_STORE_NEW,
    MV_STORE_SEEN /* it was there before: rows are taken and forgotten */
};

struct mv_report_store;

/* where, access: as mv_db_open(), then mv_db_tables(). */
enum mv_code mv_report_store_open(const char *where, enum mv_store_access access, struct mv_report_store **store_r,
                                  struct mv_error *error);
/* The same on a db that is open and borrowed: one with a ledger, for example. */
enum mv_code mv_report_store_open_on(struct mv_db *db, struct mv_report_store **store_r, struct mv_error *error);
void mv_report_store_close(struct mv_report_store **store);

enum mv_code mv_report_store_begin(struct mv_report_store *store, int64_t now_secs, struct mv_error *error);
/* report->head is copied. The state is not final before the commit, unless it is SEEN. */
enum mv_code mv_report_store_add(struct mv_report_store *store, enum mv_report_kind kind,
                                 const struct mv_aggregate_head *head, enum mv_store_state *state_r,
                                 struct mv_error *error);
/* Rows of the report that was added last. */
enum mv_code mv_report_store_record(struct mv_report_store *store, const struct mv_aggregate_record *record,
                                    struct mv_error *error);
enum mv_code mv_report_store_failure(struct mv_report_store *store, const struct mv_failure *failure,
                                     struct mv_error *error);
enum mv_code mv_report_store_tls_policy(struct mv_report_store *store, const struct mv_tls_policy *policy,
                                        struct mv_error *error);
enum mv_code mv_report_store_tls_failure(struct mv_report_store *store, const struct mv_tls_policy *policy,
                                         const struct mv_tls_failure *failure, struct mv_error *error);
enum mv_store_keep { MV_STORE_DROP, MV_STORE_KEEP };
/* DROP: as if it had never been added. */
enum mv_code mv_report_store_end_report(struct mv_report_store *store, enum mv_store_keep keep, uint64_t skipped,
                                        struct mv_error *error);
/*
 * For all reports of the delivery that are kept.  states_r has one item for each, in their order, up to
 * max; the caller knows how many there were.
 */
enum mv_code mv_report_store_commit(struct mv_report_store *store, const struct mv_report_sender *sender,
                                    enum mv_store_state *states_r, size_t max, struct mv_error *error);
void mv_report_store_rollback(struct mv_report_store *store);

struct mv_report_query {
    struct mv_bytes domain;   /* policy domain: this one and all below it; empty: all */
    int64_t from_secs, to_secs; /* reports that end after the one, and begin before the other */
    enum mv_report_trust trust; /* at least */
};

struct mv_report_reader {
    enum mv_code (*report)(void *to, const struct mv_stored_report *report);
    enum mv_code (*record)(void *to, const struct mv_stored_report *report, const struct mv_aggregate_record *record);
    void *to;
};

/*
 * Aggregate reports in the order in which they were kept, each with its records, as the parser gave
 * them; borrowed for the call.  What the reader answers is passed on.
 */
enum mv_code mv_report_store_read(struct mv_report_store *store, const struct mv_report_query *query,
                                  const struct mv_report_reader *reader, struct mv_error *error);

enum mv_purge { MV_PURGE_COUNT, MV_PURGE_REMOVE };

struct mv_report_purged {
    uint64_t reports, rows;
};

/*
 * Removes, or counts, reports that end before that time, with their rows; those that claim to end after they were
 * read go by that.  It is done in several transactions: what
 * was removed before an error, or a kill, is gone, and *purged_r says how much.
 */
enum mv_code mv_report_store_purge(struct mv_report_store *store, int64_t before_secs, enum mv_purge how,
                                   struct mv_report_purged *purged_r, struct mv_error *error);

/* "none", "file", "mail" */
const char *mv_report_trust_text(enum mv_report_trust trust);

#endif
