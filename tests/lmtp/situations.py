"""What mailvouch-lmtpd must do between a mail server and a next hop, when things break, and under load."""
import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import dialogue
import evidence
import real
from basis import CLIENT, E2E, SINK, Skip, World, expect, header_of, hooks, logged, mail, servers, wait_for, write
from dnsfront import Delay, Drop

__all__ = ["ALL", "Skip", "World"]


# --- the verdict, the tags ---

def tags(world):
    world.use()
    forged = [("Authentication-Results", "mx.rcpt.example; spf=pass"), ("Mailvouch-Result", "x"),
              ("Authentication-Results", "other.example; spf=pass"), ("Mailvouch-Client", "addr=192.0.2.10 helo=x")]
    with hooks.Client() as client:
        replies = client.deliver("alice@reject.example", ["bob@rcpt.example"], world.genuine(world.token(), forged), CLIENT)
    expect(replies == ["250 2.0.0 stored for bob"], replies)
    header = header_of(world.arrived()[0][1])
    expect(header.startswith("Authentication-Results: mx.rcpt.example; spf=pass"), header)
    expect("dkim=pass" in header and "dmarc=pass" in header, header)
    expect("Authentication-Results: other.example" in header and header.count("mx.rcpt.example;") == 1, header)
    expect("Mailvouch-" not in header, header)
    logged(world, "source=xforward", " removed=3 ")


def same_verdict_as_the_command(world):
    world.use()
    message = world.genuine(world.token()) + b"changed\r\n"
    with hooks.Client() as client:
        client.deliver("mallory@none.example", ["bob@rcpt.example"], message, (mail.STRANGER, "x.example"))
    got = header_of(world.arrived()[0][1]).split("\r\n")[0]
    write(E2E + "/message.eml", message.decode())
    told = subprocess.run(["mailvouch", "verify", "--config", hooks.CONFIG, "--ip", mail.STRANGER, "--helo", "x.example",
                           "--mail-from", "mallory@none.example", "--json", E2E + "/message.eml"],
                          capture_output=True, text=True)
    for word in ("dmarc=fail", "spf=fail", "dkim=fail"):
        expect(word in got, got)
    expect('"disposition": "reject"' in told.stdout or '"reject"' in told.stdout, told.stdout + told.stderr)
    expect("Mailvouch-Disposition: quarantine" in header_of(world.sink.messages[0][1]), "no disposition")
    logged(world, "action=reject")


def refused_by_disposition(world):
    world.use(lmtp="on_reject = refuse\non_tempfail = defer")
    forged = mail.message(token=world.token())
    with hooks.Client() as client:
        replies = client.deliver("x@none.example", ["bob@rcpt.example", "al@rcpt.example"], forged, (mail.STRANGER, "x"))
        expect(len(replies) == 2 and all(r.startswith("550 5.7.1 Refused") for r in replies), replies)
        world.front.rules["_dmarc.reject.example"] = Drop()
        client.command("XFORWARD ADDR=%s HELO=x" % mail.STRANGER)
        client.envelope("x@none.example", ["bob@rcpt.example"])
        replies = client.data(forged)
        expect(replies[0].startswith("451 4.7.0"), replies)
    expect(not world.sink.messages, "handed on")


KEYS = hooks.DIRECTORY + "/handover.keys"


def handover_key(*args, want=0, mode=0o640):
    told = subprocess.run(["mailvouch", "handover-key", args[0], "--config", hooks.CONFIG, *args[1:]],
                          capture_output=True, text=True)
    expect(told.returncode == want, (args, told.stdout, told.stderr))
    shutil.chown(KEYS, "root", "nogroup")
    os.chmod(KEYS, mode)
    return told.stdout


