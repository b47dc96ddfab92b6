"""Runs the situations inside the namespaces of tests/e2e/lib.sh; see run.sh.

usage: run.py [-v] [PATTERN...]     one line for each situation, and last: N passed, N failed, N skipped
"""
import os
import re
import sys
import time
import traceback

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))
import store  # noqa: E402
import situations  # noqa: E402
from world import Failed, World  # noqa: E402


def describe(error):
    if isinstance(error, (Failed, TimeoutError, ConnectionError)):
        return str(error)
    return traceback.format_exc()


def prepare(world, setup):
    """The servers of a setup."""
    if world.dovecot is not None:
        world.dovecot.stop()
    if world.exim.process is None:
        world.exim.configure()
        world.exim.start()
    world.dovecot = store.Dovecot(**setup.dovecot_options)
    world.exim_log.mark()


def run(world, situation):
    world.reset()
    try:
        situation.run(world)
        world.expect_alive()
        return None
    except Exception as error:  # a failure of one situation must not end the others
        return describe(error) + "\nDovecot's log:\n" + world.dovecot.log()[-3000:] + \
            "\nExim's log:\n" + world.exim_log.text()[-1500:]


def main(patterns):
    wanted = [s for s in situations.ALL if not patterns or any(re.search(p, s.name) for p in patterns)]
    world = World()
    passed = failed = 0
    setup = None
    try:
        for situation in sorted(wanted, key=lambda s: situations.SETUPS.index(s.setup)):
            if situation.setup != setup:
                setup = situation.setup
                prepare(world, setup)
            started = time.monotonic()
            problem = run(world, situation)
            print("%s %d.%d, %s: %s (%.1f s)" % (("FAIL" if problem else "ok",) + world.dovecot.version +
                                                 (setup.name, situation.name, time.monotonic() - started)), flush=True)
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
