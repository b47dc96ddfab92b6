#include "core/auth/signer_state.h"

#include "core/base/trace.h"
#include "core/dkim/canon.h"

#define MAX_SHOWN_BYTES 120 /* of a login or an address in a reply */

static void decide(struct mv_signer *signer, enum mv_sign_action action, const char *status, const char *reply,
                   const char *reason)
{
    signer->decision = (struct mv_signer_decision){true, action, status, reply, reason};
}

void mv_signer_refuse_message(struct mv_signer *signer, const char *reason)
{
    const char *reply = mv_arena_printf(signer->arena, "The message cannot be sent as it is: %s", reason);

    if (reply == NULL)
        signer->out_of_memory = true;
    decide(signer, MV_SIGN_REFUSED, "550 5.6.0", reply, reason);
}

void mv_signer_give_up(struct mv_signer *signer, const char *reason)
{
    const char *reply = "Your message was not sent because it cannot be signed at the moment; please try again later";

    if (signer->engine != NULL && signer->engine->settings->on_sign_error == MV_SIGN_ERROR_SEND)
        decide(signer, MV_SIGN_UNSIGNED, NULL, NULL, reason);
    else
        decide(signer, MV_SIGN_DEFERRED, "451 4.7.5", reply, reason);
}

static void put_shown(struct mv_buf *out, struct mv_bytes text)
{
    mv_buf_put_escaped(out, mv_bytes_slice(text, 0, MAX_SHOWN_BYTES));
}

/* "alice@example.org may not send as bob@example.org"; what would be too long names nobody. */
static const char *not_his(struct mv_signer *signer, const struct mv_mailbox *mailbox, const char *otherwise)
{
    struct mv_buf text;
    const char *reply = otherwise;

    mv_buf_init(&text, MV_SIGNER_MAX_REPLY_BYTES);
    put_shown(&text, signer->request.user.len > 0 ? signer->request.user : MV_BYTES("A client without a login"));
    mv_buf_puts(&text, " may not send as ");
    put_shown(&text, mailbox->local_part);
    mv_buf_puts(&text, "@");
    put_shown(&text, mailbox->domain);
    if (!mv_buf_failed(&text))
        reply = mv_arena_str(signer->arena, mv_buf_bytes(&text));
    mv_buf_free(&text);
    return reply == NULL ? otherwise : reply;
}

static void refuse_author(struct mv_signer *signer, const struct mv_mailbox *mailbox, const char *reason)
{
    signer->author = mailbox;
    decide(signer, MV_SIGN_REFUSED, "550 5.7.1", not_his(signer, mailbox, "You may not send as the author in From"),
           reason);
}

/* Header blocks that programs read differently: who is the author then? */
static const char *fault_of_header(unsigned defects)
{
    for (unsigned bit = 1; bit <= MV_DEFECTS_FATAL; bit <<= 1)
        if ((defects & bit & MV_DEFECTS_FATAL) != 0)
            return mv_defect_text((enum mv_defect)bit);
    return NULL;
}

static void send_unsigned_or_refuse(struct mv_signer *signer, const struct mv_mailbox *mailbox)
{
    const char *reason = "the author's domain is none of domains in [sign]";

    if (signer->engine->settings->foreign_from == MV_FOREIGN_FROM_UNSIGNED)
        decide(signer, MV_SIGN_UNSIGNED, NULL, NULL, reason);
    else
        refuse_author(signer, mailbox, reason);
}

static enum mv_code give_up_on(struct mv_signer *signer, enum mv_code code, const struct mv_error *error)
{
    const char *reason = mv_arena_str(signer->arena, mv_bytes_str(error->text));

    if (code == MV_ERR_MEMORY || reason == NULL)
        return MV_ERR_MEMORY;
    mv_signer_give_up(signer, reason);
    return MV_OK;
}

/* A foreign author is nobody's to have, but only those who may send as somebody may have one. */
static enum mv_code judge_foreign(struct mv_signer *signer, const struct mv_mailbox *mailboxes, size_t count)
{
    struct mv_permission permission = {.known = true};
    struct mv_error error = {0};
    enum mv_code code = MV_OK;

    if (signer->request.trust != MV_SIGN_OPERATOR)
        code = mv_permission_ask(signer->arena, signer->engine->settings, signer->engine->users_file,
                                 &signer->request, mailboxes, count, &permission, &error);
    if (code != MV_OK)
        return give_up_on(signer, code, &error);
    if (!permission.may && !permission.known)
        refuse_author(signer, mailboxes, permission.reason);
    else
        send_unsigned_or_refuse(signer, mailboxes);
    return MV_OK;
}

