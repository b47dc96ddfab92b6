#!/usr/bin/python3
"""The page of "mailvouch report html": what it says, that what strangers write stays text, and how a browser shows it.

usage: tests/report/page.py PATH-OF-MAILVOUCH [DIRECTORY]     pictures go into DIRECTORY (default: report-page beside it)

The browser is chromium-headless-shell in a network namespace without a network.
"""
import html.parser
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
import xml.parsers.expat

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checks  # noqa: E402
import dmarc_reports as reports  # noqa: E402
from checks import check, skip  # noqa: E402
from dmarc_reports import Row  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1])
PICTURES = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(COMMAND), "..", "report-page"))
BROWSER = "chromium-headless-shell"
DAY = reports.DAY
NOON = 1795305600 + DAY // 2  # 2026-11-22
DOMAIN = "shop.example"
NBSP = "\u00a0"


def run(*args, **more):
    done = subprocess.run([COMMAND, "report", *args], capture_output=True, timeout=120, env=dict(os.environ, NO_COLOR="1"), **more)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


class Page:
    """A page read as XML and as HTML, which must come to the same text."""

    def __init__(self, data):
        self.data, self.text, self.ids, self.links, self.elements, self.attributes = data, "", [], [], set(), set()
        self.values = set()
        parser = xml.parsers.expat.ParserCreate("UTF-8")
        self.stack = []
        parser.StartElementHandler = self.begin
        parser.EndElementHandler = lambda name: self.stack.pop()
        parser.CharacterDataHandler = self.take
        parser.Parse(data, True)
        self.html_text = ""
        reader = html.parser.HTMLParser(convert_charrefs=True)
        reader.in_style = False
        reader.handle_starttag = lambda tag, attrs: setattr(reader, "in_style", tag == "style")
        reader.handle_endtag = lambda tag: setattr(reader, "in_style", False)
        reader.handle_data = lambda text: reader.in_style or setattr(self, "html_text", self.html_text + text)
        reader.feed(data.decode("utf-8"))
        reader.close()

    def begin(self, name, attributes):
        self.stack.append(name)
        self.elements.add(name)
        self.attributes |= set(attributes)
        self.values |= set(attributes.values())
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if "href" in attributes:
            self.links.append(attributes["href"])

    def take(self, text):
        if "style" not in self.stack:
            self.text += text


def make(*args, name="page.html"):
    path = os.path.join(folder, name)
    code, out, err = run("html", DOMAIN, "-o", path, "--now", str(NOON), *args)
    if code not in (0, 1) or not os.path.exists(path):
        check("page is made", False, repr((args, code, err)))
        return None, code, err
    with open(path, "rb") as f:
        page = Page(f.read())
    check("links lead to one id each", all(link[0] == "#" and page.ids.count(link[1:]) == 1 for link in page.links),
          repr((page.links, page.ids)))
    check("ids are there once", len(set(page.ids)) == len(page.ids))
    check("no script, form, picture or frame", not page.elements & {"script", "form", "img", "iframe", "object", "link", "base"} and
          not {a for a in page.attributes if a.startswith("on") or a in ("src", "style", "action")}, repr(page.elements))
    check("HTML and XML are the same text", page.text.strip() == page.html_text.strip())
    check("nothing from elsewhere", not any("://" in value for value in page.values) and not any(
        word in page.data.split(b"</style>")[0] for word in (b"://", b"url(", b"@import")), repr(page.values))
    return page, code, err


def answer(name, *data, kind="TXT"):
    return {"name": name, "type": kind, "rcode": "NOERROR", "data": list(data)}


def dns_file(name, *answers, default="NXDOMAIN"):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"schema": 1, "default": default, "answers": list(answers)}, f)
    return path


GOOD = dict(spf=(DOMAIN, "pass"), dkim=[(DOMAIN, "s1", "pass")], aligned="dkim spf")


