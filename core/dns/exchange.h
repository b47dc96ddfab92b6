/*
 * One question to one server and to no other: what a server of a zone itself
 * says, without a cache between.  Many exchanges run side by side.
 *
 * By UDP, again with a new id from a new port when nothing comes, and by TCP when
 * the answer was cut (RFC 7766 5).  Answers are what mv_dns_wire_zone_answer() reads.
 */
#ifndef MV_DNS_EXCHANGE_H
#define MV_DNS_EXCHANGE_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/dns/answer.h"
#include "core/text/ip.h"

#define MV_EXCHANGE_MAX_AT_ONCE 64 /* the others wait for their turn */
#define MV_EXCHANGE_TRIES 3        /* by UDP */

enum mv_exchange_end {
    MV_EXCHANGE_ANSWERED,
    MV_EXCHANGE_SILENT,   /* nothing came before the deadline, or after all tries */
    MV_EXCHANGE_CLOSED,   /* nobody listens there, or the connection broke */
    MV_EXCHANGE_NO_ROUTE  /* this host cannot reach any such address, as IPv6 without a route, or there is none */
};

struct mv_exchange {
    struct mv_ip server;
    struct mv_dns_question question;
    enum mv_exchange_end end;
    struct mv_bytes message; /* the answer, in the arena */
};

/*
 * Fills in the end and the message of each.  Returns when all have ended, at the
 * latest at the deadline (CLOCK_MONOTONIC, milliseconds: mv_resolver_now_msecs()).
 * Only memory, and lack of random numbers, are errors.
 */
enum mv_code mv_exchange_all(struct mv_arena *arena, struct mv_exchange *items, size_t count, unsigned port,
                             unsigned try_msecs, int64_t deadline_msecs);

#endif
