"""Users and groups that packages make, in the private /etc."""
import os
import pwd

# name, id of user and group, home, further groups
USERS = (("postfix", 995, "/var/spool/postfix", ("mailvouch",)), ("postdrop", 994, "/", ()),
         ("cyrus", 993, "/var/spool/cyrus", ("mail",)), ("mailvouch", 992, "/", ("mail",)),
         ("smmta", 991, "/var/lib/sendmail", ()), ("smmsp", 990, "/var/lib/sendmail", ()),
         ("opensmtpd", 989, "/var/lib/opensmtpd/empty", ()), ("opensmtpq", 988, "/var/lib/opensmtpd/empty", ()))


def exists(name):
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def add():
    with open("/etc/group", encoding="utf-8") as f:
        groups = [line.rstrip("\n").split(":") for line in f]
    for name, number, home, _ in USERS:
        if not exists(name):
            with open("/etc/passwd", "a", encoding="utf-8") as f:
                f.write("%s:x:%d:%d::%s:/usr/sbin/nologin\n" % (name, number, number, home))
        if name not in [group[0] for group in groups]:
            groups.append([name, "x", str(number), ""])
    for name, _, _, further in USERS:
        for group in groups:
            if group[0] in further and name not in group[3].split(","):
                group[3] = ",".join(filter(None, [group[3], name]))
    with open("/etc/group", "w", encoding="utf-8") as f:
        f.writelines(":".join(group) + "\n" for group in groups)


def directory(path, owner, group, mode):
    os.makedirs(path, exist_ok=True)
    os.chown(path, pwd.getpwnam(owner).pw_uid, pwd.getpwnam(group).pw_gid)
    os.chmod(path, mode)
