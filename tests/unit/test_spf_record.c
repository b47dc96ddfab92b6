#include "core/spf/record.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/spf/macro.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

struct good_row {
    const char *text;
    const char *printed;
};

static const struct good_row good_rows[] = {
    /* RFC 7208 4.5, 4.6.1 */
    {"v=spf1", "v=spf1"},
    {"v=spf1 ", "v=spf1"},
    {"V=SpF1 ~all", "v=spf1 ~all"},
    {"v=spf1   a  -all  ", "v=spf1 a -all"},
    {"v=spf1 +A ?MX -Ptr", "v=spf1 a ?mx -ptr"},
    /* 5.1 */
    {"v=spf1 all -all", "v=spf1 all -all"},
    /* 5.2, 5.7 */
    {"v=spf1 include:_spf.%{d} ~exists:%{i}.bl.example.com", "v=spf1 include:_spf.%{d} ~exists:%{i}.bl.example.com"},
    /* 5.3, 5.4 */
    {"v=spf1 a:mail.example.com", "v=spf1 a:mail.example.com"},
    {"v=spf1 a/0 a/32 a//0 a//128 a/24//64 mx/1 mx:example.com/31//127",
     "v=spf1 a/0 a a//0 a a/24//64 mx/1 mx:example.com/31//127"},
    {"v=spf1 a:%{d}/24", "v=spf1 a:%{d}/24"},
    {"v=spf1 a:%{dr/}.example.com/24", "v=spf1 a:%{dr/}.example.com/24"},
    {"v=spf1 a:%{d2/}", "v=spf1 a:%{d2/}"},
    {"v=spf1 a:foo:bar/baz.example.com", "v=spf1 a:foo:bar/baz.example.com"},
    {"v=spf1 a:1/2.example.com//64", "v=spf1 a:1/2.example.com//64"},
    /* 5.5 */
    {"v=spf1 ptr:example.com", "v=spf1 ptr:example.com"},
    /* 5.6 */
    {"v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 IP4:0.0.0.0/0 ip4:1.2.3.4/32",
     "v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 ip4:0.0.0.0/0 ip4:1.2.3.4"},
    {"v=spf1 ip6:2001:DB8:0:0:0::1/64 ip6:::/0 ip6:2001:db8::/128", "v=spf1 ip6:2001:db8::1/64 ip6:::/0 ip6:2001:db8::"},
    {"v=spf1 ip6:::ffff:192.0.2.1", "v=spf1 ip6:::ffff:c000:201"},
    /* 6 */
    {"v=spf1 redirect=_spf.example.com exp=e.%{d}", "v=spf1 redirect=_spf.example.com exp=e.%{d}"},
    {"v=spf1 REDIRECT=a.b Exp=c.d", "v=spf1 redirect=a.b exp=c.d"},
    {"v=spf1 moo.cow-far_out=man:dog/cat x=", "v=spf1 moo.cow-far_out=man:dog/cat x="},
    {"v=spf1 default=+ op=auth ra=postmaster rp=10", "v=spf1 default=+ op=auth ra=postmaster rp=10"},
};

struct bad_row {
    const char *text;
    const char *term;
    const char *section;
};

