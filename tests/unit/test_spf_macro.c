#include "core/spf/macro.h"

#include <check.h>
#include <stdlib.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

struct fault_row {
    const char *text;
    bool good;
    unsigned uses;
};

/* RFC 7208 7.1: domain-spec. Each row's text is its name. */
static const struct fault_row domain_rows[] = {
    {"example.com", true, 0},
    {"example.com.", true, 0},
    {"_spf.%{d}", true, 0},
    {"%{d}", true, 0},
    {"%{i}._spf.%{d2}", true, 0},
    {"%{l1r-}.lp._spf.%{o2}", true, MV_SPF_USES_LOCAL_PART},
    {"%{S}.example.com", true, MV_SPF_USES_LOCAL_PART},
    {"%{p}.example.com", true, MV_SPF_USES_PTR},
    {"%{P2}", true, MV_SPF_USES_PTR},
    {"%{d127}.example.com", true, 0},
    {"%{d99999999999999999999}.example.com", true, 0},
    {"%{d03}.example.com", true, 0},
    {"%{ir.-+,/_=}.example.com", true, 0},
    {"%{iR}.example.com", true, 0},
    {"a%%b%_c%-d.example.com", true, 0},
    {"a.b%%", true, 0},
    {"foo:bar/baz.example.com", true, 0},
    {"example.xn--zckzah", true, 0},
    {"example.1-2", true, 0},
    {"example.c0m", true, 0},
    {".com", true, 0},
    {"mail.example...com", true, 0},
    {"", false, 0},
    {".", false, 0},
    {"..", false, 0},
    {"museum", false, 0},
    {"museum.", false, 0},
    {"example.com..", false, 0},
    {"example.123", false, 0},
    {"192.0.2.1", false, 0},
    {"example.-com", false, 0},
    {"example.com-", false, 0},
    {"example.c_m", false, 0},
    {"example.com:8080", false, 0},
    {"example.com/24", false, 0},
    {"%{d}com", false, 0},
    {"%{d}/24", false, 0},
    {"%", false, 0},
    {"example%.com", false, 0},
    {"%(ir).example.com", false, 0},
    {"%{", false, 0},
    {"%{}", false, 0},
    {"%{d", false, 0},
    {"%{d.example.com", false, 0},
    {"%{dd}", false, 0},
    {"%{d0}", false, 0},
    {"%{d00}", false, 0},
    {"%{dr2}", false, 0},
    {"%{d2rr}", false, 0},
    {"%{d;}", false, 0},
    {"%{d }", false, 0},
    {"%{a}.example.com", false, 0},
    {"%{x}.example.com", false, 0},
    {"%{1}.example.com", false, 0},
    {"%{c}.example.com", false, 0},
    {"%{r}.example.com", false, 0},
    {"%{t}.example.com", false, 0},
    {"a b.example.com", false, 0},
    {"a\tb.example.com", false, 0},
    {"\x80.example.com", false, 0},
    {"example.com\x7f", false, 0},
    {"example.com\xc2\xad", false, 0},
};

/* RFC 7208 6.2, 7.2: explain-string. */
static const struct fault_row exp_rows[] = {
    {"", true, 0},
    {"This is a test.", true, 0},
    {"%{c} at %{t} by %{r}", true, 0},
    {"See http://%{d}/why.html?s=%{S}&i=%{C}", true, MV_SPF_USES_LOCAL_PART},
    {"connect from %{p}", true, MV_SPF_USES_PTR},
    {"The %{x}-files.", false, 0},
    {"100% sure", false, 0},
    {"100%", false, 0},
    {"a\tb", false, 0},
    {"a\r\nb", false, 0},
    {"caf\xc3\xa9", false, 0},
    {"%{t0}", false, 0},
};

static void check_faults(const struct fault_row *row, enum mv_spf_macro_use use)
{
    struct mv_bytes text = mv_bytes_str(row->text);
    unsigned uses = 0;
    const char *fault = use == MV_SPF_MACRO_IN_EXP ? mv_spf_macro_fault(text, use, &uses)
                                                   : mv_spf_domain_spec_fault(text, &uses);

    ck_assert_msg((fault == NULL) == row->good, "%s: %s", row->text, fault == NULL ? "accepted" : fault);
    ck_assert_msg(fault != NULL || uses == row->uses, "%s: uses %u", row->text, uses);
}

START_TEST(domain_spec)
{
    check_faults(&domain_rows[_i], MV_SPF_MACRO_IN_DOMAIN);
}
END_TEST

START_TEST(explain_string)
{
    check_faults(&exp_rows[_i], MV_SPF_MACRO_IN_EXP);
}
END_TEST

struct expand_row {
    const char *text;
    const char *expansion;
};

