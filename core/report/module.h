/*
 * What the command loads when it is asked for, since the libraries behind it bring some thirty more, which each run
 * would pay for:
 *
 *   mailvouch-postgresql.so    a store in PostgreSQL: libpq
 *   mailvouch-zip.so           the files in a zip file: libarchive
 *
 * A module is one object named mv_module, made for the version of the command.  It is looked for where it was built,
 * below the directory of the command, and then in the one that configure fixed (pkglibdir); no variable of the
 * environment names another.  It stays until the process ends.  A module has a core/base of its own, which keeps no
 * state; all else of the command it reaches through what it is handed.
 *
 * postgresql_loaded.c and zip_loaded.c are in the command in place of what the modules hold; tests, fuzz targets and
 * the bench link that itself.
 */
#ifndef MV_REPORT_MODULE_H
#define MV_REPORT_MODULE_H

#include "core/report/db_backend.h"
#include "core/report/zip_unpack.h"

#define MV_MODULE_SYMBOL "mv_module"

/* Of each module one function is set. */
struct mv_module {
    const char *version; /* PACKAGE_VERSION */
    enum mv_code (*open_postgresql)(const char *address, enum mv_store_access access, struct mv_db **db_r,
                                    struct mv_error *error);
    enum mv_code (*unpack_zip)(int fd, uint64_t packed_bytes, const struct mv_zip_sink *sink, struct mv_error *error);
};

/* What a module is called, and what sentences say of it. */
struct mv_module_name {
    const char *file;
    const char *purpose; /* "a store in PostgreSQL" */
    const char *library; /* what it takes to build it */
};

/* MV_ERR_CONFIG: it is missing, cannot be loaded or is of another version; MV_ERR_MEMORY. */
enum mv_code mv_module_load(const struct mv_module_name *name, const struct mv_module **module_r,
                            struct mv_error *error);

#endif
