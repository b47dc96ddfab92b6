#include "core/ops/keeper.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/trace.h"
#include "core/dkim/key.h"
#include "core/ops/exim_file.h"
#include "core/ops/publish.h"
#include "core/ops/selector.h"
#include "core/text/domain.h"

#define MAX_PASSES 8 /* a key makes at most one step in each */

/* One domain while it is worked on. */
struct work {
    const struct mv_keeper *keeper;
    struct mv_arena *arena;
    const struct mv_domain_settings *settings;
    enum mv_keeper_mode mode;
    int64_t now_secs; /* when DNS had been asked */
    struct mv_key_entries entries;
    struct mv_sight *sights; /* one for each entry */
    struct mv_keeper_report *report;
    struct mv_error *error;
};

static enum mv_code no_memory(struct mv_error *error)
{
    return mv_error_set(error, MV_ERR_MEMORY, "no memory to keep the keys");
}

const struct mv_domain_settings *mv_keeper_settings(const struct mv_settings *settings, struct mv_bytes domain,
                                                    bool *configured_r)
{
    const struct mv_domain_settings *found = mv_config_domain_over(settings, domain);

    *configured_r = found != NULL && mv_bytes_equal(found->name, domain);
    return *configured_r ? found : &settings->every_domain;
}

static int by_bytes(const void *a, const void *b)
{
    const struct mv_bytes *left = a, *right = b;
    int order = memcmp(left->data, right->data, left->len < right->len ? left->len : right->len);

    return order != 0 ? order : (left->len > right->len) - (left->len < right->len);
}

enum mv_code mv_keeper_domains(const struct mv_keeper *keeper, struct mv_arena *arena,
                               const struct mv_bytes **domains_r, size_t *count_r, struct mv_error *error)
{
    const struct mv_config_domains *configured = &keeper->settings->domains;
    const struct mv_bytes *stored;
    struct mv_bytes *all;
    size_t stored_count = 0, count = 0;
    bool is_configured;
    enum mv_code code = mv_key_store_domains(keeper->store, arena, &stored, &stored_count, error);

    *domains_r = NULL;
    *count_r = 0;
    if (code != MV_OK)
        return code;
    all = mv_arena_array(arena, configured->count + stored_count, sizeof *all);
    if (all == NULL)
        return no_memory(error);
    for (size_t i = 0; i < configured->count; i++)
        all[count++] = configured->items[i].name;
    for (size_t i = 0; i < stored_count; i++) {
        (void)mv_keeper_settings(keeper->settings, stored[i], &is_configured);
        if (!is_configured)
            all[count++] = stored[i];
    }
    if (count > 1)
        qsort(all, count, sizeof *all, by_bytes);
    *domains_r = all;
    *count_r = count;
    return MV_OK;
}

static enum mv_code tell(struct work *w, const struct mv_rollover_action *action, enum mv_keeper_grade grade,
                         struct mv_bytes text)
{
    struct mv_keeper_report *report = w->report;
    struct mv_keeper_event *grown = mv_arena_grow(w->arena, report->events, report->event_count, sizeof *grown);

    if (grown == NULL)
        return no_memory(w->error);
    grown[report->event_count++] = (struct mv_keeper_event){
        .deed = action->deed,
        .grade = grade,
        .selector = action->entry.selector,
        .from = action->from,
        .to = action->entry.state,
        .when_secs = action->when_secs,
        .text = text,
    };
    report->events = grown;
    return MV_OK;
}

static enum mv_code tell_error(struct work *w, const struct mv_rollover_action *action, enum mv_keeper_grade grade,
                               const struct mv_error *error)
{
    struct mv_bytes text;

    if (!mv_arena_copy(w->arena, mv_bytes_str(error->text), &text))
        return no_memory(w->error);
    return tell(w, action, grade, text);
}

/* The keys as they are stored now, with what was seen of those that were there before. */
static enum mv_code read_keys(struct work *w, struct mv_bytes domain)
{
    struct mv_key_entries before = w->entries;
    struct mv_sight *seen = w->sights;
    enum mv_code code = mv_key_store_list(w->keeper->store, w->arena, domain, &w->entries, w->error);

    if (code != MV_OK)
        return code;
    w->sights = mv_arena_array(w->arena, w->entries.count, sizeof *w->sights);
    if (w->sights == NULL)
        return no_memory(w->error);
    for (size_t i = 0; i < w->entries.count; i++)
        for (size_t k = 0; k < before.count; k++)
            if (mv_bytes_equal(before.items[k].selector, w->entries.items[i].selector))
                w->sights[i] = seen[k];
    return MV_OK;
}

