#!/usr/bin/python3
"""mailvouch report import: each line of evidence counts once, whatever is killed, full, torn or forged; on SQLite and on
a real PostgreSQL server.

usage: tests/report/import.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"
"""
import copy
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")]
import checks  # noqa: E402
import stores  # noqa: E402
from checks import skip  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1])
HOUR = 3600
DAY = 24 * HOUR
BEGIN = 20779 * DAY  # 2026-11-22, 00:00 UTC
OVER = HOUR + 600    # after the begin of its hour nobody writes to a file
MAX_RESIDENT_KIB = 20 * 1024
MAX_FILES = 40000    # of one import
kind = None  # of the store that the test is run on
ROUNDS = 10


def check(name, condition, detail=""):
    checks.check("%s: %s" % (kind.name, name), condition, detail)


# A place of its own for each test: a directory of evidence, a store, a configuration


class Site:
    def __init__(self, name):
        self.path = os.path.join(folder, kind.name, name)
        self.evidence = self.path + "/evidence"
        self.db = copy.copy(kind)
        self.store = self.db.fresh("import-" + name)
        self.config = self.path + "/mailvouch.conf"
        os.makedirs(self.evidence)
        with open(self.config, "w") as f:
            f.write("[report]\nevidence = yes\nevidence_directory = %s\nstore = %s\n" % (self.evidence, self.store))

    def sql(self, sql):
        return self.db.ask(sql)

    def number(self, sql):
        return int(self.sql(sql)[0][0] or 0)

    def totals(self):
        """Messages of the days, and of their rows: always the same."""
        days, rows = (int(n) for n in self.sql("SELECT (SELECT coalesce(sum(messages), 0) FROM ledger_day),"
                                               " (SELECT coalesce(sum(count), 0) FROM ledger_row)")[0])
        check("%s: rows and days agree" % os.path.basename(self.path), days == rows, "%d %d" % (days, rows))
        return days

    def places(self):
        return self.number("SELECT count(*) FROM ledger_file")

    def files(self):
        return sorted(os.listdir(self.evidence))

    def write(self, data, hour=0, host="mx1", uid=0, name=None):
        name = name or "%s.%d.20261122%02d.ndjson" % (host, uid, hour)
        path = os.path.join(self.evidence, name)
        with open(path, "ab") as f:
            f.write(data if isinstance(data, bytes) else "".join(line + "\n" for line in data).encode())
        return path

    def command(self, *args, now=BEGIN + HOUR):
        return [COMMAND, "report", "import", "--config", self.config, "--now", str(now), *args]

    def run(self, *args, now=BEGIN + HOUR, **more):
        done = subprocess.run(self.command(*args, now=now), capture_output=True, text=True, errors="replace",
                              timeout=600, **more)
        return done.returncode, done.stdout, done.stderr

    def json(self, *args, now=BEGIN + HOUR, **more):
        code, out, err = self.run("--json", *args, now=now, **more)
        return code, json.loads(out) if out else {}, err


def line(at=BEGIN + 60, ip="192.0.2.1", author="example.com", policy="example.com", record="v=DMARC1; p=reject",
         published="reject", result="fail", action="reject", aligned="", more=""):
    return ('{"v":1,"t":%d,"ip":"%s","from":"%s","at":"%s","rec":"%s","pub":"%s","dmarc":"%s","act":"%s",%s"al":"%s",'
            '"spf":["%s","mfrom","bounce.example.net"]}' % (at, ip, author, policy, record, published, result, action,
                                                            more, aligned, "pass" if "s" in aligned else "fail"))


def many(count, kinds=50, at=BEGIN + 60):
    return [line(at + i % 600, "10.0.%d.%d" % (i % kinds >> 8, i % kinds & 255)) for i in range(count)]


# Tests


