#!/usr/bin/python3
"""Reports that leave: to whom and to whom not, signed, once, whatever is killed when; what bounces, and what is said.  On
SQLite and on a real PostgreSQL server.

usage: tests/report/send.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"

sendmail is a program that notes what it is given and fails when it is told to: what a real mail server makes of it is
tested elsewhere.
"""
import copy
import email
import email.policy
import glob
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")]
import keystore  # noqa: E402
import checks  # noqa: E402
import stores  # noqa: E402
from checks import skip  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.abspath(__file__))
DAY = 86400
DAY1 = 1795305600          # 2026-11-22
NEXT = DAY1 + DAY + 3600   # an hour after it
NAMESPACE = "{urn:ietf:params:xml:ns:dmarc-2.0}"
ROUNDS = 10
kind = None  # of the store that the test is run on

SENDMAIL = """#!/usr/bin/python3
import os, signal, sys, time
box = %(box)r
mail = sys.stdin.buffer.read()
how = open(box + "/how").read() if os.path.exists(box + "/how") else ""
how, _, whose = how.partition(" ")
head = mail.split(b"\\n\\n")[0]
if whose.encode() not in head:
    how = ""
if how == "before":
    os.kill(os.getppid(), signal.SIGKILL)
    sys.exit(1)
if how == "slow":
    time.sleep(600)
if how == "refuse":
    print("no room \\x1b[31m today", file=sys.stderr)
    sys.exit(75)
if how == "during":
    os.kill(os.getppid(), signal.SIGKILL)
if how in ("together", "during"):
    time.sleep(0.3)
name = "%%s/%%d-%%d" %% (box, time.time_ns(), os.getpid())
with open(name + ".tmp", "wb") as f:
    f.write(mail)
with open(name + ".args", "w") as f:
    f.write("\\n".join(sys.argv[1:]))
os.rename(name + ".tmp", name + ".mail")
if how == "after":
    os.kill(os.getppid(), signal.SIGKILL)
"""


def check(name, condition, detail=""):
    checks.check("%s: %s" % (kind.name, name), condition, detail)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return path


def run(*args, stdin=b"", timeout=120):
    done = subprocess.run([COMMAND, *args], input=stdin, capture_output=True, timeout=timeout,
                          env=dict(os.environ, NO_COLOR="1"))
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def txt(name, *texts, rcode="NOERROR"):
    return {"name": name, "type": "TXT", "rcode": rcode, "data": list(texts)}


class Site:
    """A receiver with its store, keys, evidence, DNS and sendmail."""

    def __init__(self, name, dns=(), report="", sign="domains = receiver.example\n"):
        self.home = os.path.join(folder, kind.name, name)
        self.box = os.path.join(self.home, "box")
        self.db = copy.copy(kind)
        self.store = self.db.fresh("send-" + name)
        self.evidence = os.path.join(self.home, "evidence")
        self.conf = os.path.join(self.home, "c.conf")
        self.files = 0
        for d in (self.box, self.evidence):
            os.makedirs(d)
        write(self.box + "/sendmail", SENDMAIL % {"box": self.box})
        os.chmod(self.box + "/sendmail", 0o755)
        self.settings = {"evidence": "yes", "send": "yes", "address": "dmarc-reports@receiver.example",
                         "organization": "Receiver", "bounce_address": "bounces@receiver.example",
                         "sendmail": self.box + "/sendmail", "store": self.store,
                         "evidence_directory": self.evidence}
        self.sign = sign
        self.configure(**dict(line.split(" = ") for line in report.splitlines()))
        self.dns = write(self.home + "/dns.json", json.dumps({"schema": 1, "default": "NXDOMAIN", "answers": [
            txt(*KEY), txt("_dmarc.receiver.example", "v=DMARC1; p=reject"), *dns]}))

    def configure(self, **settings):
        self.settings.update(settings)
        write(self.conf, "[sign]\nkeys_directory = %s\nhost = mx1\npreflight = 0s\n%s[report]\n%s" % (
            KEYS, self.sign, "".join("%s = %s\n" % item for item in self.settings.items())))

    def see(self, domain, record, count=1, **how):
        """Messages of one day, alike, into the ledger."""
        self.take([self.line(domain, record, **how)] * count, how.get("day", DAY1))

    def see_all(self, domains):
        self.take([self.line(d, "v=DMARC1; p=none; rua=mailto:d@" + d) for d in domains], DAY1)

    def line(self, domain, record, day=DAY1, result="pass", ip="192.0.2.1", report=False):
        line = {"v": 1, "t": day + 43200, "ip": ip, "from": domain, "at": domain, "rec": record, "pub": "none",
                "dmarc": result, "act": "none"}
        if report:
            line["rep"] = 1
        line.update({"al": "d" if result == "pass" else "", "spf": ["fail", "mfrom", "else.example"],
                     **({"dkim": [["pass", domain, "s1", "s"]]} if result == "pass" else {})})
        return json.dumps(line, separators=(",", ":"))

    def take(self, lines, day):
        self.files += 1
        path = write("%s/mx1.0.%s%02d.ndjson" % (self.evidence, time.strftime("%Y%m%d", time.gmtime(day)), self.files % 24),
                     "".join(line + "\n" for line in lines))
        code, out, err = run("report", "import", "--config", self.conf, "--now", str(day + 2 * DAY))
        check("import", code == 0 and not os.path.exists(path), out + err)

    def send(self, *more, now=NEXT, timeout=120):
        """Exit, lines of JSON, stderr."""
        code, out, err = run("report", "send", "--config", self.conf, "--dns", self.dns, "--now", str(now), "--json", *more,
                             timeout=timeout)
        return code, [json.loads(line) for line in out.splitlines()], err

    def how(self, how=""):
        write(self.box + "/how", how)

    def mails(self):
        """(arguments, message) of each that was taken, in order."""
        return [(open(p[:-5] + ".args").read().split("\n"), open(p, "rb").read())
                for p in sorted(glob.glob(self.box + "/*.mail"))]

    def forget(self):
        for path in glob.glob(self.box + "/*.mail") + glob.glob(self.box + "/*.args"):
            os.unlink(path)

    def sql(self, text):
        return self.db.ask(text)

    def digest(self):
        """All that the store holds."""
        return self.db.digest()