def handed_over(world):
    """What the hook adds is believed behind it; its keys change, break and are repaired without a restart."""
    world.use(server="handover_keys = " + KEYS)
    if os.path.exists(KEYS):
        os.unlink(KEYS)
    handover_key("new")
    before = world.hook.statistics()["mailvouch_lmtp_handovers_total"]
    forged = [("Mailvouch-Result", "v=1; h=x"), ("Authentication-Results", "mx.rcpt.example; dmarc=pass")]
    stranger = mail.message("x@quarantine.example", token=world.token(), body=b"x \r\n.y\r\n\r\n\r\n")
    rows = ((world.genuine(world.token(), forged), "disposition=none dmarc=pass policy=reject"),
            (stranger, "disposition=quarantine dmarc=fail policy=quarantine"),
            (mail.message(token=world.token(), body=b""), "disposition=none dmarc=pass"))
    ids = []
    for steps in ((), ("add",), ("use",)):
        for step in steps:
            handover_key(step)
        for message, said in rows:
            world.sink.reset()
            with hooks.Client() as client:
                client.deliver("alice@reject.example", ["bob@rcpt.example"], message, CLIENT)
            got = world.arrived()[0][1]
            expect(got.count(b"\r\nMailvouch-Result: v=1; ") == 1 and got.count(b"mx.rcpt.example;") == 2, got)
            write(E2E + "/handed.eml", got.decode())
            told = handover_key("check", E2E + "/handed.eml")
            expect(told.startswith("valid: ") and said in told, (told, got))
            write(E2E + "/handed.eml", got.decode().replace("\r\nSubject: Test", "\r\nSubject: Pay"))
            told = handover_key("check", E2E + "/handed.eml", want=1)
            expect(told.startswith("wrong: "), told)
        ids.append(re.search(rb"; k=([\w-]+);", got).group(1))
    expect(ids[0] == ids[1] != ids[2], ids)
    logged(world, " handover=made ")
    expect(world.hook.statistics()["mailvouch_lmtp_handovers_total"] == before + 9, world.hook.statistics())
    os.chmod(KEYS, 0o644)
    for mode, count in ((None, 0), (None, 0), (0o640, 1)):
        if mode:
            os.chmod(KEYS, mode)
        world.sink.reset()
        with hooks.Client() as client:
            client.deliver("alice@reject.example", ["bob@rcpt.example"], rows[0][0], CLIENT)
        got = header_of(world.arrived()[0][1])
        expect(got.count("\r\nMailvouch-Result: ") == count and "dmarc=pass" in got, got)
    logged(world, "mail goes on without a Mailvouch-Result field: " + KEYS + ": everybody may read this secret")
    expect(world.hook.text().count("mail goes on without") == 1, "not once")


def nothing_goes_into_our_fields(world):
    """A first line that continues what is above it, where nothing is above it but us."""
    world.use(server="handover_keys = /nonexistent/keys")
    for line in (b" ; dmarc=pass header.from=bank.example\r\n", b"\tno\r\n \tno\r\n", b" \r\n"):
        world.sink.reset()
        message = line + mail.message(token=world.token())
        with hooks.Client() as client:
            client.deliver("x@none.example", ["bob@rcpt.example"], message, (mail.STRANGER, "x.example"))
        header = header_of(world.arrived()[0][1])
        ours = header.split("\r\nFrom:")[0].split("\r\n")
        expect(len(ours) == 2 and ours[1] == "Mailvouch-Disposition: quarantine", (line, header))
        expect(ours[0].count("dmarc=") == 1 and "dmarc=permerror" in ours[0], (line, header))


def deliver(world, message, client=CLIENT, sender="alice@reject.example", rcpts=("bob@rcpt.example",)):
    with hooks.Client() as session:
        return [reply[:3] for reply in session.deliver(sender, list(rcpts), message, client)]


def evidence_of(world, count):
    """It is written when the client already has its reply."""
    found = wait_for("%d lines" % count, lambda: len(evidence.lines()) >= count and evidence.lines())
    expect(len(found) == count, found)
    return found


