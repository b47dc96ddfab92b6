"""What users submit: signed by mv_sign in the real Exim, or refused, or deferred, and never unsigned by accident.

Every message that is let in is delivered by Exim's LMTP transport; python3-dkim
judges it as it arrived, and then it comes in once more from a stranger, so that
our own module judges it, too: without a signature that verifies, DMARC would refuse it.
"""
import base64
import os
import re
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import Callable

import dkim

import keystore
import mail
import ours
import servers
from situations import ALL, BOTH, DLFUNC, SETUPS, Setup, story
from world import Failed

SIGNING = Setup(split=False, macros="MAILVOUCH_SIGN = yes\nMAILVOUCH_RELAY_SIGN = yes\nMAILVOUCH_LOCAL_SIGN = yes\n")
SIGNING_SPLIT = Setup(split=True, macros="MAILVOUCH_SIGN = yes\nMAILVOUCH_PRELOAD = 1000\n")
SIGNING_OBSERVED = Setup(split=False, macros="MAILVOUCH_SIGN = yes\nMAILVOUCH_OBSERVE = yes\n")
EXIM_KEYS = servers.E2E + "/exim/exim-dkim"


def exims_own():
    """The macros of the manual as they stand there, but for the place of the file."""
    manual = servers.read("/usr/local/share/man/man7/mailvouch-exim.7")
    macros = re.search(r"\.Bd -literal\n(DKIM_DOMAIN.*?)\.Ed", manual, re.S).group(1)
    return macros.replace("/var/lib/mailvouch/exim-dkim", EXIM_KEYS)


# Only here port 25 of the other addresses is free, for whom mail is sent to
EXIMS_OWN = Setup(split=False, macros=exims_own(), interfaces="203.0.113.25")
SETUPS += [SIGNING, SIGNING_SPLIT, SIGNING_OBSERVED, EXIMS_OWN]

ALICE = "alice@" + ours.DOMAIN
SIGNED_LOG = r"mailvouch sign: user=alice@ours\.example client=192\.0\.2\.66 .*selectors=mx1-20261123-r,mx1-20261123-e result=signed"


def submit(world, raw, login=ALICE, mail_from=None, rcpt="bob@rcpt.example", bdat=0, options="", client=mail.STRANGER):
    """The reply after the final dot, or the first one that is no success."""
    with world.connect(client, "laptop.example") as smtp:
        if login is not None:
            secret = base64.b64encode(("\0%s\0secret" % login).encode()).decode()
            world.expect(smtp.command("AUTH PLAIN " + secret), r"^235 ", "AUTH")
        reply = smtp.envelope(mail_from or ALICE, [rcpt], options)
        if reply.code != 250:
            return reply
        return smtp.bdat(raw, bdat) if bdat else smtp.data(raw)


def arrived(world, token):
    """As it left Exim: what Dovecot has put on top is taken away, and lines end in CRLF."""
    world.expect_delivered(token)
    text = world.dovecot.find(token)
    at = text.find("DKIM-Signature: ")
    if at < 0:
        raise Failed("not signed:\n" + text[:2000])
    return text[at:].replace("\n", "\r\n").encode("utf-8", "surrogateescape")


def judge_by_python(world, raw):
    def ask(name, timeout=5):
        return world.ours.records[name.decode().rstrip(".")].encode()

    for index in range(len(ours.SELECTORS)):
        if not dkim.DKIM(raw).verify(idx=index, dnsfunc=ask):
            raise Failed("python3-dkim does not accept signature %d of:\n%s" % (index, raw[:3000].decode("latin-1")))


def judge_by_module(world, raw, token):
    """From outside, by an address that SPF does not know: only a signature of our domain can pass DMARC."""
    again = world.token()
    field, moved = ("\r\nX-Token: %s\r\n" % token).encode(), ("\r\nX-Token: %s\r\n" % again).encode()
    with world.connect(mail.STRANGER, "elsewhere.example") as smtp:
        smtp.envelope("bounce@" + ours.DOMAIN, ["bob@rcpt.example"])
        world.expect(smtp.data(raw.replace(field, moved, 1)), r"^250 ", "second hop")
    world.expect_delivered(again, r"dkim=pass .*dkim=pass .*dmarc=pass")


def judge(world, token):
    raw = arrived(world, token)
    judge_by_python(world, raw)
    judge_by_module(world, raw, token)
    return raw


