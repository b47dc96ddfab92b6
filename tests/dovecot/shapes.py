"""Messages in many shapes, and what must become of each: PASS at both judges, or a refusal with a reason."""

PASS = None
UNREADABLE = r"^55\d "  # the message must not be signed

TO = b"To: file@rcpt.example\r\n"
FROM = b"From: Alice <alice@users.example>\r\n"
REST = (b"Subject: Test\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <shape@users.example>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n")
HEADER = FROM + TO + REST
BODY = b"Hello Bob,\r\nthis is a test.\r\n"
PLAIN = HEADER + b"\r\n" + BODY


def body(text):
    return HEADER + b"\r\n" + text


def header(*lines):
    return HEADER + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + BODY


FOREIGN_SIGNATURE = (b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=other.example; s=s1;\r\n"
                     b"\th=From:Subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n\tb=AAAA")
OWN_OLD_SIGNATURE = FOREIGN_SIGNATURE.replace(b"other.example", b"users.example")

# name, message, expected
SHAPES = [
    ("plain", PLAIN, PASS),
    ("From alone in the header", FROM + b"\r\n" + BODY, PASS),
    ("lines of dots", body(b".\r\n..\r\n...\r\n.x\r\nx.\r\n.\r\n"), PASS),
    ("body begins with a dot", body(b".first\r\nlast\r\n"), PASS),
    ("bare LF in the body", body(b"one\ntwo\r\nthree\n\nfour\r\n"), PASS),
    ("bare LF in the header", FROM + TO + b"Subject: a\nX-Next: b\r\n" + b"\r\n" + BODY, PASS),
    ("LF for every line end", PLAIN.replace(b"\r\n", b"\n"), PASS),
    ("LF, then a dot", body(b"one\n.two\r\n"), PASS),
    ("bare CR in the body", body(b"one\rtwo\r\n"), UNREADABLE),
    ("bare CR, then a dot", body(b"one\r.two\r\n"), UNREADABLE),
    ("bare CR before CRLF", body(b"one\r\r\ntwo\r\n"), UNREADABLE),
    ("bare CR in the header", header(b"X-Odd: a\rb"), UNREADABLE),
    ("NUL in the body", body(b"one\0two\r\n"), UNREADABLE),
    ("NUL in the header", header(b"X-Odd: a\0b"), UNREADABLE),
    ("no last line end", body(b"one\r\ntwo"), PASS),
    ("header alone", HEADER, PASS),
    ("header and its empty line alone", HEADER + b"\r\n", PASS),
    ("header alone, no last line end", HEADER[:-2], PASS),
    ("body of empty lines", body(b"\r\n\r\n\r\n"), PASS),
    ("empty lines at the end", body(b"one\r\n" + b"\r\n" * 40), PASS),
    ("body of white space", body(b" \t \r\n"), PASS),
    ("8-bit body, UTF-8", body("Grüße\r\n".encode()), PASS),
    ("8-bit body, no UTF-8", body(b"Gr\xfc\xdfe\xff\xfe\r\n"), PASS),
    ("8-bit Subject, UTF-8", FROM + TO + "Subject: Grüße\r\n".encode() + b"\r\n" + BODY, PASS),
    ("8-bit field, no UTF-8", header(b"X-Name: Gr\xfc\xdfe"), PASS),
    ("control characters in the body", body(b"a\x01\x08\x0b\x0c\x1b[2J\x7fz\r\n"), PASS),
    ("line of 998 bytes", body(b"x" * 998 + b"\r\n"), PASS),
    ("line of 5000 bytes", body(b"x" * 5000 + b"\r\n"), PASS),
    ("line of 100000 bytes", body(b"long " * 20000 + b"\r\n"), PASS),
    ("field of 5000 bytes", header(b"X-Long: " + b"x" * 5000), PASS),
    ("folded fields", header(b"X-Folded: a\r\n b\r\n\tc", b"References: <1@x.example>\r\n <2@x.example>\r\n\t<3@x.example>"),
     PASS),
    ("folded From", b"From:\r\n Alice\r\n\t<alice@users.example>\r\n" + TO + REST + b"\r\n" + BODY, PASS),
    ("fold of white space alone", header(b"X-Blank: a\r\n \t\r\n b"), PASS),
    ("white space at line ends", header(b"X-Space: a \t ") [:-2] + b" \t \r\nx\t\r\n  \r\n", PASS),
    ("white space before the colon", header(b"X-Odd : a"), UNREADABLE),
    ("tabs after the colon", header(b"X-Tab:\t\ta"), PASS),
    ("empty Subject", FROM + TO + b"Subject:\r\n\r\n" + BODY, PASS),
    ("names in capitals", b"FROM: alice@users.example\r\nto: file@rcpt.example\r\nsUbJeCt: x\r\n\r\n" + BODY, PASS),
    ("encoded words and a long name",
     b"From: =?utf-8?q?Alice_=C3=84?= (a comment) <alice@users.example>\r\n" + TO + REST + b"\r\n" + BODY, PASS),
    ("subdomain in From", b"From: alice@sub.users.example\r\n" + TO + REST + b"\r\n" + BODY, PASS),
    ("400 fields", header(*[b"X-Field-%d: %d" % (n, n) for n in range(400)]), PASS),
    ("header of 1.2 MB", header(*[b"X-Field-%d: %s" % (n, b"x" * 900) for n in range(1300)]), UNREADABLE),
    ("12000 fields", header(*[b"X-Field-%d: %d" % (n, n) for n in range(12000)]), UNREADABLE),
    ("Received, Resent and Bcc", header(b"Received: from a by b; Mon, 23 Nov 2026 09:00:00 +0000", b"Bcc: carol@rcpt.example",
                                        b"Resent-From: carol@rcpt.example"), PASS),
    ("signed by somebody before", FOREIGN_SIGNATURE + b"\r\n" + PLAIN, PASS),
    ("an old signature of ours", OWN_OLD_SIGNATURE + b"\r\n" + PLAIN, PASS),
    ("MIME parts", FROM + TO + b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=\"-b\"\r\n\r\n"
     b"---b\r\n\r\ntext\r\n---b\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n---b--\r\n", PASS),
    ("2 MB", body(b"".join(b"%07d %s\r\n" % (n, b"abcdefghij" * 6) for n in range(30000))), PASS),
    ("two From", FROM + HEADER + b"\r\n" + BODY, UNREADABLE),
    ("two Subject", header(b"Subject: another"), UNREADABLE),
    ("two To", header(TO[:-2]), UNREADABLE),
    ("no From", TO + REST + b"\r\n" + BODY, UNREADABLE),
    ("empty From", b"From:\r\n" + TO + REST + b"\r\n" + BODY, UNREADABLE),
    ("From without a domain", b"From: alice\r\n" + TO + REST + b"\r\n" + BODY, UNREADABLE),
    ("From names two domains", b"From: alice@users.example, bob@other.example\r\n" + TO + REST + b"\r\n" + BODY, UNREADABLE),
    ("no header, an empty line", b"\r\n" + BODY, UNREADABLE),
    ("no header at all", b"Hello Bob\r\n\r\nthis is a test\r\n", UNREADABLE),
    ("mbox line on top", b"From alice Mon Nov 23 10:00:00 2026\r\n" + PLAIN, UNREADABLE),
    ("a line that is no field", header(b"this is no field"), UNREADABLE),
    ("a line that is no field at the end", HEADER + b"this is no field\r\n\r\n" + BODY, UNREADABLE),
    ("empty message", b"\r\n", UNREADABLE),
]

# What would end DATA, but can be a chunk
CHUNKS_ONLY = [
    ("LF, dot, LF", body(b"one\n.\ntwo\r\n"), PASS),
    ("CR LF dot LF", body(b"one\r\n.\ntwo\r\n"), PASS),
    ("CR at the very end", body(b"one\r"), UNREADABLE),
    ("dot line at the very end", body(b"one\r\n."), PASS),
]
