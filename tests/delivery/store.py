"""Dovecot as mail store behind a mail server, 2.3 or 2.4: LMTP, dovecot-lda, IMAP, Sieve.

Everything is below one directory; the plugin is switched on by the example file that "make install" has installed.
"""
import glob
import imaplib
import os
import pwd
import re
import subprocess

import servers
import smtp

PREFIX = "/usr/local"
MODULES = "/usr/lib/dovecot/modules"
EXAMPLES = PREFIX + "/share/doc/mailvouch/examples/dovecot/"
IMAP_PORT, LMTP_PORT = 10143, 10024
USER = "mail"  # whose rights the deliveries have
DIRECTORY = servers.E2E + "/store"
DOMAIN = "rcpt.example"
# name: further fields of the userdb
USERS = {"bob": "", "carol": "", "dave": "", "off": "userdb_mailvouch=no", "scripted": "", "nojunk": ""}

COMMON = """base_dir = {dir}/run
state_dir = {dir}/state
instance_name = mailvouch-delivery
log_path = {dir}/log/dovecot.log
listen = 127.0.0.1
ssl = no
auth_mechanisms = plain login
hostname = mx.rcpt.example
postmaster_address = postmaster@rcpt.example
login_trusted_networks = 127.0.0.0/8
first_valid_uid = 1
first_valid_gid = 1
mail_plugin_dir = {dir}/modules
mail_temp_dir = {dir}/temp
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
  unix_listener {dir}/../dovecot/lmtp {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""
V23 = """protocols = imap lmtp
disable_plaintext_auth = no
mail_location = {format}:~/{format}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = passwd-file
  args = {dir}/users
}}
"""
V24 = """dovecot_config_version = 2.4.1
dovecot_storage_version = 2.4.1
protocols {{
  imap = yes
  lmtp = yes
}}
auth_allow_cleartext = yes
mail_driver = {format}
mail_path = ~/{format}
passdb static {{
  password = secret
}}
userdb passwd-file {{
  passwd_file_path = {dir}/users
}}
sieve_script personal {{
  driver = file
  path = ~/sieve
  active_path = ~/.dovecot.sieve
}}
"""
# What 2.3 and 2.4 say differently, for settings of a test. GDB: plugins stay mapped at the end, for valgrind.
WORDS = {
    (2, 3): {"{no_limit}": "0", "{everywhere}": "mail_plugins = mailvouch",
             "{GDB}": "import_environment = $import_environment GDB=1"},
    (2, 4): {"{no_limit}": "unlimited", "{everywhere}": "mail_plugins {\n  mailvouch = yes\n}",
             "{GDB}": "import_environment {\n  GDB = 1\n}"},
}


def version():
    """(2, 3) or (2, 4)"""
    text = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(n) for n in re.match(r"(\d+)\.(\d+)", text).groups())


class Lmtp(smtp.Client):
    """One message to several recipients, in exact bytes."""
    def __init__(self, timeout=60):
        super().__init__("127.0.0.1", "127.0.0.1", LMTP_PORT, timeout)
        self.command("LHLO mx.rcpt.example")

    def send(self, message, rcpts=("bob",), mail_from="alice@reject.example"):
        """The replies, one for each recipient that was taken."""
        reply = self.envelope(mail_from, ["%s@%s" % (rcpt, DOMAIN) for rcpt in rcpts])
        assert reply.code == 250, reply
        reply = self.command("DATA")
        assert reply.code == 354, reply
        if message.startswith(b"."):
            message = b"." + message
        self.write(message.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return [self.read() for _ in rcpts]


class Mailbox:
    """What the owner sees by IMAP."""
    def __init__(self, user="bob"):
        self.imap = imaplib.IMAP4("127.0.0.1", IMAP_PORT)
        self.imap.login("%s@%s" % (user, DOMAIN), "secret")

    def messages(self, name="INBOX"):
        """[(flags and keywords as a set, text)]"""
        if self.imap.select('"%s"' % name, readonly=True)[0] != "OK":
            return []
        found = []
        for number in self.imap.search(None, "ALL")[1][0].split():
            answer = self.imap.fetch(number, "(FLAGS BODY.PEEK[])")[1]
            head = b"".join(part if isinstance(part, bytes) else part[0] for part in answer)
            flags = re.search(rb"FLAGS \(([^)]*)\)", head).group(1).decode().split()
            found.append((set(flags) - {"\\Recent"}, answer[0][1].decode("utf-8", "replace")))
        return found

    def close(self):
        self.imap.logout()


class Dovecot(servers.Server):
    """settings: further lines, with words of WORDS in them, and {dir}."""
    def __init__(self, mail_format="maildir", settings="", plugin=True):
        self.version = version()
        self.log_path = DIRECTORY + "/log/dovecot.log"
        self.format = mail_format
        owner = pwd.getpwnam(USER)
        for name in ("run", "state", "mail", "log", "modules", "temp"):
            os.makedirs("%s/%s" % (DIRECTORY, name), exist_ok=True)
        os.chmod(DIRECTORY, 0o755)
        for name in ("mail", "temp"):
            os.chown("%s/%s" % (DIRECTORY, name), owner.pw_uid, owner.pw_gid)
        self.link_modules()
        open(self.log_path, "ab").close()
        os.chmod(self.log_path, 0o666)  # dovecot-lda writes into it, too
        servers.write(DIRECTORY + "/users", "".join(
            "{0}@{1}::{2}:{3}::{4}/mail/{0}::{5}\n".format(name, DOMAIN, owner.pw_uid, owner.pw_gid, DIRECTORY, fields)
            for name, fields in USERS.items()))
        text = V23 + COMMON if self.version == (2, 3) else V24 + COMMON
        text = text.format(dir=DIRECTORY, format=mail_format, imap_port=IMAP_PORT, lmtp_port=LMTP_PORT)
        if plugin:
            text += "!include %sdelivery-%d.%d.conf\n" % ((EXAMPLES,) + self.version)
        self.config = DIRECTORY + "/dovecot.conf"
        servers.write(self.config, text + self.spell(settings))
        super().__init__(["dovecot", "-F", "-c", self.config], "dovecot-store")
        servers.wait_for("Dovecot's LMTP port", self.is_listening)
        self.mark()

    def spell(self, settings):
        settings = settings.replace("{dir}", DIRECTORY)
        for word, text in WORDS[self.version].items():
            settings = settings.replace(word, text)
        return settings

    def link_modules(self):
        """Dovecot's own modules and ours in one directory, as they are where the prefix is /usr."""
        ours = PREFIX + "/lib/dovecot/modules/lib95_mailvouch_plugin.so"
        for path in glob.glob(MODULES + "/*") + [ours]:
            link = "%s/modules/%s" % (DIRECTORY, os.path.basename(path))
            if not os.path.lexists(link):
                os.symlink(path, link)

    def is_listening(self):
        if self.process.poll() is not None:
            raise RuntimeError("Dovecot has not started:\n" + servers.read(servers.E2E + "/dovecot-store.out") +
                               servers.read(self.log_path))
        return subprocess.run(["ss", "-Hltn", "sport = :%d" % LMTP_PORT], capture_output=True).stdout

    def lda(self, message, user="bob", mail_from="alice@reject.example"):
        """The exit code of dovecot-lda, run as Exim's pipe transport would."""
        return subprocess.run(["/usr/lib/dovecot/dovecot-lda", "-c", self.config, "-d", "%s@%s" % (user, DOMAIN),
                               "-f", mail_from], input=message, user=USER, group=USER, extra_groups=[],
                              cwd=DIRECTORY).returncode

    def doveadm(self, *words):
        done = subprocess.run(["doveadm", "-c", self.config, *words], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    # --- what is in the log since mark() ---

    def mark(self):
        self.at = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0

    def log(self):
        with open(self.log_path, "rb") as f:
            f.seek(self.at)
            return f.read().decode("utf-8", "replace")
