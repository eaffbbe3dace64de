/** Checks one channel's mapping: names, JSON Pointers, limits. */
#include "decode/envelope.h"

#include "base/assert.h"
#include "decode/key_mark.h"

#include <string.h>

static const char *const kind_names[ENVELOPE_KIND_COUNT] = {
    [ENVELOPE_JSON] = "json",
    [ENVELOPE_CLOUDEVENTS] = "cloudevents",
    [ENVELOPE_TEXT] = "text",
};

static const char *const field_names[ENVELOPE_FIELD_COUNT] = {
    [ENVELOPE_FIELD_TEXT] = "text",         [ENVELOPE_FIELD_ID] = "id",
    [ENVELOPE_FIELD_CUSTOMER] = "customer", [ENVELOPE_FIELD_TIME] = "time",
    [ENVELOPE_FIELD_LANGUAGE] = "language",
};

/* Raw text has no pointer for the text: the value is the text. */
static const char *const default_pointers[ENVELOPE_KIND_COUNT][ENVELOPE_FIELD_COUNT] = {
    [ENVELOPE_JSON] = {"/text", "/id", "/customer", "/time", "/language"},
    [ENVELOPE_CLOUDEVENTS] = {"/data/text", "/id", "/data/customer", "/time", "/data/language"},
    [ENVELOPE_TEXT] = {"", "/id", "/customer", "/time", "/language"},
};

const char *envelope_kind_name(enum envelope_kind kind)
{
    return (unsigned)kind < ENVELOPE_KIND_COUNT ? kind_names[kind] : "unknown";
}

const char *envelope_field_name(enum envelope_field field)
{
    return (unsigned)field < ENVELOPE_FIELD_COUNT ? field_names[field] : "unknown";
}

bool envelope_kind_parse(const char *name, enum envelope_kind *out)
{
    for (unsigned kind = 0; kind < ENVELOPE_KIND_COUNT; kind++) {
        if (strcmp(kind_names[kind], name) != 0)
            continue;
        *out = (enum envelope_kind)kind;
        return true;
    }
    return false;
}

/* RFC 6901, section 4: "0", or digits that do not begin with 0. */
static void read_index(const struct json_pointer *pointer, struct pointer_token *token)
{
    const char *digits = pointer->bytes + token->start;
    if (token->size == 0 || token->size > 9 || (digits[0] == '0' && token->size > 1))
        return;
    uint32_t index = 0;
    for (uint32_t at = 0; at < token->size; at++) {
        if (digits[at] < '0' || digits[at] > '9')
            return;
        index = index * 10 + (uint32_t)(digits[at] - '0');
    }
    token->index = index;
    token->is_index = true;
}

/* Reads one token after its '/', with ~0 and ~1 resolved. NULL, or what is wrong. */
static const char *read_token(struct json_pointer *out, const char **text, uint32_t *used)
{
    struct pointer_token *token = &out->tokens[out->token_count];
    *token = (struct pointer_token){.start = (uint8_t)*used};
    for (; **text != '\0' && **text != '/'; (*text)++) {
        char byte = **text;
        if (byte == '~') {
            (*text)++;
            if (**text != '0' && **text != '1')
                return "after \"~\" only 0 or 1 may stand (\"~0\" is a tilde, \"~1\" a slash)";
            byte = **text == '0' ? '~' : '/';
        }
        if (*used == POINTER_BYTES_MAX)
            return "it is too long: at most 128 bytes";
        out->bytes[(*used)++] = byte;
    }
    token->size = (uint8_t)(*used - token->start);
    if (token->size == 1 && out->bytes[token->start] == '-')
        return "\"-\" names the element behind the last one, where nothing can stand";
    read_index(out, token);
    out->token_count++;
    return NULL;
}

/* NULL, or what is wrong with the pointer and what to do about it. */
static const char *parse_pointer(const char *text, struct json_pointer *out)
{
    *out = (struct json_pointer){0};
    uint32_t used = 0;
    if (*text != '\0' && *text != '/')
        return "it must begin with \"/\", as in \"/text\" (RFC 6901)";
    while (*text == '/') {
        text++;
        if (out->token_count == POINTER_TOKENS_MAX)
            return "it leads too deep: at most 8 steps";
        const char *wrong = read_token(out, &text, &used);
        if (wrong)
            return wrong;
    }
    return NULL;
}

struct check {
    const struct envelope_settings *settings;
    const char *file;
    struct error_list *errors;
    bool failed;
};

static void check_fails(struct check *check, enum envelope_field field, const char *wrong,
                        const char *pointer)
{
    error_list_add(check->errors, STATUS_INVALID, check->file, check->settings->places[field].line,
                   check->settings->places[field].column, "JSON Pointer \"%.80s\" for %s: %s",
                   pointer, field_names[field], wrong);
    check->failed = true;
}

static const char *pointer_text(const struct envelope_settings *settings, enum envelope_field field)
{
    const char *own = settings->pointers[field];
    return own ? own : default_pointers[settings->kind][field];
}