static const struct bad_row bad_rows[] = {
    /* RFC 7208 4.6: a fault anywhere */
    {"v=spf1 ip4:192.0.2.1 -all moo", "moo", "RFC 7208 4.6.1"},
    {"v=spf1 +all include", "include", "RFC 7208 5.2"},
    /* 4.6.1 */
    {"v=spf1 -", "-", "RFC 7208 4.6.1"},
    {"v=spf1 --all", "--all", "RFC 7208 4.6.1"},
    {"v=spf1 -+all", "-+all", "RFC 7208 4.6.1"},
    {"v=spf1 !all", "!all", "RFC 7208 4.6.1"},
    {"v=spf1 v=spf1\t-all", "v=spf1\t-all", "RFC 7208 4.6.1"},
    {"v=spf1 \ta -all", "\ta", "RFC 7208 4.6.1"},
    {"v=spf1 a\rptr", "a\rptr", "RFC 7208 4.6.1"},
    {"v=spf1 \xe2\x80\x8b-all", "\xe2\x80\x8b-all", "RFC 7208 4.6.1"},
    {"v=spf1 -all\xc2\xa0", "-all\xc2\xa0", "RFC 7208 4.6.1"},
    {"v=spf1 a:\xef\xbb\xbfx.example.net -all", "a:\xef\xbb\xbfx.example.net", "RFC 7208 4.6.1"},
    {"v=spf1 \x96" "all", "\x96" "all", "RFC 7208 4.6.1"},
    {"v=spf1 moo.cow/far_out=man:dog/cat -all", "moo.cow/far_out=man:dog/cat", "RFC 7208 4.6.1"},
    {"v=spf1 moo.cow:far_out=man:dog/cat -all", "moo.cow:far_out=man:dog/cat", "RFC 7208 4.6.1"},
    {"v=spf1 ip4:1.2.3.4, -all", "ip4:1.2.3.4,", "RFC 7208 5.6"},
    {"v=spf1 ip:192.0.2.1", "ip:192.0.2.1", "RFC 7208 4.6.1"},
    {"v=spf1 ipv4:192.0.2.1", "ipv4:192.0.2.1", "RFC 7208 4.6.1"},
    {"v=spf1 192.0.2.1", "192.0.2.1", "RFC 7208 4.6.1"},
    {"v=spf1 \"a\"", "\"a\"", "RFC 7208 4.6.1"},
    {"v=spf1 a;", "a;", "RFC 7208 5.3"},
    {"v=spf1 all_", "all_", "RFC 7208 4.6.1"},
    {"v=spf1 redirect:example.com", "redirect:example.com", "RFC 7208 4.6.1"},
    /* 5.1 */
    {"v=spf1 -all.", "-all.", "RFC 7208 4.6.1"},
    {"v=spf1 -all:foobar", "-all:foobar", "RFC 7208 5.1"},
    {"v=spf1 -all/8", "-all/8", "RFC 7208 5.1"},
    {"v=spf1 all:", "all:", "RFC 7208 5.1"},
    /* 5.2 */
    {"v=spf1 include:", "include:", "RFC 7208 5.2"},
    {"v=spf1 include:example.com/24", "include:example.com/24", "RFC 7208 5.2"},
    {"v=spf1 include: example.com", "include:", "RFC 7208 5.2"},
    {"v=spf1 include:com", "include:com", "RFC 7208 5.2"},
    /* 5.3 */
    {"v=spf1 a:", "a:", "RFC 7208 5.3"},
    {"v=spf1 a:/24", "a:/24", "RFC 7208 5.3"},
    {"v=spf1 a/", "a/", "RFC 7208 5.3"},
    {"v=spf1 a/33", "a/33", "RFC 7208 5.3"},
    {"v=spf1 a//129", "a//129", "RFC 7208 5.3"},
    {"v=spf1 a/24/64", "a/24/64", "RFC 7208 5.3"},
    {"v=spf1 a/64/24", "a/64/24", "RFC 7208 5.3"},
    {"v=spf1 a///64", "a///64", "RFC 7208 5.3"},
    {"v=spf1 a//64/24", "a//64/24", "RFC 7208 5.3"},
    {"v=spf1 a/-1", "a/-1", "RFC 7208 5.3"},
    {"v=spf1 a/024", "a/024", "RFC 7208 5.3"},
    {"v=spf1 a/00", "a/00", "RFC 7208 5.3"},
    {"v=spf1 a/4294967320", "a/4294967320", "RFC 7208 5.3"},
    {"v=spf1 a/99999999999999999999999", "a/99999999999999999999999", "RFC 7208 5.3"},
    {"v=spf1 a:192.0.2.1", "a:192.0.2.1", "RFC 7208 5.3"},
    {"v=spf1 a:192.0.2.1/24", "a:192.0.2.1/24", "RFC 7208 5.3"},
    {"v=spf1 a:abc.123", "a:abc.123", "RFC 7208 5.3"},
    {"v=spf1 a:museum", "a:museum", "RFC 7208 5.3"},
    {"v=spf1 a:%{x}.example.com", "a:%{x}.example.com", "RFC 7208 5.3"},
    {"v=spf1 a:%{d}/24/16", "a:%{d}/24/16", "RFC 7208 5.3"},
    {"v=spf1 a:%{d/24", "a:%{d/24", "RFC 7208 5.3"},
    /* 5.4 */
    {"v=spf1 mx/", "mx/", "RFC 7208 5.4"},
    {"v=spf1 mx.example.com", "mx.example.com", "RFC 7208 4.6.1"},
    {"v=spf1 mx/24//", "mx/24//", "RFC 7208 5.4"},
    /* 5.5 */
    {"v=spf1 ptr:", "ptr:", "RFC 7208 5.5"},
    {"v=spf1 ptr/0", "ptr/0", "RFC 7208 5.5"},
    {"v=spf1 ptr:example.com/24", "ptr:example.com/24", "RFC 7208 5.5"},
    /* 5.6 */
    {"v=spf1 ip4", "ip4", "RFC 7208 5.6"},
    {"v=spf1 ip4:", "ip4:", "RFC 7208 5.6"},
    {"v=spf1 ip4/24", "ip4/24", "RFC 7208 5.6"},
    {"v=spf1 ip4:1.2.3", "ip4:1.2.3", "RFC 7208 5.6"},
    {"v=spf1 ip4:1.2.3.4.5", "ip4:1.2.3.4.5", "RFC 7208 5.6"},
    {"v=spf1 ip4:1.2.3.04", "ip4:1.2.3.04", "RFC 7208 5.6"},
    {"v=spf1 ip4:1.2.3.256", "ip4:1.2.3.256", "RFC 7208 5.6"},
    {"v=spf1 ip4:1.2.3.4:8080", "ip4:1.2.3.4:8080", "RFC 7208 5.6"},
    {"v=spf1 ip4:1.2.3.4/33", "ip4:1.2.3.4/33", "RFC 7208 5.6"},
    {"v=spf1 ip4:1.2.3.4/032", "ip4:1.2.3.4/032", "RFC 7208 5.6"},
    {"v=spf1 ip4:1.2.3.4//32", "ip4:1.2.3.4//32", "RFC 7208 5.6"},
    {"v=spf1 ip4:1.2.3.4/", "ip4:1.2.3.4/", "RFC 7208 5.6"},
    {"v=spf1 ip4:1.2.3.4/24/24", "ip4:1.2.3.4/24/24", "RFC 7208 5.6"},
    {"v=spf1 ip4:[1.2.3.4]", "ip4:[1.2.3.4]", "RFC 7208 5.6"},
    {"v=spf1 ip4:2001:db8::1", "ip4:2001:db8::1", "RFC 7208 5.6"},
    {"v=spf1 ip4:::ffff:1.2.3.4", "ip4:::ffff:1.2.3.4", "RFC 7208 5.6"},
    {"v=spf1 ip4:%{i}", "ip4:%{i}", "RFC 7208 5.6"},
    {"v=spf1 ip4:0x7f.1", "ip4:0x7f.1", "RFC 7208 5.6"},
    {"v=spf1 ip6", "ip6", "RFC 7208 5.6"},
    {"v=spf1 ip6:", "ip6:", "RFC 7208 5.6"},
    {"v=spf1 ip6:1.2.3.4", "ip6:1.2.3.4", "RFC 7208 5.6"},
    {"v=spf1 ip6::CAFE::BABE", "ip6::CAFE::BABE", "RFC 7208 5.6"},
    {"v=spf1 ip6:::1/129", "ip6:::1/129", "RFC 7208 5.6"},
    {"v=spf1 ip6:::1 ip6:::1.1.1.1/129", "ip6:::1.1.1.1/129", "RFC 7208 5.6"},
    {"v=spf1 ip6:::1//64", "ip6:::1//64", "RFC 7208 5.6"},
    {"v=spf1 ip6:[::1]", "ip6:[::1]", "RFC 7208 5.6"},
    {"v=spf1 ip6:IPv6:::1", "ip6:IPv6:::1", "RFC 7208 5.6"},
    {"v=spf1 ip6:fe80::1%eth0", "ip6:fe80::1%eth0", "RFC 7208 5.6"},
    {"v=spf1 ip6:2001:db8::/048", "ip6:2001:db8::/048", "RFC 7208 5.6"},
    {"v=spf1 ip6:1:2:3:4:5:6:7", "ip6:1:2:3:4:5:6:7", "RFC 7208 5.6"},
    {"v=spf1 ip6:1:2:3:4:5:6:7:8:9", "ip6:1:2:3:4:5:6:7:8:9", "RFC 7208 5.6"},
    /* 5.7 */
    {"v=spf1 exists", "exists", "RFC 7208 5.7"},
    {"v=spf1 exists:", "exists:", "RFC 7208 5.7"},
    {"v=spf1 exists:mail.example.com/24", "exists:mail.example.com/24", "RFC 7208 5.7"},
    {"v=spf1 exists:%(ir).sbl.example.com", "exists:%(ir).sbl.example.com", "RFC 7208 5.7"},
    /* 6 */
    {"v=spf1 =all", "=all", "RFC 7208 4.6.1"},
    {"v=spf1 1up=foo", "1up=foo", "RFC 7208 4.6.1"},
    {"v=spf1 +x=y", "+x=y", "RFC 7208 4.6.1"},
    {"v=spf1 -redirect=example.com", "-redirect=example.com", "RFC 7208 4.6.1"},
    {"v=spf1 foo=%abc", "foo=%abc", "RFC 7208 6"},
    {"v=spf1 foo=%{c}", "foo=%{c}", "RFC 7208 6"},
    /* 6.1 */
    {"v=spf1 redirect=", "redirect=", "RFC 7208 6.1"},
    {"v=spf1 redirect=-all", "redirect=-all", "RFC 7208 6.1"},
    {"v=spf1 redirect=example.com/24", "redirect=example.com/24", "RFC 7208 6.1"},
    {"v=spf1 redirect=a.example -all redirect=b.example", "redirect=b.example", "RFC 7208 6.1"},
    {"v=spf1 redirect=a.example Redirect=a.example", "Redirect=a.example", "RFC 7208 6.1"},
    /* 6.2 */
    {"v=spf1 exp= -all", "exp=", "RFC 7208 6.2"},
    {"v=spf1 exp=-all", "exp=-all", "RFC 7208 6.2"},
    {"v=spf1 exp=a.example -all exp=b.example", "exp=b.example", "RFC 7208 6.2"},
    {"v=spf1 exp=%{r}.example.com", "exp=%{r}.example.com", "RFC 7208 6.2"},
};

