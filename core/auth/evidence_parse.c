#include "core/auth/evidence_line.h"

#include "core/base/ascii.h"
#include "core/text/domain.h"

struct reading {
    struct mv_cursor c;
    struct mv_arena *arena;
    struct mv_evidence_line *line;
    bool no_memory;
};

/* Strings */

static bool is_printable(int byte)
{
    return byte == ' ' || mv_ascii_is(byte, MV_ASCII_VCHAR);
}

/* Behind the backslash. What is written is ASCII; each byte that is not has an escape of its own. */
static bool take_escape(struct mv_cursor *c, unsigned char *octet_r)
{
    int high, low, first = mv_cursor_next(c);

    *octet_r = (unsigned char)first;
    if (first == '"' || first == '\\')
        return true;
    if (first != 'u' || !mv_cursor_accept(c, '0') || !mv_cursor_accept(c, '0'))
        return false;
    high = mv_ascii_hex_value(mv_cursor_next(c));
    low = mv_ascii_hex_value(mv_cursor_next(c));
    *octet_r = (unsigned char)(high * 16 + low);
    return high >= 0 && low >= 0;
}

static bool take_with_escapes(struct reading *r, struct mv_bytes *text_r)
{
    unsigned char *room = mv_arena_room(r->arena, mv_cursor_left(&r->c));
    size_t len = 0;

    if (room == NULL) {
        r->no_memory = true;
        return false;
    }
    while (!mv_cursor_accept(&r->c, '"')) {
        int byte = mv_cursor_next(&r->c);

        if (!is_printable(byte))
            return false;
        room[len] = (unsigned char)byte;
        if (byte == '\\' && !take_escape(&r->c, &room[len]))
            return false;
        len++;
    }
    *text_r = mv_bytes_of(room, len);
    return true;
}

static bool take_text(struct reading *r, struct mv_bytes *text_r)
{
    struct mv_cursor start;

    if (!mv_cursor_accept(&r->c, '"'))
        return false;
    start = r->c;
    *text_r = mv_cursor_take_until(&r->c, '"');
    for (size_t i = 0; i < text_r->len; i++) {
        if (text_r->data[i] == '\\') {
            r->c = start;
            return take_with_escapes(r, text_r);
        }
        if (!is_printable(text_r->data[i]))
            return false;
    }
    return mv_cursor_accept(&r->c, '"');
}

/* As mv_domain_normalize() leaves names; nothing is copied. */
static bool is_name(struct mv_bytes name)
{
    size_t label = 0;

    if (name.len == 0 || name.len > MV_DOMAIN_MAX_BYTES)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char byte = name.data[i];

        if (byte == '.' ? label == 0 : !mv_ascii_is(byte, MV_ASCII_LDH) || (byte >= 'A' && byte <= 'Z'))
            return false;
        label = byte == '.' ? 0 : label + 1;
        if (label > MV_LABEL_MAX_BYTES)
            return false;
    }
    return label > 0;
}

static bool take_name(struct reading *r, struct mv_bytes *name_r)
{
    return take_text(r, name_r) && is_name(*name_r);
}

static bool take_name_or_nothing(struct reading *r, struct mv_bytes *name_r)
{
    return take_text(r, name_r) && (name_r->len == 0 || is_name(*name_r));
}

static bool take_word(struct reading *r, const char *const words[], size_t count, unsigned *index_r)
{
    struct mv_bytes word;

    if (!take_text(r, &word))
        return false;
    for (unsigned i = 0; i < count; i++) {
        if (mv_bytes_equal(word, mv_bytes_str(words[i]))) {
            *index_r = i;
            return true;
        }
    }
    return false;
}

static bool take_number(struct reading *r, uint64_t max, uint64_t *number_r)
{
    struct mv_bytes digits = mv_cursor_take_while(&r->c, MV_ASCII_DIGIT);

    return mv_bytes_to_uint(digits, max, number_r) && (digits.len == 1 || digits.data[0] != '0');
}

/* Values, in the order of their keys */

static bool take_version(struct reading *r)
{
    uint64_t version;

    return take_number(r, 1, &version) && version == 1;
}

