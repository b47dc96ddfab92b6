#include "mv-config.h"

#include "core/ops/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/dns/resolver.h"

struct ends {
    int input;     /* a file in memory */
    int output[2]; /* a pipe: ours, the child's */
};

static int open_input(struct mv_bytes input)
{
    int fd = memfd_create("mailvouch-input", MFD_CLOEXEC);

    if (fd < 0)
        return -1;
    for (size_t done = 0; done < input.len;) {
        ssize_t n = write(fd, input.data + done, input.len - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

static bool open_ends(struct mv_bytes input, struct ends *ends)
{
    ends->output[0] = ends->output[1] = -1;
    ends->input = open_input(input);
    return ends->input >= 0 && pipe2(ends->output, O_CLOEXEC) == 0 && fcntl(ends->output[0], F_SETFL, O_NONBLOCK) == 0;
}

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int add_files(posix_spawn_file_actions_t *files, const struct ends *ends)
{
    int why = posix_spawn_file_actions_adddup2(files, ends->input, STDIN_FILENO);

    if (why == 0)
        why = posix_spawn_file_actions_adddup2(files, ends->output[1], STDOUT_FILENO);
    if (why == 0)
        why = posix_spawn_file_actions_adddup2(files, ends->output[1], STDERR_FILENO);
    return why;
}

/* A group of its own, so that what it starts can be ended with it; signals as any program expects them. */
static int add_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    int why;

    sigemptyset(&none);
    sigfillset(&all);
    why = posix_spawnattr_setpgroup(attributes, 0);
    if (why == 0)
        why = posix_spawnattr_setsigmask(attributes, &none);
    if (why == 0)
        why = posix_spawnattr_setsigdefault(attributes, &all);
    if (why == 0)
        why = posix_spawnattr_setflags(attributes,
                                       POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return why;
}

static int spawn(const struct mv_child *child, const struct ends *ends, pid_t *pid_r)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int why = posix_spawn_file_actions_init(&files);

    if (why != 0)
        return why;
    why = posix_spawnattr_init(&attributes);
    if (why == 0) {
        why = add_files(&files, ends);
        if (why == 0)
            why = add_attributes(&attributes);
        if (why == 0)
            why = posix_spawn(pid_r, child->argv[0], &files, &attributes, (char *const *)child->argv,
                              (char *const *)child->envp);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return why;
}

/* false when there is nothing more to come. */
static bool take_output(int fd, struct mv_buf *output)
{
    unsigned char block[1024];
    ssize_t n = read(fd, block, sizeof block);

    if (n > 0) {
        size_t room = output->max_bytes - output->len;

        mv_buf_put(output, mv_bytes_slice(mv_bytes_of(block, (size_t)n), 0, room));
    }
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* true when the process has ended before the deadline. A process that it left behind may hold the pipe for longer. */
static bool watch(int pidfd, struct ends *ends, struct mv_buf *output, int64_t deadline_msecs)
{
    for (;;) {
        struct pollfd polled[] = {{.fd = pidfd, .events = POLLIN}, {.fd = ends->output[0], .events = POLLIN}};
        int64_t left_msecs = deadline_msecs - mv_resolver_now_msecs();

        if (left_msecs <= 0)
            return false;
        if (poll(polled, 2, left_msecs > INT32_MAX ? INT32_MAX : (int)left_msecs) < 0 && errno != EINTR)
            return false;
        if (polled[1].revents != 0 && !take_output(ends->output[0], output))
            close_end(&ends->output[0]);
        else if (polled[0].revents != 0 && polled[1].revents == 0)
            return true;
    }
}

static void reap(pid_t pid, bool in_time, struct mv_child_result *result)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    result->end = !in_time ? MV_CHILD_LATE : WIFEXITED(status) ? MV_CHILD_EXITED : MV_CHILD_KILLED;
    result->status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}

static enum mv_code run(const struct mv_child *child, struct ends *ends, struct mv_buf *output,
                        struct mv_child_result *result_r)
{
    int64_t deadline_msecs = mv_resolver_now_msecs() + child->deadline_msecs;
    bool in_time = false;
    pid_t pid = -1;
    int pidfd, why = spawn(child, ends, &pid);

    close_end(&ends->output[1]);
    if (why != 0) {
        *result_r = (struct mv_child_result){MV_CHILD_MISSING, why};
        return MV_OK;
    }
    pidfd = pidfd_open(pid, 0);
    if (pidfd >= 0)
        in_time = watch(pidfd, ends, output, deadline_msecs);
    if (!in_time)
        (void)kill(-pid, SIGKILL);
    reap(pid, in_time, result_r);
    if (pidfd >= 0)
        close(pidfd);
    return pidfd >= 0 ? MV_OK : MV_ERR_IO;
}

enum mv_code mv_child_run(const struct mv_child *child, struct mv_buf *output, struct mv_child_result *result_r)
{
    struct ends ends;
    enum mv_code code = open_ends(child->input, &ends) ? MV_OK : MV_ERR_IO;

    *result_r = (struct mv_child_result){MV_CHILD_MISSING, 0};
    if (code == MV_OK)
        code = run(child, &ends, output, result_r);
    close_end(&ends.input);
    close_end(&ends.output[0]);
    close_end(&ends.output[1]);
    return code;
}
