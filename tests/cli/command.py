"""The command under test, for the files beside this one: its path is the first argument.

    run("spf", "lint", ...)                  exit code, output, what it says on stderr
    gives("name", 64, "spf", "lint", ...)    the exit code, and what is said of it
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from checks import check  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1])
LOOKUP_FAILED = 69  # has a result all the same
FINDING = {"id", "severity", "section", "subject", "detail", "meaning", "record"}


def entry(name, kind, *data, rcode="NOERROR"):
    """An answer of DNS, as it stands in a capture file."""
    return {"name": name, "type": kind, "rcode": rcode, "ttl": 300, "data": list(data)}


def capture(answers):
    return {"schema": 1, "default": "NXDOMAIN", "answers": answers}


def run(*args, stdin=b"", env=None, user=None):
    done = subprocess.run([COMMAND, *args], input=stdin, capture_output=True, env=dict(os.environ, NO_COLOR="1", **(env or {})),
                          user=user, timeout=60)
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def gives(name, want, *args, says=(), lacks=(), stdin=b""):
    """The exit code; for usage and input errors one line on stderr and nothing on stdout."""
    code, out, err = run(*args, stdin=stdin)
    check(name, code == want, "exit %d, expected %d: %s%s" % (code, want, out, err))
    if want >= 64 and want != LOOKUP_FAILED:
        check(name + ": one line on stderr", err.count("\n") == 1 and out == "", repr((out, err)))
    for text in says:
        check(name + ": says " + text, text in out + err, repr(out + err))
    for text in lacks:
        check(name + ": does not say " + repr(text), text not in out + err, repr(out + err))
    return out


def ids(*args):
    """The exit code, the ids of the findings, and all that --json has."""
    code, out, err = run(*args, "--json")
    data = json.loads(out)
    check("schema of " + " ".join(args), data["schema"] == 1 and err == "", err)
    for finding in data["findings"]:
        check("a finding is whole", set(finding) == FINDING, finding)
    return code, [finding["id"] for finding in data["findings"]], data
