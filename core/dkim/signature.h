/*
 * The DKIM-Signature field (RFC 6376 3.5): parsed and checked on its own, before
 * any key is asked for.  The fields of ARC that are made like it (RFC 8617 4.1)
 * are parsed here too.
 *
 * Tag names and values are case-sensitive (RFC 6376 3.2); domains and header
 * field names are not.
 */
#ifndef MV_DKIM_SIGNATURE_H
#define MV_DKIM_SIGNATURE_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/crypto/public_key.h"
#include "core/dkim/canon.h"
#include "core/dkim/result.h"

#define MV_DKIM_MAX_SIGNATURE_BYTES (16 * 1024)
#define MV_DKIM_MAX_SIGNED_NAMES 200
#define MV_DKIM_MAX_B_OCTETS (MV_RSA_MAX_BITS / 8)

#define MV_DKIM_NO_LENGTH UINT64_MAX

/* Which field it is. What is told apart: the tags that there must be, and what i= and h= mean. */
enum mv_dkim_form {
    MV_DKIM_FORM_DKIM = 0,
    /* ARC-Message-Signature, RFC 8617 4.1.2: v= is ignored, i= is no AUID, h= may be empty or without From. */
    MV_DKIM_FORM_AMS,
    /* ARC-Seal, RFC 8617 4.1.3: relaxed, without v=, h=, bh=, l=, c= and x=. i= and cv= are read by core/arc/set.h. */
    MV_DKIM_FORM_SEAL
};

struct mv_dkim_signature {
    enum mv_key_type key_type;
    bool sha1;                       /* a=rsa-sha1: never verified, policy (RFC 8301 3.1) */
    struct mv_bytes algorithm;       /* a= as written */
    bool has_canon;                  /* c= is there */
    enum mv_canon header_canon;
    enum mv_canon body_canon;
    struct mv_bytes sdid;            /* d=, normalised */
    struct mv_bytes selector;        /* s=, normalised */
    struct mv_bytes auid;            /* i= as written without FWS, or empty */
    struct mv_bytes auid_domain;     /* of i= or d=, normalised */
    const struct mv_bytes *names;    /* h=, as written without FWS */
    size_t name_count;
    struct mv_bytes body_hash;       /* bh= decoded; its length is not checked here */
    struct mv_bytes value;           /* b= decoded */
    struct mv_bytes value_text;      /* b= as written without FWS, for header.b (RFC 6008) */
    uint64_t body_length;            /* l=, or MV_DKIM_NO_LENGTH; what does not fit is cut to MV_DKIM_NO_LENGTH - 1 */
    uint64_t created_secs;           /* t=, or 0 */
    uint64_t expires_secs;           /* x=, or 0; x=0 is 1 here, which is as long ago */
};

/*
 * MV_OK: *signature_r can go on to its key.  MV_ERR_SYNTAX: the result is final
 * and is in *result_r with its reason; what could be read of d=, s=, a= and b= is in
 * *signature_r for the report.  MV_ERR_MEMORY.
 * The name of the field is not looked at.
 */
enum mv_code mv_dkim_signature_parse(struct mv_arena *arena, const struct mv_field *field,
                                     struct mv_dkim_signature *signature_r, struct mv_dkim_result *result_r);

/* The same for a field of another form. */
enum mv_code mv_dkim_signature_parse_as(struct mv_arena *arena, const struct mv_field *field, enum mv_dkim_form form,
                                        struct mv_dkim_signature *signature_r, struct mv_dkim_result *result_r);

/*
 * Appends the field with the value of b= emptied, canonical, without final CRLF (RFC 6376 3.7).
 * For every field of this kind, whatever its name.
 */
void mv_dkim_signature_without_b(const struct mv_field *field, enum mv_canon canon, struct mv_buf *out);

#endif
