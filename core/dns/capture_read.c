#include "core/dns/capture.h"

#include <stdlib.h>

#include "core/base/trace.h"
#include "core/dns/capture_entry.h"
#include "core/dns/capture_record.h"
#include "core/dns/name.h"
#include "core/dns/wire.h"

static enum mv_code read_data(struct mv_capture_reader *r, const json_t *data, struct mv_capture_entry *entry)
{
    bool noerror = entry->answer.status == MV_DNS_FOUND;
    size_t count = json_array_size(data);
    struct mv_dns_record *records;
    enum mv_code code = MV_OK;

    if ((data == NULL && noerror) || (data != NULL && !json_is_array(data)))
        return mv_capture_refuse(r, "data: not an array");
    if (count > 0 && !noerror)
        return mv_capture_refuse(r, "data: only rcode NOERROR has any");
    if (count > MV_DNS_MAX_RECORDS)
        return mv_capture_refuse(r, "data: too many records");
    if (count > 1 && entry->question.type == MV_DNS_CNAME)
        return mv_capture_refuse(r, "data: a name has one CNAME"); /* RFC 2181 10.1 */

    records = mv_arena_array(r->arena, count, sizeof *records);
    if (records == NULL)
        return mv_capture_no_memory(r);
    for (size_t i = 0; code == MV_OK && i < count; i++)
        code = mv_capture_record(r, json_array_get(data, i), entry->question.type, &records[i]);
    entry->answer.records = records;
    entry->answer.count = count;
    if (noerror && count == 0)
        entry->answer.status = MV_DNS_NODATA;
    return code;
}

static bool read_rcode(const json_t *value, enum mv_dns_status *status_r)
{
    static const enum mv_dns_status statuses[] = {MV_DNS_FOUND, MV_DNS_NXDOMAIN, MV_DNS_SERVFAIL, MV_DNS_REFUSED,
                                                  MV_DNS_TIMEOUT};
    struct mv_bytes text = mv_bytes_of(json_string_value(value), json_string_length(value));

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (mv_bytes_equal_nocase(text, mv_bytes_str(mv_dns_status_rcode(statuses[i])))) {
            *status_r = statuses[i];
            return true;
        }
    return false;
}

static enum mv_code read_attributes(struct mv_capture_reader *r, const json_t *item, struct mv_dns_answer *answer_r)
{
    const json_t *ttl = json_object_get(item, "ttl"), *secure = json_object_get(item, "secure");

    if (ttl != NULL && (!json_is_integer(ttl) || json_integer_value(ttl) < 0 || json_integer_value(ttl) > UINT32_MAX))
        return mv_capture_refuse(r, "ttl: not a number of seconds");
    if (secure != NULL && !json_is_boolean(secure))
        return mv_capture_refuse(r, "secure: neither true nor false");
    answer_r->ttl_secs = (uint32_t)json_integer_value(ttl);
    answer_r->secure = json_is_true(secure);
    return MV_OK;
}

static enum mv_code read_entry(struct mv_capture_reader *r, const json_t *item, struct mv_capture_entry *entry)
{
    const json_t *type = json_object_get(item, "type");
    struct mv_bytes name;
    enum mv_code code;

    if (!json_is_object(item))
        return mv_capture_refuse(r, "not an object");
    if (!mv_capture_bytes(r, json_object_get(item, "name"), &name))
        return mv_capture_refuse(r, "name: not a name");
    if (!mv_dns_name_fold(r->arena, name, &entry->question.name))
        return mv_capture_no_memory(r);
    if (!mv_dns_type_parse(mv_bytes_of(json_string_value(type), json_string_length(type)), &entry->question.type))
        return mv_capture_refuse(r, "type: not one of TXT, A, AAAA, MX, PTR, CNAME, NS and SOA");
    if (!read_rcode(json_object_get(item, "rcode"), &entry->answer.status))
        return mv_capture_refuse(r, "rcode: not one of NOERROR, NXDOMAIN, SERVFAIL, REFUSED and TIMEOUT");
    code = read_attributes(r, item, &entry->answer);
    return code == MV_OK ? read_data(r, json_object_get(item, "data"), entry) : code;
}

