/*
 * Where mail to the domain goes (RFC 5321 5.1), or that it goes nowhere (RFC 7505).
 */
#include "core/ops/deployment_run.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/text/domain.h"

struct mx_sum {
    bool all_known;  /* every host was answered */
    bool has_ipv4;
    bool has_any;
};

static void find(struct mv_deployment_run *run, enum mv_deployment_kind kind, struct mv_bytes host)
{
    mv_findings_add(run->findings, &mv_deployment_kinds[kind], run->request->domain, "%.*s", MV_ARG(host));
}

/* Letters, digits and hyphens in each label: no underscore, which our names may have elsewhere. */
static bool is_host_name(struct mv_bytes name)
{
    return mv_bytes_all(name, MV_ASCII_LDH) ? mv_bytes_find(name, '_') == name.len : false;
}

static bool labels_are_fine(struct mv_bytes name)
{
    struct mv_cursor c = mv_cursor_of(name);

    do {
        struct mv_bytes label = mv_cursor_take_until(&c, '.');

        if (!is_host_name(label) || label.len == 0 || label.data[0] == '-' || label.data[label.len - 1] == '-')
            return false;
    } while (mv_cursor_accept(&c, '.'));
    return true;
}

static void check_addresses(struct mv_deployment_run *run, struct mv_bytes host, struct mx_sum *sum)
{
    struct mv_deployment_addresses addresses;

    if (!mv_deployment_addresses_of(run, host, &addresses)) {
        sum->all_known = false;
        return;
    }
    sum->has_any = sum->has_any || addresses.count > 0;
    sum->has_ipv4 = sum->has_ipv4 || addresses.has_ipv4;
    if (addresses.unanswered) {
        sum->all_known = false;
        find(run, MV_MX_UNANSWERED, host);
    } else if (addresses.count == 0) {
        find(run, MV_MX_UNRESOLVED, host);
    }
    for (size_t i = 0; i < addresses.count; i++)
        if (mv_ip_is_special(&addresses.ips[i]))
            mv_findings_add(run->findings, &mv_deployment_kinds[MV_MX_PRIVATE], run->request->domain, "%.*s has %.*s",
                            MV_ARG(host), MV_ARG(mv_deployment_ip_text(run, &addresses.ips[i])));
}

static void check_host(struct mv_deployment_run *run, struct mv_bytes host, struct mx_sum *sum)
{
    const struct mv_dns_answer *alias;
    struct mv_ip ip;

    if (mv_ip_parse(host, &ip)) {
        find(run, MV_MX_ADDRESS, host);
        return;
    }
    if (!labels_are_fine(host))
        find(run, MV_MX_NAME, host);
    alias = mv_deployment_ask(run, host, MV_DNS_CNAME);
    if (alias != NULL && alias->status == MV_DNS_FOUND)
        mv_findings_add(run->findings, &mv_deployment_kinds[MV_MX_ALIAS], run->request->domain, "%.*s is %.*s",
                        MV_ARG(host), MV_ARG(alias->records[0].data));
    check_addresses(run, host, sum);
}

static bool sends(const struct mv_deployment_run *run)
{
    return run->seen->spf.len > 0 &&
           !mv_bytes_equal_nocase(mv_bytes_trim(run->seen->spf), MV_BYTES("v=spf1 -all"));
}

static void check_null(struct mv_deployment_run *run, const struct mv_dns_answer *mx)
{
    if (mx->count > 1)
        mv_deployment_say(run, MV_MX_NULL_NOT_ALONE, run->request->domain);
    else if (mx->records[0].preference != 0)
        mv_findings_add(run->findings, &mv_deployment_kinds[MV_MX_NULL_PREFERENCE], run->request->domain, "it is %u",
                        mx->records[0].preference);
    if (mx->count == 1 && sends(run))
        mv_deployment_say(run, MV_MX_NULL_SENDS, run->request->domain);
}

/* Of a parked domain another part speaks. */
static void check_none(struct mv_deployment_run *run)
{
    struct mv_deployment_addresses addresses;

    if (run->seen->is_parked || !mv_deployment_addresses_of(run, run->request->domain, &addresses))
        return;
    if (addresses.count > 0)
        mv_deployment_say(run, MV_MX_IMPLICIT, run->request->domain);
    else if (!addresses.unanswered)
        mv_deployment_say(run, MV_MX_MISSING, run->request->domain);
}

void mv_deployment_mx(struct mv_deployment_run *run)
{
    const struct mv_dns_answer *mx = mv_deployment_ask(run, run->request->domain, MV_DNS_MX);
    struct mx_sum sum = {true, false, false};

    if (mx == NULL)
        return;
    if (mv_dns_is_error(mx->status)) {
        mv_findings_add(run->findings, &mv_deployment_kinds[MV_MX_UNANSWERED], run->request->domain, "MX: %s",
                        mv_dns_status_text(mx->status));
        return;
    }
    if (mx->count == 0)
        check_none(run);
    if (run->seen->null_mx)
        check_null(run, mx);
    for (size_t i = 0; i < mx->count && i < MV_DEPLOYMENT_MAX_MX; i++)
        if (mx->records[i].data.len > 0)
            check_host(run, mx->records[i].data, &sum);
    if (mx->count > MV_DEPLOYMENT_MAX_MX)
        mv_findings_add(run->findings, &mv_deployment_kinds[MV_MX_MANY], run->request->domain, "%zu", mx->count);
    if (sum.all_known && sum.has_any && !sum.has_ipv4)
        mv_deployment_say(run, MV_MX_IPV6_ONLY, run->request->domain);
}
