/*
 * Looks at keys as the world sees them: asks every address of every server of the
 * zone for the record of each key, all at once, and follows aliases and zones
 * below to their own servers.
 *
 * An address that this host cannot reach at all (IPv6 without a route) does not
 * count as long as another one of the same server can be reached, nor does a
 * server without an address.  Every other address that does not answer is
 * "silent", and then nothing is proved.
 */
#ifndef MV_OPS_SIGHT_H
#define MV_OPS_SIGHT_H

#include "core/ops/key_match.h"
#include "core/ops/rollover.h"
#include "core/ops/zone.h"

#define MV_SIGHT_MAX_KEYS 64   /* of one domain that are looked at; all that are not revoked */
#define MV_SIGHT_MAX_DEPTH 4   /* aliases and zones below, one behind the other */

/* What one address answered, for people. */
struct mv_sight_line {
    struct mv_zone_server server;
    bool counts;
    bool shown;
    const char *what; /* "shows the key", "has no such record", "does not answer" */
};

struct mv_sight_request {
    struct mv_bytes name; /* <selector>._domainkey.<domain> */
    struct mv_key_want want;
};

struct mv_sight {
    struct mv_key_view view;
    const struct mv_sight_line *lines;
    size_t line_count;
};

/* sights_r has one for each request and is filled in whatever DNS does. Only memory is an error. */
enum mv_code mv_sight_look(const struct mv_inquirer *inquirer, struct mv_bytes domain,
                           const struct mv_sight_request *requests, size_t count, struct mv_sight *sights_r);

#endif
