/*
 * From fields and SMTP paths to domains: the one strict RFC 5322 parser
 * (with the obsolete syntax of section 4 and the UTF-8 of RFC 6532) that every
 * check uses, so that no two of ours can disagree.
 */
#ifndef MV_TEXT_ADDRESS_H
#define MV_LOCAL_PART_MAX_BYTES 64 /* of an address that is written to: RFC 5321 4.5.3.1.1 */
#define MV_TEXT_ADDRESS_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/text/field.h"

#define MV_MAX_FROM_MAILBOXES 100

struct mv_mailbox {
    struct mv_bytes display_name;      /* as written, may be empty */
    struct mv_bytes local_part;        /* unquoted, may be empty */
    struct mv_bytes domain;            /* normalised: lower case, A-labels */
    struct mv_bytes domain_as_written; /* but without comments and white space */
    bool is_loose;                     /* by mv_address_parse_loose() */
};

enum mv_from_code {
    MV_FROM_OK = 0,
    MV_FROM_MISSING,       /* no From field */
    MV_FROM_SEVERAL_FIELDS,
    MV_FROM_SYNTAX,        /* not a mailbox-list */
    MV_FROM_NO_DOMAIN,     /* empty group, empty list, domain literal, no "@" */
    MV_FROM_BAD_DOMAIN,    /* IDNA or label rules refuse the domain */
    MV_FROM_SEVERAL_DOMAINS,
    MV_FROM_LIMIT,
    MV_FROM_MEMORY
};

/*
 * Parses the value of a From field: a mailbox-list, with groups as RFC 6854
 * allows.  MV_FROM_OK when every mailbox has a domain, also when these differ;
 * otherwise there are no mailboxes.  Encoded words (RFC 2047) are display text
 * and never decoded.  All that is returned lives in the arena.
 */
enum mv_from_code mv_address_parse_list(struct mv_arena *arena, struct mv_bytes value,
                                        struct mv_mailbox **mailboxes_r, size_t *count_r);
/*
 * A From value that is no mailbox-list, but names one domain whichever way it is
 * read, as much honest mail does: "Example, Inc. <a@example.com>", "[list] <a@example.com>",
 * "a@example.com <a@example.com>", Latin-1 names, "a..b@example.com".  These must hold:
 *   - one pair of brackets that ends the value, or none, and then the address alone
 *   - in them an address without route, comments and white space; dots anywhere in its local part
 *   - before them every quote and comment closed, no encoded word (RFC 2047), and
 *     behind each "@" that very domain
 *   - no control characters
 * MV_OK, MV_ERR_SYNTAX, MV_ERR_MEMORY.  Never for what is signed in a user's name.
 */
enum mv_code mv_address_parse_loose(struct mv_arena *arena, struct mv_bytes value, struct mv_mailbox *mailbox_r);
/*
 * The authors of a message, who all have one domain (RFC 9989 4.2, 5.3.1): for who must know more than the domain.
 * The value is a mailbox-list, never read loosely.  No mailboxes unless MV_FROM_OK, and one at least then.
 */
enum mv_from_code mv_author_mailboxes(struct mv_arena *arena, const struct mv_field *fields, size_t count,
                                      struct mv_mailbox **mailboxes_r, size_t *mailbox_count_r);
/*
 * The Author Domain of a message. *mailbox_r is its first mailbox, all empty unless MV_FROM_OK.
 * A value that is no mailbox-list is read loosely: to leave such mail unjudged would let forgers choose that.
 */
enum mv_from_code mv_author_domain(struct mv_arena *arena, const struct mv_field *fields, size_t count,
                                   struct mv_mailbox *mailbox_r);
/* A sentence for the reason text. */
const char *mv_from_code_text(enum mv_from_code code);

/*
 * MAIL FROM as given by SMTP (RFC 5321 4.1.2): "a@example.com" or
 * "<a@example.com>", quoted local parts, source routes skipped; "" and "<>" give
 * two empty slices.  No white space, no comments.  Dots in the local part may
 * stand anywhere, as mail servers let them: SPF asks about the domain.  The parts
 * are as written (local part unquoted, domain literal with brackets), in the
 * arena.  false, and both empty, when it is no address, and without memory.
 */
bool mv_address_parse_path(struct mv_arena *arena, struct mv_bytes path,
                           struct mv_bytes *local_part_r, struct mv_bytes *domain_r);

#endif
