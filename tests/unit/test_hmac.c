#include "core/crypto/hmac.h"

#include <string.h>

#include "core/base/buf.h"
#include "tests/unit/unit.h"

/* RFC 4231 4: HMAC-SHA-256 (test case 5 is a truncated one) */
static const struct {
    const char *name;
    unsigned char key_octet; /* 0: key_text */
    size_t key_len;
    const char *key_text;
    unsigned char text_octet; /* 0: text */
    size_t text_len;
    const char *text;
    const char *mac;
} rows[] = {
    {"RFC 4231 4.2", 0x0b, 20, NULL, 0, 0, "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"RFC 4231 4.3", 0, 0, "Jefe", 0, 0, "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"RFC 4231 4.4", 0xaa, 20, NULL, 0xdd, 50, NULL,
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"RFC 4231 4.7", 0xaa, 131, NULL, 0, 0, "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {"RFC 4231 4.8", 0xaa, 131, NULL, 0, 0,
     "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed "
     "before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    {"nothing with nothing", 0, 0, "", 0, 0, "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
};

static struct mv_bytes fill(unsigned char *room, unsigned char octet, size_t len, const char *text)
{
    if (octet == 0)
        return mv_bytes_str(text);
    memset(room, octet, len);
    return mv_bytes_of(room, len);
}

START_TEST(known_answers)
{
    unsigned char key[200], text[200], mac[MV_SHA256_BYTES];
    struct mv_buf hex;

    mv_buf_init(&hex, 100);
    ck_assert_int_eq(mv_hmac(fill(key, rows[_i].key_octet, rows[_i].key_len, rows[_i].key_text),
                             fill(text, rows[_i].text_octet, rows[_i].text_len, rows[_i].text), mac), MV_OK);
    for (size_t i = 0; i < sizeof mac; i++)
        mv_buf_printf(&hex, "%02x", mac[i]);
    ck_assert_msg(strcmp(mv_buf_cstr(&hex), rows[_i].mac) == 0, "%s: %s", rows[_i].name, mv_buf_cstr(&hex));
    mv_buf_free(&hex);
}
END_TEST

START_TEST(comparison)
{
    unsigned char a[MV_SHA256_BYTES] = {1}, b[MV_SHA256_BYTES] = {1};

    ck_assert(mv_hmac_equal(a, b));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] ^= 0x80;
        ck_assert_msg(!mv_hmac_equal(a, b), "octet %zu", i);
        b[i] ^= 0x80;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hmac");
    TCase *tcase = tcase_create("hmac");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, known_answers, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tcase, comparison);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
