/* The configuration from memory: values, refusals, what is printed. */
#include "core/config/config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/trace.h"
#include "core/config/settings.h"
#include "core/text/domain.h"
#include "tests/unit/unit.h"

#define EXAMPLE_MAX_BYTES 65536
#define LONG_VALUE "aaaaaaaaaa.example, aaaaaaaaaa.example, aaaaaaaaaa.example, aaaaaaaaaa.example, aaaaaaaaaa.example, "

static struct mv_config *read_text(const char *text)
{
    struct mv_config *config;
    struct mv_error error = {0};

    ck_assert_msg(mv_config_read_text(mv_bytes_str(text), "t.conf", &config, &error) == MV_OK, "%s: %s", text,
                  error.text);
    return config;
}

static const char *value_of(const struct mv_config *config, const char *key, const char **source_r)
{
    struct mv_config_item item;

    for (size_t i = 0; mv_config_at(config, i, &item); i++) {
        if (strcmp(item.key, key) == 0) {
            *source_r = item.source;
            return item.value;
        }
    }
    return NULL;
}

/* What is written, the key to look at, and how it would be written by us. */
static const struct {
    const char *name;
    const char *text;
    const char *key;
    const char *value;
    const char *source;
} good[] = {
    {"default", "", "reject", "unless-indirect", "default"},
    {"default of a time", "", "dns_deadline", "20s", "default"},
    {"default of another time", "", "dns_try", "2500ms", "default"},
    {"default of days", "", "expire", "14d", "default"},
    {"hours", "[sign]\npreflight = 36 h\n", "preflight", "36h", "t.conf:2"},
    {"days in hours", "[sign]\npreflight = 48h\n", "preflight", "2d", "t.conf:2"},
    {"minutes for a time of days", "[sign]\npreflight = 90min\n", "preflight", "90min", "t.conf:2"},
    {"seconds for a time of days", "[sign]\npreflight = 61s\n", "preflight", "61s", "t.conf:2"},
    {"none", "[sign]\nexpire = 0d\n", "expire", "0s", "t.conf:2"},
    {"path", "[sign]\nkeys_directory = /srv/our keys\n", "keys_directory", "/srv/our keys", "t.conf:2"},
    {"host", "[sign]\nhost = MX-1\n", "host", "mx-1", "t.conf:2"},
    {"word with a slash", "[sign]\ncanonicalization = Simple/Relaxed\n", "canonicalization", "simple/relaxed",
     "t.conf:2"},
    {"our domains", "[sign]\ndomains = Example.ORG\n", "domains", "example.org", "t.conf:2"},
    {"default users", "", "users", "*: self", "default"},
    {"users", "[sign]\nusers = *: self\n  alice: Sales@Example.org, .b.example\n  bob:\n  *\n", "users",
     "*: self, alice: Sales@example.org, .b.example, bob: *", "t.conf:2"},
    {"user without a space", "[sign]\nusers = alice:a@example.org\n", "users", "alice: a@example.org", "t.conf:2"},
    {"a user twice", "[sign]\nusers = a: x@b.example c: self a: y@b.example\n", "users",
     "a: x@b.example, c: self, a: y@b.example", "t.conf:2"},
    {"no users", "[sign]\nusers =\n", "users", "", "t.conf:2"},
    {"default list", "", "local_networks", "127.0.0.0/8, ::1/128", "default"},
    {"a word", "[policy]\nreject = always\n", "reject", "always", "t.conf:2"},
    {"a word in capitals", "[policy]\nreject = NEVER\n", "reject", "never", "t.conf:2"},
    {"section and key in capitals", "[Policy]\nREJECT = never\n", "reject", "never", "t.conf:2"},
    {"hyphens for underscores", "[server]\nauthserv-id = MX.Example.ORG.\n", "authserv_id", "mx.example.org",
     "t.conf:2"},
    {"id that is a word", "[server]\nauthserv_id = Border!Gate\n", "authserv_id", "border!gate", "t.conf:2"},
    {"id with U-labels", "[server]\nauthserv_id = mx.b\xc3\xbc" "cher.example\n", "authserv_id",
     "mx.xn--bcher-kva.example", "t.conf:2"},
    {"aliases", "[server]\nauthserv_id_aliases = Old.example, .Example.NET\n", "authserv_id_aliases",
     "old.example, .example.net", "t.conf:2"},
    {"no space around the sign", "[policy]\nreject=never\n", "reject", "never", "t.conf:2"},
    {"colon for the sign", "[policy]\nreject: never\n", "reject", "never", "t.conf:2"},
    {"CRLF", "[policy]\r\nreject = never\r\n", "reject", "never", "t.conf:2"},
    {"no line end", "[policy]\nreject = never", "reject", "never", "t.conf:2"},
    {"byte order mark", "\xef\xbb\xbf[policy]\nreject = never\n", "reject", "never", "t.conf:2"},
    {"comment behind", "[policy]\nreject = never ; for now\n", "reject", "never", "t.conf:2"},
    {"comment lines", "# one\n; two\n[policy]\n  # three\nreject = never\n", "reject", "never", "t.conf:5"},
    {"comment behind the section", "[policy] ; ours\nreject = never\n", "reject", "never", "t.conf:2"},
    {"indented key below the section", "[policy]\n  reject = never\n", "reject", "never", "t.conf:2"},
    {"long comment",
     "# " LONG_VALUE LONG_VALUE LONG_VALUE "\x01\n[policy]\nreject = never\n", "reject", "never", "t.conf:3"},
    {"a section twice", "[policy]\nreject = never\n[server]\n[policy]\nhonour_pct = yes\n", "honour_pct", "yes",
     "t.conf:5"},
    {"seconds", "[server]\ndns_deadline = 30s\n", "dns_deadline", "30s", "t.conf:2"},
    {"seconds with space", "[server]\ndns_deadline = 30 S\n", "dns_deadline", "30s", "t.conf:2"},
    {"minutes", "[server]\ndns_deadline = 1min\n", "dns_deadline", "60s", "t.conf:2"},
    {"milliseconds", "[server]\ndns_try = 1250ms\n", "dns_try", "1250ms", "t.conf:2"},
    {"least", "[policy]\nmin_rsa_bits = 1024\n", "min_rsa_bits", "1024", "t.conf:2"},
    {"most", "[policy]\nmin_rsa_bits = 4096\n", "min_rsa_bits", "4096", "t.conf:2"},
    {"zero", "[policy]\nmax_spf_voids = 0\n", "max_spf_voids", "0", "t.conf:2"},
    {"yes", "[policy]\nignore_test_keys = YES\n", "ignore_test_keys", "yes", "t.conf:2"},
    {"no", "[policy]\nsuffix_hardening = no\n", "suffix_hardening", "no", "t.conf:2"},
    {"domains", "[policy]\nnot_signers = COM, Net. ,org\tco.uk\n", "not_signers", "com, net, org, co.uk", "t.conf:2"},
    {"trusted MTAs", "[server]\ntrusted_mtas = 192.0.2.25, 2001:db8::/64\n", "trusted_mtas",
     "192.0.2.25/32, 2001:db8::/64", "t.conf:2"},
    {"empty list", "[server]\nlocal_networks =\n", "local_networks", "", "t.conf:2"},
    {"list that begins below", "[policy]\nnot_signers =\n  com,\n  net\n", "not_signers", "com, net", "t.conf:2"},
    {"list over lines and comments", "[policy]\nnot_signers = com ; one\n\n ; no\n\tnet, org ; two\n#\n museum\n",
     "not_signers", "com, net, org, museum", "t.conf:2"},
    {"networks", "[server]\nlocal_networks = 10.0.0.0/8 192.0.2.7 2001:DB8::/32, ::1 0.0.0.0/0\n", "local_networks",
     "10.0.0.0/8, 192.0.2.7/32, 2001:db8::/32, ::1/128, 0.0.0.0/0", "t.conf:2"},
    {"forwarders", "[policy]\nforwarders = Lists.example.org, 192.0.2.0/24 gmail.com, 2001:db8::5\n", "forwarders",
     "lists.example.org, gmail.com, 192.0.2.0/24, 2001:db8::5/128", "t.conf:2"},
    {"one network forwards", "[policy]\nforwarders = 192.0.2.0/24\n", "forwarders", "192.0.2.0/24", "t.conf:2"},
    {"endpoints", "[lmtp]\nlisten = /run/a 127.0.0.1:24, [::1]:2424\n", "listen",
     "/run/a, 127.0.0.1:24, [::1]:2424", "t.conf:2"},
    {"no endpoints", "[lmtp]\nlisten =\n", "listen", "", "t.conf:2"},
    {"report address", "[report]\naddress = dmarc.x+y@B\xc3\xbc" "cher.Example.\n", "address", "dmarc.x+y@xn--bcher-kva.example",
     "t.conf:2"},
    {"spam field", "[lmtp]\nspam_field = X-Spam-Flag\n", "spam_field", "X-Spam-Flag", "t.conf:2"},
    {"junk detail", "[lmtp]\njunk_detail = +Junk.Mail\n", "junk_detail", "+Junk.Mail", "t.conf:2"},
    {"names in Received", "[server]\nreceived_by = MX1.example .In.example\n", "received_by",
     "mx1.example, .in.example", "t.conf:2"},
    {"servers", "[server]\nresolver = 127.0.0.1, 192.0.2.1:5353 ::1 [2001:db8::1]:54 [::2]\n", "resolver",
     "127.0.0.1:53,192.0.2.1:5353,[::1]:53,[2001:db8::1]:54,[::2]:53", "t.conf:2"},
};

