#include "core/spf/record.h"

#include "core/base/ascii.h"
#include "core/spf/macro.h"

#define MAX_PREFIX4_BITS 32
#define MAX_PREFIX6_BITS 128

enum domain_rule { DOMAIN_NEVER, DOMAIN_MAY, DOMAIN_MUST };

/* What may stand behind a mechanism's name (RFC 7208 12). */
struct mechanism {
    struct mv_bytes name;
    enum mv_spf_kind kind;
    enum domain_rule domain;
    bool takes_prefix;
    bool asks;
    const char *section;
};

#define NAME(s) {(const unsigned char *)s, sizeof s - 1}

static const struct mechanism mechanisms[] = {
    {NAME("all"), MV_SPF_TERM_ALL, DOMAIN_NEVER, false, false, "RFC 7208 5.1"},
    {NAME("include"), MV_SPF_TERM_INCLUDE, DOMAIN_MUST, false, true, "RFC 7208 5.2"},
    {NAME("a"), MV_SPF_TERM_A, DOMAIN_MAY, true, true, "RFC 7208 5.3"},
    {NAME("mx"), MV_SPF_TERM_MX, DOMAIN_MAY, true, true, "RFC 7208 5.4"},
    {NAME("ptr"), MV_SPF_TERM_PTR, DOMAIN_MAY, false, true, "RFC 7208 5.5"},
    {NAME("ip4"), MV_SPF_TERM_IP4, DOMAIN_NEVER, true, false, "RFC 7208 5.6"},
    {NAME("ip6"), MV_SPF_TERM_IP6, DOMAIN_NEVER, true, false, "RFC 7208 5.6"},
    {NAME("exists"), MV_SPF_TERM_EXISTS, DOMAIN_MUST, false, true, "RFC 7208 5.7"},
};

static const char fault_long[] = "it is longer than 16384 bytes";
static const char fault_byte[] = "a byte is not printable ASCII";
static const char fault_name[] = "a term does not begin with a name";
static const char fault_qualifier[] = "a modifier has a qualifier";
static const char fault_unknown[] = "a mechanism is unknown";
static const char fault_trailing[] = "a mechanism is followed by what does not belong to it";
static const char fault_domain[] = "a mechanism needs a domain";
static const char fault_prefix[] = "a prefix length is wrong";
static const char fault_ip4[] = "an IPv4 address is wrong";
static const char fault_ip6[] = "an IPv6 address is wrong";
static const char fault_address[] = "an IP address stands where a domain belongs: ip4 or ip6 is meant";
static const char fault_redirect[] = "redirect= stands twice";
static const char fault_exp[] = "exp= stands twice";
static const char section_record[] = "RFC 7208 4.6.1";

