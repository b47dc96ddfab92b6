#include "core/report/tlsrpt.h"

#include <jansson.h>

#include "core/base/ascii.h"
#include "core/report/report_time.h"

struct reading {
    const struct mv_tls_sink *sink;
    struct mv_tls_head head;
    struct mv_error *error;
};

static enum mv_code refuse(const struct reading *r, const char *sentence)
{
    return mv_error_set(r->error, MV_ERR_SYNTAX, "%s", sentence);
}

/* Empty when it is missing or no string; of a list of strings, the first. */
static struct mv_bytes text(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    struct mv_bytes bytes = MV_BYTES("");

    if (json_is_array(value))
        value = json_array_get(value, 0);
    if (json_is_string(value))
        bytes = mv_bytes_of(json_string_value(value), json_string_length(value));
    if (bytes.len <= MV_TLSRPT_MAX_TEXT_BYTES)
        return bytes;
    bytes.len = MV_TLSRPT_MAX_TEXT_BYTES;
    while (bytes.len > 0 && (bytes.data[bytes.len] & 0xc0) == 0x80) /* the string goes on: there is a byte */
        bytes.len--;
    return bytes;
}

/* Some write numbers as strings. A member that is missing is 0. */
static bool count(const json_t *object, const char *name, uint64_t *count_r)
{
    const json_t *value = json_object_get(object, name);

    *count_r = 0;
    if (value == NULL || json_is_null(value))
        return true;
    if (json_is_string(value))
        return mv_bytes_to_uint(text(object, name), MV_TLSRPT_MAX_COUNT, count_r);
    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > MV_TLSRPT_MAX_COUNT)
        return false;
    *count_r = (uint64_t)json_integer_value(value);
    return true;
}

static enum mv_code read_failures(struct reading *r, const struct mv_tls_policy *policy, const json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) {
        struct mv_tls_failure failure = {.result = text(item, "result-type"),
                                         .mx = text(item, "receiving-mx-hostname"),
                                         .reason = text(item, "failure-reason-code")};
        enum mv_code code;

        if (!json_is_object(item))
            return refuse(r, "failure-details hold something that is no object");
        if (!count(item, "failed-session-count", &failure.count))
            return refuse(r, "a failed-session-count that is no count");
        if (!mv_ip_parse(text(item, "sending-mta-ip"), &failure.sending))
            failure.sending.family = MV_IP_NONE;
        if (!mv_ip_parse(text(item, "receiving-ip"), &failure.receiving))
            failure.receiving.family = MV_IP_NONE;
        code = r->sink->failure(r->sink->to, &r->head, policy, &failure);
        if (code != MV_OK)
            return code;
    }
    return MV_OK;
}

/* In room, in lower case and without a final dot, as it is looked for. */
static struct mv_bytes domain(const json_t *object, const char *name, unsigned char room[MV_TLSRPT_MAX_TEXT_BYTES])
{
    struct mv_bytes written = mv_bytes_trim(text(object, name));

    for (size_t i = 0; i < written.len; i++)
        room[i] = mv_ascii_lower(written.data[i]);
    if (written.len > 0 && room[written.len - 1] == '.')
        written.len--;
    return mv_bytes_of(room, written.len);
}

static enum mv_code read_policy(struct reading *r, const json_t *item)
{
    const json_t *inner = json_object_get(item, "policy"), *summary = json_object_get(item, "summary");
    unsigned char room[MV_TLSRPT_MAX_TEXT_BYTES];
    struct mv_tls_policy policy = {.type = text(inner, "policy-type"), .domain = domain(inner, "policy-domain", room)};
    enum mv_code code;

    if (policy.domain.len == 0)
        return refuse(r, "a policy without policy-domain");
    if (!count(summary, "total-successful-session-count", &policy.succeeded) ||
        !count(summary, "total-failure-session-count", &policy.failed))
        return refuse(r, "a summary with what is no count");
    code = r->sink->policy(r->sink->to, &r->head, &policy);
    return code == MV_OK ? read_failures(r, &policy, json_object_get(item, "failure-details")) : code;
}

static enum mv_code read_report(struct reading *r, const json_t *root)
{
    const json_t *range = json_object_get(root, "date-range"), *policies = json_object_get(root, "policies"), *item;
    size_t i;

    r->head.organization = text(root, "organization-name");
    r->head.contact = text(root, "contact-info");
    r->head.report_id = text(root, "report-id");
    if (!mv_report_time_parse(text(range, "start-datetime"), &r->head.begin_secs) ||
        !mv_report_time_parse(text(range, "end-datetime"), &r->head.end_secs))
        return refuse(r, "no TLS report: its date-range cannot be read");
    if (r->head.end_secs < r->head.begin_secs)
        return refuse(r, "the report ends before it begins");
    if (json_array_size(policies) == 0)
        return refuse(r, "no TLS report: it has no policies");
    json_array_foreach(policies, i, item) {
        enum mv_code code = read_policy(r, item);

        if (code != MV_OK)
            return code;
    }
    return MV_OK;
}

/* Those in texts count, too: there are far fewer of all. */
static bool has_too_many_values(struct mv_bytes json)
{
    size_t count = 0;

    for (size_t i = 0; i < json.len; i++)
        count += json.data[i] == '{' || json.data[i] == '[' || json.data[i] == ',' ? 1 : 0;
    return count > MV_TLSRPT_MAX_VALUES;
}

/* RFC 8259 8.1: a reader may ignore one. */
static struct mv_bytes without_mark(struct mv_bytes json)
{
    struct mv_cursor c = mv_cursor_of(json);

    mv_cursor_accept_nocase(&c, MV_BYTES("\xef\xbb\xbf"));
    return mv_cursor_rest(&c);
}

enum mv_code mv_tlsrpt_read(struct mv_bytes json, const struct mv_tls_sink *sink, struct mv_error *error)
{
    struct reading r = {.sink = sink, .error = error};
    json_error_t problem;
    enum mv_code code;
    json_t *root;

    if (has_too_many_values(json))
        return mv_error_set(error, MV_ERR_LIMIT, "more than %d values, as no report has", MV_TLSRPT_MAX_VALUES);
    json = without_mark(json);
    root = json_loadb(json.len == 0 ? "" : (const char *)json.data, json.len, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL)
        return mv_error_set(error, MV_ERR_SYNTAX, "line %d: this is no JSON", problem.line);
    code = json_is_object(root) ? read_report(&r, root) : refuse(&r, "no TLS report: the JSON is no object");
    json_decref(root);
    return code;
}
