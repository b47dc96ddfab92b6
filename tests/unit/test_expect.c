/* The expected state of domains: the file, and what differs from it. */
#include "core/ops/expect.h"

#include <stdio.h>
#include <string.h>

#include "core/base/trace.h"
#include "tests/unit/ops_zone.h"
#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define HEAD "mailvouch-expect 1\n"

static const struct {
    const char *name;
    const char *text;
    size_t line; /* of the fault; 0: none */
} files[] = {
    {"nothing", "", 1},
    {"no head", "record example.org MX 0 .\n", 1},
    {"another version", "mailvouch-expect 2\n", 1},
    {"head alone", HEAD, 0},
    {"head without line end", "mailvouch-expect 1", 0},
    {"comments and empty lines", HEAD "# by hand\n\n#\nrecord example.org MX 0 .\n", 0},
    {"the three words", HEAD "record example.org TXT a b\nnone example.org MX\naccept x-y example.org\naccept x-y ", 0},
    {"escapes", HEAD "record example.org TXT \\\\ \\x00\\xff\\x0a\n", 0},
    {"an empty text", HEAD "record example.org TXT \n", 0},
    {"another word", HEAD "recrd example.org MX 0 .\n", 2},
    {"no name", HEAD "record\n", 2},
    {"no name before the type", HEAD "record  MX 0 .\n", 2},
    {"no type", HEAD "none example.org\n", 2},
    {"another type", HEAD "record example.org HINFO x\n", 2},
    {"text behind none", HEAD "none example.org MX 0 .\n", 2},
    {"a bad escape", HEAD "\nrecord example.org TXT \\n\n", 3},
    {"a short escape", HEAD "record example.org TXT \\x4\n", 2},
    {"no hex", HEAD "record example.org TXT \\x4g\n", 2},
    {"a lone backslash", HEAD "record example.org TXT \\\n", 2},
    {"a control", HEAD "record example.org TXT a\033[31m\n", 2},
    {"CR", HEAD "record example.org TXT a\r\n", 2},
    {"8 bits", HEAD "record example.org TXT \303\244\n", 2},
};

START_TEST(test_files)
{
    for (size_t i = 0; i < COUNT(files); i++) {
        struct mv_arena *arena = mv_arena_new(1 << 20);
        struct mv_error error = {MV_OK, ""};
        struct mv_expect *expect = NULL;
        enum mv_code code = mv_expect_parse(arena, mv_bytes_str(files[i].text), &expect, &error);
        char line[32];

        snprintf(line, sizeof line, "line %zu: ", files[i].line);
        ck_assert_msg(code == (files[i].line == 0 ? MV_OK : MV_ERR_SYNTAX), "%s: %s", files[i].name, error.text);
        if (code == MV_OK)
            ck_assert_ptr_nonnull(expect);
        else
            ck_assert_msg(strncmp(error.text, line, strlen(line)) == 0, "%s: %s", files[i].name, error.text);
        ck_assert_msg(strchr(error.text, '\033') == NULL, "%s", files[i].name);
        mv_arena_free(&arena);
    }
}
END_TEST

/* More lines, or bytes, than there may be. */
START_TEST(test_limits)
{
    struct mv_arena *arena = mv_arena_new(1 << 26);
    struct mv_error error = {MV_OK, ""};
    struct mv_expect *expect;
    struct mv_buf text;

    mv_buf_init(&text, 2 * MV_EXPECT_MAX_BYTES);
    mv_buf_puts(&text, HEAD);
    for (size_t i = 0; i < MV_EXPECT_MAX_LINES; i++)
        mv_buf_puts(&text, "accept a b\n");
    ck_assert_int_eq(mv_expect_parse(arena, mv_buf_bytes(&text), &expect, &error), MV_OK);
    mv_buf_puts(&text, "accept a b\n");
    ck_assert_int_eq(mv_expect_parse(arena, mv_buf_bytes(&text), &expect, &error), MV_ERR_LIMIT);
    while (text.len <= MV_EXPECT_MAX_BYTES)
        mv_buf_putc(&text, '#');
    ck_assert_int_eq(mv_expect_parse(arena, mv_buf_bytes(&text), &expect, &error), MV_ERR_LIMIT);
    mv_buf_free(&text);
    mv_arena_free(&arena);
}
END_TEST