static enum mv_code judge_permission(struct mv_signer *signer, const struct mv_mailbox *mailboxes, size_t count)
{
    struct mv_permission permission;
    struct mv_error error = {0};
    enum mv_code code;

    if (signer->request.trust == MV_SIGN_OPERATOR)
        return MV_OK;
    code = mv_permission_ask(signer->arena, signer->engine->settings, signer->engine->users_file, &signer->request,
                             mailboxes, count, &permission, &error);
    if (code != MV_OK)
        return give_up_on(signer, code, &error);
    if (!permission.may)
        refuse_author(signer, permission.mailbox, permission.reason);
    return MV_OK;
}

void mv_signer_set_canon(struct mv_dkim_signing_options *options, enum mv_sign_canon canon)
{
    bool simple_header = canon == MV_SIGN_SIMPLE_RELAXED || canon == MV_SIGN_SIMPLE_SIMPLE;
    bool simple_body = canon == MV_SIGN_RELAXED_SIMPLE || canon == MV_SIGN_SIMPLE_SIMPLE;

    options->header_canon = simple_header ? MV_CANON_SIMPLE : MV_CANON_RELAXED;
    options->body_canon = simple_body ? MV_CANON_SIMPLE : MV_CANON_RELAXED;
}

static enum mv_code take_keys(struct mv_signer *signer, const struct mv_domain_settings *domain)
{
    struct mv_error error = {0};
    enum mv_code code = mv_key_sets_choose(signer->engine->key_sets, signer->arena, domain->name,
                                           signer->request.now_secs, &signer->choice, &error);

    if (code != MV_OK)
        return give_up_on(signer, code, &error);
    signer->options = (struct mv_dkim_signing_options){
        .sdid = domain->name,
        .keys = signer->choice.keys,
        .key_count = signer->choice.count,
        .now_secs = signer->request.now_secs,
        .lifetime_secs = domain->expire_secs,
    };
    mv_signer_set_canon(&signer->options, domain->canonicalization);
    return MV_OK;
}

/* Who may send as whom, and with which keys. */
static enum mv_code ask_tables(struct mv_signer *signer, const struct mv_mailbox *mailboxes, size_t count)
{
    const struct mv_settings *settings = signer->engine->settings;
    const struct mv_domain_settings *domain = mv_config_domain_over(settings, mailboxes[0].domain);
    enum mv_code code;

    if (settings->domains.count == 0) {
        mv_signer_give_up(signer, "no domain of ours is configured: set domains in [sign] of the configuration");
        return MV_OK;
    }
    if (domain == NULL)
        return judge_foreign(signer, mailboxes, count);
    signer->domain = domain->name;
    code = judge_permission(signer, mailboxes, count);
    return code == MV_OK && !signer->decision.made ? take_keys(signer, domain) : code;
}

/* d= of keys that were given. */
static enum mv_code use_given(struct mv_signer *signer, const struct mv_mailbox *mailboxes)
{
    if (signer->options.sdid.len == 0)
        signer->options.sdid = mailboxes[0].domain;
    signer->domain = signer->options.sdid;
    return MV_OK;
}

static enum mv_code begin_signing(struct mv_signer *signer, const struct mv_field *fields, size_t count)
{
    const char *reason = NULL;
    enum mv_code code = mv_dkim_signer_header(signer->dkim, &signer->options, fields, count,
                                              mv_reader_defects(signer->reader), &reason);

    if (code == MV_ERR_SYNTAX) {
        mv_signer_refuse_message(signer, reason);
        return MV_OK;
    }
    if (code == MV_OK || code == MV_ERR_MEMORY)
        return code;
    mv_signer_give_up(signer, "the signature cannot be begun: the time or a name is out of bounds");
    return MV_OK;
}

enum mv_code mv_signer_judge(struct mv_signer *signer)
{
    size_t count, mailbox_count = 0;
    const struct mv_field *fields = mv_reader_fields(signer->reader, &count);
    const char *fault = fault_of_header(mv_reader_defects(signer->reader));
    struct mv_mailbox *mailboxes = NULL;
    enum mv_from_code from;
    enum mv_code code;

    if (fault != NULL) {
        mv_signer_refuse_message(signer, fault);
        return MV_OK;
    }
    from = mv_author_mailboxes(signer->arena, fields, count, &mailboxes, &mailbox_count);
    if (from == MV_FROM_MEMORY)
        return MV_ERR_MEMORY;
    if (from != MV_FROM_OK) {
        mv_signer_refuse_message(signer, mv_from_code_text(from));
        return MV_OK;
    }
    signer->author = mailboxes;
    code = signer->engine == NULL ? use_given(signer, mailboxes) : ask_tables(signer, mailboxes, mailbox_count);
    return code == MV_OK && !signer->decision.made ? begin_signing(signer, fields, count) : code;
}
