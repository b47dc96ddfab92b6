#include "exim-dlfunc/wire.h"

#include <string.h>

#include "tests/unit/unit.h"

/* A server that is nothing but a list of fields: '*' before a field means held back. */
static const char *const *fields;

bool mv_host_next_field(struct mv_host_field *field)
{
    const char *const *at = field->handle == NULL ? fields : (const char *const *)field->handle + 1;

    if (*at == NULL)
        return false;
    field->handle = (void *)at;
    field->removed = (*at)[0] == '*';
    field->text = mv_bytes_str(*at + (field->removed ? 1 : 0));
    return true;
}

static const struct {
    const char *name;
    const char *fields[8];
    const char *sent;
} field_rows[] = {
    {"own Received goes", {"Received: by us\n", "From: a\n"}, "From: a\n"},
    {"only the first Received goes", {"Received: by us\n", "Received: by them\n", "From: a\n"},
     "Received: by them\nFrom: a\n"},
    {"own Received is held back", {"*Received: ; date\n", "Received: by them\n"}, "Received: by them\n"},
    {"a field above our Received", {"X-Rcpt: 1\n", "Received: by us\n", "From: a\n"}, "X-Rcpt: 1\nFrom: a\n"},
    {"white space before the colon", {"Received : by us\n", "From: a\n"}, "From: a\n"},
    {"case of the name", {"RECEIVED: by us\n", "From: a\n"}, "From: a\n"},
    {"no Received", {"From: a\n", "To: b\n"}, "From: a\nTo: b\n"},
    {"another name that begins like it", {"Received-SPF: pass\n", "Received: by us\n"}, "Received-SPF: pass\n"},
    {"what the server holds back was sent", {"Received: x\n", "*Return-Path: <a>\n", "From: a\n"},
     "Return-Path: <a>\nFrom: a\n"},
    {"a rewritten field counts as it was", {"Received: x\n", "*From: a\n", "From: a@b\n", "To: c\n"},
     "From: a\nTo: c\n"},
    {"the rewritten field is the last", {"*To: a\n", "To: a@b\n"}, "To: a\n"},
    {"two rewritten fields", {"*From: a\n", "From: a@b\n", "*To: c\n", "To: c@b\n"}, "From: a\nTo: c\n"},
    {"two of a name, one rewritten", {"*From: a\n", "From: a@b\n", "From: m\n"}, "From: a\nFrom: m\n"},
    {"held back, but another name follows", {"*From: a\n", "To: b\n"}, "From: a\nTo: b\n"},
    {"both held back", {"*From: a\n", "*From: b\n"}, "From: a\nFrom: b\n"},
    {"a field that is never rewritten", {"*Subject: a\n", "Subject: b\n"}, "Subject: a\nSubject: b\n"},
    {"empty list", {NULL}, ""},
    {"nothing but our Received", {"Received: x\n"}, ""},
    {"an empty field", {"\n", "Received: x\n", "From: a\n"}, "\nFrom: a\n"},
};

static void check_fields(size_t i)
{
    struct mv_wire_fields walk = {.ended = false};
    struct mv_buf out = {.max_bytes = 1000};
    struct mv_bytes text;

    fields = field_rows[i].fields;
    while (mv_wire_next_field(&walk, &text))
        mv_buf_put(&out, text);
    ck_assert_msg(strcmp(mv_buf_cstr(&out), field_rows[i].sent) == 0, "%s: %s", field_rows[i].name, mv_buf_cstr(&out));
    ck_assert_msg(!mv_wire_next_field(&walk, &text), "%s: goes on after its end", field_rows[i].name);
    mv_buf_free(&out);
}

START_TEST(test_fields)
{
    for (size_t i = 0; i < sizeof field_rows / sizeof field_rows[0]; i++)
        check_fields(i);
}
END_TEST

static const struct {
    const char *name;
    const char *stored;
    const char *sent;
} line_rows[] = {
    {"lines", "a\nb\n", "a\r\nb\r\n"},
    {"empty lines", "\n\n\n", "\r\n\r\n\r\n"},
    {"no last line end", "a\nb", "a\r\nb"},
    {"CRLF stays", "a\r\nb\n", "a\r\nb\r\n"},
    {"bare CR stays", "a\rb\n", "a\rb\r\n"},
    {"CR at the end", "a\r", "a\r"},
    {"CR CR LF", "a\r\r\n", "a\r\r\n"},
    {"CR, empty line", "a\r\n\n", "a\r\n\r\n"},
    {"nothing", "", ""},
};

static void put_in_pieces(const char *stored, size_t piece, struct mv_buf *out)
{
    struct mv_wire_lines lines = {.after_cr = false};
    struct mv_cursor cursor = mv_cursor_of(mv_bytes_str(stored));

    while (mv_cursor_left(&cursor) > 0)
        mv_wire_put_lines(&lines, mv_cursor_take(&cursor, piece), out);
}

static void check_lines(size_t i, size_t piece)
{
    struct mv_buf out = {.max_bytes = 1000};

    put_in_pieces(line_rows[i].stored, piece, &out);
    ck_assert_msg(strcmp(mv_buf_cstr(&out), line_rows[i].sent) == 0, "%s in pieces of %zu", line_rows[i].name, piece);
    mv_buf_free(&out);
}

START_TEST(test_lines)
{
    for (size_t i = 0; i < sizeof line_rows / sizeof line_rows[0]; i++)
        for (size_t piece = 1; piece < 8; piece++)
            check_lines(i, piece);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_fields, test_lines};

    return unit_run("exim_wire", tests, sizeof tests / sizeof tests[0]);
}
