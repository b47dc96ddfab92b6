#include "core/report/failure_read.h"

#include <jansson.h>

#include "core/base/ascii.h"
#include "core/report/report_time.h"
#include "core/text/domain.h"

#define MAX_NAME_BYTES 512
#define MAX_FIELD_BYTES (2 * 1024) /* of what is none of the texts with a limit of their own */

struct reading {
    struct mv_arena *arena;
    const json_t *object;
    enum mv_code code;
    const char *fault; /* the key that is not as it should be */
};

static void refuse(struct reading *r, const char *key)
{
    if (r->code == MV_OK)
        r->fault = key;
    if (r->code == MV_OK)
        r->code = MV_ERR_SYNTAX;
}

/* Printable ASCII; the writer has nothing else. */
static struct mv_bytes take_text(struct reading *r, const char *key, const json_t *value, size_t max_bytes)
{
    struct mv_bytes text = MV_BYTES(""), copy = MV_BYTES("");

    if (json_is_string(value))
        text = mv_bytes_of(json_string_value(value), json_string_length(value));
    if (!json_is_string(value) || text.len > max_bytes)
        refuse(r, key);
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] != ' ' && text.data[i] != '\t' && !mv_ascii_is(text.data[i], MV_ASCII_VCHAR))
            refuse(r, key);
    if (r->code == MV_OK && !mv_arena_copy(r->arena, text, &copy))
        r->code = MV_ERR_MEMORY;
    return copy;
}

static struct mv_bytes text(struct reading *r, const char *key, size_t max_bytes)
{
    return take_text(r, key, json_object_get(r->object, key), max_bytes);
}

static bool is_plain_domain(struct mv_bytes domain)
{
    for (size_t i = 0; i < domain.len; i++)
        if (domain.data[i] != '.' && !mv_ascii_is(domain.data[i], MV_ASCII_LDH))
            return false;
    return mv_domain_is_askable(domain);
}

static struct mv_bytes domain(struct reading *r, const char *key, struct mv_bytes name)
{
    if (r->code == MV_OK && !is_plain_domain(name))
        refuse(r, key);
    return name;
}

/* "HASH@domain" or "@domain"; nothing else has been redacted. */
static struct mv_bytes redacted(struct reading *r, const char *key, struct mv_bytes address)
{
    size_t at = mv_bytes_find(address, '@');
    struct mv_bytes hash = mv_bytes_slice(address, 0, at);

    if (r->code != MV_OK || address.len == 0)
        return address;
    if ((hash.len != 0 && hash.len != MV_REDACTED_BYTES) || !mv_bytes_all(hash, MV_ASCII_HEX) ||
        !is_plain_domain(mv_bytes_slice(address, at + 1, address.len)))
        refuse(r, key);
    return address;
}

static unsigned kinds(struct reading *r, const char *key)
{
    const json_t *list = json_object_get(r->object, key), *item;
    unsigned found = 0;
    size_t i;

    if (!json_is_array(list))
        refuse(r, key);
    json_array_foreach(list, i, item) {
        unsigned bit = 0;

        for (unsigned kind = 1; kind < 1u << MV_FAILURE_KINDS; kind <<= 1)
            if (json_is_string(item) &&
                mv_bytes_equal(mv_bytes_str(json_string_value(item)), mv_bytes_str(mv_failure_kind_text(kind))))
                bit = kind;
        if (bit == 0 || bit <= found)
            refuse(r, key);
        found |= bit;
    }
    return found;
}

static void read_time_and_client(struct reading *r, struct mv_failure_line *line)
{
    const json_t *version = json_object_get(r->object, "v"), *at = json_object_get(r->object, "t");

    if (!json_is_integer(version) || json_integer_value(version) != 1)
        refuse(r, "v");
    if (!json_is_integer(at) || json_integer_value(at) < 0 || json_integer_value(at) > MV_REPORT_MAX_SECS)
        refuse(r, "t");
    line->time_secs = json_integer_value(at);
    if (!mv_ip_parse(text(r, "ip", MAX_NAME_BYTES), &line->client))
        refuse(r, "ip");
}

