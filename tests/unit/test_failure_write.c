/* RFC 9991 4, RFC 6591 3, RFC 5965 2: the mail that is a failure report, and that it is read back to what was written. */
#include "mv-config.h"

#include "core/report/failure_write.h"

#include <stdio.h>
#include <string.h>

#include "core/report/failure_read.h"
#include "core/report/intake.h"
#include "tests/unit/unit.h"

#define NOW_SECS 1795655000
#define MAX_MEMORY_BYTES (1024 * 1024)
#define PROPERTY_RUNS 2000
#define ID "20261126abcdefghjkmn"

static struct mv_arena *arena;
static struct mv_buf mail_text;

static void setup(void)
{
    arena = mv_arena_new(MAX_MEMORY_BYTES);
    ck_assert_ptr_nonnull(arena);
    mv_buf_init(&mail_text, MV_FAILURE_MAX_MAIL_BYTES);
}

static void teardown(void)
{
    mv_buf_free(&mail_text);
    mv_arena_free(&arena);
}

static struct mv_failure_line usual_line(void)
{
    struct mv_failure_line line = {
        .time_secs = 1795651200,
        .wanted = MV_FAILURE_DMARC | MV_FAILURE_DKIM | MV_FAILURE_SPF,
        .author_domain = MV_BYTES("m.example.com"),
        .policy_domain = MV_BYTES("example.com"),
        .record = MV_BYTES("v=DMARC1; p=reject; ruf=mailto:f@example.com; fo=1:d:s"),
        .mail_from = MV_BYTES("1f84be11dcd1ef30f474eb94@b.example"),
        .authserv_id = MV_BYTES("mx.example.org"),
        .missing = MV_FAILURE_DKIM | MV_FAILURE_SPF,
        .results = {MV_BYTES("mx.example.org; dmarc=fail header.from=m.example.com"),
                    MV_BYTES("mx.example.org; dkim=fail reason=\"the body hash does not match: the body was changed after "
                             "signing\" header.d=example.com header.s=s1"),
                    MV_BYTES("mx.example.org; spf=fail smtp.mailfrom=b.example")},
        .signature = MV_FAILURE_BODYHASH,
        .signature_aligned = true,
        .dkim_domain = MV_BYTES("example.com"),
        .dkim_selector = MV_BYTES("s1"),
        .dkim_identity = MV_BYTES("f04aa9b26729e7556c6ab0ef@m.example.com"),
        .has_spf = true,
        .spf_result = MV_SPF_FAIL,
        .spf_records = {{MV_BYTES("b.example"), MV_BYTES("v=spf1 include:_spf.b.example \"q\" -all")},
                        {MV_BYTES("_spf.b.example"), MV_BYTES("v=spf1 ip4:192.0.2.0/25 ?all")}},
        .spf_record_count = 2,
        .action = MV_ACTION_REJECT,
        .header = MV_BYTES("From: d05a9b431431aceb10bc882c@m.example.com\r\nSubject: redacted\r\n"),
    };

    ck_assert(mv_ip_parse(MV_BYTES("192.0.2.200"), &line.client));
    return line;
}

static struct mv_failure_mail usual_mail(const struct mv_failure_line *line, enum mv_failure_kind kind)
{
    return (struct mv_failure_mail){
        .from = MV_BYTES("dmarc@example.org"),
        .from_name = MV_BYTES("Example \xc3\xa9"),
        .to = MV_BYTES("f@example.com"),
        .report_id = MV_BYTES(ID),
        .contact = MV_BYTES("https://example.org/dmarc"),
        .now_secs = NOW_SECS,
        .kind = kind,
        .incidents = 3,
        .line = line,
    };
}

