"""Runs situations one after the other: what tests/dovecot/run.py and tests/delivery/run.py share.

One line for each situation, and last: N passed, N failed, N skipped.
"""
import re
import time
import traceback


def describe(error, expected):
    return str(error) if isinstance(error, expected) else traceback.format_exc()


def run(world, situation, expected):
    world.reset()
    try:
        situation.run(world)
        world.expect_alive()
        return None
    except Exception as error:  # a failure of one situation must not end the others
        return describe(error, expected) + "\nDovecot's log:\n" + world.dovecot.log()[-3000:] + \
            "\nExim's log:\n" + world.exim_log.text()[-1500:]


def main(world, situations, prepare, expected, patterns):
    """situations: the module. prepare(world, setup) has the servers of a setup. expected: what needs no traceback."""
    wanted = [s for s in situations.ALL if not patterns or any(re.search(p, s.name) for p in patterns)]
    passed = failed = 0
    setup = None
    try:
        for situation in sorted(wanted, key=lambda s: situations.SETUPS.index(s.setup)):
            if situation.setup != setup:
                setup = situation.setup
                prepare(world, setup)
            started = time.monotonic()
            problem = run(world, situation, expected)
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
