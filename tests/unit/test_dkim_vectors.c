#include "core/dkim/verify.h"

#include <stdio.h>
#include <stdlib.h>

#include <check.h>

#include "tests/unit/dkim_test_run.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static struct mv_buf message;

static void set_up(void)
{
    mv_buf_init(&message, DKIM_TEST_MAX_BYTES);
}

static void tear_down(void)
{
    mv_buf_free(&message);
}

/* RFC 6376 A.2, RFC 8463 A.3 and changed copies of them. */
static const struct {
    const char *file;
    size_t count;
    enum mv_dkim_code codes[2];
} vectors[] = {
    {"rfc6376-A.2.eml", 1, {MV_DKIM_PASS}},
    {"rfc6376-A.2-body_modified.eml", 1, {MV_DKIM_FAIL}},
    {"rfc6376-A.2-header_subject_modified.eml", 1, {MV_DKIM_FAIL}},
    {"rfc6376-A.2-ill_formed-list_id.eml", 1, {MV_DKIM_PASS}},
    {"rfc6376-A.2-ill_formed-missing_v.eml", 1, {MV_DKIM_PERMERROR}},
    {"rfc8463-A.3.eml", 2, {MV_DKIM_PASS, MV_DKIM_PASS}},
    {"rfc8463-A.3-key_algo_mismatch.eml", 2, {MV_DKIM_PERMERROR, MV_DKIM_PERMERROR}},
};

static const struct dkim_test_dns vector_keys[] = {
    {"brisbane._domainkey.example.com",
     "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
     "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
     "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB",
     MV_DNS_FOUND},
    {"brisbane._domainkey.football.example.com",
     "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", MV_DNS_FOUND},
    {"test._domainkey.football.example.com",
     "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhd"
     "R6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5"
     "QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
     MV_DNS_FOUND},
};

/* The files have LF; a message has CRLF. false: the suite is not there. */
static bool read_vector(const char *file)
{
    const char *source = getenv("srcdir");
    char path[1000];
    FILE *stream;
    int c;

    snprintf(path, sizeof path, "%s/../shared/suites/rfc-vectors/%s", source == NULL ? "." : source, file);
    stream = fopen(path, "r");
    if (stream == NULL)
        return false;
    while ((c = getc(stream)) != EOF) {
        if (c == '\n')
            mv_buf_putc(&message, '\r');
        if (c != '\r')
            mv_buf_putc(&message, (unsigned char)c);
    }
    fclose(stream);
    return true;
}

START_TEST(rfc_vectors)
{
    struct mv_dkim_options options = {.now_secs = DKIM_TEST_NOW, .min_rsa_bits = 1024};
    struct dkim_test_run run;

    if (!read_vector(vectors[_i].file)) {
        printf("skipped: ../shared/suites/rfc-vectors/%s is not there\n", vectors[_i].file);
        return;
    }
    dkim_test_run(&run, &options, mv_buf_bytes(&message), 0, vector_keys, ROWS(vector_keys));
    ck_assert_msg(run.count == vectors[_i].count, "%s: %zu signatures", vectors[_i].file, run.count);
    for (size_t i = 0; i < run.count; i++)
        ck_assert_msg(run.results[i].code == vectors[_i].codes[i], "%s: signature %zu: %s, %s", vectors[_i].file, i,
                      mv_dkim_code_text(run.results[i].code), run.results[i].reason);
    dkim_test_end(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dkim_vectors");
    TCase *tc = tcase_create("dkim_vectors");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, rfc_vectors, 0, ROWS(vectors));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
