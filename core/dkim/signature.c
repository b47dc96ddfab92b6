#include "core/dkim/signature.h"

#include "core/base/ascii.h"
#include "core/base/base64.h"
#include "core/text/domain.h"
#include "core/text/taglist.h"

#define MV_DKIM_MAX_HASH_OCTETS 64
#define MV_DKIM_MAX_LENGTH_DIGITS 76 /* RFC 6376 3.5 l= */
#define MV_DKIM_MAX_TIME_DIGITS 12   /* RFC 6376 3.5 t=, x= */
#define MV_DKIM_MAX_TIME 999999999999u

struct parse {
    struct mv_arena *arena;
    enum mv_dkim_form form;
    struct mv_dkim_signature *signature;
    struct mv_dkim_result *result;
    struct mv_taglist tags;
};

static enum mv_code refuse(struct parse *p, enum mv_dkim_code code, const char *section, const char *reason)
{
    mv_dkim_conclude(p->result, code, section, reason);
    return MV_ERR_SYNTAX;
}

static enum mv_code malformed(struct parse *p, const char *reason)
{
    return refuse(p, MV_DKIM_NEUTRAL, "RFC 6376 3.5", reason);
}

/* The value, or NULL for a tag that is not there; an empty value is not NULL. */
static const struct mv_bytes *value_of(const struct parse *p, struct mv_bytes name)
{
    const struct mv_tag *tag = mv_taglist_get(&p->tags, name);

    return tag == NULL ? NULL : &tag->value;
}

static bool copy_without_fws(struct mv_arena *arena, struct mv_bytes text, struct mv_bytes *copy_r)
{
    unsigned char *copy = mv_arena_room(arena, text.len);
    size_t len = 0;

    if (copy == NULL)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        copy[len] = text.data[i];
        len += !mv_ascii_is(text.data[i], MV_ASCII_FWS);
    }
    *copy_r = mv_bytes_of(copy, len);
    return true;
}

/* The next item of a colon list without the FWS around it; its ":" stays under the cursor. */
static struct mv_bytes take_item(struct mv_cursor *c)
{
    return mv_bytes_trim(mv_cursor_take_until(c, ':'));
}

/* RFC 6376 6.1.1: v, a, b, bh, d, h and s are required. */
static enum mv_code require_tags(struct parse *p)
{
    static const struct {
        const char *name;
        enum mv_dkim_form last; /* forms behind it do without */
        const char *reason;
    } required[] = {
        {"v", MV_DKIM_FORM_DKIM, "the required tag v= is missing"},
        {"a", MV_DKIM_FORM_SEAL, "the required tag a= is missing"},
        {"b", MV_DKIM_FORM_SEAL, "the required tag b= is missing"},
        {"bh", MV_DKIM_FORM_AMS, "the required tag bh= is missing"},
        {"d", MV_DKIM_FORM_SEAL, "the required tag d= is missing"},
        {"h", MV_DKIM_FORM_AMS, "the required tag h= is missing"},
        {"s", MV_DKIM_FORM_SEAL, "the required tag s= is missing"},
    };

    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
        if (p->form <= required[i].last && value_of(p, mv_bytes_str(required[i].name)) == NULL)
            return refuse(p, MV_DKIM_PERMERROR, "RFC 6376 6.1.1", required[i].reason);
    return MV_OK;
}

static enum mv_code read_version(struct parse *p)
{
    if (mv_bytes_equal(*value_of(p, MV_BYTES("v")), MV_BYTES("1")))
        return MV_OK;
    return refuse(p, MV_DKIM_NEUTRAL, "RFC 6376 6.1.1", "the version is not v=1");
}

static enum mv_code read_algorithm(struct parse *p)
{
    struct mv_dkim_signature *signature = p->signature;
    struct mv_bytes name = *value_of(p, MV_BYTES("a"));

    signature->key_type = MV_KEY_RSA;
    if (mv_bytes_equal(name, MV_BYTES("rsa-sha256")))
        return MV_OK;
    signature->sha1 = mv_bytes_equal(name, MV_BYTES("rsa-sha1"));
    if (signature->sha1)
        return MV_OK;
    signature->key_type = MV_KEY_ED25519; /* RFC 8463 3 */
    if (mv_bytes_equal(name, MV_BYTES("ed25519-sha256")))
        return MV_OK;
    return refuse(p, MV_DKIM_NEUTRAL, "RFC 6376 6.1.1", "the algorithm in a= is unknown");
}

