#include "cli/json.h"

#include <stdio.h>

#define MAX_IP_BYTES 64

/* Bytes that are no UTF-8 stand for the code points 0 to 255, so that nothing is lost and all is valid JSON. */
static json_t *latin1(struct mv_bytes b)
{
    struct mv_buf utf8;
    json_t *text = NULL;

    mv_buf_init(&utf8, 2 * b.len + 1);
    for (size_t i = 0; i < b.len; i++) {
        if (b.data[i] < 0x80) {
            mv_buf_putc(&utf8, b.data[i]);
        } else {
            mv_buf_putc(&utf8, (unsigned char)(0xc0 | b.data[i] >> 6));
            mv_buf_putc(&utf8, (unsigned char)(0x80 | (b.data[i] & 0x3f)));
        }
    }
    if (!mv_buf_failed(&utf8))
        text = json_stringn((const char *)utf8.data, utf8.len);
    mv_buf_free(&utf8);
    return text;
}

json_t *mv_json_bytes(struct mv_bytes b)
{
    json_t *text = json_stringn(b.len == 0 ? "" : (const char *)b.data, b.len);

    return text == NULL ? latin1(b) : text;
}

json_t *mv_json_ip(const struct mv_ip *ip)
{
    struct mv_buf text;
    json_t *json;

    mv_buf_init(&text, MAX_IP_BYTES);
    mv_ip_print(ip, &text);
    json = mv_json_bytes(mv_buf_bytes(&text));
    mv_buf_free(&text);
    return json;
}

static json_t *bytes_or_null(struct mv_bytes b)
{
    return b.len == 0 ? json_null() : mv_json_bytes(b);
}

static json_t *text_or_null(const char *s)
{
    return s == NULL || *s == '\0' ? json_null() : mv_json_bytes(mv_bytes_str(s));
}

json_t *mv_json_spf(const struct mv_verdict *verdict)
{
    const struct mv_spf_result *spf = &verdict->spf;

    if (!verdict->has_spf)
        return json_pack("{s:s, s:n, s:n, s:n, s:i, s:i, s:s}", "result", "none", "domain", "identity", "explanation",
                         "lookups", 0, "voids", 0, "reason", "not checked: the client's address is not known");
    return json_pack("{s:s, s:o, s:s, s:o, s:I, s:I, s:o, s:o}", "result", mv_spf_code_text(spf->code), "domain",
                     bytes_or_null(spf->domain), "identity", "mailfrom", "explanation",
                     bytes_or_null(spf->explanation), "lookups", (json_int_t)spf->lookups, "voids",
                     (json_int_t)spf->voids, "mechanism", bytes_or_null(spf->mechanism), "reason",
                     text_or_null(spf->reason));
}

static json_t *json_signature(const struct mv_dkim_result *result)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "result", mv_dkim_code_text(result->code), "domain",
                     bytes_or_null(result->sdid), "selector", bytes_or_null(result->selector), "algorithm",
                     bytes_or_null(result->algorithm), "key_bits",
                     result->key_bits == 0 ? json_null() : json_integer(result->key_bits), "rule",
                     text_or_null(result->rule), "reason", text_or_null(result->reason));
}

json_t *mv_json_dkim(const struct mv_verdict *verdict)
{
    json_t *list = json_array();

    for (size_t i = 0; i < verdict->dkim_count; i++)
        json_array_append_new(list, json_signature(&verdict->dkim[i]));
    return list;
}

static json_t *aligned_by(const struct mv_dmarc_result *dmarc)
{
    json_t *list = json_array();

    if (dmarc->aligned_dkim)
        json_array_append_new(list, json_string("dkim"));
    if (dmarc->aligned_spf)
        json_array_append_new(list, json_string("spf"));
    return list;
}

static json_t *queries(const struct mv_dmarc_result *dmarc)
{
    json_t *list = json_array();

    for (size_t i = 0; i < dmarc->query_count; i++)
        json_array_append_new(list, mv_json_bytes(dmarc->queries[i]));
    return list;
}

json_t *mv_json_dmarc(const struct mv_verdict *verdict)
{
    const struct mv_dmarc_result *dmarc = &verdict->dmarc;

    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "result", mv_dmarc_code_text(dmarc->code),
                     "from_domain", bytes_or_null(verdict->author_domain), "policy_domain",
                     bytes_or_null(dmarc->policy_domain), "org_domain", bytes_or_null(dmarc->org_domain),
                     "policy_published", text_or_null(mv_dmarc_policy_text(dmarc->published)), "policy_effective",
                     text_or_null(mv_dmarc_policy_text(dmarc->effective)), "test_mode", dmarc->test_mode, "aligned_by",
                     aligned_by(dmarc), "queries", queries(dmarc), "reason", text_or_null(dmarc->reason));
}

static json_t *json_chain(const struct mv_arc_result *arc)
{
    json_t *list = json_array();

    for (size_t i = 0; i < arc->hop_count; i++)
        json_array_append_new(list, json_pack("{s:I, s:o, s:o}", "instance", (json_int_t)i + 1, "domain",
                                              bytes_or_null(arc->hops[i].domain), "selector",
                                              bytes_or_null(arc->hops[i].selector)));
    return list;
}

/* A message without ARC fields has no chain (RFC 8617 5.2). */
static json_t *json_arc(const struct mv_verdict *verdict)
{
    const struct mv_arc_result *arc = &verdict->arc;

    return json_pack("{s:s, s:o, s:o, s:o}", "result", mv_arc_code_text(arc->code), "oldest_pass",
                     arc->code == MV_ARC_PASS ? json_integer((json_int_t)arc->oldest_pass) : json_null(), "chain",
                     json_chain(arc), "reason", text_or_null(arc->reason));
}

json_t *mv_json_verdict(const struct mv_verdict *verdict, const char *authres)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:{s:s, s:o, s:o}, s:o, s:{s:I, s:I}}", "spf", mv_json_spf(verdict),
                     "dkim", mv_json_dkim(verdict), "arc", json_arc(verdict), "dmarc", mv_json_dmarc(verdict),
                     "disposition", "action", mv_action_text(verdict->action), "reason", text_or_null(verdict->reason),
                     "override", text_or_null(mv_override_text(verdict->override)), "authentication_results",
                     text_or_null(authres), "dns", "questions", (json_int_t)verdict->dns_questions, "rounds",
                     (json_int_t)verdict->dns_rounds);
}

bool mv_json_print(json_t *object)
{
    json_t *whole = json_pack("{s:i}", "schema", 1);
    bool written = object != NULL && whole != NULL && json_object_update(whole, object) == 0 &&
                   json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0 && fputc('\n', stdout) != EOF &&
                   fflush(stdout) == 0;

    json_decref(whole);
    json_decref(object);
    if (!written)
        fputs("mailvouch: cannot write the result\n", stderr);
    return written;
}

bool mv_json_print_line(json_t *object)
{
    bool written = object != NULL && json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0 &&
                   fputc('\n', stdout) != EOF;

    json_decref(object);
    return written;
}
