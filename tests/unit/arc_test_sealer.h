/*
 * Seals messages for tests, by the letter of RFC 8617 5.1, with code of its own:
 * nothing of core/arc, and of core/dkim nothing but the enum of canonicalisations.
 */
#ifndef ARC_TEST_SEALER_H
#define ARC_TEST_SEALER_H

#include "tests/unit/dkim_test_signer.h"

#define ARC_TEST_NAMES "From:To:Subject:Date"

/* What is NULL or 0 is as usual: RSA1024, "example.net", "sel", and cv= as it must be. */
struct arc_test_set {
    unsigned instance;
    enum test_key_id key;
    const char *domain;
    const char *selector;      /* of both fields */
    const char *seal_selector; /* of the seal alone */
    const char *results;       /* "example.net; none" */
    const char *cv;
    const char *names;         /* h= */
    const char *more_tags;     /* of the message signature: "; l=7" */
    const char *canon_tag;     /* "" leaves c= out; then header and body tell what is signed */
    enum mv_canon header, body;
    bool damage_seal;
};

/* Puts the set on top of the message. */
void arc_test_seal(const struct arc_test_set *set, struct mv_buf *message);

#endif
