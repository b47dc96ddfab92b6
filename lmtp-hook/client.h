/*
 * The true client of a message, as a trusted mail server tells it: by XFORWARD or
 * XCLIENT (the attributes of Postfix's XFORWARD_README and XCLIENT_README), or by a
 * field that it adds:
 *
 *   Mailvouch-Client: addr=192.0.2.1 login=alice helo=mail.example.com
 *
 * helo= comes last and takes the rest of the value, so that a HELO of many words
 * adds no attribute.  Whether the server is trusted is the caller's to know.
 */
#ifndef MV_LMTP_CLIENT_H
#define MV_LMTP_CLIENT_H

#include "core/text/ip.h"

#define MV_CLIENT_MAX_HELO_BYTES 512 /* RFC 5321 4.5.3.1.2 has 255 for a domain */
#define MV_CLIENT_FIELD "Mailvouch-Client"

enum mv_client_source {
    MV_CLIENT_UNKNOWN = 0,
    MV_CLIENT_BY_XCLIENT,
    MV_CLIENT_BY_XFORWARD,
    MV_CLIENT_BY_FIELD,
    MV_CLIENT_BY_RECEIVED
};

struct mv_client {
    enum mv_client_source source;
    struct mv_ip ip; /* MV_IP_NONE: not told */
    unsigned char helo_bytes[MV_CLIENT_MAX_HELO_BYTES];
    size_t helo_len;
    bool authenticated; /* a login was told */
    bool is_local;      /* XFORWARD SOURCE=LOCAL: it was not received by SMTP */
};

enum mv_client_attributes { MV_CLIENT_XFORWARD, MV_CLIENT_XCLIENT };

#define MV_CLIENT_XFORWARD_NAMES "NAME ADDR PORT PROTO HELO IDENT SOURCE"
#define MV_CLIENT_XCLIENT_NAMES "NAME ADDR PORT PROTO HELO LOGIN"

/* Adds what a command says ("ADDR=192.0.2.1 HELO=..."). false, the client unchanged, for what is not understood. */
bool mv_client_take_attributes(struct mv_client *client, enum mv_client_attributes kind, struct mv_bytes argument);
/* From the value of a field. false, all of the client unknown, for what is not understood. */
bool mv_client_take_field(struct mv_client *client, struct mv_bytes value);
/* false, the HELO unchanged, when it is too long. */
bool mv_client_set_helo(struct mv_client *client, struct mv_bytes helo);
struct mv_bytes mv_client_helo(const struct mv_client *client);
/* "xforward", ... */
const char *mv_client_source_text(enum mv_client_source source);

#endif
