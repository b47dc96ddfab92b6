/*
 * Zip files, streaming in, unpacked at the end by core/report/zip_unpack.h.
 *
 * A zip file is read from its end, so that what comes is first written to a file
 * without a name in the directory for temporary files.  mv_zip_end() then hands
 * out the regular files in it, one after the other; none of them may be
 * encrypted.  The limits of core/report/flow.h hold for all of them together, and
 * MV_ZIP_MAX_BYTES.
 */
#ifndef MV_REPORT_ZIP_H
#define MV_REPORT_ZIP_H

#include "core/report/flow.h"

#define MV_ZIP_MAX_BYTES (64u * 1024 * 1024) /* packed */
#define MV_ZIP_MAX_ENTRIES 1000              /* directories count, too; libarchive keeps all of them in memory */

/* For each file begin, data as often as there is some, end; after a fault there is no end. */
struct mv_zip_sink {
    enum mv_code (*begin)(void *to, struct mv_bytes name); /* as written */
    enum mv_code (*data)(void *to, struct mv_bytes bytes);
    enum mv_code (*end)(void *to);
    void *to;
};

struct mv_zip;

/* sink is copied. NULL and a sentence without memory or without a temporary file. */
struct mv_zip *mv_zip_new(const struct mv_zip_sink *sink, struct mv_error *error);
enum mv_code mv_zip_feed(struct mv_zip *zip, struct mv_bytes packed, struct mv_error *error);
/* Unpacks. What the sink answers is passed on; MV_ERR_SYNTAX, MV_ERR_LIMIT, MV_ERR_IO, MV_ERR_MEMORY,
 * MV_ERR_CONFIG: the command's module is not there. */
enum mv_code mv_zip_end(struct mv_zip *zip, struct mv_error *error);
void mv_zip_free(struct mv_zip **zip);

#endif
