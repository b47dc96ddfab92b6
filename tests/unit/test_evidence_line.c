/* What there is to report of a verdict, and the line that says it (RFC 9990 3.1.1). */
#include "core/auth/evidence_line.h"

#include <string.h>

#include "core/text/message.h"
#include "tests/unit/unit.h"

#define NOW_SECS 1795651200
#define RECORD "v=DMARC1; p=reject; rua=mailto:d@a.example"
#define START "{\"v\":1,\"t\":1795651200,\"ip\":\"192.0.2.1\",\"from\":\"mail.a.example\",\"at\":\"a.example\",\"rec\":\"" RECORD "\","

static const struct mv_dkim_result signatures[] = {
    {.code = MV_DKIM_FAIL, .sdid = MV_BYTES("mail.a.example"), .selector = MV_BYTES("bad")},
    {.code = MV_DKIM_PASS, .sdid = MV_BYTES("esp.example.net"), .selector = MV_BYTES("esp")},
    {.code = MV_DKIM_NEUTRAL, .selector = MV_BYTES("s")},
    {.code = MV_DKIM_PASS, .sdid = MV_BYTES("a.example"), .selector = MV_BYTES("org")},
    {.code = MV_DKIM_PASS, .sdid = MV_BYTES("mail.a.example"), .selector = MV_BYTES("own")},
    {.code = MV_DKIM_FAIL, .sdid = MV_BYTES("a.example"), .selector = MV_BYTES("old")},
};

/* The genuine message; each row changes something. */
static struct mv_verdict genuine(void)
{
    struct mv_verdict verdict = {
        .has_spf = true,
        .spf = {.code = MV_SPF_PASS, .domain = MV_BYTES("bounce.a.example")},
        .has_dkim = true,
        .from = MV_FROM_OK,
        .author_domain = MV_BYTES("mail.a.example"),
        .has_dmarc = true,
        .dmarc = {.code = MV_DMARC_PASS, .policy_domain = MV_BYTES("a.example"), .published = MV_DMARC_P_REJECT,
                  .effective = MV_DMARC_P_REJECT, .has_record = true, .aligned_spf = true},
        .reason = "a sentence",
    };

    ck_assert(mv_dmarc_record_parse(MV_BYTES(RECORD), &verdict.dmarc.record));
    ck_assert(mv_ip_parse(MV_BYTES("192.0.2.1"), &verdict.client_ip));
    return verdict;
}

static void as_it_is(struct mv_verdict *v)
{
    (void)v;
}

static void without_dmarc(struct mv_verdict *v)
{
    v->has_dmarc = false;
}

static void without_record(struct mv_verdict *v)
{
    v->dmarc.has_record = false;
    v->dmarc.code = MV_DMARC_NONE;
}

static void without_client(struct mv_verdict *v)
{
    v->client_ip.family = MV_IP_NONE;
}

static void without_author(struct mv_verdict *v)
{
    v->from = MV_FROM_SEVERAL_FIELDS;
}

static void with_malformed_header(struct mv_verdict *v)
{
    v->defects = MV_DEFECTS_FATAL;
}

static void by_dkim_too(struct mv_verdict *v)
{
    v->dkim = signatures;
    v->dkim_count = 6;
    v->dmarc.aligned_dkim = true;
    v->dmarc.aligned_sdids[0] = MV_BYTES("a.example");
    v->dmarc.aligned_sdids[1] = MV_BYTES("mail.a.example");
    v->dmarc.aligned_sdid_count = 2;
}

/* adkim=s: what is below the same organisation does not count. */
static void by_strict_dkim(struct mv_verdict *v)
{
    by_dkim_too(v);
    v->dmarc.aligned_sdids[0] = MV_BYTES("mail.a.example");
    v->dmarc.aligned_sdid_count = 1;
}

static void of_helo(struct mv_verdict *v)
{
    v->spf.from_helo = true;
    v->spf.domain = MV_BYTES("mx.a.example");
}

static void without_spf(struct mv_verdict *v)
{
    v->has_spf = false;
    v->dmarc.code = MV_DMARC_FAIL;
    v->dmarc.aligned_spf = false;
}

static void failed(struct mv_verdict *v)
{
    v->spf.code = MV_SPF_SOFTFAIL;
    v->dmarc.code = MV_DMARC_FAIL;
    v->dmarc.aligned_spf = false;
    v->action = MV_ACTION_REJECT;
}

static void forwarded(struct mv_verdict *v)
{
    failed(v);
    v->action = MV_ACTION_NONE;
    v->override = MV_OVERRIDE_TRUSTED_FORWARDER;
}

