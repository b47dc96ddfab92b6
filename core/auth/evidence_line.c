#include "core/auth/evidence_line.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/text/domain.h"

/* Of a line */

static enum mv_evidence_alignment alignment_of(const struct mv_verdict *verdict, const struct mv_dkim_result *signature)
{
    const struct mv_dmarc_result *dmarc = &verdict->dmarc;

    if (mv_bytes_equal(signature->sdid, verdict->author_domain))
        return MV_EVIDENCE_STRICT;
    if (signature->code != MV_DKIM_PASS)
        return MV_EVIDENCE_NOT_ALIGNED;
    for (size_t i = 0; i < dmarc->aligned_sdid_count; i++)
        if (mv_bytes_equal(signature->sdid, dmarc->aligned_sdids[i]))
            return MV_EVIDENCE_RELAXED;
    return MV_EVIDENCE_NOT_ALIGNED;
}

#define RANKS 4

unsigned mv_evidence_rank(const struct mv_evidence_signature *signature)
{
    return signature->result != MV_DKIM_PASS ? RANKS - 1 : (unsigned)(MV_EVIDENCE_STRICT - signature->alignment);
}

static void add_signatures(const struct mv_verdict *verdict, struct mv_evidence_line *line)
{
    for (unsigned rank = 0; rank < RANKS; rank++) {
        for (size_t i = 0; i < verdict->dkim_count && line->dkim_count < MV_EVIDENCE_MAX_DKIM; i++) {
            const struct mv_dkim_result *from = &verdict->dkim[i];
            struct mv_evidence_signature one = {from->code, from->sdid, from->selector, alignment_of(verdict, from)};

            if (one.domain.len > 0 && mv_evidence_rank(&one) == rank)
                line->dkim[line->dkim_count++] = one;
        }
    }
}

/* RFC 9990 3.1.1.9: what was done differs from what was published, and why. */
static void add_override(const struct mv_verdict *verdict, struct mv_evidence_line *line)
{
    line->override = verdict->override;
    if (verdict->override != MV_OVERRIDE_NO)
        line->note = mv_bytes_slice(mv_bytes_str(verdict->reason), 0, MV_EVIDENCE_MAX_NOTE_BYTES);
    else if (line->action != verdict->action) {
        line->override = MV_OVERRIDE_LOCAL_POLICY;
        line->note = MV_BYTES("this server does less than the policy asks for");
    }
}

static int64_t clamp_time(int64_t secs)
{
    if (secs < 0)
        return 0;
    return secs > MV_EVIDENCE_MAX_TIME_SECS ? MV_EVIDENCE_MAX_TIME_SECS : secs;
}

bool mv_evidence_line_of(const struct mv_verdict *verdict, enum mv_action action, int64_t now_secs,
                         struct mv_evidence_line *line_r)
{
    const struct mv_dmarc_result *dmarc = &verdict->dmarc;

    *line_r = (struct mv_evidence_line){
        .time_secs = clamp_time(now_secs),
        .client = verdict->client_ip,
        .author_domain = verdict->author_domain,
        .policy_domain = dmarc->policy_domain,
        .record = dmarc->record.text,
        .published = dmarc->published,
        .result = dmarc->code,
        .is_report = verdict->is_report,
        .action = action,
        .aligned_dkim = dmarc->aligned_dkim,
        .aligned_spf = dmarc->aligned_spf,
        .has_spf = verdict->has_spf,
        .spf_result = verdict->spf.code,
        .spf_of_helo = verdict->spf.from_helo,
        .spf_domain = verdict->spf.domain,
    };
    if (!verdict->has_dmarc || mv_verdict_no_author(verdict) != NULL || !dmarc->has_record ||
        verdict->client_ip.family == MV_IP_NONE || action == MV_ACTION_TEMPFAIL)
        return false;
    add_override(verdict, line_r);
    add_signatures(verdict, line_r);
    return true;
}

/* As text */

/* Room for one line. What does not fit is remembered. */
struct sheet {
    unsigned char *room; /* of MV_EVIDENCE_MAX_LINE_BYTES */
    size_t len;
    bool full;
};