def outcomes(lines):
    return [(l.get("to") or l.get("uri"), l["outcome"]) for l in lines if l["type"] == "mail"]


def reasons(lines):
    return [l["reason"] for l in lines if l["type"] in ("mail", "day")]


def parse(message):
    return email.message_from_bytes(message, policy=email.policy.SMTP)


def attachment(message):
    part = [p for p in parse(message).walk() if p.get_content_type() == "application/gzip"][0]
    return part.get_filename(), gzip.decompress(part.get_payload(decode=True))


def text_of(document, path):
    return xml.fromstring(document).findtext("/".join(NAMESPACE + p for p in path.split("/")))


def validates(document):
    schema = os.path.join(HERE, "rfc9990.xsd")
    if not os.path.exists(schema):
        schema = os.path.join(HERE, "..", "..", "..", "shared", "suites", "rua", "rfc9990.xsd")
    if not os.path.exists(schema) or shutil.which("xmllint") is None:
        return None
    return subprocess.run(["xmllint", "--noout", "--schema", schema, "-"], input=document, capture_output=True).returncode == 0


RUA = "v=DMARC1; p=quarantine; sp=reject; adkim=s; fo=1; rua=mailto:d@a.example"


def one_mail():
    """RFC 9990 3.5: the mail and what is in it."""
    site = Site("one")
    site.see("a.example", "v=DMARC1; p=none; rua=mailto:old@a.example", 2)
    site.see("a.example", RUA, 3, ip="2001:db8::1")
    site.see("a.example", RUA, 4, result="fail", ip="192.0.2.9")
    code, lines, err = site.send()
    mails = site.mails()
    check("one mail", code == 0 and len(mails) == 1 and outcomes(lines) == [("d@a.example", "sent")], repr((code, lines, err)))
    args, message = mails[0]
    head = parse(message)
    ident = lines[0]["report_id"]
    check("arguments", args[0] == "-i" and args[1] == "-f" and args[3:] == ["-t"], repr(args))
    check("VERP", args[2].startswith("bounces+") and args[2].endswith("@receiver.example") and len(args[2]) == 8 + 16 + 17, args[2])
    check("line ends are those of the system", b"\r" not in message)
    check("Subject", " ".join(head["Subject"].split()) in
          ("Report Domain: a.example Submitter: receiver.example Report-ID: %s" % ident,
           "Report Domain: a.example Submitter: receiver.example Report-ID: <%s>" % ident), head["Subject"])
    check("From and To", "dmarc-reports@receiver.example" in head["From"] and head["To"] == "d@a.example", repr((head["From"], head["To"])))
    name, document = attachment(message)
    check("file name", name == "receiver.example!a.example!%d!%d!%s.xml.gz" % (DAY1, DAY1 + DAY - 1, ident), name)
    valid = validates(document)
    if valid is None:
        skip("schema", "no schema or no xmllint")
    else:
        check("schema", valid, document.decode())
    for path, value in {"report_metadata/org_name": "Receiver", "report_metadata/email": "dmarc-reports@receiver.example",
                        "report_metadata/report_id": ident, "report_metadata/date_range/begin": str(DAY1),
                        "report_metadata/date_range/end": str(DAY1 + DAY - 1), "policy_published/domain": "a.example",
                        "policy_published/p": "quarantine", "policy_published/sp": "reject", "policy_published/np": None,
                        "policy_published/adkim": "s", "policy_published/aspf": "r", "policy_published/fo": "1",
                        "policy_published/testing": "n", "policy_published/discovery_method": "treewalk"}.items():
        check("report: " + path, text_of(document, path) == value, repr(text_of(document, path)))
    check("report: several records are told", "2 different" in (text_of(document, "report_metadata/error") or ""))
    counts = [int(c.text) for c in xml.fromstring(document).iter(NAMESPACE + "count")]
    check("report: rows", sorted(counts) == [2, 3, 4], repr(counts))
    code, out, err = run("verify", "--config", site.conf, "--dns", site.dns, "--now", str(NEXT + 60), "--json",
                         write(site.home + "/m", message))
    verdict = json.loads(out)
    check("the mail passes DMARC", code == 0 and verdict["dmarc"]["result"] == "pass" and
          verdict["dmarc"]["aligned_by"] == ["dkim"], out + err)
    code, lines, err = site.send()
    check("nothing is sent again", code == 0 and len(site.mails()) == 1 and outcomes(lines) == [], repr(lines))
    site.see("a.example", RUA, 5)
    code, lines, err = site.send(now=NEXT + 60)
    check("what comes late is not reported", code == 0 and len(site.mails()) == 1, repr(lines))
    code, out, err = run("report", "read", "--json", "--config", site.conf, "--dns", site.dns, "--now", str(NEXT + 60), site.home + "/m")
    back = json.loads(out)
    check("our reader takes it", back["messages"] == 9 and back["passed"] == 5 and back["notes"] == [] and
          back["sender"]["trust"] == "mail", out + err)