static const char base[] =
    "example.org TXT v=spf1 mx -all\n"
    "example.org TXT token=1\n"
    "example.org MX 10 mx.example.org\n"
    "mx.example.org A 192.0.2.2\n"
    "2.2.0.192.in-addr.arpa PTR mx.example.org\n"
    "_dmarc.example.org TXT v=DMARC1; p=none\n"
    "s1._domainkey.example.org TXT p=\\\n"
    "b.example.org TXT v=spf1 mx -all\n"
    "b.example.org MX 10 mx.example.org\n";

/* What is said when the zone has become that: base with the text in the first column replaced. */
static const struct {
    const char *name;
    const char *from, *to;
    const char *ids; /* "drift-..." alone, in order */
} drifts[] = {
    {"nothing", "token=1", "token=1", ""},
    {"a token at the domain", "token=1", "token=2", ""},
    {"SPF", "example.org TXT v=spf1 mx -all\nexample.org TXT t", "example.org TXT v=spf1 +all\nexample.org TXT t",
     "drift-record-new drift-record-gone "},
    {"DMARC gone", "_dmarc.example.org TXT v=DMARC1; p=none\n", "", "drift-record-gone drift-finding "},
    {"another MX", "example.org MX 10 mx.example.org\nmx", "example.org MX 10 mx.example.org\nexample.org MX 20 mx.example.org\nmx",
     "drift-record-new "},
    {"a key", "p=\\", "p=", "drift-record-new drift-record-gone drift-finding drift-settled "},
    {"DNS fails", "_dmarc.example.org TXT v=DMARC1; p=none", "_dmarc.example.org TXT !TIMEOUT",
     "drift-unanswered "},
    {"SPF of MAIL FROM", "b.example.org TXT v=spf1 mx -all", "b.example.org TXT v=spf1 a -all",
     "drift-record-new drift-record-gone "},
    {"a fault mended", "_dmarc.example.org TXT v=DMARC1; p=none", "_dmarc.example.org TXT v=DMARC1; p=none\n"
     "_smtp._tls.example.org TXT v=TLSRPTv1; rua=mailto:t@example.org", "drift-record-new drift-settled "},
    {"two hosts without PTR", "2.2.0.192.in-addr.arpa PTR mx.example.org\n", "mx.example.org A 192.0.2.3\n",
     "drift-finding drift-finding "},
};

struct run {
    struct mv_arena *arena;
    struct mv_deployment_request request;
    struct mv_findings *findings;
    struct mv_deployment seen;
    struct mv_memo *memo;
};

static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct run *run = context;

    run->findings = mv_findings_new(run->arena);
    return mv_deployment_check(run->arena, &run->request, memo, run->findings, &run->seen);
}

static void look(struct run *run, const char *zone)
{
    static const struct mv_deployment_key key = {.selector = {(const unsigned char *)"s1", 2}};
    static const struct mv_bytes mail_from = {(const unsigned char *)"b.example.org", 13};

    run->request = (struct mv_deployment_request){
        .domain = MV_BYTES("example.org"), .max_voids = 2, .keys = &key, .key_count = 1, .mail_froms = &mail_from,
        .mail_from_count = 1};
    run->memo = mv_memo_new(run->arena);
    ck_assert_msg(ops_zone_run(zone, run->memo, stage, run) == MV_OK, "%s", zone);
}

static const char *replace(struct mv_arena *arena, const char *from, const char *to)
{
    const char *at = strstr(base, from);

    ck_assert_msg(at != NULL, "%s", from);
    return mv_arena_printf(arena, "%.*s%s%s", (int)(at - base), base, to, at + strlen(from));
}

static struct mv_expect *expect_of(struct run *run, const char *zone)
{
    struct mv_error error = {MV_OK, ""};
    struct mv_expect *expect = NULL;
    struct mv_bytes name;
    struct mv_buf text;

