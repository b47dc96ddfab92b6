"""The situations: what is delivered, and what its owner must find."""
import glob
import os
import re
import subprocess
import time

import mail
import servers
import store
from dnsfront import Drop
from world import CONFIG, KEYS, Failed, key_line, received

PASS, FAIL, PHISHING = "$AuthPass", "$AuthFail", "$Phishing"
OURS = r"^Authentication-Results: mx\.rcpt\.example;"
FORGED = ("Authentication-Results", "mx.rcpt.example; dmarc=pass header.from=bank.example")


class Setup:
    """One configuration of Dovecot; situations of one setup run one after the other."""
    def __init__(self, name, **dovecot_options):
        self.name, self.dovecot_options = name, dovecot_options


MAILDIR = Setup("maildir")
SDBOX = Setup("sdbox", mail_format="sdbox")
MDBOX = Setup("mdbox", mail_format="mdbox")
EVERYWHERE = Setup("listed for all services", settings="{everywhere}\n")
VALGRIND = Setup("valgrind", settings="""{GDB}
service lmtp {
  executable = /usr/bin/valgrind -q --vgdb=no --leak-check=full --log-file={dir}/log/valgrind.%p /usr/lib/dovecot/lmtp
  vsz_limit = {no_limit}
}
""")
SETUPS = [MAILDIR, SDBOX, MDBOX, EVERYWHERE, VALGRIND]


class Situation:
    def __init__(self, name, setup, function):
        self.name, self.setup, self.run = name, setup, function


ALL = []


def situation(*setups):
    def add(function):
        for setup in setups or (MAILDIR,):
            ALL.append(Situation(function.__name__.replace("_", " "), setup, function))
        return function
    return add


# --- judged here ---

@situation(MAILDIR, SDBOX, MDBOX)
def genuine(world):
    world.send(world.signed(extra=[FORGED]))
    world.expect_message({PASS}, OURS + r".*spf=pass.*dkim=pass.*dmarc=pass", absent=[r"bank\.example"])
    world.expect_log(r"lmtp\(bob@rcpt\.example\).*mailvouch: .*handover=absent.*dmarc=pass.*client=192\.0\.2\.10.*removed=1"
                     r".*keywords=\$AuthPass")


@situation(MAILDIR, SDBOX, MDBOX)
def forged_author(world):
    world.send(world.forged(extra=[FORGED]))
    world.expect_message({FAIL, PHISHING}, OURS + r".*spf=fail.*dmarc=fail", r"^Mailvouch-Disposition: quarantine$",
                         name="Junk", absent=[r"bank\.example"])
    if world.messages():
        raise Failed("it is in the inbox, too")
    world.expect_log(r"mailvouch: .*action=reject.*keywords=\$AuthFail,\$Phishing")


@situation()
def forged_author_by_lda(world):
    if world.dovecot.lda(world.forged(extra=[FORGED]).replace(b"\r\n", b"\n")) != 0:
        raise Failed("dovecot-lda: " + world.dovecot.log())
    world.expect_message({FAIL, PHISHING}, OURS + r".*dmarc=fail", name="Junk", absent=[r"bank\.example"])
    world.expect_log(r"lda\(bob@rcpt\.example\).*mailvouch: .*dmarc=fail")


@situation()
def genuine_by_lda(world):
    if world.dovecot.lda(world.signed().replace(b"\r\n", b"\n")) != 0:
        raise Failed("dovecot-lda: " + world.dovecot.log())
    world.expect_message({PASS}, OURS + r".*spf=pass.*dkim=pass.*dmarc=pass")


@situation()
def policy_none(world):
    world.send(world.forged(from_="Eve <eve@none.example>"))
    world.expect_message({FAIL}, OURS + r".*dmarc=fail", absent=[r"^Mailvouch-Disposition"])


@situation()
def policy_quarantine(world):
    world.send(world.forged(from_="Eve <eve@quarantine.example>"))
    world.expect_message({FAIL, PHISHING}, name="Junk")


@situation()
def no_policy(world):
    world.send(world.forged(from_="Eve <eve@nothing.example>"))
    world.expect_message(set(), OURS + r".*dmarc=none")


@situation()
def forged_disposition_of_a_stranger(world):
    world.send(world.signed(extra=[("Mailvouch-Disposition", "quarantine"), ("Mailvouch-Client", "x")]))
    world.expect_message({PASS}, absent=[r"^Mailvouch-"])


