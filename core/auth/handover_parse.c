#include "core/auth/handover.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/base/base64.h"
#include "core/keys/state_file.h"
#include "core/text/domain.h"
#include "core/text/taglist.h"

#define MAX_ID_BYTES 255

static void refuse(struct mv_handover_claim *claim, const char *why)
{
    claim->facts = (struct mv_handover){.code = MV_HANDOVER_MALFORMED, .why = why};
}

static bool take_hex(struct mv_cursor *c, unsigned char *octet_r)
{
    int high = mv_ascii_hex_value(mv_cursor_next(c)), low = mv_ascii_hex_value(mv_cursor_next(c));

    *octet_r = (unsigned char)(high * 16 + low);
    return high >= 0 && low >= 0;
}

/* Folds become one space, %XX an octet; printable ASCII or nothing. */
static bool decode(struct mv_bytes value, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(value);
    unsigned char octet;

    while (mv_cursor_left(&c) > 0) {
        if (mv_cursor_take_while(&c, MV_ASCII_FWS).len > 0)
            octet = ' ';
        else if (!mv_cursor_accept(&c, '%'))
            octet = (unsigned char)mv_cursor_next(&c);
        else if (!take_hex(&c, &octet))
            return false;
        if (octet != ' ' && !mv_ascii_is(octet, MV_ASCII_VCHAR))
            return false;
        mv_buf_putc(out, octet);
    }
    return !mv_buf_failed(out);
}

/* MV_ERR_SYNTAX for a tag that is not there, that does not decode, or is longer. */
static enum mv_code take_text(struct mv_arena *arena, const struct mv_taglist *list, const char *name,
                              size_t max_bytes, struct mv_bytes *text_r)
{
    const struct mv_tag *tag = mv_taglist_get(list, mv_bytes_str(name));
    enum mv_code code = MV_ERR_SYNTAX;
    struct mv_buf text;

    mv_buf_init(&text, max_bytes);
    if (tag != NULL && decode(tag->value, &text))
        code = mv_arena_copy(arena, mv_buf_bytes(&text), text_r) ? MV_OK : MV_ERR_MEMORY;
    mv_buf_free(&text);
    return code;
}

static struct mv_bytes word_of(const struct mv_taglist *list, const char *name)
{
    const struct mv_tag *tag = mv_taglist_get(list, mv_bytes_str(name));

    return tag == NULL ? mv_bytes_str("?") : tag->value;
}

/* A number of an enum by its word. */
#define MAX_WORDS 8
static bool find_word(struct mv_bytes word, const char *const words[MAX_WORDS], unsigned *index_r)
{
    for (unsigned i = 0; i < MAX_WORDS && words[i] != NULL; i++) {
        if (mv_bytes_equal(word, mv_bytes_str(words[i]))) {
            *index_r = i;
            return true;
        }
    }
    return false;
}

static bool take_words(const struct mv_taglist *list, struct mv_handover_claim *claim)
{
    const char *const actions[MAX_WORDS] = {mv_action_text(MV_ACTION_NONE), mv_action_text(MV_ACTION_QUARANTINE),
                                            mv_action_text(MV_ACTION_REJECT), mv_action_text(MV_ACTION_TEMPFAIL)};
    const char *const dmarc[MAX_WORDS] = {mv_dmarc_code_text(MV_DMARC_NONE), mv_dmarc_code_text(MV_DMARC_PASS),
                                          mv_dmarc_code_text(MV_DMARC_FAIL), mv_dmarc_code_text(MV_DMARC_TEMPERROR),
                                          mv_dmarc_code_text(MV_DMARC_PERMERROR)};
    const char *const policies[MAX_WORDS] = {
        mv_dmarc_policy_text(MV_DMARC_NO_POLICY), mv_dmarc_policy_text(MV_DMARC_P_NONE),
        mv_dmarc_policy_text(MV_DMARC_P_QUARANTINE), mv_dmarc_policy_text(MV_DMARC_P_REJECT)};
    const char *const arc[MAX_WORDS] = {mv_arc_code_text(MV_ARC_NONE), mv_arc_code_text(MV_ARC_PASS),
                                        mv_arc_code_text(MV_ARC_FAIL)};
    const char *const canons[MAX_WORDS] = {[MV_CANON_SIMPLE] = "simple", [MV_CANON_RELAXED] = "relaxed"};
    struct mv_handover *facts = &claim->facts;
    unsigned action = 0, result = 0, policy = 0, chain = 0, canon = 0;

    if (!find_word(word_of(list, "disposition"), actions, &action) ||
        !find_word(word_of(list, "dmarc"), dmarc, &result) ||
        !find_word(word_of(list, "policy"), policies, &policy) || !find_word(word_of(list, "arc"), arc, &chain) ||
        !find_word(word_of(list, "c"), canons, &canon) || !mv_spf_code_parse(word_of(list, "spf"), &facts->spf) ||
        !mv_dkim_code_parse(word_of(list, "dkim"), &facts->dkim))
        return false;
    facts->action = (enum mv_action)action;
    facts->dmarc = (enum mv_dmarc_code)result;
    facts->policy = (enum mv_dmarc_policy)policy;
    facts->arc = (enum mv_arc_code)chain;
    claim->canon = (enum mv_canon)canon;
    return true;
}

