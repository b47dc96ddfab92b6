/*
 * What was seen, tallied: what a report says of a message (RFC 9990 3.1.1), which messages are one row, what a
 * transaction leaves behind.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/ledger_fixture.h"

#define DAY 86400
#define NOON (20000ll * DAY + DAY / 2)

static struct mv_evidence_line line_of(const char *domain)
{
    struct mv_evidence_line line = {.time_secs = NOON,
                                    .author_domain = mv_bytes_str(domain),
                                    .policy_domain = mv_bytes_str(domain),
                                    .record = MV_BYTES("v=DMARC1; p=reject; rua=mailto:a@example.com"),
                                    .published = MV_DMARC_P_REJECT,
                                    .result = MV_DMARC_FAIL,
                                    .action = MV_ACTION_REJECT,
                                    .has_spf = true,
                                    .spf_result = MV_SPF_FAIL,
                                    .spf_domain = MV_BYTES("bounce.example.net")};

    ck_assert(mv_ip_parse(MV_BYTES("192.0.2.1"), &line.client));
    return line;
}

static void pass(struct mv_evidence_line *line)
{
    line->result = MV_DMARC_PASS;
    line->action = MV_ACTION_NONE;
    line->aligned_dkim = true;
}

/* One piece of a file of that name. */
static void count_in(const char *file, const struct mv_evidence_line *lines, size_t count)
{
    struct mv_ledger_place where;

    MUST(mv_ledger_begin(ledger, mv_bytes_str(file), 1, &where, &error));
    for (size_t i = 0; i < count; i++)
        MUST(mv_ledger_count(ledger, &lines[i], &error));
    where.offset += (int64_t)count;
    MUST(mv_ledger_commit(ledger, &where, &error));
}

/* The rows of a day, as text: one line each, in the order in which they come. */
static char shown[65536];

static enum mv_code show(void *to, const struct mv_aggregate_record *r)
{
    struct mv_buf *out = to;

    mv_ip_print(&r->source, out);
    mv_buf_printf(out, " %llu %s dkim=%s spf=%s from=%.*s", (unsigned long long)r->count,
                  mv_report_disposition_text(r->disposition), r->dkim_aligned == MV_REPORT_ALIGNED_PASS ? "pass" : "fail",
                  r->spf_aligned == MV_REPORT_ALIGNED_PASS ? "pass" : "fail", (int)r->header_from.len,
                  (const char *)r->header_from.data);
    if (r->has_envelope_from)
        mv_buf_printf(out, " envelope=<%.*s>", (int)r->envelope_from.len, (const char *)r->envelope_from.data);
    for (size_t i = 0; i < r->reason_count; i++)
        mv_buf_printf(out, " %s(%.*s)", mv_report_override_text(r->reasons[i].type), (int)r->reasons[i].comment.len,
                      (const char *)r->reasons[i].comment.data);
    for (size_t i = 0; i < r->dkim_count; i++)
        mv_buf_printf(out, " %s:%.*s:%.*s", mv_report_auth_text(r->dkim[i].result), (int)r->dkim[i].domain.len,
                      (const char *)r->dkim[i].domain.data, (int)r->dkim[i].selector.len,
                      (const char *)r->dkim[i].selector.data);
    if (r->has_spf)
        mv_buf_printf(out, " spf:%s:%.*s:%s", mv_report_auth_text(r->spf.result), (int)r->spf.domain.len,
                      (const char *)r->spf.domain.data, mv_report_scope_text(r->spf.scope));
    mv_buf_putc(out, '\n');
    return MV_OK;
}

static const char *rows_of(const char *domain, int64_t day_secs)
{
    struct mv_buf out;

    mv_buf_init(&out, sizeof shown - 1);
    MUST(mv_ledger_rows(ledger, mv_bytes_str(domain), day_secs, show, &out, &error));
    snprintf(shown, sizeof shown, "%s", mv_buf_cstr(&out) == NULL ? "too long" : mv_buf_cstr(&out));
    mv_buf_free(&out);
    return shown;
}

