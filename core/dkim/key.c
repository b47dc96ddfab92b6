#include "core/dkim/key.h"

#include "core/base/base64.h"
#include "core/text/taglist.h"

bool mv_dkim_key_name(struct mv_arena *arena, struct mv_bytes selector, struct mv_bytes sdid, struct mv_bytes *name_r)
{
    const struct mv_bytes parts[] = {selector, MV_BYTES("._domainkey."), sdid};

    return mv_arena_join(arena, parts, sizeof parts / sizeof parts[0], name_r);
}

/*
 * [ours] A first tag v= tells whose record it is; without one only p= can tell.
 * A wrong version of ours ("v=DKIM2") is ours and wrong, not foreign.
 */
bool mv_dkim_key_is_shaped(struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_tag tag;
    bool first = true;

    while (mv_taglist_next(&c, &tag)) {
        if (first && mv_bytes_equal(tag.name, MV_BYTES("v"))) {
            if (mv_bytes_has_prefix_nocase(tag.value, MV_BYTES("DKIM")))
                return true;
            if (mv_bytes_has_prefix_nocase(tag.value, MV_BYTES("DMARC")))
                return false;
        }
        if (mv_bytes_equal(tag.name, MV_BYTES("p")))
            return true;
        first = false;
    }
    return false;
}

/* Zone file escapes that ended up in the zone: "v=DKIM1\; p=..." */
static bool drop_escapes(struct mv_arena *arena, struct mv_bytes *text)
{
    unsigned char *copy;
    size_t len = 0;

    if (mv_bytes_find(*text, '\\') == text->len)
        return true;
    copy = mv_arena_room(arena, text->len);
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < text->len; i++)
        if (text->data[i] != '\\' || i + 1 == text->len || text->data[i + 1] != ';')
            copy[len++] = text->data[i];
    *text = mv_bytes_of(copy, len);
    return true;
}

/* Is one of the words in the colon list? A tag that is not there allows all. */
static bool lists(const struct mv_tag *tag, struct mv_bytes word, struct mv_bytes other_word)
{
    struct mv_cursor c;

    if (tag == NULL)
        return true;
    c = mv_cursor_of(tag->value);
    do {
        struct mv_bytes item = mv_bytes_trim(mv_cursor_take_until(&c, ':'));

        if (mv_bytes_equal(item, word) || mv_bytes_equal(item, other_word))
            return true;
    } while (mv_cursor_accept(&c, ':'));
    return false;
}

static void read_flags(const struct mv_taglist *tags, struct mv_dkim_key *key)
{
    const struct mv_tag *flags = mv_taglist_get(tags, MV_BYTES("t"));

    key->sha256_allowed = lists(mv_taglist_get(tags, MV_BYTES("h")), MV_BYTES("sha256"), MV_BYTES("sha256"));
    key->for_email = lists(mv_taglist_get(tags, MV_BYTES("s")), MV_BYTES("email"), MV_BYTES("*"));
    key->testing = flags != NULL && lists(flags, MV_BYTES("y"), MV_BYTES("y"));
    key->same_domain_only = flags != NULL && lists(flags, MV_BYTES("s"), MV_BYTES("s"));
}

/* RFC 6376 3.6.1 v=: "if specified, this tag MUST be the first tag" and exactly DKIM1, or the record is discarded. */
static bool version_is_right(const struct mv_taglist *tags)
{
    const struct mv_tag *version = mv_taglist_get(tags, MV_BYTES("v"));

    return version == NULL || (version == &tags->tags[0] && mv_bytes_equal(version->value, MV_BYTES("DKIM1")));
}

static bool read_type(const struct mv_taglist *tags, struct mv_dkim_key *key)
{
    const struct mv_tag *type = mv_taglist_get(tags, MV_BYTES("k"));

    key->type = MV_KEY_RSA;
    if (type == NULL || mv_bytes_equal(type->value, MV_BYTES("rsa")))
        return true;
    key->type = MV_KEY_ED25519; /* RFC 8463 4.1 */
    return mv_bytes_equal(type->value, MV_BYTES("ed25519"));
}

static enum mv_dkim_key_code read_data(struct mv_arena *arena, struct mv_bytes value, struct mv_dkim_key *key)
{
    enum mv_code code = mv_base64_decode_in(arena, value, MV_DKIM_MAX_KEY_OCTETS, &key->octets);

    if (code == MV_OK)
        return MV_DKIM_KEY_OK;
    return code == MV_ERR_MEMORY ? MV_DKIM_KEY_MEMORY : MV_DKIM_KEY_BASE64;
}

enum mv_dkim_key_code mv_dkim_key_parse(struct mv_arena *arena, struct mv_bytes text, struct mv_dkim_key *key_r)
{
    struct mv_taglist tags;
    const struct mv_tag *data;

    *key_r = (struct mv_dkim_key){.type = MV_KEY_RSA};
    if (!mv_dkim_key_is_shaped(text))
        return MV_DKIM_KEY_FOREIGN;
    if (!drop_escapes(arena, &text))
        return MV_DKIM_KEY_MEMORY;
    if (mv_taglist_parse(text, &tags) != MV_TAGLIST_OK)
        return MV_DKIM_KEY_SYNTAX;
    read_flags(&tags, key_r);
    if (!version_is_right(&tags))
        return MV_DKIM_KEY_VERSION;
    if (!read_type(&tags, key_r))
        return MV_DKIM_KEY_TYPE;
    data = mv_taglist_get(&tags, MV_BYTES("p"));
    if (data == NULL)
        return MV_DKIM_KEY_NO_DATA;
    if (data->value.len == 0)
        return MV_DKIM_KEY_REVOKED;
    return read_data(arena, data->value, key_r);
}

const char *mv_dkim_key_code_text(enum mv_dkim_key_code code)
{
    switch (code) {
    case MV_DKIM_KEY_OK:
        return "the key record is right";
    case MV_DKIM_KEY_FOREIGN:
        return "there is a TXT record, but it is no key record";
    case MV_DKIM_KEY_SYNTAX:
        return "the key record does not parse";
    case MV_DKIM_KEY_VERSION:
        return "the version of the key record is not DKIM1, or not its first tag";
    case MV_DKIM_KEY_TYPE:
        return "the key record is of an unknown type";
    case MV_DKIM_KEY_NO_DATA:
        return "the key record has no p=";
    case MV_DKIM_KEY_REVOKED:
        return "the key is revoked";
    case MV_DKIM_KEY_BASE64:
        return "p= of the key record is not base64";
    case MV_DKIM_KEY_MEMORY:
        return "out of memory";
    }
    return "unknown";
}

const char *mv_dkim_key_mismatch(const struct mv_dkim_key *key, const struct mv_dkim_signature *signature,
                                 const char **section_r)
{
    *section_r = "RFC 6376 6.1.2";
    if (!key->sha256_allowed)
        return "the key does not allow SHA-256 (h=)";
    if (!key->for_email)
        return "the key is not for mail (s=)";
    if (key->type != signature->key_type)
        return "the type of the key is not that of the signature's algorithm";
    *section_r = "RFC 6376 3.6.1";
    if (key->same_domain_only && !mv_bytes_equal(signature->auid_domain, signature->sdid))
        return "the key is for i= in the domain of d= itself only (t=s)";
    *section_r = NULL;
    return NULL;
}
