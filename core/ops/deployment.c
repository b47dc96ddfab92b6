#include "core/ops/deployment.h"

#include "core/base/trace.h"
#include "core/dmarc/record.h"
#include "core/ops/deployment_run.h"
#include "core/spf/record.h"

#define MAX_IP_TEXT_BYTES 64

const struct mv_dns_answer *mv_deployment_ask(struct mv_deployment_run *run, struct mv_bytes name,
                                              enum mv_dns_type type)
{
    const struct mv_dns_answer *answer = mv_memo_ask(run->memo, name, type);

    run->waits = run->waits || answer == NULL;
    return answer;
}

bool mv_deployment_done(struct mv_deployment_run *run, enum mv_code code)
{
    if (code == MV_NEED_DNS)
        run->waits = true;
    else if (code != MV_OK)
        run->failed = code;
    return code == MV_OK;
}

struct mv_bytes mv_deployment_name(struct mv_deployment_run *run, const char *first, struct mv_bytes second)
{
    const struct mv_bytes parts[] = {mv_bytes_str(first), MV_BYTES("."), second};
    struct mv_bytes name = {NULL, 0};

    if (!mv_arena_join(run->arena, parts, sizeof parts / sizeof *parts, &name))
        run->failed = MV_ERR_MEMORY;
    return name;
}

void mv_deployment_say(struct mv_deployment_run *run, enum mv_deployment_kind kind, struct mv_bytes subject)
{
    mv_findings_add(run->findings, &mv_deployment_kinds[kind], subject, "%s", "");
}

size_t mv_deployment_versioned(const struct mv_dns_answer *answer, struct mv_bytes version, struct mv_bytes *text_r)
{
    size_t count = 0;

    for (size_t i = 0; i < answer->count; i++) {
        struct mv_cursor c = mv_cursor_of(answer->records[i].data);

        if (!mv_cursor_accept_nocase(&c, version))
            continue;
        if (count++ == 0)
            *text_r = answer->records[i].data;
    }
    return count;
}

bool mv_deployment_addresses_of(struct mv_deployment_run *run, struct mv_bytes name,
                                struct mv_deployment_addresses *addresses_r)
{
    const struct mv_dns_answer *answers[] = {mv_deployment_ask(run, name, MV_DNS_A),
                                             mv_deployment_ask(run, name, MV_DNS_AAAA)};

    *addresses_r = (struct mv_deployment_addresses){.count = 0};
    if (answers[0] == NULL || answers[1] == NULL)
        return false;
    for (size_t i = 0; i < 2; i++) {
        addresses_r->unanswered = addresses_r->unanswered || mv_dns_is_error(answers[i]->status);
        for (size_t k = 0; k < answers[i]->count && addresses_r->count < MV_DEPLOYMENT_MAX_ADDRESSES; k++)
            if (mv_ip_from_octets(answers[i]->records[k].data, &addresses_r->ips[addresses_r->count]))
                addresses_r->has_ipv4 |= addresses_r->ips[addresses_r->count++].family == MV_IP_V4;
    }
    return true;
}

struct mv_bytes mv_deployment_ip_text(struct mv_deployment_run *run, const struct mv_ip *ip)
{
    struct mv_bytes text = {NULL, 0};
    struct mv_buf buf;

    mv_buf_init(&buf, MAX_IP_TEXT_BYTES);
    mv_ip_print(ip, &buf);
    if (mv_buf_failed(&buf) || !mv_arena_copy(run->arena, mv_buf_bytes(&buf), &text))
        run->failed = MV_ERR_MEMORY;
    mv_buf_free(&buf);
    return text;
}

/* Blocks of RFC 6890 and its successors that no mail server of the world has. */
bool mv_ip_is_special(const struct mv_ip *ip)
{
    static const struct {
        struct mv_ip net;
        unsigned bits;
    } blocks[] = {
        {{MV_IP_V4, {0}}, 8},            {{MV_IP_V4, {10}}, 8},         {{MV_IP_V4, {100, 64}}, 10},
        {{MV_IP_V4, {127}}, 8},          {{MV_IP_V4, {169, 254}}, 16},  {{MV_IP_V4, {172, 16}}, 12},
        {{MV_IP_V4, {192, 168}}, 16},    {{MV_IP_V4, {198, 18}}, 15},   {{MV_IP_V4, {224}}, 3},
        {{MV_IP_V6, {0}}, 8},            {{MV_IP_V6, {0xfc}}, 7},       {{MV_IP_V6, {0xfe, 0x80}}, 10},
        {{MV_IP_V6, {0xff}}, 8},
    };

    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (mv_ip_in_prefix(ip, &blocks[i].net, blocks[i].bits))
            return true;
    return false;
}

