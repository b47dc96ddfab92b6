#include "core/dns/wire.h"

#include <string.h>

#include "core/dns/wire_name.h"

#define CLASS_IN 1
#define TYPE_OPT 41 /* RFC 6891 6.1.1 */

/* The second 16 bits of a message: RFC 1035 4.1.1, RFC 4035 3.2.3 */
#define FLAG_QR 0x8000
#define FLAG_OPCODE 0x7800
#define FLAG_AA 0x0400
#define FLAG_TC 0x0200
#define FLAG_RD 0x0100
#define FLAG_RA 0x0080
#define FLAG_AD 0x0020
#define FLAG_RCODE 0x000f

#define RCODE_NOERROR 0
#define RCODE_NXDOMAIN 3
#define RCODE_REFUSED 5

enum section { SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL, SECTION_COUNT };

struct reply {
    struct mv_bytes message;
    unsigned id;
    unsigned flags;
    unsigned rcode; /* with the upper bits of EDNS */
    unsigned questions;
    unsigned counts[SECTION_COUNT];
    struct mv_cursor answers; /* stands at the first record */
    bool has_ns;              /* in the authority section */
    bool has_soa;
};

struct rr {
    struct mv_wire_name owner;
    unsigned type;
    unsigned class;
    uint32_t ttl_secs;
    struct mv_cursor rdata;
};

static void put_u16(struct mv_buf *out, unsigned value)
{
    mv_buf_putc(out, (unsigned char)(value >> 8));
    mv_buf_putc(out, (unsigned char)value);
}

enum mv_code mv_dns_wire_query(const struct mv_dns_question *question, uint16_t id, struct mv_buf *out)
{
    struct mv_wire_name name;

    if (!mv_wire_name_from_text(question->name, &name))
        return MV_ERR_SYNTAX;
    put_u16(out, id);
    put_u16(out, FLAG_RD | FLAG_AD); /* AD: tell us whether the answer is authentic (RFC 6840 5.7) */
    put_u16(out, 1);
    put_u16(out, 0);
    put_u16(out, 0);
    put_u16(out, 1);
    mv_buf_put(out, mv_bytes_of(name.octets, name.len));
    put_u16(out, question->type);
    put_u16(out, CLASS_IN);
    /* RFC 6891 6.1.2: the root, OPT, payload size, extended rcode and flags, no options */
    mv_buf_putc(out, 0);
    put_u16(out, TYPE_OPT);
    put_u16(out, MV_DNS_EDNS_PAYLOAD_BYTES);
    put_u16(out, 0);
    put_u16(out, 0);
    put_u16(out, 0);
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}

static bool read_u16(struct mv_cursor *c, unsigned *value_r)
{
    struct mv_bytes octets = mv_cursor_take(c, 2);

    if (octets.len != 2)
        return false;
    *value_r = (unsigned)octets.data[0] << 8 | octets.data[1];
    return true;
}

/* RFC 2181 8: a TTL with the top bit set is zero. */
static bool read_ttl(struct mv_cursor *c, uint32_t *ttl_secs_r)
{
    unsigned high, low;

    if (!read_u16(c, &high) || !read_u16(c, &low))
        return false;
    *ttl_secs_r = (high & 0x8000) != 0 ? 0 : (uint32_t)high << 16 | low;
    return true;
}

static bool read_rr(struct mv_bytes message, struct mv_cursor *c, struct rr *rr_r)
{
    unsigned len;
    struct mv_bytes rdata;

    if (!mv_wire_name_read(message, c, &rr_r->owner) || !read_u16(c, &rr_r->type) || !read_u16(c, &rr_r->class) ||
        !read_ttl(c, &rr_r->ttl_secs) || !read_u16(c, &len))
        return false;
    rdata = mv_cursor_take(c, len);
    rr_r->rdata = mv_cursor_of(rdata);
    return rdata.len == len;
}

static bool read_header(struct mv_bytes message, struct mv_cursor *c, struct reply *reply_r)
{
    *reply_r = (struct reply){.message = message};
    if (message.len > MV_DNS_MAX_MESSAGE_BYTES || !read_u16(c, &reply_r->id) || !read_u16(c, &reply_r->flags) ||
        !read_u16(c, &reply_r->questions))
        return false;
    for (int i = 0; i < SECTION_COUNT; i++)
        if (!read_u16(c, &reply_r->counts[i]))
            return false;
    reply_r->rcode = reply_r->flags & FLAG_RCODE;
    return (reply_r->flags & (FLAG_QR | FLAG_OPCODE)) == FLAG_QR;
}

/* Our question, once. A server that fails may leave it out. */
static bool read_question(struct mv_cursor *c, const struct reply *reply, const struct mv_wire_name *name,
                          enum mv_dns_type type)
{
    struct mv_wire_name asked;
    unsigned asked_type, asked_class;

