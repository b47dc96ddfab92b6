#!/usr/bin/python3
"""Writes the cases of this directory (README.md).

usage: tests/cases/make_cases.py      needs python3-dkim, python3-nacl and openssl

Each case is one call of case(); what it expects is what the RFC in its first line says, not what came out.
Signatures that shall pass are also shown to python3-dkim, which has to agree.
"""
import json
import os
import sys

sys.dont_write_bytecode = True  # signer.py lies among the cases

import chains  # noqa: E402
import signer  # noqa: E402
from signer import public, sign  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
NOW = 1795435200  # 2026-11-23 12:00:00 UTC
GOOD_IP, EVIL_IP, LIST_IP, NEW_IP = "192.0.2.1", "198.51.100.66", "203.0.113.25", "2001:db8::25"

GENUINE = {"ip": GOOD_IP, "helo": "mail.example.com", "mail_from": "alice@example.com"}
ELSEWHERE = {"ip": EVIL_IP, "helo": "host.evil.example", "mail_from": "x@evil.example"}
VIA_LIST = {"ip": LIST_IP, "helo": "list.example.net", "mail_from": "minutes-bounce@list.example.net"}

names = set()


# DNS

class Zone:
    """What DNS says; methods return the zone, so that they chain."""

    def __init__(self):
        self.answers = {}

    def set(self, name, rtype, data, rcode="NOERROR"):
        self.answers[(name, rtype)] = {"name": name, "type": rtype, "rcode": rcode, "ttl": 300, "secure": False,
                                       "data": list(data)}
        return self

    def txt(self, name, *records):
        """A record is a string, or a list of character-strings."""
        return self.set(name, "TXT", records)

    def fail(self, name, rtype="TXT", rcode="TIMEOUT"):
        return self.set(name, rtype, [], rcode)

    def exists(self, name):
        return self.set(name, "A", ["192.0.2.77"])

    def drop(self, name, rtype="TXT"):
        del self.answers[(name, rtype)]
        return self

    def key(self, name, key="rsa2048", tags="v=DKIM1; "):
        kind = "k=ed25519; " if key == "ed25519" else "k=rsa; "
        return self.txt(name, tags + kind + "p=" + public(key))

    def texts(self):
        """For the second opinion: the joined TXT records by name."""
        return {name: ["".join(item) if isinstance(item, list) else item for item in answer["data"]]
                for (name, rtype), answer in self.answers.items() if rtype == "TXT"}

    def dump(self):
        return json.dumps({"schema": 1, "default": "NXDOMAIN", "answers": list(self.answers.values())}, indent=1,
                          ensure_ascii=True) + "\n"


def zone(dmarc="v=DMARC1; p=reject; rua=mailto:dmarc@example.com"):
    """The world of the cases: example.com, a mailing list, and somebody who wants to look like example.com."""
    z = Zone()
    z.txt("example.com", "v=spf1 ip4:192.0.2.1 ip6:2001:db8::25 -all")
    z.key("rsa._domainkey.example.com")
    z.key("ed._domainkey.example.com", "ed25519")
    if dmarc:
        z.txt("_dmarc.example.com", dmarc)
    z.txt("evil.example", "v=spf1 ip4:198.51.100.66 -all")
    z.key("rsa._domainkey.evil.example", "other2048")
    z.txt("list.example.net", "v=spf1 ip4:203.0.113.25 -all")
    z.key("rsa._domainkey.list.example.net", "other2048")
    return z


# Messages

def mail(author="Alice <alice@example.com>", body="Hello Bob,\n\nhere are the minutes of Monday.\n", more=(), sender=None,
         subject="Minutes of Monday"):
    """A message from a list of fields; author None leaves the From field out.  Text is given with LF, and UTF-8."""
    fields = [] if author is None else ["From: " + author]
    fields += [] if sender is None else ["Sender: " + sender]
    fields += ["To: Bob <bob@receiver.example>", "Subject: " + subject, "Date: Mon, 23 Nov 2026 11:59:00 +0000",
               "Message-ID: <20261123115900.1@example.com>"]
    return raw("\n".join(list(more) + fields) + "\n\n" + body)


def raw(text):
    return text.replace("\n", "\r\n").encode()


def replaced(message, old, new, count=1):
    assert message.count(old.encode()) >= count, old
    return message.replace(old.encode(), new.encode(), count)


def evil_sign(message, **tags):
    return sign(message, **{"d": "evil.example", "key": "other2048", **tags})


def list_sign(message, **tags):
    return sign(message, **{"d": "list.example.net", "key": "other2048", **tags})


# Cases

def write(path, data):
    with open(path, "wb") as out:
        out.write(data if isinstance(data, bytes) else data.encode())


def case(name, why, message, z, expect, envelope=None, config=None, second=True):
    """why: the section and what it says.  second False: python3-dkim is known to see the signatures otherwise."""
    assert name not in names, name
    names.add(name)
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    lines = expect.split()
    if second:
        agree(name, message, z, lines)
    write(os.path.join(folder, "message.eml"), message)
    write(os.path.join(folder, "dns.json"), z.dump())
    write(os.path.join(folder, "envelope"),
          "".join("%s=%s\n" % item for item in (envelope or GENUINE).items()) + "now=%d\n" % NOW)
    write(os.path.join(folder, "expect"), "# %s\n" % why + "".join(line + "\n" for line in lines))
    if config is not None:
        write(os.path.join(folder, "config"), "[server]\nauthserv_id = mx.receiver.example\n" + config)


def agree(name, message, z, lines):
    """python3-dkim has to find good what is expected to pass, and what is expected to fail it has to find bad."""
    wanted = [line.partition("=") for line in lines if line.partition("=")[0].partition("[")[0] == "dkim"]
    wanted = [(key, value == "pass") for key, _, value in wanted if value in ("pass", "fail")]
    found = signer.second_opinion(message, z.texts(), NOW) if wanted else []
    for key, good in wanted:
        index = int(key[5:-1]) if "[" in key else 0
        if found[index] != good:
            sys.exit("%s: python3-dkim says %s of signature %d" % (name, found[index], index))


