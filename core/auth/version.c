#include "mv-config.h"

#include "core/mailvouch.h"

const char *mv_version(void)
{
    return PACKAGE_VERSION;
}
