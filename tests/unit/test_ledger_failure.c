/*
 * Failures in the ledger: which are alike, what is told of them, once.
 */

#include "tests/unit/ledger_fixture.h"

#define DAY 86400
#define NOON (20000ll * DAY + DAY / 2)

/* Failures that are not quite alike; each row is one difference from the first. */
enum difference { SAME, SAME_NETWORK, NETWORK, FAMILY, AUTHOR, POLICY, RECORD, WANTED, MISSING, SELECTOR, SPF, ACTION };

static const struct {
    enum difference difference;
    uint64_t incidents; /* of its case, at the end */
} failures[] = {{SAME, 3},   {NETWORK, 1}, {FAMILY, 1},   {AUTHOR, 1}, {POLICY, 1}, {RECORD, 1},
                {WANTED, 1}, {MISSING, 1}, {SELECTOR, 1}, {SPF, 1},    {ACTION, 1}};

static void count_failure(enum difference difference, int64_t time_secs, const char *text)
{
    static const char *const clients[] = {
        [SAME_NETWORK] = "192.0.2.255", [NETWORK] = "192.0.3.1", [FAMILY] = "2001:db8::1"};
    const char *client = difference != SAME && difference <= FAMILY ? clients[difference] : "192.0.2.1";
    struct mv_failure_line line = {
        .time_secs = time_secs,
        .author_domain = difference == AUTHOR ? MV_BYTES("b.example") : MV_BYTES("a.example"),
        .policy_domain = difference == POLICY ? MV_BYTES("b.example") : MV_BYTES("a.example"),
        .record = difference == RECORD ? MV_BYTES("v=DMARC1; p=none") : MV_BYTES("v=DMARC1; p=reject"),
        .wanted = difference == WANTED ? MV_FAILURE_SPF : MV_FAILURE_DMARC,
        .missing = difference == MISSING ? MV_FAILURE_SPF : MV_FAILURE_DKIM | MV_FAILURE_SPF,
        .dkim_selector = difference == SELECTOR ? MV_BYTES("s2") : MV_BYTES("s1"),
        .has_spf = true,
        .spf_result = difference == SPF ? MV_SPF_SOFTFAIL : MV_SPF_FAIL,
        .action = difference == ACTION ? MV_ACTION_NONE : MV_ACTION_REJECT,
    };
    struct mv_ledger_place where;

    ck_assert(mv_ip_parse(mv_bytes_str(client), &line.client));
    MUST(mv_ledger_begin(ledger, MV_BYTES("failures"), 1, &where, &error));
    MUST(mv_ledger_failure(ledger, &line, mv_bytes_str(text), &error));
    MUST(mv_ledger_commit(ledger, &where, &error));
}

/* Of the cases of hours before that time: how many, and of how many failures. */
static size_t cases(int64_t before_secs, uint64_t *incidents_r, struct mv_ledger_failure *last_r)
{
    struct mv_arena *arena = mv_arena_new(1 << 20);
    struct mv_ledger_failure failure = {.id = 0};
    size_t count = 0;
    bool found = true;

    *incidents_r = 0;
    while (found) {
        MUST(mv_ledger_next_failure(ledger, before_secs, arena, &failure, &found, &error));
        if (!found)
            break;
        if (failure.hour_secs == NOON)
            ck_assert_uint_eq(failure.incidents, failures[count].incidents);
        ck_assert(mv_bytes_equal(failure.line, MV_BYTES("the first")));
        *incidents_r += failure.incidents;
        *last_r = failure;
        count++;
    }
    mv_arena_free(&arena);
    return count;
}

START_TEST(test_failures)
{
    const size_t rows = sizeof failures / sizeof *failures;
    struct mv_ledger_failure last;
    uint64_t incidents, days;

    open_ledger();
    for (size_t i = 0; i < rows; i++)
        count_failure(failures[i].difference, NOON + (int64_t)i, "the first");
    count_failure(SAME, NOON + 3599, "another");
    count_failure(SAME_NETWORK, NOON, "another");
    count_failure(SAME, NOON + 3600, "the first");
    ck_assert_uint_eq(cases(NOON, &incidents, &last), 0);
    ck_assert_uint_eq(cases(NOON + 1, &incidents, &last), rows);
    ck_assert_uint_eq(incidents, rows + 2);
    ck_assert_uint_eq(cases(NOON + 3601, &incidents, &last), rows + 1);
    MUST(mv_ledger_fix_failure(ledger, &last, &error));
    count_failure(SAME, NOON + 3600, "another");
    ck_assert_uint_eq(cases(NOON + 3601, &incidents, &last), rows + 1); /* it is told as it was fixed */
    ck_assert_uint_eq(incidents, rows + 3);
    MUST(mv_ledger_settle_failure(ledger, last.id, NOON + 9000, &error));
    count_failure(SAME, NOON + 3600, "another");
    ck_assert_uint_eq(cases(NOON + 3601, &incidents, &last), rows);
    ck_assert_int_eq(number("SELECT incidents FROM ledger_failure WHERE settled_secs>0"), 3);
    MUST(mv_ledger_purge(ledger, NOON + 3600, &days, &error));
    ck_assert_int_eq(number("SELECT count(*) FROM ledger_failure"), 1);
    close_ledger();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_failures};

    return ledger_unit_run("ledger_failure", tests, sizeof tests / sizeof *tests);
}
