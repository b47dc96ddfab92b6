/* One line of evidence: read as it was printed, and refused when it is anything else. */
#include "core/auth/evidence_line.h"

#include <string.h>

#include "tests/unit/evidence_rows.h"
#include "tests/unit/unit.h"

#define BEGIN "{\"v\":1,\"t\":1795651200,\"ip\":\"192.0.2.1\",\"from\":\"a.example\",\"at\":\"a.example\","
#define MIDDLE "\"rec\":\"v=DMARC1; p=none\",\"pub\":\"none\",\"dmarc\":\"fail\",\"act\":\"none\","
#define HEAD BEGIN MIDDLE
#define WHOLE HEAD "\"al\":\"\"}"

static struct mv_arena *arena;
static struct mv_error error;

static enum mv_code parse(const char *text, struct mv_evidence_line *line_r)
{
    return mv_evidence_line_parse(mv_bytes_str(text), arena, line_r, &error);
}

static void begin(void)
{
    arena = mv_arena_new(16 * 1024 * 1024);
    ck_assert_ptr_nonnull(arena);
    mv_error_clear(&error);
}

static void end(void)
{
    mv_arena_free(&arena);
}

static const struct {
    const char *name;
    const char *text;
} accepted[] = {
    {"the least", WHOLE},
    {"with its line end", WHOLE "\n"},
    {"everything", HEAD "\"why\":\"other\",\"rep\":1,\"note\":\"x\",\"al\":\"\",\"spf\":[\"fail\",\"helo\",\"\"],"
                        "\"dkim\":[[\"fail\",\"a.example\",\"s\",\"s\"],[\"permerror\",\"b.example\",\"\",\"\"]]}"},
    {"a pass", BEGIN "\"rec\":\"x\",\"pub\":\"reject\",\"dmarc\":\"pass\",\"act\":\"none\",\"al\":\"ds\","
                     "\"spf\":[\"pass\",\"mfrom\",\"a.example\"]}"},
    {"an unknown key at the end", HEAD "\"al\":\"\",\"new\":1}"},
    {"an unknown key in the middle", BEGIN "\"new\":\"\\u20ac \\n \xc3\xa9\"," MIDDLE "\"al\":\"\"}"},
    {"unknown values of all kinds",
     HEAD "\"al\":\"\",\"x\":[],\"y\":{},\"z\":{\"a\":[1,-2.5e+3,true,false,null,\"\",{\"b\":[[]]}]},\"q\":0.1E9}"},
    {"unknown keys as deep as may be", HEAD "\"al\":\"\",\"x\":[[[[[[[[]]]]]]]]}"},
};

START_TEST(accepts)
{
    struct mv_evidence_line line;
    enum mv_code code = parse(accepted[_i].text, &line);

    ck_assert_msg(code == MV_OK, "%s: %s", accepted[_i].name, error.text);
    ck_assert_int_eq(line.time_secs, 1795651200);
}
END_TEST

#define WITH_AL(al) HEAD "\"al\":\"\"," al "}"
#define LABEL_64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FROM(name) "{\"v\":1,\"t\":1,\"ip\":\"192.0.2.1\",\"from\":\"" name "\",\"at\":\"a.example\"," MIDDLE "\"al\":\"\"}"
#define IP(ip) "{\"v\":1,\"t\":1,\"ip\":\"" ip "\",\"from\":\"a.example\",\"at\":\"a.example\"," MIDDLE "\"al\":\"\"}"
#define TIME(t) "{\"v\":1,\"t\":" t ",\"ip\":\"192.0.2.1\",\"from\":\"a.example\",\"at\":\"a.example\"," MIDDLE "\"al\":\"\"}"
#define REC(rec) BEGIN "\"rec\":\"" rec "\",\"pub\":\"none\",\"dmarc\":\"fail\",\"act\":\"none\",\"al\":\"\"}"
#define WORDS(pub, dmarc, act, al) \
    BEGIN "\"rec\":\"x\",\"pub\":\"" pub "\",\"dmarc\":\"" dmarc "\",\"act\":\"" act "\",\"al\":\"" al "\"}"
