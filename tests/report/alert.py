#!/usr/bin/python3
"""The situations in which "mailvouch report alert" speaks, and those in which it is silent.

usage: tests/report/alert.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"
"""
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checks  # noqa: E402
import dmarc_reports as reports  # noqa: E402
from checks import check  # noqa: E402
from dmarc_reports import Row  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1])
DAY = reports.DAY
NOW = 1795305600 + DAY // 2
DOMAIN = "shop.example"


def run(*args):
    done = subprocess.run([COMMAND, "report", *args], capture_output=True, timeout=120, env=dict(os.environ, NO_COLOR="1"))
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def good(count=100, domain=DOMAIN):
    return Row("198.51.100.1", count, domain, spf=(domain, "pass"), dkim=[(domain, "s1", "pass")], aligned="dkim spf")


def mailjet(count, aligned="", ip="192.0.2.80"):
    return Row(ip, count, DOMAIN, spf=("bounce.mailjet.com", "pass"), dkim=[("mailjet.com", "k", "pass")], aligned=aligned)


def printer(count, aligned=""):
    return Row("192.0.2.140", count, DOMAIN, spf=(DOMAIN, "pass" if aligned else "fail"), aligned=aligned)


def stranger(count, ip="203.0.113.9"):
    return Row(ip, count, DOMAIN, spf=("forger.example", "fail"))


class Site:
    """A store, a state file, and a clock in days before NOW: reports of day N are about the day that ended N days ago."""

    def __init__(self, name):
        self.name, self.where = name, os.path.join(folder, str(len(os.listdir(folder))))
        self.store, self.state = self.where + "/reports.db", self.where + "/alerts"
        os.makedirs(self.where)
        self.batch = 0

    def reports(self, days, rows_of, domain=DOMAIN):
        self.batch += 1
        for back in days:
            rows = rows_of(back) if callable(rows_of) else rows_of
            reports.write(self.where + "/%d" % self.batch, domain, NOW // DAY * DAY - back * DAY, rows,
                          reporter="r%d.example" % self.batch)
        code, out, err = run("read", "--no-check", "--quiet", "--store", self.store, self.where + "/%d" % self.batch)
        check(self.name + ": reports are read", code == 0, err)
        return self

    def alert(self, *args, later=0, names=(DOMAIN,)):
        return run("alert", *names, "--store", self.store, "--state", self.state, "--dns", dns, "--now", str(NOW + later * DAY), *args)

    def silent(self, why="", **more):
        code, out, err = self.alert(**more)
        check("%s: silent%s" % (self.name, why and " " + why), (code, out, err) == (0, "", ""), repr((code, out, err)))
        return self

    def speaks(self, *words, lines=None, **more):
        code, out, err = self.alert(**more)
        check("%s: speaks" % self.name, code == 1 and err == "" and all(w in out for w in words) and
              (lines is None or len(out.splitlines()) == lines), repr((code, out, err)))
        return self


MONTH = range(1, 36)
WEEK = range(1, 8)


