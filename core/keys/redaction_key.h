/*
 * The key of the redaction (core/auth/redaction.h): a secret of this site, in a file beside the directory of the
 * evidence, with its name and MV_REDACTION_KEY_SUFFIX.  "mailvouch report send" makes it when failure reports are on;
 * without it nothing is written for them.
 *
 * One line of base64 behind a comment line; refused like a private key.  Hosts that share a store may share it, so that
 * their reports agree.
 */
#ifndef MV_KEYS_REDACTION_KEY_H
#define MV_KEYS_REDACTION_KEY_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/error.h"

#define MV_REDACTION_KEY_BYTES 32
#define MV_REDACTION_KEY_SUFFIX ".key"

/* *has_r false and MV_OK: there is no file. MV_ERR_CONFIG: refused, or does not parse. MV_ERR_IO: cannot be read. */
enum mv_code mv_redaction_key_read(const char *evidence_directory, unsigned char key_r[MV_REDACTION_KEY_BYTES],
                                   bool *has_r, struct mv_error *error);
/* Makes the file, 0640, group mailvouch, unless there is one. Random octets are handed in. */
enum mv_code mv_redaction_key_make(const char *evidence_directory, const unsigned char key[MV_REDACTION_KEY_BYTES],
                                   struct mv_error *error);

#endif
