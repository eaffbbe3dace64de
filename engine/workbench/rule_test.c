#include "workbench/rule_test.h"

#include "base/memory.h"
#include "workbench/rule_case.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct tester {
    const struct rule_set *rule_set;
    struct scratch *scratch;
    struct error_list *errors;
    struct rule_test_counts *counts;
    const struct rule_test_visitor *visitor; /* may be NULL */
    char failure[1000]; /* of the example or case that is being run, one line each */
    char *text;         /* TESTER_TEXT_BYTES, padding included */
};

enum { TESTER_TEXT_BYTES = 64 * 1024 };

__attribute__((format(printf, 3, 4))) static void
fail(struct tester *tester, const struct rule_place *place, const char *format, ...)
{
    char text[240];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error_list_add(tester->errors, STATUS_INVALID, place->file, place->line, place->column, "%s",
                   text);
    tester->counts->failures++;
    size_t used = strlen(tester->failure);
    snprintf(tester->failure + used, sizeof tester->failure - used, "%s%s", used ? "\n" : "", text);
}

static void tell(struct tester *tester, const struct rule_test_result *result)
{
    struct rule_test_result told = *result;
    told.failure = tester->failure[0] ? tester->failure : NULL;
    if (tester->visitor)
        tester->visitor->visit(tester->visitor->target, &told);
    tester->failure[0] = 0;
}

/* The text with the zeroed bytes behind it that matching wants. */
static struct slice padded(struct tester *tester, const char *text)
{
    size_t size = strlen(text);
    if (size > TESTER_TEXT_BYTES - MESSAGE_PADDING_BYTES)
        size = TESTER_TEXT_BYTES - MESSAGE_PADDING_BYTES;
    memcpy(tester->text, text, size);
    memset(tester->text + size, 0, MESSAGE_PADDING_BYTES);
    return (struct slice){tester->text, (uint32_t)size};
}

/* What the rule's evidence comes to: FATE_COUNT where nothing of it matches. */
static enum fate rule_fate(struct tester *tester, uint32_t rule_index, const char *text,
                           bool *undecided)
{
    const struct classify_reading reading = {
        .text = padded(tester, text),
        .languages = tester->rule_set->pack.rules[rule_index].languages};
    *undecided = classify_find_evidence(tester->rule_set, tester->scratch, &reading) != STATUS_OK;
    return context_fate(&tester->scratch->context, rule_index);
}

static void run_example(struct tester *tester, uint32_t rule_index,
                        const struct rule_example *example)
{
    const char *id = tester->rule_set->pack.rules[rule_index].id;
    bool undecided = false;
    enum fate fate = rule_fate(tester, rule_index, example->text, &undecided);
    tester->counts->examples++;
    if (undecided)
        fail(tester, &example->place, "%s: a limit stopped the matching", id);
    else if (fate == FATE_FIRED && !example->must_match)
        fail(tester, &example->place, "%s matches, but must not", id);
    else if (fate == FATE_COUNT && example->must_match)
        fail(tester, &example->place, "%s does not match, but must", id);
    else if (fate != FATE_FIRED && example->must_match)
        fail(tester, &example->place, "%s matches, but is %s", id, fate_name(fate));
    tell(tester, &(struct rule_test_result){.suite = id,
                                            .kind = example->must_match ? "match" : "calm",
                                            .text = example->text,
                                            .place = &example->place});
}

static void run_examples(struct tester *tester)
{
    const struct rule_pack *pack = &tester->rule_set->pack;
    for (uint32_t index = 0; index < pack->rule_count; index++) {
        const struct rule *rule = &pack->rules[index];
        for (uint32_t at = 0; at < rule->example_count; at++)
            run_example(tester, index, &rule->examples[at]);
    }
}

static void name_traits(trait_set traits, char *out, size_t size)
{
    size_t used = 0;
    out[0] = 0;
    for (unsigned trait = 0; trait < TRAIT_COUNT && used < size; trait++)
        if (traits >> trait & 1)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
                                     redress_trait_name((enum trait)trait));
}

static void name_categories(category_set categories, char *out, size_t size)
{
    size_t used = 0;
    out[0] = 0;
    for (unsigned category = 0; category < CATEGORY_COUNT && used < size; category++)
        if (categories >> category & 1)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
                                     redress_category_name((enum category)category));
}

