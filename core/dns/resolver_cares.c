#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>
#include <unistd.h>

#include "core/base/stamp.h"
#include "core/dns/channel.h"
#include "core/dns/direct.h"
#include "core/dns/resolver_backend.h"
#include "core/dns/servers.h"
#include "core/dns/wire.h"

/*
 * A question that c-ares gave up is asked anew: the caller's deadline decides, and
 * a program that does not wait for us (it talks to its client) lets an answer by
 * TCP grow too old for c-ares before it is read.
 */
#define MAX_RESENDS 3
#define SENDS_PER_LOOK 32     /* answers are taken in between, so that they do not overflow the socket */
#define MAX_LOOKS 1024        /* of one look for what has arrived */
#define MAX_SLEEP_MSECS 60000 /* then we look at the clock again */
#define MSECS_PER_SEC 1000
#define MAX_SERVERS_BYTES 512 /* 8 bracketed IPv6 addresses with ports */
#define MAX_ANSWER_MEMORY_BYTES (1024 * 1024)

#define SYSTEM_SERVERS "/etc/resolv.conf"

/* A question on its way. */
struct flight {
    struct flight *next;
    struct flight **back;
    struct cares_resolver *resolver;
    struct mv_memo *memo; /* NULL: forgotten, and then the question's name is gone too */
    struct mv_dns_question question;
    uint16_t id;
    unsigned resends;
    struct mv_direct direct; /* in use when c-ares does not carry the name */
};

struct cares_resolver {
    struct mv_resolver base;
    char servers[MAX_SERVERS_BYTES]; /* "": resolv.conf */
    unsigned try_msecs;
    pid_t pid; /* of the process that the channel belongs to; 0: it has no sockets so far, and any may take it */
    ares_channel channel;
    struct mv_stamp system_servers; /* when the channel was prepared */
    struct mv_sockets sockets;
    struct flight *flights;
    unsigned silent_servers; /* the first ones, which let the last answer wait */
    enum mv_code trouble;    /* what went wrong where only c-ares could be told */
};

/* Questions in flight */

static bool is_used(const struct cares_resolver *self, uint16_t id)
{
    for (const struct flight *flight = self->flights; flight != NULL; flight = flight->next)
        if (flight->id == id)
            return true;
    return false;
}

/* RFC 5452 9.1: not to be guessed. A memo holds far fewer questions than there are ids. */
static bool take_id(struct cares_resolver *self, uint16_t *id_r)
{
    do {
        if (getrandom(id_r, sizeof *id_r, 0) != sizeof *id_r)
            return false;
    } while (is_used(self, *id_r));
    return true;
}

static struct flight *flight_new(struct cares_resolver *self, struct mv_memo *memo,
                                 const struct mv_dns_question *question)
{
    struct flight *flight = calloc(1, sizeof *flight);

    if (flight == NULL || !take_id(self, &flight->id)) {
        self->trouble = flight == NULL ? MV_ERR_MEMORY : MV_ERR_IO;
        free(flight);
        return NULL;
    }
    flight->resolver = self;
    flight->memo = memo;
    flight->question = *question;
    flight->next = self->flights;
    flight->back = &self->flights;
    if (flight->next != NULL)
        flight->next->back = &flight->next;
    self->flights = flight;
    return flight;
}

static void flight_free(struct flight *flight)
{
    mv_direct_close(&flight->direct, &flight->resolver->sockets);
    *flight->back = flight->next;
    if (flight->next != NULL)
        flight->next->back = flight->back;
    free(flight);
}

static void land(struct flight *flight, const struct mv_dns_answer *answer)
{
    struct mv_dns_cache *cache = flight->resolver->base.cache;
    enum mv_code code;

    if (cache != NULL)
        mv_dns_cache_keep(cache, &flight->question, answer, mv_resolver_now_msecs() / MSECS_PER_SEC);
    code = mv_memo_answer(flight->memo, &flight->question, answer);
    if (code != MV_OK)
        flight->resolver->trouble = code;
    flight_free(flight);
}

static void land_without_message(struct flight *flight, int status)
{
    struct mv_dns_answer answer = {.status = MV_DNS_SERVFAIL};

    if (status == ARES_ECONNREFUSED) /* no server is there, or each has failed */
        answer.status = flight->resolver->sockets.heard;
    else if (status == ARES_ETIMEOUT || status == ARES_ECANCELLED || status == ARES_EDESTRUCTION)
        answer.status = MV_DNS_TIMEOUT;
    else if (status == ARES_EREFUSED)
        answer.status = MV_DNS_REFUSED;
    land(flight, &answer);
}

