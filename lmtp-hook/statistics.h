/*
 * The counters by HTTP, for Prometheus: whatever is asked for, the answer is the same.
 */
#ifndef MV_LMTP_STATISTICS_H
#define MV_LMTP_STATISTICS_H

#include "lmtp-hook/server.h"

#define MV_STATISTICS_MAX_REQUEST_BYTES 8192

/* Takes the descriptor over. */
void mv_statistics_start(struct mv_server *server, int fd);

#endif