@dataclass
class Shape:
    """One message that is to arrive with two signatures that hold."""
    name: str
    raw: Callable  # (token) -> the message
    bdat: int = 0
    options: str = ""
    doors: tuple = BOTH
    setup: Setup = SIGNING

    def run(self, world):
        token = world.token()
        world.set_config(ours.CONFIG)
        world.expect(submit(world, self.raw(token), bdat=self.bdat, options=self.options), r"^250 ", "reply")
        judge(world, token)
        world.expect_log(SIGNED_LOG)


def plain(**parts):
    return lambda token: mail.message("Alice <%s>" % ALICE, token=token, **parts)


def without(*names):
    def make(token):
        head, body = plain()(token).split(b"\r\n\r\n", 1)
        kept = [line for line in head.split(b"\r\n") if line.split(b":")[0].decode() not in names]
        return b"\r\n".join(kept) + b"\r\n\r\n" + body
    return make


ALL.extend([
    Shape("signed", plain()),
    Shape("signed-in-chunks", plain(body=b"a line\r\n" * 500), bdat=1000),
    Shape("signed-one-chunk", plain(), bdat=100000),
    Shape("signed-split-configuration", plain(), setup=SIGNING_SPLIT),
    Shape("signed-while-observing", plain(), setup=SIGNING_OBSERVED),
    Shape("signed-dots", plain(body=b".\r\n..\r\n.a\r\n...\r\n")),
    Shape("signed-empty-body", plain(body=b"")),
    Shape("signed-empty-lines-at-the-end", plain(body=b"Hello\r\n\r\n\r\n\r\n")),
    Shape("signed-white-space", plain(body=b"  two \t words  \r\n\t\r\n   \r\nend \r\n")),
    Shape("signed-no-line-end-in-chunk", plain(body=b"no line end"), bdat=100000),
    Shape("signed-8-bit", plain(body="Grüße\r\n".encode(), extra=[("Content-Type", "text/plain; charset=utf-8"),
                                                                  ("Content-Transfer-Encoding", "8bit")]),
          options=" BODY=8BITMIME"),
    Shape("signed-invalid-utf8", plain(body=b"\xff\xfe\x80\r\n"), options=" BODY=8BITMIME"),
    Shape("signed-long-lines", plain(body=b"x" * 990 + b"\r\n" + b"y" * 997 + b"\r\n")),
    Shape("signed-folded", plain(extra=[("Subject-2", "a\r\n\tb\r\n  c"), ("References", "<a@b.example>\r\n <c@d.example>")],
                                 subject="folded\r\n and again\r\n\tfolded")),
    Shape("signed-long-header", plain(extra=[("To-2", "x" * 900), ("References", "\r\n ".join("<%d@ref.example>" % n
                                                                                               for n in range(200)))])),
    Shape("signed-2-megabytes", plain(body=(b"z" * 70 + b"\r\n") * 29000)),
    Shape("signed-resent", plain(extra=[("Resent-From", "carol@ours.example"), ("Resent-To", "bob@rcpt.example")])),
    Shape("signed-list-fields", plain(extra=[("List-Unsubscribe", "<https://ours.example/u>"),
                                             ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")])),
    Shape("signed-already-by-another", lambda token: b"DKIM-Signature: v=1; a=rsa-sha256; d=other.example; s=x;\r\n"
          b" h=from; bh=AAAA; b=BBBB\r\n" + plain()(token)),
    Shape("signed-without-date-and-message-id", without("Date", "Message-ID")),
    Shape("signed-bcc-and-return-path", plain(extra=[("Bcc", "secret@rcpt.example"), ("Return-Path", "<x@y.example>")])),
    Shape("signed-with-a-received", plain(extra=[("Received", "from a by b; Mon, 02 Nov 2026 10:00:00 +0000")])),
    Shape("signed-bare-LF", plain(body=b"bare\nLF\r\n")),
    Shape("signed-mime", plain(body=b"--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b--\r\n",
                               extra=[("Content-Type", "multipart/mixed;\r\n boundary=\"b\"")])),
])


@dataclass
class Refusal:
    """One message that does not leave: who submits what, and what he is told."""
    name: str
    from_: str
    reply: str
    log: str
    login: str = ALICE
    client: str = mail.STRANGER
    extra: tuple = ()
    config: str = ours.CONFIG
    doors: tuple = BOTH
    setup: Setup = SIGNING

    def run(self, world):
        token = world.token()
        world.set_config(self.config)
        raw = mail.message(self.from_, token=token, extra=self.extra)
        world.expect(submit(world, raw, login=self.login, client=self.client), self.reply, "reply")
        world.expect_nowhere(token)
        world.expect_log("mailvouch sign: " + self.log)


LATER = r"^451 4\.7\.5 Your message was not sent because it cannot be signed at the moment"
ALL.extend([
    Refusal("another-user's-address", "bob@ours.example",
            r"^550 5\.7\.1 alice@ours\.example may not send as bob@ours\.example",
            "user=alice@ours.example .*from=bob@ours.example domain=ours.example result=refused: no line of users"),
    Refusal("foreign-address", "alice@gmail.example", r"^550 5\.7\.1 alice@ours\.example may not send as alice@gmail\.example",
            "user=alice.*result=refused: the author's domain is none of domains"),
    Refusal("login-without-domain", ALICE, r"^550 5\.7\.1 alice may not send as alice@ours\.example",
            "user=alice .*self is nothing for a login without a domain", login="alice"),
    Refusal("two-From-fields", ALICE, r"^5", ".*result=refused: the message has more than one From field",
            extra=(("From", "bob@ours.example"),)),
    Refusal("domain-without-keys", "nobody@keyless.example", LATER,
            ".*result=deferred: keyless.example has no active key in", login="nobody@keyless.example"),
    Refusal("host-that-is-in-no-networks", "cron@ours.example",
            r"^550 5\.7\.1 A client without a login may not send as cron@ours\.example",
            "client=10.9.0.6 .*result=refused: it came without a login", login=None, client="10.9.0.6"),
    Refusal("broken-configuration", ALICE, LATER, "result=deferred: .*there is no setting 'nonsense'",
            config=ours.CONFIG + "nonsense = 1\n"),
])


def unsigned(world, token):
    text = servers.wait_for("delivery of " + token, lambda: world.dovecot.find(token))
    world.expect_not(text, "^DKIM-Signature:", "delivered message")


@story(setup=SIGNING)
def foreign_address_unsigned_by_configuration(world):
    token = world.token()
    world.set_config(ours.CONFIG + "foreign_from = unsigned\n")
    world.expect(submit(world, mail.message("alice@gmail.example", token=token)), r"^250 ", "reply")
    unsigned(world, token)
    world.expect_log("mailvouch sign: user=alice.*result=unsigned: the author's domain is none of")


@story(setup=SIGNING_OBSERVED)
def observed(world):
    """Nothing is refused or deferred; the log says what would be."""
    for from_, log in (("bob@ours.example", "result=refused"), ("alice@gmail.example", "result=refused")):
        token = world.token()
        world.set_config(ours.CONFIG)
        world.expect(submit(world, mail.message(from_, token=token)), r"^250 ", "reply")
        unsigned(world, token)
        world.expect_log("mailvouch sign: user=alice.*" + log)


@story(setup=SIGNING)
def host_in_networks(world):
    token = world.token()
    world.set_config(ours.CONFIG)
    raw = mail.message("cron@ours.example", token=token)
    world.expect(submit(world, raw, login=None, client=mail.RELAY_CLIENT), r"^250 ", "reply")
    judge(world, token)
    world.expect_log(r"mailvouch sign: client=10\.9\.0\.5 .*result=signed")


def hand_over(token, from_, sender, rcpt="bob@rcpt.example"):
    """Whether it was taken. Root is a trusted user, of whom Exim does not say who he is: the module finds out."""
    raw = mail.message(from_, token=token).replace(b"\r\n", b"\n")
    return subprocess.run(["exim4", "-oi", "-f", sender, rcpt], input=raw, capture_output=True).returncode == 0


@story(setup=SIGNING, doors=DLFUNC)
def handed_over_and_signed(world):
    token = world.token()
    world.set_config(ours.CONFIG)
    if not hand_over(token, "cron@ours.example", "cron@ours.example"):
        raise Failed("not taken")
    judge(world, token)
    world.expect_log(r"mailvouch sign: user=root .*result=signed")


@story(setup=SIGNING, doors=DLFUNC)
def handed_over_by_smtp_on_a_pipe_and_signed(world):
    token = world.token()
    world.set_config(ours.CONFIG)
    lines = b"EHLO localhost\r\nMAIL FROM:<cron@ours.example>\r\nRCPT TO:<bob@rcpt.example>\r\nDATA\r\n"
    raw = mail.message("cron@ours.example", token=token)
    subprocess.run(["exim4", "-bs"], input=lines + raw + b".\r\nQUIT\r\n", check=True, capture_output=True)
    judge(world, token)
    world.expect_log(r"mailvouch sign: user=root .*result=signed")


@story(setup=SIGNING, doors=DLFUNC)
def handed_over_as_somebody_else(world):
    """Refused, and Exim's own message about it gets through."""
    token = world.token()
    world.set_config(ours.CONFIG)
    if hand_over(token, "alice@ours.example", "carol@rcpt.example"):
        raise Failed("taken")
    world.expect_log("mailvouch sign: user=root .*result=refused", r"<= <> .* U=root|<= <> R=", "=> carol <carol@rcpt.example>")
    if world.dovecot.find(token) is not None:
        raise Failed("delivered")


@story(setup=SIGNING, doors=DLFUNC)
def bounces_are_never_lost(world):
    """A bounce of Exim itself goes through the same ACL, whatever users says."""
    token = world.token()
    world.set_config(ours.CONFIG)
    if not hand_over(token, "cron@ours.example", "carol@rcpt.example", "nobody-there@rcpt.example"):
        raise Failed("not taken")
    world.expect_log(r"<= <> R=", "=> carol <carol@rcpt.example>")


@story(setup=SIGNING)
def mail_of_strangers_is_not_signed(world):
    """Only what users submit: mail that comes in is judged, and forwarded as it is."""
    token = world.token()
    world.set_config(ours.CONFIG)
    with world.connect() as client:
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        world.expect(client.data(world.genuine(token)), r"^250 ", "reply")
    world.expect_delivered(token, r"dkim=pass", absent=("d=ours.example",))
    world.expect_not(world.log.text(), "mailvouch sign", "log")


@story(setup=SIGNING)
def several_messages_and_each_is_signed(world):
    world.set_config(ours.CONFIG)
    tokens = [world.token() for _ in range(3)]
    with world.connect(mail.STRANGER, "laptop.example") as client:
        secret = base64.b64encode(("\0%s\0secret" % ALICE).encode()).decode()
        world.expect(client.command("AUTH PLAIN " + secret), r"^235 ", "AUTH")
        for token, from_ in zip(tokens, (ALICE, "bob@ours.example", ALICE)):
            client.envelope(ALICE, ["bob@rcpt.example"])
            reply = client.data(mail.message(from_, token=token))
            world.expect(reply, r"^250 " if from_ == ALICE else r"^550 5\.7\.1 ", "reply")
    judge(world, tokens[0])
    judge(world, tokens[2])
    world.expect_nowhere(tokens[1])


def waits_until_repaired(world, log, repair):
    """The user is asked to try again, nothing leaves, the log says what to do; repaired, the next attempt is signed."""
    token = world.token()
    world.set_config(ours.CONFIG)
    world.expect(submit(world, mail.message(ALICE, token=token)), LATER, "broken")
    world.expect_nowhere(token)
    world.expect_log("mailvouch sign: user=alice@ours.example .*domain=ours.example result=deferred: " + log)
    repair()
    world.expect(submit(world, mail.message(ALICE, token=token)), r"^250 ", "repaired")
    judge(world, token)


def key_story(name, break_it, log):
    def run(world):
        break_it(world)
        try:
            waits_until_repaired(world, log, world.ours.repair)
        finally:
            world.ours.repair()
    run.__name__ = name
    story(setup=SIGNING)(run)


RSA = ours.SELECTORS[0][0]


def state(**parts):
    return lambda world: keystore.write_state(ours.KEYS, ours.DOMAIN, RSA, "rsa", int(time.time()), **parts)


key_story("key_is_gone", lambda world: os.rename(world.ours.path(RSA), world.ours.path(RSA) + ".away"),
          ".*/mx1-20261123-r.pem: cannot read it")
key_story("key_that_Exim_may_not_read", lambda world: os.chown(world.ours.path(RSA), 0, 0),
          ".*/mx1-20261123-r.pem: user Debian-exim may not read it: put the user into")
key_story("key_that_anybody_may_read", lambda world: os.chmod(world.ours.path(RSA), 0o644),
          ".*/mx1-20261123-r.pem: everybody may read this private key")
key_story("key_of_another_owner", lambda world: os.chown(world.ours.path(RSA), 8, -1),
          ".*/mx1-20261123-r.pem: belongs to user number 8")
key_story("key_that_DNS_does_not_show", state(sight="missing"),
          r"key mx1-20261123-r: a name server of ours\.example does not show it")
key_story("key_that_DNS_shows_otherwise", state(sight="other"), "key mx1-20261123-r: .* shows something else")
key_story("DNS_down_for_days", state(sight_age=3 * 86400), "key mx1-20261123-r: DNS was not seen to show it in the last 48 hours")


@story(setup=SIGNING, doors=DLFUNC)
def signing_module_is_missing(world):
    """Nothing leaves unsigned because a package is gone."""
    module = "/usr/local/lib/exim4/mailvouch.so"
    token = world.token()
    world.set_config(ours.CONFIG)
    os.rename(module, module + ".away")
    try:
        world.expect(submit(world, mail.message(ALICE, token=token)), LATER, "reply")
        world.expect_nowhere(token)
    finally:
        os.rename(module + ".away", module)
    world.expect(submit(world, mail.message(ALICE, token=token)), r"^250 ", "repaired")
    judge(world, token)


@story(setup=SIGNING)
def rolled_without_a_restart(world):
    """A key takes the other's place while a connection is open: the next message is signed by the new one."""
    now = int(time.time())
    world.set_config(ours.CONFIG)
    first, second = world.token(), world.token()
    with world.connect(mail.STRANGER, "laptop.example") as client:
        secret = base64.b64encode(("\0%s\0secret" % ALICE).encode()).decode()
        client.command("AUTH PLAIN " + secret)
        client.envelope(ALICE, ["bob@rcpt.example"])
        world.expect(client.data(mail.message(ALICE, token=first)), r"^250 ", "first")
        name, record = keystore.add_key(ours.KEYS, ours.DOMAIN, "mx1-20261201-r", "rsa", now, sight_age=1)
        try:
            world.ours.records[name] = record
            keystore.write_state(ours.KEYS, ours.DOMAIN, RSA, "rsa", now, state="retiring")
            client.envelope(ALICE, ["bob@rcpt.example"])
            world.expect(client.data(mail.message(ALICE, token=second)), r"^250 ", "second")
        finally:
            for ending in ("pem", "state"):
                os.remove(ours.KEYS + "/ours.example/mx1-20261201-r." + ending)
            world.ours.repair()
    world.expect(arrived(world, first).decode("latin-1"), "s=mx1-20261123-r;", "first")
    raw = arrived(world, second)
    world.expect(raw.decode("latin-1"), "s=mx1-20261201-r;", "second")
    judge_by_python(world, raw)


class Sink:
    """Takes one message over SMTP, as the server of another domain would."""
    def __init__(self, address):
        self.listener = socket.create_server((address, 25))
        self.raw = None
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        with self.listener, self.listener.accept()[0] as connection, connection.makefile("rwb") as stream:
            stream.write(b"220 mx.away.example\r\n")
            stream.flush()
            for line in stream:
                if line.upper().startswith(b"DATA"):
                    stream.write(b"354 go on\r\n")
                    stream.flush()
                    lines = list(iter(stream.readline, b".\r\n"))
                    self.raw = b"".join(one[1:] if one.startswith(b".") else one for one in lines)
                stream.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")
                stream.flush()


@story(setup=EXIMS_OWN, doors=DLFUNC)
def exims_own_signer(world):
    """Exim's dkim_* options with the file that "mailvouch key auto" writes, and the macros of the manual."""
    os.makedirs(os.path.dirname(EXIM_KEYS), mode=0o755, exist_ok=True)
    world.set_config(ours.CONFIG + "exim_keys = %s\n" % EXIM_KEYS)
    done = subprocess.run(["/usr/local/bin/mailvouch", "key", "auto", ours.DOMAIN], capture_output=True, text=True)
    world.expect(servers.read(EXIM_KEYS), r"^ours\.example: domain=ours\.example selectors=mx1-20261123-r:mx1-20261123-e ",
                 "file for Exim (%s%s)" % (done.stdout, done.stderr))
    sink = Sink("192.0.2.200")
    world.expect(submit(world, mail.message(ALICE, token=world.token()), rcpt="carol@away.example"), r"^250 ", "reply")
    servers.wait_for("mail that was sent on", lambda: sink.raw)
    judge_by_python(world, sink.raw)
