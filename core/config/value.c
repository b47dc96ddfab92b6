#include "core/config/value.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/config/endpoint.h"
#include "core/config/network.h"
#include "core/text/address.h"
#include "core/text/domain.h"
#include "core/text/lexer.h"

#define MAX_PORT 65535
#define DNS_PORT 53
#define MAX_SERVER_BYTES 64 /* "[address]:port" */
#define MAX_QUOTED_BYTES 80 /* of a bad value in a message */
#define MAX_HINT_BYTES 200
#define MSECS_PER_SEC 1000u
#define MSECS_PER_MIN 60000u
#define SECS_PER_DAY (24u * 60 * 60)

_Static_assert(sizeof(enum mv_reject_mode) == sizeof(unsigned), "words are stored as unsigned");

struct job {
    struct mv_arena *arena;
    const struct mv_setting *setting;
    void *values;
    struct mv_error *error;
};

static void *member(const struct job *job)
{
    return (char *)job->values + job->setting->offset;
}

static enum mv_code out_of_memory(const struct job *job)
{
    return mv_error_set(job->error, MV_ERR_MEMORY, "no memory for the value");
}

/* "'text': what is wrong", the text escaped and cut to a length that leaves room for the rest. */
static enum mv_code refuse(const struct job *job, struct mv_bytes text, const char *what)
{
    struct mv_buf quoted;

    mv_buf_init(&quoted, 4 * MAX_QUOTED_BYTES);
    mv_buf_put_escaped(&quoted, mv_bytes_slice(text, 0, MAX_QUOTED_BYTES));
    if (mv_buf_failed(&quoted))
        mv_buf_reset(&quoted);
    mv_error_set(job->error, MV_ERR_CONFIG, "'%.*s%s': %s", MV_ARG(mv_buf_bytes(&quoted)),
                 text.len > MAX_QUOTED_BYTES ? "..." : "", what);
    mv_buf_free(&quoted);
    return MV_ERR_CONFIG;
}

static enum mv_code refuse_item(const struct job *job, struct mv_bytes item, const char *what)
{
    if (item.data[0] == '#' || item.data[0] == ';')
        return refuse(job, item, "a comment behind a value begins with a space and \";\"");
    if (mv_bytes_find(item, '=') < item.len)
        return refuse(job, item, "an indented line goes on with the list above it: write a new key at the left margin");
    return refuse(job, item, what);
}

static enum mv_code add_bytes(const struct job *job, struct mv_config_list *list, struct mv_bytes item)
{
    struct mv_bytes *items;

    if (list->count == MV_CONFIG_MAX_LIST_ITEMS)
        return refuse(job, item, "the list has more than 1000 items");
    items = mv_arena_grow(job->arena, list->items, list->count, sizeof *items);
    if (items == NULL)
        return out_of_memory(job);
    items[list->count] = item;
    list->items = items;
    list->count++;
    return MV_OK;
}

static enum mv_code add_network(const struct job *job, struct mv_config_networks *list, struct mv_bytes text,
                                const struct mv_network *network)
{
    struct mv_network *items;

    if (list->count == MV_CONFIG_MAX_LIST_ITEMS)
        return refuse(job, text, "the list has more than 1000 items");
    items = mv_arena_grow(job->arena, list->items, list->count, sizeof *items);
    if (items == NULL)
        return out_of_memory(job);
    items[list->count] = *network;
    list->items = items;
    list->count++;
    return MV_OK;
}

static enum mv_code add_domain(const struct job *job, struct mv_config_list *list, struct mv_bytes item)
{
    struct mv_bytes domain;

    if (!mv_domain_normalize(job->arena, item, &domain))
        return refuse_item(job, item, "is not a domain name");
    return add_bytes(job, list, domain);
}

/* A domain in normal form, or a token in lower case (RFC 8601 2.5, RFC 2045 5.1). */
static enum mv_code read_id(const struct job *job, struct mv_bytes text, struct mv_bytes *id_r)
{
    struct mv_buf lower;
    bool copied;

