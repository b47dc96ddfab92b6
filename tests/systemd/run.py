"""A service of the machine that boot.sh begins: switches the units on as README says, and looks at what they do."""
import calendar
import concurrent.futures
import glob
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
for place in ("../report", "../lmtp", "..", "../e2e"):
    sys.path.insert(1, os.path.join(HERE, place))
import checks  # noqa: E402
import keystore  # noqa: E402
import mail  # noqa: E402
import servers  # noqa: E402
from checks import check  # noqa: E402
from hook import Client  # noqa: E402
from servers import read, wait_for, write  # noqa: E402

key = mail.Key(2048)
STATE, SOCKET, MAIL = "/var/lib/mailvouch", "/run/mailvouch/lmtp", "/srv/mail"
EVIDENCE, KEYS = STATE + "/evidence", STATE + "/keys"
MAILDIRS = ["/*/Maildir%s/%s/*" % (folder, part) for folder in ("", "/.*") for part in ("new", "cur")]
BROKEN = "/etc/mailvouch/conf.d/broken.conf"
DAY, HOUR = 86400, 3600
EXAMPLES = "/usr/local/share/doc/mailvouch/examples/"
OWNER = servers.E2E + "/dovecot/mail/file/Maildir/new"
SENDER = (mail.SENDER, "mail.reject.example")
CONFIG = """[server]
authserv_id = mx.rcpt.example
dns_deadline = 4s
received_by = mx.rcpt.example
[sign]
host = mx1
domains = rcpt.example, fresh.example
[report]
evidence = yes
send = yes
address = dmarc-reports@rcpt.example
"""
RECEIVED = b"""Received: from mail.reject.example ([192.0.2.10])\r
\tby mx.rcpt.example with esmtp (Exim 4.96)\r
\t(envelope-from <alice@reject.example>)\r
\tid 1rxyz1-000001-AB\r
\tfor bob@rcpt.example; Mon, 02 Nov 2026 10:00:00 +0000\r
"""
TEXTS = {
    "owner.example": "v=spf1 ip4:%s -all" % mail.SENDER,
    "_dmarc.owner.example": "v=DMARC1; p=quarantine; rua=mailto:file@rcpt.example",
    "owner.example._report._dmarc.rcpt.example": "v=DMARC1;",
    "rcpt.example": "v=spf1 ip4:203.0.113.25 -all",
}
DOVECOT = """first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
auth_username_format = %%n
ssl = no
listen = 127.0.0.1
log_path = /srv/dovecot.log
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=%d gid=%d home=%s/%%n allow_all_users=yes
}
"""


def run(*command, timeout=120):
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout)


def shell(command):
    """A line as README has it; its end and what it said."""
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def show(unit, *names):
    text = run("systemctl", "show", unit, *("--property=" + name for name in names)).stdout
    values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return values[names[0]] if len(names) == 1 else [values.get(name) for name in names]


def journal(unit):
    return run("journalctl", "--no-pager", "--output=cat", "--unit", unit).stdout


def commands(unit):
    """(name of the command, its exit status or None when it did not run), in order."""
    text = run("systemctl", "show", unit, "--property=ExecStart").stdout
    found = re.findall(r"argv\[\]=\S*/mailvouch (?:report )?(\w+).*?start_time=\[(.*?)\].*?status=(\d+)", text)
    return [(name, None if when == "n/a" else int(status)) for name, when, status in found]


def fire(name):
    """Lets the timer find that its time has passed while the machine was off; waits for the end of the service."""
    before = show(name + ".service", "InvocationID")
    run("systemctl", "stop", name + ".timer")
    stamp = "/var/lib/systemd/timers/stamp-%s.timer" % name
    os.utime(stamp, (time.time() - 3 * HOUR,) * 2)
    check("%s: its timer starts again" % name, run("systemctl", "start", name + ".timer").returncode == 0)
    wait_for("%s to be started by its timer" % name, lambda: show(name + ".service", "InvocationID") not in ("", before), 20)
    wait_for("the end of " + name, lambda: show(name + ".service", "ActiveState") in ("inactive", "failed"), 120)
    return show(name + ".service", "Result")