static enum mv_code take_texts(struct mv_arena *arena, const struct mv_taglist *list, struct mv_handover *facts)
{
    enum mv_code code = take_text(arena, list, "k", MV_HANDOVER_MAX_ID_BYTES, &facts->key_id);

    if (code == MV_OK)
        code = take_text(arena, list, "id", MAX_ID_BYTES, &facts->authserv_id);
    if (code == MV_OK)
        code = take_text(arena, list, "from", MV_DOMAIN_MAX_BYTES, &facts->author_domain);
    if (code == MV_OK)
        code = take_text(arena, list, "reason", MV_HANDOVER_MAX_REASON_BYTES, &facts->reason);
    if (code == MV_OK && (facts->authserv_id.len == 0 || !mv_bytes_all(facts->author_domain, MV_ASCII_VCHAR)))
        return MV_ERR_SYNTAX;
    return code;
}

/* h is the last tag, and nothing stands behind it: what is signed ends before it. */
static bool take_mac(const struct mv_taglist *list, struct mv_bytes value, struct mv_handover_claim *claim)
{
    const struct mv_tag *last = &list->tags[list->count - 1];
    size_t start = (size_t)(last->whole.data - value.data);
    struct mv_buf mac;
    bool taken;

    if (!mv_bytes_equal(last->name, MV_BYTES("h")) || start + last->whole.len != value.len)
        return false;
    mv_buf_init(&mac, MV_SHA256_BYTES);
    taken = mv_base64_decode(last->value, &mac) && mac.len == MV_SHA256_BYTES;
    if (taken)
        memcpy(claim->mac, mac.data, MV_SHA256_BYTES);
    mv_buf_free(&mac);
    claim->signed_text = mv_bytes_slice(value, 0, start);
    return taken;
}

static enum mv_code take_tags(struct mv_arena *arena, const struct mv_taglist *list, struct mv_bytes value,
                              struct mv_handover_claim *claim)
{
    uint64_t made = 0;
    enum mv_code code;

    if (!mv_bytes_equal(word_of(list, "v"), MV_BYTES("1"))) {
        refuse(claim, "it is of another version");
        return MV_OK;
    }
    code = take_texts(arena, list, &claim->facts);
    if (code == MV_ERR_MEMORY)
        return code;
    if (code != MV_OK || !take_words(list, claim) ||
        !mv_bytes_to_uint(word_of(list, "t"), MV_KEYS_MAX_TIME_SECS, &made))
        refuse(claim, "a tag is missing, or has a value that is not known");
    else if (!take_mac(list, value, claim))
        refuse(claim, "its last tag is not h with 32 octets");
    else {
        claim->facts.made_secs = (int64_t)made;
        claim->facts.code = MV_HANDOVER_VALID;
    }
    return MV_OK;
}

enum mv_code mv_handover_parse(struct mv_arena *arena, struct mv_bytes value, struct mv_handover_claim *claim_r)
{
    struct mv_taglist list;
    enum mv_taglist_code syntax;

    *claim_r = (struct mv_handover_claim){.facts = {.code = MV_HANDOVER_MALFORMED}};
    if (value.len > MV_HANDOVER_MAX_FIELD_BYTES) {
        refuse(claim_r, "it is longer than 4096 bytes");
        return MV_OK;
    }
    syntax = mv_taglist_parse(value, &list);
    if (syntax != MV_TAGLIST_OK) {
        refuse(claim_r, mv_taglist_code_text(syntax));
        return MV_OK;
    }
    return take_tags(arena, &list, value, claim_r);
}
