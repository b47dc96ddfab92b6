#include "tests/unit/report_made.h"

#include <string.h>

#include "core/base/ascii.h"

#define MAX_TEXT_BYTES 8192
#define HUMAN_BYTES (48 * 1024) /* of human_result in one record, core/report/aggregate_write.c */

unsigned made_draw(struct made_source *source, unsigned below)
{
    if (source->bytes.data != NULL) {
        unsigned byte = source->bytes.len > 0 ? source->bytes.data[0] : 0;

        source->bytes = mv_bytes_slice(source->bytes, 1, source->bytes.len);
        return byte % below;
    }
    source->seed = source->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(source->seed >> 33) % below;
}

static const struct mv_bytes hostile[] = {
    MV_BYTES("a"), MV_BYTES("example"), MV_BYTES("."), MV_BYTES(" "), MV_BYTES("\t"), MV_BYTES("\r\n"), MV_BYTES("\0"),
    MV_BYTES("\x1b[2J"), MV_BYTES("\x7f"), MV_BYTES("<script>"), MV_BYTES("</feedback>"), MV_BYTES("]]>"), MV_BYTES("&"),
    MV_BYTES("&amp;"), MV_BYTES("&#0;"), MV_BYTES("<!DOCTYPE a [<!ENTITY b 'c'>]>"), MV_BYTES("<![CDATA["),
    MV_BYTES("<!--"), MV_BYTES("\""), MV_BYTES("'"), MV_BYTES("%s"), MV_BYTES("@"), MV_BYTES(">"), MV_BYTES("\xff"),
    MV_BYTES("\xc0\x80"), MV_BYTES("\xed\xa0\x80"), MV_BYTES("\xf4\x90\x80\x80"), MV_BYTES("\xef\xbf\xbe"),
    MV_BYTES("\xef\xbf\xbd"), MV_BYTES("\xc2\x85"), MV_BYTES("\xc2\xa0"), MV_BYTES("\xc3"), MV_BYTES("\xc3\x84"),
    MV_BYTES("\xe2\x80\xae"), MV_BYTES("\xe2\x80\xa8"), MV_BYTES("\xf0\x9f\x93\xa7"), MV_BYTES("\xef\xbb\xbf"),
    MV_BYTES("UPPER"), MV_BYTES("xn--bcher-kva")};

/* Harmless, hostile, or longer than anything is let be. */
static bool text(struct made_source *source, struct mv_arena *arena, struct mv_bytes *text_r)
{
    struct mv_buf out;
    unsigned pieces = made_draw(source, 8), times = made_draw(source, 40) == 0 ? 1 + made_draw(source, 250) : 1;
    bool is_made;

    mv_buf_init(&out, MAX_TEXT_BYTES);
    for (unsigned i = 0; i < pieces; i++) {
        struct mv_bytes piece = hostile[made_draw(source, sizeof hostile / sizeof *hostile)];
        unsigned repeat = i == 0 ? times : 1;

        while (repeat-- > 0 && out.len + piece.len < MAX_TEXT_BYTES)
            mv_buf_put(&out, piece);
    }
    is_made = !mv_buf_failed(&out) && mv_arena_copy(arena, mv_buf_bytes(&out), text_r);
    mv_buf_free(&out);
    return is_made;
}

/* Mostly as names are. */
static bool name(struct made_source *source, struct mv_arena *arena, struct mv_bytes *name_r)
{
    static const char *const names[] = {"example.com", "mail.example.org", "Example.NET.", "[192.0.2.1]", "x", "_a.b"};
    unsigned which = made_draw(source, 10);

    if (which >= sizeof names / sizeof *names)
        return text(source, arena, name_r);
    return mv_arena_copy(arena, mv_bytes_str(names[which]), name_r);
}

