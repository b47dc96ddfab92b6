#include "core/report/intake.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/ascii.h"
#include "core/report/gunzip.h"
#include "core/report/mime.h"
#include "core/report/xml_text.h"
#include "core/report/zip.h"

#define PEEK_BYTES 64
#define FAILURE_ARENA_BYTES (512 * 1024)

enum layer_kind {
    LAYER_UNKNOWN, /* the first bytes are awaited */
    LAYER_GZIP,
    LAYER_ZIP,
    LAYER_MAIL,
    LAYER_AGGREGATE,
    LAYER_TEXT,    /* TLS or failure report: read whole */
    LAYER_SPENT    /* what there was to say of it is said */
};

/* What one layer unpacks, the next one reads. */
struct layer {
    struct mv_intake *intake;
    size_t depth;
    enum layer_kind kind;
    bool is_feedback; /* a message/feedback-report, by its type */
    bool is_optional; /* one of many parts of a mail, or files of a zip: no fault when it is no report */
    unsigned char name[MV_INTAKE_MAX_NAME_BYTES]; /* of the part, or file */
    struct mv_bytes outer_name; /* of what that is in */
    unsigned items_before;      /* of which something was said */
    unsigned char peek[PEEK_BYTES];
    size_t peek_len;
    struct mv_gunzip *gunzip;
    struct mv_zip *zip;
    struct mv_mime *mime;
    struct mv_aggregate *aggregate;
    struct mv_buf text;
};

struct mv_intake {
    struct mv_intake_sink sink;
    enum mv_code code; /* of the sink */
    struct mv_intake_item item;
    bool item_begun;
    unsigned items; /* of which something was said */
    struct layer layers[MV_INTAKE_MAX_DEPTH];
};

static void feed_layer(struct layer *layer, struct mv_bytes bytes);
static void end_layer(struct layer *layer);

static void take_code(struct mv_intake *intake, enum mv_code code)
{
    if (intake->code == MV_OK)
        intake->code = code;
}

static void open_layer(struct mv_intake *intake, size_t depth)
{
    struct layer *layer = &intake->layers[depth];

    *layer = (struct layer){.intake = intake, .depth = depth};
    mv_buf_init(&layer->text, MV_TLSRPT_MAX_BYTES);
}

static void close_layer(struct layer *layer)
{
    mv_gunzip_free(&layer->gunzip);
    mv_zip_free(&layer->zip);
    mv_mime_free(&layer->mime);
    mv_aggregate_free(&layer->aggregate);
    mv_buf_free(&layer->text);
}

static void begin_item(struct mv_intake *intake, enum mv_report_kind kind)
{
    intake->item.kind = kind;
    intake->item_begun = true;
    take_code(intake, intake->sink.begin(intake->sink.to, &intake->item));
}

/* Says what became of the item, once. A code of the sink itself is no fault of the report. */
static void conclude(struct layer *layer, const struct mv_error *fault)
{
    struct mv_intake *intake = layer->intake;
    const struct mv_aggregate_totals *totals = NULL;

    if (layer->kind == LAYER_AGGREGATE)
        totals = mv_aggregate_totals(layer->aggregate);
    layer->kind = LAYER_SPENT;
    if (intake->code != MV_OK || intake->items == MV_INTAKE_MAX_REPORTS)
        return;
    if (fault->code == MV_ERR_MEMORY) {
        intake->code = MV_ERR_MEMORY;
        return;
    }
    intake->items++;
    if (!intake->item_begun)
        intake->item.kind = MV_REPORT_KIND_NONE;
    take_code(intake, intake->sink.end(intake->sink.to, &intake->item, fault, totals));
    intake->item_begun = false;
}

static void conclude_fault(struct layer *layer, enum mv_code code, const char *sentence)
{
    struct mv_error fault;

    mv_error_set(&fault, code, "%s", sentence);
    conclude(layer, &fault);
}

