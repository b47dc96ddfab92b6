#include "core/ops/key_match.h"

#include "core/dkim/key.h"

/* What of a record with the right key would make verifiers refuse it, or pass the signature over. */
static const char *objection(const struct mv_dkim_key *key)
{
    if (!key->sha256_allowed)
        return "shows the key with an h= that does not allow sha256";
    if (!key->for_email)
        return "shows the key with an s= that does not allow email";
    if (key->testing)
        return "shows the key with t=y (testing), so that signatures may be passed over";
    return NULL;
}

static enum mv_key_match match(const struct mv_dkim_key *key, const struct mv_key_want *want, const char **why_r)
{
    if (want->octets.len == 0)
        *why_r = "shows a key, and whether it is this one cannot be told";
    else if (key->type != want->type || !mv_bytes_equal(key->octets, want->octets))
        *why_r = "shows another key";
    else
        *why_r = objection(key);
    return *why_r == NULL ? MV_MATCH_SHOWN : MV_MATCH_OTHER;
}

enum mv_code mv_key_match(struct mv_arena *arena, const struct mv_dns_record *records, size_t count,
                          const struct mv_key_want *want, enum mv_key_match *match_r, const char **why_r)
{
    struct mv_dkim_key key;

    *match_r = MV_MATCH_OTHER;
    if (count > 1) { /* RFC 6376 3.6.2.2: which of them a verifier takes is not defined */
        *why_r = "has more than one record there, and verifiers may take any of them";
        return MV_OK;
    }
    switch (mv_dkim_key_parse(arena, records[0].data, &key)) {
    case MV_DKIM_KEY_OK:
        *match_r = match(&key, want, why_r);
        return MV_OK;
    case MV_DKIM_KEY_REVOKED:
        *match_r = MV_MATCH_REVOKED;
        *why_r = "says that the key is revoked (p= is empty)";
        return MV_OK;
    case MV_DKIM_KEY_FOREIGN:
        *why_r = "has a record there that is none of a key";
        return MV_OK;
    case MV_DKIM_KEY_MEMORY:
        return MV_ERR_MEMORY;
    case MV_DKIM_KEY_SYNTAX:
    case MV_DKIM_KEY_VERSION:
    case MV_DKIM_KEY_TYPE:
    case MV_DKIM_KEY_NO_DATA:
    case MV_DKIM_KEY_BASE64:
        break;
    }
    *why_r = "has a record there that verifiers refuse";
    return MV_OK;
}
