/* What begins, what goes on, and what needs no word. */
#include "core/ops/alert.h"
#include "tests/unit/unit.h"

#define NOW INT64_C(1795305600)
#define V4(a, b, c, d) {MV_IP_V4, {a, b, c, d}}

static const struct mv_stage_sender mailjet = {.name = MV_BYTES("Mailjet"), .kind = MV_SENDER_PROVIDER, .blocks = true,
                                               .ip = V4(192, 0, 2, 80), .messages = 40, .failed = {40, 0},
                                               .signer = MV_BYTES("mailjet.com"), .spf_pass = true,
                                               .spf_domain = MV_BYTES("b.mailjet.com")};
static const struct mv_stage_sender stranger = {.name = MV_BYTES("203.0.113.9"), .kind = MV_SENDER_STRANGER,
                                                .ip = V4(203, 0, 113, 9), .messages = 150, .failed = {150, 0}};
static const struct mv_stage_sender forwarder = {.name = MV_BYTES("lists.example"), .kind = MV_SENDER_FORWARDER,
                                                 .ip = V4(203, 0, 113, 9), .messages = 999, .failed = {999, 0}};
static const struct mv_stage_sender mended = {.name = MV_BYTES("a"), .kind = MV_SENDER_OWN, .unproven = true,
                                              .ip = V4(198, 51, 100, 9), .messages = 999, .failed = {999, 0}};

/* The days before. */
static const struct mv_evidence_source no_source = {.messages = 0};
static const struct mv_evidence_source other = {.ip = V4(198, 51, 100, 1), .messages = 1000, .spf_pass = true,
                                                .spf_domain = MV_BYTES("shop.example")};
static const struct mv_evidence_source same_network = {.ip = V4(192, 0, 2, 1), .messages = 30, .failed = {30, 0}};
static const struct mv_evidence_source same_signer = {.ip = V4(198, 18, 0, 1), .messages = 1,
                                                      .signer = MV_BYTES("MAILJET.com")};
static const struct mv_evidence_source same_bounces = {.ip = V4(198, 18, 0, 1), .messages = 1, .spf_pass = true,
                                                       .spf_domain = MV_BYTES("b.mailjet.com")};
static const struct mv_evidence_source claimed_bounces = {.ip = V4(198, 18, 0, 1), .messages = 1,
                                                          .spf_domain = MV_BYTES("b.mailjet.com")};
static const struct mv_evidence_source passed = {.ip = V4(192, 0, 2, 80), .messages = 100, .failed = {10, 0}};
static const struct mv_evidence_source half = {.ip = V4(192, 0, 2, 80), .messages = 100, .failed = {11, 0}};
static const struct mv_evidence_source rarely = {.ip = V4(192, 0, 2, 80), .messages = 9};

#define NOTHING "-"

static const struct {
    const char *name;
    const struct mv_stage_sender *sender;
    const struct mv_evidence_source *before;
    uint64_t threshold;
    const char *found; /* "!" begins, "~" goes on */
} senders[] = {
    {"a new service", &mailjet, &no_source, 10, "!sender"},
    {"beside one that sent before", &mailjet, &other, 10, "!sender"},
    {"below the threshold", &mailjet, &no_source, 41, NOTHING},
    {"at the threshold", &mailjet, &no_source, 40, "!sender"},
    {"a new address of the same network", &mailjet, &same_network, 10, "~sender"},
    {"a new address of who signed before", &mailjet, &same_signer, 10, "~sender"},
    {"of whose bounces went there before", &mailjet, &same_bounces, 10, "~sender"},
    {"of who only said so", &mailjet, &claimed_bounces, 10, "!sender"},
    {"passed before", &mailjet, &passed, 10, "!sender"},
    {"failed before, now and then", &mailjet, &half, 10, "~sender"},
    {"passed before, but rarely", &mailjet, &rarely, 10, "~sender"},
    {"a new stranger", &stranger, &no_source, 10, "!sender"},
    {"a stranger with little", &stranger, &no_source, 16, NOTHING},
    {"a forwarder", &forwarder, &no_source, 10, NOTHING},
    {"what DNS mends", &mended, &no_source, 10, NOTHING},
};

