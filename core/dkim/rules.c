#include "core/dkim/rules.h"

#include "core/text/message.h"

static bool refuse(struct mv_dkim_result *result, const char *rule, const char *section, const char *reason)
{
    mv_dkim_conclude_policy(result, rule, section, reason);
    return true;
}

/* Exactly these domains: a list with "com" does not mean all of com. */
static bool is_refused_signer(const struct mv_dkim_options *options, struct mv_bytes sdid)
{
    for (size_t i = 0; i < options->not_signer_count; i++)
        if (mv_bytes_equal(options->not_signers[i], sdid))
            return true;
    return false;
}

static bool rules_of_time(const struct mv_dkim_options *options, const struct mv_dkim_signature *signature,
                          struct mv_dkim_result *result)
{
    uint64_t now = options->now_secs < 0 ? 0 : (uint64_t)options->now_secs;

    if (signature->expires_secs != 0 && now > signature->expires_secs + MV_DKIM_CLOCK_SKEW_SECS)
        return refuse(result, "expired", "RFC 6376 3.5", "the signature has expired (x=)");
    if (signature->created_secs > now + MV_DKIM_MAX_FUTURE_SECS)
        return refuse(result, "from-the-future", "RFC 6376 3.5", "the signature is dated more than a day ahead (t=)");
    return false;
}

bool mv_dkim_rules_early(const struct mv_dkim_options *options, const struct mv_dkim_signature *signature,
                         struct mv_dkim_result *result)
{
    if (signature->sha1)
        return refuse(result, "sha1", "RFC 8301 3.1", "the signature was made with SHA-1");
    if ((options->defects & MV_DEFECTS_FATAL) != 0)
        return refuse(result, "malformed-header", "RFC 5322 2.2",
                      "the header block is malformed: others may read it differently");
    if (options->several_from)
        return refuse(result, "several-from", "RFC 6376 8.15", "there is more than one From field");
    if (is_refused_signer(options, signature->sdid))
        return refuse(result, "refused-signer", "RFC 6376 6.1.1", "the domain in d= is not accepted as a signer here");
    return rules_of_time(options, signature, result);
}

bool mv_dkim_rules_key(const struct mv_dkim_options *options, enum mv_key_type type, struct mv_dkim_result *result)
{
    unsigned least = options->min_rsa_bits;

    if (least < MV_DKIM_MIN_RSA_BITS)
        least = MV_DKIM_MIN_RSA_BITS;
    if (type != MV_KEY_RSA || result->key_bits >= least)
        return false;
    return refuse(result, "weak-key", "RFC 8301 3.2", "the RSA key is too short");
}

bool mv_dkim_rules_late(const struct mv_dkim_signature *signature, bool content_type_unsigned,
                        struct mv_dkim_result *result)
{
    if (result->partial_body)
        return refuse(result, "unsigned-body", "RFC 6376 8.2", "l= leaves a part of the body unsigned");
    if (signature->body_length != MV_DKIM_NO_LENGTH && content_type_unsigned)
        return refuse(result, "unsigned-content-type", "RFC 6376 8.2",
                      "l= is used and the Content-Type field is not signed");
    return false;
}
