/*
 * lib95_mailvouch_plugin.so: tags what dovecot-lda and lmtp deliver (mailvouch-dovecot(7)).
 *
 * Dovecot calls the hook once for each recipient.  The Sieve plugin's hook does
 * not call the one before it, so ours must be set later: by the number in the
 * file's name it is, and so Sieve scripts see the message as it was tagged.
 *
 * From the second recipient on the message is the first one's mail as it was
 * saved (so that Dovecot can make hard links): when we have tagged it there, its
 * header is left alone.
 *
 * The tagged message is a mail of its own while Sieve and the stores work with
 * it.  It is gone, and ctx->src_mail is what it was, before the hook returns:
 * dovecot-lda ends in an assertion otherwise, after the delivery.  So what
 * Dovecot does after a hook that has not saved is done here, with the tagged mail.
 */
#include "dovecot-plugin/compat.h"

#include <stdlib.h>
#include <time.h>

#include "core/base/ascii.h"
#include "dovecot-plugin/tagging.h"

#define MV_CONFIG_VARIABLE "MAILVOUCH_CONF" /* of Dovecot's import_environment */
#define MV_USER_FIELD "mailvouch"           /* of the userdb: yes or no */

MV_DOVECOT_EXPORT void mailvouch_plugin_init(struct module *module);
MV_DOVECOT_EXPORT void mailvouch_plugin_deinit(void);
MV_DOVECOT_EXPORT extern const char *mailvouch_plugin_version;

const char *mailvouch_plugin_version = DOVECOT_ABI_VERSION;

struct mv_user {
    union mail_user_module_context module_ctx; /* nothing of it is replaced */
    const char *const *keywords; /* while his mail is delivered; NULL: none */
    bool tagged;                 /* his mail has our header now */
};

struct mv_box {
    union mailbox_module_context module_ctx; /* what we have replaced */
};

/* The message with our header, and what ctx had instead. */
struct mv_wrapped {
    struct mail_user *user;
    struct mailbox *box;
    struct mailbox_transaction_context *transaction;
    struct mail *mail;
    struct mail *src_mail;
    const char *default_mailbox;
};

/* The message as SMTP would carry it. */
struct mv_reader {
    struct istream *stream;
    size_t given_bytes;
};

static MODULE_CONTEXT_DEFINE_INIT(mv_user_module, &mail_user_module_register);
static MODULE_CONTEXT_DEFINE_INIT(mv_box_module, &mail_storage_module_register);
static deliver_mail_func_t *next_hook;
static struct mv_tagging *tagging;
static bool hooked;

/* --- keywords --- */

static void add_keywords(struct mail_save_context *save, const char *const *names)
{
    struct mail_keywords *ours = mailbox_keywords_create_valid(save->transaction->box, names);
    struct mail_keywords *given = save->data.keywords;

    if (given == NULL) {
        save->data.keywords = ours;
        return;
    }
    save->data.keywords = mailbox_keywords_merge(given, ours);
    mailbox_keywords_unref(&given);
    mailbox_keywords_unref(&ours);
}

/* Everything that is delivered comes through here, whatever a Sieve script does with it. */
static int copy_with_keywords(struct mail_save_context *save, struct mail *mail)
{
    struct mailbox *box = save->transaction->box;
    struct mv_box *mv_box = MODULE_CONTEXT_REQUIRE(box, mv_box_module);
    struct mv_user *mv_user = MODULE_CONTEXT(box->storage->user, mv_user_module);

    if (mv_user != NULL && mv_user->keywords != NULL)
        add_keywords(save, mv_user->keywords);
    return mv_box->module_ctx.super.copy(save, mail);
}

static void mailbox_allocated(struct mailbox *box)
{
    struct mailbox_vfuncs *vfuncs = box->vlast;
    struct mv_box *mv_box;

    if (MODULE_CONTEXT(box->storage->user, mv_user_module) == NULL)
        return;
    mv_box = p_new(box->pool, struct mv_box, 1);
    mv_box->module_ctx.super = *vfuncs;
    box->vlast = &mv_box->module_ctx.super;
    MODULE_CONTEXT_SET(box, mv_box_module, mv_box);
    vfuncs->copy = copy_with_keywords;
}

/* --- the message --- */