def policies():
    """RFC 9990 3.1.1.5: what was published, with the defaults of what was not; and the addresses beside it."""
    rua = "; rua=mailto:d@%s"
    rows = [
        ("all tags", "v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=s; t=y; fo=1:d:s; psd=n",
         ("reject", "quarantine", "none", "s", "s", "1:d:s", "y")),
        ("none but p", "v=DMARC1; p=quarantine", ("quarantine", None, None, "r", "r", "0", "n")),
        ("no p (RFC 9989 4.7)", "v=DMARC1", ("none", None, None, "r", "r", "0", "n")),
        ("p that is none", "v=DMARC1; p=nothing; sp=all; np=x; t=maybe; adkim=strict", ("none", None, None, "r", "r", "0", "n")),
        ("np alone", "v=DMARC1; p=none; np=reject", ("none", None, "reject", "r", "r", "0", "n")),
        ("tags of RFC 7489", "v=DMARC1; p=reject; pct=20; rf=afrf; ri=60", ("reject", None, None, "r", "r", "0", "n")),
        ("in capitals", "v=DMARC1; P=Reject; SP=NONE; ADKIM=S; T=Y", ("reject", "none", None, "s", "r", "0", "y")),
        ("fo that is none", "v=DMARC1; p=none; fo=1:<b>&\"'", ("none", None, None, "r", "r", "0", "n")),
    ]
    site = Site("policies")
    for i, (_, record, _) in enumerate(rows):
        domain = "xn--bcher-kva%d.example" % i
        site.see(domain, record + rua % domain, ip="2001:db8::1" if i % 2 else "203.0.113.250")
    code, lines, err = site.send()
    check("policy: all are told", code == 0 and len(site.mails()) == len(rows), repr((lines, err)))
    documents = {text_of(d, "policy_published/domain"): d for d in (attachment(m)[1] for _, m in site.mails())}
    paths = ("p", "sp", "np", "adkim", "aspf", "fo", "testing")
    for i, (name, _, expected) in enumerate(rows):
        document = documents.get("xn--bcher-kva%d.example" % i, b"<x/>")
        told = tuple(text_of(document, "policy_published/" + path) for path in paths)
        check("policy: " + name, told == expected and text_of(document, "policy_published/discovery_method") == "treewalk", repr(told))
        check("policy: schema: " + name, validates(document) is not False, document.decode())
        check("policy: one record, and no error: " + name, text_of(document, "report_metadata/error") is None)
        check("policy: source: " + name, text_of(document, "record/row/source_ip") == ("2001:db8::1" if i % 2 else "203.0.113.250"))
        check("policy: no envelope_to: " + name, b"envelope_to" not in document)


def times():
    """Whole days in UTC alone, half an hour after their end; not what nobody waits for any more."""
    for name, now, sent in (("in the day", DAY1 + 80000, 0), ("a quarter of an hour after it", DAY1 + DAY + 900, 0),
                            ("half an hour after it", DAY1 + DAY + 1800, 1), ("seven days after it", DAY1 + 8 * DAY, 1),
                            ("later", DAY1 + 8 * DAY + 60, 0)):
        site = Site("times-" + name.replace(" ", "-"))
        site.see("a.example", RUA)
        code, lines, err = site.send(now=now)
        check("time: " + name, code == 0 and len(site.mails()) == sent, repr((code, lines, err)))
    for zone in ("Pacific/Kiritimati", "America/Los_Angeles", "<+14>-14"):
        os.environ["TZ"] = zone
        site = Site("times-zone-" + "".join(c for c in zone if c.isalpha()))
        site.see("a.example", RUA)
        early = len(site.mails()) + len(outcomes(site.send(now=DAY1 + DAY + 1799)[1]))
        code, lines, err = site.send(now=DAY1 + DAY + 1800)
        names = [attachment(m)[0] for _, m in site.mails()]
        check("time: zone " + zone, early == 0 and len(names) == 1 and "!a.example!%d!%d!20261122" % (DAY1, DAY1 + DAY - 1) in names[0],
              repr((early, names, lines, err)))
        check("time: a date in " + zone, parse(site.mails()[0][1])["Date"] == "Mon, 23 Nov 2026 00:30:00 +0000", repr(parse(site.mails()[0][1])["Date"]))
        del os.environ["TZ"]
    site = Site("times-asked")
    site.see("b.example", RUA.replace("a.ex", "b.ex"))
    code, lines, err = site.send("--day", "2026-11-22", now=DAY1 + 90 * DAY)
    check("time: a day that was asked for", outcomes(lines) == [("d@b.example", "sent")], repr(lines))
    code, lines, err = site.send("--day", "2026-11-22", "--dry-run", now=DAY1 + DAY)
    check("time: a day that is not over", code == 64 and "half an hour" in err, err)
    for bad in ("yesterday", "2026-11-22T00:00:00Z", "2026-13-40", ""):
        code, lines, err = site.send("--day", bad)
        check("time: --day " + bad, code == 64, err)


