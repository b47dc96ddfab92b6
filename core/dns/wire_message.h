/*
 * A response taken apart: header, question, records.  Only wire*.c include this.
 */
#ifndef MV_DNS_WIRE_MESSAGE_H
#define MV_DNS_WIRE_MESSAGE_H

#include "core/base/arena.h"
#include "core/dns/answer.h"
#include "core/dns/wire.h"
#include "core/dns/wire_name.h"

#define MV_WIRE_CLASS_IN 1
#define MV_WIRE_TYPE_OPT 41 /* RFC 6891 6.1.1 */

/* The second 16 bits of a message: RFC 1035 4.1.1, RFC 4035 3.2.3 */
#define MV_WIRE_QR 0x8000
#define MV_WIRE_OPCODE 0x7800
#define MV_WIRE_AA 0x0400
#define MV_WIRE_TC 0x0200
#define MV_WIRE_RD 0x0100
#define MV_WIRE_RA 0x0080
#define MV_WIRE_AD 0x0020
#define MV_WIRE_RCODE 0x000f

#define MV_WIRE_NOERROR 0
#define MV_WIRE_NXDOMAIN 3
#define MV_WIRE_REFUSED 5

enum mv_wire_section { MV_WIRE_ANSWER, MV_WIRE_AUTHORITY, MV_WIRE_ADDITIONAL, MV_WIRE_COUNT };

struct mv_wire_reply {
    struct mv_bytes message;
    unsigned id;
    unsigned flags;
    unsigned rcode; /* with the upper bits of EDNS */
    unsigned questions;
    unsigned counts[MV_WIRE_COUNT];
    struct mv_cursor answers;   /* stands at the first record */
    struct mv_cursor authority; /* and at the first of that section */
    bool has_ns;                /* in the authority section */
    bool has_soa;
    uint32_t negative_secs; /* of the SOA record there: the smaller one of its TTL and MINIMUM (RFC 2308 5) */
};

struct mv_wire_rr {
    struct mv_wire_name owner;
    unsigned type;
    unsigned class;
    uint32_t ttl_secs;
    struct mv_cursor rdata;
};

bool mv_wire_u16(struct mv_cursor *c, unsigned *value_r);
bool mv_wire_u32(struct mv_cursor *c, uint32_t *value_r);
bool mv_wire_rr_read(struct mv_bytes message, struct mv_cursor *c, struct mv_wire_rr *rr_r);

/* In this order. The cursor begins at the message. */
bool mv_wire_header_read(struct mv_bytes message, struct mv_cursor *c, struct mv_wire_reply *reply_r);
bool mv_wire_question_read(struct mv_cursor *c, const struct mv_wire_reply *reply, const struct mv_wire_name *name,
                           enum mv_dns_type type);
bool mv_wire_sections_read(struct mv_cursor *c, struct mv_wire_reply *reply);
/* Walks over the records of class IN in the answer section: *c from reply->answers, *index from 0. */
bool mv_wire_next_answer(const struct mv_wire_reply *reply, struct mv_cursor *c, unsigned *index,
                         struct mv_wire_rr *rr_r);

/* How a record came out. SKIPPED: it cannot be told as text. */
enum mv_wire_kept { MV_WIRE_KEPT, MV_WIRE_SKIPPED, MV_WIRE_MALFORMED, MV_WIRE_NO_MEMORY };

enum mv_wire_kept mv_wire_record_keep(struct mv_arena *arena, struct mv_bytes message, struct mv_wire_rr *rr,
                                      struct mv_dns_record *record_r);

#endif
