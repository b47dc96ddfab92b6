/*
 * The tokens of structured header fields: RFC 5322 3.2 with the obsolete white
 * space of 4.2, RFC 2045 5.1 tokens, and the UTF-8 of RFC 6532 3.2.
 *
 * Every function works on the value of a field, folds kept.  CR and LF pass only
 * as the CRLF of a fold; NUL and other controls pass nowhere, not even quoted,
 * though RFC 5322 4.1 would let some.  Bytes above 127 pass as they are: whoever
 * cares asks mv_bytes_is_utf8() for the whole value first.
 */
#ifndef MV_TEXT_LEXER_H
#define MV_TEXT_LEXER_H

#include "core/base/arena.h"
#include "core/base/error.h"

#define MV_MAX_COMMENT_DEPTH 20

/* Goes over SP, HTAB and folds, also none. */
void mv_lex_skip_fws(struct mv_cursor *c);
/*
 * Goes over white space and comments, also none.  false for a comment that is
 * not closed, holds a forbidden byte or nests deeper than MV_MAX_COMMENT_DEPTH.
 */
bool mv_lex_skip_cfws(struct mv_cursor *c);

/* The run that is next, white space around it not included; empty when there is none. */
struct mv_bytes mv_lex_atom(struct mv_cursor *c);     /* RFC 5322 3.2.3 atext and UTF-8 */
struct mv_bytes mv_lex_dot_atom(struct mv_cursor *c); /* atoms with one "." between; what does not fit stays */
struct mv_bytes mv_lex_token(struct mv_cursor *c);    /* RFC 2045 5.1, ASCII only */

/* Goes over a quoted string, which must be next; false, the cursor unmoved, when it is none or faulty. */
bool mv_lex_skip_quoted_string(struct mv_cursor *c);
/*
 * The same, and its meaning in the arena: without quotes, backslashes and the
 * CRLF of folds (RFC 5322 3.2.4).  MV_OK, MV_ERR_SYNTAX, MV_ERR_MEMORY.
 */
enum mv_code mv_lex_quoted_string(struct mv_cursor *c, struct mv_arena *arena, struct mv_bytes *text_r);

#endif
