#include "core/ops/public_suffix.h"

#include "core/base/ascii.h"
#include "core/text/domain.h"

/* One rule without its mark: "co.uk", of "*.ck" and "!www.ck" the rest. */
struct rule {
    struct mv_bytes name;
    bool is_wildcard, is_exception;
};

/* Up to the first white space; comments and empty lines are no rules. */
static bool next_rule(struct mv_cursor *c, struct rule *rule_r)
{
    while (mv_cursor_left(c) > 0) {
        struct mv_bytes line = mv_cursor_take_until(c, '\n');
        struct mv_cursor in = mv_cursor_of(line);

        mv_cursor_accept(c, '\n');
        *rule_r = (struct rule){.is_exception = mv_cursor_accept(&in, '!')};
        rule_r->is_wildcard = mv_cursor_accept_nocase(&in, MV_BYTES("*."));
        rule_r->name = mv_cursor_take_while(&in, MV_ASCII_VCHAR | MV_ASCII_UTF8);
        if (rule_r->name.len > 0 && !mv_bytes_has_prefix_nocase(line, MV_BYTES("//")))
            return true;
    }
    return false;
}

/* How many labels of the domain the rule makes a suffix; 0: it says nothing. */
static size_t match(const struct rule *rule, struct mv_bytes domain)
{
    size_t labels = mv_domain_labels(rule->name);

    if (!mv_domain_is_within(domain, rule->name))
        return 0;
    if (rule->is_exception)
        return labels - 1;
    if (!rule->is_wildcard)
        return labels;
    return mv_domain_labels(domain) > labels ? labels + 1 : 0;
}

/* Names in the list are U-labels; only a domain with A-labels can be one of those. */
static bool has_alabel(struct mv_bytes domain)
{
    struct mv_cursor c = mv_cursor_of(domain);

    do {
        if (mv_bytes_has_prefix_nocase(mv_cursor_take_until(&c, '.'), MV_BYTES("xn--")))
            return true;
    } while (mv_cursor_accept(&c, '.'));
    return false;
}

struct mv_bytes mv_public_suffix_org(struct mv_arena *arena, struct mv_bytes list, struct mv_bytes domain)
{
    struct mv_cursor c = mv_cursor_of(list);
    bool international = has_alabel(domain);
    size_t suffix = 1; /* a name that no rule knows: its last label */
    struct rule rule;

    while (next_rule(&c, &rule)) {
        size_t labels;

        if (!mv_bytes_all(rule.name, MV_ASCII_VCHAR) &&
            (!international || !mv_domain_normalize(arena, rule.name, &rule.name)))
            continue;
        labels = match(&rule, domain);
        if (rule.is_exception && labels > 0) {
            suffix = labels;
            break;
        }
        suffix = labels > suffix ? labels : suffix;
    }
    return mv_domain_suffix(domain, suffix + 1);
}