/* What was done, and why: RFC 9990 3.1.1.9, 3.1.6 */
#define TEST_RECORD "v=DMARC1; p=reject; t=y"
#define NONE MV_ACTION_NONE
#define JUNK MV_ACTION_QUARANTINE
#define REJECT MV_ACTION_REJECT
#define P_NONE MV_DMARC_P_NONE
#define P_JUNK MV_DMARC_P_QUARANTINE
#define P_REJECT MV_DMARC_P_REJECT
#define LOCAL MV_OVERRIDE_LOCAL_POLICY

static const struct done_row {
    const char *name;
    enum mv_dmarc_policy published;
    const char *record; /* NULL: without t=y */
    enum mv_dmarc_code result;
    enum mv_action action;
    enum mv_override override;
    const char *note;
    const char *expect; /* disposition and reason */
} done_rows[] = {
    {"pass under reject", P_REJECT, NULL, MV_DMARC_PASS, NONE, 0, "", "pass"},
    {"pass under quarantine", P_JUNK, NULL, MV_DMARC_PASS, NONE, 0, "", "pass"},
    {"pass under none", P_NONE, NULL, MV_DMARC_PASS, NONE, 0, "", "none"},
    {"pass under reject, t=y is not asked", P_REJECT, TEST_RECORD, MV_DMARC_PASS, NONE, 0, "", "pass"},
    {"a pass has no reason", P_REJECT, NULL, MV_DMARC_PASS, NONE, LOCAL, "x", "pass"},
    {"a pass that was filed as junk for other reasons", P_REJECT, NULL, MV_DMARC_PASS, JUNK, 0, "", "pass"},
    {"fail under none", P_NONE, NULL, MV_DMARC_FAIL, NONE, 0, "", "none"},
    {"quarantined as published", P_JUNK, NULL, MV_DMARC_FAIL, JUNK, 0, "", "quarantine"},
    {"rejected as published", P_REJECT, NULL, MV_DMARC_FAIL, REJECT, 0, "", "reject"},
    {"no reason where nothing differs", P_NONE, NULL, MV_DMARC_FAIL, NONE, MV_OVERRIDE_TRUSTED_FORWARDER, "x", "none"},
    {"no reason where t=y asks for what is published", P_NONE, "v=DMARC1; p=none; t=y", MV_DMARC_FAIL, NONE, 0, "", "none"},
    {"forwarder", P_REJECT, NULL, MV_DMARC_FAIL, NONE, MV_OVERRIDE_TRUSTED_FORWARDER, "by a forwarder",
     "none trusted_forwarder(by a forwarder)"},
    {"mailing list", P_JUNK, NULL, MV_DMARC_FAIL, NONE, MV_OVERRIDE_MAILING_LIST, "", "none mailing_list()"},
    {"sampled out by pct", P_REJECT, NULL, MV_DMARC_FAIL, JUNK, MV_OVERRIDE_OTHER, "pct", "quarantine other(pct)"},
    {"never rejected here", P_REJECT, NULL, MV_DMARC_FAIL, JUNK, LOCAL, "never", "quarantine local_policy(never)"},
    {"enforced here", P_NONE, NULL, MV_DMARC_FAIL, REJECT, LOCAL, "enforced", "reject local_policy(enforced)"},
    {"t=y lowers reject", P_REJECT, TEST_RECORD, MV_DMARC_FAIL, JUNK, MV_OVERRIDE_POLICY_TEST_MODE, "",
     "quarantine policy_test_mode()"},
    {"t=y lowers quarantine", P_JUNK, TEST_RECORD, MV_DMARC_FAIL, NONE, MV_OVERRIDE_POLICY_TEST_MODE, "",
     "none policy_test_mode()"},
    {"t=y lowers reject, nobody said so", P_REJECT, TEST_RECORD, MV_DMARC_FAIL, JUNK, 0, "",
     "quarantine policy_test_mode()"},
    {"t=y does not explain two steps", P_REJECT, TEST_RECORD, MV_DMARC_FAIL, NONE, 0, "",
     "none local_policy(less is done here than the policy asks for)"},
    {"test mode without t=y is nonsense", P_REJECT, NULL, MV_DMARC_FAIL, JUNK, MV_OVERRIDE_POLICY_TEST_MODE, "x",
     "quarantine local_policy(less is done here than the policy asks for)"},
    {"tagged only", P_REJECT, NULL, MV_DMARC_FAIL, NONE, 0, "",
     "none local_policy(less is done here than the policy asks for)"},
    {"more than published", P_NONE, NULL, MV_DMARC_FAIL, JUNK, 0, "",
     "quarantine local_policy(more is done here than the policy asks for)"},
    {"DNS did not tell", P_REJECT, NULL, MV_DMARC_TEMPERROR, NONE, 0, "",
     "none local_policy(DNS did not answer: no policy was applied)"},
    {"DNS did not tell, under none", P_NONE, NULL, MV_DMARC_TEMPERROR, NONE, 0, "", "none"},
};

