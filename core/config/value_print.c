#include "core/config/value.h"

#include "core/base/trace.h"
#include "core/config/endpoint.h"
#include "core/config/network.h"

#define MSECS_PER_SEC 1000u
#define SECS_PER_DAY (24u * 60 * 60)

static void print_separator(struct mv_buf *out, size_t index)
{
    if (index > 0)
        mv_buf_puts(out, ", ");
}

static void print_list(const struct mv_config_list *list, struct mv_buf *out)
{
    for (size_t i = 0; i < list->count; i++) {
        print_separator(out, i);
        mv_buf_put(out, list->items[i]);
    }
}

static void print_networks(const struct mv_config_networks *list, struct mv_buf *out)
{
    for (size_t i = 0; i < list->count; i++) {
        print_separator(out, i);
        mv_network_print(&list->items[i], out);
    }
}

static void print_forwarders(const struct mv_config_forwarders *forwarders, struct mv_buf *out)
{
    print_list(&forwarders->domains, out);
    if (forwarders->networks.count > 0)
        print_separator(out, forwarders->domains.count);
    print_networks(&forwarders->networks, out);
}

static void print_msecs(unsigned msecs, struct mv_buf *out)
{
    if (msecs % MSECS_PER_SEC == 0)
        mv_buf_printf(out, "%us", msecs / MSECS_PER_SEC);
    else
        mv_buf_printf(out, "%ums", msecs);
}

static void print_users(const struct mv_config_users *users, struct mv_buf *out)
{
    for (size_t i = 0; i < users->count; i++) {
        const struct mv_sender_rule *rule = &users->items[i];
        bool goes_on = i > 0 && mv_bytes_equal(rule->user, users->items[i - 1].user);

        print_separator(out, i);
        if (!goes_on)
            mv_buf_printf(out, "%.*s: ", MV_ARG(rule->user));
        mv_buf_put(out, rule->author);
    }
}

static void print_endpoints(const struct mv_config_endpoints *list, struct mv_buf *out)
{
    for (size_t i = 0; i < list->count; i++) {
        print_separator(out, i);
        mv_endpoint_print(&list->items[i], out);
    }
}

/* In the largest unit that holds it whole. */
static void print_secs(unsigned secs, struct mv_buf *out)
{
    static const struct {
        const char *unit;
        unsigned factor;
    } units[] = {{"d", SECS_PER_DAY}, {"h", 3600}, {"min", 60}};

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (secs == 0 || secs % units[i].factor != 0)
            continue;
        mv_buf_printf(out, "%u%s", secs / units[i].factor, units[i].unit);
        return;
    }
    mv_buf_printf(out, "%us", secs);
}

void mv_value_print(const struct mv_setting *setting, const void *values, struct mv_buf *out)
{
    const void *value = (const char *)values + setting->offset;

    switch (setting->type) {
    case MV_SETTING_ID:
    case MV_SETTING_SERVERS:
    case MV_SETTING_PATH:
    case MV_SETTING_LABEL:
    case MV_SETTING_ATOM:
    case MV_SETTING_TEXT:
    case MV_SETTING_ADDRESS:
        mv_buf_put(out, *(const struct mv_bytes *)value);
        return;
    case MV_SETTING_IDS:
    case MV_SETTING_DOMAINS:
        print_list(value, out);
        return;
    case MV_SETTING_NETWORKS:
        print_networks(value, out);
        return;
    case MV_SETTING_FORWARDERS:
        print_forwarders(value, out);
        return;
    case MV_SETTING_USERS:
        print_users(value, out);
        return;
    case MV_SETTING_ENDPOINTS:
        print_endpoints(value, out);
        return;
    case MV_SETTING_UINT:
        mv_buf_printf(out, "%u", *(const unsigned *)value);
        return;
    case MV_SETTING_MSECS:
        print_msecs(*(const unsigned *)value, out);
        return;
    case MV_SETTING_SECS:
        print_secs(*(const unsigned *)value, out);
        return;
    case MV_SETTING_YESNO:
        mv_buf_puts(out, *(const bool *)value ? "yes" : "no");
        return;
    case MV_SETTING_WORD:
        mv_buf_puts(out, setting->words[*(const unsigned *)value]);
        return;
    }
}

static void print_words(const struct mv_setting *setting, struct mv_buf *out)
{
    for (size_t i = 0; setting->words[i] != NULL; i++) {
        if (i > 0)
            mv_buf_puts(out, setting->words[i + 1] == NULL ? " or " : ", ");
        mv_buf_puts(out, setting->words[i]);
    }
}

void mv_value_print_range(const struct mv_setting *setting, struct mv_buf *out)
{
    switch (setting->type) {
    case MV_SETTING_UINT:
        mv_buf_printf(out, "%u to %u", setting->min, setting->max);
        return;
    case MV_SETTING_MSECS:
        print_msecs(setting->min, out);
        mv_buf_puts(out, " to ");
        print_msecs(setting->max, out);
        return;
    case MV_SETTING_SECS:
        print_secs(setting->min, out);
        mv_buf_puts(out, " to ");
        print_secs(setting->max, out);
        return;
    case MV_SETTING_YESNO:
        mv_buf_puts(out, "yes or no");
        return;
    case MV_SETTING_WORD:
        print_words(setting, out);
        return;
    case MV_SETTING_SERVERS:
        mv_buf_puts(out, "addresses with optional ports");
        return;
    case MV_SETTING_NETWORKS:
        mv_buf_puts(out, "addresses and networks");
        return;
    case MV_SETTING_FORWARDERS:
        mv_buf_puts(out, "domains, addresses and networks");
        return;
    case MV_SETTING_DOMAINS:
        mv_buf_puts(out, "domains");
        return;
    case MV_SETTING_ID:
        mv_buf_puts(out, "a domain or a word");
        return;
    case MV_SETTING_IDS:
        mv_buf_puts(out, "domains or words");
        return;
    case MV_SETTING_PATH:
        mv_buf_puts(out, "an absolute path");
        return;
    case MV_SETTING_USERS:
        mv_buf_puts(out, "logins, each with a colon and addresses");
        return;
    case MV_SETTING_LABEL:
        mv_buf_printf(out, "letters, digits and hyphens, at most %u", setting->max);
        return;
    case MV_SETTING_ENDPOINTS:
        mv_buf_puts(out, "paths of sockets, or addresses with ports");
        return;
    case MV_SETTING_ATOM:
        mv_buf_printf(out, "what a local part may be made of, without quotes, at most %u", setting->max);
        return;
    case MV_SETTING_TEXT:
        mv_buf_printf(out, "text in UTF-8, at most %u bytes", setting->max);
        return;
    case MV_SETTING_ADDRESS:
        mv_buf_puts(out, "an address, whose local part has no quotes");
        return;
    }
}
