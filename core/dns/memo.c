#include "core/dns/memo.h"

#include "core/base/ascii.h"
#include "core/dns/name.h"
#include "core/text/domain.h"

#define MV_MEMO_BUCKETS 256
/* Answers that came without a question; they only ever come from the program that drives us. */
#define MV_MEMO_MAX_UNASKED 500

enum state {
    STATE_UNASKED, /* an answer is kept in case it is asked for */
    STATE_AHEAD,   /* nobody waits for it */
    STATE_WANTED
};

struct entry {
    struct entry *next_in_bucket;
    struct entry *next_asked;
    struct mv_dns_question question;
    const struct mv_dns_answer *answer; /* NULL: open */
    enum state state;
    unsigned round;
    bool sent;
};

struct mv_memo {
    struct mv_arena *arena;
    struct entry *buckets[MV_MEMO_BUCKETS];
    /* In the order of asking, which is the order of handing out: all before to_send were handed out. */
    struct entry *first_asked;
    struct entry **asked_end;
    struct entry **to_send;
    size_t subjects; /* the limits are so many times those of one message */
    size_t asked;
    size_t unasked;
    size_t ahead; /* asked ahead only, answered or not */
    size_t open;
    size_t wanted;
    size_t handed_out;
    unsigned rounds;          /* the latest round that was handed out */
    unsigned answered_rounds; /* the latest round that has an answer */
    bool failed;
};

/* An answer without records for each status. */
static const struct mv_dns_answer bare[] = {
    [MV_DNS_FOUND] = {.status = MV_DNS_NODATA},      [MV_DNS_NODATA] = {.status = MV_DNS_NODATA},
    [MV_DNS_NXDOMAIN] = {.status = MV_DNS_NXDOMAIN}, [MV_DNS_SERVFAIL] = {.status = MV_DNS_SERVFAIL},
    [MV_DNS_REFUSED] = {.status = MV_DNS_REFUSED},   [MV_DNS_TIMEOUT] = {.status = MV_DNS_TIMEOUT},
    [MV_DNS_LIMIT] = {.status = MV_DNS_LIMIT},
};

struct mv_memo *mv_memo_new(struct mv_arena *arena)
{
    struct mv_memo *memo = mv_arena_alloc(arena, sizeof *memo);

    if (memo == NULL)
        return NULL;
    memo->arena = arena;
    memo->subjects = 1;
    memo->asked_end = &memo->first_asked;
    memo->to_send = &memo->first_asked;
    return memo;
}

void mv_memo_widen(struct mv_memo *memo, size_t subjects)
{
    if (subjects > memo->subjects)
        memo->subjects = subjects < MV_MEMO_MAX_SUBJECTS ? subjects : MV_MEMO_MAX_SUBJECTS;
}

/* FNV-1a over the folded name. A chain made long on purpose is still bounded by the limits. */
static size_t bucket_of(struct mv_bytes name, enum mv_dns_type type)
{
    uint32_t hash = 2166136261u ^ (uint32_t)type;

    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ mv_ascii_lower(name.data[i])) * 16777619u;
    return (hash ^ hash >> 16) % MV_MEMO_BUCKETS;
}

static struct entry *find(const struct mv_memo *memo, struct mv_bytes name, enum mv_dns_type type)
{
    struct entry *entry = memo->buckets[bucket_of(name, type)];

    while (entry != NULL &&
           (entry->question.type != type || !mv_bytes_equal_nocase(entry->question.name, name)))
        entry = entry->next_in_bucket;
    return entry;
}

/* NULL without memory, which the memo remembers. */
static struct entry *add(struct mv_memo *memo, struct mv_bytes name, enum mv_dns_type type)
{
    struct entry *entry = mv_arena_alloc(memo->arena, sizeof *entry);
    struct entry **bucket = &memo->buckets[bucket_of(name, type)];

    if (entry == NULL || !mv_dns_name_fold(memo->arena, name, &entry->question.name)) {
        memo->failed = true;
        return NULL;
    }
    entry->question.type = type;
    entry->next_in_bucket = *bucket;
    *bucket = entry;
    return entry;
}

static void mark_asked(struct mv_memo *memo, struct entry *entry, enum state state)
{
    if (entry->state == STATE_UNASKED) {
        *memo->asked_end = entry;
        memo->asked_end = &entry->next_asked;
        entry->round = memo->answered_rounds + 1;
    }
    if (entry->state == STATE_AHEAD)
        memo->ahead--;
    if (state == STATE_AHEAD)
        memo->ahead++;
    if (state == STATE_WANTED && entry->answer == NULL)
        memo->wanted++;
    entry->state = state;
}

const struct mv_dns_answer *mv_memo_ask(struct mv_memo *memo, struct mv_bytes name, enum mv_dns_type type)
{
    struct entry *entry;

    name = mv_dns_name_undotted(name);
    if (!mv_domain_is_askable(name))
        return &bare[MV_DNS_NXDOMAIN];
    entry = find(memo, name, type);
    if (entry == NULL) {
        if (memo->asked >= memo->subjects * MV_MEMO_MAX_QUESTIONS)
            return &bare[MV_DNS_LIMIT];
        entry = add(memo, name, type);
        if (entry == NULL)
            return NULL;
        memo->asked++;
    }
    if (entry->state != STATE_WANTED)
        mark_asked(memo, entry, STATE_WANTED);
    return entry->answer;
}

