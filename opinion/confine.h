/*
 * What the helper may do: little memory, little time, no file, no socket, no
 * other program.
 *
 * The libraries parse what strangers wrote and are known to fall; whoever takes
 * this process over can compute, read what is open, and write an answer that the
 * command does not trust.
 */
#ifndef MV_OPINION_CONFINE_H
#define MV_OPINION_CONFINE_H

#include <stdbool.h>

#define MV_OPINION_MAX_CPU_SECS 2
#define MV_OPINION_MAX_MEMORY_BYTES (512 * 1024 * 1024)
#define MV_OPINION_MAX_FILES 16

/* Limits; first of all. A process that has more memory than the limit already (a build with sanitizers) keeps it. */
bool mv_opinion_limit(void);
/*
 * From here on no file can be opened, no socket made and no program started: such calls fail with EPERM.
 * On a CPU that configure does not know nothing happens, and limits are all there is.
 */
bool mv_opinion_confine(void);

#endif
