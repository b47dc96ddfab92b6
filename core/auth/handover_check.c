#include "core/auth/handover.h"

#include "core/auth/handover_cover.h"
#include "core/crypto/hmac.h"

static void refuse(struct mv_handover *facts, enum mv_handover_code code, const char *why)
{
    *facts = (struct mv_handover){.code = code, .why = why};
}

static void check_age(struct mv_handover *facts, int64_t now_secs, unsigned max_age_secs)
{
    int64_t age = now_secs - facts->made_secs;

    if (age > (int64_t)max_age_secs)
        refuse(facts, MV_HANDOVER_EXPIRED, "it is older than [server] handover_max_age");
    else if (age < -MV_HANDOVER_MAX_SKEW_SECS)
        refuse(facts, MV_HANDOVER_EXPIRED, "it was made at a time to come: the clocks of the servers differ");
}

void mv_handover_check_key(const struct mv_handover_keys *keys, struct mv_handover_claim *claim)
{
    if (claim->facts.code == MV_HANDOVER_VALID && mv_handover_keys_find(keys, claim->facts.key_id) == NULL)
        refuse(&claim->facts, MV_HANDOVER_UNKNOWN_KEY,
               keys->count == 0 ? "there are no keys to check it with"
                                : "it was made with a key that is not in the file");
}

enum mv_code mv_handover_check(const struct mv_handover_cover *cover, const struct mv_handover_keys *keys,
                               int64_t now_secs, unsigned max_age_secs, struct mv_handover_claim *claim)
{
    struct mv_handover *facts = &claim->facts;
    const struct mv_handover_key *key;
    unsigned char mac[MV_SHA256_BYTES];
    enum mv_code code;

    mv_handover_check_key(keys, claim);
    if (facts->code != MV_HANDOVER_VALID)
        return MV_OK;
    key = mv_handover_keys_find(keys, facts->key_id);
    code = mv_handover_mac(claim->signed_text, facts->authserv_id, cover, key, mac);
    if (code != MV_OK)
        return code;
    if (mv_hmac_equal(mac, claim->mac))
        check_age(facts, now_secs, max_age_secs);
    else
        refuse(facts, MV_HANDOVER_WRONG, "it was altered, or is of another message");
    return MV_OK;
}

const char *mv_handover_code_text(enum mv_handover_code code)
{
    switch (code) {
    case MV_HANDOVER_ABSENT:
        return "absent";
    case MV_HANDOVER_MALFORMED:
        return "malformed";
    case MV_HANDOVER_UNKNOWN_KEY:
        return "unknown-key";
    case MV_HANDOVER_WRONG:
        return "wrong";
    case MV_HANDOVER_EXPIRED:
        return "expired";
    case MV_HANDOVER_VALID:
        return "valid";
    }
    return "?";
}
