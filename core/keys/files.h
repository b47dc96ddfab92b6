/*
 * Directories and files of the key store: opened without following links,
 * refused when others could have changed them, replaced whole.
 *
 * Every name is looked up from the descriptor of its directory.
 */
#ifndef MV_KEYS_FILES_H
#define MV_KEYS_FILES_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"

#define MV_KEYS_STATE_DIRECTORY "/var/lib/mailvouch" /* belongs to the user of the timers, where there is one */
#define MV_KEYS_DIRECTORY_MODE 0750
#define MV_KEYS_FILE_MODE 0640
#define MV_KEYS_MAX_NAME_BYTES 255 /* of one file; Linux's limit */
/* What to do about a private key that is no more, for an error that ends so. */
#define MV_KEYS_GET_BACK "bring it back from a backup, or make a new one with \"mailvouch key roll\""

/* An open directory; path is for messages. */
struct mv_keys_dir {
    int fd;      /* -1: there is none */
    uid_t owner;
    const char *path;
};

/*
 * SHARED: a secret of several servers, which "mailvouch handover-key" makes; REDACTION: that of failure reports.  They
 * are refused like any other.
 */
enum mv_keys_secrecy { MV_KEYS_PUBLIC, MV_KEYS_SECRET, MV_KEYS_SHARED, MV_KEYS_REDACTION };

/* *dir_r has fd -1, and MV_OK is returned, where there is no such directory. path is borrowed. */
enum mv_code mv_keys_dir_open(const char *path, struct mv_keys_dir *dir_r, struct mv_error *error);
/*
 * Makes it and all above it that are missing.  What root makes belongs to whom the directory above it belongs to, so
 * that a service with a user of its own and an administrator can both work on it; and to the group of those who read.
 */
enum mv_code mv_keys_dir_make(const char *path, struct mv_error *error);
/*
 * The same for an open file. owner: of its directory. Who is not root keeps his own.  A file that has another name,
 * too, is left alone: the owner of the directory may have linked it there to get it.
 */
void mv_keys_give_away(int fd, uid_t owner);
/* "PATH: WHAT by user ...", and the chown that helps. MV_ERR_IO. */
enum mv_code mv_keys_refuse_owner(const char *path, const char *what, struct mv_error *error);
void mv_keys_dir_close(struct mv_keys_dir *dir);
/* The names in it that do not begin with a dot, in the order of their bytes, at most max_names (MV_ERR_LIMIT). */
enum mv_code mv_keys_dir_names(const struct mv_keys_dir *dir, struct mv_arena *arena, size_t max_names,
                               const struct mv_bytes **names_r, size_t *count_r, struct mv_error *error);
/*
 * Exclusive over processes, by flock() of this file in it.  Waits up to wait_msecs,
 * then MV_ERR_LIMIT.  Close *fd_r to give it back; the end of the process does too.
 */
enum mv_code mv_keys_dir_lock(const struct mv_keys_dir *dir, const char *name, unsigned wait_msecs, int *fd_r,
                              struct mv_error *error);
bool mv_keys_dir_has(const struct mv_keys_dir *dir, const char *name);

/*
 * The whole file.  MV_ERR_CONFIG for a file that is refused (core/keys/store.h);
 * a secret one may also not be readable for others, and belongs to root or to the
 * owner of the directory.  MV_ERR_IO: cannot be read.  MV_ERR_LIMIT: does not fit into out.
 */
enum mv_code mv_keys_file_read(const struct mv_keys_dir *dir, const char *name, enum mv_keys_secrecy secrecy,
                               struct mv_buf *out, struct mv_error *error);
/*
 * Written beside under a name that begins with a dot, fsync, rename, fsync of the
 * directory: after MV_OK it lasts.  A writer that was killed leaves the old file,
 * and at most the one beside it, which the next writer takes away.
 */
enum mv_code mv_keys_file_replace(const struct mv_keys_dir *dir, const char *name, struct mv_bytes content,
                                  mode_t mode, struct mv_error *error);
enum mv_code mv_keys_file_remove(const struct mv_keys_dir *dir, const char *name, struct mv_error *error);

#endif