static enum mv_spf_fault_kind fault_kind(const char *reason)
{
    static const struct {
        const char *reason;
        enum mv_spf_fault_kind kind;
    } kinds[] = {
        {fault_long, MV_SPF_FAULT_LONG},           {fault_byte, MV_SPF_FAULT_BYTE},
        {fault_name, MV_SPF_FAULT_NAME},           {fault_qualifier, MV_SPF_FAULT_QUALIFIER},
        {fault_unknown, MV_SPF_FAULT_UNKNOWN},     {fault_trailing, MV_SPF_FAULT_TRAILING},
        {fault_domain, MV_SPF_FAULT_NO_DOMAIN},    {fault_prefix, MV_SPF_FAULT_PREFIX},
        {fault_ip4, MV_SPF_FAULT_ADDRESS},         {fault_ip6, MV_SPF_FAULT_ADDRESS},
        {fault_redirect, MV_SPF_FAULT_TWICE},      {fault_exp, MV_SPF_FAULT_TWICE},
        {fault_address, MV_SPF_FAULT_ADDRESS_AS_DOMAIN},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (reason == kinds[i].reason)
            return kinds[i].kind;
    return MV_SPF_FAULT_OTHER;
}

static const struct mechanism *mechanism_of(enum mv_spf_kind kind)
{
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (mechanisms[i].kind == kind)
            return &mechanisms[i];
    return NULL;
}

static const struct mechanism *mechanism_named(struct mv_bytes name)
{
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (mv_bytes_equal_nocase(mechanisms[i].name, name))
            return &mechanisms[i];
    return NULL;
}

bool mv_spf_term_asks(enum mv_spf_kind kind)
{
    const struct mechanism *mechanism = mechanism_of(kind);

    return mechanism == NULL ? kind == MV_SPF_TERM_REDIRECT : mechanism->asks;
}

const char *mv_spf_term_section(enum mv_spf_kind kind)
{
    const struct mechanism *mechanism = mechanism_of(kind);

    if (mechanism != NULL)
        return mechanism->section;
    if (kind == MV_SPF_TERM_REDIRECT)
        return "RFC 7208 6.1";
    return kind == MV_SPF_TERM_EXP ? "RFC 7208 6.2" : "RFC 7208 6";
}

/* RFC 7208 12: "0", or digits without a leading zero. */
static bool parse_prefix(struct mv_bytes digits, unsigned max_bits, unsigned *bits_r)
{
    uint64_t bits;

    if (!mv_bytes_to_uint(digits, max_bits, &bits) || (digits.len > 1 && digits.data[0] == '0'))
        return false;
    *bits_r = (unsigned)bits;
    return true;
}

/* Takes "/" and digits off the end of *text; false when it does not end so. */
static bool cut_prefix(struct mv_bytes *text, struct mv_bytes *digits_r)
{
    size_t slash = mv_bytes_find_last(*text, '/');
    struct mv_bytes digits = mv_bytes_slice(*text, slash + 1, text->len);

    if (slash == text->len || !mv_bytes_all(digits, MV_ASCII_DIGIT))
        return false;
    *digits_r = digits;
    *text = mv_bytes_slice(*text, 0, slash);
    return true;
}

/*
 * dual-cidr-length = [ "/" ip4 ] [ "//" ip6 ], cut off the end: a domain-spec
 * may hold slashes, but ends in a top label or a macro.
 */
static const char *cut_dual_prefix(struct mv_bytes *text, struct mv_spf_term *term)
{
    struct mv_bytes digits;

    if (!cut_prefix(text, &digits))
        return NULL;
    if (mv_bytes_has_suffix_nocase(*text, MV_BYTES("/"))) {
        *text = mv_bytes_slice(*text, 0, text->len - 1);
        if (!parse_prefix(digits, MAX_PREFIX6_BITS, &term->prefix6_bits))
            return fault_prefix;
        if (!cut_prefix(text, &digits))
            return NULL;
    }
    return parse_prefix(digits, MAX_PREFIX4_BITS, &term->prefix4_bits) ? NULL : fault_prefix;
}

/* A frequent mistake that deserves its own words. */
static bool is_address(struct mv_bytes text)
{
    struct mv_ip ip;

    return mv_ip_parse(text, &ip);
}

static const char *parse_domain_spec(struct mv_bytes text, struct mv_spf_term *term)
{
    const char *fault = mv_spf_domain_spec_fault(text, &term->uses);

    term->domain_spec = text;
    return fault != NULL && is_address(text) ? fault_address : fault;
}

/* ip4-network: four numbers, nothing left out. */
static const char *parse_network4(struct mv_bytes text, struct mv_spf_term *term)
{
    struct mv_cursor c = mv_cursor_of(text);

    mv_cursor_take_while(&c, MV_ASCII_DIGIT);
    if (mv_cursor_peek(&c) != '.' || !mv_ip_parse(text, &term->network) || term->network.family != MV_IP_V4)
        return fault_ip4;
    return NULL;
}

/* The network of a mapped address holds no client: such a client is IPv4 (RFC 7208 5). */
static struct mv_ip unmap(struct mv_ip ip)
{
    struct mv_ip mapped = {.family = MV_IP_V6, .octets = {[10] = 0xff, [11] = 0xff}};

