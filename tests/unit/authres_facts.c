#include "tests/unit/authres_facts.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/text/domain.h"

#define MAX_MEMORY_BYTES (4 * 1024 * 1024)
#define MAX_VALUE_BYTES 255 /* longer values are left out */
#define MIN_B_BYTES 8
#define MAX_B_BYTES 64
#define MAX_REASON_BYTES 300

static bool is_printable(int c)
{
    return c == ' ' || mv_ascii_is(c, MV_ASCII_VCHAR);
}

/* One field: lines of printable ASCII, every one but the first begins with a space, none is blank or too long. */
static const char *fault_of_shape(struct mv_bytes raw)
{
    struct mv_cursor c = mv_cursor_of(raw);
    bool first = true;

    if (raw.len > MV_AUTHRES_MAX_BYTES)
        return "too long";
    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\r');

        if (!mv_cursor_accept(&c, '\r') || !mv_cursor_accept(&c, '\n'))
            return "a CR without LF, or no line end";
        for (size_t i = 0; i < line.len; i++)
            if (!is_printable(line.data[i]))
                return "a byte that is not printable";
        if (line.len > MV_FIELD_MAX_COLUMN)
            return "a line of more than 998 bytes";
        if (mv_bytes_trim(line).len == 0)
            return "a blank line";
        if (first != (line.data[0] != ' '))
            return "a second field";
        first = false;
    }
    return NULL;
}

/* As the writer must have changed it. */
static bool says(struct mv_bytes printed, struct mv_bytes fact)
{
    if (printed.len != fact.len)
        return false;
    for (size_t i = 0; i < fact.len; i++)
        if (printed.data[i] != (is_printable(fact.data[i]) ? fact.data[i] : '?'))
            return false;
    return true;
}

/* Goes through the properties of one result in their order. */
struct walk {
    const struct mv_authres_result *result;
    size_t at;
    const char *fault;
};

static void expect_printed(struct walk *w, const char *type, const char *name, struct mv_bytes fact)
{
    const struct mv_authres_prop *prop;

    if (w->fault != NULL || fact.len == 0 || fact.len > MAX_VALUE_BYTES)
        return;
    if (w->at == w->result->prop_count) {
        w->fault = name;
        return;
    }
    prop = &w->result->props[w->at++];
    if (!mv_bytes_equal(prop->type, mv_bytes_str(type)) || !mv_bytes_equal(prop->name, mv_bytes_str(name)) ||
        !says(prop->value, fact))
        w->fault = name;
}

static const char *finish(const struct walk *w)
{
    if (w->fault != NULL)
        return w->fault;
    return w->at == w->result->prop_count ? NULL : "one property too many";
}

static bool is_result(const struct mv_authres_result *result, const char *method, const char *code)
{
    return mv_bytes_equal(result->method, mv_bytes_str(method)) && mv_bytes_equal(result->result, mv_bytes_str(code)) &&
           result->version == MV_AUTHRES_VERSION;
}

/* Words of the reason in their order, cut at its limit. */
static bool says_reason(struct mv_bytes printed, const char *reason)
{
    struct mv_bytes fact = mv_bytes_slice(mv_bytes_str(reason), 0, MAX_REASON_BYTES);
    struct mv_cursor a = mv_cursor_of(printed), b = mv_cursor_of(fact);

    for (;;) {
        struct mv_bytes word;

        while (mv_cursor_accept(&a, ' '))
            ;
        while (mv_cursor_accept(&b, ' '))
            ;
        if (mv_cursor_left(&b) == 0)
            break;
        word = mv_cursor_take_until(&b, ' ');
        if (!says(mv_cursor_take(&a, word.len), word))
            return false;
    }
    return mv_bytes_equal(mv_cursor_rest(&a), mv_bytes_str(strlen(reason) > MAX_REASON_BYTES ? "..." : ""));
}

