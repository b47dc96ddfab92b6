/*
 * The key record (RFC 6376 3.6.1, RFC 8463 4): a TXT record at
 * <selector>._domainkey.<domain>.
 *
 * Tolerated, because it is common and harmless: no v=, white space inside p=, and
 * "\;" for ";".  Not tolerated: a wrong v=, v= not first, two tags of one name, bad
 * base64.  Whether the octets of p= are a key is for core/crypto/public_key.h.
 */
#ifndef MV_DKIM_KEY_H
#define MV_DKIM_KEY_H

#include "core/base/arena.h"
#include "core/dkim/signature.h"

#define MV_DKIM_MAX_KEY_OCTETS 4096 /* of p=; an 8192-bit key has about 1100 */

struct mv_dkim_key {
    enum mv_key_type type;   /* k= */
    struct mv_bytes octets;  /* p= decoded */
    bool sha256_allowed;     /* h= is absent or lists sha256 */
    bool for_email;          /* s= is absent or lists "*" or "email" */
    bool testing;            /* t=y */
    bool same_domain_only;   /* t=s */
};

enum mv_dkim_key_code {
    MV_DKIM_KEY_OK = 0,
    MV_DKIM_KEY_FOREIGN, /* some other TXT record, such as SPF: to be passed over */
    MV_DKIM_KEY_SYNTAX,
    MV_DKIM_KEY_VERSION,
    MV_DKIM_KEY_TYPE,
    MV_DKIM_KEY_NO_DATA, /* no p= */
    MV_DKIM_KEY_REVOKED, /* p= is empty */
    MV_DKIM_KEY_BASE64,
    MV_DKIM_KEY_MEMORY
};

/* The name to ask for (RFC 6376 3.6.2.1), in the arena; false without memory. */
bool mv_dkim_key_name(struct mv_arena *arena, struct mv_bytes selector, struct mv_bytes sdid, struct mv_bytes *name_r);

/* The text of one TXT record, its strings joined. For a code other than OK the flags are those that could be read. */
enum mv_dkim_key_code mv_dkim_key_parse(struct mv_arena *arena, struct mv_bytes text, struct mv_dkim_key *key_r);
/* Does it look like a key record at all? What does not is MV_DKIM_KEY_FOREIGN. */
bool mv_dkim_key_is_shaped(struct mv_bytes text);
/* A sentence for the reason text. */
const char *mv_dkim_key_code_text(enum mv_dkim_key_code code);

/*
 * RFC 6376 6.1.2: may this signature use this key?  NULL, or a sentence why not,
 * with its RFC section in *section_r.  The size of the key is not looked at.
 */
const char *mv_dkim_key_mismatch(const struct mv_dkim_key *key, const struct mv_dkim_signature *signature,
                                 const char **section_r);

#endif
