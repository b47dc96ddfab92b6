/* Every finding about a deployment: what triggers it, and what does not. */
#include "core/ops/deployment.h"

#include <stdio.h>
#include <string.h>

#include "core/base/trace.h"
#include "tests/unit/ops_zone.h"
#include "tests/unit/test_keys.h"
#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define MAX_ZONE_BYTES (1 << 20)

/* A domain with nothing to find fault with; {2048} is the p= of a key of so many bits, {ed} one of Ed25519. */
static const char base[] =
    "example.org TXT v=spf1 ip4:192.0.2.1 mx -all\n"
    "example.org MX 10 mx.example.org\n"
    "example.org NS ns1.example.net\n"
    "example.org NS ns2.example.net\n"
    "mx.example.org A 192.0.2.2\n"
    "mx.example.org TXT v=spf1 a -all\n"
    "1.2.0.192.in-addr.arpa PTR out.example.org\n"
    "out.example.org A 192.0.2.1\n"
    "2.2.0.192.in-addr.arpa PTR mx.example.org\n"
    "_dmarc.example.org TXT v=DMARC1; p=reject; rua=mailto:d@example.org\n"
    "s1._domainkey.example.org TXT v=DKIM1; k=rsa; p={2048}\n"
    "_mta-sts.example.org TXT v=STSv1; id=20261126;\n"
    "mta-sts.example.org A 192.0.2.3\n"
    "_smtp._tls.example.org TXT v=TLSRPTv1; rua=mailto:t@example.org\n";

/* A domain without mail, as it is to be. */
static const char parked[] =
    "example.org TXT v=spf1 -all\n"
    "example.org MX 0 .\n"
    "_dmarc.example.org TXT v=DMARC1; p=reject; np=reject\n"
    "mailvouch-no-such-name._domainkey.example.org TXT v=DKIM1; p=\n";

#define KEY "s1._domainkey.example.org TXT "
#define NO_KEY "-s1._domainkey.example.org TXT\n"
#define MX(text) "-example.org MX\nexample.org MX " text
#define SPF(text) "-example.org TXT\nexample.org TXT " text

#define MANY_HOSTS \
    "ip4:198.51.100.1 ip4:198.51.100.2 ip4:198.51.100.3 ip4:198.51.100.4 ip4:198.51.100.5 " \
    "ip4:198.51.100.6 ip4:198.51.100.7 ip4:198.51.100.8 ip4:198.51.100.9 ip4:198.51.100.10 " \
    "ip4:198.51.100.11 ip4:198.51.100.12 ip4:198.51.100.13 ip4:198.51.100.14 ip4:198.51.100.15 " \
    "ip4:198.51.100.16 ip4:198.51.100.17 ip4:198.51.100.18 ip4:198.51.100.19 ip4:198.51.100.20 " \
    "ip4:198.51.100.21 ip4:198.51.100.22 ip4:198.51.100.23 ip4:198.51.100.24 ip4:198.51.100.25 " \
    "ip4:198.51.100.26 ip4:198.51.100.27 ip4:198.51.100.28 ip4:198.51.100.29 ip4:198.51.100.30 " \
    "ip4:198.51.100.31 ip4:198.51.100.32 ip4:198.51.100.33 "

enum own { NOT_OURS, ACTIVE_2048, ACTIVE_UNKNOWN, CREATED, REVOKED_2048 };

/* Lines to add to the base; a line "-NAME TYPE" takes those of the base away, and "-*" all. */
struct row {
    const char *id;
    const char *bad;
    const char *good;     /* NULL: the base as it is */
    const char *zone;     /* instead of the base */
    const char *selector; /* NULL: s1; "": none */
    const char *second;   /* another one */
    const char *helo, *mail_from, *ip;
    bool parked;
    bool good_is_plain; /* helo, mail_from and ip are of the bad one alone */
    enum own own;
};

