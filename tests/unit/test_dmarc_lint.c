/* Every finding about DMARC records: what triggers it, and what does not. */
#include "core/ops/dmarc_lint.h"

#include <stdio.h>
#include <string.h>

#include "core/base/trace.h"
#include "tests/unit/ops_zone.h"
#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define GOOD "v=DMARC1; p=reject; rua=mailto:d@example.org"
#define MANY_X "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* A text alone. */
static const struct {
    const char *id;
    const char *bad;
    const char *good;
} texts[] = {
    {"dmarc-not-a-record", "", GOOD},
    {"dmarc-not-a-record", "v=spf1 -all", GOOD},
    {"dmarc-not-a-record", "hello", "v=DMARC1"},
    {"dmarc-version-case", "v=dmarc1; p=reject", "V=DMARC1; p=reject"},
    {"dmarc-version-case", "v=Dmarc1", GOOD},
    {"dmarc-version-not-first", "p=reject; v=DMARC1", GOOD},
    {"dmarc-version-missing", "p=reject; rua=mailto:d@example.org", GOOD},
    {"dmarc-version-missing", "rua=mailto:d@example.org", GOOD},
    {"dmarc-version-unknown", "v=DMARC2; p=reject", GOOD},
    {"dmarc-version-unknown", "v=DMARC10; p=reject", GOOD},
    {"dmarc-version-unknown", "v=DMARC; p=reject", GOOD},
    {"dmarc-version-separator", "v=DMARC1 p=reject", "v=DMARC1 ; p=reject"},
    {"dmarc-version-separator", "v=DMARC1, p=reject", GOOD},
    {"dmarc-leading-text", " v=DMARC1; p=reject", "v=DMARC1; p=reject "},
    {"dmarc-leading-text", "\"v=DMARC1; p=reject\"", GOOD},
    {"dmarc-leading-text", "\xEF\xBB\xBFv=DMARC1; p=reject", GOOD},
    {"dmarc-forbidden-byte", "v=DMARC1; p=reject; rua=mailto:d\xC3\xA4@example.org", GOOD},
    {"dmarc-forbidden-byte", "v=DMARC1; p=reject\xE2\x80\x8B", GOOD},
    {"dmarc-forbidden-byte", "v=DMARC1; p=reject\n", GOOD},
    {"dmarc-tab", "v=DMARC1;\tp=reject", GOOD},
    {"dmarc-backslash", "v=DMARC1; p=reject\\; sp=none", GOOD},
    {"dmarc-quotes", "v=DMARC1; p=\"reject\"", GOOD},
    {"dmarc-empty-item", "v=DMARC1;; p=reject", "v=DMARC1; p=reject;"},
    {"dmarc-item-syntax", "v=DMARC1; p=reject; junk", GOOD},
    {"dmarc-item-syntax", "v=DMARC1; p=reject; =x", "v=DMARC1; p=reject; "},
    {"dmarc-unknown-tag", "v=DMARC1; p=reject; rau=mailto:d@example.org", GOOD},
    {"dmarc-unknown-tag", "v=DMARC1; policy=reject", GOOD "; psd=u; t=n; adkim=r; aspf=r; ri=1; rf=afrf; pct=1; fo=0"},
    {"dmarc-pct-removed", "v=DMARC1; p=reject; pct=50", "v=DMARC1; p=reject; t=y; pct=0"},
    {"dmarc-pct-removed", "v=DMARC1; p=reject; pct=100", GOOD},
    {"dmarc-pct-transition", "v=DMARC1; p=reject; t=y; pct=0", "v=DMARC1; p=reject; pct=0"},
    {"dmarc-pct-invalid", "v=DMARC1; p=reject; pct=101", "v=DMARC1; p=reject; pct=99"},
    {"dmarc-rf-removed", "v=DMARC1; p=reject; rf=afrf", GOOD},
    {"dmarc-ri-removed", "v=DMARC1; p=reject; ri=3600", GOOD},
    {"dmarc-duplicate-tag", "v=DMARC1; p=reject; p=REJECT", GOOD},
    {"dmarc-duplicate-tag", "v=DMARC1; v=DMARC1; p=none", GOOD},
    {"dmarc-conflicting-tag", "v=DMARC1; p=reject; p=none", "v=DMARC1; p=reject; p=reject"},
    {"dmarc-conflicting-tag", "v=DMARC1; rua=mailto:d@example.org; rua=mailto:D@example.org", GOOD},
    {"dmarc-letter-case", "v=DMARC1; P=reject", "v=DMARC1; p=reject; rua=MAILTO:D@example.org"},
    {"dmarc-letter-case", "v=DMARC1; p=Reject", GOOD},
    {"dmarc-large", GOOD "; x=" MANY_X MANY_X MANY_X MANY_X MANY_X, GOOD "; x=" MANY_X},
    {"dmarc-too-many-tags",
     "v=DMARC1;a=1;b=1;c=1;d=1;e=1;f=1;g=1;h=1;i=1;j=1;k=1;l=1;m=1;n=1;o=1;q=1;r=1;s=1;u=1;w=1;x=1;y=1;z=1;aa=1;ab=1;ac=1;"
     "ad=1;ae=1;af=1;ag=1;ah=1;ai=1;aj=1;ak=1;al=1;am=1;an=1;ao=1;ap=1;aq=1;ar=1;as=1;at=1;au=1;av=1;aw=1;ax=1;ay=1;az=1;"
     "ba=1;bb=1;bc=1;bd=1;be=1;bf=1;bg=1;bh=1;bi=1;bj=1;bk=1;bl=1;bm=1;bn=1;bo=1;bp=1",
     GOOD},
    {"dmarc-p-invalid", "v=DMARC1; p=rejct; rua=mailto:d@example.org", GOOD},
    {"dmarc-sp-invalid", "v=DMARC1; p=reject; sp=x", "v=DMARC1; p=reject; sp=reject"},
    {"dmarc-np-invalid", "v=DMARC1; p=reject; np=yes", "v=DMARC1; p=reject; np=reject"},
    {"dmarc-psd-invalid", "v=DMARC1; p=reject; psd=yes", "v=DMARC1; p=reject; psd=n"},
    {"dmarc-t-invalid", "v=DMARC1; p=reject; t=1", "v=DMARC1; p=reject; t=y"},
    {"dmarc-adkim-invalid", "v=DMARC1; p=reject; adkim=strict", "v=DMARC1; p=reject; adkim=s"},
    {"dmarc-aspf-invalid", "v=DMARC1; p=reject; aspf=x", "v=DMARC1; p=reject; aspf=s"},
    {"dmarc-fo-invalid", "v=DMARC1; p=reject; fo=0:1", "v=DMARC1; p=reject; fo=1:d:s"},
    {"dmarc-p-missing", "v=DMARC1; rua=mailto:d@example.org", GOOD},
    {"dmarc-p-missing", "v=DMARC1", "v=DMARC1; p=bogus"},
    {"dmarc-no-effect", "v=DMARC1; p=bogus", "v=DMARC1; p=bogus; rua=mailto:d@example.org"},
    {"dmarc-no-effect", "v=DMARC1; sp=bogus; p=reject", GOOD},
    {"dmarc-p-none", "v=DMARC1; p=none", GOOD},
    {"dmarc-sp-weaker", "v=DMARC1; p=reject; sp=none", "v=DMARC1; p=none; sp=reject"},
    {"dmarc-np-weaker", "v=DMARC1; p=reject; np=none", "v=DMARC1; p=none; np=reject"},
    {"dmarc-np-weaker", "v=DMARC1; p=none; sp=reject; np=quarantine", "v=DMARC1; p=reject; sp=none; np=quarantine"},
    {"dmarc-np-missing", "v=DMARC1; p=none", "v=DMARC1; p=none; np=quarantine"},
    {"dmarc-np-missing", "v=DMARC1; p=reject; sp=none", GOOD},
    {"dmarc-test-of-nothing", "v=DMARC1; p=none; t=y", "v=DMARC1; p=none; sp=reject; t=y"},
    {"dmarc-test-mode", "v=DMARC1; p=quarantine; t=y", "v=DMARC1; p=quarantine; t=n"},
    {"dmarc-psd-yes", "v=DMARC1; p=reject; psd=y", "v=DMARC1; p=reject; psd=u"},
    {"dmarc-psd-no", "v=DMARC1; p=reject; psd=n", "v=DMARC1; p=reject; psd=y"},
    {"dmarc-psd-ruf", "v=DMARC1; p=reject; psd=y; ruf=mailto:f@example.org", "v=DMARC1; p=reject; ruf=mailto:f@example.org"},
    {"dmarc-adkim-strict", "v=DMARC1; p=reject; adkim=s", "v=DMARC1; p=reject; adkim=r"},
    {"dmarc-aspf-strict", "v=DMARC1; p=reject; aspf=S", "v=DMARC1; p=reject; aspf=r"},
    {"dmarc-fo-without-ruf", "v=DMARC1; p=reject; fo=1", "v=DMARC1; p=reject; fo=1; ruf=mailto:f@example.org"},
    {"dmarc-ruf", "v=DMARC1; p=reject; ruf=mailto:f@example.org", GOOD},
    {"dmarc-rua-missing", "v=DMARC1; p=reject", GOOD},
    {"dmarc-rua-missing", "v=DMARC1; p=reject; rua=nonsense", GOOD},
    {"dmarc-uri-no-scheme", "v=DMARC1; p=reject; rua=d@example.org", GOOD},
    {"dmarc-uri-no-scheme", "v=DMARC1; p=reject; ruf=d@example.org!10m", "v=DMARC1; p=reject; rua=https://example.org/"},
    {"dmarc-uri-not-mailto", "v=DMARC1; p=reject; rua=https://example.org/reports", GOOD},
    {"dmarc-uri-invalid", "v=DMARC1; p=reject; rua=mailto:d", GOOD},
    {"dmarc-uri-invalid", "v=DMARC1; p=reject; rua=mailto:d@example.org,", "v=DMARC1; p=reject; rua=d@example.org"},
    {"dmarc-uri-invalid", "v=DMARC1; p=reject; rua=mailto:d @example.org", "v=DMARC1; rua=mailto:a@example.org , mailto:b@example.org"},
    {"dmarc-uri-size-limit", "v=DMARC1; p=reject; rua=mailto:d@example.org!10m", GOOD},
    {"dmarc-uri-many", GOOD ",mailto:e@example.org,mailto:f@example.org", GOOD ",mailto:e@example.org"},
    {"dmarc-uri-too-many",
     GOOD ",mailto:a@x.org,mailto:b@x.org,mailto:c@x.org,mailto:d@x.org,mailto:e@x.org,mailto:f@x.org,mailto:g@x.org"
          ",mailto:h@x.org,mailto:i@x.org,mailto:j@x.org,mailto:k@x.org,mailto:l@x.org,mailto:m@x.org,mailto:n@x.org"
          ",mailto:o@x.org,mailto:p@x.org,mailto:q@x.org,mailto:r@x.org,mailto:s@x.org,mailto:t@x.org",
     GOOD ",mailto:a@x.org,mailto:b@x.org"},
    {"dmarc-uri-repeated", GOOD ",mailto:D@example.org", GOOD ",mailto:e@example.org"},
    {"dmarc-p-not-second", "v=DMARC1; sp=none; p=reject", GOOD},
    {"dmarc-legacy-test", "v=DMARC1; p=quarantine; t=y", "v=DMARC1; p=quarantine; t=y; pct=0"},
    {"dmarc-legacy-test", "v=DMARC1; p=reject; t=y; pct=50", "v=DMARC1; p=reject; t=y; pct=0"},
    {"dmarc-pct-without-test", "v=DMARC1; p=quarantine; pct=0", "v=DMARC1; p=none; pct=0"},
    {"dmarc-pct-without-test", "v=DMARC1; p=reject; pct=20", "v=DMARC1; p=reject; pct=100"},
    {"dmarc-legacy-np", "v=DMARC1; p=none; np=reject", "v=DMARC1; p=reject; np=reject"},
    {"dmarc-legacy-psd", "v=DMARC1; p=reject; psd=n", GOOD},
};

