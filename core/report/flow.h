/*
 * Where decoded bytes go: what each stage of unpacking has of the next one.
 */
#ifndef MV_REPORT_FLOW_H
#define MV_REPORT_FLOW_H

#include "core/base/error.h"

struct mv_flow {
    enum mv_code (*feed)(void *to, struct mv_bytes bytes);
    void *to;
};

/* Of what is unpacked in all, and of how much more it may be than what was packed, once it is worth asking. */
#define MV_UNPACK_MAX_BYTES (256u * 1024 * 1024)
#define MV_UNPACK_MAX_RATIO 200
#define MV_UNPACK_RATIO_FROM_BYTES (8u * 1024 * 1024)

/* MV_ERR_LIMIT with a sentence when one of the limits is passed. */
enum mv_code mv_unpack_check(uint64_t packed_bytes, uint64_t unpacked_bytes, struct mv_error *error);

#endif
