#include "core/report/aggregate.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/ascii.h"
#include "core/report/aggregate_schema.h"
#include "core/report/xml.h"
#include "core/report/xml_gaps.h"
#include "core/report/xml_names.h"
#include "core/report/xml_text.h"

#define MAX_PREFIX_BYTES 64
/* Behind the texts of the head, which stay, come those of one record. */
#define MAX_HEAD_TEXT_BYTES 16384
#define POOL_BYTES (MAX_HEAD_TEXT_BYTES + MV_AGGREGATE_MAX_RECORD_TEXT_BYTES)

/* RFC 9990 Appendix A; the draft of 2012 had a namespace of its own, and RFC 7489 has none. */
static const char *const namespaces[] = {"urn:ietf:params:xml:ns:dmarc-2.0", "http://dmarc.org/dmarc-xml/0.1",
                                         "http://dmarc.org/dmarc-xml/0.1/rua.xsd", ""};

struct mv_aggregate {
    struct mv_aggregate_sink sink;
    XML_Parser xml;
    enum mv_code code;
    struct mv_error error;
    struct mv_xml_text decoder;
    struct mv_xml_names names; /* that are none of reports */
    uint64_t read_bytes;    /* of XML */
    uint64_t fed_bytes;     /* of them to expat, without gaps */
    struct mv_bytes chunk;  /* that is being read */
    size_t left_bytes;      /* of it, without gaps */
    uint64_t removed_lines; /* in gaps of chunks before it */
    bool started;       /* the first "<" was seen */
    bool closed;        /* the end of <feedback> was seen */
    const struct mv_schema_element *stack[MV_AGGREGATE_MAX_DEPTH + 1];
    size_t depth;
    size_t skipping; /* elements that are open within one that is skipped, that one included */
    char prefix[MAX_PREFIX_BYTES + 1]; /* "dmarc:" of the root; all others are foreign */
    size_t prefix_len;
    bool head_given;
    struct mv_aggregate_head head;
    struct mv_aggregate_record record;
    struct mv_aggregate_spf spf; /* a second one, before it is known which is better */
    uint64_t seen[MV_SCHEMA_PLACE_COUNT], stored[MV_SCHEMA_PLACE_COUNT]; /* bits of marks */
    size_t text_start, text_len, record_start;
    bool text_cut;
    struct mv_aggregate_totals totals;
    unsigned char text[POOL_BYTES];
};

#define BIT(mark) ((uint64_t)1 << (mark))

/* Of the token that expat is at. */
static uint64_t line_of(const struct mv_aggregate *p)
{
    uint64_t left = p->fed_bytes - p->left_bytes; /* where the chunk begins, for expat */
    int64_t at = mv_xml_offset(p->xml);

    return mv_xml_line(p->xml) + p->removed_lines +
           (at < 0 || (uint64_t)at < left ? 0 : mv_xml_gap_lines(p->chunk, (uint64_t)at - left));
}

static void fail(struct mv_aggregate *p, enum mv_code code, const char *sentence)
{
    if (p->code != MV_OK)
        return;
    p->code = mv_error_set(&p->error, code, "line %lu: %s", (unsigned long)line_of(p), sentence);
    XML_StopParser(p->xml, XML_FALSE);
}

static void note(struct mv_aggregate *p, enum mv_aggregate_note kind, const char *element)
{
    struct mv_aggregate_noted *noted = &p->totals.notes[kind];

    if (noted->count++ > 0)
        return;
    noted->first_line = line_of(p);
    noted->element = element;
}

static bool has_stored(const struct mv_aggregate *p, enum mv_schema_place place, enum mv_schema_mark mark)
{
    return (p->stored[place] & BIT(mark)) != 0;
}

/* Nothing is asked of the rest of the head: a report without it still says who sent what. */
static bool check_head(struct mv_aggregate *p)
{
    const struct mv_aggregate_head *head = &p->head;

    if (!has_stored(p, MV_SCHEMA_HEAD, MV_MARK_BEGIN) || !has_stored(p, MV_SCHEMA_HEAD, MV_MARK_END))
        fail(p, MV_ERR_SYNTAX, "no date_range that can be read comes before the records");
    else if (head->end_secs < head->begin_secs)
        fail(p, MV_ERR_SYNTAX, "the report ends before it begins");
    else if (head->policy.domain.len == 0)
        fail(p, MV_ERR_SYNTAX, "no domain in policy_published comes before the records");
    if (head->org_name.len == 0)
        note(p, MV_NOTE_MISSING, "org_name");
    if (head->report_id.len == 0)
        note(p, MV_NOTE_MISSING, "report_id");
    return p->code == MV_OK;
}

