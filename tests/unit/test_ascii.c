#include "core/base/ascii.h"

#include <string.h>

#include "tests/unit/unit.h"

static bool among(int c, const char *set)
{
    return c > 0 && c < 0x80 && strchr(set, c) != NULL;
}

static bool within(int c, int low, int high)
{
    return c >= low && c <= high;
}

static bool alpha(int c)
{
    return within(c, 'a', 'z') || within(c, 'A', 'Z');
}

static bool digit(int c)
{
    return within(c, '0', '9');
}

static bool hex(int c)
{
    return digit(c) || within(c, 'a', 'f') || within(c, 'A', 'F');
}

static bool wsp(int c)
{
    return among(c, " \t");
}

static bool crlf(int c)
{
    return among(c, "\r\n");
}

static bool vchar(int c)
{
    return within(c, 0x21, 0x7e);
}

/* RFC 5322 3.2.3 */
static bool atext(int c)
{
    return alpha(c) || digit(c) || among(c, "!#$%&'*+-/=?^_`{|}~");
}

/* RFC 2045 5.1: no space, no control, no tspecials */
static bool token(int c)
{
    return vchar(c) && !among(c, "()<>@,;:\\\"/[]?=");
}

/* RFC 5322 3.6.8 */
static bool ftext(int c)
{
    return within(c, 33, 57) || within(c, 59, 126);
}

static bool utf8(int c)
{
    return within(c, 0x80, 0xff);
}

static bool ctl(int c)
{
    return within(c, 0, 0x1f) || c == 0x7f;
}

static bool ldh(int c)
{
    return alpha(c) || digit(c) || among(c, "-_");
}

static const struct {
    const char *name;
    unsigned class;
    bool (*grammar)(int c);
} rows[] = {
    {"ALPHA", MV_ASCII_ALPHA, alpha}, {"DIGIT", MV_ASCII_DIGIT, digit}, {"HEX", MV_ASCII_HEX, hex},
    {"WSP", MV_ASCII_WSP, wsp},       {"CRLF", MV_ASCII_CRLF, crlf},    {"VCHAR", MV_ASCII_VCHAR, vchar},
    {"ATEXT", MV_ASCII_ATEXT, atext}, {"TOKEN", MV_ASCII_TOKEN, token}, {"FTEXT", MV_ASCII_FTEXT, ftext},
    {"UTF8", MV_ASCII_UTF8, utf8},    {"CTL", MV_ASCII_CTL, ctl},       {"LDH", MV_ASCII_LDH, ldh},
};

START_TEST(classes_are_the_grammar)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int c = -1; c < 256; c++)
            ck_assert_msg(mv_ascii_is(c, rows[i].class) == rows[i].grammar(c), "%s: %d", rows[i].name, c);
}
END_TEST

START_TEST(classes_combine)
{
    for (int c = -1; c < 256; c++) {
        ck_assert(mv_ascii_is(c, MV_ASCII_ALNUM) == (alpha(c) || digit(c)));
        ck_assert(mv_ascii_is(c, MV_ASCII_FWS) == (wsp(c) || crlf(c)));
        ck_assert(mv_ascii_is(c, ~0u) == (c >= 0));
        ck_assert(!mv_ascii_is(c, 0));
    }
}
END_TEST

START_TEST(lower_case_and_hex_values)
{
    for (int c = 0; c < 256; c++) {
        ck_assert_int_eq(mv_ascii_lower((unsigned char)c), within(c, 'A', 'Z') ? c + 32 : c);
        ck_assert_msg((mv_ascii_hex_value(c) >= 0) == hex(c), "%d", c);
    }
    ck_assert_int_eq(mv_ascii_hex_value('0'), 0);
    ck_assert_int_eq(mv_ascii_hex_value('9'), 9);
    ck_assert_int_eq(mv_ascii_hex_value('a'), 10);
    ck_assert_int_eq(mv_ascii_hex_value('F'), 15);
    ck_assert_int_eq(mv_ascii_hex_value(-1), -1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {classes_are_the_grammar, classes_combine, lower_case_and_hex_values};

    return unit_run("ascii", tests, sizeof tests / sizeof tests[0]);
}
