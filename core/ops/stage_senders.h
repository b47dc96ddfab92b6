/*
 * Who sends in the name of a domain, and fails DMARC: the addresses of the
 * evidence put together, what kind of sender each is, and which change of SPF or DKIM
 * mends it.
 *
 * Pure.  Whether a sender is legitimate is a judgement, never knowledge: it is
 * taken for one of the domain's own when something of the domain vouches for it,
 * when it is a known provider, or when it sends on so many days as no forger does.  What
 * a person knows better is said in disowned and vouched.
 */
#ifndef MV_OPS_STAGE_SENDERS_H
#define MV_OPS_STAGE_SENDERS_H

#include "core/ops/source_facts.h"

#define MV_STAGE_MAX_NAMES 256 /* of disowned or vouched */

enum mv_stage_sender_kind {
    MV_SENDER_OWN,       /* a host or a key of the domain, or an address of its SPF record */
    MV_SENDER_PROVIDER,  /* a service in the table */
    MV_SENDER_STEADY,    /* mail on many days: a machine that somebody forgot, or a service that is not in the table */
    MV_SENDER_FORWARDER, /* mail that others sent on */
    MV_SENDER_STRANGER,  /* nothing speaks for it */
    MV_SENDER_DISOWNED   /* the operator says: none of ours */
};

enum mv_stage_sender_remedy {
    MV_REMEDY_NONE,     /* of forwarders, strangers and the disowned */
    MV_REMEDY_MENDED,   /* its later mail passed, and none failed for quiet_days */
    MV_REMEDY_WAIT,     /* SPF lets it in today: later reports will show it */
    MV_REMEDY_PROVIDER, /* sign with d=DOMAIN there */
    MV_REMEDY_INCLUDE,  /* its bounces are at the domain: include the provider's record */
    MV_REMEDY_KEY,      /* its signature of the domain fails: a key that is not in DNS, or a body that was changed */
    MV_REMEDY_ENVELOPE, /* SPF lets it in, but for bounces of another domain */
    MV_REMEDY_ADDRESS,  /* list the address in SPF, or send through a server that signs */
    MV_REMEDY_FIND_OUT  /* whose is it? */
};

/* What the operator says about it. */
enum mv_stage_listing { MV_STAGE_UNLISTED, MV_STAGE_VOUCHED, MV_STAGE_DISOWNED };

/* Slices live in the arena of the evidence. */
struct mv_stage_sender {
    enum mv_stage_listing listing;
    enum mv_stage_sender_kind kind;
    enum mv_stage_sender_remedy remedy;
    struct mv_bytes name; /* for people: "Mailjet", a host, a domain that signs, or an address */
    const struct mv_provider *provider;
    struct mv_ip ip;      /* the address with most failing mail */
    struct mv_bytes host; /* its confirmed name; may be empty */
    size_t addresses;
    uint64_t messages;
    uint64_t failed[MV_EVIDENCE_AUTHORS];
    uint64_t hit;      /* of the failed: quarantined or rejected, as the reports say */
    unsigned days;     /* on which it failed */
    uint64_t day_bits; /* private */
    int64_t last_failed_secs, last_passed_secs;
    uint64_t forwarded; /* of the failed, as the reports say */
    struct mv_bytes header_from, spf_domain, signer, own_signer, own_selector;
    bool spf_pass; /* for spf_domain, in the reports */
    enum mv_spf_code spf;
    bool own_selector_passes; /* elsewhere */
    bool unproven;            /* legitimate, and mended in DNS alone: reports have to show it first */
    bool blocks;              /* legitimate, and not mended: no step further */
};

struct mv_stage_sender_settings {
    struct mv_bytes domain;
    int64_t now_secs;
    unsigned quiet_days;         /* without failing mail, before a sender that passes counts as mended */
    unsigned steady_days;        /* failing mail on so many days is nobody's who forges */
    const char *const *disowned; /* names of senders, addresses, or prefixes "192.0.2.0/24" */
    size_t disowned_count;
    const char *const *vouched; /* the same: legitimate whatever it looks like */
    size_t vouched_count;
};

/*
 * One entry for each sender with failing mail, those with most of it first.  facts has one entry for each source.
 * MV_ERR_MEMORY.
 */
enum mv_code mv_stage_senders_find(struct mv_arena *arena, const struct mv_evidence_source *sources,
                                   const struct mv_source_facts *facts, size_t count,
                                   const struct mv_stage_sender_settings *settings, struct mv_stage_sender **senders_r,
                                   size_t *count_r);

uint64_t mv_stage_sender_failed(const struct mv_stage_sender *sender);
/* "own", "provider", "steady", "forwarder", "stranger", "disowned" */
const char *mv_stage_sender_kind_text(enum mv_stage_sender_kind kind);
/* "key", "include", ...: a word for programs */
const char *mv_stage_sender_remedy_text(enum mv_stage_sender_remedy remedy);
/* What to do about it, for people. Texts of strangers in it are as they are. */
void mv_stage_sender_remedy_print(const struct mv_stage_sender *sender, struct mv_bytes domain, struct mv_buf *out);

#endif
