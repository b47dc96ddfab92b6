#include "mv-config.h"

#include "core/report/module.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "core/base/self.h"

#define WHERE_BUILT "core/report/.libs/"

/* The path; NULL with a sentence. */
static const char *find(struct mv_buf *path, const struct mv_module_name *name, struct mv_error *error)
{
    mv_buf_init(path, MV_SELF_MAX_BYTES);
    if (mv_self_beside(WHERE_BUILT, path)) {
        mv_buf_puts(path, name->file);
        if (mv_buf_cstr(path) != NULL && access(mv_buf_cstr(path), F_OK) == 0)
            return mv_buf_cstr(path);
    }
    mv_buf_reset(path);
    mv_buf_printf(path, "%s/%s", MV_PKGLIBDIR, name->file);
    if (mv_buf_cstr(path) == NULL)
        mv_error_set(error, MV_ERR_MEMORY, "no memory");
    else if (access(mv_buf_cstr(path), F_OK) != 0)
        mv_error_set(error, MV_ERR_CONFIG, "%s needs %s, which is not there: install that part of mailvouch, or build "
                     "mailvouch with %s", name->purpose, mv_buf_cstr(path), name->library);
    else
        return mv_buf_cstr(path);
    return NULL;
}

static enum mv_code load(const char *path, const struct mv_module_name *name, const struct mv_module **module_r,
                         struct mv_error *error)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct mv_module *module = handle == NULL ? NULL : dlsym(handle, MV_MODULE_SYMBOL);
    const char *said = module == NULL ? dlerror() : NULL;

    if (module == NULL)
        return mv_error_set(error, MV_ERR_CONFIG, "%s needs %s, which cannot be loaded: %s", name->purpose, path,
                            said == NULL ? "it is no module of mailvouch" : said);
    if (strcmp(module->version, PACKAGE_VERSION) != 0)
        return mv_error_set(error, MV_ERR_CONFIG, "%s is of mailvouch %s, and the command of %s: install both of the "
                            "same version", path, module->version, PACKAGE_VERSION);
    *module_r = module;
    return MV_OK;
}

enum mv_code mv_module_load(const struct mv_module_name *name, const struct mv_module **module_r,
                            struct mv_error *error)
{
    struct mv_error why = {MV_OK, ""};
    struct mv_buf buf;
    const char *path = find(&buf, name, &why);
    enum mv_code code = path == NULL ? why.code : load(path, name, module_r, &why);

    mv_buf_free(&buf);
    return code == MV_OK ? MV_OK : mv_error_set(error, code, "%s", why.text);
}