static enum mv_code decide(struct work *w, struct mv_rollover_actions *actions_r)
{
    struct mv_key_view *views = mv_arena_array(w->arena, w->entries.count, sizeof *views);
    struct mv_rollover rollover = {
        .host = w->keeper->settings->sign_host,
        .settings = w->settings,
        .configured = w->report->configured,
        .preflight_secs = w->keeper->settings->preflight_secs,
        .now_secs = w->now_secs,
        .entries = w->entries,
        .views = views,
    };

    if (views == NULL)
        return no_memory(w->error);
    for (size_t i = 0; i < w->entries.count; i++)
        views[i] = w->sights[i].view;
    return mv_rollover_decide(w->arena, &rollover, actions_r) == MV_OK ? MV_OK : no_memory(w->error);
}

enum mv_code mv_keeper_create(const struct mv_keeper *keeper, struct mv_arena *arena, struct mv_bytes domain,
                              enum mv_key_type type, unsigned rsa_bits, struct mv_key_entry *entry_r,
                              struct mv_error *error)
{
    int64_t now_secs = keeper->now_secs + (mv_resolver_now_msecs() - keeper->now_msecs) / 1000;
    struct mv_key_entry entry = {.domain = domain, .host = keeper->settings->sign_host, .type = type,
                                 .state = MV_KEY_CREATED, .created_secs = now_secs};
    struct mv_private_key *key = NULL;
    struct mv_key_entries entries;
    struct mv_bytes name;
    enum mv_code code = mv_key_store_list(keeper->store, arena, domain, &entries, error);

    if (code == MV_OK && entries.count >= MV_KEYS_MAX_PER_DOMAIN)
        return mv_error_set(error, MV_ERR_LIMIT, "the domain has had %zu keys, and more are not kept", entries.count);
    if (code != MV_OK)
        return code;
    code = mv_selector_next(arena, entry.host, type, now_secs, &entries, &entry.selector);
    if (code != MV_OK)
        return mv_error_set(error, code, "no selector could be made of the host \"%.*s\" and this day (%s)",
                            MV_ARG(entry.host), mv_code_text(code));
    if (!mv_dkim_key_name(arena, entry.selector, domain, &name))
        return no_memory(error);
    if (!mv_domain_is_askable(name))
        return mv_error_set(error, MV_ERR_LIMIT, "the name of its record would be too long for DNS");
    code = mv_private_key_generate(type, rsa_bits, &key);
    if (code != MV_OK)
        return mv_error_set(error, code, "no key could be made: %s", mv_code_text(code));
    entry.bits = mv_private_key_bits(key);
    code = mv_key_store_add(keeper->store, &entry, key, error);
    mv_private_key_free(&key);
    *entry_r = entry;
    return code;
}

static enum mv_code create(struct work *w, const struct mv_rollover_action *action)
{
    struct mv_rollover_action done = *action;
    enum mv_code code = mv_keeper_create(w->keeper, w->arena, w->report->domain, action->type, w->settings->rsa_bits,
                                         &done.entry, w->error);

    return code == MV_OK ? tell(w, &done, MV_GRADE_NOTE, action->why) : code;
}

static struct mv_publication publication_of(const struct work *w, const struct mv_key_entry *entry)
{
    return (struct mv_publication){.settings = w->settings, .domain = w->report->domain, .selector = entry->selector};
}

static enum mv_code make_record(const struct work *w, const struct mv_key_entry *entry, struct mv_key_record *record)
{
    struct mv_private_key *key = NULL;
    enum mv_code code = mv_key_store_load(w->keeper->store, entry, &key, w->error);

    if (code == MV_OK)
        code = mv_key_record_make(w->arena, entry->selector, w->report->domain, key, w->settings->record_ttl_secs,
                                  record);
    mv_private_key_free(&key);
    return code;
}

static const char *by_hand(const struct work *w, const struct mv_rollover_action *action)
{
    struct mv_bytes domain = w->report->domain, selector = action->entry.selector;

    if (action->deed == MV_DEED_PUBLISH)
        return mv_arena_printf(w->arena,
                               "its record is to be put into DNS: \"mailvouch key publish %.*s %.*s\" prints it",
                               MV_ARG(domain), MV_ARG(selector));
    return mv_arena_printf(w->arena, "no mail signed by it is in flight: take %.*s._domainkey.%.*s out of DNS",
                           MV_ARG(selector), MV_ARG(domain));
}

static enum mv_code publish(struct work *w, const struct mv_rollover_action *action)
{
    struct mv_publication publication = publication_of(w, &action->entry);
    enum mv_publish_end end = MV_PUBLISH_BY_HAND;
    struct mv_error error = {MV_OK, ""};
    const char *text;
    enum mv_code code = MV_OK;

