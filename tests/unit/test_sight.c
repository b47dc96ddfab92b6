/*
 * Looking at keys: a resolver that replays a capture, and servers of zones on loopback, each with a table of what it
 * answers.  Servers are 127.0.0.41 to .46, all at one port; ns1 also has an address that no host can reach.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/base64.h"
#include "core/base/trace.h"
#include "core/ops/key_record.h"
#include "core/ops/sight.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (16 * 1024 * 1024)
#define SERVERS 6
#define FIRST 41
#define TTL 900

/* What a server says of a name: '+' the key, '0' no such name, 'o' another key, 'x' revoked, '2' two records, 'r'
 * REFUSED, 's' silence, 'l' not authoritative, 'a' an alias to a.far.example, 'z' the zone below has ns.below.example,
 * 'u' upwards: the servers of the root, 'c' an alias to itself. */
struct fake {
    const char *name;
    char says[SERVERS + 1];
};

static const struct fake *table;
static size_t table_count;
static int port;
static pid_t server;
static struct mv_arena *arena;
static struct mv_bytes key_text, octets;

static char saying(unsigned which, const char *name)
{
    for (size_t i = 0; i < table_count; i++)
        if (table[i].name != NULL && strcmp(table[i].name, name) == 0)
            return table[i].says[which];
    return '0';
}

/* "a.b" of the question in wire format. */
static size_t read_question(const unsigned char *query, char *name)
{
    size_t at = 12, len = 0;

    while (query[at] != 0) {
        if (len > 0)
            name[len++] = '.';
        memcpy(name + len, query + at + 1, query[at]);
        len += query[at];
        at += 1u + query[at];
    }
    name[len] = '\0';
    return at + 5;
}

static void put_name(struct mv_buf *out, const char *name)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(name));

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes label = mv_cursor_take_until(&c, '.');

        mv_buf_putc(out, (unsigned char)label.len);
        mv_buf_put(out, label);
        (void)mv_cursor_accept(&c, '.');
    }
    mv_buf_putc(out, 0);
}

static void put_head(struct mv_buf *out, const char *owner, unsigned type, size_t rdata_len)
{
    put_name(out, owner);
    mv_buf_printf(out, "%c%c%c%c%c%c", 0, (int)type, 0, 1, 0, 0);
    mv_buf_printf(out, "%c%c%c%c", TTL >> 8, TTL & 0xff, (int)(rdata_len >> 8), (int)(rdata_len & 0xff));
}

static void put_txt(struct mv_buf *out, const char *owner, struct mv_bytes text)
{
    put_head(out, owner, 16, text.len + 1);
    mv_buf_putc(out, (unsigned char)text.len);
    mv_buf_put(out, text);
}

static void put_named(struct mv_buf *out, const char *owner, unsigned type, const char *target)
{
    put_head(out, owner, type, strlen(target) + 2);
    put_name(out, target);
}

static void put_soa(struct mv_buf *out, const char *owner)
{
    put_head(out, owner, 6, 2 + 20);
    mv_buf_printf(out, "%c%c", 0, 0);
    for (int i = 0; i < 4; i++)
        mv_buf_printf(out, "%c%c%c%c", 0, 0, 0, 1);
    mv_buf_printf(out, "%c%c%c%c", 0, 0, 0x0e, 0x10); /* 3600 */
}

struct body {
    struct mv_buf records;
    unsigned answers, authority, flags;
};

static void say(char c, const char *name, struct body *body)
{
    static const char other[] = "v=DKIM1; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    body->flags = 0x8400;
    body->answers = c == '2' ? 2 : strchr("+oxlac", c) != NULL;
    body->authority = c == 'z' || c == 'u' || c == '0';
    if (c == '+' || c == '2' || c == 'l')
        put_txt(&body->records, name, key_text);
    if (c == 'o' || c == '2')
        put_txt(&body->records, name, mv_bytes_str(other));
    if (c == 'x')
        put_txt(&body->records, name, MV_BYTES("v=DKIM1; k=ed25519; p="));
    if (c == 'a')
        put_named(&body->records, name, 5, "a.far.example");
    if (c == 'c')
        put_named(&body->records, name, 5, name);
    if (c == 'z')
        put_named(&body->records, "_domainkey.example.org", 2, "ns.below.example");
    if (c == 'u')
        put_named(&body->records, "", 2, "ns.below.example");
    if (c == '0')
        put_soa(&body->records, "example.org");
    if (c == 'z' || c == 'u' || c == 'l')
        body->flags &= ~0x0400u;
    if (c == '0')
        body->flags |= 3;
    if (c == 'r')
        body->flags |= 5;
}