@situation()
def results_of_others_stay(world):
    world.send(world.signed(extra=[("Authentication-Results", "mx.other.example; spf=pass smtp.mailfrom=x.example")]))
    world.expect_message({PASS}, r"^Authentication-Results: mx\.other\.example;")


SPELLINGS = ("mx.rcpt.example 1; dmarc=pass", "MX.RCPT.example.; dmarc=pass", "(c) mx.rcpt.example; dmarc=pass",
             '"mx.rcpt.example"; dmarc=pass', "\r\n mx.rcpt.example; dmarc=pass")


@situation()
def forged_results_in_five_spellings(world):
    world.send(b"".join(b"authentication-results : %s\r\n" % value.encode() for value in SPELLINGS) + world.signed())
    text = world.expect_message({PASS}, OURS)
    if len(re.findall(r"(?im)^authentication-results\s*:", text)) != 1:
        raise Failed(text)


# --- the client ---

@situation()
def unknown_client_says_nothing_against_it(world):
    """Without SPF a genuine message and a forged one may look alike."""
    world.set_config(CONFIG.replace("received_by = mx.rcpt.example\n", ""))
    world.send(world.forged())
    world.expect_message(set(), OURS + r".*dkim=none", absent=[r"dmarc=", r"^Mailvouch-Disposition"])
    world.expect_log(r"dmarc=unknown.*client=unknown")


@situation()
def unknown_client_may_pass_by_dkim(world):
    world.set_config(CONFIG.replace("received_by = mx.rcpt.example\n", ""))
    world.send(world.signed())
    world.expect_message({PASS}, OURS + r".*dkim=pass.*dmarc=pass", absent=[r"spf="])


@situation()
def unknown_client_is_judged_where_that_is_wanted(world):
    world.set_config(CONFIG.replace("received_by = mx.rcpt.example\n", "") + "[dovecot]\nwithout_client = judge\n")
    world.send(world.forged())
    world.expect_message({FAIL, PHISHING}, name="Junk")


@situation()
def received_field_of_a_stranger_below_ours(world):
    """Only the topmost field counts: a stranger's says he is 192.0.2.10."""
    world.send(world.forged(extra=[received(mail.SENDER)]))
    world.expect_message({FAIL, PHISHING}, r"spf=fail", name="Junk")


@situation()
def received_field_with_lmtp_on_top(world):
    """By LMTP it may be Dovecot's own; dovecot-lda writes none."""
    border = ("Received: %s\r\n" % received(mail.STRANGER, by="mx.rcpt.example", protocol="LMTP")[1]).encode()
    message = border + world.signed()
    if world.dovecot.lda(message.replace(b"\r\n", b"\n")) != 0:
        raise Failed("dovecot-lda: " + world.dovecot.log())
    world.expect_log(r"lda\(bob@.*mailvouch: .*client=192\.0\.2\.66")
    world.send(message, ["carol"])
    world.expect_log(r"lmtp\(carol@.*mailvouch: .*client=192\.0\.2\.66")


@situation()
def received_field_of_a_stranger_on_top(world):
    world.send(world.forged(top=received(mail.SENDER, by="mx.other.example")))
    world.expect_message(set(), OURS, absent=[r"spf=pass"])


@situation()
def mail_of_our_own_users(world):
    world.send(world.forged(top=received(mail.STRANGER, "laptop", protocol="esmtpsa")))
    world.expect_message(set(), absent=[r"^Authentication-Results"])
    world.expect_log(r"mailvouch: .*skip=authenticated")


@situation()
def mail_of_this_machine(world):
    world.send(world.forged(top=received("127.0.0.1", "localhost"), extra=[FORGED]))
    world.expect_message(set(), absent=[r"^Authentication-Results"])
    world.expect_log(r"mailvouch: .*skip=local.*removed=1")


@situation()
def mail_by_a_trusted_server(world):
    world.set_config(CONFIG + "trusted_mtas = 198.51.100.7\n")
    world.send(world.forged(top=received("198.51.100.7"), extra=[FORGED]))
    world.expect_message(set(), r"^Authentication-Results: mx\.rcpt\.example; dmarc=pass")


# --- the hand-over ---

def handed_over(world):
    raw = world.captured(mail.sign(mail.message(), "reject.example", world.key))
    world.early = world.early or raw
    return raw


