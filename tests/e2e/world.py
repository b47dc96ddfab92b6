"""What a situation has in its hands: the servers, the DNS front, keys; and how one message is sent and judged."""
import re
import subprocess

import evidence
import mail
import ours
import servers
import smtp
from dnsfront import Front


class Failed(Exception):
    pass


def unfold(header):
    return re.sub(r"\r?\n[ \t]+", " ", header)


class World:
    def __init__(self):
        self.key = mail.Key(2048)
        self.other_key = mail.Key(1024)
        self.ours = ours.Site()
        self.nsd = servers.Nsd(mail.zone(self.key, self.ours.records))
        self.front = Front(("127.0.0.1", 53), ("127.0.0.2", 53))
        self.front.start()
        self.dovecot = servers.Dovecot()
        evidence.add_group("Debian-exim")
        self.exim = servers.Exim()
        self.log = servers.Log()
        self.tokens = 0
        self.set_config(servers.DEFAULT_CONFIG)

    def close(self):
        for server in (self.exim, self.dovecot, self.nsd):
            server.stop()

    def reset(self):
        self.front.reset()
        self.set_config(servers.DEFAULT_CONFIG)
        self.log.mark()

    def set_config(self, text, mode=0o644):
        servers.write(servers.CONFIG, text, mode)

    def token(self):
        self.tokens += 1
        return "t%d" % self.tokens

    def connect(self, source=mail.SENDER, helo="mail.reject.example"):
        client = smtp.Client(source)
        client.command("EHLO " + helo)
        return client

    def genuine(self, token=None, domain="reject.example", **parts):
        raw = mail.message("Alice <alice@%s>" % domain, token=token or self.token(), **parts)
        return mail.sign(raw, domain, self.key)

    # --- what must be true afterwards ---

    def expect(self, text, pattern, what):
        if not re.search(pattern, str(text), re.M):
            raise Failed("%s: no match for %r in:\n%s" % (what, pattern, text))

    def expect_not(self, text, pattern, what):
        if re.search(pattern, str(text), re.M):
            raise Failed("%s: unexpected match for %r in:\n%s" % (what, pattern, text))

    def expect_delivered(self, token, *patterns, absent=()):
        """The unfolded header of the delivered message, which must match all patterns."""
        text = servers.wait_for("delivery of " + token, lambda: self.dovecot.find(token))
        header = unfold(text.split("\n\n")[0])
        # Dovecot's LMTP writes trace fields above what Exim handed over
        for pattern in patterns:
            self.expect(header, pattern, "delivered header")
        for pattern in absent:
            self.expect_not(header, pattern, "delivered header")
        return header

    def expect_nowhere(self, token):
        """Neither delivered nor in Exim's queue: the sender still has it."""
        waiting = subprocess.run(["exim4", "-bpc"], check=True, capture_output=True, text=True).stdout
        if self.dovecot.find(token) is not None or waiting.strip() != "0":
            raise Failed("what was not let in is in a mailbox, or in the queue: " + waiting)

    def expect_judged(self, count):
        lines = re.findall(r"mailvouch: (?:spf=\S+ .*dkim=\S+ .*dmarc=\S+ .*action=|nothing could be checked).*", self.log.text())
        if len(lines) != count:
            raise Failed("log: %d lines of judgement, not %d:\n%s" % (len(lines), count, self.log.text()))

    def expect_log(self, *patterns):
        for pattern in patterns:
            try:
                servers.wait_for("the log", lambda: re.search(pattern, self.log.text(), re.M), 3)
            except TimeoutError:
                raise Failed("log: no match for %r in:\n%s" % (pattern, self.log.text())) from None

    def expect_alive(self):
        if not self.exim.is_alive():
            raise Failed("the Exim daemon has ended")
        self.expect_not(self.log.text(), r"SIGSEGV|signal 11|Panic|PANIC", "log")