def totals():
    """What is counted, by day and by row; what a day says."""
    site = Site("totals")
    site.write([line(), line(), line(ip="2001:db8::1"), line(result="pass", action="none", aligned="s"),
                line(author="a.example.com", policy="example.com"), line(at=BEGIN - 1),
                line(policy="example.org", author="example.org", record="v=DMARC1; p=none", published="none", action="none")])
    site.write(many(500), host="mx2", uid=105)
    code, got, err = site.json()
    check("totals: counted", code == 0 and got["messages"] == 507 and got["files"] == 2 and got["refused"] == 0 and
          got["removed"] == 0 and got["waiting"] == 2 and err == "", repr((code, got, err)))
    check("totals: in the store", site.totals() == 507)
    check("totals: by day", site.sql("SELECT domain, day, messages, passed FROM ledger_day ORDER BY domain, day") ==
          [("example.com", str(BEGIN - DAY), "1", "0"), ("example.com", str(BEGIN), "505", "1"),
           ("example.org", str(BEGIN), "1", "0")])
    check("totals: equal messages are a row", site.number(
        "SELECT count(*) FROM ledger_row WHERE day_id=(SELECT id FROM ledger_day WHERE domain='example.com' AND day=%d)"
        % BEGIN) == 50 + 4)
    code, got, err = site.json()
    check("totals: again", code == 0 and got["messages"] == 0 and got["files"] == 0 and site.totals() == 507, repr(got))
    code, out, err = site.run("--quiet")
    check("totals: quiet", (code, out, err) == (0, "", ""), repr((code, out, err)))
    code, out, err = site.run()
    check("totals: text", code == 0 and out == "0 messages from 0 files, 2 files still being written\n" and err == "", out)


def removal():
    site = Site("removal")
    path = site.write(many(10))
    late = site.write(many(10), hour=1)
    site.write(many(3), name="noted.ndjson")
    site.write(b"no evidence", name="README")
    site.write(b"hidden", name=".mx.0.2026112200.ndjson")
    for name, now, removed, left in (("within the grace", BEGIN + OVER - 1, 0, 5), ("kept", BEGIN + OVER, 0, 5),
                                     ("after the grace", BEGIN + OVER, 1, 4), ("the next hour", BEGIN + HOUR + OVER, 1, 3)):
        code, got, err = site.json(*(["--keep-files"] if name == "kept" else []), now=now)
        check("removal: " + name, code == 0 and got["removed"] == removed and len(site.files()) == left,
              repr((code, got, err, site.files())))
    check("removal: the rest stays", site.files() == [".mx.0.2026112200.ndjson", "README", "noted.ndjson"])
    check("removal: places are forgotten", site.places() == 1 and site.totals() == 23, repr(site.places()))
    os.makedirs(site.evidence + "/sub")
    path = site.write(many(4), hour=2, host="named")
    other = site.path + "/mx.7.2026112203.ndjson"
    shutil.move(path, other)
    code, got, err = site.json(other, now=BEGIN + DAY)
    check("removal: a file that is named", code == 0 and got["messages"] == 4 and not os.path.exists(other), repr((got, err)))
    path = site.write(many(4), hour=2, host="ro")
    os.chmod(path, 0)
    unprivileged = os.getuid() != 0
    if unprivileged:
        code, got, err = site.json(now=BEGIN + DAY)
        check("removal: unreadable", code == 65 and "cannot read" in err, repr((code, err)))


def renamed():
    """What a killed importer leaves between two steps."""
    site = Site("renamed")
    path = site.write(many(10))
    site.json()
    inode = os.stat(path).st_ino
    os.rename(path, path + ".%d.done" % inode)
    site.write(many(5))  # a server that came too late
    with open(path + ".%d.done" % inode, "ab") as f:
        f.write((line() + "\n").encode())  # between the last reading and the renaming
    code, got, err = site.json(now=BEGIN + OVER)
    check("renamed: both are taken", code == 0 and got["messages"] == 6 and got["removed"] == 2 and site.files() == [],
          repr((code, got, err, site.files())))
    check("renamed: totals", site.totals() == 16 and site.places() == 0)
    path = site.write(many(7), hour=1)
    shutil.copy(path, path + ".123.done")
    os.unlink(path)
    code, got, err = site.json(now=BEGIN + HOUR + OVER)
    check("renamed: with another number", code == 0 and got["messages"] == 7 and site.files() == [], repr((got, err)))


