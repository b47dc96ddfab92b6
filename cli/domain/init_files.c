#include "cli/domain/init_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/input.h"
#include "core/base/buf.h"
#include "core/base/trace.h"
#include "core/config/config.h"

#define EXIM_MACROS MV_DATADIR "/mailvouch/exim4/macros"

/* conf/dovecot/submission-2.3.conf and -2.4.conf without their comments: tests/cli/init.py compares them. */
#define DOVECOT_23 \
    "# mailvouch: sign what users submit; see mailvouch-dovecot(7).\n" \
    "protocol submission {\n" \
    "  mail_plugins = $mail_plugins mailvouch_submission\n" \
    "}\n" \
    "service submission {\n" \
    "  extra_groups = dovecot,mailvouch\n" \
    "}\n"
#define DOVECOT_24 \
    "# mailvouch: sign what users submit; see mailvouch-dovecot(7).\n" \
    "protocol submission {\n" \
    "  mail_plugins {\n" \
    "    mailvouch_submission = yes\n" \
    "  }\n" \
    "}\n" \
    "service submission {\n" \
    "  extra_groups = $SET:default_internal_group mailvouch\n" \
    "}\n"

static bool contains(struct mv_bytes text, const char *mark)
{
    struct mv_bytes wanted = mv_bytes_str(mark);

    for (size_t at = 0; at + wanted.len <= text.len; at++)
        if (mv_bytes_equal(mv_bytes_slice(text, at, at + wanted.len), wanted))
            return true;
    return false;
}

/* Does the file hold the word? A file that is not there holds nothing. */
static bool file_holds(const char *path, const char *word)
{
    struct mv_buf text;
    bool holds = false;

    if (path == NULL || access(path, R_OK) != 0)
        return false;
    mv_buf_init(&text, MV_INIT_MAX_FILE_BYTES);
    if (mv_input_read_file("init", path, &text) == MV_EXIT_OK)
        holds = contains(mv_buf_bytes(&text), word);
    mv_buf_free(&text);
    return holds;
}

static bool is_directory(const char *path)
{
    struct stat status;

    return path != NULL && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool mv_init_domain_file(struct mv_arena *arena, const char *config, struct mv_bytes domain,
                         struct mv_init_file *file_r)
{
    struct mv_bytes path = mv_bytes_str(config == NULL ? MV_CONFIG_DEFAULT_PATH : config);
    size_t slash = mv_bytes_find_last(path, '/');
    struct mv_bytes folder = slash == path.len ? MV_BYTES(".") : mv_bytes_slice(path, 0, slash);

    *file_r = (struct mv_init_file){
        .path = mv_arena_printf(arena, "%.*s/conf.d/%.*s.conf", MV_ARG(folder), MV_ARG(domain)),
        .text = mv_arena_printf(arena, "# One of our domains; see mailvouch.conf(5) for what may be set here.\n"
                                       "[domain %.*s]\n", MV_ARG(domain)),
        .mark = mv_arena_printf(arena, "[domain %.*s]", MV_ARG(domain)),
    };
    return file_r->path != NULL && file_r->text != NULL && file_r->mark != NULL;
}

bool mv_init_exim_file(struct mv_arena *arena, const char *etc, struct mv_init_file *file_r)
{
    const char *folder = mv_arena_printf(arena, "%s/exim4", etc);
    const char *debian = mv_arena_printf(arena, "%s/exim4/update-exim4.conf.conf", etc);
    const char *place = "exim4.conf.localmacros";

    if (!is_directory(folder))
        return false;
    if (file_holds(debian, "dc_use_split_config='true'"))
        place = "conf.d/main/000_localmacros";
    *file_r = (struct mv_init_file){
        .path = mv_arena_printf(arena, "%s/%s", folder, place),
        .text = "MAILVOUCH_SIGN = yes\n.include_if_exists " EXIM_MACROS "\n",
        .mark = "/mailvouch/exim4/macros",
    };
    return file_r->path != NULL;
}

bool mv_init_dovecot_file(struct mv_arena *arena, const char *etc, struct mv_init_file *file_r)
{
    const char *folder = mv_arena_printf(arena, "%s/dovecot", etc);
    const char *main_file = mv_arena_printf(arena, "%s/dovecot/dovecot.conf", etc);

    if (!is_directory(folder))
        return false;
    *file_r = (struct mv_init_file){
        .path = mv_arena_printf(arena, "%s/conf.d/99-mailvouch.conf", folder),
        .text = file_holds(main_file, "dovecot_config_version") ? DOVECOT_24 : DOVECOT_23, /* 2.4 demands that line */
        .mark = "mailvouch_submission",
    };
    return file_r->path != NULL;
}

static bool write_all(int fd, struct mv_bytes text)
{
    while (text.len > 0) {
        ssize_t n = write(fd, text.data, text.len);

        if (n < 0 && errno != EINTR)
            return false;
        text = mv_bytes_slice(text, n < 0 ? 0 : (size_t)n, text.len);
    }
    return fsync(fd) == 0;
}

static enum mv_exit refuse(const struct mv_init_file *file)
{
    int kept = errno;

    fprintf(stderr, "mailvouch init: cannot write %s: %s%s\n", file->path, strerror(kept),
            kept == EACCES || kept == EROFS ? "; run it as root, or look first with --dry-run" : "");
    return kept == EACCES || kept == EROFS ? MV_EXIT_PERMISSION : MV_EXIT_INPUT;
}

/* The directory it is to lie in, when the one above exists. */
static void make_folder(const char *path)
{
    struct mv_bytes name = mv_bytes_str(path);
    struct mv_buf folder;

    mv_buf_init(&folder, name.len + 1);
    mv_buf_put(&folder, mv_bytes_slice(name, 0, mv_bytes_find_last(name, '/')));
    if (mv_buf_cstr(&folder) != NULL)
        (void)mkdir(mv_buf_cstr(&folder), 0755); /* what is wrong with it, the file shows */
    mv_buf_free(&folder);
}

static enum mv_exit make(struct mv_init_file *file)
{
    int fd;
    bool written;

    make_folder(file->path);
    fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return refuse(file);
    written = write_all(fd, mv_bytes_str(file->text));
    written = close(fd) == 0 && written;
    file->state = MV_INIT_WRITTEN;
    if (written)
        return MV_EXIT_OK;
    unlink(file->path);
    return refuse(file);
}

enum mv_exit mv_init_file_put(struct mv_init_file *file, enum mv_init_mode mode)
{
    struct stat status;

    if (lstat(file->path, &status) == 0) {
        file->state = file_holds(file->path, file->mark) ? MV_INIT_THERE : MV_INIT_ADD;
        return MV_EXIT_OK;
    }
    if (errno != ENOENT && errno != ENOTDIR)
        return refuse(file);
    file->state = MV_INIT_PLANNED;
    return mode == MV_INIT_TELL ? MV_EXIT_OK : make(file);
}

const char *mv_init_file_state_text(enum mv_init_file_state state)
{
    switch (state) {
    case MV_INIT_WRITTEN:
        return "written";
    case MV_INIT_THERE:
        return "there";
    case MV_INIT_ADD:
        return "add";
    case MV_INIT_PLANNED:
        break;
    }
    return "planned";
}
