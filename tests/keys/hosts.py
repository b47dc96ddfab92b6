"""One host of a site: its configuration and keys, and "mailvouch" run on it at a time of the test's choosing."""
import json
import os
import random
import re
import subprocess
import threading
import time

from servers import PRIMARY, RESOLVER, SECONDARY, write

COMMAND = os.path.abspath(os.environ["MV_BUILD"]) + "/mailvouch"
DAY = 86400
MESSAGE = ("From: Alice <alice@{0}>\r\nTo: bob@example.net\r\nSubject: number {1}\r\n"
           "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <{1}@{0}>\r\n\r\nHello, number {1}.\r\n")

CONFIG = """[server]
resolver = {resolver}
dns_try = 400ms
dns_deadline = 3s
[sign]
host = {host}
keys_directory = {home}/keys
exim_keys = {own}/exim-dkim
expire = 0s
retire_after = 1d
roll_every = 10d
publish_wait = 0s
[domain {domain}]
publish = {publish}
update_servers = 127.0.0.1:54, {primary}
update_key = {key_file}
{extra}
"""


class Site:
    def __init__(self, world, name, host="mx1", publish="nsupdate", domain="example.org", keys=None, extra=""):
        self.home, self.domain, self.host = "%s/%s" % (world.home, name), domain, host
        self.config = self.home + "/%s.conf" % host
        self.keys = (keys or self.home) + "/keys"
        write(self.config, CONFIG.format(resolver=RESOLVER, host=host, home=keys or self.home, domain=domain, own=self.home,
                                         publish=publish, primary=PRIMARY, key_file=world.key_file, extra=extra))

    def run(self, *args, now=None, stdin=b"", prefix=()):
        """(exit code, stdout, stderr)"""
        command = [*prefix, COMMAND, *args, "--config", self.config]
        if now is not None:
            command += ["--now", str(int(now))]
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=180)
        return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")

    def auto(self, now, *args, prefix=()):
        return self.run("key", "auto", *args, now=now, prefix=prefix)

    def list(self):
        code, out, err = self.run("key", "list", self.domain, "--json")
        assert code == 0, (code, out, err)
        return json.loads(out)["keys"]

    def states(self, host=None):
        """"r:active e:created", by type and age"""
        keys = [k for k in self.list() if k.get("host") == (host or self.host)]
        keys.sort(key=lambda k: (k["type"] != "rsa", k["created"], len(k["selector"]), k["selector"]))
        return " ".join("%s:%s" % (k["type"][0], k["state"]) for k in keys)

    def selectors(self, state=None):
        return [k["selector"] for k in self.list() if k.get("host") == self.host and state in (None, k["state"])]

    def name(self, selector):
        return "%s._domainkey.%s" % (selector, self.domain)

    def sign(self, now, number=0):
        """The message with its signatures, or None with the reason."""
        message = MESSAGE.format(self.domain, number).encode()
        code, out, err = self.run("dkim", "sign", "--message", "-", now=now, stdin=message)
        return (out.encode("latin-1"), "") if code == 0 else (None, "exit %d: %s" % (code, (out + err).strip()))

    def snapshot(self):
        return {name: open(self.keys + "/%s/%s" % (self.domain, name), "rb").read()
                for name in sorted(os.listdir(self.keys + "/" + self.domain))}

    def restore(self, snapshot):
        directory = self.keys + "/" + self.domain
        for name in os.listdir(directory):
            if name not in snapshot:
                os.unlink(directory + "/" + name)
        for name, content in snapshot.items():
            with open(directory + "/" + name, "wb") as f:
                f.write(content)
            os.chmod(directory + "/" + name, 0o640)


class Verifier:
    """Verifies through one server: the resolver that caches, or a server of the zone itself."""
    def __init__(self, world, server):
        self.server, self.config = server, "%s/verify-%s.conf" % (world.home, server)
        write(self.config, "[server]\nresolver = %s\ndns_try = 400ms\ndns_deadline = 3s\n" % server)

    def faults(self, message, now):
        """What is wrong with any signature of it; an empty list is good."""
        done = subprocess.run([COMMAND, "dkim", "verify", "--json", "--config", self.config, "--now", str(int(now)), "-"],
                              input=message, capture_output=True, timeout=60)
        results = json.loads(done.stdout)["dkim"] if done.returncode in (0, 1, 69, 75) and done.stdout else []
        wrong = ["%s at %s: %s (%s)" % (r["selector"], self.server, r["result"], r["reason"]) for r in results
                 if r["result"] != "pass"]
        return wrong if results else ["nothing verified at %s: exit %d %s" % (self.server, done.returncode, done.stderr)]


class Traffic(threading.Thread):
    """A signer and verifiers that run throughout: signs, verifies at once at every server, and again, until the mail can
    no more be in flight.  Meanwhile it asks the resolver for every key there is, so that it caches what it can."""
    def __init__(self, world, site, now, flight=DAY):
        super().__init__(daemon=True)
        self.site, self.flight, self.now = site, flight, now
        self.verifiers = [Verifier(world, server) for server in (RESOLVER, SECONDARY, PRIMARY)]
        self.sent, self.faults, self.unsigned = [], [], []
        self.verified, self.number, self.selectors = 0, 0, set()
        self.ended, self.turn = threading.Event(), threading.Lock()
        self.random = random.Random(4711)

    def look(self, message, signed_at, now):
        for verifier in self.verifiers:
            self.verified += 1
            for fault in verifier.faults(message, now):
                self.faults.append("signed at %+d s, verified at %+d s: %s" % (signed_at, now, fault))

    def one(self):
        now = self.now
        self.number += 1
        message, why = self.site.sign(now, self.number)
        if message is None:
            self.unsigned.append(why)
            return
        self.selectors.update(re.findall(r"\bs=([\w.-]+)", message.decode("latin-1").split("\r\nFrom:")[0]))
        self.look(message, now, now)
        self.sent.append((message, now))
        old, then = self.random.choice(self.sent)
        if self.now <= then + self.flight:
            self.look(old, then, self.now)

    def move(self, now):
        """The time of the mail. Not while a message is between two times."""
        with self.turn:
            self.now = now

    def sweep(self):
        """Every message that may still be in flight, now."""
        self.sent = [(m, t) for m, t in self.sent if self.now <= t + self.flight]
        for message, then in self.sent[-40:] + self.sent[:10]:
            self.look(message, then, self.now)

    def run(self):
        while not self.ended.is_set():
            with self.turn:
                self.one()
            time.sleep(0.02)

    def stop(self):
        self.ended.set()
        self.join(60)
