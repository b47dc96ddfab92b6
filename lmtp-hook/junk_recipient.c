#include "lmtp-hook/junk_recipient.h"

bool mv_junk_recipient_put(struct mv_bytes line, struct mv_bytes detail, struct mv_buf *out)
{
    size_t bracket = mv_bytes_find(line, '<');
    struct mv_bytes address = mv_bytes_slice(line, bracket + 1, line.len);
    struct mv_bytes local;
    size_t end;

    if (address.len == 0 || address.data[0] == '"' || address.data[0] == '@')
        return false;
    end = mv_bytes_find(mv_bytes_slice(address, 0, mv_bytes_find(address, '>')), '@');
    local = mv_bytes_slice(address, 0, end);
    mv_buf_put(out, mv_bytes_slice(line, 0, bracket + 1));
    mv_buf_put(out, local);
    mv_buf_put(out, detail);
    mv_buf_put(out, mv_bytes_slice(address, end, address.len));
    return !mv_buf_failed(out);
}