def stale():
    """A place that was left behind for a file that is gone; its name and inode number are used again."""
    site = Site("stale")
    path = site.write(many(100))
    site.json()
    inode = os.stat(path).st_ino
    again = many(300, at=BEGIN + 61)
    with open(path, "wb") as f:  # the same inode
        f.write("".join(l + "\n" for l in again).encode())
    check("stale: the same number", os.stat(path).st_ino == inode)
    code, got, err = site.json()
    check("stale: a longer file is read from its begin", got["messages"] == 300 and site.totals() == 400, repr((got, err)))
    with open(path, "wb") as f:
        f.write((line() + "\n").encode())
    code, got, err = site.json()
    check("stale: a shorter one, too", got["messages"] == 1 and site.totals() == 401, repr((got, err)))
    check("stale: a place for each", site.places() == 3)


def refusals():
    site = Site("refusals")
    good, escape = line(), b"\x1b]0;x\x07\x9b"
    rows = [("junk", b"junk\n"), ("blank", b" \n"), ("torn", good[:80].encode() + b"\n"), ("two in one", (good + good).encode() + b"\n"),
            ("array", b"[]\n"), ("NUL", b"\0" * 100 + b"\n"), ("terminal codes", escape + b"\n"),
            ("CR", good.encode() + b"\r\n"), ("no version", good.replace('"v":1,', "").encode() + b"\n"),
            ("another version", good.replace('"v":1', '"v":2').encode() + b"\n"),
            ("pass that is not aligned", line(result="pass", action="none").encode() + b"\n"),
            ("aligned, but failed", line(aligned="d").encode() + b"\n"),
            ("deferred", line(action="tempfail").encode() + b"\n"),
            ("author elsewhere", line(author="example.net").encode() + b"\n"),
            ("name with a tab", line(author="a\\u0009.example.com").encode() + b"\n"),
            ("no address", line(ip="").encode() + b"\n"),
            ("tomorrow", line(at=BEGIN + 3 * DAY).encode() + b"\n"), ("1970", line(at=5).encode() + b"\n"),
            ("negative", line(at=-5).encode() + b"\n"),
            ("oversized", b'{"v":1,"x":"' + b"a" * 5000 + b'"}\n'), ("oversized by one", b"{" + b" " * 4095 + b"\n"),
            ("over several blocks", b"a" * 300000 + b"\n"), ("exactly a block", b"a" * 65536 + b"\n")]
    for i, (name, data) in enumerate(rows):
        code, got, err = site_json_with(site, i, (good + "\n").encode() * 2 + data + (good + "\n").encode() * 3)
        check("refused: " + name, code == 1 and got["messages"] == 5 and got["refused"] == 1, repr((code, got, err)))
        check("refused: %s: it is said where and why" % name, "line 3, is left out: " in err and
              all(32 <= ord(c) < 127 or c == "\n" for c in err), repr(err))
    check("refused: totals", site.totals() == 5 * len(rows))
    path = site.write(b"".join(b"junk %d\n" % i for i in range(1000)), host="junk")
    code, out, err = site.run("--quiet", path)
    check("refused: the first few are shown", code == 1 and err.count("is left out") == 5 and "1000 lines left out" in err and
          out == "", err)
    site.write(b"junk\n" + (good + "\n").encode(), host="junk")
    code, got, err = site.json(path)
    check("refused: line numbers go on", got["refused"] == 1 and "line 1001," in err and got["messages"] == 1, repr((got, err)))
    code, out, err = site.run(site.evidence + "/missing")
    check("refused: no such file", code == 65 and "missing" in err, repr((code, err)))
    os.symlink(path, site.evidence + "/link.0.2026112200.ndjson")
    os.mkfifo(site.evidence + "/fifo.0.2026112200.ndjson")
    os.mkdir(site.evidence + "/directory.0.2026112200.ndjson")
    site.write(many(2), host="beside")
    code, got, err = site.json(now=BEGIN + OVER)
    check("refused: links, pipes and directories; the rest is read", code == 65 and got["messages"] == 2 and
          err.count("cannot read") == 3 and os.path.exists(path) is False, repr((code, got, err)))
    for arguments in (["--now", "soon"], ["--stor", "x"], ["--store"]):
        code, out, err = site.run(*arguments)
        check("refused: %s" % arguments, code == 64 and out == "" and len(err) > 10, repr((code, err)))
    code, out, err = site.run("--store", "mysql://h/d")
    check("refused: no such store", code == 78 and "postgresql://" in err, repr((code, err)))


