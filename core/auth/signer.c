#include "core/auth/signer.h"

#include <stdlib.h>

#include "core/auth/signer_state.h"
#include "core/text/domain.h"

#define MAX_FIELDS_BYTES (MV_SIGN_MAX_GIVEN_KEYS * MV_DKIM_MAX_MADE_BYTES)

_Static_assert(MV_SIGN_MAX_GIVEN_KEYS <= MV_DKIM_MAX_SIGNING_KEYS, "as many as one pass signs");

static const struct mv_sign_outcome out_of_memory = {
    .action = MV_SIGN_DEFERRED,
    .reply = "451 4.7.5 Your message was not sent because it cannot be signed at the moment; please try again later",
    .log = "result=deferred: no memory to sign a message",
    .reason = "no memory to sign a message",
};

static enum mv_code no_memory(struct mv_error *error)
{
    return mv_error_set(error, MV_ERR_MEMORY, "no memory to sign a message");
}

static struct mv_signer *signer_new(void)
{
    struct mv_signer *signer = calloc(1, sizeof *signer);

    if (signer == NULL)
        return NULL;
    mv_buf_init(&signer->fields, MAX_FIELDS_BYTES);
    signer->arena = mv_arena_new(MV_MSG_MAX_MEMORY_BYTES);
    if (signer->arena != NULL) {
        signer->reader = mv_reader_new(signer->arena);
        signer->dkim = mv_dkim_signer_new(signer->arena);
    }
    if (signer->reader == NULL || signer->dkim == NULL)
        mv_signer_free(&signer);
    return signer;
}

/* What signing needs of the engine is made when the first message is signed: most processes never do. */
static bool prepare(struct mv_engine *engine)
{
    if (engine->key_sets == NULL)
        engine->key_sets = mv_key_sets_new(engine->settings);
    if (engine->users_file == NULL)
        engine->users_file = mv_users_file_new();
    return engine->key_sets != NULL && engine->users_file != NULL;
}

enum mv_code mv_signer_begin(struct mv_engine *engine, const struct mv_sign_request *request,
                             struct mv_signer **signer_r, struct mv_error *error)
{
    struct mv_signer *signer = prepare(engine) ? signer_new() : NULL;

    *signer_r = NULL;
    if (signer == NULL)
        return no_memory(error);
    signer->engine = engine;
    signer->request = *request;
    if (!mv_arena_copy(signer->arena, request->user, &signer->request.user) ||
        !mv_arena_copy(signer->arena, request->mail_from, &signer->request.mail_from)) {
        mv_signer_free(&signer);
        return no_memory(error);
    }
    *signer_r = signer;
    return MV_OK;
}

static enum mv_code take_given_name(struct mv_signer *signer, struct mv_bytes name, size_t min_labels,
                                    struct mv_bytes *name_r, struct mv_error *error)
{
    enum mv_code code = mv_domain_parse(signer->arena, name, name_r);

    if (code == MV_ERR_MEMORY)
        return no_memory(error);
    if (code == MV_OK && mv_domain_labels(*name_r) >= min_labels)
        return MV_OK;
    return mv_error_set(error, MV_ERR_SYNTAX, "the %s that was given is no name that can stand in DNS",
                        min_labels > 1 ? "domain" : "selector");
}

static enum mv_code take_given_key(struct mv_signer *signer, const struct mv_sign_given_key *given,
                                   struct mv_error *error)
{
    struct mv_dkim_signing_key *key = &signer->given_keys[signer->options.key_count];
    const char *reason = NULL;
    enum mv_code code = take_given_name(signer, given->selector, 1, &key->selector, error);

    if (code != MV_OK)
        return code;
    code = mv_private_key_read(given->pem, &key->key, &reason);
    if (code != MV_OK)
        return mv_error_set(error, code, "%s: %s", given->name, reason == NULL ? mv_code_text(code) : reason);
    signer->options.key_count++;
    return MV_OK;
}

enum mv_code mv_signer_begin_given(const struct mv_sign_given *given, struct mv_signer **signer_r,
                                   struct mv_error *error)
{
    struct mv_signer *signer;
    enum mv_code code = MV_OK;

