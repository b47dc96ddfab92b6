/*
 * Who sends mail for a domain, as somebody writes it down:
 *
 *   # our own
 *   mx                     the hosts that take its mail send it, too
 *   192.0.2.0/24           an address or a network
 *   2001:db8::25
 *   web.example.org        a host
 *   google                 a provider, by its name in core/ops/spf_providers.h
 *   include:_spf.example.net, mx:example.net     or as SPF writes it: a, mx, ip4, ip6, include, exists
 *
 * Words stand apart by white space or commas; "#" begins a comment.
 */
#ifndef MV_OPS_SPF_SENDERS_H
#define MV_OPS_SPF_SENDERS_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/ops/spf_networks.h"
#include "core/ops/spf_providers.h"
#include "core/spf/record.h"

#define MV_SPF_SENDERS_MAX_BYTES (256 * 1024) /* of a file */
#define MV_SPF_SENDERS_MAX 2000

struct mv_spf_sender {
    enum mv_spf_kind kind;  /* A, MX, INCLUDE, EXISTS */
    bool is_named;          /* false: the domain itself */
    struct mv_bytes domain; /* with prefixes, if any, as written behind it: those alone when it is not named */
    const struct mv_spf_provider *provider; /* that was named, or whose record is included; or NULL */
};

struct mv_spf_senders {
    struct mv_spf_networks networks;
    struct mv_spf_sender *others; /* no two alike */
    size_t other_count;
};

/* One word. MV_ERR_SYNTAX with a sentence that says what to write instead; MV_ERR_LIMIT; MV_ERR_MEMORY. */
enum mv_code mv_spf_senders_add(struct mv_arena *arena, struct mv_spf_senders *senders, struct mv_bytes word,
                                struct mv_error *error);
/* A whole text. Errors begin with the number of the line: "3: ...". */
enum mv_code mv_spf_senders_read(struct mv_arena *arena, struct mv_bytes text, struct mv_spf_senders *senders,
                                 struct mv_error *error);

#endif