    if (mv_domain_normalize(job->arena, text, id_r))
        return MV_OK;
    if (text.len > MV_DOMAIN_MAX_BYTES || text.data[0] == '#' || !mv_bytes_all(text, MV_ASCII_TOKEN))
        return refuse_item(job, text, "is neither a domain name nor a word of letters, digits, \"-\", \".\" and \"_\"");
    mv_buf_init(&lower, MV_DOMAIN_MAX_BYTES);
    mv_buf_put_lower(&lower, text);
    copied = !mv_buf_failed(&lower) && mv_arena_copy(job->arena, mv_buf_bytes(&lower), id_r);
    mv_buf_free(&lower);
    return copied ? MV_OK : out_of_memory(job);
}

/* ".example.org" keeps its dot before the normal form. */
static enum mv_code add_id(const struct job *job, struct mv_config_list *list, struct mv_bytes item)
{
    struct mv_bytes id;
    char *dotted;
    enum mv_code code;

    if (item.data[0] != '.') {
        code = read_id(job, item, &id);
        return code == MV_OK ? add_bytes(job, list, id) : code;
    }
    if (!mv_domain_normalize(job->arena, mv_bytes_slice(item, 1, item.len), &id))
        return refuse_item(job, item, "is not a dot and a domain name");
    dotted = mv_arena_printf(job->arena, ".%.*s", MV_ARG(id));
    return dotted == NULL ? out_of_memory(job) : add_bytes(job, list, mv_bytes_str(dotted));
}

static enum mv_code refuse_host_bits(const struct job *job, struct mv_bytes item, const struct mv_network *network)
{
    struct mv_buf hint;
    enum mv_code code;

    mv_buf_init(&hint, MAX_HINT_BYTES);
    mv_buf_puts(&hint, "has bits behind its prefix: did you mean ");
    mv_network_print(network, &hint);
    mv_buf_puts(&hint, "?");
    code = refuse(job, item, mv_buf_failed(&hint) ? "has bits behind its prefix" : mv_buf_cstr(&hint));
    mv_buf_free(&hint);
    return code;
}

static enum mv_code read_network(const struct job *job, struct mv_bytes item, struct mv_network *network_r)
{
    switch (mv_network_parse(item, network_r)) {
    case MV_NETWORK_OK:
        return MV_OK;
    case MV_NETWORK_LENGTH:
        return refuse(job, item, "needs a prefix length behind \"/\": 0 to 32 for IPv4, 0 to 128 for IPv6");
    case MV_NETWORK_HOST_BITS:
        return refuse_host_bits(job, item, network_r);
    case MV_NETWORK_SYNTAX:
        break;
    }
    return refuse_item(job, item, "is not an address, nor a network such as 192.0.2.0/24 or 2001:db8::/32");
}

static enum mv_code add_forwarder(const struct job *job, struct mv_config_forwarders *forwarders, struct mv_bytes item)
{
    struct mv_network network;
    struct mv_ip ip;
    enum mv_code code;

    if (mv_bytes_find(item, '@') < item.len)
        return refuse_item(job, item, "is a mail address: write its domain, or the network that the mail comes from");
    if (mv_bytes_find(item, '/') == item.len && mv_bytes_find(item, ':') == item.len && !mv_ip_parse(item, &ip))
        return add_domain(job, &forwarders->domains, item);
    code = read_network(job, item, &network);
    return code == MV_OK ? add_network(job, &forwarders->networks, item, &network) : code;
}

/* Everything up to the port; an IPv6 address with a port stands in brackets. */
static struct mv_bytes split_port(struct mv_bytes item, struct mv_bytes *port_r)
{
    size_t colon = mv_bytes_find_last(item, ':');
    bool bracketed = item.data[0] == '[';
    bool has_port = bracketed ? mv_bytes_find(item, ']') + 1 == colon : mv_bytes_find(item, ':') == colon;

    *port_r = (struct mv_bytes){NULL, 0};
    if (colon == item.len || !has_port)
        return item;
    *port_r = mv_bytes_slice(item, colon + 1, item.len);
    return mv_bytes_slice(item, 0, colon);
}

/* Appends to the text that c-ares reads: "192.0.2.1:53,[2001:db8::1]:53". */
static enum mv_code add_server(const struct job *job, struct mv_bytes *servers, struct mv_bytes item)
{
    struct mv_buf text;
    struct mv_bytes port, host = split_port(item, &port);
    uint64_t number = DNS_PORT;
    enum mv_code code = MV_OK;
    struct mv_ip ip;
    char *joined;

