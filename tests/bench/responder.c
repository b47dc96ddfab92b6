#define _GNU_SOURCE

#include "tests/bench/responder.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/dns/capture.h"
#include "tests/bench/bench.h"

#define DNS_HEADER_BYTES 12
#define MAX_MESSAGE_BYTES 4096
#define MAX_WAITING 1024

/* An answer on its way: all are delayed alike, so they leave in the order in which they came. */
struct waiting {
    double due_secs;
    struct sockaddr_in to;
    unsigned char message[MAX_MESSAGE_BYTES];
    size_t len;
};

struct server {
    int fd;
    double delay_secs;
    struct mv_capture *capture;
    struct waiting queue[MAX_WAITING];
    size_t first;
    size_t count;
};

/* Reads the question's name; returns the octets that it takes with its type and class, or 0. */
static size_t read_question(struct mv_bytes query, struct mv_buf *name, struct mv_dns_question *question_r)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_slice(query, DNS_HEADER_BYTES, query.len));
    struct mv_cursor start = c;
    int label;

    mv_buf_reset(name);
    while ((label = mv_cursor_next(&c)) > 0) {
        if (mv_buf_bytes(name).len > 0)
            mv_buf_putc(name, '.');
        mv_buf_put_lower(name, mv_cursor_take(&c, (size_t)label));
    }
    if (label != 0 || mv_cursor_left(&c) < 4)
        return 0;
    question_r->name = mv_buf_bytes(name);
    question_r->type = (enum mv_dns_type)(mv_cursor_peek(&c) << 8 | mv_cursor_peek_at(&c, 1));
    mv_cursor_take(&c, 4);
    return mv_cursor_since(&c, &start).len;
}

static void put_16(struct mv_buf *out, unsigned value)
{
    mv_buf_putc(out, (unsigned char)(value >> 8));
    mv_buf_putc(out, (unsigned char)value);
}

static void put_name(struct mv_buf *out, struct mv_bytes name)
{
    struct mv_cursor c = mv_cursor_of(name);

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes label = mv_cursor_take_until(&c, '.');

        mv_buf_putc(out, (unsigned char)label.len);
        mv_buf_put(out, label);
        mv_cursor_accept(&c, '.');
    }
    mv_buf_putc(out, 0);
}

static void put_rdata(struct mv_buf *out, enum mv_dns_type type, const struct mv_dns_record *record)
{
    if (type == MV_DNS_MX) {
        put_16(out, record->preference);
        put_name(out, record->data);
        return;
    }
    mv_buf_put(out, type == MV_DNS_TXT ? record->rdata : record->data);
}

static void put_record(struct mv_buf *out, enum mv_dns_type type, const struct mv_dns_record *record)
{
    struct mv_buf rdata;

    mv_buf_init(&rdata, MAX_MESSAGE_BYTES);
    put_rdata(&rdata, type, record);
    put_16(out, 0xc000 | DNS_HEADER_BYTES); /* the name of the question, RFC 1035 4.1.4 */
    put_16(out, type);
    put_16(out, 1); /* IN */
    put_16(out, 0);
    put_16(out, 300); /* TTL */
    put_16(out, (unsigned)mv_buf_bytes(&rdata).len);
    mv_buf_put(out, mv_buf_bytes(&rdata));
    mv_buf_free(&rdata);
}

static void put_answer(const struct server *server, struct mv_bytes query, struct mv_buf *out)
{
    struct mv_dns_question question;
    struct mv_dns_answer answer;
    struct mv_buf name;
    size_t question_bytes;

    mv_buf_init(&name, MAX_MESSAGE_BYTES);
    question_bytes = read_question(query, &name, &question);
    if (question_bytes > 0) {
        mv_capture_answer(server->capture, &question, &answer);
        mv_buf_put(out, mv_bytes_slice(query, 0, 2));
        put_16(out, answer.status == MV_DNS_NXDOMAIN ? 0x8183 : 0x8180); /* QR, RD, RA; RFC 1035 4.1.1 */
        put_16(out, 1);
        put_16(out, (unsigned)answer.count);
        put_16(out, 0);
        put_16(out, 0);
        mv_buf_put(out, mv_bytes_slice(query, DNS_HEADER_BYTES, DNS_HEADER_BYTES + question_bytes));
        for (size_t i = 0; i < answer.count; i++)
            put_record(out, question.type, &answer.records[i]);
    }
    mv_buf_free(&name);
}

static void take_query(struct server *server)
{
    struct waiting *waiting = &server->queue[(server->first + server->count) % MAX_WAITING];
    unsigned char query[MAX_MESSAGE_BYTES];
    socklen_t to_bytes = sizeof waiting->to;
    ssize_t n = recvfrom(server->fd, query, sizeof query, 0, (struct sockaddr *)&waiting->to, &to_bytes);
    struct mv_buf message;

    if (n < DNS_HEADER_BYTES || server->count == MAX_WAITING)
        return;
    mv_buf_init(&message, MAX_MESSAGE_BYTES);
    put_answer(server, mv_bytes_of(query, (size_t)n), &message);
    waiting->len = mv_buf_failed(&message) ? 0 : mv_buf_bytes(&message).len;
    if (waiting->len > 0)
        memcpy(waiting->message, mv_buf_bytes(&message).data, waiting->len);
    mv_buf_free(&message);
    waiting->due_secs = bench_now_secs() + server->delay_secs;
    server->count++;
}

static void send_due(struct server *server)
{
    while (server->count > 0 && server->queue[server->first].due_secs <= bench_now_secs()) {
        struct waiting *waiting = &server->queue[server->first];

        sendto(server->fd, waiting->message, waiting->len, 0, (struct sockaddr *)&waiting->to, sizeof waiting->to);
        server->first = (server->first + 1) % MAX_WAITING;
        server->count--;
    }
}

static void serve(struct server *server)
{
    struct pollfd poll_fd = {.fd = server->fd, .events = POLLIN};

    for (;;) {
        struct timespec wait = {0, 0};
        double left = server->count == 0 ? 0 : server->queue[server->first].due_secs - bench_now_secs();

        if (left > 0)
            wait.tv_nsec = (long)(left * 1e9) % 1000000000L;
        wait.tv_sec = left > 0 ? (time_t)left : 0;
        if (ppoll(&poll_fd, 1, server->count == 0 ? NULL : &wait, NULL) > 0)
            take_query(server);
        send_due(server);
    }
}

static int open_socket(unsigned *port_r)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t address_bytes = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    bench_require(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
                      getsockname(fd, (struct sockaddr *)&address, &address_bytes) == 0,
                  "no socket for the DNS responder");
    *port_r = ntohs(address.sin_port);
    return fd;
}

struct responder responder_start(struct mv_bytes capture, unsigned delay_msecs)
{
    struct responder responder;
    struct server *server = calloc(1, sizeof *server);
    struct mv_error error = {0};

    bench_require(server != NULL, "no memory for the DNS responder");
    server->delay_secs = delay_msecs / 1000.0;
    server->fd = open_socket(&responder.port);
    bench_require(mv_capture_read(capture, &server->capture, &error) == MV_OK, error.text);
    responder.pid = fork();
    bench_require(responder.pid >= 0, "no fork");
    if (responder.pid == 0)
        serve(server);
    close(server->fd);
    mv_capture_free(&server->capture);
    free(server);
    return responder;
}

void responder_stop(const struct responder *responder)
{
    kill(responder->pid, SIGTERM);
    waitpid(responder->pid, NULL, 0);
}
