#include "core/spf/evaluate.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/spf_zone.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define MAX_BYTES (16 * 1024 * 1024)

struct row {
    const char *name;
    const char *ip;        /* NULL: 192.0.2.1 */
    const char *helo;      /* NULL: mail.example.com */
    const char *mail_from; /* NULL: a@example.com */
    const char *zone;
    enum mv_spf_code code;
    unsigned lookups;
    unsigned voids;
    const char *section; /* NULL: not looked at */
};

#define V4_HOST "192.0.2.1"
#define V6_HOST "2001:db8::1"

static const struct row identity_rows[] = {
    /* RFC 7208 2.4, 4.3 */
    {"plain address", NULL, NULL, "a@example.com", "example.com TXT v=spf1 ip4:192.0.2.1 -all", MV_SPF_PASS, 0, 0,
     "RFC 7208 5.6"},
    {"angle brackets", NULL, NULL, "<a@example.com>", "example.com TXT v=spf1 -all", MV_SPF_FAIL, 0, 0,
     "RFC 7208 5.1"},
    {"upper case and final dot", NULL, NULL, "a@EXAMPLE.com.", "example.com TXT v=spf1 -all", MV_SPF_FAIL, 0, 0, NULL},
    {"null reverse-path is HELO", NULL, "example.com", "", "example.com TXT v=spf1 -all", MV_SPF_FAIL, 0, 0, NULL},
    {"null reverse-path in brackets", NULL, "example.com", "<>", "example.com TXT v=spf1 -all", MV_SPF_FAIL, 0, 0,
     NULL},
    {"no local part", NULL, NULL, "@example.com", "example.com TXT v=spf1 exists:%{l}.x.example -all\n"
     "postmaster.x.example A 127.0.0.2", MV_SPF_PASS, 1, 0, NULL},
    {"last @ counts", NULL, NULL, "\"a@b.example\"@example.com", "example.com TXT v=spf1 -all", MV_SPF_FAIL, 0, 0,
     NULL},
    {"U-label (RFC 8616 4)", NULL, NULL, "a@b\xc3\xbc" "cher.example", "xn--bcher-kva.example TXT v=spf1 -all",
     MV_SPF_FAIL, 0, 0, NULL},
    {"underscore", NULL, NULL, "a@_x.example.com", "_x.example.com TXT v=spf1 -all", MV_SPF_FAIL, 0, 0, NULL},
    {"HELO is a single label", NULL, "OEMCOMPUTER", "", "oemcomputer TXT v=spf1 +all", MV_SPF_NONE, 0, 0,
     "RFC 7208 4.3"},
    {"HELO is an address literal", NULL, "[192.0.2.1]", "", "", MV_SPF_NONE, 0, 0, "RFC 7208 4.3"},
    {"HELO is an IPv6 literal", V6_HOST, "[IPv6:2001:db8::1]", "", "", MV_SPF_NONE, 0, 0, "RFC 7208 4.3"},
    {"HELO is empty", NULL, "", "", "", MV_SPF_NONE, 0, 0, "RFC 7208 4.3"},
    {"HELO with a space", NULL, "a b.example.com", "", "", MV_SPF_NONE, 0, 0, "RFC 7208 4.3"},
    {"address literal", NULL, NULL, "a@[192.0.2.1]", "", MV_SPF_NONE, 0, 0, "RFC 7208 4.3"},
    {"single label", NULL, NULL, "root@localhost", "localhost TXT v=spf1 +all", MV_SPF_NONE, 0, 0, "RFC 7208 4.3"},
    {"no @", NULL, NULL, "example.com", "example.com TXT v=spf1 +all", MV_SPF_NONE, 0, 0, "RFC 7208 4.3"},
    {"nothing behind the @", NULL, NULL, "a@", "", MV_SPF_NONE, 0, 0, "RFC 7208 4.3"},
    {"empty label", NULL, NULL, "a@b..example.com", "", MV_SPF_NONE, 0, 0, "RFC 7208 4.3"},
    {"leading dot", NULL, NULL, "a@.example.com", "", MV_SPF_NONE, 0, 0, "RFC 7208 4.3"},
    {"long label", NULL, NULL,
     "a@A123456789012345678901234567890123456789012345678901234567890123.example.com", "", MV_SPF_NONE, 0, 0,
     "RFC 7208 4.3"},
    {"control byte", NULL, NULL, "a@exam\x01ple.com", "", MV_SPF_NONE, 0, 0, "RFC 7208 4.3"},
    {"broken UTF-8", NULL, NULL, "a@b\xc3.example.com", "", MV_SPF_NONE, 0, 0, "RFC 7208 4.3"},
};

