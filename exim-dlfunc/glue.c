/*
 * Exim's side: the functions that Exim finds by name, and host.h over Exim's
 * globals.  The only file that includes Exim's header, which comes last because
 * its macros rename much.
 *
 * ${dlfunc}: an answer is copied by Exim at once.  Answers that hold text of the
 * message are returned tainted, so that Exim will not use them as a file name.
 * ERROR is for wrong use alone: in an ACL it defers the mail and goes to the
 * panic log.  FAIL_FORCED is never returned: "condition =" takes it for true.
 *
 * Not used here, because Exim lives by them: alarm(), signal(), fork(),
 * atexit(), the environment, and close() or lseek() of any descriptor of Exim.
 */
#include "exim-dlfunc/host.h"

#include <errno.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exim-dlfunc/module.h"
#include "exim-dlfunc/submission.h"

#define DLFUNC_IMPL
#include <exim4/local_scan.h>

#define MV_EXPORT __attribute__((visibility("default")))
#define MV_MAX_DESCRIPTORS 4096 /* searched for the spool file */
#define MV_PASSWD_ROOM_BYTES 4096
#define MV_SPOOL_HEAD_BYTES 64  /* "<message id>-D\n" */

MV_EXPORT exim_dlfunc_t mv_begin, mv_spf, mv_check, mv_result, mv_authres, mv_strip, mv_sign, mv_preload,
    mv_version;
MV_EXPORT int local_scan_version_major(void);
MV_EXPORT int local_scan_version_minor(void);
#pragma GCC visibility push(default)
extern int local_scan(int fd, uschar **return_text);
#pragma GCC visibility pop

/* --- host.h over Exim's globals --- */

/* Who runs the command that hands over a message. Held until the next call. */
static const char *local_caller(void)
{
    static char room[MV_PASSWD_ROOM_BYTES];
    const uschar *digits = expand_string(US "$caller_uid");
    struct passwd entry, *found = NULL;
    uint64_t uid;

    if (digits == NULL || !mv_bytes_to_uint(mv_bytes_str(CCS digits), UINT32_MAX, &uid))
        return "";
    if (getpwuid_r((uid_t)uid, &entry, room, sizeof room, &found) != 0 || found == NULL)
        return "";
    return found->pw_name;
}

/* Of local mail Exim sets it itself, but not where a trusted user gives the sender. */
static const char *authenticated_user(void)
{
    const uschar *id = expand_string(US "$authenticated_id");

    if (id != NULL && id[0] != 0)
        return CCS id;
    return sender_host_address == NULL ? local_caller() : "";
}

void mv_host_get_envelope(struct mv_host_envelope *envelope_r)
{
    const uschar *helo = expand_string(US "$sender_helo_name");

    *envelope_r = (struct mv_host_envelope){
        .client_address = CCS sender_host_address,
        .authenticated = CCS sender_host_authenticated,
        .helo = helo == NULL ? "" : CCS helo,
        .mail_from = sender_address == NULL ? "" : CCS sender_address,
        .authenticated_id = authenticated_user(),
    };
}

const char *mv_host_message_id(void)
{
    return message_id == NULL ? "" : CCS message_id;
}

bool mv_host_next_field(struct mv_host_field *field)
{
    const header_line *line = field->handle == NULL ? header_list : ((header_line *)field->handle)->next;

    while (line != NULL && line->text == NULL)
        line = line->next;
    if (line == NULL)
        return false;
    *field = (struct mv_host_field){
        .handle = (void *)line,
        .text = mv_bytes_of(line->text, (size_t)line->slen),
        .removed = line->type == '*',
    };
    return true;
}

void mv_host_remove_field(const struct mv_host_field *field)
{
    ((header_line *)field->handle)->type = '*';
}

void mv_host_add_field_on_top(const char *text)
{
    if (strlen(text) <= MV_HOST_MAX_FIELD_BYTES)
        header_add_at_position(FALSE, NULL, FALSE, ' ', "%s", text);
}

/*
 * Exim has the body's file open under a lock that any close() of it in this
 * process would drop.  So it is found among our descriptors and read with
 * pread(): neither lock nor offset change.  Its first line names the message.
 */
static int find_spool_file(const char *head, ssize_t head_bytes, off_t *size_r)
{
    long max = sysconf(_SC_OPEN_MAX);
    char got[MV_SPOOL_HEAD_BYTES];
    struct stat st;

    if (max < 0 || max > MV_MAX_DESCRIPTORS)
        max = MV_MAX_DESCRIPTORS;
    for (int fd = 0; fd < max; fd++) {
        if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < head_bytes)
            continue;
        if (pread(fd, got, (size_t)head_bytes, 0) != head_bytes || memcmp(got, head, (size_t)head_bytes) != 0)
            continue;
        *size_r = st.st_size;
        return fd;
    }
    return -1;
}

bool mv_host_open_body(struct mv_host_body *body_r)
{
    char head[MV_SPOOL_HEAD_BYTES];
    int n = snprintf(head, sizeof head, "%s-D\n", mv_host_message_id());

    if (mv_host_message_id()[0] == '\0' || n >= (int)sizeof head)
        return false;
    *body_r = (struct mv_host_body){.at = n};
    body_r->fd = find_spool_file(head, n, &body_r->end);
    /* spool_wireformat: Exim keeps what BDAT brought as it came, and does not count its lines */
    body_r->wire_format = body_r->end > n && body_linecount == 0;
    return body_r->fd >= 0;
}

