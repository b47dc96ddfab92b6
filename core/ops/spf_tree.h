/*
 * An SPF record with all that it includes, and what it costs whom.
 *
 * RFC 7208 4.6.4 allows 10 terms that ask DNS over a whole evaluation, and
 * advises to give up at the third name that is not there.  Which terms are
 * evaluated depends on the client: the tree counts for the one that is worst
 * off, who matches nothing until the end, once for IPv4 and once for IPv6: the
 * two differ where a name has addresses of one family only, and where a network
 * of all addresses ends the evaluation for one of them.
 *
 * A target whose macros do not depend on the mail (%{d}, and %{o} of the domain
 * itself) is followed.  Of any other it is known only that it costs a lookup,
 * and may cost a void one; what an include of that kind leads to is not known.
 *
 * Pure over the memo: run mv_spf_tree_read() until it does not return MV_NEED_DNS.
 * Everything lives in the arena or in that of the memo.  Texts are a stranger's.
 */
#ifndef MV_OPS_SPF_TREE_H
#define MV_OPS_SPF_TREE_H

#include "core/dns/memo.h"
#include "core/spf/evaluate.h"
#include "core/spf/record.h"

#define MV_SPF_TREE_MAX_HOSTS 100 /* records; more are not followed */
#define MV_SPF_TREE_MAX_DEPTH 12  /* one more than any evaluation can reach */
#define MV_SPF_TREE_MAX_FAULTS 20 /* of one record */

enum mv_spf_client { MV_SPF_CLIENT_V4, MV_SPF_CLIENT_V6, MV_SPF_CLIENTS };

struct mv_spf_cost {
    unsigned lookups;
    unsigned voids;      /* at most */
    unsigned sure_voids; /* names that are known not to be there */
    bool endless;        /* and more: a loop, or what was not looked at, is reached */
};

enum mv_spf_tree_state {
    MV_SPF_TREE_READ,
    MV_SPF_TREE_FAULTY,     /* has faults: permerror */
    MV_SPF_TREE_SEVERAL,    /* more than one record: permerror */
    MV_SPF_TREE_ABSENT,     /* the name is there, a record is not */
    MV_SPF_TREE_NO_NAME,    /* the name does not exist, or cannot be one */
    MV_SPF_TREE_UNANSWERED, /* DNS failed: temperror */
    MV_SPF_TREE_LOOP,       /* stands above itself: the evaluation runs into its limit */
    MV_SPF_TREE_VARIES,     /* which one depends on the mail */
    MV_SPF_TREE_TOO_MUCH    /* MV_SPF_TREE_MAX_HOSTS, MV_SPF_TREE_MAX_DEPTH: not looked at */
};

struct mv_spf_tree_host;

struct mv_spf_tree_term {
    struct mv_spf_term term;
    struct mv_bytes name;                 /* that it asks for; empty when it asks for none, or when that varies */
    bool varies;                          /* which name depends on the mail, or on a domain that was not given */
    bool reached[MV_SPF_CLIENTS];         /* some client of that family gets so far */
    struct mv_spf_cost cost[MV_SPF_CLIENTS]; /* of the term, without what is below it */
    bool unanswered;                      /* DNS failed for it */
    size_t mx_count;                      /* MX records; the null MX (RFC 7505) is none */
    bool null_mx;
    struct mv_bytes mx_without;           /* an MX host that has no address at all */
    const struct mv_ip *addresses;        /* of a and mx */
    size_t address_count;
    struct mv_spf_tree_host *host;        /* of include and redirect */
    const struct mv_dns_answer *exp_answer; /* TXT of exp=, which counts nowhere */
};

struct mv_spf_tree_host {
    struct mv_bytes domain; /* empty: a text was given without one */
    enum mv_spf_tree_state state;
    const struct mv_dns_answer *answer; /* TXT; NULL when the text was given, or not asked for */
    size_t record_count;                /* that begin with v=spf1 */
    struct mv_bytes text;               /* the first of them */
    const struct mv_spf_fault *faults;
    size_t fault_count;
    struct mv_spf_tree_term *terms;     /* those that can be read */
    size_t term_count;
    bool has_all;
    bool matches_all[MV_SPF_CLIENTS];   /* every client of that family passes (+all, +ip4:0.0.0.0/0) */
    struct mv_spf_cost cost[MV_SPF_CLIENTS]; /* of all terms, and of all below them */
    const struct mv_spf_tree_host *above;
};

struct mv_spf_tree {
    struct mv_spf_tree_host *root;
    size_t host_count;
};

struct mv_spf_tree_request {
    struct mv_bytes domain; /* normalised; may be empty when there is a text */
    struct mv_bytes text;   /* instead of the record that the domain publishes; empty: ask for it */
};

/* MV_OK, MV_NEED_DNS, MV_ERR_MEMORY. Asks for all that can be foreseen. */
enum mv_code mv_spf_tree_read(struct mv_arena *arena, const struct mv_spf_tree_request *request, struct mv_memo *memo,
                              struct mv_spf_tree *tree_r);

/* Do clients of one family reach a loop below it, or what was not looked at? */
bool mv_spf_tree_is_endless(const struct mv_spf_tree_host *host);

/* For people: "" for MV_SPF_TREE_READ, else "has no SPF record", ... */
const char *mv_spf_tree_state_text(enum mv_spf_tree_state state);
/* For programs: "read", "faulty", ... */
const char *mv_spf_tree_state_word(enum mv_spf_tree_state state);

/* The term at which the evaluation of the worst client gives up, and its host; NULL when it does not. */
const struct mv_spf_tree_term *mv_spf_tree_breaks_at(const struct mv_spf_tree *tree, enum mv_spf_client client,
                                                     const struct mv_spf_tree_host **host_r);

#endif
