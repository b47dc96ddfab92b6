"""DKIM signatures and ARC sets for the cases: every tag can be set, also to what no signer should write.

Canonicalisation and RSA come from python3-dkim, Ed25519 from python3-nacl.  The keys in keys/ are for these
tests only; a missing one is made.
"""
import base64
import hashlib
import os
import subprocess

import dkim
import dkim.crypto
import nacl.encoding
import nacl.signing
from dkim.canonicalization import CanonicalizationPolicy

KEYS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keys")
RSA_BITS = {"rsa2048": 2048, "rsa1024": 1024, "rsa512": 512, "other2048": 2048, "rsa4096": 4096}
SIGNED = ("from", "to", "subject", "date", "message-id")


def path(key):
    return os.path.join(KEYS, key + ".pem")


def make(key):
    """A key file that is missing is made, once and for all."""
    if os.path.exists(path(key)):
        return
    os.makedirs(KEYS, exist_ok=True)
    if key == "ed25519":
        seed = nacl.signing.SigningKey.generate().encode(nacl.encoding.Base64Encoder).decode()
        with open(path(key), "w", encoding="ascii") as out:
            out.write(seed + "\n")
    else:
        subprocess.run(["openssl", "genrsa", "-out", path(key), "-traditional", str(RSA_BITS[key])], check=True,
                       capture_output=True)


def ed25519():
    make("ed25519")
    with open(path("ed25519"), encoding="ascii") as text:
        return nacl.signing.SigningKey(base64.b64decode(text.read()))


def public(key):
    """What p= says of a key."""
    if key == "ed25519":
        return ed25519().verify_key.encode(nacl.encoding.Base64Encoder).decode()
    make(key)
    der = subprocess.run(["openssl", "rsa", "-in", path(key), "-pubout", "-outform", "DER"], check=True,
                         capture_output=True).stdout
    return base64.b64encode(der).decode()


def fields_of(message):
    """(fields as (name, value with its CRLF), body)"""
    head, _, body = message.partition(b"\r\n\r\n")
    fields = []
    for line in lines_of(head + b"\r\n"):
        if line[:1] in b" \t" and fields:
            fields[-1] = (fields[-1][0], fields[-1][1] + line)
        else:
            name, _, value = line.partition(b":")
            fields.append((name, value))
    return fields, body


def lines_of(head):
    """Only CRLF ends a line."""
    return [line + b"\r\n" for line in head.split(b"\r\n")[:-1]]


def sign_octets(key, algorithm, octets):
    if algorithm == "ed25519-sha256":
        return ed25519().sign(hashlib.sha256(octets).digest()).signature
    make(key)
    hasher = hashlib.sha1() if algorithm == "rsa-sha1" else hashlib.sha256()
    hasher.update(octets)
    with open(path(key), "rb") as text:
        return dkim.crypto.RSASSA_PKCS1_v1_5_sign(hasher, dkim.crypto.parse_pem_private_key(text.read()))


def folded(text, width=72):
    return "\r\n ".join(text[i:i + width] for i in range(0, len(text), width))


def signature_of(key, a, octets, damage):
    """The value of b=, folded."""
    signature = bytearray(sign_octets(key, a, octets))
    if damage:
        signature[10] ^= 1
    return folded(base64.b64encode(bytes(signature)).decode()).encode()


def algorithm_of(key):
    return "ed25519-sha256" if key == "ed25519" else "rsa-sha256"


