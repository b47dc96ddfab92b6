#include "cli/spf/flat_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/input.h"

#define COMMAND "spf flatten"

enum mv_exit mv_spf_flat_file_load(struct mv_arena *arena, const char *path, struct mv_spf_flat_file *file_r)
{
    struct mv_error error = {MV_OK, ""};
    struct mv_bytes text = {NULL, 0};
    struct mv_buf raw;
    enum mv_exit result;

    mv_buf_init(&raw, MV_SPF_FLAT_FILE_MAX_BYTES);
    result = mv_input_read_file(COMMAND, path, &raw);
    if (result == MV_EXIT_OK && !mv_arena_copy(arena, mv_buf_bytes(&raw), &text))
        result = MV_EXIT_INTERNAL;
    mv_buf_free(&raw);
    if (result != MV_EXIT_OK || mv_spf_flat_file_read(arena, text, file_r, &error) == MV_OK)
        return result;
    fprintf(stderr, "mailvouch " COMMAND ": %s: %s\n", path, error.text);
    return mv_exit_of_code(error.code);
}

static bool write_whole(const char *path, struct mv_bytes text)
{
    FILE *file = fopen(path, "wbe");
    bool written;

    if (file == NULL)
        return false;
    written = fwrite(text.data, 1, text.len, file) == text.len && fflush(file) == 0 && fsync(fileno(file)) == 0;
    return fclose(file) == 0 && written;
}

enum mv_exit mv_spf_flat_file_save(struct mv_arena *arena, const char *path, const struct mv_spf_flat_file *file)
{
    const char *beside = mv_arena_printf(arena, "%s.new", path);
    struct mv_buf text;
    bool written = false;

    mv_buf_init(&text, MV_SPF_FLAT_FILE_MAX_BYTES);
    mv_spf_flat_file_write(file, &text);
    if (beside != NULL && !mv_buf_failed(&text))
        written = write_whole(beside, mv_buf_bytes(&text)) && rename(beside, path) == 0;
    mv_buf_free(&text);
    if (written)
        return MV_EXIT_OK;
    fprintf(stderr, "mailvouch " COMMAND ": cannot write %s: %s\n", path, strerror(errno));
    return errno == EACCES ? MV_EXIT_PERMISSION : MV_EXIT_INPUT;
}
