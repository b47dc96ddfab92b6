#!/usr/bin/python3
"""Runs in the namespaces that tests/e2e/lib.sh makes; see run.sh.

usage: run.py [NAME...]     one line for each situation, and last: N passed, N failed, N skipped
"""
import os
import re
import sys
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))
import situations  # noqa: E402


def run(names):
    world = situations.World()
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    try:
        for situation in situations.ALL:
            if names and situation.__name__ not in names:
                continue
            started = time.monotonic()
            try:
                world.reset()
                detail = situation(world) or ""
                word = "ok"
            except situations.Skip as why:
                word, detail = "skip", str(why)
            except Exception:  # a failure of one situation must not end the others
                word, detail = "FAIL", traceback.format_exc() + "\nhook:\n" + world.hook.text()[-3000:]
                detail += "".join("\n%s:\n%s" % (name, server.trouble()) for name, server in world.servers.items()
                                  if hasattr(server, "trouble"))
                detail = re.sub("^", "    ", "\n" + detail, flags=re.M)
            counts[word] += 1
            print("%s %s: %s (%.1f s)" % (word, situation.__name__, detail, time.monotonic() - started), flush=True)
    finally:
        world.close()
    print("%d passed, %d failed, %d skipped" % (counts["ok"], counts["FAIL"], counts["skip"]))
    return 1 if counts["FAIL"] else 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(run(sys.argv[1:]))
