/*
 * The resolver against servers on loopback that answer by the first label of the
 * question: "late" after 100 ms, "refused", "servfail", "silent" never, "liar"
 * first with another question; every other name has the address 192.0.2.1.
 */
#include "core/dns/resolver.h"

#include <arpa/inet.h>
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <net/if.h>
#include <unistd.h>

#define LATE_MSECS 100
#define SKIPPED 77

static int good_port, bad_port, silent_port, closed_port;
static pid_t good_server, bad_server;
static int silent_socket, closed_socket;

/* Servers */

static int bind_udp(int *port_r)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return -1;
    *port_r = ntohs(address.sin_port);
    return fd;
}

static bool first_label_is(const unsigned char *query, const char *label)
{
    return query[12] == strlen(label) && memcmp(query + 13, label, query[12]) == 0;
}

static size_t end_of_question(const unsigned char *message)
{
    size_t at = 12;

    while (message[at] != 0)
        at += 1u + message[at];
    return at + 5;
}

/* Without the OPT record. */
static size_t put_reply(unsigned char *message, unsigned rcode)
{
    static const unsigned char record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1};
    size_t len = end_of_question(message);

    message[2] |= 0x80;
    message[3] = (unsigned char)(0x80 | rcode);
    message[11] = 0;
    if (rcode != 0)
        return len;
    message[7] = 1;
    memcpy(message + len, record, sizeof record);
    return len + sizeof record;
}

static void serve_one(int fd, bool refuse_all)
{
    unsigned char message[1024];
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    ssize_t len = recvfrom(fd, message, sizeof message - 64, 0, (struct sockaddr *)&from, &from_len);
    unsigned rcode = refuse_all || first_label_is(message, "refused") ? 5 : first_label_is(message, "servfail") ? 2 : 0;

    if (len < 12 + 5 || first_label_is(message, "silent"))
        return;
    if (first_label_is(message, "late"))
        usleep(LATE_MSECS * 1000);
    if (first_label_is(message, "liar")) {
        unsigned char lie[1024];
        size_t lie_len;

        memcpy(lie, message, (size_t)len);
        lie[13] = 'x';
        lie_len = put_reply(lie, 0);
        sendto(fd, lie, lie_len, 0, (struct sockaddr *)&from, from_len);
    }
    len = (ssize_t)put_reply(message, rcode);
    sendto(fd, message, (size_t)len, 0, (struct sockaddr *)&from, from_len);
}

static pid_t start_server(int *port_r, bool refuse_all)
{
    int fd = bind_udp(port_r);
    pid_t pid = fd < 0 ? -1 : fork();

    if (pid != 0) {
        close(fd);
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;)
        serve_one(fd, refuse_all);
}

/* A new network namespace has its loopback down. */
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

static bool start_servers(void)
{
    if (!raise_loopback())
        return false;
    good_server = start_server(&good_port, false);
    bad_server = start_server(&bad_port, true);
    silent_socket = bind_udp(&silent_port);
    closed_socket = bind_udp(&closed_port);
    close(closed_socket);
    return good_server > 0 && bad_server > 0 && silent_socket >= 0 && closed_socket >= 0;
}

static void stop_servers(void)
{
    kill(good_server, SIGKILL);
    kill(bad_server, SIGKILL);
    waitpid(good_server, NULL, 0);
    waitpid(bad_server, NULL, 0);
}

/* What each test has */

static struct mv_arena *arena;
static struct mv_memo *memo;
static struct mv_resolver *resolver;

static void set_up(void)
{
    arena = mv_arena_new(4 * 1024 * 1024);
    memo = mv_memo_new(arena);
}

static void tear_down(void)
{
    mv_resolver_free(&resolver);
    mv_arena_free(&arena);
}

/* Ports of servers on loopback; second 0 for one server only. */
static void use_servers(int first, int second, unsigned try_msecs)
{
    char servers[64];
    struct mv_error error = {0};

    snprintf(servers, sizeof servers, second == 0 ? "127.0.0.1:%d" : "127.0.0.1:%d, 127.0.0.1:%d", first, second);
    ck_assert_msg(mv_resolver_cares_new(mv_bytes_str(servers), try_msecs, &resolver, &error) == MV_OK, "%s", error.text);
}

