/*
 * The list of DNS servers that the administrator wrote: "127.0.0.1:53, [::1]:5353".
 */
#ifndef MV_DNS_SERVERS_H
#define MV_DNS_SERVERS_H

#include "core/base/buf.h"
#include "core/base/error.h"

#define MV_DNS_MAX_SERVERS 8

/*
 * IPv4 addresses and IPv6 addresses, each with or without a port (then 53); an
 * IPv6 address with a port stands in brackets.  Commas between them, white space
 * as one likes; no names.  Appends the list in the form of
 * ares_set_servers_ports_csv(), nothing for an empty text.
 */
enum mv_code mv_dns_servers_parse(struct mv_bytes text, struct mv_buf *csv, struct mv_error *error);

#endif
