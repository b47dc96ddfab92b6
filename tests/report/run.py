#!/usr/bin/python3
"""Reports as the command reads and keeps them: containers, senders, exactly once, killed at any moment, memory.

usage: tests/report/run.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"
"""
import base64
import gzip
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checks  # noqa: E402
import dmarc_reports as reports  # noqa: E402
from checks import check, skip  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1])
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SUITES = os.path.join(TOP, "..", "shared", "suites", "rua")
NOW = int(time.time())
MAX_RESIDENT_KIB = 20 * 1024


def run(*args, stdin=b"", timeout=300):
    done = subprocess.run([COMMAND, "report", *args], input=stdin, capture_output=True, timeout=timeout,
                          env=dict(os.environ, NO_COLOR="1"))
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def read_json(*args, stdin=b""):
    code, out, err = run("read", "--json", "--now", str(NOW), *args, stdin=stdin)
    return code, [json.loads(line) for line in out.splitlines()], err


def record(ip="192.0.2.1", count=5, header_from="example.com", result="fail", more=""):
    return ("<record><row><source_ip>%s</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>"
            "<dkim>%s</dkim><spf>fail</spf>%s</policy_evaluated></row><identifiers><header_from>%s</header_from>"
            "</identifiers><auth_results><dkim><domain>sender.example</domain><selector>s</selector><result>pass"
            "</result></dkim><spf><domain>sender.example</domain><result>pass</result></spf></auth_results></record>"
            % (ip, count, result, more, header_from))


def report(ident="1", domain="example.com", records=None, org="Reporter"):
    return ('<?xml version="1.0"?><feedback><report_metadata><org_name>%s</org_name><email>a@r.example</email>'
            "<report_id>%s</report_id><date_range><begin>1795305600</begin><end>1795391999</end></date_range>"
            "</report_metadata><policy_published><domain>%s</domain><p>none</p></policy_published>%s</feedback>"
            % (org, ident, domain, "".join(records or [record()]))).encode()


def mail(attachment, name="r.example!example.com!1!2.xml.gz", author="reports@r.example"):
    encoded = base64.encodebytes(attachment).replace(b"\n", b"\r\n")
    return (b"From: %s\r\nTo: dmarc@example.com\r\nSubject: Report Domain: example.com Submitter: r.example\r\n"
            b"Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\n"
            b'Content-Type: multipart/mixed; boundary="=b"\r\n\r\n--=b\r\n\r\nA report.\r\n--=b\r\n'
            b'Content-Type: application/gzip; name="%s"\r\nContent-Transfer-Encoding: base64\r\n\r\n%s--=b--\r\n'
            % (author.encode(), name.encode(), encoded))


def zipped(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for i, data in enumerate(files):
            z.writestr("report%d.xml" % i, data)
    return out.getvalue()


def full_zip(count):
    """A directory of so many entries, all of one empty file."""
    local = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    entry = b"PK\1\2" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    return (local + entry * count +
            b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, min(count, 65535), min(count, 65535), len(entry) * count, len(local), 0))


def write(name, data):
    return checks.write(folder, name, data)


def sums(store):
    """Reports, messages of the reports, messages of their records."""
    with sqlite3.connect(store) as db:
        heads = db.execute("SELECT count(*), coalesce(sum(messages), 0) FROM report WHERE pending=0").fetchone()
        rows = db.execute("SELECT coalesce(sum(count), 0) FROM record").fetchone()
        left = db.execute("SELECT count(*) FROM report WHERE pending<>0").fetchone()
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
    return heads[0], heads[1], rows[0], left[0]


def samples():
    names = sorted(n for n in os.listdir(SUITES) if n.endswith(".xml")) if os.path.isdir(SUITES) else []
    if not names:
        skip("samples of others", "no %s" % os.path.normpath(SUITES))
    for name in names:
        code, lines, err = read_json(os.path.join(SUITES, name))
        check("sample " + name, code == 0 and len(lines) == 1 and lines[0]["records"] > 0 and lines[0]["notes"] == [],
              repr((code, lines, err)))


