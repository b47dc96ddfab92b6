#include "core/dns/wire.h"

#include "core/dns/wire_message.h"

static void put_u16(struct mv_buf *out, unsigned value)
{
    mv_buf_putc(out, (unsigned char)(value >> 8));
    mv_buf_putc(out, (unsigned char)value);
}

static enum mv_code put_query(const struct mv_dns_question *question, uint16_t id, unsigned flags, struct mv_buf *out)
{
    struct mv_wire_name name;

    if (!mv_wire_name_from_text(question->name, &name))
        return MV_ERR_SYNTAX;
    put_u16(out, id);
    put_u16(out, flags);
    put_u16(out, 1);
    put_u16(out, 0);
    put_u16(out, 0);
    put_u16(out, 1);
    mv_buf_put(out, mv_bytes_of(name.octets, name.len));
    put_u16(out, question->type);
    put_u16(out, MV_WIRE_CLASS_IN);
    /* RFC 6891 6.1.2: the root, OPT, payload size, extended rcode and flags, no options */
    mv_buf_putc(out, 0);
    put_u16(out, MV_WIRE_TYPE_OPT);
    put_u16(out, MV_DNS_EDNS_PAYLOAD_BYTES);
    put_u16(out, 0);
    put_u16(out, 0);
    put_u16(out, 0);
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}

enum mv_code mv_dns_wire_query(const struct mv_dns_question *question, uint16_t id, struct mv_buf *out)
{
    /* AD: tell us whether the answer is authentic (RFC 6840 5.7) */
    return put_query(question, id, MV_WIRE_RD | MV_WIRE_AD, out);
}

enum mv_code mv_dns_wire_query_zone(const struct mv_dns_question *question, uint16_t id, struct mv_buf *out)
{
    return put_query(question, id, 0, out);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

enum step { STEP_RECORDS, STEP_ALIAS, STEP_NOTHING, STEP_BROKEN };

/* What the answer section has for a name; after STEP_ALIAS *name is where it leads. */
static enum step look_at(const struct mv_wire_reply *reply, enum mv_dns_type type, struct mv_wire_name *name,
                         uint32_t *ttl_secs)
{
    struct mv_cursor c = reply->answers;
    struct mv_wire_name target;
    enum step step = STEP_NOTHING;
    struct mv_wire_rr rr;

    for (unsigned i = 0; mv_wire_next_answer(reply, &c, &i, &rr);) {
        if (!mv_wire_name_equal(&rr.owner, name))
            continue;
        if (rr.type == type)
            return STEP_RECORDS;
        if (rr.type != MV_DNS_CNAME || step == STEP_ALIAS)
            continue;
        if (!mv_wire_name_read(reply->message, &rr.rdata, &target) || mv_cursor_left(&rr.rdata) > 0)
            return STEP_BROKEN;
        *ttl_secs = smaller(*ttl_secs, rr.ttl_secs);
        step = STEP_ALIAS;
    }
    if (step == STEP_ALIAS)
        *name = target;
    return step;
}

/* RFC 1034 3.6.2. The CNAMEs may stand in any order. */
static enum step follow(const struct mv_wire_reply *reply, enum mv_dns_type type, struct mv_wire_name *name,
                        uint32_t *ttl_secs)
{
    for (unsigned cnames = 0; cnames <= MV_DNS_MAX_CNAMES; cnames++) {
        enum step step = look_at(reply, type, name, ttl_secs);

        if (step != STEP_ALIAS)
            return step;
    }
    return STEP_BROKEN;
}

/* One record that does not parse spoils the answer; one that cannot be told as text is left out. */
static enum mv_code collect(struct mv_arena *arena, const struct mv_wire_reply *reply, enum mv_dns_type type,
                            const struct mv_wire_name *name, struct mv_dns_answer *answer)
{
    struct mv_dns_record *records = mv_arena_array(arena, reply->counts[MV_WIRE_ANSWER], sizeof *records);
    struct mv_cursor c = reply->answers;
    struct mv_wire_rr rr;

    if (records == NULL)
        return MV_ERR_MEMORY;
    answer->records = records;
    answer->count = 0;
    for (unsigned i = 0; mv_wire_next_answer(reply, &c, &i, &rr);) {
        enum mv_wire_kept kept;

        if (rr.type != type || !mv_wire_name_equal(&rr.owner, name))
            continue;
        kept = mv_wire_record_keep(arena, reply->message, &rr, &records[answer->count]);
        if (kept == MV_WIRE_NO_MEMORY)
            return MV_ERR_MEMORY;
        if (kept == MV_WIRE_MALFORMED) {
            *answer = (struct mv_dns_answer){.status = MV_DNS_SERVFAIL};
            return MV_OK;
        }
        if (kept == MV_WIRE_KEPT)
            answer->count++;
        answer->ttl_secs = smaller(answer->ttl_secs, rr.ttl_secs);
    }
    answer->status = answer->count > 0 ? MV_DNS_FOUND : MV_DNS_NODATA;
    return MV_OK;
}

/*
 * RFC 2308 2.2.  A server that does not resolve for us points elsewhere: that is
 * no answer, least of all "no such record".
 */
static bool is_referral(const struct mv_wire_reply *reply)
{
    return (reply->flags & (MV_WIRE_AA | MV_WIRE_RA)) == 0 && reply->has_ns && !reply->has_soa;
}

static enum mv_code judge(struct mv_arena *arena, const struct mv_wire_reply *reply, enum mv_dns_type type,
                          struct mv_wire_name *name, struct mv_dns_answer *answer_r)
{
    uint32_t ttl_secs = UINT32_MAX;
    enum step step = follow(reply, type, name, &ttl_secs);

