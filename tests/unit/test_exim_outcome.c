#include "exim-dlfunc/outcome.h"

#include <string.h>

#include "tests/unit/unit.h"

static const struct mv_dkim_result signatures[] = {
    {.code = MV_DKIM_FAIL, .sdid = {(const unsigned char *)"list.example", 12}},
    {.code = MV_DKIM_PASS, .sdid = {(const unsigned char *)"esp.example", 11}},
    {.code = MV_DKIM_PASS, .sdid = {(const unsigned char *)"example.com", 11},
     .selector = {(const unsigned char *)"s1", 2}},
    {.code = MV_DKIM_TEMPERROR, .sdid = {(const unsigned char *)"slow.example", 12}},
    {.code = MV_DKIM_NEUTRAL},
    {.code = MV_DKIM_NONE},
};

static struct mv_verdict good(void)
{
    return (struct mv_verdict){
        .has_spf = true,
        .spf = {.code = MV_SPF_PASS, .domain = MV_BYTES("example.com")},
        .dkim = signatures,
        .dkim_count = 3,
        .author_domain = MV_BYTES("example.com"),
        .has_dmarc = true,
        .dmarc = {.code = MV_DMARC_PASS, .has_record = true, .published = MV_DMARC_P_REJECT,
                  .effective = MV_DMARC_P_REJECT, .aligned_dkim = true, .aligned_sdid = MV_BYTES("example.com")},
        .dns_questions = 7,
        .dns_rounds = 3,
    };
}

static const struct mv_arc_hop hops[] = {
    {.domain = {(const unsigned char *)"example.org", 11}},
    {.domain = {(const unsigned char *)"list.example.net", 16}},
};

static struct mv_verdict sealed(enum mv_arc_code code, size_t hop_count)
{
    struct mv_verdict verdict = good();

    verdict.has_arc = true;
    verdict.arc = (struct mv_arc_result){
        .code = code, .has_fields = true, .hops = hops, .hop_count = hop_count, .reason = "why"};
    return verdict;
}

static struct mv_verdict refused(const char *reason)
{
    struct mv_verdict verdict = good();

    verdict.dkim_count = 1;
    verdict.dmarc.code = MV_DMARC_FAIL;
    verdict.dmarc.aligned_dkim = false;
    verdict.action = MV_ACTION_REJECT;
    verdict.reason = reason;
    return verdict;
}

static struct mv_outcome judged(const struct mv_verdict *verdict)
{
    return (struct mv_outcome){.kind = MV_OUTCOME_JUDGED, .verdict = verdict, .waited_msecs = 154};
}

typedef void put_function(const struct mv_outcome *outcome, struct mv_buf *out);

static void expect(put_function *put, struct mv_outcome outcome, const char *wanted)
{
    struct mv_buf out = {.max_bytes = 4096};

    put(&outcome, &out);
    ck_assert_str_eq(mv_buf_cstr(&out), wanted);
    mv_buf_free(&out);
}

static void expect_detail(struct mv_outcome outcome, const char *name, const char *wanted)
{
    struct mv_buf out = {.max_bytes = 4096};

    ck_assert_msg(mv_outcome_put_detail(&outcome, name, &out), "%s: unknown", name);
    ck_assert_msg(strcmp(mv_buf_cstr(&out), wanted) == 0, "%s: %s", name, mv_buf_cstr(&out));
    mv_buf_free(&out);
}

START_TEST(test_status)
{
    struct mv_verdict verdict = good(), bad = refused("says \"no\" \\ twice");

    expect(mv_outcome_put_status, judged(&verdict),
           "spf=pass dkim=pass arc=none dmarc=pass policy=reject disposition=none from=example.com reason=\"\"");
    expect(mv_outcome_put_status, judged(&bad),
           "spf=pass dkim=fail arc=none dmarc=fail policy=reject disposition=reject from=example.com "
           "reason=\"says \\\"no\\\" \\\\ twice\"");
    expect(mv_outcome_put_status, (struct mv_outcome){.kind = MV_OUTCOME_OPEN}, "");
    expect(mv_outcome_put_status, (struct mv_outcome){.kind = MV_OUTCOME_SKIPPED, .skip = "relay"},
           "spf=none dkim=none arc=none dmarc=none policy=\"\" disposition=none from=\"\" skip=relay");
    expect(mv_outcome_put_status, (struct mv_outcome){.kind = MV_OUTCOME_FAILED, .error = "x.conf:2: no"},
           "spf=temperror dkim=temperror arc=none dmarc=temperror policy=\"\" disposition=tempfail from=\"\" "
           "error=\"x.conf:2: no\"");
}
END_TEST