def message(token, author="alice@owner.example", body=b"Hello Bob,\r\nthis is a test.\r\n"):
    return mail.message("Alice <%s>" % author, token=token, body=body)


def deliver(token, client=SENDER, recipient="bob@rcpt.example", **parts):
    with Client(SOCKET) as lmtp:
        return lmtp.deliver("alice@owner.example", [recipient], message(token, **parts), client)[0]


def mailbox():
    """{token: [text, ...]} of all that Dovecot has taken."""
    found = {}
    for path in sum((glob.glob(MAIL + place) for place in MAILDIRS), []):
        with open(path, "rb") as f:
            text = f.read().decode("utf-8", "surrogateescape")
        token = re.search(r"^X-Token: (.*?)\r?$", text, re.M)
        found.setdefault(token and token.group(1), []).append(text)
    return found


def access(path):
    st = os.stat(path)
    return "%o %s" % (st.st_mode & 0o7777, pwd.getpwuid(st.st_uid).pw_name)


def all_ours(directory):
    """Whether all below it is the user's of the timers, and what is not."""
    owners = {path: access(path) for path in [directory] + glob.glob(directory + "/**", recursive=True)
              + glob.glob(directory + "/**/.*", recursive=True)}
    return all(owner.endswith(" mailvouch") for owner in owners.values()), owners


def begin():
    done = shell("make -C %s install" % os.environ["MV_BUILD"])
    check("make install", done[0] == 0, done[1][-1000:])
    write(servers.CONFIG, CONFIG)
    write("/etc/mailvouch/conf.d/dovecot.conf", read(EXAMPLES + "lmtp/mailvouch-dovecot.conf"))
    run("systemd-sysusers")
    readme = read(HERE + "/../../README.md")
    for line in ("mailvouch key auto && mailvouch key status",  # before the directory is there: the harder way
                 "systemd-sysusers && systemd-tmpfiles --create mailvouch.conf", "adduser Debian-exim mailvouch",
                 "systemctl enable --now mailvouch-keys.timer", "systemctl enable --now mailvouch-report.timer"):
        done = shell(line)
        check(line, done[0] == 0 and "    " + line in readme, done[1])
    line = "systemctl enable --now mailvouch-lmtpd.socket"
    check(line, shell(line)[0] == 0 and ".Ic " + line in read("/usr/local/share/man/man8/mailvouch-lmtpd.8"))
    check("directory of evidence", access(EVIDENCE) == "3770 mailvouch", access(EVIDENCE))
    check("what root made is for the timers", *all_ours(STATE))
    for name in ("mailvouch-keys", "mailvouch-report"):
        due = show(name + ".timer", "NextElapseUSecRealtime")
        after = calendar.timegm(time.strptime(due, "%a %Y-%m-%d %H:%M:%S UTC")) - time.time()
        check("%s.timer: due within an hour and 20 minutes" % name, 0 < after <= 80 * 60, due)
        write("/etc/systemd/system/%s.timer.d/test.conf" % name, "[Timer]\nRandomizedDelaySec=0\n")
    run("systemctl", "daemon-reload")


def serve():
    """The servers on both sides, under Debian's own units."""
    user = pwd.getpwnam("mail")
    os.makedirs(MAIL)
    os.chown(MAIL, user.pw_uid, user.pw_gid)
    write("/etc/dovecot/conf.d/98-test.conf", DOVECOT % (user.pw_uid, user.pw_gid, MAIL))
    os.makedirs("/etc/dovecot/private", exist_ok=True)
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=mx.rcpt.example", "-keyout",
        "/etc/dovecot/private/dovecot.key", "-out", "/etc/dovecot/private/dovecot.pem")  # as the package would
    shutil.copy(EXAMPLES + "lmtp/dovecot.conf", "/etc/dovecot/conf.d/99-mailvouch-lmtp.conf")
    done = run("systemctl", "start", "dovecot.service")
    check("Dovecot starts under its unit", done.returncode == 0, done.stderr + journal("dovecot") + read("/srv/dovecot.log"))
    servers.Exim().configure()
    os.makedirs(os.path.dirname(os.path.dirname(OWNER)))
    os.chown(os.path.dirname(os.path.dirname(OWNER)), user.pw_uid, user.pw_gid)
    done = run("systemctl", "start", "exim4.service")
    check("Exim starts under its unit", done.returncode == 0, done.stderr + journal("exim4"))


