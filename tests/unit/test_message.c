#include "core/text/message.h"

#include <string.h>

#include "tests/unit/unit.h"

#define ARENA_BYTES (16 * 1024 * 1024)

enum {
    CR = MV_DEFECT_BARE_CR,
    LF = MV_DEFECT_BARE_LF,
    NUL = MV_DEFECT_NUL,
    NOT_A_FIELD = MV_DEFECT_NOT_A_FIELD,
    NO_SEPARATOR = MV_DEFECT_NO_SEPARATOR
};

struct row {
    const char *name;
    struct mv_bytes message;
    unsigned defects;
    const char *names; /* of the fields, joined by "|"; "" for a malformed one */
    struct mv_bytes body;
};

/* RFC 5322 2.1, 2.2 */
static const struct row rows[] = {
    {"plain", MV_BYTES("A: 1\r\nB: 2\r\n\r\nbody\r\n"), 0, "A|B|", MV_BYTES("body\r\n")},
    {"empty body", MV_BYTES("A: 1\r\n\r\n"), 0, "A|", MV_BYTES("")},
    {"no field, body", MV_BYTES("\r\nbody"), 0, "", MV_BYTES("body")},
    {"body begins with an empty line", MV_BYTES("A: 1\r\n\r\n\r\nx"), 0, "A|", MV_BYTES("\r\nx")},
    {"fold", MV_BYTES("A: 1\r\n 2\r\n\t3\r\nB: 4\r\n\r\n"), 0, "A|B|", MV_BYTES("")},
    {"fold before any content", MV_BYTES("A:\r\n 1\r\n\r\n"), 0, "A|", MV_BYTES("")},
    {"RFC 5322 4.2: blank line in a fold", MV_BYTES("A: 1\r\n \t\r\n 2\r\n\r\n"), 0, "A|", MV_BYTES("")},
    {"white-space line last", MV_BYTES("A: 1\r\n \r\n\r\nx"), 0, "A|", MV_BYTES("x")},
    {"empty value", MV_BYTES("A:\r\n\r\n"), 0, "A|", MV_BYTES("")},
    {"space before the colon", MV_BYTES("A : 1\r\n\r\n"), 0, "A|", MV_BYTES("")},
    {"8 bit value", MV_BYTES("A: \xff\xfe\r\n\r\n"), 0, "A|", MV_BYTES("")},
    {"the body is not looked at", MV_BYTES("A: 1\r\n\r\n\r \n \0 x\n"), 0, "A|", MV_BYTES("\r \n \0 x\n")},

    {"nothing at all", MV_BYTES(""), NO_SEPARATOR, "", MV_BYTES("")},
    {"no separator", MV_BYTES("A: 1\r\n"), NO_SEPARATOR, "A|", MV_BYTES("")},
    {"no line end", MV_BYTES("A: 1"), NO_SEPARATOR, "A|", MV_BYTES("")},
    {"fold without line end", MV_BYTES("A: 1\r\n 2"), NO_SEPARATOR, "A|", MV_BYTES("")},
    {"ends in CR", MV_BYTES("A: 1\r"), NO_SEPARATOR | CR, "A|", MV_BYTES("")},
    {"separator cut at CR", MV_BYTES("A: 1\r\n\r"), NO_SEPARATOR | CR | NOT_A_FIELD, "A||", MV_BYTES("")},
    {"bare LF ends no line", MV_BYTES("A: 1\nB: 2\r\n\r\n"), LF, "A|", MV_BYTES("")},
    {"bare LF ends no header", MV_BYTES("A: 1\n\nB: 2\r\n\r\nx"), LF, "A|", MV_BYTES("x")},
    {"LF LF CR LF", MV_BYTES("A: 1\n\n\r\n\r\n"), LF, "A|", MV_BYTES("")},
    {"CR LF LF", MV_BYTES("A: 1\r\n\nB: 2\r\n\r\n"), LF | NOT_A_FIELD, "A||", MV_BYTES("")},
    {"LF first", MV_BYTES("\nA: 1\r\n\r\n"), LF | NOT_A_FIELD, "|", MV_BYTES("")},
    {"bare CR ends no line", MV_BYTES("A: 1\rB: 2\r\n\r\n"), CR, "A|", MV_BYTES("")},
    {"CR CR LF", MV_BYTES("A: 1\r\r\n\r\n"), CR, "A|", MV_BYTES("")},
    {"CR CR LF is no separator", MV_BYTES("A: 1\r\n\r\r\nB: 2\r\n\r\nx"), CR | NOT_A_FIELD, "A||B|", MV_BYTES("x")},
    {"LF CR", MV_BYTES("A: 1\n\rB: 2\r\n\r\n"), LF | CR, "A|", MV_BYTES("")},
    {"NUL in a value", MV_BYTES("A: \0\r\n\r\n"), NUL, "A|", MV_BYTES("")},
    {"NUL in a name", MV_BYTES("A\0: 1\r\n\r\n"), NUL | NOT_A_FIELD, "|", MV_BYTES("")},
    {"NUL in a fold", MV_BYTES("A: 1\r\n \0\r\n\r\n"), NUL, "A|", MV_BYTES("")},
    {"first line begins with a space", MV_BYTES(" A: 1\r\nB: 2\r\n\r\n"), NOT_A_FIELD, "|B|", MV_BYTES("")},
    {"first line is white space", MV_BYTES(" \r\nB: 2\r\n\r\n"), NOT_A_FIELD, "|B|", MV_BYTES("")},
    {"mbox line", MV_BYTES("From a Thu Jan  1 00:00:00 1970\r\nB: 2\r\n\r\n"), NOT_A_FIELD, "|B|", MV_BYTES("")},
    {"no colon", MV_BYTES("A: 1\r\nrubbish\r\nB: 2\r\n\r\n"), NOT_A_FIELD, "A||B|", MV_BYTES("")},
    {"a fold belongs to the rubbish",
     MV_BYTES("rubbish\r\n From: x\r\nB: 2\r\n\r\n"), NOT_A_FIELD, "|B|", MV_BYTES("")},
    {"no name", MV_BYTES(": 1\r\n\r\n"), NOT_A_FIELD, "|", MV_BYTES("")},
    {"space in a name", MV_BYTES("A b: 1\r\n\r\n"), NOT_A_FIELD, "|", MV_BYTES("")},
    {"8 bit name", MV_BYTES("\xc3\x84: 1\r\n\r\n"), NOT_A_FIELD, "|", MV_BYTES("")},
    {"everything", MV_BYTES(" \0\n\r \r\n"), NUL | LF | CR | NOT_A_FIELD | NO_SEPARATOR, "|", MV_BYTES("")},
};