static const struct row rows[] = {
    {.id = "domain-missing", .bad = "-*"},
    {.id = "domain-unanswered", .bad = "-example.org TXT\nexample.org TXT !SERVFAIL"},
    {.id = "domain-alias", .bad = "example.org CNAME example.net\nexample.net TXT x"},
    {.id = "domain-one-server", .bad = "-example.org NS\nexample.org NS ns1.example.net", "-example.org NS"},
    {.id = "dnssec-unsigned", .bad = "", "-example.org TXT\nexample.org TXT/AD v=spf1 mx -all"},
    {.id = "dnssec-mixed", .bad = "-example.org TXT\nexample.org TXT/AD v=spf1 mx -all", ""},
    {.id = "dnssec-mixed", .bad = "-example.org TXT\nexample.org TXT/AD v=spf1 mx -all\n-_dmarc.example.org TXT",
     "-example.org TXT\nexample.org TXT/AD v=spf1 mx -all\n-_dmarc.example.org TXT\n" NO_KEY},

    {.id = "mx-missing", .bad = "-example.org MX", "-example.org MX\nexample.org A 192.0.2.9"},
    {.id = "mx-implicit", .bad = "-example.org MX\nexample.org A 192.0.2.9"},
    {.id = "mx-null-sends", .bad = MX("0 .")},
    {.id = "mx-null-sends", .bad = MX("0 ."), MX("0 .\n") SPF("v=spf1 -all")},
    {.id = "mx-null-not-alone", .bad = "example.org MX 0 .", MX("0 .")},
    {.id = "mx-null-preference", .bad = MX("10 ."), MX("0 .")},
    {.id = "mx-alias", .bad = MX("10 m.example.org\nm.example.org CNAME mx.example.org")},
    {.id = "mx-unresolved", .bad = MX("10 gone.example.org")},
    {.id = "mx-unresolved", .bad = MX("10 gone.example.org\ngone.example.org TXT x")},
    {.id = "mx-unanswered", .bad = "-mx.example.org A\nmx.example.org A !TIMEOUT"},
    {.id = "mx-unanswered", .bad = "-example.org MX\nexample.org MX !TIMEOUT"},
    {.id = "mx-address", .bad = MX("10 192.0.2.2")},
    {.id = "mx-name", .bad = MX("10 m_x.example.org\nm_x.example.org A 192.0.2.2")},
    {.id = "mx-name", .bad = MX("10 -mx.example.org\n-mx.example.org A 192.0.2.2"), MX("10 m-x.example.org")},
    {.id = "mx-private", .bad = "mx.example.org A 10.0.0.1"},
    {.id = "mx-private", .bad = "mx.example.org AAAA fe80::1", "mx.example.org AAAA 2001:db8::1"},
    {.id = "mx-ipv6-only", .bad = "-mx.example.org A\nmx.example.org AAAA 2001:db8::1", "mx.example.org AAAA 2001:db8::1"},
    {.id = "mx-ipv6-only", .bad = "-mx.example.org A\nmx.example.org AAAA 2001:db8::1",
     "-mx.example.org A\nmx.example.org A !TIMEOUT\nmx.example.org AAAA 2001:db8::1"},
    {.id = "mx-many", .bad =
     "example.org MX 1 a.x\nexample.org MX 1 b.x\nexample.org MX 1 c.x\nexample.org MX 1 d.x\nexample.org MX 1 e.x\n"
     "example.org MX 1 f.x\nexample.org MX 1 g.x\nexample.org MX 1 h.x\nexample.org MX 1 i.x\nexample.org MX 1 j.x\n"
     "example.org MX 1 k.x\nexample.org MX 1 l.x\nexample.org MX 1 m.x\nexample.org MX 1 n.x\nexample.org MX 1 o.x\n"
     "example.org MX 1 p.x\nexample.org MX 1 q.x\nexample.org MX 1 r.x\nexample.org MX 1 s.x\nexample.org MX 1 t.x\n"},

    {.id = "dkim-no-selector", .bad = "", SPF("v=spf1 -all\n") "-example.org MX", .selector = ""},
    {.id = "dkim-missing", .bad = NO_KEY},
    {.id = "dkim-missing", .bad = NO_KEY, NO_KEY KEY "x"},
    {.id = "dkim-missing", .bad = NO_KEY, .own = ACTIVE_UNKNOWN},
    {.id = "dkim-unanswered", .bad = NO_KEY KEY "!TIMEOUT"},
    {.id = "dkim-alias-broken", .bad = NO_KEY "s1._domainkey.example.org CNAME k.example.net",
     NO_KEY "s1._domainkey.example.org CNAME k.example.net\nk.example.net TXT p={2048}"},
    {.id = "dkim-foreign", .bad = NO_KEY KEY "v=spf1 -all", KEY "v=spf1 -all"},
    {.id = "dkim-many-records", .bad = KEY "v=DKIM1; p={1024}", KEY "v=spf1 -all"},
    {.id = "dkim-syntax", .bad = NO_KEY KEY "v=DKIM1; p=x; p={2048}"},
    {.id = "dkim-version", .bad = NO_KEY KEY "v=DKIM2; p={2048}"},
    {.id = "dkim-version", .bad = NO_KEY KEY "k=rsa; v=DKIM1; p={2048}"},
    {.id = "dkim-type", .bad = NO_KEY KEY "v=DKIM1; k=dsa; p={2048}"},
    {.id = "dkim-no-data", .bad = NO_KEY KEY "v=DKIM1; k=rsa"},
    {.id = "dkim-base64", .bad = NO_KEY KEY "v=DKIM1; p=M!"},
    {.id = "dkim-not-a-key", .bad = NO_KEY KEY "v=DKIM1; p=MIIB"},
    {.id = "dkim-not-a-key", .bad = NO_KEY KEY "v=DKIM1; k=ed25519; p={2048}", NO_KEY KEY "v=DKIM1; k=ed25519; p={ed}"},
    {.id = "dkim-revoked", .bad = NO_KEY KEY "v=DKIM1; p="},
    {.id = "dkim-revoked", .bad = NO_KEY KEY "v=DKIM1; p=", SPF("v=spf1 -all\n") "-example.org MX\n" NO_KEY KEY "v=DKIM1; p="},
    {.id = "dkim-short", .bad = NO_KEY KEY "v=DKIM1; p={1023}", NO_KEY KEY "v=DKIM1; p={1024}"},
    {.id = "dkim-weak", .bad = NO_KEY KEY "v=DKIM1; p={1024}"},
    {.id = "dkim-weak", .bad = NO_KEY KEY "v=DKIM1; p={1024}", NO_KEY KEY "v=DKIM1; k=ed25519; p={ed}"},
    {.id = "dkim-long", .bad = NO_KEY KEY "v=DKIM1; p={8192}", NO_KEY KEY "v=DKIM1; p={4096}"},
    {.id = "dkim-testing", .bad = NO_KEY KEY "v=DKIM1; t=s:y; p={2048}", NO_KEY KEY "v=DKIM1; t=s; p={2048}"},
    {.id = "dkim-sha1-only", .bad = NO_KEY KEY "v=DKIM1; h=sha1; p={2048}", NO_KEY KEY "v=DKIM1; h=sha1:sha256; p={2048}"},
    {.id = "dkim-not-email", .bad = NO_KEY KEY "v=DKIM1; s=tlsrpt; p={2048}", NO_KEY KEY "v=DKIM1; s=tlsrpt:email; p={2048}"},
    {.id = "dkim-no-version", .bad = NO_KEY KEY "k=rsa; p={2048}"},
    {.id = "dkim-escaped", .bad = NO_KEY KEY "v=DKIM1\\; p={2048}"},
    {.id = "dkim-granularity", .bad = NO_KEY KEY "v=DKIM1; g=*; p={2048}"},
    {.id = "dkim-other-key", .bad = NO_KEY KEY "v=DKIM1; p={1024}", .own = ACTIVE_2048},
    {.id = "dkim-still-shown", .bad = "", NO_KEY, .own = REVOKED_2048},
    {.id = "dkim-shared-key", .bad = "s2._domainkey.example.org TXT v=DKIM1; p={2048}",
     "s2._domainkey.example.org TXT v=DKIM1; p={4096}", .second = "s2"},
    {.id = "dkim-only-ed25519", .bad = NO_KEY KEY "v=DKIM1; k=ed25519; p={ed}",
     "s2._domainkey.example.org TXT v=DKIM1; k=ed25519; p={ed}", .second = "s2"},
    {.id = "dkim-only-ed25519", .bad = NO_KEY KEY "v=DKIM1; k=ed25519; p={ed}\ns2._domainkey.example.org TXT p={1023}",
     NO_KEY KEY "v=DKIM1; k=ed25519; p={ed}\ns2._domainkey.example.org TXT p={1024}", .second = "s2"},
    {.id = "dkim-wildcard", .bad = "mailvouch-no-such-name._domainkey.example.org TXT v=DKIM1; p={2048}",
     "mailvouch-no-such-name._domainkey.example.org TXT v=DKIM1; p="},

    {.id = "host-no-ptr", .bad = "-1.2.0.192.in-addr.arpa PTR"},
    {.id = "host-no-ptr", .bad = "-2.2.0.192.in-addr.arpa PTR", "-2.2.0.192.in-addr.arpa PTR\n" SPF("v=spf1 mx/24 -all")},
    {.id = "host-no-ptr", .bad = SPF("v=spf1 a:web.example.org -all\n") "web.example.org A 192.0.2.7",
     SPF("v=spf1 ?a:web.example.org -all\n") "web.example.org A 192.0.2.7"},
    {.id = "host-no-ptr", .bad = SPF("v=spf1 ip6:2001:db8::1 -all"), SPF("v=spf1 ip6:2001:db8::/32 -all")},
    {.id = "host-no-ptr", .bad = "", "9.2.0.192.in-addr.arpa PTR m.example.org\nm.example.org A 192.0.2.9", .ip = "192.0.2.9"},
    {.id = "host-no-ptr", .bad = SPF("v=spf1 ip4:192.0.2.7 -all"), SPF("v=spf1 ip4:10.0.0.7 -all")},
    {.id = "host-ptr-unconfirmed", .bad = "-out.example.org A\nout.example.org A 192.0.2.77"},
    {.id = "host-ptr-unconfirmed", .bad = "-out.example.org A",
     "1.2.0.192.in-addr.arpa PTR other.example.org\nother.example.org A 192.0.2.1\n-out.example.org A"},
    {.id = "host-ptr-generic", .bad = "-1.2.0.192.in-addr.arpa PTR\n1.2.0.192.in-addr.arpa PTR 192-0-2-1.pool.example.net\n"
                         "192-0-2-1.pool.example.net A 192.0.2.1"},
    {.id = "host-ptr-generic", .bad = "-1.2.0.192.in-addr.arpa PTR\n1.2.0.192.in-addr.arpa PTR h1.2.0.192.example.net\n"
                         "h1.2.0.192.example.net A 192.0.2.1",
     "-1.2.0.192.in-addr.arpa PTR\n1.2.0.192.in-addr.arpa PTR h1.2.0.193.example.net\nh1.2.0.193.example.net A 192.0.2.1"},
    {.id = "host-unanswered", .bad = "-1.2.0.192.in-addr.arpa PTR\n1.2.0.192.in-addr.arpa PTR !TIMEOUT"},
    {.id = "host-unanswered", .bad = "-out.example.org A\nout.example.org A !SERVFAIL"},
    {.id = "host-not-in-spf", .bad = "", SPF("v=spf1 ip4:192.0.2.9 -all"), .ip = "192.0.2.9"},
    {.id = "host-not-in-spf", .bad = SPF("v=spf1 ip4:192.0.2.1 -all"), .helo = "mx.example.org"},
    {.id = "host-many", .bad = SPF("v=spf1 " MANY_HOSTS "-all")},
    {.id = "helo-not-qualified", .bad = "", .helo = "localhost", .good_is_plain = true},
    {.id = "helo-not-qualified", .bad = "", .helo = "[192.0.2.1]", .good_is_plain = true},
    {.id = "helo-missing", .bad = "", "gone.example.org AAAA 2001:db8::1", .helo = "gone.example.org"},
    {.id = "helo-no-spf", .bad = "-mx.example.org TXT", .helo = "mx.example.org"},
    {.id = "helo-spf-fails", .bad = "-mx.example.org TXT\nmx.example.org TXT v=spf1 -all", .helo = "mx.example.org"},
    {.id = "helo-ptr-differs", .bad = "-2.2.0.192.in-addr.arpa PTR\n2.2.0.192.in-addr.arpa PTR out.example.org",
     .helo = "mx.example.org"},

    {.id = "mailfrom-unaligned", .bad = "example.net TXT v=spf1 -all", .mail_from = "example.net", .good_is_plain = true},
    {.id = "mailfrom-unaligned", .bad = "_dmarc.b.example.org TXT v=DMARC1; p=none; psd=n", "", .mail_from = "b.example.org"},
    {.id = "mailfrom-unaligned", .bad = "-_dmarc.example.org TXT\n_dmarc.example.org TXT v=DMARC1; p=none; aspf=s", "",
     .mail_from = "b.example.org"},
    {.id = "mailfrom-no-mx", .bad = "", "b.example.org MX 10 mx.example.org", .mail_from = "b.example.org"},
    {.id = "mailfrom-no-mx", .bad = "b.example.org MX 0 .", "b.example.org A 192.0.2.1", .mail_from = "b.example.org"},
    {.id = "mailfrom-no-spf", .bad = "", "b.example.org TXT v=spf1 mx -all", .mail_from = "b.example.org"},

    {.id = "bulk-spf-missing", .bad = "-example.org TXT"},
    {.id = "bulk-spf-missing", .bad = "example.org TXT v=spf1 -all"},
    {.id = "bulk-spf-missing", .bad = "-example.org TXT", "-example.org TXT\nexample.org TXT !TIMEOUT"},
    {.id = "bulk-dkim-missing", .bad = NO_KEY},
    {.id = "bulk-dkim-missing", .bad = NO_KEY, NO_KEY KEY "!SERVFAIL"},
    {.id = "bulk-dmarc-missing", .bad = "-_dmarc.example.org TXT",
     "-_dmarc.example.org TXT\n_dmarc.example.org TXT !TIMEOUT"},
    {.id = "bulk-unaligned", .bad = NO_KEY "-example.org TXT", NO_KEY "-example.org TXT\nexample.org TXT !TIMEOUT"},
    {.id = "bulk-unaligned", .bad = NO_KEY "-example.org TXT", "-example.org TXT\n" NO_KEY KEY "!TIMEOUT"},
    {.id = "dkim-only-ed25519", .bad = NO_KEY KEY "v=DKIM1; k=ed25519; p={ed}",
     NO_KEY KEY "v=DKIM1; k=ed25519; p={ed}\ns2._domainkey.example.org TXT !TIMEOUT", .second = "s2"},
    {.id = "parked-spf", .bad = "-example.org TXT", "-example.org TXT\nexample.org TXT !TIMEOUT", .zone = parked,
     .parked = true},
    {.id = "parked-mx", .bad = "-example.org MX", "-example.org MX\nexample.org MX !TIMEOUT", .zone = parked},
    {.id = "parked-dmarc", .bad = "-_dmarc.example.org TXT", "-_dmarc.example.org TXT\n_dmarc.example.org TXT !TIMEOUT",
     .zone = parked},
    {.id = "bulk-dkim-missing", .bad = NO_KEY, "", .selector = ""},
    {.id = "bulk-dkim-missing", .bad = NO_KEY KEY "v=DKIM1; p={1023}", NO_KEY KEY "v=DKIM1; p={1024}"},
    {.id = "bulk-dmarc-missing", .bad = "-_dmarc.example.org TXT", "-_dmarc.example.org TXT\n_dmarc.example.org TXT v=DMARC1; p=none"},
    {.id = "bulk-unaligned", .bad = NO_KEY "-example.org TXT", NO_KEY},
    {.id = "bulk-unaligned", .bad = NO_KEY "example.net TXT v=spf1 mx -all", "example.net TXT v=spf1 mx -all",
     .mail_from = "example.net"},

    {.id = "parked-looks", .bad = "", .zone = parked, .good = MX("10 mx.example.org")},
    {.id = "parked-spf", .bad = SPF("v=spf1 mx -all"), .zone = parked, .parked = true},
    {.id = "parked-spf", .bad = "-example.org TXT", .zone = parked, .parked = true},
    {.id = "parked-mx", .bad = "-example.org MX", .zone = parked},
    {.id = "parked-mx", .bad = MX("10 mx.example.org"), .zone = parked, .parked = true},
    {.id = "parked-dmarc", .bad = "-_dmarc.example.org TXT", .zone = parked},
    {.id = "parked-dmarc", .bad = "-_dmarc.example.org TXT\n_dmarc.example.org TXT v=DMARC1; p=reject; t=y", .zone = parked},
    {.id = "parked-dkim-open", .bad = "-mailvouch-no-such-name._domainkey.example.org TXT", .zone = parked},
    {.id = "parked-dkim-key", .bad = KEY "v=DKIM1; p={2048}", .zone = parked},

    {.id = "mta-sts-missing", .bad = "-_mta-sts.example.org TXT"},
    {.id = "mta-sts-missing", .bad = "-_mta-sts.example.org TXT", MX("0 .\n") "-_mta-sts.example.org TXT"},
    {.id = "mta-sts-many", .bad = "_mta-sts.example.org TXT v=STSv1; id=2", "_mta-sts.example.org TXT other"},
    {.id = "mta-sts-syntax", .bad = "-_mta-sts.example.org TXT\n_mta-sts.example.org TXT v=STSv1; id=2026-11"},
    {.id = "mta-sts-syntax", .bad = "-_mta-sts.example.org TXT\n_mta-sts.example.org TXT v=STSv1;"},
    {.id = "mta-sts-syntax", .bad = "-_mta-sts.example.org TXT\n_mta-sts.example.org TXT v=STSv10; id=1"},
    {.id = "mta-sts-no-host", .bad = "-mta-sts.example.org A"},
    {.id = "mta-sts-not-fetched", .bad = "", "-_mta-sts.example.org TXT"},
    {.id = "tls-rpt-missing", .bad = "-_smtp._tls.example.org TXT"},
    {.id = "tls-rpt-many", .bad = "_smtp._tls.example.org TXT v=TLSRPTv1; rua=mailto:u@example.org",
     "_smtp._tls.example.org TXT other"},
    {.id = "tls-rpt-syntax", .bad = "-_smtp._tls.example.org TXT\n_smtp._tls.example.org TXT v=TLSRPTv1; rua=t@example.org",
     "-_smtp._tls.example.org TXT\n_smtp._tls.example.org TXT v=TLSRPTv1;rua=mailto:a@b.example,https://c.example/"},
    {.id = "tls-rpt-syntax", .bad = "-_smtp._tls.example.org TXT\n_smtp._tls.example.org TXT v=TLSRPTv1"},
};

