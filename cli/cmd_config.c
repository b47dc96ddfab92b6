/*
 * mailvouch config check, mailvouch config show.
 */
#include <stdio.h>
#include <string.h>

#include "cli/check.h"

static void show(const struct mv_config *config)
{
    struct mv_config_item item;
    const char *section = "";

    for (size_t i = 0; mv_config_at(config, i, &item); i++) {
        if (strcmp(section, item.section) != 0)
            printf("%s[%s]\n", *section == '\0' ? "" : "\n", item.section);
        section = item.section;
        printf("%s = %s\n    from: %s\n    %s\n", item.key, item.value, item.source, item.meaning);
    }
}

static bool is_action(const char *word)
{
    return strcmp(word, "check") == 0 || strcmp(word, "show") == 0;
}

enum mv_exit mv_cmd_config(int argc, char **argv)
{
    struct mv_options options;
    struct mv_config *config;
    struct mv_error error = {0};
    enum mv_exit result;

    if (argc < 2 || !is_action(argv[1])) {
        fputs("mailvouch config: give 'check' or 'show'\n", stderr);
        return MV_EXIT_USAGE;
    }
    result = mv_options_read(argc - 1, argv + 1, 0, &options);
    if (result != MV_EXIT_OK)
        return result;
    if (mv_config_read(options.config, &config, &error) != MV_OK) {
        fprintf(stderr, "mailvouch config %s: %s\n", argv[1], error.text);
        return mv_exit_of_code(error.code);
    }
    if (strcmp(argv[1], "show") == 0)
        show(config);
    else
        printf("%s: no faults found\n", options.config == NULL ? MV_CONFIG_DEFAULT_PATH : options.config);
    mv_config_free(&config);
    return MV_EXIT_OK;
}
