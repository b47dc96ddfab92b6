/* RFC 9990 4: whether a host takes the reports of others, and where it wants them. */
#include "core/ops/report_consent.h"

#include "tests/unit/ops_zone.h"
#include "tests/unit/unit.h"

#define MAX_MEMORY_BYTES (1 << 24)
#define OURS "_dmarc.example.org TXT v=DMARC1; p=none\n"
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
};

struct run {
    struct mv_arena *arena;
    const struct row *row;
    struct mv_consent_check check;
};

static enum mv_code ask(struct mv_memo *memo, void *context)
{
    struct run *run = context;

    return mv_report_consent_check(run->arena, MV_BYTES("example.org"), "rua", mv_bytes_str(run->row->uri), false, memo,
                                   &run->check);
}

START_TEST(consents)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct run run = {mv_arena_new(MAX_MEMORY_BYTES), &rows[i], {.consent = MV_CONSENT_NO_HOST}};

        ck_assert_msg(ops_zone_run(rows[i].zone, mv_memo_new(run.arena), ask, &run) == MV_OK, "%s", rows[i].name);
        ck_assert_msg(run.check.consent == rows[i].consent, "%s: %d", rows[i].name, (int)run.check.consent);
        ck_assert_msg(mv_bytes_equal(run.check.uri, mv_bytes_str(rows[i].instead)), "%s: %.*s", rows[i].name,
                      (int)run.check.uri.len, run.check.uri.data);
        mv_arena_free(&run.arena);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {consents};

    return unit_run("report_consent", tests, sizeof tests / sizeof *tests);
}
