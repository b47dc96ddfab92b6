/*
 * Replies as the plugin reads them (RFC 5321 4.2, RFC 3463 2).  What is taken
 * keeps mail from going out, and put together again it is the same line.
 */
#include "dovecot-plugin/reply.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/base/buf.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_buf line, again;
    struct mv_reply reply;

    mv_buf_init(&line, FUZZ_MAX_BYTES);
    mv_buf_init(&again, FUZZ_MAX_BYTES);
    mv_buf_put(&line, mv_bytes_of(data, size));
    if (mv_reply_read(mv_buf_cstr(&line), &reply)) {
        fuzz_require(reply.status >= 400 && reply.status < 600);
        fuzz_require((unsigned)(reply.enhanced[0] - '0') == reply.status / 100);
        fuzz_require(mv_bytes_all(mv_bytes_str(reply.text), MV_ASCII_VCHAR | MV_ASCII_WSP));
        mv_buf_printf(&again, "%u %s %s", reply.status, reply.enhanced, reply.text);
        fuzz_require(strcmp(mv_buf_cstr(&line), mv_buf_cstr(&again)) == 0);
    }
    mv_buf_free(&line);
    mv_buf_free(&again);
    return 0;
}
