#include "exim-dlfunc/module.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exim-dlfunc/host.h"
#include "tests/unit/unit.h"

/* A mail server of a few variables. DNS is a port where nobody listens: every check ends in temperror at once. */
static struct mv_host_envelope envelope;
static const char *message_id = "";
static const char *fields[8];
static bool held_back[8];
static const char *body;
static size_t body_at;
static struct mv_buf log_text = {.max_bytes = 65536};
static struct mv_buf added = {.max_bytes = 65536};
static unsigned alerts;
static char config_path[64], keys_directory[80], keys_path[100];

void mv_host_get_envelope(struct mv_host_envelope *envelope_r)
{
    *envelope_r = envelope;
}

const char *mv_host_message_id(void)
{
    return message_id;
}

bool mv_host_next_field(struct mv_host_field *field)
{
    const char **at = field->handle == NULL ? fields : (const char **)field->handle + 1;

    if (*at == NULL)
        return false;
    *field = (struct mv_host_field){(void *)at, mv_bytes_str(*at), held_back[at - fields]};
    return true;
}

void mv_host_remove_field(const struct mv_host_field *field)
{
    held_back[(const char **)field->handle - fields] = true;
}

void mv_host_add_field_on_top(const char *text)
{
    mv_buf_puts(&added, text);
}

bool mv_host_open_body(struct mv_host_body *body_r)
{
    *body_r = (struct mv_host_body){.fd = -1};
    body_at = 0;
    return message_id[0] != '\0';
}

ssize_t mv_host_read_body(struct mv_host_body *from, unsigned char *bytes, size_t size)
{
    size_t left = strlen(body) - body_at, n = left < size ? left : size;

    (void)from;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)body[body_at + i];
    body_at += n;
    return (ssize_t)n;
}

void mv_host_log(enum mv_host_log where, const char *line)
{
    alerts += where == MV_HOST_LOG_ALERT;
    mv_buf_puts(&log_text, line);
    mv_buf_putc(&log_text, '\n');
}

static void write_config(const char *text)
{
    FILE *file = fopen(config_path, "w");

    ck_assert(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

#define CONFIG "[server]\nauthserv_id = mx.test\nresolver = 127.0.0.1:1\ndns_deadline = 1s\ndns_try = 100ms\n" \
               "trusted_mtas = 192.0.2.77\n"

static void setup(void)
{
    char text[400];
    static const char *const message[] = {"Received: by us\n", "From: a@example.com\n",
                                          "Authentication-Results: mx.test;\n dmarc=pass\n",
                                          "Authentication-Results: other.test; dmarc=pass\n", "Mailvouch-X: y\n"};
    int fd;

    snprintf(config_path, sizeof config_path, "/tmp/mv_test_exim_XXXXXX");
    fd = mkstemp(config_path);
    ck_assert(fd >= 0);
    close(fd);
    snprintf(keys_directory, sizeof keys_directory, "%s.d", config_path);
    ck_assert_int_eq(mkdir(keys_directory, 0700), 0);
    snprintf(keys_path, sizeof keys_path, "%s/keys", keys_directory);
    snprintf(text, sizeof text, CONFIG "handover_keys = %s\n", keys_path);
    write_config(text);
    envelope = (struct mv_host_envelope){"192.0.2.1", NULL, "mail.example.com", "a@example.com", ""};
    message_id = "";
    for (size_t i = 0; i < sizeof message / sizeof message[0]; i++)
        fields[i] = message[i];
    body = "Hello\n";
}

static void teardown(void)
{
    unlink(config_path);
    unlink(keys_path);
    rmdir(keys_directory);
}

static const char *answer(struct mv_buf *out)
{
    static char text[4096];

    snprintf(text, sizeof text, "%s", mv_buf_cstr(out));
    mv_buf_free(out);
    return text;
}

static const char *begin(const char *options)
{
    struct mv_buf out = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};

    mv_module_begin(config_path, options, &out);
    return answer(&out);
}

static const char *check(void)
{
    struct mv_buf out = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};

    mv_module_check(config_path, NULL, &out);
    return answer(&out);
}

