/*
 * An engine that writes evidence into a directory of its own, and what it has written.
 */
#ifndef MV_TESTS_EVIDENCE_ENGINE_H
#define MV_TESTS_EVIDENCE_ENGINE_H

#include "core/mailvouch.h"

extern char evidence_directory[80]; /* of the engine that was opened last; it is there */
extern struct mv_engine *engine;

/* dns: a capture. report: lines of [report], but for the directory; below: goes after the directory there. */
void open_evidence_engine(const char *dns, const char *report, const char *below);
void close_evidence_engine(void);

/* All of the one file with that suffix of the hour 2026-11-26, 00:00 UTC; "" without a file. */
const char *written_evidence(const char *suffix);

#endif
