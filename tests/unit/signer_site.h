/*
 * A site for tests of signing: a directory of its own with a configuration, keys and a users_file.
 */
#ifndef SIGNER_SITE_H
#define SIGNER_SITE_H

#include "core/keys/store.h"
#include "core/mailvouch.h"

#define SITE_NOW_SECS 1795400000 /* before the files are made: nothing is settled, all is read anew each time */

struct site_key {
    const char *domain;
    const char *selector;
    const char *host;
    enum mv_key_type type;
    enum mv_key_state state;
    enum mv_key_sight sight;
    int64_t sight_age_secs;
    int64_t active_age_secs;
};

/* What came of a message; strings are held until the next one. */
struct site_result {
    enum mv_sign_action action;
    const char *reply, *log, *reason;
    struct mv_bytes domain, selectors, fields;
};

void site_begin(void);
void site_end(void);
const char *site_path(const char *name); /* held for four calls */
void site_write(const char *name, const char *text, unsigned mode);
/* The engine is opened anew with this configuration behind keys_directory and host = mx1 in [sign]. */
void site_configure(const char *text);
struct mv_engine *site_engine(void);
/* Stores it; state and times are those at now_secs. RSA keys have 1024 bits. */
void site_add_key(const struct site_key *key, int64_t now_secs);
void site_set_state(const struct site_key *key, int64_t now_secs);
/* One RSA and one Ed25519 key of the domain, as they should be. */
void site_add_good_keys(const char *domain, int64_t now_secs);
/* p= of the key with that selector goes into the answers of a capture file; a DMARC record is there too. */
void site_serve_keys(const char *domain);

/* step_bytes 0: whole. */
const struct site_result *site_sign(const struct mv_sign_request *request, struct mv_bytes message, size_t step_bytes);

#endif
