/*
 * Services that send mail for others, and how they are known: by the SPF record
 * that their customers include, by the domains they sign with, and by the names
 * of their hosts.
 *
 * The table is ours, and incomplete by nature: what is not in it is still seen,
 * only without a name and without the provider's own words for what to do.
 */
#ifndef MV_OPS_PROVIDER_H
#define MV_OPS_PROVIDER_H

#include "core/base/bytes.h"

struct mv_provider {
    const char *name;    /* "Mailjet" */
    const char *include; /* of SPF: "spf.mailjet.com"; "" where customers do not include anything */
    const char *domains; /* of its own signatures, bounces and hosts, a space between */
    const char *dkim;    /* what to do there to sign as the customer: half a sentence, or "" */
};

/* In alphabetical order. NULL past the end. */
const struct mv_provider *mv_provider_at(size_t index);
/* By a domain of a signature, of a bounce address, or by a host name; NULL: not in the table. */
const struct mv_provider *mv_provider_of_domain(struct mv_bytes domain);
/* By the name that is included. */
const struct mv_provider *mv_provider_of_include(struct mv_bytes name);

#endif