static struct mv_alert_input input_of(const struct mv_evidence_totals *recent, const struct mv_evidence_totals *base)
{
    return (struct mv_alert_input){.domain = MV_BYTES("shop.example"), .now_secs = NOW, .threshold = 10,
                                   .recent = recent, .base = base};
}

/* "!sender ~rate" */
static void describe(const struct mv_alert *alerts, size_t count, struct mv_buf *out)
{
    for (size_t i = 0; i < count; i++)
        mv_buf_printf(out, "%s%s%s", i == 0 ? "" : " ", alerts[i].begins ? "!" : "~",
                      mv_alert_what_text(alerts[i].what));
    if (count == 0)
        mv_buf_puts(out, NOTHING);
}

static void check(const char *name, const struct mv_alert_input *input, const char *wanted)
{
    struct mv_arena *arena = mv_arena_new(8 * 1024 * 1024);
    struct mv_alert *alerts;
    struct mv_buf found;
    size_t count;

    mv_buf_init(&found, 100000);
    ck_assert_int_eq(mv_alert_find(arena, input, &alerts, &count), MV_OK);
    describe(alerts, count, &found);
    ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&found), mv_bytes_str(wanted)), "%s: %s", name, mv_buf_cstr(&found));
    mv_buf_free(&found);
    mv_arena_free(&arena);
}

START_TEST(test_senders)
{
    static const struct mv_evidence_totals none = {.messages = 0};

    for (size_t i = 0; i < sizeof senders / sizeof *senders; i++) {
        struct mv_alert_input input = input_of(&none, &none);

        input.threshold = senders[i].threshold;
        input.senders = senders[i].sender;
        input.sender_count = 1;
        input.base_sources = senders[i].before;
        input.base_source_count = 1;
        check(senders[i].name, &input, senders[i].found);
    }
}
END_TEST

static const struct {
    const char *name;
    struct mv_evidence_totals recent, base;
    const char *found;
} totals[] = {
    {"all is well", {.messages = 1000, .passed = 990, .failed = 10}, {.messages = 4000, .passed = 3960, .failed = 40},
     NOTHING},
    {"a fall", {.messages = 1000, .passed = 930, .failed = 70}, {.messages = 4000, .passed = 3920, .failed = 80},
     "!rate"},
    {"not far enough", {.messages = 1000, .passed = 931, .failed = 69}, {.messages = 4000, .passed = 3920}, NOTHING},
    {"a rise", {.messages = 1000, .passed = 1000}, {.messages = 4000, .passed = 2000}, NOTHING},
    {"too little mail now", {.messages = 49, .passed = 0, .failed = 49}, {.messages = 4000, .passed = 4000}, NOTHING},
    {"too little mail before", {.messages = 1000, .passed = 0, .failed = 1000}, {.messages = 99, .passed = 99},
     NOTHING},
    {"all of it fails", {.messages = UINT64_MAX, .failed = UINT64_MAX}, {.messages = UINT64_MAX, .passed = UINT64_MAX},
     "!rate"},
    {"no reports at all", {.messages = 0}, {.messages = 0}, NOTHING},
    {"reports of yesterday", {.days = 6, .last_secs = NOW - MV_DAY_SECS}, {.days = 28}, NOTHING},
    {"reports stopped", {.days = 4, .last_secs = NOW - 3 * MV_DAY_SECS}, {.days = 28}, "!silence"},
    {"not three days yet", {.days = 4, .last_secs = NOW - 3 * MV_DAY_SECS + 1}, {.days = 28}, NOTHING},
    {"long ago", {.days = 0}, {.days = 15, .last_secs = NOW - 20 * MV_DAY_SECS}, "!silence"},
    {"too long ago", {.days = 0}, {.days = 9, .last_secs = NOW - 26 * MV_DAY_SECS}, NOTHING},
    {"every third day", {.days = 1, .last_secs = NOW - 6 * MV_DAY_SECS}, {.days = 10}, NOTHING},
    {"every third day, and stopped", {.days = 0}, {.days = 10, .last_secs = NOW - 9 * MV_DAY_SECS}, "!silence"},
};

