/** redress rules stems: messages as a lexicon reads them. */
#include "classify/rule_set.h"
#include "cli/cli.h"
#include "cli/rules_bench.h"
#include "workbench/message_file.h"
#include "workbench/stem_spelling.h"

#include "base/memory.h"

#include <stdio.h>

enum { LINE_BYTES_MAX = 4 * MESSAGE_TEXT_BYTES_MAX };

static const char usage[] =
    "usage: redress rules stems [--rules DIR] [--override DIR] FILE\n\n"
    "Prints every message of FILE as a lexicon reads it, one object a line: {\"id\", "
    "\"language\",\n"
    "\"sentences\"}, a list of stems each; a word that is no word of letters is \"\".\n"
    "script/fit-lexicon learns from it.\n\n"
    "FILE holds JSON Lines: {\"text\", \"id\", \"language\" or \"lang\"}.\n\n"
    "Exit code 0; 1: a line is no JSON object, or the rules are faulty; 2: usage; 3: the file "
    "cannot\n"
    "be read.\n";

struct stem_printer {
    const struct rule_set *rule_set;
    struct scratch *scratch;
    struct stem_spelling spelling;
    char *line;
};

static void write_sentences(const struct stem_printer *printer, struct json_writer *json)
{
    const struct view *view = matcher_view(printer->scratch->matcher);
    struct sentences *sentences = &printer->scratch->context.sentences;
    sentences_split(sentences, view);
    json_array_open(json);
    for (uint32_t sentence = 0; sentences->word_count > 0 && sentence < sentences->count;
         sentence++) {
        json_array_open(json);
        for (uint32_t word = sentences->first_word[sentence];
             word < sentences->first_word[sentence + 1]; word++) {
            char stem[STEM_SPELLING_BYTES_MAX];
            stem_spell(&printer->spelling, lexicon_stem(view->bytes + sentences->words[word]),
                       stem);
            json_string(json, stem);
        }
        json_array_close(json);
    }
    json_array_close(json);
}

static enum redress_status print_message(const struct stem_printer *printer,
                                         const struct message_file *file,
                                         const struct file_message *message)
{
    struct verdict verdict;
    struct json_writer json;
    struct slice id = json_lines_text(message->object, "id");
    enum redress_status status =
        redress_classify(printer->rule_set, printer->scratch, &message->input, &verdict);
    if (status != STATUS_OK && status != STATUS_UNDECIDED) /* one of these has been read as well */
        return status;
    json_start(&json, printer->line, LINE_BYTES_MAX);
    json_object_open(&json);
    json_key(&json, "id");
    json_string_sized(&json, id.data, id.size);
    json_key(&json, "language");
    json_string(&json, redress_language_name(verdict.language));
    json_key(&json, "sentences");
    write_sentences(printer, &json);
    json_object_close(&json);
    json_newline(&json);
    if (json.overflow) {
        json_lines_error(&file->lines, "too long to be written: shorten its id");
        return STATUS_INVALID;
    }
    (void)fwrite(printer->line, 1, json.size, stdout);
    return STATUS_OK;
}

static enum redress_status print_messages(const struct stem_printer *printer, const char *path,
                                          struct error_list *errors)
{
    struct message_file file;
    struct file_message message;
    enum redress_status status = message_file_open(&file, path, errors);
    while (status == STATUS_OK && (status = message_file_next(&file, &message)) == STATUS_OK)
        status = print_message(printer, &file, &message);
    message_file_close(&file);
    return status == STATUS_EMPTY ? STATUS_OK : status;
}

static int print_stems(const struct bench_options *options, const struct rule_set *rule_set)
{
    struct stem_printer printer = {.rule_set = rule_set};
    struct error_list *errors = memory_allocate(sizeof *errors);
    enum redress_status status = redress_scratch_create(rule_set, &printer.scratch);
    printer.line = memory_allocate(LINE_BYTES_MAX);
    stem_spelling_init(&printer.spelling);
    if (!errors || !printer.line)
        status = STATUS_MEMORY;
    if (status == STATUS_OK)
        status = print_messages(&printer, options->arguments[0], errors);
    if (errors)
        error_list_print(errors, stderr);
    redress_scratch_free(printer.scratch);
    memory_free(printer.line);
    memory_free(errors);
    return bench_answer(status);
}

const struct bench_verb rules_stems_verb = {
    .name = "stems", .usage = usage, .needs_rules = true, .argument_count = 1, .run = print_stems};
