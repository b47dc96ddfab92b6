#!/usr/bin/python3
"""mailvouch dmarc lint, build: exit codes, sentences, JSON, replay.

usage: tests/cli/dmarc.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"
"""
import json
import os
import subprocess
import sys
import tempfile

COMMAND = os.path.abspath(sys.argv[1])
passed = failed = 0


def entry(name, kind, *data, rcode="NOERROR"):
    return {"name": name, "type": kind, "rcode": rcode, "ttl": 300, "data": list(data)}


DNS = [
    entry("good.example", "MX", "10 mx.good.example"), entry("good.example", "TXT", "v=spf1 mx ~all"),
    entry("_dmarc.good.example", "TXT", "v=DMARC1; p=reject; rua=mailto:d@good.example"),
    entry("k._domainkey.good.example", "TXT", "v=DKIM1; p=AAAA"),
    entry("_dmarc.bad.example", "TXT", "v=DMARC1; p=rejct; rua=mailto:d@good.example"),
    entry("good.example._report._dmarc.agreed.example", "TXT", "v=DMARC1"), entry("agreed.example", "MX", "10 mx.agreed.example"),
    entry("_dmarc.evil.example", "TXT", "v=DMARC1; p=reject; x=\u001b[31m\u0007"),
    entry("_dmarc.slow.example", "TXT", rcode="TIMEOUT"),
]


