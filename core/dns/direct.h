/*
 * One question by UDP without c-ares, for names that c-ares does not carry.
 *
 * c-ares 1.34 takes every message apart and refuses names that are no host
 * names, while SPF's macros make names of any bytes ("%{l}" of
 * bounce+tag=example.com: RFC 7208 7).  The servers and the sockets are those of
 * the channel.  There is no TCP here: an answer too long for UDP is a server
 * failure.
 */
#ifndef MV_DNS_DIRECT_H
#define MV_DNS_DIRECT_H

#include "core/base/bytes.h"
#include "core/dns/sockets.h"

#define MV_DIRECT_MAX_BYTES 4096 /* of an answer; we announce 1232 */

struct mv_direct {
    int fd;              /* 0: not in use */
    unsigned tries;      /* which also picks the server: each in turn */
    unsigned servers;    /* how many there are */
    unsigned failures;   /* of servers that refused, failed or were not there */
    int64_t retry_msecs; /* CLOCK_MONOTONIC: when to ask the next server */
};

enum mv_direct_step { MV_DIRECT_WAITING, MV_DIRECT_DATAGRAM, MV_DIRECT_FAILED };

/* Letters, digits and - _ . / *: every c-ares carries such a name. */
bool mv_direct_is_host_name(struct mv_bytes name);
/* Sends the query to the next server that can be reached. false when there is none. */
bool mv_direct_send(struct mv_direct *direct, struct mv_sockets *sockets, ares_channel channel, struct mv_bytes query);
/* The next datagram of the server, without waiting; MV_DIRECT_FAILED: nobody listens there. */
enum mv_direct_step mv_direct_receive(const struct mv_direct *direct, unsigned char buffer[MV_DIRECT_MAX_BYTES],
                                      struct mv_bytes *datagram_r);
void mv_direct_close(struct mv_direct *direct, struct mv_sockets *sockets);

#endif
