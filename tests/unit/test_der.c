#include "core/crypto/der.h"

#include <stdlib.h>

#include <check.h>

#include "core/base/ascii.h"
#include "core/base/buf.h"
#include "tests/unit/test_keys.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static struct mv_buf octets;
static struct mv_buf wanted;

static void set_up(void)
{
    mv_buf_init(&octets, 1024 * 1024);
    mv_buf_init(&wanted, 1024 * 1024);
}

static void tear_down(void)
{
    mv_buf_free(&octets);
    mv_buf_free(&wanted);
}

/* A copy of its exact size, so that a sanitizer sees one octet too far. */
static struct mv_bytes unhex(const char *hex, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(hex));

    mv_buf_reset(out);
    while (mv_cursor_left(&c) > 0) {
        int high = mv_ascii_hex_value(mv_cursor_next(&c));

        if (high >= 0)
            mv_buf_putc(out, (unsigned char)(high << 4 | mv_ascii_hex_value(mv_cursor_next(&c))));
    }
    return mv_buf_bytes(out);
}

static const struct {
    const char *name;
    const char *der;
    const char *integer; /* NULL: refused */
} integers[] = {
    {"one", "02 01 01", "01"},
    {"127", "02 01 7f", "7f"},
    {"128 needs a sign octet", "02 02 00 80", "80"},
    {"65537", "02 03 01 00 01", "01 00 01"},
    {"what follows stays", "02 01 05 02 01 06", "05"},
    {"nothing", "", NULL},
    {"tag alone", "02", NULL},
    {"no contents", "02 01", NULL},
    {"contents cut", "02 03 01 00", NULL},
    {"no octets (X.690 8.3.1)", "02 00", NULL},
    {"zero", "02 01 00", NULL},
    {"negative", "02 01 80", NULL},
    {"minus one", "02 01 ff", NULL},
    {"surplus zero (X.690 8.3.2)", "02 02 00 01", NULL},
    {"two surplus zeros", "02 03 00 00 80", NULL},
    {"another tag", "03 01 01", NULL},
    {"constructed", "22 01 01", NULL},
    {"long form for a short length (X.690 10.1)", "02 81 01 01", NULL},
    {"length with a leading zero", "02 82 00 81 01", NULL},
    {"indefinite length", "02 80 01 00 00", NULL},
    {"reserved length", "02 ff 01", NULL},
    {"length octets cut", "02 82 01", NULL},
    {"length of 4 octets", "02 84 01 00 00 00 01", NULL},
    {"length of 3 octets, all ones", "02 83 ff ff ff 01", NULL},
};

START_TEST(take_integers)
{
    struct mv_cursor c = mv_cursor_of(unhex(integers[_i].der, &octets)), start = c;
    struct mv_bytes integer;
    bool taken = mv_der_take_positive(&c, &integer);

    ck_assert_msg(taken == (integers[_i].integer != NULL), "%s: %d", integers[_i].name, taken);
    if (!taken)
        ck_assert_msg(c.at == start.at, "%s: the cursor moved", integers[_i].name);
    else
        ck_assert_msg(mv_bytes_equal(integer, unhex(integers[_i].integer, &wanted)), "%s", integers[_i].name);
}
END_TEST

START_TEST(take_long_elements)
{
    static const struct {
        size_t length;
        const char *head;
    } rows[] = {
        {0x7f, "30 7f"}, {0x80, "30 81 80"}, {0xff, "30 81 ff"}, {0x100, "30 82 01 00"}, {0x10000, "30 83 01 00 00"}};
    struct mv_bytes contents;
    struct mv_cursor c;

    unhex(rows[_i].head, &octets);
    for (size_t i = 0; i < rows[_i].length; i++)
        mv_buf_putc(&octets, 'x');
    c = mv_cursor_of(mv_buf_bytes(&octets));
    ck_assert_msg(mv_der_take(&c, MV_DER_SEQUENCE, &contents), "%s", rows[_i].head);
    ck_assert_uint_eq(contents.len, rows[_i].length);
    ck_assert_uint_eq(mv_cursor_left(&c), 0);
    c = mv_cursor_of(mv_bytes_slice(mv_buf_bytes(&octets), 0, octets.len - 1));
    ck_assert_msg(!mv_der_take(&c, MV_DER_SEQUENCE, &contents), "%s, one octet short", rows[_i].head);
}
END_TEST

#define RSA_OID "06 09 2a 86 48 86 f7 0d 01 01 01"

