"""mailvouch handover-key: the file, the steps of a rotation, and the look at a message."""
import base64
import grp
import hashlib
import hmac
import json
import os
import stat

NOW = 1795651200
DAY = 86400
MESSAGE = (b"From: a@example.com\r\nSubject: x\r\nDate: Thu, 26 Nov 2026 00:00:00 +0000\r\n"
           b"Message-ID: <1@example.com>\r\n\r\nhello\r\n\r\n")


def part(data):
    return b"%d:%s" % (len(data), data)


def relaxed(field):
    name, value = field.split(b":", 1)
    return name.lower().strip() + b":" + b" ".join(value.split()) + b"\r\n"


def handed_over(message, key_id, secret, now, results=b"mx.example.org; dmarc=pass"):
    """The same field, written down a second time from the header's manual (core/auth/handover.h)."""
    head, body = message.split(b"\r\n\r\n", 1)
    fields = head.split(b"\r\n")
    ours = b"Authentication-Results: " + results
    value = (b"v=1; t=%d; k=%s; id=mx.example.org; c=simple; disposition=quarantine; dmarc=fail; policy=reject;"
             b" from=example.com; spf=fail; dkim=none; arc=none; reason=a%%3Bb c;" % (now, key_id.encode()))
    text = part(relaxed(b"Mailvouch-Result: " + value)) + part(b"")
    for name in (b"from", b"sender", b"reply-to", b"date", b"message-id", b"subject", b"mime-version", b"content-type",
                 b"content-transfer-encoding"):
        text += b"".join(part(relaxed(field)) for field in fields if field.lower().startswith(name + b":"))
    text += part(relaxed(ours))
    text += part(hashlib.sha256(body.rstrip(b"\r\n") + b"\r\n").digest())
    mac = base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest())
    return ours + b"\r\nMailvouch-Result: " + value + b"\r\n h=" + mac + b"\r\n" + message


def keys_of(path):
    rows = [line.split() for line in open(path) if not line.startswith("#")]
    return {row[0]: (row[1], base64.b64decode(row[3])) for row in rows}


