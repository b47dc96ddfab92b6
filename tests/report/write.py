#!/usr/bin/python3
"""Aggregate reports that we write: valid against the schema of RFC 9990, mails that others can read, rows that come back.

usage: tests/report/write.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"

The reports are made by tests/report/make_reports of the same build, by chance, hostile texts among them.
"""
import email
import email.policy
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile


sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checks  # noqa: E402
from checks import check, skip  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
COMMAND = os.path.abspath(sys.argv[1])
BUILD = os.path.dirname(COMMAND)
MAKER = os.path.join(BUILD, "tests", "report", "make_reports")
SCHEMA = os.path.join(HERE, "rfc9990.xsd")
SAMPLES = os.path.join(HERE, "..", "..", "..", "shared", "suites", "rua")
COUNT = 400
SEED = 9990
MAX_LINE = 998  # RFC 5322 2.1.1

# RFC 9990 3.5, RFC 5322 3.2.3
NAME = r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*"
FILE_NAME = re.compile(r"(%s)!(%s)!([0-9]+)!([0-9]+)!([A-Za-z0-9]+)\.xml\.gz" % (NAME, NAME))
SUBJECT = re.compile(r"Report[ \t\r\n]+Domain:[ \t\r\n]+(%s)[ \t\r\n]+Submitter:[ \t\r\n]+(%s)[ \t\r\n]+"
                     r"Report-ID:[ \t\r\n]+<([A-Za-z0-9]+)>" % (NAME, NAME))
FIELDS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]


def output(*args):
    done = subprocess.run(args, capture_output=True, timeout=300)
    return done.stdout if done.returncode == 0 else b"failed: " + done.stderr


def read(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


def validate(name, paths):
    """One result for each file: the schema, as xmllint sees it."""
    for at in range(0, len(paths), 100):
        some = paths[at:at + 100]
        done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", SCHEMA, *some], capture_output=True,
                              text=True, timeout=300)
        for path in some:
            faults = [line for line in done.stderr.splitlines() if line.startswith(path)]
            check("%s: %s" % (name, os.path.basename(path)), faults == [path + " validates"], "; ".join(faults)[:500])


def check_lines(name, raw):
    check(name + ": every line ends in CRLF", raw.endswith(b"\r\n") and b"\n" not in raw.replace(b"\r\n", b"") and
          b"\r" not in raw.replace(b"\r\n", b""))
    check(name + ": lines within RFC 5322", max(len(line) for line in raw.split(b"\r\n")) <= MAX_LINE)
    check(name + ": ASCII", all(byte < 128 for byte in raw))


def check_mail(name, raw, packed):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = list(message.iter_parts())
    check(name + ": fields", list(message.keys()) == FIELDS, message.keys())
    check(name + ": no defects", not any(part.defects for part in [message] + parts))
    check(name + ": two parts", [part.get_content_type() for part in parts] == ["text/plain", "application/gzip"])
    check(name + ": the attachment", parts[-1].get_content() == packed)
    check(name + ": base64 of 76 columns",
          max(len(line) for line in raw.split(b"\r\n\r\n")[-2].split(b"\r\n")) <= 76)
    subject = SUBJECT.fullmatch(re.search(rb"\r\nSubject: (.*?)\r\n(?![ \t])", raw, re.S).group(1).decode())
    file_name = FILE_NAME.fullmatch(parts[-1].get_filename() or "")
    check(name + ": the subject of RFC 9990 3.5", subject is not None, message["Subject"])
    check(name + ": the file name of RFC 9990 3.5", file_name is not None, parts[-1].get_filename())
    check(name + ": its own disposition", parts[-1].get_content_disposition() == "attachment")
    if subject is None or file_name is None:
        return
    xml = gzip.decompress(packed).decode()
    ident = re.search("<report_id>(.*)</report_id>", xml).group(1)
    check(name + ": one id in all places",
          [subject.group(3), file_name.group(5), message["Message-ID"]] ==
          [ident, ident, "<%s@%s>" % (ident, file_name.group(1))])
    check(name + ": one domain and submitter", (subject.group(1), subject.group(2)) ==
          (file_name.group(2), file_name.group(1)))
    check(name + ": the dates", [file_name.group(3), file_name.group(4)] ==
          [re.search("<%s>(.*)</%s>" % (tag, tag), xml).group(1) for tag in ("begin", "end")])
    check(name + ": made by a program", message["Auto-Submitted"] == "auto-generated")
    check(name + ": one author, one recipient", len(message["From"].addresses) == len(message["To"].addresses) == 1 and
          message["From"].addresses[0].addr_spec == "dmarc-reports@receiver.example", message["From"])
    check(name + ": a date", message["Date"].datetime is not None)