def genuine():
    case("genuine", "RFC 9989 5.3.5: the author's own server, signed and sent from its own address", sign(mail()), zone(),
         "spf=pass dkim=pass dmarc=pass aligned=dkim,spf published=reject action=none exit=0 from=example.com "
         "policy_domain=example.com org_domain=example.com authres~mx.receiver.example authres~dmarc=pass "
         "authres~header.from=example.com")
    case("genuine-ipv6", "RFC 7208 5.6: sent over IPv6", sign(mail()), zone(), "spf=pass dkim=pass dmarc=pass exit=0",
         {**GENUINE, "ip": NEW_IP})
    case("genuine-two-algorithms", "RFC 8463 5: signed twice, with RSA and Ed25519",
         sign(sign(mail()), s="ed", key="ed25519"), zone(), "dkim[0]=pass dkim[1]=pass dkim.count=2 dmarc=pass exit=0")
    case("genuine-ed25519", "RFC 8463 3: Ed25519 alone is enough", sign(mail(), s="ed", key="ed25519"), zone(),
         "spf=fail dkim=pass dmarc=pass aligned=dkim exit=0", {**GENUINE, "ip": EVIL_IP})
    case("genuine-simple", "RFC 6376 3.4.1, 3.4.3: simple canonicalisation", sign(mail(), c="simple/simple"), zone(),
         "dkim=pass dmarc=pass")
    case("genuine-simple-relaxed", "RFC 6376 3.4: header and body each in their own way",
         sign(mail(body="a  b\t \n \n\n"), c="simple/relaxed"), zone(), "dkim=pass dmarc=pass")
    case("genuine-4096-bits", "RFC 8301 3.2: verifiers handle keys up to 4096 bits", sign(mail(), s="big", key="rsa4096"),
         zone().key("big._domainkey.example.com", "rsa4096"), "dkim=pass dmarc=pass")
    case("genuine-forwarded", "RFC 9989 4.4: forwarded as it was, SPF fails and the signature holds", sign(mail()), zone(),
         "spf=fail dkim=pass dmarc=pass aligned=dkim action=none exit=0", {**GENUINE, "ip": LIST_IP})
    case("genuine-unsigned", "RFC 9989 4.4.2: SPF alone is enough", mail(), zone(),
         "spf=pass dkim=none dmarc=pass aligned=spf action=none exit=0")
    case("genuine-bounce-subdomain", "RFC 9989 4.4.2: relaxed, MAIL FROM below the author", mail(),
         zone().txt("bounce.example.com", "v=spf1 ip4:192.0.2.1 -all"), "spf=pass dmarc=pass aligned=spf",
         {**GENUINE, "mail_from": "b-17@bounce.example.com"})
    case("genuine-refolded", "RFC 6376 3.4.2: relaxed survives other folds and cases",
         replaced(replaced(sign(mail()), "Subject: Minutes of Monday", "subject:Minutes\n   of\tMonday  ".replace("\n", "\r\n")),
                  "To: Bob", "TO:  Bob"), zone(), "dkim=pass dmarc=pass")
    case("genuine-space-before-colon", "RFC 6376 3.4.2: white space before the colon goes too",
         replaced(sign(mail()), "Subject:", "Subject :"), zone(), "dkim=pass dmarc=pass", second=False)
    case("genuine-empty-body", "RFC 6376 3.4.4: the hash of nothing", sign(mail(body="")), zone(), "dkim=pass dmarc=pass")
    case("genuine-no-body", "RFC 5322 3.5: a message may end with its header block", sign(mail(body=""))[:-2], zone(),
         "dkim=pass dmarc=pass", second=False)
    case("genuine-blank-lines-at-end", "RFC 6376 3.4.3: empty lines at the end do not count",
         sign(mail(body="Hello\n"), c="simple/simple") + b"\r\n\r\n", zone(), "dkim=pass dmarc=pass")
    case("genuine-8bit", "RFC 6376 5.3: octets are hashed as they are",
         sign(mail(author="Jörg <joerg@example.com>", subject="Protokoll für Montag", body="Grüße\n")), zone(),
         "dkim=pass dmarc=pass")
    case("genuine-key-in-strings", "RFC 6376 3.6.2.2: the strings of one TXT record are joined",
         sign(mail(), s="cut"), zone().txt("cut._domainkey.example.com", cut("v=DKIM1; k=rsa; p=" + public("rsa2048"))),
         "dkim=pass dmarc=pass")
    case("genuine-key-without-v", "RFC 6376 3.6.1: v= may be missing",
         sign(mail(), s="bare"), zone().key("bare._domainkey.example.com", tags=""), "dkim=pass dmarc=pass")
    case("genuine-test-key", "RFC 6376 3.6.1 t=y: many forget to take it out, so it counts", sign(mail(), s="test"),
         zone().key("test._domainkey.example.com", tags="v=DKIM1; t=y; "), "dkim=pass dmarc=pass")
    case("genuine-l-whole", "RFC 6376 3.5 l=: all of the body is signed", sign(mail(body="Hello\n"), l=7), zone(),
         "dkim=pass dmarc=pass")
    case("genuine-list-headers", "RFC 6376 3.7: a name that begins like a signed one is another field",
         sign(mail(more=["List-Unsubscribe: <https://example.com/u>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]),
              h=("from", "subject", "list-unsubscribe", "list-unsubscribe-post")), zone(), "dkim=pass dmarc=pass")


def cut(text):
    """A TXT record as the strings that a zone file needs."""
    return [text[i:i + 200] for i in range(0, len(text), 200)]


def forged():
    case("forged", "RFC 9989 5.3.5: another server, nothing signed", mail(), zone(),
         "spf=fail dkim=none dmarc=fail policy=reject aligned= action=reject exit=1 authres~dmarc=fail "
         "authres~policy.dmarc=reject", {**GENUINE, "ip": EVIL_IP})
    case("forged-spf-pass", "RFC 9989 4.4.2: SPF passes for the sender's own domain, which is not the author's", mail(), zone(),
         "spf=pass dmarc=fail action=reject exit=1", ELSEWHERE)
    case("forged-dkim-pass", "RFC 9989 4.4.1: signed by the sender's own domain, which is not the author's",
         evil_sign(mail()), zone(), "dkim=pass dkim_domain=evil.example dmarc=fail action=reject exit=1", ELSEWHERE)
    case("forged-policy-none", "RFC 9989 5.3.6: p=none asks for nothing", mail(), zone("v=DMARC1; p=none"),
         "dmarc=fail policy=none action=none exit=1 authres~dmarc=fail authres~policy.dmarc=none", ELSEWHERE)
    case("forged-policy-quarantine", "RFC 9989 4.7 p", mail(), zone("v=DMARC1; p=quarantine"),
         "dmarc=fail policy=quarantine action=quarantine exit=1", ELSEWHERE)
    case("forged-helo", "RFC 9989 3.2.4: SPF of HELO is no identity of the author's", mail(), zone(),
         "spf=fail dmarc=fail action=reject", {**GENUINE, "ip": EVIL_IP, "helo": "host.evil.example"})
    case("forged-suffix", "RFC 9989 4.4: notexample.com is not within example.com", sign(mail(), d="notexample.com"),
         zone().key("rsa._domainkey.notexample.com"), "dkim=pass dmarc=fail action=reject", ELSEWHERE)
    case("forged-below", "RFC 9989 4.4: example.com.evil.example is not within example.com",
         sign(mail(), d="example.com.evil.example"), zone().key("rsa._domainkey.example.com.evil.example"),
         "dkim=pass dmarc=fail action=reject", ELSEWHERE)
    case("forged-fail-then-pass", "RFC 9989 4.4.1: the author's signature is broken, the stranger's is good",
         sign(evil_sign(mail()), damage=True), zone(), "dkim[0]=fail dkim[1]=pass dmarc=fail action=reject", ELSEWHERE)
    case("forged-pass-then-fail", "RFC 9989 4.4.1: the same in the other order",
         evil_sign(sign(mail(), damage=True)), zone(), "dkim[0]=pass dkim[1]=fail dmarc=fail action=reject", ELSEWHERE)
    case("forged-top-level-signer", "RFC 6376 3.5 d=, RFC 9989 4.10.2: a top-level domain vouches for nobody",
         sign(mail(), d="com"), zone().key("rsa._domainkey.com"), "dkim!=pass dmarc=fail action=reject", ELSEWHERE,
         second=False)


def records():
    """RFC 9989 4.5 to 4.10: which record, which policy."""
    sub = "Alice <alice@news.example.com>"
    case("record-none", "RFC 9989 4.10.1: without a record there is no DMARC", mail(), zone(dmarc=None),
         "dmarc=none action=none exit=0 authres~dmarc=none", ELSEWHERE)
    case("record-two", "RFC 9989 4.10: two records are as good as none", mail(),
         zone().txt("_dmarc.example.com", "v=DMARC1; p=reject", "v=DMARC1; p=none"), "dmarc=none action=none exit=0", ELSEWHERE)
    case("record-sp", "RFC 9989 4.7 sp: below the record, the name exists", mail(sub),
         zone("v=DMARC1; p=reject; sp=quarantine").exists("news.example.com"),
         "dmarc=fail policy=quarantine policy_domain=example.com org_domain=example.com action=quarantine", ELSEWHERE)
    case("record-np", "RFC 9989 4.7 np: below the record, the name does not exist", mail(sub),
         zone("v=DMARC1; p=none; sp=none; np=reject"), "dmarc=fail policy=reject action=reject", ELSEWHERE)
    case("record-np-nodata", "RFC 9989 A.4: a name without records exists", mail(sub),
         zone("v=DMARC1; p=none; np=reject").exists("deep.news.example.com"), "dmarc=fail policy=none action=none", ELSEWHERE)
    case("record-np-timeout", "RFC 9989 A.4: whether the name exists is not known, so it is taken to", mail(sub),
         zone("v=DMARC1; p=none; np=reject").fail("news.example.com"), "dmarc=fail policy=none action=none", ELSEWHERE)
    case("record-test-mode", "RFC 9989 4.7 t=y: one step lower", mail(), zone("v=DMARC1; p=reject; t=y"),
         "dmarc=fail published=reject policy=quarantine override=policy_test_mode action=quarantine", ELSEWHERE)
    case("record-pct", "RFC 9989 A.6: pct is history", mail(), zone("v=DMARC1; p=reject; pct=0"),
         "dmarc=fail policy=reject action=reject", ELSEWHERE)
    case("record-bad-p", "RFC 9989 4.10.1: p is not valid, but somebody wants reports", mail(),
         zone("v=DMARC1; p=rejct; rua=mailto:dmarc@example.com"), "dmarc=fail policy=none action=none", ELSEWHERE)
    case("record-bad-p-no-rua", "RFC 9989 4.10.1: p is not valid, and nobody wants reports", mail(),
         zone("v=DMARC1; p=rejct"), "dmarc=none action=none", ELSEWHERE)
    case("record-strict", "RFC 9989 4.4.1 adkim=s: only the domain itself", sign(mail(), d="mail.example.com"),
         zone("v=DMARC1; p=reject; adkim=s").key("rsa._domainkey.mail.example.com"),
         "dkim=pass dmarc=fail action=reject", ELSEWHERE)
    case("record-strict-spf", "RFC 9989 4.4.2 aspf=s: only the domain itself", mail(),
         zone("v=DMARC1; p=reject; aspf=s").txt("bounce.example.com", "v=spf1 ip4:192.0.2.1 -all"),
         "spf=pass dmarc=fail action=reject", {**GENUINE, "mail_from": "b@bounce.example.com"})
    case("record-psd-n", "RFC 9989 4.10.2: psd=n makes a domain of its own, and the one above does not vouch for it",
         sign(mail("Dean <dean@dept.example.com>")), zone().txt("_dmarc.dept.example.com", "v=DMARC1; p=quarantine; psd=n"),
         "dkim=pass dmarc=fail policy=quarantine policy_domain=dept.example.com org_domain=dept.example.com", ELSEWHERE)
    bank = zone().txt("_dmarc.bank.example", "v=DMARC1; p=reject; sp=quarantine; np=reject; psd=y")
    bank.key("rsa._domainkey.mega.bank.example").key("rsa._domainkey.giant.bank.example").exists("mail.mega.bank.example")
    case("record-psd-y", "RFC 9989 4.10.1: the policy of a public suffix, and a signature below it",
         sign(mail("Teller <teller@mail.mega.bank.example>"), d="mega.bank.example"), bank,
         "dkim=pass dmarc=pass policy=quarantine policy_domain=bank.example org_domain=mega.bank.example", ELSEWHERE)
    case("record-psd-y-neighbour", "RFC 9989 B.4.3: a neighbour below the public suffix does not vouch",
         sign(mail("Teller <teller@mail.mega.bank.example>"), d="giant.bank.example"), bank,
         "dkim=pass dmarc=fail policy=quarantine action=quarantine", ELSEWHERE)
    case("record-psd-y-no-such-name", "RFC 9989 4.7 np: a name nobody registered below a public suffix",
         mail("Teller <teller@meega.bank.example>"), bank, "dmarc=fail policy=reject action=reject", ELSEWHERE)
    case("record-top-level", "RFC 9989 11.8: a plain record at a top-level domain joins nobody",
         sign(mail(), d="stranger.com"), zone().txt("_dmarc.com", "v=DMARC1; p=none").key("rsa._domainkey.stranger.com"),
         "dkim=pass dmarc=fail policy=reject org_domain=example.com action=reject", ELSEWHERE)
    case("record-deep", "RFC 9989 4.10: from a long name straight to seven labels", sign(mail("a@a.b.c.d.e.f.g.h.example.com")),
         zone(), "dkim=pass dmarc=pass policy_domain=example.com org_domain=example.com", ELSEWHERE)


def authors():
    """RFC 9989 4.2, 11.5: who is the author? A From field that can be read in two ways is never a pass."""
    def bad(name, why, message, more="", **options):
        case("from-" + name, why, message, options.pop("z", zone()),
             "dmarc=permerror action=reject exit=1 authres!~dmarc=pass authres!~dmarc=fail " + more, **options)

    def forged_as(name, why, author, domain, more="", **options):
        case("from-" + name, why, evil_sign(mail(author)), zone().txt("_dmarc.evil.example", "v=DMARC1; p=none"),
             "dkim=pass from=%s " % domain + more, ELSEWHERE, **options)

    bad("two-fields", "RFC 5322 3.6, RFC 6376 8.15: a second From field above the signed one",
        b"From: Boss <boss@example.com>\r\n" + sign(mail()), "authres!~dkim=pass", second=False)
    bad("two-fields-the-same", "RFC 5322 3.6: also when both say the same",
        sign(mail(more=["From: Alice <alice@example.com>"])), "authres!~dkim=pass", second=False)
    bad("two-fields-other-case", "RFC 5322 1.2.2: field names have no case, and may have a space before the colon",
        b"FROM : Boss <boss@example.com>\r\n" + sign(mail()), "authres!~dkim=pass", second=False)
    bad("missing", "RFC 9989 5.3.1: no From field", mail(None, sender="alice@example.com"))
    bad("empty", "RFC 5322 3.6.2: an empty From field", mail(""))
    bad("empty-group", "RFC 6854: a group without members has no domain", mail("undisclosed-recipients:;"))
    bad("two-domains", "RFC 9989 4.2: two mailboxes of two domains",
        mail("alice@example.com, boss@evil.example", sender="alice@example.com"))
    bad("no-domain", "RFC 5322 3.4: no @", mail("Alice <alice>"))
    bad("domain-literal", "RFC 5322 3.4.1: an address literal is no domain", mail("Alice <alice@[192.0.2.1]>"))
    bad("two-at", "RFC 5322 3.4.1: two @", mail("Alice <alice@evil.example@example.com>"))
    bad("two-brackets", "RFC 5322 3.4: two addresses without a comma", mail("<alice@example.com><boss@evil.example>"))
    bad("unclosed-bracket", "RFC 5322 3.4: never closed", mail("Alice <alice@example.com"))
    bad("unclosed-quote", "RFC 5322 3.2.4: never closed", mail("\"Alice <alice@example.com>"))
    bad("unclosed-comment", "RFC 5322 3.2.2: never closed", mail("alice@example.com (Alice"))
    bad("bad-label", "RFC 5890 2.3.1: an empty label", mail("alice@example..com"))
    bad("bad-idna", "RFC 5892 2: a snowman is in no U-label", mail("alice@snow☃.example"))
    bad("nul", "RFC 5322 4: NUL was never part of a header", replaced(mail(), "Alice <", "Alice\0 <"))
    bad("nul-elsewhere", "RFC 5322 4: nor in another field, where readers may stop",
        sign(replaced(mail(), "Minutes of", "Minutes\0of")), "authres!~dkim=pass", second=False)
    bad("bare-lf", "RFC 5322 2.2: a bare LF hides a second From field from us, or shows it to others",
        sign(mail(subject="Minutes").replace(b"Minutes", b"Minutes\nFrom: Boss <boss@evil.example>")), "authres!~dkim=pass",
        second=False)
    bad("bare-cr", "RFC 5322 2.2: the same with a bare CR",
        sign(mail(subject="Minutes").replace(b"Minutes", b"Minutes\rFrom: Boss <boss@evil.example>")), "authres!~dkim=pass",
        second=False)
    bad("not-a-field", "RFC 5322 2.2: a line that is no field may end the header for others",
        sign(mail(more=["this is no field"])), "authres!~dkim=pass", second=False)
    bad("two-fields-fold-before-colon", "RFC 5322 4.5: a fold before the colon hides a From field from some",
        b"From\r\n : Boss <boss@evil.example>\r\n" + mail())
    bad("two-fields-space-before-name", "RFC 5322 2.2: white space before the first name hides a From field from some",
        b" From: Boss <boss@evil.example>\r\n" + mail())
    bad("sender-only-fold-before-colon", "RFC 5322 3.6.2: Sender does not stand in for a From field that some cannot see",
        b"From\r\n : x@evil.example\r\n" + mail(None, sender="alice@example.com"))
    bad("resent-from-fold-before-colon", "RFC 5322 3.6.6: nor does Resent-From",
        b"From\r\n : x@evil.example\r\nResent-From: alice@example.com\r\n" + mail(None))
    bad("encoded-address-first", "RFC 2047 5: an address that only decoding shows, and another one",
        mail("=?utf-8?b?PGFsaWNlQGV4YW1wbGUuY29tPg==?=,<x@evil.example>"))
    bad("quoted-pair-outside", "RFC 5322 3.2.1: a backslash outside quotes joins nothing",
        mail("<alice@example.com>\\,<x@evil.example>"))
    bad("two-domains-no-name", "RFC 9989 4.2: without a display name it is an address",
        mail("alice@example.com,<x@evil.example>", sender="alice@example.com"))
    bad("behind-the-brackets", "RFC 5322 3.4: an address behind an address", mail("<x@evil.example>alice@example.com"))
    bad("address-as-name", "RFC 5322 3.4: an unquoted address of another domain for a name",
        mail("alice@example.com <x@evil.example>"))
    case("from-accept-invalid", "on_invalid_from = accept: taken, but never a pass",
         b"From: Boss <boss@example.com>\r\n" + sign(mail()), zone(),
         "dmarc=permerror action=none exit=1 authres!~dmarc=pass", second=False,
         config="[policy]\non_invalid_from = accept\n")

    def loose(name, why, message):
        """No mailbox-list, but one domain: judged, so that it helps nobody, and harms nobody."""
        case("loose-" + name, why, message, zone(), "dmarc=pass from=example.com action=none exit=0")
        case("loose-%s-forged" % name, why, message, zone(), "dmarc=fail from=example.com action=reject exit=1", ELSEWHERE)

    loose("comma", "RFC 5322 3.4: an unquoted comma in a name", mail("Example, Inc. <alice@example.com>"))
    loose("colon", "RFC 5322 3.4: an unquoted colon in a name", mail("Example: a centre <alice@example.com>"))
    loose("brackets", "RFC 5322 3.2.3: unquoted brackets in a name", mail("[Minutes] Alice <alice@example.com>"))
    loose("address", "RFC 5322 3.4: the address, unquoted, for a name", mail("alice@example.com <alice@example.com>"))
    loose("latin1", "RFC 6532 3.1: a name that is no UTF-8", replaced(mail("J?rg <alice@example.com>"), "J?rg", "J").replace(
        b"From: J <", b"From: J\xf6rg <"))
    loose("dots", "RFC 5322 3.4.1: dots where a local part has none", mail("Alice <a..b.@example.com>"))

    forged_as("display-name-address", "RFC 5322 3.4: an address in the display name is no author",
              "\"alice@example.com\" <x@evil.example>", "evil.example", "dmarc=pass")
    forged_as("display-name-encoded", "RFC 2047 5: an encoded word in the display name is no author",
              "=?utf-8?q?alice=40example=2Ecom_=3Calice=40example=2Ecom=3E?= <x@evil.example>", "evil.example", "dmarc=pass")
    forged_as("comment", "RFC 5322 3.2.2: what a comment says does not count", "x@evil.example (alice@example.com)",
              "evil.example", "dmarc=pass")
    forged_as("comment-in-address", "RFC 5322 3.2.2: a comment inside the address",
              "alice@example.com(@evil.example)", "example.com", "dmarc=fail action=reject")
    forged_as("quoted-local-part", "RFC 5322 3.4.1: an @ inside quotes belongs to the local part",
              "\"x@evil.example\"@example.com", "example.com", "dmarc=fail action=reject")
    forged_as("quoted-angle", "RFC 5322 3.2.4: a bracket inside quotes is text",
              "\"Alice <x@evil.example>\" <alice@example.com>", "example.com", "dmarc=fail action=reject")
    forged_as("source-route", "RFC 5322 4.4: the route is not the author", "<@evil.example:alice@example.com>", "example.com",
              "dmarc=fail action=reject")
    forged_as("two-mailboxes-one-domain", "RFC 9989 4.2: two mailboxes, one domain",
              "alice@example.com, boss@EXAMPLE.com", "example.com", "dmarc=fail action=reject")
    forged_as("group", "RFC 6854: the member of a group is the author", "Staff: Alice <alice@example.com>;", "example.com",
              "dmarc=fail action=reject")
    forged_as("folded", "RFC 5322 2.2.3: folds and comments between all parts",
              "Alice\n <alice (in the\n office)\n @example.com>", "example.com", "dmarc=fail action=reject")
    forged_as("capitals", "RFC 4343: names have no case", "Alice <alice@EXAMPLE.COM>", "example.com", "dmarc=fail action=reject")


def international():
    z = zone().txt("xn--bcher-kva.example", "v=spf1 ip4:192.0.2.1 -all").key("rsa._domainkey.xn--bcher-kva.example")
    z.txt("_dmarc.xn--bcher-kva.example", "v=DMARC1; p=reject; adkim=s")
    sent = {**GENUINE, "mail_from": "post@xn--bcher-kva.example"}
    case("idn-a-label", "RFC 8616 4: everything in A-labels",
         sign(mail("Post <post@xn--bcher-kva.example>"), d="xn--bcher-kva.example"), z,
         "spf=pass dkim=pass dmarc=pass from=xn--bcher-kva.example", sent)
    case("idn-u-label", "RFC 9989 4.2: U-labels in From are A-labels in DNS",
         sign(mail("Käthe <käthe@bücher.example>"), d="xn--bcher-kva.example"), z,
         "spf=pass dkim=pass dmarc=pass aligned=dkim,spf from=xn--bcher-kva.example",
         {**GENUINE, "mail_from": "käthe@bücher.example"})
    case("idn-capitals", "RFC 4343, UTS 46 4: capitals make no other domain", mail("Käthe <käthe@BÜCHER.example>"), z,
         "from=xn--bcher-kva.example dmarc=fail action=reject", ELSEWHERE)
    case("idn-bad-a-label", "RFC 5891 5.4: what only looks like an A-label is asked for as it is",
         mail("alice@xn--a.example"), zone().txt("_dmarc.xn--a.example", "v=DMARC1; p=reject"),
         "from=xn--a.example dmarc=fail action=reject", ELSEWHERE)
    case("idn-look-alike", "RFC 9989 4.4: a Cyrillic letter makes another domain",
         evil_sign(mail("Alice <alice@exаmple.com>")), zone(), "from=xn--exmple-4nf.com dmarc=none", ELSEWHERE)
    case("idn-signed-in-u-labels", "RFC 8616 5: d= in U-labels in an internationalised header",
         sign(mail("Käthe <käthe@bücher.example>"), d="bücher.example"), z, "dkim=pass dkim_domain=xn--bcher-kva.example dmarc=pass",
         ELSEWHERE, second=False)


def signatures():
    """RFC 6376 6.1: what makes a signature worth nothing. SPF does not help here."""
    def alone(name, why, message, dkim, more="", z=None, **options):
        dmarc = "dmarc=pass action=none" if dkim == "pass" else "dmarc=fail action=reject authres!~dkim=pass"
        case("dkim-" + name, why, message, z or zone(), "dkim=%s %s %s" % (dkim, dmarc, more), ELSEWHERE, **options)

    plain = {"second": False}
    alone("body-changed", "RFC 6376 3.7: one octet of the body", replaced(sign(mail()), "Hello Bob", "Hello Rob"), "fail")
    alone("body-appended", "RFC 6376 3.7: a line more", sign(mail()) + b"PS: pay at once\r\n", "fail")
    alone("subject-changed", "RFC 6376 3.7: a signed field", replaced(sign(mail()), "Minutes of", "Notes of"), "fail")
    alone("field-added", "RFC 6376 8.15: a field that was oversigned because it was not there",
          b"Reply-To: x@evil.example\r\n" + sign(mail(), h=signer.SIGNED + ("reply-to",)), "fail")
    alone("simple-refolded", "RFC 6376 3.4.1: simple does not survive another fold",
          replaced(sign(mail(), c="simple/simple"), "Subject: Minutes", "Subject:  Minutes"), "fail")
    alone("damaged", "RFC 6376 6.1.3: the signature value", sign(mail(), damage=True), "fail")
    alone("other-key", "RFC 6376 6.1.3: signed with a key that is not the published one", sign(mail(), key="other2048"), "fail")
    alone("expired", "RFC 6376 3.5 x=: past its time", sign(mail(), extra="t=%d; x=%d; " % (NOW - 864000, NOW - 86400)),
          "policy", **plain)
    alone("not-expired", "RFC 6376 3.5 x=: still good", sign(mail(), extra="t=%d; x=%d; " % (NOW - 60, NOW + 86400)), "pass")
    alone("expires-before-it-was-made", "RFC 6376 3.5 x=: x is not later than t",
          sign(mail(), extra="t=%d; x=%d; " % (NOW - 60, NOW - 60)), "neutral", **plain)
    alone("l-appended", "RFC 6376 8.2: text behind the signed octets",
          sign(mail(body="Hello\n"), l=7) + b"PS: pay at once\r\n", "policy", **plain)
    alone("l-zero", "RFC 6376 8.2: a signed header with any body", sign(mail(), l=0), "policy", **plain)
    alone("l-too-long", "RFC 6376 3.5 l=: more than there is",
          sign(mail(body="Hello\n"), extra="l=7000; "), "permerror", **plain)
    alone("sha1", "RFC 8301 3.1: rsa-sha1 is not verified", sign(mail(), a="rsa-sha1"), "policy", **plain)
    alone("512-bits", "RFC 8301 3.2: a key below 1024 bits", sign(mail(), s="weak", key="rsa512"), "policy",
          z=zone().key("weak._domainkey.example.com", "rsa512"), **plain)
    alone("1024-bits", "RFC 8301 3.2: a key of 1024 bits still counts", sign(mail(), s="old", key="rsa1024"), "pass",
          z=zone().key("old._domainkey.example.com", "rsa1024"))
    alone("key-missing", "RFC 6376 6.1.2: no such key", sign(mail(), s="gone"), "permerror", **plain)
    alone("key-revoked", "RFC 6376 3.6.1 p=: revoked", sign(mail(), s="gone"), "permerror",
          z=zone().txt("gone._domainkey.example.com", "v=DKIM1; k=rsa; p="), **plain)
    alone("key-two-records", "RFC 6376 3.6.2.2: two keys under one name", sign(mail(), s="two"), "permerror",
          z=zone().txt("two._domainkey.example.com", *["v=DKIM1; k=rsa; p=" + public(key) for key in
                                                         ("other2048", "rsa1024", "rsa512", "rsa2048")]), **plain)
    alone("key-beside-other-text", "RFC 6376 3.6.2.2: text that is no key does not count", sign(mail(), s="two"), "pass",
          z=zone().txt("two._domainkey.example.com", "v=spf1 -all", "v=DKIM1; k=rsa; p=" + public("rsa2048")), **plain)
    alone("key-other-version", "RFC 6376 3.6.1 v=: not DKIM1", sign(mail(), s="odd"), "permerror",
          z=zone().key("odd._domainkey.example.com", tags="v=DKIM2; "), **plain)
    alone("key-other-type", "RFC 6376 3.6.1 k=: the key is of another type", sign(mail(), s="ed"), "permerror", **plain)
    alone("key-other-hash", "RFC 6376 3.6.1 h=: the key is for SHA-1 only", sign(mail(), s="odd"), "permerror",
          z=zone().key("odd._domainkey.example.com", tags="v=DKIM1; h=sha1; "), **plain)
    alone("key-other-service", "RFC 6376 3.6.1 s=: the key is not for mail", sign(mail(), s="odd"), "permerror",
          z=zone().key("odd._domainkey.example.com", tags="v=DKIM1; s=tlsrpt; "), **plain)
    alone("key-strict", "RFC 6376 3.6.1 t=s: i= must be the domain itself",
          sign(mail(), s="strict", extra="i=@news.example.com; "), "permerror",
          z=zone().key("strict._domainkey.example.com", tags="v=DKIM1; t=s; "), **plain)
    alone("key-strict-same", "RFC 6376 3.6.1 t=s: and it is", sign(mail(), s="strict", extra="i=alice@example.com; "), "pass",
          z=zone().key("strict._domainkey.example.com", tags="v=DKIM1; t=s; "))
    alone("key-bad-base64", "RFC 6376 6.1.2: a key that does not parse", sign(mail(), s="odd"), "permerror",
          z=zone().txt("odd._domainkey.example.com", "v=DKIM1; k=rsa; p=MIIB!!!!"), **plain)
    alone("from-not-signed", "RFC 6376 5.4: From must be signed", sign(mail(), h=("to", "subject", "date")), "permerror",
          **plain)
    alone("i-outside", "RFC 6376 6.1.1: i= is not within d=", sign(mail(), extra="i=alice@evil.example; "), "permerror",
          **plain)
    alone("version-2", "RFC 6376 6.1.1: an unknown version", sign(mail(), v="2"), "neutral", **plain)
    alone("duplicate-tag", "RFC 6376 3.2: a tag given twice", sign(mail(), extra="s=rsa; "), "neutral", **plain)
    alone("unknown-tag", "RFC 6376 3.2: unknown tags do no harm", sign(mail(), extra="zz=1; "), "pass")
    alone("unknown-query", "RFC 6376 3.5 q=: no way to the key that is known", sign(mail(), extra="q=http/get; "), "neutral",
          **plain)
    twelve()
    z = zone().key("rsa._domainkey.example.com(.evil.example").key("rsa._domainkey.evil.example", "rsa2048")
    case("dkim-injection-comment", "RFC 8601 7.8: d= with a comment in it (CVE-2020-12272)",
         sign(mail(), d="example.com(.evil.example"), z, "dkim!=pass dmarc=fail authres!~(.evil", ELSEWHERE, second=False)
    case("dkim-injection-quote", "RFC 8601 7.8: a selector that would close a quoted string",
         sign(mail(), d="evil.example", s="a\"b"), z, "dkim!=pass dmarc=fail authres!~a\"b", ELSEWHERE, second=False)


def twelve():
    message = sign(mail())
    for number in range(11):
        message = evil_sign(message, s="junk%d" % number, damage=True)
    case("dkim-twelve-signatures", "RFC 6376 6.1: junk in front cannot push out the author's signature", message, zone(),
         "dkim.count=10 dkim[9]=pass dkim_domain[9]=example.com dmarc=pass aligned=dkim", ELSEWHERE, second=False)
    case("dkim-twelve-forged", "RFC 6376 6.1: nor does a crowd of good ones make an author",
         crowd(), zone(), "dkim[0]=pass dmarc=fail action=reject", ELSEWHERE, second=False)


def crowd():
    message = mail()
    for _ in range(12):
        message = evil_sign(message)
    return message


def errors():
    """RFC 9989 5.3.6: an error of DNS is no failure, and no pass."""
    key = "rsa._domainkey.example.com"
    case("dns-key-timeout", "RFC 9989 5.3.6: the key of the author's signature cannot be asked for", sign(mail()),
         zone().fail(key), "spf=pass dkim=temperror dmarc=temperror action=tempfail exit=75", ELSEWHERE, second=False)
    case("dns-key-servfail", "RFC 9989 5.3.6: a server failure is the same", sign(mail()),
         zone().fail(key, rcode="SERVFAIL"), "dkim=temperror dmarc=temperror action=tempfail exit=75", ELSEWHERE, second=False)
    case("dns-key-timeout-spf-pass", "RFC 9989 5.3.5: SPF is enough", sign(mail()), zone().fail(key),
         "spf=pass dkim=temperror dmarc=pass aligned=spf action=none exit=0", second=False)
    case("dns-key-timeout-stranger", "RFC 9989 5.3.6: a stranger's key does not matter", evil_sign(mail()),
         zone().fail("rsa._domainkey.evil.example"), "dkim=temperror dmarc=fail action=reject exit=1", ELSEWHERE, second=False)
    case("dns-record-timeout", "RFC 9989 5.3.6: the record cannot be asked for", sign(mail()),
         zone().fail("_dmarc.example.com"), "spf=pass dkim=pass dmarc=temperror action=tempfail exit=75")
    case("dns-record-accept", "on_temperror = accept", sign(mail()), zone().fail("_dmarc.example.com"),
         "dmarc=temperror action=none exit=75", config="[policy]\non_temperror = accept\n")
    case("dns-parent-timeout", "RFC 9989 4.10.2: what is above the record does not matter to the same domain", sign(mail()),
         zone().fail("_dmarc.com"), "dmarc=pass org_domain= action=none exit=0")
    case("dns-parent-timeout-relaxed", "RFC 9989 5.3.6: but it does to another one below it",
         sign(mail(), d="mail.example.com"), zone().fail("_dmarc.com").key("rsa._domainkey.mail.example.com"),
         "dkim=pass dmarc=temperror action=tempfail exit=75", ELSEWHERE)
    include = "v=spf1 include:_spf.example.com -all"
    case("dns-include-timeout", "RFC 7208 5.2, RFC 9989 5.3.6: an include of the author's SPF", mail(),
         zone().txt("example.com", include).fail("_spf.example.com"), "spf=temperror dmarc=temperror action=tempfail exit=75")
    case("dns-include-timeout-signed", "RFC 9989 5.3.5: the signature is enough", sign(mail()),
         zone().txt("example.com", include).fail("_spf.example.com"), "spf=temperror dkim=pass dmarc=pass aligned=dkim exit=0")
    case("dns-all-timeout", "no answer at all", sign(mail()),
         zone().fail(key).fail("example.com").fail("_dmarc.example.com").fail("_dmarc.com"),
         "spf=temperror dkim=temperror dmarc=temperror action=tempfail exit=69", second=False)


def senders():
    """RFC 7208: the other half."""
    null = {"ip": GOOD_IP, "helo": "mail.example.com", "mail_from": ""}
    z = zone().txt("mail.example.com", "v=spf1 a -all").set("mail.example.com", "A", [GOOD_IP])
    case("spf-null-sender", "RFC 7208 2.4: a bounce is checked as postmaster@HELO, and that is MAIL FROM for DMARC", mail(), z,
         "spf=pass spf_domain=mail.example.com dmarc=pass aligned=spf", null)
    case("spf-null-sender-forged", "RFC 7208 2.4: HELO of a stranger", mail(), z, "spf=fail dmarc=fail action=reject",
         {**null, "ip": EVIL_IP})
    case("spf-null-sender-literal", "RFC 7208 2.3: an address literal has no record", mail(), z, "spf=none dmarc=fail",
         {**null, "helo": "[192.0.2.1]"})
    case("spf-softfail", "RFC 7208 8.5: softfail is no pass", mail(), zone().txt("example.com", "v=spf1 ~all"),
         "spf=softfail dmarc=fail action=reject")
    case("spf-neutral", "RFC 9989 11.1: ? keeps a loose source out of DMARC", mail(),
         zone().txt("example.com", "v=spf1 ?ip4:192.0.2.1 -all"), "spf=neutral dmarc=fail action=reject")
    case("spf-two-records", "RFC 7208 4.5: two records", mail(), zone().txt("example.com", "v=spf1 +all", "v=spf1 -all"),
         "spf=permerror dmarc=fail action=reject")
    case("spf-too-many-lookups", "RFC 7208 4.6.4: eleven terms that ask", mail(),
         zone().txt("example.com", "v=spf1 " + " ".join("a:h%d.example.com" % n for n in range(11)) + " ip4:192.0.2.1 -all")
         .set("h0.example.com", "A", ["192.0.2.80"]), "spf=permerror dmarc=fail action=reject")
    none = {**ELSEWHERE, "mail_from": "x@nowhere.example.com"}
    case("spf-no-such-subdomain", "RFC 7208 4.3: a name below the author's that has no record, nor exists", mail(), zone(),
         "spf=none spf_domain=nowhere.example.com dmarc=fail action=reject", none)
    case("spf-parenthesis-in-path", "RFC 7208 2.4: a MAIL FROM that some take for the null reverse-path", mail(), zone(),
         "spf=fail spf_domain=example.com dmarc=fail action=reject", {**ELSEWHERE, "mail_from": "(x@example.com"})
    case("spf-comment-in-domain", "RFC 8601 7.8: a parenthesis in the domain of MAIL FROM hides nothing", mail(), zone(),
         "spf=none dmarc=fail action=reject authres!~smtp.mailfrom", {**ELSEWHERE, "mail_from": "x@example.com(.evil.example"})
    case("spf-apostrophe-in-domain", "RFC 5321 4.1.2: the domain stands behind the last @", mail(), zone(),
         "spf=none spf_domain=any.evil.example dmarc=fail action=reject", {**ELSEWHERE, "mail_from": "x@example.com'@any.evil.example"})
    case("spf-source-route", "RFC 5321 4.1.1.3: a route says nothing of the sender", mail(), zone(),
         "spf=pass spf_domain=evil.example dmarc=fail action=reject",
         {**ELSEWHERE, "mail_from": "@example.com,@any.example:'x@evil.example"})
    case("spf-null-sender-authres", "RFC 8601 2.7.2: what was checked of a bounce is its HELO", mail(), z,
         "authres~smtp.helo=mail.example.com authres!~smtp.mailfrom", null)
    case("spf-quoted-local-part", "RFC 8601 7.8: nothing of MAIL FROM becomes a result", mail(), zone(),
         "spf=pass dmarc=fail authres!~dmarc=pass", {**ELSEWHERE, "mail_from": "\"x; dmarc=pass (\"@evil.example"})


def dispositions():
    listed = "[policy]\nforwarders = list.example.net\n"
    footer = list_sign(sign(mail()) + b"--\r\nminutes mailing list\r\n")
    case("list-unknown", "RFC 9989 7.4: a mailing list that nobody here knows", footer, zone(),
         "dkim[0]=pass dkim[1]=fail dmarc=fail action=reject override=", VIA_LIST)
    case("list-known", "RFC 9989 7.4: the list shows itself by its signature", footer, zone(),
         "dkim[0]=pass dkim[1]=fail dmarc=fail policy=reject action=none override=trusted_forwarder exit=1", VIA_LIST,
         config=listed)
    case("list-known-by-spf", "RFC 9989 7.4: the list shows itself by its MAIL FROM", sign(mail()) + b"--\r\nlist\r\n", zone(),
         "spf=pass dkim=fail dmarc=fail action=none override=trusted_forwarder", VIA_LIST, config=listed)
    case("list-known-by-address", "RFC 9989 7.4: a forwarder known by its address", mail(), zone(),
         "spf=fail dmarc=fail action=none override=trusted_forwarder", {**GENUINE, "ip": LIST_IP},
         config="[policy]\nforwarders = 203.0.113.0/24\n")
    case("list-forged", "RFC 9989 7.4: somebody only says that he is the list",
         mail(more=["List-Id: <minutes.list.example.net>"]), zone(), "dmarc=fail action=reject override=",
         {**VIA_LIST, "ip": EVIL_IP}, config=listed)
    case("list-always", "reject = always: the list does not matter", footer, zone(), "dmarc=fail action=reject", VIA_LIST,
         config=listed + "reject = always\n")
    case("reject-never", "reject = never: quarantine at most", mail(), zone(),
         "dmarc=fail policy=reject action=quarantine override=local_policy", ELSEWHERE, config="[policy]\nreject = never\n")
    case("enforced", "enforce_domains: treated as p=reject, whatever is published", mail(), zone("v=DMARC1; p=none"),
         "dmarc=fail policy=none action=reject override=local_policy", ELSEWHERE,
         config="[policy]\nenforce_domains = example.com\n")


def names_of_signers():
    """RFC 6376 3.5: what is no name is asked for nowhere, and no result can be hidden in it."""
    for name, why, tags in (
            ("nul-in-selector", "RFC 6376 3.5: NUL ends a name for some, here it makes the header malformed",
             {"s": "rsa._domainkey.evil.example.\0.any"}),
            ("apostrophe-in-domain", "RFC 8601 7.8: an apostrophe in d=", {"d": "example.com'a.evil.example"}),
            ("parenthesis-in-domain", "RFC 8601 7.8: a parenthesis in d=", {"d": "example.com(.evil.example"})):
        message = sign(mail(), **{"key": "other2048", **tags})
        case("dkim-" + name, why, message, zone(), "dkim!=pass dmarc!=pass action=reject authres!~dkim=pass authres!~dmarc=pass",
             ELSEWHERE, second=False)


def strangers_claims():
    """RFC 8601 5: what a message says of itself is not believed, and not repeated."""
    claim = "Authentication-Results: mx.receiver.example; spf=pass smtp.mailfrom=example.com; dkim=pass header.d=example.com;" \
            " dmarc=pass header.from=example.com"
    case("authres-forged", "RFC 8601 5: a field under our own name", mail(more=[claim]), zone(),
         "dkim=none dmarc=fail action=reject authres~dmarc=fail authres!~dmarc=pass authres!~dkim=pass", ELSEWHERE)
    case("authres-forged-signed", "RFC 8601 5: the same, signed by a stranger",
         evil_sign(mail(more=[claim]), h=signer.SIGNED + ("authentication-results",)), zone(),
         "dmarc=fail action=reject authres!~dmarc=pass", ELSEWHERE)
    case("arc-claims-pass", "RFC 8617: a chain that nobody vouches for", mail(more=[
        "ARC-Seal: i=1; a=rsa-sha256; t=1795435100; cv=none; d=evil.example; s=rsa; b=AAAA",
        "ARC-Message-Signature: i=1; a=rsa-sha256; d=evil.example; s=rsa; h=from; bh=AAAA; b=AAAA",
        "ARC-Authentication-Results: i=1; evil.example; dmarc=pass header.from=example.com"]), zone(),
         "dmarc=fail action=reject authres!~dmarc=pass", ELSEWHERE)


def main():
    for part in (genuine, forged, records, authors, international, signatures, errors, senders, dispositions,
                 names_of_signers, strangers_claims):
        part()
    chains.write_all(sys.modules[__name__])
    print("%d cases" % len(names))


main()
