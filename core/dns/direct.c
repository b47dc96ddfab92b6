#include "core/dns/direct.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/ascii.h"

#define DNS_PORT 53

bool mv_direct_is_host_name(struct mv_bytes name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!mv_ascii_is(name.data[i], MV_ASCII_LDH) && name.data[i] != '.' && name.data[i] != '/' &&
            name.data[i] != '*')
            return false;
    return true;
}

static socklen_t address_of(const struct ares_addr_port_node *server, struct sockaddr_storage *address_r)
{
    in_port_t port = htons((uint16_t)(server->udp_port == 0 ? DNS_PORT : server->udp_port));
    struct sockaddr_in *v4 = (struct sockaddr_in *)address_r;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address_r;

    memset(address_r, 0, sizeof *address_r);
    address_r->ss_family = (sa_family_t)server->family;
    if (server->family == AF_INET) {
        v4->sin_port = port;
        v4->sin_addr = server->addr.addr4;
        return sizeof *v4;
    }
    v6->sin6_port = port;
    memcpy(&v6->sin6_addr, &server->addr.addr6, sizeof v6->sin6_addr);
    return sizeof *v6;
}

static bool send_to(struct mv_direct *direct, struct mv_sockets *sockets, const struct ares_addr_port_node *server,
                    struct mv_bytes query)
{
    struct sockaddr_storage address;
    socklen_t len = address_of(server, &address);
    int fd = mv_sockets_open(sockets, server->family, SOCK_DGRAM);

    if (fd < 0)
        return false;
    direct->fd = fd;
    /* a connected socket takes datagrams from nobody else */
    return connect(fd, (struct sockaddr *)&address, len) == 0 &&
           send(fd, query.data, query.len, MSG_NOSIGNAL) == (ssize_t)query.len;
}

static unsigned count(const struct ares_addr_port_node *server)
{
    unsigned n = 0;

    for (; server != NULL; server = server->next)
        n++;
    return n;
}

static const struct ares_addr_port_node *pick(const struct ares_addr_port_node *server, unsigned index)
{
    for (; index > 0; index--)
        server = server->next;
    return server;
}

bool mv_direct_send(struct mv_direct *direct, struct mv_sockets *sockets, ares_channel channel, struct mv_bytes query)
{
    struct ares_addr_port_node *servers = NULL;
    bool sent = false;

    mv_direct_close(direct, sockets);
    if (ares_get_servers_ports(channel, &servers) != ARES_SUCCESS)
        return false;
    direct->servers = count(servers);
    for (unsigned i = 0; i < direct->servers && !sent; i++) {
        sent = send_to(direct, sockets, pick(servers, direct->tries++ % direct->servers), query);
        if (!sent)
            mv_direct_close(direct, sockets);
    }
    ares_free_data(servers);
    return sent;
}

enum mv_direct_step mv_direct_receive(const struct mv_direct *direct, unsigned char buffer[MV_DIRECT_MAX_BYTES],
                                      struct mv_bytes *datagram_r)
{
    ssize_t len = recv(direct->fd, buffer, MV_DIRECT_MAX_BYTES, 0);

    if (len < 0)
        return errno == EAGAIN || errno == EINTR ? MV_DIRECT_WAITING : MV_DIRECT_FAILED;
    *datagram_r = mv_bytes_of(buffer, (size_t)len);
    return MV_DIRECT_DATAGRAM;
}

void mv_direct_close(struct mv_direct *direct, struct mv_sockets *sockets)
{
    if (direct->fd > 0)
        mv_sockets_close(sockets, direct->fd);
    direct->fd = 0;
}