static const struct row record_rows[] = {
    /* RFC 7208 4.4 */
    {"no such domain", NULL, NULL, NULL, "", MV_SPF_NONE, 0, 0, NULL},
    {"no TXT", NULL, NULL, NULL, "example.com A 192.0.2.1", MV_SPF_NONE, 0, 0, NULL},
    {"no SPF record", NULL, NULL, NULL, "example.com TXT hello", MV_SPF_NONE, 0, 0, NULL},
    {"timeout", NULL, NULL, NULL, "example.com TXT !TIMEOUT", MV_SPF_TEMPERROR, 0, 0, "RFC 7208 4.4"},
    {"server failure", NULL, NULL, NULL, "example.com TXT !SERVFAIL", MV_SPF_TEMPERROR, 0, 0, "RFC 7208 4.4"},
    /* 4.5 */
    {"among others", NULL, NULL, NULL, "example.com TXT hello\nexample.com TXT v=spf1 -all\nexample.com TXT \x96",
     MV_SPF_FAIL, 0, 0, NULL},
    {"two records", NULL, NULL, NULL, "example.com TXT v=spf1 -all\nexample.com TXT v=spf1 +all", MV_SPF_PERMERROR, 0,
     0, "RFC 7208 4.5"},
    {"two equal records", NULL, NULL, NULL, "example.com TXT v=spf1 +all\nexample.com TXT v=spf1 +all",
     MV_SPF_PERMERROR, 0, 0, "RFC 7208 4.5"},
    {"case of the version does not make two of one", NULL, NULL, NULL,
     "example.com TXT v=spf1 +all\nexample.com TXT V=SPF1 -all", MV_SPF_PERMERROR, 0, 0, "RFC 7208 4.5"},
    {"v=spf10 is another version", NULL, NULL, NULL, "example.com TXT v=spf10 -all\nexample.com TXT v=spf1 ~all",
     MV_SPF_SOFTFAIL, 0, 0, NULL},
    {"leading space", NULL, NULL, NULL, "example.com TXT  v=spf1 +all", MV_SPF_NONE, 0, 0, NULL},
    {"no space behind the version", NULL, NULL, NULL, "example.com TXT v=spf1mx", MV_SPF_NONE, 0, 0, NULL},
    {"upper case", NULL, NULL, NULL, "example.com TXT V=SPF1 -ALL", MV_SPF_FAIL, 0, 0, NULL},
    /* 4.6 */
    {"fault behind a match", NULL, NULL, NULL, "example.com TXT v=spf1 +all moo", MV_SPF_PERMERROR, 0, 0,
     "RFC 7208 4.6.1"},
    {"fault behind -all", NULL, NULL, NULL, "example.com TXT v=spf1 ip4:192.0.2.1 -all a/99", MV_SPF_PERMERROR, 0, 0,
     "RFC 7208 5.3"},
    {"zero width space", NULL, NULL, NULL, "example.com TXT v=spf1 \xe2\x80\x8b+all", MV_SPF_PERMERROR, 0, 0,
     "RFC 7208 4.6.1"},
    {"tab", NULL, NULL, NULL, "example.com TXT v=spf1 +all\t", MV_SPF_PERMERROR, 0, 0, "RFC 7208 4.6.1"},
    {"in an included record", NULL, NULL, NULL,
     "example.com TXT v=spf1 include:b.example.com +all\nb.example.com TXT v=spf1 moo", MV_SPF_PERMERROR, 1, 0,
     "RFC 7208 4.6.1"},
    /* 4.6.2, 4.7 */
    {"softfail", NULL, NULL, NULL, "example.com TXT v=spf1 ~all", MV_SPF_SOFTFAIL, 0, 0, NULL},
    {"neutral by qualifier", NULL, NULL, NULL, "example.com TXT v=spf1 ?all", MV_SPF_NEUTRAL, 0, 0, "RFC 7208 5.1"},
    {"neutral by default", NULL, NULL, NULL, "example.com TXT v=spf1 ip4:198.51.100.1", MV_SPF_NEUTRAL, 0, 0, NULL},
    {"empty record", NULL, NULL, NULL, "example.com TXT v=spf1", MV_SPF_NEUTRAL, 0, 0, NULL},
    {"first match wins", NULL, NULL, NULL, "example.com TXT v=spf1 -ip4:192.0.2.0/24 +ip4:192.0.2.1 +all", MV_SPF_FAIL,
     0, 0, NULL},
    {"fail by a mechanism other than all", NULL, NULL, NULL, "example.com TXT v=spf1 -a +all\nexample.com A 192.0.2.1",
     MV_SPF_FAIL, 1, 0, "RFC 7208 5.3"},
};

