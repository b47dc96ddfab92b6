#include "cli/report/import_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/auth/evidence_file.h"
#include "core/base/ascii.h"
#include "core/report/report_time.h"

#define DONE_SUFFIX ".done"
#define HOUR_DIGITS 10 /* YYYYMMDDHH */
#define TIME_BYTES 32

void mv_import_list_begin(struct mv_arena *arena, struct mv_import_list *list_r)
{
    *list_r = (struct mv_import_list){.arena = arena};
}

static bool has_suffix(struct mv_bytes name, struct mv_bytes suffix)
{
    return name.len > suffix.len &&
           mv_bytes_equal(mv_bytes_slice(name, name.len - suffix.len, name.len), suffix);
}

static bool is_evidence(struct mv_bytes name)
{
    return has_suffix(name, MV_BYTES(MV_EVIDENCE_SUFFIX)) || has_suffix(name, MV_BYTES(MV_FAILURE_SUFFIX));
}

/* Of NAME.INODE.done, NAME. */
static struct mv_bytes written_name(struct mv_bytes found)
{
    struct mv_bytes rest = found;
    size_t dot;

    if (!has_suffix(found, MV_BYTES(DONE_SUFFIX)))
        return found;
    rest.len -= sizeof DONE_SUFFIX - 1;
    dot = mv_bytes_find_last(rest, '.');
    if (dot + 1 >= rest.len || !mv_bytes_all(mv_bytes_slice(rest, dot + 1, rest.len), MV_ASCII_DIGIT))
        return found;
    rest.len = dot;
    return is_evidence(rest) ? rest : found;
}

static int64_t hour_of(struct mv_bytes name)
{
    struct mv_bytes digits;
    struct mv_buf text;
    int64_t secs;
    bool read;

    if (!is_evidence(name))
        return MV_IMPORT_NO_HOUR;
    name.len = mv_bytes_find_last(name, '.');
    digits = mv_bytes_slice(name, mv_bytes_find_last(name, '.') + 1, name.len);
    if (digits.len != HOUR_DIGITS || digits.len == name.len || !mv_bytes_all(digits, MV_ASCII_DIGIT))
        return MV_IMPORT_NO_HOUR;
    mv_buf_init(&text, TIME_BYTES);
    mv_buf_printf(&text, "%.4s-%.2s-%.2sT%.2s:00:00Z", (const char *)digits.data, (const char *)digits.data + 4,
                  (const char *)digits.data + 6, (const char *)digits.data + 8);
    read = mv_report_time_parse(mv_buf_bytes(&text), &secs);
    mv_buf_free(&text);
    return read ? secs : MV_IMPORT_NO_HOUR;
}

static enum mv_code add_item(struct mv_import_list *list, const char *directory, const char *found)
{
    struct mv_bytes name = written_name(mv_bytes_str(found));
    struct mv_import_item *item;

    if (list->count == MV_IMPORT_MAX_FILES) {
        list->full = true;
        return MV_OK;
    }
    list->items = mv_arena_grow(list->arena, list->items, list->count, sizeof *list->items);
    if (list->items == NULL)
        return MV_ERR_MEMORY;
    item = &list->items[list->count];
    item->directory = directory;
    item->found = mv_arena_str(list->arena, mv_bytes_str(found));
    item->name = item->found == NULL || name.len == strlen(found) ? item->found : mv_arena_str(list->arena, name);
    item->begin_secs = hour_of(name);
    item->kind = has_suffix(name, MV_BYTES(MV_FAILURE_SUFFIX)) ? MV_EVIDENCE_FAILURES : MV_EVIDENCE_LINES;
    if (item->name == NULL)
        return MV_ERR_MEMORY;
    list->count++;
    return MV_OK;
}

static enum mv_code add_directory(struct mv_import_list *list, const char *path, int *problem_r)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;
    enum mv_code code = MV_OK;

    if (directory == NULL) {
        *problem_r = errno;
        return MV_ERR_IO;
    }
    while (code == MV_OK && !list->full && (entry = readdir(directory)) != NULL) {
        struct mv_bytes name = mv_bytes_str(entry->d_name);

        if (entry->d_name[0] != '.' && is_evidence(written_name(name)))
            code = add_item(list, path, entry->d_name);
    }
    closedir(directory);
    return code;
}

enum mv_code mv_import_list_add(struct mv_import_list *list, const char *path, int *problem_r)
{
    struct mv_bytes whole = mv_bytes_str(path);
    size_t slash = mv_bytes_find_last(whole, '/');
    const char *directory;
    struct stat status;

    *problem_r = whole.len > MV_IMPORT_MAX_PATH_BYTES ? ENAMETOOLONG : lstat(path, &status) != 0 ? errno : 0;
    if (*problem_r != 0)
        return MV_ERR_IO;
    if (S_ISLNK(status.st_mode) && stat(path, &status) != 0) /* a directory may be reached by a link, no file */
        status.st_mode = 0;
    if (S_ISDIR(status.st_mode))
        return add_directory(list, path, problem_r);
    if (slash == whole.len)
        return add_item(list, ".", path);
    directory = mv_arena_str(list->arena, mv_bytes_slice(whole, 0, slash == 0 ? 1 : slash));
    return directory == NULL ? MV_ERR_MEMORY : add_item(list, directory, path + slash + 1);
}

static int compare(const void *left, const void *right)
{
    const struct mv_import_item *a = left, *b = right;

    if (a->begin_secs != b->begin_secs) /* those without an hour last */
        return (uint64_t)a->begin_secs < (uint64_t)b->begin_secs ? -1 : 1;
    return strcmp(a->found, b->found);
}

void mv_import_list_sort(struct mv_import_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare);
}
