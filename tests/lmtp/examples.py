"""The examples that were installed, as an administrator takes them over: with his own names and addresses."""
from servers import read

DIRECTORY = "/usr/local/share/doc/mailvouch/examples/lmtp"
NAMES = {"mx.example.org": "mx.rcpt.example", "example.org": "rcpt.example"}


def example(name, changes=None):
    """The text of one. changes: {what stands there: what is to stand there}; each must be there."""
    text = read("%s/%s" % (DIRECTORY, name))
    if not text:
        raise AssertionError("the example %s is not installed" % name)
    for before, after in (changes or {}).items():
        if before not in text:
            raise AssertionError("%s: no %r in it" % (name, before))
        text = text.replace(before, after)
    for before, after in NAMES.items():
        text = text.replace(before, after)
    return text
