#include "core/ops/opinion_wire.h"

#define REQUEST_MAGIC MV_BYTES("mvq1")
#define REPLY_MAGIC MV_BYTES("mvr1")

static void put_number(struct mv_buf *out, uint32_t value)
{
    for (unsigned shift = 32; shift > 0; shift -= 8)
        mv_buf_putc(out, (unsigned char)(value >> (shift - 8)));
}

static void put_text(struct mv_buf *out, struct mv_bytes text)
{
    if (text.len > MV_OPINION_MAX_TEXT_BYTES)
        mv_buf_fail(out);
    put_number(out, (uint32_t)text.len);
    mv_buf_put(out, text);
}

static bool get_number(struct mv_cursor *c, uint32_t max, uint32_t *value_r)
{
    uint32_t value = 0;

    if (mv_cursor_left(c) < 4)
        return false;
    for (unsigned i = 0; i < 4; i++)
        value = value << 8 | (uint32_t)mv_cursor_next(c);
    *value_r = value;
    return value <= max;
}

static bool get_text(struct mv_cursor *c, struct mv_bytes *text_r)
{
    uint32_t len;

    if (!get_number(c, MV_OPINION_MAX_TEXT_BYTES, &len) || mv_cursor_left(c) < len)
        return false;
    *text_r = mv_cursor_take(c, len);
    return true;
}

static bool get_octet(struct mv_cursor *c, int max, int *value_r)
{
    *value_r = mv_cursor_next(c);
    return *value_r >= 0 && *value_r <= max;
}

static bool get_bool(struct mv_cursor *c, bool *value_r)
{
    int value;

    if (!get_octet(c, 1, &value))
        return false;
    *value_r = value == 1;
    return true;
}

static void put_question(struct mv_buf *out, const struct mv_dns_question *question)
{
    mv_buf_putc(out, (unsigned char)question->type);
    put_text(out, question->name);
}

static bool is_type(int type)
{
    switch ((enum mv_dns_type)type) {
    case MV_DNS_A:
    case MV_DNS_NS:
    case MV_DNS_CNAME:
    case MV_DNS_SOA:
    case MV_DNS_PTR:
    case MV_DNS_MX:
    case MV_DNS_TXT:
    case MV_DNS_AAAA:
        return true;
    }
    return false;
}

static bool get_question(struct mv_cursor *c, struct mv_dns_question *question_r)
{
    int type;

    if (!get_octet(c, MV_DNS_AAAA, &type) || !get_text(c, &question_r->name))
        return false;
    question_r->type = (enum mv_dns_type)type;
    return is_type(type);
}

static void put_answer(struct mv_buf *out, const struct mv_opinion_answer *item)
{
    const struct mv_dns_answer *answer = &item->answer;

    if (answer->count > MV_OPINION_MAX_RECORDS)
        mv_buf_fail(out);
    put_question(out, &item->question);
    mv_buf_putc(out, (unsigned char)answer->status);
    put_number(out, answer->ttl_secs);
    put_number(out, (uint32_t)answer->count);
    for (size_t i = 0; i < answer->count; i++) {
        put_number(out, answer->records[i].preference);
        put_text(out, answer->records[i].data);
        put_text(out, answer->records[i].rdata);
    }
}

static bool is_address_of(enum mv_dns_type type, struct mv_bytes data)
{
    return (type != MV_DNS_A || data.len == 4) && (type != MV_DNS_AAAA || data.len == 16);
}

static enum mv_code get_records(struct mv_arena *arena, struct mv_cursor *c, enum mv_dns_type type,
                                struct mv_dns_answer *answer)
{
    struct mv_dns_record *records = mv_arena_array(arena, answer->count, sizeof *records);

    if (records == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < answer->count; i++) {
        uint32_t preference;

        if (!get_number(c, UINT16_MAX, &preference) || !get_text(c, &records[i].data) ||
            !get_text(c, &records[i].rdata) || !is_address_of(type, records[i].data))
            return MV_ERR_SYNTAX;
        records[i].preference = preference;
    }
    answer->records = records;
    return MV_OK;
}

static enum mv_code get_answer(struct mv_arena *arena, struct mv_cursor *c, struct mv_opinion_answer *item)
{
    struct mv_dns_answer *answer = &item->answer;
    uint32_t count;
    int status;

