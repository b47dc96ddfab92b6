/* Terms that cannot be read (RFC 7208 4.6.1, 12), and texts that are no record. */
#include "core/ops/spf_lint_run.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"

#define MAX_STRING_BYTES 255 /* RFC 1035 3.3 */
#define BROKEN "One term that cannot be read makes the whole record a permerror: it then vouches for no mail at all, " \
               "and some receivers refuse it. "

static const struct mv_finding_kind not_a_record = {
    "spf-not-a-record", MV_SEVERITY_ERROR, "RFC 7208 4.5",
    "An SPF record begins with v=spf1 and a space. This text is nothing to a receiver."};
static const struct mv_finding_kind version = {
    "spf-version", MV_SEVERITY_ERROR, "RFC 7208 4.5",
    "This seems to be meant as SPF, but does not begin with v=spf1 and a space, so that receivers pass over it. "
    "Write exactly that at the beginning."};
static const struct mv_finding_kind sender_id = {
    "spf-sender-id", MV_SEVERITY_WARNING, "RFC 7208 C.3",
    "Records of Sender ID (spf2.0) are read by nobody any more. Take it out, and publish v=spf1 beside the rest."};
static const struct mv_finding_kind rr_type = {
    "spf-rr-type", MV_SEVERITY_ERROR, "RFC 7208 3.1",
    "The record type SPF is given up: receivers ask for TXT alone. Publish the same text as TXT."};
static const struct mv_finding_kind string_long = {
    "spf-string-too-long", MV_SEVERITY_ERROR, "RFC 7208 3.3",
    "One character-string holds 255 bytes at most: a name server refuses the zone, or cuts it. Write several "
    "strings, each in quotes; they are joined without a space."};
static const struct mv_finding_kind string_joint = {
    "spf-string-joint", MV_SEVERITY_WARNING, "RFC 7208 3.3",
    "Strings are joined without a space between them, and two terms grow into one here. End the first string, or "
    "begin the second, with a space."};
static const struct mv_finding_kind quotes = {
    "spf-quotes", MV_SEVERITY_ERROR, "RFC 7208 3.3",
    BROKEN "Quotes belong to the zone file, not to the text: some web forms add them by themselves, and then they "
           "stand twice."};
static const struct mv_finding_kind too_long = {
    "spf-too-long", MV_SEVERITY_ERROR, "RFC 7208 3.4",
    "No receiver has to read a record of this size. Name networks through an include of your own."};
static const struct mv_finding_kind bad_byte = {
    "spf-byte", MV_SEVERITY_ERROR, "RFC 7208 4.6.1",
    BROKEN "A record holds printable ASCII only, and spaces between terms: no tabs, no typographic dashes or quotes; "
           "domains in their xn-- form."};
static const struct mv_finding_kind separator = {
    "spf-separator", MV_SEVERITY_ERROR, "RFC 7208 4.6.1",
    BROKEN "Terms stand apart by spaces, not by commas or semicolons."};
static const struct mv_finding_kind unknown_mechanism = {
    "spf-unknown-mechanism", MV_SEVERITY_ERROR, "RFC 7208 4.6.1",
    BROKEN "There are all, include, a, mx, ptr, ip4, ip6 and exists."};
static const struct mv_finding_kind modifier_as_mechanism = {
    "spf-modifier-as-mechanism", MV_SEVERITY_ERROR, "RFC 7208 6",
    BROKEN "redirect and exp are written with an equals sign."};
static const struct mv_finding_kind modifier_qualifier = {
    "spf-modifier-qualifier", MV_SEVERITY_ERROR, "RFC 7208 6",
    BROKEN "A modifier takes no + - ~ or ? before it."};
static const struct mv_finding_kind modifier_twice = {
    "spf-modifier-twice", MV_SEVERITY_ERROR, "RFC 7208 6",
    BROKEN "redirect= and exp= may stand once each."};
static const struct mv_finding_kind address = {
    "spf-address", MV_SEVERITY_ERROR, "RFC 7208 5.6",
    BROKEN "ip4 takes four numbers from 0 to 255, ip6 an address with colons, each with a prefix length or without; "
           "ranges and wildcards there are none."};
static const struct mv_finding_kind prefix = {
    "spf-prefix", MV_SEVERITY_ERROR, "RFC 7208 5.6",
    BROKEN "A prefix length is 0 to 32 for IPv4 and 0 to 128 for IPv6, without a zero in front; a and mx take the "
           "one for IPv6 behind two slashes."};
static const struct mv_finding_kind address_as_domain = {
    "spf-address-as-domain", MV_SEVERITY_ERROR, "RFC 7208 5.3",
    BROKEN "A host is named by a:, an address by ip4: or ip6:."};
