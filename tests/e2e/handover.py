"""The hand-over: what Exim adds is what a mailbox server believes, after a real delivery, and nothing else is."""
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import Callable

import mail
import servers
from situations import ALL, BOTH, MANUAL, REWRITE, SPLIT, UNSPLIT, Setup, story
from world import Failed

KEYS = "/etc/mailvouch/handover.keys"
CONFIG = servers.DEFAULT_CONFIG + "handover_keys = %s\n" % KEYS
FIELD = r"^Mailvouch-Result: v=1; "


def command(*args, want=0):
    done = subprocess.run(["mailvouch", "handover-key", *args], capture_output=True, text=True)
    if done.returncode != want:
        raise Failed("handover-key %s: exit %d\n%s%s" % (" ".join(args), done.returncode, done.stdout, done.stderr))
    return done.stdout


def readable_for_exim(mode=0o640):
    shutil.chown(KEYS, "root", "Debian-exim")
    os.chmod(KEYS, mode)


def begin(world):
    world.set_config(CONFIG)
    if os.path.exists(KEYS):
        os.unlink(KEYS)
    command("new", "--config", servers.CONFIG)
    readable_for_exim()


def send(world, raw, client=None, mail_from="alice@reject.example", bdat=0, options=""):
    client.envelope(mail_from, ["bob@rcpt.example"], options)
    world.expect(client.bdat(raw, bdat) if bdat else client.data(raw), r"^250 ", "reply")


def judge(world, token, want="valid", exit_code=0):
    """The message in the mailbox, as the command of a postmaster sees it."""
    world.expect_delivered(token, FIELD)
    data = world.dovecot.find(token).encode("utf-8", "surrogateescape")
    if data.count(b"\nMailvouch-Result:") != 1:
        raise Failed("not one field of ours:\n" + data.decode("latin-1"))
    path = servers.E2E + "/handover.eml"
    with open(path, "wb") as f:
        f.write(data)
    said = command("check", "--config", servers.CONFIG, path, want=exit_code)
    world.expect(said, "^" + want, "handover-key check")
    return said, data


@dataclass
class Shape:
    """One message that arrives with a hand-over which holds."""
    name: str
    raw: Callable  # (world, token) -> the message
    said: str = r"^disposition=none dmarc=pass "
    client: str = mail.SENDER
    mail_from: str = "alice@reject.example"
    bdat: int = 0
    options: str = ""
    want: str = "valid"
    doors: tuple = BOTH
    setup: Setup = UNSPLIT

    def run(self, world):
        begin(world)
        token = world.token()
        with world.connect(self.client) as client:
            send(world, self.raw(world, token), client, self.mail_from, self.bdat, self.options)
        said, _ = judge(world, token, self.want, 0 if self.want == "valid" else 1)
        if self.want == "valid":
            world.expect(said, self.said, "handover-key check")


def genuine(**parts):
    return lambda world, token: world.genuine(token, **parts)


def simple(world, token):
    raw = mail.message("Alice <alice@reject.example>", token=token, body=b"two  spaces \r\n\r\n.dot\r\n\r\n\r\n")
    return mail.sign(raw, "reject.example", world.key, canon=(b"simple", b"simple"))


FORGED = [("Mailvouch-Result", "v=1; t=1; k=x; h=x"), ("mailvouch-result", "y"),
          ("Authentication-Results", "mx.rcpt.example; dmarc=pass header.from=bank.example")]

