/**
 * redress rules check|test|parity|patterns: the engine's own loader, and the tests beside the
 * rules. The verbs of the bench are in rules_bench.c and the files of their names.
 */
#include "base/error_list.h"
#include "base/json_writer.h"
#include "base/memory.h"
#include "classify/rule_test.h"
#include "cli/cli.h"
#include "cli/rules_bench.h"
#include "cli/rules_parity.h"
#include "cli/rules_path.h"
#include "workbench/lint.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: redress rules check [--quick] [--calm FILE] [--json] [DIR]\n"
    "       redress rules test [--json] [DIR]\n"
    "       redress rules parity [--json] [DIR]\n"
    "       redress rules patterns [DIR]\n"
    "       redress rules explain [--language xx] TEXT|FILE|-\n"
    "       redress rules score|hits|errors --gold DIR --corpus DIR\n"
    "       redress rules profile FILE\n"
    "       redress rules schema\n\n"
    "check  loads the rules as the engine does, then looks for what they may still hide:\n"
    "       patterns that blow up, entries that are too open, that stand twice, that everybody\n"
    "       says; prints every error and warning with its place and what mends it, and says\n"
    "       nothing where all is well. Warnings leave the exit code alone.\n"
    "       --quick      loads only, as the engine does before a reload\n"
    "       --calm FILE  calm messages of your own, {\"text\", \"language\"} a line: an entry "
    "that\n"
    "                    hits more than 1 % of a language's is an error\n"
    "test   runs every rule's own examples and the cases below DIR/cases\n"
    "parity judges the meanings of DIR/cases/parallel.yaml in every language and shows\n"
    "       where the packs part\n"
    "patterns lists what the rules' words and patterns become for PCRE2 over the view, one a\n"
    "       line\n"
    "explain says why a text has its verdict, and what would change it\n"
    "score  compares the rules with messages that careful readers have judged\n"
    "hits   says what every rule hits among these, and how precisely\n"
    "errors lists those that are judged otherwise\n"
    "profile says what every rule costs, worst first\n"
    "schema writes the JSON Schema of a rule file, for editors\n\n"
    "From explain on each has a --help of its own.\n\n"
    "DIR is the rules folder (default: $REDRESS_RULES, ./rules, the installed one).\n\n"
    "--json prints one object on standard output instead:\n"
    "  rules, rule_set             how many, and the hash that verdicts carry; only where they "
    "load\n"
    "  examples, cases, failures   test only: how many ran, how many came out otherwise\n"
    "  errors                      [{file, line, column, text}], at most 100; line and column "
    "only\n"
    "                              where the error has a place inside the file\n"
    "  error_count                 how many there are in all\n"
    "  warnings, warning_count     check only: the same\n\n"
    "Exit code 0 where all is well, 1 where an error or failure was found.\n";

struct rules_options {
    const char *folder;
    const char *calm;
    bool quick;
    bool json;
    bool help;
};

static bool parse(int argc, char **argv, struct rules_options *options)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'},       {"rules", required_argument, NULL, 'r'},
        {"calm", required_argument, NULL, 'c'}, {"quick", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},       {0}};
    const char *folder = NULL;
    for (int option = 0; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
        if (option == '?')
            return false;
        options->json |= option == 'j';
        options->help |= option == 'h';
        options->quick |= option == 'q';
        if (option == 'r')
            folder = optarg;
        if (option == 'c')
            options->calm = optarg;
    }
    if (optind < argc)
        folder = argv[optind++];
    options->folder = rules_path(folder);
    return optind == argc;
}

/* `name` is "error" or "warning". */
static void write_errors(struct json_writer *json, const char *name,
                         const struct error_list *errors)
{
    char key[32];
    snprintf(key, sizeof key, "%ss", name);
    json_key(json, key);
    json_array_open(json);
    for (uint32_t index = 0; index < error_list_kept(errors); index++) {
        const struct redress_error *error = &errors->errors[index];
        json_object_open(json);
        json_key(json, "file");
        json_string(json, error->file);
        if (error->line) {
            json_key(json, "line");
            json_unsigned(json, error->line);
            json_key(json, "column");
            json_unsigned(json, error->column);
        }
        json_key(json, "text");
        json_string(json, error->text);
        json_object_close(json);
    }
    json_array_close(json);
    snprintf(key, sizeof key, "%s_count", name);
    json_key(json, key);
    json_unsigned(json, errors->count);
}

/* One JSON document: the errors, and the counts where there are some. */
static void print_json(const struct rule_set *rule_set, const struct error_list *errors,
                       const struct error_list *warnings, const struct rule_test_counts *counts)
{
    static char buffer[2 * ERROR_LIST_MAX * 3200 + 1024];
    struct json_writer json;
    json_start(&json, buffer, sizeof buffer);
    json_object_open(&json);
    if (rule_set) {
        json_key(&json, "rules");
        json_unsigned(&json, redress_rule_set_count(rule_set));
        json_key(&json, "rule_set");
        json_hex(&json, redress_rule_set_hash(rule_set));
    }
    if (counts) {
        json_key(&json, "examples");
        json_unsigned(&json, counts->examples);
        json_key(&json, "cases");
        json_unsigned(&json, counts->cases);
        json_key(&json, "failures");
        json_unsigned(&json, counts->failures);
    }
    write_errors(&json, "error", errors);
    if (warnings)
        write_errors(&json, "warning", warnings);
    json_object_close(&json);
    json_newline(&json);
    fwrite(buffer, 1, json.size, stdout);
}

