/*
 * From facts to a disposition: what the results mean here.
 *
 * RFC 9989 7.4 and 8 forbid rejecting solely because of p=reject: "the other
 * knowledge" is that the message did not come by an indirect way this receiver knows of.
 *
 *   no usable author              [policy] on_invalid_from
 *   pass, none                    action none; none in enforce_domains: as reject, unless
 *                                 SPF or DKIM passed at or below the enforced domain
 *   fail, policy none             action none
 *   fail, policy quarantine       quarantine; none by a trusted forwarder or sealer
 *   fail, policy reject           [policy] reject: reject or quarantine; none by a trusted
 *                                 forwarder or sealer, but for "always"; instead of reject as
 *                                 temperror where DNS hides whether there was one
 *   fail in enforce_domains       as policy reject
 *   temperror                     [policy] on_temperror; never reject
 *
 * A trusted forwarder is one of [policy] forwarders that shows itself by a DKIM
 * signature or a MAIL FROM that passed, or by the client's address.  What an ARC
 * chain of trusted sealers is good for is in core/auth/sealers.h.  A List-Id
 * proves nothing.  "policy" is the effective one, after t=y and honour_pct.
 */
#ifndef MV_AUTH_VERDICT_H
#define MV_AUTH_VERDICT_H

#include "core/arc/verify.h"
#include "core/config/config.h"
#include "core/dkim/result.h"
#include "core/dmarc/evaluate.h"
#include "core/spf/evaluate.h"
#include "core/text/address.h"

enum mv_action { MV_ACTION_NONE = 0, MV_ACTION_QUARANTINE, MV_ACTION_REJECT, MV_ACTION_TEMPFAIL };

/* Why the disposition differs from the policy: the override types of RFC 9990. */
enum mv_override {
    MV_OVERRIDE_NO = 0,
    MV_OVERRIDE_LOCAL_POLICY,
    MV_OVERRIDE_MAILING_LIST,
    MV_OVERRIDE_POLICY_TEST_MODE,
    MV_OVERRIDE_TRUSTED_FORWARDER,
    MV_OVERRIDE_OTHER
};

struct mv_verdict {
    bool has_spf;                /* SPF was evaluated */
    struct mv_spf_result spf;
    bool has_dkim;               /* DKIM was evaluated */
    const struct mv_dkim_result *dkim;
    size_t dkim_count;
    size_t dkim_skipped;
    enum mv_from_code from;
    struct mv_bytes author_domain;
    unsigned defects;            /* enum mv_defect */
    bool is_report;              /* a DMARC report itself: core/auth/report_mark.h */
    bool has_dmarc;
    struct mv_dmarc_result dmarc;
    bool has_arc;                /* ARC was evaluated */
    struct mv_arc_result arc;
    struct mv_ip client_ip;      /* for the report; MV_IP_NONE: unknown */
    enum mv_action action;
    enum mv_override override;
    const char *reason;          /* one sentence, printable, without anything a stranger wrote but normalised domains */
    unsigned dns_questions;
    unsigned dns_rounds;
};

/*
 * Fills action, override and reason from the rest. client_ip may be NULL. Reasons live in the arena, or are static.
 * MV_ERR_MEMORY leaves no reason and nothing to act on.
 */
enum mv_code mv_verdict_decide(struct mv_arena *arena, const struct mv_settings *settings,
                               const struct mv_ip *client_ip, struct mv_verdict *verdict);

/*
 * Why there is no author that DMARC could be evaluated for: a From field that
 * is unusable, or a defect of the header block that others may read differently.
 * Static words without a capital; NULL when there is one.
 */
const char *mv_verdict_no_author(const struct mv_verdict *verdict);

/*
 * The signature that stands for all where there is room for one: a pass before all else, of passes the aligned one.
 * NULL without any.
 */
const struct mv_dkim_result *mv_verdict_signature(const struct mv_verdict *verdict);

/* "none", "quarantine", "reject", "tempfail". */
const char *mv_action_text(enum mv_action action);
/* "", "local_policy", ... */
const char *mv_override_text(enum mv_override override);

#endif
