/*
 * A domain that sends no mail, and what it publishes so that nobody else does.
 */
#include "core/ops/deployment_run.h"

#include "core/base/trace.h"
#include "core/dkim/key.h"
#include "core/dmarc/record.h"

#define MAX_RECORD_BYTES 4096
#define SPF_NONE "v=spf1 -all"
#define DMARC_REJECT "v=DMARC1; p=reject; sp=reject; np=reject; adkim=s; aspf=s"

static void suggest_dmarc(struct mv_deployment_run *run, struct mv_bytes name)
{
    struct mv_dmarc_record record;
    struct mv_buf text;

    mv_buf_init(&text, MAX_RECORD_BYTES);
    mv_buf_puts(&text, DMARC_REJECT);
    if (mv_dmarc_record_parse(run->seen->dmarc_record, &record))
        for (size_t i = 0; i < record.rua_count; i++)
            mv_buf_printf(&text, "%s%.*s", i == 0 ? "; rua=" : ",", MV_ARG(record.rua[i]));
    if (!mv_buf_failed(&text))
        mv_findings_suggest(run->findings, name, "TXT", mv_buf_bytes(&text));
    mv_buf_free(&text);
}

static void check_dmarc(struct mv_deployment_run *run)
{
    struct mv_bytes domain = run->request->domain;
    struct mv_dmarc_record record;

    if (run->dmarc_unknown)
        return;
    if (run->seen->policy == MV_DMARC_P_REJECT && mv_dmarc_record_parse(run->seen->dmarc_record, &record) &&
        !record.test)
        return;
    mv_findings_add(run->findings, &mv_deployment_kinds[MV_PARKED_DMARC], domain, "%.*s",
                    MV_ARG(run->seen->dmarc_record));
    suggest_dmarc(run, mv_deployment_name(run, "_dmarc", domain));
}

static void check_open_keys(struct mv_deployment_run *run)
{
    struct mv_bytes domain = run->request->domain;
    struct mv_bytes name = mv_deployment_name(run, MV_DEPLOYMENT_PROBE "._domainkey", domain);
    const struct mv_dns_answer *answer = mv_deployment_ask(run, name, MV_DNS_TXT);
    struct mv_dkim_key key;

    if (answer == NULL || mv_dns_is_error(answer->status))
        return;
    for (size_t i = 0; i < answer->count; i++)
        if (mv_dkim_key_parse(run->arena, answer->records[i].data, &key) == MV_DKIM_KEY_REVOKED)
            return;
    mv_deployment_say(run, MV_PARKED_DKIM_OPEN, domain);
    mv_findings_suggest(run->findings, mv_deployment_name(run, "*._domainkey", domain), "TXT",
                        MV_BYTES("v=DKIM1; p="));
}

void mv_deployment_parked(struct mv_deployment_run *run)
{
    struct mv_bytes domain = run->request->domain;
    struct mv_deployment *seen = run->seen;

    if (!seen->is_parked)
        return;
    if (!run->request->is_parked)
        mv_deployment_say(run, MV_PARKED_LOOKS, domain);
    if (!run->spf_unknown && !mv_bytes_equal_nocase(mv_bytes_trim(seen->spf), MV_BYTES(SPF_NONE))) {
        mv_findings_add(run->findings, &mv_deployment_kinds[MV_PARKED_SPF], domain, "%.*s", MV_ARG(seen->spf));
        mv_findings_suggest(run->findings, domain, "TXT", MV_BYTES(SPF_NONE));
    }
    if (!seen->null_mx && !run->mx_unknown) {
        mv_deployment_say(run, MV_PARKED_MX, domain);
        mv_findings_suggest(run->findings, domain, "MX", MV_BYTES("0 ."));
    }
    check_dmarc(run);
    check_open_keys(run);
    if (seen->usable_rsa_keys + seen->usable_ed25519_keys > 0)
        mv_findings_add(run->findings, &mv_deployment_kinds[MV_PARKED_DKIM_KEY], domain, "%zu",
                        seen->usable_rsa_keys + seen->usable_ed25519_keys);
}
