/* A store in PostgreSQL, by the module that has it. */
#include "core/report/module.h"

enum mv_code mv_db_open_postgresql(const char *address, enum mv_store_access access, struct mv_db **db_r,
                                   struct mv_error *error)
{
    static const struct mv_module_name name = {"mailvouch-postgresql.so", "a store in PostgreSQL", "libpq"};
    const struct mv_module *module;
    enum mv_code code = mv_module_load(&name, &module, error);

    *db_r = NULL;
    return code == MV_OK ? module->open_postgresql(address, access, db_r, error) : code;
}
