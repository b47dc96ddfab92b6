#include "core/config/config.h"
#include "core/config/value.h"

#define WRAP_COLUMN 98
#define MAX_PARAGRAPH_BYTES 4096

static struct mv_bytes next_word(struct mv_cursor *c)
{
    struct mv_bytes word;

    mv_cursor_accept(c, ' ');
    word = mv_cursor_take_until(c, ' ');
    return word;
}

/* As comment lines. */
static void print_wrapped(struct mv_bytes text, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(text);
    size_t column = 0;

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes word = next_word(&c);

        if (column > 0 && column + 1 + word.len > WRAP_COLUMN) {
            mv_buf_puts(out, "\n");
            column = 0;
        }
        mv_buf_puts(out, column == 0 ? "# " : " ");
        column += column == 0 ? 2 : 1;
        mv_buf_put(out, word);
        column += word.len;
    }
    mv_buf_puts(out, "\n");
}

static void print_setting(const struct mv_setting *setting, struct mv_buf *out)
{
    mv_buf_puts(out, "\n");
    print_wrapped(mv_bytes_str(setting->meaning), out);
    if (setting->scope == MV_SCOPE_DOMAIN)
        mv_buf_puts(out, "# May differ from domain to domain.\n");
    mv_buf_puts(out, "# Value: ");
    mv_value_print_range(setting, out);
    mv_buf_printf(out, ".\n#%s =%s%s\n", setting->key, setting->default_text[0] == '\0' ? "" : " ",
                  setting->default_text);
}

static void print_section(const char *section, struct mv_buf *out)
{
    const struct mv_setting *setting;

    mv_buf_printf(out, "\n[%s]\n", section);
    for (size_t i = 0; (setting = mv_setting_at(i)) != NULL; i++)
        if (mv_bytes_equal(mv_bytes_str(setting->section), mv_bytes_str(section)))
            print_setting(setting, out);
}

/* Without a line that could be taken for a setting: a section makes a domain. */
static void print_domain_section(struct mv_buf *out)
{
    const struct mv_setting *setting;
    struct mv_buf text;

    mv_buf_init(&text, MAX_PARAGRAPH_BYTES);
    mv_buf_puts(&text, "A domain that is to have settings of its own has a section of its own, which also makes it "
                       "one of [sign] domains. What may stand there:");
    for (size_t i = 0; (setting = mv_setting_at(i)) != NULL; i++)
        if (setting->scope == MV_SCOPE_DOMAIN)
            mv_buf_printf(&text, " %s,", setting->key);
    mv_buf_puts(&text, " each as in [sign].");
    mv_buf_printf(out, "\n# [%s example.org]\n#\n", MV_SETTING_DOMAIN_SECTION);
    if (mv_buf_failed(&text))
        mv_buf_fail(out);
    else
        print_wrapped(mv_buf_bytes(&text), out);
    mv_buf_free(&text);
}

void mv_config_print_example(struct mv_buf *out)
{
    const char *section;

    print_wrapped(mv_bytes_str("mailvouch.conf: every setting with its default. Take away the \"#\" before a key to "
                               "change its value; \"mailvouch config check\" tells whether all is right."),
                  out);
    mv_buf_puts(out, "#\n");
    print_wrapped(mv_bytes_str("Lists are separated by commas or white space and go on in further lines that begin "
                               "with a space. Times have a unit: 2500ms, 20s, 2min, 12h, 14d. Lines have no more "
                               "than 197 bytes. A comment behind a value begins with \" ;\". Files conf.d/*.conf "
                               "beside this one are read after it, in the order of their names; the last value of a "
                               "setting holds."),
                  out);
    for (size_t i = 0; (section = mv_setting_section_at(i)) != NULL; i++)
        print_section(section, out);
    print_domain_section(out);
}
