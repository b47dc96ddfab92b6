"""Clients of the submission service: exact bytes by DATA, BDAT and BURL, and what a mail program does (smtplib)."""
import base64
import imaplib
import smtplib
import ssl
import urllib.parse

import dovecot
import smtp

ALICE = "alice@users.example"


class Client(smtp.Client):
    """Logged in."""
    def __init__(self, user=ALICE, timeout=60):
        super().__init__("127.0.0.1", "127.0.0.1", dovecot.SUBMISSION_PORT, timeout)
        self.capabilities = self.command("EHLO client.example").text
        token = base64.b64encode(b"\0" + user.encode() + b"\0secret").decode()
        reply = self.command("AUTH PLAIN " + token)
        if reply.code != 235:
            raise ConnectionError("AUTH: %s" % reply)
        self.command("EHLO client.example")

    def send(self, message, way="data", mail_from=ALICE, rcpts=("file@rcpt.example",)):
        """way: "data", "bdat" (one chunk), "chunks" (of 1 KiB at most), or a number of bytes."""
        reply = self.envelope(mail_from, rcpts)
        if reply.code != 250:
            return reply
        if way == "data":
            return self.data(message)
        if way == "bdat":
            return self.bdat(message, len(message))
        return self.bdat(message, way if isinstance(way, int) else max(1, min(1000, len(message) // 3)))

    def burl(self, *urls, mail_from=ALICE, rcpts=("file@rcpt.example",)):
        reply = self.envelope(mail_from, rcpts)
        for url in urls:
            if reply.code == 250:
                reply = self.command("BURL %s%s" % (url, " LAST" if url is urls[-1] else ""))
        return reply


class Mailbox:
    """IMAP, to have something that BURL can name."""
    def __init__(self, user=ALICE):
        self.user = user
        self.imap = imaplib.IMAP4("127.0.0.1", dovecot.IMAP_PORT)
        self.imap.login(user, "secret")
        self.imap.select("INBOX")

    def append(self, message):
        """The message's UID."""
        status, answer = self.imap.append("INBOX", None, None, message)
        assert status == "OK", answer
        return int(answer[0].split(b"APPENDUID ")[1].split()[1].rstrip(b"]"))

    def url(self, uid):
        return "imap://%s@%s:%d/INBOX/;UID=%d" % (urllib.parse.quote(self.user, safe=""), dovecot.HOST,
                                                  dovecot.IMAP_PORT, uid)

    def urlauth(self, uid):
        """A URL that the submission service may use (RFC 4467)."""
        rump = "%s;URLAUTH=submit+%s" % (self.url(uid), urllib.parse.quote(self.user, safe=""))
        status, answer = self.imap.xatom("GENURLAUTH", '"%s"' % rump, "INTERNAL")
        assert status == "OK", answer
        return self.imap.response("GENURLAUTH")[1][-1].decode().strip('"')

    def close(self):
        self.imap.logout()


def with_smtplib(message, user=ALICE, rcpts=("file@rcpt.example",)):
    """As a mail program does: STARTTLS, AUTH, send. message: email.message.EmailMessage."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP("127.0.0.1", dovecot.SUBMISSION_PORT, timeout=60) as client:
        client.starttls(context=context)
        client.login(user, "secret")
        return client.send_message(message, from_addr=user, to_addrs=list(rcpts))
