#!/usr/bin/python3
"""mailvouch init: what it makes, what it leaves alone, what it asks, what it prints.

usage: tests/cli/init.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"
"""
import hashlib
import json
import os
import pty
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checks  # noqa: E402
from checks import check  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1])
TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))


class Site:
    """A host of its own: configuration, keys, servers."""

    def __init__(self, *servers, dns=(), conf=""):
        self.home = tempfile.mkdtemp(dir=folder)
        os.makedirs(self.home + "/mv")
        for server in servers:
            os.makedirs(self.home + "/etc/" + server)
        os.makedirs(self.home + "/etc", exist_ok=True)
        self.write("mv/mailvouch.conf", "[sign]\nkeys_directory = %s/keys\nhost = mx1\n%s" % (self.home, conf))
        self.write("dns.json", json.dumps({"schema": 1, "default": "NXDOMAIN", "answers": list(dns)}))

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.home + "/" + name), exist_ok=True)
        with open(self.home + "/" + name, "w", encoding="utf-8") as f:
            f.write(text)

    def read(self, name):
        with open(self.home + "/" + name, encoding="utf-8") as f:
            return f.read()

    def args(self, *args):
        return [COMMAND, "init", "--config", self.home + "/mv/mailvouch.conf", "--etc", self.home + "/etc", "--dns",
                self.home + "/dns.json", "--now", "1795600000", *args]

    def run(self, *args):
        done = subprocess.run(self.args(*args), capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                              env=dict(os.environ, NO_COLOR="1"))
        return done.returncode, done.stdout, done.stderr

    def state(self):
        """Every file with its content."""
        files = {}
        for root, _, names in os.walk(self.home):
            for name in names:
                path = os.path.join(root, name)
                files[os.path.relpath(path, self.home)] = hashlib.sha256(open(path, "rb").read()).hexdigest()
        return files

    def json(self, *args):
        code, out, err = self.run(*args, "--json")
        check("JSON: " + " ".join(args), code == 0 and err == "", err)
        return json.loads(out)


def entry(name, kind, *data):
    return {"name": name, "type": kind, "rcode": "NOERROR", "data": list(data)}


def from_nothing():
    site = Site("exim4", "dovecot")
    before = site.state()
    code, out, err = site.run("example.org", "--dry-run", "--mail-host", "mx.example.org")
    check("dry run", code == 0 and "planned" in out and "Run it again without --dry-run" in out, out + err)
    check("dry run makes nothing", site.state() == before, str(site.state()))
    check("dry run shows the files", "[domain example.org]" in out and "MAILVOUCH_SIGN = yes" in out, out)
    code, out, err = site.run("example.org", "--mail-host", "mx.example.org", "--ip", "192.0.2.1")
    check("made", code == 0 and err == "", out + err)
    check("the domain", site.read("mv/conf.d/example.org.conf").endswith("[domain example.org]\n"))
    check("Exim", ".include_if_exists" in site.read("etc/exim4/exim4.conf.localmacros"))
    check("keys", sorted(n for n in site.state() if n.endswith(".pem")) ==
          ["keys/example.org/mx1-20261125-e.pem", "keys/example.org/mx1-20261125-r.pem"], str(site.state()))
    for record in ('example.org. MX 10 mx.example.org.', 'example.org. TXT "v=spf1 mx ip4:192.0.2.1 ~all"',
                   'mx1-20261125-r._domainkey.example.org. TXT "v=DKIM1; k=rsa',
                   '_dmarc.example.org. TXT "v=DMARC1; p=none; np=reject; rua=mailto:dmarc-reports@example.org"'):
        check("prints " + record, "publish  " + record in out, out)
    for step in ("mailvouch key auto example.org", "restart exim4", "restart dovecot", "mailvouch check example.org", "dmarc stage"):
        check("next: " + step, step in out, out)
    made = site.state()
    code, out, err = site.run("example.org")
    check("again", code == 0 and "is one of our domains already" in out and "written" not in out and "made " not in out, out)
    check("again: nothing changes", site.state() == made)
    done = subprocess.run([COMMAND, "config", "check", "--config", site.home + "/mv/mailvouch.conf"], capture_output=True, text=True)
    check("the configuration is good", done.returncode == 0, done.stderr)


def files_of_others():
    site = Site("exim4", "dovecot/conf.d")
    site.write("etc/exim4/update-exim4.conf.conf", "dc_use_split_config='true'\n")
    site.write("etc/exim4/conf.d/main/000_localmacros", "MINE = yes\n")
    site.write("etc/dovecot/conf.d/99-mailvouch.conf", "mail_plugins = $mail_plugins mailvouch_submission\n")
    site.write("mv/conf.d/example.org.conf", "# nothing yet\n")
    before = site.state()
    code, out, err = site.run("example.org")
    check("others' files stay", code == 0 and all(site.state()[n] == before[n] for n in before), out + err)
    check("says what to add", "000_localmacros stays as it is; add to it" in out and "MAILVOUCH_SIGN = yes" in out, out)
    check("Dovecot has it", re.search(r"there +\S+99-mailvouch.conf", out), out)
    check("the domain's own file", "example.org.conf stays as it is" in out and "Add the lines above to" in out, out)
    site = Site("exim4")
    os.symlink(site.home + "/elsewhere", site.home + "/etc/exim4/exim4.conf.localmacros")
    check("a dangling link is not followed", site.run("example.org")[0] == 0 and not os.path.exists(site.home + "/elsewhere"))