START_TEST(good)
{
    const struct good_row *row = &good_rows[_i];
    struct mv_spf_record record, again;
    struct mv_spf_fault fault;
    struct mv_buf out;
    bool ok = mv_spf_record_parse(mv_bytes_str(row->text), &record, &fault);

    ck_assert_msg(ok, "%s: %s", row->text, ok ? "" : fault.reason);
    mv_buf_init(&out, SIZE_MAX);
    mv_spf_record_print(&record, &out);
    ck_assert_msg(strcmp(mv_buf_cstr(&out), row->printed) == 0, "%s: printed %s", row->text, mv_buf_cstr(&out));
    ck_assert_msg(mv_spf_record_parse(mv_buf_bytes(&out), &again, &fault), "%s: not read again", row->text);
    ck_assert_msg(again.term_count == record.term_count, "%s: other terms", row->text);
    mv_buf_free(&out);
}
END_TEST

START_TEST(bad)
{
    const struct bad_row *row = &bad_rows[_i];
    struct mv_spf_record record;
    struct mv_spf_fault fault;

    ck_assert_msg(!mv_spf_record_parse(mv_bytes_str(row->text), &record, &fault), "%s: accepted", row->text);
    ck_assert_msg(mv_bytes_equal(fault.term, mv_bytes_str(row->term)), "%s: blames %.*s", row->text,
                  (int)fault.term.len, (const char *)fault.term.data);
    ck_assert_msg(fault.section != NULL && strcmp(fault.section, row->section) == 0, "%s: %s", row->text,
                  fault.section);
    ck_assert_ptr_nonnull(fault.reason);
}
END_TEST

