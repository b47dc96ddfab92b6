#include "opinion/ask_spf.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <spf2/spf.h>
#include <spf2/spf_dns.h>
#include <spf2/spf_dns_cache.h>

#include "core/base/ascii.h"

#define CACHE_BITS 8 /* as Exim has it */
#define EXPLANATION "Please%_see%_http://www.open-spf.org/Why" /* Exim's spf_smtp_comment_template */

/*
 * Exim asks for no host whose labels do not begin and end with a letter, digit or "_" (check_dns_names_pattern):
 * such a name does not exist.
 */
static bool is_host(struct mv_bytes name)
{
    struct mv_cursor c = mv_cursor_of(name);

    do {
        struct mv_bytes label = mv_cursor_take_until(&c, '.');
        struct mv_bytes ends[] = {mv_bytes_slice(label, 0, 1), mv_bytes_slice(label, label.len - 1, label.len)};

        for (size_t i = 0; i < label.len; i++)
            if (!mv_ascii_is(label.data[i], MV_ASCII_ALNUM) && strchr("/_-", label.data[i]) == NULL)
                return false;
        for (size_t i = 0; i < 2; i++)
            if (label.len == 0 || (!mv_ascii_is(*ends[i].data, MV_ASCII_ALNUM) && *ends[i].data != '_'))
                return false;
    } while (mv_cursor_accept(&c, '.') && mv_cursor_left(&c) > 0);
    return true;
}

static char *new_text(SPF_dns_rr_t *rr, struct mv_bytes text)
{
    if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, text.len + 1) != SPF_E_SUCCESS)
        return NULL;
    if (text.len > 0)
        memcpy(rr->rr[rr->num_rr]->txt, text.data, text.len);
    rr->rr[rr->num_rr]->txt[text.len] = '\0';
    return rr->rr[rr->num_rr]->txt;
}

/* The character-strings joined, up to an empty one; the first must hold all of "v=spf1". */
static void add_txt(SPF_dns_rr_t *rr, const struct mv_dns_record *record)
{
    struct mv_cursor c = mv_cursor_of(record->rdata);
    size_t len = 0;
    char *text;

    if (!mv_bytes_has_prefix_nocase(mv_bytes_slice(record->rdata, 1, record->rdata.len), MV_BYTES(SPF_VER_STR)))
        return;
    text = new_text(rr, record->data);
    if (text == NULL)
        return;
    for (int next = mv_cursor_next(&c); next > 0; next = mv_cursor_next(&c))
        len += mv_cursor_take(&c, (size_t)next).len;
    text[len < record->data.len ? len : record->data.len] = '\0';
    rr->num_rr++;
}

static void add_record(SPF_dns_rr_t *rr, const struct mv_dns_record *record)
{
    switch (rr->rr_type) {
    case ns_t_txt:
        add_txt(rr, record);
        break;
    case ns_t_a:
    case ns_t_aaaa:
        if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, sizeof(SPF_dns_rr_data_t)) == SPF_E_SUCCESS)
            memcpy(rr->rr[rr->num_rr++], record->data.data, record->data.len);
        break;
    default:
        if (new_text(rr, record->data) != NULL)
            rr->num_rr++;
        break;
    }
}

static bool type_of(ns_type type, enum mv_dns_type *type_r)
{
    switch (type) {
    case ns_t_a:
    case ns_t_aaaa:
    case ns_t_mx:
    case ns_t_ptr:
    case ns_t_txt:
        *type_r = (enum mv_dns_type)type;
        return true;
    default:
        return false;
    }
}

static SPF_dns_rr_t *look_up(SPF_dns_server_t *server, const char *domain, ns_type type, int should_cache)
{
    struct mv_bytes name = mv_bytes_str(domain);
    const struct mv_dns_answer *answer;
    enum mv_dns_type asked;
    SPF_dns_rr_t *rr;

    (void)should_cache;
    if (!type_of(type, &asked))
        return SPF_dns_rr_new_init(server, domain, type, 0, NO_DATA);
    if (asked != MV_DNS_TXT && asked != MV_DNS_PTR && !is_host(name))
        return SPF_dns_rr_new_init(server, domain, type, 0, HOST_NOT_FOUND);
    answer = mv_opinion_dns_find(server->hook, name, asked);
    rr = SPF_dns_rr_new_init(server, domain, type, answer == NULL ? 0 : (int)answer->ttl_secs,
                             mv_opinion_dns_herrno(answer));
    if (rr == NULL || answer == NULL || answer->status != MV_DNS_FOUND)
        return rr;
    for (size_t i = 0; i < answer->count; i++)
        add_record(rr, &answer->records[i]);
    if (rr->num_rr == 0)
        rr->herrno = NO_DATA;
    return rr;
}

