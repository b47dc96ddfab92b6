/* How a record is written: bytes, items, names of tags, values of tags that are no addresses (RFC 9989 4.7, 4.8). */
#include "core/ops/dmarc_lint_run.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/text/taglist.h"

#define MAX_TAGS 64

static const struct mv_finding_kind forbidden_byte = {
    "dmarc-forbidden-byte", MV_SEVERITY_ERROR, "RFC 9989 4.8",
    "A record is printable ASCII. The tag that holds such a byte is dropped: retype it, and beware of typographic "
    "quotes, dashes and invisible spaces from web pages."};
static const struct mv_finding_kind tab = {
    "dmarc-tab", MV_SEVERITY_NOTE, "RFC 9989 4.8",
    "A tab between tags is allowed, and some readers trip over it: use a space."};
static const struct mv_finding_kind backslash = {
    "dmarc-backslash", MV_SEVERITY_ERROR, "RFC 9989 4.8",
    "The backslash before a semicolon belongs into a zone file only. In DNS it became a part of the record and spoils "
    "the tag before it."};
static const struct mv_finding_kind quotes = {
    "dmarc-quotes", MV_SEVERITY_ERROR, "RFC 9989 4.8",
    "Quotation marks belong into a zone file only, not into the record: enter the text without them."};
static const struct mv_finding_kind empty_item = {
    "dmarc-empty-item", MV_SEVERITY_NOTE, "RFC 9989 4.8",
    "Two semicolons with nothing between them: the grammar has no such thing, readers forgive it mostly."};
static const struct mv_finding_kind item_syntax = {
    "dmarc-item-syntax", MV_SEVERITY_ERROR, "RFC 9989 4.8",
    "This is not name=value, so that receivers drop it: perhaps a semicolon or an equals sign is missing."};
static const struct mv_finding_kind unknown_tag = {
    "dmarc-unknown-tag", MV_SEVERITY_WARNING, "RFC 9989 4.7",
    "DMARC has no such tag, and receivers ignore it: what it was meant to say is not said."};
static const struct mv_finding_kind removed_pct = {
    "dmarc-pct-removed", MV_SEVERITY_WARNING, "RFC 9989 C.5.2",
    "pct is gone: receivers of RFC 9989 apply the policy to all mail, only older ones draw lots. To try a policy "
    "out, use t=y, with pct=0 for the older receivers."};
static const struct mv_finding_kind pct_transition = {
    "dmarc-pct-transition", MV_SEVERITY_NOTE, "RFC 9989 C.5.2",
    "With t=y this is the way to try a policy with both generations of receivers. Take it out together with t."};
static const struct mv_finding_kind removed_rf = {"dmarc-rf-removed", MV_SEVERITY_NOTE, "RFC 9989 C.5.2",
                                                  "rf is gone: there is one format of failure reports. Leave it out."};
static const struct mv_finding_kind removed_ri = {
    "dmarc-ri-removed", MV_SEVERITY_NOTE, "RFC 9989 C.5.2",
    "ri is gone, and was ignored before: reports come once a day. Leave it out."};
static const struct mv_finding_kind duplicate = {
    "dmarc-duplicate-tag", MV_SEVERITY_WARNING, "RFC 6376 3.2",
    "A tag stands twice with the same value. Some receivers ignore a record with such a pair."};
static const struct mv_finding_kind conflict = {
    "dmarc-conflicting-tag", MV_SEVERITY_ERROR, "RFC 6376 3.2",
    "A tag stands twice with different values: which one counts is chance, or the record is ignored."};
static const struct mv_finding_kind letter_case = {
    "dmarc-letter-case", MV_SEVERITY_NOTE, "RFC 9989 4.8",
    "Capitals are allowed here, but some receivers compare with case: write tag names and words in small letters."};
static const struct mv_finding_kind large = {"dmarc-large", MV_SEVERITY_WARNING, "RFC 7208 3.4",
                                             "The answer may not fit into 512 octets, and who cannot ask by TCP gets "
                                             "none. Fewer report addresses make it shorter."};
static const struct mv_finding_kind too_many_tags = {"dmarc-too-many-tags", MV_SEVERITY_ERROR, "RFC 9989 4.8",
                                                     "No honest record has so many tags, and receivers stop reading."};

