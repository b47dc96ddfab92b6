/*
 * The mail of one domain as the world sees it: what DNS says of a domain that
 * sends, or does not send, beside what it should say.
 *
 * Looks at the domain itself, its MX, the hosts that SPF names one by one, the
 * names that hosts give as HELO, the keys of DKIM, the domains of MAIL FROM, what
 * a domain without mail publishes (RFC 7505, and "v=spf1 -all"), the records of
 * MTA-STS and TLS-RPT, and at what the large receivers demand of senders since
 * 2024.  The records of SPF and DMARC have lints of their own.
 *
 * Pure over the memo: run it until it does not return MV_NEED_DNS, each time
 * with a new struct mv_deployment and an empty list of findings.
 *
 * Not checked, because DNS cannot show it: the policy of MTA-STS (a file behind
 * HTTPS), TLS of the hosts, whether mail is signed at all, one-click unsubscribe,
 * rates of complaint.  Hosts behind include: are those of others: their PTR
 * records are not looked at.
 */
#ifndef MV_OPS_DEPLOYMENT_H
#define MV_OPS_DEPLOYMENT_H

#include "core/crypto/public_key.h"
#include "core/dmarc/policy.h"
#include "core/keys/store.h"
#include "core/ops/finding.h"
#include "core/text/ip.h"

#define MV_DEPLOYMENT_MAX_KEYS 64
#define MV_DEPLOYMENT_MAX_MAIL_FROMS 16
#define MV_DEPLOYMENT_MAX_HELOS 32
#define MV_DEPLOYMENT_MAX_ADDRESSES 32 /* of hosts; more are named in a finding, and not looked at */
#define MV_DEPLOYMENT_MAX_MX 20        /* names of hosts that are looked at */
/* Labels that nobody uses: what DNS says of these it says of every missing name. */
#define MV_DEPLOYMENT_PROBE "mailvouch-no-such-name"

/* A key to look for. */
struct mv_deployment_key {
    struct mv_bytes selector;
    bool is_ours;            /* in our store: */
    enum mv_key_state state;
    enum mv_key_type type;
    struct mv_bytes octets;  /* what p= must say; empty: not known */
};

/* Borrowed; names are normalised. */
struct mv_deployment_request {
    struct mv_bytes domain;
    bool is_parked;          /* somebody says that it sends no mail */
    bool suffix_hardening;
    unsigned max_voids;      /* of SPF */
    int64_t now_secs;
    const struct mv_deployment_key *keys;
    size_t key_count;
    const struct mv_bytes *mail_froms; /* domains */
    size_t mail_from_count;
    const struct mv_bytes *helos;      /* of hosts that send; as given, an address literal is a finding */
    size_t helo_count;
    const struct mv_ip *ips;           /* of hosts that send */
    size_t ip_count;
};

/* What was seen, for people. Slices live in the arena, or in that of the memo. */
struct mv_deployment {
    bool exists;
    bool is_parked;       /* it was said, or looks like it */
    bool secure;          /* the resolver vouches for its zone (AD) */
    struct mv_bytes spf;  /* the record; empty when there is none, or more than one */
    size_t mx_count;
    bool null_mx;
    size_t usable_rsa_keys;
    size_t usable_ed25519_keys;
    bool dmarc_applies;
    struct mv_bytes dmarc_domain; /* where its record stands */
    struct mv_bytes dmarc_record;
    enum mv_dmarc_policy policy;  /* p, sp or np, t not applied */
    bool has_mta_sts;
    bool has_tls_rpt;
};

/* Everything lives in the arena. MV_OK, MV_NEED_DNS, MV_ERR_MEMORY. */
enum mv_code mv_deployment_check(struct mv_arena *arena, const struct mv_deployment_request *request,
                                 struct mv_memo *memo, struct mv_findings *findings,
                                 struct mv_deployment *deployment_r);

/* All kinds of finding there are here; NULL past the end. */
const struct mv_finding_kind *mv_deployment_kind_at(size_t index);

#endif
