/* RFC 9990 4: whether a host takes the reports of others, and where it wants them. */
#include "core/ops/report_consent.h"

#include "tests/unit/ops_zone.h"
#include "tests/unit/unit.h"

#define MAX_MEMORY_BYTES (1 << 24)
#define OURS "_dmarc.example.org TXT v=DMARC1; p=none\n"
#define LABEL "a23456789012345678901234567890123456789012345678901234567890."
#define LONG_NAME LABEL LABEL LABEL "a2345678901234567890123456789012345.example.net"
#define CONSENT "example.org._report._dmarc.example.net TXT "

static const struct row {
    const char *name;
    const char *zone;
    const char *uri;
    enum mv_consent consent;
    const char *instead;
} rows[] = {
    {"our own domain", OURS, "mailto:d@example.org", MV_CONSENT_NOT_NEEDED, ""},
    {"the same Organizational Domain", OURS, "mailto:d@a.example.org", MV_CONSENT_NOT_NEEDED, ""},
    {"given", OURS CONSENT "v=DMARC1", "mailto:d@example.net", MV_CONSENT_GIVEN, ""},
    {"given, in capitals", OURS CONSENT "v=DMARC1", "MAILTO:d@EXAMPLE.net", MV_CONSENT_GIVEN, ""},
    {"missing", OURS, "mailto:d@example.net", MV_CONSENT_MISSING, ""},
    {"no record of DMARC", OURS CONSENT "v=spf1 -all", "mailto:d@example.net", MV_CONSENT_MISSING, ""},
    {"step 7: another address at the same host", OURS CONSENT "v=DMARC1; rua=mailto:x@example.net",
     "mailto:d@example.net", MV_CONSENT_GIVEN, "mailto:x@example.net"},
    {"step 7: another host", OURS CONSENT "v=DMARC1; rua=mailto:x@example.com", "mailto:d@example.net",
     MV_CONSENT_ELSEWHERE, ""},
    {"of another tag", OURS CONSENT "v=DMARC1; ruf=mailto:x@example.com", "mailto:d@example.net", MV_CONSENT_GIVEN, ""},
    {"two that agree", OURS CONSENT "v=DMARC1; rua=mailto:x@example.net\n" CONSENT "v=DMARC1;rua=mailto:x@example.net",
     "mailto:d@example.net", MV_CONSENT_GIVEN, "mailto:x@example.net"},
    {"two that do not", OURS CONSENT "v=DMARC1; rua=mailto:x@example.net\n" CONSENT "v=DMARC1; rua=mailto:y@example.net",
     "mailto:d@example.net", MV_CONSENT_GIVEN, ""},
    {"no answer", OURS CONSENT "!TIMEOUT", "mailto:d@example.net", MV_CONSENT_UNKNOWN, ""},
    {"no answer about our Organizational Domain", "_dmarc.example.org TXT !SERVFAIL", "mailto:d@a.example.org",
     MV_CONSENT_UNKNOWN, ""},
    {"no answer about theirs, but consent", OURS CONSENT "v=DMARC1\n_dmarc.example.net TXT !SERVFAIL",
     "mailto:d@example.net", MV_CONSENT_GIVEN, ""},
    {"no host", OURS, "mailto:d", MV_CONSENT_NO_HOST, ""},
    {"step 5: with no more than the version", OURS CONSENT "v=DMARC1;", "mailto:d@example.net", MV_CONSENT_GIVEN, ""},
    {"step 5: white space, tags that nobody knows", OURS CONSENT "v = DMARC1 ; x=y; p=whatever", "mailto:d@example.net",
     MV_CONSENT_GIVEN, ""},
    {"step 5: the version is not first", OURS CONSENT "p=none; v=DMARC1", "mailto:d@example.net", MV_CONSENT_MISSING, ""},
    {"step 5: another version", OURS CONSENT "v=DMARC10", "mailto:d@example.net", MV_CONSENT_MISSING, ""},
    {"step 5: one beside others that are none", OURS CONSENT "hello\n" CONSENT "v=DMARC1\n" CONSENT "v=spf1 -all",
     "mailto:d@example.net", MV_CONSENT_GIVEN, ""},
    {"by CNAME", OURS "example.org._report._dmarc.example.net CNAME all.example.net\nall.example.net TXT v=DMARC1",
     "mailto:d@example.net", MV_CONSENT_GIVEN, ""},
    {"by CNAME to nothing", OURS "example.org._report._dmarc.example.net CNAME none.example.net", "mailto:d@example.net",
     MV_CONSENT_MISSING, ""},
    {"by CNAME to silence", OURS "example.org._report._dmarc.example.net CNAME none.example.net\nnone.example.net TXT !SERVFAIL",
     "mailto:d@example.net", MV_CONSENT_UNKNOWN, ""},
    {"of a name below", OURS "a.example.org._report._dmarc.example.net TXT v=DMARC1", "mailto:d@example.net",
     MV_CONSENT_MISSING, ""},
    {"of a name above the host", OURS CONSENT "v=DMARC1", "mailto:d@mail.example.net", MV_CONSENT_MISSING, ""},
    {"a host below another organisation", OURS "_dmarc.example.net TXT v=DMARC1; p=none\n"
     "example.org._report._dmarc.mail.example.net TXT v=DMARC1", "mailto:d@mail.example.net", MV_CONSENT_GIVEN, ""},
    {"a domain below ours that is one of its own (psd=n)",
     OURS "_dmarc.a.example.org TXT v=DMARC1; p=none; psd=n", "mailto:d@a.example.org", MV_CONSENT_MISSING, ""},
    {"step 7: several, all at the same host", OURS CONSENT "v=DMARC1; rua=mailto:x@example.net,mailto:y@example.net",
     "mailto:d@example.net", MV_CONSENT_GIVEN, "mailto:x@example.net"},
    {"step 7: several, one at another host", OURS CONSENT "v=DMARC1; rua=mailto:x@example.net,mailto:y@example.com",
     "mailto:d@example.net", MV_CONSENT_ELSEWHERE, ""},
    {"step 7: a name below is another host", OURS CONSENT "v=DMARC1; rua=mailto:x@mail.example.net",
     "mailto:d@example.net", MV_CONSENT_ELSEWHERE, ""},
    {"step 7: one that is no URI", OURS CONSENT "v=DMARC1; rua=x@example.com", "mailto:d@example.net", MV_CONSENT_GIVEN, ""},
    {"a size, and fields of a mail", OURS CONSENT "v=DMARC1; rua=mailto:x@example.net!10m", "mailto:d@example.net?subject=x",
     MV_CONSENT_GIVEN, "mailto:x@example.net"},
    {"https", OURS CONSENT "v=DMARC1", "https://example.org@example.net:443/a?b@example.org", MV_CONSENT_GIVEN, ""},
    {"a name that does not fit into DNS (step 3)", OURS, "mailto:d@" LONG_NAME, MV_CONSENT_TOO_LONG, ""},
}, ruf_rows[] = {
    {"another address at the same host", OURS CONSENT "v=DMARC1; rua=mailto:x@example.com; ruf=mailto:f@example.net",
     "mailto:d@example.net", MV_CONSENT_GIVEN, "mailto:f@example.net"},
    {"another host", OURS CONSENT "v=DMARC1; ruf=mailto:x@example.com", "mailto:d@example.net", MV_CONSENT_ELSEWHERE, ""},
}, wild_rows[] = {
    {"for everybody", OURS "*._report._dmarc.example.net TXT v=DMARC1\n" CONSENT "v=DMARC1", "mailto:d@example.net",
     MV_CONSENT_GIVEN, "everybody"},
    {"for us, and no record of everybody", OURS "*._report._dmarc.example.net TXT hello\n" CONSENT "v=DMARC1",
     "mailto:d@example.net", MV_CONSENT_GIVEN, ""},
    {"for us, and silence about everybody", OURS "*._report._dmarc.example.net TXT !SERVFAIL\n" CONSENT "v=DMARC1",
     "mailto:d@example.net", MV_CONSENT_GIVEN, ""},
};

