/*
 * The files in a zip file, through libarchive, which knows no other format and no filter here.
 *
 * libarchive stands on some twenty libraries, so that the command loads this when it meets a zip file
 * (core/report/module.h).
 */
#ifndef MV_REPORT_ZIP_UNPACK_H
#define MV_REPORT_ZIP_UNPACK_H

#include "core/report/zip.h"

/*
 * fd: at the beginning of the whole file, which can be sought in.  The regular files in it go to sink one after the
 * other; core/report/zip.h has the limits and codes.
 */
enum mv_code mv_zip_unpack(int fd, uint64_t packed_bytes, const struct mv_zip_sink *sink, struct mv_error *error);

#endif
