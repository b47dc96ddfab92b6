/*
 * Names on the wire (RFC 1035 3.1): uncompressed, in lower case, so that equal
 * names are equal bytes.  Only wire*.c include this.
 */
#ifndef MV_DNS_WIRE_NAME_H
#define MV_DNS_WIRE_NAME_H

#include "core/base/arena.h"
#include "core/base/buf.h"

#define MV_WIRE_MAX_NAME_BYTES 255 /* RFC 1035 2.3.4, with all length octets */
#define MV_WIRE_MAX_JUMPS 127      /* one for each label a name can have */

struct mv_wire_name {
    size_t len;
    unsigned char octets[MV_WIRE_MAX_NAME_BYTES];
};

/* From text; every dot divides labels and nothing is an escape. false when it cannot be asked, as the root. */
bool mv_wire_name_from_text(struct mv_bytes text, struct mv_wire_name *name_r);
/*
 * The name under the cursor, which moves behind it.  A pointer (RFC 1035 4.1.4)
 * leads to before the labels that it ends.  The cursor lies in the message, and
 * may end before it.
 */
bool mv_wire_name_read(struct mv_bytes message, struct mv_cursor *c, struct mv_wire_name *name_r);
bool mv_wire_name_equal(const struct mv_wire_name *a, const struct mv_wire_name *b);
/* No label holds a dot or a backslash: the text of the name says what it is. */
bool mv_wire_name_is_plain(const struct mv_wire_name *name);
/* In the arena, without the final dot; the root is empty. false without memory. */
bool mv_wire_name_to_text(struct mv_arena *arena, const struct mv_wire_name *name, struct mv_bytes *text_r);

#endif
