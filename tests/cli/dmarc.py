#!/usr/bin/python3
"""mailvouch dmarc lint, build, stage: exit codes, sentences, JSON, replay.

usage: tests/cli/dmarc.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"
"""
import base64
import gzip
import json
import os
import sys
import tempfile

from command import capture, entry, gives, ids, run
import checks
from checks import check
from dmarc_reports import DAY, Row, report, write

DNS = [
    entry("good.example", "MX", "10 mx.good.example"), entry("good.example", "TXT", "v=spf1 mx ~all"),
    entry("_dmarc.good.example", "TXT", "v=DMARC1; p=reject; rua=mailto:d@good.example"),
    entry("k._domainkey.good.example", "TXT", "v=DKIM1; p=AAAA"),
    entry("_dmarc.bad.example", "TXT", "v=DMARC1; p=rejct; rua=mailto:d@good.example"),
    entry("good.example._report._dmarc.agreed.example", "TXT", "v=DMARC1"), entry("agreed.example", "MX", "10 mx.agreed.example"),
    entry("_dmarc.evil.example", "TXT", "v=DMARC1; p=reject; x=\u001b[31m\u0007"),
    entry("_dmarc.firm.example", "TXT", "v=DMARC1; p=none; rua=mailto:d@firm.example"),
    entry("firm.example", "TXT", "v=spf1 ip4:192.0.2.10 ~all"),
    entry("7.2.0.192.in-addr.arpa", "PTR", "printer.firm.example"), entry("printer.firm.example", "A", "192.0.2.7"),
    entry("_dmarc.open.example", "TXT", "v=DMARC1; p=x; sp=none; np=x"),
    entry("_dmarc.slow.example", "TXT", rcode="TIMEOUT"),
]


def usage():
    gives("nothing to do", 64, "dmarc", says=["'check', 'lint'"])
    gives("a typo", 64, "dmarc", "lnt", says=["did you mean 'lint'?"])
    gives("help", 0, "dmarc", "--help", says=["mailvouch dmarc lint", "mailvouch dmarc build", "mailvouch dmarc stage"])
    for command in ("check", "lint", "build", "stage"):
        gives("help of " + command, 0, "dmarc", command, "--help", says=["usage: mailvouch dmarc " + command])
    gives("lint nothing", 64, "dmarc", "lint", says=["give RECORD|DOMAIN"])
    gives("lint two", 64, "dmarc", "lint", "a.example", "b.example")
    gives("lint no domain", 64, "dmarc", "lint", "a..example", says=["in quotes"])
    gives("lint: control bytes", 64, "dmarc", "lint", "\x1b[31m", says=["\\x1b[31m"], lacks=["\x1b"])
    gives("lint: bad selector", 64, "dmarc", "lint", "--selector", "a..b", "good.example", says=["selector"])
    gives("lint: bad place", 64, "dmarc", "lint", "--domain", "a..b", "v=DMARC1", says=["--domain"])
    gives("an option misspelt", 64, "dmarc", "lint", "--jsn", "good.example", says=["did you mean --json?"])
    gives("build nothing", 64, "dmarc", "build", says=["give DOMAIN"])
    gives("build: bad policy", 64, "dmarc", "build", "--p", "rejct", "good.example", "--dns", dns, says=["--p takes none, quarantine or reject"])
    gives("build: bad address", 64, "dmarc", "build", "--rua", "x", "good.example", "--dns", dns, says=["--rua takes an address"])
    gives("build: two tags at once", 64, "dmarc", "build", "--p", "none; sp=none", "good.example", "--dns", dns)
    gives("no such dns file", 65, "dmarc", "lint", "--dns", folder + "/none", "good.example", says=["none"])
    gives("no such configuration", 78, "dmarc", "lint", "--config", folder + "/none", "good.example")


