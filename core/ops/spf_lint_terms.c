/* Term by term: what is read otherwise than it was meant, or costs more than it is worth. */
#include "core/ops/spf_lint_run.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"

static const struct mv_finding_kind ptr = {
    "spf-ptr", MV_SEVERITY_WARNING, "RFC 7208 5.5",
    "ptr is slow, depends on who runs the reverse zone, and is not to be published; some receivers skip it. Name the "
    "networks, or the hosts with a:."};
static const struct mv_finding_kind macro_ptr = {
    "spf-macro-ptr", MV_SEVERITY_WARNING, "RFC 7208 7.2",
    "%{p} costs as much as ptr, a lookup of its own, and is not to be published either. Use %{i}."};
static const struct mv_finding_kind duplicate = {
    "spf-duplicate", MV_SEVERITY_WARNING, "RFC 7208 4.6.4",
    "The term stands twice. The second never matches, and when it asks DNS it costs a lookup again. Delete it."};
static const struct mv_finding_kind as_modifier = {
    "spf-mechanism-as-modifier", MV_SEVERITY_ERROR, "RFC 7208 6",
    "With an equals sign this is an unknown modifier, which receivers ignore without a word: it lists nobody. Write "
    "a colon."};
static const struct mv_finding_kind unknown_modifier = {
    "spf-unknown-modifier", MV_SEVERITY_NOTE, "RFC 7208 6",
    "Receivers ignore a modifier that they do not know. Delete it unless somebody needs it."};
static const struct mv_finding_kind exp_note = {
    "spf-exp", MV_SEVERITY_NOTE, "RFC 7208 6.2",
    "exp= shows a text of yours to those whose mail is refused; most receivers do not, and it costs them a question."};
static const struct mv_finding_kind exists_fixed = {
    "spf-exists-fixed", MV_SEVERITY_WARNING, "RFC 7208 5.7",
    "exists without a macro of the mail matches everybody or nobody, as long as the name is there. Use a: for a "
    "host; with %{i} in the name it looks the client up."};
static const struct mv_finding_kind upper_case = {
    "spf-upper-case", MV_SEVERITY_NOTE, "RFC 7208 4.6.1",
    "Mechanisms and domains are read in either case, but some receivers and many tools know lower case only."};
static const struct mv_finding_kind macro_upper_case = {
    "spf-macro-upper-case", MV_SEVERITY_WARNING, "RFC 7208 7.3",
    "A macro in upper case is escaped as for a web address: in a name of DNS that is right for nothing. Write the "
    "letter in lower case."};
static const struct mv_finding_kind macro_sender = {
    "spf-macro-sender", MV_SEVERITY_NOTE, "RFC 7208 11.5.3",
    "With %{s}, %{l} or %{h} the result differs from mail to mail, resolvers cannot keep the answers, and who runs "
    "the name servers sees who writes."};
static const struct mv_finding_kind trailing_dot = {
    "spf-trailing-dot", MV_SEVERITY_NOTE, "RFC 7208 7.1",
    "The final dot of the domain is allowed, and does nothing; some receivers stumble over it. Leave it out."};
static const struct mv_finding_kind include_qualifier = {
    "spf-include-qualifier", MV_SEVERITY_WARNING, "RFC 7208 5.2",
    "An include with - or ~ refuses those whom the other record lets pass. It does not make the other record "
    "stricter: that is what the all of this record is for."};
static const struct mv_finding_kind negative = {
    "spf-negative", MV_SEVERITY_NOTE, "RFC 7208 4.6.2",
    "The term refuses hosts before the rest is looked at. That is of use only when a later term would let them pass."};
static const struct mv_finding_kind order = {
    "spf-order", MV_SEVERITY_NOTE, "RFC 7208 4.6.4",
    "Terms are looked at from left to right, and a network costs no lookup. Put ip4 and ip6 first, so that most mail "
    "is judged before anything is asked."};

static bool has_upper(struct mv_bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (mv_ascii_lower(text.data[i]) != text.data[i])
            return true;
    return false;
}

/* Is there a macro of one of these letters? */
static bool has_macro(struct mv_bytes spec, struct mv_bytes letters)
{
    struct mv_cursor c = mv_cursor_of(spec);

    while (mv_cursor_left(&c) > 0)
        if (mv_cursor_next(&c) == '%' && mv_cursor_next(&c) == '{' &&
            mv_bytes_find(letters, (unsigned char)mv_cursor_next(&c)) < letters.len)
            return true;
    return false;
}

/* A domain in upper case is one thing, a macro another. */
static bool has_upper_outside_macros(struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);

    while (mv_cursor_left(&c) > 0) {
        if (has_upper(mv_cursor_take_until(&c, '%')))
            return true;
        mv_cursor_next(&c);
        if (mv_cursor_accept(&c, '{'))
            mv_cursor_take_until(&c, '}');
    }
    return false;
}

