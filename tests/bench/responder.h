/*
 * A DNS server on a loopback address that answers from a capture file's text
 * (core/dns/capture.h), each answer a fixed time after its question: what a
 * resolver far away, or with nothing cached, looks like.  It speaks the real
 * wire format over UDP, for A, AAAA, MX and TXT.
 */
#ifndef MV_BENCH_RESPONDER_H
#define MV_BENCH_RESPONDER_H

#include <sys/types.h>

#include "core/base/bytes.h"

struct responder {
    pid_t pid;
    unsigned port;
};

/* Starts it as a child process. Ends the program when that fails. */
struct responder responder_start(struct mv_bytes capture, unsigned delay_msecs);
void responder_stop(const struct responder *responder);

#endif
