/* The files of a zip file, by the module that has them. */
#include "core/report/module.h"

enum mv_code mv_zip_unpack(int fd, uint64_t packed_bytes, const struct mv_zip_sink *sink, struct mv_error *error)
{
    static const struct mv_module_name name = {"mailvouch-zip.so", "a zip file", "libarchive"};
    const struct mv_module *module;
    enum mv_code code = mv_module_load(&name, &module, error);

    return code == MV_OK ? module->unpack_zip(fd, packed_bytes, sink, error) : code;
}