def containers():
    xml = report()
    for name, data in {"xml": xml, "gzip": gzip.compress(xml), "zip": zipped(xml), "mail": mail(gzip.compress(xml)),
                       "mail with LF": mail(gzip.compress(xml)).replace(b"\r\n", b"\n"), "mail with zip": mail(zipped(xml)),
                       "mail with XML": mail(xml)}.items():
        code, lines, err = read_json("--no-check", write("one", data))
        check(name, code == 0 and len(lines) == 1 and lines[0]["messages"] == 5 and lines[0]["report_id"] == "1",
              repr((code, lines, err)))
        code, lines, err = read_json("--no-check", "-", stdin=data)
        check(name + " on standard input", code == 0 and len(lines) == 1 and lines[0]["messages"] == 5, repr(lines))
    for name, data in {"zip of a month": zipped(*(report(str(i)) for i in range(31))),
                       "zip of gzip, in a mail": mail(zipped(*(gzip.compress(report(str(i))) for i in range(31))))}.items():
        code, lines, err = read_json("--no-check", "--store", folder + "/month.db", write("one", data))
        check(name, code == 0 and [l["report_id"] for l in lines] == [str(i) for i in range(31)] and
              {l["outcome"] for l in lines} == {"stored" if name == "zip of a month" else "seen before"}, repr((code, lines[:3], err)))
    write("flood/1", mail(zipped(*(report(str(i)) for i in range(1000)))))
    write("flood/2", report("behind it"))
    code, lines, err = read_json("--no-check", "--store", folder + "/flood.db", folder + "/flood")
    check("one mail with too many keeps no others away", code == 1 and
          sorted(l["outcome"] for l in lines) == ["refused"] + ["stored"] * 1000 and
          "behind it" in [l["report_id"] for l in lines], repr((code, lines[-3:], err)))
    named = report(org="Caf\u00e9").decode()
    for name, data in {"UTF-16": ("\ufeff" + named).encode("utf-16-le"), "UTF-16, the other order": named.encode("utf-16-be"),
                       "Latin-1": named.replace('"1.0"', '"1.0" encoding="ISO-8859-1"').encode("latin-1")}.items():
        for packed in (data, gzip.compress(data), mail(data)):
            code, lines, err = read_json("--no-check", write("one", packed))
            check(name, code == 0 and [l["organization"] for l in lines] == ["Caf\u00e9"] and
                  lines[0]["messages"] == 5 and lines[0]["notes"] == [], repr((code, lines, err)))
    for i in range(3):
        write("maildir/%s/%d.host" % ("new" if i else "cur", i), mail(gzip.compress(report(str(i)))))
        write("maildir/tmp/%d.host" % i, b"half of a mail")
        write("directory/%d.xml" % i, report(str(i)))
    mbox = b"".join(b"From a@r.example Mon Nov 23 12:00:00 2026\n%s\n" % mail(gzip.compress(report(str(i)))).replace(b"\r\n", b"\n")
                    for i in range(3))
    for name, path in {"Maildir": folder + "/maildir", "directory": folder + "/directory", "mbox": write("mbox", mbox)}.items():
        code, lines, err = read_json("--no-check", path)
        check(name, code == 0 and sorted(l["report_id"] for l in lines) == ["0", "1", "2"], repr((code, lines, err)))
    code, out, err = run("read", "--no-check", folder + "/directory")
    check("text", code == 0 and "3 reports: 3 read" in out and "aggregate report on example.com by Reporter, 2026-11-22: "
          "5 messages, 0 passed; 1 record" in out, out)
    code, lines, err = read_json("--no-check", "--records", write("two", report(records=[record(), record("2001:db8::1", 2)])))
    check("records", [l["type"] for l in lines] == ["record", "record", "report"] and lines[1]["source"] == "2001:db8::1" and
          lines[1]["auth_dkim"][0]["domain"] == "sender.example", repr(lines))


