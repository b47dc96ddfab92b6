#include "core/dns/exchange.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/dns/resolver.h"
#include "core/dns/wire.h"

#define DATAGRAM_BYTES 4096 /* we announce 1232 */
#define LENGTH_BYTES 2      /* before a message on TCP: RFC 1035 4.2.2 */

enum way { WAY_UDP, WAY_TCP_SEND, WAY_TCP_RECEIVE };

/* An exchange that is under way. */
struct flight {
    struct mv_exchange *item; /* NULL: the place is free */
    int fd;
    enum way way;
    unsigned tries;
    uint16_t id;
    int64_t retry_msecs;
    size_t done;           /* on TCP: what was sent of the query, or received */
    struct mv_buf query;   /* with its length, which UDP leaves out */
    struct mv_buf stream;
};

struct exchanges {
    struct mv_arena *arena;
    unsigned port;
    unsigned try_msecs;
    int64_t deadline_msecs;
    enum mv_code trouble;
    struct flight flights[MV_EXCHANGE_MAX_AT_ONCE];
};

static socklen_t address_of(const struct mv_ip *ip, unsigned port, struct sockaddr_storage *address_r)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)address_r;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address_r;

    memset(address_r, 0, sizeof *address_r);
    if (ip->family == MV_IP_V4) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((in_port_t)port);
        memcpy(&v4->sin_addr, ip->octets, sizeof v4->sin_addr);
        return sizeof *v4;
    }
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((in_port_t)port);
    memcpy(&v6->sin6_addr, ip->octets, sizeof v6->sin6_addr);
    return sizeof *v6;
}

static void end_flight(struct flight *flight, enum mv_exchange_end end)
{
    if (flight->fd >= 0)
        close(flight->fd);
    flight->fd = -1;
    mv_buf_free(&flight->query);
    mv_buf_free(&flight->stream);
    flight->item->end = end;
    flight->item = NULL;
}

/* Our own host's fault, or theirs. EINVAL: fe80::/10, which nobody reaches by the address alone. */
static enum mv_exchange_end end_of_errno(int why)
{
    return why == ENETUNREACH || why == EAFNOSUPPORT || why == EADDRNOTAVAIL || why == EACCES || why == EPERM ||
                   why == EINVAL
               ? MV_EXCHANGE_NO_ROUTE
               : MV_EXCHANGE_CLOSED;
}

