#include "core/auth/sealers.h"

#include "core/auth/authres.h"
#include "core/text/domain.h"

/* The Author Domain and what is known of it. */
struct author {
    struct mv_arena *arena;
    const struct mv_verdict *verdict;
    enum mv_code code; /* of the first fault */
};

/* A domain, or an address: "alice@example.com". Empty when it is neither. */
static struct mv_bytes domain_of(struct author *author, struct mv_bytes value)
{
    size_t at = mv_bytes_find_last(value, '@');
    struct mv_bytes domain = {NULL, 0};

    if (at < value.len)
        value = mv_bytes_slice(value, at + 1, value.len);
    if (mv_domain_parse(author->arena, value, &domain) == MV_ERR_MEMORY)
        author->code = MV_ERR_MEMORY;
    return domain;
}

static struct mv_bytes prop_domain(struct author *author, const struct mv_authres_result *result, const char *type,
                                   const char *name)
{
    const struct mv_authres_prop *prop = mv_authres_prop(result, type, name);

    return prop == NULL ? (struct mv_bytes){NULL, 0} : domain_of(author, prop->value);
}

static bool is_aligned(const struct author *author, struct mv_bytes domain, enum mv_dmarc_method method)
{
    const struct mv_dmarc_result *dmarc = &author->verdict->dmarc;
    bool strict = method == MV_DMARC_BY_DKIM ? dmarc->record.strict_dkim : dmarc->record.strict_spf;

    if (domain.len == 0)
        return false;
    if (mv_bytes_equal(domain, author->verdict->author_domain))
        return true;
    return dmarc->has_record && !strict && dmarc->org_domain.len > 0 && mv_domain_is_within(domain, dmarc->org_domain);
}

static bool is_method(const struct mv_authres_result *result, struct mv_bytes method)
{
    return result->version == 1 && mv_bytes_equal(result->method, method);
}

static bool is_pass(const struct mv_authres_result *result)
{
    return mv_bytes_equal(result->result, MV_BYTES("pass"));
}

/* What the witness says of DMARC for the Author Domain. Of two opinions the worse one counts. */
static enum mv_dmarc_code dmarc_of(struct author *author, const struct mv_authres *seen)
{
    enum mv_dmarc_code code = MV_DMARC_NONE;

    for (size_t i = 0; i < seen->result_count; i++) {
        const struct mv_authres_result *result = &seen->results[i];

        if (!is_method(result, MV_BYTES("dmarc")) || mv_bytes_equal(result->result, MV_BYTES("none")) ||
            !mv_bytes_equal(prop_domain(author, result, "header", "from"), author->verdict->author_domain))
            continue;
        if (!is_pass(result))
            return MV_DMARC_FAIL;
        code = MV_DMARC_PASS;
    }
    return code;
}

static bool has_aligned_pass(struct author *author, const struct mv_authres *seen, enum mv_dmarc_method method)
{
    bool dkim = method == MV_DMARC_BY_DKIM;

    for (size_t i = 0; i < seen->result_count; i++) {
        const struct mv_authres_result *result = &seen->results[i];
        struct mv_bytes domain;

        if (!is_method(result, dkim ? MV_BYTES("dkim") : MV_BYTES("spf")) || !is_pass(result))
            continue;
        domain = prop_domain(author, result, dkim ? "header" : "smtp", dkim ? "d" : "mailfrom");
        if (dkim && domain.len == 0)
            domain = prop_domain(author, result, "header", "i");
        if (is_aligned(author, domain, method))
            return true;
    }
    return false;
}

/* NULL: nothing that speaks for the author. */
static const char *method_seen(struct author *author, struct mv_bytes results)
{
    struct mv_authres seen;
    enum mv_code code = mv_authres_parse(author->arena, results, &seen);

    if (code == MV_ERR_MEMORY)
        author->code = code;
    if (code != MV_OK || seen.version != MV_AUTHRES_VERSION)
        return NULL;
    switch (dmarc_of(author, &seen)) {
    case MV_DMARC_PASS:
        return "dmarc";
    case MV_DMARC_NONE:
        break;
    default:
        return NULL;
    }
    if (has_aligned_pass(author, &seen, MV_DMARC_BY_DKIM))
        return "dkim";
    return has_aligned_pass(author, &seen, MV_DMARC_BY_SPF) ? "spf" : NULL;
}

static bool is_trusted(const struct mv_config_list *trusted, struct mv_bytes domain)
{
    for (size_t i = 0; domain.len > 0 && i < trusted->count; i++)
        if (mv_domain_is_within(domain, trusted->items[i]))
            return true;
    return false;
}

enum mv_code mv_sealers_testify(struct mv_arena *arena, const struct mv_config_list *trusted,
                                const struct mv_verdict *verdict, enum mv_testimony *testimony_r,
                                struct mv_witness *witness_r)
{
    const struct mv_arc_result *arc = &verdict->arc;
    struct author author = {arena, verdict, MV_OK};
    size_t instance = arc->hop_count + 1;

    *testimony_r = MV_TESTIMONY_NONE;
    if (!verdict->has_arc || !arc->author_signed || (arc->code != MV_ARC_PASS && !arc->temporary))
        return MV_OK;
    while (instance > 1 && is_trusted(trusted, arc->hops[instance - 2].domain))
        instance--;
    if (instance > arc->hop_count)
        return MV_OK;
    witness_r->instance = instance;
    witness_r->domain = arc->hops[instance - 1].domain;
    witness_r->method = method_seen(&author, arc->hops[instance - 1].results);
    if (witness_r->method != NULL)
        *testimony_r = arc->code == MV_ARC_PASS ? MV_TESTIMONY_PASS : MV_TESTIMONY_LATER;
    return author.code;
}
