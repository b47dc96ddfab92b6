"""A stock Dovecot with LMTP as the example has it; any user of rcpt.example has a maildir."""
import glob
import os
import pwd
import re
import subprocess

from servers import E2E, Server, read, wait_for, write

DIRECTORY = E2E + "/dovecot-example"
SIEVE = DIRECTORY + "/mailvouch.sieve"


class Dovecot(Server):
    """example: the part of the configuration that has to do with the hook. sieve: a script for everybody, or None."""
    def __init__(self, example, sieve=None):
        user = pwd.getpwnam("mail")
        for name in ("state", "mail"):
            os.makedirs("%s/%s" % (DIRECTORY, name), exist_ok=True)
        os.chown(DIRECTORY + "/mail", user.pw_uid, user.pw_gid)
        os.chmod(DIRECTORY, 0o755)
        self.socket = "/run/dovecot/lmtp"
        plugins = ""
        if sieve is not None:
            write(SIEVE, sieve)
            subprocess.run(["sievec", SIEVE], check=True)
            plugins = "protocol lmtp {\n  mail_plugins = sieve\n}\nplugin {\n  sieve_before = %s\n}\n" % SIEVE
        write(DIRECTORY + "/dovecot.conf", """base_dir = /run/dovecot
state_dir = {0}/state
instance_name = mailvouch-example
log_path = {0}/dovecot.log
protocols = lmtp
listen = 127.0.0.1
ssl = no
first_valid_uid = 1
first_valid_gid = 1
postmaster_address = postmaster@rcpt.example
mail_location = maildir:~/Maildir
auth_username_format = %n
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid={1} gid={2} home={0}/mail/%n allow_all_users=yes
}}
""".format(DIRECTORY, user.pw_uid, user.pw_gid) + plugins + example)
        super().__init__(["dovecot", "-F", "-c", DIRECTORY + "/dovecot.conf"], "dovecot-example")
        wait_for("Dovecot's LMTP socket", lambda: os.path.exists(self.socket) or self.process.poll() is not None)
        if self.process.poll() is not None:
            raise RuntimeError("Dovecot ended: " + read(E2E + "/dovecot-example.out"))

    def stop(self):
        super().stop()
        if os.path.exists(self.socket):
            os.unlink(self.socket)

    def all(self, token):
        """(path, text) of each delivered message with this X-Token."""
        for path in glob.glob(DIRECTORY + "/mail/*/Maildir/new/*") + glob.glob(DIRECTORY + "/mail/*/Maildir/.*/new/*"):
            with open(path, "rb") as f:
                text = f.read().decode("utf-8", "surrogateescape")
            if re.search(r"^X-Token: %s$" % re.escape(token), text.split("\n\n")[0], re.M):
                yield path, text

    def find(self, token):
        """(mailbox, text) of the first one, or None. The mailbox is "" for the inbox."""
        for path, text in self.all(token):
            return path.split("/")[-3].replace("Maildir", ""), text
        return None

    def users(self, token):
        return [path[len(DIRECTORY):].split("/")[2] for path, _ in self.all(token)]
