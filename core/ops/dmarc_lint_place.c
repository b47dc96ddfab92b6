/* The names around a record: is it where receivers look, alone, and meant for this name? (RFC 9989 4.5, 4.10) */
#include "core/ops/dmarc_lint_run.h"

#include "core/base/trace.h"
#include "core/text/domain.h"

#define NO_SUCH_LABEL "mailvouch-no-such-name" /* what a name is that only a wildcard makes */
#define SHOWN_BYTES 80

static const struct mv_finding_kind no_record = {
    "dmarc-no-record", MV_SEVERITY_ERROR, "RFC 9989 4.10.1",
    "No DMARC record applies to this domain: anybody may send in its name, you get no reports, and large receivers "
    "refuse bulk mail without one. Begin with p=none and read what the reports say."};
static const struct mv_finding_kind dns_error = {
    "dmarc-dns-error", MV_SEVERITY_ERROR, "RFC 9989 5.3.6",
    "DNS did not answer, so that it is not known what applies. Receivers that get no answer either defer the mail or "
    "judge it without a policy."};
static const struct mv_finding_kind several = {
    "dmarc-several-records", MV_SEVERITY_ERROR, "RFC 9989 4.10",
    "More than one DMARC record at one name: all of them are ignored. Keep one."};
static const struct mv_finding_kind other_text = {
    "dmarc-other-text", MV_SEVERITY_NOTE, "RFC 9989 4.5",
    "A text that is no DMARC record stands at this name. It does no harm, but makes answers longer; perhaps a wildcard "
    "puts it there."};
static const struct mv_finding_kind at_apex = {
    "dmarc-record-at-apex", MV_SEVERITY_WARNING, "RFC 9989 4.5",
    "A DMARC record stands at the domain itself, where no receiver looks for it: its name begins with _dmarc."};
static const struct mv_finding_kind no_underscore = {
    "dmarc-no-underscore", MV_SEVERITY_WARNING, "RFC 9989 4.5",
    "A DMARC record stands at dmarc. without the underscore, where no receiver looks for it."};
static const struct mv_finding_kind doubled = {
    "dmarc-doubled-name", MV_SEVERITY_WARNING, "RFC 9989 4.5",
    "A DMARC record stands at a name that ends in the domain twice: the panel of the DNS provider adds the domain by "
    "itself. Enter _dmarc alone."};
static const struct mv_finding_kind alias = {
    "dmarc-cname", MV_SEVERITY_NOTE, "RFC 9989 4.5",
    "The record is an alias: who runs its target sets your policy, and it goes when the target goes."};
static const struct mv_finding_kind dangling = {
    "dmarc-cname-dangling", MV_SEVERITY_ERROR, "RFC 9989 4.5",
    "The name is an alias of a name without a DMARC record: there is no policy, and who can register the target could "
    "set one for you."};
static const struct mv_finding_kind wildcard = {
    "dmarc-wildcard", MV_SEVERITY_WARNING, "RFC 9989 4.10",
    "A wildcard answers with a DMARC record for every name below: each subdomain then has a record of its own, sp and "
    "np "
    "of yours never apply, and the answer is not meant for that name. Take it out of the wildcard."};
static const struct mv_finding_kind np_unreachable = {
    "dmarc-np-unreachable", MV_SEVERITY_WARNING, "RFC 9989 A.4",
    "Names that nobody made seem to exist: a wildcard, or signing with compact denial (RFC 9824). np, which is asked "
    "for "
    "here, applies to names that do not exist only: let sp say the same."};
static const struct mv_finding_kind ttl_long = {
    "dmarc-ttl-long", MV_SEVERITY_NOTE, "",
    "A change of the policy takes so long to reach everybody. An hour is enough while policies change."};

struct names {
    struct mv_bytes own, apex, bare, twice, below, missing;
};