START_TEST(test_done)
{
    open_ledger();
    for (size_t i = 0; i < sizeof done_rows / sizeof *done_rows; i++) {
        const struct done_row *row = &done_rows[i];
        struct mv_evidence_line line;
        char domain[40], expect[200];

        snprintf(domain, sizeof domain, "d%zu.example", i);
        line = line_of(domain);
        line.has_spf = false;
        line.published = row->published;
        if (row->record != NULL)
            line.record = mv_bytes_str(row->record);
        if (row->result == MV_DMARC_PASS)
            pass(&line);
        line.result = row->result;
        line.action = row->action;
        line.override = row->override;
        line.note = mv_bytes_str(row->note);
        count_in("done", &line, 1);
        rows_of(domain, NOON - DAY / 2);
        snprintf(expect, sizeof expect, "192.0.2.1 1 %.*s dkim=%s spf=fail from=%s%s\n", (int)strcspn(row->expect, " "),
                 row->expect, row->result == MV_DMARC_PASS ? "pass" : "fail", domain,
                 row->expect + strcspn(row->expect, " "));
        ck_assert_msg(strcmp(shown, expect) == 0, "%s: got %s, expected %s", row->name, shown, expect);
    }
    close_ledger();
}
END_TEST

/* RFC 9990 3.1.3, 3.1.1.13, and envelope_from */
static const struct auth_row {
    const char *name;
    struct mv_evidence_signature dkim[6];
    size_t count;
    bool has_spf, of_helo;
    enum mv_spf_code spf;
    const char *spf_domain;
    const char *expect;
} auth_rows[] = {
    {"by priority",
     {{MV_DKIM_FAIL, MV_BYTES("a.example"), MV_BYTES("s"), MV_EVIDENCE_STRICT},
      {MV_DKIM_PASS, MV_BYTES("b.example"), MV_BYTES("s"), MV_EVIDENCE_NOT_ALIGNED},
      {MV_DKIM_PASS, MV_BYTES("sub.example"), MV_BYTES("s"), MV_EVIDENCE_RELAXED},
      {MV_DKIM_PASS, MV_BYTES("z.example"), MV_BYTES("s"), MV_EVIDENCE_STRICT}},
     4, false, false, 0, "", " pass:z.example:s pass:sub.example:s pass:b.example:s fail:a.example:s"},
    {"the same by domain, selector, result",
     {{MV_DKIM_PASS, MV_BYTES("b.example"), MV_BYTES("t"), 0},
      {MV_DKIM_TEMPERROR, MV_BYTES("b.example"), MV_BYTES("s"), 0},
      {MV_DKIM_FAIL, MV_BYTES("b.example"), MV_BYTES("s"), 0},
      {MV_DKIM_PASS, MV_BYTES("b.example"), MV_BYTES("s"), 0},
      {MV_DKIM_PASS, MV_BYTES("a.example"), MV_BYTES("z"), 0}},
     5, false, false, 0, "",
     " pass:a.example:z pass:b.example:s pass:b.example:t fail:b.example:s temperror:b.example:s"},
    {"all results",
     {{MV_DKIM_POLICY, MV_BYTES("a.example"), MV_BYTES("1"), 0},
      {MV_DKIM_NEUTRAL, MV_BYTES("a.example"), MV_BYTES("2"), 0},
      {MV_DKIM_PERMERROR, MV_BYTES("a.example"), MV_BYTES("3"), 0}},
     3, false, false, 0, "", " policy:a.example:1 neutral:a.example:2 permerror:a.example:3"},
    {"unreadable signatures are left out, one without a selector is not",
     {{MV_DKIM_NEUTRAL, MV_BYTES(""), MV_BYTES("s"), 0},
      {MV_DKIM_NONE, MV_BYTES("a.example"), MV_BYTES("s"), 0},
      {MV_DKIM_PERMERROR, MV_BYTES("a.example"), MV_BYTES(""), 0}},
     3, false, false, 0, "", " permerror:a.example:"},
    {"MAIL FROM", {{0}}, 0, true, false, MV_SPF_SOFTFAIL, "m.example",
     " envelope=<m.example> spf:softfail:m.example:mfrom"},
    {"null reverse-path", {{0}}, 0, true, true, MV_SPF_NEUTRAL, "mx.example",
     " envelope=<> spf:neutral:mx.example:mfrom"},
    {"null reverse-path, HELO is no domain", {{0}}, 0, true, true, MV_SPF_NONE, "", " envelope=<>"},
    {"MAIL FROM without a domain", {{0}}, 0, true, false, MV_SPF_NONE, "", ""},
    {"SPF none", {{0}}, 0, true, false, MV_SPF_NONE, "m.example", " envelope=<m.example> spf:none:m.example:mfrom"},
    {"SPF pass", {{0}}, 0, true, false, MV_SPF_PASS, "m.example", " envelope=<m.example> spf:pass:m.example:mfrom"},
    {"SPF fail", {{0}}, 0, true, false, MV_SPF_FAIL, "m.example", " envelope=<m.example> spf:fail:m.example:mfrom"},
    {"SPF temperror", {{0}}, 0, true, false, MV_SPF_TEMPERROR, "m.example",
     " envelope=<m.example> spf:temperror:m.example:mfrom"},
    {"SPF permerror", {{0}}, 0, true, false, MV_SPF_PERMERROR, "m.example",
     " envelope=<m.example> spf:permerror:m.example:mfrom"},
};

