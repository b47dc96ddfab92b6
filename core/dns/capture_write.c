#include <arpa/inet.h>

#include "core/base/ascii.h"
#include "core/dns/capture.h"

#define MAX_STRING_BYTES 255 /* RFC 1035 3.3 */

/* Each byte is one code point; what is not printable ASCII is written as \u00XX. */
static void put_characters(struct mv_buf *out, struct mv_bytes b)
{
    for (size_t i = 0; i < b.len; i++) {
        unsigned char c = b.data[i];

        if (c == '"' || c == '\\')
            mv_buf_printf(out, "\\%c", c);
        else if (c == ' ' || mv_ascii_is(c, MV_ASCII_VCHAR))
            mv_buf_putc(out, c);
        else
            mv_buf_printf(out, "\\u%04x", (unsigned)c);
    }
}

static void put_string(struct mv_buf *out, struct mv_bytes b)
{
    mv_buf_putc(out, '"');
    put_characters(out, b);
    mv_buf_putc(out, '"');
}

static void put_address(struct mv_buf *out, struct mv_bytes octets)
{
    char text[INET6_ADDRSTRLEN];

    if (inet_ntop(octets.len == 4 ? AF_INET : AF_INET6, octets.data, text, sizeof text) != NULL)
        put_string(out, mv_bytes_str(text));
}

static struct mv_bytes next_string(struct mv_cursor *rdata)
{
    return mv_cursor_take(rdata, (size_t)mv_cursor_next(rdata));
}

/* The character-strings as they were: one is a string, several are an array. */
static void put_txt(struct mv_buf *out, const struct mv_dns_record *record)
{
    struct mv_cursor c = mv_cursor_of(record->rdata);
    struct mv_bytes first;

    if (record->rdata.len == 0) { /* a program that answers questions itself may leave the RDATA out */
        put_string(out, record->data);
        return;
    }
    first = next_string(&c);
    if (mv_cursor_left(&c) == 0 && first.len <= MAX_STRING_BYTES) {
        put_string(out, first);
        return;
    }
    mv_buf_putc(out, '[');
    put_string(out, first);
    while (mv_cursor_left(&c) > 0) {
        mv_buf_puts(out, ", ");
        put_string(out, next_string(&c));
    }
    mv_buf_putc(out, ']');
}

/* The root is "." so that an MX of RFC 7505 reads as in a zone file. */
static void put_name(struct mv_buf *out, struct mv_bytes name)
{
    put_characters(out, name.len == 0 ? MV_BYTES(".") : name);
}

static void put_record(struct mv_buf *out, enum mv_dns_type type, const struct mv_dns_record *record)
{
    if (type == MV_DNS_A || type == MV_DNS_AAAA) {
        put_address(out, record->data);
        return;
    }
    if (type == MV_DNS_TXT) {
        put_txt(out, record);
        return;
    }
    mv_buf_putc(out, '"');
    if (type == MV_DNS_MX)
        mv_buf_printf(out, "%u ", record->preference);
    put_name(out, record->data);
    mv_buf_putc(out, '"');
}

/* An address of a wrong length cannot come from DNS, and has no text. */
static bool is_writable(enum mv_dns_type type, const struct mv_dns_record *record)
{
    if (type == MV_DNS_A)
        return record->data.len == 4;
    return type != MV_DNS_AAAA || record->data.len == 16;
}

static void put_answer(struct mv_buf *out, const struct mv_dns_question *question, const struct mv_dns_answer *answer)
{
    const char *separator = "";

    mv_buf_puts(out, "{\"name\": ");
    put_string(out, question->name);
    mv_buf_printf(out, ", \"type\": \"%s\", \"rcode\": \"%s\", \"ttl\": %lu, \"secure\": %s, \"data\": [",
                  mv_dns_type_text(question->type), mv_dns_status_rcode(answer->status),
                  (unsigned long)answer->ttl_secs, answer->secure ? "true" : "false");
    for (size_t i = 0; i < answer->count; i++) {
        if (!is_writable(question->type, &answer->records[i]))
            continue;
        mv_buf_puts(out, separator);
        put_record(out, question->type, &answer->records[i]);
        separator = ", ";
    }
    mv_buf_puts(out, "]}");
}

enum mv_code mv_capture_write(const struct mv_memo *memo, struct mv_buf *out)
{
    struct mv_dns_question question;
    const struct mv_dns_answer *answer;
    size_t count = 0;

    mv_buf_puts(out, "{\n  \"schema\": 1,\n  \"default\": \"NXDOMAIN\",\n  \"answers\": [");
    for (; mv_memo_at(memo, count, &question, &answer); count++) {
        mv_buf_puts(out, count == 0 ? "\n    " : ",\n    ");
        put_answer(out, &question, answer);
    }
    mv_buf_puts(out, count == 0 ? "]\n}\n" : "\n  ]\n}\n");
    return mv_buf_failed(out) ? MV_ERR_LIMIT : MV_OK;
}
