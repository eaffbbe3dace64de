/**
 * Entries that everybody says: more than LINT_CALM_SHARE_MAX of the calm messages of a language.
 *
 * Calm are the calm examples of the other rules and the cases without severity, which are written
 * to look alike, so that too many hits among them are a warning; and the site's own calm messages,
 * where they are an error. Only what makes a complaint of a message is held to that: an entry of a
 * rule with a complaint, a trait or a level.
 */
#include "workbench/lint.h"

#include "workbench/json_lines.h"

#include "workbench/rule_case.h"

#include "base/memory.h"

#include <string.h>

struct calm_counts {
    struct lint *lint;
    uint32_t *hits; /* by entry */
    uint32_t texts[LANGUAGE_COUNT];
};

static bool complains(const struct rule *rule)
{
    return rule->complaint > 0 || rule->at_least > SEVERITY_NONE ||
           (rule->traits & ~(1u << TRAIT_ABUSE)) != 0;
}

/* `own` is the rule that the text was written for; UINT32_MAX without one. */
static void count_text(struct calm_counts *counts, enum language language, struct slice text,
                       uint32_t own)
{
    struct entry_probe *probe = &counts->lint->probe;
    counts->texts[language]++;
    (void)entry_probe_match(probe, text, 1u << language);
    for (uint32_t index = 0; index < probe->touched_count; index++)
        counts->hits[probe->touched[index]] +=
            probe->entries[probe->touched[index]].rule_index != own;
}

static void report(struct calm_counts *counts, struct error_list *list, const char *of)
{
    const struct lint *lint = counts->lint;
    for (uint32_t index = 0; index < lint->probe.entry_count; index++) {
        const struct rule_entry *entry = &lint->probe.entries[index];
        const struct rule *rule = &lint->rule_set->pack.rules[entry->rule_index];
        uint32_t texts = counts->texts[rule->home];
        uint32_t hits = counts->hits[index];
        char name[LINT_NAME_BYTES];
        if (entry->pattern->part == RULE_PART_MATCH && complains(rule) &&
            hits >= LINT_CALM_HITS_MIN && hits > LINT_CALM_SHARE_MAX * texts)
            lint_add(list, entry, 0,
                     "%s stands in %u of %u %s, %.1f %%: say more, or give it a not",
                     lint_name(entry, name), hits, texts, of, 100.0 * hits / texts);
    }
}

static void count_examples(struct calm_counts *counts)
{
    const struct rule_pack *pack = &counts->lint->rule_set->pack;
    for (uint32_t index = 0; index < pack->rule_count; index++) {
        const struct rule *rule = &pack->rules[index];
        for (uint32_t at = 0; at < rule->example_count; at++)
            if (!rule->examples[at].must_match)
                count_text(counts, (enum language)rule->home,
                           (struct slice){rule->examples[at].text, rule->examples[at].size}, index);
    }
}

static enum redress_status count_cases(struct calm_counts *counts)
{
    struct arena arena = {0};
    struct rule_case *list = NULL;
    struct error_list *errors = memory_allocate(sizeof *errors); /* `rules test` tells them */
    enum redress_status status =
        errors ? rule_cases_read(counts->lint->folder, &arena, errors, &list) : STATUS_MEMORY;
    for (; status == STATUS_OK && list; list = list->next) {
        enum language language = LANGUAGE_UNKNOWN;
        const char *hint = list->language_hint;
        if (list->severity == SEVERITY_NONE && !list->undecided && hint && strlen(hint) == 2 &&
            redress_language_parse(hint, 2, &language))
            count_text(counts, language, (struct slice){list->text, (uint32_t)strlen(list->text)},
                       UINT32_MAX);
    }
    arena_free(&arena);
    memory_free(errors);
    return status;
}

static enum redress_status count_file(struct calm_counts *counts)
{
    struct json_lines lines;
    struct json_value object;
    enum redress_status status = json_lines_open(&lines, counts->lint->calm, counts->lint->errors);
    if (status != STATUS_OK)
        return status;
    while ((status = json_lines_next(&lines, &object)) == STATUS_OK) {
        struct slice text = json_lines_text(object, "text");
        struct slice name = json_lines_text(object, "language");
        enum language language = LANGUAGE_UNKNOWN;
        if (name.size == 0)
            name = json_lines_text(object, "lang");
        if (name.size == 2 && redress_language_parse(name.data, 2, &language) && text.size > 0)
            count_text(counts, language, text, UINT32_MAX);
    }
    json_lines_close(&lines);
    return status == STATUS_EMPTY ? STATUS_OK : status;
}

enum redress_status lint_check_calm(struct lint *lint)
{
    struct calm_counts counts = {
        .lint = lint,
        .hits = memory_allocate_array(lint->probe.entry_count + 1, sizeof *counts.hits)};
    if (!counts.hits)
        return STATUS_MEMORY;
    count_examples(&counts);
    enum redress_status status = count_cases(&counts);
    if (status == STATUS_OK)
        report(&counts, lint->warnings, "calm examples and cases");
    if (status == STATUS_OK && lint->calm) {
        memset(counts.hits, 0, lint->probe.entry_count * sizeof *counts.hits);
        memset(counts.texts, 0, sizeof counts.texts);
        status = count_file(&counts);
        if (status == STATUS_OK)
            report(&counts, lint->errors, "calm messages");
    }
    memory_free(counts.hits);
    return status;
}
