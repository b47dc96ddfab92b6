/* Every finding about SPF records: what triggers it, and what does not. */
#include "core/ops/spf_lint.h"

#include <stdio.h>
#include <string.h>

#include "core/base/trace.h"
#include "tests/unit/ops_zone.h"
#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define HUNDRED "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define GOOD "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ~all"

/* What stands in DNS beside each text. */
static const char around[] = "example.org A 192.0.2.1\n"
                             "example.org AAAA 2001:db8::1\n"
                             "example.org MX 10 mx.example.org\n"
                             "mx.example.org A 192.0.2.7\n"
                             "mx.example.org AAAA 2001:db8::7\n"
                             "exp.example.org TXT you may not\n"
                             "p.example TXT v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:1::/48 -all\n"
                             "q.example TXT v=spf1 include:p.example -all\n"
                             "null.example MX 0 .\n";

/* A text, of example.org. */
static const struct {
    const char *id;
    const char *bad;
    const char *good;
} texts[] = {
    {"spf-not-a-record", "hello", GOOD},
    {"spf-not-a-record", "v=DMARC1; p=none", "V=SPF1 -all"},
    {"spf-version", "v=spf1;-all", GOOD},
    {"spf-version", "v=spf10 -all", "v=spf1"},
    {"spf-version", "v=spf -all", GOOD},
    {"spf-version", " v=spf1 -all", "v=spf1  -all"},
    {"spf-version", "spf1 -all", "v=spf1 -all "},
    {"spf-version", "v=sfp1 mx -all", "v=spf1 mx -all"},
    {"spf-sender-id", "spf2.0/pra mx -all", GOOD},
    {"spf-rr-type", "example.org. IN SPF \"v=spf1 mx -all\"", "example.org. IN TXT \"v=spf1 mx -all\""},
    {"spf-rr-type", "example.org.\t300 IN SPF v=spf1 -all", "v=spf1 a:spf -all"},
    {"spf-string-too-long", "\"v=spf1 exp=" HUNDRED "." HUNDRED "." HUNDRED ".example -all\"", "\"v=spf1 -all\""},
    {"spf-string-joint", "\"v=spf1 ip4:192.0.2.1\" \"ip4:192.0.2.9 -all\"", "\"v=spf1 ip4:192.0.2.1 \" \"ip4:192.0.2.9 -all\""},
    {"spf-string-joint", "\"v=spf1 a:mx.example.org\"\n\"-all\"", "\"v=spf1 a:mx.exa\" \"mple.org -all\""},
    {"spf-needs-strings", "v=spf1 exp=" HUNDRED "." HUNDRED "." HUNDRED ".example -all", GOOD},
    {"spf-quotes", "v=spf1 mx \"-all\"", "\"v=spf1 mx -all\""},
    {"spf-byte", "v=spf1 mx \xE2\x80\x93" "all", GOOD},
    {"spf-byte", "v=spf1 a:m\xC3\xBC" "ller.example -all", "v=spf1 a:xn--mller-kva.example -all"},
    {"spf-byte", "v=spf1 mx\t-all", "v=spf1 mx -all"},
    {"spf-separator", "v=spf1 mx, -all", "v=spf1 mx -all"},
    {"spf-separator", "v=spf1 mx; -all", GOOD},
    {"spf-unknown-mechanism", "v=spf1 ipv4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all"},
    {"spf-unknown-mechanism", "v=spf1 all. mailserver -all", GOOD},
    {"spf-modifier-as-mechanism", "v=spf1 redirect:p.example", "v=spf1 redirect=p.example"},
    {"spf-modifier-as-mechanism", "v=spf1 exp:exp.example.org -all", "v=spf1 exp=exp.example.org -all"},
    {"spf-mechanism-as-modifier", "v=spf1 include=p.example ~all", "v=spf1 include:p.example ~all"},
    {"spf-mechanism-as-modifier", "v=spf1 ip4=192.0.2.1 ~all", "v=spf1 x-ip4=192.0.2.1 ~all"},
    {"spf-modifier-qualifier", "v=spf1 -redirect=p.example", "v=spf1 redirect=p.example"},
    {"spf-modifier-twice", "v=spf1 redirect=p.example redirect=q.example", "v=spf1 redirect=p.example"},
    {"spf-modifier-twice", "v=spf1 exp=a.example exp=a.example -all", "v=spf1 x=a y=a -all"},
    {"spf-address", "v=spf1 ip4:192.0.2 -all", "v=spf1 ip4:192.0.2.0/24 -all"},
    {"spf-address", "v=spf1 ip4:192.0.2.256 -all", GOOD},
    {"spf-address", "v=spf1 ip4:192.0.2.1-9 -all", GOOD},
    {"spf-address", "v=spf1 ip4:2001:db8::1 -all", "v=spf1 ip6:2001:db8::1 -all"},
    {"spf-address", "v=spf1 ip6:192.0.2.1 -all", GOOD},
    {"spf-prefix", "v=spf1 ip4:192.0.2.0/33 -all", "v=spf1 ip4:192.0.2.0/32 -all"},
    {"spf-prefix", "v=spf1 ip4:192.0.2.0/024 -all", GOOD},
    {"spf-prefix", "v=spf1 ip6:2001:db8::/129 -all", "v=spf1 ip6:2001:db8::/128 -all"},
    {"spf-prefix", "v=spf1 a/33 -all", "v=spf1 a/24//64 -all"},
    {"spf-address-as-domain", "v=spf1 a:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all"},
    {"spf-domain-missing", "v=spf1 include -all", "v=spf1 include:p.example -all"},
    {"spf-domain-syntax", "v=spf1 include: p.example -all", "v=spf1 include:p.example -all"},
    {"spf-domain-syntax", "v=spf1 include:localhost -all", GOOD},
    {"spf-domain-syntax", "v=spf1 a:mail.example.1 -all", GOOD},
    {"spf-macro-syntax", "v=spf1 exists:%i.example.org -all", "v=spf1 exists:%{i}.example.org -all"},
    {"spf-macro-syntax", "v=spf1 exists:%{x}.example.org -all", GOOD},
    {"spf-trailing", "v=spf1 all:p.example", "v=spf1 a:p.example ~all"},
    {"spf-term-syntax", "v=spf1 4:192.0.2.1 -all", GOOD},
    {"spf-term-syntax", "v=spf1 - all", "v=spf1 -all"},

    {"spf-plus-all", "v=spf1 mx +all", "v=spf1 mx ~all"},
    {"spf-plus-all", "v=spf1 all", "v=spf1 -all"},
    {"spf-plus-all", "v=spf1 bogus +all", "v=spf1 bogus"},
    {"spf-neutral-all", "v=spf1 mx ?all", "v=spf1 mx ~all"},
    {"spf-no-all", "v=spf1 mx", "v=spf1 mx ~all"},
    {"spf-no-all", "v=spf1", "v=spf1 redirect=p.example"},
    {"spf-all-of-include", "v=spf1 include:p.example", "v=spf1 include:p.example ~all"},
    {"spf-softfail-all", "v=spf1 mx ~all", "v=spf1 mx -all"},
    {"spf-fail-all", "v=spf1 mx -all", "v=spf1 -all"},
    {"spf-parked-soft", "v=spf1 ~all", "v=spf1 -all"},
    {"spf-parked-soft", "v=spf1 ?all", "v=spf1 mx ~all"},
    {"spf-behind-all", "v=spf1 ~all mx", "v=spf1 mx ~all"},
    {"spf-behind-all", "v=spf1 -all ~all", "v=spf1 -all exp=exp.example.org"},
    {"spf-redirect-beside-all", "v=spf1 -all redirect=p.example", "v=spf1 redirect=p.example"},
    {"spf-redirect-not-last", "v=spf1 redirect=p.example mx", "v=spf1 mx redirect=p.example"},
    {"spf-no-ipv6", "v=spf1 ip4:192.0.2.1 ~all", GOOD},
    {"spf-no-ipv6", "v=spf1 ip4:192.0.2.1 ~all", "v=spf1 ip4:192.0.2.1 include:p.example ~all"},
    {"spf-no-ipv4", "v=spf1 ip6:2001:db8::1 ~all", "v=spf1 ip6:2001:db8::1 a ~all"},
    {"spf-ptr", "v=spf1 ptr ~all", "v=spf1 a:ptr.example ~all"},
    {"spf-macro-ptr", "v=spf1 exists:%{p}.example.org ~all", "v=spf1 exists:%{i}.example.org ~all"},
    {"spf-duplicate", "v=spf1 mx a mx ~all", "v=spf1 mx ?mx a ~all"},
    {"spf-duplicate", "v=spf1 ip4:192.0.2.1 ip4:192.0.2.1/32 ~all", "v=spf1 ip4:192.0.2.1 ip4:192.0.2.3 ~all"},
    {"spf-duplicate", "v=spf1 include:p.example +INCLUDE:P.example ~all", "v=spf1 include:p.example a:p.example ~all"},
    {"spf-unknown-modifier", "v=spf1 mx x=y ~all", "v=spf1 mx ~all"},
    {"spf-exp", "v=spf1 mx exp=exp.example.org -all", "v=spf1 mx -all"},
    {"spf-exists-fixed", "v=spf1 exists:mx.example.org ~all", "v=spf1 exists:%{i}.mx.example.org ~all"},
    {"spf-upper-case", "V=SPF1 mx ~all", "v=spf1 mx ~all"},
    {"spf-upper-case", "v=spf1 MX ~all", "v=spf1 exists:%{I}.example.org ~all"},
    {"spf-upper-case", "v=spf1 a:MX.example.org ~all", GOOD},
    {"spf-macro-upper-case", "v=spf1 exists:%{I}.example.org ~all", "v=spf1 exists:%{ir}.example.org ~all"},
    {"spf-macro-sender", "v=spf1 exists:%{l}.example.org ~all", "v=spf1 exists:%{i}.%{d} ~all"},
    {"spf-trailing-dot", "v=spf1 include:p.example. ~all", "v=spf1 include:p.example ~all"},
    {"spf-include-qualifier", "v=spf1 mx -include:p.example ~all", "v=spf1 mx ?include:p.example ~all"},
    {"spf-negative", "v=spf1 -a mx ~all", "v=spf1 ?a mx ~all"},
    {"spf-order", "v=spf1 mx ip4:192.0.2.1 ~all", "v=spf1 ip4:192.0.2.1 mx ~all"},

    {"spf-everybody", "v=spf1 ip4:0.0.0.0/0 ~all", "v=spf1 ip4:192.0.2.0/24 ~all"},
    {"spf-everybody", "v=spf1 ip6:::/0 ~all", GOOD},
    {"spf-everybody", "v=spf1 mx/0 ~all", "v=spf1 mx/24 ~all"},
    {"spf-wide-network", "v=spf1 ip4:96.0.0.0/8 ~all", "v=spf1 ip4:96.16.0.0/12 ~all"},
    {"spf-wide-network", "v=spf1 ip6:2001::/16 ~all", "v=spf1 ip6:2001:db8::/32 ~all"},
    {"spf-wide-network", "v=spf1 a/8 ~all", "v=spf1 a/24 ~all"},
    {"spf-private-network", "v=spf1 ip4:10.1.2.3 ~all", "v=spf1 ip4:11.1.2.3 ~all"},
    {"spf-private-network", "v=spf1 ip4:172.31.0.0/16 ~all", "v=spf1 ip4:172.32.0.0/16 ~all"},
    {"spf-private-network", "v=spf1 ip4:192.168.0.1 ~all", "v=spf1 ?ip4:192.0.2.1 ~all"},
    {"spf-private-network", "v=spf1 ip4:127.0.0.1 ~all", GOOD},
    {"spf-private-network", "v=spf1 ip6:fe80::1 ~all", GOOD},
    {"spf-private-network", "v=spf1 ip6:fd00::/8 ~all", GOOD},
    {"spf-host-bits", "v=spf1 ip4:192.0.2.1/24 ~all", "v=spf1 ip4:192.0.2.0/24 ~all"},
    {"spf-host-bits", "v=spf1 ip6:2001:db8::1/64 ~all", "v=spf1 ip6:2001:db8::1/128 ~all"},
    {"spf-mapped-network", "v=spf1 ip6:::ffff:192.0.2.1 ~all", "v=spf1 ip4:192.0.2.1 ~all"},
    {"spf-network-contained", "v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.7 ~all", "v=spf1 ip4:192.0.2.0/24 ?ip4:192.0.2.7 ~all"},
    {"spf-network-contained", "v=spf1 ip6:2001:db8::1 ip6:2001:db8::/32 ~all", GOOD},
    {"spf-network-adjacent", "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 ~all", "v=spf1 ip4:192.0.2.128/25 ip4:192.0.3.0/25 ~all"},
    {"spf-network-adjacent", "v=spf1 ip4:192.0.2.6 ip4:192.0.2.7 ~all", "v=spf1 ip4:192.0.2.7 ip4:192.0.2.8 ~all"},

    {"spf-name-missing", "v=spf1 a:gone.example.org ~all", "v=spf1 a:mx.example.org ~all"},
    {"spf-mx-missing", "v=spf1 mx:mx.example.org ~all", "v=spf1 mx ~all"},
    {"spf-null-mx", "v=spf1 mx:null.example ~all", "v=spf1 mx ~all"},
    {"spf-exists-missing", "v=spf1 exists:gone.example.org ~all", "v=spf1 exists:mx.example.org ~all"},
    {"spf-exp-missing", "v=spf1 mx exp=gone.example.org -all", "v=spf1 mx exp=exp.example.org -all"},
    {"spf-name-redundant", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/64 mx ~all", "v=spf1 ip4:192.0.2.0/24 mx ~all"},
    {"spf-include-missing", "v=spf1 include:gone.example ~all", "v=spf1 include:p.example ~all"},
    {"spf-include-missing", "v=spf1 include:mx.example.org ~all", GOOD},
    {"spf-redirect-missing", "v=spf1 redirect=gone.example", "v=spf1 redirect=p.example"},
    {"spf-include-twice", "v=spf1 include:p.example include:q.example ~all", "v=spf1 include:q.example ~all"},
    {"spf-include-varies", "v=spf1 include:%{i}.p.example ~all", "v=spf1 include:p.example ~all"},
    {"spf-voids-possible", "v=spf1 exists:%{i}.a.example exists:%{i}.b.example exists:%{i}.c.example ~all",
     "v=spf1 exists:%{i}.a.example exists:%{i}.b.example ~all"},
    {"spf-too-many-voids", "v=spf1 a:1.x.example a:2.x.example a:3.x.example ~all", "v=spf1 a:1.x.example a:2.x.example ~all"},
};

#define AT "example.org TXT "
#define TEN_MX                                                                                                         \
    "m.example MX 1 a.m.example\nm.example MX 1 b.m.example\nm.example MX 1 c.m.example\nm.example MX 1 d.m.example\n"    \
    "m.example MX 1 e.m.example\nm.example MX 1 f.m.example\nm.example MX 1 g.m.example\nm.example MX 1 h.m.example\n"    \
    "m.example MX 1 i.m.example\nm.example MX 1 j.m.example\n"
#define A_HOSTS "a.x.example A 192.0.2.1\nb.x.example A 192.0.2.2\nc.x.example A 192.0.2.3\n"
#define SEVEN "v=spf1 a:a.x.example a:a.x.example a:a.x.example a:a.x.example a:a.x.example a:a.x.example a:a.x.example"

/* What example.org publishes. */
static const struct {
    const char *id;
    const char *bad;
    const char *good;
} domains[] = {
    {"spf-no-domain", "x.example A 192.0.2.1", AT GOOD},
    {"spf-no-record", AT "x=y", AT GOOD},
    {"spf-no-record", "example.org MX 10 mx.example.org", AT "v=spf1 -all"},
    {"spf-several-records", AT GOOD "\n" AT "v=spf1 -all", AT GOOD "\n" AT "v=DMARC1"},
    {"spf-unanswered", AT "!SERVFAIL", AT GOOD},
    {"spf-version", AT "v=spf1,-all", AT GOOD},
    {"spf-second-meant", AT GOOD "\n" AT "\"v=spf1 mx -all\"", AT GOOD "\n" AT "spfy=1"},
    {"spf-sender-id", AT GOOD "\n" AT "spf2.0/pra -all", AT GOOD},
    {"spf-answer-over-512", AT GOOD "\n" AT HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED, AT GOOD "\n" AT HUNDRED},
    {"spf-answer-over-1232",
     AT GOOD "\n" AT HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED "\n" AT HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED,
     AT GOOD "\n" AT HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED},
    {"spf-too-many-mx", AT "v=spf1 mx:m.example ~all\n" TEN_MX "m.example MX 2 k.m.example", AT "v=spf1 mx:m.example ~all\n" TEN_MX},
    {"spf-mx-host-missing", AT "v=spf1 mx:m.example ~all\nm.example MX 10 gone.example",
     AT "v=spf1 mx:m.example ~all\nm.example MX 10 a.x.example\n" A_HOSTS},
    {"spf-name-unanswered", AT "v=spf1 a:x.example ~all\nx.example A !TIMEOUT", AT "v=spf1 a:x.example ~all\nx.example A 192.0.2.1"},
    {"spf-include-unanswered", AT "v=spf1 include:x.example ~all\nx.example TXT !TIMEOUT",
     AT "v=spf1 include:x.example ~all\nx.example TXT v=spf1 -all"},
    {"spf-include-broken", AT "v=spf1 include:x.example ~all\nx.example TXT v=spf1 bogus",
     AT "v=spf1 include:x.example ~all\nx.example TXT v=spf1 mx"},
    {"spf-include-broken", AT "v=spf1 include:x.example ~all\nx.example TXT v=spf1 mx\nx.example TXT v=spf1 a", AT GOOD},
    {"spf-include-broken", AT "v=spf1 include:y.example ~all\ny.example TXT v=spf1 include:x.example\nx.example TXT v=spf1 ip4:", AT GOOD},
    {"spf-redirect-broken", AT "v=spf1 redirect=x.example\nx.example TXT v=spf1 bogus", AT "v=spf1 redirect=x.example\nx.example TXT v=spf1 mx"},
    {"spf-include-loop", AT "v=spf1 include:example.org ~all", AT GOOD},
    {"spf-include-loop", AT "v=spf1 include:x.example ~all\nx.example TXT v=spf1 include:y.example\ny.example TXT v=spf1 redirect=x.example",
     AT "v=spf1 include:x.example ~all\nx.example TXT v=spf1 include:y.example\ny.example TXT v=spf1 -all"},
    {"spf-include-loop", AT "v=spf1 include:%{d} ~all", AT "v=spf1 include:_spf.%{d} ~all\n_spf.example.org TXT v=spf1 mx -all"},
    {"spf-include-passes-everybody", AT "v=spf1 include:x.example ~all\nx.example TXT v=spf1 +all",
     AT "v=spf1 include:x.example ~all\nx.example TXT v=spf1 mx ?all"},
    {"spf-include-passes-everybody", AT "v=spf1 include:x.example ~all\nx.example TXT v=spf1 redirect=y.example\ny.example TXT v=spf1 ip4:0.0.0.0/0 -all",
     AT "v=spf1 include:x.example ~all\nx.example TXT v=spf1 ip4:0.0.0.0/1 -all"},
    {"spf-include-nobody", AT "v=spf1 include:x.example ~all\nx.example TXT v=spf1 -all", AT "v=spf1 include:x.example ~all\nx.example TXT v=spf1 mx -all"},
    {"spf-too-many-lookups", AT SEVEN " include:x.example ~all\nx.example TXT v=spf1 a mx exists:%{i}.b -all",
     AT SEVEN " include:x.example ~all\nx.example TXT v=spf1 a mx -all"},
    {"spf-too-many-lookups", AT SEVEN " exists:%{p}.a.example exists:%{p}.b.example ~all",
     AT SEVEN " exists:%{i}.a.example exists:%{i}.b.example ~all"},
    {"spf-too-many-lookups", AT SEVEN " a:1.b a:2.b a:3.b a:4.b ~all", AT SEVEN " ~all a:1.b a:2.b a:3.b a:4.b"},
    {"spf-near-lookup-limit", AT SEVEN " a:b.x.example ~all", AT SEVEN " ~all"},
    {"spf-voids-of-family", AT "v=spf1 a:a.x.example a:b.x.example a:c.x.example ~all\n" A_HOSTS,
     AT "v=spf1 a:a.x.example a:b.x.example ~all\n" A_HOSTS},
    {"spf-voids-of-family", AT "v=spf1 a:a.x.example a:b.x.example a:c.x.example ~all\n" A_HOSTS,
     AT "v=spf1 ip6:::/0 a:a.x.example a:b.x.example a:c.x.example ~all\n" A_HOSTS},
};

struct run {
    struct mv_arena *arena;
    struct mv_spf_tree_request request;
    struct mv_spf_tree tree;
    struct mv_findings *findings;
};

static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct run *run = context;

    return mv_spf_tree_read(run->arena, &run->request, memo, &run->tree);
}

