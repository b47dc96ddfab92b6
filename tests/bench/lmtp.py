"""The measurements of lmtp.sh, inside its namespaces.

Both ways are run in turns, so that what else the machine does falls on both:

    direct      client -> Dovecot's LMTP
    with hook   client -> mailvouch-lmtpd -> Dovecot's LMTP

The client is smtp-source itself, and then a Postfix that smtp-source talks to.
Messages of 10 kB with one RSA-2048 signature are checked for SPF, DKIM and
DMARC; DNS is an NSD on loopback.  CPU is user and system time from /proc, of
each server with all its children, and of smtp-source.
"""
import glob
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", name) for name in ("lmtp", "e2e")]
import hook as hooks  # noqa: E402
import mail  # noqa: E402
import people  # noqa: E402
import postfix as postfixes  # noqa: E402
import servers  # noqa: E402
from examples import example  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
USERS = 10
RECEIVED = ("Received", "from mail.reject.example (mail.reject.example [%s])\r\n\tby mx.rcpt.example (Postfix) with ESMTP"
            % mail.SENDER)  # smtp-source has no XFORWARD
ROW = "%-12s %10.0f %10.2f %10.2f %8.2f %8.2f %8.2f %10d %12d"
HEAD = ROW.replace(".0f", "s").replace(".2f", "s").replace("d", "s")


def processes():
    """{pid: (parent, seconds of it and of its children that have ended)}"""
    found = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path) as f:
                words = f.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        found[int(path.split("/")[2])] = int(words[1]), sum(int(word) for word in words[11:15]) / TICK
    return found


def cpu_seconds(pid):
    """Of a process and of all below it."""
    found = processes()
    wanted = {pid}
    while True:
        more = {child for child, (parent, _) in found.items() if parent in wanted} - wanted
        if not more:
            return sum(found[one][1] for one in wanted if one in found)
        wanted |= more