    if (action->deed == MV_DEED_PUBLISH)
        code = make_record(w, &action->entry, &publication.record);
    else if (!mv_dkim_key_name(w->arena, action->entry.selector, w->report->domain, &publication.record.name))
        code = MV_ERR_MEMORY;
    if (code == MV_OK)
        code = mv_publish(w->arena, &publication, action->deed == MV_DEED_PUBLISH ? MV_PUBLISH_ADD : MV_PUBLISH_REMOVE,
                          &end, &error);
    if (code != MV_OK)
        return code == MV_ERR_MEMORY ? no_memory(w->error) : code;
    if (end == MV_PUBLISH_FAILED)
        return tell_error(w, action, MV_GRADE_ALARM, &error);
    if (end == MV_PUBLISH_DONE)
        return tell(w, action, MV_GRADE_NOTE, action->why);
    if (end == MV_PUBLISH_THERE) {
        struct mv_rollover_action waits = *action;

        waits.deed = MV_DEED_WAIT;
        return tell(w, &waits, MV_GRADE_NOTE, action->why);
    }
    text = by_hand(w, action);
    return text == NULL ? no_memory(w->error) : tell(w, action, MV_GRADE_PERSON, mv_bytes_str(text));
}

/* After a step there may be another one. */
static bool is_step(const struct mv_rollover_action *action)
{
    return action->deed == MV_DEED_CREATE || action->deed == MV_DEED_DISCARD || action->deed == MV_DEED_MOVE;
}

/* What is stored comes before all else: that a key was seen lets it sign. */
static bool is_first(const struct mv_rollover_action *action)
{
    return is_step(action) || action->deed == MV_DEED_SAVE;
}

static enum mv_code do_step(struct work *w, const struct mv_rollover_action *action)
{
    enum mv_code code;

    if (action->deed == MV_DEED_CREATE)
        return create(w, action);
    if (action->deed == MV_DEED_DISCARD)
        code = mv_key_store_destroy_key(w->keeper->store, &action->entry, w->error);
    else
        code = mv_key_store_update(w->keeper->store, &action->entry, w->error);
    return code == MV_OK && action->deed != MV_DEED_SAVE ? tell(w, action, MV_GRADE_NOTE, action->why) : code;
}

static enum mv_code do_rest(struct work *w, const struct mv_rollover_action *action)
{
    enum mv_code code;

    switch (action->deed) {
    case MV_DEED_WITHDRAW:
        return w->keeper->withdraws ? publish(w, action) : MV_OK;
    case MV_DEED_PUBLISH:
        return publish(w, action);
    case MV_DEED_DESTROY:
        code = mv_key_store_destroy_key(w->keeper->store, &action->entry, w->error);
        return code == MV_OK ? tell(w, action, MV_GRADE_NOTE, action->why) : code;
    case MV_DEED_ALARM:
        return tell(w, action, MV_GRADE_ALARM, action->why);
    case MV_DEED_WAIT:
        return tell(w, action, MV_GRADE_NOTE, action->why);
    case MV_DEED_CREATE:
    case MV_DEED_DISCARD:
    case MV_DEED_SAVE:
    case MV_DEED_MOVE:
        break;
    }
    return MV_OK;
}

/* What goes wrong with one key is told, and stops no other. */
static enum mv_code survive(struct work *w, const struct mv_rollover_action *action, enum mv_code code)
{
    struct mv_error error = *w->error;

    return code == MV_OK || code == MV_ERR_MEMORY ? code : tell_error(w, action, MV_GRADE_ALARM, &error);
}

/* All keys as DNS shows them. The time is taken behind it: what was seen is not older than that. */
static enum mv_code look(struct work *w)
{
    enum mv_code code = mv_keeper_look(w->keeper, w->arena, w->report->domain, &w->entries, w->sights);

    w->now_secs = w->keeper->now_secs + (mv_resolver_now_msecs() - w->keeper->now_msecs) / 1000;
    return code == MV_OK ? MV_OK : no_memory(w->error);
}

static bool has_created(const struct mv_rollover_actions *actions)
{
    for (size_t i = 0; i < actions->count; i++)
        if (actions->items[i].deed == MV_DEED_CREATE)
            return true;
    return false;
}

/* What is stored after steps. The name of a new key is looked at before anything is published there. */
static enum mv_code look_again(struct work *w, const struct mv_rollover_actions *actions)
{
    enum mv_code code = read_keys(w, w->report->domain);

    return code == MV_OK && has_created(actions) ? look(w) : code;
}