def evidence_of_what_was_done(world):
    """One line for a message, not for a recipient; none for what all its recipients are to get again."""
    evidence.empty()
    world.use(server=evidence.SETTINGS, lmtp="on_reject = tag")
    forged, stranger = mail.message(token=world.token()), (mail.STRANGER, "x.example")
    expect(deliver(world, world.genuine(world.token()), rcpts=("bob@rcpt.example", "al@rcpt.example")) == ["250"] * 2, "?")
    expect(deliver(world, forged, stranger) == ["250"], "not tagged")
    expect(deliver(world, mail.message("x@nothing.example"), stranger) == ["250"], "no policy")
    expect(deliver(world, forged, None) == ["250"], "no client")
    world.sink.data = {"full": "452 4.2.2 full"}
    expect(deliver(world, forged, stranger, rcpts=["full@rcpt.example"]) == ["452"], "not deferred")
    world.sink.data = {"gone": "550 5.1.1 gone"}
    expect(deliver(world, forged, stranger, rcpts=["gone@rcpt.example"]) == ["550"], "not refused")
    passed, tagged, refused = evidence_of(world, 3)
    expect((passed["ip"], passed["dmarc"], passed["act"], passed["al"]) == (mail.SENDER, "pass", "none", "ds"), passed)
    for line in tagged, refused:
        expect((line["ip"], line["dmarc"], line["pub"], line["act"], line["why"]) ==
               (mail.STRANGER, "fail", "reject", "quarantine", "local_policy"), line)
    evidence.empty()
    world.use(server=evidence.SETTINGS, lmtp="on_reject = refuse\non_tempfail = defer")
    expect(deliver(world, forged, stranger) == ["550"], "not refused")
    world.front.rules["_dmarc.reject.example"] = Drop()
    expect(deliver(world, forged, stranger) == ["451"], "not deferred")
    line, = evidence_of(world, 1)
    expect((line["act"], line.get("why")) == ("reject", None), line)


def evidence_of_failures(world):
    """RFC 9991: one line for each message whose owner asks for a report, where it is switched on."""
    evidence.empty()
    stranger, author = (mail.STRANGER, "x.example"), "Alice <alice@asks.example>"

    def send():
        good = mail.sign(mail.message(author, token=world.token()), "asks.example", world.key)
        broken = good.replace(b"this is a test", b"this was a test")
        for raw, client in (good, CLIENT), (broken, CLIENT), (mail.message(author), stranger):
            expect(deliver(world, raw, client, "alice@asks.example") == ["250"], "not delivered")

    world.use(server=evidence.FAILURES)
    send()  # there is no key yet
    evidence_of(world, 3)
    expect(not evidence.failures(), evidence.failures())
    evidence.make_key()
    send()
    wait_for("two lines", lambda: len(evidence.failures()) == 2)
    broken, forged = evidence.failures()
    expect((broken["ip"], broken["want"], broken["miss"], broken["dkim"][:2]) ==
           (mail.SENDER, ["dmarc", "dkim"], ["dkim"], ["bodyhash", "asks.example"]), broken)
    expect((forged["ip"], forged["want"], forged["miss"], forged["spf"]) ==
           (mail.STRANGER, ["dmarc", "spf"], ["dkim", "spf"], ["fail", [["asks.example", mail.SPF]]]), forged)
    counts, reports = evidence.told()
    expect((counts["messages"], counts["failures"], counts["refused"]) == (6, 2, 0), counts)
    expect(reports == [("asks.example", "bodyhash", "dkim", mail.SENDER, "1"), ("asks.example", "dmarc", "dkim", mail.SENDER, "1"),
                       ("asks.example", "dmarc", "dkim, spf", mail.STRANGER, "1"),
                       ("asks.example", "spf", "dkim, spf", mail.STRANGER, "1")], reports)
    evidence.empty()
    world.use(server=evidence.SETTINGS)
    send()
    evidence_of(world, 3)
    expect(not evidence.texts("failures"), "a file of failures where they are switched off")
    os.unlink(evidence.KEY)


def evidence_on_a_full_disk(world):
    """Mail goes on; it is counted, and logged once in a minute, whichever thread meets it."""
    def failures():
        return world.hook.statistics()["mailvouch_lmtp_evidence_failures_total"]
    with evidence.Full() as disk:
        world.use(server=evidence.SETTINGS, lmtp="junk_detail = +Junk")
        for _ in range(3):
            expect(deliver(world, world.genuine(world.token())) == ["250"], "mail did not go on")
        wait_for("the count", lambda: failures() == 3)
        disk.free()
        for _ in range(2):
            expect(deliver(world, world.genuine(world.token())) == ["250"], "mail did not go on")
        evidence_of(world, 2)
        expect(failures() == 3, failures())
        world.hook.stop()  # it has the file open
        world.settings = None
    expect(world.hook.text().count("mail goes on without evidence for reports") == 1, world.hook.text())