static const struct row mechanism_rows[] = {
    /* RFC 7208 5.1 */
    {"nothing counts behind all", NULL, NULL, NULL, "example.com TXT v=spf1 -all a mx ptr", MV_SPF_FAIL, 0, 0, NULL},
    {"redirect beside all", NULL, NULL, NULL,
     "example.com TXT v=spf1 redirect=b.example.com -all\nb.example.com TXT v=spf1 +all", MV_SPF_FAIL, 0, 0, NULL},
    /* 5.2 */
    {"include pass", NULL, NULL, NULL,
     "example.com TXT v=spf1 ~include:b.example.com -all\nb.example.com TXT v=spf1 ip4:192.0.2.1 -all",
     MV_SPF_SOFTFAIL, 1, 0, "RFC 7208 5.2"},
    {"include fail", NULL, NULL, NULL,
     "example.com TXT v=spf1 include:b.example.com ?all\nb.example.com TXT v=spf1 -all", MV_SPF_NEUTRAL, 1, 0, NULL},
    {"include softfail", NULL, NULL, NULL,
     "example.com TXT v=spf1 include:b.example.com -all\nb.example.com TXT v=spf1 ~all", MV_SPF_FAIL, 1, 0, NULL},
    {"include neutral", NULL, NULL, NULL,
     "example.com TXT v=spf1 include:b.example.com -all\nb.example.com TXT v=spf1 ?all", MV_SPF_FAIL, 1, 0, NULL},
    {"include none", NULL, NULL, NULL, "example.com TXT v=spf1 include:b.example.com +all\nb.example.com TXT x",
     MV_SPF_PERMERROR, 1, 0, "RFC 7208 5.2"},
    {"include of what is not there", NULL, NULL, NULL, "example.com TXT v=spf1 include:b.example.com +all",
     MV_SPF_PERMERROR, 1, 1, "RFC 7208 5.2"},
    {"include temperror", NULL, NULL, NULL,
     "example.com TXT v=spf1 include:b.example.com +all\nb.example.com TXT !TIMEOUT", MV_SPF_TEMPERROR, 1, 0,
     "RFC 7208 4.4"},
    {"include of two records", NULL, NULL, NULL,
     "example.com TXT v=spf1 include:b.example.com +all\nb.example.com TXT v=spf1 +all\nb.example.com TXT v=spf1 ?all",
     MV_SPF_PERMERROR, 1, 0, "RFC 7208 4.5"},
    {"include with a malformed name", NULL, "a..b", NULL, "example.com TXT v=spf1 include:%{h} +all", MV_SPF_PERMERROR,
     1, 0, "RFC 7208 5.2"},
    {"include of a single label by macro", NULL, "localhost", NULL,
     "example.com TXT v=spf1 include:%{h} +all\nlocalhost TXT v=spf1 -all", MV_SPF_PERMERROR, 1, 0, "RFC 7208 5.2"},
    {"%{d} is the included domain", NULL, NULL, NULL,
     "example.com TXT v=spf1 include:b.example.com -all\nb.example.com TXT v=spf1 exists:ok.%{d} -all\n"
     "ok.b.example.com A 127.0.0.2", MV_SPF_PASS, 2, 0, NULL},
    {"%{o} stays the sender's in an include", NULL, NULL, NULL,
     "example.com TXT v=spf1 include:b.example.com -all\nb.example.com TXT v=spf1 exists:ok.%{o} -all\n"
     "ok.example.com A 127.0.0.2", MV_SPF_PASS, 2, 0, NULL},
    {"redirect inside an include", NULL, NULL, NULL,
     "example.com TXT v=spf1 include:b.example.com -all\nb.example.com TXT v=spf1 redirect=c.example.com\n"
     "c.example.com TXT v=spf1 ip4:192.0.2.1 -all", MV_SPF_PASS, 2, 0, NULL},
    /* 5.3 */
    {"a", NULL, NULL, NULL, "example.com TXT v=spf1 a -all\nexample.com A 192.0.2.7\nexample.com A 192.0.2.1",
     MV_SPF_PASS, 1, 0, "RFC 7208 5.3"},
    {"a with a prefix", NULL, NULL, NULL, "example.com TXT v=spf1 a:b.example.com/24 -all\nb.example.com A 192.0.2.77",
     MV_SPF_PASS, 1, 0, NULL},
    {"a, prefix of the other family", NULL, NULL, NULL,
     "example.com TXT v=spf1 a:b.example.com//0 -all\nb.example.com A 192.0.2.77", MV_SPF_FAIL, 1, 0, NULL},
    {"a for an IPv6 client", V6_HOST, NULL, NULL,
     "example.com TXT v=spf1 a -all\nexample.com A 192.0.2.1\nexample.com AAAA 2001:db8::1", MV_SPF_PASS, 1, 0, NULL},
    {"a for an IPv6 client without AAAA is void", V6_HOST, NULL, NULL,
     "example.com TXT v=spf1 a/0 -all\nexample.com A 192.0.2.1", MV_SPF_FAIL, 1, 1, NULL},
    {"AAAA only for an IPv4 client is void", NULL, NULL, NULL,
     "example.com TXT v=spf1 a//0 -all\nexample.com AAAA 2001:db8::1", MV_SPF_FAIL, 1, 1, NULL},
    {"mapped client is IPv4 (5)", "::ffff:192.0.2.1", NULL, NULL,
     "example.com TXT v=spf1 a -all\nexample.com A 192.0.2.1", MV_SPF_PASS, 1, 0, NULL},
    {"a, DNS error", NULL, NULL, NULL, "example.com TXT v=spf1 a +all\nexample.com A !SERVFAIL", MV_SPF_TEMPERROR, 1,
     0, "RFC 7208 5"},
    {"a, name that cannot be", NULL, NULL, NULL, "example.com TXT v=spf1 a:mail.example...com -all", MV_SPF_FAIL, 1, 0,
     NULL},
    {"a, label that is too long by macro", NULL, "%%%%%%%%%%%%%%%%%%%%%%", NULL,
     "example.com TXT v=spf1 a:%{H}.bar -all", MV_SPF_FAIL, 1, 0, NULL},
    {"a, slash and colon in the name", NULL, NULL, NULL,
     "example.com TXT v=spf1 a:foo:bar/baz.example.com -all\nfoo:bar/baz.example.com A 192.0.2.1", MV_SPF_PASS, 1, 0,
     NULL},
    /* 5.4 */
    {"mx", NULL, NULL, NULL,
     "example.com TXT v=spf1 mx -all\nexample.com MX 10 a.example.com\nexample.com MX 20 b.example.com\n"
     "a.example.com A 192.0.2.7\nb.example.com A 192.0.2.1", MV_SPF_PASS, 1, 0, "RFC 7208 5.4"},
    {"mx with prefix", NULL, NULL, NULL,
     "example.com TXT v=spf1 mx/24 -all\nexample.com MX 10 a.example.com\na.example.com A 192.0.2.7", MV_SPF_PASS, 1, 0,
     NULL},
    {"no implicit mx", NULL, NULL, NULL, "example.com TXT v=spf1 mx -all\nexample.com A 192.0.2.1", MV_SPF_FAIL, 1, 1,
     NULL},
    {"null MX (RFC 7505)", NULL, NULL, NULL, "example.com TXT v=spf1 mx -all\nexample.com MX 0 ", MV_SPF_FAIL, 1, 0,
     NULL},
    {"mx, DNS error of the MX", NULL, NULL, NULL, "example.com TXT v=spf1 mx +all\nexample.com MX !TIMEOUT",
     MV_SPF_TEMPERROR, 1, 0, NULL},
    {"mx, DNS error of a host", NULL, NULL, NULL,
     "example.com TXT v=spf1 mx +all\nexample.com MX 10 a.example.com\na.example.com A !TIMEOUT", MV_SPF_TEMPERROR, 1,
     0, NULL},
    {"mx, match before the error by preference, not by the order of the answer", NULL, NULL, NULL,
     "example.com TXT v=spf1 mx -all\nexample.com MX 20 a.example.com\nexample.com MX 10 b.example.com\n"
     "a.example.com A !TIMEOUT\nb.example.com A 192.0.2.1", MV_SPF_PASS, 1, 0, NULL},
    {"mx, match before the error by name where preferences are equal", NULL, NULL, NULL,
     "example.com TXT v=spf1 mx -all\nexample.com MX 10 b.example.com\nexample.com MX 10 a.example.com\n"
     "example.com MX 10 a.example.co\nb.example.com A !TIMEOUT\na.example.com A 192.0.2.1", MV_SPF_PASS, 1, 1, NULL},
    {"mx hosts without address are one void", NULL, NULL, NULL,
     "example.com TXT v=spf1 mx -all\nexample.com MX 10 a.example.com\nexample.com MX 20 b.example.com\n"
     "example.com MX 30 c.example.com", MV_SPF_FAIL, 1, 1, NULL},
    /* 5.5 */
    {"ptr", NULL, NULL, NULL, "example.com TXT v=spf1 ptr -all\n1.2.0.192.in-addr.arpa PTR a.example.com\n"
     "a.example.com A 192.0.2.1", MV_SPF_PASS, 1, 0, "RFC 7208 5.5"},
    {"ptr of the domain itself", NULL, NULL, NULL, "example.com TXT v=spf1 ptr -all\n"
     "1.2.0.192.in-addr.arpa PTR example.com\nexample.com A 192.0.2.1", MV_SPF_PASS, 1, 0, NULL},
    {"ptr is not confirmed", NULL, NULL, NULL, "example.com TXT v=spf1 ptr -all\n"
     "1.2.0.192.in-addr.arpa PTR a.example.com\na.example.com A 192.0.2.2", MV_SPF_FAIL, 1, 0, NULL},
    {"ptr ends in the letters, not in the labels", NULL, NULL, NULL, "example.com TXT v=spf1 ptr -all\n"
     "1.2.0.192.in-addr.arpa PTR badexample.com\nbadexample.com A 192.0.2.1", MV_SPF_FAIL, 1, 0, NULL},
    {"ptr above the target", NULL, NULL, NULL, "example.com TXT v=spf1 ptr:b.example.com -all\n"
     "1.2.0.192.in-addr.arpa PTR example.com\nexample.com A 192.0.2.1", MV_SPF_FAIL, 1, 0, NULL},
    {"ptr of another domain is not looked at", NULL, NULL, NULL, "example.com TXT v=spf1 ptr -all\n"
     "1.2.0.192.in-addr.arpa PTR a.example.net", MV_SPF_FAIL, 1, 0, NULL},
    {"ptr, DNS error", NULL, NULL, NULL, "example.com TXT v=spf1 ptr -all\n1.2.0.192.in-addr.arpa PTR !TIMEOUT",
     MV_SPF_FAIL, 1, 0, NULL},
    {"ptr, DNS error of a name is skipped", NULL, NULL, NULL, "example.com TXT v=spf1 ptr -all\n"
     "1.2.0.192.in-addr.arpa PTR a.example.com\n1.2.0.192.in-addr.arpa PTR b.example.com\n"
     "a.example.com A !SERVFAIL\nb.example.com A 192.0.2.1", MV_SPF_PASS, 1, 0, NULL},
    {"no ptr is void", NULL, NULL, NULL, "example.com TXT v=spf1 ptr -all", MV_SPF_FAIL, 1, 1, NULL},
    {"ptr for IPv6", V6_HOST, NULL, NULL, "example.com TXT v=spf1 ptr -all\n"
     "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR a.example.com\n"
     "a.example.com AAAA 2001:db8::1", MV_SPF_PASS, 1, 0, NULL},
    /* 5.6 */
    {"ip4 prefix", NULL, NULL, NULL, "example.com TXT v=spf1 ip4:192.0.3.0/23 -all", MV_SPF_PASS, 0, 0, NULL},
    {"ip4 outside the prefix", NULL, NULL, NULL, "example.com TXT v=spf1 ip4:192.0.4.0/23 -all", MV_SPF_FAIL, 0, 0,
     NULL},
    {"ip6 does not hold IPv4", NULL, NULL, NULL, "example.com TXT v=spf1 ip6:::/0 -all", MV_SPF_FAIL, 0, 0, NULL},
    {"ip6, mapped network, mapped client", "::ffff:192.0.2.1", NULL, NULL,
     "example.com TXT v=spf1 ip6:::ffff:192.0.2.1 -all", MV_SPF_FAIL, 0, 0, NULL},
    {"ip4 does not hold IPv6", V6_HOST, NULL, NULL, "example.com TXT v=spf1 ip4:0.0.0.0/0 -all", MV_SPF_FAIL, 0, 0,
     NULL},
    {"ip6", V6_HOST, NULL, NULL, "example.com TXT v=spf1 ip6:2001:db8:8000::/32 -all", MV_SPF_PASS, 0, 0, NULL},
    /* 5.7 */
    {"exists asks for A, whatever the client is", V6_HOST, NULL, NULL,
     "example.com TXT v=spf1 exists:b.example.com -all\nb.example.com A 127.0.0.2", MV_SPF_PASS, 1, 0, "RFC 7208 5.7"},
    {"exists with AAAA only", V6_HOST, NULL, NULL,
     "example.com TXT v=spf1 exists:b.example.com -all\nb.example.com AAAA 2001:db8::1", MV_SPF_FAIL, 1, 1, NULL},
    {"exists with an IPv6 macro", V6_HOST, NULL, NULL, "example.com TXT v=spf1 exists:%{ir}.b.example.com -all\n"
     "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.b.example.com A 127.0.0.2", MV_SPF_PASS, 1, 0,
     NULL},
    {"exists, DNS error", NULL, NULL, NULL, "example.com TXT v=spf1 exists:b.example.com +all\n"
     "b.example.com A !TIMEOUT", MV_SPF_TEMPERROR, 1, 0, NULL},
    /* 6.1 */
    {"redirect", NULL, NULL, NULL, "example.com TXT v=spf1 redirect=b.example.com\nb.example.com TXT v=spf1 ~all",
     MV_SPF_SOFTFAIL, 1, 0, "RFC 7208 5.1"},
    {"redirect changes the domain of a", NULL, NULL, NULL, "example.com TXT v=spf1 redirect=b.example.com\n"
     "example.com A 192.0.2.9\nb.example.com TXT v=spf1 a -all\nb.example.com A 192.0.2.1", MV_SPF_PASS, 2, 0, NULL},
    {"redirect before the mechanisms", NULL, NULL, NULL,
     "example.com TXT v=spf1 redirect=b.example.com ip4:192.0.2.1\nb.example.com TXT v=spf1 -all", MV_SPF_PASS, 0, 0,
     NULL},
    {"redirect to nothing", NULL, NULL, NULL, "example.com TXT v=spf1 redirect=b.example.com\nb.example.com TXT x",
     MV_SPF_PERMERROR, 1, 0, "RFC 7208 6.1"},
    {"redirect to a malformed name", NULL, "a..b", NULL, "example.com TXT v=spf1 redirect=%{h}", MV_SPF_PERMERROR, 1, 0,
     "RFC 7208 6.1"},
    {"redirect, DNS error", NULL, NULL, NULL, "example.com TXT v=spf1 redirect=b.example.com\n"
     "b.example.com TXT !TIMEOUT", MV_SPF_TEMPERROR, 1, 0, NULL},
    /* 6 */
    {"unknown modifiers", NULL, NULL, NULL, "example.com TXT v=spf1 default=pass x-y.z=%{d} -all", MV_SPF_FAIL, 0, 0,
     NULL},
};

