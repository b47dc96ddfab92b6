#!/usr/bin/python3
"""Runs the RFC 9989 suite through "mailvouch dmarc check".

usage: dmarc_suite.py PATH-OF-MAILVOUCH [SUITE.yml]

The suite is looked for in ../shared/suites beside the checkout.  Each case becomes a capture file and one call;
result, effective policy, policy domain, Organizational Domain and the exact list of queries are compared.
Prints each mismatch and "N of M".  Exits 0 when all pass, 1 when one does not, 77 (skipped) when the suite, the
command or python3-yaml is missing.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SUITE = os.path.join(TOP, "..", "shared", "suites", "dmarc9989-tests.yml")

# What a case may say of the result, and where the command says it.
COMPARED = {"policy": "policy_effective", "policydomain": "policy_domain", "orgdomain": "org_domain",
            "queries": "queries"}
KNOWN_KEYS = {"spec", "comment", "from", "spf", "dkim", "result"} | set(COMPARED)


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


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


def run(yaml, program, path):
    jobs = []
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool, \
            open(path, encoding="utf-8") as text:
        for number, scenario in enumerate(yaml.safe_load_all(text)):
            dns_file = os.path.join(folder, "%d.json" % number)
            with open(dns_file, "w", encoding="utf-8") as out:
                json.dump(capture_of(scenario.get("zonedata")), out)
            for name, case in scenario["tests"].items():
                jobs.append((name, case, pool.submit(ask, program, case, dns_file)))
        faults = {name: list(mismatches(name, case, job.result())) for name, case, job in jobs}
    bad = [name for name in faults if faults[name]]
    for name in bad:
        print("\n".join(faults[name]))
    print("%d of %d" % (len(jobs) - len(bad), len(jobs)))
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


if __name__ == "__main__":
    sys.exit(main())