static enum mv_dns_status decode(struct flight *flight, struct mv_arena *arena, struct mv_bytes message,
                                 struct mv_dns_answer *answer_r)
{
    if (arena == NULL || mv_dns_wire_answer(arena, &flight->question, message, answer_r) != MV_OK) {
        flight->resolver->trouble = MV_ERR_MEMORY;
        *answer_r = (struct mv_dns_answer){.status = MV_DNS_SERVFAIL};
    }
    return answer_r->status;
}

static void land_with_message(struct flight *flight, struct mv_bytes message)
{
    struct mv_arena *arena = mv_arena_new(MAX_ANSWER_MEMORY_BYTES);
    struct mv_dns_answer answer;

    decode(flight, arena, message, &answer);
    land(flight, &answer);
    mv_arena_free(&arena);
}

static bool put_query(const struct flight *flight, struct mv_buf *query)
{
    mv_buf_init(query, MV_DNS_MAX_QUERY_BYTES);
    return mv_dns_wire_query(&flight->question, flight->id, query) == MV_OK;
}

/* The way beside c-ares */

static void launch_directly(struct flight *flight)
{
    struct cares_resolver *self = flight->resolver;
    struct mv_buf query;

    flight->direct.retry_msecs = mv_resolver_now_msecs() + self->try_msecs;
    if (!put_query(flight, &query) ||
        !mv_direct_send(&flight->direct, &self->sockets, self->channel, mv_buf_bytes(&query)))
        land_without_message(flight, ARES_ECONNREFUSED);
    mv_buf_free(&query);
}

/* A server failed: the next one, until each has had its turn. */
static bool try_next_directly(struct flight *flight)
{
    if (++flight->direct.failures >= flight->direct.servers)
        return false;
    launch_directly(flight);
    return true;
}

static void take_in_directly(struct flight *flight, struct mv_bytes datagram)
{
    struct mv_arena *arena = mv_arena_new(MAX_ANSWER_MEMORY_BYTES);
    struct mv_dns_answer answer;

    if (!mv_dns_is_error(decode(flight, arena, datagram, &answer)) || !try_next_directly(flight))
        land(flight, &answer);
    mv_arena_free(&arena);
}

static void look_directly(struct flight *flight)
{
    unsigned char buffer[MV_DIRECT_MAX_BYTES];
    struct mv_bytes datagram = {NULL, 0};
    enum mv_direct_step step;

    do {
        step = mv_direct_receive(&flight->direct, buffer, &datagram);
    } while (step == MV_DIRECT_DATAGRAM && !mv_dns_wire_is_reply(&flight->question, flight->id, datagram));

    if (step == MV_DIRECT_DATAGRAM)
        take_in_directly(flight, datagram);
    else if (step == MV_DIRECT_FAILED && !try_next_directly(flight))
        land_without_message(flight, ARES_ECONNREFUSED);
    else if (step == MV_DIRECT_WAITING && mv_resolver_now_msecs() >= flight->direct.retry_msecs)
        launch_directly(flight);
}

/* The way through c-ares */

static void launch(struct flight *flight);

/* c-ares could not write the query, or not hand over the response, for a name in it. */
static bool is_not_carried(int status)
{
    return status == ARES_EBADNAME || status == ARES_EBADQUERY || status == ARES_EBADRESP || status == ARES_EFORMERR;
}

/* Called by c-ares, also from within ares_send(). */
static void on_answer(void *arg, int status, int timeouts, unsigned char *message, int len)
{
    struct flight *flight = arg;

    if (flight->memo == NULL) {
        flight_free(flight);
        return;
    }
    if (status == ARES_SUCCESS && timeouts > 0)
        flight->resolver->silent_servers = (unsigned)timeouts;
    if (message != NULL && len > 0) {
        land_with_message(flight, mv_bytes_of(message, (size_t)len));
    } else if (status == ARES_ETIMEOUT && flight->resends < MAX_RESENDS) {
        flight->resends++;
        launch(flight);
    } else if (is_not_carried(status)) {
        launch_directly(flight);
    } else {
        land_without_message(flight, status);
    }
}

/* The flight may have ended when this returns. */
static void launch(struct flight *flight)
{
    struct mv_buf query;

    if (!mv_direct_is_host_name(flight->question.name)) {
        launch_directly(flight);
        return;
    }
    if (put_query(flight, &query))
        ares_send(flight->resolver->channel, mv_buf_bytes(&query).data, (int)mv_buf_bytes(&query).len, on_answer,
                  flight);
    else
        land_without_message(flight, ARES_ENOMEM);
    mv_buf_free(&query);
}

