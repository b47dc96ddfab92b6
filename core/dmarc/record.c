#include "core/dmarc/record.h"

#include "core/base/ascii.h"
#include "core/dmarc/uri.h"
#include "core/text/taglist.h"

/* What was written for one tag. A tag given twice with two meanings has no value. */
struct written {
    bool present;
    struct mv_bytes value;
};

const char *mv_dmarc_policy_text(enum mv_dmarc_policy policy)
{
    switch (policy) {
    case MV_DMARC_NO_POLICY:
        return "";
    case MV_DMARC_P_NONE:
        return "none";
    case MV_DMARC_P_QUARANTINE:
        return "quarantine";
    case MV_DMARC_P_REJECT:
        return "reject";
    }
    return "";
}

const char *mv_dmarc_tag_text(enum mv_dmarc_tag tag)
{
    static const char *const names[MV_DMARC_TAG_COUNT] = {
        [MV_DMARC_TAG_P] = "p",         [MV_DMARC_TAG_SP] = "sp",     [MV_DMARC_TAG_NP] = "np",
        [MV_DMARC_TAG_PSD] = "psd",     [MV_DMARC_TAG_T] = "t",       [MV_DMARC_TAG_ADKIM] = "adkim",
        [MV_DMARC_TAG_ASPF] = "aspf",   [MV_DMARC_TAG_FO] = "fo",     [MV_DMARC_TAG_RUA] = "rua",
        [MV_DMARC_TAG_RUF] = "ruf",     [MV_DMARC_TAG_PCT] = "pct",
    };

    return tag < MV_DMARC_TAG_COUNT ? names[tag] : "";
}

/* RFC 9989 4.7: "v" is the first tag and its value is exactly DMARC1. The cursor then stands at the ";" or the end. */
static bool accept_version(struct mv_cursor *c)
{
    if (!mv_cursor_accept_nocase(c, MV_BYTES("v")))
        return false;
    mv_cursor_take_while(c, MV_ASCII_WSP);
    if (!mv_cursor_accept(c, '='))
        return false;
    mv_cursor_take_while(c, MV_ASCII_WSP);
    if (!mv_bytes_equal(mv_cursor_take(c, sizeof "DMARC1" - 1), MV_BYTES("DMARC1")))
        return false;
    mv_cursor_take_while(c, MV_ASCII_FWS);
    return mv_cursor_left(c) == 0 || mv_cursor_peek(c) == ';';
}

/* Also of an item whose value holds a byte that no tag list may hold: then the value is not in tag->value. */
static struct mv_bytes tag_name(const struct mv_tag *tag)
{
    if (tag->name.len > 0)
        return tag->name;
    return mv_bytes_trim(mv_bytes_slice(tag->whole, 0, mv_bytes_find(tag->whole, '=')));
}

static enum mv_dmarc_tag find_tag(struct mv_bytes name)
{
    unsigned tag;

    for (tag = 0; tag < MV_DMARC_TAG_COUNT; tag++)
        if (mv_bytes_equal_nocase(name, mv_bytes_str(mv_dmarc_tag_text(tag))))
            break;
    return tag;
}

static bool is_same_value(enum mv_dmarc_tag tag, struct mv_bytes a, struct mv_bytes b)
{
    if (tag == MV_DMARC_TAG_RUA || tag == MV_DMARC_TAG_RUF)
        return mv_bytes_equal(a, b);
    return mv_bytes_equal_nocase(a, b);
}

/* RFC 9989 4.8: printable ASCII, with the tab that is tolerated; empty, which no tag may be, when it is not that. */
static struct mv_bytes valid_value(struct mv_bytes value)
{
    return mv_bytes_all(value, MV_ASCII_VCHAR | MV_ASCII_WSP) ? value : mv_bytes_str(NULL);
}

/* RFC 9989 4.8: recovery is tag by tag. */
static void collect(struct mv_cursor *c, struct written tags[MV_DMARC_TAG_COUNT])
{
    struct mv_tag item;

    while (mv_taglist_next(c, &item)) {
        enum mv_dmarc_tag tag = find_tag(tag_name(&item));

        if (tag == MV_DMARC_TAG_COUNT)
            continue;
        if (!tags[tag].present)
            tags[tag] = (struct written){true, valid_value(item.value)};
        else if (!is_same_value(tag, tags[tag].value, item.value))
            tags[tag].value = mv_bytes_str(NULL);
    }
}

static void set_bad(struct mv_dmarc_record *record, enum mv_dmarc_tag tag)
{
    record->bad_tags |= 1U << tag;
}

static struct mv_dmarc_request read_request(const struct written *tags, enum mv_dmarc_tag tag,
                                            struct mv_dmarc_record *record)
{
    struct mv_dmarc_request request = {MV_DMARC_TAG_ABSENT, MV_DMARC_NO_POLICY};

    if (!tags[tag].present)
        return request;
    for (enum mv_dmarc_policy policy = MV_DMARC_P_NONE; policy <= MV_DMARC_P_REJECT; policy++)
        if (mv_bytes_equal_nocase(tags[tag].value, mv_bytes_str(mv_dmarc_policy_text(policy))))
            return (struct mv_dmarc_request){MV_DMARC_TAG_VALID, policy};
    request.state = MV_DMARC_TAG_INVALID;
    set_bad(record, tag);
    return request;
}

