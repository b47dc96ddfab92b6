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

enum mv_exit mv_cmd_config(int argc, char **argv)
{
    struct mv_options options;
    struct mv_config *config;
    struct mv_error error = {0};
    bool is_show = argc > 1 && strcmp(argv[1], "show") == 0;
    enum mv_exit result;

    if (!is_show && (argc < 2 || strcmp(argv[1], "check") != 0)) {
        fputs("mailvouch config: give 'check' or 'show'\n", stderr);
        return MV_EXIT_USAGE;
    }
    result = mv_options_read(is_show ? "config show" : "config check", argc - 1, argv + 1, 0, &options);
    if (result != MV_EXIT_OK)
        return result;
    if (mv_config_read(options.config, &config, &error) != MV_OK) {
        fprintf(stderr, "mailvouch config %s: %s\n", argv[1], error.text);
        return mv_exit_of_code(error.code);
    }
    if (is_show)
        show(config);
    else
        printf("%s: no faults found\n", options.config == NULL ? MV_CONFIG_DEFAULT_PATH : options.config);
    mv_config_free(&config);
    return MV_EXIT_OK;
}
