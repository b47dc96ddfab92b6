"""The two domains of exchange.sh.

a.example is the owner's: its mail, real and forged, comes to us (rcpt.example), and its server gets our reports.
trial.example has its reports sent there too, with consent; silent.example wants the same, without.

usage: exchange.py [MESSAGES]
"""
import collections
import concurrent.futures
import glob
import gzip
import email
import email.policy
import json
import os
import random
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, "../e2e"))
sys.path.insert(1, os.path.join(HERE, ".."))
import keystore  # noqa: E402
import checks  # noqa: E402
import incidents  # noqa: E402
import mail  # noqa: E402
import servers  # noqa: E402
import smtp  # noqa: E402
from checks import check, skip  # noqa: E402
from servers import E2E, read, wait_for, write  # noqa: E402

STATE, KEYS, OWNER = E2E + "/state", E2E + "/keys", E2E + "/owner-mail"
MAILDIR = OWNER + "/dmarc"
SCHEMA = HERE + "/rfc9990.xsd"
UNITS = "/usr/local/lib/systemd/system/"
DAY, HOUR = 86400, 3600
ESP, ESP_IP = "esp.example", "192.0.2.66"
CONFIG = """[server]
authserv_id = mx.rcpt.example
[policy]
forwarders = forwarder.example
[sign]
keys_directory = %s
host = mx1
domains = rcpt.example
[report]
evidence = yes
evidence_directory = %s/evidence
store = %s/reports/reports.db
send = yes
failure = yes
failure_per_hour = 1000
address = dmarc-reports@rcpt.example
bounce_address = bounces@rcpt.example
organization = Receiver & "Sons" <Example>
contact = https://rcpt.example/dmarc
""" % (KEYS, STATE, STATE)
SENDERS = "v=spf1 ip4:%s ip6:%s -all" % (mail.SENDER, mail.SENDER6)
TEXTS = {
    "a.example": SENDERS, "news.a.example": SENDERS, "mail.a.example": SENDERS,
    "_dmarc.a.example": "v=DMARC1; p=reject; sp=quarantine; np=reject; rua=mailto:dmarc@a.example",
    "trial.example": SENDERS, "silent.example": SENDERS,
    "_dmarc.trial.example": "v=DMARC1; p=reject; t=y; rua=mailto:dmarc@a.example",
    "trial.example._report._dmarc.a.example": "v=DMARC1;",
    "_dmarc.silent.example": "v=DMARC1; p=reject; rua=mailto:dmarc@a.example",
    "plain.example": "neither SPF nor DMARC",
    ESP: "v=spf1 ip4:%s -all" % ESP_IP,
    "rcpt.example": "v=spf1 ip4:203.0.113.25 -all", "_dmarc.rcpt.example": "v=DMARC1; p=reject",
}
SIGNERS = ("a.example", "news.a.example", "trial.example", "silent.example", ESP)


class Midnight(Exception):
    pass


Row = collections.namedtuple("Row", "ip disposition dkim spf reasons header_from envelope_from signatures spf_result")


class Kind:
    """Messages that are alike: how they are sent, the reply, and the row of the report that counts them."""
    def __init__(self, name, share, author, make, row, client=mail.SENDER, mail_from=None, helo="mail.a.example", code=250,
                 domain="a.example"):
        self.name, self.share, self.author, self.make, self.client, self.helo, self.code = (
            name, share, author, make, client, helo, code)
        self.mail_from = mail_from
        self.domain = domain
        disposition, dkim, spf, reasons, signatures, spf_result = row
        self.row = domain and Row(client, disposition, dkim, spf, reasons, author.split("@")[1],
                                  mail_from.split("@")[1] if mail_from else "", signatures, spf_result)


def signed(*signers, change=False):
    """Signed by the last one first, so that the first one stands on top."""
    def make(key, raw):
        for domain in reversed(signers):
            raw = mail.sign(raw, domain, key)
        return raw.replace(b"this is a test", b"this was a test") if change else raw
    return make


