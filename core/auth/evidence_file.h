/*
 * The files that evidence is written to: [report] evidence_directory / HOST.UID.YYYYMMDDHH.ndjson (UTC).
 *
 * One write with O_APPEND for each line, so that any number of processes may write to one file; the lines of a file
 * are whole, unless the disk was full (then what was written of a line is ended by the next one, and refused by the
 * importer).  Never waits, never locks, and an error is the caller's to log: mail goes on.
 *
 * The importer removes files of hours that are over.  A writer looks at the clock, not at the file, so it never
 * writes to a file of an hour that has been over for more than MV_EVIDENCE_GRACE_SECS.
 */
#ifndef MV_AUTH_EVIDENCE_FILE_H
#define MV_AUTH_EVIDENCE_FILE_H

#include "core/base/bytes.h"
#include "core/base/error.h"

#define MV_EVIDENCE_MAX_FILE_BYTES (1024ll * 1024 * 1024) /* no more is appended to a file of this size */
#define MV_EVIDENCE_GRACE_SECS 600
#define MV_EVIDENCE_SUFFIX ".ndjson"

/* Keeps the file of the hour open. Closed by its owner; a process that forked may go on with its copy. */
struct mv_evidence_file {
    int fd; /* -1: none yet */
    int64_t hour;
};

/* directory and host end in NUL. MV_ERR_IO (no directory, full disk), MV_ERR_LIMIT (the file is full): a sentence. */
enum mv_code mv_evidence_file_append(struct mv_evidence_file *file, const char *directory, const char *host,
                                     int64_t now_secs, struct mv_bytes line, struct mv_error *error);
void mv_evidence_file_close(struct mv_evidence_file *file);

#endif
