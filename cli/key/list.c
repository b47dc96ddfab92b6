/*
 * mailvouch key list: all keys, as they are stored; DNS is not asked.
 */
#include <stdio.h>

#include "cli/json.h"
#include "cli/key/session.h"
#include "cli/key/show.h"

#define MAX_LINE_BYTES 1024
#define MAX_OPERANDS 1000

static bool print_entry(const struct mv_key_entry *entry)
{
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_put_escaped(&line, entry->domain);
    mv_buf_putc(&line, ' ');
    mv_buf_put_escaped(&line, entry->selector);
    if (!entry->interrupted)
        mv_buf_printf(&line, " %s %u %s", mv_key_type_text(entry->type), entry->bits, mv_key_state_text(entry->state));
    mv_buf_puts(&line, ": ");
    mv_key_show_state(entry, &line);
    return mv_key_show_line(&line);
}

static enum mv_exit list_domain(const struct mv_key_session *session, struct mv_bytes domain, json_t *list)
{
    struct mv_error error = {MV_OK, ""};
    struct mv_key_entries entries;

    if (mv_key_store_list(session->store, session->arena, domain, &entries, &error) != MV_OK)
        return mv_key_session_fail(session, &error);
    for (size_t i = 0; i < entries.count; i++) {
        if (session->options.json)
            json_array_append_new(list, mv_key_json_entry(&entries.items[i]));
        else if (!print_entry(&entries.items[i]))
            return MV_EXIT_INTERNAL;
    }
    return MV_EXIT_OK;
}

enum mv_exit mv_key_list(int argc, char **argv)
{
    static const struct mv_key_usage usage = {MV_KEY_OPT_JSON, "[DOMAIN]...", "Lists the keys and their states.", 0,
                                              MAX_OPERANDS};
    struct mv_key_options options;
    struct mv_key_session session;
    const struct mv_bytes *domains = NULL;
    size_t count = 0;
    json_t *list = json_array();
    enum mv_exit result = mv_key_options_read(&usage, argc, argv, &options);

    if (result != MV_EXIT_OK) {
        json_decref(list);
        return result;
    }
    result = mv_key_session_begin(argv[0], &options, &session);
    if (result == MV_EXIT_OK)
        result = mv_key_session_domains(&session, &domains, &count);
    for (size_t i = 0; result == MV_EXIT_OK && i < count; i++)
        result = list_domain(&session, domains[i], list);
    if (result == MV_EXIT_OK && options.json)
        result = mv_json_print(json_pack("{s:O}", "keys", list)) ? MV_EXIT_OK : MV_EXIT_INTERNAL;
    json_decref(list);
    mv_key_session_end(&session);
    return result;
}
