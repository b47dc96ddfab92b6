/*
 * Signs one submitted message, whatever server brings it: opens the engine,
 * reads the message once, and says what is to be done.  Knows nothing of
 * Dovecot, so that it can be tested without it.
 *
 *   signing = mv_signing_new(config_path)                       once per process; opens nothing yet
 *   result = mv_signing_run(signing, &request, read, source)    for each message
 *   mv_signing_forget(signing)                                  when nothing of the result is needed any more
 *   mv_signing_free(&signing)
 *
 * The engine is opened for the first message and kept.  When that fails, or the
 * message cannot be read, or memory is short, the answer is MV_SIGN_DEFERRED:
 * mail never goes out unsigned because of an error of ours.  An engine that
 * could not be opened is tried again with the next message.
 */
#ifndef MV_DOVECOT_SIGNING_H
#define MV_DOVECOT_SIGNING_H

#include "core/mailvouch.h"
#include "dovecot-plugin/reply.h"

struct mv_signing;

/* The next bytes, valid until the next call; nothing at the end of the message. false: it cannot be read. */
typedef bool mv_signing_read(void *source, struct mv_bytes *piece_r);

enum mv_signing_level {
    MV_SIGNING_INFO,
    MV_SIGNING_WARNING, /* it was sent, but something of ours is not in order */
    MV_SIGNING_ERROR    /* it was not sent because of that */
};

/* Valid until mv_signing_forget() or the next message. */
struct mv_signing_result {
    enum mv_sign_action action;
    struct mv_reply reply;  /* for MV_SIGN_REFUSED and MV_SIGN_DEFERRED */
    enum mv_signing_level level;
    const char *log;        /* one printable line */
    struct mv_bytes fields; /* to be put on top, CRLF line ends; empty unless MV_SIGN_SIGNED */
};

/* config_path is copied; NULL: the default file. NULL without memory, and then every message is deferred. */
struct mv_signing *mv_signing_new(const char *config_path);
/* signing may be NULL. Never NULL. */
const struct mv_signing_result *mv_signing_run(struct mv_signing *signing, const struct mv_sign_request *request,
                                               mv_signing_read *read, void *source);
void mv_signing_forget(struct mv_signing *signing);
/* Sets NULL; NULL is fine. */
void mv_signing_free(struct mv_signing **signing);

#endif
