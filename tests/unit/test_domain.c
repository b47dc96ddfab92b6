#include "core/text/domain.h"

#include <string.h>

#include "tests/unit/unit.h"

#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"
#define NAME_253 LABEL_63 "." LABEL_63 "." LABEL_63 "." "a234567890123456789012345678901234567890123456789012345678901"

struct normal_row {
    const char *name;
    struct mv_bytes text;
    const char *domain; /* NULL: refused */
};

static const struct normal_row normal_rows[] = {
    {"plain", MV_BYTES("example.com"), "example.com"},
    {"RFC 4343: upper case", MV_BYTES("MAIL.Example.COM"), "mail.example.com"},
    {"one final dot", MV_BYTES("example.com."), "example.com"},
    {"single label", MV_BYTES("localhost"), "localhost"},
    {"underscore", MV_BYTES("_dmarc.Example.com"), "_dmarc.example.com"},
    {"label of 63", MV_BYTES(LABEL_63 ".com"), LABEL_63 ".com"},
    {"RFC 1035 2.3.4: 253 bytes", MV_BYTES(NAME_253), NAME_253},
    {"253 bytes and a final dot", MV_BYTES(NAME_253 "."), NAME_253},
    {"A-label in upper case", MV_BYTES("XN--BCHER-KVA.Example"), "xn--bcher-kva.example"},
    {"RFC 5890 2.3: U-label", MV_BYTES("b\xc3\xbc""cher.example"), "xn--bcher-kva.example"},
    {"U-label in upper case", MV_BYTES("B\xc3\x9c""CHER.example"), "xn--bcher-kva.example"},
    {"decomposed U-label", MV_BYTES("bu\xcc\x88""cher.example"), "xn--bcher-kva.example"},
    {"UTS 46 non-transitional: sharp s is itself", MV_BYTES("stra\xc3\x9f""e.example"), "xn--strae-oqa.example"},
    {"U-label below an underscore name", MV_BYTES("_dmarc.b\xc3\xbc""cher.example"), "_dmarc.xn--bcher-kva.example"},
    {"ideographic full stop is a dot", MV_BYTES("a\xe3\x80\x82""example"), "a.example"},
    {"full-width letters", MV_BYTES("\xef\xbd\x81.example"), "a.example"},
    {"U-labels at every level",
     MV_BYTES("\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88"), "xn--r8jz45g.xn--zckzah"},

    {"empty", MV_BYTES(""), NULL},
    {"the root", MV_BYTES("."), NULL},
    {"two final dots", MV_BYTES("example.com.."), NULL},
    {"leading dot", MV_BYTES(".example.com"), NULL},
    {"empty label", MV_BYTES("example..com"), NULL},
    {"label of 64", MV_BYTES(LABEL_63 "x.com"), NULL},
    {"254 bytes", MV_BYTES("a" NAME_253), NULL},
    {"space", MV_BYTES("exa mple.com"), NULL},
    {"tab", MV_BYTES("example.com\t"), NULL},
    {"CRLF", MV_BYTES("example.com\r\n"), NULL},
    {"NUL", MV_BYTES("example.com\0.evil.example"), NULL},
    {"NUL in a U-label name", MV_BYTES("b\xc3\xbc""cher.example\0.evil.example"), NULL},
    {"at sign", MV_BYTES("a@example.com"), NULL},
    {"slash", MV_BYTES("a/b.example.com"), NULL},
    {"semicolon", MV_BYTES("example.com;"), NULL},
    {"backslash", MV_BYTES("a\\.example.com"), NULL},
    {"quote", MV_BYTES("\"example\".com"), NULL},
    {"parenthesis", MV_BYTES("example.com(x"), NULL},
    {"colon", MV_BYTES("example.com:25"), NULL},
    {"brackets", MV_BYTES("[192.0.2.1]"), NULL},
    {"asterisk", MV_BYTES("*.example.com"), NULL},
    {"DEL", MV_BYTES("example\x7f.com"), NULL},
    {"Latin-1 is not UTF-8", MV_BYTES("b\xfc""cher.example"), NULL},
    {"cut UTF-8", MV_BYTES("b\xc3"), NULL},
    {"overlong UTF-8", MV_BYTES("\xc0\xaf.example"), NULL},
    {"surrogate", MV_BYTES("\xed\xa0\x80.example"), NULL},
    {"above U+10FFFF", MV_BYTES("\xf4\x90\x80\x80.example"), NULL},
    {"UTS 46: full-width at sign is ASCII in the end", MV_BYTES("a\xef\xbc\xa0.example"), NULL},
    {"UTS 46: full-width solidus", MV_BYTES("a\xef\xbc\x8f.example"), NULL},
    {"care of: maps to c/o", MV_BYTES("\xe2\x84\x85.example"), NULL},
    {"no-break space", MV_BYTES("a\xc2\xa0.example"), NULL},
    {"ideographic space", MV_BYTES("a\xe3\x80\x80.example"), NULL},
    {"only a soft hyphen: an empty label", MV_BYTES("\xc2\xad.example"), NULL},
    {"ideographic full stop at the end", MV_BYTES("b\xc3\xbc""cher.example\xe3\x80\x82."), NULL},
    {"right-to-left override", MV_BYTES("\xe2\x80\xae""example.com"), NULL},
    {"line separator", MV_BYTES("a\xe2\x80\xa8.example"), NULL},
    {"RFC 5891 4.2.3.2: leading combining mark", MV_BYTES("\xcc\x88""a.example"), NULL},
    {"RFC 5892 A.2: zero width joiner without context", MV_BYTES("a\xe2\x80\x8d""b.example"), NULL},
    {"RFC 5893: mixed directions", MV_BYTES("a\xd7\x90.example"), NULL},
    {"unassigned code point", MV_BYTES("a\xf0\x9f\xbf\xbe.example"), NULL},
    {"private use", MV_BYTES("a\xee\x80\x80.example"), NULL},
    {"false A-label beside a U-label", MV_BYTES("xn--\xc3\xbc.example"), NULL},
};