/* Never empty. */
static bool said_text(struct made_source *source, struct mv_arena *arena, const char *first, struct mv_bytes *text_r)
{
    struct mv_bytes parts[2] = {mv_bytes_str(first)};

    return text(source, arena, &parts[1]) && mv_arena_join(arena, parts, 2, text_r);
}

static bool report_id(struct made_source *source, struct mv_arena *arena, struct mv_bytes *id_r)
{
    static const char *const ids[] = {"20261122abcdefghijkl", "a", "1.2.3@r.example", "a&b", "x'y@z"};

    return mv_arena_copy(arena, mv_bytes_str(ids[made_draw(source, sizeof ids / sizeof *ids)]), id_r);
}

bool made_head(struct made_source *s, struct mv_arena *arena, struct mv_aggregate_head *head)
{
    struct mv_aggregate_policy *policy = &head->policy;

    memset(head, 0, sizeof *head);
    head->begin_secs = 1795305600 + 86400 * (int64_t)made_draw(s, 250);
    head->end_secs = head->begin_secs + (int64_t)made_draw(s, 2) * 86399;
    policy->p = (enum mv_report_policy)made_draw(s, MV_REPORT_P_REJECT + 1);
    policy->sp = (enum mv_report_policy)made_draw(s, MV_REPORT_P_REJECT + 1);
    policy->np = (enum mv_report_policy)made_draw(s, MV_REPORT_P_REJECT + 1);
    policy->adkim = (enum mv_report_alignment)made_draw(s, MV_REPORT_STRICT + 1);
    policy->aspf = (enum mv_report_alignment)made_draw(s, MV_REPORT_STRICT + 1);
    policy->discovery = (enum mv_report_discovery)made_draw(s, MV_REPORT_TREEWALK + 1);
    policy->testing = (enum mv_report_yesno)made_draw(s, MV_REPORT_YES + 1);
    return said_text(s, arena, "R", &head->org_name) && said_text(s, arena, "a@r.example", &head->email) &&
           report_id(s, arena, &head->report_id) && said_text(s, arena, "d", &policy->domain) &&
           text(s, arena, &head->contact) && text(s, arena, &head->error) && text(s, arena, &head->generator) &&
           text(s, arena, &policy->fo) && text(s, arena, &policy->pct);
}

static bool reason(struct made_source *s, struct mv_arena *arena, struct mv_aggregate_reason *made)
{
    made->type = (enum mv_report_override)made_draw(s, MV_REPORT_OTHER + 1);
    return text(s, arena, &made->comment);
}

static bool dkim(struct made_source *s, struct mv_arena *arena, struct mv_aggregate_dkim *made)
{
    made->result = (enum mv_report_auth)made_draw(s, MV_REPORT_AUTH_PERMERROR + 1);
    return name(s, arena, &made->domain) && name(s, arena, &made->selector) && text(s, arena, &made->human_result);
}

static bool spf(struct made_source *s, struct mv_arena *arena, struct mv_aggregate_spf *made)
{
    made->result = (enum mv_report_auth)made_draw(s, MV_REPORT_AUTH_PERMERROR + 1);
    made->scope = (enum mv_report_scope)made_draw(s, MV_REPORT_HELO + 1);
    return name(s, arena, &made->domain) && text(s, arena, &made->human_result);
}

static struct mv_ip address(struct made_source *s)
{
    struct mv_ip ip = {.family = made_draw(s, 2) == 0 ? MV_IP_V4 : MV_IP_V6};

    for (size_t i = 0; i < (ip.family == MV_IP_V4 ? 4 : 16); i++)
        ip.octets[i] = (unsigned char)(made_draw(s, 3) == 0 ? 0 : made_draw(s, 256));
    if (ip.family == MV_IP_V6)
        ip.octets[0] = 0x20; /* none that is IPv4, mapped */
    return ip;
}

static size_t how_many(struct made_source *s, unsigned max)
{
    switch (made_draw(s, 8)) {
    case 0:
        return max;
    case 1:
        return made_draw(s, max + 1);
    default:
        return made_draw(s, 4);
    }
}