static const struct mv_dns_answer *ask(const char *name)
{
    return mv_memo_ask(memo, mv_bytes_str(name), MV_DNS_A);
}

/* Waits for all; gives the time that it took. */
static int64_t wait_for_all(int msecs)
{
    int64_t start = mv_resolver_now_msecs();

    do {
        ck_assert_int_eq(mv_resolver_wait(resolver, memo, start + msecs), MV_OK);
    } while (mv_memo_open(memo) > 0);
    return mv_resolver_now_msecs() - start;
}

static enum mv_dns_status status_of(const char *name)
{
    const struct mv_dns_answer *answer = ask(name);

    ck_assert_msg(answer != NULL, "%s: no answer", name);
    return answer->status;
}

/* Answers */

START_TEST(an_answer)
{
    use_servers(good_port, 0, 1000);
    ck_assert_ptr_null(ask("a.example"));
    wait_for_all(5000);
    ck_assert_int_eq(status_of("a.example"), MV_DNS_FOUND);
    ck_assert(mv_bytes_equal(ask("a.example")->records[0].data, MV_BYTES("\300\0\2\1")));
    ck_assert_uint_eq(ask("a.example")->ttl_secs, 60);
}
END_TEST

/* The server takes its time, as often as it is asked: c-ares since 1.31 would not ask again. */
START_TEST(answers_are_not_kept)
{
    use_servers(good_port, 0, 1000);
    for (int i = 0; i < 2; i++) {
        memo = mv_memo_new(arena);
        ask("late.example");
        ck_assert_int_ge(wait_for_all(5000), LATE_MSECS / 2);
        ck_assert_int_eq(status_of("late.example"), MV_DNS_FOUND);
    }
}
END_TEST

START_TEST(failures_are_told_apart)
{
    use_servers(good_port, 0, 1000);
    ask("refused.example");
    ask("servfail.example");
    ask("ok.example");
    ck_assert_int_lt(wait_for_all(5000), 1000);
    ck_assert_int_eq(status_of("refused.example"), MV_DNS_REFUSED);
    ck_assert_int_eq(status_of("servfail.example"), MV_DNS_SERVFAIL);
    ck_assert_int_eq(status_of("ok.example"), MV_DNS_FOUND);
}
END_TEST

/* RFC 5452 4.2 */
START_TEST(an_answer_to_another_question_is_not_taken)
{
    use_servers(good_port, 0, 1000);
    ask("liar.example");
    wait_for_all(5000);
    ck_assert_int_eq(status_of("liar.example"), MV_DNS_FOUND);
}
END_TEST

/*
 * SPF's macros make names of any bytes (RFC 7208 7), which c-ares 1.34 does not
 * carry: the same questions, the same answers.
 */
START_TEST(names_that_are_no_host_names)
{
    use_servers(good_port, 0, 1000);
    ask("bounce+tag=example.com.example");
    ask("a.\\\377 \1.example");
    ask("refused.a+b.example");
    ask("servfail.a+b.example");
    ask("liar.a+b.example");
    ask("host.example");
    ck_assert_int_lt(wait_for_all(5000), 900);
    ck_assert_int_eq(status_of("bounce+tag=example.com.example"), MV_DNS_FOUND);
    ck_assert_int_eq(status_of("a.\\\377 \1.example"), MV_DNS_FOUND);
    ck_assert_int_eq(status_of("refused.a+b.example"), MV_DNS_REFUSED);
    ck_assert_int_eq(status_of("servfail.a+b.example"), MV_DNS_SERVFAIL);
    ck_assert_int_eq(status_of("liar.a+b.example"), MV_DNS_FOUND);
    ck_assert_int_eq(status_of("host.example"), MV_DNS_FOUND);
}
END_TEST