static void answer(int fd, unsigned which)
{
    unsigned char query[512];
    char name[300];
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    ssize_t len = recvfrom(fd, query, sizeof query, 0, (struct sockaddr *)&from, &from_len);
    size_t end = len < 17 ? 0 : read_question(query, name);
    unsigned type = end == 0 ? 0 : query[end - 3];
    struct body body = {.answers = 0};
    struct mv_buf out;
    char c = saying(which, name);

    if (end == 0 || c == 's' || saying(which, "*") == 's')
        return;
    mv_buf_init(&body.records, 2048);
    if (type == 16) {
        say(c, name, &body);
    } else if (type == 6) {
        body.flags = 0x8400;
        body.answers = 1;
        put_soa(&body.records, name);
    } else { /* all servers know of ns3 */
        body.flags = 0x8400;
        body.answers = strcmp(name, "example.org") == 0;
        if (body.answers == 1)
            put_named(&body.records, name, 2, "ns3.example.org");
    }
    mv_buf_init(&out, 4096);
    mv_buf_put(&out, mv_bytes_of(query, 2));
    mv_buf_printf(&out, "%c%c%c%c%c%c", body.flags >> 8, body.flags & 0xff, 0, 1, 0, (int)body.answers);
    mv_buf_printf(&out, "%c%c%c%c", 0, (int)body.authority, 0, 0);
    mv_buf_put(&out, mv_bytes_of(query + 12, end - 12));
    mv_buf_put(&out, mv_buf_bytes(&body.records));
    sendto(fd, out.data, out.len, 0, (struct sockaddr *)&from, from_len);
    mv_buf_free(&out);
    mv_buf_free(&body.records);
}

static void serve(const int *fds)
{
    struct pollfd polled[SERVERS];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (unsigned i = 0; i < SERVERS; i++)
        polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    for (;;) {
        poll(polled, SERVERS, -1);
        for (unsigned i = 0; i < SERVERS; i++)
            if (polled[i].revents != 0)
                answer(fds[i], i);
    }
}

static void start_servers(const struct fake *rows, size_t count)
{
    int fds[SERVERS];

    table = rows;
    table_count = count;
    for (unsigned i = 0; i < SERVERS; i++) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)(i == 0 ? 0 : port)),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + FIRST + i)};
        socklen_t len = sizeof address;

        fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        ck_assert(bind(fds[i], (struct sockaddr *)&address, len) == 0 &&
                  getsockname(fds[i], (struct sockaddr *)&address, &len) == 0);
        port = ntohs(address.sin_port);
    }
    server = fork();
    if (server == 0)
        serve(fds);
    for (unsigned i = 0; i < SERVERS; i++)
        close(fds[i]);
}

static const char resolver_says[] =
    "{\"schema\":1,\"default\":\"NXDOMAIN\",\"answers\":["
    "{\"name\":\"example.org\",\"type\":\"NS\",\"rcode\":\"NOERROR\",\"data\":[\"ns1.example.org\",\"ns2.example.org\"]},"
    "{\"name\":\"far.example\",\"type\":\"NS\",\"rcode\":\"NOERROR\",\"data\":[\"ns.far.example\"]},"
    "{\"name\":\"empty.example\",\"type\":\"NS\",\"rcode\":\"NOERROR\",\"data\":[\"nowhere.example\"]},"
    "{\"name\":\"away.example\",\"type\":\"NS\",\"rcode\":\"SERVFAIL\"},"
    "{\"name\":\"org\",\"type\":\"NS\",\"rcode\":\"NOERROR\",\"data\":[\"a.org\"]},"
    "{\"name\":\"ns1.example.org\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"127.0.0.41\"]},"
    "{\"name\":\"ns1.example.org\",\"type\":\"AAAA\",\"rcode\":\"NOERROR\",\"data\":[\"fe80::1\"]},"
    "{\"name\":\"ns2.example.org\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"127.0.0.42\"]},"
    "{\"name\":\"ns3.example.org\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"127.0.0.43\"]},"
    "{\"name\":\"ns.far.example\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"127.0.0.44\",\"127.0.0.45\"]},"
    "{\"name\":\"ns.below.example\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"127.0.0.46\"]}]}";

