#include "core/spf/check.h"
#include "core/text/domain.h"

/* For SPF-DNS of failure reports (RFC 6591 3.2.6). The lookup limit keeps it below MV_SPF_MAX_RECORDS. */
static bool keep_record(struct mv_spf_check *check, struct mv_bytes domain, struct mv_bytes text)
{
    struct mv_spf_result *result = &check->result;

    if (check->records == NULL)
        check->records = mv_arena_array(check->arena, MV_SPF_MAX_RECORDS, sizeof *check->records);
    if (check->records == NULL || result->record_count >= MV_SPF_MAX_RECORDS)
        return false;
    check->records[result->record_count++] = (struct mv_spf_record_read){domain, text};
    result->records = check->records;
    return true;
}

/* RFC 7208 4.5: the one record that begins with the version; *count_r says how many do. */
static struct mv_bytes select_text(const struct mv_dns_answer *answer, size_t *count_r)
{
    struct mv_bytes text = {NULL, 0};

    *count_r = 0;
    for (size_t i = 0; i < answer->count; i++) {
        if (!mv_spf_record_is(answer->records[i].data))
            continue;
        text = answer->records[i].data;
        (*count_r)++;
    }
    return text;
}

enum mv_spf_match mv_spf_read_record(struct mv_spf_check *check, struct mv_bytes domain, struct mv_bytes text,
                                     struct mv_spf_record *record_r)
{
    struct mv_spf_fault fault;

    if (!keep_record(check, domain, text))
        return mv_spf_abort(check, MV_ERR_MEMORY);
    if (mv_spf_record_parse(text, record_r, &fault))
        return MV_SPF_MATCH;
    if (fault.term.len > 0)
        mv_trace_note(check->trace, fault.section, "the term \"%.*s\" cannot be read", MV_ARG(fault.term));
    return mv_spf_throw(check, MV_SPF_PERMERROR, fault.section,
                        mv_arena_printf(check->arena, "the SPF record of %.*s cannot be used: %s",
                                        MV_ARG(mv_spf_name_in_reason(domain)), fault.reason));
}

static enum mv_spf_match find_text(struct mv_spf_check *check, struct mv_bytes domain,
                                   const struct mv_dns_answer *answer, struct mv_bytes *text_r, const char **reason_r)
{
    size_t count;

    *text_r = select_text(answer, &count);
    *reason_r = "the domain publishes no SPF record";
    if (answer->status == MV_DNS_NXDOMAIN)
        *reason_r = "the domain does not exist";
    if (answer->count == 0)
        return mv_spf_count_void(check);
    if (count > 1)
        return mv_spf_throw(check, MV_SPF_PERMERROR, "RFC 7208 4.5",
                            mv_arena_printf(check->arena, "%.*s has %zu SPF records where one may be",
                                            MV_ARG(mv_spf_name_in_reason(domain)), count));
    return count == 1 ? MV_SPF_MATCH : MV_SPF_NO_MATCH;
}

enum mv_spf_match mv_spf_find_record(struct mv_spf_check *check, struct mv_bytes domain, struct mv_bytes *text_r,
                                     const char **reason_r)
{
    const struct mv_dns_answer *answer;

    /* RFC 7208 4.3 */
    if (!mv_domain_is_askable(domain) || mv_domain_labels(domain) < 2) {
        *reason_r = "the domain is malformed, or has one label only";
        return MV_SPF_NO_MATCH;
    }
    answer = mv_spf_ask(check, domain, MV_DNS_TXT);
    if (answer == NULL)
        return MV_SPF_UNKNOWN;
    if (mv_dns_is_error(answer->status))
        return mv_spf_throw_dns(check, "RFC 7208 4.4", domain, MV_DNS_TXT, answer);
    return find_text(check, domain, answer, text_r, reason_r);
}
