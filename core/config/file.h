/*
 * Configuration files on disk: found, checked for who may write them, and read whole.
 */
#ifndef MV_CONFIG_FILE_H
#define MV_CONFIG_FILE_H

#include "core/base/arena.h"
#include "core/base/error.h"

enum mv_file_must { MV_FILE_MAY_BE_MISSING, MV_FILE_MUST_EXIST };

/*
 * *text_r lives in the arena.  MV_ERR_CONFIG, with the user, the permission
 * that is missing and the cure in *error: unreadable, no plain file, larger
 * than max_bytes, or writable for everybody.
 */
enum mv_code mv_file_read(struct mv_arena *arena, const char *path, enum mv_file_must must, size_t max_bytes,
                          struct mv_bytes *text_r, struct mv_error *error);

/* The directory conf.d beside the main file, whether it exists or not. */
enum mv_code mv_file_directory(struct mv_arena *arena, const char *main_path, const char **directory_r,
                               struct mv_error *error);
/*
 * The *.conf files in that directory, in the order of their names' bytes; none
 * when there is no such directory.  Hidden files are left out.  A directory that
 * others than root and ourselves own or anybody may write is an error.
 */
enum mv_code mv_file_list(struct mv_arena *arena, const char *directory, const char *const **paths_r, size_t *count_r,
                          struct mv_error *error);

#endif
