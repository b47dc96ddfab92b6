/*
 * mailvouch key new, mailvouch key roll: make keys.
 */
#include <stdio.h>

#include "cli/key/session.h"
#include "cli/key/show.h"

enum when { ALWAYS, UNLESS_PENDING };

struct making {
    struct mv_key_session session;
    struct mv_bytes domain;
    const struct mv_domain_settings *settings;
    size_t made;
};

static bool is_wanted(const struct making *m, enum mv_key_type type)
{
    if (m->session.options.has_type)
        return type == m->session.options.type;
    return type == MV_KEY_RSA || m->settings->key_types == MV_KEY_TYPES_BOTH;
}

/* One that was made and does not sign yet. */
static const struct mv_key_entry *pending(const struct making *m, const struct mv_key_entries *entries,
                                          enum mv_key_type type)
{
    for (size_t i = 0; i < entries->count; i++) {
        const struct mv_key_entry *entry = &entries->items[i];

        if (!entry->interrupted && entry->type == type &&
            mv_bytes_equal(entry->host, m->session.settings->sign_host) &&
            (entry->state == MV_KEY_CREATED || entry->state == MV_KEY_PUBLISHED))
            return entry;
    }
    return NULL;
}

static enum mv_exit make(struct making *m, enum mv_key_type type)
{
    const struct mv_key_session *session = &m->session;
    struct mv_error error = {MV_OK, ""};
    struct mv_key_entry entry;
    unsigned bits = session->options.bits == 0 ? m->settings->rsa_bits : session->options.bits;

    if (mv_keeper_create(&session->keeper, session->arena, m->domain, type, bits, &entry, &error) != MV_OK)
        return mv_key_session_fail(session, &error);
    m->made++;
    printf("%.*s %.*s: created (%s, %u bits)\n", (int)m->domain.len, m->domain.data, (int)entry.selector.len,
           entry.selector.data, mv_key_type_text(type), entry.bits);
    return MV_EXIT_OK;
}

static enum mv_exit make_all(struct making *m, enum when when)
{
    struct mv_key_entries entries = {NULL, 0};
    struct mv_error error = {MV_OK, ""};
    enum mv_exit result = MV_EXIT_OK;

    if (mv_key_store_list(m->session.store, m->session.arena, m->domain, &entries, &error) != MV_OK)
        return mv_key_session_fail(&m->session, &error);
    for (int type = MV_KEY_RSA; result == MV_EXIT_OK && type <= MV_KEY_ED25519; type++) {
        const struct mv_key_entry *next = when == ALWAYS ? NULL : pending(m, &entries, (enum mv_key_type)type);

        if (!is_wanted(m, (enum mv_key_type)type))
            continue;
        if (next == NULL)
            result = make(m, (enum mv_key_type)type);
        else
            printf("%.*s %.*s: is on its way already (%s)\n", (int)m->domain.len, m->domain.data,
                   (int)next->selector.len, next->selector.data, mv_key_state_text(next->state));
    }
    return result;
}

static void advise(const struct making *m)
{
    if (m->made == 0)
        return;
    if (m->settings->publish == MV_PUBLISH_MANUAL)
        printf("Next: \"mailvouch key auto %.*s\" looks at the name in DNS; then put in what \"mailvouch key publish "
               "%.*s\" prints.\n",
               (int)m->domain.len, m->domain.data, (int)m->domain.len, m->domain.data);
    else
        printf("Next: \"mailvouch key auto %.*s\", or its timer, publishes it.\n", (int)m->domain.len, m->domain.data);
}

static enum mv_exit run(int argc, char **argv, enum when when)
{
    const struct mv_key_usage usage = {MV_KEY_OPT_TYPE, "DOMAIN",
                                       when == ALWAYS ? "Makes keys for a domain."
                                                      : "Makes the successors of keys, unless they are on their way.",
                                       1, 1};
    struct mv_key_options options;
    struct mv_error error = {MV_OK, ""};
    struct making m = {.made = 0};
    bool configured;
    enum mv_exit result = mv_key_options_read(&usage, argc, argv, &options);

    if (result != MV_EXIT_OK)
        return result;
    result = mv_key_session_begin(argv[0], &options, &m.session);
    if (result == MV_EXIT_OK)
        result = mv_key_session_domain(&m.session, 0, &m.domain);
    if (result == MV_EXIT_OK) {
        m.settings = mv_keeper_settings(m.session.settings, m.domain, &configured);
        if (!configured)
            fprintf(stderr,
                    "mailvouch key %s: note: %.*s is not in [sign] domains, so that nothing is signed with it\n",
                    argv[0], (int)m.domain.len, m.domain.data);
        if (mv_key_store_lock(m.session.store, m.domain, MV_KEEPER_LOCK_WAIT_MSECS, &error) != MV_OK)
            result = mv_key_session_fail(&m.session, &error);
    }
    if (result == MV_EXIT_OK)
        result = make_all(&m, when);
    if (result == MV_EXIT_OK)
        advise(&m);
    mv_key_session_end(&m.session);
    return result;
}

enum mv_exit mv_key_new(int argc, char **argv)
{
    return run(argc, argv, ALWAYS);
}

enum mv_exit mv_key_roll(int argc, char **argv)
{
    return run(argc, argv, UNLESS_PENDING);
}
