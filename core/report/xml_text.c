#include "core/report/xml_text.h"

#include <string.h>

#include "core/base/ascii.h"

#define UTF16_PIECE_BYTES (MV_XML_TEXT_PIECE_BYTES / 4) /* two bytes become three */
#define BYTE_PIECE_BYTES (MV_XML_TEXT_PIECE_BYTES / 3)  /* one byte becomes three */

/* 0x80 to 0x9f; the five that are nothing are the controls of those numbers. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178,
};

/* Which encoding */

static bool is_latin(struct mv_bytes name)
{
    static const char *const names[] = {"ISO-8859-1", "ISO8859-1", "ISO_8859-1", "latin1", "windows-1252", "cp1252"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (mv_bytes_equal_nocase(name, mv_bytes_str(names[i])))
            return true;
    return false;
}

/* XML 1.0 [80]: encoding = "NAME", within the declaration. */
static struct mv_bytes declared_encoding(struct mv_bytes declaration)
{
    struct mv_cursor c = mv_cursor_of(declaration);
    int quote;

    while (mv_cursor_left(&c) > 0 && !mv_cursor_accept_nocase(&c, MV_BYTES("encoding")))
        mv_cursor_next(&c);
    mv_cursor_take_while(&c, MV_ASCII_FWS);
    if (!mv_cursor_accept(&c, '='))
        return MV_BYTES("");
    mv_cursor_take_while(&c, MV_ASCII_FWS);
    quote = mv_cursor_next(&c);
    return quote == '"' || quote == '\'' ? mv_cursor_take_until(&c, (unsigned char)quote) : MV_BYTES("");
}

static bool begins_with(struct mv_bytes bytes, struct mv_bytes with)
{
    return mv_bytes_equal(mv_bytes_slice(bytes, 0, with.len), with);
}

bool mv_xml_text_is_utf16(struct mv_bytes begin)
{
    return begins_with(begin, MV_BYTES("\xff\xfe")) || begins_with(begin, MV_BYTES("\xfe\xff")) ||
           begins_with(begin, MV_BYTES("<\0")) || begins_with(begin, MV_BYTES("\0<"));
}

/* UNDECIDED: more bytes are needed. A byte order mark of UTF-8 says more than a declaration. */
static enum mv_xml_encoding decide(struct mv_bytes begin, bool is_all)
{
    const struct mv_bytes opening = MV_BYTES("<?xml");
    size_t end = mv_bytes_find(begin, '>');

    if (begin.len < 2)
        return is_all ? MV_XML_UTF8 : MV_XML_UNDECIDED;
    if (mv_xml_text_is_utf16(begin))
        return begin.data[0] == 0xff || begin.data[0] == '<' ? MV_XML_UTF16_LE : MV_XML_UTF16_BE;
    if (!begins_with(opening, mv_bytes_slice(begin, 0, opening.len)))
        return MV_XML_UTF8;
    if (end == begin.len)
        return is_all ? MV_XML_UTF8 : MV_XML_UNDECIDED;
    return is_latin(declared_encoding(mv_bytes_slice(begin, 0, end))) ? MV_XML_WINDOWS_1252 : MV_XML_UTF8;
}

/* Decoding */

static size_t put_character(uint32_t c, unsigned char *to)
{
    size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};

    to[0] = (unsigned char)(leads[more] | c >> 6 * more);
    for (size_t i = 1; i <= more; i++)
        to[i] = (unsigned char)(0x80 | (c >> 6 * (more - i) & 0x3f));
    return more + 1;
}

static struct mv_bytes decode_1252(struct mv_bytes bytes, unsigned char *room)
{
    size_t len = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = bytes.data[i];

        len += put_character(c >= 0x80 && c < 0xa0 ? windows_1252[c - 0x80] : c, room + len);
    }
    return mv_bytes_of(room, len);
}

/* RFC 2781 2.2 */
static size_t put_unit(struct mv_xml_text *text, unsigned unit, unsigned char *to, size_t *replaced)
{
    bool is_high = unit >= 0xd800 && unit < 0xdc00, is_low = unit >= 0xdc00 && unit < 0xe000;
    unsigned high = text->high;
    size_t len = 0;

    text->high = is_high ? unit : 0;
    if (high > 0 && is_low)
        return put_character(0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00), to);
    if (high > 0 || is_low)
        ++*replaced;
    if (high > 0)
        to[len++] = '?';
    if (is_low)
        to[len++] = '?';
    else if (!is_high)
        len += put_character(unit, to + len);
    return len;
}

static struct mv_bytes decode_utf16(struct mv_xml_text *text, struct mv_bytes bytes, unsigned char *room,
                                    size_t *replaced)
{
    size_t len = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = bytes.data[i];

        text->has_odd = !text->has_odd;
        if (text->has_odd)
            text->odd = c;
        else
            len += put_unit(text, text->encoding == MV_XML_UTF16_LE ? c << 8u | text->odd : text->odd << 8u | c,
                            room + len, replaced);
    }
    return mv_bytes_of(room, len);
}

static struct mv_bytes decode(struct mv_xml_text *text, struct mv_bytes *bytes, unsigned char *room, size_t *replaced)
{
    size_t max = text->encoding == MV_XML_UTF8           ? MV_XML_TEXT_PIECE_BYTES
                 : text->encoding == MV_XML_WINDOWS_1252 ? BYTE_PIECE_BYTES
                                                         : UTF16_PIECE_BYTES;
    struct mv_bytes piece = mv_bytes_slice(*bytes, 0, max);

    *bytes = mv_bytes_slice(*bytes, piece.len, bytes->len);
    if (text->encoding == MV_XML_UTF8)
        return mv_utf8_clean(&text->utf8, piece, room, replaced);
    return text->encoding == MV_XML_WINDOWS_1252 ? decode_1252(piece, room)
                                                 : decode_utf16(text, piece, room, replaced);
}

static struct mv_bytes decode_held(struct mv_xml_text *text, unsigned char *room, size_t *replaced)
{
    struct mv_bytes held = mv_bytes_of(text->held, text->held_len);

    return decode(text, &held, room, replaced);
}

struct mv_bytes mv_xml_text_next(struct mv_xml_text *text, struct mv_bytes *bytes, unsigned char *room,
                                 size_t *replaced_r)
{
    struct mv_bytes head = mv_bytes_slice(*bytes, 0, sizeof text->held - text->held_len);

    *replaced_r = 0;
    if (text->encoding != MV_XML_UNDECIDED)
        return decode(text, bytes, room, replaced_r);
    if (head.len > 0)
        memcpy(text->held + text->held_len, head.data, head.len);
    text->held_len += head.len;
    *bytes = mv_bytes_slice(*bytes, head.len, bytes->len);
    text->encoding = decide(mv_bytes_of(text->held, text->held_len), text->held_len == sizeof text->held);
    return text->encoding == MV_XML_UNDECIDED ? MV_BYTES("") : decode_held(text, room, replaced_r);
}

struct mv_bytes mv_xml_text_end(struct mv_xml_text *text, unsigned char *room, size_t *replaced_r)
{
    *replaced_r = 0;
    if (text->encoding != MV_XML_UNDECIDED)
        return MV_BYTES("");
    text->encoding = decide(mv_bytes_of(text->held, text->held_len), true);
    return decode_held(text, room, replaced_r);
}
