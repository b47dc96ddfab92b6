#include "core/report/page_text.h"

#include "core/report/page.h"
#include "core/report/report_time.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define ELLIPSIS "\xe2\x80\xa6"
#define NO_BREAK "\xc2\xa0"
#define FULL MV_PAGE_FULL_SHARE

struct range {
    uint32_t from, to;
};

/*
 * Characters that show nothing, turn the direction, or may not stand in XML: C0, C1, format characters (Unicode
 * category Cf), fillers, variation selectors, tags, and noncharacters.
 */
static const struct range hidden[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},     {0x600, 0x605},
    {0x61c, 0x61c},   {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},     {0x8e2, 0x8e2},
    {0x115f, 0x1160}, {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f}, {0x2800, 0x2800},   {0x3164, 0x3164},   {0xe000, 0xf8ff},   {0xfdd0, 0xfdef},
    {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0xfffe, 0xffff},
    {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0xe0000, 0x10ffff},
};

/* Marks that pile up over and below a letter. */
static const struct range marks[] = {
    {0x300, 0x34e},   {0x350, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
    {0xe31, 0xe31},   {0xe34, 0xe3a},   {0xe47, 0xe4e},   {0xeb1, 0xeb1},   {0xeb4, 0xebc},   {0xec8, 0xece},
    {0xf71, 0xf84},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f},
};

static bool is_in(const struct range *ranges, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].from && c <= ranges[i].to)
            return true;
    return false;
}

/* The bytes of the character under the cursor; 0: it is none. */
static size_t length_of(const struct mv_cursor *c)
{
    int first = mv_cursor_peek(c);
    size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    struct mv_cursor copy = *c;
    struct mv_bytes bytes = mv_cursor_take(&copy, len);

    return bytes.len == len && mv_bytes_is_utf8(bytes) ? len : 0;
}

static uint32_t value_of(struct mv_bytes character)
{
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t value = character.data[0] & first_bits[character.len];

    for (size_t i = 1; i < character.len; i++)
        value = value << 6 | (character.data[i] & 0x3f);
    return value;
}

static void put_character(struct mv_buf *out, struct mv_bytes character, uint32_t value)
{
    switch (value) {
    case '&':
        mv_buf_puts(out, "&amp;");
        return;
    case '<':
        mv_buf_puts(out, "&lt;");
        return;
    case '>':
        mv_buf_puts(out, "&gt;");
        return;
    case '"':
        mv_buf_puts(out, "&quot;");
        return;
    case '\'':
        mv_buf_puts(out, "&#39;");
        return;
    case '\t':
    case '\n':
    case '\r':
        mv_buf_putc(out, ' ');
        return;
    }
    if (is_in(hidden, sizeof hidden / sizeof *hidden, value))
        mv_buf_printf(out, "[U+%04X]", (unsigned)value);
    else
        mv_buf_put(out, character);
}

static void put_limited(struct mv_buf *out, struct mv_bytes text, size_t max_chars)
{
    struct mv_cursor c = mv_cursor_of(text);
    unsigned piled = 0;

    for (size_t shown = 0; mv_cursor_left(&c) > 0; shown++) {
        size_t len = length_of(&c);
        struct mv_bytes character = mv_cursor_take(&c, len == 0 ? 1 : len);
        uint32_t value = len == 0 ? 0 : value_of(character);

        if (shown == max_chars) {
            mv_buf_puts(out, ELLIPSIS);
            return;
        }
        piled = len > 0 && is_in(marks, sizeof marks / sizeof *marks, value) ? piled + 1 : 0;
        if (len == 0)
            mv_buf_puts(out, REPLACEMENT);
        else if (piled > MV_PAGE_MAX_MARKS)
            mv_buf_printf(out, "[U+%04X]", (unsigned)value);
        else
            put_character(out, character, value);
    }
}

void mv_page_put_plain(struct mv_buf *out, struct mv_bytes text)
{
    put_limited(out, text, MV_PAGE_MAX_TEXT_CHARS);
}