START_TEST(test_totals)
{
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++) {
        struct mv_alert_input input = input_of(&totals[i].recent, &totals[i].base);

        check(totals[i].name, &input, totals[i].found);
    }
}
END_TEST

static bool was_told(const void *to, const struct mv_alert *alert)
{
    return to == NULL && alert->what == MV_ALERT_SENDER;
}

/* What is told of a sender explains the fall; what is left of it is told only when it is one by itself. */
START_TEST(test_explained)
{
    struct mv_evidence_totals recent = {.messages = 400, .passed = 360, .failed = 40},
                              base = {.messages = 4000, .passed = 3960};
    struct mv_alert_input input = input_of(&recent, &base);

    input.senders = &mailjet;
    input.sender_count = 1;
    check("explained", &input, "!sender ~rate");
    input.base_sources = &same_network;
    input.base_source_count = 1;
    check("not by one that fails all along", &input, "~sender !rate");
    input.was_told = was_told;
    check("by one that was told", &input, "~sender ~rate");
    input.base_source_count = 0;
    recent.passed = 300;
    recent.failed = 100;
    check("not all of it", &input, "!sender !rate");
}
END_TEST

/* Many small strangers are told together, and as something new when they are more than usual. */
START_TEST(test_strangers)
{
    static struct mv_stage_sender many[200];
    struct mv_evidence_totals recent = {.messages = 0}, base = {.failed = 4 * 66};
    struct mv_alert_input input = input_of(&recent, &base);

    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        many[i] = stranger;
        many[i].failed[0] = 1;
    }
    input.senders = many;
    input.sender_count = 99;
    check("too few", &input, NOTHING);
    input.sender_count = 100;
    check("as usual", &input, "~strangers");
    input.sender_count = 198;
    check("a wave", &input, "!strangers");
    for (size_t i = 0; i < sizeof many / sizeof *many; i++)
        many[i].failed[0] = 1000;
    base.failed = 0;
    input.sender_count = 1;
    check("one", &input, "!sender");
}
END_TEST

/* Of very many, those with most are told, and strangers past the limit together. */
START_TEST(test_limit)
{
    static struct mv_stage_sender many[MV_ALERT_MAX_SENDERS + 5];
    static const struct mv_evidence_totals none = {.messages = 0};
    struct mv_alert_input input = input_of(&none, &none);
    struct mv_arena *arena = mv_arena_new(8 * 1024 * 1024);
    struct mv_alert *alerts;
    size_t count;

    for (size_t i = 0; i < sizeof many / sizeof *many; i++)
        many[i] = stranger;
    input.senders = many;
    input.sender_count = sizeof many / sizeof *many;
    ck_assert_int_eq(mv_alert_find(arena, &input, &alerts, &count), MV_OK);
    ck_assert_uint_eq(count, MV_ALERT_MAX_SENDERS + 1);
    ck_assert_int_eq(alerts[count - 1].what, MV_ALERT_STRANGERS);
    ck_assert_uint_eq(alerts[count - 1].senders, 5);
    ck_assert_uint_eq(alerts[count - 1].size, 5 * 150);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_names)
{
    static const struct mv_evidence_totals none = {.messages = 0};
    struct mv_stage_sender sender = mailjet;
    struct mv_alert_input input = input_of(&none, &none);
    struct mv_arena *arena = mv_arena_new(8 * 1024 * 1024);
    struct mv_alert *alerts;
    size_t count;

    sender.name = MV_BYTES("a\n1795305600 sender 1 b\xe2\x80\xae");
    input.senders = &sender;
    input.sender_count = 1;
    ck_assert_int_eq(mv_alert_find(arena, &input, &alerts, &count), MV_OK);
    ck_assert(mv_bytes_equal(alerts[0].who, MV_BYTES("a\\x0a1795305600 sender 1 b\\xe2\\x80\\xae")));
    mv_arena_free(&arena);
    arena = mv_arena_new(16);
    ck_assert_int_eq(mv_alert_find(arena, &input, &alerts, &count), MV_ERR_MEMORY);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_senders, test_totals, test_explained, test_strangers, test_limit, test_names};

    return unit_run("alert", tests, sizeof tests / sizeof *tests);
}
