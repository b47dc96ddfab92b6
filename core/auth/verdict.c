#include "core/auth/verdict.h"

#include "core/auth/sealers.h"
#include "core/base/trace.h"
#include "core/text/domain.h"
#include "core/text/message.h"

/* What a decision is made from. */
struct hearing {
    struct mv_arena *arena;
    const struct mv_settings *settings;
    const struct mv_ip *client_ip; /* may be NULL */
    struct mv_verdict *verdict;
    struct mv_bytes enforced; /* the enforce_domains item that the Author Domain is within, or empty */
};

const char *mv_action_text(enum mv_action action)
{
    switch (action) {
    case MV_ACTION_NONE:
        return "none";
    case MV_ACTION_QUARANTINE:
        return "quarantine";
    case MV_ACTION_REJECT:
        return "reject";
    case MV_ACTION_TEMPFAIL:
        return "tempfail";
    }
    return "unknown";
}

const char *mv_override_text(enum mv_override override)
{
    switch (override) {
    case MV_OVERRIDE_NO:
        return "";
    case MV_OVERRIDE_LOCAL_POLICY:
        return "local_policy";
    case MV_OVERRIDE_MAILING_LIST:
        return "mailing_list";
    case MV_OVERRIDE_POLICY_TEST_MODE:
        return "policy_test_mode";
    case MV_OVERRIDE_TRUSTED_FORWARDER:
        return "trusted_forwarder";
    case MV_OVERRIDE_OTHER:
        return "other";
    }
    return "unknown";
}

const char *mv_verdict_no_author(const struct mv_verdict *verdict)
{
    if (verdict->from != MV_FROM_OK)
        return mv_from_code_text(verdict->from);
    for (unsigned bit = 1; bit <= MV_DEFECTS_FATAL; bit <<= 1)
        if ((verdict->defects & MV_DEFECTS_FATAL & bit) != 0)
            return mv_defect_text(bit);
    return NULL;
}

/* Takes a reason fresh from the arena: NULL is no memory. */
static enum mv_code conclude(const struct hearing *h, enum mv_action action, enum mv_override override,
                             const char *reason)
{
    h->verdict->action = action;
    h->verdict->override = override;
    h->verdict->reason = reason;
    return reason == NULL ? MV_ERR_MEMORY : MV_OK;
}

static struct mv_bytes find_above(const struct mv_config_list *domains, struct mv_bytes domain)
{
    for (size_t i = 0; domain.len > 0 && i < domains->count; i++)
        if (mv_domain_is_within(domain, domains->items[i]))
            return domains->items[i];
    return (struct mv_bytes){NULL, 0};
}

enum indirect {
    INDIRECT_NO = 0,
    INDIRECT_LATER,     /* DNS hides whether it did: trying again may tell */
    INDIRECT_FORWARDER,
    INDIRECT_SEALER
};

/* A signature or a MAIL FROM of a forwarder that the operator named. *way_r says which, when it passed. */
static enum indirect find_forwarder(const struct hearing *h, const char **way_r)
{
    const struct mv_config_list *forwarders = &h->settings->forwarders.domains;
    const struct mv_verdict *v = h->verdict;
    enum indirect found = INDIRECT_NO;
    struct mv_bytes forwarder;

    for (size_t i = 0; i < v->dkim_count; i++) {
        forwarder = find_above(forwarders, v->dkim[i].sdid);
        if (forwarder.len > 0 && v->dkim[i].code == MV_DKIM_TEMPERROR)
            found = INDIRECT_LATER;
        if (v->dkim[i].code != MV_DKIM_PASS || forwarder.len == 0)
            continue;
        *way_r = mv_arena_printf(h->arena, "the signature of %.*s is that of a trusted forwarder", MV_ARG(forwarder));
        return INDIRECT_FORWARDER;
    }
    forwarder = find_above(forwarders, v->spf.domain);
    if (!v->has_spf || forwarder.len == 0)
        return found;
    if (v->spf.code == MV_SPF_TEMPERROR)
        return INDIRECT_LATER;
    if (v->spf.code != MV_SPF_PASS)
        return found;
    *way_r = mv_arena_printf(h->arena, "the SPF pass of %.*s is that of a trusted forwarder", MV_ARG(forwarder));
    return INDIRECT_FORWARDER;
}

