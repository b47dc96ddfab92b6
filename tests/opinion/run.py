#!/usr/bin/python3
"""The second opinion through the command: each reason with a record that triggers it, what agrees, what happens when
the libraries fail, and the suites (differences.py).

usage: run.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"

mailvouch-opinion is beside the command.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from rows import DMARC, SPF, txt  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1])
HELPER = os.path.join(os.path.dirname(COMMAND), "mailvouch-opinion")
passed = failed = skipped = 0

MESSAGE = b"From: a@example.com\r\nSubject: hello\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n\r\nhello\r\n"


def check(name, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print("FAIL  %s %s" % (name, detail))


def skip(name, why):
    global skipped
    skipped += 1
    print("skip  %s: %s" % (name, why))


def capture(folder, zone):
    answers = [{"name": name, "type": kind, "rcode": data if isinstance(data, str) else "NOERROR",
                "data": [] if isinstance(data, str) else data} for name, kind, data in zone]
    path = os.path.join(folder, "dns.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"schema": 1, "default": "NXDOMAIN", "answers": answers}, out)
    return path


def run(*args, command=COMMAND, stdin=b""):
    done = subprocess.run([command, *args], input=stdin, capture_output=True, timeout=60,
                          env=dict(os.environ, NO_COLOR="1"))
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def opinion_of(name, method, *args):
    code, out, err = run(*args, "--as-legacy", "--json")
    try:
        answer = json.loads(out)
        return answer["result"], answer["legacy"][method]
    except (ValueError, KeyError, TypeError):
        check(name, False, "exit %d: %s%s" % (code, out, err))
        return None, None


def expect(name, ours, opinion, want_ours, want_theirs, want):
    if opinion is None:
        return
    reasons = opinion["no_opinion"] or ",".join(sorted(reason["id"] for reason in opinion["reasons"]))
    check(name + ": differs", opinion["differs"] == (bool(want) and want_theirs is not None), opinion)
    check(name, (ours, opinion["result"], reasons) == (want_ours, want_theirs, want),
          "%s, %s, %s instead of %s, %s, %s" % (ours, opinion["result"], reasons, want_ours, want_theirs, want))


def check_spf(folder):
    for name, zone, sender, client, ours, theirs, want in SPF:
        name = "spf " + name
        got, opinion = opinion_of(name, "spf", "spf", "check", "--ip", client, "--helo", "h.example", "--mail-from",
                                  sender, "--dns", capture(folder, zone))
        expect(name, got, opinion, ours, theirs, want)


def check_dmarc(folder):
    for name, records, author, options, ours, theirs, want in DMARC:
        name = "dmarc " + name
        zone = [("_dmarc." + domain, "TXT", texts) for domain, texts in records.items() if texts != []]
        zone += [(domain, "A", ["192.0.2.1"]) for domain, texts in records.items() if texts == []]
        got, opinion = opinion_of(name, "dmarc", "dmarc", "check", "--from", author, *options, "--dns",
                                  capture(folder, zone))
        expect(name, got, opinion, ours, theirs, want)


def check_verify(folder):
    """A whole message: SPF as they see it is what their DMARC gets."""
    dns = capture(folder, [txt("example.com", "v=spf1 ip4:192.0.2.0/0 -all"),
                           txt("_dmarc.example.com", "v=DMARC1; p=reject")])
    args = ("verify", "--ip", "192.0.2.1", "--helo", "h.example", "--mail-from", "a@example.com", "--dns", dns,
            "--as-legacy", "-")
    code, out, _ = run(*args, "--json", stdin=MESSAGE)
    legacy = json.loads(out)["legacy"]
    check("verify: our verdict decides the exit", code == 0, code)
    check("verify: spf", legacy["spf"]["result"] == "invalid", legacy)
    check("verify: dmarc", (legacy["dmarc"]["result"], legacy["dmarc"]["policy"]) == ("fail", "reject"), legacy)
    check("verify: why", [r["id"] for r in legacy["dmarc"]["reasons"]] == ["libopendmarc-spf-result"], legacy)
    code, out, _ = run(*args, stdin=MESSAGE)
    check("verify: text", "as older receivers see it:" in out and "fail (reject)" in out, out)
    check("verify: text has the reason", "libspf2-prefix-zero (RFC 7208 5.6)" in out, out)
    code, out, _ = run(*[arg for arg in args if arg != "--as-legacy"], "--json", stdin=MESSAGE)
    check("verify: nothing unless asked for", "legacy" not in json.loads(out))


def check_replay(folder):
    """What only they ask is saved, and replays from what was saved alone."""
    zone = [txt("a.example", "v=spf1 redirect=b.example ~all"), txt("b.example", "v=spf1 a:c.example -all"),
            ("c.example", "A", ["192.0.2.1"])]
    saved = os.path.join(folder, "saved.json")
    args = ("spf", "check", "--ip", "192.0.2.1", "--helo", "h.example", "--mail-from", "u@a.example", "--as-legacy")
    first = run(*args, "--dns", capture(folder, zone), "--save-dns", saved)
    asked = {(a["name"], a["type"]) for a in json.load(open(saved, encoding="utf-8"))["answers"]}
    check("replay: their questions are saved", {("b.example", "TXT"), ("c.example", "A")} <= asked, asked)
    check("replay: the same", run(*args, "--dns", saved) == first, first)


def with_helper(folder, script):
    """A copy of the command beside a helper of ours."""
    place = tempfile.mkdtemp(dir=folder)
    shutil.copy(COMMAND, place)
    if script is not None:
        path = os.path.join(place, "mailvouch-opinion")
        with open(path, "w", encoding="utf-8") as out:
            out.write("#!/bin/sh\n" + script)
        os.chmod(path, 0o755)
    return os.path.join(place, os.path.basename(COMMAND))


def check_failures(folder):
    dns = capture(folder, [txt("a.example", "v=spf1 -all")])
    args = ("spf", "check", "--ip", "192.0.2.1", "--helo", "h.example", "--mail-from", "u@a.example", "--dns", dns,
            "--as-legacy")
    for name, script, says in (
            ("crash", "kill -ABRT $$", "libspf2 crashed: signal 6 (Aborted)"),
            ("nonsense", "echo '\033[31mmvr1'", "what mailvouch-opinion answered cannot be read"),
            ("status", "exit 1", "ended with status 1 and no answer")):
        code, out, err = run(*args, command=with_helper(folder, script))
        check("helper: " + name, code == 1 and says in out and "no opinion" in out, (code, out, err))
        check("helper: %s: our result stands" % name, out.startswith("SPF    fail"), out)
        check("helper: %s: no escapes" % name, "\033" not in out + err)
    code, out, _ = run(*args, command=with_helper(folder, None))
    installed = any(os.path.exists(p) for p in ("/usr/libexec/mailvouch/mailvouch-opinion",
                                                "/usr/local/libexec/mailvouch/mailvouch-opinion"))
    check("helper: missing", installed or "mailvouch-opinion cannot be started: No such file" in out, out)


def check_helper_input():
    for name, data in (("nothing", b""), ("nonsense", b"hello\n"), ("a magic alone", b"mvq1\1"),
                       ("much", b"mvq1\1" + b"\0" * (17 * 1024 * 1024))):
        code, out, err = run(command=HELPER, stdin=data)
        check("helper is given " + name, (code, out) == (1, ""), (code, out, err))


def check_confined(folder):
    """No socket, no program, and no file after the filter."""
    if shutil.which("strace") is None:
        return skip("confinement", "strace is not installed")
    trace = os.path.join(folder, "trace")
    dns = capture(folder, [txt("example.com", "v=spf1 -all"), txt("_dmarc.example.com", "v=DMARC1; p=reject")])
    command = ["strace", "-f", "-o", trace, COMMAND, "verify", "--ip", "192.0.2.1", "--helo", "h.example", "--mail-from",
               "a@example.com", "--dns", dns, "--as-legacy", "-"]
    done = subprocess.run(command, input=MESSAGE, capture_output=True, timeout=60)
    lines = [line.split(None, 1) for line in open(trace, encoding="latin-1")]
    helpers = [pid for pid, call in lines if call.startswith("execve(") and "mailvouch-opinion" in call]
    check("confinement: two helpers ran", len(helpers) == 2 and b"no opinion" not in done.stdout, done.stdout)
    for pid in helpers:
        calls = [call for number, call in lines if number == pid]
        start = next((i for i, call in enumerate(calls) if "PR_SET_SECCOMP" in call or call.startswith("seccomp(")), None)
        check("confinement: a filter", start is not None and calls[start].rstrip().endswith("= 0"), calls[-3:])
        after = calls[start or 0:]
        check("confinement: no socket", not any(call.startswith(("socket(", "connect(")) for call in calls))
        opened = [call for call in after if call.startswith(("open", "execve", "clone")) and " = -1 EPERM" not in call]
        check("confinement: nothing is opened or started", opened == [], opened)
        # What ASan maps is beyond any limit
        sanitized = b"__asan_init" in open(HELPER, "rb").read()
        for limit in (() if sanitized else ("RLIMIT_AS",)) + ("RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE"):
            check("confinement: " + limit, any("prlimit64(0, " + limit in call for call in calls))


def main():
    global passed, failed, skipped
    if not os.path.exists(HELPER):
        print("skip  opinions: %s is not built" % HELPER)
        print("0 passed, 0 failed, 1 skipped")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for step in (check_spf, check_dmarc, check_verify, check_replay, check_failures, check_confined):
            step(folder)
        check_helper_input()
    done = subprocess.run([sys.executable, os.path.join(HERE, "differences.py"), COMMAND], capture_output=True, text=True)
    *lines, last = done.stdout.strip().split("\n")
    counts = [int(word) for word in last.split() if word.isdigit()] or [0, 1, 0]
    print("\n".join(lines + [done.stderr]).strip())
    passed, failed, skipped = passed + counts[0], failed + counts[1], skipped + counts[2]
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0


if len(sys.argv) != 2:
    print(__doc__)
    sys.exit(2)
sys.exit(main())
