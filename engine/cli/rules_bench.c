#include "cli/rules_bench.h"

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/rules_path.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { BENCH_REPORT_BYTES = 4 * 1024 * 1024 };

const struct bench_verb *rules_bench_find(const char *name)
{
    static const struct bench_verb *const verbs[] = {
        &rules_explain_verb, &rules_score_verb,   &rules_hits_verb,
        &rules_errors_verb,  &rules_profile_verb, &rules_schema_verb,
        &rules_diff_verb,    &rules_gaps_verb,    &rules_stems_verb};
    for (size_t index = 0; index < sizeof verbs / sizeof verbs[0]; index++)
        if (strcmp(verbs[index]->name, name) == 0)
            return verbs[index];
    return NULL;
}

static bool take_option(struct bench_options *options, int option)
{
    switch (option) {
    case 'r':
        options->rules = optarg;
        return true;
    case 'o':
        options->override = optarg;
        return true;
    case 'g':
        options->gold = optarg;
        return true;
    case 'c':
        options->corpus = optarg;
        return true;
    case 'l':
        options->language = optarg;
        return true;
    case 's':
        options->split = optarg;
        return true;
    case 'j':
        return options->json = true;
    case 't':
        return options->text = true;
    case 'h':
        return options->help = true;
    default:
        return false;
    }
}

static bool language_is_good(const char *name)
{
    enum language language = LANGUAGE_UNKNOWN;
    if (!name[0] || redress_language_parse(name, strlen(name), &language))
        return true;
    fprintf(stderr, "redress rules: --language takes en, pl, sv, nl, ru or el\n");
    return false;
}

static bool parse(const struct bench_verb *verb, int argc, char **argv,
                  struct bench_options *options)
{
    static const struct option known[] = {
        {"rules", required_argument, NULL, 'r'},  {"gold", required_argument, NULL, 'g'},
        {"corpus", required_argument, NULL, 'c'}, {"language", required_argument, NULL, 'l'},
        {"split", required_argument, NULL, 's'},  {"json", no_argument, NULL, 'j'},
        {"text", no_argument, NULL, 't'},         {"override", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},         {0}};
    *options = (struct bench_options){.language = ""};
    for (int option = 0; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;)
        if (!take_option(options, option))
            return false;
    unsigned arguments = 0;
    while (optind < argc && arguments < verb->argument_count)
        options->arguments[arguments++] = argv[optind++];
    if (options->help)
        return true;
    return optind == argc && language_is_good(options->language) &&
           arguments == verb->argument_count &&
           verb->needs_gold == (options->gold && options->corpus);
}

int bench_answer(enum redress_status status)
{
    if (status == STATUS_OK)
        return EXIT_DONE;
    if (status != STATUS_INVALID)
        fprintf(stderr, "redress rules: %s\n", redress_status_name(status));
    return status == STATUS_INVALID ? EXIT_ANSWER_NO : EXIT_ENVIRONMENT;
}

enum redress_status bench_load_rules(const char *folder, const char *override_folder,
                                     struct rule_set **out)
{
    struct error_list *errors = memory_allocate(sizeof *errors);
    if (!errors)
        return STATUS_MEMORY;
    enum redress_status status =
        rule_set_load_overridden(rules_path(folder), override_folder, errors, out);
    error_list_print(errors, stderr);
    memory_free(errors);
    return status;
}

int rules_bench_run(const struct bench_verb *verb, int argc, char **argv)
{
    struct bench_options options;
    struct rule_set *rule_set = NULL;
    if (!parse(verb, argc, argv, &options)) {
        fputs(verb->usage, stderr);
        return EXIT_USAGE;
    }
    if (options.help) {
        fputs(verb->usage, stdout);
        return EXIT_DONE;
    }
    enum redress_status status = verb->needs_rules
                                     ? bench_load_rules(options.rules, options.override, &rule_set)
                                     : STATUS_OK;
    int result = status == STATUS_OK ? verb->run(&options, rule_set) : bench_answer(status);
    redress_rule_set_free(rule_set);
    if (fflush(stdout) == 0)
        return result;
    perror("redress rules: standard output");
    return EXIT_ENVIRONMENT;
}

/* Leaves only the messages of one split. */
static enum redress_status keep_split(struct gold *gold, const char *folder, const char *name)
{
    uint32_t kept = 0;
    for (uint32_t index = 0; index < gold->count; index++)
        if (strcmp(gold->splits[gold->messages[index].split], name) == 0)
            gold->messages[kept++] = gold->messages[index];
    gold->count = kept;
    if (kept > 0)
        return STATUS_OK;
    fprintf(stderr, "redress rules: %s has no %s.LANG.jsonl with messages\n", folder, name);
    return STATUS_INVALID;
}

enum redress_status bench_load_gold(const struct bench_options *options, struct gold *gold)
{
    *gold = (struct gold){0};
    struct error_list *errors = memory_allocate(sizeof *errors);
    if (!errors)
        return STATUS_MEMORY;
    enum redress_status status = gold_load(gold, options->gold, options->corpus, errors);
    error_list_print(errors, stderr);
    memory_free(errors);
    return status == STATUS_OK && options->split ? keep_split(gold, options->gold, options->split)
                                                 : status;
}

bool bench_report_open(struct bench_report *report)
{
    report->buffer = memory_allocate(BENCH_REPORT_BYTES);
    if (!report->buffer)
        return false;
    json_start(&report->json, report->buffer, BENCH_REPORT_BYTES);
    json_object_open(&report->json);
    return true;
}

void bench_report_flush(struct bench_report *report)
{
    fwrite(report->buffer, 1, report->json.size, stdout);
    report->json.size = 0;
}

bool bench_report_close(struct bench_report *report)
{
    json_object_close(&report->json);
    json_newline(&report->json);
    bench_report_flush(report);
    memory_free(report->buffer);
    return !report->json.overflow;
}

void bench_print_traits(trait_set traits, const char *separator)
{
    const char *before = "";
    for (unsigned trait = 0; trait < TRAIT_COUNT; trait++) {
        if (!(traits >> trait & 1))
            continue;
        printf("%s%s", before, redress_trait_name((enum trait)trait));
        before = separator;
    }
}

void bench_write_traits(struct json_writer *json, trait_set traits)
{
    json_array_open(json);
    for (unsigned trait = 0; trait < TRAIT_COUNT; trait++)
        if (traits >> trait & 1)
            json_string(json, redress_trait_name((enum trait)trait));
    json_array_close(json);
}
