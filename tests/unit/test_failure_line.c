/* RFC 9989 4.7 fo, RFC 9991 2: who asks for a report about what; and what a border keeps of the message for it. */
#include "core/auth/failure_line.h"

#include <stdio.h>
#include <string.h>

#include "core/auth/failure_message.h"
#include "core/text/message.h"
#include "tests/unit/unit.h"

#define MAX_MEMORY_BYTES (8 * 1024 * 1024)
#define MAX_RECORD_BYTES 256

enum { NO = 0, M = MV_FAILURE_DMARC, D = MV_FAILURE_DKIM, S = MV_FAILURE_SPF };
enum where { OURS, BELOW, THEIRS }; /* the name of the identifier: aligned, aligned unless strict, not aligned */

static const char *const names[] = {[OURS] = "example.com", [BELOW] = "m.example.com", [THEIRS] = "other.example"};

struct facts {
    enum mv_spf_code spf;
    enum where spf_at;
    enum mv_dkim_code dkim; /* NONE: no signature */
    enum where dkim_at;
};

/* What RFC 9989 4.7 says of each: one column for each fo. */
static const char *const options[] = {"", "0", "1", "d", "s", "0:d", "0:s", "1:d", "1:s", "d:s", "1:d:s", "0 : D : S"};
#define OPTIONS (sizeof options / sizeof *options)

static const struct matrix_row {
    const char *name;
    struct facts facts;
    unsigned wanted[OPTIONS];
} matrix[] = {
    {"both pass, aligned", {MV_SPF_PASS, OURS, MV_DKIM_PASS, OURS},
     {NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO}},
    {"SPF alone, no signature", {MV_SPF_PASS, OURS, MV_DKIM_NONE, OURS},
     {NO, NO, M, NO, NO, NO, NO, M, M, NO, M, NO}},
    {"SPF alone, a signature of others passes", {MV_SPF_PASS, OURS, MV_DKIM_PASS, THEIRS},
     {NO, NO, M, NO, NO, NO, NO, M, M, NO, M, NO}},
    {"SPF alone, our signature fails", {MV_SPF_PASS, OURS, MV_DKIM_FAIL, OURS},
     {NO, NO, M, D, NO, D, NO, M | D, M, D, M | D, D}},
    {"SPF alone, a signature of others fails", {MV_SPF_PASS, OURS, MV_DKIM_FAIL, THEIRS},
     {NO, NO, M, D, NO, D, NO, M | D, M, D, M | D, D}},
    {"DKIM alone, SPF of others passes", {MV_SPF_PASS, THEIRS, MV_DKIM_PASS, OURS},
     {NO, NO, M, NO, NO, NO, NO, M, M, NO, M, NO}},
    {"DKIM alone, SPF fails", {MV_SPF_FAIL, OURS, MV_DKIM_PASS, OURS},
     {NO, NO, M, NO, S, NO, S, M, M | S, S, M | S, S}},
    {"DKIM alone, SPF of others fails softly", {MV_SPF_SOFTFAIL, THEIRS, MV_DKIM_PASS, OURS},
     {NO, NO, M, NO, S, NO, S, M, M | S, S, M | S, S}},
    {"DKIM alone, SPF has an error for good", {MV_SPF_PERMERROR, OURS, MV_DKIM_PASS, OURS},
     {NO, NO, M, NO, S, NO, S, M, M | S, S, M | S, S}},
    {"DKIM alone, no SPF", {MV_SPF_NONE, OURS, MV_DKIM_PASS, OURS},
     {NO, NO, M, NO, NO, NO, NO, M, M, NO, M, NO}},
    {"DKIM alone, SPF neutral", {MV_SPF_NEUTRAL, OURS, MV_DKIM_PASS, OURS},
     {NO, NO, M, NO, NO, NO, NO, M, M, NO, M, NO}},
    {"DKIM alone, DNS hides SPF", {MV_SPF_TEMPERROR, OURS, MV_DKIM_PASS, OURS},
     {NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO}},
    {"SPF alone, DNS hides the key", {MV_SPF_PASS, OURS, MV_DKIM_TEMPERROR, OURS},
     {NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO}},
    {"nothing passes", {MV_SPF_FAIL, OURS, MV_DKIM_FAIL, OURS},
     {M, M, M, D, S, M | D, M | S, M | D, M | S, D | S, M | D | S, M | D | S}},
    {"nothing is there", {MV_SPF_NONE, OURS, MV_DKIM_NONE, OURS},
     {M, M, M, NO, NO, M, M, M, M, NO, M, M}},
    {"what passes is of others", {MV_SPF_PASS, THEIRS, MV_DKIM_PASS, THEIRS},
     {M, M, M, NO, NO, M, M, M, M, NO, M, M}},
    {"SPF of others passes, our signature has an error for good", {MV_SPF_PASS, THEIRS, MV_DKIM_PERMERROR, OURS},
     {M, M, M, D, NO, M | D, M, M | D, M, D, M | D, M | D}},
    {"SPF fails, the signature is not one", {MV_SPF_FAIL, THEIRS, MV_DKIM_NEUTRAL, OURS},
     {M, M, M, NO, S, M, M | S, M, M | S, S, M | S, M | S}},
    {"SPF fails, the key is too weak for us", {MV_SPF_FAIL, THEIRS, MV_DKIM_POLICY, OURS},
     {M, M, M, NO, S, M, M | S, M, M | S, S, M | S, M | S}},
    {"DNS hides both", {MV_SPF_TEMPERROR, OURS, MV_DKIM_TEMPERROR, OURS},
     {NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO}},
};

