#include "lmtp-hook/connection.h"

#include <stdlib.h>
#include <unistd.h>

#include "lmtp-hook/log.h"
#include "lmtp-hook/record.h"

#define MSECS_PER_SEC 1000
#define MIB (1024u * 1024u)
#define STOPPING "421 4.3.2 The server is being stopped"
#define SILENT "421 4.4.2 You are silent"
#define LATE "421 4.4.2 The session has lasted too long"
#define NO_HOP_NOW "451 4.4.1 The next hop cannot be reached"

struct connection {
    struct mv_server *server;
    struct mv_engines *engines;
    const struct mv_lmtp_settings *settings;
    uint64_t id;
    unsigned messages;
    enum mv_session_trust trust;
    int64_t end_msecs;
    struct mv_stream client;
    struct mv_line line;
    struct mv_session *session;
    struct mv_hop hop;
    struct mv_reply reply;
};

static void say(struct connection *connection, const char *reply)
{
    mv_reply_set(&connection->reply, reply);
    (void)mv_stream_put(&connection->client, mv_buf_bytes(&connection->reply.text));
}

static void pass_on(struct connection *connection)
{
    (void)mv_stream_put(&connection->client, mv_buf_bytes(&connection->reply.text));
}

static bool open_hop(struct connection *connection)
{
    if (mv_hop_is_open(&connection->hop) ||
        mv_hop_open(&connection->hop, connection->settings, connection->server->host, connection->end_msecs) == MV_OK)
        return true;
    mv_log(MV_LOG_WARNING, "id=%llx the next hop cannot be reached: %s", (unsigned long long)connection->id,
           connection->hop.error.text);
    return false;
}

/* A transaction that is not to go on. */
static void reset_hop(struct connection *connection)
{
    if (mv_hop_is_open(&connection->hop) &&
        (!mv_hop_command(&connection->hop, MV_BYTES("RSET"), &connection->reply) ||
         !mv_reply_is_good(&connection->reply)))
        mv_hop_drop(&connection->hop, "it refused RSET");
}

static uint64_t max_message_bytes(const struct mv_lmtp_settings *settings)
{
    return (uint64_t)settings->max_message_mib * MIB;
}

/* false: the connection is to be closed. */
static bool greet(struct connection *connection)
{
    struct mv_buf offer;

    if (mv_hop_is_open(&connection->hop))
        reset_hop(connection);
    if (!open_hop(connection)) {
        say(connection, MV_SESSION_NO_HOP);
        return false;
    }
    mv_buf_init(&offer, MV_OFFER_MAX_BYTES);
    mv_offer_put(&connection->hop.offer, connection->server->host, max_message_bytes(connection->settings),
                 connection->trust == MV_SESSION_TRUSTED ? MV_OFFER_TRUSTED : MV_OFFER_STRANGER, &offer);
    (void)mv_stream_put(&connection->client, mv_buf_bytes(&offer));
    mv_buf_free(&offer);
    mv_session_greeted(connection->session,
                       connection->hop.offer.takes_size ? MV_SESSION_PASS_SIZE : MV_SESSION_DROP_SIZE);
    return true;
}

/* A next hop that was lost since LHLO, or is found to have left while nothing was under way, is opened anew. */
static void forward_mail(struct connection *connection, struct mv_bytes line)
{
    if (mv_hop_is_open(&connection->hop) && mv_hop_command(&connection->hop, line, &connection->reply)) {
        if (connection->reply.code != 421) /* RFC 5321 4.2.2: it is about to leave */
            return;
        mv_hop_drop(&connection->hop, "it was being stopped");
    }
    if (!open_hop(connection))
        mv_reply_set(&connection->reply, NO_HOP_NOW);
    else
        mv_hop_command(&connection->hop, line, &connection->reply);
}

/* RCPT would find no sender at a next hop that is opened anew. */
static void forward(struct connection *connection, struct mv_bytes line)
{
    if (mv_session_in_transaction(connection->session))
        mv_hop_command(&connection->hop, line, &connection->reply);
    else
        forward_mail(connection, line);
    pass_on(connection);
    mv_session_forwarded(connection->session, connection->reply.code);
}

static const char *farewell(enum mv_stream_code code)
{
    switch (code) {
    case MV_STREAM_SILENT:
        return SILENT;
    case MV_STREAM_LATE:
        return LATE;
    case MV_STREAM_WOKEN:
        return STOPPING;
    default:
        return NULL;
    }
}

/* Says why, where somebody may still listen. */
static bool end_for(struct connection *connection, enum mv_stream_code code)
{
    const char *reply = farewell(code);

    if (reply != NULL) {
        mv_log(MV_LOG_WARNING, "id=%llx %s", (unsigned long long)connection->id, reply);
        say(connection, reply);
    }
    return false;
}

