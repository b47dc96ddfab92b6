#include "core/crypto/pem.h"

static struct mv_bytes take_line(struct mv_cursor *c)
{
    struct mv_bytes line = mv_cursor_take_until(c, '\n');

    mv_cursor_accept(c, '\n');
    return mv_bytes_trim(line);
}

/* RFC 7468 3: "-----BEGIN label-----". */
static bool is_boundary(struct mv_bytes line, struct mv_bytes word, struct mv_bytes *label_r)
{
    struct mv_bytes dashes = MV_BYTES("-----");

    if (line.len < word.len + dashes.len || !mv_bytes_has_prefix_nocase(line, word) ||
        !mv_bytes_has_suffix_nocase(line, dashes))
        return false;
    *label_r = mv_bytes_slice(line, word.len, line.len - dashes.len);
    return true;
}

static bool find_begin(struct mv_cursor *c, struct mv_bytes *label_r)
{
    while (mv_cursor_left(c) > 0)
        if (is_boundary(take_line(c), MV_BYTES("-----BEGIN "), label_r))
            return true;
    return false;
}

static bool find_end(struct mv_cursor *c, struct mv_bytes *base64_r, struct mv_bytes *label_r)
{
    struct mv_cursor start = *c, line = *c;

    while (mv_cursor_left(c) > 0) {
        line = *c;
        if (is_boundary(take_line(c), MV_BYTES("-----END "), label_r)) {
            *base64_r = mv_cursor_since(&line, &start);
            return true;
        }
    }
    return false;
}

const char *mv_pem_read(struct mv_bytes text, struct mv_pem *pem_r)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_bytes end_label, other;

    if (!find_begin(&c, &pem_r->label))
        return "this is no PEM: it has no line -----BEGIN PRIVATE KEY-----";
    if (!find_end(&c, &pem_r->base64, &end_label) || !mv_bytes_equal(end_label, pem_r->label))
        return "the PEM is cut short: the END line of its key is missing";
    if (find_begin(&c, &other))
        return "the PEM holds more than one key or certificate: it must hold one private key and nothing else";
    return NULL;
}