static void read_results(struct reading *r, struct mv_failure_line *line)
{
    const json_t *list = json_object_get(r->object, "res");
    size_t next = 0;

    for (size_t bit = 0; bit < MV_FAILURE_KINDS; bit++)
        if ((line->wanted & 1u << bit) != 0)
            line->results[bit] = take_text(r, "res", json_array_get(list, next++), MV_FAILURE_MAX_RESULT_BYTES);
    if (json_array_size(list) != next)
        refuse(r, "res");
}

static void read_action(struct reading *r, struct mv_failure_line *line)
{
    struct mv_bytes word = text(r, "act", MAX_NAME_BYTES);
    bool found = false;

    for (enum mv_action action = MV_ACTION_NONE; action <= MV_ACTION_REJECT; action++) {
        if (!mv_bytes_equal(word, mv_bytes_str(mv_action_text(action))))
            continue;
        line->action = action;
        found = true;
    }
    if (!found)
        refuse(r, "act");
}

static void read_signature(struct reading *r, struct mv_failure_line *line)
{
    const json_t *list = json_object_get(r->object, "dkim");
    const json_t *aligned = json_array_get(list, 4);
    struct mv_bytes word;

    if (list == NULL)
        return;
    word = take_text(r, "dkim", json_array_get(list, 0), MAX_NAME_BYTES);
    for (enum mv_failure_signature kind = MV_FAILURE_BODYHASH; kind <= MV_FAILURE_SIGNATURE; kind++)
        if (mv_bytes_equal(word, mv_bytes_str(mv_failure_signature_text(kind))))
            line->signature = kind;
    line->dkim_domain = domain(r, "dkim", take_text(r, "dkim", json_array_get(list, 1), MAX_NAME_BYTES));
    line->dkim_selector = domain(r, "dkim", take_text(r, "dkim", json_array_get(list, 2), MAX_NAME_BYTES));
    line->dkim_identity = redacted(r, "dkim", take_text(r, "dkim", json_array_get(list, 3), MAX_NAME_BYTES));
    if (line->signature == MV_FAILURE_NO_SIGNATURE || json_array_size(list) != 5 || !json_is_integer(aligned) ||
        (json_integer_value(aligned) != 0 && json_integer_value(aligned) != 1))
        refuse(r, "dkim");
    line->signature_aligned = json_integer_value(aligned) == 1;
}

static void read_spf_record(struct reading *r, const json_t *pair, struct mv_failure_line *line)
{
    struct mv_spf_record_read *record = &line->spf_records[line->spf_record_count];

    if (line->spf_record_count == MV_SPF_MAX_RECORDS || json_array_size(pair) != 2) {
        refuse(r, "spf");
        return;
    }
    line->spf_record_count++;
    record->domain = take_text(r, "spf", json_array_get(pair, 0), MAX_NAME_BYTES);
    record->text = take_text(r, "spf", json_array_get(pair, 1), MV_FAILURE_MAX_SPF_RECORDS_BYTES);
}

static void read_spf(struct reading *r, struct mv_failure_line *line)
{
    const json_t *list = json_object_get(r->object, "spf"), *records = json_array_get(list, 1), *pair;
    size_t i;

    if (list == NULL)
        return;
    line->has_spf = true;
    if (json_array_size(list) != 2 || !json_is_array(records) ||
        !mv_spf_code_parse(take_text(r, "spf", json_array_get(list, 0), MAX_NAME_BYTES), &line->spf_result))
        refuse(r, "spf");
    json_array_foreach(records, i, pair)
        read_spf_record(r, pair, line);
}

/* Before each "@" is a hash, or the beginning of an address that has no local part. */
static bool is_redacted(struct mv_bytes line)
{
    for (size_t i = 0; i < line.len; i++) {
        size_t from = i < MV_REDACTED_BYTES ? 0 : i - MV_REDACTED_BYTES;
        struct mv_bytes hash = mv_bytes_slice(line, from, i);
        bool bare = i > 0 && (line.data[i - 1] == '=' || line.data[i - 1] == '<');

        if (line.data[i] == '@' && !bare && (hash.len != MV_REDACTED_BYTES || !mv_bytes_all(hash, MV_ASCII_HEX)))
            return false;
    }
    return true;
}