static enum mv_code take_trouble(struct cares_resolver *self)
{
    enum mv_code code = self->trouble;

    self->trouble = MV_OK;
    return code;
}

/* Looking and waiting */

static bool is_direct(const struct flight *flight)
{
    return flight->direct.fd > 0;
}

/* Waits up to the timeout for something to arrive, and takes it in. false when nothing has. */
static bool look(struct cares_resolver *self, int timeout_msecs)
{
    bool arrived = mv_sockets_process(&self->sockets, self->channel, timeout_msecs);

    for (struct flight *flight = self->flights, *next; flight != NULL; flight = next) {
        next = flight->next;
        if (is_direct(flight))
            look_directly(flight);
    }
    return arrived;
}

static void take_in(struct cares_resolver *self)
{
    for (unsigned i = 0; i < MAX_LOOKS; i++)
        if (!look(self, 0))
            return;
}

/* When somebody wants to try again, if that is before the end. */
static int64_t next_try_msecs(const struct cares_resolver *self, int64_t end_msecs)
{
    struct timeval buffer, *left = ares_timeout(self->channel, NULL, &buffer);
    int64_t next_msecs;

    if (left != NULL) {
        next_msecs = mv_resolver_now_msecs() + (int64_t)left->tv_sec * 1000 + (left->tv_usec + 999) / 1000;
        end_msecs = next_msecs < end_msecs ? next_msecs : end_msecs;
    }
    for (const struct flight *flight = self->flights; flight != NULL; flight = flight->next)
        if (is_direct(flight) && flight->direct.retry_msecs < end_msecs)
            end_msecs = flight->direct.retry_msecs;
    return end_msecs;
}

/* Sleeps until something has arrived, something is to be tried again, or the time has come. */
static void sleep_until(struct cares_resolver *self, int64_t end_msecs)
{
    int64_t left_msecs = next_try_msecs(self, end_msecs) - mv_resolver_now_msecs();

    if (left_msecs < 0)
        left_msecs = 0;
    (void)look(self, left_msecs > MAX_SLEEP_MSECS ? MAX_SLEEP_MSECS : (int)left_msecs);
}

/* What comes just behind an answer belongs to the same burst. */
static void gather(struct cares_resolver *self, struct mv_memo *memo, int64_t deadline_msecs)
{
    int64_t end_msecs = mv_resolver_now_msecs() + MV_RESOLVER_GATHER_MSECS;

    take_in(self);
    if (end_msecs > deadline_msecs)
        end_msecs = deadline_msecs;
    while (mv_memo_wanted(memo) > 0 && mv_memo_open(memo) > 0 && mv_resolver_now_msecs() < end_msecs)
        sleep_until(self, end_msecs);
}

/* The calls of resolver.h */

/*
 * What c-ares has before its first question is memory alone, and it numbers no
 * question of ours (take_id() does): so a child may go on with what its parent prepared.
 */
static enum mv_code cares_prepare(struct mv_resolver *resolver, int64_t now_secs)
{
    struct cares_resolver *self = (struct cares_resolver *)resolver;
    struct mv_stamp servers = {0};

    if (self->channel != NULL && self->pid != 0)
        return MV_OK;
    if (self->servers[0] == '\0')
        mv_stamp_take(SYSTEM_SERVERS, &servers);
    if (self->channel != NULL && mv_stamp_equal(&servers, &self->system_servers) &&
        mv_stamp_is_settled(&servers, now_secs))
        return MV_OK;
    mv_channel_close(&self->channel);
    self->system_servers = servers;
    return mv_channel_open(self->servers, self->try_msecs, &self->sockets, &self->channel);
}

/* The channel belongs to one process. What is in flight has timed out for a process that has it no more. */
static enum mv_code use_channel(struct cares_resolver *self)
{
    if (self->channel != NULL && self->pid == 0)
        self->pid = getpid();
    if (self->channel != NULL && self->pid == getpid())
        return MV_OK;
    for (struct flight *flight = self->flights, *next; flight != NULL; flight = next) {
        next = flight->next;
        if (is_direct(flight))
            land_without_message(flight, ARES_ECANCELLED);
    }
    mv_channel_close(&self->channel);
    self->pid = getpid();
    return mv_channel_open(self->servers, self->try_msecs, &self->sockets, &self->channel);
}

static bool is_known(struct cares_resolver *self, struct mv_memo *memo, const struct mv_dns_question *question)
{
    struct mv_dns_cache *cache = self->base.cache;

    return cache != NULL &&
           mv_dns_cache_answer(cache, memo, question, mv_resolver_now_msecs() / MSECS_PER_SEC);
}