static struct mv_arena *arena;
static struct mv_dkim_result signatures[2];

static void setup(void)
{
    arena = mv_arena_new(MAX_MEMORY_BYTES);
    ck_assert_ptr_nonnull(arena);
}

static void teardown(void)
{
    mv_arena_free(&arena);
}

static void read_record(struct mv_verdict *v, const char *text)
{
    const char *copy = mv_arena_str(arena, mv_bytes_str(text));

    ck_assert(mv_dmarc_record_parse(mv_bytes_str(copy), &v->dmarc.record));
    v->dmarc.has_record = true;
}

static enum mv_dmarc_code judge(const struct mv_verdict *v, const struct facts *facts)
{
    if (v->dmarc.aligned_spf || v->dmarc.aligned_dkim)
        return MV_DMARC_PASS;
    return (facts->spf == MV_SPF_TEMPERROR && facts->spf_at != THEIRS) ||
                   (facts->dkim == MV_DKIM_TEMPERROR && facts->dkim_at != THEIRS)
               ? MV_DMARC_TEMPERROR
               : MV_DMARC_FAIL;
}

static struct mv_verdict verdict_of(const struct facts *facts, const char *fo)
{
    struct mv_verdict v = {
        .has_spf = true,
        .spf = {.code = facts->spf, .domain = mv_bytes_str(names[facts->spf_at])},
        .has_dkim = true,
        .dkim = signatures,
        .dkim_count = facts->dkim == MV_DKIM_NONE ? 0 : 1,
        .from = MV_FROM_OK,
        .author_domain = MV_BYTES("example.com"),
        .has_dmarc = true,
        .dmarc = {.author_domain = MV_BYTES("example.com"), .policy_domain = MV_BYTES("example.com"),
                  .org_domain = MV_BYTES("example.com"), .published = MV_DMARC_P_REJECT,
                  .effective = MV_DMARC_P_REJECT, .policy_tag = "p", .reason = "why", .section = "RFC 9989 5.3.5"},
        .reason = "why",
    };
    char record[MAX_RECORD_BYTES];

    ck_assert(mv_ip_parse(MV_BYTES("192.0.2.7"), &v.client_ip));
    signatures[0] = (struct mv_dkim_result){.code = facts->dkim, .sdid = mv_bytes_str(names[facts->dkim_at]),
                                            .selector = MV_BYTES("s1"), .auid = MV_BYTES("alice@m.example.com"),
                                            .algorithm = MV_BYTES("rsa-sha256"), .reason = "a reason"};
    snprintf(record, sizeof record, "v=DMARC1; p=reject; ruf=mailto:f@example.com%s%s", *fo == '\0' ? "" : "; fo=", fo);
    read_record(&v, record);
    v.dmarc.aligned_spf = facts->spf == MV_SPF_PASS && facts->spf_at != THEIRS;
    v.dmarc.aligned_dkim = facts->dkim == MV_DKIM_PASS && facts->dkim_at != THEIRS;
    v.dmarc.code = judge(&v, facts);
    return v;
}