struct run {
    struct mv_arena *arena;
    const struct row *row;
    const char *tag;
    struct mv_consent_check check;
};

static enum mv_code ask(struct mv_memo *memo, void *context)
{
    struct run *run = context;

    return mv_report_consent_check(run->arena, MV_BYTES("example.org"), run->tag, mv_bytes_str(run->row->uri), false, memo,
                                   &run->check);
}

static struct run run_row(const struct row *row, const char *tag)
{
    struct run run = {mv_arena_new(MAX_MEMORY_BYTES), row, tag, {.consent = MV_CONSENT_NO_HOST}};

    ck_assert_msg(ops_zone_run(row->zone, mv_memo_new(run.arena), ask, &run) == MV_OK, "%s", row->name);
    ck_assert_msg(run.check.consent == row->consent, "%s: %d", row->name, (int)run.check.consent);
    return run;
}

static void check_rows(const struct row *row, size_t count, const char *tag)
{
    for (size_t i = 0; i < count; i++) {
        struct run run = run_row(&row[i], tag);

        ck_assert_msg(mv_bytes_equal(run.check.uri, mv_bytes_str(row[i].instead)), "%s: %.*s", row[i].name,
                      (int)run.check.uri.len, run.check.uri.data);
        ck_assert_msg(!run.check.by_wildcard, "%s", row[i].name);
        mv_arena_free(&run.arena);
    }
}

START_TEST(consents)
{
    check_rows(rows, sizeof rows / sizeof *rows, "rua");
    check_rows(ruf_rows, sizeof ruf_rows / sizeof *ruf_rows, "ruf");
}
END_TEST

START_TEST(wildcards)
{
    for (size_t i = 0; i < sizeof wild_rows / sizeof *wild_rows; i++) {
        struct run run = run_row(&wild_rows[i], "rua");

        ck_assert_msg(run.check.by_wildcard == (wild_rows[i].instead[0] != '\0'), "%s", wild_rows[i].name);
        mv_arena_free(&run.arena);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {consents, wildcards};

    return unit_run("report_consent", tests, sizeof tests / sizeof *tests);
}