/* A container that broke takes along what is being read in it. */
static void break_layer(struct layer *layer, const struct mv_error *fault)
{
    struct layer *inner = layer;

    while (inner->depth + 1 < MV_INTAKE_MAX_DEPTH && layer->intake->layers[inner->depth + 1].intake != NULL &&
           (inner->kind == LAYER_GZIP || inner->kind == LAYER_ZIP))
        inner = &layer->intake->layers[inner->depth + 1];
    if (inner->kind != LAYER_SPENT || inner == layer)
        conclude(inner, fault);
    else if (inner->is_optional)
        conclude(layer, fault);
    layer->kind = LAYER_SPENT;
}

static enum mv_code flow_to_inner(void *to, struct mv_bytes bytes)
{
    struct layer *inner = to;

    feed_layer(inner, bytes);
    return inner->intake->code;
}

static struct layer *open_inner(struct layer *layer)
{
    open_layer(layer->intake, layer->depth + 1);
    return &layer->intake->layers[layer->depth + 1];
}

/* One part of a mail, or file of a zip. */
static struct layer *begin_inner(struct layer *layer, struct mv_bytes name)
{
    struct layer *inner = open_inner(layer);
    struct mv_intake_item *item = &layer->intake->item;

    inner->is_optional = true;
    inner->outer_name = item->name;
    item->name = mv_bytes_slice(name, 0, MV_INTAKE_MAX_NAME_BYTES);
    if (item->name.len > 0)
        memcpy(inner->name, item->name.data, item->name.len);
    item->name.data = inner->name;
    return inner;
}

/* And all that is open in it. */
static void close_inner(struct layer *layer)
{
    for (size_t i = layer->depth + 1; i < MV_INTAKE_MAX_DEPTH; i++) {
        struct layer *inner = &layer->intake->layers[i];

        if (inner->intake != NULL)
            close_layer(inner);
        inner->intake = NULL;
    }
}

/* Types and names that reports come with; many send application/octet-stream. */
static bool is_wanted(const struct mv_mime_part *part)
{
    static const char *const suffixes[] = {".xml", ".gz", ".gzip", ".zip", ".json"};
    bool is_text = mv_bytes_has_prefix_nocase(part->type, MV_BYTES("text/")) &&
                   !mv_bytes_equal(part->type, MV_BYTES("text/xml"));

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (mv_bytes_has_suffix_nocase(part->name, mv_bytes_str(suffixes[i])))
            return true;
    return !is_text && (mv_bytes_has_prefix_nocase(part->type, MV_BYTES("application/")) ||
                        mv_bytes_equal(part->type, MV_BYTES("text/xml")) ||
                        mv_bytes_equal(part->type, MV_BYTES("message/feedback-report")));
}

static enum mv_code begin_part(void *to, const struct mv_mime_part *part, bool *wanted_r)
{
    struct layer *mail = to;
    struct mv_intake *intake = mail->intake;
    struct layer *inner;

    *wanted_r = is_wanted(part);
    if (!*wanted_r)
        return MV_OK;
    intake->item.in_attached_mail = part->in_attached_mail;
    inner = begin_inner(mail, part->name);
    inner->is_feedback = mv_bytes_equal(part->type, MV_BYTES("message/feedback-report"));
    return MV_OK;
}

static enum mv_code part_data(void *to, struct mv_bytes bytes)
{
    struct layer *mail = to;

    return flow_to_inner(&mail->intake->layers[mail->depth + 1], bytes);
}

static enum mv_code end_part(void *to, enum mv_code fault)
{
    struct layer *mail = to;
    struct layer *inner = &mail->intake->layers[mail->depth + 1];
    struct mv_error error;

    if (fault == MV_OK) {
        end_layer(inner);
    } else {
        mv_error_set(&error, fault, "the part of the mail is not encoded as it says");
        break_layer(inner, &error);
    }
    mail->intake->item.name = inner->outer_name;
    close_inner(mail);
    mail->intake->item.in_attached_mail = false;
    return mail->intake->code;
}

static enum mv_code begin_file(void *to, struct mv_bytes name)
{
    struct layer *zip = to;

    begin_inner(zip, name);
    return MV_OK;
}