def fill(where, days=30):
    """A month of a shop: weekends, a service that does not sign, a printer, an old key, a list and forgers."""
    for back in range(1, days + 1):
        day = NOON // DAY * DAY - back * DAY
        size = 8 if day // DAY % 7 in (2, 3) else 30 + back * 7 % 11
        for reporter, scale in (("google.example", 9), ("Enterprise Outlook", 5), ("mail.example", 2)):
            rows = [Row("198.51.100.1", size * scale, DOMAIN, **GOOD), Row("198.51.100.2", size * scale // 5, DOMAIN, **GOOD)]
            if back <= 21:
                rows.append(Row("192.0.2.80", size * scale // 15 + 1, DOMAIN, spf=("bounce.mailjet.com", "pass"),
                                dkim=[("mailjet.com", "k", "pass")]))
            if back % 2:
                rows.append(Row("192.0.2.140", scale, DOMAIN, spf=(DOMAIN, "fail")))
            if back % 5 == 0:
                rows.append(Row("192.0.2.33", 3, "news." + DOMAIN, spf=("news." + DOMAIN, "fail"), dkim=[("news." + DOMAIN, "old", "fail")]))
            if back % 3 == 0:
                rows.append(Row("203.0.113.%d" % (back + 9), scale, DOMAIN, spf=("forger.example", "fail")))
            if back % 4 == 0:
                rows.append(Row("192.0.2.99", 3, DOMAIN, spf=("lists.example.net", "pass"), dkim=[(DOMAIN, "s1", "fail")],
                                reason="mailing_list"))
            reports.write(where, DOMAIN, day, rows, reporter=reporter)


def zone(policy, *more):
    return [answer("_dmarc." + DOMAIN, policy), answer(DOMAIN, "v=spf1 ip4:198.51.100.0/24 -all"),
            answer("140.2.0.192.in-addr.arpa", "printer." + DOMAIN, kind="PTR"),
            answer("printer." + DOMAIN, "192.0.2.140", kind="A"), *more]


def facts():
    """The page of the month: what it says, and that its numbers are those of the reports."""
    where = os.path.join(folder, "month")
    fill(where)
    dns = dns_file("month.json", *zone("v=DMARC1; p=none; rua=mailto:d@shop.example"))
    code, out, err = run("show", DOMAIN, "--json", "--now", str(NOON), "--dns", dns, where)
    shown = json.loads(out)
    page, code, err = make("--dns", dns, where)
    text = page.text
    check("exit", code == 0 and err == "", repr((code, err)))
    for key in ("messages", "passed", "failed", "legitimate"):
        check("sums: " + key, "{:,}".format(shown[key]) in text, repr(shown[key]))
    check("stand", "{:,} messages fail that look legitimate".format(shown["legitimate"]) in text and "Mend their senders first" in text and
          "Published is p=none, since 23%sOct%s2026" % (NBSP, NBSP) in text, text[:600])
    for sender in shown["failing"]:
        check("sender " + sender["name"], sender["name"] in text and "{:,}".format(sender["failed"]) in text, sender["name"])
        if sender["legitimate"]:
            check("to do for " + sender["name"], sender["to_do"][1:] in text, sender["to_do"])
    check("record to change", "v=spf1 ip4:198.51.100.0/24 ip4:192.0.2.140 -all" in text and "<ins>ip4:192.0.2.140</ins>" in
          page.data.decode(), "")
    check("key to look at", "old._domainkey.news.shop.example" in text)
    check("reporters", all(name in text for name in ("google.example", "Enterprise Outlook", "mail.example")))
    days = re.findall(r"(\d+)%s(\w+)%s2026: ([\d,]+) passed, ([\d,]+) failed" % (NBSP, NBSP), text)
    number = lambda word: int(word.replace(",", ""))  # noqa: E731
    check("days", len(days) == 60 and sum(number(d[2]) for d in days) == 2 * shown["passed"] and
          sum(number(d[3]) for d in days) == 2 * shown["failed"], repr((len(days), shown["passed"], shown["failed"])))
    check("links from each that fails", page.links.count("#leave") == sum(s["kind"] in ("stranger", "forwarder") for s in shown["failing"]) and
          len([l for l in page.links if l.startswith("#mend-")]) == sum(s["legitimate"] for s in shown["failing"]), repr(page.links))
    store = os.path.join(folder, "month.db")
    run("read", "--no-check", "--quiet", "--store", store, where)
    stored, code, err = make("--dns", dns, "--store", store, name="stored.html")
    check("the store says the same as the files", stored and stored.data == page.data)
    config = os.path.join(folder, "c.conf")
    with open(config, "w", encoding="utf-8") as f:
        f.write("[report]\nstore = %s\n" % store)
    stored, code, err = make("--dns", dns, "--config", config, name="stored.html")
    check("the store of the configuration", stored and stored.data == page.data)
    page, code, err = make("--no-dns", where)
    check("without DNS", "ich policy is published was not learned" in page.text and "mailjet.com" in page.text, page.text[:500])
    page, code, err = make("--dns", dns, "--not-ours", "Mailjet", "--not-ours", "192.0.2.0/24", where)
    check("disowned", "You said that it is none of yours" in page.text or "you said that it is none of yours" in page.text, "")


def stands():
    """Where a domain may stand."""
    clean = os.path.join(folder, "clean")
    for back in range(1, 41):
        reports.write(clean, DOMAIN, NOON // DAY * DAY - back * DAY, [Row("198.51.100.1", 100, DOMAIN, **GOOD)], p="none")
    rejecting = os.path.join(folder, "rejecting")
    for back in range(1, 41):
        reports.write(rejecting, DOMAIN, NOON // DAY * DAY - back * DAY, [Row("198.51.100.1", 100, DOMAIN, **GOOD)], p="reject")
    empty = os.path.join(folder, "empty")
    reports.write(empty, "other.example", NOON // DAY * DAY, [])
    spf = answer(DOMAIN, "v=spf1 ip4:198.51.100.0/24 -all")
    rows = [("nothing is published", clean, [spf], "No DMARC policy is published", "v=DMARC1; p=none"),
            ("ready", clean, [spf, answer("_dmarc." + DOMAIN, "v=DMARC1; p=none; rua=mailto:d@shop.example")],
             "Ready for p=quarantine; t=y", "v=DMARC1; p=quarantine; t=y"),
            ("too early", clean, [spf, answer("_dmarc." + DOMAIN, "v=DMARC1; p=quarantine; rua=mailto:d@shop.example")],
             "too early for p=reject; t=y", "no report has shown the present record yet"),
            ("arrived", rejecting, [spf, answer("_dmarc." + DOMAIN, "v=DMARC1; p=reject; rua=mailto:d@shop.example")],
             "Arrived at p=reject", "new senders fail without a sound"),
            ("no reports", empty, [answer("_dmarc." + DOMAIN, "v=DMARC1; p=none")], "No report of the last 30 days",
             "mailvouch dmarc lint shop.example")]
    for name, where, answers, headline, more in rows:
        page, code, err = make("--dns", dns_file("stand.json", *answers), where)
        check("stand: " + name, page and headline in page.text and more in page.text, page and page.text[:700])
    page, code, err = make("--dns", dns_file("stand.json", default="SERVFAIL"), clean)
    check("stand: DNS is down", page and "No mail fails that looks legitimate" in page.text and "was not learned" in page.text, page.text[:500])


def others():
    """Failure reports and TLS reports of the store, of this domain and in time, hostile ones too."""
    store, where = os.path.join(folder, "others.db"), os.path.join(folder, "others")
    evil = "<b>\u202ex</b>"
    day = NOON // DAY * DAY - 2 * DAY
    reports.write(where, DOMAIN, day, [Row("198.51.100.1", 100, DOMAIN, **GOOD)])

    def tls(ident, domain, begin, result):
        return json.dumps({"organization-name": "Sender", "date-range": {"start-datetime": begin, "end-datetime": begin.replace("00:00:00", "23:59:59")},
                           "contact-info": "a@sender.example", "report-id": ident, "policies": [
                               {"policy": {"policy-type": "sts", "policy-domain": domain},
                                "summary": {"total-successful-session-count": 1200, "total-failure-session-count": 34},
                                "failure-details": [{"result-type": result, "receiving-mx-hostname": "mx." + evil,
                                                     "failed-session-count": 34}]}]}).encode()

    def failure(domain, source):
        return ("From: a@r.example\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n\r\nx\r\n"
                "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: auth-failure\r\nVersion: 1\r\nUser-Agent: x\r\n"
                "Auth-Failure: dmarc\r\nReported-Domain: %s\r\nSource-IP: %s\r\nIncidents: 7\r\n\r\n--b--\r\n" % (domain, source)).encode()
    for name, data in (("a.json", tls("1", DOMAIN, "2026-11-20T00:00:00Z", "certificate-expired")),
                       ("b.json", tls("2", DOMAIN, "2026-11-19T00:00:00Z", evil)), ("c.json", tls("3", "other.example", "2026-11-20T00:00:00Z", "x")),
                       ("d.json", tls("4", DOMAIN, "2026-09-20T00:00:00Z", "old-fault")), ("f.eml", failure("pay." + DOMAIN, "203.0.113.77")),
                       ("g.eml", failure("xshop.example", "203.0.113.78"))):
        with open(os.path.join(where, name), "wb") as f:
            f.write(data)
    code, out, err = run("read", "--no-check", "--quiet", "--store", store, "--now", str(NOON), where)
    check("others are read", code == 0, repr((out, err)))
    page, code, err = make("--no-dns", "--store", store)
    check("TLS reports", page and "Mail to this domain over TLS" in page.text and "2,400" in page.text and "certificate-expired" in page.text and
          "old-fault" not in page.text and "other.example" not in page.text, page and page.text[-1500:])
    check("TLS reports: hostile text is text", page and "<b>[U+202E]x</b>" in page.text and b"<b>\xe2" not in page.data)
    page, code, err = make("--no-dns", "--untrusted", "--store", store)
    check("failure reports", page and "Failure reports" in page.text and "pay.shop.example" in page.text and "203.0.113.77" in page.text and
          "203.0.113.78" not in page.text, page and page.text[-1500:])
    files, code, err = make("--no-dns", where)
    check("both, of files", files and files.data == page.data, err)


HOSTILE = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "&lt;b&gt;&amp;", "</style><script>1</script>",
           "]]><!--", "javascript:alert(1)", "\u202egpj.exe\u2066", "a\u200bb\ufeffc\u00adx", "e" + "\u0301" * 50, "\u2028\u2029\x85\x9b31m",
           "{{7*7}}", "http://evil.example/?a=1&b=2", "w" * 900, "\u0645\u0631\u062d\u0628\u0627"]
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def hostile():
    """In every field that a reporter fills, in DNS, and in each kind of report."""
    day = NOON // DAY * DAY - 2 * DAY
    for number, text in enumerate(HOSTILE):
        where = os.path.join(folder, "hostile-%d" % number)
        octets = text.encode().decode("latin-1")
        rows = [Row("203.0.113.9", 7, text + "." + DOMAIN, spf=(text, "fail"), dkim=[(text, text, "pass")]),
                Row("203.0.113.10", 7, DOMAIN, spf=(DOMAIN, "fail"), dkim=[(DOMAIN, text, "fail")])]
        body = reports.report(DOMAIN, day, [], reporter="r")
        escape = reports.escape
        body = body.replace("<org_name>r<", "<org_name>%s<" % escape(text)).replace("<email>dmarc@r<", "<email>%s<" % escape(text))
        for row in rows:
            for name in ("header_from", "spf", "dkim"):
                value = getattr(row, name)
                row_text = lambda v: escape(v) if name != "header_from" else v  # noqa: E731,B023
                if name == "spf":
                    row.spf = tuple(row_text(v) for v in value)
                elif name == "dkim":
                    row.dkim = [tuple(row_text(v) for v in d) for d in value]
            body = body.replace("</feedback>", row.xml() + "</feedback>")
        os.makedirs(where)
        with open(os.path.join(where, "r.xml"), "w", encoding="utf-8") as f:
            f.write(body)
        dns = dns_file("hostile.json", answer("_dmarc." + DOMAIN, "v=DMARC1; p=none; x=" + octets), answer(DOMAIN, "v=spf1 -all"),
                       answer("9.113.0.203.in-addr.arpa", octets.replace(".", "")[:60], kind="PTR"))
        page, code, err = make("--dns", dns, where, name="hostile-%d.html" % number)
        if page is None:
            continue
        whole = page.data.decode("utf-8")
        check("hostile %d: no raw control, bidi or hidden character" % number, not RAW.search(whole), repr(RAW.findall(whole)[:9]))
        check("hostile %d: is text" % number, "Who reports" in page.text and "<script" not in whole and "<img" not in whole)
        if text.isascii() and len(text) < 200:
            check("hostile %d: is shown as it was written" % number, text in page.text, repr(text))
        check("hostile %d: is cut" % number, "w" * 401 not in whole)


def files():
    """Where it is written, and what is refused."""
    where = os.path.join(folder, "month")
    path = os.path.join(folder, "out", "p.html")
    os.makedirs(os.path.dirname(path))
    base = [DOMAIN, "--no-dns", "--now", str(NOON)]
    code, out, err = run("html", *base, "-o", path, where, preexec_fn=lambda: os.umask(0o022))
    check("mode", code == 0 and stat.S_IMODE(os.stat(path).st_mode) == 0o644, oct(os.stat(path).st_mode))
    code, out, err = run("html", *base, "-o", path, where, preexec_fn=lambda: os.umask(0o027))
    check("mode by umask", code == 0 and stat.S_IMODE(os.stat(path).st_mode) == 0o640, oct(os.stat(path).st_mode))
    check("nothing is left beside it", os.listdir(os.path.dirname(path)) == ["p.html"], repr(os.listdir(os.path.dirname(path))))
    with open(path, "rb") as f:
        first = f.read()
    code, out, err = run("html", *base, "-o", "-", where)
    check("printed", code == 0 and out == first)
    seen, done = set(), threading.Event()

    def watch():
        while not done.is_set():
            with open(path, "rb") as f:
                seen.add(f.read())
    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(20):
        run("html", *base, "-o", path, where)
    done.set()
    watcher.join()
    check("a reader sees whole pages alone", seen == {first}, repr([len(s) for s in seen]))
    link = os.path.join(folder, "link.html")
    os.symlink("/dev/null", link)
    rows = [("a directory", [*base, "-o", folder, where], 65, "directory"), ("a device", [*base, "-o", link, where], 65, "no file"),
            ("nowhere", [*base, "-o", folder + "/none/p.html", where], 65, "cannot write"), ("no place", [*base, where], 64, "-o FILE"),
            ("no domain", ["-o", path], 64, "DOMAIN"), ("days", [*base, "-o", path, "--days", "61", where], 64, "1 to 60"),
            ("bad time", [DOMAIN, "--now", "soon", "-o", path, where], 64, "--now"), ("bad name", ["a b", "-o", path, where], 64, "domain"),
            ("no store", [DOMAIN, "--no-dns", "-o", path, "--store", folder + "/none.db"], None, "no store"),
            ("missing report", [*base, "-o", path, folder + "/none"], 65, "none")]
    for name, args, wanted, words in rows:
        code, out, err = run("html", *args)
        check("refused: " + name, (code == wanted if wanted else code not in (0, 1)) and words in err, repr((code, err)))
    with open(path, "rb") as f:
        check("what is refused changes nothing", f.read() == first)
    with open(os.path.join(where, "words.txt"), "w", encoding="utf-8") as f:
        f.write("hello")
    page, code, err = make("--no-dns", where)
    check("what is no report is told", code == 1 and "1 report could not be read" in page.text and "words.txt" in err, repr((code, err)))
    os.unlink(os.path.join(where, "words.txt"))


def luminance(colour):
    parts = [int(colour[1 + 2 * i:3 + 2 * i], 16) / 255 if len(colour) == 7 else int(colour[1 + i] * 2, 16) / 255 for i in range(3)]
    red, green, blue = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours():
    """WCAG AA: 4.5 for text, 3 for bars, for light, dark and paper."""
    with open(os.path.join(folder, "page.html"), encoding="utf-8") as f:
        style = f.read().split("<style>")[1].split("</style>")[0]
    palettes = re.findall(r":root\{([^}]*--ground[^}]*)\}", style)
    check("three palettes", len(palettes) == 3, repr(palettes))
    for name, palette in zip(("light", "dark", "print"), palettes):
        c = dict(re.findall(r"--(\w+):(#\w+)", palette))
        for ink, ground, least in (("ink", "ground", 4.5), ("quiet", "ground", 4.5), ("fail", "ground", 4.5), ("ink", "soft", 4.5),
                                   ("quiet", "soft", 4.5), ("fail", "soft", 4.5), ("bar", "ground", 3)):
            check("contrast of %s on %s, %s" % (ink, ground, name), contrast(c[ink], c[ground]) >= least,
                  "%.2f" % contrast(c[ink], c[ground]))


def browse(page, *options, log=None):
    profile = tempfile.mkdtemp(dir=folder)
    command = ["unshare", "-n", "--", BROWSER, "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr", "--v=0",
               "--user-data-dir=" + profile, "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    if log:
        command += ["--log-net-log=" + log, "--net-log-capture-mode=Everything"]
    done = subprocess.run([*command, *options, "file://" + page], capture_output=True, timeout=120)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def asked(log):
    """All addresses that the network service of the browser was asked for."""
    with open(log, encoding="utf-8") as f:
        text = f.read()
    try:
        events = json.loads(text)["events"]
    except ValueError:
        events = json.loads(text.rstrip().rstrip(",") + "]}")["events"]
    return sorted({e["params"]["url"] for e in events if "url" in e.get("params", {})} |
                  {e["params"]["host"] for e in events if "host" in e.get("params", {})})


def browser():
    if shutil.which(BROWSER) is None:
        skip("browser", "no " + BROWSER)
        return
    if os.geteuid() != 0:
        skip("browser", "only root may have a namespace without a network")
        return
    os.makedirs(PICTURES, exist_ok=True)
    dns = dns_file("month.json", *zone("v=DMARC1; p=none; rua=mailto:d@shop.example"))
    make("--dns", dns, os.path.join(folder, "month"), name="month.html")
    pages = ["month"] + ["hostile-%d" % n for n in range(len(HOSTILE))]
    for name in pages:
        path, log = os.path.join(folder, name + ".html"), os.path.join(folder, name + ".net")
        code, dom, err = browse(path, "--dump-dom", log=log)
        check("browser: %s is shown" % name, code == 0 and "</html>" in dom and "<h1>" in dom, err[-300:])
        check("browser: %s, nothing on the console" % name, "CONSOLE" not in err, err)
        outside = [a for a in asked(log) if not a.startswith("file://") and not a.startswith("chrome")]
        check("browser: %s asks for nothing" % name, outside == [], repr(outside))
        check("browser: %s, no element of a stranger" % name, not re.search(r"<(script|img|iframe|object)", dom))
    with open(os.path.join(folder, "probe.html"), "w", encoding="utf-8") as f:
        f.write('<!DOCTYPE html><html><body><h1>x</h1><script>console.log("seen")</script><img src="http://192.0.2.1/x.png"></body></html>')
    log = os.path.join(folder, "probe.net")
    code, dom, err = browse(os.path.join(folder, "probe.html"), "--dump-dom", log=log)
    check("browser: the watch sees a console and a request", "CONSOLE" in err and any("192.0.2.1" in a for a in asked(log)), err)
    for width in (360, 390, 1280):
        for scheme, number in (("light", 1), ("dark", 0)):
            picture = os.path.join(PICTURES, "%d-%s.png" % (width, scheme))
            code, out, err = browse(os.path.join(folder, "month.html"), "--window-size=%d,3600" % width, "--screenshot=" + picture,
                                    "--blink-settings=preferredColorScheme=%d" % number)
            check("browser: picture %d %s" % (width, scheme), code == 0 and os.path.getsize(picture) > 20000, err[-300:])
    code, out, err = browse(os.path.join(folder, "month.html"), "--print-to-pdf=" + os.path.join(PICTURES, "print.pdf"),
                            "--no-pdf-header-footer")
    check("browser: printed", code == 0 and os.path.getsize(os.path.join(PICTURES, "print.pdf")) > 5000, err[-300:])
    widths()


def widths():
    """No page is wider than its window: measured by a script of the test, in a copy whose policy lets it run."""
    for name in ["month"] + ["hostile-%d" % n for n in range(len(HOSTILE))]:
        with open(os.path.join(folder, name + ".html"), encoding="utf-8") as f:
            text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", f.read())
        text = text.replace("</body>", "<script>document.title=document.documentElement.scrollWidth+' of '+innerWidth</script></body>")
        copy = os.path.join(folder, "width.html")
        # A window of the browser is 500 px wide at least, a frame is not
        with open(copy, "w", encoding="utf-8") as f:
            f.write(text)
        frame = os.path.join(folder, "frame.html")
        with open(frame, "w", encoding="utf-8") as f:
            f.write('<!DOCTYPE html><html><body><iframe id="f" src="width.html" style="width:360px;height:900px;border:0"></iframe><script>'
                    "onload=function(){document.title=document.getElementById('f').contentDocument.title}</script></body></html>")
        code, dom, err = browse(frame, "--dump-dom", "--allow-file-access-from-files")
        title = re.search(r"<title>(.*?)</title>", dom)
        check("width: %s at 360 px" % name, title and title.group(1) == "360 of 360", title and title.group(1))


folder = tempfile.mkdtemp(prefix="mv-page-")
started = time.time()
try:
    for test in (facts, stands, others, hostile, files, colours, browser):
        test()
finally:
    shutil.rmtree(folder)
sys.exit(checks.end())
