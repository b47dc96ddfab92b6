/*
 * What is known of one message that is delivered, and by what way.
 *
 *   mv_judging_run()      header, client, hand-over or own evaluation
 *   mv_judging_forget()   before the next message, and before its engine is closed
 */
#ifndef MV_DOVECOT_JUDGING_H
#define MV_DOVECOT_JUDGING_H

#include "dovecot-plugin/tagging.h"

enum mv_judging_way {
    MV_JUDGING_NOT = 0,
    MV_JUDGING_FAILED,   /* an error of ours */
    MV_JUDGING_SKIPPED,  /* mail of one's own */
    MV_JUDGING_HANDOVER, /* the border's word */
    MV_JUDGING_OWN
};

struct mv_judging {
    enum mv_judging_way way;
    const char *skip;          /* "local", "trusted" or "authenticated", when SKIPPED */
    bool keep_results;         /* a trusted MTA's Authentication-Results stay */
    struct mv_error error;     /* when FAILED */
    struct mv_msg *msg;        /* owned; NULL when SKIPPED or FAILED */
    struct mv_ip client_ip;    /* MV_IP_NONE: unknown */
    bool without_dmarc;        /* DKIM alone has not proved the author, and that says nothing */
    unsigned waited_msecs;
    /* Of HANDOVER and OWN */
    enum mv_action action;
    enum mv_dmarc_code dmarc;
    enum mv_dmarc_policy policy; /* that was applied */
};

/* fields: the message's header. */
void mv_judging_run(struct mv_judging *judging, struct mv_engine *engine, const struct mv_tagging_request *request,
                    const struct mv_field *fields, size_t count);
void mv_judging_forget(struct mv_judging *judging);

/* What the hand-over came to; NULL where none was looked for. */
const struct mv_handover *mv_judging_handover(const struct mv_judging *judging);
/* " way=own dmarc=fail ...", for the log. */
void mv_judging_describe(const struct mv_judging *judging, struct mv_buf *out);

#endif
