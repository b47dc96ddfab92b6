"""The stores that tests run on: files of SQLite, and databases of a real PostgreSQL server that the tests start.

    stores.enter(COMMAND, sys.argv)                    first of all: in namespaces of its own where there is a server
    with stores.opened(folder) as (kinds, reason):     reason: why there is SQLite alone, or None
        for kind in kinds: ... place = kind.fresh("name") ...

The server runs as user postgres in a directory of its own, and is reached by a Unix socket.
"""
import contextlib
import glob
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

INSIDE = "MV_STORE_TEST_INSIDE"
reason = None


class Sqlite:
    """fresh() makes the next store; copy.copy() of it keeps to the one that it has."""
    name = "SQLite"

    def __init__(self, folder):
        self.folder = folder

    def fresh(self, name):
        self.place = os.path.join(self.folder, name + ".db")
        for path in glob.glob(glob.escape(self.place) + "*"):
            os.unlink(path)
        return self.place

    def ask(self, sql):
        """Rows, each a tuple of texts; NULL is empty."""
        with contextlib.closing(sqlite3.connect(self.place, timeout=60, isolation_level=None)) as db:
            return [tuple("" if value is None else str(value) for value in row) for row in db.execute(sql)]

    def whole(self):
        return not os.path.exists(self.place) or self.ask("PRAGMA integrity_check") == [("ok",)]

    def digest(self):
        """All that it holds."""
        with contextlib.closing(sqlite3.connect(self.place)) as db:
            return "\n".join(db.iterdump())

    def called(self):
        """What sentences call it."""
        return self.place

    def settle(self):
        """Nothing of who was killed is still going on."""

    def forget(self):
        """What is no longer needed."""


class Postgresql:
    name = "PostgreSQL"

    def __init__(self, server):
        self.server = server
        self.made = []

    def fresh(self, name):
        self.database = re.sub("[^a-z0-9]", "_", name.lower())
        self.server.sql("postgres", "DROP DATABASE IF EXISTS %s WITH (FORCE)" % self.database)
        self.server.sql("postgres", "CREATE DATABASE %s OWNER mailvouch ENCODING UTF8 TEMPLATE template0" % self.database)
        self.made.append(self.database)
        self.place = self.server.address(self.database)
        return self.place

    def ask(self, sql):
        out = self.server.sql(self.database, sql, separator="\t")
        return [tuple(line.split("\t")) for line in out.splitlines()]

    def whole(self):
        return True

    def digest(self):
        # A line that begins with \ has a key that is another one each time
        return "\n".join(line for line in self.server.as_postgres("pg_dump", "-h", self.server.folder, self.database).splitlines()
                         if not line.startswith("\\"))

    def called(self):
        return "database %s at %s" % (self.database, self.server.folder)

    def settle(self):
        """Who was killed has a server process that may be in its last statement, and hold its locks."""
        deadline = time.monotonic() + 60
        while self.ask("SELECT count(*) FROM pg_stat_activity WHERE datname=current_database() AND pid<>pg_backend_pid()"
                       " AND backend_type='client backend'") != [("0",)]:
            if time.monotonic() > deadline:
                raise RuntimeError("somebody is still connected to " + self.database)
            time.sleep(0.01)

    def forget(self):
        while self.made:
            self.server.sql("postgres", "DROP DATABASE IF EXISTS %s WITH (FORCE)" % self.made.pop())


class Server:
    def __init__(self):
        self.programs = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))[-1][:-len("postgres")]
        self.folder = tempfile.mkdtemp(prefix="mv-pg-")
        shutil.chown(self.folder, "postgres", "postgres")
        os.chmod(self.folder, 0o755)
        self.process = None
        self.as_postgres("initdb", "-D", self.folder + "/data", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()
        self.sql("postgres", "CREATE ROLE mailvouch LOGIN; CREATE ROLE reader LOGIN")

    def command(self, program, *args):
        return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", self.programs + program, *args]

    def as_postgres(self, program, *args):
        return subprocess.run(self.command(program, *args), check=True, capture_output=True, cwd=self.folder).stdout.decode()

    def start(self):
        with open(self.folder + "/log", "ab") as log:
            self.process = subprocess.Popen(self.command("postgres", "-D", self.folder + "/data", "-k", self.folder, "-c",
                                                         "listen_addresses=", "-c", "fsync=off"),
                                            stdout=log, stderr=log, cwd=self.folder)
        for _ in range(600):
            if subprocess.run([self.programs + "pg_isready", "-q", "-h", self.folder]).returncode == 0:
                return
            time.sleep(0.1)
        raise SystemExit("the server does not start: " + open(self.folder + "/log").read()[-1000:])

    def stop(self, how=signal.SIGQUIT):
        """SIGQUIT: at once, as a crash."""
        self.process.send_signal(how)
        self.process.wait()

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder)

    def sql(self, database, sql, user="postgres", separator="|"):
        done = subprocess.run([self.programs + "psql", "-h", self.folder, "-U", user, "-XAtq", "-F", separator, "-v", "ON_ERROR_STOP=1",
                               "-d", database, "-f", "-"], input=sql.encode(), capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.decode())
        return done.stdout.decode()

    def address(self, database, user="mailvouch"):
        return "postgresql://%s@/%s?host=%s" % (user, database, self.folder)


def why_not(command):
    if os.geteuid() != 0:
        return "needs root"
    if not glob.glob("/usr/lib/postgresql/*/bin/postgres"):
        return "no PostgreSQL server here (install postgresql)"
    built = subprocess.run([command, "report", "purge", "--store", "postgresql:///x?host=/nowhere"], capture_output=True)
    if b"which is not there" in built.stderr:
        return "mailvouch was built without PostgreSQL"
    if subprocess.run(["unshare", "-m", "-n", "true"], capture_output=True).returncode != 0:
        return "namespaces are not allowed here (unshare)"
    return None


def enter(command, argv):
    """Starts the program again inside, where there is a server; else why there is none is kept for opened()."""
    global reason
    if os.environ.get(INSIDE):
        return
    reason = why_not(command)
    if reason is None:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "-m", "-n", "sh", "-c", 'ip link set lo up; exec "$0" "$@"', "/usr/bin/python3", *argv])


@contextlib.contextmanager
def opened(folder):
    server = Server() if reason is None else None
    try:
        yield [Sqlite(folder)] + ([Postgresql(server)] if server else []), reason
    finally:
        if server is not None:
            server.end()
