"""A stock OpenSMTPD that takes mail by SMTP on a port of its own, with its directories in a namespace of its own."""
import os
import pwd
import shutil
import subprocess

from servers import E2E, Server, read, wait_for, write

DIRECTORY = E2E + "/opensmtpd"
PORT = 2527
SENDMAIL = "/run/sendmail-of-opensmtpd/sendmail"

# /var/spool/smtpd and the empty directory for chroot(2) are where the package has them.
START = """mount -t tmpfs -o mode=755 tmpfs /var/spool &&
mkdir -p /var/spool/smtpd && chmod 711 /var/spool/smtpd &&
mount -t tmpfs -o mode=755 tmpfs /var/lib && mkdir -p /var/lib/opensmtpd/empty &&
echo mx.rcpt.example > /etc/mailname && exec smtpd -d -f %s/smtpd.conf
""" % DIRECTORY


class OpenSmtpd(Server):
    """example: smtpd.conf."""
    def __init__(self, example):
        write(DIRECTORY + "/smtpd.conf", example, 0o600)
        super().__init__(["unshare", "-m", "sh", "-c", START], "opensmtpd")
        wait_for("OpenSMTPD", lambda: self.process.poll() is not None or
                 subprocess.run(["ss", "-Hltn", "sport = :%d" % PORT], capture_output=True).stdout)
        if self.process.poll() is not None:
            raise RuntimeError("OpenSMTPD ended: " + self.trouble())

    def trouble(self):
        return read(E2E + "/opensmtpd.out")[-3000:]

    def submit(self, message):
        """By a user of the machine: /usr/sbin/sendmail of the package, with the rights that its postinst gives it."""
        os.makedirs(os.path.dirname(SENDMAIL), exist_ok=True)
        shutil.copy("/usr/sbin/smtpctl", SENDMAIL)
        os.chown(SENDMAIL, 0, pwd.getpwnam("opensmtpq").pw_gid)
        os.chmod(SENDMAIL, 0o2755)
        subprocess.run([SENDMAIL, "bob@rcpt.example"], input=message, check=True)