def junk_by_address(world):
    world.use(lmtp="junk_detail = +Junk")
    world.sink.rcpt = {"nojunk+Junk": "550 5.1.1 no such mailbox"}
    world.sink.data = {"full+Junk": "452 4.2.2 full"}
    forged = mail.message(token=world.token())
    with hooks.Client() as client:
        replies = client.deliver("x@none.example", ["bob@rcpt.example", "full@rcpt.example", "nojunk@rcpt.example"],
                                 forged, (mail.STRANGER, "x"))
    expect([r[:3] for r in replies] == ["250", "452", "250"], replies)
    expect(world.arrived()[0][0] == ["bob+Junk", "nojunk"], world.sink.messages[0][0])


def dot_and_bytes(world):
    """Every byte of header and body arrives, whatever lines begin with."""
    world.use(lmtp="spool_memory_kib = 1")
    body = b"".join(b"." * (n % 5) + os.urandom(60).replace(b"\r", b"x").replace(b"\n", b"y") + b"\r\n" for n in range(500))
    message = mail.message(token=world.token(), body=body + b".\r\n..\r\n")
    with hooks.Client() as client:
        client.deliver("a@none.example", ["bob@rcpt.example"], message, CLIENT)
    expect(world.arrived()[0][1].endswith(message), "the message was changed")
    headerless = b"\r\nbody only\r\n", b"no header at all\r\n", b""
    for number, message in enumerate(headerless, 2):
        with hooks.Client() as client:
            client.deliver("a@none.example", ["bob@rcpt.example"], message, CLIENT)
        expect(world.arrived(number)[-1][1].endswith(message), repr(world.sink.messages[-1]))


# --- who the client is ---

def client_by_field_and_received(world):
    world.use(lmtp="client_field = yes", server="received_by = mx.rcpt.example")
    field = ("Mailvouch-Client", "addr=%s helo=mail.reject.example" % mail.SENDER)
    received = ("Received", "from mail.reject.example (x [%s])\r\n by mx.rcpt.example (Postfix) with ESMTP id 1" % mail.SENDER)
    other = ("Received", "from mail.reject.example (x [%s]) by mx.other.example with ESMTP" % mail.SENDER)
    for extra, wanted in (([field], "pass"), ([received], "pass"), ([field, field], ""), ([other, received], "")):
        world.sink.reset()
        with hooks.Client() as client:
            client.deliver("alice@reject.example", ["bob@rcpt.example"], world.genuine(world.token(), extra))
        header = header_of(world.arrived()[0][1])
        expect("spf=pass" in header if wanted == "pass" else "spf=" not in header, header)
        expect("dkim=pass" in header and "Mailvouch-Client" not in header, header)


def strangers_are_not_believed(world):
    world.use(lmtp="trusted_networks = 192.0.2.0/24\nclient_field = yes")
    with hooks.Client(("127.0.0.1", 2424)) as client:
        offer = client.hello()
        expect("XFORWARD" not in offer and "XCLIENT" not in offer, offer)
        expect(client.command("XFORWARD ADDR=192.0.2.10").startswith("550 5.7.0"), "XFORWARD was taken")
        extra = [("Mailvouch-Client", "addr=%s helo=x" % mail.SENDER)]
        client.envelope("alice@reject.example", ["bob@rcpt.example"])
        client.data(world.genuine(world.token(), extra))
    expect("spf=pass" not in header_of(world.arrived()[0][1]), "a stranger was believed")


# --- what must not happen ---

SMUGGLED = b"\r\nMAIL FROM:<evil@none.example>\r\nRCPT TO:<bob@rcpt.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n"


