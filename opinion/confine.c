#include "mv-config.h"

#include "opinion/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What computing needs, and dying in an orderly way. */
static const unsigned allowed[] = {
    SYS_read,          SYS_write,         SYS_close,        SYS_lseek,          SYS_brk,       SYS_mmap,
    SYS_munmap,        SYS_mremap,        SYS_mprotect,     SYS_madvise,        SYS_futex,     SYS_exit,
    SYS_exit_group,    SYS_rt_sigaction,  SYS_rt_sigreturn, SYS_rt_sigprocmask, SYS_tgkill,    SYS_getpid,
    SYS_gettid,        SYS_clock_gettime, SYS_gettimeofday, SYS_getrandom,      SYS_newfstatat, SYS_uname,
    SYS_sigaltstack,   SYS_restart_syscall,
};

#define ALLOWED_COUNT (sizeof allowed / sizeof *allowed)
#define FILTER_COUNT (ALLOWED_COUNT + 6)

static bool limit_both(__rlimit_resource_t resource, rlim_t soft, rlim_t hard)
{
    const struct rlimit limits = {soft, hard};

    return setrlimit(resource, &limits) == 0;
}

static bool limit(__rlimit_resource_t resource, rlim_t value)
{
    return limit_both(resource, value, value);
}

/* 0 when it cannot be told. */
static rlim_t memory_in_use(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    int c;

    if (file == NULL)
        return 0;
    for (c = getc(file); c >= '0' && c <= '9'; c = getc(file))
        pages = pages * 10 + (unsigned long)(c - '0');
    fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

bool mv_opinion_limit(void)
{
    if (memory_in_use() < MV_OPINION_MAX_MEMORY_BYTES && !limit(RLIMIT_AS, MV_OPINION_MAX_MEMORY_BYTES))
        return false;
    /* At the hard limit of time there is SIGKILL, which says nothing; SIGXCPU comes before */
    return limit_both(RLIMIT_CPU, MV_OPINION_MAX_CPU_SECS, MV_OPINION_MAX_CPU_SECS + 1) &&
           limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, MV_OPINION_MAX_FILES);
}

static struct sock_filter statement(unsigned code, unsigned k)
{
    return (struct sock_filter)BPF_STMT((unsigned short)code, k);
}

static struct sock_filter jump(unsigned code, unsigned k, size_t if_true, size_t if_false)
{
    return (struct sock_filter)BPF_JUMP((unsigned short)code, k, (unsigned char)if_true, (unsigned char)if_false);
}

/*
 *      load the architecture; another one: kill
 *      load the number; one of allowed: to allow
 *      EPERM
 * allow:
 */
static size_t write_filter(struct sock_filter filter[FILTER_COUNT])
{
    size_t n = 0;

    filter[n++] = statement(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    filter[n++] = jump(BPF_JMP | BPF_JEQ | BPF_K, MV_AUDIT_ARCH, 1, 0);
    filter[n++] = statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    filter[n++] = statement(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < ALLOWED_COUNT; i++)
        filter[n++] = jump(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], ALLOWED_COUNT - i, 0);
    filter[n++] = statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    filter[n++] = statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return n;
}

bool mv_opinion_confine(void)
{
    struct sock_filter filter[FILTER_COUNT];
    struct sock_fprog program = {.filter = filter};

    if (MV_AUDIT_ARCH == 0)
        return true;
    program.len = (unsigned short)write_filter(filter);
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
