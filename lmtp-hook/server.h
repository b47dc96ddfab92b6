/*
 * The server: what all connections share, who may connect, and how it ends.
 *
 * One thread waits for clients and signals; each connection has a thread of its
 * own.  SIGTERM and SIGINT: no new connections, what is under way is finished,
 * and who has just come may bring his message.
 * SIGHUP: the configuration is read anew, for connections that come after it;
 * a broken one is logged, and the old one holds.  SIGUSR1: counters to the log.
 */
#ifndef MV_LMTP_SERVER_H
#define MV_LMTP_SERVER_H

#include <pthread.h>
#include <sys/types.h>

#include "lmtp-hook/engines.h"
#include "lmtp-hook/stats.h"

#define MV_SERVER_MAX_LISTENERS 32
#define MV_SERVER_STOP_MSECS 85000     /* less than systemd waits (TimeoutStopSec) */
#define MV_SERVER_GREET_MSECS 5000     /* until a client that has not sent anything yet has to go when it stops */
#define MV_SERVER_STACK_BYTES (2 * 1024 * 1024)
#define MV_SERVER_MAX_STATISTICS 8     /* of its clients at the same time */
#define MV_SERVER_MAX_HOST_BYTES 256

/* Who leaves first when the server is to stop: one who has sent a message would come back for the next one at once, but
 * one who is told to go before his first one may try again much later. */
enum mv_server_client { MV_SERVER_SERVED, MV_SERVER_NEW, MV_SERVER_CLIENT_COUNT };

struct mv_server {
    const char *config_path; /* NULL: the default */
    char host[MV_SERVER_MAX_HOST_BYTES];
    pthread_mutex_t lock;    /* of engines */
    struct mv_engines *engines;
    struct mv_stats stats;
    _Atomic uint64_t connections; /* ids handed out */
    atomic_uint open;             /* connections now */
    atomic_uint statistics_open;
    int leave_fds[MV_SERVER_CLIENT_COUNT]; /* eventfds, readable once those are to leave */
    atomic_bool leave[MV_SERVER_CLIENT_COUNT];
    int listeners[MV_SERVER_MAX_LISTENERS];
    size_t listener_count;
    int statistics[MV_SERVER_MAX_LISTENERS];
    size_t statistics_count;
};

/* Reads the configuration and listens. uid (uid_t)-1: sockets belong to who runs it. *error: why not. */
enum mv_code mv_server_open(struct mv_server *server, const char *config_path, uid_t uid, gid_t gid,
                            struct mv_error *error);
/* Until it is told to stop, and what was under way is done. Signals must be blocked. */
enum mv_code mv_server_run(struct mv_server *server, struct mv_error *error);
void mv_server_close(struct mv_server *server);

/* A reference to what is in force now. */
struct mv_engines *mv_server_engines(struct mv_server *server);
/* Such clients are to leave, as far as they have no transaction. */
bool mv_server_dismisses(const struct mv_server *server, enum mv_server_client client);
/* Starts a detached thread that counts itself down again. false: no thread, nothing was taken over. */
bool mv_server_start_thread(void *(*run)(void *), void *argument);

#endif
