#!/usr/bin/python3
"""mailvouch check: exit codes, sentences, JSON, replay, the keys of this host.

usage: tests/cli/check.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"
"""
import json
import os
import pty
import sys
import tempfile

from command import COMMAND, capture, entry, gives, run
import checks
from checks import check
import keystore


def parked(domain):
    return [entry(domain, "TXT", "v=spf1 -all"), entry(domain, "MX", "0 ."),
            entry("_dmarc." + domain, "TXT", "v=DMARC1; p=reject; np=reject; rua=mailto:d@watch.example"),
            entry(domain + "._report._dmarc.watch.example", "TXT", "v=DMARC1"),
            entry("mailvouch-no-such-name._domainkey." + domain, "TXT", "v=DKIM1; p=")]


DNS = parked("parked.example") + [
    entry("watch.example", "MX", "10 mx.watch.example"),
    entry("bad.example", "TXT", "v=spf1 mx -all"), entry("bad.example", "MX", "10 mx.bad.example"),
    entry("mx.bad.example", "A", "192.0.2.1"), entry("_dmarc.bad.example", "TXT", "v=DMARC1; p=none"),
    entry("evil.example", "TXT", "v=spf1 -all\u001b[31m\u0007"), entry("evil.example", "MX", "10 \u001b.evil.example"),
    entry("slow.example", "TXT", rcode="TIMEOUT"), entry("slow.example", "MX", rcode="TIMEOUT"),
]


def found(*args):
    """{domain: [(id, severity)]}"""
    code, out, err = run("check", *args, "--json")
    data = json.loads(out)
    check("schema of " + " ".join(args), data["schema"] == 1 and err == "", err)
    return {d["domain"]: [(f["id"], f["severity"]) for f in d["findings"]] for d in data["domains"]}


def usage():
    gives("no domain", 64, "check", says=["DOMAIN"])
    gives("help", 0, "check", "--help", says=["usage: mailvouch check", "--selector"])
    gives("a typo", 64, "check", "--selectr", "a", "x.example", says=["did you mean --selector?"])
    gives("no domain name", 64, "check", "not a domain", "--dns", dns, says=["not a domain"])
    gives("no selector", 64, "check", "bad.example", "--selector", "a b", "--dns", dns, says=["behind s="])
    gives("no address", 64, "check", "bad.example", "--ip", "192.0.2.256", "--dns", dns, says=["192.0.2.256"])
    gives("no MAIL FROM", 64, "check", "bad.example", "--mail-from", "a@b@", "--dns", dns)
    gives("no HELO", 64, "check", "bad.example", "--helo", "a b", "--dns", dns)
    gives("no such capture", 65, "check", "bad.example", "--dns", folder + "/none.json", says=["none.json"])
    gives("no such configuration", 78, "check", "bad.example", "--config", folder + "/none.conf", says=["none.conf"])


def results():
    gives("parked", 0, "check", "parked.example", "--dns", dns, "--no-keys", says=["parked: it sends no mail", "none, by a null MX"])
    gives("bad", 1, "check", "bad.example", "--dns", dns, "--no-keys", says=["host-no-ptr bad.example: 192.0.2.1"])
    gives("one of two", 1, "check", "parked.example", "bad.example", "--dns", dns, "--no-keys")
    gives("one of two, turned around", 1, "check", "bad.example", "parked.example", "--dns", dns, "--no-keys")
    gives("strangers' text", 1, "check", "evil.example", "--dns", dns, "--no-keys", lacks=["\u001b", "\u0007"])
    gives("missing", 1, "check", "none.example", "--dns", dns, "--no-keys", says=["domain-missing none.example"])
    gives("DNS fails for one", 1, "check", "slow.example", "parked.example", "--dns", dns, "--no-keys", says=["domain-unanswered"])
    gives("a record to publish", 1, "check", "bad.example", "--parked", "--dns", dns, "--no-keys",
          says=['publish  bad.example. TXT "v=spf1 -all"', "publish  bad.example. MX 0 ."])
    all_of = found("bad.example", "parked.example", "PARKED.example.", "--dns", dns, "--no-keys")
    check("all domains are told, names in normal form", sorted(all_of) == ["bad.example", "parked.example"], str(all_of))
    check("a severity for monitoring", ("host-no-ptr", "error") in all_of["bad.example"], str(all_of))
    check("notes alone for the parked one", all(s == "note" for _, s in all_of["parked.example"]), str(all_of))