static void lint(struct run *run, const char *domain, const char *text, const char *zone)
{
    struct mv_spf_text read;

    run->findings = mv_findings_new(run->arena);
    run->request = (struct mv_spf_tree_request){.domain = mv_bytes_str(domain)};
    if (text != NULL) {
        ck_assert(mv_spf_text_read(run->arena, mv_bytes_str(text), &read) == MV_OK);
        run->request.text = read.text;
        if (!mv_spf_lint_text(&read, run->request.domain, run->findings))
            return;
    }
    ck_assert(ops_zone_run(zone, mv_memo_new(run->arena), stage, run) == MV_OK);
    ck_assert(mv_spf_lint_tree(run->arena, &run->tree, run->findings) == MV_OK);
}

static bool found(const struct run *run, const char *id)
{
    return mv_findings_have(run->findings, id, MV_BYTES(""));
}

START_TEST(test_texts)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct run run = {.arena = mv_arena_new(1 << 24)};

        lint(&run, "example.org", texts[i].bad, around);
        ck_assert_msg(found(&run, texts[i].id), "row %zu: %s not found in %s", i, texts[i].id, texts[i].bad);
        lint(&run, "example.org", texts[i].good, around);
        ck_assert_msg(!found(&run, texts[i].id), "row %zu: %s found in %s", i, texts[i].id, texts[i].good);
        mv_arena_free(&run.arena);
    }
}
END_TEST

