/*
 * One file or mail, from its bytes to rows in the store and lines on the terminal.
 *
 * Rows go into the store while they are read; the lines come when all of it has
 * been read and it is known who sent it.
 */
#ifndef MV_CLI_REPORT_DELIVERY_H
#define MV_CLI_REPORT_DELIVERY_H

#include "cli/report/sender.h"
#include "core/report/intake.h"
#include "core/report/store.h"

#define MV_DELIVERY_MAX_REPORTS MV_STORE_MAX_DELIVERY_REPORTS
#define MV_DELIVERY_MAX_MEMORY_BYTES (8 * 1024 * 1024)

enum mv_report_outcome { MV_OUTCOME_READ, MV_OUTCOME_STORED, MV_OUTCOME_SEEN, MV_OUTCOME_REFUSED };

/* Texts are in the delivery's arena. */
struct mv_report_result {
    enum mv_report_kind kind;
    enum mv_report_outcome outcome;
    struct mv_bytes name; /* of the file in the mail */
    bool in_attached_mail;
    bool is_pending;      /* has a place in the store's delivery */
    struct mv_bytes org, domain, report_id;
    int64_t begin_secs, end_secs; /* 0: not said */
    uint64_t records, skipped, messages, passed;
    const struct mv_aggregate_totals *totals; /* NULL: of another kind */
    const char *fault;    /* REFUSED: why */
};

/* Each record while it is read, for who wants it; NULL otherwise. */
typedef enum mv_code (*mv_report_row)(void *to, const struct mv_aggregate_head *head,
                                      const struct mv_aggregate_record *record);

struct mv_delivery_setup {
    struct mv_report_checker *checker;
    struct mv_report_store *store; /* NULL: nothing is kept */
    int64_t now_secs;
    mv_report_row row;
    void *to;
};

struct mv_delivery;

struct mv_delivery *mv_delivery_new(const struct mv_delivery_setup *setup);
enum mv_code mv_delivery_begin(struct mv_delivery *delivery, struct mv_error *error);
enum mv_code mv_delivery_feed(struct mv_delivery *delivery, struct mv_bytes bytes, struct mv_error *error);
/* Commits. Results and all they hold live until the next delivery. */
enum mv_code mv_delivery_end(struct mv_delivery *delivery, struct mv_error *error);
const struct mv_report_result *mv_delivery_results(const struct mv_delivery *delivery, size_t *count_r);
/* Of the mail; why: a sentence, or "" for a file. */
const struct mv_report_sender *mv_delivery_sender(const struct mv_delivery *delivery, const char **why_r);
void mv_delivery_free(struct mv_delivery **delivery);

#endif