static void put_key(struct mv_buf *zone, struct mv_bytes name)
{
    static const struct {
        const char *name;
        enum test_key_id id;
    } keys[] = {{"1023", TEST_RSA1023}, {"1024", TEST_RSA1024}, {"2048", TEST_RSA2048},
                {"4096", TEST_RSA4096}, {"8192", TEST_RSA8192}, {"ed", TEST_ED25519}};

    for (size_t i = 0; i < COUNT(keys); i++)
        if (mv_bytes_equal(name, mv_bytes_str(keys[i].name)))
            test_key_p(keys[i].id, zone);
}

static void put_text(struct mv_buf *zone, struct mv_bytes line)
{
    size_t brace = mv_bytes_find(line, '{');

    mv_buf_put(zone, mv_bytes_slice(line, 0, brace));
    if (brace < line.len)
        put_key(zone, mv_bytes_slice(line, brace + 1, line.len - 1));
    mv_buf_putc(zone, '\n');
}

static struct mv_bytes next_line(struct mv_cursor *c)
{
    struct mv_bytes line = mv_cursor_take_until(c, '\n');

    mv_cursor_accept(c, '\n');
    return line;
}

static bool is_taken_away(const char *spec, struct mv_bytes line)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(spec));

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes name = next_line(&c);

        if (name.len < 2 || name.data[0] != '-')
            continue;
        name = mv_bytes_slice(name, 1, name.len);
        if (mv_bytes_equal(name, MV_BYTES("*")) || mv_bytes_has_prefix_nocase(line, name))
            return true;
    }
    return false;
}