/* A tag whose value was dropped: its default counts, or worse. */
static const struct mv_finding_kind invalid[MV_DMARC_TAG_COUNT] = {
    [MV_DMARC_TAG_P] = {"dmarc-p-invalid", MV_SEVERITY_ERROR, "RFC 9989 4.10.1",
                        "p is none, quarantine or reject. With anything else the record counts as p=none when rua has "
                        "an address, and not at all when it has none."},
    [MV_DMARC_TAG_SP] = {"dmarc-sp-invalid", MV_SEVERITY_ERROR, "RFC 9989 4.10.1",
                         "sp is none, quarantine or reject. With anything else the whole record counts as p=none when "
                         "rua has an address, and not at all when it has none."},
    [MV_DMARC_TAG_NP] = {"dmarc-np-invalid", MV_SEVERITY_ERROR, "RFC 9989 4.10.1",
                         "np is none, quarantine or reject. With anything else the whole record counts as p=none when "
                         "rua has an address, and not at all when it has none."},
    [MV_DMARC_TAG_PSD] = {"dmarc-psd-invalid", MV_SEVERITY_ERROR, "RFC 9989 4.7",
                          "psd is y, n or u. Anything else counts as u."},
    [MV_DMARC_TAG_T] = {"dmarc-t-invalid", MV_SEVERITY_ERROR, "RFC 9989 4.7",
                        "t is y or n. Anything else counts as n: the policy is not tried out, it is applied."},
    [MV_DMARC_TAG_ADKIM] = {"dmarc-adkim-invalid", MV_SEVERITY_WARNING, "RFC 9989 4.7",
                            "adkim is r or s. Anything else counts as r (relaxed)."},
    [MV_DMARC_TAG_ASPF] = {"dmarc-aspf-invalid", MV_SEVERITY_WARNING, "RFC 9989 4.7",
                           "aspf is r or s. Anything else counts as r (relaxed)."},
    [MV_DMARC_TAG_FO] = {"dmarc-fo-invalid", MV_SEVERITY_WARNING, "RFC 9989 4.7",
                         "fo is a list of 0 or 1, d and s, each once, a colon between. Anything else counts as 0."},
    [MV_DMARC_TAG_PCT] = {"dmarc-pct-invalid", MV_SEVERITY_WARNING, "RFC 7489 6.3",
                          "pct was a number from 0 to 100. Leave it out."},
};

/* Reads items that the list parser passes over. */
struct items {
    struct mv_tag seen[MAX_TAGS];
    size_t count;
};

static void check_bytes(struct mv_dmarc_lint *lint)
{
    struct mv_bytes text = lint->record.text;
    bool has_tab = false;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.data[i];

        has_tab = has_tab || c == '\t';
        if (c == '\t' || mv_ascii_is(c, MV_ASCII_VCHAR) || c == ' ')
            continue;
        mv_findings_add(lint->findings, &forbidden_byte, lint->name, "byte %zu is 0x%02x", i + 1, c);
        mv_dmarc_lint_mend(lint);
        break;
    }
    if (has_tab)
        mv_findings_add(lint->findings, &tab, lint->name, "%s", "");
    if (mv_bytes_find(text, '\\') < text.len) {
        mv_findings_add(lint->findings, &backslash, lint->name, "%s", "");
        mv_dmarc_lint_mend(lint);
    }
    if (mv_bytes_find(text, '"') < text.len) {
        mv_findings_add(lint->findings, &quotes, lint->name, "%s", "");
        mv_dmarc_lint_mend(lint);
    }
}

static bool has_upper(struct mv_bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.data[i] >= 'A' && b.data[i] <= 'Z')
            return true;
    return false;
}

static bool is_named(const struct mv_tag *tag, const char *name)
{
    return mv_bytes_equal_nocase(tag->name, mv_bytes_str(name));
}

static bool is_address_list(const struct mv_tag *tag)
{
    return is_named(tag, "rua") || is_named(tag, "ruf");
}

static bool is_known(const struct mv_tag *tag)
{
    for (enum mv_dmarc_tag known = 0; known < MV_DMARC_TAG_COUNT; known++)
        if (is_named(tag, mv_dmarc_tag_text(known)))
            return true;
    return is_named(tag, "v") || is_named(tag, "rf") || is_named(tag, "ri");
}

