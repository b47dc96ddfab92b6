#include "core/auth/message.h"

#include <stdlib.h>
#include <string.h>

#include "core/auth/authres.h"
#include "core/auth/report_mark.h"
#include "core/dkim/signature.h"
#include "core/text/domain.h"

/* From here on every call answers with the same error. */
static enum mv_code fail(struct mv_msg *msg, enum mv_code code)
{
    if (msg->error.code == MV_OK)
        mv_error_set(&msg->error, code, "%s", mv_code_text(code));
    msg->failed = true;
    return msg->error.code;
}

static bool copy_envelope(struct mv_msg *msg, const struct mv_envelope *envelope)
{
    struct mv_spf_request *request = &msg->spf_request;

    msg->pct_roll = envelope->pct_roll;
    request->ip = envelope->client_ip;
    request->now_secs = envelope->now_secs;
    request->receiver = msg->engine->settings->authserv_id;
    request->max_voids = msg->engine->settings->max_spf_voids;
    return mv_arena_copy(msg->arena, envelope->helo, &request->helo) &&
           mv_arena_copy(msg->arena, envelope->mail_from, &request->mail_from);
}

static bool make_parts(struct mv_msg *msg)
{
    msg->memo = mv_memo_new(msg->arena);
    msg->reader = mv_reader_new(msg->arena);
    msg->bodies = mv_dkim_bodies_new(msg->arena);
    msg->dkim = mv_dkim_verifier_new(msg->arena, msg->bodies);
    msg->arc = mv_arc_verifier_new(msg->arena, msg->bodies);
    return msg->memo != NULL && msg->reader != NULL && msg->bodies != NULL && msg->dkim != NULL && msg->arc != NULL;
}

enum mv_code mv_msg_begin(struct mv_engine *engine, const struct mv_envelope *envelope, unsigned want,
                          struct mv_msg **msg_r, struct mv_error *error)
{
    struct mv_msg *msg = calloc(1, sizeof *msg);

    *msg_r = NULL;
    if (msg == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "out of memory");
    msg->engine = engine;
    msg->want = want;
    msg->wait_msecs = engine->settings->dns_deadline_msecs;
    if (envelope->client_ip.family == MV_IP_NONE)
        msg->want &= ~(unsigned)MV_WANT_SPF;
    msg->arena = mv_arena_new(MV_MSG_MAX_MEMORY_BYTES);
    if (msg->arena == NULL || !make_parts(msg) || !copy_envelope(msg, envelope)) {
        mv_msg_free(&msg);
        return mv_error_set(error, MV_ERR_MEMORY, "out of memory");
    }
    *msg_r = msg;
    return MV_OK;
}

void mv_msg_free(struct mv_msg **msg)
{
    struct mv_msg *m = *msg;

    if (m == NULL)
        return;
    if (m->memo != NULL && m->engine->resolver != NULL)
        mv_resolver_forget(m->engine->resolver, m->memo);
    explicit_bzero(&m->vouch_key, sizeof m->vouch_key);
    mv_dkim_verifier_free(&m->dkim);
    mv_arc_verifier_free(&m->arc);
    mv_dkim_bodies_free(&m->bodies);
    mv_arena_free(&m->spf_stage.arena);
    mv_arena_free(&m->dkim_stage.arena);
    mv_arena_free(&m->arc_stage.arena);
    mv_arena_free(&m->dmarc_stage.arena);
    mv_arena_free(&m->arena);
    free(m);
    *msg = NULL;
}

static enum mv_code begin_verifiers(struct mv_msg *msg, const struct mv_field *fields, size_t count)
{
    enum mv_code code = MV_OK;

    if ((msg->want & MV_WANT_DKIM) != 0)
        code = mv_dkim_verifier_header(msg->dkim, &msg->dkim_options, fields, count);
    if (code == MV_OK && (msg->want & MV_WANT_ARC) != 0)
        code = mv_arc_verifier_header(msg->arc, &msg->dkim_options, fields, count);
    return code;
}

/* After all who need a certain canonicalisation of the body. */
static enum mv_code begin_handover(struct mv_msg *msg, const struct mv_field *fields, size_t count)
{
    struct mv_handover_ring *ring = &msg->engine->handover;
    const struct mv_handover_key *key;
    enum mv_code code = MV_OK;