    if (!get_question(c, &item->question) || !get_octet(c, MV_DNS_LIMIT, &status) ||
        !get_number(c, UINT32_MAX, &answer->ttl_secs) || !get_number(c, MV_OPINION_MAX_RECORDS, &count))
        return MV_ERR_SYNTAX;
    answer->status = (enum mv_dns_status)status;
    answer->count = count;
    if ((answer->status == MV_DNS_FOUND) != (count > 0))
        return MV_ERR_SYNTAX;
    return get_records(arena, c, item->question.type, answer);
}

static enum mv_code get_answers(struct mv_arena *arena, struct mv_cursor *c, struct mv_opinion_request *request)
{
    struct mv_opinion_answer *answers;
    enum mv_code code = MV_OK;
    uint32_t count;

    if (!get_number(c, MV_OPINION_MAX_ANSWERS, &count))
        return MV_ERR_SYNTAX;
    answers = mv_arena_array(arena, count, sizeof *answers);
    if (answers == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < count && code == MV_OK; i++)
        code = get_answer(arena, c, &answers[i]);
    request->answers = answers;
    request->answer_count = count;
    return code;
}

static size_t octets_of(const struct mv_ip *ip)
{
    return ip->family == MV_IP_V4 ? 4 : 16;
}

static void put_spf(struct mv_buf *out, const struct mv_opinion_request *request)
{
    put_text(out, mv_bytes_of(request->ip.octets, octets_of(&request->ip)));
    put_text(out, request->helo);
    put_text(out, request->mail_from);
    put_text(out, request->receiver);
}

static bool get_spf(struct mv_cursor *c, struct mv_opinion_request *request)
{
    struct mv_bytes ip;

    return get_text(c, &ip) && mv_ip_from_octets(ip, &request->ip) && get_text(c, &request->helo) &&
           get_text(c, &request->mail_from) && get_text(c, &request->receiver);
}

static void put_dmarc(struct mv_buf *out, const struct mv_opinion_request *request)
{
    put_text(out, request->author_domain);
    mv_buf_putc(out, (unsigned char)request->identifier_count);
    for (size_t i = 0; i < request->identifier_count; i++) {
        mv_buf_putc(out, (unsigned char)request->identifiers[i].method);
        put_text(out, request->identifiers[i].domain);
    }
}

static bool get_dmarc(struct mv_cursor *c, struct mv_opinion_request *request)
{
    int count, method;

    if (!get_text(c, &request->author_domain) || !get_octet(c, MV_DMARC_MAX_IDENTIFIERS, &count))
        return false;
    for (int i = 0; i < count; i++) {
        struct mv_dmarc_identifier *identifier = &request->identifiers[i];

        if (!get_octet(c, MV_DMARC_BY_DKIM, &method) || !get_text(c, &identifier->domain))
            return false;
        identifier->method = (enum mv_dmarc_method)method;
        identifier->auth = MV_DMARC_AUTH_PASS;
    }
    request->identifier_count = (size_t)count;
    return true;
}

enum mv_code mv_opinion_request_write(const struct mv_opinion_request *request, struct mv_buf *out)
{
    mv_buf_put(out, REQUEST_MAGIC);
    mv_buf_putc(out, (unsigned char)request->kind);
    if (request->kind == MV_OPINION_SPF)
        put_spf(out, request);
    else
        put_dmarc(out, request);
    if (request->answer_count > MV_OPINION_MAX_ANSWERS)
        return MV_ERR_LIMIT;
    put_number(out, (uint32_t)request->answer_count);
    for (size_t i = 0; i < request->answer_count; i++)
        put_answer(out, &request->answers[i]);
    return mv_buf_failed(out) ? MV_ERR_LIMIT : MV_OK;
}

enum mv_code mv_opinion_request_read(struct mv_arena *arena, struct mv_bytes bytes,
                                     struct mv_opinion_request *request_r)
{
    struct mv_cursor c = mv_cursor_of(bytes);
    enum mv_code code;
    int kind;

    *request_r = (struct mv_opinion_request){0};
    if (!mv_bytes_equal(mv_cursor_take(&c, REQUEST_MAGIC.len), REQUEST_MAGIC) ||
        !get_octet(&c, MV_OPINION_DMARC, &kind) || kind < MV_OPINION_SPF)
        return MV_ERR_SYNTAX;
    request_r->kind = (enum mv_opinion_kind)kind;
    if (!(request_r->kind == MV_OPINION_SPF ? get_spf(&c, request_r) : get_dmarc(&c, request_r)))
        return MV_ERR_SYNTAX;
    code = get_answers(arena, &c, request_r);
    return code == MV_OK && mv_cursor_left(&c) > 0 ? MV_ERR_SYNTAX : code;
}

