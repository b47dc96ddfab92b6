"""Evidence for reports: what Dovecot writes down of mail that it judges, and of failures."""
import os

import evidence
import mail
from situations import FAIL, OURS, PASS, PHISHING, handed_over, situation
from world import CONFIG, Failed


@situation()
def evidence_of_what_is_judged_here(world):
    """One line for a message, whoever gets it; none where nobody knows the client."""
    evidence.empty()
    world.set_config(CONFIG + evidence.SETTINGS)
    world.send(world.signed(), ["bob", "carol"])
    world.send(world.forged())
    world.expect_message({FAIL, PHISHING}, name="Junk")
    passed, failed = evidence.lines()
    if (passed["ip"], passed["dmarc"], passed["act"], passed["al"]) != (mail.SENDER, "pass", "none", "ds"):
        raise Failed(passed)
    if (failed["ip"], failed["dmarc"], failed["pub"], failed["act"], failed["why"]) != \
            (mail.STRANGER, "fail", "reject", "quarantine", "local_policy"):
        raise Failed(failed)
    world.set_config(CONFIG.replace("received_by = mx.rcpt.example\n", "") + evidence.SETTINGS)
    world.send(world.forged())
    if len(evidence.lines()) != 2:
        raise Failed(evidence.lines())
    world.expect_not(world.dovecot.log(), r"no evidence", "Dovecot's log")


@situation()
def evidence_of_what_was_handed_over_is_the_borders(world):
    evidence.empty()
    world.set_config(CONFIG + evidence.SETTINGS)
    raw = handed_over(world)
    before = evidence.texts()
    if len(evidence.lines()) != 1:
        raise Failed(before)
    world.send(raw)
    world.expect_log(r"handover=valid")
    if evidence.texts() != before:
        raise Failed(evidence.texts())


@situation()
def evidence_of_failures(world):
    """RFC 9991: one line for each message whose owner asks for a report, where it is switched on."""
    evidence.empty()
    evidence.make_key()
    good = world.signed("Alice <alice@asks.example>", domain="asks.example")
    for settings, count in ((evidence.FAILURES, 1), (evidence.SETTINGS, 0)):
        world.set_config(CONFIG + settings)
        world.send(good, mail_from="alice@asks.example")
        world.send(good.replace(b"this is a test", b"this was a test"), mail_from="alice@asks.example")
        if len(evidence.failures()) != count or len(evidence.lines()) != 2:
            raise Failed((evidence.failures(), evidence.lines()))
        if count:
            line, = evidence.failures()
            if (line["ip"], line["want"], line["dkim"][:2]) != (mail.SENDER, ["dmarc", "dkim"], ["bodyhash", "asks.example"]):
                raise Failed(line)
            counts, reports = evidence.told()
            if (counts["messages"], counts["failures"], counts["refused"]) != (2, 1, 0):
                raise Failed(counts)
            if reports != [("asks.example", kind, "dkim", mail.SENDER, "1") for kind in ("bodyhash", "dmarc")]:
                raise Failed(reports)
        elif evidence.texts("failures"):
            raise Failed("a file of failures where they are switched off")
        evidence.empty()
    os.unlink(evidence.KEY)


@situation()
def evidence_that_the_user_may_not_write(world):
    """dovecot-lda has the rights of who runs it: mail is tagged and delivered, and the log says what is missing."""
    evidence.empty()
    world.set_config(CONFIG + evidence.SETTINGS)
    if world.dovecot.lda(world.signed().replace(b"\r\n", b"\n")) != 0:
        raise Failed("dovecot-lda: " + world.dovecot.log())
    world.expect_message({PASS}, OURS)
    world.expect_log(r"dmarc=pass.*: no evidence for reports: .*user mail may not make files in it: .*adduser")
    if evidence.texts():
        raise Failed(evidence.texts())


@situation()
def evidence_on_a_full_disk(world):
    world.set_config(CONFIG + evidence.SETTINGS)
    with evidence.Full() as disk:
        world.send(world.signed())
        world.expect_message({PASS}, OURS)
        world.expect_log(r"no evidence for reports: .*No space left on device")
        disk.free()
        world.send(world.forged())
        if len(evidence.lines()) != 1:
            raise Failed(evidence.texts())
