#include "core/text/lexer.h"

#include <string.h>

#include "tests/unit/unit.h"

struct cfws_row {
    const char *name;
    struct mv_bytes text;
    const char *rest; /* NULL: refused */
};

static const struct cfws_row cfws_rows[] = {
    {"nothing", MV_BYTES("a"), "a"},
    {"empty", MV_BYTES(""), ""},
    {"white space", MV_BYTES(" \t a"), "a"},
    {"fold", MV_BYTES(" \r\n\ta"), "a"},
    {"RFC 5322 4.2: obsolete folds", MV_BYTES("\r\n \r\n \r\n a"), "a"},
    {"comment", MV_BYTES("(b)a"), "a"},
    {"comments and white space", MV_BYTES(" (b)\r\n (c)(d) a"), "a"},
    {"nested", MV_BYTES("(b(c(d))e)a"), "a"},
    {"fold in a comment", MV_BYTES("(b\r\n c)a"), "a"},
    {"quoted parentheses", MV_BYTES("(\\)\\(\\\\)a"), "a"},
    {"quotes mean nothing in a comment", MV_BYTES("(\")a"), "a"},
    {"UTF-8 in a comment", MV_BYTES("(\xc3\xbc)a"), "a"},
    {"quoted UTF-8 in a comment", MV_BYTES("(\\\xc3\xbc)a"), "a"},
    {"empty comment", MV_BYTES("()a"), "a"},
    {"20 deep", MV_BYTES("(((((((((((((((((((())))))))))))))))))))a"), "a"},
    {"CRLF at the end is no fold", MV_BYTES(" \r\n"), "\r\n"},
    {"CRLF before text is no fold", MV_BYTES(" \r\na"), "\r\na"},
    {"bare LF", MV_BYTES(" \n a"), "\n a"},
    {"bare CR", MV_BYTES(" \r a"), "\r a"},

    {"21 deep", MV_BYTES("((((((((((((((((((((()))))))))))))))))))))a"), NULL},
    {"not closed", MV_BYTES("(b"), NULL},
    {"inner one not closed", MV_BYTES("(b(c)"), NULL},
    {"close is quoted", MV_BYTES("(b\\)"), NULL},
    {"backslash last", MV_BYTES("(b\\"), NULL},
    {"NUL", MV_BYTES("(\0)a"), NULL},
    {"quoted NUL", MV_BYTES("(\\\0)a"), NULL},
    {"control", MV_BYTES("(\x01)a"), NULL},
    {"DEL", MV_BYTES("(\x7f)a"), NULL},
    {"bare CR inside", MV_BYTES("(b\rc)a"), NULL},
    {"bare LF inside", MV_BYTES("(b\nc)a"), NULL},
    {"CRLF that is no fold", MV_BYTES("(b\r\nc)a"), NULL},
    {"quoted CRLF", MV_BYTES("(b\\\r\n c)a"), NULL},
};

START_TEST(skips_white_space_and_comments)
{
    for (size_t i = 0; i < sizeof cfws_rows / sizeof cfws_rows[0]; i++) {
        const struct cfws_row *row = &cfws_rows[i];
        struct mv_cursor c = mv_cursor_of(row->text);
        bool ok = mv_lex_skip_cfws(&c);

        ck_assert_msg(ok == (row->rest != NULL), "%s: %s", row->name, ok ? "accepted" : "refused");
        ck_assert_msg(!ok || mv_bytes_equal(mv_cursor_rest(&c), mv_bytes_str(row->rest)), "%s: rest", row->name);
    }
}
END_TEST

struct run_row {
    struct mv_bytes text;
    const char *atom;
    const char *dot_atom;
    const char *token;
};

static const struct run_row run_rows[] = {
    {MV_BYTES("abc def"), "abc", "abc", "abc"},
    {MV_BYTES("a.b.c@d"), "a", "a.b.c", "a.b.c"},
    {MV_BYTES("a..b"), "a", "a", "a..b"},
    {MV_BYTES("a."), "a", "a", "a."},
    {MV_BYTES(".a"), "", "", ".a"},
    {MV_BYTES("a/b=c"), "a/b=c", "a/b=c", "a"},
    {MV_BYTES("b\xc3\xbc.c"), "b\xc3\xbc", "b\xc3\xbc.c", "b"},
    {MV_BYTES("a\0b"), "a", "a", "a"},
    {MV_BYTES("a(b)"), "a", "a", "a"},
    {MV_BYTES(" a"), "", "", ""},
    {MV_BYTES("\"a\""), "", "", ""},
    {MV_BYTES("@"), "", "", ""},
    {MV_BYTES("<a>"), "", "", ""},
    {MV_BYTES(""), "", "", ""},
};

