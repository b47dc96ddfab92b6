"""The real servers, in the namespaces that lib.sh has made. E2E names the scratch directory."""
import glob
import os
import pwd
import re
import subprocess
import time

E2E = os.environ["E2E"]
DESCRIPTORS = E2E + "/dovecot/mail/descriptors" # what a command has open that Exim runs for a delivery
MAINLOG = "/var/log/exim4/mainlog"
CONFIG = "/etc/mailvouch/mailvouch.conf"
SNIPPETS = "/usr/local/share/mailvouch/exim4/macros"
DEFAULT_CONFIG = """[server]
authserv_id = mx.rcpt.example
dns_deadline = 2s
dns_try = 1s
"""


def wait_for(what, condition, seconds=10.0):
    """What condition() answers, as soon as that is true."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError("waited %g s for %s" % (seconds, what))
        time.sleep(0.01)


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()
    except FileNotFoundError:
        return ""


class Server:
    """A process in the foreground, ended by its own pid."""
    def __init__(self, command, name):
        log = open("%s/%s.out" % (E2E, name), "ab")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(20)


class Nsd(Server):
    """The root zone, and more: {name: text}."""
    def __init__(self, zone, address="127.0.0.2", more=None):
        self.directory = E2E + "/nsd"
        self.zone = self.directory + "/root.zone"
        write(self.zone, zone)
        for name, text in (more or {}).items():
            write("%s/%s.zone" % (self.directory, name), text)
        write(self.directory + "/nsd.conf", """server:
    ip-address: {0}@53
    username: ""
    chroot: ""
    zonesdir: "{1}"
    database: ""
    pidfile: ""
    zonelistfile: "{1}/zone.list"
    xfrdfile: "{1}/xfrd.state"
    xfrdir: "{1}"
    logfile: "{1}/nsd.log"
    rrl-ratelimit: 0
    hide-version: yes
remote-control:
    control-enable: no
zone:
    name: "."
    zonefile: "root.zone"
""".format(address, self.directory) + "".join('zone:\n    name: "{0}"\n    zonefile: "{0}.zone"\n'.format(name)
                                              for name in more or ()))
        super().__init__(["nsd", "-d", "-c", self.directory + "/nsd.conf"], "nsd")
        wait_for("NSD", lambda: "nsd started" in read(self.directory + "/nsd.log"))


class Dovecot(Server):
    """LMTP on a socket; any user of rcpt.example has a maildir."""
    def __init__(self):
        self.directory = E2E + "/dovecot"
        user = pwd.getpwnam("mail")
        for name in ("run", "state", "mail", "log"):
            os.makedirs("%s/%s" % (self.directory, name), exist_ok=True)
        os.chown(self.directory + "/mail", user.pw_uid, user.pw_gid)
        os.chmod(self.directory, 0o755)
        self.socket = self.directory + "/lmtp"
        write(self.directory + "/dovecot.conf", """base_dir = {0}/run
state_dir = {0}/state
instance_name = mailvouch-e2e
log_path = {0}/log/dovecot.log
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
service lmtp {{
  unix_listener {3} {{
    mode = 0666
  }}
}}
""".format(self.directory, user.pw_uid, user.pw_gid, self.socket))
        super().__init__(["dovecot", "-F", "-c", self.directory + "/dovecot.conf"], "dovecot")
        wait_for("Dovecot's LMTP socket", lambda: os.path.exists(self.socket))

    def find(self, token):
        """The delivered message with this X-Token, as text, or None."""
        for path in glob.glob(self.directory + "/mail/*/Maildir/new/*"):
            with open(path, "rb") as f:
                text = f.read().decode("utf-8", "surrogateescape")
            if re.search(r"^X-Token: %s$" % re.escape(token), text.split("\n\n")[0], re.M):
                return text
        return None


ROUTER = """
e2e_dovecot:
  driver = accept
  domains = +local_domains
  local_parts = bob : carol
  transport = e2e_lmtp

e2e_pipe:
  driver = accept
  domains = +local_domains
  local_parts = pipe
  transport = e2e_pipe

# Dovecot's LMTP has no SMTPUTF8
e2e_file:
  driver = accept
  domains = +local_domains
  local_parts = file
  transport = e2e_maildir
"""
TRANSPORT = """
e2e_lmtp:
  driver = lmtp
  socket = %s/dovecot/lmtp
  user = mail
  group = mail
  batch_max = 20

e2e_maildir:
  driver = appendfile
  directory = %s/dovecot/mail/file/Maildir
  maildir_format
  user = mail
  group = mail

e2e_pipe:
  driver = pipe
  command = /bin/sh -c "exec /bin/ls -l /proc/self/fd > %s"
  user = mail
  group = mail
""" % (E2E, E2E, DESCRIPTORS)
AUTHENTICATOR = """
e2e_plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if eq{$auth3}{secret}}
  server_set_id = $auth2
