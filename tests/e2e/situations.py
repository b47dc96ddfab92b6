"""The situations: what is sent, and what must come of it.

A Mail is one message: who sends it, what DNS does meanwhile, and the SMTP
reply, delivered header and log line it must lead to; what was not let in is
nowhere, and what was judged has one line in the log.  What takes more than one
message, or more than one connection, is a function.
"""
import base64
import os
import subprocess
import time
from dataclasses import dataclass, field, replace
from typing import Callable

import mail
import servers
from dnsfront import Delay, Drop, Fail, Pass
from world import Failed

BOTH = ("dlfunc", "local_scan")
DLFUNC = ("dlfunc",)


class Setup:
    """One Exim configuration; situations of one setup run one after the other."""
    def __init__(self, **configuration):
        self.configuration = configuration


UNSPLIT = Setup(split=False)
SPLIT = Setup(split=True, macros="MAILVOUCH_PRELOAD = 1000\n")
OBSERVE = Setup(split=True, macros="MAILVOUCH_OBSERVE = yes\n")
ADMIN = Setup(split=False, macros="""MAIN_ACL_CHECK_MAIL = /etc/exim4/own_mail
CHECK_RCPT_LOCAL_ACL_FILE = /etc/exim4/own_rcpt
CHECK_DATA_LOCAL_ACL_FILE = /etc/exim4/own_data
LOCAL_DENY_EXCEPTIONS_LOCAL_ACL_FILE = /etc/exim4/own_exceptions
WHITELIST_LOCAL_DENY_LOCAL_ACL_FILE = /etc/exim4/own_exceptions
""")
OFF = Setup(split=False, enabled=False)
# The example of mailvouch-exim(7)
MANUAL = Setup(split=False, enabled=False, from_manual=True)
# Exim itself changes the From field of the message
REWRITE = Setup(split=False, rewrite="*@reject.example $1@masked.example h\n")
# Debian's DATA ACL refuses what breaks the grammar of addresses; some take that check away, for it refuses honest mail
LOOSE = Setup(split=False, macros="NO_CHECK_DATA_VERIFY_HEADER_SYNTAX = yes\n")
SETUPS = [UNSPLIT, SPLIT, OBSERVE, ADMIN, OFF, MANUAL, REWRITE, LOOSE]

ALL = []


@dataclass
class Mail:
    name: str
    raw: Callable  # (world, token) -> the message
    reply: str = r"^250 "
    header: tuple = ()
    absent: tuple = ()
    log: tuple = ()
    client: str = mail.SENDER
    helo: str = "mail.reject.example"
    mail_from: str = "alice@reject.example"
    rcpt: str = "bob@rcpt.example"
    options: str = ""
    rules: dict = field(default_factory=dict)
    config: str = None
    bdat: int = 0
    judged: bool = True
    doors: tuple = BOTH
    setup: Setup = UNSPLIT

    def run(self, world):
        token = world.token()
        raw = self.raw(world, token)
        world.front.rules.update(self.rules)
        if self.config is not None:
            world.set_config(self.config)
        with world.connect(self.client, self.helo) as client:
            reply = client.envelope(self.mail_from, [self.rcpt], self.options)
            if reply.code == 250:
                reply = client.bdat(raw, self.bdat) if self.bdat else client.data(raw)
            world.expect(reply, self.reply, "reply")
        if reply.code == 250:
            world.expect_delivered(token, *self.header, absent=self.absent)
        else:
            world.expect_nowhere(token)
        world.expect_log(*self.log)
        world.expect_judged(1 if self.judged else 0)


@dataclass
class Story:
    name: str
    run: Callable  # (world)
    doors: tuple = BOTH
    setup: Setup = UNSPLIT


def mails(*rows):
    ALL.extend(rows)


def story(doors=BOTH, setup=UNSPLIT):
    def register(function):
        ALL.append(Story(function.__name__.replace("_", "-"), function, doors, setup))
        return function
    return register


def genuine(domain="reject.example", **parts):
    return lambda world, token: world.genuine(token, domain, **parts)


OURS = r"^Authentication-Results: mx\.rcpt\.example;"


def unsigned(domain, **parts):
    return lambda world, token: mail.message("Alice <alice@%s>" % domain, token=token, **parts)


def changed(old, new):
    """Signed, then changed on the way."""
    return lambda world, token: world.genuine(token).replace(old, new, 1)


def signed_by(domain, from_domain):
    """A good signature of another domain than that of From."""
    def make(world, token):
        return mail.sign(mail.message("Alice <alice@%s>" % from_domain, token=token), domain, world.key)
    return make


