#include "core/dkim/canon.h"

#include <string.h>

#define WORD_BYTES sizeof(uint64_t)
#define EACH_OCTET(c) (UINT64_MAX / 0xff * (c))

/* RFC 6376 3.4.1: as it came. */
static void put_simple(const struct mv_field *field, struct mv_buf *out)
{
    mv_buf_put(out, field->raw);
    if (!mv_bytes_has_suffix_nocase(field->raw, MV_BYTES("\r\n")))
        mv_buf_put(out, MV_BYTES("\r\n"));
}

static bool is_wsp(unsigned char c)
{
    return c == ' ' || c == '\t';
}

/*
 * Eight octets at a time: no control character (so no HTAB and no fold) and no
 * two SP in a row.  Some words that have neither are said to have one; which
 * ones depends on the byte order, the canonical form does not.
 */
static bool is_as_it_should_be(uint64_t word)
{
    const uint64_t high = EACH_OCTET(0x80);
    uint64_t controls = (word - EACH_OCTET(' ')) & ~word & high;
    uint64_t not_sp = word ^ EACH_OCTET(' ');
    uint64_t sp = (not_sp - EACH_OCTET(1)) & ~not_sp & high;

    return (controls | (sp & sp >> 8)) == 0;
}

/* A value on its way to its canonical form. */
struct squeeze {
    struct mv_bytes value;
    size_t at;
    unsigned char *out;
    size_t written;
    bool after_wsp;
};

static void squeeze_words(struct squeeze *s)
{
    uint64_t word;

    for (; s->value.len - s->at >= WORD_BYTES; s->at += WORD_BYTES) {
        memcpy(&word, s->value.data + s->at, WORD_BYTES);
        if ((s->after_wsp && s->value.data[s->at] == ' ') || !is_as_it_should_be(word))
            return;
        memcpy(s->out + s->written, &word, WORD_BYTES);
        s->written += WORD_BYTES;
        s->after_wsp = s->value.data[s->at + WORD_BYTES - 1] == ' ';
    }
}

static void squeeze_octets(struct squeeze *s, size_t end)
{
    while (s->at < end) {
        unsigned char c = s->value.data[s->at++];
        bool wsp = is_wsp(c);

        /* A CRLF in a value can only be that of a fold (RFC 5322 2.2.3). */
        if (c == '\r' && s->at < s->value.len && s->value.data[s->at] == '\n') {
            s->at++;
            continue;
        }
        if (!wsp || !s->after_wsp)
            s->out[s->written++] = wsp ? ' ' : c;
        s->after_wsp = wsp;
    }
}

/* RFC 6376 3.4.2: without folds, each run of white space one SP, none at either end. */
static size_t squeeze(struct mv_bytes value, unsigned char *out)
{
    struct squeeze s = {.value = value, .out = out, .after_wsp = true};

    while (s.at < value.len) {
        squeeze_words(&s);
        squeeze_octets(&s, value.len - s.at < WORD_BYTES ? value.len : s.at + WORD_BYTES);
    }
    return s.written > 0 && s.after_wsp ? s.written - 1 : s.written;
}

static void put_relaxed(const struct mv_field *field, struct mv_buf *out)
{
    unsigned char *room;

    mv_buf_put_lower(out, field->name);
    mv_buf_put(out, MV_BYTES(":"));
    room = mv_buf_reserve(out, field->value.len);
    if (room != NULL)
        mv_buf_commit(out, squeeze(field->value, room));
    mv_buf_put(out, MV_BYTES("\r\n"));
}

void mv_canon_header(enum mv_canon canon, const struct mv_field *field, struct mv_buf *out)
{
    if (canon == MV_CANON_SIMPLE)
        put_simple(field, out);
    else
        put_relaxed(field, out);
}