static unsigned log_lines(void)
{
    unsigned n = 0;

    for (size_t i = 0; i < log_text.len; i++)
        n += log_text.data[i] == '\n';
    return n;
}

static void assert_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in: %s", part, text);
}

START_TEST(test_message)
{
    ck_assert_str_eq(begin(NULL), "ok");
    ck_assert_str_eq(begin(NULL), "ok");
    message_id = "id-1";
    assert_has(check(), "dmarc=temperror policy=\"\" disposition=tempfail from=example.com");
    ck_assert_uint_eq(log_lines(), 1);
    assert_has(check(), "disposition=tempfail"); /* asked again: the same answer, no second line */
    ck_assert_uint_eq(log_lines(), 1);
}
END_TEST

START_TEST(test_check_alone)
{
    message_id = "id-1";
    assert_has(check(), "dmarc=temperror");
}
END_TEST

/* The envelope is the same, and it is another message all the same. */
START_TEST(test_next_message)
{
    begin(NULL);
    message_id = "id-1";
    check();
    message_id = "";
    ck_assert_str_eq(begin(NULL), "ok");
    message_id = "id-2";
    fields[1] = "From: b@example.net\n";
    assert_has(check(), "from=example.net");
    message_id = "id-3";
    fields[1] = "From: c@example.org\n";
    assert_has(check(), "from=example.org");
    ck_assert_uint_eq(log_lines(), 3);
}
END_TEST

START_TEST(test_other_envelope)
{
    begin(NULL);
    envelope.mail_from = "b@example.net";
    message_id = "id-1";
    assert_has(check(), "from=example.com");
    assert_has(mv_buf_cstr(&log_text), "spf=temperror (example.net)");
}
END_TEST

START_TEST(test_own_mail)
{
    envelope.authenticated = "plain";
    ck_assert_str_eq(begin(NULL), "skip=authenticated");
    ck_assert_str_eq(begin("force"), "skip=authenticated"); /* decided already */
    envelope.authenticated = NULL;
    envelope.client_address = NULL;
    ck_assert_str_eq(begin(NULL), "skip=local");
    envelope.client_address = "127.0.0.1";
    ck_assert_str_eq(begin(NULL), "skip=relay");
    envelope.client_address = "192.0.2.77";
    ck_assert_str_eq(begin(NULL), "skip=trusted");
    message_id = "id-1";
    assert_has(check(), "disposition=none from=\"\" skip=trusted");
    ck_assert_uint_eq(log_lines(), 0);
}
END_TEST

START_TEST(test_force)
{
    envelope.authenticated = "plain";
    ck_assert_str_eq(begin("explain force"), "ok");
}
END_TEST

START_TEST(test_words_of_options)
{
    envelope.authenticated = "plain";
    ck_assert_str_eq(begin("enforce forced"), "skip=authenticated");
}
END_TEST

START_TEST(test_bad_configuration)
{
    write_config("[server]\nnonsense = 1\n");
    assert_has(begin(NULL), "error=\"");
    ck_assert_uint_eq(log_lines(), 0);
    message_id = "id-1";
    assert_has(check(), "disposition=tempfail from=\"\" error=\"");
    ck_assert_uint_eq(log_lines(), 1);
    ck_assert_uint_eq(alerts, 1);
    message_id = "id-2";
    assert_has(check(), "disposition=tempfail");
    ck_assert_uint_eq(log_lines(), 2);
    ck_assert_uint_eq(alerts, 1); /* once for each process */
}
END_TEST

/* An error of ours does not stay: the next message reads the configuration again. */
START_TEST(test_repaired_configuration)
{
    write_config("[server]\nnonsense = 1\n");
    message_id = "id-1";
    assert_has(check(), "error=");
    write_config("[server]\nresolver = 127.0.0.1:1\ndns_deadline = 1s\ndns_try = 100ms\n");
    message_id = "";
    ck_assert_str_eq(begin(NULL), "ok");
}
END_TEST

