"""The cases of ARC (RFC 8617), for make_cases.py: a mailing list that breaks the author's signature, and who seals what."""
import signer
from signer import public, seal, sign

TRUSTED = "[policy]\ntrusted_sealers = list.example.net\n"
BOTH = "[policy]\ntrusted_sealers = list.example.net relay.example.org\n"
SAW_PASS = "list.example.net; spf=pass smtp.mailfrom=alice@example.com; dkim=pass header.d=example.com;" \
           " dmarc=pass (p=reject) header.from=example.com"
SAW_FAIL = "list.example.net; dkim=fail header.d=example.com; dmarc=fail header.from=example.com"
TAKEN = "dmarc=fail action=none override=local_policy exit=1"
REFUSED = "dmarc=fail action=reject override="


def write_all(make):
    """make: the module make_cases."""
    Chains(make).write()


class Chains:
    def __init__(self, make):
        self.make = make

    def zone(self, dmarc="v=DMARC1; p=reject"):
        return self.make.zone(dmarc).key("rsa._domainkey.relay.example.org")

    def posted(self, **fields):
        """What left the list: signed by the author, then changed."""
        return sign(self.make.mail(**fields)) + b"--\r\nminutes mailing list\r\n"

    def case(self, name, why, message, expect, config=TRUSTED, z=None, agrees=True):
        """agrees: python3-dkim has to say the same of the chain."""
        z = z or self.zone()
        wanted = next(word[4:] for word in expect.split() if word.startswith("arc="))
        if agrees:
            said = signer.second_opinion_of_chain(message, z.texts()) or "none"
            assert said == wanted, (name, said)
        self.make.case("arc-" + name, why, message, z, expect, self.make.VIA_LIST, config, second=False)

    def write(self):
        self.trust()
        self.testimony()
        self.hops()
        self.broken()
        self.structure()
        self.errors()

    def trust(self):
        sealed = seal(self.posted(), SAW_PASS)
        self.case("trusted", "RFC 8617 7.2: the list is trusted, sealed it last, and saw it pass", sealed,
                  "arc=pass arc_oldest_pass=0 arc_sealers=list.example.net dkim=fail authres~arc=pass "
                  "authres~smtp.remote-ip=203.0.113.25 authres~header.oldest-pass=0 reason~list.example.net " + TAKEN)
        self.case("untrusted", "RFC 8617 7.2: a chain that passes says who sealed, not that he is honest", sealed,
                  "arc=pass authres~arc=pass " + REFUSED, config=None)
        self.case("trusted-other", "RFC 8617 7.2: another sealer is trusted", sealed, "arc=pass " + REFUSED,
                  config="[policy]\ntrusted_sealers = relay.example.org example\n")
        self.case("trusted-above", "trusted_sealers: with everything below them", sealed, "arc=pass " + TAKEN,
                  config="[policy]\ntrusted_sealers = example.net\n")
        self.case("trusted-suffix", "trusted_sealers: list.example.net is not within st.example.net", sealed,
                  "arc=pass " + REFUSED, config="[policy]\ntrusted_sealers = st.example.net\n")
        self.case("trusted-always", "reject = always: the chain does not matter", sealed, "arc=pass " + REFUSED,
                  config=TRUSTED + "reject = always\n")
        self.case("trusted-quarantine", "RFC 9989 5.3.6: a policy of quarantine is softened as well", sealed,
                  "arc=pass policy=quarantine " + TAKEN, z=self.zone("v=DMARC1; p=quarantine"))
        self.case("trusted-enforced", "enforce_domains: softened like a policy of reject", sealed,
                  "arc=pass published=none " + TAKEN, z=self.zone("v=DMARC1; p=none"),
                  config=TRUSTED + "enforce_domains = example.com\n")
        self.case("trusted-ed25519", "RFC 8463 3: sealed with Ed25519", seal(self.posted(), SAW_PASS, s="ed", key="ed25519"),
                  "arc=pass " + TAKEN, z=self.zone().key("ed._domainkey.list.example.net", "ed25519"), agrees=False)
        self.case("genuine", "RFC 9989 5.3.5: a pass needs no chain, and a broken one does no harm",
                  sealed[:sealed.index(b"ARC-Auth")] + sign(self.make.mail()), "arc=fail dkim=pass dmarc=pass action=none exit=0")

    def testimony(self):
        def says(name, why, results, expect, **options):
            self.case("says-" + name, why, seal(self.posted(), results), "arc=pass " + expect, **options)

        says("fail", "RFC 8617 7.2: the sealer saw it fail", SAW_FAIL, REFUSED)
        says("fail-dkim-pass", "of DMARC and DKIM the former counts: it failed for the author",
             "list.example.net; dkim=pass header.d=example.com; dmarc=fail header.from=example.com", REFUSED)
        says("pass-and-fail", "two opinions: the worse one counts",
             "list.example.net; dmarc=pass header.from=example.com; dmarc=fail header.from=example.com", REFUSED)
        says("other-author", "the pass is that of another From domain",
             "list.example.net; dmarc=pass header.from=evil.example", REFUSED)
        says("no-author", "a pass for nobody in particular", "list.example.net; dmarc=pass", REFUSED)
        says("none", "nothing was found", "list.example.net; none", REFUSED)
        says("nonsense", "RFC 8617 3.4: what does not parse harms no chain, and helps nobody", "list.example.net; dmarc=(", REFUSED)
        says("comment", "RFC 5322 3.2.2: what stands in a comment is nothing",
             "list.example.net; spf=none (dmarc=pass header.from=example.com)", REFUSED)
        says("quoted", "RFC 8601 2.2: nor in quotes", "list.example.net; spf=none reason=\"; dmarc=pass header.from=example.com\"",
             REFUSED)
        says("other-version", "RFC 8601 4.1: a version that we do not know", "list.example.net 2; dmarc=pass header.from=example.com",
             REFUSED)
        says("dkim", "no word of DMARC: DKIM passed for the author", "list.example.net; dkim=pass header.d=example.com", TAKEN)
        says("dkim-auid", "the older way to name the signer", "list.example.net; dkim=pass header.i=@mail.example.com", TAKEN)
        says("dkim-other", "DKIM passed for somebody else", "list.example.net; dkim=pass header.d=example.com.evil.example", REFUSED)
        says("dkim-strict", "RFC 9989 4.4: adkim=s wants the domain itself",
             "list.example.net; dkim=pass header.d=mail.example.com", REFUSED, z=self.zone("v=DMARC1; p=reject; adkim=s"))
        says("spf", "no word of DMARC: SPF passed for the author",
             "list.example.net; spf=pass smtp.mailfrom=bounce@mail.example.com", TAKEN)
        says("spf-helo", "RFC 9989 4.4.2: HELO is no identity of the author's", "list.example.net; spf=pass smtp.helo=example.com",
             REFUSED)

    def hops(self):
        """Two sealers: relay.example.org, whose key is that of example.com, and the list."""
        relay = {"d": "relay.example.org", "key": "rsa2048"}
        heard = "relay.example.org; dmarc=pass header.from=example.com"
        broke = "relay.example.org; arc=pass; dmarc=fail header.from=example.com"
        first = seal(seal(self.posted(), SAW_PASS), broke, i=2, **relay)
        self.case("two", "the oldest trusted sealer in a row is the witness", first, "arc=pass arc_oldest_pass=0 "
                  "arc_sealers=list.example.net,relay.example.org " + TAKEN, config=BOTH)
        self.case("two-last-trusted", "only what the trusted one saw himself counts", first, "arc=pass " + REFUSED,
                  config="[policy]\ntrusted_sealers = relay.example.org\n")
        self.case("two-first-trusted", "whoever sealed last could have changed all", first, "arc=pass " + REFUSED)
        evil = seal(self.posted(), "evil.example; dmarc=pass header.from=example.com", d="evil.example")
        self.case("two-stranger-first", "a stranger's word below a trusted seal stays a stranger's word",
                  seal(evil, SAW_FAIL, i=2), "arc=pass " + REFUSED)
        self.case("two-stranger-first-seen", "the trusted one saw it pass himself", seal(evil, SAW_PASS, i=2), "arc=pass " + TAKEN)
        self.case("two-stranger-last", "a stranger seals again, and changes nothing",
                  seal(seal(self.posted(), SAW_PASS), "evil.example; arc=pass", i=2, d="evil.example"), "arc=pass " + REFUSED)
        changed = seal(sign(self.make.mail()), heard, **relay) + b"--\r\nminutes mailing list\r\n"
        self.case("oldest-pass", "RFC 8617 5.2 step 5: the list changed what the relay had signed, and sealed again",
                  seal(changed, SAW_PASS, i=2), "arc=pass arc_oldest_pass=2 authres~header.oldest-pass=2 " + TAKEN)
        message = self.posted()
        for i in range(1, 51):
            message = seal(message, SAW_PASS, i=i)
        self.case("fifty", "RFC 8617 5.2: fifty sets are still a chain", message, "arc=pass arc_oldest_pass=0 " + TAKEN,
                  agrees=False)
        self.case("fifty-one", "RFC 8617 5.2: more than fifty are none", seal(message, SAW_PASS, i=51), "arc=fail " + REFUSED,
                  agrees=False)

    def broken(self):
        def bad(name, why, message, agrees=True, **options):
            self.case("broken-" + name, why, message, "arc=fail arc_oldest_pass= " + REFUSED, agrees=agrees,
                      **options)

        sealed, failed = seal(self.posted(), SAW_PASS), seal(self.posted(), SAW_FAIL)
        edit = self.make.replaced
        bad("body", "RFC 8617 5.2 step 4: changed after it was sealed", sealed + b"PS: pay at once\r\n")
        bad("subject", "RFC 8617 5.2 step 4: a signed field was changed", edit(sealed, "Minutes of", "Notes of"))
        bad("from", "RFC 8617 5.2 step 4: another author under the same seal",
            edit(seal(sign(self.make.mail("Eve <x@evil.example>")), "list.example.net; dmarc=pass header.from=example.com"),
                 "Eve <x@evil.example>", "Alice <alice@example.com>"))
        bad("results", "RFC 8617 5.2 step 6: fail became pass behind the sealer's back", edit(failed, "dmarc=fail", "dmarc=pass"))
        bad("results-added", "RFC 8617 5.2 step 3: results beside the sealed ones",
            b"ARC-Authentication-Results: i=1; list.example.net; dmarc=pass header.from=example.com\r\n" + failed)
        bad("signature", "RFC 8617 5.2 step 4: the value", seal(self.posted(), SAW_PASS, extra="zz=1; ", damage=True))
        bad("other-key", "RFC 8617 5.2: a seal with a key that is not the list's", seal(self.posted(), SAW_PASS, key="rsa2048"))
        bad("first-seal", "RFC 8617 5.2 step 6: every seal counts, also the first",
            seal(edit(seal(self.posted(), SAW_FAIL), "dmarc=fail", "dmarc=pass"), SAW_PASS, i=2))
        bad("seal-h", "RFC 8617 4.1.3: a seal must not have h=", seal(self.posted(), SAW_PASS, seal_extra="h=from; "))
        bad("signed-seal", "RFC 8617 4.1.2: a message signature must not sign seals",
            seal(seal(self.posted(), SAW_PASS), SAW_PASS, i=2, h=signer.SIGNED + ("arc-seal",)))
        bad("length", "RFC 6376 8.2: l= and text behind it", seal(self.posted(), SAW_PASS, l=20), agrees=False)
        bad("sha1", "RFC 8301 3.1: rsa-sha1", seal(self.posted(), SAW_PASS, a="rsa-sha1"), agrees=False)
        self.case("broken-two-from", "RFC 6376 8.15: two From fields: whose pass would it be?",
                  edit(sealed, "From: Alice", "From: Eve <x@evil.example>\r\nFrom: Alice"),
                  "arc=fail dmarc=permerror action=reject", agrees=False)
        self.case("broken-bare-lf", "RFC 5322 2.2: a header block that others read differently",
                  edit(sealed, "Minutes of", "Minutes\nof"), "arc=fail dmarc=permerror action=reject", agrees=False)
        self.case("from-unsigned", "a chain that passes, but whose newest signature leaves From open",
                  edit(seal(sign(self.make.mail("Eve <x@evil.example>")), SAW_PASS, h=("to", "subject", "date")),
                       "Eve <x@evil.example>", "Alice <alice@example.com>"), "arc=pass " + REFUSED)

    def structure(self):
        def bad(name, why, message):
            self.case("structure-" + name, why, message, "arc=fail arc_sealers= " + REFUSED, agrees=False)

        edit = self.make.replaced
        one = seal(self.posted(), SAW_PASS)
        two = seal(one, SAW_PASS, i=2)
        bad("gap", "RFC 8617 5.2 step 3: no set 2", seal(one, SAW_PASS, i=3))
        bad("starts-at-two", "RFC 8617 5.2 step 3: no set 1", seal(self.posted(), SAW_PASS, i=2))
        bad("no-results", "RFC 8617 5.2 step 3: a field is missing", edit(one, "ARC-Authentication-Results:", "X-Was-Results:"))
        bad("twice", "RFC 8617 5.2 step 3: a seal twice", one[:one.index(b"ARC-Auth")] + one)
        bad("zero", "RFC 8617 4.2.1: instances begin at 1", edit(one, "i=1;", "i=0;", 3))
        bad("no-instance", "RFC 8617 4.2.1: no i=", edit(one, "ARC-Seal: i=1;", "ARC-Seal:"))
        bad("results-instance-last", "RFC 8617 4.1.1: i= comes first",
            edit(one, "Results: i=1; list.example.net;", "Results: list.example.net; i=1;"))
        bad("three-digits", "RFC 8617 4.2.1: one or two digits", edit(one, "ARC-Seal: i=1;", "ARC-Seal: i=001;"))
        bad("cv-first", "RFC 8617 5.2 step 3: the first seal has cv=none", seal(self.posted(), SAW_PASS, cv="pass"))
        bad("cv-later", "RFC 8617 5.2 step 3: the others have cv=pass", seal(one, SAW_PASS, i=2, cv="none"))
        bad("cv-unknown", "RFC 8617 4.1.3: a word that is none of the three", seal(self.posted(), SAW_PASS, cv="maybe"))
        self.case("ended", "RFC 8617 5.1.2: a sealer found the chain failed, so there is none",
                  seal(one, SAW_PASS, i=2, cv="fail"), "arc=none authres~arc=none arc_reason~failed " + REFUSED, agrees=False)
        self.case("names", "names are compared whole: these fields are none of ARC",
                  self.make.mail(more=["ARC-Seal-Extra: i=1; cv=none", "ARC-Authentication-Results-Old: i=1; x; dmarc=pass",
                                       "X-ARC-Seal: i=1"]), "arc=none authres!~arc=none " + REFUSED)
        self.case("order", "RFC 8617 4.2: the instance tells which fields belong together, not their order",
                  reordered(two), "arc=pass " + TAKEN, agrees=False)

    def errors(self):
        sealed = seal(self.posted(), SAW_PASS)
        key = "rsa._domainkey.list.example.net"
        later = "arc=fail dmarc=fail action=tempfail exit=75"
        self.case("key-timeout", "RFC 8617 5.2.1: no key is a failure, but trying again may give a pass", sealed, later,
                  z=self.zone().fail(key), agrees=False)
        self.case("key-servfail", "RFC 8617 5.2.1: a server failure is the same", sealed, later,
                  z=self.zone().fail(key, rcode="SERVFAIL"), agrees=False)
        self.case("key-timeout-accept", "on_temperror = accept", sealed,
                  "arc=fail dmarc=fail action=none override=local_policy", z=self.zone().fail(key), agrees=False,
                  config=TRUSTED + "on_temperror = accept\n")
        self.case("key-timeout-untrusted", "nothing would come of it: there is nothing to wait for", sealed,
                  "arc=fail " + REFUSED, z=self.zone().fail(key), agrees=False, config=None)
        self.case("key-timeout-saw-fail", "nor where the sealer saw it fail", seal(self.posted(), SAW_FAIL),
                  "arc=fail " + REFUSED, z=self.zone().fail(key), agrees=False)
        self.case("key-timeout-broken", "nor where the signature is known to be wrong",
                  seal(self.posted(), SAW_PASS, seal_s="slow") + b"PS: pay at once\r\n", "arc=fail " + REFUSED,
                  z=self.zone().fail("slow._domainkey.list.example.net"), agrees=False)
        self.case("key-timeout-quarantine", "what would only go into Junk does not wait", sealed,
                  "arc=fail dmarc=fail action=quarantine", z=self.zone("v=DMARC1; p=quarantine").fail(key), agrees=False)
        self.case("key-missing", "RFC 8617 5.2: a name without a key is no temporary error", sealed, "arc=fail " + REFUSED,
                  z=self.zone().drop(key), agrees=False)
        self.case("old-key-timeout", "RFC 8617 5.2 step 5: an old signature's key decides nothing",
                  seal(seal(self.posted(), SAW_PASS, s="slow", seal_s="rsa"), SAW_PASS, i=2),
                  "arc=pass arc_oldest_pass=2 " + TAKEN, z=self.zone().fail("slow._domainkey.list.example.net"), agrees=False)
        self.case("weak-key", "RFC 8301 3.2: a seal with a key below 1024 bits",
                  seal(self.posted(), SAW_PASS, s="weak", key="rsa512"), "arc=fail " + REFUSED,
                  z=self.zone().txt("weak._domainkey.list.example.net", "v=DKIM1; k=rsa; p=" + public("rsa512")), agrees=False)


def reordered(message):
    """The ARC fields at the end of the header block, upside down."""
    fields, body = signer.fields_of(message)
    arc = [name + b":" + value for name, value in fields if name.lower().startswith(b"arc-")]
    rest = [name + b":" + value for name, value in fields if not name.lower().startswith(b"arc-")]
    return b"".join(rest + arc[::-1]) + b"\r\n" + body
