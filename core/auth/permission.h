/*
 * May this client send as that author?  [sign] users, users_file and networks.
 * Private to core/auth.
 *
 * A message with a login is judged by the rules for that login alone; one without
 * by the client's network.  Whether the author is one of ours at all is not
 * looked at here.
 */
#ifndef MV_AUTH_PERMISSION_H
#define MV_AUTH_PERMISSION_H

#include "core/auth/signer.h"
#include "core/config/config.h"
#include "core/text/address.h"

/* The text of [sign] users_file, held and read anew when it changes. */
struct mv_users_file;

/* Opens nothing yet. NULL without memory. */
struct mv_users_file *mv_users_file_new(void);
void mv_users_file_free(struct mv_users_file **file);

struct mv_permission {
    bool may;           /* send as all of the mailboxes */
    bool known;         /* there is a rule for him, or he is in networks */
    const char *reason; /* why not: a sentence without a stranger's words, in the arena */
    const struct mv_mailbox *mailbox; /* the first one that is not his */
};

/*
 * MV_ERR_CONFIG: the users_file, or his entry in it, cannot be read and nothing
 * else permits it; *error says what to do.  MV_ERR_MEMORY.
 */
enum mv_code mv_permission_ask(struct mv_arena *arena, const struct mv_settings *settings, struct mv_users_file *file,
                               const struct mv_sign_request *request, const struct mv_mailbox *mailboxes, size_t count,
                               struct mv_permission *permission_r, struct mv_error *error);

#endif
