#include "core/spf/check.h"
#include "core/text/domain.h"

/* MV_SPF_MATCH: there are PTR records. An error of DNS is as good as none (RFC 7208 5.5). */
static enum mv_spf_match ask_names(struct mv_spf_check *check, const struct mv_dns_answer **answer_r)
{
    const struct mv_dns_answer *answer;
    struct mv_bytes name;

    mv_buf_reset(&check->scratch);
    mv_ip_print_reverse(&check->request->ip, &check->scratch);
    if (mv_buf_failed(&check->scratch) || !mv_arena_copy(check->arena, mv_buf_bytes(&check->scratch), &name))
        return mv_spf_abort(check, MV_ERR_MEMORY);
    answer = mv_spf_ask(check, name, MV_DNS_PTR);
    if (answer == NULL)
        return MV_SPF_UNKNOWN;
    if (mv_dns_is_error(answer->status))
        return MV_SPF_NO_MATCH;
    if (answer->count == 0)
        return mv_spf_count_void(check);
    *answer_r = answer;
    return MV_SPF_MATCH;
}

/* RFC 7208 5.5: the name's addresses hold the client's. An error skips the name. */
static enum mv_spf_match confirm(struct mv_spf_check *check, struct mv_bytes name)
{
    const struct mv_dns_answer *answer = mv_spf_ask(check, name, mv_spf_address_type(check));
    const struct mv_ip *client = &check->request->ip;
    struct mv_ip ip;

    if (answer == NULL)
        return MV_SPF_UNKNOWN;
    if (answer->count == 0)
        return mv_dns_is_error(answer->status) ? MV_SPF_NO_MATCH : mv_spf_count_void(check);
    for (size_t i = 0; i < answer->count; i++)
        if (mv_ip_from_octets(answer->records[i].data, &ip) &&
            mv_ip_in_prefix(client, &ip, client->family == MV_IP_V4 ? 32 : 128))
            return MV_SPF_MATCH;
    return MV_SPF_NO_MATCH;
}

/* RFC 7208 4.6.4: names past the tenth are ignored, and are nobody's fault. */
static size_t names_to_use(const struct mv_dns_answer *answer)
{
    return answer->count < MV_SPF_MAX_PTR_NAMES ? answer->count : MV_SPF_MAX_PTR_NAMES;
}

/* A name that does not end in the target cannot match, so it is not asked for. */
enum mv_spf_match mv_spf_ptr_match(struct mv_spf_check *check, struct mv_bytes target)
{
    const struct mv_dns_answer *answer;
    enum mv_spf_match match = ask_names(check, &answer);

    if (match != MV_SPF_MATCH)
        return match;
    match = MV_SPF_NO_MATCH;
    for (size_t i = 0; i < names_to_use(answer); i++) {
        enum mv_spf_match confirmed;

        if (!mv_domain_is_within(answer->records[i].data, target))
            continue;
        confirmed = confirm(check, answer->records[i].data);
        if (confirmed == MV_SPF_MATCH || confirmed == MV_SPF_THROW)
            return confirmed;
        if (confirmed == MV_SPF_UNKNOWN)
            match = MV_SPF_UNKNOWN;
    }
    return match;
}

/* RFC 7208 7.3: the domain itself, else a name below it, else any. */
static unsigned rank(struct mv_bytes name, struct mv_bytes domain)
{
    if (mv_domain_equal(name, domain))
        return 3;
    return mv_domain_is_within(name, domain) ? 2 : 1;
}

enum mv_spf_match mv_spf_ptr_name(struct mv_spf_check *check, struct mv_bytes domain, struct mv_bytes *name_r)
{
    const struct mv_dns_answer *answer;
    enum mv_spf_match match = ask_names(check, &answer);
    unsigned best = 0;
    bool known = true;

    *name_r = MV_BYTES("unknown");
    if (match == MV_SPF_NO_MATCH)
        return MV_SPF_MATCH;
    if (match != MV_SPF_MATCH)
        return match;
    for (size_t i = 0; i < names_to_use(answer); i++) {
        struct mv_bytes name = answer->records[i].data;

        match = confirm(check, name);
        if (match == MV_SPF_THROW)
            return match;
        known = known && match != MV_SPF_UNKNOWN;
        if (match == MV_SPF_MATCH && rank(name, domain) > best) {
            best = rank(name, domain);
            *name_r = name;
        }
    }
    return known ? MV_SPF_MATCH : MV_SPF_UNKNOWN;
}