/* Of a domain, as DNS shows it. example.org has mail, SPF and something like a key unless a row says otherwise. */
#define BASE "example.org MX 10 mx.example.org\nexample.org TXT v=spf1 mx ~all\nx._domainkey.example.org TXT p=\n"
#define AT "_dmarc.example.org TXT "
static const struct {
    const char *id;
    const char *domain;
    const char *bad;
    const char *good;
} domains[] = {
    {"dmarc-no-record", "example.org", BASE, BASE AT GOOD},
    {"dmarc-no-record", "example.org", BASE AT "v=spf1 -all", BASE AT GOOD},
    {"dmarc-version-case", "example.org", BASE AT "v=dmarc1; p=reject", BASE AT GOOD},
    {"dmarc-dns-error", "example.org", BASE AT "!TIMEOUT", BASE AT GOOD},
    {"dmarc-dns-error", "mail.example.org", BASE AT "!SERVFAIL", BASE AT GOOD},
    {"dmarc-several-records", "example.org", BASE AT GOOD "\n" AT "v=DMARC1; p=none", BASE AT GOOD "\n" AT "v=spf1 -all"},
    {"dmarc-other-text", "example.org", BASE AT GOOD "\n" AT "v=spf1 -all", BASE AT GOOD},
    {"dmarc-record-at-apex", "example.org", BASE "example.org TXT " GOOD, BASE AT GOOD},
    {"dmarc-no-underscore", "example.org", BASE "dmarc.example.org TXT " GOOD, BASE AT GOOD},
    {"dmarc-doubled-name", "example.org", BASE "_dmarc.example.org.example.org TXT " GOOD, BASE AT GOOD},
    {"dmarc-cname", "example.org", BASE "_dmarc.example.org CNAME d.example.net\nd.example.net TXT " GOOD, BASE AT GOOD},
    {"dmarc-cname-dangling", "example.org", BASE "_dmarc.example.org CNAME d.example.net",
     BASE "_dmarc.example.org CNAME d.example.net\nd.example.net TXT " GOOD},
    {"dmarc-wildcard", "example.org", BASE AT GOOD "\n_dmarc.mailvouch-no-such-name.example.org TXT " GOOD, BASE AT GOOD},
    {"dmarc-np-unreachable", "example.org", BASE AT GOOD "; np=reject\nmailvouch-no-such-name.example.org A 192.0.2.1",
     BASE AT GOOD "; np=reject"},
    {"dmarc-np-unreachable", "example.org", BASE AT GOOD "; np=reject\nmailvouch-no-such-name.example.org TXT -",
     BASE AT GOOD "\nmailvouch-no-such-name.example.org A 192.0.2.1"},
    {"dmarc-ttl-long", "example.org", BASE "_dmarc.example.org TXT/90000 " GOOD, BASE "_dmarc.example.org TXT/86400 " GOOD},
    {"dmarc-inherited", "mail.example.org", BASE AT GOOD, BASE AT GOOD "\n_dmarc.mail.example.org TXT " GOOD},
    {"dmarc-inherited-from-suffix", "example.bank", "_dmarc.bank TXT v=DMARC1; p=reject; psd=y; rua=mailto:d@bank",
     "_dmarc.example.bank TXT " GOOD "\n_dmarc.bank TXT v=DMARC1; p=reject; psd=y; rua=mailto:d@bank"},
    {"dmarc-shadow-weaker", "mail.example.org", BASE AT GOOD "\n_dmarc.mail.example.org TXT v=DMARC1; p=none",
     BASE AT "v=DMARC1; p=none; rua=mailto:d@example.org\n_dmarc.mail.example.org TXT v=DMARC1; p=none"},
    {"dmarc-shadow", "mail.example.org", BASE AT GOOD "\n_dmarc.mail.example.org TXT v=DMARC1; p=reject",
     BASE AT GOOD "\n_dmarc.mail.example.org TXT v=DMARC1; p=reject; psd=n"},
    {"dmarc-below-unused", "mail.example.org", BASE AT GOOD "\n_dmarc.mail.example.org TXT v=DMARC1; p=reject; sp=none",
     BASE AT GOOD "; sp=reject\n_dmarc.mail.example.org TXT v=DMARC1; p=reject"},
    {"dmarc-record-between", "a.mail.example.org", BASE AT GOOD "\n_dmarc.mail.example.org TXT v=DMARC1; p=none",
     BASE AT GOOD},
    {"dmarc-suffix-record", "example.org", BASE AT GOOD "\n_dmarc.org TXT v=DMARC1; p=none",
     BASE AT GOOD "\n_dmarc.org TXT v=DMARC1; p=none; psd=y"},
    {"dmarc-suffix-record", "example.org", BASE AT GOOD "\n_dmarc.org TXT v=DMARC1; p=none",
     BASE AT GOOD "; psd=n\n_dmarc.org TXT v=DMARC1; p=none"},
    {"dmarc-legacy-org", "dept.example.org", BASE AT GOOD "\n_dmarc.dept.example.org TXT " GOOD "; psd=n",
     BASE AT GOOD "\n_dmarc.dept.example.org TXT " GOOD},
    {"dmarc-legacy-org", "a.b.co.org", "_dmarc.co.org TXT " GOOD, "_dmarc.b.co.org TXT " GOOD},
    {"dmarc-psd-with-mail", "example.org", BASE AT GOOD "; psd=y", BASE AT GOOD "; psd=n"},
    {"dmarc-psd-with-mail", "example.org", BASE AT GOOD "; psd=y", "example.org MX 0 .\n" AT GOOD "; psd=y"},
    {"dmarc-report-consent-missing", "example.org", BASE AT GOOD ",mailto:d@example.net\nexample.net MX 10 mx.example.net",
     BASE AT GOOD ",mailto:d@example.net\nexample.net MX 10 mx.example.net\n"
                  "example.org._report._dmarc.example.net TXT v=DMARC1"},
    {"dmarc-report-consent-missing", "example.org", BASE AT GOOD "; ruf=mailto:d@example.net",
     BASE AT GOOD "; ruf=mailto:d@sub.example.org"},
    {"dmarc-report-consent-missing", "mail.example.org",
     BASE AT GOOD ",mailto:d@example.net\nmail.example.org._report._dmarc.example.net TXT v=DMARC1",
     BASE AT GOOD ",mailto:d@example.net\nexample.org._report._dmarc.example.net TXT v=DMARC1;"},
    {"dmarc-report-consent-elsewhere", "example.org",
     BASE AT GOOD ",mailto:d@example.net\nexample.org._report._dmarc.example.net TXT v=DMARC1; rua=mailto:x@example.com",
     BASE AT GOOD ",mailto:d@example.net\nexample.org._report._dmarc.example.net TXT v=DMARC1; rua=mailto:x@example.net; "
                  "ruf=mailto:x@example.com"},
    {"dmarc-report-consent-unknown", "example.org",
     BASE AT GOOD ",mailto:d@example.net\nexample.org._report._dmarc.example.net TXT !TIMEOUT", BASE AT GOOD},
    {"dmarc-report-consent-wildcard", "example.org",
     BASE AT GOOD ",mailto:d@example.net\nexample.org._report._dmarc.example.net TXT v=DMARC1\n"
                  "*._report._dmarc.example.net TXT v=DMARC1",
     BASE AT GOOD ",mailto:d@example.net\nexample.org._report._dmarc.example.net TXT v=DMARC1"},
    {"dmarc-report-host-no-mail", "example.org", BASE AT GOOD ",mailto:d@gone.example.org",
     BASE AT GOOD ",mailto:d@gone.example.org\ngone.example.org AAAA 2001:db8::1"},
    {"dmarc-report-host-null-mx", "example.org", BASE AT GOOD ",mailto:d@n.example.org\nn.example.org MX 0 .",
     BASE AT GOOD ",mailto:d@n.example.org\nn.example.org MX 10 mx.example.org"},
    {"dmarc-enforced-without-any", "example.org", AT GOOD, BASE AT GOOD},
    {"dmarc-enforced-without-any", "example.org", AT GOOD, AT "v=DMARC1; p=none; rua=mailto:d@example.org"},
    {"dmarc-enforced-without-dkim", "example.org", "example.org TXT v=spf1 mx ~all\n" AT GOOD, BASE AT GOOD},
    {"dmarc-enforced-without-spf", "example.org", "x._domainkey.example.org TXT p=\n" AT GOOD, BASE AT GOOD},
    {"dmarc-enforced-without-dkim", "mail.example.org",
     BASE AT GOOD "\nmail.example.org TXT v=spf1 a -all\n_dmarc.mail.example.org TXT " GOOD "; adkim=s",
     BASE AT GOOD "\nmail.example.org TXT v=spf1 a -all\n_dmarc.mail.example.org TXT " GOOD},
    {"dmarc-enforced-without-any", "mail.example.org", AT GOOD "\n_dmarc.mail.example.org TXT " GOOD, AT GOOD},
    {"dmarc-parked", "example.org", "example.org TXT v=spf1 -all\n" AT GOOD, BASE AT GOOD},
};