enum mv_code mv_opinion_reply_write(const struct mv_opinion_reply *reply, struct mv_buf *out)
{
    mv_buf_put(out, REPLY_MAGIC);
    mv_buf_putc(out, (unsigned char)reply->word);
    mv_buf_putc(out, (unsigned char)reply->kind);
    if (reply->word == MV_OPINION_ASKS) {
        put_question(out, &reply->question);
        return mv_buf_failed(out) ? MV_ERR_LIMIT : MV_OK;
    }
    put_text(out, mv_bytes_slice(reply->said, 0, MV_OPINION_MAX_SAID_BYTES));
    if (reply->word == MV_OPINION_SAYS && reply->kind == MV_OPINION_SPF) {
        mv_buf_putc(out, (unsigned char)reply->spf);
        mv_buf_putc(out, reply->spf_invalid);
        mv_buf_putc(out, (unsigned char)reply->error);
    } else if (reply->word == MV_OPINION_SAYS) {
        mv_buf_putc(out, (unsigned char)reply->dmarc);
        mv_buf_putc(out, (unsigned char)reply->policy);
        mv_buf_putc(out, (unsigned char)reply->pct);
        mv_buf_putc(out, reply->aligned_dkim);
        mv_buf_putc(out, reply->aligned_spf);
        put_text(out, reply->policy_domain);
        put_text(out, reply->org_domain);
        mv_buf_putc(out, reply->suffix_listed);
    }
    return mv_buf_failed(out) ? MV_ERR_LIMIT : MV_OK;
}

static bool get_spf_says(struct mv_cursor *c, struct mv_opinion_reply *reply)
{
    int code, error;

    if (!get_octet(c, MV_SPF_PERMERROR, &code) || !get_bool(c, &reply->spf_invalid) ||
        !get_octet(c, MV_OPINION_ERROR_SIZE, &error))
        return false;
    reply->spf = (enum mv_spf_code)code;
    reply->error = (enum mv_opinion_error)error;
    return true;
}

static bool get_dmarc_says(struct mv_cursor *c, struct mv_opinion_reply *reply)
{
    int code, policy, pct;

    if (!get_octet(c, MV_DMARC_PERMERROR, &code) || !get_octet(c, MV_DMARC_P_REJECT, &policy) ||
        !get_octet(c, 100, &pct) || !get_bool(c, &reply->aligned_dkim) || !get_bool(c, &reply->aligned_spf) ||
        !get_text(c, &reply->policy_domain) || !get_text(c, &reply->org_domain) || !get_bool(c, &reply->suffix_listed))
        return false;
    reply->dmarc = (enum mv_dmarc_code)code;
    reply->policy = (enum mv_dmarc_policy)policy;
    reply->pct = (unsigned)pct;
    return true;
}

static bool get_says(struct mv_cursor *c, struct mv_opinion_reply *reply)
{
    if (!get_text(c, &reply->said) || reply->said.len > MV_OPINION_MAX_SAID_BYTES)
        return false;
    if (reply->word == MV_OPINION_REFUSES)
        return true;
    return reply->kind == MV_OPINION_SPF ? get_spf_says(c, reply) : get_dmarc_says(c, reply);
}

enum mv_code mv_opinion_reply_read(struct mv_bytes bytes, struct mv_opinion_reply *reply_r)
{
    struct mv_cursor c = mv_cursor_of(bytes);
    int word, kind;
    bool good;

    *reply_r = (struct mv_opinion_reply){0};
    if (!mv_bytes_equal(mv_cursor_take(&c, REPLY_MAGIC.len), REPLY_MAGIC) ||
        !get_octet(&c, MV_OPINION_REFUSES, &word) || word < MV_OPINION_SAYS ||
        !get_octet(&c, MV_OPINION_DMARC, &kind) || kind < MV_OPINION_SPF)
        return MV_ERR_SYNTAX;
    reply_r->word = (enum mv_opinion_word)word;
    reply_r->kind = (enum mv_opinion_kind)kind;
    good = reply_r->word == MV_OPINION_ASKS ? get_question(&c, &reply_r->question) : get_says(&c, reply_r);
    return good && mv_cursor_left(&c) == 0 ? MV_OK : MV_ERR_SYNTAX;
}