def wrong_clock():
    """A host that begins with the clock of years ago loses nothing, and one that was ahead keeps nobody waiting."""
    site = Site("wrong-clock")
    path = site.write(many(20))
    site.write(many(5), name="noted.ndjson")
    code, got, err = site.json("--keep-files", now=BEGIN - 400 * DAY)
    check("clock: far behind", code == 1 and got["messages"] == 0 and got["ahead"] == 1 and got["refused"] == 5 and
          "is a clock wrong" in err and "1 file is left for later" in err, repr((code, got, err)))
    code, got, err = site.json(now=BEGIN + HOUR - DAY - 1)
    check("clock: more than a day", got["ahead"] == 1 and os.path.exists(path) and site.totals() == 0, repr((got, err)))
    code, got, err = site.json(now=BEGIN + HOUR - DAY)
    check("clock: a day", code == 0 and got["messages"] == 20 and got["ahead"] == 0, repr((code, got, err)))
    site.write([line(at=BEGIN + 400 * DAY)], name="mx9.0.2027122700.ndjson")
    code, got, err = site.json(now=BEGIN + OVER)
    check("clock: right again", code == 1 and got["removed"] == 1 and got["ahead"] == 1 and got["refused"] == 0 and
          site.totals() == 20, repr((code, got, err)))


def site_json_with(site, number, data):
    return site.json(site.write(data, host="bad%d" % number))


def unwritten():
    """Nobody writes evidence: no fault. A directory that is missing while somebody should: one."""
    site = Site("unwritten")
    os.rmdir(site.evidence)
    code, out, err = site.run("--quiet")
    check("unwritten: missing directory", code == 65 and site.evidence in err, repr((code, err)))
    with open(site.config) as f:
        text = f.read()
    with open(site.config, "w") as f:
        f.write(text.replace("evidence = yes", "evidence = no"))
    code, out, err = site.run("--quiet")
    check("unwritten: no evidence", (code, out, err) == (0, "", ""), repr((code, out, err)))
    code, out, err = site.run()
    check("unwritten: it is said", code == 0 and "evidence is no" in err, repr((code, err)))


