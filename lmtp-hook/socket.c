#include "mv-config.h"

#include "lmtp-hook/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/config/endpoint.h"
#include "lmtp-hook/stream.h"

#define BACKLOG 512

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

static socklen_t address_of(const struct mv_endpoint *endpoint, union address *address)
{
    memset(address, 0, sizeof *address);
    if (endpoint->path.len > 0) {
        address->local.sun_family = AF_UNIX;
        memcpy(address->local.sun_path, endpoint->path.data, endpoint->path.len);
        return sizeof address->local;
    }
    if (endpoint->ip.family == MV_IP_V4) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons((uint16_t)endpoint->port);
        memcpy(&address->v4.sin_addr, endpoint->ip.octets, sizeof address->v4.sin_addr);
        return sizeof address->v4;
    }
    address->v6.sin6_family = AF_INET6;
    address->v6.sin6_port = htons((uint16_t)endpoint->port);
    memcpy(&address->v6.sin6_addr, endpoint->ip.octets, sizeof address->v6.sin6_addr);
    return sizeof address->v6;
}

static enum mv_code fail(const struct mv_endpoint *endpoint, const char *what, int why, int *fd, struct mv_error *error)
{
    struct mv_buf name;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    mv_buf_init(&name, 2 * MV_ENDPOINT_MAX_PATH_BYTES);
    mv_endpoint_print(endpoint, &name);
    mv_error_set(error, MV_ERR_IO, "%s: cannot %s: %s", mv_buf_failed(&name) ? "socket" : mv_buf_cstr(&name), what,
                 strerror(why));
    mv_buf_free(&name);
    return MV_ERR_IO;
}

static int new_socket(const union address *address)
{
    return socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* A socket that nobody listens on is what a killed process left behind. */
static void remove_dead_socket(const union address *address, socklen_t size)
{
    struct stat st;
    int fd;

    if (lstat(address->local.sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
        return;
    fd = new_socket(address);
    if (fd >= 0 && connect(fd, &address->any, size) != 0 && errno == ECONNREFUSED)
        unlink(address->local.sun_path);
    if (fd >= 0)
        close(fd);
}

static mode_t mask_for(enum mv_lmtp_access access)
{
    if (access == MV_LMTP_ACCESS_ALL)
        return 0111;
    return access == MV_LMTP_ACCESS_GROUP ? 0117 : 0177;
}

enum mv_code mv_socket_listen(const struct mv_endpoint *endpoint, enum mv_lmtp_access access, int *fd_r,
                              struct mv_error *error)
{
    union address address;
    socklen_t size = address_of(endpoint, &address);
    int one = 1, failed;
    mode_t before;

    *fd_r = new_socket(&address);
    if (*fd_r < 0)
        return fail(endpoint, "make a socket", errno, fd_r, error);
    if (endpoint->path.len > 0)
        remove_dead_socket(&address, size);
    else
        (void)setsockopt(*fd_r, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    before = umask(mask_for(access));
    failed = bind(*fd_r, &address.any, size) == 0 ? 0 : errno;
    umask(before);
    if (failed != 0)
        return fail(endpoint, "listen there", failed, fd_r, error);
    if (listen(*fd_r, BACKLOG) != 0)
        return fail(endpoint, "listen there", errno, fd_r, error);
    return MV_OK;
}

static void no_delay(int fd)
{
    int one = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* not for Unix sockets, which have none */
}

/* 0, or an errno. */
static int wait_connected(int fd, int64_t end_msecs)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    int64_t left = end_msecs - mv_stream_now_msecs();
    int status = 0;
    socklen_t size = sizeof status;
    int n = left <= 0 ? 0 : poll(&poll_fd, 1, (int)left);

    if (n == 0)
        return ETIMEDOUT;
    if (n < 0)
        return errno;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &status, &size) != 0 ? errno : status;
}

enum mv_code mv_socket_connect(const struct mv_endpoint *endpoint, int64_t end_msecs, int *fd_r,
                               struct mv_error *error)
{
    union address address;
    socklen_t size = address_of(endpoint, &address);
    int why = 0;

    *fd_r = new_socket(&address);
    if (*fd_r < 0)
        return fail(endpoint, "make a socket", errno, fd_r, error);
    if (connect(*fd_r, &address.any, size) != 0)
        why = errno == EINPROGRESS ? wait_connected(*fd_r, end_msecs) : errno;
    if (why != 0)
        return fail(endpoint, "connect", why, fd_r, error);
    no_delay(*fd_r);
    return MV_OK;
}

int mv_socket_accept(int listener, struct mv_ip *peer_r)
{
    union address address;
    socklen_t size = sizeof address;
    int fd = accept4(listener, &address.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);

    *peer_r = (struct mv_ip){.family = MV_IP_NONE};
    if (fd < 0)
        return -1;
    if (address.any.sa_family == AF_INET)
        mv_ip_from_octets(mv_bytes_of(&address.v4.sin_addr, sizeof address.v4.sin_addr), peer_r);
    else if (address.any.sa_family == AF_INET6)
        mv_ip_from_octets(mv_bytes_of(&address.v6.sin6_addr, sizeof address.v6.sin6_addr), peer_r);
    if (address.any.sa_family != AF_UNIX)
        no_delay(fd);
    return fd;
}

bool mv_socket_adopt(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}