struct run {
    struct mv_arena *arena;
    struct mv_bytes domain;
    struct mv_bytes selector; /* empty: none given */
    struct mv_findings *findings;
    struct mv_dmarc_standing standing;
};

static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct run *run = context;
    struct mv_dmarc_lint_settings settings = {true, &run->selector, run->selector.len > 0 ? 1 : 0, MV_BYTES("org\nco.org\n")};

    run->findings = mv_findings_new(run->arena);
    return mv_dmarc_lint_domain(run->arena, run->domain, &settings, memo, run->findings, &run->standing);
}

static void lint_domain(struct run *run, const char *domain, const char *zone)
{
    struct mv_memo *memo = mv_memo_new(run->arena);

    run->domain = mv_bytes_str(domain);
    ck_assert_msg(ops_zone_run(zone, memo, stage, run) == MV_OK, "%s: %s", domain, zone);
}

START_TEST(test_texts)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct mv_arena *arena = mv_arena_new(1 << 22);
        struct mv_findings *bad = mv_findings_new(arena), *good = mv_findings_new(arena);
        struct mv_bytes name = MV_BYTES("_dmarc.example.org");
        struct mv_dmarc_record record;

        mv_dmarc_lint_record(arena, name, mv_bytes_str(texts[i].bad), bad, &record);
        mv_dmarc_lint_record(arena, name, mv_bytes_str(texts[i].good), good, &record);
        ck_assert_msg(mv_findings_have(bad, texts[i].id, name), "not found: %s in %s", texts[i].id, texts[i].bad);
        ck_assert_msg(!mv_findings_have(good, texts[i].id, MV_BYTES("")), "found: %s in %s", texts[i].id, texts[i].good);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(test_domains)
{
    for (size_t i = 0; i < COUNT(domains); i++) {
        struct run run = {.arena = mv_arena_new(1 << 24)};

        lint_domain(&run, domains[i].domain, domains[i].bad);
        ck_assert_msg(mv_findings_have(run.findings, domains[i].id, MV_BYTES("")), "row %zu: %s not found", i, domains[i].id);
        lint_domain(&run, domains[i].domain, domains[i].good);
        ck_assert_msg(!mv_findings_have(run.findings, domains[i].id, MV_BYTES("")), "row %zu: %s found", i, domains[i].id);
        mv_arena_free(&run.arena);
    }
}
END_TEST

