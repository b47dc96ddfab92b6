#include "lmtp-hook/client.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/text/field.h"
#include "lmtp-hook/line.h"
#include "lmtp-hook/xtext.h"

bool mv_client_set_helo(struct mv_client *client, struct mv_bytes helo)
{
    if (helo.len > MV_CLIENT_MAX_HELO_BYTES)
        return false;
    if (helo.len > 0)
        memcpy(client->helo_bytes, helo.data, helo.len);
    client->helo_len = helo.len;
    return true;
}

struct mv_bytes mv_client_helo(const struct mv_client *client)
{
    return mv_bytes_of(client->helo_bytes, client->helo_len);
}

static bool is_unavailable(struct mv_bytes value)
{
    return mv_bytes_equal_nocase(value, MV_BYTES("[UNAVAILABLE]")) ||
           mv_bytes_equal_nocase(value, MV_BYTES("[TEMPUNAVAIL]"));
}

static bool set_ip(struct mv_client *client, struct mv_bytes value)
{
    client->ip = (struct mv_ip){.family = MV_IP_NONE};
    return is_unavailable(value) || mv_ip_parse(value, &client->ip);
}

static bool set_helo(struct mv_client *client, struct mv_bytes value)
{
    return mv_client_set_helo(client, is_unavailable(value) ? mv_bytes_str(NULL) : value);
}

static bool set_login(struct mv_client *client, struct mv_bytes value)
{
    client->authenticated = value.len > 0 && !is_unavailable(value);
    return true;
}

static bool set_source(struct mv_client *client, struct mv_bytes value)
{
    client->is_local = mv_bytes_equal_nocase(value, MV_BYTES("LOCAL"));
    return client->is_local || is_unavailable(value) || mv_bytes_equal_nocase(value, MV_BYTES("REMOTE"));
}

static bool ignore(struct mv_client *client, struct mv_bytes value)
{
    (void)client;
    (void)value;
    return true;
}

static const struct {
    const char *name;
    bool in_xforward, in_xclient;
    bool (*set)(struct mv_client *client, struct mv_bytes value);
} attributes[] = {
    {"ADDR", true, true, set_ip},         {"HELO", true, true, set_helo},  {"LOGIN", false, true, set_login},
    {"SOURCE", true, false, set_source},  {"NAME", true, true, ignore},    {"PORT", true, true, ignore},
    {"PROTO", true, true, ignore},        {"IDENT", true, false, ignore},
};

static bool take_attribute(struct mv_client *client, enum mv_client_attributes kind, struct mv_bytes name,
                           struct mv_bytes value)
{
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        bool offered = kind == MV_CLIENT_XFORWARD ? attributes[i].in_xforward : attributes[i].in_xclient;

        if (offered && mv_bytes_equal_nocase(name, mv_bytes_str(attributes[i].name)))
            return attributes[i].set(client, value);
    }
    return false;
}

/* "NAME=xtext", a space before the next one. */
static bool take_next(struct mv_client *client, enum mv_client_attributes kind, struct mv_cursor *c)
{
    struct mv_bytes pair = mv_cursor_take_until(c, ' ');
    size_t equals = mv_bytes_find(pair, '=');
    struct mv_buf value;
    bool taken;

    mv_buf_init(&value, MV_LINE_MAX_BYTES);
    taken = equals < pair.len && mv_xtext_decode(mv_bytes_slice(pair, equals + 1, pair.len), &value) &&
            take_attribute(client, kind, mv_bytes_slice(pair, 0, equals), mv_buf_bytes(&value));
    mv_buf_free(&value);
    mv_cursor_take_while(c, MV_ASCII_WSP);
    return taken;
}

bool mv_client_take_attributes(struct mv_client *client, enum mv_client_attributes kind, struct mv_bytes argument)
{
    struct mv_cursor c = mv_cursor_of(argument);
    struct mv_client changed = *client;

    changed.source = kind == MV_CLIENT_XFORWARD ? MV_CLIENT_BY_XFORWARD : MV_CLIENT_BY_XCLIENT;
    while (mv_cursor_left(&c) > 0)
        if (!take_next(&changed, kind, &c))
            return false;
    *client = changed;
    return true;
}

/* addr=, login= and helo=, in this order, the first one must be there. */
static bool parse_field(struct mv_client *client, struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);

    if (!mv_cursor_accept_nocase(&c, MV_BYTES("addr=")) || !mv_ip_parse(mv_cursor_take_until(&c, ' '), &client->ip))
        return false;
    mv_cursor_take_while(&c, MV_ASCII_WSP);
    if (mv_cursor_accept_nocase(&c, MV_BYTES("login="))) {
        set_login(client, mv_cursor_take_until(&c, ' '));
        mv_cursor_take_while(&c, MV_ASCII_WSP);
    }
    if (mv_cursor_accept_nocase(&c, MV_BYTES("helo=")))
        return mv_client_set_helo(client, mv_cursor_rest(&c));
    return mv_cursor_left(&c) == 0;
}

bool mv_client_take_field(struct mv_client *client, struct mv_bytes value)
{
    struct mv_buf text;
    bool taken;

    *client = (struct mv_client){.source = MV_CLIENT_BY_FIELD};
    mv_buf_init(&text, MV_LINE_MAX_BYTES);
    mv_field_unfold(value, &text);
    taken = !mv_buf_failed(&text) && parse_field(client, mv_buf_bytes(&text));
    mv_buf_free(&text);
    if (!taken)
        *client = (struct mv_client){.source = MV_CLIENT_UNKNOWN};
    return taken;
}

const char *mv_client_source_text(enum mv_client_source source)
{
    static const char *const words[] = {"unknown", "xclient", "xforward", "field", "received"};

    return words[source];
}
