#include "tests/unit/handover_site.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/base64.h"

static const char dns[] =
    "{\"schema\":1,\"default\":\"NXDOMAIN\",\"answers\":["
    "{\"name\":\"example.com\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"v=spf1 ip4:192.0.2.1 -all\"]},"
    "{\"name\":\"_dmarc.example.com\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"v=DMARC1; p=quarantine\"]}"
    "]}";

static char directory[] = "/tmp/mv-test-handover-XXXXXX";
static char keys_path[64], config_path[64];
static struct mv_engine *engine;

struct mv_engine *site_engine(void)
{
    return engine;
}

const char *site_keys_path(void)
{
    return keys_path;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, mode), 0);
}

const char *site_config_path(void)
{
    return config_path;
}

void site_write_config(const char *text)
{
    unlink(config_path);
    write_file(config_path, text, 0644);
}

void site_write_keys(const char *text)
{
    unlink(keys_path); /* another file: its stamp is another, however fast it goes */
    if (text != NULL)
        write_file(keys_path, text, 0640);
}

void site_put_key(struct mv_buf *out, const char *role, const char *id, unsigned number)
{
    unsigned char secret[MV_HANDOVER_SECRET_BYTES];

    memset(secret, (int)number, sizeof secret);
    mv_buf_printf(out, "%s %s 1795000000 ", role, id);
    mv_base64_encode(mv_bytes_of(secret, sizeof secret), out);
    mv_buf_putc(out, '\n');
}

void site_use_key(const char *id, unsigned number)
{
    struct mv_buf text;

    mv_buf_init(&text, MV_HANDOVER_MAX_FILE_BYTES);
    site_put_key(&text, "sign", id, number);
    site_write_keys(mv_buf_cstr(&text));
    mv_buf_free(&text);
}

void site_open(const char *settings)
{
    struct mv_error error = {0};
    char text[1024];

    if (keys_path[0] == '\0') {
        ck_assert_ptr_nonnull(mkdtemp(directory));
        snprintf(keys_path, sizeof keys_path, "%s/handover.keys", directory);
        snprintf(config_path, sizeof config_path, "%s/mailvouch.conf", directory);
    }
    mv_engine_close(&engine);
    snprintf(text, sizeof text, "[server]\nauthserv_id = mx.example.org\nhandover_keys = %s\n%s", keys_path, settings);
    site_write_config(text);
    ck_assert_msg(mv_engine_open(&engine, config_path, &error) == MV_OK, "%s", error.text);
    ck_assert_msg(mv_engine_use_capture(engine, mv_bytes_str(dns), &error) == MV_OK, "%s", error.text);
}

void site_close(void)
{
    mv_engine_close(&engine);
    unlink(keys_path);
    unlink(config_path);
    rmdir(directory);
    keys_path[0] = '\0';
    strcpy(directory + sizeof directory - 7, "XXXXXX");
}

static struct mv_msg *begin(const char *client_ip, unsigned want, int64_t now_secs)
{
    struct mv_envelope envelope = {
        .helo = MV_BYTES("client.example"), .mail_from = MV_BYTES("a@example.com"), .now_secs = now_secs};
    struct mv_error error = {0};
    struct mv_msg *msg;

    if (client_ip != NULL)
        ck_assert(mv_ip_parse(mv_bytes_str(client_ip), &envelope.client_ip));
    ck_assert_int_eq(mv_msg_begin(engine, &envelope, want, &msg, &error), MV_OK);
    return msg;
}

static void feed(struct mv_msg *msg, struct mv_bytes text, size_t step)
{
    for (size_t at = 0; at < text.len; at += step)
        ck_assert_int_eq(mv_msg_feed(msg, mv_bytes_slice(text, at, at + step)), MV_OK);
    ck_assert_int_eq(mv_msg_end(msg), MV_OK);
}

void site_border(struct mv_bytes message, const char *client_ip, int64_t now_secs, struct mv_buf *out)
{
    struct mv_msg *msg = begin(client_ip, MV_WANT_CHECKS | MV_WANT_VOUCH, now_secs);

    feed(msg, message, 1 << 16);
    ck_assert_int_eq(mv_msg_run(msg, MV_UNTIL_VERDICT), MV_OK);
    ck_assert_int_eq(mv_msg_authres(msg, NULL, out), MV_OK);
    ck_assert_int_eq(mv_msg_handover(msg, NULL, out), MV_OK);
    mv_buf_put(out, message);
    ck_assert(!mv_buf_failed(out));
    mv_msg_free(&msg);
}

struct mv_msg *site_read(struct mv_bytes message, size_t step, int64_t now_secs)
{
    struct mv_msg *msg = begin(NULL, MV_WANT_CHECKS | MV_WANT_HANDOVER, now_secs);

    feed(msg, message, step);
    return msg;
}
