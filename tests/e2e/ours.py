"""Our own domain: keys as "mailvouch key" would leave them, what DNS shows of them, and the configuration that signs."""
import grp
import os
import sys
import time

import servers

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import keystore  # noqa: E402

DOMAIN, KEYLESS = "ours.example", "keyless.example"
KEYS = servers.E2E + "/keys"
SELECTORS = (("mx1-20261123-r", "rsa"), ("mx1-20261123-e", "ed25519"))
CONFIG = servers.DEFAULT_CONFIG + """[sign]
keys_directory = %s
host = mx1
domains = %s, %s
networks = 10.9.0.5
users = *: self
    team@%s: .%s
    root: cron@%s
    nobody@%s: self
""" % (KEYS, DOMAIN, KEYLESS, DOMAIN, DOMAIN, DOMAIN, KEYLESS)


class Site:
    def __init__(self):
        now = int(time.time())
        self.records = dict(keystore.add_key(KEYS, DOMAIN, selector, kind, now) for selector, kind in SELECTORS)
        self.repair()

    def path(self, selector, ending="pem"):
        return "%s/%s/%s.%s" % (KEYS, DOMAIN, selector, ending)

    def repair(self):
        """Keys and states as they should be."""
        group = grp.getgrnam("Debian-exim").gr_gid
        for directory in (KEYS, KEYS + "/" + DOMAIN):
            os.chown(directory, 0, group)
            os.chmod(directory, 0o750)
        for selector, kind in SELECTORS:
            if os.path.exists(self.path(selector) + ".away"):
                os.rename(self.path(selector) + ".away", self.path(selector))
            keystore.write_state(KEYS, DOMAIN, selector, kind, int(time.time()))
            for ending in ("pem", "state"):
                os.chown(self.path(selector, ending), 0, group)
                os.chmod(self.path(selector, ending), 0o640)