def situations():
    Site("all is well").reports(MONTH, [good()]).silent()
    Site("nothing at all").reports([1], [good()], domain="other.example").silent()
    Site("it failed all along").reports(MONTH, [good(), mailjet(30), stranger(30)]).silent()
    Site("a new service").reports(MONTH, [good()]).reports(WEEK, [mailjet(30)]).speaks(
        "shop.example: Mailjet (provider, 192.0.2.80) is new, and fails: 210 of 210 messages, in the last 7 days\n",
        "SPF passes for bounce.mailjet.com, another domain; DKIM passes for mailjet.com, another domain\n",
        "to do: let Mailjet sign with d=shop.example")
    Site("below the threshold").reports(MONTH, [good()]).reports([1], [mailjet(9)]).silent()
    Site("at the threshold").reports(MONTH, [good()]).reports([1], [mailjet(10)]).speaks("Mailjet", lines=3)
    site = Site("the threshold is given").reports(MONTH, [good()]).reports([1], [mailjet(10)])
    code, out, err = site.alert("--threshold", "11")
    check("the threshold is given", (code, out) == (0, ""), repr((code, out, err)))
    Site("a new address of the service").reports(MONTH, [good(), mailjet(5)]).reports(WEEK, [mailjet(4, ip="192.0.2.81")]).silent()
    Site("passed before").reports(range(8, 36), [good(), printer(20, "spf")]).reports(WEEK, [good(), printer(20)]).speaks(
        "192.0.2.140", "passed before, and fails now: 140 of 140 messages", "SPF fails for shop.example")
    Site("passed before, and still mostly").reports(range(8, 36), [good(), printer(20, "spf")]).reports(
        WEEK, [good(), printer(20, "spf"), printer(1)]).silent()
    Site("one new stranger").reports(MONTH, [good(1000)]).reports([2], [stranger(100)]).speaks(
        "203.0.113.9 (stranger, 203.0.113.9) is new, and fails: 100 of 100", "if it is none of yours", lines=3)
    Site("a small stranger").reports(MONTH, [good(1000)]).reports([2], [stranger(99)]).silent()
    Site("a wave of small strangers").reports(MONTH, [good(1000)]).reports(
        [2], [stranger(2, "203.0.113.%d" % n) for n in range(1, 61)]).speaks("60 senders that look like strangers", "120 messages", lines=2)
    Site("small strangers as always").reports(MONTH, lambda back: [good(1000)] + [
        stranger(1, "203.0.113.%d" % ((back * 20 + n) % 250 + 1)) for n in range(20)]).silent()
    Site("a fall").reports(range(8, 36), [good(95), stranger(5)]).reports(WEEK, [good(80), stranger(20)]).speaks(
        "the pass rate fell from 95.0 % to 80.0 %", "report show shop.example", lines=2)
    Site("a fall that a sender explains").reports(MONTH, [good()]).reports(WEEK, [mailjet(30)]).speaks("Mailjet", lines=3)
    Site("a fall that was explained a week ago").reports(MONTH, [good()]).reports(range(1, 13), [mailjet(30)]).speaks(
        "Mailjet", lines=3, later=-6).silent("later")
    Site("a forwarder").reports(MONTH, [good(1000)]).reports(WEEK, [
        Row("192.0.2.99", 30, DOMAIN, spf=("lists.example.net", "pass"), dkim=[(DOMAIN, "s1", "fail")], reason="mailing_list")]).silent()
    Site("reports stopped").reports(range(5, 36), [good()]).speaks("no report since 2026-11-17, 4 days ago", "dmarc lint shop.example", lines=2)
    Site("reports of two days are missing").reports(range(3, 36), [good()]).silent()
    Site("reports came now and then").reports(range(5, 36, 3), [good()]).silent()
    Site("a name below").reports(MONTH, [good()]).reports(WEEK, [Row("192.0.2.140", 20, "news." + DOMAIN, spf=("news." + DOMAIN, "fail"),
                                                                   dkim=[("news." + DOMAIN, "x", "fail")])]).speaks(
        "its signature d=news.shop.example s=x fails")
    site = Site("none of ours").reports(MONTH, [good(1000)]).reports(WEEK, [mailjet(30)])
    code, out, err = site.alert("--not-ours", "Mailjet")
    check("none of ours", (code, out, err) == (0, "", ""), repr((code, out, err)))
    code, out, err = site.alert("--no-dns")
    check("without DNS", code == 1 and "mailjet.com (steady, 192.0.2.80) is new" in out, repr((code, out, err)))


