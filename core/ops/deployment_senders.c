/*
 * The names that senders use beside the author's domain: at HELO, and in MAIL FROM.
 */
#include "core/ops/deployment_run.h"

#include "core/base/trace.h"
#include "core/dmarc/record.h"
#include "core/spf/evaluate.h"
#include "core/spf/record.h"
#include "core/text/domain.h"

static size_t count_spf(const struct mv_dns_answer *answer)
{
    size_t count = 0;

    for (size_t i = 0; i < answer->count; i++)
        count += mv_spf_record_is(answer->records[i].data);
    return count;
}

/* Bounces have no sender: SPF takes postmaster at the name in HELO (RFC 7208 2.4). */
static void check_bounce(struct mv_deployment_run *run, struct mv_bytes helo, const struct mv_ip *ip)
{
    struct mv_spf_request request = {*ip, helo, {NULL, 0}, {NULL, 0}, run->request->now_secs, run->request->max_voids};
    struct mv_spf_result result;

    if (mv_deployment_done(run, mv_spf_evaluate(run->arena, &request, run->memo, NULL, &result)) &&
        result.code != MV_SPF_PASS && result.code != MV_SPF_TEMPERROR && result.code != MV_SPF_NONE)
        mv_findings_add(run->findings, &mv_deployment_kinds[MV_HELO_SPF_FAILS], helo, "%.*s: %s",
                        MV_ARG(mv_deployment_ip_text(run, ip)), mv_spf_code_text(result.code));
}

static void check_helo_spf(struct mv_deployment_run *run, struct mv_bytes helo)
{
    const struct mv_dns_answer *answer = mv_deployment_ask(run, helo, MV_DNS_TXT);

    if (answer == NULL || mv_dns_is_error(answer->status) || count_spf(answer) > 0)
        return;
    mv_deployment_say(run, MV_HELO_NO_SPF, helo);
    mv_findings_suggest(run->findings, helo, "TXT", MV_BYTES("v=spf1 a -all"));
}

static void check_helo(struct mv_deployment_run *run, struct mv_bytes helo)
{
    struct mv_deployment_addresses addresses;
    struct mv_ip literal;

    if (mv_ip_parse(helo, &literal) || mv_domain_labels(helo) < 2) {
        mv_deployment_say(run, MV_HELO_NOT_QUALIFIED, helo);
        return;
    }
    check_helo_spf(run, helo);
    if (!mv_deployment_addresses_of(run, helo, &addresses))
        return;
    if (addresses.unanswered)
        mv_deployment_say(run, MV_HOST_UNANSWERED, helo);
    else if (addresses.count == 0)
        mv_deployment_say(run, MV_HELO_MISSING, helo);
    for (size_t i = 0; i < addresses.count; i++) {
        mv_deployment_ptr(run, &addresses.ips[i], helo);
        check_bounce(run, helo, &addresses.ips[i]);
        mv_deployment_may_send(run, &addresses.ips[i], helo);
    }
}

void mv_deployment_helos(struct mv_deployment_run *run)
{
    for (size_t i = 0; i < run->request->helo_count; i++)
        check_helo(run, run->request->helos[i]);
}

/* RFC 9989 4.4.2: the same Organizational Domain, or with aspf=s the same name. */
static bool is_aligned(struct mv_deployment_run *run, struct mv_bytes mail_from, bool *known_r)
{
    struct mv_dmarc_record record;
    struct mv_bytes author = {NULL, 0}, sender = {NULL, 0};
    bool author_known, sender_known;

    *known_r = true;
    if (mv_bytes_equal(mail_from, run->request->domain))
        return true;
    if (!run->seen->dmarc_applies) /* no record, so no walk can tell; a record at the upper of the two would */
        return mv_domain_is_within(mail_from, run->request->domain) ||
               mv_domain_is_within(run->request->domain, mail_from);
    if (mv_dmarc_record_parse(run->seen->dmarc_record, &record) && record.strict_spf)
        return false;
    author_known = mv_deployment_org_domain(run, run->request->domain, &author);
    sender_known = mv_deployment_org_domain(run, mail_from, &sender);
    *known_r = author_known && sender_known;
    return *known_r && mv_bytes_equal(author, sender);
}

