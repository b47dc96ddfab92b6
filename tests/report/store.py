#!/usr/bin/python3
"""The store of reports on SQLite and on a real PostgreSQL server, by the same table of tests.

usage: tests/report/store.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"
"""
import base64
import glob
import gzip
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")]
import checks  # noqa: E402
import stores  # noqa: E402
from checks import check, skip  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1])
BUILD = os.path.dirname(COMMAND)
NOW = 1795392000 + 86400  # a day after the reports end
UNIT_TESTS = ("db", "report_store", "ledger", "ledger_failure", "outbox")


def run(*args, user=None, env=None, **more):
    command = [COMMAND, "report", *args]
    if user:
        command = ["setpriv", "--reuid", user, "--clear-groups", *command]
    done = subprocess.run(command, capture_output=True, timeout=300, env=dict(os.environ, NO_COLOR="1", **(env or {})), **more)
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def record(ip="192.0.2.1", count=5, header_from="example.com", result="fail"):
    return ("<record><row><source_ip>%s</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>"
            "<dkim>%s</dkim><spf>fail</spf><reason><type>other</type><comment>it's \xe4</comment></reason>"
            "</policy_evaluated></row><identifiers><header_from>%s</header_from></identifiers><auth_results><dkim>"
            "<domain>sender.example</domain><selector>s</selector><result>pass</result></dkim><spf>"
            "<domain>sender.example</domain><result>pass</result></spf></auth_results></record>"
            % (ip, count, result, header_from))


def report(ident="1", domain="example.com", records=None, day=0):
    return ('<?xml version="1.0"?><feedback><report_metadata><org_name>Reporter</org_name><email>a@r.example</email>'
            "<report_id>%s</report_id><date_range><begin>%d</begin><end>%d</end></date_range></report_metadata>"
            "<policy_published><domain>%s</domain><p>none</p></policy_published>%s</feedback>"
            % (ident, 1795305600 - day * 86400, 1795391999 - day * 86400, domain, "".join(records or [record()]))).encode()


def write(name, data):
    return checks.write(folder, name, data)


def sums(store):
    """Reports, messages of the reports, messages of their records, reports that are half there."""
    heads = store.ask("SELECT count(*), coalesce(sum(messages), 0) FROM report WHERE pending=0")[0]
    rows = store.ask("SELECT coalesce(sum(count), 0) FROM record")[0]
    left = store.ask("SELECT count(*) FROM report WHERE pending<>0")[0]
    return tuple(int(float(value)) for value in heads + rows + left)


def read(store, *paths, more=("--no-check",)):
    return run("read", "--json", "--now", str(NOW), *more, "--store", store.place, *paths)


def outcomes(out):
    return [json.loads(line)["outcome"] for line in out.splitlines()]


def shown(store, domain="example.com", place=None, user=None):
    code, out, err = run("show", "--json", "--no-dns", "--untrusted", "--now", str(NOW), "--store", place or store.place, domain,
                         user=user)
    return code, out, err


def once(store):
    store.fresh("once")
    path = write("one", gzip.compress(report(records=[record(), record("2001:db8::7", 3, result="pass")])))
    for expected in ("stored", "seen before", "seen before"):
        code, out, err = read(store, path)
        check("%s: once: %s" % (store.name, expected), code == 0 and outcomes(out) == [expected], repr((code, out, err)))
    check(store.name + ": once: what is there", sums(store) == (1, 8, 8, 0), repr(sums(store)))


def rivals(store):
    """The same report by senders who are known more or less."""
    config = write("c.conf", b"[server]\nauthserv_id = mx.example.com\n")
    result = b"Authentication-Results: mx.example.com; dmarc=pass header.from=r.example\r\n"

    def mail(count):
        body = base64.encodebytes(gzip.compress(report(records=[record(count=count)]))).replace(b"\n", b"\r\n")
        return (b"From: a@r.example\r\nMIME-Version: 1.0\r\nContent-Type: application/gzip\r\n"
                b"Content-Transfer-Encoding: base64\r\n\r\n" + body)

    trusting = ("--trust-results", "--config", config)
    steps = {"unknown": (mail(1), "stored", 1), "unknown again": (mail(2), "seen before", 1),
             "a file": (gzip.compress(report(records=[record(count=4)])), "stored", 4),
             "unknown, later": (mail(8), "seen before", 4), "known": (result + mail(16), "stored", 16),
             "a file, later": (gzip.compress(report(records=[record(count=32)])), "seen before", 16),
             "known again": (result + mail(64), "seen before", 16)}
    store.fresh("rivals")
    for name, (data, outcome, messages) in steps.items():
        code, out, err = read(store, write("rival", data), more=trusting)
        check("%s: rivals: %s" % (store.name, name), code == 0 and outcomes(out) == [outcome] and
              sums(store) == (1, messages, messages, 0), repr((code, out, err, sums(store))))