struct reading {
    struct mv_arena *arena;
    struct mv_reader *reader;
    struct mv_buf body;
    enum mv_code code;
};

static void feed(struct reading *r, struct mv_bytes input)
{
    struct mv_bytes body;

    r->code = mv_reader_feed(r->reader, input, &body);
    mv_buf_put(&r->body, body);
}

/* In pieces of step bytes. */
static void read_message(struct reading *r, struct mv_bytes message, size_t step)
{
    r->arena = mv_arena_new(ARENA_BYTES);
    r->reader = mv_reader_new(r->arena);
    r->code = MV_OK;
    mv_buf_init(&r->body, ARENA_BYTES);
    for (size_t at = 0; at < message.len && r->code == MV_OK; at += step)
        feed(r, mv_bytes_slice(message, at, at + step));
    if (r->code == MV_OK)
        r->code = mv_reader_end(r->reader);
}

static void end_reading(struct reading *r)
{
    mv_buf_free(&r->body);
    mv_arena_free(&r->arena);
}

static void check_row(const struct row *row, size_t step)
{
    struct mv_bytes header = mv_bytes_slice(row->message, 0, row->message.len - row->body.len);
    struct mv_buf names, raw;
    struct reading r;
    const struct mv_field *fields;
    size_t count;

    mv_buf_init(&names, 1000);
    mv_buf_init(&raw, 1000);
    read_message(&r, row->message, step);
    ck_assert_msg(r.code == MV_OK && mv_reader_header_done(r.reader), "%s/%zu: %s", row->name, step,
                  mv_code_text(r.code));
    ck_assert_msg(mv_reader_defects(r.reader) == row->defects, "%s/%zu: defects %x", row->name, step,
                  mv_reader_defects(r.reader));
    fields = mv_reader_fields(r.reader, &count);
    for (size_t i = 0; i < count; i++) {
        mv_buf_put(&names, fields[i].name);
        mv_buf_putc(&names, '|');
        mv_buf_put(&raw, fields[i].raw);
    }
    ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&names), mv_bytes_str(row->names)), "%s/%zu: fields %s", row->name, step,
                  mv_buf_cstr(&names));
    ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&r.body), row->body), "%s/%zu: body", row->name, step);
    if ((row->defects & MV_DEFECT_NO_SEPARATOR) == 0)
        mv_buf_puts(&raw, "\r\n");
    ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&raw), header), "%s/%zu: fields are not the header", row->name, step);
    mv_buf_free(&names);
    mv_buf_free(&raw);
    end_reading(&r);
}

