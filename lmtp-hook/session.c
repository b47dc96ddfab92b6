#include "lmtp-hook/session.h"

#include <stdlib.h>

enum phase { CONNECTED, READY, IN_MAIL };

struct mv_session {
    struct mv_session_limits limits;
    enum mv_session_trust trust;
    enum mv_session_size size;
    enum phase phase;
    unsigned errors;
    unsigned commands; /* in a row that bring no mail forward */
    enum mv_verb forwarded;
    struct mv_client xclient;  /* of the connection */
    struct mv_client xforward; /* of the transaction */
    struct mv_arena *arena;    /* of the transaction */
    struct mv_bytes mail_line, mail_from;
    struct mv_bytes *recipients;
    size_t recipient_count;
    unsigned char greeting[MV_CLIENT_MAX_HELO_BYTES];
    size_t greeting_len;
};

struct mv_session *mv_session_new(const struct mv_session_limits *limits, enum mv_session_trust trust)
{
    struct mv_session *session = calloc(1, sizeof *session);

    if (session == NULL)
        return NULL;
    session->limits = *limits;
    session->trust = trust;
    session->arena = mv_arena_new(MV_SESSION_MAX_ENVELOPE_BYTES);
    if (session->arena == NULL)
        mv_session_free(&session);
    return session;
}

void mv_session_free(struct mv_session **session)
{
    if (*session == NULL)
        return;
    mv_arena_free(&(*session)->arena);
    free(*session);
    *session = NULL;
}

/* The arena grows with the envelope: each transaction has a new one. Without memory the next MAIL says so. */
static void forget_transaction(struct mv_session *session)
{
    mv_arena_free(&session->arena);
    session->arena = mv_arena_new(MV_SESSION_MAX_ENVELOPE_BYTES);
    session->mail_line = session->mail_from = mv_bytes_str(NULL);
    session->recipients = NULL;
    session->recipient_count = 0;
    if (session->phase == IN_MAIL)
        session->phase = READY;
}

static void reply(struct mv_step *step, const char *text)
{
    step->action = MV_STEP_REPLY;
    step->reply = text;
}

static void refuse(struct mv_session *session, struct mv_step *step, const char *text)
{
    reply(step, text);
    if (++session->errors <= MV_SESSION_MAX_ERRORS)
        return;
    step->action = MV_STEP_CLOSE;
    step->reply = "421 4.7.0 Too many errors";
}

static void forward(struct mv_session *session, struct mv_step *step, enum mv_verb verb, struct mv_bytes line)
{
    step->action = MV_STEP_FORWARD;
    step->forward = line;
    session->forwarded = verb;
}

static void take_greeting(struct mv_session *session, const struct mv_command *command, struct mv_step *step)
{
    struct mv_bytes name = mv_bytes_slice(command->argument, 0, sizeof session->greeting);

    for (size_t i = 0; i < name.len; i++)
        session->greeting[i] = name.data[i];
    session->greeting_len = name.len;
    forget_transaction(session); /* RFC 5321 4.1.4 */
    session->xforward = (struct mv_client){.source = MV_CLIENT_UNKNOWN};
    step->action = MV_STEP_GREET;
}

void mv_session_greeted(struct mv_session *session, enum mv_session_size size)
{
    session->phase = READY;
    session->size = size;
}

/* The line into the transaction's arena, without SIZE= where the next hop has no such thing. */
static bool keep_mail_line(struct mv_session *session, const struct mv_command *command, struct mv_bytes line)
{
    struct mv_cursor c = mv_cursor_of(command->params);
    struct mv_buf kept;
    bool done;

    if (session->size == MV_SESSION_PASS_SIZE || command->params.len == 0)
        return mv_arena_copy(session->arena, line, &session->mail_line);
    mv_buf_init(&kept, line.len);
    mv_buf_put(&kept, mv_bytes_trim(mv_bytes_slice(line, 0, (size_t)(command->params.data - line.data))));
    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes param = mv_cursor_take_until(&c, ' ');

        mv_cursor_accept(&c, ' ');
        if (param.len == 0 || mv_bytes_has_prefix_nocase(param, MV_BYTES("SIZE=")))
            continue;
        mv_buf_putc(&kept, ' ');
        mv_buf_put(&kept, param);
    }
    done = !mv_buf_failed(&kept) && mv_arena_copy(session->arena, mv_buf_bytes(&kept), &session->mail_line);
    mv_buf_free(&kept);
    return done;
}

