"""Runs the situations inside the namespaces of tests/e2e/lib.sh; see run.sh.

usage: run.py [PATTERN...]     one line for each situation, and last: N passed, N failed, N skipped
"""
import os
import sys

sys.dont_write_bytecode = True
here = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(here, "../e2e"), os.path.join(here, "../dovecot")]
import reporting  # noqa: E402, F401
import runner  # noqa: E402
import situations  # noqa: E402
import store  # noqa: E402
from world import Failed, World  # noqa: E402


def prepare(world, setup):
    """The servers of a setup."""
    if world.dovecot is not None:
        world.dovecot.stop()
    if world.exim.process is None:
        world.exim.configure()
        world.exim.start()
    world.dovecot = store.Dovecot(**setup.dovecot_options)
    world.exim_log.mark()


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(runner.main(World(), situations, prepare, (Failed, TimeoutError, ConnectionError), sys.argv[1:]))
