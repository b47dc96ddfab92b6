#include "core/crypto/der.h"

/* X.690 8.1.3, with 10.1: the definite form, in the fewest octets. */
static bool take_length(struct mv_cursor *c, size_t *length_r)
{
    int first = mv_cursor_next(c);
    size_t length = 0;

    if (first < 0)
        return false;
    if (first < 0x80) {
        *length_r = (size_t)first;
        return true;
    }
    first &= 0x7f;
    if (first == 0 || first > MV_DER_MAX_LENGTH_OCTETS || mv_cursor_peek(c) == 0)
        return false;
    for (int i = 0; i < first; i++) {
        int octet = mv_cursor_next(c);

        if (octet < 0)
            return false;
        length = length << 8 | (size_t)octet;
    }
    *length_r = length;
    return length >= 0x80;
}

bool mv_der_take(struct mv_cursor *cursor, enum mv_der_tag tag, struct mv_bytes *contents_r)
{
    struct mv_cursor c = *cursor;
    size_t length;

    if (mv_cursor_next(&c) != (int)tag || !take_length(&c, &length) || length > mv_cursor_left(&c))
        return false;
    *contents_r = mv_cursor_take(&c, length);
    *cursor = c;
    return true;
}

/* X.690 8.3: two's complement in the fewest octets. */
bool mv_der_take_positive(struct mv_cursor *cursor, struct mv_bytes *octets_r)
{
    struct mv_cursor c = *cursor;
    struct mv_bytes octets;

    if (!mv_der_take(&c, MV_DER_INTEGER, &octets) || octets.len == 0 || octets.data[0] >= 0x80)
        return false;
    if (octets.data[0] == 0) {
        if (octets.len == 1 || octets.data[1] < 0x80) /* zero, or a surplus octet */
            return false;
        octets = mv_bytes_slice(octets, 1, octets.len);
    }
    *octets_r = octets;
    *cursor = c;
    return true;
}

static bool at_end(const struct mv_cursor *c)
{
    return mv_cursor_left(c) == 0;
}

/* RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }, here its contents. */
static enum mv_der_rsa read_numbers(struct mv_bytes contents, struct mv_bytes *modulus_r, struct mv_bytes *exponent_r)
{
    struct mv_cursor c = mv_cursor_of(contents);

    if (!mv_der_take_positive(&c, modulus_r) || !mv_der_take_positive(&c, exponent_r) || !at_end(&c))
        return MV_DER_RSA_NOT_DER;
    return MV_DER_RSA_OK;
}

/* AlgorithmIdentifier of RFC 5280 4.1.1.2, here its contents. */
static enum mv_der_rsa read_algorithm(struct mv_bytes contents)
{
    static const unsigned char rsa_encryption[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
    struct mv_cursor c = mv_cursor_of(contents);
    struct mv_bytes oid, null;

    if (!mv_der_take(&c, MV_DER_OID, &oid))
        return MV_DER_RSA_NOT_DER;
    if (!mv_bytes_equal(oid, mv_bytes_of(rsa_encryption, sizeof rsa_encryption)))
        return MV_DER_RSA_OTHER_ALGORITHM;
    if (!at_end(&c) && (!mv_der_take(&c, MV_DER_NULL, &null) || null.len != 0 || !at_end(&c)))
        return MV_DER_RSA_NOT_DER;
    return MV_DER_RSA_OK;
}

enum mv_der_rsa mv_der_read_rsa(struct mv_bytes der, struct mv_bytes *modulus_r, struct mv_bytes *exponent_r)
{
    struct mv_cursor c = mv_cursor_of(der), inner;
    struct mv_bytes outer, algorithm, bits;
    enum mv_der_rsa code;

    if (!mv_der_take(&c, MV_DER_SEQUENCE, &outer) || !at_end(&c))
        return MV_DER_RSA_NOT_DER;
    c = mv_cursor_of(outer);
    if (!mv_der_take(&c, MV_DER_SEQUENCE, &algorithm))
        return read_numbers(outer, modulus_r, exponent_r);
    code = read_algorithm(algorithm);
    if (code != MV_DER_RSA_OK)
        return code;
    if (!mv_der_take(&c, MV_DER_BIT_STRING, &bits) || !at_end(&c))
        return MV_DER_RSA_NOT_DER;
    inner = mv_cursor_of(bits);
    if (mv_cursor_next(&inner) != 0) /* unused bits */
        return MV_DER_RSA_NOT_DER;
    if (!mv_der_take(&inner, MV_DER_SEQUENCE, &outer) || !at_end(&inner))
        return MV_DER_RSA_NOT_DER;
    return read_numbers(outer, modulus_r, exponent_r);
}
