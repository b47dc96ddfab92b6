#include "lmtp-hook/reply.h"

#include "lmtp-hook/offer.h"
#include "tests/unit/unit.h"

static const struct {
    const char *name;
    const char *lines[4];
    enum mv_reply_code last;
    unsigned code;
    const char *text;
} rows[] = {
    {"one line", {"250 2.0.0 Ok"}, MV_REPLY_DONE, 250, "250 2.0.0 Ok\r\n"},
    {"code alone", {"250"}, MV_REPLY_DONE, 250, "250\r\n"},
    {"two lines", {"250-a", "250 b"}, MV_REPLY_DONE, 250, "250-a\r\n250 b\r\n"},
    {"not over", {"250-a", "250-b"}, MV_REPLY_MORE, 250, "250-a\r\n250-b\r\n"},
    {"354", {"354 go on"}, MV_REPLY_DONE, 354, "354 go on\r\n"},
    {"control characters", {"550 a\x1b[31m\tb"}, MV_REPLY_DONE, 550, "550 a?[31m\tb\r\n"},
    {"codes differ", {"250-a", "550 b"}, MV_REPLY_BAD, 250, NULL},
    {"no code", {"hello"}, MV_REPLY_BAD, 0, NULL},
    {"empty line", {""}, MV_REPLY_BAD, 0, NULL},
    {"two digits", {"25"}, MV_REPLY_BAD, 0, NULL},
    {"1yz", {"150 wait"}, MV_REPLY_BAD, 0, NULL},
    {"6yz", {"600 no"}, MV_REPLY_BAD, 0, NULL},
    {"four digits", {"2500 Ok"}, MV_REPLY_BAD, 0, NULL},
    {"no space", {"250Ok"}, MV_REPLY_BAD, 0, NULL},
    {"sign", {"+50 Ok"}, MV_REPLY_BAD, 0, NULL},
};

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mv_reply reply;
        enum mv_reply_code code = MV_REPLY_MORE;

        mv_reply_init(&reply);
        for (size_t j = 0; j < 4 && rows[i].lines[j] != NULL; j++)
            code = mv_reply_add(&reply, mv_bytes_str(rows[i].lines[j]));
        ck_assert_msg(code == rows[i].last, "%s: %d", rows[i].name, (int)code);
        if (rows[i].text != NULL) {
            ck_assert_msg(reply.code == rows[i].code, "%s: code %u", rows[i].name, reply.code);
            ck_assert_str_eq(mv_buf_cstr(&reply.text), rows[i].text);
        }
        mv_reply_free(&reply);
    }
}
END_TEST

START_TEST(test_limits)
{
    struct mv_reply reply;

    mv_reply_init(&reply);
    for (int i = 0; i < MV_REPLY_MAX_LINES; i++)
        ck_assert_int_eq(mv_reply_add(&reply, MV_BYTES("250-x")), MV_REPLY_MORE);
    ck_assert_int_eq(mv_reply_add(&reply, MV_BYTES("250 x")), MV_REPLY_BAD);
    mv_reply_set(&reply, "451 4.4.2 Lost");
    ck_assert_uint_eq(reply.code, 451);
    ck_assert(!mv_reply_is_good(&reply));
    ck_assert(mv_bytes_equal(mv_reply_first(&reply), MV_BYTES("451 4.4.2 Lost")));
    mv_reply_free(&reply);
}
END_TEST

static void expect_offer(const char *lhlo, const struct mv_offer *offer, uint64_t max, enum mv_offer_trust trust,
                         const char *wanted)
{
    struct mv_reply reply;
    struct mv_offer read;
    struct mv_buf out;

    mv_reply_init(&reply);
    for (struct mv_cursor c = mv_cursor_of(mv_bytes_str(lhlo)); mv_cursor_left(&c) > 0; mv_cursor_accept(&c, '|'))
        mv_reply_add(&reply, mv_cursor_take_until(&c, '|'));
    mv_offer_read(&reply, &read);
    ck_assert_msg(read.eightbitmime == offer->eightbitmime && read.smtputf8 == offer->smtputf8 &&
                      read.dsn == offer->dsn && read.enhanced == offer->enhanced && read.takes_size == offer->takes_size &&
                      read.size == offer->size, "%s", lhlo);
    mv_buf_init(&out, MV_OFFER_MAX_BYTES);
    mv_offer_put(&read, "mx", max, trust, &out);
    ck_assert_str_eq(mv_buf_cstr(&out), wanted);
    mv_buf_free(&out);
    mv_reply_free(&reply);
}

START_TEST(test_offer)
{
    static const struct mv_offer none = {.size = 0}, all = {true, true, true, true, true, 5000},
                                 size = {.takes_size = true, .size = 10}, odd_size = {.takes_size = true};

    expect_offer("250 dovecot", &none, 100, MV_OFFER_STRANGER,
                 "250-mx\r\n250-SIZE 100\r\n250 PIPELINING\r\n");
    expect_offer("250-8BITMIME|250-8bitmime|250-SMTPUTF8|250-SIZE 5000|250-CHUNKING|250-STARTTLS|250-EnhancedStatusCodes|250 DSN", &all, 100,
                 MV_OFFER_STRANGER,
                 "250-mx\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250-SIZE 100\r\n250-ENHANCEDSTATUSCODES\r\n"
                 "250 PIPELINING\r\n");
    expect_offer("250-x|250 SIZE 10", &size, 0, MV_OFFER_TRUSTED,
                 "250-mx\r\n250-SIZE 10\r\n250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n"
                 "250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN\r\n250 PIPELINING\r\n");
    expect_offer("250-x|250-SIZE x|250-XSMTPUTF8|250 DSNS", &odd_size, 0, MV_OFFER_STRANGER,
                 "250-mx\r\n250-SIZE 0\r\n250 PIPELINING\r\n");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_limits, test_offer};

    return unit_run("lmtp_reply", tests, sizeof tests / sizeof tests[0]);
}
