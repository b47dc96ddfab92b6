#include "core/ops/dmarc_lint_run.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/text/taglist.h"

#define SHOWN_BYTES 80

static const struct mv_finding_kind version_case = {
    "dmarc-version-case", MV_SEVERITY_ERROR, "RFC 9989 4.7",
    "The version is compared with case: only DMARC1 in capitals makes a record. To receivers there is none."};
static const struct mv_finding_kind version_not_first = {
    "dmarc-version-not-first", MV_SEVERITY_ERROR, "RFC 9989 4.7",
    "A record begins with v=DMARC1; behind other tags it is no record, and receivers ignore it all."};
static const struct mv_finding_kind version_missing = {
    "dmarc-version-missing", MV_SEVERITY_ERROR, "RFC 9989 4.7",
    "A record begins with v=DMARC1. Without it receivers ignore the text."};
static const struct mv_finding_kind version_unknown = {
    "dmarc-version-unknown", MV_SEVERITY_ERROR, "RFC 9989 4.7",
    "There is one version, DMARC1, also for RFC 9989. To receivers this is no record."};
static const struct mv_finding_kind version_separator = {
    "dmarc-version-separator", MV_SEVERITY_ERROR, "RFC 9989 4.8",
    "Behind v=DMARC1 comes a semicolon. With anything else there the whole text is no record."};
static const struct mv_finding_kind leading_text = {
    "dmarc-leading-text", MV_SEVERITY_ERROR, "RFC 9989 4.7",
    "The very first byte of a record is the v of v=DMARC1. A space, a quotation mark or anything else before it "
    "makes it no record."};
static const struct mv_finding_kind too_long = {"dmarc-too-long", MV_SEVERITY_ERROR, "RFC 9989 4.8",
                                                "Longer than receivers read a record. Publish what is needed only."};

/* What stands before the first letter or digit: spaces, quotes, a byte order mark. */
static struct mv_bytes without_front(struct mv_bytes text)
{
    size_t at = 0;

    while (at < text.len && !mv_ascii_is(text.data[at], MV_ASCII_ALNUM))
        at++;
    return mv_bytes_slice(text, at, text.len);
}

/* The value of a first tag named v, up to its ";". false: the first tag is another one. */
static bool first_version(struct mv_bytes text, struct mv_bytes *value_r)
{
    struct mv_bytes item = mv_bytes_slice(text, 0, mv_bytes_find(text, ';'));
    size_t equals = mv_bytes_find(item, '=');

    *value_r = mv_bytes_trim(mv_bytes_slice(item, equals + 1, item.len));
    return equals < item.len && mv_bytes_equal_nocase(mv_bytes_trim(mv_bytes_slice(item, 0, equals)), MV_BYTES("v"));
}

static const struct mv_finding_kind *fault_of(struct mv_bytes value)
{
    static const struct mv_bytes meant = {(const unsigned char *)"DMARC1", 6};
    int next = value.len > meant.len ? value.data[meant.len] : -1;

    if (!mv_bytes_has_prefix_nocase(value, MV_BYTES("DMARC")))
        return NULL;
    if (mv_bytes_equal_nocase(value, meant))
        return mv_bytes_equal(value, meant) ? &leading_text : &version_case;
    if (!mv_bytes_has_prefix_nocase(value, meant) || mv_ascii_is(next, MV_ASCII_ALNUM) || next == '.')
        return &version_unknown;
    return &version_separator;
}

/* Some tag of DMARC with a word that only DMARC has there; in any place. */
static bool has_policy(struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_tag tag;

    while (mv_taglist_next(&c, &tag)) {
        bool is_request = mv_bytes_equal_nocase(tag.name, MV_BYTES("p")) ||
                          mv_bytes_equal_nocase(tag.name, MV_BYTES("sp"));

        for (enum mv_dmarc_policy p = MV_DMARC_P_NONE; is_request && p <= MV_DMARC_P_REJECT; p++)
            if (mv_bytes_equal_nocase(tag.value, mv_bytes_str(mv_dmarc_policy_text(p))))
                return true;
        if (mv_bytes_equal_nocase(tag.name, MV_BYTES("rua")))
            return true;
    }
    return false;
}

static bool has_version(struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_tag tag;

    while (mv_taglist_next(&c, &tag))
        if (mv_bytes_equal_nocase(tag.name, MV_BYTES("v")) && mv_bytes_equal_nocase(tag.value, MV_BYTES("DMARC1")))
            return true;
    return false;
}

/* Why the text is no record; NULL: nobody meant it as one. */
static const struct mv_finding_kind *why_no_record(struct mv_bytes text)
{
    struct mv_bytes value;

    if (text.len > MV_DMARC_MAX_RECORD_BYTES)
        return mv_bytes_has_prefix_nocase(text, MV_BYTES("v=DMARC1")) ? &too_long : NULL;
    if (first_version(without_front(text), &value))
        return fault_of(value);
    if (has_version(text))
        return &version_not_first;
    return has_policy(text) ? &version_missing : NULL;
}

bool mv_dmarc_is_meant(struct mv_bytes text)
{
    struct mv_dmarc_record record;

    return mv_dmarc_record_parse(text, &record) || why_no_record(text) != NULL;
}

/* Quotation marks and backslashes come from zone files; no record has a use for them. */
static struct mv_bytes without_escapes(struct mv_arena *arena, struct mv_bytes text)
{
    unsigned char *copy = mv_arena_room(arena, text.len + 1);
    size_t len = 0;

    if (copy == NULL)
        return mv_bytes_str(NULL);
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] != '"' && text.data[i] != '\\')
            copy[len++] = text.data[i];
    return mv_bytes_of(copy, len);
}

/* Tags may follow a bad version without a semicolon: "v=DMARC1 p=reject". */
static struct mv_bytes without_version(struct mv_bytes text)
{
    struct mv_bytes value;
    struct mv_cursor c;

    text = without_front(text);
    if (!first_version(text, &value))
        return text;
    c = mv_cursor_of(value);
    mv_cursor_take_while(&c, MV_ASCII_ALNUM);
    while (mv_cursor_left(&c) > 0 && !mv_ascii_is(mv_cursor_peek(&c), MV_ASCII_ALPHA))
        mv_cursor_next(&c);
    if (mv_cursor_left(&c) > 0)
        return mv_bytes_slice(text, (size_t)(c.at - text.data), text.len);
    return mv_bytes_slice(text, mv_bytes_find(text, ';') + 1, text.len);
}

struct mv_bytes mv_dmarc_lint_repair(struct mv_arena *arena, struct mv_bytes text)
{
    struct mv_bytes rest = without_version(
        without_escapes(arena, mv_bytes_slice(text, 0, MV_DMARC_MAX_RECORD_BYTES / 2)));

    return mv_bytes_str(mv_arena_printf(arena, "v=DMARC1; %.*s", MV_ARG(rest)));
}

void mv_dmarc_lint_version(struct mv_dmarc_lint *lint, struct mv_bytes text)
{
    const struct mv_finding_kind *kind = why_no_record(text);

    if (kind == NULL)
        return;
    mv_findings_add(lint->findings, kind, lint->name, "\"%.*s\"%s", MV_ARG(mv_bytes_slice(text, 0, SHOWN_BYTES)),
                    text.len > SHOWN_BYTES ? "..." : "");
    mv_dmarc_lint_mend(lint);
}
