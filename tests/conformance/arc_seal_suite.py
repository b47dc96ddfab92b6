#!/usr/bin/python3
"""Runs the signing half of the ARC test suite through "mailvouch arc seal".

usage: arc_seal_suite.py PATH-OF-MAILVOUCH [SUITE.yml]

The suite is looked for in ../shared/suites beside the checkout.  Each message gets CRLF line ends and is fed in one
piece and byte by byte; every tag of the three fields is compared, so also b= and bh=, with white space left out.  A
case without fields must not be sealed.  Exits 0 when all pass, 1 when one does not, 77 (skipped) when the suite, the
command or python3-yaml is missing.
"""
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SUITE = os.path.join(TOP, "..", "shared", "suites", "arc-draft-sign-tests.yml")
FIELDS = {"AS": "ARC-Seal", "AMS": "ARC-Message-Signature", "AAR": "ARC-Authentication-Results"}
KNOWN_KEYS = {"spec", "description", "comment", "message", "t", "sig-headers", "srv-id"} | set(FIELDS)


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


def write(path, data):
    with open(path, "wb") as out:
        out.write(data)
    return path


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


def check(program, scenario, name, case, folder):
    unknown = set(case) - KNOWN_KEYS
    if unknown:
        return "%s: the suite says something that is not compared: %s" % (name, ", ".join(sorted(unknown)))
    key_file = write(os.path.join(folder, "key.pem"), scenario["privatekey"].encode())
    message_file = write(os.path.join(folder, "message.eml"), case["message"].replace("\n", "\r\n").encode())
    whole = seal(program, scenario, case, key_file, message_file, 0)
    if whole != seal(program, scenario, case, key_file, message_file, 1):
        return "%s: byte by byte is not the same as in one piece" % name
    fault = mismatch(case, whole)
    return None if fault is None else "%s (%s): %s" % (name, case["description"], fault)


def run(yaml, program, path):
    faults = []
    with tempfile.TemporaryDirectory() as folder, open(path, encoding="utf-8") as text:
        for scenario in yaml.safe_load_all(text):
            for name, case in scenario["tests"].items():
                faults.append(check(program, scenario, name, case, folder))
    bad = [fault for fault in faults if fault is not None]
    print("\n".join(bad + ["%d of %d" % (len(faults) - len(bad), len(faults))]))
    return len(faults) > 0 and not bad


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    program = os.path.abspath(sys.argv[1])
    path = sys.argv[2] if len(sys.argv) > 2 else SUITE
    try:
        import yaml
    except ImportError:
        skip("python3-yaml is not installed")
    if not os.path.exists(path):
        skip("%s is not there" % os.path.relpath(path, TOP))
    if not os.path.exists(program):
        skip("%s is not built" % program)
    return 0 if run(yaml, program, path) else 1


sys.exit(main())