static bool read_piece(void *source, struct mv_bytes *piece_r)
{
    struct mv_reader *reader = source;
    const unsigned char *data;
    size_t size = 0;
    int got;

    i_stream_skip(reader->stream, reader->given_bytes);
    reader->given_bytes = 0;
    got = i_stream_read_more(reader->stream, &data, &size);
    *piece_r = got > 0 ? mv_bytes_of(data, size) : mv_bytes_of(NULL, 0);
    if (got > 0)
        reader->given_bytes = size;
    return got > 0 || (got < 0 && reader->stream->stream_errno == 0);
}

/* false: it cannot be read. */
static bool read_header(struct istream *stream, uoff_t size_bytes, buffer_t *header)
{
    const unsigned char *data;
    size_t size;

    i_stream_seek(stream, 0);
    while (header->used < size_bytes) {
        if (i_stream_read_more(stream, &data, &size) <= 0)
            return FALSE;
        size = I_MIN(size, size_bytes - header->used);
        buffer_append(header, data, size);
        i_stream_skip(stream, size);
    }
    return TRUE;
}

/* Recipients of one message differ in what is behind the last ":R". */
static struct mv_bytes session_of(const struct mail_deliver_context *ctx)
{
    struct mv_bytes session = mv_bytes_str(ctx->session_id == NULL ? "" : ctx->session_id);
    size_t colon = mv_bytes_find_last(session, ':');
    struct mv_bytes end = mv_bytes_slice(session, colon, session.len);

    if (mv_bytes_has_prefix_nocase(end, MV_BYTES(":R")) &&
        mv_bytes_all(mv_bytes_slice(end, 2, end.len), MV_ASCII_DIGIT))
        return mv_bytes_slice(session, 0, colon);
    return session;
}

static void log_result(struct mail_deliver_context *ctx, const struct mv_tagging_result *result)
{
    if (result->level == MV_TAGGING_ERROR)
        e_error(ctx->event, "mailvouch: %s", result->log);
    else if (result->level == MV_TAGGING_WARNING)
        e_warning(ctx->event, "mailvouch: %s", result->log);
    else
        e_info(ctx->event, "mailvouch: %s", result->log);
}

static const struct mv_tagging_result *run(struct mail_deliver_context *ctx, struct istream *stream,
                                           const buffer_t *header, bool is_tagged)
{
    struct mv_reader reader = {.given_bytes = 0};
    struct mv_tagging_request request = {
        .user = mv_bytes_str(ctx->rcpt_user->username),
        .header = mv_bytes_of(header->data, header->used),
        .mail_from = mv_bytes_str(ctx->mail_from == NULL ? "" : smtp_address_encode(ctx->mail_from)),
        .session = session_of(ctx),
        .by_lmtp = strcmp(master_service_get_name(master_service), "lmtp") == 0,
        .is_tagged = is_tagged,
        .now_secs = time(NULL),
        .read = read_piece,
        .source = &reader,
    };
    const struct mv_tagging_result *result;

    i_stream_seek(stream, 0);
    reader.stream = i_stream_create_crlf(stream);
    result = mv_tagging_run(tagging, &request);
    i_stream_unref(&reader.stream);
    log_result(ctx, result);
    return result;
}

/* NULL: the message stays as it is. */
static struct istream *tagged_stream(const struct mv_tagging_result *result, struct istream *stream)
{
    struct istream *inputs[3] = {NULL, NULL, NULL};
    struct istream *tagged;

    if (result->header.len == 0)
        return NULL;
    inputs[0] = i_stream_create_copy_from_data(result->header.data, result->header.len);
    inputs[1] = i_stream_create_range(stream, result->header_bytes, UOFF_T_MAX);
    tagged = i_stream_create_concat(inputs);
    i_stream_set_name(tagged, "<tagged message>");
    i_stream_unref(&inputs[0]);
    i_stream_unref(&inputs[1]);
    return tagged;
}

/* --- the mail around the tagged message --- */

static void unwrap(struct mail_deliver_context *ctx, struct mv_wrapped *wrapped)
{
    ctx->src_mail = wrapped->src_mail;
    ctx->rcpt_default_mailbox = wrapped->default_mailbox;
    if (wrapped->mail != NULL)
        mail_free(&wrapped->mail);
    if (wrapped->transaction != NULL)
        mailbox_transaction_rollback(&wrapped->transaction);
    if (wrapped->box != NULL)
        mailbox_free(&wrapped->box);
    if (wrapped->user != NULL)
        mail_user_deinit(&wrapped->user);
}

