#include "core/arc/verify.h"

#include "core/arc/seal_hash.h"
#include "core/dkim/check.h"
#include "core/dkim/explain.h"
#include "core/text/message.h"

#define MV_ARC_MAX_SCRATCH_BYTES (4 * MV_MAX_HEADER_BYTES)

struct mv_arc_verifier {
    struct mv_arena *arena;
    struct mv_dkim_bodies *bodies; /* borrowed */
    const struct mv_dkim_options *options;
    const struct mv_field *fields;
    size_t field_count;
    struct mv_arc_chain chain;
    struct mv_dkim_task *seals;      /* [0] is instance 1 */
    struct mv_dkim_task *signatures; /* the same */
    struct mv_arc_hop *hops;
    struct mv_dkim_header_index *index;
    struct mv_buf scratch;
    bool seals_hashed;
    bool done;
    struct mv_arc_result result;
};

const char *mv_arc_code_text(enum mv_arc_code code)
{
    switch (code) {
    case MV_ARC_NONE:
        return "none";
    case MV_ARC_PASS:
        return "pass";
    case MV_ARC_FAIL:
        return "fail";
    }
    return "unknown";
}

struct mv_arc_verifier *mv_arc_verifier_new(struct mv_arena *arena, struct mv_dkim_bodies *bodies)
{
    struct mv_arc_verifier *verifier = mv_arena_alloc(arena, sizeof *verifier);

    if (verifier == NULL)
        return NULL;
    verifier->arena = arena;
    verifier->bodies = bodies;
    mv_buf_init(&verifier->scratch, MV_ARC_MAX_SCRATCH_BYTES);
    return verifier;
}

/* The result is final. */
static enum mv_code conclude(struct mv_arc_verifier *verifier, enum mv_arc_code code, const char *section,
                             const char *reason)
{
    verifier->done = true;
    verifier->result.code = code;
    verifier->result.section = section;
    verifier->result.reason = reason;
    return MV_OK;
}

/* A field that is not right ends the matter (RFC 8617 5.2 steps 4 and 6). */
static enum mv_code fail_by(struct mv_arc_verifier *verifier, const struct mv_dkim_task *task)
{
    const char *detail = task->result->reason == NULL ? "it does not count here" : task->result->reason;
    const char *reason = mv_arena_printf(verifier->arena, "%s %zu: %s", task->kind, task->number, detail);

    verifier->result.temporary = task->result->code == MV_DKIM_TEMPERROR;
    conclude(verifier, MV_ARC_FAIL, "RFC 8617 5.2", reason);
    return reason == NULL ? MV_ERR_MEMORY : MV_OK;
}

static bool is_known_wrong(const struct mv_dkim_task *task)
{
    return task->decided && task->result->code != MV_DKIM_PASS && task->result->code != MV_DKIM_TEMPERROR;
}

static bool signs(const struct mv_dkim_task *task, struct mv_bytes name)
{
    for (size_t i = 0; i < task->signature.name_count; i++)
        if (mv_bytes_equal_nocase(task->signature.names[i], name))
            return true;
    return false;
}

/* RFC 8617 4.1.2: a message signature never signs seals. Those that it covers would change its meaning. */
static void refuse_signed_seals(struct mv_dkim_task *task)
{
    if (task->decided || !signs(task, MV_BYTES("ARC-Seal")))
        return;
    mv_dkim_conclude(task->result, MV_DKIM_PERMERROR, "RFC 8617 4.1.2", "h= names ARC-Seal");
    task->decided = true;
}

static enum mv_code want_body(struct mv_arc_verifier *verifier, enum mv_canon canon, struct mv_dkim_task *task)
{
    return mv_dkim_bodies_want(verifier->bodies, canon, MV_DKIM_NO_LENGTH, &task->body);
}

static enum mv_code begin_signature(struct mv_arc_verifier *verifier, size_t at)
{
    struct mv_dkim_task *task = &verifier->signatures[at];
    enum mv_code code;

    task->field = verifier->chain.sets[at].signature;
    task->kind = "ARC-Message-Signature";
    code = mv_dkim_task_begin(verifier->arena, verifier->options, MV_DKIM_FORM_AMS, task);
    if (code != MV_OK)
        return code;
    refuse_signed_seals(task);
    if (!task->decided && !task->signature.has_canon)
        code = want_body(verifier, MV_CANON_RELAXED, task);
    return task->decided || code != MV_OK ? code : want_body(verifier, task->signature.body_canon, task);
}

