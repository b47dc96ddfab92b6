/* Flat records: what they say, that they mean the same, and what is said when they no longer do. */
#include "core/ops/spf_flat.h"

#include <stdio.h>
#include <string.h>

#include "core/base/trace.h"
#include "core/ops/spf_flat_file.h"
#include "tests/unit/ops_zone.h"
#include "tests/unit/spf_zone.h"
#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char around[] = "\nexample.org A 192.0.2.1\nexample.org AAAA 2001:db8::1\nexample.org MX 10 mx.example.org\n"
                             "mx.example.org A 198.51.100.9\nmx.example.org AAAA 2001:db8::9\n"
                             "p.example TXT v=spf1 ip4:203.0.113.0/24 include:q.example -all\n"
                             "q.example TXT v=spf1 ip4:198.51.100.8 ip6:2001:db8:7::/48 ~all\n"
                             "r.example TXT v=spf1 a:mx.example.org redirect=q.example\n"
                             "picky.example TXT v=spf1 -ip4:203.0.113.7 ip4:203.0.113.0/24 -all\n"
                             "late.example TXT v=spf1 ip4:203.0.113.0/24 -ip4:203.0.113.7 ?all\n"
                             "asks.example TXT v=spf1 ip4:203.0.113.0/24 exists:%{i}.x.example -all\n"
                             "open.example TXT v=spf1 ip4:203.0.113.0/24 +all\n"
                             "soft.example TXT v=spf1 ip4:203.0.113.0/24 ?include:q.example -all\n"
                             "1.2.0.192.x.example A 127.0.0.2\n";

struct run {
    struct mv_arena *arena;
    struct mv_spf_tree_request request;
    struct mv_spf_tree tree;
    struct mv_spf_flat flat;
    struct mv_error error;
    const struct mv_spf_flat_record *records;
    size_t count;
    unsigned lookups;
};

static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct run *run = context;

    return mv_spf_tree_read(run->arena, &run->request, memo, &run->tree);
}

static enum mv_code flatten(struct run *run, const char *source, const char *zone)
{
    enum mv_code code;

    run->error = (struct mv_error){MV_OK, ""};
    run->request = (struct mv_spf_tree_request){MV_BYTES("example.org"), mv_bytes_str(source)};
    ck_assert(ops_zone_run(zone, mv_memo_new(run->arena), stage, run) == MV_OK);
    code = mv_spf_flatten(run->arena, &run->tree, &run->flat, &run->error);
    if (code != MV_OK)
        return code;
    return mv_spf_flat_split(run->arena, MV_BYTES("example.org"), &run->flat, &run->records, &run->count, &run->lookups);
}

