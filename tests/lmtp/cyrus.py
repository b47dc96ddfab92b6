"""A stock Cyrus with one mailbox and an LMTP socket."""
import glob
import os
import pwd
import subprocess

import people
from servers import E2E, Server, read, wait_for, write

DIRECTORY = E2E + "/cyrus"
BIN = "/usr/lib/cyrus/bin"
LMTPD = "%s/lmtpd -C %s/imapd.conf -a" % (BIN, DIRECTORY)


class Cyrus(Server):
    """services, settings: the parts of cyrus.conf and imapd.conf that have to do with the hook."""
    def __init__(self, services, settings):
        user = pwd.getpwnam("cyrus")
        for name in ("", "/lib", "/spool", "/run", "/lib/socket", "/lib/db", "/lib/proc"):
            os.makedirs(DIRECTORY + name, exist_ok=True)
            os.chown(DIRECTORY + name, user.pw_uid, user.pw_gid)
            os.chmod(DIRECTORY + name, 0o755)
        people.directory("/run/cyrus/socket", "cyrus", "mail", 0o750)
        self.socket = "/run/cyrus/socket/lmtp"
        write(DIRECTORY + "/imapd.conf", """configdirectory: {0}/lib
partition-default: {0}/spool
defaultpartition: default
servername: mx.rcpt.example
defaultdomain: rcpt.example
admins: cyrus
allowplaintext: yes
sasl_pwcheck_method: alwaystrue
sasl_mech_list: PLAIN
autocreate_post: yes
autocreate_quota: 0
autocreate_users: anyone
createonpost: yes
proc_path: {0}/lib/proc
mboxname_lockpath: {0}/lib/lock
syslog_prefix: cyrus
sievedir: {0}/lib/sieve
conversations: no
""".format(DIRECTORY) + settings)
        write(DIRECTORY + "/cyrus.conf", """START {{
  recover cmd="{1}/ctl_cyrusdb -C {0}/imapd.conf -r"
}}
EVENTS {{
}}
""".format(DIRECTORY, BIN) + services)
        super().__init__([BIN + "/master", "-C", DIRECTORY + "/imapd.conf", "-M", DIRECTORY + "/cyrus.conf", "-p",
                          DIRECTORY + "/run/master.pid"], "cyrus")
        wait_for("Cyrus's LMTP socket", lambda: os.path.exists(self.socket) or self.process.poll() is not None)
        if self.process.poll() is not None:
            raise RuntimeError("Cyrus ended: " + read(E2E + "/cyrus.out"))

    def path(self, token):
        """Of the delivered message with this X-Token, or ""."""
        for path in glob.glob(DIRECTORY + "/spool/**/[0-9]*.", recursive=True):
            if "X-Token: %s\n" % token in read(path):
                return path
        return ""

    def mailbox_path(self, name):
        """Where Cyrus keeps it."""
        done = subprocess.run(["setpriv", "--reuid=cyrus", "--regid=mail", "--clear-groups", BIN + "/mbpath", "-C",
                               DIRECTORY + "/imapd.conf", name], capture_output=True, text=True)
        if done.returncode != 0 or not done.stdout.startswith(DIRECTORY):
            raise RuntimeError("mbpath: " + done.stdout + done.stderr)
        return done.stdout.split("\n")[0]

    def find(self, token):
        """Its text, or ""."""
        return read(self.path(token))
