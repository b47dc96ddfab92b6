#!/usr/bin/python3
"""Failure reports that leave (RFC 9991): from lines in the evidence directory to mails, each once, within their caps.

usage: tests/report/failure.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"

A border is tests/report/judge_message of the same build, for one test; for the others lines are written as one would.
sendmail is that of send.py.
"""
import glob
import json
import os
import re
import stat
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import send  # noqa: E402
from send import DAY, DAY1, check, parse, run, txt  # noqa: E402

JUDGE = os.path.join(os.path.dirname(send.COMMAND), "tests", "report", "judge_message")
HOUR = DAY1 + 12 * 3600
NOW = HOUR + 3600 + 600
ASKS = "v=DMARC1; p=reject; ruf=mailto:f@a.example"
HASH = "1f84be11dcd1ef30f474eb94"
SPF = [["b.example", "v=spf1 include:_spf.b.example -all"], ["_spf.b.example", "v=spf1 ip4:192.0.2.0/25 ?all"]]


class Site(send.Site):
    def __init__(self, name, dns=(), report="", failure="yes"):
        super().__init__(name, dns, "failure = %s\nonly_wanted = no" % failure + ("\n" + report if report else ""))

    def fail(self, *lines, hour=HOUR, now=None):
        """Lines into the ledger; what the import said."""
        self.files += 1
        path = send.write("%s/mx%d.0.%s.failures" % (self.evidence, self.files, time.strftime("%Y%m%d%H", time.gmtime(hour))),
                          "".join(line + "\n" for line in lines))
        code, out, err = run("report", "import", "--json", "--config", self.conf, "--now", str(now or hour + 2 * DAY))
        return code, json.loads(out), err, path

    def send(self, *more, now=NOW):
        return super().send(*more, now=now)


def failure(domain="a.example", record=ASKS, ip="192.0.2.200", want=("dmarc",), t=HOUR + 60, act="reject", **more):
    results = {"dmarc": "mx.example.org; dmarc=fail header.from=" + domain,
               "dkim": "mx.example.org; dkim=fail header.d=a.example header.s=s1",
               "spf": "mx.example.org; spf=fail smtp.mailfrom=b.example"}
    line = {"v": 1, "t": t, "ip": ip, "want": list(want), "from": domain, "at": domain, "rec": record,
            "mf": HASH + "@b.example", "id": "mx.example.org", "miss": ["dkim", "spf"], "res": [results[w] for w in want],
            "act": act, "dkim": ["bodyhash", domain, "s1", "@" + domain, 1], "spf": ["fail", SPF],
            "hdr": "From: %s@%s\r\nSubject: redacted\r\n" % (HASH, domain)}
    line.update(more)
    return json.dumps({k: v for k, v in line.items() if v is not None}, separators=(",", ":"))


def told(lines):
    return [(l.get("to") or l.get("uri"), l.get("kind"), l["outcome"]) for l in lines if l["type"] == "failure"]


def report_of(message):
    """{field: [value]} of the message/feedback-report part, and the header block behind it."""
    parts = parse(message).get_payload()
    text = message.split(b"message/feedback-report")[1].split(b"\n\n", 1)[1].split(b"\n--")[0].decode()
    fields = {}
    for line in re.sub(r"\n[ \t]+", " ", text).strip().split("\n"):
        fields.setdefault(line.split(":")[0], []).append(line.split(":", 1)[1].strip())
    return fields, [p.get_content_type() for p in parts], message.split(b"text/rfc822-headers")[1].decode()


def off():
    """[report] failure = no, which is how it is by itself: nothing leaves, and no key is made."""
    site = Site("off", failure="no")
    code, got, err, path = site.fail(failure())
    check("off: taken", code == 0 and got["failures"] == 1 and got["messages"] == 0 and not os.path.exists(path), repr((got, err)))
    for more in ([], ["--dry-run"]):
        code, lines, err = site.send(*more)
        check("off: nothing %r" % more, code == 0 and told(lines) == [] and lines[-1]["sent"] == 0 and site.mails() == [], repr((lines, err)))
    check("off: no key", not os.path.exists(site.evidence + ".key"))


