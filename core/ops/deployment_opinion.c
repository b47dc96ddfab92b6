#include "core/ops/deployment_opinion.h"

#include "core/base/trace.h"

/* A network for examples (RFC 5737): whoever lets this send lets everybody send. */
#define OUTSIDER "203.0.113.77"

struct asking {
    const struct mv_opinion_asker *asker;
    const struct mv_deployment_request *request;
    struct mv_findings *findings;
    struct mv_findings *all; /* with what was said before */
    bool waits;
    enum mv_code failed;
};

static bool is_done(struct asking *asking, enum mv_code code)
{
    if (code == MV_NEED_DNS)
        asking->waits = true;
    else if (code != MV_OK)
        asking->failed = code;
    return code == MV_OK;
}

/* What is new of it. */
static void find(struct asking *asking, const struct mv_opinion *opinion, struct mv_bytes subject)
{
    size_t from = mv_findings_count(asking->all);

    mv_opinion_find(opinion, subject, asking->all);
    for (size_t i = from; i < mv_findings_count(asking->all); i++) {
        const struct mv_finding *finding = mv_findings_at(asking->all, i);

        if (!mv_findings_have(asking->findings, finding->kind->id, subject))
            mv_findings_add(asking->findings, finding->kind, subject, "%.*s", MV_ARG(finding->detail));
    }
}

static void ask_spf(struct asking *asking, struct mv_bytes domain, const struct mv_ip *ip)
{
    const struct mv_bytes parts[] = {MV_BYTES("postmaster@"), domain};
    struct mv_spf_request request = {*ip, domain, {NULL, 0}, {NULL, 0}, asking->request->now_secs,
                                     asking->request->max_voids};
    struct mv_spf_result ours;
    struct mv_opinion opinion;

    if (!mv_arena_join(asking->asker->arena, parts, sizeof parts / sizeof *parts, &request.mail_from)) {
        asking->failed = MV_ERR_MEMORY;
        return;
    }
    if (is_done(asking, mv_spf_evaluate(asking->asker->arena, &request, asking->asker->memo, NULL, &ours)) &&
        is_done(asking, mv_opinion_of_spf(asking->asker, &request, &ours, &opinion)))
        find(asking, &opinion, domain);
}

/* Hosts of the domain's own MX records, as far as they are known, and one that is not among them. */
static void ask_hosts(struct asking *asking)
{
    struct mv_bytes domain = asking->request->domain;
    const struct mv_dns_answer *mx = mv_memo_peek(asking->asker->memo, domain, MV_DNS_MX);
    size_t asked = 0;
    struct mv_ip ip;

    for (size_t i = 0; i < asking->request->ip_count && asked < MV_DEPLOYMENT_OPINION_IPS; i++, asked++)
        ask_spf(asking, domain, &asking->request->ips[i]);
    for (size_t i = 0; mx != NULL && i < mx->count && asked < MV_DEPLOYMENT_OPINION_IPS; i++) {
        const struct mv_dns_answer *host = mv_memo_peek(asking->asker->memo, mx->records[i].data, MV_DNS_A);

        if (host == NULL || host->count == 0 || !mv_ip_from_octets(host->records[0].data, &ip))
            continue;
        ask_spf(asking, domain, &ip);
        asked++;
    }
    if (mv_ip_parse(MV_BYTES(OUTSIDER), &ip))
        ask_spf(asking, domain, &ip);
}

static void ask_dmarc(struct asking *asking, const struct mv_dmarc_identifier *identifier)
{
    const struct mv_dmarc_input input = {
        .author_domain = asking->request->domain,
        .identifiers = identifier,
        .identifier_count = identifier == NULL ? 0 : 1,
        .suffix_hardening = asking->request->suffix_hardening,
    };
    struct mv_dmarc_result ours;
    struct mv_opinion opinion;

    if (is_done(asking, mv_dmarc_evaluate(asking->asker->arena, &input, asking->asker->memo, NULL, &ours)) &&
        is_done(asking, mv_opinion_of_dmarc(asking->asker, &input, &ours, NULL, &opinion)))
        find(asking, &opinion, asking->request->domain);
}

enum mv_code mv_deployment_opinion(const struct mv_opinion_asker *asker, const struct mv_deployment_request *request,
                                   const struct mv_deployment *seen, struct mv_findings *findings)
{
    struct asking asking = {asker, request, findings, mv_findings_new(asker->arena), false, MV_OK};
    struct mv_dmarc_identifier identifier = {MV_DMARC_BY_DKIM, MV_DMARC_AUTH_PASS, request->domain};

    if (asking.all == NULL)
        return MV_ERR_MEMORY;
    if (seen->spf.len > 0)
        ask_hosts(&asking);
    if (seen->dmarc_applies) {
        ask_dmarc(&asking, NULL); /* a forgery */
        ask_dmarc(&asking, &identifier);
        identifier.method = MV_DMARC_BY_SPF;
        for (size_t i = 0; i < request->mail_from_count; i++) {
            identifier.domain = request->mail_froms[i];
            ask_dmarc(&asking, &identifier);
        }
    }
    if (asking.failed != MV_OK || mv_findings_failed(findings) || mv_findings_failed(asking.all))
        return asking.failed == MV_OK ? MV_ERR_MEMORY : asking.failed;
    return asking.waits ? mv_memo_miss(asker->memo) : MV_OK;
}
