#include "core/auth/permission.h"

#include <stdlib.h>

#include "core/config/file.h"
#include "core/config/senders_file.h"
#include "core/base/stamp.h"

#define MAX_HELD_BYTES (2 * MV_SENDERS_MAX_FILE_BYTES)

struct mv_users_file {
    struct mv_arena *arena; /* of the text; NULL: nothing is held */
    struct mv_bytes text;
    struct mv_stamp stamp;
    bool settled;
};

/* One message's question. */
struct asking {
    struct mv_arena *arena;
    const struct mv_settings *settings;
    struct mv_users_file *file;
    const struct mv_sign_request *request;
    struct mv_sender sender;
    bool known;     /* a rule is for this login */
    bool file_read; /* for this message */
};

struct mv_users_file *mv_users_file_new(void)
{
    return calloc(1, sizeof(struct mv_users_file));
}

void mv_users_file_free(struct mv_users_file **file)
{
    if (*file != NULL)
        mv_arena_free(&(*file)->arena);
    free(*file);
    *file = NULL;
}

/* The stamp is taken first: what changes after it is seen with the next message. */
static enum mv_code hold_text(struct mv_users_file *file, const char *path, int64_t now_secs, struct mv_error *error)
{
    struct mv_stamp stamp;
    enum mv_code code;

    (void)mv_stamp_take(path, &stamp); /* what is wrong shows when it is read */
    if (file->arena != NULL && file->settled && mv_stamp_equal(&stamp, &file->stamp))
        return MV_OK;
    mv_arena_free(&file->arena);
    file->arena = mv_arena_new(MAX_HELD_BYTES);
    if (file->arena == NULL)
        return MV_ERR_MEMORY;
    code = mv_file_read(file->arena, path, MV_FILE_MUST_EXIST, MV_SENDERS_MAX_FILE_BYTES, &file->text, error);
    if (code != MV_OK)
        mv_arena_free(&file->arena);
    file->stamp = stamp;
    file->settled = mv_stamp_is_settled(&stamp, now_secs);
    return code;
}

static bool rules_permit(struct asking *asking, const struct mv_mailbox *mailbox)
{
    const struct mv_config_users *users = &asking->settings->users;
    bool may = false;

    for (size_t i = 0; i < users->count && !may; i++) {
        if (!mv_sender_is(users->items[i].user, &asking->sender))
            continue;
        asking->known = true;
        may = mv_sender_may(users->items[i].author, &asking->sender, mailbox->local_part, mailbox->domain);
    }
    return may;
}

static enum mv_code ask_file(struct asking *asking, const struct mv_mailbox *mailbox, bool *may_r,
                             struct mv_error *error)
{
    const char *path = (const char *)asking->settings->users_file.data;
    struct mv_senders_answer answer;
    enum mv_code code = MV_OK;

    *may_r = false;
    if (path == NULL)
        return MV_OK;
    if (!asking->file_read)
        code = hold_text(asking->file, path, asking->request->now_secs, error);
    if (code != MV_OK)
        return code;
    asking->file_read = true;
    code = mv_senders_file_ask(asking->arena, asking->file->text, &asking->sender, mailbox->local_part,
                               mailbox->domain, &answer);
    if (code != MV_OK)
        return code;
    asking->known = asking->known || answer.known;
    *may_r = answer.may;
    if (!answer.may && answer.bad_line != 0)
        return mv_error_set(error, MV_ERR_CONFIG, "%s:%u: %s (\"mailvouch config check\" reads all lines)", path,
                            answer.bad_line, answer.reason);
    return MV_OK;
}

static const char *refusal(const struct asking *asking)
{
    if (!asking->known)
        return "no line of users or users_file in [sign] is for this login";
    if (asking->sender.domain.len == 0)
        return "no line of users or users_file in [sign] lets this login send as that (self is nothing for a login "
               "without a domain: write %n@ and the domain)";
    return "no line of users or users_file in [sign] lets this login send as that";
}

static enum mv_code ask_login(struct asking *asking, const struct mv_mailbox *mailboxes, size_t count,
                              struct mv_permission *permission, struct mv_error *error)
{
    enum mv_code code = mv_sender_split(asking->arena, asking->request->user, &asking->sender);

    if (code == MV_ERR_LIMIT) {
        permission->reason = "the login is too long, or holds a NUL";
        permission->mailbox = mailboxes;
        return MV_OK;
    }
    for (size_t i = 0; code == MV_OK && i < count; i++) {
        bool may = rules_permit(asking, &mailboxes[i]);

        if (!may)
            code = ask_file(asking, &mailboxes[i], &may, error);
        if (code == MV_OK && !may) {
            permission->reason = refusal(asking);
            permission->mailbox = &mailboxes[i];
            permission->known = asking->known;
            return MV_OK;
        }
    }
    permission->may = permission->known = code == MV_OK;
    return code;
}

enum mv_code mv_permission_ask(struct mv_arena *arena, const struct mv_settings *settings, struct mv_users_file *file,
                               const struct mv_sign_request *request, const struct mv_mailbox *mailboxes, size_t count,
                               struct mv_permission *permission_r, struct mv_error *error)
{
    struct asking asking = {.arena = arena, .settings = settings, .file = file, .request = request};

    *permission_r = (struct mv_permission){.may = false};
    if (request->user.len > 0)
        return ask_login(&asking, mailboxes, count, permission_r, error);
    permission_r->may = permission_r->known = mv_config_networks_hold(&settings->sign_networks, &request->client_ip);
    if (!permission_r->may) {
        permission_r->reason = "it came without a login, and networks in [sign] do not hold the client";
        permission_r->mailbox = mailboxes;
    }
    return MV_OK;
}