def refused(store):
    """A fault at the end takes back what was there before it, in the same file too."""
    store.fresh("refused")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("a.xml", report("cut", records=[record()] * 3000)[:-20])
    for name, data in {"cut": report("cut", records=[record()] * 3000)[:-20], "cut in a zip": archive.getvalue()}.items():
        code, out, err = read(store, write("cut", data))
        check("%s: refused: %s" % (store.name, name), code == 1 and outcomes(out) == ["refused"] and
              sums(store) == (0, 0, 0, 0) and store.ask("SELECT count(*) FROM record") == [("0",)], repr((code, out, err)))


def hostile(store):
    store.fresh("hostile")
    long_text = "x" * 3000
    rows = [report("'; DROP TABLE report; --", domain="a.example"), report("\\x00 $1 ?1 @id@", domain="a.example"),
            report(long_text + "1", domain="a.example"), report(long_text + "2", domain="a.example"),
            report("bad UTF-8").replace(b"Reporter", b"Rep\xff\xc3(rter")]
    for i, data in enumerate(rows):
        path = write("hostile", data)
        for expected in ("stored", "seen before") if i != 3 else ("seen before",):  # cut to the same
            code, out, err = read(store, path)
            check("%s: hostile %d" % (store.name, i), code == 0 and outcomes(out) == [expected], repr((code, out[:300], err)))
    check(store.name + ": hostile: the tables are there", sums(store)[0] == 4, repr(sums(store)))


def purge(store):
    place = store.fresh("purge")
    for day in (0, 5, 10, 15, 20):
        read(store, write("old", report("d%d" % day, day=day, records=[record(count=day + 1)] * 100)))

    def gone(*args):
        code, out, err = run("purge", "--json", "--now", str(NOW), "--store", place, *args)
        result = json.loads(out) if code == 0 else {}
        return code, result.get("reports"), result.get("records"), err

    check(store.name + ": purge: nothing is so old", gone() == (0, 0, 0, ""), repr(gone()))
    check(store.name + ": purge: as a trial", gone("--older-than", "9", "--dry-run") == (0, 3, 300, ""), repr(gone("--dry-run")))
    check(store.name + ": purge: a trial removes nothing", sums(store)[0] == 5, repr(sums(store)))
    check(store.name + ": purge: three", gone("--older-than", "9") == (0, 3, 300, ""))
    check(store.name + ": purge: what stays", sums(store) == (2, 700, 700, 0) and
          store.ask("SELECT count(*) FROM record") == [("200",)], repr(sums(store)))
    config = write("keep.conf", ("[report]\nkeep_days = 7\nstore = %s\n" % place).encode())
    code, out, err = run("purge", "--config", config, "--now", str(NOW + 4 * 86400))
    check(store.name + ": purge: by the configuration", code == 0 and out.startswith("removed: 1 reports that came, with 100 rows"),
          repr((code, out, err)))
    code, out, err = run("purge", "--config", config, "--older-than", "0")
    check(store.name + ": purge: not everything", code == 64 and "from 1 to" in err, repr((code, out, err)))
    code, out, err = run("read", "--no-check", "--keep", "--json", "--config", config, write("new", report("new")))
    check(store.name + ": the store of the configuration", code == 0 and outcomes(out) == ["stored"] and sums(store)[0] == 2,
          repr((code, out, err)))
    code, out, err = run("show", "--json", "--no-dns", "--config", config, "--now", str(NOW), "example.com")
    check(store.name + ": shown from there", code in (0, 1) and '"reports": 2' in out.replace('":2', '": 2'), repr((code, out[:500], err)))


def many_files(name, count=30, rows=200):
    for i in range(count):
        write("%s/%d.xml.gz" % (name, i), gzip.compress(report("k%d" % i, records=[
            record("192.0.2.%d" % (k % 250 + 1), k % 7 + 1) for k in range(rows)])))
    one = sum(k % 7 + 1 for k in range(rows))
    return os.path.join(folder, name), (count, count * one, count * one, 0)


def together(store):
    """Two that read the same reports in, while others look."""
    place = store.fresh("together")
    path, expected = many_files("together")
    read(store, write("first", report("first", domain="other.example")))
    writers = [subprocess.Popen([COMMAND, "report", "read", "--quiet", "--no-check", "--store", place, path],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)]
    looks = 0
    while any(writer.poll() is None for writer in writers):
        code, out, err = shown(store, "other.example")
        check(store.name + ": together: shown meanwhile", code in (0, 1) and err == "", repr((code, err)))
        looks += 1
    said = [writer.communicate()[1] for writer in writers]
    check(store.name + ": together: both are well", [w.returncode for w in writers] == [0, 0] and looks > 0, repr(said))
    expected = (expected[0] + 1, expected[1] + 5, expected[2] + 5, 0)
    check(store.name + ": together: each report once", sums(store) == expected, repr((sums(store), expected)))


