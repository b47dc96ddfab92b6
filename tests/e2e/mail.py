"""Keys, zone and messages of the world that the tests live in.

    192.0.2.10, 2001:db8::10   the outgoing hosts of all sending domains
    192.0.2.66                 a stranger
    192.0.2.99                 a forwarder
    10.9.0.5                   a client that may relay through us
    203.0.113.25               us: mx.rcpt.example
"""
import base64
import subprocess

import dkim

SENDER, SENDER6, STRANGER, FORWARDER, RELAY_CLIENT = "192.0.2.10", "2001:db8::10", "192.0.2.66", "192.0.2.99", "10.9.0.5"

# name, DMARC record
DOMAINS = {
    "reject.example": "v=DMARC1; p=reject",
    "quarantine.example": "v=DMARC1; p=quarantine",
    "none.example": "v=DMARC1; p=none",
    "testing.example": "v=DMARC1; p=reject; t=y",
    "np.example": "v=DMARC1; p=none; np=reject",
    "list.example": "v=DMARC1; p=none",
    "forwarder.example": "v=DMARC1; p=none",
    "xn--gre-6ka8l.example": "v=DMARC1; p=reject",
    "ours.example": "v=DMARC1; p=reject",
    "asks.example": "v=DMARC1; p=none; ruf=mailto:ruf@asks.example; fo=1:d:s",
}
SPF = "v=spf1 ip4:%s ip6:%s -all" % (SENDER, SENDER6)
SPF_OF = {
    "forwarder.example": "v=spf1 ip4:%s -all" % FORWARDER,
    "deep.example": "v=spf1 include:a.deep.example -all",
    "a.deep.example": "v=spf1 include:b.deep.example -all",
    "b.deep.example": "v=spf1 include:c.deep.example -all",
    "c.deep.example": "v=spf1 ip4:%s -all" % SENDER,
    "eleven.example": "v=spf1 " + " ".join("include:i%d.eleven.example" % n for n in range(11)) + " -all",
}
ELEVEN = {"i%d.eleven.example" % n: "v=spf1 ip4:198.51.100.%d -all" % n for n in range(11)}
SELECTORS = ("s1", "s2", "slow")


class Key:
    def __init__(self, bits):
        self.pem = subprocess.run(["openssl", "genrsa", str(bits)], check=True, capture_output=True).stdout
        public = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"], input=self.pem, check=True,
                                capture_output=True).stdout
        self.record = "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()


def txt(text):
    return " ".join('"%s"' % text[at:at + 200] for at in range(0, len(text), 200))


def zone(key, more=None):
    """The whole name space, from the root: what is not here does not exist. more: further TXT, by name."""
    lines = ["$TTL 300", ". SOA ns.example. postmaster.example. 1 3600 600 86400 60", ". NS ns.example.",
             "ns.example. A 127.0.0.1", "away.example. MX 10 mx.away.example.", "mx.away.example. A 192.0.2.200", "mx.rcpt.example. A 203.0.113.25", "mail.reject.example. A " + SENDER,
             "10.2.0.192.in-addr.arpa. PTR mail.reject.example.", 'mail.reject.example. TXT "%s"' % SPF]
    records = dict({name: SPF for name in DOMAINS}, **SPF_OF)
    records.update(ELEVEN)
    lines += ["%s. TXT %s" % (name, txt(record)) for name, record in records.items()]
    lines += ["%s. TXT %s" % (name, txt(record)) for name, record in (more or {}).items()]
    lines += ["_dmarc.%s. TXT %s" % (name, txt(record)) for name, record in DOMAINS.items()]
    for name in DOMAINS:
        lines += ["%s._domainkey.%s. TXT %s" % (selector, name, txt(key.record)) for selector in SELECTORS]
        lines.append("%s. MX 10 mail.reject.example." % name)
    return "\n".join(lines) + "\n"


def message(from_="Alice <alice@reject.example>", body=b"Hello Bob,\r\nthis is a test.\r\n", extra=(), subject="Test",
            token="t"):
    """A plain message with CRLF line ends. extra: (name, value) pairs above the usual fields."""
    fields = list(extra)
    if from_ is not None:
        fields.append(("From", from_))
    fields += [("To", "bob@rcpt.example"), ("Subject", subject), ("Date", "Mon, 02 Nov 2026 10:00:00 +0000"),
               ("Message-ID", "<%s@test.example>" % token), ("MIME-Version", "1.0"), ("X-Token", token)]
    return b"".join(("%s: %s\r\n" % field).encode() for field in fields) + b"\r\n" + body


SIGNED = [b"from", b"to", b"subject", b"date", b"message-id", b"mime-version"]


def sign(raw, domain, key, selector="s1", canon=(b"relaxed", b"relaxed"), fields=None):
    """The message with a DKIM-Signature on top."""
    return dkim.sign(raw, selector.encode(), domain.encode(), key.pem, canonicalize=canon,
                     include_headers=fields or SIGNED) + raw
