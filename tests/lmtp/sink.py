"""An LMTP server for tests: takes mail into memory or a directory, and answers as it is told to."""
import os
import re
import socket
import threading
import time


class Sink(threading.Thread):
    """
    path: of a Unix socket, or (address, port).
    rcpt, data: what a recipient's local part is answered at RCPT and at the end of DATA; default 250.
    stall: seconds to wait before the replies to the final dot.  messages: [(recipients, bytes as they came, unstuffed)].
    offers: the extensions after LHLO.  refuse_lhlo: a reply instead.
    """
    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.lock = threading.Lock()
        self.reset()
        self.socket = None
        self.live = set()
        self.listen()
        self.start()

    def reset(self):
        self.rcpt, self.data, self.stall, self.messages, self.commands = {}, {}, 0.0, [], []
        self.hang_up = None  # "MAIL", "RCPT", "DATA", "message", "dot": closes there
        self.data_reply = "354 go"
        self.offers = ["8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES"]
        self.refuse_lhlo = None

    def listen(self):
        if isinstance(self.path, tuple):
            listener = socket.socket(socket.AF_INET6 if ":" in self.path[0] else socket.AF_INET)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(self.path)
        else:
            if os.path.exists(self.path):
                os.unlink(self.path)
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(self.path)
            os.chmod(self.path, 0o666)
        listener.listen(200)
        self.socket = listener

    def down(self, farewell=b""):
        """No longer there, and everybody who is connected is cut off."""
        listener, self.socket = self.socket, None
        if not isinstance(self.path, tuple):
            os.unlink(self.path)
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        with self.lock:
            for connection in list(self.live):
                try:
                    connection.sendall(farewell)
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def up(self):
        self.listen()

    def run(self):
        while True:
            listener = self.socket
            if listener is None:
                time.sleep(0.005)
                continue
            try:
                connection = listener.accept()[0]
            except OSError:
                time.sleep(0.005)
                continue
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with self.lock:
            self.live.add(connection)
        try:
            self.converse(connection, connection.makefile("rb"))
        except (OSError, ValueError):
            pass
        with self.lock:
            self.live.discard(connection)
        connection.close()

    def converse(self, connection, lines):
        def say(text):
            connection.sendall(text.encode() + b"\r\n")

        say("220 sink LMTP")
        recipients = []
        while True:
            line = lines.readline()
            if not line:
                return
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            verb = text[:4].upper()
            with self.lock:
                self.commands.append(text)
            if self.hang_up == verb:
                return
            if verb == "LHLO" and self.refuse_lhlo is not None:
                say(self.refuse_lhlo)
            elif verb == "LHLO":
                say("\r\n".join(["250-sink"] + ["250-" + o for o in self.offers[:-1]] + ["250 " + self.offers[-1]]))
            elif verb == "MAIL":
                recipients = []
                say("250 2.1.0 ok")
            elif verb == "RCPT":
                local = re.search(r"<([^@>]*)", text).group(1)
                reply = self.rcpt.get(local, "250 2.1.5 ok")
                if reply[0] == "2":
                    recipients.append(local)
                say(reply)
            elif verb == "DATA":
                say(self.data_reply)
                if self.data_reply[0] == "3" and not self.take_data(lines, recipients, say):
                    return
            elif verb == "RSET":
                recipients = []
                say("250 2.0.0 ok")
            elif verb == "QUIT":
                say("221 2.0.0 bye")
                return
            else:
                say("500 5.5.1 what?")

    def take_data(self, lines, recipients, say):
        message = b""
        while True:
            line = lines.readline()
            if not line:
                return False
            if self.hang_up == "message":
                return False
            if line == b".\r\n":
                break
            message += line[1:] if line.startswith(b".") else line
        if self.hang_up == "dot":
            return False
        if self.stall:
            time.sleep(self.stall)
        replies = [self.data.get(local, "250 2.0.0 stored for " + local) for local in recipients]
        taken = [local for local, reply in zip(recipients, replies) if reply[0] == "2"]
        if taken:
            with self.lock:
                self.messages.append((taken, message))
        for reply in replies:
            say(reply)
        return True
