"""Situations of keys that roll. Run by run.sh, in a network namespace of its own."""
import os
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(__file__))
import situations
from servers import World

HOME = os.environ["MV_KEYS_HOME"]


class Judge:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.prefix = ""

    def check(self, name, holds, detail=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print("FAIL  %s: %s: %s" % (self.prefix, name, detail))
        return holds

    def equal(self, name, got, want, detail=""):
        return self.check(name, got == want, "%r, not %r %s" % (got, want, detail))

    def skip(self, name, reason):
        self.skipped += 1
        print("skip  %s: %s: %s" % (self.prefix, name, reason))


def main():
    judge = Judge()
    wanted = sys.argv[1:]
    for number, situation in enumerate(situations.ALL):
        if wanted and situation.__name__ not in wanted:
            continue
        judge.prefix = situation.__name__
        started = time.monotonic()
        world = World("%s/%d" % (HOME, number))
        try:
            situation(judge, world)
        except Exception:
            judge.check("ran to its end", False, traceback.format_exc())
        world.stop()
        print("%-18s %.1f s" % (situation.__name__, time.monotonic() - started), flush=True)
    print("%d passed, %d failed, %d skipped" % (judge.passed, judge.failed, judge.skipped))
    return judge.failed > 0


sys.exit(main())
