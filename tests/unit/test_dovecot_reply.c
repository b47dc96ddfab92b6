#include "dovecot-plugin/reply.h"

#include <string.h>

#include "tests/unit/unit.h"

static const struct {
    const char *name;
    const char *line;
    unsigned status; /* 0: no reply */
    const char *enhanced;
    const char *text;
} rows[] = {
    {"refusal", "550 5.7.1 You may not send as this author", 550, "5.7.1", "You may not send as this author"},
    {"deferral", "451 4.7.5 Try again later", 451, "4.7.5", "Try again later"},
    {"one word", "554 5.6.0 x", 554, "5.6.0", "x"},
    {"widest code (RFC 3463 2)", "550 5.999.999 x", 550, "5.999.999", "x"},
    {"text with numbers", "550 5.7.1 5.7.1 is the code", 550, "5.7.1", "5.7.1 is the code"},
    {"nothing at all", NULL, 0, NULL, NULL},
    {"empty", "", 0, NULL, NULL},
    {"success keeps nothing from going out", "250 2.0.0 fine", 0, NULL, NULL},
    {"intermediate", "354 3.0.0 go on", 0, NULL, NULL},
    {"no such class", "650 6.0.0 x", 0, NULL, NULL},
    {"status of two digits", "55 5.7.1 x", 0, NULL, NULL},
    {"status of four digits", "5500 5.7.1 x", 0, NULL, NULL},
    {"status with a letter", "55O 5.7.1 x", 0, NULL, NULL},
    {"continued reply", "550-5.7.1 x", 0, NULL, NULL},
    {"status alone", "550", 0, NULL, NULL},
    {"no enhanced code", "550 no", 0, NULL, NULL},
    {"enhanced code alone", "550 5.7.1", 0, NULL, NULL},
    {"no text", "550 5.7.1 ", 0, NULL, NULL},
    {"blank text", "550 5.7.1   ", 0, NULL, NULL},
    {"enhanced code of two parts", "550 5.7 x", 0, NULL, NULL},
    {"enhanced code of four parts", "550 5.7.1.2 x", 0, NULL, NULL},
    {"empty part", "550 5..1 x", 0, NULL, NULL},
    {"part of four digits", "550 5.1000.1 x", 0, NULL, NULL},
    {"leading zeros do not make it longer", "550 5.0000000.1 x", 0, NULL, NULL},
    {"classes differ", "550 4.7.1 x", 0, NULL, NULL},
    {"another class beside 451", "451 5.7.5 x", 0, NULL, NULL},
    {"two lines", "550 5.7.1 one\r\n250 two", 0, NULL, NULL},
    {"line end at the end", "550 5.7.1 one\n", 0, NULL, NULL},
    {"not ASCII", "550 5.7.1 caf\xc3\xa9", 0, NULL, NULL},
    {"control", "550 5.7.1 a\x1b[2J", 0, NULL, NULL},
};

static void check_row(size_t i)
{
    struct mv_reply reply = {.status = 1};
    bool read = mv_reply_read(rows[i].line, &reply);

    ck_assert_msg(read == (rows[i].status != 0), "%s: %s", rows[i].name, read ? "taken" : "refused");
    if (!read) {
        ck_assert_msg(reply.status == 1, "%s: touched", rows[i].name);
        return;
    }
    ck_assert_msg(reply.status == rows[i].status, "%s: %u", rows[i].name, reply.status);
    ck_assert_msg(strcmp(reply.enhanced, rows[i].enhanced) == 0, "%s: %s", rows[i].name, reply.enhanced);
    ck_assert_msg(strcmp(reply.text, rows[i].text) == 0, "%s: %s", rows[i].name, reply.text);
}

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(i);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows};

    return unit_run("dovecot_reply", tests, sizeof tests / sizeof tests[0]);
}