START_TEST(no_host_name_and_no_answer)
{
    int64_t took;

    use_servers(silent_port, 0, 20);
    ask("a+b.example");
    took = wait_for_all(200);
    ck_assert_msg(took >= 200 && took < 900, "took %d ms", (int)took);
    ck_assert_int_eq(status_of("a+b.example"), MV_DNS_TIMEOUT);

    mv_resolver_free(&resolver);
    use_servers(closed_port, 0, 1000);
    ask("c+d.example");
    ck_assert_int_lt(wait_for_all(5000), 900);
    ck_assert_int_eq(status_of("c+d.example"), MV_DNS_TIMEOUT);
}
END_TEST

/* The first server is closed, refuses, is silent. */
START_TEST(no_host_name_and_a_second_server)
{
    const int first[] = {closed_port, bad_port, silent_port};
    const char *const names[] = {"a+b.example", "c+d.example", "e+f.example"};

    for (int i = 0; i < 3; i++) {
        use_servers(first[i], good_port, 100);
        ask(names[i]);
        ck_assert_msg(wait_for_all(5000) < 900, "%s", names[i]);
        ck_assert_msg(status_of(names[i]) == MV_DNS_FOUND, "%s", names[i]);
        mv_resolver_free(&resolver);
    }
    use_servers(bad_port, bad_port, 100);
    ask("g+h.example");
    ck_assert_int_lt(wait_for_all(5000), 900);
    ck_assert_int_eq(status_of("g+h.example"), MV_DNS_REFUSED);
}
END_TEST

START_TEST(nothing_open_means_no_waiting)
{
    int64_t start = mv_resolver_now_msecs();

    use_servers(silent_port, 0, 1000);
    ck_assert_int_eq(mv_resolver_wait(resolver, memo, start + 5000), MV_OK);
    ck_assert_int_lt(mv_resolver_now_msecs() - start, 1000);
    ck_assert_int_eq(mv_resolver_poll(resolver, memo), MV_OK);
    mv_resolver_forget(resolver, memo);
}
END_TEST

START_TEST(the_first_answer_ends_the_waiting)
{
    int64_t start = mv_resolver_now_msecs();

    use_servers(good_port, 0, 1000);
    ask("a.example");
    ask("silent.example");
    ck_assert_int_eq(mv_resolver_wait(resolver, memo, start + 5000), MV_OK);
    ck_assert_int_lt(mv_resolver_now_msecs() - start, 1000);
    ck_assert_int_eq(status_of("a.example"), MV_DNS_FOUND);
    ck_assert_ptr_null(ask("silent.example"));
    ck_assert_uint_eq(mv_memo_open(memo), 1);
}
END_TEST

START_TEST(poll_takes_what_has_arrived)
{
    use_servers(good_port, 0, 1000);
    ask("a.example");
    ask("b.example");
    ck_assert_int_eq(mv_resolver_send(resolver, memo), MV_OK);
    for (int i = 0; i < 200 && mv_memo_open(memo) > 0; i++) {
        usleep(10 * 1000);
        ck_assert_int_eq(mv_resolver_poll(resolver, memo), MV_OK);
    }
    ck_assert_int_eq(status_of("a.example"), MV_DNS_FOUND);
    ck_assert_int_eq(status_of("b.example"), MV_DNS_FOUND);
}
END_TEST

/* The program talks to its client longer than c-ares waits for an answer. */
START_TEST(an_answer_that_lay_in_the_socket)
{
    use_servers(good_port, 0, 20);
    ask("a.example");
    ck_assert_int_eq(mv_resolver_send(resolver, memo), MV_OK);
    usleep(300 * 1000);
    ck_assert_int_eq(mv_resolver_poll(resolver, memo), MV_OK);
    ck_assert_int_eq(status_of("a.example"), MV_DNS_FOUND);
}
END_TEST