START_TEST(asks_by_fo)
{
    const struct matrix_row *row = &matrix[_i];

    for (size_t i = 0; i < OPTIONS; i++) {
        struct mv_verdict v = verdict_of(&row->facts, options[i]);

        ck_assert_msg(mv_failure_wanted(&v) == row->wanted[i], "%s, fo=%s: %u instead of %u", row->name, options[i],
                      mv_failure_wanted(&v), row->wanted[i]);
    }
}
END_TEST

static const struct facts all_fails = {MV_SPF_FAIL, OURS, MV_DKIM_FAIL, OURS};

START_TEST(asks_nobody)
{
    static const char *const records[] = {
        "v=DMARC1; p=reject; fo=1:d:s", "v=DMARC1; p=reject; rua=mailto:f@example.com; fo=1:d:s",
        "v=DMARC1; p=reject; fo=1:d:s; psd=y; ruf=mailto:f@example.com", "v=DMARC1; p=reject; ruf=f@example.com; fo=1",
    };
    struct mv_verdict v;

    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        v = verdict_of(&all_fails, "1:d:s");
        read_record(&v, records[i]);
        ck_assert_msg(mv_failure_wanted(&v) == 0, "%s", records[i]);
    }
    v = verdict_of(&all_fails, "1:d:s");
    v.dmarc.policy_domain = MV_BYTES("com");
    ck_assert_uint_eq(mv_failure_wanted(&v), 0);
    v = verdict_of(&all_fails, "1:d:s");
    v.client_ip.family = MV_IP_NONE;
    ck_assert_uint_eq(mv_failure_wanted(&v), 0);
    v = verdict_of(&all_fails, "1:d:s");
    v.is_report = true;
    ck_assert_uint_eq(mv_failure_wanted(&v), 0);
    v = verdict_of(&all_fails, "1:d:s");
    v.from = MV_FROM_SEVERAL_DOMAINS;
    ck_assert_uint_eq(mv_failure_wanted(&v), 0);
    v = verdict_of(&all_fails, "1:d:s");
    v.defects = MV_DEFECT_BARE_CR;
    ck_assert_uint_eq(mv_failure_wanted(&v), 0);
    v = verdict_of(&all_fails, "1:d:s");
    v.has_dmarc = false;
    ck_assert_uint_eq(mv_failure_wanted(&v), 0);
    v = verdict_of(&all_fails, "1:d:s");
    ck_assert_uint_eq(mv_failure_wanted(&v), M | D | S);
}
END_TEST

static const struct answer_row {
    const char *name, *header;
    bool null_path, is_answer;
} answers[] = {
    {"a bounce", "Content-Type: Multipart/Report; report-type=delivery-status\r\n", false, true},
    {"a folded type", "Content-Type:\r\n multipart/report\r\n", false, true},
    {"an answer on holiday", "Auto-Submitted: auto-replied\r\n", true, true},
    {"a newsletter of a machine", "Auto-Submitted: auto-generated\r\n", false, false},
    {"by hand", "Auto-Submitted: no\r\n", true, false},
    {"mail", "Subject: multipart/report\r\nContent-Type: multipart/mixed\r\n", true, false},
};

/* Fields of one header block. */
static const struct mv_field *split(const char *header, size_t *count_r)
{
    struct mv_reader *reader = mv_reader_new(arena);
    struct mv_bytes body;

    ck_assert_int_eq(mv_reader_feed(reader, mv_bytes_str(header), &body), MV_OK);
    ck_assert_int_eq(mv_reader_end(reader), MV_OK);
    return mv_reader_fields(reader, count_r);
}

START_TEST(knows_answers)
{
    const struct answer_row *row = &answers[_i];
    size_t count;
    const struct mv_field *fields = split(row->header, &count);

    ck_assert_msg(mv_failure_is_answer(fields, count, row->null_path) == row->is_answer, "%s", row->name);
}
END_TEST

static struct mv_failure_source source_of(const struct mv_verdict *v, const char *header)
{
    struct mv_failure_source source = {
        .verdict = v,
        .action = MV_ACTION_REJECT,
        .mail_from = MV_BYTES("<bounce+bob=example.org@example.com>"),
        .authserv_id = MV_BYTES("mx.example.org"),
        .key = MV_BYTES("0123456789abcdef0123456789abcdef"),
        .now_secs = 1795651200,
    };