static bool canon_of(struct mv_bytes word, enum mv_canon *canon_r)
{
    *canon_r = mv_bytes_equal(word, MV_BYTES("relaxed")) ? MV_CANON_RELAXED : MV_CANON_SIMPLE;
    return *canon_r == MV_CANON_RELAXED || mv_bytes_equal(word, MV_BYTES("simple"));
}

/* RFC 6376 3.5: "header/body"; one word is for the header, the body is then simple. */
static enum mv_code read_canon(struct parse *p)
{
    const struct mv_bytes *value = value_of(p, MV_BYTES("c"));
    struct mv_bytes header = MV_BYTES("simple"), body = MV_BYTES("simple");

    p->signature->has_canon = value != NULL;
    if (value != NULL) {
        size_t slash = mv_bytes_find(*value, '/');

        header = mv_bytes_slice(*value, 0, slash);
        if (slash < value->len)
            body = mv_bytes_slice(*value, slash + 1, value->len);
    }
    if (canon_of(header, &p->signature->header_canon) && canon_of(body, &p->signature->body_canon))
        return MV_OK;
    return refuse(p, MV_DKIM_NEUTRAL, "RFC 6376 6.1.1", "the canonicalisation in c= is unknown");
}

/* RFC 6376 3.5: methods that we do not know are passed over. */
static enum mv_code read_query(struct parse *p)
{
    const struct mv_bytes *value = value_of(p, MV_BYTES("q"));
    struct mv_cursor c;

    if (value == NULL)
        return MV_OK;
    c = mv_cursor_of(*value);
    do {
        if (mv_bytes_equal(take_item(&c), MV_BYTES("dns/txt")))
            return MV_OK;
    } while (mv_cursor_accept(&c, ':'));
    return refuse(p, MV_DKIM_NEUTRAL, "RFC 6376 3.5", "q= names no known way to ask for the key");
}

/* d= and s= were read for the report. RFC 6376 3.5: domain-name has two labels or more. */
static enum mv_code read_domains(struct parse *p)
{
    struct mv_dkim_signature *signature = p->signature;

    if (mv_domain_labels(signature->sdid) < 2)
        return malformed(p, "d= is not a domain name of two labels or more");
    if (signature->selector.len == 0)
        return malformed(p, "s= is not a selector");
    signature->auid_domain = signature->sdid;
    return MV_OK;
}

static bool is_field_name(struct mv_bytes name)
{
    return name.len > 0 && mv_bytes_all(name, MV_ASCII_FTEXT);
}

static size_t count_items(struct mv_bytes list)
{
    size_t count = 1;

    for (size_t i = 0; i < list.len; i++)
        count += list.data[i] == ':';
    return count;
}

static enum mv_code read_names(struct parse *p)
{
    struct mv_bytes list = *value_of(p, MV_BYTES("h"));
    struct mv_cursor c = mv_cursor_of(list);
    size_t most = count_items(list), count = 0;
    struct mv_bytes *names;
    bool has_from = false;

    if (most > MV_DKIM_MAX_SIGNED_NAMES)
        return malformed(p, "h= names more than 200 header fields");
    names = mv_arena_array(p->arena, most, sizeof *names);
    if (names == NULL)
        return MV_ERR_MEMORY;
    do {
        struct mv_bytes name = take_item(&c);

        if (name.len == 0 && p->form == MV_DKIM_FORM_AMS)
            continue;
        if (!is_field_name(name))
            return malformed(p, "h= is not a list of header field names");
        has_from = has_from || mv_bytes_equal_nocase(name, MV_BYTES("From"));
        names[count++] = name;
    } while (mv_cursor_accept(&c, ':'));
    p->signature->names = names;
    p->signature->name_count = count;
    if (!has_from && p->form == MV_DKIM_FORM_DKIM)
        return refuse(p, MV_DKIM_PERMERROR, "RFC 6376 6.1.1", "the From field is not signed");
    return MV_OK;
}

/* RFC 6376 3.5 i=: [local-part] "@" domain-name, the domain being d= or below it. */
static enum mv_code read_auid(struct parse *p)
{
    struct mv_dkim_signature *signature = p->signature;
    const struct mv_bytes *value = value_of(p, MV_BYTES("i"));
    struct mv_bytes auid;
    enum mv_code code;
    size_t at;

