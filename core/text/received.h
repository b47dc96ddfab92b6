/*
 * The client in a Received field (RFC 5321 4.4), as the mail server that wrote it saw it.
 *
 *   Postfix, Sendmail, OpenSMTPD   from HELO (rdns [192.0.2.1]) by NAME ...
 *   Sendmail, when the name has another address:
 *                                  from HELO (rdns [192.0.2.1] (may be forged)) by NAME ...
 *   Sendmail, after a login:       from HELO (rdns [192.0.2.1]) (authenticated bits=0) by NAME ...
 *   OpenSMTPD, when there is no name, and for mail of the machine itself, which counts as of 127.0.0.1:
 *                                  from HELO (<unknown> [192.0.2.1]) by NAME ...
 *                                  from localhost (NAME [local]) by NAME ...
 *   Exim                           from rdns ([192.0.2.1] helo=HELO) by NAME ...
 *                                  from [192.0.2.1] (helo=HELO) by NAME ...
 *
 * A stranger chooses his HELO and the name of his address, so only what can be
 * read in one way is taken: HELO and names are runs of the characters that host
 * names and address literals have, one comment follows, without another inside
 * but that one of Sendmail's, and one address in brackets stands where the
 * server writes it.  Everything else is refused, and then the client is unknown.
 * Whether the client had logged in is told by the protocol (RFC 3848): "with ESMTPSA".
 * Whether the server that wrote the field is to be believed is the caller's to
 * decide, by by_name.
 */
#ifndef MV_TEXT_RECEIVED_H
#define MV_TEXT_RECEIVED_H

#include "core/text/ip.h"

#define MV_RECEIVED_MAX_BYTES 2048 /* of a value that is looked at */

struct mv_received {
    struct mv_ip ip;
    struct mv_bytes helo;    /* these two borrow from the value */
    struct mv_bytes by_name;
    bool authenticated;
};

/* value: of the field, folds kept. false when it is not as above; *received_r is then empty. */
bool mv_received_parse(struct mv_bytes value, struct mv_received *received_r);

#endif