def lmtp():
    check("lmtpd: not there before the first client", show("mailvouch-lmtpd.service", "ActiveState") == "inactive")
    reply = deliver("first")
    check("lmtpd: the first client starts it, and is served", reply.startswith("250"), (reply, journal("mailvouch-lmtpd")))
    check("lmtpd: active, as user mailvouch", show("mailvouch-lmtpd.service", "ActiveState", "User") == ["active", "mailvouch"])
    check("lmtpd: a forgery is taken for Junk", deliver("forged", ("192.0.2.66", "x.example")).startswith("250"))
    check("lmtpd: 12 MB are spooled", deliver("large", body=b"x" * 998 + b"\r\n" * 2 + (b"y" * 70 + b"\r\n") * 170000).startswith("250"))
    box = wait_for("three messages", lambda: len(mailbox()) == 3 and mailbox())
    check("lmtpd: what was delivered tells of it", all("dmarc=%s" % result in box[token][0].split("\n\n")[0] for token, result in
                                                    (("first", "pass"), ("forged", "fail"), ("large", "pass"))),
          {token: texts[0][:1500] for token, texts in box.items()})
    files = glob.glob(EVIDENCE + "/*.ndjson")
    check("lmtpd: its evidence", [access(path) for path in files] == ["640 mailvouch"] * len(files) and
          sum(read(path).count("\n") for path in files) == 3, (os.listdir(EVIDENCE), journal("mailvouch-lmtpd")))


def started_anew():
    """Nobody is turned away, nothing is lost, nothing comes twice."""
    stop = time.monotonic() + 6

    def stream(number):
        count, wrong = 0, []
        while time.monotonic() < stop:
            reply = deliver("s%d.%d" % (number, count))
            wrong += [] if reply.startswith("250") else [reply]
            count += 1
        return count, wrong

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        streams = [pool.submit(stream, number) for number in range(4)]
        codes = []
        for action in ("restart", "reload", "restart", "reload", "restart"):
            time.sleep(0.8)
            codes.append(run("systemctl", action, "mailvouch-lmtpd.service").returncode)
        done = [future.result() for future in streams]
    check("lmtpd: started anew and reloaded", codes == [0] * 5, (codes, journal("mailvouch-lmtpd")[-3000:]))
    check("lmtpd: nobody is turned away meanwhile", not sum((wrong for _, wrong in done), []) and min(n for n, _ in done) > 10, done)
    tokens = ["s%d.%d" % (number, i) for number, (count, _) in enumerate(done) for i in range(count)]
    box = mailbox()
    check("lmtpd: each of %d messages arrived, once" % len(tokens), all(len(box.get(token, [])) == 1 for token in tokens),
          [(token, len(box.get(token, []))) for token in tokens if len(box.get(token, [])) != 1][:10])
    killed = show("mailvouch-lmtpd.service", "MainPID")
    run("systemctl", "kill", "--signal=SEGV", "mailvouch-lmtpd.service")
    wait_for("lmtpd after a crash", lambda: show("mailvouch-lmtpd.service", "ActiveState", "MainPID")[0] == "active" and
             show("mailvouch-lmtpd.service", "MainPID") not in (killed, "0"), 20)
    check("lmtpd: after a crash it is there again", deliver("after").startswith("250"), journal("mailvouch-lmtpd")[-2000:])
    lines = journal("mailvouch-lmtpd")
    check("lmtpd: nothing was forbidden", not re.search("not permitted|Permission denied|Read-only|cannot", lines), lines[-3000:])


