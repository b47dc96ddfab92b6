/*
 * A dialogue of any bytes: whatever is forwarded is one line that can be forwarded again, and has no control
 * characters; the recipients are those that were.
 */
#include "lmtp-hook/session.h"

#include "core/base/ascii.h"
#include "lmtp-hook/junk_recipient.h"
#include "tests/fuzz/fuzz.h"

static void check_forward(struct mv_bytes line)
{
    struct mv_command command, again;
    struct mv_buf junk;

    for (size_t i = 0; i < line.len; i++)
        fuzz_require(!mv_ascii_is(line.data[i], MV_ASCII_CTL) || line.data[i] == '\t');
    fuzz_require(mv_command_parse(line, &command));
    fuzz_require(command.verb == MV_VERB_MAIL || command.verb == MV_VERB_RCPT);
    mv_buf_init(&junk, FUZZ_MAX_BYTES);
    if (command.verb == MV_VERB_RCPT && mv_junk_recipient_put(line, MV_BYTES("+Junk"), &junk))
        fuzz_require(mv_command_parse(mv_buf_bytes(&junk), &again) && again.verb == MV_VERB_RCPT &&
                     mv_bytes_equal(again.params, command.params));
    mv_buf_free(&junk);
}

static void do_step(struct mv_session *session, const struct mv_step *step, size_t *taken)
{
    switch (step->action) {
    case MV_STEP_FORWARD: {
        bool is_rcpt = mv_bytes_has_prefix_nocase(step->forward, MV_BYTES("RCPT"));
        unsigned code = mv_bytes_find(step->forward, '5') < step->forward.len ? 550 : 250;

        check_forward(step->forward);
        mv_session_forwarded(session, code);
        *taken = is_rcpt ? *taken + (code == 250) : 0;
        break;
    }
    case MV_STEP_GREET:
        mv_session_greeted(session, MV_SESSION_DROP_SIZE);
        *taken = 0;
        break;
    case MV_STEP_DATA:
        fuzz_require(*taken > 0);
        mv_session_end_transaction(session);
        *taken = 0;
        break;
    case MV_STEP_RESET:
        *taken = 0;
        break;
    default:
        fuzz_require(step->reply != NULL);
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_session_limits limits = {.max_recipients = 5, .max_message_bytes = 1000};
    struct mv_session *session = mv_session_new(&limits, MV_SESSION_TRUSTED);
    struct mv_cursor c = mv_cursor_of(mv_bytes_of(data, size));
    struct mv_line line;
    struct mv_bytes text;
    struct mv_step step = {.action = MV_STEP_REPLY};
    enum mv_line_code code;
    size_t taken = 0;

    mv_line_init(&line);
    while (session != NULL && step.action != MV_STEP_CLOSE && step.action != MV_STEP_QUIT &&
           (code = mv_line_feed(&line, &c, &text)) != MV_LINE_MORE) {
        mv_session_take(session, code, text, &step);
        do_step(session, &step, &taken);
        fuzz_require(mv_session_recipient_count(session) == taken && taken <= 5);
    }
    mv_line_free(&line);
    mv_session_free(&session);
    return 0;
}