    if ((msg->want & (MV_WANT_VOUCH | MV_WANT_HANDOVER)) == 0)
        return MV_OK;
    mv_handover_ring_refresh(ring, msg->engine->settings->handover_keys, msg->spf_request.now_secs);
    if ((msg->want & MV_WANT_HANDOVER) != 0)
        code = mv_handover_reading_header(&msg->handover, msg->arena, fields, count, &ring->keys, msg->bodies);
    key = mv_handover_keys_signer(&ring->keys);
    if (code != MV_OK || key == NULL || (msg->want & MV_WANT_VOUCH) == 0)
        return code;
    msg->vouch_key = *key;
    return mv_dkim_bodies_want_any(msg->bodies, &msg->vouch_canon, &msg->vouch_hash);
}

static struct mv_handover_cover cover_of(const struct mv_msg *msg)
{
    struct mv_handover_cover cover = {.defects = mv_reader_defects(msg->reader)};

    cover.fields = mv_reader_fields(msg->reader, &cover.count);
    return cover;
}

static enum mv_code end_handover(struct mv_msg *msg)
{
    if ((msg->want & MV_WANT_HANDOVER) == 0)
        return MV_OK;
    return mv_handover_reading_end(&msg->handover, cover_of(msg), &msg->engine->handover.keys,
                                   msg->spf_request.now_secs, msg->engine->settings->handover_max_age_secs);
}

/* The header block is complete: the Author Domain and the signatures are known. */
static enum mv_code take_header(struct mv_msg *msg)
{
    const struct mv_settings *settings = msg->engine->settings;
    size_t count;
    const struct mv_field *fields = mv_reader_fields(msg->reader, &count);
    struct mv_verdict *verdict = &msg->verdict;
    enum mv_code code;

    verdict->from = mv_author_domain(msg->arena, fields, count, &msg->author);
    if (verdict->from == MV_FROM_MEMORY)
        return MV_ERR_MEMORY;
    if (verdict->from == MV_FROM_OK)
        verdict->author_domain = msg->author.domain;
    verdict->defects = mv_reader_defects(msg->reader);
    verdict->is_report = mv_fields_mark_report(fields, count);
    msg->dkim_options = (struct mv_dkim_options){
        .now_secs = msg->spf_request.now_secs,
        .min_rsa_bits = settings->min_rsa_bits,
        .ignore_test_keys = settings->ignore_test_keys,
        .not_signers = settings->not_signers.items,
        .not_signer_count = settings->not_signers.count,
        .author_domain = verdict->author_domain,
        .defects = verdict->defects,
        .several_from = verdict->from == MV_FROM_SEVERAL_FIELDS,
    };
    msg->phase = MV_PHASE_BODY;
    code = begin_verifiers(msg, fields, count);
    return code == MV_OK ? begin_handover(msg, fields, count) : code;
}

/*
 * A header block beyond our limits is not read by halves: the message has no
 * Author Domain for us, and the configuration says what happens to such mail.
 */
static void give_up_header(struct mv_msg *msg)
{
    msg->header_failed = true;
    msg->want &= ~(unsigned)(MV_WANT_DKIM | MV_WANT_ARC);
    msg->handover.unreadable = true;
    msg->verdict.from = MV_FROM_LIMIT;
    msg->phase = MV_PHASE_BODY;
}

static enum mv_code take_body(struct mv_msg *msg, struct mv_bytes body)
{
    if (msg->phase == MV_PHASE_BODY && body.len > 0)
        mv_dkim_bodies_feed(msg->bodies, body);
    return MV_OK;
}

enum mv_code mv_msg_feed(struct mv_msg *msg, struct mv_bytes bytes)
{
    struct mv_bytes body = bytes;
    enum mv_code code = MV_OK;

    if (msg->failed)
        return msg->error.code;
    if (msg->phase == MV_PHASE_ENDED || msg->assumed)
        return MV_ERR_USAGE;
    if (msg->phase != MV_PHASE_BODY) {
        msg->phase = MV_PHASE_HEADER;
        code = mv_reader_feed(msg->reader, bytes, &body);
        if (code == MV_ERR_LIMIT)
            give_up_header(msg);
        else if (code == MV_OK && mv_reader_header_done(msg->reader))
            code = take_header(msg);
        if (code != MV_OK && code != MV_ERR_LIMIT)
            return fail(msg, code);
    }
    return msg->header_failed ? MV_OK : take_body(msg, body);
}

enum mv_code mv_msg_end(struct mv_msg *msg)
{
    enum mv_code code;

    if (msg->failed)
        return msg->error.code;
    if (msg->phase == MV_PHASE_ENDED || msg->assumed)
        return MV_ERR_USAGE;
    if (msg->phase != MV_PHASE_BODY) {
        code = mv_reader_end(msg->reader);
        if (code == MV_ERR_LIMIT)
            give_up_header(msg);
        else if (code == MV_OK)
            code = take_header(msg);
        if (code != MV_OK && code != MV_ERR_LIMIT)
            return fail(msg, code);
    }
    msg->phase = MV_PHASE_ENDED;
    code = mv_dkim_bodies_end(msg->bodies);
    if (code == MV_OK)
        code = end_handover(msg);
    return code == MV_OK ? MV_OK : fail(msg, code);
}