    if (value == NULL)
        return MV_OK;
    if (!copy_without_fws(p->arena, *value, &auid))
        return MV_ERR_MEMORY;
    at = mv_bytes_find_last(auid, '@');
    code = mv_domain_parse(p->arena, mv_bytes_slice(auid, at + 1, auid.len), &signature->auid_domain);
    if (code == MV_ERR_SYNTAX)
        return malformed(p, "i= is not [local-part]@domain");
    if (code != MV_OK)
        return code;
    signature->auid = auid;
    if (!mv_domain_is_within(signature->auid_domain, signature->sdid))
        return refuse(p, MV_DKIM_PERMERROR, "RFC 6376 6.1.1", "the domain of i= is not d= nor below it");
    return MV_OK;
}

/* RFC 6376 3.5 l=: more than fits here is more than any body has. */
static enum mv_code read_length(struct parse *p)
{
    const struct mv_bytes *value = value_of(p, MV_BYTES("l"));

    if (value == NULL)
        return MV_OK;
    if (value->len == 0 || value->len > MV_DKIM_MAX_LENGTH_DIGITS || !mv_bytes_all(*value, MV_ASCII_DIGIT))
        return malformed(p, "l= is not a number of at most 76 digits");
    if (!mv_bytes_to_uint(*value, MV_DKIM_NO_LENGTH - 1, &p->signature->body_length))
        p->signature->body_length = MV_DKIM_NO_LENGTH - 1;
    return MV_OK;
}

static bool read_time(const struct mv_bytes *value, uint64_t *secs_r)
{
    return value == NULL ||
           (value->len <= MV_DKIM_MAX_TIME_DIGITS && mv_bytes_to_uint(*value, MV_DKIM_MAX_TIME, secs_r));
}

static enum mv_code read_times(struct parse *p)
{
    struct mv_dkim_signature *signature = p->signature;
    const struct mv_bytes *created = value_of(p, MV_BYTES("t"));
    const struct mv_bytes *expires = p->form == MV_DKIM_FORM_SEAL ? NULL : value_of(p, MV_BYTES("x"));

    if (!read_time(created, &signature->created_secs))
        return malformed(p, "t= is not a time");
    if (!read_time(expires, &signature->expires_secs))
        return malformed(p, "x= is not a time");
    if (expires == NULL)
        return MV_OK;
    if (created != NULL && signature->expires_secs <= signature->created_secs)
        return malformed(p, "x= is not later than t=");
    if (signature->expires_secs == 0)
        signature->expires_secs = 1;
    return MV_OK;
}

static enum mv_code read_body_hash(struct parse *p)
{
    enum mv_code code = mv_base64_decode_in(p->arena, *value_of(p, MV_BYTES("bh")), MV_DKIM_MAX_HASH_OCTETS,
                                            &p->signature->body_hash);

    if (code == MV_ERR_SYNTAX || (code == MV_OK && p->signature->body_hash.len == 0))
        return malformed(p, "bh= is not the base64 of a hash");
    return code;
}

static enum mv_code read_value(struct parse *p)
{
    struct mv_dkim_signature *signature = p->signature;
    enum mv_code code;

    if (signature->value_text.len > (MV_DKIM_MAX_B_OCTETS + 2) / 3 * 4)
        return malformed(p, "b= is longer than any signature");
    code = mv_base64_decode_in(p->arena, signature->value_text, MV_DKIM_MAX_B_OCTETS, &signature->value);
    if (code == MV_ERR_SYNTAX || (code == MV_OK && signature->value.len == 0))
        return malformed(p, "b= is not the base64 of a signature");
    return code;
}

/* What a report names, as far as it can be read (RFC 8601 2.7.1: header.d, header.s, header.a, header.b). */
static enum mv_code read_for_report(struct parse *p)
{
    const struct mv_bytes *domain = value_of(p, MV_BYTES("d"));
    const struct mv_bytes *selector = value_of(p, MV_BYTES("s"));
    const struct mv_bytes *algorithm = value_of(p, MV_BYTES("a"));
    const struct mv_bytes *value = value_of(p, MV_BYTES("b"));

    if (domain != NULL && mv_domain_parse(p->arena, *domain, &p->signature->sdid) == MV_ERR_MEMORY)
        return MV_ERR_MEMORY;
    if (selector != NULL && mv_domain_parse(p->arena, *selector, &p->signature->selector) == MV_ERR_MEMORY)
        return MV_ERR_MEMORY;
    if (algorithm != NULL)
        p->signature->algorithm = *algorithm;
    if (value != NULL && !copy_without_fws(p->arena, *value, &p->signature->value_text))
        return MV_ERR_MEMORY;
    return MV_OK;
}

/* Of a list with a fault: what is readable, the first tag of each name. */
static void salvage_tags(struct mv_bytes text, struct mv_taglist *tags)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_tag tag;

    tags->count = 0;
    while (tags->count < MV_TAGLIST_MAX_TAGS && mv_taglist_next(&c, &tag))
        if (tag.name.len > 0 && mv_taglist_get(tags, tag.name) == NULL)
            tags->tags[tags->count++] = tag;
}