def torn():
    """A line without its end waits, as long as somebody may write it."""
    site = Site("torn")
    whole = (line() + "\n").encode()
    path = site.write(whole * 2 + whole[:100])
    code, got, err = site.json()
    check("torn: it waits", code == 0 and got["messages"] == 2 and got["refused"] == 0, repr((got, err)))
    site.write(whole[100:] + whole[:50])
    code, got, err = site.json()
    check("torn: it is whole now", code == 0 and got["messages"] == 1 and site.totals() == 3, repr((got, err)))
    code, got, err = site.json(now=BEGIN + OVER)
    check("torn: nobody will end it", code == 1 and got["messages"] == 0 and got["refused"] == 1 and site.files() == [],
          repr((got, err)))
    path = site.write(whole[:-1], hour=1)
    code, got, err = site.json(now=BEGIN + 2 * HOUR)
    check("torn: no LF, it waits", got["messages"] == 0, repr(got))
    code, got, err = site.json(now=BEGIN + HOUR + OVER)
    check("torn: no LF, but all of it", code == 0 and got["messages"] == 1 and site.totals() == 4, repr((got, err)))
    site.write(b"x" * 70000, hour=2)
    code, got, err = site.json(now=BEGIN + 3 * HOUR)
    check("torn: an endless line waits", code == 0 and got["refused"] == 0, repr((got, err)))
    site.write(b"x" * 70000 + b"\n" + whole, hour=2)
    code, got, err = site.json(now=BEGIN + 3 * HOUR)
    check("torn: an endless line ends", code == 1 and got["refused"] == 1 and got["messages"] == 1, repr((got, err)))
    site.write(whole + b"\n" + whole[:40] + b"\n\n" + whole, hour=3)  # as a server does beside what a full disk left
    code, got, err = site.json(now=BEGIN + 4 * HOUR)
    check("torn: empty lines say nothing", code == 1 and got["messages"] == 2 and got["refused"] == 1 and "line 3," in err,
          repr((got, err)))
    site.write(b"", hour=4)
    code, got, err = site.json(now=BEGIN + 2 * DAY - HOUR)
    check("torn: empty files go", code == 0 and site.files() == [], repr((got, err, site.files())))


def late():
    """Messages for a day that has been settled: counted, and said."""
    site = Site("late")
    site.write(many(10))
    site.json()
    site.sql("UPDATE ledger_day SET settled_secs=%d" % (BEGIN + DAY))
    site.write(many(3) + [line(at=BEGIN + DAY)], hour=5)
    code, got, err = site.json(now=BEGIN + DAY + HOUR)
    check("late: they are told apart", code == 0 and got["late"] == 3 and got["messages"] == 4, repr((got, err)))
    site.write(many(1), hour=6)
    code, out, err = site.run("--quiet", now=BEGIN + DAY + HOUR)
    check("late: said even when quiet", code == 0 and "1 message came after the day had been reported" in err, err)
    check("late: kept", site.totals() == 15 and site.number("SELECT sum(late) FROM ledger_day") == 4)


def killed():
    """kill -9 at a random moment, twenty times; in the end each line counts once, and no file is left."""
    rng = random.Random(7)
    site = Site("killed")
    kinds, lines = 700, 0
    for hour in range(6):
        for host in range(4):
            count = 12000 + 500 * hour
            site.write(many(count, kinds if host else 50), hour=hour, host="mx%d" % host)
            lines += count
    kills = tries = 0
    while kills < 20 and tries < 400:
        tries += 1
        child = subprocess.Popen(site.command("--quiet", now=BEGIN + DAY), stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.002, 0.09))
        child.send_signal(signal.SIGKILL)
        if child.wait() != -signal.SIGKILL:
            # all was imported before the twentieth kill: more to read
            for host in range(4):
                site.write(many(20000, kinds), hour=7, host="mx%d" % host)
                lines += 20000
            continue
        kills += 1
    check("killed: twenty times", kills == 20, "%d of %d" % (kills, tries))
    site.db.settle()
    before = site.totals()
    code, got, err = site.json(now=BEGIN + DAY)
    check("killed: the rest", code == 0 and err == "" and before + got["messages"] == lines, repr((before, got, lines, err)))
    check("killed: totals", site.totals() == lines, "%d of %d" % (site.totals(), lines))
    check("killed: files are removed", site.files() == [], repr(site.files()))
    check("killed: the store is whole", site.db.whole())
    print("killed: %d lines, %d kills, %d messages were in the store before the last run, %d places left" %
          (lines, kills, before, site.places()))


