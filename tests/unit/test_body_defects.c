#include "core/dkim/body_defects.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

#define MAX_SCANS 4
#define TEXT_BYTES 700

/* What a body holds, by the letter of RFC 6376 5.3. */
static bool is_clean_naive(struct mv_bytes body)
{
    for (size_t i = 0; i < body.len; i++) {
        bool after_cr = i > 0 && body.data[i - 1] == '\r';

        if (body.data[i] == '\0' || (body.data[i] == '\n') != after_cr)
            return false;
    }
    return body.len == 0 || body.data[body.len - 1] != '\r';
}

static bool is_clean(mv_body_scan *scan, struct mv_bytes body, size_t piece)
{
    struct mv_dkim_body_defects defects;

    mv_dkim_body_defects_init(&defects, scan);
    for (size_t at = 0; at < body.len; at += piece)
        mv_dkim_body_defects_feed(&defects, mv_bytes_slice(body, at, at + piece));
    return mv_dkim_body_defects_end(&defects) == NULL;
}

static void require_same(struct mv_bytes body, const char *name)
{
    static const size_t pieces[] = {1, 2, 63, 127, 128, 129, 130, 257, 100000};

    for (size_t s = 0; s < MAX_SCANS && mv_body_scan_at(s) != NULL; s++)
        for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
            ck_assert_msg(is_clean(mv_body_scan_at(s), body, pieces[i]) == is_clean_naive(body),
                          "%s: loop %zu, pieces of %zu", name, s, pieces[i]);
}

/* Lines of that length, in memory of just that size, so that a sanitizer sees a read past either end. */
static unsigned char *make_text(size_t len, size_t line)
{
    unsigned char *text = malloc(len);

    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < len; i++)
        text[i] = i % line == line - 2 ? '\r' : i % line == line - 1 ? '\n' : (unsigned char)(1 + i * 7 % 9);
    for (size_t i = 0; i < len; i += 13)
        text[i] = text[i] == '\r' || text[i] == '\n' ? text[i] : (unsigned char)(128 + i % 128);
    return text;
}

START_TEST(every_length)
{
    for (size_t len = 1; len < TEXT_BYTES; len += len < 300 ? 1 : 17) {
        unsigned char *text = make_text(len, 2 + len % 70);

        require_same(mv_bytes_of(text, len), "clean or cut");
        free(text);
    }
    require_same(mv_bytes_of(NULL, 0), "empty");
}
END_TEST

START_TEST(every_octet_at_every_place)
{
    static const unsigned char octets[] = {'\0', '\r', '\n', 0x80, 0x8a, 0x8d, 0x0b, 0xff};
    unsigned char *text = make_text(TEXT_BYTES, 72);

    for (size_t at = 0; at < TEXT_BYTES; at++) {
        unsigned char kept = text[at];

        text[at] = octets[_i];
        require_same(mv_bytes_of(text, TEXT_BYTES), "one octet");
        text[at] = kept;
    }
    free(text);
}
END_TEST

START_TEST(nothing_but_line_ends)
{
    unsigned char *text = make_text(TEXT_BYTES, 2);

    require_same(mv_bytes_of(text, TEXT_BYTES), "CRLF");
    require_same(mv_bytes_of(text + 1, TEXT_BYTES - 1), "LF first");
    require_same(mv_bytes_of(text, TEXT_BYTES - 1), "CR last");
    memset(text, '\n', TEXT_BYTES);
    require_same(mv_bytes_of(text, TEXT_BYTES), "LF");
    memset(text, '\r', TEXT_BYTES);
    require_same(mv_bytes_of(text, TEXT_BYTES), "CR");
    memset(text, '\0', TEXT_BYTES);
    require_same(mv_bytes_of(text, TEXT_BYTES), "NUL");
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("body_defects");
    TCase *tc = tcase_create("body_defects");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, every_length);
    tcase_add_loop_test(tc, every_octet_at_every_place, 0, 8);
    tcase_add_test(tc, nothing_but_line_ends);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
