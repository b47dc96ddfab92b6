/*
 * What "mailvouch check" is asked to look at, from the command line and the key
 * store to requests that core/ops understands.
 */
#ifndef MV_CLI_DOMAIN_REQUEST_H
#define MV_CLI_DOMAIN_REQUEST_H

#include "cli/args.h"
#include "cli/lookup.h"
#include "core/ops/deployment.h"

#define MV_CHECK_MAX_DOMAINS MV_MEMO_MAX_SUBJECTS
#define MV_CHECK_REVOKED_SECS (60 * 24 * 3600) /* for so long a key that was revoked is looked for */

/* As it was typed. */
struct mv_check_given {
    const char *config, *dns, *save_dns, *expect, *write_expect;
    struct mv_arg_texts selectors, mail_froms, helos, ips;
    bool parked, no_keys, as_legacy, json;
    int64_t now_secs;
};

struct mv_check_subject {
    struct mv_deployment_request request;
    struct mv_bytes selectors[MV_DEPLOYMENT_MAX_KEYS]; /* of request.keys */
    struct mv_bytes public_suffixes; /* the text of the list; empty: there is none */
};

/* Everything lives in the arena of the lookup. Says on stderr what is wrong. */
enum mv_exit mv_check_subjects(struct mv_lookup *lookup, const struct mv_check_given *given, char **operands,
                               size_t count, struct mv_check_subject **subjects_r);

#endif