def one_mail():
    """RFC 9991 4, RFC 6591 3, RFC 5965 2: the mail and what is in it; and the key of the redaction."""
    site = Site("one")
    site.fail(failure())
    before = site.digest()
    code, lines, err = site.send("--dry-run")
    check("dry run", code == 0 and told(lines) == [("f@a.example", "dmarc", "would go")] and site.digest() == before and
          site.mails() == [] and not os.path.exists(site.evidence + ".key"), repr((lines, err)))
    ident = lines[0]["report_id"]
    for name, now, sent in (("in the hour", HOUR + 1800, 0), ("too early", NOW - 1, 0), ("ten minutes after it", NOW, 1), ("again", NOW + 60, 1)):
        code, lines, err = site.send(now=now)
        check("one: " + name, code == 0 and len(site.mails()) == sent, repr((code, lines, err)))
    args, message = site.mails()[0]
    head = parse(message)
    check("arguments: VERP", args[:2] == ["-i", "-f"] and args[2].startswith("bounces+") and args[3:] == ["-t"], repr(args))
    check("To, From, Subject", head["To"] == "f@a.example" and "dmarc-reports@receiver.example" in head["From"] and
          head["Subject"] == "FW: redacted: DMARC failure report for a.example", repr(head.items()))
    check("the id of the dry run", head["Message-ID"] == "<%s@receiver.example>" % ident, head["Message-ID"])
    check("never answered", head["Auto-Submitted"] == "auto-generated")
    check("type", head.get_content_type() == "multipart/report" and head.get_param("report-type") == "feedback-report")
    fields, types, rest = report_of(message)
    check("three parts", types == ["text/plain", "message/feedback-report", "text/rfc822-headers"], repr(types))
    for name, value in {"Feedback-Type": "auth-failure", "Version": "1", "Auth-Failure": "dmarc", "Identity-Alignment": "dkim, spf",
                        "Reported-Domain": "a.example", "Original-Mail-From": "<%s@b.example>" % HASH, "Source-IP": "192.0.2.200",
                        "Incidents": "1", "Delivery-Result": "reject", "DKIM-Domain": "a.example", "DKIM-Selector": "s1",
                        "DKIM-Identity": "@a.example", "Reporting-MTA": "dns; mx.example.org",
                        "Authentication-Results": "mx.example.org; dmarc=fail header.from=a.example"}.items():
        check("field: " + name, fields.get(name) == [value], repr(fields.get(name)))
    check("field: SPF-DNS", [f.split(" : ")[1] for f in fields["SPF-DNS"]] == ["b.example", "_spf.b.example"], repr(fields["SPF-DNS"]))
    check("header block", "From: %s@a.example" % HASH in rest and "Subject: redacted" in rest, rest)
    path = send.write(site.home + "/m", message)
    code, out, err = run("verify", "--config", site.conf, "--dns", site.dns, "--now", str(NOW + 60), "--json", path)
    check("the mail passes DMARC", json.loads(out)["dmarc"]["result"] == "pass", out + err)
    code, out, err = run("report", "read", "--json", "--config", site.conf, "--dns", site.dns, "--now", str(NOW + 60), path)
    back = json.loads(out)
    check("our reader takes it", code == 0 and back["kind"] == "failure" and back["messages"] == 1 and back["domain"] == "a.example" and
          back["sender"]["trust"] == "mail", out + err)
    check("the key", stat.S_IMODE(os.stat(site.evidence + ".key").st_mode) == 0o640)
    key = open(site.evidence + ".key").read()
    site.send(now=NOW + 120)
    check("the key stays", open(site.evidence + ".key").read() == key)


def judge(site, ip, message, t, action=2):
    """As a border does it; what it said."""
    done = subprocess.run([JUDGE, site.conf, site.dns, ip, "<alice@b.example>", str(t), str(action)], capture_output=True,
                          input=message.replace("\n", "\r\n").encode())
    return done.returncode, done.stderr.decode()


