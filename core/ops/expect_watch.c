#include "core/ops/expect_watch.h"

#include "core/base/trace.h"
#include "core/spf/record.h"

static bool add(struct mv_arena *arena, struct mv_watches *watches, const char *label, struct mv_bytes domain,
                enum mv_dns_type type, bool spf_only)
{
    const struct mv_bytes parts[] = {mv_bytes_str(label), domain};
    struct mv_watch *watch = &watches->items[watches->count];

    for (size_t i = 0; i < watches->count && label[0] == '\0'; i++)
        if (watches->items[i].type == type && mv_bytes_equal(watches->items[i].name, domain))
            return true;
    watches->count++;
    *watch = (struct mv_watch){.type = type, .spf_only = spf_only};
    return mv_arena_join(arena, parts, sizeof parts / sizeof *parts, &watch->name);
}

enum mv_code mv_watches_of(struct mv_arena *arena, const struct mv_deployment_request *request,
                           struct mv_watches *watches_r)
{
    struct mv_bytes domain = request->domain;
    bool added;

    watches_r->count = 0;
    added = add(arena, watches_r, "", domain, MV_DNS_TXT, true) &&
            add(arena, watches_r, "", domain, MV_DNS_MX, false) &&
            add(arena, watches_r, "_dmarc.", domain, MV_DNS_TXT, false) &&
            add(arena, watches_r, "_mta-sts.", domain, MV_DNS_TXT, false) &&
            add(arena, watches_r, "_smtp._tls.", domain, MV_DNS_TXT, false);
    for (size_t i = 0; added && i < request->key_count && i < MV_DEPLOYMENT_MAX_KEYS; i++) {
        const char *label = mv_arena_printf(arena, "%.*s._domainkey.", MV_ARG(request->keys[i].selector));

        added = label != NULL && add(arena, watches_r, label, domain, MV_DNS_TXT, false);
    }
    for (size_t i = 0; added && i < request->mail_from_count && i < MV_DEPLOYMENT_MAX_MAIL_FROMS; i++)
        added = add(arena, watches_r, "", request->mail_froms[i], MV_DNS_TXT, true) &&
                add(arena, watches_r, "", request->mail_froms[i], MV_DNS_MX, false);
    return added ? MV_OK : MV_ERR_MEMORY;
}

bool mv_watch_text(struct mv_arena *arena, const struct mv_watch *watch, const struct mv_dns_record *record,
                   struct mv_bytes *text_r, bool *failed)
{
    const char *text;

    *text_r = record->data;
    if (watch->type == MV_DNS_TXT)
        return !watch->spf_only || mv_spf_record_is(record->data);
    text = mv_arena_printf(arena, "%u %.*s", record->preference, MV_ARG(record->data.len == 0 ? MV_BYTES(".")
                                                                                              : record->data));
    *failed = *failed || text == NULL;
    *text_r = mv_bytes_str(text);
    return text != NULL;
}