    if (reply->questions == 0)
        return reply->rcode != RCODE_NOERROR && reply->rcode != RCODE_NXDOMAIN;
    return reply->questions == 1 && mv_wire_name_read(reply->message, c, &asked) && read_u16(c, &asked_type) &&
           read_u16(c, &asked_class) && mv_wire_name_equal(&asked, name) && asked_type == type &&
           asked_class == CLASS_IN;
}

/* What the records beside the answer say about the whole message. */
static void note_record(struct reply *reply, enum section section, const struct rr *rr)
{
    if (section == SECTION_AUTHORITY) {
        reply->has_ns = reply->has_ns || rr->type == MV_DNS_NS;
        reply->has_soa = reply->has_soa || rr->type == MV_DNS_SOA;
    }
    if (section == SECTION_ADDITIONAL && rr->type == TYPE_OPT) /* RFC 6891 6.1.3 */
        reply->rcode = (unsigned)(rr->ttl_secs >> 24) << 4 | (reply->flags & FLAG_RCODE);
}

/* Everything once, so that what comes later can rely on it. */
static bool read_sections(struct mv_cursor *c, struct reply *reply)
{
    struct rr rr;

    reply->answers = *c;
    if (reply->counts[SECTION_ANSWER] > MV_DNS_MAX_RECORDS)
        return false;
    for (int section = 0; section < SECTION_COUNT; section++)
        for (unsigned i = 0; i < reply->counts[section]; i++) {
            if (!read_rr(reply->message, c, &rr))
                return false;
            note_record(reply, section, &rr);
        }
    return true;
}