START_TEST(test_auth)
{
    open_ledger();
    for (size_t i = 0; i < sizeof auth_rows / sizeof *auth_rows; i++) {
        const struct auth_row *row = &auth_rows[i];
        struct mv_evidence_line line, turned;
        char domain[40], expect[300];

        snprintf(domain, sizeof domain, "a%zu.example", i);
        line = line_of(domain);
        line.has_spf = row->has_spf;
        line.spf_of_helo = row->of_helo;
        line.spf_result = row->spf;
        line.spf_domain = mv_bytes_str(row->spf_domain);
        line.dkim_count = row->count;
        turned = line;
        for (size_t k = 0; k < row->count; k++) {
            line.dkim[k] = row->dkim[k];
            turned.dkim[k] = row->dkim[row->count - 1 - k]; /* the order in the message makes no other row */
        }
        count_in("auth", &line, 1);
        count_in("auth", &turned, 1);
        rows_of(domain, NOON - DAY / 2);
        snprintf(expect, sizeof expect, "192.0.2.1 2 reject dkim=fail spf=fail from=%s%s\n", domain, row->expect);
        ck_assert_msg(strcmp(shown, expect) == 0, "%s: got %s, expected %s", row->name, shown, expect);
    }
    close_ledger();
}
END_TEST

/* What makes another row, and what does not. */
#define CHANGE(name, statement) \
    static void change_##name(struct mv_evidence_line *line) { statement; }