static bool adds(struct mv_bytes line)
{
    return line.len > 0 && (line.data[0] != '-' || mv_bytes_find(line, ' ') != mv_bytes_find_last(line, ' '));
}

static const char *make_zone(struct mv_arena *arena, const char *lines, const char *spec)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(lines)), more = mv_cursor_of(mv_bytes_str(spec));
    struct mv_buf zone;
    const char *text;

    mv_buf_init(&zone, MAX_ZONE_BYTES);
    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes line = next_line(&c);

        if (!is_taken_away(spec, line))
            put_text(&zone, line);
    }
    while (mv_cursor_left(&more) > 0) {
        struct mv_bytes line = next_line(&more);

        if (adds(line))
            put_text(&zone, line);
    }
    text = mv_arena_str(arena, mv_buf_bytes(&zone));
    mv_buf_free(&zone);
    return text;
}

struct run {
    struct mv_arena *arena;
    struct mv_deployment_request request;
    struct mv_findings *findings;
    struct mv_deployment seen;
};

static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct run *run = context;

    run->findings = mv_findings_new(run->arena);
    return mv_deployment_check(run->arena, &run->request, memo, run->findings, &run->seen);
}

/* Without a new list for each run, which there may be no memory for. */
static enum mv_code stage_of_one_list(struct mv_memo *memo, void *context)
{
    struct run *run = context;

