#!/usr/bin/python3
"""The manual pages: free of faults for mandoc, and complete beside the program.

usage: tests/manuals.py BUILD-DIRECTORY      ends with "N passed, N failed, N skipped"
"""
import glob
import os
import re
import subprocess
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
BUILD = os.path.abspath(sys.argv[1])
passed = failed = 0


def check(name, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print("FAIL  %s %s" % (name, detail))


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def pages():
    """Name of a page (mailvouch.conf.5) to its file."""
    found = glob.glob(TOP + "/doc/*.[1-8]") + glob.glob(BUILD + "/doc/*.[1-8]")
    return {os.path.basename(path): path for path in found}


def plain(path):
    """The page as a reader sees it, in one long line, hyphens and quotes as they are typed."""
    text = subprocess.run(["mandoc", "-Tascii", "-Owidth=1000", path], check=True, capture_output=True, text=True).stdout
    return re.sub(r"\s+", " ", re.sub(r".\x08", "", text))


def lint(name, path):
    done = subprocess.run(["mandoc", "-Tlint", path], capture_output=True, text=True)
    faults = [line for line in (done.stdout + done.stderr).split("\n")
              if line and "referenced manual not found" not in line and "outdated mandoc.db" not in line]
    check(name + ": mandoc -Tlint", not faults, "\n" + "\n".join(faults))


def cross_references(name, path, known):
    for page, section in re.findall(r"^\.Xr (mailvouch\S*) (\d)", read(path), re.M):
        check("%s refers to %s(%s)" % (name, page, section), "%s.%s" % (page, section) in known)


def names(what, page, words):
    for word in words:
        check("%s: %s %s" % (os.path.basename(page), what, word), word in plain(page))


def settings():
    """[(key, default)] of the example, which a unit test compares with the table."""
    return re.findall(r"^#(\w+) =(?: (.*))?$", read(TOP + "/conf/mailvouch.conf"), re.M)


known = pages()
check("there are manual pages", len(known) >= 2, str(known))
for name, path in sorted(known.items()):
    lint(name, path)
    cross_references(name, path, known)
names("setting", known["mailvouch.conf.5"], [key for key, _ in settings()])
names("default", known["mailvouch.conf.5"], ["Default: `%s'" % value for _, value in settings() if value])
names("option", known["mailvouch.1"], ["--" + option for option in
                                       re.findall(r'\{"([\w-]+)", MV_ARG_', read(TOP + "/cli/options.c"))
                                       if option != "split"])
names("option", known["mailvouch-key.1"], ["--" + option for option in re.findall(
    r'\{"([\w-]+)", MV_ARG_', read(TOP + "/cli/key/options.c"))])
names("option", known["mailvouch-handover-key.1"], sorted(set("--" + option for option in re.findall(
    r'\{"([\w-]+)", MV_ARG_', read(TOP + "/cli/handover/keys.c") + read(TOP + "/cli/handover/check.c")))))
names("command", known["mailvouch-handover-key.1"],
      re.findall(r'\{"(\w+)", mv_handover_\w+', read(TOP + "/cli/handover/cmd_handover_key.c")))
names("result", known["mailvouch-handover-key.1"],
      re.findall(r'return "([\w-]+)";', read(TOP + "/core/auth/handover_check.c")))
names("command", known["mailvouch-key.1"], re.findall(r'\{"(\w+)", mv_key_\w+,', read(TOP + "/cli/key/cmd_key.c")))
names("variable", known["mailvouch-key.1"], re.findall(r'"(MAILVOUCH_\w+)=', read(TOP + "/core/ops/publish.c")))
dmarc_sources = "".join(read(path) for path in sorted(glob.glob(TOP + "/core/ops/dmarc_*.c") + glob.glob(TOP + "/cli/dmarc/*.c")))
names("option", known["mailvouch-dmarc.1"], sorted(set("--" + option for option in re.findall(
    r'\{"([\w-]+)", MV_ARG_', dmarc_sources))))
findings = re.findall(r'\{\s*"(dmarc-[a-z0-9-]+)", MV_SEVERITY', dmarc_sources)
names("finding", known["mailvouch-dmarc.1"], findings)
for finding in findings:
    check("unit test of " + finding, '"%s"' % finding in read(TOP + "/tests/unit/test_dmarc_lint.c"))
reasons = re.findall(r'"(lib(?:spf2|opendmarc)-[a-z0-9-]+)", MV_SEVERITY', "".join(
    read(path) for path in glob.glob(TOP + "/core/ops/opinion_*_reason.c")))
names("reason", known["mailvouch-opinion.7"], reasons)
for reason in reasons:
    check("test of " + reason, reason.endswith(("-unexplained", "-alignment-defect")) or
          reason in read(TOP + "/tests/opinion/rows.py") +
          read(TOP + "/tests/opinion/run.py"))
spf_tests = "".join(read(path) for path in glob.glob(TOP + "/tests/unit/test_spf_*.c"))
spf_sources = "".join(read(path) for path in sorted(glob.glob(TOP + "/core/ops/spf_*.c") + glob.glob(TOP + "/cli/spf/*.c")))
names("option", known["mailvouch-spf.1"], sorted(set("--" + option for option in re.findall(r'\{"([\w-]+)", MV_ARG_', spf_sources))))
findings = re.findall(r'\{\s*"(spf-[a-z0-9-]+)", MV_SEVERITY', spf_sources)
names("finding", known["mailvouch-spf.1"], findings)
check("findings of SPF", len(findings) >= 80 and len(set(findings)) == len(findings), str(len(findings)))
for finding in findings:
    check("unit test of " + finding, '"%s"' % finding in spf_tests)
names("finding", known["mailvouch-check.1"], re.findall(r'= \{"([a-z0-9-]+)", (?:NOTE|WARN|FAULT)',
                                                        read(TOP + "/core/ops/deployment_kinds.c")))
names("finding", known["mailvouch-check.1"], re.findall(r'= \{"(drift-[a-z-]+)"', read(TOP + "/core/ops/expect.c")))
names("option", known["mailvouch-check.1"], ["--" + option for option in re.findall(r'\{"([\w-]+)", MV_ARG_',
                                                                                   read(TOP + "/cli/domain/check.c"))])
names("option", known["mailvouch-init.1"], ["--" + option for option in re.findall(r'\{"([\w-]+)", MV_ARG_',
                                                                                  read(TOP + "/cli/domain/init.c"))])
exim = known.get("mailvouch-exim.7")
if exim:
    names("function", exim, [f for f in re.findall(r"^mv_\w+", read(TOP + "/exim-dlfunc/mailvouch.sym"), re.M)])
    names("macro", exim, sorted(set(re.findall(r"^\.ifn?def (MAILVOUCH_(?!OLD)\w+)",
                                               read(TOP + "/conf/exim4/macros.in") + read(TOP + "/conf/exim4/acls.in"), re.M))))
    names("detail", exim, re.findall(r'^    \{"(\w+)", ', read(TOP + "/exim-dlfunc/detail.c"), re.M))
    names("word", exim, re.findall(r'skip_message\("(\w+)"\)', read(TOP + "/exim-dlfunc/module.c")))
print("%d passed, %d failed, 0 skipped" % (passed, failed))
sys.exit(1 if failed else 0)