START_TEST(many_questions_at_once)
{
    char name[32];

    use_servers(good_port, 0, 1000);
    for (int i = 0; i < MV_MEMO_MAX_QUESTIONS; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        ck_assert_ptr_null(ask(name));
    }
    wait_for_all(10000);
    for (int i = 0; i < MV_MEMO_MAX_QUESTIONS; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        ck_assert_int_eq(status_of(name), MV_DNS_FOUND);
    }
}
END_TEST

/* No answers */

START_TEST(the_deadline)
{
    int64_t took;

    use_servers(silent_port, 0, 1000);
    ask("a.example");
    mv_memo_prefetch(memo, MV_BYTES("b.example"), MV_DNS_A);
    took = wait_for_all(200);
    ck_assert_msg(took >= 200 && took < 900, "took %d ms", (int)took);
    ck_assert_int_eq(status_of("a.example"), MV_DNS_TIMEOUT);
    ck_assert_int_eq(status_of("b.example"), MV_DNS_TIMEOUT);
    ck_assert_int_eq(mv_resolver_wait(resolver, memo, 0), MV_OK);
}
END_TEST

START_TEST(a_deadline_that_has_passed)
{
    use_servers(silent_port, 0, 1000);
    ask("a.example");
    ck_assert_int_eq(mv_resolver_wait(resolver, memo, 0), MV_OK);
    ck_assert_int_eq(status_of("a.example"), MV_DNS_TIMEOUT);
}
END_TEST

/* All tries of c-ares are over long before the deadline; ours is the one that counts. */
START_TEST(the_deadline_after_all_tries)
{
    use_servers(silent_port, 0, 10);
    ask("a.example");
    ck_assert_int_ge(wait_for_all(200), 200);
    ck_assert_int_eq(status_of("a.example"), MV_DNS_TIMEOUT);
}
END_TEST

START_TEST(no_server_there)
{
    use_servers(closed_port, 0, 1000);
    ask("a.example");
    ck_assert_int_lt(wait_for_all(5000), 900);
    ck_assert_int_eq(status_of("a.example"), MV_DNS_TIMEOUT);
}
END_TEST

START_TEST(a_dead_server_is_passed_over)
{
    use_servers(closed_port, good_port, 1000);
    ask("a.example");
    ask("b.example");
    ck_assert_int_lt(wait_for_all(5000), 900);
    ck_assert_int_eq(status_of("a.example"), MV_DNS_FOUND);
    ck_assert_int_eq(status_of("b.example"), MV_DNS_FOUND);
}
END_TEST

START_TEST(a_silent_server_costs_its_time_once)
{
    int64_t first, second;

    use_servers(silent_port, good_port, 200);
    ask("a.example");
    first = wait_for_all(5000);
    ck_assert_int_eq(status_of("a.example"), MV_DNS_FOUND);
    ask("b.example");
    second = wait_for_all(5000);
    ck_assert_int_eq(status_of("b.example"), MV_DNS_FOUND);
    ck_assert_msg(second < 150 && second < first, "first %d ms, then %d ms", (int)first, (int)second);
}
END_TEST

START_TEST(a_refusing_server_is_passed_over)
{
    use_servers(bad_port, good_port, 1000);
    ask("a.example");
    ck_assert_int_lt(wait_for_all(5000), 900);
    ck_assert_int_eq(status_of("a.example"), MV_DNS_FOUND);
}
END_TEST

START_TEST(all_servers_fail)
{
    use_servers(bad_port, bad_port, 1000);
    ask("a.example");
    ck_assert_int_lt(wait_for_all(5000), 900);
    ck_assert_int_eq(status_of("a.example"), MV_DNS_REFUSED);
}
END_TEST

/* Forgetting */