/* What the sink answers. */
static void take_answer(struct mv_aggregate *p, enum mv_code code)
{
    if (code == MV_OK || p->code != MV_OK)
        return;
    p->code = mv_error_set(&p->error, code, "%s", mv_code_text(code));
    XML_StopParser(p->xml, XML_FALSE);
}

static bool give_head(struct mv_aggregate *p)
{
    if (p->head_given)
        return p->code == MV_OK;
    if (!check_head(p))
        return false;
    p->head_given = true;
    p->record_start = p->text_len;
    take_answer(p, p->sink.head(p->sink.to, &p->head));
    return p->code == MV_OK;
}

static bool is_complete(struct mv_aggregate *p)
{
    struct mv_aggregate_record *record = &p->record;

    if (!has_stored(p, MV_SCHEMA_RECORD, MV_MARK_SOURCE) || !has_stored(p, MV_SCHEMA_RECORD, MV_MARK_COUNT) ||
        record->count == 0)
        return false;
    if (record->header_from.len > 0)
        return true;
    /* Too long for a domain: whose it is cannot be said. */
    if ((p->seen[MV_SCHEMA_RECORD] & BIT(MV_MARK_HEADER_FROM)) != 0 &&
        !has_stored(p, MV_SCHEMA_RECORD, MV_MARK_HEADER_FROM))
        return false;
    note(p, MV_NOTE_MISSING, "header_from");
    record->header_from = p->head.policy.domain;
    return true;
}

static void end_record(struct mv_aggregate *p)
{
    struct mv_aggregate_record *record = &p->record;

    record->has_envelope_from = has_stored(p, MV_SCHEMA_RECORD, MV_MARK_ENVELOPE_FROM);
    if (!is_complete(p)) {
        p->totals.skipped++;
        note(p, MV_NOTE_RECORD_SKIPPED, "record");
        return;
    }
    if (record->dkim_aligned == MV_REPORT_ALIGNED_ABSENT || record->spf_aligned == MV_REPORT_ALIGNED_ABSENT)
        note(p, MV_NOTE_MISSING, "policy_evaluated");
    p->totals.records++;
    p->totals.messages += record->count;
    take_answer(p, p->sink.record(p->sink.to, &p->head, record));
}

static bool begin_record(struct mv_aggregate *p)
{
    struct mv_aggregate_record *record = &p->record;

    if (!give_head(p))
        return false;
    if (p->totals.records + p->totals.skipped == MV_AGGREGATE_MAX_RECORDS) {
        fail(p, MV_ERR_LIMIT, "more than a million records");
        return false;
    }
    p->text_len = p->record_start;
    memset(record, 0, offsetof(struct mv_aggregate_record, reasons));
    record->reason_count = 0;
    record->dkim_count = 0;
    record->has_spf = false;
    record->spf = (struct mv_aggregate_spf){.result = MV_REPORT_AUTH_ABSENT};
    return true;
}

/* The next of several: NULL when there are too many. */
static void *begin_item(struct mv_aggregate *p, void *item, size_t size, size_t max, size_t *count, const char *name)
{
    if (*count == max) {
        note(p, MV_NOTE_TOO_MANY, name);
        return NULL;
    }
    ++*count;
    return memset(item, 0, size);
}

/* false: the element is skipped. */
static bool begin_place(struct mv_aggregate *p, enum mv_schema_place place)
{
    struct mv_aggregate_record *r = &p->record;

    p->seen[place] = p->stored[place] = 0;
    switch (place) {
    case MV_SCHEMA_RECORD:
        return begin_record(p);
    case MV_SCHEMA_REASON:
        return begin_item(p, &r->reasons[r->reason_count % MV_AGGREGATE_MAX_REASONS], sizeof *r->reasons,
                          MV_AGGREGATE_MAX_REASONS, &r->reason_count, "reason") != NULL;
    case MV_SCHEMA_DKIM:
        return begin_item(p, &r->dkim[r->dkim_count % MV_AGGREGATE_MAX_DKIM], sizeof *r->dkim, MV_AGGREGATE_MAX_DKIM,
                          &r->dkim_count, "dkim") != NULL;
    case MV_SCHEMA_SPF:
        p->spf = (struct mv_aggregate_spf){.result = MV_REPORT_AUTH_ABSENT};
        return true;
    case MV_SCHEMA_HEAD:
    case MV_SCHEMA_PLACE_COUNT:
        break;
    }
    return true;
}

