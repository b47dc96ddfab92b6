/* exp= (RFC 7208 6.2): whose text it is, what it may hold, and that its faults change nothing. */
#include "core/spf/evaluate.h"

#include <check.h>
#include <stdlib.h>

#include "tests/unit/spf_zone.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define MAX_BYTES (16 * 1024 * 1024)
#define V4_HOST "192.0.2.1"
#define HELO "mail.example.com"

struct exp_row {
    const char *name;
    const char *zone;
    const char *explanation;
};

/* RFC 7208 6.2 */
static const struct exp_row exp_rows[] = {
    {"plain", "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT No, thanks.", "No, thanks."},
    {"before the mechanisms", "example.com TXT v=spf1 exp=e.example.com -all\ne.example.com TXT No", "No"},
    {"macros", "example.com TXT v=spf1 -all exp=%{ir}.e.%{d}\n"
     "1.2.0.192.e.example.com TXT %{c} is no sender of %{o}, says %{r} at %{t}. See http://%{d}/?s=%{S}",
     "192.0.2.1 is no sender of example.com, says unknown at 1700000000. See http://example.com/?s=a%40example.com"},
    {"final dot stays", "example.com TXT v=spf1 -all exp=e.example.com.\ne.example.com TXT It ends.", "It ends."},
    {"%{p} without PTR", "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT from %{p}", "from unknown"},
    {"%{p}", "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT from %{p}\n"
     "1.2.0.192.in-addr.arpa PTR a.example.com\na.example.com A 192.0.2.1", "from a.example.com"},
    {"of the redirect's target", "example.com TXT v=spf1 exp=e.example.com redirect=b.example.com\n"
     "b.example.com TXT v=spf1 -all exp=f.%{d}\ne.example.com TXT wrong\nf.b.example.com TXT right", "right"},
    {"own exp beside an include", "example.com TXT v=spf1 include:b.example.com -all exp=e.example.com\n"
     "b.example.com TXT v=spf1 -all exp=f.example.com\ne.example.com TXT right\nf.example.com TXT wrong", "right"},
    {"not of an include", "example.com TXT v=spf1 -include:b.example.com +all\n"
     "b.example.com TXT v=spf1 +all exp=f.example.com\nf.example.com TXT wrong", ""},
    {"not of a redirecting record", "example.com TXT v=spf1 exp=e.example.com redirect=b.example.com\n"
     "b.example.com TXT v=spf1 -all\ne.example.com TXT wrong", ""},
    {"no such name", "example.com TXT v=spf1 -all exp=e.example.com", ""},
    {"no text", "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com A 192.0.2.1", ""},
    {"two texts", "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT a\ne.example.com TXT b", ""},
    {"DNS error", "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT !TIMEOUT", ""},
    {"name that cannot be", "example.com TXT v=spf1 -all exp=e..example.com", ""},
    {"syntax", "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT The %{x}-files", ""},
    {"percent", "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT 100% spam", ""},
    {"not ASCII", "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT caf\xc3\xa9", ""},
    {"line break", "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT a\rb", ""},
    {"escape sequence", "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT \x1b[2J", ""},
    {"empty", "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT ", ""},
};

START_TEST(explanation)
{
    const struct exp_row *row = &exp_rows[_i];
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_spf_request request = spf_zone_request(V4_HOST, HELO, "a@example.com");
    struct mv_spf_result result;
    struct mv_memo *memo;

    ck_assert_int_eq(spf_zone_evaluate(arena, row->zone, SPF_ZONE_ROUNDS, &request, NULL, &result, &memo), MV_OK);
    ck_assert_msg(result.code == MV_SPF_FAIL, "%s: %s", row->name, mv_spf_code_text(result.code));
    ck_assert_msg(mv_bytes_equal(result.explanation, mv_bytes_str(row->explanation)), "%s: %.*s", row->name,
                  MV_ARG(result.explanation));
    mv_arena_free(&arena);
}
END_TEST