@situation(MAILDIR, SDBOX)
def border_to_mailbox(world):
    """The whole way: Exim with our module, LMTP, IMAP."""
    world.through_border(mail.sign(mail.message(extra=[FORGED]), "reject.example", world.key), rcpt="bob")
    servers.wait_for("delivery", lambda: world.messages(), 20)
    text = world.expect_message({PASS}, OURS + r".*spf=pass.*dkim=pass.*dmarc=pass", absent=[r"bank\.example"])
    if len(re.findall(r"(?m)^Authentication-Results:", text)) != 1:
        raise Failed(text)
    world.expect_log(r"mailvouch: .*handover=valid by=mx\.rcpt\.example.*dmarc=pass.*keywords=\$AuthPass")


@situation()
def border_to_mailbox_for_quarantine(world):
    world.through_border(mail.message("Eve <eve@quarantine.example>"), client=mail.STRANGER, rcpt="bob")
    servers.wait_for("delivery", lambda: world.messages(name="Junk"), 20)
    world.expect_message({FAIL, PHISHING}, OURS + r".*dmarc=fail", r"^Mailvouch-Disposition: quarantine$", name="Junk")
    world.expect_log(r"handover=valid.*action=quarantine")


@situation()
def handover_asks_no_dns(world):
    raw = handed_over(world)
    world.front.rules["example"] = Drop()
    started = time.monotonic()
    world.send(raw)
    world.expect_message({PASS}, OURS + r".*dmarc=pass")
    if time.monotonic() - started > 1:
        raise Failed("it has waited")


def add_bad_handover(name, code, change, flags=frozenset({PASS}), names="INBOX"):
    """The captured message, changed: the field is removed and the message judged here."""
    def run(world):
        raw = handed_over(world)
        world.expect(raw.decode(), r"^Mailvouch-Result: ", "what the border hands on")
        changed = change(world, raw)
        if changed == raw:
            raise Failed("nothing was changed")
        world.send(changed)
        world.expect_message(flags, name=names)
        world.expect_log(r"mailvouch: .*handover=%s " % code)
    ALL.append(Situation("hand-over, %s" % name, MAILDIR, run))


def without_signature(raw):
    """As a stranger would send it: by him, and without what proves the author."""
    raw = re.sub(rb"(?ms)^DKIM-Signature:.*?\r\n(?=\S)", b"", raw)
    return re.sub(rb"from \S+ \(\[192\.0\.2\.10\][^)]*\)|from \[192\.0\.2\.10\] \([^)]*\)",
                  b"from [192.0.2.66] (helo=evil.example)", raw)


def other_keys(world, raw):
    world.set_keys(key_line("sign", "two"))
    return raw + b"\r\n"


BAD = {FAIL, PHISHING}
add_bad_handover("altered result", "wrong", lambda world, raw: raw.replace(b"dmarc=pass;", b"dmarc=none;", 1))
add_bad_handover("altered body, a stranger's", "wrong",
                 lambda world, raw: without_signature(raw).replace(b"Hello Bob", b"Send money"), BAD, "Junk")
add_bad_handover("altered subject, a stranger's", "wrong",
                 lambda world, raw: without_signature(raw).replace(b"Subject: Test", b"Subject: Money"), BAD, "Junk")
add_bad_handover("second From, a stranger's", "wrong",
                 lambda world, raw: without_signature(raw).replace(b"From: ", b"From: eve@reject.example\r\nFrom: ", 1),
                 set(), "Junk")
add_bad_handover("altered Authentication-Results", "wrong",
                 lambda world, raw: raw.replace(b"header.from=reject.example", b"header.from=bank.example", 1))
add_bad_handover("replayed with another message", "wrong", lambda world, raw: re.search(
    rb"(?m)^Mailvouch-Result:.*\r\n(?:[ \t].*\r\n)*", raw).group(0) + world.forged(), BAD, "Junk")
add_bad_handover("of another key", "unknown-key", other_keys)
add_bad_handover("rubbish", "malformed", lambda world, raw: re.sub(rb"(?ms)^Mailvouch-Result:.*?\r\n(?! )",
                                                                  b"Mailvouch-Result: nonsense\r\n", raw))


@situation()
def handover_of_the_former_key(world):
    """Rotation: the border signs with the old one still."""
    raw = handed_over(world)
    world.set_keys(key_line("sign", "two") + key_line("accept", "one"))
    world.send(raw)
    world.expect_message({PASS})
    world.expect_log(r"mailvouch: .*handover=valid ")


@situation(EVERYWHERE)
def handover_that_is_too_old(world):
    """By one of the first situations, so that there is less to wait."""
    raw = world.early or handed_over(world)
    made = int(re.search(rb"t=(\d+)", raw).group(1))
    world.set_config(CONFIG + "handover_max_age = 60s\n")
    while time.time() < made + 61:
        time.sleep(0.5)
    world.send(raw)
    world.expect_message({PASS})
    world.expect_log(r"mailvouch: .*handover=expired ")


