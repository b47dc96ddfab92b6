/*
 * A mail that came back to an envelope sender of ours: which of our mails it is about, and whether it is for good.
 *
 * The mail is known by the token in the address that the bounce was sent to (VERP: "name+TOKEN@domain"), which mail
 * servers write into Delivered-To, X-Original-To, Envelope-To or To.  What became of it is read from the part
 * message/delivery-status (RFC 3464); without one, a mail that no program sent because of a failure is no bounce:
 * holiday notes come to the envelope sender, too.
 *
 * Not checked: who sent the bounce.  A token cannot be guessed (core/report/outbox.h).
 */
#ifndef MV_REPORT_BOUNCE_H
#define MV_REPORT_BOUNCE_H

#include "core/base/bytes.h"

#define MV_BOUNCE_MAX_BYTES (256 * 1024) /* what is behind is not looked at */
#define MV_BOUNCE_MAX_TOKENS 8

enum mv_bounce_kind {
    MV_BOUNCE_NONE,    /* not the report of a failure */
    MV_BOUNCE_DELAYED, /* or delivered, relayed, expanded: no failure either */
    MV_BOUNCE_SOFT,
    MV_BOUNCE_FOR_GOOD /* 5.1.x: no such address; 5.7.x: not wanted (RFC 3463 3.2, 3.8) */
};

/* Slices borrow from the message. */
struct mv_bounce {
    enum mv_bounce_kind kind;
    struct mv_bytes status; /* "5.1.1"; empty: none was said */
    struct mv_bytes tokens[MV_BOUNCE_MAX_TOKENS];
    size_t token_count;
};

/* Lines end in LF or CRLF. Any bytes may be given. */
void mv_bounce_read(struct mv_bytes message, struct mv_bounce *bounce_r);
/* The token in an address or a field; false when there is none. */
bool mv_bounce_token(struct mv_bytes text, struct mv_bytes *token_r);

#endif
