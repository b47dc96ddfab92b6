"""What tests/demo.sh shows: one row for each message, and the header of one that was delivered."""
import os
import re
import sys

sys.dont_write_bytecode = True
import mail  # noqa: E402
import servers  # noqa: E402
from dnsfront import Drop  # noqa: E402
from world import World  # noqa: E402

CONFIG = servers.DEFAULT_CONFIG + """
[policy]
forwarders = list.example
"""
COLUMNS = ("message", "SMTP reply", "spf", "dkim", "dmarc", "disposition", "where it is now")


def changed(raw):
    return raw.replace(b"this is a test.\r\n", b"this is a test.\r\n-- \r\nSent through the list.\r\n")


def messages(world):
    """(what it is, message without token, client, HELO, MAIL FROM, DNS rules)"""
    mallory = (mail.STRANGER, "mallory.example", "mallory@none.example")
    alice = (mail.SENDER, "mail.reject.example", "alice@reject.example")
    lists = (mail.SENDER, "mail.list.example", "owner@list.example")
    forwarder = (mail.FORWARDER, "forwarder.example", "srs0=alice@forwarder.example")
    slow = {"slow._domainkey.reject.example": Drop()}

    def genuine(token, **parts):
        return world.genuine(token, **parts)

    def plain(domain):
        return lambda token: mail.message("Alice <alice@%s>" % domain, token=token)

    def slow_key(token):
        return mail.sign(mail.message(token=token), "reject.example", world.key, selector="slow")

    return (
        ("genuine, signed, from its own host", genuine) + alice + ({},),
        ("genuine, not signed", plain("reject.example")) + alice + ({},),
        ("genuine, forwarded as it was", genuine) + forwarder + ({},),
        ("genuine, changed by a list we know",
         lambda token: mail.sign(changed(genuine(token)), "list.example", world.key)) + lists + ({},),
        ("genuine, changed by somebody", lambda token: changed(genuine(token))) + mallory + ({},),
        ("forged, domain has p=reject", plain("reject.example")) + mallory + ({},),
        ("forged, domain has p=quarantine", plain("quarantine.example")) + mallory + ({},),
        ("forged, domain has p=none", plain("none.example")) + mallory + ({},),
        ("forged, signed by another domain",
         lambda token: mail.sign(mail.message(token=token), "none.example", world.key)) + mallory + ({},),
        ("forged, with two From fields",
         lambda token: b"From: Mallory <mallory@none.example>\r\n" + genuine(token)) + alice + ({},),
        ("genuine, brings a forged result",
         lambda token: genuine(token, extra=[("Authentication-Results", "mx.rcpt.example; dmarc=pass")])) + alice + ({},),
        ("genuine, its key's DNS is silent", slow_key) + forwarder + (slow,),
        ("the same again, DNS answers", slow_key) + forwarder + ({},),
    )


def results(log):
    """spf, dkim, dmarc and action of the log line."""
    found = [re.search(pattern, log) for pattern in (r" spf=(\w+)", r" dkim=(\w+)", r" dmarc=(\w+)", r" action=(\w+)")]
    return [match.group(1) if match else "-" for match in found]


def place(world, token, reply):
    if reply.code // 100 == 5:
        return "refused"
    if reply.code // 100 == 4:
        return "waits at the sender"
    text = servers.wait_for("delivery", lambda: world.dovecot.find(token))
    return "Junk mark for Sieve" if re.search(r"^Mailvouch-Disposition: quarantine", text, re.M) else "Bob's inbox"


def send(world, row):
    title, make, client_address, helo, mail_from, rules = row
    token = world.token()
    world.front.reset()
    world.front.rules.update(rules)
    world.log.mark()
    with world.connect(client_address, helo) as client:
        client.envelope(mail_from, ["bob@rcpt.example"])
        reply = client.data(make(token))
    servers.wait_for("the log", lambda: "mailvouch:" in world.log.text())
    return token, [title, reply.text[:9].strip()] + results(world.log.text()) + [place(world, token, reply)]


def main():
    world = World()
    try:
        world.set_config(CONFIG)
        world.exim.configure()
        world.exim.start()
        sent = [send(world, row) for row in messages(world)]
        rows = [COLUMNS] + [row for _, row in sent]
        widths = [max(len(row[n]) for row in rows) for n in range(len(COLUMNS))]
        for number, row in enumerate(rows):
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
            if number == 0:
                print("  ".join("-" * width for width in widths))
        print("\nThe header of the message that brought a forged result, as Bob gets it:\n")
        print(world.dovecot.find(sent[10][0]).split("\n\n")[0])
        print("\nIts line in Exim's main log:\n")
        with open(servers.MAINLOG, encoding="utf-8") as f:
            print([line.strip() for line in f if "mailvouch:" in line][10])
    finally:
        world.close()


if __name__ == "__main__":
    os.umask(0o022)
    main()