    if (ip.family != MV_IP_V4)
        return ip;
    for (size_t i = 0; i < 4; i++)
        mapped.octets[12 + i] = ip.octets[i];
    return mapped;
}

static const char *parse_network6(struct mv_bytes text, struct mv_spf_term *term)
{
    struct mv_cursor c = mv_cursor_of(text);

    mv_cursor_take_while(&c, MV_ASCII_HEX);
    if (mv_cursor_peek(&c) != ':' || !mv_ip_parse(text, &term->network))
        return fault_ip6;
    term->network = unmap(term->network);
    return NULL;
}

/* ":" network [ "/" digits ] */
static const char *parse_network(struct mv_bytes text, struct mv_spf_term *term)
{
    bool is_ip4 = term->kind == MV_SPF_TERM_IP4;
    struct mv_bytes digits;

    if (!mv_bytes_has_prefix_nocase(text, MV_BYTES(":")))
        return is_ip4 ? fault_ip4 : fault_ip6;
    text = mv_bytes_slice(text, 1, text.len);
    if (cut_prefix(&text, &digits)) {
        bool good = is_ip4 ? parse_prefix(digits, MAX_PREFIX4_BITS, &term->prefix4_bits)
                           : parse_prefix(digits, MAX_PREFIX6_BITS, &term->prefix6_bits);

        if (!good)
            return fault_prefix;
    }
    return is_ip4 ? parse_network4(text, term) : parse_network6(text, term);
}

/* [ ":" domain-spec ] [ dual-cidr-length ], as far as the mechanism takes them. */
static const char *parse_target(struct mv_bytes text, const struct mechanism *mechanism, struct mv_spf_term *term)
{
    const char *fault = mechanism->takes_prefix ? cut_dual_prefix(&text, term) : NULL;

    if (fault != NULL)
        return fault;
    if (text.len == 0)
        return mechanism->domain == DOMAIN_MUST ? fault_domain : NULL;
    if (mechanism->domain == DOMAIN_NEVER || !mv_bytes_has_prefix_nocase(text, MV_BYTES(":")))
        return fault_trailing;
    return parse_domain_spec(mv_bytes_slice(text, 1, text.len), term);
}

static const char *parse_mechanism(struct mv_bytes argument, struct mv_spf_term *term)
{
    const struct mechanism *mechanism = mechanism_named(term->name);

    if (mechanism == NULL)
        return fault_unknown;
    term->kind = mechanism->kind;
    term->prefix4_bits = MAX_PREFIX4_BITS;
    term->prefix6_bits = MAX_PREFIX6_BITS;
    if (term->kind == MV_SPF_TERM_IP4 || term->kind == MV_SPF_TERM_IP6)
        return parse_network(argument, term);
    return parse_target(argument, mechanism, term);
}

/* RFC 7208 6: redirect and exp take a domain-spec, any other modifier a macro-string. */
static const char *parse_modifier(struct mv_bytes value, struct mv_spf_term *term)
{
    term->kind = MV_SPF_TERM_OTHER;
    if (mv_bytes_equal_nocase(term->name, MV_BYTES("redirect")))
        term->kind = MV_SPF_TERM_REDIRECT;
    else if (mv_bytes_equal_nocase(term->name, MV_BYTES("exp")))
        term->kind = MV_SPF_TERM_EXP;
    else {
        term->domain_spec = value;
        return mv_spf_macro_fault(value, MV_SPF_MACRO_IN_DOMAIN, &term->uses);
    }
    return parse_domain_spec(value, term);
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ) */
static struct mv_bytes take_name(struct mv_cursor *c)
{
    struct mv_cursor start = *c;

    if (mv_ascii_is(mv_cursor_peek(c), MV_ASCII_ALPHA))
        do
            mv_cursor_take_while(c, MV_ASCII_LDH);
        while (mv_cursor_accept(c, '.'));
    return mv_cursor_since(c, &start);
}

static char take_qualifier(struct mv_cursor *c)
{
    switch (mv_cursor_peek(c)) {
    case '+':
    case '-':
    case '~':
    case '?':
        return (char)mv_cursor_next(c);
    default:
        return '\0';
    }
}

/* RFC 7208 4.6.1: a name and "=" make a modifier, everything else is a mechanism. */
static const char *parse_term(struct mv_bytes text, struct mv_spf_term *term_r)
{
    struct mv_cursor c = mv_cursor_of(text);

    *term_r = (struct mv_spf_term){.text = text, .qualifier = take_qualifier(&c)};
    term_r->name = take_name(&c);
    if (term_r->name.len == 0)
        return fault_name;
    if (mv_cursor_accept(&c, '='))
        return term_r->qualifier == '\0' ? parse_modifier(mv_cursor_rest(&c), term_r) : fault_qualifier;
    if (term_r->qualifier == '\0')
        term_r->qualifier = '+';
    return parse_mechanism(mv_cursor_rest(&c), term_r);
}

bool mv_spf_record_is(struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);

    return mv_cursor_accept_nocase(&c, MV_BYTES("v=spf1")) && (mv_cursor_left(&c) == 0 || mv_cursor_peek(&c) == ' ');
}

/* Terms are separated by spaces, and by nothing else (RFC 7208 4.6.1). */
static bool next_text(struct mv_cursor *walk, struct mv_bytes *text_r)
{
    while (mv_cursor_accept(walk, ' '))
        continue;
    *text_r = mv_cursor_take_until(walk, ' ');
    return text_r->len > 0;
}

