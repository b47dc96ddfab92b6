/*
 * Who may send as whom: the rules of [sign] users and of users_file.
 *
 * A rule is a user and an author, both patterns.
 *
 *   user    alice@example.org   this login; ASCII case does not count
 *           *@example.org       "*" stands for any bytes, also none
 *           *                   every login
 *   author  self                the login as an address; nothing for a login without "@"
 *           *                   every address
 *           example.org         every address there ("@example.org" is the same)
 *           .example.org        every address there and below
 *           sales@example.org   this address; ASCII case does not count
 *           sales-*@example.org "*" as above; also sales@.example.org
 *           %n@example.net      %n is the login up to its last "@"; %d as the domain is what stands behind that
 *
 * A user may send as an author when one rule says so: all rules for him count,
 * none takes away what another gives.
 */
#ifndef MV_CONFIG_SENDERS_H
#define MV_CONFIG_SENDERS_H

#include "core/base/arena.h"
#include "core/base/error.h"

#define MV_SENDERS_MAX_LOGIN_BYTES 320   /* 64 + "@" + 255 (RFC 5321 4.5.3.1) */
#define MV_SENDERS_MAX_PATTERN_BYTES 320 /* a user or an author */
#define MV_SENDERS_MAX_LOCAL_BYTES 256   /* a longer local part is like no pattern that has one */

/* Strings live in an arena. */
struct mv_sender_rule {
    struct mv_bytes user;
    struct mv_bytes author; /* domains normalised; empty while a list is read and the first author is to come */
};

/* A login, taken apart once for all rules. Borrowed, but for the normalised domain. */
struct mv_sender {
    struct mv_bytes login;
    struct mv_bytes name;   /* up to the last "@"; all when there is none */
    struct mv_bytes domain; /* behind it, normalised; empty when there is none, or it is no domain */
};

/* MV_ERR_LIMIT for a login that is longer than MV_SENDERS_MAX_LOGIN_BYTES or holds a NUL: no rule is for that one. */
enum mv_code mv_sender_split(struct mv_arena *arena, struct mv_bytes login, struct mv_sender *sender_r);

/* NULL when the text can be a user's pattern, or a half sentence (static text) such as "is longer than 320 bytes". */
const char *mv_sender_user_fault(struct mv_bytes text);
/* MV_ERR_SYNTAX with such a half sentence in *reason_r. */
enum mv_code mv_sender_author_parse(struct mv_arena *arena, struct mv_bytes text, struct mv_bytes *author_r,
                                    const char **reason_r);

/* Is the pattern, which has no fault, for him? */
bool mv_sender_is(struct mv_bytes user_pattern, const struct mv_sender *sender);
/* Does the (parsed) author pattern hold this address? domain is normalised. */
bool mv_sender_may(struct mv_bytes author_pattern, const struct mv_sender *sender, struct mv_bytes local_part,
                   struct mv_bytes domain);

#endif
