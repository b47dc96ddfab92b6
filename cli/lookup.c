#include "cli/lookup.h"

#include <stdio.h>
#include <string.h>

#include "cli/input.h"
#include "cli/output.h"
#include "core/dns/capture.h"

enum mv_exit mv_lookup_fail(const struct mv_lookup *lookup, const struct mv_error *error)
{
    fprintf(stderr, "mailvouch %s: %s\n", lookup->command, error->text);
    return mv_exit_of_code(error->code);
}

enum mv_exit mv_lookup_fail_code(const struct mv_lookup *lookup, enum mv_code code)
{
    fprintf(stderr, "mailvouch %s: %s\n", lookup->command, mv_code_text(code));
    return mv_exit_of_code(code);
}

static enum mv_exit open_capture(struct mv_lookup *lookup, const char *path)
{
    struct mv_error error = {MV_OK, ""};
    struct mv_buf json;
    enum mv_exit result;

    mv_buf_init(&json, MV_CAPTURE_MAX_BYTES);
    result = mv_input_read_file(lookup->command, path, &json);
    if (result == MV_EXIT_OK && mv_resolver_capture_new(mv_buf_bytes(&json), &lookup->resolver, &error) != MV_OK) {
        fprintf(stderr, "mailvouch %s: %s: %s\n", lookup->command, path, error.text);
        result = MV_EXIT_INPUT;
    }
    mv_buf_free(&json);
    return result;
}

enum mv_exit mv_lookup_begin(const char *command, const char *config, const char *dns, struct mv_lookup *lookup_r)
{
    struct mv_error error = {MV_OK, ""};

    *lookup_r = (struct mv_lookup){.command = command};
    lookup_r->arena = mv_arena_new(MV_LOOKUP_MAX_MEMORY_BYTES);
    if (lookup_r->arena == NULL || mv_lookup_fresh(lookup_r) != MV_OK)
        return mv_lookup_fail_code(lookup_r, MV_ERR_MEMORY);
    if (mv_config_read(config, &lookup_r->config, &error) != MV_OK)
        return mv_lookup_fail(lookup_r, &error);
    lookup_r->settings = mv_config_settings(lookup_r->config);
    if (dns != NULL)
        return open_capture(lookup_r, dns);
    if (mv_resolver_cares_new(lookup_r->settings->resolver, lookup_r->settings->dns_try_msecs, &lookup_r->resolver,
                              &error) != MV_OK)
        return mv_lookup_fail(lookup_r, &error);
    return MV_EXIT_OK;
}

enum mv_code mv_lookup_fresh(struct mv_lookup *lookup)
{
    struct mv_memo *memo = mv_memo_new(lookup->arena);

    if (memo == NULL)
        return MV_ERR_MEMORY;
    if (lookup->memo != NULL)
        mv_resolver_forget(lookup->resolver, lookup->memo);
    lookup->memo = memo;
    return MV_OK;
}

enum mv_code mv_lookup_renew(struct mv_lookup *lookup)
{
    mv_resolver_forget(lookup->resolver, lookup->memo);
    lookup->memo = NULL;
    mv_arena_free(&lookup->arena);
    lookup->arena = mv_arena_new(MV_LOOKUP_MAX_MEMORY_BYTES);
    return lookup->arena == NULL ? MV_ERR_MEMORY : mv_lookup_fresh(lookup);
}

enum mv_code mv_lookup_run(struct mv_lookup *lookup, mv_lookup_stage stage, void *context)
{
    for (unsigned round = 0; round < MV_LOOKUP_MAX_ROUNDS; round++) {
        int64_t deadline = mv_resolver_now_msecs() + lookup->settings->dns_deadline_msecs;
        enum mv_code code = stage(lookup->memo, context);

        if (code != MV_NEED_DNS)
            return code;
        code = mv_resolver_wait(lookup->resolver, lookup->memo, deadline);
        if (code != MV_OK)
            return code;
    }
    return MV_ERR_LIMIT;
}

enum mv_exit mv_lookup_save(const struct mv_lookup *lookup, const char *path)
{
    struct mv_buf json;
    enum mv_exit result;

    mv_buf_init(&json, MV_OUTPUT_MAX_CAPTURE_BYTES);
    result = mv_output_capture(lookup->command, path, mv_capture_write(lookup->memo, &json), &json);
    mv_buf_free(&json);
    return result;
}

void mv_lookup_end(struct mv_lookup *lookup)
{
    if (lookup->resolver != NULL && lookup->memo != NULL)
        mv_resolver_forget(lookup->resolver, lookup->memo);
    mv_resolver_free(&lookup->resolver);
    mv_config_free(&lookup->config);
    mv_arena_free(&lookup->arena);
}
