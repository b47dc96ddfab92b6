/*
 * The inside of a store, and the directory of one domain in it.  Only core/keys
 * includes this.
 */
#ifndef MV_KEYS_PLACE_H
#define MV_KEYS_PLACE_H

#include "core/base/buf.h"
#include "core/keys/files.h"
#include "core/keys/store.h"

#define MV_KEYS_MAX_PATH_BYTES 4096

struct mv_key_store {
    char *directory;
    int lock_fd; /* -1: no lock is held */
    struct mv_buf locked_domain;
};

struct mv_key_place {
    struct mv_buf path;
    struct mv_keys_dir dir; /* fd -1: there is none */
};

/* The path alone. MV_ERR_USAGE for a domain that is not in normal form. End with mv_key_place_close() all the same. */
enum mv_code mv_key_place_find(const struct mv_key_store *store, struct mv_bytes domain, struct mv_key_place *place_r,
                               struct mv_error *error);
/* Opens it when it is there. */
enum mv_code mv_key_place_open(const struct mv_key_store *store, struct mv_bytes domain, struct mv_key_place *place_r,
                               struct mv_error *error);
void mv_key_place_close(struct mv_key_place *place);

#endif