def smuggling(world):
    """Only CRLF.CRLF ends a message, and what others take for it is refused: never two messages of one."""
    world.use()
    sent = 0
    for end in (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\n.\r", b"\r.\n", b"\r\n.\r\r\n"):
        with hooks.Client() as client:
            client.hello(CLIENT)
            client.envelope("a@none.example", ["bob@rcpt.example"])
            client.command("DATA")
            client.send(mail.message(token=world.token(), body=b"x") + end + SMUGGLED[2:])
            reply = client.reply()
            expect(reply.startswith("554 5.6.0"), "%r: %s" % (end, reply))
            expect(client.command("NOOP").startswith("250"), "%r: out of step" % end)
            sent += 1
    expect(not world.sink.messages, "something was handed on")
    return "%d ways" % sent


def abuse(world):
    hook = world.use(lmtp="idle_timeout = 2s\nmax_message_mib = 1")
    with hooks.Client() as client:  # a command line of a megabyte
        client.send(b"LHLO " + b"x" * (1 << 20) + b"\r\n")
        expect(client.reply().startswith("500 5.5.2"), "long line")
        client.hello(CLIENT)
        expect(client.envelope("a@none.example", ["bob@rcpt.example"])[-1].startswith("250"), "no envelope after it")
        token = world.token()
        message = mail.message(token=token, extra=[("X-Long", "y" * 200000)])  # 200,000 header bytes
        expect(client.data(message)[0].startswith("250"), "200,000 header bytes")
    with hooks.Client() as client:
        client.hello(CLIENT)
        client.envelope("a@none.example", ["bob@rcpt.example"])
        expect(client.data(b"X: y\r\n" * 20000 + b"\r\n")[0].startswith("552 5.3.4"), "20,000 fields")
        client.envelope("a@none.example", ["bob@rcpt.example"])
        expect(client.data(b"X: " + b"y" * (2 << 20) + b"\r\n\r\n")[0].startswith("552 5.3.4"), "2 MiB")
        expect(client.command("NOOP").startswith("250"), "out of step")
    with hooks.Client() as client:  # nonsense, pipelined
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may hang up before it has read all
            client.send(os.urandom(200000).replace(b"\0", b"\n") + b"\r\n" * 30)
        answers = []
        while (reply := client.reply()):
            answers.append(reply)
        expect(answers and answers[-1].startswith("421 "), answers[-1:])
    with hooks.Client() as client:  # a stranger's pipeline that speaks before it is asked
        client.send(b"LHLO a\r\nMAIL FROM:<a@none.example>\r\nRCPT TO:<bob@rcpt.example>\r\nDATA\r\n" +
                    mail.message(token="pipelined") + b".\r\nQUIT\r\n")
        codes = [client.reply()[:3] for _ in range(7)]
        expect(codes == ["250", "250", "250", "354", "250", "221", ""], codes)
    silent = [hooks.Client() for _ in range(20)]  # half-open
    for client in silent[:10]:
        client.hello(CLIENT)
        client.envelope("a@none.example", ["bob@rcpt.example"])
        client.command("DATA")
    for client in silent:
        expect(client.reply().startswith("421 4.4.2"), "a silent client was kept")
        client.close()
    tokens = [re.search(rb"^X-Token: (\S+)", m, re.M).group(1).decode() for _, m in world.sink.messages]
    expect(sorted(t for t in tokens if t in (token, "pipelined")) == sorted([token, "pipelined"]), tokens)
    wait_for("the end of all connections", lambda: hook.statistics()["mailvouch_lmtp_connections_open"] == 0)


def limits(world):
    world.use(lmtp="max_connections = 3\nmax_recipients = 100")
    clients = [hooks.Client() for _ in range(3)]
    with hooks.Client() as client:
        expect(client.greeting.startswith("421 4.3.2"), client.greeting)
    replies = clients[0].hello() and clients[0].envelope("a@none.example", ["u%d@rcpt.example" % n for n in range(101)])
    expect(replies[100].startswith("250") and replies[101].startswith("452 4.5.3"), replies[-2:])
    expect(len(clients[0].data(mail.message(), 100)) == 100, "replies")
    for client in clients:
        client.close()


def stop_and_reload(world):
    hook = world.use()
    idle, busy, new, silent = (hooks.Client() for _ in range(4))
    expect(idle.deliver("a@none.example", ["bob@rcpt.example"], mail.message(token="before"))[0].startswith("250"), "before")
    busy.hello(CLIENT)
    busy.envelope("a@none.example", ["bob@rcpt.example"])
    write(hooks.CONFIG, "[lmtp]\nnonsense = 1\n")
    hook.process.send_signal(signal.SIGHUP)
    wait_for("the complaint", lambda: "the configuration stays as it was" in hook.text())
    hook.configure(SINK, lmtp="max_message_mib = 2")
    hook.process.send_signal(signal.SIGHUP)
    wait_for("the reload", lambda: "was read again" in hook.text())
    with hooks.Client() as client:
        expect("SIZE 2097152" in client.hello(), "the new configuration does not hold")
    hook.process.send_signal(signal.SIGUSR1)
    wait_for("statistics", lambda: "statistics: connections=5" in hook.text())
    hook.process.terminate()
    terminated = time.monotonic()
    expect(idle.reply().startswith("421 4.3.2"), "an idle client was not told")
    expect(hook.process.poll() is None, "ended with a transaction open")
    expect(busy.data(mail.message(token="late"))[0].startswith("250"), "the transaction was not finished")
    expect(busy.reply().startswith("421 4.3.2"), "not told after the transaction")
    expect(new.deliver("a@none.example", ["bob@rcpt.example"], mail.message(token="new"))[0].startswith("250"),
           "who had just come was turned away")
    expect(new.reply().startswith("421 4.3.2"), "not told after its message")
    expect(time.monotonic() - terminated < 4, "too late to say anything of who is let in")
    expect(silent.reply().startswith("421 4.3.2"), "who says nothing was not told")
    expect(4 < time.monotonic() - terminated < 30, "who says nothing was waited for, or not")
    expect(hook.process.wait(10) == 0, "status")
    world.arrived(3)
    world.hook.process = None


def socket_activation(world):
    world.hook.stop()
    path = hooks.DIRECTORY + "/activated"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(10)
    notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notified.bind(hooks.DIRECTORY + "/notify")
    os.chmod(hooks.DIRECTORY + "/notify", 0o666)
    notified.settimeout(10)
    hooks_process = subprocess.Popen(
        ["sh", "-c", 'exec 3<&%d; LISTEN_PID=$$ LISTEN_FDS=1 NOTIFY_SOCKET=%s/notify exec "$0" --config %s --user nobody'
         % (listener.fileno(), hooks.DIRECTORY, hooks.CONFIG), hooks.BINARY], pass_fds=[listener.fileno()])
    try:
        expect(notified.recv(1000).startswith(b"READY=1"), "not ready")
        with hooks.Client(path) as client:
            client.deliver("a@none.example", ["bob@rcpt.example"], mail.message(token=world.token()), CLIENT)
        world.arrived()
    finally:
        hooks_process.terminate()
        expect(hooks_process.wait(20) == 0, "status")


# --- faults: nothing is lost ---

class Load:
    """MTAs that hold each message until it was taken with 250, and try again otherwise."""
    def __init__(self, world, threads, messages, address=hooks.SOCKET, size=400, timeout=30):
        self.world, self.address, self.timeout = world, address, timeout
        self.sent = {"m%d" % n for n in range(messages)}
        self.todo = sorted(self.sent)
        self.total, self.body = messages, b"x" * 70 + b"\r\n"
        self.body *= max(1, size // 72)
        self.tries = 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def run(self):
        client = None
        while True:
            with self.lock:
                if not self.todo:
                    break
                token = self.todo.pop()
                self.tries += 1
            try:
                if client is None:
                    client = hooks.Client(self.address, self.timeout)
                    client.hello()
                client.command("XFORWARD ADDR=%s HELO=%s" % CLIENT)
                client.envelope("alice@none.example", ["bob@rcpt.example"])
                replies = client.data(mail.message("alice@none.example", token=token, body=self.body))
                done = replies[0].startswith("250")
            except OSError:
                replies, done = [""], False
            if not done:
                with self.lock:
                    self.todo.insert(0, token)
                if client is not None:
                    client.close()
                client = None
                time.sleep(0.02)
        if client is not None:
            client.close()

    def wait(self, seconds=60):
        end = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.1, end - time.monotonic()))
            expect(not thread.is_alive(), "the load does not end: %d to do" % len(self.todo))

    def left(self):
        return len(self.todo)

    def found(self):
        tokens = [re.search(rb"^X-Token: (\S+)", m, re.M).group(1).decode() for _, m in self.world.sink.messages]
        tokens = [token for token in tokens if token in self.sent]  # an earlier situation's may come late
        expect(not self.sent.difference(tokens), "lost: %s" % sorted(self.sent.difference(tokens)))
        return "%d sent in %d tries, %d found, %d of them twice" % (self.total, self.tries, len(set(tokens)),
                                                                   len(tokens) - len(set(tokens)))