/* RFC 7208 4.6.4 */
#define MX_HOSTS_9                                                                                                   \
    "example.com MX 1 h1.example.com\nexample.com MX 2 h2.example.com\nexample.com MX 3 h3.example.com\n"             \
    "example.com MX 4 h4.example.com\nexample.com MX 5 h5.example.com\nexample.com MX 6 h6.example.com\n"             \
    "example.com MX 7 h7.example.com\nexample.com MX 8 h8.example.com\nexample.com MX 9 h9.example.com\n"
#define PTR_NAMES_9                                                                                                  \
    "1.2.0.192.in-addr.arpa PTR h1.example.com\n1.2.0.192.in-addr.arpa PTR h2.example.com\n"                         \
    "1.2.0.192.in-addr.arpa PTR h3.example.com\n1.2.0.192.in-addr.arpa PTR h4.example.com\n"                         \
    "1.2.0.192.in-addr.arpa PTR h5.example.com\n1.2.0.192.in-addr.arpa PTR h6.example.com\n"                         \
    "1.2.0.192.in-addr.arpa PTR h7.example.com\n1.2.0.192.in-addr.arpa PTR h8.example.com\n"                         \
    "1.2.0.192.in-addr.arpa PTR h9.example.com\n"
#define EXAMPLE_A "example.com A 192.0.2.9\n"

