/* What a trusted server says of a client: taken whole, or the client stays as it was. */
#include "lmtp-hook/client.h"
#include "lmtp-hook/xtext.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void check(const struct mv_client *client, const struct mv_client *before, bool taken)
{
    fuzz_require(client->helo_len <= MV_CLIENT_MAX_HELO_BYTES);
    fuzz_require(client->ip.family == MV_IP_NONE || client->ip.family == MV_IP_V4 || client->ip.family == MV_IP_V6);
    fuzz_require(taken ? client->source != MV_CLIENT_UNKNOWN : memcmp(client, before, sizeof *client) == 0);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static const struct mv_client nobody;
    struct mv_bytes input = mv_bytes_of(data, size);
    struct mv_client client;
    struct mv_buf out;
    bool taken;

    for (int kind = MV_CLIENT_XFORWARD; kind <= MV_CLIENT_XCLIENT; kind++) {
        memset(&client, 0, sizeof client);
        taken = mv_client_take_attributes(&client, (enum mv_client_attributes)kind, input);
        check(&client, &nobody, taken);
    }
    taken = mv_client_take_field(&client, input);
    check(&client, &client, taken);
    fuzz_require(taken == (client.ip.family != MV_IP_NONE));
    mv_buf_init(&out, FUZZ_MAX_BYTES);
    if (mv_xtext_decode(input, &out))
        fuzz_require(mv_buf_bytes(&out).len <= size);
    mv_buf_free(&out);
    return 0;
}