/* RFC 8617 7.2 leaves to the receiver what a chain is good for; sealers.h says what it is here. */
static enum mv_code find_sealer(const struct hearing *h, enum indirect *found_r, const char **way_r)
{
    enum mv_testimony testimony;
    struct mv_witness witness;
    enum mv_code code =
        mv_sealers_testify(h->arena, &h->settings->trusted_sealers, h->verdict, &testimony, &witness);

    if (code != MV_OK || testimony == MV_TESTIMONY_NONE)
        return code;
    *found_r = testimony == MV_TESTIMONY_LATER ? INDIRECT_LATER : INDIRECT_SEALER;
    *way_r = mv_arena_printf(h->arena, "the ARC chain is right, and its trusted sealer %.*s (i=%zu) saw %s pass",
                             MV_ARG(witness.domain), witness.instance, witness.method);
    return MV_OK;
}

/*
 * The message came by a way that the operator named, and that showed itself: by
 * a signature or a MAIL FROM of its own, by its address, or by a chain of seals.
 * What is known outweighs what DNS hides.
 */
static enum mv_code came_indirectly(const struct hearing *h, enum indirect *found_r, const char **way_r)
{
    enum indirect sealed = INDIRECT_NO;
    enum mv_code code;

    *found_r = find_forwarder(h, way_r);
    if (*found_r == INDIRECT_FORWARDER)
        return *way_r == NULL ? MV_ERR_MEMORY : MV_OK;
    if (h->client_ip != NULL && mv_config_networks_hold(&h->settings->forwarders.networks, h->client_ip)) {
        *found_r = INDIRECT_FORWARDER;
        *way_r = "the client's address is that of a trusted forwarder";
        return MV_OK;
    }
    code = find_sealer(h, &sealed, way_r);
    if (sealed != INDIRECT_NO)
        *found_r = sealed;
    return code == MV_OK && *way_r == NULL ? MV_ERR_MEMORY : code;
}

/* Nothing is refused for what DNS hides, and on_temperror says what then. Into Junk it may go all the same. */
static enum mv_code defer_indirect(const struct hearing *h)
{
    bool defer = h->settings->on_temperror == MV_TEMPERROR_DEFER;

    return conclude(h, defer ? MV_ACTION_TEMPFAIL : MV_ACTION_NONE,
                    defer ? MV_OVERRIDE_NO : MV_OVERRIDE_LOCAL_POLICY,
                    mv_arena_printf(h->arena,
                                    "DMARC failed for %.*s, but DNS did not tell whether the message came by a "
                                    "forwarder or sealer trusted here%s",
                                    MV_ARG(h->verdict->author_domain), defer ? "" : ", so it is accepted"));
}

/* Without what softens it. */
static enum mv_code fail_directly(const struct hearing *h, enum mv_dmarc_policy policy, enum mv_override override)
{
    struct mv_bytes author = h->verdict->author_domain;

    if (policy == MV_DMARC_P_QUARANTINE)
        return conclude(h, MV_ACTION_QUARANTINE, override,
                        mv_arena_printf(h->arena, "DMARC failed for %.*s, whose policy is quarantine", MV_ARG(author)));
    if (h->settings->reject == MV_REJECT_NEVER)
        return conclude(h, MV_ACTION_QUARANTINE, MV_OVERRIDE_LOCAL_POLICY,
                        mv_arena_printf(h->arena,
                                        "DMARC failed for %.*s, whose policy is reject; nothing is rejected here",
                                        MV_ARG(author)));
    if (h->settings->reject == MV_REJECT_ALWAYS)
        return conclude(h, MV_ACTION_REJECT, override,
                        mv_arena_printf(h->arena, "DMARC failed for %.*s, whose policy is reject", MV_ARG(author)));
    return conclude(h, MV_ACTION_REJECT, override,
                    mv_arena_printf(h->arena,
                                    "DMARC failed for %.*s, whose policy is reject, and the message did not come by a "
                                    "forwarder known here",
                                    MV_ARG(author)));
}

/*
 * RFC 9989 7.4, 8: a message is not refused for p=reject alone.  What else is
 * known is that it came by no forwarder or sealer of ours; always says that this does not matter.
 */
static enum mv_code fail_enforced(const struct hearing *h, enum mv_dmarc_policy policy, enum mv_override override)
{
    enum indirect indirect = INDIRECT_NO;
    const char *way = "";
    enum mv_code code;