def killed(store):
    """kill -9 at a random moment; what is there is whole, and in the end all is there."""
    rng = random.Random(2)
    place = store.fresh("killed")
    path, expected = many_files("killed")
    one = expected[1] // expected[0]
    kills = 0
    for _ in range(100):
        if kills == 10:
            break
        if kills % 3 == 0:
            store.fresh("killed")
        child = subprocess.Popen([COMMAND, "report", "read", "--quiet", "--no-check", "--store", place, path],
                                 stdout=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.01, 0.25))
        child.send_signal(signal.SIGKILL)
        if child.wait() != -signal.SIGKILL:
            store.fresh("killed")
            continue
        kills += 1
        try:
            reports, heads, records, left = sums(store)
        except (sqlite3.OperationalError, RuntimeError) as problem:
            check(store.name + ": killed before the tables were made", "no such table" in str(problem) or
                  "does not exist" in str(problem), str(problem))
            continue
        check("%s: killed %d: whole reports" % (store.name, kills), heads == records == reports * one and left == 0 and
              store.whole(), repr((reports, heads, records, left)))
    check(store.name + ": killed ten times", kills == 10, str(kills))
    code, out, err = run("read", "--quiet", "--no-check", "--store", place, path)
    check(store.name + ": killed: in the end", code == 0 and sums(store) == expected, repr((code, err, sums(store))))


def agree(stores):
    """The same reports say the same."""
    texts = []
    paths = [write("agree%d" % i, report("a%d" % i, domain=domain, records=[
        record("192.0.2.%d" % (k % 99), k % 9 + 1, domain, "pass" if k % 4 else "fail") for k in range(500)]))
        for i, domain in enumerate(("example.com", "sub.example.com", "xexample.com"))]
    for store in stores:
        store.fresh("agree")
        read(store, *paths)
        code, out, err = shown(store)
        check(store.name + ": shown", code in (0, 1) and err == "" and json.loads(out)["domain"] == "example.com", repr((code, err)))
        texts.append(out)
    check("both stores say the same", len(set(texts)) == 1 and '"reports"' in texts[0], repr(texts)[:1000])


def unit(store):
    for name in UNIT_TESTS:
        program = os.path.join(BUILD, "tests/unit/test_" + name)
        made = subprocess.run(["make", "-C", BUILD, "tests/unit/test_" + name], capture_output=True)
        done = subprocess.run([program], capture_output=True, env=dict(os.environ, MV_TEST_STORE=store.fresh("unit")))
        check("%s: unit test %s" % (store.name, name), done.returncode == 0, repr((made.stderr[-300:], done.stdout, done.stderr)))