static const struct mv_finding_kind domain_missing = {
    "spf-domain-missing", MV_SEVERITY_ERROR, "RFC 7208 5.2",
    BROKEN "include and exists need a domain, right behind the colon, without a space."};
static const struct mv_finding_kind domain_syntax = {
    "spf-domain-syntax", MV_SEVERITY_ERROR, "RFC 7208 7.1",
    BROKEN "A domain here has at least two labels, and the last is no number: no address of a web page, no path, no "
           "placeholder."};
static const struct mv_finding_kind macro_syntax = {
    "spf-macro-syntax", MV_SEVERITY_ERROR, "RFC 7208 7.1",
    BROKEN "Macros are %{letter}, with digits, r and delimiters behind the letter; a percent sign is written %%."};
static const struct mv_finding_kind trailing = {
    "spf-trailing", MV_SEVERITY_ERROR, "RFC 7208 4.6.1",
    BROKEN "Something stands behind a mechanism that it does not take."};
static const struct mv_finding_kind term_syntax = {
    "spf-term-syntax", MV_SEVERITY_ERROR, "RFC 7208 4.6.1",
    BROKEN "A term begins with a letter, or with + - ~ or ? and a letter."};

/* What people write instead. */
static const struct {
    struct mv_bytes typed;
    const char *meant;
} mistakes[] = {
#define ROW(typed, meant) {{(const unsigned char *)typed, sizeof typed - 1}, meant}
    ROW("ipv4", "ip4"),        ROW("ip", "ip4 or ip6"),   ROW("ipv6", "ip6"),          ROW("includes", "include"),
    ROW("inlcude", "include"), ROW("incude", "include"),  ROW("incldue", "include"),   ROW("inculde", "include"),
    ROW("exist", "exists"),    ROW("host", "a"),          ROW("aaaa", "a, which covers IPv6 too"),
    ROW("server", "a"),        ROW("domain", "include"),  ROW("al", "all"),            ROW("alll", "all"),
    ROW("a1l", "all"),         ROW("mxs", "mx"),          ROW("ip4v", "ip4"),          ROW("cname", "a"),
    ROW("redirct", "redirect="), ROW("spf", "include"),
#undef ROW
};

static const char *meant_by(struct mv_bytes name)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        if (mv_bytes_equal_nocase(mistakes[i].typed, name))
            return mistakes[i].meant;
    return NULL;
}

static struct mv_bytes name_of(struct mv_bytes term)
{
    struct mv_cursor c = mv_cursor_of(term), start;

    if (mv_cursor_peek(&c) == '+' || mv_cursor_peek(&c) == '-' || mv_cursor_peek(&c) == '~' ||
        mv_cursor_peek(&c) == '?')
        mv_cursor_next(&c);
    start = c;
    mv_cursor_take_while(&c, MV_ASCII_LDH);
    return mv_cursor_since(&c, &start);
}

static bool is_modifier_name(struct mv_bytes name)
{
    return mv_bytes_equal_nocase(name, MV_BYTES("redirect")) || mv_bytes_equal_nocase(name, MV_BYTES("exp"));
}

static const struct mv_finding_kind *kind_of_unknown(struct mv_bytes term)
{
    return is_modifier_name(name_of(term)) ? &modifier_as_mechanism : &unknown_mechanism;
}

static const struct mv_finding_kind *kind_of_rest(struct mv_bytes term)
{
    return mv_bytes_find(term, '%') < term.len ? &macro_syntax : &domain_syntax;
}

/* By what the term holds, before what the parser stumbled over. */
static const struct mv_finding_kind *kind_of_typing(struct mv_bytes term)
{
    if (mv_bytes_find(term, '"') < term.len)
        return &quotes;
    if (!mv_bytes_all(term, MV_ASCII_VCHAR))
        return &bad_byte;
    if (mv_bytes_find(term, ';') < term.len || mv_bytes_has_suffix_nocase(term, MV_BYTES(",")))
        return &separator;
    return NULL;
}

static const struct mv_finding_kind *kind_of(const struct mv_spf_fault *fault)
{
    const struct mv_finding_kind *typing = kind_of_typing(fault->term);

    if (fault->kind == MV_SPF_FAULT_LONG)
        return &too_long;
    if (typing != NULL)
        return typing;
    switch (fault->kind) {
    case MV_SPF_FAULT_UNKNOWN:
        return kind_of_unknown(fault->term);
    case MV_SPF_FAULT_QUALIFIER:
        return &modifier_qualifier;
    case MV_SPF_FAULT_TWICE:
        return &modifier_twice;
    case MV_SPF_FAULT_TRAILING:
        return &trailing;
    case MV_SPF_FAULT_NO_DOMAIN:
        return &domain_missing;
    case MV_SPF_FAULT_PREFIX:
        return &prefix;
    case MV_SPF_FAULT_ADDRESS:
        return &address;
    case MV_SPF_FAULT_ADDRESS_AS_DOMAIN:
        return &address_as_domain;
    case MV_SPF_FAULT_NAME:
        return &term_syntax;
    default:
        return kind_of_rest(fault->term);
    }
}

