/*
 * The dialogue with the client as a state machine that does no I/O: a line comes in, what is to be done comes out,
 * and the caller says what the next hop answered.
 *
 *   mv_session_take(session, line, &step)
 *   step.action:
 *     MV_STEP_REPLY    send step.reply
 *     MV_STEP_CLOSE    send step.reply, close
 *     MV_STEP_GREET    open the next hop if it is not, then mv_session_greeted(); without it MV_SESSION_NO_HOP, close
 *     MV_STEP_FORWARD  send step.forward (a line without CRLF) to the next hop and its reply to the client, then
 *                      mv_session_forwarded() with the reply's code
 *     MV_STEP_RESET    RSET to the next hop if it is open, then step.reply
 *     MV_STEP_DATA     take the message; when its recipients have their replies, mv_session_end_transaction()
 *     MV_STEP_QUIT     close the next hop, send step.reply, close
 *
 * RFC 2033 is LMTP, RFC 5321 4.1.4 the order of commands.
 */
#ifndef MV_LMTP_SESSION_H
#define MV_LMTP_SESSION_H

#include "core/base/arena.h"
#include "lmtp-hook/client.h"
#include "lmtp-hook/command.h"
#include "lmtp-hook/line.h"

#define MV_SESSION_MAX_ERRORS 20 /* commands that were refused by us; then 421 */
#define MV_SESSION_MAX_COMMANDS 1000 /* that bring no mail forward, in a row; then 421 */
#define MV_SESSION_MAX_ENVELOPE_BYTES (64 * 1024 * 1024)

#define MV_SESSION_NO_HOP "421 4.4.1 The next hop cannot be reached"
#define MV_SESSION_HOP_LOST "451 4.4.2 The next hop was lost"

enum mv_action_of_step {
    MV_STEP_REPLY = 0,
    MV_STEP_CLOSE,
    MV_STEP_GREET,
    MV_STEP_FORWARD,
    MV_STEP_RESET,
    MV_STEP_DATA,
    MV_STEP_QUIT
};

struct mv_step {
    enum mv_action_of_step action;
    const char *reply;       /* static, one line without CRLF */
    struct mv_bytes forward; /* borrowed from the line */
};

enum mv_session_trust { MV_SESSION_STRANGER, MV_SESSION_TRUSTED };

struct mv_session_limits {
    size_t max_recipients;
    uint64_t max_message_bytes; /* 0: none */
};

struct mv_session;

/* NULL without memory. */
struct mv_session *mv_session_new(const struct mv_session_limits *limits, enum mv_session_trust trust);
void mv_session_free(struct mv_session **session);

/* code is what mv_line_feed() said of the line: anything but READY is an error of the client. */
void mv_session_take(struct mv_session *session, enum mv_line_code code, struct mv_bytes line, struct mv_step *step_r);
/* Whether the next hop takes SIZE= (RFC 1870): we always do, and one that does not refuses what has it. */
enum mv_session_size { MV_SESSION_DROP_SIZE, MV_SESSION_PASS_SIZE };
void mv_session_greeted(struct mv_session *session, enum mv_session_size size);
/* reply_code: of the next hop, or of what we said in its place. */
void mv_session_forwarded(struct mv_session *session, unsigned reply_code);
void mv_session_end_transaction(struct mv_session *session);

/* MAIL was taken, and its transaction is not over. */
bool mv_session_in_transaction(const struct mv_session *session);
/* "MAIL FROM:<...> ..." as the next hop got it, and what is between its brackets. Until the end of the transaction. */
struct mv_bytes mv_session_mail_line(const struct mv_session *session);
struct mv_bytes mv_session_mail_from(const struct mv_session *session);
/* The RCPT lines that the next hop took, in order: each is owed a reply after DATA (RFC 2033 4.2). */
size_t mv_session_recipient_count(const struct mv_session *session);
struct mv_bytes mv_session_recipient_line(const struct mv_session *session, size_t index);
/* What the client said of the message's own client: XFORWARD before XCLIENT; source UNKNOWN when nothing. */
const struct mv_client *mv_session_client(const struct mv_session *session);
/* What the client calls itself. */
struct mv_bytes mv_session_greeting(const struct mv_session *session);

#endif
