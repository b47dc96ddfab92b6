#include "lmtp-hook/judge.h"

#include <stdlib.h>
#include <time.h>

#include "lmtp-hook/log.h"
#include "lmtp-hook/stream.h"

void mv_judge_init(struct mv_judge *judge, struct mv_engines *engines)
{
    *judge = (struct mv_judge){.engines = engines};
}

void mv_judge_free(struct mv_judge *judge)
{
    mv_msg_free(&judge->msg);
    mv_engines_give(judge->engines, &judge->engine);
}

static void fail(struct mv_judge *judge, enum mv_code code, const struct mv_error *error)
{
    judge->state = MV_JUDGED_FAILED;
    judge->error = *error;
    if (error->code == MV_OK)
        mv_error_set(&judge->error, code, "%s", mv_code_text(code));
    mv_msg_free(&judge->msg);
}

static bool is_under_way(const struct mv_judge *judge)
{
    return judge->state == MV_JUDGED_NOT && judge->msg != NULL;
}

static void check(struct mv_judge *judge, enum mv_code code)
{
    if (code != MV_OK)
        fail(judge, code, mv_msg_error(judge->msg));
}

void mv_judge_begin(struct mv_judge *judge, const struct mv_client *client, struct mv_bytes mail_from)
{
    struct mv_envelope envelope = {
        .client_ip = client->ip,
        .helo = mv_client_helo(client),
        .mail_from = mail_from,
        .now_secs = time(NULL),
        .pct_roll = arc4random_uniform(100),
    };
    struct mv_error error = {.code = MV_OK};
    enum mv_code code = mv_engines_take(judge->engines, &judge->engine, &error);

    if (code == MV_OK) {
        judge->skip = mv_engine_skips(judge->engine, &client->ip, client->authenticated, &judge->keep_results);
        if (judge->skip == NULL && client->is_local)
            judge->skip = "local";
    }
    if (judge->skip != NULL) {
        judge->state = MV_JUDGED_SKIPPED;
        return;
    }
    if (code == MV_OK)
        code = mv_msg_begin(judge->engine, &envelope, MV_WANT_CHECKS | MV_WANT_VOUCH, &judge->msg, &error);
    if (code != MV_OK)
        fail(judge, code, &error);
}

void mv_judge_feed(struct mv_judge *judge, struct mv_bytes bytes)
{
    if (is_under_way(judge))
        check(judge, mv_msg_feed(judge->msg, bytes));
}

void mv_judge_ask(struct mv_judge *judge)
{
    if (is_under_way(judge))
        check(judge, mv_msg_start(judge->msg));
}

static void log_handover_fault(const struct mv_judge *judge)
{
    const char *fault = mv_engine_handover_fault(judge->engine);

    if (mv_engines_note_handover(judge->engines, fault != NULL))
        mv_log(MV_LOG_WARNING, "mail goes on without a Mailvouch-Result field: %s", fault);
}

void mv_judge_end(struct mv_judge *judge)
{
    int64_t before = mv_stream_now_msecs();

    if (is_under_way(judge))
        check(judge, mv_msg_end(judge->msg));
    if (is_under_way(judge))
        check(judge, mv_msg_run(judge->msg, MV_UNTIL_VERDICT));
    judge->waited_msecs = (unsigned)(mv_stream_now_msecs() - before);
    if (!is_under_way(judge))
        return;
    judge->state = MV_JUDGED_DONE;
    log_handover_fault(judge);
}

const struct mv_verdict *mv_judge_verdict(const struct mv_judge *judge)
{
    return judge->state == MV_JUDGED_DONE ? mv_msg_verdict(judge->msg) : NULL;
}

enum mv_action mv_judge_action(const struct mv_judge *judge)
{
    const struct mv_verdict *verdict = mv_judge_verdict(judge);

    return verdict == NULL ? MV_ACTION_NONE : verdict->action;
}