def refusals():
    bomb = gzip.compress(b"<feedback>" + b" " * (64 << 20))
    rows = {"empty": b"", "words": b"hello", "bomb": bomb, "bomb in a mail": mail(bomb), "zip bomb": zipped(b" " * (64 << 20)),
            "entities": b'<!DOCTYPE a [<!ENTITY b "c">]>' + report(), "cut": report()[:-20], "mail of a friend":
            b"From: a@example.com\r\n\r\nhello\r\n", "cut gzip": gzip.compress(report())[:-3], "cut JSON": b'{"a":'}
    for name, data in rows.items():
        code, lines, err = read_json("--no-check", "--store", folder + "/refused.db", write("one", data))
        check("refused: " + name, code == 1 and len(lines) == 1 and lines[0]["outcome"] == "refused" and lines[0]["fault"],
              repr((code, lines, err)))
    check("refused: nothing is kept", sums(folder + "/refused.db") == (0, 0, 0, 0))
    code, out, err = run("read", "--no-check", folder + "/missing")
    check("missing file", code == 65 and "missing" in err and out == "", repr((code, out, err)))
    code, lines, err = read_json("--no-check", folder + "/missing", write("one", report()))
    check("missing file beside a good one", code == 65 and len(lines) == 1, repr((code, lines, err)))
    long = [mail(gzip.compress(report(str(i)))).replace(b"\r\n", b"\n") + b"pad\n" * 20000 for i in range(3)]
    mbox = write("broken.mbox", b"".join(b"From a@r.example Mon Nov 23 12:00:00 2026\n%s\n" % one for one in long))
    if shutil.which("strace") is None:
        skip("a disk that fails", "no strace")
    else:
        done = subprocess.run(["strace", "-qq", "-o", "/dev/null", "-P", mbox, "-e", "inject=read:error=EIO:when=3", COMMAND, "report",
                               "read", "--no-check", "--json", mbox, write("one", report("other"))], capture_output=True)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        check("a disk that fails amid an mbox keeps no other file away", done.returncode == 65 and b"Input/output error" in done.stderr and
              lines[0]["outcome"] == "read" and lines[-1]["report_id"] == "other", repr(done))
    code, out, err = run("read")
    check("no file", code == 64 and "FILE" in err, err)
    code, out, err = run("read", "--stor", "x")
    check("typo", code == 64 and "--store" in err, err)
    code, out, err = run("read", "--store", write("text", b"no database\n" * 1000), write("one", report()))
    check("no database", code not in (0, 1) and "/text: file is not a database" in err, repr((code, err)))
    hostile = report(org="\x9b31m&#x9b;[31m\\x1b]0;x", records=[record(header_from="a&#x85;b&lt;script&gt;")])
    code, out, err = run("read", "--no-check", "--records", write("one", hostile))
    check("hostile text stays text", code == 0 and all(32 <= ord(c) < 127 or c == "\n" for c in out), repr(out))
    path = write("one", report(org="x&#x202e;y", records=[record()]))
    code, out, err = run("read", "--no-check", "--json", path)
    check("--json: nothing turns text around", all(32 <= ord(c) < 127 or c == "\n" for c in out) and
          json.loads(out)["organization"] == "x\u202ey", repr((code, out, err)))


def senders():
    """A mail that we sign ourselves; DNS from a file."""
    key = os.path.join(folder, "s1.pem")
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
    os.chmod(key, 0o600)
    public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], check=True,
                            capture_output=True).stdout[-32:]
    dns = write("dns.json", json.dumps({"schema": 1, "default": "NXDOMAIN", "answers": [
        {"name": "s1._domainkey.r.example", "type": "TXT", "rcode": "NOERROR",
         "data": ["v=DKIM1; k=ed25519; p=" + base64.b64encode(public).decode()]},
        {"name": "_dmarc.r.example", "type": "TXT", "rcode": "NOERROR", "data": ["v=DMARC1; p=reject"]},
        {"name": "_dmarc.other.example", "type": "TXT", "rcode": "NOERROR", "data": ["v=DMARC1; p=reject"]}]}).encode())
    plain = mail(gzip.compress(report("signed")))

    def signed(message, domain="r.example"):
        done = subprocess.run([COMMAND, "dkim", "sign", "--key", key, "--domain", domain, "--message",
                               write("unsigned", message)], capture_output=True)
        check("signing", done.returncode == 0, done.stderr)
        return done.stdout

    good = signed(plain)
    other = signed(mail(gzip.compress(report("signed")), author="reports@other.example"))
    results = b"Authentication-Results: mx.example.com; dmarc=pass header.from=r.example\r\n"
    config = write("c.conf", b"[server]\nauthserv_id = mx.example.com\n")
    store = folder + "/senders.db"
    rows = [("aligned", good, ["--dns", dns], "mail", "r.example"),
            ("aligned, LF", good.replace(b"\r\n", b"\n"), ["--dns", dns], "mail", "r.example"),
            ("unsigned", plain, ["--dns", dns], "none", ""),
            ("changed", good.replace(b"A report.", b"A Report."), ["--dns", dns], "none", ""),
            ("signed by another domain", other, ["--dns", dns], "none", ""),
            ("our results, but they are not to be believed", results + plain, ["--dns", dns], "none", ""),
            ("our results", results + plain, ["--trust-results"], "mail", "r.example"),
            ("results of others", results.replace(b"mx.", b"mx2.") + plain, ["--trust-results"], "none", ""),
            ("our results below others that say fail", results.replace(b"dmarc=pass", b"dmarc=fail") + results + plain,
             ["--trust-results"], "none", ""),
            ("no results", plain, ["--trust-results"], "none", ""),
            ("a forwarded report",
             signed(b"From: a@r.example\r\nContent-Type: message/rfc822\r\n\r\n" + plain), ["--dns", dns], "none", "")]
    for name, data, options, trust, domain in rows:
        code, lines, err = read_json("--config", config, *options, write("one", data))
        check("sender: " + name, len(lines) == 1 and lines[0]["sender"]["trust"] == trust and
              lines[0]["sender"]["domain"] == domain, repr((code, lines, err)))
    for name, data, outcome, total in (("false one first", plain.replace(b"A report.", b"false"), "stored", 1),
                                       ("genuine one", good, "stored", 1), ("again", good, "seen before", 1),
                                       ("to another address", signed(plain.replace(b"To: dmarc@", b"To: all-reports@")), "seen before", 1),
                                       ("false one again", plain, "seen before", 1)):
        code, lines, err = read_json("--config", config, "--dns", dns, "--store", store, write("one", data))
        check("sender: " + name, lines and lines[0]["outcome"] == outcome and sums(store) == (total, 5 * total, 5 * total, 0),
              repr((lines, sums(store), err)))