START_TEST(a_forgotten_memo_gets_nothing)
{
    struct mv_arena *other_arena = mv_arena_new(1024 * 1024);
    struct mv_memo *other = mv_memo_new(other_arena);
    int64_t start = mv_resolver_now_msecs();

    use_servers(good_port, 0, 1000);
    mv_memo_ask(other, MV_BYTES("late.example"), MV_DNS_A);
    mv_memo_ask(other, MV_BYTES("late.a+b.example"), MV_DNS_A);
    ck_assert_int_eq(mv_resolver_send(resolver, other), MV_OK);
    ask("late.other.example");
    ck_assert_int_eq(mv_resolver_send(resolver, memo), MV_OK);
    mv_resolver_forget(resolver, other);
    mv_arena_free(&other_arena);

    while (mv_memo_open(memo) > 0)
        ck_assert_int_eq(mv_resolver_wait(resolver, memo, start + 5000), MV_OK);
    ck_assert_msg(status_of("late.other.example") == MV_DNS_FOUND, "forgetting one memo takes nothing from another");
}
END_TEST

START_TEST(forgetting_the_last_memo_closes_the_sockets)
{
    struct mv_arena *next_arena = mv_arena_new(1024 * 1024);
    struct mv_memo *next = mv_memo_new(next_arena);

    use_servers(good_port, 0, 1000);
    ask("late.example");
    ck_assert_int_eq(mv_resolver_send(resolver, memo), MV_OK);
    mv_resolver_forget(resolver, memo);
    mv_arena_free(&arena);
    ck_assert_int_eq(mv_resolver_poll(resolver, next), MV_OK);

    memo = next;
    arena = next_arena;
    ask("a.example");
    wait_for_all(5000);
    ck_assert_int_eq(status_of("a.example"), MV_DNS_FOUND);
}
END_TEST

START_TEST(freeing_with_questions_in_flight)
{
    use_servers(silent_port, 0, 1000);
    ask("a.example");
    ask("a+b.example");
    ck_assert_int_eq(mv_resolver_send(resolver, memo), MV_OK);
    mv_arena_free(&arena);
    mv_resolver_free(&resolver);
    mv_resolver_free(&resolver);
}
END_TEST

/* The process around us */

static unsigned count_sockets(bool *well_kept_r)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned count = 0;

    *well_kept_r = true;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char target[64] = "", path[300];
        int fd = atoi(entry->d_name);

        snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
        if (readlink(path, target, sizeof target - 1) < 0 || strncmp(target, "socket:", 7) != 0 || fd == silent_socket)
            continue;
        count++;
        if ((fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0 || (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0)
            *well_kept_r = false;
    }
    closedir(dir);
    return count;
}

START_TEST(sockets_are_closed_on_exec)
{
    bool well_kept;
    unsigned before = count_sockets(&well_kept);

    use_servers(silent_port, 0, 1000);
    ck_assert_msg(count_sockets(&well_kept) == before, "nothing is opened before it is needed");
    ask("a.example");
    ask("a+b.example");
    ck_assert_int_eq(mv_resolver_send(resolver, memo), MV_OK);
    ck_assert_uint_eq(count_sockets(&well_kept), before + 2);
    ck_assert_msg(well_kept, "close-on-exec, non-blocking");
    mv_resolver_forget(resolver, memo);
    ck_assert_uint_eq(count_sockets(&well_kept), before);
}
END_TEST

/* In the child, questions of the parent have no answers; new ones have their own sockets. */
static int ask_in_child(void)
{
    const struct mv_dns_answer *old, *new;
    int64_t start = mv_resolver_now_msecs();

    mv_memo_ask(memo, MV_BYTES("child.example"), MV_DNS_A);
    while (mv_memo_wanted(memo) > 0)
        if (mv_resolver_wait(resolver, memo, start + 5000) != MV_OK)
            return 1;
    old = mv_memo_ask(memo, MV_BYTES("late.example"), MV_DNS_A);
    new = mv_memo_ask(memo, MV_BYTES("child.example"), MV_DNS_A);
    tear_down();
    return old != NULL && new != NULL ? 0 : 1;
}

