#!/usr/bin/python3
"""Runs libspf2 and libopendmarc over the conformance suites and compares what they say with the known differences.

usage: differences.py PATH-OF-MAILVOUCH [--write]      ends with "N passed, N failed, N skipped"

Each case of the suites (in $MV_SUITES, or ../shared/suites beside the checkout) becomes a capture file and one call with --as-legacy.
Where the second opinion differs from ours, or is none, the case has a line in known-differences beside this file:
suite, case, our result, theirs, reasons.  A difference without a line fails, and so does a line without a difference.
Both results and the reasons are compared, so that another reason is a difference too.  --write makes the file anew.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CONFORMANCE = os.path.join(HERE, "..", "conformance")
KNOWN = os.path.join(HERE, "known-differences")
HEAD = """# What libspf2 (as Exim uses it) and libopendmarc (as OpenDMARC uses it) decide otherwise over the suites, or cannot.
# suite case ours theirs reasons          made by differences.py --write; read a change of it before you commit it
"""


sys.path.insert(0, CONFORMANCE)
import dmarc_suite as dmarc  # noqa: E402
import spf_suite as spf  # noqa: E402
import suite  # noqa: E402

SUITES = os.environ.get("MV_SUITES", suite.SUITES)


def ask(command):
    done = subprocess.run(command + ["--as-legacy", "--json"], capture_output=True, timeout=60)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"broken": "exit %d: %s" % (done.returncode, done.stderr.decode(errors="replace").strip())}


def spf_command(program, case):
    return [program, "spf", "check", "--ip", str(case["host"]), "--helo", str(case["helo"]), "--mail-from",
            str(case["mailfrom"])]


def dmarc_command(program, case):
    command = [program, "dmarc", "check", "--from", case["from"]]
    for option, texts in (("--spf", [case["spf"]] if "spf" in case else []), ("--dkim", case.get("dkim", []))):
        for text in texts:
            command += [option, "%s=%s" % tuple(text.split())]
    return command


def outcome(answer, method):
    """What happened, as a line of known-differences says it; None when there is nothing to say."""
    if "broken" in answer:
        return "broken: " + answer["broken"]
    ours, opinion = answer["result"], answer["legacy"][method]
    theirs = opinion["result"]
    if method == "dmarc" and ours == "fail":
        ours = "fail/" + answer["policy_effective"]
    if theirs is None:
        return "%s no-opinion %s" % (ours, opinion["no_opinion"].replace(" ", "_"))
    if method == "dmarc" and theirs == "fail":
        theirs = "fail/" + opinion["policy"]
        if opinion["pct"] != 100:
            theirs += "/pct=%d" % opinion["pct"]
    if not opinion["differs"]:
        return None
    return "%s %s %s" % (ours, theirs, ",".join(sorted(reason["id"] for reason in opinion["reasons"])))


def run_suite(yaml, suite_module, path, method, command_of, folder, pool):
    suite = os.path.basename(path)
    jobs = []
    with open(path, encoding="utf-8") as text:
        for number, scenario in enumerate(yaml.safe_load_all(text)):
            dns_file = os.path.join(folder, "%s-%d.json" % (suite, number))
            with open(dns_file, "w", encoding="utf-8") as out:
                json.dump(suite_module.capture_of(scenario.get("zonedata")), out)
            for name, case in scenario["tests"].items():
                command = command_of(os.path.abspath(sys.argv[1]), case) + ["--dns", dns_file]
                jobs.append(("%s %s" % (suite, name), pool.submit(ask, command)))
    return {name: outcome(job.result(), method) for name, job in jobs}


def read_known():
    known = {}
    if os.path.exists(KNOWN):
        for line in open(KNOWN, encoding="utf-8"):
            if line.strip() and not line.startswith("#"):
                suite, case, rest = line.rstrip("\n").split(" ", 2)
                known["%s %s" % (suite, case)] = rest
    return known


def compare(found, known):
    faults = []
    for name, outcome_now in found.items():
        if outcome_now != known.get(name):
            faults.append("FAIL  %s: %s; known is: %s" % (name, outcome_now or "no difference",
                                                          known.get(name, "no difference")))
    faults += ["FAIL  %s: known, and there is no such case" % name for name in known if name not in found]
    return faults


def main():
    try:
        import yaml
    except ImportError:
        return skip("python3-yaml is not installed")
    paths = [os.path.join(SUITES, name) for name in spf.SUITE_NAMES + (dmarc.SUITE_NAME,)]
    for path in paths:
        if not os.path.exists(path):
            return skip("%s is not there" % os.path.basename(path))
    found = {}
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for path in paths:
            method, module, command_of = ("dmarc", dmarc, dmarc_command) if path == paths[-1] else \
                ("spf", spf, spf_command)
            found.update(run_suite(yaml, module, path, method, command_of, folder, pool))
    if "--write" in sys.argv:
        with open(KNOWN, "w", encoding="utf-8") as out:
            out.write(HEAD + "".join("%s %s\n" % item for item in found.items() if item[1] is not None))
    faults = compare(found, read_known())
    print("\n".join(faults))
    print("%d passed, %d failed, 0 skipped" % (len(found) - len(faults), len(faults)))
    return 1 if faults else 0


def skip(why):
    print("skip  opinions over the suites: " + why)
    print("0 passed, 0 failed, 1 skipped")
    return 0


if len(sys.argv) < 2:
    print(__doc__)
    sys.exit(2)
sys.exit(main())