def addresses():
    """RFC 9990 3.5 and 4: several addresses, bad ones, consent."""
    record = "v=DMARC1; p=none; rua="
    dns = [txt("a.example._report._dmarc.given.example", "v=DMARC1;"),
           txt("a.example._report._dmarc.other.example", "v=DMARC1; rua=mailto:better@other.example"),
           txt("a.example._report._dmarc.moved.example", "v=DMARC1; rua=mailto:d@elsewhere.example"),
           txt("a.example._report._dmarc.silent.example", rcode="SERVFAIL"),
           {"name": "a.example._report._dmarc.alias.example", "type": "CNAME", "rcode": "NOERROR", "data": ["x.alias.example"]},
           txt("x.alias.example", "v=DMARC1"),
           # As a server answers for "*._report._dmarc.wild.example"
           txt("a.example._report._dmarc.wild.example", "v=DMARC1"), txt("*._report._dmarc.wild.example", "v=DMARC1"),
           txt("_dmarc.a.example", record + "mailto:d@a.example")]
    rows = [
        ("our own domain", "mailto:d@a.example", [("d@a.example", "sent")], ""),
        ("below it", "mailto:d@mail.a.example", [("d@mail.a.example", "sent")], ""),
        ("consent given", "mailto:d@given.example", [("d@given.example", "sent")], ""),
        ("consent missing", "mailto:d@missing.example", [("d@missing.example", "not")],
         "a.example._report._dmarc.missing.example"),
        ("another address at the same host", "mailto:d@other.example", [("better@other.example", "sent")], ""),
        ("an address at another host", "mailto:d@moved.example", [("d@moved.example", "not")], "another host"),
        ("DNS is silent", "mailto:d@silent.example", [("d@silent.example", "later")], "DNS did not say"),
        ("several", "mailto:d@a.example,mailto:d@given.example,mailto:d@missing.example",
         [("d@missing.example", "not"), ("d@a.example", "sent"), ("d@given.example", "sent")], None),
        ("the same twice", "mailto:d@a.example,mailto:d@A.example!10m", [("d@a.example", "not"), ("d@a.example", "sent")], None),
        ("no mail", "https://a.example/dmarc,mailto:d@a.example", [("https://a.example/dmarc", "not"), ("d@a.example", "sent")], None),
        ("six", ",".join("mailto:%d@a.example" % i for i in range(6)),
         [("5@a.example", "not")] + [("%d@a.example" % i, "sent") for i in range(5)], None),
        ("a new field", "mailto:d%0d%0aBcc:x%40a.example@a.example", [("mailto:d%0d%0aBcc:x%40a.example@a.example", "not")], "no address"),
        ("fields of a mail", "mailto:d@a.example?cc=x@b.example&subject=y%0d%0aBcc:z", [("d@a.example", "sent")], ""),
        ("a size", "mailto:d@a.example!10k", [("d@a.example", "sent")], ""),
        ("a size that is none", "mailto:d@a.example!10x,mailto:e@a.example", [("e@a.example", "sent")], None),
        ("by percent", "mailto:%64%2Bx@a.example", [("d+x@a.example", "sent")], ""),
        ("a quoted one", "mailto:%22d%2Cx%40b.example%22@a.example", [('"d,x@b.example"@a.example', "sent")], ""),
        ("by percent, the same twice", "mailto:d@a.example,mailto:%64@a.example", [("d@a.example", "not"), ("d@a.example", "sent")], None),
        ("another that becomes the same", "mailto:better@other.example,mailto:d@other.example",
         [("better@other.example", "not"), ("better@other.example", "sent")], None),
        ("two hosts by percent", "mailto:d@given.example%2Cx@a.example", None, None),
        ("this machine", "mailto:root@localhost,mailto:d@a.example", [("mailto:root@localhost", "not"), ("d@a.example", "sent")], None),
        ("by CNAME", "mailto:d@alias.example", [("d@alias.example", "sent")], ""),
        ("by a wildcard", "mailto:d@wild.example", [("d@wild.example", "sent")], ""),
        ("by none of them", "mailto:d@below.wild.example", [("d@below.wild.example", "not")], "_report._dmarc.below.wild.example"),
        ("an option", "mailto:-oQ/tmp@a.example", None, None),
    ]
    for i, (name, uris, expected, says) in enumerate(rows):
        site = Site("address-%d" % i, dns)
        site.see("a.example", record + uris)
        before = site.digest()
        code, lines, err = site.send("--dry-run")
        check("dry run changes nothing: " + name, site.digest() == before and site.mails() == [] and code == 0, err)
        would = [(to, what.replace("would go", "sent")) for to, what in outcomes(lines)]
        check("dry run: " + name, expected is None or would == expected, repr(lines))
        code, lines, err = site.send()
        check("address: " + name, expected is None or (code == 0 and outcomes(lines) == expected), repr((code, lines, err)))
        check("address: reason: " + name, not says or says in reasons(lines)[0], repr(reasons(lines)))
        to = sorted(parse(m)["To"] for _, m in site.mails())
        check("address: no more fields: " + name, all(not m["Cc"] and not m["Bcc"] and len(m.get_all("To")) == 1
                                                      for m in (parse(m) for _, m in site.mails())))
        check("address: mails: " + name, expected is None or to == sorted(t for t, what in expected if what == "sent"), repr(to))
        check("address: nobody else: " + name, all(a[:2] == ["-i", "-f"] and len(a) == 4 and a[3] == "-t" for a, _ in site.mails()))
        ids = {l["report_id"] for l in lines if l.get("outcome") == "sent"}
        check("address: one report: " + name, len(ids) <= 1, repr(ids))
        settled = site.send("--dry-run")[1]
        waits = expected is not None and ("later" in dict(expected).values())
        check("address: settled: " + name, (outcomes(settled) != []) == waits, repr(settled))


def domains():
    """Who gets none: no rua, nobody wants the mail, nothing but reports, never_to."""
    site = Site("domains", report="never_to = never.example")
    site.see("none.example", "v=DMARC1; p=none")
    site.see("spam.example", "v=DMARC1; p=none; rua=mailto:d@spam.example", 3, result="fail")
    site.see("was.example", "v=DMARC1; p=none; rua=mailto:d@was.example", 3, result="fail")
    site.see("was.example", "v=DMARC1; p=none; rua=mailto:d@was.example", 1, day=DAY1 - 5 * DAY)
    site.see("pong.example", "v=DMARC1; p=none; rua=mailto:d@pong.example", 2, report=True)
    site.see("also.example", "v=DMARC1; p=none; rua=mailto:d@also.example", 2, report=True)
    site.see("also.example", "v=DMARC1; p=none; rua=mailto:d@also.example", 1)
    site.see("forged.example", "v=DMARC1; p=none; rua=mailto:d@forged.example", 1, result="fail", report=True)
    site.see("forged.example", "v=DMARC1; p=none; rua=mailto:d@forged.example", 1, day=DAY1 - 5 * DAY)
    site.see("sub.never.example", "v=DMARC1; p=none; rua=mailto:d@sub.never.example")
    code, lines, err = site.send("--day", "2026-11-22")
    by_domain = {l["domain"]: (l["outcome"], l["reason"] or "") for l in lines if l["type"] != "summary"}
    for domain, outcome, says in (("none.example", "not", "asks for no reports"), ("spam.example", "not", "only_wanted"),
                                  ("was.example", "sent", ""), ("pong.example", "not", "nothing came but reports"),
                                  ("also.example", "sent", ""), ("forged.example", "sent", ""),
                                  ("sub.never.example", "not", "never_to")):
        check("domain: " + domain, by_domain[domain][0] == outcome and says in by_domain[domain][1], repr(by_domain[domain]))
    check("domain: all are settled", outcomes(site.send("--dry-run", "--day", "2026-11-22")[1]) == [])
    site = Site("unwanted", report="only_wanted = no")
    site.see("spam.example", "v=DMARC1; p=none; rua=mailto:d@spam.example", 3, result="fail")
    check("domain: only_wanted = no", outcomes(site.send()[1]) == [("d@spam.example", "sent")])
    site = Site("one-domain")
    for domain in ("a.example", "b.example"):
        site.see(domain, "v=DMARC1; p=none; rua=mailto:d@" + domain)
    check("domain: --domain", outcomes(site.send("--domain", "B.example")[1]) == [("d@b.example", "sent")])
    check("domain: --domain is no domain", site.send("--domain", "a..b")[0] == 64)