/* The letter that was written, in lower case, if it is one of the letters; else the default. */
static char read_letter(const struct written *tags, enum mv_dmarc_tag tag, struct mv_bytes letters, char letter_default,
                        struct mv_dmarc_record *record)
{
    struct mv_cursor c = mv_cursor_of(tags[tag].value);
    int letter = mv_cursor_next(&c);

    if (!tags[tag].present)
        return letter_default;
    if (letter > 0 && mv_cursor_left(&c) == 0) {
        unsigned char lower = mv_ascii_lower((unsigned char)letter);

        if (mv_bytes_find(letters, lower) < letters.len)
            return (char)lower;
    }
    set_bad(record, tag);
    return letter_default;
}

/* The bit of one item: 0 and 1 share one, since they exclude each other. 0 for anything else. */
static unsigned fo_item(struct mv_bytes item)
{
    if (mv_bytes_equal(item, MV_BYTES("0")) || mv_bytes_equal(item, MV_BYTES("1")))
        return 1;
    if (mv_bytes_equal_nocase(item, MV_BYTES("d")))
        return 2;
    return mv_bytes_equal_nocase(item, MV_BYTES("s")) ? 4 : 0;
}

/* RFC 9989 4.7 fo: each item once. */
static bool is_fo(struct mv_bytes value)
{
    struct mv_cursor c = mv_cursor_of(value);
    unsigned seen = 0;

    do {
        unsigned item = fo_item(mv_bytes_trim(mv_cursor_take_until(&c, ':')));

        if (item == 0 || (seen & item) != 0)
            return false;
        seen |= item;
    } while (mv_cursor_accept(&c, ':'));
    return true;
}

static void read_fo(const struct written *tags, struct mv_dmarc_record *record)
{
    if (!tags[MV_DMARC_TAG_FO].present)
        return;
    if (is_fo(tags[MV_DMARC_TAG_FO].value))
        record->fo = tags[MV_DMARC_TAG_FO].value;
    else
        set_bad(record, MV_DMARC_TAG_FO);
}

static size_t read_uris(const struct written *tags, enum mv_dmarc_tag tag, struct mv_bytes uris[MV_DMARC_MAX_URIS],
                        struct mv_dmarc_record *record)
{
    struct mv_cursor c = mv_cursor_of(tags[tag].value);
    size_t count = 0;

    if (!tags[tag].present)
        return 0;
    do {
        struct mv_bytes item = mv_bytes_trim(mv_cursor_take_until(&c, ','));
        struct mv_bytes uri;

        if (count == MV_DMARC_MAX_URIS || !mv_dmarc_uri_parse(item, &uri))
            set_bad(record, tag);
        else
            uris[count++] = uri;
    } while (mv_cursor_accept(&c, ','));
    return count;
}

static void read_pct(const struct written *tags, struct mv_dmarc_record *record)
{
    uint64_t pct = 100;

    record->pct_present = tags[MV_DMARC_TAG_PCT].present;
    if (record->pct_present && !mv_bytes_to_uint(tags[MV_DMARC_TAG_PCT].value, 100, &pct))
        set_bad(record, MV_DMARC_TAG_PCT);
    record->pct = (unsigned)pct;
}

static enum mv_dmarc_psd read_psd(const struct written *tags, struct mv_dmarc_record *record)
{
    switch (read_letter(tags, MV_DMARC_TAG_PSD, MV_BYTES("ynu"), 'u', record)) {
    case 'y':
        return MV_DMARC_PSD_YES;
    case 'n':
        return MV_DMARC_PSD_NO;
    default:
        return MV_DMARC_PSD_UNKNOWN;
    }
}

bool mv_dmarc_record_parse(struct mv_bytes text, struct mv_dmarc_record *record_r)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct written tags[MV_DMARC_TAG_COUNT] = {{.present = false}};

    *record_r = (struct mv_dmarc_record){.text = text};
    if (text.len > MV_DMARC_MAX_RECORD_BYTES || !accept_version(&c))
        return false;
    collect(&c, tags);
    record_r->p = read_request(tags, MV_DMARC_TAG_P, record_r);
    record_r->sp = read_request(tags, MV_DMARC_TAG_SP, record_r);
    record_r->np = read_request(tags, MV_DMARC_TAG_NP, record_r);
    record_r->psd = read_psd(tags, record_r);
    record_r->strict_dkim = read_letter(tags, MV_DMARC_TAG_ADKIM, MV_BYTES("rs"), 'r', record_r) == 's';
    record_r->strict_spf = read_letter(tags, MV_DMARC_TAG_ASPF, MV_BYTES("rs"), 'r', record_r) == 's';
    record_r->test = read_letter(tags, MV_DMARC_TAG_T, MV_BYTES("yn"), 'n', record_r) == 'y';
    record_r->rua_count = read_uris(tags, MV_DMARC_TAG_RUA, record_r->rua, record_r);
    record_r->ruf_count = read_uris(tags, MV_DMARC_TAG_RUF, record_r->ruf, record_r);
    read_fo(tags, record_r);
    read_pct(tags, record_r);
    return true;
}