void mv_memo_prefetch(struct mv_memo *memo, struct mv_bytes name, enum mv_dns_type type)
{
    struct entry *entry;

    name = mv_dns_name_undotted(name);
    if (!mv_domain_is_askable(name) || memo->ahead >= memo->subjects * MV_MEMO_MAX_AHEAD ||
        memo->asked >= memo->subjects * MV_MEMO_MAX_QUESTIONS)
        return;
    if (find(memo, name, type) != NULL)
        return;
    entry = add(memo, name, type);
    if (entry == NULL)
        return;
    memo->asked++;
    mark_asked(memo, entry, STATE_AHEAD);
}

const struct mv_dns_answer *mv_memo_peek(const struct mv_memo *memo, struct mv_bytes name, enum mv_dns_type type)
{
    const struct entry *entry;

    name = mv_dns_name_undotted(name);
    if (!mv_domain_is_askable(name))
        return &bare[MV_DNS_NXDOMAIN];
    entry = find(memo, name, type);
    return entry == NULL ? NULL : entry->answer;
}

bool mv_memo_next_question(struct mv_memo *memo, struct mv_dns_question *question_r)
{
    while (*memo->to_send != NULL) {
        struct entry *entry = *memo->to_send;

        memo->to_send = &entry->next_asked;
        if (entry->answer != NULL)
            continue;
        entry->sent = true;
        memo->open++;
        memo->handed_out++;
        if (entry->round > memo->rounds)
            memo->rounds = entry->round;
        *question_r = entry->question;
        return true;
    }
    return false;
}

static void settle(struct mv_memo *memo, struct entry *entry, const struct mv_dns_answer *answer)
{
    if (entry->sent) {
        memo->open--;
        if (entry->round > memo->answered_rounds)
            memo->answered_rounds = entry->round;
    }
    if (entry->state == STATE_WANTED)
        memo->wanted--;
    entry->answer = answer;
}

/* NULL without memory. */
static const struct mv_dns_answer *copy_answer(struct mv_arena *arena, const struct mv_dns_answer *answer)
{
    struct mv_dns_answer *copy = mv_arena_alloc(arena, sizeof *copy);
    struct mv_dns_record *records;

    if (copy == NULL)
        return NULL;
    *copy = *answer;
    if (copy->status != MV_DNS_FOUND)
        copy->count = 0;
    records = mv_arena_array(arena, copy->count, sizeof *records);
    if (records == NULL)
        return NULL;
    for (size_t i = 0; i < copy->count; i++) {
        records[i].preference = answer->records[i].preference;
        if (!mv_arena_copy(arena, answer->records[i].data, &records[i].data) ||
            !mv_arena_copy(arena, answer->records[i].rdata, &records[i].rdata))
            return NULL;
    }
    if (copy->status == MV_DNS_FOUND && copy->count == 0)
        copy->status = MV_DNS_NODATA;
    copy->records = records;
    return copy;
}

enum mv_code mv_memo_answer(struct mv_memo *memo, const struct mv_dns_question *question,
                            const struct mv_dns_answer *answer)
{
    struct mv_bytes name = mv_dns_name_undotted(question->name);
    struct entry *entry = find(memo, name, question->type);
    const struct mv_dns_answer *copy;

    if (!mv_domain_is_askable(name) || (entry != NULL && entry->answer != NULL))
        return MV_OK;
    if (entry == NULL) {
        if (memo->unasked >= MV_MEMO_MAX_UNASKED)
            return MV_ERR_LIMIT;
        entry = add(memo, name, question->type);
        if (entry == NULL)
            return MV_ERR_MEMORY;
        memo->unasked++;
    }
    copy = copy_answer(memo->arena, answer);
    if (copy == NULL) {
        memo->failed = true;
        return MV_ERR_MEMORY;
    }
    settle(memo, entry, copy);
    return MV_OK;
}

void mv_memo_close(struct mv_memo *memo, enum mv_dns_status status)
{
    for (struct entry *entry = memo->first_asked; entry != NULL; entry = entry->next_asked)
        if (entry->answer == NULL)
            settle(memo, entry, &bare[status]);
}

size_t mv_memo_open(const struct mv_memo *memo)
{
    return memo->open;
}

size_t mv_memo_wanted(const struct mv_memo *memo)
{
    return memo->wanted;
}

size_t mv_memo_questions(const struct mv_memo *memo)
{
    return memo->handed_out;
}

unsigned mv_memo_rounds(const struct mv_memo *memo)
{
    return memo->rounds;
}

bool mv_memo_failed(const struct mv_memo *memo)
{
    return memo->failed;
}

enum mv_code mv_memo_miss(const struct mv_memo *memo)
{
    return memo->failed ? MV_ERR_MEMORY : MV_NEED_DNS;
}

bool mv_memo_at(const struct mv_memo *memo, size_t index, struct mv_dns_question *question_r,
                const struct mv_dns_answer **answer_r)
{
    for (const struct entry *entry = memo->first_asked; entry != NULL; entry = entry->next_asked) {
        if (entry->answer == NULL || index-- > 0)
            continue;
        *question_r = entry->question;
        *answer_r = entry->answer;
        return true;
    }
    return false;
}
