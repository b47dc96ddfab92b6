#include "mv-config.h"

#include "core/base/self.h"

#include <unistd.h>

#define SELF "/proc/self/exe"

bool mv_self_beside(const char *name, struct mv_buf *path_r)
{
    char self[MV_SELF_MAX_BYTES];
    ssize_t len = readlink(SELF, self, sizeof self);
    struct mv_bytes path = mv_bytes_of(self, len < 0 ? 0 : (size_t)len);
    size_t slash = mv_bytes_find_last(path, '/');

    if (slash == path.len || path.len == sizeof self)
        return false;
    mv_buf_put(path_r, mv_bytes_slice(path, 0, slash + 1));
    mv_buf_puts(path_r, name);
    return mv_buf_cstr(path_r) != NULL;
}