    return mv_deployment_check(run->arena, &run->request, memo, run->findings, &run->seen);
}

static void own_key(struct mv_arena *arena, enum own own, struct mv_deployment_key *key)
{
    struct mv_buf octets;

    key->is_ours = own != NOT_OURS;
    key->state = own == REVOKED_2048 ? MV_KEY_REVOKED : own == CREATED ? MV_KEY_CREATED : MV_KEY_ACTIVE;
    if (own != ACTIVE_2048 && own != REVOKED_2048)
        return;
    mv_buf_init(&octets, 4096);
    test_key_spki(TEST_RSA2048, &octets);
    ck_assert(mv_arena_copy(arena, mv_buf_bytes(&octets), &key->octets));
    mv_buf_free(&octets);
}

static const struct mv_findings *look(struct mv_arena *arena, const struct row *row, const char *spec, bool plain)
{
    const char *zone = make_zone(arena, row->zone == NULL ? base : row->zone, spec == NULL ? "" : spec);
    struct mv_deployment_key keys[2] = {{.selector = mv_bytes_str(row->selector == NULL ? "s1" : row->selector)},
                                        {.selector = mv_bytes_str(row->second)}};
    struct mv_bytes mail_from = mv_bytes_str(row->mail_from), helo = mv_bytes_str(row->helo);
    struct mv_ip ip;
    struct run run = {.arena = arena,
                      .request = {.domain = MV_BYTES("example.org"), .is_parked = row->parked, .max_voids = 2,
                                  .suffix_hardening = true, .keys = keys, .mail_froms = &mail_from, .helos = &helo,
                                  .ips = &ip}};

    own_key(arena, row->own, &keys[0]);
    run.request.key_count = keys[0].selector.len == 0 ? 0 : row->second == NULL ? 1 : 2;
    if (!plain) {
        run.request.mail_from_count = row->mail_from != NULL;
        run.request.helo_count = row->helo != NULL;
        run.request.ip_count = mv_ip_parse(mv_bytes_str(row->ip), &ip);
    }
    ck_assert_msg(ops_zone_run(zone, mv_memo_new(arena), stage, &run) == MV_OK, "%s: %s", row->id, zone);
    return run.findings;
}