static const struct row limit_rows[] = {
    {"ten terms", NULL, NULL, NULL, EXAMPLE_A "example.com TXT v=spf1 a a a a a a a a a a -all", MV_SPF_FAIL, 10, 0,
     NULL},
    {"eleven terms", NULL, NULL, NULL, EXAMPLE_A "example.com TXT v=spf1 a a a a a a a a a a a -all", MV_SPF_PERMERROR,
     10, 0, "RFC 7208 4.6.4"},
    {"eleven terms, match at the tenth", NULL, NULL, NULL,
     EXAMPLE_A "example.com TXT v=spf1 a a a a a a a a a a:b.example.com a -all\nb.example.com A 192.0.2.1",
     MV_SPF_PASS, 10, 0, NULL},
    {"eleven terms, ip4 before the last", NULL, NULL, NULL,
     EXAMPLE_A "example.com TXT v=spf1 a a a a a a a a a a ip4:192.0.2.1 a -all", MV_SPF_PASS, 10, 0, NULL},
    {"ip4, ip6 and all are free", NULL, NULL, NULL,
     EXAMPLE_A "example.com TXT v=spf1 a a a a a ip4:1.2.3.4 ip6:::1 ip4:1.2.3.4 ip6:::1 ip4:1.2.3.4 a a a a a -all",
     MV_SPF_FAIL, 10, 0, NULL},
    {"terms of includes count", NULL, NULL, NULL,
     EXAMPLE_A "example.com TXT v=spf1 a include:b.example.com a -all\nb.example.com TXT v=spf1 a:example.com "
     "a:example.com a:example.com a:example.com a:example.com a:example.com a:example.com a:example.com",
     MV_SPF_PERMERROR, 10, 0, "RFC 7208 4.6.4"},
    {"terms of includes count, at the limit", NULL, NULL, NULL,
     EXAMPLE_A "example.com TXT v=spf1 a include:b.example.com -all\nb.example.com TXT v=spf1 a:example.com "
     "a:example.com a:example.com a:example.com a:example.com a:example.com a:example.com a:example.com",
     MV_SPF_FAIL, 10, 0, NULL},
    {"redirect counts", NULL, NULL, NULL,
     EXAMPLE_A "example.com TXT v=spf1 a a a a a a a a a a redirect=b.example.com\nb.example.com TXT v=spf1 +all",
     MV_SPF_PERMERROR, 10, 0, "RFC 7208 4.6.4"},
    {"exp does not count", NULL, NULL, NULL,
     EXAMPLE_A "example.com TXT v=spf1 a a a a a a a a a a -all exp=e.example.com", MV_SPF_FAIL, 10, 0, NULL},
    {"redirect loop", NULL, NULL, NULL, "example.com TXT v=spf1 redirect=example.com", MV_SPF_PERMERROR, 10, 0,
     "RFC 7208 4.6.4"},
    {"include loop", NULL, NULL, NULL, "example.com TXT v=spf1 include:example.com +all", MV_SPF_PERMERROR, 10, 0,
     "RFC 7208 4.6.4"},
    {"include loop of two", NULL, NULL, NULL,
     "example.com TXT v=spf1 include:b.example.com\nb.example.com TXT v=spf1 include:example.com", MV_SPF_PERMERROR, 10,
     0, "RFC 7208 4.6.4"},
    {"a loop that doubles", NULL, NULL, NULL,
     "example.com TXT v=spf1 include:example.com include:example.com include:example.com", MV_SPF_PERMERROR, 10, 0,
     "RFC 7208 4.6.4"},
    {"%{p} counts beside its term", NULL, NULL, NULL,
     EXAMPLE_A "1.2.0.192.in-addr.arpa PTR example.com\nexample.com TXT v=spf1 a a a a a a a a a exists:%{p}.x.example",
     MV_SPF_PERMERROR, 9, 0, "RFC 7208 4.6.4"},
    {"%{p} at the limit", NULL, NULL, NULL,
     EXAMPLE_A "1.2.0.192.in-addr.arpa PTR example.com\nexample.com TXT v=spf1 a a a a a a a a exists:%{p}.x.example -all",
     MV_SPF_FAIL, 10, 1, NULL},
    /* mx */
    {"ten MX hosts", NULL, NULL, NULL,
     "example.com TXT v=spf1 mx -all\n" MX_HOSTS_9 "example.com MX 10 h10.example.com\nh10.example.com A 192.0.2.1",
     MV_SPF_PASS, 1, 1, NULL},
    {"eleven MX hosts", NULL, NULL, NULL,
     "example.com TXT v=spf1 mx +all\n" MX_HOSTS_9 "example.com MX 10 h10.example.com\n"
     "example.com MX 11 h11.example.com\nh1.example.com A 192.0.2.1", MV_SPF_PERMERROR, 1, 0, "RFC 7208 4.6.4"},
    /* ptr */
    {"tenth PTR name", NULL, NULL, NULL,
     "example.com TXT v=spf1 ptr -all\n" PTR_NAMES_9 "1.2.0.192.in-addr.arpa PTR h10.example.com\n"
     "h10.example.com A 192.0.2.1", MV_SPF_PASS, 1, 1, NULL},
    {"eleventh PTR name is ignored", NULL, NULL, NULL,
     "example.com TXT v=spf1 ptr -all\n" PTR_NAMES_9 "1.2.0.192.in-addr.arpa PTR h10.example.com\n"
     "1.2.0.192.in-addr.arpa PTR h11.example.com\nh11.example.com A 192.0.2.1", MV_SPF_FAIL, 1, 1, NULL},
    /* void lookups */
    {"two voids", NULL, NULL, NULL, "example.com TXT v=spf1 a:x.example a:y.example -all", MV_SPF_FAIL, 2, 2, NULL},
    {"three voids", NULL, NULL, NULL, "example.com TXT v=spf1 a:x.example a:y.example a:z.example +all",
     MV_SPF_PERMERROR, 3, 3, "RFC 7208 4.6.4"},
    {"three voids, match before the third", NULL, NULL, NULL,
     "example.com TXT v=spf1 a:x.example a:y.example ip4:192.0.2.1 a:z.example", MV_SPF_PASS, 2, 2, NULL},
    {"voids of each kind of term", NULL, NULL, NULL, "example.com TXT v=spf1 exists:x.example mx:y.example ptr +all",
     MV_SPF_PERMERROR, 3, 3, "RFC 7208 4.6.4"},
    {"voids in an include", NULL, NULL, NULL,
     "example.com TXT v=spf1 include:b.example.com a:z.example +all\nb.example.com TXT v=spf1 a:x.example a:y.example",
     MV_SPF_PERMERROR, 4, 3, "RFC 7208 4.6.4"},
    {"the same void name counts for each term", NULL, NULL, NULL,
     "example.com TXT v=spf1 a:x.example a:x.example a:x.example +all", MV_SPF_PERMERROR, 3, 3, "RFC 7208 4.6.4"},
    {"exp is never void", NULL, NULL, NULL,
     "example.com TXT v=spf1 a:x.example a:y.example exp=z.example -all", MV_SPF_FAIL, 2, 2, NULL},
    {"a name that cannot be asked is not void", NULL, NULL, NULL,
     "example.com TXT v=spf1 a:x..example a:y..example a:z..example -all", MV_SPF_FAIL, 3, 0, NULL},
};

