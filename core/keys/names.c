#include "core/keys/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int by_bytes(const void *a, const void *b)
{
    const struct mv_bytes *left = a, *right = b;

    return strcmp((const char *)left->data, (const char *)right->data);
}

/* A stream of its own, so that the descriptor of dir stays where it is. */
static DIR *open_stream(const struct mv_keys_dir *dir)
{
    int fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);

    if (stream == NULL && fd >= 0)
        close(fd);
    return stream;
}

static enum mv_code read_names(const struct mv_keys_dir *dir, DIR *stream, struct mv_arena *arena, size_t max_names,
                               struct mv_bytes **names, size_t *count, struct mv_error *error)
{
    const struct dirent *entry;

    while ((entry = readdir(stream)) != NULL) {
        struct mv_bytes *grown;

        if (entry->d_name[0] == '.')
            continue;
        if (*count == max_names)
            return mv_error_set(error, MV_ERR_LIMIT, "%s: holds more than %zu files", dir->path, max_names);
        grown = mv_arena_grow(arena, *names, *count, sizeof **names);
        if (grown == NULL || !mv_arena_copy(arena, mv_bytes_str(entry->d_name), &grown[*count]))
            return mv_error_set(error, MV_ERR_MEMORY, "%s: no memory to list it", dir->path);
        *names = grown;
        ++*count;
    }
    return MV_OK;
}

enum mv_code mv_keys_dir_names(const struct mv_keys_dir *dir, struct mv_arena *arena, size_t max_names,
                               const struct mv_bytes **names_r, size_t *count_r, struct mv_error *error)
{
    struct mv_bytes *names = NULL;
    DIR *stream = open_stream(dir);
    enum mv_code code;

    *count_r = 0;
    *names_r = NULL;
    if (stream == NULL)
        return mv_error_set(error, MV_ERR_IO, "%s: cannot be listed: %s", dir->path, strerror(errno));
    code = read_names(dir, stream, arena, max_names, &names, count_r, error);
    closedir(stream);
    if (code == MV_OK && *count_r > 1)
        qsort(names, *count_r, sizeof *names, by_bytes);
    *names_r = names;
    return code;
}
