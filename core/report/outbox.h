/*
 * Reports that leave, and what became of each: so that a report is the same one however often it is tried, nobody is
 * flooded, and an address that takes no reports is left alone.
 *
 *   mv_outbox_open(db, &outbox, &error)
 *   mv_outbox_report(outbox, domain, day, random, ...)    once for a day: what its report ids are made of, for good
 *   mv_outbox_address(outbox, address, now, ...)          may it be written to now?
 *   mv_outbox_mail(outbox, &key, ...)                     before anything leaves
 *   mv_outbox_handed() or mv_outbox_failed()              after the attempt
 *   mv_outbox_bounce(outbox, token, ...)                  when it comes back
 *   mv_outbox_close(&outbox)
 *
 * Who is killed between the handing over and mv_outbox_handed() hands the same report over again, under the same id:
 * readers count it once (RFC 9990 3.5.4).  One process sends at a time: mv_db_lock(db, "send").
 *
 * A mail that is not taken is tried again after 1 hour, 4 hours and a day, then given up; until then nothing else goes
 * to that address either.  An address is suppressed for MV_OUTBOX_SUPPRESS_SECS after one bounce that says it is for
 * good (5.1.x, 5.7.x of RFC 3463), or when all mails to it of the last two days that had any have bounced, at least
 * two.  A bounce is known by its token alone, which only those know who had the mail.
 *
 * Tables: outbox_report, outbox_mail, outbox_address.  Addresses are those of mv_report_mail_address().
 */
#ifndef MV_REPORT_OUTBOX_H
#define MV_REPORT_OUTBOX_H

#include "core/report/db.h"

#define MV_OUTBOX_SEED_BYTES 8
#define MV_OUTBOX_TOKEN_BYTES 16 /* letters in lower case and digits: 80 bits of chance */
#define MV_OUTBOX_RANDOM_BYTES 10
#define MV_OUTBOX_MAX_TRIES 4
#define MV_OUTBOX_SUPPRESS_SECS (30 * 86400)
#define MV_OUTBOX_BOUNCE_SECS (14 * 86400) /* a mail that left before that bounces no more */
#define MV_OUTBOX_LOCK "outbox"            /* the name of its transactions */

enum mv_outbox_state {
    MV_OUTBOX_MADE,     /* about to leave, or refused so far */
    MV_OUTBOX_HANDED,   /* taken by our mail server */
    MV_OUTBOX_BOUNCED,
    MV_OUTBOX_GIVEN_UP
};

struct mv_outbox;

/* Makes the tables when the db is writable; to read without them is as if they were empty. The db is borrowed. */
enum mv_code mv_outbox_open(struct mv_db *db, struct mv_outbox **outbox_r, struct mv_error *error);
void mv_outbox_close(struct mv_outbox **outbox);

/*
 * seed: 8 bytes for mv_report_build_new(); those that were fixed for this day before, or else the ones that it holds,
 * which are fixed then.  fixed_r of mv_outbox_find_report(): false and the seed as it was, when there are none yet.
 */
enum mv_code mv_outbox_report(struct mv_outbox *outbox, struct mv_bytes domain, int64_t day_secs, int64_t now_secs,
                              uint8_t seed[MV_OUTBOX_SEED_BYTES], struct mv_error *error);
enum mv_code mv_outbox_find_report(struct mv_outbox *outbox, struct mv_bytes domain, int64_t day_secs,
                                   uint8_t seed[MV_OUTBOX_SEED_BYTES], bool *fixed_r, struct mv_error *error);

/*
 * One mail: the report's day, which piece of it (from 1 on), and to whom.  A failure report has the day of what failed,
 * and as its part MV_OUTBOX_FAILURE_PARTS and a number of its own above that.
 */
#define MV_OUTBOX_FAILURE_PARTS (INT64_C(1) << 40)

struct mv_outbox_key {
    struct mv_bytes domain; /* policy domain */
    int64_t day_secs;
    int64_t part;
    struct mv_bytes address;
};

struct mv_outbox_mail {
    enum mv_outbox_state state;
    unsigned tries;
    char token[MV_OUTBOX_TOKEN_BYTES + 1];
};

