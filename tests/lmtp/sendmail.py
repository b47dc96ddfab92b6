"""A stock Sendmail that takes mail by SMTP on a port of its own; m4 makes its configuration from the package."""
import os
import pwd
import subprocess

from servers import E2E, Server, read, wait_for, write

CONFIG = "/etc/mail"
DIRECTORY = "/run/sendmail"  # Sendmail refuses what lies below /tmp, where others may write
PORT = 2526
SASLPASSWD = "/usr/sbin/saslpasswd2"
MAKEMAP = "/usr/libexec/sendmail/makemap"
BINARY = "/usr/libexec/sendmail/sendmail"

MC = """include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`debian')dnl
define(`ALIAS_FILE', `{2}/aliases')dnl
define(`confLOCAL_MAILER', `local')dnl
define(`confPID_FILE', `{0}/run/pid')dnl
define(`QUEUE_DIR', `{0}/queue')dnl
define(`STATUS_FILE', `{0}/status')dnl
define(`confHOST_STATUS_DIRECTORY', `')dnl
define(`HELP_FILE', `')dnl
define(`confCW_FILE', `{2}/local-host-names')dnl
define(`confDOMAIN_NAME', `mx.rcpt.example')dnl
define(`confSERVICE_SWITCH_FILE', `{2}/service.switch')dnl
define(`confTRUSTED_USER', `smmta')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`use_cw_file')dnl
DAEMON_OPTIONS(`Family=inet, Name=MTA, Port={1}, Addr=203.0.113.25')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
"""


class Sendmail(Server):
    """example: the part of sendmail.mc that has to do with the hook. mailertable: in place of a local domain."""
    def __init__(self, example, mailertable=None):
        for name in ("queue", "run"):
            os.makedirs("%s/%s" % (DIRECTORY, name), exist_ok=True)
            os.chmod("%s/%s" % (DIRECTORY, name), 0o700)
        os.chmod(DIRECTORY, 0o755)
        write(CONFIG + "/local-host-names", "" if mailertable else "rcpt.example\n")
        if mailertable is not None:
            subprocess.run([MAKEMAP, "hash", CONFIG + "/mailertable.db"], input=mailertable.encode(), check=True)
            write(CONFIG + "/relay-domains", "rcpt.example\n")
        write(CONFIG + "/service.switch", "hosts files dns\naliases files\n")
        write(CONFIG + "/trusted-users", "")
        write(CONFIG + "/sendmail.mc", MC.format(DIRECTORY, PORT, CONFIG) + example)
        made = subprocess.run(["m4", CONFIG + "/sendmail.mc"], capture_output=True, text=True, check=True)
        write(CONFIG + "/sendmail.cf", made.stdout)
        write(CONFIG + "/aliases", "postmaster: bob\n")
        subprocess.run([BINARY, "-bi"], capture_output=True, check=True)
        if os.path.exists(SASLPASSWD):  # alice may log in
            subprocess.run([SASLPASSWD, "-p", "-c", "-f", "/etc/sasldb2", "-u", "mx.rcpt.example", "alice"], input=b"secret",
                           check=True)
            os.chmod("/etc/sasldb2", 0o600)
        super().__init__([BINARY, "-bD", "-q1s", "-X", DIRECTORY + "/traffic"], "sendmail")
        wait_for("Sendmail", lambda: self.process.poll() is not None or
                 subprocess.run(["ss", "-Hltn", "sport = :%d" % PORT], capture_output=True).stdout)
        if self.process.poll() is not None:
            raise RuntimeError("Sendmail ended: " + read(E2E + "/sendmail.out") + made.stderr)

    def trouble(self):
        return read(E2E + "/sendmail.out") + read(DIRECTORY + "/traffic")[-3000:]
