#!/usr/bin/python3
"""doc/walkthrough.md, played: a domain goes from nothing to p=reject, in front of a real name server (NSD) and with a
clock that moves.

What the world sends is judged by the command itself (spf check, dmarc check) against that name server, and becomes the
aggregate reports of a receiver; what the command advises is published. Each command of the walkthrough is run, and has
to print what stands there.

usage: tests/dmarc_walkthrough.py PATH-OF-MAILVOUCH [--write]     ends with "N passed, N failed, N skipped"

--write puts what the commands print into the walkthrough.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dmarc_reports import DAY, Row, write  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1])
BOOK = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "doc", "walkthrough.md"))
NSD = "/usr/sbin/nsd"
BEGIN = 1780272000  # 2026-06-01
DOMAIN = "firm.example"
passed = failed = 0


def check(name, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print("FAIL  %s %s" % (name, detail))


class World:
    """DNS, the clock, and who sends."""

    def __init__(self, home):
        self.home, self.day, self.serial, self.reports = home, 0, 0, home + "/reports"
        os.makedirs(self.reports)
        self.records = {
            DOMAIN: ["MX 10 mail.firm.example.", 'TXT "v=spf1 ip4:192.0.2.10 ~all"'],
            "m1._domainkey.firm.example": ['TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="'],
            "mail.firm.example": ["A 192.0.2.10"], "printer.firm.example": ["A 192.0.2.77"],
            "77.2.0.192.in-addr.arpa": ["PTR printer.firm.example."], "shop.firm.example": ["A 203.0.113.80"],
            "80.113.0.203.in-addr.arpa": ["PTR web12.hoster.example."],
            "web12.hoster.example": ["A 203.0.113.80", 'TXT "v=spf1 a -all"'],
            "spf.mailjet.com": ['TXT "v=spf1 ip4:198.51.100.0/27 ?all"'],
            "bnc3.mailjet.com": ['TXT "v=spf1 include:spf.mailjet.com -all"'],
        }
        # name: address, MAIL FROM domain, From domain, domain that signs, messages, on which days
        self.streams = {
            "mail server": ["192.0.2.10", DOMAIN, DOMAIN, DOMAIN, 300, lambda day: True],
            "newsletter": ["198.51.100.20", "bnc3.mailjet.com", DOMAIN, "mailjet.com", 200, lambda day: day % 3 == 1],
            "printer": ["192.0.2.77", DOMAIN, DOMAIN, None, 4, lambda day: day % 7 < 5],
            "web shop": ["203.0.113.80", "web12.hoster.example", "shop.firm.example", None, 3, lambda day: day >= 37],
            "forger": ["203.0.113.200", DOMAIN, DOMAIN, None, 600, lambda day: day in (12, 47, 102)],
        }
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.config = self.file("mailvouch.conf", "[server]\nresolver = 127.0.0.1:%d\n" % self.port)
        self.file("nsd.conf", 'server:\n  ip-address: 127.0.0.1@%d\n  username: ""\n  chroot: ""\n  zonesdir: "%s"\n'
                  '  pidfile: "%s/pid"\n  xfrdfile: "%s/xfrd"\n  zonelistfile: "%s/zones"\n  database: ""\n  logfile: "%s/log"\n'
                  "  server-count: 1\nremote-control:\n  control-enable: no\n"
                  'zone:\n  name: "."\n  zonefile: "zone"\n' % (self.port, home, home, home, home, home))
        self.nsd = None
        self.publish(None, None)

    def file(self, name, text):
        path = os.path.join(self.home, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o644)
        return path

    def publish(self, name, record):
        """The zone with this record instead of those of the same type there were; all at once, as a new server."""
        if name is not None:
            self.records[name] = [r for r in self.records.get(name, []) if not r.startswith("TXT")] + [record]
        self.serial += 1
        zone = ". 300 IN SOA a. b. %d 86400 3600 604800 300\n. 300 IN NS a.\na. 300 IN A 127.0.0.1\n" % self.serial
        zone += "".join("%s. 300 IN %s\n" % (n, r) for n, records in self.records.items() for r in records)
        self.file("zone", zone)
        self.stop()
        self.nsd = subprocess.Popen([NSD, "-d", "-c", self.home + "/nsd.conf"], stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(500):
            if self.answers():
                return
            time.sleep(0.02)
        raise RuntimeError("NSD does not answer: " + open(self.home + "/log").read())

    def answers(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.2)
            try:
                s.sendto(b"\x12\x34\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x06\x00\x01", ("127.0.0.1", self.port))
                return len(s.recv(512)) > 12
            except OSError:
                return False

    def stop(self):
        if self.nsd is not None:
            self.nsd.terminate()
            self.nsd.wait(20)
            self.nsd = None

    def run(self, *args):
        done = subprocess.run([COMMAND, *args, "--config", self.config], cwd=self.home, capture_output=True, text=True,
                              env=dict(os.environ, NO_COLOR="1"), timeout=60)
        return done.returncode, done.stdout, done.stderr

    def json(self, *args):
        code, out, err = self.run(*args, "--json")
        try:
            return json.loads(out)
        except ValueError:
            raise RuntimeError("%s: exit %d: %s%s" % (" ".join(args), code, out, err))

    def judge(self, stream):
        """What a receiver says of the stream's mail: the row of its report, and DMARC's result."""
        address, mail_from, author, signer, count, _ = stream
        spf = self.json("spf", "check", "--ip", address, "--helo", "x.example", "--mail-from", "a@" + mail_from)["result"]
        said = ["--spf", "%s=%s" % (mail_from, spf)] + (["--dkim", signer + "=pass"] if signer else [])
        dmarc = self.json("dmarc", "check", "--from", author, *said)
        policy = dmarc.get("policy_effective") or "none"
        row = Row(address, count, author, (mail_from, spf), [(signer, "m1", "pass")] if signer else [],
                  " ".join(dmarc.get("aligned_by", [])), disposition=policy if dmarc["result"] == "fail" else "none")
        return row, dmarc

    def until(self, day):
        """Mail flows, and a report comes for each day. Nothing of the world changes on the way but the day."""
        judged = {name: self.judge(stream)[0] for name, stream in self.streams.items()}
        lint = self.json("dmarc", "lint", DOMAIN)["applies"]
        while self.day < day:
            rows = [judged[name] for name, stream in self.streams.items() if stream[5](self.day)]
            if lint is not None:
                p = re.search(r"p=(\w+)", lint["text"]).group(1)
                write(self.reports, DOMAIN, BEGIN + self.day * DAY, rows, p=p, t="y" if "t=y" in lint["text"] else "n")
            self.day += 1

    def now(self):
        return time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(BEGIN + self.day * DAY))


class Book:
    """The walkthrough: its blocks of "$ command" and what it prints."""

    def __init__(self):
        with open(BOOK, encoding="utf-8") as f:
            self.parts = re.split(r"(?ms)^(    \$ .*?\n)(?=^(?! {4})|\Z)", f.read())
        self.next = 1

    def play(self, world, command):
        """The next block has to be this command, and to show what it prints."""
        code, out, err = world.run(*command.split()[1:])
        text = "    $ %s\n" % command + "".join(("    " + line).rstrip() + "\n" for line in (out + err).split("\n")[:-1])
        if "--write" in sys.argv and self.next < len(self.parts):
            self.parts[self.next] = text
        shown = self.parts[self.next] if self.next < len(self.parts) else "(no more blocks)"
        check("the walkthrough shows: " + command, shown.rstrip() == text.rstrip(), "\n--- shown\n%s\n--- is\n%s" % (shown, text))
        self.next += 2
        return code, out + err

    def end(self):
        check("every block of the walkthrough was played", self.next >= len(self.parts), self.parts[self.next:self.next + 1])
        if "--write" in sys.argv:
            with open(BOOK, "w", encoding="utf-8") as f:
                f.write("".join(self.parts))


def stage(book, world, code, says, lacks=()):
    """The command as of now: its exit, what it says; and the verdict as a program gets it."""
    command = "mailvouch dmarc stage --now %s %s reports" % (world.now(), DOMAIN)
    got, out = book.play(world, command)
    check("%s: exit" % world.now(), got == code, "%d, not %d: %s" % (got, code, out))
    for text in says:
        check("%s: says %s" % (world.now(), text), text in out, out)
    for text in lacks:
        check("%s: does not say %s" % (world.now(), text), text not in out, out)
    return world.json("dmarc", "stage", "--now", world.now(), DOMAIN, "reports")


def step(book, world, step_text):
    """Time for the next record: it is published as it is advised."""
    advice = stage(book, world, 0, ["publish  _dmarc"])
    check("%s: the next step" % world.now(), advice["next"]["step"] == step_text, advice["next"])
    record = advice["next"]["record"]
    world.publish(record["name"], 'TXT "%s"' % record["text"])
    findings = world.json("dmarc", "lint", DOMAIN)["findings"]
    check("%s lints clean" % record["text"], not [f for f in findings if f["severity"] != "note"], findings)


def walk(book, world):
    step(book, world, "p=none")
    world.until(10)
    stage(book, world, 1, ["fails    Mailjet (provider): 600 messages", "let Mailjet sign with d=firm.example",
                           "fails    printer.firm.example (own)"], ["publish  _dmarc"])
    world.streams["newsletter"][0], world.streams["newsletter"][3] = "198.51.100.21", DOMAIN  # Mailjet signs as the firm
    world.until(20)
    stage(book, world, 1, ["Mailjet (provider): 600 messages\n", "its later mail passed", "fails    printer.firm.example",
                           "legitimate: printer.firm.example", "203.0.113.200 (stranger)"], ["fails    Mailjet", "publish  _dmarc"])
    world.publish(DOMAIN, 'TXT "v=spf1 ip4:192.0.2.10 ip4:192.0.2.77 ~all"')
    world.until(24)
    stage(book, world, 0, ["wait: nothing stands in the way but time; not before 2026-07-01"], ["publish  _dmarc"])
    world.until(36)
    step(book, world, "p=quarantine; t=y; pct=0")
    world.until(46)
    stage(book, world, 1, ["fails    web12.hoster.example (steady)", "legitimate: web12.hoster.example"], ["publish  _dmarc"])
    world.streams["web shop"][1] = "shop.firm.example"
    world.publish("shop.firm.example", 'TXT "v=spf1 ip4:203.0.113.80 -all"')
    world.until(55)
    step(book, world, "p=quarantine")
    world.until(66)
    stage(book, world, 0, ["wait: nothing stands in the way but time", "passes by SPF alone"], ["publish  _dmarc"])
    for name in ("printer", "web shop"):  # through the mail server, which signs
        world.streams[name][0], world.streams[name][3] = "192.0.2.10", DOMAIN
    world.until(88)
    step(book, world, "p=reject; t=y; pct=0")
    world.until(98)
    step(book, world, "p=reject")
    world.until(106)
    stage(book, world, 0, ["arrived"], ["publish  _dmarc", "fails    "])


def at_the_end(world):
    """Nobody of ours is lost, and the forger is."""
    for name, stream in world.streams.items():
        result = world.judge(stream)[1]
        want = ("fail", "reject") if name == "forger" else ("pass", "reject")
        check("at the end: " + name, (result["result"], result.get("policy_effective")) == want, result)


if not os.path.exists(NSD):
    print("skip: %s is missing (install nsd)\n0 passed, 0 failed, 1 skipped" % NSD)
    sys.exit(0)
home = tempfile.mkdtemp(prefix="mailvouch-walkthrough.")
world = World(home)
try:
    book = Book()
    walk(book, world)
    book.end()
    at_the_end(world)
finally:
    world.stop()
    shutil.rmtree(home)
print("%d passed, %d failed, 0 skipped" % (passed, failed))
sys.exit(1 if failed else 0)
