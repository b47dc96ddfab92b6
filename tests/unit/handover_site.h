/*
 * A border and a mailbox server with their keys: what the tests of the hand-over share.
 *
 * The border is mx.example.org; example.com has SPF for 192.0.2.1, and p=reject.
 */
#ifndef MV_TESTS_HANDOVER_SITE_H
#define MV_TESTS_HANDOVER_SITE_H

#include "core/mailvouch.h"

#define SITE_NOW_SECS 1795651200 /* 2026-11-26 */
#define SITE_GENUINE_IP "192.0.2.1"
#define SITE_FORGER_IP "203.0.113.9"

/* The key file, whole. NULL: there is none. Each is another by its octets: 1 to 9. */
void site_write_keys(const char *text);
/* "sign ID SINCE SECRET\n" and so on, with a secret of that number. */
void site_put_key(struct mv_buf *out, const char *role, const char *id, unsigned number);
/* A key file with one key that signs. */
void site_use_key(const char *id, unsigned number);

/* Opens the engine anew, with these further lines of [server], and sections behind them. */
void site_open(const char *settings);
const char *site_config_path(void);
void site_write_config(const char *text);
struct mv_engine *site_engine(void);
const char *site_keys_path(void);
void site_close(void);

/* Judges it as it comes from that client, and appends the two fields and the message. */
void site_border(struct mv_bytes message, const char *client_ip, int64_t now_secs, struct mv_buf *out);
/* The message as the mailbox server reads it, step bytes at a time; to be freed. */
struct mv_msg *site_read(struct mv_bytes message, size_t step, int64_t now_secs);

#endif