static void add(struct mv_spf_lint *lint, const struct mv_finding_kind *kind, const struct mv_spf_term *term)
{
    mv_findings_add(lint->findings, kind, lint->root->domain, "%.*s", MV_ARG(term->text));
}

static void check_modifier(struct mv_spf_lint *lint, const struct mv_spf_term *term)
{
    static const struct mv_bytes mechanisms[] = {
#define ROW(name) {(const unsigned char *)name, sizeof name - 1}
        ROW("include"), ROW("a"), ROW("mx"), ROW("ptr"), ROW("ip4"), ROW("ip6"), ROW("exists"), ROW("all"), ROW("ipv4"),
#undef ROW
    };

    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (mv_bytes_equal_nocase(term->name, mechanisms[i])) {
            add(lint, &as_modifier, term);
            return;
        }
    add(lint, &unknown_modifier, term);
}

static void check_kind(struct mv_spf_lint *lint, const struct mv_spf_tree_term *term)
{
    bool refuses = term->term.qualifier == '-' || term->term.qualifier == '~';

    switch (term->term.kind) {
    case MV_SPF_TERM_PTR:
        add(lint, &ptr, &term->term);
        break;
    case MV_SPF_TERM_OTHER:
        check_modifier(lint, &term->term);
        return;
    case MV_SPF_TERM_EXP:
        add(lint, &exp_note, &term->term);
        return;
    case MV_SPF_TERM_EXISTS:
        if (mv_bytes_find(term->term.domain_spec, '%') == term->term.domain_spec.len)
            add(lint, &exists_fixed, &term->term);
        break;
    case MV_SPF_TERM_INCLUDE:
        if (refuses)
            add(lint, &include_qualifier, &term->term);
        return;
    default:
        break;
    }
    if (refuses && term->term.kind != MV_SPF_TERM_ALL)
        add(lint, &negative, &term->term);
}

static void check_domain(struct mv_spf_lint *lint, const struct mv_spf_term *term)
{
    struct mv_bytes spec = term->domain_spec;

    if (has_upper(term->name) || has_upper_outside_macros(spec))
        add(lint, &upper_case, term);
    if (has_macro(spec, MV_BYTES("SLODIPVH")))
        add(lint, &macro_upper_case, term);
    if (has_macro(spec, MV_BYTES("slhSLH")))
        add(lint, &macro_sender, term);
    if (has_macro(spec, MV_BYTES("pP")))
        add(lint, &macro_ptr, term);
    if (term->kind != MV_SPF_TERM_OTHER && mv_bytes_has_suffix_nocase(spec, MV_BYTES(".")))
        add(lint, &trailing_dot, term);
}

static bool is_same(const struct mv_spf_term *a, const struct mv_spf_term *b)
{
    unsigned bits = a->network.family == MV_IP_V4 ? 32 : 128;

    if (a->kind != b->kind || a->qualifier != b->qualifier || a->prefix4_bits != b->prefix4_bits ||
        a->prefix6_bits != b->prefix6_bits || !mv_bytes_equal_nocase(a->domain_spec, b->domain_spec))
        return false;
    return a->network.family == MV_IP_NONE || mv_ip_in_prefix(&a->network, &b->network, bits);
}

static void check_duplicates(struct mv_spf_lint *lint)
{
    const struct mv_spf_tree_term *terms = lint->root->terms;

    for (size_t i = 1; i < lint->root->term_count; i++)
        for (size_t j = 0; j < i; j++) {
            if (terms[i].term.qualifier == '\0' || terms[i].term.kind == MV_SPF_TERM_ALL ||
                !is_same(&terms[i].term, &terms[j].term))
                continue;
            add(lint, &duplicate, &terms[i].term);
            break;
        }
}

static void check_order(struct mv_spf_lint *lint)
{
    bool asked = false;

    for (size_t i = 0; i < lint->root->term_count; i++) {
        enum mv_spf_kind kind = lint->root->terms[i].term.kind;

        if (asked && (kind == MV_SPF_TERM_IP4 || kind == MV_SPF_TERM_IP6)) {
            mv_findings_add(lint->findings, &order, lint->root->domain, "%.*s stands behind terms that ask DNS",
                            MV_ARG(lint->root->terms[i].term.text));
            return;
        }
        asked = asked || (mv_spf_term_asks(kind) && kind != MV_SPF_TERM_REDIRECT);
    }
}

void mv_spf_lint_terms(struct mv_spf_lint *lint)
{
    if (has_upper(mv_bytes_slice(lint->root->text, 0, sizeof "v=spf1" - 1)))
        mv_findings_add(lint->findings, &upper_case, lint->root->domain, "%.*s",
                        MV_ARG(mv_bytes_slice(lint->root->text, 0, sizeof "v=spf1" - 1)));
    for (size_t i = 0; i < lint->root->term_count; i++) {
        check_kind(lint, &lint->root->terms[i]);
        check_domain(lint, &lint->root->terms[i].term);
    }
    check_duplicates(lint);
    check_order(lint);
}