def servers():
    for version, first in (("2.3", "# anything\n"), ("2.4", "dovecot_config_version = 2.4.0\n")):
        site = Site("dovecot")
        site.write("etc/dovecot/dovecot.conf", first)
        os.makedirs(site.home + "/etc/dovecot/conf.d")
        check("Dovecot " + version, site.run("example.org")[0] == 0)
        example = open("%s/conf/dovecot/submission-%s.conf" % (TOP, version), encoding="utf-8").read()
        bare = [line for line in example.split("\n") if line and not line.lstrip().startswith("#")]
        ours = [line for line in site.read("etc/dovecot/conf.d/99-mailvouch.conf").split("\n") if line and not line.startswith("#")]
        check("Dovecot %s: as the example" % version, bare == ours, str((bare, ours)))
    site = Site()
    code, out, err = site.run("example.org")
    check("no server here", code == 0 and "exim" not in out and "dovecot" not in out, out)


def what_is_published():
    site = Site(dns=[entry("example.org", "MX", "10 a.example"), entry("example.org", "TXT", "v=spf1 a -all"),
                     entry("_dmarc.example.org", "TXT", "v=DMARC1; p=reject\u001b[31m"),
                     entry("mx1-20261125-r._domainkey.example.org", "TXT", "v=DKIM1; p=")], conf="domains = example.org\nkey_types = rsa\n")
    code, out, err = site.run("example.org")
    check("stays", code == 0 and 'there    example.org. TXT "v=spf1 a -all"' in out and "np=reject" not in out, out)
    check("one of ours already", not os.path.exists(site.home + "/mv/conf.d") and "is one of our domains already" in out, out)
    check("rsa alone, as configured", "ed25519" not in out, out)
    check("another key is there", 'other    mx1-20261125-r._domainkey' in out, out)
    check("strangers' text", "\u001b" not in out, repr(out))
    data = site.json("example.org")
    check("states", sorted({r["state"] for r in data["records"]}) == ["other", "publish", "there"], str(data))
    check("JSON of keys", [k["type"] for k in data["keys"]] == ["rsa"] and data["files"] == [] and len(data["next"]) > 2, str(data))


def refusals():
    site = Site()
    before = site.state()
    for name, want, args, says in (
            ("no domain", 64, (), "give DOMAIN"), ("two", 64, ("a.example", "b.example"), "one argument too many"),
            ("no name", 64, ("not a name",), "is not the name of a domain"),
            ("bad rua", 64, ("example.org", "--rua", "nobody"), "--rua"),
            ("bad host", 64, ("example.org", "--mail-host", "a b"), "--mail-host"),
            ("bad address", 64, ("example.org", "--ip", "192.0.2"), "192.0.2"),
            ("a typo", 64, ("example.org", "--dryrun"), "did you mean --dry-run?"),
            ("no configuration", 78, ("example.org", "--config", site.home + "/none"), "none")):
        code, out, err = site.run(*args)
        check(name, code == want and out == "" and err.count("\n") == 1 and says in err, repr((code, out, err)))
    check("nothing was made", site.state() == before, str(site.state()))


def on_a_terminal(site, answers, *args):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(COMMAND, site.args("example.org", *args), dict(os.environ, NO_COLOR="1"))
    text = b""
    try:
        for answer in answers:
            while not text.endswith(b"]: "):
                text += os.read(terminal, 4096)
            os.write(terminal, answer.encode() + b"\n")
            text += b"|"
        while chunk := os.read(terminal, 4096):
            text += chunk
    except OSError:
        pass
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    return status, text.decode()


def questions():
    site = Site()
    before = site.state()
    code, text = on_a_terminal(site, ["", "-", "no"])
    check("no is no", code == 64 and "nothing was done" in text and site.state() == before, text)
    code, text = on_a_terminal(site, ["r@example.org", "mx.example.org", "yes"])
    check("what was answered is used", code == 0 and "rua=mailto:r@example.org" in text and "10 mx.example.org." in text, text)
    check("and done", os.path.exists(site.home + "/keys/example.org"))
    code, text = on_a_terminal(site, [], "--yes")
    check("--yes asks nothing", code == 0 and "]: " not in text, text)
    code, text = on_a_terminal(site, ["bad"], "--mail-host", "-")
    check("a bad answer says what to give", code == 64 and "--rua" in text, text)
    code, text = on_a_terminal(site, ["\x04"], "--mail-host", "-")
    check("end of input", code == 64 and "nothing was done" in text, text)


with tempfile.TemporaryDirectory() as folder:
    from_nothing()
    files_of_others()
    servers()
    what_is_published()
    refusals()
    questions()
sys.exit(checks.end())