CHANGE(time, line->time_secs += 3600)
CHANGE(record, line->record = MV_BYTES("v=DMARC1; p=reject"))
CHANGE(note, line->note = MV_BYTES("said, but nothing differs"))
CHANGE(report, line->is_report = true)
CHANGE(nothing, (void)line)
CHANGE(client, ck_assert(mv_ip_parse(MV_BYTES("192.0.2.2"), &line->client)))
CHANGE(family, ck_assert(mv_ip_parse(MV_BYTES("2001:db8::c000:201"), &line->client)))
CHANGE(author, line->author_domain = MV_BYTES("sub.same.example"))
CHANGE(sender, line->spf_domain = MV_BYTES("other.example.net"))
CHANGE(spf, line->spf_result = MV_SPF_SOFTFAIL)
CHANGE(helo, line->spf_of_helo = true)
CHANGE(no_spf, line->has_spf = false)
CHANGE(action, line->action = MV_ACTION_QUARANTINE)
CHANGE(passes, pass(line))
CHANGE(passes_both, pass(line); line->aligned_spf = true)
CHANGE(signature, line->dkim_count = 1; line->dkim[0].domain = MV_BYTES("a.example"); line->dkim[0].result = MV_DKIM_PASS)
CHANGE(selector, change_signature(line); line->dkim[0].selector = MV_BYTES("t"))

static const struct same_row {
    const char *name;
    void (*change)(struct mv_evidence_line *line);
    bool same;
} same_rows[] = {
    {"nothing", change_nothing, true},      {"the hour", change_time, true},     {"the record", change_record, true},
    {"a note", change_note, true},          {"is a report", change_report, true}, {"the client", change_client, false},
    {"its family", change_family, false},   {"From", change_author, false},      {"MAIL FROM", change_sender, false},
    {"SPF", change_spf, false},             {"HELO", change_helo, false},        {"no SPF", change_no_spf, false},
    {"what was done", change_action, false}, {"passed", change_passes, false},    {"by both", change_passes_both, false},
    {"a signature", change_signature, false}, {"its selector", change_selector, false},
};

START_TEST(test_same)
{
    struct mv_evidence_line line = line_of("same.example"), other;
    int64_t rows = 1;

    open_ledger();
    count_in("same", &line, 1);
    for (size_t i = 0; i < sizeof same_rows / sizeof *same_rows; i++) {
        other = line;
        same_rows[i].change(&other);
        count_in("same", &other, 1);
        rows += same_rows[i].same ? 0 : 1;
        ck_assert_msg(number("SELECT count(*) FROM ledger_row WHERE day_id=(SELECT id FROM ledger_day WHERE"
                             " domain='same.example')") == rows, "%s", same_rows[i].name);
    }
    ck_assert_int_eq(number("SELECT CAST(sum(count) AS @int@) FROM ledger_row WHERE day_id=(SELECT id FROM ledger_day"
                            " WHERE domain='same.example')"), 1 + (int64_t)(sizeof same_rows / sizeof *same_rows));
    close_ledger();
}
END_TEST

/* What no report can say. */
CHANGE(no_client, line->client.family = MV_IP_NONE)
CHANGE(deferred, line->action = MV_ACTION_TEMPFAIL)
CHANGE(no_policy, line->result = MV_DMARC_NONE)
CHANGE(no_author, line->author_domain = MV_BYTES(""))
CHANGE(no_domain, line->policy_domain = MV_BYTES(""))
CHANGE(pass_unaligned, line->result = MV_DMARC_PASS)
CHANGE(fail_aligned, line->aligned_spf = true)
CHANGE(before_1970, line->time_secs = -1)
static char long_name[300];
CHANGE(long_domain, line->policy_domain = mv_bytes_of(memset(long_name, 'a', 254), 254))

