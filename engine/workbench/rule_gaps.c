#include "workbench/rule_gaps.h"

#include "workbench/message_file.h"

#include "base/hash.h"
#include "base/memory.h"
#include "text/sentences.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 1 << 14, KEY_BYTES_MAX = 256 };

/* What reads one message after the other. */
struct reader {
    struct rule_gaps *gaps;
    const struct rule_set *rule_set;
    struct scratch *scratch;
    struct view view;
    struct sentences sentences;
    uint32_t message; /* from 1 */
    enum language language;
    bool complaint;
    bool failed; /* no memory */
};

static uint32_t slot_of(const struct gap_phrase *table, uint32_t room, uint64_t key)
{
    uint32_t slot = (uint32_t)key & (room - 1);
    while (table[slot].key && table[slot].key != key)
        slot = (slot + 1) & (room - 1);
    return slot;
}

static bool grow(struct rule_gaps *gaps)
{
    uint32_t room = gaps->room ? 2 * gaps->room : ROOM_FIRST;
    struct gap_phrase *table = memory_allocate_array(room, sizeof *table);
    if (!table)
        return false;
    for (uint32_t index = 0; index < gaps->room; index++)
        if (gaps->table[index].key)
            table[slot_of(table, room, gaps->table[index].key)] = gaps->table[index];
    memory_free(gaps->table);
    gaps->table = table;
    gaps->room = room;
    return true;
}

/* NULL without memory, or where there are too many. */
static struct gap_phrase *find_phrase(struct reader *reader, uint64_t key)
{
    struct rule_gaps *gaps = reader->gaps;
    if (gaps->used * 2 >= gaps->room && !grow(gaps)) {
        reader->failed = true;
        return NULL;
    }
    struct gap_phrase *phrase = &gaps->table[slot_of(gaps->table, gaps->room, key)];
    if (phrase->key)
        return phrase;
    if (gaps->used == GAPS_PHRASES_MAX) {
        gaps->full = true;
        return NULL;
    }
    gaps->used++;
    *phrase = (struct gap_phrase){.key = key, .language = reader->language};
    return phrase;
}

/* The words as the view has them, so that case, accents and line ends make no other phrase; 0
 * where they are too long. */
static uint64_t key_of(const struct reader *reader, uint32_t first, uint32_t count)
{
    uint8_t bytes[KEY_BYTES_MAX];
    uint32_t used = 0;
    bytes[used++] = (uint8_t)reader->language;
    for (uint32_t word = first; word < first + count; word++) {
        uint32_t start = reader->sentences.words[word];
        uint32_t size = sentences_word_end(&reader->sentences, &reader->view, word) - start;
        if (used + size + 1 > sizeof bytes)
            return 0;
        memcpy(bytes + used, reader->view.bytes + start, size);
        used += size;
        bytes[used++] = ' ';
    }
    return XXH3_64bits(bytes, used) | 1;
}

static struct slice text_of(const struct reader *reader, uint32_t first, uint32_t count)
{
    uint32_t start = 0;
    uint32_t end = 0;
    view_text_span(&reader->view, reader->sentences.words[first],
                   sentences_word_end(&reader->sentences, &reader->view, first + count - 1), &start,
                   &end);
    return (struct slice){reader->view.text.data + start, end - start};
}

static void count_phrase(struct reader *reader, uint32_t first, uint32_t count)
{
    uint64_t key = key_of(reader, first, count);
    struct gap_phrase *phrase = key ? find_phrase(reader, key) : NULL;
    if (!phrase || phrase->last_message == reader->message)
        return;
    phrase->last_message = reader->message;
    phrase->words = count;
    phrase->complaints += reader->complaint;
    phrase->calm += !reader->complaint;
    reader->gaps->complaints[reader->language][count - 1] += reader->complaint;
    reader->gaps->calm[reader->language][count - 1] += !reader->complaint;
    if (phrase->text || phrase->complaints < GAPS_COMPLAINTS_MIN)
        return;
    struct slice text = text_of(reader, first, count);
    if (text.size > GAPS_PHRASE_BYTES_MAX)
        return;
    phrase->text = arena_copy_text(&reader->gaps->arena, text.data, text.size);
    reader->failed |= !phrase->text;
}

/* True where a rule that fired says something with the word. */
static bool is_covered(const struct reader *reader, uint32_t word)
{
    const struct context *context = &reader->scratch->context;
    struct slice text = text_of(reader, word, 1);
    uint32_t start = (uint32_t)(text.data - reader->view.text.data);
    for (uint32_t index = 0; index < context->evidence_count; index++) {
        const struct evidence *evidence = &context->evidence[index];
        if (evidence->fate <= FATE_FLIPPED && evidence->start < start + text.size &&
            start < evidence->end)
            return true;
    }
    return false;
}

