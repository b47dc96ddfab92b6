#include "core/ops/first_records.h"

#include "core/base/trace.h"
#include "core/dkim/key.h"
#include "core/dmarc/policy.h"
#include "core/ops/dmarc_build.h"
#include "core/spf/record.h"

#define MAX_SPF_BYTES 4096

struct plan {
    struct mv_arena *arena;
    struct mv_memo *memo;
    const struct mv_first_request *request;
    struct mv_first_records *records;
    struct mv_error *error;
    bool waits;
    bool failed;
};

static const struct mv_dns_answer *ask(struct plan *plan, struct mv_bytes name, enum mv_dns_type type)
{
    const struct mv_dns_answer *answer = mv_memo_ask(plan->memo, name, type);

    plan->waits = plan->waits || answer == NULL;
    return answer;
}

static struct mv_bytes join(struct plan *plan, struct mv_bytes first, struct mv_bytes second)
{
    const struct mv_bytes parts[] = {first, second};
    struct mv_bytes joined = {NULL, 0};

    if (!mv_arena_join(plan->arena, parts, sizeof parts / sizeof *parts, &joined))
        plan->failed = true;
    return joined;
}

static void add(struct plan *plan, struct mv_bytes name, const char *type, struct mv_bytes text,
                enum mv_first_state state)
{
    if (plan->records->count < MV_FIRST_RECORDS_MAX)
        plan->records->items[plan->records->count++] = (struct mv_first_record){name, type, text, state};
}

static void plan_mx(struct plan *plan)
{
    struct mv_bytes domain = plan->request->domain, host = plan->request->mail_host;
    const struct mv_dns_answer *answer = ask(plan, domain, MV_DNS_MX);
    enum mv_first_state state = MV_FIRST_PUBLISH;

    if (answer == NULL)
        return;
    if (mv_dns_is_error(answer->status))
        state = MV_FIRST_UNKNOWN;
    for (size_t i = 0; i < answer->count; i++) {
        char *text = mv_arena_printf(plan->arena, "%u %.*s.", answer->records[i].preference,
                                     MV_ARG(answer->records[i].data));

        plan->failed = plan->failed || text == NULL;
        add(plan, domain, "MX", mv_bytes_str(text), MV_FIRST_THERE);
    }
    if (answer->count > 0)
        return;
    plan->records->has_no_mail_host = host.len == 0;
    if (host.len > 0)
        add(plan, domain, "MX", join(plan, join(plan, MV_BYTES("10 "), host), MV_BYTES(".")), state);
}

/* The MX hosts, and the addresses that are given. */
static struct mv_bytes make_spf(struct plan *plan)
{
    struct mv_bytes text = {NULL, 0};
    struct mv_buf record;

    mv_buf_init(&record, MAX_SPF_BYTES);
    mv_buf_puts(&record, "v=spf1 mx");
    for (size_t i = 0; i < plan->request->ip_count; i++) {
        mv_buf_puts(&record, plan->request->ips[i].family == MV_IP_V4 ? " ip4:" : " ip6:");
        mv_ip_print(&plan->request->ips[i], &record);
    }
    mv_buf_puts(&record, " ~all");
    if (mv_buf_failed(&record) || !mv_arena_copy(plan->arena, mv_buf_bytes(&record), &text))
        plan->failed = true;
    mv_buf_free(&record);
    return text;
}

static void plan_spf(struct plan *plan)
{
    const struct mv_dns_answer *answer = ask(plan, plan->request->domain, MV_DNS_TXT);
    bool found = false;

    if (answer == NULL)
        return;
    for (size_t i = 0; i < answer->count; i++) {
        if (!mv_spf_record_is(answer->records[i].data))
            continue;
        add(plan, plan->request->domain, "TXT", answer->records[i].data, MV_FIRST_THERE);
        found = true;
    }
    if (!found)
        add(plan, plan->request->domain, "TXT", make_spf(plan),
            mv_dns_is_error(answer->status) ? MV_FIRST_UNKNOWN : MV_FIRST_PUBLISH);
}

/* Is this the key there, however its record is written? */
static bool shows_key(struct plan *plan, const struct mv_dns_answer *answer, struct mv_bytes text)
{
    struct mv_dkim_key ours, theirs;

    if (mv_dkim_key_parse(plan->arena, text, &ours) != MV_DKIM_KEY_OK)
        return false;
    for (size_t i = 0; i < answer->count; i++)
        if (mv_dkim_key_parse(plan->arena, answer->records[i].data, &theirs) == MV_DKIM_KEY_OK &&
            mv_bytes_equal(ours.octets, theirs.octets))
            return true;
    return false;
}