START_TEST(test_refused)
{
    void (*const changes[])(struct mv_evidence_line *) = {change_no_client, change_deferred,       change_no_policy,
                                                          change_no_author, change_no_domain,      change_pass_unaligned,
                                                          change_fail_aligned, change_before_1970, change_long_domain};
    struct mv_evidence_line line = line_of("refused.example"), other;
    struct mv_ledger_place where;

    open_ledger();
    ck_assert_int_eq(mv_ledger_count(ledger, &line, &error), MV_ERR_USAGE);
    ck_assert_int_eq(mv_ledger_commit(ledger, &where, &error), MV_ERR_USAGE);
    MUST(mv_ledger_begin(ledger, MV_BYTES("refused"), 1, &where, &error));
    ck_assert_int_eq(mv_ledger_begin(ledger, MV_BYTES("refused"), 1, &where, &error), MV_ERR_USAGE);
    MUST(mv_ledger_count(ledger, &line, &error));
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        other = line;
        changes[i](&other);
        ck_assert_msg(mv_ledger_count(ledger, &other, &error) == MV_ERR_SYNTAX && error.text[0] != '\0', "row %zu", i);
    }
    MUST(mv_ledger_count(ledger, &line, &error));
    MUST(mv_ledger_commit(ledger, &where, &error));
    ck_assert_str_eq(rows_of("refused.example", NOON - DAY / 2),
                     "192.0.2.1 2 reject dkim=fail spf=fail from=refused.example envelope=<bounce.example.net>"
                     " spf:fail:bounce.example.net:mfrom\n");
    close_ledger();
}
END_TEST

/* Days */
struct days {
    const char *suffix; /* of those that are looked at */
    char text[2000];
    bool stop;
};

static enum mv_code take_day(void *to, const struct mv_ledger_day *day)
{
    struct days *days = to;
    size_t len = strlen(days->text);

    if (!mv_bytes_has_suffix_nocase(day->policy_domain, mv_bytes_str(days->suffix)))
        return MV_OK;
    snprintf(days->text + len, sizeof days->text - len, "%.*s +%lld %llu/%llu/%llu %.*s(%llu)\n",
             (int)day->policy_domain.len, (const char *)day->policy_domain.data,
             (long long)(day->day_secs - (NOON - DAY / 2)) / DAY, (unsigned long long)day->messages,
             (unsigned long long)day->passed, (unsigned long long)day->reports, (int)day->record.len,
             (const char *)day->record.data, (unsigned long long)day->records);
    return days->stop ? MV_ERR_CRYPTO : MV_OK;
}

static const char *due(const char *suffix, int64_t before_secs)
{
    static struct days days;

    days = (struct days){.suffix = suffix};
    MUST(mv_ledger_due(ledger, before_secs, take_day, &days, &error));
    return days.text;
}

START_TEST(test_days)
{
    struct mv_evidence_line lines[8];
    struct days days = {.suffix = ".days", .stop = true};
    uint64_t messages;

    open_ledger();
    for (size_t i = 0; i < 8; i++)
        lines[i] = line_of(i < 6 ? "b.days" : "a.days");
    lines[0].time_secs = NOON - DAY / 2;     /* the first second of the day */
    lines[1].time_secs = NOON + DAY / 2 - 1; /* the last one */
    lines[1].record = MV_BYTES("v=DMARC1; p=reject; adkim=s");
    lines[2].time_secs = NOON + DAY / 2; /* the next day */
    pass(&lines[3]);
    lines[3].is_report = true;
    pass(&lines[4]);
    lines[5].is_report = true; /* it fails: not one of ours */
    lines[6].record = MV_BYTES("v=DMARC1; p=none");
    lines[7].record = MV_BYTES("\xff\x00;");
    lines[7].record.len = 3;
    lines[6].time_secs = NOON + 1; /* the newer one stays */
    count_in("days", lines, 8);
    ck_assert_str_eq(due(".days", NOON + DAY / 2),
                     "a.days +0 2/0/0 v=DMARC1; p=none(2)\n"
                     "b.days +0 5/2/1 v=DMARC1; p=reject; adkim=s(2)\n");
    ck_assert_str_eq(due(".days", NOON - DAY / 2), "");
    ck_assert_str_eq(due(".days", NOON + 3 * DAY),
                     "a.days +0 2/0/0 v=DMARC1; p=none(2)\n"
                     "b.days +0 5/2/1 v=DMARC1; p=reject; adkim=s(2)\n"
                     "b.days +1 1/0/0 v=DMARC1; p=reject; rua=mailto:a@example.com(1)\n");
    ck_assert_int_eq(mv_ledger_due(ledger, NOON + DAY, take_day, &days, &error), MV_ERR_CRYPTO);
    error.code = MV_OK;
    MUST(mv_ledger_passed_since(ledger, MV_BYTES("b.days"), NOON, &messages, &error));
    ck_assert_uint_eq(messages, 2); /* whole days */
    MUST(mv_ledger_passed_since(ledger, MV_BYTES("b.days"), NOON + DAY, &messages, &error));
    ck_assert_uint_eq(messages, 0);
    MUST(mv_ledger_passed_since(ledger, MV_BYTES("c.days"), 0, &messages, &error));
    ck_assert_uint_eq(messages, 0);
    close_ledger();
}
END_TEST