def plain(key, raw):
    return raw


ALICE, OURS = "alice@a.example", ("a.example", "s1", "pass")
BROKEN, OF_ESP = ("a.example", "s1", "fail"), (ESP, "s1", "pass")
SPF, SPF_ESP = ("a.example", "pass"), (ESP, "pass")
BY_ESP = dict(client=ESP_IP, mail_from="bounce@" + ESP, helo="mx." + ESP)
KINDS = [
    Kind("genuine", 15, ALICE, signed("a.example"), ("pass", "pass", "pass", (), (OURS,), SPF), mail_from=ALICE),
    Kind("genuine by IPv6", 7, ALICE, signed("a.example"), ("pass", "pass", "pass", (), (OURS,), SPF), mail_from=ALICE,
         client=mail.SENDER6),
    Kind("DKIM alone", 8, ALICE, signed("a.example"), ("pass", "pass", "fail", (), (OURS,), SPF_ESP), **BY_ESP),
    Kind("SPF alone", 6, ALICE, plain, ("pass", "fail", "pass", (), (), SPF), mail_from=ALICE),
    Kind("broken signature, SPF", 5, ALICE, signed("a.example", change=True), ("pass", "fail", "pass", (), (BROKEN,), SPF),
         mail_from=ALICE),
    Kind("forged", 9, ALICE, plain, ("reject", "fail", "fail", (), (), SPF_ESP), code=550, **BY_ESP),
    Kind("forged and signed by another", 4, ALICE, signed(ESP), ("reject", "fail", "fail", (), (OF_ESP,), SPF_ESP), code=550,
         **BY_ESP),
    Kind("subdomain", 6, "n@news.a.example", signed("a.example"), ("pass", "pass", "pass", (), (OURS,), ("news.a.example", "pass")),
         mail_from="b@news.a.example"),
    Kind("forged subdomain", 5, "n@news.a.example", plain, ("quarantine", "fail", "fail", (), (), ("plain.example", "none")),
         client="192.0.2.77", mail_from="x@plain.example", helo="plain.example"),
    Kind("forged name that does not exist", 5, "n@nowhere.a.example", plain, ("reject", "fail", "fail", (), (), SPF_ESP), code=550,
         **BY_ESP),
    Kind("known forwarder", 6, ALICE, signed("a.example", change=True),
         ("none", "fail", "fail", ("trusted_forwarder",), (BROKEN,), ("forwarder.example", "pass")), client=mail.FORWARDER,
         mail_from="srs0=x@forwarder.example", helo="forwarder.example"),
    Kind("null reverse-path", 4, ALICE, plain, ("pass", "fail", "pass", (), (), ("mail.a.example", "pass"))),
    Kind("two signatures", 5, ALICE, signed(ESP, "a.example"), ("pass", "pass", "fail", (), (OURS, OF_ESP), SPF_ESP), **BY_ESP),
    Kind("signed by a subdomain", 3, ALICE, signed("news.a.example"),
         ("pass", "pass", "fail", (), (("news.a.example", "s1", "pass"),), SPF_ESP), **BY_ESP),
    Kind("testing, genuine", 3, "t@trial.example", signed("trial.example"),
         ("pass", "pass", "pass", (), (("trial.example", "s1", "pass"),), ("trial.example", "pass")),
         mail_from="t@trial.example", domain="trial.example"),
    Kind("testing, forged", 3, "t@trial.example", plain, ("quarantine", "fail", "fail", ("policy_test_mode",), (), SPF_ESP),
         domain="trial.example", **BY_ESP),
    Kind("without consent", 3, "s@silent.example", signed("silent.example"),
         ("pass", "pass", "pass", (), (("silent.example", "s1", "pass"),), ("silent.example", "pass")),
         mail_from="s@silent.example", domain="silent.example"),
    Kind("no DMARC record", 3, "n@plain.example", plain, ("none", "fail", "fail", (), (), ("plain.example", "none")),
         client="192.0.2.77", mail_from="n@plain.example", helo="plain.example", domain=None),
]