static bool next_answer(const struct reply *reply, struct mv_cursor *c, unsigned *index, struct rr *rr_r)
{
    while ((*index)++ < reply->counts[SECTION_ANSWER] && read_rr(reply->message, c, rr_r))
        if (rr_r->class == CLASS_IN)
            return true;
    return false;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

enum step { STEP_RECORDS, STEP_ALIAS, STEP_NOTHING, STEP_BROKEN };

/* What the answer section has for a name; after STEP_ALIAS *name is where it leads. */
static enum step look_at(const struct reply *reply, enum mv_dns_type type, struct mv_wire_name *name,
                         uint32_t *ttl_secs)
{
    struct mv_cursor c = reply->answers;
    struct mv_wire_name target;
    enum step step = STEP_NOTHING;
    struct rr rr;

    for (unsigned i = 0; next_answer(reply, &c, &i, &rr);) {
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
static enum step follow(const struct reply *reply, enum mv_dns_type type, struct mv_wire_name *name, uint32_t *ttl_secs)
{
    for (unsigned cnames = 0; cnames <= MV_DNS_MAX_CNAMES; cnames++) {
        enum step step = look_at(reply, type, name, ttl_secs);

        if (step != STEP_ALIAS)
            return step;
    }
    return STEP_BROKEN;
}

/* How a record came out. */
enum kept { KEPT, SKIPPED, MALFORMED, NO_MEMORY };

/* RFC 1035 3.3.14: one or more character-strings. */
static enum kept keep_txt(struct mv_arena *arena, struct mv_cursor rdata, struct mv_dns_record *record_r)
{
    unsigned char *joined = mv_arena_alloc(arena, mv_cursor_left(&rdata));
    size_t len = 0;

    if (joined == NULL || !mv_arena_copy(arena, mv_cursor_rest(&rdata), &record_r->rdata))
        return NO_MEMORY;
    if (mv_cursor_left(&rdata) == 0)
        return MALFORMED;
    while (mv_cursor_left(&rdata) > 0) {
        size_t announced = (size_t)mv_cursor_next(&rdata);
        struct mv_bytes string = mv_cursor_take(&rdata, announced);

        if (string.len != announced)
            return MALFORMED;
        if (string.len > 0)
            memcpy(joined + len, string.data, string.len);
        len += string.len;
    }
    record_r->data = mv_bytes_of(joined, len);
    return KEPT;
}

static enum kept keep_address(struct mv_arena *arena, struct mv_cursor rdata, size_t len,
                              struct mv_dns_record *record_r)
{
    if (mv_cursor_left(&rdata) != len)
        return MALFORMED;
    return mv_arena_copy(arena, mv_cursor_rest(&rdata), &record_r->data) ? KEPT : NO_MEMORY;
}

static enum kept keep_text(struct mv_arena *arena, const struct mv_wire_name *name, struct mv_dns_record *record_r)
{
    if (!mv_wire_name_is_plain(name))
        return SKIPPED;
    return mv_wire_name_to_text(arena, name, &record_r->data) ? KEPT : NO_MEMORY;
}

static enum kept keep_name(struct mv_arena *arena, struct mv_bytes message, struct mv_cursor rdata,
                           struct mv_dns_record *record_r)
{
    struct mv_wire_name name;

    if (!mv_wire_name_read(message, &rdata, &name) || mv_cursor_left(&rdata) > 0)
        return MALFORMED;
    return keep_text(arena, &name, record_r);
}

/* RFC 1035 3.3.13: the server, the mailbox, five numbers of 32 bits. */
static enum kept keep_soa(struct mv_arena *arena, struct mv_bytes message, struct mv_cursor rdata,
                          struct mv_dns_record *record_r)
{
    struct mv_wire_name server, mailbox;

    if (!mv_wire_name_read(message, &rdata, &server) || !mv_wire_name_read(message, &rdata, &mailbox) ||
        mv_cursor_left(&rdata) != 20)
        return MALFORMED;
    return keep_text(arena, &server, record_r);
}

static enum kept keep_record(struct mv_arena *arena, struct mv_bytes message, struct rr *rr,
                             struct mv_dns_record *record_r)
{
    switch ((enum mv_dns_type)rr->type) {
    case MV_DNS_TXT:
        return keep_txt(arena, rr->rdata, record_r);
    case MV_DNS_A:
        return keep_address(arena, rr->rdata, 4, record_r);
    case MV_DNS_AAAA:
        return keep_address(arena, rr->rdata, 16, record_r);
    case MV_DNS_SOA:
        return keep_soa(arena, message, rr->rdata, record_r);
    case MV_DNS_MX:
        if (!read_u16(&rr->rdata, &record_r->preference))
            return MALFORMED;
        break;
    case MV_DNS_NS:
    case MV_DNS_CNAME:
    case MV_DNS_PTR:
        break;
    }
    return keep_name(arena, message, rr->rdata, record_r);
}

/* One record that does not parse spoils the answer; one that cannot be told as text is left out. */
static enum mv_code collect(struct mv_arena *arena, const struct reply *reply, enum mv_dns_type type,
                            const struct mv_wire_name *name, struct mv_dns_answer *answer)
{
    struct mv_dns_record *records = mv_arena_array(arena, reply->counts[SECTION_ANSWER], sizeof *records);
    struct mv_cursor c = reply->answers;
    struct rr rr;

    if (records == NULL)
        return MV_ERR_MEMORY;
    answer->records = records;
    answer->count = 0;
    for (unsigned i = 0; next_answer(reply, &c, &i, &rr);) {
        enum kept kept;

        if (rr.type != type || !mv_wire_name_equal(&rr.owner, name))
            continue;
        kept = keep_record(arena, reply->message, &rr, &records[answer->count]);
        if (kept == NO_MEMORY)
            return MV_ERR_MEMORY;
        if (kept == MALFORMED) {
            *answer = (struct mv_dns_answer){.status = MV_DNS_SERVFAIL};
            return MV_OK;
        }
        if (kept == KEPT)
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
static bool is_referral(const struct reply *reply)
{
    return (reply->flags & (FLAG_AA | FLAG_RA)) == 0 && reply->has_ns && !reply->has_soa;
}

static enum mv_code judge(struct mv_arena *arena, const struct reply *reply, enum mv_dns_type type,
                          struct mv_wire_name *name, struct mv_dns_answer *answer_r)
{
    uint32_t ttl_secs = UINT32_MAX;
    enum step step = follow(reply, type, name, &ttl_secs);

    if (step == STEP_BROKEN || (step == STEP_NOTHING && reply->rcode == RCODE_NOERROR && is_referral(reply)))
        return MV_OK;
    answer_r->secure = (reply->flags & FLAG_AD) != 0;
    answer_r->ttl_secs = ttl_secs;
    if (step == STEP_RECORDS && reply->rcode == RCODE_NOERROR)
        return collect(arena, reply, type, name, answer_r);
    /* RFC 6604 3: the rcode is that of the last name of the chain */
    answer_r->status = reply->rcode == RCODE_NXDOMAIN ? MV_DNS_NXDOMAIN : MV_DNS_NODATA;
    answer_r->ttl_secs = ttl_secs == UINT32_MAX ? 0 : ttl_secs;
    return MV_OK;
}

enum mv_code mv_dns_wire_answer(struct mv_arena *arena, const struct mv_dns_question *question,
                                struct mv_bytes message, struct mv_dns_answer *answer_r)
{
    struct mv_cursor c = mv_cursor_of(message);
    struct mv_wire_name name;
    struct reply reply;

    *answer_r = (struct mv_dns_answer){.status = MV_DNS_SERVFAIL};
    if (!mv_wire_name_from_text(question->name, &name) || !read_header(message, &c, &reply) ||
        (reply.flags & FLAG_TC) != 0 || !read_question(&c, &reply, &name, question->type) ||
        !read_sections(&c, &reply))
        return MV_OK;
    if (reply.rcode == RCODE_REFUSED)
        answer_r->status = MV_DNS_REFUSED;
    if (reply.rcode != RCODE_NOERROR && reply.rcode != RCODE_NXDOMAIN)
        return MV_OK;
    return judge(arena, &reply, question->type, &name, answer_r);
}

bool mv_dns_wire_is_reply(const struct mv_dns_question *question, uint16_t id, struct mv_bytes message)
{
    struct mv_cursor c = mv_cursor_of(message);
    struct mv_wire_name name;
    struct reply reply;

    return mv_wire_name_from_text(question->name, &name) && read_header(message, &c, &reply) && reply.id == id &&
           read_question(&c, &reply, &name, question->type);
}