START_TEST(test_good)
{
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct mv_error error = {0};
        struct mv_config *config;
        const char *value, *source = NULL;
        enum mv_code code = mv_config_read_text(mv_bytes_str(good[i].text), "t.conf", &config, &error);

        ck_assert_msg(code == MV_OK, "%s: %s", good[i].name, error.text);
        value = value_of(config, good[i].key, &source);
        ck_assert_msg(value != NULL && strcmp(value, good[i].value) == 0, "%s: '%s'", good[i].name, value);
        ck_assert_msg(strcmp(source, good[i].source) == 0, "%s: from '%s'", good[i].name, source);
        mv_config_free(&config);
        ck_assert_ptr_null(config);
    }
}
END_TEST

/* What is written, and what the message says of it. */
static const struct {
    const char *name;
    const char *text;
    const char *says;
} bad[] = {
    {"unknown section", "[polcy]\nreject = never\n", "t.conf:1: there is no section [polcy]; did you mean [policy]?"},
    {"section like no other", "[zzzzzzzzzzzzz]\na = b\n",
     "t.conf:1: there is no section [zzzzzzzzzzzzz]; \"mailvouch"},
    {"unknown key", "[server]\nauthservid = a.example\n",
     "there is no setting 'authservid' in [server]; did you mean authserv_id?"},
    {"key like no other", "[server]\nxxxxxxxxxxxxxx = 1\n",
     "no setting 'xxxxxxxxxxxxxx' in [server]; \"mailvouch config show\""},
    {"key of another section", "[server]\nreject = never\n",
     "t.conf:2: reject does not belong to [server]: put it under [policy]"},
    {"no section", "reject = never\n", "t.conf:1: a key outside of all sections"},
    {"twice", "[policy]\nreject = never\nreject = always\n",
     "t.conf:3: reject is set a second time in this file, first in line 2"},
    {"twice in another spelling", "[policy]\non_temperror = defer\n[POLICY]\nOn-TempError = defer\n",
     "t.conf:4: on_temperror is set a second"},
    {"twice the same list", "[policy]\nnot_signers = com\nreject = never\nnot_signers = net\n",
     "t.conf:4: not_signers is set a second"},
    {"no sign", "[policy]\nreject never\n", "t.conf:2: is neither \"[section]\", \"key = value\""},
    {"no sign, and a later fault", "[policy]\nreject never\nfoo = bar\n", "t.conf:2: is neither"},
    {"a fault, and later no sign", "[policy]\nfoo = bar\nreject never\n", "t.conf:2: there is no setting 'foo'"},
    {"section not closed", "[policy\nreject = never\n", "t.conf:1: the section's closing"},
    {"text behind the section", "[policy] reject = never\n", "t.conf:1: text behind the section's"},
    {"section too long", "[ppppppppppppppppppppppppppppppppppppppppppppppppppp]\n",
     "t.conf:1: there is no section [pppp"},
    {"unknown section without a key", "[polcy]\n[server]\n", "t.conf:1: there is no section [polcy]; did you"},
    {"section with an empty name", "[]\nreject = never\n", "t.conf:1: a key outside of all sections"},
    {"domain for a section", "[example.org]\nexpire = 7d\n",
     "t.conf:1: there is no section [example.org]; did you mean [domain example.org]?"},
    {"domain without a name", "[domain]\nexpire = 7d\n", "t.conf:1: [domain] needs a name: [domain example.org]"},
    {"domain with two names", "[domain a.example b.example]\n",
     "t.conf:1: [domain a.example b.example]: is not a domain name behind"},
    {"domain in quotes", "[domain \"a.example\"]\n", "t.conf:1: [domain \"a.example\"]: is not a domain name"},
    {"domain of one label", "[domain example]\n", "t.conf:1: [domain example]: example is no domain that can sign"},
    {"listed domain of one label", "[sign]\ndomains = example.org, example\n",
     "domains in [sign]: example is no domain that can sign: it has one label"},
    {"domain that is a wildcard", "[domain *.example]\n", "is not a domain name behind \"domain\""},
    {"domain that is too long",
     "[domain aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example]\n", "is not a domain name"},
    {"setting of all in a domain", "[domain a.example]\non_error = send\n",
     "t.conf:2: on_error does not belong to [domain a.example]: put it under [sign]"},
    {"setting of another section in a domain", "[domain a.example]\nreject = never\n",
     "t.conf:2: reject does not belong to [domain a.example]: put it under [policy]"},
    {"unknown key in a domain", "[domain a.example]\nexpires = 7d\n",
     "no setting 'expires' in [domain a.example]; did you mean expire?"},
    {"twice in a domain", "[domain a.example]\nexpire = 7d\n[domain A.example]\nexpire = 8d\n",
     "t.conf:4: expire is set a second time in this file, first in line 2"},
    {"relative store", "[report]\nstore = reports.db\n", "t.conf:2: store = is to be a path that begins with"},
    {"empty store", "[report]\nstore =\n", "store = is to be a path"},
    {"store of another kind", "[report]\nstore = mysql://u:secret@h/d\n", "begins with \"postgresql://\""},
    {"bad value in a domain", "[domain a.example]\nexpire = 7\n",
     "t.conf:2: expire = '7': a time needs its unit: 90s, 10min, 12h or 14d"},
    {"time of days too long", "[sign]\nexpire = 367d\n", "expire = '367d': must be 0s to 366d"},
    {"time of days beyond all", "[sign]\nexpire = 18446744073709551615d\n", "must be 0s to 366d"},
    {"weeks", "[sign]\nexpire = 2w\n", "a time needs its unit: 90s"},
    {"milliseconds for days", "[sign]\nexpire = 2000ms\n", "must be 0s to 366d"},
    {"relative path", "[sign]\nkeys_directory = keys\n", "'keys': must be an absolute path: begin it with \"/\""},
    {"no path", "[sign]\nkeys_directory =\n", "keys_directory = '': must be an absolute path"},
    {"path too long",
     "[sign]\nkeys_directory = /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     LONG_VALUE LONG_VALUE "\n", "t.conf:2: the line has"},
    {"host of two labels", "[sign]\nhost = mx1.example\n", "'mx1.example': must be letters, digits and hyphens"},
    {"host with an underscore", "[sign]\nhost = mx_1\n", "must be letters, digits and hyphens, at most 40"},
    {"host that begins with a hyphen", "[sign]\nhost = -mx\n", "must be letters, digits and hyphens"},
    {"host that ends in a hyphen", "[sign]\nhost = mx-\n", "must be letters, digits and hyphens"},
    {"host too long", "[sign]\nhost = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "at most 40"},
    {"address before all logins", "[sign]\nusers = alice@example.org\n",
     "users = 'alice@example.org': a login and a colon come first, such as *: self"},
    {"login without an address", "[sign]\nusers = alice: bob: self\n",
     "t.conf:2: users = 'bob:': the login before this one has no address"},
    {"last login without an address", "[sign]\nusers = *: self\n  bob:\n", "t.conf:2: users = ends in a login with no"},
    {"colon alone", "[sign]\nusers = : self\n", "':': a user is missing before"},
    {"login that is a domain", "[sign]\nusers = @example.org: self\n", "is no login: write *@ for all"},
    {"address that is none", "[sign]\nusers = *: a..b\n", "users = 'a..b': is neither an address, a domain"},
    {"address of another variable", "[sign]\nusers = *: %u@example.org\n", "holds a % that is not %n"},
    {"users with a comment", "[sign]\nusers = *: self # all\n", "'#': a comment behind a value begins"},
    {"login that is a comment", "[sign]\nusers = *: self #alice: self\n", "'#alice:': a comment behind a value"},
    {"users that swallow a key", "[sign]\nusers = *: self\n  on_error = send\n",
     "t.conf:3: users = '=': an indented line goes on with the list above"},
    {"canonicalization of one word", "[sign]\ncanonicalization = relaxed\n",
     "must be relaxed/relaxed, relaxed/simple, simple/relaxed or simple/simple"},
    {"line too long", "[policy]\nforwarders = " LONG_VALUE LONG_VALUE LONG_VALUE "\n",
     "no more than 197: spread a list over several lines"},
    {"continued line too long", "[policy]\nforwarders =\n  " LONG_VALUE LONG_VALUE LONG_VALUE "\n",
     "t.conf:3: the line has"},
    {"control character", "[policy]\nreject = ne\x07ver\n", "t.conf:2: holds the control character 0x07"},
    {"lone CR", "[policy]\nreject = never\rhonour_pct = yes\n", "t.conf:2: holds the control character 0x0d"},
    {"endpoint without a port", "[lmtp]\nnext_hop = 127.0.0.1\n", "'127.0.0.1': is neither the path of a socket"},
    {"endpoint without an address", "[lmtp]\nnext_hop = :24\n", "':24': needs an address before its port"},
    {"endpoint with a name", "[lmtp]\nnext_hop = localhost:24\n", "'localhost:24': needs an address"},
    {"endpoint without brackets", "[lmtp]\nnext_hop = ::1:24\n", "'::1:24': needs an address"},
    {"brackets around IPv4", "[lmtp]\nnext_hop = [127.0.0.1]:24\n", "'[127.0.0.1]:24': needs an address"},
    {"port 0", "[lmtp]\nnext_hop = 127.0.0.1:0\n", "a port of 1 to 65535"},
    {"port too large", "[lmtp]\nnext_hop = 127.0.0.1:65536\n", "a port of 1 to 65535"},
    {"relative endpoint", "[lmtp]\nnext_hop = run/lmtp\n", "'run/lmtp': is neither the path"},
    {"endpoint path too long",
     "[lmtp]\nnext_hop = /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "has at most 107 bytes"},
    {"address without a domain", "[report]\naddress = postmaster\n", "must be an address"},
    {"address with an empty domain", "[report]\naddress = a@\n", "must be an address"},
    {"address with an empty local part", "[report]\naddress = @example.org\n", "must be an address"},
    {"quoted address", "[report]\naddress = \"a b\"@example.org\n", "must be an address"},
    {"address with a local part in UTF-8", "[report]\naddress = j\xc3\xb6rg@example.org\n", "must be an address"},
    {"two addresses", "[report]\naddress = a@example.org,b@example.org\n", "must be an address"},
    {"spam field with a colon", "[lmtp]\nspam_field = X-Spam:\n", "without quotes, at most 64"},
    {"detail with a space", "[lmtp]\njunk_detail = +Junk Mail\n", "must be what a local part may be made of"},
    {"detail with an at sign", "[lmtp]\njunk_detail = @x\n", "without quotes, at most 32"},
    {"detail with a bracket", "[lmtp]\njunk_detail = +J>\n", "without quotes, at most 32"},
    {"detail too long", "[lmtp]\njunk_detail = +aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "at most 32"},
    {"empty word", "[policy]\nreject =\n", "t.conf:2: reject = '': must be unless-indirect, always or never"},
    {"unknown word", "[policy]\nreject = sometimes\n",
     "t.conf:2: reject = 'sometimes': must be unless-indirect, always or never"},
    {"word with more", "[policy]\nreject = never ever\n", "must be unless-indirect"},
    {"word of another setting", "[policy]\non_temperror = reject\n", "must be defer or accept"},
    {"quoted word", "[policy]\nreject = \"never\"\n", "must be unless-indirect"},
    {"comment with a hash", "[policy]\nnot_signers = com # not these\n",
     "a comment behind a value begins with a space and \";\""},
    {"word that goes on", "[policy]\nreject = never\n  honour_pct = yes\n",
     "t.conf:3: reject = 'honour_pct = yes': is indented"},
    {"list that swallows a key", "[policy]\nnot_signers = com\n  reject=never\n",
     "t.conf:3: not_signers = 'reject=never': an indented line goes on"},
    {"true is not yes", "[policy]\nhonour_pct = true\n", "t.conf:2: honour_pct = 'true': must be yes or no"},
    {"1 is not yes", "[policy]\nhonour_pct = 1\n", "must be yes or no"},
    {"no yes or no", "[policy]\nhonour_pct =\n", "must be yes or no"},
    {"number too small", "[policy]\nmin_rsa_bits = 1023\n", "min_rsa_bits = '1023': must be 1024 to 4096"},
    {"number too large", "[policy]\nmin_rsa_bits = 4097\n", "must be 1024 to 4096"},
    {"number beyond all", "[policy]\nmin_rsa_bits = 18446744073709552640\n", "must be 1024 to 4096"},
    {"negative number", "[policy]\nmax_spf_voids = -1\n", "must be 0 to 10"},
    {"signed number", "[policy]\nmax_spf_voids = +1\n", "must be 0 to 10"},
    {"number and letters", "[policy]\nmax_spf_voids = 2x\n", "must be 0 to 10"},
    {"hexadecimal number", "[policy]\nmax_spf_voids = 0x2\n", "must be 0 to 10"},
    {"no number", "[policy]\nmax_spf_voids =\n", "must be 0 to 10"},
    {"time without unit", "[server]\ndns_deadline = 20\n",
     "dns_deadline = '20': a time needs its unit: 2500ms, 20s or 2min"},
    {"time of a unit only", "[server]\ndns_deadline = s\n", "must be 1s to 600s"},
    {"time of an unknown unit", "[server]\ndns_deadline = 1h\n", "a time needs its unit"},
    {"fraction", "[server]\ndns_deadline = 2.5s\n", "must be 1s to 600s"},
    {"time too short", "[server]\ndns_deadline = 999ms\n", "must be 1s to 600s"},
    {"time too long", "[server]\ndns_deadline = 601s\n", "must be 1s to 600s"},
    {"time beyond all", "[server]\ndns_deadline = 4294967296s\n", "must be 1s to 600s"},
    {"time in minutes too long", "[server]\ndns_deadline = 11min\n", "must be 1s to 600s"},
    {"try longer than all", "[server]\ndns_deadline = 2s\ndns_try = 3s\n",
     "dns_try (3000 ms) is longer than dns_deadline (2000 ms)"},
    {"default try longer than all", "[server]\ndns_deadline = 2s\n",
     "dns_try (2500 ms) is longer than dns_deadline (2000 ms)"},
    {"id with a space", "[server]\nauthserv_id = mx example\n",
     "authserv_id = 'mx example': is neither a domain name nor a word"},
    {"id with a semicolon", "[server]\nauthserv_id = mx;x\n", "is neither a domain name nor a word"},
    {"id in quotes", "[server]\nauthserv_id = \"mx.example\"\n", "is neither a domain name nor a word"},
    {"id with a comment", "[server]\nauthserv_id = mx.example(us)\n", "is neither a domain name nor a word"},
    {"id that is a comment", "[server]\nauthserv_id_aliases = old.example # formerly\n",
     "'#': a comment behind a value begins"},
    {"alias of a dot only", "[server]\nauthserv_id_aliases = .\n",
     "authserv_id_aliases = '.': is not a dot and a domain"},
    {"domain with an empty label", "[policy]\nnot_signers = a..example\n",
     "not_signers = 'a..example': is not a domain name"},
    {"domain with a wildcard", "[policy]\nenforce_domains = *.example.com\n",
     "'*.example.com': is not a domain name"},
    {"domain with an at sign", "[policy]\nenforce_domains = @example.com\n", "is not a domain name"},
    {"label too long",
     "[policy]\nenforce_domains = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example\n",
     "is not a domain name"},
    {"bad UTF-8", "[policy]\nenforce_domains = \xff.example\n", "'\\xff.example': is not a domain name"},
    {"network that is a name", "[server]\nlocal_networks = example.org\n", "is not an address, nor a network"},
    {"network, length too large", "[server]\nlocal_networks = 10.0.0.0/33\n", "needs a prefix length behind"},
    {"IPv6 network, length too large", "[server]\nlocal_networks = ::/129\n", "needs a prefix length behind"},
    {"network without length", "[server]\nlocal_networks = 10.0.0.0/\n", "needs a prefix length"},
    {"network with a mask", "[server]\nlocal_networks = 10.0.0.0/255.0.0.0\n", "needs a prefix length"},
    {"network with host bits", "[server]\nlocal_networks = 192.0.2.77/24\n",
     "'192.0.2.77/24': has bits behind its prefix: did you mean 192.0.2.0/24?"},
    {"IPv6 network with host bits", "[server]\nlocal_networks = 2001:db8::1/33\n", "did you mean 2001:db8::/33?"},
    {"short network", "[server]\nlocal_networks = 10/8\n", "is not an address, nor a network"},
    {"network with a zone", "[server]\nlocal_networks = fe80::1%eth0\n", "is not an address, nor a network"},
    {"forwarder that is a mail address", "[policy]\nforwarders = list@example.org\n",
     "is a mail address: write its domain"},
    {"forwarder with a bad network", "[policy]\nforwarders = 192.0.2.0/40\n", "needs a prefix length behind"},
    {"forwarder with a name as network", "[policy]\nforwarders = example.org/24\n",
     "is not an address, nor a network"},
    {"forwarder that is neither", "[policy]\nforwarders = (x)\n", "is not a domain name"},
    {"server that is a name", "[server]\nresolver = dns.example\n", "is not an address with an optional port"},
    {"server, port too large", "[server]\nresolver = 127.0.0.1:65536\n", "needs a port of 1 to 65535"},
    {"server, port 0", "[server]\nresolver = 127.0.0.1:0\n", "needs a port of 1 to 65535"},
    {"server, no port", "[server]\nresolver = [::1]:\n", "needs a port of 1 to 65535"},
    {"server, text behind the bracket", "[server]\nresolver = [::1]53\n", "is not an address with an optional port"},
    {"server of a colon", "[server]\nresolver = :\n", "is not an address with an optional port"},
};

START_TEST(test_bad)
{
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct mv_error error = {0};
        struct mv_config *config;
        enum mv_code code = mv_config_read_text(mv_bytes_str(bad[i].text), "t.conf", &config, &error);

        ck_assert_msg(code == MV_ERR_CONFIG, "%s: code %d", bad[i].name, (int)code);
        ck_assert_msg(error.code == MV_ERR_CONFIG, "%s: error code %d", bad[i].name, (int)error.code);
        ck_assert_msg(config == NULL, "%s: there is a configuration", bad[i].name);
        ck_assert_msg(strstr(error.text, bad[i].says) != NULL, "%s: says '%s'", bad[i].name, error.text);
    }
}
END_TEST

START_TEST(test_nul_byte)
{
    struct mv_error error = {0};
    struct mv_config *config;

    ck_assert_int_eq(mv_config_read_text(MV_BYTES("[policy]\nreject = never\0x\n"), "t.conf", &config, &error),
                     MV_ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(error.text, "t.conf:2: holds the control character 0x00"));
}
END_TEST

START_TEST(test_list_limit)
{
    struct mv_error error = {0};
    struct mv_config *config;
    struct mv_buf text;

    mv_buf_init(&text, 1 << 20);
    mv_buf_puts(&text, "[policy]\nnot_signers =\n");
    for (int i = 0; i < MV_CONFIG_MAX_LIST_ITEMS; i++)
        mv_buf_printf(&text, "  d%d.example\n", i);
    ck_assert_int_eq(mv_config_read_text(mv_buf_bytes(&text), "t.conf", &config, &error), MV_OK);
    ck_assert_uint_eq(mv_config_settings(config)->not_signers.count, MV_CONFIG_MAX_LIST_ITEMS);
    mv_config_free(&config);
    mv_buf_puts(&text, "  onemore.example\n");
    ck_assert_int_eq(mv_config_read_text(mv_buf_bytes(&text), "t.conf", &config, &error), MV_ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(error.text, "t.conf:1003: not_signers = 'onemore.example': the list has more"));
    mv_buf_free(&text);
}
END_TEST

START_TEST(test_settings)
{
    struct mv_config *config = read_text("[server]\nresolver = ::1\ndns_deadline = 5s\n[policy]\nreject = always\n"
                                         "on_temperror = accept\non_invalid_from = quarantine\nhonour_pct = yes\n"
                                         "forwarders = lists.example 192.0.2.0/24\nmin_rsa_bits = 2048\n");
    const struct mv_settings *s = mv_config_settings(config);

    ck_assert_uint_eq(s->dns_deadline_msecs, 5000);
    ck_assert_uint_eq(s->dns_try_msecs, 2500);
    ck_assert_int_eq(s->reject, MV_REJECT_ALWAYS);
    ck_assert_int_eq(s->on_temperror, MV_TEMPERROR_ACCEPT);
    ck_assert_int_eq(s->on_invalid_from, MV_INVALID_FROM_QUARANTINE);
    ck_assert(s->honour_pct && s->suffix_hardening && !s->ignore_test_keys);
    ck_assert_uint_eq(s->min_rsa_bits, 2048);
    ck_assert_uint_eq(s->max_spf_voids, 2);
    ck_assert_uint_eq(s->forwarders.domains.count, 1);
    ck_assert_uint_eq(s->forwarders.networks.count, 1);
    ck_assert_uint_eq(s->forwarders.networks.items[0].prefix_bits, 24);
    mv_config_free(&config);
    mv_config_free(&config);
}
END_TEST

/* RFC 8601 2.5: without a setting the host's own name. */
START_TEST(test_host_name)
{
    char name[256] = "";
    struct mv_config *config = read_text("");
    const struct mv_settings *s = mv_config_settings(config);

    ck_assert_int_eq(gethostname(name, sizeof name - 1), 0);
    ck_assert_msg(mv_domain_equal(s->authserv_id, mv_bytes_str(name)), "%s", name);
    mv_config_free(&config);
}
END_TEST

static const struct {
    const char *name;
    const char *networks;
    const char *ip;
    bool holds;
} networks[] = {
    {"inside", "192.0.2.0/24", "192.0.2.77", true},
    {"second network", "198.51.100.0/24 192.0.2.0/24", "192.0.2.77", true},
    {"all IPv4", "0.0.0.0/0", "203.0.113.9", true},
    {"one address", "192.0.2.5", "192.0.2.5", true},
    {"IPv6", "2001:db8::/32", "2001:db8:1::5", true},
    {"IPv4-mapped is IPv4", "192.0.2.0/24", "::ffff:192.0.2.5", true},
    {"past the end", "192.0.2.0/25", "192.0.2.128", false},
    {"other address", "192.0.2.5", "192.0.2.6", false},
    {"other family", "::/0", "192.0.2.5", false},
    {"other family, IPv4 net", "0.0.0.0/0", "2001:db8::1", false},
    {"empty list", "", "192.0.2.5", false},
    {"unknown address", "0.0.0.0/0 ::/0", "", false},
};

START_TEST(test_networks)
{
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
        struct mv_ip ip = {0};
        char text[200];
        struct mv_config *config;

        snprintf(text, sizeof text, "[server]\nlocal_networks = %s\n", networks[i].networks);
        config = read_text(text);
        ck_assert_msg(networks[i].ip[0] == '\0' || mv_ip_parse(mv_bytes_str(networks[i].ip), &ip), "%s: bad row",
                      networks[i].name);
        ck_assert_msg(mv_config_networks_hold(&mv_config_settings(config)->local_networks, &ip) == networks[i].holds,
                      "%s", networks[i].name);
        mv_config_free(&config);
    }
}
END_TEST

/* What is shown can be written into a file again and means the same. */
START_TEST(test_show_reads_back)
{
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct mv_config *config = read_text(good[i].text), *again;
        struct mv_config_item item, second;
        struct mv_buf text;

        mv_buf_init(&text, EXAMPLE_MAX_BYTES);
        for (size_t k = 0; mv_config_at(config, k, &item); k++)
            mv_buf_printf(&text, "[%s]\n%s = %s\n", item.section, item.key, item.value);
        again = read_text(mv_buf_cstr(&text));
        for (size_t k = 0; mv_config_at(config, k, &item); k++) {
            ck_assert(mv_config_at(again, k, &second));
            ck_assert_msg(strcmp(item.value, second.value) == 0, "%s: %s: '%s'", good[i].name, item.key,
            second.value);
            ck_assert_msg(strlen(item.meaning) > 20, "%s has no meaning", item.key);
        }
        mv_config_free(&config);
        mv_config_free(&again);
        mv_buf_free(&text);
    }
}
END_TEST

/* What holds for a domain, wherever [sign] stands. */
static const struct {
    const char *name;
    const char *text;
    const char *domain; /* asked for; found is the one of ours that answers, or NULL */
    const char *found;
    unsigned expire_secs;
} domains[] = {
    {"listed", "[sign]\ndomains = Example.ORG b.example\n", "example.org", "example.org", 14 * 86400},
    {"by a section without a key", "[domain example.org]\n", "example.org", "example.org", 14 * 86400},
    {"in U-labels", "[domain b\xc3\xbc" "cher.example]\nexpire = 1d\n", "xn--bcher-kva.example",
     "xn--bcher-kva.example", 86400},
    {"of its own", "[domain example.org]\nexpire = 7d\n", "example.org", "example.org", 7 * 86400},
    {"as in [sign] before", "[sign]\nexpire = 3d\n[domain example.org]\n", "example.org", "example.org", 3 * 86400},
    {"as in [sign] behind", "[domain example.org]\n[sign]\nexpire = 3d\n", "example.org", "example.org", 3 * 86400},
    {"of its own, before [sign]", "[domain example.org]\nexpire = 0s\n[sign]\nexpire = 3d\n", "example.org",
     "example.org", 0},
    {"listed, and with a section", "[sign]\ndomains = a.example example.org z.example\n[domain example.org]\n"
     "expire = 36h\n", "example.org", "example.org", 36 * 3600},
    {"listed twice", "[sign]\ndomains = example.org example.org\n", "example.org", "example.org", 14 * 86400},
    {"another one's settings", "[domain example.org]\nexpire = 7d\n[domain example.net]\n", "example.net",
     "example.net", 14 * 86400},
    {"section in two parts", "[domain example.org]\n[domain example.net]\n[domain example.org]\nexpire = 7d\n",
     "example.org", "example.org", 7 * 86400},
    {"behind another section", "[domain example.org]\nexpire = 7d\n[server]\n[sign]\nexpire = 1d\n", "example.org",
     "example.org", 7 * 86400},
    {"below ours", "[domain example.org]\n", "a.b.example.org", "example.org", 14 * 86400},
    {"the nearest one", "[domain example.org]\n[domain b.example.org]\nexpire = 1d\n", "a.b.example.org",
     "b.example.org", 86400},
    {"above ours", "[domain b.example.org]\n", "example.org", NULL, 0},
    {"like ours at its end", "[domain example.org]\n", "notexample.org", NULL, 0},
    {"none of ours", "[domain example.org]\n", "example.net", NULL, 0},
    {"no domains", "", "example.org", NULL, 0},
    {"long name", "[domain aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbb.example.org]\nexpire = 1d\n",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbb.example.org",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbb.example.org", 86400},
};

START_TEST(test_domains)
{
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
        struct mv_config *config = read_text(domains[i].text);
        const struct mv_domain_settings *d =
            mv_config_domain_over(mv_config_settings(config), mv_bytes_str(domains[i].domain));

        ck_assert_msg((d == NULL) == (domains[i].found == NULL), "%s", domains[i].name);
        if (d != NULL) {
            ck_assert_msg(mv_bytes_equal(d->name, mv_bytes_str(domains[i].found)), "%s", domains[i].name);
            ck_assert_msg(d->expire_secs == domains[i].expire_secs, "%s: %u", domains[i].name, d->expire_secs);
        }
        mv_config_free(&config);
    }
}
END_TEST

