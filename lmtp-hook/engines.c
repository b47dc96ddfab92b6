#include "lmtp-hook/engines.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define MAX_IDLE 64 /* each has a socket for every DNS server it has asked */

struct mv_engines {
    pthread_mutex_t lock;
    unsigned references;
    struct mv_engine *first; /* has the configuration, judges nothing */
    struct mv_engine *idle[MAX_IDLE];
    unsigned idle_count;
    _Atomic bool handover_faulty;
    _Atomic int64_t complained_secs; /* 0: never */
};

enum mv_code mv_engines_open(const char *config_path, struct mv_engines **engines_r, struct mv_error *error)
{
    struct mv_engines *engines = calloc(1, sizeof *engines);
    enum mv_code code;

    *engines_r = NULL;
    if (engines == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "out of memory");
    code = mv_engine_open(&engines->first, config_path, error);
    if (code == MV_OK)
        code = mv_engine_preload(engines->first, time(NULL));
    if (code == MV_OK)
        code = mv_engine_keep_answers(engines->first);
    if (code != MV_OK) {
        if (error->code == MV_OK)
            mv_error_set(error, code, "%s", mv_code_text(code));
        mv_engine_close(&engines->first);
        free(engines);
        return code;
    }
    pthread_mutex_init(&engines->lock, NULL);
    engines->references = 1;
    *engines_r = engines;
    return MV_OK;
}

struct mv_engines *mv_engines_hold(struct mv_engines *engines)
{
    pthread_mutex_lock(&engines->lock);
    engines->references++;
    pthread_mutex_unlock(&engines->lock);
    return engines;
}

void mv_engines_release(struct mv_engines **engines_p)
{
    struct mv_engines *engines = *engines_p;
    unsigned left;

    *engines_p = NULL;
    if (engines == NULL)
        return;
    pthread_mutex_lock(&engines->lock);
    left = --engines->references;
    pthread_mutex_unlock(&engines->lock);
    if (left > 0)
        return;
    while (engines->idle_count > 0)
        mv_engine_close(&engines->idle[--engines->idle_count]);
    mv_engine_close(&engines->first);
    pthread_mutex_destroy(&engines->lock);
    free(engines);
}

const struct mv_settings *mv_engines_settings(const struct mv_engines *engines)
{
    return mv_config_settings(mv_engine_config(engines->first));
}

bool mv_engines_note_handover(struct mv_engines *engines, bool faulty)
{
    return !atomic_exchange(&engines->handover_faulty, faulty) && faulty;
}

bool mv_engines_may_complain(struct mv_engines *engines, int64_t now_secs)
{
    int64_t before = atomic_load(&engines->complained_secs);

    if (before != 0 && now_secs >= before && now_secs - before < MV_ENGINES_COMPLAIN_SECS)
        return false;
    return atomic_compare_exchange_strong(&engines->complained_secs, &before, now_secs);
}

enum mv_code mv_engines_take(struct mv_engines *engines, struct mv_engine **engine_r, struct mv_error *error)
{
    *engine_r = NULL;
    pthread_mutex_lock(&engines->lock);
    if (engines->idle_count > 0)
        *engine_r = engines->idle[--engines->idle_count];
    pthread_mutex_unlock(&engines->lock);
    return *engine_r != NULL ? MV_OK : mv_engine_twin(engines->first, engine_r, error);
}

void mv_engines_give(struct mv_engines *engines, struct mv_engine **engine)
{
    if (*engine == NULL)
        return;
    pthread_mutex_lock(&engines->lock);
    if (engines->idle_count < MAX_IDLE) {
        engines->idle[engines->idle_count++] = *engine;
        *engine = NULL;
    }
    pthread_mutex_unlock(&engines->lock);
    mv_engine_close(engine);
}