/* RFC 7208 4.5: which TXT records are SPF records. */
START_TEST(version)
{
    static const struct {
        const char *text;
        bool is;
    } rows[] = {
        {"v=spf1", true},
        {"v=spf1 ", true},
        {"v=spf1 -all", true},
        {"V=SPF1 -all", true},
        {"v=spf1  moo", true},
        {"", false},
        {"v=spf", false},
        {"v=spf10", false},
        {"v=spf1-all", false},
        {"v=spf1\t-all", false},
        {"v=spf1,-all", false},
        {"v=spf1mx", false},
        {" v=spf1 -all", false},
        {"\"v=spf1 -all\"", false},
        {"v = spf1 -all", false},
        {"\xe2\x80\x8bv=spf1 -all", false},
        {"spf2.0/pra -all", false},
        {"v=spf2 -all", false},
        {"v=DMARC1; p=none", false},
    };

    for (size_t i = 0; i < ROWS(rows); i++)
        ck_assert_msg(mv_spf_record_is(mv_bytes_str(rows[i].text)) == rows[i].is, "%s", rows[i].text);
}
END_TEST

START_TEST(parts)
{
    struct mv_spf_record record;
    struct mv_spf_fault fault;
    struct mv_spf_term term;
    struct mv_cursor walk;

    ck_assert(mv_spf_record_parse(MV_BYTES("v=spf1 exp=e.%{d} ~MX:%{l}.x.org/24//64 ip6:::ffff:1.2.3.4/96 redirect=%{p}"),
                                  &record, &fault));
    ck_assert_uint_eq(record.term_count, 4);
    ck_assert(!record.has_all);
    ck_assert_int_eq(record.exp.kind, MV_SPF_TERM_EXP);
    ck_assert_int_eq(record.redirect.kind, MV_SPF_TERM_REDIRECT);
    ck_assert_uint_eq(record.redirect.uses, MV_SPF_USES_PTR);
    walk = mv_spf_record_walk(&record);
    ck_assert(mv_spf_record_next(&walk, &term) && term.kind == MV_SPF_TERM_EXP && term.qualifier == '\0');
    ck_assert(mv_spf_record_next(&walk, &term) && term.kind == MV_SPF_TERM_MX && term.qualifier == '~');
    ck_assert(mv_bytes_equal(term.name, MV_BYTES("MX")) && mv_bytes_equal(term.domain_spec, MV_BYTES("%{l}.x.org")));
    ck_assert_uint_eq(term.prefix4_bits, 24);
    ck_assert_uint_eq(term.prefix6_bits, 64);
    ck_assert_uint_eq(term.uses, MV_SPF_USES_LOCAL_PART);
    ck_assert(mv_spf_record_next(&walk, &term) && term.kind == MV_SPF_TERM_IP6 && term.qualifier == '+');
    /* RFC 7208 5: a mapped network is still IPv6, and holds no IPv4 client */
    ck_assert_int_eq(term.network.family, MV_IP_V6);
    ck_assert(mv_spf_record_next(&walk, &term) && term.kind == MV_SPF_TERM_REDIRECT);
    ck_assert(!mv_spf_record_next(&walk, &term));
}
END_TEST