static void tested(struct mv_verdict *v)
{
    failed(v);
    v->dmarc.effective = MV_DMARC_P_QUARANTINE;
    v->action = MV_ACTION_QUARANTINE;
    v->override = MV_OVERRIDE_POLICY_TEST_MODE;
}

static void report(struct mv_verdict *v)
{
    v->is_report = true;
}

static void by_ipv6(struct mv_verdict *v)
{
    ck_assert(mv_ip_parse(MV_BYTES("2001:DB8:0::25"), &v->client_ip));
}

static const struct row {
    const char *name;
    void (*change)(struct mv_verdict *verdict);
    enum mv_action action;
    const char *ends; /* how the line goes on; NULL: there is none */
} rows[] = {
    {"a pass", as_it_is, MV_ACTION_NONE,
     "\"pub\":\"reject\",\"dmarc\":\"pass\",\"act\":\"none\",\"al\":\"s\",\"spf\":[\"pass\",\"mfrom\",\"bounce.a.example\"]}\n"},
    {"RFC 9990 3.1.3, the order of signatures", by_dkim_too, MV_ACTION_NONE,
     "\"pub\":\"reject\",\"dmarc\":\"pass\",\"act\":\"none\",\"al\":\"ds\",\"spf\":[\"pass\",\"mfrom\",\"bounce.a.example\"],"
     "\"dkim\":[[\"pass\",\"mail.a.example\",\"own\",\"s\"],[\"pass\",\"a.example\",\"org\",\"r\"],"
     "[\"pass\",\"esp.example.net\",\"esp\",\"\"],[\"fail\",\"mail.a.example\",\"bad\",\"s\"],"
     "[\"fail\",\"a.example\",\"old\",\"\"]]}\n"},
    {"strict alignment", by_strict_dkim, MV_ACTION_NONE,
     "\"pub\":\"reject\",\"dmarc\":\"pass\",\"act\":\"none\",\"al\":\"ds\",\"spf\":[\"pass\",\"mfrom\",\"bounce.a.example\"],"
     "\"dkim\":[[\"pass\",\"mail.a.example\",\"own\",\"s\"],[\"pass\",\"esp.example.net\",\"esp\",\"\"],"
     "[\"pass\",\"a.example\",\"org\",\"\"],[\"fail\",\"mail.a.example\",\"bad\",\"s\"],"
     "[\"fail\",\"a.example\",\"old\",\"\"]]}\n"},
    {"the null reverse-path", of_helo, MV_ACTION_NONE,
     "\"pub\":\"reject\",\"dmarc\":\"pass\",\"act\":\"none\",\"al\":\"s\",\"spf\":[\"pass\",\"helo\",\"mx.a.example\"]}\n"},
    {"SPF was not asked for", without_spf, MV_ACTION_NONE,
     "\"pub\":\"reject\",\"dmarc\":\"fail\",\"act\":\"none\",\"al\":\"\"}\n"},
    {"refused", failed, MV_ACTION_REJECT,
     "\"pub\":\"reject\",\"dmarc\":\"fail\",\"act\":\"reject\",\"al\":\"\",\"spf\":[\"softfail\",\"mfrom\",\"bounce.a.example\"]}\n"},
    {"tagged instead of refused", failed, MV_ACTION_QUARANTINE,
     "\"pub\":\"reject\",\"dmarc\":\"fail\",\"act\":\"quarantine\",\"why\":\"local_policy\",\"note\":\"this server does less "
     "than the policy asks for\",\"al\":\"\",\"spf\":[\"softfail\",\"mfrom\",\"bounce.a.example\"]}\n"},
    {"forwarded", forwarded, MV_ACTION_NONE,
     "\"pub\":\"reject\",\"dmarc\":\"fail\",\"act\":\"none\",\"why\":\"trusted_forwarder\",\"note\":\"a sentence\",\"al\":\"\","
     "\"spf\":[\"softfail\",\"mfrom\",\"bounce.a.example\"]}\n"},
    {"t=y", tested, MV_ACTION_QUARANTINE,
     "\"pub\":\"reject\",\"dmarc\":\"fail\",\"act\":\"quarantine\",\"why\":\"policy_test_mode\",\"note\":\"a sentence\","
     "\"al\":\"\",\"spf\":[\"softfail\",\"mfrom\",\"bounce.a.example\"]}\n"},
    {"t=y, and less was done", tested, MV_ACTION_NONE,
     "\"pub\":\"reject\",\"dmarc\":\"fail\",\"act\":\"none\",\"why\":\"policy_test_mode\",\"note\":\"a sentence\","
     "\"al\":\"\",\"spf\":[\"softfail\",\"mfrom\",\"bounce.a.example\"]}\n"},
    {"a report itself", report, MV_ACTION_NONE,
     "\"pub\":\"reject\",\"dmarc\":\"pass\",\"act\":\"none\",\"rep\":1,\"al\":\"s\",\"spf\":[\"pass\",\"mfrom\",\"bounce.a.example\"]}\n"},
    {"DMARC was not asked for", without_dmarc, MV_ACTION_NONE, NULL},
    {"no record", without_record, MV_ACTION_NONE, NULL},
    {"no client", without_client, MV_ACTION_NONE, NULL},
    {"no Author Domain", without_author, MV_ACTION_REJECT, NULL},
    {"a malformed header", with_malformed_header, MV_ACTION_REJECT, NULL},
    {"deferred", failed, MV_ACTION_TEMPFAIL, NULL},
};

