/*
 * One message on its way in: the end of DATA is found, the header kept, the body spooled, and the judge hears all of
 * it while it comes.
 *
 * A message that must not go on (too large, broken, no room) is still read to
 * its end, so that nothing of it is taken for commands.
 */
#ifndef MV_LMTP_INTAKE_H
#define MV_LMTP_INTAKE_H

#include "core/text/message.h"
#include "lmtp-hook/data_end.h"
#include "lmtp-hook/judge.h"
#include "lmtp-hook/session.h"
#include "lmtp-hook/spool.h"

#define MV_INTAKE_MAX_MEMORY_BYTES (8 * 1024 * 1024) /* the header block, its fields, and room to grow */

struct mv_intake {
    const struct mv_settings *settings; /* borrowed, as the session */
    const struct mv_session *session;
    enum mv_session_trust trust;
    struct mv_data_end end;
    struct mv_buf plain; /* a piece without its stuffed dots */
    struct mv_arena *arena;
    struct mv_reader *reader;
    struct mv_spool body;
    struct mv_judge judge;
    struct mv_client client;
    bool begun; /* the header is complete, and the judge has it */
    uint64_t bytes;
    const char *refusal; /* a reply line; NULL: it may go on */
    struct mv_error error; /* for the log, with some refusals */
};

void mv_intake_init(struct mv_intake *intake, struct mv_engines *engines, const struct mv_session *session,
                    enum mv_session_trust trust);
void mv_intake_free(struct mv_intake *intake);
/* Moves the cursor. true: the message's end was there; then refusal is final, and the judge has not been asked yet. */
bool mv_intake_feed(struct mv_intake *intake, struct mv_cursor *input);
/* The empty line behind the header was there. */
bool mv_intake_has_separator(const struct mv_intake *intake);

#endif
