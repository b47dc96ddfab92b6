#include "core/auth/network.h"

#include <check.h>
#include <stdlib.h>

static const struct {
    const char *name;
    const char *network;
    const char *ip;
    bool holds;
} rows[] = {
    {"inside", "192.0.2.0/24", "192.0.2.77", true},
    {"first", "192.0.2.0/24", "192.0.2.0", true},
    {"all IPv4", "0.0.0.0/0", "203.0.113.9", true},
    {"one address", "192.0.2.5", "192.0.2.5", true},
    {"one address with its length", "192.0.2.5/32", "192.0.2.5", true},
    {"host bits are set", "192.0.2.5/24", "192.0.2.9", true},
    {"IPv6", "2001:db8::/32", "2001:db8:1::5", true},
    {"one IPv6 address", "2001:db8::1", "2001:db8::1", true},
    {"past the end", "192.0.2.0/25", "192.0.2.128", false},
    {"other address", "192.0.2.5", "192.0.2.6", false},
    {"other family", "::/0", "192.0.2.5", false},
    {"other family, IPv4 net", "0.0.0.0/0", "2001:db8::1", false},
    {"length too large", "192.0.2.0/33", "192.0.2.1", false},
    {"length too large, IPv6", "2001:db8::/129", "2001:db8::1", false},
    {"empty length", "192.0.2.0/", "192.0.2.0", false},
    {"length no number", "192.0.2.0/x", "192.0.2.0", false},
    {"negative length", "192.0.2.0/-1", "192.0.2.0", false},
    {"no address", "example.com/8", "192.0.2.0", false},
    {"empty", "", "192.0.2.0", false},
};

START_TEST(test_network_holds)
{
    struct mv_ip ip;

    ck_assert_msg(mv_ip_parse(mv_bytes_str(rows[_i].ip), &ip), "%s: bad row", rows[_i].name);
    ck_assert_msg(mv_network_holds(mv_bytes_str(rows[_i].network), &ip) == rows[_i].holds, "%s: %s in %s",
                  rows[_i].name, rows[_i].ip, rows[_i].network);
}
END_TEST

START_TEST(test_list)
{
    struct mv_bytes items[] = {MV_BYTES("192.0.2.0/24"), MV_BYTES("::1")};
    struct mv_config_list list = {items, 2}, empty = {NULL, 0};
    struct mv_ip ip;

    ck_assert(mv_ip_parse(MV_BYTES("::1"), &ip));
    ck_assert(mv_network_list_holds(&list, &ip));
    ck_assert(!mv_network_list_holds(&empty, &ip));
    ck_assert(mv_ip_parse(MV_BYTES("198.51.100.1"), &ip));
    ck_assert(!mv_network_list_holds(&list, &ip));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("network");
    TCase *tcase = tcase_create("network");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, test_network_holds, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tcase, test_list);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