static const struct row macro_rows[] = {
    /* RFC 7208 7.3 */
    {"%{s}", NULL, NULL, "strong-bad@example.com", "example.com TXT v=spf1 exists:%{s}.x.example -all\n"
     "strong-bad@example.com.x.example A 127.0.0.2", MV_SPF_PASS, 1, 0, NULL},
    {"%{l} with a space", NULL, NULL, "Macro Error@example.com", "example.com TXT v=spf1 a:%{L}.x.example -all\n"
     "macro%20error.x.example A 192.0.2.1", MV_SPF_PASS, 1, 0, NULL},
    {"%{h}", NULL, "helo.example.net", NULL, "example.com TXT v=spf1 a:%{h} -all\nhelo.example.net A 192.0.2.1",
     MV_SPF_PASS, 1, 0, NULL},
    {"final dot of the target", NULL, NULL, NULL, "example.com TXT v=spf1 a:b.example.com. -all\n"
     "b.example.com A 192.0.2.1", MV_SPF_PASS, 1, 0, NULL},
    {"%{p} is confirmed", NULL, NULL, NULL, "example.com TXT v=spf1 exists:%{p}.x.example -all\n"
     "1.2.0.192.in-addr.arpa PTR a.example.com\na.example.com A 192.0.2.1\na.example.com.x.example A 127.0.0.2",
     MV_SPF_PASS, 2, 0, NULL},
    {"%{p} is not confirmed", NULL, NULL, NULL, "example.com TXT v=spf1 exists:%{p}.x.example -all\n"
     "1.2.0.192.in-addr.arpa PTR a.example.com\na.example.com A 192.0.2.2\nunknown.x.example A 127.0.0.2", MV_SPF_PASS,
     2, 0, NULL},
    {"%{p}, no PTR", NULL, NULL, NULL, "example.com TXT v=spf1 exists:%{p}.x.example -all\n"
     "unknown.x.example A 127.0.0.2", MV_SPF_PASS, 2, 1, NULL},
    {"%{p}, DNS error", NULL, NULL, NULL, "example.com TXT v=spf1 exists:%{p}.x.example -all\n"
     "1.2.0.192.in-addr.arpa PTR !TIMEOUT\nunknown.x.example A 127.0.0.2", MV_SPF_PASS, 2, 0, NULL},
    {"%{p} prefers the domain, then a name below it", NULL, NULL, NULL,
     "example.com TXT v=spf1 exists:%{p}.x.example -all\n"
     "1.2.0.192.in-addr.arpa PTR a.example.net\n1.2.0.192.in-addr.arpa PTR b.example.com\n"
     "1.2.0.192.in-addr.arpa PTR example.com\na.example.net A 192.0.2.1\nb.example.com A 192.0.2.1\n"
     "example.com A 192.0.2.1\nexample.com.x.example A 127.0.0.2", MV_SPF_PASS, 2, 0, NULL},
    {"%{p} prefers a name below the domain", NULL, NULL, NULL,
     "example.com TXT v=spf1 exists:%{p}.x.example -all\n"
     "1.2.0.192.in-addr.arpa PTR a.example.net\n1.2.0.192.in-addr.arpa PTR b.example.com\n"
     "a.example.net A 192.0.2.1\nb.example.com A 192.0.2.1\nb.example.com.x.example A 127.0.0.2", MV_SPF_PASS, 2, 0,
     NULL},
    {"long names lose labels on the left", NULL, NULL,
     "a@a23456789.b23456789.c23456789.d23456789.example.com",
     "a23456789.b23456789.c23456789.d23456789.example.com TXT v=spf1 "
     "exists:%{o}.%{o}.%{o}.%{o}.%{o}.x.example -all\n"
     "c23456789.d23456789.example.com.a23456789.b23456789.c23456789.d23456789.example.com."
     "a23456789.b23456789.c23456789.d23456789.example.com.a23456789.b23456789.c23456789.d23456789.example.com."
     "a23456789.b23456789.c23456789.d23456789.example.com.x.example A 127.0.0.2", MV_SPF_PASS, 1, 0, NULL},
    /* RFC 8616 4 */
    {"non-ASCII local part, %{l}", NULL, NULL, "j\xc3\xb6rg@example.com",
     "example.com TXT v=spf1 exists:%{l}.x.example -all\nj\xc3\xb6rg.x.example A 127.0.0.2", MV_SPF_FAIL, 1, 0, NULL},
    {"non-ASCII local part, %{S} in an include", NULL, NULL, "j\xc3\xb6rg@example.com",
     "example.com TXT v=spf1 include:%{S}.x.example -all", MV_SPF_FAIL, 1, 0, NULL},
    {"non-ASCII local part, %{l} in a redirect", NULL, NULL, "j\xc3\xb6rg@example.com",
     "example.com TXT v=spf1 redirect=%{l}.x.example", MV_SPF_NEUTRAL, 1, 0, NULL},
    {"non-ASCII local part without its macros", NULL, NULL, "j\xc3\xb6rg@example.com",
     "example.com TXT v=spf1 exists:%{o}.x.example -all\nexample.com.x.example A 127.0.0.2", MV_SPF_PASS, 1, 0, NULL},
};

static struct mv_spf_request request_of(const struct row *row)
{
    return spf_zone_request(row->ip == NULL ? V4_HOST : row->ip, row->helo == NULL ? "mail.example.com" : row->helo,
                            row->mail_from == NULL ? "a@example.com" : row->mail_from);
}

static void check_row(const struct row *row, enum spf_zone_pace pace)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_spf_request request = request_of(row);
    struct mv_spf_result result;
    struct mv_memo *memo;

    ck_assert_msg(spf_zone_evaluate(arena, row->zone, pace, &request, mv_trace_new(arena), &result, &memo) == MV_OK,
                  "%s: no result", row->name);
    ck_assert_msg(result.code == row->code, "%s: %s (%s)", row->name, mv_spf_code_text(result.code),
                  result.reason == NULL ? "" : result.reason);
    ck_assert_msg(result.lookups == row->lookups, "%s: %u lookups", row->name, result.lookups);
    ck_assert_msg(result.voids == row->voids, "%s: %u voids", row->name, result.voids);
    ck_assert_msg(row->section == NULL || (result.section != NULL && strcmp(result.section, row->section) == 0),
                  "%s: %s", row->name, result.section);
    mv_arena_free(&arena);
}

