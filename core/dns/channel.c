#include "core/dns/channel.h"

#include "core/dns/query_cache.h"
#include "core/dns/wire.h"

#define TRIES_PER_SERVER 3 /* each takes twice as long as the one before */

void mv_channel_close(ares_channel *channel)
{
    if (*channel != NULL)
        ares_destroy(*channel);
    *channel = NULL;
}

static int open_with(const char *servers, unsigned try_msecs, int extra_flags, struct mv_sockets *sockets,
                     ares_channel *channel_r)
{
    struct ares_options options = {
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS | extra_flags,
        .timeout = (int)try_msecs,
        .tries = TRIES_PER_SERVER,
        .ednspsz = MV_DNS_EDNS_PAYLOAD_BYTES,
        .lookups = (char[]){"b"}, /* DNS alone: no hosts file, and no file that would say so */
        .resolvconf_path = (char[]){"/dev/null"},
        .sock_state_cb = mv_sockets_state,
        .sock_state_cb_data = sockets,
    };
    bool configured = servers[0] != '\0';
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ | ARES_OPT_LOOKUPS |
               ARES_OPT_SOCK_STATE_CB | mv_query_cache_off(&options);
    int status = ares_init_options(channel_r, &options, configured ? mask | ARES_OPT_RESOLVCONF : mask);

    if (status != ARES_SUCCESS) {
        *channel_r = NULL;
        return status;
    }
    mv_sockets_attach(sockets, *channel_r);
    return configured ? ares_set_servers_ports_csv(*channel_r, servers) : ARES_SUCCESS;
}

static bool has_several_servers(ares_channel channel)
{
    struct ares_addr_port_node *servers = NULL;
    bool several;

    if (ares_get_servers_ports(channel, &servers) != ARES_SUCCESS)
        return false;
    several = servers != NULL && servers->next != NULL;
    ares_free_data(servers);
    return several;
}

enum mv_code mv_channel_open(const char *servers, unsigned try_msecs, struct mv_sockets *sockets,
                             ares_channel *channel_r)
{
    int status = open_with(servers, try_msecs, ARES_FLAG_NOCHECKRESP, sockets, channel_r);

    if (status == ARES_SUCCESS && has_several_servers(*channel_r)) {
        mv_channel_close(channel_r);
        status = open_with(servers, try_msecs, 0, sockets, channel_r);
    }
    if (status == ARES_SUCCESS)
        return MV_OK;
    mv_channel_close(channel_r);
    return status == ARES_ENOMEM ? MV_ERR_MEMORY : MV_ERR_IO;
}

void mv_channel_put_last(ares_channel channel, unsigned n)
{
    struct ares_addr_port_node *servers = NULL, *last;

    if (ares_get_servers_ports(channel, &servers) != ARES_SUCCESS)
        return;
    for (; n > 0 && servers != NULL && servers->next != NULL; n--) {
        struct ares_addr_port_node *first = servers;

        for (last = servers; last->next != NULL;)
            last = last->next;
        servers = first->next;
        last->next = first;
        first->next = NULL;
    }
    (void)ares_set_servers_ports(channel, servers);
    ares_free_data(servers);
}
