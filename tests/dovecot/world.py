"""What a situation has in its hands: the servers, DNS, keys, and how one message is submitted and judged.

    users.example    ours: p=reject and SPF that allows nobody, so that only our signature lets mail in at Exim
    other.example    somebody else's, p=none
    203.0.113.25     mx.rcpt.example: stock Exim with the module; Dovecot relays everything there
"""
import glob
import os
import re
import signal
import subprocess

import dovecot
import judge
import mail
import servers
import signkeys
from dnsfront import Front

INBOX = servers.E2E + "/dovecot/mail/file/Maildir"
CONFIG = """[server]
authserv_id = mx.rcpt.example
dns_deadline = 2s
dns_try = 1s
[sign]
domains = users.example
host = mail
users = *: self, *: alice@sub.users.example
"""
DECIDED = r"submission\(.*mailvouch: "
EVIL = r"Panic|Fatal|Raw backtrace|killed with signal|SIGSEGV|assert|Out of memory"


class Failed(Exception):
    pass


SOA = "@ SOA ns.example. postmaster.example. %d 3600 600 86400 1"


def root_zone():
    lines = ["$TTL 300", "$ORIGIN .", SOA % 1, ". NS ns.example.", "ns.example. A 127.0.0.1", "mx.rcpt.example. A 203.0.113.25",
             "users.example. NS ns.example.", "other.example. MX 10 mx.rcpt.example.",
             'other.example. TXT "v=spf1 -all"', '_dmarc.other.example. TXT "v=DMARC1; p=none"']
    return "\n".join(lines) + "\n"


def own_zone(records):
    """The zone of users.example, where keys are published."""
    lines = ["$TTL 300", "$ORIGIN users.example.", SOA % len(records), "@ NS ns.example.", "mail A 203.0.113.25",
             '_dmarc TXT "v=DMARC1; p=reject"']
    for name in ("@", "sub"):
        lines += [name + " MX 10 mail", name + ' TXT "v=spf1 -all"']
    lines += ["%s. TXT %s" % (name, mail.txt(record)) for name, record in records.items()]
    return "\n".join(lines) + "\n"


def selectors_of(keys):
    return [key if isinstance(key, str) else key.selector for key in keys]


class World:
    def __init__(self):
        subprocess.run(["groupadd", "-f", "-r", signkeys.GROUP], check=True)
        self.keys, self.next_keys = signkeys.pair("20261123"), signkeys.pair("20261201")
        self.records = {"%s._domainkey.users.example" % key.selector: key.record
                        for key in self.keys + self.next_keys}
        self.nsd = servers.Nsd(root_zone(), more={signkeys.DOMAIN: own_zone(self.records)})
        self.front = Front(("127.0.0.1", 53), ("127.0.0.2", 53))
        self.front.start()
        self.store = signkeys.Store()
        self.exim = servers.Exim()
        self.exim_log = servers.Log()
        self.dovecot = None
        os.makedirs(os.path.dirname(INBOX), exist_ok=True)
        for path in (os.path.dirname(INBOX), os.path.dirname(os.path.dirname(INBOX))):
            os.chown(path, signkeys.uid_of("mail"), -1)

    def publish(self, records):
        """More records in the zone, at once."""
        self.records.update(records)
        servers.write("%s/%s.zone" % (self.nsd.directory, signkeys.DOMAIN), own_zone(self.records))
        self.nsd.process.send_signal(signal.SIGHUP)

    def close(self):
        for server in (self.dovecot, self.exim, self.nsd):
            if server is not None:
                server.stop()

    def reset(self):
        """Everything in order, and nothing there."""
        self.front.reset()
        self.set_config(CONFIG)
        self.set_config(CONFIG, path=dovecot.OTHER_CONFIG)
        self.store.clear()
        self.store.write(self.keys)
        self.empty_inbox()
        self.dovecot.mark()
        self.exim_log.mark()

    def set_config(self, text, mode=0o644, path=servers.CONFIG):
        servers.write(path, text, mode)

    # --- the recipient's side ---

    def stored(self):
        return sorted(glob.glob(INBOX + "/new/*"))

    def empty_inbox(self):
        for path in self.stored():
            os.unlink(path)

    def arrived(self, count=1):
        """The messages that have been delivered, as bytes."""
        paths = servers.wait_for("delivery", lambda: len(self.stored()) >= count and self.stored(), 20)
        messages = []
        for path in paths:
            with open(path, "rb") as f:
                messages.append(f.read())
        return messages

    # --- what must be true ---

    def expect(self, text, pattern, what):
        if not re.search(pattern, str(text), re.M):
            raise Failed("%s: no match for %r in:\n%s" % (what, pattern, str(text)[-2000:]))

    def expect_not(self, text, pattern, what):
        if re.search(pattern, str(text), re.M):
            raise Failed("%s: unexpected match for %r in:\n%s" % (what, pattern, str(text)[-2000:]))

    def expect_log(self, *patterns):
        for pattern in patterns:
            try:
                servers.wait_for("the log", lambda: re.search(pattern, self.dovecot.log(), re.M), 5)
            except TimeoutError:
                raise Failed("Dovecot's log: no match for %r in:\n%s" % (pattern, self.dovecot.log())) from None

    def expect_good(self, raw, keys=None):
        """Signed by each key, and every judge passes it. keys: Key, or selectors."""
        found = judge.problems(raw, "users.example", selectors_of(keys or self.keys), self.records)
        if found:
            raise Failed("; ".join(found) + "\n" + raw[:3000].decode("utf-8", "replace"))

    def expect_signed(self, reply, keys=None):
        """Accepted, delivered, good, and logged. The message that was delivered."""
        self.expect(reply, r"^250 ", "reply")
        raw = self.arrived()[0]
        self.expect_good(raw, keys)
        self.expect_log(*[DECIDED + r".*%s" % re.escape(selector) for selector in selectors_of(keys or self.keys)])
        self.empty_inbox()
        self.exim_log.mark()
        return raw

    def expect_nothing_left(self):
        """Exim has been given no message: neither refused nor taken in."""
        self.expect_not(self.exim_log.text(), r" <= |rejected after DATA|rejected", "Exim's log")
        if self.stored():
            raise Failed("a message has arrived")

    def expect_refused(self, reply, pattern, *log):
        self.expect(reply, pattern, "reply")
        self.expect_log(DECIDED, *log)
        self.expect_nothing_left()

    def expect_deferred(self, reply, *log):
        self.expect_refused(reply, r"^451 4\.7\.5 [A-Z][a-zA-Z ,;:.'-]{20,}$", *log)

    def expect_alive(self):
        for name, server in (("Dovecot", self.dovecot), ("Exim", self.exim)):
            if server.process.poll() is not None:
                raise Failed("%s has ended" % name)
        self.expect_not(self.dovecot.log(), EVIL, "Dovecot's log")
        self.expect_not(self.exim_log.text(), r"SIGSEGV|signal 11|PANIC", "Exim's log")
