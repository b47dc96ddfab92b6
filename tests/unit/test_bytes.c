#include "core/base/bytes.h"

#include <string.h>

#include "core/base/ascii.h"
#include "tests/unit/unit.h"

START_TEST(slices_stay_inside)
{
    struct mv_bytes b = MV_BYTES("abcdef");

    ck_assert(mv_bytes_equal(mv_bytes_slice(b, 1, 3), MV_BYTES("bc")));
    ck_assert(mv_bytes_equal(mv_bytes_slice(b, 0, 6), b));
    ck_assert(mv_bytes_equal(mv_bytes_slice(b, 4, SIZE_MAX), MV_BYTES("ef")));
    ck_assert_uint_eq(mv_bytes_slice(b, 3, 3).len, 0);
    ck_assert_uint_eq(mv_bytes_slice(b, 4, 2).len, 0);
    ck_assert_uint_eq(mv_bytes_slice(b, SIZE_MAX, SIZE_MAX).len, 0);
    ck_assert_uint_eq(mv_bytes_slice(mv_bytes_str(NULL), 0, 1).len, 0);
    ck_assert_uint_eq(mv_bytes_str(NULL).len, 0);
}
END_TEST

START_TEST(trims_white_space)
{
    ck_assert(mv_bytes_equal(mv_bytes_trim(MV_BYTES(" \t\r\na b\r\n\t ")), MV_BYTES("a b")));
    ck_assert(mv_bytes_equal(mv_bytes_trim(MV_BYTES("a")), MV_BYTES("a")));
    ck_assert(mv_bytes_equal(mv_bytes_trim(MV_BYTES("\va\f")), MV_BYTES("\va\f")));
    ck_assert_uint_eq(mv_bytes_trim(MV_BYTES(" \r\n")).len, 0);
    ck_assert_uint_eq(mv_bytes_trim(MV_BYTES("")).len, 0);
}
END_TEST

struct pair_row {
    struct mv_bytes a, b;
    bool equal, equal_nocase, prefix, suffix; /* of b in a, in either case */
};

static const struct pair_row pair_rows[] = {
    {MV_BYTES("abc"), MV_BYTES("abc"), true, true, true, true},
    {MV_BYTES("aBc"), MV_BYTES("AbC"), false, true, true, true},
    {MV_BYTES(""), MV_BYTES(""), true, true, true, true},
    {MV_BYTES("abc"), MV_BYTES(""), false, false, true, true},
    {MV_BYTES("abcd"), MV_BYTES("AB"), false, false, true, false},
    {MV_BYTES("abcd"), MV_BYTES("CD"), false, false, false, true},
    {MV_BYTES("ab"), MV_BYTES("abc"), false, false, false, false},
    {MV_BYTES("a\0b"), MV_BYTES("a\0c"), false, false, false, false},
    {MV_BYTES("\xc3\xbc"), MV_BYTES("\xc3\x9c"), false, false, false, false},
    {MV_BYTES("[]"), MV_BYTES("{}"), false, false, false, false},
    {MV_BYTES("@"), MV_BYTES("`"), false, false, false, false},
};

START_TEST(compares)
{
    for (size_t i = 0; i < sizeof pair_rows / sizeof pair_rows[0]; i++) {
        const struct pair_row *row = &pair_rows[i];

        ck_assert_msg(mv_bytes_equal(row->a, row->b) == row->equal, "row %zu: equal", i);
        ck_assert_msg(mv_bytes_equal_nocase(row->a, row->b) == row->equal_nocase, "row %zu: nocase", i);
        ck_assert_msg(mv_bytes_has_prefix_nocase(row->a, row->b) == row->prefix, "row %zu: prefix", i);
        ck_assert_msg(mv_bytes_has_suffix_nocase(row->a, row->b) == row->suffix, "row %zu: suffix", i);
    }
}
END_TEST

