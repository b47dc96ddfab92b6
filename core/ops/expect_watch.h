/*
 * The questions whose answers are a domain's state.  Internal to core/ops/expect*.c.
 */
#ifndef MV_OPS_EXPECT_WATCH_H
#define MV_OPS_EXPECT_WATCH_H

#include "core/ops/deployment.h"

#define MV_WATCH_MAX (6 + MV_DEPLOYMENT_MAX_KEYS + 2 * MV_DEPLOYMENT_MAX_MAIL_FROMS)

struct mv_watch {
    struct mv_bytes name;
    enum mv_dns_type type; /* TXT or MX */
    bool spf_only;         /* of the TXT records */
};

struct mv_watches {
    struct mv_watch items[MV_WATCH_MAX];
    size_t count;
};

/* MV_ERR_MEMORY */
enum mv_code mv_watches_of(struct mv_arena *arena, const struct mv_deployment_request *request,
                           struct mv_watches *watches_r);
/* The record as text, in the arena: "10 mx.example.org"; false when it is none that counts, or without memory. */
bool mv_watch_text(struct mv_arena *arena, const struct mv_watch *watch, const struct mv_dns_record *record,
                   struct mv_bytes *text_r, bool *failed);

#endif
