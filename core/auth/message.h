/*
 * One message on its way through the checks.  Private to core/auth; front ends see core/mailvouch.h.
 */
#ifndef MV_AUTH_MESSAGE_H
#define MV_AUTH_MESSAGE_H

#include "core/arc/verify.h"
#include "core/auth/engine.h"
#include "core/auth/handover_reading.h"
#include "core/base/trace.h"
#include "core/dkim/verify.h"
#include "core/dns/memo.h"
#include "core/text/message.h"

/* Where the raw message stands. */
enum mv_msg_phase {
    MV_PHASE_ENVELOPE, /* nothing of the message yet */
    MV_PHASE_HEADER,
    MV_PHASE_BODY,
    MV_PHASE_ENDED
};

/* What one run of a stage makes. The next run begins with an empty one, so running again costs no memory. */
struct mv_stage {
    struct mv_arena *arena;
    struct mv_trace *trace; /* NULL unless it was asked for */
};

struct mv_msg {
    struct mv_engine *engine;
    struct mv_arena *arena;
    unsigned want; /* enum mv_want bits */
    struct mv_error error;
    bool failed;        /* our own error: nothing goes on */
    bool header_failed; /* the header block is beyond a limit: facts of it are not to be had */

    struct mv_memo *memo;
    int64_t wait_msecs; /* what is left of the one deadline */

    enum mv_msg_phase phase;
    struct mv_reader *reader;
    struct mv_dkim_bodies *bodies;
    struct mv_dkim_verifier *dkim;
    struct mv_arc_verifier *arc;
    struct mv_dkim_options dkim_options;

    struct mv_spf_request spf_request;
    struct mv_spf_result spf; /* its domain is that of the identifier, also while the result is out */
    bool spf_done;
    bool dkim_done;
    bool arc_done;

    unsigned pct_roll;
    bool assumed; /* Author Domain and identifiers were given */
    struct mv_mailbox author;
    struct mv_dmarc_identifier identifiers[MV_DMARC_MAX_IDENTIFIERS];
    size_t identifier_count;

    struct mv_verdict verdict;
    bool verdict_done;

    /* MV_WANT_VOUCH: with this key; its id is "" where there is none */
    struct mv_handover_key vouch_key;
    enum mv_canon vouch_canon;
    const struct mv_dkim_body_hash *vouch_hash;
    struct mv_handover_reading handover; /* MV_WANT_HANDOVER */

    struct mv_stage spf_stage;
    struct mv_stage dkim_stage;
    struct mv_stage arc_stage;
    struct mv_stage dmarc_stage;
};

#endif
