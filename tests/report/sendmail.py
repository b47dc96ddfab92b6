"""The servers of sendmail.sh: each takes a report with the null sender, and with a sender that names the mail (VERP)."""
import glob
import json
import os
import pwd
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
for beside in ("..", "../lmtp", "../e2e"):
    sys.path.insert(1, os.path.join(HERE, beside))
import keystore  # noqa: E402
import checks  # noqa: E402
import mail  # noqa: E402
import people  # noqa: E402
import servers  # noqa: E402
from checks import check, skip  # noqa: E402
from servers import E2E, read, wait_for, write  # noqa: E402

DAY = 86400
KEYS, BOX, POSTFIX = E2E + "/keys", E2E + "/box", E2E + "/postfix"
RECORD = "v=DMARC1; p=none; rua=mailto:dmarc@rcpt.example"
TEXTS = {
    "_dmarc.a.example": RECORD, "a.example._report._dmarc.rcpt.example": "v=DMARC1;", "_dmarc.rcpt.example": "v=DMARC1; p=reject",
    # so that it is the signature which passes
    "rcpt.example": "v=spf1 -all",
}
CONFIG = """[sign]
keys_directory = %s
host = mx1
domains = rcpt.example
[server]
authserv_id = mx.rcpt.example
[report]
evidence = yes
evidence_directory = %%(home)s/evidence
store = %%(home)s/reports/reports.db
send = yes
address = dmarc-reports@rcpt.example
sendmail = %%(sendmail)s
%%(more)s
""" % KEYS
SENDERS = (("null sender", "", r"<>"), ("VERP", "bounce_address = bounces@rcpt.example", r"<bounces\+[^@>]+@rcpt\.example>"))


class Exim:
    """Debian's, with its own configuration; no daemon, since sendmail delivers by itself."""
    name, program, log = "Exim", "/usr/sbin/exim4", servers.MAINLOG

    def __init__(self):
        servers.ROUTER = ("\nowner:\n  driver = accept\n  domains = +local_domains\n  local_parts = dmarc\n"
                          "  transport = owner\n")
        servers.TRANSPORT = ("\nowner:\n  driver = appendfile\n  directory = %s\n  maildir_format\n  return_path_add\n"
                             "  user = mail\n  group = mail\n" % BOX)
        servers.Exim().configure(interfaces="127.0.0.1")

    def stop(self):
        pass