static void make_key(void)
{
    struct mv_private_key *key;
    struct mv_key_record record;

    ck_assert_int_eq(mv_private_key_generate(MV_KEY_ED25519, 0, &key), MV_OK);
    ck_assert_int_eq(mv_key_record_make(arena, MV_BYTES("s"), MV_BYTES("example.org"), key, TTL, &record), MV_OK);
    ck_assert_int_eq(mv_key_record_octets(arena, key, &octets), MV_OK);
    key_text = record.text;
    mv_private_key_free(&key);
}

static struct mv_sight look(const char *domain, const char *name, unsigned try_msecs)
{
    struct mv_inquirer inquirer = {.arena = arena, .port = (unsigned)port, .try_msecs = try_msecs};
    struct mv_sight_request request = {mv_bytes_str(name), {MV_KEY_ED25519, octets}};
    struct mv_error error = {MV_OK, ""};
    struct mv_sight sight;

    ck_assert_msg(mv_resolver_capture_new(mv_bytes_str(resolver_says), &inquirer.resolver, &error) == MV_OK, "%s",
                  error.text);
    inquirer.deadline_msecs = mv_resolver_now_msecs() + 5000;
    ck_assert_int_eq(mv_sight_look(&inquirer, mv_bytes_str(domain), &request, 1, &sight), MV_OK);
    mv_resolver_free(&inquirer.resolver);
    return sight;
}

static const struct {
    const char *name;
    struct fake row[3]; /* servers: ns1 ns2 ns3, far far, below */
    unsigned servers, shown, missing, other, revoked, silent;
    int64_t before_secs;
    const char *says;
} rows[] = {
    {"all show it", {{"s._domainkey.example.org", "+++000"}}, 3, 3, 0, 0, 0, 0, 0, ""},
    {"ns3 is known to the servers alone, and lags", {{"s._domainkey.example.org", "++0000"}}, 3, 2, 1, 0, 0, 0, 0,
     "ns3.example.org (127.0.0.43) has no such record"},
    {"none", {{"other", "0"}}, 3, 0, 3, 0, 0, 0, 0, "has no such record"},
    {"another key", {{"s._domainkey.example.org", "+o+000"}}, 3, 2, 0, 1, 0, 0, TTL,
     "ns2.example.org (127.0.0.42) shows another key"},
    {"revoked", {{"s._domainkey.example.org", "+x+000"}}, 3, 2, 0, 0, 1, 0, TTL, "is revoked"},
    {"two records", {{"s._domainkey.example.org", "+2+000"}}, 3, 2, 0, 1, 0, 0, TTL, "more than one record"},
    {"refused", {{"s._domainkey.example.org", "+r+000"}}, 3, 2, 0, 0, 0, 1, 0, "REFUSED"},
    {"from a cache", {{"s._domainkey.example.org", "+l+000"}}, 3, 2, 0, 0, 0, 1, 0, "not responsible"},
    {"one is silent", {{"s._domainkey.example.org", "+s+000"}}, 3, 2, 0, 0, 0, 1, 0,
     "ns2.example.org (127.0.0.42) does not answer"},
    {"an alias to another zone", {{"s._domainkey.example.org", "aaa000"}, {"a.far.example", "000++0"}}, 2, 2, 0, 0, 0,
     0, TTL, ""},
    {"an alias to a key that is not everywhere", {{"s._domainkey.example.org", "aaa000"}, {"a.far.example", "000+00"}},
     2, 1, 1, 0, 0, 0, TTL, "ns.far.example (127.0.0.45) has no such record"},
    {"an alias that one server does not have", {{"s._domainkey.example.org", "aa0000"}, {"a.far.example", "000++0"}},
     3, 2, 1, 0, 0, 0, TTL, "ns3.example.org (127.0.0.43) has no such record"},
    {"an alias to itself", {{"s._domainkey.example.org", "ccc000"}}, 1, 0, 0, 0, 0, 1, TTL, "leads on and on"},
    {"servers that disagree", {{"s._domainkey.example.org", "azz000"}, {"a.far.example", "000++0"}}, 1, 0, 0, 0, 0, 1,
     TTL, "do not agree"},
    {"a zone below", {{"s._domainkey.example.org", "zzz00+"}}, 1, 1, 0, 0, 0, 0, 0, ""},
    {"a zone below without the key", {{"s._domainkey.example.org", "zzz000"}}, 1, 0, 1, 0, 0, 0, 0,
     "ns.below.example (127.0.0.46) has no such record"},
    {"a referral upwards", {{"s._domainkey.example.org", "+u+000"}}, 3, 2, 0, 0, 0, 1, 0,
     "ns2.example.org (127.0.0.42) is not responsible"},
};

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_sight sight;

        arena = mv_arena_new(MAX_BYTES);
        make_key();
        start_servers(rows[i].row, 3);
        sight = look("example.org", "s._domainkey.example.org", 50);
        kill(server, SIGKILL);
        ck_assert_msg(sight.view.servers == rows[i].servers && sight.view.shown == rows[i].shown &&
                          sight.view.missing == rows[i].missing && sight.view.other == rows[i].other &&
                          sight.view.revoked == rows[i].revoked && sight.view.silent == rows[i].silent,
                      "%s: of %u: %u shown, %u missing, %u other, %u revoked, %u silent (%.*s)", rows[i].name,
                      sight.view.servers, sight.view.shown, sight.view.missing, sight.view.other, sight.view.revoked,
                      sight.view.silent, MV_ARG(sight.view.fault));
        ck_assert_msg(sight.view.looked && sight.view.negative_secs == 3600 &&
                          sight.view.before_secs == rows[i].before_secs,
                      "%s: negative %lld, before %lld", rows[i].name, (long long)sight.view.negative_secs,
                      (long long)sight.view.before_secs);
        ck_assert_msg((sight.view.fault.len == 0) == (sight.view.shown == sight.view.servers), "%s: fault '%.*s'",
                      rows[i].name, MV_ARG(sight.view.fault));
        ck_assert_msg(strstr(mv_arena_printf(arena, "%.*s", MV_ARG(sight.view.fault)), rows[i].says) != NULL,
                      "%s: '%.*s' does not say '%s'", rows[i].name, MV_ARG(sight.view.fault), rows[i].says);
        mv_arena_free(&arena);
    }
}
END_TEST