static void check_row(const struct row *row)
{
    struct mv_verdict verdict = genuine();
    struct mv_evidence_line line;
    struct mv_buf text;
    bool found;

    row->change(&verdict);
    found = mv_evidence_line_of(&verdict, row->action, NOW_SECS, &line);
    ck_assert_msg(found == (row->ends != NULL), "%s", row->name);
    if (!found)
        return;
    mv_buf_init(&text, MV_EVIDENCE_MAX_LINE_BYTES);
    ck_assert_msg(mv_evidence_line_print(&line, &text) == MV_OK, "%s", row->name);
    ck_assert_msg(strncmp(mv_buf_cstr(&text), START, strlen(START)) == 0, "%s: %s", row->name, mv_buf_cstr(&text));
    ck_assert_msg(strcmp(mv_buf_cstr(&text) + strlen(START), row->ends) == 0, "%s: %s", row->name, mv_buf_cstr(&text));
    mv_buf_free(&text);
}

START_TEST(lines_of_verdicts)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(&rows[i]);
}
END_TEST

/* Escapes, an address of IPv6, times that no clock shows. */
START_TEST(prints_any_byte)
{
    struct mv_verdict verdict = genuine();
    struct mv_evidence_line line;
    struct mv_buf text;

    by_ipv6(&verdict);
    verdict.dmarc.record.text = mv_bytes_of("\"\\\t\0\xc3\x7f ", 7);
    ck_assert(mv_evidence_line_of(&verdict, MV_ACTION_NONE, -5, &line));
    mv_buf_init(&text, MV_EVIDENCE_MAX_LINE_BYTES + 4);
    mv_buf_puts(&text, "left");
    ck_assert_int_eq(mv_evidence_line_print(&line, &text), MV_OK);
    ck_assert_msg(strncmp(mv_buf_cstr(&text), "left{\"v\":1,\"t\":0,\"ip\":\"2001:db8::25\",", 37) == 0, "%s",
                  mv_buf_cstr(&text));
    ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&text), "\"rec\":\"\\\"\\\\\\u0009\\u0000\\u00c3\\u007f \",\"pub\""));
    ck_assert(mv_evidence_line_of(&verdict, MV_ACTION_NONE, INT64_MAX, &line));
    ck_assert_int_eq(line.time_secs, MV_EVIDENCE_MAX_TIME_SECS);
    mv_buf_free(&text);
}
END_TEST

START_TEST(a_long_reason_is_cut)
{
    static char reason[MV_EVIDENCE_MAX_NOTE_BYTES + 100];
    struct mv_verdict verdict = genuine();
    struct mv_evidence_line line;

    memset(reason, 'r', sizeof reason - 1);
    forwarded(&verdict);
    verdict.reason = reason;
    ck_assert(mv_evidence_line_of(&verdict, MV_ACTION_NONE, NOW_SECS, &line));
    ck_assert_uint_eq(line.note.len, MV_EVIDENCE_MAX_NOTE_BYTES);
}
END_TEST

/* Too much for one line */

#define MANY_URIS 18
#define REASON "a reason of some hundred bytes, so that it makes a difference whether it is in the line or not in the line"
static char long_record[MV_DMARC_MAX_RECORD_BYTES];