/* RFC 7208 7.4: its sender is strong-bad@email.example.com, its client 192.0.2.3. */
static const struct expand_row rfc_rows[] = {
    {"%{s}", "strong-bad@email.example.com"},
    {"%{o}", "email.example.com"},
    {"%{d}", "email.example.com"},
    {"%{d4}", "email.example.com"},
    {"%{d3}", "email.example.com"},
    {"%{d2}", "example.com"},
    {"%{d1}", "com"},
    {"%{dr}", "com.example.email"},
    {"%{d2r}", "example.email"},
    {"%{l}", "strong-bad"},
    {"%{l-}", "strong.bad"},
    {"%{lr}", "strong-bad"},
    {"%{lr-}", "bad.strong"},
    {"%{l1r-}", "strong"},
    {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
    {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
    {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
    {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
    {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
    /* 7.2, 7.3 */
    {"%%%_%-", "% %20"},
    {"%{D2}", "example.com"},
    {"%{S}", "strong-bad%40email.example.com"},
    {"%{H}", "a%20b%27%FF"},
    {"%{h}", "a b'\xff"},
    {"%{i1}", "3"},
    {"%{i1r}", "192"},
    {"%{p} %{r} %{t} %{c}", "mx.example.org receiver.example 1700000000 192.0.2.3"},
    {"%{l1-}", "bad"},
    {"%{l9-}", "strong.bad"},
    {"%{s@}", ""},
    {"%{s.-}", "strong.bad@email.example.com"},
    {"%{sr.-}", "com.example.bad@email.strong"},
    {"%{s2r.-}", "bad@email.strong"},
    {"%{s2.-}", "example.com"},
    {"", ""},
};

static const struct mv_spf_macro_values values = {
    .sender = {(const unsigned char *)"strong-bad@email.example.com", 28},
    .local_part = {(const unsigned char *)"strong-bad", 10},
    .sender_domain = {(const unsigned char *)"email.example.com", 17},
    .domain = {(const unsigned char *)"email.example.com", 17},
    .ip_dotted = {(const unsigned char *)"192.0.2.3", 9},
    .ip_text = {(const unsigned char *)"192.0.2.3", 9},
    .ip_version = {(const unsigned char *)"in-addr", 7},
    .validated = {(const unsigned char *)"mx.example.org", 14},
    .helo = {(const unsigned char *)"a b'\xff", 5},
    .receiver = {(const unsigned char *)"receiver.example", 16},
    .now = {(const unsigned char *)"1700000000", 10},
};

START_TEST(expand)
{
    const struct expand_row *row = &rfc_rows[_i];
    struct mv_buf out;
    enum mv_code code;

    mv_buf_init(&out, SIZE_MAX);
    code = mv_spf_macro_expand(mv_bytes_str(row->text), &values, &out);
    if (code == MV_ERR_SYNTAX)
        ck_assert_msg(row->expansion[0] == '\0' && row->text[0] != '\0', "%s: does not parse", row->text);
    else
        ck_assert_msg(code == MV_OK && mv_bytes_equal(mv_buf_bytes(&out), mv_bytes_str(row->expansion)),
                      "%s: %s", row->text, mv_buf_cstr(&out));
    mv_buf_free(&out);
}
END_TEST

/* RFC 7208 7.3: empty parts, and values that consist of delimiters. */
START_TEST(expand_odd_values)
{
    static const struct {
        const char *name, *text, *local_part, *expansion;
    } rows[] = {
        {"empty value", "%{l}", "", ""},
        {"empty value reversed", "%{lr}", "", ""},
        {"empty value, one part", "%{l1r-}", "", ""},
        {"only delimiters", "%{l-}", "--", ".."},
        {"only delimiters reversed", "%{lr-}", "--", ".."},
        {"only delimiters, one part", "%{l1-}", "--", ""},
        {"only delimiters, two parts reversed", "%{l2r-}", "--", "."},
        {"empty part inside", "%{l-}", "a--b", "a..b"},
        {"empty part inside reversed", "%{lr-}", "a--b", "b..a"},
        {"leading delimiter", "%{l2-}", "-a-b", "a.b"},
        {"trailing delimiter", "%{l1r-}", "a-b-", "a"},
        {"trailing delimiter reversed", "%{lr-}", "a-b-", ".b.a"},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct mv_spf_macro_values odd = values;
        struct mv_buf out;

        odd.local_part = mv_bytes_str(rows[i].local_part);
        mv_buf_init(&out, SIZE_MAX);
        ck_assert_msg(mv_spf_macro_expand(mv_bytes_str(rows[i].text), &odd, &out) == MV_OK, "%s", rows[i].name);
        ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), mv_bytes_str(rows[i].expansion)), "%s: %s", rows[i].name,
                      mv_buf_cstr(&out));
        mv_buf_free(&out);
    }
}
END_TEST

START_TEST(expansion_is_bounded)
{
    struct mv_buf text, out;

    mv_buf_init(&text, SIZE_MAX);
    mv_buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < MV_SPF_MAX_EXPANSION_BYTES / 28; i++)
        mv_buf_puts(&text, "%{s}");
    ck_assert_int_eq(mv_spf_macro_expand(mv_buf_bytes(&text), &values, &out), MV_OK);
    mv_buf_puts(&text, "%{s}");
    mv_buf_reset(&out);
    ck_assert_int_eq(mv_spf_macro_expand(mv_buf_bytes(&text), &values, &out), MV_ERR_LIMIT);
    ck_assert_uint_le(mv_buf_bytes(&out).len, MV_SPF_MAX_EXPANSION_BYTES + 3 * 28);
    mv_buf_free(&text);
    mv_buf_free(&out);
}
END_TEST

START_TEST(full_output_is_no_expansion)
{
    struct mv_buf out;

    mv_buf_init(&out, 10);
    ck_assert_int_eq(mv_spf_macro_expand(MV_BYTES("%{s}"), &values, &out), MV_ERR_MEMORY);
    mv_buf_free(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spf_macro");
    TCase *tcase = tcase_create("spf_macro");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, domain_spec, 0, ROWS(domain_rows));
    tcase_add_loop_test(tcase, explain_string, 0, ROWS(exp_rows));
    tcase_add_loop_test(tcase, expand, 0, ROWS(rfc_rows));
    tcase_add_test(tcase, expand_odd_values);
    tcase_add_test(tcase, expansion_is_bounded);
    tcase_add_test(tcase, full_output_is_no_expansion);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