def two_from(world, token):
    return b"From: Mallory <mallory@none.example>\r\n" + world.genuine(token)


def many_signatures(world, token):
    """A hundred that do not hold, and below them one that does."""
    raw = world.genuine(token)
    bad = mail.sign(mail.message("Mallory <m@list.example>", body=b"other\r\n", token="x"), "list.example", world.key)
    return bad[:bad.index(b"From:")] * 100 + raw


def utf8(world, token):
    raw = mail.message("J\u00f6rg <joerg@gr\u00fc\u00dfe.example>", token=token, subject="Gr\u00fc\u00dfe")
    return mail.sign(raw, "xn--gre-6ka8l.example", world.key)


def large(world, token):
    line = bytes(range(48, 58)) * 7 + b"\r\n"
    return mail.sign(mail.message(token=token, body=line * (30 * 1024 * 1024 // len(line))), "reject.example", world.key,
                     canon=(b"relaxed", b"simple"))


FORGED = (
    "mx.rcpt.example; dmarc=pass header.from=forged1.example",
    "MX.RCPT.Example; dmarc=pass header.from=forged2.example",
    '"mx.rcpt.example"; dmarc=pass header.from=forged3.example',
    "(me) mx.rcpt.example (really) 1; dmarc=pass header.from=forged4.example",
    "\r\n\tmx.rcpt.example;\r\n\tdmarc=pass header.from=forged5.example",
    "mx.rcpt.example.; dmarc=pass header.from=forged6.example",
    ";; mx.rcpt.example ( dmarc=pass header.from=forged7.example",
)


def forged_results(world, token):
    extra = [("Authentication-Results", value) for value in FORGED]
    extra += [("AUTHENTICATION-results", FORGED[0]), ("Mailvouch-Disposition", "forged8"),
              ("Authentication-Results", "mx.other.example; dmarc=pass header.from=kept.example")]
    return world.genuine(token, extra=extra)


KEPT = r"^Authentication-Results: mx\.other\.example; .*kept\.example"
NO_FORGERY = (r"forged\d", r"^Authentication-Results: mx\.rcpt\.example;")
REMOVED = r"mailvouch: removed 9 header fields that claimed to be ours"
def latin1(world, token):
    raw = mail.message("J?rg <alice@reject.example>", token=token).replace(b"J?rg", b"J\xf6rg")
    return mail.sign(raw, "reject.example", world.key)


def huge_signature(world, token):
    """A field of 300 kB that begins like a signature, above one that holds."""
    junk = "v=1; a=rsa-sha256; d=reject.example; s=s1; h=from; bh=AAAA; b=" + "\r\n ".join(["A" * 900] * 340)
    return b"DKIM-Signature: " + junk.encode() + b"\r\n" + world.genuine(token)


def huge_result(world, token):
    """A result under our name, of 300 kB."""
    return world.genuine(token, extra=[("Authentication-Results", "\r\n ".join(
        ["mx.rcpt.example"] + ["; dmarc=pass header.from=forged1.example"] * 7000))])


PASS = (OURS + r".*dmarc=pass",)
GENUINE_LOG = (r"mailvouch: spf=pass \(reject\.example\) dkim=pass \(d=reject\.example\) "
               r"dmarc=pass \(p=reject from=reject\.example\) action=none dns=\d+q/\d+r/\d+ms",)
# Exim itself looks up the client's name
SILENCE = {"example": Drop(), "mail.reject.example": Pass()}
REFUSED = r"^550 5\.7\.1 .*DMARC.*reject\.example"
STRANGER = dict(client=mail.STRANGER, helo="mallory.example", mail_from="mallory@none.example")

mails(
    # genuine mail, by each way that DMARC knows
    Mail("genuine", genuine(), header=(OURS + r".*spf=pass.*dmarc=pass.*header\.from=reject\.example",
                                       r"^Authentication-Results: .*dkim=pass.*header\.d=reject\.example"),
         absent=("^Mailvouch-",), log=GENUINE_LOG),
    Mail("genuine-ipv6", genuine(), header=PASS, log=GENUINE_LOG, client=mail.SENDER6),
    Mail("genuine-spf-alone", unsigned("reject.example"), header=PASS, log=(r"spf=pass .*dkim=none dmarc=pass",)),
    Mail("genuine-dkim-alone", genuine(), header=PASS, log=(r"spf=fail .*dkim=pass .*dmarc=pass",), **STRANGER),
    Mail("genuine-simple", lambda world, token: mail.sign(mail.message(token=token, body=b"a  b \r\n\r\n\r\n"), "reject.example",
                                                          world.key, canon=(b"simple", b"simple")),
         header=PASS, log=GENUINE_LOG),
    Mail("bounce", genuine(), mail_from="", header=(OURS + r".*spf=pass \(null reverse-path\) smtp\.helo=mail\.reject\.example;",),
         log=(r"spf=pass \(helo mail\.reject\.example\)",)),
    Mail("helo-is-an-address", genuine(), helo="[192.0.2.10]", mail_from="", header=PASS, log=(r"dmarc=pass",)),
    Mail("smtputf8", utf8, mail_from="joerg@gr\u00fc\u00dfe.example", options=" SMTPUTF8 BODY=8BITMIME", rcpt="file@rcpt.example",
         header=PASS, log=(r"spf=pass \(xn--gre-6ka8l\.example\).*dmarc=pass",)),
    Mail("bdat", genuine(), bdat=10 ** 6, header=PASS, log=GENUINE_LOG),
    Mail("bdat-in-small-chunks", genuine(body=b"line\r\n" * 200), bdat=97, header=PASS, log=GENUINE_LOG),
    Mail("bdat-without-final-newline", unsigned("reject.example", body=b"no newline"), bdat=10 ** 6, header=PASS),
    Mail("thirty-megabytes", large, header=PASS, log=GENUINE_LOG),
    Mail("empty-body", genuine(body=b""), header=PASS, log=GENUINE_LOG),
    Mail("dots-and-trailing-lines", genuine(body=b".\r\n..x\r\n \t\r\nend \r\n\r\n\r\n"), header=PASS, log=GENUINE_LOG),
    Mail("nul-in-body", genuine(body=b"a\0b\r\n"), header=PASS, log=GENUINE_LOG),
    Mail("eight-bit-body", genuine(body=b"\xff\xfe\x80\r\n"), header=PASS, log=GENUINE_LOG),

    # forged mail, by policy
    Mail("forged-reject", unsigned("reject.example"), REFUSED, log=(r"dmarc=fail \(p=reject from=reject\.example\) action=reject",
                                                                    r"rejected after DATA|rejected by local_scan"), **STRANGER),
    Mail("forged-quarantine", unsigned("quarantine.example"), header=(OURS + r".*dmarc=fail", r"^Mailvouch-Disposition: quarantine$"),
         log=(r"dmarc=fail \(p=quarantine .* action=quarantine",), **STRANGER),
    Mail("forged-none", unsigned("none.example"), header=(OURS + r".*dmarc=fail",), absent=("^Mailvouch-",),
         log=(r"dmarc=fail \(p=none .* action=none",), **STRANGER),
    Mail("forged-testing", unsigned("testing.example"), header=(OURS + r".*dmarc=fail", r"^Mailvouch-Disposition: quarantine$"),
         log=(r"dmarc=fail \(p=reject t=y .* action=quarantine",), **STRANGER),
    Mail("forged-subdomain-that-does-not-exist", unsigned("nowhere.np.example"), r"^550 5\.7\.1 .*DMARC",
         log=(r"action=reject",), **STRANGER),
    Mail("forged-no-policy", unsigned("nopolicy.example"), header=(OURS + r".*dmarc=none",), log=(r"dmarc=none .* action=none",),
         **STRANGER),
    Mail("unaligned", signed_by("list.example", "reject.example"), REFUSED, mail_from="list@list.example",
         log=(r"spf=pass \(list\.example\) dkim=pass \(d=list\.example\) dmarc=fail",)),
    Mail("body-changed", changed(b"this is a test", b"send me money"), REFUSED, log=(r"dkim=fail \(d=reject\.example\) dmarc=fail",),
         **STRANGER),
    Mail("subject-changed", changed(b"Subject: Test", b"Subject: Money"), REFUSED, log=(r"dkim=fail",), **STRANGER),
    Mail("two-from-fields", two_from, r"^550 5\.7\.1 .*DMARC", log=(r"action=reject",)),
    Mail("no-from-field", lambda world, token: mail.message(None, token=token), r"^550 5\.7\.1 .*DMARC", log=(r"action=reject",)),
    Mail("hundred-signatures", many_signatures, header=(OURS,), log=(r"dkim-others=\d+",)),
    Mail("known-forwarder", unsigned("reject.example"), client=mail.FORWARDER, helo="forwarder.example",
         mail_from="srs0=x@forwarder.example", config=servers.DEFAULT_CONFIG + "[policy]\nforwarders = forwarder.example\n",
         header=(OURS + r".*dmarc=fail",), log=(r"spf=pass \(forwarder\.example\).*action=(none|quarantine) \(trusted_forwarder\)",)),

    # what strangers claim
    Mail("forged-results", forged_results, header=PASS + (KEPT,),
         absent=(r"forged\d", r"^(Authentication-Results: mx\.rcpt\.example;.*\n(.*\n)*){2}"), log=(r"dmarc=pass", REMOVED)),

    # DNS trouble
    Mail("spf-eleven-lookups", unsigned("eleven.example"), mail_from="a@eleven.example", header=(OURS + r".*spf=permerror",),
         log=(r"spf=permerror \(eleven\.example\)",)),
    Mail("dns-down", genuine(), r"^451 4\.7\.0 .*DMARC", rules=SILENCE, log=(r"dmarc=temperror .* action=tempfail",)),
    Mail("dns-down-accepted", genuine(), rules=SILENCE, header=(OURS + r".*dmarc=temperror",),
         config=servers.DEFAULT_CONFIG + "[policy]\non_temperror = accept\n", log=(r"dmarc=temperror .* action=none",)),
    Mail("resolver-refuses", genuine(), r"^451 4\.7\.0 .*DMARC", config=servers.DEFAULT_CONFIG + "resolver = 127.0.0.9:9\n",
         log=(r"spf=temperror .*dkim=temperror .*dmarc=temperror .* action=tempfail",)),
    Mail("dmarc-servfail", genuine(), r"^451 4\.7\.0 ", rules={"_dmarc.reject.example": Fail()}, log=(r"dmarc=temperror",)),
    Mail("spf-servfail-dkim-pass", genuine(), rules={"_spf.reject.example": Fail()}, header=PASS),

    # bytes that nobody should send
    Mail("bare-lf-in-body", unsigned("none.example", body=b"a\nb\r\n"), header=(OURS,), mail_from="alice@none.example"),
    Mail("bare-cr-in-body", unsigned("none.example", body=b"a\rb\r\n"), header=(OURS,), mail_from="alice@none.example"),
    Mail("bare-lf-in-header", unsigned("none.example", extra=[("X-Odd", "a\n b")]), header=(OURS,), mail_from="alice@none.example"),
    Mail("bare-lf-ends-the-header", unsigned("none.example", extra=[("X-Odd", "a\nb")]), r"^550 5\.7\.1 .*DMARC.*no From field",
         mail_from="alice@none.example"),
    Mail("nul-in-header", unsigned("none.example", extra=[("X-Odd", "a\0b")]), header=(OURS,), mail_from="alice@none.example"),
    Mail("long-header", genuine(extra=[("X-Long", "\r\n\t".join(["word" * 20] * 5000))]), header=PASS, log=GENUINE_LOG),
    Mail("ten-thousand-fields", unsigned("reject.example", extra=[("X", "y")] * 10500), r"^(250|4\d\d|5\d\d) ", **STRANGER),

    Mail("from-of-5000-authors", unsigned("reject.example>" + ",\r\n <a@reject.example>" * 4998 + ",\r\n <b@reject.example"), r"^550 5\.7\.1 .*DMARC",
         log=(r"more than 100 authors",), **STRANGER),
    Mail("signature-of-300-kilobytes", huge_signature, header=PASS, log=(r"dkim=\S+ \(d=\S+\) dkim=pass .*dmarc=pass",)),
    Mail("forged-result-of-300-kilobytes", huge_result, header=PASS, absent=("forged",), log=(r"mailvouch: removed 1 header field ",)),

    # a From field that breaks the grammar and names one domain
    Mail("loose-from", lambda world, token: mail.sign(mail.message("Example, Inc. <alice@reject.example>", token=token),
                                                      "reject.example", world.key), header=PASS, log=GENUINE_LOG, setup=LOOSE),
    Mail("loose-from-latin1", latin1, header=PASS, log=GENUINE_LOG),
    Mail("loose-from-forged", lambda world, token: mail.message("Bank, Inc. <alice@reject.example>", token=token), REFUSED,
         log=(r"dmarc=fail .*action=reject",), setup=LOOSE, **STRANGER),
    Mail("address-of-another-domain-as-name", lambda world, token: mail.message("alice@reject.example <m@none.example>", token=token),
         r"^550 5\.7\.1 .*DMARC", log=(r"from=-\) action=reject",), setup=LOOSE, **STRANGER),

    # one's own mail
    Mail("relay-client", unsigned("reject.example"), absent=("^Authentication-Results",), client=mail.RELAY_CLIENT, judged=False),
    Mail("local-network", unsigned("reject.example"), absent=("^Authentication-Results",), client="198.51.100.7",
         config=servers.DEFAULT_CONFIG + "local_networks = 198.51.100.0/24\n", judged=False),

    # RFC 8601 5: what is not judged brings no forged results either
    Mail("relay-client-forged-results", forged_results, header=(KEPT,), absent=NO_FORGERY, log=(REMOVED,), client=mail.RELAY_CLIENT, judged=False),
    Mail("local-network-forged-results", forged_results, header=(KEPT,), absent=NO_FORGERY, log=(REMOVED,), client="198.51.100.7",
         config=servers.DEFAULT_CONFIG + "local_networks = 198.51.100.0/24\n", judged=False),
    Mail("trusted-mta", forged_results, header=(r"^Authentication-Results: mx\.rcpt\.example; .*forged1", KEPT), client="198.51.100.7",
         config=servers.DEFAULT_CONFIG + "trusted_mtas = 198.51.100.7\n", judged=False),
    Mail("trusted-mta-that-may-relay", forged_results, header=(r"^Authentication-Results: mx\.rcpt\.example; .*forged1", KEPT),
         client=mail.RELAY_CLIENT, config=servers.DEFAULT_CONFIG + "trusted_mtas = 10.9.0.0/16\n", judged=False),
    Mail("relay-client-forged-results-bad-configuration", forged_results, absent=(r"forged\d", r"kept\.example"),
         log=(r"mailvouch: removed 10 header fields that might claim to be ours: .*mailvouch\.conf:1",), client=mail.RELAY_CLIENT, config="nonsense\n", judged=False),
    Mail("relay-client-bad-configuration", unsigned("reject.example"), absent=("^Authentication-Results",),
         client=mail.RELAY_CLIENT, config="nonsense\n", judged=False),

    # the other configuration of Debian, with preload
    Mail("split-genuine", genuine(), header=PASS, log=GENUINE_LOG, setup=SPLIT),
    Mail("split-forged", unsigned("reject.example"), REFUSED, setup=SPLIT, **STRANGER),
    # what a rewriting rule of Exim's makes of From neither helps nor harms: what was sent counts
    Mail("rewritten-genuine", genuine(), header=PASS + (r"^From: Alice <alice@masked\.example>$",), log=GENUINE_LOG, setup=REWRITE),
    Mail("rewritten-forged", unsigned("reject.example"), REFUSED, setup=REWRITE, **STRANGER),
    Mail("observe-forged", unsigned("reject.example"), header=(OURS + r".*dmarc=fail",), log=(r"action=reject",), setup=OBSERVE,
         **STRANGER),
    Mail("observe-dns-down", genuine(), rules=SILENCE, header=(OURS + r".*dmarc=temperror",), setup=OBSERVE),
    Mail("manual-genuine", genuine(), header=PASS, log=GENUINE_LOG, setup=MANUAL, doors=DLFUNC),
    Mail("manual-forged", unsigned("reject.example"), REFUSED, setup=MANUAL, doors=DLFUNC, **STRANGER),
    Mail("manual-dns-down", genuine(), r"^451 4\.7\.0 .*DMARC", rules=SILENCE, setup=MANUAL, doors=DLFUNC),
    Mail("manual-forged-results", forged_results, header=PASS + (KEPT,), absent=(r"forged\d",), log=(REMOVED,), setup=MANUAL,
         doors=DLFUNC),
    Mail("manual-relay-client", forged_results, header=(KEPT,), absent=NO_FORGERY, log=(REMOVED,), client=mail.RELAY_CLIENT,
         setup=MANUAL, doors=DLFUNC, judged=False),
    Mail("off-forged", unsigned("reject.example"), absent=("^Authentication-Results",), setup=OFF, judged=False, **STRANGER),
)

# What differs between Debian's two configurations is how our files get into them
mails(*(replace(row, name="split-" + row.name, setup=SPLIT) for row in list(ALL) if row.name in (
    "bounce", "smtputf8", "bdat", "forged-quarantine", "forged-results", "two-from-fields", "dns-down", "known-forwarder",
    "relay-client", "relay-client-forged-results", "local-network", "trusted-mta")))


@story()
def key_times_out_then_answers(world):
    """The key's server is silent: 451; the sender comes again when it answers, and nothing is lost."""
    raw = mail.sign(mail.message(token=world.token()), "reject.example", world.key, selector="slow")
    token = "t%d" % world.tokens
    world.front.rules["slow._domainkey.reject.example"] = Drop()
    with world.connect(mail.STRANGER, "other.example") as client:
        client.envelope("mallory@none.example", ["bob@rcpt.example"])
        world.expect(client.data(raw), r"^451 4\.7\.0 ", "first try")
    world.expect_log(r"dkim=temperror .*action=tempfail")
    world.front.rules.clear()
    with world.connect(mail.STRANGER, "other.example") as client:
        client.envelope("mallory@none.example", ["bob@rcpt.example"])
        world.expect(client.data(raw), r"^250 ", "second try")
    world.expect_delivered(token, *PASS)
    world.expect_log(r"dkim=pass .*dmarc=pass .*action=none")


@story()
def several_messages_on_one_connection(world):
    """Nothing of one message may stay for the next, not even with the same envelope."""
    first, second, third = world.token(), world.token(), world.token()
    with world.connect() as client:
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        world.expect(client.data(world.genuine(first)), r"^250 ", "genuine")
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        world.expect(client.data(mail.message("Alice <alice@quarantine.example>", token=second)), r"^250 ", "same envelope")
        client.envelope("mallory@none.example", ["bob@rcpt.example"])
        world.expect(client.command("RSET"), r"^250 ", "RSET")
        client.envelope("mallory@quarantine.example", ["bob@rcpt.example"])
        client.command("EHLO mail.reject.example")
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        world.expect(client.data(world.genuine(third)), r"^250 ", "after RSET")
        client.envelope("list@list.example", ["bob@rcpt.example"])
        world.expect(client.data(mail.message(token="x")), REFUSED, "forged")
    world.expect_delivered(first, *PASS)
    world.expect_delivered(second, OURS + r".*dmarc=fail", r"^Mailvouch-Disposition: quarantine$")
    world.expect_delivered(third, *PASS, absent=("^Mailvouch-",))
    lines = [line for line in world.log.text().split("\n") if "mailvouch:" in line]
    if len(lines) != 4:
        raise Failed("log: one line for each of four messages, not\n" + "\n".join(lines))


@story()
def two_recipients(world):
    token = world.token()
    with world.connect() as client:
        client.envelope("alice@reject.example", ["bob@rcpt.example", "carol@rcpt.example"])
        world.expect(client.data(world.genuine(token)), r"^250 ", "reply")
    world.expect_delivered(token, *PASS)
    world.expect_log(*GENUINE_LOG)


@story()
def starttls(world):
    token = world.token()
    with world.connect() as client:
        world.expect(client.starttls(), r"^220 ", "STARTTLS")
        client.command("EHLO mail.reject.example")
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        world.expect(client.data(world.genuine(token)), r"^250 ", "reply")
    world.expect_delivered(token, *PASS)
    world.expect_log(*GENUINE_LOG)


@story()
def pipelined(world):
    """All commands in one packet, as most servers send them."""
    token = world.token()
    with world.connect() as client:
        client.write(b"MAIL FROM:<alice@reject.example>\r\nRCPT TO:<bob@rcpt.example>\r\nDATA\r\n")
        for code in (250, 250, 354):
            world.expect(client.read(), "^%d " % code, "pipelined reply")
        client.write(world.genuine(token) + b".\r\n")
        world.expect(client.read(), r"^250 ", "reply")
    world.expect_delivered(token, *PASS)
    world.expect_log(*GENUINE_LOG)


@story()
def authenticated_client(world):
    token = world.token()
    with world.connect(mail.STRANGER, "laptop.example") as client:
        login = base64.b64encode(b"\0alice\0secret").decode()
        world.expect(client.command("AUTH PLAIN " + login), r"^235 ", "AUTH")
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        world.expect(client.data(mail.message(token=token)), r"^250 ", "reply")
    world.expect_delivered(token, absent=("^Authentication-Results",))
    world.expect_not(world.log.text(), "mailvouch:", "log")


@story()
def authenticated_client_forges_results(world):
    """RFC 8601 5, also from the address of a trusted server: the user is not the server."""
    token = world.token()
    world.set_config(servers.DEFAULT_CONFIG + "trusted_mtas = %s\n" % mail.STRANGER)
    with world.connect(mail.STRANGER, "laptop.example") as client:
        login = base64.b64encode(b"\0alice\0secret").decode()
        world.expect(client.command("AUTH PLAIN " + login), r"^235 ", "AUTH")
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        world.expect(client.data(forged_results(world, token)), r"^250 ", "reply")
    world.expect_delivered(token, KEPT, absent=NO_FORGERY)
    world.expect_log(REMOVED)


def hand_over(raw, *options):
    subprocess.run(["exim4", "-oi", "-f", "alice@reject.example", *options, "bob@rcpt.example"],
                   input=raw.replace(b"\r\n", b"\n"), check=True)


@story()
def handed_over_on_this_machine(world):
    token = world.token()
    hand_over(mail.message(token=token))
    world.expect_delivered(token, absent=("^Authentication-Results",))
    world.expect_not(world.log.text(), "mailvouch:", "log")


@story()
def handed_over_with_forged_results(world):
    token = world.token()
    hand_over(forged_results(world, token))
    world.expect_delivered(token, KEPT, absent=NO_FORGERY)
    world.expect_log(REMOVED)


@story()
def handed_over_by_smtp_on_a_pipe(world):
    """exim4 -bs: an SMTP session without a client's address."""
    token = world.token()
    lines = b"EHLO localhost\r\nMAIL FROM:<alice@reject.example>\r\nRCPT TO:<bob@rcpt.example>\r\nDATA\r\n"
    subprocess.run(["exim4", "-bs"], input=lines + forged_results(world, token) + b".\r\nQUIT\r\n", check=True, capture_output=True)
    world.expect_delivered(token, KEPT, absent=NO_FORGERY)
    world.expect_log(REMOVED)


def deferred_until(world, break_it, log, repair=lambda: None):
    """A broken configuration defers mail, Exim lives on, and the next message after the repair is let in."""
    token = world.token()
    break_it()
    with world.connect() as client:
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        world.expect(client.data(world.genuine(token)), r"^451 4\.7\.0 ", "broken")
        repair()
        world.set_config(servers.DEFAULT_CONFIG)
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        world.expect(client.data(world.genuine(token)), r"^250 ", "repaired")
    world.expect_delivered(token, *PASS)
    world.expect_log(log)


@story()
def unknown_setting(world):
    deferred_until(world, lambda: world.set_config("[server]\nauthserv-identity = x\n"),
                   r"mail is deferred: .*mailvouch\.conf:2.*authserv-identity")


@story()
def bad_value(world):
    deferred_until(world, lambda: world.set_config("[server]\ndns_deadline = soon\n"), r"mail is deferred: .*dns_deadline")


@story()
def unreadable_configuration(world):
    deferred_until(world, lambda: world.set_config(servers.DEFAULT_CONFIG, 0o600), r"mail is deferred: .*mailvouch\.conf")


def in_conf_d(name, text, mode):
    servers.write(os.path.dirname(servers.CONFIG) + "/conf.d/" + name, text, mode)


@story()
def unreadable_file_in_conf_d(world):
    """One of several files; the message after the repair finds none."""
    name = os.path.dirname(servers.CONFIG) + "/conf.d/50-site.conf"
    deferred_until(world, lambda: in_conf_d("50-site.conf", "[policy]\n", 0o600), r"mail is deferred: .*50-site\.conf.*may not read it",
                   lambda: os.unlink(name))


@story()
def configuration_that_anybody_may_write(world):
    deferred_until(world, lambda: world.set_config(servers.DEFAULT_CONFIG, 0o666), r"mail is deferred: .*mailvouch\.conf: everybody may write")


@story()
def configuration_is_a_directory(world):
    def make():
        os.unlink(servers.CONFIG)
        os.mkdir(servers.CONFIG)
    deferred_until(world, make, r"mail is deferred: .*mailvouch\.conf: is not a plain file", lambda: os.rmdir(servers.CONFIG))


@story()
def configuration_is_a_gigabyte(world):
    def grow():
        with open(servers.CONFIG, "r+b") as f:
            f.truncate(1 << 30)
    deferred_until(world, grow, r"mail is deferred: .*mailvouch\.conf")


@story(doors=DLFUNC)
def module_is_missing(world):
    """The package is gone and its configuration is not: mail goes on."""
    module = "/usr/local/lib/exim4/mailvouch.so"
    token = world.token()
    os.rename(module, module + ".away")
    try:
        with world.connect(mail.STRANGER, "mallory.example") as client:
            client.envelope("mallory@none.example", ["bob@rcpt.example"])
            world.expect(client.data(mail.message(token=token)), r"^250 ", "reply")
    finally:
        os.rename(module + ".away", module)
    world.expect_delivered(token, absent=("^Authentication-Results",))
    world.expect_judged(0)


@story(doors=DLFUNC)
def module_is_broken(world):
    """Half of a file, as a full disk leaves it: mail waits, Exim lives, and goes on when the file is whole."""
    module = "/usr/local/lib/exim4/mailvouch.so"
    token = world.token()
    os.rename(module, module + ".away")
    try:
        servers.write(module, "\x7fELF and no more", 0o755)
        with world.connect() as client:
            world.expect(client.envelope("alice@reject.example", ["bob@rcpt.example"]), r"^451 ", "reply")
        world.expect_log(r"mailvouch\.so")
    finally:
        os.rename(module + ".away", module)
    with world.connect() as client:
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        world.expect(client.data(world.genuine(token)), r"^250 ", "repaired")
    world.expect_delivered(token, *PASS)
    world.expect_log(*GENUINE_LOG)


@story(doors=DLFUNC)
def mail_does_not_wait_for_dns(world):
    """MAIL and RCPT are answered at once; the waiting is between DATA and 354, and after the final dot."""
    world.front.rules.update({"example": Delay(0.4), "mail.reject.example": Pass()})
    token = world.token()
    with world.connect() as client:
        started = time.monotonic()
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        envelope = time.monotonic() - started
        world.expect(client.data(world.genuine(token)), r"^250 ", "reply")
    world.expect_delivered(token, *PASS)
    world.expect_log(*GENUINE_LOG)
    if envelope > 0.3:
        raise Failed("MAIL and RCPT took %.2f s with DNS answers after 0.4 s" % envelope)


@story(doors=DLFUNC)
def functions_without_a_message(world):
    """What an administrator tries first: exim4 -be."""
    def expand(what):
        done = subprocess.run(["exim4", "-be", "${dlfunc{/usr/local/lib/exim4/mailvouch.so}%s}" % what],
                              capture_output=True, text=True)
        return done.stdout + done.stderr
    world.expect(expand("{mv_version}"), r"^\d+\.\d+\.\d+$", "mv_version")
    world.expect(expand("{mv_preload}{42}"), r"^42$", "mv_preload")
    world.expect(expand("{mv_begin}"), r"^skip=local$", "mv_begin")
    world.expect(expand("{mv_check}"), r"disposition=none .*skip=local", "mv_check")
    world.expect(expand("{mv_result}{spf}"), r"^$", "mv_result")
    world.expect(expand("{mv_result}{nonsense}"), r"mv_result needs the name", "mv_result")
    world.expect(expand("{mv_begin}{}{force}"), r"^ok$", "mv_begin, forced")


@story()
def nothing_of_ours_is_open_in_commands(world):
    """Sockets of the resolver and files of ours end with the reception, they do not get into what users run."""
    with world.connect() as client:
        client.envelope("alice@reject.example", ["pipe@rcpt.example"])
        world.expect(client.data(world.genuine()), r"^250 ", "reply")
    world.expect_log(r"=> pipe .*T=e2e_pipe", *GENUINE_LOG)
    open_files = servers.read(servers.DESCRIPTORS)
    world.expect(open_files, r" 0 -> pipe:.*\n.* 1 -> .*\n.* 2 -> pipe:.*\n.* 3 -> /proc/", "descriptors")
    world.expect_not(open_files, r" ([4-9]|\d\d+) ->|socket:", "descriptors")


@story(setup=SPLIT, doors=DLFUNC)
def preloaded_in_the_daemon(world):
    with world.connect() as client:
        client.command("NOOP")
    maps = servers.read("/proc/%d/maps" % world.exim.process.pid)
    world.expect(maps, r"/mailvouch\.so$", "the daemon's memory")


@story(setup=ADMIN)
def own_acls_stay_in_force(world):
    token = world.token()
    with world.connect() as client:
        world.expect(client.command("MAIL FROM:<blocked@reject.example>"), r"^550 own mail", "own MAIL ACL")
        world.expect(client.envelope("norcpt@reject.example", ["bob@rcpt.example"]), r"^550 own rcpt", "own RCPT file")
        client.command("RSET")
        client.envelope("nodata@reject.example", ["bob@rcpt.example"])
        world.expect(client.data(world.genuine(token)), r"^550 own data", "own DATA file")
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        world.expect(client.data(world.genuine(token)), r"^250 ", "reply")
    world.expect_delivered(token, *PASS)
    world.expect_log(*GENUINE_LOG)
    world.expect_judged(1)
