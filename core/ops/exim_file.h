/*
 * The file for those who sign with Exim's own dkim_* options: one line for each
 * domain of ours, for lsearch and ${extract}:
 *
 *   example.org: domain=example.org selectors=mx1-20261123-r:mx1-20261123-e directory=/var/lib/mailvouch/keys/...
 *
 * selectors holds the keys of this host that sign now and were seen in DNS; with
 * none it is "none", for which there is no file, so that dkim_strict defers the
 * mail rather than letting it go unsigned.
 */
#ifndef MV_OPS_EXIM_FILE_H
#define MV_OPS_EXIM_FILE_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/config/config.h"
#include "core/keys/store.h"

#define MV_EXIM_FILE_MODE 0644 /* it holds no secret */

/* Replaces the file when it would say something else; does nothing where [sign] exim_keys is empty. */
enum mv_code mv_exim_file_refresh(struct mv_arena *arena, const struct mv_settings *settings,
                                  const struct mv_key_store *store, struct mv_error *error);

#endif