static void put(struct sheet *s, struct mv_bytes b)
{
    if (b.len > MV_EVIDENCE_MAX_LINE_BYTES - s->len) {
        s->full = true;
        return;
    }
    if (b.len > 0)
        memcpy(s->room + s->len, b.data, b.len);
    s->len += b.len;
}

static void put_escape(struct sheet *s, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";

    if (c == '"' || c == '\\') {
        put(s, mv_bytes_of((const unsigned char[]){'\\', c}, 2));
        return;
    }
    put(s, MV_BYTES("\\u00"));
    put(s, mv_bytes_of((const char[]){digits[c >> 4], digits[c & 15]}, 2));
}

static void put_text(struct sheet *s, struct mv_bytes text)
{
    size_t begin = 0; /* of a run that stays as it is */

    put(s, MV_BYTES("\""));
    for (size_t i = 0; i < text.len && !s->full; i++) {
        unsigned char c = text.data[i];

        if ((c == ' ' || mv_ascii_is(c, MV_ASCII_VCHAR)) && c != '"' && c != '\\')
            continue;
        put(s, mv_bytes_slice(text, begin, i));
        put_escape(s, c);
        begin = i + 1;
    }
    put(s, mv_bytes_slice(text, begin, text.len));
    put(s, MV_BYTES("\""));
}

static void put_key(struct sheet *s, const char *key)
{
    put(s, MV_BYTES(",\""));
    put(s, mv_bytes_str(key));
    put(s, MV_BYTES("\":"));
}

static void put_pair(struct sheet *s, const char *key, struct mv_bytes text)
{
    put_key(s, key);
    put_text(s, text);
}

static void put_word(struct sheet *s, const char *key, const char *word)
{
    put_pair(s, key, mv_bytes_str(word));
}

#define MAX_DIGITS 20