static const char *print(const struct mv_failure_mail *mail)
{
    mv_buf_reset(&mail_text);
    ck_assert_int_eq(mv_failure_mail_print(mail, &mail_text), MV_OK);
    return mv_buf_cstr(&mail_text);
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

#define TYPE "\r\n--=_" ID "\r\nContent-Type: "
#define CTE "\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
#define HEAD(failure, result) \
    "Feedback-Type: auth-failure\r\nVersion: 1\r\nUser-Agent: mailvouch/" PACKAGE_VERSION "\r\nAuth-Failure: " failure \
    "\r\nAuthentication-Results: mx.example.org; " result \
    "\r\nIdentity-Alignment: dkim, spf\r\nReported-Domain: m.example.com\r\n" \
    "Original-Mail-From: <1f84be11dcd1ef30f474eb94@b.example>\r\nSource-IP: 192.0.2.200\r\n" \
    "Arrival-Date: Thu, 26 Nov 2026 00:00:00 +0000\r\nReporting-MTA: dns; mx.example.org\r\nIncidents: 3\r\n" \
    "Delivery-Result: reject\r\n"
#define SIGNATURE \
    "DKIM-Domain: example.com\r\nDKIM-Identity: f04aa9b26729e7556c6ab0ef@m.example.com\r\nDKIM-Selector: s1\r\n"
#define RECORDS \
    "SPF-DNS: txt : b.example : \"v=spf1 include:_spf.b.example \\\"q\\\" -all\"\r\n" \
    "SPF-DNS: txt : _spf.b.example : \"v=spf1 ip4:192.0.2.0/25 ?all\"\r\n"

/* Every field of each kind, in the order in which they are written, and nothing else. */
static const struct {
    enum mv_failure_kind kind;
    const char *feedback;
} kinds[] = {
    {MV_FAILURE_DMARC, HEAD("dmarc", "dmarc=fail header.from=m.example.com") SIGNATURE RECORDS},
    {MV_FAILURE_DKIM, HEAD("bodyhash", "dkim=fail reason=\"the body hash does\r\n not match: the body was changed after "
                                       "signing\" header.d=example.com\r\n header.s=s1") SIGNATURE},
    {MV_FAILURE_SPF, HEAD("spf", "spf=fail smtp.mailfrom=b.example") RECORDS},
};

START_TEST(three_parts)
{
    struct mv_failure_line line = usual_line();
    struct mv_failure_mail mail = usual_mail(&line, kinds[_i].kind);
    const char *text = print(&mail), *feedback = strstr(text, TYPE "message/feedback-report" CTE);

    ck_assert_ptr_nonnull(feedback);
    ck_assert_msg(strncmp(feedback + strlen(TYPE "message/feedback-report" CTE), kinds[_i].feedback,
                          strlen(kinds[_i].feedback)) == 0, "%s", feedback);
    ck_assert_msg(strncmp(feedback + strlen(TYPE "message/feedback-report" CTE) + strlen(kinds[_i].feedback),
                          TYPE "text/rfc822-headers" CTE "From: d05a9b431431aceb10bc882c@m.example.com\r\n"
                               "Subject: redacted\r\n\r\n--=_" ID "--\r\n", 40) == 0, "%s", feedback);
    ck_assert_uint_eq(count(text, TYPE), 3);
    ck_assert(strstr(text, TYPE "text/plain") < feedback);
    ck_assert_uint_eq(count(text, "\r\nContent-Type: multipart/report; report-type=feedback-report;\r\n boundary=\"=_" ID
                                  "\"\r\n"), 1);
    ck_assert_uint_eq(count(text, "\r\nAuto-Submitted: auto-generated\r\n"), 1);
    ck_assert_uint_eq(count(text, "\r\nMessage-ID: <" ID "@example.org>\r\n"), 1);
    ck_assert_uint_eq(count(text, "\r\nSubject: FW: redacted: "), 1);
    ck_assert_uint_eq(count(text, "Canonicalized"), 0); /* RFC 9991 4: never beside what is redacted */
    ck_assert_msg(strncmp(text, "From: =?UTF-8?B?", 16) == 0, "%s", text);
    for (const char *at = text; *at != '\0'; at += strcspn(at, "\r") + 2)
        ck_assert(strcspn(at, "\r") <= 998 && strcspn(at, "\n") == strcspn(at, "\r") + 1);
}
END_TEST

static const struct detail_row {
    const char *name;
    enum mv_failure_kind kind;
    void (*change)(struct mv_failure_line *line);
    const char *present, *absent;
} details[];

static void not_aligned(struct mv_failure_line *line) { line->signature_aligned = false; }
static void dkim_aligned(struct mv_failure_line *line) { line->missing = MV_FAILURE_SPF; }
static void spf_aligned(struct mv_failure_line *line) { line->missing = MV_FAILURE_DKIM; }
static void none_missing(struct mv_failure_line *line) { line->missing = 0; }
static void no_identity(struct mv_failure_line *line) { line->dkim_identity = MV_BYTES(""); }
static void null_path(struct mv_failure_line *line) { line->mail_from = MV_BYTES(""); }
static void revoked(struct mv_failure_line *line) { line->signature = MV_FAILURE_REVOKED; }
static void wrong(struct mv_failure_line *line) { line->signature = MV_FAILURE_SIGNATURE; }
static void junk(struct mv_failure_line *line) { line->action = MV_ACTION_QUARANTINE; }
static void let_in(struct mv_failure_line *line) { line->action = MV_ACTION_NONE; }

static void long_record(struct mv_failure_line *line)
{
    static char text[1200];

    memset(text, 'a', sizeof text - 1);
    line->spf_records[0].text = mv_bytes_str(text);
}

static void folded_record(struct mv_failure_line *line)
{
    line->spf_records[0].text =
        MV_BYTES("v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 ip4:192.0.2.3 ip4:192.0.2.4 ip4:192.0.2.5 ip4:192.0.2.6 -all");
}

static const struct detail_row details[] = {
    {"a signature of others", MV_FAILURE_DMARC, not_aligned, "SPF-DNS:", "DKIM-Domain:"},
    {"of others, in a report of its own", MV_FAILURE_DKIM, not_aligned, "DKIM-Domain:", "SPF-DNS:"},
    {"DKIM is aligned", MV_FAILURE_DMARC, dkim_aligned, "Identity-Alignment: spf\r\n", "DKIM-Domain:"},
    {"SPF is aligned", MV_FAILURE_DMARC, spf_aligned, "Identity-Alignment: dkim\r\n", "SPF-DNS:"},
    {"both are", MV_FAILURE_SPF, none_missing, "Identity-Alignment: none\r\n", "DKIM-Domain:"},
    {"no i=", MV_FAILURE_DKIM, no_identity, "DKIM-Identity: @example.com\r\n", "SPF-DNS:"},
    {"the null path", MV_FAILURE_DMARC, null_path, "Original-Mail-From: <>\r\n", "1f84be"},
    {"a revoked key", MV_FAILURE_DKIM, revoked, "Auth-Failure: revoked\r\n", "bodyhash"},
    {"a wrong signature", MV_FAILURE_DKIM, wrong, "Auth-Failure: signature\r\n", "bodyhash"},
    {"junk", MV_FAILURE_DMARC, junk, "Delivery-Result: spam\r\n", "reject\r\n"},
    {"let in", MV_FAILURE_DMARC, let_in, "Delivery-Result: delivered\r\n", "reject\r\n"},
    {"a word that no line holds", MV_FAILURE_SPF, long_record, "SPF-DNS: txt : _spf.b.example", "aaaaaa"},
    {"a folded record", MV_FAILURE_SPF, folded_record, "ip4:192.0.2.3\r\n ip4:192.0.2.4", "include"},
};

START_TEST(each_detail)
{
    const struct detail_row *row = &details[_i];
    struct mv_failure_line line = usual_line();
    struct mv_failure_mail mail = usual_mail(&line, row->kind);
    const char *feedback;

    row->change(&line);
    feedback = strstr(print(&mail), TYPE "message/feedback-report");
    ck_assert_msg(strstr(feedback, row->present) != NULL, "%s: %s", row->name, feedback);
    ck_assert_msg(strstr(feedback, row->absent) == NULL, "%s: %s", row->name, feedback);
}
END_TEST

/* RFC 5965 3.2: a number of 32 bits. And an address of IPv6 (RFC 6591 3.1). */
START_TEST(at_the_limit)
{
    static const struct {
        uint64_t incidents;
        const char *told;
    } rows[] = {{1, "\r\nIncidents: 1\r\n"}, {UINT32_MAX, "\r\nIncidents: 4294967295\r\n"},
                {UINT64_MAX, "\r\nIncidents: 4294967295\r\n"}};
    struct mv_failure_line line = usual_line();
    struct mv_failure_mail mail = usual_mail(&line, MV_FAILURE_DMARC);

    ck_assert(mv_ip_parse(MV_BYTES("2001:DB8:0:0::9"), &line.client));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mail.incidents = rows[i].incidents;
        ck_assert_ptr_nonnull(strstr(print(&mail), rows[i].told));
        ck_assert_ptr_nonnull(strstr(print(&mail), "\r\nSource-IP: 2001:db8::9\r\n"));
    }
}
END_TEST

