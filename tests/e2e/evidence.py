"""Evidence for reports: its directory as the package makes it, and what has been written there. For all suites."""
import glob
import grp
import json
import os
import re
import shutil
import subprocess

from servers import E2E

DIRECTORY = E2E + "/evidence"
SETTINGS = "[report]\nevidence = yes\nevidence_directory = %s\n" % DIRECTORY
GROUP = "mailvouch"
KEYS = ["v", "t", "ip", "from", "at", "rec", "pub", "dmarc", "act", "why", "rep", "note", "al", "spf", "dkim"]


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


def texts():
    """{name: what is in the file}"""
    found = {}
    for path in sorted(glob.glob(DIRECTORY + "/*")):
        state = os.stat(path)
        name = os.path.basename(path)
        if not re.fullmatch(r"[a-z0-9.-]+\.%d\.\d{10}\.ndjson" % state.st_uid, name):
            raise AssertionError("a file named %s of user %d" % (name, state.st_uid))
        if state.st_mode & 0o7777 != 0o640 or state.st_gid != grp.getgrnam(GROUP).gr_gid:
            raise AssertionError("%s: mode %o, group %d" % (name, state.st_mode, state.st_gid))
        with open(path, encoding="ascii") as f:
            found[name] = f.read()
    return found


def lines():
    """All of them, as dicts; their keys are known and in order, and no text but these is there."""
    found = [json.loads(line) for text in texts().values() for line in text.split("\n") if line]
    for line in found:
        if list(line) != [key for key in KEYS if key in line]:
            raise AssertionError(line)
    return found


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
