/* Any configuration file: read or refused with a sentence; what was read can be written and read again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/settings.h"

#define MAX_TEXT_BYTES (4 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition, const char *what, const char *detail)
{
    if (condition)
        return;
    fprintf(stderr, "%s: %s\n", what, detail);
    abort();
}

static int is_list(const struct mv_config_item *item)
{
    struct mv_bytes section = mv_bytes_str(item->section);
    size_t index;
    const struct mv_setting *setting =
        mv_setting_find(mv_bytes_slice(section, 0, mv_bytes_find(section, ' ')), mv_bytes_str(item->key), &index);

    must(setting != NULL, "shown, but no setting", item->key);
    return mv_setting_is_list(setting);
}

/* One line for each item of a list: libinih's lines are short. */
static void write_value(const char *value, struct mv_buf *out)
{
    mv_buf_puts(out, *value == '\0' ? "" : "\n ");
    for (; *value != '\0'; value++) {
        mv_buf_putc(out, (unsigned char)*value);
        if (*value == ',')
            mv_buf_puts(out, "\n ");
    }
    mv_buf_puts(out, "\n");
}

static void check_again(const struct mv_config *config)
{
    struct mv_config *again;
    struct mv_config_item item, second;
    struct mv_error error = {0};
    struct mv_buf text;

    mv_buf_init(&text, MAX_TEXT_BYTES);
    for (size_t i = 0; mv_config_at(config, i, &item); i++) {
        if (strlen(item.value) > 150 && !is_list(&item)) { /* a name that no line holds */
            mv_buf_free(&text);
            return;
        }
        mv_buf_printf(&text, "[%s]\n%s =", item.section, item.key);
        if (is_list(&item))
            write_value(item.value, &text);
        else
            mv_buf_printf(&text, " %s\n", item.value);
    }
    if (!mv_buf_failed(&text)) {
        enum mv_code code = mv_config_read_text(mv_buf_bytes(&text), "again", &again, &error);

        if (strstr(error.text, "the line has") == NULL) {
            must(code == MV_OK, "what was shown is refused", error.text);
            for (size_t i = 0; mv_config_at(config, i, &item); i++) {
                mv_config_at(again, i, &second);
                must(strcmp(item.value, second.value) == 0, "what was shown reads differently", item.key);
            }
        }
        mv_config_free(&again);
    }
    mv_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mv_config *config;
    struct mv_error error = {0};

    if (mv_config_read_text(mv_bytes_of(data, size), "f", &config, &error) == MV_OK)
        check_again(config);
    else
        must(config == NULL && error.text[0] != '\0', "a refusal without a sentence", "");
    mv_config_free(&config);
    return 0;
}