def broken_configuration():
    run("systemctl", "reset-failed")  # the tests before have started it more often than systemd has it
    write(BROKEN, "[lmtp]\nno_such_setting = 1\n")
    check("lmtpd: a broken configuration is not taken at a reload", run("systemctl", "reload", "mailvouch-lmtpd").returncode == 0 and
          deliver("reloaded").startswith("250") and "no_such_setting" in journal("mailvouch-lmtpd"))
    done = run("systemctl", "restart", "mailvouch-lmtpd")
    check("lmtpd: nor at a start, which is not tried again", done.returncode != 0 and
          show("mailvouch-lmtpd.service", "ExecMainStatus", "NRestarts", "ActiveState") == ["78", "0", "failed"],
          (done, show("mailvouch-lmtpd.service", "ExecMainStatus", "NRestarts", "ActiveState")))
    for _ in range(10):
        try:
            with Client(SOCKET, timeout=5) as lmtp:
                check("lmtpd: nobody is greeted meanwhile", not lmtp.greeting.startswith("220"), lmtp.greeting)
        except OSError:
            pass
        time.sleep(0.05)
    check("lmtpd: after some clients systemd tries no more", show("mailvouch-lmtpd.socket", "ActiveState") == "failed")
    os.unlink(BROKEN)
    done = shell("systemctl reset-failed 'mailvouch-lmtpd.*' && systemctl start mailvouch-lmtpd.socket")
    check("lmtpd: mended and started", done[0] == 0 and deliver("mended").startswith("250"), (done, journal("mailvouch-lmtpd")[-2000:]))
    check("lmtpd: both units are active", [show("mailvouch-lmtpd." + kind, "ActiveState") for kind in ("socket", "service")] ==
          ["active"] * 2)


def plugin():
    shutil.copy(EXAMPLES + "dovecot/delivery-2.3.conf", "/etc/dovecot/conf.d/99-mailvouch-delivery.conf")
    for path in glob.glob("/usr/local/lib/dovecot/modules/lib95_*"):  # with --prefix=/usr it is there
        shutil.copy(path, "/usr/lib/dovecot/modules")
    before = set(os.listdir(EVIDENCE))
    done = run("systemctl", "restart", "dovecot.service")
    with Client("/run/dovecot/lmtp") as dovecot:
        reply = dovecot.deliver("alice@reject.example", ["bob@rcpt.example"], RECEIVED + mail.sign(
            message("direct", "alice@reject.example"), "reject.example", key))[0]
    check("Dovecot's plugin: judges what comes by itself", done.returncode == 0 and reply.startswith("250") and
          "dmarc=pass" in mailbox()["direct"][0], (done, reply, mailbox().get("direct"), read("/srv/dovecot.log")[-2000:]))
    files = [EVIDENCE + "/" + name for name in set(os.listdir(EVIDENCE)) - before]
    check("Dovecot's plugin: its evidence", [access(path) for path in files] == ["640 mail"] and
          "reject.example" in read(files[0]), (os.listdir(EVIDENCE), read("/srv/dovecot.log")[-2000:]))


def keys_of(domain):
    return sorted(glob.glob("%s/%s/*.pem" % (KEYS, domain)))


def keys():
    by_root = keys_of("fresh.example")
    write(servers.CONFIG, CONFIG.replace("fresh.example", "fresh.example, new.example"))
    check("keys: the timer's run succeeds", fire("mailvouch-keys") == "success", journal("mailvouch-keys"))
    made = keys_of("new.example")
    check("keys: a domain without keys has two", len(made) == 2, (made, journal("mailvouch-keys")))
    check("keys: those of root's run are worked on", len(by_root) == 2 and keys_of("fresh.example") == by_root and
          "Permission denied" not in journal("mailvouch-keys"), journal("mailvouch-keys"))
    check("keys: others read none", all(access(path) == "640 mailvouch" for path in made + by_root), [access(path) for path in made + by_root])
    again = fire("mailvouch-keys")
    check("keys: and once more", again == "success" and keys_of("new.example") == made, journal("mailvouch-keys"))


def move_back():
    """What was written today, as if it had been two days ago: yesterday may not have been over for long enough."""
    count = 0
    for path in glob.glob(EVIDENCE + "/*.ndjson"):
        host, uid, hour, suffix = os.path.basename(path).rsplit(".", 3)
        then = time.strftime("%Y%m%d%H", time.gmtime(time.time() - 2 * DAY))
        lines = [json.loads(line) for line in read(path).splitlines() if line]
        for line in lines:
            line["t"] -= 2 * DAY
        count += sum(line["at"] == "owner.example" for line in lines)
        os.unlink(path)
        new = "%s/%s.%s.%s.%s" % (EVIDENCE, host, uid, then, suffix)
        with open(new, "a", encoding="utf-8") as f:
            f.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        shutil.chown(new, int(uid), "mailvouch")
        os.chmod(new, 0o640)
    return count


