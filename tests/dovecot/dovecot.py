"""Dovecot as users' submission server and mail store, 2.3 or 2.4, run by root as an administrator would.

Everything is below one directory; what the plugin needs comes from the example file that "make install" has
installed.  Any user has the password "secret".
"""
import glob
import os
import pwd
import re
import subprocess

import servers

PREFIX = "/usr/local"
MODULES = "/usr/lib/dovecot/modules"
EXAMPLES = PREFIX + "/share/doc/mailvouch/examples/dovecot/"
IMAP_PORT, SUBMISSION_PORT = 10143, 10587
HOST = "mail.users.example"
USER = "mail"  # whose rights the processes have
OTHER_CONFIG = "/etc/mailvouch/other.conf"

COMMON = """base_dir = {dir}/run
state_dir = {dir}/state
instance_name = mailvouch-test
log_path = {dir}/log/dovecot.log
listen = 127.0.0.1
ssl = yes
auth_mechanisms = plain login
hostname = {host}
postmaster_address = postmaster@users.example
first_valid_uid = 1
first_valid_gid = 1
mail_plugin_dir = {dir}/modules
mail_temp_dir = {dir}/temp
imap_urlauth_host = {host}
imap_urlauth_port = {imap_port}
submission_relay_host = 203.0.113.25
submission_relay_port = 25
submission_max_mail_size = 200M
"""
V23 = """protocols = imap submission
disable_plaintext_auth = no
ssl_cert = </etc/exim4/exim.crt
ssl_key = </etc/exim4/exim.key
mail_location = maildir:~/Maildir
mail_attribute_dict = file:%h/dovecot-attributes
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/mail/%u allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service submission-login {{
  inet_listener submission {{
    port = {submission_port}
  }}
  inet_listener submissions {{
    port = 0
  }}
}}
"""
V24 = """dovecot_config_version = 2.4.1
dovecot_storage_version = 2.4.1
protocols {{
  imap = yes
  submission = yes
}}
auth_allow_cleartext = yes
ssl_server_cert_file = /etc/exim4/exim.crt
ssl_server_key_file = /etc/exim4/exim.key
mail_driver = maildir
mail_path = ~/Maildir
mail_home = {dir}/mail/%{{user}}
mail_uid = {uid}
mail_gid = {gid}
mail_attribute {{
  dict file {{
    path = %{{home}}/dovecot-attributes
  }}
}}
passdb static {{
  password = secret
}}
userdb static {{
  allow_all_users = yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service submission-login {{
  inet_listener submission {{
    port = {submission_port}
  }}
  inet_listener submissions {{
    port = 0
  }}
}}
"""


def version():
    """(2, 3) or (2, 4)"""
    text = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(n) for n in re.match(r"(\d+)\.(\d+)", text).groups())


# What 2.3 and 2.4 say differently, for settings of a test. GDB: plugins stay mapped at the end, for valgrind.
WORDS = {
    (2, 3): {"{restart}": "service_count = 0", "{no_limit}": "0",
             "{other_config}": "import_environment = $import_environment MAILVOUCH_CONF=" + OTHER_CONFIG,
             "{other_config, GDB}": "import_environment = $import_environment GDB=1 MAILVOUCH_CONF=" + OTHER_CONFIG,
             "{plugin}": "mail_plugins = mailvouch_submission"},
    (2, 4): {"{restart}": "restart_request_count = unlimited", "{no_limit}": "unlimited",
             "{other_config}": "import_environment {\n  MAILVOUCH_CONF = " + OTHER_CONFIG + "\n}",
             "{other_config, GDB}": "import_environment {\n  GDB = 1\n  MAILVOUCH_CONF = " + OTHER_CONFIG + "\n}",
             "{plugin}": "mail_plugins {\n  mailvouch_submission = yes\n}"},
}


class Dovecot(servers.Server):
    """settings: further lines, with words of WORDS in them, and {dir}."""
    def __init__(self, settings=""):
        self.version = version()
        self.directory = servers.E2E + "/submit"
        self.log_path = self.directory + "/log/dovecot.log"
        user = pwd.getpwnam(USER)
        for name in ("run", "state", "mail", "log", "modules", "temp"):
            os.makedirs("%s/%s" % (self.directory, name), exist_ok=True)
        os.chmod(self.directory, 0o755)
        for name in ("mail", "temp"):
            os.chown("%s/%s" % (self.directory, name), user.pw_uid, user.pw_gid)
        self.link_modules()
        text = V23 + COMMON if self.version == (2, 3) else V24 + COMMON
        text = text.format(dir=self.directory, host=HOST, imap_port=IMAP_PORT, submission_port=SUBMISSION_PORT,
                           uid=user.pw_uid, gid=user.pw_gid)
        text += "!include %ssubmission-%d.%d.conf\n" % ((EXAMPLES,) + self.version) + self.spell(settings)
        servers.write(self.directory + "/dovecot.conf", text)
        super().__init__(["dovecot", "-F", "-c", self.directory + "/dovecot.conf"], "dovecot-submit")
        servers.wait_for("Dovecot's submission port", self.is_listening)
        self.mark()

    def spell(self, settings):
        settings = settings.replace("{dir}", self.directory)
        for word, text in WORDS[self.version].items():
            settings = settings.replace(word, text)
        return settings

    def link_modules(self):
        """Dovecot's own modules and ours in one directory, as they are where the prefix is /usr."""
        ours = PREFIX + "/lib/dovecot/modules/lib95_mailvouch_submission_plugin.so"
        for path in glob.glob(MODULES + "/*") + [ours]:
            link = "%s/modules/%s" % (self.directory, os.path.basename(path))
            if not os.path.lexists(link):
                os.symlink(path, link)

    def is_listening(self):
        if self.process.poll() is not None:
            raise RuntimeError("Dovecot has not started:\n" + servers.read(servers.E2E + "/dovecot-submit.out"))
        return subprocess.run(["ss", "-Hltn", "sport = :%d" % SUBMISSION_PORT], capture_output=True).stdout

    # --- what is in the log since mark() ---

    def mark(self):
        self.at = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0

    def log(self):
        with open(self.log_path, "rb") as f:
            f.seek(self.at)
            return f.read().decode("utf-8", "replace")

    def submission_pids(self):
        """Processes that serve a submission, also when valgrind runs them. There is no other instance in our namespace."""
        pids = []
        for path in glob.glob("/proc/[0-9]*/exe"):
            try:
                if os.path.basename(os.readlink(path)).startswith(("submission", "memcheck")) and \
                        not os.readlink(path).endswith("-login"):
                    pids.append(int(path.split("/")[2]))
            except OSError:
                pass
        return pids
