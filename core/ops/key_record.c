#include "core/ops/key_record.h"

#include "core/base/base64.h"
#include "core/base/trace.h"
#include "core/dkim/key.h"
#include "core/text/domain.h"

#define MAX_OCTETS 2048     /* an RSA key of MV_RSA_MAX_BITS has about 1100 */
#define MAX_TEXT_BYTES 4096 /* its record about 1500 */

static const char *const styles[] = {
    [MV_RECORD_BIND] = "bind",
    [MV_RECORD_ONELINE] = "oneline",
    [MV_RECORD_PROVIDER] = "provider",
    [MV_RECORD_JSON] = "json",
};

bool mv_record_style_parse(struct mv_bytes text, enum mv_record_style *style_r)
{
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        if (mv_bytes_equal(text, mv_bytes_str(styles[i]))) {
            *style_r = (enum mv_record_style)i;
            return true;
        }
    }
    return false;
}

enum mv_code mv_key_record_octets(struct mv_arena *arena, const struct mv_private_key *key, struct mv_bytes *octets_r)
{
    struct mv_buf octets;
    enum mv_code code;

    mv_buf_init(&octets, MAX_OCTETS);
    code = mv_private_key_public_octets(key, &octets);
    if (code == MV_OK && (mv_buf_failed(&octets) || !mv_arena_copy(arena, mv_buf_bytes(&octets), octets_r)))
        code = MV_ERR_MEMORY;
    mv_buf_free(&octets);
    return code;
}

enum mv_code mv_key_record_make(struct mv_arena *arena, struct mv_bytes selector, struct mv_bytes domain,
                                const struct mv_private_key *key, unsigned ttl_secs, struct mv_key_record *record_r)
{
    struct mv_bytes octets;
    struct mv_buf text;
    enum mv_code code = mv_key_record_octets(arena, key, &octets);

    *record_r = (struct mv_key_record){.ttl_secs = ttl_secs};
    if (code != MV_OK)
        return code;
    mv_buf_init(&text, MAX_TEXT_BYTES);
    mv_buf_printf(&text, "v=DKIM1; k=%s; t=s; p=", mv_private_key_type(key) == MV_KEY_RSA ? "rsa" : "ed25519");
    mv_base64_encode(octets, &text);
    if (mv_buf_failed(&text) || !mv_arena_copy(arena, mv_buf_bytes(&text), &record_r->text) ||
        !mv_dkim_key_name(arena, selector, domain, &record_r->name))
        code = MV_ERR_MEMORY;
    mv_buf_free(&text);
    return code;
}

/* What we make holds neither quotes nor backslashes, but the rule of RFC 1035 5.1 costs nothing. */
static void put_string(struct mv_bytes string, struct mv_buf *out)
{
    mv_buf_putc(out, '"');
    for (size_t i = 0; i < string.len; i++) {
        if (string.data[i] == '"' || string.data[i] == '\\')
            mv_buf_putc(out, '\\');
        mv_buf_putc(out, string.data[i]);
    }
    mv_buf_putc(out, '"');
}

void mv_key_record_put_strings(struct mv_bytes text, const char *between, struct mv_buf *out)
{
    for (size_t at = 0; at < text.len; at += MV_TXT_STRING_MAX_BYTES) {
        mv_buf_puts(out, at == 0 ? "" : between);
        put_string(mv_bytes_slice(text, at, at + MV_TXT_STRING_MAX_BYTES), out);
    }
}

/* The name as the pages of the domain's provider ask for it. */
static struct mv_bytes relative(struct mv_bytes name, struct mv_bytes domain)
{
    if (!mv_domain_is_within(name, domain) || name.len == domain.len)
        return name;
    return mv_bytes_slice(name, 0, name.len - domain.len - 1);
}

void mv_key_record_print(const struct mv_key_record *record, struct mv_bytes domain, enum mv_record_style style,
                         struct mv_buf *out)
{
    switch (style) {
    case MV_RECORD_BIND:
        mv_buf_printf(out, "%.*s. %u IN TXT (\n    ", MV_ARG(record->name), record->ttl_secs);
        mv_key_record_put_strings(record->text, "\n    ", out);
        mv_buf_puts(out, " )\n");
        return;
    case MV_RECORD_ONELINE:
        mv_buf_printf(out, "%.*s. %u IN TXT ", MV_ARG(record->name), record->ttl_secs);
        mv_key_record_put_strings(record->text, " ", out);
        mv_buf_putc(out, '\n');
        return;
    case MV_RECORD_PROVIDER:
        mv_buf_printf(out, "Host:  %.*s\n", MV_ARG(relative(record->name, domain)));
        mv_buf_printf(out, "Type:  TXT\nTTL:   %u\nValue: %.*s\n", record->ttl_secs, MV_ARG(record->text));
        return;
    case MV_RECORD_JSON:
        mv_buf_printf(out, "{\"name\":\"%.*s\",\"type\":\"TXT\",\"ttl\":%u,\"text\":", MV_ARG(record->name),
                      record->ttl_secs);
        put_string(record->text, out);
        mv_buf_puts(out, ",\"strings\":[");
        mv_key_record_put_strings(record->text, ",", out);
        mv_buf_puts(out, "]}\n");
        return;
    }
}
