#include "lmtp-hook/command.h"

#include "tests/unit/unit.h"

static const struct {
    const char *name;
    struct mv_bytes line;
    enum mv_verb verb;
    bool taken;
    const char *path, *params;
} rows[] = {
    {"LHLO", MV_BYTES("LHLO mx.example"), MV_VERB_LHLO, true, "", ""},
    {"lower case", MV_BYTES("lhlo mx.example"), MV_VERB_LHLO, true, "", ""},
    {"MAIL", MV_BYTES("MAIL FROM:<a@example.com>"), MV_VERB_MAIL, true, "<a@example.com>", ""},
    {"null reverse-path", MV_BYTES("MAIL FROM:<>"), MV_VERB_MAIL, true, "<>", ""},
    {"parameters", MV_BYTES("MAIL FROM:<a@b> SIZE=5 BODY=8BITMIME SMTPUTF8"), MV_VERB_MAIL, true, "<a@b>",
     "SIZE=5 BODY=8BITMIME SMTPUTF8"},
    {"space behind the colon", MV_BYTES("mail from: <a@b>"), MV_VERB_MAIL, true, "<a@b>", ""},
    {"RFC 5321 4.1.2: quoted local part", MV_BYTES("RCPT TO:<\"a> \\\"b\"@c> NOTIFY=NEVER"), MV_VERB_RCPT, true,
     "<\"a> \\\"b\"@c>", "NOTIFY=NEVER"},
    {"RFC 6531: UTF-8", MV_BYTES("RCPT TO:<\xc3\xbc@example.com>"), MV_VERB_RCPT, true, "<\xc3\xbc@example.com>", ""},
    {"DATA", MV_BYTES("DATA"), MV_VERB_DATA, true, "", ""},
    {"DATA and a space", MV_BYTES("DATA "), MV_VERB_DATA, true, "", ""},
    {"NOOP with text", MV_BYTES("NOOP x y"), MV_VERB_NOOP, true, "", ""},
    {"EHLO", MV_BYTES("EHLO mx.example"), MV_VERB_HELO, true, "", ""},
    {"unknown", MV_BYTES("BDAT 5 LAST"), MV_VERB_UNKNOWN, true, "", ""},
    {"empty line", MV_BYTES(""), MV_VERB_UNKNOWN, true, "", ""},
    {"verb runs on", MV_BYTES("DATA\x01"), MV_VERB_UNKNOWN, true, "", ""},
    {"verb and colon", MV_BYTES("MAIL:FROM"), MV_VERB_UNKNOWN, true, "", ""},
    {"HTTP", MV_BYTES("GET / HTTP/1.1"), MV_VERB_UNKNOWN, true, "", ""},
    {"LHLO without a name", MV_BYTES("LHLO"), MV_VERB_LHLO, false, "", ""},
    {"MAIL without brackets", MV_BYTES("MAIL FROM:a@b"), MV_VERB_MAIL, false, "", ""},
    {"MAIL of nothing", MV_BYTES("MAIL"), MV_VERB_MAIL, false, "", ""},
    {"MAIL TO", MV_BYTES("MAIL TO:<a@b>"), MV_VERB_MAIL, false, "", ""},
    {"path not closed", MV_BYTES("MAIL FROM:<a@b"), MV_VERB_MAIL, false, "", ""},
    {"quote not closed", MV_BYTES("MAIL FROM:<\"a@b>"), MV_VERB_MAIL, false, "", ""},
    {"quoted pair at the end", MV_BYTES("MAIL FROM:<\"a\\"), MV_VERB_MAIL, false, "", ""},
    {"second bracket", MV_BYTES("MAIL FROM:<<a@b>>"), MV_VERB_MAIL, false, "", ""},
    {"space in the path", MV_BYTES("MAIL FROM:<a b@c>"), MV_VERB_MAIL, false, "", ""},
    {"control character", MV_BYTES("MAIL FROM:<a\x01@c>"), MV_VERB_MAIL, false, "", ""},
    {"control character in quotes", MV_BYTES("MAIL FROM:<\"a\x01\"@c>"), MV_VERB_MAIL, false, "", ""},
    {"tab between parameters", MV_BYTES("MAIL FROM:<a@b>\tSIZE=5"), MV_VERB_MAIL, false, "", ""},
    {"text at once behind", MV_BYTES("MAIL FROM:<a@b>SIZE=5"), MV_VERB_MAIL, false, "", ""},
    {"two spaces", MV_BYTES("MAIL FROM:<a@b> SIZE=5  BODY=7BIT"), MV_VERB_MAIL, false, "", ""},
    {"RCPT to nobody", MV_BYTES("RCPT TO:<>"), MV_VERB_RCPT, false, "", ""},
    {"DATA with text", MV_BYTES("DATA now"), MV_VERB_DATA, false, "", ""},
    {"RSET with text", MV_BYTES("RSET x"), MV_VERB_RSET, false, "", ""},
    {"XFORWARD of nothing", MV_BYTES("XFORWARD"), MV_VERB_XFORWARD, false, "", ""},
};

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mv_command command;
        bool taken = mv_command_parse(rows[i].line, &command);

        ck_assert_msg(command.verb == rows[i].verb, "%s: verb %d", rows[i].name, (int)command.verb);
        ck_assert_msg(taken == rows[i].taken, "%s: taken %d", rows[i].name, taken);
        if (!taken)
            continue;
        ck_assert_msg(mv_bytes_equal(command.path, mv_bytes_str(rows[i].path)), "%s: path", rows[i].name);
        ck_assert_msg(mv_bytes_equal(command.params, mv_bytes_str(rows[i].params)), "%s: params", rows[i].name);
    }
}
END_TEST

START_TEST(test_params)
{
    struct mv_command command;
    struct mv_bytes value;

    ck_assert(mv_command_parse(MV_BYTES("MAIL FROM:<a@b> BODY=8BITMIME SIZE=500 SMTPUTF8"), &command));
    ck_assert(mv_command_param(&command, MV_BYTES("size"), &value) && mv_bytes_equal(value, MV_BYTES("500")));
    ck_assert(mv_command_param(&command, MV_BYTES("SMTPUTF8"), &value) && value.len == 0);
    ck_assert(!mv_command_param(&command, MV_BYTES("IZE"), &value));
    ck_assert(!mv_command_param(&command, MV_BYTES("8BITMIME"), &value));
    ck_assert(mv_command_parse(MV_BYTES("MAIL FROM:<SIZE=5>"), &command));
    ck_assert(!mv_command_param(&command, MV_BYTES("SIZE"), &value));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_params};

    return unit_run("lmtp_command", tests, sizeof tests / sizeof tests[0]);
}