/* A day that was settled is not due again, and what comes for it is late. */
START_TEST(test_late)
{
    struct mv_evidence_line line = line_of("late.example");

    open_ledger();
    count_in("late", &line, 1);
    count_in("late", &line, 1);
    ck_assert_uint_eq(mv_ledger_late(ledger), 0);
    /* one of the two came while the rows were read */
    MUST(mv_ledger_settle(ledger, MV_BYTES("late.example"), NOON - DAY / 2, 1, NOON + DAY, &error));
    ck_assert_int_eq(number("SELECT late FROM ledger_day WHERE domain='late.example'"), 1);
    ck_assert_str_eq(due("late.example", NOON + DAY), "");
    count_in("late", &line, 1);
    ck_assert_uint_eq(mv_ledger_late(ledger), 1);
    ck_assert_int_eq(number("SELECT late FROM ledger_day WHERE domain='late.example'"), 2);
    ck_assert_int_eq(number("SELECT messages FROM ledger_day WHERE domain='late.example'"), 3);
    ck_assert_str_eq(due("late.example", NOON + DAY), "");
    MUST(mv_ledger_settle(ledger, MV_BYTES("late.example"), NOON - DAY / 2, 0, NOON + DAY, &error)); /* once */
    ck_assert_int_eq(number("SELECT late FROM ledger_day WHERE domain='late.example'"), 2);
    line.time_secs += DAY;
    count_in("late", &line, 1);
    ck_assert_uint_eq(mv_ledger_late(ledger), 1);
    ck_assert_str_eq(due("late.example", NOON + 2 * DAY),
                     "late.example +1 1/0/0 v=DMARC1; p=reject; rua=mailto:a@example.com(1)\n");
    close_ledger();
}
END_TEST

/* A place and what was counted up to it are there together, or neither is. */
START_TEST(test_place)
{
    struct mv_evidence_line line = line_of("place.example");
    struct mv_ledger_place where;

    open_ledger();
    MUST(mv_ledger_begin(ledger, MV_BYTES("place"), UINT64_MAX, &where, &error));
    ck_assert_int_eq(where.offset, 0);
    MUST(mv_ledger_count(ledger, &line, &error));
    where.offset = 7ll << 32;
    memset(where.mark, 0xa5, sizeof where.mark);
    MUST(mv_ledger_commit(ledger, &where, &error));
    MUST(mv_ledger_begin(ledger, MV_BYTES("place"), UINT64_MAX, &where, &error));
    ck_assert(where.offset == 7ll << 32 && where.mark[0] == 0xa5 && where.mark[15] == 0xa5);
    MUST(mv_ledger_count(ledger, &line, &error));
    mv_ledger_rollback(ledger);
    mv_ledger_rollback(ledger);
    MUST(mv_ledger_begin(ledger, MV_BYTES("place"), 5, &where, &error)); /* another file of that name */
    ck_assert(where.offset == 0 && where.mark[0] == 0);
    mv_ledger_rollback(ledger);
    ck_assert_int_eq(number("SELECT messages FROM ledger_day WHERE domain='place.example'"), 1);
    MUST(mv_ledger_begin(ledger, MV_BYTES("place"), UINT64_MAX, &where, &error));
    MUST(mv_ledger_count(ledger, &line, &error));
    MUST(mv_ledger_forget(ledger, &error));
    ck_assert_int_eq(mv_ledger_forget(ledger, &error), MV_ERR_USAGE);
    MUST(mv_ledger_begin(ledger, MV_BYTES("place"), UINT64_MAX, &where, &error));
    ck_assert_int_eq(where.offset, 0);
    close_ledger();
    open_ledger();
    ck_assert_int_eq(number("SELECT messages FROM ledger_day WHERE domain='place.example'"), 1);
    close_ledger();
}
END_TEST

