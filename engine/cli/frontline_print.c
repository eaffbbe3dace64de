#include "cli/frontline_print.h"

#include "base/json_writer.h"
#include "verdict/members.h"

#include <inttypes.h>
#include <string.h>

enum { LINE_BYTES_MAX = 32 * 1024, COLUMNS = 80, INDENT = 2, TEXT_LINES_MAX = 4 };

static void write_names(struct json_writer *json, const struct frontline_record *record)
{
    json_key(json, "categories");
    json_array_open(json);
    for (int i = 0; i < record->category_count && i < VERDICT_CATEGORIES_MAX; i++)
        json_string(json, redress_category_name((enum category)record->categories[i]));
    json_array_close(json);
    json_key(json, "traits");
    verdict_write_traits(json, record->traits);
}

static void write_rules(struct json_writer *json, const struct frontline_record *record)
{
    json_key(json, "rules");
    json_array_open(json);
    for (int i = 0; i < record->rules_stored && i < FRONTLINE_RULES_MAX; i++) {
        const struct frontline_rule *rule = &record->rules[i];
        json_object_open(json);
        json_key(json, "id");
        json_string(json, rule->id);
        json_key(json, "words");
        json_string(json, rule->words);
        json_key(json, "start");
        json_unsigned(json, rule->start);
        json_key(json, "end");
        json_unsigned(json, rule->end);
        json_object_close(json);
    }
    json_array_close(json);
}

static void write_recurrence(struct json_writer *json, const struct frontline_record *record)
{
    if (record->history_scope == HISTORY_UNKNOWN)
        return;
    json_key(json, "recurrence");
    json_object_open(json);
    json_key(json, "history");
    json_string(json, record->history_scope == HISTORY_WHOLE ? "whole" : "partial");
    json_key(json, "repeat");
    json_bool(json, (record->flags & FRONTLINE_REPEAT) != 0);
    json_key(json, "complaints_1h");
    json_unsigned(json, record->complaints_1h);
    json_key(json, "complaints_1d");
    json_unsigned(json, record->complaints_1d);
    json_key(json, "complaints_7d");
    json_unsigned(json, record->complaints_7d);
    json_key(json, "complaints_30d");
    json_unsigned(json, record->complaints_30d);
    json_object_close(json);
}

static void write_source(struct json_writer *json, const struct frontline_record *record)
{
    json_key(json, "channel");
    json_string(json, record->channel);
    json_key(json, "topic");
    json_string(json, record->topic);
    json_key(json, "partition");
    json_integer(json, record->partition);
    json_key(json, "offset");
    json_integer(json, record->offset);
    json_key(json, "timestamp_ms");
    json_integer(json, record->timestamp_ms);
    json_key(json, "decided_ms");
    json_integer(json, record->decided_ms);
    json_key(json, "latency_us");
    json_number(json, (double)record->latency_ns / 1000.0);
    json_key(json, "refilled");
    json_bool(json, (record->flags & FRONTLINE_REFILLED) != 0);
    json_key(json, "rule_set");
    json_hex(json, record->rule_set_hash);
    json_key(json, "id");
    json_string(json, record->message_id);
    json_key(json, "customer");
    json_string(json, record->customer);
}

static void write_verdict(struct json_writer *json, const struct frontline_record *record)
{
    json_key(json, "queue");
    json_string(json, record->queue);
    json_key(json, "severity");
    json_unsigned(json, record->severity);
    json_key(json, "severity_name");
    json_string(json, redress_severity_name((enum severity)record->severity));
    json_key(json, "urgent");
    json_bool(json, (record->flags & FRONTLINE_URGENT) != 0);
    json_key(json, "undecided");
    json_bool(json, (record->flags & FRONTLINE_UNDECIDED) != 0);
    json_key(json, "language");
    json_string(json, redress_language_name((enum language)record->language));
    json_key(json, "score");
    json_number(json, (double)record->score);
}

static void write_token(struct json_writer *json, const struct frontline_token *token)
{
    char text[FRONTLINE_TOKEN_TEXT_BYTES];
    redress_frontline_token_print(token, text);
    json_key(json, "token");
    json_string(json, text);
}

