/*
 * Signs messages for tests, by the letter of RFC 6376 3.7 and 5, with code of
 * its own: nothing of core/dkim but the enum of canonicalisations.
 */
#ifndef DKIM_TEST_SIGNER_H
#define DKIM_TEST_SIGNER_H

#include "core/dkim/canon.h"
#include "tests/unit/test_keys.h"

#define DKIM_TEST_WHOLE_BODY (-1L)

struct dkim_test_spec {
    enum test_key_id key;
    const char *tags;  /* all but h=, bh= and b=: "v=1; a=rsa-sha256; d=example.com; s=sel" */
    const char *names; /* h= */
    enum mv_canon header;
    enum mv_canon body;
    long body_length;       /* octets that bh= covers; l= is up to tags */
    const char *field_name; /* NULL: "DKIM-Signature" */
};

/* Appends the message with its signature on top. Lines end in CRLF. */
void dkim_test_sign(const struct dkim_test_spec *spec, struct mv_bytes message, struct mv_buf *out);

#endif
