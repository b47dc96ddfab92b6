/*
 * Which reports are to leave, to whom, and why others are not: all that is decided before one is made.
 *
 *   mv_send_plan_gather(plan, skip, &error)   the next few days that are due; none at the end
 *   mv_lookup_run(lookup, mv_send_plan_ask, plan)
 *   mv_send_plan_judge(plan, &error)
 *   mv_send_plan_end(plan)
 *
 * Slices live in the arena of the plan.
 */
#ifndef MV_CLI_REPORT_SEND_PLAN_H
#define MV_CLI_REPORT_SEND_PLAN_H

#include "core/config/config.h"
#include "core/dmarc/record.h"
#include "core/ops/report_consent.h"
#include "core/report/ledger.h"
#include "core/report/outbox.h"

#define MV_SEND_MAX_TARGETS 5     /* addresses of one record that are reported to */
#define MV_SEND_MAX_DAYS 8        /* at once: their questions fit into one memo (MV_MEMO_MAX_QUESTIONS) */
#define MV_SEND_MAX_DUE 4096      /* read from the ledger at once */
#define MV_SEND_WAIT_SECS 1800    /* after the end of a day: evidence may still come in */
#define MV_SEND_MAX_AGE_DAYS 7    /* since its end: nobody waits for an older one */
#define MV_SEND_WANTED_SECS (30 * 86400)

/* What becomes of one address. Up to SUPPRESSED it is final, behind that it waits for a later run. */
enum mv_send_fate {
    MV_SEND_GO,
    MV_SEND_NOT_MAILTO,
    MV_SEND_BAD_ADDRESS,
    MV_SEND_TOO_MANY,
    MV_SEND_TWICE,
    MV_SEND_NO_MAIL,
    MV_SEND_NO_CONSENT,
    MV_SEND_ELSEWHERE,
    MV_SEND_NEVER,
    MV_SEND_DONE,
    MV_SEND_GIVEN_UP,
    MV_SEND_SUPPRESSED,
    MV_SEND_UNKNOWN, /* whether it agrees: DNS did not say */
    MV_SEND_BACKING_OFF,
    MV_SEND_CAP,
    MV_SEND_CAP_HOST,
    MV_SEND_CAP_FAILURES,
    MV_SEND_CAP_ADDRESS,
    MV_SEND_LIMIT,
    MV_SEND_FAILED,  /* sendmail, just now */
    MV_SEND_STOPPED  /* the run ended before its turn */
};

bool mv_send_fate_waits(enum mv_send_fate fate);

struct mv_send_target {
    struct mv_bytes uri;     /* of the record */
    struct mv_consent_check check;
    struct mv_bytes address; /* that is written to; empty: none */
    struct mv_bytes host;    /* its domain */
    enum mv_send_fate fate;
    int64_t until_secs;      /* SUPPRESSED, BACKING_OFF */
};

/* What becomes of a day, or of a failure. */
enum mv_send_verdict {
    MV_SEND_TO_TARGETS,
    MV_SEND_NO_RECORD,
    MV_SEND_NO_RUA,
    MV_SEND_TOO_OLD,
    MV_SEND_TOO_OLD_FAILURE,
    MV_SEND_ONLY_REPORTS,
    MV_SEND_NOT_WANTED
};

struct mv_send_day {
    struct mv_ledger_day seen; /* lives until the ledger is read again */
    const struct mv_failure_line *failure; /* NULL for an aggregate report; else of that day, seen.messages times */
    struct mv_dmarc_record record;
    enum mv_send_verdict verdict;
    struct mv_send_target targets[MV_DMARC_MAX_URIS];
    size_t target_count;
};

struct mv_send_plan {
    struct mv_arena *arena;
    struct mv_ledger *ledger;
    struct mv_outbox *outbox;
    const struct mv_settings *settings;
    struct mv_bytes domain; /* this one alone; empty: all */
    bool has_day;
    int64_t day_secs;       /* this one alone, however old it is */
    int64_t now_secs;
    struct mv_send_day days[MV_SEND_MAX_DAYS];
    size_t count;
    struct mv_arena *due_arena; /* of what was read ahead */
    struct mv_ledger_day *due;
    size_t due_count, due_next;
};

/*
 * skip: how many of the days that were gathered so far are still due, and so come first when the ledger is read
 * anew. count is 0 when there are no more.
 */
enum mv_code mv_send_plan_gather(struct mv_send_plan *plan, uint64_t skip, struct mv_error *error);
/* A stage for mv_lookup_run(): consent. context is the plan. */
enum mv_code mv_send_plan_ask(struct mv_memo *memo, void *context);
enum mv_code mv_send_plan_judge(struct mv_send_plan *plan, struct mv_error *error);

void mv_send_plan_end(struct mv_send_plan *plan);

/* Those of the first uris that may be written to, as far as that can be told without asking. */
void mv_send_plan_list(const struct mv_send_plan *plan, struct mv_send_day *day, const struct mv_bytes *uris,
                       size_t count, size_t most);

/* What is known of the address now: GO, SUPPRESSED or BACKING_OFF. */
enum mv_code mv_send_plan_judge_address(const struct mv_send_plan *plan, struct mv_send_target *target,
                                        struct mv_error *error);

/* Why, as the end of a sentence, printable. */
void mv_send_put_fate(const struct mv_send_target *target, struct mv_buf *out);
const char *mv_send_verdict_text(enum mv_send_verdict verdict);

#endif
