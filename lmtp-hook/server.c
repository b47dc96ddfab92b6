#include "mv-config.h"

#include "lmtp-hook/server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lmtp-hook/activation.h"
#include "lmtp-hook/connection.h"
#include "lmtp-hook/log.h"
#include "lmtp-hook/socket.h"
#include "lmtp-hook/statistics.h"
#include "lmtp-hook/stream.h"

#define STOP_LOOK_MSECS 20     /* how often it is looked whether the last connection is gone */
#define NO_DESCRIPTOR_MSECS 100 /* what is waited when accept() has no descriptor left */
#define MAX_ACCEPTS 64          /* of one listener in a row */

bool mv_server_dismisses(const struct mv_server *server, enum mv_server_client client)
{
    return atomic_load_explicit(&server->leave[client], memory_order_relaxed);
}

struct mv_engines *mv_server_engines(struct mv_server *server)
{
    struct mv_engines *engines;

    pthread_mutex_lock(&server->lock);
    engines = mv_engines_hold(server->engines);
    pthread_mutex_unlock(&server->lock);
    return engines;
}

bool mv_server_start_thread(void *(*run)(void *), void *argument)
{
    pthread_attr_t attributes;
    pthread_t thread;
    bool started;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    started = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
              pthread_attr_setstacksize(&attributes, MV_SERVER_STACK_BYTES) == 0 &&
              pthread_create(&thread, &attributes, run, argument) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

/* Opening */

static enum mv_code add_listener(int *list, size_t *count, int fd, struct mv_error *error)
{
    if (*count == MV_SERVER_MAX_LISTENERS) {
        close(fd);
        return mv_error_set(error, MV_ERR_LIMIT, "more than %d sockets to listen on", MV_SERVER_MAX_LISTENERS);
    }
    list[(*count)++] = fd;
    return MV_OK;
}

static enum mv_code adopt_all(struct mv_server *server, size_t count, struct mv_error *error)
{
    enum mv_code code = MV_OK;

    for (size_t i = 0; code == MV_OK && i < count; i++) {
        int fd = MV_ACTIVATION_FIRST_FD + (int)i;

        if (!mv_socket_adopt(fd))
            return mv_error_set(error, MV_ERR_IO, "socket %d of systemd: %s", fd, strerror(errno));
        if (mv_activation_kind_of(i) == MV_ACTIVATION_FOR_STATISTICS)
            code = add_listener(server->statistics, &server->statistics_count, fd, error);
        else
            code = add_listener(server->listeners, &server->listener_count, fd, error);
    }
    return code;
}

struct owner {
    uid_t uid;
    gid_t gid;
};

static enum mv_code listen_all(const struct mv_config_endpoints *endpoints, enum mv_lmtp_access access,
                               const struct owner *owner, int *list, size_t *count, struct mv_error *error)
{
    enum mv_code code = MV_OK;

    for (size_t i = 0; code == MV_OK && i < endpoints->count; i++) {
        const char *path = (const char *)endpoints->items[i].path.data;
        int fd;

        code = mv_socket_listen(&endpoints->items[i], access, &fd, error);
        if (code == MV_OK)
            code = add_listener(list, count, fd, error);
        if (code == MV_OK && path != NULL && owner->uid != (uid_t)-1 && chown(path, owner->uid, owner->gid) != 0)
            code = mv_error_set(error, MV_ERR_IO, "%s: cannot be given to the user: %s", path, strerror(errno));
    }
    return code;
}

static enum mv_code listen_everywhere(struct mv_server *server, const struct owner *owner, struct mv_error *error)
{
    const struct mv_lmtp_settings *settings = &mv_engines_settings(server->engines)->lmtp;
    enum mv_code code = adopt_all(server, mv_activation_count(), error);

    if (code == MV_OK && server->listener_count == 0)
        code = listen_all(&settings->listen, settings->listen_access, owner, server->listeners,
                          &server->listener_count, error);
    if (code == MV_OK && server->statistics_count == 0)
        code = listen_all(&settings->statistics, settings->listen_access, owner, server->statistics,
                          &server->statistics_count, error);
    if (code == MV_OK && server->listener_count == 0)
        code = mv_error_set(error, MV_ERR_CONFIG, "[lmtp] listen is empty");
    return code;
}

static enum mv_code open_leave_fds(struct mv_server *server, struct mv_error *error)
{
    enum mv_code code = MV_OK;

    for (size_t i = 0; i < MV_SERVER_CLIENT_COUNT; i++) {
        server->leave_fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (server->leave_fds[i] < 0)
            code = mv_error_set(error, MV_ERR_IO, "eventfd: %s", strerror(errno));
    }
    return code;
}

enum mv_code mv_server_open(struct mv_server *server, const char *config_path, uid_t uid, gid_t gid,
                            struct mv_error *error)
{
    struct owner owner = {uid, gid};
    enum mv_code code;

    memset(server, 0, sizeof *server);
    server->config_path = config_path;
    pthread_mutex_init(&server->lock, NULL);
    if (gethostname(server->host, sizeof server->host - 1) != 0 || server->host[0] == '\0')
        memcpy(server->host, "localhost", sizeof "localhost");
    code = open_leave_fds(server, error);
    if (code == MV_OK)
        code = mv_engines_open(config_path, &server->engines, error);
    if (code != MV_OK)
        return code;
    mv_log_open(mv_engines_settings(server->engines)->lmtp.log);
    return listen_everywhere(server, &owner, error);
}

static void close_all(int *list, size_t *count)
{
    while (*count > 0)
        close(list[--*count]);
}

void mv_server_close(struct mv_server *server)
{
    close_all(server->listeners, &server->listener_count);
    close_all(server->statistics, &server->statistics_count);
    mv_engines_release(&server->engines);
    for (size_t i = 0; i < MV_SERVER_CLIENT_COUNT; i++)
        if (server->leave_fds[i] >= 0)
            close(server->leave_fds[i]);
    pthread_mutex_destroy(&server->lock);
}

/* Signals */

static void reload(struct mv_server *server)
{
    struct mv_engines *engines, *old;
    struct mv_error error = {.code = MV_OK};

    mv_activation_notify("RELOADING=1");
    if (mv_engines_open(server->config_path, &engines, &error) != MV_OK) {
        mv_log(MV_LOG_ERROR, "the configuration stays as it was: %s", error.text);
    } else {
        pthread_mutex_lock(&server->lock);
        old = server->engines;
        server->engines = engines;
        pthread_mutex_unlock(&server->lock);
        mv_engines_release(&old);
        mv_log_open(mv_engines_settings(engines)->lmtp.log);
        mv_log(MV_LOG_INFO, "the configuration was read again; what [lmtp] says of listening holds after a restart");
    }
    mv_activation_notify("READY=1");
}

static void log_statistics(struct mv_server *server)
{
    struct mv_buf line;

    mv_buf_init(&line, MV_LOG_MAX_BYTES);
    mv_buf_puts(&line, "statistics: ");
    mv_stats_put_line(&server->stats, &line);
    if (!mv_buf_failed(&line))
        mv_log_line(MV_LOG_INFO, mv_buf_bytes(&line));
    mv_buf_free(&line);
}

/* false: the server is to stop. */
static bool take_signal(struct mv_server *server, int signal_fd)
{
    struct signalfd_siginfo info;

    if (read(signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
        return true;
    switch (info.ssi_signo) {
    case SIGHUP:
        reload(server);
        return true;
    case SIGUSR1:
        log_statistics(server);
        return true;
    default:
        return false;
    }
}

/* Clients */

static void take_client(struct mv_server *server, int fd, const struct mv_ip *peer)
{
    mv_connection_start(server, fd, peer);
}

static void take_reader(struct mv_server *server, int fd, const struct mv_ip *peer)
{
    (void)peer;
    mv_statistics_start(server, fd);
}

static void accept_from(struct mv_server *server, int listener,
                        void (*take)(struct mv_server *, int, const struct mv_ip *))
{
    for (unsigned i = 0; i < MAX_ACCEPTS; i++) {
        struct mv_ip peer;
        int fd = mv_socket_accept(listener, &peer);

        if (fd >= 0) {
            take(server, fd, &peer);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            mv_log(MV_LOG_ERROR, "a client has to wait: %s", strerror(errno));
            poll(NULL, 0, NO_DESCRIPTOR_MSECS);
        }
        return;
    }
}

/* false: the server is to stop. */
static bool serve_once(struct mv_server *server, int signal_fd)
{
    struct pollfd fds[1 + 2 * MV_SERVER_MAX_LISTENERS] = {{.fd = signal_fd, .events = POLLIN}};
    nfds_t n = 1;

    for (size_t i = 0; i < server->listener_count; i++)
        fds[n++] = (struct pollfd){.fd = server->listeners[i], .events = POLLIN};
    for (size_t i = 0; i < server->statistics_count; i++)
        fds[n++] = (struct pollfd){.fd = server->statistics[i], .events = POLLIN};
    if (poll(fds, n, -1) < 0)
        return errno == EINTR;
    if (fds[0].revents != 0 && !take_signal(server, signal_fd))
        return false;
    for (nfds_t i = 1; i < n; i++)
        if (fds[i].revents != 0)
            accept_from(server, fds[i].fd, i <= server->listener_count ? take_client : take_reader);
    return true;
}

static void dismiss(struct mv_server *server, enum mv_server_client client)
{
    uint64_t one = 1;

    atomic_store(&server->leave[client], true);
    if (write(server->leave_fds[client], &one, sizeof one) != (ssize_t)sizeof one)
        mv_log(MV_LOG_ERROR, "connections cannot be told to stop: %s", strerror(errno));
}

static void wait_for_end(struct mv_server *server, int64_t end_msecs)
{
    while ((atomic_load(&server->open) > 0 || atomic_load(&server->statistics_open) > 0) &&
           mv_stream_now_msecs() < end_msecs)
        poll(NULL, 0, STOP_LOOK_MSECS);
}

/* Who is connected already, and was not taken in yet, would be cut off with the listener. */
static void stop_listening(struct mv_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++)
        accept_from(server, server->listeners[i], take_client);
    close_all(server->listeners, &server->listener_count);
}

/* A transaction under way is finished by all. */
static void stop(struct mv_server *server)
{
    int64_t now = mv_stream_now_msecs();

    mv_activation_notify("STOPPING=1");
    stop_listening(server);
    dismiss(server, MV_SERVER_SERVED);
    wait_for_end(server, now + MV_SERVER_GREET_MSECS);
    dismiss(server, MV_SERVER_NEW);
    wait_for_end(server, now + MV_SERVER_STOP_MSECS);
    log_statistics(server);
    if (atomic_load(&server->open) > 0)
        mv_log(MV_LOG_WARNING, "stopped with %u connections under way: their mail is tried again",
               atomic_load(&server->open));
}

enum mv_code mv_server_run(struct mv_server *server, struct mv_error *error)
{
    sigset_t signals;
    int signal_fd;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGUSR1);
    signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signal_fd < 0)
        return mv_error_set(error, MV_ERR_IO, "signalfd: %s", strerror(errno));
    mv_log(MV_LOG_INFO, "mailvouch-lmtpd %s is ready", mv_engine_version());
    mv_activation_notify("READY=1");
    while (serve_once(server, signal_fd)) {
    }
    stop(server);
    close(signal_fd);
    return MV_OK;
}
