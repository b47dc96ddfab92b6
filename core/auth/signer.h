/*
 * Signs what a user submits: who may send as whom, which keys, and what happens
 * when something is not as it should be.  The public face of signing; a front
 * end includes core/mailvouch.h, which includes this.
 *
 *   mv_signer_begin(engine, &request, &signer, &error)
 *   mv_signer_feed(signer, bytes) ...     the message as the next hop will get it: CRLF, dot-unstuffed, any split
 *   mv_signer_end(signer)
 *   mv_signer_outcome(signer)             what is to be done, with the reply and the log line
 *   mv_signer_fields(signer)              the fields to put on top, for MV_SIGN_SIGNED
 *   mv_signer_free(&signer)
 *
 * The Author Domain decides: d= is the domain of [sign] that equals it, or else the
 * nearest one above it (relaxed alignment, RFC 9989 4.4).  Keys are those in state
 * active whose pre-flight has seen them in DNS ([sign] preflight).
 *
 * Keys are held parsed by the engine and read anew when their files change: one
 * stat() for each message, and one for [sign] users_file.  Nothing here asks DNS.
 *
 * What comes of a message:
 *
 *   header or body that must not be signed (RFC 6376 8.15),
 *   no From field, one that does not parse, authors of several domains     refused, 550 5.6.0
 *   Author Domain none of ours, login with a rule, or no login but in
 *   networks                                                               [sign] foreign_from
 *   an author that is not the user's                                       refused, 550 5.7.1
 *   no key is ready, a file cannot be read, no domain is configured        [sign] on_error
 *   memory is short                                                        deferred, 451 4.7.5
 *
 * Not looked at: the envelope, Sender and Resent fields.
 */
#ifndef MV_AUTH_SIGNER_H
#define MV_AUTH_SIGNER_H

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/config/config.h"
#include "core/text/ip.h"

struct mv_engine;
struct mv_signer;

/* Whether the client may send as the author. */
enum mv_sign_trust {
    MV_SIGN_ASK_TABLE = 0, /* users, users_file and networks of [sign] say */
    MV_SIGN_OPERATOR       /* the command line: as any address of our domains */
};

/* Who hands the message in. Borrowed for the call of mv_signer_begin(). */
struct mv_sign_request {
    struct mv_bytes user;      /* the authenticated identity; empty: none */
    struct mv_ip client_ip;    /* MV_IP_NONE: unknown */
    struct mv_bytes mail_from; /* for the log */
    int64_t now_secs;
    enum mv_sign_trust trust;
};

enum mv_sign_action {
    MV_SIGN_SIGNED,
    MV_SIGN_UNSIGNED, /* goes out as it is: the Author Domain is none of ours, or the configuration says so */
    MV_SIGN_REFUSED,  /* 5xx: the user may not send as that author, or the message must not be signed */
    MV_SIGN_DEFERRED  /* 4xx: keys or configuration of ours are not in order */
};

/* "signed", "unsigned", "refused", "deferred" */
const char *mv_sign_action_text(enum mv_sign_action action);

/* Strings live as long as the signer. */
struct mv_sign_outcome {
    enum mv_sign_action action;
    const char *reply;         /* "550 5.7.1 ..." or "451 4.7.5 ...", one line; NULL when the mail goes on */
    const char *log;           /* one printable line: user, domain, selectors, result, and what to do */
    const char *reason;        /* the end of that line alone: why, and what to do; NULL where all is well */
    struct mv_bytes domain;    /* d=, or empty */
    struct mv_bytes selectors; /* "mx1-20261123-r,mx1-20261123-e", or empty */
};

/* MV_OK also where the outcome will be a refusal: only errors without memory are codes. */
enum mv_code mv_signer_begin(struct mv_engine *engine, const struct mv_sign_request *request,
                             struct mv_signer **signer_r, struct mv_error *error);

/* Keys given by hand, for tools. Borrowed for the call of mv_signer_begin_given(). */
struct mv_sign_given_key {
    struct mv_bytes selector;
    struct mv_bytes pem;
    const char *name; /* of the file, for errors */
};

struct mv_sign_given {
    struct mv_bytes domain; /* d=, whoever the author is; empty: the Author Domain */
    const struct mv_sign_given_key *keys;
    size_t key_count; /* 1 to MV_SIGN_MAX_GIVEN_KEYS */
    enum mv_sign_canon canonicalization;
    uint64_t lifetime_secs;
    int64_t now_secs;
};

#define MV_SIGN_MAX_GIVEN_KEYS 4

/*
 * Signs with these keys, without configuration, permission, or regard to DNS; what must not be signed is refused all
 * the same.  MV_ERR_SYNTAX: a name or a key does not parse; *error says which.
 */
enum mv_code mv_signer_begin_given(const struct mv_sign_given *given, struct mv_signer **signer_r,
                                   struct mv_error *error);

enum mv_code mv_signer_feed(struct mv_signer *signer, struct mv_bytes bytes);
enum mv_code mv_signer_end(struct mv_signer *signer);
/*
 * After mv_signer_feed() or mv_signer_end() failed too: then it is MV_SIGN_DEFERRED, never "go on".
 * Valid only after mv_signer_end().
 */
const struct mv_sign_outcome *mv_signer_outcome(const struct mv_signer *signer);
/* DKIM-Signature fields, CRLF line ends, the last one included; empty unless MV_SIGN_SIGNED. */
struct mv_bytes mv_signer_fields(const struct mv_signer *signer);
void mv_signer_free(struct mv_signer **signer);

#endif
