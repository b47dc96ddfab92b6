"""Runs the situations inside the namespaces of tests/e2e/lib.sh; see run.sh.

usage: run.py [PATTERN...]     one line for each situation, and last: N passed, N failed, N skipped
"""
import os
import sys

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))
import dovecot  # noqa: E402
import runner  # noqa: E402
import situations  # noqa: E402
import faults  # noqa: E402,F401
from world import Failed, World  # noqa: E402


def prepare(world, setup):
    """The servers of a setup."""
    for server in (world.dovecot, world.exim):
        if server is not None:
            server.stop()
    world.exim.configure(split=False, macros=setup.exim)
    world.exim.start()
    world.dovecot = dovecot.Dovecot(**setup.dovecot_options)
    world.exim_log.mark()


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(runner.main(World(), situations, prepare, (Failed, TimeoutError, ConnectionError), sys.argv[1:]))
