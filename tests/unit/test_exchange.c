/*
 * Questions to single servers on loopback.  The server does by the first label of the question: "deaf" loses the
 * first datagram of each id, "liar" answers with another id first, "cut" says so by UDP, and the others by TCP:
 * "cutbytes" octet by octet, "cuthalf" ends in the middle, "cutother" with another question; "silent" never answers.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/dns/exchange.h"
#include "core/dns/resolver.h"
#include "core/dns/wire.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (4 * 1024 * 1024)
#define TRY_MSECS 60
#define LONG_TXT 300 /* records of 12 bytes, so that the answer does not fit a datagram */

static int port;
static pid_t server;

static bool label_begins(const unsigned char *query, const char *text)
{
    return query[12] >= strlen(text) && memcmp(query + 13, text, strlen(text)) == 0;
}

static size_t question_end(const unsigned char *message)
{
    size_t at = 12;

    while (message[at] != 0)
        at += 1u + message[at];
    return at + 5;
}

/* The query becomes an authoritative answer with n TXT records. */
static size_t put_answer(unsigned char *message, unsigned n)
{
    static const unsigned char record[] = {0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 3, 2, 'o', 'k'};
    size_t len = question_end(message);

    message[2] = 0x84;
    message[3] = 0;
    message[6] = (unsigned char)(n >> 8);
    message[7] = (unsigned char)n;
    message[11] = 0;
    for (unsigned i = 0; i < n; i++, len += sizeof record)
        memcpy(message + len, record, sizeof record);
    return len;
}

static void serve_datagram(int fd)
{
    static unsigned char heard[256];
    static size_t heard_len;
    unsigned char message[2048];
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    ssize_t len = recvfrom(fd, message, 1024, 0, (struct sockaddr *)&from, &from_len);
    size_t answer_len;

    if (len < 17 || label_begins(message, "silent"))
        return;
    if (label_begins(message, "deaf") && (heard_len != question_end(message) - 12 ||
                                          memcmp(heard, message + 12, heard_len) != 0)) {
        heard_len = question_end(message) - 12;
        memcpy(heard, message + 12, heard_len);
        return;
    }
    answer_len = put_answer(message, 1);
    if (label_begins(message, "cut")) {
        message[2] |= 2;
        message[7] = 0;
        answer_len = question_end(message);
    }
    if (label_begins(message, "liar")) {
        message[0] ^= 1;
        sendto(fd, message, answer_len, 0, (struct sockaddr *)&from, from_len);
        message[0] ^= 1;
    }
    sendto(fd, message, answer_len, 0, (struct sockaddr *)&from, from_len);
}

static void serve_stream(int listener)
{
    unsigned char message[16384];
    int fd = accept(listener, NULL, NULL);
    ssize_t len = fd < 0 ? -1 : recv(fd, message, 1024, 0);
    size_t answer_len, step;

    if (len < 19) {
        close(fd);
        return;
    }
    answer_len = put_answer(message + 2, LONG_TXT);
    message[0] = (unsigned char)(answer_len >> 8);
    message[1] = (unsigned char)answer_len;
    if (label_begins(message + 2, "cutother"))
        message[2 + 13] = 'x';
    step = label_begins(message + 2, "cutbytes") ? 1 : answer_len + 2;
    if (label_begins(message + 2, "cuthalf"))
        answer_len /= 2;
    for (size_t at = 0; at < answer_len + 2; at += step)
        if (send(fd, message + at, step < answer_len + 2 - at ? step : answer_len + 2 - at, MSG_NOSIGNAL) <= 0)
            break;
    close(fd);
}

static void serve(int udp, int tcp)
{
    struct pollfd polled[] = {{.fd = udp, .events = POLLIN}, {.fd = tcp, .events = POLLIN}};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        poll(polled, 2, -1);
        if (polled[0].revents != 0)
            serve_datagram(udp);
        if (polled[1].revents != 0)
            serve_stream(tcp);
    }
}

/* UDP and TCP on one port of 127.0.0.1. */
static void start_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int udp = -1, tcp = -1;

    for (int i = 0; i < 20; i++) {
        address.sin_port = 0;
        udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (bind(udp, (struct sockaddr *)&address, len) == 0 &&
            getsockname(udp, (struct sockaddr *)&address, &len) == 0 &&
            bind(tcp, (struct sockaddr *)&address, len) == 0 && listen(tcp, 8) == 0)
            break;
        close(udp);
        close(tcp);
        udp = -1;
    }
    ck_assert_int_ge(udp, 0);
    port = ntohs(address.sin_port);
    server = fork();
    if (server == 0)
        serve(udp, tcp);
    close(udp);
    close(tcp);
}

static void stop_server(void)
{
    kill(server, SIGKILL);
}

static struct mv_exchange exchange_of(const char *address, const char *name)
{
    struct mv_exchange item = {.question = {mv_bytes_str(name), MV_DNS_TXT}};

    ck_assert(*address == '\0' || mv_ip_parse(mv_bytes_str(address), &item.server));
    return item;
}