static enum mv_code begin_seal(struct mv_arc_verifier *verifier, size_t at)
{
    struct mv_dkim_task *task = &verifier->seals[at];
    enum mv_code code;

    task->field = verifier->chain.sets[at].seal;
    task->kind = "ARC-Seal";
    code = mv_dkim_task_begin(verifier->arena, verifier->options, MV_DKIM_FORM_SEAL, task);
    verifier->hops[at] = (struct mv_arc_hop){.domain = task->signature.sdid,
                                             .selector = task->signature.selector,
                                             .results = verifier->chain.sets[at].payload};
    return code;
}

static enum mv_code make_tasks(struct mv_arc_verifier *verifier)
{
    size_t count = verifier->chain.count;
    struct mv_dkim_result *results = mv_arena_array(verifier->arena, 2 * count, sizeof *results);

    verifier->seals = mv_arena_array(verifier->arena, count, sizeof *verifier->seals);
    verifier->signatures = mv_arena_array(verifier->arena, count, sizeof *verifier->signatures);
    verifier->hops = mv_arena_array(verifier->arena, count, sizeof *verifier->hops);
    verifier->index = mv_dkim_header_index_new(verifier->arena, verifier->fields, verifier->field_count);
    if (results == NULL || verifier->seals == NULL || verifier->signatures == NULL || verifier->hops == NULL ||
        verifier->index == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        verifier->seals[i].result = &results[2 * i];
        verifier->signatures[i].result = &results[2 * i + 1];
        verifier->seals[i].number = verifier->signatures[i].number = i + 1;
    }
    return MV_OK;
}

/* What the fields alone decide. */
static enum mv_code begin_chain(struct mv_arc_verifier *verifier)
{
    size_t count = verifier->chain.count;
    enum mv_code code = make_tasks(verifier);
    bool readable = true;

    for (size_t i = count; i > 0 && code == MV_OK; i--) {
        code = begin_signature(verifier, i - 1);
        if (code == MV_OK)
            code = begin_seal(verifier, i - 1);
        readable = readable && verifier->seals[i - 1].readable;
    }
    if (code != MV_OK)
        return code;
    verifier->result.hops = verifier->hops;
    verifier->result.hop_count = readable ? count : 0;
    verifier->result.author_signed = signs(&verifier->signatures[count - 1], MV_BYTES("From"));
    if (is_known_wrong(&verifier->signatures[count - 1]))
        return fail_by(verifier, &verifier->signatures[count - 1]);
    for (size_t i = count; i > 0; i--)
        if (is_known_wrong(&verifier->seals[i - 1]))
            return fail_by(verifier, &verifier->seals[i - 1]);
    return MV_OK;
}

enum mv_code mv_arc_verifier_header(struct mv_arc_verifier *verifier, const struct mv_dkim_options *options,
                                    const struct mv_field *fields, size_t count)
{
    struct mv_arc_chain *chain = &verifier->chain;
    enum mv_code code = mv_arc_collect(verifier->arena, fields, count, chain);

    if (code != MV_OK)
        return code;
    verifier->options = options;
    verifier->fields = fields;
    verifier->field_count = count;
    verifier->result.has_fields = chain->state != MV_ARC_ABSENT;
    switch (chain->state) {
    case MV_ARC_BROKEN:
        return conclude(verifier, MV_ARC_FAIL, chain->section, chain->reason);
    case MV_ARC_ABSENT:
    case MV_ARC_ENDED:
        return conclude(verifier, MV_ARC_NONE, chain->section, chain->reason);
    case MV_ARC_WHOLE:
        break;
    }
    return begin_chain(verifier);
}

static void prefetch(const struct mv_dkim_task *task, struct mv_memo *memo)
{
    if (!task->decided)
        mv_memo_prefetch(memo, task->key_name, MV_DNS_TXT);
}

/* The keys of so many sets, the newest first. */
static void prefetch_sets(const struct mv_arc_verifier *verifier, size_t sets, struct mv_memo *memo)
{
    for (size_t i = verifier->chain.count; i > verifier->chain.count - sets; i--) {
        prefetch(&verifier->signatures[i - 1], memo);
        prefetch(&verifier->seals[i - 1], memo);
    }
}

static size_t sets_ahead(const struct mv_arc_verifier *verifier)
{
    return verifier->chain.count < MV_ARC_MAX_SETS_AHEAD ? verifier->chain.count : MV_ARC_MAX_SETS_AHEAD;
}

