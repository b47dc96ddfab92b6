/*
 * The files and mails that an operand of "mailvouch report" means: a file, an
 * mbox, a directory, a Maildir (its cur and new), or "-".
 *
 * In directories, names that begin with a dot and what is no regular file are left out; a file that goes away
 * while its directory is read, as Maildirs do, is left out too.
 */
#ifndef MV_CLI_REPORT_FILES_H
#define MV_CLI_REPORT_FILES_H

#include "cli/exit_code.h"

/* name: for messages, as given or found: escape it. For each file and each mail of an mbox. */
struct mv_report_file_sink {
    enum mv_code (*begin)(void *to, const char *name);
    enum mv_code (*feed)(void *to, struct mv_bytes bytes);
    enum mv_code (*end)(void *to);
    void *to;
};

/*
 * A sink that fails ends it, with its code.  What cannot be read is said on stderr,
 * and the rest is read all the same; then the exit is MV_EXIT_INPUT or MV_EXIT_PERMISSION.
 */
enum mv_exit mv_report_files_read(const char *command, const char *path, const struct mv_report_file_sink *sink);

#endif
