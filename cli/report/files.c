#include "cli/report/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/report/mbox.h"

#define BLOCK_BYTES 65536
#define MAX_PATH_BYTES 4096

struct walk {
    const char *command;
    const struct mv_report_file_sink *sink;
    enum mv_exit problem; /* the first file that could not be read */
    enum mv_code code;    /* of the sink */
    const char *path;     /* of the mbox */
    unsigned mails;
};

static void say_problem(struct walk *walk, const char *path, int problem)
{
    struct mv_buf shown;

    mv_buf_init(&shown, 4 * MAX_PATH_BYTES + 1);
    mv_buf_put_escaped(&shown, mv_bytes_str(path));
    fprintf(stderr, "mailvouch %s: cannot read %s: %s\n", walk->command,
            mv_buf_cstr(&shown) == NULL ? "a file" : mv_buf_cstr(&shown), strerror(problem));
    mv_buf_free(&shown);
    if (walk->problem == MV_EXIT_OK)
        walk->problem = problem == EACCES || problem == EPERM ? MV_EXIT_PERMISSION : MV_EXIT_INPUT;
}

static enum mv_code begin_mail(void *to)
{
    struct walk *walk = to;
    char name[MAX_PATH_BYTES + 32];

    snprintf(name, sizeof name, "%s (mail %u)", walk->path, ++walk->mails);
    return walk->sink->begin(walk->sink->to, name);
}

static enum mv_code feed_mail(void *to, struct mv_bytes bytes)
{
    struct walk *walk = to;

    return walk->sink->feed(walk->sink->to, bytes);
}

static enum mv_code end_mail(void *to)
{
    struct walk *walk = to;

    return walk->sink->end(walk->sink->to);
}

/* A whole block, unless the file ends. -1: errno. */
static ssize_t read_block(int fd, unsigned char *block)
{
    size_t len = 0;

    while (len < BLOCK_BYTES) {
        ssize_t n = read(fd, block + len, BLOCK_BYTES - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

/* first: the block that was read already. */
static void read_mbox(struct walk *walk, int fd, const char *path, unsigned char *block, ssize_t n)
{
    struct mv_mbox_sink sink = {begin_mail, feed_mail, end_mail, walk};
    struct mv_mbox *mbox = mv_mbox_new(&sink);

    walk->path = path;
    walk->mails = 0;
    walk->code = mbox == NULL ? MV_ERR_MEMORY : MV_OK;
    for (; n > 0 && walk->code == MV_OK; n = read_block(fd, block))
        walk->code = mv_mbox_feed(mbox, mv_bytes_of(block, (size_t)n));
    if (n < 0)
        say_problem(walk, path, errno);
    if (walk->code == MV_OK) /* of what could not be read, the mail in hand is not whole */
        walk->code = mv_mbox_end(mbox);
    mv_mbox_free(&mbox);
}

static void read_single(struct walk *walk, int fd, const char *path, unsigned char *block, ssize_t n)
{
    const struct mv_report_file_sink *sink = walk->sink;

    walk->code = sink->begin(sink->to, path);
    for (; n > 0 && walk->code == MV_OK; n = read_block(fd, block))
        walk->code = sink->feed(sink->to, mv_bytes_of(block, (size_t)n));
    if (n < 0)
        say_problem(walk, path, errno);
    if (walk->code == MV_OK)
        walk->code = sink->end(sink->to);
}

static void read_stream(struct walk *walk, int fd, const char *path)
{
    static unsigned char block[BLOCK_BYTES];
    ssize_t n = read_block(fd, block);

    if (n < 0)
        say_problem(walk, path, errno);
    else if (mv_mbox_is(mv_bytes_of(block, (size_t)n)))
        read_mbox(walk, fd, path, block, n);
    else
        read_single(walk, fd, path, block, n);
}

static void read_entries(struct walk *walk, DIR *directory, const char *path)
{
    const struct dirent *entry;

    while (walk->code == MV_OK && (entry = readdir(directory)) != NULL) {
        char name[MAX_PATH_BYTES];
        struct stat status;
        int fd;

        if (entry->d_name[0] == '.')
            continue;
        fd = openat(dirfd(directory), entry->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (fd < 0 && errno != ENOENT)
            say_problem(walk, name, errno);
        if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
            read_stream(walk, fd, name);
        if (fd >= 0)
            close(fd);
    }
}

static void read_directory(struct walk *walk, const char *path)
{
    DIR *directory = opendir(path);

    if (directory == NULL) {
        say_problem(walk, path, errno);
        return;
    }
    read_entries(walk, directory, path);
    closedir(directory);
}

/* Both of them, or none: then it is a directory of files. */
static void read_maildir_or_directory(struct walk *walk, const char *path)
{
    char cur[MAX_PATH_BYTES], new[MAX_PATH_BYTES];
    struct stat status;

    snprintf(cur, sizeof cur, "%s/cur", path);
    snprintf(new, sizeof new, "%s/new", path);
    if (stat(cur, &status) != 0 || !S_ISDIR(status.st_mode) || stat(new, &status) != 0 || !S_ISDIR(status.st_mode)) {
        read_directory(walk, path);
        return;
    }
    read_directory(walk, cur);
    if (walk->code == MV_OK)
        read_directory(walk, new);
}

enum mv_exit mv_report_files_read(const char *command, const char *path, const struct mv_report_file_sink *sink)
{
    struct walk walk = {.command = command, .sink = sink};
    struct stat status;
    int fd;

    if (strlen(path) > MAX_PATH_BYTES - 300) {
        say_problem(&walk, path, ENAMETOOLONG);
    } else if (strcmp(path, "-") == 0) {
        read_stream(&walk, STDIN_FILENO, "-");
    } else if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        read_maildir_or_directory(&walk, path);
    } else if ((fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0) {
        read_stream(&walk, fd, path);
        close(fd);
    } else {
        say_problem(&walk, path, errno);
    }
    return walk.code == MV_OK ? walk.problem : mv_exit_of_code(walk.code);
}