def once():
    store = folder + "/once.db"
    for outcome in ("stored", "seen before"):
        code, lines, err = read_json("--no-check", "--store", store, folder + "/directory")
        check("once: " + outcome, code == 0 and [l["outcome"] for l in lines] == [outcome] * 3, repr((lines, err)))
        check("once: sums", sums(store) == (3, 15, 15, 0), repr(sums(store)))
    writers = [subprocess.Popen([COMMAND, "report", "read", "--quiet", "--no-check", "--store", folder + "/many.db",
                                 folder + "/directory", folder + "/mbox"]) for _ in range(4)]
    check("once: four at a time", [w.wait(120) for w in writers] == [0] * 4)
    check("once: four at a time, sums", sums(folder + "/many.db") == (3, 15, 15, 0), repr(sums(folder + "/many.db")))


def shown():
    """Sources by what fails, from files and from the store; known services by name, by a capture of DNS."""
    day = NOW // reports.DAY * reports.DAY - 3 * reports.DAY
    rows = [reports.Row("198.51.100.1", 900, "shop.example", spf=("shop.example", "pass"), dkim=[("shop.example", "s1", "pass")],
                        aligned="dkim spf"),
            reports.Row("192.0.2.80", 40, "shop.example", spf=("bounce.mailjet.com", "pass"), dkim=[("mailjet.com", "k", "pass")]),
            reports.Row("203.0.113.9", 70, "shop.example", spf=("evil.example", "fail"), disposition="reject"),
            reports.Row("203.0.113.10", 1, "pay.shop.example"),
            reports.Row("192.0.2.99", 20, "shop.example", dkim=[("shop.example", "s1", "fail")], reason="mailing_list")]
    where = folder + "/shown"
    reports.write(where, "shop.example", day, rows)
    reports.write(where, "other.example", day, rows)
    shutil.copy(os.path.join(where, os.listdir(where)[0]), where + "/again.xml")
    write("shown/words.txt", b"hello")
    dns = write("none.json", b'{"schema":1,"default":"NXDOMAIN","answers":[]}')
    options = ["--now", str(NOW), "--dns", dns, "shop.example"]

    def show(*more):
        code, out, err = run("show", "--json", *more)
        return code, json.loads(out) if out else None, err

    code, got, err = show(*options, where)
    check("show: totals", got and (got["messages"], got["passed"], got["failed"]) == (1031, 900, 131) and got["reports"] == 1 and
          got["refused"] == 1 and "words.txt is left out" in err, repr((code, got, err)))
    check("show: most failing first", got and [s["failed"] for s in got["failing"]] == [70, 40, 20, 1], repr(got))
    check("show: a known service by name", got and got["failing"][1]["name"] == "Mailjet" and got["failing"][1]["kind"] == "provider" and
          "shop.example" in got["failing"][1]["to_do"] and "Mailjet" in got["failing"][1]["to_do"], repr(got))
    check("show: what fails and is ours is a finding", code == 1 and got["legitimate"] > 0, repr(got))
    check("show: what passes", got and got["passing"] == [{"ip": "198.51.100.1", "messages": 900}], repr(got))
    code, out, err = run("show", *options, where)
    check("show: text", "1031 messages: 900 passed (87.2 %), 131 failed" in out and "Mailjet (provider): 40 of 40" in out and
          out.index("203.0.113.9") < out.index("Mailjet") and "p=quarantine or p=reject hits 131 messages" in out, out)
    for name, counts, says in (("one message", (0, 1), "1 message: 0 passed (0.0 %), 1 failed"),
                               ("one that passed", (1, 0), "1 message: 1 passed (100.0 %), 0 failed"),
                               ("one of 10^9", (10 ** 9 - 1, 1), "1000000000 messages: 999999999 passed (99.9 %), 1 failed"),
                               ("one of 10^9 again", (10 ** 9 - 1, 1), "hits 1 message (less than 0.1 %)"),
                               ("one of 10^9 passed", (1, 10 ** 9 - 1), "1 passed (less than 0.1 %), 999999999 failed"),
                               ("the most that may be", (10 ** 12, 10 ** 12), "2000000000000 messages: 1000000000000 passed (50.0 %)")):
        there = folder + "/share/" + name
        reports.write(there, "shop.example", day, [
            reports.Row("198.51.100.%d" % (i + 1), count, "shop.example", spf=("shop.example", "fail" if i else "pass"),
                        aligned="" if i else "spf") for i, count in enumerate(counts) if count > 0])
        code, out, err = run("show", *options, there)
        check("show: share: " + name, says in out, out + err)
    os.makedirs(folder + "/nothing")
    code, out, err = run("show", *options, folder + "/nothing")
    check("show: a domain that nobody has seen", code == 0 and out == "shop.example: 0 reports of the last 30 days\n        "
          "'mailvouch dmarc lint shop.example' says whether its record asks for any\n", out + err)
    os.unlink(where + "/words.txt")
    store = folder + "/shown.db"
    run("read", "--quiet", "--no-check", "--store", store, where)
    code, stored, err = show(*options, "--store", store)
    check("show: the store says the same", stored and stored["failing"] == got["failing"] and stored["messages"] == 1031, repr((stored, err)))
    run("read", "--no-check", "--store", store, write("one", mail(gzip.compress(
        reports.report("shop.example", day, rows[:1], reporter="liar.example").encode()))))
    code, stored, err = show(*options, "--store", store)
    check("show: unknown senders are left out", stored and stored["untrusted"] == 1 and stored["messages"] == 1031, repr(stored))
    code, stored, err = show(*options, "--untrusted", "--store", store)
    check("show: unknown senders count when asked for", stored and stored["untrusted"] == 0 and stored["messages"] == 1931, repr(stored))
    code, stored, err = show(*options, "--days", "1", "--store", store)
    check("show: a window without reports", code == 0 and stored["messages"] == 0 and stored["failing"] == [], repr(stored))
    code, stored, err = show(*options, "--not-ours", "Mailjet", "--store", store)
    check("show: not ours", code == 0 and stored["legitimate"] == 0, repr(stored))
    done = subprocess.run([COMMAND, "dmarc", "stage", "--json", *options, "--store", store], capture_output=True)
    check("dmarc stage by the store", done.returncode in (0, 1) and b"131" in done.stdout, repr(done))
    done = subprocess.run([COMMAND, "dmarc", "stage", *options, where, "--store", store], capture_output=True)
    check("dmarc stage: reports and the store are too much", done.returncode == 64, done.stderr)
    code, out, err = run("show", "shop.example", "--store", folder + "/no.db")
    check("show: no store", code not in (0, 1) and "report read --keep" in err and out == "", err)
    for arguments in ([], ["--days", "0", "a.example"], ["--days", "61", "a.example"], ["--now", "soon", "a.example"], ["a b"]):
        code, out, err = run("show", *arguments)
        check("show: refused %s" % arguments, code == 64 and len(err) > 10 and out == "", repr((code, err)))
    hostile = reports.Row("203.0.113.9", 7, "\x9b31m.shop.example", spf=("\x85]0;x", "fail"), dkim=[("\u202ex", "\x9b", "pass")])
    reports.write(folder + "/hostile", "shop.example", day, [hostile], reporter="\x9bx")
    code, out, err = run("show", *options, folder + "/hostile")
    check("show: hostile text stays text", all(32 <= ord(c) < 127 or c == "\n" for c in out) and "7 messages" in out, repr(out))


