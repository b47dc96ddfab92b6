#include "core/auth/failure_line.h"

#include "core/auth/authres.h"
#include "core/auth/redaction_received.h"
#include "core/base/ascii.h"
#include "core/text/domain.h"

#define MAX_IDENTITY_BYTES 512

static const struct {
    unsigned kind;
    const char *text;
} kinds[MV_FAILURE_KINDS] = {{MV_FAILURE_DMARC, "dmarc"}, {MV_FAILURE_DKIM, "dkim"}, {MV_FAILURE_SPF, "spf"}};

const char *mv_failure_kind_text(unsigned kind)
{
    for (size_t i = 0; i < MV_FAILURE_KINDS; i++)
        if (kinds[i].kind == kind)
            return kinds[i].text;
    return "";
}

const char *mv_failure_signature_text(enum mv_failure_signature signature)
{
    static const char *const texts[] = {
        [MV_FAILURE_NO_SIGNATURE] = "",
        [MV_FAILURE_BODYHASH] = "bodyhash",
        [MV_FAILURE_REVOKED] = "revoked",
        [MV_FAILURE_SIGNATURE] = "signature",
    };

    return (size_t)signature < sizeof texts / sizeof *texts ? texts[signature] : "";
}

static bool fo_has(struct mv_bytes fo, char option)
{
    for (size_t i = 0; i < fo.len; i++)
        if (mv_ascii_lower(fo.data[i]) == (unsigned char)option)
            return true;
    return false;
}

/* A report has to name it (RFC 6591 3.1). An error of DNS, and what our own policy does not take, are no failure. */
static bool has_failed(const struct mv_dkim_result *dkim)
{
    return (dkim->code == MV_DKIM_FAIL || dkim->code == MV_DKIM_PERMERROR) && dkim->sdid.len > 0 &&
           dkim->selector.len > 0;
}

/* By name: no tree walk is made for the domain of a signature that failed. */
static bool is_aligned(const struct mv_verdict *v, struct mv_bytes sdid)
{
    if (mv_bytes_equal(sdid, v->author_domain))
        return true;
    return !v->dmarc.record.strict_dkim && v->dmarc.org_domain.len > 0 &&
           mv_domain_is_within(sdid, v->dmarc.org_domain);
}

static const struct mv_dkim_result *failed_signature(const struct mv_verdict *v)
{
    const struct mv_dkim_result *first = NULL;

    for (size_t i = 0; i < v->dkim_count && v->has_dkim; i++) {
        if (!has_failed(&v->dkim[i]))
            continue;
        if (is_aligned(v, v->dkim[i].sdid))
            return &v->dkim[i];
        if (first == NULL)
            first = &v->dkim[i];
    }
    return first;
}

static bool has_dkim_temperror(const struct mv_verdict *v)
{
    for (size_t i = 0; i < v->dkim_count; i++)
        if (v->dkim[i].code == MV_DKIM_TEMPERROR)
            return true;
    return false;
}

/* RFC 9991 4: that failed to authenticate an aligned identity. */
static unsigned missing(const struct mv_verdict *v)
{
    unsigned kind = 0;

    if (v->has_dkim && !v->dmarc.aligned_dkim)
        kind |= MV_FAILURE_DKIM;
    if (v->has_spf && !v->dmarc.aligned_spf)
        kind |= MV_FAILURE_SPF;
    return kind;
}

/* RFC 9989 4.7 "1": any mechanism produced something other than an aligned pass. */
static bool any_missing(const struct mv_verdict *v)
{
    unsigned kind = missing(v);

    return ((kind & MV_FAILURE_DKIM) != 0 && !has_dkim_temperror(v)) ||
           ((kind & MV_FAILURE_SPF) != 0 && v->spf.code != MV_SPF_TEMPERROR);
}

/* RFC 6591 3.3 "spf", but for an error of DNS. */
static bool spf_has_failed(const struct mv_verdict *v)
{
    return v->has_spf &&
           (v->spf.code == MV_SPF_FAIL || v->spf.code == MV_SPF_SOFTFAIL || v->spf.code == MV_SPF_PERMERROR);
}