class World:
    def __init__(self):
        subprocess.run(["systemd-sysusers", "/usr/local/lib/sysusers.d/mailvouch.conf"], check=True)
        subprocess.run(["adduser", "--quiet", "Debian-exim", "mailvouch"], check=True, stdout=subprocess.DEVNULL)
        for path, mode in (("/state", "755"), ("/state/evidence", "3770"), ("/state/reports", "750"), ("/keys", "750")):
            subprocess.run(["install", "-d", "-o", "mailvouch", "-g", "mailvouch", "-m", mode, E2E + path], check=True)
        self.key = mail.Key(2048)
        now = int(time.time())
        keys = dict(keystore.add_key(KEYS, "rcpt.example", selector, kind, now, sight_age=-DAY)
                    for selector, kind in (("mx1-20261123-r", "rsa"), ("mx1-20261123-e", "ed25519")))
        subprocess.run(["chown", "-R", "mailvouch:mailvouch", KEYS], check=True)
        texts = dict(TEXTS, **keys)
        texts.update(incidents.TEXTS)
        texts.update(("s1._domainkey." + domain, self.key.record) for domain in SIGNERS + tuple(incidents.DOMAINS))
        self.nsd = servers.Nsd(mail.zone(self.key, texts) + "a.example. MX 10 mx.a.example.\nmx.a.example. A 198.51.100.25\n",
                               address="127.0.0.1")
        # Copies /etc as it is
        self.owner = servers.Server(["unshare", "-m", "-u", "/usr/bin/python3", HERE + "/owner.py", OWNER], "owner")
        wait_for("the owner's Exim", lambda: self.owner.process.poll() is not None or subprocess.run(
            ["ss", "-Hltn", "src 198.51.100.25:25"], capture_output=True).stdout, 30)
        if self.owner.process.poll() is not None:
            raise RuntimeError("the owner's server: " + read(E2E + "/owner.out"))
        self.dovecot = servers.Dovecot()
        write(servers.CONFIG, CONFIG)
        self.exim = servers.Exim()
        self.exim.configure(interfaces="203.0.113.25 ; 2001:db8::25")
        self.exim.start()
        for address in ("203.0.113.25", "[2001:db8::25]"):  # the owner's listens as well
            wait_for("our Exim", lambda: subprocess.run(["ss", "-Hltn", "src %s:25" % address], capture_output=True).stdout)

    def close(self):
        for server in (self.owner, self.exim, self.dovecot, self.nsd):
            server.stop()

    def send(self, numbered):
        """Those messages over one connection for each; what differs from the reply that is expected."""
        number, kind = numbered
        raw = mail.message("Alice <%s>" % kind.author, token="t%d" % number)
        with smtp.Client(kind.client) as client:
            client.command("EHLO " + kind.helo)
            reply = client.envelope(kind.mail_from or "", ["bob@rcpt.example"])
            if reply.code == 250:
                reply = client.data(kind.make(self.key, raw))
        return None if reply.code == kind.code else (kind.name, str(reply))

    def run(self, command, now):
        """As the timer would, at that time: as the user mailvouch."""
        return subprocess.run(["setpriv", "--reuid=mailvouch", "--regid=mailvouch", "--init-groups"] + command +
                              ["--now", str(now)], capture_output=True, text=True, timeout=300)

    def timer(self, now):
        commands = re.findall(r"^ExecStart=[-+!]*(.*mailvouch report .*)$", read(UNITS + "mailvouch-report.service"), re.M)
        done = [self.run(command.split(), now) for command in commands]
        return commands, [(run.returncode, run.stdout + run.stderr) for run in done]

    def received(self):
        return sorted(glob.glob(MAILDIR + "/new/*"))