START_TEST(test_domain_items)
{
    struct mv_config *config = read_text("[sign]\nexpire = 3d\n[domain b.example]\n[domain a.example]\nexpire = 7d\n");
    struct mv_config_item item;
    unsigned seen = 0;

    for (size_t i = 0; mv_config_at(config, i, &item); i++) {
        if (strcmp(item.key, "expire") != 0)
            continue;
        if (strcmp(item.section, "sign") == 0 || strcmp(item.section, "domain b.example") == 0) {
            ck_assert_str_eq(item.value, "3d");
            ck_assert_str_eq(item.source, "t.conf:2");
        } else {
            ck_assert_str_eq(item.section, "domain a.example");
            ck_assert_str_eq(item.value, "7d");
            ck_assert_str_eq(item.source, "t.conf:5");
        }
        seen++;
    }
    ck_assert_uint_eq(seen, 3);
    mv_config_free(&config);
}
END_TEST

START_TEST(test_domain_limit)
{
    struct mv_buf text;
    struct mv_error error = {0};
    struct mv_config *config;

    mv_buf_init(&text, 1024 * 1024);
    for (unsigned i = 0; i < MV_CONFIG_MAX_DOMAINS; i++)
        mv_buf_printf(&text, "[domain d%u.example]\n", i);
    config = read_text(mv_buf_cstr(&text));
    ck_assert_uint_eq(mv_config_settings(config)->domains.count, MV_CONFIG_MAX_DOMAINS);
    mv_config_free(&config);
    mv_buf_puts(&text, "[domain one.too.many.example]\n");
    ck_assert_int_eq(mv_config_read_text(mv_buf_bytes(&text), "t.conf", &config, &error), MV_ERR_CONFIG);
    ck_assert_msg(strstr(error.text, "there are more than 2000 domains") != NULL, "%s", error.text);
    mv_buf_free(&text);
}
END_TEST