/* RFC 7208 4.6.4 */
START_TEST(asking)
{
    static const enum mv_spf_kind asks[] = {MV_SPF_TERM_INCLUDE, MV_SPF_TERM_A, MV_SPF_TERM_MX,
                                            MV_SPF_TERM_PTR, MV_SPF_TERM_EXISTS, MV_SPF_TERM_REDIRECT};
    static const enum mv_spf_kind silent[] = {MV_SPF_TERM_ALL, MV_SPF_TERM_IP4, MV_SPF_TERM_IP6, MV_SPF_TERM_EXP,
                                              MV_SPF_TERM_OTHER};

    for (size_t i = 0; i < ROWS(asks); i++)
        ck_assert_msg(mv_spf_term_asks(asks[i]), "%zu", i);
    for (size_t i = 0; i < ROWS(silent); i++)
        ck_assert_msg(!mv_spf_term_asks(silent[i]), "%zu", i);
}
END_TEST

START_TEST(nul_byte)
{
    struct mv_spf_record record;
    struct mv_spf_fault fault;

    ck_assert(!mv_spf_record_parse(MV_BYTES("v=spf1 a:foo.example.com\0"), &record, &fault));
    ck_assert(!mv_spf_record_parse(MV_BYTES("v=spf1 ip4:192.0.2.1\0 -all"), &record, &fault));
    ck_assert(!mv_spf_record_is(MV_BYTES("v=spf1\0-all")));
}
END_TEST

START_TEST(longest)
{
    struct mv_spf_record record;
    struct mv_spf_fault fault;
    struct mv_buf text;

    mv_buf_init(&text, SIZE_MAX);
    mv_buf_puts(&text, "v=spf1");
    while (mv_buf_bytes(&text).len < MV_SPF_MAX_RECORD_BYTES)
        mv_buf_puts(&text, " a");
    ck_assert(mv_spf_record_parse(mv_buf_bytes(&text), &record, &fault));
    ck_assert_uint_eq(record.term_count, (MV_SPF_MAX_RECORD_BYTES - 6) / 2);
    mv_buf_puts(&text, " ");
    ck_assert(!mv_spf_record_parse(mv_buf_bytes(&text), &record, &fault));
    ck_assert_str_eq(fault.section, "RFC 7208 3.4");
    mv_buf_free(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spf_record");
    TCase *tcase = tcase_create("spf_record");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, good, 0, ROWS(good_rows));
    tcase_add_loop_test(tcase, bad, 0, ROWS(bad_rows));
    tcase_add_test(tcase, version);
    tcase_add_test(tcase, parts);
    tcase_add_test(tcase, asking);
    tcase_add_test(tcase, nul_byte);
    tcase_add_test(tcase, longest);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
