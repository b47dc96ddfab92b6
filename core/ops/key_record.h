/*
 * The TXT record of a key (RFC 6376 3.6.1): its name, its text, and the ways
 * people need it written to bring it into DNS.
 */
#ifndef MV_OPS_KEY_RECORD_H
#define MV_OPS_KEY_RECORD_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/crypto/private_key.h"

#define MV_TXT_STRING_MAX_BYTES 255 /* RFC 1035 3.3 */

struct mv_key_record {
    struct mv_bytes name; /* without a final dot */
    struct mv_bytes text; /* the strings joined */
    unsigned ttl_secs;
};

enum mv_record_style {
    MV_RECORD_BIND,     /* for a zone file, one string to a line, in parentheses */
    MV_RECORD_ONELINE,  /* for a zone file, on one line */
    MV_RECORD_PROVIDER, /* host, type and value, as the pages of DNS providers ask for them */
    MV_RECORD_JSON
};

/* Made in the arena. t=s: we never sign with i= of a subdomain (RFC 6376 3.6.1). */
enum mv_code mv_key_record_make(struct mv_arena *arena, struct mv_bytes selector, struct mv_bytes domain,
                                const struct mv_private_key *key, unsigned ttl_secs, struct mv_key_record *record_r);
/* What p= says, decoded: as it is compared with what DNS shows. In the arena. */
enum mv_code mv_key_record_octets(struct mv_arena *arena, const struct mv_private_key *key,
                                  struct mv_bytes *octets_r);
/* "text" "text": quoted strings of at most 255 bytes with a blank between. */
void mv_key_record_put_strings(struct mv_bytes text, const char *between, struct mv_buf *out);
/* domain is that of the key: providers ask for the name without it. */
void mv_key_record_print(const struct mv_key_record *record, struct mv_bytes domain, enum mv_record_style style,
                         struct mv_buf *out);
/* "bind", "oneline", "provider", "json". */
bool mv_record_style_parse(struct mv_bytes text, enum mv_record_style *style_r);

#endif
