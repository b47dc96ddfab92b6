#include "lmtp-hook/command.h"

#include "core/base/ascii.h"

static const struct {
    const char *name;
    enum mv_verb verb;
} verbs[] = {
    {"LHLO", MV_VERB_LHLO}, {"MAIL", MV_VERB_MAIL},         {"RCPT", MV_VERB_RCPT},       {"DATA", MV_VERB_DATA},
    {"RSET", MV_VERB_RSET}, {"NOOP", MV_VERB_NOOP},         {"QUIT", MV_VERB_QUIT},       {"VRFY", MV_VERB_VRFY},
    {"HELO", MV_VERB_HELO}, {"XFORWARD", MV_VERB_XFORWARD}, {"XCLIENT", MV_VERB_XCLIENT}, {"EHLO", MV_VERB_HELO},
};

static enum mv_verb verb_of(struct mv_bytes word)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (mv_bytes_equal_nocase(word, mv_bytes_str(verbs[i].name)))
            return verbs[i].verb;
    return MV_VERB_UNKNOWN;
}

/* RFC 5321 4.1.2, RFC 6531 3.3: a quoted local part may hold brackets and spaces. */
static bool skip_quoted(struct mv_cursor *c)
{
    while (mv_cursor_left(c) > 0) {
        int byte = mv_cursor_next(c);

        if (byte == '"')
            return true;
        if (byte == '\\')
            mv_cursor_next(c);
    }
    return false;
}

static bool take_path(struct mv_cursor *c, struct mv_bytes *path_r)
{
    struct mv_cursor start = *c;

    if (!mv_cursor_accept(c, '<'))
        return false;
    while (!mv_cursor_accept(c, '>')) {
        if (mv_cursor_accept(c, '"')) {
            if (!skip_quoted(c))
                return false;
        } else if (!mv_ascii_is(mv_cursor_peek(c), MV_ASCII_VCHAR | MV_ASCII_UTF8) || mv_cursor_next(c) == '<') {
            return false;
        }
    }
    *path_r = mv_cursor_since(c, &start);
    return true;
}

/* RFC 5321 4.1.1.11: esmtp-param, one space between. */
static bool take_params(struct mv_cursor *c, struct mv_bytes *params_r)
{
    *params_r = mv_bytes_str(NULL);
    if (mv_cursor_left(c) == 0)
        return true;
    if (!mv_cursor_accept(c, ' '))
        return false;
    *params_r = mv_cursor_rest(c);
    while (mv_cursor_take_while(c, MV_ASCII_VCHAR | MV_ASCII_UTF8).len > 0)
        if (!mv_cursor_accept(c, ' '))
            break;
    return mv_cursor_left(c) == 0;
}

static bool parse_path(struct mv_command *command, struct mv_bytes keyword)
{
    struct mv_cursor c = mv_cursor_of(command->argument);

    if (!mv_cursor_accept_nocase(&c, keyword))
        return false;
    mv_cursor_accept(&c, ' '); /* not RFC 5321, but written by some */
    return take_path(&c, &command->path) && take_params(&c, &command->params);
}

bool mv_command_parse(struct mv_bytes line, struct mv_command *command_r)
{
    struct mv_cursor c = mv_cursor_of(line);

    *command_r = (struct mv_command){.verb = verb_of(mv_cursor_take_while(&c, MV_ASCII_ALPHA))};
    if (mv_cursor_left(&c) > 0 && !mv_ascii_is(mv_cursor_peek(&c), MV_ASCII_WSP))
        command_r->verb = MV_VERB_UNKNOWN;
    if (command_r->verb == MV_VERB_UNKNOWN)
        return true;
    command_r->argument = mv_bytes_trim(mv_cursor_rest(&c));
    for (size_t i = 0; i < command_r->argument.len; i++)
        if (mv_ascii_is(command_r->argument.data[i], MV_ASCII_CTL))
            return false;
    switch (command_r->verb) {
    case MV_VERB_MAIL:
        return parse_path(command_r, MV_BYTES("FROM:"));
    case MV_VERB_RCPT:
        return parse_path(command_r, MV_BYTES("TO:")) && command_r->path.len > 2;
    case MV_VERB_LHLO:
    case MV_VERB_XFORWARD:
    case MV_VERB_XCLIENT:
        return command_r->argument.len > 0;
    case MV_VERB_DATA:
    case MV_VERB_RSET:
    case MV_VERB_QUIT:
        return command_r->argument.len == 0;
    default:
        return true;
    }
}

bool mv_command_param(const struct mv_command *command, struct mv_bytes name, struct mv_bytes *value_r)
{
    struct mv_cursor c = mv_cursor_of(command->params);

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes param = mv_cursor_take_until(&c, ' ');
        size_t equals = mv_bytes_find(param, '=');

        mv_cursor_accept(&c, ' ');
        if (!mv_bytes_equal_nocase(mv_bytes_slice(param, 0, equals), name))
            continue;
        *value_r = mv_bytes_slice(param, equals + 1, param.len);
        return true;
    }
    return false;
}