START_TEST(finds_bytes)
{
    struct mv_bytes b = MV_BYTES("a.b.c");

    ck_assert_uint_eq(mv_bytes_find(b, '.'), 1);
    ck_assert_uint_eq(mv_bytes_find_last(b, '.'), 3);
    ck_assert_uint_eq(mv_bytes_find(b, 'x'), 5);
    ck_assert_uint_eq(mv_bytes_find_last(b, 'x'), 5);
    ck_assert_uint_eq(mv_bytes_find(mv_bytes_str(NULL), 'x'), 0);
    ck_assert_uint_eq(mv_bytes_find_last(mv_bytes_str(NULL), 'x'), 0);
    ck_assert(mv_bytes_equal(mv_bytes_directory(MV_BYTES("a/b/c")), MV_BYTES("a/b")));
    ck_assert(mv_bytes_equal(mv_bytes_directory(MV_BYTES("/a")), MV_BYTES("/")));
    ck_assert(mv_bytes_equal(mv_bytes_directory(MV_BYTES("a")), MV_BYTES(".")));
    ck_assert(mv_bytes_all(MV_BYTES("09"), MV_ASCII_DIGIT));
    ck_assert(mv_bytes_all(MV_BYTES(""), MV_ASCII_DIGIT));
    ck_assert(!mv_bytes_all(MV_BYTES("0a"), MV_ASCII_DIGIT));
    for (size_t len = 1; len <= 9; len++) { /* one bad byte at each place of each length */
        unsigned char digits[9];

        for (size_t bad = 0; bad < len; bad++) {
            memset(digits, '5', sizeof digits);
            ck_assert(mv_bytes_all(mv_bytes_of(digits, len), MV_ASCII_DIGIT));
            digits[bad] = 'a';
            ck_assert_msg(!mv_bytes_all(mv_bytes_of(digits, len), MV_ASCII_DIGIT), "%zu of %zu", bad, len);
        }
    }
}
END_TEST

struct utf8_row {
    const char *name;
    struct mv_bytes text;
    bool ok;
};

