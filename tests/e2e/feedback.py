"""Failure reports (RFC 9991) as their reader sees them. For all suites."""
import collections
import email
import email.policy
import re


def read(path):
    """The mail, and the fields of the report in it: {name: [value]}."""
    with open(path, "rb") as f:
        message = email.message_from_binary_file(f, policy=email.policy.default)
    part, = [p for p in message.walk() if p.get_content_type() == "message/feedback-report"]
    text = part.get_payload(0).as_string() if part.is_multipart() else part.get_payload(decode=True).decode()
    fields = collections.defaultdict(list)
    for line in re.sub(r"\r?\n[ \t]+", " ", text).strip().splitlines():
        if ":" in line:
            fields[line.split(":")[0]].append(line.split(":", 1)[1].strip())
    return message, fields


def texts(message):
    """All that a reader of it sees, its own header block left out."""
    return "".join(part.as_string() for part in message.walk() if part.get_content_type() != "multipart/report")
