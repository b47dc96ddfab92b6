#include <stdlib.h>

#include "core/dns/capture.h"
#include "core/dns/resolver_backend.h"

struct capture_resolver {
    struct mv_resolver base;
    struct mv_capture *capture;
};

static void capture_free(struct mv_resolver *resolver)
{
    struct capture_resolver *self = (struct capture_resolver *)resolver;

    mv_capture_free(&self->capture);
    free(self);
}

static enum mv_code capture_send(struct mv_resolver *resolver, struct mv_memo *memo)
{
    const struct capture_resolver *self = (const struct capture_resolver *)resolver;
    struct mv_dns_question question;
    struct mv_dns_answer answer;
    enum mv_code code = MV_OK;

    while (code == MV_OK && mv_memo_next_question(memo, &question)) {
        mv_capture_answer(self->capture, &question, &answer);
        code = mv_memo_answer(memo, &question, &answer);
    }
    return code;
}

static enum mv_code capture_poll(struct mv_resolver *resolver, struct mv_memo *memo)
{
    (void)resolver;
    (void)memo;
    return MV_OK; /* sending has answered everything */
}

static enum mv_code capture_wait(struct mv_resolver *resolver, struct mv_memo *memo, int64_t deadline_msecs)
{
    (void)deadline_msecs;
    return capture_send(resolver, memo);
}

static void capture_forget(struct mv_resolver *resolver, struct mv_memo *memo)
{
    (void)resolver;
    (void)memo;
}

static const struct mv_resolver_calls calls = {
    .free = capture_free,
    .send = capture_send,
    .poll = capture_poll,
    .wait = capture_wait,
    .forget = capture_forget,
};

enum mv_code mv_resolver_capture_new(struct mv_bytes json, struct mv_resolver **resolver_r, struct mv_error *error)
{
    struct capture_resolver *self = calloc(1, sizeof *self);
    enum mv_code code;

    *resolver_r = NULL;
    if (self == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory for a resolver");
    code = mv_capture_read(json, &self->capture, error);
    if (code != MV_OK) {
        free(self);
        return code;
    }
    self->base.calls = &calls;
    *resolver_r = &self->base;
    return MV_OK;
}