def memory():
    site = Site("memory").reports(MONTH, [good(1000)]).reports([1], [mailjet(20)])
    site.speaks("is new, and fails: 20 of 20", lines=3)
    check("memory: state", stat.S_IMODE(os.stat(site.state).st_mode) & 0o007 == 0 and os.listdir(site.where).count("alerts") == 1)
    site.silent("once it was said")
    site.reports([1], [mailjet(19)]).silent("when it is hardly worse")
    site.reports([1], [mailjet(1)]).speaks("fails more than before: 40 of 40", lines=3).silent("after that")
    site.reports([-13], [good(1000), mailjet(30)]).silent("within 14 days", later=13)
    site.speaks("still fails: 30 of 30", later=14).silent("after that", later=15)
    site = Site("memory: it ended").reports(MONTH, [good(1000)]).reports([1], [mailjet(20)]).speaks("Mailjet")
    site.reports([d - 14 for d in range(14)], [good(1000)]).silent("when it is over", later=14)
    site = Site("memory: a file of somebody else").reports(MONTH, [good()])
    with open(site.state, "w", encoding="utf-8") as f:
        f.write("hello\n")
    code, out, err = site.alert()
    check("memory: a file of somebody else", code == 65 and out == "" and "remove it" in err, repr((code, out, err)))
    site = Site("memory: cannot be written").reports(MONTH, [good()]).reports(WEEK, [mailjet(30)])
    site.state = site.where + "/none/alerts"
    code, out, err = site.alert()
    check("memory: cannot be written", code == 65 and "Mailjet" in out and "cannot write" in err, repr((code, out, err)))


def domains():
    """Without a name: all of the store, names below others with them; reports of unknown senders do not count."""
    site = Site("all domains").reports(MONTH, [good(1000)]).reports(WEEK, [mailjet(30)])
    site.reports(WEEK, [Row("192.0.2.140", 20, "b.example", spf=("b.example", "fail"), dkim=[("b.example", "x", "fail")])], domain="b.example")
    site.reports(WEEK, [Row("192.0.2.150", 20, "x.shop.example", spf=("x.shop.example", "fail"),
                            dkim=[("x.shop.example", "y", "fail")])], domain="x.shop.example")
    mail = ("From: a@evil.example\r\nTo: d@shop.example\r\nSubject: report\r\nContent-Type: text/xml\r\n\r\n" +
            reports.report("evil.example", NOW // DAY * DAY - DAY, [Row("192.0.2.1", 99, "evil.example", spf=("evil.example", "fail"),
                                                                       dkim=[("evil.example", "x", "fail")])]))
    path = site.where + "/mail"
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(mail)
    code, out, err = run("read", "--no-check", "--quiet", "--store", site.store, path)
    check("all domains: a mail of an unknown sender is kept", code == 0, err)
    code, out, err = site.alert("--json", names=())
    got = json.loads(out)["alerts"]
    check("all domains", code == 1 and sorted((a["domain"], a["who"]) for a in got) == [
        ("b.example", "192.0.2.140"), ("shop.example", "192.0.2.150"), ("shop.example", "Mailjet")] and
          all(a["turn"] == "first" and a["what"] == "sender" and a["to_do"] and a["sentence"] for a in got), out)
    code, out, err = site.alert("--json", names=())
    check("all domains: silent", code == 0 and json.loads(out)["alerts"] == [], out)
    site.silent("by name", names=("b.example", "shop.example"))


def refused():
    site = Site("refused").reports([1], [good()])
    for name, args, wanted, words in (("a time", ["--now", "soon"], 64, "--now"), ("a threshold", ["--threshold", "0"], 64, "--threshold"),
                                      ("a name", ["a b"], 64, "domain"), ("no store", ["--store", folder + "/no.db"], None, "no.db")):
        code, out, err = run("alert", *(["--store", site.store] if "--store" not in args else []), "--state", site.state, *args)
        check("refused: " + name, (code == wanted if wanted else code not in (0, 1)) and words in err and out == "", repr((code, out, err)))
    hostile = Row("192.0.2.9", 999, DOMAIN, spf=("\x9b31m", "fail"), dkim=[("\u202ex\x85", "\x9b", "pass")])
    site = Site("hostile").reports(MONTH, [good(1000)]).reports(WEEK, [hostile])
    for turn in (1, 0):
        code, out, err = site.alert()
        check("hostile text stays text %d" % turn, code == turn and all(32 <= ord(c) < 127 or c == "\n" for c in out), repr((code, out, err)))


folder = tempfile.mkdtemp(prefix="mv-alert-")
try:
    dns = os.path.join(folder, "dns.json")
    with open(dns, "w", encoding="utf-8") as f:
        f.write('{"schema":1,"default":"NXDOMAIN","answers":[]}')
    for test in (situations, memory, domains, refused):
        test()
finally:
    shutil.rmtree(folder)
sys.exit(checks.end())