void mv_arc_verifier_prefetch(const struct mv_arc_verifier *verifier, struct mv_memo *memo)
{
    if (!verifier->done && verifier->seals != NULL)
        prefetch_sets(verifier, sets_ahead(verifier), memo);
}

/* l= must cover the whole body: then it says nothing that the whole body's hash does not say. */
static void settle_length(struct mv_dkim_task *task)
{
    uint64_t *length = &task->signature.body_length;

    if (task->decided || *length == MV_DKIM_NO_LENGTH)
        return;
    if (mv_dkim_body_hash_octets(task->body) != *length) {
        mv_dkim_conclude(task->result, MV_DKIM_POLICY, "RFC 6376 8.2", "l= is not the length of the body");
        task->decided = true;
    }
    *length = MV_DKIM_NO_LENGTH;
}

static enum mv_code hash_seals(struct mv_arc_verifier *verifier)
{
    unsigned char hashes[MV_ARC_MAX_SETS][MV_SHA256_BYTES];
    enum mv_code code;

    if (verifier->seals_hashed)
        return MV_OK;
    code = mv_arc_seal_hashes(verifier->chain.sets, verifier->chain.count, &verifier->scratch, hashes);
    for (size_t i = 0; i < verifier->chain.count && code == MV_OK; i++) {
        struct mv_dkim_task *task = &verifier->seals[i];

        for (size_t n = 0; n < MV_SHA256_BYTES; n++)
            task->header_hash[n] = hashes[i][n];
        task->has_header_hash = true;
    }
    verifier->seals_hashed = code == MV_OK;
    return code;
}

/* Decides the task if its key is there; if not, *waiting is set. */
static enum mv_code try_task(struct mv_arc_verifier *verifier, struct mv_dkim_task *task, struct mv_memo *memo,
                             bool thorough, bool *waiting)
{
    struct mv_dkim_check check = {verifier->arena, verifier->options, verifier->index, &verifier->scratch, thorough};
    const struct mv_dns_answer *answer;

    settle_length(task);
    if (task->decided)
        return MV_OK;
    answer = mv_memo_ask(memo, task->key_name, MV_DNS_TXT);
    if (answer == NULL) {
        *waiting = true;
        return MV_OK;
    }
    return mv_dkim_check(&check, task, answer);
}

/*
 * RFC 8617 4.1.2 takes over the default of RFC 6376 3.5 for c=, simple/simple;
 * there were sealers who took it for relaxed/relaxed.  [ours] Either counts: both
 * are forms of the octets that are here.
 */
static enum mv_code try_signature(struct mv_arc_verifier *verifier, struct mv_dkim_task *task, struct mv_memo *memo,
                                  bool thorough, bool *waiting)
{
    enum mv_code code = try_task(verifier, task, memo, thorough, waiting);

    if (code != MV_OK || !task->decided || task->result->code != MV_DKIM_FAIL || task->signature.has_canon)
        return code;
    task->signature.has_canon = true;
    task->signature.header_canon = MV_CANON_RELAXED;
    task->signature.body_canon = MV_CANON_RELAXED;
    task->has_header_hash = false;
    task->decided = false;
    code = want_body(verifier, MV_CANON_RELAXED, task);
    return code == MV_OK ? try_task(verifier, task, memo, thorough, waiting) : code;
}

/* RFC 8617 5.2 step 6, the newest count seals. A wrong one ends the matter, although others are not known yet. */
static enum mv_code try_seals(struct mv_arc_verifier *verifier, size_t count, struct mv_memo *memo, bool thorough,
                              bool *waiting)
{
    enum mv_code code = hash_seals(verifier);

    for (size_t i = verifier->chain.count; i > verifier->chain.count - count && code == MV_OK; i--) {
        struct mv_dkim_task *task = &verifier->seals[i - 1];

        code = try_task(verifier, task, memo, thorough, waiting);
        if (code == MV_OK && is_known_wrong(task))
            return fail_by(verifier, task);
    }
    return code;
}

/* Steps 4 and 6, for the sets whose keys were asked for ahead, and then for the rest. */
static enum mv_code try_chain(struct mv_arc_verifier *verifier, struct mv_memo *memo, bool thorough)
{
    size_t count = verifier->chain.count;
    struct mv_dkim_task *newest = &verifier->signatures[count - 1];
    bool waiting = false;
    enum mv_code code = try_signature(verifier, newest, memo, thorough, &waiting);