static void plan_key(struct plan *plan, const struct mv_first_key *key)
{
    const struct mv_dns_answer *answer = ask(plan, key->name, MV_DNS_TXT);
    enum mv_first_state state = MV_FIRST_PUBLISH;

    if (answer == NULL)
        return;
    if (mv_dns_is_error(answer->status))
        state = MV_FIRST_UNKNOWN;
    else if (answer->count > 0)
        state = shows_key(plan, answer, key->text) ? MV_FIRST_THERE : MV_FIRST_OTHER;
    add(plan, key->name, "TXT", key->text, state);
}

static enum mv_code plan_new_dmarc(struct plan *plan, enum mv_first_state state)
{
    const char *rua = mv_arena_str(plan->arena, plan->request->rua);
    const struct mv_dmarc_plan wanted = {.p = "none", .np = "reject", .rua = &rua,
                                         .rua_count = plan->request->rua.len > 0 ? 1 : 0};
    struct mv_dmarc_record record;
    enum mv_code code = rua == NULL ? MV_ERR_MEMORY : mv_dmarc_build(plan->arena, &wanted, &record, plan->error);

    if (code == MV_OK)
        add(plan, join(plan, MV_BYTES("_dmarc."), plan->request->domain), "TXT", record.text, state);
    return code;
}

/* One that is inherited from above is as good as one's own (RFC 9989 4.10.1). */
static enum mv_code plan_dmarc(struct plan *plan)
{
    struct mv_dmarc_walk *walk = mv_arena_alloc(plan->arena, sizeof *walk);
    struct mv_dmarc_choice choice = {.found = NULL};
    enum mv_code code = MV_ERR_MEMORY;

    if (walk == NULL)
        return code;
    mv_dmarc_walk_prefetch(plan->arena, plan->request->domain, plan->memo);
    code = mv_dmarc_walk_run(plan->arena, plan->request->domain, plan->request->suffix_hardening, plan->memo, NULL,
                             walk);
    if (code == MV_OK)
        code = mv_dmarc_choose(walk, plan->memo, NULL, &choice);
    if (code != MV_OK)
        return code;
    if (choice.found == NULL)
        return plan_new_dmarc(plan, choice.discovery == MV_DMARC_DNS_ERROR ? MV_FIRST_UNKNOWN : MV_FIRST_PUBLISH);
    add(plan, join(plan, MV_BYTES("_dmarc."), choice.found->domain), "TXT", choice.found->record.text,
        MV_FIRST_THERE);
    return MV_OK;
}

static void plan_tls_rpt(struct plan *plan)
{
    struct mv_bytes name = join(plan, MV_BYTES("_smtp._tls."), plan->request->domain);
    const struct mv_dns_answer *answer = ask(plan, name, MV_DNS_TXT);

    if (answer == NULL)
        return;
    if (answer->count > 0)
        add(plan, name, "TXT", answer->records[0].data, MV_FIRST_THERE);
    else if (plan->request->rua.len > 0)
        add(plan, name, "TXT", join(plan, MV_BYTES("v=TLSRPTv1; rua=mailto:"), plan->request->rua),
            mv_dns_is_error(answer->status) ? MV_FIRST_UNKNOWN : MV_FIRST_PUBLISH);
}

enum mv_code mv_first_records_plan(struct mv_arena *arena, const struct mv_first_request *request,
                                   struct mv_memo *memo, struct mv_first_records *records_r, struct mv_error *error)
{
    struct plan plan = {arena, memo, request, records_r, error, false, false};
    enum mv_code code;

    records_r->count = 0;
    records_r->has_no_mail_host = false;
    plan_mx(&plan);
    plan_spf(&plan);
    for (size_t i = 0; i < request->key_count && i < MV_FIRST_RECORDS_MAX_KEYS; i++)
        plan_key(&plan, &request->keys[i]);
    code = plan_dmarc(&plan);
    plan_tls_rpt(&plan);
    if (plan.failed)
        return MV_ERR_MEMORY;
    return code == MV_OK && plan.waits ? mv_memo_miss(memo) : code;
}

const char *mv_first_state_text(enum mv_first_state state)
{
    switch (state) {
    case MV_FIRST_PUBLISH:
        return "publish";
    case MV_FIRST_THERE:
        return "there";
    case MV_FIRST_OTHER:
        return "other";
    case MV_FIRST_UNKNOWN:
        break;
    }
    return "unknown";
}
