/*
 * libinih, fed from memory, with the line of every fault.
 *
 * Debian's libinih reads a line into 200 bytes and takes what does not fit for
 * a line of its own.  Here every line is measured before libinih sees it, so a
 * long one is an error that says what to do, and nothing is ever cut.  Section
 * names are read here too, since libinih cuts them at 49 bytes.
 */
#ifndef MV_CONFIG_INI_H
#define MV_CONFIG_INI_H

#include "core/base/error.h"

/* Borrowed for the call of the handler. */
struct mv_ini_line {
    const char *file;
    unsigned number; /* from 1 */
    struct mv_bytes section;
    bool opens_section; /* the line of "[section]": neither key nor value */
    struct mv_bytes key;
    struct mv_bytes value;
    bool continued; /* an indented line: the value of the key above goes on */
};

/* An error ends the parse and is what mv_ini_parse() returns; the handler fills *error, with file and line. */
typedef enum mv_code mv_ini_handler(void *context, const struct mv_ini_line *line, struct mv_error *error);

/* file is the name for messages. */
enum mv_code mv_ini_parse(struct mv_bytes text, const char *file, mv_ini_handler *handler, void *context,
                          struct mv_error *error);

#endif