/* RFC 3629 3, 4 */
static const struct utf8_row utf8_rows[] = {
    {"empty", MV_BYTES(""), true},
    {"ASCII with NUL", MV_BYTES("a\0\x7f"), true},
    {"edges of two bytes", MV_BYTES("\xc2\x80\xdf\xbf"), true},
    {"edges of three bytes", MV_BYTES("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"), true},
    {"edges of four bytes", MV_BYTES("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), true},
    {"a tail alone", MV_BYTES("\x80"), false},
    {"last tail alone", MV_BYTES("a\xbf"), false},
    {"overlong NUL", MV_BYTES("\xc0\x80"), false},
    {"overlong solidus", MV_BYTES("\xc1\xaf"), false},
    {"overlong in three", MV_BYTES("\xe0\x9f\xbf"), false},
    {"overlong in four", MV_BYTES("\xf0\x8f\xbf\xbf"), false},
    {"low surrogate edge", MV_BYTES("\xed\xa0\x80"), false},
    {"high surrogate edge", MV_BYTES("\xed\xbf\xbf"), false},
    {"U+110000", MV_BYTES("\xf4\x90\x80\x80"), false},
    {"five bytes", MV_BYTES("\xf8\x88\x80\x80\x80"), false},
    {"FE", MV_BYTES("\xfe"), false},
    {"FF", MV_BYTES("\xff"), false},
    {"cut after one of two", MV_BYTES("\xc3"), false},
    {"cut after two of three", MV_BYTES("\xe2\x82"), false},
    {"cut after three of four", MV_BYTES("\xf0\x9f\x98"), false},
    {"ASCII for a tail", MV_BYTES("\xc3(\xbc"), false},
    {"first byte for a tail", MV_BYTES("\xe2\x82\xc3"), false},
    {"Latin-1", MV_BYTES("J\xf6rg"), false},
};

START_TEST(knows_utf8)
{
    for (size_t i = 0; i < sizeof utf8_rows / sizeof utf8_rows[0]; i++)
        ck_assert_msg(mv_bytes_is_utf8(utf8_rows[i].text) == utf8_rows[i].ok, "%s", utf8_rows[i].name);
}
END_TEST

struct uint_row {
    const char *text;
    uint64_t max;
    bool ok;
    uint64_t value;
};

static const struct uint_row uint_rows[] = {
    {"0", 0, true, 0},
    {"007", 10, true, 7},
    {"128", 128, true, 128},
    {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
    {"", 10, false, 0},
    {"129", 128, false, 0},
    {"9", 8, false, 0},
    {"18446744073709551616", UINT64_MAX, false, 0},
    {"99999999999999999999999999", UINT64_MAX, false, 0},
    {"-1", 10, false, 0},
    {"+1", 10, false, 0},
    {" 1", 10, false, 0},
    {"1 ", 10, false, 0},
    {"0x1", 10, false, 0},
    {"1/", 100, false, 0},
    {"1:", 100, false, 0},
};

START_TEST(reads_numbers)
{
    for (size_t i = 0; i < sizeof uint_rows / sizeof uint_rows[0]; i++) {
        const struct uint_row *row = &uint_rows[i];
        uint64_t value = 0;
        bool ok = mv_bytes_to_uint(mv_bytes_str(row->text), row->max, &value);

        ck_assert_msg(ok == row->ok && value == row->value, "\"%s\": %d %llu", row->text, ok,
                      (unsigned long long)value);
    }
}
END_TEST

START_TEST(cursor_walks)
{
    struct mv_cursor c = mv_cursor_of(MV_BYTES("ab  Word;x")), start = c;

    ck_assert_int_eq(mv_cursor_peek(&c), 'a');
    ck_assert_int_eq(mv_cursor_peek_at(&c, 9), 'x');
    ck_assert_int_eq(mv_cursor_peek_at(&c, 10), -1);
    ck_assert(!mv_cursor_accept(&c, 'b'));
    ck_assert(mv_cursor_accept(&c, 'a'));
    ck_assert_int_eq(mv_cursor_next(&c), 'b');
    ck_assert(mv_bytes_equal(mv_cursor_take_while(&c, MV_ASCII_WSP), MV_BYTES("  ")));
    ck_assert(!mv_cursor_accept_nocase(&c, MV_BYTES("word!")));
    ck_assert(mv_cursor_accept_nocase(&c, MV_BYTES("wORD")));
    ck_assert(mv_bytes_equal(mv_cursor_since(&c, &start), MV_BYTES("ab  Word")));
    ck_assert_uint_eq(mv_cursor_take_until(&c, ';').len, 0);
    ck_assert(mv_bytes_equal(mv_cursor_rest(&c), MV_BYTES(";x")));
    ck_assert(mv_bytes_equal(mv_cursor_take(&c, 1), MV_BYTES(";")));
    ck_assert(mv_bytes_equal(mv_cursor_take_until(&c, ';'), MV_BYTES("x")));
    ck_assert_uint_eq(mv_cursor_left(&c), 0);
}
END_TEST

static void check_at_end(struct mv_cursor c)
{
    ck_assert_int_eq(mv_cursor_peek(&c), -1);
    ck_assert_int_eq(mv_cursor_peek_at(&c, 0), -1);
    ck_assert_int_eq(mv_cursor_peek_at(&c, SIZE_MAX), -1);
    ck_assert_int_eq(mv_cursor_next(&c), -1);
    ck_assert(!mv_cursor_accept(&c, '\0'));
    ck_assert(!mv_cursor_accept_nocase(&c, MV_BYTES("x")));
    ck_assert_uint_eq(mv_cursor_take(&c, SIZE_MAX).len, 0);
    ck_assert_uint_eq(mv_cursor_take_while(&c, ~0u).len, 0);
    ck_assert_uint_eq(mv_cursor_take_until(&c, 'x').len, 0);
    ck_assert_uint_eq(mv_cursor_rest(&c).len, 0);
    ck_assert_uint_eq(mv_cursor_left(&c), 0);
}

START_TEST(cursor_never_leaves)
{
    struct mv_cursor c = mv_cursor_of(MV_BYTES("abc"));

    mv_cursor_take(&c, 3);
    check_at_end(c);
    check_at_end(mv_cursor_of(mv_bytes_str(NULL)));
    check_at_end(mv_cursor_of(MV_BYTES("")));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {slices_stay_inside, trims_white_space, compares, finds_bytes, knows_utf8,
                                  reads_numbers, cursor_walks, cursor_never_leaves};

    return unit_run("bytes", tests, sizeof tests / sizeof tests[0]);
}
