#!/usr/bin/python3
"""mailvouch spf lint, build, flatten: exit codes, sentences, JSON, replay.

usage: tests/cli/spf.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"
"""
import json
import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile

from command import COMMAND, capture, entry, gives, ids, run
import checks
from checks import check

DNS = [
    entry("good.example", "TXT", "v=spf1 mx include:_spf.provider.example ~all"), entry("good.example", "MX", "10 mx.good.example"),
    entry("mx.good.example", "A", "192.0.2.7"), entry("mx.good.example", "AAAA", "2001:db8::7"),
    entry("_spf.provider.example", "TXT", "v=spf1 include:_spf2.provider.example ip4:198.51.100.0/25 ip4:198.51.100.128/25 -all"),
    entry("_spf2.provider.example", "TXT", "v=spf1 ip4:203.0.113.0/24 ip6:2001:db8:1::/48 -all"),
    entry("bad.example", "TXT", "v=spf1 ipv4:192.0.2.1 include:gone.example +all"),
    entry("evil.example", "TXT", "v=spf1 include:\u001b[31m.example\u0007 -all"),
    entry("slow.example", "TXT", rcode="TIMEOUT"),
    entry("parked.example", "TXT", "v=spf1 -all"),
    entry("everybody.example", "TXT", "v=spf1 +all"),
    entry("ipv4.example", "TXT", "v=spf1 +ip4:0.0.0.0/0 -all"),
    entry("loop.example", "TXT", "v=spf1 include:loop.example -all"),
    entry("nothing.example", "MX", "10 mx.good.example"),
]


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def usage():
    gives("nothing to do", 64, "spf", says=["there is 'check'"])
    gives("a typo", 64, "spf", "lnt", says=["did you mean 'lint'?"])
    gives("help", 0, "spf", "--help", says=["mailvouch spf lint"])
    for command in ("check", "lint", "build", "flatten"):
        gives("help of " + command, 0, "spf", command, "--help", says=["usage: mailvouch spf " + command])
    gives("lint nothing", 64, "spf", "lint", says=["give RECORD|DOMAIN"])
    gives("lint two", 64, "spf", "lint", "a.example", "b.example")
    gives("lint no domain", 64, "spf", "lint", "a..example", says=["in quotes"])
    gives("lint: control bytes", 64, "spf", "lint", "\x1b[31m", says=["\\x1b[31m"], lacks=["\x1b"])
    gives("lint: bad place", 64, "spf", "lint", "--domain", "a..b", "v=spf1 -all", "--dns", dns, says=["'a..b'"])
    gives("lint: two domains", 64, "spf", "lint", "--domain", "a.example", "b.example", "--dns", dns, says=["goes with a record"])
    gives("an option misspelt", 64, "spf", "lint", "--jsn", "good.example", says=["did you mean --json?"])
    gives("no such dns file", 65, "spf", "lint", "--dns", folder + "/none", "good.example", says=["none"])
    gives("no such configuration", 78, "spf", "lint", "--config", folder + "/none", "good.example")


    gives("build nothing", 64, "spf", "build", says=["give DOMAIN"])
    gives("build: no domain", 64, "spf", "build", "a..b", "mx", "--dns", dns, says=["'a..b' is no domain name"])
    gives("build: nobody named", 64, "spf", "build", "good.example", "--dns", dns, says=["who sends?", "--nobody"])
    gives("build: which of the two", 64, "spf", "build", "good.example", "mx", "--nobody", "--dns", dns)
    gives("build: unknown provider", 65, "spf", "build", "good.example", "gogle", "--dns", dns, says=["--list-providers", "include:NAME"])
    gives("build: control bytes", 65, "spf", "build", "good.example", "\x1b[31m", "--dns", dns, lacks=["\x1b"])
    gives("build: host bits", 65, "spf", "build", "good.example", "--ip", "192.0.2.1/24", "--dns", dns, says=["one address meant, or the network"])
    gives("build: no such file", 65, "spf", "build", "good.example", "--senders", folder + "/none", "--dns", dns, says=["none"])
    gives("build: fault in the file", 65, "spf", "build", "good.example", "--senders", write("senders", "mx\nmx:\n"), "--dns", dns, says=["/senders:2: 'mx:'"])
    gives("build: far too many", 65, "spf", "build", "good.example", "--senders", write("many", "".join("h%d.example.net\n" % i for i in range(1900))), "--dns", dns,
          says=["include:NAME"])


    gives("flatten nothing", 64, "spf", "flatten", says=["give DOMAIN|FILE"])
    gives("flatten: no domain", 64, "spf", "flatten", "a..b", "--dns", dns, says=["neither a file nor a domain name"])
    gives("flatten: no such file", 65, "spf", "flatten", folder + "/none", "--dns", dns, says=["/none"])
    gives("flatten: a fault in the file", 65, "spf", "flatten", write("bad.flat", "domain: example.org\nsource: mx\n"), "--dns", dns, says=["bad.flat: 2: "])
    gives("flatten: no record", 65, "spf", "flatten", "nothing.example", "--dns", dns, says=["nothing.example has no SPF record; see 'mailvouch spf lint'"])
    gives("flatten: a record with faults", 65, "spf", "flatten", "bad.example", "--dns", dns, says=["cannot be read; see 'mailvouch spf lint'"])
    gives("flatten: a source that is none", 64, "spf", "flatten", "good.example", "--source", "mx", "--dns", dns, says=["begins with v=spf1"])
    gives("flatten: no source", 65, "spf", "flatten", "--check", "good.example", "--dns", dns, says=["--source RECORD", "_spf-source.good.example"])
    gives("flatten: --check writes nothing", 64, "spf", "flatten", "--check", "good.example", "--write", folder + "/x", "--dns", dns)
    gives("flatten: cannot write", 65, "spf", "flatten", "good.example", "--write", folder + "/none/x", "--dns", dns, says=["cannot write"])
    gives("flatten: no DNS", 75, "spf", "flatten", "slow.example", "--dns", dns, says=["try again"])


