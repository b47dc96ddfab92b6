/* A next hop that says anything: a reply that is done can be passed on, and reads as itself; and LHLO's is an offer. */
#include "lmtp-hook/line.h"
#include "lmtp-hook/offer.h"

#include "core/base/ascii.h"
#include "tests/fuzz/fuzz.h"

static void check_done(const struct mv_reply *reply)
{
    struct mv_bytes text = mv_buf_bytes(&reply->text);
    struct mv_offer offer;
    struct mv_buf out;

    fuzz_require(reply->code >= 200 && reply->code <= 599 && reply->lines >= 1 && reply->lines <= MV_REPLY_MAX_LINES);
    fuzz_require(mv_bytes_has_suffix_nocase(text, MV_BYTES("\r\n")));
    for (size_t i = 0; i < text.len; i++)
        fuzz_require(!mv_ascii_is(text.data[i], MV_ASCII_CTL) || text.data[i] == '\r' || text.data[i] == '\n' ||
                     text.data[i] == '\t');
    mv_offer_read(reply, &offer);
    mv_buf_init(&out, MV_OFFER_MAX_BYTES);
    mv_offer_put(&offer, "mx", 1000, MV_OFFER_TRUSTED, &out);
    fuzz_require(!mv_buf_failed(&out));
    mv_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_of(data, size));
    struct mv_line line;
    struct mv_reply reply;
    struct mv_bytes text;
    enum mv_reply_code code = MV_REPLY_MORE;

    mv_line_init(&line);
    mv_reply_init(&reply);
    while (code != MV_REPLY_BAD && mv_line_feed(&line, &c, &text) == MV_LINE_READY) {
        code = mv_reply_add(&reply, text);
        if (code == MV_REPLY_DONE) {
            check_done(&reply);
            mv_reply_reset(&reply);
        }
    }
    mv_line_free(&line);
    mv_reply_free(&reply);
    return 0;
}
