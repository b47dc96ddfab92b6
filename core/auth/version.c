#include "mv-config.h"

#include "core/mailvouch.h"

const char *mv_engine_version(void)
{
    return PACKAGE_VERSION;
}