enum mv_code mv_msg_assume_author(struct mv_msg *msg, struct mv_bytes domain)
{
    if (msg->phase != MV_PHASE_ENVELOPE)
        return MV_ERR_USAGE;
    if (!mv_domain_normalize(msg->arena, domain, &msg->author.domain))
        return MV_ERR_SYNTAX;
    msg->verdict.from = MV_FROM_OK;
    msg->verdict.author_domain = msg->author.domain;
    msg->assumed = true;
    msg->want &= ~(unsigned)(MV_WANT_SPF | MV_WANT_DKIM | MV_WANT_ARC);
    msg->phase = MV_PHASE_ENDED;
    return MV_OK;
}

enum mv_code mv_msg_assume_identifier(struct mv_msg *msg, enum mv_dmarc_method method, struct mv_bytes domain,
                                      enum mv_dmarc_auth auth)
{
    struct mv_dmarc_identifier identifier = {method, auth, {NULL, 0}};

    if (!msg->assumed)
        return MV_ERR_USAGE;
    if (msg->identifier_count == MV_DMARC_MAX_IDENTIFIERS)
        return MV_ERR_LIMIT;
    if (!mv_domain_normalize(msg->arena, domain, &identifier.domain))
        return MV_ERR_SYNTAX;
    msg->identifiers[msg->identifier_count++] = identifier;
    return MV_OK;
}

const struct mv_spf_request *mv_msg_spf_request(const struct mv_msg *msg)
{
    return &msg->spf_request;
}

const struct mv_spf_result *mv_msg_spf(const struct mv_msg *msg)
{
    return msg->spf_done ? &msg->spf : NULL;
}

const struct mv_verdict *mv_msg_verdict(const struct mv_msg *msg)
{
    return msg->verdict_done ? &msg->verdict : NULL;
}

enum mv_code mv_msg_authres(const struct mv_msg *msg, const char *authserv_id, struct mv_buf *out)
{
    struct mv_bytes id = authserv_id == NULL ? msg->engine->settings->authserv_id : mv_bytes_str(authserv_id);

    return msg->verdict_done ? mv_authres_print(&msg->verdict, id, out) : MV_ERR_USAGE;
}

static enum mv_code vouch(const struct mv_msg *msg, struct mv_bytes id, struct mv_buf *results, struct mv_buf *out)
{
    struct mv_handover_cover cover = cover_of(msg);
    enum mv_code code = mv_authres_print(&msg->verdict, id, results);

    cover.results = mv_buf_bytes(results);
    cover.body_hash = mv_dkim_body_hash_at(msg->vouch_hash, MV_DKIM_NO_LENGTH);
    if (code != MV_OK)
        return code;
    return mv_handover_print(&msg->verdict, id, msg->vouch_canon, &cover, &msg->vouch_key,
                             msg->spf_request.now_secs, out);
}

enum mv_code mv_msg_handover(const struct mv_msg *msg, const char *authserv_id, struct mv_buf *out)
{
    struct mv_bytes id = authserv_id == NULL ? msg->engine->settings->authserv_id : mv_bytes_str(authserv_id);
    struct mv_buf results;
    enum mv_code code;

    if (!msg->verdict_done || (msg->want & MV_WANT_VOUCH) == 0)
        return MV_ERR_USAGE;
    if (msg->vouch_hash == NULL)
        return MV_OK;
    mv_buf_init(&results, MV_AUTHRES_MAX_BYTES);
    code = vouch(msg, id, &results, out);
    mv_buf_free(&results);
    return code;
}

const struct mv_handover *mv_msg_handover_result(const struct mv_msg *msg)
{
    bool read = (msg->want & MV_WANT_HANDOVER) != 0 && msg->phase == MV_PHASE_ENDED && !msg->failed;

    return read ? &msg->handover.result : NULL;
}

bool mv_msg_dns_unavailable(const struct mv_msg *msg)
{
    struct mv_dns_question question;
    const struct mv_dns_answer *answer;
    size_t n = 0;

    for (; mv_memo_at(msg->memo, n, &question, &answer); n++)
        if (!mv_dns_is_error(answer->status))
            return false;
    return n > 0;
}

const struct mv_error *mv_msg_error(const struct mv_msg *msg)
{
    return &msg->error;
}
