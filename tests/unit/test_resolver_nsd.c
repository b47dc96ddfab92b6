/*
 * The resolver against a real server: NSD on loopback with a zone of its own,
 * in a directory of its own.  Skipped (77) when NSD is missing.
 */
#include "core/dns/resolver.h"

#include <arpa/inet.h>
#include <check.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define SKIPPED 77
#define NSD "/usr/sbin/nsd"

static char dir[] = "/tmp/mailvouch-nsd-XXXXXX";
static int port;
static pid_t server;

static const char zone[] =
    "$ORIGIN example.\n$TTL 300\n"
    "@ IN SOA ns hostmaster 1 3600 600 86400 60\n"
    "  IN NS ns\n"
    "  IN MX 10 mx1\n  IN MX 20 MX2.example.\n"
    "  IN TXT \"v=spf1 -all\"\n  60 IN TXT \"two \" \"strings\"\n"
    "ns IN A 127.0.0.1\n"
    "a IN A 192.0.2.1\na IN A 192.0.2.2\n"
    "aaaa IN AAAA 2001:db8::1\n"
    "nullmx IN MX 0 .\n"
    "1.2.0.192.in-addr.arpa IN PTR Mail.Example.\n"
    "ptr IN PTR odd\\.label.example.\nptr IN PTR good.example.\n"
    "alias 60 IN CNAME alias2\nalias2 IN CNAME a\n"
    "dangling IN CNAME nowhere\n"
    "odd IN CNAME a+b\na+b IN A 192.0.2.4\na+b IN TXT \"odd\"\noddptr IN PTR x+y\n"
    "outside IN CNAME a.elsewhere.test.\n"
    "below.empty IN A 192.0.2.3\n"
    "*.wild IN TXT \"wild\"\n"
    "bytes IN TXT \"\\000\\255\\\"\\\\\"\n"
    "long IN TXT \"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"\n";