START_TEST(reads_the_same_in_any_split)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t step = 1; step <= rows[i].message.len + 1; step++)
            check_row(&rows[i], step);
}
END_TEST

/* DKIM smuggling: whatever stands alone, wherever, must show. */
START_TEST(finds_a_bare_byte_at_every_place)
{
    static const unsigned char bytes[] = {'\r', '\n', '\0'};
    static const unsigned defects[] = {CR, LF, NUL};
    static const char message[] = "From: a@b.example\r\nSubject: x\r\n y\r\nTo: c\r\n\r\n";
    const size_t header_len = sizeof message - 1 - 2;

    for (size_t b = 0; b < sizeof bytes; b++) {
        for (size_t at = 0; at < header_len; at++) {
            unsigned char text[sizeof message + 1];
            struct reading r;

            if (at > 0 && message[at - 1] == '\r' && bytes[b] == '\n')
                continue; /* a second LF behind CR LF: the same as one place on */
            memcpy(text, message, at);
            text[at] = bytes[b];
            memcpy(text + at + 1, message + at, sizeof message - 1 - at);
            read_message(&r, mv_bytes_of(text, sizeof message), sizeof message);
            ck_assert_msg((mv_reader_defects(r.reader) & defects[b]) != 0, "byte %d at %zu", bytes[b], at);
            end_reading(&r);
        }
    }
}
END_TEST

START_TEST(header_is_done_with_its_last_byte)
{
    static const char message[] = "A: 1\r\n\r\n";
    struct reading r;
    size_t count;

    read_message(&r, MV_BYTES(""), 1);
    r.reader = mv_reader_new(r.arena);
    for (size_t i = 0; i < sizeof message - 1; i++) {
        ck_assert(!mv_reader_header_done(r.reader));
        feed(&r, mv_bytes_of(message + i, 1));
    }
    ck_assert(mv_reader_header_done(r.reader));
    mv_reader_fields(r.reader, &count);
    ck_assert_uint_eq(count, 1);
    end_reading(&r);
}
END_TEST

static struct mv_bytes repeat(const char *piece, size_t len)
{
    size_t piece_len = strlen(piece);
    unsigned char *text = malloc(len);

    for (size_t i = 0; i < len; i++)
        text[i] = (unsigned char)piece[i % piece_len];
    return mv_bytes_of(text, len);
}

static void check_limit(const char *piece, size_t len, size_t step, enum mv_code code)
{
    struct mv_bytes message = repeat(piece, len);
    struct reading r;

    read_message(&r, message, step);
    ck_assert_msg(r.code == code, "%.5s*%zu/%zu: %s", piece, len, step, mv_code_text(r.code));
    if (code != MV_OK)
        ck_assert_int_eq(mv_reader_end(r.reader), code);
    end_reading(&r);
    free((void *)message.data);
}