def selectors():
    for typed, other in (("s1", True), ("s1._domainkey.bad.example", False)):
        all_of = found("bad.example", "bare.example", "--selector", typed, "--dns", write("two.json", DNS + [
            entry("bare.example", "TXT", "v=spf1 mx -all")]), "--no-keys")
        check(typed + " at the one", ("dkim-missing", "error") in all_of["bad.example"], str(all_of))
        check(typed + " at the other", (("dkim-missing", "error") in all_of["bare.example"]) == other, str(all_of))


def many():
    """More than one message may ask for, and more than one batch."""
    names = ["d%d.example" % n for n in range(70)]
    capture = write("many.json", [entry("watch.example", "MX", "10 mx.watch.example")] + [
        line for name in names for line in parked(name)])
    all_of = found(*names, "--dns", capture, "--no-keys")
    check("70 domains", sorted(all_of) == sorted(names))
    check("none of them was cut off", all(s == "note" for f in all_of.values() for _, s in f), str(all_of)[:500])


def replay():
    saved = folder + "/saved.json"
    first = run("check", "bad.example", "parked.example", "--dns", dns, "--save-dns", saved, "--no-keys")
    check("the saved answers give the same", run("check", "bad.example", "parked.example", "--dns", saved, "--no-keys") == first)
    gives("no answers at all", 69, "check", "slow.example", "--no-keys", "--dns", write_raw(
        "down.json", {"schema": 1, "default": "TIMEOUT", "answers": []}), says=["domain-unanswered"])