static bool have(struct mv_arena *arena, const struct row *row, const char *spec, bool plain)
{
    return mv_findings_have(look(arena, row, spec, plain), row->id, MV_BYTES(""));
}

START_TEST(test_rows)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mv_arena *arena = mv_arena_new(1 << 26);

        ck_assert_msg(have(arena, &rows[i], rows[i].bad, false), "row %zu: %s not found", i, rows[i].id);
        ck_assert_msg(!have(arena, &rows[i], rows[i].good, rows[i].good_is_plain), "row %zu: %s found", i, rows[i].id);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(test_every_kind_has_a_row)
{
    const struct mv_finding_kind *kind;
    size_t count = 0;

    for (; (kind = mv_deployment_kind_at(count)) != NULL; count++) {
        bool has_row = false;

        ck_assert_msg(kind->id != NULL && strlen(kind->meaning) > 20, "kind %zu", count);
        for (size_t i = 0; i < COUNT(rows); i++)
            has_row = has_row || strcmp(rows[i].id, kind->id) == 0;
        ck_assert_msg(has_row, "%s", kind->id);
        for (size_t i = 0; i < count; i++)
            ck_assert_str_ne(mv_deployment_kind_at(i)->id, kind->id);
    }
    ck_assert_uint_ge(count, 70);
}
END_TEST