    source.fields = split(header, &source.field_count);
    return source;
}

static const char *print(const struct mv_failure_line *line)
{
    struct mv_buf text;
    const char *copy;

    mv_buf_init(&text, MV_FAILURE_MAX_LINE_BYTES);
    ck_assert_int_eq(mv_failure_line_print(line, &text), MV_OK);
    copy = mv_arena_str(arena, mv_buf_bytes(&text));
    mv_buf_free(&text);
    return copy;
}

#define HEADER "From: \"A\" <alice@example.com>\r\nTo: bob@example.org\r\nSubject: secret\r\n"
#define SPF_RECORD "v=spf1 include:%{l}.x.example \"-all"

/* The whole line, with nothing of a person in it. */
START_TEST(one_line)
{
    struct mv_spf_record_read records[] = {{MV_BYTES("example.com"), MV_BYTES(SPF_RECORD)},
                                           {MV_BYTES("bob.x.example"), MV_BYTES("v=spf1 -all")}};
    struct mv_verdict v = verdict_of(&all_fails, "1:d:s");
    struct mv_failure_source source;
    struct mv_failure_line line;
    const char *text;

    v.spf.records = records;
    v.spf.record_count = 2;
    v.spf.code = MV_SPF_PERMERROR;
    v.spf.reason = "bob.x.example has no record";
    signatures[0].body_differs = true;
    source = source_of(&v, HEADER);
    ck_assert_int_eq(mv_failure_line_of(arena, &source, &line), MV_OK);
    text = print(&line);
    ck_assert_msg(strncmp(text, "{\"v\":1,\"t\":1795651200,\"ip\":\"192.0.2.7\",\"want\":[\"dmarc\",\"dkim\",\"spf\"],"
                                "\"from\":\"example.com\",\"at\":\"example.com\",\"rec\":\"v=DMARC1; p=reject; "
                                "ruf=mailto:f@example.com; fo=1:d:s\",\"mf\":\"", 60) == 0, "%s", text);
    ck_assert_msg(strstr(text, "\"id\":\"mx.example.org\",\"miss\":[\"dkim\",\"spf\"],\"res\":[\"mx.example.org; dmarc=fail "
                               "(p=reject; policy domain example.com) reason=\\\"why\\\" header.from=example.com "
                               "policy.dmarc=reject\",\"mx.example.org; dkim=fail reason=\\\"a reason\\\" "
                               "header.d=example.com header.s=s1 header.a=rsa-sha256\",\"mx.example.org; spf=permerror "
                               "smtp.mailfrom=example.com\"],\"act\":\"reject\",\"dkim\":[\"bodyhash\",\"example.com\",\"s1\",\"")
                      != NULL, "%s", text);
    ck_assert_msg(strstr(text, "@m.example.com\",1],\"spf\":[\"permerror\",[[\"example.com\",\"v=spf1 include:%{l}.x.example "
                               "\\\"-all\"]]],\"hdr\":\"From: ") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "@example.org\\r\\nSubject: redacted\\r\\n\"}\n") != NULL, "%s", text);
    ck_assert(strstr(text, "alice") == NULL && strstr(text, "bob") == NULL && strstr(text, "secret") == NULL);
}
END_TEST

