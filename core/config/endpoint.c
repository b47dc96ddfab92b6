#include "core/config/endpoint.h"

#define MAX_PORT 65535

static enum mv_code refuse(const char **reason_r, const char *reason)
{
    *reason_r = reason;
    return MV_ERR_SYNTAX;
}

static enum mv_code parse_path(struct mv_arena *arena, struct mv_bytes text, struct mv_endpoint *endpoint_r,
                               const char **reason_r)
{
    if (text.len > MV_ENDPOINT_MAX_PATH_BYTES)
        return refuse(reason_r, "the path of a socket has at most 107 bytes");
    if (mv_bytes_find(text, '\0') < text.len)
        return refuse(reason_r, "holds a NUL");
    return mv_arena_copy(arena, text, &endpoint_r->path) ? MV_OK : MV_ERR_MEMORY;
}

enum mv_code mv_endpoint_parse(struct mv_arena *arena, struct mv_bytes text, struct mv_endpoint *endpoint_r,
                               const char **reason_r)
{
    size_t colon = mv_bytes_find_last(text, ':');
    struct mv_bytes host = mv_bytes_slice(text, 0, colon);
    uint64_t port;

    *endpoint_r = (struct mv_endpoint){.port = 0};
    if (text.len > 0 && text.data[0] == '/')
        return parse_path(arena, text, endpoint_r, reason_r);
    if (colon == text.len || !mv_bytes_to_uint(mv_bytes_slice(text, colon + 1, text.len), MAX_PORT, &port) ||
        port == 0)
        return refuse(reason_r, "is neither the path of a socket, which begins with \"/\", nor an address, \":\" and a "
                                "port of 1 to 65535");
    if (!mv_ip_parse(host, &endpoint_r->ip) || (endpoint_r->ip.family == MV_IP_V6) != (host.data[0] == '['))
        return refuse(reason_r, "needs an address before its port: 127.0.0.1:24, [::1]:24");
    endpoint_r->port = (unsigned)port;
    return MV_OK;
}

void mv_endpoint_print(const struct mv_endpoint *endpoint, struct mv_buf *out)
{
    if (endpoint->path.len > 0) {
        mv_buf_put(out, endpoint->path);
        return;
    }
    mv_buf_puts(out, endpoint->ip.family == MV_IP_V6 ? "[" : "");
    mv_ip_print(&endpoint->ip, out);
    mv_buf_printf(out, endpoint->ip.family == MV_IP_V6 ? "]:%u" : ":%u", endpoint->port);
}
