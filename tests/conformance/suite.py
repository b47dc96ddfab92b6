"""What the suites beside this file share: they are looked for in ../shared/suites beside the checkout.

Each exits 0 when all pass, 1 when one does not, 77 (skipped) when the suite, the command or python3-yaml is missing.
"""
import concurrent.futures
import json
import os
import sys
import tempfile

TOP = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SUITES = os.path.join(TOP, "..", "shared", "suites")


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


def write(path, data):
    with open(path, "wb") as out:
        out.write(data)
    return path


def capture_of(answers):
    return json.dumps({"schema": 1, "default": "NXDOMAIN", "answers": answers}).encode()


def scenarios(path):
    """Those of a file of YAML."""
    import yaml
    with open(path, encoding="utf-8") as text:
        yield from yaml.safe_load_all(text)


def ask_all(path, answers_of, ask):
    """[(name, case, what ask() says of it)]: each case is asked with the answers of its scenario in a file."""
    jobs = []
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for number, scenario in enumerate(scenarios(path)):
            dns_file = write(os.path.join(folder, "%d.json" % number), answers_of(scenario))
            for name, case in scenario["tests"].items():
                message_file = os.path.join(folder, "%d.eml" % len(jobs))
                jobs.append((name, case, pool.submit(ask, case, dns_file, message_file)))
        return [(name, case, job.result()) for name, case, job in jobs]


def tell(faults, name=""):
    """faults: for each case a list of what is wrong. Whether all is well."""
    bad = sum(1 for of_case in faults if of_case)
    for of_case in faults:
        for fault in of_case:
            print(name + fault)
    print("%s%d of %d" % (name, len(faults) - bad, len(faults)))
    return len(faults) > 0 and bad == 0


def main(manual, names, run):
    """run(PROGRAM, PATH-OF-SUITE) for each suite that is named, or for those names; the exit status."""
    if len(sys.argv) < 2:
        print(manual)
        return 2
    program = os.path.abspath(sys.argv[1])
    paths = sys.argv[2:] or [os.path.join(SUITES, name) for name in names]
    try:
        import yaml  # noqa: F401
    except ImportError:
        skip("python3-yaml is not installed")
    for path in paths:
        if not os.path.exists(path):
            skip("%s is not there" % os.path.relpath(path, TOP))
    if not os.path.exists(program):
        skip("%s is not built" % program)
    good = [run(program, path) for path in paths]
    return 0 if all(good) else 1
