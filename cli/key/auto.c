/*
 * mailvouch key auto, what the timer runs, and mailvouch key status, what a person reads.
 */
#include <stdio.h>

#include "cli/json.h"
#include "cli/key/session.h"
#include "cli/key/show.h"

#define MAX_LINE_BYTES 4096
#define MAX_OPERANDS 1000
#define MAX_DOMAIN_BYTES (64 * 1024 * 1024)

enum view { VIEW_CHANGES, VIEW_PLAN, VIEW_STATUS };

struct keeping {
    struct mv_key_session session;
    enum view view;
    json_t *list;
    size_t alarms; /* and what a person has to do */
    size_t troubles;
};

static bool is_silent(const struct keeping *k, const struct mv_keeper_event *event)
{
    return k->view == VIEW_CHANGES && event->deed == MV_DEED_WAIT;
}

static bool print_events(const struct keeping *k, const struct mv_keeper_report *report)
{
    for (size_t i = 0; i < report->event_count; i++) {
        struct mv_buf line;

        if (is_silent(k, &report->events[i]))
            continue;
        mv_buf_init(&line, MAX_LINE_BYTES);
        mv_key_show_event(report->domain, &report->events[i], k->view != VIEW_CHANGES, &line);
        if (!mv_key_show_line(&line))
            return false;
    }
    return true;
}

/* What was said of one key, or of none. */
static bool print_next(const struct mv_keeper_report *report, struct mv_bytes selector)
{
    for (size_t i = 0; i < report->event_count; i++) {
        const struct mv_keeper_event *event = &report->events[i];
        struct mv_keeper_event bare = *event;
        struct mv_buf line, text;

        if (!mv_bytes_equal(event->selector, selector))
            continue;
        bare.selector = (struct mv_bytes){NULL, 0};
        mv_buf_init(&line, MAX_LINE_BYTES);
        mv_buf_init(&text, MAX_LINE_BYTES);
        mv_key_show_event((struct mv_bytes){NULL, 0}, &bare, true, &text);
        mv_buf_puts(&line, selector.len == 0 ? "  next" : "    next");
        mv_buf_put(&line, mv_buf_bytes(&text));
        mv_buf_free(&text);
        if (!mv_key_show_line(&line))
            return false;
    }
    return true;
}

static bool print_key(const struct mv_kept_key *key)
{
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_puts(&line, "  ");
    mv_buf_put_escaped(&line, key->entry.selector);
    if (!key->entry.interrupted)
        mv_buf_printf(&line, " (%s %u)", mv_key_type_text(key->entry.type), key->entry.bits);
    mv_buf_puts(&line, ": ");
    if (!key->entry.interrupted && !key->ours) {
        mv_buf_puts(&line, "of host ");
        mv_buf_put_escaped(&line, key->entry.host);
        mv_buf_puts(&line, ", ");
    }
    mv_key_show_state(&key->entry, &line);
    return mv_key_show_line(&line);
}

static bool print_status(const struct mv_keeper_report *report)
{
    struct mv_buf line;
    size_t revoked = 0;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_put_escaped(&line, report->domain);
    mv_buf_puts(&line, report->configured ? "" : " (not in [sign] domains: no new keys are made)");
    if (!mv_key_show_line(&line))
        return false;
    for (size_t i = 0; i < report->key_count; i++) {
        if (report->keys[i].entry.state == MV_KEY_REVOKED && !report->keys[i].entry.has_key) {
            revoked++;
            continue;
        }
        if (!print_key(&report->keys[i]) || !print_next(report, report->keys[i].entry.selector))
            return false;
    }
    if (revoked > 0 && printf("  and %zu that ended: \"mailvouch key list\"\n", revoked) < 0)
        return false;
    return print_next(report, (struct mv_bytes){NULL, 0});
}

static json_t *json_report(const struct mv_keeper_report *report)
{
    json_t *events = json_array(), *keys = json_array();

    for (size_t i = 0; i < report->event_count; i++)
        json_array_append_new(events, mv_key_json_event(&report->events[i]));
    for (size_t i = 0; i < report->key_count; i++)
        json_array_append_new(keys, mv_key_json_entry(&report->keys[i].entry));
    return json_pack("{s:o, s:b, s:o, s:o}", "domain", mv_key_json_text(report->domain), "configured",
                     report->configured, "events", events, "keys", keys);
}

