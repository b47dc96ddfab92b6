#include "core/report/flow.h"

enum mv_code mv_unpack_check(uint64_t packed_bytes, uint64_t unpacked_bytes, struct mv_error *error)
{
    if (unpacked_bytes > MV_UNPACK_MAX_BYTES)
        return mv_error_set(error, MV_ERR_LIMIT, "more than 256 MiB when unpacked");
    if (unpacked_bytes > MV_UNPACK_RATIO_FROM_BYTES && unpacked_bytes / MV_UNPACK_MAX_RATIO > packed_bytes)
        return mv_error_set(error, MV_ERR_LIMIT, "unpacks to more than %d times its size, as no report does",
                            MV_UNPACK_MAX_RATIO);
    return MV_OK;
}