def lint():
    gives("a domain without faults", 0, "spf", "lint", "good.example", "--dns", dns,
          says=["lookups 3 of 10, void lookups at most 0 of 2", "      3         good.example\n", "      1         |- mx\n",
                "      2         |- include:_spf.provider.example\n", "      1         |  |- include:_spf2.provider.example\n",
                "                |  |  |- 2 networks\n", "                '- ~all\n", "note spf-softfail-all"])
    gives("a domain with faults", 1, "spf", "lint", "bad.example", "--dns", dns,
          says=["error spf-unknown-mechanism bad.example: ipv4:192.0.2.1: did you mean ip4? (RFC 7208 4.6.1)", "spf-plus-all",
                "spf-include-missing"])
    gives("what strangers wrote", 1, "spf", "lint", "evil.example", "--dns", dns, says=["\\x1b[31m"], lacks=["\x1b", "\x07"])
    gives("no DNS", 69, "spf", "lint", "slow.example", "--dns", dns, says=["spf-unanswered"])
    gives("a domain that sends nothing", 0, "spf", "lint", "parked.example", "--dns", dns, says=["Nothing to find fault with."])
    gives("no record", 1, "spf", "lint", "nothing.example", "--dns", dns, says=["warning spf-no-record"])
    gives("no domain", 1, "spf", "lint", "none.example", "--dns", dns, says=["error spf-no-domain"])
    gives("U-labels", 1, "spf", "lint", "b\u00fccher.example", "--dns", dns, says=["xn--bcher-kva.example"])
    for name, before, more in (("everybody", "include:everybody.example ", False), ("IPv4 alone", "include:ipv4.example ", True), ("nobody", "", True)):
        _, _, data = ids("spf", "lint", "v=spf1 %sinclude:loop.example -all" % before, "--domain", "t.example", "--dns", dns)
        check("a loop behind what matches " + name, data["tree"]["endless"] == more, data["tree"])
    gives("a record", 0, "spf", "lint", "v=spf1 mx include:_spf.provider.example ~all", "--dns", dns, says=["spf-domain-needed", "lookups 3 of 10"])
    gives("a record of a domain", 0, "spf", "lint", "v=spf1 mx ~all", "--domain", "good.example", "--dns", dns, lacks=["spf-domain-needed"])
    gives("what to publish instead", 1, "spf", "lint", "v=spf1 mx", "--domain", "good.example", "--dns", dns,
          says=['publish  good.example. TXT "v=spf1 mx ~all"'])
    gives("a line of a zone file", 1, "spf", "lint", 'good.example. 300 IN SPF "v=spf1 mx " "~all"', "--dns", dns, says=["spf-rr-type", "v=spf1 mx ~all"])
    gives("another text", 1, "spf", "lint", "v=DMARC1; p=none", "--dns", dns, says=["spf-not-a-record"])
    code, found, data = ids("spf", "lint", "good.example", "--dns", dns)
    tree = data["tree"]
    check("JSON of a domain", code == 0 and found == ["spf-softfail-all"] and tree["state"] == "read" and
          tree["cost"]["ipv4"] == {"lookups": 3, "voids": 0, "sure_voids": 0} and
          tree["terms"][1]["below"]["terms"][0]["below"]["domain"] == "_spf2.provider.example", data)
    code, found, data = ids("spf", "lint", "nothing.example", "--dns", dns)
    check("JSON without a record", code == 1 and found == ["spf-no-record"] and data["tree"]["state"] == "absent", data)
    code, found, data = ids("spf", "lint", "v=spf1;", "--dns", dns)
    check("JSON of what is no record", code == 1 and found == ["spf-version"] and data["tree"] is None and data["domain"] is None, data)
    saved = folder + "/saved.json"
    code, out, err = run("spf", "lint", "bad.example", "--dns", dns, "--save-dns", saved)
    check("replay", run("spf", "lint", "bad.example", "--dns", saved) == (code, out, err) and os.path.getsize(saved) > 100)


