#include "core/auth/engine.h"
#include "core/auth/message.h"
#include "core/dns/capture.h"

enum mv_code mv_engine_use_capture(struct mv_engine *engine, struct mv_bytes json, struct mv_error *error)
{
    struct mv_resolver *resolver;
    enum mv_code code = mv_resolver_capture_new(json, &resolver, error);

    if (code != MV_OK)
        return code;
    mv_resolver_free(&engine->resolver);
    engine->resolver = resolver;
    return MV_OK;
}

enum mv_code mv_msg_capture(const struct mv_msg *msg, struct mv_buf *out)
{
    return mv_capture_write(msg->memo, out);
}
