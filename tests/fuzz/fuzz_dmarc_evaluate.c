/*
 * An evaluation over any DNS ends, takes no more questions than it may, makes no
 * pass of what did not pass, keeps strict mode strict, and does not mind the order of the identifiers.
 *
 * Input: first line flags and the Author Domain ("h example.com"), second line the identifiers
 * ("S+example.com D-example.net"), then lines of tests/unit/dmarc_zone.h.
 */
#include <stdlib.h>
#include <string.h>

#include "core/dmarc/evaluate.h"
#include "core/text/domain.h"
#include "tests/unit/dmarc_zone.h"

#define ARENA_BYTES (16 * 1024 * 1024)
#define MAX_LINES 64

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

struct scene {
    struct mv_arena *arena;
    const char *zone[MAX_LINES + 1];
    struct mv_dmarc_identifier identifiers[MV_DMARC_MAX_IDENTIFIERS];
    struct mv_dmarc_input input;
};

static void require(bool ok)
{
    if (!ok)
        abort();
}

static struct mv_bytes take_line(struct mv_cursor *c)
{
    struct mv_bytes line = mv_cursor_take_until(c, '\n');

    mv_cursor_accept(c, '\n');
    return line;
}

static enum mv_dmarc_auth to_auth(int c)
{
    switch (c) {
    case '+':
        return MV_DMARC_AUTH_PASS;
    case '~':
        return MV_DMARC_AUTH_TEMPERROR;
    case '?':
        return MV_DMARC_AUTH_PENDING;
    default:
        return MV_DMARC_AUTH_FAIL;
    }
}

static void read_identifiers(struct scene *scene, struct mv_bytes line)
{
    struct mv_cursor c = mv_cursor_of(line);
    size_t count = 0;

    while (mv_cursor_left(&c) > 0 && count < MV_DMARC_MAX_IDENTIFIERS) {
        struct mv_dmarc_identifier *id = &scene->identifiers[count];

        id->method = mv_cursor_next(&c) == 'S' ? MV_DMARC_BY_SPF : MV_DMARC_BY_DKIM;
        id->auth = to_auth(mv_cursor_next(&c));
        if (mv_domain_normalize(scene->arena, mv_cursor_take_until(&c, ' '), &id->domain))
            count++;
        mv_cursor_accept(&c, ' ');
    }
    scene->input.identifiers = scene->identifiers;
    scene->input.identifier_count = count;
}

static bool read_scene(struct scene *scene, struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_bytes line = take_line(&c);
    size_t space = mv_bytes_find(line, ' ');

    scene->input.suffix_hardening = mv_bytes_find(line, 'h') < space;
    scene->input.honour_pct = mv_bytes_find(line, 'p') < space;
    scene->input.pct_roll = 50;
    if (!mv_domain_normalize(scene->arena, mv_bytes_slice(line, space + 1, line.len), &scene->input.author_domain))
        return false;
    read_identifiers(scene, take_line(&c));
    for (size_t i = 0; mv_cursor_left(&c) > 0 && i < MAX_LINES; i++) {
        scene->zone[i] = mv_arena_str(scene->arena, take_line(&c));
        if (scene->zone[i] == NULL)
            return false;
    }
    return true;
}

static enum mv_code run(const struct scene *scene, struct mv_dmarc_result *result_r)
{
    struct mv_memo *memo = mv_memo_new(scene->arena);
    size_t questions = 0, new_questions;
    enum mv_code code;

    require(memo != NULL);
    do {
        code = mv_dmarc_evaluate(scene->arena, &scene->input, memo, mv_trace_new(scene->arena), result_r);
        new_questions = dmarc_zone_answer(scene->zone, memo);
        questions += new_questions;
    } while (code == MV_NEED_DNS && new_questions > 0);
    require(code == MV_OK || code == MV_NEED_DNS);
    require(questions <= (MV_DMARC_MAX_IDENTIFIERS + 1) * MV_DMARC_MAX_QUERIES + 1);
    return code;
}

/* RFC 9989 4.4: there is somebody behind a pass, and in strict mode it is the author. */
static void check_pass(const struct scene *scene, const struct mv_dmarc_result *result)
{
    bool spf = false, dkim = false;

    for (size_t i = 0; i < scene->input.identifier_count; i++) {
        const struct mv_dmarc_identifier *id = &scene->identifiers[i];
        bool same = mv_bytes_equal(id->domain, result->author_domain);

        if (id->auth != MV_DMARC_AUTH_PASS)
            continue;
        if (id->method == MV_DMARC_BY_SPF)
            spf |= same || !result->record.strict_spf;
        else
            dkim |= same || !result->record.strict_dkim;
    }
    require(!result->aligned_spf || spf);
    require(!result->aligned_dkim || dkim);
    require((result->code == MV_DMARC_PASS) == (result->aligned_spf || result->aligned_dkim));
}

static void check_result(const struct scene *scene, const struct mv_dmarc_result *result)
{
    require(result->reason != NULL && result->section != NULL);
    require(result->query_count >= 1 && result->query_count <= MV_DMARC_MAX_QUERIES);
    require(result->effective <= result->published);
    require(result->org_domain.len == 0 || mv_domain_is_within(result->author_domain, result->org_domain));
    require(result->policy_domain.len == 0 || mv_domain_is_within(result->author_domain, result->policy_domain));
    require(result->has_record || result->code == MV_DMARC_NONE || result->code == MV_DMARC_TEMPERROR);
    check_pass(scene, result);
}

static void reverse(struct scene *scene)
{
    for (size_t i = 0, j = scene->input.identifier_count; i + 1 < j; i++) {
        struct mv_dmarc_identifier id = scene->identifiers[i];

        scene->identifiers[i] = scene->identifiers[--j];
        scene->identifiers[j] = id;
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct scene scene = {.arena = mv_arena_new(ARENA_BYTES)};
    struct mv_dmarc_result result, again;

    if (memchr(data, 0, size) == NULL && size < 65536 && read_scene(&scene, mv_bytes_of(data, size))) {
        enum mv_code code = run(&scene, &result);

        if (code == MV_OK)
            check_result(&scene, &result);
        reverse(&scene);
        require(run(&scene, &again) == code);
        require(code != MV_OK || (again.code == result.code && again.effective == result.effective &&
                                  again.aligned_spf == result.aligned_spf && again.aligned_dkim == result.aligned_dkim));
    }
    mv_arena_free(&scene.arena);
    return 0;
}
