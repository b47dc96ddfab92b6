/*
 * What the HMAC of a hand-over is made over (core/auth/handover.h).  Private to core/auth.
 */
#ifndef MV_AUTH_HANDOVER_COVER_H
#define MV_AUTH_HANDOVER_COVER_H

#include "core/auth/handover.h"

/*
 * signed_text: the field's value before h.  MV_OK; MV_ERR_USAGE without a body hash; MV_ERR_MEMORY, MV_ERR_CRYPTO.
 */
enum mv_code mv_handover_mac(struct mv_bytes signed_text, struct mv_bytes authserv_id,
                             const struct mv_handover_cover *cover, const struct mv_handover_key *key,
                             unsigned char mac_r[MV_SHA256_BYTES]);

#endif
