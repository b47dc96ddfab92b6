"""The real servers in front and behind, configured with the installed examples: mail is judged by its true client."""
import base64
import hmac
import os
import re

import servers
from basis import CLIENT, LIAR, SINK, Skip, beside, expect, header_of, hooks, logged, mail, postfixes, smtp, wait_for
from examples import example

dovecots = beside("dovecots")


def need_packages():
    if not os.environ.get("LMTP_LOWER"):
        raise Skip("packages cannot be downloaded, or overlay mounts are not allowed")


def need(path, what):
    need_packages()
    if not os.path.exists(path):
        raise Skip(what + "'s packages cannot be downloaded")


def send(world, port, token=None, source=mail.SENDER, recipients=("bob@rcpt.example",), extra=(), message=None):
    """By SMTP, as a client out there. The message's X-Token."""
    token = token or world.token()
    with smtp.Client(source, port=port) as client:
        client.command("EHLO mail.reject.example")
        client.envelope("alice@reject.example", list(recipients))
        reply = client.data(message or world.genuine(token, extra))
    expect(reply.code == 250, str(reply))
    return token


def login_plain(client):
    expect(client.starttls().code == 220, "no TLS")
    client.command("EHLO laptop")
    return client.command("AUTH PLAIN " + base64.b64encode(b"\0alice\0secret").decode())


def login_cram_md5(client):
    challenge = base64.b64decode(client.command("AUTH CRAM-MD5").text.split(" ")[1])
    answer = "alice " + hmac.new(b"secret", challenge, "md5").hexdigest()
    return client.command(base64.b64encode(answer.encode()).decode())


def submit(world, port, login):
    """By a user who has logged in from outside: his mail is not judged."""
    with smtp.Client(mail.STRANGER, port=port) as client:
        client.command("EHLO laptop")
        reply = login(client)
        expect(reply.code == 235, str(reply))
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        reply = client.data(mail.message(token=world.token()))
    expect(reply.code == 250, str(reply))
    logged(world, "client=%s" % mail.STRANGER, "skip=authenticated")


def dovecot(world):
    return world.server("dovecot-example", lambda: dovecots.Dovecot(example("dovecot.conf")))


def expect_judged(world, token, source, client=mail.SENDER, results="spf=pass .*dkim=pass.*dmarc=pass", trouble=str):
    """Delivered by Dovecot, judged by the client that the server in front has seen."""
    try:
        _, text = wait_for("delivery", lambda: dovecot(world).find(token), 20)
    except TimeoutError as why:
        raise AssertionError("%s\n%s" % (why, trouble())) from None
    header = re.sub(r"\n[ \t]+", " ", text.split("\n\n")[0])
    expect(re.search(r"^Authentication-Results: mx.rcpt.example; " + results, header, re.M), header)
    expect("Mailvouch-Client" not in header, header)
    logged(world, "client=%s source=%s" % (client, source))
    return header


def postfix(world):
    need_packages()
    return world.server("postfix", lambda: postfixes.Postfix(example("postfix-main.cf")))


def postfix_to_dovecot(world):
    dovecot(world)
    world.use_example("mailvouch-postfix.conf", "mailvouch-dovecot.conf")
    postfix(world)
    token = send(world, postfixes.PORT)
    expect_judged(world, token, "xforward helo=mail.reject.example")
    send(world, postfixes.PORT, source=mail.RELAY_CLIENT)  # of mynetworks, as who has logged in
    logged(world, "client=%s source=xforward" % mail.RELAY_CLIENT, "skip=local")


def postfix_four_recipients(world):
    """Each recipient gets the answer that is his."""
    world.use_example("mailvouch-postfix.conf", lmtp="next_hop = " + SINK)
    front = postfix(world)
    world.sink.rcpt = {"two": "550 5.1.1 no such user two"}
    world.sink.data = {"four": "452 4.2.2 mailbox of four is full"}
    token = send(world, postfixes.PORT, recipients=[n + "@rcpt.example" for n in ("one", "two", "three", "four")])
    results = wait_for("four results", lambda: len(front.results(token + "@test.example")) == 4 and
                       front.results(token + "@test.example"))
    got = {address.split("@")[0]: (status, why) for address, (status, why) in results.items()}
    for name, status, words in (("one", "sent", "stored for one"), ("two", "bounced", "no such user two"),
                                ("three", "sent", "stored for three"), ("four", "deferred", "mailbox of four is full")):
        expect(got[name][0] == status and words in got[name][1], "%s: %s" % (name, got[name]))
    world.sink.data = {}
    front.flush()
    wait_for("four", lambda: any("four" in to for to, _ in world.sink.messages))


