/*
 * Domain names in presentation form: "mail.example.com", without a final dot.
 *
 * Names are normalised once, by mv_domain_normalize(), and compared as bytes
 * after that: A-labels (RFC 5890 2.3), lower case (RFC 4343).
 */
#ifndef MV_TEXT_DOMAIN_H
#define MV_TEXT_DOMAIN_H

#include "core/base/arena.h"
#include "core/base/error.h"

#define MV_DOMAIN_MAX_BYTES 253 /* RFC 1035 2.3.4, in presentation form without the final dot */
#define MV_LABEL_MAX_BYTES 63
#define MV_DOMAIN_MAX_LABELS 127

/*
 * Lower case, U-labels to A-labels by IDNA 2008 (libidn2, UTS 46 non-transitional),
 * one final dot dropped; copied into the arena, followed by a NUL that is not
 * counted.  false, and *domain_r empty, when a label is empty or too long, the name
 * is too long, holds a byte that is neither LDH, "_" nor UTF-8, or when IDNA
 * refuses it.
 */
bool mv_domain_normalize(struct mv_arena *arena, struct mv_bytes name, struct mv_bytes *domain_r);
/* The same, for callers who tell a name that is refused (MV_ERR_SYNTAX) from missing memory (MV_ERR_MEMORY). */
enum mv_code mv_domain_parse(struct mv_arena *arena, struct mv_bytes name, struct mv_bytes *domain_r);

/* 0 for the empty name. */
size_t mv_domain_labels(struct mv_bytes domain);
/* The rightmost n labels; the whole name when it has no more. */
struct mv_bytes mv_domain_suffix(struct mv_bytes domain, size_t n);
/* Without the leftmost label; empty when there is one label only. */
struct mv_bytes mv_domain_parent(struct mv_bytes domain);
/* a equals b, or lies below it. */
bool mv_domain_is_within(struct mv_bytes a, struct mv_bytes b);
/* The same name: ASCII case and one final dot do not count. */
bool mv_domain_equal(struct mv_bytes a, struct mv_bytes b);
/* Could be asked in DNS: labels of 1 to 63 bytes (any bytes), at most 253 in all. */
bool mv_domain_is_askable(struct mv_bytes domain);
/* The same, of letters, digits, hyphens and underscores alone: can stand in an address, a header field, a file name. */
bool mv_domain_is_ldh(struct mv_bytes domain);

#endif