bool made_record(struct made_source *s, struct mv_arena *arena, struct mv_aggregate_record *record)
{
    static const uint64_t counts[] = {1, 2, 77, MV_AGGREGATE_MAX_COUNT, MV_AGGREGATE_MAX_COUNT + 1, 0};
    bool is_made;

    memset(record, 0, sizeof *record);
    if (made_draw(s, 50) > 0)
        record->source = address(s);
    record->count = counts[made_draw(s, made_draw(s, 20) == 0 ? 6 : 4)];
    record->disposition = (enum mv_report_disposition)made_draw(s, MV_REPORT_DISPOSITION_REJECT + 1);
    record->dkim_aligned = (enum mv_report_aligned)made_draw(s, MV_REPORT_ALIGNED_FAIL + 1);
    record->spf_aligned = (enum mv_report_aligned)made_draw(s, MV_REPORT_ALIGNED_FAIL + 1);
    record->has_envelope_from = made_draw(s, 3) > 0;
    record->has_spf = made_draw(s, 4) > 0;
    is_made = name(s, arena, &record->header_from) && text(s, arena, &record->envelope_to);
    if (is_made && record->has_envelope_from)
        is_made = name(s, arena, &record->envelope_from);
    if (is_made && record->has_spf)
        is_made = spf(s, arena, &record->spf);
    record->reason_count = how_many(s, MV_AGGREGATE_MAX_REASONS);
    for (size_t i = 0; i < record->reason_count && is_made; i++)
        is_made = reason(s, arena, &record->reasons[i]);
    record->dkim_count = how_many(s, MV_AGGREGATE_MAX_DKIM);
    for (size_t i = 0; i < record->dkim_count && is_made; i++)
        is_made = dkim(s, arena, &record->dkim[i]);
    return is_made;
}

/* Whole characters that may be seen: the shortest run of bytes that is UTF-8. */
static size_t visible_len(struct mv_bytes rest)
{
    size_t len = 1;

    while (len < 4 && len < rest.len && !mv_bytes_is_utf8(mv_bytes_slice(rest, 0, len)))
        len++;
    if (!mv_bytes_is_utf8(mv_bytes_slice(rest, 0, len)))
        return 0;
    if (len == 1)
        return rest.data[0] >= 0x20 && rest.data[0] != 0x7f ? 1 : 0;
    if (rest.data[0] == 0xc2 && rest.data[1] < 0xa0)
        return 0;
    return rest.data[0] == 0xef && rest.data[1] == 0xbf && rest.data[2] > 0xbd ? 0 : len;
}

static void put_said(struct mv_bytes in, size_t max, bool is_name, struct mv_buf *out)
{
    size_t start = out->len, at = 0;

    in = mv_bytes_trim(in);
    if (is_name) {
        in = mv_bytes_slice(in, 0, max);
        while (in.len > 0 && in.data[in.len - 1] == '.')
            in.len--;
    }
    while (at < in.len) {
        size_t len = visible_len(mv_bytes_slice(in, at, in.len));
        unsigned char byte = in.data[at];

        if (out->len - start + (len == 0 ? 1 : len) > max)
            break;
        if (len > 1)
            mv_buf_put(out, mv_bytes_slice(in, at, at + len));
        else if (is_name)
            mv_buf_putc(out, len == 0 || strchr(" @<>&", byte) != NULL ? '?' : mv_ascii_lower(byte));
        else if (byte == '\t' || byte == '\r' || byte == '\n')
            mv_buf_putc(out, ' ');
        else
            mv_buf_putc(out, len == 0 ? '?' : byte);
        at += len == 0 ? 1 : len;
    }
    while (out->len > start && out->data[out->len - 1] == ' ')
        mv_buf_truncate(out, out->len - 1);
}