static const char *fault_of_spf(const struct mv_spf_result *spf, const struct mv_authres_result *result)
{
    bool is_error = spf->code == MV_SPF_TEMPERROR || spf->code == MV_SPF_PERMERROR;
    struct walk w = {.result = result};

    if (!is_result(result, "spf", mv_spf_code_text(spf->code)))
        return "spf";
    if (!says_reason(result->reason, is_error && spf->reason != NULL ? spf->reason : ""))
        return "reason of spf";
    if (mv_bytes_find(spf->domain, '=') == spf->domain.len)
        expect_printed(&w, "smtp", spf->from_helo ? "helo" : "mailfrom", spf->domain);
    return finish(&w);
}

/* Letters, digits and ".+-_" alone may stand before the "@"; else it begins with that. */
static void expect_auid(struct walk *w, const struct mv_dkim_result *dkim)
{
    size_t at = mv_bytes_find_last(dkim->auid, '@');
    struct mv_bytes domain = mv_bytes_slice(dkim->auid, at + 1, dkim->auid.len), fact = dkim->auid;

    for (size_t i = 0; i < at && i < dkim->auid.len; i++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_", dkim->auid.data[i]) == NULL ||
            dkim->auid.data[i] == '\0')
            fact = mv_bytes_slice(dkim->auid, at, dkim->auid.len);
    for (size_t i = 0; i < domain.len; i++)
        if (domain.data[i] != '.' && !mv_ascii_is(domain.data[i], MV_ASCII_LDH))
            return;
    if (mv_domain_is_askable(domain) &&
        !(fact.len > 0 && fact.data[0] == '@' && mv_bytes_equal_nocase(domain, dkim->sdid)))
        expect_printed(w, "header", "i", dkim->auid.len > MAX_VALUE_BYTES ? MV_BYTES("") : fact);
}

/* RFC 6008 4: a beginning of b= that no other b= has, where there is one of at most 64 bytes. */
static const char *fault_of_b(const struct mv_verdict *v, size_t index, struct mv_bytes printed)
{
    struct mv_bytes own = v->dkim[index].value_text, part = mv_bytes_slice(own, 0, printed.len);

    if (!says(printed, part) || printed.len < (own.len < MIN_B_BYTES ? own.len : MIN_B_BYTES))
        return "header.b is no beginning of b=";
    for (size_t i = 0; i < v->dkim_count && printed.len < own.len && printed.len < MAX_B_BYTES; i++) {
        struct mv_bytes other = v->dkim[i].value_text;

        if (i != index && !mv_bytes_equal(own, other) && mv_bytes_equal(mv_bytes_slice(other, 0, part.len), part))
            return "header.b is not unique";
    }
    return NULL;
}

static const char *fault_of_dkim(const struct mv_verdict *v, size_t index, const struct mv_authres_result *result)
{
    const struct mv_dkim_result *dkim = &v->dkim[index];
    struct walk w = {.result = result};

    if (!is_result(result, "dkim", mv_dkim_code_text(dkim->code)))
        return "dkim";
    if (!says_reason(result->reason, dkim->reason == NULL ? "" : dkim->reason))
        return "reason of dkim";
    if (dkim->code == MV_DKIM_POLICY)
        expect_printed(&w, "policy", "dkim-rules", mv_bytes_str(dkim->rule));
    expect_printed(&w, "header", "d", dkim->sdid);
    expect_auid(&w, dkim);
    expect_printed(&w, "header", "s", dkim->selector);
    if (mv_bytes_find(dkim->algorithm, '=') == dkim->algorithm.len)
        expect_printed(&w, "header", "a", dkim->algorithm);
    if (w.fault == NULL && dkim->value_text.len > 0) {
        const struct mv_authres_prop *b = mv_authres_prop(result, "header", "b");

        w.at++;
        w.fault = b == NULL ? "no header.b" : fault_of_b(v, index, b->value);
    }
    return finish(&w);
}