bool mv_deployment_org_domain(struct mv_deployment_run *run, struct mv_bytes domain, struct mv_bytes *org_r)
{
    struct mv_dmarc_walk *walk = mv_arena_alloc(run->arena, sizeof *walk);

    if (walk == NULL)
        return mv_deployment_done(run, MV_ERR_MEMORY);
    mv_dmarc_walk_prefetch(run->arena, domain, run->memo);
    if (!mv_deployment_done(run, mv_dmarc_walk_run(run->arena, domain, run->request->suffix_hardening, run->memo, NULL,
                                                   walk)))
        return false;
    *org_r = walk->org_domain;
    return !mv_dns_is_error(walk->error);
}

static void see_spf(struct mv_deployment_run *run)
{
    const struct mv_dns_answer *answer = mv_deployment_ask(run, run->request->domain, MV_DNS_TXT);
    size_t count = 0;

    run->spf_unknown = answer != NULL && mv_dns_is_error(answer->status);
    for (size_t i = 0; answer != NULL && i < answer->count; i++) {
        if (!mv_spf_record_is(answer->records[i].data))
            continue;
        run->seen->spf = answer->records[i].data;
        count++;
    }
    if (count > 1) /* RFC 7208 4.5: none of them counts */
        run->seen->spf = MV_BYTES("");
}

static void see_mx(struct mv_deployment_run *run)
{
    const struct mv_dns_answer *answer = mv_deployment_ask(run, run->request->domain, MV_DNS_MX);

    if (answer == NULL)
        return;
    run->mx_unknown = mv_dns_is_error(answer->status);
    run->seen->mx_count = answer->count;
    for (size_t i = 0; i < answer->count; i++)
        run->seen->null_mx = run->seen->null_mx || answer->records[i].data.len == 0;
}

static void see_dmarc(struct mv_deployment_run *run)
{
    struct mv_dmarc_walk *walk = mv_arena_alloc(run->arena, sizeof *walk);
    struct mv_dmarc_choice choice;

    if (walk == NULL) {
        run->failed = MV_ERR_MEMORY;
        return;
    }
    mv_dmarc_walk_prefetch(run->arena, run->request->domain, run->memo);
    if (!mv_deployment_done(run, mv_dmarc_walk_run(run->arena, run->request->domain, run->request->suffix_hardening,
                                                   run->memo, NULL, walk)) ||
        !mv_deployment_done(run, mv_dmarc_choose(walk, run->memo, NULL, &choice)))
        return;
    run->dmarc_unknown = choice.discovery == MV_DMARC_DNS_ERROR;
    if (choice.discovery != MV_DMARC_APPLIES)
        return;
    run->seen->dmarc_applies = true;
    run->seen->dmarc_domain = choice.found->domain;
    run->seen->dmarc_record = choice.found->record.text;
    run->seen->policy = choice.policy;
}

/* No mail is sent when SPF says so; and none is taken when there is no MX, or a null one. */
void mv_deployment_records(struct mv_deployment_run *run)
{
    struct mv_deployment *seen = run->seen;
    bool sends_none;

    see_spf(run);
    see_mx(run);
    see_dmarc(run);
    sends_none = mv_bytes_equal_nocase(mv_bytes_trim(seen->spf), MV_BYTES("v=spf1 -all"));
    seen->is_parked = run->request->is_parked || (sends_none && (seen->mx_count == 0 || seen->null_mx));
}

enum mv_code mv_deployment_check(struct mv_arena *arena, const struct mv_deployment_request *request,
                                 struct mv_memo *memo, struct mv_findings *findings,
                                 struct mv_deployment *deployment_r)
{
    struct mv_deployment_run run = {
        .arena = arena, .memo = memo, .findings = findings, .request = request, .seen = deployment_r};

    *deployment_r = (struct mv_deployment){.exists = true};
    mv_deployment_records(&run);
    mv_deployment_zone(&run);
    if (deployment_r->exists) {
        mv_deployment_mx(&run);
        mv_deployment_dkim(&run);
        mv_deployment_hosts(&run);
        mv_deployment_helos(&run);
        mv_deployment_mail_froms(&run);
        mv_deployment_bulk(&run);
        mv_deployment_parked(&run);
        mv_deployment_transport(&run);
    }
    if (run.failed != MV_OK || mv_findings_failed(findings))
        return run.failed == MV_OK ? MV_ERR_MEMORY : run.failed;
    return run.waits ? mv_memo_miss(memo) : MV_OK;
}