def kill_under_load(world):
    hook = world.use()
    rng = random.Random(4)
    load = Load(world, 8, 1500)
    for _ in range(10):
        time.sleep(rng.uniform(0.02, 0.2))
        hook.stop(signal.SIGKILL)
        hook.start()
    load.wait()
    return load.found()


def next_hop_killed(world):
    world.use()
    load = Load(world, 8, 800)
    for _ in range(5):
        time.sleep(0.1)
        world.sink.down()
        time.sleep(0.05)
        world.sink.up()
    load.wait()
    return load.found()


def next_hop_stalls(world):
    """Under load, and longer than is waited for: tried again, and there twice where it had been taken after all."""
    world.use(lmtp="next_hop_timeout = 1s")
    world.sink.stall = 1.5
    load = Load(world, 8, 60)
    time.sleep(2.5)
    world.sink.stall = 0
    load.wait()
    return load.found()


def next_hop_answers(world):
    """Where the next hop can leave in the dialogue, and what the client is told."""
    world.use(lmtp="next_hop_timeout = 1s")
    for where, wanted in (("RCPT", "451 4.4.2"), ("DATA", "451 4.4.2"), ("message", "451 4.4.2"), ("dot", "451 4.4.2")):
        world.sink.reset()
        world.sink.hang_up = where
        with hooks.Client() as client:
            client.hello(CLIENT)
            replies = client.envelope("a@none.example", ["bob@rcpt.example", "al@rcpt.example"])
            if where != "RCPT":
                replies = client.data(mail.message(body=b"x" * 100000 + b"\r\n"), 2)
            expect(all(r.startswith(wanted) for r in replies[-2:]), "%s: %s" % (where, replies))
            world.sink.hang_up = None
            if where == "RCPT":
                client.command("RSET")
            again = client.envelope("a@none.example", ["bob@rcpt.example"]) + client.data(mail.message())
            expect(again[-1].startswith("250"), "%s, again: %s" % (where, again))
    world.sink.data_reply = "450 4.3.2 not now"
    with hooks.Client() as client:
        replies = client.deliver("a@none.example", ["bob@rcpt.example", "al@rcpt.example"], mail.message(), CLIENT)
        expect(replies == ["450 4.3.2 not now"] * 2, replies)
    world.sink.reset()
    world.sink.stall = 3
    with hooks.Client() as client:
        replies = client.deliver("a@none.example", ["bob@rcpt.example", "al@rcpt.example"], mail.message(), CLIENT)
        expect(all(r.startswith("451 4.4.2") for r in replies) and len(replies) == 2, replies)
    world.sink.down()
    with hooks.Client() as client:
        expect(client.command("LHLO a").startswith("421 4.4.1"), "no next hop")


