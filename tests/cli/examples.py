#!/usr/bin/python3
"""The examples of mailvouch(1), run as they stand there.

usage: tests/cli/examples.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"

They run in a directory that has their message.eml.  Nothing is asked: an example that does not say where DNS comes
from gets --dns with answers about example.com; one that keeps them (--save-dns) does so with what was replayed.
"""
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checks  # noqa: E402
from checks import check  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1])
MANUAL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../doc/mailvouch.1")


def entry(name, kind, *data):
    return {"name": name, "type": kind, "rcode": "NOERROR", "ttl": 300, "secure": False, "data": list(data)}


DNS = {"schema": 1, "default": "NXDOMAIN", "answers": [
    entry("example.com", "TXT", "v=spf1 mx ip4:192.0.2.1 -all"), entry("example.com", "MX", "10 mx.example.com"),
    entry("mx.example.com", "A", "192.0.2.1"), entry("1.2.0.192.in-addr.arpa", "PTR", "mx.example.com"),
    entry("_dmarc.example.com", "TXT", "v=DMARC1; p=reject; rua=mailto:dmarc@example.com"),
]}
MESSAGE = "From: a@example.com\r\nSubject: hello\r\nDate: Thu, 26 Nov 2026 12:00:00 +0000\r\n\r\nhello\r\n"
# What must be seen of each: the first words, the exit code, and something in the output
EXPECTED = [
    ("verify --ip", 0, "RFC 9989"),
    ("verify --save-dns", 1, "DMARC"),
    ("verify --dns", 1, "DMARC"),
    ("spf check", 0, "pass"),
    ("dmarc check", 0, "RFC 9989 4.4"),
    ("check example.com", 1, "example.com"),
    ("spf lint --json", 0, '"findings"'),
    ("dmarc lint", 1, "example.com"),
    ("spf build", 1, "v=spf1 mx"),
    ("dmarc build", 0, "v=DMARC1; p=none"),
    ("config show", 0, "authserv_id"),
]


def examples():
    with open(MANUAL, encoding="utf-8") as f:
        section = re.search(r"^\.Sh EXAMPLES\n(.*?)^\.Sh ", f.read(), re.S | re.M).group(1)
    return re.findall(r"^(?:\.Dl )?mailvouch (.*)$", section, re.M)


def run(example, folder):
    words = shlex.split(example)
    if "--dns" not in words and words[0] != "config":
        words += ["--dns", folder + "/capture.json"]
    done = subprocess.run([COMMAND] + words, capture_output=True, text=True, cwd=folder, timeout=60,
                          env=dict(os.environ, NO_COLOR="1"))
    return done.returncode, done.stdout, done.stderr


def main():
    found = examples()
    outputs = {}
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/message.eml", "w", newline="") as f:
            f.write(MESSAGE)
        with open(folder + "/capture.json", "w") as f:
            json.dump(DNS, f)
        check("as many examples as are expected", len(found) == len(EXPECTED), found)
        for example, (begin, code, text) in zip(found, EXPECTED):
            check("%s: in its place" % begin, example.startswith(begin), example)
            got, out, err = run(example, folder)
            outputs[begin] = out
            check("%s: exit" % example, got == code, "%d instead of %d: %s%s" % (got, code, out, err))
            check("%s: says %s" % (example, text), text in out, out + err)
    check("what was kept replays to the same", outputs["verify --save-dns"] == outputs["verify --dns"], outputs)
    return checks.end()


sys.exit(main())