START_TEST(after_fork)
{
    int status;
    pid_t pid;

    use_servers(good_port, 0, 1000);
    ask("late.example");
    ask("late.a+b.example");
    ck_assert_int_eq(mv_resolver_send(resolver, memo), MV_OK);
    pid = fork();
    if (pid == 0)
        _exit(ask_in_child());
    waitpid(pid, &status, 0);
    ck_assert_int_eq(status, 0);
    wait_for_all(5000);
    ck_assert_msg(status_of("late.example") == MV_DNS_FOUND, "the child took the parent's answer");
    ck_assert_int_eq(status_of("late.a+b.example"), MV_DNS_FOUND);
}
END_TEST

/* What the parent prepares, children use, each with sockets of its own; so does the parent. */
START_TEST(prepared_before_fork)
{
    int status;
    pid_t pid;

    use_servers(good_port, 0, 1000);
    ck_assert_int_eq(mv_resolver_prepare(resolver, time(NULL)), MV_OK);
    ck_assert_int_eq(mv_resolver_prepare(resolver, time(NULL)), MV_OK);
    for (int i = 0; i < 2; i++) {
        pid = fork();
        if (pid == 0) {
            ask("child.example");
            _exit(mv_resolver_wait(resolver, memo, mv_resolver_now_msecs() + 5000) != MV_OK ||
                  status_of("child.example") != MV_DNS_FOUND);
        }
        waitpid(pid, &status, 0);
        ck_assert_int_eq(status, 0);
    }
    ask("parent.example");
    wait_for_all(5000);
    ck_assert_int_eq(status_of("parent.example"), MV_DNS_FOUND);
    ck_assert_msg(mv_resolver_prepare(resolver, time(NULL)) == MV_OK, "once it has sockets");
}
END_TEST

static volatile sig_atomic_t alarms;

static void count_alarm(int signal_number)
{
    (void)signal_number;
    alarms++;
}

/* Exim's SIGALRM handler does not restart calls. */
START_TEST(signals_do_not_end_the_waiting)
{
    struct sigaction action = {.sa_handler = count_alarm};
    struct itimerval every = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
    int64_t took;

    use_servers(silent_port, 0, 1000);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
    ask("a.example");
    took = wait_for_all(200);
    setitimer(ITIMER_REAL, &never, NULL);
    ck_assert_int_gt(alarms, 10);
    ck_assert_msg(took >= 200 && took < 900, "took %d ms", (int)took);
    ck_assert_int_eq(status_of("a.example"), MV_DNS_TIMEOUT);
}
END_TEST

START_TEST(servers_are_checked)
{
    struct mv_error error = {0};

    ck_assert_int_eq(mv_resolver_cares_new(MV_BYTES("localhost"), 1000, &resolver, &error), MV_ERR_CONFIG);
    ck_assert_ptr_null(resolver);
    ck_assert_str_eq(error.text, "DNS server 1: not an IP address, nor one with a port");
    ck_assert_int_eq(mv_resolver_cares_new(MV_BYTES(""), 1000, &resolver, &error), MV_OK);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_answer, answers_are_not_kept, failures_are_told_apart, an_answer_to_another_question_is_not_taken,
        names_that_are_no_host_names, no_host_name_and_no_answer, no_host_name_and_a_second_server,
        nothing_open_means_no_waiting, the_first_answer_ends_the_waiting, poll_takes_what_has_arrived,
        an_answer_that_lay_in_the_socket, many_questions_at_once, the_deadline, a_deadline_that_has_passed,
        the_deadline_after_all_tries, no_server_there, a_dead_server_is_passed_over,
        a_silent_server_costs_its_time_once, a_refusing_server_is_passed_over, all_servers_fail,
        a_forgotten_memo_gets_nothing, forgetting_the_last_memo_closes_the_sockets,
        freeing_with_questions_in_flight, sockets_are_closed_on_exec, after_fork, prepared_before_fork,
        signals_do_not_end_the_waiting, servers_are_checked};
    Suite *suite = suite_create("resolver");
    TCase *tc = tcase_create("resolver");
    SRunner *runner = srunner_create(suite);
    int failed;

    if (!start_servers()) {
        puts("skipped: no servers can be started on loopback");
        return SKIPPED;
    }
    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(tc, tests[i]);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    stop_servers();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
