/*
 * One client and its next hop, from greeting to end, in a thread of its own.
 */
#ifndef MV_LMTP_CONNECTION_H
#define MV_LMTP_CONNECTION_H

#include "lmtp-hook/server.h"

/* Takes the descriptor over. peer: MV_IP_NONE for a Unix socket. */
void mv_connection_start(struct mv_server *server, int fd, const struct mv_ip *peer);

#endif
