/*
 * gzip (RFC 1952), streaming: what core/report/gunzip.h reads.  The same bytes give the same: no time, no name.
 */
#ifndef MV_REPORT_GZIP_H
#define MV_REPORT_GZIP_H

#include "core/base/buf.h"
#include "core/base/error.h"

struct mv_gzip;

/* NULL without memory: about 270 kB. */
struct mv_gzip *mv_gzip_new(void);
/* Appends to out what is ready. MV_ERR_MEMORY when out has failed. */
enum mv_code mv_gzip_feed(struct mv_gzip *gzip, struct mv_bytes bytes, struct mv_buf *out);
/* Appends the rest. Nothing may be fed then, but after mv_gzip_reset(). */
enum mv_code mv_gzip_end(struct mv_gzip *gzip, struct mv_buf *out);
/* What mv_gzip_end() would append now, at most. */
size_t mv_gzip_rest_bytes(const struct mv_gzip *gzip);
/* For another file. */
void mv_gzip_reset(struct mv_gzip *gzip);
void mv_gzip_free(struct mv_gzip **gzip);

#endif
