"""Two judges for a message that has arrived: our module in Exim, by what it wrote, and python3-dkim."""
import re

import dkim

AUTHSERV = "mx.rcpt.example"


def fields(raw):
    """The header's fields of a stored message (LF line ends), folds included."""
    header = raw.split(b"\n\n", 1)[0]
    return re.split(rb"\n(?![ \t])", header)


def as_sent(raw):
    return raw.replace(b"\n", b"\r\n")


def signers(raw):
    """[(d, s)] of the DKIM-Signature fields, top first."""
    found = []
    for field in fields(raw):
        if field.lower().startswith(b"dkim-signature:"):
            tags = dict(tag.strip().split(b"=", 1) for tag in field.split(b":", 1)[1].split(b";") if b"=" in tag)
            found.append(tuple(re.sub(rb"\s", b"", tags[name]).decode() for name in (b"d", b"s")))
    return found


def module_verdict(raw):
    """The Authentication-Results field of Exim, unfolded, or None."""
    for field in fields(raw):
        text = re.sub(rb"\n[ \t]+", b" ", field).decode("utf-8", "replace")
        if text.startswith("Authentication-Results: %s;" % AUTHSERV):
            return text
    return None


def module_problems(raw, domain, selectors):
    verdict = module_verdict(raw)
    if verdict is None:
        return ["no Authentication-Results of Exim"]
    problems = [] if re.search(r"\bdmarc=pass\b", verdict) else ["module: no dmarc=pass"]
    for selector in selectors:
        if not re.search(r"\bdkim=pass\b[^;]*\bheader\.d=%s\b[^;]*\bheader\.s=%s(?![\w-])" % (re.escape(domain), selector),
                         verdict):
            problems.append("module: no pass of %s/%s" % (domain, selector))
    return problems and problems + [verdict]


def dkimpy_problems(raw, domain, selectors, records):
    """records: {"selector._domainkey.domain": text}. Every one of our signatures has to verify."""
    def get_txt(name, timeout=5):
        return records.get(name.decode().rstrip("."), "").encode() or None

    problems = []
    for index, signer in enumerate(signers(raw)):
        if signer[0] != domain or signer[1] not in selectors:
            continue
        try:
            if not dkim.DKIM(as_sent(raw)).verify(idx=index, dnsfunc=get_txt):
                problems.append("python3-dkim: %s/%s does not verify" % signer)
        except dkim.DKIMException as error:
            problems.append("python3-dkim: %s/%s: %s" % (signer + (error,)))
    return problems


def problems(raw, domain, selectors, records):
    """What is wrong with a message that should carry a good signature of each selector; [] when both judges pass it."""
    made = [s for d, s in signers(raw) if d == domain]
    missing = ["no signature of %s" % s for s in selectors if s not in made]
    return missing + module_problems(raw, domain, selectors) + dkimpy_problems(raw, domain, selectors, records)
