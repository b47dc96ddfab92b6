#include "opinion/ask_dmarc.h"

#include <netdb.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

#include <libpsl.h>
#include <opendmarc/dmarc.h>

#define MAX_WIRE_BYTES 65535
#define MAX_NAME_BYTES 1024

/* libopendmarc keeps its own in process globals, and its resolver call takes no context. */
static psl_ctx_t *suffixes;
static struct mv_opinion_dns *current_dns;

__attribute__((visibility("default"))) int res_nquery(res_state state, const char *name, int class, int type,
                                                      unsigned char *answer, int size);

/* Stands before the C library's: the only DNS there is for libopendmarc. */
int res_nquery(res_state state, const char *name, int class, int type, unsigned char *answer, int size)
{
    struct mv_bytes asked = mv_bytes_str(name);
    const struct mv_dns_answer *found = NULL;
    struct mv_buf wire;
    int len = -1;

    (void)state;
    if (class == C_IN && type == T_TXT && current_dns != NULL)
        found = mv_opinion_dns_find(current_dns, asked, MV_DNS_TXT);
    h_errno = mv_opinion_dns_herrno(found);
    if (h_errno != NETDB_SUCCESS || size <= 0)
        return -1;
    if (asked.len > 0 && asked.data[asked.len - 1] == '.')
        asked.len--;
    mv_buf_init(&wire, MAX_WIRE_BYTES);
    /* What is larger than the caller's room is cut, and its whole length told, as the C library does */
    if (mv_opinion_dns_wire(asked, found, &wire)) {
        len = (int)wire.len;
        memcpy(answer, wire.data, wire.len < (size_t)size ? wire.len : (size_t)size);
    } else {
        h_errno = NO_RECOVERY;
    }
    mv_buf_free(&wire);
    return len;
}

bool mv_opinion_load_suffixes(void)
{
    static OPENDMARC_LIB_T library = {.tld_type = OPENDMARC_TLD_TYPE_MOZILLA,
                                      .tld_source_file = MV_OPINION_SUFFIX_LIST};

    suffixes = psl_load_file(MV_OPINION_SUFFIX_LIST);
    return suffixes != NULL && opendmarc_policy_library_init(&library) == DMARC_PARSE_OKAY;
}

/* A NUL behind it, as libraries want it. It stays in the buffer. NULL without room. */
static char *keep(struct mv_buf *buffer, struct mv_bytes text)
{
    size_t start = buffer->len;

    mv_buf_put(buffer, text);
    mv_buf_putc(buffer, '\0');
    return mv_buf_failed(buffer) ? NULL : (char *)buffer->data + start;
}

/* OpenDMARC hands over only what passed. */
static bool store(DMARC_POLICY_T *policy, const struct mv_opinion_request *request, struct mv_buf *buffer)
{
    char *from = keep(buffer, request->author_domain);

    if (from == NULL || opendmarc_policy_store_from_domain(policy, (unsigned char *)from) != DMARC_PARSE_OKAY)
        return false;
    for (size_t i = 0; i < request->identifier_count; i++) {
        const struct mv_dmarc_identifier *identifier = &request->identifiers[i];
        unsigned char *domain = (unsigned char *)keep(buffer, identifier->domain);

        if (domain == NULL)
            return false;
        if (identifier->method == MV_DMARC_BY_SPF)
            opendmarc_policy_store_spf(policy, domain, DMARC_POLICY_SPF_OUTCOME_PASS,
                                       DMARC_POLICY_SPF_ORIGIN_MAILFROM, NULL);
        else
            opendmarc_policy_store_dkim(policy, domain, NULL, DMARC_POLICY_DKIM_OUTCOME_PASS, NULL);
    }
    return true;
}

static enum mv_dmarc_code code_of(OPENDMARC_STATUS_T enforced)
{
    switch (enforced) {
    case DMARC_POLICY_ABSENT:
    case DMARC_FROM_DOMAIN_ABSENT:
        return MV_DMARC_NONE;
    case DMARC_POLICY_PASS:
        return MV_DMARC_PASS;
    case DMARC_POLICY_NONE:
    case DMARC_POLICY_QUARANTINE:
    case DMARC_POLICY_REJECT:
        return MV_DMARC_FAIL;
    default:
        return MV_DMARC_TEMPERROR;
    }
}

