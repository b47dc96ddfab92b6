#include "core/ops/dmarc_lint.h"

#include "core/base/trace.h"
#include "core/dmarc/uri.h"
#include "core/ops/dmarc_lint_run.h"
#include "core/text/taglist.h"

void mv_dmarc_lint_mend(struct mv_dmarc_lint *lint)
{
    if (lint->mended.len > 0 && lint->name.len > 0)
        mv_findings_suggest(lint->findings, lint->name, "TXT", lint->mended);
}

/* The addresses of a tag, with mailto: before those that lack it; the others are as they were read. */
static size_t mend_uris(struct mv_arena *arena, struct mv_bytes text, const char *name,
                        struct mv_bytes uris[MV_DMARC_MAX_URIS])
{
    struct mv_cursor c = mv_cursor_of(text);
    size_t count = 0;
    struct mv_tag tag;

    while (mv_taglist_next(&c, &tag)) {
        struct mv_cursor list = mv_cursor_of(tag.value);

        if (!mv_bytes_equal_nocase(tag.name, mv_bytes_str(name)) || count > 0)
            continue;
        while (mv_cursor_left(&list) > 0 && count < MV_DMARC_MAX_URIS) {
            struct mv_bytes item = mv_bytes_trim(mv_cursor_take_until(&list, ','));
            struct mv_bytes mailto = mv_bytes_str(mv_arena_printf(arena, "mailto:%.*s", MV_ARG(item)));

            if (mv_dmarc_uri_parse(item, &uris[count]) || mv_dmarc_uri_parse(mailto, &uris[count]))
                count++;
            mv_cursor_accept(&list, ',');
        }
    }
    return count;
}

/* The record without its faults, with the meaning that it has: a policy that is not valid counts as none. */
static struct mv_bytes mend(struct mv_arena *arena, struct mv_bytes text)
{
    struct mv_bytes mended = mv_bytes_str(NULL);
    struct mv_dmarc_record record;
    struct mv_buf printed;

    text = mv_dmarc_lint_repair(arena, text);
    if (!mv_dmarc_record_parse(text, &record))
        return mended;
    if (record.p.state != MV_DMARC_TAG_VALID)
        record.p = (struct mv_dmarc_request){MV_DMARC_TAG_VALID, MV_DMARC_P_NONE};
    record.pct_present = record.test && record.pct == 0;
    record.rua_count = mend_uris(arena, text, "rua", record.rua);
    record.ruf_count = mend_uris(arena, text, "ruf", record.ruf);
    mv_buf_init(&printed, 2 * MV_DMARC_MAX_RECORD_BYTES);
    mv_dmarc_record_print(&record, &printed);
    if (!mv_buf_failed(&printed) && !mv_arena_copy(arena, mv_buf_bytes(&printed), &mended))
        mended = mv_bytes_str(NULL);
    mv_buf_free(&printed);
    return mended;
}

/* All that a text says about itself. */
static void lint_text(struct mv_dmarc_lint *lint)
{
    mv_dmarc_lint_tags(lint);
    mv_dmarc_lint_uris(lint);
    mv_dmarc_lint_policy(lint);
    mv_dmarc_lint_legacy(lint);
}

bool mv_dmarc_lint_record(struct mv_arena *arena, struct mv_bytes name, struct mv_bytes text,
                          struct mv_findings *findings, struct mv_dmarc_record *record_r)
{
    static const struct mv_finding_kind no_record = {"dmarc-not-a-record", MV_SEVERITY_ERROR, "RFC 9989 4.7",
                                                     "A DMARC record begins with v=DMARC1; and this does not."};
    struct mv_dmarc_lint lint = {.arena = arena, .findings = findings, .name = name, .mended = mend(arena, text)};

    if (mv_dmarc_record_parse(text, &lint.record))
        lint_text(&lint);
    else if (mv_dmarc_is_meant(text))
        mv_dmarc_lint_version(&lint, text);
    else
        mv_findings_add(findings, &no_record, name, "%s", text.len == 0 ? "it is empty" : "");
    *record_r = lint.record;
    return lint.record.text.len > 0 && mv_dmarc_record_parse(text, record_r);
}

/* Where the record is that applies, it is looked at as if its text had been given. */
static enum mv_code lint_found(struct mv_dmarc_lint *lint)
{
    struct mv_bytes text = lint->choice.found->record.text;

    lint->record = lint->choice.found->record;
    lint->mended = mend(lint->arena, text);
    lint->name = mv_bytes_str(mv_arena_printf(lint->arena, "_dmarc.%.*s", MV_ARG(lint->choice.found->domain)));
    if (lint->name.len == 0)
        return MV_ERR_MEMORY;
    lint_text(lint);
    return mv_dmarc_lint_reports(lint);
}

static enum mv_code worse(enum mv_code a, enum mv_code b)
{
    if (a == MV_OK || (a == MV_NEED_DNS && b != MV_OK))
        return b;
    return a;
}

static uint32_t ttl_of(const struct mv_dmarc_lint *lint)
{
    const struct mv_dns_answer *answer;
    char *name;

    if (lint->choice.found == NULL)
        return 0;
    name = mv_arena_printf(lint->arena, "_dmarc.%.*s", MV_ARG(lint->choice.found->domain));
    answer = mv_memo_peek(lint->memo, mv_bytes_str(name), MV_DNS_TXT);
    return answer == NULL ? 0 : answer->ttl_secs;
}

static void describe(const struct mv_dmarc_lint *lint, struct mv_dmarc_standing *standing_r)
{
    *standing_r = (struct mv_dmarc_standing){.discovery = lint->choice.discovery,
                                             .domain = lint->domain,
                                             .org_domain = lint->walk.org_domain,
                                             .tag = lint->choice.tag,
                                             .ttl_secs = ttl_of(lint)};
    if (lint->choice.found == NULL)
        return;
    standing_r->policy_domain = lint->choice.found->domain;
    standing_r->record = lint->choice.found->record;
}

enum mv_code mv_dmarc_lint_domain(struct mv_arena *arena, struct mv_bytes domain,
                                  const struct mv_dmarc_lint_settings *settings, struct mv_memo *memo,
                                  struct mv_findings *findings, struct mv_dmarc_standing *standing_r)
{
    struct mv_dmarc_lint *lint = mv_arena_alloc(arena, sizeof *lint);
    enum mv_code code;

    if (lint == NULL)
        return MV_ERR_MEMORY;
    *lint = (struct mv_dmarc_lint){
        .arena = arena, .findings = findings, .memo = memo, .settings = settings, .domain = domain};
    mv_dmarc_walk_prefetch(arena, domain, memo);
    code = mv_dmarc_walk_run(arena, domain, settings->suffix_hardening, memo, NULL, &lint->walk);
    if (code == MV_OK)
        code = mv_dmarc_choose(&lint->walk, memo, NULL, &lint->choice);
    code = worse(mv_dmarc_lint_place(lint), code);
    if (code != MV_OK)
        return code;
    code = mv_dmarc_lint_inherit(lint);
    if (lint->choice.found != NULL)
        code = worse(code, lint_found(lint));
    code = worse(code, mv_dmarc_lint_ground(lint));
    describe(lint, standing_r);
    return mv_findings_failed(findings) && code == MV_OK ? MV_ERR_MEMORY : code;
}
