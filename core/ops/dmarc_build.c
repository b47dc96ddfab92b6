#include "core/ops/dmarc_build.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/dmarc/uri.h"
#include "core/text/domain.h"

#define MAX_SHOWN_BYTES 100

struct build {
    struct mv_arena *arena;
    struct mv_buf *text;
    struct mv_error *error;
};

static enum mv_code refuse(struct build *build, const char *tag, const char *takes, const char *value)
{
    struct mv_buf shown;

    mv_buf_init(&shown, 4 * MAX_SHOWN_BYTES + 1);
    mv_buf_put_escaped(&shown, mv_bytes_slice(mv_bytes_str(value), 0, MAX_SHOWN_BYTES));
    mv_error_set(build->error, MV_ERR_SYNTAX, "%s takes %s, not '%s'", tag, takes,
                 mv_buf_cstr(&shown) == NULL ? "" : mv_buf_cstr(&shown));
    mv_buf_free(&shown);
    return MV_ERR_SYNTAX;
}

/* A word on its own: whoever writes "none; sp=none" means two tags, and has two options for them. */
static bool is_good(enum mv_dmarc_tag tag, const char *value)
{
    struct mv_dmarc_record record;
    struct mv_buf buf;
    bool good = false;

    mv_buf_init(&buf, MAX_SHOWN_BYTES);
    mv_buf_printf(&buf, "v=DMARC1; %s=%s", mv_dmarc_tag_text(tag), value);
    if (*value != '\0' && mv_bytes_all(mv_bytes_str(value), MV_ASCII_VCHAR) &&
        mv_bytes_find(mv_bytes_str(value), ';') == mv_bytes_str(value).len && !mv_buf_failed(&buf))
        good = mv_dmarc_record_parse(mv_buf_bytes(&buf), &record) && record.bad_tags == 0;
    mv_buf_free(&buf);
    return good;
}

static enum mv_code put_words(struct build *build, const struct mv_dmarc_plan *plan)
{
    const char *policies = "none, quarantine or reject";
    const struct {
        enum mv_dmarc_tag tag;
        const char *value;
        const char *takes;
    } words[] = {
        {MV_DMARC_TAG_P, plan->p == NULL ? "none" : plan->p, policies},
        {MV_DMARC_TAG_SP, plan->sp, policies},
        {MV_DMARC_TAG_NP, plan->np, policies},
        {MV_DMARC_TAG_PSD, plan->psd, "y, n or u"},
        {MV_DMARC_TAG_T, plan->t, "y or n"},
        {MV_DMARC_TAG_ADKIM, plan->adkim, "r or s"},
        {MV_DMARC_TAG_ASPF, plan->aspf, "r or s"},
        {MV_DMARC_TAG_FO, plan->fo, "0 or 1, d and s, each once, a colon between"},
    };

    mv_buf_puts(build->text, "v=DMARC1");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].value == NULL)
            continue;
        if (!is_good(words[i].tag, words[i].value))
            return refuse(build, mv_dmarc_tag_text(words[i].tag), words[i].takes, words[i].value);
        mv_buf_printf(build->text, "; %s=%s", mv_dmarc_tag_text(words[i].tag), words[i].value);
    }
    return MV_OK;
}

/* RFC 6068 2 and RFC 9989 4.8: what may stand in a local part as it is. */
static bool is_plain(unsigned char c)
{
    return mv_ascii_is(c, MV_ASCII_ALNUM) || mv_bytes_find(MV_BYTES("-._~$'()*+="), c) < sizeof "-._~$'()*+=" - 1;
}