/* The two domains that are as they are to be, and the keys of ours that are rightly not in DNS. */
static const struct {
    const char *name;
    struct row row;
    const char *notes; /* all that is said */
} quiet[] = {
    {"sends", {.good = ""}, "dnssec-unsigned mta-sts-not-fetched "},
    {"parked", {.zone = parked, .parked = true}, "dnssec-unsigned "},
    {"created key", {.good = NO_KEY "s2._domainkey.example.org TXT v=DKIM1; p={2048}", .second = "s2", .own = CREATED},
     "dnssec-unsigned mta-sts-not-fetched "},
    {"revoked key", {.good = NO_KEY "s2._domainkey.example.org TXT v=DKIM1; p={2048}", .second = "s2",
                     .own = REVOKED_2048}, "dnssec-unsigned mta-sts-not-fetched "},
};

static void list(const struct mv_findings *findings, struct mv_buf *out)
{
    for (size_t i = 0; i < mv_findings_count(findings); i++)
        mv_buf_printf(out, "%s ", mv_findings_at(findings, i)->kind->id);
}

START_TEST(test_quiet)
{
    for (size_t i = 0; i < COUNT(quiet); i++) {
        struct mv_arena *arena = mv_arena_new(1 << 26);
        struct mv_buf ids;

        mv_buf_init(&ids, 4096);
        list(look(arena, &quiet[i].row, quiet[i].row.good, false), &ids);
        ck_assert_msg(strcmp(mv_buf_cstr(&ids), quiet[i].notes) == 0, "%s: %s", quiet[i].name, mv_buf_cstr(&ids));
        mv_buf_free(&ids);
        mv_arena_free(&arena);
    }
}
END_TEST