static enum mv_dmarc_policy policy_of(OPENDMARC_STATUS_T enforced)
{
    switch (enforced) {
    case DMARC_POLICY_NONE:
        return MV_DMARC_P_NONE;
    case DMARC_POLICY_QUARANTINE:
        return MV_DMARC_P_QUARANTINE;
    case DMARC_POLICY_REJECT:
        return MV_DMARC_P_REJECT;
    default:
        return MV_DMARC_NO_POLICY;
    }
}

static void take_details(DMARC_POLICY_T *policy, struct mv_opinion_reply *reply)
{
    static unsigned char used[MAX_NAME_BYTES];
    int dkim = 0, spf = 0, pct = 100;

    opendmarc_policy_fetch_alignment(policy, &dkim, &spf);
    opendmarc_policy_fetch_pct(policy, &pct);
    reply->aligned_dkim = dkim == DMARC_POLICY_DKIM_ALIGNMENT_PASS;
    reply->aligned_spf = spf == DMARC_POLICY_SPF_ALIGNMENT_PASS;
    if (reply->dmarc == MV_DMARC_FAIL && pct >= 0 && pct < 100)
        reply->pct = (unsigned)pct;
    if (opendmarc_policy_fetch_utilized_domain(policy, used, sizeof used) == DMARC_PARSE_OKAY)
        reply->policy_domain = mv_bytes_str((const char *)used);
}

/* The same order, and the same outcomes of each status, as in OpenDMARC. */
static void decide(DMARC_POLICY_T *policy, struct mv_opinion_reply *reply)
{
    OPENDMARC_STATUS_T status = opendmarc_policy_query_dmarc(policy, NULL);
    OPENDMARC_STATUS_T enforced;

    reply->pct = 100;
    switch (status) {
    case DMARC_PARSE_ERROR_NULL_CTX:
    case DMARC_PARSE_ERROR_EMPTY:
        reply->dmarc = MV_DMARC_TEMPERROR;
        return;
    case DMARC_PARSE_ERROR_BAD_VERSION:
    case DMARC_PARSE_ERROR_BAD_VALUE:
    case DMARC_PARSE_ERROR_NO_REQUIRED_P:
    case DMARC_PARSE_ERROR_NO_DOMAIN:
        reply->dmarc = MV_DMARC_PERMERROR;
        reply->said = mv_bytes_str(opendmarc_policy_status_to_str(status));
        return;
    default:
        break;
    }
    enforced = opendmarc_get_policy_to_enforce(policy);
    if (status == DMARC_DNS_ERROR_NO_RECORD)
        enforced = DMARC_POLICY_ABSENT;
    reply->dmarc = code_of(enforced);
    reply->policy = policy_of(enforced);
    reply->said = mv_bytes_str(opendmarc_policy_status_to_str(enforced));
    take_details(policy, reply);
}

/* What RFC 7489 3.2 says, read by another reader of the same list. */
static void take_org_domain(const char *author, struct mv_opinion_reply *reply)
{
    const char *last_dot;

    if (author == NULL)
        return;
    last_dot = strrchr(author, '.');
    reply->org_domain = mv_bytes_str(psl_registrable_domain(suffixes, author));
    reply->suffix_listed = psl_is_public_suffix2(suffixes, last_dot == NULL ? author : last_dot + 1,
                                                 PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) == 1;
}

static void refuse(struct mv_opinion_reply *reply, struct mv_bytes why)
{
    reply->word = MV_OPINION_REFUSES;
    reply->said = why;
}

void mv_opinion_ask_dmarc(const struct mv_opinion_request *request, struct mv_opinion_dns *dns,
                          struct mv_buf *buffer, struct mv_opinion_reply *reply_r)
{
    static unsigned char nowhere[] = "192.0.2.1"; /* libopendmarc keeps the client's address and never looks at it */
    DMARC_POLICY_T *policy = opendmarc_policy_connect_init(nowhere, 0);

    /* Pointers into the buffer stay good: it grows no more */
    if (mv_buf_reserve(buffer, buffer->max_bytes - 1) == NULL || policy == NULL) {
        refuse(reply_r, MV_BYTES("no memory"));
        return;
    }
    if (!store(policy, request, buffer)) {
        refuse(reply_r, MV_BYTES("libopendmarc does not take this From domain"));
        return;
    }
    current_dns = dns;
    decide(policy, reply_r);
    if (dns->asked == 0)
        refuse(reply_r, MV_BYTES("libopendmarc has a resolver of its own here"));
    take_org_domain(keep(buffer, request->author_domain), reply_r);
}
