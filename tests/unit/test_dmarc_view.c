/* What a record comes to, for both generations of receivers. */
#include "core/ops/dmarc_view.h"

#include <string.h>

#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Fates of own / below / missing; NULL: no DMARC. */
static const struct {
    const char *name;
    const char *text;
    const char *now;
    const char *then;
} rows[] = {
    {"plain", "v=DMARC1; p=reject", "reject / reject / reject", "reject / reject / reject"},
    {"RFC 9989 4.10.1 sp", "v=DMARC1; p=reject; sp=none", "reject / none / none", "reject / none / none"},
    {"RFC 9989 4.10.1 np", "v=DMARC1; p=none; np=reject", "none / none / reject", "none / none / none"},
    {"np beside sp", "v=DMARC1; p=none; sp=quarantine; np=reject", "none / quarantine / reject", "none / quarantine / quarantine"},
    {"RFC 9989 4.7 t", "v=DMARC1; p=reject; sp=quarantine; np=none; t=y", "quarantine / none / none", "reject / quarantine / quarantine"},
    {"t=y; pct=0 is the same to both", "v=DMARC1; p=quarantine; t=y; pct=0", "none / none / none", "none / none / none"},
    {"reject; t=y; pct=0 is the same to both", "v=DMARC1; p=reject; t=y; pct=0", "quarantine / quarantine / quarantine",
     "quarantine / quarantine / quarantine"},
    {"RFC 7489 6.6.4 pct", "v=DMARC1; p=reject; pct=20", "reject / reject / reject",
     "reject 20 %, quarantine 80 % / reject 20 %, quarantine 80 % / reject 20 %, quarantine 80 %"},
    {"pct of quarantine", "v=DMARC1; p=quarantine; pct=20", "quarantine / quarantine / quarantine",
     "quarantine 20 %, none 80 % / quarantine 20 %, none 80 % / quarantine 20 %, none 80 %"},
    {"pct of none", "v=DMARC1; p=none; pct=20", "none / none / none", "none / none / none"},
    {"pct that is no number", "v=DMARC1; p=reject; pct=x", "reject / reject / reject", "reject / reject / reject"},
    {"bad p with rua", "v=DMARC1; p=x; rua=mailto:d@example.org", "none / none / none", "none / none / none"},
    {"bad p", "v=DMARC1; p=x", NULL, NULL},
    {"no p", "v=DMARC1", NULL, NULL},
    {"bad np matters to those who read it", "v=DMARC1; p=reject; np=x", NULL, "reject / reject / reject"},
    {"bad sp with rua", "v=DMARC1; p=reject; sp=x; rua=mailto:d@example.org", "none / none / none", "none / none / none"},
};

static void check(const char *name, const struct mv_dmarc_record *record, enum mv_dmarc_generation generation, const char *want)
{
    struct mv_dmarc_view view;
    struct mv_buf out;

    mv_dmarc_look(record, generation, &view);
    ck_assert_msg(view.applies == (want != NULL), "%s", name);
    if (want == NULL)
        return;
    mv_buf_init(&out, 1024);
    for (enum mv_dmarc_author author = MV_DMARC_OWN; author < MV_DMARC_AUTHORS; author++) {
        mv_buf_puts(&out, author == MV_DMARC_OWN ? "" : " / ");
        mv_dmarc_fate_print(view.fates[author], &out);
    }
    ck_assert_msg(strcmp(mv_buf_cstr(&out), want) == 0, "%s: %s", name, mv_buf_cstr(&out));
    mv_buf_free(&out);
}

START_TEST(test_views)
{
    struct mv_dmarc_record record;

    for (size_t i = 0; i < COUNT(rows); i++) {
        ck_assert(mv_dmarc_record_parse(mv_bytes_str(rows[i].text), &record));
        check(rows[i].name, &record, MV_DMARC_RFC9989, rows[i].now);
        check(rows[i].name, &record, MV_DMARC_RFC7489, rows[i].then);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_views};

    return unit_run("dmarc_view", tests, COUNT(tests));
}