/* RFC 9990 3.1.1.13 has MAIL FROM alone; before it, one of HELO could stand beside it, in either order. */
static void end_spf(struct mv_aggregate *p)
{
    struct mv_aggregate_record *record = &p->record;

    if (record->has_spf) {
        note(p, MV_NOTE_TOO_MANY, "spf");
        if (record->spf.scope != MV_REPORT_HELO || p->spf.scope == MV_REPORT_HELO)
            return;
    }
    record->has_spf = true;
    record->spf = p->spf;
}

static void end_place(struct mv_aggregate *p, enum mv_schema_place place)
{
    if (place == MV_SCHEMA_RECORD)
        end_record(p);
    else if (place == MV_SCHEMA_SPF)
        end_spf(p);
}

static void *place_of(struct mv_aggregate *p, enum mv_schema_place place)
{
    switch (place) {
    case MV_SCHEMA_RECORD:
        return &p->record;
    case MV_SCHEMA_REASON:
        return &p->record.reasons[p->record.reason_count - 1];
    case MV_SCHEMA_DKIM:
        return &p->record.dkim[p->record.dkim_count - 1];
    case MV_SCHEMA_SPF:
        return &p->spf;
    case MV_SCHEMA_HEAD:
    case MV_SCHEMA_PLACE_COUNT:
        break;
    }
    return &p->head;
}

/* The root's prefix is that of the whole report. */
static bool take_prefix(struct mv_aggregate *p, const char *name)
{
    const char *colon = strchr(name, ':');
    size_t len = colon == NULL ? 0 : (size_t)(colon - name) + 1;

    if (len > MAX_PREFIX_BYTES)
        return false;
    memcpy(p->prefix, name, len);
    p->prefix_len = len;
    return true;
}

/* Is the default namespace, or the root's, declared anew as one that is none of reports? */
static bool is_declared_foreign(const struct mv_aggregate *p, const char *const *attributes)
{
    for (; attributes[0] != NULL; attributes += 2) {
        struct mv_bytes name = mv_bytes_str(attributes[0]);
        bool is_ours = false;

        if (!mv_bytes_has_prefix_nocase(name, MV_BYTES("xmlns")))
            continue;
        name = mv_bytes_slice(name, sizeof "xmlns" - 1, name.len);
        name = mv_bytes_slice(name, name.len > 0 ? 1 : 0, name.len);
        if (!mv_bytes_equal(name, mv_bytes_of(p->prefix, p->prefix_len == 0 ? 0 : p->prefix_len - 1)))
            continue;
        for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++)
            is_ours = is_ours || strcmp(attributes[1], namespaces[i]) == 0;
        if (!is_ours)
            return true;
    }
    return false;
}

static const struct mv_schema_element *find_child(const struct mv_schema_element *parent, const char *name)
{
    const struct mv_schema_element *child = parent->children;

    for (; child != NULL && child->name != NULL; child++)
        if (child->name[0] == name[0] && strcmp(child->name, name) == 0)
            return child;
    return NULL;
}

/* Of the namespace of the report, by its prefix; attributes may declare it anew. */
static bool is_of_report(const struct mv_aggregate *p, const char *name, const char *const *attributes)
{
    if (strncmp(name, p->prefix, p->prefix_len) != 0 || strchr(name + p->prefix_len, ':') != NULL)
        return false;
    return attributes[0] == NULL || !is_declared_foreign(p, attributes);
}

/* Of the element and its attributes. */
static void note_names(struct mv_aggregate *p, const char *name, const char *const *attributes)
{
    bool fits = mv_xml_names_add(&p->names, name);

    for (; fits && attributes[0] != NULL; attributes += 2)
        fits = mv_xml_names_add(&p->names, attributes[0]);
    if (!fits)
        fail(p, MV_ERR_LIMIT, "too many different names of elements and attributes, as no report has");
}