def border():
    """From the message to the report: fo, what is never told, what is never reported about."""
    message = ("Received: from mx.b.example ([192.0.2.9]) by mx.example.org for <bob@our.example>; Sun, 22 Nov 2026 12:00:00 +0000\n"
               "From: Alice Secret <alice@%s.example>\nTo: Bob <bob@our.example>\nSubject: a secret\nX-Secret: yes\n"
               "Message-ID: <alice-1@b.example>\n%s\nsecret\n")
    records = {"plain": "", "zero": "; fo=0", "one": "; fo=1", "dkim": "; fo=d", "spf": "; fo=s", "all": "; fo=1:d:s"}
    dns = [txt("b.example", "v=spf1 ip4:192.0.2.1 -all")]
    for name, fo in records.items():
        dns += [txt("_dmarc.%s.example" % name, "v=DMARC1; p=reject; ruf=mailto:f@%s.example%s" % (name, fo)),
                txt("%s.example" % name, "v=spf1 ip4:192.0.2.1 -all")]
    dns.append(txt("_dmarc.none.example", "v=DMARC1; p=reject; rua=mailto:f@none.example"))
    site = Site("border", dns)
    code, err = judge(site, "192.0.2.9", message % ("plain", ""), HOUR)
    check("border: nothing without a key", code == 1 and "no key to redact" in err and glob.glob(site.evidence + "/*.failures") == [], err)
    site.send()
    for name in list(records) + ["none"]:
        code, err = judge(site, "192.0.2.9", message % (name, ""), HOUR + 60)
        check("border: " + name, code == 0, err)
    for more in ("Content-Type: multipart/report; report-type=feedback-report; boundary=b\n",
                 "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n"):
        check("border: a report", judge(site, "192.0.2.9", message % ("plain", more), HOUR + 60)[0] == 0)
    written = "".join(open(p).read() for p in glob.glob(site.evidence + "/*.failures"))
    check("border: what is written is redacted", written.count("\n") == 5 and not re.search("alice|bob@|secret", written, re.I), written)
    code, out, err = run("report", "import", "--json", "--config", site.conf, "--now", str(HOUR + DAY))
    check("border: imported", code == 0 and json.loads(out)["failures"] == 5, out + err)
    code, lines, err = site.send()
    expected = {("plain", "dmarc"), ("zero", "dmarc"), ("one", "dmarc"), ("spf", "spf"), ("all", "dmarc"), ("all", "spf")}
    check("border: fo", {(l["domain"].split(".")[0], l["kind"]) for l in lines if l["type"] == "failure"} == expected, repr((lines, err)))
    check("border: one of each", all(report_of(m)[0]["Incidents"] == ["1"] for _, m in site.mails()) and len(site.mails()) == 6)
    # Not "bob" alone: signatures and tokens are base64, which now and then has these letters
    check("border: what is sent is redacted", not any(re.search(b"alice|bob@|secret", m, re.I) for _, m in site.mails()))
    hashes = {re.search(r"From: ([0-9a-f]{24})@", report_of(m)[2]).group(1) for _, m in site.mails()}
    check("border: owners cannot compare", len(hashes) == 5, repr(hashes))


def lines_refused():
    """What is not as a border writes it, above all what is not redacted, never gets in."""
    good = failure()
    for i, (name, line) in enumerate((
            ("a local part in MAIL FROM", failure(mf="alice@b.example")), ("in the header", failure(hdr="From: alice@a.example\r\n")),
            ("in the signature", failure(dkim=["bodyhash", "a.example", "s1", "alice@a.example", 1])), ("torn", good[:-20]),
            ("no header", failure(hdr=None)), ("a line in the header", failure(hdr="X: y\r\n\r\nbody\r\n")),
            ("long", failure(hdr="X: %s\r\n" % ("y" * 17000))), ("in the future", failure(t=HOUR + 5 * DAY)),
            ("evidence", json.dumps({"v": 1, "t": HOUR, "ip": "192.0.2.1", "from": "a.example", "at": "a.example"})))):
        site = Site("refused-%d" % i)
        code, got, err, path = site.fail(line, good)
        check("refused: " + name, code == 1 and got["refused"] == 1 and got["failures"] == 1, repr((code, got, err)))
        site.send()
        check("refused: not sent: " + name, len(site.mails()) == 1 and b"alice" not in site.mails()[0][1])


def merged():
    """What is alike within an hour is told once."""
    site = Site("merged", report="failure_per_hour = 1000")
    site.fail(*[failure(ip="192.0.2.%d" % i, t=HOUR + i) for i in range(1, 6)])
    site.fail(failure(ip="192.0.2.77"))
    site.fail(failure(ip="2001:db8::1"), failure(ip="2001:db8::2:1"), failure(ip="2001:db8:0:1::1"))
    site.fail(failure(act="quarantine"), failure(miss=["spf"]), failure(dkim=["bodyhash", "a.example", "s2", "@a.example", 1]))
    site.fail(failure(t=HOUR + 3600), hour=HOUR + 3600)
    code, lines, err = site.send(now=NOW + 3600)
    count = sorted(int(report_of(m)[0]["Incidents"][0]) for _, m in site.mails())
    check("merged", code == 0 and count == [1, 1, 1, 1, 1, 2, 6], repr((count, lines, err)))
    check("merged: all told", sum(l["failures"] for l in lines[:-1]) == 13, repr(lines))
    most = [m for _, m in site.mails() if report_of(m)[0]["Incidents"] == ["6"]][0]
    check("merged: the first one", report_of(most)[0]["Source-IP"] == ["192.0.2.1"] and b"stands for 6 messages" in most)
    code, out, err = run("report", "read", "--json", "--config", site.conf, "--dns", site.dns, "--now", str(NOW), send.write(site.home + "/m", most))
    check("merged: read back", json.loads(out)["messages"] == 6, out + err)
    site.fail(failure(ip="192.0.2.9"))
    check("merged: what comes late is not told", told(site.send(now=NOW + 7200)[1]) == [] and len(site.mails()) == 7)