/* More than is held at once; the rows in the order of their addresses, each once. */
#define MANY (2 * MV_LEDGER_MAX_HELD + 100)

struct many {
    uint64_t rows, messages;
    struct mv_ip last;
};

static enum mv_code take_many(void *to, const struct mv_aggregate_record *record)
{
    struct many *many = to;

    ck_assert_int_ge(memcmp(record->source.octets, many->last.octets, 4), 0);
    many->last = record->source;
    many->rows++;
    many->messages += record->count;
    return MV_OK;
}

START_TEST(test_many)
{
    struct mv_evidence_line line = line_of("many.example");
    struct mv_ledger_place where;
    struct many many = {0};

    open_ledger();
    MUST(mv_ledger_begin(ledger, MV_BYTES("many"), 1, &where, &error));
    for (unsigned i = 0; i < 2 * MANY; i++) {
        unsigned host = i * 7919 % MANY;

        memcpy(line.client.octets,
               (unsigned char[]){10, (unsigned char)(host >> 16), (unsigned char)(host >> 8), (unsigned char)host}, 4);
        line.dkim_count = 11; /* so that memory runs full first */
        for (unsigned k = 0; k < 11; k++)
            line.dkim[k] = (struct mv_evidence_signature){MV_DKIM_PASS, MV_BYTES("a-rather-long-name.of-a-signer.example"),
                                                          MV_BYTES("selector-with-a-date-in-it-20261126"), 0};
        line.dkim_count = i % 2 == 0 ? 11 : 1;
        MUST(mv_ledger_count(ledger, &line, &error));
    }
    MUST(mv_ledger_commit(ledger, &where, &error));
    MUST(mv_ledger_rows(ledger, MV_BYTES("many.example"), NOON - DAY / 2, take_many, &many, &error));
    ck_assert_uint_eq(many.messages, 2 * MANY);
    ck_assert_uint_ge(many.rows, MANY);
    ck_assert_int_eq(number("SELECT count(*) FROM ledger_row WHERE day_id=(SELECT id FROM ledger_day WHERE"
                            " domain='many.example')"), (int64_t)many.rows);
    ck_assert_int_eq(number("SELECT messages FROM ledger_day WHERE domain='many.example'"), 2 * MANY);
    close_ledger();
}
END_TEST

START_TEST(test_purge)
{
    struct mv_evidence_line line = line_of("purge.example");
    uint64_t days;

    open_ledger();
    line.time_secs = 100 * DAY + 5;
    count_in("purge-old", &line, 1);
    line.time_secs = 101 * DAY;
    count_in("purge-young", &line, 1);
    MUST(mv_ledger_purge(ledger, 100 * DAY + 6, &days, &error));
    ck_assert_uint_eq(days, 0); /* the day is not over before then */
    ck_assert_int_eq(number("SELECT count(*) FROM ledger_file WHERE name='purge-old'"), 0);
    MUST(mv_ledger_count_old(ledger, 101 * DAY - 1, &days, &error));
    ck_assert_uint_eq(days, 0);
    MUST(mv_ledger_count_old(ledger, 101 * DAY, &days, &error));
    ck_assert_uint_eq(days, 1);
    MUST(mv_ledger_purge(ledger, 101 * DAY, &days, &error));
    ck_assert_uint_eq(days, 1);
    ck_assert_int_eq(number("SELECT count(*) FROM ledger_day WHERE domain='purge.example'"), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM ledger_file WHERE name='purge-young'"), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM ledger_row WHERE day_id NOT IN (SELECT id FROM ledger_day)"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM ledger_record WHERE day_id NOT IN (SELECT id FROM ledger_day)"), 0);
    close_ledger();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_done, test_auth,  test_same, test_refused, test_days,
                                  test_late, test_place, test_many, test_purge};

    return ledger_unit_run("ledger", tests, sizeof tests / sizeof *tests);
}
