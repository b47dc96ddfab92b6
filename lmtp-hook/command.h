/*
 * One command of LMTP (RFC 2033), which is SMTP's (RFC 5321 4.1) with LHLO, and of its extensions XFORWARD and XCLIENT.
 *
 * What is parsed is only what the hook must know; addresses and parameters go to
 * the next hop as they were written, and the next hop judges them.  But nothing
 * passes that could be read as something else there: no control character, no
 * text behind the path that is no parameter.
 */
#ifndef MV_LMTP_COMMAND_H
#define MV_LMTP_COMMAND_H

#include "core/base/bytes.h"

enum mv_verb {
    MV_VERB_UNKNOWN = 0,
    MV_VERB_LHLO,
    MV_VERB_MAIL,
    MV_VERB_RCPT,
    MV_VERB_DATA,
    MV_VERB_RSET,
    MV_VERB_NOOP,
    MV_VERB_QUIT,
    MV_VERB_VRFY,
    MV_VERB_XFORWARD,
    MV_VERB_XCLIENT,
    MV_VERB_HELO /* HELO, EHLO: a client that speaks SMTP, not LMTP (RFC 2033 4.1) */
};

/* All borrowed from the line. */
struct mv_command {
    enum mv_verb verb;
    struct mv_bytes argument; /* behind the verb, without white space around it */
    struct mv_bytes path;     /* MAIL, RCPT: with its brackets */
    struct mv_bytes params;   /* MAIL, RCPT: behind the path, "" when there are none */
};

/* line: without CRLF. false: a known verb whose argument cannot be read; *command_r has the verb then. */
bool mv_command_parse(struct mv_bytes line, struct mv_command *command_r);
/* The value of "NAME=value" or "NAME" among the parameters. false when it is not there. */
bool mv_command_param(const struct mv_command *command, struct mv_bytes name, struct mv_bytes *value_r);

#endif