def exim_to_dovecot(world):
    dovecot(world)
    world.use_example("mailvouch-exim.conf", "mailvouch-dovecot.conf")
    exim = servers.Exim()
    servers.ROUTER, servers.TRANSPORT = example("exim-router"), example("exim-transport")
    exim.configure(enabled=False, split=True)
    exim.start()
    world.servers["exim"] = exim
    forged = [("Mailvouch-Client", "addr=192.0.2.66 helo=evil.example")]
    token = send(world, 25, recipients=("bob@rcpt.example", "carol@rcpt.example"), extra=forged)
    expect_judged(world, token, "field helo=mail.reject.example")
    expect_once(world, token, ("bob", "carol"))
    send(world, 25, source="127.0.0.1")
    logged(world, "client=127.0.0.1 source=field helo=mail.reject.example", "skip=local")
    submit(world, 25, login_plain)


def expect_once(world, token, users):
    found = dovecot(world).users(token)
    expect(sorted(found) == sorted(users), "delivered to %s" % found)


def expect_strangers_judged(world, port, trouble):
    """Their addresses are in the Received field as well: where there is no name, or one that is not theirs."""
    for source in (mail.STRANGER, LIAR):
        token = send(world, port, source=source)
        expect_judged(world, token, "received helo=mail.reject.example", source, "spf=fail .*dkim=pass.*dmarc=pass", trouble)


def sendmail_to_dovecot(world):
    need("/usr/libexec/sendmail/sendmail", "Sendmail")
    dovecot(world)
    world.use_example("mailvouch-sendmail.conf", "mailvouch-dovecot.conf")
    sendmails = beside("sendmail")
    sendmail = world.server("sendmail", lambda: sendmails.Sendmail(example("sendmail.mc")))
    token = send(world, sendmails.PORT, recipients=("bob@rcpt.example", "carol@rcpt.example"))
    expect_judged(world, token, "received helo=mail.reject.example", trouble=sendmail.trouble)
    expect_strangers_judged(world, sendmails.PORT, sendmail.trouble)
    expect_once(world, token, ("bob", "carol"))
    submit(world, sendmails.PORT, login_cram_md5)


def sendmail_by_mailertable(world):
    """Whole addresses."""
    need("/usr/libexec/sendmail/sendmail", "Sendmail")
    world.use_example("mailvouch-sendmail.conf", lmtp="next_hop = " + SINK)
    sendmails = beside("sendmail")
    world.stop("sendmail")
    text = example("sendmail-virtual.mc")
    line = re.search(r"^dnl +(rcpt\.example +mailvouch:localhost)$", text, re.M).group(1)
    sendmail = world.server("sendmail", lambda: sendmails.Sendmail(text, mailertable=line + "\n"))
    send(world, sendmails.PORT)
    try:
        header = header_of(world.arrived()[0][1])
    except TimeoutError as why:
        raise AssertionError("%s\n%s" % (why, sendmail.trouble())) from None
    expect("spf=pass" in header, header)
    expect("RCPT To:<bob@rcpt.example>" in world.sink.commands, world.sink.commands)


def opensmtpd(world, changes=None):
    need("/usr/sbin/smtpd", "OpenSMTPD")
    opensmtpds = beside("opensmtpd")
    text = example("opensmtpd.conf", dict({"192.0.2.25 port 25": "203.0.113.25 port %d" % opensmtpds.PORT}, **changes or {}))
    world.stop("opensmtpd")
    return opensmtpds, world.server("opensmtpd", lambda: opensmtpds.OpenSmtpd(text))


def opensmtpd_to_dovecot(world):
    dovecot(world)
    world.use_example("mailvouch-opensmtpd.conf", "mailvouch-dovecot.conf")
    opensmtpds, server = opensmtpd(world)
    token = send(world, opensmtpds.PORT, recipients=("bob@rcpt.example", "carol@rcpt.example"))
    expect_judged(world, token, "received helo=mail.reject.example", trouble=server.trouble)
    expect_strangers_judged(world, opensmtpds.PORT, server.trouble)
    server.submit(mail.message("root@rcpt.example", token=world.token()).replace(b"\r\n", b"\n"))
    logged(world, "client=127.0.0.1 source=received", "skip=local")
    expect_once(world, token, ("bob", "carol"))