static bool open_socket(const struct exchanges *all, struct flight *flight, int type)
{
    struct sockaddr_storage address;
    socklen_t len = address_of(&flight->item->server, all->port, &address);

    if (flight->fd >= 0)
        close(flight->fd);
    flight->fd = socket(address.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* a connected socket takes datagrams from nobody else */
    return flight->fd >= 0 &&
           (connect(flight->fd, (struct sockaddr *)&address, len) == 0 || errno == EINPROGRESS);
}

/* RFC 5452 9.1: an id, and with the new socket a port, that cannot be guessed. */
static enum mv_code write_query(struct flight *flight)
{
    struct mv_buf query;
    enum mv_code code;

    if (getrandom(&flight->id, sizeof flight->id, 0) != sizeof flight->id)
        return MV_ERR_IO;
    mv_buf_init(&query, MV_DNS_MAX_QUERY_BYTES);
    code = mv_dns_wire_query_zone(&flight->item->question, flight->id, &query);
    mv_buf_reset(&flight->query);
    mv_buf_putc(&flight->query, (unsigned char)(query.len >> 8));
    mv_buf_putc(&flight->query, (unsigned char)query.len);
    mv_buf_put(&flight->query, mv_buf_bytes(&query));
    mv_buf_free(&query);
    return code == MV_OK && mv_buf_failed(&flight->query) ? MV_ERR_MEMORY : code;
}

static void send_datagram(struct exchanges *all, struct flight *flight)
{
    struct mv_bytes query;

    if (flight->tries == MV_EXCHANGE_TRIES) {
        end_flight(flight, MV_EXCHANGE_SILENT);
        return;
    }
    all->trouble = write_query(flight);
    if (all->trouble != MV_OK) {
        end_flight(flight, MV_EXCHANGE_SILENT);
        return;
    }
    query = mv_bytes_slice(mv_buf_bytes(&flight->query), LENGTH_BYTES, flight->query.len);
    flight->retry_msecs = mv_resolver_now_msecs() + ((int64_t)all->try_msecs << flight->tries);
    flight->tries++;
    if (!open_socket(all, flight, SOCK_DGRAM) ||
        send(flight->fd, query.data, query.len, MSG_NOSIGNAL) != (ssize_t)query.len)
        end_flight(flight, end_of_errno(errno));
}

static void start(struct exchanges *all, struct flight *flight, struct mv_exchange *item)
{
    *flight = (struct flight){.item = item, .fd = -1, .way = WAY_UDP};
    mv_buf_init(&flight->query, LENGTH_BYTES + MV_DNS_MAX_QUERY_BYTES);
    mv_buf_init(&flight->stream, LENGTH_BYTES + MV_DNS_MAX_MESSAGE_BYTES);
    if (item->server.family == MV_IP_NONE)
        end_flight(flight, MV_EXCHANGE_NO_ROUTE);
    else
        send_datagram(all, flight);
}

static void keep(struct exchanges *all, struct flight *flight, struct mv_bytes message)
{
    if (!mv_arena_copy(all->arena, message, &flight->item->message))
        all->trouble = MV_ERR_MEMORY;
    end_flight(flight, MV_EXCHANGE_ANSWERED);
}

static void begin_tcp(struct exchanges *all, struct flight *flight)
{
    flight->way = WAY_TCP_SEND;
    flight->done = 0;
    flight->retry_msecs = all->deadline_msecs;
    if (!open_socket(all, flight, SOCK_STREAM))
        end_flight(flight, end_of_errno(errno));
}

static bool is_temporary(int why)
{
    return why == EAGAIN || why == EINTR || why == EINPROGRESS;
}

static void receive_datagram(struct exchanges *all, struct flight *flight)
{
    unsigned char buffer[DATAGRAM_BYTES];
    ssize_t len = recv(flight->fd, buffer, sizeof buffer, 0);
    struct mv_bytes message = mv_bytes_of(buffer, len < 0 ? 0 : (size_t)len);

    if (len < 0 && is_temporary(errno))
        return;
    if (len < 0)
        end_flight(flight, end_of_errno(errno));
    else if (!mv_dns_wire_is_reply(&flight->item->question, flight->id, message))
        return; /* not ours: the right one may still come */
    else if (mv_dns_wire_is_cut(message))
        begin_tcp(all, flight);
    else
        keep(all, flight, message);
}

static void send_stream(struct flight *flight)
{
    struct mv_bytes left = mv_bytes_slice(mv_buf_bytes(&flight->query), flight->done, flight->query.len);
    ssize_t n = send(flight->fd, left.data, left.len, MSG_NOSIGNAL);

    if (n < 0 && is_temporary(errno))
        return;
    if (n < 0) {
        end_flight(flight, end_of_errno(errno));
        return;
    }
    flight->done += (size_t)n;
    if (flight->done == flight->query.len)
        flight->way = WAY_TCP_RECEIVE;
}

/* false until the whole message is there. */
static bool whole_message(const struct mv_buf *stream, struct mv_bytes *message_r)
{
    size_t len = stream->len < LENGTH_BYTES ? 0 : (size_t)stream->data[0] << 8 | stream->data[1];

    *message_r = mv_bytes_slice(mv_buf_bytes(stream), LENGTH_BYTES, LENGTH_BYTES + len);
    return stream->len >= LENGTH_BYTES + len && stream->len >= LENGTH_BYTES;
}

static void receive_stream(struct exchanges *all, struct flight *flight)
{
    unsigned char buffer[DATAGRAM_BYTES];
    ssize_t len = recv(flight->fd, buffer, sizeof buffer, 0);
    struct mv_bytes message;

    if (len < 0 && is_temporary(errno))
        return;
    if (len > 0)
        mv_buf_put(&flight->stream, mv_bytes_of(buffer, (size_t)len));
    if (len <= 0 || mv_buf_failed(&flight->stream)) {
        end_flight(flight, MV_EXCHANGE_CLOSED);
        return;
    }
    if (!whole_message(&flight->stream, &message))
        return;
    if (mv_dns_wire_is_reply(&flight->item->question, flight->id, message))
        keep(all, flight, message);
    else
        end_flight(flight, MV_EXCHANGE_CLOSED);
}

static void step(struct exchanges *all, struct flight *flight)
{
    switch (flight->way) {
    case WAY_UDP:
        receive_datagram(all, flight);
        break;
    case WAY_TCP_SEND:
        send_stream(flight);
        break;
    case WAY_TCP_RECEIVE:
        receive_stream(all, flight);
        break;
    }
}

/* How long nothing can happen but answers. */
static int pause_msecs(const struct exchanges *all, int64_t now_msecs)
{
    int64_t next = all->deadline_msecs;

    for (size_t i = 0; i < MV_EXCHANGE_MAX_AT_ONCE; i++)
        if (all->flights[i].item != NULL && all->flights[i].retry_msecs < next)
            next = all->flights[i].retry_msecs;
    return next <= now_msecs ? 0 : next - now_msecs > INT32_MAX ? INT32_MAX : (int)(next - now_msecs);
}

static void wait_and_step(struct exchanges *all)
{
    struct pollfd polled[MV_EXCHANGE_MAX_AT_ONCE];

    for (size_t i = 0; i < MV_EXCHANGE_MAX_AT_ONCE; i++) {
        const struct flight *flight = &all->flights[i];

        /* a negative descriptor is passed over */
        polled[i] = (struct pollfd){.fd = flight->item == NULL ? -1 : flight->fd,
                                    .events = flight->way == WAY_TCP_SEND ? POLLOUT : POLLIN};
    }
    if (poll(polled, MV_EXCHANGE_MAX_AT_ONCE, pause_msecs(all, mv_resolver_now_msecs())) <= 0)
        return;
    for (size_t i = 0; i < MV_EXCHANGE_MAX_AT_ONCE; i++)
        if (polled[i].fd >= 0 && polled[i].revents != 0)
            step(all, &all->flights[i]);
}

static void try_again(struct exchanges *all)
{
    int64_t now_msecs = mv_resolver_now_msecs();

    for (size_t i = 0; i < MV_EXCHANGE_MAX_AT_ONCE; i++) {
        struct flight *flight = &all->flights[i];

        if (flight->item == NULL)
            continue;
        if (now_msecs >= all->deadline_msecs)
            end_flight(flight, MV_EXCHANGE_SILENT);
        else if (flight->way == WAY_UDP && now_msecs >= flight->retry_msecs)
            send_datagram(all, flight);
    }
}

/* Gives free places to those that wait. true while any is under way. */
static bool fill(struct exchanges *all, struct mv_exchange *items, size_t count, size_t *next)
{
    bool late = mv_resolver_now_msecs() >= all->deadline_msecs, busy = false;

    for (size_t i = 0; i < MV_EXCHANGE_MAX_AT_ONCE; i++) {
        struct flight *flight = &all->flights[i];

        while (flight->item == NULL && *next < count && !late && all->trouble == MV_OK)
            start(all, flight, &items[(*next)++]);
        busy = busy || flight->item != NULL;
    }
    return busy;
}

enum mv_code mv_exchange_all(struct mv_arena *arena, struct mv_exchange *items, size_t count, unsigned port,
                             unsigned try_msecs, int64_t deadline_msecs)
{
    struct exchanges *all = calloc(1, sizeof *all);
    enum mv_code trouble;
    size_t next = 0;

    if (all == NULL)
        return MV_ERR_MEMORY;
    *all = (struct exchanges){.arena = arena, .port = port, .try_msecs = try_msecs, .deadline_msecs = deadline_msecs};
    for (size_t i = 0; i < count; i++) {
        items[i].end = MV_EXCHANGE_SILENT;
        items[i].message = (struct mv_bytes){NULL, 0};
    }
    while (fill(all, items, count, &next) && all->trouble == MV_OK) {
        wait_and_step(all);
        try_again(all);
    }
    for (size_t i = 0; i < MV_EXCHANGE_MAX_AT_ONCE; i++)
        if (all->flights[i].item != NULL)
            end_flight(&all->flights[i], MV_EXCHANGE_SILENT);
    trouble = all->trouble;
    free(all);
    return trouble;
}
