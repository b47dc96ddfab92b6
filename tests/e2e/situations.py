"""The situations: what is sent, and what must come of it.

A Mail is one message: who sends it, what DNS does meanwhile, and the SMTP
reply, delivered header and log line it must lead to.  What takes more than one
message, or more than one connection, is a function.
"""
from dataclasses import dataclass, field
from typing import Callable

import mail
import servers
from dnsfront import Drop, Fail

BOTH = ("dlfunc", "local_scan")
DLFUNC = ("dlfunc",)


class Setup:
    """One Exim configuration; situations of one setup run one after the other."""
    def __init__(self, **configuration):
        self.configuration = configuration


UNSPLIT = Setup(split=False)
SPLIT = Setup(split=True, macros="MAILVOUCH_PRELOAD = 1000\n")
OBSERVE = Setup(split=True, macros="MAILVOUCH_OBSERVE = yes\n")
ADMIN = Setup(split=False, macros="""MAIN_ACL_CHECK_MAIL = /etc/exim4/own_mail
CHECK_RCPT_LOCAL_ACL_FILE = /etc/exim4/own_rcpt
CHECK_DATA_LOCAL_ACL_FILE = /etc/exim4/own_data
LOCAL_DENY_EXCEPTIONS_LOCAL_ACL_FILE = /etc/exim4/own_exceptions
WHITELIST_LOCAL_DENY_LOCAL_ACL_FILE = /etc/exim4/own_exceptions
""")
OFF = Setup(split=False, enabled=False)
SETUPS = [UNSPLIT, SPLIT, OBSERVE, ADMIN, OFF]

ALL = []


@dataclass
class Mail:
    name: str
    raw: Callable  # (world, token) -> the message
    reply: str = r"^250 "
    header: tuple = ()
    absent: tuple = ()
    log: tuple = ()
    client: str = mail.SENDER
    helo: str = "mail.reject.example"
    mail_from: str = "alice@reject.example"
    options: str = ""
    rules: dict = field(default_factory=dict)
    config: str = None
    bdat: int = 0
    doors: tuple = BOTH
    setup: Setup = UNSPLIT

    def run(self, world):
        token = world.token()
        raw = self.raw(world, token)
        world.front.rules.update(self.rules)
        if self.config is not None:
            world.set_config(self.config)
        with world.connect(self.client, self.helo) as client:
            reply = client.envelope(self.mail_from, ["bob@rcpt.example"], self.options)
            if reply.code == 250:
                reply = client.bdat(raw, self.bdat) if self.bdat else client.data(raw)
            world.expect(reply, self.reply, "reply")
        world.expect_log(*self.log)
        if reply.code == 250:
            world.expect_delivered(token, *self.header, absent=self.absent)


@dataclass
class Story:
    name: str
    run: Callable  # (world)
    doors: tuple = BOTH
    setup: Setup = UNSPLIT


def mails(*rows):
    ALL.extend(rows)


def story(doors=BOTH, setup=UNSPLIT):
    def register(function):
        ALL.append(Story(function.__name__.replace("_", "-"), function, doors, setup))
        return function
    return register


def plain(domain, **parts):
    return lambda world, token: mail.message("Alice <alice@%s>" % domain, token=token, **parts)


def genuine(domain="reject.example", **parts):
    return lambda world, token: world.genuine(token, domain, **parts)


OURS = r"^Authentication-Results: mx\.rcpt\.example;"

mails(
    Mail("genuine", genuine(), header=(OURS, r"dmarc=pass"), log=(r"mailvouch: spf=",)),
    Mail("genuine-split", genuine(), header=(OURS, r"dmarc=pass"), log=(r"mailvouch: spf=",), setup=SPLIT),
)