def lint():
    gives("a domain without faults", 0, "dmarc", "lint", "good.example", "--dns", dns, says=["Nothing to find fault with.", "reject"])
    gives("a domain with faults", 1, "dmarc", "lint", "bad.example", "--dns", dns, says=["error dmarc-p-invalid _dmarc.bad.example: p (RFC 9989 4.10.1)",
          'publish  _dmarc.bad.example. TXT "v=DMARC1; p=none; rua=mailto:d@good.example"',
          'bad.example._report._dmarc.good.example. TXT "v=DMARC1;"'])
    gives("what strangers wrote", 1, "dmarc", "lint", "evil.example", "--dns", dns, says=["\\x1b[31m\\x07"], lacks=["\x1b", "\x07"])
    gives("a name that inherits", 0, "dmarc", "lint", "mail.good.example", "--dns", dns, says=["note dmarc-inherited", "p of it speaks"])
    suffixes = folder + "/suffixes"
    with open(suffixes, "w") as f:
        f.write("example\nmail.good.example\n")
    gives("another organisation", 0, "dmarc", "lint", "a.mail.good.example", "--public-suffixes", suffixes, "--dns", dns,
          says=["dmarc-legacy-org a.mail.good.example: they: a.mail.good.example, others: good.example"])
    gives("no such list", 65, "dmarc", "lint", "good.example", "--public-suffixes", folder + "/none", "--dns", dns, says=["none"])
    gives("no DNS", 1, "dmarc", "lint", "slow.example", "--dns", dns, says=["dmarc-dns-error"])
    gives("U-labels", 1, "dmarc", "lint", "b\u00fccher.example", "--dns", dns, says=["xn--bcher-kva.example"])
    gives("a record without faults", 0, "dmarc", "lint", "v=DMARC1; p=reject; rua=mailto:d@good.example", says=["Nothing to find fault with."])
    gives("a record with faults", 1, "dmarc", "lint", "v=DMARC1; p=quarantine; t=y; rua=mailto:d@x.example", "--domain", "x.example",
          says=["dmarc-legacy-test", '_dmarc.x.example. TXT "v=DMARC1; p=quarantine; t=y; pct=0; rua=mailto:d@x.example"'])
    gives("no record", 1, "dmarc", "lint", "v=spf1 -all", says=["dmarc-not-a-record"])
    code, found, data = ids("dmarc", "lint", "good.example", "--dns", dns)
    check("JSON of a domain", code == 0 and found == [] and data["applies"]["tag"] == "p" and data["applies"]["ttl"] == 300 and
          data["applies"]["receivers"]["rfc7489"]["own"] == "reject", data)
    code, found, data = ids("dmarc", "lint", "good.example", "--dns", dns, "--selector", "gone")
    check("selectors", code == 1 and found == ["dmarc-enforced-without-dkim"], found)
    code, found, data = ids("dmarc", "lint", "nothing.example", "--dns", dns)
    check("JSON without a record", code == 1 and found == ["dmarc-no-record"] and data["applies"] is None, data)
    check("the record to begin with", data["findings"][0]["record"] ==
          {"name": "_dmarc.nothing.example", "type": "TXT", "text": "v=DMARC1; p=none; np=reject; rua=mailto:dmarc-reports@nothing.example"})
    code, found, data = ids("dmarc", "lint", "v=DMARC1; p=none; t=y")
    check("JSON of a record", code == 1 and "dmarc-test-of-nothing" in found and data["receivers"]["rfc9989"]["own"] == "none", data)
    saved = folder + "/saved.json"
    code, out, err = run("dmarc", "lint", "bad.example", "--dns", dns, "--save-dns", saved)
    check("replay", run("dmarc", "lint", "bad.example", "--dns", saved) == (code, out, err) and os.path.getsize(saved) > 100)


def build():
    gives("a first record", 0, "dmarc", "build", "good.example", "--np", "reject", "--rua", "d@good.example", "--dns", dns,
          says=['_dmarc.good.example. TXT "v=DMARC1; p=none; np=reject; rua=mailto:d@good.example"\n'])
    gives("a foreign address", 0, "dmarc", "build", "good.example", "--p", "reject", "--rua", "d@x.example", "--rua", "d@agreed.example", "--dns", dns,
          says=['good.example._report._dmarc.x.example. TXT "v=DMARC1;"', "not there yet", "published already"])
    gives("an unwise one", 1, "dmarc", "build", "good.example", "--dns", dns, says=["dmarc-rua-missing"])
    gives("a test", 0, "dmarc", "build", "good.example", "--p", "quarantine", "--t", "y", "--rua", "d@good.example", "--dns", dns,
          says=["p=quarantine; t=y; pct=0;"])
    code, out, err = run("dmarc", "build", "good.example", "--rua", "d@x.example", "--rua", "e@x.example", "--dns", dns, "--json")
    data = json.loads(out)
    check("JSON of a record to publish", code == 0 and data["record"] == {"name": "_dmarc.good.example", "type": "TXT",
          "text": "v=DMARC1; p=none; rua=mailto:d@x.example,mailto:e@x.example"}, out)
    check("one consent for each host", [c["name"] for c in data["consents"]] == ["good.example._report._dmarc.x.example"], out)