static void compare_verdict(struct tester *tester, const struct rule_case *expected,
                            const struct verdict *verdict)
{
    char is[110];
    char must_be[110];
    if (verdict->severity != expected->severity)
        fail(tester, &expected->place, "the severity is %s, must be %s (score %.2f)",
             redress_severity_name(verdict->severity), redress_severity_name(expected->severity),
             (double)verdict->score);
    if (verdict->urgent != expected->urgent)
        fail(tester, &expected->place, "urgent is %s", verdict->urgent ? "true" : "false");
    if (verdict->undecided != expected->undecided)
        fail(tester, &expected->place, "undecided is %s", verdict->undecided ? "true" : "false");
    if (expected->has_language && verdict->language != expected->language)
        fail(tester, &expected->place, "the language is %s",
             redress_language_name(verdict->language));
    if (verdict->traits != expected->traits) {
        name_traits(verdict->traits, is, sizeof is);
        name_traits(expected->traits, must_be, sizeof must_be);
        fail(tester, &expected->place, "the traits are [%s], must be [%s]", is, must_be);
    }
    if (redress_verdict_categories(verdict) != expected->categories) {
        name_categories(redress_verdict_categories(verdict), is, sizeof is);
        name_categories(expected->categories, must_be, sizeof must_be);
        fail(tester, &expected->place, "the categories are [%s], must be [%s]", is, must_be);
    }
}

static struct slice optional(const char *text)
{
    return text ? (struct slice){text, (uint32_t)strlen(text)} : (struct slice){0};
}

static void run_case(struct tester *tester, const struct rule_case *expected)
{
    const struct classify_input input = {.text = padded(tester, expected->text),
                                         .language_hint = optional(expected->language_hint),
                                         .channel = optional(expected->channel)};
    struct verdict verdict;
    enum redress_status status =
        redress_classify(tester->rule_set, tester->scratch, &input, &verdict);
    verdict.undecided |= status != STATUS_OK;
    if (expected->has_history)
        redress_decide_again(tester->rule_set, &expected->history, &verdict);
    tester->counts->cases++;
    compare_verdict(tester, expected, &verdict);
    tell(tester, &(struct rule_test_result){.suite = expected->place.file,
                                            .kind = "case",
                                            .text = expected->text,
                                            .place = &expected->place});
}

static enum redress_status run_cases(struct tester *tester, const char *folder)
{
    uint32_t errors_before = tester->errors->count;
    struct arena arena = {0};
    struct rule_case *list = NULL;
    enum redress_status status = rule_cases_read(folder, &arena, tester->errors, &list);
    tester->counts->failures += tester->errors->count - errors_before;
    for (; status == STATUS_OK && list; list = list->next)
        run_case(tester, list);
    arena_free(&arena);
    return status;
}

/* The examples of all rules, where they are wanted, and the cases of a folder. */
static enum redress_status run(struct tester *tester, const char *folder, bool examples)
{
    tester->text = memory_allocate(TESTER_TEXT_BYTES);
    enum redress_status status = redress_scratch_create(tester->rule_set, &tester->scratch);
    if (status == STATUS_OK && !tester->text)
        status = STATUS_MEMORY;
    if (status == STATUS_OK) {
        if (examples)
            run_examples(tester);
        status = run_cases(tester, folder);
    }
    redress_scratch_free(tester->scratch);
    memory_free(tester->text);
    return status;
}

enum redress_status rule_test_run(const struct rule_set *rule_set, const char *folder,
                                  const struct rule_test_visitor *visitor,
                                  struct error_list *errors, struct rule_test_counts *counts)
{
    *counts = (struct rule_test_counts){0};
    struct tester tester = {
        .rule_set = rule_set, .errors = errors, .counts = counts, .visitor = visitor};
    return run(&tester, folder, true);
}

enum redress_status rule_test_run_cases(const struct rule_set *rule_set, const char *folder,
                                        const struct rule_test_visitor *visitor,
                                        struct error_list *errors, struct rule_test_counts *counts)
{
    struct tester tester = {
        .rule_set = rule_set, .errors = errors, .counts = counts, .visitor = visitor};
    return run(&tester, folder, false);
}