static enum mv_code read_answers(struct mv_capture *capture, const json_t *answers, struct mv_error *error)
{
    struct mv_capture_reader r = {.arena = capture->arena, .error = error};
    enum mv_code code = MV_OK;

    if (!json_is_array(answers))
        return mv_error_set(error, MV_ERR_SYNTAX, "answers: not an array");
    if (json_array_size(answers) > MV_CAPTURE_MAX_ANSWERS)
        return mv_error_set(error, MV_ERR_LIMIT, "answers: more than %d", MV_CAPTURE_MAX_ANSWERS);
    capture->count = json_array_size(answers);
    capture->entries = mv_arena_array(capture->arena, capture->count, sizeof *capture->entries);
    if (capture->entries == NULL)
        return mv_capture_no_memory(&r);

    mv_buf_init(&r.bytes, MV_CAPTURE_MAX_RDATA_BYTES);
    for (; code == MV_OK && r.index < capture->count; r.index++)
        code = read_entry(&r, json_array_get(answers, r.index), &capture->entries[r.index]);
    mv_buf_free(&r.bytes);
    return code;
}

static enum mv_code read_root(struct mv_capture *capture, const json_t *root, struct mv_error *error)
{
    const json_t *schema = json_object_get(root, "schema"), *fallback = json_object_get(root, "default");

    if (!json_is_object(root))
        return mv_error_set(error, MV_ERR_SYNTAX, "a capture is a JSON object");
    if (!json_is_integer(schema) || json_integer_value(schema) != 1)
        return mv_error_set(error, MV_ERR_SYNTAX, "schema: not 1");
    capture->fallback = MV_DNS_NXDOMAIN;
    if (fallback != NULL && (!read_rcode(fallback, &capture->fallback) || capture->fallback == MV_DNS_FOUND ||
                             capture->fallback == MV_DNS_REFUSED))
        return mv_error_set(error, MV_ERR_SYNTAX, "default: not one of NXDOMAIN, SERVFAIL and TIMEOUT");
    return read_answers(capture, json_object_get(root, "answers"), error);
}

/* What jansson says may quote the file. */
static enum mv_code load(struct mv_bytes json, json_t **root_r, struct mv_error *error)
{
    json_error_t why;
    struct mv_buf text;
    enum mv_code code;

    if (json.len == 0)
        return mv_error_set(error, MV_ERR_SYNTAX, "it is empty");
    *root_r = json_loadb((const char *)json.data, json.len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &why);
    if (*root_r != NULL)
        return MV_OK;
    code = json_error_code(&why) == json_error_out_of_memory ? MV_ERR_MEMORY : MV_ERR_SYNTAX;
    mv_buf_init(&text, MV_ERROR_TEXT_BYTES);
    mv_buf_put_escaped(&text, mv_bytes_str(why.text));
    mv_error_set(error, code, "line %d, column %d: %.*s", why.line, why.column, MV_ARG(mv_buf_bytes(&text)));
    mv_buf_free(&text);
    return code;
}

static struct mv_capture *capture_new(void)
{
    struct mv_capture *capture = calloc(1, sizeof *capture);

    if (capture != NULL)
        capture->arena = mv_arena_new(MV_CAPTURE_MAX_MEMORY_BYTES);
    if (capture != NULL && capture->arena == NULL)
        mv_capture_free(&capture);
    return capture;
}

enum mv_code mv_capture_read(struct mv_bytes json, struct mv_capture **capture_r, struct mv_error *error)
{
    json_t *root;
    enum mv_code code;

    *capture_r = NULL;
    if (json.len > MV_CAPTURE_MAX_BYTES)
        return mv_error_set(error, MV_ERR_LIMIT, "a capture of more than %d bytes", MV_CAPTURE_MAX_BYTES);
    code = load(json, &root, error);
    if (code != MV_OK)
        return code;
    *capture_r = capture_new();
    if (*capture_r == NULL)
        code = mv_error_set(error, MV_ERR_MEMORY, "no memory for the capture");
    else
        code = read_root(*capture_r, root, error);
    if (code == MV_OK)
        code = mv_capture_index(*capture_r, error);
    json_decref(root);
    if (code != MV_OK)
        mv_capture_free(capture_r);
    return code;
}