#define TABLE_TEST(table)                                                                                            \
    START_TEST(table##_test)                                                                                         \
    {                                                                                                                \
        check_row(&table[_i], SPF_ZONE_ROUNDS);                                                                      \
        check_row(&table[_i], SPF_ZONE_ONE_BY_ONE);                                                                  \
    }                                                                                                                \
    END_TEST

TABLE_TEST(identity_rows)
TABLE_TEST(record_rows)
TABLE_TEST(mechanism_rows)
TABLE_TEST(limit_rows)
TABLE_TEST(macro_rows)

/* RFC 7208 4.6.4: MAY be configurable. */
START_TEST(void_limit)
{
    static const struct row row = {.zone = "example.com TXT v=spf1 a:x.example a:y.example a:z.example -all"};

    for (unsigned max = 0; max < 5; max++) {
        struct mv_arena *arena = mv_arena_new(MAX_BYTES);
        struct mv_spf_request request = request_of(&row);
        struct mv_spf_result result;
        struct mv_memo *memo;

        request.max_voids = max;
        ck_assert_int_eq(spf_zone_evaluate(arena, row.zone, SPF_ZONE_ROUNDS, &request, NULL, &result, &memo), MV_OK);
        ck_assert_int_eq(result.code, max < 3 ? MV_SPF_PERMERROR : MV_SPF_FAIL);
        ck_assert_uint_eq(result.voids, max < 3 ? max + 1 : 3);
        mv_arena_free(&arena);
    }
}
END_TEST

/* RFC 6591 3.2.6: every record that was read, in the order of reading. */
START_TEST(facts)
{
    static const struct row row = {.zone = "example.com TXT v=spf1 include:B.example.com redirect=c.example.com\n"
                                           "b.example.com TXT v=spf1 -all\nc.example.com TXT v=spf1 ~ALL"};
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_spf_request request = request_of(&row);
    struct mv_spf_result result;
    struct mv_memo *memo;

    ck_assert_int_eq(spf_zone_evaluate(arena, row.zone, SPF_ZONE_ROUNDS, &request, NULL, &result, &memo), MV_OK);
    ck_assert_int_eq(result.code, MV_SPF_SOFTFAIL);
    ck_assert(!result.from_helo);
    ck_assert(mv_bytes_equal(result.domain, MV_BYTES("example.com")));
    ck_assert(mv_bytes_equal(result.mechanism, MV_BYTES("~ALL")));
    ck_assert(mv_bytes_equal(result.mechanism_domain, MV_BYTES("c.example.com")));
    ck_assert_uint_eq(result.record_count, 3);
    ck_assert(mv_bytes_equal(result.records[1].domain, MV_BYTES("b.example.com")));
    ck_assert(mv_bytes_equal(result.records[1].text, MV_BYTES("v=spf1 -all")));
    ck_assert(mv_bytes_equal(result.records[2].domain, MV_BYTES("c.example.com")));
    request.mail_from = MV_BYTES("");
    request.helo = MV_BYTES("B.Example.COM.");
    ck_assert_int_eq(spf_zone_evaluate(arena, row.zone, SPF_ZONE_ROUNDS, &request, NULL, &result, &memo), MV_OK);
    ck_assert(result.from_helo);
    ck_assert(mv_bytes_equal(result.domain, MV_BYTES("b.example.com")));
    mv_arena_free(&arena);
}
END_TEST

/* Who waits for answers knows already which domain is checked. */
START_TEST(domain_before_answers)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct row row = {.mail_from = "a@B.Example"};
    struct mv_spf_request request = request_of(&row);
    struct mv_spf_result result;

    ck_assert_int_eq(mv_spf_evaluate(arena, &request, mv_memo_new(arena), NULL, &result), MV_NEED_DNS);
    ck_assert(mv_bytes_equal(result.domain, MV_BYTES("b.example")) && !result.from_helo);
    mv_arena_free(&arena);
}
END_TEST

/* RFC 7208 7.3 names no limit for what a macro grows to: ours keeps a stranger from filling memory. */
START_TEST(domain_grows_too_long)
{
    struct row row = {.name = "long"};
    struct mv_spf_request request = request_of(&row);
    struct mv_spf_result result;
    struct mv_memo *memo;
    struct mv_buf zone, mail_from;

    mv_buf_init(&zone, MAX_BYTES);
    mv_buf_init(&mail_from, MAX_BYTES);
    mv_buf_puts(&zone, "example.com TXT v=spf1 a:");
    for (int i = 0; i < 100; i++)
        mv_buf_puts(&zone, "%{l}");
    mv_buf_puts(&zone, ".x.example -all exp=e.%{l}.example.com");
    for (size_t local = 600; local <= 700; local += 100) {
        struct mv_arena *arena = mv_arena_new(MAX_BYTES);

        mv_buf_reset(&mail_from);
        for (size_t i = 0; i < local; i++)
            mv_buf_putc(&mail_from, 'l');
        mv_buf_puts(&mail_from, "@example.com");
        request.mail_from = mv_buf_bytes(&mail_from);
        ck_assert_int_eq(spf_zone_evaluate(arena, mv_buf_cstr(&zone), SPF_ZONE_ROUNDS, &request, NULL, &result, &memo),
                         MV_OK);
        ck_assert_int_eq(result.code, local == 600 ? MV_SPF_FAIL : MV_SPF_PERMERROR);
        ck_assert_str_eq(result.section, local == 600 ? "RFC 7208 5.1" : "RFC 7208 7.3");
        mv_arena_free(&arena);
    }
    mv_buf_free(&zone);
    mv_buf_free(&mail_from);
}
END_TEST

static void flatten(const struct mv_trace_node *node, struct mv_buf *out)
{
    for (; node != NULL; node = node->next) {
        mv_buf_put(out, node->text);
        mv_buf_printf(out, " [%s]\n", node->section == NULL ? "" : node->section);
        flatten(node->first_child, out);
    }
}