/* The daemon's engine is that of its children, until the file changes. */
START_TEST(test_preload)
{
    mv_module_preload(config_path);
    message_id = "id-1";
    assert_has(check(), "spf=temperror");
    write_config("[server]\nnonsense = 1\n");
    mv_module_preload(config_path);
    message_id = "id-2";
    assert_has(check(), "error=");
    ck_assert_uint_eq(alerts, 1);
    write_config("[server]\nresolver = 127.0.0.1:1\ndns_deadline = 1s\ndns_try = 100ms\n");
    mv_module_preload(config_path);
    message_id = "id-3";
    assert_has(check(), "spf=temperror");
}
END_TEST

START_TEST(test_before_the_message)
{
    assert_has(check(), "error=\"no message so far");
}
END_TEST

START_TEST(test_strip)
{
    begin(NULL);
    ck_assert_uint_eq(mv_module_strip(NULL, NULL), 2);
    ck_assert(held_back[2] && !held_back[3] && held_back[4]);
    ck_assert_uint_eq(mv_module_strip("", NULL), 0);
    ck_assert_uint_eq(log_lines(), 1);
    ck_assert_uint_eq(mv_module_strip("other.test", NULL), 1);
    ck_assert(held_back[3] && !held_back[0] && !held_back[1]);
    assert_has(mv_buf_cstr(&log_text), "removed 2 header fields");
    assert_has(mv_buf_cstr(&log_text), "removed 1 header field ");
}
END_TEST

/* RFC 8601 5: what is not judged must not bring forged results either. */
START_TEST(test_strip_own_mail)
{
    envelope.authenticated = "plain";
    ck_assert_uint_eq(mv_module_strip(NULL, config_path), 2);
    ck_assert(held_back[2] && !held_back[3] && held_back[4]);
}
END_TEST

START_TEST(test_strip_local_mail)
{
    envelope.client_address = NULL;
    begin(NULL);
    ck_assert_uint_eq(mv_module_strip(NULL, config_path), 2);
}
END_TEST

START_TEST(test_strip_trusted_mta)
{
    envelope.client_address = "192.0.2.77";
    ck_assert_uint_eq(mv_module_strip(NULL, config_path), 0);
    ck_assert(!held_back[2]);
    envelope.authenticated = "plain"; /* a user of it, not the server itself */
    ck_assert_uint_eq(mv_module_strip(NULL, config_path), 2);
}
END_TEST

/* Whose id is ours is not known then: rather none than a forged one. */
START_TEST(test_strip_without_configuration)
{
    write_config("[server]\nnonsense = 1\n");
    envelope.authenticated = "plain";
    ck_assert_uint_eq(mv_module_strip(NULL, config_path), 3);
    ck_assert(held_back[2] && held_back[3] && held_back[4] && !held_back[1]);
    assert_has(mv_buf_cstr(&log_text), "nonsense");
}
END_TEST

START_TEST(test_authres)
{
    struct mv_buf out = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};

    mv_module_authres(NULL, &out);
    ck_assert_uint_eq(out.len, 0);
    message_id = "id-1";
    check();
    mv_module_authres("else.test", &out);
    assert_has(mv_buf_cstr(&out), "Authentication-Results: else.test;");
    ck_assert(memchr(out.data, '\r', out.len) == NULL);
    ck_assert(out.data[out.len - 1] != '\n');
    mv_buf_free(&out);
}
END_TEST

static void write_keys(mode_t mode)
{
    FILE *file = fopen(keys_path, "w");

    ck_assert(file != NULL && fputs("sign one 1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n", file) >= 0 &&
              fclose(file) == 0 && chmod(keys_path, mode) == 0);
}