def kinds():
    """fo: one mail for each report that is asked for."""
    site = Site("kinds")
    site.fail(failure(want=["dmarc", "dkim", "spf"]))
    code, lines, err = site.send()
    check("kinds", told(lines) == [("f@a.example", k, "sent") for k in ("dmarc", "dkim", "spf")], repr((lines, err)))
    check("kinds: fields", [report_of(m)[0]["Auth-Failure"] for _, m in site.mails()] == [["dmarc"], ["bodyhash"], ["spf"]])
    check("kinds: each has its id", len({parse(m)["Message-ID"] for _, m in site.mails()}) == 3)


def addresses():
    """RFC 9991 2 and 5: every address of ruf, those elsewhere only when they agree; never_to, suppressed ones."""
    record = "v=DMARC1; p=none; rua=mailto:no@a.example; ruf="
    dns = [txt("_dmarc.a.example", record + "mailto:f@a.example"),
           txt("a.example._report._dmarc.given.example", "v=DMARC1;"),
           txt("a.example._report._dmarc.other.example", "v=DMARC1; rua=mailto:no@other.example; ruf=mailto:better@other.example"),
           txt("a.example._report._dmarc.moved.example", "v=DMARC1; ruf=mailto:f@elsewhere.example"),
           txt("a.example._report._dmarc.silent.example", rcode="SERVFAIL")]
    rows = [
        ("our own domain", "mailto:f@mail.a.example", [("f@mail.a.example", "sent")], ""),
        ("consent given", "mailto:f@given.example", [("f@given.example", "sent")], ""),
        ("consent missing", "mailto:f@missing.example", [("f@missing.example", "not")], "a.example._report._dmarc.missing.example"),
        ("another address there", "mailto:f@other.example", [("better@other.example", "sent")], ""),
        ("another host", "mailto:f@moved.example", [("f@moved.example", "not")], "another host"),
        ("DNS is silent", "mailto:f@silent.example", [("f@silent.example", "later")], "DNS did not say"),
        ("never", "mailto:f@never.a.example", [("f@never.a.example", "not")], "never_to"),
        ("no mail", "https://a.example/f", [("https://a.example/f", "not")], "mailto"),
        ("a new field", "mailto:f%0d%0aBcc:x@a.example", [("mailto:f%0d%0aBcc:x@a.example", "not")], "no address"),
        ("seven", ",".join("mailto:%d@a.example" % i for i in range(7)), [("%d@a.example" % i, "sent") for i in range(7)], ""),
    ]
    for i, (name, uris, expected, says) in enumerate(rows):
        site = Site("address-%d" % i, dns, "never_to = never.a.example")
        site.fail(failure(record=record + uris))
        lines = site.send("--dry-run")[1]
        check("address: dry run: " + name, [(to, o.replace("would go", "sent")) for to, k, o in told(lines)] == expected, repr(lines))
        code, lines, err = site.send()
        check("address: " + name, code == 0 and [(to, o) for to, k, o in told(lines)] == expected, repr((code, lines, err)))
        check("address: reason: " + name, says in (lines[0]["reason"] or ""), repr(lines[0]))
        check("address: mails: " + name, [parse(m)["To"] for _, m in site.mails()] == [t for t, o in expected if o == "sent"])
        waits = "later" in dict(expected).values()
        check("address: settled: " + name, (told(site.send("--dry-run")[1]) != []) == waits)
    for name, record, says in (("no ruf", "v=DMARC1; p=none", "asks for no reports"), ("psd=y", ASKS + "; psd=y", "asks for no reports"),
                               ("no record", "hello", "none of DMARC")):
        site = Site("record-" + name.replace(" ", "-"))
        site.fail(failure(record=record))
        code, lines, err = site.send()
        check("record: " + name, [l["outcome"] for l in lines[:-1]] == ["not"] and says in lines[0]["reason"] and site.mails() == [], repr(lines))
    site = Site("old")
    site.fail(failure(), now=HOUR + 7200)
    code, lines, err = site.send(now=NOW + 2 * DAY)
    check("too old", lines[0]["outcome"] == "not" and "2 days ago" in lines[0]["reason"] and lines[-1]["failures_not"] == 1, repr(lines))


