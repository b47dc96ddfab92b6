/* mailvouch-postgresql.so */
#include "mv-config.h"

#include "core/report/module.h"

__attribute__((visibility("default"))) const struct mv_module mv_module = {
    .version = PACKAGE_VERSION,
    .open_postgresql = mv_db_open_postgresql,
};
