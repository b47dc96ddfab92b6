#include "opinion/answers.h"

#include <netdb.h>
#include <string.h>

#include "core/text/domain.h"

#define FLAGS_ANSWER 0x8180 /* RFC 1035 4.1.1: QR, RD, RA */
#define CLASS_IN 1
#define POINTER_TO_QUESTION 0xc00c /* RFC 1035 4.1.4 */

/* What the C library's resolver makes of a name that DNS cannot hold, and Exim of the empty name */
static const struct mv_dns_answer not_askable = {.status = MV_DNS_REFUSED}, no_name = {.status = MV_DNS_SERVFAIL};

static void miss(struct mv_opinion_dns *dns, struct mv_bytes name, enum mv_dns_type type)
{
    static unsigned char copy[MV_DOMAIN_MAX_BYTES];

    if (dns->missed)
        return;
    dns->missed = true;
    memcpy(copy, name.data, name.len);
    dns->missing = (struct mv_dns_question){mv_bytes_of(copy, name.len), type};
}

const struct mv_dns_answer *mv_opinion_dns_find(struct mv_opinion_dns *dns, struct mv_bytes name,
                                                enum mv_dns_type type)
{
    if (name.len > 0 && name.data[name.len - 1] == '.')
        name.len--;
    dns->asked++;
    if (!mv_domain_is_askable(name))
        return name.len == 0 ? &no_name : &not_askable;
    for (size_t i = 0; i < dns->count; i++)
        if (dns->answers[i].question.type == type && mv_domain_equal(dns->answers[i].question.name, name))
            return &dns->answers[i].answer;
    miss(dns, name, type);
    return NULL;
}

int mv_opinion_dns_herrno(const struct mv_dns_answer *answer)
{
    if (answer == NULL)
        return TRY_AGAIN;
    switch (answer->status) {
    case MV_DNS_FOUND:
        return NETDB_SUCCESS;
    case MV_DNS_NODATA:
        return NO_DATA;
    case MV_DNS_NXDOMAIN:
        return HOST_NOT_FOUND;
    case MV_DNS_REFUSED:
        return NO_RECOVERY;
    case MV_DNS_SERVFAIL:
    case MV_DNS_TIMEOUT:
    case MV_DNS_LIMIT:
        break;
    }
    return TRY_AGAIN;
}

static void put_u16(struct mv_buf *out, size_t value)
{
    mv_buf_putc(out, (unsigned char)(value >> 8));
    mv_buf_putc(out, (unsigned char)value);
}

static void put_name(struct mv_buf *out, struct mv_bytes name)
{
    struct mv_cursor c = mv_cursor_of(name);

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes label = mv_cursor_take_until(&c, '.');

        mv_buf_putc(out, (unsigned char)label.len);
        mv_buf_put(out, label);
        mv_cursor_accept(&c, '.');
    }
    mv_buf_putc(out, 0);
}

bool mv_opinion_dns_wire(struct mv_bytes name, const struct mv_dns_answer *answer, struct mv_buf *out)
{
    put_u16(out, 0);
    put_u16(out, FLAGS_ANSWER);
    put_u16(out, 1);
    put_u16(out, answer->count);
    put_u16(out, 0);
    put_u16(out, 0);
    put_name(out, name);
    put_u16(out, MV_DNS_TXT);
    put_u16(out, CLASS_IN);
    for (size_t i = 0; i < answer->count; i++) {
        put_u16(out, POINTER_TO_QUESTION);
        put_u16(out, MV_DNS_TXT);
        put_u16(out, CLASS_IN);
        put_u16(out, answer->ttl_secs >> 16);
        put_u16(out, answer->ttl_secs);
        put_u16(out, answer->records[i].rdata.len);
        mv_buf_put(out, answer->records[i].rdata);
    }
    return !mv_buf_failed(out);
}