START_TEST(test_domains)
{
    for (size_t i = 0; i < COUNT(domains); i++) {
        struct run run = {.arena = mv_arena_new(1 << 24)};

        lint(&run, "example.org", NULL, domains[i].bad);
        ck_assert_msg(found(&run, domains[i].id), "row %zu: %s not found", i, domains[i].id);
        lint(&run, "example.org", NULL, domains[i].good);
        ck_assert_msg(!found(&run, domains[i].id), "row %zu: %s found", i, domains[i].id);
        mv_arena_free(&run.arena);
    }
}
END_TEST

/* More than a record may have, and more records than are followed. */
START_TEST(test_limits)
{
    struct run run = {.arena = mv_arena_new(1 << 26)};
    struct mv_buf text;

    mv_buf_init(&text, 1 << 20);
    mv_buf_puts(&text, "v=spf1");
    while (text.len <= MV_SPF_MAX_RECORD_BYTES)
        mv_buf_puts(&text, " mx");
    lint(&run, "example.org", mv_buf_cstr(&text), around);
    ck_assert(found(&run, "spf-too-long"));
    mv_buf_reset(&text);
    for (unsigned i = 0; i < 20; i++)
        mv_buf_printf(&text, "n%u.example TXT v=spf1 include:n%u.example ~all\n", i, i + 1);
    lint(&run, "n0.example", NULL, mv_buf_cstr(&text));
    ck_assert(found(&run, "spf-tree-too-large") && found(&run, "spf-too-many-lookups"));
    ck_assert_uint_eq(run.tree.host_count, MV_SPF_TREE_MAX_DEPTH);
    lint(&run, "n12.example", NULL, mv_buf_cstr(&text));
    ck_assert(!found(&run, "spf-tree-too-large"));
    mv_buf_free(&text);
    mv_arena_free(&run.arena);
}
END_TEST