static enum mv_spf_code code_of(SPF_result_t result)
{
    switch (result) {
    case SPF_RESULT_NEUTRAL:
        return MV_SPF_NEUTRAL;
    case SPF_RESULT_PASS:
        return MV_SPF_PASS;
    case SPF_RESULT_FAIL:
        return MV_SPF_FAIL;
    case SPF_RESULT_SOFTFAIL:
        return MV_SPF_SOFTFAIL;
    case SPF_RESULT_NONE:
        return MV_SPF_NONE;
    case SPF_RESULT_TEMPERROR:
        return MV_SPF_TEMPERROR;
    case SPF_RESULT_INVALID:
    case SPF_RESULT_PERMERROR:
        break;
    }
    return MV_SPF_PERMERROR;
}

static bool set_client(SPF_request_t *spf, const struct mv_ip *ip)
{
    if (ip->family == MV_IP_V4) {
        struct in_addr v4;

        memcpy(&v4, ip->octets, sizeof v4);
        return SPF_request_set_ipv4(spf, v4) == SPF_E_SUCCESS;
    }
    struct in6_addr v6;

    memcpy(&v6, ip->octets, sizeof v6);
    return SPF_request_set_ipv6(spf, v6) == SPF_E_SUCCESS;
}

static enum mv_opinion_error error_of(SPF_errcode_t error)
{
    switch (error) {
    case SPF_E_SUCCESS:
        return MV_OPINION_ERROR_NONE;
    case SPF_E_DNS_ERROR:
        return MV_OPINION_ERROR_DNS;
    case SPF_E_BIG_DNS:
        return MV_OPINION_ERROR_LOOKUPS;
    case SPF_E_INVALID_CIDR:
        return MV_OPINION_ERROR_CIDR;
    case SPF_E_INVALID_CHAR:
        return MV_OPINION_ERROR_CHARACTER;
    case SPF_E_RECURSIVE:
        return MV_OPINION_ERROR_RECURSION;
    case SPF_E_BIG_STRING:
    case SPF_E_BIG_MECH:
    case SPF_E_BIG_MOD:
        return MV_OPINION_ERROR_SIZE;
    default:
        return MV_OPINION_ERROR_OTHER;
    }
}

/* The first error decides, as a rule; warnings do not. */
static void take_words(SPF_response_t *response, struct mv_buf *buffer, struct mv_opinion_reply *reply)
{
    const char *words = SPF_response_get_header_comment(response);

    reply->error = error_of(SPF_response_errcode(response));
    for (int i = 0; i < SPF_response_messages(response); i++) {
        SPF_error_t *error = SPF_response_message(response, i);

        if (SPF_error_errorp(error) == 0)
            continue;
        reply->error = error_of(SPF_error_code(error));
        words = SPF_error_message(error);
        break;
    }
    mv_buf_puts(buffer, words == NULL ? "" : words);
    reply->said = mv_buf_bytes(buffer);
}

static void refuse(struct mv_opinion_reply *reply, struct mv_bytes why)
{
    reply->word = MV_OPINION_REFUSES;
    reply->said = why;
}

static void ask(SPF_server_t *server, const struct mv_opinion_request *request, struct mv_buf *buffer,
                struct mv_opinion_reply *reply)
{
    SPF_request_t *spf = SPF_request_new(server);
    SPF_response_t *response = NULL;

    mv_buf_put(buffer, request->helo);
    if (spf == NULL || !set_client(spf, &request->ip) || mv_buf_cstr(buffer) == NULL ||
        SPF_request_set_helo_dom(spf, mv_buf_cstr(buffer)) != SPF_E_SUCCESS) {
        refuse(reply, MV_BYTES("libspf2 does not take this client"));
        return;
    }
    mv_buf_reset(buffer);
    mv_buf_put(buffer, request->mail_from);
    reply->spf = MV_SPF_PERMERROR;
    if (mv_buf_cstr(buffer) == NULL || SPF_request_set_env_from(spf, mv_buf_cstr(buffer)) != SPF_E_SUCCESS)
        return;
    SPF_request_query_mailfrom(spf, &response);
    mv_buf_reset(buffer);
    if (response == NULL)
        return;
    reply->spf = code_of(SPF_response_result(response));
    reply->spf_invalid = SPF_response_result(response) == SPF_RESULT_INVALID;
    take_words(response, buffer, reply);
}

void mv_opinion_ask_spf(const struct mv_opinion_request *request, struct mv_opinion_dns *dns, struct mv_buf *buffer,
                        struct mv_opinion_reply *reply_r)
{
    static SPF_dns_server_t layer = {.lookup = look_up, .name = "mailvouch"};
    SPF_response_t *response = NULL;
    SPF_dns_server_t *cache;
    SPF_server_t *server;

    layer.hook = dns;
    cache = SPF_dns_cache_new(&layer, NULL, 0, CACHE_BITS);
    server = cache == NULL ? NULL : SPF_server_new_dns(cache, 0);
    mv_buf_put(buffer, request->receiver);
    if (server == NULL || mv_buf_cstr(buffer) == NULL ||
        SPF_server_set_rec_dom(server, mv_buf_cstr(buffer)) != SPF_E_SUCCESS ||
        SPF_server_set_explanation(server, EXPLANATION, &response) != SPF_E_SUCCESS) {
        refuse(reply_r, MV_BYTES("libspf2 does not start"));
        return;
    }
    mv_buf_reset(buffer);
    ask(server, request, buffer, reply_r);
}
