#include "core/config/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/trace.h"
#include "core/config/config.h"

#define PASSWD_ROOM_BYTES 4096
#define NUMBER_ROOM_BYTES 32

static enum mv_code refuse_permission(const char *path, struct mv_error *error)
{
    struct passwd entry, *found = NULL;
    char room[PASSWD_ROOM_BYTES], number[NUMBER_ROOM_BYTES];

    snprintf(number, sizeof number, "number %lu", (unsigned long)geteuid());
    if (getpwuid_r(geteuid(), &entry, room, sizeof room, &found) != 0)
        found = NULL;
    return mv_error_set(error, MV_ERR_CONFIG,
                        "%s: user %s may not read it: give the file read permission for a group of this user "
                        "(chgrp and chmod g+r), and every directory above it search permission (chmod +x)",
                        path, found == NULL ? number : found->pw_name);
}

static enum mv_code refuse_access(const char *path, int why, struct mv_error *error)
{
    if (why == ENOENT)
        return mv_error_set(error, MV_ERR_CONFIG, "%s: there is no such file", path);
    if (why == EACCES || why == EPERM)
        return refuse_permission(path, error);
    return mv_error_set(error, MV_ERR_CONFIG, "%s: cannot be read: %s", path, strerror(why));
}

static enum mv_code check_file(const char *path, int fd, size_t max_bytes, size_t *size_r, struct mv_error *error)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return refuse_access(path, errno, error);
    if (!S_ISREG(st.st_mode))
        return mv_error_set(error, MV_ERR_CONFIG, "%s: is not a plain file", path);
    if ((st.st_mode & S_IWOTH) != 0)
        return mv_error_set(error, MV_ERR_CONFIG, "%s: everybody may write it: take that away with chmod o-w", path);
    if ((uint64_t)st.st_size > max_bytes)
        return mv_error_set(error, MV_ERR_CONFIG, "%s: is larger than %zu bytes: is it the right file?", path,
                            max_bytes);
    *size_r = (size_t)st.st_size;
    return MV_OK;
}

/* What was there when the size was taken; a file that grows meanwhile is being edited. */
static enum mv_code read_all(struct mv_arena *arena, const char *path, int fd, size_t max_bytes,
                             struct mv_bytes *text_r, struct mv_error *error)
{
    size_t size = 0, done = 0;
    enum mv_code code = check_file(path, fd, max_bytes, &size, error);
    unsigned char *text;

    if (code != MV_OK)
        return code;
    text = mv_arena_alloc(arena, size);
    if (text == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "%s: no memory to read it", path);
    while (done < size) {
        ssize_t n = read(fd, text + done, size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return refuse_access(path, errno, error);
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *text_r = mv_bytes_of(text, done);
    return MV_OK;
}

enum mv_code mv_file_read(struct mv_arena *arena, const char *path, enum mv_file_must must, size_t max_bytes,
                          struct mv_bytes *text_r, struct mv_error *error)
{
    enum mv_code code;
    int fd;

    *text_r = (struct mv_bytes){NULL, 0};
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* O_NONBLOCK: a FIFO must not hold us up */
    if (fd < 0 && errno == ENOENT && must == MV_FILE_MAY_BE_MISSING)
        return MV_OK;
    if (fd < 0)
        return refuse_access(path, errno, error);
    code = read_all(arena, path, fd, max_bytes, text_r, error);
    close(fd);
    return code;
}

static enum mv_code check_directory(const char *path, DIR *dir, struct mv_error *error)
{
    struct stat st;

    if (fstat(dirfd(dir), &st) != 0)
        return refuse_access(path, errno, error);
    if ((st.st_mode & S_IWOTH) != 0)
        return mv_error_set(error, MV_ERR_CONFIG, "%s: everybody may put files there: take that away with chmod o-w",
                            path);
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return mv_error_set(error, MV_ERR_CONFIG,
                            "%s: belongs to user number %lu, who could put anything there: make it root's with chown",
                            path, (unsigned long)st.st_uid);
    return MV_OK;
}

static int by_bytes(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;

    return strcmp(*left, *right);
}

static bool is_config_name(const char *name)
{
    return name[0] != '.' && mv_bytes_has_suffix_nocase(mv_bytes_str(name), MV_BYTES(".conf"));
}

static enum mv_code list_directory(struct mv_arena *arena, const char *path, DIR *dir, const char **paths,
                                   size_t *count_r, struct mv_error *error)
{
    enum mv_code code = check_directory(path, dir, error);
    const struct dirent *entry;

    if (code != MV_OK)
        return code;
    while ((entry = readdir(dir)) != NULL) {
        if (!is_config_name(entry->d_name))
            continue;
        if (*count_r == MV_CONFIG_MAX_FILES)
            return mv_error_set(error, MV_ERR_CONFIG, "%s: holds more than %d files", path, MV_CONFIG_MAX_FILES);
        paths[*count_r] = mv_arena_printf(arena, "%s/%s", path, entry->d_name);
        if (paths[*count_r] == NULL)
            return mv_error_set(error, MV_ERR_MEMORY, "%s: no memory to read it", path);
        ++*count_r;
    }
    if (*count_r > 1)
        qsort(paths, *count_r, sizeof *paths, by_bytes);
    return MV_OK;
}

enum mv_code mv_file_directory(struct mv_arena *arena, const char *main_path, const char **directory_r,
                               struct mv_error *error)
{
    struct mv_bytes main = mv_bytes_str(main_path);
    size_t slash = mv_bytes_find_last(main, '/');
    struct mv_bytes parent = slash < main.len ? mv_bytes_slice(main, 0, slash) : MV_BYTES(".");

    *directory_r = mv_arena_printf(arena, "%.*s/conf.d", MV_ARG(parent));
    if (*directory_r == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "%s: no memory to read it", main_path);
    return MV_OK;
}

enum mv_code mv_file_list(struct mv_arena *arena, const char *directory, const char *const **paths_r, size_t *count_r,
                          struct mv_error *error)
{
    const char **paths = mv_arena_array(arena, MV_CONFIG_MAX_FILES, sizeof *paths);
    enum mv_code code;
    DIR *dir;

    *paths_r = paths;
    *count_r = 0;
    if (paths == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "%s: no memory to read it", directory);
    dir = opendir(directory);
    if (dir == NULL && (errno == ENOENT || errno == ENOTDIR))
        return MV_OK;
    if (dir == NULL)
        return refuse_access(directory, errno, error);
    code = list_directory(arena, directory, dir, paths, count_r, error);
    closedir(dir);
    return code;
}
