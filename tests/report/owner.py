"""The mail server of the domain's owner, in mount and host name spaces of its own; becomes Exim.

usage: owner.py DIRECTORY     of Maildirs, one for each address
"""
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))
import servers  # noqa: E402

ADDRESS, HOST, DOMAIN = "198.51.100.25", "mx.a.example", "a.example"


def private(maildir):
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    copy = servers.E2E + "/owner"
    subprocess.run(["cp", "-a", "/etc", copy], check=True)
    subprocess.run(["mount", "--bind", copy, "/etc"], check=True)
    for directory, owner, mode in (("/var/spool/exim4", "Debian-exim:Debian-exim", "750"), ("/run/exim4", "Debian-exim", "750"),
                                   ("/var/log/exim4", "Debian-exim:adm", "2750"), ("/var/lib/exim4", "root", "755")):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=" + mode, "tmpfs", directory], check=True)
        subprocess.run(["chown", owner, directory], check=True)
    os.makedirs(maildir)
    subprocess.run(["chown", "mail:mail", maildir], check=True)
    subprocess.run(["hostname", HOST], check=True)
    for name in ("mailname", "hostname"):
        servers.write("/etc/" + name, HOST + "\n")


def main(maildir):
    private(maildir)
    servers.DEBCONF = servers.DEBCONF.replace("rcpt.example", DOMAIN)
    servers.ROUTER = "\nowner:\n  driver = accept\n  domains = +local_domains\n  local_parts = dmarc : ruf\n  transport = owner\n"
    servers.TRANSPORT = ("\nowner:\n  driver = appendfile\n  directory = %s/$local_part_data\n  maildir_format\n  user = mail\n"
                         "  group = mail\n" % maildir)
    servers.write(servers.CONFIG, servers.DEFAULT_CONFIG.replace("mx.rcpt.example", HOST))
    servers.Exim().configure(interfaces=ADDRESS)
    os.execvp("exim4", ["exim4", "-bdf", "-q30m"])


if __name__ == "__main__":
    os.umask(0o022)
    main(sys.argv[1])
