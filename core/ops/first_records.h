/*
 * The records that a domain needs to begin with, beside those it has.
 *
 * What is published stays: a record is only ever proposed where there is none.
 * SPF begins with ~all, DMARC with p=none: nothing is refused because of them,
 * and reports say what is missing (RFC 9989 7.4).
 *
 * Pure over the memo: run it until it does not return MV_NEED_DNS.
 */
#ifndef MV_OPS_FIRST_RECORDS_H
#define MV_OPS_FIRST_RECORDS_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/dns/memo.h"
#include "core/text/ip.h"

#define MV_FIRST_RECORDS_MAX_KEYS 64
#define MV_FIRST_RECORDS_MAX_IPS 32
#define MV_FIRST_RECORDS_MAX (8 + MV_FIRST_RECORDS_MAX_KEYS)

struct mv_first_key {
    struct mv_bytes name; /* of its record */
    struct mv_bytes text;
};

/* Borrowed; names are normalised. */
struct mv_first_request {
    struct mv_bytes domain;
    struct mv_bytes mail_host; /* takes its mail; empty: not said */
    struct mv_bytes rua;       /* a plain address for reports */
    const struct mv_ip *ips;   /* that send, beside the MX hosts */
    size_t ip_count;
    const struct mv_first_key *keys;
    size_t key_count;
    bool suffix_hardening;
};

enum mv_first_state {
    MV_FIRST_PUBLISH, /* there is none yet */
    MV_FIRST_THERE,   /* text is what is there */
    MV_FIRST_OTHER,   /* another key is there */
    MV_FIRST_UNKNOWN  /* DNS does not answer */
};

struct mv_first_record {
    struct mv_bytes name;
    const char *type; /* "MX", "TXT" */
    struct mv_bytes text;
    enum mv_first_state state;
};

struct mv_first_records {
    struct mv_first_record items[MV_FIRST_RECORDS_MAX];
    size_t count;
    bool has_no_mail_host; /* there is no MX, and none is given */
};

/* In the arena, or in that of the memo. MV_ERR_SYNTAX: rua is no address. */
enum mv_code mv_first_records_plan(struct mv_arena *arena, const struct mv_first_request *request,
                                   struct mv_memo *memo, struct mv_first_records *records_r, struct mv_error *error);

/* "publish", "there", ... */
const char *mv_first_state_text(enum mv_first_state state);

#endif
