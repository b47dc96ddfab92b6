#include "cli/exit_code.h"

enum mv_exit mv_exit_of_code(enum mv_code code)
{
    switch (code) {
    case MV_OK:
        return MV_EXIT_OK;
    case MV_ERR_SYNTAX:
    case MV_ERR_LIMIT:
        return MV_EXIT_INPUT;
    case MV_ERR_CONFIG:
        return MV_EXIT_CONFIG;
    case MV_ERR_IO:
        return MV_EXIT_INPUT;
    case MV_NEED_DNS:
        return MV_EXIT_TRY_AGAIN;
    case MV_ERR_MEMORY:
    case MV_ERR_CRYPTO:
    case MV_ERR_USAGE:
        break;
    }
    return MV_EXIT_INTERNAL;
}
