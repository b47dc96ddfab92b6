#include "lmtp-hook/session.h"

#include <string.h>

#include "lmtp-hook/junk_recipient.h"
#include "tests/unit/unit.h"

static const struct mv_session_limits limits = {.max_recipients = 3, .max_message_bytes = 1000};

/* A dialogue: "line" is sent; what is to be done of it: a reply's beginning, or one of the words below. */
static const char *do_line(struct mv_session *session, const char *text, unsigned hop_code)
{
    struct mv_step step;

    mv_session_take(session, MV_LINE_READY, mv_bytes_str(text), &step);
    switch (step.action) {
    case MV_STEP_REPLY:
    case MV_STEP_CLOSE:
        return step.reply;
    case MV_STEP_GREET:
        mv_session_greeted(session, MV_SESSION_PASS_SIZE);
        return "greet";
    case MV_STEP_FORWARD:
        ck_assert(mv_bytes_equal(step.forward, mv_bytes_str(text)));
        mv_session_forwarded(session, hop_code);
        return "forward";
    case MV_STEP_RESET:
        return "reset";
    case MV_STEP_DATA:
        mv_session_end_transaction(session);
        return "data";
    case MV_STEP_QUIT:
        return "quit";
    }
    return "?";
}

struct turn {
    const char *line, *answer;
    unsigned hop_code; /* of the next hop, for what is forwarded; 0: 250 */
};

#define MAX_TURNS 8

static const struct {
    const char *name;
    enum mv_session_trust trust;
    struct turn turns[MAX_TURNS];
} dialogues[] = {
    {"a message", MV_SESSION_STRANGER,
     {{"LHLO a", "greet", 0}, {"MAIL FROM:<a@b>", "forward", 0}, {"RCPT TO:<c@d>", "forward", 0}, {"DATA", "data", 0},
      {"MAIL FROM:<a@b>", "forward", 0}, {"RSET", "reset", 0}, {"QUIT", "quit", 0}}},
    {"RFC 5321 4.1.4: MAIL before LHLO", MV_SESSION_STRANGER, {{"MAIL FROM:<a@b>", "503 5.5.1", 0}}},
    {"RCPT before MAIL", MV_SESSION_STRANGER, {{"LHLO a", "greet", 0}, {"RCPT TO:<a@b>", "503 5.5.1", 0}}},
    {"MAIL twice", MV_SESSION_STRANGER,
     {{"LHLO a", "greet", 0}, {"MAIL FROM:<a@b>", "forward", 0}, {"MAIL FROM:<a@b>", "503 5.5.1", 0}}},
    {"MAIL was refused", MV_SESSION_STRANGER,
     {{"LHLO a", "greet", 0}, {"MAIL FROM:<a@b>", "forward", 550}, {"RCPT TO:<a@b>", "503 5.5.1", 0},
      {"MAIL FROM:<a@b>", "forward", 0}}},
    {"RFC 2033 4.2: DATA without a recipient", MV_SESSION_STRANGER,
     {{"LHLO a", "greet", 0}, {"MAIL FROM:<a@b>", "forward", 0}, {"RCPT TO:<c@d>", "forward", 550},
      {"DATA", "503 5.5.1", 0}}},
    {"DATA before all", MV_SESSION_STRANGER, {{"DATA", "503 5.5.1", 0}}},
    {"too many recipients", MV_SESSION_STRANGER,
     {{"LHLO a", "greet", 0}, {"MAIL FROM:<a@b>", "forward", 0}, {"RCPT TO:<1@d>", "forward", 0},
      {"RCPT TO:<2@d>", "forward", 0}, {"RCPT TO:<3@d>", "forward", 0}, {"RCPT TO:<4@d>", "452 4.5.3", 0},
      {"DATA", "data", 0}}},
    {"RFC 1870 6.1: too large", MV_SESSION_STRANGER,
     {{"LHLO a", "greet", 0}, {"MAIL FROM:<a@b> SIZE=1001", "552 5.3.4", 0},
      {"MAIL FROM:<a@b> SIZE=99999999999999999999", "552 5.3.4", 0}, {"MAIL FROM:<a@b> SIZE=1000", "forward", 0}}},
    {"RFC 3030: BINARYMIME", MV_SESSION_STRANGER,
     {{"LHLO a", "greet", 0}, {"MAIL FROM:<a@b> BODY=BinaryMIME", "555 5.5.4", 0}, {"BDAT 5 LAST", "500 5.5.1", 0}}},
    {"RFC 2033 4.1: no SMTP", MV_SESSION_STRANGER, {{"EHLO a", "500 5.5.1", 0}, {"HELO a", "500 5.5.1", 0}}},
    {"nonsense", MV_SESSION_STRANGER, {{"", "500 5.5.1", 0}, {"GET / HTTP/1.1", "500 5.5.1", 0}, {"LHLO", "501 5.5.4", 0}}},
    {"XFORWARD of a stranger", MV_SESSION_STRANGER,
     {{"LHLO a", "greet", 0}, {"XFORWARD ADDR=192.0.2.1", "550 5.7.0", 0}, {"XCLIENT ADDR=192.0.2.1", "550 5.7.0", 0}}},
    {"XFORWARD", MV_SESSION_TRUSTED,
     {{"LHLO a", "greet", 0}, {"XFORWARD ADDR=192.0.2.1", "250 2.0.0", 0}, {"XFORWARD FOO=1", "501 5.5.4", 0},
      {"MAIL FROM:<a@b>", "forward", 0}, {"XFORWARD ADDR=192.0.2.2", "503 5.5.1", 0}}},
    {"XCLIENT begins anew", MV_SESSION_TRUSTED,
     {{"LHLO a", "greet", 0}, {"XCLIENT ADDR=192.0.2.1", "220 ", 0}, {"MAIL FROM:<a@b>", "503 5.5.1", 0},
      {"LHLO a", "greet", 0}, {"MAIL FROM:<a@b>", "forward", 0}}},
    {"NOOP and VRFY", MV_SESSION_STRANGER, {{"NOOP", "250 2.0.0", 0}, {"VRFY a", "252 2.5.2", 0}}},
};

