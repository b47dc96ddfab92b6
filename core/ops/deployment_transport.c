/*
 * What protects mail to the domain on its way: the records of MTA-STS (RFC 8461)
 * and of the reports about TLS (RFC 8460).
 */
#include "core/ops/deployment_run.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/text/taglist.h"

#define MAX_ID_BYTES 32 /* RFC 8461 3.1 */

static void find_text(struct mv_deployment_run *run, enum mv_deployment_kind kind, struct mv_bytes name,
                      struct mv_bytes text)
{
    mv_findings_add(run->findings, &mv_deployment_kinds[kind], name, "%.*s", MV_ARG(text));
}

/* The version first and as it is, then this tag (RFC 8461 3.1, RFC 8460 3). */
static bool read_tag(struct mv_bytes text, struct mv_bytes version, struct mv_bytes name, struct mv_bytes *value_r)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_tag tag;

    if (!mv_taglist_next(&c, &tag) || !mv_bytes_equal(tag.name, MV_BYTES("v")) ||
        !mv_bytes_equal(tag.value, version))
        return false;
    while (mv_taglist_next(&c, &tag)) {
        if (!mv_bytes_equal(tag.name, name))
            continue;
        *value_r = tag.value;
        return true;
    }
    return false;
}

static bool is_sts(struct mv_bytes text)
{
    struct mv_bytes id;

    return read_tag(text, MV_BYTES("STSv1"), MV_BYTES("id"), &id) && id.len > 0 && id.len <= MAX_ID_BYTES &&
           mv_bytes_all(id, MV_ASCII_ALNUM);
}

static bool is_tls_rpt(struct mv_bytes text)
{
    struct mv_bytes list;
    struct mv_cursor c;

    if (!read_tag(text, MV_BYTES("TLSRPTv1"), MV_BYTES("rua"), &list))
        return false;
    c = mv_cursor_of(list);
    do {
        struct mv_bytes uri = mv_bytes_trim(mv_cursor_take_until(&c, ','));

        if (!mv_bytes_has_prefix_nocase(uri, MV_BYTES("mailto:")) &&
            !mv_bytes_has_prefix_nocase(uri, MV_BYTES("https:")))
            return false;
    } while (mv_cursor_accept(&c, ','));
    return true;
}

static void check_sts_host(struct mv_deployment_run *run, struct mv_bytes name)
{
    struct mv_bytes host = mv_deployment_name(run, "mta-sts", run->request->domain);
    struct mv_deployment_addresses addresses;

    if (!mv_deployment_addresses_of(run, host, &addresses))
        return;
    if (addresses.count == 0 && !addresses.unanswered)
        find_text(run, MV_MTA_STS_NO_HOST, name, host);
    else
        mv_deployment_say(run, MV_MTA_STS_NOT_FETCHED, name);
}

static void check_sts(struct mv_deployment_run *run)
{
    struct mv_bytes name = mv_deployment_name(run, "_mta-sts", run->request->domain);
    const struct mv_dns_answer *answer = mv_deployment_ask(run, name, MV_DNS_TXT);
    struct mv_bytes text = {NULL, 0};
    size_t count;

    if (answer == NULL || mv_dns_is_error(answer->status))
        return;
    count = mv_deployment_versioned(answer, MV_BYTES("v=STSv1"), &text);
    run->seen->has_mta_sts = count == 1 && is_sts(text);
    if (count == 0)
        mv_deployment_say(run, MV_MTA_STS_MISSING, run->request->domain);
    else if (count > 1)
        mv_deployment_say(run, MV_MTA_STS_MANY, name);
    else if (!run->seen->has_mta_sts)
        find_text(run, MV_MTA_STS_SYNTAX, name, text);
    else
        check_sts_host(run, name);
}

static void say_no_reports(struct mv_deployment_run *run, struct mv_bytes name)
{
    const struct mv_bytes parts[] = {MV_BYTES("v=TLSRPTv1; rua=mailto:tls-reports@"), run->request->domain};
    struct mv_bytes record;

    mv_deployment_say(run, MV_TLS_RPT_MISSING, run->request->domain);
    if (mv_arena_join(run->arena, parts, sizeof parts / sizeof *parts, &record))
        mv_findings_suggest(run->findings, name, "TXT", record);
    else
        run->failed = MV_ERR_MEMORY;
}

static void check_tls_rpt(struct mv_deployment_run *run)
{
    struct mv_bytes name = mv_deployment_name(run, "_smtp._tls", run->request->domain);
    const struct mv_dns_answer *answer = mv_deployment_ask(run, name, MV_DNS_TXT);
    struct mv_bytes text = {NULL, 0};
    size_t count;

    if (answer == NULL || mv_dns_is_error(answer->status))
        return;
    count = mv_deployment_versioned(answer, MV_BYTES("v=TLSRPTv1"), &text);
    run->seen->has_tls_rpt = count == 1 && is_tls_rpt(text);
    if (count == 0)
        say_no_reports(run, name);
    else if (count > 1)
        mv_deployment_say(run, MV_TLS_RPT_MANY, name);
    else if (!run->seen->has_tls_rpt)
        find_text(run, MV_TLS_RPT_SYNTAX, name, text);
}

/* Who takes no mail needs neither. */
void mv_deployment_transport(struct mv_deployment_run *run)
{
    if (run->seen->is_parked || run->seen->null_mx)
        return;
    check_sts(run);
    check_tls_rpt(run);
}
