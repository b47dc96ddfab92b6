#include "core/text/taglist.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

struct row {
    const char *name;
    struct mv_bytes text;
    enum mv_taglist_code code;
    const char *tags; /* "name=value|name=value" */
};

/* RFC 6376 3.2 */
static const struct row rows[] = {
    {"one tag", MV_BYTES("v=1"), MV_TAGLIST_OK, "v=1"},
    {"final semicolon", MV_BYTES("v=1;"), MV_TAGLIST_OK, "v=1"},
    {"FWS behind the final semicolon", MV_BYTES("v=1;\r\n "), MV_TAGLIST_OK, "v=1"},
    {"several", MV_BYTES("v=1;a=rsa-sha256; b=xyz"), MV_TAGLIST_OK, "v=1|a=rsa-sha256|b=xyz"},
    {"FWS everywhere", MV_BYTES(" \r\n v \t=\r\n\t1 \r\n ; a\r\n = b \t"), MV_TAGLIST_OK, "v=1|a=b"},
    {"FWS inside a value stays", MV_BYTES("b=ab\r\n\tcd ef"), MV_TAGLIST_OK, "b=ab\r\n\tcd ef"},
    {"empty value", MV_BYTES("p=;t=y"), MV_TAGLIST_OK, "p=|t=y"},
    {"blank value", MV_BYTES("p= \r\n ;"), MV_TAGLIST_OK, "p="},
    {"equals signs in the value", MV_BYTES("b=YQ=="), MV_TAGLIST_OK, "b=YQ=="},
    {"names differ by case", MV_BYTES("b=1;B=2"), MV_TAGLIST_OK, "b=1|B=2"},
    {"digits and underscores in names", MV_BYTES("a_1=x"), MV_TAGLIST_OK, "a_1=x"},
    {"every VALCHAR", MV_BYTES("n=!\"#$%&'()*+,-./09:<=>?@AZ[\\]^_`az{|}~"), MV_TAGLIST_OK,
     "n=!\"#$%&'()*+,-./09:<=>?@AZ[\\]^_`az{|}~"},
    {"RFC 8616 5: UTF-8 value", MV_BYTES("d=b\xc3\xbc""cher.example"), MV_TAGLIST_OK, "d=b\xc3\xbc""cher.example"},

    {"empty", MV_BYTES(""), MV_TAGLIST_EMPTY, ""},
    {"blank", MV_BYTES(" \r\n\t"), MV_TAGLIST_EMPTY, ""},
    {"semicolon only", MV_BYTES(";"), MV_TAGLIST_BAD_NAME, ""},
    {"semicolon first", MV_BYTES(";v=1"), MV_TAGLIST_BAD_NAME, ""},
    {"two semicolons", MV_BYTES("v=1;;a=b"), MV_TAGLIST_BAD_NAME, "v=1"},
    {"two semicolons at the end", MV_BYTES("v=1;;"), MV_TAGLIST_BAD_NAME, "v=1"},
    {"blank item", MV_BYTES("v=1; ;a=b"), MV_TAGLIST_BAD_NAME, "v=1"},
    {"no equals sign", MV_BYTES("v=1;a"), MV_TAGLIST_BAD_NAME, "v=1"},
    {"no name", MV_BYTES("=1"), MV_TAGLIST_BAD_NAME, ""},
    {"blank name", MV_BYTES(" =1"), MV_TAGLIST_BAD_NAME, ""},
    {"digit first in the name", MV_BYTES("1v=1"), MV_TAGLIST_BAD_NAME, ""},
    {"underscore first in the name", MV_BYTES("_v=1"), MV_TAGLIST_BAD_NAME, ""},
    {"hyphen in the name", MV_BYTES("a-b=1"), MV_TAGLIST_BAD_NAME, ""},
    {"space in the name", MV_BYTES("a b=1"), MV_TAGLIST_BAD_NAME, ""},
    {"fold in the name", MV_BYTES("a\r\n b=1"), MV_TAGLIST_BAD_NAME, ""},
    {"8 bit name", MV_BYTES("\xc3\xbc=1"), MV_TAGLIST_BAD_NAME, ""},
    {"NUL in the name", MV_BYTES("v\0=1"), MV_TAGLIST_BAD_NAME, ""},
    {"NUL in the value", MV_BYTES("v=1\0"), MV_TAGLIST_BAD_VALUE, ""},
    {"control in the value", MV_BYTES("v=a\x01" "b"), MV_TAGLIST_BAD_VALUE, ""},
    {"vertical tab", MV_BYTES("v=a\vb"), MV_TAGLIST_BAD_VALUE, ""},
    {"DEL in the value", MV_BYTES("v=a\x7f"), MV_TAGLIST_BAD_VALUE, ""},
    {"two of a name", MV_BYTES("v=1;a=b;v=1"), MV_TAGLIST_DUPLICATE, "v=1|a=b"},
    {"two of a name, one empty", MV_BYTES("p=;p=x"), MV_TAGLIST_DUPLICATE, "p="},
};

static void print_tags(const struct mv_taglist *list, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < list->count; i++) {
        const struct mv_tag *tag = &list->tags[i];

        used += (size_t)snprintf(text + used, size - used, "%s%.*s=%.*s", i == 0 ? "" : "|", (int)tag->name.len,
                                 (const char *)tag->name.data, (int)tag->value.len,
                                 tag->value.len == 0 ? "" : (const char *)tag->value.data);
    }
}