    if (!mv_ip_parse(host, &ip))
        return refuse_item(job, item, "is not an address with an optional port, such as 127.0.0.1 or [::1]:5353");
    if (host.len < item.len && (!mv_bytes_to_uint(port, MAX_PORT, &number) || number == 0))
        return refuse(job, item, "needs a port of 1 to 65535 behind \":\"");
    mv_buf_init(&text, MAX_SERVER_BYTES);
    mv_buf_puts(&text, ip.family == MV_IP_V6 ? "[" : "");
    mv_ip_print(&ip, &text);
    mv_buf_printf(&text, ip.family == MV_IP_V6 ? "]:%u" : ":%u", (unsigned)number);
    joined = mv_arena_printf(job->arena, "%.*s%s%.*s", MV_ARG(*servers), servers->len > 0 ? "," : "",
                             MV_ARG(mv_buf_bytes(&text)));
    if (joined != NULL && !mv_buf_failed(&text))
        *servers = mv_bytes_str(joined);
    else
        code = out_of_memory(job);
    mv_buf_free(&text);
    return code;
}

static enum mv_code add_rule(const struct job *job, struct mv_config_users *users, struct mv_bytes item,
                             const struct mv_sender_rule *rule)
{
    struct mv_sender_rule *items;

    if (users->count == MV_CONFIG_MAX_LIST_ITEMS)
        return refuse(job, item, "the list has more than 1000 items: a users_file may have more");
    items = mv_arena_grow(job->arena, users->items, users->count, sizeof *items);
    if (items == NULL)
        return out_of_memory(job);
    items[users->count++] = *rule;
    users->items = items;
    return MV_OK;
}

/* "alice:" begins a user, whose rule waits for its first author. */
static enum mv_code add_user(const struct job *job, struct mv_config_users *users, struct mv_bytes item,
                             struct mv_bytes login)
{
    const struct mv_sender_rule *last = users->count == 0 ? NULL : &users->items[users->count - 1];
    const char *fault = mv_sender_user_fault(login);
    struct mv_sender_rule rule = {0};

    if (last != NULL && last->author.len == 0)
        return refuse_item(job, item, "the login before this one has no address behind its \":\"");
    if (fault != NULL)
        return refuse_item(job, item, fault);
    if (!mv_arena_copy(job->arena, login, &rule.user))
        return out_of_memory(job);
    return add_rule(job, users, item, &rule);
}

static enum mv_code add_author(const struct job *job, struct mv_config_users *users, struct mv_bytes item)
{
    struct mv_sender_rule rule = users->count == 0 ? (struct mv_sender_rule){0} : users->items[users->count - 1];
    bool is_first = rule.author.len == 0;
    const char *reason;
    enum mv_code code;

    if (users->count == 0)
        return refuse_item(job, item, "a login and a colon come first, such as *: self");
    code = mv_sender_author_parse(job->arena, item, &rule.author, &reason);
    if (code != MV_OK)
        return code == MV_ERR_SYNTAX ? refuse_item(job, item, reason) : out_of_memory(job);
    if (is_first)
        users->count--;
    return add_rule(job, users, item, &rule);
}

/* "login:", "login:author", or an author of the login before. */
static enum mv_code add_user_item(const struct job *job, struct mv_config_users *users, struct mv_bytes item)
{
    size_t colon = mv_bytes_find(item, ':');
    enum mv_code code;

    if (item.data[0] == '#' || item.data[0] == ';')
        return refuse_item(job, item, "");
    if (colon == item.len)
        return add_author(job, users, item);
    code = add_user(job, users, item, mv_bytes_slice(item, 0, colon));
    if (code == MV_OK && colon + 1 < item.len)
        code = add_author(job, users, mv_bytes_slice(item, colon + 1, item.len));
    return code;
}

static enum mv_code add_endpoint(const struct job *job, struct mv_config_endpoints *list, struct mv_bytes item)
{
    struct mv_endpoint *items, endpoint;
    const char *reason;
    enum mv_code code = mv_endpoint_parse(job->arena, item, &endpoint, &reason);