#define SIGNATURE "[\"pass\",\"a.example\",\"s\",\"s\"]"

static const struct {
    const char *name;
    const char *text;
} refused[] = {
    {"nothing", ""},
    {"a line end", "\n"},
    {"an empty object", "{}"},
    {"no object", "[1]"},
    {"white space before", " " WHOLE},
    {"white space inside", "{ \"v\":1,\"t\":1}"},
    {"something behind", WHOLE "x"},
    {"two in one", WHOLE WHOLE},
    {"two line ends", WHOLE "\n\n"},
    {"a CR", WHOLE "\r\n"},
    {"a torn one before it", "{\"v\":1,\"t\":17956" WHOLE},
    {"torn within a string", HEAD "\"al"},
    {"torn before the end", HEAD "\"al\":\"\""},
    {"a comma at the end", HEAD "\"al\":\"\",}"},
    {"another version", "{\"v\":2,\"t\":1}"},
    {"version as text", "{\"v\":\"1\"}"},
    {"no version", "{\"t\":1795651200}"},
    {"an unknown key before the version", "{\"x\":1,\"v\":1}"},
    {"a key twice", HEAD "\"al\":\"\",\"al\":\"\"}"},
    {"out of order", HEAD "\"al\":\"\",\"why\":\"other\"}"},
    {"what is required left out", BEGIN "\"al\":\"\"}"},
    {"the last that is required left out", BEGIN MIDDLE "\"spf\":[\"pass\",\"mfrom\",\"a.example\"]}"},
    {"a key with an escape in it, twice", HEAD "\"al\":\"\",\"\\u0061l\":\"\"}"},
    {"time as text", TIME("\"1\"")},
    {"time below zero", TIME("-1")},
    {"time with a zero before", TIME("01")},
    {"time with a fraction", TIME("1.5")},
    {"time behind the year 9999", TIME("253402300800")},
    {"time without digits", TIME("")},
    {"no address", IP("")},
    {"a name as address", IP("a.example")},
    {"an address as in SMTP", IP("[192.0.2.1]")},
    {"an address with its tag", IP("IPv6:2001:db8::1")},
    {"an address with a zone", IP("fe80::1%eth0")},
    {"an address with a zero before", IP("192.0.2.01")},
    {"no Author Domain", FROM("")},
    {"an upper case letter", FROM("b.A.example")},
    {"a space in a name", FROM("b .a.example")},
    {"an empty label", FROM("b..a.example")},
    {"a dot before", FROM(".a.example")},
    {"a dot behind", FROM("b.a.example.")},
    {"a label of 64 bytes", FROM(LABEL_64 ".a.example")},
    {"a byte that is not ASCII", FROM("\xc3\xa9.a.example")},
    {"an escape for such a byte", FROM("\\u00e9.a.example")},
    {"a policy of another domain", FROM("b.example")},
    {"a policy of a domain that only ends alike", FROM("ba.example")},
    {"no record", REC("")},
    {"a record with a control character", REC("a\tb")},
    {"a record with a line end", REC("a\nb")},
    {"a record with a bare UTF-8 byte", REC("\xc3\xa9")},
    {"an unknown escape", REC("\\n")},
    {"an escape beyond a byte", REC("\\u0100")},
    {"half an escape", REC("\\u00")},
    {"an escape of no hex digits", REC("\\u00g0")},
    {"an escape of nothing", BEGIN "\"rec\":\"\\"},
    {"a number as record", BEGIN "\"rec\":1}"},
    {"no policy", WORDS("", "fail", "none", "")},
    {"an unknown policy", WORDS("discard", "fail", "none", "")},
    {"a policy in capitals", WORDS("None", "fail", "none", "")},
    {"no result", WORDS("none", "none", "none", "")},
    {"permerror", WORDS("none", "permerror", "none", "")},
    {"deferred", WORDS("none", "fail", "tempfail", "")},
    {"an unknown action", WORDS("none", "fail", "discard", "")},
    {"aligned by something else", WORDS("none", "fail", "none", "x")},
    {"aligned in the other order", WORDS("none", "pass", "none", "sd")},
    {"pass, and nothing is aligned", WORDS("none", "pass", "none", "")},
    {"fail, and something is aligned", WORDS("none", "fail", "none", "d")},
    {"temperror, and something is aligned", WORDS("none", "temperror", "none", "d")},
    {"SPF is aligned, and is not told", WORDS("none", "pass", "none", "s")},
    {"SPF is aligned, and failed",
     BEGIN "\"rec\":\"x\",\"pub\":\"none\",\"dmarc\":\"pass\",\"act\":\"none\",\"al\":\"s\","
           "\"spf\":[\"fail\",\"mfrom\",\"a.example\"]}"},
    {"an unknown override", HEAD "\"why\":\"sampled_out\",\"al\":\"\"}"},
    {"an empty override", HEAD "\"why\":\"\",\"al\":\"\"}"},
    {"no report", HEAD "\"rep\":0,\"al\":\"\"}"},
    {"a report as text", HEAD "\"rep\":\"1\",\"al\":\"\"}"},
    {"more than a report", HEAD "\"rep\":11,\"al\":\"\"}"},
    {"an empty note", HEAD "\"why\":\"other\",\"note\":\"\",\"al\":\"\"}"},
    {"SPF as a word", WITH_AL("\"spf\":\"pass\"")},
    {"SPF of nothing", WITH_AL("\"spf\":[]")},
    {"SPF with two items", WITH_AL("\"spf\":[\"pass\",\"mfrom\"]")},
    {"SPF with four items", WITH_AL("\"spf\":[\"pass\",\"mfrom\",\"a.example\",\"x\"]")},
    {"SPF with an unknown result", WITH_AL("\"spf\":[\"hardfail\",\"mfrom\",\"a.example\"]")},
    {"SPF in capitals", WITH_AL("\"spf\":[\"Pass\",\"mfrom\",\"a.example\"]")},
    {"SPF of another identity", WITH_AL("\"spf\":[\"pass\",\"pra\",\"a.example\"]")},
    {"SPF of an address", WITH_AL("\"spf\":[\"pass\",\"mfrom\",\"user@a.example\"]")},
    {"DKIM of nothing", WITH_AL("\"dkim\":[]")},
    {"DKIM with one level", WITH_AL("\"dkim\":" SIGNATURE)},
    {"DKIM with an unknown result", WITH_AL("\"dkim\":[[\"ok\",\"a.example\",\"s\",\"s\"]]")},
    {"DKIM without a domain", WITH_AL("\"dkim\":[[\"pass\",\"\",\"s\",\"\"]]")},
    {"DKIM with an unknown alignment", WITH_AL("\"dkim\":[[\"pass\",\"a.example\",\"s\",\"x\"]]")},
    {"DKIM with three items", WITH_AL("\"dkim\":[[\"pass\",\"a.example\",\"s\"]]")},
    {"DKIM with a comma behind", WITH_AL("\"dkim\":[" SIGNATURE ",]")},
    {"one signature too many",
     WITH_AL("\"dkim\":[" SIGNATURE "," SIGNATURE "," SIGNATURE "," SIGNATURE "," SIGNATURE "," SIGNATURE "," SIGNATURE
             "," SIGNATURE "," SIGNATURE "," SIGNATURE "," SIGNATURE "," SIGNATURE "]")},
    {"an unknown value too deep", WITH_AL("\"x\":[[[[[[[[[]]]]]]]]]")},
    {"an unknown value that does not end", WITH_AL("\"x\":[1,[2]")},
    {"an unknown object without a value", WITH_AL("\"x\":{\"a\"}")},
    {"an unknown value of nothing", WITH_AL("\"x\":")},
    {"an unknown word", WITH_AL("\"x\":maybe")},
    {"an unknown number without digits", WITH_AL("\"x\":-")},
    {"an unknown number without a fraction", WITH_AL("\"x\":1.")},
    {"an unknown number without an exponent", WITH_AL("\"x\":1e+")},
    {"an unknown text with a control character", WITH_AL("\"x\":\"\x01\"")},
    {"an unknown text that ends in a backslash", HEAD "\"al\":\"\",\"x\":\"\\"},
};

