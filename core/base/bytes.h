/*
 * Borrowed bytes and the one cursor that all parsing uses.
 *
 * A struct mv_bytes points into memory that somebody else owns: pass it by
 * value, keep it only as long as that memory lives.  It need not end in NUL and
 * may hold NULs.  {NULL, 0} is the empty value.
 *
 * A struct mv_cursor walks over bytes and never leaves them: every read past
 * the end answers "nothing" (-1, an empty slice, false).
 */
#ifndef MV_BASE_BYTES_H
#define MV_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mv_bytes {
    const unsigned char *data;
    size_t len;
};

/* A string literal as bytes. */
#define MV_BYTES(literal) ((struct mv_bytes){(const unsigned char *)("" literal), sizeof(literal) - 1})

struct mv_bytes mv_bytes_of(const void *data, size_t len);
/* Up to the NUL; NULL gives the empty value. */
struct mv_bytes mv_bytes_str(const char *s);
/* [from, to), both cut to the length. */
struct mv_bytes mv_bytes_slice(struct mv_bytes b, size_t from, size_t to);
/* Without leading and trailing SP, HTAB, CR and LF. */
struct mv_bytes mv_bytes_trim(struct mv_bytes b);

bool mv_bytes_equal(struct mv_bytes a, struct mv_bytes b);
/* ASCII letters compare equal in either case. */
bool mv_bytes_equal_nocase(struct mv_bytes a, struct mv_bytes b);
bool mv_bytes_has_prefix_nocase(struct mv_bytes b, struct mv_bytes prefix);
bool mv_bytes_has_suffix_nocase(struct mv_bytes b, struct mv_bytes suffix);
/* Offset of the first (last) byte c, or b.len when there is none. */
size_t mv_bytes_find(struct mv_bytes b, unsigned char c);
size_t mv_bytes_find_last(struct mv_bytes b, unsigned char c);
/* The directory that a path is in: "." without a slash, "/" at the root. */
struct mv_bytes mv_bytes_directory(struct mv_bytes path);
/* Every byte is in one of the classes; true for the empty value. */
bool mv_bytes_all(struct mv_bytes b, unsigned ascii_classes);
/* Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
bool mv_bytes_is_utf8(struct mv_bytes b);
/* Decimal digits only, at least one, no more than max; false otherwise. */
bool mv_bytes_to_uint(struct mv_bytes b, uint64_t max, uint64_t *value_r);

struct mv_cursor {
    const unsigned char *at;
    const unsigned char *end;
};

struct mv_cursor mv_cursor_of(struct mv_bytes b);
size_t mv_cursor_left(const struct mv_cursor *c);
/* The byte under the cursor, or n bytes further; -1 past the end. */
int mv_cursor_peek(const struct mv_cursor *c);
int mv_cursor_peek_at(const struct mv_cursor *c, size_t n);
/* The byte under the cursor, which moves on; -1 at the end. */
int mv_cursor_next(struct mv_cursor *c);
/* Moves over the byte (the bytes) if they are next. */
bool mv_cursor_accept(struct mv_cursor *c, unsigned char byte);
bool mv_cursor_accept_nocase(struct mv_cursor *c, struct mv_bytes word);
/* The next n bytes, or fewer where the end is nearer. */
struct mv_bytes mv_cursor_take(struct mv_cursor *c, size_t n);
/* The run of bytes in the classes; empty when there is none. */
struct mv_bytes mv_cursor_take_while(struct mv_cursor *c, unsigned ascii_classes);
/* All up to the byte, which stays under the cursor, or up to the end. */
struct mv_bytes mv_cursor_take_until(struct mv_cursor *c, unsigned char byte);
/* What is left; the cursor does not move. */
struct mv_bytes mv_cursor_rest(const struct mv_cursor *c);
/* What lies between an earlier copy of the cursor and the cursor. */
struct mv_bytes mv_cursor_since(const struct mv_cursor *c, const struct mv_cursor *start);

#endif
