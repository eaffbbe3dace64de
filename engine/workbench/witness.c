#include "workbench/witness.h"

#include "base/memory.h"

#include <string.h>

enum redress_status witness_judge_init(struct witness_judge *judge, struct entry_probe *probe)
{
    *judge = (struct witness_judge){
        .probe = probe, .padded = memory_allocate(MESSAGE_TEXT_BYTES_MAX + MESSAGE_PADDING_BYTES)};
    return judge->padded ? STATUS_OK : STATUS_MEMORY;
}

void witness_judge_free(struct witness_judge *judge)
{
    memory_free(judge->padded);
    *judge = (struct witness_judge){0};
}

/* The language field of a message that the rule is for. */
static enum language language_of(const struct rule *rule)
{
    unsigned language = rule->home;
    if (!(rule->languages >> language & 1))
        for (language = LANGUAGE_EN; !(rule->languages >> language & 1);)
            language++;
    return (enum language)language;
}

static enum witness_answer weigh(struct witness_judge *judge, uint32_t entry)
{
    struct entry_probe *probe = judge->probe;
    const struct rule_entry *source = &probe->entries[entry];
    entry_probe_weigh(probe, ENTRY_PROBE_NONE);
    judge->fate = entry_probe_fate(probe, source->rule_index);
    bool fires = judge->fate == FATE_FIRED;
    if (fires == rule_part_takes_back(source->pattern->part))
        return WITNESS_STOPPED;
    entry_probe_weigh(probe, entry);
    bool fires_without = entry_probe_fate(probe, source->rule_index) == FATE_FIRED;
    return fires == fires_without ? WITNESS_COVERED : WITNESS_HOLDS;
}

enum witness_answer witness_judge_text(struct witness_judge *judge, uint32_t entry,
                                       struct slice text)
{
    struct entry_probe *probe = judge->probe;
    const struct rule *rule = &probe->rule_set->pack.rules[probe->entries[entry].rule_index];
    const char *name = redress_language_name(language_of(rule));
    judge->fate = FATE_COUNT;
    if (text.size == 0 || text.size > MESSAGE_TEXT_BYTES_MAX)
        return WITNESS_NO_TEXT;
    memcpy(judge->padded, text.data, text.size);
    memset(judge->padded + text.size, 0, MESSAGE_PADDING_BYTES);
    const struct classify_input input = {.text = {judge->padded, text.size},
                                         .language_hint = {name, (uint32_t)strlen(name)}};
    struct verdict start = entry_probe_read(probe, &input);
    if (entry_probe_has(probe, entry))
        return weigh(judge, entry);
    return rule->languages >> start.language & 1 ? WITNESS_SILENT : WITNESS_ELSEWHERE;
}

/* What a text that does not hold does instead. */
static const char *complaint_about(enum witness_answer answer, enum fate fate)
{
    static const char *const texts[] = {
        [WITNESS_HOLDS] = "holds",
        [WITNESS_COVERED] = "the rule comes out the same without this entry",
        [WITNESS_STOPPED] = "the rule does not fire",
        [WITNESS_SILENT] = "the entry does not match it",
        [WITNESS_ELSEWHERE] = "it is taken for another language",
        [WITNESS_NO_TEXT] = "it is empty",
    };
    if (answer != WITNESS_STOPPED)
        return texts[answer];
    return fate == FATE_FIRED ? "the rule fires all the same"
                              : (fate == FATE_COUNT ? texts[answer] : fate_name(fate));
}

static void report_text(const struct witness_book *book, const struct witness_judge *judge,
                        uint32_t entry, const struct witness *witness, enum witness_answer answer,
                        struct error_list *errors)
{
    const struct rule_entry *source = &book->probe->entries[entry];
    error_list_add(errors, STATUS_INVALID, witness_book_file(book, entry), witness->line, 5,
                   "no witness of %.60s (line %u of its file): %s; if the change is meant, "
                   "`redress rules witness --record` finds another",
                   book->probe->rule_set->pack.rules[source->rule_index].id,
                   source->pattern->place.line, complaint_about(answer, judge->fate));
}

static void check_texts(const struct witness_book *book, struct witness_judge *judge,
                        uint32_t entry, const struct witness_visitor *visitor,
                        struct error_list *errors, struct witness_counts *counts)
{
    for (const struct witness *witness = book->by_entry[entry]; witness; witness = witness->next) {
        if (witness->dead)
            continue;
        counts->texts++;
        enum witness_answer answer =
            witness_judge_text(judge, entry, (struct slice){witness->text, witness->size});
        if (visitor)
            visitor->visit(visitor->target, entry, answer == WITNESS_HOLDS);
        if (answer == WITNESS_HOLDS)
            continue;
        counts->failures++;
        report_text(book, judge, entry, witness, answer, errors);
    }
}

static bool is_promised(const struct witness_book *book, uint32_t entry)
{
    return witness_book_covers(book, entry) && witness_book_file(book, entry) != NULL;
}

static void report_missing(const struct witness_book *book, uint32_t entry,
                           struct error_list *errors)
{
    const struct rule_pattern *pattern = book->probe->entries[entry].pattern;
    error_list_add(errors, STATUS_INVALID, pattern->place.file, pattern->place.line,
                   pattern->place.column,
                   "\"%.60s\" has no witness in %.60s: `redress rules witness --record` finds one",
                   pattern->entry ? pattern->entry : pattern->text, witness_book_file(book, entry));
}

void witness_check(const struct witness_book *book, struct witness_judge *judge,
                   const struct witness_visitor *visitor, struct error_list *errors,
                   struct witness_counts *counts)
{
    for (uint32_t entry = 0; entry < book->probe->entry_count; entry++) {
        if (!is_promised(book, entry))
            continue;
        const struct witness *first = book->by_entry[entry];
        if (!first)
            report_missing(book, entry, errors);
        counts->failures += !first;
        counts->dead += first && first->dead;
        counts->entries += first && !first->dead;
        check_texts(book, judge, entry, visitor, errors, counts);
    }
}

void witness_check_entries(const struct witness_book *book, struct error_list *errors,
                           struct error_list *warnings)
{
    for (uint32_t entry = 0; entry < book->probe->entry_count; entry++) {
        const struct rule_pattern *pattern = book->probe->entries[entry].pattern;
        const struct witness *first = book->by_entry[entry];
        if (!is_promised(book, entry))
            continue;
        if (!first)
            report_missing(book, entry, errors);
        else if (first->dead)
            error_list_add(warnings, STATUS_INVALID, pattern->place.file, pattern->place.line,
                           pattern->place.column, "\"%.60s\" has no witness: %.120s",
                           pattern->entry ? pattern->entry : pattern->text, first->text);
    }
}
