#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mailvouch.h"
#include "tests/bench/bench.h"
#include "tests/bench/responder.h"

#define ROUNDS 5
#define NOW_SECS 1794744000

/* A sender whose mail needs DNS, and the client that sends it. */
struct scene {
    const char *name;
    const char *mail_from;
    size_t signatures;
    void (*put_zone)(struct mv_buf *out); /* beside the key and the DMARC record */
    enum mv_spf_code spf;
};

static void put_entry(struct mv_buf *out, const char *name, const char *type, const char *data)
{
    mv_buf_printf(out, ",\n{\"name\":\"%s\",\"type\":\"%s\",\"rcode\":\"NOERROR\",\"data\":[%s]}", name, type, data);
}

/* The client is in the last of five includes. */
static void put_usual_zone(struct mv_buf *out)
{
    put_entry(out, BENCH_SDID, "TXT",
              "\"v=spf1 a mx include:i1.example.net include:i2.example.net include:i3.example.net "
              "include:i4.example.net include:i5.example.net -all\"");
    put_entry(out, BENCH_SDID, "A", "\"192.0.2.1\"");
    put_entry(out, BENCH_SDID, "MX", "\"10 mx1.example.com\",\"20 mx2.example.com\"");
    put_entry(out, "mx1.example.com", "A", "\"192.0.2.2\"");
    put_entry(out, "mx2.example.com", "A", "\"192.0.2.3\"");
    for (int i = 1; i <= 5; i++) {
        char name[32], text[64];

        snprintf(name, sizeof name, "i%d.example.net", i);
        snprintf(text, sizeof text, "\"v=spf1 ip4:%s -all\"", i == 5 ? "198.51.100.7" : "203.0.113.0/24");
        put_entry(out, name, "TXT", text);
    }
}

static void put_mx(struct mv_buf *out, int mx)
{
    char name[32];
    struct mv_buf hosts;

    mv_buf_init(&hosts, BENCH_MAX_BYTES);
    for (int host = 0; host < 10; host++)
        mv_buf_printf(&hosts, "%s\"10 h%d.m%d.example.com\"", host == 0 ? "" : ",", host, mx);
    snprintf(name, sizeof name, "m%d.example.com", mx);
    put_entry(out, name, "MX", mv_buf_cstr(&hosts));
    for (int host = 0; host < 10; host++) {
        snprintf(name, sizeof name, "h%d.m%d.example.com", host, mx);
        put_entry(out, name, "A", mx == 9 && host == 9 ? "\"198.51.100.7\"" : "\"192.0.2.1\"");
    }
    mv_buf_free(&hosts);
}

/* RFC 7208 4.6.4: ten mechanisms that ask, each with ten hosts. The client is the very last. */
static void put_worst_zone(struct mv_buf *out)
{
    put_entry(out, BENCH_SDID, "TXT",
              "\"v=spf1 mx:m0.example.com mx:m1.example.com mx:m2.example.com mx:m3.example.com mx:m4.example.com "
              "mx:m5.example.com mx:m6.example.com mx:m7.example.com mx:m8.example.com mx:m9.example.com -all\"");
    for (int mx = 0; mx < 10; mx++)
        put_mx(out, mx);
}

static const struct scene scenes[] = {
    {"SPF with a, mx, five includes; two signatures; DMARC", "writer@example.com", 2, put_usual_zone, MV_SPF_PASS},
    {"worst legal SPF: 10 mx of 10 hosts; one signature; DMARC", "writer@example.com", 1, put_worst_zone, MV_SPF_PASS},
};

