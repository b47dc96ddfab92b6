/*
 * --as-legacy: beside our verdict, how stock Exim (libspf2) and OpenDMARC
 * (libopendmarc) see the same mail, and why they decide otherwise where they do.
 */
#ifndef MV_CLI_LEGACY_H
#define MV_CLI_LEGACY_H

#include <jansson.h>

#include "cli/options.h"
#include "core/ops/opinion.h"

struct mv_legacy {
    struct mv_arena *arena; /* NULL: was not asked for */
    bool has_spf, has_dmarc;
    struct mv_opinion spf, dmarc;
};

/* After the verdict, or the result of SPF when that is all that was wanted. On failure says why. */
enum mv_exit mv_legacy_ask(const char *command, const struct mv_options *options, struct mv_msg *msg,
                           struct mv_legacy *legacy_r);
/* A paragraph; nothing when it was not asked for. */
void mv_legacy_show(const struct mv_legacy *legacy);
/* The object with a member "legacy", or as it is when it was not asked for. NULL without memory. */
json_t *mv_legacy_json(const struct mv_legacy *legacy, json_t *object);
void mv_legacy_free(struct mv_legacy *legacy);

#endif
