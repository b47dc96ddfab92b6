"""What every situation has in its hands: the hook, a next hop, DNS, keys, real servers on demand."""
import importlib.util
import os
import re
import shutil

import evidence
import mail
import people
import servers
from dnsfront import Front
from examples import example
from servers import E2E, wait_for, write

HERE = os.path.dirname(os.path.abspath(__file__))


def beside(name):
    """A module of this directory (tests/e2e may have one of the same name)."""
    spec = importlib.util.spec_from_file_location("lmtp_" + name, "%s/%s.py" % (HERE, name))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


hooks, sinks, postfixes = beside("hook"), beside("sink"), beside("postfix")
import smtp  # noqa: E402

CLIENT = (mail.SENDER, "mail.reject.example")
LIAR = "192.0.2.77"  # its name has another address
SINK = E2E + "/sink"


class Skip(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def logged(world, *words):
    """The line is written when the client already has its reply."""
    wait_for("%s in the log" % (words,), lambda: all(word in world.hook.text() for word in words))


def header_of(message):
    head = message.split(b"\r\n\r\n")[0].decode("utf-8", "replace") + "\r\n"
    return re.sub(r"\r\n[ \t]+", " ", head)


MAIN = """[server]
authserv_id = mx.rcpt.example
dns_deadline = 2s
dns_try = 500ms
[lmtp]
statistics = %s
%%s
""" % hooks.STATISTICS


class World:
    def __init__(self):
        people.add()
        evidence.add_group(hooks.USER)
        people.directory("/run/mailvouch", "mailvouch", "mailvouch", 0o750)  # RuntimeDirectory= of the unit
        self.key = mail.Key(2048)
        self.nsd = servers.Nsd(mail.zone(self.key) + "77.2.0.192.in-addr.arpa. PTR mail.reject.example.\n")
        self.front = Front(("127.0.0.1", 53), ("127.0.0.2", 53))
        self.front.start()
        self.sink = sinks.Sink(SINK)
        self.plain = self.hook = hooks.Hook()
        self.by_example = hooks.Hook(config=E2E + "/example/mailvouch.conf", user="mailvouch")
        self.servers = {}
        self.tokens = 0
        self.settings = None

    def reset(self):
        self.front.reset()
        self.sink.reset()
        if self.sink.socket is None:
            self.sink.up()

    def use(self, next_hop=SINK, lmtp="", server=""):
        """The hook with this configuration; started anew only when it is another one."""
        self.take_turns(self.plain)
        settings = (next_hop, lmtp, server)
        if settings != self.settings or self.hook.process is None or self.hook.process.poll() is not None:
            if self.hook.process is not None and self.hook.process.poll() is not None:
                self.hook.process = None
            self.hook.restart(next_hop, lmtp=lmtp, server=server)
            self.settings = settings
        return self.hook

    def take_turns(self, hook):
        if self.hook is not hook:
            self.hook.stop()
            self.hook, self.settings = hook, None

    def use_example(self, *names, lmtp="", changes=None):
        """The hook with these examples as files of conf.d, as the user of the unit. changes: {before: after}."""
        self.take_turns(self.by_example)
        parts = {name: example(name) for name in names}
        for before, after in (changes or {}).items():
            expect(any(before in text for text in parts.values()), "no %r in %s" % (before, names))
            parts = {name: text.replace(before, after) for name, text in parts.items()}
        if (parts, lmtp) != self.settings:
            self.hook.stop()
            shutil.rmtree(E2E + "/example", ignore_errors=True)
            write(self.hook.config, MAIN % lmtp)
            for name, text in parts.items():
                write(E2E + "/example/conf.d/" + name, text)
            self.hook.start()
            self.settings = (parts, lmtp)
        return self.hook

    def server(self, name, make):
        if name not in self.servers:
            self.servers[name] = make()
        return self.servers[name]

    def stop(self, name):
        if name in self.servers:
            self.servers.pop(name).stop()

    def close(self):
        self.hook.stop()
        for server in list(self.servers.values()) + [self.nsd]:
            server.stop()

    def token(self):
        self.tokens += 1
        return "t%d" % self.tokens

    def genuine(self, token, extra=(), **parts):
        return mail.sign(mail.message(token=token, extra=extra, **parts), "reject.example", self.key)

    def arrived(self, count=1, seconds=10):
        return wait_for("%d messages" % count, lambda: len(self.sink.messages) >= count and self.sink.messages, seconds)
