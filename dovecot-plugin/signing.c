#include "dovecot-plugin/signing.h"

#include <stdlib.h>
#include <string.h>

#define MV_SIGNING_MAX_LOG_BYTES 2048

struct mv_signing {
    char *config_path; /* NULL: the default */
    struct mv_engine *engine;
    struct mv_signer *signer;
    struct mv_signing_result result;
    struct mv_buf log; /* of a deferral that no signer has decided */
};

#define MV_DEFERRAL_TEXT "Your message was not sent because it cannot be signed at the moment; please try again later"
#define MV_DEFERRAL {.status = 451, .enhanced = "4.7.5", .text = MV_DEFERRAL_TEXT}

static const struct mv_signing_result out_of_memory = {
    .action = MV_SIGN_DEFERRED,
    .reply = MV_DEFERRAL,
    .level = MV_SIGNING_ERROR,
    .log = "result=deferred: out of memory",
};

struct mv_signing *mv_signing_new(const char *config_path)
{
    struct mv_signing *signing = calloc(1, sizeof *signing);

    if (signing == NULL)
        return NULL;
    mv_buf_init(&signing->log, MV_SIGNING_MAX_LOG_BYTES);
    if (config_path == NULL)
        return signing;
    signing->config_path = strdup(config_path);
    if (signing->config_path == NULL)
        mv_signing_free(&signing);
    return signing;
}

void mv_signing_forget(struct mv_signing *signing)
{
    if (signing != NULL)
        mv_signer_free(&signing->signer);
}

void mv_signing_free(struct mv_signing **signing)
{
    if (*signing == NULL)
        return;
    mv_signing_forget(*signing);
    mv_engine_close(&(*signing)->engine);
    mv_buf_free(&(*signing)->log);
    free((*signing)->config_path);
    free(*signing);
    *signing = NULL;
}

/* A deferral that no signer has decided: what happened, and what the administrator may do. */
static const struct mv_signing_result *defer(struct mv_signing *signing, const struct mv_sign_request *request,
                                             const char *reason, const char *cure)
{
    mv_buf_reset(&signing->log);
    mv_buf_puts(&signing->log, "user=");
    mv_buf_put_escaped(&signing->log, request->user);
    mv_buf_puts(&signing->log, " result=deferred: ");
    mv_buf_put_escaped(&signing->log, mv_bytes_str(reason));
    mv_buf_puts(&signing->log, cure);
    signing->result = out_of_memory;
    if (mv_buf_cstr(&signing->log) != NULL)
        signing->result.log = mv_buf_cstr(&signing->log);
    return &signing->result;
}

static enum mv_code begin(struct mv_signing *signing, const struct mv_sign_request *request, struct mv_error *error)
{
    enum mv_code code = MV_OK;

    if (signing->engine == NULL)
        code = mv_engine_open(&signing->engine, signing->config_path, error);
    if (code == MV_OK)
        code = mv_signer_begin(signing->engine, request, &signing->signer, error);
    return code;
}

/* false: the message cannot be read. What the signer thinks of it is in its outcome. */
static bool feed(struct mv_signer *signer, mv_signing_read *read, void *source)
{
    struct mv_bytes piece;
    enum mv_code code = MV_OK;

    do {
        if (!read(source, &piece))
            return false;
        if (piece.len > 0)
            code = mv_signer_feed(signer, piece);
    } while (piece.len > 0 && code == MV_OK);
    mv_signer_end(signer);
    return true;
}

/* A message of our domains that went on with a reason was to be signed, or to be signed with more keys. */
static enum mv_signing_level level_of(const struct mv_sign_outcome *outcome)
{
    if (outcome->action == MV_SIGN_DEFERRED)
        return MV_SIGNING_ERROR;
    if (outcome->action == MV_SIGN_REFUSED || outcome->reason == NULL || outcome->domain.len == 0)
        return MV_SIGNING_INFO;
    return MV_SIGNING_WARNING;
}

static const struct mv_signing_result *decide(struct mv_signing *signing, const struct mv_sign_request *request)
{
    const struct mv_sign_outcome *outcome = mv_signer_outcome(signing->signer);

    if (outcome == NULL)
        return defer(signing, request, "the signer has no outcome", "");
    signing->result = (struct mv_signing_result){
        .action = outcome->action,
        .level = level_of(outcome),
        .log = outcome->log,
    };
    if (outcome->action == MV_SIGN_UNSIGNED)
        return &signing->result;
    if (outcome->action != MV_SIGN_SIGNED && !mv_reply_read(outcome->reply, &signing->result.reply))
        return defer(signing, request, "the signer's reply cannot be read", "");
    if (outcome->action == MV_SIGN_SIGNED)
        signing->result.fields = mv_signer_fields(signing->signer);
    if (outcome->action == MV_SIGN_SIGNED && signing->result.fields.len == 0)
        return defer(signing, request, "the signer has made no signature", "");
    return &signing->result;
}

const struct mv_signing_result *mv_signing_run(struct mv_signing *signing, const struct mv_sign_request *request,
                                               mv_signing_read *read, void *source)
{
    struct mv_error error = {.code = MV_OK};
    enum mv_code code;

    if (signing == NULL)
        return &out_of_memory;
    mv_signing_forget(signing);
    code = begin(signing, request, &error);
    if (code == MV_ERR_CONFIG || code == MV_ERR_IO)
        return defer(signing, request, error.text, " (\"mailvouch config check\" tells more)");
    if (code != MV_OK)
        return defer(signing, request, error.code == MV_OK ? mv_code_text(code) : error.text, "");
    if (!feed(signing->signer, read, source))
        return defer(signing, request, "the message cannot be read from Dovecot's temporary file",
                     " (see mail_temp_dir: is the disk full?)");
    return decide(signing, request);
}
