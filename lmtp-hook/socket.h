/*
 * Sockets for endpoints of the configuration: made to listen, or connected.  All are close-on-exec and non-blocking.
 */
#ifndef MV_LMTP_SOCKET_H
#define MV_LMTP_SOCKET_H

#include "core/base/error.h"
#include "core/config/config.h"

/*
 * For a Unix socket: one that nobody listens on any more is replaced, and the new one has the access bits.
 * MV_ERR_IO: *error says why; *fd_r is -1 then.
 */
enum mv_code mv_socket_listen(const struct mv_endpoint *endpoint, enum mv_lmtp_access access, int *fd_r,
                              struct mv_error *error);
/* Waits until end_msecs (CLOCK_MONOTONIC) at most. */
enum mv_code mv_socket_connect(const struct mv_endpoint *endpoint, int64_t end_msecs, int *fd_r,
                               struct mv_error *error);
/* The next client; *peer_r has its address, MV_IP_NONE for a Unix socket. -1 when there is none, or an error. */
int mv_socket_accept(int listener, struct mv_ip *peer_r);
/* What systemd hands over has whatever flags it has. */
bool mv_socket_adopt(int fd);

#endif