def run(*args):
    done = subprocess.run([COMMAND, "dmarc", *args], capture_output=True, env=dict(os.environ, NO_COLOR="1"), timeout=60)
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def check(name, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print("FAIL  %s %s" % (name, detail))


def gives(name, want, *args, says=(), lacks=()):
    """The exit code; for usage and input errors one line on stderr and nothing on stdout."""
    code, out, err = run(*args)
    check(name, code == want, "exit %d, expected %d: %s%s" % (code, want, out, err))
    if want >= 64:
        check(name + ": one line on stderr", err.count("\n") == 1 and out == "", repr((out, err)))
    for text in says:
        check(name + ": says " + text, text in out + err, repr(out + err))
    for text in lacks:
        check(name + ": does not say " + repr(text), text not in out + err, repr(out + err))


def ids(*args):
    code, out, err = run(*args, "--json")
    data = json.loads(out)
    check("schema of " + " ".join(args), data["schema"] == 1 and err == "", err)
    for finding in data["findings"]:
        check("a finding is whole", set(finding) == {"id", "severity", "section", "subject", "detail", "meaning", "record"}, finding)
    return code, [finding["id"] for finding in data["findings"]], data


def usage():
    gives("nothing to do", 64, says=["'check', 'lint'"])
    gives("a typo", 64, "lnt", says=["did you mean 'lint'?"])
    gives("help", 0, "--help", says=["mailvouch dmarc lint", "mailvouch dmarc build"])
    for command in ("check", "lint", "build"):
        gives("help of " + command, 0, command, "--help", says=["usage: mailvouch dmarc " + command])
    gives("lint nothing", 64, "lint", says=["give RECORD|DOMAIN"])
    gives("lint two", 64, "lint", "a.example", "b.example")
    gives("lint no domain", 64, "lint", "a..example", says=["in quotes"])
    gives("lint: control bytes", 64, "lint", "\x1b[31m", says=["\\x1b[31m"], lacks=["\x1b"])
    gives("lint: bad selector", 64, "lint", "--selector", "a..b", "good.example", says=["selector"])
    gives("lint: bad place", 64, "lint", "--domain", "a..b", "v=DMARC1", says=["--domain"])
    gives("an option misspelt", 64, "lint", "--jsn", "good.example", says=["did you mean --json?"])
    gives("build nothing", 64, "build", says=["give DOMAIN"])
    gives("build: bad policy", 64, "build", "--p", "rejct", "good.example", "--dns", dns, says=["--p takes none, quarantine or reject"])
    gives("build: bad address", 64, "build", "--rua", "x", "good.example", "--dns", dns, says=["--rua takes an address"])
    gives("build: two tags at once", 64, "build", "--p", "none; sp=none", "good.example", "--dns", dns)
    gives("no such dns file", 65, "lint", "--dns", folder + "/none", "good.example", says=["none"])
    gives("no such configuration", 78, "lint", "--config", folder + "/none", "good.example")


def lint():
    gives("a domain without faults", 0, "lint", "good.example", "--dns", dns, says=["Nothing to find fault with.", "reject"])
    gives("a domain with faults", 1, "lint", "bad.example", "--dns", dns, says=["error dmarc-p-invalid _dmarc.bad.example: p (RFC 9989 4.10.1)",
          'publish  _dmarc.bad.example. TXT "v=DMARC1; p=none; rua=mailto:d@good.example"',
          'bad.example._report._dmarc.good.example. TXT "v=DMARC1;"'])
    gives("what strangers wrote", 1, "lint", "evil.example", "--dns", dns, says=["\\x1b[31m\\x07"], lacks=["\x1b", "\x07"])
    gives("a name that inherits", 0, "lint", "mail.good.example", "--dns", dns, says=["note dmarc-inherited", "p of it speaks"])
    gives("no DNS", 1, "lint", "slow.example", "--dns", dns, says=["dmarc-dns-error"])
    gives("U-labels", 1, "lint", "b\u00fccher.example", "--dns", dns, says=["xn--bcher-kva.example"])
    gives("a record without faults", 0, "lint", "v=DMARC1; p=reject; rua=mailto:d@good.example", says=["Nothing to find fault with."])
    gives("a record with faults", 1, "lint", "v=DMARC1; p=quarantine; t=y; rua=mailto:d@x.example", "--domain", "x.example",
          says=["dmarc-legacy-test", '_dmarc.x.example. TXT "v=DMARC1; p=quarantine; t=y; pct=0; rua=mailto:d@x.example"'])
    gives("no record", 1, "lint", "v=spf1 -all", says=["dmarc-not-a-record"])
    code, found, data = ids("lint", "good.example", "--dns", dns)
    check("JSON of a domain", code == 0 and found == [] and data["applies"]["tag"] == "p" and data["applies"]["ttl"] == 300 and
          data["applies"]["receivers"]["rfc7489"]["own"] == "reject", data)
    code, found, data = ids("lint", "good.example", "--dns", dns, "--selector", "gone")
    check("selectors", code == 1 and found == ["dmarc-enforced-without-dkim"], found)
    code, found, data = ids("lint", "nothing.example", "--dns", dns)
    check("JSON without a record", code == 1 and found == ["dmarc-no-record"] and data["applies"] is None, data)
    check("the record to begin with", data["findings"][0]["record"] ==
          {"name": "_dmarc.nothing.example", "type": "TXT", "text": "v=DMARC1; p=none; np=reject; rua=mailto:dmarc-reports@nothing.example"})
    code, found, data = ids("lint", "v=DMARC1; p=none; t=y")
    check("JSON of a record", code == 1 and "dmarc-test-of-nothing" in found and data["receivers"]["rfc9989"]["own"] == "none", data)
    saved = folder + "/saved.json"
    code, out, err = run("lint", "bad.example", "--dns", dns, "--save-dns", saved)
    check("replay", run("lint", "bad.example", "--dns", saved) == (code, out, err) and os.path.getsize(saved) > 100)


def build():
    gives("a first record", 0, "build", "good.example", "--np", "reject", "--rua", "d@good.example", "--dns", dns,
          says=['_dmarc.good.example. TXT "v=DMARC1; p=none; np=reject; rua=mailto:d@good.example"\n'])
    gives("a foreign address", 0, "build", "good.example", "--p", "reject", "--rua", "d@x.example", "--rua", "d@agreed.example", "--dns", dns,
          says=['good.example._report._dmarc.x.example. TXT "v=DMARC1;"', "not there yet", "published already"])
    gives("an unwise one", 1, "build", "good.example", "--dns", dns, says=["dmarc-rua-missing"])
    gives("a test", 0, "build", "good.example", "--p", "quarantine", "--t", "y", "--rua", "d@good.example", "--dns", dns,
          says=["p=quarantine; t=y; pct=0;"])
    code, out, err = run("build", "good.example", "--rua", "d@x.example", "--rua", "e@x.example", "--dns", dns, "--json")
    data = json.loads(out)
    check("JSON of a record to publish", code == 0 and data["record"] == {"name": "_dmarc.good.example", "type": "TXT",
          "text": "v=DMARC1; p=none; rua=mailto:d@x.example,mailto:e@x.example"}, out)
    check("one consent for each host", [c["name"] for c in data["consents"]] == ["good.example._report._dmarc.x.example"], out)


with tempfile.TemporaryDirectory() as folder:
    dns = os.path.join(folder, "dns.json")
    with open(dns, "w") as f:
        json.dump({"schema": 1, "default": "NXDOMAIN", "answers": DNS}, f)
    for part in (usage, lint, build):
        part()
print("%d passed, %d failed, 0 skipped" % (passed, failed))
sys.exit(1 if failed else 0)