static int answer(enum redress_status status, bool failed)
{
    if (status != STATUS_OK && status != STATUS_INVALID) {
        fprintf(stderr, "redress rules: %s\n", redress_status_name(status));
        return EXIT_ENVIRONMENT;
    }
    return status == STATUS_OK && !failed ? EXIT_DONE : EXIT_ANSWER_NO;
}

static void print_warnings(const struct error_list *warnings)
{
    for (uint32_t index = 0; index < error_list_kept(warnings); index++) {
        const struct redress_error *warning = &warnings->errors[index];
        fprintf(stderr, "%s:%u:%u: warning: %s\n", warning->file, warning->line, warning->column,
                warning->text);
    }
    if (warnings->count > ERROR_LIST_MAX)
        fprintf(stderr, "and %u more warnings\n", warnings->count - ERROR_LIST_MAX);
}

static int check(const struct rules_options *options, struct error_list *errors)
{
    struct rule_set *rule_set = NULL;
    struct error_list *warnings = memory_allocate(sizeof *warnings);
    enum redress_status status =
        warnings ? rule_set_load(options->folder, errors, &rule_set) : STATUS_MEMORY;
    struct lint lint = {.rule_set = rule_set,
                        .folder = options->folder,
                        .calm = options->calm,
                        .errors = errors,
                        .warnings = warnings};
    if (status == STATUS_OK && !options->quick)
        status = lint_run(&lint);
    error_list_sort(errors);
    if (options->json && warnings) {
        print_json(rule_set, errors, warnings, NULL);
    } else if (warnings) {
        error_list_print(errors, stderr);
        error_list_sort(warnings);
        print_warnings(warnings);
    }
    redress_rule_set_free(rule_set);
    memory_free(warnings);
    return answer(status, errors->count > 0);
}

static int test(const struct rules_options *options, struct error_list *errors)
{
    struct rule_set *rule_set = NULL;
    struct rule_test_counts counts = {0};
    enum redress_status status = rule_set_load(options->folder, errors, &rule_set);
    if (status == STATUS_OK)
        status = rule_test_run(rule_set, options->folder, errors, &counts);
    if (options->json) {
        print_json(rule_set, errors, NULL, &counts);
    } else {
        error_list_print(errors, stderr);
        if (rule_set)
            printf("%u rules, %u examples, %u cases, %u failures\n",
                   redress_rule_set_count(rule_set), counts.examples, counts.cases,
                   counts.failures);
    }
    redress_rule_set_free(rule_set);
    return answer(status, errors->count > 0);
}

static int parity(const struct rules_options *options, struct error_list *errors)
{
    struct rule_set *rule_set = NULL;
    bool passes = false;
    enum redress_status status = rule_set_load(options->folder, errors, &rule_set);
    if (status == STATUS_OK)
        status = cli_rules_parity(rule_set, options->folder, options->json, errors, &passes);
    error_list_print(errors, stderr);
    redress_rule_set_free(rule_set);
    return answer(status, !passes);
}

static int patterns(const struct rules_options *options, struct error_list *errors)
{
    struct rule_set *rule_set = NULL;
    enum redress_status status = rule_set_load(options->folder, errors, &rule_set);
    error_list_print(errors, stderr);
    for (uint32_t index = 0; rule_set && index < rule_set->pack.rule_count; index++) {
        const struct rule *rule = &rule_set->pack.rules[index];
        for (uint32_t at = 0; at < rule->pattern_count && !rule->original; at++)
            printf("%s\n", rule->patterns[at].text);
    }
    redress_rule_set_free(rule_set);
    return answer(status, errors->count > 0);
}

/* What a verb does; NULL where there is none of that name. */
static int (*verb_find(const char *name))(const struct rules_options *, struct error_list *)
{
    static const struct {
        const char *name;
        int (*run)(const struct rules_options *options, struct error_list *errors);
    } verbs[] = {{"check", check}, {"test", test}, {"parity", parity}, {"patterns", patterns}};
    for (size_t index = 0; index < sizeof verbs / sizeof verbs[0]; index++)
        if (strcmp(verbs[index].name, name) == 0)
            return verbs[index].run;
    return NULL;
}

int cli_rules(int argc, char **argv)
{
    struct rules_options options = {0};
    const char *verb = argc > 1 ? argv[1] : "";
    const struct bench_verb *bench = rules_bench_find(verb);
    if (bench)
        return rules_bench_run(bench, argc - 1, argv + 1);
    int (*run)(const struct rules_options *options, struct error_list *errors) = verb_find(verb);
    if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0)
        options.help = true;
    else if (!run || !parse(argc - 1, argv + 1, &options)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (options.help) {
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    struct error_list *errors = memory_allocate(sizeof *errors);
    if (!errors)
        return answer(STATUS_MEMORY, false);
    int result = run(&options, errors);
    memory_free(errors);
    return result;
}
