"""What is said on both sides: extensions, who the client is, limits of time, next hops, counters, rights."""
import os
import re
import socket
import subprocess
import time
import urllib.request

from basis import CLIENT, E2E, SINK, expect, header_of, hooks, logged, mail, sinks, wait_for, write

EXTENSIONS = ("8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES")


def extensions(world):
    """What the next hop offers is offered, and what the client says of it gets there as it was."""
    hook = world.use()
    world.sink.offers = ["PIPELINING"]
    with hooks.Client() as client:
        offer = client.hello()
        expect(not any(word in offer for word in EXTENSIONS + ("CHUNKING", "STARTTLS")), offer)
        expect("PIPELINING" in offer and "SIZE 104857600" in offer, offer)
        client.command("MAIL FROM:<a@none.example> SIZE=100")
        expect("MAIL FROM:<a@none.example>" in world.sink.commands, world.sink.commands)
    world.sink.offers = list(EXTENSIONS) + ["SIZE 5000", "CHUNKING", "PIPELINING"]
    mail_line = "MAIL FROM:<d\u00f6rte@none.example> SIZE=300 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=q+3D1"
    rcpt_line = "RCPT TO:<j\u00fcrgen@rcpt.example> NOTIFY=SUCCESS,FAILURE ORCPT=utf-8;bob@rcpt.example"
    with hooks.Client() as client:
        offer = client.hello(CLIENT).split("\n")
        for word in EXTENSIONS + ("SIZE 5000", "PIPELINING"):
            expect("250-" + word in offer or "250 " + word in offer, "%s: %s" % (word, offer))
        expect("CHUNKING" not in " ".join(offer), offer)
        expect(client.command("MAIL FROM:<a@none.example> SIZE=104857601").startswith("552 5.3.4"), "SIZE")
        expect(client.command("MAIL FROM:<a@none.example> BODY=BINARYMIME").startswith("555 5.5.4"), "BINARYMIME")
        expect(client.command(mail_line).startswith("250"), "MAIL")
        expect(client.command(rcpt_line).startswith("250"), "RCPT")
        message = mail.message("D\u00f6rte <d\u00f6rte@none.example>", subject="\u00fc", token=world.token(),
                               body=b"8-bit: \xff\xfe\r\n")
        replies = client.data(message)
        expect(replies[0].startswith("250"), replies)
    expect(mail_line in world.sink.commands and rcpt_line in world.sink.commands, world.sink.commands)
    expect(world.arrived()[0][1].endswith(message), "the message was changed")
    expect("dmarc=" in header_of(world.sink.messages[0][1]), "not judged")
    expect(hook.process.poll() is None, "ended")


def xclient(world):
    """Of trusted servers; holds for the connection, and XFORWARD goes before it for one message."""
    world.use()
    with hooks.Client() as client:
        client.hello()
        reply = client.command("XCLIENT ADDR=%s HELO=mail.reject.example NAME=x PORT=25 PROTO=ESMTP" % mail.SENDER)
        expect(reply.startswith("220 "), reply)
        expect(client.command("MAIL FROM:<a@none.example>").startswith("503 5.5.1"), "the session did not begin anew")
        client.hello()
        for wanted, forward in (("spf=pass", None), ("spf=fail", mail.STRANGER), ("spf=pass", None)):
            world.sink.reset()
            if forward is not None:
                client.command("XFORWARD ADDR=%s HELO=x" % forward)
            client.envelope("alice@reject.example", ["bob@rcpt.example"])
            expect(client.command("XCLIENT ADDR=192.0.2.1").startswith("503 5.5.1"), "within a transaction")
            client.data(world.genuine(world.token()))
            expect(wanted in header_of(world.arrived()[0][1]), header_of(world.sink.messages[0][1]))
        expect(client.command("XCLIENT LOGIN=alice").startswith("220"), "login")
        client.hello()
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        client.data(world.genuine(world.token()))
    logged(world, "source=xclient helo=mail.reject.example", "source=xforward helo=x", "skip=authenticated")


def spam_field(world):
    """A field for Sieve scripts that know nothing of us; fields of that name that were there stay."""
    world.use(lmtp="spam_field = X-Spam-Flag")
    with hooks.Client() as client:
        client.deliver("x@none.example", ["bob@rcpt.example"],
                       mail.message(token=world.token(), extra=[("X-Spam-Flag", "NO")]), (mail.STRANGER, "x"))
        header = header_of(world.arrived()[0][1])
        expect(header.startswith("X-Spam-Flag: YES\r\nAuthentication-Results:"), header)
        expect("Mailvouch-Disposition: quarantine" in header and "X-Spam-Flag: NO" in header, header)
        client.command("XFORWARD ADDR=%s HELO=%s" % CLIENT)
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        client.data(world.genuine(world.token()))
        expect("X-Spam-Flag" not in header_of(world.arrived(2)[1][1]), "on a good message")


