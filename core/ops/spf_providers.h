/*
 * Providers that send mail for others, and the SPF record of theirs to include.
 *
 * A table of names, of the date that mv_spf_providers_date() says: what a
 * provider documents today counts more.  Nothing is contacted for it; whether
 * the record is there is seen when the record that names it is looked through.
 */
#ifndef MV_OPS_SPF_PROVIDERS_H
#define MV_OPS_SPF_PROVIDERS_H

#include "core/base/bytes.h"

enum mv_spf_provider_bounce {
    MV_SPF_BOUNCE_YOURS, /* the envelope sender is in your domain: the include is needed */
    MV_SPF_BOUNCE_OWN    /* it is in a domain of the provider, unless a return path of your own is set up there */
};

struct mv_spf_provider {
    const char *name;    /* what is typed: lower case, no dot */
    const char *title;
    const char *include;
    enum mv_spf_provider_bounce bounce;
};

const struct mv_spf_provider *mv_spf_providers(size_t *count_r);
/* By name in either case; NULL. */
const struct mv_spf_provider *mv_spf_provider_find(struct mv_bytes name);
/* The one whose record this domain is; NULL. */
const struct mv_spf_provider *mv_spf_provider_of_include(struct mv_bytes domain);
/* "November 2026" */
const char *mv_spf_providers_date(void);

#endif
