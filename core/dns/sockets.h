/*
 * The sockets of one c-ares channel: opened close-on-exec and non-blocking,
 * written without SIGPIPE, and polled together.
 */
#ifndef MV_DNS_SOCKETS_H
#define MV_DNS_SOCKETS_H

/* Debian 13 has new names for calls that Debian 12 knows by these only. */
#define CARES_NO_DEPRECATED
#include <ares.h>

#include <poll.h>
#include <stdbool.h>

#include "core/dns/answer.h"

#define MV_SOCKETS_MAX 64 /* UDP and TCP for each server, and some that are being closed */

struct mv_sockets {
    struct pollfd polled[MV_SOCKETS_MAX];
    unsigned count;
    /* The last failure that a server sent by UDP, or MV_DNS_TIMEOUT: c-ares 1.18 keeps it to itself. */
    enum mv_dns_status heard;
};

/* For struct ares_options; data is the struct mv_sockets. */
void mv_sockets_state(void *data, ares_socket_t fd, int readable, int writable);
/* Makes the channel use these sockets; they outlive it. */
void mv_sockets_attach(struct mv_sockets *sockets, ares_channel channel);
/* A socket beside those of the channel, polled for reading. -1 and errno. */
int mv_sockets_open(struct mv_sockets *sockets, int family, int type);
void mv_sockets_close(struct mv_sockets *sockets, int fd);
/* Polls, and lets the channel do what there is to do. false when nothing was ready. */
bool mv_sockets_process(struct mv_sockets *sockets, ares_channel channel, int timeout_msecs);

#endif
