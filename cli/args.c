#include "cli/args.h"

#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"

#define MAX_SHOWN_BYTES 200
#define NEAR_LETTERS 2 /* so many letters may be wrong in a word that was probably meant */
#define MAX_WORD 32

struct reading {
    const struct mv_args *args;
    int argc;
    char **argv;
    int next;
};

void mv_args_put_typed(const char *typed)
{
    struct mv_buf shown;

    mv_buf_init(&shown, 4 * MAX_SHOWN_BYTES + 1);
    mv_buf_put_escaped(&shown, mv_bytes_slice(mv_bytes_str(typed), 0, MAX_SHOWN_BYTES));
    fputs(mv_buf_cstr(&shown) == NULL ? "" : mv_buf_cstr(&shown), stderr);
    mv_buf_free(&shown);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters to insert, delete or replace (Levenshtein); MAX_WORD for long words. */
static size_t distance(struct mv_bytes a, struct mv_bytes b)
{
    size_t row[MAX_WORD + 1];

    if (a.len > MAX_WORD || b.len > MAX_WORD)
        return MAX_WORD;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replaced = diagonal + (a.data[i - 1] == b.data[j - 1] ? 0 : 1);

            diagonal = row[j];
            row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[b.len];
}

struct mv_args_nearest mv_args_nearest_to(struct mv_bytes typed)
{
    return (struct mv_args_nearest){typed, NULL, NEAR_LETTERS + 1};
}

void mv_args_nearest_try(struct mv_args_nearest *nearest, const char *word)
{
    size_t letters = distance(nearest->typed, mv_bytes_str(word));

    if (letters >= nearest->letters || letters >= nearest->typed.len)
        return;
    nearest->letters = letters;
    nearest->word = word;
}

static enum mv_exit refuse(const struct mv_args *args, const char *problem, const char *typed)
{
    fprintf(stderr, "mailvouch %s: %s", args->command, problem);
    if (typed != NULL) {
        fputs(" '", stderr);
        mv_args_put_typed(typed);
        fputs("'", stderr);
    }
    fprintf(stderr, "; see 'mailvouch %s --help'\n", args->command);
    return MV_EXIT_USAGE;
}

static enum mv_exit refuse_option(const struct mv_args *args, const char *typed)
{
    struct mv_bytes name = mv_bytes_str(typed);
    struct mv_args_nearest nearest;

    name = mv_bytes_slice(name, mv_bytes_has_prefix_nocase(name, MV_BYTES("--")) ? 2 : 1, name.len);
    name = mv_bytes_slice(name, 0, mv_bytes_find(name, '='));
    nearest = mv_args_nearest_to(name);
    for (size_t i = 0; i < args->option_count; i++)
        mv_args_nearest_try(&nearest, args->options[i].name);
    if (nearest.word == NULL)
        return refuse(args, "there is no option", typed);
    fprintf(stderr, "mailvouch %s: there is no option '", args->command);
    mv_args_put_typed(typed);
    fprintf(stderr, "'; did you mean --%s?\n", nearest.word);
    return MV_EXIT_USAGE;
}

static enum mv_exit store(const struct mv_args *args, const struct mv_arg_option *option, const char *value)
{
    struct mv_arg_texts *texts = option->value;
    uint64_t number;

    switch (option->kind) {
    case MV_ARG_FLAG:
        *(bool *)option->value = true;
        return MV_EXIT_OK;
    case MV_ARG_TEXT:
        *(const char **)option->value = value;
        return MV_EXIT_OK;
    case MV_ARG_NUMBER:
        if (mv_bytes_to_uint(mv_bytes_str(value), INT64_MAX, &number)) {
            *(int64_t *)option->value = (int64_t)number;
            return MV_EXIT_OK;
        }
        fprintf(stderr, "mailvouch %s: --%s takes a whole number, not '", args->command, option->name);
        mv_args_put_typed(value);
        fputs("'\n", stderr);
        return MV_EXIT_USAGE;
    case MV_ARG_TEXTS:
        break;
    }
    if (texts->count == MV_ARGS_MAX_TEXTS) {
        fprintf(stderr, "mailvouch %s: no more than %d times --%s\n", args->command, MV_ARGS_MAX_TEXTS, option->name);
        return MV_EXIT_USAGE;
    }
    texts->items[texts->count++] = value;
    return MV_EXIT_OK;
}

static const struct mv_arg_option *find(const struct mv_args *args, struct mv_bytes name)
{
    for (size_t i = 0; i < args->option_count; i++)
        if (mv_bytes_equal(name, mv_bytes_str(args->options[i].name)))
            return &args->options[i];
    return NULL;
}

static enum mv_exit read_option(struct reading *reading)
{
    const char *typed = reading->argv[reading->next++];
    struct mv_bytes text = mv_bytes_str(typed);
    size_t equals = mv_bytes_find(text, '=');
    const struct mv_arg_option *option = NULL;
    bool has_value = equals < text.len;

    if (mv_bytes_equal(text, MV_BYTES("-o")))
        option = find(reading->args, MV_BYTES("output"));
    else if (mv_bytes_has_prefix_nocase(text, MV_BYTES("--")))
        option = find(reading->args, mv_bytes_slice(text, 2, equals));
    if (option == NULL)
        return refuse_option(reading->args, typed);
    if (option->kind == MV_ARG_FLAG)
        return has_value ? refuse(reading->args, "this option takes no value:", typed)
                         : store(reading->args, option, NULL);
    if (has_value)
        return store(reading->args, option, typed + equals + 1);
    if (reading->next == reading->argc)
        return refuse(reading->args, "a value is missing after", typed);
    return store(reading->args, option, reading->argv[reading->next++]);
}

static bool is_option(const char *typed)
{
    return typed[0] == '-' && typed[1] != '\0';
}

/* Options may stand between operands; those are moved to the front of argv[1] and on. */
static enum mv_exit read_all(struct reading *reading, char **operands, size_t *count_r)
{
    size_t count = 0;

    while (reading->next < reading->argc) {
        char *typed = reading->argv[reading->next];
        enum mv_exit result;

        if (strcmp(typed, "--") == 0) {
            reading->next++;
            break;
        }
        if (!is_option(typed)) {
            operands[count++] = typed;
            reading->next++;
            continue;
        }
        result = read_option(reading);
        if (result != MV_EXIT_OK)
            return result;
    }
    while (reading->next < reading->argc)
        operands[count++] = reading->argv[reading->next++];
    *count_r = count;
    return MV_EXIT_OK;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

static void print_help(const struct mv_args *args)
{
    printf("usage: mailvouch %s%s%s%s\n%s\n", args->command, args->option_count > 0 ? " [OPTION]..." : "",
           *args->operands == '\0' ? "" : " ", args->operands, args->summary);
    if (args->option_count > 0)
        putchar('\n');
    for (size_t i = 0; i < args->option_count; i++) {
        const struct mv_arg_option *option = &args->options[i];
        int width = printf("  --%s%s%s", option->name, option->value_name == NULL ? "" : " ",
                           option->value_name == NULL ? "" : option->value_name);

        printf("%*s %s\n", width < 26 ? 26 - width : 0, "", option->help);
    }
}

enum mv_exit mv_args_read(const struct mv_args *args, int argc, char **argv, bool *help_r, char ***operands_r,
                          size_t *operand_count_r)
{
    struct reading reading = {args, argc, argv, 1};
    enum mv_exit result;

    *operand_count_r = 0;
    *operands_r = argv + 1;
    *help_r = wants_help(argc, argv);
    if (*help_r) {
        print_help(args);
        return MV_EXIT_OK;
    }
    result = read_all(&reading, argv + 1, operand_count_r);
    if (result != MV_EXIT_OK)
        return result;
    if (*operand_count_r > args->max_operands)
        return refuse(args, "one argument too many:", argv[1 + args->max_operands]);
    if (*operand_count_r >= args->min_operands)
        return MV_EXIT_OK;
    fprintf(stderr, "mailvouch %s: give %s; see 'mailvouch %s --help'\n", args->command, args->operands,
            args->command);
    return MV_EXIT_USAGE;
}

static enum mv_exit list_subcommands(const char *command, const struct mv_subcommand *subcommands, size_t count)
{
    puts("usage:");
    for (size_t i = 0; i < count; i++) {
        int width = printf("  mailvouch %s %s", command, subcommands[i].name);

        printf("%*s %s\n", width < 34 ? 34 - width : 0, "", subcommands[i].help);
    }
    printf("'mailvouch %s COMMAND --help' says more of each.\n", command);
    return MV_EXIT_OK;
}

static enum mv_exit refuse_subcommand(const char *command, const struct mv_subcommand *subcommands, size_t count,
                                      const char *typed)
{
    struct mv_args_nearest nearest = mv_args_nearest_to(mv_bytes_str(typed));

    fprintf(stderr, "mailvouch %s: ", command);
    if (typed != NULL) {
        fputs("no command '", stderr);
        mv_args_put_typed(typed);
        fputs("'; ", stderr);
        for (size_t i = 0; i < count; i++)
            mv_args_nearest_try(&nearest, subcommands[i].name);
    }
    if (nearest.word != NULL) {
        fprintf(stderr, "did you mean '%s'?\n", nearest.word);
        return MV_EXIT_USAGE;
    }
    fputs("there is", stderr);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "%s '%s'", i == 0 ? "" : i + 1 == count ? " and" : ",", subcommands[i].name);
    fputs("\n", stderr);
    return MV_EXIT_USAGE;
}

enum mv_exit mv_args_dispatch(const char *command, const struct mv_subcommand *subcommands, size_t count, int argc,
                              char **argv)
{
    const char *typed = argc < 2 ? NULL : argv[1];

    if (typed != NULL && strcmp(typed, "--help") == 0)
        return list_subcommands(command, subcommands, count);
    for (size_t i = 0; i < count && typed != NULL; i++)
        if (strcmp(typed, subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    return refuse_subcommand(command, subcommands, count, typed);
}