static bool tokens_are_equal(const struct json_pointer *left, const struct json_pointer *right,
                             uint32_t index)
{
    const struct pointer_token *ours = &left->tokens[index];
    const struct pointer_token *theirs = &right->tokens[index];
    return ours->size == theirs->size &&
           memcmp(left->bytes + ours->start, right->bytes + theirs->start, ours->size) == 0;
}

/* True where one pointer leads through the value that the other names. A document that is nothing
 * but its text (pointer "") has no other fields, so the other pointers find nothing and do no harm.
 */
static bool pointers_overlap(const struct json_pointer *left, const struct json_pointer *right)
{
    if ((left->token_count == 0) != (right->token_count == 0))
        return false;
    uint32_t shared =
        left->token_count < right->token_count ? left->token_count : right->token_count;
    for (uint32_t index = 0; index < shared; index++)
        if (!tokens_are_equal(left, right, index))
            return false;
    return true;
}

static void check_pointers(struct check *check, struct envelope_mapping *out)
{
    bool good[ENVELOPE_FIELD_COUNT] = {false};
    for (unsigned field = 0; field < ENVELOPE_FIELD_COUNT; field++) {
        const char *text = pointer_text(check->settings, (enum envelope_field)field);
        const char *wrong = parse_pointer(text, &out->pointers[field]);
        if (!wrong && out->kind == ENVELOPE_TEXT && field == ENVELOPE_FIELD_TEXT && *text)
            wrong = "with raw text the whole value is the text: leave this pointer out";
        if (!wrong && out->kind == ENVELOPE_TEXT && field != ENVELOPE_FIELD_TEXT &&
            out->pointers[field].token_count != 1)
            wrong = "with raw text it names a header: one step, as in \"/customer\"";
        if (wrong)
            check_fails(check, (enum envelope_field)field, wrong, text);
        good[field] = wrong == NULL;
    }
    unsigned first = out->kind == ENVELOPE_TEXT ? ENVELOPE_FIELD_ID : ENVELOPE_FIELD_TEXT;
    for (unsigned field = first; field < ENVELOPE_FIELD_COUNT; field++)
        for (unsigned other = first; other < field; other++)
            if (good[field] && good[other] &&
                pointers_overlap(&out->pointers[field], &out->pointers[other]))
                check_fails(check, (enum envelope_field)field,
                            "another field's pointer leads to or through the same value",
                            pointer_text(check->settings, (enum envelope_field)field));
}

static void prepare_direct(struct envelope_mapping *out)
{
    out->is_direct = out->kind == ENVELOPE_JSON;
    for (unsigned field = 0; field < ENVELOPE_FIELD_COUNT; field++) {
        const struct json_pointer *pointer = &out->pointers[field];
        const struct pointer_token *token = &pointer->tokens[0];
        char key[POINTER_BYTES_MAX + KEY_MARK_BYTES] = {0};
        if (pointer->token_count != 1 || token->size == 0) {
            out->is_direct = false;
            return;
        }
        memcpy(key, pointer->bytes + token->start, token->size);
        out->key_marks[field] = key_mark(key, token->size);
    }
}

static uint32_t check_limit(struct check *check, const char *name, uint32_t value,
                            uint32_t standard, uint32_t least, uint32_t most)
{
    if (value == 0)
        return standard;
    if (value >= least && value <= most)
        return value;
    error_list_add(check->errors, STATUS_INVALID, check->file, 0, 0,
                   "limit %s is %u: it must lie between %u and %u", name, value, least, most);
    check->failed = true;
    return standard;
}

enum redress_status envelope_mapping_compile(const struct envelope_settings *settings,
                                             const char *file, struct error_list *errors,
                                             struct envelope_mapping *out)
{
    ASSERT((unsigned)settings->kind < ENVELOPE_KIND_COUNT);
    struct check check = {.settings = settings, .file = file, .errors = errors};
    *out = (struct envelope_mapping){
        .kind = settings->kind,
        .customer_is_key = settings->customer_is_key,
        .text_policy = settings->text_policy,
        .payload_bytes_max =
            check_limit(&check, "payload_bytes_max", settings->payload_bytes_max,
                        ENVELOPE_PAYLOAD_BYTES_DEFAULT, 1, MESSAGE_PAYLOAD_BYTES_MAX),
        .text_bytes_max =
            check_limit(&check, "text_bytes_max", settings->text_bytes_max, MESSAGE_TEXT_BYTES_MAX,
                        ENVELOPE_TEXT_BYTES_MIN, MESSAGE_TEXT_BYTES_MAX),
        .depth_max = check_limit(&check, "depth_max", settings->depth_max, ENVELOPE_DEPTH_DEFAULT,
                                 1, ENVELOPE_DEPTH_MAX),
        .keys_max = check_limit(&check, "keys_max", settings->keys_max, ENVELOPE_KEYS_DEFAULT, 1,
                                ENVELOPE_KEYS_MAX),
    };
    check_pointers(&check, out);
    prepare_direct(out);
    return check.failed ? STATUS_INVALID : STATUS_OK;
}
