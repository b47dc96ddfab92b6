/*
 * Does a printed Authentication-Results field say the facts it was printed
 * from, all of them, and nothing else?  For the unit test and the fuzz target.
 */
#ifndef MV_TESTS_AUTHRES_FACTS_H
#define MV_TESTS_AUTHRES_FACTS_H

#include "core/auth/authres.h"

/* NULL when all is well, else what is wrong. raw: what mv_authres_print() appended. */
const char *authres_fault(const struct mv_verdict *verdict, struct mv_bytes id, struct mv_bytes raw);

#endif
