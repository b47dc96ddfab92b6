#include "core/report/report_mail_names.h"

#include "core/base/ascii.h"
#include "core/report/report_time.h"
#include "core/text/address.h"
#include "core/text/domain.h"
#include "core/text/lexer.h"

#define DAY_DIGITS 8

void mv_report_id_make(int64_t day_secs, const uint8_t random[8], char id_r[MV_REPORT_ID_BYTES + 1])
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648 6 */
    uint64_t bits = 0;

    mv_report_day_digits(day_secs, id_r);
    for (size_t i = 0; i < 8; i++)
        bits = bits << 8 | random[i];
    for (size_t i = MV_REPORT_ID_BYTES; i-- > DAY_DIGITS; bits >>= 5)
        id_r[i] = alphabet[bits & 31];
    id_r[MV_REPORT_ID_BYTES] = '\0';
}

bool mv_report_is_id(struct mv_bytes id)
{
    return id.len > 0 && id.len <= MV_REPORT_ID_MAX_BYTES && mv_bytes_all(id, MV_ASCII_ALNUM);
}

enum mv_code mv_report_file_name(struct mv_bytes receiver, struct mv_bytes policy_domain, int64_t begin_secs,
                                 int64_t end_secs, struct mv_bytes report_id, struct mv_buf *out)
{
    if (!mv_domain_is_ldh(receiver) || !mv_domain_is_ldh(policy_domain) || !mv_report_is_id(report_id) ||
        begin_secs < 0 || end_secs < begin_secs)
        return MV_ERR_USAGE;
    mv_buf_put(out, receiver);
    mv_buf_putc(out, '!');
    mv_buf_put(out, policy_domain);
    mv_buf_printf(out, "!%lld!%lld!", (long long)begin_secs, (long long)end_secs);
    mv_buf_put(out, report_id);
    mv_buf_puts(out, ".xml.gz");
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}

/* RFC 5321 4.1.2, which is what other servers take: printable ASCII in quotes. */
static bool is_quoted(struct mv_bytes local)
{
    struct mv_cursor c = mv_cursor_of(local);

    if (!mv_cursor_accept(&c, '"') || mv_cursor_peek(&c) == '"')
        return false;
    while (mv_cursor_left(&c) > 0 && mv_cursor_peek(&c) != '"') {
        mv_cursor_accept(&c, '\\');
        if (mv_cursor_peek(&c) != ' ' && !mv_ascii_is(mv_cursor_peek(&c), MV_ASCII_VCHAR))
            return false;
        mv_cursor_next(&c);
    }
    return mv_cursor_accept(&c, '"') && mv_cursor_left(&c) == 0;
}

static bool is_local_part(struct mv_bytes local)
{
    struct mv_cursor c = mv_cursor_of(local);

    if (local.len == 0 || local.len > MV_LOCAL_PART_MAX_BYTES)
        return false;
    return is_quoted(local) ||
           (mv_bytes_all(local, MV_ASCII_VCHAR) && mv_lex_dot_atom(&c).len == local.len);
}

bool mv_report_is_address(struct mv_bytes address)
{
    size_t at = mv_bytes_find_last(address, '@');

    return at < address.len && address.len <= MV_REPORT_ADDRESS_MAX_BYTES &&
           is_local_part(mv_bytes_slice(address, 0, at)) &&
           mv_domain_is_ldh(mv_bytes_slice(address, at + 1, address.len));
}

static bool decode_percent(struct mv_arena *arena, struct mv_bytes text, struct mv_bytes *decoded_r)
{
    struct mv_cursor c = mv_cursor_of(text);
    unsigned char *decoded = mv_arena_room(arena, text.len + 1);
    size_t len = 0;

    if (decoded == NULL)
        return false;
    while (mv_cursor_left(&c) > 0) {
        int byte = mv_cursor_next(&c);

        if (byte == '%') {
            int high = mv_ascii_hex_value(mv_cursor_next(&c)), low = mv_ascii_hex_value(mv_cursor_next(&c));

            if (high < 0 || low < 0)
                return false;
            byte = high << 4 | low;
        }
        decoded[len++] = (unsigned char)byte;
    }
    *decoded_r = mv_bytes_of(decoded, len);
    return true;
}

/* Not of this machine, and no IP address: "root@localhost" is nobody's address for reports. */
static bool is_public_name(struct mv_bytes domain)
{
    return mv_domain_labels(domain) > 1 && !mv_bytes_all(mv_domain_suffix(domain, 1), MV_ASCII_DIGIT);
}

bool mv_report_mail_address(struct mv_arena *arena, struct mv_bytes uri, struct mv_bytes *address_r)
{
    struct mv_cursor c = mv_cursor_of(uri);
    struct mv_bytes address, domain, parts[2];
    size_t at;

    *address_r = MV_BYTES("");
    if (!mv_cursor_accept_nocase(&c, MV_BYTES("mailto:")))
        return false;
    address = mv_cursor_rest(&c);
    address = mv_bytes_slice(address, 0, mv_bytes_find(address, '?'));
    if (!decode_percent(arena, address, &address))
        return false;
    at = mv_bytes_find_last(address, '@');
    if (at == address.len ||
        !mv_domain_normalize(arena, mv_bytes_slice(address, at + 1, address.len), &domain) || !is_public_name(domain))
        return false;
    parts[0] = mv_bytes_slice(address, 0, at + 1);
    parts[1] = domain;
    if (!mv_arena_join(arena, parts, 2, &address) || !mv_report_is_address(address))
        return false;
    *address_r = address;
    return true;
}
