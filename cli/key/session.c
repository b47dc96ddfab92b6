#include "cli/key/session.h"

#include <stdio.h>

#include "core/text/domain.h"

#define MAX_MEMORY_BYTES (1024 * 1024 * 1024) /* of one command: all domains, and what DNS said of them */

enum mv_exit mv_key_session_fail(const struct mv_key_session *session, const struct mv_error *error)
{
    fprintf(stderr, "mailvouch key %s: %s\n", session->command, error->text);
    if (error->code == MV_ERR_IO)
        return MV_EXIT_PERMISSION;
    if (error->code == MV_ERR_USAGE)
        return MV_EXIT_USAGE;
    return error->code == MV_ERR_LIMIT ? MV_EXIT_TRY_AGAIN : mv_exit_of_code(error->code);
}

enum mv_exit mv_key_session_no_memory(const struct mv_key_session *session)
{
    fprintf(stderr, "mailvouch key %s: out of memory\n", session->command);
    return MV_EXIT_INTERNAL;
}

static enum mv_code open_all(struct mv_key_session *session, struct mv_error *error)
{
    const char *directory;
    enum mv_code code = mv_config_read(session->options.config, &session->config, error);

    if (code != MV_OK)
        return code;
    session->settings = mv_config_settings(session->config);
    directory = mv_arena_str(session->arena, session->settings->keys_directory);
    if (directory == NULL || mv_key_store_open(directory, &session->store) != MV_OK)
        return mv_error_set(error, MV_ERR_MEMORY, "out of memory");
    return mv_resolver_cares_new(session->settings->resolver, session->settings->dns_try_msecs, &session->resolver,
                                 error);
}

enum mv_exit mv_key_session_begin(const char *command, const struct mv_key_options *options,
                                  struct mv_key_session *session_r)
{
    struct mv_error error = {MV_OK, ""};
    enum mv_code code;

    *session_r = (struct mv_key_session){.command = command, .options = *options};
    session_r->arena = mv_arena_new(MAX_MEMORY_BYTES);
    if (session_r->arena == NULL)
        return mv_key_session_no_memory(session_r);
    code = open_all(session_r, &error);
    session_r->keeper = (struct mv_keeper){
        .settings = session_r->settings,
        .store = session_r->store,
        .resolver = session_r->resolver,
        .port = MV_DNS_PORT,
        .now_secs = options->now_secs,
        .now_msecs = mv_resolver_now_msecs(),
        .withdraws = true,
    };
    return code == MV_OK ? MV_EXIT_OK : mv_key_session_fail(session_r, &error);
}

void mv_key_session_end(struct mv_key_session *session)
{
    mv_resolver_free(&session->resolver);
    mv_key_store_close(&session->store);
    mv_config_free(&session->config);
    mv_arena_free(&session->arena);
}

static enum mv_exit refuse_operand(const struct mv_key_session *session, size_t operand, const char *what)
{
    struct mv_buf shown;

    mv_buf_init(&shown, 1024);
    mv_buf_put_escaped(&shown, mv_bytes_slice(mv_bytes_str(session->options.operands[operand]), 0, 200));
    fprintf(stderr, "mailvouch key %s: '%s' %s\n", session->command,
            mv_buf_cstr(&shown) == NULL ? "" : mv_buf_cstr(&shown), what);
    mv_buf_free(&shown);
    return MV_EXIT_USAGE;
}

enum mv_exit mv_key_session_domain(const struct mv_key_session *session, size_t operand, struct mv_bytes *domain_r)
{
    enum mv_code code = mv_domain_parse(session->arena, mv_bytes_str(session->options.operands[operand]), domain_r);

    if (code == MV_ERR_SYNTAX)
        return refuse_operand(session, operand, "is not the name of a domain");
    return code == MV_OK ? MV_EXIT_OK : mv_key_session_no_memory(session);
}

enum mv_exit mv_key_session_keys(const struct mv_key_session *session, struct mv_bytes domain, size_t operand,
                                 struct mv_key_entries *entries_r, const struct mv_key_entry **named_r)
{
    struct mv_error error = {MV_OK, ""};

    *named_r = NULL;
    if (mv_key_store_list(session->store, session->arena, domain, entries_r, &error) != MV_OK)
        return mv_key_session_fail(session, &error);
    if (operand >= session->options.operand_count)
        return MV_EXIT_OK;
    for (size_t i = 0; i < entries_r->count; i++)
        if (mv_bytes_equal(entries_r->items[i].selector, mv_bytes_str(session->options.operands[operand])))
            *named_r = &entries_r->items[i];
    if (*named_r != NULL)
        return MV_EXIT_OK;
    return refuse_operand(session, operand, "is no selector of this domain: see 'mailvouch key list'");
}

enum mv_exit mv_key_session_domains(const struct mv_key_session *session, const struct mv_bytes **domains_r,
                                    size_t *count_r)
{
    size_t count = session->options.operand_count;
    struct mv_error error = {MV_OK, ""};
    struct mv_bytes *given;

    if (count == 0) {
        if (mv_keeper_domains(&session->keeper, session->arena, domains_r, count_r, &error) != MV_OK)
            return mv_key_session_fail(session, &error);
        return MV_EXIT_OK;
    }
    given = mv_arena_array(session->arena, count, sizeof *given);
    if (given == NULL)
        return mv_key_session_no_memory(session);
    for (size_t i = 0; i < count; i++) {
        enum mv_exit result = mv_key_session_domain(session, i, &given[i]);

        if (result != MV_EXIT_OK)
            return result;
    }
    *domains_r = given;
    *count_r = count;
    return MV_EXIT_OK;
}