/* NULL: skip it. */
static const struct mv_schema_element *choose(struct mv_aggregate *p, const char *name, const char *const *attributes)
{
    const struct mv_schema_element *parent = p->stack[p->depth - 1], *child = NULL;
    bool is_root = p->depth == 1;
    bool is_ours;

    if (is_root && !take_prefix(p, name))
        name = "";
    if (p->prefix_len == 0 && attributes[0] == NULL) { /* the usual way: no name of the schema has a colon */
        child = find_child(parent, name);
        if (child != NULL)
            return child;
    }
    note_names(p, name, attributes);
    is_ours = is_of_report(p, name, attributes);
    if (is_ours)
        child = find_child(parent, name + p->prefix_len);
    if (child == NULL && is_root)
        fail(p, MV_ERR_SYNTAX, "this is no aggregate report: its root is not <feedback> of a namespace that is known");
    else if (child == NULL && is_ours)
        note(p, MV_NOTE_UNKNOWN_ELEMENT, parent->name);
    return child;
}

static void put_text(struct mv_aggregate *p, const struct mv_schema_element *element, struct mv_bytes text)
{
    size_t pool = p->head_given ? POOL_BYTES : MAX_HEAD_TEXT_BYTES;
    size_t room = element->max - (p->text_len - p->text_start);

    room = room < pool - p->text_len ? room : pool - p->text_len;
    if (text.len > room) {
        /* White space at the end is no text */
        p->text_cut = p->text_cut || mv_bytes_trim(mv_bytes_slice(text, room, text.len)).len > 0;
        text.len = room;
    }
    if (element->kind == MV_SCHEMA_DOMAIN)
        for (size_t i = 0; i < text.len; i++)
            p->text[p->text_len + i] = mv_ascii_lower(text.data[i]);
    else if (text.len > 0)
        memcpy(p->text + p->text_len, text.data, text.len);
    p->text_len += text.len;
}

/* Only within values: the white space between elements is most of what there is between tags. */
static void characters(void *user, const char *data, int len)
{
    struct mv_aggregate *p = user;
    const struct mv_schema_element *element = p->stack[p->depth - 1];
    struct mv_bytes text;

    if (p->skipping > 0 || p->code != MV_OK)
        return;
    text = mv_bytes_of(data, (size_t)len);
    if (p->text_len == p->text_start)
        while (text.len > 0 && mv_ascii_is(text.data[0], MV_ASCII_FWS))
            text = mv_bytes_slice(text, 1, text.len);
    put_text(p, element, text);
}

static bool begin_leaf(struct mv_aggregate *p, const struct mv_schema_element *element)
{
    if (element->place == MV_SCHEMA_HEAD && p->head_given)
        return false;
    if ((p->seen[element->place] & BIT(element->mark)) != 0) {
        note(p, MV_NOTE_REPEATED, element->name);
        return false;
    }
    p->seen[element->place] |= BIT(element->mark);
    p->text_start = p->text_len;
    p->text_cut = false;
    XML_SetCharacterDataHandler(p->xml, characters);
    return true;
}

static void start_element(void *user, const char *name, const char **attributes)
{
    struct mv_aggregate *p = user;
    const struct mv_schema_element *element = NULL;

    if (p->code != MV_OK)
        return;
    if (p->depth + p->skipping > MV_AGGREGATE_MAX_DEPTH) {
        fail(p, MV_ERR_LIMIT, "more than 32 elements within each other");
        return;
    }
    if (p->skipping > 0)
        note_names(p, name, (const char *const *)attributes);
    else
        element = choose(p, name, (const char *const *)attributes);
    if (p->code != MV_OK)
        return;
    if (element != NULL && element->kind != MV_SCHEMA_GROUP && !begin_leaf(p, element))
        element = NULL;
    if (element != NULL && element->mark == MV_MARK_BEGINS && element->kind == MV_SCHEMA_GROUP &&
        !begin_place(p, element->place))
        element = NULL;
    if (element == NULL) {
        p->skipping++;
        return;
    }
    p->stack[p->depth++] = element;
}

static void end_leaf(struct mv_aggregate *p, const struct mv_schema_element *element)
{
    struct mv_bytes text = mv_bytes_trim(mv_bytes_of(p->text + p->text_start, p->text_len - p->text_start));
    enum mv_aggregate_note kind;

    XML_SetCharacterDataHandler(p->xml, NULL);
    if (mv_schema_store(element, place_of(p, element->place), text, p->text_cut, &kind))
        p->stored[element->place] |= BIT(element->mark);
    if (kind != MV_NOTE_COUNT)
        note(p, kind, element->name);
}