def parse(path):
    """The mail, and the report in it as rows, by Python's own means."""
    with open(path, "rb") as f:
        message = email.message_from_binary_file(f, policy=email.policy.default)
    part, = [p for p in message.walk() if p.get_content_type() == "application/gzip"]
    xml = gzip.decompress(part.get_content())
    root = ElementTree.fromstring(xml)
    for element in root.iter():
        element.tag = element.tag.split("}")[1]
    rows = collections.Counter()
    for record in root.iter("record"):
        text = lambda path: record.findtext(path)  # noqa: E731
        signatures = tuple((d.findtext("domain"), d.findtext("selector"), d.findtext("result"))
                           for d in record.findall("auth_results/dkim"))
        rows[Row(text("row/source_ip"), text("row/policy_evaluated/disposition"), text("row/policy_evaluated/dkim"),
                 text("row/policy_evaluated/spf"), tuple(r.findtext("type") for r in record.iter("reason")),
                 text("identifiers/header_from"), text("identifiers/envelope_from"), signatures,
                 (text("auth_results/spf/domain"), text("auth_results/spf/result")))] += int(text("row/count"))
    return message, part, xml, root, rows


def difference(found, wanted):
    lines = ["%5d found, %5d sent: %s" % (found[row], wanted[row], row) for row in sorted(set(found) | set(wanted), key=str)
             if found[row] != wanted[row]]
    return "\n".join(lines)


def check_report(path, domain, sent, day):
    message, part, xml, root, rows = parse(path)
    check("%s: as many in each row as were sent, message by message" % domain, rows == sent, difference(rows, sent))
    write(E2E + "/report.xml", xml.decode())
    valid = subprocess.run(["xmllint", "--noout", "--schema", SCHEMA, E2E + "/report.xml"], capture_output=True, text=True)
    check("%s: valid by the schema of RFC 9990" % domain, valid.returncode == 0, valid.stderr)
    ident = root.findtext("report_metadata/report_id")
    check("%s: subject" % domain, re.fullmatch(r"Report Domain: %s Submitter: rcpt\.example Report-ID: <%s>" % (re.escape(domain), ident),
                                               message["Subject"]), message["Subject"])
    check("%s: file name" % domain, part.get_filename() == "rcpt.example!%s!%d!%d!%s.xml.gz" % (domain, day, day + DAY - 1, ident),
          part.get_filename())
    check("%s: period" % domain, (root.findtext("report_metadata/date_range/begin"), root.findtext("report_metadata/date_range/end")) ==
          (str(day), str(day + DAY - 1)))
    check("%s: who reports" % domain, root.findtext("report_metadata/org_name") == 'Receiver & "Sons" <Example>')
    results = " ".join(message.get_all("Authentication-Results", []))
    check("%s: its own DMARC passes at the owner's server" % domain, "dmarc=pass" in results and "header.from=rcpt.example" in results,
          message.as_string()[:3000])
    return root


