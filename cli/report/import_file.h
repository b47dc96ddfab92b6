/*
 * One file of evidence into the ledger, and then away with it.
 *
 * A piece of the file is one transaction (core/report/ledger.h).  A file whose hour is over for more than
 * MV_EVIDENCE_GRACE_SECS ends in four steps, each of which may be the last one before a crash:
 *
 *   1. it gets its second name, so that a server that comes too late makes a new file;
 *   2. what came between the last reading and that is read;
 *   3. it is removed, and the directory written to disk;
 *   4. its place is forgotten, in the transaction within which 3 happens.
 *
 * After 1 or 2 the next importer goes on with the file under its second name.  Between 3 and 4 a place is left behind
 * for a file that is gone.  It does no harm: a new file with the same name and inode number has other bytes before
 * that place, which the mark tells.
 *
 * The other order, 4 before 3, would count a file twice.
 */
#ifndef MV_CLI_REPORT_IMPORT_FILE_H
#define MV_CLI_REPORT_IMPORT_FILE_H

#include "cli/report/import_list.h"
#include "core/report/ledger.h"

#define MV_IMPORT_PIECE_BYTES (5 * 1024 * 1024)
#define MV_IMPORT_BLOCK_BYTES (64 * 1024)

struct mv_import_counts {
    uint64_t messages, refused, bytes;
    uint64_t failures; /* for failure reports */
    uint64_t files;   /* of which something was read */
    uint64_t removed;
    uint64_t waiting; /* files whose hour is not over */
    uint64_t ahead;   /* files whose hour is more than a day away: left as they are, since a clock is wrong */
};

enum mv_import_after { MV_IMPORT_REMOVE, MV_IMPORT_KEEP };

struct mv_importer {
    struct mv_ledger *ledger;
    enum mv_import_after after;
    int64_t now_secs;
    int64_t oldest_secs;   /* older lines are refused */
    bool polite;           /* lets others write between two pieces */
    /* A line that is refused; a file that cannot be read or removed ("read", "remove"). Names are to be escaped. */
    void (*refused)(void *to, const struct mv_import_item *item, uint64_t line_number, const char *why);
    void (*problem)(void *to, const struct mv_import_item *item, const char *what, const char *why);
    void (*progress)(void *to);
    void *to;
    unsigned max_shown;    /* of refused lines; each costs a look through the file */
    struct mv_import_counts counts; /* of what was committed */
    unsigned char block[MV_IMPORT_BLOCK_BYTES];
};

/* An error is one of the store, or memory: then the run is over. What is wrong with the file is said by problem(). */
enum mv_code mv_import_file(struct mv_importer *importer, const struct mv_import_item *item, struct mv_error *error);

#endif
