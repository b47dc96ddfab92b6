#!/usr/bin/python3
"""The command as a person or a script meets it: exit codes, messages, JSON, replay.

usage: tests/cli/run.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"
"""
import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import time

from command import COMMAND, run
import checks
from checks import check
import handover
import keystore

DNS = {"schema": 1, "default": "NXDOMAIN", "answers": [
    {"name": "example.com", "type": "TXT", "rcode": "NOERROR", "ttl": 300, "secure": False,
     "data": ["v=spf1 ip4:192.0.2.1 exp=why.example.com -all"]},
    {"name": "why.example.com", "type": "TXT", "rcode": "NOERROR", "data": ["%{i} is no host of ours"]},
    {"name": "_dmarc.example.com", "type": "TXT", "rcode": "NOERROR", "data": ["v=DMARC1; p=reject"]},
    {"name": "_dmarc.watched.example", "type": "TXT", "rcode": "NOERROR", "data": ["v=DMARC1; p=none"]},
    {"name": "slow.example", "type": "TXT", "rcode": "TIMEOUT"},
    {"name": "_dmarc.slow.example", "type": "TXT", "rcode": "TIMEOUT"},
    {"name": "broken.example", "type": "TXT", "rcode": "NOERROR", "data": ["v=spf1 bogus -all"]},
]}
MESSAGE = b"From: a@example.com\r\nSubject: hello\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n\r\nhello\r\n"


def exits(name, want, *args, says=None, stdin=b"", user=None):
    """The exit code, and for anything but 0 and 1 a sentence on stderr and nothing on stdout."""
    code, out, err = run(*args, stdin=stdin, user=user)
    check(name, code == want, "exit %d, expected %d: %s%s" % (code, want, out, err))
    if want >= 64 and want != 75 and want != 69:
        check(name + ": a sentence on stderr", len(err) > 10 and out == "", repr((out, err)))
    if says:
        check(name + ": says " + says, says in out + err, repr(out + err))


