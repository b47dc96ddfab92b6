#include "tests/unit/ops_zone.h"

#include <check.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/trace.h"
#include "core/dns/capture.h"

#define MAX_ZONE_BYTES (1024 * 1024)
#define MAX_RUNS 100

struct line {
    struct mv_bytes name, type, ttl, data;
};

static bool next_line(struct mv_cursor *c, struct line *line_r)
{
    struct mv_bytes text, rest;
    size_t slash;

    do {
        if (mv_cursor_left(c) == 0)
            return false;
        text = mv_cursor_take_until(c, '\n');
        mv_cursor_accept(c, '\n');
    } while (text.len == 0);
    line_r->name = mv_bytes_slice(text, 0, mv_bytes_find(text, ' '));
    rest = mv_bytes_slice(text, line_r->name.len + 1, text.len);
    line_r->type = mv_bytes_slice(rest, 0, mv_bytes_find(rest, ' '));
    line_r->data = mv_bytes_slice(rest, line_r->type.len + 1, rest.len);
    slash = mv_bytes_find(line_r->type, '/');
    line_r->ttl = slash < line_r->type.len ? mv_bytes_slice(line_r->type, slash + 1, line_r->type.len) : MV_BYTES("60");
    line_r->type = mv_bytes_slice(line_r->type, 0, slash);
    return true;
}

static void put_string(struct mv_buf *json, struct mv_bytes text)
{
    mv_buf_putc(json, '"');
    for (size_t i = 0; i < text.len; i++)
        mv_buf_printf(json, "\\u%04x", text.data[i]);
    mv_buf_putc(json, '"');
}

static bool is_same(const struct line *a, const struct line *b)
{
    return mv_bytes_equal(a->name, b->name) && mv_bytes_equal(a->type, b->type);
}

/* The line, and the data of all that follow of the same name and type. */
static void put_entry(struct mv_buf *json, const struct line *line, struct mv_cursor rest)
{
    struct line other;

    mv_buf_puts(json, json->data[json->len - 1] == '[' ? "{\"name\":" : ",{\"name\":");
    put_string(json, line->name);
    mv_buf_printf(json, ",\"type\":\"%.*s\"", MV_ARG(line->type));
    if (mv_bytes_equal(line->ttl, MV_BYTES("AD")))
        mv_buf_puts(json, ",\"secure\":true");
    else
        mv_buf_printf(json, ",\"ttl\":%.*s", MV_ARG(line->ttl));
    if (line->data.len > 0 && line->data.data[0] == '!') {
        mv_buf_printf(json, ",\"rcode\":\"%.*s\"}", MV_ARG(mv_bytes_slice(line->data, 1, line->data.len)));
        return;
    }
    mv_buf_puts(json, ",\"rcode\":\"NOERROR\",\"data\":[");
    if (!mv_bytes_equal(line->data, MV_BYTES("-")))
        put_string(json, line->data);
    while (next_line(&rest, &other))
        if (is_same(&other, line)) {
            mv_buf_putc(json, ',');
            put_string(json, other.data);
        }
    mv_buf_puts(json, "]}");
}

static bool stands_before(struct mv_bytes zone, const struct line *line)
{
    struct mv_cursor c = mv_cursor_of(zone);
    struct line other;

    while (next_line(&c, &other) && other.name.data != line->name.data)
        if (is_same(&other, line))
            return true;
    return false;
}

struct mv_capture *ops_zone_open(const char *zone)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(zone));
    struct mv_error error = {MV_OK, ""};
    struct mv_capture *capture = NULL;
    struct mv_buf json;
    struct line line;

    mv_buf_init(&json, MAX_ZONE_BYTES);
    mv_buf_puts(&json, "{\"schema\":1,\"default\":\"NXDOMAIN\",\"answers\":[");
    while (next_line(&c, &line))
        if (!stands_before(mv_bytes_str(zone), &line))
            put_entry(&json, &line, c);
    mv_buf_puts(&json, "]}");
    ck_assert_msg(mv_capture_read(mv_buf_bytes(&json), &capture, &error) == MV_OK, "%s: %s", zone, error.text);
    mv_buf_free(&json);
    return capture;
}

void ops_zone_answer(const struct mv_capture *capture, struct mv_memo *memo)
{
    struct mv_dns_question question;

    while (mv_memo_next_question(memo, &question)) {
        struct mv_dns_answer answer;

        mv_capture_answer(capture, &question, &answer);
        ck_assert(mv_memo_answer(memo, &question, &answer) == MV_OK);
    }
}

enum mv_code ops_zone_run(const char *zone, struct mv_memo *memo, ops_zone_stage stage, void *context)
{
    struct mv_capture *capture = ops_zone_open(zone);
    enum mv_code code = stage(memo, context);

    for (size_t run = 0; code == MV_NEED_DNS && run < MAX_RUNS; run++) {
        ops_zone_answer(capture, memo);
        code = stage(memo, context);
    }
    mv_capture_free(&capture);
    return code;
}
