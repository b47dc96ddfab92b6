#!/usr/bin/python3
"""Lets python3-dkim judge what our signer makes.

usage: dkim_sign_suite.py PATH-OF-MAILVOUCH

tests/unit/test_dkim_sign, in the build directory of the command, signs messages of every shape by an RSA and an
Ed25519 key in every pair of canonicalisations and leaves them in a directory; both signatures of each must verify
here too.  Then each message is changed in a way that must break them, so that a judge that accepts everything is seen.
Prints what does not hold and "N of M".  Exits 0 when all holds, 1 when not, 77 (skipped) when python3-dkim is missing.
"""
import os
import subprocess
import sys
import tempfile

try:
    import dkim
except ImportError:
    print("skipped: python3-dkim is missing")
    sys.exit(77)

PROGRAM = "tests/unit/test_dkim_sign"
SIGNATURES = 2


class Clock:
    """The time at which the test signs: x= is judged by it."""
    @staticmethod
    def time():
        return 1700000000


dkim.time = Clock


def sign_all(build, directory):
    subprocess.run(["make", "-C", build, PROGRAM], check=True, stdout=subprocess.DEVNULL)
    environment = dict(os.environ, MAILVOUCH_SIGNED_DIR=directory)
    subprocess.run([os.path.join(build, PROGRAM)], check=True, env=environment, stdout=subprocess.DEVNULL)


def read(directory, name):
    with open(os.path.join(directory, name), "rb") as file:
        return file.read()


def as_sent(message):
    """SMTP's DATA ends every line (RFC 5321 4.1.1.4): a last one without CRLF does not arrive as such."""
    return message if message.endswith(b"\r\n") else message + b"\r\n"


def verdicts(directory, message):
    """What each of our signatures comes to; why it was not accepted, or None."""
    def ask(name, timeout=5):
        try:
            return read(directory, name.decode().rstrip("."))
        except FileNotFoundError:
            return None

    for index in range(SIGNATURES):
        try:
            yield None if dkim.DKIM(message).verify(idx=index, dnsfunc=ask) else "does not verify"
        except dkim.DKIMException as problem:
            yield repr(problem)


def spoil(message):
    """Another From field: the signatures name one more than there was."""
    return b"From: eve@example.org\r\n" + message


def judge(directory, name):
    message = as_sent(read(directory, name))
    for number, problem in enumerate(verdicts(directory, message)):
        if problem is not None:
            yield "%s: signature %d: %s" % (name, number, problem)
    for number, problem in enumerate(verdicts(directory, spoil(message))):
        if problem is None:
            yield "%s: signature %d verifies with a second From field" % (name, number)


def main():
    with tempfile.TemporaryDirectory() as directory:
        sign_all(os.path.dirname(os.path.abspath(sys.argv[1])), directory)
        names = sorted(name for name in os.listdir(directory) if name.endswith(".eml"))
        bad = 0
        for name in names:
            problems = list(judge(directory, name))
            bad += len(problems) > 0
            for problem in problems:
                print(problem)
        print("%d of %d" % (len(names) - bad, len(names)))
        return 0 if bad == 0 and len(names) >= 4 * 25 else 1


sys.exit(main())
