/*
 * The servers of the zone that a name lies in: found through the resolver (NS
 * records from the name upwards, then addresses), and made whole with what the
 * servers themselves say of their zone, which no cache has aged.
 */
#ifndef MV_OPS_ZONE_H
#define MV_OPS_ZONE_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/dns/resolver.h"
#include "core/text/ip.h"

#define MV_ZONE_MAX_SERVERS 64   /* names; more is a fault */
#define MV_ZONE_MAX_ADDRESSES 128
#define MV_DNS_PORT 53

/* How to ask. */
struct mv_inquirer {
    struct mv_arena *arena;
    struct mv_resolver *resolver; /* for names and addresses of servers */
    unsigned port;                /* of servers of zones: MV_DNS_PORT */
    unsigned try_msecs;
    int64_t deadline_msecs;       /* CLOCK_MONOTONIC, for everything together */
};

struct mv_zone_server {
    struct mv_bytes name;
    struct mv_ip ip; /* MV_IP_NONE: the name has no address */
};

struct mv_zone {
    struct mv_bytes name;
    const struct mv_zone_server *servers; /* one for each address */
    size_t count;
};

/*
 * *fault_r is one sentence when the zone or its servers could not be found, else
 * NULL.  Only memory is an error.
 */
enum mv_code mv_zone_find(const struct mv_inquirer *inquirer, struct mv_bytes name, struct mv_zone *zone_r,
                          const char **fault_r);
/* The addresses of these NS names, for a zone that a server pointed to. */
enum mv_code mv_zone_from_names(const struct mv_inquirer *inquirer, struct mv_bytes name,
                                const struct mv_bytes *server_names, size_t count, struct mv_zone *zone_r,
                                const char **fault_r);

#endif
