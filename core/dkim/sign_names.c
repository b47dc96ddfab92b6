#include "core/dkim/sign_names.h"

struct row {
    struct mv_bytes name;
    const char *several; /* oversigned: what is said of more than one; NULL: signed as often as it occurs */
    bool may_come_later; /* oversigned only where it is there */
};

#define OVERSIGNED(text) {{(const unsigned char *)(text), sizeof(text) - 1}, "more than one " text " field", false}
/* RFC 6409 8: what is missing of these the next hop may add, and honest mail must not break by it */
#define COMPLETED(text) {{(const unsigned char *)(text), sizeof(text) - 1}, "more than one " text " field", true}
#define SIGNED(text) {{(const unsigned char *)(text), sizeof(text) - 1}, NULL, false}

static const struct row rows[] = {
    OVERSIGNED("From"),
    OVERSIGNED("Sender"),
    OVERSIGNED("Reply-To"),
    OVERSIGNED("To"),
    OVERSIGNED("Cc"),
    OVERSIGNED("Subject"),
    COMPLETED("Date"),
    COMPLETED("Message-ID"),
    OVERSIGNED("In-Reply-To"),
    OVERSIGNED("References"),
    OVERSIGNED("MIME-Version"),
    OVERSIGNED("Content-Type"),
    OVERSIGNED("Content-Transfer-Encoding"),
    SIGNED("Resent-Date"),
    SIGNED("Resent-From"),
    SIGNED("Resent-Sender"),
    SIGNED("Resent-To"),
    SIGNED("Resent-Cc"),
    SIGNED("Resent-Message-ID"),
    SIGNED("List-Id"),
    SIGNED("List-Unsubscribe"),
    SIGNED("List-Unsubscribe-Post"),
    SIGNED("List-Help"),
    SIGNED("List-Post"),
    SIGNED("List-Owner"),
    SIGNED("List-Archive"),
    SIGNED("Feedback-ID"),
    SIGNED("Autocrypt"),
};

static bool has_room(const struct mv_dkim_signed_names *names, const char **reason_r)
{
    *reason_r = "more than 200 header fields would have to be signed";
    return names->name_count < MV_DKIM_MAX_SIGNED_NAMES;
}

/* RFC 6376 5.4.2: from the bottom of the header block upwards. */
static bool add_fields(const struct row *row, const struct mv_field *fields, size_t count,
                       struct mv_dkim_signed_names *names, const char **reason_r)
{
    size_t found = 0;

    for (size_t i = count; i > 0; i--) {
        const struct mv_field *field = &fields[i - 1];

        if (field->name.len != row->name.len || !mv_bytes_equal_nocase(field->name, row->name))
            continue;
        if (row->several != NULL && found > 0) { /* RFC 5322 3.6; RFC 6376 8.15 */
            *reason_r = row->several;
            return false;
        }
        if (!has_room(names, reason_r))
            return false;
        names->names[names->name_count++] = row->name;
        names->fields[names->field_count++] = field;
        found++;
    }
    return true;
}

enum mv_code mv_dkim_sign_names(const struct mv_field *fields, size_t count, struct mv_dkim_signed_names *names_r,
                                const char **reason_r)
{
    names_r->name_count = 0;
    names_r->field_count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t before = names_r->field_count;

        if (!add_fields(&rows[i], fields, count, names_r, reason_r))
            return MV_ERR_SYNTAX;
        if (i == 0 && names_r->field_count == 0) {
            *reason_r = "no From field"; /* RFC 6376 5.4: it must be signed */
            return MV_ERR_SYNTAX;
        }
        if (rows[i].several != NULL && !(rows[i].may_come_later && names_r->field_count == before))
            names_r->names[names_r->name_count++] = rows[i].name;
    }
    *reason_r = NULL;
    return MV_OK;
}
