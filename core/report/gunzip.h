/*
 * gzip (RFC 1952), streaming: several members one behind the other, and bytes
 * behind the last one, which are not read.
 *
 * The limits of core/report/flow.h hold.  The checksum is checked: MV_OK of
 * mv_gunzip_end() says that all was whole.
 */
#ifndef MV_REPORT_GUNZIP_H
#define MV_REPORT_GUNZIP_H

#include "core/report/flow.h"

struct mv_gunzip;

/* NULL without memory: about 60 kB. */
struct mv_gunzip *mv_gunzip_new(const struct mv_flow *flow);
/* What flow answers is passed on; MV_ERR_SYNTAX, MV_ERR_LIMIT, MV_ERR_MEMORY. After an error it stays failed. */
enum mv_code mv_gunzip_feed(struct mv_gunzip *gunzip, struct mv_bytes packed, struct mv_error *error);
enum mv_code mv_gunzip_end(struct mv_gunzip *gunzip, struct mv_error *error);
void mv_gunzip_free(struct mv_gunzip **gunzip);

#endif
