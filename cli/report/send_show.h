/*
 * What "mailvouch report send" does, line by line, for people and for programs.
 *
 * JSON, one object in a line:
 * {"schema":1,"type":"mail","domain","day","outcome","reason","uri","to","report_id","part","records","messages",
 *  "bytes","file"}
 * {"schema":1,"type":"day","domain","day","messages","passed","outcome":"not","reason"}
 * {"schema":1,"type":"failure","domain","day","ip","failures","outcome","reason","uri","to","report_id","kind"}
 * {"schema":1,"type":"failure","domain","day","ip","failures","outcome":"not","reason"}   nobody is told of it
 * {"schema":1,"type":"summary","sent","failed","later","not","days_not","failures_not","ended"}
 * outcome: "sent", "written", "would go", "failed", "later", "not".
 */
#ifndef MV_CLI_REPORT_SEND_SHOW_H
#define MV_CLI_REPORT_SEND_SHOW_H

#include "cli/report/send_plan.h"
#include "core/report/report_build.h"

enum mv_send_mode { MV_SEND_FOR_REAL, MV_SEND_TO_DIRECTORY, MV_SEND_DRY };

enum mv_send_outcome {
    MV_SEND_SENT,
    MV_SEND_DID_FAIL,
    MV_SEND_LATER,
    MV_SEND_NOT,
    MV_SEND_OUTCOMES
};

struct mv_send_show {
    enum mv_send_mode mode;
    bool json, quiet;
    const struct mv_send_day *titled; /* whose title was printed */
    uint64_t counts[MV_SEND_OUTCOMES];
    uint64_t days_not, failures_not;
    bool write_failed;
};

enum mv_send_outcome mv_send_outcome_of(enum mv_send_fate fate);

struct mv_send_shown_mail {
    const struct mv_send_day *day;
    const struct mv_send_target *target;
    const struct mv_report_piece *piece; /* NULL: none was made */
    bool has_id;                         /* it is fixed, and so worth saying */
    struct mv_bytes file;                /* its name; may be empty */
    const char *why;                     /* FAILED: what sendmail did; else NULL */
};

struct mv_send_shown_failure {
    const struct mv_send_day *day;
    const struct mv_send_target *target;
    enum mv_failure_kind kind; /* 0: nothing was made */
    const char *report_id;     /* NULL: the same */
    const char *why;           /* as above */
};

/* A new batch of days begins. */
void mv_send_show_batch(struct mv_send_show *show);
void mv_send_show_mail(struct mv_send_show *show, const struct mv_send_shown_mail *mail);
void mv_send_show_failure(struct mv_send_show *show, const struct mv_send_shown_failure *failure);
/* Nobody is told of this day, or failure; why is a sentence of ours. */
void mv_send_show_day(struct mv_send_show *show, const struct mv_send_day *day, const char *why);
/* why_ended: NULL, or why not all was done. */
void mv_send_show_summary(struct mv_send_show *show, const char *why_ended);

#endif