    *signer_r = NULL;
    if (given->key_count == 0 || given->key_count > MV_SIGN_MAX_GIVEN_KEYS)
        return mv_error_set(error, MV_ERR_USAGE, "give 1 to %d keys", MV_SIGN_MAX_GIVEN_KEYS);
    signer = signer_new();
    if (signer == NULL)
        return no_memory(error);
    signer->request.now_secs = given->now_secs;
    signer->options = (struct mv_dkim_signing_options){
        .keys = signer->given_keys,
        .now_secs = given->now_secs,
        .lifetime_secs = given->lifetime_secs,
    };
    mv_signer_set_canon(&signer->options, given->canonicalization);
    if (given->domain.len > 0)
        code = take_given_name(signer, given->domain, 2, &signer->options.sdid, error);
    for (size_t i = 0; code == MV_OK && i < given->key_count; i++)
        code = take_given_key(signer, &given->keys[i], error);
    if (code != MV_OK) {
        mv_signer_free(&signer);
        return code;
    }
    *signer_r = signer;
    return MV_OK;
}

static enum mv_code fail(struct mv_signer *signer)
{
    signer->out_of_memory = true;
    return MV_ERR_MEMORY;
}

/* A header block that the reader does not take is not signed by halves. */
static enum mv_code end_header(struct mv_signer *signer, enum mv_code code)
{
    if (code == MV_OK && !mv_reader_header_done(signer->reader))
        return MV_OK;
    signer->phase = MV_SIGNER_BODY;
    if (code == MV_OK)
        code = mv_signer_judge(signer);
    else if (code == MV_ERR_LIMIT) {
        mv_signer_refuse_message(signer, "the header has more than 1 MiB or 10000 fields");
        code = MV_OK;
    }
    return code == MV_OK && !signer->out_of_memory ? MV_OK : fail(signer);
}

enum mv_code mv_signer_feed(struct mv_signer *signer, struct mv_bytes bytes)
{
    struct mv_bytes body = bytes;
    enum mv_code code = MV_OK;

    if (signer->out_of_memory)
        return MV_ERR_MEMORY;
    if (signer->phase == MV_SIGNER_ENDED)
        return MV_ERR_USAGE;
    if (signer->phase == MV_SIGNER_HEADER) {
        code = mv_reader_feed(signer->reader, bytes, &body);
        code = end_header(signer, code);
    }
    if (code == MV_OK && signer->phase == MV_SIGNER_BODY && !signer->decision.made && body.len > 0)
        mv_dkim_signer_body(signer->dkim, body);
    return code;
}

static void finish(struct mv_signer *signer)
{
    const char *reason = NULL;
    enum mv_code code = mv_dkim_signer_end(signer->dkim, &signer->fields, &reason);

    if (code == MV_OK && !mv_buf_failed(&signer->fields))
        signer->decision = (struct mv_signer_decision){true, MV_SIGN_SIGNED, NULL, NULL, signer->choice.warning};
    else if (code == MV_ERR_SYNTAX)
        mv_signer_refuse_message(signer, reason);
    else if (code == MV_ERR_CRYPTO)
        mv_signer_give_up(signer, "the crypto library failed to sign");
    else
        signer->out_of_memory = true;
}

enum mv_code mv_signer_end(struct mv_signer *signer)
{
    enum mv_code code = MV_OK;

    if (signer->phase == MV_SIGNER_ENDED)
        return MV_ERR_USAGE;
    if (signer->phase == MV_SIGNER_HEADER && !signer->out_of_memory)
        code = end_header(signer, mv_reader_end(signer->reader));
    signer->phase = MV_SIGNER_ENDED;
    if (code == MV_OK && !signer->out_of_memory && !signer->decision.made)
        finish(signer);
    if (signer->out_of_memory || mv_signer_report(signer) != MV_OK)
        return fail(signer);
    return MV_OK;
}

const struct mv_sign_outcome *mv_signer_outcome(const struct mv_signer *signer)
{
    bool known = signer->phase == MV_SIGNER_ENDED && !signer->out_of_memory;

    return known ? &signer->outcome : &out_of_memory;
}

struct mv_bytes mv_signer_fields(const struct mv_signer *signer)
{
    if (mv_signer_outcome(signer)->action != MV_SIGN_SIGNED)
        return mv_bytes_str(NULL);
    return mv_buf_bytes(&signer->fields);
}

void mv_signer_free(struct mv_signer **signer)
{
    struct mv_signer *s = *signer;

    if (s == NULL)
        return;
    mv_dkim_signer_free(&s->dkim);
    mv_key_choice_free(&s->choice);
    for (size_t i = 0; i < MV_SIGN_MAX_GIVEN_KEYS; i++)
        mv_private_key_free(&s->given_keys[i].key);
    mv_buf_free(&s->fields);
    mv_arena_free(&s->arena);
    free(s);
    *signer = NULL;
}