static void check_name(struct mv_dmarc_lint *lint, const struct mv_tag *tag)
{
    if (is_named(tag, "pct") && lint->record.test && lint->record.pct == 0)
        mv_findings_add(lint->findings, &pct_transition, lint->name, "%s", "t=y; pct=0");
    else if (is_named(tag, "pct"))
        mv_findings_add(lint->findings, &removed_pct, lint->name, "%.*s", MV_ARG(tag->whole));
    else if (is_named(tag, "rf"))
        mv_findings_add(lint->findings, &removed_rf, lint->name, "%.*s", MV_ARG(tag->whole));
    else if (is_named(tag, "ri"))
        mv_findings_add(lint->findings, &removed_ri, lint->name, "%.*s", MV_ARG(tag->whole));
    else if (!is_known(tag))
        mv_findings_add(lint->findings, &unknown_tag, lint->name, "%.*s", MV_ARG(tag->whole));
    if (is_known(tag) &&
        (has_upper(tag->name) || (!is_named(tag, "v") && !is_address_list(tag) && has_upper(tag->value))))
        mv_findings_add(lint->findings, &letter_case, lint->name, "%.*s", MV_ARG(tag->whole));
}

static void check_repeated(struct mv_dmarc_lint *lint, const struct items *items, const struct mv_tag *tag)
{
    for (size_t i = 0; i < items->count; i++) {
        const struct mv_tag *other = &items->seen[i];
        bool same = is_address_list(tag) ? mv_bytes_equal(tag->value, other->value)
                                         : mv_bytes_equal_nocase(tag->value, other->value);

        if (!mv_bytes_equal_nocase(tag->name, other->name))
            continue;
        mv_findings_add(lint->findings, same ? &duplicate : &conflict, lint->name, "%.*s and %.*s",
                        MV_ARG(other->whole), MV_ARG(tag->whole));
        if (same)
            mv_dmarc_lint_mend(lint);
        return;
    }
}

/* The name of a faulty item is not split off; a byte that is not allowed has a finding of its own. */
static void check_faulty(struct mv_dmarc_lint *lint, const struct mv_tag *tag)
{
    if (!mv_bytes_all(tag->whole, MV_ASCII_VCHAR | MV_ASCII_FWS))
        return;
    mv_findings_add(lint->findings, &item_syntax, lint->name, "\"%.*s\"", MV_ARG(tag->whole));
    mv_dmarc_lint_mend(lint);
}

static void check_items(struct mv_dmarc_lint *lint)
{
    struct mv_cursor c = mv_cursor_of(lint->record.text);
    struct items *items = mv_arena_alloc(lint->arena, sizeof *items);
    struct mv_tag tag;

    while (items != NULL && mv_taglist_next(&c, &tag)) {
        if (tag.name.len == 0) {
            check_faulty(lint, &tag);
            continue;
        }
        if (items->count == MAX_TAGS) {
            mv_findings_add(lint->findings, &too_many_tags, lint->name, "more than %d", MAX_TAGS);
            return;
        }
        check_name(lint, &tag);
        check_repeated(lint, items, &tag);
        items->seen[items->count++] = tag;
    }
}

/* A semicolon at the end is allowed; what is empty before another semicolon is not. */
static void check_empty(struct mv_dmarc_lint *lint)
{
    struct mv_cursor c = mv_cursor_of(lint->record.text);

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes item = mv_bytes_trim(mv_cursor_take_until(&c, ';'));

        if (item.len == 0 && mv_cursor_left(&c) > 0) {
            mv_findings_add(lint->findings, &empty_item, lint->name, "%s", "");
            return;
        }
        mv_cursor_accept(&c, ';');
    }
}

static void check_values(struct mv_dmarc_lint *lint)
{
    for (enum mv_dmarc_tag tag = 0; tag < MV_DMARC_TAG_COUNT; tag++) {
        if ((lint->record.bad_tags & 1U << tag) == 0 || invalid[tag].id == NULL)
            continue;
        mv_findings_add(lint->findings, &invalid[tag], lint->name, "%s", mv_dmarc_tag_text(tag));
        mv_dmarc_lint_mend(lint);
    }
}

void mv_dmarc_lint_tags(struct mv_dmarc_lint *lint)
{
    check_bytes(lint);
    check_items(lint);
    check_empty(lint);
    check_values(lint);
    if (lint->record.text.len > MV_DMARC_LARGE_RECORD_BYTES)
        mv_findings_add(lint->findings, &large, lint->name, "%zu bytes", lint->record.text.len);
}
