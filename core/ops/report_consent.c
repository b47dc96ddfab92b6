#include "core/ops/report_consent.h"

#include "core/base/trace.h"
#include "core/dmarc/walk.h"
#include "core/text/domain.h"

/* Between "//" and what ends a host (RFC 3986 3.2), user and port cut off. */
static struct mv_bytes host_of_authority(struct mv_bytes rest)
{
    struct mv_bytes authority = mv_bytes_slice(rest, 2, rest.len);
    size_t at;

    authority = mv_bytes_slice(authority, 0, mv_bytes_find(authority, '/'));
    authority = mv_bytes_slice(authority, 0, mv_bytes_find(authority, '?'));
    authority = mv_bytes_slice(authority, 0, mv_bytes_find(authority, '#'));
    at = mv_bytes_find(authority, '@');
    if (at < authority.len)
        authority = mv_bytes_slice(authority, at + 1, authority.len);
    return mv_bytes_slice(authority, 0, mv_bytes_find(authority, ':'));
}

bool mv_report_uri_host(struct mv_arena *arena, struct mv_bytes uri, struct mv_bytes *host_r)
{
    size_t colon = mv_bytes_find(uri, ':');
    struct mv_bytes rest = mv_bytes_slice(uri, colon + 1, uri.len);
    struct mv_bytes host;

    *host_r = mv_bytes_str(NULL);
    if (mv_bytes_equal_nocase(mv_bytes_slice(uri, 0, colon), MV_BYTES("mailto"))) {
        host = mv_bytes_slice(rest, 0, mv_bytes_find(rest, '?'));
        host = mv_bytes_slice(host, mv_bytes_find_last(host, '@') + 1, host.len);
    } else if (mv_bytes_has_prefix_nocase(rest, MV_BYTES("//"))) {
        host = host_of_authority(rest);
    } else {
        return false;
    }
    return mv_domain_normalize(arena, host, host_r);
}

/* RFC 9990 4: a text with the version first, whatever else it says. */
static bool has_record(const struct mv_dns_answer *answer)
{
    struct mv_dmarc_record record;

    for (size_t i = 0; i < answer->count; i++)
        if (mv_dmarc_record_parse(answer->records[i].data, &record))
            return true;
    return false;
}

/* RFC 9990 4: another address takes the place of the one that was asked for, but only at the same host. */
static bool leads_elsewhere(struct mv_arena *arena, const struct mv_dns_answer *answer, const char *tag,
                            struct mv_bytes host)
{
    struct mv_dmarc_record record;
    struct mv_bytes other;

    for (size_t i = 0; i < answer->count; i++) {
        bool ruf = mv_bytes_equal(mv_bytes_str(tag), MV_BYTES("ruf"));

        if (!mv_dmarc_record_parse(answer->records[i].data, &record))
            continue;
        for (size_t j = 0; j < (ruf ? record.ruf_count : record.rua_count); j++)
            if (mv_report_uri_host(arena, ruf ? record.ruf[j] : record.rua[j], &other) && !mv_bytes_equal(other, host))
                return true;
    }
    return false;
}

/* Empty when no record has another address, or two have different ones. */
static struct mv_bytes replacement(const struct mv_dns_answer *answer, const char *tag)
{
    bool ruf = mv_bytes_equal(mv_bytes_str(tag), MV_BYTES("ruf"));
    struct mv_bytes uri = mv_bytes_str(NULL);
    struct mv_dmarc_record record;

    for (size_t i = 0; i < answer->count; i++) {
        if (!mv_dmarc_record_parse(answer->records[i].data, &record))
            continue;
        if ((ruf ? record.ruf_count : record.rua_count) == 0)
            continue;
        if (uri.len > 0 && !mv_bytes_equal(uri, ruf ? record.ruf[0] : record.rua[0]))
            return mv_bytes_str(NULL);
        uri = ruf ? record.ruf[0] : record.rua[0];
    }
    return uri;
}

static enum mv_consent consent_of(struct mv_arena *arena, const struct mv_dns_answer *answer, const char *tag,
                                  struct mv_bytes host)
{
    if (mv_dns_is_error(answer->status))
        return MV_CONSENT_UNKNOWN;
    if (!has_record(answer))
        return MV_CONSENT_MISSING;
    return leads_elsewhere(arena, answer, tag, host) ? MV_CONSENT_ELSEWHERE : MV_CONSENT_GIVEN;
}

static enum mv_code ask(struct mv_arena *arena, struct mv_bytes policy_domain, const char *tag, struct mv_memo *memo,
                        struct mv_consent_check *check)
{
    char *name = mv_arena_printf(arena, "%.*s._report._dmarc.%.*s", MV_ARG(policy_domain), MV_ARG(check->host));
    char *wildcard = mv_arena_printf(arena, "*._report._dmarc.%.*s", MV_ARG(check->host));
    const struct mv_dns_answer *answer, *any;

    if (name == NULL || wildcard == NULL)
        return MV_ERR_MEMORY;
    check->name = mv_bytes_str(name);
    check->consent = MV_CONSENT_TOO_LONG;
    if (!mv_domain_is_askable(check->name))
        return MV_OK;
    mv_memo_prefetch(memo, mv_bytes_str(wildcard), MV_DNS_TXT);
    answer = mv_memo_ask(memo, check->name, MV_DNS_TXT);
    if (answer == NULL)
        return mv_memo_miss(memo);
    check->consent = consent_of(arena, answer, tag, check->host);
    if (check->consent != MV_CONSENT_GIVEN)
        return MV_OK;
    if (!mv_arena_copy(arena, replacement(answer, tag), &check->uri))
        return MV_ERR_MEMORY;
    any = mv_memo_ask(memo, mv_bytes_str(wildcard), MV_DNS_TXT);
    if (any == NULL)
        return mv_memo_miss(memo);
    check->by_wildcard = has_record(any);
    return MV_OK;
}

enum mv_code mv_report_consent_check(struct mv_arena *arena, struct mv_bytes policy_domain, const char *tag,
                                     struct mv_bytes uri, bool suffix_hardening, struct mv_memo *memo,
                                     struct mv_consent_check *check_r)
{
    struct mv_dmarc_walk ours, theirs;
    enum mv_code code, other;

    *check_r = (struct mv_consent_check){.consent = MV_CONSENT_NO_HOST};
    if (!mv_report_uri_host(arena, uri, &check_r->host))
        return MV_OK;
    check_r->consent = MV_CONSENT_NOT_NEEDED;
    if (mv_bytes_equal(check_r->host, policy_domain))
        return MV_OK;
    code = mv_dmarc_walk_run(arena, policy_domain, suffix_hardening, memo, NULL, &ours);
    other = mv_dmarc_walk_run(arena, check_r->host, suffix_hardening, memo, NULL, &theirs);
    if (code != MV_OK || other != MV_OK)
        return code != MV_OK ? code : other;
    if (ours.org_domain.len > 0 && mv_bytes_equal(ours.org_domain, theirs.org_domain))
        return MV_OK;
    code = ask(arena, policy_domain, tag, memo, check_r);
    /* Without both Organizational Domains it is not known that a record is needed at all. */
    if (code == MV_OK && check_r->consent == MV_CONSENT_MISSING &&
        (ours.error != MV_DNS_FOUND || theirs.error != MV_DNS_FOUND))
        check_r->consent = MV_CONSENT_UNKNOWN;
    return code;
}