START_TEST(takes_runs)
{
    for (size_t i = 0; i < sizeof run_rows / sizeof run_rows[0]; i++) {
        const struct run_row *row = &run_rows[i];
        struct mv_cursor a = mv_cursor_of(row->text), d = a, t = a;

        ck_assert_msg(mv_bytes_equal(mv_lex_atom(&a), mv_bytes_str(row->atom)), "row %zu: atom", i);
        ck_assert_msg(mv_bytes_equal(mv_lex_dot_atom(&d), mv_bytes_str(row->dot_atom)), "row %zu: dot-atom", i);
        ck_assert_msg(mv_cursor_left(&d) == row->text.len - strlen(row->dot_atom), "row %zu: rest", i);
        ck_assert_msg(mv_bytes_equal(mv_lex_token(&t), mv_bytes_str(row->token)), "row %zu: token", i);
    }
}
END_TEST

struct quoted_row {
    const char *name;
    struct mv_bytes text;
    const char *meaning; /* NULL: refused */
    const char *rest;
};

/* RFC 5322 3.2.4 */
static const struct quoted_row quoted_rows[] = {
    {"plain", MV_BYTES("\"a b\"c"), "a b", "c"},
    {"empty", MV_BYTES("\"\""), "", ""},
    {"quoted pairs", MV_BYTES("\"\\\"\\\\\\a\\ \""), "\"\\a ", ""},
    {"specials", MV_BYTES("\"<a@b>,(;\""), "<a@b>,(;", ""},
    {"fold", MV_BYTES("\"a\r\n b\""), "a b", ""},
    {"quoted tab", MV_BYTES("\"\\\tb\""), "\tb", ""},
    {"UTF-8", MV_BYTES("\"\xc3\xbc\""), "\xc3\xbc", ""},

    {"nothing", MV_BYTES(""), NULL, ""},
    {"no quote", MV_BYTES("a\""), NULL, "a\""},
    {"white space first", MV_BYTES(" \"a\""), NULL, " \"a\""},
    {"not closed", MV_BYTES("\"a"), NULL, "\"a"},
    {"quote is quoted", MV_BYTES("\"a\\\""), NULL, "\"a\\\""},
    {"backslash last", MV_BYTES("\"a\\"), NULL, "\"a\\"},
    {"control", MV_BYTES("\"a\x08\""), NULL, "\"a\x08\""},
    {"quoted control", MV_BYTES("\"a\\\x08\""), NULL, "\"a\\\x08\""},
    {"bare CR", MV_BYTES("\"a\r b\""), NULL, "\"a\r b\""},
    {"bare LF", MV_BYTES("\"a\n b\""), NULL, "\"a\n b\""},
    {"CRLF that is no fold", MV_BYTES("\"a\r\nb\""), NULL, "\"a\r\nb\""},
    {"quoted CR", MV_BYTES("\"a\\\r\n b\""), NULL, "\"a\\\r\n b\""},
};

START_TEST(unquotes)
{
    for (size_t i = 0; i < sizeof quoted_rows / sizeof quoted_rows[0]; i++) {
        const struct quoted_row *row = &quoted_rows[i];
        struct mv_arena *arena = mv_arena_new(100000);
        struct mv_cursor c = mv_cursor_of(row->text);
        struct mv_bytes meaning = {NULL, 0};
        enum mv_code code = mv_lex_quoted_string(&c, arena, &meaning);

        ck_assert_msg(code == (row->meaning == NULL ? MV_ERR_SYNTAX : MV_OK), "%s: %s", row->name, mv_code_text(code));
        ck_assert_msg(mv_bytes_equal(meaning, mv_bytes_str(row->meaning)), "%s: meaning", row->name);
        ck_assert_msg(mv_bytes_equal(mv_cursor_rest(&c), mv_bytes_str(row->rest)), "%s: rest", row->name);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(refuses_nul_and_reports_missing_memory)
{
    struct mv_arena *arena = mv_arena_new(0);
    struct mv_cursor c = mv_cursor_of(MV_BYTES("\"a\0b\""));
    struct mv_cursor good = mv_cursor_of(MV_BYTES("\"a\""));
    struct mv_bytes meaning;

    ck_assert(!mv_lex_skip_quoted_string(&c));
    ck_assert_uint_eq(mv_cursor_left(&c), 5);
    ck_assert_int_eq(mv_lex_quoted_string(&good, arena, &meaning), MV_ERR_MEMORY);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {skips_white_space_and_comments, takes_runs, unquotes,
                                  refuses_nul_and_reports_missing_memory};

    return unit_run("lexer", tests, sizeof tests / sizeof tests[0]);
}