void mv_page_put_part(struct mv_buf *out, struct mv_bytes text)
{
    put_limited(out, text, MV_PAGE_MAX_RECORD_CHARS);
}

void mv_page_put_text(struct mv_buf *out, struct mv_bytes text)
{
    mv_buf_puts(out, "<bdi>");
    mv_page_put_plain(out, text);
    mv_buf_puts(out, "</bdi>");
}

void mv_page_put_count(struct mv_buf *out, uint64_t count)
{
    uint64_t unit = 1;

    while (count / unit >= 1000)
        unit *= 1000;
    mv_buf_printf(out, "%ju", (uintmax_t)(count / unit));
    for (unit /= 1000; unit > 0; unit /= 1000)
        mv_buf_printf(out, ",%03ju", (uintmax_t)(count / unit % 1000));
}

void mv_page_put_counted(struct mv_buf *out, uint64_t count, const char *one, const char *many)
{
    mv_page_put_count(out, count);
    mv_buf_printf(out, " %s", count == 1 ? one : many);
}

void mv_page_put_short(struct mv_buf *out, uint64_t count)
{
    static const char units[] = " kMGTPE";
    unsigned unit = 0;
    uint64_t tenths = 0;

    for (; count >= 10000 || (unit > 0 && count >= 1000); unit++) {
        tenths = count % 1000 / 100;
        count /= 1000;
    }
    mv_page_put_count(out, count);
    if (unit > 0 && tenths > 0 && count < 100)
        mv_buf_printf(out, ".%ju", (uintmax_t)tenths);
    if (unit > 0)
        mv_buf_printf(out, NO_BREAK "%c", units[unit]);
}

unsigned mv_page_share(uint64_t part, uint64_t whole)
{
    uint64_t share;

    if (whole == 0)
        return 0;
    if (part >= whole)
        return FULL;
    while (part > UINT64_MAX / FULL) {
        part /= 2;
        whole /= 2;
    }
    share = part * FULL / whole;
    return share < FULL ? (unsigned)share : FULL - 1; /* what was halved may have become the same */
}

void mv_page_put_share(struct mv_buf *out, uint64_t part, uint64_t whole)
{
    unsigned share = mv_page_share(part, whole);

    if (whole == 0)
        mv_buf_puts(out, "\xe2\x80\x93");
    else if (share == FULL)
        mv_buf_puts(out, "100" NO_BREAK "%");
    else if (part > 0 && share < FULL / 1000)
        mv_buf_puts(out, "&lt;" NO_BREAK "0.1" NO_BREAK "%");
    else
        mv_buf_printf(out, "%u.%u" NO_BREAK "%%", share / 1000, share % 1000 / 100);
}

uint64_t mv_page_sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Takes the day and month out of "2026-11-22". */
static void put_day(struct mv_buf *out, int64_t secs, bool has_year)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    uint64_t month = 0, day = 0;
    struct mv_bytes text;
    struct mv_buf iso;

    mv_buf_init(&iso, 64);
    mv_report_day_print(secs < 0 ? 0 : secs > MV_REPORT_MAX_SECS ? MV_REPORT_MAX_SECS : secs, &iso);
    text = mv_buf_bytes(&iso);
    mv_bytes_to_uint(mv_bytes_slice(text, 5, 7), 12, &month);
    mv_bytes_to_uint(mv_bytes_slice(text, 8, 10), 31, &day);
    if (month == 0 || day == 0) {
        mv_buf_fail(out);
    } else {
        mv_buf_printf(out, "%u" NO_BREAK "%.3s", (unsigned)day, months + 3 * (month - 1));
        if (has_year) {
            mv_buf_puts(out, NO_BREAK);
            mv_buf_put(out, mv_bytes_slice(text, 0, 4));
        }
    }
    mv_buf_free(&iso);
}

void mv_page_put_day(struct mv_buf *out, int64_t secs)
{
    put_day(out, secs, true);
}

void mv_page_put_short_day(struct mv_buf *out, int64_t secs)
{
    put_day(out, secs, false);
}
