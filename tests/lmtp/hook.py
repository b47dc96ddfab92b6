"""mailvouch-lmtpd under test, and an LMTP client that says exactly what it is told to."""
import os
import pwd
import signal
import socket
import subprocess
import sys
import urllib.request

from servers import E2E, read, wait_for, write

DIRECTORY = E2E + "/hook"
SOCKET = DIRECTORY + "/run/lmtp"
CONFIG = DIRECTORY + "/mailvouch.conf"
STATISTICS = "127.0.0.1:9099"
BINARY = "/usr/local/sbin/mailvouch-lmtpd"
USER = "nobody"


def configuration(next_hop, lmtp="", server=""):
    """No answer of DNS is kept unless a test asks for it: the others count on misbehaving servers."""
    if "dns_cache" not in server:
        server = "dns_cache = 0s\n" + server
    return """[server]
authserv_id = mx.rcpt.example
dns_deadline = 2s
dns_try = 500ms
%s
[lmtp]
listen = %s, 127.0.0.1:2424
listen_access = all
statistics = %s
next_hop = %s
%s
""" % (server, SOCKET, STATISTICS, next_hop, lmtp)


class Hook:
    def __init__(self, binary=BINARY, config=CONFIG, user=USER):
        self.binary, self.config, self.user = binary, config, user
        os.makedirs(DIRECTORY + "/run", exist_ok=True)
        os.chmod(DIRECTORY, 0o755)
        os.chown(DIRECTORY + "/run", pwd.getpwnam(USER).pw_uid, -1)
        self.log = DIRECTORY + "/log"
        self.process = None
        self.mark = 0

    def configure(self, next_hop, lmtp="", server=""):
        write(CONFIG, configuration(next_hop, lmtp, server))

    def start(self):
        self.mark = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.binary, "--config", self.config, "--user", self.user],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_for("the hook", lambda: "is ready" in self.text() or self.process.poll() is not None, 20)
        finally:
            if self.process.poll() is not None:
                raise RuntimeError("the hook ended: " + self.text())

    def restart(self, *configuration_, **settings):
        self.stop()
        self.configure(*configuration_, **settings)
        self.start()

    def stop(self, how=signal.SIGTERM):
        """The exit status."""
        if self.process is None:
            return 0
        self.process.send_signal(how)
        status = self.process.wait(95)
        self.process = None
        return status

    def text(self):
        return read(self.log)[self.mark:]

    def statistics(self):
        with urllib.request.urlopen("http://%s/metrics" % STATISTICS, timeout=5) as answer:
            lines = answer.read().decode().split("\n")
        return {line.rsplit(" ", 1)[0]: int(line.rsplit(" ", 1)[1]) for line in lines if line and line[0] != "#"}

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def memory_kib(self):
        for line in read("/proc/%d/status" % self.process.pid).split("\n"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0


class Client:
    def __init__(self, address=SOCKET, timeout=60):
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX)
        else:
            self.socket = socket.socket()
        self.socket.settimeout(timeout)
        self.socket.connect(address)
        self.lines = self.socket.makefile("rb")
        self.greeting = self.reply()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        self.lines.close()
        self.socket.close()

    def reply(self):
        """One reply, its lines joined by LF; "" when the connection was closed."""
        lines = []
        while True:
            try:
                line = self.lines.readline()
            except ConnectionError:
                return "\n".join(lines)
            if not line:
                return "\n".join(lines)
            lines.append(line.decode("utf-8", "replace").rstrip("\r\n"))
            if lines[-1][3:4] != "-":
                return "\n".join(lines)

    def send(self, data):
        self.socket.sendall(data)

    def command(self, line):
        self.send(line.encode() + b"\r\n")
        return self.reply()

    def hello(self, client=None):
        """LHLO, and XFORWARD with (address, HELO)."""
        reply = self.command("LHLO mx.rcpt.example")
        if client is not None:
            self.command("XFORWARD ADDR=%s HELO=%s" % client)
        return reply

    def envelope(self, sender, recipients):
        return [self.command("MAIL FROM:<%s>" % sender)] + [self.command("RCPT TO:<%s>" % r) for r in recipients]

    def data(self, message, replies=1):
        """The replies to the final dot."""
        first = self.command("DATA")
        if not first.startswith("354"):
            return [first]
        if message.startswith(b"."):
            message = b"." + message
        self.send(message.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return [self.reply() for _ in range(replies)]

    def deliver(self, sender, recipients, message, client=None):
        self.hello(client)
        self.envelope(sender, recipients)
        return self.data(message, len(recipients))


if __name__ == "__main__":
    sys.exit("this is a module")
