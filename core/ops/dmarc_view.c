#include "core/ops/dmarc_view.h"

enum mv_dmarc_policy mv_dmarc_weaker(enum mv_dmarc_policy policy)
{
    switch (policy) {
    case MV_DMARC_P_REJECT:
        return MV_DMARC_P_QUARANTINE;
    case MV_DMARC_P_QUARANTINE:
    case MV_DMARC_P_NONE:
        return MV_DMARC_P_NONE;
    case MV_DMARC_NO_POLICY:
        break;
    }
    return MV_DMARC_NO_POLICY;
}

/* RFC 7489 6.6.4; a share of nothing is the rest alone. */
static struct mv_dmarc_fate draw_lots(enum mv_dmarc_policy policy, unsigned percent)
{
    struct mv_dmarc_fate fate = {policy, percent, mv_dmarc_weaker(policy)};

    if (percent == 0)
        return (struct mv_dmarc_fate){fate.rest, 100, fate.rest};
    if (percent == 100 || fate.rest == policy)
        return (struct mv_dmarc_fate){policy, 100, policy};
    return fate;
}

static bool has_valid_policy(const struct mv_dmarc_record *record, enum mv_dmarc_generation generation)
{
    if (record->p.state != MV_DMARC_TAG_VALID || record->sp.state == MV_DMARC_TAG_INVALID)
        return false;
    return generation == MV_DMARC_RFC7489 || record->np.state != MV_DMARC_TAG_INVALID;
}

/* RFC 9989 4.10.1, RFC 7489 6.6.3 */
static enum mv_dmarc_policy policy_for(const struct mv_dmarc_record *record, enum mv_dmarc_generation generation,
                                       enum mv_dmarc_author author)
{
    if (author == MV_DMARC_MISSING && generation == MV_DMARC_RFC9989 && record->np.state == MV_DMARC_TAG_VALID)
        return record->np.policy;
    if (author != MV_DMARC_OWN && record->sp.state == MV_DMARC_TAG_VALID)
        return record->sp.policy;
    return record->p.policy;
}

void mv_dmarc_look(const struct mv_dmarc_record *record, enum mv_dmarc_generation generation,
                   struct mv_dmarc_view *view_r)
{
    bool valid = has_valid_policy(record, generation);

    view_r->applies = valid || record->rua_count > 0;
    for (enum mv_dmarc_author author = MV_DMARC_OWN; author < MV_DMARC_AUTHORS; author++) {
        enum mv_dmarc_policy policy = valid ? policy_for(record, generation, author) : MV_DMARC_P_NONE;

        if (generation == MV_DMARC_RFC9989)
            view_r->fates[author] = draw_lots(record->test ? mv_dmarc_weaker(policy) : policy, 100);
        else
            view_r->fates[author] = draw_lots(policy, record->pct);
    }
}

enum mv_dmarc_policy mv_dmarc_fate_worst(struct mv_dmarc_fate fate)
{
    return fate.percent > 0 ? fate.policy : fate.rest;
}

bool mv_dmarc_fate_equal(struct mv_dmarc_fate a, struct mv_dmarc_fate b)
{
    return a.policy == b.policy && a.percent == b.percent && a.rest == b.rest;
}

void mv_dmarc_fate_print(struct mv_dmarc_fate fate, struct mv_buf *out)
{
    mv_buf_puts(out, mv_dmarc_policy_text(fate.policy));
    if (fate.percent < 100)
        mv_buf_printf(out, " %u %%, %s %u %%", fate.percent, mv_dmarc_policy_text(fate.rest), 100 - fate.percent);
}