static bool take_time(struct reading *r)
{
    uint64_t secs;

    if (!take_number(r, MV_EVIDENCE_MAX_TIME_SECS, &secs))
        return false;
    r->line->time_secs = (int64_t)secs;
    return true;
}

/* An address alone: mv_ip_parse() also reads what SMTP puts around it. */
static bool take_ip(struct reading *r)
{
    struct mv_bytes text;

    if (!take_text(r, &text) || text.len == 0)
        return false;
    if (text.data[0] != ':' && !mv_ascii_is(text.data[0], MV_ASCII_HEX))
        return false;
    return mv_ip_parse(text, &r->line->client);
}

static bool take_author(struct reading *r)
{
    return take_name(r, &r->line->author_domain);
}

static bool take_policy_domain(struct reading *r)
{
    return take_name(r, &r->line->policy_domain);
}

static bool take_record(struct reading *r)
{
    return take_text(r, &r->line->record) && r->line->record.len > 0;
}

static bool take_published(struct reading *r)
{
    static const enum mv_dmarc_policy policies[] = {MV_DMARC_P_NONE, MV_DMARC_P_QUARANTINE, MV_DMARC_P_REJECT};
    const char *const words[] = {mv_dmarc_policy_text(policies[0]), mv_dmarc_policy_text(policies[1]),
                                 mv_dmarc_policy_text(policies[2])};
    unsigned index;

    if (!take_word(r, words, 3, &index))
        return false;
    r->line->published = policies[index];
    return true;
}

static bool take_result(struct reading *r)
{
    static const enum mv_dmarc_code codes[] = {MV_DMARC_PASS, MV_DMARC_FAIL, MV_DMARC_TEMPERROR};
    const char *const words[] = {mv_dmarc_code_text(codes[0]), mv_dmarc_code_text(codes[1]),
                                 mv_dmarc_code_text(codes[2])};
    unsigned index;

    if (!take_word(r, words, 3, &index))
        return false;
    r->line->result = codes[index];
    return true;
}

/* A message that was deferred has no line. */
static bool take_action(struct reading *r)
{
    static const enum mv_action actions[] = {MV_ACTION_NONE, MV_ACTION_QUARANTINE, MV_ACTION_REJECT};
    const char *const words[] = {mv_action_text(actions[0]), mv_action_text(actions[1]), mv_action_text(actions[2])};
    unsigned index;

    if (!take_word(r, words, 3, &index))
        return false;
    r->line->action = actions[index];
    return true;
}

static bool take_override(struct reading *r)
{
    static const enum mv_override overrides[] = {MV_OVERRIDE_LOCAL_POLICY, MV_OVERRIDE_MAILING_LIST,
                                                 MV_OVERRIDE_POLICY_TEST_MODE, MV_OVERRIDE_TRUSTED_FORWARDER,
                                                 MV_OVERRIDE_OTHER};
    const char *const words[] = {mv_override_text(overrides[0]), mv_override_text(overrides[1]),
                                 mv_override_text(overrides[2]), mv_override_text(overrides[3]),
                                 mv_override_text(overrides[4])};
    unsigned index;

    if (!take_word(r, words, 5, &index))
        return false;
    r->line->override = overrides[index];
    return true;
}

static bool take_report_mark(struct reading *r)
{
    r->line->is_report = mv_cursor_accept(&r->c, '1');
    return r->line->is_report;
}

static bool take_note(struct reading *r)
{
    return take_text(r, &r->line->note) && r->line->note.len > 0 && r->line->note.len <= MV_EVIDENCE_MAX_NOTE_BYTES;
}

static bool take_aligned(struct reading *r)
{
    static const char *const words[] = {"", "d", "s", "ds"};
    unsigned index;

    if (!take_word(r, words, 4, &index))
        return false;
    r->line->aligned_dkim = (index & 1) != 0;
    r->line->aligned_spf = (index & 2) != 0;
    return true;
}