def on_terminal(answers):
    """The list is asked for: stdin and stderr are a terminal."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen([COMMAND, "spf", "build", "--dns", dns, "good.example"], stdin=theirs, stderr=theirs,
                             stdout=subprocess.PIPE, env=dict(os.environ, NO_COLOR="1"))
    os.close(theirs)
    os.write(ours, answers)
    out = child.communicate(timeout=60)[0].decode()
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    return child.returncode, out, shown


def build():
    code, out, err = run("spf", "build", "--dns", dns, "good.example", "mx", "192.0.2.128/25", "192.0.2.0/25", "include:_spf.provider.example")
    check("build", code == 0 and out.startswith('good.example. TXT "v=spf1 ip4:192.0.2.0/24 mx include:_spf.provider.example ~all"\n'), out + err)
    for text in ("lookups 3 of 10", "answer   ", "-all (--fail) is right when", "mailvouch dmarc stage good.example", "instead of what is published now:"):
        check("build says " + text, text in out, out)
    gives("build by options", 1, "spf", "build", "--dns", dns, "good.example", "--mx", "--a", "--ip", "2001:db8::/32", "--host", "mx.good.example",
          "--include", "_spf.provider.example", "--fail", says=['TXT "v=spf1 ip6:2001:db8::/32 a:mx.good.example a mx include:_spf.provider.example -all"',
                                                               'mx.good.example. TXT "v=spf1 a -all"'])
    gives("build by a file", 0, "spf", "build", "--dns", dns, "good.example", "--senders", "-", stdin=b"# ours\nmx\ninclude:_spf.provider.example\n",
          says=['TXT "v=spf1 mx include:_spf.provider.example ~all"'], lacks=["instead of"])
    gives("build: a provider", 1, "spf", "build", "--dns", dns, "nothing.example", "--provider", "mailgun",
          says=["include:mailgun.org ~all", "Mailgun as a rule sends bounces", "spf-include-missing"])
    gives("build: nobody", 0, "spf", "build", "--dns", dns, "parked.example", "--nobody", says=['parked.example. TXT "v=spf1 -all"\n'], lacks=["~all"])
    gives("build: who is lost", 1, "spf", "build", "--dns", dns, "good.example", "mx", says=["spf-sender-dropped", "include:_spf.provider.example"])
    gives("build: long", 0, "spf", "build", "--dns", dns, "parked.example", *["198.51.%d.0/25" % i for i in range(0, 20)], says=[' ip4:198.51." "13.0/25 '])
    gives("providers", 0, "spf", "build", "--list-providers", says=["Google Workspace", "include:_spf.google.com", "as of November 2026"])
    code, out, err = run("spf", "build", "--list-providers", "--json")
    check("providers as JSON", code == 0 and len(json.loads(out)["providers"]) >= 12, out + err)
    code, found, data = ids("spf", "build", "--dns", dns, "good.example", "mx", "include:_spf.provider.example")
    check("build as JSON", code == 0 and data["record"] == "v=spf1 mx include:_spf.provider.example ~all" and data["published"] == data["record"] and
          data["tree"]["cost"]["ipv6"]["lookups"] == 3 and data["answer_bytes"] == 12 + 18 + 12 + 45, data)
    code, out, shown = on_terminal(b"gogle\nmx\ninclude:_spf.provider.example\n\n")
    check("build on a terminal", code == 0 and out.startswith('good.example. TXT "v=spf1 mx include:_spf.provider.example ~all"') and
          "Who sends mail as good.example?" in shown and "'gogle' is no provider" in shown, out + shown)
    saved = folder + "/saved.json"
    code, out, err = run("spf", "build", "good.example", "mx", "--dns", dns, "--save-dns", saved)
    check("build: replay", run("spf", "build", "good.example", "mx", "--dns", saved) == (code, out, err))


FLAT = "v=spf1 ip4:192.0.2.7 ip4:198.51.100.0/24 ip4:203.0.113.0/24 ip6:2001:db8::7 ip6:2001:db8:1::/48 ~all"


def published(*changes):
    """The DNS of above with other records: (name, TXT)."""
    rest = [row for row in DNS if row["name"] not in [name for name, _ in changes] or row["type"] != "TXT"]
    return write("other.json", json.dumps(capture(rest + [entry(name, "TXT", text) for name, text in changes])))


def flatten():
    flat = folder + "/good.flat"
    gives("flatten", 0, "spf", "flatten", "good.example", "--dns", dns, says=['good.example. TXT "%s"\n' % FLAT, "lookups  0 instead of 3", "--write FILE"])
    gives("flatten --write", 0, "spf", "flatten", "good.example", "--dns", dns, "--write", flat, says=["--check " + flat])
    text = open(flat).read()
    check("what is written", "domain: good.example\nsource: v=spf1 mx include:_spf.provider.example ~all\nrecord: good.example %s\n" % FLAT in text, text)
    check("nothing else is left", not os.path.exists(flat + ".new"))
    gives("not published yet", 1, "spf", "flatten", "--check", flat, "--dns", dns, says=["spf-flat-unpublished", 'good.example. TXT "%s"' % FLAT])
    now = published(("good.example", FLAT))
    gives("published", 0, "spf", "flatten", "--check", flat, "--dns", now, says=["The published record matches its source."])
    gives("the source would be lost", 65, "spf", "flatten", "good.example", "--dns", now, "--write", flat, says=["holds another source", "flatten " + flat])
    check("the file is as it was", open(flat).read() == text)
    drift = published(("good.example", FLAT), ("_spf2.provider.example", "v=spf1 ip4:203.0.113.0/24 ip4:192.0.2.200 -all"))
    gives("drift", 1, "spf", "flatten", "--check", flat, "--dns", drift,
          says=["error spf-flat-missing good.example: ip4:192.0.2.200", "warning spf-flat-extra good.example: ip6:2001:db8:1::/48"])
    code, found, data = ids("spf", "flatten", "--check", flat, "--dns", drift)
    check("drift as JSON", code == 1 and sorted(found) == ["spf-flat-extra", "spf-flat-missing"] and data["published"] == FLAT and data["lookups"] == 0 and
          data["source_lookups"] == 3 and len(data["records"]) == 1, data)
    gives("made anew from the file", 0, "spf", "flatten", flat, "--dns", drift, "--write", flat, says=["ip4:192.0.2.200"])
    gives("and published", 0, "spf", "flatten", "--check", flat, "--dns",
          published(("good.example", "v=spf1 ip4:192.0.2.7 ip4:192.0.2.200 ip4:198.51.100.0/24 ip4:203.0.113.0/24 ip6:2001:db8::7 ~all"),
                    ("_spf2.provider.example", "v=spf1 ip4:203.0.113.0/24 ip4:192.0.2.200 -all")))
    source = "v=spf1 mx include:_spf.provider.example ~all"
    in_dns = published(("good.example", FLAT), ("_spf-source.good.example", source))
    gives("the source in DNS", 0, "spf", "flatten", "--check", "good.example", "--dns", in_dns, says=["matches its source"])
    gives("flatten from it", 0, "spf", "flatten", "good.example", "--dns", in_dns, says=[FLAT, "0 instead of 3"])
    gives("the source on the command line", 1, "spf", "flatten", "--check", "good.example", "--source", "v=spf1 mx ~all", "--dns", in_dns,
          says=["spf-flat-extra good.example: ip4:198.51.100.0/24"])
    gives("the source unanswered", 75, "spf", "flatten", "--check", flat, "--dns", 
          write("slow.json", json.dumps({"schema": 1, "default": "TIMEOUT", "answers": [entry("good.example", "TXT", FLAT)]})), says=["try again"])
    many = "v=spf1 " + " ".join("ip4:52.%d.%d.0/25" % (i, i) for i in range(40)) + " ~all"
    gives("several records", 0, "spf", "flatten", "good.example", "--source", many, "--dns", dns,
          says=['good.example. TXT "v=spf1 include:_spf1.good.example include:_spf2.good.example ~all"\n', '_spf1.good.example. TXT "v=spf1 ip4:52.0.0.0/25 '])
    saved = folder + "/saved.json"
    code, out, err = run("spf", "flatten", "good.example", "--dns", dns, "--save-dns", saved)
    check("flatten: replay", run("spf", "flatten", "good.example", "--dns", saved) == (code, out, err))


def manual():
    """The examples of mailvouch-spf(1) are run, one after the other, on a domain with what they name."""
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    with open(os.path.join(top, "doc/mailvouch-spf.1"), encoding="utf-8") as f:
        text = f.read()
    examples = re.findall(r"^mailvouch spf (.*)$", text[text.index(".Sh EXAMPLES"):], re.M)
    rows = [entry("example.org", "MX", "10 mx.example.org"), entry("example.org", "TXT", "v=spf1 mx ~all"), entry("example.net", "MX", "0 .")]
    for host in ("mx.example.org", "printer.example.org"):
        rows += [entry(host, "A", "192.0.2.7"), entry(host, "AAAA", "2001:db8::7")]
    for include in ("_spf.google.com", "_spf.example.net"):
        rows.append(entry(include, "TXT", "v=spf1 ip4:203.0.113.0/24 ip6:2001:db8:1::/48 -all"))
    answers = write("manual.json", json.dumps(capture(rows)))
    check("there are examples", len(examples) >= 7, str(examples))
    for example in examples:
        words = shlex.split(example.replace("/etc/mailvouch", folder))
        gives("manual: " + example, 1 if "--check" in words else 0, "spf", *words, "--dns", answers, says=["spf-flat-unpublished"] if "--check" in words else [])


with tempfile.TemporaryDirectory() as folder:
    dns = write("dns.json", json.dumps(capture(DNS)))
    for part in (usage, lint, build, flatten, manual):
        part()
sys.exit(checks.end())