ALL.extend([
    Shape("handed over", genuine()),
    Shape("handed over, as the manual's ACLs do it", genuine(), setup=MANUAL, doors=("dlfunc",)),
    Shape("handed over, preloaded in the daemon", genuine(), setup=SPLIT),
    Shape("handed over, forged ones are gone", genuine(extra=FORGED)),
    Shape("handed over, a simple signature", simple),
    Shape("handed over, no signature", lambda world, token: mail.message(token=token)),
    Shape("handed over, nothing in the body", genuine(body=b"")),
    Shape("handed over, empty lines at the end", genuine(body=b"x\r\n\r\n\r\n\r\n")),
    Shape("handed over, dots and long lines", genuine(body=b".\r\n..\r\n" + b"x" * 900 + b" \t \r\n.x\r\n")),
    Shape("handed over, folded fields", genuine(subject="a long\r\n subject\r\n\tin three lines")),
    Shape("handed over, 8 bit", genuine(body="für Bob, größer\r\n".encode()), options=" BODY=8BITMIME"),
    Shape("handed over, in chunks", genuine(body=b"chunk after chunk\r\n" * 2000), bdat=1000),
    Shape("handed over, in chunks, no line end at the end", genuine(body=b"x\r\ny"), bdat=100),
    Shape("handed over, a bare LF in the body", genuine(body=b"x\ny\r\n")),
    Shape("handed over, Exim rewrites From", genuine(), want="wrong", setup=REWRITE),
    Shape("handed over, quarantined", lambda world, token: mail.message(
        "Alice <alice@quarantine.example>", token=token), said=r"^disposition=quarantine dmarc=fail policy=quarantine ",
          client=mail.STRANGER, mail_from="x@none.example"),
])


@story()
def hand_over_changes_keys_without_a_restart(world):
    """On one connection: one process sees each step."""
    begin(world)
    ids = []
    with world.connect() as client:
        for step in ((), ("add",), ("use",)):
            for verb in step:
                command(verb, "--config", servers.CONFIG)
                readable_for_exim()
            token = world.token()
            send(world, world.genuine(token), client)
            said, data = judge(world, token)
            ids.append(said.split("with key ")[1].split()[0])
    if ids[0] != ids[1] or ids[1] == ids[2]:
        raise Failed("keys: %s" % ids)


@story()
def hand_over_keys_are_not_in_order(world):
    """Mail goes on without the field, the log says why, once for a process, and it is repaired without a restart."""
    begin(world)
    readable_for_exim(0o644)
    tokens = [world.token() for _ in range(3)]
    with world.connect() as client:
        for token in tokens[:2]:
            send(world, world.genuine(token), client)
            world.expect_delivered(token, r"^Authentication-Results: mx\.rcpt\.example; .*dmarc=pass",
                                   absent=("^Mailvouch-Result",))
        world.expect_log(r"mailvouch: mail goes on without a Mailvouch-Result field: " + KEYS +
                         ": everybody may read this secret")
        if world.log.text().count("without a Mailvouch-Result field") != 1:
            raise Failed("not once:\n" + world.log.text())
        readable_for_exim()
        send(world, world.genuine(tokens[2]), client)
        judge(world, tokens[2])


@story()
def hand_over_needs_a_file(world):
    begin(world)
    os.unlink(KEYS)
    token = world.token()
    with world.connect() as client:
        send(world, world.genuine(token), client)
    world.expect_delivered(token, r"^Authentication-Results: mx\.rcpt\.example; ", absent=("^Mailvouch-",))
    world.expect_not(world.log.text(), "Mailvouch-Result", "log")


@story()
def hand_over_of_another_message(world):
    """Both fields of one message, put on another behind the border."""
    begin(world)
    token = world.token()
    with world.connect() as client:
        send(world, world.genuine(token), client)
    _, data = judge(world, token)
    for old, new, want in ((b"Hello Bob", b"Hello Rob", "wrong"), (b"\nSubject: Test", b"\nSubject: Pay", "wrong"),
                           (b"\nSubject:", b"\nFrom: Bank <b@bank.example>\nSubject:", "wrong"),
                           (b"dmarc=pass", b"dmarc=fail", "wrong"), (b"\nMailvouch-Result:", b"\nX-Result:", "absent")):
        path = servers.E2E + "/handover.eml"
        if old not in data:
            raise Failed("no %r in %r" % (old, data))
        with open(path, "wb") as f:
            f.write(data.replace(old, new, 1))
        world.expect(command("check", "--config", servers.CONFIG, path, want=1), "^" + want, repr(new))
