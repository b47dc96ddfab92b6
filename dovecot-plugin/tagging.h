/*
 * Judges and tags one message that is delivered, whatever server delivers it:
 * by the hand-over of the border where there is a valid one, else by what can be
 * found out here.  Knows nothing of Dovecot, so that it can be tested without it.
 *
 *   tagging = mv_tagging_new(config_path)              once per process
 *   mv_tagging_prepare(tagging, now)                   while the files can be read: opens the engine
 *   result = mv_tagging_run(tagging, &request)         for each recipient
 *   mv_tagging_free(&tagging)
 *
 * Recipients of one message have its session in common, and the fields that name
 * it: it is judged once for them, and only its header is put together again.  Evidence for reports
 * (mv_msg_evidence()) is written then, unless the message was handed over: the border has done so.
 *
 * Nothing here fails towards the delivery.  After an error of ours nothing is
 * added, no keyword set and no mailbox chosen; fields that claim to be ours
 * are removed all the same, since nobody could tell them from true ones.
 *
 * Mailvouch-* fields never stay: the hand-over has done its work here.
 */
#ifndef MV_DOVECOT_TAGGING_H
#define MV_DOVECOT_TAGGING_H

#include "core/mailvouch.h"
#include "dovecot-plugin/header.h"

#define MV_TAGGING_HEADER_BYTES (MV_HEADER_MAX_BYTES + 1) /* as much of a header as must be given */

struct mv_tagging;

/* The next bytes, valid until the next call; nothing at the end of the message. false: it cannot be read. */
typedef bool mv_tagging_read(void *source, struct mv_bytes *piece_r);

struct mv_tagging_request {
    struct mv_bytes user;      /* for the log */
    struct mv_bytes header;    /* as it stands in the store, up to and with the empty line, or its first
                                  MV_TAGGING_HEADER_BYTES */
    struct mv_bytes mail_from; /* "" is the null reverse-path */
    struct mv_bytes session;   /* what recipients of one message have in common; empty: there is just this one */
    bool by_lmtp;              /* the server's own Received field may stand on top */
    bool is_tagged;            /* it is another recipient's mail, and the header is what we made of it: it stays */
    int64_t now_secs;
    mv_tagging_read *read;     /* the whole message with CRLF line ends; called only where it must be judged */
    void *source;
};

enum mv_tagging_level { MV_TAGGING_INFO, MV_TAGGING_WARNING, MV_TAGGING_ERROR };

#define MV_TAGGING_MAX_KEYWORDS 2

/* Valid until the next mv_tagging_run(). */
struct mv_tagging_result {
    struct mv_bytes header; /* what is to stand on top; empty: the message stays as it is */
    size_t header_bytes;    /* of the message, in whose place that is */
    const char *keywords[MV_TAGGING_MAX_KEYWORDS + 1]; /* ends in NULL */
    const char *junk_mailbox;                          /* NULL: where it would go anyway */
    bool junk_create;
    enum mv_tagging_level level;
    const char *log;        /* one printable line */
};

/* config_path is copied; NULL: the default file. NULL without memory, and then nothing is tagged. */
struct mv_tagging *mv_tagging_new(const char *config_path);
/* What is wrong is said with the first message. tagging may be NULL. */
void mv_tagging_prepare(struct mv_tagging *tagging, int64_t now_secs);
/* [dovecot] tag; true while there is no configuration. */
bool mv_tagging_is_default(struct mv_tagging *tagging, int64_t now_secs);
/* tagging may be NULL. Never NULL. */
const struct mv_tagging_result *mv_tagging_run(struct mv_tagging *tagging, const struct mv_tagging_request *request);
/* Sets NULL; NULL is fine. */
void mv_tagging_free(struct mv_tagging **tagging);

#endif
