/*
 * What a store holds beside the records of aggregate reports, in sums: which domains there are, failure reports,
 * TLS reports.  Read by SQL of its own, from the tables of the store (core/report/store.h).
 */
#ifndef MV_REPORT_STORE_OVERVIEW_H
#define MV_REPORT_STORE_OVERVIEW_H

#include "core/base/arena.h"
#include "core/report/page.h"
#include "core/report/store.h"

#define MV_OVERVIEW_MAX_DOMAINS 10000 /* by name; more are left out */
#define MV_OVERVIEW_MAX_ROWS 200      /* of each kind, those with most in them; more are left out */

/* Domains with aggregate reports of senders that are trusted so much, by name. MV_ERR_MEMORY, MV_ERR_IO. */
enum mv_code mv_report_overview_domains(struct mv_db *db, struct mv_arena *arena, enum mv_report_trust trust,
                                        const struct mv_bytes **domains_r, size_t *count_r, struct mv_error *error);

struct mv_report_overview {
    struct mv_page_tls *tls;
    size_t tls_count;
    struct mv_page_tls_fault *tls_faults;
    size_t tls_fault_count;
    struct mv_page_failure *failures;
    size_t failure_count;
};

/* Of the domain and the names below it, in the time of the query. Texts are in the arena. */
enum mv_code mv_report_overview_read(struct mv_db *db, struct mv_arena *arena, const struct mv_report_query *query,
                                     struct mv_report_overview *overview_r, struct mv_error *error);

#endif