static enum mv_code file_data(void *to, struct mv_bytes bytes)
{
    struct layer *zip = to;

    return flow_to_inner(&zip->intake->layers[zip->depth + 1], bytes);
}

static enum mv_code end_file(void *to)
{
    struct layer *zip = to;
    struct layer *inner = &zip->intake->layers[zip->depth + 1];

    end_layer(inner);
    zip->intake->item.name = inner->outer_name;
    close_inner(zip);
    return zip->intake->code;
}

bool mv_intake_is_mail(struct mv_bytes peek)
{
    struct mv_cursor c = mv_cursor_of(peek);
    struct mv_bytes name = mv_cursor_take_while(&c, MV_ASCII_FTEXT);

    if (mv_bytes_has_prefix_nocase(peek, MV_BYTES("From ")))
        return true;
    if (name.len == 0 || name.data[0] == '{' || name.data[0] == '<')
        return false; /* JSON and XML have colons, too */
    mv_cursor_take_while(&c, MV_ASCII_WSP);
    return mv_cursor_peek(&c) == ':';
}

static enum layer_kind recognise(const struct layer *layer, struct mv_bytes peek)
{
    struct mv_cursor c = mv_cursor_of(peek);

    if (layer->is_feedback)
        return LAYER_TEXT;
    if (mv_bytes_has_prefix_nocase(peek, MV_BYTES("\x1f\x8b")))
        return LAYER_GZIP;
    if (mv_bytes_has_prefix_nocase(peek, MV_BYTES("PK\x03\x04")))
        return LAYER_ZIP;
    mv_cursor_accept_nocase(&c, MV_BYTES("\xef\xbb\xbf"));
    mv_cursor_take_while(&c, MV_ASCII_FWS);
    if (mv_cursor_peek(&c) == '<' || mv_xml_text_is_utf16(peek))
        return LAYER_AGGREGATE;
    if (mv_cursor_peek(&c) == '{')
        return LAYER_TEXT;
    return layer->depth == 0 && mv_intake_is_mail(peek) ? LAYER_MAIL : LAYER_SPENT;
}

/* A sink that fails is told apart from a report with a fault. */
static enum mv_code give_head(void *to, const struct mv_aggregate_head *head)
{
    struct mv_intake *intake = to;

    take_code(intake, intake->sink.head(intake->sink.to, head));
    return intake->code;
}

static enum mv_code give_record(void *to, const struct mv_aggregate_head *head,
                                const struct mv_aggregate_record *record)
{
    struct mv_intake *intake = to;

    take_code(intake, intake->sink.record(intake->sink.to, head, record));
    return intake->code;
}

/* What unpacks or reads it; false without memory. */
static bool equip(struct layer *layer, struct mv_error *error)
{
    struct mv_intake *intake = layer->intake;
    struct mv_flow flow = {flow_to_inner, &intake->layers[(layer->depth + 1) % MV_INTAKE_MAX_DEPTH]};
    struct mv_mime_sink mime_sink = {begin_part, part_data, end_part, layer};
    struct mv_zip_sink zip_sink = {begin_file, file_data, end_file, layer};
    struct mv_aggregate_sink aggregate_sink = {give_head, give_record, intake};

    mv_error_set(error, MV_ERR_MEMORY, "no memory");
    switch (layer->kind) {
    case LAYER_GZIP:
        return (layer->gunzip = mv_gunzip_new(&flow)) != NULL;
    case LAYER_ZIP:
        return (layer->zip = mv_zip_new(&zip_sink, error)) != NULL;
    case LAYER_MAIL:
        intake->item.in_mail = true;
        return (layer->mime = mv_mime_new(&mime_sink)) != NULL;
    case LAYER_AGGREGATE:
        return (layer->aggregate = mv_aggregate_new(&aggregate_sink)) != NULL;
    case LAYER_TEXT:
    case LAYER_UNKNOWN:
    case LAYER_SPENT:
        break;
    }
    return true;
}

