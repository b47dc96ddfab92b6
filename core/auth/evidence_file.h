/*
 * The files that evidence is written to: [report] evidence_directory / HOST.UID.YYYYMMDDHH.ndjson (UTC).
 *
 * One write with O_APPEND for each line, so that any number of processes may write to one file; the lines of a file
 * are whole, unless the disk was full or a writer was killed amid his write.  What was written of a line then is ended
 * by the next one, which begins with LF: so a file may have lines that the importer refuses, and empty lines, which
 * say nothing.  Never waits, never locks, and an error is the caller's to log: mail goes on.
 *
 * The importer removes files of hours that are over.  A writer looks at the clock, not at the file, so it never
 * writes to a file of an hour that has been over for more than MV_EVIDENCE_GRACE_SECS.
 *
 * A file is made with mode 0640, whatever the umask says, and has the group of the directory where that is setgid.
 * A symbolic link, what is no file, and a file of another user are refused.
 */
#ifndef MV_AUTH_EVIDENCE_FILE_H
#define MV_AUTH_EVIDENCE_FILE_H

#include "core/base/bytes.h"
#include "core/base/error.h"

#define MV_EVIDENCE_MAX_FILE_BYTES (1024ll * 1024 * 1024) /* no more is appended to a file of this size */
#define MV_FAILURE_MAX_FILE_BYTES (64ll * 1024 * 1024)    /* of lines for failure reports */
#define MV_EVIDENCE_GRACE_SECS 600
#define MV_EVIDENCE_SUFFIX ".ndjson"
#define MV_FAILURE_SUFFIX ".failures"
#define MV_EVIDENCE_MAX_HOST_BYTES 64 /* of a file's name; a longer one is cut */

enum mv_evidence_kind {
    MV_EVIDENCE_LINES,   /* core/auth/evidence_line.h */
    MV_EVIDENCE_FAILURES /* core/auth/failure_line.h: files beside the others, with MV_FAILURE_SUFFIX */
};

/*
 * Keeps the file of the hour open; MV_EVIDENCE_NO_FILE or MV_EVIDENCE_NO_FAILURES at first.  Closed by its owner; a
 * process that forked may go on with its copy.  It is opened anew for another hour or user, and when it was removed.
 */
struct mv_evidence_file {
    int fd; /* -1: none yet */
    int64_t hour;
    uint32_t device_major, device_minor;
    uint64_t uid, inode; /* a server may have closed the descriptor, and opened another file with it */
    enum mv_evidence_kind kind;
};

#define MV_EVIDENCE_NO_FILE ((struct mv_evidence_file){.fd = -1})
#define MV_EVIDENCE_NO_FAILURES ((struct mv_evidence_file){.fd = -1, .kind = MV_EVIDENCE_FAILURES})

/*
 * line: with its LF. directory and host end in NUL; in the file's name host is lower case, and has "_" for what is
 * neither letter, digit, hyphen nor dot.
 * MV_ERR_IO (no directory, full disk), MV_ERR_LIMIT (the file is full), MV_ERR_CONFIG (what is there may not be
 * written to), MV_ERR_MEMORY: a sentence that says what helps.
 */
enum mv_code mv_evidence_file_append(struct mv_evidence_file *file, const char *directory, const char *host,
                                     int64_t now_secs, struct mv_bytes line, struct mv_error *error);
void mv_evidence_file_close(struct mv_evidence_file *file);

#endif