BEGIN = 1780272000  # 2026-06-01


def month(path, printer=True, evil=False):
    """A month of mail: 300 good messages a day, a printer's on weekdays, one burst of a forger."""
    for day in range(31):
        rows = [Row("192.0.2.10", 300, "firm.example", ("firm.example", "pass"), [("firm.example", "m1", "pass")], "dkim spf")]
        if printer and day % 7 < 5:
            rows.append(Row("192.0.2.7", 3, "firm.example", ("firm.example", "softfail")))
        if day == 20:
            rows.append(Row("203.0.113.9", 500, "firm.example", ("evil\x1b[31m.example" if evil else "x.example", "fail")))
        write(path, "firm.example", BEGIN + day * DAY, rows)
    return path


def stage():
    now = ["--now", str(BEGIN + 32 * DAY), "--dns", dns]
    bad, good = month(folder + "/bad"), month(folder + "/good", printer=False)
    gives("stage: nothing", 64, "dmarc", "stage", says=["give DOMAIN"])
    gives("stage: no domain", 64, "dmarc", "stage", "a..b", *now, says=["domain name first"])
    gives("stage: bad time", 64, "dmarc", "stage", "firm.example", "--now", "yesterday", says=["--now takes"])
    gives("stage: bad since", 64, "dmarc", "stage", "firm.example", "--since", "x", "--dns", dns, says=["--since takes"])
    gives("stage: bad window", 64, "dmarc", "stage", "firm.example", "--window-days", "90", "--dns", dns, says=["1 to 60"])
    gives("stage: bad number", 64, "dmarc", "stage", "firm.example", "--test-days", "-1", "--dns", dns, says=["whole number"])
    gives("stage: bad threshold", 64, "dmarc", "stage", "firm.example", "--threshold", "1001", "--dns", dns, says=["1000"])
    gives("stage: bad address", 64, "dmarc", "stage", "firm.example", "--rua", "x", "--dns", dns, says=["--rua takes"])
    gives("stage: no such file", 65, "dmarc", "stage", "firm.example", folder + "/none", *now, says=["none"])
    gives("stage: a name below", 65, "dmarc", "stage", "mail.firm.example", *now, says=["'mailvouch dmarc stage firm.example'"])
    gives("stage: no DNS", 75, "dmarc", "stage", "slow.example", *now, says=["try again"])
    gives("stage: nothing published", 0, "dmarc", "stage", "new.example", *now, says=["begin: publish this record",
          '_dmarc.new.example. TXT "v=DMARC1; p=none; np=reject; rua=mailto:dmarc-reports@new.example"'])
    gives("stage: no reports", 1, "dmarc", "stage", "firm.example", *now, says=["no step without evidence"], lacks=["publish "])
    gives("stage: a printer", 1, "dmarc", "stage", "firm.example", bad, *now, lacks=["publish "],
          says=["fails    printer.firm.example (own): 63 messages", "add ip4:192.0.2.7 to the SPF record of firm.example",
                "not yet: 63 of 9263 messages", "203.0.113.9 (stranger): 500 messages",
                "563 messages from 2 senders would be quarantined; legitimate: printer.firm.example 63"])
    gives("stage: the printer is mended", 0, "dmarc", "stage", "firm.example", good, *now,
          says=["go: publish this record", '_dmarc.firm.example. TXT "v=DMARC1; p=quarantine; t=y; pct=0; rua=mailto:d@firm.example"'])
    gives("stage: none of ours", 0, "dmarc", "stage", "firm.example", bad, "--not-ours", "192.0.2.0/29", *now, says=["go: publish"])
    gives("stage: a threshold", 0, "dmarc", "stage", "firm.example", bad, "--threshold", "8", *now, says=["go: publish"])
    gives("stage: one that is ours", 1, "dmarc", "stage", "firm.example", good, "--ours", "203.0.113.9", *now, says=["203.0.113.9 (own)"])
    gives("stage: too early", 0, "dmarc", "stage", "firm.example", good, "--monitor-days", "40", *now, says=["wait: ", "not before 2026-07-11"])
    gives("stage: a month later no report is left", 1, "dmarc", "stage", "firm.example", good, "--dns", dns, "--now", str(BEGIN + 99 * DAY))
    gives("stage: not all are reports", 0, "dmarc", "stage", "firm.example", good, dns, *now, says=["dns.json is left out: "])
    gives("stage: a record of no use", 0, "dmarc", "stage", "open.example", *now[2:], "--now", str(BEGIN),
          says=["begin: publish", '_dmarc.open.example. TXT "v=DMARC1; p=none; sp=none; rua=mailto:dmarc-reports@open.example"'],
          lacks=["sp asks"])
    evil = month(folder + "/evil", evil=True)
    gives("stage: what strangers wrote", 0, "dmarc", "stage", "firm.example", evil, "--not-ours", "192.0.2.7", *now, lacks=["\x1b"])
    code, out, err = run("dmarc", "stage", "firm.example", good, good, *now, "--json")
    data = json.loads(out)
    check("stage: each report once", data["evidence"]["reports"] == 31 and data["evidence"]["repeated"] == 31, data["evidence"])
    check("stage: JSON", data["schema"] == 1 and data["verdict"] == "go" and data["step"] == "p=none" and data["report_days"] == 31 and
          data["next"]["step"] == "p=quarantine; t=y; pct=0" and data["next"]["impact"]["quarantined"] == 0 and
          data["next"]["after_test"]["quarantined"] == 500, data)
    check("stage: JSON of a sender", data["senders"][0]["kind"] == "stranger" and not data["senders"][0]["blocks"] and
          data["senders"][0]["address"] == "203.0.113.9", data["senders"])
    saved = folder + "/saved.json"
    first = run("dmarc", "stage", "firm.example", bad, *now, "--save-dns", saved)
    check("stage: replay", run("dmarc", "stage", "firm.example", bad, *now[:2], "--dns", saved) == first)
    half = folder + "/half.xml"
    with open(half, "w") as f:
        f.write(report("firm.example", BEGIN, [Row("192.0.2.99", 10**6, "firm.example")])[:-20])
    packed = folder + "/packed"
    os.makedirs(packed)
    for name in sorted(os.listdir(good)):
        with open(os.path.join(good, name), "rb") as f, open(os.path.join(packed, name + ".gz"), "wb") as g:
            g.write(gzip.compress(f.read()))
    with open(os.path.join(packed, "mail.eml"), "wb") as f:
        f.write(b"From: dmarc@receiver.example\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                base64.encodebytes(gzip.compress(report("firm.example", BEGIN + 31 * DAY, [
                    Row("192.0.2.7", 5, "firm.example")]).encode())).replace(b"\n", b"\r\n"))
    code, out, err = run("dmarc", "stage", "firm.example", packed, *now, "--json")
    data = json.loads(out)
    check("stage: packed, and in a mail", data["evidence"]["reports"] == 32 and err == "" and
          "printer.firm.example" in [sender["name"] for sender in data["senders"]], out[:2000] + err)
    box = folder + "/box"
    with open(os.path.join(packed, "mail.eml"), "rb") as f, open(box, "wb") as g:
        mail = f.read().replace(b"\r\n", b"\n")
        g.write(b"From a@b.example Mon Jun  1 00:00:00 2026\n" + mail + b"\nFrom a@b.example Mon Jun  1 00:00:00 2026\n" +
                b"Subject: hello\n\nno report\n\nFrom a@b.example Mon Jun  1 00:00:00 2026\n" + mail)
    code, out, err = run("dmarc", "stage", "firm.example", box, *now, "--json")
    data = json.loads(out)
    check("stage: an mbox", data["evidence"]["reports"] == 1 and data["evidence"]["repeated"] == 1, str(data["evidence"]) + err)
    code, out, err = run("dmarc", "stage", "firm.example", good, half, *now)
    check("stage: half a report is no evidence", code == 0 and "192.0.2.99" not in out and "half.xml is left out" in err, out + err)


with tempfile.TemporaryDirectory() as folder:
    dns = os.path.join(folder, "dns.json")
    with open(dns, "w") as f:
        json.dump(capture(DNS), f)
    for part in (usage, lint, build, stage):
        part()
sys.exit(checks.end())
