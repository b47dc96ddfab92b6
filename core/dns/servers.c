#include "core/dns/servers.h"

#include <arpa/inet.h>
#include <string.h>

#define DEFAULT_PORT 53

struct server {
    int family;
    unsigned char octets[16];
    uint64_t port;
};

static bool read_address(int family, struct mv_bytes text, struct server *server)
{
    char address[INET6_ADDRSTRLEN] = "";

    if (text.len == 0 || text.len >= sizeof address)
        return false;
    memcpy(address, text.data, text.len);
    server->family = family;
    return strlen(address) == text.len && inet_pton(family, address, server->octets) == 1;
}

static bool read_server(struct mv_bytes entry, struct server *server)
{
    struct mv_cursor c = mv_cursor_of(entry);

    server->port = DEFAULT_PORT;
    if (mv_cursor_accept(&c, '[')) {
        if (!read_address(AF_INET6, mv_cursor_take_until(&c, ']'), server) || !mv_cursor_accept(&c, ']'))
            return false;
    } else if (read_address(AF_INET6, entry, server)) {
        return true;
    } else if (!read_address(AF_INET, mv_cursor_take_until(&c, ':'), server)) {
        return false;
    }
    if (mv_cursor_left(&c) == 0)
        return true;
    return mv_cursor_accept(&c, ':') && mv_bytes_to_uint(mv_cursor_rest(&c), 65535, &server->port) && server->port > 0;
}

static void put_server(const struct server *server, struct mv_buf *csv)
{
    char address[INET6_ADDRSTRLEN];

    if (inet_ntop(server->family, server->octets, address, sizeof address) != NULL)
        mv_buf_printf(csv, server->family == AF_INET6 ? "[%s]:%u" : "%s:%u", address, (unsigned)server->port);
}

enum mv_code mv_dns_servers_parse(struct mv_bytes text, struct mv_buf *csv, struct mv_error *error)
{
    struct mv_cursor c = mv_cursor_of(text);
    unsigned count = 0;

    if (mv_bytes_trim(text).len == 0)
        return MV_OK;
    do {
        struct server server;

        count++;
        if (!read_server(mv_bytes_trim(mv_cursor_take_until(&c, ',')), &server))
            return mv_error_set(error, MV_ERR_CONFIG, "DNS server %u: not an IP address, nor one with a port", count);
        if (count > MV_DNS_MAX_SERVERS)
            return mv_error_set(error, MV_ERR_CONFIG, "more than %d DNS servers", MV_DNS_MAX_SERVERS);
        if (count > 1)
            mv_buf_putc(csv, ',');
        put_server(&server, csv);
    } while (mv_cursor_accept(&c, ','));
    return mv_buf_failed(csv) ? mv_error_set(error, MV_ERR_MEMORY, "no memory for the DNS servers") : MV_OK;
}
