/*
 * A configuration that was read, and engines over it: one for each thread that judges, reused.
 *
 * Sessions hold a reference; after a reload old ones end with their sessions.
 */
#ifndef MV_LMTP_ENGINES_H
#define MV_LMTP_ENGINES_H

#include "core/mailvouch.h"

struct mv_engines;

/* config_path NULL: the default. The first reference is the caller's. */
enum mv_code mv_engines_open(const char *config_path, struct mv_engines **engines_r, struct mv_error *error);
struct mv_engines *mv_engines_hold(struct mv_engines *engines);
/* Sets NULL; with the last reference all engines go. */
void mv_engines_release(struct mv_engines **engines);
const struct mv_settings *mv_engines_settings(const struct mv_engines *engines);

/* Is it to be said why there is no hand-over?  True for the first fault since there was none. */
bool mv_engines_note_handover(struct mv_engines *engines, bool faulty);
/* Is it to be said that evidence cannot be written?  True once in MV_ENGINES_COMPLAIN_SECS, for all threads. */
bool mv_engines_may_complain(struct mv_engines *engines, int64_t now_secs);
#define MV_ENGINES_COMPLAIN_SECS 60
/* For one message at a time. Give it back. */
enum mv_code mv_engines_take(struct mv_engines *engines, struct mv_engine **engine_r, struct mv_error *error);
/* Sets NULL. */
void mv_engines_give(struct mv_engines *engines, struct mv_engine **engine);

#endif