def killed():
    """kill -9 at a random moment, twenty times; what is there is whole, and in the end all is there."""
    rng = random.Random(1)
    store = folder + "/killed.db"
    rows = [[record("192.0.2.%d" % (k % 250 + 1), k % 7 + 1) for k in range(300)] for _ in range(40)]
    for i, records in enumerate(rows):
        write("killed/%d.xml.gz" % i, gzip.compress(report("k%d" % i, records=records)))
    one = sum(k % 7 + 1 for k in range(300))
    kills = 0
    for attempt in range(200):
        if kills == 20:
            break
        if attempt % 5 == 0:
            for name in (store, store + "-wal", store + "-shm"):
                if os.path.exists(name):
                    os.unlink(name)
        child = subprocess.Popen([COMMAND, "report", "read", "--quiet", "--no-check", "--store", store, folder + "/killed"])
        time.sleep(rng.uniform(0.005, 0.12))
        child.send_signal(signal.SIGKILL)
        if child.wait() != -signal.SIGKILL:
            continue
        kills += 1
        if os.path.exists(store) and os.path.getsize(store) > 0:
            code, out, err = run("show", "--no-dns", "--now", str(NOW), "example.com", "--store", store)
            check("killed %d: can be shown, or is not made yet" % kills, code in (0, 1) or "has no reports yet" in err, err)
            try:
                reports, heads, records, left = sums(store)
            except sqlite3.OperationalError as problem:
                check("killed: before the tables were made", "no such table" in str(problem), str(problem))
                continue
            check("killed %d: whole reports" % kills, heads == records == reports * one and left == 0,
                  repr((reports, heads, records, left)))
    check("killed twenty times", kills == 20, str(kills))
    code, out, err = run("read", "--quiet", "--no-check", "--store", store, folder + "/killed")
    check("killed: in the end", code == 0 and sums(store) == (40, 40 * one, 40 * one, 0), repr((code, err, sums(store))))


