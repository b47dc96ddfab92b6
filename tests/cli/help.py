#!/usr/bin/python3
"""Help on every level, what a typo gets, and the completion of bash, which knows what the help knows.

usage: tests/cli/help.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"
"""
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checks  # noqa: E402
from checks import check  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1])
TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
COMPLETION = TOP + "/conf/bash/mailvouch"


def run(*args):
    done = subprocess.run([COMMAND, *args], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def subcommands(text, path):
    """Those that the help of a level lists."""
    text = text.replace(", mailvouch ", "\n  mailvouch ")
    return sorted(set(re.findall(r"^  mailvouch %s([a-z][a-z-]*)" % "".join(word + " " for word in path), text, re.M)))


def options(text):
    return sorted(re.findall(r"^  (--[a-z0-9-]+)", text, re.M))


def complete(*words):
    """What bash would offer for the last word."""
    script = "source %s; COMP_WORDS=(%s); COMP_CWORD=%d; _mailvouch; printf '%%s\\n' \"${COMPREPLY[@]}\"" % (
        shlex.quote(COMPLETION), " ".join(shlex.quote(word) for word in (COMMAND, *words)), len(words))
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    check("bash says nothing of " + " ".join(words), done.stderr == "", done.stderr)
    return sorted(word for word in done.stdout.split("\n") if word)


def walk(path):
    """Each level: its help, the same by "help", its typos, its completion."""
    code, out, err = run(*path, "--help")
    name = " ".join(path) or "mailvouch"
    check(name + " --help", code == 0 and err == "" and out.startswith("usage:"), repr((code, out[:80], err)))
    check("help " + name, run("help", *path)[:2] == (0, out))
    known = subcommands(out, path)
    if known:
        check("completion of " + name, complete(*path, "") == known, str((complete(*path, ""), known)))
        check("completion of help " + name, complete("help", *path, "") == known)
        code, out, err = run(*path, known[0] + "x")
        check(name + ": a typo", code == 64 and out == "" and err.count("\n") == 1 and "did you mean" in err, err)
        code, out, err = run(*path, "qqqqqq")
        check(name + ": no such command", code == 64 and out == "" and err.count("\n") == 1 and known[0] in err, err)
        code, out, err = run(*path)
        check(name + ": nothing", code == 64 and out == "" and err.count("\n") == 1, err)
        return [leaf for word in known if path or word not in ("help", "version") for leaf in walk(path + (word,))]
    return [path]


def leaf(path):
    code, out, err = run(*path, "--help")
    name = " ".join(path)
    check(name + ": usage of itself", out.startswith("usage: mailvouch " + name), out[:80])
    check(name + ": a sentence", re.match(r"[A-Z].*[.?]$", out.split("\n")[1]), out.split("\n")[1])
    check(name + ": lines for a screen", all(len(line) <= 100 for line in out.split("\n")), out)
    known = options(out)
    check(name + ": --config", "--config" in known, out)
    offered = complete(*path, "--")
    check("completion of " + name, offered == sorted(known + ["--help"]), str((offered, known)))
    for option in known:
        check("completion of %s %s" % (name, option[:-1]), option in complete(*path, option[:-1]))
    check("completion of an operand of " + name, complete(*path, "") == [])
    check("completion of a file of " + name, complete(*path, "--config", "") == [])
    code, out, err = run(*path, "--confg", "x")
    check(name + ": a typo", code == 64 and out == "" and err.endswith("did you mean --config?\n") and err.count("\n") == 1, err)
    code, out, err = run(*path, "--qqqqqq")
    check(name + ": no such option", code == 64 and out == "" and err.endswith("see 'mailvouch %s --help'\n" % name), err)
    code, out, err = run(*path, "--config")
    check(name + ": no value", code == 64 and "a value is missing after '--config'" in err, err)
    return known


leaves = walk(())
check("all commands are there", len(leaves) > 20, str(leaves))
options_of_all = set()
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for path in leaves:
        options_of_all.update(leaf(path))
    check("nothing was made", os.listdir(folder) == [])
sources = "".join(open(path, encoding="utf-8").read() for path in glob.glob(TOP + "/cli/**/*.c", recursive=True))
for option in sorted(set(re.findall(r'\{"([\w-]+)", MV_ARG_', sources))):
    check("--%s of the source is in a help" % option, "--" + option in options_of_all)
for row in sorted(set(re.findall(r'^        \{"([\w-]+)", \w+, "', sources, re.M))):
    check("command '%s' of the source is in a help" % row, any(row in path for path in leaves))
check("no arguments", run()[0] == 64 and run()[2].count("\n") == 1)
check("help of nothing known", run("help", "verfy")[0] == 64 and "did you mean 'verify'" in run("help", "verfy")[2])
check("a stranger's word is escaped", "\033" not in run("\033[31m")[2] + run("spf", "\033[31m")[2] + run("verify", "--\033[31m")[2])
sys.exit(checks.end())
