#include "mv-config.h"

#include "cli/report/send_gate.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli/report/send_mail.h"

/* How many mails went to a host within MV_SEND_CAP_SECS, or to an address within MV_SEND_FAILURE_CAP_SECS. */
struct counter {
    uint64_t mails;
    size_t len;
    unsigned char name[];
};

static int compare_counters(const void *a, const void *b)
{
    const struct counter *one = a, *other = b;

    if (one->len != other->len)
        return one->len < other->len ? -1 : 1;
    return memcmp(one->name, other->name, one->len);
}

/* NULL without memory. *new_r: it is to be counted. */
static struct counter *find_counter(struct mv_send_run *run, void **counters, struct mv_bytes name, bool *new_r)
{
    struct counter *counter = malloc(sizeof *counter + name.len);
    struct counter **found = NULL;

    if (counter != NULL) {
        *counter = (struct counter){.len = name.len};
        memcpy(counter->name, name.data, name.len);
        found = tsearch(counter, counters, compare_counters);
    }
    if (found == NULL) {
        free(counter);
        mv_error_set(&run->error, MV_ERR_MEMORY, "no memory");
        return NULL;
    }
    *new_r = *found == counter;
    if (!*new_r)
        free(counter);
    return *found;
}

/* NULL without memory, or when the outbox cannot be read. */
static struct counter *find_host(struct mv_send_run *run, struct mv_bytes name)
{
    bool is_new;
    struct counter *host = find_counter(run, &run->hosts, name, &is_new);

    if (host == NULL || !is_new)
        return host;
    return mv_outbox_count(run->plan->outbox, name, run->plan->now_secs - MV_SEND_CAP_SECS, &host->mails,
                           &run->error) == MV_OK
               ? host
               : NULL;
}

static struct counter *find_address(struct mv_send_run *run, struct mv_bytes name)
{
    bool is_new;
    struct counter *address = find_counter(run, &run->addresses, name, &is_new);

    if (address == NULL || !is_new)
        return address;
    return mv_outbox_count_failures(run->plan->outbox, name, run->plan->now_secs - MV_SEND_FAILURE_CAP_SECS,
                                    &address->mails, &run->error) == MV_OK
               ? address
               : NULL;
}

void mv_send_run_end(struct mv_send_run *run)
{
    tdestroy(run->hosts, free);
    tdestroy(run->addresses, free);
    run->hosts = run->addresses = NULL;
}

bool mv_send_random(uint8_t *bytes, size_t count)
{
    ssize_t n;

    do
        n = getrandom(bytes, count, 0);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)count;
}

enum mv_code mv_send_gate_ask(struct mv_send_run *run, const struct mv_outbox_key *key,
                              struct mv_send_target *target)
{
    struct mv_outbox_mail mail;
    bool found;
    enum mv_code code = mv_outbox_find_mail(run->plan->outbox, key, &found, &mail, &run->error);

    if (code != MV_OK)
        return code;
    if (found && (mail.state == MV_OUTBOX_HANDED || mail.state == MV_OUTBOX_BOUNCED))
        target->fate = MV_SEND_DONE;
    else if (found && mail.state == MV_OUTBOX_GIVEN_UP)
        target->fate = MV_SEND_GIVEN_UP;
    else
        code = mv_send_plan_judge_address(run->plan, target, &run->error);
    return code;
}

/* What one address may get within the hour. */
static uint64_t share(const struct mv_send_run *run)
{
    uint64_t part = run->plan->settings->report.failure_per_hour / MV_SEND_FAILURE_SHARE;

    return part > 0 ? part : 1;
}

static void judge_caps(struct mv_send_run *run, enum mv_send_what what, const struct counter *host,
                       const struct counter *address, struct mv_send_target *target)
{
    if (run->left == 0) {
        target->fate = run->left_fate;
        run->held = true;
    } else if (run->mode == MV_SEND_TO_DIRECTORY) {
        return;
    } else if (what == MV_SEND_FAILURE_REPORT && run->failures_left == 0) {
        target->fate = MV_SEND_CAP_FAILURES;
        run->failures_held = true;
    } else if (host->mails >= run->plan->settings->report.max_per_destination) {
        target->fate = MV_SEND_CAP_HOST;
    } else if (what == MV_SEND_FAILURE_REPORT && address->mails >= share(run)) {
        target->fate = MV_SEND_CAP_ADDRESS;
    }
}

enum mv_code mv_send_gate_take(struct mv_send_run *run, enum mv_send_what what, struct mv_send_target *target)
{
    struct counter *host = find_host(run, target->host), *address = NULL;

    if (host != NULL && what == MV_SEND_FAILURE_REPORT)
        address = find_address(run, target->address);
    if (host == NULL || (what == MV_SEND_FAILURE_REPORT && address == NULL))
        return run->error.code;
    judge_caps(run, what, host, address, target);
    if (target->fate != MV_SEND_GO)
        return MV_OK;
    host->mails++;
    run->left--;
    if (what == MV_SEND_FAILURE_REPORT) {
        address->mails++;
        run->failures_left -= run->failures_left > 0 ? 1 : 0;
    }
    return MV_OK;
}

/* Nothing more is tried in this run. */
static void end_run(struct mv_send_run *run, const struct mv_error *why)
{
    run->ended = true;
    run->why_ended = *why;
}

static enum mv_code note_refusal(struct mv_send_run *run, const struct mv_outbox_key *key,
                                 struct mv_send_target *target, bool *waits, const struct mv_error *why)
{
    enum mv_outbox_state state;
    enum mv_code code = mv_outbox_failed(run->plan->outbox, key, run->plan->now_secs, &state, &run->error);

    if (code != MV_OK)
        return code;
    target->fate = MV_SEND_FAILED;
    *waits = *waits || state != MV_OUTBOX_GIVEN_UP;
    if (++run->refusals >= MV_SEND_MAX_REFUSALS)
        end_run(run, why);
    return MV_OK;
}

/* From here on the mail is noted; killed between the two, it leaves once more with the same id. */
enum mv_code mv_send_gate_pass(struct mv_send_run *run, const struct mv_send_passing *passing,
                               struct mv_send_target *target, bool *waits, struct mv_error *why)
{
    struct mv_outbox *outbox = run->plan->outbox;
    uint8_t random[MV_OUTBOX_RANDOM_BYTES];
    struct mv_outbox_mail mail;
    enum mv_code code;

    if (!mv_send_random(random, sizeof random))
        return mv_error_set(&run->error, MV_ERR_IO, "the system gives no random bytes");
    code = mv_outbox_mail(outbox, passing->key, passing->report_id, random, run->plan->now_secs, &mail, &run->error);
    if (code != MV_OK)
        return code;
    switch (mv_send_letter_hand_over(run, mail.token, passing->text, why)) {
    case MV_POST_TAKEN:
        run->refusals = 0;
        return mv_outbox_handed(outbox, passing->key, run->plan->now_secs, &run->error);
    case MV_POST_REFUSED:
        return note_refusal(run, passing->key, target, waits, why);
    case MV_POST_BROKEN:
        break;
    }
    target->fate = MV_SEND_STOPPED;
    end_run(run, why);
    return MV_OK;
}
