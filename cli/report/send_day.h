/*
 * One day of one policy domain: its report made once, and a mail of it for each address.
 *
 * Every id is fixed in the outbox before the first mail leaves; a mail is noted as handed over after it was taken.
 */
#ifndef MV_CLI_REPORT_SEND_DAY_H
#define MV_CLI_REPORT_SEND_DAY_H

#include "cli/report/post.h"
#include "cli/report/send_plan.h"
#include "cli/report/send_show.h"

#define MV_SEND_MAX_REFUSALS 3 /* of sendmail, one after the other: then it is not the address */
#define MV_SEND_CAP_SECS 86400
#define MV_SEND_MAX_MAIL_BYTES (32u * 1024 * 1024)

struct mv_send_run {
    enum mv_send_mode mode;
    const char *directory; /* TO_DIRECTORY */
    struct mv_send_plan *plan;
    struct mv_send_show *show;
    struct mv_post *post;
    uint64_t left;         /* of the caps on all mails */
    enum mv_send_fate left_fate; /* CAP or LIMIT: whichever ends first */
    bool held;             /* a mail waits because of it */
    uint64_t failures_left; /* of failure_per_hour */
    bool failures_held;     /* a failure report waits because of it */
    void *hosts;           /* tsearch(): how many went to each */
    void *addresses;       /* the same, of failure reports */
    unsigned refusals;     /* in a row */
    bool ended;            /* nothing more is to be tried */
    struct mv_error why_ended;
    struct mv_error error; /* of codes that are no MV_OK */
};

/*
 * Says and does all that there is about the day, and settles it when nothing waits.  *waits_r: it will be due again.
 * Codes are errors of ours.
 */
enum mv_code mv_send_day_run(struct mv_send_run *run, struct mv_send_day *day, bool *waits_r);
void mv_send_run_end(struct mv_send_run *run);

#endif
