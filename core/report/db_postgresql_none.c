/* Where there is no libpq. */
#include "core/report/db_backend.h"

enum mv_code mv_db_open_postgresql(const char *address, enum mv_store_access access, struct mv_db **db_r,
                                   struct mv_error *error)
{
    (void)address;
    (void)access;
    *db_r = NULL;
    return mv_error_set(error, MV_ERR_CONFIG,
                        "this mailvouch was built without PostgreSQL: a store can only be the path of a file");
}
