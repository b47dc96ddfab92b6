#include "lmtp-hook/origin.h"

#include "core/config/received_by.h"

/* NULL when there is none, or more than one. */
static const struct mv_field *only_field(const struct mv_field *fields, size_t count, struct mv_bytes name)
{
    const struct mv_field *found = NULL;

    for (size_t i = 0; i < count; i++) {
        if (!mv_field_is(&fields[i], name))
            continue;
        if (found != NULL)
            return NULL;
        found = &fields[i];
    }
    return found;
}

static const struct mv_field *first_field(const struct mv_field *fields, size_t count, struct mv_bytes name)
{
    for (size_t i = 0; i < count; i++)
        if (mv_field_is(&fields[i], name))
            return &fields[i];
    return NULL;
}

static bool from_received(const struct mv_settings *settings, const struct mv_field *field, struct mv_client *client_r)
{
    struct mv_received received;

    if (field == NULL || !mv_received_by_ours(settings, field->value, &received) ||
        !mv_client_set_helo(client_r, received.helo))
        return false;
    client_r->source = MV_CLIENT_BY_RECEIVED;
    client_r->ip = received.ip;
    client_r->authenticated = received.authenticated;
    return true;
}

void mv_origin_find(const struct mv_settings *settings, enum mv_session_trust trust, const struct mv_client *told,
                    const struct mv_field *fields, size_t count, struct mv_client *client_r)
{
    const struct mv_field *field = only_field(fields, count, MV_BYTES(MV_CLIENT_FIELD));

    *client_r = *told;
    if (told->source != MV_CLIENT_UNKNOWN || trust != MV_SESSION_TRUSTED)
        return;
    if (settings->lmtp.client_field && field != NULL && mv_client_take_field(client_r, field->value))
        return;
    from_received(settings, first_field(fields, count, MV_BYTES("Received")), client_r);
}
