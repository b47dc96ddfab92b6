#include <inttypes.h>

#include "core/base/ascii.h"
#include "core/spf/check.h"

/* Whatever goes wrong here, the message has failed all the same, without a text (RFC 7208 6.2). */
static void give_up(struct mv_spf_check *check, const char *why)
{
    mv_trace_note(check->trace, "RFC 7208 6.2", "no explanation: %s", why);
}

/* The one text, or NULL. */
static const struct mv_dns_record *ask_text(struct mv_spf_check *check)
{
    const struct mv_dns_answer *answer;
    struct mv_bytes name;

    if (mv_spf_target(check, check->exp_domain, &check->exp, &name) != MV_SPF_MATCH)
        return NULL;
    answer = mv_spf_ask(check, name, MV_DNS_TXT);
    if (answer == NULL)
        return NULL;
    if (answer->count != 1) {
        give_up(check, answer->count == 0 ? "exp= leads to no text" : "exp= leads to several texts");
        return NULL;
    }
    return &answer->records[0];
}

static bool prepare_letters(struct mv_spf_check *check, unsigned uses)
{
    const char *now = mv_arena_printf(check->arena, "%" PRId64, check->request->now_secs);

    if (now == NULL) {
        mv_spf_abort(check, MV_ERR_MEMORY);
        return false;
    }
    check->values.now = mv_bytes_str(now);
    check->values.domain = check->exp_domain;
    return (uses & MV_SPF_USES_PTR) == 0 ||
           mv_spf_ptr_name(check, check->exp_domain, &check->values.validated) == MV_SPF_MATCH;
}

/* It will stand in SMTP replies: printable ASCII, and of bounded length. */
static void keep(struct mv_spf_check *check, struct mv_bytes text)
{
    if (text.len > MV_SPF_MAX_EXPLANATION_BYTES)
        give_up(check, "the text is too long");
    else if (!mv_bytes_all(text, MV_ASCII_VCHAR | MV_ASCII_WSP) || mv_bytes_find(text, '\t') < text.len)
        give_up(check, "the text is not printable ASCII");
    else if (!mv_arena_copy(check->arena, text, &check->result.explanation))
        mv_spf_abort(check, MV_ERR_MEMORY);
    else
        mv_trace_note(check->trace, "RFC 7208 6.2", "the domain's explanation: %.*s", MV_ARG(text));
}

static void expand(struct mv_spf_check *check, struct mv_bytes text)
{
    unsigned uses;
    const char *fault = mv_spf_macro_fault(text, MV_SPF_MACRO_IN_EXP, &uses);
    enum mv_code code;

    if (fault != NULL) {
        give_up(check, fault);
        return;
    }
    if (!prepare_letters(check, uses))
        return;
    mv_buf_reset(&check->scratch);
    code = mv_spf_macro_expand(text, &check->values, &check->scratch);
    if (code == MV_OK)
        keep(check, mv_buf_bytes(&check->scratch));
    else if (code == MV_ERR_LIMIT)
        give_up(check, "the text is too long");
    else
        mv_spf_abort(check, code);
}

void mv_spf_explain(struct mv_spf_check *check)
{
    const char *section = check->result.section, *reason = check->result.reason;
    const struct mv_dns_record *record;

    if (check->exp.kind == MV_SPF_TERM_ABSENT)
        return;
    /* exp= is outside the limits: it is looked up after the result is known (RFC 7208 4.6.4) */
    check->void_is_counted = true;
    mv_trace_enter(check->trace, "RFC 7208 6.2", "%.*s", MV_ARG(check->exp.text));
    record = ask_text(check);
    if (record != NULL)
        expand(check, record->data);
    mv_trace_leave(check->trace);
    /* a fault of the explanation is not the reason of the result */
    check->result.section = section;
    check->result.reason = reason;
}
