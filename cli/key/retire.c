/*
 * mailvouch key retire: a key stops signing, or is given up before it did.
 */
#include <stdio.h>

#include "cli/key/session.h"
#include "cli/key/show.h"

/* Another key of the type signs, so that mail goes on being signed. */
static bool has_other(const struct mv_key_session *session, const struct mv_key_entries *entries,
                      const struct mv_key_entry *entry)
{
    for (size_t i = 0; i < entries->count; i++) {
        const struct mv_key_entry *other = &entries->items[i];

        if (other != entry && !other->interrupted && other->type == entry->type && other->state == MV_KEY_ACTIVE &&
            mv_bytes_equal(other->host, session->settings->sign_host))
            return true;
    }
    return false;
}

static enum mv_exit refuse(const struct mv_key_entry *entry, const char *why)
{
    fprintf(stderr, "mailvouch key retire: %.*s %s\n", (int)entry->selector.len, entry->selector.data, why);
    return MV_EXIT_FINDING;
}

static enum mv_exit store(const struct mv_key_session *session, struct mv_bytes domain,
                          const struct mv_key_entry *entry)
{
    bool configured;
    const struct mv_domain_settings *settings = mv_keeper_settings(session->settings, domain, &configured);
    struct mv_key_entry updated = *entry;
    struct mv_error error = {MV_OK, ""};
    struct mv_buf line;

    updated.state = MV_KEY_RETIRING;
    updated.retiring_secs = session->options.now_secs;
    if (mv_key_store_update(session->store, &updated, &error) != MV_OK)
        return mv_key_session_fail(session, &error);
    mv_buf_init(&line, 1024);
    mv_buf_printf(&line, "%.*s %.*s: %s -> retiring; its record stays in DNS until ", (int)domain.len, domain.data,
                  (int)entry->selector.len, entry->selector.data, mv_key_state_text(entry->state));
    mv_key_show_time(mv_rollover_withdraw_secs(settings, &updated), &line);
    return mv_key_show_line(&line) ? MV_EXIT_OK : MV_EXIT_INTERNAL;
}

static enum mv_exit retire(const struct mv_key_session *session, struct mv_bytes domain)
{
    struct mv_key_entries entries = {NULL, 0};
    const struct mv_key_entry *entry;
    enum mv_exit result = mv_key_session_keys(session, domain, 1, &entries, &entry);

    if (result != MV_EXIT_OK)
        return result;
    if (entry->interrupted)
        return refuse(entry, "is no whole key: \"mailvouch key auto\" takes it away");
    if (entry->state == MV_KEY_RETIRING || entry->state == MV_KEY_REVOKED)
        return refuse(entry, "does not sign any more already");
    if (entry->state == MV_KEY_ACTIVE && !has_other(session, &entries, entry) && !session->options.force)
        return refuse(entry, "is the only key of its type that signs here: make another one first with \"mailvouch "
                             "key roll\", or say --force, and mail waits until there is one");
    return store(session, domain, entry);
}

enum mv_exit mv_key_retire(int argc, char **argv)
{
    static const struct mv_key_usage usage = {MV_KEY_OPT_FORCE, "DOMAIN SELECTOR", "Lets a key sign no more.", 2, 2};
    struct mv_key_options options;
    struct mv_key_session session;
    struct mv_error error = {MV_OK, ""};
    struct mv_bytes domain;
    enum mv_exit result = mv_key_options_read(&usage, argc, argv, &options);

    if (result != MV_EXIT_OK)
        return result;
    result = mv_key_session_begin(argv[0], &options, &session);
    if (result == MV_EXIT_OK)
        result = mv_key_session_domain(&session, 0, &domain);
    if (result == MV_EXIT_OK && mv_key_store_lock(session.store, domain, MV_KEEPER_LOCK_WAIT_MSECS, &error) != MV_OK)
        result = mv_key_session_fail(&session, &error);
    if (result == MV_EXIT_OK)
        result = retire(&session, domain);
    if (result == MV_EXIT_OK && mv_keeper_finish(&session.keeper, session.arena, &error) != MV_OK)
        result = mv_key_session_fail(&session, &error);
    mv_key_session_end(&session);
    return result;
}
