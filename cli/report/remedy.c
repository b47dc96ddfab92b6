#include "cli/report/words.h"

#include "core/base/trace.h"
#include "core/ops/spf_insert.h"
#include "core/spf/record.h"
#include "core/text/domain.h"

/* The one text of a kind; empty: there is none. false: there are several, and nobody knows which one is meant. */
static bool find_text(const struct mv_dns_answer *answer, bool (*is_it)(struct mv_bytes text), struct mv_bytes *text_r)
{
    *text_r = MV_BYTES("");
    for (size_t i = 0; i < answer->count; i++) {
        if (!is_it(answer->records[i].data))
            continue;
        if (text_r->len > 0)
            return false;
        *text_r = answer->records[i].data;
    }
    return true;
}

static bool is_key(struct mv_bytes text)
{
    return text.len > 0;
}

/* The term that lets it in; text empty: none does. */
static enum mv_code find_term(const struct mv_report_survey *survey, const struct mv_stage_sender *sender,
                              struct mv_bytes *owner_r, struct mv_bytes *term_r)
{
    struct mv_arena *arena = survey->lookup->arena;
    struct mv_buf term;
    enum mv_code code = MV_OK;

    *owner_r = survey->domain;
    *term_r = MV_BYTES("");
    mv_buf_init(&term, 300);
    if (sender->remedy == MV_REMEDY_INCLUDE) {
        mv_buf_printf(&term, "include:%s", sender->provider->include);
        if (sender->spf_domain.len > 0 && !mv_domain_normalize(arena, sender->spf_domain, owner_r))
            mv_buf_reset(&term);
    } else if (sender->remedy == MV_REMEDY_ADDRESS ||
               (sender->remedy == MV_REMEDY_FIND_OUT && sender->signer.len == 0)) {
        mv_buf_puts(&term, sender->ip.family == MV_IP_V4 ? "ip4:" : "ip6:");
        mv_ip_print(&sender->ip, &term);
    }
    if (mv_buf_failed(&term) || !mv_arena_copy(arena, mv_buf_bytes(&term), term_r))
        code = MV_ERR_MEMORY;
    mv_buf_free(&term);
    return code;
}

static enum mv_code find_spf(const struct mv_report_survey *survey, const struct mv_stage_sender *sender,
                             struct mv_memo *memo, struct mv_page_record *record)
{
    const struct mv_dns_answer *answer;
    struct mv_spf_inserted inserted;
    struct mv_bytes owner, term, now;
    enum mv_code code = find_term(survey, sender, &owner, &term);

    if (code != MV_OK || term.len == 0)
        return code;
    answer = mv_memo_ask(memo, owner, MV_DNS_TXT);
    if (answer == NULL)
        return mv_memo_miss(memo);
    if (mv_dns_is_error(answer->status) || !find_text(answer, mv_spf_record_is, &now))
        return MV_OK;
    code = mv_spf_insert(survey->lookup->arena, now, term, &inserted);
    if (code != MV_OK || inserted.outcome != MV_SPF_INSERTED)
        return code;
    *record = (struct mv_page_record){owner, now, inserted.text, inserted.from, inserted.bytes};
    return MV_OK;
}

/* What is published of the key; what belongs there only the signer knows. */
static enum mv_code find_key(const struct mv_report_survey *survey, const struct mv_stage_sender *sender,
                             struct mv_memo *memo, struct mv_page_record *record)
{
    struct mv_arena *arena = survey->lookup->arena;
    const char *joined = mv_arena_printf(arena, "%.*s._domainkey.%.*s", MV_ARG(sender->own_selector),
                                         MV_ARG(sender->own_signer));
    const struct mv_dns_answer *answer;
    struct mv_bytes name, now;

    if (joined == NULL)
        return MV_ERR_MEMORY;
    if (sender->own_selector.len == 0 || !mv_domain_normalize(arena, mv_bytes_str(joined), &name))
        return MV_OK;
    answer = mv_memo_ask(memo, name, MV_DNS_TXT);
    if (answer == NULL)
        return mv_memo_miss(memo);
    if (!mv_dns_is_error(answer->status) && find_text(answer, is_key, &now))
        *record = (struct mv_page_record){.name = name, .now = now};
    return MV_OK;
}

enum mv_code mv_report_find_record(const struct mv_report_survey *survey, const struct mv_stage_sender *sender,
                                   struct mv_memo *memo, struct mv_page_record *record_r)
{
    *record_r = (struct mv_page_record){.new_bytes = 0};
    if (survey->dns == MV_REPORT_DNS_NONE || !sender->blocks)
        return MV_OK;
    return sender->remedy == MV_REMEDY_KEY ? find_key(survey, sender, memo, record_r)
                                           : find_spf(survey, sender, memo, record_r);
}
