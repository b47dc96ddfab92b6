#!/usr/bin/python3
"""Runs the RFC 9989 suite through "mailvouch dmarc check".

usage: dmarc_suite.py PATH-OF-MAILVOUCH [SUITE.yml]

Each case becomes a capture file and one call;
result, effective policy, policy domain, Organizational Domain and the exact list of queries are compared.
Prints each mismatch and "N of M".
"""
import json
import subprocess
import sys

import suite

SUITE_NAME = "dmarc9989-tests.yml"
# What a case may say of the result, and where the command says it.
COMPARED = {"policy": "policy_effective", "policydomain": "policy_domain", "orgdomain": "org_domain",
            "queries": "queries"}
KNOWN_KEYS = {"spec", "comment", "from", "spf", "dkim", "result"} | set(COMPARED)


def answer_of(name, entries):
    """The TXT answer of one name.  A record of another type says no more than that the name exists."""
    answer = {"name": name, "type": "TXT", "rcode": "NOERROR", "ttl": 300, "secure": False, "data": []}
    for entry in entries:
        if entry == "TIMEOUT":
            answer["rcode"] = "TIMEOUT"
        elif "TXT" in entry:
            text = entry["TXT"]
            answer["data"].append([str(part) for part in text] if isinstance(text, list) else str(text))
    return answer


def capture_of(zone):
    return {"schema": 1, "default": "NXDOMAIN",
            "answers": [answer_of(str(name), entries) for name, entries in (zone or {}).items()]}


def identifier(option, text):
    """"example.com pass" as an option."""
    domain, result = text.split()
    return [option, "%s=%s" % (domain, result)]


def ask(program, case, dns_file):
    command = [program, "dmarc", "check", "--from", case["from"], "--dns", dns_file, "--json"]
    if "spf" in case:
        command += identifier("--spf", case["spf"])
    for text in case.get("dkim", []):
        command += identifier("--dkim", text)
    done = subprocess.run(command, capture_output=True, timeout=60)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"result": "exit %d: %s" % (done.returncode, done.stderr.decode(errors="replace").strip())}


def mismatches(name, case, answer):
    unknown = set(case) - KNOWN_KEYS
    if unknown:
        yield "%s: the suite says something that is not compared: %s" % (name, ", ".join(sorted(unknown)))
    results = case["result"] if isinstance(case["result"], list) else [case["result"]]
    if answer.get("result") not in results:
        yield "%s (%s): %s instead of %s" % (name, case["spec"], answer.get("result"), " or ".join(results))
    for key, member in COMPARED.items():
        if key in case and answer.get(member) != case[key]:
            yield "%s (%s): %s is %s instead of %s" % (name, case["spec"], key, answer.get(member), case[key])


def run(program, path):
    asked = suite.ask_all(path, lambda scenario: json.dumps(capture_of(scenario.get("zonedata"))).encode(),
                          lambda case, dns_file, _: ask(program, case, dns_file))
    return suite.tell([list(mismatches(name, case, answer)) for name, case, answer in asked])


if __name__ == "__main__":
    sys.exit(suite.main(__doc__, [SUITE_NAME], run))
