"""Name servers on loopback, in a network namespace of their own: a BIND primary that takes signed updates, BIND
secondaries that transfer the zone only when they are told to, and a BIND resolver that caches."""
import os
import random
import socket
import struct
import subprocess
import time

PRIMARY, SECONDARY, SILENT, RESOLVER = "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"
ZONE = "example.org"
TSIG = "key \"update\" { algorithm hmac-sha256; secret \"c2VjcmV0IG9mIHRoZSB0ZXN0cyBvZiBrZXlzIDEyMzQ=\"; };\n"
NEGATIVE_SECS = 5


def wait_for(what, condition, seconds=15.0):
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError("waited %g s for %s" % (seconds, what))
        time.sleep(0.02)


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


def ask(server, name, rrtype="TXT", timeout=2.0, recursive=False):
    """(rcode, [data]) of one question by UDP or TCP, without any library; None when there is no answer."""
    types = {"TXT": 16, "SOA": 6, "NS": 2}
    query = struct.pack(">HHHHHH", random.randrange(65536), 0x0100 if recursive else 0, 1, 0, 0, 0)
    query += b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0"
    query += struct.pack(">HH", types[rrtype], 1)
    try:
        with socket.create_connection((server, 53), timeout) as s:
            s.sendall(struct.pack(">H", len(query)) + query)
            reply = b""
            while len(reply) < 2 or len(reply) < 2 + struct.unpack(">H", reply[:2])[0]:
                more = s.recv(4096)
                if not more:
                    return None
                reply += more
    except OSError:
        return None
    reply = reply[2:]
    answers, at, found = struct.unpack(">H", reply[6:8])[0], len(query), []
    for _ in range(answers):
        at += 2 if reply[at] >= 0xc0 else len(reply[at:].split(b"\0")[0]) + 1
        kind, _, _, length = struct.unpack(">HHIH", reply[at:at + 10])
        data = reply[at + 10:at + 10 + length]
        at += 10 + length
        if kind == types[rrtype] == 16:
            text, i = b"", 0
            while i < len(data):
                text += data[i + 1:i + 1 + data[i]]
                i += 1 + data[i]
            found.append(text.decode())
        elif kind == types[rrtype]:
            found.append(data)
    return reply[3] & 15, found


class Bind:
    """One named in the foreground; stopped by its pid."""
    def __init__(self, home, address, zones, options=""):
        self.home, self.address = home, address
        os.makedirs(home + "/data", exist_ok=True)
        write(home + "/named.conf", TSIG + """
options {
    directory "%s/data";
    pid-file none;
    session-keyfile none;
    listen-on { %s; };
    listen-on-v6 { none; };
    allow-transfer { any; };
    dnssec-validation no;
    empty-zones-enable no;
    notify no;
    querylog no;
    %s
};
controls { };
%s
""" % (home, address, options, zones))
        self.start()

    def start(self):
        self.log = open(self.home + "/log", "ab")
        self.process = subprocess.Popen(["/usr/sbin/named", "-g", "-n", "1", "-c", self.home + "/named.conf"],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def ready(self, name):
        wait_for("named at " + self.address, lambda: ask(self.address, name, "SOA", 0.5, True) is not None)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(20)
        self.log.close()


class World:
    """All of them, and the zone example.org."""
    def __init__(self, home):
        self.home = home
        self.key_file = home + "/update.key"
        write(self.key_file, TSIG, 0o600)
        zone = """$TTL 300
@ 300 IN SOA ns1 hostmaster 1 86400 3600 604800 {0}
@ IN NS ns1
@ IN NS ns2
ns1 IN A {1}
ns2 IN A {2}
sub IN NS ns1.sub
ns1.sub IN A {1}
alias._domainkey IN CNAME target.sub
*.wild IN 7 TXT "a wildcard"
@ IN MX 10 ns1
""".format(NEGATIVE_SECS, PRIMARY, SECONDARY)
        write(home + "/primary/data/zone", zone)
        write(home + "/primary/data/sub", "$TTL 300\n@ 300 IN SOA ns1 hostmaster 1 86400 3600 604800 %d\n"
              "@ IN NS ns1\nns1 IN A %s\n" % (NEGATIVE_SECS, PRIMARY))
        self.primary = Bind(home + "/primary", PRIMARY, """
zone "example.org" { type primary; file "zone"; allow-update { key update; }; };
zone "sub.example.org" { type primary; file "sub"; allow-update { key update; }; };
""", "recursion no;")
        self.primary.ready(ZONE)
        self.secondary = Bind(home + "/secondary", SECONDARY, """
zone "example.org" { type secondary; file "zone"; primaries { %s; }; };
""" % PRIMARY, "recursion no; min-refresh-time 86400;")
        self.secondary.ready(ZONE)
        wait_for("the first transfer", self.is_current)
        # Stub zones: the resolver asks the servers of the zone themselves, and caches what they say
        self.resolver = Bind(home + "/resolver", RESOLVER, """
zone "example.org" { type static-stub; server-addresses { %s; }; };
zone "." { type hint; file "hints"; };
""" % SECONDARY, "recursion yes; allow-query { any; }; max-ncache-ttl 3600; prefetch 0; qname-minimization off;")
        write(home + "/resolver/data/hints", ". 1 NS a.\na. 1 A %s\n" % SILENT)
        self.resolver.stop()
        self.resolver.start()
        self.resolver.ready(ZONE)

    def serial(self, server):
        answer = ask(server, ZONE, "SOA")
        return answer[1][0][-20:-16] if answer and answer[1] else None

    def is_current(self):
        return self.serial(PRIMARY) is not None and self.serial(PRIMARY) == self.serial(SECONDARY)

    def refresh_secondary(self):
        """A NOTIFY from the primary's address: the secondary transfers the zone now."""
        if self.is_current():
            return
        notify = struct.pack(">HHHHHH", random.randrange(65536), 0x2400, 1, 0, 0, 0)
        notify += b"\7example\3org\0" + struct.pack(">HH", 6, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((PRIMARY, 0))
            s.sendto(notify, (SECONDARY, 53))
        wait_for("the transfer", self.is_current)

    def update(self, *lines):
        """An update by hand, as a person would make it."""
        script = "server %s\n%s\nsend\n" % (PRIMARY, "\n".join(lines))
        subprocess.run(["/usr/bin/nsupdate", "-k", self.key_file], input=script.encode(), check=True,
                       capture_output=True, timeout=30)

    def stop(self):
        for server in (self.resolver, self.secondary, self.primary):
            server.stop()