@situation()
def handover_keys_that_cannot_be_used(world):
    raw = handed_over(world)
    world.set_keys(key_line("sign", "one"), mode=0o644)
    world.send(raw)
    world.expect_message({PASS})
    world.expect_log(r"Warning: mailvouch: .*hand-overs cannot be checked: ")


# --- Sieve ---

FILEINTO = """require ["fileinto", "mailbox"];
if header :matches "Authentication-Results" "mx.rcpt.example;*dmarc=pass*" {
  fileinto :create "Proved";
} elsif header :is "Mailvouch-Disposition" "quarantine" {
  fileinto :create "Suspects";
}
"""


@situation()
def script_sees_the_tag(world):
    world.script(FILEINTO)
    world.send(world.signed(), ["scripted"])
    world.expect_message({PASS}, OURS, user="scripted", name="Proved")


@situation()
def script_wins_over_junk(world):
    world.script(FILEINTO)
    world.send(world.forged(), ["scripted"])
    world.expect_message({FAIL, PHISHING}, OURS, user="scripted", name="Suspects")
    if world.messages("scripted", "Junk"):
        raise Failed("it is in Junk, too")


@situation()
def script_that_keeps_goes_to_junk(world):
    world.script('require "imap4flags";\naddflag "$Seen2";\nkeep;\n')
    world.send(world.forged(), ["scripted"])
    world.expect_message({FAIL, PHISHING, "$Seen2"}, OURS, user="scripted", name="Junk")


@situation()
def script_that_fails(world):
    world.script("this is no script\n")
    world.send(world.forged(), ["scripted"])
    world.expect_message({FAIL, PHISHING}, OURS, user="scripted", name="Junk")


@situation()
def script_that_discards(world):
    world.script("discard;\n")
    world.send(world.signed(), ["scripted", "bob"])
    world.expect_message({PASS}, OURS)
    if world.messages("scripted"):
        raise Failed("it was kept")


# --- several recipients, and who is tagged ---

def files_of(user):
    """In new, or in cur when there are keywords."""
    return [path for box in ("", ".Junk/") for sub in ("new", "cur")
            for path in glob.glob("%s/mail/%s/maildir/%s%s/*" % (store.DIRECTORY, user, box, sub))]


@situation()
def hard_links_are_kept(world):
    """And the message is judged once."""
    for message in (world.signed(), world.forged()):
        world.reset()
        world.send(message, ["bob", "carol", "dave"])
        paths = [path for user in ("bob", "carol", "dave") for path in files_of(user)]
        if len(paths) != 3 or len({os.stat(path).st_ino for path in paths}) != 1:
            raise Failed("%d files: %s" % (len(paths), [os.stat(path).st_ino for path in paths]))
        with open(paths[0], "rb") as f:
            if len(re.findall(rb"(?m)^Authentication-Results:", f.read())) != 1:
                raise Failed("tagged twice")
        flags = {frozenset(world.messages(user, name)[0][0]) for user in ("bob", "carol", "dave")
                 for name in ("INBOX", "Junk") if world.messages(user, name)}
        if len(flags) != 1:
            raise Failed("flags %s" % flags)
        asked = re.findall(r"dns=(\d+)q", world.dovecot.log())
        if len(asked) != 3 or len(set(asked)) != 1:
            raise Failed(world.dovecot.log())


@situation()
def a_user_who_does_not_want_it(world):
    world.send(world.forged(), ["off"])
    world.expect_message(set(), user="off", absent=[OURS])
    world.expect_not(world.dovecot.log(), "mailvouch:", "log")


@situation()
def first_without_second_with(world):
    world.send(world.forged(), ["off", "bob"])
    world.expect_message({FAIL, PHISHING}, OURS, name="Junk")
    world.expect_message(set(), user="off", absent=[OURS])


@situation()
def first_with_second_without(world):
    """He shares the first one's file, and so its header, but has neither keywords nor Junk."""
    world.send(world.forged(extra=[FORGED]), ["bob", "off"])
    world.expect_message({FAIL, PHISHING}, OURS, name="Junk")
    world.expect_message(set(), user="off", absent=[r"bank\.example"])


