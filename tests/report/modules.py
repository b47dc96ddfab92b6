#!/usr/bin/python3
"""What the command loads only when it is asked for: libpq for a store in PostgreSQL, libarchive for a zip file; what it says
when that is missing, damaged or of another version.

usage: tests/report/modules.py PATH-OF-MAILVOUCH      ends with "N passed, N failed, N skipped"
"""
import glob
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")]
import checks  # noqa: E402
from checks import check, skip  # noqa: E402

COMMAND = os.path.abspath(sys.argv[1])
CASE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cases/arc-broken-body")
BUILT = "core/report/.libs"
NOWHERE = ("report", "purge", "--store", "postgresql:///x?host=/nowhere")
FEW = 16  # libraries that every run maps, with the C library's own
REPORT = b"""<?xml version="1.0"?><feedback><report_metadata><org_name>x</org_name><email>a@example.net</email><report_id>1</report_id>
<date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata><policy_published><domain>example.com</domain>
<p>none</p></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>2</count><policy_evaluated><disposition>none</disposition>
<dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.com</header_from></identifiers><auth_results>
<spf><domain>example.com</domain><result>fail</result></spf></auth_results></record></feedback>"""

LINE = (b'{"v":1,"t":1795305600,"ip":"192.0.2.1","from":"example.com","at":"example.com","rec":"v=DMARC1; p=reject","pub":"reject",'
        b'"dmarc":"fail","act":"reject","al":"","spf":["fail","mfrom","example.net"]}\n')


def run(*args, command=COMMAND, **environment):
    done = subprocess.run([command, *args], capture_output=True, env=dict(os.environ, **environment), cwd=folder)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def loaded(*args):
    """The exit code, and the names of the libraries that were initialized."""
    log = os.path.join(folder, "loaded")
    code, _, _ = run(*args, LD_DEBUG="files", LD_DEBUG_OUTPUT=log)
    logs = [name for name in os.listdir(folder) if name.startswith("loaded.")]
    text = "".join(open(os.path.join(folder, name)).read() for name in logs)
    for name in logs:
        os.unlink(os.path.join(folder, name))
    return code, {os.path.basename(path) for path in re.findall(r"calling init: (\S+)", text)}


def write(name, data):
    return checks.write(folder, name, data)


def zipped(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("report.xml", data)
    return out.getvalue()


def has(libraries, name):
    return any(library.startswith(name) for library in libraries)


def what_runs_load():
    store = os.path.join(folder, "store.db")
    config = write("mailvouch.conf", b"[report]\nstore = %s\nevidence_directory = %s/evidence\n" % (store.encode(), folder.encode()))
    line = write("evidence/mx1.0.2026112200.ndjson", LINE)
    rows = {"--version": ("--version",),
            "verify": ("verify", "--dns", CASE + "/dns.json", CASE + "/message.eml"),
            "import into SQLite": ("report", "import", "--config", config, line),
            "read XML into SQLite": ("report", "read", "--no-check", "--keep", "--store", store, write("report.xml", REPORT)),
            "show from SQLite": ("report", "show", "--no-dns", "--store", store, "example.com"),
            "purge of SQLite": ("report", "purge", "--older-than", "1", "--store", store)}
    for name, args in rows.items():
        code, libraries = loaded(*args)
        check("%s: few libraries" % name, code in (0, 1) and has(libraries, "libc.so") and len(libraries) <= FEW and
              not any(has(libraries, heavy) for heavy in ("libpq", "libldap", "libkrb5", "libarchive", "libxml2", "mailvouch-")),
              repr((code, sorted(libraries))))
    code, libraries = loaded("report", "read", "--no-check", write("report.zip", zipped(REPORT)))
    check("zip file: libarchive alone", code in (0, 1) and has(libraries, "libarchive") and not has(libraries, "libpq"), repr((code, libraries)))
    if not os.path.exists(module("postgresql")):
        skip("PostgreSQL: libpq alone", "built without libpq")
        return
    code, libraries = loaded(*NOWHERE)
    check("PostgreSQL: libpq alone", has(libraries, "libpq") and not has(libraries, "libarchive"), repr((code, libraries)))


def module(name):
    return os.path.join(os.path.dirname(COMMAND), BUILT, "mailvouch-%s.so" % name)


def elsewhere(name, **modules):
    """The command in another directory, with these beside it."""
    place = os.path.join(folder, name)
    for file, data in modules.items():
        write("%s/%s/mailvouch-%s.so" % (name, BUILT, file), data)
    os.makedirs(place, exist_ok=True)
    return shutil.copy(COMMAND, place)


def missing():
    """Nor where configure says: what may be installed on this host is covered, for the test alone."""
    code, _, err = run(*NOWHERE, command=elsewhere("alone"))
    if " which is not there" not in err:
        skip("missing", "this host has mailvouch's modules installed")
        return
    place = os.path.join(folder, "decoy")
    shutil.copytree(os.path.dirname(module("zip")), place)
    decoys = {"LD_LIBRARY_PATH": place, "LIBDIR": place, "pkglibdir": place, "MV_PKGLIBDIR": place}
    for name, environment in {"": {}, ", whatever the environment says": decoys}.items():
        code, out, err = run(*NOWHERE, command=os.path.join(folder, "alone/mailvouch"), **environment)
        check("PostgreSQL missing" + name, code == 78 and out == "" and err.count("\n") == 1 and "build mailvouch with libpq" in err and
              re.search(r"a store in PostgreSQL needs /\S+/mailvouch/mailvouch-postgresql\.so, which is not there", err), repr((code, err)))
        code, out, err = run("report", "read", "--no-check", write("report.zip", zipped(REPORT)),
                             command=os.path.join(folder, "alone/mailvouch"), **environment)
        check("zip missing" + name, code == 78 and "/mailvouch-zip.so, which is not there" in err and "1 message" not in out,
              repr((code, out, err)))
    code, out, err = run("report", "read", "--no-check", write("report.xml", REPORT), command=os.path.join(folder, "alone/mailvouch"))
    check("zip missing: what is none is read", code in (0, 1) and "not there" not in out + err, repr((code, out, err)))


def unfit():
    real = open(module("zip"), "rb").read()
    version = re.search(rb"mailvouch (\S+)", run("--version")[1].encode()).group(1)
    rows = {"empty": (b"", "cannot be loaded"),
            "no module": (b"#!/bin/sh\n", "cannot be loaded"),
            "another library": (open((glob.glob("/usr/lib/*/libz.so.1") + glob.glob("/usr/lib*/libz.so.1"))[0], "rb").read(), "cannot be loaded"),
            "another version": (real.replace(version + b"\0", b"9" + version[1:] + b"\0"), "is of mailvouch 9")}
    path = write("report.zip", zipped(REPORT))
    for name, (data, sentence) in rows.items():
        code, out, err = run("report", "read", "--no-check", path, command=elsewhere("unfit-" + name.replace(" ", "-"), zip=data))
        check("unfit, " + name, code == 78 and sentence in err and "mailvouch-zip.so" in err, repr((code, out, err)))


def main():
    for test in (what_runs_load, missing, unfit):
        test()
    return checks.end()


with tempfile.TemporaryDirectory(prefix="mv-modules-") as folder:
    sys.exit(main())