static void check_return(struct mv_deployment_run *run, struct mv_bytes domain)
{
    const struct mv_dns_answer *mx = mv_deployment_ask(run, domain, MV_DNS_MX);
    struct mv_deployment_addresses addresses;
    bool answered = mv_deployment_addresses_of(run, domain, &addresses);
    bool null_mx = mx != NULL && mx->count == 1 && mx->records[0].data.len == 0;

    if (mx == NULL || !answered || mv_dns_is_error(mx->status) || addresses.unanswered)
        return;
    if (null_mx || (mx->count == 0 && addresses.count == 0))
        mv_deployment_say(run, MV_MAILFROM_NO_MX, domain);
}

static void check_mail_from(struct mv_deployment_run *run, struct mv_bytes domain)
{
    const struct mv_dns_answer *text = mv_deployment_ask(run, domain, MV_DNS_TXT);
    bool known;

    check_return(run, domain);
    if (!is_aligned(run, domain, &known) && known)
        mv_deployment_say(run, MV_MAILFROM_UNALIGNED, domain);
    if (text != NULL && !mv_dns_is_error(text->status) && count_spf(text) == 0)
        mv_deployment_say(run, MV_MAILFROM_NO_SPF, domain);
}

void mv_deployment_mail_froms(struct mv_deployment_run *run)
{
    for (size_t i = 0; i < run->request->mail_from_count; i++)
        if (!mv_bytes_equal(run->request->mail_froms[i], run->request->domain))
            check_mail_from(run, run->request->mail_froms[i]);
}

/* Does SPF of a MAIL FROM domain align? Without any that is named, the author's domain is taken to be it. */
static bool spf_aligns(struct mv_deployment_run *run, bool *known)
{
    if (run->request->mail_from_count == 0)
        return run->seen->spf.len > 0;
    for (size_t i = 0; i < run->request->mail_from_count; i++) {
        const struct mv_dns_answer *text = mv_deployment_ask(run, run->request->mail_froms[i], MV_DNS_TXT);
        bool is_known;

        if (text != NULL && count_spf(text) == 1 && is_aligned(run, run->request->mail_froms[i], &is_known))
            return true;
        *known = *known && text != NULL && !mv_dns_is_error(text->status);
    }
    return false;
}

/* That there is no _domainkey is proof that there is no key (RFC 8020); that there is one proves nothing. */
static bool may_have_key(struct mv_deployment_run *run, bool *known)
{
    const struct mv_dns_answer *answer;

    if (run->seen->usable_rsa_keys + run->seen->usable_ed25519_keys > 0)
        return true;
    if (run->request->key_count > 0)
        return false;
    answer = mv_deployment_ask(run, mv_deployment_name(run, "_domainkey", run->request->domain), MV_DNS_TXT);
    *known = *known && answer != NULL;
    return answer == NULL || answer->status != MV_DNS_NXDOMAIN;
}

/* What Gmail and Yahoo demand since February 2024, Microsoft since May 2025, as far as DNS shows it. */
void mv_deployment_bulk(struct mv_deployment_run *run)
{
    struct mv_bytes domain = run->request->domain;
    bool known = !run->spf_unknown && !run->dmarc_unknown && !run->keys_unknown, may_sign;

    if (run->seen->is_parked)
        return;
    if (run->seen->spf.len == 0 && !run->spf_unknown)
        mv_deployment_say(run, MV_BULK_SPF_MISSING, domain);
    may_sign = may_have_key(run, &known);
    if (!may_sign && !run->keys_unknown)
        mv_deployment_say(run, MV_BULK_DKIM_MISSING, domain);
    if (!run->seen->dmarc_applies && !run->dmarc_unknown) {
        mv_deployment_say(run, MV_BULK_DMARC_MISSING, domain);
        mv_findings_suggest(run->findings, mv_deployment_name(run, "_dmarc", domain), "TXT",
                            MV_BYTES("v=DMARC1; p=none"));
    }
    if (!may_sign && !spf_aligns(run, &known) && known)
        mv_deployment_say(run, MV_BULK_UNALIGNED, domain);
}
