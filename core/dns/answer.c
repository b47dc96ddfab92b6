#include "core/dns/answer.h"

static const struct {
    enum mv_dns_type type;
    const char *text;
} types[] = {
    {MV_DNS_A, "A"},         {MV_DNS_NS, "NS"}, {MV_DNS_CNAME, "CNAME"}, {MV_DNS_SOA, "SOA"},
    {MV_DNS_PTR, "PTR"},     {MV_DNS_MX, "MX"}, {MV_DNS_TXT, "TXT"},     {MV_DNS_AAAA, "AAAA"},
};

bool mv_dns_is_error(enum mv_dns_status status)
{
    return status != MV_DNS_FOUND && status != MV_DNS_NODATA && status != MV_DNS_NXDOMAIN;
}

const char *mv_dns_type_text(enum mv_dns_type type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].type == type)
            return types[i].text;
    return "unknown";
}

bool mv_dns_type_parse(struct mv_bytes text, enum mv_dns_type *type_r)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (mv_bytes_equal_nocase(text, mv_bytes_str(types[i].text))) {
            *type_r = types[i].type;
            return true;
        }
    return false;
}

const char *mv_dns_status_rcode(enum mv_dns_status status)
{
    switch (status) {
    case MV_DNS_FOUND:
    case MV_DNS_NODATA:
        return "NOERROR";
    case MV_DNS_NXDOMAIN:
        return "NXDOMAIN";
    case MV_DNS_REFUSED:
        return "REFUSED";
    case MV_DNS_TIMEOUT:
        return "TIMEOUT";
    case MV_DNS_SERVFAIL:
    case MV_DNS_LIMIT:
        break;
    }
    return "SERVFAIL";
}

const char *mv_dns_status_text(enum mv_dns_status status)
{
    switch (status) {
    case MV_DNS_FOUND:
        return "found";
    case MV_DNS_NODATA:
        return "no such record";
    case MV_DNS_NXDOMAIN:
        return "no such name";
    case MV_DNS_SERVFAIL:
        return "the DNS server failed";
    case MV_DNS_REFUSED:
        return "the DNS server refused to answer";
    case MV_DNS_TIMEOUT:
        return "timed out";
    case MV_DNS_LIMIT:
        return "not asked: too many DNS questions for one message";
    }
    return "unknown";
}