/* What is suggested, as a line of a zone. */
static const struct {
    const char *id, *spec, *name, *record;
    bool parked;
} suggestions[] = {
    {"parked-mx", "-example.org MX", "example.org", "0 .", true},
    {"parked-spf", "-example.org TXT", "example.org", "v=spf1 -all", true},
    {"parked-dmarc", "-_dmarc.example.org TXT\n_dmarc.example.org TXT v=DMARC1; p=none; rua=mailto:a@b.example,mailto:c@d.example",
     "_dmarc.example.org",
     "v=DMARC1; p=reject; sp=reject; np=reject; adkim=s; aspf=s; rua=mailto:a@b.example,mailto:c@d.example", true},
    {"parked-dkim-open", "", "*._domainkey.example.org", "v=DKIM1; p=", true},
    {"bulk-dmarc-missing", "-_dmarc.example.org TXT", "_dmarc.example.org", "v=DMARC1; p=none", false},
};

START_TEST(test_suggestions)
{
    for (size_t i = 0; i < COUNT(suggestions); i++) {
        struct mv_arena *arena = mv_arena_new(1 << 26);
        struct row row = {.id = suggestions[i].id, .parked = suggestions[i].parked};
        const struct mv_findings *findings = look(arena, &row, suggestions[i].spec, false);
        bool found = false;

        for (size_t k = 0; k < mv_findings_count(findings); k++) {
            const struct mv_finding *finding = mv_findings_at(findings, k);

            if (strcmp(finding->kind->id, row.id) != 0)
                continue;
            found = true;
            ck_assert_msg(mv_bytes_equal(finding->record_name, mv_bytes_str(suggestions[i].name)), "%s", row.id);
            ck_assert_msg(mv_bytes_equal(finding->record, mv_bytes_str(suggestions[i].record)), "%s: %.*s", row.id,
                          MV_ARG(finding->record));
        }
        ck_assert_msg(found, "%s", row.id);
        mv_arena_free(&arena);
    }
}
END_TEST

/* However little memory there is, it ends in MV_ERR_MEMORY or in what it ends in with enough. */
START_TEST(test_no_memory)
{
    struct mv_arena *zone_arena = mv_arena_new(1 << 24);
    const char *zone = make_zone(zone_arena, base, "");
    bool ended = false;

    for (size_t bytes = 1 << 10; !ended && bytes < 1 << 26; bytes += bytes / 3) {
        struct mv_arena *arena = mv_arena_new(bytes);
        struct mv_memo *memo = mv_memo_new(arena);
        struct mv_deployment_key key = {.selector = MV_BYTES("s1")};
        struct run run = {.arena = arena,
                          .request = {.domain = MV_BYTES("example.org"), .max_voids = 2, .keys = &key, .key_count = 1}};
        enum mv_code code;

        run.findings = memo == NULL ? NULL : mv_findings_new(arena);
        if (run.findings != NULL) {
            code = ops_zone_run(zone, memo, stage_of_one_list, &run);
            ck_assert(code == MV_OK || code == MV_ERR_MEMORY);
            ended = code == MV_OK;
        }
        mv_arena_free(&arena);
    }
    ck_assert(ended);
    mv_arena_free(&zone_arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_every_kind_has_a_row, test_quiet, test_suggestions, test_no_memory};

    return unit_run("deployment", tests, COUNT(tests));
}
