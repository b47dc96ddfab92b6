#include "dovecot-plugin/signing.h"

#include <string.h>

#include "tests/unit/unit.h"

/*
 * An engine and a signer that do as a row says, also what the real ones never
 * do: whatever comes from below, mail must not go out unsigned by accident.
 */
struct mv_engine {
    int dummy;
};

struct mv_signer {
    struct mv_buf got;
    bool ended;
};

struct row {
    const char *name;
    enum mv_code open;  /* what mv_engine_open() answers */
    enum mv_code begin; /* mv_signer_begin() */
    enum mv_code feed;
    bool unreadable;    /* the message breaks off */
    bool no_outcome;
    struct mv_sign_outcome outcome;
    const char *fields;
    enum mv_sign_action action; /* what must come of it */
    unsigned status;
    const char *enhanced;
    enum mv_signing_level level;
    const char *log; /* somewhere in it */
};

#define SIGNED .action = MV_SIGN_SIGNED, .log = "user=u result=signed"
#define DEFERRED .action = MV_SIGN_DEFERRED, .status = 451, .enhanced = "4.7.5", .level = MV_SIGNING_ERROR
#define OURS .domain = {(const unsigned char *)"users.example", 13}

static const struct row rows[] = {
    {.name = "signed", .outcome = {SIGNED}, .fields = "DKIM-Signature: x\r\n", SIGNED},
    {.name = "unsigned by configuration", .outcome = {.action = MV_SIGN_UNSIGNED, .log = "none of ours"},
     .action = MV_SIGN_UNSIGNED, .log = "none of ours"},
    {.name = "unsigned brings no fields", .outcome = {.action = MV_SIGN_UNSIGNED, .log = "l"},
     .fields = "X: y\r\n", .action = MV_SIGN_UNSIGNED, .log = "l"},
    {.name = "refused", .outcome = {.action = MV_SIGN_REFUSED, .reply = "550 5.7.1 Not yours", .log = "not his"},
     .action = MV_SIGN_REFUSED, .status = 550, .enhanced = "5.7.1", .log = "not his"},
    {.name = "deferred", .outcome = {.action = MV_SIGN_DEFERRED, .reply = "451 4.7.0 Later", .log = "no key"},
     .action = MV_SIGN_DEFERRED, .status = 451, .enhanced = "4.7.0", .level = MV_SIGNING_ERROR,
     .log = "no key"},
    {.name = "signed, but a key is missing", .outcome = {SIGNED, OURS, .reason = "gone"}, .fields = "DKIM-Signature: x\r\n",
     SIGNED, .level = MV_SIGNING_WARNING},
    {.name = "sent unsigned because a key is missing",
     .outcome = {.action = MV_SIGN_UNSIGNED, OURS, .reason = "gone", .log = "l"}, .action = MV_SIGN_UNSIGNED,
     .level = MV_SIGNING_WARNING, .log = "l"},
    {.name = "foreign, unsigned as wanted", .outcome = {.action = MV_SIGN_UNSIGNED, .reason = "foreign", .log = "l"},
     .action = MV_SIGN_UNSIGNED, .log = "l"},
    {.name = "refused for a reason", .outcome = {.action = MV_SIGN_REFUSED, OURS, .reason = "NUL", .reply = "550 5.6.0 x",
     .log = "l"}, .action = MV_SIGN_REFUSED, .status = 550, .enhanced = "5.6.0", .log = "l"},
    {.name = "a feed that fails ends in the signer's outcome", .feed = MV_ERR_MEMORY,
     .outcome = {.action = MV_SIGN_DEFERRED, .reply = "451 4.7.5 Later", .log = "memory"}, DEFERRED, .log = "memory"},
    {.name = "configuration broken", .open = MV_ERR_CONFIG, DEFERRED,
     .log = "result=deferred: conf:3: what\\x0a (\"mailvouch config check\" tells more)"},
    {.name = "configuration cannot be read", .open = MV_ERR_IO, DEFERRED, .log = "mailvouch config check"},
    {.name = "no memory for an engine", .open = MV_ERR_MEMORY, DEFERRED, .log = "deferred: conf:3: what"},
    {.name = "no memory for a signer", .begin = MV_ERR_MEMORY, DEFERRED, .log = "user=u\\x00\\xff result=deferred"},
    {.name = "the message breaks off", .unreadable = true, .outcome = {SIGNED}, .fields = "DKIM-Signature: x\r\n",
     DEFERRED, .log = "cannot be read"},
    {.name = "signed, without a signature", .outcome = {SIGNED}, DEFERRED, .log = "no signature"},
    {.name = "refused, without a reply", .outcome = {.action = MV_SIGN_REFUSED, .log = "l"}, DEFERRED,
     .log = "reply cannot be read"},
    {.name = "refused with a success", .outcome = {.action = MV_SIGN_REFUSED, .reply = "250 2.0.0 ok", .log = "l"},
     DEFERRED, .log = "reply cannot be read"},
    {.name = "no outcome", .no_outcome = true, DEFERRED, .log = "no outcome"},
};

static const struct row *row;
static struct mv_engine engine;
static struct mv_signer signer;
static unsigned opened, closed, begun, freed;

enum mv_code mv_engine_open(struct mv_engine **engine_r, const char *config_path, struct mv_error *error)
{
    ck_assert_str_eq(config_path, "/etc/x.conf");
    opened++;
    *engine_r = row->open == MV_OK ? &engine : NULL;
    return row->open == MV_OK ? MV_OK : mv_error_set(error, row->open, "conf:3: what\n");
}

