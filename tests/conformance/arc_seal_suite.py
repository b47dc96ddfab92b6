#!/usr/bin/python3
"""Runs the signing half of the ARC test suite through "mailvouch arc seal".

usage: arc_seal_suite.py PATH-OF-MAILVOUCH [SUITE.yml]

Each message gets CRLF line ends and is fed in one
piece and byte by byte; every tag of the three fields is compared, so also b= and bh=, with white space left out.  A
case without fields must not be sealed.
"""
import os
import re
import subprocess
import sys
import tempfile

import suite
from suite import write

FIELDS = {"AS": "ARC-Seal", "AMS": "ARC-Message-Signature", "AAR": "ARC-Authentication-Results"}
KNOWN_KEYS = {"spec", "description", "comment", "message", "t", "sig-headers", "srv-id"} | set(FIELDS)


def tags(text):
    """What stands between the semicolons, in order where it matters (results), without white space."""
    return [re.sub(r"\s", "", item) for item in text.split(";") if item.strip()]


def seal(program, scenario, case, key_file, message_file, split):
    """The fields by name; none when it was not sealed."""
    done = subprocess.run([program, "arc", "seal", "--key", key_file, "--domain", str(scenario["domain"]), "--selector",
                           str(scenario["sel"]), "--authserv-id", str(case["srv-id"]), "--headers",
                           str(case["sig-headers"]), "--now", str(case["t"]), "--split", str(split), message_file],
                          capture_output=True, timeout=60)
    if done.returncode not in (0, 1):
        return {"": "exit %d: %s" % (done.returncode, done.stderr.decode(errors="replace").strip())}
    fields = re.split(r"\r\n(?![ \t])", done.stdout.decode())
    return dict(field.split(":", 1) for field in fields if field)


def mismatch(case, sealed):
    """What is wrong, or None."""
    wanted = {name: case[key] for key, name in FIELDS.items() if case[key].strip()}
    if set(sealed) != set(wanted):
        return "made %s instead of %s" % (sealed or "nothing", sorted(wanted) or "nothing")
    for name, text in wanted.items():
        got, expected = tags(sealed[name]), tags(text)
        if name != FIELDS["AAR"]:
            got, expected = sorted(got), sorted(expected)
        if got != expected:
            return "%s is %s instead of %s" % (name, got, expected)
    return None


def faults(program, scenario, name, case, folder):
    unknown = set(case) - KNOWN_KEYS
    if unknown:
        yield "%s: the suite says something that is not compared: %s" % (name, ", ".join(sorted(unknown)))
    key_file = write(os.path.join(folder, "key.pem"), scenario["privatekey"].encode())
    message_file = write(os.path.join(folder, "message.eml"), case["message"].replace("\n", "\r\n").encode())
    whole = seal(program, scenario, case, key_file, message_file, 0)
    if whole != seal(program, scenario, case, key_file, message_file, 1):
        yield "%s: byte by byte is not the same as in one piece" % name
    fault = mismatch(case, whole)
    if fault is not None:
        yield "%s (%s): %s" % (name, case["description"], fault)


def run(program, path):
    with tempfile.TemporaryDirectory() as folder:
        return suite.tell([list(faults(program, scenario, name, case, folder)) for scenario in suite.scenarios(path)
                           for name, case in scenario["tests"].items()])


sys.exit(suite.main(__doc__, ["arc-draft-sign-tests.yml"], run))