void mv_spf_lint_faults(struct mv_spf_lint *lint)
{
    for (size_t i = 0; i < lint->root->fault_count; i++) {
        const struct mv_spf_fault *fault = &lint->root->faults[i];
        const char *meant = fault->kind == MV_SPF_FAULT_UNKNOWN ? meant_by(name_of(fault->term)) : NULL;

        if (meant != NULL)
            mv_findings_add(lint->findings, kind_of(fault), lint->root->domain, "%.*s: did you mean %s?",
                            MV_ARG(fault->term), meant);
        else
            mv_findings_add(lint->findings, kind_of(fault), lint->root->domain, "%.*s%s%s", MV_ARG(fault->term),
                            fault->term.len == 0 ? "" : ": ", fault->reason);
    }
}

bool mv_spf_is_meant(struct mv_bytes text)
{
    struct mv_bytes trimmed = mv_bytes_trim(text);
    struct mv_cursor c = mv_cursor_of(trimmed);

    while (mv_cursor_accept(&c, '"') || mv_cursor_accept(&c, ' '))
        continue;
    return mv_cursor_accept_nocase(&c, MV_BYTES("v=spf")) || mv_cursor_accept_nocase(&c, MV_BYTES("v = spf")) ||
           mv_cursor_accept_nocase(&c, MV_BYTES("v=sfp")) || mv_cursor_accept_nocase(&c, MV_BYTES("spf1 ")) ||
           mv_cursor_accept_nocase(&c, MV_BYTES("spf=")) || mv_cursor_accept_nocase(&c, MV_BYTES("v:spf")) ||
           mv_cursor_accept_nocase(&c, MV_BYTES("v=spf1"));
}

void mv_spf_lint_version(struct mv_findings *findings, struct mv_bytes domain, struct mv_bytes text)
{
    if (mv_bytes_has_prefix_nocase(text, MV_BYTES("spf2.0/")))
        mv_findings_add(findings, &sender_id, domain, "%.*s", MV_ARG(text));
    else if (mv_spf_is_meant(text))
        mv_findings_add(findings, &version, domain, "%.*s", MV_ARG(text));
    else
        mv_findings_add(findings, &not_a_record, domain, "%.*s", MV_ARG(text));
}

/* Does a term begin where the second string begins, and no space stands before it? */
static bool grows_together(struct mv_bytes text, size_t joint)
{
    static const struct mv_bytes names[] = {
#define ROW(name) {(const unsigned char *)name, sizeof name - 1}
        ROW("include:"), ROW("ip4:"), ROW("ip6:"), ROW("a:"), ROW("mx:"), ROW("exists:"), ROW("redirect="), ROW("mx "),
        ROW("a "), ROW("-all"), ROW("~all"), ROW("?all"), ROW("+"),
#undef ROW
    };
    struct mv_bytes behind = mv_bytes_slice(text, joint, text.len);

    if (joint == 0 || joint >= text.len || text.data[joint - 1] == ' ')
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (mv_bytes_has_prefix_nocase(behind, names[i]))
            return true;
    return false;
}

void mv_spf_lint_joint(struct mv_findings *findings, struct mv_bytes domain, struct mv_bytes text, size_t from,
                       size_t joint)
{
    /* What was cut at 255 bytes was cut by a program, out of one text. */
    if (joint - from < MAX_STRING_BYTES && grows_together(text, joint))
        mv_findings_add(findings, &string_joint, domain, "a string begins with %.*s",
                        MV_ARG(mv_bytes_slice(text, joint, joint + 12)));
}

bool mv_spf_lint_text(const struct mv_spf_text *text, struct mv_bytes domain, struct mv_findings *findings)
{
    if (text->is_spf_type)
        mv_findings_add(findings, &rr_type, domain, "%s", "");
    if (text->longest_bytes > MAX_STRING_BYTES)
        mv_findings_add(findings, &string_long, domain, "a string of %zu bytes", text->longest_bytes);
    for (size_t i = 0; i + 1 < text->string_count; i++)
        mv_spf_lint_joint(findings, domain, text->text, i == 0 ? 0 : text->ends[i - 1], text->ends[i]);
    if (mv_spf_record_is(text->text))
        return true;
    mv_spf_lint_version(findings, domain, text->text);
    return false;
}
