/* The addresses of rua and ruf, as they are written (RFC 9989 4.6, 4.7; RFC 7489 6.2, 6.3). */
#include "core/ops/dmarc_lint_run.h"

#include "core/base/trace.h"
#include "core/dmarc/uri.h"
#include "core/text/taglist.h"

static const struct mv_finding_kind rua_missing = {
    "dmarc-rua-missing", MV_SEVERITY_WARNING, "RFC 9989 4.7",
    "Nobody sends aggregate reports without rua: you will not see who sends in your name, nor what a policy breaks."};
static const struct mv_finding_kind no_scheme = {
    "dmarc-uri-no-scheme", MV_SEVERITY_ERROR, "RFC 9989 4.6",
    "An address is written mailto:name@domain. Without mailto: it is no URI, and is dropped."};
static const struct mv_finding_kind not_mailto = {
    "dmarc-uri-not-mailto", MV_SEVERITY_WARNING, "RFC 9989 4.7",
    "mailto is the one way that every reporter knows. Reports to other places do not come."};
static const struct mv_finding_kind uri_syntax = {
    "dmarc-uri-invalid", MV_SEVERITY_ERROR, "RFC 9989 4.6",
    "This is no URI that can be reported to, and is dropped. Commas and exclamation marks inside are written %2C and "
    "%21; the domain is written in ASCII."};
static const struct mv_finding_kind size_limit = {
    "dmarc-uri-size-limit", MV_SEVERITY_NOTE, "RFC 9989 4.8",
    "The size limit behind the exclamation mark is gone, and is ignored. Leave it out."};
static const struct mv_finding_kind many = {
    "dmarc-uri-many", MV_SEVERITY_WARNING, "RFC 7489 6.2",
    "Receivers need to send to the first two only. Let one mailbox pass the reports on."};
static const struct mv_finding_kind too_many = {"dmarc-uri-too-many", MV_SEVERITY_ERROR, "RFC 9989 4.6",
                                                "No receiver sends to so many; the last ones are dropped."};
static const struct mv_finding_kind repeated = {"dmarc-uri-repeated", MV_SEVERITY_NOTE, "",
                                                "The same address stands twice in one tag: reports may come twice."};
static const struct mv_finding_kind fo_alone = {
    "dmarc-fo-without-ruf", MV_SEVERITY_WARNING, "RFC 9989 4.7",
    "fo says when failure reports are wanted, and is ignored while there is no ruf to send them to."};
static const struct mv_finding_kind ruf_rare = {
    "dmarc-ruf", MV_SEVERITY_NOTE, "RFC 9989 10.2",
    "Failure reports hold parts of people's mail. Few receivers send them; treat those that come as personal data."};

static struct mv_tag find(const struct mv_dmarc_record *record, struct mv_bytes name)
{
    struct mv_cursor c = mv_cursor_of(record->text);
    struct mv_tag tag;

    while (mv_taglist_next(&c, &tag))
        if (mv_bytes_equal_nocase(tag.name, name))
            return tag;
    return (struct mv_tag){.name = mv_bytes_str(NULL)};
}

static bool is_mailto(struct mv_bytes uri)
{
    return mv_bytes_has_prefix_nocase(uri, MV_BYTES("mailto:"));
}

/* "name@domain", perhaps with a size limit: what people write for a URI. */
static bool is_bare_address(struct mv_bytes item)
{
    return mv_bytes_find(item, ':') == item.len && mv_bytes_find(item, '@') < item.len;
}

static void check_item(struct mv_dmarc_lint *lint, const char *tag, struct mv_bytes item)
{
    struct mv_bytes uri;
    const struct mv_finding_kind *kind = NULL;

    if (!mv_dmarc_uri_parse(item, &uri))
        kind = is_bare_address(item) ? &no_scheme : &uri_syntax;
    else if (!is_mailto(uri))
        kind = &not_mailto;
    if (kind != NULL) {
        mv_findings_add(lint->findings, kind, lint->name, "%s: \"%.*s\"", tag, MV_ARG(item));
        if (kind != &not_mailto)
            mv_dmarc_lint_mend(lint);
        return;
    }
    if (uri.len < item.len)
        mv_findings_add(lint->findings, &size_limit, lint->name, "%s: %.*s", tag, MV_ARG(item));
}

static void check_repeated(struct mv_dmarc_lint *lint, const char *tag, const struct mv_bytes *uris, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (mv_bytes_equal_nocase(uris[i], uris[j])) {
                mv_findings_add(lint->findings, &repeated, lint->name, "%s: %.*s", tag, MV_ARG(uris[i]));
                return;
            }
}

static void check_list(struct mv_dmarc_lint *lint, const char *tag, const struct mv_bytes *uris, size_t uri_count)
{
    struct mv_tag list = find(&lint->record, mv_bytes_str(tag));
    struct mv_cursor c = mv_cursor_of(list.value);
    size_t count = 0;

    if (list.name.len == 0)
        return;
    do {
        if (++count <= MV_DMARC_MAX_URIS)
            check_item(lint, tag, mv_bytes_trim(mv_cursor_take_until(&c, ',')));
        else
            mv_cursor_take_until(&c, ',');
    } while (mv_cursor_accept(&c, ','));
    if (count > MV_DMARC_MAX_URIS)
        mv_findings_add(lint->findings, &too_many, lint->name, "%s: %zu, and at most %d are read", tag, count,
                        MV_DMARC_MAX_URIS);
    else if (count > MV_DMARC_SURE_URIS)
        mv_findings_add(lint->findings, &many, lint->name, "%s: %zu addresses", tag, count);
    check_repeated(lint, tag, uris, uri_count);
}

void mv_dmarc_lint_uris(struct mv_dmarc_lint *lint)
{
    const struct mv_dmarc_record *record = &lint->record;

    check_list(lint, "rua", record->rua, record->rua_count);
    check_list(lint, "ruf", record->ruf, record->ruf_count);
    if (record->rua_count == 0)
        mv_findings_add(lint->findings, &rua_missing, lint->name, "%s", "");
    if (find(record, MV_BYTES("fo")).name.len > 0 && record->ruf_count == 0)
        mv_findings_add(lint->findings, &fo_alone, lint->name, "%s", "");
    if (record->ruf_count > 0)
        mv_findings_add(lint->findings, &ruf_rare, lint->name, "%s", "");
}
