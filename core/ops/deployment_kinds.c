#include "core/ops/deployment_kinds.h"

#include "core/ops/deployment.h"

#define NOTE MV_SEVERITY_NOTE
#define WARN MV_SEVERITY_WARNING
#define FAULT MV_SEVERITY_ERROR

const struct mv_finding_kind mv_deployment_kinds[MV_DEPLOYMENT_KINDS] = {
    [MV_DOMAIN_MISSING] = {"domain-missing", FAULT, "RFC 8020 2",
        "The name does not exist, nor anything below it. Is it spelt right, and is the zone delegated?"},
    [MV_DOMAIN_UNANSWERED] = {"domain-unanswered", FAULT, "RFC 7208 2.6.6",
        "DNS gives no answer, and so receivers defer mail of this domain. Look at its name servers first."},
    [MV_DOMAIN_ALIAS] = {"domain-alias", FAULT, "RFC 2181 10.1",
        "The name is an alias (CNAME), so that MX, SPF and everything else are those of its target. Take the "
        "alias away, or do not send with this name."},
    [MV_DOMAIN_ONE_SERVER] = {"domain-one-server", WARN, "RFC 2182 5",
        "There is one name server alone. While it is away no key and no record can be read, and mail is deferred."},
    [MV_DNSSEC_UNSIGNED] = {"dnssec-unsigned", NOTE, "RFC 4035 3.2.3",
        "The resolver does not vouch for the answers: the zone is not signed, or the resolver does not validate. "
        "Who can forge DNS on the way can forge SPF, DKIM and DMARC."},
    [MV_DNSSEC_MIXED] = {"dnssec-mixed", NOTE, "RFC 4035 3.2.3",
        "The domain is signed, but this answer is not: an alias leads into a zone that is not."},

    [MV_MX_MISSING] = {"mx-missing", FAULT, "RFC 5321 5.1",
        "There is neither an MX nor an address: bounces and answers cannot be delivered, and many receivers "
        "refuse mail of such a domain."},
    [MV_MX_IMPLICIT] = {"mx-implicit", WARN, "RFC 5321 5.1",
        "There is no MX, so that mail goes to the address of the domain itself, which is often a web server. Say "
        "with an MX which host takes mail, or with a null MX that there is none."},
    [MV_MX_NULL_SENDS] = {"mx-null-sends", FAULT, "RFC 7505 4.2",
        "The null MX says that the domain takes no mail, and yet SPF lets hosts send for it: receivers refuse "
        "mail of a domain that cannot be answered (5.7.27). Publish a real MX, or v=spf1 -all."},
    [MV_MX_NULL_NOT_ALONE] = {"mx-null-not-alone", FAULT, "RFC 7505 3",
        "A null MX must stand alone: with others beside it, it is the name of a host that does not exist."},
    [MV_MX_NULL_PREFERENCE] = {"mx-null-preference", NOTE, "RFC 7505 3", "The preference of a null MX is to be 0."},
    [MV_MX_ALIAS] = {"mx-alias", WARN, "RFC 2181 10.3",
        "The name in an MX is an alias (CNAME), which is not allowed: some senders do not follow it. Name the "
        "host itself."},
    [MV_MX_UNRESOLVED] = {"mx-unresolved", FAULT, "RFC 5321 5.1",
        "The name in the MX has no address: mail to it waits and comes back."},
    [MV_MX_UNANSWERED] = {"mx-unanswered", WARN, "RFC 5321 5.1",
        "DNS gives no answer for it: it could not be looked at."},
    [MV_MX_ADDRESS] = {"mx-address", FAULT, "RFC 1035 3.3.9",
        "An MX names a host, not an address: senders look for a name that is spelt like the address, and find "
        "none."},
    [MV_MX_NAME] = {"mx-name", WARN, "RFC 5321 2.3.5",
        "The name of a host has letters, digits and hyphens; some senders refuse any other."},
    [MV_MX_PRIVATE] = {"mx-private", FAULT, "RFC 6890 2.2",
        "The address is one of a private or special network: nobody outside can reach the host."},
    [MV_MX_IPV6_ONLY] = {"mx-ipv6-only", WARN, "RFC 3974 3",
        "No host that takes mail has an IPv4 address: senders without IPv6 cannot reach the domain."},
    [MV_MX_MANY] = {"mx-many", WARN, "RFC 7208 4.6.4",
        "There are more MX than are looked at here; with more than 10 the mechanism mx of SPF is an error."},

    [MV_DKIM_NO_SELECTOR] = {"dkim-no-selector", NOTE, "RFC 6376 3.1",
        "No selector is known, and DNS does not list them: no key was looked at. Give --selector with what "
        "stands behind s= in the DKIM-Signature of a message, or make keys with 'mailvouch init'."},
    [MV_DKIM_MISSING] = {"dkim-missing", FAULT, "RFC 6376 6.1.2",
        "There is no key record at this selector: what is signed with it fails everywhere."},
    [MV_DKIM_UNANSWERED] = {"dkim-unanswered", WARN, "RFC 6376 6.1.2",
        "DNS gives no answer for the key: receivers defer what is signed with it, or take it as unsigned."},
    [MV_DKIM_ALIAS_BROKEN] = {"dkim-alias-broken", FAULT, "RFC 6376 3.6.2.1",
        "The selector is an alias (CNAME), and there is no key at its target: whoever was to keep the key there "
        "does not any more. Take the alias away, or ask them."},
    [MV_DKIM_FOREIGN] = {"dkim-foreign", FAULT, "RFC 6376 3.6.1",
        "There is a TXT record at the selector, but it is no key record."},
    [MV_DKIM_MANY_RECORDS] = {"dkim-many-records", FAULT, "RFC 6376 3.6.2.2",
        "There is more than one key record at the selector, and which one a verifier takes is not defined. Leave "
        "one."},
    [MV_DKIM_SYNTAX] = {"dkim-syntax", FAULT, "RFC 6376 3.2",
        "The key record does not parse, and verifiers discard it. Look for a missing ';', a tag that stands "
        "twice, or quotes that were meant for the zone file."},
    [MV_DKIM_VERSION] = {"dkim-version", FAULT, "RFC 6376 3.6.1",
        "v= is not DKIM1, or not the first tag: verifiers must discard the record."},
    [MV_DKIM_TYPE] = {"dkim-type", FAULT, "RFC 6376 3.6.1",
        "The type in k= is neither rsa nor ed25519: verifiers ignore the key."},
    [MV_DKIM_NO_DATA] = {"dkim-no-data", FAULT, "RFC 6376 3.6.1", "The key record has no p=, and so no key."},
    [MV_DKIM_BASE64] = {"dkim-base64", FAULT, "RFC 6376 3.6.1",
        "p= is not base64: something was lost or added when the record was pasted."},
    [MV_DKIM_NOT_A_KEY] = {"dkim-not-a-key", FAULT, "RFC 6376 3.6.1",
        "What p= holds is no public key: the record was cut, or its strings were joined in the wrong order."},
    [MV_DKIM_REVOKED] = {"dkim-revoked", WARN, "RFC 6376 3.6.1",
        "p= is empty: the key is revoked, and what is signed with it fails."},
    [MV_DKIM_SHORT] = {"dkim-short", FAULT, "RFC 8301 3.2",
        "Verifiers must not accept RSA keys of fewer than 1024 bits. Make a new one: 'mailvouch key new'."},
    [MV_DKIM_WEAK] = {"dkim-weak", WARN, "RFC 8301 3.2",
        "An RSA key is to have 2048 bits or more. Roll to a new one: 'mailvouch key roll'."},
    [MV_DKIM_LONG] = {"dkim-long", WARN, "RFC 8301 3.2",
        "Verifiers need not handle RSA keys of more than 4096 bits: for some the mail is unsigned."},
    [MV_DKIM_TESTING] = {"dkim-testing", WARN, "RFC 6376 3.6.1",
        "t=y says that the domain is only testing: verifiers may treat its mail as unsigned. Publish the record "
        "without it."},
    [MV_DKIM_SHA1_ONLY] = {"dkim-sha1-only", FAULT, "RFC 8301 3.1",
        "h= does not allow sha256, and nothing else may be used: no signature can pass. Publish the record "
        "without h=."},
    [MV_DKIM_NOT_EMAIL] = {"dkim-not-email", FAULT, "RFC 6376 3.6.1",
        "s= does not list email or *: verifiers must ignore the key for mail. Publish the record without s=."},
    [MV_DKIM_NO_VERSION] = {"dkim-no-version", NOTE, "RFC 6376 3.6.1",
        "The record does not begin with v=DKIM1, which is recommended and tells it from other TXT records."},
    [MV_DKIM_ESCAPED] = {"dkim-escaped", FAULT, "RFC 6376 3.2",
        "A backslash stands before ';': it was meant for a zone file and has become part of the record. Some "
        "verifiers forgive it, others see no key."},
    [MV_DKIM_GRANULARITY] = {"dkim-granularity", NOTE, "RFC 6376 1",
        "g= was dropped when RFC 6376 replaced RFC 4871; old verifiers may refuse the key because of it."},
    [MV_DKIM_OTHER_KEY] = {"dkim-other-key", FAULT, "RFC 6376 6.1.2",
        "DNS shows another key than the one that signs here: what is signed with it fails everywhere."},
    [MV_DKIM_STILL_SHOWN] = {"dkim-still-shown", NOTE, "RFC 6376 3.1",
        "The key was revoked here, and DNS still shows it: who has a copy of it can still sign. Take the record "
        "away."},
    [MV_DKIM_SHARED_KEY] = {"dkim-shared-key", WARN, "RFC 6376 3.1",
        "Two selectors show the same key: who gets hold of one has both, and rolling one of them changes nothing."},
    [MV_DKIM_ONLY_ED25519] = {"dkim-only-ed25519", WARN, "RFC 8463 6",
        "There is no usable RSA key beside Ed25519: receivers that do not know Ed25519 yet, and large ones are "
        "among them, see no signature. Sign with both."},
    [MV_DKIM_WILDCARD] = {"dkim-wildcard", WARN, "RFC 6376 6.1.2",
        "Every selector, also one that nobody made, answers with this record. Take the wildcard away: a key has "
        "one name."},

    [MV_HOST_NO_PTR] = {"host-no-ptr", FAULT, "RFC 1912 2.1",
        "The address has no PTR record: Gmail, Yahoo and others refuse its mail. Ask whoever owns the network "
        "for one."},
    [MV_HOST_PTR_UNCONFIRMED] = {"host-ptr-unconfirmed", FAULT, "RFC 1912 2.1",
        "The name in the PTR record does not lead back to the address, so that it proves nothing: Gmail and "
        "others refuse its mail. Publish an address record at that name, or have the PTR changed."},
    [MV_HOST_PTR_GENERIC] = {"host-ptr-generic", WARN, "RFC 1912 2.1",
        "The name in the PTR record is made of the address, as providers name the lines of their customers: some "
        "receivers refuse such hosts. Have the name of the mail server put there."},
    [MV_HOST_UNANSWERED] = {"host-unanswered", WARN, "RFC 1912 2.1",
        "DNS gives no answer for it: it could not be looked at."},
    [MV_HOST_NOT_IN_SPF] = {"host-not-in-spf", FAULT, "RFC 7208 2.6",
        "This host sends for the domain, and SPF does not let it."},
    [MV_HOST_MANY] = {"host-many", NOTE, "",
        "SPF names more single hosts than are looked at here; the others were left out."},
    [MV_HELO_NOT_QUALIFIED] = {"helo-not-qualified", FAULT, "RFC 5321 4.1.1.1",
        "What a host says at HELO must be its full name in DNS: many receivers refuse any other."},
    [MV_HELO_MISSING] = {"helo-missing", FAULT, "RFC 5321 4.1.4",
        "The name that the host says at HELO has no address: many receivers refuse it."},
    [MV_HELO_NO_SPF] = {"helo-no-spf", WARN, "RFC 7208 2.4",
        "The name at HELO has no SPF record, and bounces are checked by it, since they have no sender: they "
        "never pass SPF."},
    [MV_HELO_SPF_FAILS] = {"helo-spf-fails", WARN, "RFC 7208 2.4",
        "The SPF record of the name at HELO does not let the address of that name send: bounces of the host fail "
        "SPF."},
    [MV_HELO_PTR_DIFFERS] = {"helo-ptr-differs", WARN, "RFC 1912 2.1",
        "The PTR record of the address has another name than the host says at HELO: some receivers hold it "
        "against a host."},

    [MV_MAILFROM_UNALIGNED] = {"mailfrom-unaligned", WARN, "RFC 9989 4.4.2",
        "SPF passes for this domain, but it is not aligned with the author's: for DMARC everything hangs on "
        "DKIM. Use a subdomain of the author's domain in MAIL FROM."},
    [MV_MAILFROM_NO_MX] = {"mailfrom-no-mx", FAULT, "RFC 5321 5.1",
        "Bounces go to this domain, and it takes no mail: they are lost, and receivers refuse such senders."},
    [MV_MAILFROM_NO_SPF] = {"mailfrom-no-spf", FAULT, "RFC 7208 3",
        "SPF is asked for the domain in MAIL FROM, and this one has no record."},

    [MV_BULK_SPF_MISSING] = {"bulk-spf-missing", FAULT, "RFC 7208 3",
        "There is no SPF record. Gmail and Yahoo want SPF or DKIM of everybody, and with Microsoft both of all "
        "who send much."},
    [MV_BULK_DKIM_MISSING] = {"bulk-dkim-missing", FAULT, "RFC 6376 3.6",
        "There is no usable DKIM key. Gmail, Yahoo and Microsoft want SPF and DKIM of all who send much (550 "
        "5.7.515, 5.7.26)."},
    [MV_BULK_DMARC_MISSING] = {"bulk-dmarc-missing", FAULT, "RFC 9989 4.7",
        "No DMARC record applies. Gmail, Yahoo and Microsoft want at least p=none of all who send much."},
    [MV_BULK_UNALIGNED] = {"bulk-unaligned", FAULT, "RFC 9989 4.4",
        "Nothing that was looked at is aligned with the author's domain: no DKIM key, and no MAIL FROM domain "
        "with SPF. DMARC cannot pass, which large receivers want."},

    [MV_PARKED_LOOKS] = {"parked-looks", NOTE, "",
        "The domain looks as if it sent no mail, and was checked as such. Say --parked to make sure of it."},
    [MV_PARKED_SPF] = {"parked-spf", FAULT, "RFC 7208 10.1.2",
        "A domain that sends no mail says so in SPF, or anybody may send with it."},
    [MV_PARKED_MX] = {"parked-mx", WARN, "RFC 7505 3",
        "A domain that takes no mail says so with a null MX; else senders try for days before they give up."},
    [MV_PARKED_DMARC] = {"parked-dmarc", FAULT, "RFC 9989 4.7",
        "A domain that sends no mail asks to reject all of it, also with names below; nothing can be lost."},
    [MV_PARKED_DKIM_OPEN] = {"parked-dkim-open", NOTE, "RFC 6376 3.6.1",
        "A domain that sends no mail may revoke every key there could be, so that none that is forgotten or made "
        "up counts."},
    [MV_PARKED_DKIM_KEY] = {"parked-dkim-key", WARN, "RFC 6376 3.1",
        "The domain sends no mail, and still has a key in DNS: who has it can sign for the domain. Take it away."},

    [MV_MTA_STS_MISSING] = {"mta-sts-missing", NOTE, "RFC 8461 3.1",
        "Without MTA-STS (or DANE) senders do not insist on TLS: who sits between can read mail to this domain."},
    [MV_MTA_STS_MANY] = {"mta-sts-many", FAULT, "RFC 8461 3.1",
        "There is more than one record of MTA-STS: senders act as if there were none."},
    [MV_MTA_STS_SYNTAX] = {"mta-sts-syntax", FAULT, "RFC 8461 3.1",
        "The record of MTA-STS is not well-formed, and senders act as if there were none. It is v=STSv1; id= "
        "with 1 to 32 letters and digits, anew whenever the policy changes."},
    [MV_MTA_STS_NO_HOST] = {"mta-sts-no-host", FAULT, "RFC 8461 3.3",
        "The record promises a policy, and its host does not exist: senders find none."},
    [MV_MTA_STS_NOT_FETCHED] = {"mta-sts-not-fetched", NOTE, "RFC 8461 3.3",
        "There is a record of MTA-STS. The policy behind HTTPS is not fetched here: see to it that it names each "
        "MX, and that its certificate is good."},
    [MV_TLS_RPT_MISSING] = {"tls-rpt-missing", NOTE, "RFC 8460 3",
        "Nobody is told when senders fail to reach this domain with TLS."},
    [MV_TLS_RPT_MANY] = {"tls-rpt-many", FAULT, "RFC 8460 3",
        "There is more than one record of TLS-RPT: senders act as if there were none."},
    [MV_TLS_RPT_SYNTAX] = {"tls-rpt-syntax", FAULT, "RFC 8460 3",
        "The record of TLS-RPT is not well-formed. It is v=TLSRPTv1; rua= with mailto: or https: addresses."},
};

const struct mv_finding_kind *mv_deployment_kind_at(size_t index)
{
    return index < MV_DEPLOYMENT_KINDS ? &mv_deployment_kinds[index] : NULL;
}
