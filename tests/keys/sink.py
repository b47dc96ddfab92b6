"""An SMTP server of a few lines that keeps what it is sent."""
import socketserver
import threading


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 sink ESMTP\r\n")
        while True:
            line = self.rfile.readline()
            word = line[:4].upper()
            if not line or word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                message = self.read_message()
                if message is None:
                    return
                self.server.messages.append(message)
            self.wfile.write(b"250 ok\r\n")

    def read_message(self):
        """None when the client went away before the end."""
        message = b""
        while True:
            line = self.rfile.readline()
            if line in (b".\r\n", b""):
                return message if line else None
            message += line[1:] if line.startswith(b".") else line


class Sink:
    def __init__(self, address, port):
        self.server = socketserver.ThreadingTCPServer((address, port), Handler)
        self.server.messages = self.messages = []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