/* Longer than a record may be: of that many bytes no table is made. */
START_TEST(test_too_long)
{
    struct mv_arena *arena = mv_arena_new(1 << 22);
    struct mv_findings *findings = mv_findings_new(arena);
    struct mv_dmarc_record record;
    struct mv_buf text;

    mv_buf_init(&text, 2 * MV_DMARC_MAX_RECORD_BYTES);
    mv_buf_puts(&text, GOOD "; x=");
    while (text.len <= MV_DMARC_MAX_RECORD_BYTES)
        mv_buf_putc(&text, 'x');
    ck_assert(!mv_dmarc_lint_record(arena, MV_BYTES(""), mv_buf_bytes(&text), findings, &record));
    ck_assert(mv_findings_have(findings, "dmarc-too-long", MV_BYTES("")));
    mv_buf_free(&text);
    mv_arena_free(&arena);
}
END_TEST

/* The name of a consent record may be longer than DNS allows. */
START_TEST(test_consent_too_long)
{
    struct run run = {.arena = mv_arena_new(1 << 24)};
    char label[64], domain[220], zone[2048];

    memset(label, 'a', sizeof label - 1);
    label[sizeof label - 1] = '\0';
    snprintf(domain, sizeof domain, "%s.%s.%s.example.org", label, label, label);
    snprintf(zone, sizeof zone, "_dmarc.%s TXT v=DMARC1; p=none; rua=mailto:d@%s.example.net", domain, label);
    lint_domain(&run, domain, zone);
    ck_assert(mv_findings_have(run.findings, "dmarc-report-consent-too-long", MV_BYTES("")));
    mv_arena_free(&run.arena);
}
END_TEST