static void take_mail(struct mv_session *session, const struct mv_command *command, struct mv_bytes line,
                      struct mv_step *step)
{
    struct mv_bytes size, body;
    uint64_t bytes;

    if (session->phase == CONNECTED)
        refuse(session, step, "503 5.5.1 LHLO first");
    else if (session->phase == IN_MAIL)
        refuse(session, step, "503 5.5.1 A sender was given already");
    else if (mv_command_param(command, MV_BYTES("SIZE"), &size) && session->limits.max_message_bytes > 0 &&
             (!mv_bytes_to_uint(size, UINT64_MAX, &bytes) || bytes > session->limits.max_message_bytes))
        reply(step, "552 5.3.4 The message is too large"); /* RFC 1870 6.1 */
    else if (mv_command_param(command, MV_BYTES("BODY"), &body) && mv_bytes_equal_nocase(body, MV_BYTES("BINARYMIME")))
        refuse(session, step, "555 5.5.4 BINARYMIME is not offered"); /* RFC 3030 */
    else if (session->arena == NULL || !keep_mail_line(session, command, line) ||
             !mv_arena_copy(session->arena, mv_bytes_slice(command->path, 1, command->path.len - 1),
                            &session->mail_from))
        reply(step, "452 4.3.1 Out of memory");
    else
        forward(session, step, MV_VERB_MAIL, session->mail_line);
}

/* Room for the line comes first: what the next hop takes must not be forgotten. */
static bool make_room(struct mv_session *session, struct mv_bytes line)
{
    struct mv_bytes *items =
        mv_arena_grow(session->arena, session->recipients, session->recipient_count, sizeof *items);

    if (items == NULL || !mv_arena_copy(session->arena, line, &items[session->recipient_count]))
        return false;
    session->recipients = items;
    return true;
}

static void take_rcpt(struct mv_session *session, struct mv_bytes line, struct mv_step *step)
{
    if (session->phase != IN_MAIL)
        reply(step, "503 5.5.1 MAIL first"); /* no error of a client that pipelines: MAIL was refused */
    else if (session->recipient_count >= session->limits.max_recipients)
        reply(step, "452 4.5.3 Too many recipients"); /* RFC 5321 4.5.3.1.10 */
    else if (!make_room(session, line))
        reply(step, "452 4.3.1 Out of memory");
    else
        forward(session, step, MV_VERB_RCPT, line);
}

void mv_session_forwarded(struct mv_session *session, unsigned reply_code)
{
    bool taken = reply_code >= 200 && reply_code < 300;

    if (session->forwarded == MV_VERB_MAIL && taken)
        session->phase = IN_MAIL;
    else if (session->forwarded == MV_VERB_MAIL)
        forget_transaction(session);
    else if (taken)
        session->recipient_count++;
    session->forwarded = MV_VERB_UNKNOWN;
}

static void take_data(struct mv_session *session, struct mv_step *step)
{
    if (session->phase != IN_MAIL || session->recipient_count == 0)
        reply(step, "503 5.5.1 No recipient was taken"); /* RFC 2033 4.2 */
    else
        step->action = MV_STEP_DATA;
}

static void take_reset(struct mv_session *session, struct mv_step *step)
{
    forget_transaction(session);
    session->xforward = (struct mv_client){.source = MV_CLIENT_UNKNOWN};
    *step = (struct mv_step){.action = MV_STEP_RESET, .reply = "250 2.0.0 Ok"};
}

void mv_session_end_transaction(struct mv_session *session)
{
    forget_transaction(session);
    session->xforward = (struct mv_client){.source = MV_CLIENT_UNKNOWN};
    session->commands = 0;
}

