/*
 * Values of settings: text to what the program uses, and back.
 */
#ifndef MV_CONFIG_VALUE_H
#define MV_CONFIG_VALUE_H

#include "core/base/arena.h"
#include "core/config/settings.h"

/* Whether a value begins, or goes on in a further line (lists only). */
enum mv_value_part { MV_VALUE_WHOLE, MV_VALUE_MORE };

/*
 * Writes the member that the setting stands for; strings and items live in the
 * arena.  values is the struct that setting->offset is in (see setting->scope).
 * MV_ERR_CONFIG: *error says what is wrong with the value, without file and line.
 */
enum mv_code mv_value_set(struct mv_arena *arena, const struct mv_setting *setting, struct mv_bytes text,
                          enum mv_value_part part, void *values, struct mv_error *error);
/* As it would be written. */
void mv_value_print(const struct mv_setting *setting, const void *values, struct mv_buf *out);
/* The member of the one struct gets the value of the other's. Lists are shared: no item is to be added after that. */
void mv_value_inherit(const struct mv_setting *setting, const void *from, void *to);
/* What a value may look like, in a few words: "yes or no", "1024 to 4096". */
void mv_value_print_range(const struct mv_setting *setting, struct mv_buf *out);

#endif
