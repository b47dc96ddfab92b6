"""A stock Cyrus with one mailbox and an LMTP socket."""
import glob
import os
import pwd
import subprocess

from servers import E2E, Server, read, wait_for, write

DIRECTORY = E2E + "/cyrus"
BIN = "/usr/lib/cyrus/bin"


class Cyrus(Server):
    def __init__(self):
        with open("/etc/passwd", "a") as f:
            f.write("cyrus:x:993:8::%s:/usr/sbin/nologin\n" % DIRECTORY)  # group mail
        user = pwd.getpwnam("cyrus")
        for name in ("", "/lib", "/spool", "/run", "/lib/socket", "/lib/db", "/lib/proc"):
            os.makedirs(DIRECTORY + name, exist_ok=True)
            os.chown(DIRECTORY + name, user.pw_uid, user.pw_gid)
            os.chmod(DIRECTORY + name, 0o755)
        self.socket = DIRECTORY + "/lib/socket/lmtp"
        self.user = user
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
lmtp_downcase_rcpt: yes
lmtpsocket: {0}/lib/socket/lmtp
proc_path: {0}/lib/proc
mboxname_lockpath: {0}/lib/lock
syslog_prefix: cyrus
unixhierarchysep: yes
virtdomains: off
sievedir: {0}/lib/sieve
conversations: no
""".format(DIRECTORY))
        write(DIRECTORY + "/cyrus.conf", """START {{
  recover cmd="{1}/ctl_cyrusdb -C {0}/imapd.conf -r"
}}
SERVICES {{
  lmtpunix cmd="{1}/lmtpd -C {0}/imapd.conf -a" listen="{0}/lib/socket/lmtp" prefork=0 maxchild=5
}}
EVENTS {{
}}
""".format(DIRECTORY, BIN))
        super().__init__([BIN + "/master", "-C", DIRECTORY + "/imapd.conf", "-M", DIRECTORY + "/cyrus.conf", "-p",
                          DIRECTORY + "/run/master.pid"], "cyrus")
        wait_for("Cyrus's LMTP socket", lambda: os.path.exists(self.socket) or self.process.poll() is not None)
        if self.process.poll() is not None:
            raise RuntimeError("Cyrus ended: " + read(E2E + "/cyrus.out"))
        os.chmod(self.socket, 0o666)

    def find(self, token):
        for path in glob.glob(DIRECTORY + "/spool/**/[0-9]*.", recursive=True):
            text = read(path)
            if "X-Token: " + token in text:
                return text
        return None
