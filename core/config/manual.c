#include "core/config/config.h"
#include "core/config/value.h"

#define MAX_COLUMN 78

/* mandoc_char(7), for text lines and for arguments in quotes; NULL where there is none. */
static const char *escape_of(unsigned char c)
{
    if (c == '\\')
        return "\\e";
    return c == '"' ? "\\(dq" : NULL;
}

static void put_escaped(struct mv_bytes text, struct mv_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        const char *escape = escape_of(text.data[i]);

        if (escape == NULL)
            mv_buf_putc(out, text.data[i]);
        else
            mv_buf_puts(out, escape);
    }
}

static size_t escaped_columns(struct mv_bytes text)
{
    size_t columns = text.len;

    for (size_t i = 0; i < text.len; i++)
        if (escape_of(text.data[i]) != NULL)
            columns += mv_bytes_str(escape_of(text.data[i])).len - 1;
    return columns;
}

/* A line that begins with a control character would be a request. */
static void begin_line(struct mv_bytes word, struct mv_buf *out)
{
    if (word.len > 0 && (word.data[0] == '.' || word.data[0] == '\''))
        mv_buf_puts(out, "\\&");
}

static bool ends_sentence(struct mv_bytes word)
{
    return mv_bytes_has_suffix_nocase(word, MV_BYTES(".")) || mv_bytes_has_suffix_nocase(word, MV_BYTES(".)"));
}

/* mdoc(7) wants each sentence on a line of its own. */
static void put_text(struct mv_bytes text, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(text);
    size_t column = 0;

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes word = mv_cursor_take_until(&c, ' ');
        size_t columns = escaped_columns(word);

        mv_cursor_accept(&c, ' ');
        if (column > 0 && column + 1 + columns > MAX_COLUMN)
            column = 0;
        mv_buf_puts(out, column > 0 ? " " : "\n");
        if (column == 0)
            begin_line(word, out);
        put_escaped(word, out);
        column = ends_sentence(word) ? 0 : column + 1 + columns;
    }
}

static void print_setting(const struct mv_setting *setting, struct mv_buf *out)
{
    mv_buf_printf(out, ".It Ic %s", setting->key);
    put_text(mv_bytes_str(setting->meaning), out);
    if (setting->scope == MV_SCOPE_DOMAIN)
        mv_buf_puts(out, "\nMay differ from domain to domain.");
    mv_buf_puts(out, "\n.Pp\nValue: ");
    mv_value_print_range(setting, out);
    mv_buf_puts(out, ".\n");
    if (setting->default_text[0] == '\0') {
        mv_buf_puts(out, "Default: empty.\n");
        return;
    }
    mv_buf_puts(out, "Default:\n.Ql \"");
    put_escaped(mv_bytes_str(setting->default_text), out);
    mv_buf_puts(out, "\" .\n");
}

static void print_section(const char *section, struct mv_buf *out)
{
    const struct mv_setting *setting;

    mv_buf_printf(out, ".Ss \"[%s]\\&\"\n.Bl -tag -width Ds\n", section);
    for (size_t i = 0; (setting = mv_setting_at(i)) != NULL; i++)
        if (mv_bytes_equal(mv_bytes_str(setting->section), mv_bytes_str(section)))
            print_setting(setting, out);
    mv_buf_puts(out, ".El\n");
}

/* Settings of [sign] that one domain may have for itself. */
static void print_domain_section(struct mv_buf *out)
{
    const struct mv_setting *setting;

    mv_buf_printf(out,
                  ".Ss \"[%s example.org]\\&\"\n"
                  "A domain that is to have settings of its own has a section of its own,\n"
                  "which also makes it one of\n.Ic domains\nin\n.Ql [sign] .\nWhat may stand there, each as in\n"
                  ".Ql [sign] :\n.Bl -item -compact\n",
                  MV_SETTING_DOMAIN_SECTION);
    for (size_t i = 0; (setting = mv_setting_at(i)) != NULL; i++)
        if (setting->scope == MV_SCOPE_DOMAIN)
            mv_buf_printf(out, ".It\n.Ic %s\n", setting->key);
    mv_buf_puts(out, ".El\n");
}

void mv_config_print_manual(struct mv_buf *out)
{
    const char *section;

    for (size_t i = 0; (section = mv_setting_section_at(i)) != NULL; i++)
        print_section(section, out);
    print_domain_section(out);
}