START_TEST(refuses)
{
    struct mv_evidence_line line;
    enum mv_code code;

    mv_error_clear(&error);
    code = parse(refused[_i].text, &line);
    ck_assert_msg(code == MV_ERR_SYNTAX, "%s: taken", refused[_i].name);
    ck_assert_msg(error.text[0] != '\0', "%s: no sentence", refused[_i].name);
}
END_TEST

START_TEST(refuses_what_is_longer)
{
    static char text[MV_EVIDENCE_MAX_LINE_BYTES + 3];
    struct mv_evidence_line line;
    size_t filler = MV_EVIDENCE_MAX_LINE_BYTES - strlen(WHOLE ",\"x\":\"\"");

    strcpy(text, HEAD "\"al\":\"\",\"x\":\"");
    memset(text + strlen(text), 'x', filler);
    strcat(text, "\"}");
    ck_assert_uint_eq(strlen(text), MV_EVIDENCE_MAX_LINE_BYTES);
    ck_assert_msg(parse(text, &line) == MV_OK, "%s", error.text);
    memset(text + strlen(text) - 2, 'x', 1);
    strcat(text, "\"}");
    ck_assert_int_eq(parse(text, &line), MV_ERR_SYNTAX);
}
END_TEST

START_TEST(refuses_an_embedded_nul)
{
    struct mv_evidence_line line;
    struct mv_bytes bytes = mv_bytes_of(WHOLE, sizeof WHOLE); /* with its NUL */

    ck_assert_int_eq(mv_evidence_line_parse(bytes, arena, &line, &error), MV_ERR_SYNTAX);
}
END_TEST