/* RFC 7208 6: redirect and exp stand at most once. */
static const char *keep_modifiers(struct mv_spf_record *record, const struct mv_spf_term *term)
{
    if (term->kind == MV_SPF_TERM_REDIRECT) {
        if (record->redirect.kind != MV_SPF_TERM_ABSENT)
            return fault_redirect;
        record->redirect = *term;
    }
    if (term->kind == MV_SPF_TERM_EXP) {
        if (record->exp.kind != MV_SPF_TERM_ABSENT)
            return fault_exp;
        record->exp = *term;
    }
    return NULL;
}

static const char *check_term(struct mv_spf_record *record, struct mv_bytes text, struct mv_spf_term *term_r)
{
    const char *reason = parse_term(text, term_r);

    if (!mv_bytes_all(text, MV_ASCII_VCHAR)) {
        term_r->kind = MV_SPF_TERM_ABSENT;
        return fault_byte;
    }
    return reason == NULL ? keep_modifiers(record, term_r) : reason;
}

struct mv_cursor mv_spf_record_walk(const struct mv_spf_record *record)
{
    struct mv_cursor walk = mv_cursor_of(record->text);

    mv_cursor_accept_nocase(&walk, MV_BYTES("v=spf1"));
    return walk;
}

bool mv_spf_record_next(struct mv_cursor *walk, struct mv_spf_term *term_r)
{
    struct mv_bytes text;

    return next_text(walk, &text) && parse_term(text, term_r) == NULL;
}

bool mv_spf_record_parse(struct mv_bytes text, struct mv_spf_record *record_r, struct mv_spf_fault *fault_r)
{
    struct mv_cursor walk;
    struct mv_spf_term term;

    *record_r = (struct mv_spf_record){.text = text};
    *fault_r = (struct mv_spf_fault){.kind = MV_SPF_FAULT_LONG, .reason = fault_long, .section = "RFC 7208 3.4"};
    if (text.len > MV_SPF_MAX_RECORD_BYTES)
        return false;
    walk = mv_spf_record_walk(record_r);
    while (next_text(&walk, &fault_r->term)) {
        fault_r->reason = check_term(record_r, fault_r->term, &term);
        fault_r->section = term.kind == MV_SPF_TERM_ABSENT ? section_record : mv_spf_term_section(term.kind);
        fault_r->kind = fault_kind(fault_r->reason);
        if (fault_r->reason != NULL)
            return false;
        record_r->term_count++;
        record_r->has_all |= term.kind == MV_SPF_TERM_ALL;
    }
    return true;
}

/* Addresses and domain, without prefixes. */
static void print_argument(const struct mv_spf_term *term, struct mv_buf *out)
{
    if (term->qualifier == '\0')
        mv_buf_putc(out, '=');
    else if (term->domain_spec.len > 0 || term->network.family != MV_IP_NONE)
        mv_buf_putc(out, ':');
    if (term->network.family != MV_IP_NONE)
        mv_ip_print(&term->network, out);
    mv_buf_put(out, term->domain_spec);
}

static void print_prefixes(const struct mv_spf_term *term, struct mv_buf *out)
{
    if (term->qualifier == '\0')
        return;
    if (term->prefix4_bits != MAX_PREFIX4_BITS)
        mv_buf_printf(out, "/%u", term->prefix4_bits);
    if (term->prefix6_bits != MAX_PREFIX6_BITS)
        mv_buf_printf(out, "%s%u", term->kind == MV_SPF_TERM_IP6 ? "/" : "//", term->prefix6_bits);
}

void mv_spf_term_print(const struct mv_spf_term *term, struct mv_buf *out)
{
    if (term->qualifier != '\0' && term->qualifier != '+')
        mv_buf_putc(out, (unsigned char)term->qualifier);
    mv_buf_put_lower(out, term->name);
    print_argument(term, out);
    print_prefixes(term, out);
}

void mv_spf_record_print(const struct mv_spf_record *record, struct mv_buf *out)
{
    struct mv_cursor walk = mv_spf_record_walk(record);
    struct mv_spf_term term;

    mv_buf_puts(out, "v=spf1");
    while (mv_spf_record_next(&walk, &term)) {
        mv_buf_putc(out, ' ');
        mv_spf_term_print(&term, out);
    }
}
