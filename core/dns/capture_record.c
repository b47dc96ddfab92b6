#include "core/dns/capture_record.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/base/ascii.h"
#include "core/dns/name.h"
#include "core/text/domain.h"

#define MAX_STRING_BYTES 255 /* of one character-string: RFC 1035 3.3 */
#define MAX_PREFERENCE 65535

enum mv_code mv_capture_refuse(struct mv_capture_reader *r, const char *what)
{
    return mv_error_set(r->error, MV_ERR_SYNTAX, "answers[%zu]: %s", r->index, what);
}

enum mv_code mv_capture_no_memory(struct mv_capture_reader *r)
{
    return mv_error_set(r->error, MV_ERR_MEMORY, "no memory for the capture");
}

/* JSON text is UTF-8, which jansson has checked; each code point stands for one byte. */
static bool put_bytes(struct mv_buf *out, const json_t *string)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_of(json_string_value(string), json_string_length(string)));

    for (int byte = mv_cursor_next(&c); byte >= 0; byte = mv_cursor_next(&c)) {
        if (byte >= 0x80) {
            if (byte > 0xc3)
                return false;
            byte = (byte & 0x03) << 6 | (mv_cursor_next(&c) & 0x3f);
        }
        mv_buf_putc(out, (unsigned char)byte);
    }
    return true;
}

bool mv_capture_bytes(struct mv_capture_reader *r, const json_t *value, struct mv_bytes *bytes_r)
{
    mv_buf_reset(&r->bytes);
    if (!json_is_string(value) || !put_bytes(&r->bytes, value) || mv_buf_failed(&r->bytes))
        return false;
    *bytes_r = mv_buf_bytes(&r->bytes);
    return true;
}

static enum mv_code read_address(struct mv_capture_reader *r, const json_t *item, enum mv_dns_type type,
                                 struct mv_dns_record *record_r)
{
    unsigned char octets[16];
    const char *text = json_string_value(item);

    /* inet_pton() reads up to a NUL, which a JSON string may hold */
    if (text == NULL || strlen(text) != json_string_length(item) ||
        inet_pton(type == MV_DNS_A ? AF_INET : AF_INET6, text, octets) != 1)
        return mv_capture_refuse(r, type == MV_DNS_A ? "data: not an IPv4 address" : "data: not an IPv6 address");
    if (!mv_arena_copy(r->arena, mv_bytes_of(octets, type == MV_DNS_A ? 4 : 16), &record_r->data))
        return mv_capture_no_memory(r);
    return MV_OK;
}

/* Only the root and what DNS could answer with: then a name that is written reads as the same name. */
static enum mv_code keep_name(struct mv_capture_reader *r, struct mv_bytes name, struct mv_bytes *name_r)
{
    if (!mv_dns_name_fold(r->arena, name, name_r))
        return mv_capture_no_memory(r);
    if (name_r->len > 0 && !mv_domain_is_askable(*name_r))
        return mv_capture_refuse(r, "data: a name with an empty label, or too long");
    return MV_OK;
}

static enum mv_code read_name(struct mv_capture_reader *r, const json_t *item, struct mv_dns_record *record_r)
{
    struct mv_bytes name;

    if (!mv_capture_bytes(r, item, &name))
        return mv_capture_refuse(r, "data: not a name");
    return keep_name(r, name, &record_r->data);
}

/*
 * "10 mx.example.com"; "0 ." says that there is no mail (RFC 7505).  After one
 * space all is name: a label may hold spaces.
 */
static enum mv_code read_mx(struct mv_capture_reader *r, const json_t *item, struct mv_dns_record *record_r)
{
    struct mv_bytes text;
    struct mv_cursor c;
    uint64_t preference;

    if (!mv_capture_bytes(r, item, &text))
        return mv_capture_refuse(r, "data: not an MX text");
    c = mv_cursor_of(text);
    if (!mv_bytes_to_uint(mv_cursor_take_while(&c, MV_ASCII_DIGIT), MAX_PREFERENCE, &preference) ||
        !mv_cursor_accept(&c, ' '))
        return mv_capture_refuse(r, "data: an MX is a preference and a name, like \"10 mx.example.com\"");
    record_r->preference = (unsigned)preference;
    return keep_name(r, mv_cursor_rest(&c), &record_r->data);
}

/* Appends to the RDATA. Only an empty text makes an empty character-string. */
static void put_strings(struct mv_buf *rdata, struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);

    do {
        struct mv_bytes string = mv_cursor_take(&c, MAX_STRING_BYTES);

        mv_buf_putc(rdata, (unsigned char)string.len);
        mv_buf_put(rdata, string);
    } while (mv_cursor_left(&c) > 0);
}

static enum mv_code put_text(struct mv_capture_reader *r, const json_t *string, struct mv_buf *rdata)
{
    struct mv_bytes text;

    if (!mv_capture_bytes(r, string, &text))
        return mv_capture_refuse(r, "data: a TXT string holds code points up to 255 only, and at most 65535");
    put_strings(rdata, text);
    return MV_OK;
}

static enum mv_code put_item(struct mv_capture_reader *r, const json_t *item, struct mv_buf *rdata)
{
    enum mv_code code = MV_OK;

    if (json_is_string(item))
        return put_text(r, item, rdata);
    if (json_array_size(item) == 0)
        return mv_capture_refuse(r, "data: a TXT item is a string, or an array of at least one string");
    for (size_t i = 0; code == MV_OK && i < json_array_size(item) && !mv_buf_failed(rdata); i++)
        code = put_text(r, json_array_get(item, i), rdata);
    return code;
}

static bool join_strings(struct mv_arena *arena, struct mv_bytes rdata, struct mv_bytes *joined_r)
{
    struct mv_cursor c = mv_cursor_of(rdata);
    unsigned char *joined = mv_arena_alloc(arena, rdata.len);
    size_t len = 0;

    if (joined == NULL)
        return false;
    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes string = mv_cursor_take(&c, (size_t)mv_cursor_next(&c));

        if (string.len > 0)
            memcpy(joined + len, string.data, string.len);
        len += string.len;
    }
    *joined_r = mv_bytes_of(joined, len);
    return true;
}

static enum mv_code read_txt(struct mv_capture_reader *r, const json_t *item, struct mv_dns_record *record_r)
{
    struct mv_buf rdata;
    enum mv_code code;

    mv_buf_init(&rdata, MV_CAPTURE_MAX_RDATA_BYTES);
    code = put_item(r, item, &rdata);
    if (code == MV_OK && mv_buf_failed(&rdata))
        code = mv_capture_refuse(r, "data: a TXT record of more than 65535 bytes");
    if (code == MV_OK && (!mv_arena_copy(r->arena, mv_buf_bytes(&rdata), &record_r->rdata) ||
                          !join_strings(r->arena, record_r->rdata, &record_r->data)))
        code = mv_capture_no_memory(r);
    mv_buf_free(&rdata);
    return code;
}

enum mv_code mv_capture_record(struct mv_capture_reader *r, const json_t *item, enum mv_dns_type type,
                                struct mv_dns_record *record_r)
{
    switch (type) {
    case MV_DNS_A:
    case MV_DNS_AAAA:
        return read_address(r, item, type, record_r);
    case MV_DNS_MX:
        return read_mx(r, item, record_r);
    case MV_DNS_TXT:
        return read_txt(r, item, record_r);
    case MV_DNS_NS:
    case MV_DNS_CNAME:
    case MV_DNS_SOA:
    case MV_DNS_PTR:
        break;
    }
    return read_name(r, item, record_r);
}
