#include "lmtp-hook/intake.h"

#include "lmtp-hook/origin.h"

#define KIB 1024u
#define MIB (1024u * KIB)
#define PIECE_BYTES (2 * 65536) /* of what is fed at once, with a CR that was held back */

#define TOO_LARGE "552 5.3.4 The message is too large"
#define HEADER_TOO_LARGE "552 5.3.4 The header is too large"
#define NO_ROOM "452 4.3.1 There is no room for the message now"

void mv_intake_init(struct mv_intake *intake, struct mv_engines *engines, const struct mv_session *session,
                    enum mv_session_trust trust)
{
    const struct mv_settings *settings = mv_engines_settings(engines);

    *intake = (struct mv_intake){.settings = settings, .session = session, .trust = trust};
    mv_buf_init(&intake->plain, PIECE_BYTES);
    mv_spool_init(&intake->body, (const char *)settings->lmtp.spool_directory.data,
                  (size_t)settings->lmtp.spool_memory_kib * KIB);
    mv_judge_init(&intake->judge, engines);
    intake->arena = mv_arena_new(MV_INTAKE_MAX_MEMORY_BYTES);
    intake->reader = intake->arena == NULL ? NULL : mv_reader_new(intake->arena);
    if (intake->reader == NULL)
        intake->refusal = NO_ROOM;
}

void mv_intake_free(struct mv_intake *intake)
{
    mv_judge_free(&intake->judge);
    mv_spool_free(&intake->body);
    mv_buf_free(&intake->plain);
    mv_arena_free(&intake->arena);
}

bool mv_intake_has_separator(const struct mv_intake *intake)
{
    return (mv_reader_defects(intake->reader) & MV_DEFECT_NO_SEPARATOR) == 0;
}

static void refuse(struct mv_intake *intake, const char *reply)
{
    if (intake->refusal == NULL)
        intake->refusal = reply;
    mv_spool_free(&intake->body); /* what it holds is of no use any more */
}

/* The header is complete: the judge hears it as it was. */
static void begin_judging(struct mv_intake *intake)
{
    size_t count;
    const struct mv_field *fields = mv_reader_fields(intake->reader, &count);

    intake->begun = true;
    mv_origin_find(intake->settings, intake->trust, mv_session_client(intake->session), fields, count,
                   &intake->client);
    mv_judge_begin(&intake->judge, &intake->client, mv_session_mail_from(intake->session));
    for (size_t i = 0; i < count; i++)
        mv_judge_feed(&intake->judge, fields[i].raw);
    if (mv_intake_has_separator(intake))
        mv_judge_feed(&intake->judge, MV_BYTES("\r\n"));
}

static void add_body(struct mv_intake *intake, struct mv_bytes body)
{
    if (mv_spool_add(&intake->body, body, &intake->error) != MV_OK)
        refuse(intake, NO_ROOM);
    else
        mv_judge_feed(&intake->judge, body);
}

static void take(struct mv_intake *intake, struct mv_bytes bytes)
{
    uint64_t max_bytes = (uint64_t)intake->settings->lmtp.max_message_mib * MIB;
    struct mv_bytes body;
    enum mv_code code;

    intake->bytes += bytes.len;
    if (intake->bytes > max_bytes)
        refuse(intake, TOO_LARGE);
    if (intake->refusal != NULL)
        return;
    code = mv_reader_feed(intake->reader, bytes, &body);
    if (code != MV_OK) {
        refuse(intake, code == MV_ERR_LIMIT ? HEADER_TOO_LARGE : NO_ROOM);
        return;
    }
    if (!intake->begun && mv_reader_header_done(intake->reader))
        begin_judging(intake);
    if (body.len > 0)
        add_body(intake, body);
}

static void finish(struct mv_intake *intake)
{
    if (mv_data_end_fault(&intake->end) != NULL)
        refuse(intake, intake->end.bare_lf ? "554 5.6.0 The message holds a line feed without carriage return"
                                           : "554 5.6.0 The message holds a dot beside a carriage return without line "
                                             "feed");
    if (intake->refusal != NULL)
        return;
    if (mv_reader_end(intake->reader) != MV_OK)
        refuse(intake, HEADER_TOO_LARGE);
    else if (!intake->begun)
        begin_judging(intake);
}

bool mv_intake_feed(struct mv_intake *intake, struct mv_cursor *input)
{
    bool ended;

    mv_buf_reset(&intake->plain);
    ended = mv_data_end_feed(&intake->end, input, &intake->plain);
    if (mv_buf_failed(&intake->plain))
        refuse(intake, NO_ROOM);
    else if (mv_buf_bytes(&intake->plain).len > 0)
        take(intake, mv_buf_bytes(&intake->plain));
    if (ended)
        finish(intake);
    return ended;
}
