#include "core/text/field.h"

#include "tests/unit/unit.h"

struct split_row {
    const char *name;
    struct mv_bytes raw;
    struct mv_bytes field_name; /* empty: no field */
    struct mv_bytes value;
};

static const struct split_row split_rows[] = {
    {"plain", MV_BYTES("Subject: hi\r\n"), MV_BYTES("Subject"), MV_BYTES(" hi")},
    {"without CRLF", MV_BYTES("Subject: hi"), MV_BYTES("Subject"), MV_BYTES(" hi")},
    {"only the last CRLF goes", MV_BYTES("A:\r\n b\r\n"), MV_BYTES("A"), MV_BYTES("\r\n b")},
    {"empty value", MV_BYTES("A:\r\n"), MV_BYTES("A"), MV_BYTES("")},
    {"empty value, no CRLF", MV_BYTES("A:"), MV_BYTES("A"), MV_BYTES("")},
    {"RFC 5322 4.5.8: white space before the colon", MV_BYTES("X-F \t: v\r\n"), MV_BYTES("X-F"), MV_BYTES(" v")},
    {"the first colon counts", MV_BYTES("A:b:c\r\n"), MV_BYTES("A"), MV_BYTES("b:c")},
    {"RFC 5322 3.6.8: any printable", MV_BYTES("!#~:v\r\n"), MV_BYTES("!#~"), MV_BYTES("v")},
    {"8 bit value", MV_BYTES("A: \xff\r\n"), MV_BYTES("A"), MV_BYTES(" \xff")},
    {"bare LF is no line end", MV_BYTES("A: b\n"), MV_BYTES("A"), MV_BYTES(" b\n")},

    {"empty", MV_BYTES(""), MV_BYTES(""), MV_BYTES("")},
    {"CRLF only", MV_BYTES("\r\n"), MV_BYTES(""), MV_BYTES("")},
    {"no colon", MV_BYTES("Subject\r\n"), MV_BYTES(""), MV_BYTES("Subject")},
    {"no name", MV_BYTES(": v\r\n"), MV_BYTES(""), MV_BYTES(": v")},
    {"blank name", MV_BYTES(" : v\r\n"), MV_BYTES(""), MV_BYTES(" : v")},
    {"space in the name", MV_BYTES("A b: v\r\n"), MV_BYTES(""), MV_BYTES("A b: v")},
    {"leading space", MV_BYTES(" A: v\r\n"), MV_BYTES(""), MV_BYTES(" A: v")},
    {"fold before the colon", MV_BYTES("A\r\n : v\r\n"), MV_BYTES(""), MV_BYTES("A\r\n : v")},
    {"mbox From line", MV_BYTES("From a@b.example Thu Jan  1 00:00:00 1970\r\n"), MV_BYTES(""),
     MV_BYTES("From a@b.example Thu Jan  1 00:00:00 1970")},
    {"NUL in the name", MV_BYTES("Fr\0om: v\r\n"), MV_BYTES(""), MV_BYTES("Fr\0om: v")},
    {"CR in the name", MV_BYTES("From\r: v\r\n"), MV_BYTES(""), MV_BYTES("From\r: v")},
    {"LF in the name", MV_BYTES("A\nFrom: v\r\n"), MV_BYTES(""), MV_BYTES("A\nFrom: v")},
    {"8 bit name", MV_BYTES("Fr\xc3\xb6m: v\r\n"), MV_BYTES(""), MV_BYTES("Fr\xc3\xb6m: v")},
};

START_TEST(splits)
{
    for (size_t i = 0; i < sizeof split_rows / sizeof split_rows[0]; i++) {
        const struct split_row *row = &split_rows[i];
        struct mv_field field = mv_field_split(row->raw);

        ck_assert_msg(mv_bytes_equal(field.raw, row->raw), "%s: raw", row->name);
        ck_assert_msg(mv_bytes_equal(field.name, row->field_name), "%s: name", row->name);
        ck_assert_msg(mv_bytes_equal(field.value, row->value), "%s: value", row->name);
    }
}
END_TEST

START_TEST(compares_whole_names)
{
    struct mv_field field = mv_field_split(MV_BYTES("List-Unsubscribe-Post: x\r\n"));
    struct mv_field none = mv_field_split(MV_BYTES("no field\r\n"));

    ck_assert(mv_field_is(&field, MV_BYTES("list-unsubscribe-POST")));
    ck_assert(!mv_field_is(&field, MV_BYTES("List-Unsubscribe")));
    ck_assert(!mv_field_is(&field, MV_BYTES("List-Unsubscribe-Post:")));
    ck_assert(!mv_field_is(&field, MV_BYTES("")));
    ck_assert(!mv_field_is(&none, MV_BYTES("")));
    ck_assert(!mv_field_is(&none, MV_BYTES("no field")));
}
END_TEST

