"""Runs the situations inside the namespaces of lib.sh; see run.sh.

usage: run.py [NAME...]     one line for each situation, and last: N passed, N failed, N skipped
"""
import os
import re
import sys
import time
import traceback

sys.dont_write_bytecode = True
import servers  # noqa: E402
import situations  # noqa: E402
import signing  # noqa: E402, F401  (adds its situations)
import handover  # noqa: E402, F401  (so does this one)
import reporting  # noqa: E402, F401  (and this one)
from world import Failed, World  # noqa: E402


def describe(error):
    if isinstance(error, (Failed, TimeoutError, ConnectionError)):
        return str(error)
    return traceback.format_exc()


def run(world, situation):
    world.reset()
    try:
        situation.run(world)
        world.expect_alive()
        return None
    except Exception as error:  # a failure of one situation must not end the others
        return describe(error) + "\nlog:\n" + world.log.text()[-3000:]


def main(names):
    door = "dlfunc" if servers.has_dlfunc() else "local_scan"
    wanted = [s for s in situations.ALL if door in s.doors and (not names or s.name in names)]
    world = World()
    passed = failed = 0
    setup = None
    try:
        for situation in sorted(wanted, key=lambda s: situations.SETUPS.index(s.setup)):
            if situation.setup != setup:
                setup = situation.setup
                world.exim.stop()
                world.exim.configure(**setup.configuration)
                world.exim.start()
            started = time.monotonic()
            problem = run(world, situation)
            print("%s %s: %s (%.1f s)" % ("FAIL" if problem else "ok", door, situation.name,
                                          time.monotonic() - started), flush=True)
            if problem:
                failed += 1
                print(re.sub("^", "    ", problem, flags=re.M), flush=True)
            else:
                passed += 1
    finally:
        world.close()
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))
