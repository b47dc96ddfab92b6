"""The situations: what is submitted, and what must come of it."""
import concurrent.futures
import email.message
import os
import re
import time

import servers
import shapes
import signkeys
import submit
from dnsfront import Drop
from world import CONFIG, DECIDED, Failed


class Setup:
    """One configuration of the servers; situations of one setup run one after the other."""
    def __init__(self, name, exim="", **dovecot_options):
        self.name, self.exim, self.dovecot_options = name, exim, dovecot_options


EXIM = "IGNORE_SMTP_LINE_LENGTH_LIMIT = yes\nMESSAGE_SIZE_LIMIT = 200M\n"
CHUNKING = Setup("relay with CHUNKING", EXIM)
DATA = Setup("relay without CHUNKING, configuration elsewhere", EXIM + "chunking_advertise_hosts =\n",
             settings="{other_config}\n")
TLS = Setup("relay by TLS, one process for all", EXIM, settings="""submission_relay_ssl = starttls
submission_relay_ssl_verify = no
{plugin}
service submission {
  client_limit = 100
  process_limit = 1
  {restart}
}
""")
# A refused message is a RSET to the relay, and Exim counts them
VALGRIND = Setup("valgrind", EXIM + "smtp_accept_max_nonmail = 1000\n", settings="""{other_config, GDB}
service submission {
  executable = /usr/bin/valgrind -q --vgdb=no --leak-check=full --log-file={dir}/log/valgrind.%p /usr/lib/dovecot/submission
  vsz_limit = {no_limit}
}
""")
SETUPS = [CHUNKING, DATA, TLS, VALGRIND]


class Situation:
    def __init__(self, name, setup, function):
        self.name, self.setup, self.run = name, setup, function


ALL = []


def situation(setup=CHUNKING):
    def add(function):
        ALL.append(Situation(function.__name__.replace("_", " "), setup, function))
        return function
    return add


# --- the shapes of messages, by every way in and both ways on ---

def add_shape(setup, way, name, message, expected):
    def run(world):
        with submit.Client() as client:
            reply = client.send(message, way)
        if expected is shapes.PASS:
            world.expect_signed(reply)
        else:
            world.expect_refused(reply, expected)
    ALL.append(Situation("%s by %s" % (name, way), setup, run))


for setup in (CHUNKING, DATA):
    for way in ("data", "bdat", "chunks"):
        for shape in shapes.SHAPES + (shapes.CHUNKS_ONLY if way != "data" else []):
            add_shape(setup, way, *shape)
for shape in shapes.SHAPES:
    if len(shape[1]) < 2000:
        add_shape(CHUNKING, 1, *shape)


def add_burl(name, message, expected, by):
    def run(world):
        mailbox = submit.Mailbox()
        uid = mailbox.append(message)
        url = mailbox.urlauth(uid) if by == "urlauth" else mailbox.url(uid)
        with submit.Client() as client:
            reply = client.burl(url)
        mailbox.close()
        if expected is shapes.PASS:
            world.expect_signed(reply)
        else:
            world.expect_refused(reply, expected)
    ALL.append(Situation("%s by BURL (%s)" % (name, by), CHUNKING, run))


IN_A_MAILBOX = ("plain", "lines of dots", "8-bit body, UTF-8", "folded fields", "2 MB", "two From", "no From")
for shape in shapes.SHAPES:
    if shape[0] in IN_A_MAILBOX:
        add_burl(*shape, by="urlauth")
add_burl("plain", shapes.PLAIN, shapes.PASS, by="own mailbox")


@situation()
def burl_after_a_chunk(world):
    """A header of one's own, and the body out of the mailbox."""
    mailbox = submit.Mailbox()
    url = mailbox.urlauth(mailbox.append(shapes.PLAIN)) + ""
    with submit.Client() as client:
        client.envelope(submit.ALICE, ["file@rcpt.example"])
        client.write(b"BDAT %d\r\n" % len(b"X-First: yes\r\n") + b"X-First: yes\r\n")
        world.expect(client.read(), r"^250 ", "chunk")
        reply = client.command("BURL %s LAST" % url)
    mailbox.close()
    raw = world.expect_signed(reply)
    world.expect(raw.decode(), r"^X-First: yes$", "message")


@situation()
def a_mail_program(world):
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "Alice <alice@users.example>", "file@rcpt.example", "Grüße"
    message.set_content("Grüße\n.\nvon Alice\n")
    message.add_attachment(os.urandom(200000), maintype="application", subtype="octet-stream", filename="x.bin")
    refused = submit.with_smtplib(message)
    if refused:
        raise Failed("smtplib: %r" % refused)
    servers.wait_for("delivery", world.stored)
    world.expect_good(world.arrived()[0])
    world.expect_log(DECIDED + ".*alice@users.example.*users.example.*")


@situation()
def signature_stands_on_top_of_dovecots_received(world):
    with submit.Client() as client:
        raw = world.expect_signed(client.send(shapes.PLAIN))
    text = raw.decode()
    if not text.index("DKIM-Signature:") < text.index("Received: from client.example"):
        raise Failed(text)


@situation()
def several_messages_in_one_connection(world):
    with submit.Client() as client:
        for way in ("data", "bdat", "data", "chunks"):
            world.expect_signed(client.send(shapes.PLAIN, way))
            world.expect(client.send(shapes.HEADER + shapes.FROM + b"\r\n", way), r"^5", "two From")


@situation()
def several_recipients(world):
    with submit.Client() as client:
        reply = client.send(shapes.PLAIN, rcpts=["file@rcpt.example", "file@mx.rcpt.example"])
    world.expect(reply, r"^250 ", "reply")
    for raw in world.arrived(2):
        world.expect_good(raw)