START_TEST(test_texts)
{
    static const struct {
        const char *source;
        const char *flat;
        unsigned lookups;
    } rows[] = {
        {"v=spf1 -all", "v=spf1 -all", 0},
        {"v=spf1", "v=spf1", 0},
        {"v=spf1 ip4:192.0.2.1 ~all", "v=spf1 ip4:192.0.2.1 ~all", 0},
        {"v=spf1 a mx ~all", "v=spf1 ip4:192.0.2.1 ip4:198.51.100.9 ip6:2001:db8::1 ip6:2001:db8::9 ~all", 0},
        {"v=spf1 a/24//64 -all", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/64 -all", 0},
        {"v=spf1 include:p.example ~all", "v=spf1 ip4:198.51.100.8 ip4:203.0.113.0/24 ip6:2001:db8:7::/48 ~all", 0},
        {"v=spf1 mx include:q.example ?all", "v=spf1 ip4:198.51.100.8/31 ip6:2001:db8::9 ip6:2001:db8:7::/48 ?all", 0},
        {"v=spf1 include:r.example -all",
         "v=spf1 ip4:198.51.100.8/31 ip6:2001:db8::9 ip6:2001:db8:7::/48 -all", 0},
        {"v=spf1 ip4:192.0.2.7 redirect=q.example", "v=spf1 ip4:192.0.2.7 ip4:198.51.100.8 ip6:2001:db8:7::/48 ~all", 0},
        {"v=spf1 redirect=asks.example exp=e.example", "v=spf1 redirect=asks.example exp=e.example", 2},
        {"v=spf1 -all redirect=q.example", "v=spf1 -all", 0},
        {"v=spf1 mx exp=e.example -all", "v=spf1 ip4:198.51.100.9 ip6:2001:db8::9 exp=e.example -all", 0},
        {"v=spf1 mx ~all a", "v=spf1 ip4:198.51.100.9 ip6:2001:db8::9 ~all", 0},
        {"v=spf1 include:picky.example -all", "v=spf1 include:picky.example -all", 1},
        {"v=spf1 include:late.example -all", "v=spf1 ip4:203.0.113.0/24 -all", 0},
        {"v=spf1 include:soft.example -all", "v=spf1 ip4:203.0.113.0/24 -all", 0},
        {"v=spf1 include:asks.example mx -all", "v=spf1 ip4:198.51.100.9 ip6:2001:db8::9 include:asks.example -all", 2},
        {"v=spf1 ip4:192.0.2.1 ptr exists:%{i}.x.example -all", "v=spf1 ip4:192.0.2.1 ptr exists:%{i}.x.example -all", 2},
        {"v=spf1 include:%{i}.x.example -all", "v=spf1 include:%{i}.x.example -all", 1},
        {"v=spf1 include:open.example -all", "v=spf1 ip4:0.0.0.0/0 ip6:::/0 -all", 0},
        {"v=spf1 -include:q.example mx ~all", "v=spf1 -ip4:198.51.100.8 -ip6:2001:db8:7::/48 ip4:198.51.100.9 ip6:2001:db8::9 ~all", 0},
        {"v=spf1 mx ?include:q.example -all", "v=spf1 ip4:198.51.100.9 ip6:2001:db8::9 ?ip4:198.51.100.8 ?ip6:2001:db8:7::/48 -all", 0},
        {"v=spf1 ip6:::ffff:192.0.2.1 ip4:192.0.2.2 -all", "v=spf1 ip4:192.0.2.2 -all", 0},
        {"v=spf1 x=y mx -all", "v=spf1 ip4:198.51.100.9 ip6:2001:db8::9 -all", 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct run run = {.arena = mv_arena_new(1 << 24)};

        ck_assert_msg(flatten(&run, rows[i].source, around) == MV_OK, "%s: %s", rows[i].source, run.error.text);
        ck_assert_msg(run.count == 1 && mv_bytes_equal(run.records[0].text, mv_bytes_str(rows[i].flat)), "%s gave %.*s",
                      rows[i].source, MV_ARG(run.records[0].text));
        ck_assert_msg(run.lookups == rows[i].lookups, "%s: %u", rows[i].source, run.lookups);
        mv_arena_free(&run.arena);
    }
}
END_TEST

/* What is half known, or broken for every receiver, is not flattened. */
START_TEST(test_refused)
{
    static const struct {
        const char *source;
        const char *zone;
        enum mv_code code;
        const char *says;
    } rows[] = {
        {"v=spf1 mx bogus -all", "x.example A 192.0.2.1", MV_ERR_SYNTAX, "has a record that cannot be read"},
        {"v=spf1 a:x.example -all", "x.example A !TIMEOUT", MV_ERR_IO, "a:x.example: DNS gave no answer"},
        {"v=spf1 mx:x.example -all", "x.example MX !SERVFAIL", MV_ERR_IO, "try again"},
        {"v=spf1 include:x.example -all", "x.example TXT !TIMEOUT", MV_ERR_IO, "try again"},
        {"v=spf1 redirect=x.example", "x.example TXT !TIMEOUT", MV_ERR_IO, "try again"},
        {"v=spf1 include:x.example -all", "x.example TXT v=spf1 a:y.example\ny.example A !TIMEOUT", MV_ERR_IO, "try again"},
        {"v=spf1 redirect=x.example", "x.example TXT v=spf1 a:y.example\ny.example A !TIMEOUT", MV_ERR_IO, "try again"},
        {"v=spf1 include:x.example -all", "y.example A 192.0.2.1", MV_ERR_SYNTAX, "permerror"},
        {"v=spf1 include:x.example -all", "x.example TXT v=spf1 bogus", MV_ERR_SYNTAX, "permerror"},
        {"v=spf1 include:x.example -all", "x.example TXT v=spf1 -include:y.example", MV_ERR_SYNTAX, "permerror"},
        {"v=spf1 include:example.org -all", "x.example A 192.0.2.1", MV_ERR_SYNTAX, "permerror"},
        {"v=spf1 redirect=x.example", "x.example TXT v=spf1\nx.example TXT v=spf1", MV_ERR_SYNTAX, "permerror"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct run run = {.arena = mv_arena_new(1 << 24)};

        ck_assert_msg(flatten(&run, rows[i].source, rows[i].zone) == rows[i].code, "%s", rows[i].source);
        ck_assert_msg(strstr(run.error.text, rows[i].says) != NULL, "%s: %s", rows[i].source, run.error.text);
        mv_arena_free(&run.arena);
    }
}
END_TEST

static enum mv_spf_code judge(struct mv_arena *arena, const char *zone, const char *ip)
{
    struct mv_spf_request request = spf_zone_request(ip, "h.example", "a@example.org");
    struct mv_spf_result result;
    struct mv_memo *memo;

    ck_assert(spf_zone_evaluate(arena, zone, SPF_ZONE_ROUNDS, &request, NULL, &result, &memo) == MV_OK);
    return result.code;
}

/* The records as lines of a zone. */
static void put_zone(struct mv_buf *zone, const struct run *run)
{
    mv_buf_reset(zone);
    for (size_t i = 0; i < run->count; i++)
        mv_buf_printf(zone, "%.*s TXT %.*s\n", MV_ARG(run->records[i].name), MV_ARG(run->records[i].text));
    mv_buf_puts(zone, around);
}

/* Whoever asks: the flat record gives the answer that its source gives. */
START_TEST(test_same_meaning)
{
    static const char *const sources[] = {
        "v=spf1 a mx ~all", "v=spf1 include:p.example -all", "v=spf1 include:r.example ?all", "v=spf1 redirect=r.example",
        "v=spf1 redirect=asks.example", "v=spf1 include:picky.example ~all", "v=spf1 include:late.example -all",
        "v=spf1 include:asks.example mx -all", "v=spf1 include:soft.example ~all", "v=spf1 ?include:q.example a -all",
        "v=spf1 -include:q.example mx/24 ~all", "v=spf1 ip4:198.51.100.0/24 ~include:p.example a//32 -all",
        "v=spf1 include:open.example -all", "v=spf1 mx -ip4:198.51.100.0/28 ip4:198.51.100.0/24",
    };
    static const char *const clients[] = {
        "192.0.2.1", "192.0.2.2", "198.51.100.7", "198.51.100.8", "198.51.100.9", "198.51.100.10", "198.51.100.200",
        "203.0.113.0", "203.0.113.7", "203.0.113.255", "203.0.114.0", "2001:db8::1", "2001:db8::9", "2001:db8::a",
        "2001:db8:7::", "2001:db8:7:ffff:ffff:ffff:ffff:ffff", "2001:db8:8::", "10.1.2.3",
    };

    for (size_t i = 0; i < COUNT(sources); i++) {
        struct run run = {.arena = mv_arena_new(1 << 26)};
        struct mv_buf source, flat;

        mv_buf_init(&source, 1 << 20);
        mv_buf_init(&flat, 1 << 20);
        ck_assert_msg(flatten(&run, sources[i], around) == MV_OK, "%s: %s", sources[i], run.error.text);
        mv_buf_printf(&source, "example.org TXT %s%s", sources[i], around);
        put_zone(&flat, &run);
        for (size_t j = 0; j < COUNT(clients); j++)
            ck_assert_msg(judge(run.arena, mv_buf_cstr(&source), clients[j]) == judge(run.arena, mv_buf_cstr(&flat), clients[j]),
                          "%s: %s", sources[i], clients[j]);
        mv_buf_free(&source);
        mv_buf_free(&flat);
        mv_arena_free(&run.arena);
    }
}
END_TEST

/* Many networks: several records, each within its size, and together the same networks again. */
START_TEST(test_split)
{
    struct run run = {.arena = mv_arena_new(1 << 26)}, again = {.arena = run.arena};
    struct mv_findings *findings = mv_findings_new(run.arena);
    struct mv_buf text, zone;
    struct mv_spf_tree_request published = {.domain = MV_BYTES("example.org")};

    mv_buf_init(&text, 1 << 20);
    mv_buf_init(&zone, 1 << 20);
    mv_buf_puts(&text, "v=spf1");
    for (unsigned i = 0; i < 120; i++)
        mv_buf_printf(&text, " %sip4:52.%u.%u.0/25", i < 100 ? "" : "?", i, i);
    mv_buf_puts(&text, " exists:%{i}.x.example ~all");
    ck_assert(flatten(&run, mv_buf_cstr(&text), around) == MV_OK);
    ck_assert_uint_eq(run.count, 7);
    ck_assert_uint_eq(run.lookups, 7);
    ck_assert(mv_bytes_equal(run.records[0].text,
                             MV_BYTES("v=spf1 include:_spf1.example.org include:_spf2.example.org include:_spf3.example.org "
                                      "include:_spf4.example.org include:_spf5.example.org ?include:_spf6.example.org "
                                      "exists:%{i}.x.example ~all")));
    for (size_t i = 0; i < run.count; i++)
        ck_assert_uint_le(run.records[i].text.len, MV_SPF_FLAT_RECORD_BYTES);
    put_zone(&zone, &run);
    again.request = published;
    ck_assert(ops_zone_run(mv_buf_cstr(&zone), mv_memo_new(run.arena), stage, &again) == MV_OK);
    ck_assert(mv_spf_flatten(run.arena, &again.tree, &again.flat, &again.error) == MV_OK);
    mv_spf_flat_compare(&run.flat, &again.flat, MV_BYTES("example.org"), findings);
    ck_assert_uint_eq(mv_findings_count(findings), 0);
    mv_spf_flat_lint(&run.flat, MV_BYTES("example.org"), run.lookups, findings);
    ck_assert(mv_findings_have(findings, "spf-flat-kept", MV_BYTES("")));
    ck_assert(!mv_findings_have(findings, "spf-flat-too-large", MV_BYTES("")));
    mv_spf_flat_lint(&run.flat, MV_BYTES("example.org"), 11, findings);
    ck_assert(mv_findings_have(findings, "spf-flat-too-large", MV_BYTES("")));
    mv_buf_reset(&text);
    mv_buf_puts(&text, "v=spf1");
    for (unsigned i = 0; i < 700; i++)
        mv_buf_printf(&text, " ip4:5%u.%u.%u.0/25", i % 7, i % 250, i % 249);
    ck_assert(flatten(&run, mv_buf_cstr(&text), around) == MV_OK);
    ck_assert_uint_gt(run.lookups, 10);
    mv_buf_free(&text);
    mv_buf_free(&zone);
    mv_arena_free(&run.arena);
}
END_TEST

START_TEST(test_compare)
{
    static const struct {
        const char *source;
        const char *published;
        const char *id;     /* NULL: nothing */
        const char *detail;
    } rows[] = {
        {"v=spf1 include:q.example ~all", "v=spf1 ip4:198.51.100.8 ip6:2001:db8:7::/48 ~all", NULL, NULL},
        {"v=spf1 include:q.example ~all", "v=spf1 include:q.example ~all", NULL, NULL},
        {"v=spf1 ip4:192.0.2.0/24 -all", "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all", NULL, NULL},
        {"v=spf1 include:q.example ~all", "v=spf1 ip4:198.51.100.8 ~all", "spf-flat-missing", "ip6:2001:db8:7::/48"},
        {"v=spf1 ip4:198.51.100.8 ~all", "v=spf1 ip4:198.51.100.8 ip4:192.0.2.1 ~all", "spf-flat-extra", "ip4:192.0.2.1"},
        {"v=spf1 ip4:192.0.2.0/24 ~all", "v=spf1 ip4:192.0.2.0/25 ~all", "spf-flat-missing", "ip4:192.0.2.0/24"},
        {"v=spf1 ip4:192.0.2.0/25 ~all", "v=spf1 ip4:192.0.2.0/24 ~all", "spf-flat-extra", "ip4:192.0.2.0/24"},
        {"v=spf1 mx ~all", "v=spf1 ~all", "spf-flat-missing", "ip4:198.51.100.9"},
        {"v=spf1 mx ~all", "v=spf1 mx -all", "spf-flat-terms", "they end differently"},
        {"v=spf1 redirect=asks.example", "v=spf1 redirect=asks.example ip4:192.0.2.1", "spf-flat-extra", "ip4:192.0.2.1"},
        {"v=spf1 redirect=asks.example", "v=spf1 mx", "spf-flat-terms", "they end differently"},
        {"v=spf1 ptr -all", "v=spf1 -all", "spf-flat-terms", "ptr stands in the source only"},
        {"v=spf1 -all", "v=spf1 exists:%{i}.x.example -all", "spf-flat-terms",
         "exists:%{i}.x.example stands in the published record only"},
        {"v=spf1 ?mx a -all", "v=spf1 mx ?a -all", "spf-flat-terms", "qualifiers stand in another order"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct run source = {.arena = mv_arena_new(1 << 24)}, published = {.arena = source.arena};
        struct mv_findings *findings = mv_findings_new(source.arena);

        ck_assert(flatten(&source, rows[i].source, around) == MV_OK);
        ck_assert(flatten(&published, rows[i].published, around) == MV_OK);
        mv_spf_flat_compare(&source.flat, &published.flat, MV_BYTES("example.org"), findings);
        ck_assert_msg((mv_findings_count(findings) > 0) == (rows[i].id != NULL), "row %zu", i);
        if (rows[i].id != NULL) {
            ck_assert_msg(strcmp(mv_findings_at(findings, 0)->kind->id, rows[i].id) == 0, "row %zu", i);
            ck_assert_msg(mv_bytes_equal(mv_findings_at(findings, 0)->detail, mv_bytes_str(rows[i].detail)), "row %zu: %.*s",
                          i, MV_ARG(mv_findings_at(findings, 0)->detail));
        }
        mv_arena_free(&source.arena);
    }
}
END_TEST

START_TEST(test_compare_text)
{
    struct mv_arena *arena = mv_arena_new(1 << 22);
    struct mv_findings *findings = mv_findings_new(arena);
    struct mv_spf_flat_record record = {MV_BYTES("example.org"), MV_BYTES("v=spf1 ip4:192.0.2.1 -all")};

    mv_spf_flat_compare_text(&record, MV_BYTES("v=spf1 ip4:192.0.2.1 -all"), findings);
    ck_assert_uint_eq(mv_findings_count(findings), 0);
    mv_spf_flat_compare_text(&record, MV_BYTES("v=spf1 mx -all"), findings);
    ck_assert(mv_findings_have(findings, "spf-flat-unpublished", record.name));
    ck_assert(mv_bytes_equal(mv_findings_at(findings, 0)->record, record.text));
    mv_arena_free(&arena);
}
END_TEST

#define FILE_HEAD "# a comment\n\ndomain: Example.ORG.\r\nsource:v=spf1 mx -all\n"

START_TEST(test_file)
{
    static const struct {
        const char *text;
        const char *says; /* NULL: it can be read */
    } rows[] = {
        {FILE_HEAD "record: example.org v=spf1 ip4:192.0.2.1 -all", NULL},
        {FILE_HEAD "record: example.org v=spf1 -all\nrecord: _spf1.example.org v=spf1", NULL},
        {"", "domain: is missing"},
        {"domain: example.org\n", "source: is missing; 'mailvouch spf flatten --write'"},
        {FILE_HEAD, "record: is missing"},
        {FILE_HEAD "record: example.org", "5: a record is a name and a text"},
        {FILE_HEAD "record: example..org v=spf1 -all", "5: a record is a name and a text"},
        {FILE_HEAD "record: example.org v=DMARC1", "5: a record is a name and a text"},
        {FILE_HEAD "domain: example.org", "5: this is no one domain name"},
        {FILE_HEAD "source: v=spf1", "5: the source is one record"},
        {"source: mx\n", "1: the source is one record"},
        {"domain: a..b\n", "1: this is no one domain name"},
        {"owner: me\n", "1: there are domain:, source: and record: only"},
        {"domain\n", "1: this is no one domain name"},
        {"record: example.org v=spf1 \x1b[31m\n", "1: there is a byte that is not printable"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mv_arena *arena = mv_arena_new(1 << 22);
        struct mv_error error = {MV_OK, ""};
        struct mv_spf_flat_file file, again;
        enum mv_code code = mv_spf_flat_file_read(arena, mv_bytes_str(rows[i].text), &file, &error);
        struct mv_buf out;

        ck_assert_msg((code == MV_OK) == (rows[i].says == NULL), "row %zu: %s", i, error.text);
        if (rows[i].says != NULL)
            ck_assert_msg(strstr(error.text, rows[i].says) != NULL, "row %zu: %s", i, error.text);
        mv_buf_init(&out, 1 << 16);
        if (code == MV_OK) {
            mv_spf_flat_file_write(&file, &out);
            ck_assert(mv_spf_flat_file_read(arena, mv_buf_bytes(&out), &again, &error) == MV_OK);
            ck_assert(mv_bytes_equal(again.domain, MV_BYTES("example.org")));
            ck_assert(mv_bytes_equal(again.source, MV_BYTES("v=spf1 mx -all")));
            ck_assert_uint_eq(again.record_count, file.record_count);
        }
        mv_buf_free(&out);
        mv_arena_free(&arena);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_texts,   test_refused,      test_same_meaning, test_split,
                                  test_compare, test_compare_text, test_file};

    return unit_run("spf_flat", tests, COUNT(tests));
}
