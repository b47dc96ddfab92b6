#include "core/dns/servers.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static const struct {
    const char *text;
    const char *csv; /* NULL: refused */
} rows[] = {
    {"", ""},
    {" \t", ""},
    {"127.0.0.1", "127.0.0.1:53"},
    {"127.0.0.1:5353", "127.0.0.1:5353"},
    {" 127.0.0.1:53 , [::1]:5353\n", "127.0.0.1:53,[::1]:5353"},
    {"[2001:DB8:0:0::1]", "[2001:db8::1]:53"},
    {"::1", "[::1]:53"},
    {"2001:db8::53", "[2001:db8::53]:53"},
    {"1.1.1.1:65535", "1.1.1.1:65535"},
    {"192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,192.0.2.5,192.0.2.6,192.0.2.7,192.0.2.8",
     "192.0.2.1:53,192.0.2.2:53,192.0.2.3:53,192.0.2.4:53,192.0.2.5:53,192.0.2.6:53,192.0.2.7:53,192.0.2.8:53"},
    {",", NULL},
    {"127.0.0.1,", NULL},
    {",127.0.0.1", NULL},
    {"127.0.0.1,,127.0.0.2", NULL},
    {"127.0.0.1 127.0.0.2", NULL},
    {"127.0.0.1;127.0.0.2", NULL},
    {"localhost", NULL},
    {"dns.example.com:53", NULL},
    {"127.0.0.1:", NULL},
    {"127.0.0.1:0", NULL},
    {"127.0.0.1:65536", NULL},
    {"127.0.0.1:-1", NULL},
    {"127.0.0.1:53x", NULL},
    {"127.0.0.1: 53", NULL},
    {"127.0.0.1:53:53", NULL},
    {"127.0.0.1@53", NULL},
    {"127.0.0.1#53", NULL},
    {"127.0.0", NULL},
    {"127.0.0.256", NULL},
    {"127.0.0.01", NULL},
    {":53", NULL},
    {"[127.0.0.1]:53", NULL},
    {"[::1", NULL},
    {"[::1]53", NULL},
    {"[::1]:", NULL},
    {"[::1]:0", NULL},
    {"[::1]]:53", NULL},
    {"[]:53", NULL},
    {"[[::1]]", NULL},
    {"fe80::1%eth0", NULL},
    {"[fe80::1%eth0]:53", NULL},
    {"1:2:3:4:5:6:7:8:9", NULL},
    {"192.0.2.1,192.0.2.1,192.0.2.1,192.0.2.1,192.0.2.1,192.0.2.1,192.0.2.1,192.0.2.1,192.0.2.1", NULL},
};

START_TEST(a_list)
{
    struct mv_error error = {0};
    struct mv_buf csv;
    enum mv_code code;

    mv_buf_init(&csv, 1024);
    code = mv_dns_servers_parse(mv_bytes_str(rows[_i].text), &csv, &error);
    if (rows[_i].csv == NULL) {
        ck_assert_msg(code == MV_ERR_CONFIG, "\"%s\" was accepted as \"%s\"", rows[_i].text, mv_buf_cstr(&csv));
        ck_assert_msg(error.text[0] != '\0', "\"%s\": no reason", rows[_i].text);
    } else {
        ck_assert_msg(code == MV_OK, "\"%s\": %s", rows[_i].text, error.text);
        ck_assert_str_eq(mv_buf_cstr(&csv), rows[_i].csv);
    }
    mv_buf_free(&csv);
}
END_TEST

START_TEST(a_nul_is_no_end)
{
    struct mv_buf csv;

    mv_buf_init(&csv, 1024);
    ck_assert_int_eq(mv_dns_servers_parse(MV_BYTES("127.0.0.1\0"), &csv, NULL), MV_ERR_CONFIG);
    ck_assert_int_eq(mv_dns_servers_parse(MV_BYTES("127.0.0.1:53\0"), &csv, NULL), MV_ERR_CONFIG);
    mv_buf_free(&csv);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("servers");
    TCase *tc = tcase_create("servers");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, a_list, 0, ROWS(rows));
    tcase_add_test(tc, a_nul_is_no_end);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
