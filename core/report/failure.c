#include "core/report/failure.h"

#include "core/base/ascii.h"
#include "core/crypto/digest.h"
#include "core/report/mime_header.h"

struct reading {
    struct mv_arena *arena;
    struct mv_bytes part;
    enum mv_code code;
};

static struct mv_bytes value(struct reading *r, const char *name)
{
    struct mv_bytes text = MV_BYTES("");

    if (r->code == MV_OK)
        r->code = mv_mime_header_value(r->arena, r->part, mv_bytes_str(name), &text);
    return mv_bytes_slice(text, 0, MV_FAILURE_MAX_TEXT_BYTES);
}

static struct mv_bytes lower(struct reading *r, struct mv_bytes text)
{
    unsigned char *copy = mv_arena_room(r->arena, text.len + 1);

    if (copy == NULL) {
        r->code = MV_ERR_MEMORY;
        return MV_BYTES("");
    }
    for (size_t i = 0; i < text.len; i++)
        copy[i] = mv_ascii_lower(text.data[i]);
    return mv_bytes_of(copy, text.len);
}

/* A domain, or that of an address. */
static struct mv_bytes domain(struct reading *r, const char *name)
{
    struct mv_bytes text = value(r, name);
    size_t at = mv_bytes_find_last(text, '@');

    if (at < text.len)
        text = mv_bytes_slice(text, at + 1, text.len);
    if (text.len > 0 && text.data[text.len - 1] == '>')
        text.len--;
    if (text.len == 0 || text.data[0] == '<' || !mv_bytes_all(text, MV_ASCII_LDH | MV_ASCII_UTF8 | MV_ASCII_VCHAR))
        return MV_BYTES("");
    return lower(r, text);
}

static enum mv_code fill_id(struct mv_bytes part, struct mv_failure *failure)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char hash[MV_SHA256_BYTES];
    struct mv_digest *digest = mv_digest_new();
    enum mv_code code;

    if (digest == NULL)
        return MV_ERR_MEMORY;
    mv_digest_update(digest, part);
    code = mv_digest_final(digest, hash);
    mv_digest_free(&digest);
    for (size_t i = 0; i < sizeof hash && code == MV_OK; i++) {
        failure->id[2 * i] = hex[hash[i] >> 4];
        failure->id[2 * i + 1] = hex[hash[i] & 15];
    }
    return code;
}

static void fill(struct reading *r, struct mv_failure *f)
{
    f->reported_domain = domain(r, "Reported-Domain");
    f->auth_failure = lower(r, value(r, "Auth-Failure"));
    f->identity_alignment = value(r, "Identity-Alignment");
    f->delivery_result = value(r, "Delivery-Result");
    f->user_agent = value(r, "User-Agent");
    f->arrival_date = value(r, "Arrival-Date");
    f->mail_from_domain = domain(r, "Original-Mail-From");
    f->dkim_domain = domain(r, "DKIM-Domain");
    f->dkim_selector = value(r, "DKIM-Selector");
    if (!mv_ip_parse(value(r, "Source-IP"), &f->source))
        f->source.family = MV_IP_NONE;
    if (!mv_bytes_to_uint(value(r, "Incidents"), MV_FAILURE_MAX_INCIDENTS, &f->incidents) || f->incidents == 0)
        f->incidents = 1;
    if (f->reported_domain.len == 0)
        f->reported_domain = f->dkim_domain.len > 0 ? f->dkim_domain : f->mail_from_domain;
}

enum mv_code mv_failure_parse(struct mv_arena *arena, struct mv_bytes part, struct mv_failure *failure_r,
                              struct mv_error *error)
{
    struct reading r = {arena, part, MV_OK};
    struct mv_bytes type = value(&r, "Feedback-Type");

    *failure_r = (struct mv_failure){.incidents = 1};
    if (r.code == MV_OK && !mv_bytes_equal_nocase(type, MV_BYTES("auth-failure")))
        return mv_error_set(error, MV_ERR_SYNTAX, "a feedback report, but of another type than auth-failure");
    fill(&r, failure_r);
    if (r.code == MV_OK)
        r.code = fill_id(part, failure_r);
    if (r.code != MV_OK)
        return mv_error_set(error, r.code, "%s", mv_code_text(r.code));
    if (failure_r->reported_domain.len == 0)
        return mv_error_set(error, MV_ERR_SYNTAX, "a failure report that names no domain");
    return MV_OK;
}