/* Only fail has an explanation (RFC 7208 6.2). */
START_TEST(explanation_of_fail_only)
{
    static const char *const zones[] = {
        "example.com TXT v=spf1 ~all exp=e.example.com\ne.example.com TXT wrong",
        "example.com TXT v=spf1 ?all exp=e.example.com\ne.example.com TXT wrong",
        "example.com TXT v=spf1 +all exp=e.example.com\ne.example.com TXT wrong",
        "example.com TXT v=spf1 a:x.example a:y.example a:z.example -all exp=e.example.com\ne.example.com TXT wrong",
    };

    for (size_t i = 0; i < ROWS(zones); i++) {
        struct mv_arena *arena = mv_arena_new(MAX_BYTES);
        struct mv_spf_request request = spf_zone_request(V4_HOST, HELO, "a@example.com");
        struct mv_spf_result result;
        struct mv_memo *memo;

        ck_assert_int_eq(spf_zone_evaluate(arena, zones[i], SPF_ZONE_ROUNDS, &request, NULL, &result, &memo), MV_OK);
        ck_assert_msg(result.explanation.len == 0, "%s", zones[i]);
        mv_arena_free(&arena);
    }
}
END_TEST

/* A text that is too long is dropped, not cut; what the client wrote into it is judged too. */
START_TEST(explanation_is_judged_expanded)
{
    static const struct {
        const char *name, *helo;
        bool kept;
    } rows[] = {
        {"500 bytes", "", true},
        {"501 bytes", "x", false},
        {"bell", "\a", false},
        {"tab", "\t", false},
        {"8 bit", "\xff", false},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct mv_arena *arena = mv_arena_new(MAX_BYTES);
        struct mv_spf_request request = spf_zone_request(V4_HOST, rows[i].helo, "a@example.com");
        struct mv_spf_result result;
        struct mv_memo *memo;
        struct mv_buf zone;

        mv_buf_init(&zone, MAX_BYTES);
        mv_buf_puts(&zone, "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT %{h}");
        for (int n = 0; n < (i < 2 ? MV_SPF_MAX_EXPLANATION_BYTES : 10); n++)
            mv_buf_putc(&zone, 'y');
        ck_assert_int_eq(spf_zone_evaluate(arena, mv_buf_cstr(&zone), SPF_ZONE_ROUNDS, &request, NULL, &result, &memo),
                         MV_OK);
        ck_assert_msg((result.explanation.len > 0) == rows[i].kept, "%s", rows[i].name);
        mv_buf_free(&zone);
        mv_arena_free(&arena);
    }
}
END_TEST

/* What is wrong with the explanation is not why the message failed. */
START_TEST(result_keeps_its_reason)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_spf_request request = spf_zone_request(V4_HOST, HELO, "a@example.com");
    struct mv_spf_result result;
    struct mv_memo *memo;
    struct mv_buf zone, helo;

    mv_buf_init(&zone, MAX_BYTES);
    mv_buf_init(&helo, MAX_BYTES);
    for (int i = 0; i < 1000; i++)
        mv_buf_putc(&helo, 'h');
    mv_buf_puts(&zone, "example.com TXT v=spf1 -all exp=");
    for (int i = 0; i < 100; i++)
        mv_buf_puts(&zone, "%{h}");
    request.helo = mv_buf_bytes(&helo);
    ck_assert_int_eq(spf_zone_evaluate(arena, mv_buf_cstr(&zone), SPF_ZONE_ROUNDS, &request, NULL, &result, &memo),
                     MV_OK);
    ck_assert_int_eq(result.code, MV_SPF_FAIL);
    ck_assert_str_eq(result.section, "RFC 7208 5.1");
    ck_assert_ptr_null(result.reason);
    ck_assert_uint_eq(result.explanation.len, 0);
    mv_buf_free(&zone);
    mv_buf_free(&helo);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spf_explanation");
    TCase *tcase = tcase_create("spf_explanation");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, explanation, 0, ROWS(exp_rows));
    tcase_add_test(tcase, explanation_of_fail_only);
    tcase_add_test(tcase, explanation_is_judged_expanded);
    tcase_add_test(tcase, result_keeps_its_reason);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