/* RFC 9989 4.7 fo */
static unsigned wanted_by_fo(const struct mv_verdict *v)
{
    struct mv_bytes fo = v->dmarc.record.fo;
    unsigned kind = 0;

    if ((fo.len == 0 || fo_has(fo, '0') || fo_has(fo, '1')) && v->dmarc.code == MV_DMARC_FAIL)
        kind |= MV_FAILURE_DMARC;
    if (fo_has(fo, '1') && v->dmarc.code == MV_DMARC_PASS && any_missing(v))
        kind |= MV_FAILURE_DMARC;
    if (fo_has(fo, 'd') && failed_signature(v) != NULL)
        kind |= MV_FAILURE_DKIM;
    if (fo_has(fo, 's') && spf_has_failed(v))
        kind |= MV_FAILURE_SPF;
    return kind;
}

/* RFC 9991 2: psd=y is not considered; a top-level domain without a word about it is no better. */
static bool may_ask(const struct mv_dmarc_result *dmarc)
{
    return dmarc->has_record && dmarc->record.ruf_count > 0 && dmarc->record.psd != MV_DMARC_PSD_YES &&
           mv_domain_labels(dmarc->policy_domain) > 1;
}

unsigned mv_failure_wanted(const struct mv_verdict *v)
{
    if (!v->has_dmarc || v->is_report || v->author_domain.len == 0 || v->client_ip.family == MV_IP_NONE ||
        mv_verdict_no_author(v) != NULL || !may_ask(&v->dmarc))
        return 0;
    return wanted_by_fo(v);
}

bool mv_failure_is_answer(const struct mv_field *fields, size_t count, bool null_path)
{
    for (size_t i = 0; i < count; i++) {
        struct mv_bytes value = mv_bytes_trim(fields[i].value);

        if (mv_field_is(&fields[i], MV_BYTES("Content-Type")) &&
            mv_bytes_has_prefix_nocase(value, MV_BYTES("multipart/report")))
            return true;
        if (null_path && mv_field_is(&fields[i], MV_BYTES("Auto-Submitted")) &&
            !mv_bytes_equal_nocase(value, MV_BYTES("no")))
            return true;
    }
    return false;
}

struct making {
    struct mv_arena *arena;
    const struct mv_failure_source *source;
    struct mv_redaction redaction;
    struct mv_failure_line *line;
};

/* What a buffer holds, in the arena, with "?" for what is not printable ASCII. */
static enum mv_code keep(struct mv_arena *arena, struct mv_bytes text, struct mv_bytes *kept_r)
{
    unsigned char *copy = mv_arena_room(arena, text.len + 1);

    if (copy == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < text.len; i++)
        copy[i] = text.data[i] == ' ' || mv_ascii_is(text.data[i], MV_ASCII_VCHAR) ? text.data[i] : '?';
    *kept_r = mv_bytes_of(copy, text.len);
    return MV_OK;
}

/* As published, or without what does not count. */
static enum mv_code fill_record(struct making *m)
{
    const struct mv_dmarc_record *record = &m->source->verdict->dmarc.record;
    struct mv_buf text;
    enum mv_code code = MV_OK;

    if (record->text.len <= MV_FAILURE_MAX_RECORD_BYTES && mv_bytes_all(record->text, MV_ASCII_VCHAR | MV_ASCII_WSP))
        return keep(m->arena, record->text, &m->line->record);
    mv_buf_init(&text, MV_FAILURE_MAX_RECORD_BYTES);
    mv_dmarc_record_print(record, &text);
    if (mv_buf_failed(&text))
        m->line->wanted = 0;
    else
        code = keep(m->arena, mv_buf_bytes(&text), &m->line->record);
    mv_buf_free(&text);
    return code;
}

static enum mv_code fill_mail_from(struct making *m)
{
    struct mv_buf path;
    enum mv_code code;

    mv_buf_init(&path, MAX_IDENTITY_BYTES);
    code = mv_redact_path(m->arena, &m->redaction, m->source->mail_from, &path);
    if (code == MV_OK && !mv_buf_failed(&path))
        code = keep(m->arena, mv_buf_bytes(&path), &m->line->mail_from);
    mv_buf_free(&path);
    return code;
}