/* uris addresses of uri_bytes each, and filler that says nothing. */
static void make_record(size_t uris, size_t uri_bytes, size_t filler)
{
    strcpy(long_record, "v=DMARC1; p=reject");
    for (size_t i = 0; i < uris; i++) {
        size_t at = strlen(strcat(long_record, i == 0 ? "; rua=mailto:" : ",mailto:"));

        memset(long_record + at, 'a' + (char)i, uri_bytes);
        strcpy(long_record + at + uri_bytes, "@a.example");
    }
    if (filler > 0) {
        size_t at = strlen(strcat(long_record, "; x="));

        memset(long_record + at, 'x', filler);
        long_record[at + filler] = '\0';
    }
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

static const struct {
    const char *name;
    size_t uris, uri_bytes, filler;
    size_t uris_left, signatures_left;
    bool note_left, filler_left;
} big_rows[] = {
    {"it just fits", 1, 10, 3000, 1, 5, true, true},
    {"the note goes first", 1, 10, 3600, 1, 5, false, true},
    {"then what does not count", 1, 10, 3700, 1, 5, false, false},
    {"as long as a record may be", 1, 10, 16000, 1, 5, false, false},
    {"then signatures", MANY_URIS, 190, 0, MANY_URIS, 3, false, false},
    {"then addresses", MANY_URIS, 800, 0, 4, 0, false, false},
    {"an address that is longer than a line", 1, 8000, 0, 0, 0, false, false},
};

START_TEST(writes_short_what_is_too_long)
{
    struct mv_verdict verdict = genuine();
    struct mv_evidence_line line;
    struct mv_buf text;

    mv_buf_init(&text, MV_EVIDENCE_MAX_LINE_BYTES);
    make_record(big_rows[_i].uris, big_rows[_i].uri_bytes, big_rows[_i].filler);
    by_dkim_too(&verdict);
    verdict.override = MV_OVERRIDE_OTHER;
    verdict.reason = REASON;
    ck_assert(mv_dmarc_record_parse(mv_bytes_str(long_record), &verdict.dmarc.record));
    ck_assert(mv_evidence_line_of(&verdict, MV_ACTION_NONE, NOW_SECS, &line));
    ck_assert_msg(mv_evidence_line_print(&line, &text) == MV_OK, "%s", big_rows[_i].name);
    ck_assert_msg(text.len <= MV_EVIDENCE_MAX_LINE_BYTES, "%s: %zu bytes", big_rows[_i].name, text.len);
    ck_assert_msg(count(mv_buf_cstr(&text), "mailto:") == big_rows[_i].uris_left, "%s: %s", big_rows[_i].name,
                  mv_buf_cstr(&text));
    ck_assert_msg(count(mv_buf_cstr(&text), ",\"s\"]") + count(mv_buf_cstr(&text), ",\"r\"]") +
                          count(mv_buf_cstr(&text), ",\"\"]") == big_rows[_i].signatures_left,
                  "%s: %s", big_rows[_i].name, mv_buf_cstr(&text));
    ck_assert_msg((strstr(mv_buf_cstr(&text), "\"note\"") != NULL) == big_rows[_i].note_left, "%s", big_rows[_i].name);
    ck_assert_msg((strstr(mv_buf_cstr(&text), "xxx") != NULL) == big_rows[_i].filler_left, "%s", big_rows[_i].name);
    ck_assert_int_eq(text.data[text.len - 1], '\n');
    mv_buf_free(&text);
}
END_TEST

START_TEST(refuses_what_is_no_line)
{
    static unsigned char longer[MV_EVIDENCE_MAX_LINE_BYTES];
    struct mv_verdict verdict = genuine();
    struct mv_evidence_line line;
    struct mv_buf text;

    memset(longer, 'a', sizeof longer);
    ck_assert(mv_evidence_line_of(&verdict, MV_ACTION_NONE, NOW_SECS, &line));
    mv_buf_init(&text, MV_EVIDENCE_MAX_LINE_BYTES);
    line.author_domain = mv_bytes_of(longer, sizeof longer);
    ck_assert_int_eq(mv_evidence_line_print(&line, &text), MV_ERR_LIMIT);
    line.record = mv_bytes_of(longer, sizeof longer); /* no record either */
    ck_assert_int_eq(mv_evidence_line_print(&line, &text), MV_ERR_LIMIT);
    ck_assert_uint_eq(text.len, 0);
    mv_buf_free(&text);
    mv_buf_init(&text, 100); /* no room */
    ck_assert_int_eq(mv_evidence_line_print(&line, &text), MV_ERR_MEMORY);
    mv_buf_free(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("evidence_line");
    TCase *tcase = tcase_create("evidence_line");
    SRunner *runner;
    int bad;

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, lines_of_verdicts);
    tcase_add_test(tcase, prints_any_byte);
    tcase_add_test(tcase, a_long_reason_is_cut);
    tcase_add_loop_test(tcase, writes_short_what_is_too_long, 0, sizeof big_rows / sizeof big_rows[0]);
    tcase_add_test(tcase, refuses_what_is_no_line);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    bad = srunner_ntests_failed(runner);
    srunner_free(runner);
    return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
