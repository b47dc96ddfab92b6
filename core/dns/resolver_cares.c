#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>
#include <unistd.h>

#include "core/dns/resolver_backend.h"
#include "core/dns/servers.h"
#include "core/dns/sockets.h"
#include "core/dns/wire.h"

#define TRIES_PER_SERVER 3 /* each takes twice as long as the one before */
/* A question that c-ares gave up is asked anew: the caller's deadline decides, and a program that does not wait for us
 * (it talks to its client) lets an answer by TCP grow too old for c-ares before it is read. */
#define MAX_RESENDS 3
#define SENDS_PER_LOOK 32     /* answers are taken in between, so that they do not overflow the socket */
#define MAX_LOOKS 1024        /* of one look for what has arrived */
#define MAX_SERVERS_BYTES 512 /* 8 bracketed IPv6 addresses with ports */
#define MAX_ANSWER_MEMORY_BYTES (1024 * 1024)

/* A question on its way. */
struct flight {
    struct flight *next;
    struct flight **back;
    struct cares_resolver *resolver;
    struct mv_memo *memo; /* NULL: forgotten, and then the question's name is gone too */
    struct mv_dns_question question;
    uint16_t id;
    unsigned resends;
};

struct cares_resolver {
    struct mv_resolver base;
    char servers[MAX_SERVERS_BYTES]; /* "": resolv.conf */
    unsigned try_msecs;
    pid_t pid; /* of the process that the channel belongs to */
    ares_channel channel;
    struct mv_sockets sockets;
    struct flight *flights;
    unsigned char used_ids[65536 / 8];
    unsigned silent_servers; /* the first ones, which let the last answer wait */
    enum mv_code trouble;    /* what went wrong where only c-ares could be told */
};

/* Opening the channel */

