#include "core/keys/place.h"

#include "core/base/trace.h"
#include "core/keys/state_file.h"

enum mv_code mv_key_place_find(const struct mv_key_store *store, struct mv_bytes domain, struct mv_key_place *place_r,
                               struct mv_error *error)
{
    *place_r = (struct mv_key_place){.dir = {.fd = -1}};
    mv_buf_init(&place_r->path, MV_KEYS_MAX_PATH_BYTES);
    if (!mv_key_domain_is_normal(domain))
        return mv_error_set(error, MV_ERR_USAGE, "not the normal form of a domain's name");
    mv_buf_printf(&place_r->path, "%s/%.*s", store->directory, MV_ARG(domain));
    return mv_buf_cstr(&place_r->path) == NULL ? mv_error_set(error, MV_ERR_MEMORY, "no memory for a path") : MV_OK;
}

/* The directory above is looked at too: who may write there could put another one in its place. */
enum mv_code mv_key_place_open(const struct mv_key_store *store, struct mv_bytes domain, struct mv_key_place *place_r,
                               struct mv_error *error)
{
    enum mv_code code = mv_key_place_find(store, domain, place_r, error);
    struct mv_keys_dir base;

    if (code != MV_OK)
        return code;
    code = mv_keys_dir_open(store->directory, &base, error);
    if (code != MV_OK || base.fd < 0)
        return code;
    mv_keys_dir_close(&base);
    return mv_keys_dir_open(mv_buf_cstr(&place_r->path), &place_r->dir, error);
}

void mv_key_place_close(struct mv_key_place *place)
{
    mv_keys_dir_close(&place->dir);
    mv_buf_free(&place->path);
}
