"""Signing keys in the store that core/keys/store.h describes, in whatever state a test wants.

    store = Store()
    pair = store.pair("20261123")           # RSA and Ed25519, active and seen in DNS
    store.write(pair)
    store.write(pair, sight="missing")
"""
import base64
import grp
import os
import pwd
import shutil
import subprocess
import time

DIRECTORY = "/var/lib/mailvouch/keys"
DOMAIN = "users.example"
GROUP = "mailvouch"


def openssl(*arguments, stdin=b""):
    return subprocess.run(("openssl",) + arguments, input=stdin, check=True, capture_output=True).stdout


class Key:
    def __init__(self, kind, selector, pem=None):
        self.kind, self.selector = kind, selector
        options = ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048") if kind == "rsa" else ("-algorithm", "ED25519")
        self.pem = pem or openssl("genpkey", *options)
        public = openssl("pkey", "-pubout", "-outform", "DER", stdin=self.pem)
        octets = public if kind == "rsa" else public[-32:]
        self.record = "v=DKIM1; k=%s; p=%s" % (kind, base64.b64encode(octets).decode())
        self.bits = 2048 if kind == "rsa" else 256

    @classmethod
    def of_file(cls, path):
        with open(path, "rb") as f:
            pem = f.read()
        kind = "ed25519" if b"ED25519" in openssl("pkey", "-noout", "-text", stdin=pem) else "rsa"
        return cls(kind, os.path.basename(path)[:-4], pem)


def pair(date):
    return [Key("rsa", "mail-%s-r" % date), Key("ed25519", "mail-%s-e" % date)]


class Store:
    def __init__(self, domain=DOMAIN):
        self.domain = domain
        self.directory = "%s/%s" % (DIRECTORY, domain)
        self.gid = grp.getgrnam(GROUP).gr_gid

    def path(self, key, suffix=".pem"):
        return "%s/%s%s" % (self.directory, key.selector, suffix)

    def put(self, path, content, mode=0o640, uid=0):
        temporary = path + ".new"
        with open(temporary, "wb") as f:
            f.write(content)
        os.chown(temporary, uid, self.gid)
        os.chmod(temporary, mode)
        os.rename(temporary, path)

    def make_directory(self):
        os.makedirs(self.directory, exist_ok=True)
        for path in (DIRECTORY, self.directory):
            os.chown(path, 0, self.gid)
            os.chmod(path, 0o750)

    def write(self, keys, state="active", sight="shown", sight_age=60, age=86400):
        """Private keys and their states."""
        self.make_directory()
        now = int(time.time())
        for key in keys:
            then = now - age
            lines = {"domain": self.domain, "selector": key.selector, "host": "mail", "type": key.kind, "bits": key.bits,
                     "state": state, "created": then, "published": then, "usable": then,
                     "active": then if state != "created" else 0, "retiring": now if state == "retiring" else 0,
                     "revoked": 0, "cache": 300, "sight": sight, "sight_at": now - sight_age if sight_age else 0}
            self.put(self.path(key), key.pem)
            self.put(self.path(key, ".state"), "".join("%s = %s\n" % line for line in lines.items()).encode())

    def clear(self):
        shutil.rmtree(DIRECTORY, ignore_errors=True)


def uid_of(name):
    return pwd.getpwnam(name).pw_uid