def report():
    wanted = move_back()
    by_root = shell("mailvouch report import && mailvouch report status && mailvouch report send --dry-run && "
                    "mailvouch report send --domain nobody.example")
    check("report: root looks first", by_root[0] == 0 and "1 mail would go out" in by_root[1], by_root)
    check("report: what root's run made is for the timer", *all_ours(STATE + "/reports"))
    result = fire("mailvouch-report")
    said = journal("mailvouch-report")
    check("report: the timer's run succeeds", result == "success" and commands("mailvouch-report.service") ==
          [("import", 0), ("purge", 0), ("send", 0)], (result, commands("mailvouch-report.service"), said))
    wait_for("the report in the owner's Maildir", lambda: os.path.isdir(OWNER) and os.listdir(OWNER), 30)
    text = read(OWNER + "/" + os.listdir(OWNER)[0])
    check("report: sendmail had its rights, the mail is signed", "Report Domain: owner.example" in text and
          "DKIM-Signature:" in text, (text[:3000], said))
    done = run("mailvouch", "report", "read", "--json", OWNER)
    told = [json.loads(line).get("messages") for line in done.stdout.splitlines()]
    check("report: it tells of each of %d messages" % wanted, sum(told) == wanted, done.stdout + done.stderr)
    check("report: the store is its own", *all_ours(STATE + "/reports"))

    path = "%s/mx.%d.%s.ndjson" % (EVIDENCE, pwd.getpwnam("mailvouch").pw_uid, time.strftime("%Y%m%d%H", time.gmtime(time.time() - 2 * DAY)))
    write(path, "no evidence\n", 0o640)
    shutil.chown(path, "mailvouch", "mailvouch")
    result = fire("mailvouch-report")
    check("report: a line that is none is said, and the run goes on", result == "success" and
          commands("mailvouch-report.service") == [("import", 1), ("purge", 0), ("send", 0)],
          (result, commands("mailvouch-report.service"), journal("mailvouch-report")[-1500:]))
    write(BROKEN, "[report]\nno_such_setting = 1\n")
    result = fire("mailvouch-report")
    ran = commands("mailvouch-report.service")
    check("report: with a broken configuration the first one ends the run", result == "exit-code" and
          [status for _, status in ran][1:] == [None, None] and "no_such_setting" in journal("mailvouch-report"),
          (result, ran, journal("mailvouch-report")[-1500:]))
    os.unlink(BROKEN)
    check("report: and the next one is whole again", fire("mailvouch-report") == "success", journal("mailvouch-report")[-1500:])
    check("report: nothing twice", len(os.listdir(OWNER)) == len(told), os.listdir(OWNER))


def active_keys():
    """Those that DNS has shown for long, beside what root's run has made."""
    for path in glob.glob("/srv/keys/rcpt.example/*"):
        shutil.copy(path, KEYS + "/rcpt.example")
    subprocess.run(["chown", "-R", "mailvouch:mailvouch", KEYS], check=True)


def main():
    now = int(time.time())
    texts = dict(TEXTS, **dict(keystore.add_key("/srv/keys", "rcpt.example", selector, kind, now)
                               for selector, kind in (("mx1-20261123-r", "rsa"), ("mx1-20261123-e", "ed25519"))))
    nsd = servers.Nsd(mail.zone(key, texts), address="127.0.0.1")
    try:
        for step in (begin, active_keys, serve, lmtp, started_anew, broken_configuration, plugin, keys, report):
            try:
                step()
            except Exception:
                check("%s: to its end" % step.__name__, False, traceback.format_exc() + read("/srv/dovecot.log")[-600:] + journal("dovecot")[-1500:])
    finally:
        nsd.stop()
    check("no unit has failed", run("systemctl", "--failed", "--no-legend").stdout.strip() == "", run("systemctl", "--failed").stdout)


if __name__ == "__main__":
    os.umask(0o022)
    checks.shows_all = True
    main()
    sys.exit(checks.end())
