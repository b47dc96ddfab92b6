#include "core/auth/engine.h"

#include <stdlib.h>

#include "core/auth/authres.h"
#include "core/crypto/digest.h"
#include "core/text/field.h"

#define MV_STRIP_MAX_MEMORY_BYTES (8 * 1024 * 1024) /* a field is at most MV_MAX_HEADER_BYTES */

enum mv_code mv_engine_open(struct mv_engine **engine_r, const char *config_path, struct mv_error *error)
{
    struct mv_engine *engine = calloc(1, sizeof *engine);
    enum mv_code code;

    *engine_r = NULL;
    if (engine == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "out of memory");
    engine->evidence = MV_EVIDENCE_NO_FILE;
    engine->failures = MV_EVIDENCE_NO_FAILURES;
    code = mv_config_read(config_path, &engine->config, error);
    if (code == MV_OK) {
        engine->settings = mv_config_settings(engine->config);
        code = mv_resolver_cares_new(engine->settings->resolver, engine->settings->dns_try_msecs, &engine->resolver,
                                     error);
    }
    if (code != MV_OK) {
        mv_engine_close(&engine);
        return code;
    }
    *engine_r = engine;
    return MV_OK;
}

enum mv_code mv_engine_twin(const struct mv_engine *engine, struct mv_engine **twin_r, struct mv_error *error)
{
    struct mv_engine *twin = calloc(1, sizeof *twin);
    enum mv_code code;

    *twin_r = NULL;
    if (twin == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "out of memory");
    twin->evidence = MV_EVIDENCE_NO_FILE;
    twin->failures = MV_EVIDENCE_NO_FAILURES;
    twin->config = engine->config;
    twin->borrowed_config = true;
    twin->settings = engine->settings;
    code = mv_resolver_cares_new(twin->settings->resolver, twin->settings->dns_try_msecs, &twin->resolver, error);
    if (code != MV_OK) {
        mv_engine_close(&twin);
        return code;
    }
    twin->cache = engine->cache;
    mv_resolver_use_cache(twin->resolver, twin->cache);
    *twin_r = twin;
    return MV_OK;
}

enum mv_code mv_engine_keep_answers(struct mv_engine *engine)
{
    if (engine->cache != NULL || engine->settings->dns_cache_secs == 0)
        return MV_OK;
    engine->cache = mv_dns_cache_new(engine->settings->dns_cache_secs);
    if (engine->cache == NULL)
        return MV_ERR_MEMORY;
    mv_resolver_use_cache(engine->resolver, engine->cache);
    return MV_OK;
}

const struct mv_config *mv_engine_config(const struct mv_engine *engine)
{
    return engine->config;
}

void mv_engine_close(struct mv_engine **engine)
{
    if (*engine == NULL)
        return;
    mv_evidence_file_close(&(*engine)->evidence);
    mv_evidence_file_close(&(*engine)->failures);
    mv_key_sets_free(&(*engine)->key_sets);
    mv_handover_ring_wipe(&(*engine)->handover);
    mv_users_file_free(&(*engine)->users_file);
    mv_resolver_free(&(*engine)->resolver);
    if (!(*engine)->borrowed_config) {
        mv_dns_cache_free(&(*engine)->cache);
        mv_config_free(&(*engine)->config);
    }
    free(*engine);
    *engine = NULL;
}

bool mv_engine_is_local(const struct mv_engine *engine, const struct mv_ip *ip)
{
    return mv_config_networks_hold(&engine->settings->local_networks, ip);
}

bool mv_engine_is_trusted(const struct mv_engine *engine, const struct mv_ip *ip)
{
    return mv_config_networks_hold(&engine->settings->trusted_mtas, ip);
}

const char *mv_engine_skips(const struct mv_engine *engine, const struct mv_ip *ip, bool authenticated,
                            bool *keep_results_r)
{
    *keep_results_r = !authenticated && mv_engine_is_trusted(engine, ip);
    if (*keep_results_r)
        return "trusted";
    if (mv_engine_is_local(engine, ip))
        return "local";
    return authenticated ? "authenticated" : NULL;
}

/* RFC 8601 5: our own id and its aliases claim to be us. */
bool mv_engine_is_forged(const struct mv_engine *engine, const char *authserv_id, struct mv_bytes raw_field)
{
    const struct mv_settings *settings = engine->settings;
    struct mv_bytes ids[] = {settings->authserv_id, mv_bytes_str(authserv_id)};
    struct mv_field field = mv_field_split(raw_field);
    struct mv_arena *arena = mv_arena_new(MV_STRIP_MAX_MEMORY_BYTES);
    bool forged = true; /* without memory: rather remove a true one than believe a forged one */

    if (arena != NULL)
        forged = mv_authres_is_forged(arena, &field, ids, authserv_id == NULL ? 1 : 2) ||
                 mv_authres_is_forged(arena, &field, settings->authserv_id_aliases.items,
                                      settings->authserv_id_aliases.count);
    mv_arena_free(&arena);
    return forged;
}

enum mv_code mv_engine_preload(struct mv_engine *engine, int64_t now_secs)
{
    enum mv_code code = engine->preloaded ? MV_OK : mv_crypto_preload();

    engine->preloaded = code == MV_OK;
    mv_handover_ring_refresh(&engine->handover, engine->settings->handover_keys, now_secs);
    return code == MV_OK ? mv_resolver_prepare(engine->resolver, now_secs) : code;
}

const char *mv_engine_handover_fault(const struct mv_engine *engine)
{
    return engine->handover.error.code == MV_OK ? NULL : engine->handover.error.text;
}

bool mv_engine_is_current(const struct mv_engine *engine, int64_t now_secs)
{
    return mv_config_is_current(engine->config, now_secs);
}
