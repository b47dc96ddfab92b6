#include "lmtp-hook/delivery.h"

#include <stdlib.h>

#include "lmtp-hook/dot_stuff.h"
#include "lmtp-hook/junk_recipient.h"

#define MAX_HEADER_OUT_BYTES (MV_MAX_HEADER_BYTES + 4 * MV_AUTHRES_MAX_BYTES)
#define MAX_PIECE_OUT_BYTES (2 * MV_DELIVERY_PIECE_BYTES + 8) /* every byte a dot at the beginning of a line */

static void count(struct mv_delivery *delivery, unsigned code)
{
    if (code < 300)
        delivery->counts.delivered++;
    else if (code < 500)
        delivery->counts.deferred++;
    else
        delivery->counts.refused++;
    mv_buf_printf(&delivery->replies, "%s%u", mv_buf_bytes(&delivery->replies).len == 0 ? "" : ",", code);
}

/* Who is gone cannot be told. */
static void tell(struct mv_delivery *delivery, const struct mv_reply *reply)
{
    if (reply->code < 300 || reply->code >= 400) {
        count(delivery, reply->code);
        (void)mv_stream_put(delivery->client, mv_buf_bytes(&reply->text));
        return;
    }
    count(delivery, 451); /* RFC 5321 4.2.1: 3yz asks for more, and here is no more */
    (void)mv_stream_put(delivery->client, MV_BYTES("451 4.3.0 The next hop's reply makes no sense\r\n"));
}

void mv_delivery_refuse(struct mv_delivery *delivery, const char *refusal)
{
    struct mv_reply reply;

    mv_reply_init(&reply);
    mv_reply_set(&reply, refusal);
    for (size_t i = 0; i < mv_session_recipient_count(delivery->session); i++)
        tell(delivery, &reply);
    mv_reply_free(&reply);
}

static bool put_piece(struct mv_delivery *delivery, struct mv_dot_stuff *stuff, struct mv_bytes piece,
                      struct mv_buf *out)
{
    mv_buf_reset(out);
    mv_dot_stuff_put(stuff, piece, out);
    return !mv_buf_failed(out) && mv_hop_put(delivery->hop, mv_buf_bytes(out));
}

static bool put_header(struct mv_delivery *delivery, enum mv_fate fate, struct mv_dot_stuff *stuff, struct mv_buf *out)
{
    const struct mv_intake *intake = delivery->intake;
    struct mv_buf header;
    size_t field_count;
    const struct mv_field *fields = mv_reader_fields(intake->reader, &field_count);
    struct mv_tags_done tags;
    bool done = true;

    mv_buf_init(&header, MAX_HEADER_OUT_BYTES);
    if (fate == MV_FATE_QUARANTINE && intake->settings->lmtp.spam_field.len > 0)
        mv_buf_printf(&header, "%.*s: YES\r\n", MV_ARG(intake->settings->lmtp.spam_field));
    tags = mv_tags_put(&intake->judge, fate, fields, field_count, &header);
    delivery->counts.fields_removed = tags.removed;
    delivery->counts.handed_over = tags.handed_over ? 1 : 0;
    if (mv_intake_has_separator(intake))
        mv_buf_puts(&header, "\r\n");
    for (size_t at = 0; done && at < mv_buf_bytes(&header).len; at += MV_DELIVERY_PIECE_BYTES)
        done = put_piece(delivery, stuff, mv_bytes_slice(mv_buf_bytes(&header), at, at + MV_DELIVERY_PIECE_BYTES), out);
    done = done && !mv_buf_failed(&header);
    mv_buf_free(&header);
    return done;
}

static bool put_body(struct mv_delivery *delivery, struct mv_dot_stuff *stuff, struct mv_buf *out)
{
    unsigned char *piece = malloc(MV_DELIVERY_PIECE_BYTES);
    uint64_t at = 0;
    ssize_t n = piece == NULL ? -1 : 0;
    bool done = piece != NULL;

    while (done && (n = mv_spool_read(&delivery->intake->body, at, piece, MV_DELIVERY_PIECE_BYTES)) > 0) {
        done = put_piece(delivery, stuff, mv_bytes_of(piece, (size_t)n), out);
        at += (uint64_t)n;
    }
    free(piece);
    return done && n == 0 && at == delivery->intake->body.len;
}

/* Header, body and final dot. A part of a message must never be ended by us: the connection is dropped instead. */
static bool put_message(struct mv_delivery *delivery, enum mv_fate fate)
{
    struct mv_dot_stuff stuff = {.in_line = false};
    struct mv_buf out;
    bool done;

    mv_buf_init(&out, MAX_PIECE_OUT_BYTES);
    done = put_header(delivery, fate, &stuff, &out) && put_body(delivery, &stuff, &out);
    if (done) {
        mv_buf_reset(&out);
        mv_dot_stuff_end(&stuff, &out);
        done = !mv_buf_failed(&out) && mv_hop_put(delivery->hop, mv_buf_bytes(&out));
    }
    mv_buf_free(&out);
    if (!done)
        mv_hop_drop(delivery->hop, "the message could not be handed on whole");
    return done;
}