/* XFORWARD_README, XCLIENT_README: not within a transaction. */
static void take_attributes(struct mv_session *session, const struct mv_command *command, struct mv_step *step)
{
    bool is_xclient = command->verb == MV_VERB_XCLIENT;

    if (session->trust != MV_SESSION_TRUSTED)
        refuse(session, step, "550 5.7.0 Not allowed for you");
    else if (session->phase == IN_MAIL)
        refuse(session, step, "503 5.5.1 Not within a transaction");
    else if (!mv_client_take_attributes(is_xclient ? &session->xclient : &session->xforward,
                                        is_xclient ? MV_CLIENT_XCLIENT : MV_CLIENT_XFORWARD, command->argument))
        refuse(session, step, "501 5.5.4 Attributes are not understood");
    else if (is_xclient) {
        session->phase = CONNECTED; /* the session begins anew */
        reply(step, "220 mailvouch LMTP");
    } else
        reply(step, "250 2.0.0 Ok");
}

static void take_command(struct mv_session *session, const struct mv_command *command, struct mv_bytes line,
                         struct mv_step *step)
{
    switch (command->verb) {
    case MV_VERB_LHLO:
        take_greeting(session, command, step);
        break;
    case MV_VERB_MAIL:
        take_mail(session, command, line, step);
        break;
    case MV_VERB_RCPT:
        take_rcpt(session, line, step);
        break;
    case MV_VERB_DATA:
        take_data(session, step);
        break;
    case MV_VERB_RSET:
        take_reset(session, step);
        break;
    case MV_VERB_NOOP:
        reply(step, "250 2.0.0 Ok");
        break;
    case MV_VERB_VRFY:
        reply(step, "252 2.5.2 Send it, and see");
        break;
    case MV_VERB_QUIT:
        *step = (struct mv_step){.action = MV_STEP_QUIT, .reply = "221 2.0.0 Bye"};
        break;
    case MV_VERB_XFORWARD:
    case MV_VERB_XCLIENT:
        take_attributes(session, command, step);
        break;
    case MV_VERB_HELO:
        refuse(session, step, "500 5.5.1 This is LMTP: LHLO"); /* RFC 2033 4.1 */
        break;
    case MV_VERB_UNKNOWN:
        refuse(session, step, "500 5.5.1 Unknown command");
    }
}

void mv_session_take(struct mv_session *session, enum mv_line_code code, struct mv_bytes line, struct mv_step *step_r)
{
    struct mv_command command;

    *step_r = (struct mv_step){.action = MV_STEP_REPLY};
    if (code == MV_LINE_TOO_LONG)
        refuse(session, step_r, "500 5.5.2 The line is too long");
    else if (code != MV_LINE_READY)
        refuse(session, step_r, "500 5.5.2 The line does not end in CRLF, or holds CR or NUL");
    else if (!mv_command_parse(line, &command))
        refuse(session, step_r, "501 5.5.4 The argument is not understood");
    else
        take_command(session, &command, line, step_r);
    session->commands++;
    if (step_r->action == MV_STEP_DATA || session->commands <= MV_SESSION_MAX_COMMANDS + session->limits.max_recipients)
        return;
    step_r->action = MV_STEP_CLOSE;
    step_r->reply = "421 4.7.0 Too many commands";
}

bool mv_session_in_transaction(const struct mv_session *session)
{
    return session->phase == IN_MAIL;
}

struct mv_bytes mv_session_mail_line(const struct mv_session *session)
{
    return session->mail_line;
}

struct mv_bytes mv_session_mail_from(const struct mv_session *session)
{
    return session->mail_from;
}

size_t mv_session_recipient_count(const struct mv_session *session)
{
    return session->recipient_count;
}

struct mv_bytes mv_session_recipient_line(const struct mv_session *session, size_t index)
{
    return session->recipients[index];
}

const struct mv_client *mv_session_client(const struct mv_session *session)
{
    return session->xforward.source != MV_CLIENT_UNKNOWN ? &session->xforward : &session->xclient;
}

struct mv_bytes mv_session_greeting(const struct mv_session *session)
{
    return mv_bytes_of(session->greeting, session->greeting_len);
}