    look(run, zone);
    mv_buf_init(&text, 1 << 20);
    mv_expect_put_head(&text);
    ck_assert_int_eq(mv_expect_put(run->arena, &run->request, run->memo, run->findings, &text, &name), MV_OK);
    ck_assert_msg(mv_expect_parse(run->arena, mv_buf_bytes(&text), &expect, &error) == MV_OK, "%s", error.text);
    mv_buf_free(&text);
    return expect;
}

static void list_drift(const struct mv_findings *drift, struct mv_buf *ids)
{
    for (size_t i = 0; i < mv_findings_count(drift); i++)
        if (strncmp(mv_findings_at(drift, i)->kind->id, "drift-", 6) == 0)
            mv_buf_printf(ids, "%s ", mv_findings_at(drift, i)->kind->id);
}

START_TEST(test_drifts)
{
    for (size_t i = 0; i < COUNT(drifts); i++) {
        struct run run = {.arena = mv_arena_new(1 << 26)};
        struct mv_expect *expect = expect_of(&run, base);
        struct mv_findings *drift = mv_findings_new(run.arena);
        struct mv_buf ids;

        look(&run, replace(run.arena, drifts[i].from, drifts[i].to));
        ck_assert_int_eq(mv_expect_compare(run.arena, expect, &run.request, run.memo, run.findings, drift), MV_OK);
        mv_buf_init(&ids, 4096);
        list_drift(drift, &ids);
        ck_assert_msg(strcmp(ids.len == 0 ? "" : mv_buf_cstr(&ids), drifts[i].ids) == 0, "%s: %s", drifts[i].name, ids.len == 0 ? "" : mv_buf_cstr(&ids));
        mv_buf_free(&ids);
        mv_arena_free(&run.arena);
    }
}
END_TEST

/* A name that the file has no line of; the record to put back; and no file from a DNS that does not answer. */
START_TEST(test_the_rest)
{
    struct run run = {.arena = mv_arena_new(1 << 26)};
    struct mv_findings *drift = mv_findings_new(run.arena);
    struct mv_error error = {MV_OK, ""};
    struct mv_expect *expect;
    struct mv_bytes name;
    struct mv_buf text;

    ck_assert_int_eq(mv_expect_parse(run.arena, MV_BYTES(HEAD), &expect, &error), MV_OK);
    look(&run, base);
    ck_assert_int_eq(mv_expect_compare(run.arena, expect, &run.request, run.memo, run.findings, drift), MV_OK);
    ck_assert(mv_findings_have(drift, "drift-unknown", MV_BYTES("_dmarc.example.org")));

    expect = expect_of(&run, base);
    drift = mv_findings_new(run.arena);
    look(&run, replace(run.arena, "example.org MX 10 mx.example.org\nmx", "mx"));
    ck_assert_int_eq(mv_expect_compare(run.arena, expect, &run.request, run.memo, run.findings, drift), MV_OK);
    ck_assert(mv_bytes_equal(mv_findings_at(drift, 0)->record, MV_BYTES("10 mx.example.org")));
    ck_assert(mv_bytes_equal(mv_findings_at(drift, 0)->record_type, MV_BYTES("MX")));

    look(&run, replace(run.arena, "_dmarc.example.org TXT v=DMARC1; p=none", "_dmarc.example.org TXT !TIMEOUT"));
    mv_buf_init(&text, 1 << 20);
    ck_assert_int_eq(mv_expect_put(run.arena, &run.request, run.memo, run.findings, &text, &name), MV_ERR_IO);
    ck_assert(mv_bytes_equal(name, MV_BYTES("_dmarc.example.org")));
    mv_buf_free(&text);
    mv_arena_free(&run.arena);
}
END_TEST

START_TEST(test_kinds)
{
    size_t count = 0;

    while (mv_expect_kind_at(count) != NULL)
        ck_assert(strncmp(mv_expect_kind_at(count++)->id, "drift-", 6) == 0);
    ck_assert_uint_eq(count, 6);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_files, test_limits, test_drifts, test_the_rest, test_kinds};

    return unit_run("expect", tests, COUNT(tests));
}
