#include "core/ops/source_facts.h"

#include "core/base/trace.h"
#include "core/text/domain.h"

struct finder {
    struct mv_arena *arena;
    struct mv_memo *memo;
    struct mv_bytes domain;
    int64_t now_secs;
};

/* Of two codes the one that ends more: an error, then missing DNS. */
static enum mv_code worse(enum mv_code a, enum mv_code b)
{
    if (a == MV_OK || (a == MV_NEED_DNS && b != MV_OK))
        return b;
    return a;
}

static enum mv_code leads_back(struct finder *finder, const struct mv_ip *ip, struct mv_bytes name, bool *back_r)
{
    enum mv_dns_type type = ip->family == MV_IP_V4 ? MV_DNS_A : MV_DNS_AAAA;
    const struct mv_dns_answer *answer = mv_memo_ask(finder->memo, name, type);

    if (answer == NULL)
        return mv_memo_miss(finder->memo);
    *back_r = false;
    for (size_t i = 0; i < answer->count; i++) {
        struct mv_ip other;

        if (mv_ip_from_octets(answer->records[i].data, &other) &&
            mv_ip_in_prefix(&other, ip, ip->family == MV_IP_V4 ? 32 : 128))
            *back_r = true;
    }
    return MV_OK;
}

static enum mv_code find_host(struct finder *finder, const struct mv_ip *ip, struct mv_bytes *host_r)
{
    const struct mv_dns_answer *answer;
    struct mv_bytes reverse;
    enum mv_code result = MV_OK;
    struct mv_buf name;
    bool copied;

    mv_buf_init(&name, MV_DOMAIN_MAX_BYTES);
    mv_ip_print_reverse(ip, &name);
    copied = !mv_buf_failed(&name) && mv_arena_copy(finder->arena, mv_buf_bytes(&name), &reverse);
    mv_buf_free(&name);
    if (!copied)
        return MV_ERR_MEMORY;
    answer = mv_memo_ask(finder->memo, reverse, MV_DNS_PTR);
    if (answer == NULL)
        return mv_memo_miss(finder->memo);
    for (size_t i = 0; i < answer->count && i < MV_FACTS_MAX_NAMES && host_r->len == 0; i++) {
        bool back = false;

        result = worse(result, leads_back(finder, ip, answer->records[i].data, &back));
        if (back && !mv_domain_normalize(finder->arena, answer->records[i].data, host_r))
            *host_r = mv_bytes_str(NULL);
    }
    return result;
}

/* check_host() for postmaster of a domain. */
static enum mv_code check_spf(struct finder *finder, const struct mv_ip *ip, struct mv_bytes domain,
                              enum mv_spf_code *code_r)
{
    char *mail_from = mv_arena_printf(finder->arena, "postmaster@%.*s", MV_ARG(domain));
    struct mv_spf_request request = {.ip = *ip,
                                     .helo = domain,
                                     .mail_from = mv_bytes_str(mail_from),
                                     .now_secs = finder->now_secs,
                                     .max_voids = MV_SPF_MAX_VOIDS};
    struct mv_spf_result result;
    enum mv_code code;

    if (mail_from == NULL)
        return MV_ERR_MEMORY;
    code = mv_spf_evaluate(finder->arena, &request, finder->memo, NULL, &result);
    if (code == MV_OK)
        *code_r = result.code;
    return code;
}

static const struct mv_provider *provider_by_name(const struct mv_evidence_source *source, struct mv_bytes host)
{
    const struct mv_provider *provider = NULL;

    if (source->signer.len > 0)
        provider = mv_provider_of_domain(source->signer);
    if (provider == NULL && source->spf_pass && source->spf_domain.len > 0)
        provider = mv_provider_of_domain(source->spf_domain);
    if (provider == NULL && host.len > 0)
        provider = mv_provider_of_domain(host);
    return provider;
}

/* Asks all of them at once: the records are the same for every source. */
static enum mv_code provider_by_spf(struct finder *finder, const struct mv_ip *ip,
                                    const struct mv_provider **provider_r)
{
    enum mv_code result = MV_OK;

    for (size_t i = 0; mv_provider_at(i) != NULL; i++) {
        const struct mv_provider *provider = mv_provider_at(i);
        enum mv_spf_code spf = MV_SPF_NONE;

        if (provider->include[0] == '\0')
            continue;
        result = worse(result, check_spf(finder, ip, mv_bytes_str(provider->include), &spf));
        if (spf == MV_SPF_PASS && *provider_r == NULL)
            *provider_r = provider;
    }
    return result;
}

/* Whose SPF would let it in, aligned: that of its bounces if they are ours. */
static struct mv_bytes bounce_domain(const struct finder *finder, const struct mv_evidence_source *source)
{
    struct mv_bytes domain;

    if (mv_domain_is_within(source->spf_domain, finder->domain) &&
        mv_domain_normalize(finder->arena, source->spf_domain, &domain))
        return domain;
    return finder->domain;
}

static uint64_t failed(const struct mv_evidence_source *source)
{
    return source->failed[MV_EVIDENCE_OWN] + source->failed[MV_EVIDENCE_BELOW];
}

static enum mv_code find_facts(struct finder *finder, const struct mv_evidence_source *source,
                               struct mv_source_facts *facts)
{
    enum mv_code code = find_host(finder, &source->ip, &facts->host);

    code = worse(code, check_spf(finder, &source->ip, bounce_domain(finder, source), &facts->spf));
    if (code != MV_OK)
        return code;
    facts->looked = true;
    facts->provider = provider_by_name(source, facts->host);
    if (facts->provider != NULL)
        return MV_OK;
    if (failed(source) > 0 && (mv_domain_is_within(facts->host, finder->domain) || facts->spf == MV_SPF_PASS))
        return MV_OK;
    code = provider_by_spf(finder, &source->ip, &facts->provider);
    facts->provider_by_spf = facts->provider != NULL;
    return code;
}

enum mv_code mv_source_facts_find(struct mv_arena *arena, struct mv_bytes domain,
                                  const struct mv_evidence_source *sources, size_t count, int64_t now_secs,
                                  struct mv_memo *memo, struct mv_source_facts *facts_r)
{
    struct finder finder = {arena, memo, domain, now_secs};
    size_t failing = MV_FACTS_MAX_SOURCES, passing = MV_FACTS_MAX_PASSING;
    enum mv_code result = MV_OK;

    for (size_t i = 0; i < count; i++) {
        size_t *left = failed(&sources[i]) > 0 ? &failing : &passing;

        facts_r[i] = (struct mv_source_facts){.looked = false};
        if (*left == 0)
            continue;
        (*left)--;
        result = worse(result, find_facts(&finder, &sources[i], &facts_r[i]));
    }
    return result;
}