struct unfold_row {
    const char *name;
    struct mv_bytes value;
    struct mv_bytes text;
};

static const struct unfold_row unfold_rows[] = {
    {"empty", MV_BYTES(""), MV_BYTES("")},
    {"blank", MV_BYTES(" \t\r\n "), MV_BYTES("")},
    {"trimmed", MV_BYTES(" \ta b\t "), MV_BYTES("a b")},
    {"one fold", MV_BYTES(" a\r\n b"), MV_BYTES("a b")},
    {"white space stays", MV_BYTES("a \r\n\t b"), MV_BYTES("a \t b")},
    {"RFC 5322 4.2: obsolete folds", MV_BYTES("a\r\n \r\n\tb"), MV_BYTES("a \tb")},
    {"fold first and last", MV_BYTES("\r\n a\r\n "), MV_BYTES("a")},
    {"CRLF that is no fold stays", MV_BYTES("a\r\nb"), MV_BYTES("a\r\nb")},
    {"bare CR stays", MV_BYTES("a\r b"), MV_BYTES("a\r b")},
    {"bare LF stays", MV_BYTES("a\n b"), MV_BYTES("a\n b")},
    {"two CR before LF", MV_BYTES("a\r\r\n b"), MV_BYTES("a\r b")},
};

START_TEST(unfolds)
{
    for (size_t i = 0; i < sizeof unfold_rows / sizeof unfold_rows[0]; i++) {
        const struct unfold_row *row = &unfold_rows[i];
        struct mv_buf out;

        mv_buf_init(&out, 1000);
        mv_field_unfold(row->value, &out);
        ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), row->text), "%s", row->name);
        mv_buf_free(&out);
    }
}
END_TEST

START_TEST(folds_at_column_78)
{
    static const char long_word[] =
        "a-piece-of-its-own-line-that-is-longer-than-seventy-eight-columns-and-yet-stays-whole;";
    static const char *const words[] = {"spf=pass",
                                        "smtp.mailfrom=example.com;",
                                        "dkim=pass",
                                        "header.d=example.com",
                                        "header.s=a;",
                                        long_word,
                                        "end"};
    struct mv_buf out;

    mv_buf_init(&out, 1000);
    mv_buf_puts(&out, "Field:");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        mv_field_add_piece(&out, mv_bytes_str(words[i]));
    ck_assert_str_eq(mv_buf_cstr(&out),
                     "Field: spf=pass smtp.mailfrom=example.com; dkim=pass header.d=example.com\r\n"
                     "    header.s=a;\r\n"
                     "    a-piece-of-its-own-line-that-is-longer-than-seventy-eight-columns-and-yet-stays-whole;\r\n"
                     "    end");
    mv_buf_free(&out);
}
END_TEST

START_TEST(fills_a_line_up_to_78_and_no_further)
{
    for (size_t len = 70; len < 80; len++) {
        unsigned char piece[80] = "";
        struct mv_buf out;

        mv_buf_init(&out, 1000);
        mv_buf_puts(&out, "A:");
        for (size_t i = 0; i < len; i++)
            piece[i] = 'x';
        mv_field_add_piece(&out, mv_bytes_of(piece, len));
        ck_assert_msg((out.data[2] == ' ') == (3 + len <= MV_FIELD_FOLD_COLUMN), "piece of %zu", len);
        mv_buf_free(&out);
    }
}
END_TEST

START_TEST(refuses_pieces_that_would_end_the_line)
{
    static const struct mv_bytes pieces[] = {MV_BYTES("a\rb"), MV_BYTES("a\nb"), MV_BYTES("a\r\nEvil: field"),
                                             MV_BYTES("a\r\n b"), MV_BYTES("\0")};

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct mv_buf out;

        mv_buf_init(&out, 1000);
        mv_field_add_piece(&out, pieces[i]);
        ck_assert_msg(mv_buf_failed(&out) && mv_buf_cstr(&out) == NULL, "piece %zu", i);
        mv_buf_free(&out);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {splits, compares_whole_names, unfolds, folds_at_column_78,
                                  fills_a_line_up_to_78_and_no_further, refuses_pieces_that_would_end_the_line};

    return unit_run("field", tests, sizeof tests / sizeof tests[0]);
}
