"""Signing keys in a directory, as "mailvouch key" would leave them, and what DNS would show of them."""
import base64
import os
import subprocess


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, check=True, capture_output=True).stdout


def finish(path):
    """As the key store leaves its files: for the group of the directory."""
    os.chown(path, -1, os.stat(os.path.dirname(path)).st_gid)
    os.chmod(path, 0o640)


def make_key(path, kind):
    """Writes a private key, 0640; returns what p= holds."""
    if kind == "rsa":
        pem = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
    else:
        pem = openssl("genpkey", "-algorithm", "ED25519")
    with open(path, "wb") as f:
        f.write(pem)
    finish(path)
    der = openssl("pkey", "-pubout", "-outform", "DER", data=pem)
    return base64.b64encode(der if kind == "rsa" else der[-32:]).decode()


def write_state(directory, domain, selector, kind, now, host="mx1", state="active", sight="shown", sight_age=600):
    times = {"created": now - 900000, "published": now - 800000, "usable": now - 700000,
             "active": now - 86400 if state in ("active", "retiring", "revoked") else 0,
             "retiring": now - 20 if state in ("retiring", "revoked") else 0,
             "revoked": now - 10 if state == "revoked" else 0, "cache": 3600}
    lines = ["domain = " + domain, "selector = " + selector, "host = " + host, "type = " + kind,
             "bits = %d" % (2048 if kind == "rsa" else 256), "state = " + state]
    lines += ["%s = %d" % item for item in times.items()]
    lines += ["sight = " + sight, "sight_at = %d" % (now - sight_age)]
    path = os.path.join(directory, domain, selector + ".state")
    with open(path + ".new", "w") as f:
        f.write("\n".join(lines) + "\n")
    finish(path + ".new")
    os.rename(path + ".new", path)


def add_key(directory, domain, selector, kind, now, **state):
    """A key with its state; returns the name and the text of its record."""
    folder = os.path.join(directory, domain)
    os.makedirs(folder, mode=0o750, exist_ok=True)
    p = make_key(os.path.join(folder, selector + ".pem"), kind)
    write_state(directory, domain, selector, kind, now, **state)
    return "%s._domainkey.%s" % (selector, domain), "v=DKIM1; k=%s; p=%s" % (kind, p)