static void read_example(struct mv_buf *out)
{
    const char *top = getenv("srcdir");
    char path[4096], part[4096];
    size_t n;
    FILE *file;

    snprintf(path, sizeof path, "%s/conf/mailvouch.conf", top == NULL ? "." : top);
    file = fopen(path, "r");
    ck_assert_msg(file != NULL, "cannot open %s", path);
    while ((n = fread(part, 1, sizeof part, file)) > 0)
        mv_buf_put(out, mv_bytes_of(part, n));
    fclose(file);
}

/* The file that gets installed and the table of settings agree. */
START_TEST(test_example)
{
    struct mv_buf printed, installed, uncommented;
    struct mv_config *config, *defaults;
    struct mv_config_item item, other;

    mv_buf_init(&printed, EXAMPLE_MAX_BYTES);
    mv_buf_init(&installed, EXAMPLE_MAX_BYTES);
    mv_buf_init(&uncommented, EXAMPLE_MAX_BYTES);
    mv_config_print_example(&printed);
    read_example(&installed);
    ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&printed), mv_buf_bytes(&installed)),
                  "conf/mailvouch.conf should be:\n%s", mv_buf_cstr(&printed));
    config = read_text(mv_buf_cstr(&printed));
    mv_config_free(&config);
    for (size_t i = 0; i < printed.len; i++) /* a default is "#key = value", a comment "# ..." or "#" */
        if (printed.data[i] != '#' || i + 1 == printed.len || printed.data[i + 1] == ' ' || printed.data[i + 1] == '\n')
            mv_buf_putc(&uncommented, printed.data[i]);
    config = read_text(mv_buf_cstr(&uncommented));
    defaults = read_text("");
    for (size_t k = 0; mv_config_at(config, k, &item); k++) {
        ck_assert(mv_config_at(defaults, k, &other));
        ck_assert_msg(strcmp(item.value, other.value) == 0, "%s: the example has '%s'", item.key, item.value);
        ck_assert_msg(strcmp(item.source, "default") != 0, "%s is not in the example", item.key);
    }
    mv_config_free(&config);
    mv_config_free(&defaults);
    mv_buf_free(&printed);
    mv_buf_free(&installed);
    mv_buf_free(&uncommented);
}
END_TEST