static void put_text(const char *what, struct mv_bytes value, size_t max, enum made_form form, struct mv_buf *out)
{
    mv_buf_printf(out, "%s=[", what);
    if (form == MADE_HELD)
        mv_buf_put(out, value);
    else
        put_said(value, max, false, out);
    mv_buf_puts(out, "]\n");
}

static void put_name(const char *what, struct mv_bytes value, enum made_form form, struct mv_buf *out)
{
    mv_buf_printf(out, "%s=[", what);
    if (form == MADE_HELD)
        mv_buf_put(out, value);
    else
        put_said(value, MV_AGGREGATE_MAX_DOMAIN_BYTES, true, out);
    mv_buf_puts(out, "]\n");
}

bool made_is_sayable(const struct mv_aggregate_record *record)
{
    struct mv_buf out;
    bool has_name;

    mv_buf_init(&out, MAX_TEXT_BYTES);
    put_said(record->header_from, MV_AGGREGATE_MAX_DOMAIN_BYTES, true, &out);
    has_name = out.len > 0;
    mv_buf_free(&out);
    return has_name && record->source.family != MV_IP_NONE && record->count > 0 &&
           record->count <= MV_AGGREGATE_MAX_COUNT;
}

/* The number of a word; otherwise for one that the schema does not have, where it is said. */
static void put_word(const char *what, int value, bool is_absent, int otherwise, enum made_form form, struct mv_buf *out)
{
    mv_buf_printf(out, "%s=%d\n", what, form == MADE_SAID && is_absent ? otherwise : value);
}

void made_put_head(const struct mv_aggregate_head *head, enum made_form form, struct mv_buf *out)
{
    const struct mv_aggregate_policy *policy = &head->policy;
    bool has_fo = mv_bytes_trim(policy->fo).len > 0;

    put_text("org_name", head->org_name, MV_AGGREGATE_MAX_ID_BYTES, form, out);
    put_text("email", head->email, 320, form, out);
    put_text("contact", head->contact, MV_AGGREGATE_MAX_COMMENT_BYTES, form, out);
    put_text("report_id", head->report_id, MV_AGGREGATE_MAX_ID_BYTES, form, out);
    put_text("error", head->error, MV_AGGREGATE_MAX_COMMENT_BYTES, form, out);
    if (mv_bytes_trim(head->generator).len > 0 && !mv_bytes_has_prefix_nocase(head->generator, MV_BYTES("mailvouch/")))
        put_text("generator", head->generator, MV_AGGREGATE_MAX_ID_BYTES, form, out);
    mv_buf_printf(out, "from=%lld until=%lld\n", (long long)head->begin_secs, (long long)head->end_secs);
    put_name("domain", policy->domain, form, out);
    put_word("p", (int)policy->p, policy->p == MV_REPORT_P_ABSENT, MV_REPORT_P_NONE, form, out);
    put_word("sp", (int)policy->sp, false, 0, form, out);
    put_word("np", (int)policy->np, false, 0, form, out);
    put_word("adkim", (int)policy->adkim, policy->adkim == MV_REPORT_ALIGN_ABSENT, MV_REPORT_RELAXED, form, out);
    put_word("aspf", (int)policy->aspf, policy->aspf == MV_REPORT_ALIGN_ABSENT, MV_REPORT_RELAXED, form, out);
    put_word("discovery", (int)policy->discovery, false, 0, form, out);
    put_word("testing", (int)policy->testing, policy->testing == MV_REPORT_YESNO_ABSENT, MV_REPORT_NO, form, out);
    put_text("fo", form == MADE_SAID && !has_fo ? MV_BYTES("0") : policy->fo, MV_AGGREGATE_MAX_ID_BYTES, form, out);
}