START_TEST(test_dialogues)
{
    for (size_t i = 0; i < sizeof dialogues / sizeof dialogues[0]; i++) {
        struct mv_session *session = mv_session_new(&limits, dialogues[i].trust);

        for (size_t j = 0; j < MAX_TURNS && dialogues[i].turns[j].line != NULL; j++) {
            const struct turn *turn = &dialogues[i].turns[j];
            const char *answer = do_line(session, turn->line, turn->hop_code == 0 ? 250 : turn->hop_code);

            ck_assert_msg(strncmp(answer, turn->answer, strlen(turn->answer)) == 0, "%s: %s: %s", dialogues[i].name,
                          turn->line, answer);
        }
        mv_session_free(&session);
        ck_assert_ptr_null(session);
    }
}
END_TEST

/* RFC 1870 3: who does not offer SIZE takes no SIZE=. */
START_TEST(test_size_for_the_next_hop)
{
    static const struct {
        const char *line, *passed, *dropped;
    } rows[] = {
        {"MAIL FROM:<a@b>", "MAIL FROM:<a@b>", "MAIL FROM:<a@b>"},
        {"MAIL FROM:<> SIZE=5", "MAIL FROM:<> SIZE=5", "MAIL FROM:<>"},
        {"MAIL FROM:<a@b> size=5 BODY=8BITMIME", "MAIL FROM:<a@b> size=5 BODY=8BITMIME", "MAIL FROM:<a@b> BODY=8BITMIME"},
        {"MAIL FROM:<a@b> RET=HDRS SIZE=5", "MAIL FROM:<a@b> RET=HDRS SIZE=5", "MAIL FROM:<a@b> RET=HDRS"},
        {"MAIL FROM:<a@b> ENVID=SIZE=5", "MAIL FROM:<a@b> ENVID=SIZE=5", "MAIL FROM:<a@b> ENVID=SIZE=5"},
    };

    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        struct mv_session *session = mv_session_new(&limits, MV_SESSION_STRANGER);
        const char *wanted = i % 2 == 0 ? rows[i / 2].passed : rows[i / 2].dropped;
        struct mv_step step;

        mv_session_greeted(session, i % 2 == 0 ? MV_SESSION_PASS_SIZE : MV_SESSION_DROP_SIZE);
        mv_session_take(session, MV_LINE_READY, mv_bytes_str(rows[i / 2].line), &step);
        ck_assert_int_eq(step.action, MV_STEP_FORWARD);
        ck_assert_msg(mv_bytes_equal(step.forward, mv_bytes_str(wanted)), "%s: %.*s", rows[i / 2].line,
                      (int)step.forward.len, (const char *)step.forward.data);
        mv_session_free(&session);
    }
}
END_TEST