    if (code == MV_ERR_SYNTAX)
        return refuse_item(job, item, reason);
    if (list->count == MV_CONFIG_MAX_LIST_ITEMS)
        return refuse(job, item, "the list has more than 1000 items");
    items = code == MV_OK ? mv_arena_grow(job->arena, list->items, list->count, sizeof *items) : NULL;
    if (items == NULL)
        return out_of_memory(job);
    items[list->count++] = endpoint;
    list->items = items;
    return MV_OK;
}

static enum mv_code add_item(const struct job *job, struct mv_bytes item)
{
    void *target = member(job);
    struct mv_network network;
    enum mv_code code;

    switch (job->setting->type) {
    case MV_SETTING_IDS:
        return add_id(job, target, item);
    case MV_SETTING_DOMAINS:
        return add_domain(job, target, item);
    case MV_SETTING_NETWORKS:
        code = read_network(job, item, &network);
        return code == MV_OK ? add_network(job, target, item, &network) : code;
    case MV_SETTING_FORWARDERS:
        return add_forwarder(job, target, item);
    case MV_SETTING_SERVERS:
        return add_server(job, target, item);
    case MV_SETTING_USERS:
        return add_user_item(job, target, item);
    case MV_SETTING_ENDPOINTS:
        return add_endpoint(job, target, item);
    default:
        return MV_ERR_USAGE;
    }
}

static void empty_list(const struct job *job)
{
    void *target = member(job);

    switch (job->setting->type) {
    case MV_SETTING_IDS:
    case MV_SETTING_DOMAINS:
        *(struct mv_config_list *)target = (struct mv_config_list){NULL, 0};
        break;
    case MV_SETTING_NETWORKS:
        *(struct mv_config_networks *)target = (struct mv_config_networks){NULL, 0};
        break;
    case MV_SETTING_FORWARDERS:
        *(struct mv_config_forwarders *)target = (struct mv_config_forwarders){0};
        break;
    case MV_SETTING_SERVERS:
        *(struct mv_bytes *)target = (struct mv_bytes){NULL, 0};
        break;
    case MV_SETTING_USERS:
        *(struct mv_config_users *)target = (struct mv_config_users){NULL, 0};
        break;
    case MV_SETTING_ENDPOINTS:
        *(struct mv_config_endpoints *)target = (struct mv_config_endpoints){NULL, 0};
        break;
    default:
        break;
    }
}

static bool is_separator(int c)
{
    return c == ',' || mv_ascii_is(c, MV_ASCII_WSP);
}

static enum mv_code set_list(const struct job *job, struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);

    while (mv_cursor_left(&c) > 0) {
        struct mv_cursor start = c;
        enum mv_code code;

        while (mv_cursor_left(&c) > 0 && !is_separator(mv_cursor_peek(&c)))
            mv_cursor_next(&c);
        if (c.at != start.at) {
            code = add_item(job, mv_cursor_since(&c, &start));
            if (code != MV_OK)
                return code;
        }
        mv_cursor_next(&c);
    }
    return MV_OK;
}

static enum mv_code refuse_range(const struct job *job, struct mv_bytes text)
{
    struct mv_buf range;
    enum mv_code code;

    mv_buf_init(&range, MAX_HINT_BYTES);
    mv_buf_puts(&range, "must be ");
    mv_value_print_range(job->setting, &range);
    code = refuse(job, text, mv_buf_failed(&range) ? "is not allowed here" : mv_buf_cstr(&range));
    mv_buf_free(&range);
    return code;
}

/* number is the part of the text in front of the unit. */
static enum mv_code set_number(const struct job *job, struct mv_bytes text, struct mv_bytes number, uint64_t factor)
{
    unsigned *target = member(job);
    uint64_t value;

    if (!mv_bytes_to_uint(number, job->setting->max / factor, &value) || value * factor < job->setting->min)
        return refuse_range(job, text);
    *target = (unsigned)(value * factor);
    return MV_OK;
}

struct unit {
    const char *name;
    unsigned factor;
};

/* The unit is never guessed. The last of the units has no name. */
static enum mv_code set_time(const struct job *job, struct mv_bytes text, const struct unit *units, const char *hint)
{
    for (; units->name != NULL; units++) {
        struct mv_bytes name = mv_bytes_str(units->name);

        if (!mv_bytes_has_suffix_nocase(text, name))
            continue;
        return set_number(job, text, mv_bytes_trim(mv_bytes_slice(text, 0, text.len - name.len)), units->factor);
    }
    return refuse(job, text, hint);
}

