"""A raw SMTP client: sends exactly the bytes it is given, from any local address."""
import re
import socket
import ssl


class Reply:
    """One reply; text has its lines joined, with the codes once."""
    def __init__(self, lines):
        self.lines = lines
        self.code = int(lines[-1][:3])
        enhanced = re.match(r"[245]\.\d+\.\d+ ", lines[0][4:])
        begin = 4 + (enhanced.end() if enhanced else 0)
        self.text = lines[0][:3] + " " + " ".join([lines[0][4:]] + [line[begin:] for line in lines[1:]])

    def __str__(self):
        return self.text


class Client:
    def __init__(self, source, server=None, port=25, timeout=60):
        if server is None:
            server = "2001:db8::25" if ":" in source else "203.0.113.25"
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            self.socket.setsockopt(socket.SOL_IP, 15, 1)  # IP_FREEBIND: any address of a local route
        self.socket.bind((source, 0))
        self.socket.connect((server, port))
        self.buffer = b""
        self.greeting = self.read()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()

    def read(self):
        """One reply; lines as text."""
        lines = []
        while True:
            while b"\n" not in self.buffer:
                data = self.socket.recv(65536)
                if not data:
                    raise ConnectionError("closed by Exim after %r" % (lines or self.buffer))
                self.buffer += data
            line, self.buffer = self.buffer.split(b"\n", 1)
            lines.append(line.decode("utf-8", "replace").rstrip("\r"))
            if lines[-1][3:4] != "-":
                return Reply(lines)

    def write(self, data):
        self.socket.sendall(data)

    def command(self, line):
        self.write(line.encode() + b"\r\n")
        return self.read()

    def starttls(self):
        reply = self.command("STARTTLS")
        if reply.code == 220:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
        return reply

    def envelope(self, mail_from, rcpts, options=""):
        """MAIL and RCPT; the first reply that is no success, or the last one."""
        reply = self.command("MAIL FROM:<%s>%s" % (mail_from, options))
        for rcpt in rcpts:
            if reply.code == 250:
                reply = self.command("RCPT TO:<%s>" % rcpt)
        return reply

    def data(self, message):
        """DATA, dots doubled at the beginning of lines; nothing else is touched."""
        reply = self.command("DATA")
        if reply.code != 354:
            return reply
        if message.startswith(b"."):
            message = b"." + message
        message = message.replace(b"\r\n.", b"\r\n..")
        self.write(message + (b"" if message.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        return self.read()

    def bdat(self, message, chunk_bytes):
        """BDAT in chunks; the first reply that is no success, or the last one."""
        for at in range(0, len(message), chunk_bytes):
            chunk = message[at:at + chunk_bytes]
            last = b" LAST" if at + chunk_bytes >= len(message) else b""
            self.write(b"BDAT %d%s\r\n" % (len(chunk), last) + chunk)
            reply = self.read()
            if reply.code != 250:
                return reply
        return reply
