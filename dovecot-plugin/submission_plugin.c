/*
 * lib95_mailvouch_submission_plugin.so: signs what users submit (mailvouch-dovecot(7)).
 *
 * Dovecot calls cmd_data once for each message that has come in as a whole, by
 * DATA, BDAT or BURL.  The relay will read the message through an istream that
 * makes every line end CRLF, so that is what is hashed, too; the message itself
 * is passed on as it came, below our fields.
 *
 * Ours is the innermost of all plugins' cmd_data: the hook of a higher number
 * is called first, and what the others wrap around it later runs before it, so
 * the signature is over what they have made of the message.
 */
#include "dovecot-plugin/compat.h"

#include <stdlib.h>
#include <time.h>

#include "dovecot-plugin/signing.h"

#define MV_CONFIG_VARIABLE "MAILVOUCH_CONF" /* of Dovecot's import_environment */

MV_DOVECOT_EXPORT void mailvouch_submission_plugin_init(struct module *module);
MV_DOVECOT_EXPORT void mailvouch_submission_plugin_deinit(void);
MV_DOVECOT_EXPORT extern const char *mailvouch_submission_plugin_version;

const char *mailvouch_submission_plugin_version = DOVECOT_ABI_VERSION;

struct mv_client {
    union submission_module_context module_ctx; /* what we have replaced */
};

/* The message as the relay will send it. */
struct mv_reader {
    struct istream *stream;
    struct event *event;
    size_t given_bytes;
};

static MODULE_CONTEXT_DEFINE_INIT(mv_client_module, &submission_module_register);
static submission_client_created_func_t *next_hook;
static struct mv_signing *signing;
static bool hooked;

static bool read_piece(void *source, struct mv_bytes *piece_r)
{
    struct mv_reader *reader = source;
    const unsigned char *data;
    size_t size = 0;
    int got;

    i_stream_skip(reader->stream, reader->given_bytes);
    reader->given_bytes = 0;
    got = i_stream_read_more(reader->stream, &data, &size);
    *piece_r = got > 0 ? mv_bytes_of(data, size) : mv_bytes_of(NULL, 0);
    if (got > 0)
        reader->given_bytes = size;
    else if (got == 0 || reader->stream->stream_errno != 0)
        e_error(reader->event, "mailvouch: %s cannot be read: %s", i_stream_get_name(reader->stream),
                got == 0 ? "it is not complete" : i_stream_get_error(reader->stream));
    return got > 0 || (got < 0 && reader->stream->stream_errno == 0);
}

static const struct mv_signing_result *sign(struct client *client, struct smtp_server_transaction *trans,
                                            struct istream *data_input)
{
    struct mv_sign_request request = {
        .user = mv_bytes_str(client->user->username),
        .mail_from = mv_bytes_str(smtp_address_encode(trans->mail_from)),
        .now_secs = time(NULL),
    };
    struct mv_reader reader = {.event = client->user->event};
    const struct mv_signing_result *result;

    if (client->user->conn.remote_ip != NULL)
        mv_ip_parse(mv_bytes_str(net_ip2addr(client->user->conn.remote_ip)), &request.client_ip);
    i_stream_seek(data_input, 0);
    reader.stream = i_stream_create_crlf(data_input);
    result = mv_signing_run(signing, &request, read_piece, &reader);
    i_stream_unref(&reader.stream);
    return result;
}

static int pass_on_signed(struct client *client, struct smtp_server_cmd_ctx *cmd,
                          struct smtp_server_transaction *trans, struct istream *data_input, uoff_t data_size,
                          struct mv_bytes fields)
{
    struct mv_client *mv_client = MODULE_CONTEXT_REQUIRE(client, mv_client_module);
    struct istream *inputs[] = {i_stream_create_copy_from_data(fields.data, fields.len), data_input, NULL};
    struct istream *input;
    int status;

    i_stream_seek(data_input, 0);
    input = i_stream_create_concat(inputs);
    i_stream_set_name(input, "<signed submission>");
    i_stream_unref(&inputs[0]);
    status = mv_client->module_ctx.super.cmd_data(client, cmd, trans, input, data_size + fields.len);
    i_stream_unref(&input);
    return status;
}

static void log_result(struct client *client, const struct mv_signing_result *result)
{
    if (result->level == MV_SIGNING_ERROR)
        e_error(client->user->event, "mailvouch: %s", result->log);
    else if (result->level == MV_SIGNING_WARNING)
        e_warning(client->user->event, "mailvouch: %s", result->log);
    else
        e_info(client->user->event, "mailvouch: %s", result->log);
}

static int cmd_data_signed(struct client *client, struct smtp_server_cmd_ctx *cmd,
                           struct smtp_server_transaction *trans, struct istream *data_input, uoff_t data_size)
{
    struct mv_client *mv_client = MODULE_CONTEXT_REQUIRE(client, mv_client_module);
    const struct mv_signing_result *result = sign(client, trans, data_input);
    int status = -1;

    log_result(client, result);
    if (result->action == MV_SIGN_SIGNED)
        status = pass_on_signed(client, cmd, trans, data_input, data_size, result->fields);
    else if (result->action == MV_SIGN_UNSIGNED)
        status = mv_client->module_ctx.super.cmd_data(client, cmd, trans, data_input, data_size);
    else
        smtp_server_reply(cmd, result->reply.status, result->reply.enhanced, "%s", result->reply.text);
    mv_signing_forget(signing);
    return status;
}

static void client_created(struct client **client_p)
{
    struct client *client = *client_p;
    struct mv_client *mv_client = p_new(client->pool, struct mv_client, 1);

    mv_client->module_ctx.super = client->v;
    MODULE_CONTEXT_SET(client, mv_client_module, mv_client);
    client->v.cmd_data = cmd_data_signed;
    if (next_hook != NULL)
        next_hook(client_p);
}

void mailvouch_submission_plugin_init(struct module *module ATTR_UNUSED)
{
    if (submission_client_created_hook_set == NULL)
        return; /* another service */
    signing = mv_signing_new(getenv(MV_CONFIG_VARIABLE));
    next_hook = submission_client_created_hook_set(client_created);
    hooked = TRUE;
}

void mailvouch_submission_plugin_deinit(void)
{
    if (!hooked)
        return;
    submission_client_created_hook_set(next_hook);
    mv_signing_free(&signing);
    hooked = FALSE;
}
