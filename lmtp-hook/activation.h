/*
 * What systemd tells a service, and wants to be told: sockets that it holds (sd_listen_fds(3)), and the state of the
 * service (sd_notify(3)).
 */
#ifndef MV_LMTP_ACTIVATION_H
#define MV_LMTP_ACTIVATION_H

#include <stddef.h>

#define MV_ACTIVATION_FIRST_FD 3
#define MV_ACTIVATION_STATISTICS "statistics" /* FileDescriptorName= of the socket for counters */

enum mv_activation_kind { MV_ACTIVATION_LMTP, MV_ACTIVATION_FOR_STATISTICS };

/* How many descriptors were handed over, from MV_ACTIVATION_FIRST_FD on; 0 when none, or not to this process. */
size_t mv_activation_count(void);
enum mv_activation_kind mv_activation_kind_of(size_t index);
/* "READY=1", "RELOADING=1", "STOPPING=1"; nothing happens without systemd. */
void mv_activation_notify(const char *state);

#endif