def caps():
    for name, report, more, expected, says in (
            ("in all", "max_per_day = 2", [], ["sent", "sent", "later", "later"], "max_per_day"),
            ("to one domain", "max_per_destination = 3", [], ["sent"] * 3 + ["later"], "max_per_destination"),
            ("--limit", "", ["--limit", "1"], ["sent"] + ["later"] * 3, "--limit")):
        site = Site("caps-" + name.replace(" ", "-"), [txt("d%d.example._report._dmarc.big.example" % i, "v=DMARC1") for i in range(4)], report)
        for i in range(4):
            site.see("d%d.example" % i, "v=DMARC1; p=none; rua=mailto:d@big.example")
        code, lines, err = site.send("--dry-run", *more)
        check("caps: dry run: " + name, [o.replace("would go", "sent") for _, o in outcomes(lines)] == expected, repr(lines))
        code, lines, err = site.send(*more)
        check("caps: " + name, code == 0 and [o for _, o in outcomes(lines)] == expected, repr((code, lines, err)))
        check("caps: reason: " + name, says in reasons(lines)[-1], repr(reasons(lines)))
        check("caps: the end: " + name, (says in (lines[-1]["ended"] or "")) == (says != "max_per_destination"), repr(lines[-1]))
        if not more:
            code, lines, err = site.send(now=NEXT + 3600)
            check("caps: not yet: " + name, "sent" not in dict(outcomes(lines)).values(), repr(lines))
            code, lines, err = site.send(now=NEXT + DAY + 60)
            check("caps: a day later: " + name, [o for _, o in outcomes(lines)].count("sent") == 4 - expected.count("sent"), repr(lines))
            check("caps: each once: " + name, len({attachment(m)[0] for _, m in site.mails()}) == 4 == len(site.mails()))
    site = Site("many", report="max_per_day = 1000000")
    site.see_all(["d%04d.example" % i for i in range(5000)])
    code, lines, err = site.send("--dry-run")
    check("caps: many: each once", sorted(l["domain"] for l in lines[:-1]) == ["d%04d.example" % i for i in range(5000)], err)
    code, lines, err = site.send("--limit", "20")
    check("caps: many: some", [l["domain"] for l in lines if l.get("outcome") == "sent"] == ["d%04d.example" % i for i in range(20)])


def refusals():
    """What sendmail does not take: 1 h, 4 h, a day, then given up; the same report each time."""
    site = Site("refusals")
    site.see("a.example", "v=DMARC1; p=none; rua=mailto:d@a.example")
    site.see("b.example", "v=DMARC1; p=none; rua=mailto:d@b.example")
    site.how("refuse d@a.example")
    now, names = NEXT, set()
    for i, wait in enumerate((3600, 4 * 3600, DAY)):
        code, lines, err = site.send(now=now)
        line = [l for l in lines if l.get("to") == "d@a.example"][0]
        names.add(line["file"])
        check("refused %d" % (i + 1), code == 75 and line["outcome"] == "failed" and "status 75" in line["reason"] and
              "no room" in line["reason"] and "\x1b" not in line["reason"], repr((code, lines, err)))
        code, lines, err = site.send(now=now + wait - 1)
        check("refused %d: waits" % (i + 1), code == 0 and outcomes(lines) == [("d@a.example", "later")], repr(lines))
        now += wait
    code, lines, err = site.send(now=now)
    check("refused 4", outcomes(lines) == [("d@a.example", "failed")], repr(lines))
    code, lines, err = site.send(now=now + 5 * DAY)
    check("given up", outcomes(lines) == [] and len(site.mails()) == 1, repr(lines))
    check("the same name each time", len(names) == 1, repr(names))
    site.see("a.example", "v=DMARC1; p=none; rua=mailto:d@a.example", day=DAY1 + 2 * DAY)
    site.how("")
    code, lines, err = site.send(now=now + 5 * DAY)
    check("another day", outcomes(lines) == [("d@a.example", "sent")], repr(lines))

    site = Site("refuses-all")
    for i in range(5):
        site.see("d%d.example" % i, "v=DMARC1; p=none; rua=mailto:d@d%d.example" % i)
    site.how("refuse")
    code, lines, err = site.send()
    check("three in a row end the run", code == 75 and [o for _, o in outcomes(lines)] == ["failed"] * 3 and
          lines[-1]["type"] == "summary" and "status 75" in lines[-1]["ended"], repr((code, lines, err)))
    site.how("")
    code, lines, err = site.send(now=NEXT + 60)
    check("the others are not held up by it", [o for _, o in outcomes(lines)] == ["later"] * 3 + ["sent"] * 2, repr(lines))

    site = Site("missing", report="sendmail = /nowhere/sendmail")
    site.see("a.example", RUA)
    code, lines, err = site.send()
    check("no sendmail", code == 78 and "/nowhere/sendmail" in err and "sendmail in [report]" in err, repr((code, err)))
    site.configure(sendmail=site.box + "/sendmail")
    check("no sendmail is nobody's fault", outcomes(site.send()[1]) == [("d@a.example", "sent")])

    site = Site("slow")
    site.see("a.example", RUA)
    site.how("slow")
    code, lines, err = site.send("--wait", "1")
    check("too slow", code == 75 and "within 1 seconds" in lines[0]["reason"], repr((code, lines, err)))