def sign(message, d="example.com", s="rsa", key="rsa2048", a=None, c="relaxed/relaxed", h=SIGNED, extra="", v="1",
         l=None, damage=False, name=b"DKIM-Signature"):
    """The message with a DKIM-Signature in front.  extra: more tags ("x=1; "); l: how many octets of the body."""
    a = a or algorithm_of(key)
    fields, body = fields_of(message)
    policy = CanonicalizationPolicy.from_c_value(c.encode())
    canonical = policy.canonicalize_body(body)
    if l is not None:
        extra += "l=%d; " % l
        canonical = canonical[:l]
    digest = (hashlib.sha1 if a == "rsa-sha1" else hashlib.sha256)(canonical).digest()
    value = "%s a=%s; c=%s; d=%s; s=%s;\r\n %sh=%s;\r\n bh=%s;\r\n b=" % (
        " v=%s;" % v if v else "", a, c, d, s, extra, ":".join(h), base64.b64encode(digest).decode())
    field = (name, value.encode())
    canon = policy.canonicalize_headers(fields)
    chosen = dkim.select_headers(canon, [name.lower().encode() for name in h])
    own = policy.canonicalize_headers([field])[0]
    octets = b"".join(name + b":" + text for name, text in chosen) + own[0] + b":" + own[1].rstrip(b"\r\n")
    return field[0] + b":" + field[1] + signature_of(key, a, octets, damage) + b"\r\n" + message


def sealed_octets(message, instance, own):
    """RFC 8617 5.1.1: the sets in rising order, relaxed; the seal itself last, with b= empty and without its CRLF."""
    names = (b"arc-authentication-results", b"arc-message-signature", b"arc-seal")
    fields, _ = fields_of(message)
    found = {}
    for name, value in CanonicalizationPolicy.from_c_value(b"relaxed/relaxed").canonicalize_headers(fields):
        if name in names:
            number = int(value.replace(b" ", b"").partition(b"i=")[2].partition(b";")[0])
            found[(number, names.index(name))] = name + b":" + value
    octets = b"".join(found[place] for place in sorted(found) if place[0] <= instance)
    canon = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed").canonicalize_headers([(b"ARC-Seal", own)])[0]
    return octets + canon[0] + b":" + canon[1].rstrip(b"\r\n")


def seal(message, results, i=1, d="list.example.net", s="rsa", key="other2048", cv=None, h=SIGNED, extra="", seal_extra="",
         seal_s=None, damage=False, **tags):
    """The message with an ARC set in front (RFC 8617 5.1).  results: what the sealer says it found."""
    cv = cv or ("none" if i == 1 else "pass")
    message = sign(message, d=d, s=s, key=key, h=h, v=None, extra="i=%d; " % i + extra, name=b"ARC-Message-Signature",
                   **tags)
    message = b"ARC-Authentication-Results: i=%d; %s\r\n" % (i, results.encode()) + message
    value = " i=%d; a=%s; cv=%s; d=%s; s=%s; %st=1795435100;\r\n b=" % (i, algorithm_of(key), cv, d, seal_s or s, seal_extra)
    octets = sealed_octets(message, i, value.encode())
    return b"ARC-Seal:" + value.encode() + signature_of(key, algorithm_of(key), octets, damage) + b"\r\n" + message


def second_opinion_of_chain(message, texts):
    """What python3-dkim says of the chain: "none", "pass", "fail", or None for one that a sealer had ended."""
    def answer(name, timeout=5):
        items = texts.get(name.decode().rstrip(".").lower())
        return items[0].encode("latin-1") if items else None

    status = dkim.arc_verify(message, dnsfunc=answer)[0]
    return None if status is None else status.decode()


def second_opinion(message, texts, now):
    """How python3-dkim finds each signature, from the top: True or False.  texts: TXT by name."""
    class Clock:
        @staticmethod
        def time():
            return now

    def answer(name, timeout=5):
        items = texts.get(name.decode().rstrip(".").lower())
        return items[0].encode("latin-1") if items else None

    dkim.time = Clock
    verifier = dkim.DKIM(message)
    found = []
    for index in range(len([1 for name, _ in verifier.headers if name.lower() == b"dkim-signature"])):
        try:
            found.append(bool(dkim.DKIM(message).verify(index, dnsfunc=answer)))
        except dkim.DKIMException:
            found.append(False)
    return found
