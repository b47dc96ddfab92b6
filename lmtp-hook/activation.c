#include "lmtp-hook/activation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"

#define MAX_FDS 1000
#define MAX_STATE_BYTES 200

static struct mv_bytes variable(const char *name)
{
    return mv_bytes_str(getenv(name));
}

size_t mv_activation_count(void)
{
    uint64_t pid, count;

    if (!mv_bytes_to_uint(variable("LISTEN_PID"), UINT32_MAX, &pid) || pid != (uint64_t)getpid() ||
        !mv_bytes_to_uint(variable("LISTEN_FDS"), MAX_FDS, &count))
        return 0;
    return (size_t)count;
}

enum mv_activation_kind mv_activation_kind_of(size_t index)
{
    struct mv_cursor c = mv_cursor_of(variable("LISTEN_FDNAMES"));
    struct mv_bytes name = mv_cursor_take_until(&c, ':');

    for (; index > 0; index--) {
        mv_cursor_accept(&c, ':');
        name = mv_cursor_take_until(&c, ':');
    }
    return mv_bytes_equal(name, MV_BYTES(MV_ACTIVATION_STATISTICS)) ? MV_ACTIVATION_FOR_STATISTICS
                                                                    : MV_ACTIVATION_LMTP;
}

static void send_state(struct mv_bytes path, struct mv_bytes state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (path.len == 0 || path.len >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path.data, path.len);
    if (address.sun_path[0] == '@') /* an abstract socket, unix(7) */
        address.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)sendto(fd, state.data, state.len, MSG_NOSIGNAL, (const struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len));
    close(fd);
}

void mv_activation_notify(const char *state)
{
    struct timespec now;
    struct mv_buf text;

    clock_gettime(CLOCK_MONOTONIC, &now);
    mv_buf_init(&text, MAX_STATE_BYTES);
    mv_buf_printf(&text, "%s\nMONOTONIC_USEC=%" PRId64 "\n", state,
                  (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    if (!mv_buf_failed(&text))
        send_state(variable("NOTIFY_SOCKET"), mv_buf_bytes(&text));
    mv_buf_free(&text);
}
