#include "core/text/domain.h"

#include <idn2.h>

#include "core/base/ascii.h"
#include "core/base/buf.h"

/* A U-label in UTF-8 takes at most four bytes for each byte of its A-label. */
#define MV_DOMAIN_MAX_UTF8_BYTES (4 * (MV_DOMAIN_MAX_BYTES + 1))

static struct mv_bytes without_final_dot(struct mv_bytes name)
{
    if (name.len > 0 && name.data[name.len - 1] == '.')
        return mv_bytes_slice(name, 0, name.len - 1);
    return name;
}

/* Labels of 1 to 63 bytes whose bytes are in the classes (any byte for 0), at most 253 bytes in all. */
static bool has_dns_shape(struct mv_bytes domain, unsigned classes)
{
    struct mv_cursor c = mv_cursor_of(domain);

    if (domain.len == 0 || domain.len > MV_DOMAIN_MAX_BYTES)
        return false;
    do {
        struct mv_bytes label = mv_cursor_take_until(&c, '.');

        if (label.len == 0 || label.len > MV_LABEL_MAX_BYTES)
            return false;
        if (classes != 0 && !mv_bytes_all(label, classes))
            return false;
    } while (mv_cursor_accept(&c, '.'));
    return true;
}

static enum mv_code copy_lower(struct mv_arena *arena, struct mv_bytes name, struct mv_bytes *domain_r)
{
    unsigned char *lower = mv_arena_alloc(arena, name.len + 1);

    if (lower == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = mv_ascii_lower(name.data[i]);
    *domain_r = mv_bytes_of(lower, name.len);
    return MV_OK;
}

/* RFC 5890 2.3, RFC 5891 5: what comes back is looked at again, since UTS 46 maps some code points to ASCII. */
static enum mv_code to_a_labels(struct mv_arena *arena, struct mv_bytes name, struct mv_bytes *domain_r)
{
    char *utf8 = mv_arena_str(arena, name);
    uint8_t *ascii = NULL;
    enum mv_code code = MV_ERR_SYNTAX;
    int idn;

    if (utf8 == NULL)
        return MV_ERR_MEMORY;
    idn = idn2_lookup_u8((const uint8_t *)utf8, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (idn == IDN2_MALLOC)
        return MV_ERR_MEMORY;
    if (idn != IDN2_OK)
        return MV_ERR_SYNTAX;
    if (has_dns_shape(mv_bytes_str((const char *)ascii), MV_ASCII_LDH))
        code = copy_lower(arena, mv_bytes_str((const char *)ascii), domain_r);
    idn2_free(ascii);
    return code;
}

enum mv_code mv_domain_parse(struct mv_arena *arena, struct mv_bytes name, struct mv_bytes *domain_r)
{
    struct mv_bytes bare = without_final_dot(name);
    bool ascii = true;

    *domain_r = mv_bytes_str(NULL);
    if (bare.len > MV_DOMAIN_MAX_UTF8_BYTES)
        return MV_ERR_SYNTAX;
    for (size_t i = 0; i < bare.len; i++) {
        unsigned char byte = bare.data[i];

        if (byte != '.' && !mv_ascii_is(byte, MV_ASCII_LDH | MV_ASCII_UTF8))
            return MV_ERR_SYNTAX;
        if (mv_ascii_is(byte, MV_ASCII_UTF8))
            ascii = false;
    }
    if (!ascii)
        return to_a_labels(arena, bare, domain_r);
    return has_dns_shape(bare, 0) ? copy_lower(arena, bare, domain_r) : MV_ERR_SYNTAX;
}

bool mv_domain_normalize(struct mv_arena *arena, struct mv_bytes name, struct mv_bytes *domain_r)
{
    return mv_domain_parse(arena, name, domain_r) == MV_OK;
}

size_t mv_domain_labels(struct mv_bytes domain)
{
    size_t labels = domain.len > 0;

    for (size_t i = 0; i < domain.len; i++)
        labels += domain.data[i] == '.';
    return labels;
}

struct mv_bytes mv_domain_suffix(struct mv_bytes domain, size_t n)
{
    size_t from = domain.len;

    if (n == 0)
        return mv_bytes_str(NULL);
    for (; from > 0; from--)
        if (domain.data[from - 1] == '.' && --n == 0)
            break;
    return mv_bytes_slice(domain, from, domain.len);
}

struct mv_bytes mv_domain_parent(struct mv_bytes domain)
{
    return mv_bytes_slice(domain, mv_bytes_find(domain, '.') + 1, domain.len);
}

bool mv_domain_is_within(struct mv_bytes a, struct mv_bytes b)
{
    struct mv_bytes below = without_final_dot(a);
    struct mv_bytes above = without_final_dot(b);

    if (above.len == 0 || !mv_bytes_has_suffix_nocase(below, above))
        return false;
    return below.len == above.len || below.data[below.len - above.len - 1] == '.';
}

bool mv_domain_equal(struct mv_bytes a, struct mv_bytes b)
{
    return mv_bytes_equal_nocase(without_final_dot(a), without_final_dot(b));
}

bool mv_domain_is_askable(struct mv_bytes domain)
{
    return has_dns_shape(domain, 0);
}

bool mv_domain_is_ldh(struct mv_bytes domain)
{
    return has_dns_shape(domain, MV_ASCII_LDH);
}