static void put_reason(const struct mv_aggregate_reason *made, enum made_form form, struct mv_buf *out)
{
    bool is_old = form == MADE_SAID && (made->type == MV_REPORT_FORWARDED || made->type == MV_REPORT_SAMPLED_OUT);
    const char *old = made->type == MV_REPORT_FORWARDED ? "forwarded" : "sampled_out";
    size_t max = MV_AGGREGATE_MAX_COMMENT_BYTES;

    put_word("reason", (int)made->type, is_old || made->type == MV_REPORT_OVERRIDE_ABSENT, MV_REPORT_OTHER, form, out);
    mv_buf_puts(out, "comment=");
    if (is_old && mv_bytes_trim(made->comment).len == 0)
        mv_buf_printf(out, "[%s", old);
    else if (is_old)
        mv_buf_printf(out, "[%s: ", old);
    else
        mv_buf_puts(out, "[");
    if (form == MADE_HELD)
        mv_buf_put(out, made->comment);
    else
        put_said(made->comment, is_old ? max - strlen(old) - 2 : max, false, out);
    mv_buf_puts(out, "]\n");
}

/* Those that no longer fit are left out. */
static void put_human(struct mv_bytes human, size_t *room, enum made_form form, struct mv_buf *out)
{
    if (form == MADE_SAID) {
        size_t len = mv_bytes_trim(human).len;

        len = len < MV_AGGREGATE_MAX_COMMENT_BYTES ? len : MV_AGGREGATE_MAX_COMMENT_BYTES;
        human = len > *room ? MV_BYTES("") : human;
        *room -= len > *room ? 0 : len;
    }
    put_text("human", human, MV_AGGREGATE_MAX_COMMENT_BYTES, form, out);
}

static void put_row(const struct mv_aggregate_record *r, enum made_form form, struct mv_buf *out)
{
    mv_buf_puts(out, "ip=");
    mv_ip_print(&r->source, out);
    mv_buf_printf(out, " count=%llu\n", (unsigned long long)r->count);
    put_word("disposition", (int)r->disposition, r->disposition == MV_REPORT_DISPOSITION_ABSENT,
             MV_REPORT_DISPOSITION_NONE, form, out);
    put_word("dkim", (int)r->dkim_aligned, r->dkim_aligned == MV_REPORT_ALIGNED_ABSENT, MV_REPORT_ALIGNED_FAIL, form,
             out);
    put_word("spf", (int)r->spf_aligned, r->spf_aligned == MV_REPORT_ALIGNED_ABSENT, MV_REPORT_ALIGNED_FAIL, form, out);
    put_name("header_from", r->header_from, form, out);
    if (r->has_envelope_from)
        put_name("envelope_from", r->envelope_from, form, out);
    put_name("envelope_to", r->envelope_to, form, out);
}

void made_put_record(const struct mv_aggregate_record *r, enum made_form form, struct mv_buf *out)
{
    size_t room = HUMAN_BYTES;

    put_row(r, form, out);
    for (size_t i = 0; i < r->reason_count; i++)
        put_reason(&r->reasons[i], form, out);
    for (size_t i = 0; i < r->dkim_count; i++) {
        const struct mv_aggregate_dkim *made = &r->dkim[i];
        enum mv_report_auth result = made->result;

        if (form == MADE_SAID && result == MV_REPORT_AUTH_SOFTFAIL)
            result = MV_REPORT_AUTH_FAIL;
        put_name("d", made->domain, form, out);
        put_name("s", made->selector, form, out);
        put_word("result", (int)result, result == MV_REPORT_AUTH_ABSENT, MV_REPORT_AUTH_NONE, form, out);
        put_human(made->human_result, &room, form, out);
    }
    if (!r->has_spf || (form == MADE_SAID && r->spf.scope == MV_REPORT_HELO))
        return;
    put_name("mfrom", r->spf.domain, form, out);
    put_word("scope", (int)r->spf.scope, false, 0, form, out);
    put_word("result", (int)r->spf.result, r->spf.result == MV_REPORT_AUTH_ABSENT, MV_REPORT_AUTH_NONE, form, out);
    put_human(r->spf.human_result, &room, form, out);
}
