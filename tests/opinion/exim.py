#!/usr/bin/python3
"""Is libspf2 asked as the real Exim asks it?  The rows of rows.py through Exim's spf condition, with NSD as DNS.

usage: exim.py PATH-OF-MAILVOUCH      as root; ends with "N passed, N failed, N skipped"

Runs itself again in a mount and network namespace of its own, with a resolv.conf that names NSD there.  Each row gets
names and a client of its own, so that one zone holds them all.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rows import SPF  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
INSIDE = "MV_OPINION_NAMESPACE"
EXIM_CONF = """
exim_path = /usr/sbin/exim4
primary_hostname = mx.example
spool_directory = %(folder)s
log_file_path = %(folder)s/%%slog
host_lookup =
hosts_require_helo =
acl_smtp_mail = check
begin acl
check:
  warn    spf = pass
  deny    message = RESULT=$spf_result
begin routers
begin transports
"""
NSD_CONF = """
server:
  ip-address: 127.0.0.1
  username: ""
  zonesdir: "%(folder)s"
  database: ""
  pidfile: "%(folder)s/nsd.pid"
  xfrdfile: "%(folder)s/xfrd"
  zonelistfile: "%(folder)s/zones"
  logfile: "%(folder)s/nsd.log"
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "root.zone"
"""


def skip(why):
    print("skip  opinions beside the real Exim: " + why)
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(0)


def own_names(number, value):
    """The row's names below rN.example, its client at 192.0.2.N."""
    if isinstance(value, (list, tuple)):
        return type(value)(own_names(number, item) for item in value)
    value = re.sub(r"\bexample\b", "r%d.example" % number, value)
    value = re.sub(r"\b192\.0\.2\.1\b", "192.0.2.%d" % number, value)
    return re.sub(r"\b1\.2\.0\.192\b", "%d.2.0.192" % number, value)


def usable(row):
    """NSD cannot fail on demand, and libspf2 is not to be kept busy."""
    _, zone, _, client, _, theirs, _ = row
    return theirs is not None and client in ("192.0.2.1", "2001:db8::1") and \
        not any(isinstance(data, str) for _, _, data in zone)


def quoted(text):
    strings = text if isinstance(text, list) else [text[at:at + 255] for at in range(0, len(text), 255)]
    return " ".join('"%s"' % string.replace("\\", "\\\\").replace('"', '\\"') for string in strings)


def zone_lines(zone):
    for name, kind, data in zone:
        for item in data:
            if kind == "TXT":
                item = quoted(item)
            elif kind in ("PTR", "MX"):
                item += "."
            yield "%s. 60 IN %s %s" % (name, kind, item)


def write(path, text):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


def start_nsd(folder, rows):
    lines = ["$ORIGIN .", ". 60 IN SOA ns.example. root.example. 1 60 60 60 60", ". 60 IN NS ns.example.",
             "ns.example. 60 IN A 127.0.0.1"]
    for row in rows:
        lines += zone_lines(row[1])
    write(os.path.join(folder, "root.zone"), "\n".join(lines) + "\n")
    conf = write(os.path.join(folder, "nsd.conf"), NSD_CONF % {"folder": folder})
    nsd = subprocess.Popen(["nsd", "-d", "-c", conf], stderr=subprocess.DEVNULL)
    for _ in range(100):
        done = subprocess.run(["dig", "+short", "+tries=1", "+time=1", "@127.0.0.1", "ns.example", "A"], capture_output=True)
        if b"127.0.0.1" in done.stdout:
            return nsd
        time.sleep(0.1)
    nsd.terminate()
    sys.exit("NSD does not answer: " + open(os.path.join(folder, "nsd.log"), encoding="utf-8").read())


def ask_exim(folder, helo, sender, client):
    conf = write(os.path.join(folder, "exim.conf"), EXIM_CONF % {"folder": folder})
    talk = "HELO %s\r\nMAIL FROM:<%s>\r\nQUIT\r\n" % (helo, sender)
    done = subprocess.run(["exim4", "-C", conf, "-bh", client], input=talk.encode(), capture_output=True, timeout=60)
    found = re.search(rb"RESULT=\(?(\w+)\)?", done.stdout)
    return found.group(1).decode() if found else (done.stdout + done.stderr).decode(errors="replace")


def ask_command(helo, sender, client):
    done = subprocess.run([COMMAND, "spf", "check", "--ip", client, "--helo", helo, "--mail-from", sender,
                           "--as-legacy", "--json"], capture_output=True, timeout=60)
    opinion = json.loads(done.stdout)["legacy"]["spf"]
    return opinion["result"] or opinion["no_opinion"]


def inside():
    rows = [own_names(number, row + ("h.example",)) for number, row in enumerate(SPF, 100) if usable(row)]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        resolv = write(os.path.join(folder, "resolv.conf"), "nameserver 127.0.0.1\n")
        subprocess.run(["mount", "--bind", resolv, os.path.realpath("/etc/resolv.conf")], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        nsd = start_nsd(folder, rows)
        try:
            for name, _, sender, client, *_, helo in rows:
                real, ours = ask_exim(folder, helo, sender, client), ask_command(helo, sender, client)
                if real != ours:
                    failed += 1
                    print("FAIL  %s: Exim says %s, mailvouch-opinion %s" % (name, real, ours))
        finally:
            nsd.terminate()
            nsd.wait()
    print("%d passed, %d failed, 0 skipped" % (len(rows) - failed, failed))
    return 1 if failed else 0


def main():
    if os.environ.get(INSIDE):
        return inside()
    for program in ("exim4", "nsd", "dig", "unshare"):
        if shutil.which(program) is None:
            skip("%s is not installed" % program)
    if os.geteuid() != 0:
        skip("not root")
    if b"SPF" not in subprocess.run(["exim4", "-bV"], capture_output=True).stdout:
        skip("this Exim is built without SPF")
    command = ["unshare", "-m", "-n", "/usr/bin/python3", *sys.argv]
    return subprocess.run(command, env=dict(os.environ, **{INSIDE: "1"})).returncode


if len(sys.argv) != 2:
    print(__doc__)
    sys.exit(2)
sys.exit(main())
