#!/usr/bin/python3
"""Evidence written by many processes at once, by processes that are killed, and on a disk that is full.

usage: tests/report/evidence.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"

The processes are tests/report/append_evidence of the same build.  What it says is written must be there, whole and once;
nothing else may be there but the lines that a full disk has torn.
"""
import glob
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time


sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checks  # noqa: E402
from checks import check, skip  # noqa: E402

BUILD = os.path.dirname(os.path.abspath(sys.argv[1]))
WRITER = os.path.join(BUILD, "tests", "report", "append_evidence")
NAME = re.compile(r"mx\.example\.org\.%d\.\d{10}\.ndjson" % os.geteuid())


def start(directory, label, count):
    return subprocess.Popen([WRITER, directory, label, str(count)], stdout=subprocess.PIPE, text=True)


def said(processes):
    """{Author Domain} of the lines that they say are written."""
    names = set()
    for label, process in processes.items():
        names |= {"%s.%s.example.com" % (number, label) for number in process.communicate(timeout=300)[0].split()}
    return names


def found(directory):
    """([Author Domain] of whole lines, [torn line])"""
    whole, torn = [], []
    for path in glob.glob(directory + "/*.ndjson"):
        if not NAME.fullmatch(os.path.basename(path)):
            raise AssertionError(path)
        with open(path, encoding="ascii") as f:
            for line in f.read().split("\n"):
                try:
                    whole += [json.loads(line)["from"]] if line else []
                except ValueError:
                    torn.append(line)
    return whole, torn


def check_all(name, directory, names, torn_at_most=0):
    whole, torn = found(directory)
    check(name + ": no line is lost", names <= set(whole), sorted(names - set(whole))[:5])
    check(name + ": none is there twice", len(whole) == len(set(whole)), len(whole) - len(set(whole)))
    check(name + ": none is torn", len(torn) <= torn_at_most, torn[:3])
    return set(whole), torn


def at_once(directory):
    processes = {"p%d" % n: start(directory, "p%d" % n, 500) for n in range(32)}
    names = said(processes)
    check("32 processes: all are written", len(names) == 32 * 500, len(names))
    whole, _ = check_all("32 processes", directory, names)
    check("32 processes: nothing else is there", whole == names, whole - names)


def killed(directory):
    """With kill -9, while others write: a line that is torn takes no other with it."""
    others = {"o%d" % n: start(directory, "o%d" % n, 3000) for n in range(2)}
    dead = {}
    for n in range(20):
        dead["k%d" % n] = start(directory, "k%d" % n, 0)
        time.sleep(random.random() / 50)
        dead["k%d" % n].kill()
    names = said(others) | said(dead)
    whole, _ = check_all("killed", directory, names, torn_at_most=20)
    check("killed: at most one line of each that it did not tell of", len(whole - names) <= 20, sorted(whole - names))
    check("killed: amid its work", any(name.split(".")[1][0] == "k" for name in names), len(names))


def full(directory):
    """A disk that is full, then is not, then is again."""
    if os.geteuid() != 0:
        skip("full disk", "it takes root to mount one")
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs", directory], check=True)
    try:
        with open(directory + "/filler", "wb") as f:
            f.write(b"x" * 24576)
        names, errors = set(), 0
        for phase in range(2):
            processes = {"f%d-%d" % (phase, n): start(directory, "f%d-%d" % (phase, n), 50) for n in range(8)}
            told = said(processes)
            errors += 8 * 50 - len(told)
            names |= told
            check("full disk: some are written", 0 < len(told) < 8 * 50, len(told))
            if phase == 0:
                os.unlink(directory + "/filler")
        whole, torn = check_all("full disk", directory, names, torn_at_most=errors)
        check("full disk: nothing but what was told is whole", whole == names, whole - names)
        check("full disk: a torn line was ended", len(torn) > 0, torn)
    finally:
        subprocess.run(["umount", directory], check=True)


folder = tempfile.mkdtemp(prefix="mv-evidence-")
try:
    built = subprocess.run(["make", "-C", BUILD, "tests/report/append_evidence"], capture_output=True, text=True, timeout=600)
    check("append_evidence is built", built.returncode == 0 and os.path.exists(WRITER), built.stderr[-500:])
    for test in (at_once, killed, full):
        place = os.path.join(folder, test.__name__)
        os.mkdir(place)
        test(place)
finally:
    shutil.rmtree(folder)
sys.exit(checks.end())