def run(folder, write, call, check, exits):
    path = folder + "/handover/keys"
    conf = write("handover.conf", "[server]\nauthserv_id = mx.example.org\nhandover_keys = %s\n" % path)

    def step(verb, want, *more, says=None, secret_stays_in=True):
        code, out, err = call("handover-key", verb, "--config", conf, *more)
        check("handover-key %s %s" % (verb, " ".join(more)), code == want, "exit %d: %s%s" % (code, out, err))
        if says:
            check("handover-key %s: says %s" % (verb, says), says in out + err, out + err)
        secrets = [line.split()[3] for line in open(path) if not line.startswith("#")] if os.path.exists(path) else []
        check("handover-key %s: no secret is told" % verb, not any(secret in out + err for secret in secrets))
        return out

    step("list", 0, says="no hand-over")
    check("list makes nothing", not os.path.exists(os.path.dirname(path)))
    step("add", 1, says="handover-key new")
    step("new", 0, "--now", str(NOW), says="signs since 2026-11-26 00:00 UTC")
    mode = stat.S_IMODE(os.stat(path).st_mode)
    check("new: 0640", mode == 0o640, oct(mode))
    first = keys_of(path)["sign"]
    step("new", 1, says="handover-key add")
    check("new: nothing was changed", keys_of(path)["sign"] == first)
    step("use", 1, says="no second key")
    step("drop", 1, says="no second key")
    step("add", 0, "--now", str(NOW + 1), says="is accepted since")
    second = keys_of(path)["accept"]
    check("add: the old one signs", keys_of(path)["sign"] == first and second != first)
    step("add", 1, says="two keys already")
    old = write("handover-old.eml", handed_over(MESSAGE, *first, NOW))
    new = write("handover-new.eml", handed_over(MESSAGE, *second, NOW))

    def look(name, want, file, *more, says):
        code, out, err = call("handover-key", "check", "--config", conf, "--now", str(NOW + 60), *more, file)
        check("check " + name, code == want and says in out, "exit %d: %s%s" % (code, out, err))

    look("one of the signer", 0, old, says="valid: made 2026-11-26 00:00:00 UTC by mx.example.org with key " + first[0])
    look("facts", 0, old, says="disposition=quarantine dmarc=fail policy=reject from=example.com spf=fail dkim=none")
    look("reason", 0, old, says="a;b c")
    look("one of the accepted key", 0, new, says="valid")
    step("use", 0, "--now", str(NOW + 2), says="handover-key drop")
    check("use: they change places", keys_of(path) == {"sign": second, "accept": first})
    look("one of the old key", 0, old, says="valid")
    step("drop", 1, "--now", str(NOW + 2 + 5 * DAY - 1), says="2026-12-01 00:00 UTC")
    step("drop", 0, "--now", str(NOW + 2 + 5 * DAY), "--json")
    check("drop: the old one is gone", keys_of(path) == {"sign": second})
    look("one of the dropped key", 1, old, says="unknown-key: it was made with a key that is not in the file")
    look("one of the new key", 0, new, says="valid")
    out = json.loads(step("list", 0, "--json"))
    check("list --json", out == {"schema": 1, "file": path, "keys": [{"id": second[0], "role": "sign",
                                                                      "since": NOW + 2}]}, str(out))

    look("too old", 1, new, "--now", str(NOW + 6 * DAY), says="expired: it is older")
    look("altered", 1, write("x.eml", handed_over(MESSAGE, *second, NOW).replace(b"dmarc=fail", b"dmarc=pass")),
         says="wrong")
    look("another message", 1, write("x.eml", handed_over(MESSAGE, *second, NOW).replace(b"\nhello", b"\nhallo")),
         says="wrong")
    look("text of this system", 0, write("x.eml", handed_over(MESSAGE, *second, NOW).replace(b"\r\n", b"\n")),
         says="valid")
    look("none", 1, write("x.eml", MESSAGE), says="absent: there is no Mailvouch-Result field")
    code, out, err = call("handover-key", "check", "--json", "--config", conf, "--now", str(NOW), new)
    facts = json.loads(out)
    check("check --json", code == 0 and facts["result"] == "valid" and facts["from"] == "example.com" and
          facts["policy"] == "reject" and facts["made"] == NOW and facts["reason"] == "a;b c", out)
    code, out, err = call("handover-key", "check", "--json", "--config", conf, write("x.eml", MESSAGE))
    check("check --json: none", code == 1 and json.loads(out)["result"] == "absent", out)

    os.chmod(path, 0o644)
    exits("check: everybody may read the keys", 78, "handover-key", "check", "--config", conf, new,
          says="everybody may read this secret")
    exits("list: everybody may read the keys", 78, "handover-key", "list", "--config", conf, says="handover-key new")
    exits("config check: everybody may read the keys", 78, "config", "check", "--config", conf, says="everybody may")
    step("new", 0, "--force", says="signs since")
    exits("config check: the keys are right", 0, "config", "check", "--config", conf, says="no faults")
    told = call("handover-key", "new", "--force", "--config", conf)[2]
    has_group = any(group.gr_name == "mailvouch" for group in grp.getgrall())
    check("new: a group that is missing is told, and no other", ("systemd-sysusers && chgrp mailvouch " + path in told) != has_group and
          (told == "") == has_group, told)
    check("new --force", list(keys_of(path)) == ["sign"] and keys_of(path)["sign"] != second and
          stat.S_IMODE(os.stat(path).st_mode) == 0o640)
    open(path, "w").write("nonsense\n")
    exits("list: nonsense", 78, "handover-key", "list", "--config", conf, says="keys: line 1: ")
    exits("no such message", 65, "handover-key", "check", "--config", conf, folder + "/none.eml", says="none.eml")
    exits("no message", 64, "handover-key", "check", "--config", conf)
    exits("no subcommand", 64, "handover-key", says="new")
    exits("force where there is nothing to force", 64, "handover-key", "use", "--config", conf, "--force")