"""
DEBCONF = """dc_eximconfig_configtype='internet'
dc_other_hostnames='rcpt.example'
dc_local_interfaces='%s'
dc_readhost=''
dc_relay_domains=''
dc_minimaldns='false'
dc_relay_nets='10.9.0.0/16'
dc_smarthost=''
CFILEMODE='644'
dc_use_split_config='%s'
dc_hide_mailname=''
dc_mailname_in_oh='true'
dc_localdelivery='mail_spool'
"""
MACROS = """MAIN_TLS_ENABLE = yes
MAIN_SMTPUTF8_ADVERTISE_HOSTS = *
"""


EXAMPLE = "/etc/exim4/mailvouch_example"
EXAMPLE_MACROS = """LOCAL_DENY_EXCEPTIONS_LOCAL_ACL_FILE = %s
MAIN_ACL_CHECK_MAIL = acl_mail
MAIN_ACL_CHECK_DATA = acl_data
""" % EXAMPLE


def write_example():
    """The example of the manual as it stands there; the macro of its first line comes back."""
    manual = read("/usr/local/share/man/man7/mailvouch-exim.7")
    example = re.search(r"\.Sh EXAMPLES.*?\.Bd -literal\n(.*?)\.Ed", manual, re.S).group(1)
    macro, acls = example.split("\n", 1)
    write(EXAMPLE, acls)
    return macro + "\n" + EXAMPLE_MACROS


OWN = {
    "own_mail": "deny senders = blocked@reject.example\n message = own mail\naccept\n",
    "own_rcpt": "  deny senders = norcpt@reject.example\n    message = own rcpt\n",
    "own_data": "  deny senders = nodata@reject.example\n    message = own data\n",
    "own_exceptions": "  accept hosts = 192.0.2.250\n",
}


class Exim:
    """Debian's Exim with Debian's generated configuration, and whatever macros come before and after ours."""
    def __init__(self):
        self.template = read("/etc/exim4/exim4.conf.template")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=mx.rcpt.example",
                        "-keyout", "/etc/exim4/exim.key", "-out", "/etc/exim4/exim.crt"], check=True, capture_output=True)
        for name in ("exim.key", "exim.crt"):
            os.chown("/etc/exim4/" + name, 0, pwd.getpwnam("Debian-exim").pw_gid)
            os.chmod("/etc/exim4/" + name, 0o640)
        for name, text in OWN.items():
            write("/etc/exim4/" + name, text)
        self.process = None

    def configure(self, split=False, macros="", enabled=True, from_manual=False, rewrite="", interfaces=""):
        """Writes what an administrator writes, and lets Debian's tool do the rest."""
        for name in ("exim4.conf.localmacros", "conf.d/main/000_localmacros"):
            write("/etc/exim4/" + name, "")
        write("/etc/exim4/update-exim4.conf.conf", DEBCONF % (interfaces, "true" if split else "false"))
        if from_manual:
            macros += write_example()
        text = MACROS + macros + (".include_if_exists %s\n" % SNIPPETS if enabled else "")
        if split:
            write("/etc/exim4/conf.d/main/000_localmacros", text)
            write("/etc/exim4/conf.d/router/050_e2e", ROUTER)
            write("/etc/exim4/conf.d/transport/050_e2e", TRANSPORT)
            write("/etc/exim4/conf.d/auth/90_e2e", AUTHENTICATOR)
        else:
            write("/etc/exim4/exim4.conf.localmacros", text)
            template = self.template
            for section, part in (("rewrite", rewrite), ("routers", ROUTER), ("transports", TRANSPORT),
                                  ("authenticators", AUTHENTICATOR)):
                template = template.replace("\nbegin %s\n" % section, "\nbegin %s\n%s" % (section, part), 1)
            write("/etc/exim4/exim4.conf.template", template)
        subprocess.run(["update-exim4.conf"], check=True)
        checked = subprocess.run(["exim4", "-bV"], capture_output=True, text=True)
        if checked.returncode != 0:
            raise RuntimeError("exim4 -bV: " + checked.stdout[-400:] + checked.stderr)

    def start(self):
        log = open(E2E + "/exim.out", "ab")
        self.process = subprocess.Popen(["exim4", "-bdf", "-q30m"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for("Exim", lambda: subprocess.run(["ss", "-Hltn", "sport = :25"], capture_output=True).stdout)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            wait_for("the end of Exim", lambda: not subprocess.run(["ss", "-Hltn", "sport = :25"],
                                                                    capture_output=True).stdout)
        self.process = None

    def is_alive(self):
        return self.process.poll() is None


def has_dlfunc():
    return "Expand_dlfunc" in subprocess.run(["exim4", "-bV"], capture_output=True, text=True).stdout


class Log:
    """The lines that Exim's main log has got since mark()."""
    def __init__(self):
        self.mark()

    def mark(self):
        self.at = os.path.getsize(MAINLOG) if os.path.exists(MAINLOG) else 0

    def text(self):
        with open(MAINLOG, "rb") as f:
            f.seek(self.at)
            return f.read().decode("utf-8", "replace")
