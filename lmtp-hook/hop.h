/*
 * The connection to the next hop.  After any failure it is lost: closed, and every further command gets
 * MV_SESSION_HOP_LOST, until mv_hop_open() again.
 */
#ifndef MV_LMTP_HOP_H
#define MV_LMTP_HOP_H

#include "core/base/error.h"
#include "core/config/config.h"
#include "lmtp-hook/line.h"
#include "lmtp-hook/offer.h"
#include "lmtp-hook/reply.h"
#include "lmtp-hook/stream.h"

struct mv_hop {
    struct mv_stream stream;
    struct mv_line line;
    struct mv_offer offer;
    struct mv_error error; /* why it was lost, or could not be opened */
    unsigned failures;     /* how often that was */
};

void mv_hop_init(struct mv_hop *hop);
void mv_hop_free(struct mv_hop *hop);
bool mv_hop_is_open(const struct mv_hop *hop);
/*
 * Connects and says LHLO, to one endpoint after the other until one takes it.
 * end_msecs: when the session must be over.  Not MV_OK: the reason is in hop->error.
 */
enum mv_code mv_hop_open(struct mv_hop *hop, const struct mv_lmtp_settings *settings, const char *host,
                         int64_t end_msecs);
/* QUIT, without waiting for the reply. */
void mv_hop_close(struct mv_hop *hop);
/* Says the line and takes the reply. false: it was lost, and *reply is MV_SESSION_HOP_LOST. */
bool mv_hop_command(struct mv_hop *hop, struct mv_bytes line, struct mv_reply *reply);
/* The next reply alone, as after the final dot. */
bool mv_hop_read_reply(struct mv_hop *hop, struct mv_reply *reply);
/* Loses it for a reason of ours. */
void mv_hop_drop(struct mv_hop *hop, const char *why);
/* A part of the message. false: it was lost. */
bool mv_hop_put(struct mv_hop *hop, struct mv_bytes bytes);

#endif