void frontline_print_json(FILE *stream, const struct frontline_record *record,
                          const struct frontline_token *token, const char *state)
{
    static char line[LINE_BYTES_MAX];
    struct json_writer json;
    json_start(&json, line, sizeof line);
    json_object_open(&json);
    json_key(&json, "case_id");
    json_hex_128(&json, record->case_id.high, record->case_id.low);
    json_key(&json, "revision");
    json_unsigned(&json, record->revision);
    if (token)
        write_token(&json, token);
    if (state) {
        json_key(&json, "state");
        json_string(&json, state);
    }
    write_verdict(&json, record);
    write_names(&json, record);
    write_rules(&json, record);
    write_recurrence(&json, record);
    write_source(&json, record);
    json_key(&json, "text");
    json_string_sized(&json, record->text, record->text_size);
    json_key(&json, "text_cut");
    json_bool(&json, (record->flags & FRONTLINE_TEXT_CUT) != 0);
    json_object_close(&json);
    json_newline(&json);
    fwrite(line, 1, json.size, stream);
    fflush(stream);
}

/** Bytes of the next character, and whether a terminal may have it: control characters may not. */
static size_t next_character(const char *text, size_t size, bool *printable)
{
    unsigned char first = (unsigned char)text[0];
    size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    *printable = first >= 0x20 && first != 0x7F;
    if (first == 0xC2 && size > 1 && (unsigned char)text[1] < 0xA0)
        *printable = false;
    return length < size ? length : size;
}

/** Prints `text` indented and wrapped, every run of blanks and control characters as one space. */
static void print_wrapped(FILE *stream, const char *text, size_t size)
{
    int column = 0;
    int lines = 0;
    bool blank = false;
    for (size_t i = 0; i < size && lines < TEXT_LINES_MAX;) {
        bool printable;
        size_t length = next_character(text + i, size - i, &printable);
        if (!printable || text[i] == ' ') {
            blank = column > 0;
        } else {
            if (column == 0)
                fprintf(stream, "%*s", INDENT, "");
            else if (blank)
                fputc(' ', stream);
            column += (column == 0 ? INDENT : blank ? 1 : 0) + 1;
            blank = false;
            fwrite(text + i, 1, length, stream);
        }
        i += length;
        if (column >= COLUMNS - 1 || (blank && column >= COLUMNS - 12)) {
            fputc('\n', stream);
            column = 0;
            blank = false;
            lines++;
        }
    }
    if (column > 0)
        fputc('\n', stream);
}

static void print_traits(FILE *stream, const struct frontline_record *record)
{
    char line[512];
    size_t used = 0;
    for (int i = 0; i < record->category_count && i < VERDICT_CATEGORIES_MAX; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, " %s",
                                 redress_category_name((enum category)record->categories[i]));
    for (int trait = 0; trait < TRAIT_COUNT && used < sizeof line - 32; trait++)
        if (record->traits >> trait & 1)
            used += (size_t)snprintf(line + used, sizeof line - used, " +%s",
                                     redress_trait_name((enum trait)trait));
    print_wrapped(stream, line, used);
}

static void print_words(FILE *stream, const struct frontline_record *record)
{
    for (int i = 0; i < record->rules_stored && i < FRONTLINE_RULES_MAX; i++) {
        char line[FRONTLINE_RULE_ID_BYTES + FRONTLINE_RULE_WORDS_BYTES + 16];
        int size = snprintf(line, sizeof line, "\"%s\"  (%s)", record->rules[i].words,
                            record->rules[i].id);
        print_wrapped(stream, line, size < 0 ? 0 : (size_t)size);
    }
}

void frontline_print_text(FILE *stream, const struct frontline_record *record,
                          const struct frontline_token *token, const char *state)
{
    fprintf(stream, "%s%s  %s  %s  %s  %.1f us%s%s%s\n",
            redress_severity_name((enum severity)record->severity),
            (record->flags & FRONTLINE_REPEAT) ? " (again)" : "", record->queue, record->channel,
            redress_language_name((enum language)record->language),
            (double)record->latency_ns / 1000.0, state ? "  " : "", state ? state : "",
            (record->flags & FRONTLINE_REFILLED) ? "  refilled" : "");
    print_traits(stream, record);
    print_words(stream, record);
    print_wrapped(stream, record->text, record->text_size);
    fprintf(stream, "%*scase %016" PRIx64 "%016" PRIx64 " revision %u\n", INDENT, "",
            record->case_id.high, record->case_id.low, record->revision);
    if (token) {
        char text[FRONTLINE_TOKEN_TEXT_BYTES];
        redress_frontline_token_print(token, text);
        fprintf(stream, "%s\n", text);
    }
    fputc('\n', stream);
    fflush(stream);
}