static enum mv_failure_signature signature_kind(const struct mv_dkim_result *dkim)
{
    if (dkim->code == MV_DKIM_FAIL && dkim->body_differs)
        return MV_FAILURE_BODYHASH;
    return dkim->key_revoked ? MV_FAILURE_REVOKED : MV_FAILURE_SIGNATURE;
}

static enum mv_code fill_signature(struct making *m)
{
    const struct mv_dkim_result *dkim = failed_signature(m->source->verdict);
    struct mv_failure_line *line = m->line;
    struct mv_buf identity;
    enum mv_code code;

    if (dkim == NULL)
        return MV_OK;
    line->signature = signature_kind(dkim);
    line->signature_aligned = is_aligned(m->source->verdict, dkim->sdid);
    line->dkim_domain = dkim->sdid;
    line->dkim_selector = dkim->selector;
    mv_buf_init(&identity, MAX_IDENTITY_BYTES);
    code = mv_redact_identity(m->arena, &m->redaction, dkim->auid, &identity);
    if (code == MV_OK && !mv_buf_failed(&identity))
        code = keep(m->arena, mv_buf_bytes(&identity), &line->dkim_identity);
    mv_buf_free(&identity);
    return code;
}

/* %{l} and %{s} (RFC 7208 7.2) put the local part of MAIL FROM into the names that are asked for. */
static bool uses_local_part(struct mv_bytes text)
{
    for (size_t i = 0; i + 2 < text.len; i++) {
        unsigned char letter = mv_ascii_lower(text.data[i + 2]);

        if (text.data[i] == '%' && text.data[i + 1] == '{' && (letter == 'l' || letter == 's'))
            return true;
    }
    return false;
}

static bool spf_uses_local_part(const struct mv_spf_result *spf)
{
    for (size_t i = 0; i < spf->record_count; i++)
        if (uses_local_part(spf->records[i].text))
            return true;
    return false;
}

static bool holds_nocase(struct mv_bytes text, struct mv_bytes part)
{
    for (size_t i = 0; i + part.len <= text.len; i++)
        if (mv_bytes_has_prefix_nocase(mv_bytes_slice(text, i, text.len), part))
            return true;
    return false;
}

/* A record before it names it as it stands, so that no macro has made the name. */
static bool is_published(const struct mv_spf_result *spf, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (holds_nocase(spf->records[i].text, spf->records[index].domain))
            return true;
    return index == 0;
}

static enum mv_code fill_spf(struct making *m)
{
    const struct mv_spf_result *spf = &m->source->verdict->spf;
    struct mv_failure_line *line = m->line;
    bool guarded = spf_uses_local_part(spf);
    enum mv_code code = MV_OK;
    size_t bytes = 0;

    line->has_spf = m->source->verdict->has_spf;
    line->spf_result = spf->code;
    if (!line->has_spf || spf->code == MV_SPF_PASS)
        return MV_OK;
    for (size_t i = 0; i < spf->record_count && code == MV_OK; i++) {
        struct mv_spf_record_read *kept = &line->spf_records[line->spf_record_count];
        size_t more = spf->records[i].domain.len + spf->records[i].text.len;

        if (line->spf_record_count == MV_SPF_MAX_RECORDS || bytes + more > MV_FAILURE_MAX_SPF_RECORDS_BYTES ||
            !mv_domain_is_askable(spf->records[i].domain) || (guarded && !is_published(spf, i)))
            continue;
        bytes += more;
        line->spf_record_count++;
        code = keep(m->arena, spf->records[i].domain, &kept->domain);
        if (code == MV_OK)
            code = keep(m->arena, spf->records[i].text, &kept->text);
    }
    return code;
}

/* RFC 6591 3.1: the result of one method. i= and the sentence of SPF may hold a local part. */
static struct mv_verdict one_result(const struct mv_verdict *v, unsigned kind, struct mv_dkim_result *dkim)
{
    struct mv_verdict one = *v;