/* One reply after the other, as they come. */
static void pass_replies(struct mv_delivery *delivery, struct mv_reply *reply, size_t reply_count)
{
    for (size_t i = 0; i < reply_count; i++) {
        mv_hop_read_reply(delivery->hop, reply);
        tell(delivery, reply);
        (void)mv_stream_flush(delivery->client);
    }
}

/* Envelope anew, each recipient with the detail. */

struct junk_envelope {
    struct mv_reply *refusals; /* of recipients; code 0: the next hop took them */
    size_t taken;
};

static bool give_recipient(struct mv_delivery *delivery, struct mv_bytes line, struct mv_reply *reply)
{
    struct mv_buf junk;
    bool taken = false;

    mv_buf_init(&junk, MV_LINE_MAX_BYTES);
    if (mv_junk_recipient_put(line, delivery->intake->settings->lmtp.junk_detail, &junk))
        taken = mv_hop_command(delivery->hop, mv_buf_bytes(&junk), reply) && mv_reply_is_good(reply);
    mv_buf_free(&junk);
    return taken || (mv_hop_command(delivery->hop, line, reply) && mv_reply_is_good(reply));
}

static bool is_ours(const struct mv_reply *reply)
{
    return reply->code != 0;
}

static void give_recipients(struct mv_delivery *delivery, struct junk_envelope *envelope)
{
    for (size_t i = 0; i < mv_session_recipient_count(delivery->session); i++) {
        struct mv_reply *reply = &envelope->refusals[i];

        mv_reply_init(reply);
        if (!give_recipient(delivery, mv_session_recipient_line(delivery->session, i), reply))
            continue;
        mv_reply_reset(reply);
        envelope->taken++;
    }
}

/* Replies in the order of RCPT: of the next hop, or what it said to the recipient already. */
static void pass_mixed_replies(struct mv_delivery *delivery, const struct junk_envelope *envelope,
                               struct mv_reply *reply, bool data_was_taken)
{
    for (size_t i = 0; i < mv_session_recipient_count(delivery->session); i++) {
        if (is_ours(&envelope->refusals[i])) {
            tell(delivery, &envelope->refusals[i]);
            continue;
        }
        if (data_was_taken)
            mv_hop_read_reply(delivery->hop, reply);
        tell(delivery, reply);
        (void)mv_stream_flush(delivery->client);
    }
}

static bool begin_data(struct mv_delivery *delivery, struct mv_reply *reply)
{
    return mv_hop_command(delivery->hop, MV_BYTES("DATA"), reply) && reply->code == 354;
}

static void run_junk(struct mv_delivery *delivery, enum mv_fate fate, struct mv_reply *reply)
{
    size_t recipients = mv_session_recipient_count(delivery->session);
    struct junk_envelope envelope = {.refusals = calloc(recipients, sizeof *envelope.refusals)};
    bool taken;

    if (envelope.refusals == NULL) {
        mv_delivery_refuse(delivery, "452 4.3.1 Out of memory");
        return;
    }
    give_recipients(delivery, &envelope);
    taken = envelope.taken > 0 && begin_data(delivery, reply);
    if (taken && !put_message(delivery, fate))
        mv_reply_set(reply, MV_SESSION_HOP_LOST);
    else if (envelope.taken > 0 && !taken && reply->code < 400)
        mv_reply_set(reply, "451 4.3.0 The next hop did not take DATA");
    pass_mixed_replies(delivery, &envelope, reply, taken && mv_hop_is_open(delivery->hop));
    for (size_t i = 0; i < recipients; i++)
        mv_reply_free(&envelope.refusals[i]);
    free(envelope.refusals);
}

static void run_plain(struct mv_delivery *delivery, enum mv_fate fate, struct mv_reply *reply)
{
    size_t recipients = mv_session_recipient_count(delivery->session);

    if (!begin_data(delivery, reply)) {
        if (reply->code < 400)
            mv_reply_set(reply, "451 4.3.0 The next hop did not take DATA");
        for (size_t i = 0; i < recipients; i++)
            tell(delivery, reply);
        return;
    }
    put_message(delivery, fate);
    pass_replies(delivery, reply, recipients);
}

void mv_delivery_run(struct mv_delivery *delivery, enum mv_fate fate)
{
    struct mv_bytes detail = delivery->intake->settings->lmtp.junk_detail;
    struct mv_reply reply;

    mv_reply_init(&reply);
    if (fate != MV_FATE_QUARANTINE || detail.len == 0)
        run_plain(delivery, fate, &reply);
    else if (mv_hop_command(delivery->hop, MV_BYTES("RSET"), &reply) && mv_reply_is_good(&reply) &&
             mv_hop_command(delivery->hop, mv_session_mail_line(delivery->session), &reply) &&
             mv_reply_is_good(&reply))
        run_junk(delivery, fate, &reply);
    else
        for (size_t i = 0; i < mv_session_recipient_count(delivery->session); i++)
            tell(delivery, &reply);
    mv_reply_free(&reply);
}
