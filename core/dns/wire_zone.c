#include "core/dns/wire.h"

#include "core/dns/wire_message.h"

#define SOA_NUMBERS_BYTES 16 /* serial, refresh, retry and expire, before MINIMUM */

static enum mv_code fail(struct mv_zone_answer *answer, const char *fault)
{
    *answer = (struct mv_zone_answer){.word = MV_ZONE_FAILURE, .fault = fault};
    return MV_OK;
}

static const char *fault_of_rcode(unsigned rcode)
{
    switch (rcode) {
    case 1:
        return "could not read the question (FORMERR)";
    case 2:
        return "failed (SERVFAIL)";
    case 4:
        return "does not do that (NOTIMP)";
    case MV_WIRE_REFUSED:
        return "refused to answer (REFUSED)";
    case 9:
        return "is not responsible for the zone (NOTAUTH)";
    default:
        return "answered with an error";
    }
}

/* RFC 2308 4: MINIMUM is how long "there is not" may be kept. */
static uint32_t minimum_of(const struct mv_wire_reply *reply, const struct mv_wire_rr *soa)
{
    struct mv_cursor rdata = soa->rdata;
    struct mv_wire_name server, mailbox;
    uint32_t minimum = 0;

    if (!mv_wire_name_read(reply->message, &rdata, &server) || !mv_wire_name_read(reply->message, &rdata, &mailbox))
        return 0;
    (void)mv_cursor_take(&rdata, SOA_NUMBERS_BYTES);
    return mv_wire_u32(&rdata, &minimum) ? minimum : 0;
}

static void note_minimum(const struct mv_wire_reply *reply, const struct mv_wire_rr *rr, struct mv_zone_answer *answer)
{
    uint32_t minimum = rr->type == MV_DNS_SOA && rr->class == MV_WIRE_CLASS_IN ? minimum_of(reply, rr) : 0;

    if (minimum > answer->negative_secs)
        answer->negative_secs = minimum;
}

/* Records of the answer section that are the name's own, of the type or a CNAME. */
static enum mv_code read_answer(struct mv_arena *arena, const struct mv_wire_reply *reply,
                                const struct mv_wire_name *name, enum mv_dns_type type, struct mv_zone_answer *answer)
{
    struct mv_dns_record *records = mv_arena_array(arena, reply->counts[MV_WIRE_ANSWER], sizeof *records);
    struct mv_cursor c = reply->answers;
    struct mv_dns_record alias;
    struct mv_wire_rr rr;

    if (records == NULL)
        return MV_ERR_MEMORY;
    for (unsigned i = 0; mv_wire_next_answer(reply, &c, &i, &rr);) {
        bool wanted = rr.type == type;
        enum mv_wire_kept kept;

        if (!mv_wire_name_equal(&rr.owner, name) || (!wanted && rr.type != MV_DNS_CNAME))
            continue;
        note_minimum(reply, &rr, answer);
        kept = mv_wire_record_keep(arena, reply->message, &rr, wanted ? &records[answer->count] : &alias);
        if (kept == MV_WIRE_NO_MEMORY)
            return MV_ERR_MEMORY;
        if (kept != MV_WIRE_KEPT)
            return fail(answer, "sent a record that cannot be read");
        if (rr.ttl_secs > answer->ttl_secs)
            answer->ttl_secs = rr.ttl_secs;
        answer->word = wanted ? MV_ZONE_RECORDS : MV_ZONE_ALIAS;
        answer->name = wanted ? answer->name : alias.data;
        answer->count += wanted;
    }
    answer->records = records;
    return MV_OK;
}

/* Is the zone of a referral above the name, or the name itself? */
static bool is_over(const struct mv_wire_name *zone, const struct mv_wire_name *name)
{
    for (size_t at = 0; at < name->len; at += 1u + name->octets[at]) {
        struct mv_bytes rest = mv_bytes_of(name->octets + at, name->len - at);

        if (mv_bytes_equal(rest, mv_bytes_of(zone->octets, zone->len)))
            return true;
    }
    return false;
}

