/*
 * mailvouch key publish: the records that are to be in DNS, printed, or brought there.
 */
#include <stdio.h>

#include "cli/key/session.h"
#include "core/ops/publish.h"

#define MAX_RECORD_BYTES 8192

static enum mv_exit print_record(const struct mv_key_session *session, struct mv_bytes domain,
                                 const struct mv_key_record *record)
{
    struct mv_buf text;
    bool whole;

    mv_buf_init(&text, MAX_RECORD_BYTES);
    mv_key_record_print(record, domain, session->options.style, &text);
    whole = mv_buf_cstr(&text) != NULL && fputs(mv_buf_cstr(&text), stdout) != EOF;
    mv_buf_free(&text);
    return whole ? MV_EXIT_OK : mv_key_session_no_memory(session);
}

static enum mv_exit bring(const struct mv_key_session *session, const struct mv_publication *publication)
{
    struct mv_error error = {MV_OK, ""};
    enum mv_publish_end end;

    if (mv_publish(session->arena, publication, MV_PUBLISH_ADD, &end, &error) != MV_OK)
        return mv_key_session_fail(session, &error);
    if (end == MV_PUBLISH_FAILED) {
        fprintf(stderr, "mailvouch key publish: %s\n", error.text);
        return MV_EXIT_FINDING;
    }
    if (end == MV_PUBLISH_BY_HAND) {
        fputs("mailvouch key publish: --do: the settings of the domain say publish = manual\n", stderr);
        return MV_EXIT_CONFIG;
    }
    printf("%.*s: %s\n", (int)publication->record.name.len, publication->record.name.data,
           end == MV_PUBLISH_THERE ? "is there already" : "sent to DNS");
    return MV_EXIT_OK;
}

static enum mv_exit publish_one(const struct mv_key_session *session, struct mv_bytes domain,
                                const struct mv_key_entry *entry)
{
    bool configured;
    struct mv_publication publication = {
        .settings = mv_keeper_settings(session->settings, domain, &configured),
        .domain = domain,
        .selector = entry->selector,
    };
    struct mv_error error = {MV_OK, ""};
    struct mv_private_key *key;
    enum mv_code code = mv_key_store_load(session->store, entry, &key, &error);

    if (code != MV_OK)
        return mv_key_session_fail(session, &error);
    code = mv_key_record_make(session->arena, entry->selector, domain, key, publication.settings->record_ttl_secs,
                              &publication.record);
    mv_private_key_free(&key);
    if (code != MV_OK)
        return mv_key_session_no_memory(session);
    return session->options.act ? bring(session, &publication) : print_record(session, domain, &publication.record);
}

/* Those whose record belongs in DNS: of this host, when none is named. */
static bool is_meant(const struct mv_key_session *session, const struct mv_key_entry *entry,
                     const struct mv_key_entry *named)
{
    if (named != NULL)
        return entry == named;
    return !entry->interrupted && entry->state != MV_KEY_REVOKED &&
           mv_bytes_equal(entry->host, session->settings->sign_host);
}

static enum mv_exit publish_all(const struct mv_key_session *session)
{
    const struct mv_key_entry *named = NULL;
    struct mv_key_entries entries = {NULL, 0};
    struct mv_bytes domain;
    size_t count = 0;
    enum mv_exit result = mv_key_session_domain(session, 0, &domain);

    if (result == MV_EXIT_OK)
        result = mv_key_session_keys(session, domain, 1, &entries, &named);
    for (size_t i = 0; result == MV_EXIT_OK && i < entries.count; i++) {
        if (!is_meant(session, &entries.items[i], named))
            continue;
        result = publish_one(session, domain, &entries.items[i]);
        count++;
    }
    if (result == MV_EXIT_OK && count == 0) {
        fprintf(stderr, "mailvouch key publish: this host has no key of %.*s: make one with \"mailvouch key auto\"\n",
                (int)domain.len, domain.data);
        return MV_EXIT_FINDING;
    }
    return result;
}

enum mv_exit mv_key_publish(int argc, char **argv)
{
    static const struct mv_key_usage usage = {MV_KEY_OPT_STYLE, "DOMAIN [SELECTOR]",
                                              "Prints the records of keys, to be put into DNS.", 1, 2};
    struct mv_key_options options;
    struct mv_key_session session;
    enum mv_exit result = mv_key_options_read(&usage, argc, argv, &options);

    if (result != MV_EXIT_OK)
        return result;
    result = mv_key_session_begin(argv[0], &options, &session);
    if (result == MV_EXIT_OK)
        result = publish_all(&session);
    mv_key_session_end(&session);
    return result;
}
