/*
 * The keys that sign now: of each domain those in state active that this host
 * made, held parsed and read anew when their directory changes.
 * Private to core/auth.
 *
 * One stat() for each message.  What could not be read is tried again with the
 * next message, since a repaired permission does not change the directory.
 */
#ifndef MV_AUTH_KEY_SETS_H
#define MV_AUTH_KEY_SETS_H

#include "core/config/config.h"
#include "core/dkim/sign.h"

#define MV_KEY_TYPES 2 /* one signature for each: RSA, Ed25519 */

struct mv_key_sets;

/* settings are borrowed. Opens nothing yet. NULL without memory. */
struct mv_key_sets *mv_key_sets_new(const struct mv_settings *settings);
void mv_key_sets_free(struct mv_key_sets **sets);

/* The keys to sign with. Held until mv_key_choice_free(); selectors and warning live in the arena. */
struct mv_key_choice {
    struct mv_dkim_signing_key keys[MV_KEY_TYPES];
    size_t count;
    const char *warning; /* about a key that does not sign beside those that do, or NULL */
};

/*
 * Of each type the one that became active last among those that can be used: it
 * was read, and DNS shows it ([sign] preflight).  An Ed25519 key that cannot be used
 * is a warning where RSA signs: everybody can verify that.  MV_ERR_CONFIG and
 * MV_ERR_IO: there are none, and *error says what to do.
 */
enum mv_code mv_key_sets_choose(struct mv_key_sets *sets, struct mv_arena *arena, struct mv_bytes domain,
                                int64_t now_secs, struct mv_key_choice *choice_r, struct mv_error *error);
void mv_key_choice_free(struct mv_key_choice *choice);

#endif
