/*
 * Files of configuration that "mailvouch init" makes: only where there is none.
 */
#ifndef MV_CLI_DOMAIN_INIT_FILES_H
#define MV_CLI_DOMAIN_INIT_FILES_H

#include "cli/exit_code.h"
#include "core/base/arena.h"

#define MV_INIT_MAX_FILE_BYTES (4 * 1024 * 1024)

enum mv_init_file_state {
    MV_INIT_WRITTEN,
    MV_INIT_THERE,  /* it has what is needed already */
    MV_INIT_ADD,    /* it exists and has it not: somebody else's, who is told what to add */
    MV_INIT_PLANNED /* --dry-run: it would be written */
};

enum mv_init_mode { MV_INIT_DO, MV_INIT_TELL };

struct mv_init_file {
    const char *path;
    const char *text;
    const char *mark; /* what a file holds that has what is needed */
    enum mv_init_file_state state;
};

/* The file of one domain in conf.d beside the configuration (NULL: the default one). */
bool mv_init_domain_file(struct mv_arena *arena, const char *config, struct mv_bytes domain,
                         struct mv_init_file *file_r);
/* Debian's Exim, split or not, below etc. false: there is none. */
bool mv_init_exim_file(struct mv_arena *arena, const char *etc, struct mv_init_file *file_r);
/* Dovecot's, by the version that its configuration names. false: there is none. */
bool mv_init_dovecot_file(struct mv_arena *arena, const char *etc, struct mv_init_file *file_r);

/* Looks, and writes it where there is none. Never touches one that exists. Says what is wrong. */
enum mv_exit mv_init_file_put(struct mv_init_file *file, enum mv_init_mode mode);
/* "written", "there", "add", "planned" */
const char *mv_init_file_state_text(enum mv_init_file_state state);

#endif