    if (h->settings->reject == MV_REJECT_ALWAYS)
        return fail_directly(h, policy, override);
    code = came_indirectly(h, &indirect, &way);
    if (code != MV_OK)
        return code;
    if (indirect == INDIRECT_LATER && policy == MV_DMARC_P_REJECT && h->settings->reject != MV_REJECT_NEVER)
        return defer_indirect(h);
    if (indirect == INDIRECT_NO || indirect == INDIRECT_LATER)
        return fail_directly(h, policy, override);
    return conclude(h, MV_ACTION_NONE,
                    indirect == INDIRECT_SEALER ? MV_OVERRIDE_LOCAL_POLICY : MV_OVERRIDE_TRUSTED_FORWARDER,
                    mv_arena_printf(h->arena, "DMARC failed for %.*s (policy %s), but %s",
                                    MV_ARG(h->verdict->author_domain), mv_dmarc_policy_text(policy), way));
}

/* The policy counts one step lower, because of t=y or pct. */
static enum mv_override lowered(const struct mv_dmarc_result *dmarc)
{
    if (dmarc->published == dmarc->effective)
        return MV_OVERRIDE_NO;
    return dmarc->test_mode ? MV_OVERRIDE_POLICY_TEST_MODE : MV_OVERRIDE_OTHER;
}

static enum mv_code decide_fail(const struct hearing *h)
{
    const struct mv_dmarc_result *dmarc = &h->verdict->dmarc;

    if (h->enforced.len > 0)
        return fail_enforced(h, MV_DMARC_P_REJECT,
                             dmarc->published == MV_DMARC_P_REJECT && dmarc->effective == MV_DMARC_P_REJECT
                                 ? MV_OVERRIDE_NO
                                 : MV_OVERRIDE_LOCAL_POLICY);
    if (dmarc->effective == MV_DMARC_P_QUARANTINE || dmarc->effective == MV_DMARC_P_REJECT)
        return fail_enforced(h, dmarc->effective, lowered(dmarc));
    return conclude(h, MV_ACTION_NONE, lowered(dmarc),
                    mv_arena_printf(h->arena, "DMARC failed for %.*s, whose policy asks for nothing",
                                    MV_ARG(h->verdict->author_domain)));
}

/* RFC 9989 5.3.6: a policy cannot be applied when an answer is missing; nothing is rejected for it. */
static enum mv_code decide_temperror(const struct hearing *h)
{
    const struct mv_verdict *v = h->verdict;
    const char *detail = v->dmarc.reason == NULL ? "DNS did not answer" : v->dmarc.reason;

    if (h->settings->on_temperror == MV_TEMPERROR_DEFER)
        return conclude(h, MV_ACTION_TEMPFAIL, MV_OVERRIDE_NO,
                        mv_arena_printf(h->arena, "DMARC has no result for %.*s for now: %s", MV_ARG(v->author_domain),
                                        detail));
    return conclude(h, MV_ACTION_NONE, MV_OVERRIDE_NO,
                    mv_arena_printf(h->arena, "DMARC has no result for %.*s, which is accepted here: %s",
                                    MV_ARG(v->author_domain), detail));
}

enum vouched { VOUCHED_NO = 0, VOUCHED_UNKNOWN, VOUCHED_YES };

/* Without a record there is no alignment: what counts is a name at or below the domain that the operator enforces. */
static enum vouched vouched_within(const struct mv_verdict *v, struct mv_bytes domain)
{
    enum vouched best = VOUCHED_NO;

    for (size_t i = 0; i < v->dkim_count; i++) {
        if (v->dkim[i].sdid.len == 0 || !mv_domain_is_within(v->dkim[i].sdid, domain))
            continue;
        if (v->dkim[i].code == MV_DKIM_PASS)
            return VOUCHED_YES;
        if (v->dkim[i].code == MV_DKIM_TEMPERROR)
            best = VOUCHED_UNKNOWN;
    }
    if (!v->has_spf || v->spf.domain.len == 0 || !mv_domain_is_within(v->spf.domain, domain))
        return best;
    if (v->spf.code == MV_SPF_PASS)
        return VOUCHED_YES;
    return v->spf.code == MV_SPF_TEMPERROR ? VOUCHED_UNKNOWN : best;
}

static enum mv_code decide_none(const struct hearing *h)
{
    const char *detail = h->verdict->dmarc.reason;