START_TEST(limits_the_header)
{
    check_limit("x", MV_MAX_HEADER_BYTES, 1000, MV_OK);
    check_limit("x", MV_MAX_HEADER_BYTES + 1, 1000, MV_ERR_LIMIT);
    check_limit("x", MV_MAX_HEADER_BYTES + 1, MV_MAX_HEADER_BYTES + 1, MV_ERR_LIMIT);
    check_limit("x", MV_MAX_HEADER_BYTES + 1, 1, MV_ERR_LIMIT);
    check_limit("A:\n", MV_MAX_HEADER_BYTES + 1, 4096, MV_ERR_LIMIT);
    check_limit("A: 1\r\n", 6 * MV_MAX_HEADER_FIELDS, 4096, MV_OK);
    check_limit("A: 1\r\n", 6 * MV_MAX_HEADER_FIELDS + 6, 4096, MV_ERR_LIMIT);
    check_limit(" \r\n", 3 * 300000, 4096, MV_OK); /* one field, many folds */
}
END_TEST

START_TEST(stays_failed)
{
    struct mv_bytes message = repeat("x", MV_MAX_HEADER_BYTES + 1), body = MV_BYTES("untouched");
    struct reading r;

    read_message(&r, message, message.len);
    ck_assert_int_eq(mv_reader_feed(r.reader, MV_BYTES("\r\n\r\nbody"), &body), MV_ERR_LIMIT);
    ck_assert_uint_eq(body.len, 0);
    end_reading(&r);
    free((void *)message.data);
}
END_TEST

START_TEST(takes_nothing_after_the_end)
{
    struct mv_bytes body = MV_BYTES("untouched");
    struct reading r;

    read_message(&r, MV_BYTES("A: 1\r\n\r\n"), 100);
    ck_assert_int_eq(mv_reader_feed(r.reader, MV_BYTES("x"), &body), MV_ERR_USAGE);
    ck_assert_uint_eq(body.len, 0);
    ck_assert_int_eq(mv_reader_end(r.reader), MV_OK);
    end_reading(&r);
}
END_TEST

START_TEST(reports_missing_memory)
{
    struct mv_bytes message = repeat("A: 1\r\n", 60000);

    for (size_t limit = 0; limit < 1000000; limit += 5000) {
        struct mv_arena *arena = mv_arena_new(limit);
        struct mv_reader *reader = mv_reader_new(arena);
        enum mv_code code = MV_ERR_MEMORY;
        struct mv_bytes body;

        if (reader != NULL)
            code = mv_reader_feed(reader, message, &body);
        ck_assert_msg(code == MV_ERR_MEMORY || (code == MV_OK && limit > 60000), "%zu: %s", limit, mv_code_text(code));
        mv_arena_free(&arena);
    }
    free((void *)message.data);
}
END_TEST

START_TEST(fields_in_many_chunks_are_whole)
{
    static const char field[] = "Name: some value\r\n and more of it\r\n";
    struct mv_bytes message = repeat(field, 9000 * (sizeof field - 1));
    struct reading r;
    const struct mv_field *fields;
    size_t count;

    read_message(&r, message, 777);
    fields = mv_reader_fields(r.reader, &count);
    ck_assert_uint_eq(count, 9000);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(mv_bytes_equal(fields[i].raw, mv_bytes_str(field)), "field %zu", i);
    end_reading(&r);
    free((void *)message.data);
}
END_TEST

START_TEST(names_every_defect)
{
    for (unsigned bit = MV_DEFECT_BARE_CR; bit <= MV_DEFECT_NO_SEPARATOR; bit <<= 1)
        ck_assert_str_ne(mv_defect_text((enum mv_defect)bit), "unknown");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {reads_the_same_in_any_split, finds_a_bare_byte_at_every_place,
                                  header_is_done_with_its_last_byte, limits_the_header, stays_failed,
                                  takes_nothing_after_the_end, reports_missing_memory, fields_in_many_chunks_are_whole,
                                  names_every_defect};

    return unit_run("message", tests, sizeof tests / sizeof tests[0]);
}
