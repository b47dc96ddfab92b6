#include "core/ops/spf_senders.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/config/network.h"
#include "core/spf/macro.h"
#include "core/text/domain.h"

#define MAX_SHOWN_BYTES 60

static bool has(struct mv_bytes word, unsigned char c)
{
    return mv_bytes_find(word, c) < word.len;
}

static struct mv_bytes shown(struct mv_bytes word)
{
    return mv_bytes_all(word, MV_ASCII_VCHAR) ? mv_bytes_slice(word, 0, MAX_SHOWN_BYTES)
                                              : MV_BYTES("a word with bytes that are not ASCII");
}

static enum mv_code no_memory(struct mv_error *error)
{
    return mv_error_set(error, MV_ERR_MEMORY, "no memory for the list of senders");
}

static enum mv_code add_network(struct mv_arena *arena, struct mv_spf_senders *senders, const struct mv_ip *ip,
                                unsigned bits, struct mv_error *error)
{
    if (senders->networks.count >= MV_SPF_SENDERS_MAX)
        return mv_error_set(error, MV_ERR_LIMIT, "more than %d networks", MV_SPF_SENDERS_MAX);
    return mv_spf_networks_add(arena, &senders->networks, ip, bits) ? MV_OK : no_memory(error);
}

static enum mv_code add_other(struct mv_arena *arena, struct mv_spf_senders *senders,
                              const struct mv_spf_sender *sender, struct mv_error *error)
{
    struct mv_spf_sender *others;

    for (size_t i = 0; i < senders->other_count; i++)
        if (senders->others[i].kind == sender->kind && senders->others[i].is_named == sender->is_named &&
            mv_bytes_equal(senders->others[i].domain, sender->domain))
            return MV_OK;
    if (senders->other_count >= MV_SPF_SENDERS_MAX)
        return mv_error_set(error, MV_ERR_LIMIT, "more than %d hosts and includes", MV_SPF_SENDERS_MAX);
    others = mv_arena_grow(arena, senders->others, senders->other_count, sizeof *others);
    if (others == NULL)
        return no_memory(error);
    others[senders->other_count++] = *sender;
    senders->others = others;
    return MV_OK;
}

static enum mv_code add_host(struct mv_arena *arena, struct mv_spf_senders *senders, struct mv_bytes word,
                             struct mv_error *error)
{
    struct mv_spf_sender sender = {.kind = MV_SPF_TERM_A, .is_named = true};
    enum mv_code code = mv_domain_parse(arena, word, &sender.domain);
    unsigned uses;

    if (code == MV_ERR_MEMORY)
        return no_memory(error);
    if (code != MV_OK || mv_spf_domain_spec_fault(sender.domain, &uses) != NULL)
        return mv_error_set(error, MV_ERR_SYNTAX, "'%.*s' is neither an address nor a host name", MV_ARG(shown(word)));
    return add_other(arena, senders, &sender, error);
}

/* What stands behind the colon, prefixes included, in lower case. */
static enum mv_code add_named(struct mv_arena *arena, struct mv_spf_senders *senders, const struct mv_spf_term *term,
                              struct mv_error *error)
{
    struct mv_spf_sender sender = {.kind = term->kind, .is_named = term->domain_spec.len > 0};
    size_t skipped = term->name.len + (term->domain_spec.len > 0 ? 1 : 0) + (term->text.data[0] == '+' ? 1 : 0);
    struct mv_bytes rest = mv_bytes_slice(term->text, skipped, term->text.len);
    unsigned char *lower = mv_arena_alloc(arena, rest.len);

    if (lower == NULL)
        return no_memory(error);
    for (size_t i = 0; i < rest.len; i++)
        lower[i] = has(rest, '%') ? rest.data[i] : mv_ascii_lower(rest.data[i]);
    sender.domain = mv_bytes_of(lower, rest.len);
    if (mv_bytes_has_suffix_nocase(sender.domain, MV_BYTES(".")))
        sender.domain.len--;
    if (term->kind == MV_SPF_TERM_INCLUDE)
        sender.provider = mv_spf_provider_of_include(sender.domain);
    return add_other(arena, senders, &sender, error);
}

static enum mv_code add_term(struct mv_arena *arena, struct mv_spf_senders *senders, const struct mv_spf_term *term,
                             struct mv_error *error)
{
    switch (term->kind) {
    case MV_SPF_TERM_IP4:
        return add_network(arena, senders, &term->network, term->prefix4_bits, error);
    case MV_SPF_TERM_IP6:
        return add_network(arena, senders, &term->network, term->prefix6_bits, error);
    case MV_SPF_TERM_A:
    case MV_SPF_TERM_MX:
    case MV_SPF_TERM_INCLUDE:
    case MV_SPF_TERM_EXISTS:
        return add_named(arena, senders, term, error);
    default:
        return mv_error_set(error, MV_ERR_SYNTAX, "'%.*s' names no sender: give addresses, hosts, mx and providers",
                            MV_ARG(shown(term->text)));
    }
}

