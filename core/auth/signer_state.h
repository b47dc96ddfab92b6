/*
 * One message on its way to being signed.  Private to core/auth; front ends see core/auth/signer.h.
 */
#ifndef MV_AUTH_SIGNER_STATE_H
#define MV_AUTH_SIGNER_STATE_H

#include "core/auth/engine.h"
#include "core/auth/key_sets.h"
#include "core/auth/permission.h"
#include "core/auth/signer.h"
#include "core/text/message.h"

enum mv_signer_phase { MV_SIGNER_HEADER, MV_SIGNER_BODY, MV_SIGNER_ENDED };

/* What is to become of the message. */
struct mv_signer_decision {
    bool made; /* while it is not, the message is being signed */
    enum mv_sign_action action;
    const char *status; /* "550 5.7.1"; NULL when the mail goes on */
    const char *reply;  /* the text behind it, printable */
    const char *reason; /* for the log, printable */
};

struct mv_signer {
    struct mv_engine *engine; /* NULL: domain and keys were given */
    struct mv_arena *arena;
    struct mv_sign_request request; /* copied */
    enum mv_signer_phase phase;
    bool out_of_memory;

    struct mv_reader *reader;
    struct mv_dkim_signer *dkim;
    struct mv_dkim_signing_options options;
    struct mv_dkim_signing_key given_keys[MV_SIGN_MAX_GIVEN_KEYS];
    struct mv_key_choice choice;

    const struct mv_mailbox *author; /* the first, or the one that is not his; NULL: not known */
    struct mv_bytes domain;          /* of ours, that signs or would */
    struct mv_signer_decision decision;
    struct mv_buf fields;
    struct mv_sign_outcome outcome;
};

#define MV_SIGNER_MAX_LOG_BYTES 4096
#define MV_SIGNER_MAX_REPLY_BYTES 400 /* of the text: a reply line has 512 (RFC 5321 4.5.3.1.5) */

/* The header block is complete: decides, or gets ready to sign. MV_ERR_MEMORY. */
enum mv_code mv_signer_judge(struct mv_signer *signer);
/* The message must not be signed, and so not be sent (RFC 6376 8.15). reason is static. */
void mv_signer_refuse_message(struct mv_signer *signer, const char *reason);
/* Our own fault: [sign] on_error. reason lives in the arena, or is static. */
void mv_signer_give_up(struct mv_signer *signer, const char *reason);
void mv_signer_set_canon(struct mv_dkim_signing_options *options, enum mv_sign_canon canon);
/* Fills the outcome from the decision. MV_ERR_MEMORY. */
enum mv_code mv_signer_report(struct mv_signer *signer);

#endif
