/*
 * Where answers come from: DNS through c-ares, or a capture file.
 *
 * A resolver is used by one thread.  It belongs to a process: after fork() the
 * child's first use opens fresh sockets.  Descriptors are close-on-exec.
 * mv_resolver_prepare() does before fork() what a child would do on its first use.
 */
#ifndef MV_DNS_RESOLVER_H
#define MV_DNS_RESOLVER_H

#include <stdint.h>

#include "core/base/error.h"
#include "core/dns/memo.h"

struct mv_resolver;
struct mv_dns_cache;

/*
 * servers: "127.0.0.1:53, [::1]:5353", or empty for /etc/resolv.conf.
 * try_msecs: how long one server is given before the next try.
 */
enum mv_code mv_resolver_cares_new(struct mv_bytes servers, unsigned try_msecs,
                                   struct mv_resolver **resolver_r, struct mv_error *error);
/* Replays a capture file (capture.h); json is not needed after the call. Every question is answered when it is sent. */
enum mv_code mv_resolver_capture_new(struct mv_bytes json, struct mv_resolver **resolver_r, struct mv_error *error);
void mv_resolver_free(struct mv_resolver **resolver);

/* What it learns from now on is kept there, and what is there is not asked. Borrowed. */
void mv_resolver_use_cache(struct mv_resolver *resolver, struct mv_dns_cache *cache);

/*
 * Without any question: what the first one would do that needs no socket, so
 * that processes forked later have it.  Called again, it does it anew only when
 * the system's list of servers has changed since.
 */
enum mv_code mv_resolver_prepare(struct mv_resolver *resolver, int64_t now_secs);

/* Sends every question of the memo that has not been sent. Does not wait. */
enum mv_code mv_resolver_send(struct mv_resolver *resolver, struct mv_memo *memo);
/*
 * Takes in what has arrived, without waiting.  mv_memo_wanted() tells what is still out.
 */
enum mv_code mv_resolver_poll(struct mv_resolver *resolver, struct mv_memo *memo);
/*
 * Sends, then waits until an answer has come, or until the deadline
 * (CLOCK_MONOTONIC, milliseconds), when everything open is answered TIMEOUT.
 * What else arrives within MV_RESOLVER_GATHER_MSECS of an answer is taken in
 * with it, so that the caller runs its stages once for a burst, and yet asks
 * what depends on the first answers without waiting for the slowest one.
 * Returns at once when no question is open.
 */
#define MV_RESOLVER_GATHER_MSECS 1
enum mv_code mv_resolver_wait(struct mv_resolver *resolver, struct mv_memo *memo, int64_t deadline_msecs);
/* Forget the memo: answers that still come for it are dropped. Call before the memo's arena is freed. */
void mv_resolver_forget(struct mv_resolver *resolver, struct mv_memo *memo);
/* CLOCK_MONOTONIC in milliseconds. */
int64_t mv_resolver_now_msecs(void);

#endif
