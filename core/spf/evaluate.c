#include "core/spf/evaluate.h"

#include "core/spf/check.h"

static enum mv_spf_code code_of(char qualifier)
{
    switch (qualifier) {
    case '+': return MV_SPF_PASS;
    case '-': return MV_SPF_FAIL;
    case '~': return MV_SPF_SOFTFAIL;
    default: return MV_SPF_NEUTRAL;
    }
}

/* What matched inside an include is not what matched for the message. */
static enum mv_spf_code accept_match(struct mv_spf_check *check, const struct mv_spf_host *host,
                                     const struct mv_spf_term *term)
{
    enum mv_spf_code code = code_of(term->qualifier);

    mv_trace_note(check->trace, mv_spf_term_section(term->kind), "%.*s matches: %s", MV_ARG(term->text),
                  mv_spf_code_text(code));
    if (check->include_depth == 0) {
        check->result.mechanism = term->text;
        check->result.mechanism_domain = host->domain;
        check->result.section = mv_spf_term_section(term->kind);
        check->exp = host->record.exp;
        check->exp_domain = host->domain;
    }
    return code;
}

/* RFC 7208 6.1: the target's result is the result; no record there is a permerror. */
static enum mv_spf_code follow_redirect(struct mv_spf_check *check, const struct mv_spf_host *host)
{
    const struct mv_spf_term *redirect = &host->record.redirect;
    enum mv_spf_match match = mv_spf_spend(check, redirect);
    enum mv_spf_code code;
    struct mv_bytes name;

    if (match == MV_SPF_MATCH)
        match = mv_spf_target(check, host->domain, redirect, &name);
    if (match == MV_SPF_THROW)
        return check->thrown;
    if (match != MV_SPF_MATCH)
        return MV_SPF_NEUTRAL;
    mv_trace_note(check->trace, "RFC 7208 6.1", "%.*s takes over: lookup %u of %u", MV_ARG(redirect->text),
                  check->result.lookups, (unsigned)MV_SPF_MAX_LOOKUPS);
    code = mv_spf_check_host(check, name);
    if (code != MV_SPF_NONE)
        return code;
    mv_spf_throw(check, MV_SPF_PERMERROR, "RFC 7208 6.1",
                 mv_arena_printf(check->arena, "redirect= leads to %.*s, which has no SPF record",
                                 MV_ARG(mv_spf_name_in_reason(name))));
    return check->thrown;
}

static bool is_network(const struct mv_spf_term *term)
{
    return term->kind == MV_SPF_TERM_IP4 || term->kind == MV_SPF_TERM_IP6;
}

/* Networks that do not hold the client, in one line. */
static void trace_networks(struct mv_spf_check *check, const struct mv_cursor *from, const struct mv_cursor *to)
{
    struct mv_bytes networks = mv_bytes_trim(mv_cursor_since(to, from));

    if (networks.len > 0)
        mv_trace_note(check->trace, "RFC 7208 5.6", "%.*s: no match", MV_ARG(networks));
}

/* RFC 7208 4.7 */
static enum mv_spf_code no_term_matches(struct mv_spf_check *check, const struct mv_spf_host *host)
{
    if (host->record.redirect.kind != MV_SPF_TERM_ABSENT)
        return follow_redirect(check, host);
    mv_trace_note(check->trace, "RFC 7208 4.7", "nothing matches, and there is no redirect=: neutral");
    if (check->include_depth == 0) {
        check->result.reason = "nothing in the record matches the client";
        check->result.section = "RFC 7208 4.7";
    }
    return MV_SPF_NEUTRAL;
}

/* RFC 7208 4.6.2: terms from left to right, the first match decides. */
static enum mv_spf_code evaluate_terms(struct mv_spf_check *check, const struct mv_spf_host *host)
{
    struct mv_cursor walk = mv_spf_record_walk(&host->record), start = walk, networks = walk;
    struct mv_spf_term term;

    for (; mv_spf_record_next(&walk, &term); start = walk) {
        enum mv_spf_match match;

        if (!is_network(&term))
            trace_networks(check, &networks, &start);
        match = mv_spf_match_term(check, host, &term);
        if (match == MV_SPF_MATCH) {
            if (is_network(&term))
                trace_networks(check, &networks, &start);
            return accept_match(check, host, &term);
        }
        if (match == MV_SPF_THROW)
            return check->thrown;
        if (!is_network(&term))
            networks = walk;
    }
    trace_networks(check, &networks, &walk);
    return no_term_matches(check, host);
}

static enum mv_spf_code evaluate_record(struct mv_spf_check *check, struct mv_bytes domain, struct mv_bytes text)
{
    struct mv_spf_host host = {.domain = domain};
    enum mv_spf_code code;

    mv_trace_enter(check->trace, "RFC 7208 4.5", "%.*s says: %.*s", MV_ARG(domain), MV_ARG(text));
    if (mv_spf_read_record(check, domain, text, &host.record) == MV_SPF_MATCH)
        code = evaluate_terms(check, &host);
    else
        code = check->thrown;
    mv_trace_leave(check->trace);
    return code;
}

enum mv_spf_code mv_spf_check_host(struct mv_spf_check *check, struct mv_bytes domain)
{
    const char *reason;
    struct mv_bytes text;

    switch (mv_spf_find_record(check, domain, &text, &reason)) {
    case MV_SPF_MATCH:
        return evaluate_record(check, domain, text);
    case MV_SPF_NO_MATCH:
        mv_trace_note(check->trace, "RFC 7208 4.5", "%.*s: %s", MV_ARG(domain), reason);
        check->result.reason = reason;
        check->result.section = "RFC 7208 4.5";
        return MV_SPF_NONE;
    case MV_SPF_THROW:
        return check->thrown;
    default:
        return MV_SPF_NEUTRAL; /* not known yet: for an include this is no match, so that it goes on */
    }
}

/* RFC 7208 2.4: of the MAIL FROM identity, or of postmaster@HELO. */
static enum mv_spf_code check_identity(struct mv_spf_check *check)
{
    const char *reason;

    if (mv_spf_identify(check, &reason)) {
        mv_trace_note(check->trace, "RFC 7208 2.4", "may %.*s send for %.*s?", MV_ARG(check->values.ip_text),
                      MV_ARG(check->values.sender));
        return mv_spf_check_host(check, check->result.domain);
    }
    check->result.reason = reason;
    check->result.section = "RFC 7208 4.3";
    mv_trace_note(check->trace, "RFC 7208 4.3", "none: %s", reason);
    return MV_SPF_NONE;
}

enum mv_code mv_spf_evaluate(struct mv_arena *arena, const struct mv_spf_request *request, struct mv_memo *memo,
                             struct mv_trace *trace, struct mv_spf_result *result_r)
{
    struct mv_spf_check check = {
        .arena = arena,
        .memo = memo,
        .trace = trace,
        .request = request,
        .void_is_counted = true, /* the first record is asked for outside every limit (RFC 7208 4.6.4) */
    };

    mv_buf_init(&check.scratch, SIZE_MAX);
    check.result.code = check_identity(&check);
    /* not asked ahead: most mail passes, and then nobody needs it (RFC 7208 6.2) */
    if (check.result.code == MV_SPF_FAIL && check.status == MV_OK)
        mv_spf_explain(&check);
    mv_trace_note(check.trace, check.result.section, "result: %s", mv_spf_code_text(check.result.code));
    mv_buf_free(&check.scratch);
    *result_r = check.result;
    return check.status;
}