static void count_sentence(struct reader *reader, uint32_t first, uint32_t end)
{
    uint32_t open = first; /* behind the last word that is covered */
    for (uint32_t word = first; word < end && !reader->failed; word++) {
        if (is_covered(reader, word)) {
            open = word + 1;
            continue;
        }
        for (uint32_t count = 1; count <= GAPS_WORDS_MAX && word + 1 >= open + count; count++)
            count_phrase(reader, word + 1 - count, count);
    }
}

static void count_message(struct reader *reader, const struct classify_input *input)
{
    struct verdict verdict;
    /* What a limit left out is covered by nothing. */
    (void)!redress_classify(reader->rule_set, reader->scratch, input, &verdict);
    reader->language = verdict.language;
    reader->message++;
    view_fold(&reader->view, input->text);
    sentences_split(&reader->sentences, &reader->view);
    for (uint32_t index = 0; index < reader->sentences.count; index++)
        count_sentence(reader, reader->sentences.first_word[index],
                       reader->sentences.first_word[index + 1]);
}

/* False where a message has no label. */
static bool read_label(struct json_value object, bool *complaint)
{
    int64_t value = 0;
    if (json_lines_integer(object, "complaint", &value) ||
        json_lines_integer(object, "severity", &value)) {
        *complaint = value > 0;
        return true;
    }
    if (!json_lines_integer(object, "stars", &value) || value == 3)
        return false;
    *complaint = value < 3;
    return true;
}

static enum redress_status read_file(struct reader *reader, struct message_file *file)
{
    struct file_message message;
    enum redress_status status = STATUS_OK;
    while (!reader->failed && (status = message_file_next(file, &message)) == STATUS_OK)
        if (read_label(message.object, &reader->complaint))
            count_message(reader, &message.input);
    if (reader->failed)
        return STATUS_MEMORY;
    return status == STATUS_EMPTY ? STATUS_OK : status;
}

static void weigh(const struct rule_gaps *gaps, struct gap_phrase *phrase)
{
    double complaints = phrase->complaints + 0.5;
    double calm = phrase->calm + 0.5;
    double other_complaints =
        (double)gaps->complaints[phrase->language][phrase->words - 1] - phrase->complaints + 0.5;
    double other_calm =
        (double)gaps->calm[phrase->language][phrase->words - 1] - phrase->calm + 0.5;
    phrase->log_odds = log(complaints / other_complaints) - log(calm / other_calm);
    phrase->z = phrase->log_odds / sqrt(1 / complaints + 1 / calm);
}

static int compare_phrases(const void *left, const void *right)
{
    const struct gap_phrase *a = left;
    const struct gap_phrase *b = right;
    if (a->language != b->language)
        return a->language < b->language ? -1 : 1;
    if (a->z != b->z)
        return a->z > b->z ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

/* The table becomes the list of what is told. */
static void choose(struct rule_gaps *gaps)
{
    for (uint32_t index = 0; index < gaps->room; index++) {
        struct gap_phrase phrase = gaps->table[index];
        if (!phrase.key || !phrase.text)
            continue;
        weigh(gaps, &phrase);
        if (phrase.z >= GAPS_Z_MIN)
            gaps->table[gaps->phrase_count++] = phrase;
    }
    if (gaps->phrase_count > 1)
        qsort(gaps->table, gaps->phrase_count, sizeof *gaps->table, compare_phrases);
}

enum redress_status rule_gaps_run(struct rule_gaps *gaps, const struct rule_set *rule_set,
                                  const char *path, struct error_list *errors)
{
    *gaps = (struct rule_gaps){0};
    struct reader reader = {.gaps = gaps, .rule_set = rule_set};
    struct message_file file;
    enum redress_status status = redress_scratch_create(rule_set, &reader.scratch);
    if (status == STATUS_OK)
        status = view_init(&reader.view, MESSAGE_TEXT_BYTES_MAX);
    if (status == STATUS_OK)
        status = sentences_init(&reader.sentences, MESSAGE_TEXT_BYTES_MAX);
    if (status == STATUS_OK)
        status = message_file_open(&file, path, errors);
    if (status == STATUS_OK) {
        status = read_file(&reader, &file);
        message_file_close(&file);
    }
    if (status == STATUS_OK)
        choose(gaps);
    sentences_destroy(&reader.sentences);
    view_destroy(&reader.view);
    redress_scratch_free(reader.scratch);
    return status;
}

void rule_gaps_free(struct rule_gaps *gaps)
{
    memory_free(gaps->table);
    arena_free(&gaps->arena);
    *gaps = (struct rule_gaps){0};
}
