#include "core/base/base64.h"

#include "tests/unit/unit.h"

struct row {
    const char *name;
    struct mv_bytes text;
    bool ok;
    struct mv_bytes octets;
};

/* RFC 4648 4, 10; RFC 6376 2.10 for white space */
static const struct row rows[] = {
    {"empty", MV_BYTES(""), true, MV_BYTES("")},
    {"f", MV_BYTES("Zg=="), true, MV_BYTES("f")},
    {"fo", MV_BYTES("Zm8="), true, MV_BYTES("fo")},
    {"foo", MV_BYTES("Zm9v"), true, MV_BYTES("foo")},
    {"foob", MV_BYTES("Zm9vYg=="), true, MV_BYTES("foob")},
    {"fooba", MV_BYTES("Zm9vYmE="), true, MV_BYTES("fooba")},
    {"foobar", MV_BYTES("Zm9vYmFy"), true, MV_BYTES("foobar")},
    {"ends of the alphabet", MV_BYTES("AP+/+w=="), true, MV_BYTES("\x00\xff\xbf\xfb")},
    {"white space anywhere", MV_BYTES(" Z\tm\r\n 9v Y g = = "), true, MV_BYTES("foob")},
    {"white space only", MV_BYTES(" \r\n\t"), true, MV_BYTES("")},
    {"white space after whole groups", MV_BYTES("Zm9vYmFy\r\n Zm9vYg=="), true, MV_BYTES("foobarfoob")},
    {"white space in the second group", MV_BYTES("Zm9vYm\r\n FyZm9v"), true, MV_BYTES("foobarfoo")},

    {"bad byte, first of a later group", MV_BYTES("Zm9v*m9vZm9v"), false, MV_BYTES("")},
    {"bad byte, second of a later group", MV_BYTES("Zm9vZ*9vZm9v"), false, MV_BYTES("")},
    {"bad byte, third of a later group", MV_BYTES("Zm9vZm*vZm9v"), false, MV_BYTES("")},
    {"bad byte, last of a later group", MV_BYTES("Zm9vZm9*Zm9v"), false, MV_BYTES("")},
    {"pad inside", MV_BYTES("Zm9vZm8=Zm9v"), false, MV_BYTES("")},
    {"one digit", MV_BYTES("Z"), false, MV_BYTES("")},
    {"no padding, one octet", MV_BYTES("Zg"), false, MV_BYTES("")},
    {"no padding, two octets", MV_BYTES("Zm8"), false, MV_BYTES("")},
    {"half the padding", MV_BYTES("Zg="), false, MV_BYTES("")},
    {"one digit, three pads", MV_BYTES("Z==="), false, MV_BYTES("")},
    {"padding only", MV_BYTES("===="), false, MV_BYTES("")},
    {"one pad only", MV_BYTES("="), false, MV_BYTES("")},
    {"padding after a whole group", MV_BYTES("Zm9v="), false, MV_BYTES("")},
    {"padding group after a whole group", MV_BYTES("Zm9v===="), false, MV_BYTES("")},
    {"too much padding", MV_BYTES("Zg==="), false, MV_BYTES("")},
    {"too much padding, two octets", MV_BYTES("Zm8=="), false, MV_BYTES("")},
    {"text behind the padding", MV_BYTES("Zg==Zg=="), false, MV_BYTES("")},
    {"text between the pads", MV_BYTES("Zg=A"), false, MV_BYTES("")},
    {"unused bits set, one octet", MV_BYTES("Zh=="), false, MV_BYTES("")},
    {"unused bits set, two octets", MV_BYTES("Zm9="), false, MV_BYTES("")},
    {"URL alphabet, minus", MV_BYTES("AP-v"), false, MV_BYTES("")},
    {"URL alphabet, underscore", MV_BYTES("AP_v"), false, MV_BYTES("")},
    {"control", MV_BYTES("Zm\x01v"), false, MV_BYTES("")},
    {"vertical tab", MV_BYTES("Zm\v9v"), false, MV_BYTES("")},
    {"NUL", MV_BYTES("Zm9v\0"), false, MV_BYTES("")},
    {"8 bit", MV_BYTES("Zm9\xf6"), false, MV_BYTES("")},
    {"semicolon", MV_BYTES("Zm9v;"), false, MV_BYTES("")},
};

START_TEST(decodes_strictly)
{
    struct mv_arena *arena = mv_arena_new(1 << 20);

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct mv_bytes octets;
        struct mv_buf out;
        bool ok;

        mv_buf_init(&out, 1000);
        ok = mv_base64_decode(row->text, &out);
        ck_assert_msg(ok == row->ok, "%s: %s", row->name, ok ? "accepted" : "refused");
        ck_assert_msg(!ok || mv_bytes_equal(mv_buf_bytes(&out), row->octets), "%s: octets", row->name);
        mv_buf_free(&out);
        ok = mv_base64_decode_in(arena, row->text, 1000, &octets) == MV_OK;
        ck_assert_msg(ok == row->ok, "%s: %s in an arena", row->name, ok ? "accepted" : "refused");
        ck_assert_msg(!ok || mv_bytes_equal(octets, row->octets), "%s: octets in an arena", row->name);
    }
    ck_assert_int_eq(mv_base64_decode_in(arena, MV_BYTES("Zm9v"), 3, &(struct mv_bytes){NULL, 0}), MV_OK);
    ck_assert_int_eq(mv_base64_decode_in(arena, MV_BYTES("Zm9v"), 2, &(struct mv_bytes){NULL, 0}), MV_ERR_SYNTAX);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(encodes_what_it_decodes)
{
    unsigned char octets[256];

    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (unsigned char)(i * 7 + 3);
    for (size_t len = 0; len <= sizeof octets; len++) {
        struct mv_buf text, back;

        mv_buf_init(&text, 1000);
        mv_buf_init(&back, 1000);
        mv_base64_encode(mv_bytes_of(octets, len), &text);
        ck_assert_uint_eq(mv_buf_bytes(&text).len, (len + 2) / 3 * 4);
        ck_assert(mv_base64_decode(mv_buf_bytes(&text), &back));
        ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&back), mv_bytes_of(octets, len)), "%zu octets", len);
        mv_buf_free(&text);
        mv_buf_free(&back);
    }
}
END_TEST

START_TEST(appends_and_heeds_the_limit)
{
    struct mv_buf out;

    mv_buf_init(&out, 5);
    mv_buf_puts(&out, "ab");
    ck_assert(mv_base64_decode(MV_BYTES("Zm9v"), &out));
    ck_assert_str_eq(mv_buf_cstr(&out), "abfoo");
    ck_assert(!mv_base64_decode(MV_BYTES("Zg=="), &out));
    mv_buf_free(&out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {decodes_strictly, encodes_what_it_decodes, appends_and_heeds_the_limit};

    return unit_run("base64", tests, sizeof tests / sizeof tests[0]);
}