START_TEST(normalizes_or_refuses)
{
    for (size_t i = 0; i < sizeof normal_rows / sizeof normal_rows[0]; i++) {
        const struct normal_row *row = &normal_rows[i];
        struct mv_arena *arena = mv_arena_new(1 << 20);
        struct mv_bytes domain = MV_BYTES("untouched");
        bool ok = mv_domain_normalize(arena, row->text, &domain);

        ck_assert_msg(ok == (row->domain != NULL), "%s: %s", row->name, ok ? "accepted" : "refused");
        ck_assert_msg(mv_bytes_equal(domain, mv_bytes_str(row->domain)), "%s: got %.*s", row->name,
                      (int)domain.len, domain.len == 0 ? "" : (const char *)domain.data);
        mv_arena_free(&arena);
    }
}
END_TEST

/* Whatever lies behind it. */
START_TEST(ends_names_with_nul)
{
    struct mv_arena *arena = mv_arena_new(1 << 20);
    struct mv_bytes domain, other, name = MV_BYTES("abcdefghijklmnopqrstuvwxyz.abcdefghijklmnopqrstuvwxyz");

    for (size_t len = 1; len < 26; len++) {
        ck_assert(mv_domain_normalize(arena, mv_bytes_slice(name, 0, len), &domain));
        ck_assert(mv_domain_normalize(arena, MV_BYTES("behind.example"), &other));
        ck_assert_msg(strlen((const char *)domain.data) == len, "%zu bytes: \"%s\"", len, (const char *)domain.data);
    }
    mv_arena_free(&arena);
}
END_TEST