static enum mv_code cares_send(struct mv_resolver *resolver, struct mv_memo *memo)
{
    struct cares_resolver *self = (struct cares_resolver *)resolver;
    struct mv_dns_question question;
    enum mv_code code = use_channel(self);

    if (code != MV_OK)
        return code;
    if (self->flights == NULL) {
        /* one that is dead costs its time once, not in every round */
        if (self->silent_servers > 0)
            mv_channel_put_last(self->channel, self->silent_servers);
        self->silent_servers = 0;
        self->sockets.heard = MV_DNS_TIMEOUT;
    }
    for (unsigned sent = 1; mv_memo_next_question(memo, &question); sent++) {
        struct flight *flight;

        if (is_known(self, memo, &question))
            continue;
        flight = flight_new(self, memo, &question);
        if (flight == NULL)
            break;
        launch(flight);
        if (sent % SENDS_PER_LOOK == 0)
            take_in(self);
    }
    return take_trouble(self);
}

static enum mv_code cares_poll(struct mv_resolver *resolver, struct mv_memo *memo)
{
    struct cares_resolver *self = (struct cares_resolver *)resolver;
    enum mv_code code;

    (void)memo;
    if (self->flights == NULL)
        return MV_OK;
    code = use_channel(self);
    if (code != MV_OK)
        return code;
    take_in(self);
    return take_trouble(self);
}

/* c-ares holds on to its flights until they end. */
static void abandon(struct flight *flight)
{
    flight->memo = NULL;
    if (is_direct(flight))
        flight_free(flight);
}

static void cares_forget(struct mv_resolver *resolver, struct mv_memo *memo)
{
    struct cares_resolver *self = (struct cares_resolver *)resolver;
    bool awaited = false;

    for (struct flight *flight = self->flights, *next; flight != NULL; flight = next) {
        next = flight->next;
        if (flight->memo == memo)
            abandon(flight);
        else
            awaited = awaited || flight->memo != NULL;
    }
    if (self->flights != NULL && !awaited)
        ares_cancel(self->channel);
}

static enum mv_code cares_wait(struct mv_resolver *resolver, struct mv_memo *memo, int64_t deadline_msecs)
{
    struct cares_resolver *self = (struct cares_resolver *)resolver;
    size_t open = mv_memo_open(memo), questions = mv_memo_questions(memo);
    enum mv_code code = cares_send(resolver, memo);

    if (code != MV_OK || mv_memo_open(memo) == 0)
        return code;
    open += mv_memo_questions(memo) - questions;
    take_in(self);
    while (mv_memo_open(memo) == open) {
        if (mv_resolver_now_msecs() >= deadline_msecs) {
            mv_memo_close(memo, MV_DNS_TIMEOUT);
            cares_forget(resolver, memo);
            return take_trouble(self);
        }
        sleep_until(self, deadline_msecs);
    }
    gather(self, memo, deadline_msecs);
    return take_trouble(self);
}

static void cares_free(struct mv_resolver *resolver)
{
    struct cares_resolver *self = (struct cares_resolver *)resolver;

    for (struct flight *flight = self->flights, *next; flight != NULL; flight = next) {
        next = flight->next;
        abandon(flight);
    }
    mv_channel_close(&self->channel);
    free(self);
}

static const struct mv_resolver_calls calls = {
    .free = cares_free,
    .prepare = cares_prepare,
    .send = cares_send,
    .poll = cares_poll,
    .wait = cares_wait,
    .forget = cares_forget,
};

enum mv_code mv_resolver_cares_new(struct mv_bytes servers, unsigned try_msecs, struct mv_resolver **resolver_r,
                                   struct mv_error *error)
{
    struct cares_resolver *self = calloc(1, sizeof *self);
    struct mv_buf csv;
    enum mv_code code;

    *resolver_r = NULL;
    if (self == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory for a resolver");
    mv_buf_init(&csv, sizeof self->servers - 1);
    code = mv_dns_servers_parse(servers, &csv, error);
    if (code == MV_OK && mv_buf_bytes(&csv).len > 0)
        memcpy(self->servers, mv_buf_bytes(&csv).data, mv_buf_bytes(&csv).len);
    mv_buf_free(&csv);
    if (code != MV_OK) {
        free(self);
        return code;
    }
    self->base.calls = &calls;
    self->try_msecs = try_msecs;
    *resolver_r = &self->base;
    return MV_OK;
}