def peak_of(pid):
    """VmHWM, once it reads from descriptor 0."""
    for _ in range(12000):
        with open("/proc/%d/syscall" % pid) as f:
            waits = f.read().split()[:2] == ["0", "0x0"]
        if waits:
            with open("/proc/%d/status" % pid) as f:
                return [int(line.split()[1]) for line in f if line.startswith("VmHWM:")][0]
        time.sleep(0.01)
    return 0


def memory():
    """The most that was ever resident, read while the command waits for its next file on standard input."""
    big = report("big", records=[record("10.%d.%d.%d" % (i >> 16, i >> 8 & 255, i & 255), 1, more="<reason><type>other</type>"
                                        "<comment>record %d</comment></reason>" % i) for i in range(100000)])
    rows = {"100,000 records in gzip": gzip.compress(big, 6), "100,000 records in zip": zipped(big),
            "100,000 records in a mail": mail(gzip.compress(big, 6)), "100,000 records": big,
            "a bomb": gzip.compress(b"<feedback>" + b" " * (128 << 20)),
            "one endless tag": b"<feedback " + b"a" * (64 << 20), "one endless comment": b"<feedback><!--" + b"a" * (64 << 20),
            "one endless text": b"<feedback><version>" + b"a" * (64 << 20), "one endless line": b"From: " + b"a" * (64 << 20),
            "a million names": report().replace(b"</feedback>", b"".join(b"<a%x/>" % i for i in range(1000000)) + b"</feedback>"),
            "a million attributes": report().replace(b"</feedback>", b"".join(b"<a b%x='' c%x=''/>" % (i, i) for i in range(500000)) +
                                                     b"</feedback>"),
            "100,000 objects of JSON": b'{"policies":[' + b"{},{}," * 50000 + b"{}]}",
            "a zip of a million entries": full_zip(1000000),
            "100,000 parts": b"Content-Type: multipart/x; boundary=b\n\n" + b"--b\n\nx\n" * 100000}
    for name, data in rows.items():
        path = write("large", data)
        child = subprocess.Popen([COMMAND, "report", "read", "--no-check", "--json", "--store",
                                  folder + "/memory-%d.db" % len(name), path, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        resident = peak_of(child.pid)
        line = child.communicate()[0]
        kept = name.startswith("100,000 records")
        result = json.loads(line.splitlines()[0])
        check("memory: " + name, result["outcome"] == ("stored" if kept else "refused") and
              (not kept or result["records"] == 100000), repr(result)[:300])
        check("memory: %s in 20 MiB" % name, 0 < resident <= MAX_RESIDENT_KIB, "%d KiB" % resident)
        print("memory: %s: %d KiB" % (name, resident))


folder = tempfile.mkdtemp(prefix="mv-report-")
try:
    for test in (samples, containers, refusals, senders, once, shown, killed, memory):
        test()
finally:
    shutil.rmtree(folder)
sys.exit(checks.end())