START_TEST(test_envelope)
{
    struct mv_session *session = mv_session_new(&limits, MV_SESSION_TRUSTED);

    do_line(session, "LHLO mx.example", 250);
    do_line(session, "XFORWARD ADDR=192.0.2.1 HELO=a.example", 250);
    do_line(session, "MAIL FROM:<a@b> SIZE=5", 250);
    do_line(session, "RCPT TO:<1@d>", 250);
    do_line(session, "RCPT TO:<2@d>", 550);
    do_line(session, "RCPT TO:<3@d> NOTIFY=NEVER", 250);
    ck_assert(mv_session_in_transaction(session));
    ck_assert(mv_bytes_equal(mv_session_greeting(session), MV_BYTES("mx.example")));
    ck_assert(mv_bytes_equal(mv_session_mail_from(session), MV_BYTES("a@b")));
    ck_assert(mv_bytes_equal(mv_session_mail_line(session), MV_BYTES("MAIL FROM:<a@b> SIZE=5")));
    ck_assert_uint_eq(mv_session_recipient_count(session), 2);
    ck_assert(mv_bytes_equal(mv_session_recipient_line(session, 0), MV_BYTES("RCPT TO:<1@d>")));
    ck_assert(mv_bytes_equal(mv_session_recipient_line(session, 1), MV_BYTES("RCPT TO:<3@d> NOTIFY=NEVER")));
    ck_assert_int_eq(mv_session_client(session)->source, MV_CLIENT_BY_XFORWARD);
    do_line(session, "RSET", 250);
    ck_assert_uint_eq(mv_session_recipient_count(session), 0);
    ck_assert_int_eq(mv_session_client(session)->source, MV_CLIENT_UNKNOWN);
    mv_session_free(&session);
}
END_TEST

static enum mv_action_of_step last_action(const char *line, enum mv_line_code code, unsigned times)
{
    struct mv_session *session = mv_session_new(&limits, MV_SESSION_TRUSTED);
    struct mv_step step = {.action = MV_STEP_REPLY};

    while (times-- > 0)
        mv_session_take(session, code, mv_bytes_str(line), &step);
    mv_session_free(&session);
    return step.action;
}

START_TEST(test_limits)
{
    ck_assert_int_eq(last_action("x", MV_LINE_READY, MV_SESSION_MAX_ERRORS), MV_STEP_REPLY);
    ck_assert_int_eq(last_action("x", MV_LINE_READY, MV_SESSION_MAX_ERRORS + 1), MV_STEP_CLOSE);
    ck_assert_int_eq(last_action("", MV_LINE_TOO_LONG, MV_SESSION_MAX_ERRORS + 1), MV_STEP_CLOSE);
    ck_assert_int_eq(last_action("", MV_LINE_BARE, MV_SESSION_MAX_ERRORS + 1), MV_STEP_CLOSE);
    ck_assert_int_eq(last_action("NOOP", MV_LINE_READY, MV_SESSION_MAX_COMMANDS), MV_STEP_REPLY);
    ck_assert_int_eq(last_action("NOOP", MV_LINE_READY, MV_SESSION_MAX_COMMANDS + 4), MV_STEP_CLOSE);
    ck_assert_int_eq(last_action("RSET", MV_LINE_READY, MV_SESSION_MAX_COMMANDS + 4), MV_STEP_CLOSE);
}
END_TEST

static const struct {
    const char *name, *line, *junk; /* NULL: stays as it is */
} junk_rows[] = {
    {"plain", "RCPT TO:<bob@example.org>", "RCPT TO:<bob+Junk@example.org>"},
    {"parameters", "rcpt to: <bob@example.org> NOTIFY=NEVER ORCPT=rfc822;x@y", "rcpt to: <bob+Junk@example.org> NOTIFY=NEVER ORCPT=rfc822;x@y"},
    {"no domain", "RCPT TO:<bob> ORCPT=rfc822;x@y", "RCPT TO:<bob+Junk> ORCPT=rfc822;x@y"},
    {"detail already", "RCPT TO:<bob+list@example.org>", "RCPT TO:<bob+list+Junk@example.org>"},
    {"quoted", "RCPT TO:<\"b@b\"@example.org>", NULL},
    {"source route", "RCPT TO:<@a,@b:bob@example.org>", NULL},
};

START_TEST(test_junk)
{
    for (size_t i = 0; i < sizeof junk_rows / sizeof junk_rows[0]; i++) {
        struct mv_buf out;
        bool put;

        mv_buf_init(&out, MV_LINE_MAX_BYTES);
        put = mv_junk_recipient_put(mv_bytes_str(junk_rows[i].line), MV_BYTES("+Junk"), &out);
        ck_assert_msg(put == (junk_rows[i].junk != NULL), "%s", junk_rows[i].name);
        ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), mv_bytes_str(junk_rows[i].junk)), "%s", junk_rows[i].name);
        mv_buf_free(&out);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_dialogues, test_size_for_the_next_hop, test_envelope, test_limits, test_junk};

    return unit_run("lmtp_session", tests, sizeof tests / sizeof tests[0]);
}