def times(world):
    """A connection has an end, whatever its client does."""
    hook = world.use(lmtp="session_timeout = 10s\nidle_timeout = 5s")
    started = time.monotonic()
    talker, dribbler, deaf = hooks.Client(), hooks.Client(), hooks.Client()
    dribbler.hello(CLIENT)
    dribbler.envelope("a@none.example", ["bob@rcpt.example"])
    dribbler.command("DATA")
    deaf.socket.setblocking(False)
    try:
        while deaf.socket.send(b"NOOP\r\n" * 10000) > 0:  # and reads no reply
            pass
    except (BlockingIOError, ConnectionError):  # or it was sent away, after a thousand commands that bring no mail
        pass
    try:
        while time.monotonic() < started + 15:
            expect(talker.command("NOOP")[:3] in ("250", "421"), "talker")
            dribbler.send(b"X: y\r\n")
            time.sleep(0.2)
    except ConnectionError:
        pass
    expect(9 < time.monotonic() - started < 12, "%.1f s" % (time.monotonic() - started))
    expect(dribbler.reply().startswith("421 4.4.2 The session has lasted too long"), "dribbler")
    logged(world, "421 4.4.2 The session has lasted too long")
    wait_for("the end of all", lambda: hook.statistics()["mailvouch_lmtp_connections_open"] == 0)
    expect(not world.sink.messages, "a part was handed on")


def clients_that_leave(world):
    """In the middle of a message nothing is handed on; behind its end it is delivered all the same."""
    hook = world.use()
    with hooks.Client() as client:
        client.hello(CLIENT)
        client.envelope("a@none.example", ["bob@rcpt.example"])
        client.command("DATA")
        client.send(mail.message(token=world.token()) + b".\r")
    wait_for("its end", lambda: hook.statistics()["mailvouch_lmtp_connections_open"] == 0)
    expect(not world.sink.messages, "a part was handed on")
    with hooks.Client() as client:
        client.hello(CLIENT)
        client.envelope("a@none.example", ["bob@rcpt.example"])
        client.command("DATA")
        client.send(mail.message(token=world.token()) + b".\r\n")
        client.socket.shutdown(socket.SHUT_WR)  # half closed: it still listens
        expect(client.reply().startswith("250"), "not told")
    world.arrived()


def next_hops(world):
    """By TCP, IPv4 and IPv6; one that is not there, or refuses, is passed over; one that has left is called again."""
    refusing, six = sinks.Sink(("127.0.0.1", 2430)), sinks.Sink(("::1", 2431))
    refusing.refuse_lhlo = "421 4.3.2 not now"
    world.use(E2E + "/nobody, 127.0.0.1:2430, [::1]:2431", lmtp="trusted_networks = 127.0.0.0/8")
    with hooks.Client(("127.0.0.1", 2424)) as client:
        client.deliver("a@none.example", ["bob@rcpt.example"], mail.message(token=world.token()), CLIENT)
        wait_for("the message", lambda: len(six.messages) == 1)
        refusing.refuse_lhlo = None
        six.down()  # while nothing is under way
        wait_for("the next hop's end", lambda: not six.live)
        replies = client.envelope("a@none.example", ["bob@rcpt.example"]) + client.data(mail.message(token=world.token()))
        expect(all(reply.startswith("250") for reply in replies), replies)
        expect(len(refusing.messages) == 1, "it did not go to the other one")
        six.up()
        refusing.down(b"421 4.3.2 Shutting down\r\n")  # as Dovecot does
        wait_for("the next hop's end", lambda: not refusing.live)
        replies = client.envelope("a@none.example", ["bob@rcpt.example"]) + client.data(mail.message(token=world.token()))
        expect(all(reply.startswith("250") for reply in replies) and len(six.messages) == 2, replies)
    six.down()
    with hooks.Client(("127.0.0.1", 2424)) as client:
        expect(client.command("LHLO a").startswith("421 4.4.1"), "no next hop")


