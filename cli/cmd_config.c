/*
 * mailvouch config check, mailvouch config show.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/check.h"
#include "core/config/file.h"
#include "core/config/senders_file.h"
#include "core/keys/handover_file.h"

#define MAX_CHECK_BYTES (2 * MV_SENDERS_MAX_FILE_BYTES)
#define MAX_COLUMN 78
#define VALUE_COLUMNS 44 /* "key = value"; where it comes from stands behind */

static void print_meaning(struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);
    size_t column = MAX_COLUMN;

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes word = mv_cursor_take_until(&c, ' ');

        mv_cursor_accept(&c, ' ');
        if (column + 1 + word.len > MAX_COLUMN) {
            fputs("\n   ", stdout);
            column = sizeof "   " - 1;
        }
        printf(" %.*s", MV_ARG(word));
        column += 1 + word.len;
    }
    putchar('\n');
}

static void show(const struct mv_config *config)
{
    struct mv_config_item item;
    const char *section = "";
    int columns;

    for (size_t i = 0; mv_config_at(config, i, &item); i++) {
        if (strcmp(section, item.section) != 0)
            printf("%s[%s]\n", *section == '\0' ? "" : "\n", item.section);
        section = item.section;
        columns = printf("%s =%s%s", item.key, *item.value == '\0' ? "" : " ", item.value);
        printf("%*s(%s)", columns < VALUE_COLUMNS ? VALUE_COLUMNS - columns : 1, "", item.source);
        if (strchr(section, ' ') == NULL)
            print_meaning(mv_bytes_str(item.meaning));
        else
            putchar('\n'); /* a domain's settings mean what they mean in [sign] */
    }
}

static void say_all_is_right(const char *path)
{
    if (path == NULL && access(MV_CONFIG_DEFAULT_PATH, F_OK) != 0)
        printf("%s does not exist, which is no fault: defaults apply\n", MV_CONFIG_DEFAULT_PATH);
    else
        printf("%s: no faults found\n", path == NULL ? MV_CONFIG_DEFAULT_PATH : path);
}

/* What mail is only deferred for when it is asked for. */
static enum mv_code check_users_file(const struct mv_config *config, struct mv_error *error)
{
    struct mv_bytes path = mv_config_settings(config)->users_file, text;
    struct mv_arena *arena;
    struct mv_error detail = {0};
    enum mv_code code = MV_ERR_MEMORY;
    size_t entries;

    if (path.len == 0)
        return MV_OK;
    arena = mv_arena_new(MAX_CHECK_BYTES);
    if (arena != NULL)
        code = mv_file_read(arena, (const char *)path.data, MV_FILE_MUST_EXIST, MV_SENDERS_MAX_FILE_BYTES, &text,
                            error);
    if (code == MV_OK && mv_senders_file_check(text, &entries, &detail) != MV_OK)
        code = mv_error_set(error, detail.code, "%s:%s", (const char *)path.data, detail.text);
    mv_arena_free(&arena);
    return code;
}

/* What mail goes on without. */
static enum mv_code check_handover_keys(const struct mv_config *config, struct mv_error *error)
{
    const char *path = (const char *)mv_config_settings(config)->handover_keys.data;
    struct mv_handover_keys keys;
    enum mv_code code = mv_handover_file_read(path, &keys, error);

    mv_handover_keys_wipe(&keys);
    return code;
}

static enum mv_exit read_config(const char *command, const char *summary, int argc, char **argv,
                                struct mv_options *options_r, struct mv_config **config_r)
{
    struct mv_error error = {0};
    enum mv_exit result = mv_options_read(command, summary, argc, argv, 0, options_r);

    if (result != MV_EXIT_OK)
        return result;
    if (mv_config_read(options_r->config, config_r, &error) == MV_OK)
        return MV_EXIT_OK;
    fprintf(stderr, "mailvouch %s: %s\n", command, error.text);
    return mv_exit_of_code(error.code);
}

static enum mv_exit config_show(int argc, char **argv)
{
    struct mv_options options;
    struct mv_config *config = NULL;
    enum mv_exit result =
        read_config("config show", "Lists every setting: its value, where it comes from, what it means.", argc, argv,
                    &options, &config);

    if (result == MV_EXIT_OK)
        show(config);
    mv_config_free(&config);
    return result;
}

static enum mv_exit config_check(int argc, char **argv)
{
    struct mv_options options;
    struct mv_config *config = NULL;
    struct mv_error error = {0};
    enum mv_exit result = read_config("config check", "Is the configuration free of faults, and what it names?", argc,
                                      argv, &options, &config);

    if (result != MV_EXIT_OK)
        return result;
    if (check_users_file(config, &error) == MV_OK && check_handover_keys(config, &error) == MV_OK)
        say_all_is_right(options.config);
    else
        fprintf(stderr, "mailvouch config check: %s\n", error.text);
    mv_config_free(&config);
    return mv_exit_of_code(error.code);
}

enum mv_exit mv_cmd_config(int argc, char **argv)
{
    static const struct mv_subcommand subcommands[] = {
        {"check", config_check, "is it free of faults?"},
        {"show", config_show, "every setting, and where it comes from"},
    };

    return mv_args_dispatch("config", subcommands, sizeof subcommands / sizeof *subcommands, argc, argv);
}