/* The authority section: the SOA record of a "there is not" (RFC 2308 2), or where to ask (RFC 1034 4.3.2). */
static enum mv_code read_authority(struct mv_arena *arena, const struct mv_wire_reply *reply,
                                   const struct mv_wire_name *name, struct mv_zone_answer *answer)
{
    size_t count = reply->counts[MV_WIRE_AUTHORITY] > MV_DNS_MAX_RECORDS ? 0 : reply->counts[MV_WIRE_AUTHORITY];
    struct mv_dns_record *records = mv_arena_array(arena, count, sizeof *records);
    struct mv_cursor c = reply->authority;
    struct mv_wire_rr rr;

    if (records == NULL)
        return MV_ERR_MEMORY;
    answer->records = records;
    for (size_t i = 0; i < count && mv_wire_rr_read(reply->message, &c, &rr); i++) {
        note_minimum(reply, &rr, answer);
        if (rr.type != MV_DNS_NS || rr.class != MV_WIRE_CLASS_IN || !is_over(&rr.owner, name))
            continue;
        if (!mv_wire_name_to_text(arena, &rr.owner, &answer->name))
            return MV_ERR_MEMORY;
        switch (mv_wire_record_keep(arena, reply->message, &rr, &records[answer->count])) {
        case MV_WIRE_KEPT:
            answer->count++;
            break;
        case MV_WIRE_NO_MEMORY:
            return MV_ERR_MEMORY;
        case MV_WIRE_SKIPPED:
        case MV_WIRE_MALFORMED:
            return fail(answer, "sent a record that cannot be read");
        }
    }
    return MV_OK;
}

static enum mv_code judge(struct mv_arena *arena, const struct mv_wire_reply *reply, const struct mv_wire_name *name,
                          enum mv_dns_type type, struct mv_zone_answer *answer)
{
    bool authoritative = (reply->flags & MV_WIRE_AA) != 0;
    enum mv_code code;

    *answer = (struct mv_zone_answer){.word = MV_ZONE_NOTHING};
    if (authoritative) {
        code = read_answer(arena, reply, name, type, answer);
        if (code != MV_OK || answer->word != MV_ZONE_NOTHING)
            return code;
        code = read_authority(arena, reply, name, answer);
        answer->count = 0;
        return code;
    }
    if (reply->rcode != MV_WIRE_NOERROR || reply->counts[MV_WIRE_ANSWER] > 0 || reply->has_soa)
        return fail(answer, "is not responsible for the zone");
    code = read_authority(arena, reply, name, answer);
    if (code != MV_OK || answer->word == MV_ZONE_FAILURE)
        return code;
    if (answer->count == 0)
        return fail(answer, "is not responsible for the zone");
    answer->word = MV_ZONE_ELSEWHERE;
    return MV_OK;
}

enum mv_code mv_dns_wire_zone_answer(struct mv_arena *arena, const struct mv_dns_question *question,
                                     struct mv_bytes message, struct mv_zone_answer *answer_r)
{
    struct mv_cursor c = mv_cursor_of(message);
    struct mv_wire_name name;
    struct mv_wire_reply reply;

    if (!mv_wire_name_from_text(question->name, &name) || !mv_wire_header_read(message, &c, &reply) ||
        !mv_wire_question_read(&c, &reply, &name, question->type) || !mv_wire_sections_read(&c, &reply))
        return fail(answer_r, "sent an answer that cannot be read");
    if ((reply.flags & MV_WIRE_TC) != 0)
        return fail(answer_r, "sent half an answer");
    if (reply.rcode != MV_WIRE_NOERROR && reply.rcode != MV_WIRE_NXDOMAIN)
        return fail(answer_r, fault_of_rcode(reply.rcode));
    return judge(arena, &reply, &name, question->type, answer_r);
}

bool mv_dns_wire_is_cut(struct mv_bytes message)
{
    struct mv_cursor c = mv_cursor_of(message);
    struct mv_wire_reply reply;

    return mv_wire_header_read(message, &c, &reply) && (reply.flags & MV_WIRE_TC) != 0;
}
