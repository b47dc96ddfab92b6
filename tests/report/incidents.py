"""Failure reports (RFC 9991) of exchange.py: what Exim writes down of single messages, and what their owner is told.

Each domain asks for one kind of them at ruf@a.example; away.example without consent.
"""
import collections
import glob
import json
import os
import re
import stat
import subprocess

import feedback
import mail
from checks import check
from servers import E2E, wait_for

STRANGER = "192.0.2.77"
SENDERS = "v=spf1 ip4:%s -all" % mail.SENDER
RUF = "ruf=mailto:ruf@a.example"
DOMAINS = {"fo0.example": RUF, "fo1.example": RUF + "; fo=1", "fod.example": RUF + "; fo=d", "fos.example": RUF + "; fo=s",
           "away.example": RUF, "quiet.example": "fo=1:d:s"}
CONSENT = [domain for domain in DOMAINS if domain.startswith("fo")]
TEXTS = {"_dmarc." + domain: "v=DMARC1; p=none; " + tags for domain, tags in DOMAINS.items()}
TEXTS.update((domain, SENDERS) for domain in DOMAINS)
TEXTS.update((domain + "._report._dmarc.a.example", "v=DMARC1;") for domain in CONSENT)
SECRETS = r"alice|bob|Alice|Subject: Test"

# domain, how it fails, messages; and what is told of it: Auth-Failure, Identity-Alignment, Source-IP, or nothing
GENUINE, FORGED, BROKEN, NO_SPF = "genuine", "forged", "broken", "no SPF"
ROWS = [
    *[(domain, GENUINE, 1, None) for domain in DOMAINS],
    ("fo0.example", FORGED, 5, ("dmarc", "dkim, spf", STRANGER)), ("fo0.example", BROKEN, 2, None), ("fo0.example", NO_SPF, 2, None),
    ("fo1.example", BROKEN, 3, ("dmarc", "dkim", mail.SENDER)), ("fo1.example", NO_SPF, 2, ("dmarc", "spf", STRANGER)),
    ("fod.example", BROKEN, 2, ("bodyhash", "dkim", mail.SENDER)), ("fod.example", FORGED, 2, None),
    ("fos.example", NO_SPF, 4, ("spf", "spf", STRANGER)), ("fos.example", BROKEN, 2, None),
    ("away.example", FORGED, 2, None), ("quiet.example", FORGED, 2, None),
]


def kinds(kind, signed, plain):
    """Each message that is sent, as exchange.Kind."""
    for domain, how, count, _ in ROWS:
        author, stranger = "alice@" + domain, how in (FORGED, NO_SPF)
        make = {GENUINE: signed(domain), FORGED: plain, BROKEN: signed(domain, change=True), NO_SPF: signed(domain)}[how]
        yield from [kind("%s, %s" % (domain, how), 0, author, make, (None,) * 6, client=STRANGER if stranger else mail.SENDER,
                         mail_from=author, helo="mail." + domain, domain=None)] * count


def key_is_made(world, now, state):
    """Without the key of the redaction nothing is written down; the first run of the timer makes it."""
    key = state + "/evidence.key"
    check("failures: no key before the first run", not os.path.exists(key))
    world.timer(now)
    check("failures: the key is made", os.path.exists(key) and stat.S_IMODE(os.stat(key).st_mode) == 0o640)


def lines(state):
    """What Exim has written down."""
    found = []
    for path in glob.glob(state + "/evidence/*.failures"):
        with open(path, encoding="ascii") as f:
            text = f.read()
        check("failures: nothing tells who wrote to whom", not re.search(SECRETS, text), text[:2000])
        found += [json.loads(line) for line in text.splitlines() if line]
    return found


def told(world, now, maildir, hours):
    """At that time the timer sends what there is, of so many hours; what the owner is told."""
    commands, runs = world.timer(now)
    check("failures: the timer imports and sends", all(code == 0 for code, _ in runs), runs)
    check("failures: none without consent, and it is said", re.search(r"\b[1-9]\d* address(es)? not written to", runs[-1][1]), runs[-1][1])
    wanted = sum(1 for row in ROWS if row[3])
    wait_for("%d failure reports" % wanted, lambda: len(glob.glob(maildir + "/new/*")) >= wanted, 30)
    paths = glob.glob(maildir + "/new/*")
    incidents = collections.Counter()
    for path in paths:
        message, fields = feedback.read(path)
        one = lambda name: (fields[name] + [""])[0]  # noqa: E731
        incidents[one("Reported-Domain"), one("Auth-Failure"), one("Identity-Alignment"), one("Source-IP")] += int(one("Incidents"))
        results = " ".join(message.get_all("Authentication-Results", []))
        signed = r"dkim=pass [^;]*header\.d=rcpt\.example"
        name = "failures: %s of %s: " % (one("Auth-Failure"), one("Reported-Domain"))
        check(name + "its own DMARC passes at the owner's server", "dmarc=pass" in results and "header.from=rcpt.example" in results and
              re.search(signed, results), results)
        check(name + "tells nobody who wrote to whom", not re.search(SECRETS, feedback.texts(message)), message.as_string())
        check(name + "what was done", (one("Feedback-Type"), one("Delivery-Result")) == ("auth-failure", "delivered"), fields)
        check(name + "the records of SPF, where it is to blame", ("SPF-DNS" in fields) == ("spf" in one("Identity-Alignment")) and
              all(SENDERS in value for value in fields["SPF-DNS"]), fields)
        check(name + "the signature, where it is to blame", ("DKIM-Selector" in fields) == (one("Auth-Failure") == "bodyhash" or
              "dkim" in one("Identity-Alignment") and one("Source-IP") == mail.SENDER), fields)
    expected = collections.Counter()
    for domain, _, count, report in ROWS:
        if report:
            expected[(domain, *report)] += count
    check("failures: as many of each as there were", incidents == expected, (incidents, expected))
    # Those of one hour are in one mail
    check("failures: a mail for each kind and hour", wanted <= len(paths) <= wanted * hours, paths)
    return paths


def owner_reads(maildir, store, now):
    done = subprocess.run(["mailvouch", "report", "read", "--json", "--store", store, "--now", str(now), maildir],
                          capture_output=True, text=True)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    check("failures: the owner reads them, from a sender that is proven", done.returncode == 0 and results and all(
        (r.get("kind"), r["sender"]["trust"]) == ("failure", "mail") for r in results), done.stdout + done.stderr)
    check("failures: read, as many", sum(r["messages"] for r in results) == sum(row[2] for row in ROWS if row[3]), results)


def owner_looks(store, now):
    """The page has them, as many as there were."""
    for domain, _, count, report in ROWS:
        if report is None:
            continue
        done = subprocess.run(["mailvouch", "report", "html", "-o", "-", "--no-dns", "--store", store, "--now", str(now), domain],
                              capture_output=True, text=True)
        cells = re.findall(r"<tr>(.*?)</tr>", done.stdout[done.stdout.find('id="failures"'):], re.S)
        found = [re.sub(r"<[^>]*>", " ", row).split() for row in cells]
        check("failures: the page has them: %s, %s" % (domain, report[0]), done.returncode == 0 and
              [report[0], domain, report[2], str(count)] in found, (found, done.stderr))
