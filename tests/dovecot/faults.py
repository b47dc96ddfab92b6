"""Situations in which something of ours is not in order: 451, a plain sentence, a log line that helps, nothing sent."""
import os
import subprocess

import servers
import shapes
import signkeys
import submit
from dnsfront import Drop
from dovecot import OTHER_CONFIG
from situations import ALL, CHUNKING, DATA, TLS, Situation, situation
from world import CONFIG, DECIDED


def gone(world):
    for key in world.keys:
        os.unlink(world.store.path(key))


def unreadable(world):
    for key in world.keys:
        os.chown(world.store.path(key), 0, 0)


def world_readable(world):
    for key in world.keys:
        os.chmod(world.store.path(key), 0o644)


def wrong_owner(world):
    for key in world.keys:
        os.chown(world.store.path(key), signkeys.uid_of("mail"), world.store.gid)


def group_writable(world):
    for key in world.keys:
        os.chmod(world.store.path(key), 0o660)


def no_pem(world):
    for key in world.keys:
        world.store.put(world.store.path(key), b"-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n")


def another_key(world):
    """The private keys have been replaced by others: DNS shows the old ones."""
    for key, other in zip(world.keys, signkeys.pair("20261123")):
        world.store.put(world.store.path(key), other.pem)


def no_state(world):
    for key in world.keys:
        os.unlink(world.store.path(key, ".state"))


def broken_state(world):
    for key in world.keys:
        world.store.put(world.store.path(key, ".state"), b"state = on fire\n")


def directory_closed(world):
    os.chown(world.store.directory, 0, 0)


# name, what is done to the keys, what the log says of it
KEYS = [
    ("key files are gone", gone, r".*cannot read it: No such file"),
    ("key files may not be read", unreadable, r".*may not read it"),
    ("anybody may read the key files", world_readable, r".*everybody may read"),
    ("key files belong to another user", wrong_owner, r".*chown"),
    ("the group may write the key files", group_writable, r".*chmod go-w"),
    ("key files are no keys", no_pem, r".*PEM is damaged"),
    ("state files are gone", no_state, r".*has no active key"),
    ("state files are broken", broken_state, r".*state has a value"),
    ("the directory of the keys may not be entered", directory_closed, r".*may not read it"),
    ("there is no directory of keys", lambda world: world.store.clear(), r".*has no active key"),
    ("keys are not in DNS", lambda world: world.store.write(world.keys, sight="missing"), r".*does not show it"),
    ("DNS shows other keys", lambda world: world.store.write(world.keys, sight="other"), r".*shows something else"),
    ("keys have never been seen in DNS", lambda world: world.store.write(world.keys, sight="unknown", sight_age=0), r".*DNS"),
    ("DNS has not answered for three days", lambda world: world.store.write(world.keys, sight_age=3 * 86400), r".*DNS"),
    ("keys are not published yet", lambda world: world.store.write(world.keys, state="created"), r"no key .* is active yet"),
    ("keys do not sign yet", lambda world: world.store.write(world.keys, state="published"), r"no key .* is active yet"),
    ("all keys have been withdrawn", lambda world: world.store.write(world.keys, state="retiring"), r".*has no active key"),
]
# name, what is done to the configuration that MAILVOUCH_CONF names; Exim has its own
CONFIGURATION = [
    ("configuration has an unknown setting", lambda world: world.set_config(CONFIG + "colour = blue\n", path=OTHER_CONFIG)),
    ("configuration is no configuration", lambda world: world.set_config("nonsense\n", path=OTHER_CONFIG)),
    ("configuration may not be read", lambda world: world.set_config(CONFIG, 0o600, path=OTHER_CONFIG)),
    ("anybody may write the configuration", lambda world: world.set_config(CONFIG, 0o666, path=OTHER_CONFIG)),
    ("configuration is gone", lambda world: os.unlink(OTHER_CONFIG)),
]
USER = DECIDED + r"user=alice@users\.example .*result=deferred: "


def command(*arguments):
    """Whatever it says: what it has done is looked at."""
    return subprocess.run(("/usr/local/bin/mailvouch",) + arguments, capture_output=True, text=True, timeout=60).stdout


def add(name, setup, spoil, *log):
    """Deferred, and signed in the same connection when the fault has been mended."""
    def run(world):
        spoil(world)
        with submit.Client() as client:
            for way in ("data", "bdat"):
                world.expect_deferred(client.send(shapes.PLAIN, way), *log)
            world.reset()
            world.expect_signed(client.send(shapes.PLAIN))
    ALL.append(Situation(name, setup, run))


for name, spoil, log in KEYS:
    add(name, CHUNKING, spoil, USER + r".*(mailvouch key|adduser|chmod|chown|backup)", USER + log)
for name, spoil in CONFIGURATION:
    add(name, DATA, spoil, USER + r".*other\.conf.*mailvouch config check")


@situation()
def one_key_of_two_is_gone(world):
    """The other one signs, and a warning says it."""
    os.unlink(world.store.path(world.keys[1]))
    with submit.Client() as client:
        world.expect_signed(client.send(shapes.PLAIN), world.keys[:1])
    world.expect_log(r"Warning: mailvouch: user=alice@users\.example .*result=signed: .*backup")