class Bench:
    def __init__(self, connections):
        self.connections = connections
        people.add()
        key = mail.Key(2048)
        self.nsd = servers.Nsd(mail.zone(key), address="127.0.0.1")
        self.dovecot = servers.Dovecot()
        self.hook = hooks.Hook()
        self.hook.configure(self.dovecot.socket, server="received_by = mx.rcpt.example\ndns_cache = 5min")
        self.hook.start()
        self.postfix = None
        body = b"This line has sixty-four octets with its end, like many others..\r\n" * 150
        raw = mail.sign(mail.message(body=body), "reject.example", key)
        self.file = servers.E2E + "/bench.eml"
        with open(self.file, "wb") as f:  # smtp-source wants LF
            f.write((("%s: %s\r\n" % RECEIVED).encode() + raw).replace(b"\r\n", b"\n"))

    def use_postfix(self, socket):
        text = example("postfix-main.cf", {"/run/mailvouch/lmtp": socket})
        if self.postfix is None:
            # smtp-source cannot choose its address, and a client with the server's own counts as local
            subprocess.run(["ip", "route", "replace", "local", "203.0.113.25", "dev", "lo", "table", "local", "src",
                            mail.SENDER], check=True)
            self.postfix = postfixes.Postfix(text)
            return
        self.postfix.configure(text)
        self.postfix.command("reload")
        time.sleep(0.5)

    def send(self, messages, options):
        each = ["-d", "-s", str(max(1, self.connections // USERS)), "-m", str(messages // USERS), "-F", self.file,
                "-f", "alice@reject.example", "-M", "mail.reject.example"]
        sources = [subprocess.Popen(["smtp-source"] + each + ["-t", "user%d@rcpt.example" % number] + options)
                   for number in range(USERS)]
        for source in sources:
            if source.wait() != 0:
                raise RuntimeError("smtp-source ended with status %d" % source.returncode)

    def delivered(self):
        return sum(len(os.listdir(path)) for path in glob.glob(self.dovecot.directory + "/mail/*/Maildir/new"))

    def clear(self):
        shutil.rmtree(self.dovecot.directory + "/mail")
        os.makedirs(self.dovecot.directory + "/mail")
        shutil.chown(self.dovecot.directory + "/mail", "mail", "mail")

    def pids(self):
        postfix = 0
        if self.postfix is not None:
            postfix = int(servers.read(postfixes.DIRECTORY + "/queue/pid/master.pid"))
        return [self.dovecot.process.pid, self.hook.process.pid, self.nsd.process.pid, postfix]

    def measure(self, messages, options):
        """Messages a second until all are delivered; CPU ms for a message in Dovecot, hook, NSD, Postfix, smtp-source."""
        def used():
            source = resource.getrusage(resource.RUSAGE_CHILDREN)
            return [cpu_seconds(pid) if pid else 0.0 for pid in self.pids()] + [source.ru_utime + source.ru_stime]

        before = used()
        started = time.monotonic()
        self.send(messages, options)
        servers.wait_for("all messages", lambda: self.delivered() >= messages, 300)
        speed = messages / (time.monotonic() - started)
        time.sleep(0.3)  # the last processes are reaped
        spent = [(after - start) * 1000 / messages for after, start in zip(used(), before)]
        if self.delivered() != messages:
            raise RuntimeError("%d messages were sent, %d delivered" % (messages, self.delivered()))
        self.clear()
        return [speed] + spent

    def close(self):
        if self.postfix is not None:
            self.postfix.stop()
        for server in (self.hook, self.dovecot, self.nsd):
            server.stop()


def conclude(rows):
    medians = {name: [statistics.median(column) for column in zip(*some)] for name, some in rows.items()}
    direct, hooked = medians["direct"], medians["with hook"]
    pairs = sorted(h[0] / d[0] for h, d in zip(rows["with hook"], rows["direct"]))
    print("ratio of medians %.2f (pairs: %.2f to %.2f); by CPU of all processes %.2f; CPU in the hook %.2f of Dovecot's\n" %
          (hooked[0] / direct[0], pairs[0], pairs[-1], sum(direct[1:]) / sum(hooked[1:]), hooked[2] / hooked[1]))


def compare(bench, what, pairs, messages, prepare):
    """prepare(socket): the options of smtp-source."""
    rows = {"direct": [], "with hook": []}
    bench.measure(USERS * 10, prepare(bench.dovecot.socket))  # warms up
    print("%s, %d messages on %d connections in each run" % (what, messages, bench.connections))
    print(HEAD % ("", "messages/s", "Dovecot ms", "hook ms", "NSD ms", "Postfix", "source", "hook KiB", "descriptors"))
    for _ in range(pairs):
        for name, socket in (("direct", bench.dovecot.socket), ("with hook", hooks.SOCKET)):
            row = bench.measure(messages, prepare(socket))
            rows[name].append(row)
            print(ROW % tuple([name] + row + [bench.hook.memory_kib(), bench.hook.descriptors()]), flush=True)
    conclude(rows)


def main(pairs=5, messages=10000, connections=50):
    messages -= messages % USERS
    behind_postfix = max(USERS, messages // 5 - messages // 5 % USERS)
    bench = Bench(connections)

    def by_postfix(socket):
        bench.use_postfix(socket)
        return ["203.0.113.25:%d" % postfixes.PORT]

    try:
        compare(bench, "smtp-source in front", pairs, messages, lambda socket: ["-L", "unix:" + socket])
        compare(bench, "Postfix in front", pairs, behind_postfix, by_postfix)
        judged = bench.hook.statistics()['mailvouch_lmtp_dmarc_total{result="pass"}']
        if judged != pairs * (messages + behind_postfix):
            raise RuntimeError("%d messages passed DMARC, not %d" % (judged, pairs * (messages + behind_postfix)))
    finally:
        bench.close()


main(*(int(argument) for argument in sys.argv[1:]))