def counters(world):
    """Prometheus's text form, by HTTP; the same numbers by SIGUSR1."""
    world.hook.stop()
    world.settings = None
    hook = world.use(lmtp="on_reject = refuse")
    with hooks.Client() as client:
        client.deliver("alice@reject.example", ["bob@rcpt.example"], world.genuine(world.token()), CLIENT)
        client.command("XFORWARD ADDR=%s HELO=x" % mail.STRANGER)
        client.envelope("x@none.example", ["bob@rcpt.example", "al@rcpt.example"])
        client.data(mail.message(token=world.token()), 2)
        client.command("XFORWARD ADDR=127.0.0.1 HELO=x")
        client.envelope("x@none.example", ["bob@rcpt.example"])
        client.data(mail.message(token=world.token(), extra=[("Mailvouch-Result", "x")]))
        wait_for("three messages", lambda: hook.statistics()["mailvouch_lmtp_messages_total"] == 3)
        got = hook.statistics()
    for name, value in (("connections_total", 1), ("connections_open", 1), ('recipients_total{result="delivered"}', 2),
                        ('recipients_total{result="refused"}', 2), ('recipients_total{result="deferred"}', 0),
                        ('dmarc_total{result="pass"}', 1), ('dmarc_total{result="fail"}', 1), ("skipped_total", 1),
                        ("fields_removed_total", 1), ("errors_total", 0), ("next_hop_failures_total", 0)):
        expect(got["mailvouch_lmtp_" + name] == value, "%s is %s" % (name, got["mailvouch_lmtp_" + name]))
    with urllib.request.urlopen("http://%s/metrics" % hooks.STATISTICS, timeout=5) as answer:
        expect(answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"), str(answer.headers))
        text = answer.read().decode()
    typed = set()
    for line in text.rstrip("\n").split("\n"):
        row = re.fullmatch(r'(?:# HELP \w+ .+|# TYPE (\w+) (?:counter|gauge)|(\w+)(?:{\w+="\w+"})? \d+)', line)
        expect(row is not None, line)
        typed.add(row.group(1))
        expect(row.group(2) is None or row.group(2) in typed, "no type before " + line)
    hook.process.send_signal(10)  # SIGUSR1
    logged(world, "statistics: connections=", " messages=3 ", " dmarc_fail=1 ")
    with socket.create_connection(("127.0.0.1", 9099)) as nonsense:
        nonsense.sendall(b"x" * 100000)
        nonsense.settimeout(15)
        try:
            expect(nonsense.recv(1) == b"", "nonsense was answered")
        except ConnectionError:
            pass


def without_privileges(world):
    """Started by root, it is nobody with no rights, cannot get any back, and leaves no descriptor to a program."""
    hook = world.use()
    status = dict(line.split(":\t", 1) for line in open("/proc/%d/status" % hook.process.pid) if ":\t" in line)
    expect(set(status["Uid"].split()) == {"65534"} and "0" not in status["Gid"].split() + status["Groups"].split(), status)
    expect(int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0, status)
    for args, code in (([], 67), (["--user", "root"], 67), (["--user", "no-such-user"], 67), (["--nonsense"], 64)):
        done = subprocess.run([hook.binary, "--config", hook.config] + args, capture_output=True, text=True, timeout=20)
        expect(done.returncode == code, "%s: %d %s" % (args, done.returncode, done.stderr))
    write(E2E + "/broken.conf", "[lmtp]\nlisten = nowhere\n")
    done = subprocess.run([hook.binary, "--config", E2E + "/broken.conf", "--user", "nobody"], capture_output=True,
                          text=True, timeout=20)
    expect(done.returncode == 78 and "listen" in done.stderr, done.stderr)


def activated(world):
    """By systemd's own program: the sockets that it holds, one of them for counters."""
    world.hook.stop()
    world.settings = None
    world.hook.configure(SINK)
    lmtp, numbers = hooks.DIRECTORY + "/held", "127.0.0.1:9098"
    process = subprocess.Popen(["systemd-socket-activate", "-l", lmtp, "-l", numbers, "--fdname=lmtp:statistics",
                                hooks.BINARY, "--config", hooks.CONFIG, "--user", "nobody"],
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for("the socket", lambda: os.path.exists(lmtp))
        with hooks.Client(lmtp) as client:
            client.deliver("a@none.example", ["bob@rcpt.example"], mail.message(token=world.token()), CLIENT)
            with urllib.request.urlopen("http://%s/" % numbers, timeout=5) as answer:
                expect(b"mailvouch_lmtp_connections_open 1\n" in answer.read(), "counters")
        world.arrived()
    finally:
        process.terminate()
        expect(process.wait(20) == 0, "status")


ALL = [extensions, xclient, spam_field, times, clients_that_leave, next_hops, counters, without_privileges, activated]