START_TEST(refuses_what_is_too_long_for_any_idna)
{
    unsigned char text[4096];
    struct mv_arena *arena = mv_arena_new(1 << 20);
    struct mv_bytes domain;

    for (size_t i = 0; i < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xbc", 2);
    for (size_t len = 2; len <= 104; len += 2)
        ck_assert_msg(mv_domain_normalize(arena, mv_bytes_of(text, len), &domain) == (domain.len > 0), "%zu", len);
    ck_assert(!mv_domain_normalize(arena, mv_bytes_of(text, sizeof text), &domain));
    ck_assert_uint_eq(domain.len, 0);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(says_no_without_memory)
{
    struct mv_arena *arena = mv_arena_new(0);
    struct mv_bytes domain;

    ck_assert(!mv_domain_normalize(arena, MV_BYTES("example.com"), &domain));
    ck_assert(!mv_domain_normalize(arena, MV_BYTES("b\xc3\xbc""cher.example"), &domain));
    ck_assert_uint_eq(domain.len, 0);
    mv_arena_free(&arena);
}
END_TEST

struct label_row {
    const char *domain;
    size_t labels;
    size_t n;
    const char *suffix; /* the rightmost n labels */
    const char *parent;
};

static const struct label_row label_rows[] = {
    {"", 0, 0, "", ""},
    {"", 0, 3, "", ""},
    {"com", 1, 0, "", ""},
    {"com", 1, 1, "com", ""},
    {"com", 1, 2, "com", ""},
    {"example.com", 2, 1, "com", "com"},
    {"example.com", 2, 2, "example.com", "com"},
    {"example.com", 2, 9, "example.com", "com"},
    {"a.b.c.d.e.f.g.h.i", 9, 7, "c.d.e.f.g.h.i", "b.c.d.e.f.g.h.i"},
    {"a.b.c.d.e.f.g.h.i", 9, 1, "i", "b.c.d.e.f.g.h.i"},
    {"a.b.c.d.e.f.g.h.i", 9, 9, "a.b.c.d.e.f.g.h.i", "b.c.d.e.f.g.h.i"},
};

START_TEST(counts_and_cuts_labels)
{
    for (size_t i = 0; i < sizeof label_rows / sizeof label_rows[0]; i++) {
        const struct label_row *row = &label_rows[i];
        struct mv_bytes domain = mv_bytes_str(row->domain);

        ck_assert_msg(mv_domain_labels(domain) == row->labels, "%s: labels", row->domain);
        ck_assert_msg(mv_bytes_equal(mv_domain_suffix(domain, row->n), mv_bytes_str(row->suffix)),
                      "%s: suffix of %zu", row->domain, row->n);
        ck_assert_msg(mv_bytes_equal(mv_domain_parent(domain), mv_bytes_str(row->parent)), "%s: parent", row->domain);
    }
}
END_TEST

struct pair_row {
    const char *a;
    const char *b;
    bool within;
    bool equal;
};

static const struct pair_row pair_rows[] = {
    {"example.com", "example.com", true, true},
    {"Example.COM.", "example.com", true, true},
    {"example.com", "example.com.", true, true},
    {"mail.example.com", "example.com", true, false},
    {"a.b.example.com.", "EXAMPLE.com", true, false},
    {"notexample.com", "example.com", false, false},
    {"example.com", "mail.example.com", false, false},
    {"com", "example.com", false, false},
    {"example.org", "example.com", false, false},
    {"example.com", "", false, false},
    {"", "example.com", false, false},
    {"example.com.evil.example", "example.com", false, false},
    {"example-com", "example.com", false, false},
};

START_TEST(compares_names)
{
    for (size_t i = 0; i < sizeof pair_rows / sizeof pair_rows[0]; i++) {
        const struct pair_row *row = &pair_rows[i];
        struct mv_bytes a = mv_bytes_str(row->a), b = mv_bytes_str(row->b);

        ck_assert_msg(mv_domain_is_within(a, b) == row->within, "%s within %s", row->a, row->b);
        ck_assert_msg(mv_domain_equal(a, b) == row->equal, "%s equal %s", row->a, row->b);
    }
}
END_TEST

START_TEST(knows_what_dns_can_be_asked)
{
    ck_assert(mv_domain_is_askable(MV_BYTES("example.com")));
    ck_assert(mv_domain_is_askable(MV_BYTES("any byte \xff\x00.example.com")));
    ck_assert(mv_domain_is_askable(MV_BYTES(NAME_253)));
    ck_assert(!mv_domain_is_askable(MV_BYTES("")));
    ck_assert(!mv_domain_is_askable(MV_BYTES(".")));
    ck_assert(!mv_domain_is_askable(MV_BYTES("a..b")));
    ck_assert(!mv_domain_is_askable(MV_BYTES(".a")));
    ck_assert(!mv_domain_is_askable(MV_BYTES("a.")));
    ck_assert(!mv_domain_is_askable(MV_BYTES(LABEL_63 "x.com")));
    ck_assert(!mv_domain_is_askable(MV_BYTES("a" NAME_253)));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {normalizes_or_refuses, ends_names_with_nul, refuses_what_is_too_long_for_any_idna,
                                  says_no_without_memory, counts_and_cuts_labels, compares_names,
                                  knows_what_dns_can_be_asked};

    return unit_run("domain", tests, sizeof tests / sizeof tests[0]);
}
