#include "cli/report/post.h"

#include <stdio.h>
#include <string.h>

#include "core/ops/child.h"

#define MAX_MAIL_BYTES (64u * 1024 * 1024)
#define MAX_SAID_BYTES 200 /* of what the program printed */

enum mv_exit mv_post_begin(const char *command, const char *config, const struct mv_settings *settings,
                           int64_t now_secs, struct mv_post *post_r)
{
    struct mv_error error = {MV_OK, ""};

    *post_r = (struct mv_post){.command = command, .settings = settings, .now_secs = now_secs,
                               .wait_secs = MV_POST_WAIT_SECS};
    if (mv_engine_open(&post_r->engine, config, &error) == MV_OK)
        return MV_EXIT_OK;
    fprintf(stderr, "mailvouch %s: %s\n", command, error.text);
    return mv_exit_of_code(error.code);
}

static enum mv_code sign(struct mv_post *post, struct mv_signer *signer, struct mv_bytes message, struct mv_buf *out,
                         struct mv_error *error)
{
    const struct mv_sign_outcome *outcome;
    enum mv_code code = mv_signer_feed(signer, message);

    if (code == MV_OK)
        code = mv_signer_end(signer);
    if (code != MV_OK)
        return mv_error_set(error, code, "%s", mv_code_text(code));
    outcome = mv_signer_outcome(signer);
    if (outcome->action != MV_SIGN_SIGNED)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "mail from %.*s cannot be signed, and unsigned reports are not believed: %s",
                            MV_ARG(post->settings->report.address),
                            outcome->reason == NULL ? "no key signs" : outcome->reason);
    mv_buf_put(out, mv_signer_fields(signer));
    mv_buf_put(out, message);
    return mv_buf_failed(out) ? mv_error_set(error, MV_ERR_MEMORY, "no memory for a mail") : MV_OK;
}

enum mv_code mv_post_sign(struct mv_post *post, struct mv_bytes message, struct mv_buf *out, struct mv_error *error)
{
    struct mv_sign_request request = {.now_secs = post->now_secs, .trust = MV_SIGN_OPERATOR};
    struct mv_signer *signer;
    enum mv_code code = mv_signer_begin(post->engine, &request, &signer, error);

    if (code != MV_OK)
        return code;
    code = sign(post, signer, message, out, error);
    mv_signer_free(&signer);
    return code;
}

enum mv_code mv_post_check(struct mv_post *post, struct mv_error *error)
{
    struct mv_bytes address = post->settings->report.address;
    struct mv_buf probe, out;
    enum mv_code code;

    if (address.len == 0)
        return mv_error_set(error, MV_ERR_CONFIG, "reports need a sender: set address in [report], such as "
                                                  "dmarc-reports@example.org, whose domain has keys in [sign]");
    mv_buf_init(&probe, 4096);
    mv_buf_init(&out, MAX_MAIL_BYTES);
    mv_buf_printf(&probe, "From: <%.*s>\r\n\r\n", MV_ARG(address));
    code = mv_buf_failed(&probe) ? mv_error_set(error, MV_ERR_MEMORY, "no memory for a mail")
                                 : mv_post_sign(post, mv_buf_bytes(&probe), &out, error);
    mv_buf_free(&probe);
    mv_buf_free(&out);
    return code;
}

/* Programs take mails with the line ends of the system. */
static void put_lines(struct mv_bytes message, struct mv_buf *out)
{
    struct mv_cursor c = mv_cursor_of(message);

    while (mv_cursor_left(&c) > 0) {
        mv_buf_put(out, mv_cursor_take_until(&c, '\r'));
        if (mv_cursor_peek(&c) == '\r' && mv_cursor_peek_at(&c, 1) != '\n')
            mv_buf_putc(out, '\r');
        (void)mv_cursor_accept(&c, '\r');
    }
}

/* ", which says: ..." */
static void put_said(struct mv_bytes said, struct mv_buf *out)
{
    struct mv_bytes text = mv_bytes_trim(said);

    if (text.len == 0)
        return;
    mv_buf_puts(out, ", and says: ");
    mv_buf_put_escaped(out, mv_bytes_slice(text, 0, MAX_SAID_BYTES));
}

static enum mv_post_outcome explain(const struct mv_post *post, const char *program,
                                    const struct mv_child_result *result, struct mv_bytes output,
                                    struct mv_error *error)
{
    struct mv_buf said;
    const char *text;

    if (result->end == MV_CHILD_EXITED && result->status == 0)
        return MV_POST_TAKEN;
    if (result->end == MV_CHILD_MISSING) {
        mv_error_set(error, MV_ERR_CONFIG, "%s cannot be started: %s; set sendmail in [report]", program,
                     strerror(result->status));
        return MV_POST_BROKEN;
    }
    mv_buf_init(&said, 5 * MAX_SAID_BYTES);
    put_said(output, &said);
    text = mv_buf_cstr(&said) == NULL ? "" : mv_buf_cstr(&said);
    if (result->end == MV_CHILD_LATE)
        mv_error_set(error, MV_ERR_IO, "%s did not take the mail within %u seconds%s", program,
                     post->wait_secs, text);
    else if (result->end == MV_CHILD_KILLED)
        mv_error_set(error, MV_ERR_IO, "%s was ended by signal %d%s", program, result->status, text);
    else
        mv_error_set(error, MV_ERR_IO, "%s exited with status %d%s", program, result->status, text);
    mv_buf_free(&said);
    return MV_POST_REFUSED;
}

static enum mv_post_outcome run(const struct mv_post *post, const char *program, const char *sender,
                                struct mv_bytes text, struct mv_error *error)
{
    const char *const argv[] = {program, "-i", "-f", sender, "-t", NULL};
    static const char *const envp[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                       "LC_ALL=C", NULL};
    struct mv_child child = {argv, envp, text, post->wait_secs * 1000};
    struct mv_child_result result;
    enum mv_post_outcome outcome = MV_POST_BROKEN;
    struct mv_buf output;
    enum mv_code code;

    mv_buf_init(&output, MV_CHILD_MAX_OUTPUT_BYTES);
    code = mv_child_run(&child, &output, &result);
    if (code == MV_OK)
        outcome = explain(post, program, &result, mv_buf_bytes(&output), error);
    else
        mv_error_set(error, code, "a program cannot be run: %s", mv_code_text(code));
    mv_buf_free(&output);
    return outcome;
}

enum mv_post_outcome mv_post_hand_over(struct mv_post *post, struct mv_bytes sender, struct mv_bytes message,
                                       struct mv_error *error)
{
    struct mv_buf text, program, from;
    enum mv_post_outcome outcome = MV_POST_BROKEN;

    mv_buf_init(&text, MAX_MAIL_BYTES);
    mv_buf_init(&program, 8192);
    mv_buf_init(&from, 1024);
    put_lines(message, &text);
    mv_buf_put(&program, post->settings->report.sendmail);
    mv_buf_put(&from, sender.len == 0 ? MV_BYTES("<>") : sender);
    if (mv_buf_failed(&text) || mv_buf_cstr(&program) == NULL || mv_buf_cstr(&from) == NULL)
        mv_error_set(error, MV_ERR_MEMORY, "no memory for a mail");
    else
        outcome = run(post, mv_buf_cstr(&program), mv_buf_cstr(&from), mv_buf_bytes(&text), error);
    mv_buf_free(&text);
    mv_buf_free(&program);
    mv_buf_free(&from);
    return outcome;
}

void mv_post_end(struct mv_post *post)
{
    mv_engine_close(&post->engine);
}