/* A text whose domain is not known is looked at as far as that goes. */
START_TEST(test_no_domain)
{
    struct run run = {.arena = mv_arena_new(1 << 24)};

    lint(&run, "", "v=spf1 mx include:p.example ~all", around);
    ck_assert(found(&run, "spf-domain-needed") && !found(&run, "spf-mx-missing"));
    ck_assert_uint_eq(run.tree.root->cost[MV_SPF_CLIENT_V4].lookups, 2);
    ck_assert_uint_eq(run.tree.root->cost[MV_SPF_CLIENT_V4].voids, 0);
    lint(&run, "example.org", "v=spf1 mx include:p.example ~all", around);
    ck_assert(!found(&run, "spf-domain-needed"));
    mv_arena_free(&run.arena);
}
END_TEST

/* Of a record that is included twice, only the second is one too many. */
START_TEST(test_twice)
{
    static const struct {
        const char *text;
        size_t findings;
    } rows[] = {
        {"v=spf1 include:p.example include:q.example ~all", 1},
        {"v=spf1 include:q.example include:p.example ~all", 1},
        {"v=spf1 include:q.example include:q.example ~all", 2}, /* and p.example with it */
        {"v=spf1 include:q.example a ~all", 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct run run = {.arena = mv_arena_new(1 << 24)};
        size_t count = 0;

        lint(&run, "example.org", rows[i].text, around);
        for (size_t j = 0; j < mv_findings_count(run.findings); j++)
            count += strcmp(mv_findings_at(run.findings, j)->kind->id, "spf-include-twice") == 0;
        ck_assert_msg(count == rows[i].findings, "%s: %zu", rows[i].text, count);
        mv_arena_free(&run.arena);
    }
}
END_TEST

/* What a finding says to publish instead has not the fault. */
START_TEST(test_mended)
{
    static const struct {
        const char *id;
        const char *text;
        const char *mended;
    } rows[] = {
        {"spf-plus-all", "v=spf1 mx +all", "v=spf1 mx ~all"},
        {"spf-neutral-all", "v=spf1 mx ?all", "v=spf1 mx ~all"},
        {"spf-no-all", "v=spf1 mx", "v=spf1 mx ~all"},
        {"spf-all-of-include", "v=spf1 include:p.example", "v=spf1 include:p.example ~all"},
        {"spf-parked-soft", "v=spf1 ~all", "v=spf1 -all"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct run run = {.arena = mv_arena_new(1 << 24)};
        bool suggested = false;

        lint(&run, "example.org", rows[i].text, around);
        for (size_t j = 0; j < mv_findings_count(run.findings); j++)
            suggested = suggested || (strcmp(mv_findings_at(run.findings, j)->kind->id, rows[i].id) == 0 &&
                                      mv_bytes_equal(mv_findings_at(run.findings, j)->record, mv_bytes_str(rows[i].mended)));
        ck_assert_msg(suggested, "%s", rows[i].text);
        lint(&run, "example.org", rows[i].mended, around);
        ck_assert_msg(!found(&run, rows[i].id), "%s", rows[i].mended);
        mv_arena_free(&run.arena);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_texts, test_domains, test_limits, test_no_domain, test_twice, test_mended};

    return unit_run("spf_lint", tests, COUNT(tests));
}
