/*
 * One signature on its way to its result.  For core/dkim and core/arc.
 */
#ifndef MV_DKIM_TASK_H
#define MV_DKIM_TASK_H

#include "core/crypto/digest.h"
#include "core/dkim/body_hash.h"
#include "core/dkim/key.h"
#include "core/dkim/verify.h"

enum mv_dkim_finding { MV_DKIM_NOT_LOOKED_AT, MV_DKIM_RIGHT, MV_DKIM_WRONG };

struct mv_dkim_task {
    const struct mv_field *field;
    const char *kind;                     /* "signature": what the explanation calls it */
    size_t number;                        /* among the signatures of the message, from 1; an instance of ARC */
    struct mv_dkim_signature signature;
    struct mv_dkim_result *result;
    bool readable;                        /* the field parsed */
    bool decided;                         /* the result is final */
    struct mv_bytes key_name;             /* where the key is; empty when none is asked for */
    const struct mv_dkim_body_hash *body; /* NULL when no body is hashed for it: an ARC-Seal signs none */

    /* What the result rests on, for the explanation. */
    struct mv_bytes key_text;             /* the record that decided */
    struct mv_bytes body_hash;            /* what the body gives; empty when not known */
    enum mv_dkim_finding body_finding;
    enum mv_dkim_finding header_finding;
    bool content_type_unsigned;

    bool has_header_hash;                 /* one for all key records; of an ARC-Seal, before it is checked */
    unsigned char header_hash[MV_SHA256_BYTES];
};

/*
 * Reads task->field into the task, whose result is given: decided by the field
 * and the options alone, or key_name is set and the body is still to be asked for.
 * MV_OK, MV_ERR_MEMORY.
 */
enum mv_code mv_dkim_task_begin(struct mv_arena *arena, const struct mv_dkim_options *options, enum mv_dkim_form form,
                                struct mv_dkim_task *task);

#endif