bool mv_dmarc_address_uri(struct mv_arena *arena, struct mv_bytes address, struct mv_bytes *uri_r)
{
    size_t at = mv_bytes_find_last(address, '@');
    struct mv_bytes domain, uri;
    struct mv_buf text;
    bool good = false;

    if (at == 0 || at >= address.len ||
        !mv_domain_normalize(arena, mv_bytes_slice(address, at + 1, address.len), &domain))
        return false;
    mv_buf_init(&text, MV_DMARC_MAX_RECORD_BYTES);
    mv_buf_puts(&text, "mailto:");
    for (size_t i = 0; i < at; i++)
        mv_buf_printf(&text, is_plain(address.data[i]) ? "%c" : "%%%02X", address.data[i]);
    mv_buf_printf(&text, "@%.*s", MV_ARG(domain));
    if (mv_bytes_all(mv_bytes_slice(address, 0, at), MV_ASCII_VCHAR) && !mv_buf_failed(&text) &&
        mv_dmarc_uri_parse(mv_buf_bytes(&text), &uri))
        good = mv_arena_copy(arena, uri, uri_r);
    mv_buf_free(&text);
    return good;
}

/* A URI as it is, an address as a URI. */
static bool to_uri(struct build *build, struct mv_bytes given, struct mv_bytes *uri_r)
{
    if (mv_bytes_find(given, ':') == given.len)
        return mv_dmarc_address_uri(build->arena, given, uri_r);
    return mv_dmarc_uri_parse(given, uri_r) && uri_r->len == given.len;
}

static enum mv_code put_uris(struct build *build, const char *tag, const char *const *given, size_t count)
{
    if (count > MV_DMARC_MAX_URIS)
        return mv_error_set(build->error, MV_ERR_SYNTAX, "%s takes at most %d addresses", tag, MV_DMARC_MAX_URIS);
    for (size_t i = 0; i < count; i++) {
        struct mv_bytes uri;

        if (!to_uri(build, mv_bytes_str(given[i]), &uri))
            return refuse(build, tag, "an address (dmarc@example.org) or a URI (mailto:dmarc@example.org)", given[i]);
        if (i == 0)
            mv_buf_printf(build->text, "; %s=%.*s", tag, MV_ARG(uri));
        else
            mv_buf_printf(build->text, ",%.*s", MV_ARG(uri));
    }
    return MV_OK;
}

/* Defaults left out, p second; then read once more, so that the record is what its text says. */
static enum mv_code finish(struct build *build, const struct mv_dmarc_plan *plan, struct mv_dmarc_record *record_r)
{
    struct mv_dmarc_record record;
    struct mv_buf printed;
    struct mv_bytes text;
    enum mv_code code = MV_ERR_LIMIT;

    if (mv_buf_failed(build->text) || !mv_dmarc_record_parse(mv_buf_bytes(build->text), &record))
        return mv_error_set(build->error, MV_ERR_LIMIT, "the record would be longer than %d bytes",
                            MV_DMARC_MAX_RECORD_BYTES);
    record.pct_present = record.test && !plan->without_pct;
    record.pct = record.pct_present ? 0 : 100;
    mv_buf_init(&printed, MV_DMARC_MAX_RECORD_BYTES);
    mv_dmarc_record_print(&record, &printed);
    if (!mv_buf_failed(&printed) && mv_arena_copy(build->arena, mv_buf_bytes(&printed), &text))
        code = mv_dmarc_record_parse(text, record_r) ? MV_OK : MV_ERR_LIMIT;
    mv_buf_free(&printed);
    return code == MV_OK ? MV_OK : mv_error_set(build->error, code, "the record is too long");
}

enum mv_code mv_dmarc_build(struct mv_arena *arena, const struct mv_dmarc_plan *plan, struct mv_dmarc_record *record_r,
                            struct mv_error *error)
{
    struct mv_buf text;
    struct build build = {arena, &text, error};
    enum mv_code code;

    mv_buf_init(&text, MV_DMARC_MAX_RECORD_BYTES);
    code = put_words(&build, plan);
    if (code == MV_OK)
        code = put_uris(&build, "rua", plan->rua, plan->rua_count);
    if (code == MV_OK)
        code = put_uris(&build, "ruf", plan->ruf, plan->ruf_count);
    if (code == MV_OK)
        code = finish(&build, plan, record_r);
    mv_buf_free(&text);
    return code;
}
