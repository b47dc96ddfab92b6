#include "core/dns/wire_message.h"

#include <string.h>

/* RFC 1035 3.3.14: one or more character-strings. */
static enum mv_wire_kept keep_txt(struct mv_arena *arena, struct mv_cursor rdata, struct mv_dns_record *record_r)
{
    unsigned char *joined = mv_arena_alloc(arena, mv_cursor_left(&rdata));
    size_t len = 0;

    if (joined == NULL || !mv_arena_copy(arena, mv_cursor_rest(&rdata), &record_r->rdata))
        return MV_WIRE_NO_MEMORY;
    if (mv_cursor_left(&rdata) == 0)
        return MV_WIRE_MALFORMED;
    while (mv_cursor_left(&rdata) > 0) {
        size_t announced = (size_t)mv_cursor_next(&rdata);
        struct mv_bytes string = mv_cursor_take(&rdata, announced);

        if (string.len != announced)
            return MV_WIRE_MALFORMED;
        if (string.len > 0)
            memcpy(joined + len, string.data, string.len);
        len += string.len;
    }
    record_r->data = mv_bytes_of(joined, len);
    return MV_WIRE_KEPT;
}

static enum mv_wire_kept keep_address(struct mv_arena *arena, struct mv_cursor rdata, size_t len,
                                      struct mv_dns_record *record_r)
{
    if (mv_cursor_left(&rdata) != len)
        return MV_WIRE_MALFORMED;
    return mv_arena_copy(arena, mv_cursor_rest(&rdata), &record_r->data) ? MV_WIRE_KEPT : MV_WIRE_NO_MEMORY;
}

static enum mv_wire_kept keep_text(struct mv_arena *arena, const struct mv_wire_name *name,
                                   struct mv_dns_record *record_r)
{
    if (!mv_wire_name_is_plain(name))
        return MV_WIRE_SKIPPED;
    return mv_wire_name_to_text(arena, name, &record_r->data) ? MV_WIRE_KEPT : MV_WIRE_NO_MEMORY;
}

static enum mv_wire_kept keep_name(struct mv_arena *arena, struct mv_bytes message, struct mv_cursor rdata,
                                   struct mv_dns_record *record_r)
{
    struct mv_wire_name name;

    if (!mv_wire_name_read(message, &rdata, &name) || mv_cursor_left(&rdata) > 0)
        return MV_WIRE_MALFORMED;
    return keep_text(arena, &name, record_r);
}

/* RFC 1035 3.3.13: the server, the mailbox, five numbers of 32 bits. */
static enum mv_wire_kept keep_soa(struct mv_arena *arena, struct mv_bytes message, struct mv_cursor rdata,
                                  struct mv_dns_record *record_r)
{
    struct mv_wire_name server, mailbox;

    if (!mv_wire_name_read(message, &rdata, &server) || !mv_wire_name_read(message, &rdata, &mailbox) ||
        mv_cursor_left(&rdata) != 20)
        return MV_WIRE_MALFORMED;
    return keep_text(arena, &server, record_r);
}

enum mv_wire_kept mv_wire_record_keep(struct mv_arena *arena, struct mv_bytes message, struct mv_wire_rr *rr,
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
        if (!mv_wire_u16(&rr->rdata, &record_r->preference))
            return MV_WIRE_MALFORMED;
        break;
    case MV_DNS_NS:
    case MV_DNS_CNAME:
    case MV_DNS_PTR:
        break;
    }
    return keep_name(arena, message, rr->rdata, record_r);
}