static struct mv_bytes prefixed(struct mv_dmarc_lint *lint, const char *prefix, struct mv_bytes domain)
{
    return mv_bytes_str(mv_arena_printf(lint->arena, "%s.%.*s", prefix, MV_ARG(domain)));
}

static bool make_names(struct mv_dmarc_lint *lint, struct names *names_r)
{
    names_r->own = prefixed(lint, "_dmarc", lint->domain);
    names_r->apex = lint->domain;
    names_r->bare = prefixed(lint, "dmarc", lint->domain);
    names_r->twice = mv_bytes_str(
        mv_arena_printf(lint->arena, "%.*s.%.*s", MV_ARG(names_r->own), MV_ARG(lint->domain)));
    names_r->below = prefixed(lint, "_dmarc." NO_SUCH_LABEL, lint->domain);
    names_r->missing = prefixed(lint, NO_SUCH_LABEL, lint->domain);
    return names_r->own.len > 0 && names_r->bare.len > 0 && names_r->twice.len > 0 && names_r->below.len > 0 &&
           names_r->missing.len > 0;
}

/* The first text that parses as a record, or NULL. */
static const struct mv_dns_record *first_record(const struct mv_dns_answer *answer)
{
    struct mv_dmarc_record record;

    for (size_t i = 0; i < answer->count; i++)
        if (mv_dmarc_record_parse(answer->records[i].data, &record))
            return &answer->records[i];
    return NULL;
}

static size_t count_records(const struct mv_dns_answer *answer)
{
    struct mv_dmarc_record record;
    size_t count = 0;

    for (size_t i = 0; i < answer->count; i++)
        count += mv_dmarc_record_parse(answer->records[i].data, &record) ? 1 : 0;
    return count;
}

/* What stands at _dmarc. of the domain. */
static void check_own(struct mv_dmarc_lint *lint, struct mv_bytes name, const struct mv_dns_answer *answer)
{
    size_t count = count_records(answer);
    struct mv_dmarc_record record;

    if (mv_dns_is_error(answer->status))
        mv_findings_add(lint->findings, &dns_error, name, "%s", mv_dns_status_text(answer->status));
    if (count > 1)
        mv_findings_add(lint->findings, &several, name, "%zu records", count);
    for (size_t i = 0; i < answer->count; i++) {
        struct mv_bytes text = answer->records[i].data;

        if (mv_dmarc_record_parse(text, &record))
            continue;
        if (mv_dmarc_is_meant(text))
            mv_dmarc_lint_record(lint->arena, name, text, lint->findings, &record);
        else
            mv_findings_add(lint->findings, &other_text, name, "\"%.*s\"%s",
                            MV_ARG(mv_bytes_slice(text, 0, SHOWN_BYTES)), text.len > SHOWN_BYTES ? "..." : "");
    }
    if (count == 1 && answer->ttl_secs > MV_DMARC_LONG_TTL_SECS)
        mv_findings_add(lint->findings, &ttl_long, name, "its time to live is %u seconds", answer->ttl_secs);
}

static void check_alias(struct mv_dmarc_lint *lint, struct mv_bytes name, const struct mv_dns_answer *cname,
                        const struct mv_dns_answer *text)
{
    if (cname->status != MV_DNS_FOUND || cname->count == 0 || mv_dns_is_error(text->status))
        return;
    mv_findings_add(lint->findings, first_record(text) != NULL ? &alias : &dangling, name, "it leads to %.*s",
                    MV_ARG(cname->records[0].data));
}

/* A record at a wrong name moves to the right one when that has none. */
static void check_elsewhere(struct mv_dmarc_lint *lint, const struct mv_finding_kind *kind, const struct names *names,
                            struct mv_bytes name, const struct mv_dns_answer *answer)
{
    const struct mv_dns_record *record = first_record(answer);

    if (record == NULL)
        return;
    mv_findings_add(lint->findings, kind, name, "%.*s", MV_ARG(record->data));
    if (mv_dmarc_walk_find(&lint->walk, lint->domain) == NULL)
        mv_findings_suggest(lint->findings, names->own, "TXT", record->data);
}