    one.has_arc = false;
    one.has_dmarc = kind == MV_FAILURE_DMARC;
    one.has_dkim = kind == MV_FAILURE_DKIM;
    one.has_spf = kind == MV_FAILURE_SPF;
    if (spf_uses_local_part(&v->spf))
        one.spf.reason = NULL;
    if (!one.has_dkim)
        return one;
    *dkim = *failed_signature(v);
    dkim->auid = MV_BYTES("");
    one.dkim = dkim;
    one.dkim_count = 1;
    one.dkim_skipped = 0;
    return one;
}

/* On one line: the white space that folds leave is one space. */
static void put_unfolded(struct mv_bytes value, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_trim(value));

    for (;;) {
        while (mv_cursor_left(&c) > 0 && !mv_ascii_is(mv_cursor_peek(&c), MV_ASCII_FWS))
            mv_buf_put(out, mv_cursor_take(&c, 1));
        mv_cursor_take_while(&c, MV_ASCII_FWS);
        if (mv_cursor_left(&c) == 0)
            return;
        mv_buf_putc(out, ' ');
    }
}

static enum mv_code fill_result(struct making *m, size_t number)
{
    struct mv_failure_line *line = m->line;
    struct mv_dkim_result dkim;
    struct mv_verdict one = one_result(m->source->verdict, kinds[number].kind, &dkim);
    struct mv_buf field, value;
    enum mv_code code;

    mv_buf_init(&field, MV_AUTHRES_MAX_BYTES);
    mv_buf_init(&value, MV_FAILURE_MAX_RESULT_BYTES);
    code = mv_authres_print(&one, m->source->authserv_id, &field);
    if (code == MV_OK)
        put_unfolded(mv_field_split(mv_buf_bytes(&field)).value, &value);
    if (code == MV_OK && !mv_buf_failed(&value))
        code = keep(m->arena, mv_buf_bytes(&value), &line->results[number]);
    else
        line->wanted &= ~kinds[number].kind;
    mv_buf_free(&field);
    mv_buf_free(&value);
    return code == MV_ERR_USAGE ? MV_OK : code;
}

static enum mv_code fill_results(struct making *m)
{
    enum mv_code code = MV_OK;

    for (size_t i = 0; i < MV_FAILURE_KINDS && code == MV_OK; i++)
        if ((m->line->wanted & kinds[i].kind) != 0)
            code = fill_result(m, i);
    return code;
}

static enum mv_code fill_header(struct making *m)
{
    struct mv_buf header;
    enum mv_code code;

    mv_buf_init(&header, MV_REDACTION_MAX_HEADER_BYTES);
    code = mv_redact_header(m->arena, &m->redaction, m->source->fields, m->source->field_count, &header);
    if (code == MV_OK && !mv_arena_copy(m->arena, mv_buf_bytes(&header), &m->line->header))
        code = MV_ERR_MEMORY;
    mv_buf_free(&header);
    return code;
}

static bool is_null_path(struct mv_bytes mail_from)
{
    return mail_from.len == 0 || mv_bytes_equal(mail_from, MV_BYTES("<>"));
}

enum mv_code mv_failure_line_of(struct mv_arena *arena, const struct mv_failure_source *source,
                                struct mv_failure_line *line_r)
{
    const struct mv_verdict *v = source->verdict;
    struct making m = {arena, source, {source->key, v->dmarc.policy_domain}, line_r};
    enum mv_code code;

    *line_r = (struct mv_failure_line){.time_secs = source->now_secs};
    if (source->action == MV_ACTION_TEMPFAIL ||
        mv_failure_is_answer(source->fields, source->field_count, is_null_path(source->mail_from)))
        return MV_OK;
    line_r->wanted = mv_failure_wanted(v);
    if (line_r->wanted == 0)
        return MV_OK;
    line_r->client = v->client_ip;
    line_r->author_domain = v->author_domain;
    line_r->policy_domain = v->dmarc.policy_domain;
    line_r->authserv_id = source->authserv_id;
    line_r->missing = missing(v);
    line_r->action = source->action;
    code = fill_record(&m);
    if (code == MV_OK)
        code = fill_mail_from(&m);
    if (code == MV_OK)
        code = fill_signature(&m);
    if (code == MV_OK)
        code = fill_spf(&m);
    if (code == MV_OK)
        code = fill_results(&m);
    return code == MV_OK ? fill_header(&m) : code;
}
