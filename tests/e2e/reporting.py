"""Evidence for reports: one line for each message that Exim has judged, whatever it says to the client, and nothing else."""
import os

import evidence
import mail
import servers
from situations import OBSERVE, story
from world import Failed

CONFIG = servers.DEFAULT_CONFIG + evidence.SETTINGS
PANIC = "/var/log/exim4/paniclog"


def send(world, client, raw, expect, mail_from="alice@reject.example"):
    client.envelope(mail_from, ["bob@rcpt.example"])
    world.expect(client.data(raw), expect, "reply")


def expect_line(line, **parts):
    for key, value in parts.items():
        if line.get(key) != value:
            raise Failed("%s is not %r in %s" % (key, value, line))


def log_of_panic():
    return os.path.getsize(PANIC) if os.path.exists(PANIC) else 0


@story()
def evidence_of_what_was_judged(world):
    """Nobody's address, no subject, and nothing of one's own mail or of domains that publish nothing."""
    evidence.empty()
    world.set_config(CONFIG)
    with world.connect() as client:
        send(world, client, world.genuine(), r"^250 ")
        send(world, client, mail.message("Eve <eve@nothing.example>"), r"^250 ")
    with world.connect(mail.STRANGER, "evil.example") as client:
        send(world, client, mail.message("Alice <alice@reject.example>"), r"^550 5\.7\.1 ", "eve@evil.example")
        send(world, client, mail.message("Alice <alice@none.example>"), r"^250 ", "")
    with world.connect("10.9.0.1") as client:
        send(world, client, mail.message("Alice <alice@reject.example>"), r"^250 ")
    found = evidence.lines()
    if len(found) != 3:
        raise Failed(found)
    expect_line(found[0], v=1, ip=mail.SENDER, at="reject.example", pub="reject", dmarc="pass", act="none", al="ds",
                spf=["pass", "mfrom", "reject.example"])
    expect_line(found[0], dkim=[["pass", "reject.example", found[0]["dkim"][0][2], "s"]])
    expect_line(found[1], ip=mail.STRANGER, pub="reject", dmarc="fail", act="reject", al="", why=None)
    expect_line(found[2], pub="none", dmarc="fail", act="none", spf=["none", "helo", "evil.example"], dkim=None)
    for text in evidence.texts().values():
        world.expect_not(text, r"alice|bob|@(?!reject\.example|none\.example)|Test", "evidence")


@story()
def no_evidence_unless_it_is_wanted(world):
    evidence.empty()
    with world.connect() as client:
        send(world, client, world.genuine(), r"^250 ")
    if evidence.texts():
        raise Failed(evidence.texts())


@story()
def evidence_on_a_full_disk(world):
    """Mail goes on; the log says so once in a process, and not where Debian's cron job would mail it."""
    world.set_config(CONFIG)
    panic = log_of_panic()
    with evidence.Full() as disk:
        tokens = world.token(), world.token()
        with world.connect() as client:
            for token in tokens:
                send(world, client, world.genuine(token), r"^250 ")
            for token in tokens:
                world.expect_delivered(token)
            world.expect_log(r"mailvouch: mail goes on without evidence for reports: .*No space left on device")
            disk.free()
            send(world, client, world.genuine(), r"^250 ")
        if len(evidence.lines()) != 1:
            raise Failed(evidence.texts())
    count = world.log.text().count("mail goes on without")
    if count != 1 or log_of_panic() != panic:
        raise Failed("it is logged %d times" % count)


@story()
def evidence_without_a_directory(world):
    evidence.empty()
    os.rmdir(evidence.DIRECTORY)
    world.set_config(CONFIG)
    with world.connect() as client:
        send(world, client, world.genuine(), r"^250 ")
    world.expect_log(r"mailvouch: mail goes on without evidence for reports: .*there is no such directory")


@story(setup=OBSERVE)
def evidence_of_what_was_only_looked_at(world):
    """RFC 9990: what was done, and why it is less than what was asked for."""
    evidence.empty()
    world.set_config(CONFIG)
    with world.connect(mail.STRANGER, "evil.example") as client:
        send(world, client, mail.message("Alice <alice@reject.example>"), r"^250 ", "eve@evil.example")
    line, = evidence.lines()
    expect_line(line, dmarc="fail", pub="reject", act="none", why="local_policy")