@situation()
def on_error_send(world):
    """The administrator wants it so: unsigned, and the log says it. Exim is told that the domain is not strict."""
    gone(world)
    world.set_config(CONFIG + "on_error = send\n[policy]\nreject = never\n")
    with submit.Client() as client:
        world.expect(client.send(shapes.PLAIN), r"^250 ", "reply")
    world.expect_not(world.arrived()[0].decode(), r"^DKIM-Signature", "message")
    world.expect_log(r"Warning: mailvouch: .*result=unsigned: .*backup")


@situation()
def keys_roll_during_a_connection(world):
    with submit.Client() as client:
        world.expect_signed(client.send(shapes.PLAIN), world.keys)
        world.store.write(world.next_keys)
        world.store.write(world.keys, state="retiring")
        raw = world.expect_signed(client.send(shapes.PLAIN), world.next_keys)
        world.expect_not(raw.decode(), "s=" + world.keys[0].selector, "message")
        world.store.clear()
        world.expect_deferred(client.send(shapes.PLAIN))
        world.store.write(world.keys)
        world.expect_signed(client.send(shapes.PLAIN), world.keys)


@situation()
def keys_of_the_command(world):
    """"mailvouch key" makes them; they sign once DNS shows them, and no moment sooner."""
    world.store.clear()
    world.set_config(CONFIG + "publish_wait = 0s\nrecord_ttl = 1s\n")
    command("key", "new", signkeys.DOMAIN)
    selectors = sorted(name[:-4] for name in os.listdir(world.store.directory) if name.endswith(".pem"))
    records = {}
    for selector in selectors:
        key = signkeys.Key.of_file("%s/%s.pem" % (world.store.directory, selector))
        records["%s._domainkey.%s" % (selector, signkeys.DOMAIN)] = key.record
    with submit.Client() as client:
        command("key", "auto")
        world.expect_deferred(client.send(shapes.PLAIN), USER + r"no key .* is active yet")
        world.publish(records)

        def is_active():
            command("key", "auto")
            return "state = active" in servers.read("%s/%s.state" % (world.store.directory, selectors[0]))
        servers.wait_for("the key to be active", is_active, 20)
        world.expect_signed(client.send(shapes.PLAIN), selectors)


@situation()
def a_key_is_replaced_under_its_name(world):
    """Nobody should, but then the mail must wait: what DNS shows is another key, once somebody has looked."""
    another_key(world)
    with submit.Client() as client:
        reply = client.send(shapes.PLAIN)
        # The pre-flight has not looked again: that is what the relay's own check is for
        world.expect(reply, r"^550 .*DMARC failed", "reply")
        for key in world.keys:
            text = servers.read(world.store.path(key, ".state")).replace("sight = shown", "sight = other")
            world.store.put(world.store.path(key, ".state"), text.encode())
        world.exim_log.mark()
        world.expect_deferred(client.send(shapes.PLAIN), USER + ".*shows something else")


@situation()
def dns_is_down_but_the_keys_were_seen(world):
    """Signing asks no DNS. The relay's answer, whatever it is, is the user's."""
    world.front.rules["_domainkey.users.example"] = Drop()
    world.front.rules["_dmarc.users.example"] = Drop()
    with submit.Client() as client:
        reply = client.send(shapes.PLAIN)
        world.expect(reply, r"^451 ", "reply of Exim")
        world.expect_log(DECIDED + r".*signed")
        world.front.reset()
        world.expect_signed(client.send(shapes.PLAIN))


@situation()
def relay_is_down(world):
    world.exim.stop()
    try:
        with submit.Client() as client:
            answer = client.send(shapes.PLAIN)
    except ConnectionError as error:
        answer = error
    finally:
        world.exim.start()
    world.expect(answer, r"^4|AUTH: 4|closed|reset|Broken pipe", "reply")
    with submit.Client() as client:
        world.expect_signed(client.send(shapes.PLAIN))


@situation(TLS)
def an_error_of_crypto_does_not_disturb_tls(world):
    """The error queue of libcrypto is one for us and for Dovecot's TLS to the relay."""
    with submit.Client() as client:
        no_pem(world)
        world.expect_deferred(client.send(shapes.PLAIN))
        world.reset()
        world.expect_signed(client.send(shapes.PLAIN))
        no_pem(world)
        world.expect_deferred(client.send(shapes.PLAIN))
        world.expect(client.command("NOOP"), r"^250 ", "NOOP")
        world.reset()
        raw = world.expect_signed(client.send(shapes.PLAIN, "bdat"))
    world.expect(raw.decode(), r"with esmtps", "Received field of Exim")


@situation(TLS)
def plugin_is_inert_elsewhere(world):
    """It is named for all services here: IMAP works all the same."""
    mailbox = submit.Mailbox()
    uid = mailbox.append(shapes.PLAIN)
    mailbox.close()
    if uid < 1:
        raise AssertionError(uid)
    world.expect_not(world.dovecot.log(), r"imap.*(Error|dlopen|undefined)", "Dovecot's log")

