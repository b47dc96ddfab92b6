/*
 * mailvouch key check: the private keys beside what every name server of the zone shows.
 */
#include <stdio.h>

#include "cli/json.h"
#include "cli/key/session.h"
#include "cli/key/show.h"

#define MAX_LINE_BYTES 2048

struct checking {
    struct mv_key_session session;
    json_t *list;
    size_t keys;
    size_t bad;
    size_t unanswered;
};

/* A key that was not published yet, or is withdrawn, need not be shown. */
static bool must_be_shown(const struct mv_key_entry *entry)
{
    return entry->state == MV_KEY_PUBLISHED || entry->state == MV_KEY_ACTIVE || entry->state == MV_KEY_RETIRING;
}

static bool print_server(const struct mv_sight_line *server)
{
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_puts(&line, server->shown ? "  ok    " : server->counts ? "  FAIL  " : "  -     ");
    mv_buf_put_escaped(&line, server->server.name);
    if (server->server.ip.family != MV_IP_NONE) {
        mv_buf_puts(&line, " (");
        mv_ip_print(&server->server.ip, &line);
        mv_buf_putc(&line, ')');
    }
    mv_buf_putc(&line, ' ');
    mv_buf_put_escaped(&line, mv_bytes_str(server->what));
    return mv_key_show_line(&line);
}

static enum mv_exit print_key(struct checking *c, const struct mv_key_entry *entry, const struct mv_sight *sight)
{
    struct mv_buf line;

    if (c->session.options.json) {
        json_t *json = mv_key_json_sight(sight);

        if (json == NULL || json_object_set_new(json, "key", mv_key_json_entry(entry)) != 0)
            return mv_key_session_no_memory(&c->session);
        return json_array_append_new(c->list, json) == 0 ? MV_EXIT_OK : mv_key_session_no_memory(&c->session);
    }
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, "%.*s._domainkey.%.*s (%s): ", (int)entry->selector.len, entry->selector.data,
                  (int)entry->domain.len, entry->domain.data, mv_key_state_text(entry->state));
    if (sight->view.unusable || !sight->view.looked)
        mv_buf_put_escaped(&line, sight->view.fault);
    else
        mv_buf_printf(&line, "%u of %u addresses show it", sight->view.shown, sight->view.servers);
    if (!mv_key_show_line(&line))
        return MV_EXIT_INTERNAL;
    for (size_t i = 0; i < sight->line_count; i++)
        if (!print_server(&sight->lines[i]))
            return MV_EXIT_INTERNAL;
    return MV_EXIT_OK;
}

static enum mv_exit check_domain(struct checking *c, struct mv_bytes domain, size_t selector_operand)
{
    const struct mv_key_entry *named = NULL;
    struct mv_key_entries entries = {NULL, 0};
    struct mv_sight *sights;
    enum mv_exit result = mv_key_session_keys(&c->session, domain, selector_operand, &entries, &named);

    if (result != MV_EXIT_OK)
        return result;
    if (named != NULL)
        entries = (struct mv_key_entries){named, 1};
    sights = mv_arena_array(c->session.arena, entries.count, sizeof *sights);
    if (sights == NULL || mv_keeper_look(&c->session.keeper, c->session.arena, domain, &entries, sights) != MV_OK)
        return mv_key_session_no_memory(&c->session);
    for (size_t i = 0; result == MV_EXIT_OK && i < entries.count; i++) {
        const struct mv_key_entry *entry = &entries.items[i];
        bool shown = mv_key_view_sight(&sights[i].view) == MV_SIGHT_SHOWN;

        if (entry->interrupted || entry->state == MV_KEY_REVOKED ||
            !mv_bytes_equal(entry->host, c->session.settings->sign_host))
            continue;
        c->keys++;
        c->unanswered += !sights[i].view.looked;
        c->bad += !shown && (named != NULL || must_be_shown(entry));
        result = print_key(c, entry, &sights[i]);
    }
    return result;
}

static enum mv_exit check_all(struct checking *c)
{
    const struct mv_bytes *domains = NULL;
    size_t count = 0;
    struct mv_bytes domain;
    enum mv_exit result;

    if (c->session.options.operand_count > 0) {
        result = mv_key_session_domain(&c->session, 0, &domain);
        return result == MV_EXIT_OK ? check_domain(c, domain, 1) : result;
    }
    result = mv_key_session_domains(&c->session, &domains, &count);
    for (size_t i = 0; result == MV_EXIT_OK && i < count; i++)
        result = check_domain(c, domains[i], 1);
    return result;
}

static enum mv_exit outcome(const struct checking *c)
{
    if (c->keys > 0 && c->unanswered == c->keys)
        return MV_EXIT_NO_DNS;
    return c->bad > 0 ? MV_EXIT_FINDING : MV_EXIT_OK;
}

enum mv_exit mv_key_check(int argc, char **argv)
{
    static const struct mv_key_usage usage = {MV_KEY_OPT_JSON, "[DOMAIN [SELECTOR]]",
                                              "Looks for the keys at every server of their zones.", 0, 2};
    struct mv_key_options options;
    struct checking c = {.keys = 0};
    enum mv_exit result = mv_key_options_read(&usage, argc, argv, &options);

    if (result != MV_EXIT_OK)
        return result;
    c.list = json_array();
    result = mv_key_session_begin(argv[0], &options, &c.session);
    if (result == MV_EXIT_OK)
        result = check_all(&c);
    if (result == MV_EXIT_OK && c.keys == 0 && !options.json)
        puts("no keys of this host");
    if (result == MV_EXIT_OK && options.json && !mv_json_print(json_pack("{s:O}", "keys", c.list)))
        result = MV_EXIT_INTERNAL;
    json_decref(c.list);
    mv_key_session_end(&c.session);
    return result == MV_EXIT_OK ? outcome(&c) : result;
}
