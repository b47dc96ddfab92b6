#include "cli/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MV_SHOW_MAX_LINE_BYTES 65536

static bool in_colour(void)
{
    const char *no_color = getenv("NO_COLOR");

    return (no_color == NULL || *no_color == '\0') && isatty(STDOUT_FILENO) == 1;
}

static const char *tone_start(enum mv_tone tone)
{
    if (!in_colour())
        return "";
    switch (tone) {
    case MV_TONE_GOOD:
        return "\033[32m";
    case MV_TONE_WARN:
        return "\033[33m";
    case MV_TONE_BAD:
        return "\033[31m";
    case MV_TONE_PLAIN:
        break;
    }
    return "";
}

void mv_show_toned(enum mv_tone tone, const char *word)
{
    const char *start = tone_start(tone);

    printf("%s%s%s", start, word, *start == '\0' ? "" : "\033[0m");
}

static void print_line(const char *check, enum mv_tone tone, const char *result, const struct mv_buf *detail)
{
    const char *start = tone_start(tone);

    printf("%-6s %s%-10s%s %.*s\n", check, start, result, *start == '\0' ? "" : "\033[0m", (int)detail->len,
           detail->len == 0 ? "" : (const char *)detail->data);
}

static void add_reason(struct mv_buf *detail, const char *reason)
{
    if (reason == NULL)
        return;
    mv_buf_puts(detail, detail->len == 0 ? "" : ": ");
    mv_buf_put_escaped(detail, mv_bytes_str(reason));
}

static enum mv_tone tone_of_spf(enum mv_spf_code code)
{
    switch (code) {
    case MV_SPF_PASS:
        return MV_TONE_GOOD;
    case MV_SPF_FAIL:
    case MV_SPF_PERMERROR:
        return MV_TONE_BAD;
    case MV_SPF_SOFTFAIL:
    case MV_SPF_TEMPERROR:
        return MV_TONE_WARN;
    case MV_SPF_NONE:
    case MV_SPF_NEUTRAL:
        break;
    }
    return MV_TONE_PLAIN;
}

void mv_show_spf(const struct mv_verdict *verdict)
{
    const struct mv_spf_result *spf = &verdict->spf;
    struct mv_buf detail;

    mv_buf_init(&detail, MV_SHOW_MAX_LINE_BYTES);
    if (!verdict->has_spf) {
        mv_buf_puts(&detail, "not checked: give --ip, --helo and --mail-from");
        print_line("SPF", MV_TONE_PLAIN, "-", &detail);
        mv_buf_free(&detail);
        return;
    }
    mv_buf_put_escaped(&detail, spf->domain);
    if (spf->from_helo)
        mv_buf_puts(&detail, " (null reverse-path: the HELO name)");
    if (spf->mechanism.len > 0) {
        mv_buf_puts(&detail, " by ");
        mv_buf_put_escaped(&detail, spf->mechanism);
    }
    add_reason(&detail, spf->reason);
    if (spf->explanation.len > 0) {
        mv_buf_puts(&detail, "; the domain says: ");
        mv_buf_put_escaped(&detail, spf->explanation);
    }
    print_line("SPF", tone_of_spf(spf->code), mv_spf_code_text(spf->code), &detail);
    mv_buf_free(&detail);
}

static enum mv_tone tone_of_dkim(enum mv_dkim_code code)
{
    if (code == MV_DKIM_PASS)
        return MV_TONE_GOOD;
    return code == MV_DKIM_NONE || code == MV_DKIM_TEMPERROR ? MV_TONE_WARN : MV_TONE_BAD;
}

static void show_signature(const struct mv_dkim_result *result)
{
    struct mv_buf detail;

    mv_buf_init(&detail, MV_SHOW_MAX_LINE_BYTES);
    mv_buf_put_escaped(&detail, result->sdid);
    if (result->selector.len > 0) {
        mv_buf_puts(&detail, " selector ");
        mv_buf_put_escaped(&detail, result->selector);
    }
    if (result->algorithm.len > 0) {
        mv_buf_puts(&detail, ", ");
        mv_buf_put_escaped(&detail, result->algorithm);
    }
    if (result->key_bits > 0)
        mv_buf_printf(&detail, ", %u bits", result->key_bits);
    add_reason(&detail, result->reason);
    print_line("DKIM", tone_of_dkim(result->code), mv_dkim_code_text(result->code), &detail);
    mv_buf_free(&detail);
}

