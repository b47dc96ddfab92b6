/*
 * The files of evidence that are to be imported, the oldest first.
 *
 * A file is known by the name under which servers write it, HOST.UID.YYYYMMDDHH.ndjson, or
 * .failures with lines for failure reports.  Before it is removed it gets
 * another one, NAME.INODE.done, under which no server opens it any more; it may be found under that one, too, when an
 * importer was stopped.
 *
 * In directories, other names are left out; a file that is named is taken whatever its name.
 */
#ifndef MV_CLI_REPORT_IMPORT_LIST_H
#define MV_CLI_REPORT_IMPORT_LIST_H

#include "cli/exit_code.h"
#include "core/auth/evidence_file.h"
#include "core/base/arena.h"

#define MV_IMPORT_MAX_FILES 40000 /* of one run; the rest is for the next one */
#define MV_IMPORT_MAX_PATH_BYTES 4096
#define MV_IMPORT_NO_HOUR (-1)

struct mv_import_item {
    const char *directory;
    const char *found;  /* its name in it */
    const char *name;   /* the name that servers wrote it under: the same, or what found begins with */
    enum mv_evidence_kind kind;
    int64_t begin_secs; /* of its hour; MV_IMPORT_NO_HOUR: the name tells none, and the file is never removed */
};

struct mv_import_list {
    struct mv_arena *arena;
    struct mv_import_item *items;
    size_t count;
    bool full; /* some were left out */
};

/* The list borrows the arena. */
void mv_import_list_begin(struct mv_arena *arena, struct mv_import_list *list_r);
/* path: a file or a directory. MV_ERR_IO: errno in *problem_r. MV_ERR_MEMORY. */
enum mv_code mv_import_list_add(struct mv_import_list *list, const char *path, int *problem_r);
void mv_import_list_sort(struct mv_import_list *list);

#endif
