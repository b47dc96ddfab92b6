/*
 * What a call of ours came to, and the sentence for a person.
 *
 * An mv_code says whether our own work was done.  It is never the result of a
 * check: "the signature is wrong" is a result of MV_OK work.
 */
#ifndef MV_BASE_ERROR_H
#define MV_BASE_ERROR_H

#include "core/base/bytes.h"

enum mv_code {
    MV_OK = 0,
    MV_NEED_DNS,    /* a question stands open in the memo: answer it and call again */
    MV_ERR_MEMORY,  /* no memory, or an arena's limit */
    MV_ERR_LIMIT,   /* a named limit of ours */
    MV_ERR_SYNTAX,  /* what was to be parsed does not parse */
    MV_ERR_CONFIG,
    MV_ERR_IO,
    MV_ERR_CRYPTO,  /* OpenSSL failed where only our use of it can be wrong */
    MV_ERR_USAGE    /* called out of order */
};

#define MV_ERROR_TEXT_BYTES 512

/* Zero it, or use mv_error_clear(). Text that does not fit ends in "...". */
struct mv_error {
    enum mv_code code;
    char text[MV_ERROR_TEXT_BYTES];
};

void mv_error_clear(struct mv_error *error);
/* Returns code, so that a function can end in: return mv_error_set(...). error may be NULL. */
enum mv_code mv_error_set(struct mv_error *error, enum mv_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The name of a code in words, for logs. */
const char *mv_code_text(enum mv_code code);

#endif