def stopped_everywhere():
    """Stopped at each system call that changes something, one after the other."""
    if shutil.which("strace") is None:
        skip("stopped everywhere", "no strace")
        return
    site = Site("everywhere")
    lines = 0
    ended = {}
    for call in ("renameat", "unlinkat", "fsync", "pwrite64", "fdatasync", "pread64"):
        for nth in range(1, 60):
            if kind.name != "SQLite" and call in ("pwrite64", "fdatasync"):
                break
            site.write(many(20, at=BEGIN + lines), hour=nth % 6)
            lines += 20
            done = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                                   "inject=%s:signal=KILL:when=%d" % (call, nth), *site.command("--quiet", now=BEGIN + DAY)],
                                  capture_output=True, text=True)
            if done.returncode == 0:
                ended[call] = nth - 1
                break
            if nth % 7 == 0:
                site.run("--quiet", now=BEGIN + DAY)
    code, got, err = site.json(now=BEGIN + DAY)
    check("stopped everywhere: totals", code == 0 and site.totals() == lines, repr((site.totals(), lines, got, err)))
    check("stopped everywhere: files", site.files() == [], repr(site.files()))
    check("stopped everywhere: it was", ended.get("renameat", 0) >= 1 and ended.get("unlinkat", 0) >= 1, repr(ended))
    print("stopped everywhere: %s" % ended)