static bool wrap(struct mail_deliver_context *ctx, struct istream *tagged, struct mv_wrapped *wrapped)
{
    const char *sender = ctx->mail_from == NULL ? "" : smtp_address_encode(ctx->mail_from);

    wrapped->user = mv_raw_user(ctx->rcpt_user);
    if (raw_mailbox_alloc_stream(wrapped->user, tagged, (time_t)-1, sender, &wrapped->box) < 0) {
        e_error(ctx->event, "mailvouch: not tagged: %s", mailbox_get_last_internal_error(wrapped->box, NULL));
        return FALSE;
    }
    wrapped->transaction = mailbox_transaction_begin(wrapped->box, 0, __func__);
    wrapped->mail = mail_alloc(wrapped->transaction, 0, NULL);
    mail_set_seq(wrapped->mail, 1);
    ctx->src_mail = wrapped->mail;
    return TRUE;
}

/* --- where it goes --- */

static bool create_mailbox(struct mail_deliver_context *ctx, struct mailbox *box, const char *name)
{
    enum mail_error error;
    const char *text;

    if (mailbox_create(box, NULL, FALSE) == 0) {
        (void)mailbox_set_subscribed(box, TRUE);
        return TRUE;
    }
    text = mailbox_get_last_internal_error(box, &error);
    if (error == MAIL_ERROR_EXISTS) /* another delivery was faster */
        return TRUE;
    e_warning(ctx->event, "mailvouch: mailbox %s cannot be made, the message stays in the inbox: %s", name, text);
    return FALSE;
}

static bool has_mailbox(struct mail_deliver_context *ctx, const char *name, bool create)
{
    struct mail_namespace *ns = mail_namespace_find(ctx->rcpt_user->namespaces, name);
    struct mailbox *box = mailbox_alloc(ns->list, name, MAILBOX_FLAG_SAVEONLY | MAILBOX_FLAG_POST_SESSION);
    enum mailbox_existence existence;
    bool exists;

    exists = mailbox_exists(box, TRUE, &existence) == 0 && existence == MAILBOX_EXISTENCE_SELECT;
    if (!exists && create)
        exists = create_mailbox(ctx, box, name);
    mailbox_free(&box);
    return exists;
}

static bool has_failed_for_now(const struct mail_deliver_context *ctx, struct mail_storage *storage)
{
    enum mail_error error = MAIL_ERROR_NONE;

    if (storage != NULL)
        (void)mail_storage_get_last_error(storage, &error);
    return ctx->tempfail_error != NULL || error == MAIL_ERROR_TEMP;
}

/* As mail_deliver() goes on after a hook. 1: it is saved, or a script has dealt with it. */
static int deliver_wrapped(struct mail_deliver_context *ctx, struct mail_storage **storage_r)
{
    int status = next_hook == NULL ? -1 : next_hook(ctx, storage_r);

    if (status > 0 || ctx->saved_mail)
        return 1;
    if (has_failed_for_now(ctx, *storage_r))
        return -1;
    if (!ctx->tried_default_save) {
        status = mail_deliver_save(ctx, ctx->rcpt_default_mailbox, 0, NULL, storage_r);
        if (status == 0)
            return 1;
        if (has_failed_for_now(ctx, *storage_r))
            return -1;
    }
    if (strcasecmp(ctx->rcpt_default_mailbox, "INBOX") != 0 &&
        mail_deliver_save(ctx, "INBOX", 0, NULL, storage_r) == 0)
        return 1;
    return -1;
}

static int pass_on(struct mail_deliver_context *ctx, struct mail_storage **storage_r)
{
    return next_hook == NULL ? -1 : next_hook(ctx, storage_r);
}

static const char *const *copy_keywords(pool_t pool, const struct mv_tagging_result *result)
{
    return result->keywords[0] == NULL ? NULL : p_strarray_dup(pool, result->keywords);
}

/* The first recipient's mail, with the header that it has from us. */
static bool has_our_header(const struct mail *mail)
{
    struct mv_user *mv_user = MODULE_CONTEXT(mail->box->storage->user, mv_user_module);

    return mv_user != NULL && mv_user->tagged;
}