/* Both fields in one answer; what is wrong with the file is logged once, and takes no results away. */
START_TEST(test_handover)
{
    struct mv_buf out = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};

    write_keys(0640);
    message_id = "id-1";
    check();
    mv_module_authres("else.test", &out);
    assert_has(mv_buf_cstr(&out), "Authentication-Results: else.test;");
    assert_has(mv_buf_cstr(&out), "\nMailvouch-Result: v=1; t=");
    assert_has(mv_buf_cstr(&out), " k=one; id=else.test;");
    ck_assert(memchr(out.data, '\r', out.len) == NULL);
    ck_assert(out.data[out.len - 1] == '=');
    write_keys(0644);
    for (const char *const *id = (const char *const[]){"id-2", "id-3", NULL}; *id != NULL; id++) {
        message_id = *id;
        check();
        mv_buf_reset(&out);
        mv_module_authres(NULL, &out);
        assert_has(mv_buf_cstr(&out), "Authentication-Results: mx.test;");
        ck_assert_ptr_null(strstr(mv_buf_cstr(&out), "Mailvouch-Result"));
    }
    assert_has(mv_buf_cstr(&log_text), "mailvouch: mail goes on without a Mailvouch-Result field: /tmp/mv_test_exim_");
    ck_assert_uint_eq(log_lines(), 4);
    mv_buf_free(&out);
}
END_TEST

static enum mv_action scan(const char *words, struct mv_buf *reply)
{
    char how[200];

    snprintf(how, sizeof how, "%s config=%s", words, config_path);
    return mv_module_scan(how, reply);
}

START_TEST(test_scan)
{
    struct mv_buf reply = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};

    message_id = "id-1";
    ck_assert_int_eq(scan("", &reply), MV_ACTION_TEMPFAIL);
    ck_assert_int_eq(strncmp(mv_buf_cstr(&reply), "4.7.0 ", 6), 0);
    ck_assert_uint_eq(added.len, 0);
    mv_buf_reset(&reply);
    ck_assert_int_eq(scan("observe", &reply), MV_ACTION_NONE);
    ck_assert_uint_eq(reply.len, 0);
    assert_has(mv_buf_cstr(&added), "Authentication-Results: mx.test;");
    ck_assert(held_back[2]);
    mv_buf_free(&reply);
}
END_TEST

START_TEST(test_scan_skips)
{
    struct mv_buf reply = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};

    message_id = "id-1";
    ck_assert_int_eq(scan("skip", &reply), MV_ACTION_NONE);
    ck_assert(held_back[2] && !held_back[3] && held_back[4]);
    ck_assert_uint_eq(log_lines(), 1);
    held_back[2] = held_back[4] = false;
    envelope.authenticated = "plain";
    ck_assert_int_eq(scan("", &reply), MV_ACTION_NONE);
    ck_assert(held_back[2] && !held_back[3] && held_back[4]);
    ck_assert_uint_eq(reply.len + added.len, 0);
    mv_buf_free(&reply);
}
END_TEST

/* The results of one message do not get into the next one on the connection, which is not judged. */
START_TEST(test_scan_skips_after_another)
{
    struct mv_buf reply = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};

    message_id = "id-1";
    ck_assert_int_eq(scan("observe", &reply), MV_ACTION_NONE);
    ck_assert_uint_gt(added.len, 0);
    mv_buf_reset(&added);
    message_id = "id-2";
    ck_assert_int_eq(scan("skip", &reply), MV_ACTION_NONE);
    ck_assert_uint_eq(added.len, 0);
    mv_buf_free(&reply);
}
END_TEST

static const char published[] =
    "{\"schema\":1,\"default\":\"NXDOMAIN\",\"answers\":["
    "{\"name\":\"_dmarc.example.com\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"v=DMARC1; p=reject\"]}]}";

/* below: of keys_directory */
static void want_evidence(const char *below)
{
    struct mv_error error = {.code = MV_OK};
    char text[400];

    snprintf(text, sizeof text, CONFIG "[report]\nevidence = yes\nevidence_directory = %s%s\n", keys_directory, below);
    write_config(text);
    ck_assert_msg(mv_module_engine(config_path, &error) != NULL, "%s", error.text);
    ck_assert_int_eq(mv_engine_use_capture(mv_module_engine(config_path, &error), mv_bytes_str(published), &error),
                     MV_OK);
}

