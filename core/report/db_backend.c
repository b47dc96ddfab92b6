/* What backends ask about a store as others do. */
#include "core/report/db_backend.h"

bool mv_db_is_writable(const struct mv_db *db)
{
    return db->access == MV_STORE_WRITE;
}

const char *mv_db_name(const struct mv_db *db)
{
    return db->name == NULL || db->name[0] == '\0' ? "the store" : db->name;
}