START_TEST(parses_strictly)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct mv_taglist list;
        char tags[500];
        enum mv_taglist_code code = mv_taglist_parse(row->text, &list);

        ck_assert_msg(code == row->code, "%s: %s", row->name, mv_taglist_code_text(code));
        print_tags(&list, tags, sizeof tags);
        ck_assert_msg(strcmp(tags, row->tags) == 0, "%s: got %s", row->name, tags);
    }
}
END_TEST

START_TEST(limits_tags_and_bytes)
{
    static unsigned char text[MV_TAGLIST_MAX_BYTES + 1];
    struct mv_taglist list;

    for (size_t tags = MV_TAGLIST_MAX_TAGS; tags <= MV_TAGLIST_MAX_TAGS + 1; tags++) {
        size_t used = 0;

        for (size_t i = 0; i < tags; i++)
            used += (size_t)snprintf((char *)text + used, sizeof text - used, "t%zu=x;", i);
        ck_assert_int_eq(mv_taglist_parse(mv_bytes_of(text, used), &list),
                         tags == MV_TAGLIST_MAX_TAGS ? MV_TAGLIST_OK : MV_TAGLIST_TOO_MANY);
    }
    memset(text, 'x', sizeof text);
    memcpy(text, "v=", 2);
    ck_assert_int_eq(mv_taglist_parse(mv_bytes_of(text, MV_TAGLIST_MAX_BYTES), &list), MV_TAGLIST_OK);
    ck_assert_int_eq(mv_taglist_parse(mv_bytes_of(text, MV_TAGLIST_MAX_BYTES + 1), &list), MV_TAGLIST_TOO_LONG);
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

START_TEST(gets_by_exact_name)
{
    struct mv_taglist list;

    mv_taglist_parse(MV_BYTES("b=1; bh=2; B=3 ;"), &list);
    ck_assert(mv_bytes_equal(mv_taglist_get(&list, MV_BYTES("bh"))->value, MV_BYTES("2")));
    ck_assert(mv_bytes_equal(mv_taglist_get(&list, MV_BYTES("B"))->whole, MV_BYTES("B=3 ")));
    ck_assert_ptr_null(mv_taglist_get(&list, MV_BYTES("BH")));
    ck_assert_ptr_null(mv_taglist_get(&list, MV_BYTES("")));
}
END_TEST

START_TEST(finds_the_first_of_a_name)
{
    struct mv_bytes text = MV_BYTES("bb=0; b = 1 2;\r\n b=3; B=4; c");
    struct mv_tag tag;

    ck_assert(mv_taglist_find(text, MV_BYTES("b"), &tag));
    ck_assert(mv_bytes_equal(tag.whole, MV_BYTES("b = 1 2")));
    ck_assert(mv_bytes_equal(tag.value, MV_BYTES("1 2")));
    ck_assert(mv_taglist_find(text, MV_BYTES("B"), &tag));
    ck_assert(!mv_taglist_find(text, MV_BYTES("a"), &tag));
    ck_assert(!mv_taglist_find(text, MV_BYTES("c"), &tag));
    ck_assert(!mv_taglist_find(text, MV_BYTES("x"), &tag));
    ck_assert(!mv_taglist_find(MV_BYTES(""), MV_BYTES("b"), &tag));
}
END_TEST

/* RFC 9989 4.8: whoever walks by himself sees the faults and what is between them. */
START_TEST(walks_over_faults)
{
    static const struct mv_tag expected[] = {
        {MV_BYTES("v"), MV_BYTES("DMARC1"), MV_BYTES("v = DMARC1 ")},
        {MV_BYTES(""), MV_BYTES(""), MV_BYTES("junk ")},
        {MV_BYTES("p"), MV_BYTES("reject"), MV_BYTES("p=reject")},
        {MV_BYTES(""), MV_BYTES(""), MV_BYTES("=x")},
        {MV_BYTES(""), MV_BYTES(""), MV_BYTES("rua=\x01")},
        {MV_BYTES("p"), MV_BYTES(""), MV_BYTES("p=")},
    };
    struct mv_cursor c = mv_cursor_of(MV_BYTES("; v = DMARC1 ;;junk ; p=reject;=x;rua=\x01; \t;p=; "));
    struct mv_tag tag;

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        ck_assert_msg(mv_taglist_next(&c, &tag), "item %zu", i);
        ck_assert_msg(mv_bytes_equal(tag.name, expected[i].name), "item %zu: name", i);
        ck_assert_msg(mv_bytes_equal(tag.value, expected[i].value), "item %zu: value", i);
        ck_assert_msg(mv_bytes_equal(tag.whole, expected[i].whole), "item %zu: whole", i);
    }
    ck_assert(!mv_taglist_next(&c, &tag));
    ck_assert(!mv_taglist_next(&c, &tag));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {parses_strictly, limits_tags_and_bytes, gets_by_exact_name,
                                  finds_the_first_of_a_name, walks_over_faults};

    return unit_run("taglist", tests, sizeof tests / sizeof tests[0]);
}