def server_stops(store):
    """While a report comes in: nothing half, and a sentence."""
    place = store.fresh("stops")
    data = report("stops", records=[record(count=k % 7 + 1) for k in range(20000)])
    child = subprocess.Popen([COMMAND, "report", "read", "--no-check", "--store", place, "-"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdin.write(data[:len(data) // 2])
    child.stdin.flush()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and "idle in transaction" not in store.server.sql(
            "postgres", "SELECT state FROM pg_stat_activity WHERE datname='stops'"):
        time.sleep(0.05)
    store.server.stop()
    out, err = child.communicate(data[len(data) // 2:])
    check("server stops: a sentence", child.returncode not in (0, 1) and b"connection was lost" in err and b"database stops" in err,
          repr((child.returncode, out, err)))
    code, out, err = read(store, write("stops", data))
    check("server is away: a sentence", code not in (0, 1) and "mailvouch report read: " in err and store.server.folder in err and
          "\n" not in err.rstrip("\n"), repr((code, out, err)))
    store.server.start()
    check("server is back: nothing half", sums(store) == (0, 0, 0, 0), repr(sums(store)))
    code, out, err = read(store, write("stops", data))
    check("server is back: the report again", code == 0 and sums(store)[0] == 1 and sums(store)[1] == sums(store)[2],
          repr((code, err)))


def roles(store):
    """Who may only read, reads."""
    place = store.fresh("roles")
    read(store, write("one", report()))
    as_reader = store.server.address("roles", "reader")
    code, out, err = shown(store, place=as_reader)
    check("role without rights: a sentence", code not in (0, 1) and "permission denied" in err, repr((code, err)))
    store.server.sql("roles", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", user="mailvouch")
    code, out, err = shown(store, place=as_reader)
    check("role that may read: shown", code in (0, 1) and err == "" and '"example.com"' in out, repr((code, err)))
    for name, args in {"read": ("read", "--no-check", "--store", as_reader, write("two", report("two"))),
                       "purge": ("purge", "--older-than", "1", "--store", as_reader)}.items():
        code, out, err = run(*args)
        check("role that may read: " + name, code not in (0, 1) and "permission denied" in err, repr((code, out, err)))
    check("role that may read: all is there", sums(store) == (1, 5, 5, 0) and place, repr(sums(store)))


def addresses(store):
    """No password in any sentence."""
    store.fresh("addresses")
    server = store.server
    server.sql("postgres", "CREATE DATABASE latin OWNER mailvouch ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    rows = {"no server": ("postgresql://u:sEcret@/d?host=/nowhere", "/nowhere"),
            "refused": ("postgresql://u:sEcret@127.0.0.1:1/d", "127.0.0.1"),
            "no such database": ("postgresql://mailvouch:sEcret@/missing?host=" + server.folder, "does not exist"),
            "no such role": ("postgresql://nobody2:sEcret@/addresses?host=" + server.folder, "nobody2"),
            "bad percent": ("postgresql://u:sEcret%zz@h/d", "cannot be read"),
            "bad bracket": ("postgresql://u:sEcret@[::1/d", "cannot be read"),
            "bad option": ("postgresql://u:sEcret@h/d?nothing=1", "cannot be read"),
            "another encoding": ("postgresql://mailvouch:sEcret@/latin?host=" + server.folder, "createdb -E UTF8"),
            "another database": ("mysql://u:sEcret@h/d", "begins with postgresql://")}
    for name, (address, sentence) in rows.items():
        for args in (("read", "--no-check", "--store", address, write("one", report())), ("show", "--no-dns", "--store", address,
                     "example.com"), ("purge", "--store", address)):
            code, out, err = run(*args)
            check("address: %s, %s" % (name, args[0]), code not in (0, 1) and sentence in err and "sEcret" not in out + err and
                  err.count("\n") == 1, repr((code, out, err)))
    config = write("bad.conf", b"[report]\nstore = postgresq://u:sEcret@h/d\n")
    code, out, err = run("purge", "--config", config)
    check("address: typo in the configuration", code == 78 and "sEcret" not in err and "bad.conf:2" in err, repr((code, err)))


def owners():
    """What root makes belongs to whom the directory belongs to, who can go on with it."""
    home = os.path.join(folder, "home")
    os.mkdir(home)
    shutil.chown(home, "nobody")
    place = home + "/sub/reports.db"
    path = write("owners", report("owners"))
    check("owners: root begins", run("read", "--no-check", "--quiet", "--store", place, path)[0] == 0)
    made = sorted(os.path.relpath(p, home) for p in glob.glob(home + "/sub/*"))
    check("owners: of all that is made", "sub/reports.db" in made and
          {p: os.stat(os.path.join(home, p)).st_uid for p in made + ["sub"]} ==
          dict.fromkeys(made + ["sub"], os.stat(home).st_uid), made)
    code, out, err = run("read", "--no-check", "--quiet", "--store", place, write("owners2", report("owners2")), user="nobody")
    check("owners: the other goes on", code == 0, out + err)
    print("made by root: " + " ".join(made))


def few_sends(store):
    """Rows are sent without waiting for each."""
    place = store.fresh("sends")
    path = write("sends", gzip.compress(report("sends", records=[record(count=k % 7 + 1) for k in range(20000)])))
    log = os.path.join(folder, "strace")
    done = subprocess.run(["strace", "-f", "-c", "-e", "trace=sendto,poll,ppoll", "-o", log, COMMAND, "report", "read",
                           "--no-check", "--quiet", "--store", place, path], capture_output=True)
    calls = sum(int(line.split()[3]) for line in open(log) if line.rstrip().endswith(("sendto", "poll")))
    check("many rows, few calls", done.returncode == 0 and sums(store)[1] > 20000 and 0 < calls < 1000, repr((calls, done.stderr)))
    print("20000 rows: %d calls of sendto and poll" % calls)


def main():
    with stores.opened(folder) as (kinds, reason):
        for store in kinds:
            for test in (once, rivals, refused, hostile, purge, together, killed):
                test(store)
        owners()
        if reason is not None:
            skip("the store in PostgreSQL", reason)
            return
        agree(kinds)
        for test in (unit, roles, addresses, few_sends, server_stops):
            test(kinds[1])


stores.enter(COMMAND, sys.argv)
folder = tempfile.mkdtemp(prefix="mv-report-store-")
os.chmod(folder, 0o755)
try:
    main()
finally:
    shutil.rmtree(folder)
sys.exit(checks.end())
