#include "core/base/ascii.h"
#include "core/spf/check.h"
#include "core/text/address.h"
#include "core/text/domain.h"

/* The octets that count for %{i} of an IPv6 address (RFC 7208 7.3). */
#define IP6_OCTETS 16

/* MAIL FROM without its angle brackets. */
static struct mv_bytes strip_brackets(struct mv_bytes path)
{
    if (mv_bytes_has_prefix_nocase(path, MV_BYTES("<")) && mv_bytes_has_suffix_nocase(path, MV_BYTES(">")))
        return mv_bytes_slice(path, 1, path.len - 1);
    return path;
}

/*
 * SMTP servers accept more than RFC 5321 allows, so that what is no path is cut
 * at its last "@".  false: there is no domain.
 */
static bool split_sender(struct mv_arena *arena, struct mv_bytes path, struct mv_bytes *local_part_r,
                         struct mv_bytes *domain_r)
{
    size_t at = mv_bytes_find_last(path, '@');

    if (mv_address_parse_path(arena, path, local_part_r, domain_r) && domain_r->len > 0)
        return true;
    *local_part_r = mv_bytes_slice(path, 0, at);
    *domain_r = mv_bytes_slice(path, at + 1, path.len);
    return at < path.len;
}

static bool join_sender(struct mv_spf_check *check)
{
    struct mv_spf_macro_values *values = &check->values;

    mv_buf_reset(&check->scratch);
    mv_buf_put(&check->scratch, values->local_part);
    mv_buf_putc(&check->scratch, '@');
    mv_buf_put(&check->scratch, values->sender_domain);
    return !mv_buf_failed(&check->scratch) &&
           mv_arena_copy(check->arena, mv_buf_bytes(&check->scratch), &values->sender);
}

/* RFC 7208 7.3: nibbles with dots, in upper case as the examples of the test suites have them. */
static void print_nibbles(const struct mv_ip *ip, struct mv_buf *out)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < IP6_OCTETS; i++) {
        if (i > 0)
            mv_buf_putc(out, '.');
        mv_buf_putc(out, (unsigned char)digits[ip->octets[i] >> 4]);
        mv_buf_putc(out, '.');
        mv_buf_putc(out, (unsigned char)digits[ip->octets[i] & 15]);
    }
}

static bool print_ip(struct mv_spf_check *check)
{
    const struct mv_ip *ip = &check->request->ip;
    struct mv_spf_macro_values *values = &check->values;

    values->ip_version = ip->family == MV_IP_V4 ? MV_BYTES("in-addr") : MV_BYTES("ip6");
    mv_buf_reset(&check->scratch);
    mv_ip_print(ip, &check->scratch);
    if (!mv_arena_copy(check->arena, mv_buf_bytes(&check->scratch), &values->ip_text))
        return false;
    values->ip_dotted = values->ip_text;
    if (ip->family == MV_IP_V4)
        return !mv_buf_failed(&check->scratch);
    mv_buf_reset(&check->scratch);
    print_nibbles(ip, &check->scratch);
    return !mv_buf_failed(&check->scratch) &&
           mv_arena_copy(check->arena, mv_buf_bytes(&check->scratch), &values->ip_dotted);
}

/* RFC 7208 2.4 and 4.3: postmaster@HELO for the null reverse-path, postmaster where there is no local part. */
static bool find_sender(struct mv_spf_check *check, struct mv_bytes *domain_r)
{
    struct mv_bytes path = strip_brackets(check->request->mail_from);
    struct mv_bytes *local_part = &check->values.local_part;

    *local_part = MV_BYTES("postmaster");
    check->result.from_helo = path.len == 0;
    if (path.len == 0) {
        *domain_r = check->request->helo;
        return true;
    }
    if (!split_sender(check->arena, path, local_part, domain_r))
        return false;
    if (local_part->len == 0)
        *local_part = MV_BYTES("postmaster");
    return true;
}

bool mv_spf_identify(struct mv_spf_check *check, const char **reason_r)
{
    const struct mv_spf_request *request = check->request;
    struct mv_bytes domain = {NULL, 0};

    *reason_r = "the client's address is not known";
    if (request->ip.family == MV_IP_NONE)
        return false;
    *reason_r = "MAIL FROM has no domain";
    if (!find_sender(check, &domain))
        return false;
    /* RFC 7208 4.3 and 2.3; RFC 8616 4: U-labels become A-labels first */
    *reason_r = check->result.from_helo ? "HELO is not a domain name" : "the domain of MAIL FROM is malformed";
    if (!mv_domain_normalize(check->arena, domain, &domain)) {
        if (mv_arena_alloc(check->arena, MV_DOMAIN_MAX_BYTES) == NULL) /* then it may not be the name's fault */
            mv_spf_abort(check, MV_ERR_MEMORY);
        return false;
    }
    check->result.domain = domain;
    *reason_r = check->result.from_helo ? "HELO is a single label" : "the domain of MAIL FROM is a single label";
    if (mv_domain_labels(domain) < 2)
        return false;
    check->local_part_is_ascii =
        mv_bytes_all(check->values.local_part, MV_ASCII_VCHAR | MV_ASCII_WSP | MV_ASCII_CTL);
    check->values.sender_domain = domain;
    check->values.helo = request->helo;
    check->values.receiver = request->receiver.len > 0 ? request->receiver : MV_BYTES("unknown");
    if (join_sender(check) && print_ip(check))
        return true;
    mv_spf_abort(check, MV_ERR_MEMORY);
    return false;
}