/* The steps of one decision, in their order, up to one that fails. */
static enum mv_code do_steps(struct work *w, const struct mv_rollover_actions *actions, bool *stepped_r, bool *failed_r)
{
    *stepped_r = *failed_r = false;
    for (size_t i = 0; i < actions->count; i++) {
        enum mv_code code;

        if (!is_first(&actions->items[i]))
            continue;
        *stepped_r = *stepped_r || is_step(&actions->items[i]);
        code = do_step(w, &actions->items[i]);
        if (code == MV_OK)
            continue;
        *failed_r = true;
        return survive(w, &actions->items[i], code);
    }
    return MV_OK;
}

/* Steps first, until there is none left to make; then all that the keys need where they stand. */
static enum mv_code do_all(struct work *w)
{
    struct mv_rollover_actions actions = {NULL, 0};
    bool stepped = true, failed = false;
    enum mv_code code = MV_OK;

    for (unsigned pass = 0; code == MV_OK && stepped && !failed; pass++) {
        if (pass == MAX_PASSES)
            return mv_error_set(w->error, MV_ERR_USAGE, "the keys of the domain come to no rest");
        code = decide(w, &actions);
        if (code == MV_OK)
            code = do_steps(w, &actions, &stepped, &failed);
        if (code == MV_OK && stepped && !failed)
            code = look_again(w, &actions);
    }
    for (size_t i = 0; code == MV_OK && i < actions.count; i++)
        if (!is_first(&actions.items[i]))
            code = survive(w, &actions.items[i], do_rest(w, &actions.items[i]));
    return code;
}

static enum mv_keeper_grade grade_of(const struct work *w, const struct mv_rollover_action *action)
{
    if (action->deed == MV_DEED_ALARM)
        return MV_GRADE_ALARM;
    if (w->settings->publish == MV_PUBLISH_MANUAL &&
        (action->deed == MV_DEED_PUBLISH || action->deed == MV_DEED_WITHDRAW))
        return MV_GRADE_PERSON;
    return MV_GRADE_NOTE;
}

static enum mv_code tell_all(struct work *w)
{
    struct mv_rollover_actions actions;
    enum mv_code code = decide(w, &actions);

    for (size_t i = 0; code == MV_OK && i < actions.count; i++)
        if (actions.items[i].deed != MV_DEED_SAVE)
            code = tell(w, &actions.items[i], grade_of(w, &actions.items[i]), actions.items[i].why);
    return code;
}

static enum mv_code report_keys(struct work *w)
{
    struct mv_kept_key *keys = mv_arena_array(w->arena, w->entries.count, sizeof *keys);

    if (keys == NULL)
        return no_memory(w->error);
    for (size_t i = 0; i < w->entries.count; i++)
        keys[i] = (struct mv_kept_key){w->entries.items[i], w->sights[i],
                                       mv_bytes_equal(w->entries.items[i].host, w->keeper->settings->sign_host)};
    w->report->keys = keys;
    w->report->key_count = w->entries.count;
    return MV_OK;
}

static enum mv_code work_on(struct work *w)
{
    enum mv_code code = read_keys(w, w->report->domain);

    if (code == MV_OK)
        code = look(w);
    if (code == MV_OK)
        code = w->mode == MV_KEEPER_DO ? do_all(w) : tell_all(w);
    if (code == MV_OK && w->mode == MV_KEEPER_DO)
        code = read_keys(w, w->report->domain);
    return code == MV_OK ? report_keys(w) : code;
}

enum mv_code mv_keeper_domain(const struct mv_keeper *keeper, struct mv_arena *arena, struct mv_bytes domain,
                              enum mv_keeper_mode mode, struct mv_keeper_report *report_r, struct mv_error *error)
{
    struct work w = {.keeper = keeper, .arena = arena, .mode = mode, .report = report_r, .error = error};
    enum mv_code code = MV_OK;

    *report_r = (struct mv_keeper_report){.domain = domain};
    w.settings = mv_keeper_settings(keeper->settings, domain, &report_r->configured);
    if (mode == MV_KEEPER_DO)
        code = mv_key_store_lock(keeper->store, domain, MV_KEEPER_LOCK_WAIT_MSECS, error);
    if (code == MV_OK)
        code = work_on(&w);
    if (mode == MV_KEEPER_DO)
        mv_key_store_unlock(keeper->store);
    return code;
}

enum mv_code mv_keeper_finish(const struct mv_keeper *keeper, struct mv_arena *arena, struct mv_error *error)
{
    return mv_exim_file_refresh(arena, keeper->settings, keeper->store, error);
}