@situation()
def null_sender(world):
    with submit.Client() as client:
        world.expect_signed(client.send(shapes.PLAIN, mail_from=""))


# --- who may send as whom ---

@situation()
def foreign_author_is_refused(world):
    message = shapes.PLAIN.replace(b"alice@users.example", b"mallory@other.example")
    with submit.Client() as client:
        reply = client.send(message)
    world.expect_refused(reply, r"^550 5\.7\.1 ", r"other\.example")


@situation()
def another_user_of_ours_is_refused(world):
    with submit.Client() as client:
        reply = client.send(shapes.PLAIN.replace(b"alice@users.example", b"bob@users.example"))
        world.expect_refused(reply, r"^550 5\.7\.1 ", r"alice@users\.example")
        world.expect_signed(client.send(shapes.PLAIN))


@situation()
def users_file_is_read_anew(world):
    users = "/etc/mailvouch/users"
    servers.write(users, "")
    world.set_config(CONFIG + "users_file = %s\n" % users)
    message = shapes.PLAIN.replace(b"alice@users.example", b"sales@users.example")
    with submit.Client() as client:
        world.expect_refused(client.send(message), r"^550 5\.7\.1 ")
        servers.write(users, "alice@users.example: sales@users.example\n")
        world.expect_signed(client.send(message))


@situation()
def foreign_author_goes_unsigned_where_that_is_wanted(world):
    world.set_config(CONFIG + "foreign_from = unsigned\n")
    message = shapes.PLAIN.replace(b"alice@users.example", b"mallory@other.example")
    with submit.Client() as client:
        world.expect(client.send(message), r"^250 ", "reply")
    world.expect_not(world.arrived()[0].decode(), r"^DKIM-Signature", "message")
    world.expect_log(DECIDED + r".*unsigned")


# --- load ---

@situation(TLS)
def many_users_in_one_process(world):
    """client_limit is above 1 here: connections share the engine, and each gets its own answer."""
    def send(n):
        with submit.Client("user%d@users.example" % n) as client:
            replies = []
            for i in range(3):
                bad = (n + i) % 3 == 0
                message = shapes.PLAIN.replace(b"Subject: Test", b"Subject: n%d.%d" % (n, i))
                message = message.replace(b"alice@users", b"alice@other" if bad else b"user%d@users" % n)
                replies.append((bad, client.send(message, ("data", "bdat", "chunks")[i],
                                                 mail_from="user%d@users.example" % n)))
            return replies

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = [answer for answers in pool.map(send, range(10)) for answer in answers]
    for bad, reply in answers:
        world.expect(reply, r"^550 5\.7\.1 " if bad else r"^250 ", "reply")
    good = len([reply for bad, reply in answers if not bad])
    for raw in world.arrived(good):
        world.expect_good(raw)
    if len(set(re.findall(r"submission\([^)]*\)<(\d+)>", world.dovecot.log()))) != 1:
        raise Failed("it was not one process")


def peak_kb(pid):
    return int(re.search(r"^VmHWM:\s+(\d+)", servers.read("/proc/%d/status" % pid), re.M).group(1))


BIG_MB, MAX_GROWTH_KB = 50, 2048


def add_memory(way):
    def run(world):
        message = shapes.HEADER + b"\r\n" + b"".join(b"%07d %s\r\n" % (n, b"abcdefghij" * 6) for n in range(BIG_MB << 14)) \
            [:BIG_MB << 20]
        with submit.Client(timeout=120) as client:
            pid, = world.dovecot.submission_pids()
            world.expect_signed(client.send(shapes.PLAIN, way))
            before = peak_kb(pid)
            reply = client.send(message, way if way == "data" else 65536)
            after = peak_kb(pid)
        world.expect(reply, r"^250 ", "reply")
        size = len(world.arrived()[0])
        world.expect_good(world.arrived()[0])
        print("    %d bytes by %s: peak resident memory %d kB before, %d kB after" % (size, way, before, after))
        if after - before > MAX_GROWTH_KB:
            raise Failed("the process grew by %d kB" % (after - before))
    ALL.append(Situation("%d MB by %s do not grow the process" % (BIG_MB, way), CHUNKING, run))


for way in ("data", "bdat"):
    add_memory(way)


# --- memory ---

def valgrind_reports(world):
    logs = {}
    for name in os.listdir(world.dovecot.directory + "/log"):
        if name.startswith("valgrind."):
            logs[name] = servers.read("%s/log/%s" % (world.dovecot.directory, name))
    return logs


@situation(VALGRIND)
def valgrind_finds_nothing(world):
    """Signed, refused, deferred, rolled, and a connection that breaks off."""
    with submit.Client() as client:
        for name, message, expected in shapes.SHAPES:
            if len(message) < 200000:
                for way in ("data", "chunks"):
                    world.expect(client.send(message, way), expected or r"^250 ", name)
        os.unlink(world.store.path(world.keys[0]))
        client.send(shapes.PLAIN)
        world.store.clear()
        world.expect(client.send(shapes.PLAIN), r"^451 4\.7\.5 ", "reply")
        world.store.write(world.next_keys)
        world.expect(client.send(shapes.PLAIN), r"^250 ", "reply")
        client.command("QUIT")
    with submit.Client() as client:
        client.envelope(submit.ALICE, ["file@rcpt.example"])
        client.command("DATA")
        client.write(shapes.PLAIN)
    servers.wait_for("the end of the processes", lambda: not world.dovecot.submission_pids(), 30)
    reports = valgrind_reports(world)
    if not reports:
        raise Failed("valgrind has written nothing")
    for name, report in reports.items():
        world.expect_not(report, r"==", name)
