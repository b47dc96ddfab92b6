#!/usr/bin/python3
"""Runs the validation half of the ARC test suite through "mailvouch verify".

usage: arc_suite.py PATH-OF-MAILVOUCH [SUITE.yml]

The suite is looked for in ../shared/suites beside the checkout.  Each message gets CRLF line ends, is fed in one
piece and byte by byte, and arc.result is compared.  An empty cv stands for "none": a chain that a sealer had found
failed ended there.  Exits 0 when all pass, 1 when one does not, 77 (skipped) when the suite, the command or
python3-yaml is missing.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SUITE = os.path.join(TOP, "..", "shared", "suites", "arc-draft-validation-tests.yml")
KNOWN_KEYS = {"spec", "description", "comment", "message", "cv"}


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


def write(path, data):
    with open(path, "wb") as out:
        out.write(data)
    return path


def capture_of(records):
    answers = [{"name": name, "type": "TXT", "rcode": "NOERROR", "ttl": 300, "secure": False, "data": [text]}
               for name, text in records.items()]
    return json.dumps({"schema": 1, "default": "NXDOMAIN", "answers": answers}).encode()


def ask(program, message_file, dns_file, split):
    done = subprocess.run([program, "verify", "--json", "--dns", dns_file, "--split", str(split),
                           message_file], capture_output=True, timeout=60)
    try:
        return json.loads(done.stdout)["arc"]["result"]
    except (ValueError, KeyError):
        return "exit %d: %s" % (done.returncode, done.stderr.decode(errors="replace").strip())


def check(program, name, case, message_file, dns_file):
    """What is wrong, or None."""
    unknown = set(case) - KNOWN_KEYS
    if unknown:
        return "%s: the suite says something that is not compared: %s" % (name, ", ".join(sorted(unknown)))
    write(message_file, case["message"].replace("\n", "\r\n").encode())
    wanted = case["cv"].strip().lower() or "none"
    whole, split = ask(program, message_file, dns_file, 0), ask(program, message_file, dns_file, 1)
    if whole != split:
        return "%s: %s in one piece, %s byte by byte" % (name, whole, split)
    return None if whole == wanted else "%s (%s): %s instead of %s" % (name, case["description"], whole, wanted)


def run(yaml, program, path):
    jobs = []
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool, \
            open(path, encoding="utf-8") as text:
        for number, scenario in enumerate(yaml.safe_load_all(text)):
            dns_file = write(os.path.join(folder, "%d.json" % number), capture_of(scenario["txt-records"]))
            for name, case in scenario["tests"].items():
                message_file = os.path.join(folder, "%d.eml" % len(jobs))
                jobs.append(pool.submit(check, program, name, case, message_file, dns_file))
        faults = [job.result() for job in jobs]
    bad = [fault for fault in faults if fault is not None]
    print("\n".join(bad + ["%d of %d" % (len(jobs) - len(bad), len(jobs))]))
    return len(jobs) > 0 and not bad


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