/* What a finding says to publish: parses, and has not the fault. */
START_TEST(test_mended)
{
    static const struct {
        const char *text;
        const char *mended;
    } rows[] = {
        {"v=dmarc1; p=reject; rua=d@example.org", "v=DMARC1; p=reject; rua=mailto:d@example.org"},
        {"v=DMARC1 p=reject", "v=DMARC1; p=reject"},
        {"v=DMARC1, p=reject", "v=DMARC1; p=reject"},
        {"p=reject; v=DMARC1", "v=DMARC1; p=reject"},
        {"\"v=DMARC1; p=reject\"", "v=DMARC1; p=reject"},
        {"v=DMARC1\\; p=reject\\; sp=none", "v=DMARC1; p=reject; sp=none"},
        {"v=DMARC1; p=rejct; rua=mailto:d@example.org", "v=DMARC1; p=none; rua=mailto:d@example.org"},
        {"v=DMARC2; p=reject", "v=DMARC1; p=reject"},
        {"v=DMARC1; sp=none; p=reject", "v=DMARC1; p=reject; sp=none"},
        {"v=DMARC1; p=reject; p=reject", "v=DMARC1; p=reject"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mv_arena *arena = mv_arena_new(1 << 22);
        struct mv_findings *findings = mv_findings_new(arena);
        struct mv_dmarc_record record;
        bool suggested = false;

        mv_dmarc_lint_record(arena, MV_BYTES("_dmarc.example.org"), mv_bytes_str(rows[i].text), findings, &record);
        for (size_t j = 0; j < mv_findings_count(findings); j++)
            suggested = suggested || mv_bytes_equal(mv_findings_at(findings, j)->record, mv_bytes_str(rows[i].mended));
        ck_assert_msg(suggested, "%s", rows[i].text);
        mv_arena_free(&arena);
    }
}
END_TEST

/* RFC 9989 4.10: of nine labels the walk skips one. */
START_TEST(test_deep_name)
{
    struct run run = {.arena = mv_arena_new(1 << 24)};

    lint_domain(&run, "a.b.c.d.e.f.g.example.org", BASE AT GOOD);
    ck_assert(mv_findings_have(run.findings, "dmarc-deep-name", MV_BYTES("")));
    lint_domain(&run, "b.c.d.e.f.g.example.org", BASE AT GOOD);
    ck_assert(!mv_findings_have(run.findings, "dmarc-deep-name", MV_BYTES("")));
    mv_arena_free(&run.arena);
}
END_TEST

/* Selectors that are given are looked at, and nothing is concluded from the name above them. */
START_TEST(test_selectors)
{
    struct run run = {.arena = mv_arena_new(1 << 24), .selector = MV_BYTES("x")};

    lint_domain(&run, "example.org", BASE AT GOOD);
    ck_assert(!mv_findings_have(run.findings, "dmarc-enforced-without-dkim", MV_BYTES("")));
    run.selector = MV_BYTES("y");
    lint_domain(&run, "example.org", BASE AT GOOD);
    ck_assert(mv_findings_have(run.findings, "dmarc-enforced-without-dkim", MV_BYTES("")));
    mv_arena_free(&run.arena);
}
END_TEST

/* A deployment without faults has no finding. */
START_TEST(test_clean)
{
    struct run run = {.arena = mv_arena_new(1 << 24)};

    lint_domain(&run, "example.org", BASE AT GOOD);
    ck_assert_uint_eq(mv_findings_count(run.findings), 0);
    ck_assert(mv_bytes_equal(run.standing.policy_domain, MV_BYTES("example.org")));
    ck_assert_str_eq(run.standing.tag, "p");
    ck_assert_uint_eq(run.standing.ttl_secs, 60);
    mv_arena_free(&run.arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_texts,  test_domains,   test_too_long, test_consent_too_long,
                                  test_mended, test_deep_name, test_selectors,        test_clean};

    return unit_run("dmarc_lint", tests, COUNT(tests));
}