static bool take_spf(struct reading *r)
{
    static const char *const identities[] = {"mfrom", "helo"};
    struct mv_bytes result;
    unsigned identity;

    if (!mv_cursor_accept(&r->c, '[') || !take_text(r, &result) || !mv_spf_code_parse(result, &r->line->spf_result) ||
        !mv_bytes_equal(result, mv_bytes_str(mv_spf_code_text(r->line->spf_result))))
        return false;
    if (!mv_cursor_accept(&r->c, ',') || !take_word(r, identities, 2, &identity) || !mv_cursor_accept(&r->c, ','))
        return false;
    r->line->has_spf = true;
    r->line->spf_of_helo = identity == 1;
    return take_name_or_nothing(r, &r->line->spf_domain) && mv_cursor_accept(&r->c, ']');
}

static bool take_signature(struct reading *r, struct mv_evidence_signature *one)
{
    static const char *const alignments[] = {
        [MV_EVIDENCE_NOT_ALIGNED] = "", [MV_EVIDENCE_RELAXED] = "r", [MV_EVIDENCE_STRICT] = "s"};
    struct mv_bytes result;
    unsigned alignment;

    if (!mv_cursor_accept(&r->c, '[') || !take_text(r, &result) || !mv_dkim_code_parse(result, &one->result) ||
        !mv_bytes_equal(result, mv_bytes_str(mv_dkim_code_text(one->result))))
        return false;
    if (!mv_cursor_accept(&r->c, ',') || !take_name(r, &one->domain) || !mv_cursor_accept(&r->c, ',') ||
        !take_name_or_nothing(r, &one->selector) || !mv_cursor_accept(&r->c, ','))
        return false;
    if (!take_word(r, alignments, 3, &alignment))
        return false;
    one->alignment = (enum mv_evidence_alignment)alignment;
    return mv_cursor_accept(&r->c, ']');
}

static bool take_dkim(struct reading *r)
{
    struct mv_evidence_line *line = r->line;

    if (!mv_cursor_accept(&r->c, '['))
        return false;
    do {
        if (line->dkim_count == MV_EVIDENCE_MAX_DKIM || !take_signature(r, &line->dkim[line->dkim_count]))
            return false;
        line->dkim_count++;
    } while (mv_cursor_accept(&r->c, ','));
    return mv_cursor_accept(&r->c, ']');
}

/* What the next version may write */

static bool skip_text(struct mv_cursor *c)
{
    int byte;

    if (!mv_cursor_accept(c, '"'))
        return false;
    while ((byte = mv_cursor_next(c)) != '"') {
        if (byte == '\\')
            byte = mv_cursor_next(c);
        if (byte < ' ') /* also the end */
            return false;
    }
    return true;
}

static bool skip_digits(struct mv_cursor *c)
{
    return mv_cursor_take_while(c, MV_ASCII_DIGIT).len > 0;
}

static bool skip_number(struct mv_cursor *c)
{
    mv_cursor_accept(c, '-');
    if (!skip_digits(c) || (mv_cursor_accept(c, '.') && !skip_digits(c)))
        return false;
    if (!mv_cursor_accept_nocase(c, MV_BYTES("e")))
        return true;
    if (!mv_cursor_accept(c, '+'))
        mv_cursor_accept(c, '-');
    return skip_digits(c);
}

static bool skip_value(struct mv_cursor *c, unsigned depth);

/* Behind its first bracket. */
static bool skip_items(struct mv_cursor *c, bool is_object, unsigned depth)
{
    unsigned char close = is_object ? '}' : ']';

    if (mv_cursor_accept(c, close))
        return true;
    do {
        if (is_object && (!skip_text(c) || !mv_cursor_accept(c, ':')))
            return false;
        if (!skip_value(c, depth))
            return false;
    } while (mv_cursor_accept(c, ','));
    return mv_cursor_accept(c, close);
}

static bool skip_value(struct mv_cursor *c, unsigned depth)
{
    if (depth == MV_EVIDENCE_MAX_DEPTH)
        return false;
    if (mv_cursor_accept(c, '['))
        return skip_items(c, false, depth + 1);
    if (mv_cursor_accept(c, '{'))
        return skip_items(c, true, depth + 1);
    if (mv_cursor_peek(c) == '"')
        return skip_text(c);
    if (mv_cursor_accept_nocase(c, MV_BYTES("true")) || mv_cursor_accept_nocase(c, MV_BYTES("false")) ||
        mv_cursor_accept_nocase(c, MV_BYTES("null")))
        return true;
    return skip_number(c);
}