/* The property: what is printed whole is parsed to the same line, and no beginning of it is taken. */
START_TEST(what_is_printed_is_parsed)
{
    static unsigned char stuff[256];
    struct mv_buf text;

    mv_buf_init(&text, MV_EVIDENCE_MAX_LINE_BYTES);
    for (size_t i = 0; i < sizeof stuff; i++)
        stuff[i] = (unsigned char)i;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct mv_evidence_line line, again;
        struct mv_bytes bytes = mv_bytes_slice(mv_bytes_of(stuff, sizeof stuff), seed % 250, seed % 250 + seed % 7);
        const char *differs;

        evidence_row_make(seed, bytes, &line);
        mv_buf_reset(&text);
        ck_assert_int_eq(mv_evidence_line_print(&line, &text), MV_OK);
        ck_assert_msg(mv_evidence_line_parse(mv_buf_bytes(&text), arena, &again, &error) == MV_OK, "%s: %s",
                      mv_buf_cstr(&text), error.text);
        differs = evidence_row_differs(&line, &again);
        ck_assert_msg(differs == NULL, "%s: %s", mv_buf_cstr(&text), differs);
        for (size_t len = 0; seed % 100 == 0 && len + 1 < text.len; len++)
            ck_assert_int_eq(mv_evidence_line_parse(mv_bytes_slice(mv_buf_bytes(&text), 0, len), arena, &again, &error),
                             MV_ERR_SYNTAX);
    }
    mv_buf_free(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("evidence_parse");
    TCase *tcase = tcase_create("evidence_parse");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_loop_test(tcase, accepts, 0, sizeof accepted / sizeof accepted[0]);
    tcase_add_loop_test(tcase, refuses, 0, sizeof refused / sizeof refused[0]);
    tcase_add_test(tcase, refuses_what_is_longer);
    tcase_add_test(tcase, refuses_an_embedded_nul);
    tcase_add_test(tcase, what_is_printed_is_parsed);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