static enum mv_code set_msecs(const struct job *job, struct mv_bytes text)
{
    static const struct unit units[] = {{"ms", 1}, {"min", MSECS_PER_MIN}, {"s", MSECS_PER_SEC}, {NULL, 0}};

    return set_time(job, text, units, "a time needs its unit: 2500ms, 20s or 2min");
}

static enum mv_code set_secs(const struct job *job, struct mv_bytes text)
{
    static const struct unit units[] = {{"d", SECS_PER_DAY}, {"h", 3600}, {"min", 60}, {"s", 1}, {NULL, 0}};

    return set_time(job, text, units, "a time needs its unit: 90s, 10min, 12h or 14d");
}

/* Ended by a NUL, so that it can be opened as it is. */
static enum mv_code set_path(const struct job *job, struct mv_bytes text)
{
    struct mv_bytes *target = member(job);

    *target = (struct mv_bytes){NULL, 0};
    if (text.len == 0 && job->setting->default_text[0] == '\0')
        return MV_OK;
    if (text.len == 0 || text.data[0] != '/')
        return refuse(job, text, "must be an absolute path: begin it with \"/\"");
    if (text.len > MV_CONFIG_MAX_PATH_BYTES)
        return refuse(job, text, "is longer than 255 bytes");
    return mv_arena_copy(job->arena, text, target) ? MV_OK : out_of_memory(job);
}

/* RFC 6376 3.1: a part of a selector is Let-dig [Ldh-str] (RFC 5321 4.1.2). */
static enum mv_code set_label(const struct job *job, struct mv_bytes text)
{
    struct mv_bytes *target = member(job);

    *target = (struct mv_bytes){NULL, 0};
    if (text.len == 0)
        return MV_OK;
    if (!mv_bytes_all(text, MV_ASCII_LDH) || mv_bytes_find(text, '_') < text.len || text.data[0] == '-' ||
        text.data[text.len - 1] == '-' || text.len > job->setting->max)
        return refuse_range(job, text);
    return mv_domain_normalize(job->arena, text, target) ? MV_OK : out_of_memory(job);
}

/* RFC 5321 4.1.2: what may stand in an unquoted local part, where it would be behind something else. */
static enum mv_code set_atom(const struct job *job, struct mv_bytes text)
{
    struct mv_bytes *target = member(job);

    *target = (struct mv_bytes){NULL, 0};
    for (size_t i = 0; i < text.len; i++)
        if (!mv_ascii_is(text.data[i], MV_ASCII_ATEXT) && text.data[i] != '.')
            return refuse_range(job, text);
    if (text.len > job->setting->max)
        return refuse_range(job, text);
    return text.len == 0 || mv_arena_copy(job->arena, text, target) ? MV_OK : out_of_memory(job);
}

static enum mv_code set_text(const struct job *job, struct mv_bytes text)
{
    struct mv_bytes *target = member(job);

    *target = (struct mv_bytes){NULL, 0};
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < ' ' || text.data[i] == 0x7f)
            return refuse_range(job, text);
    if (text.len > job->setting->max || !mv_bytes_is_utf8(text))
        return refuse_range(job, text);
    return text.len == 0 || mv_arena_copy(job->arena, text, target) ? MV_OK : out_of_memory(job);
}

/* The local part is a dot-atom of ASCII, so that it stands in a header field and on a command line as it is. */
static enum mv_code set_address(const struct job *job, struct mv_bytes text)
{
    struct mv_bytes *target = member(job);
    size_t at = mv_bytes_find(text, '@');
    struct mv_bytes local = mv_bytes_slice(text, 0, at), domain;
    struct mv_cursor rest = mv_cursor_of(local);
    unsigned char whole[MV_LOCAL_PART_MAX_BYTES + 1 + MV_DOMAIN_MAX_BYTES];