class Postfix:
    """Stock, of the package, in its place; its queue and log are here."""
    name, program, log = "Postfix", "/usr/sbin/sendmail", POSTFIX + "/maillog"

    def __init__(self):
        people.directory(POSTFIX + "/queue", "root", "root", 0o755)
        people.directory(POSTFIX + "/data", "postfix", "postfix", 0o755)
        # The package does this when it is installed
        subprocess.run(["install", "-g", "postdrop", "-m", "2555", "/usr/sbin/postdrop", E2E + "/postdrop"], check=True)
        subprocess.run(["mount", "--bind", E2E + "/postdrop", "/usr/sbin/postdrop"], check=True)
        user = pwd.getpwnam("mail")
        write("/etc/postfix/main.cf", """compatibility_level = 3.6
queue_directory = %s/queue
data_directory = %s/data
maillog_file = %s/maillog
maillog_file_prefixes = %s
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
sendmail_path = /usr/sbin/sendmail
mailq_path = /usr/bin/mailq
newaliases_path = /usr/bin/newaliases
setgid_group = postdrop
mail_owner = postfix
myhostname = mx.rcpt.example
mydestination =
inet_interfaces = loopback-only
alias_maps =
alias_database =
virtual_mailbox_domains = rcpt.example
virtual_mailbox_base = %s
virtual_mailbox_maps = static:%s/
virtual_uid_maps = static:%d
virtual_gid_maps = static:%d
virtual_minimum_uid = 1
""" % (POSTFIX, POSTFIX, POSTFIX, E2E, E2E, os.path.basename(BOX), user.pw_uid, user.pw_gid))
        write("/etc/postfix/master.cf", "\n".join("%s %s" % service for service in (
            ("pickup", "unix n - n 60 1 pickup"), ("cleanup", "unix n - n - 0 cleanup"), ("qmgr", "unix n - n 300 1 qmgr"),
            ("rewrite", "unix - - n - - trivial-rewrite"), ("bounce", "unix - - n - 0 bounce"),
            ("defer", "unix - - n - 0 bounce"), ("trace", "unix - - n - 0 bounce"), ("proxymap", "unix - - n - - proxymap"),
            ("showq", "unix n - n - - showq"), ("error", "unix - - n - - error"), ("retry", "unix - - n - - error"),
            ("virtual", "unix - n n - - virtual"), ("postlog", "unix-dgram n - n - 1 postlogd"))) + "\n")
        self.command("check")
        self.command("start")

    def command(self, word):
        done = subprocess.run(["postfix", word], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError("postfix %s: %s%s" % (word, done.stderr, read(self.log)))

    def stop(self):
        self.command("stop")


def run(*arguments):
    """As the user of the timer, without root's groups."""
    return subprocess.run(["setpriv", "--reuid=mailvouch", "--regid=mailvouch", "--init-groups", "mailvouch", "report",
                           *arguments], capture_output=True, text=True, timeout=120)


def see(home, now):
    """One message of the day before yesterday."""
    when = now // DAY * DAY - 2 * DAY + 3600
    line = {"v": 1, "t": when, "ip": "192.0.2.1", "from": "a.example", "at": "a.example", "rec": RECORD, "pub": "none",
            "dmarc": "pass", "act": "none", "al": "d", "spf": ["fail", "mfrom", "else.example"],
            "dkim": [["pass", "a.example", "s1", "s"]]}
    path = time.strftime(home + "/evidence/mx1.0.%Y%m%d%H.ndjson", time.gmtime(when))
    write(path, json.dumps(line, separators=(",", ":")) + "\n")


def try_sender(server, sender, more, pattern):
    name = "%s, %s: " % (server.name, sender)
    home = "%s/%s-%s" % (E2E, server.name, sender.split()[0])
    for directory in ("", "/evidence", "/reports"):
        people.directory(home + directory, "mailvouch", "mailvouch", 0o750)
    for path in glob.glob(BOX + "/new/*"):
        os.unlink(path)
    write(servers.CONFIG, CONFIG % {"home": home, "sendmail": server.program, "more": more})
    see(home, int(time.time()))
    taken = run("import")
    sent = run("send", "--json")
    check(name + "it is taken", taken.returncode == 0 and sent.returncode == 0 and '"sent"' in sent.stdout,
          (taken, sent, read(server.log)))
    try:
        path, = wait_for("the report", lambda: glob.glob(BOX + "/new/*"), 20)
    except TimeoutError as fault:
        check(name + "it arrives", False, (fault, sent, read(server.log)))
        return
    text = read(path)
    found = re.search(r"^Return-[Pp]ath: (\S+)$", text, re.M)
    check(name + "the envelope has that sender", found and re.fullmatch(pattern, found.group(1)), text[:1500])
    done = subprocess.run(["mailvouch", "report", "read", "--json", "--store", home + "/owner.db", path], capture_output=True,
                          text=True)
    check(name + "its signature holds as it arrives", done.returncode == 0 and json.loads(done.stdout)["sender"]["trust"] == "mail",
          done.stdout + done.stderr)
    again = run("send", "--json")
    time.sleep(0.5)
    check(name + "it is sent once", again.returncode == 0 and len(glob.glob(BOX + "/new/*")) == 1, again)


def main():
    people.add()
    people.directory(KEYS, "mailvouch", "mailvouch", 0o750)
    now = int(time.time())
    keys = dict(keystore.add_key(KEYS, "rcpt.example", selector, kind, now)
                for selector, kind in (("mx1-20261123-r", "rsa"), ("mx1-20261123-e", "ed25519")))
    subprocess.run(["chown", "-R", "mailvouch:mailvouch", KEYS], check=True)
    nsd = servers.Nsd(mail.zone(mail.Key(2048), dict(TEXTS, **keys)), address="127.0.0.1")
    people.directory(BOX, "mail", "mail", 0o755)
    try:
        for kind in (Exim, Postfix):
            if kind is Postfix and not os.environ.get("POSTFIX_LOWER"):
                skip("Postfix", "its package cannot be downloaded, or laid over /usr")
                continue
            server = kind()
            try:
                for sender in SENDERS:
                    try_sender(server, *sender)
            finally:
                server.stop()
    finally:
        nsd.stop()


if __name__ == "__main__":
    os.umask(0o022)
    checks.shows_all = True
    main()
    sys.exit(checks.end())