/* Lines of a header block: each a field, or a fold of one. */
static bool is_header_line(struct mv_bytes line, bool first)
{
    bool fold = line.len > 0 && mv_ascii_is(line.data[0], MV_ASCII_WSP);
    size_t colon = mv_bytes_find(line, ':');

    if (mv_bytes_trim(line).len == 0 || line.len > MV_FIELD_MAX_COLUMN || (first && fold) ||
        !mv_bytes_all(line, MV_ASCII_VCHAR | MV_ASCII_WSP) || !is_redacted(line))
        return false;
    return fold || (colon > 0 && colon < line.len && mv_bytes_all(mv_bytes_slice(line, 0, colon), MV_ASCII_FTEXT));
}

static bool is_header(struct mv_bytes header)
{
    struct mv_cursor c = mv_cursor_of(header);
    bool first = true;

    while (mv_cursor_left(&c) > 0) {
        if (!is_header_line(mv_cursor_take_until(&c, '\r'), first) || !mv_cursor_accept(&c, '\r') ||
            !mv_cursor_accept(&c, '\n'))
            return false;
        first = false;
    }
    return true;
}

static void read_header(struct reading *r, struct mv_failure_line *line)
{
    const json_t *value = json_object_get(r->object, "hdr");
    struct mv_bytes header = MV_BYTES("");

    if (json_is_string(value))
        header = mv_bytes_of(json_string_value(value), json_string_length(value));
    if (!json_is_string(value) || header.len > MV_REDACTION_MAX_HEADER_BYTES || !is_header(header))
        refuse(r, "hdr");
    if (r->code == MV_OK && !mv_arena_copy(r->arena, header, &line->header))
        r->code = MV_ERR_MEMORY;
}

static void read_line(struct reading *r, struct mv_failure_line *line)
{
    read_time_and_client(r, line);
    line->wanted = kinds(r, "want");
    line->author_domain = domain(r, "from", text(r, "from", MAX_NAME_BYTES));
    line->policy_domain = domain(r, "at", text(r, "at", MAX_NAME_BYTES));
    line->record = text(r, "rec", MV_FAILURE_MAX_RECORD_BYTES);
    line->mail_from = redacted(r, "mf", text(r, "mf", MAX_NAME_BYTES));
    line->authserv_id = text(r, "id", MAX_NAME_BYTES);
    line->missing = kinds(r, "miss");
    read_results(r, line);
    read_action(r, line);
    read_signature(r, line);
    read_spf(r, line);
    read_header(r, line);
    if (line->wanted == 0 || ((line->wanted & MV_FAILURE_DKIM) != 0 && line->signature == MV_FAILURE_NO_SIGNATURE) ||
        ((line->wanted & MV_FAILURE_SPF) != 0 && !line->has_spf))
        refuse(r, "want");
    if ((line->missing & MV_FAILURE_DMARC) != 0)
        refuse(r, "miss");
    if (!mv_bytes_all(line->authserv_id, MV_ASCII_VCHAR) || line->authserv_id.len == 0)
        refuse(r, "id");
}

enum mv_code mv_failure_line_parse(struct mv_bytes bytes, struct mv_arena *arena, struct mv_failure_line *line_r,
                                   struct mv_error *error)
{
    struct reading r = {.arena = arena};
    json_error_t problem;
    json_t *object;

    *line_r = (struct mv_failure_line){.time_secs = 0};
    if (bytes.len > MV_FAILURE_MAX_LINE_BYTES)
        return mv_error_set(error, MV_ERR_SYNTAX, "more than %d bytes", MV_FAILURE_MAX_LINE_BYTES);
    object = json_loadb((const char *)bytes.data, bytes.len, JSON_REJECT_DUPLICATES, &problem);
    if (!json_is_object(object)) {
        json_decref(object);
        return mv_error_set(error, MV_ERR_SYNTAX, "no object of JSON");
    }
    r.object = object;
    read_line(&r, line_r);
    json_decref(object);
    if (r.code == MV_ERR_SYNTAX)
        return mv_error_set(error, MV_ERR_SYNTAX, "\"%s\" is not as we write it", r.fault);
    return r.code == MV_OK ? MV_OK : mv_error_set(error, r.code, "%s", mv_code_text(r.code));
}
