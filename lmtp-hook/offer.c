#include "lmtp-hook/offer.h"

#include <inttypes.h>

#include "lmtp-hook/client.h"

#define REPLY_CODE_BYTES 4 /* "250-" */

static void read_line(struct mv_bytes line, struct mv_offer *offer)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_slice(line, REPLY_CODE_BYTES, line.len));
    struct mv_bytes keyword = mv_cursor_take_until(&c, ' ');

    if (mv_bytes_equal_nocase(keyword, MV_BYTES("8BITMIME")))
        offer->eightbitmime = true;
    else if (mv_bytes_equal_nocase(keyword, MV_BYTES("SMTPUTF8")))
        offer->smtputf8 = true;
    else if (mv_bytes_equal_nocase(keyword, MV_BYTES("DSN")))
        offer->dsn = true;
    else if (mv_bytes_equal_nocase(keyword, MV_BYTES("ENHANCEDSTATUSCODES")))
        offer->enhanced = true;
    else if (mv_bytes_equal_nocase(keyword, MV_BYTES("SIZE"))) {
        offer->takes_size = true;
        (void)mv_bytes_to_uint(mv_bytes_trim(mv_cursor_rest(&c)), UINT64_MAX, &offer->size);
    }
}

void mv_offer_read(const struct mv_reply *reply, struct mv_offer *offer_r)
{
    struct mv_cursor c = mv_cursor_of(mv_buf_bytes(&reply->text));
    bool is_first = true; /* it names the host */

    *offer_r = (struct mv_offer){.size = 0};
    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\r');

        mv_cursor_take(&c, 2);
        if (!is_first)
            read_line(line, offer_r);
        is_first = false;
    }
}

static uint64_t smaller_limit(uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0)
        return a + b;
    return a < b ? a : b;
}

void mv_offer_put(const struct mv_offer *offer, const char *host, uint64_t max_bytes, enum mv_offer_trust trust,
                  struct mv_buf *out)
{
    mv_buf_printf(out, "250-%s\r\n", host);
    if (offer->eightbitmime)
        mv_buf_puts(out, "250-8BITMIME\r\n");
    if (offer->smtputf8)
        mv_buf_puts(out, "250-SMTPUTF8\r\n");
    if (offer->dsn)
        mv_buf_puts(out, "250-DSN\r\n");
    mv_buf_printf(out, "250-SIZE %" PRIu64 "\r\n", smaller_limit(offer->size, max_bytes));
    if (trust == MV_OFFER_TRUSTED)
        mv_buf_puts(out, "250-XFORWARD " MV_CLIENT_XFORWARD_NAMES "\r\n250-XCLIENT " MV_CLIENT_XCLIENT_NAMES "\r\n");
    if (offer->enhanced)
        mv_buf_puts(out, "250-ENHANCEDSTATUSCODES\r\n");
    mv_buf_puts(out, "250 PIPELINING\r\n");
}