START_TEST(refuses)
{
    static const struct {
        const char *name, *from, *to, *id, *domain, *selector, *mail_from, *authserv_id;
        uint64_t incidents;
        unsigned kind;
    } rows[] = {
        {"From", "a@b\r\nBcc: x@y.example", "f@example.com", ID, "example.com", "s", "", "mx", 1, MV_FAILURE_DMARC},
        {"To", "a@b.example", "f@example.com, g@h.example", ID, "example.com", "s", "", "mx", 1, MV_FAILURE_DMARC},
        {"To with a line end", "a@b.example", "f@example.com\r\n", ID, "example.com", "s", "", "mx", 1, MV_FAILURE_DMARC},
        {"an id", "a@b.example", "f@example.com", "a\"b", "example.com", "s", "", "mx", 1, MV_FAILURE_DMARC},
        {"a domain", "a@b.example", "f@example.com", ID, "example.com\r\nX: y", "s", "", "mx", 1, MV_FAILURE_DMARC},
        {"a selector", "a@b.example", "f@example.com", ID, "example.com", "s\r\n\r\n", "", "mx", 1, MV_FAILURE_DKIM},
        {"MAIL FROM", "a@b.example", "f@example.com", ID, "example.com", "s", ">\r\nIncidents: 9", "mx", 1,
         MV_FAILURE_DMARC},
        {"the server", "a@b.example", "f@example.com", ID, "example.com", "s", "", "mx\n", 1, MV_FAILURE_DMARC},
        {"no incident", "a@b.example", "f@example.com", ID, "example.com", "s", "", "mx", 0, MV_FAILURE_DMARC},
        {"two kinds", "a@b.example", "f@example.com", ID, "example.com", "s", "", "mx", 1, 3},
        {"none", "a@b.example", "f@example.com", ID, "example.com", "s", "", "mx", 1, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_failure_line line = usual_line();
        struct mv_failure_mail mail = usual_mail(&line, (enum mv_failure_kind)rows[i].kind);

        mail.from = mv_bytes_str(rows[i].from);
        mail.to = mv_bytes_str(rows[i].to);
        mail.report_id = mv_bytes_str(rows[i].id);
        mail.incidents = rows[i].incidents;
        line.author_domain = mv_bytes_str(rows[i].domain);
        line.dkim_selector = mv_bytes_str(rows[i].selector);
        line.mail_from = mv_bytes_str(rows[i].mail_from);
        line.authserv_id = mv_bytes_str(rows[i].authserv_id);
        mv_buf_reset(&mail_text);
        ck_assert_msg(mv_failure_mail_print(&mail, &mail_text) == MV_ERR_USAGE, "%s", rows[i].name);
        ck_assert_uint_eq(mv_buf_bytes(&mail_text).len, 0);
    }
    {
        struct mv_failure_line line = usual_line();
        struct mv_failure_mail mail = usual_mail(&line, MV_FAILURE_SPF);

        line.wanted = MV_FAILURE_DMARC;
        ck_assert_int_eq(mv_failure_mail_print(&mail, &mail_text), MV_ERR_USAGE);
    }
}
END_TEST

/* Written and read */

static uint64_t seed;

static uint32_t roll(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

static struct mv_bytes some_name(void)
{
    char name[80];
    int len = snprintf(name, sizeof name, "d%u.e%u.example", roll(1000), roll(1000));

    return mv_bytes_str(mv_arena_str(arena, mv_bytes_of(name, (size_t)len)));
}

static struct mv_bytes some_address(void)
{
    struct mv_bytes name = some_name();
    char *text = mv_arena_printf(arena, "%012x%012x@%.*s", roll(1u << 31), roll(1u << 31), (int)name.len, name.data);

    return roll(4) == 0 ? MV_BYTES("") : mv_bytes_str(text);
}

static struct mv_failure_line some_line(void)
{
    struct mv_failure_line line = usual_line();

    line.time_secs = roll(1u << 31);
    line.client.family = roll(2) == 0 ? MV_IP_V4 : MV_IP_V6;
    for (size_t i = 0; i < sizeof line.client.octets; i++)
        line.client.octets[i] = (unsigned char)(line.client.family == MV_IP_V4 && i >= 4 ? 0 : roll(256));
    if (line.client.family == MV_IP_V6)
        line.client.octets[0] = 0x20; /* none that is IPv4 in fact */
    line.author_domain = some_name();
    line.policy_domain = some_name();
    line.mail_from = some_address();
    line.missing = roll(4) << 1;
    line.signature = (enum mv_failure_signature)(1 + roll(3));
    line.signature_aligned = roll(2) == 1;
    line.dkim_domain = some_name();
    line.dkim_identity = some_address();
    line.spf_record_count = roll(3);
    line.action = (enum mv_action)roll(3);
    return line;
}

struct found {
    unsigned failures;
    struct mv_failure failure; /* its texts in the arena */
};

static struct mv_bytes copied(struct mv_bytes text)
{
    struct mv_bytes copy;

    ck_assert(mv_arena_copy(arena, text, &copy));
    return copy;
}

static enum mv_code take_failure(void *to, const struct mv_failure *failure)
{
    struct found *found = to;

    found->failures++;
    found->failure = *failure;
    found->failure.reported_domain = copied(failure->reported_domain);
    found->failure.auth_failure = copied(failure->auth_failure);
    found->failure.identity_alignment = copied(failure->identity_alignment);
    found->failure.delivery_result = copied(failure->delivery_result);
    found->failure.mail_from_domain = copied(failure->mail_from_domain);
    found->failure.dkim_domain = copied(failure->dkim_domain);
    found->failure.dkim_selector = copied(failure->dkim_selector);
    return MV_OK;
}

static enum mv_code take_begin(void *to, const struct mv_intake_item *item)
{
    (void)to;
    ck_assert_int_eq(item->kind, MV_REPORT_FAILURE);
    return MV_OK;
}

static enum mv_code take_end(void *to, const struct mv_intake_item *item, const struct mv_error *fault,
                             const struct mv_aggregate_totals *totals)
{
    (void)to, (void)item, (void)totals;
    ck_assert_msg(fault->code == MV_OK, "%s", fault->text);
    return MV_OK;
}

static void read_back(const struct mv_failure_mail *mail, struct found *found)
{
    const struct mv_intake_sink sink = {.begin = take_begin, .failure = take_failure, .end = take_end, .to = found};
    struct mv_intake *intake = mv_intake_new(&sink);

    print(mail);
    ck_assert_ptr_nonnull(intake);
    ck_assert_int_eq(mv_intake_feed(intake, mv_buf_bytes(&mail_text)), MV_OK);
    ck_assert_int_eq(mv_intake_end(intake), MV_OK);
    mv_intake_free(&intake);
}

static struct mv_bytes domain_of(struct mv_bytes address)
{
    return mv_bytes_slice(address, mv_bytes_find(address, '@') + 1, address.len);
}

#define SAME(a, b) ck_assert_msg(mv_bytes_equal(a, b), #a ": %s", mv_buf_cstr(&mail_text))

START_TEST(read_back_the_same)
{
    static const char *const deliveries[] = {"delivered", "spam", "reject"};
    static const char *const alignments[] = {"none", "dkim", "spf", "dkim, spf"};

    for (seed = 1; seed < PROPERTY_RUNS; seed += 1) {
        uint64_t run = seed;
        struct mv_failure_line line = some_line();
        struct mv_failure_mail mail = usual_mail(&line, (enum mv_failure_kind)(1u << roll(3)));
        struct found found = {0};
        bool dkim = mail.kind == MV_FAILURE_DKIM ||
                    (mail.kind == MV_FAILURE_DMARC && line.signature_aligned && (line.missing & MV_FAILURE_DKIM) != 0);

        mail.incidents = 1 + roll(1000000);
        read_back(&mail, &found);
        ck_assert_uint_eq(found.failures, 1);
        SAME(found.failure.reported_domain, line.author_domain);
        SAME(found.failure.auth_failure, mv_bytes_str(mail.kind == MV_FAILURE_DKIM
                                                          ? mv_failure_signature_text(line.signature)
                                                          : mv_failure_kind_text(mail.kind)));
        SAME(found.failure.identity_alignment, mv_bytes_str(alignments[line.missing >> 1]));
        SAME(found.failure.delivery_result, mv_bytes_str(deliveries[line.action]));
        SAME(found.failure.mail_from_domain, domain_of(line.mail_from));
        SAME(found.failure.dkim_domain, dkim ? line.dkim_domain : MV_BYTES(""));
        SAME(found.failure.dkim_selector, dkim ? line.dkim_selector : MV_BYTES(""));
        ck_assert_int_eq(memcmp(&found.failure.source, &line.client, sizeof line.client), 0);
        ck_assert_uint_eq(found.failure.incidents, mail.incidents);
        seed = run;
        if (seed % 100 == 0) {
            mv_arena_free(&arena);
            arena = mv_arena_new(MAX_MEMORY_BYTES);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("failure_write");
    TCase *tcase = tcase_create("failure_write");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, three_parts, 0, sizeof kinds / sizeof kinds[0]);
    tcase_add_loop_test(tcase, each_detail, 0, sizeof details / sizeof details[0]);
    tcase_add_test(tcase, at_the_limit);
    tcase_add_test(tcase, refuses);
    tcase_add_test(tcase, read_back_the_same);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
