#include "core/dns/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define RECEIVE_BUFFER_BYTES (1024 * 1024) /* a burst of answers; the kernel gives what it allows */
#define SEND_PAUSE_MSECS 10                /* for a UDP socket to take one more datagram */

static struct pollfd *find(struct mv_sockets *sockets, int fd)
{
    for (unsigned i = 0; i < sockets->count; i++)
        if (sockets->polled[i].fd == fd)
            return &sockets->polled[i];
    return NULL;
}

void mv_sockets_state(void *data, ares_socket_t fd, int readable, int writable)
{
    struct pollfd *polled = find(data, fd);

    if (polled != NULL)
        polled->events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
}

int mv_sockets_open(struct mv_sockets *sockets, int family, int type)
{
    int fd, one = 1, size = RECEIVE_BUFFER_BYTES;

    if (sockets->count == MV_SOCKETS_MAX) {
        errno = EMFILE;
        return -1;
    }
    fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    /* both are wishes */
    if (type == SOCK_STREAM)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    else
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    sockets->polled[sockets->count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    return fd;
}

void mv_sockets_close(struct mv_sockets *sockets, int fd)
{
    struct pollfd *polled = find(sockets, fd);

    if (polled != NULL)
        *polled = sockets->polled[--sockets->count];
    (void)close(fd);
}

static ares_socket_t open_socket(int family, int type, int protocol, void *data)
{
    (void)protocol;
    return mv_sockets_open(data, family, type);
}

static int close_socket(ares_socket_t fd, void *data)
{
    mv_sockets_close(data, fd);
    return 0;
}

static int connect_socket(ares_socket_t fd, const struct sockaddr *address, ares_socklen_t address_len, void *data)
{
    (void)data;
    return connect(fd, address, address_len);
}

/* RFC 1035 4.1.1: the response code is in the fourth octet. */
static void listen_to(struct mv_sockets *sockets, const unsigned char *datagram, ssize_t len)
{
    unsigned rcode = len < 4 ? 0 : datagram[3] & 0x0f;

    if (rcode == 5)
        sockets->heard = MV_DNS_REFUSED;
    else if (rcode != 0 && rcode != 3)
        sockets->heard = MV_DNS_SERVFAIL;
}

static ares_ssize_t receive(ares_socket_t fd, void *buffer, size_t size, int flags, struct sockaddr *from,
                            ares_socklen_t *from_len, void *data)
{
    ssize_t len = recvfrom(fd, buffer, size, flags, from, from_len);

    if (from != NULL)
        listen_to(data, buffer, len);
    return len;
}

static bool is_stream(int fd)
{
    int type = 0;
    socklen_t len = sizeof type;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

/*
 * c-ares takes any failure to send a datagram for a server that is gone.  A full
 * buffer is not that.  And "connection refused" is the fate of an earlier
 * datagram: if this call swallowed it, the question in that one would wait for
 * its timeout; sent again, this one brings the news anew for all of them.
 */
static ares_ssize_t send_vector(ares_socket_t fd, const struct iovec *vector, int count, void *data)
{
    struct msghdr message = {.msg_iov = (struct iovec *)vector, .msg_iovlen = (size_t)count};
    struct pollfd polled = {.fd = fd, .events = POLLOUT};
    ssize_t len = sendmsg(fd, &message, MSG_NOSIGNAL);
    bool full = len < 0 && (errno == EAGAIN || errno == ENOBUFS);

    (void)data;
    if (len >= 0 || (!full && errno != ECONNREFUSED) || is_stream(fd))
        return len;
    if (full)
        (void)poll(&polled, 1, SEND_PAUSE_MSECS);
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

void mv_sockets_attach(struct mv_sockets *sockets, ares_channel channel)
{
    static const struct ares_socket_functions functions = {open_socket, close_socket, connect_socket, receive,
                                                           send_vector};

    sockets->count = 0;
    sockets->heard = MV_DNS_TIMEOUT;
    ares_set_socket_functions(channel, &functions, sockets);
}

bool mv_sockets_process(struct mv_sockets *sockets, ares_channel channel, int timeout_msecs)
{
    struct pollfd polled[MV_SOCKETS_MAX]; /* what c-ares does changes the sockets */
    unsigned count = sockets->count;
    int ready;

    memcpy(polled, sockets->polled, count * sizeof *polled);
    ready = poll(polled, count, timeout_msecs);
    if (ready <= 0) { /* time is up, or a signal came: the caller looks at the clock */
        ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        bool readable = (polled[i].revents & (POLLIN | POLLERR | POLLHUP | POLLNVAL)) != 0;
        bool writable = (polled[i].revents & POLLOUT) != 0;

        if ((readable || writable) && find(sockets, polled[i].fd) != NULL)
            ares_process_fd(channel, readable ? polled[i].fd : ARES_SOCKET_BAD,
                            writable ? polled[i].fd : ARES_SOCKET_BAD);
    }
    return true;
}