/* true: the whole message is there. */
static bool receive(struct connection *connection, struct mv_intake *intake)
{
    say(connection, "354 Go on, end with a line of one dot");
    for (;;) {
        struct mv_cursor input = mv_stream_input(&connection->client);
        bool ended = mv_intake_feed(intake, &input);
        enum mv_stream_code code;

        mv_stream_taken(&connection->client, &input);
        if (ended)
            return true;
        mv_judge_ask(&intake->judge); /* keys are asked for while the body is still on its way */
        code = mv_stream_fill(&connection->client, -1);
        if (code != MV_STREAM_OK)
            return end_for(connection, code);
    }
}

static void log_message(struct connection *connection, const struct mv_record *record)
{
    struct mv_buf line;

    mv_buf_init(&line, MV_RECORD_MAX_BYTES);
    mv_record_put(record, &line);
    if (mv_buf_failed(&line))
        mv_log(MV_LOG_WARNING, "id=%llx.%u the log line does not fit", (unsigned long long)record->connection,
               record->message);
    else
        mv_log_line(record->delivery->intake->judge.state == MV_JUDGED_FAILED ? MV_LOG_ERROR : MV_LOG_INFO,
                    mv_buf_bytes(&line));
    mv_buf_free(&line);
    mv_record_count(record, &connection->server->stats);
}

static void refuse_by(struct mv_delivery *delivery, enum mv_fate fate)
{
    struct mv_buf refusal;

    mv_buf_init(&refusal, MV_LINE_MAX_BYTES);
    mv_tags_put_refusal(&delivery->intake->judge, fate, &refusal);
    mv_delivery_refuse(delivery, mv_buf_failed(&refusal) ? "451 4.3.0 Out of memory" : mv_buf_cstr(&refusal));
    mv_buf_free(&refusal);
}

/* The message is judged, and every recipient gets his reply. */
static enum mv_fate judge_and_deliver(struct connection *connection, struct mv_intake *intake,
                                      struct mv_delivery *delivery)
{
    enum mv_fate fate;

    if (intake->refusal != NULL) {
        mv_delivery_refuse(delivery, intake->refusal);
        reset_hop(connection);
        return MV_FATE_REFUSE;
    }
    mv_judge_end(&intake->judge);
    fate = mv_tags_fate(&intake->judge, connection->settings);
    if (fate == MV_FATE_REFUSE || fate == MV_FATE_DEFER) {
        refuse_by(delivery, fate);
        reset_hop(connection);
    } else {
        mv_delivery_run(delivery, fate);
    }
    return fate;
}

static bool take_message(struct connection *connection)
{
    struct mv_intake *intake = malloc(sizeof *intake);
    struct mv_delivery delivery = {.hop = &connection->hop, .client = &connection->client,
                                   .session = connection->session, .intake = intake};
    struct mv_record record = {.connection = connection->id, .delivery = &delivery};
    int64_t begin = mv_stream_now_msecs();
    bool whole;

    if (intake == NULL) {
        say(connection, "452 4.3.1 Out of memory");
        return true;
    }
    mv_intake_init(intake, connection->engines, connection->session, connection->trust);
    mv_buf_init(&delivery.replies, MV_DELIVERY_MAX_REPLIES_BYTES);
    whole = receive(connection, intake);
    if (whole) {
        record.message = ++connection->messages;
        record.fate = judge_and_deliver(connection, intake, &delivery);
        (void)mv_stream_flush(&connection->client);
        record.msecs = mv_stream_now_msecs() - begin;
        log_message(connection, &record);
        mv_record_evidence(&record, &connection->server->stats);
    }
    mv_buf_free(&delivery.replies);
    mv_intake_free(intake);
    free(intake);
    mv_session_end_transaction(connection->session);
    return whole;
}

/* false: the connection is to be closed. */
static bool do_step(struct connection *connection, const struct mv_step *step)
{
    switch (step->action) {
    case MV_STEP_REPLY:
        say(connection, step->reply);
        return true;
    case MV_STEP_GREET:
        return greet(connection);
    case MV_STEP_FORWARD:
        forward(connection, step->forward);
        return true;
    case MV_STEP_RESET:
        reset_hop(connection);
        say(connection, step->reply);
        return true;
    case MV_STEP_DATA:
        return take_message(connection);
    case MV_STEP_QUIT:
    case MV_STEP_CLOSE:
        say(connection, step->reply);
        return false;
    }
    return false;
}

static enum mv_server_client kind(const struct connection *connection)
{
    return connection->messages > 0 ? MV_SERVER_SERVED : MV_SERVER_NEW;
}

/* The next line of input. false: the connection is to be closed. */
static bool next_line(struct connection *connection, enum mv_line_code *code_r, struct mv_bytes *line_r)
{
    for (;;) {
        struct mv_cursor input = mv_stream_input(&connection->client);
        bool in_transaction = mv_session_in_transaction(connection->session);
        enum mv_stream_code code;

        *code_r = mv_line_feed(&connection->line, &input, line_r);
        mv_stream_taken(&connection->client, &input);
        if (*code_r != MV_LINE_MORE)
            return true;
        code = mv_stream_fill(&connection->client,
                              in_transaction ? -1 : connection->server->leave_fds[kind(connection)]);
        if (code != MV_STREAM_OK)
            return end_for(connection, code);
    }
}