START_TEST(picks_the_signature)
{
    static const struct {
        struct mv_dkim_result first, second;
        const char *domain;
        enum mv_failure_signature kind;
        bool aligned;
    } rows[] = {
        {{.code = MV_DKIM_FAIL, .sdid = MV_BYTES("other.example"), .selector = MV_BYTES("o")},
         {.code = MV_DKIM_FAIL, .sdid = MV_BYTES("m.example.com"), .selector = MV_BYTES("m")},
         "m.example.com", MV_FAILURE_SIGNATURE, true},
        {{.code = MV_DKIM_PASS, .sdid = MV_BYTES("example.com"), .selector = MV_BYTES("o")},
         {.code = MV_DKIM_PERMERROR, .sdid = MV_BYTES("other.example"), .selector = MV_BYTES("m"), .key_revoked = true},
         "other.example", MV_FAILURE_REVOKED, false},
        {{.code = MV_DKIM_FAIL, .sdid = MV_BYTES("other.example"), .selector = MV_BYTES(""), .body_differs = true},
         {.code = MV_DKIM_FAIL, .sdid = MV_BYTES("third.example"), .selector = MV_BYTES("m"), .body_differs = true},
         "third.example", MV_FAILURE_BODYHASH, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_verdict v = verdict_of(&all_fails, "d");
        struct mv_failure_source source = source_of(&v, HEADER);
        struct mv_failure_line line;

        signatures[0] = rows[i].first;
        signatures[1] = rows[i].second;
        v.dkim_count = 2;
        ck_assert_int_eq(mv_failure_line_of(arena, &source, &line), MV_OK);
        ck_assert_uint_eq(line.wanted, D);
        ck_assert_msg(mv_bytes_equal(line.dkim_domain, mv_bytes_str(rows[i].domain)), "row %zu", i);
        ck_assert_int_eq(line.signature, rows[i].kind);
        ck_assert_int_eq(line.signature_aligned, rows[i].aligned);
    }
    {
        struct mv_verdict v = verdict_of(&(struct facts){MV_SPF_FAIL, OURS, MV_DKIM_FAIL, BELOW}, "d");
        struct mv_failure_source source = source_of(&v, HEADER);
        struct mv_failure_line line;

        read_record(&v, "v=DMARC1; p=reject; adkim=s; fo=d; ruf=mailto:f@example.com");
        ck_assert_int_eq(mv_failure_line_of(arena, &source, &line), MV_OK);
        ck_assert(!line.signature_aligned);
    }
}
END_TEST

START_TEST(leaves_out)
{
    static char long_text[5000];
    struct mv_spf_record_read records[3] = {{MV_BYTES("example.com"), MV_BYTES("v=spf1 include:_b.x.example -all")},
                                            {MV_BYTES("_b.x.example"), {(const unsigned char *)long_text, 4100}},
                                            {MV_BYTES("c.example"), MV_BYTES("v=spf1 \xc3\n-all")}};
    struct mv_verdict v = verdict_of(&all_fails, "0");
    struct mv_failure_source source = source_of(&v, HEADER);
    struct mv_failure_line line;

    memset(long_text, 'a', sizeof long_text - 1);
    v.spf.records = records;
    v.spf.record_count = 3;
    ck_assert_int_eq(mv_failure_line_of(arena, &source, &line), MV_OK);
    ck_assert_uint_eq(line.spf_record_count, 2);
    ck_assert(mv_bytes_equal(line.spf_records[1].text, MV_BYTES("v=spf1 ?" "?-all")));
    source.action = MV_ACTION_TEMPFAIL;
    ck_assert_int_eq(mv_failure_line_of(arena, &source, &line), MV_OK);
    ck_assert_uint_eq(line.wanted, 0);
    source = source_of(&v, "Content-Type: multipart/report\r\n");
    ck_assert_int_eq(mv_failure_line_of(arena, &source, &line), MV_OK);
    ck_assert_uint_eq(line.wanted, 0);
    source = source_of(&v, HEADER);
    source.authserv_id = MV_BYTES("not an id");
    ck_assert_int_eq(mv_failure_line_of(arena, &source, &line), MV_OK);
    ck_assert_uint_eq(line.wanted, 0);
    source = source_of(&v, HEADER);
    source.mail_from = MV_BYTES("<>");
    ck_assert_int_eq(mv_failure_line_of(arena, &source, &line), MV_OK);
    ck_assert(line.wanted == M && line.mail_from.len == 0);
}
END_TEST

START_TEST(rate)
{
    struct mv_failure_rate used = {0};

    for (int minute = 0; minute < 3; minute++)
        for (unsigned i = 0; i < 2 * MV_FAILURE_LINES_PER_MINUTE; i++)
            ck_assert_int_eq(mv_failure_rate_take(&used, 1795651200 + minute * 60 + (int)i % 60),
                             i < MV_FAILURE_LINES_PER_MINUTE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("failure_line");
    TCase *tcase = tcase_create("failure_line");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, asks_by_fo, 0, sizeof matrix / sizeof matrix[0]);
    tcase_add_test(tcase, asks_nobody);
    tcase_add_loop_test(tcase, knows_answers, 0, sizeof answers / sizeof answers[0]);
    tcase_add_test(tcase, one_line);
    tcase_add_test(tcase, picks_the_signature);
    tcase_add_test(tcase, leaves_out);
    tcase_add_test(tcase, rate);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