def own_keys():
    """A key of this host that is not in DNS yet, is, is not any more, or another one there."""
    keys, now = folder + "/keys", 1795600000
    conf = write_raw("keys.conf", "[sign]\nkeys_directory = %s\nhost = mx1\ndomains = bad.example\n" % keys)
    name, text = keystore.add_key(keys, "bad.example", "mx1-20261125-r", "rsa", now, state="created")
    args = ("bad.example", "--config", conf, "--now", str(now), "--dns")
    shown = write("shown.json", DNS + [entry(name, "TXT", text)])
    check("created: not looked for", ("dkim-missing", "error") not in found(*args, dns)["bad.example"])
    keystore.write_state(keys, "bad.example", "mx1-20261125-r", "rsa", now)
    check("active, and missing", ("dkim-missing", "error") in found(*args, dns)["bad.example"])
    all_of = found(*args, shown)
    check("active, and there", "dkim-" not in str(all_of), str(all_of))
    other = write("other.json", DNS + [entry(name, "TXT", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")])
    check("another one there", ("dkim-other-key", "error") in found(*args, other)["bad.example"])
    out = gives("what to publish", 1, "check", *args, dns, says=["publish  " + name])
    check("the very record", text.replace("; p=", "; t=s; p=")[:200] in out, out)
    keystore.write_state(keys, "bad.example", "mx1-20261125-r", "rsa", now, state="revoked")
    check("revoked, and there", ("dkim-still-shown", "note") in found(*args, shown)["bad.example"])
    check("revoked, and gone", "'dkim-missing'" not in str(found(*args, dns)))
    os.chmod(keys + "/bad.example/mx1-20261125-r.state", 0o666)
    gives("a store that is not trusted", 1, "check", *args, shown, says=["note: DNS is not compared"])
    check("left out on demand", found(*args, shown, "--no-keys")["bad.example"].count(("dkim-no-selector", "note")) == 1)


def legacy():
    """The second opinion, beside the rest."""
    capture = write("legacy.json", [
        entry("l.example", "TXT", "v=spf1 ip4:192.0.2.1 ip4:0.0.0.0/0 -all"), entry("l.example", "MX", "10 mx.l.example"),
        entry("mx.l.example", "A", "192.0.2.1"), entry("_dmarc.l.example", "TXT", "v=DMARC1; p=reject; t=y")] + DNS)
    args = ("l.example", "parked.example", "--dns", capture, "--no-keys")
    check("not without being asked", "lib" not in str(found(*args)))
    all_of = found(*args, "--as-legacy")
    for reason in ("libspf2-prefix-zero", "libopendmarc-t-ignored"):
        check(reason, [i for i, _ in all_of["l.example"]].count(reason) == 1, str(all_of))
    check("no difference where there is none", "lib" not in str(all_of["parked.example"]), str(all_of))


def drift():
    """What is expected is silent; what differs is an error, also a note."""
    path = folder + "/mail.expect"
    args = ("bad.example", "parked.example", "--no-keys")
    gives("no such file of what is expected", 65, "check", *args, "--dns", dns, "--expect", path, says=["--write-expect " + path])
    gives("written", 1, "check", *args, "--dns", dns, "--write-expect", path, says=["host-no-ptr"])
    text = open(path).read()
    check("lines", text.startswith("mailvouch-expect 1\n") and "\nrecord bad.example MX 10 mx.bad.example\n" in text and
          "\naccept host-no-ptr bad.example\n" in text and "\nnone _mta-sts.bad.example TXT\n" in text, text)
    gives("as expected", 0, "check", *args, "--dns", dns, "--expect", path, lacks=["host-no-ptr"])
    changed = [a for a in DNS if a["name"] != "_dmarc.bad.example"]
    gives("a record is gone", 1, "check", *args, "--dns", write("changed.json", changed), "--expect", path,
          says=["drift-record-gone _dmarc.bad.example", 'publish  _dmarc.bad.example. TXT "v=DMARC1; p=none"'])
    gives("a record is new", 1, "check", *args, "--dns", write("changed.json", DNS + [
        entry("_smtp._tls.bad.example", "TXT", "v=TLSRPTv1; rua=mailto:t@bad.example")]), "--expect", path,
        says=["drift-record-new _smtp._tls.bad.example", "drift-settled"])
    gives("another domain", 1, "check", "evil.example", "--no-keys", "--dns", dns, "--expect", path, says=["drift-unknown"],
          lacks=["\u001b", "\u0007"])
    gives("DNS fails", 1, "check", *args, "--dns", write("changed.json", [a for a in DNS if a["name"] != "parked.example"] + [
        entry("parked.example", "TXT", rcode="SERVFAIL"), entry("parked.example", "MX", "0 .")]), "--expect", path,
        says=["drift-unanswered parked.example"])
    gives("brought up to date", 1, "check", *args, "--dns", write("changed.json", DNS + [
        entry("_smtp._tls.bad.example", "TXT", "v=TLSRPTv1; rua=mailto:t@bad.example")]), "--expect", path, "--write-expect", path)
    gives("then silent", 0, "check", *args, "--dns", folder + "/changed.json", "--expect", path)
    before = open(path).read()
    gives("not written while DNS fails", 75, "check", "slow.example", "--no-keys", "--dns", dns, "--write-expect", path, says=["try again"])
    check("the file stayed", open(path).read() == before and not os.path.exists(path + ".new"))
    gives("strangers' text into a file", 1, "check", "evil.example", "--no-keys", "--dns", dns, "--write-expect", path + "2")
    check("escaped there", "\u001b" not in open(path + "2").read())
    gives("and out of it", 0, "check", "evil.example", "--no-keys", "--dns", dns, "--expect", path + "2")
    gives("a bad file", 65, "check", *args, "--dns", dns, "--expect", write_raw("bad.expect", "mailvouch-expect 1\nrecrd x\n"), says=["line 2"])
    code, out, err = run("check", *args, "--dns", dns, "--write-expect", folder + "/none/x")
    check("nowhere to write", code == 65 and "cannot write" in err, err)
    data = json.loads(run("check", *args, "--dns", dns, "--expect", path, "--json")[1])
    check("JSON has the drift", "drift-record-gone" in str(data), str(data)[:300])


def on_a_terminal(*args):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(COMMAND, [COMMAND, "check", "parked.example", "bad.example", "--no-keys", *args], dict(os.environ, NO_COLOR="1"))
    text = b""
    try:
        while chunk := os.read(terminal, 4096):
            text += chunk
    except OSError:
        pass
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text.decode("latin-1")


def progress():
    """On a terminal only, while DNS is asked, and gone before the result."""
    code, text = on_a_terminal("--dns", dns)
    check("replay shows no progress", code == 1 and "bad.example" in text and "domains done" not in text, text)
    conf = write_raw("nowhere.conf", "[server]\nresolver = 127.0.0.1:1\ndns_deadline = 2s\ndns_try = 1s\n")
    code, text = on_a_terminal("--config", conf)
    check("progress", code == 69 and "0 of 2 domains done, " in text, text)
    check("and then the line is empty again", "\r\033[Kparked.example\r\n" in text, repr(text[:500]))
    check("what could not be asked is not called missing", "bulk-spf-missing" not in text and "parked-" not in text and
          "domain-unanswered bad.example" in text, text)
    code, out, err = run("check", "bad.example", "--no-keys", "--config", conf)
    check("no progress without a terminal", code == 69 and err == "", err)


def write_raw(name, data):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(data if isinstance(data, str) else json.dumps(data))
    return path


def write(name, answers):
    return write_raw(name, capture(answers))


with tempfile.TemporaryDirectory() as folder:
    dns = write("dns.json", DNS)
    usage()
    results()
    selectors()
    many()
    replay()
    own_keys()
    legacy()
    drift()
    progress()
sys.exit(checks.end())