def unwanted():
    site = Site("unwanted")
    site.configure(only_wanted="yes")
    site.fail(failure())
    code, lines, err = site.send()
    check("only_wanted", lines[0]["outcome"] == "not" and "only_wanted" in lines[0]["reason"] and site.mails() == [], repr(lines))
    site = Site("wanted")
    site.configure(only_wanted="yes")
    site.see("a.example", ASKS, day=DAY1 - DAY)
    site.fail(failure())
    check("only_wanted: it is", told(site.send()[1]) == [("f@a.example", "dmarc", "sent")])


def suppressed():
    """An address whose reports bounced, or are not taken, is left alone."""
    site = Site("suppressed")
    site.fail(failure())
    site.send()
    sender = site.mails()[0][0][2]
    code, out, err = run("report", "bounce", "--json", "--config", site.conf, "--now", str(NOW + 60), "-",
                         stdin=send.dsn(sender[8:24], "5.1.1"))
    check("bounce", '"suppressed"' in out, out + err)
    site.fail(failure(t=HOUR + 3600), hour=HOUR + 3600)
    code, lines, err = site.send(now=NOW + 3600)
    check("suppressed", told(lines) == [("f@a.example", None, "not")] and "bounced" in lines[0]["reason"], repr(lines))
    site = Site("refused")
    site.fail(failure())
    site.how("refuse")
    code, lines, err = site.send()
    check("not taken", code == 75 and told(lines) == [("f@a.example", "dmarc", "failed")] and "status 75" in lines[0]["reason"], repr((code, lines)))
    site.how()
    check("not taken: waits", told(site.send(now=NOW + 3599)[1]) == [("f@a.example", None, "later")] and site.mails() == [])
    check("not taken: an hour later", told(site.send(now=NOW + 3600)[1]) == [("f@a.example", "dmarc", "sent")] and len(site.mails()) == 1)


def caps():
    lines_of = [failure("d%d.example" % i, "v=DMARC1; p=none; ruf=mailto:f@d%d.example" % i) for i in range(4)]
    to_big = [failure("d%d.example" % i, "v=DMARC1; p=none; ruf=mailto:f@big.example") for i in range(4)]
    dns = [txt("d%d.example._report._dmarc.big.example" % i, "v=DMARC1") for i in range(4)]
    for name, report, written, expected, says, later in (
            ("in an hour", "failure_per_hour = 2", lines_of, ["sent", "sent", "later", "later"], "failure_per_hour", 3601),
            ("to one address", "failure_per_hour = 29", to_big, ["sent", "sent", "later", "later"], "a tenth of failure_per_hour", 3601),
            ("to one domain in a day", "max_per_destination = 1", to_big, ["sent", "later", "later", "later"], "max_per_destination", DAY + 1),
            ("in a day", "max_per_day = 3", lines_of, ["sent", "sent", "sent", "later"], "max_per_day", DAY + 1)):
        site = Site("caps-" + name.replace(" ", "-"), dns, report)
        site.fail(*written)
        lines = site.send("--dry-run")[1]
        check("caps: dry run: " + name, [o.replace("would go", "sent") for _, _, o in told(lines)] == expected, repr(lines))
        code, lines, err = site.send()
        check("caps: " + name, code == 0 and [o for _, _, o in told(lines)] == expected, repr((lines, err)))
        check("caps: reason: " + name, says in lines[len(expected) - 1]["reason"], repr(lines))
        check("caps: not yet: " + name, "sent" not in [o for _, _, o in told(site.send(now=NOW + later - 60)[1])])
        more = [o for _, _, o in told(site.send(now=NOW + later)[1])].count("sent")
        check("caps: later: " + name, more == min(4 - expected.count("sent"), expected.count("sent")), repr(more))
        check("caps: each once: " + name, len({parse(m)["Message-ID"] for _, m in site.mails()}) == len(site.mails()))