static const struct {
    const char *name;
    enum mv_dns_type type;
    enum mv_dns_status status;
    unsigned count;
    struct mv_bytes first; /* of the records, in some order, one is this */
    uint32_t ttl_secs;
} rows[] = {
    {"a.example", MV_DNS_A, MV_DNS_FOUND, 2, MV_BYTES("\300\0\2\1"), 300},
    {"A.EXAMPLE.", MV_DNS_A, MV_DNS_FOUND, 2, MV_BYTES("\300\0\2\2"), 300},
    {"aaaa.example", MV_DNS_AAAA, MV_DNS_FOUND, 1, MV_BYTES("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), 300},
    {"example", MV_DNS_MX, MV_DNS_FOUND, 2, MV_BYTES("mx2.example"), 300},
    {"nullmx.example", MV_DNS_MX, MV_DNS_FOUND, 1, MV_BYTES(""), 300},
    {"example", MV_DNS_TXT, MV_DNS_FOUND, 2, MV_BYTES("two strings"), 300},
    {"example", MV_DNS_NS, MV_DNS_FOUND, 1, MV_BYTES("ns.example"), 300},
    {"example", MV_DNS_SOA, MV_DNS_FOUND, 1, MV_BYTES("ns.example"), 300},
    {"1.2.0.192.in-addr.arpa.example", MV_DNS_PTR, MV_DNS_FOUND, 1, MV_BYTES("mail.example"), 300},
    {"ptr.example", MV_DNS_PTR, MV_DNS_FOUND, 1, MV_BYTES("good.example"), 300},
    {"alias.example", MV_DNS_CNAME, MV_DNS_FOUND, 1, MV_BYTES("alias2.example"), 60},
    {"alias.example", MV_DNS_A, MV_DNS_FOUND, 2, MV_BYTES("\300\0\2\2"), 60},
    {"odd.example", MV_DNS_A, MV_DNS_FOUND, 1, MV_BYTES("\300\0\2\4"), 300},
    {"A+B.example", MV_DNS_TXT, MV_DNS_FOUND, 1, MV_BYTES("odd"), 300},
    {"oddptr.example", MV_DNS_PTR, MV_DNS_FOUND, 1, MV_BYTES("x+y.example"), 300},
    {"x.y.wild.example", MV_DNS_TXT, MV_DNS_FOUND, 1, MV_BYTES("wild"), 300},
    {"bytes.example", MV_DNS_TXT, MV_DNS_FOUND, 1, MV_BYTES("\0\377\"\\"), 300},
    {"alias.example", MV_DNS_TXT, MV_DNS_NODATA, 0, MV_BYTES(""), 60},
    {"a.example", MV_DNS_TXT, MV_DNS_NODATA, 0, MV_BYTES(""), 0},
    {"empty.example", MV_DNS_A, MV_DNS_NODATA, 0, MV_BYTES(""), 0},
    {"nowhere.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0, MV_BYTES(""), 0},
    {"x.a.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0, MV_BYTES(""), 0},
    {"dangling.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0, MV_BYTES(""), 300},
    {"two\\dots.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0, MV_BYTES(""), 0},
    {"\1 \377\".example", MV_DNS_A, MV_DNS_NXDOMAIN, 0, MV_BYTES(""), 0},
    {"a.elsewhere.test", MV_DNS_A, MV_DNS_REFUSED, 0, MV_BYTES(""), 0},
};

/* The server */

static bool raise_loopback(void)
{
    struct ifreq lo = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &lo) == 0;

    if (up && (lo.ifr_flags & IFF_UP) == 0) {
        lo.ifr_flags |= IFF_UP;
        up = ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
    }
    close(fd);
    return up;
}

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&address, len) != 0 || getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        address.sin_port = 0;
    close(fd);
    return ntohs(address.sin_port);
}

static FILE *create(const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return fopen(path, "we");
}

/* 3 kB in one record, and 200 names for many questions. */
static void write_zone(void)
{
    FILE *file = create("example.zone");

    fputs(zone, file);
    fputs("big IN TXT", file);
    for (int i = 0; i < 15; i++)
        fprintf(file, " \"%0200d\"", i);
    for (int i = 0; i < 200; i++)
        fprintf(file, "\nn%d IN TXT \"v=DMARC1; p=reject; rua=mailto:dmarc-reports@n%d.example\"", i, i);
    fputs("\n", file);
    fclose(file);
}

static void write_configuration(void)
{
    FILE *file = create("nsd.conf");

    fprintf(file,
            "server:\n  ip-address: 127.0.0.1@%d\n  server-count: 1\n  username: \"\"\n  chroot: \"\"\n"
            "  zonesdir: \"%s\"\n  database: \"\"\n  pidfile: \"%s/pid\"\n  xfrdfile: \"%s/xfrd\"\n  xfrdir: \"%s\"\n"
            "  zonelistfile: \"%s/zones\"\n  logfile: \"%s/log\"\n  rrl-ratelimit: 0\n"
            "remote-control:\n  control-enable: no\nzone:\n  name: example\n  zonefile: example.zone\n",
            port, dir, dir, dir, dir, dir, dir);
    fclose(file);
}

static void start_nsd(void)
{
    char path[64];

    snprintf(path, sizeof path, "%s/nsd.conf", dir);
    server = fork();
    if (server != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execl(NSD, NSD, "-d", "-c", path, (char *)NULL);
    _exit(127);
}

static struct mv_resolver *new_resolver(void)
{
    struct mv_resolver *resolver;
    char servers[32];

    snprintf(servers, sizeof servers, "127.0.0.1:%d", port);
    return mv_resolver_cares_new(mv_bytes_str(servers), 2000, &resolver, NULL) == MV_OK ? resolver : NULL;
}

static bool answers_within(int tries)
{
    struct mv_resolver *resolver = new_resolver();
    bool found = false;

    for (int i = 0; i < tries && !found; i++) {
        struct mv_arena *arena = mv_arena_new(65536);
        struct mv_memo *memo = mv_memo_new(arena);

        mv_memo_ask(memo, MV_BYTES("example"), MV_DNS_SOA);
        if (mv_resolver_wait(resolver, memo, mv_resolver_now_msecs() + 200) == MV_OK)
            found = mv_memo_ask(memo, MV_BYTES("example"), MV_DNS_SOA)->status == MV_DNS_FOUND;
        mv_resolver_forget(resolver, memo);
        mv_arena_free(&arena);
        if (!found)
            usleep(50 * 1000);
    }
    mv_resolver_free(&resolver);
    return found;
}

static bool start_server(void)
{
    port = free_port();
    if (access(NSD, X_OK) != 0 || !raise_loopback() || port == 0 || mkdtemp(dir) == NULL)
        return false;
    write_zone();
    write_configuration();
    start_nsd();
    return true;
}

static void stop_server(void)
{
    static const char *const files[] = {"example.zone", "nsd.conf", "pid", "xfrd", "zones", "log"};
    char path[64];

    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
    for (size_t i = 0; i < ROWS(files); i++) {
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        unlink(path);
    }
    rmdir(dir);
}

/* The tests */

static struct mv_arena *arena;
static struct mv_memo *memo;
static struct mv_resolver *resolver;

static void set_up(void)
{
    arena = mv_arena_new(4 * 1024 * 1024);
    memo = mv_memo_new(arena);
    resolver = new_resolver();
    ck_assert_ptr_nonnull(resolver);
}

static void tear_down(void)
{
    mv_resolver_free(&resolver);
    mv_arena_free(&arena);
}

static void wait_for_all(void)
{
    int64_t start = mv_resolver_now_msecs();

    do {
        ck_assert_int_eq(mv_resolver_wait(resolver, memo, start + 5000), MV_OK);
    } while (mv_memo_open(memo) > 0);
}

static void assert_row(int i)
{
    const struct mv_dns_answer *answer = mv_memo_ask(memo, mv_bytes_str(rows[i].name), rows[i].type);
    const char *type = mv_dns_type_text(rows[i].type);
    bool seen = false;

    ck_assert_msg(answer != NULL, "%s %s: no answer", rows[i].name, type);
    ck_assert_msg(answer->status == rows[i].status, "%s %s: %s", rows[i].name, type, mv_dns_status_text(answer->status));
    ck_assert_msg(answer->count == rows[i].count, "%s %s: %zu records", rows[i].name, type, answer->count);
    ck_assert_msg(!answer->secure, "%s %s: secure", rows[i].name, type);
    for (size_t r = 0; r < answer->count; r++)
        seen = seen || mv_bytes_equal(answer->records[r].data, rows[i].first);
    ck_assert_msg(seen || answer->count == 0, "%s %s: other data", rows[i].name, type);
    if (answer->count < 2) /* the TTLs of a set are one in the end: RFC 2181 5.2 */
        ck_assert_msg(answer->ttl_secs == rows[i].ttl_secs, "%s %s: TTL %u", rows[i].name, type, (unsigned)answer->ttl_secs);
}

START_TEST(one_by_one)
{
    ck_assert_ptr_null(mv_memo_ask(memo, mv_bytes_str(rows[_i].name), rows[_i].type));
    wait_for_all();
    assert_row(_i);
}
END_TEST

START_TEST(all_at_once)
{
    for (size_t i = 0; i < ROWS(rows); i++)
        mv_memo_ask(memo, mv_bytes_str(rows[i].name), rows[i].type);
    wait_for_all();
    for (size_t i = 0; i < ROWS(rows); i++)
        assert_row((int)i);
    ck_assert_uint_eq(mv_memo_rounds(memo), 1);
}
END_TEST

/* RFC 1035 4.2.2: what does not fit into UDP comes by TCP, beside answers by UDP. */
START_TEST(by_tcp)
{
    const struct mv_dns_answer *answer;

    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_null(mv_memo_ask(memo, MV_BYTES("big.example"), MV_DNS_TXT));
        mv_memo_ask(memo, MV_BYTES("a.example"), MV_DNS_A);
        wait_for_all();
        answer = mv_memo_ask(memo, MV_BYTES("big.example"), MV_DNS_TXT);
        ck_assert_int_eq(answer->status, MV_DNS_FOUND);
        ck_assert_uint_eq(answer->records[0].data.len, 3000);
        ck_assert_uint_eq(answer->records[0].rdata.len, 3015);
        tear_down();
        set_up();
    }
}
END_TEST

START_TEST(two_hundred_questions)
{
    char name[32];

    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        ck_assert_ptr_null(mv_memo_ask(memo, mv_bytes_str(name), MV_DNS_TXT));
    }
    ck_assert_int_eq(mv_resolver_send(resolver, memo), MV_OK);
    ck_assert_uint_eq(mv_memo_questions(memo), 200);
    wait_for_all();
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        ck_assert_msg(mv_memo_ask(memo, mv_bytes_str(name), MV_DNS_TXT)->status == MV_DNS_FOUND, "%s", name);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("resolver_nsd");
    TCase *tc = tcase_create("resolver_nsd");
    SRunner *runner = srunner_create(suite);
    int failed;

    if (!start_server()) {
        puts("skipped: " NSD " is missing (install nsd), or there is no loopback");
        return SKIPPED;
    }
    if (!answers_within(100)) {
        puts("NSD does not answer");
        stop_server();
        return EXIT_FAILURE;
    }
    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, one_by_one, 0, ROWS(rows));
    tcase_add_test(tc, all_at_once);
    tcase_add_test(tc, by_tcp);
    tcase_add_test(tc, two_hundred_questions);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    stop_server();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