/* The line */

#define KEY(word) {(const unsigned char *)(word), sizeof(word) - 1}, word

static const struct key {
    struct mv_bytes name;
    const char *word;
    bool is_required;
    bool (*take)(struct reading *r);
} keys[] = {
    {KEY("v"), true, take_version},
    {KEY("t"), true, take_time},
    {KEY("ip"), true, take_ip},
    {KEY("from"), true, take_author},
    {KEY("at"), true, take_policy_domain},
    {KEY("rec"), true, take_record},
    {KEY("pub"), true, take_published},
    {KEY("dmarc"), true, take_result},
    {KEY("act"), true, take_action},
    {KEY("why"), false, take_override},
    {KEY("rep"), false, take_report_mark},
    {KEY("note"), false, take_note},
    {KEY("al"), true, take_aligned},
    {KEY("spf"), false, take_spf},
    {KEY("dkim"), false, take_dkim},
};

#define KEY_COUNT (sizeof keys / sizeof keys[0])

static bool is_known(struct mv_bytes name)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (mv_bytes_equal(name, keys[i].name))
            return true;
    return false;
}

/* Each at most once and in order; *next is the first that may come. */
static bool take_member(struct reading *r, size_t *next)
{
    struct mv_bytes name;

    if (!take_text(r, &name) || !mv_cursor_accept(&r->c, ':'))
        return false;
    for (size_t i = *next; i < KEY_COUNT; i++) {
        if (mv_bytes_equal(name, keys[i].name)) {
            *next = i + 1;
            return keys[i].take(r);
        }
        if (keys[i].is_required)
            break;
    }
    /* without the version nobody knows what a key means */
    return *next > 0 && !is_known(name) && skip_value(&r->c, 0);
}

static bool take_members(struct reading *r, size_t *next)
{
    if (!mv_cursor_accept(&r->c, '{'))
        return false;
    do {
        if (!take_member(r, next))
            return false;
    } while (mv_cursor_accept(&r->c, ','));
    for (; *next < KEY_COUNT; (*next)++)
        if (keys[*next].is_required)
            return false;
    return mv_cursor_accept(&r->c, '}') && mv_cursor_left(&r->c) == 0;
}

/* What one part says follows from another. */
static bool holds_together(const struct mv_evidence_line *line)
{
    if (!mv_domain_is_within(line->author_domain, line->policy_domain))
        return false;
    if (line->aligned_spf && (!line->has_spf || line->spf_result != MV_SPF_PASS))
        return false;
    return (line->aligned_dkim || line->aligned_spf) == (line->result == MV_DMARC_PASS);
}

enum mv_code mv_evidence_line_parse(struct mv_bytes bytes, struct mv_arena *arena, struct mv_evidence_line *line_r,
                                    struct mv_error *error)
{
    struct reading r = {.arena = arena, .line = line_r};
    size_t next = 0;

    *line_r = (struct mv_evidence_line){.time_secs = 0};
    if (bytes.len > MV_EVIDENCE_MAX_LINE_BYTES)
        return mv_error_set(error, MV_ERR_SYNTAX, "longer than %d bytes", MV_EVIDENCE_MAX_LINE_BYTES);
    if (bytes.len > 0 && bytes.data[bytes.len - 1] == '\n')
        bytes.len--;
    r.c = mv_cursor_of(bytes);
    if (!take_members(&r, &next)) {
        size_t at = bytes.len - mv_cursor_left(&r.c);

        if (r.no_memory)
            return mv_error_set(error, MV_ERR_MEMORY, "out of memory");
        return mv_error_set(error, MV_ERR_SYNTAX, "not a line of evidence: wrong at byte %zu, after the key \"%s\"",
                            at, next == 0 ? "" : keys[next - 1].word);
    }
    if (!holds_together(line_r))
        return mv_error_set(error, MV_ERR_SYNTAX, "what the line says does not hold together");
    return MV_OK;
}