    *target = (struct mv_bytes){NULL, 0};
    if (text.len == 0)
        return MV_OK;
    if (at == text.len || local.len == 0 || local.len > MV_LOCAL_PART_MAX_BYTES ||
        !mv_bytes_all(local, MV_ASCII_VCHAR) || mv_lex_dot_atom(&rest).len != local.len ||
        !mv_domain_normalize(job->arena, mv_bytes_slice(text, at + 1, text.len), &domain))
        return refuse_range(job, text);
    memcpy(whole, text.data, local.len + 1);
    memcpy(whole + local.len + 1, domain.data, domain.len);
    return mv_arena_copy(job->arena, mv_bytes_of(whole, local.len + 1 + domain.len), target) ? MV_OK
                                                                                             : out_of_memory(job);
}

static enum mv_code set_yesno(const struct job *job, struct mv_bytes text)
{
    bool *target = member(job);

    *target = mv_bytes_equal_nocase(text, MV_BYTES("yes"));
    if (!*target && !mv_bytes_equal_nocase(text, MV_BYTES("no")))
        return refuse_range(job, text);
    return MV_OK;
}

static enum mv_code set_word(const struct job *job, struct mv_bytes text)
{
    unsigned *target = member(job);

    for (unsigned i = 0; job->setting->words[i] != NULL; i++) {
        if (mv_bytes_equal_nocase(text, mv_bytes_str(job->setting->words[i]))) {
            *target = i;
            return MV_OK;
        }
    }
    return refuse_range(job, text);
}

static enum mv_code set_id(const struct job *job, struct mv_bytes text)
{
    struct mv_bytes *target = member(job);

    if (text.len > 0)
        return read_id(job, text, target);
    *target = (struct mv_bytes){NULL, 0};
    return MV_OK;
}

enum mv_code mv_value_set(struct mv_arena *arena, const struct mv_setting *setting, struct mv_bytes text,
                          enum mv_value_part part, void *values, struct mv_error *error)
{
    struct job job = {arena, setting, values, error};

    if (mv_setting_is_list(setting)) {
        if (part == MV_VALUE_WHOLE)
            empty_list(&job);
        return set_list(&job, text);
    }
    if (part == MV_VALUE_MORE)
        return refuse(&job, text, "is indented, so it goes on with the value above it, which is not a list: write it "
                                  "at the left margin");
    switch (setting->type) {
    case MV_SETTING_UINT:
        return set_number(&job, text, text, 1);
    case MV_SETTING_MSECS:
        return set_msecs(&job, text);
    case MV_SETTING_SECS:
        return set_secs(&job, text);
    case MV_SETTING_PATH:
        return set_path(&job, text);
    case MV_SETTING_LABEL:
        return set_label(&job, text);
    case MV_SETTING_ATOM:
        return set_atom(&job, text);
    case MV_SETTING_TEXT:
        return set_text(&job, text);
    case MV_SETTING_ADDRESS:
        return set_address(&job, text);
    case MV_SETTING_YESNO:
        return set_yesno(&job, text);
    case MV_SETTING_WORD:
        return set_word(&job, text);
    default:
        return set_id(&job, text);
    }
}

static size_t value_size(enum mv_setting_type type)
{
    switch (type) {
    case MV_SETTING_ID:
    case MV_SETTING_SERVERS:
    case MV_SETTING_PATH:
    case MV_SETTING_LABEL:
    case MV_SETTING_ATOM:
    case MV_SETTING_TEXT:
    case MV_SETTING_ADDRESS:
        return sizeof(struct mv_bytes);
    case MV_SETTING_IDS:
    case MV_SETTING_DOMAINS:
        return sizeof(struct mv_config_list);
    case MV_SETTING_NETWORKS:
        return sizeof(struct mv_config_networks);
    case MV_SETTING_FORWARDERS:
        return sizeof(struct mv_config_forwarders);
    case MV_SETTING_USERS:
        return sizeof(struct mv_config_users);
    case MV_SETTING_ENDPOINTS:
        return sizeof(struct mv_config_endpoints);
    case MV_SETTING_YESNO:
        return sizeof(bool);
    case MV_SETTING_UINT:
    case MV_SETTING_MSECS:
    case MV_SETTING_SECS:
    case MV_SETTING_WORD:
        break;
    }
    return sizeof(unsigned);
}

void mv_value_inherit(const struct mv_setting *setting, const void *from, void *to)
{
    memcpy((char *)to + setting->offset, (const char *)from + setting->offset, value_size(setting->type));
}