START_TEST(trace_tells)
{
    static const struct row row = {
        .zone = "example.com TXT v=spf1 ip4:198.51.100.1 ip6:::/0 a:x.example include:b.example ~all\n"
                "b.example TXT v=spf1 mx redirect=c.example\nb.example MX 10 m.example\nm.example A 192.0.2.9\n"
                "c.example TXT v=spf1 -all"};
    static const char told[] =
        "may 192.0.2.1 send for a@example.com? [RFC 7208 2.4]\n"
        "example.com says: v=spf1 ip4:198.51.100.1 ip6:::/0 a:x.example include:b.example ~all [RFC 7208 4.5]\n"
        "ip4:198.51.100.1 ip6:::/0: no match [RFC 7208 5.6]\n"
        "a:x.example: lookup 1 of 10, void 0 of 2 [RFC 7208 5.3]\n"
        "A of x.example: no such name []\n"
        "void lookup 1 of 2 [RFC 7208 4.6.4]\n"
        "no match []\n"
        "include:b.example: lookup 2 of 10, void 1 of 2 [RFC 7208 5.2]\n"
        "b.example says: v=spf1 mx redirect=c.example [RFC 7208 4.5]\n"
        "mx: lookup 3 of 10, void 1 of 2 [RFC 7208 5.4]\n"
        "MX of b.example: 10 m.example []\n"
        "A of m.example: 192.0.2.9 []\n"
        "no match []\n"
        "redirect=c.example takes over: lookup 4 of 10 [RFC 7208 6.1]\n"
        "c.example says: v=spf1 -all [RFC 7208 4.5]\n"
        "-all matches: fail [RFC 7208 5.1]\n"
        "the included record says fail [RFC 7208 5.2]\n"
        "no match []\n"
        "~all matches: softfail [RFC 7208 5.1]\n"
        "result: softfail [RFC 7208 5.1]\n";
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_trace *trace = mv_trace_new(arena);
    struct mv_spf_request request = request_of(&row);
    struct mv_spf_result result;
    struct mv_memo *memo;
    struct mv_buf out;

    mv_buf_init(&out, MAX_BYTES);
    ck_assert_int_eq(spf_zone_evaluate(arena, row.zone, SPF_ZONE_ROUNDS, &request, trace, &result, &memo), MV_OK);
    flatten(mv_trace_first(trace), &out);
    ck_assert_str_eq(mv_buf_cstr(&out), told);
    mv_buf_free(&out);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(unknown_client)
{
    struct mv_spf_request request = {.mail_from = MV_BYTES("a@example.com"), .max_voids = MV_SPF_MAX_VOIDS};
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_spf_result result;
    struct mv_memo *memo;

    ck_assert_int_eq(spf_zone_evaluate(arena, "", SPF_ZONE_ROUNDS, &request, NULL, &result, &memo), MV_OK);
    ck_assert_int_eq(result.code, MV_SPF_NONE);
    ck_assert_ptr_nonnull(result.reason);
    mv_arena_free(&arena);
}
END_TEST

/* What a stranger wrote never stands in a sentence of ours. */
START_TEST(reasons_quote_no_stranger)
{
    struct row row = {.helo = "x\x1b[2J\n.example", .zone = "example.com TXT v=spf1 include:%{h} -all"};
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_spf_request request = request_of(&row);
    struct mv_spf_result result;
    struct mv_memo *memo;

    ck_assert_int_eq(spf_zone_evaluate(arena, row.zone, SPF_ZONE_ROUNDS, &request, NULL, &result, &memo), MV_OK);
    ck_assert_int_eq(result.code, MV_SPF_PERMERROR);
    ck_assert_ptr_null(strchr(result.reason, '\x1b'));
    ck_assert_ptr_null(strchr(result.reason, '\n'));
    mv_arena_free(&arena);
}
END_TEST

/* Memory that runs out at any point is an error of ours and never a result. */
START_TEST(little_memory)
{
    static const struct row row = {.zone = "example.com TXT v=spf1 include:b.example.com a:x.%{p} -all exp=e.example.com\n"
                                           "b.example.com TXT v=spf1 mx ptr -all\nb.example.com MX 1 m.example.com\n"
                                           "m.example.com A 192.0.2.9\n1.2.0.192.in-addr.arpa PTR p.example.com\n"
                                           "p.example.com A 192.0.2.1\ne.example.com TXT %{p} %{c} at %{t}"};
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_spf_request request = request_of(&row);
    struct mv_spf_result result;
    struct mv_memo *memo;
    unsigned failed = 0;

    ck_assert_int_eq(spf_zone_evaluate(arena, row.zone, SPF_ZONE_ROUNDS, &request, NULL, &result, &memo), MV_OK);
    ck_assert_int_eq(result.code, MV_SPF_FAIL);
    for (size_t used = 0; used < 16 * 1024; used += 16) {
        struct mv_arena *small = mv_arena_new(16 * 1024); /* one block */
        enum mv_code code;

        for (size_t left = used; left >= 16; left -= left > 2048 ? 2048 : left)
            mv_arena_alloc(small, (left > 2048 ? 2048 : left) - 16);
        code = mv_spf_evaluate(small, &request, memo, NULL, &result);
        failed += code == MV_ERR_MEMORY;
        ck_assert_msg(code == MV_OK || code == MV_ERR_MEMORY, "%zu used: %s", used, mv_code_text(code));
        ck_assert_msg(code != MV_OK || (result.code == MV_SPF_FAIL && result.explanation.len > 0), "%zu used: %s", used,
                      mv_spf_code_text(result.code));
        mv_arena_free(&small);
    }
    ck_assert_uint_gt(failed, 10);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(code_texts)
{
    static const char *const bad[] = {"", "hardfail", "passed", "pas", "none ", "error", "unknown"};
    enum mv_spf_code code;

    for (int i = MV_SPF_NONE; i <= MV_SPF_PERMERROR; i++) {
        ck_assert(mv_spf_code_parse(mv_bytes_str(mv_spf_code_text((enum mv_spf_code)i)), &code));
        ck_assert_int_eq((int)code, i);
    }
    ck_assert(mv_spf_code_parse(MV_BYTES("SoftFail"), &code) && code == MV_SPF_SOFTFAIL);
    for (size_t i = 0; i < ROWS(bad); i++)
        ck_assert_msg(!mv_spf_code_parse(mv_bytes_str(bad[i]), &code), "%s", bad[i]);
}
END_TEST

#define ADD_TABLE(table) tcase_add_loop_test(tcase, table##_test, 0, ROWS(table))

int main(void)
{
    Suite *suite = suite_create("spf_evaluate");
    TCase *tcase = tcase_create("spf_evaluate");
    SRunner *runner = srunner_create(suite);
    int failed;

    ADD_TABLE(identity_rows);
    ADD_TABLE(record_rows);
    ADD_TABLE(mechanism_rows);
    ADD_TABLE(limit_rows);
    ADD_TABLE(macro_rows);
    tcase_add_test(tcase, void_limit);
    tcase_add_test(tcase, facts);
    tcase_add_test(tcase, domain_before_answers);
    tcase_add_test(tcase, domain_grows_too_long);
    tcase_add_test(tcase, trace_tells);
    tcase_add_test(tcase, unknown_client);
    tcase_add_test(tcase, reasons_quote_no_stranger);
    tcase_add_test(tcase, little_memory);
    tcase_add_test(tcase, code_texts);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
