#!/usr/bin/python3
"""Runs every case of this directory through "mailvouch verify" (README.md says what a case is).

usage: tests/cases/run.py PATH-OF-MAILVOUCH [CASE...]      ends with "N passed, N failed, N skipped"

Each message is fed in one piece and byte by byte: both must give the same output and exit code.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULT_CONFIG = os.path.join(HERE, "default.conf")
NEEDED = ("message.eml", "dns.json", "envelope", "expect")
OPTIONAL = ("config",)
ENVELOPE = {"ip": "--ip", "helo": "--helo", "mail_from": "--mail-from", "now": "--now"}


class Fault(Exception):
    """What is wrong with a case itself."""


def dig(*path):
    def get(answer):
        for step in path:
            answer = answer[step]
        return answer
    return get


# What an expect line may speak of, and where the command says it.
TEXTS = {
    "spf": dig("spf", "result"), "spf_domain": dig("spf", "domain"), "spf_reason": dig("spf", "reason"),
    "dmarc": dig("dmarc", "result"), "from": dig("dmarc", "from_domain"), "policy": dig("dmarc", "policy_effective"),
    "published": dig("dmarc", "policy_published"), "policy_domain": dig("dmarc", "policy_domain"),
    "org_domain": dig("dmarc", "org_domain"), "dmarc_reason": dig("dmarc", "reason"),
    "action": dig("disposition", "action"), "override": dig("disposition", "override"),
    "reason": dig("disposition", "reason"), "authres": dig("authentication_results"),
}
CHAIN_TEXTS = {"arc": "result", "arc_reason": "reason", "arc_oldest_pass": "oldest_pass"}
SIGNATURE_TEXTS = {"dkim": "result", "dkim_domain": "domain", "dkim_reason": "reason", "dkim_rule": "rule"}


def the_signature(answer, index):
    if index is None:
        if len(answer["dkim"]) != 1:
            raise KeyError("%d signatures, so say which: dkim[0]" % len(answer["dkim"]))
        index = 0
    if index >= len(answer["dkim"]):
        raise KeyError("only %d signatures" % len(answer["dkim"]))
    return answer["dkim"][index]


def found(answer, key, index):
    """What the command said, as text; "" for nothing."""
    if key == "dkim.count":
        return str(len(answer["dkim"]))
    if key == "aligned":
        return ",".join(answer["dmarc"]["aligned_by"])
    if key == "exit":
        return str(answer["exit"])
    if key == "arc_sealers":
        return ",".join(hop["domain"] for hop in answer["arc"]["chain"])
    if key in CHAIN_TEXTS:
        value = answer["arc"][CHAIN_TEXTS[key]]
        return "" if value is None else str(value)
    if key == "dkim" and index is None and not answer["dkim"]:
        return "none"
    if key in SIGNATURE_TEXTS:
        value = the_signature(answer, index)[SIGNATURE_TEXTS[key]]
    else:
        value = TEXTS[key](answer)
    return "" if value is None else value


KEYS = set(TEXTS) | set(SIGNATURE_TEXTS) | set(CHAIN_TEXTS) | {"dkim.count", "aligned", "exit", "arc_sealers"}


def read_lines(path):
    with open(path, encoding="utf-8") as text:
        return [line.rstrip("\n") for line in text if line.strip() and not line.startswith("#")]


def read_expect(path):
    """(key, index, operator, value) of each line."""
    rows = []
    for line in read_lines(path):
        match = re.fullmatch(r"([a-z_.]+)(?:\[(\d+)\])?(!?[=~])(.*)", line)
        if not match or match.group(1) not in KEYS:
            raise Fault("expect: not understood: " + line)
        key, index, operator, value = match.groups()
        if index is not None and key not in SIGNATURE_TEXTS:
            raise Fault("expect: only signatures are counted: " + line)
        if operator.endswith("~") and value == "":
            raise Fault("expect: everything holds nothing: " + line)
        rows.append((key, None if index is None else int(index), operator, value))
    if not rows:
        raise Fault("expect: says nothing")
    return rows


def read_envelope(path):
    options = []
    for line in read_lines(path):
        key, equals, value = line.partition("=")
        if not equals or key not in ENVELOPE:
            raise Fault("envelope: not understood: " + line)
        options += [ENVELOPE[key], value]
    if "--now" not in options:
        raise Fault("envelope: now= is missing, so the case would depend on the clock")
    return options


def holds(operator, value, said):
    return {"=": said == value, "!=": said != value, "~": value in said, "!~": value not in said}[operator]


def check_files(case):
    if not os.path.isdir(case):
        sys.exit("there is no case %s" % os.path.basename(case))
    names = set(os.listdir(case))
    missing = [name for name in NEEDED if name not in names]
    unknown = sorted(names - set(NEEDED) - set(OPTIONAL))
    if missing or unknown:
        raise Fault("; ".join(["%s is missing" % name for name in missing] +
                              ["%s is no part of a case" % name for name in unknown]))
    with open(os.path.join(case, "message.eml"), "rb") as message:
        if b"\r\n" not in message.read():
            raise Fault("message.eml: its CRLF line ends were lost")


def verify(program, case, options, split):
    config = os.path.join(case, "config")
    command = [program, "verify", "--json", "--config", config if os.path.exists(config) else DEFAULT_CONFIG,
               "--dns", os.path.join(case, "dns.json"), "--split", str(split), *options,
               os.path.join(case, "message.eml")]
    done = subprocess.run(command, capture_output=True, timeout=120)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace").strip()


def check_case(program, case):
    """The faults of one case."""
    try:
        check_files(case)
        options = read_envelope(os.path.join(case, "envelope"))
        rows = read_expect(os.path.join(case, "expect"))
    except Fault as fault:
        return [str(fault)]
    whole = verify(program, case, options, 0)
    faults = []
    if verify(program, case, options, 1)[:2] != whole[:2]:
        faults.append("byte by byte is not the same as in one piece")
    try:
        answer = json.loads(whole[1])
    except ValueError:
        return faults + ["exit %d: %s" % (whole[0], whole[2])]
    answer["exit"] = whole[0]
    for key, index, operator, value in rows:
        name = key if index is None else "%s[%d]" % (key, index)
        try:
            said = found(answer, key, index)
        except KeyError as problem:
            faults.append("%s: %s" % (name, problem.args[0]))
            continue
        if not holds(operator, value, said):
            faults.append("%s is %r, expected %s%s" % (name, said, operator, value))
    return faults


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    program = os.path.abspath(sys.argv[1])
    names = sys.argv[2:] or sorted(name for name in os.listdir(HERE) if os.path.isdir(os.path.join(HERE, name)) and
                                   name != "keys")
    if not os.path.exists(program):
        print("skip  cases: %s is not built" % program)
        print("0 passed, 0 failed, 1 skipped")
        return 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda name: check_case(program, os.path.join(HERE, name)), names))
    failed = 0
    for name, faults in zip(names, results):
        failed += bool(faults)
        for fault in faults:
            print("FAIL  %s: %s" % (name, fault))
    print("%d passed, %d failed, 0 skipped" % (len(names) - failed, failed))
    return 1 if failed or not names else 0


sys.exit(main())