void mv_show_dkim(const struct mv_verdict *verdict)
{
    struct mv_buf detail;

    for (size_t i = 0; i < verdict->dkim_count; i++)
        show_signature(&verdict->dkim[i]);
    mv_buf_init(&detail, MV_SHOW_MAX_LINE_BYTES);
    if (verdict->dkim_count == 0) {
        mv_buf_puts(&detail, "no signature");
        print_line("DKIM", MV_TONE_WARN, "none", &detail);
    }
    if (verdict->dkim_skipped > 0) {
        mv_buf_printf(&detail, "%zu more signatures were not looked at", verdict->dkim_skipped);
        print_line("", MV_TONE_PLAIN, "", &detail);
    }
    mv_buf_free(&detail);
}

void mv_show_arc(const struct mv_verdict *verdict)
{
    const struct mv_arc_result *arc = &verdict->arc;
    struct mv_buf detail;

    if (!arc->has_fields)
        return;
    mv_buf_init(&detail, MV_SHOW_MAX_LINE_BYTES);
    for (size_t i = 0; i < arc->hop_count; i++) {
        mv_buf_puts(&detail, i == 0 ? "sealed by " : ", ");
        mv_buf_put_escaped(&detail, arc->hops[i].domain);
    }
    add_reason(&detail, arc->reason);
    print_line("ARC", arc->code == MV_ARC_PASS ? MV_TONE_GOOD : MV_TONE_WARN, mv_arc_code_text(arc->code), &detail);
    mv_buf_free(&detail);
}

static enum mv_tone tone_of_dmarc(enum mv_dmarc_code code)
{
    if (code == MV_DMARC_PASS)
        return MV_TONE_GOOD;
    return code == MV_DMARC_FAIL || code == MV_DMARC_PERMERROR ? MV_TONE_BAD : MV_TONE_WARN;
}

static void add_policy(struct mv_buf *detail, const struct mv_dmarc_result *dmarc)
{
    if (!dmarc->has_record)
        return;
    mv_buf_printf(detail, ", policy %s", mv_dmarc_policy_text(dmarc->published));
    if (dmarc->test_mode)
        mv_buf_printf(detail, " (t=y: %s)", mv_dmarc_policy_text(dmarc->effective));
    mv_buf_puts(detail, " of ");
    mv_buf_put_escaped(detail, dmarc->policy_domain);
    if (dmarc->aligned_dkim || dmarc->aligned_spf)
        mv_buf_printf(detail, ", aligned by %s%s%s", dmarc->aligned_dkim ? "dkim" : "",
                      dmarc->aligned_dkim && dmarc->aligned_spf ? " and " : "", dmarc->aligned_spf ? "spf" : "");
}

void mv_show_dmarc(const struct mv_verdict *verdict)
{
    const struct mv_dmarc_result *dmarc = &verdict->dmarc;
    struct mv_buf detail;

    mv_buf_init(&detail, MV_SHOW_MAX_LINE_BYTES);
    if (verdict->author_domain.len > 0) {
        mv_buf_puts(&detail, "From ");
        mv_buf_put_escaped(&detail, verdict->author_domain);
    }
    add_policy(&detail, dmarc);
    add_reason(&detail, dmarc->reason);
    print_line("DMARC", tone_of_dmarc(dmarc->code), mv_dmarc_code_text(dmarc->code), &detail);
    mv_buf_free(&detail);
}

void mv_show_disposition(const struct mv_verdict *verdict)
{
    static const enum mv_tone tones[] = {
        [MV_ACTION_NONE] = MV_TONE_GOOD,
        [MV_ACTION_QUARANTINE] = MV_TONE_WARN,
        [MV_ACTION_REJECT] = MV_TONE_BAD,
        [MV_ACTION_TEMPFAIL] = MV_TONE_WARN,
    };
    struct mv_buf detail;

    mv_buf_init(&detail, MV_SHOW_MAX_LINE_BYTES);
    add_reason(&detail, verdict->reason);
    print_line("=>", tones[verdict->action], mv_action_text(verdict->action), &detail);
    mv_buf_free(&detail);
}
