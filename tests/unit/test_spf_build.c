/* Senders to records: the list, the shortest form, and what a record means when it is read back. */
#include "core/ops/spf_build.h"

#include <stdio.h>
#include <string.h>

#include "core/base/trace.h"
#include "core/ops/provider.h"
#include "core/ops/spf_lint.h"
#include "core/text/domain.h"
#include "tests/unit/ops_zone.h"
#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static struct mv_bytes build(struct mv_arena *arena, struct mv_spf_senders *senders, enum mv_spf_end end)
{
    struct mv_bytes text = {NULL, 0};
    struct mv_buf out;

    mv_buf_init(&out, 1 << 20);
    ck_assert(mv_spf_build(senders, MV_BYTES("example.org"), end, &out) == MV_OK);
    ck_assert(mv_arena_copy(arena, mv_buf_bytes(&out), &text));
    mv_buf_free(&out);
    return text;
}

START_TEST(test_records)
{
    static const struct {
        const char *senders;
        const char *record;
    } rows[] = {
        {"", "v=spf1 -all"},
        {"# nobody\n\n  , \t\n", "v=spf1 -all"},
        {"mx", "v=spf1 mx ~all"},
        {"MX A", "v=spf1 a mx ~all"},
        {"mx,mx mx", "v=spf1 mx ~all"},
        {"192.0.2.1", "v=spf1 ip4:192.0.2.1 ~all"},
        {"192.0.2.1/32 ip4:192.0.2.1", "v=spf1 ip4:192.0.2.1 ~all"},
        {"192.0.2.0 192.0.2.1", "v=spf1 ip4:192.0.2.0/31 ~all"},
        {"192.0.2.1 192.0.2.2", "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 ~all"},
        {"192.0.2.128/25\n192.0.2.0/26\n192.0.2.64/26", "v=spf1 ip4:192.0.2.0/24 ~all"},
        {"192.0.2.7 192.0.2.0/24 192.0.2.9", "v=spf1 ip4:192.0.2.0/24 ~all"},
        {"198.51.100.0/24 192.0.2.0/24", "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 ~all"},
        {"192.0.2.0/25 192.0.2.128/25 192.0.3.0/24", "v=spf1 ip4:192.0.2.0/23 ~all"},
        {"ip4:192.0.2.9/24", "v=spf1 ip4:192.0.2.0/24 ~all"},
        {"2001:DB8:0::/48 2001:db8:1::/48 192.0.2.1", "v=spf1 ip4:192.0.2.1 ip6:2001:db8::/47 ~all"},
        {"::ffff:192.0.2.1", "v=spf1 ip4:192.0.2.1 ~all"},
        {"Web.Example.NET", "v=spf1 a:web.example.net ~all"},
        {"example.org", "v=spf1 a ~all"},
        {"a example.org a:example.org", "v=spf1 a ~all"},
        {"mx:example.org include:example.net", "v=spf1 mx include:example.net ~all"},
        {"b\xC3\xBC" "cher.example", "v=spf1 a:xn--bcher-kva.example ~all"},
        {"web.example.net.", "v=spf1 a:web.example.net ~all"},
        {"include:P.example. include:p.example", "v=spf1 include:p.example ~all"},
        {"google", "v=spf1 include:_spf.google.com ~all"},
        {"Google include:_spf.google.com", "v=spf1 include:_spf.google.com ~all"},
        {"google mx 192.0.2.1 web.example.net", "v=spf1 ip4:192.0.2.1 a:web.example.net mx include:_spf.google.com ~all"},
        {"a/24 mx//64 mx:m.example/28//60", "v=spf1 a/24 mx//64 mx:m.example/28//60 ~all"},
        {"exists:%{i}._spf.%{D}", "v=spf1 exists:%{i}._spf.%{D} ~all"},
        {"exists:example.org include:example.org", "v=spf1 include:example.org exists:example.org ~all"},
        {"+a:web.example.net", "v=spf1 a:web.example.net ~all"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mv_arena *arena = mv_arena_new(1 << 22);
        struct mv_spf_senders senders = {.other_count = 0};
        struct mv_error error = {MV_OK, ""};
        struct mv_bytes text;

        ck_assert_msg(mv_spf_senders_read(arena, mv_bytes_str(rows[i].senders), &senders, &error) == MV_OK, "%s: %s",
                      rows[i].senders, error.text);
        text = build(arena, &senders, MV_SPF_END_SOFTFAIL);
        ck_assert_msg(mv_bytes_equal(text, mv_bytes_str(rows[i].record)), "%s gave %.*s", rows[i].senders, MV_ARG(text));
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(test_ends)
{
    struct mv_arena *arena = mv_arena_new(1 << 22);
    struct mv_spf_senders senders = {.other_count = 0};
    struct mv_error error = {MV_OK, ""};

    ck_assert(mv_bytes_equal(build(arena, &senders, MV_SPF_END_SOFTFAIL), MV_BYTES("v=spf1 -all")));
    ck_assert(mv_spf_senders_add(arena, &senders, MV_BYTES("mx"), &error) == MV_OK);
    ck_assert(mv_bytes_equal(build(arena, &senders, MV_SPF_END_FAIL), MV_BYTES("v=spf1 mx -all")));
    ck_assert(mv_bytes_equal(build(arena, &senders, MV_SPF_END_NEUTRAL), MV_BYTES("v=spf1 mx ?all")));
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_refused)
{
    static const struct {
        const char *senders;
        const char *says;
    } rows[] = {
        {"192.0.2.1/24", "1: '192.0.2.1/24' has bits behind the prefix"},
        {"mx\n\n192.0.2.0/33", "3: '192.0.2.0/33': the prefix length"},
        {"2001:db8::/129", "the prefix length"},
        {"gogle", "'gogle' is no provider that is known"},
        {"localhost", "no full host name"},
        {"ptr", "no provider that is known"},
        {"ptr:example.org", "names no sender"},
        {"all:x", "followed by what does not belong"},
        {"-mx:example.org", "without a qualifier"},
        {"~ip4:192.0.2.1", "without a qualifier"},
        {"ipv4:192.0.2.1", "a mechanism is unknown"},
        {"ip4:192.0.2", "an IPv4 address is wrong"},
        {"include:", "a domain is empty"},
        {"include:/24", "a domain"},
        {"192.0.36", "neither an address nor a host name"},
        {"redirect=example.net", "names no sender"},
        {"x=y", "names no sender"},
        {"a:192.0.2.1", "ip4 or ip6 is meant"},
        {"web..example", "neither an address nor a host name"},
        {"user@example.org", "neither an address nor a host name"},
        {"https://example.org/", "is unknown"},
        {"a:\x1b[31m.example", "a word with bytes that are not ASCII"},
        {"mx/33", "a prefix length is wrong"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mv_arena *arena = mv_arena_new(1 << 22);
        struct mv_spf_senders senders = {.other_count = 0};
        struct mv_error error = {MV_OK, ""};

        ck_assert_msg(mv_spf_senders_read(arena, mv_bytes_str(rows[i].senders), &senders, &error) == MV_ERR_SYNTAX, "%s",
                      rows[i].senders);
        ck_assert_msg(strstr(error.text, rows[i].says) != NULL, "%s: %s", rows[i].senders, error.text);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(test_limit)
{
    struct mv_arena *arena = mv_arena_new(1 << 24);
    struct mv_spf_senders senders = {.other_count = 0};
    struct mv_error error = {MV_OK, ""};
    enum mv_code code = MV_OK;
    struct mv_buf out;
    char word[64];

    for (unsigned i = 0; i < MV_SPF_SENDERS_MAX; i++) {
        snprintf(word, sizeof word, "h%u.example.net", i);
        ck_assert(mv_spf_senders_add(arena, &senders, mv_bytes_str(word), &error) == MV_OK);
    }
    code = mv_spf_senders_add(arena, &senders, MV_BYTES("one.more.example"), &error);
    ck_assert(code == MV_ERR_LIMIT && strstr(error.text, "more than 2000") != NULL);
    mv_buf_init(&out, 1 << 20);
    ck_assert(mv_spf_build(&senders, MV_BYTES(""), MV_SPF_END_FAIL, &out) == MV_ERR_LIMIT);
    mv_buf_free(&out);
    mv_arena_free(&arena);
}
END_TEST

/* What a record is built with is what a source of mail is told by (core/ops/provider.h). */
START_TEST(test_providers_agree)
{
    size_t count, known = 0;
    const struct mv_spf_provider *providers = mv_spf_providers(&count);

    for (size_t i = 0; i < count; i++) {
        const struct mv_provider *one;

        for (size_t n = 0; (one = mv_provider_at(n)) != NULL; n++) {
            if (strcmp(one->name, providers[i].title) != 0)
                continue;
            ck_assert_msg(strcmp(one->include, providers[i].include) == 0, "%s: %s, %s", one->name, one->include,
                          providers[i].include);
            known++;
        }
    }
    ck_assert_uint_ge(known, 12);
}
END_TEST

/* Names that are typed can be found, none stands twice, and includes are domains. */
START_TEST(test_providers)
{
    struct mv_arena *arena = mv_arena_new(1 << 22);
    size_t count;
    const struct mv_spf_provider *providers = mv_spf_providers(&count);

    ck_assert_uint_ge(count, 12);
    ck_assert_str_eq(mv_spf_providers_date(), "November 2026");
    for (size_t i = 0; i < count; i++) {
        struct mv_bytes include;

        ck_assert_ptr_eq(mv_spf_provider_find(mv_bytes_str(providers[i].name)), &providers[i]);
        ck_assert_ptr_eq(mv_spf_provider_of_include(mv_bytes_str(providers[i].include)), &providers[i]);
        ck_assert(mv_domain_parse(arena, mv_bytes_str(providers[i].include), &include) == MV_OK);
        ck_assert(mv_bytes_equal(include, mv_bytes_str(providers[i].include)));
        ck_assert(strchr(providers[i].name, '.') == NULL && (i == 0 || strcmp(providers[i - 1].name, providers[i].name) < 0));
    }
    ck_assert_ptr_null(mv_spf_provider_find(MV_BYTES("nobody")));
    mv_arena_free(&arena);
}
END_TEST

struct run {
    struct mv_arena *arena;
    struct mv_spf_tree_request request;
    struct mv_spf_tree tree;
};

static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct run *run = context;

    return mv_spf_tree_read(run->arena, &run->request, memo, &run->tree);
}

static const char zone[] = "example.org A 192.0.2.1\nexample.org AAAA 2001:db8::1\nexample.org MX 10 h0.example.org\n"
                           "h0.example.org A 192.0.2.2\nh0.example.org AAAA 2001:db8::2\n"
                           "h1.example.org A 192.0.2.3\nh1.example.org AAAA 2001:db8::3\n"
                           "h2.example.org A 192.0.2.4\nh2.example.org AAAA 2001:db8::4\n"
                           "p0.example TXT v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:1::/48 -all\n"
                           "p1.example TXT v=spf1 ip4:203.0.113.0/24 ip6:2001:db8:2::/48 ~all\n";

/* Reproducible: the same rows on every run. */
static uint32_t draw(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

static struct mv_ip draw_ip(uint32_t *state)
{
    struct mv_ip ip = {.family = draw(state, 3) == 0 ? MV_IP_V6 : MV_IP_V4};

    for (size_t i = 0; i < sizeof ip.octets && (ip.family == MV_IP_V6 || i < 4); i++)
        ip.octets[i] = (unsigned char)(draw(state, 2) == 0 ? draw(state, 4) : draw(state, 256));
    if (ip.family == MV_IP_V4) {
        ip.octets[0] = 52;
        ip.octets[1] = (unsigned char)draw(state, 2);
    } else {
        memcpy(ip.octets, "\x20\x01\x0d\xb8\x00", 5);
    }
    return ip;
}

static bool in_any(const struct mv_network *networks, size_t count, const struct mv_ip *ip)
{
    for (size_t i = 0; i < count; i++)
        if (mv_ip_in_prefix(ip, &networks[i].ip, networks[i].prefix_bits))
            return true;
    return false;
}

static bool matches(const struct mv_spf_tree_host *host, const struct mv_ip *ip)
{
    for (size_t i = 0; i < host->term_count; i++) {
        const struct mv_spf_term *term = &host->terms[i].term;

        if ((term->kind == MV_SPF_TERM_IP4 || term->kind == MV_SPF_TERM_IP6) &&
            mv_ip_in_prefix(ip, &term->network, term->kind == MV_SPF_TERM_IP4 ? term->prefix4_bits : term->prefix6_bits))
            return true;
    }
    return false;
}

/* The addresses that match are those that were given, and no others: at the edges of each network, and anywhere. */
static void check_meaning(const struct run *run, const struct mv_network *given, size_t count, uint32_t *state)
{
    for (size_t i = 0; i < count; i++)
        for (unsigned flip = 0; flip < (given[i].ip.family == MV_IP_V4 ? 32 : 128); flip++) {
            struct mv_ip ip = given[i].ip;

            ip.octets[flip / 8] ^= (unsigned char)(0x80u >> flip % 8);
            ck_assert(matches(run->tree.root, &ip) == in_any(given, count, &ip));
            ck_assert(matches(run->tree.root, &given[i].ip));
        }
    for (unsigned i = 0; i < 50; i++) {
        struct mv_ip ip = draw_ip(state);

        ck_assert(matches(run->tree.root, &ip) == in_any(given, count, &ip));
    }
}

/* Every record that is built is read back with the same meaning, and has nothing that the lint minds. */
START_TEST(test_property)
{
    static const char *const words[] = {"mx", "a", "h1.example.org", "h2.example.org", "include:p0.example", "include:p1.example"};
    uint32_t state = 1;

    for (unsigned turn = 0; turn < 300; turn++) {
        struct run run = {.arena = mv_arena_new(1 << 24)};
        struct mv_spf_senders senders = {.other_count = 0};
        struct mv_findings *findings = mv_findings_new(run.arena);
        struct mv_error error = {MV_OK, ""};
        struct mv_network given[24];
        size_t count = draw(&state, COUNT(given)), others = 0;
        enum mv_severity worst = MV_SEVERITY_NOTE;

        for (size_t i = 0; i < count; i++) {
            struct mv_ip ip = draw_ip(&state);
            unsigned bits = ip.family == MV_IP_V4 ? 18 + draw(&state, 15) : 40 + draw(&state, 89);

            given[i] = (struct mv_network){ip, bits};
            ck_assert(mv_spf_networks_add(run.arena, &senders.networks, &ip, bits));
        }
        for (size_t i = 0; i < COUNT(words); i++)
            if (draw(&state, 2) == 0) {
                ck_assert(mv_spf_senders_add(run.arena, &senders, mv_bytes_str(words[i]), &error) == MV_OK);
                others++;
            }
        run.request.domain = MV_BYTES("example.org");
        run.request.text = build(run.arena, &senders, draw(&state, 2) == 0 ? MV_SPF_END_SOFTFAIL : MV_SPF_END_FAIL);
        ck_assert(ops_zone_run(zone, mv_memo_new(run.arena), stage, &run) == MV_OK);
        ck_assert(run.tree.root->state == MV_SPF_TREE_READ);
        ck_assert_uint_eq(run.tree.root->term_count, senders.networks.count + others + 1);
        check_meaning(&run, given, count, &state);
        ck_assert(mv_spf_lint_tree(run.arena, &run.tree, findings) == MV_OK);
        mv_findings_worst(findings, &worst);
        if (run.request.text.len < 1000)
            ck_assert_msg(worst == MV_SEVERITY_NOTE, "%.*s", MV_ARG(run.request.text));
        ck_assert(!mv_findings_have(findings, "spf-network-adjacent", MV_BYTES("")));
        ck_assert(!mv_findings_have(findings, "spf-order", MV_BYTES("")));
        mv_arena_free(&run.arena);
    }
}
END_TEST

/* What the record of today lists and the new one does not. */
START_TEST(test_dropped)
{
    static const struct {
        const char *old;
        const char *new_text;
        size_t dropped;
    } rows[] = {
        {"v=spf1 mx ip4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.0/24 mx ~all", 0},
        {"v=spf1 mx ip4:192.0.2.0/24 -all", "v=spf1 ip4:192.0.2.1 mx ~all", 1},
        {"v=spf1 a:h1.example.org include:p0.example -all", "v=spf1 a:h2.example.org ~all", 2},
        {"v=spf1 a/24 -all", "v=spf1 a ~all", 1},
        {"v=spf1 a -all", "v=spf1 a:example.org/24 ~all", 0},
        {"v=spf1 ?mx +all", "v=spf1 -all", 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct run old = {.arena = mv_arena_new(1 << 22)}, new_run = {.arena = old.arena};
        struct mv_findings *findings = mv_findings_new(old.arena);

        old.request = (struct mv_spf_tree_request){MV_BYTES("example.org"), mv_bytes_str(rows[i].old)};
        new_run.request = (struct mv_spf_tree_request){MV_BYTES("example.org"), mv_bytes_str(rows[i].new_text)};
        ck_assert(ops_zone_run(zone, mv_memo_new(old.arena), stage, &old) == MV_OK);
        ck_assert(ops_zone_run(zone, mv_memo_new(old.arena), stage, &new_run) == MV_OK);
        mv_spf_build_compare(old.tree.root, new_run.tree.root, findings);
        ck_assert_msg(mv_findings_count(findings) == rows[i].dropped, "%s", rows[i].old);
        ck_assert(rows[i].dropped == 0 || mv_findings_have(findings, "spf-sender-dropped", MV_BYTES("example.org")));
        mv_arena_free(&old.arena);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_records,   test_ends,     test_refused, test_limit,
                                  test_providers, test_providers_agree, test_property, test_dropped};

    return unit_run("spf_build", tests, COUNT(tests));
}