static void decide(struct layer *layer)
{
    struct mv_bytes peek = mv_bytes_of(layer->peek, layer->peek_len);
    struct mv_error error;

    layer->kind = recognise(layer, peek);
    if (layer->kind != LAYER_SPENT && layer->intake->items + 1 >= MV_INTAKE_MAX_REPORTS) {
        layer->kind = LAYER_SPENT;
        conclude_fault(layer, MV_ERR_LIMIT, "more reports than one file may have: the rest is not read");
        return;
    }
    if (layer->kind == LAYER_SPENT) {
        if (!layer->is_optional)
            conclude_fault(layer, MV_ERR_SYNTAX, peek.len == 0 ? "empty" : "neither a report nor gzip, zip or a mail");
        return;
    }
    if ((layer->kind == LAYER_GZIP || layer->kind == LAYER_ZIP) && layer->depth + 1 == MV_INTAKE_MAX_DEPTH) {
        conclude_fault(layer, MV_ERR_LIMIT, "too many archives within each other");
        return;
    }
    if (!equip(layer, &error)) {
        conclude(layer, &error);
        return;
    }
    layer->items_before = layer->intake->items;
    if (layer->kind == LAYER_GZIP)
        open_inner(layer);
    else if (layer->kind == LAYER_AGGREGATE)
        begin_item(layer->intake, MV_REPORT_AGGREGATE);
    else if (layer->kind == LAYER_TEXT)
        begin_item(layer->intake, layer->is_feedback ? MV_REPORT_FAILURE : MV_REPORT_TLS);
    feed_layer(layer, peek);
}

static void feed_known(struct layer *layer, struct mv_bytes bytes)
{
    struct mv_error error = {MV_OK, ""};

    switch (layer->kind) {
    case LAYER_GZIP:
        mv_gunzip_feed(layer->gunzip, bytes, &error);
        break;
    case LAYER_ZIP:
        mv_zip_feed(layer->zip, bytes, &error);
        break;
    case LAYER_MAIL:
        mv_mime_feed(layer->mime, bytes, &error);
        break;
    case LAYER_AGGREGATE:
        mv_aggregate_feed(layer->aggregate, bytes, &error);
        break;
    case LAYER_TEXT:
        mv_buf_put(&layer->text, bytes);
        if (mv_buf_failed(&layer->text))
            mv_error_set(&error, MV_ERR_LIMIT, "larger than a report of this kind may be");
        break;
    case LAYER_UNKNOWN:
    case LAYER_SPENT:
        break;
    }
    if (error.code != MV_OK)
        break_layer(layer, &error);
}

static void feed_layer(struct layer *layer, struct mv_bytes bytes)
{
    if (layer->kind == LAYER_UNKNOWN) {
        struct mv_bytes head = mv_bytes_slice(bytes, 0, PEEK_BYTES - layer->peek_len);

        if (head.len > 0)
            memcpy(layer->peek + layer->peek_len, head.data, head.len);
        layer->peek_len += head.len;
        if (layer->peek_len < PEEK_BYTES)
            return;
        bytes = mv_bytes_slice(bytes, head.len, bytes.len);
        decide(layer);
    }
    if (bytes.len > 0 && layer->intake->code == MV_OK)
        feed_known(layer, bytes);
}

static void read_failure(struct layer *layer)
{
    struct mv_intake *intake = layer->intake;
    struct mv_arena *arena = mv_arena_new(FAILURE_ARENA_BYTES);
    struct mv_error error = {MV_ERR_MEMORY, ""};
    struct mv_failure failure;
    struct mv_bytes text = mv_buf_bytes(&layer->text);

    if (arena != NULL)
        error.code = MV_OK;
    if (error.code == MV_OK && text.len > MV_FAILURE_MAX_BYTES)
        mv_error_set(&error, MV_ERR_LIMIT, "a failure report of more than 64 KiB");
    if (error.code == MV_OK && mv_failure_parse(arena, text, &failure, &error) == MV_OK)
        take_code(intake, intake->sink.failure(intake->sink.to, &failure));
    mv_arena_free(&arena);
    conclude(layer, &error);
}

