/*
 * What every mail of a run passes on its way out, whatever report it holds: was it sent before, are the caps used up,
 * and then sendmail, noted before and after.
 *
 * Each function sets the target's fate where the mail does not go, and leaves GO where it does.
 */
#ifndef MV_CLI_REPORT_SEND_GATE_H
#define MV_CLI_REPORT_SEND_GATE_H

#include "cli/report/send_day.h"

#define MV_SEND_FAILURE_CAP_SECS 3600
#define MV_SEND_FAILURE_SHARE 10 /* of failure_per_hour, to one address */

enum mv_send_what { MV_SEND_AGGREGATE_REPORT, MV_SEND_FAILURE_REPORT };

/* The state of the mail as far as it was tried before. */
enum mv_code mv_send_gate_ask(struct mv_send_run *run, const struct mv_outbox_key *key,
                              struct mv_send_target *target);
/* Of the caps one mail is taken. */
enum mv_code mv_send_gate_take(struct mv_send_run *run, enum mv_send_what what, struct mv_send_target *target);

struct mv_send_passing {
    const struct mv_outbox_key *key;
    struct mv_bytes report_id;
    struct mv_bytes text; /* the mail, signed */
};

/* waits: set when the mail is to be tried again. why: what sendmail said, for FAILED and STOPPED. */
enum mv_code mv_send_gate_pass(struct mv_send_run *run, const struct mv_send_passing *passing,
                               struct mv_send_target *target, bool *waits, struct mv_error *why);

/* false: the system gives none. */
bool mv_send_random(uint8_t *bytes, size_t count);

#endif
