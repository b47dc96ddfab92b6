#!/usr/bin/python3
"""Runs the openspf.org suites for RFC 7208 and RFC 4408 through "mailvouch spf check".

usage: spf_suite.py PATH-OF-MAILVOUCH [SUITE.yml...]

Each case becomes a capture file and one call; result and explanation are compared.
"""
import json
import os
import subprocess
import sys

import suite

SUITE_NAMES = ("rfc7208-tests.yml", "rfc4408-tests.yml")
TYPES = ("TXT", "A", "AAAA", "MX", "PTR")

# What RFC 7208 decides where RFC 4408's suite lists several results, and why.
RFC_7208_SAYS = {
    "rfc4408-tests.yml": {
        "txtonly": ("fail", "3.1: only TXT records are used"),
        "spfonly": ("none", "3.1: records of type SPF are not asked for"),
        "spftimeout": ("fail", "3.1: records of type SPF are not asked for"),
        "txttimeout": ("temperror", "4.4: the TXT query times out"),
        "nospftxttimeout": ("temperror", "4.4: the TXT query times out"),
        "spfoverride": ("fail", "3.1: the TXT record counts"),
        "multitxt1": ("permerror", "4.5: two TXT records"),
        "multispf1": ("permerror", "4.5: two records, even when they are equal"),
        "multispf2": ("pass", "3.1: records of type SPF do not count"),
        "invalid-domain-empty-label": ("fail", "4.8: undefined; such a name matches nothing"),
        "invalid-domain-long": ("fail", "4.8: undefined; such a name matches nothing"),
        "invalid-domain-long-via-macro": ("fail", "4.8: undefined; such a name matches nothing"),
        "exists-dnserr": ("temperror", "5: a DNS error ends the evaluation"),
        "cidr6-0-ip4": ("neutral", "5: an IPv4 client matches no ip6"),
        "cidr6-ip4": ("neutral", "5: a mapped address is IPv4"),
        "mx-limit": ("permerror", "4.6.4: more than ten MX hosts"),
        "ptr-limit": ("neutral", "4.6.4: names past the tenth are ignored"),
        "p-macro-multiple": ("pass", "7.3: a name below the domain is preferred"),
    }
}


def txt_item(value):
    """One TXT record: a string, or an array of character-strings; no string at all is an empty one."""
    if isinstance(value, list):
        return [str(part) for part in value] or [""]
    return str(value)


def data_item(rtype, value):
    if rtype == "TXT":
        return txt_item(value)
    if rtype == "MX":
        return "%d %s" % (value[0], value[1] or ".")
    return str(value)


def answers_of(name, entries):
    """The entries of one name.  SPF stands for TXT where the name has no TXT of its own."""
    records, timeout = {}, False
    own_txt = any(isinstance(e, dict) and "TXT" in e for e in entries)
    for entry in entries:
        if entry == "TIMEOUT":
            timeout = True
            continue
        for rtype, value in entry.items():
            if rtype == "SPF":
                if own_txt:
                    continue
                rtype = "TXT"
            if value != "NONE":
                records.setdefault(rtype, []).append(data_item(rtype, value))
    for rtype, data in records.items():
        yield {"name": name, "type": rtype, "rcode": "NOERROR", "ttl": 300, "secure": False, "data": data}
    for rtype in TYPES if timeout else ():
        if rtype not in records:
            yield {"name": name, "type": rtype, "rcode": "TIMEOUT", "ttl": 0, "secure": False, "data": []}


def capture_of(zone):
    answers = []
    for name, entries in (zone or {}).items():
        answers.extend(answers_of(str(name).rstrip("."), entries))
    return {"schema": 1, "default": "NXDOMAIN", "answers": answers}


def ask(program, case, dns_file):
    command = [program, "spf", "check", "--ip", str(case["host"]), "--helo", str(case["helo"]),
               "--mail-from", str(case["mailfrom"]), "--dns", dns_file, "--json"]
    done = subprocess.run(command, capture_output=True, timeout=60)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"result": "exit %d: %s" % (done.returncode, done.stderr.decode(errors="replace").strip()),
                "explanation": None}


def expected(suite, name, case):
    """(accepted results, explanation or None, is the explanation compared?)"""
    listed = case["result"] if isinstance(case["result"], list) else [case["result"]]
    decided = RFC_7208_SAYS.get(suite, {}).get(name)
    if decided is not None:
        assert decided[0] in listed, name
        listed = [decided[0]]
    text = case.get("explanation")
    return listed, None if text == "DEFAULT" else text, text is not None


def mismatches(name, results, text, compared, answer):
    if answer["result"] not in results:
        yield "%s: %s instead of %s" % (name, answer["result"], " or ".join(results))
    elif compared and answer["explanation"] != text:
        yield "%s: explanation %r instead of %r" % (name, answer["explanation"], text)


def run(program, path):
    of = os.path.basename(path)
    asked = suite.ask_all(path, lambda scenario: json.dumps(capture_of(scenario.get("zonedata"))).encode(),
                          lambda case, dns_file, _: ask(program, case, dns_file))
    return suite.tell([list(mismatches(name, *expected(of, name, case), answer)) for name, case, answer in asked], of + ": ")


if __name__ == "__main__":
    sys.exit(suite.main(__doc__, SUITE_NAMES, run))
