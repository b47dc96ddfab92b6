/*
 * What the parts of the deployment check share.  Internal to core/ops/deployment*.c.
 *
 * A part asks for all that it can foresee, and does without the answers that are
 * missing: then the run waits, what it found is dropped, and the next one knows
 * more.  So the questions of all parts, and of all domains, travel together.
 */
#ifndef MV_OPS_DEPLOYMENT_RUN_H
#define MV_OPS_DEPLOYMENT_RUN_H

#include "core/ops/deployment.h"
#include "core/ops/deployment_kinds.h"

struct mv_deployment_run {
    struct mv_arena *arena;
    struct mv_memo *memo;
    struct mv_findings *findings;
    const struct mv_deployment_request *request;
    struct mv_deployment *seen;
    bool waits;          /* an answer is missing */
    /* DNS failed there, so that nothing is known to be missing */
    bool spf_unknown, mx_unknown, dmarc_unknown, keys_unknown;
    enum mv_code failed; /* MV_OK, or an error of ours */
};

/* NULL: the answer is missing, and the run waits. */
const struct mv_dns_answer *mv_deployment_ask(struct mv_deployment_run *run, struct mv_bytes name,
                                              enum mv_dns_type type);
/* "first.second", in the arena; empty without memory. */
struct mv_bytes mv_deployment_name(struct mv_deployment_run *run, const char *first, struct mv_bytes second);
/* Remembers that the run waits, or failed; true for MV_OK. */
bool mv_deployment_done(struct mv_deployment_run *run, enum mv_code code);
/* Shorthand: a finding of this kind without a detail. */
void mv_deployment_say(struct mv_deployment_run *run, enum mv_deployment_kind kind, struct mv_bytes subject);
/* Of the TXT records of an answer, those with the version tag ("v=STSv1") in front. */
size_t mv_deployment_versioned(const struct mv_dns_answer *answer, struct mv_bytes version, struct mv_bytes *text_r);

/* What asks for the addresses of a name came to. */
struct mv_deployment_addresses {
    struct mv_ip ips[MV_DEPLOYMENT_MAX_ADDRESSES];
    size_t count;
    bool has_ipv4;
    bool unanswered; /* an error of DNS hides some */
};

/* Both families; false: the run waits. */
bool mv_deployment_addresses_of(struct mv_deployment_run *run, struct mv_bytes name,
                                struct mv_deployment_addresses *addresses_r);
/* As text, in the arena. */
struct mv_bytes mv_deployment_ip_text(struct mv_deployment_run *run, const struct mv_ip *ip);
/* Of no network that the world could reach (RFC 6890). */
bool mv_ip_is_special(const struct mv_ip *ip);

/* The parts, in their order: later ones read what earlier ones saw. */
void mv_deployment_zone(struct mv_deployment_run *run);
void mv_deployment_records(struct mv_deployment_run *run); /* SPF and DMARC as facts; is it parked? */
void mv_deployment_mx(struct mv_deployment_run *run);
void mv_deployment_dkim(struct mv_deployment_run *run);
void mv_deployment_hosts(struct mv_deployment_run *run);
void mv_deployment_helos(struct mv_deployment_run *run);
void mv_deployment_mail_froms(struct mv_deployment_run *run);
void mv_deployment_bulk(struct mv_deployment_run *run);
void mv_deployment_parked(struct mv_deployment_run *run);
void mv_deployment_transport(struct mv_deployment_run *run);

/* The PTR records of one sending address. helo empty: no name is expected there. */
void mv_deployment_ptr(struct mv_deployment_run *run, const struct mv_ip *ip, struct mv_bytes helo);
/* May this address send with the domain in MAIL FROM? Says so if not. */
void mv_deployment_may_send(struct mv_deployment_run *run, const struct mv_ip *ip, struct mv_bytes helo);
/* The DMARC walk of a domain; false: the run waits, or DNS failed. */
bool mv_deployment_org_domain(struct mv_deployment_run *run, struct mv_bytes domain, struct mv_bytes *org_r);

#endif