static int deliver_tagged(struct mail_deliver_context *ctx, struct mv_user *mv_user, struct istream *stream,
                          const buffer_t *header, struct mail_storage **storage_r)
{
    struct mv_wrapped wrapped = {.src_mail = ctx->src_mail, .default_mailbox = ctx->rcpt_default_mailbox};
    bool was_tagged = has_our_header(ctx->src_mail);
    const struct mv_tagging_result *result = run(ctx, stream, header, was_tagged);
    struct istream *tagged = tagged_stream(result, stream);
    bool is_wrapped = tagged != NULL && wrap(ctx, tagged, &wrapped);
    int status;

    mv_user->tagged = is_wrapped || was_tagged;
    if (mv_user->tagged)
        mv_user->keywords = copy_keywords(ctx->rcpt_user->pool, result);
    if (mv_user->tagged && result->junk_mailbox != NULL &&
        has_mailbox(ctx, result->junk_mailbox, result->junk_create))
        ctx->rcpt_default_mailbox = p_strdup(ctx->pool, result->junk_mailbox);
    status = deliver_wrapped(ctx, storage_r);
    mv_user->keywords = NULL;
    unwrap(ctx, &wrapped);
    i_stream_unref(&tagged);
    return status;
}

static int deliver(struct mail_deliver_context *ctx, struct mail_storage **storage_r)
{
    struct mv_user *mv_user = MODULE_CONTEXT(ctx->rcpt_user, mv_user_module);
    struct message_size header_size;
    struct istream *stream;
    buffer_t *header;
    uoff_t header_bytes;
    int status;

    if (mv_user == NULL)
        return pass_on(ctx, storage_r);
    if (mail_get_stream(ctx->src_mail, &header_size, NULL, &stream) < 0) {
        e_error(ctx->event, "mailvouch: not tagged: the message cannot be read: %s",
                mailbox_get_last_internal_error(ctx->src_mail->box, NULL));
        return pass_on(ctx, storage_r);
    }
    header_bytes = I_MIN(header_size.physical_size, MV_TAGGING_HEADER_BYTES);
    header = buffer_create_dynamic(default_pool, I_MIN(header_bytes, 65536));
    if (read_header(stream, header_bytes, header)) {
        status = deliver_tagged(ctx, mv_user, stream, header, storage_r);
    } else {
        e_error(ctx->event, "mailvouch: not tagged: the header cannot be read: %s", i_stream_get_error(stream));
        status = pass_on(ctx, storage_r);
    }
    buffer_free(&header);
    return status;
}

/* --- users --- */

/* What his userdb entry says, else the configuration. */
static bool is_wanted(const struct mail_user *user)
{
    struct mv_bytes key = MV_BYTES(MV_USER_FIELD "=");

    for (const char *const *field = user->userdb_fields; field != NULL && *field != NULL; field++) {
        struct mv_bytes text = mv_bytes_str(*field);

        if (mv_bytes_has_prefix_nocase(text, key))
            return !mv_bytes_equal_nocase(mv_bytes_slice(text, key.len, text.len), MV_BYTES("no"));
    }
    return mv_tagging_is_default(tagging, time(NULL));
}

static void user_created(struct mail_user *user)
{
    struct mv_user *mv_user;

    if (user->autocreated || !is_wanted(user)) /* raw users */
        return;
    mv_user = p_new(user->pool, struct mv_user, 1);
    MODULE_CONTEXT_SET(user, mv_user_module, mv_user);
}

static struct mail_storage_hooks hooks = {
    .mail_user_created = user_created,
    .mailbox_allocated = mailbox_allocated,
};

void mailvouch_plugin_init(struct module *module)
{
    if (mail_deliver_hook_set == NULL)
        return; /* no service that delivers */
    tagging = mv_tagging_new(getenv(MV_CONFIG_VARIABLE));
    mv_tagging_prepare(tagging, time(NULL)); /* with the rights that the process begins with */
    mail_storage_hooks_add(module, &hooks);
    next_hook = mail_deliver_hook_set(deliver);
    hooked = TRUE;
}

void mailvouch_plugin_deinit(void)
{
    if (!hooked)
        return;
    mail_deliver_hook_set(next_hook);
    mail_storage_hooks_remove(&hooks);
    mv_tagging_free(&tagging);
    hooked = FALSE;
}