static void read_tls(struct layer *layer)
{
    struct mv_intake *intake = layer->intake;
    struct mv_tls_sink sink = {intake->sink.tls_policy, intake->sink.tls_failure, intake->sink.to};
    struct mv_error error = {MV_OK, ""};
    enum mv_code code = mv_tlsrpt_read(mv_buf_bytes(&layer->text), &sink, &error);

    if (code != MV_OK && error.code == MV_OK)
        take_code(intake, code);
    conclude(layer, &error);
}

static void end_gzip(struct layer *layer)
{
    struct mv_error error = {MV_OK, ""};
    enum mv_code code = mv_gunzip_end(layer->gunzip, &error);

    if (layer->intake->code != MV_OK)
        layer->kind = LAYER_SPENT;
    else if (code == MV_OK)
        end_layer(&layer->intake->layers[layer->depth + 1]);
    else
        break_layer(layer, &error);
    close_inner(layer);
}

/* All files of it are read now. */
static void end_zip(struct layer *layer)
{
    struct mv_bytes name = layer->intake->item.name;
    struct mv_error error = {MV_OK, ""};
    enum mv_code code = mv_zip_end(layer->zip, &error);

    if (layer->intake->code != MV_OK)
        layer->kind = LAYER_SPENT;
    else if (code != MV_OK)
        break_layer(layer, &error);
    else if (layer->intake->items == layer->items_before)
        conclude_fault(layer, MV_ERR_SYNTAX, "no report in this zip file");
    layer->intake->item.name = name;
    close_inner(layer);
}

static void end_mail(struct layer *layer)
{
    struct mv_error error = {MV_OK, ""};

    if (mv_mime_end(layer->mime, &error) != MV_OK)
        break_layer(layer, &error);
    else if (layer->intake->items == 0)
        conclude_fault(layer, MV_ERR_SYNTAX, "no report in this mail");
}

static void end_layer(struct layer *layer)
{
    struct mv_error error = {MV_OK, ""};

    if (layer->kind == LAYER_UNKNOWN)
        decide(layer);
    if (layer->intake->code != MV_OK)
        return;
    switch (layer->kind) {
    case LAYER_GZIP:
        end_gzip(layer);
        break;
    case LAYER_ZIP:
        end_zip(layer);
        break;
    case LAYER_MAIL:
        end_mail(layer);
        break;
    case LAYER_AGGREGATE:
        mv_aggregate_end(layer->aggregate, &error);
        conclude(layer, &error);
        break;
    case LAYER_TEXT:
        if (layer->is_feedback)
            read_failure(layer);
        else
            read_tls(layer);
        break;
    case LAYER_UNKNOWN:
    case LAYER_SPENT:
        break;
    }
}

struct mv_intake *mv_intake_new(const struct mv_intake_sink *sink)
{
    struct mv_intake *intake = calloc(1, sizeof *intake);

    if (intake == NULL)
        return NULL;
    intake->sink = *sink;
    open_layer(intake, 0);
    return intake;
}

enum mv_code mv_intake_feed(struct mv_intake *intake, struct mv_bytes bytes)
{
    if (intake->code == MV_OK)
        feed_layer(&intake->layers[0], bytes);
    return intake->code;
}

enum mv_code mv_intake_end(struct mv_intake *intake)
{
    if (intake->code == MV_OK)
        end_layer(&intake->layers[0]);
    return intake->code;
}

void mv_intake_free(struct mv_intake **intake)
{
    if (*intake == NULL)
        return;
    for (size_t i = 0; i < MV_INTAKE_MAX_DEPTH; i++)
        if ((*intake)->layers[i].intake != NULL)
            close_layer(&(*intake)->layers[i]);
    free(*intake);
    *intake = NULL;
}

const char *mv_report_kind_text(enum mv_report_kind kind)
{
    static const char *const texts[] = {"", "aggregate", "failure", "tls"};

    return (size_t)kind < sizeof texts / sizeof *texts ? texts[kind] : "";
}
