"""A DNS server for tests: stands in front of the real one on loopback and misbehaves by name.

    front = Front(("127.0.0.1", 53), ("127.0.0.2", 53))
    front.start()
    front.rules["slow._domainkey.example.com"] = Drop()
    front.default = Delay(0.05)

A rule for a name counts for all names below it.  What has been asked is in front.questions.
"""
import select
import socket
import struct
import threading
import time


class Pass:
    delay = 0.0


class Delay:
    def __init__(self, seconds):
        self.delay = seconds


class Drop:
    """No answer at all."""


class Fail:
    """SERVFAIL, or another rcode."""
    def __init__(self, rcode=2):
        self.rcode = rcode


def question(packet):
    """(name in lower case, type) of a query."""
    labels, at = [], 12
    while packet[at]:
        length = packet[at]
        labels.append(packet[at + 1:at + 1 + length].decode("latin-1").lower())
        at += 1 + length
    return ".".join(labels), struct.unpack("!H", packet[at + 1:at + 3])[0]


def failure(packet, rcode):
    end = 12
    while packet[end]:
        end += 1 + packet[end]
    return packet[:2] + bytes([0x80 | packet[2] & 0x01, 0x80 | rcode]) + packet[4:6] + bytes(6) + packet[12:end + 5]


class Front(threading.Thread):
    def __init__(self, listen, upstream):
        super().__init__(daemon=True)
        self.listen, self.upstream = listen, upstream
        self.rules, self.default, self.questions = {}, Pass(), []
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(listen)
        self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind(listen)
        self.tcp.listen(20)
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.connect(upstream)
        self.waiting = {}  # id towards the server: (client, its id)
        self.later = []    # (time, packet, client), in order
        self.next_id = 1

    def reset(self):
        self.rules.clear()
        self.default = Pass()
        self.questions.clear()

    def rule(self, name):
        labels = name.split(".")
        for n in range(len(labels)):
            found = self.rules.get(".".join(labels[n:]))
            if found is not None:
                return found
        return self.default

    def run(self):
        while True:
            now = time.monotonic()
            while self.later and self.later[0][0] <= now:
                _, packet, client = self.later.pop(0)
                self.forward(packet, client)
            timeout = max(0.0, self.later[0][0] - now) if self.later else None
            for ready in select.select([self.udp, self.back, self.tcp], [], [], timeout)[0]:
                if ready is self.udp:
                    self.take_query(*self.udp.recvfrom(65535))
                elif ready is self.back:
                    self.take_answer()
                else:
                    threading.Thread(target=self.serve_tcp, args=(self.tcp.accept()[0],), daemon=True).start()

    def take_query(self, packet, client):
        name, kind = question(packet)
        self.questions.append((time.monotonic(), name, kind))
        rule = self.rule(name)
        if isinstance(rule, Drop):
            return
        if isinstance(rule, Fail):
            self.udp.sendto(failure(packet, rule.rcode), client)
        elif rule.delay > 0:
            self.later.append((time.monotonic() + rule.delay, packet, client))
            self.later.sort(key=lambda item: item[0])
        else:
            self.forward(packet, client)

    def forward(self, packet, client):
        self.next_id = self.next_id % 65535 + 1
        self.waiting[self.next_id] = (client, packet[:2])
        self.back.send(struct.pack("!H", self.next_id) + packet[2:])

    def take_answer(self):
        try:
            packet = self.back.recv(65535)
        except ConnectionError:
            return
        client, own_id = self.waiting.pop(struct.unpack("!H", packet[:2])[0], (None, None))
        if client is not None:
            self.udp.sendto(own_id + packet[2:], client)

    def serve_tcp(self, client):
        with client, socket.create_connection(self.upstream) as server:
            while True:
                size = client.recv(2, socket.MSG_WAITALL)
                if len(size) < 2:
                    return
                packet = client.recv(struct.unpack("!H", size)[0], socket.MSG_WAITALL)
                name, kind = question(packet)
                self.questions.append((time.monotonic(), name, kind))
                rule = self.rule(name)
                if isinstance(rule, Drop):
                    continue
                if isinstance(rule, Fail):
                    answer = failure(packet, rule.rcode)
                    client.sendall(struct.pack("!H", len(answer)) + answer)
                    continue
                time.sleep(rule.delay)
                server.sendall(size + packet)
                size = server.recv(2, socket.MSG_WAITALL)
                client.sendall(size + server.recv(struct.unpack("!H", size)[0], socket.MSG_WAITALL))