/* The mail as it was noted before, or a new one, MADE. */
enum mv_code mv_outbox_mail(struct mv_outbox *outbox, const struct mv_outbox_key *key, struct mv_bytes report_id,
                            const uint8_t random[MV_OUTBOX_RANDOM_BYTES], int64_t now_secs,
                            struct mv_outbox_mail *mail_r, struct mv_error *error);
enum mv_code mv_outbox_find_mail(struct mv_outbox *outbox, const struct mv_outbox_key *key, bool *found_r,
                                 struct mv_outbox_mail *mail_r, struct mv_error *error);
enum mv_code mv_outbox_handed(struct mv_outbox *outbox, const struct mv_outbox_key *key, int64_t now_secs,
                              struct mv_error *error);
/* state_r: MADE, to be tried again, or GIVEN_UP. */
enum mv_code mv_outbox_failed(struct mv_outbox *outbox, const struct mv_outbox_key *key, int64_t now_secs,
                              enum mv_outbox_state *state_r, struct mv_error *error);
/* Mails that were handed over since then: to addresses of that domain, or all with an empty one. */
enum mv_code mv_outbox_count(struct mv_outbox *outbox, struct mv_bytes host, int64_t since_secs, uint64_t *mails_r,
                             struct mv_error *error);

/* The failure reports among them: to that address, or all with an empty one. */
enum mv_code mv_outbox_count_failures(struct mv_outbox *outbox, struct mv_bytes address, int64_t since_secs,
                                      uint64_t *mails_r, struct mv_error *error);

struct mv_outbox_address {
    struct mv_bytes address; /* of mv_outbox_addresses() alone, borrowed for the call */
    unsigned failures;       /* in a row */
    int64_t next_secs;       /* not before; 0: at any time */
    int64_t suppressed_secs; /* until then; 0: it is not */
    int64_t bounced_secs;    /* the last time; 0: never */
};

enum mv_code mv_outbox_address(struct mv_outbox *outbox, struct mv_bytes address, struct mv_outbox_address *address_r,
                               struct mv_error *error);
/* Those that are suppressed or waited for at that time, and all that bounced since 30 days before, by address. */
enum mv_code mv_outbox_addresses(struct mv_outbox *outbox, int64_t now_secs,
                                 enum mv_code (*each)(void *to, const struct mv_outbox_address *address), void *to,
                                 struct mv_error *error);

enum mv_outbox_bounce { MV_OUTBOX_BOUNCE_SOFT, MV_OUTBOX_BOUNCE_FOR_GOOD };

enum mv_outbox_outcome {
    MV_OUTBOX_UNKNOWN, /* no mail of ours has this token, or it left too long ago */
    MV_OUTBOX_AGAIN,   /* it had bounced before */
    MV_OUTBOX_NOTED,
    MV_OUTBOX_SUPPRESSED /* and the address is left alone from now on */
};

struct mv_outbox_bounced {
    enum mv_outbox_outcome outcome;
    char address[256];   /* "" for UNKNOWN */
    char report_id[64];
};

/* token: as it stood in the address, in any case of letters. */
enum mv_code mv_outbox_bounce(struct mv_outbox *outbox, struct mv_bytes token, enum mv_outbox_bounce how,
                              int64_t now_secs, struct mv_outbox_bounced *bounced_r, struct mv_error *error);
/* Neither suppressed nor waited for any more. found_r: there was something to forgive. */
enum mv_code mv_outbox_forgive(struct mv_outbox *outbox, struct mv_bytes address, bool *found_r,
                               struct mv_error *error);

struct mv_outbox_summary {
    uint64_t handed, bounced, given_up; /* mails that left, bounced, or were given up since then */
    uint64_t waiting;                   /* made, and not taken yet: at any time */
    int64_t last_secs;                  /* when the last one left; 0: none ever did */
};

enum mv_code mv_outbox_summary(struct mv_outbox *outbox, int64_t since_secs, struct mv_outbox_summary *summary_r,
                               struct mv_error *error);

/* Reports of days before that time, and their mails. */
enum mv_code mv_outbox_count_old(struct mv_outbox *outbox, int64_t before_secs, uint64_t *mails_r,
                                 struct mv_error *error);
enum mv_code mv_outbox_purge(struct mv_outbox *outbox, int64_t before_secs, uint64_t *mails_r, struct mv_error *error);

/* "made", "handed over", "bounced", "given up" */
const char *mv_outbox_state_text(enum mv_outbox_state state);

#endif
