/*
 * Streaming message reader: takes the raw message in any split, keeps the
 * header block, and hands the body through without holding it.
 *
 * The input is what SMTP carries: CRLF line ends, dot-unstuffed.  Nothing is
 * repaired.  What is not RFC 5322 in the header block is reported as a defect
 * (a set of mv_defect bits): a message with a header defect must never get a
 * pass, because others may split it differently.
 *
 *   mv_reader_new, mv_reader_feed ... mv_reader_feed, mv_reader_end
 */
#ifndef MV_TEXT_MESSAGE_H
#define MV_TEXT_MESSAGE_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/text/field.h"

#define MV_MAX_HEADER_BYTES (1024 * 1024) /* whole header block; more is MV_ERR_LIMIT */
#define MV_MAX_HEADER_FIELDS 10000

enum mv_defect {
    MV_DEFECT_BARE_CR = 1 << 0,        /* CR without LF in the header block, RFC 5322 2.2 */
    MV_DEFECT_BARE_LF = 1 << 1,        /* LF without CR in the header block */
    MV_DEFECT_NUL = 1 << 2,            /* NUL in the header block */
    MV_DEFECT_NOT_A_FIELD = 1 << 3,    /* a line that is neither field nor continuation */
    MV_DEFECT_NO_SEPARATOR = 1 << 4    /* message ended inside the header block; harmless: an empty body */
};

/* The defects that forbid a pass. */
#define MV_DEFECTS_FATAL (MV_DEFECT_BARE_CR | MV_DEFECT_BARE_LF | MV_DEFECT_NUL | MV_DEFECT_NOT_A_FIELD)

struct mv_reader;

/* Lives in the arena. NULL without memory. */
struct mv_reader *mv_reader_new(struct mv_arena *arena);
/*
 * Takes the next bytes of the message.  *body_r is the part of them that
 * belongs to the body, borrowed from the input (empty while the header lasts).
 * MV_OK, MV_ERR_LIMIT, MV_ERR_MEMORY, and MV_ERR_USAGE after the end; after an
 * error the reader stays failed.
 */
enum mv_code mv_reader_feed(struct mv_reader *reader, struct mv_bytes input, struct mv_bytes *body_r);
/* No more input: closes a header block that the message ended in. */
enum mv_code mv_reader_end(struct mv_reader *reader);

/* The separator has been seen, or mv_reader_end() was called. Fields are complete from here on. */
bool mv_reader_header_done(const struct mv_reader *reader);
/* In message order; borrowed, live as long as the arena. */
const struct mv_field *mv_reader_fields(const struct mv_reader *reader, size_t *count_r);
unsigned mv_reader_defects(const struct mv_reader *reader);
/* One defect in words, for people. */
const char *mv_defect_text(enum mv_defect defect);

#endif
