#include "core/dns/wire_message.h"

#define SOA_MIN_BYTES 22 /* two names of the root, and five numbers */

bool mv_wire_u16(struct mv_cursor *c, unsigned *value_r)
{
    struct mv_bytes octets = mv_cursor_take(c, 2);

    if (octets.len != 2)
        return false;
    *value_r = (unsigned)octets.data[0] << 8 | octets.data[1];
    return true;
}

bool mv_wire_u32(struct mv_cursor *c, uint32_t *value_r)
{
    unsigned high, low;

    if (!mv_wire_u16(c, &high) || !mv_wire_u16(c, &low))
        return false;
    *value_r = (uint32_t)high << 16 | low;
    return true;
}

/* RFC 2181 8: a TTL with the top bit set is zero. */
static bool read_ttl(struct mv_cursor *c, uint32_t *ttl_secs_r)
{
    if (!mv_wire_u32(c, ttl_secs_r))
        return false;
    if ((*ttl_secs_r & 0x80000000) != 0)
        *ttl_secs_r = 0;
    return true;
}

bool mv_wire_rr_read(struct mv_bytes message, struct mv_cursor *c, struct mv_wire_rr *rr_r)
{
    unsigned len;
    struct mv_bytes rdata;

    if (!mv_wire_name_read(message, c, &rr_r->owner) || !mv_wire_u16(c, &rr_r->type) ||
        !mv_wire_u16(c, &rr_r->class) || !read_ttl(c, &rr_r->ttl_secs) || !mv_wire_u16(c, &len))
        return false;
    rdata = mv_cursor_take(c, len);
    rr_r->rdata = mv_cursor_of(rdata);
    return rdata.len == len;
}

bool mv_wire_header_read(struct mv_bytes message, struct mv_cursor *c, struct mv_wire_reply *reply_r)
{
    *reply_r = (struct mv_wire_reply){.message = message};
    if (message.len > MV_DNS_MAX_MESSAGE_BYTES || !mv_wire_u16(c, &reply_r->id) ||
        !mv_wire_u16(c, &reply_r->flags) || !mv_wire_u16(c, &reply_r->questions))
        return false;
    for (int i = 0; i < MV_WIRE_COUNT; i++)
        if (!mv_wire_u16(c, &reply_r->counts[i]))
            return false;
    reply_r->rcode = reply_r->flags & MV_WIRE_RCODE;
    return (reply_r->flags & (MV_WIRE_QR | MV_WIRE_OPCODE)) == MV_WIRE_QR;
}

/* Our question, once. A server that fails may leave it out. */
bool mv_wire_question_read(struct mv_cursor *c, const struct mv_wire_reply *reply, const struct mv_wire_name *name,
                           enum mv_dns_type type)
{
    struct mv_wire_name asked;
    unsigned asked_type, asked_class;

    if (reply->questions == 0)
        return reply->rcode != MV_WIRE_NOERROR && reply->rcode != MV_WIRE_NXDOMAIN;
    return reply->questions == 1 && mv_wire_name_read(reply->message, c, &asked) && mv_wire_u16(c, &asked_type) &&
           mv_wire_u16(c, &asked_class) && mv_wire_name_equal(&asked, name) && asked_type == type &&
           asked_class == MV_WIRE_CLASS_IN;
}

/* The last of the five numbers behind the two names (RFC 1035 3.3.13). */
static uint32_t negative_secs(const struct mv_wire_rr *soa)
{
    struct mv_cursor rdata = soa->rdata;
    size_t left = mv_cursor_left(&rdata);
    uint32_t minimum;

    if (left < SOA_MIN_BYTES)
        return 0;
    mv_cursor_take(&rdata, left - sizeof minimum);
    if (!mv_wire_u32(&rdata, &minimum))
        return 0;
    return minimum < soa->ttl_secs ? minimum : soa->ttl_secs;
}

/* What the records beside the answer say about the whole message. */
static void note_record(struct mv_wire_reply *reply, enum mv_wire_section section, const struct mv_wire_rr *rr)
{
    if (section == MV_WIRE_AUTHORITY) {
        reply->has_ns = reply->has_ns || rr->type == MV_DNS_NS;
        if (rr->type == MV_DNS_SOA && rr->class == MV_WIRE_CLASS_IN && !reply->has_soa)
            reply->negative_secs = negative_secs(rr);
        reply->has_soa = reply->has_soa || rr->type == MV_DNS_SOA;
    }
    if (section == MV_WIRE_ADDITIONAL && rr->type == MV_WIRE_TYPE_OPT) /* RFC 6891 6.1.3 */
        reply->rcode = (unsigned)(rr->ttl_secs >> 24) << 4 | (reply->flags & MV_WIRE_RCODE);
}

/* Everything once, so that what comes later can rely on it. */
bool mv_wire_sections_read(struct mv_cursor *c, struct mv_wire_reply *reply)
{
    struct mv_wire_rr rr;

    reply->answers = *c;
    if (reply->counts[MV_WIRE_ANSWER] > MV_DNS_MAX_RECORDS)
        return false;
    for (int section = 0; section < MV_WIRE_COUNT; section++) {
        if (section == MV_WIRE_AUTHORITY)
            reply->authority = *c;
        for (unsigned i = 0; i < reply->counts[section]; i++) {
            if (!mv_wire_rr_read(reply->message, c, &rr))
                return false;
            note_record(reply, section, &rr);
        }
    }
    return true;
}

bool mv_wire_next_answer(const struct mv_wire_reply *reply, struct mv_cursor *c, unsigned *index,
                         struct mv_wire_rr *rr_r)
{
    while ((*index)++ < reply->counts[MV_WIRE_ANSWER] && mv_wire_rr_read(reply->message, c, rr_r))
        if (rr_r->class == MV_WIRE_CLASS_IN)
            return true;
    return false;
}
