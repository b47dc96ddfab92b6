/*
 * The text of [sign] users_file: rules by login, in the manner of Exim's lsearch.
 *
 *   # who may send as whom
 *   alice@example.org:  self, sales@example.org
 *   *@example.net:      self,
 *                       %n@example.com
 *   "old login":        example.org
 *
 * A line that begins with white space goes on with the line above it, empty lines
 * and lines that begin with "#" are nothing.  The login ends at ":" or white
 * space, or stands in double quotes.  Authors are separated by commas or white space.
 *
 * The text is held as it is and looked through for each message: a fault in
 * one line is a fault for those whom the line is about, and for nobody else.
 */
#ifndef MV_CONFIG_SENDERS_FILE_H
#define MV_CONFIG_SENDERS_FILE_H

#include "core/config/senders.h"

#define MV_SENDERS_MAX_FILE_BYTES (4 * 1024 * 1024)
#define MV_SENDERS_MAX_AUTHORS 1000 /* of one entry; more is a fault of it */

struct mv_senders_answer {
    bool known;         /* an entry is for this user */
    bool may;           /* one of them holds the author */
    unsigned bad_line;  /* an entry for this user cannot be read; 0: all can */
    const char *reason; /* static text, of bad_line */
};

/* MV_OK, MV_ERR_MEMORY. arena holds what is parsed on the way. */
enum mv_code mv_senders_file_ask(struct mv_arena *arena, struct mv_bytes text, const struct mv_sender *sender,
                                 struct mv_bytes local_part, struct mv_bytes domain,
                                 struct mv_senders_answer *answer_r);
/* Every line, as "config check" does. MV_ERR_CONFIG with the first line that is wrong: "12: ..."; MV_ERR_MEMORY. */
enum mv_code mv_senders_file_check(struct mv_bytes text, size_t *entries_r, struct mv_error *error);

#endif