static int open_channel(struct cares_resolver *self, int extra_flags)
{
    struct ares_options options = {
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS | extra_flags,
        .timeout = (int)self->try_msecs,
        .tries = TRIES_PER_SERVER,
        .ednspsz = MV_DNS_EDNS_PAYLOAD_BYTES,
        .lookups = (char[]){"b"}, /* DNS alone: no hosts file, and no file that would say so */
        .resolvconf_path = (char[]){"/dev/null"},
        .sock_state_cb = mv_sockets_state,
        .sock_state_cb_data = &self->sockets,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ | ARES_OPT_LOOKUPS |
               ARES_OPT_SOCK_STATE_CB;
    int status = ares_init_options(&self->channel, &options,
                                   self->servers[0] == '\0' ? mask : mask | ARES_OPT_RESOLVCONF);

    if (status != ARES_SUCCESS) {
        self->channel = NULL;
        return status;
    }
    mv_sockets_attach(&self->sockets, self->channel);
    return self->servers[0] == '\0' ? ARES_SUCCESS : ares_set_servers_ports_csv(self->channel, self->servers);
}

/* Questions in flight end here; their memos are told that time is up. */
static void close_channel(struct cares_resolver *self)
{
    if (self->channel != NULL)
        ares_destroy(self->channel);
    self->channel = NULL;
}

static unsigned count_servers(ares_channel channel)
{
    struct ares_addr_port_node *servers = NULL;
    unsigned count = 0;

    if (ares_get_servers_ports(channel, &servers) != ARES_SUCCESS)
        return 0;
    for (const struct ares_addr_port_node *server = servers; server != NULL; server = server->next)
        count++;
    ares_free_data(servers);
    return count;
}

/*
 * With several servers c-ares asks the next one when one fails (SERVFAIL,
 * REFUSED).  With one it would ask the same again and keep the reason to itself:
 * then we want its answer as it is.
 */
static enum mv_code use_channel(struct cares_resolver *self)
{
    int status;

    if (self->channel != NULL && self->pid == getpid())
        return MV_OK;
    close_channel(self);
    self->pid = getpid();
    status = open_channel(self, ARES_FLAG_NOCHECKRESP);
    if (status == ARES_SUCCESS && count_servers(self->channel) > 1) {
        close_channel(self);
        status = open_channel(self, 0);
    }
    if (status == ARES_SUCCESS)
        return MV_OK;
    close_channel(self);
    return status == ARES_ENOMEM ? MV_ERR_MEMORY : MV_ERR_IO;
}

/* A server that let us wait is asked last from now on: one that is dead costs its time once, not in every round. */
static void put_silent_servers_last(struct cares_resolver *self)
{
    struct ares_addr_port_node *servers = NULL, *last;

    if (self->silent_servers == 0 || ares_get_servers_ports(self->channel, &servers) != ARES_SUCCESS)
        return;
    for (; self->silent_servers > 0 && servers != NULL && servers->next != NULL; self->silent_servers--) {
        struct ares_addr_port_node *first = servers;

        for (last = servers; last->next != NULL;)
            last = last->next;
        servers = first->next;
        last->next = first;
        first->next = NULL;
    }
    self->silent_servers = 0;
    (void)ares_set_servers_ports(self->channel, servers);
    ares_free_data(servers);
}

/* Questions in flight */

static bool is_used(const struct cares_resolver *self, uint16_t id)
{
    return (self->used_ids[id / 8] & 1 << id % 8) != 0;
}

/* RFC 5452 9.1: not to be guessed. A memo holds far fewer questions than there are ids. */
static bool take_id(struct cares_resolver *self, uint16_t *id_r)
{
    do {
        if (getrandom(id_r, sizeof *id_r, 0) != sizeof *id_r)
            return false;
    } while (is_used(self, *id_r));
    self->used_ids[*id_r / 8] |= (unsigned char)(1 << *id_r % 8);
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
    flight->resolver->used_ids[flight->id / 8] &= (unsigned char)~(1 << flight->id % 8);
    *flight->back = flight->next;
    if (flight->next != NULL)
        flight->next->back = flight->back;
    free(flight);
}

static void land(struct flight *flight, const struct mv_dns_answer *answer)
{
    enum mv_code code = mv_memo_answer(flight->memo, &flight->question, answer);

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

static void land_with_message(struct flight *flight, struct mv_bytes message)
{
    struct mv_arena *arena = mv_arena_new(MAX_ANSWER_MEMORY_BYTES);
    struct mv_dns_answer answer = {.status = MV_DNS_SERVFAIL};

    if (arena == NULL || mv_dns_wire_answer(arena, &flight->question, message, &answer) != MV_OK) {
        flight->resolver->trouble = MV_ERR_MEMORY;
        answer = (struct mv_dns_answer){.status = MV_DNS_SERVFAIL};
    }
    land(flight, &answer);
    mv_arena_free(&arena);
}

static void launch(struct flight *flight);

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
    if (status == ARES_ETIMEOUT && flight->resends < MAX_RESENDS) {
        flight->resends++;
        launch(flight);
        return;
    }
    if (message == NULL || len <= 0)
        land_without_message(flight, status);
    else
        land_with_message(flight, mv_bytes_of(message, (size_t)len));
}

/* The flight may have ended when this returns. */
static void launch(struct flight *flight)
{
    struct mv_buf query;

    mv_buf_init(&query, MV_DNS_MAX_QUERY_BYTES);
    if (mv_dns_wire_query(&flight->question, flight->id, &query) == MV_OK)
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

/* The calls of resolver.h */

static void take_in(struct cares_resolver *self)
{
    for (unsigned i = 0; i < MAX_LOOKS; i++)
        if (!mv_sockets_process(&self->sockets, self->channel, 0))
            return;
}

static enum mv_code cares_send(struct mv_resolver *resolver, struct mv_memo *memo)
{
    struct cares_resolver *self = (struct cares_resolver *)resolver;
    struct mv_dns_question question;
    enum mv_code code = use_channel(self);

    if (code != MV_OK)
        return code;
    if (self->flights == NULL) {
        put_silent_servers_last(self);
        self->sockets.heard = MV_DNS_TIMEOUT;
    }
    for (unsigned sent = 1; mv_memo_next_question(memo, &question); sent++) {
        struct flight *flight = flight_new(self, memo, &question);

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

static void cares_forget(struct mv_resolver *resolver, struct mv_memo *memo)
{
    struct cares_resolver *self = (struct cares_resolver *)resolver;
    bool awaited = false;

    for (struct flight *flight = self->flights; flight != NULL; flight = flight->next) {
        if (flight->memo == memo)
            flight->memo = NULL;
        awaited = awaited || flight->memo != NULL;
    }
    if (self->flights != NULL && !awaited)
        ares_cancel(self->channel);
}

/* Sleeps until something has arrived, c-ares wants to try again, or the time has come. */
static void sleep_until(struct cares_resolver *self, int64_t end_msecs)
{
    int64_t left_msecs = end_msecs - mv_resolver_now_msecs(), try_msecs;
    struct timeval buffer, *next = ares_timeout(self->channel, NULL, &buffer);

    if (next != NULL) {
        try_msecs = (int64_t)next->tv_sec * 1000 + (next->tv_usec + 999) / 1000;
        left_msecs = try_msecs < left_msecs ? try_msecs : left_msecs;
    }
    if (left_msecs < 0)
        left_msecs = 0;
    (void)mv_sockets_process(&self->sockets, self->channel, left_msecs > 60000 ? 60000 : (int)left_msecs);
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

    for (struct flight *flight = self->flights; flight != NULL; flight = flight->next)
        flight->memo = NULL;
    close_channel(self);
    free(self);
}

static const struct mv_resolver_calls calls = {cares_free, cares_send, cares_poll, cares_wait, cares_forget};

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