static const char *fault_of_arc(const struct mv_verdict *v, const struct mv_authres_result *result)
{
    const struct mv_arc_result *arc = &v->arc;
    struct walk w = {.result = result};
    struct mv_buf text;

    if (!is_result(result, "arc", mv_arc_code_text(arc->code)))
        return "arc";
    if (!says_reason(result->reason, arc->reason == NULL ? "" : arc->reason))
        return "reason of arc";
    mv_buf_init(&text, MAX_VALUE_BYTES);
    if (v->client_ip.family != MV_IP_NONE)
        mv_ip_print(&v->client_ip, &text);
    expect_printed(&w, "smtp", "remote-ip", mv_buf_bytes(&text));
    mv_buf_reset(&text);
    mv_buf_printf(&text, "%zu", arc->oldest_pass);
    if (arc->code == MV_ARC_PASS)
        expect_printed(&w, "header", "oldest-pass", mv_buf_bytes(&text));
    mv_buf_free(&text);
    return finish(&w);
}

static const char *fault_of_dmarc(const struct mv_verdict *v, const struct mv_authres_result *result)
{
    const struct mv_dmarc_result *dmarc = &v->dmarc;
    const char *no_author = mv_verdict_no_author(v);
    struct walk w = {.result = result};

    if (no_author != NULL) {
        if (!is_result(result, "dmarc", "permerror") || !says_reason(result->reason, no_author))
            return "dmarc without an author";
        return finish(&w);
    }
    if (!is_result(result, "dmarc", mv_dmarc_code_text(dmarc->code)))
        return "dmarc";
    if (!says_reason(result->reason, dmarc->code == MV_DMARC_PASS || dmarc->reason == NULL ? "" : dmarc->reason))
        return "reason of dmarc";
    expect_printed(&w, "header", "from", v->author_domain);
    if (dmarc->has_record)
        expect_printed(&w, "policy", "dmarc", mv_bytes_str(mv_dmarc_policy_text(dmarc->effective)));
    return finish(&w);
}

static size_t count_dkim(const struct mv_authres *authres)
{
    size_t count = 0;

    for (size_t i = 0; i < authres->result_count; i++)
        if (mv_bytes_equal(authres->results[i].method, MV_BYTES("dkim")))
            count++;
    return count;
}

static const char *fault_of_results(const struct mv_verdict *v, const struct mv_authres *authres)
{
    size_t at = 0, dkim_count = count_dkim(authres);
    bool has_arc = v->has_arc && v->arc.has_fields;
    const char *fault = NULL;

    if (dkim_count + v->has_spf + has_arc + v->has_dmarc != authres->result_count)
        return "a result is missing, or one too many";
    if (v->has_dkim ? dkim_count == 0 || (v->dkim_count > 0 && dkim_count > v->dkim_count) : dkim_count > 0)
        return "number of signatures";
    if (v->has_spf)
        fault = fault_of_spf(&v->spf, &authres->results[at++]);
    if (fault == NULL && v->has_dkim && v->dkim_count == 0)
        fault = is_result(&authres->results[at++], "dkim", "none") ? NULL : "dkim=none";
    for (size_t i = 0; fault == NULL && v->dkim_count > 0 && i < dkim_count; i++)
        fault = fault_of_dkim(v, i, &authres->results[at++]);
    if (fault == NULL && has_arc)
        fault = fault_of_arc(v, &authres->results[at++]);
    if (fault == NULL && v->has_dmarc)
        fault = fault_of_dmarc(v, &authres->results[at]);
    return fault;
}

const char *authres_fault(const struct mv_verdict *verdict, struct mv_bytes id, struct mv_bytes raw)
{
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_field field = mv_field_split(raw);
    struct mv_authres authres;
    const char *fault = fault_of_shape(raw);

    if (fault == NULL && !mv_bytes_equal(field.name, MV_BYTES("Authentication-Results")))
        fault = "name of the field";
    if (fault == NULL && mv_authres_parse(arena, field.value, &authres) != MV_OK)
        fault = "does not parse";
    if (fault == NULL && !mv_authres_is_forged(arena, &field, &id, 1))
        fault = "not known as ours";
    if (fault == NULL)
        fault = fault_of_results(verdict, &authres);
    mv_arena_free(&arena);
    return fault;
}