static void put_zone(const struct scene *scene, struct mv_buf *out)
{
    struct mv_buf key;

    mv_buf_init(&key, BENCH_MAX_BYTES);
    mv_buf_puts(&key, "\"");
    bench_key_record(&key);
    mv_buf_puts(&key, "\"");
    mv_buf_puts(out, "{\"schema\":1,\"answers\":[{\"name\":\"_dmarc." BENCH_SDID "\",\"type\":\"TXT\",\"rcode\":\"NOERROR\","
                     "\"data\":[\"v=DMARC1; p=reject\"]}");
    put_entry(out, BENCH_SELECTOR "._domainkey." BENCH_SDID, "TXT", mv_buf_cstr(&key));
    scene->put_zone(out);
    mv_buf_puts(out, "]}");
    mv_buf_free(&key);
}

static struct mv_engine *open_engine(unsigned port)
{
    char path[] = "/tmp/mv-bench-XXXXXX";
    struct mv_engine *engine;
    struct mv_error error = {0};
    int fd = mkstemp(path);

    bench_require(fd >= 0 && dprintf(fd, "[server]\nauthserv_id = bench.example\nresolver = 127.0.0.1:%u\n", port) > 0,
                  "no configuration");
    close(fd);
    if (mv_engine_open(&engine, path, &error) != MV_OK)
        engine = NULL;
    unlink(path);
    bench_require(engine != NULL, error.text);
    return engine;
}

/* From what SMTP knows before DATA to the verdict, as a front end would: nothing is known from before. */
static double time_verdict(struct mv_engine *engine, const struct scene *scene, struct mv_bytes raw)
{
    struct mv_envelope envelope = {.helo = MV_BYTES("desk.example.com"), .mail_from = mv_bytes_str(scene->mail_from),
                                   .now_secs = NOW_SECS};
    struct mv_error error = {0};
    struct mv_msg *msg;
    double start, secs;

    bench_require(mv_ip_parse(MV_BYTES("198.51.100.7"), &envelope.client_ip), "no address");
    start = bench_now_secs();
    bench_require(mv_msg_begin(engine, &envelope, MV_WANT_CHECKS, &msg, &error) == MV_OK &&
                      mv_msg_start(msg) == MV_OK && mv_msg_feed(msg, raw) == MV_OK && mv_msg_end(msg) == MV_OK &&
                      mv_msg_run(msg, MV_UNTIL_VERDICT) == MV_OK,
                  "no verdict");
    secs = bench_now_secs() - start;
    bench_require(mv_msg_verdict(msg)->spf.code == scene->spf && mv_msg_verdict(msg)->dmarc.code == MV_DMARC_PASS,
                  "the message does not pass");
    mv_msg_free(&msg);
    return secs;
}

static void print_scene(const struct scene *scene, unsigned rtt_msecs)
{
    struct bench_spec spec = {.size_bytes = 10000, .canon = MV_CANON_RELAXED, .signatures = scene->signatures};
    struct mv_buf zone, raw;
    struct responder responder;
    double best = 0;

    mv_buf_init(&zone, BENCH_MAX_BYTES);
    mv_buf_init(&raw, BENCH_MAX_BYTES);
    put_zone(scene, &zone);
    bench_message(&spec, &raw);
    responder = responder_start(mv_buf_bytes(&zone), rtt_msecs);
    for (int i = 0; i < ROUNDS; i++) {
        struct mv_engine *engine = open_engine(responder.port);
        double secs = time_verdict(engine, scene, mv_buf_bytes(&raw));

        best = i == 0 || secs < best ? secs : best;
        mv_engine_close(&engine);
    }
    responder_stop(&responder);
    printf("%-58s %8.1f %8.2f\n", scene->name, best * 1e3, best * 1e3 / rtt_msecs);
    mv_buf_free(&zone);
    mv_buf_free(&raw);
}

void bench_dns(unsigned rtt_msecs)
{
    printf("\nWall time from MAIL FROM to the verdict, nothing cached, %u ms for each answer; best of %d.\n\n", rtt_msecs,
           ROUNDS);
    printf("%-58s %8s %8s\n", "", "ms", "x RTT");
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++)
        print_scene(&scenes[i], rtt_msecs);
}
