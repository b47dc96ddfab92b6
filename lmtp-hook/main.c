/*
 * mailvouch-lmtpd: LMTP in, LMTP out, and every message judged and tagged on its way. mailvouch-lmtpd(8).
 */
#include <getopt.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lmtp-hook/log.h"
#include "lmtp-hook/server.h"

enum { EXIT_OK = 0, EXIT_USAGE = 64, EXIT_NO_USER = 67, EXIT_SYSTEM = 71, EXIT_CONFIG = 78 }; /* sysexits.h */

static const char help[] =
    "usage: mailvouch-lmtpd [--config FILE] [--user NAME]\n"
    "\n"
    "  --config FILE   instead of " MV_CONFIG_DEFAULT_PATH "\n"
    "  --user NAME     who to be once the sockets are there, when started by root\n"
    "  --version, --help\n"
    "\n"
    "SIGTERM: finish what is under way, stop; SIGHUP: read the configuration again;\n"
    "SIGUSR1: counters to the log. [lmtp] of the configuration has the settings.\n";

struct options {
    const char *config_path;
    const char *user;
};

/* A status to exit with, or -1 to go on. */
static int read_options(int argc, char **argv, struct options *options_r)
{
    static const struct option table[] = {{"config", required_argument, NULL, 'c'},
                                          {"user", required_argument, NULL, 'u'},
                                          {"version", no_argument, NULL, 'v'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "c:u:h", table, NULL)) != -1) {
        switch (option) {
        case 'c':
            options_r->config_path = optarg;
            break;
        case 'u':
            options_r->user = optarg;
            break;
        case 'v':
            printf("mailvouch-lmtpd %s\n", mv_engine_version());
            return EXIT_OK;
        case 'h':
            fputs(help, stdout);
            return EXIT_OK;
        default:
            fputs(help, stderr);
            return EXIT_USAGE;
        }
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "mailvouch-lmtpd: no argument '%s' is known; --help tells which\n", argv[optind]);
    return EXIT_USAGE;
}

/* NULL when there is no need to change; *found_r says whether all is well. */
static const struct passwd *find_user(const char *name, bool *found_r)
{
    const struct passwd *user = name == NULL ? NULL : getpwnam(name);

    *found_r = false;
    if (name != NULL && user == NULL)
        fprintf(stderr, "mailvouch-lmtpd: there is no user '%s'\n", name);
    else if (name == NULL && geteuid() == 0)
        fputs("mailvouch-lmtpd: root reads no strangers' mail: say --user NAME, or User= in the unit\n", stderr);
    else if (user != NULL && user->pw_uid == 0)
        fputs("mailvouch-lmtpd: --user is to name somebody without privileges\n", stderr);
    else
        *found_r = true;
    return geteuid() == 0 ? user : NULL;
}

static bool become(const struct passwd *user)
{
    return user == NULL || (initgroups(user->pw_name, user->pw_gid) == 0 && setgid(user->pw_gid) == 0 &&
                            setuid(user->pw_uid) == 0);
}

/* The server takes them from a descriptor; threads inherit the mask. */
static void block_signals(void)
{
    sigset_t signals;

    sigfillset(&signals);
    sigdelset(&signals, SIGSEGV);
    sigdelset(&signals, SIGBUS);
    sigdelset(&signals, SIGFPE);
    sigdelset(&signals, SIGILL);
    sigdelset(&signals, SIGABRT);
    pthread_sigmask(SIG_SETMASK, &signals, NULL);
}

int main(int argc, char **argv)
{
    static struct mv_server server;
    struct options options = {.config_path = NULL};
    struct mv_error error = {.code = MV_OK};
    const struct passwd *user;
    bool found;
    int status = read_options(argc, argv, &options);

    if (status >= 0)
        return status;
    user = find_user(options.user, &found);
    if (!found)
        return EXIT_NO_USER;
    block_signals();
    if (mv_server_open(&server, options.config_path, user == NULL ? (uid_t)-1 : user->pw_uid,
                       user == NULL ? (gid_t)-1 : user->pw_gid, &error) == MV_OK) {
        if (!become(user))
            mv_error_set(&error, MV_ERR_IO, "cannot become %s", options.user);
        else
            mv_server_run(&server, &error);
    }
    if (error.code != MV_OK)
        mv_log(MV_LOG_ERROR, "mailvouch-lmtpd cannot run: %s", error.text);
    if (atomic_load(&server.open) > 0) /* threads that did not end in time still use it */
        _exit(EXIT_OK);
    mv_server_close(&server);
    if (error.code == MV_OK)
        return EXIT_OK;
    return error.code == MV_ERR_CONFIG ? EXIT_CONFIG : EXIT_SYSTEM;
}