static void converse(struct connection *connection)
{
    enum mv_line_code code;
    struct mv_bytes line;
    struct mv_step step;
    struct mv_buf greeting;

    mv_buf_init(&greeting, MV_OFFER_MAX_BYTES);
    mv_buf_printf(&greeting, "220 %s LMTP mailvouch", connection->server->host);
    say(connection, mv_buf_failed(&greeting) ? "220 LMTP mailvouch" : mv_buf_cstr(&greeting));
    mv_buf_free(&greeting);
    do {
        if (mv_server_dismisses(connection->server, kind(connection)) &&
            !mv_session_in_transaction(connection->session)) {
            say(connection, STOPPING);
            break;
        }
        if (mv_stream_now_msecs() >= connection->end_msecs) {
            say(connection, LATE);
            break;
        }
        if (!next_line(connection, &code, &line))
            break;
        mv_session_take(connection->session, code, line, &step);
    } while (do_step(connection, &step));
    (void)mv_stream_flush(&connection->client);
}

static enum mv_session_trust trust_in(const struct mv_lmtp_settings *settings, const struct mv_ip *peer)
{
    bool is_unix = peer->family == MV_IP_NONE; /* its access rights say who may connect */

    return is_unix || mv_config_networks_hold(&settings->trusted_networks, peer) ? MV_SESSION_TRUSTED
                                                                                 : MV_SESSION_STRANGER;
}

static void connection_free(struct connection *connection)
{
    struct mv_server *server = connection->server;

    mv_hop_close(&connection->hop);
    mv_stats_add(&server->stats, MV_STAT_HOP_FAILURES, connection->hop.failures);
    mv_hop_free(&connection->hop);
    mv_stream_close(&connection->client);
    mv_reply_free(&connection->reply);
    mv_line_free(&connection->line);
    mv_session_free(&connection->session);
    mv_engines_release(&connection->engines);
    free(connection);
    mv_stats_add(&server->stats, MV_STAT_CONNECTIONS_OPEN, -1);
    atomic_fetch_sub(&server->open, 1);
}

static void *run(void *argument)
{
    struct connection *connection = argument;

    converse(connection);
    connection_free(connection);
    return NULL;
}

/* NULL without memory; the descriptor is closed then. */
static struct connection *connection_new(struct mv_server *server, struct mv_engines *engines, int fd,
                                         const struct mv_ip *peer)
{
    const struct mv_lmtp_settings *settings = &mv_engines_settings(engines)->lmtp;
    struct mv_session_limits limits = {settings->max_recipients, max_message_bytes(settings)};
    struct connection *connection = calloc(1, sizeof *connection);

    if (connection == NULL)
        return NULL;
    connection->server = server;
    connection->engines = engines;
    connection->settings = settings;
    connection->id = atomic_fetch_add(&server->connections, 1) + 1;
    connection->trust = trust_in(settings, peer);
    connection->end_msecs = mv_stream_now_msecs() + (int64_t)settings->session_timeout_secs * MSECS_PER_SEC;
    mv_stream_open(&connection->client, fd, settings->idle_timeout_secs * MSECS_PER_SEC, connection->end_msecs);
    mv_line_init(&connection->line);
    mv_reply_init(&connection->reply);
    mv_hop_init(&connection->hop);
    connection->session = mv_session_new(&limits, connection->trust);
    return connection;
}

static void turn_away(struct mv_server *server, int fd, const char *reply)
{
    struct mv_stream stream = {.fd = -1};

    mv_stats_add(&server->stats, MV_STAT_CONNECTIONS_REFUSED, 1);
    mv_log(MV_LOG_WARNING, "a connection was refused: %s", reply);
    mv_stream_open(&stream, fd, 0, 0); /* waits for nothing */
    (void)mv_stream_put(&stream, mv_bytes_str(reply));
    (void)mv_stream_put(&stream, MV_BYTES("\r\n"));
    (void)mv_stream_flush(&stream);
    mv_stream_close(&stream);
}

void mv_connection_start(struct mv_server *server, int fd, const struct mv_ip *peer)
{
    struct mv_engines *engines = mv_server_engines(server);
    struct connection *connection;

    if (atomic_load(&server->open) >= mv_engines_settings(engines)->lmtp.max_connections) {
        mv_engines_release(&engines);
        turn_away(server, fd, "421 4.3.2 Too many connections");
        return;
    }
    connection = connection_new(server, engines, fd, peer);
    if (connection == NULL) {
        mv_engines_release(&engines);
        turn_away(server, fd, "421 4.3.2 Out of memory");
        return;
    }
    mv_stats_add(&server->stats, MV_STAT_CONNECTIONS, 1);
    mv_stats_add(&server->stats, MV_STAT_CONNECTIONS_OPEN, 1);
    atomic_fetch_add(&server->open, 1);
    if (connection->session == NULL || !mv_server_start_thread(run, connection)) {
        mv_log(MV_LOG_ERROR, "a connection was refused: no memory for a session, or no further thread");
        say(connection, "421 4.3.2 Too many connections");
        (void)mv_stream_flush(&connection->client);
        connection_free(connection);
    }
}
