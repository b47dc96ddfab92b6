#!/usr/bin/python3
"""Runs the validation half of the ARC test suite through "mailvouch verify".

usage: arc_suite.py PATH-OF-MAILVOUCH [SUITE.yml]

Each message gets CRLF line ends, is fed in one
piece and byte by byte, and arc.result is compared.  An empty cv stands for "none": a chain that a sealer had found
failed ended there.
"""
import json
import subprocess
import sys

import suite
from suite import write

KNOWN_KEYS = {"spec", "description", "comment", "message", "cv"}


def capture_of(scenario):
    return suite.capture_of([{"name": name, "type": "TXT", "rcode": "NOERROR", "ttl": 300, "secure": False, "data": [text]}
                             for name, text in scenario["txt-records"].items()])


def ask(program, message_file, dns_file, split):
    done = subprocess.run([program, "verify", "--json", "--dns", dns_file, "--split", str(split),
                           message_file], capture_output=True, timeout=60)
    try:
        return json.loads(done.stdout)["arc"]["result"]
    except (ValueError, KeyError):
        return "exit %d: %s" % (done.returncode, done.stderr.decode(errors="replace").strip())


def mismatches(name, case, whole, split):
    unknown = set(case) - KNOWN_KEYS
    wanted = case["cv"].strip().lower() or "none"
    if unknown:
        yield "%s: the suite says something that is not compared: %s" % (name, ", ".join(sorted(unknown)))
    if whole != split:
        yield "%s: %s in one piece, %s byte by byte" % (name, whole, split)
    if whole != wanted:
        yield "%s (%s): %s instead of %s" % (name, case["description"], whole, wanted)


def run(program, path):
    def both(case, dns_file, message_file):
        write(message_file, case["message"].replace("\n", "\r\n").encode())
        return ask(program, message_file, dns_file, 0), ask(program, message_file, dns_file, 1)
    return suite.tell([list(mismatches(name, case, *both)) for name, case, both in suite.ask_all(path, capture_of, both)])


sys.exit(suite.main(__doc__, ["arc-draft-validation-tests.yml"], run))