def kills():
    """kill -9: the same report again at most, never two different ones."""
    for how, mails in (("before", 1), ("after", 2)):
        site = Site("kill-" + how)
        site.see("a.example", RUA)
        site.how(how)
        code, lines, err = site.send()
        check("killed " + how, code == -9, repr((code, lines, err)))
        site.how("")
        code, lines, err = site.send(now=NEXT + 60)
        names = [attachment(m)[0] for _, m in site.mails()]
        senders = {a[2] for a, _ in site.mails()}
        check("killed %s: sent" % how, code == 0 and len(names) == mails and len(set(names)) == 1 and len(senders) == 1,
              repr((code, names, senders, err)))
        reports = {attachment(m)[1] for _, m in site.mails()}
        check("killed %s: one report" % how, len(reports) == 1)
        check("killed %s: done" % how, outcomes(site.send()[1]) == [] and len(site.mails()) == mails)
    site = Site("kill-any")
    for i in range(8):
        site.see("d%d.example" % i, "v=DMARC1; p=none; rua=mailto:d@d%d.example" % i)
    for i in range(20):
        process = subprocess.Popen([COMMAND, "report", "send", "--quiet", "--config", site.conf, "--dns", site.dns, "--now", str(NEXT)])
        time.sleep(0.01 * (i + 1))
        process.kill()
        process.wait()
    code, lines, err = site.send()
    by_domain = {}
    for _, m in site.mails():
        name, document = attachment(m)
        by_domain.setdefault(parse(m)["To"], set()).add((name, document))
    check("killed at any time", code == 0 and len(by_domain) == 8 and all(len(v) == 1 for v in by_domain.values()),
          repr((code, {k: len(v) for k, v in by_domain.items()}, err)))