static void check_wildcard(struct mv_dmarc_lint *lint, const struct names *names, const struct mv_dns_answer *below,
                           const struct mv_dns_answer *missing)
{
    bool wants_np = lint->choice.found != NULL && lint->choice.found->record.np.state == MV_DMARC_TAG_VALID;
    struct mv_bytes star = prefixed(lint, "*", lint->domain);

    if (first_record(below) != NULL)
        mv_findings_add(lint->findings, &wildcard, star, "%.*s answers with %.*s", MV_ARG(names->below),
                        MV_ARG(first_record(below)->data));
    if (wants_np && (missing->status == MV_DNS_FOUND || missing->status == MV_DNS_NODATA))
        mv_findings_add(lint->findings, &np_unreachable, lint->domain, "%.*s seems to exist", MV_ARG(names->missing));
}

static void check_presence(struct mv_dmarc_lint *lint, const struct names *names)
{
    char *record;

    if (lint->choice.discovery == MV_DMARC_DNS_ERROR && lint->walk.name_count > 1)
        mv_findings_add(lint->findings, &dns_error, lint->walk.names[lint->walk.name_count - 1], "%s",
                        mv_dns_status_text(lint->walk.error));
    if (lint->choice.discovery != MV_DMARC_NO_RECORD)
        return;
    record = mv_arena_printf(lint->arena, "v=DMARC1; p=none; np=reject; rua=mailto:dmarc-reports@%.*s",
                             MV_ARG(lint->domain));
    mv_findings_add(lint->findings, &no_record, lint->domain, "%s", "");
    mv_findings_suggest(lint->findings, names->own, "TXT", mv_bytes_str(record));
}

/* All together, so that they travel together. */
static void ask_ahead(struct mv_memo *memo, const struct names *names)
{
    mv_memo_prefetch(memo, names->own, MV_DNS_TXT);
    mv_memo_prefetch(memo, names->own, MV_DNS_CNAME);
    mv_memo_prefetch(memo, names->apex, MV_DNS_TXT);
    mv_memo_prefetch(memo, names->bare, MV_DNS_TXT);
    mv_memo_prefetch(memo, names->twice, MV_DNS_TXT);
    mv_memo_prefetch(memo, names->below, MV_DNS_TXT);
    mv_memo_prefetch(memo, names->missing, MV_DNS_TXT);
}

enum mv_code mv_dmarc_lint_place(struct mv_dmarc_lint *lint)
{
    struct mv_memo *memo = lint->memo;
    const struct mv_dns_answer *own, *cname, *apex, *bare, *twice, *below, *missing;
    struct names names;

    if (!make_names(lint, &names))
        return MV_ERR_MEMORY;
    ask_ahead(memo, &names);
    own = mv_memo_ask(memo, names.own, MV_DNS_TXT);
    cname = mv_memo_ask(memo, names.own, MV_DNS_CNAME);
    apex = mv_memo_ask(memo, names.apex, MV_DNS_TXT);
    bare = mv_memo_ask(memo, names.bare, MV_DNS_TXT);
    twice = mv_memo_ask(memo, names.twice, MV_DNS_TXT);
    below = mv_memo_ask(memo, names.below, MV_DNS_TXT);
    missing = mv_memo_ask(memo, names.missing, MV_DNS_TXT);
    if (own == NULL || cname == NULL || apex == NULL || bare == NULL || twice == NULL || below == NULL ||
        missing == NULL)
        return mv_memo_miss(memo);
    check_presence(lint, &names);
    check_own(lint, names.own, own);
    check_alias(lint, names.own, cname, own);
    check_elsewhere(lint, &at_apex, &names, names.apex, apex);
    check_elsewhere(lint, &no_underscore, &names, names.bare, bare);
    check_elsewhere(lint, &doubled, &names, names.twice, twice);
    check_wildcard(lint, &names, below, missing);
    return MV_OK;
}
