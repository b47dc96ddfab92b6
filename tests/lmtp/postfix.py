"""A stock Postfix that takes mail by SMTP on a port of its own and hands all of it to one LMTP socket."""
import os
import pwd
import re
import subprocess

from servers import E2E, read, wait_for, write

DIRECTORY = E2E + "/postfix"
PORT = 2525


class Postfix:
    """example: the part of main.cf that has to do with the hook."""
    def __init__(self, example):
        for name in ("etc", "queue", "data"):
            os.makedirs("%s/%s" % (DIRECTORY, name), exist_ok=True)
        os.chmod(DIRECTORY, 0o755)
        os.chown(DIRECTORY + "/data", pwd.getpwnam("postfix").pw_uid, -1)
        self.log = DIRECTORY + "/maillog"
        self.configure(example)
        self.write_services()
        self.command("check")
        self.command("start")
        wait_for("Postfix", lambda: subprocess.run(["ss", "-Hltn", "sport = :%d" % PORT], capture_output=True).stdout)

    def configure(self, example):
        write(DIRECTORY + "/etc/main.cf", """compatibility_level = 3.6
queue_directory = {0}/queue
data_directory = {0}/data
maillog_file = {0}/maillog
maillog_file_prefixes = {0}
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
sendmail_path = /usr/sbin/sendmail
mailq_path = /usr/bin/mailq
newaliases_path = /usr/bin/newaliases
setgid_group = postdrop
mail_owner = postfix
myhostname = mx.rcpt.example
mydestination =
inet_interfaces = 203.0.113.25
mynetworks = 127.0.0.0/8, 10.9.0.0/16
virtual_mailbox_maps =
alias_maps =
alias_database =
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_peername_lookup = no
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
lmtp_connect_timeout = 5s
notify_classes =
""".format(DIRECTORY) + example)

    def write_services(self):
        lines = ["smtp inet n - n - - smtpd".replace("smtp ", "%d " % PORT, 1)]
        lines += ["%s unix %s" % (name, rest) for name, rest in (
            ("cleanup", "n - n - 0 cleanup"), ("tlsmgr", "- - n 1000? 1 tlsmgr"), ("rewrite", "- - n - - trivial-rewrite"),
            ("bounce", "- - n - 0 bounce"), ("defer", "- - n - 0 bounce"), ("trace", "- - n - 0 bounce"),
            ("verify", "- - n - 1 verify"), ("flush", "n - n 1000? 0 flush"), ("proxymap", "- - n - - proxymap"),
            ("showq", "n - n - - showq"), ("error", "- - n - - error"), ("retry", "- - n - - error"),
            ("discard", "- - n - - discard"), ("lmtp", "- - n - - lmtp"), ("anvil", "- - n - 1 anvil"),
            ("scache", "- - n - 1 scache"))]
        lines += ["pickup unix n - n 60 1 pickup", "qmgr unix n - n 300 1 qmgr", "smtp unix - - n - - discard",
                  "postlog unix-dgram n - n - 1 postlogd"]
        write(DIRECTORY + "/etc/master.cf", "\n".join(lines) + "\n")

    def command(self, word):
        done = subprocess.run(["postfix", "-c", DIRECTORY + "/etc", word], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError("postfix %s: %s%s" % (word, done.stderr, read(self.log)))

    def stop(self):
        self.command("stop")

    def flush(self):
        self.command("flush")

    def results(self, message_id):
        """{recipient: (status, the text behind it)} of the last attempts, by the log."""
        text = read(self.log)
        found = re.search(r"cleanup\[\d+\]: (\w+): message-id=<%s>" % re.escape(message_id), text)
        if not found:
            return {}
        lines = re.findall(r": %s: to=<(\S+?)>.*? status=(\w+) (.*)" % found.group(1), text)
        return {recipient: (status, why) for recipient, status, why in lines}

    def queue_length(self):
        done = subprocess.run(["postqueue", "-c", DIRECTORY + "/etc", "-j"], capture_output=True, text=True)
        return len(done.stdout.strip().split("\n")) if done.stdout.strip() else 0