static void run(struct mv_arena *arena, struct mv_exchange *items, size_t count, int64_t within_msecs)
{
    int64_t start_msecs = mv_resolver_now_msecs();

    ck_assert_int_eq(mv_exchange_all(arena, items, count, (unsigned)port, TRY_MSECS, start_msecs + within_msecs), MV_OK);
    ck_assert_int_lt(mv_resolver_now_msecs() - start_msecs, within_msecs + 2000);
}

static const struct {
    const char *address;
    const char *name;
    enum mv_exchange_end end;
    size_t records;
} rows[] = {
    {"127.0.0.1", "plain.example", MV_EXCHANGE_ANSWERED, 1},
    {"127.0.0.1", "deaf.example", MV_EXCHANGE_ANSWERED, 1},
    {"127.0.0.1", "liar.example", MV_EXCHANGE_ANSWERED, 1},
    {"127.0.0.1", "cut.example", MV_EXCHANGE_ANSWERED, LONG_TXT},
    {"127.0.0.1", "cutbytes.example", MV_EXCHANGE_ANSWERED, LONG_TXT},
    {"127.0.0.1", "cuthalf.example", MV_EXCHANGE_CLOSED, 0},
    {"127.0.0.1", "cutother.example", MV_EXCHANGE_CLOSED, 0},
    {"127.0.0.1", "silent.example", MV_EXCHANGE_SILENT, 0},
    {"127.0.0.77", "plain.example", MV_EXCHANGE_CLOSED, 0},
    {"", "plain.example", MV_EXCHANGE_NO_ROUTE, 0},
    {"fe80::1", "plain.example", MV_EXCHANGE_NO_ROUTE, 0},         /* EINVAL: no interface is named */
    {"255.255.255.255", "plain.example", MV_EXCHANGE_NO_ROUTE, 0}, /* EACCES: broadcast */
};

#define ROWS (sizeof rows / sizeof *rows)

START_TEST(test_side_by_side)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_exchange items[ROWS];

    start_server();
    for (size_t i = 0; i < ROWS; i++)
        items[i] = exchange_of(rows[i].address, rows[i].name);
    run(arena, items, ROWS, 5000);
    for (size_t i = 0; i < ROWS; i++) {
        struct mv_zone_answer answer;

        ck_assert_msg(items[i].end == rows[i].end, "%s at %s: end %d", rows[i].name, rows[i].address, items[i].end);
        if (items[i].end != MV_EXCHANGE_ANSWERED) {
            ck_assert_int_eq(items[i].message.len, 0);
            continue;
        }
        ck_assert_int_eq(mv_dns_wire_zone_answer(arena, &items[i].question, items[i].message, &answer), MV_OK);
        ck_assert_msg(answer.word == MV_ZONE_RECORDS && answer.count == rows[i].records, "%s: %zu records",
                      rows[i].name, answer.count);
    }
    stop_server();
    mv_arena_free(&arena);
}
END_TEST

/* More than there are places. */
START_TEST(test_many)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    static struct mv_exchange items[3 * MV_EXCHANGE_MAX_AT_ONCE + 1];
    size_t count = sizeof items / sizeof *items;

    start_server();
    for (size_t i = 0; i < count; i++)
        items[i] = exchange_of("127.0.0.1", i % 2 == 0 ? "plain.example" : "liar.example");
    run(arena, items, count, 5000);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(items[i].end, MV_EXCHANGE_ANSWERED);
    run(arena, items, 0, 5000);
    stop_server();
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_deadline)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    static struct mv_exchange items[2 * MV_EXCHANGE_MAX_AT_ONCE];
    size_t count = sizeof items / sizeof *items;

    start_server();
    for (size_t i = 0; i < count; i++)
        items[i] = exchange_of("127.0.0.1", "silent.example");
    run(arena, items, count, 30);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(items[i].end, MV_EXCHANGE_SILENT);
    run(arena, items, 1, -1);
    ck_assert_int_eq(items[0].end, MV_EXCHANGE_SILENT);
    stop_server();
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_names_that_cannot_be_asked)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_exchange item = exchange_of("127.0.0.1", "a..b");

    port = 53;
    ck_assert_int_eq(mv_exchange_all(arena, &item, 1, 53, TRY_MSECS, mv_resolver_now_msecs() + 1000), MV_ERR_SYNTAX);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_no_memory)
{
    struct mv_arena *arena = mv_arena_new(0);
    struct mv_exchange item = exchange_of("127.0.0.1", "plain.example");

    start_server();
    ck_assert_int_eq(mv_exchange_all(arena, &item, 1, (unsigned)port, TRY_MSECS, mv_resolver_now_msecs() + 1000),
                     MV_ERR_MEMORY);
    stop_server();
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_side_by_side, test_many, test_deadline, test_names_that_cannot_be_asked,
                                  test_no_memory};

    return unit_run("exchange", tests, sizeof tests / sizeof *tests);
}