static const struct {
    const char *name;
    const char *der;
    enum mv_der_rsa code;
} keys[] = {
    {"PKCS#1", "30 06 02 01 11 02 01 03", MV_DER_RSA_OK},
    {"SubjectPublicKeyInfo", "30 1a 30 0d " RSA_OID "05 00 03 09 00 30 06 02 01 11 02 01 03", MV_DER_RSA_OK},
    {"parameters absent", "30 18 30 0b " RSA_OID "03 09 00 30 06 02 01 11 02 01 03", MV_DER_RSA_OK},
    {"nothing", "", MV_DER_RSA_NOT_DER},
    {"empty sequence", "30 00", MV_DER_RSA_NOT_DER},
    {"not a sequence", "31 06 02 01 11 02 01 03", MV_DER_RSA_NOT_DER},
    {"text", "4d 49 47 66", MV_DER_RSA_NOT_DER},
    {"octets after the key", "30 06 02 01 11 02 01 03 00", MV_DER_RSA_NOT_DER},
    {"a third number inside", "30 09 02 01 11 02 01 03 02 01 05", MV_DER_RSA_NOT_DER},
    {"one number", "30 03 02 01 11", MV_DER_RSA_NOT_DER},
    {"modulus zero", "30 06 02 01 00 02 01 03", MV_DER_RSA_NOT_DER},
    {"exponent zero", "30 06 02 01 11 02 01 00", MV_DER_RSA_NOT_DER},
    {"negative modulus", "30 06 02 01 91 02 01 03", MV_DER_RSA_NOT_DER},
    {"negative exponent", "30 06 02 01 11 02 01 83", MV_DER_RSA_NOT_DER},
    {"a private key (RFC 8017 A.1.2)", "30 09 02 01 00 02 01 11 02 01 03", MV_DER_RSA_NOT_DER},
    {"outer length too large", "30 07 02 01 11 02 01 03", MV_DER_RSA_NOT_DER},
    {"outer length too small", "30 05 02 01 11 02 01 03", MV_DER_RSA_NOT_DER},
    {"inner length beyond the outer", "30 06 02 01 11 02 02 03 05", MV_DER_RSA_NOT_DER},
    {"indefinite length", "30 80 02 01 11 02 01 03 00 00", MV_DER_RSA_NOT_DER},
    {"Ed25519 (RFC 8410)", "30 0a 30 05 06 03 2b 65 70 03 01 00", MV_DER_RSA_OTHER_ALGORITHM},
    {"RSASSA-PSS", "30 1a 30 0d 06 09 2a 86 48 86 f7 0d 01 01 0a 05 00 03 09 00 30 06 02 01 11 02 01 03",
     MV_DER_RSA_OTHER_ALGORITHM},
    {"the OID's beginning", "30 19 30 0c 06 08 2a 86 48 86 f7 0d 01 01 05 00 03 09 00 30 06 02 01 11 02 01 03",
     MV_DER_RSA_OTHER_ALGORITHM},
    {"no OID", "30 0f 30 02 05 00 03 09 00 30 06 02 01 11 02 01 03", MV_DER_RSA_NOT_DER},
    {"empty algorithm", "30 0d 30 00 03 09 00 30 06 02 01 11 02 01 03", MV_DER_RSA_NOT_DER},
    {"parameters are not NULL", "30 1b 30 0e " RSA_OID "02 01 00 03 09 00 30 06 02 01 11 02 01 03", MV_DER_RSA_NOT_DER},
    {"NULL with contents", "30 1b 30 0e " RSA_OID "05 01 00 03 09 00 30 06 02 01 11 02 01 03", MV_DER_RSA_NOT_DER},
    {"something after NULL", "30 1c 30 0f " RSA_OID "05 00 05 00 03 09 00 30 06 02 01 11 02 01 03", MV_DER_RSA_NOT_DER},
    {"no bit string", "30 0f 30 0d " RSA_OID "05 00", MV_DER_RSA_NOT_DER},
    {"octet string instead", "30 1a 30 0d " RSA_OID "05 00 04 09 00 30 06 02 01 11 02 01 03", MV_DER_RSA_NOT_DER},
    {"empty bit string", "30 11 30 0d " RSA_OID "05 00 03 00", MV_DER_RSA_NOT_DER},
    {"bit string of nothing", "30 12 30 0d " RSA_OID "05 00 03 01 00", MV_DER_RSA_NOT_DER},
    {"unused bits", "30 1a 30 0d " RSA_OID "05 00 03 09 01 30 06 02 01 11 02 01 02", MV_DER_RSA_NOT_DER},
    {"octets after the inner key", "30 1b 30 0d " RSA_OID "05 00 03 0a 00 30 06 02 01 11 02 01 03 00",
     MV_DER_RSA_NOT_DER},
    {"something after the bit string", "30 1c 30 0d " RSA_OID "05 00 03 09 00 30 06 02 01 11 02 01 03 05 00",
     MV_DER_RSA_NOT_DER},
};

START_TEST(read_keys)
{
    struct mv_bytes modulus, exponent;
    enum mv_der_rsa code = mv_der_read_rsa(unhex(keys[_i].der, &octets), &modulus, &exponent);

    ck_assert_msg(code == keys[_i].code, "%s: %d", keys[_i].name, code);
    if (code == MV_DER_RSA_OK) {
        ck_assert_msg(mv_bytes_equal(modulus, MV_BYTES("\x11")), "%s", keys[_i].name);
        ck_assert_msg(mv_bytes_equal(exponent, MV_BYTES("\x03")), "%s", keys[_i].name);
    }
}
END_TEST

/* The library's own encodings, whole and cut at every place. */
START_TEST(read_library_keys)
{
    struct mv_bytes modulus, exponent, der;

    for (int form = 0; form < 2; form++) {
        mv_buf_reset(&octets);
        if (form == 0)
            test_key_spki((enum test_key_id)_i, &octets);
        else
            test_key_pkcs1((enum test_key_id)_i, &octets);
        der = mv_buf_bytes(&octets);
        ck_assert_msg(mv_der_read_rsa(der, &modulus, &exponent) == MV_DER_RSA_OK, "%s",
                      test_key_of((enum test_key_id)_i)->name);
        ck_assert_uint_eq(modulus.len, (test_key_of((enum test_key_id)_i)->bits + 7) / 8);
        for (size_t len = 0; len < der.len; len++)
            ck_assert_msg(mv_der_read_rsa(mv_bytes_slice(der, 0, len), &modulus, &exponent) == MV_DER_RSA_NOT_DER,
                          "cut to %zu", len);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("der");
    TCase *tc = tcase_create("der");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, take_integers, 0, ROWS(integers));
    tcase_add_loop_test(tc, take_long_elements, 0, 5);
    tcase_add_loop_test(tc, read_keys, 0, ROWS(keys));
    tcase_add_loop_test(tc, read_library_keys, 0, TEST_ED25519);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