void mv_engine_close(struct mv_engine **engine_p)
{
    closed += *engine_p != NULL;
    *engine_p = NULL;
}

enum mv_code mv_signer_begin(struct mv_engine *of, const struct mv_sign_request *request, struct mv_signer **signer_r,
                             struct mv_error *error)
{
    (void)error;
    ck_assert_ptr_eq(of, &engine);
    ck_assert_int_eq(request->now_secs, 42);
    *signer_r = row->begin == MV_OK ? &signer : NULL;
    begun += row->begin == MV_OK;
    mv_buf_init(&signer.got, 1000);
    signer.ended = false;
    return row->begin;
}

enum mv_code mv_signer_feed(struct mv_signer *of, struct mv_bytes bytes)
{
    ck_assert_uint_gt(bytes.len, 0);
    mv_buf_put(&of->got, bytes);
    return row->feed;
}

enum mv_code mv_signer_end(struct mv_signer *of)
{
    of->ended = true;
    return row->feed;
}

const struct mv_sign_outcome *mv_signer_outcome(const struct mv_signer *of)
{
    ck_assert(of->ended);
    return row->no_outcome ? NULL : &row->outcome;
}

struct mv_bytes mv_signer_fields(const struct mv_signer *of)
{
    ck_assert(of->ended);
    return mv_bytes_str(row->fields);
}

void mv_signer_free(struct mv_signer **signer_p)
{
    freed += *signer_p != NULL;
    if (*signer_p != NULL)
        mv_buf_free(&(*signer_p)->got);
    *signer_p = NULL;
}

static bool read_letters(void *source, struct mv_bytes *piece_r)
{
    unsigned *left = source;

    if (*left == 1 && row->unreadable)
        return false;
    *piece_r = mv_bytes_slice(MV_BYTES("abc"), 3 - *left, *left == 0 ? 0 : 4 - *left);
    *left -= *left > 0;
    return true;
}

static const struct mv_signing_result *run(struct mv_signing *signing, const struct row *with)
{
    static const struct mv_sign_request request = {.user = {(const unsigned char *)"u\0\xff", 3}, .now_secs = 42};
    unsigned left = 3;

    row = with;
    return mv_signing_run(signing, &request, read_letters, &left);
}

static void check_result(const struct mv_signing_result *result, const struct row *expected)
{
    const char *fields = expected->action == MV_SIGN_SIGNED ? expected->fields : "";

    ck_assert_msg(result->action == expected->action, "%s: action %d", expected->name, result->action);
    ck_assert_msg(result->level == expected->level, "%s: level %d", expected->name, result->level);
    ck_assert_msg(strstr(result->log, expected->log) != NULL, "%s: log: %s", expected->name, result->log);
    ck_assert_msg(mv_bytes_equal(result->fields, mv_bytes_str(fields)), "%s: fields", expected->name);
    if (expected->status == 0)
        return;
    ck_assert_msg(result->reply.status == expected->status, "%s: status %u", expected->name, result->reply.status);
    ck_assert_msg(strcmp(result->reply.enhanced, expected->enhanced) == 0, "%s: %s", expected->name,
                  result->reply.enhanced);
    ck_assert_msg(result->reply.text != NULL && result->reply.text[0] != '\0', "%s: no text", expected->name);
}

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mv_signing *signing = mv_signing_new("/etc/x.conf");

        ck_assert_ptr_nonnull(signing);
        check_result(run(signing, &rows[i]), &rows[i]);
        mv_signing_forget(signing);
        mv_signing_free(&signing);
        ck_assert_ptr_null(signing);
        ck_assert_msg(begun == freed, "%s: %u signers, %u freed", rows[i].name, begun, freed);
    }
}
END_TEST

START_TEST(test_whole_message_is_read)
{
    struct mv_signing *signing = mv_signing_new("/etc/x.conf");

    run(signing, &rows[0]);
    ck_assert(mv_bytes_equal(mv_buf_bytes(&signer.got), MV_BYTES("abc")));
    mv_signing_free(&signing);
}
END_TEST

/* The engine lives as long as the process, but one that could not be opened is tried again. */
START_TEST(test_engine_is_opened_once)
{
    static const struct row broken = {.open = MV_ERR_CONFIG, DEFERRED};
    struct mv_signing *signing = mv_signing_new("/etc/x.conf");

    opened = closed = 0;
    run(signing, &broken);
    run(signing, &broken);
    ck_assert_uint_eq(opened, 2);
    ck_assert_int_eq(run(signing, &rows[0])->action, MV_SIGN_SIGNED);
    run(signing, &rows[3]);
    ck_assert_int_eq(run(signing, &rows[0])->action, MV_SIGN_SIGNED);
    ck_assert_uint_eq(opened, 3);
    ck_assert_uint_eq(closed, 0);
    mv_signing_free(&signing);
    ck_assert_uint_eq(closed, 1);
    ck_assert_uint_eq(begun, freed);
}
END_TEST

START_TEST(test_no_memory_at_the_start)
{
    struct mv_signing *none = NULL;
    const struct mv_signing_result *result = run(none, &rows[0]);

    ck_assert_int_eq(result->action, MV_SIGN_DEFERRED);
    ck_assert_uint_eq(result->reply.status, 451);
    ck_assert_ptr_nonnull(strstr(result->log, "out of memory"));
    mv_signing_forget(none);
    mv_signing_free(&none);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_whole_message_is_read, test_engine_is_opened_once,
                                  test_no_memory_at_the_start};

    return unit_run("dovecot_signing", tests, sizeof tests / sizeof tests[0]);
}