ssize_t mv_host_read_body(struct mv_host_body *body, unsigned char *bytes, size_t size)
{
    size_t left = (size_t)(body->end - body->at);
    ssize_t n;

    do
        n = pread(body->fd, bytes, size < left ? size : left, body->at);
    while (n < 0 && errno == EINTR);
    if (n == 0 && left > 0)
        return -1; /* the file is shorter than it was */
    if (n > 0)
        body->at += n;
    return n;
}

void mv_host_log(enum mv_host_log where, const char *line)
{
    log_write(0, where == MV_HOST_LOG_ALERT ? LOG_MAIN | LOG_PANIC : LOG_MAIN, "%.*s", MV_HOST_MAX_LOG_BYTES, line);
}

/* --- ${dlfunc} --- */

static const char *argument(int argc, uschar *argv[], int n)
{
    return n < argc ? CCS argv[n] : NULL;
}

static int wrong_use(uschar **yield, const char *how)
{
    *yield = string_sprintf("mailvouch: %s", how);
    return ERROR;
}

/* In store of Exim's, so that the buffer can go. */
static int give(uschar **yield, struct mv_buf *answer)
{
    const char *text = mv_buf_cstr(answer);

    *yield = text == NULL ? NULL : string_copy_taint(CUS text, GET_TAINTED);
    mv_buf_free(answer);
    return text == NULL ? wrong_use(yield, "the answer does not fit") : OK;
}

static struct mv_buf new_answer(void)
{
    return (struct mv_buf){.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};
}

int mv_begin(uschar **yield, int argc, uschar *argv[])
{
    struct mv_buf answer = new_answer();

    mv_module_begin(argument(argc, argv, 0), argument(argc, argv, 1), &answer);
    return give(yield, &answer);
}

int mv_spf(uschar **yield, int argc, uschar *argv[])
{
    struct mv_buf answer = new_answer();

    mv_module_spf(argument(argc, argv, 0), &answer);
    return give(yield, &answer);
}

int mv_check(uschar **yield, int argc, uschar *argv[])
{
    struct mv_buf answer = new_answer();

    mv_module_check(argument(argc, argv, 0), argument(argc, argv, 1), &answer);
    return give(yield, &answer);
}

int mv_result(uschar **yield, int argc, uschar *argv[])
{
    struct mv_buf answer = new_answer();

    if (argc == 1 && mv_module_result(CCS argv[0], &answer))
        return give(yield, &answer);
    mv_buf_free(&answer);
    return wrong_use(yield, "mv_result needs the name of one detail, such as spf, reason or sign_reply");
}

int mv_authres(uschar **yield, int argc, uschar *argv[])
{
    struct mv_buf answer = new_answer();

    mv_module_authres(argument(argc, argv, 0), &answer);
    return give(yield, &answer);
}

int mv_strip(uschar **yield, int argc, uschar *argv[])
{
    struct mv_buf answer = new_answer();

    mv_buf_printf(&answer, "%u", mv_module_strip(argument(argc, argv, 0), argument(argc, argv, 1)));
    return give(yield, &answer);
}

int mv_sign(uschar **yield, int argc, uschar *argv[])
{
    struct mv_buf answer = new_answer();

    mv_submission_sign(argument(argc, argv, 0), &answer);
    return give(yield, &answer);
}

/* smtp_accept_max_per_host is expanded in the daemon before each fork: so the answer is the option's value. */
int mv_preload(uschar **yield, int argc, uschar *argv[])
{
    mv_module_preload(argument(argc, argv, 1));
    *yield = argc > 0 ? argv[0] : US "1000";
    return OK;
}

int mv_version(uschar **yield, int argc, uschar *argv[])
{
    (void)argc;
    (void)argv;
    *yield = US mv_engine_version();
    return OK;
}

/* --- local_scan(), where there is no ${dlfunc} --- */

int local_scan_version_major(void)
{
    return LOCAL_SCAN_ABI_VERSION_MAJOR;
}

int local_scan_version_minor(void)
{
    return LOCAL_SCAN_ABI_VERSION_MINOR;
}

int local_scan(int fd, uschar **return_text)
{
    const uschar *how = expand_string(US "${if def:acl_m_mailvouch{$acl_m_mailvouch}}");
    struct mv_buf answer = new_answer();
    enum mv_action action = mv_module_scan(how == NULL ? "" : CCS how, &answer);
    const char *text = mv_buf_cstr(&answer);

    (void)fd; /* the same that mv_host_open_body() finds */
    if (text != NULL && text[0] != '\0')
        *return_text = string_copy_taint(CUS text, GET_TAINTED);
    mv_buf_free(&answer);
    if (action == MV_ACTION_REJECT)
        return LOCAL_SCAN_REJECT;
    return action == MV_ACTION_TEMPFAIL ? LOCAL_SCAN_TEMPREJECT : LOCAL_SCAN_ACCEPT;
}