static enum mv_code read_tags(struct parse *p, struct mv_bytes text)
{
    enum mv_taglist_code fault;
    enum mv_code code;
    const char *reason;

    p->tags.count = 0;
    if (text.len > MV_DKIM_MAX_SIGNATURE_BYTES)
        return malformed(p, "the field is longer than 16 KiB");
    fault = mv_taglist_parse(text, &p->tags);
    if (fault != MV_TAGLIST_OK)
        salvage_tags(text, &p->tags);
    code = read_for_report(p);
    if (fault == MV_TAGLIST_OK || code != MV_OK)
        return code;
    reason = mv_arena_printf(p->arena, "the field does not parse: %s", mv_taglist_code_text(fault));
    return reason == NULL ? MV_ERR_MEMORY : refuse(p, MV_DKIM_NEUTRAL, "RFC 6376 3.2", reason);
}

enum mv_code mv_dkim_signature_parse_as(struct mv_arena *arena, const struct mv_field *field, enum mv_dkim_form form,
                                        struct mv_dkim_signature *signature_r, struct mv_dkim_result *result_r)
{
    static const struct {
        enum mv_code (*read)(struct parse *p);
        enum mv_dkim_form last; /* forms behind it have no such tag */
    } steps[] = {
        {require_tags, MV_DKIM_FORM_SEAL},   {read_version, MV_DKIM_FORM_DKIM}, {read_algorithm, MV_DKIM_FORM_SEAL},
        {read_canon, MV_DKIM_FORM_AMS},      {read_query, MV_DKIM_FORM_AMS},    {read_domains, MV_DKIM_FORM_SEAL},
        {read_names, MV_DKIM_FORM_AMS},      {read_auid, MV_DKIM_FORM_DKIM},    {read_length, MV_DKIM_FORM_AMS},
        {read_times, MV_DKIM_FORM_SEAL},     {read_body_hash, MV_DKIM_FORM_AMS}, {read_value, MV_DKIM_FORM_SEAL},
    };
    struct parse p;
    enum mv_code code;

    p.arena = arena;
    p.form = form;
    p.signature = signature_r;
    p.result = result_r;
    *signature_r = (struct mv_dkim_signature){.header_canon = MV_CANON_RELAXED, .body_length = MV_DKIM_NO_LENGTH};
    *result_r = (struct mv_dkim_result){.code = MV_DKIM_NONE};
    code = read_tags(&p, field->value);
    for (size_t i = 0; code == MV_OK && i < sizeof steps / sizeof steps[0]; i++)
        if (form <= steps[i].last)
            code = steps[i].read(&p);
    return code;
}

enum mv_code mv_dkim_signature_parse(struct mv_arena *arena, const struct mv_field *field,
                                     struct mv_dkim_signature *signature_r, struct mv_dkim_result *result_r)
{
    return mv_dkim_signature_parse_as(arena, field, MV_DKIM_FORM_DKIM, signature_r, result_r);
}

/* What stands between the "=" of b and the ";" after its value, as a part of the field's value. */
static bool find_b(struct mv_bytes value, struct mv_bytes *b_r)
{
    struct mv_tag tag;

    if (!mv_taglist_find(value, MV_BYTES("b"), &tag))
        return false;
    *b_r = mv_bytes_slice(tag.whole, mv_bytes_find(tag.whole, '=') + 1, tag.whole.len);
    return true;
}

/* RFC 6376 3.7: the white space around the value goes with it; all else stays as it is. */
void mv_dkim_signature_without_b(const struct mv_field *field, enum mv_canon canon, struct mv_buf *out)
{
    struct mv_bytes raw = field->raw, b;
    struct mv_field bare = *field;
    struct mv_buf text;
    size_t from;

    mv_buf_init(&text, raw.len);
    if (find_b(field->value, &b) && b.len > 0) {
        from = (size_t)(b.data - raw.data);
        mv_buf_put(&text, mv_bytes_slice(raw, 0, from));
        mv_buf_put(&text, mv_bytes_slice(raw, from + b.len, raw.len));
        bare = mv_field_split(mv_buf_bytes(&text));
    }
    if (mv_buf_failed(&text))
        mv_buf_fail(out);
    mv_canon_header(canon, &bare, out);
    mv_buf_truncate(out, mv_buf_bytes(out).len - 2);
    mv_buf_free(&text);
}