static void end_element(void *user, const char *name)
{
    struct mv_aggregate *p = user;
    const struct mv_schema_element *element;

    (void)name;
    if (p->code != MV_OK)
        return;
    if (p->skipping > 0) {
        p->skipping--;
        return;
    }
    element = p->stack[--p->depth];
    if (element->kind != MV_SCHEMA_GROUP)
        end_leaf(p, element);
    else if (element->mark == MV_MARK_BEGINS)
        end_place(p, element->place);
    if (p->depth == 1 && p->code == MV_OK) {
        if (!give_head(p))
            return;
        p->closed = true;
        XML_StopParser(p->xml, XML_FALSE); /* what follows is counted, and read by nobody */
    }
}

/* Without declarations there are no entities but the five of XML itself. */
static void start_doctype(void *user, const char *name, const char *system_id, const char *public_id, int has_subset)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_subset;
    fail(user, MV_ERR_SYNTAX, "a document type declaration, which no report needs");
}

struct mv_aggregate *mv_aggregate_new(const struct mv_aggregate_sink *sink)
{
    struct mv_aggregate *p = malloc(sizeof *p);

    if (p == NULL)
        return NULL;
    memset(p, 0, offsetof(struct mv_aggregate, text));
    for (size_t i = 0; i < MV_NOTE_COUNT; i++)
        p->totals.notes[i].element = "";
    p->sink = *sink;
    p->stack[p->depth++] = &mv_schema_document;
    p->xml = XML_ParserCreate("UTF-8");
    if (p->xml == NULL) {
        free(p);
        return NULL;
    }
    XML_SetUserData(p->xml, p);
    XML_SetElementHandler(p->xml, start_element, end_element);
    XML_SetStartDoctypeDeclHandler(p->xml, start_doctype);
    return p;
}

void mv_aggregate_free(struct mv_aggregate **parser)
{
    if (*parser == NULL)
        return;
    XML_ParserFree((*parser)->xml);
    free(*parser);
    *parser = NULL;
}

static void explain_expat(struct mv_aggregate *p)
{
    enum XML_Error problem = XML_GetErrorCode(p->xml);

    if (p->code != MV_OK || p->closed)
        return;
    if (problem == XML_ERROR_NO_MEMORY)
        fail(p, MV_ERR_MEMORY, "no memory");
    else if (problem == XML_ERROR_NO_ELEMENTS || problem == XML_ERROR_UNCLOSED_TOKEN)
        fail(p, MV_ERR_SYNTAX, "the report ends before its end");
    else
        fail(p, MV_ERR_SYNTAX, XML_ErrorString(problem));
}

static void note_trailing(struct mv_aggregate *p, struct mv_bytes bytes)
{
    if (mv_bytes_trim(bytes).len > 0 && p->totals.notes[MV_NOTE_TRAILING].count == 0)
        note(p, MV_NOTE_TRAILING, "");
}

/* The part of the last bytes that follows </feedback>. */
static struct mv_bytes behind_end(const struct mv_aggregate *p, struct mv_bytes last)
{
    int64_t end = mv_xml_offset(p->xml) + (int64_t)mv_xml_token_bytes(p->xml);
    uint64_t begin = p->fed_bytes - last.len;

    return end < 0 || (uint64_t)end < begin ? MV_BYTES("") : mv_bytes_slice(last, (uint64_t)end - begin, last.len);
}

static void feed_expat(struct mv_aggregate *p, struct mv_bytes xml, bool is_final)
{
    int64_t at;

    p->left_bytes = xml.len;
    p->fed_bytes += xml.len;
    if (p->read_bytes > MV_AGGREGATE_MAX_BYTES) {
        fail(p, MV_ERR_LIMIT, "more than 256 MiB of XML");
        return;
    }
    if (XML_Parse(p->xml, (const char *)xml.data, (int)xml.len, is_final) != XML_STATUS_OK) {
        explain_expat(p);
        if (p->closed)
            note_trailing(p, behind_end(p, xml));
        return;
    }
    /* expat holds a token until it is whole */
    at = mv_xml_offset(p->xml);
    if (at >= 0 && p->fed_bytes - (uint64_t)at > MV_AGGREGATE_MAX_TOKEN_BYTES)
        fail(p, MV_ERR_LIMIT, "a tag or comment of more than 256 KiB");
}