static void count(struct keeping *k, const struct mv_keeper_report *report)
{
    for (size_t i = 0; i < report->event_count; i++) {
        k->alarms += report->events[i].grade == MV_GRADE_ALARM || report->events[i].grade == MV_GRADE_PERSON;
        k->troubles += report->events[i].grade == MV_GRADE_TROUBLE;
    }
}

static bool print_report(struct keeping *k, const struct mv_keeper_report *report)
{
    if (k->session.options.json)
        return json_array_append_new(k->list, json_report(report)) == 0;
    return k->view == VIEW_STATUS ? print_status(report) : print_events(k, report);
}

/* One domain that cannot be kept stops no other. */
static enum mv_exit keep_domain(struct keeping *k, struct mv_bytes domain)
{
    struct mv_arena *arena = mv_arena_new(MAX_DOMAIN_BYTES);
    struct mv_keeper_report report;
    struct mv_error error = {MV_OK, ""};
    enum mv_code code;
    bool whole;

    if (arena == NULL)
        return mv_key_session_no_memory(&k->session);
    code = mv_keeper_domain(&k->session.keeper, arena, domain, k->view == VIEW_CHANGES ? MV_KEEPER_DO : MV_KEEPER_TELL,
                            &report, &error);
    count(k, &report);
    whole = print_report(k, &report);
    mv_arena_free(&arena);
    if (code != MV_OK) {
        (void)mv_key_session_fail(&k->session, &error);
        k->troubles += code == MV_ERR_LIMIT;
        k->alarms += code != MV_ERR_LIMIT;
    }
    return whole ? MV_EXIT_OK : mv_key_session_no_memory(&k->session);
}

/* While Exim's file cannot be written it may name old keys: none is withdrawn. */
static void refresh_exim_file(struct keeping *k)
{
    struct mv_error error = {MV_OK, ""};

    if (k->view != VIEW_CHANGES || mv_keeper_finish(&k->session.keeper, k->session.arena, &error) == MV_OK)
        return;
    (void)mv_key_session_fail(&k->session, &error);
    k->alarms++;
    k->session.keeper.withdraws = false;
}

static enum mv_exit keep_all(struct keeping *k)
{
    const struct mv_bytes *domains = NULL;
    size_t domain_count = 0;
    enum mv_exit result = mv_key_session_domains(&k->session, &domains, &domain_count);

    if (result != MV_EXIT_OK)
        return result;
    refresh_exim_file(k);
    for (size_t i = 0; result == MV_EXIT_OK && i < domain_count; i++)
        result = keep_domain(k, domains[i]);
    refresh_exim_file(k);
    if (domain_count == 0 && !k->session.options.json)
        puts("no domains: write them to [sign] domains in the configuration");
    return result;
}

static enum mv_exit outcome(const struct keeping *k)
{
    if (k->alarms > 0)
        return MV_EXIT_FINDING;
    return k->troubles > 0 ? MV_EXIT_TRY_AGAIN : MV_EXIT_OK;
}

static enum mv_exit run(int argc, char **argv, const char *summary, unsigned option_sets, enum view view)
{
    const struct mv_key_usage usage = {option_sets, "[DOMAIN]...", summary, 0, MAX_OPERANDS};
    struct mv_key_options options;
    struct keeping k = {.alarms = 0};
    enum mv_exit result = mv_key_options_read(&usage, argc, argv, &options);

    if (result != MV_EXIT_OK)
        return result;
    k.view = options.dry_run ? VIEW_PLAN : view;
    k.list = json_array();
    result = mv_key_session_begin(argv[0], &options, &k.session);
    if (result == MV_EXIT_OK)
        result = keep_all(&k);
    if (result == MV_EXIT_OK && options.json && !mv_json_print(json_pack("{s:O}", "domains", k.list)))
        result = MV_EXIT_INTERNAL;
    json_decref(k.list);
    mv_key_session_end(&k.session);
    return result == MV_EXIT_OK ? outcome(&k) : result;
}

enum mv_exit mv_key_auto(int argc, char **argv)
{
    return run(argc, argv, "Makes, publishes, activates, retires and withdraws keys, as it is time.",
               MV_KEY_OPT_JSON | MV_KEY_OPT_DRY_RUN, VIEW_CHANGES);
}

enum mv_exit mv_key_status(int argc, char **argv)
{
    return run(argc, argv, "Says where the keys stand, and what comes next.", MV_KEY_OPT_JSON, VIEW_STATUS);
}