def opensmtpd_hears_replies(world):
    """Of each recipient. What mail.lmtp of OpenSMTPD makes of a 550 is the warning in the example."""
    world.use_example("mailvouch-opensmtpd.conf", lmtp="next_hop = " + SINK)
    opensmtpds, server = opensmtpd(world)
    world.sink.rcpt = {"two": "550 5.1.1 no such user two"}
    world.sink.data = {"four": "452 4.2.2 mailbox of four is full"}
    send(world, opensmtpds.PORT, recipients=["%s@rcpt.example" % n for n in ("one", "two", "three", "four")])
    with smtp.Client(mail.SENDER, port=opensmtpds.PORT) as client:
        client.command("EHLO mail.reject.example")
        expect(client.envelope("alice@reject.example", ["five@rcpt.example"]).code == 250, "a catch-all has no others")
    for name, result in (("one", "Ok"), ("two", "TempFail .*no such user two"), ("three", "Ok"),
                         ("four", "TempFail .*mailbox of four is full")):
        wait_for("%s: %s" % (name, result), lambda: re.search(
            r"delivery evpid=.* to=<%s@rcpt.example>.* result=%s" % (name, result), server.trouble()))
    opensmtpds, server = opensmtpd(world, {'virtual { "@" = "mailvouch" }': 'virtual { "bob@rcpt.example" = "mailvouch", '
                                           '"carol@rcpt.example" = "mailvouch" }'})
    send(world, opensmtpds.PORT, recipients=("carol@rcpt.example",))
    world.arrived(3)
    with smtp.Client(mail.SENDER, port=opensmtpds.PORT) as client:
        client.command("EHLO mail.reject.example")
        reply = client.envelope("alice@reject.example", ["two@rcpt.example"])
        expect(500 <= reply.code < 600, str(reply))  # it is 524


def hand_in_forged(world):
    token = world.token()
    with hooks.Client("/run/mailvouch/lmtp") as client:
        replies = client.deliver("mallory@none.example", ["bob@rcpt.example"], mail.message(token=token), (mail.STRANGER, "x"))
    expect(replies[0].startswith("250"), replies)
    return token


def dovecot_behind(world):
    """What is for quarantine is in Junk: by the address, or by Sieve."""
    world.use_example("mailvouch-postfix.conf", "mailvouch-dovecot.conf")
    plain = dovecot(world)
    token = hand_in_forged(world)
    mailbox, _ = wait_for("delivery", lambda: plain.find(token))
    expect(mailbox == ".Junk", mailbox)
    plain.stop()
    sieve = dovecots.Dovecot(example("dovecot.conf"), example("mailvouch.sieve"))
    world.servers["dovecot-example"] = sieve
    world.use_example("mailvouch-postfix.conf", "mailvouch-dovecot.conf", changes={"junk_detail = +Junk": ""})
    token = hand_in_forged(world)
    mailbox, text = wait_for("delivery", lambda: sieve.find(token))
    expect(mailbox == ".Junk" and "Mailvouch-Disposition: quarantine" in text, mailbox)


def cyrus_behind(world):
    need("/usr/lib/cyrus/bin/master", "Cyrus")
    cyruses = beside("cyrus")
    cyrus = world.server("cyrus", lambda: cyruses.Cyrus(example("cyrus.conf", {'cmd="lmtpd"': 'cmd="%s"' % cyruses.LMTPD}),
                                                        example("cyrus-imapd.conf")))
    world.use_example("mailvouch-postfix.conf", "mailvouch-cyrus.conf")
    token = world.token()
    with hooks.Client("/run/mailvouch/lmtp") as client:
        replies = client.deliver("alice@reject.example", ["bob@rcpt.example", "nobody@rcpt.example"],
                                 world.genuine(token), CLIENT)
    text = cyrus.find(token)
    expect(text, replies)
    expect("dmarc=pass" in text and text.startswith(("Return-Path", "Authentication-Results")), text[:500])
    expect("550" in world.hook.text() or replies[-1].startswith(("550", "250")), replies)
    token = hand_in_forged(world)
    expect(cyrus.path(token).startswith(cyrus.mailbox_path("user/bob/Junk")), cyrus.path(token))


ALL = [postfix_to_dovecot, postfix_four_recipients, exim_to_dovecot, sendmail_to_dovecot, sendmail_by_mailertable, opensmtpd_to_dovecot,
       opensmtpd_hears_replies,       dovecot_behind, cyrus_behind]