def together():
    """Two at once, and what each says."""
    site = Site("together")
    for i in range(4):
        site.see("d%d.example" % i, "v=DMARC1; p=none; rua=mailto:d@d%d.example" % i)
    site.how("together")
    senders = [subprocess.Popen([COMMAND, "report", "send", "--config", site.conf, "--dns", site.dns, "--now", str(NEXT)],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    said = [s.communicate(timeout=60) for s in senders]
    check("together: all end well", [s.returncode for s in senders] == [0, 0, 0], repr(said))
    check("together: one sends", sum(b"another process" in e for _, e in said) == 2, repr(said))
    check("together: nothing twice", sorted(parse(m)["To"] for _, m in site.mails()) == ["d@d%d.example" % i for i in range(4)])


def start(site, *more, now=NEXT):
    return subprocess.Popen([COMMAND, "report", "send", "--json", "--config", site.conf, "--dns", site.dns, "--now", str(now), *more],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(process):
    """Exit, the outcomes, and whether another one was at it."""
    out, err = process.communicate(timeout=60)
    lines = [json.loads(line) for line in out.splitlines()]
    return process.returncode, outcomes(lines), b"another process" in err


def at_once():
    """Two hosts whose timers start them together, again and again: every report once, by one of them."""
    site = Site("at-once", report="max_per_day = 1000")
    expected, races = [], 0
    for number in range(ROUNDS):
        domains = ["d%d-%d.example" % (number, i) for i in range(3)]
        site.see_all(domains)
        expected += ["d@" + d for d in domains]
        slow = number % 2 == 0
        site.how("together" if slow else "")
        results = [ended(p) for p in [start(site, now=NEXT + number), start(site, now=NEXT + number)]]
        check("at once %d: both end well" % number, [code for code, _, _ in results] == [0, 0], repr(results))
        check("at once %d: one sends" % number, sorted(len(what) for _, what, _ in results) == [0, 3], repr(results))
        # With mails that take a while the other one is there meanwhile; else it may also come when all is done
        check("at once %d: the other leaves it to it" % number, not slow or [away for _, what, away in results if what == []] == [True],
              repr(results))
        races += any(away for _, _, away in results)
        check("at once %d: each once" % number, sorted(parse(m)["To"] for _, m in site.mails()) == sorted(expected),
              repr([parse(m)["To"] for _, m in site.mails()]))
    check("at once: all are settled", outcomes(site.send("--dry-run")[1]) == [])
    check("at once: some met", races >= ROUNDS // 2, str(races))
    print("%s: at once: %d rounds of two senders, %d mails, %d times the other was there meanwhile" %
          (kind.name, ROUNDS, len(site.mails()), races))


def taken_over():
    """Killed with a mail in flight: the next sends what is left, and that one mail again unless it is known to be taken."""
    for how, copies in (("before", 1), ("during", 2), ("after", 2)):
        site = Site("over-" + how)
        domains = ["d%d.example" % i for i in range(6)]
        site.see_all(domains)
        site.how(how + " d@d2.example")
        code, what, away = ended(start(site))
        check("taken over, %s: killed" % how, code == -signal.SIGKILL, repr((code, what, away)))
        site.how("")
        site.db.settle()
        results = [ended(p) for p in [start(site, now=NEXT + 60), start(site, now=NEXT + 60)]]
        check("taken over, %s: the rest" % how, [code for code, _, _ in results] == [0, 0] and sorted(
            what for _, whats, _ in results for what in whats) == [("d@" + d, "sent") for d in domains[2:]], repr(results))
        time.sleep(0.5 if how == "during" else 0)  # until the one in flight has arrived
        copies_of = {}
        for args, message in site.mails():
            copies_of.setdefault(parse(message)["To"], []).append((args[2], *attachment(message)))
        check("taken over, %s: how often" % how, {to: len(mails) for to, mails in copies_of.items()} ==
              {"d@" + d: copies if d == domains[2] else 1 for d in domains}, repr({k: len(v) for k, v in copies_of.items()}))
        check("taken over, %s: the same report and sender" % how, all(len(set(mails)) == 1 for mails in copies_of.values()))
        check("taken over, %s: nothing is left" % how, outcomes(site.send("--dry-run", now=NEXT + 120)[1]) == [])


def to_directory():
    site = Site("directory")
    site.see("a.example", "v=DMARC1; p=none; rua=mailto:d@a.example,mailto:e@a.example")
    out = site.home + "/out"
    os.mkdir(out)
    code, lines, err = site.send("--to-dir", out)
    files = sorted(os.listdir(out))
    check("directory: files", code == 0 and outcomes(lines) == [("d@a.example", "written"), ("e@a.example", "written")] and
          len(files) == 3 and lines[0]["file"] in files and lines[0]["report_id"] + "-2.eml" in files, repr((code, files, err)))
    document = gzip.decompress(open(os.path.join(out, lines[0]["file"]), "rb").read())
    message = open(os.path.join(out, lines[0]["report_id"] + "-1.eml"), "rb").read()
    check("directory: the mail has the same report", attachment(message) == (lines[0]["file"], document))
    code, text, err = run("verify", "--config", site.conf, "--dns", site.dns, "--now", str(NEXT + 60), "--json",
                          os.path.join(out, lines[0]["report_id"] + "-1.eml"))
    check("directory: the mail passes DMARC", json.loads(text)["dmarc"]["result"] == "pass", text + err)
    code, lines, err = site.send("--to-dir", out)
    check("directory: again, under the same names", sorted(os.listdir(out)) == files and code == 0)
    check("directory: nothing was sent", site.mails() == [] and site.sql("SELECT count(*) FROM outbox_mail") == [("0",)])
    code, lines, err = site.send()
    check("directory: sent under the same name", lines[0]["file"] in files and len(site.mails()) == 2, repr(lines))
    for bad in (site.home + "/missing", site.conf):
        check("directory: " + os.path.basename(bad), site.send("--to-dir", bad)[0] == 64)
    check("directory: a dry run writes nothing", site.send("--to-dir", out, "--dry-run")[0] == 64)


def settings():
    """What is not configured is said, with what to do."""
    site = Site("settings", report="send = no")
    site.see("a.example", RUA)
    code, lines, err = site.send()
    check("send = no", code == 0 and site.mails() == [] and "send in [report] is no" in err, repr((code, err)))
    code, out, err = run("report", "send", "--quiet", "--config", site.conf)
    check("send = no, quietly", (code, out, err) == (0, "", ""), repr((code, out, err)))
    check("send = no, but shown", outcomes(site.send("--dry-run")[1]) == [("d@a.example", "would go")])
    site.configure(send="yes", address="dmarc@unsigned.example")
    code, lines, err = site.send()
    check("no key", code == 78 and site.mails() == [] and "cannot be signed" in err and "domains in [sign]" in err, repr((code, err)))
    code, lines, err = site.send("--dry-run")
    check("no key, but shown", code == 0 and outcomes(lines) == [("d@a.example", "would go")] and "nothing would go out" in err, err)
    site.configure(address="")
    code, lines, err = site.send()
    check("no address", code == 78 and "address in [report]" in err, repr((code, err)))
    site.configure(address="dmarc-reports@receiver.example", bounce_address="")
    code, lines, err = site.send()
    check("the null sender", [a for a, _ in site.mails()] == [["-i", "-f", "<>", "-t"]], repr(site.mails()))
    site = Site("no-store")
    code, lines, err = site.send("--dry-run")
    check("no store", code != 0 and site.db.called() in err and not os.path.exists(site.store), repr((code, err)))
    code, lines, err = site.send()
    check("an empty store", code == 0 and lines[-1]["sent"] == 0, repr((code, lines, err)))


def shown():
    """On the terminal."""
    site = Site("shown", report="never_to = never.example")
    site.see("a.example", "v=DMARC1; p=none; rua=mailto:d@a.example,mailto:d@never.example,mailto:d@missing.example")
    site.see("b.example", "v=DMARC1; p=none")
    args = ("report", "send", "--config", site.conf, "--dns", site.dns, "--now", str(NEXT))
    code, out, err = run(*args, "--dry-run")
    check("shown: dry run", code == 0 and "a.example, 2026-11-22: 1 message, 1 passed DMARC" in out and
          "would go  to d@a.example: 1 row, " in out and "to d@never.example: never_to in [report]" in out and
          "b.example, 2026-11-22" in out and "asks for no reports" in out and
          "1 mail would go out, 2 addresses not written to, 1 day that nobody is told of" in out, out + err)
    code, out, err = run(*args)
    check("shown: sent", code == 0 and "sent      to d@a.example" in out and "b.example" not in out and "1 mail sent" in out, out)
    code, out, err = run(*args, "--quiet")
    check("shown: quiet", (code, out, err) == (0, "", ""), out + err)
    code, out, err = run(*args, "--dry-runn")
    check("shown: a typo", code == 64 and "--dry-run" in err, err)


def dsn(token, status="5.1.1", action="failed"):
    return ("To: bounces+%s@receiver.example\nFrom: MAILER-DAEMON@mx.example\nContent-Type: multipart/report;\n report-type=delivery-"
            "status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: "
            "rfc822; d@a.example\nAction: %s\nStatus: %s\n--b--\n" % (token, action, status)).encode()


def bounces():
    site = Site("bounces")
    record = "v=DMARC1; p=none; rua=mailto:d@a.example"

    def bounce(*args, stdin=b"", now=NEXT + 600):
        code, out, err = run("report", "bounce", "--json", "--config", site.conf, "--now", str(now), *args, stdin=stdin)
        return code, [json.loads(line) for line in out.splitlines() if line.startswith("{")], out + err

    def next_day(day):
        site.see("a.example", record, day=DAY1 + day * DAY)
        lines = site.send(now=NEXT + day * DAY)[1]
        sender = site.mails()[-1][0][2] if site.mails() else None
        site.forget()
        return [o for _, o in outcomes(lines)], sender and sender[8:24], sender

    sent, token, sender = next_day(0)
    rows = [("a stranger's token", ["-"], dsn("abcdefghijkmnpqr"), "unknown"), ("a delay", ["-"], dsn(token, "4.4.1", "delayed"), None),
            ("a holiday note", ["-"], b"To: %s\nFrom: d@a.example\n\nAway\n" % sender.encode(), None),
            ("no token", ["-"], b"From: mailer-daemon@a.example\n\n", None), ("soft", ["-"], dsn(token, "5.2.2"), "noted"),
            ("again", ["-"], dsn(token, "5.1.1"), "again")]
    for name, args, stdin, outcome in rows:
        code, lines, text = bounce(*args, stdin=stdin)
        check("bounce: " + name, code == 0 and [l["outcome"] for l in lines] == ([outcome] if outcome else []), repr((code, text)))
    sent, token, sender = next_day(1)
    check("bounce: one is not enough", sent == ["sent"])
    code, lines, text = bounce("--recipient", sender.upper(), now=NEXT + DAY + 600)
    check("bounce: two in a row", [l["outcome"] for l in lines] == ["suppressed"], text)
    sent, token, sender = next_day(2)
    check("bounce: then none", sent == ["not"] and sender is None, repr(sent))
    site.see("a.example", record, day=DAY1 + 2 * DAY + 2 * DAY)
    code, lines, text = bounce("--list", now=NEXT + 4 * DAY)
    check("bounce: listed", [l["address"] for l in lines] == ["d@a.example"] and lines[0]["suppressed_until"].startswith("2026-12-24"), text)
    code, out, err = run("report", "bounce", "--list", "--config", site.conf, "--now", str(NEXT + 4 * DAY))
    check("bounce: listed for people", "d@a.example  gets no reports until 2026-12-24" in out, out)
    check("bounce: status", run("report", "status", "--json", "--config", site.conf, "--now", str(NEXT + 4 * DAY))[1].find('"suppressed": 1') > 0)
    code, lines, text = bounce("--forgive", "d@a.example")
    check("bounce: forgiven", code == 0 and "forgiven" in text, text)
    check("bounce: nobody to forgive", bounce("--forgive", "x@a.example")[0] == 1)
    sent, token, sender = next_day(5)
    check("bounce: sent again", "sent" in sent, repr(sent))
    code, lines, text = bounce("-", stdin=dsn(token, "5.7.1"), now=NEXT + 5 * DAY)
    check("bounce: for good", [l["outcome"] for l in lines] == ["suppressed"], text)
    site.see("a.example", record, day=DAY1 + 36 * DAY)
    check("bounce: 30 days later", outcomes(site.send(now=NEXT + 36 * DAY)[1]) == [("d@a.example", "sent")])
    for args in ([], ["--list", "--forgive", "x"], ["-", "--list"]):
        check("bounce: usage %r" % args, bounce(*args)[0] == 64)


def status():
    site = Site("status")
    site.see("a.example", RUA, 3)
    site.see("b.example", RUA.replace("a.ex", "b.ex"), 3, day=DAY1 + DAY)
    write(site.evidence + "/mx1.0.2026112400.ndjson", "x" * 100)

    def ask(*more):
        code, out, err = run("report", "status", "--json", "--config", site.conf, "--now", str(NEXT), *more)
        return code, json.loads(out), err

    code, told, err = ask()
    check("status: before", code == 0 and told["ledger"] == {"days": 2, "over": 1, "messages": 6} and told["problems"] == [] and
          told["evidence"] == {"files": 1, "bytes": 100} and told["sent"]["mails"] == 0, repr(told))
    site.send()
    code, told, err = ask()
    check("status: after", told["sent"]["mails"] == 1 and told["ledger"]["days"] == 1, repr(told))
    code, out, err = run("report", "status", "--config", site.conf, "--now", str(NEXT))
    check("status: for people", code == 0 and "sent      1 mail in 7 days" in out and "problem" not in out, out)
    site.configure(evidence="no", send="no", address="x@unsigned.example", sendmail="/nowhere", store=site.home + "/none.db")
    code, told, err = ask()
    check("status: problems", code == 1 and [w for w in ("evidence in", "send in", "cannot be signed", "/nowhere", "none.db")
                                             if not any(w in p for p in told["problems"])] == [], repr(told["problems"]))


def run_tests(tests, prefix):
    """All, or those that are named, on each kind of store."""
    global folder, KEYS, KEY, kind
    stores.enter(COMMAND, sys.argv)
    folder = tempfile.mkdtemp(prefix=prefix)
    try:
        KEYS = folder + "/keys"
        KEY = keystore.add_key(KEYS, "receiver.example", "mx1-20261101-r", "rsa", DAY1)
        with stores.opened(folder) as (kinds, reason):
            for kind in kinds:
                for test in tests:
                    if len(sys.argv) < 3 or test.__name__ in sys.argv[2:]:
                        test()
                        kind.forget()
            if reason is not None:
                skip("reports from PostgreSQL", reason)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(checks.end())


if __name__ == "__main__":
    run_tests((one_mail, policies, times, addresses, domains, caps, refusals, kills, together, at_once, taken_over, to_directory, settings,
               shown, bounces, status), "mv-send-")