static void put_number(struct sheet *s, int64_t number)
{
    unsigned char digits[MAX_DIGITS];
    uint64_t left = (uint64_t)clamp_time(number);
    size_t at = MAX_DIGITS;

    do {
        digits[--at] = (unsigned char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    put(s, mv_bytes_of(digits + at, MAX_DIGITS - at));
}

static void put_spf(struct sheet *s, const struct mv_evidence_line *line)
{
    if (!line->has_spf)
        return;
    put_key(s, "spf");
    put(s, MV_BYTES("["));
    put_text(s, mv_bytes_str(mv_spf_code_text(line->spf_result)));
    put(s, line->spf_of_helo ? MV_BYTES(",\"helo\",") : MV_BYTES(",\"mfrom\","));
    put_text(s, line->spf_domain);
    put(s, MV_BYTES("]"));
}

static void put_dkim(struct sheet *s, const struct mv_evidence_signature *signatures, size_t count)
{
    static const char *const alignments[] = {
        [MV_EVIDENCE_NOT_ALIGNED] = "", [MV_EVIDENCE_RELAXED] = "r", [MV_EVIDENCE_STRICT] = "s"};

    for (size_t i = 0; i < count; i++) {
        const struct mv_evidence_signature *one = &signatures[i];

        if (i == 0)
            put_key(s, "dkim");
        put(s, i == 0 ? MV_BYTES("[[") : MV_BYTES(",["));
        put_text(s, mv_bytes_str(mv_dkim_code_text(one->result)));
        put(s, MV_BYTES(","));
        put_text(s, one->domain);
        put(s, MV_BYTES(","));
        put_text(s, one->selector);
        put(s, MV_BYTES(","));
        put_text(s, mv_bytes_str(alignments[one->alignment]));
        put(s, MV_BYTES("]"));
    }
    put(s, count > 0 ? MV_BYTES("]") : MV_BYTES(""));
}

/* What of a line is written. */
struct extent {
    struct mv_bytes ip;
    struct mv_bytes record;
    struct mv_bytes note;
    size_t dkim_count;
};

static const char *aligned_text(const struct mv_evidence_line *line)
{
    if (line->aligned_dkim)
        return line->aligned_spf ? "ds" : "d";
    return line->aligned_spf ? "s" : "";
}

/* false: it is longer than a line may be. */
static bool write_line(struct sheet *s, const struct mv_evidence_line *line, const struct extent *extent)
{
    s->len = 0;
    s->full = false;
    put(s, MV_BYTES("{\"v\":1,\"t\":"));
    put_number(s, line->time_secs);
    put_pair(s, "ip", extent->ip);
    put_pair(s, "from", line->author_domain);
    put_pair(s, "at", line->policy_domain);
    put_pair(s, "rec", extent->record);
    put_word(s, "pub", mv_dmarc_policy_text(line->published));
    put_word(s, "dmarc", mv_dmarc_code_text(line->result));
    put_word(s, "act", mv_action_text(line->action));
    if (line->override != MV_OVERRIDE_NO)
        put_word(s, "why", mv_override_text(line->override));
    put(s, line->is_report ? MV_BYTES(",\"rep\":1") : MV_BYTES(""));
    if (extent->note.len > 0)
        put_pair(s, "note", extent->note);
    put_word(s, "al", aligned_text(line));
    put_spf(s, line);
    put_dkim(s, line->dkim, extent->dkim_count);
    put(s, MV_BYTES("}\n"));
    return !s->full;
}

/* The last signature, or the last address that reports go to; false when there is neither. */
static bool drop_one(struct extent *extent, struct mv_dmarc_record *record)
{
    if (extent->dkim_count > 0)
        extent->dkim_count--;
    else if (record->ruf_count > 0)
        record->ruf_count--;
    else if (record->rua_count > 0)
        record->rua_count--;
    else
        return false;
    return true;
}

/* MV_ERR_LIMIT: not short enough yet. */
static enum mv_code write_with(struct sheet *s, const struct mv_evidence_line *line, struct extent *extent,
                               const struct mv_dmarc_record *record, struct mv_buf *brief)
{
    mv_buf_reset(brief);
    mv_dmarc_record_print(record, brief);
    if (mv_buf_failed(brief))
        return MV_ERR_MEMORY;
    extent->record = mv_buf_bytes(brief);
    return write_line(s, line, extent) ? MV_OK : MV_ERR_LIMIT;
}

/* Leaves out what matters least, until the line is short enough. */
static enum mv_code write_short(struct sheet *s, const struct mv_evidence_line *line, struct extent *extent)
{
    struct mv_dmarc_record record;
    struct mv_buf brief;
    enum mv_code code;

    extent->note = mv_bytes_str(NULL);
    if (write_line(s, line, extent))
        return MV_OK;
    if (!mv_dmarc_record_parse(line->record, &record))
        return MV_ERR_LIMIT;
    mv_buf_init(&brief, 2 * MV_DMARC_MAX_RECORD_BYTES);
    do
        code = write_with(s, line, extent, &record, &brief);
    while (code == MV_ERR_LIMIT && drop_one(extent, &record));
    mv_buf_free(&brief);
    return code;
}

#define MAX_IP_BYTES 64

/* mv_ip_print() writes at the end of the buffer, from where the address is taken again. */
static bool take_ip(const struct mv_ip *ip, struct mv_buf *out, unsigned char text[MAX_IP_BYTES], struct mv_bytes *ip_r)
{
    size_t start = out->len;

    mv_ip_print(ip, out);
    *ip_r = mv_bytes_of(text, out->len - start);
    if (mv_buf_failed(out) || ip_r->len == 0 || ip_r->len > MAX_IP_BYTES)
        return false;
    memcpy(text, out->data + start, ip_r->len);
    mv_buf_truncate(out, start);
    return true;
}

enum mv_code mv_evidence_line_print(const struct mv_evidence_line *line, struct mv_buf *out)
{
    struct extent extent = {.record = line->record, .note = line->note, .dkim_count = line->dkim_count};
    unsigned char ip[MAX_IP_BYTES];
    struct sheet sheet = {.room = NULL};
    enum mv_code code = MV_OK;

    if (take_ip(&line->client, out, ip, &extent.ip))
        sheet.room = mv_buf_reserve(out, MV_EVIDENCE_MAX_LINE_BYTES);
    if (sheet.room == NULL)
        return MV_ERR_MEMORY;
    if (!write_line(&sheet, line, &extent))
        code = write_short(&sheet, line, &extent);
    if (code == MV_OK)
        mv_buf_commit(out, sheet.len);
    return code;
}