/* All lines of all files; the files go. */
static const char *take_evidence(void)
{
    static char text[8192];
    char pattern[100];
    glob_t found;
    size_t len = 0;

    snprintf(pattern, sizeof pattern, "%s/*.ndjson", keys_directory);
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++) {
            FILE *file = fopen(found.gl_pathv[i], "r");

            ck_assert_ptr_nonnull(file);
            len += fread(text + len, 1, sizeof text - 1 - len, file);
            fclose(file);
            unlink(found.gl_pathv[i]);
        }
    globfree(&found);
    text[len] = '\0';
    return text;
}

static unsigned count_parts(const char *text, const char *part)
{
    unsigned n = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

/* Once for a message that is judged, however often it is asked for. */
START_TEST(test_evidence)
{
    struct mv_buf reply = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};

    want_evidence("");
    message_id = "id-1";
    assert_has(check(), "disposition=reject");
    check();
    message_id = "id-2";
    ck_assert_int_eq(scan("observe", &reply), MV_ACTION_NONE);
    message_id = "id-3";
    ck_assert_int_eq(scan("", &reply), MV_ACTION_REJECT);
    envelope.authenticated = "plain";
    message_id = "id-4";
    assert_has(check(), "skip=authenticated");
    ck_assert_uint_eq(count_parts(take_evidence(), "\n"), 3);
    mv_buf_free(&reply);
}
END_TEST

START_TEST(test_evidence_of_observing)
{
    struct mv_buf out = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};
    const char *text;

    want_evidence("");
    message_id = "id-1";
    mv_module_check(config_path, "observe", &out);
    assert_has(mv_buf_cstr(&out), "disposition=reject");
    text = take_evidence();
    assert_has(text, "\"ip\":\"192.0.2.1\",\"from\":\"example.com\"");
    assert_has(text, "\"dmarc\":\"fail\",\"act\":\"none\",\"why\":\"local_policy\"");
    message_id = "id-2";
    check();
    assert_has(take_evidence(), "\"dmarc\":\"fail\",\"act\":\"reject\",\"al\"");
    mv_buf_free(&out);
}
END_TEST

/* It is said once, and not for the administrator's eyes: no mail is at stake. */
START_TEST(test_evidence_that_cannot_be_written)
{
    want_evidence("/none");
    for (const char *const *id = (const char *const[]){"id-1", "id-2", NULL}; *id != NULL; id++) {
        message_id = *id;
        assert_has(check(), "disposition=reject");
    }
    ck_assert_uint_eq(count_parts(mv_buf_cstr(&log_text), "mail goes on without evidence for reports: /tmp/"), 1);
    ck_assert_uint_eq(log_lines(), 3);
    ck_assert_uint_eq(alerts, 0);
}
END_TEST

START_TEST(test_results)
{
    struct mv_buf out = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};

    ck_assert(mv_module_result("spf", &out));
    ck_assert_uint_eq(out.len, 0);
    ck_assert(!mv_module_result("nonsense", &out));
    begin("explain");
    message_id = "id-1";
    check();
    ck_assert(mv_module_result("explain", &out));
    ck_assert_uint_gt(out.len, 0);
    mv_buf_free(&out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_message, test_check_alone, test_next_message, test_other_envelope, test_own_mail, test_force,
        test_words_of_options, test_bad_configuration, test_repaired_configuration, test_preload, test_before_the_message, test_strip,
        test_strip_own_mail, test_strip_local_mail, test_strip_trusted_mta, test_strip_without_configuration, test_authres,
        test_handover, test_scan, test_scan_skips, test_scan_skips_after_another, test_evidence,
        test_evidence_of_observing, test_evidence_that_cannot_be_written, test_results};
    Suite *suite = suite_create("exim_module");
    TCase *tcase = tcase_create("exim_module");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 30);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