    if (code != MV_OK)
        return code;
    if (is_known_wrong(newest))
        return fail_by(verifier, newest);
    code = try_seals(verifier, sets_ahead(verifier), memo, thorough, &waiting);
    if (code == MV_OK && !verifier->done && !waiting) {
        prefetch_sets(verifier, count, memo);
        code = try_seals(verifier, count, memo, thorough, &waiting);
    }
    if (code != MV_OK || verifier->done)
        return code;
    return waiting ? mv_memo_miss(memo) : MV_OK;
}

/* RFC 8617 5.2.1: no key is a failure. */
static enum mv_code fail_for_keys(struct mv_arc_verifier *verifier)
{
    for (size_t i = verifier->chain.count; i > 0; i--) {
        if (verifier->signatures[i - 1].result->code == MV_DKIM_TEMPERROR && i == verifier->chain.count)
            return fail_by(verifier, &verifier->signatures[i - 1]);
        if (verifier->seals[i - 1].result->code == MV_DKIM_TEMPERROR)
            return fail_by(verifier, &verifier->seals[i - 1]);
    }
    return MV_OK;
}

/* RFC 8617 5.2 step 5: the message signatures below the newest, as far as they are right. */
static enum mv_code find_oldest_pass(struct mv_arc_verifier *verifier, struct mv_memo *memo, bool thorough)
{
    for (size_t i = verifier->chain.count - 1; i > 0; i--) {
        struct mv_dkim_task *task = &verifier->signatures[i - 1];
        bool waiting = false;
        enum mv_code code = try_signature(verifier, task, memo, thorough, &waiting);

        if (code != MV_OK || waiting)
            return waiting ? mv_memo_miss(memo) : code;
        if (task->result->code == MV_DKIM_PASS)
            continue;
        verifier->result.oldest_pass = i + 1;
        return MV_OK;
    }
    return MV_OK;
}

static enum mv_code judge(struct mv_arc_verifier *verifier, struct mv_memo *memo, bool thorough)
{
    enum mv_code code = try_chain(verifier, memo, thorough);

    if (code == MV_OK && !verifier->done)
        code = fail_for_keys(verifier);
    if (code == MV_OK && !verifier->done)
        code = find_oldest_pass(verifier, memo, thorough);
    if (code == MV_OK && !verifier->done)
        conclude(verifier, MV_ARC_PASS, "RFC 8617 5.2", NULL);
    return code;
}

/* What a sealer wrote down, on one line. */
static void explain_results(struct mv_trace *trace, size_t instance, struct mv_bytes results)
{
    struct mv_buf text;

    mv_buf_init(&text, MV_MAX_HEADER_BYTES);
    mv_field_unfold(results, &text);
    mv_trace_note(trace, "RFC 8617 4.1.1", "what sealer %zu says it found: %.*s", instance,
                  MV_ARG(mv_buf_bytes(&text)));
    mv_buf_free(&text);
}

static void explain(const struct mv_arc_verifier *verifier, struct mv_trace *trace)
{
    const struct mv_arc_result *result = &verifier->result;

    if (trace == NULL)
        return;
    if (result->reason != NULL)
        mv_trace_note(trace, result->section, "%s", result->reason);
    for (size_t i = verifier->seals == NULL ? 0 : verifier->chain.count; i > 0; i--) {
        if (verifier->signatures[i - 1].decided)
            mv_dkim_explain(trace, &verifier->signatures[i - 1], verifier->index);
        if (verifier->seals[i - 1].decided)
            mv_dkim_explain(trace, &verifier->seals[i - 1], verifier->index);
        explain_results(trace, i, verifier->hops[i - 1].results);
    }
    if (result->code == MV_ARC_PASS)
        mv_trace_note(trace, "RFC 8617 5.2", "oldest message signature that is still right: %zu",
                      result->oldest_pass == 0 ? 1 : result->oldest_pass);
}

enum mv_code mv_arc_verifier_run(struct mv_arc_verifier *verifier, struct mv_memo *memo, struct mv_trace *trace)
{
    enum mv_code code = MV_OK;

    if (!mv_dkim_bodies_ended(verifier->bodies))
        return MV_ERR_USAGE;
    if (!verifier->done && verifier->seals != NULL)
        code = judge(verifier, memo, trace != NULL);
    if (code == MV_OK)
        explain(verifier, trace);
    return code;
}

const struct mv_arc_result *mv_arc_verifier_result(const struct mv_arc_verifier *verifier)
{
    return &verifier->result;
}

void mv_arc_verifier_free(struct mv_arc_verifier **verifier)
{
    if (*verifier != NULL)
        mv_buf_free(&(*verifier)->scratch);
    *verifier = NULL;
}
