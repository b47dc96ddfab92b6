/*
 * Files of flat records on disk.
 */
#ifndef MV_CLI_SPF_FLAT_FILE_H
#define MV_CLI_SPF_FLAT_FILE_H

#include "cli/exit_code.h"
#include "core/ops/spf_flat_file.h"

/* Says what is wrong on stderr. */
enum mv_exit mv_spf_flat_file_load(struct mv_arena *arena, const char *path, struct mv_spf_flat_file *file_r);
/* Replaced whole, or not at all. */
enum mv_exit mv_spf_flat_file_save(struct mv_arena *arena, const char *path, const struct mv_spf_flat_file *file);

#endif
