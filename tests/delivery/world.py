"""What a situation has in its hands: DNS, Exim as the border, Dovecot as the store, keys of the hand-over."""
import base64
import glob
import grp
import hashlib
import os
import re
import shutil
import subprocess
import time

import mail
import servers
import store
from dnsfront import Front

CONFIG = """[server]
authserv_id = mx.rcpt.example
dns_deadline = 2s
dns_try = 1s
received_by = mx.rcpt.example
handover_keys = /etc/mailvouch/handover.keys
"""
KEYS = "/etc/mailvouch/handover.keys"
GROUP = "mailvouch"
EVIL = r"Panic|Fatal|Raw backtrace|killed with signal|SIGSEGV|assert|Out of memory|Invalid settings"
FILE = servers.E2E + "/dovecot/mail/file/Maildir"


class Failed(Exception):
    pass


def secret(name):
    return base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()


def key_line(role, name, since=1795000000):
    return "%s 20261126-%s %d %s\n" % (role, hashlib.sha256(name.encode()).hexdigest()[:6], since, secret(name))


def received(client=mail.SENDER, helo="mail.reject.example", by="mx.rcpt.example", protocol="esmtp"):
    """As Exim writes it."""
    return ("Received", "from [%s] (helo=%s)\r\n\tby %s with %s (Exim 4.96)\r\n\tid 1xAbcd-000000-00\r\n\tfor bob@rcpt.example;"
                        "\r\n\tThu, 26 Nov 2026 10:00:00 +0000" % (client, helo, by, protocol))


class World:
    def __init__(self):
        subprocess.run(["groupadd", "-f", "-r", GROUP], check=True)
        subprocess.run(["usermod", "-a", "-G", GROUP, "Debian-exim"], check=True)
        self.key = mail.Key(2048)
        self.nsd = servers.Nsd(mail.zone(self.key))
        self.front = Front(("127.0.0.1", 53), ("127.0.0.2", 53))
        self.front.start()
        self.exim = servers.Exim()
        self.exim_log = servers.Log()
        self.dovecot = None
        os.makedirs(os.path.dirname(FILE), exist_ok=True)
        for path in (os.path.dirname(FILE), os.path.dirname(os.path.dirname(FILE))):
            shutil.chown(path, store.USER)
        self.early = None  # the first message that the border has handed on

    def close(self):
        for server in (self.dovecot, self.exim, self.nsd):
            if server is not None:
                server.stop()

    def reset(self):
        """Everything in order, and nothing there."""
        self.front.reset()
        self.set_config(CONFIG)
        self.set_keys(key_line("sign", "one"))
        shutil.rmtree(store.DIRECTORY + "/mail")
        os.mkdir(store.DIRECTORY + "/mail")
        shutil.chown(store.DIRECTORY + "/mail", store.USER, store.USER)
        self.dovecot.mark()
        self.exim_log.mark()

    def set_config(self, text, mode=0o644):
        servers.write(servers.CONFIG, text, mode)

    def set_keys(self, text, mode=0o640):
        servers.write(KEYS, text, mode)
        os.chown(KEYS, 0, grp.getgrnam(GROUP).gr_gid)

    # --- messages ---

    def signed(self, from_="Alice <alice@reject.example>", extra=(), body=b"Hello Bob,\r\nthis is a test.\r\n",
               domain="reject.example", top=None):
        """What the border hands on without having judged it: signed, below the border's Received field."""
        raw = mail.sign(mail.message(from_, extra=extra, body=body), domain, self.key)
        return ("%s: %s\r\n" % (top or received())).encode() + raw

    def forged(self, extra=(), top=None, from_="Alice <alice@reject.example>"):
        raw = mail.message(from_, extra=extra)
        return ("%s: %s\r\n" % (top or received(mail.STRANGER, "evil.example"))).encode() + raw

    def send(self, message, rcpts=("bob",), **options):
        with store.Lmtp() as client:
            replies = client.send(message, rcpts, **options)
        for reply in replies:
            self.expect(reply, r"^250 ", "reply")

    def script(self, text, user="scripted"):
        directory = "%s/mail/%s" % (store.DIRECTORY, user)
        os.makedirs(directory, exist_ok=True)
        servers.write(directory + "/.dovecot.sieve", text)
        for path in (directory, directory + "/.dovecot.sieve"):
            shutil.chown(path, store.USER, store.USER)

    def messages(self, user="bob", name="INBOX"):
        mailbox = store.Mailbox(user)
        try:
            return mailbox.messages(name)
        finally:
            mailbox.close()

    def only(self, user="bob", name="INBOX"):
        found = self.messages(user, name)
        if len(found) != 1:
            raise Failed("%s of %s has %d messages" % (name, user, len(found)))
        return found[0]

    # --- what must be true ---

    def expect(self, text, pattern, what):
        if not re.search(pattern, str(text), re.M | re.I):
            raise Failed("%s: no match for %r in:\n%s" % (what, pattern, str(text)[-3000:]))

    def expect_not(self, text, pattern, what):
        if re.search(pattern, str(text), re.M | re.I):
            raise Failed("%s: unexpected match for %r in:\n%s" % (what, pattern, str(text)[-3000:]))

    def expect_log(self, *patterns):
        for pattern in patterns:
            try:
                servers.wait_for("the log", lambda: re.search(pattern, self.dovecot.log(), re.M), 5)
            except TimeoutError:
                raise Failed("Dovecot's log: no match for %r in:\n%s" % (pattern, self.dovecot.log())) from None

    def expect_message(self, flags, *patterns, user="bob", name="INBOX", absent=()):
        """The one message there: its flags, and what its header has and has not."""
        found, text = self.only(user, name)
        if found != set(flags):
            raise Failed("flags %s instead of %s in\n%s\n%s" % (sorted(found), sorted(flags), text[:2000], self.dovecot.log()))
        header = text.split("\r\n\r\n")[0]
        unfolded = re.sub(r"\r\n[ \t]+", " ", header).replace("\r\n", "\n")
        for pattern in patterns:
            self.expect(unfolded, pattern, "header")
        for pattern in tuple(absent) + (r"^Mailvouch-Result",):
            self.expect_not(unfolded, pattern, "header")
        return text

    def expect_alive(self):
        if self.dovecot.process.poll() is not None:
            raise Failed("Dovecot has ended")
        self.expect_not(self.dovecot.log(), EVIL, "Dovecot's log")

    # --- the border ---

    def through_border(self, raw, client=mail.SENDER, rcpt="file", expect=r"^250 "):
        """Sends to Exim with our module; rcpt "file" is a maildir of Exim's own, "bob" Dovecot's LMTP."""
        import smtp
        with smtp.Client(client) as connection:
            connection.command("EHLO mail.reject.example")
            reply = connection.envelope("alice@reject.example", [rcpt + "@rcpt.example"])
            if reply.code == 250:
                reply = connection.data(raw)
        self.expect(reply, expect, "the border's reply")

    def captured(self, raw, **options):
        """The message as the border hands it on, its hand-over included, with CRLF line ends."""
        for path in glob.glob(FILE + "/new/*"):
            os.unlink(path)
        self.through_border(raw, **options)
        path, = servers.wait_for("Exim's delivery", lambda: glob.glob(FILE + "/new/*"), 20)
        with open(path, "rb") as f:
            return f.read().replace(b"\n", b"\r\n")