    if (step == STEP_BROKEN || (step == STEP_NOTHING && reply->rcode == MV_WIRE_NOERROR && is_referral(reply)))
        return MV_OK;
    answer_r->secure = (reply->flags & MV_WIRE_AD) != 0;
    answer_r->ttl_secs = ttl_secs;
    if (step == STEP_RECORDS && reply->rcode == MV_WIRE_NOERROR)
        return collect(arena, reply, type, name, answer_r);
    /* RFC 6604 3: the rcode is that of the last name of the chain */
    answer_r->status = reply->rcode == MV_WIRE_NXDOMAIN ? MV_DNS_NXDOMAIN : MV_DNS_NODATA;
    answer_r->ttl_secs = ttl_secs == UINT32_MAX ? 0 : ttl_secs;
    answer_r->negative_secs = smaller(reply->negative_secs, ttl_secs);
    return MV_OK;
}

enum mv_code mv_dns_wire_answer(struct mv_arena *arena, const struct mv_dns_question *question,
                                struct mv_bytes message, struct mv_dns_answer *answer_r)
{
    struct mv_cursor c = mv_cursor_of(message);
    struct mv_wire_name name;
    struct mv_wire_reply reply;

    *answer_r = (struct mv_dns_answer){.status = MV_DNS_SERVFAIL};
    if (!mv_wire_name_from_text(question->name, &name) || !mv_wire_header_read(message, &c, &reply) ||
        (reply.flags & MV_WIRE_TC) != 0 || !mv_wire_question_read(&c, &reply, &name, question->type) ||
        !mv_wire_sections_read(&c, &reply))
        return MV_OK;
    if (reply.rcode == MV_WIRE_REFUSED)
        answer_r->status = MV_DNS_REFUSED;
    if (reply.rcode != MV_WIRE_NOERROR && reply.rcode != MV_WIRE_NXDOMAIN)
        return MV_OK;
    return judge(arena, &reply, question->type, &name, answer_r);
}

bool mv_dns_wire_is_reply(const struct mv_dns_question *question, uint16_t id, struct mv_bytes message)
{
    struct mv_cursor c = mv_cursor_of(message);
    struct mv_wire_name name;
    struct mv_wire_reply reply;

    return mv_wire_name_from_text(question->name, &name) && mv_wire_header_read(message, &c, &reply) &&
           reply.id == id && mv_wire_question_read(&c, &reply, &name, question->type);
}