def kills():
    """kill -9: the same report again at most; never two different ones, never none."""
    for how, mails in (("before", 1), ("after", 2)):
        site = Site("kill-" + how)
        site.fail(failure(), failure())
        site.how(how)
        check("killed " + how, site.send()[0] == -9)
        site.how()
        site.fail(failure())
        code, lines, err = site.send(now=NOW + 60)
        reports = {(parse(m)["Message-ID"], tuple(report_of(m)[0]["Incidents"]), a[2]) for a, m in site.mails()}
        check("killed %s: one report" % how, len(site.mails()) == mails and len(reports) == 1, repr((reports, lines, err)))
        check("killed %s: done" % how, told(site.send(now=NOW + 120)[1]) == [] and len(site.mails()) == mails)
    site = Site("kill-any")
    site.fail(*[failure("d%d.example" % i, "v=DMARC1; p=none; ruf=mailto:f@d%d.example" % i) for i in range(8)])
    for i in range(12):
        process = subprocess.Popen([send.COMMAND, "report", "send", "--quiet", "--config", site.conf, "--dns", site.dns, "--now", str(NOW)])
        time.sleep(0.02 * (i + 1))
        process.kill()
        process.wait()
    site.send()
    reports = {}
    for _, m in site.mails():
        reports.setdefault(parse(m)["To"], set()).add(parse(m)["Message-ID"])
    check("killed at any time", len(reports) == 8 and all(len(ids) == 1 for ids in reports.values()), repr(reports))
    site = Site("kill-import")
    path = send.write("%s/mx.0.%s.failures" % (site.evidence, time.strftime("%Y%m%d%H", time.gmtime(HOUR))),
                      "".join(failure("d%d.example" % (i % 300), t=HOUR + i % 3600) + "\n" for i in range(20000)))
    for i in range(12):
        process = subprocess.Popen([send.COMMAND, "report", "import", "--quiet", "--config", site.conf, "--now", str(NOW + DAY)])
        time.sleep(0.03 * (i + 1))
        process.kill()
        process.wait()
    code, out, err = run("report", "import", "--config", site.conf, "--now", str(NOW + DAY))
    check("import killed", code == 0 and glob.glob(path + "*") == [] and
          site.sql("SELECT count(*), sum(incidents) FROM ledger_failure") == [("300", "20000")], out + err)


def to_directory():
    site = Site("directory")
    site.fail(failure(record="v=DMARC1; p=none; ruf=mailto:f@a.example,mailto:g@a.example"))
    out = site.home + "/out"
    os.mkdir(out)
    code, lines, err = site.send("--to-dir", out)
    ident = lines[0]["report_id"]
    check("directory", code == 0 and [o for _, _, o in told(lines)] == ["written"] * 2 and
          sorted(os.listdir(out)) == [ident + "-1.eml", ident + "-2.eml"], repr((lines, err)))
    check("directory: nothing left", site.mails() == [])
    code, lines, err = site.send()
    check("directory: sent as well", [o for _, _, o in told(lines)] == ["sent"] * 2 and lines[0]["report_id"] == ident, repr(lines))


def shown():
    """On the terminal, and who purges."""
    site = Site("shown", report="never_to = never.a.example")
    site.fail(failure(record=ASKS + ",mailto:f@never.a.example"), failure(ip="192.0.2.3", record=ASKS + ",mailto:f@never.a.example"))
    args = ("report", "send", "--config", site.conf, "--dns", site.dns, "--now", str(NOW))
    code, out, err = run(*args, "--dry-run")
    check("shown: dry run", code == 0 and "a.example, 2026-11-22: 2 failures from 192.0.2.200" in out and
          "would go  to f@a.example: dmarc failure report " in out and "to f@never.a.example: never_to in [report]" in out and
          "1 mail would go out, 1 address not written to" in out, out + err)
    check("shown: --day is for aggregate reports", "0 mails" in run(*args, "--day", "2026-11-20")[1])
    check("shown: another domain", "0 mails" in run(*args, "--domain", "b.example")[1])
    code, out, err = run(*args, "--quiet")
    check("shown: quiet", (code, out, err) == (0, "", "") and len(site.mails()) == 1, out + err)
    code, out, err = run("report", "purge", "--config", site.conf, "--now", str(NOW + 500 * DAY))
    check("purged", code == 0 and site.sql("SELECT count(*) FROM ledger_failure") == [("0",)], out + err)


if __name__ == "__main__":
    send.run_tests((off, one_mail, border, lines_refused, merged, kinds, addresses, unwanted, suppressed, caps, kills, to_directory, shown),
                   "mv-failure-")