@situation()
def several_recipients_by_handover(world):
    """The second one's message has lost the hand-over by then."""
    world.send(handed_over(world), ["bob", "carol", "dave"])
    for user in ("bob", "carol", "dave"):
        world.expect_message({PASS}, OURS, user=user)
    if len(re.findall(r"handover=valid", world.dovecot.log())) != 3:
        raise Failed(world.dovecot.log())


@situation()
def session_that_is_used_again(world):
    """A client that Dovecot trusts names its sessions: what was found for one message is not another's."""
    for message, flags, name in ((world.signed(), {PASS}, "INBOX"),
                                 (world.forged().replace(b"Subject: ", b"Subject: again "), {FAIL, PHISHING}, "Junk")):
        with store.Lmtp() as client:
            world.expect(client.command("XCLIENT SESSION=one:R1"), r"^220 ", "reply")
            client.command("LHLO mx.rcpt.example")
            world.expect(client.send(message)[0], r"^250 ", "reply")
        world.expect_message(flags, name=name)


@situation()
def switched_off_for_all(world):
    world.set_config(CONFIG + "[dovecot]\ntag = no\n")
    world.send(world.forged())
    world.expect_message(set(), absent=[OURS])


@situation()
def other_keywords_and_mailbox(world):
    world.set_config(CONFIG + "[dovecot]\nkeyword_fail = Forged\nkeyword_phishing =\njunk_mailbox = Spam mail\n")
    world.send(world.forged())
    world.expect_message({"Forged"}, OURS, name="Spam mail")


@situation()
def no_junk_mailbox_and_none_is_made(world):
    world.set_config(CONFIG + "[dovecot]\njunk_create = no\n")
    world.send(world.forged())
    world.expect_message({FAIL, PHISHING}, OURS)


@situation()
def junk_stays_in_the_inbox_where_that_is_wanted(world):
    world.set_config(CONFIG + "[dovecot]\njunk_mailbox =\n")
    world.send(world.forged())
    world.expect_message({FAIL, PHISHING}, OURS, r"^Mailvouch-Disposition: quarantine$")


# --- faults ---

@situation()
def dns_is_down(world):
    """Deferring is the border's; here the mail is delivered, and late by the deadline at most."""
    world.front.rules["example"] = Drop()
    started = time.monotonic()
    world.send(world.signed())
    world.expect_message(set(), OURS + r".*dmarc=temperror")
    if time.monotonic() - started > 4:
        raise Failed("it has waited too long")


@situation()
def configuration_is_broken(world):
    """Nothing is believed that cannot be told from our own."""
    world.set_config("[server]\nauthserv_id = \"\nnonsense\n")
    world.dovecot.stop()
    world.dovecot = store.Dovecot(**MAILDIR.dovecot_options)
    world.send(world.forged(extra=[FORGED]))
    world.expect_message(set(), absent=[r"^Authentication-Results"])
    world.expect_log(r"Error: mailvouch: .*config check")
    world.set_config(CONFIG)
    world.send(world.signed(), ["carol"])
    world.expect_message({PASS}, OURS, user="carol")


@situation()
def configuration_breaks_meanwhile(world):
    """Where the process lives on, the old one holds."""
    with store.Lmtp() as client:
        world.expect(client.send(world.signed())[0], r"^250 ", "reply")
        world.set_config("[server]\nnonsense\n")
        world.expect(client.send(world.signed(), ["carol"])[0], r"^250 ", "reply")
    world.expect_message({PASS}, OURS, user="carol")
    world.expect_log(r"Warning: mailvouch: .*the old one holds")


@situation()
def header_beyond_our_limits(world):
    world.send(world.signed(extra=[("X-Long", "x" * 990) for _ in range(1500)]))
    world.expect_message(set(), OURS + r".*dmarc=permerror", name="Junk")


@situation()
def header_beyond_all_limits(world):
    """It is cut: what would not be looked at is no header any more, and nothing of the message is lost."""
    long = [("X-Long", "%04d " % n + "x" * 990) for n in range(5000)]
    world.send(world.signed(extra=[FORGED] + long + [FORGED]))
    text = world.expect_message(set(), OURS + r".*dmarc=permerror", name="Junk", absent=[r"bank\.example"])
    body = text.split("\r\n\r\n", 1)[1]
    world.expect(body, r"^Authentication-Results: mx\.rcpt\.example; dmarc=pass", "body")
    if len(set(re.findall(r"(?m)^X-Long: (\d+) ", text))) != 5000:
        raise Failed("fields are missing")
    world.expect_log(r"Warning: mailvouch: .*the header is cut short")


