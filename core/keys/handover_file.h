/*
 * The file of the keys that border and mailbox server share: what a
 * Mailvouch-Result field is made and checked with (core/auth/handover.h).
 *
 *   sign 20261126-5f0c2a 1795651200 <44 characters of base64>
 *   accept 20260901-b81e77 1788220800 <44 characters of base64>
 *
 * One line for each key: what it does, its id, which stands in every field that it
 * makes, since when it does that, and the secret.  "#" begins a comment line.  Exactly
 * one key signs; a second one, if there is one, is accepted beside it.  Anything
 * else refuses the whole file.
 *
 * A change goes over several hosts without a moment in which one makes what
 * another does not accept: add (the new key is accepted), the file to all hosts,
 * use (it signs, the old one is accepted), the file to all hosts, and drop when
 * what the old one made is delivered or too old.
 *
 * The file is refused like a private key (core/keys/store.h) and only ever
 * replaced whole.  Random octets and the time are handed in.
 */
#ifndef MV_KEYS_HANDOVER_FILE_H
#define MV_KEYS_HANDOVER_FILE_H

#include "core/base/buf.h"
#include "core/base/error.h"

#define MV_HANDOVER_MAX_KEYS 2
#define MV_HANDOVER_SECRET_BYTES 32
#define MV_HANDOVER_MAX_ID_BYTES 32 /* letters, digits, hyphens */
#define MV_HANDOVER_MAX_FILE_BYTES 4096

enum mv_handover_role { MV_HANDOVER_SIGNS, MV_HANDOVER_ACCEPTED };

struct mv_handover_key {
    enum mv_handover_role role;
    char id[MV_HANDOVER_MAX_ID_BYTES + 1];
    int64_t since_secs; /* it has this role */
    unsigned char secret[MV_HANDOVER_SECRET_BYTES];
};

/* In a file, the one that signs may stand anywhere; count 0: there is no file. */
struct mv_handover_keys {
    struct mv_handover_key keys[MV_HANDOVER_MAX_KEYS];
    size_t count;
};

/* MV_ERR_SYNTAX with "line N: what is wrong", never with what stands there; then there are no keys. */
enum mv_code mv_handover_file_parse(struct mv_bytes text, struct mv_handover_keys *keys_r, struct mv_error *error);
void mv_handover_file_print(const struct mv_handover_keys *keys, struct mv_buf *out);

/* MV_OK without keys where there is no file. MV_ERR_CONFIG: refused, or does not parse. MV_ERR_IO: cannot be read. */
enum mv_code mv_handover_file_read(const char *path, struct mv_handover_keys *keys_r, struct mv_error *error);
/* Makes the directories above it that are missing. 0640, group mailvouch where there is one. */
enum mv_code mv_handover_file_write(const char *path, const struct mv_handover_keys *keys, struct mv_error *error);
/* For writers, from reading to writing: close *fd_r to give it back. Makes directories as mv_handover_file_write(). */
enum mv_code mv_handover_file_lock(const char *path, unsigned wait_msecs, int *fd_r, struct mv_error *error);

/* Which signs; NULL without keys. The key of that id, or NULL. */
const struct mv_handover_key *mv_handover_keys_signer(const struct mv_handover_keys *keys);
const struct mv_handover_key *mv_handover_keys_find(const struct mv_handover_keys *keys, struct mv_bytes id);

/* One more key: the first signs, a second is accepted. Its id is the day and some of the octets' hash. MV_ERR_LIMIT. */
enum mv_code mv_handover_keys_add(struct mv_handover_keys *keys,
                                  const unsigned char secret[MV_HANDOVER_SECRET_BYTES], int64_t now_secs,
                                  struct mv_error *error);
/* The accepted key signs, the other is accepted. MV_ERR_USAGE when there is none. */
enum mv_code mv_handover_keys_use(struct mv_handover_keys *keys, int64_t now_secs, struct mv_error *error);
/* The accepted key goes. MV_ERR_USAGE when there is none. */
enum mv_code mv_handover_keys_drop(struct mv_handover_keys *keys, struct mv_error *error);
/* Overwrites the secrets. */
void mv_handover_keys_wipe(struct mv_handover_keys *keys);

#endif
