/*
 * The name itself: is it there, is it a name of its own, who serves it, is it signed?
 */
#include "core/ops/deployment_run.h"

#include "core/base/trace.h"
#include "core/text/domain.h"

static void say_status(struct mv_deployment_run *run, enum mv_deployment_kind kind, enum mv_dns_status status)
{
    mv_findings_add(run->findings, &mv_deployment_kinds[kind], run->request->domain, "%s",
                    mv_dns_status_text(status));
}

static void check_alias(struct mv_deployment_run *run)
{
    const struct mv_dns_answer *answer = mv_deployment_ask(run, run->request->domain, MV_DNS_CNAME);

    if (answer != NULL && answer->status == MV_DNS_FOUND)
        mv_findings_add(run->findings, &mv_deployment_kinds[MV_DOMAIN_ALIAS], run->request->domain, "of %.*s",
                        MV_ARG(answer->records[0].data));
}

/* Only where the zone begins at the domain itself: who owns a name below may not choose the servers. */
static void check_servers(struct mv_deployment_run *run)
{
    const struct mv_dns_answer *answer = mv_deployment_ask(run, run->request->domain, MV_DNS_NS);

    if (answer != NULL && answer->status == MV_DNS_FOUND && answer->count == 1)
        mv_findings_add(run->findings, &mv_deployment_kinds[MV_DOMAIN_ONE_SERVER], run->request->domain, "%.*s",
                        MV_ARG(answer->records[0].data));
}

static void check_mixed(struct mv_deployment_run *run, struct mv_bytes name)
{
    const struct mv_dns_answer *answer = mv_deployment_ask(run, name, MV_DNS_TXT);

    if (answer != NULL && answer->status == MV_DNS_FOUND && !answer->secure)
        mv_deployment_say(run, MV_DNSSEC_MIXED, name);
}

static void check_signed(struct mv_deployment_run *run, const struct mv_dns_answer *apex)
{
    run->seen->secure = apex->secure;
    if (!apex->secure) {
        mv_deployment_say(run, MV_DNSSEC_UNSIGNED, run->request->domain);
        return;
    }
    check_mixed(run, mv_deployment_name(run, "_dmarc", run->request->domain));
    for (size_t i = 0; i < run->request->key_count; i++) {
        const struct mv_bytes parts[] = {run->request->keys[i].selector, MV_BYTES("._domainkey."),
                                         run->request->domain};
        struct mv_bytes name;

        if (mv_arena_join(run->arena, parts, sizeof parts / sizeof *parts, &name))
            check_mixed(run, name);
        else
            run->failed = MV_ERR_MEMORY;
    }
}

void mv_deployment_zone(struct mv_deployment_run *run)
{
    const struct mv_dns_answer *apex = mv_deployment_ask(run, run->request->domain, MV_DNS_TXT);

    check_alias(run);
    check_servers(run);
    if (apex == NULL)
        return;
    run->seen->exists = apex->status != MV_DNS_NXDOMAIN;
    if (!run->seen->exists)
        say_status(run, MV_DOMAIN_MISSING, apex->status);
    else if (mv_dns_is_error(apex->status))
        say_status(run, MV_DOMAIN_UNANSWERED, apex->status);
    else
        check_signed(run, apex);
}
