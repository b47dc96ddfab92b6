/*
 * What all messages of a process share: configuration and resolver.
 * Private to core/auth; front ends see core/mailvouch.h.
 */
#ifndef MV_AUTH_ENGINE_H
#define MV_AUTH_ENGINE_H

#include "core/dns/resolver.h"
#include "core/mailvouch.h"

struct mv_engine {
    struct mv_config *config;
    const struct mv_settings *settings;
    struct mv_resolver *resolver;
};

#endif