/* An empty value must not swallow the next pair: ${extract} skips white space behind "=". */
START_TEST(test_status_without_author)
{
    struct mv_verdict verdict = {.dmarc = {.code = MV_DMARC_PERMERROR}, .action = MV_ACTION_REJECT};

    expect(mv_outcome_put_status, judged(&verdict),
           "spf=none dkim=none arc=none dmarc=permerror policy=\"\" disposition=reject from=\"\" reason=\"\"");
}
END_TEST

START_TEST(test_state)
{
    expect(mv_outcome_put_state, (struct mv_outcome){.kind = MV_OUTCOME_OPEN}, "ok");
    expect(mv_outcome_put_state, (struct mv_outcome){.kind = MV_OUTCOME_SKIPPED, .skip = "authenticated"},
           "skip=authenticated");
    expect(mv_outcome_put_state, (struct mv_outcome){.kind = MV_OUTCOME_FAILED, .error = "a \"b\""},
           "error=\"a \\\"b\\\"\"");
}
END_TEST

START_TEST(test_log)
{
    struct mv_verdict verdict = good(), bad = refused("no"), none = {.action = MV_ACTION_NONE};

    expect(mv_outcome_put_log, judged(&verdict),
           "mailvouch: spf=pass (example.com) dkim=fail (d=list.example) dkim=pass (d=esp.example) dkim=pass "
           "(d=example.com) dmarc=pass (p=reject from=example.com) action=none dns=7q/3r/154ms");
    bad.spf.from_helo = bad.dmarc.test_mode = true;
    bad.override = MV_OVERRIDE_POLICY_TEST_MODE;
    expect(mv_outcome_put_log, judged(&bad),
           "mailvouch: spf=pass (helo example.com) dkim=fail (d=list.example) dmarc=fail (p=reject t=y "
           "from=example.com) action=reject (policy_test_mode) dns=7q/3r/154ms reason=no");
    expect(mv_outcome_put_log, judged(&none),
           "mailvouch: spf=none dkim=none dmarc=none (from=-) action=none dns=0q/0r/154ms");
    expect(mv_outcome_put_log, (struct mv_outcome){.kind = MV_OUTCOME_SKIPPED, .skip = "relay"}, "");
}
END_TEST

START_TEST(test_log_of_many_signatures)
{
    struct mv_verdict verdict = good();

    verdict.dkim_count = 6;
    verdict.dkim_skipped = 90;
    expect(mv_outcome_put_log, judged(&verdict),
           "mailvouch: spf=pass (example.com) dkim=fail (d=list.example) dkim=pass (d=esp.example) dkim=pass "
           "(d=example.com) dkim=temperror (d=slow.example) dkim-others=92 dmarc=pass (p=reject from=example.com) "
           "action=none dns=7q/3r/154ms");
}
END_TEST

START_TEST(test_log_is_one_line_whatever_is_in_it)
{
    struct mv_verdict verdict = refused("a\r\nb\x1b[31m");

    verdict.author_domain = MV_BYTES("x\n) action=none");
    expect(mv_outcome_put_log, judged(&verdict),
           "mailvouch: spf=pass (example.com) dkim=fail (d=list.example) dmarc=fail (p=reject from=x\\x0a) action=none) "
           "action=reject dns=7q/3r/154ms reason=\"a\\x0d\\x0ab\\x1b[31m\"");
}
END_TEST

