/*
 * What all messages of a process share: configuration, resolver, what signing holds.
 * Private to core/auth; front ends see core/mailvouch.h.
 */
#ifndef MV_AUTH_ENGINE_H
#define MV_AUTH_ENGINE_H

#include "core/auth/evidence_file.h"
#include "core/auth/failure_message.h"
#include "core/auth/handover_ring.h"
#include "core/auth/key_sets.h"
#include "core/auth/permission.h"
#include "core/dns/cache.h"
#include "core/dns/resolver.h"
#include "core/mailvouch.h"

struct mv_engine {
    struct mv_config *config;
    bool borrowed_config; /* it is another engine's, which closes after this one */
    const struct mv_settings *settings;
    struct mv_resolver *resolver;
    struct mv_dns_cache *cache; /* NULL: none; as borrowed_config */
    struct mv_key_sets *key_sets;     /* these two: NULL before the first message is signed */
    struct mv_users_file *users_file;
    struct mv_handover_ring handover; /* of this engine, also where it is a twin */
    bool preloaded; /* the crypto library is */
    struct mv_evidence_file evidence, failures;
    struct mv_failure_rate failure_rate;
    char host[MV_EVIDENCE_MAX_HOST_BYTES + 1]; /* of its name; "" before the first line */
};

#endif
