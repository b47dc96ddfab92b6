#include "core/crypto/digest.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/evp.h>

#define MV_DIGEST_POOL_MAX 16

struct mv_digest {
    EVP_MD_CTX *context;
    struct mv_digest *next; /* in the pool */
    bool failed;
};

static pthread_once_t fetch_once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256;

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static struct mv_digest *pool;
static unsigned pool_count;

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static struct mv_digest *take_pooled(void)
{
    struct mv_digest *digest;

    pthread_mutex_lock(&pool_lock);
    digest = pool;
    if (digest != NULL) {
        pool = digest->next;
        pool_count--;
    }
    pthread_mutex_unlock(&pool_lock);
    return digest;
}

static bool give_pooled(struct mv_digest *digest)
{
    bool taken = false;

    pthread_mutex_lock(&pool_lock);
    if (pool_count < MV_DIGEST_POOL_MAX) {
        digest->next = pool;
        pool = digest;
        pool_count++;
        taken = true;
    }
    pthread_mutex_unlock(&pool_lock);
    return taken;
}

static void destroy(struct mv_digest *digest)
{
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

/* Not started. */
static struct mv_digest *take(void)
{
    struct mv_digest *digest = take_pooled();

    if (digest != NULL)
        return digest;
    digest = calloc(1, sizeof *digest);
    if (digest == NULL)
        return NULL;
    digest->context = EVP_MD_CTX_new();
    if (digest->context == NULL) {
        free(digest);
        return NULL;
    }
    return digest;
}

struct mv_digest *mv_digest_new(void)
{
    struct mv_digest *digest;

    pthread_once(&fetch_once, fetch);
    digest = sha256 == NULL ? NULL : take();
    if (digest == NULL)
        return NULL;
    digest->failed = false;
    if (EVP_DigestInit_ex2(digest->context, sha256, NULL) != 1) {
        destroy(digest);
        return NULL;
    }
    return digest;
}

void mv_digest_update(struct mv_digest *digest, struct mv_bytes b)
{
    if (b.len > 0 && EVP_DigestUpdate(digest->context, b.data, b.len) != 1)
        digest->failed = true;
}

struct mv_digest *mv_digest_copy(const struct mv_digest *digest)
{
    struct mv_digest *copy = take();

    if (copy == NULL)
        return NULL;
    copy->failed = EVP_MD_CTX_copy_ex(copy->context, digest->context) != 1 || digest->failed;
    return copy;
}

enum mv_code mv_digest_snapshot(struct mv_digest *digest, unsigned char hash_r[MV_SHA256_BYTES])
{
    struct mv_digest *copy = mv_digest_copy(digest);
    enum mv_code code;

    if (copy == NULL)
        return MV_ERR_MEMORY;
    code = mv_digest_final(copy, hash_r);
    mv_digest_free(&copy);
    return code;
}

enum mv_code mv_digest_final(struct mv_digest *digest, unsigned char hash_r[MV_SHA256_BYTES])
{
    unsigned len = 0;

    if (EVP_DigestFinal_ex(digest->context, hash_r, &len) != 1 || len != MV_SHA256_BYTES)
        digest->failed = true;
    return digest->failed ? MV_ERR_CRYPTO : MV_OK;
}

void mv_digest_free(struct mv_digest **digest)
{
    if (*digest != NULL && ((*digest)->failed || !give_pooled(*digest)))
        destroy(*digest);
    *digest = NULL;
}