static const struct {
    const char *domain;
    const char *says;
} faults[] = {
    {"away.example", "the resolver cannot tell its name servers"},
    {"b.away.example", "the resolver cannot tell its name servers"},
    {"nowhere.test", "no zone was found for it"},
};

START_TEST(test_no_zone)
{
    arena = mv_arena_new(MAX_BYTES);
    make_key();
    start_servers(NULL, 0);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct mv_sight sight = look(faults[i].domain, "s._domainkey.example.org", 50);

        ck_assert_msg(!sight.view.looked && sight.view.servers == 0, "%s", faults[i].domain);
        ck_assert_msg(strstr(mv_arena_printf(arena, "%.*s", MV_ARG(sight.view.fault)), faults[i].says) != NULL,
                      "%s: '%.*s'", faults[i].domain, MV_ARG(sight.view.fault));
    }
    kill(server, SIGKILL);
    mv_arena_free(&arena);
}
END_TEST

/* A zone whose servers have no addresses proves nothing. */
START_TEST(test_no_addresses)
{
    struct mv_sight sight;

    arena = mv_arena_new(MAX_BYTES);
    make_key();
    start_servers(NULL, 0);
    sight = look("empty.example", "s._domainkey.empty.example", 50);
    ck_assert(!sight.view.looked && sight.view.servers == 0 && sight.line_count == 1);
    ck_assert_int_eq(mv_key_view_sight(&sight.view), MV_SIGHT_UNKNOWN);
    kill(server, SIGKILL);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_all_silent)
{
    static const struct fake silent[] = {{"*", "ssssss"}};
    struct mv_sight sight;

    arena = mv_arena_new(MAX_BYTES);
    make_key();
    start_servers(silent, 1);
    sight = look("example.org", "s._domainkey.example.org", 30);
    ck_assert(!sight.view.looked && sight.view.silent == 2 && sight.view.servers == 2);
    kill(server, SIGKILL);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_no_zone, test_no_addresses, test_all_silent};

    return unit_run("sight", tests, sizeof tests / sizeof *tests);
}