/* A word that is written as a term of SPF. */
static enum mv_code add_as_term(struct mv_arena *arena, struct mv_spf_senders *senders, struct mv_bytes word,
                                struct mv_error *error)
{
    struct mv_bytes parts[] = {MV_BYTES("v=spf1 "), word}, text;
    struct mv_spf_record record;
    struct mv_spf_fault fault;
    struct mv_spf_term term;
    struct mv_cursor walk;

    if (!mv_arena_join(arena, parts, 2, &text))
        return no_memory(error);
    if (!mv_spf_record_parse(text, &record, &fault))
        return mv_error_set(error, MV_ERR_SYNTAX, "'%.*s': %s", MV_ARG(shown(word)), fault.reason);
    walk = mv_spf_record_walk(&record);
    if (!mv_spf_record_next(&walk, &term))
        return mv_error_set(error, MV_ERR_SYNTAX, "an empty word names no sender");
    if (term.qualifier != '+')
        return mv_error_set(error, MV_ERR_SYNTAX, "'%.*s' names no sender: give it without a qualifier",
                            MV_ARG(shown(word)));
    return add_term(arena, senders, &term, error);
}

static enum mv_code add_provider(struct mv_arena *arena, struct mv_spf_senders *senders,
                                 const struct mv_spf_provider *provider, struct mv_error *error)
{
    struct mv_spf_sender sender = {MV_SPF_TERM_INCLUDE, true, mv_bytes_str(provider->include), provider};

    return add_other(arena, senders, &sender, error);
}

/* One label: "mx", "a", or a provider. */
static enum mv_code add_label(struct mv_arena *arena, struct mv_spf_senders *senders, struct mv_bytes word,
                              struct mv_error *error)
{
    const struct mv_spf_provider *provider = mv_spf_provider_find(word);

    if (provider != NULL)
        return add_provider(arena, senders, provider, error);
    if (mv_bytes_equal_nocase(word, MV_BYTES("mx")) || mv_bytes_equal_nocase(word, MV_BYTES("a")))
        return add_as_term(arena, senders, word, error);
    return mv_error_set(error, MV_ERR_SYNTAX,
                        "'%.*s' is no provider that is known ('mailvouch spf build --list-providers'), and no full "
                        "host name; the record that a provider documents is given as include:NAME",
                        MV_ARG(shown(word)));
}

enum mv_code mv_spf_senders_add(struct mv_arena *arena, struct mv_spf_senders *senders, struct mv_bytes word,
                                struct mv_error *error)
{
    struct mv_network network;

    switch (mv_network_parse(word, &network)) {
    case MV_NETWORK_OK:
        return add_network(arena, senders, &network.ip, network.prefix_bits, error);
    case MV_NETWORK_LENGTH:
        return mv_error_set(error, MV_ERR_SYNTAX, "'%.*s': the prefix length is 0 to 32 for IPv4 and 0 to 128 for IPv6",
                            MV_ARG(shown(word)));
    case MV_NETWORK_HOST_BITS:
        return mv_error_set(error, MV_ERR_SYNTAX,
                            "'%.*s' has bits behind the prefix: is one address meant, or the network?",
                            MV_ARG(shown(word)));
    case MV_NETWORK_SYNTAX:
        break;
    }
    if (has(word, ':') || has(word, '/') || has(word, '='))
        return add_as_term(arena, senders, word, error);
    if (!has(word, '.'))
        return add_label(arena, senders, word, error);
    return add_host(arena, senders, word, error);
}

static bool is_between(int c)
{
    return mv_ascii_is(c, MV_ASCII_FWS) || c == ',';
}

static enum mv_code read_line(struct mv_arena *arena, struct mv_bytes line, struct mv_spf_senders *senders,
                              struct mv_error *error)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_slice(line, 0, mv_bytes_find(line, '#')));
    enum mv_code code = MV_OK;

    while (code == MV_OK) {
        struct mv_cursor start;

        while (is_between(mv_cursor_peek(&c)))
            mv_cursor_next(&c);
        if (mv_cursor_left(&c) == 0)
            break;
        start = c;
        while (mv_cursor_left(&c) > 0 && !is_between(mv_cursor_peek(&c)))
            mv_cursor_next(&c);
        code = mv_spf_senders_add(arena, senders, mv_cursor_since(&c, &start), error);
    }
    return code;
}

enum mv_code mv_spf_senders_read(struct mv_arena *arena, struct mv_bytes text, struct mv_spf_senders *senders,
                                 struct mv_error *error)
{
    struct mv_cursor c = mv_cursor_of(text);

    for (unsigned line = 1; mv_cursor_left(&c) > 0; line++) {
        struct mv_error why = {MV_OK, ""};
        enum mv_code code = read_line(arena, mv_cursor_take_until(&c, '\n'), senders, &why);

        if (code != MV_OK)
            return mv_error_set(error, code, "%u: %s", line, why.text);
        mv_cursor_next(&c);
    }
    return MV_OK;
}