/* mailvouch.conf(5): mandoc(1) complains of longer lines; the whole page is shown to it by tests/manuals.py. */
START_TEST(test_manual)
{
    const struct mv_setting *setting;
    struct mv_buf text;
    struct mv_cursor c;

    mv_buf_init(&text, EXAMPLE_MAX_BYTES);
    mv_config_print_manual(&text);
    ck_assert(!mv_buf_failed(&text));
    for (size_t i = 0; (setting = mv_setting_at(i)) != NULL; i++) {
        char item[100];

        snprintf(item, sizeof item, "\n.It Ic %s\n", setting->key);
        ck_assert_msg(strstr(mv_buf_cstr(&text), item) != NULL, "no %s", setting->key);
    }
    for (c = mv_cursor_of(mv_buf_bytes(&text)); mv_cursor_left(&c) > 0; mv_cursor_accept(&c, '\n')) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\n');

        ck_assert_msg(line.len > 0 && line.len <= 80, "a line of %zu: %.*s", line.len, MV_ARG(line));
    }
    mv_buf_free(&text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_good,      test_bad,      test_nul_byte,        test_list_limit, test_settings,
                                  test_host_name, test_networks, test_show_reads_back, test_example, test_manual,
                                  test_domains,   test_domain_items, test_domain_limit};

    return unit_run("config", tests, sizeof tests / sizeof tests[0]);
}