static void parse(struct mv_aggregate *p, struct mv_bytes chunk, bool is_final)
{
    unsigned char room[MV_XML_TEXT_ROOM_BYTES];
    uint64_t lines;
    struct mv_bytes xml = mv_xml_gaps_close(chunk, room, &lines);

    p->chunk = chunk;
    p->read_bytes += chunk.len;
    feed_expat(p, xml, is_final);
    p->chunk = MV_BYTES("");
    p->removed_lines += lines;
}

static void take_text(struct mv_aggregate *p, struct mv_bytes xml, size_t replaced)
{
    if (replaced > 0)
        note(p, MV_NOTE_BAD_UTF8, "");
    if (xml.len > 0)
        parse(p, xml, false);
}

static void feed_text(struct mv_aggregate *p, struct mv_bytes *bytes)
{
    unsigned char room[MV_XML_TEXT_ROOM_BYTES];
    size_t replaced;
    struct mv_bytes xml = mv_xml_text_next(&p->decoder, bytes, room, &replaced);

    take_text(p, xml, replaced);
}

static void end_text(struct mv_aggregate *p)
{
    unsigned char room[MV_XML_TEXT_ROOM_BYTES];
    size_t replaced;
    struct mv_bytes xml = mv_xml_text_end(&p->decoder, room, &replaced);

    take_text(p, xml, replaced);
}

static enum mv_code answer(const struct mv_aggregate *p, struct mv_error *error)
{
    if (p->code != MV_OK && error != NULL)
        *error = p->error;
    return p->code;
}

enum mv_code mv_aggregate_feed(struct mv_aggregate *p, struct mv_bytes bytes, struct mv_error *error)
{
    while (!p->started && bytes.len > 0 && mv_ascii_is(bytes.data[0], MV_ASCII_FWS))
        bytes = mv_bytes_slice(bytes, 1, bytes.len);
    p->started = p->started || bytes.len > 0;
    while (bytes.len > 0 && p->code == MV_OK && !p->closed)
        feed_text(p, &bytes);
    if (bytes.len > 0 && p->code == MV_OK)
        note_trailing(p, bytes);
    return answer(p, error);
}

enum mv_code mv_aggregate_end(struct mv_aggregate *p, struct mv_error *error)
{
    if (p->code == MV_OK && !p->closed)
        end_text(p);
    if (p->code == MV_OK && !p->closed)
        parse(p, MV_BYTES(""), true);
    if (p->code == MV_OK && !p->closed)
        fail(p, MV_ERR_SYNTAX, "the report ends before its end");
    if (p->code == MV_OK && p->totals.records == 0)
        note(p, MV_NOTE_NO_RECORDS, "record");
    return answer(p, error);
}

const struct mv_aggregate_totals *mv_aggregate_totals(const struct mv_aggregate *p)
{
    return &p->totals;
}

bool mv_aggregate_passed(const struct mv_aggregate_record *record)
{
    return record->dkim_aligned == MV_REPORT_ALIGNED_PASS || record->spf_aligned == MV_REPORT_ALIGNED_PASS;
}

const char *mv_aggregate_note_text(enum mv_aggregate_note kind)
{
    static const char *const texts[] = {
        [MV_NOTE_RECORD_SKIPPED] = "record without a source address, a count or a From domain: skipped",
        [MV_NOTE_MISSING] = "element missing",
        [MV_NOTE_BAD_VALUE] = "value that cannot be read: left out",
        [MV_NOTE_UNKNOWN_WORD] = "unknown word: left out",
        [MV_NOTE_UNKNOWN_ELEMENT] = "unknown element: left out",
        [MV_NOTE_REPEATED] = "element given again: the first counts",
        [MV_NOTE_CUT] = "long text: cut",
        [MV_NOTE_TOO_LONG] = "value that is too long: left out",
        [MV_NOTE_TOO_MANY] = "too many of an element: the first ones count",
        [MV_NOTE_BAD_UTF8] = "bytes that are no character: replaced",
        [MV_NOTE_TRAILING] = "bytes behind the end: not read",
        [MV_NOTE_NO_RECORDS] = "no record that can be read",
    };

    return (size_t)kind < sizeof texts / sizeof *texts ? texts[kind] : "";
}