@situation()
def forty_megabytes_of_header(world):
    """The process may have 256 MB (vsz_limit)."""
    world.send(b"".join(b"%07d: %s\r\n" % (n, b"abcdefghij" * 6) for n in range((40 << 20) // 70)) + world.forged())
    world.expect_log(r"Warning: mailvouch: .*the header is cut short")
    world.only()


@situation()
def first_line_that_would_continue_our_field(world):
    if world.dovecot.lda(b" ; dmarc=pass header.from=bank.example\n" + world.forged().replace(b"\r\n", b"\n")) != 0:
        raise Failed("dovecot-lda: " + world.dovecot.log())
    world.expect_message(set(), OURS + r".*dmarc=permerror", name="Junk", absent=[r"bank\.example"])


@situation()
def message_without_a_body(world):
    world.send(b"From: alice@reject.example\r\nSubject: header alone\r\n")
    world.only(name="INBOX")


@situation()
def message_without_a_header(world):
    world.send(b"\r\nbody alone\r\n")
    world.expect(world.only()[1], r"\r\n\r\nbody alone", "message")


def peak_kb(pid):
    return int(re.search(r"^VmHWM:\s+(\d+)", servers.read("/proc/%d/status" % pid), re.M).group(1))


@situation()
def thirty_megabytes_do_not_grow_the_process(world):
    body = b"".join(b"%07d %s\r\n" % (n, b"abcdefghij" * 6) for n in range((30 << 20) // 70))
    with store.Lmtp(timeout=120) as client:
        world.expect(client.send(world.signed())[0], r"^250 ", "reply")
        line = servers.wait_for("the log", lambda: re.search(r"lmtp\(bob@[^)]*\)<(\d+)>", world.dovecot.log()), 5)
        pid = int(line.group(1))
        with open("/proc/%d/clear_refs" % pid, "w") as f:
            f.write("5")  # the peak begins anew
        before = peak_kb(pid)
        world.expect(client.send(world.signed(body=body), ["carol"])[0], r"^250 ", "reply")
        after = peak_kb(pid)
    world.expect_message({PASS}, OURS, user="carol")
    print("    %d bytes: peak resident memory %d kB before, %d kB after" % (len(body), before, after))
    if after - before > 2048:
        raise Failed("the process grew by %d kB" % (after - before))


@situation(MAILDIR, SDBOX)
def bytes_of_the_body_are_untouched(world):
    body = b"caf\xe9 \x80\r\n.\r\n..dots\r\n" + b"x" * 5000 + b"\r\n\r\n  trailing  \r\n\r\n"
    world.send(world.signed(body=body))
    mailbox = store.Mailbox()
    mailbox.imap.select("INBOX")
    text = mailbox.imap.fetch("1", "(BODY.PEEK[TEXT])")[1][0][1]
    mailbox.close()
    if text != body:
        raise Failed("%r" % text)


# --- other services ---

@situation(EVERYWHERE)
def services_that_do_not_deliver(world):
    """The plugin is listed for IMAP and doveadm, too, and does nothing there."""
    world.send(world.forged())
    world.expect_message({FAIL, PHISHING}, name="Junk")
    mailbox = store.Mailbox()
    mailbox.imap.append("INBOX", None, None, world.forged())
    mailbox.imap.select("Junk")
    mailbox.imap.copy("1", "INBOX")
    found = mailbox.messages()
    mailbox.close()
    if found[0][0] or OURS in found[0][1] or len(found) != 2:
        raise Failed(found)
    code, text = world.dovecot.doveadm("search", "-u", "bob@rcpt.example", "ALL")
    if code != 0:
        raise Failed(text)


@situation(VALGRIND)
def valgrind_finds_nothing(world):
    raw = handed_over(world)
    world.script(FILEINTO)
    world.script('require "imap4flags";\naddflag ["$Seen2", "\\\\Flagged"];\nkeep;\n', "dave")
    for message in (raw, world.signed(), world.forged(), raw.replace(b"Hello", b"hello"), b"\r\n", b"From: x\r\n"):
        world.send(message, ["bob", "scripted", "dave", "off", "carol"])
    world.front.rules["example"] = Drop()
    world.send(world.signed())
    world.dovecot.stop()
    reports = [servers.read(path) for path in glob.glob(store.DIRECTORY + "/log/valgrind.*")]
    world.dovecot = store.Dovecot(**VALGRIND.dovecot_options)
    if not reports:
        raise Failed("valgrind has written nothing")
    for report in reports:
        world.expect_not(report, r"==", "valgrind")