def test_made(work):
    done = subprocess.run([MAKER, "make", work, str(COUNT), str(SEED)], capture_output=True, text=True, timeout=300)
    check("reports are made", done.returncode == 0, done.stderr)
    if done.returncode != 0:
        return
    for number in range(COUNT):
        name = "report %d" % number
        packed, raw = read(work, "%d.gz" % number), read(work, "%d.eml" % number)
        with open(os.path.join(work, "%d.xml" % number), "wb") as f:
            f.write(gzip.decompress(packed))
        check_lines(name, raw)
        check_mail(name, raw, packed)
        rows = read(work, "%d.rows" % number)
        check(name + ": the same rows out of the mail",
              output(MAKER, "rows", os.path.join(work, "%d.eml" % number)) == rows)
    validate("schema", [os.path.join(work, "%d.xml" % number) for number in range(COUNT)])


def test_command(work):
    """The command itself takes what we send, without a word about it."""
    done = subprocess.run([COMMAND, "report", "read", "--json", "--no-check"] +
                          [os.path.join(work, "%d.eml" % number) for number in range(COUNT)],
                          capture_output=True, text=True, timeout=300)
    check("report read takes all", done.returncode == 0, done.stderr[:500])
    reports = [json.loads(line) for line in done.stdout.split("\n") if line]
    check("report read names all", len(reports) == COUNT, len(reports))
    for report in reports:
        check("report read: " + os.path.basename(report["file"]), report["outcome"] == "read" and
              report["notes"] == [] and report["skipped"] == 0, report)


def test_schema_refuses(work):
    """A schema that takes anything would prove nothing."""
    good = read(work, "0.xml").decode()
    for name, bad in (("a softfail of DKIM", good.replace("<p>", "<p>soft")),
                      ("an element out of order", good.replace("<version>1.0</version>", "", 1)
                       .replace("</feedback>", "<version>1.0</version></feedback>")),
                      ("no namespace", good.replace(' xmlns="urn:ietf:params:xml:ns:dmarc-2.0"', ""))):
        path = os.path.join(work, "bad.xml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(bad)
        done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", SCHEMA, path], capture_output=True)
        check("schema refuses " + name, done.returncode != 0)


def test_samples(work):
    """Reports of others, read and written again."""
    samples = sorted(name for name in os.listdir(SAMPLES) if name.endswith(".xml")) if os.path.isdir(SAMPLES) else []
    if not samples:
        skip("samples of RFC 9990", "no shared/suites/rua beside the checkout")
        return
    again = []
    for name in samples:
        path = os.path.join(work, "again-%d.xml" % len(again))
        with open(path, "wb") as f:
            f.write(output(MAKER, "again", os.path.join(SAMPLES, name)))
        again.append(path)
        before, after = output(MAKER, "rows", os.path.join(SAMPLES, name)), output(MAKER, "rows", path)
        # Defaults that the sample does not say (RFC 9990 3.1.1.4) are said by us.
        said = {b"adkim=0": b"adkim=1", b"aspf=0": b"aspf=1", b"testing=0": b"testing=1", b"fo=[]": b"fo=[0]"}
        expected = b"\n".join(said.get(line, line) for line in before.split(b"\n"))
        check("written again: " + name, expected == after and b"ip=" in after, "\n%s\n%s" % (before, after))
    validate("written again, schema", again)


def main():
    done = subprocess.run(["make", "-C", BUILD, "tests/report/make_reports"], capture_output=True, text=True, timeout=600)
    check("make_reports is built", done.returncode == 0 and os.path.exists(MAKER), done.stderr[-500:])
    if checks.failed:
        return
    work = tempfile.mkdtemp(prefix="mailvouch-write-")
    try:
        test_made(work)
        if not checks.failed:
            test_command(work)
            test_schema_refuses(work)
        test_samples(work)
    finally:
        shutil.rmtree(work)


main()
sys.exit(checks.end())
