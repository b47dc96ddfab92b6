#include "exim-dlfunc/outcome.h"

#include <string.h>

static struct mv_bytes text(const char *s)
{
    return mv_bytes_str(s == NULL ? "" : s);
}

static struct mv_bytes get_spf(const struct mv_verdict *verdict)
{
    return text(mv_outcome_spf_word(verdict));
}

static struct mv_bytes get_spf_domain(const struct mv_verdict *verdict)
{
    return verdict->spf.domain;
}

static struct mv_bytes get_spf_reason(const struct mv_verdict *verdict)
{
    return text(verdict->spf.reason);
}

/* What the domain itself says in exp= (RFC 7208 6.2): a stranger's text. */
static struct mv_bytes get_spf_explanation(const struct mv_verdict *verdict)
{
    return verdict->spf.explanation;
}

static struct mv_bytes get_dkim(const struct mv_verdict *verdict)
{
    return text(mv_outcome_dkim_word(verdict));
}

static struct mv_bytes get_dkim_domain(const struct mv_verdict *verdict)
{
    const struct mv_dkim_result *signature = mv_verdict_signature(verdict);

    return signature == NULL ? text(NULL) : signature->sdid;
}

static struct mv_bytes get_dkim_selector(const struct mv_verdict *verdict)
{
    const struct mv_dkim_result *signature = mv_verdict_signature(verdict);

    return signature == NULL ? text(NULL) : signature->selector;
}

static struct mv_bytes get_dkim_reason(const struct mv_verdict *verdict)
{
    const struct mv_dkim_result *signature = mv_verdict_signature(verdict);

    return signature == NULL ? text(NULL) : text(signature->reason);
}

static struct mv_bytes get_arc(const struct mv_verdict *verdict)
{
    return text(mv_arc_code_text(verdict->arc.code));
}

static struct mv_bytes get_arc_reason(const struct mv_verdict *verdict)
{
    return text(verdict->arc.reason);
}

static struct mv_bytes get_dmarc(const struct mv_verdict *verdict)
{
    return text(mv_dmarc_code_text(verdict->dmarc.code));
}

static struct mv_bytes get_dmarc_reason(const struct mv_verdict *verdict)
{
    return text(verdict->dmarc.reason);
}

static struct mv_bytes get_policy(const struct mv_verdict *verdict)
{
    return text(mv_dmarc_policy_text(verdict->dmarc.published));
}

static struct mv_bytes get_policy_domain(const struct mv_verdict *verdict)
{
    return verdict->dmarc.policy_domain;
}

static struct mv_bytes get_organizational_domain(const struct mv_verdict *verdict)
{
    return verdict->dmarc.org_domain;
}

static struct mv_bytes get_override(const struct mv_verdict *verdict)
{
    return text(mv_override_text(verdict->override));
}

static struct mv_bytes get_from(const struct mv_verdict *verdict)
{
    return verdict->author_domain;
}

static struct mv_bytes get_reason(const struct mv_verdict *verdict)
{
    return text(verdict->reason);
}

static const struct {
    const char *name;
    struct mv_bytes (*get)(const struct mv_verdict *verdict); /* NULL: more than a text of the verdict */
} details[] = {
    {"spf", get_spf},
    {"spf_domain", get_spf_domain},
    {"spf_reason", get_spf_reason},
    {"spf_explanation", get_spf_explanation},
    {"dkim", get_dkim},
    {"dkim_domain", get_dkim_domain},
    {"dkim_selector", get_dkim_selector},
    {"dkim_reason", get_dkim_reason},
    {"arc", get_arc},
    {"arc_reason", get_arc_reason},
    {"arc_sealers", NULL},
    {"dmarc", get_dmarc},
    {"dmarc_reason", get_dmarc_reason},
    {"policy", get_policy},
    {"policy_domain", get_policy_domain},
    {"org_domain", get_organizational_domain},
    {"override", get_override},
    {"from", get_from},
    {"reason", get_reason},
    {"disposition", NULL},
    {"skip", NULL},
    {"error", NULL},
    {"reply", NULL},
    {"log", NULL},
};

static void put_special(const struct mv_outcome *outcome, const char *name, struct mv_buf *out)
{
    if (strcmp(name, "disposition") == 0)
        mv_buf_puts(out, mv_action_text(mv_outcome_action(outcome)));
    else if (strcmp(name, "reply") == 0)
        mv_outcome_put_reply(outcome, out);
    else if (strcmp(name, "log") == 0)
        mv_outcome_put_log(outcome, out);
    else if (strcmp(name, "arc_sealers") == 0 && outcome->kind == MV_OUTCOME_JUDGED)
        mv_outcome_put_sealers(outcome->verdict, out);
    else if (strcmp(name, "skip") == 0 && outcome->kind == MV_OUTCOME_SKIPPED)
        mv_buf_puts(out, outcome->skip);
    else if (strcmp(name, "error") == 0 && outcome->kind == MV_OUTCOME_FAILED)
        mv_buf_put_escaped(out, mv_bytes_str(outcome->error));
}

bool mv_outcome_put_detail(const struct mv_outcome *outcome, const char *name, struct mv_buf *out)
{
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++) {
        if (strcmp(name, details[i].name) != 0)
            continue;
        if (details[i].get == NULL)
            put_special(outcome, name, out);
        else if (outcome->kind == MV_OUTCOME_JUDGED)
            mv_buf_put_escaped(out, details[i].get(outcome->verdict));
        return true;
    }
    return false;
}

void mv_outcome_put_detail_names(struct mv_buf *out)
{
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++)
        mv_buf_printf(out, "%s%s", i == 0 ? "" : " ", details[i].name);
}