def write(name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path


def usage_errors():
    exits("no command", 64)
    exits("unknown command", 64, "frobnicate", says="frobnicate")
    exits("unknown command: what there is", 64, "verfy", says="did you mean 'verify'?")
    exits("unknown command: what there is", 64, "xxxxxxx", says="verify spf dmarc dkim config")
    for command in ("verify", "spf", "dmarc", "dkim", "config"):
        exits("help of " + command, 0, command, "--help", says="usage:")
    exits("help of a subcommand", 0, "spf", "check", "--help", says="usage:")
    exits("verify without message", 64, "verify", says="give MESSAGE|-")
    exits("verify two messages", 64, "verify", "a", "b")
    exits("unknown option", 64, "verify", "--frobnicate", message, says="--frobnicate")
    exits("option of another command", 64, "verify", "--from", "example.com", message, says="no option '--from'")
    exits("option without value", 64, "verify", message, "--ip")
    exits("bad address", 64, "verify", "--ip", "192.0.2.256", message, says="192.0.2.256")
    exits("bad time", 64, "verify", "--now", "yesterday", message, says="yesterday")
    exits("spf without sub-command", 64, "spf")
    exits("spf without address", 64, "spf", "check", "--helo", "h.example", "--mail-from", "a@example.com")
    exits("spf of a domain alone", 64, "spf", "check", "--ip", "192.0.2.1", "--helo", "h", "--mail-from", "example.com", "--dns", dns,
          says="@example.com")
    exits("spf of all of a domain", 0, "spf", "check", "--ip", "192.0.2.1", "--helo", "h", "--mail-from", "@example.com", "--dns", dns)
    exits("dmarc without From", 64, "dmarc", "check", says="--from")
    exits("dmarc bad From", 64, "dmarc", "check", "--from", "exa mple", "--dns", dns)
    exits("dmarc bad result", 64, "dmarc", "check", "--from", "example.com", "--spf", "example.com=maybe", "--dns", dns)
    exits("dmarc no result", 64, "dmarc", "check", "--from", "example.com", "--dkim", "example.com", "--dns", dns)
    exits("dkim without sub-command", 64, "dkim")
    exits("config without action", 64, "config")
    exits("report without sub-command", 64, "report", says="'read'")
    exits("report: typo", 64, "report", "raed", says="did you mean 'read'")
    exits("report: help", 0, "report", "--help", says="mailvouch report read")
    exits("report read: help", 0, "report", "read", "--help", says="--store")
    exits("report read: nothing to read", 64, "report", "read", says="FILE")
    exits("report read: option with a typo", 64, "report", "read", "--recrods", "x", says="--records")
    exits("report read: no such file", 65, "report", "read", "--no-check", folder + "/missing.xml", says="missing.xml")
    exits("help", 0, "help", says="mailvouch verify")
    exits("version", 0, "version", says="mailvouch ")


def input_errors():
    exits("no such message", 65, "verify", folder + "/missing.eml", says="missing.eml")
    exits("no such dns file", 65, "verify", "--dns", folder + "/missing.json", message, says="missing.json")
    for name, text in {
        "nothing": "", "no JSON": "{", "an array": "[]", "no schema": '{"answers":[]}', "other schema": '{"schema":2,"answers":[]}',
        "bad type": '{"schema":1,"default":"NXDOMAIN","answers":[{"name":"a.example","type":"HINFO","rcode":"NOERROR","data":[]}]}',
        "bad rcode": '{"schema":1,"default":"NXDOMAIN","answers":[{"name":"a.example","type":"TXT","rcode":"MAYBE","data":[]}]}',
        "bad default": '{"schema":1,"default":"NOERROR","answers":[]}',
        "bad address": '{"schema":1,"default":"NXDOMAIN","answers":[{"name":"a.example","type":"A","rcode":"NOERROR","data":["1.2.3"]}]}',
        "wide character": '{"schema":1,"default":"NXDOMAIN","answers":[{"name":"a.example","type":"TXT","rcode":"NOERROR","data":["\\u0100"]}]}',
    }.items():
        exits("dns file: " + name, 65, "verify", "--dns", write("bad.json", text), message, says="bad.json")
    unreadable()
    exits("no such configuration", 78, "verify", "--config", folder + "/missing.conf", message, says="missing.conf")
    exits("unknown key", 78, "config", "check", "--config", write("a.conf", "[server]\nauthserv_idd = x.example\n"),
          says="authserv_id")
    exits("unknown section", 78, "config", "check", "--config", write("b.conf", "[sever]\nresolver = 127.0.0.1\n"))
    exits("bad value", 78, "config", "show", "--config", write("c.conf", "[policy]\nreject = sometimes\n"), says="c.conf:2")
    exits("good configuration", 0, "config", "check", "--config", write("d.conf", "[policy]\nreject = always\n"))
    users = "[sign]\nusers_file = %s/users\n" % folder
    exits("no such users_file", 78, "config", "check", "--config", write("e.conf", users), says=folder + "/users")
    write("users", "alice@example.org: self\nbob: self # him\n")
    exits("fault in users_file", 78, "config", "check", "--config", folder + "/e.conf", says="/users:2: is neither")
    write("users", "alice@example.org: self\nbob: *@example.org\n")
    exits("good users_file", 0, "config", "check", "--config", folder + "/e.conf", says="no faults")
    exits("show", 0, "config", "show", "--config", folder + "/d.conf", says="d.conf:2")
    code, out, err = run("config", "show", "--config", write("long.conf", "[policy]\nforwarders = " + " ".join(
        "lists%d.example.org" % n for n in range(8)) + "\n"))
    check("config show: no line but a long value's is too long for a screen",
          code == 0 and all(len(line) <= 80 or line.startswith("forwarders = ") for line in out.split("\n")), out)
    check("config show: no white space at the end", all(line == line.rstrip() for line in out.split("\n")), out)
    check("config show: a long value keeps its distance", "lists7.example.org (" in out, out)


def unreadable():
    """Root may read everything: then the command runs as somebody else, from a place where he may find it."""
    global COMMAND
    secret, own, user = write("secret.eml", MESSAGE), COMMAND, None
    os.chmod(secret, 0)
    if os.getuid() == 0:
        user = 65534
        COMMAND = shutil.copy(own, folder)
        os.chmod(folder, 0o755)
    exits("unreadable message", 77, "verify", "--dns", dns, secret, says="secret.eml", user=user)
    exits("unreadable dns file", 77, "verify", "--dns", secret, message, says="secret.eml", user=user)
    exits("unreadable configuration", 78, "verify", "--config", secret, message, says="may not read it", user=user)
    COMMAND = own


def on_a_terminal(env):
    """What a person sees."""
    master, slave = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    subprocess.run([COMMAND, "dmarc", "check", "--from", "example.com", "--dns", dns], stdout=slave, env={**environment, **env},
                   timeout=60)
    os.close(slave)
    out = os.read(master, 65536).decode()
    os.close(master)
    return out


def colours():
    check("colour on a terminal", "\033[31mfail" in on_a_terminal({}))
    check("an empty NO_COLOR is none", "\033[" in on_a_terminal({"NO_COLOR": ""}))
    check("no colour with NO_COLOR", "\033" not in on_a_terminal({"NO_COLOR": "1"}))
    done = subprocess.run([COMMAND, "dmarc", "check", "--from", "example.com", "--dns", dns], capture_output=True,
                          env={name: value for name, value in os.environ.items() if name != "NO_COLOR"}, timeout=60)
    check("no colour where there is no terminal", b"\033" not in done.stdout and b"fail" in done.stdout, done.stdout)


def results():
    code, out, _ = run("spf", "check", "--ip", "192.0.2.1", "--helo", "h.example", "--mail-from", "a@example.com",
                       "--dns", dns, "--json")
    spf = json.loads(out)
    check("spf pass", code == 0 and spf["result"] == "pass" and spf["domain"] == "example.com" and
          spf["identity"] == "mailfrom" and spf["explanation"] is None, out)
    code, out, _ = run("spf", "check", "--ip", "192.0.2.9", "--helo", "h.example", "--mail-from", "a@example.com",
                       "--dns", dns, "--json")
    spf = json.loads(out)
    check("spf fail and its explanation", code == 1 and spf["explanation"] == "192.0.2.9 is no host of ours", out)
    exits("spf permerror", 1, "spf", "check", "--ip", "192.0.2.9", "--helo", "h", "--mail-from", "a@broken.example", "--dns", dns)
    exits("spf nothing answered", 69, "spf", "check", "--ip", "192.0.2.9", "--helo", "h", "--mail-from", "a@slow.example", "--dns", dns)
    code, out, _ = run("dmarc", "check", "--from", "example.com", "--dkim", "example.com=pass", "--dns", dns, "--json")
    dmarc = json.loads(out)
    check("dmarc pass", code == 0 and dmarc["result"] == "pass" and dmarc["aligned_by"] == ["dkim"], out)
    check("dmarc queries", dmarc["queries"] == ["example.com"], out)
    exits("dmarc fail", 1, "dmarc", "check", "--from", "example.com", "--dns", dns)
    exits("dmarc none", 0, "dmarc", "check", "--from", "nothing.example", "--dns", dns)
    exits("verify forged", 1, "verify", "--ip", "192.0.2.9", "--helo", "h", "--mail-from", "x@other.example", "--dns", dns, message)
    exits("verify genuine", 0, "verify", "--ip", "192.0.2.1", "--helo", "h", "--mail-from", "a@example.com", "--dns", dns, message)
    exits("no signature", 1, "dkim", "verify", "--dns", dns, message)
    exits("temperror", 75, "dmarc", "check", "--from", "slow.example", "--dns", dns)


def verify_json():
    code, out, _ = run("verify", "--ip", "192.0.2.9", "--helo", "h", "--mail-from", "x@other.example", "--dns", dns,
                       "--json", message)
    whole = json.loads(out)
    for member in ("schema", "spf", "dkim", "arc", "dmarc", "disposition", "authentication_results", "dns"):
        check("verify --json has " + member, member in whole, out)
    check("disposition", whole["disposition"]["action"] == "reject", out)
    check("dmarc policy", whole["dmarc"]["policy_effective"] == "reject" and whole["dmarc"]["test_mode"] is False, out)
    check("field", whole["authentication_results"].startswith("Authentication-Results: "), out)


def replay():
    saved = folder + "/saved.json"
    args = ("--ip", "192.0.2.9", "--helo", "h", "--mail-from", "x@example.com", "--json")
    code1, out1, _ = run("verify", "--dns", dns, "--save-dns", saved, *args, message)
    code2, out2, _ = run("verify", "--dns", saved, *args, message)
    check("--save-dns replays to the same verdict", code1 == code2 and json.loads(out1) == json.loads(out2), out1 + out2)
    check("--save-dns is schema 1", json.load(open(saved))["schema"] == 1)
    exits("--save-dns to nowhere", 65, "verify", "--dns", dns, "--save-dns", folder + "/no/such/dir", message)
    exits("--save-dns to a full disk", 65, "verify", "--dns", dns, "--save-dns", "/dev/full", message)


def message_forms():
    args = ("verify", "--dns", dns, "--json", "--ip", "192.0.2.1", "--helo", "h", "--mail-from", "a@example.com")
    want = run(*args, message)[1]
    check("LF text", run(*args, write("lf.eml", MESSAGE.replace(b"\r\n", b"\n")))[1] == want)
    check("standard input", run(*args, "-", stdin=MESSAGE)[1] == want)
    check("mbox line", run(*args, "-", stdin=b"From a@example.com Mon Nov 23 12:00:00 2026\n" + MESSAGE.replace(b"\r\n", b"\n"))[1] == want)
    check("a field is no mbox line", run(*args, write("space.eml", MESSAGE.replace(b"From:", b"From :")))[1] == want)
    check("a field is no mbox line, in capitals", run(*args, write("caps.eml", MESSAGE.replace(b"From:", b"FROM :")))[1] == want)
    for size in ("1", "2", "3", "7"):
        check("--split " + size, run(*args, "--split", size, message)[1] == want)


def explanation():
    args = ("verify", "--dns", dns, "--explain", "--ip", "192.0.2.9", "--helo", "h", "--mail-from", "x@example.com")
    code, out, err = run(*args, message)
    for words in ("RFC 7208", "RFC 9989", "v=spf1 ip4:192.0.2.1", "v=DMARC1; p=reject", "example.com"):
        check("--explain mentions " + words, words in out, out)
    check("--explain is plain ASCII", all(31 < ord(c) < 127 or c in "\r\n" for c in out), out)
    code, out, err = run(*args, "--json", message)
    check("--explain beside --json goes to stderr", "RFC 9989" in err and json.loads(out)["schema"] == 1)


def judged(name, signed, records, want):
    """Our own verifier takes every signature on top of what was signed."""
    answers = [{"name": n, "type": "TXT", "rcode": "NOERROR", "data": [text]} for n, text in records]
    dns_file = write("keys.json", json.dumps({"schema": 1, "default": "NXDOMAIN", "answers": answers}))
    code, out, err = run("dkim", "verify", "--json", "--dns", dns_file, "-", stdin=signed.encode("latin-1"))
    found = json.loads(out)["dkim"]
    check(name + ": verifies", code == 0 and [r["result"] for r in found] == ["pass"] * want, out + err)


def signing_with_keys():
    now = int(time.time())
    name, record = keystore.add_key(folder + "/given", "example.com", "sel-r", "rsa", now)
    name2, record2 = keystore.add_key(folder + "/given", "example.com", "sel-e", "ed25519", now)
    rsa, ed25519 = folder + "/given/example.com/sel-r.pem", folder + "/given/example.com/sel-e.pem"
    crlf = MESSAGE.decode()
    code, out, err = run("dkim", "sign", "--key", rsa, message)
    check("sign: fields alone", code == 0 and out.startswith("DKIM-Signature: ") and "From: a@" not in out and
          " d=example.com; s=sel-r;" in out and err == "", out + err)
    check("sign: line ends of the message", out.count("\r\n") == out.count("\n"), repr(out))
    judged("sign", out + crlf, [(name, record)], 1)
    code, out, err = run("dkim", "sign", "--key", rsa, "--key", ed25519, "--message", message)
    check("sign --message", code == 0 and out.endswith(crlf), out + err)
    judged("sign with two keys", out, [(name, record), (name2, record2)], 2)
    text = MESSAGE.replace(b"\r\n", b"\n")
    code, out, err = run("dkim", "sign", "--key", rsa, "--message", "-", stdin=b"From a@example.com Mon\n" + text)
    check("sign text of this system", code == 0 and "\r" not in out and out.endswith(text.decode()) and
          out.startswith("DKIM-Signature"), repr(out))
    judged("sign text of this system", out, [(name, record)], 1)
    code, out, err = run("dkim", "sign", "--key", rsa, "--selector", "other", "--domain", "other.example", "--now",
                         "1795400000", message)
    check("sign: selector, domain and time", " d=other.example;" in out and " s=other;" in out and
          "t=1795400000; x=1796609600;" in out,
          out + err)
    conf = write("expire.conf", "[sign]\nexpire = 0s\ncanonicalization = simple/simple\n")
    code, out, err = run("dkim", "sign", "--key", rsa, "--config", conf, message)
    check("sign: settings of --config", code == 0 and "c=simple/simple" in out and "x=" not in out, out + err)
    judged("sign simple/simple", out + crlf, [(name, record)], 1)
    for size in ("1", "7"):
        code, out, err = run("dkim", "sign", "--key", rsa, "--split", size, "--message", message)
        judged("sign --split " + size, out, [(name, record)], 1)
    exits("sign: no message", 64, "dkim", "sign", "--key", rsa)
    exits("sign: --selector without --key", 64, "dkim", "sign", "--selector", "s", message, says="go with --key")
    exits("sign: --domain without --key", 64, "dkim", "sign", "--domain", "example.com", message, says="go with --key")
    exits("sign: --user and --key", 64, "dkim", "sign", "--user", "u", "--key", rsa, message, says="--user goes with")
    exits("sign: too many selectors", 64, "dkim", "sign", "--key", rsa, "--selector", "a", "--selector", "b", message)
    exits("sign: too many keys", 64, "dkim", "sign", *["--key", rsa] * 5, message, says="no more than 4 keys")
    exits("sign: no such key", 65, "dkim", "sign", "--key", folder + "/none.pem", message, says="none.pem")
    exits("sign: key is garbage", 65, "dkim", "sign", "--key", message, "--selector", "s", message, says="message.eml: ")
    exits("sign: bad selector", 65, "dkim", "sign", "--key", rsa, "--selector", "a b", message, says="the selector")
    exits("sign: bad domain", 65, "dkim", "sign", "--key", rsa, "--domain", "example", message, says="the domain")
    exits("sign: two From fields", 65, "dkim", "sign", "--key", rsa, write("two.eml", b"From: b@example.com\r\n" + MESSAGE),
          says="more than one From field")
    exits("sign: bare LF", 65, "dkim", "sign", "--key", rsa, write("bare.eml", MESSAGE + b"a\nb\r\n"), says="LF")
    exits("sign: empty", 65, "dkim", "sign", "--key", rsa, write("empty.eml", b""), says="no From field")
    exits("sign: no such message", 65, "dkim", "sign", "--key", rsa, folder + "/missing.eml", says="missing.eml")


def signing_as_server():
    now = int(time.time())
    keys = folder + "/keys"
    records = [keystore.add_key(keys, "example.com", "mx1-r", "rsa", now),
               keystore.add_key(keys, "example.com", "mx1-e", "ed25519", now)]
    base = "[sign]\nkeys_directory = %s\nhost = mx1\ndomains = example.com\n" % keys
    conf = write("sign.conf", base + "users = *: self\n")
    sign = ("dkim", "sign", "--config", conf)
    code, out, err = run(*sign, "--user", "a@example.com", "--message", message)
    check("sign as a user", code == 0 and "s=mx1-r;" in out and "s=mx1-e;" in out, out + err)
    judged("sign as a user", out, records, 2)
    code, out, err = run(*sign, message)
    check("sign as the operator", code == 0 and out.count("DKIM-Signature:") == 2, out + err)
    exits("sign as another user", 77, *sign, "--user", "b@example.com", message, says="lets this login send as that")
    exits("sign for another domain", 77, *sign, write("other.eml", MESSAGE.replace(b"example.com", b"example.net")),
          says="none of domains in [sign]")
    exits("sign a bad message", 65, *sign, folder + "/two.eml", says="more than one From field")
    unsigned = write("unsigned.conf", base + "foreign_from = unsigned\n")
    code, out, err = run("dkim", "sign", "--config", unsigned, "--message", folder + "/other.eml")
    check("unsigned: nothing is printed", code == 1 and out == "" and "none of domains" in err, out + err)
    keystore.write_state(keys, "example.com", "mx1-r", "rsa", now, sight="missing")
    code, out, err = run(*sign, message)
    check("key that DNS does not show", code == 75 and out == "" and "mailvouch key check example.com" in err, out + err)
    os.chmod(keys + "/example.com/mx1-r.pem", 0o644)
    code, out, err = run(*sign, message)
    check("key that everybody may read", code == 75 and out == "" and "everybody may read this private key" in err,
          out + err)
    nothing = write("nothing.conf", "[sign]\nkeys_directory = %s/none\n" % folder)
    code, out, err = run("dkim", "sign", "--config", nothing, message)
    check("no domains", code == 75 and out == "" and "set domains in [sign]" in err, out + err)
    exits("sign with a broken configuration", 78, "dkim", "sign", "--config", write("x.conf", "[sign]\nexpire = 9\n"),
          message, says="x.conf:2")


def sealed(name, text, record, want, **more):
    """What verify says of the chain."""
    answers = [{"name": record[0], "type": "TXT", "rcode": "NOERROR", "data": [record[1]]}]
    dns_file = write("seal.json", json.dumps({"schema": 1, "default": "NXDOMAIN", "answers": answers}))
    code, out, err = run("verify", "--json", "--dns", dns_file, "-", stdin=text.encode("latin-1"))
    arc = json.loads(out)["arc"]
    check(name, arc["result"] == want and all(arc[key] == value for key, value in more.items()), out + err)


def sealing():
    record = keystore.add_key(folder + "/seal", "list.example", "arc-r", "rsa", int(time.time()))
    key = folder + "/seal/list.example/arc-r.pem"
    seal = ("arc", "seal", "--key", key, "--domain", "list.example", "--authserv-id", "mx.example")
    checked = b"Authentication-Results: mx.example; arc=none; dmarc=pass header.from=example.com\r\n" + MESSAGE
    code, out, err = run(*seal, "-", stdin=checked)
    check("seal: fields alone", code == 0 and out.startswith("ARC-Seal: ") and "cv=none; d=list.example;" in out and
          "i=1; mx.example;\r\n    arc=none; dmarc=pass header.from=example.com\r\n" in out and "\nFrom:" not in out,
          out + err)
    code, first, err = run(*seal, "--message", "-", stdin=checked)
    check("seal --message", code == 0 and first.endswith(checked.decode()), first + err)
    sealed("seal: passes", first, record, "pass", oldest_pass=0)
    code, out, err = run(*seal, "--message", "-", stdin=checked.replace(b"\r\n", b"\n"))
    check("seal text of this system", code == 0 and out == first.replace("\r\n", "\n"), out + err)
    code, out, err = run(*seal, "--split", "1", "--message", "-", stdin=checked)
    check("seal --split", out == first, out + err)
    again = first.encode().replace(b"arc=none; dmarc=pass header.from=example.com\r\nFrom", b"arc=pass\r\nFrom")
    code, second, err = run(*seal, "--message", "-", stdin=again)
    sealed("seal again", second, record, "pass", chain=[{"instance": i, "domain": "list.example", "selector": "arc-r"}
                                                       for i in (1, 2)])
    code, out, err = run(*seal, "--message", "-", stdin=again.replace(b"arc=pass\r\nFrom", b"arc=fail\r\nFrom"))
    check("seal a failed chain", "cv=fail; d=list.example;" in out, out + err)
    sealed("seal a failed chain: it ended", out, record, "none")
    unknown = again.replace(b"arc=pass\r\nFrom", b"spf=pass\r\nFrom")
    code, out, err = run(*seal, "-", stdin=unknown)
    check("seal: nobody checked the chain", code == 1 and out == "" and "not sealed" in err, out + err)
    code, out, err = run(*seal, "--message", "-", stdin=unknown)
    check("seal: a filter loses nothing", code == 0 and out == unknown.decode() and "not sealed" in err, out + err)
    exits("seal: no key", 64, "arc", "seal", "--domain", "list.example", message, says="--key")
    exits("seal: no domain", 64, "arc", "seal", "--key", key, message, says="--domain")
    exits("seal: two keys", 64, *seal, "--key", key, message, says="one --key")
    exits("seal: no message", 64, *seal)
    exits("seal: no login", 64, *seal, "--user", "u", message, says="no option '--user'")
    exits("seal: nothing to do", 64, "arc")
    exits("seal: no such key", 65, "arc", "seal", "--key", folder + "/none.pem", "--domain", "a.example", message)
    exits("seal: an id that is no word", 65, *seal, "--authserv-id", "a;b", message, says="authserv-id")
    exits("seal: From is left out", 65, *seal, "--headers", "to:subject", message, says="From is not among")


def handing_over():
    handover.run(folder, write, run, check, exits)


with tempfile.TemporaryDirectory() as folder:
    dns = write("dns.json", json.dumps(DNS))
    message = write("message.eml", MESSAGE)
    for part in (usage_errors, input_errors, results, verify_json, replay, message_forms, explanation, colours,
                 signing_with_keys, signing_as_server, sealing, handing_over):
        part()
sys.exit(checks.end())
