/*
 * check_host() of RFC 7208, as a pure function of the request and the memo.
 *
 * Where the RFC leaves a choice:
 * - A name that DNS cannot hold (4.8) does not match; it costs a lookup, but is
 *   no void lookup, because nothing is asked.
 * - A term counts at most one void lookup, whichever of its questions found
 *   nothing: MX, the address of an MX host, PTR, the address of a PTR name.
 * - More than ten MX records are a permerror before any host is looked at, so
 *   that the result does not depend on the order of the answer; hosts are tried
 *   by preference, then by name.
 * - A term with %{p} costs two lookups (4.6.4: the macro counts as ptr does).
 * - A term with %{s} or %{l} never matches when the local part is not ASCII
 *   (RFC 8616 4); as a redirect= it is not followed.
 *
 * Not checked here: the HELO identity beside a MAIL FROM identity.
 */
#ifndef MV_SPF_EVALUATE_H
#define MV_SPF_EVALUATE_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/trace.h"
#include "core/dns/memo.h"
#include "core/text/ip.h"

#define MV_SPF_MAX_LOOKUPS 10     /* RFC 7208 4.6.4: terms that ask DNS, over the whole evaluation */
#define MV_SPF_MAX_VOIDS 2        /* RFC 7208 4.6.4, default of max_voids */
#define MV_SPF_MAX_MX_HOSTS 10    /* RFC 7208 4.6.4 */
#define MV_SPF_MAX_PTR_NAMES 10   /* RFC 7208 4.6.4 */
#define MV_SPF_MAX_RECORDS 12     /* the first, and at most one for each term that asks */
#define MV_SPF_MAX_EXPLANATION_BYTES 500

enum mv_spf_code {
    MV_SPF_NONE = 0,
    MV_SPF_NEUTRAL,
    MV_SPF_PASS,
    MV_SPF_FAIL,
    MV_SPF_SOFTFAIL,
    MV_SPF_TEMPERROR,
    MV_SPF_PERMERROR
};

/* Borrowed for the call. */
struct mv_spf_request {
    struct mv_ip ip;
    struct mv_bytes helo;      /* as given by the client */
    struct mv_bytes mail_from; /* as given by the client, with or without <>; "" is the null reverse-path */
    struct mv_bytes receiver;  /* %{r}; empty prints "unknown" */
    int64_t now_secs;          /* %{t} */
    unsigned max_voids;
};

/* One record that was read: SPF-DNS of failure reports (RFC 6591 3.2.6). */
struct mv_spf_record_read {
    struct mv_bytes domain;
    struct mv_bytes text;
};

/* Slices live in the arena, or in that of the memo. */
struct mv_spf_result {
    enum mv_spf_code code;
    struct mv_bytes domain;      /* of MAIL FROM, or of HELO for the null reverse-path; normalised; may be empty */
    bool from_helo;              /* null reverse-path: the MAIL FROM identity is postmaster@HELO (RFC 7208 2.4) */
    struct mv_bytes explanation; /* of exp=, printable ASCII, for fail only; empty otherwise. A stranger's text. */
    struct mv_bytes mechanism;   /* the directive that matched, as written, or empty */
    struct mv_bytes mechanism_domain; /* the domain whose record holds it */
    const char *reason;          /* one sentence of ours; NULL when the result says it all */
    const char *section;         /* "RFC 7208 4.6.4" */
    unsigned lookups;
    unsigned voids;
    const struct mv_spf_record_read *records;
    size_t record_count;
};

/*
 * Asks for everything that can be foreseen from what the memo already holds, so
 * that the number of round trips is the depth of the record, not its length.
 * MV_OK: *result_r is final.  MV_NEED_DNS: of *result_r only domain and from_helo
 * are.  MV_ERR_MEMORY.  trace may be NULL.
 */
enum mv_code mv_spf_evaluate(struct mv_arena *arena, const struct mv_spf_request *request, struct mv_memo *memo,
                             struct mv_trace *trace, struct mv_spf_result *result_r);

/* "pass", ... */
const char *mv_spf_code_text(enum mv_spf_code code);
bool mv_spf_code_parse(struct mv_bytes text, enum mv_spf_code *code_r);

#endif