def main(count):
    world = World()
    try:
        day = int(time.time()) // DAY * DAY
        incidents.key_is_made(world, int(time.time()), STATE)
        numbered = []
        for kind in KINDS:
            numbered += [kind] * (kind.share * count // 100)
        random.Random(4711).shuffle(numbered)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            wrong = [w for w in pool.map(world.send, enumerate(numbered)) if w]
            wrong += [w for w in pool.map(world.send, enumerate(incidents.kinds(Kind, signed, plain), len(numbered))) if w]
        hour = int(time.time()) // HOUR * HOUR
        if hour // DAY * DAY != day:
            raise Midnight
        lines = incidents.lines(STATE)
        check("failures: a line for each that is asked for", len(lines) == sum(
            row[2] for row in incidents.ROWS if row[3] or row[:2] == ("away.example", incidents.FORGED)), lines)
        check("%d messages of %d kinds, each with its reply" % (len(numbered), len(KINDS)), not wrong and len(numbered) >= count, wrong[:5])
        sent = collections.defaultdict(collections.Counter)
        for kind in numbered:
            if kind.domain:
                sent[kind.domain][kind.row] += 1

        failures = incidents.told(world, hour + HOUR + 900, OWNER + "/ruf", len({line["t"] // HOUR for line in lines}))
        commands, runs = world.timer(day + DAY + 2 * 3600)
        check("the timer imports and sends", len(commands) >= 2 and all(code == 0 for code, _ in runs), (commands, runs))
        try:
            wait_for("two reports", lambda: len(world.received()) >= 2, 30)
        except TimeoutError as fault:
            raise RuntimeError("%s\n%s\n%s" % (fault, runs, read(servers.MAINLOG)[-3000:])) from None
        time.sleep(1)
        paths = {re.search(r"Report Domain: (\S+)", read(p)).group(1): p for p in world.received()}
        check("a report for each domain that takes them, and no other", sorted(paths) == ["a.example", "trial.example"] and
              len(world.received()) == 2, (sorted(paths), len(world.received())))
        policy = check_report(paths["a.example"], "a.example", sent["a.example"], day).find("policy_published")
        check("a.example: its policy", [policy.findtext(tag) for tag in ("domain", "p", "sp", "np", "adkim", "aspf", "testing",
              "discovery_method")] == ["a.example", "reject", "quarantine", "reject", "r", "r", "n", "treewalk"])
        policy = check_report(paths["trial.example"], "trial.example", sent["trial.example"], day).find("policy_published")
        check("trial.example: its policy", [policy.findtext(tag) for tag in ("p", "testing")] == ["reject", "y"])

        world.timer(day + DAY + 3 * 3600)
        world.timer(day + 2 * DAY + 3 * 3600)
        time.sleep(1)
        check("nothing twice: one hour later, and the day after", len(world.received()) == 2 and
              len(glob.glob(OWNER + "/ruf/new/*")) == len(failures), world.received())
        check("no evidence waits any more", not os.listdir(STATE + "/evidence"), os.listdir(STATE + "/evidence"))

        # The owner
        later, store = str(day + DAY + 4 * 3600), E2E + "/owner-reports.db"
        done = subprocess.run(["mailvouch", "report", "read", "--json", "--store", store, "--now", later, os.path.dirname(MAILDIR + "/x")],
                              capture_output=True, text=True)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        check("the owner reads both, from a sender that is proven", done.returncode == 0 and done.stdout.count('"stored"') == 2 and
              "rcpt.example" in done.stdout, done.stdout + done.stderr)
        check("read: messages", sorted(r["messages"] for r in results if "messages" in r) ==
              sorted(sum(sent[d].values()) for d in ("a.example", "trial.example")), results)
        done = subprocess.run(["mailvouch", "report", "show", "--json", "--store", store, "--now", later, "a.example"],
                              capture_output=True, text=True)
        shown = json.loads(done.stdout)
        failing = {row.ip for row in sent["a.example"] if "pass" not in (row.dkim, row.spf)}
        check("show: what happened", (shown["messages"], shown["failed"]) == (sum(sent["a.example"].values()), sum(
            n for row, n in sent["a.example"].items() if "pass" not in (row.dkim, row.spf))), done.stdout)
        check("show: the sources that fail", failing == {sender["ip"] for sender in shown["failing"]}, done.stdout)
        done = subprocess.run(["mailvouch", "report", "show", "--store", store, "--now", later, "a.example"], capture_output=True, text=True)
        print(re.sub("^", "      | ", done.stdout, flags=re.M))
        check("show on a terminal", done.returncode == 0 and ESP_IP in done.stdout, done.stdout + done.stderr)
        incidents.owner_reads(OWNER + "/ruf", store, later)
        incidents.owner_looks(store, later)
        check("Exim: no panic, no error of ours", not re.search("Panic|PANIC|SIGSEGV|mailvouch: (?!spf=).*(cannot|failed)", read(servers.MAINLOG)),
              read(servers.MAINLOG)[-2000:])
    finally:
        world.close()


if __name__ == "__main__":
    os.umask(0o022)
    checks.shows_all = True
    try:
        main(int(sys.argv[1]) if sys.argv[1:] else 1000)
    except Midnight:
        skip("exchange", "midnight (UTC) passed while mail was sent, so that there are two days to report")
    sys.exit(checks.end())
