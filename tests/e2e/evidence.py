"""Evidence for reports: its directory as the package makes it, and what has been written there. For all suites."""
import base64
import glob
import grp
import json
import os
import re
import shutil
import subprocess
import sys
import time

import feedback
from servers import E2E, write

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import keystore  # noqa: E402

DIRECTORY = E2E + "/evidence"
SETTINGS = "[report]\nevidence = yes\nevidence_directory = %s\n" % DIRECTORY
FAILURES = SETTINGS + "failure = yes\n"
KEY = DIRECTORY + ".key"
GROUP = "mailvouch"
KEYS = ["v", "t", "ip", "from", "at", "rec", "pub", "dmarc", "act", "why", "rep", "note", "al", "spf", "dkim"]
FAILURE_KEYS = ["v", "t", "ip", "want", "from", "at", "rec", "mf", "id", "miss", "res", "act", "dkim", "spf", "hdr"]
SECRETS = r"alice|bob|carol|Subject: Test"
REPORTER = """[server]
authserv_id = mx.rcpt.example
[sign]
keys_directory = %s/keys
host = mx1
domains = rcpt.example
[report]
evidence_directory = %s
store = %s/reports.db
send = yes
failure = yes
address = dmarc-reports@rcpt.example
"""


def add_group(*users):
    """Before the servers start that are to have it."""
    subprocess.run(["groupadd", "-f", "-r", GROUP], check=True)
    for user in users:
        subprocess.run(["usermod", "-a", "-G", GROUP, user], check=True)


def own(path):
    os.chown(path, 0, grp.getgrnam(GROUP).gr_gid)
    os.chmod(path, 0o3770)


def empty():
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    os.mkdir(DIRECTORY)
    own(DIRECTORY)


def make_key():
    """That of the redaction, as "mailvouch report send" makes it."""
    with open(KEY, "w") as f:
        f.write(base64.b64encode(os.urandom(32)).decode() + "\n")
    os.chown(KEY, 0, grp.getgrnam(GROUP).gr_gid)
    os.chmod(KEY, 0o640)


def texts(suffix="ndjson"):
    """{name: what is in the file}, of files of evidence, or of "failures"."""
    found = {}
    for path in sorted(glob.glob(DIRECTORY + "/*")):
        state = os.stat(path)
        name = os.path.basename(path)
        if not re.fullmatch(r"[a-z0-9.-]+\.%d\.\d{10}\.(ndjson|failures)" % state.st_uid, name):
            raise AssertionError("a file named %s of user %d" % (name, state.st_uid))
        if state.st_mode & 0o7777 != 0o640 or state.st_gid != grp.getgrnam(GROUP).gr_gid:
            raise AssertionError("%s: mode %o, group %d" % (name, state.st_mode, state.st_gid))
        if name.endswith("." + suffix):
            with open(path, encoding="ascii") as f:
                found[name] = f.read()
    return found


def in_order(found, keys):
    for line in found:
        if list(line) != [key for key in keys if key in line]:
            raise AssertionError(line)
    return found


def lines():
    """All of them, as dicts; their keys are known and in order, and no text but these is there."""
    return in_order([json.loads(line) for text in texts().values() for line in text.split("\n") if line], KEYS)


def failures():
    """Those for failure reports: nothing in them tells who wrote to whom."""
    found = texts("failures")
    for text in found.values():
        if re.search(SECRETS, text):
            raise AssertionError(text)
    return in_order([json.loads(line) for text in found.values() for line in text.split("\n") if line], FAILURE_KEYS)


def report(*command):
    done = subprocess.run(["mailvouch", "report", *command, "--now", str(int(time.time()) + 7200)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError((command, done.stdout, done.stderr))
    return done.stdout


def told():
    """Two hours later: what the import counts of all evidence that is there, and of each report that send makes of it
    (Reported-Domain, Auth-Failure, Identity-Alignment, Source-IP, Incidents), sorted."""
    home = "%s/reporter-%d" % (E2E, time.time_ns())
    os.makedirs(home + "/mails")
    keystore.add_key(home + "/keys", "rcpt.example", "mx1-20261123-r", "rsa", int(time.time()), sight_age=-86400)
    write(home + "/conf", REPORTER % (home, DIRECTORY, home))
    counts = json.loads(report("import", "--json", "--config", home + "/conf"))
    report("send", "--to-dir", home + "/mails", "--config", home + "/conf")
    found = []
    for path in glob.glob(home + "/mails/*"):
        message, fields = feedback.read(path)
        if re.search(SECRETS, feedback.texts(message)) or "d=rcpt.example;" not in str(message["DKIM-Signature"]):
            raise AssertionError(message.as_string())
        found.append(tuple(", ".join(fields[name]) for name in (
            "Reported-Domain", "Auth-Failure", "Identity-Alignment", "Source-IP", "Incidents")))
    return counts, sorted(found)


class Full:
    """A disk of 64 KiB that has room for nothing but what room() leaves."""
    def __enter__(self):
        empty()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=3770", "tmpfs", DIRECTORY], check=True)
        own(DIRECTORY)
        self.filler = DIRECTORY + "/.filler"
        self.fill()
        return self

    def fill(self):
        with open(self.filler, "ab", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 4096)
            except OSError:
                pass

    def free(self):
        os.unlink(self.filler)

    def __exit__(self, *exception):
        subprocess.run(["umount", "-l", DIRECTORY], check=True)  # a server may have a file of it open