def disk_full(world):
    directory = E2E + "/tiny"
    os.makedirs(directory, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=1777", "tmpfs", directory], check=True)
    world.use(lmtp="spool_directory = %s\nspool_memory_kib = 1" % directory)
    with hooks.Client() as client:
        client.hello(CLIENT)
        client.envelope("a@none.example", ["bob@rcpt.example", "al@rcpt.example"])
        replies = client.data(mail.message(body=(b"x" * 70 + b"\r\n") * 10000), 2)
        expect(all(r.startswith("452 4.3.1") for r in replies), replies)
        expect(client.command("NOOP").startswith("250"), "out of step")
    load = Load(world, 4, 60, size=100000)  # some find room, some wait for it
    load.wait()
    subprocess.run(["umount", "-l", directory], check=False)
    return load.found()


def dns_down_and_slow(world):
    world.use()
    world.front.default = Drop()
    load = Load(world, 10, 40)
    load.wait()
    expect("dmarc=temperror" in header_of(world.sink.messages[0][1]), "not told")
    result = load.found()
    world.sink.reset()
    world.front.default = Delay(0.3)
    load = Load(world, 10, 40)
    load.wait()
    expect("dmarc=pass" in header_of(world.sink.messages[0][1]), header_of(world.sink.messages[0][1]))
    return "down: %s; slow: %s" % (result, load.found())


def answers_are_kept(world):
    """What was asked for one message is not asked for the next, not even of a server that is down; no error is kept."""
    def dmarc_of(sender, message):
        world.sink.reset()
        with hooks.Client() as client:
            client.deliver(sender, ["bob@rcpt.example"], message, CLIENT)
        return re.search(r"dmarc=(\w+)", header_of(world.arrived()[0][1])).group(1)

    world.use(server="dns_cache = 1min")
    world.front.rules["none.example"] = Drop()
    expect(dmarc_of("alice@reject.example", world.genuine(world.token())) == "pass", "not pass")
    expect(dmarc_of("x@none.example", mail.message(from_="x@none.example", token=world.token())) == "temperror", "told")
    asked = len(world.front.questions)
    expect(asked > 0, "nothing was asked")
    world.front.reset()
    world.front.default = Drop()
    expect(dmarc_of("alice@reject.example", world.genuine(world.token())) == "pass", "not pass without DNS")
    expect(world.front.questions == [], world.front.questions)
    world.front.reset()
    dmarc = dmarc_of("x@none.example", mail.message(from_="x@none.example", token=world.token()))
    expect(dmarc == "pass" and world.front.questions != [], dmarc)
    return "%d questions, then none" % asked


def load(world):
    """50 connections: memory flat, no descriptor is left over."""
    hook = world.use()
    Load(world, 50, 1000).wait(90)
    wait_for("idle", lambda: hook.statistics()["mailvouch_lmtp_connections_open"] == 0)
    memory, descriptors = hook.memory_kib(), hook.descriptors()
    world.sink.reset()
    run = Load(world, 50, 10000)
    run.wait(240)
    wait_for("idle", lambda: hook.statistics()["mailvouch_lmtp_connections_open"] == 0)
    expect(hook.memory_kib() < memory + 4096, "memory: %d KiB, then %d" % (memory, hook.memory_kib()))
    expect(hook.descriptors() <= descriptors + 4, "descriptors: %d, then %d" % (descriptors, hook.descriptors()))
    return "%s; memory %d KiB, then %d; descriptors %d, then %d" % (run.found(), memory, hook.memory_kib(), descriptors,
                                                                    hook.descriptors())


def sanitized(world):
    binary = os.environ.get("MV_SANITIZED", "") + "/mailvouch-lmtpd"
    if not os.path.exists(binary):
        raise Skip("no build with sanitizers in " + os.path.dirname(binary))
    world.hook.stop()
    hook = hooks.Hook(binary)
    plain, world.hook = world.hook, hook
    world.settings = None
    try:
        world.use()
        run = Load(world, 20, 300)
        run.wait(90)
        found = run.found()
        for situation in (tags, smuggling, next_hop_answers, junk_by_address, dialogue.extensions, dialogue.xclient,
                          dialogue.clients_that_leave, dialogue.next_hops):
            world.reset()
            situation(world)
        world.reset()
        abuse(world)
        expect(hook.stop() == 0, "it did not end well: " + hook.text()[-2000:])
        expect("Sanitizer" not in servers.read(hook.log) and "runtime error" not in servers.read(hook.log), hook.text())
        return found
    finally:
        world.hook = plain
        world.settings = None


ALL = [tags, same_verdict_as_the_command, handed_over, nothing_goes_into_our_fields, refused_by_disposition,
       evidence_of_what_was_done, evidence_of_failures, evidence_on_a_full_disk, junk_by_address, dot_and_bytes, client_by_field_and_received,
       strangers_are_not_believed] + dialogue.ALL + real.ALL + [
       smuggling, abuse, limits, stop_and_reload, socket_activation, next_hop_answers,
       next_hop_stalls, kill_under_load, next_hop_killed, disk_full, dns_down_and_slow, answers_are_kept,
       load, sanitized]