def together():
    """Importers at once on one store and directory, while files grow: nothing twice."""
    site = Site("together")
    lines = 0
    for hour in range(5):
        for host in range(3):
            site.write(many(30000, 300), hour=hour, host="mx%d" % host)
            lines += 30000
    # Each is made to sleep between its pieces, so that they take turns
    slow = ["strace", "-qq", "-o", "/dev/null", "-e", "trace=clock_nanosleep,openat", "-e",
            "inject=clock_nanosleep:delay_exit=120000", "-e", "inject=openat:delay_enter=5000"] if shutil.which("strace") else []
    importers = [subprocess.Popen(slow + site.command("--json", now=BEGIN + DAY), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                 for _ in range(3)]
    outs = [i.communicate(timeout=600) for i in importers]
    counts = [json.loads(out or b"{}") for out, _ in outs]
    check("together: all end well", all(i.returncode == 0 for i in importers) and all(err == b"" for _, err in outs), repr(outs))
    check("together: nothing twice", sum(c.get("messages", 0) for c in counts) == lines == site.totals(), repr((counts, lines)))
    check("together: in turns", not slow or sum(c.get("messages", 0) > 0 for c in counts) > 1, repr(counts))
    check("together: removed once", sum(c.get("removed", 0) for c in counts) == 15 and site.files() == [], repr(counts))
    print("together: %s messages each" % [c.get("messages", 0) for c in counts])


def apart():
    """Two hosts with directories of their own and one store, again and again at once; and one directory for both."""
    site = Site("apart")
    other = site.path + "/other"
    os.makedirs(other)
    if os.environ.get(stores.INSIDE):  # as on two hosts: the numbers of the files are the same, too
        for directory in (site.evidence, other):
            subprocess.run(["mount", "-t", "tmpfs", "none", directory], check=True)
    lines = taken = removed = 0
    numbers = {}
    for hour in range(ROUNDS):
        for i, directory in enumerate((site.evidence, other)):
            for host in ("mx1", "mx2"):  # names as those of the other, and the same kinds of mail
                count = 2000 + 100 * hour + i
                with open("%s/%s.0.20261122%02d.ndjson" % (directory, host, hour), "w") as f:
                    f.write("".join(l + "\n" for l in many(count, 300, at=BEGIN + 60 + i)))
                    numbers.setdefault(f.name[len(directory):], set()).add(os.fstat(f.fileno()).st_ino)
                lines += count
        shared = hour % 2 == 1
        paths = [[site.evidence, other]] * 2 if shared else [[site.evidence], [other]]
        for path in paths:  # the hour is not over yet: places are kept
            got = site.json(*path, now=BEGIN + hour * HOUR + 1800)[1]
            taken += got["messages"]
        check("apart %d: each line once, one after the other" % hour, taken == lines == site.totals(), repr((taken, lines)))
        importers = [subprocess.Popen(site.command("--json", *path, now=BEGIN + DAY), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                     for path in paths]
        outs = [i.communicate(timeout=600) for i in importers]
        check("apart %d: both end well" % hour, all(i.returncode == 0 for i in importers) and all(e == b"" for _, e in outs), repr(outs))
        counts = [json.loads(out or b"{}") for out, _ in outs]
        taken += sum(c.get("messages", 0) for c in counts)
        removed += sum(c.get("removed", 0) for c in counts)
        check("apart %d: each line once" % hour, taken == lines == site.totals(), repr((counts, lines)))
    check("apart: no file and no place is left", site.files() == [] == os.listdir(other) and removed == 4 * ROUNDS and
          site.places() == 0, repr((site.files(), os.listdir(other), removed, site.places())))
    if os.environ.get(stores.INSIDE):
        check("apart: the same numbers", any(len(inodes) == 1 for inodes in numbers.values()), repr(numbers))
        for directory in (site.evidence, other):
            subprocess.run(["umount", directory], check=True)
    print("%s: apart: %d rounds of two importers, %d messages" % (kind.name, ROUNDS, taken))


def first():
    """Several that find no tables yet."""
    for number in range(ROUNDS):
        site = Site("first-%d" % number)
        for host in range(4):
            site.write(many(500), host="mx%d" % host)
        importers = [subprocess.Popen(site.command("--quiet", now=BEGIN + DAY), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                     for _ in range(4)]
        outs = [i.communicate(timeout=600) for i in importers]
        check("first %d" % number, all(i.returncode == 0 for i in importers) and set(outs) == {(b"", b"")} and
              site.totals() == 2000 and site.files() == [], repr(outs))


def too_many():
    """More files than are taken at once: it says so, takes the rest next time, and is no success until then."""
    site = Site("too-many")
    for i in range(MAX_FILES):
        site.write(b"", host="h%d" % i)
    site.write([line()])
    with tempfile.TemporaryDirectory(dir="/dev/shm") as quick:  # each file is a transaction, with its fsync
        runs = [site.json("--store", quick + "/s.db", now=BEGIN + OVER) for _ in range(2)]
    check("too many: not all", runs[0][0] == 65 and "run it again" in runs[0][2], repr(runs))
    check("too many: the rest", runs[1][0] == 0 and runs[1][2] == "" and site.files() == [] and
          sum(got["messages"] for _, got, _ in runs) == 1, repr(runs))


def growing():
    """A file that grows while it is read, in pieces that are no lines."""
    site = Site("growing")
    data = "".join(l + "\n" for l in many(40000, 200)).encode()
    written = threading.Event()

    def grow():
        path = site.write(b"")
        with open(path, "ab", buffering=0) as f:
            for at in range(0, len(data), 7001):
                f.write(data[at:at + 7001])
                time.sleep(0.001)
        written.set()

    writer = threading.Thread(target=grow)
    writer.start()
    rounds = counted = 0
    while not written.is_set():
        code, got, err = site.json()
        counted += got["messages"]
        rounds += 1
        if code != 0:
            check("growing: well", False, repr((code, err)))
            break
    writer.join()
    code, got, err = site.json(now=BEGIN + OVER)
    check("growing: each line once", counted + got["messages"] == 40000 == site.totals(), repr((counted, got, err)))
    print("growing: %d importers beside the writer, %d messages before its end" % (rounds, counted))


def full_disk():
    """No room for the store: said, nothing lost, nothing twice."""
    if os.getuid() != 0:
        skip("full disk", "needs root")
        return
    site = Site("full")
    lines = 0
    for host in range(3):
        lines += len(data := [line(BEGIN + i % 600, "10.%d.%d.%d" % (host, i >> 8 & 255, i & 255)) for i in range(20000)])
        site.write(data, host="mx%d" % host)
    small = site.path + "/small"
    os.mkdir(small)
    script = ("mount -t tmpfs -o size=2m none %s && cd / && (%s; echo code $?; ls %s | wc -l; mount -o remount,size=64m %s; %s; "
              "echo code $?; cat %s/s.db > %s)" %
              (small, " ".join(site.command("--store", small + "/s.db", now=BEGIN + OVER)), site.evidence, small,
               " ".join(site.command("--quiet", "--store", small + "/s.db", now=BEGIN + OVER)), small, site.store))
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True)
    out = done.stdout.splitlines()
    check("full disk: it is said", "code 65" in out and "nothing is lost" in done.stderr and "disk is full" in done.stderr,
          repr((done.stdout, done.stderr)))
    check("full disk: files stay", int(out[-2]) > 0, repr(out))
    check("full disk: in the end each line once", out[-1] == "code 0" and site.totals() == lines and site.files() == [],
          repr((out, done.stderr, lines, site.files())))
    check("full disk: the store is whole", site.db.whole())


def measured(command):
    """Its output and the most KiB that were resident; by a process between that is small, since a child begins with what
    its parent had (10 MB)."""
    done = subprocess.run([sys.executable, "-c", "import resource, subprocess, sys\n"
                           "code = subprocess.call(sys.argv[1:], close_fds=False)\n"
                           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)", *command], capture_output=True, text=True)
    out, resident = done.stdout.rstrip("\n").rsplit("\n", 1)
    return out, int(resident)


def memory():
    """The most that is resident, at any size, and with as many rows as lines."""
    site = Site("memory")
    random_rows = [line(BEGIN + i % 600, "10.%d.%d.%d" % (i >> 16, i >> 8 & 255, i & 255),
                        more='"note":"number %d",' % i) for i in range(200000)]
    for name, data, refused in (("200,000 rows", random_rows, 0), ("few rows", many(300000), 0),
                                ("one endless line", b"a" * (100 << 20) + b"\n", 1),
                                ("5,000 domains", [line(policy="d%d.example" % (i % 5000), author="d%d.example" % (i % 5000))
                                                   for i in range(50000)], 0)):
        path = site.write(data, host=name.split()[0].replace(",", ""))
        out, resident = measured(site.command("--json", path, now=BEGIN + OVER))
        got = json.loads(out)
        check("memory: " + name, got["refused"] == refused and got["messages"] == (0 if refused else len(data)), repr(got))
        check("memory: %s in 20 MiB" % name, resident <= MAX_RESIDENT_KIB, "%d KiB" % resident)
        print("memory: %s: %d KiB" % (name, resident))
    for i in range(1000):
        site.write([line()], host="h%d" % i)
    out, resident = measured(site.command("--json", now=BEGIN + OVER))
    check("memory: 1,000 files", json.loads(out)["removed"] == 1000 and resident <= MAX_RESIDENT_KIB, "%d KiB" % resident)
    print("memory: 1,000 files: %d KiB" % resident)


def terminal():
    """Progress where somebody looks, and only there."""
    site = Site("terminal")
    site.write(many(50000))
    out = subprocess.run(["script", "-qec", " ".join(site.command()), "/dev/null"], capture_output=True).stdout.decode()
    check("terminal: progress", "\r0 of 1 files, " in out and "50000 messages from 1 file" in out and
          out.index("\x1b[K") < out.index("50000 messages from"), repr(out))


SQLITE_ONLY = (full_disk, too_many, memory, terminal)  # a server's disk and memory are its own

stores.enter(COMMAND, sys.argv)
folder = tempfile.mkdtemp(prefix="mv-import-")
try:
    with stores.opened(folder) as (kinds, reason):
        for kind in kinds:
            for test in (totals, removal, renamed, stale, refusals, wrong_clock, unwritten, torn, late, killed, stopped_everywhere, together,
                         apart, first, growing, *(SQLITE_ONLY if kind is kinds[0] else ())):
                if len(sys.argv) < 3 or test.__name__ in sys.argv[2:]:
                    started = time.monotonic()
                    test()
                    kind.forget()
                    print("%s: %s: %.1f s" % (kind.name, test.__name__, time.monotonic() - started))
        if reason is not None:
            skip("evidence into PostgreSQL", reason)
finally:
    shutil.rmtree(folder)
sys.exit(checks.end())