/* A chain is told when there is one, and not otherwise. */
START_TEST(test_chain)
{
    struct mv_verdict passed = sealed(MV_ARC_PASS, 2), broken = sealed(MV_ARC_FAIL, 0);

    passed.dkim_count = broken.dkim_count = 0;
    expect(mv_outcome_put_log, judged(&passed),
           "mailvouch: spf=pass (example.com) dkim=none arc=pass (i=2 d=list.example.net) dmarc=pass (p=reject "
           "from=example.com) action=none dns=7q/3r/154ms");
    expect(mv_outcome_put_log, judged(&broken),
           "mailvouch: spf=pass (example.com) dkim=none arc=fail dmarc=pass (p=reject from=example.com) action=none "
           "dns=7q/3r/154ms");
    expect(mv_outcome_put_status, judged(&passed),
           "spf=pass dkim=none arc=pass dmarc=pass policy=reject disposition=none from=example.com reason=\"\"");
    expect_detail(judged(&passed), "arc", "pass");
    expect_detail(judged(&passed), "arc_sealers", "example.org:list.example.net");
    expect_detail(judged(&broken), "arc_sealers", "");
    expect_detail(judged(&broken), "arc_reason", "why");
    expect_detail((struct mv_outcome){.kind = MV_OUTCOME_OPEN}, "arc_sealers", "");
}
END_TEST

START_TEST(test_reply)
{
    struct mv_verdict verdict = good(), bad = refused("DMARC failed for example.com"), other = refused("no");

    expect(mv_outcome_put_reply, judged(&verdict), "");
    expect(mv_outcome_put_reply, judged(&bad), "550 5.7.1 Refused: DMARC failed for example.com");
    expect(mv_outcome_put_reply, judged(&other), "550 5.7.1 Refused by DMARC: no");
    other.reason = NULL;
    expect(mv_outcome_put_reply, judged(&other), "550 5.7.1 Refused by DMARC");
    bad.action = MV_ACTION_TEMPFAIL;
    expect(mv_outcome_put_reply, judged(&bad),
           "451 4.7.0 The sender of this message cannot be checked now (DMARC), please try again later");
    expect(mv_outcome_put_reply, (struct mv_outcome){.kind = MV_OUTCOME_FAILED, .error = "secret"},
           "451 4.7.0 The sender of this message cannot be checked now (DMARC), please try again later");
    expect(mv_outcome_put_reply, (struct mv_outcome){.kind = MV_OUTCOME_OPEN}, "");
}
END_TEST

START_TEST(test_details)
{
    struct mv_verdict verdict = good();
    struct mv_outcome failed = {.kind = MV_OUTCOME_FAILED, .error = "broken"};

    expect_detail(judged(&verdict), "dkim_domain", "example.com");
    expect_detail(judged(&verdict), "dkim_selector", "s1");
    expect_detail(judged(&verdict), "spf", "pass");
    expect_detail(judged(&verdict), "disposition", "none");
    expect_detail(judged(&verdict), "error", "");
    expect_detail(failed, "spf", "");
    expect_detail(failed, "disposition", "tempfail");
    expect_detail(failed, "error", "broken");
    expect_detail((struct mv_outcome){.kind = MV_OUTCOME_SKIPPED, .skip = "relay"}, "skip", "relay");
}
END_TEST

/* Every detail can be asked for in every state. */
START_TEST(test_all_details)
{
    struct mv_verdict verdict = good(), empty = {.action = MV_ACTION_NONE};
    const struct mv_outcome outcomes[] = {
        judged(&verdict), judged(&empty), {.kind = MV_OUTCOME_OPEN}, {.kind = MV_OUTCOME_SKIPPED, .skip = "relay"},
        {.kind = MV_OUTCOME_FAILED, .error = "x"}};
    struct mv_buf names = {.max_bytes = 4096}, out = {.max_bytes = 4096}, name = {.max_bytes = 100};
    struct mv_cursor cursor;

    mv_outcome_put_detail_names(&names);
    for (cursor = mv_cursor_of(mv_buf_bytes(&names)); mv_cursor_left(&cursor) > 0; mv_cursor_accept(&cursor, ' ')) {
        mv_buf_reset(&name);
        mv_buf_put(&name, mv_cursor_take_until(&cursor, ' '));
        for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
            ck_assert_msg(mv_outcome_put_detail(&outcomes[i], mv_buf_cstr(&name), &out), "%s", mv_buf_cstr(&name));
    }
    ck_assert(!mv_outcome_put_detail(&outcomes[0], "nonsense", &out));
    ck_assert(!mv_outcome_put_detail(&outcomes[0], "", &out));
    mv_buf_free(&names);
    mv_buf_free(&out);
    mv_buf_free(&name);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_status, test_status_without_author, test_state, test_log, test_log_of_many_signatures,
        test_log_is_one_line_whatever_is_in_it, test_chain, test_reply, test_details, test_all_details};

    return unit_run("exim_outcome", tests, sizeof tests / sizeof tests[0]);
}