    if (h->enforced.len == 0)
        return conclude(h, MV_ACTION_NONE, MV_OVERRIDE_NO,
                        mv_arena_printf(h->arena, "%s", detail == NULL ? "No DMARC policy applies" : detail));
    switch (vouched_within(h->verdict, h->enforced)) {
    case VOUCHED_YES:
        return conclude(h, MV_ACTION_NONE, MV_OVERRIDE_NO,
                        mv_arena_printf(h->arena, "SPF or DKIM passed for %.*s, which is enforced here",
                                        MV_ARG(h->enforced)));
    case VOUCHED_UNKNOWN:
        return decide_temperror(h);
    case VOUCHED_NO:
        break;
    }
    return fail_enforced(h, MV_DMARC_P_REJECT, MV_OVERRIDE_LOCAL_POLICY);
}

/* RFC 9989 11.5: mail whose author cannot be told is an attack more often than an accident. */
static enum mv_code decide_no_author(const struct hearing *h, const char *why)
{
    switch (h->settings->on_invalid_from) {
    case MV_INVALID_FROM_REJECT:
        return conclude(h, MV_ACTION_REJECT, MV_OVERRIDE_NO,
                        mv_arena_printf(h->arena, "DMARC cannot tell the author: %s", why));
    case MV_INVALID_FROM_QUARANTINE:
        return conclude(h, MV_ACTION_QUARANTINE, MV_OVERRIDE_NO,
                        mv_arena_printf(h->arena, "DMARC cannot tell the author: %s", why));
    case MV_INVALID_FROM_ACCEPT:
        break;
    }
    return conclude(h, MV_ACTION_NONE, MV_OVERRIDE_NO,
                    mv_arena_printf(h->arena, "DMARC cannot tell the author, which is accepted here: %s", why));
}

static enum mv_code decide_dmarc(const struct hearing *h)
{
    switch (h->verdict->dmarc.code) {
    case MV_DMARC_PASS:
        return conclude(h, MV_ACTION_NONE, MV_OVERRIDE_NO,
                        mv_arena_printf(h->arena, "DMARC passed for %.*s", MV_ARG(h->verdict->author_domain)));
    case MV_DMARC_FAIL:
        return decide_fail(h);
    case MV_DMARC_TEMPERROR:
        return decide_temperror(h);
    case MV_DMARC_PERMERROR: /* with an author: nothing that a policy could be applied to */
    case MV_DMARC_NONE:
        break;
    }
    return decide_none(h);
}

enum mv_code mv_verdict_decide(struct mv_arena *arena, const struct mv_settings *settings,
                               const struct mv_ip *client_ip, struct mv_verdict *verdict)
{
    struct hearing h = {arena, settings, client_ip, verdict, {NULL, 0}};
    const char *no_author = mv_verdict_no_author(verdict);

    if (!verdict->has_dmarc)
        return conclude(&h, MV_ACTION_NONE, MV_OVERRIDE_NO, "DMARC was not asked for");
    if (no_author != NULL)
        return decide_no_author(&h, no_author);
    h.enforced = find_above(&settings->enforce_domains, verdict->author_domain);
    return decide_dmarc(&h);
}

/* The higher, the more it says of the message as a whole. */
static int dkim_weight(enum mv_dkim_code code)
{
    static const enum mv_dkim_code order[] = {MV_DKIM_NONE,   MV_DKIM_NEUTRAL, MV_DKIM_PERMERROR, MV_DKIM_POLICY,
                                              MV_DKIM_FAIL,   MV_DKIM_TEMPERROR, MV_DKIM_PASS};
    int weight = 0;

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (order[i] == code)
            weight = (int)i;
    return weight;
}

static bool is_aligned(const struct mv_verdict *verdict, const struct mv_dkim_result *signature)
{
    return verdict->dmarc.aligned_dkim && mv_bytes_equal(signature->sdid, verdict->dmarc.aligned_sdid);
}

const struct mv_dkim_result *mv_verdict_signature(const struct mv_verdict *verdict)
{
    const struct mv_dkim_result *best = NULL;

    for (size_t i = 0; i < verdict->dkim_count; i++) {
        const struct mv_dkim_result *one = &verdict->dkim[i];

        if (best == NULL || dkim_weight(one->code) > dkim_weight(best->code) ||
            (one->code == MV_DKIM_PASS && is_aligned(verdict, one) && !is_aligned(verdict, best)))
            best = one;
    }
    return best;
}
