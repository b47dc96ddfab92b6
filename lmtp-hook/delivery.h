/*
 * A judged message on its way out: handed to the next hop, whose reply for each recipient is passed on as it comes.
 *
 * RFC 2033 4.2: after the final dot there is one reply for every RCPT that was
 * taken, in that order.  No recipient is left without one, and none gets a 2xx
 * that the next hop did not give.
 */
#ifndef MV_LMTP_DELIVERY_H
#define MV_LMTP_DELIVERY_H

#include "lmtp-hook/hop.h"
#include "lmtp-hook/intake.h"
#include "lmtp-hook/tags.h"

#define MV_DELIVERY_PIECE_BYTES 32768

/* How many recipients were told what. */
struct mv_delivery_counts {
    unsigned delivered, deferred, refused;
    unsigned fields_removed;
    unsigned handed_over; /* 1: a Mailvouch-Result field was put */
};

/* All of one message, borrowed. */
struct mv_delivery {
    struct mv_hop *hop;
    struct mv_stream *client;
    const struct mv_session *session;
    const struct mv_intake *intake;
    struct mv_delivery_counts counts;
    struct mv_buf replies; /* codes for the log: "250 250 452" */
};

#define MV_DELIVERY_MAX_REPLIES_BYTES 200

/* refusal: a reply line for every recipient, whose message is not handed on. */
void mv_delivery_refuse(struct mv_delivery *delivery, const char *refusal);
void mv_delivery_run(struct mv_delivery *delivery, enum mv_fate fate);

#endif
