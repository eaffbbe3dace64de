/**
 * redress rules check|test|witness|parity|patterns: the engine's own loader, and the tests beside
 * the rules. The verbs of the bench are in rules_bench.c and the files of their names.
 */
#include "base/error_list.h"
#include "base/memory.h"
#include "classify/rule_set.h"
#include "cli/cli.h"
#include "cli/rules_bench.h"
#include "cli/rules_parity.h"
#include "cli/rules_path.h"
#include "cli/rules_report.h"
#include "cli/rules_test.h"
#include "cli/rules_witness.h"
#include "workbench/lint.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: redress rules check [--quick] [--calm FILE] [--json] [DIR]\n"
    "       redress rules test [--mutate|--survivors] [--junit FILE] [--json] [DIR]\n"
    "       redress rules witness [--record] [--json] [DIR]\n"
    "       redress rules parity [--json] [DIR]\n"
    "       redress rules patterns [DIR]\n"
    "       redress rules explain [--language xx] TEXT|FILE|-\n"
    "       redress rules score|hits|errors --gold DIR --corpus DIR\n"
    "       redress rules profile FILE\n"
    "       redress rules diff OLD NEW FILE\n"
    "       redress rules gaps|stems FILE\n"
    "       redress rules schema\n\n"
    "check  loads the rules as the engine does, then looks for what they may still hide:\n"
    "       patterns that blow up, entries that are too open, that stand twice, that everybody\n"
    "       says; prints every error and warning with its place and what mends it, and says\n"
    "       nothing where all is well. Warnings leave the exit code alone.\n"
    "       --quick      loads only, as the engine does before a reload\n"
    "       --calm FILE  calm messages of your own, {\"text\", \"language\"} a line: an entry "
    "that\n"
    "                    hits more than 1 % of a language's is an error\n"
    "test   runs every rule's own examples, the cases below DIR/cases and the witnesses, and says\n"
    "       how many rules and entries these hit\n"
    "       --junit FILE  writes the results as JUnit XML, too\n"
    "       --mutate      leaves out each entry, not, rule and composite in turn, flips each\n"
    "                     operator and operand of the composites, and says how many of these\n"
    "                     mutants an example, a case, a meaning or a witness notices\n"
    "       --survivors   the same, and lists the entries that nobody would miss\n"
    "witness holds every entry to the texts that it alone makes its rule hear, which stand in\n"
    "       DIR/witnesses/LANGUAGE.txt\n"
    "       --record      writes these files anew: a text that still holds is kept\n"
    "parity judges the meanings of DIR/cases/parallel.yaml in every language and shows\n"
    "       where the packs part\n"
    "patterns lists what the rules' words and patterns become for PCRE2 over the view, one a\n"
    "       line\n"
    "explain says why a text has its verdict, and what would change it\n"
    "score  compares the rules with messages that careful readers have judged\n"
    "hits   says what every rule hits among these, and how precisely\n"
    "errors lists those that are judged otherwise\n"
    "profile says what the scan and every rule cost, worst first\n"
    "diff   says what another version of the rules does to messages, and the version step\n"
    "gaps   lists phrases of complaints that no rule covers\n"
    "stems  prints messages as a lexicon reads them, for script/fit-lexicon\n"
    "schema writes the JSON Schema of a rule file, for editors\n\n"
    "From explain on each has a --help of its own.\n\n"
    "DIR is the rules folder (default: $REDRESS_RULES, ./rules, the installed one); every verb\n"
    "takes --override DIR, too: what a site changes of it (rules/README.md).\n\n"
    "--json prints one object on standard output instead:\n"
    "  rules, rule_set             how many, and the hash that verdicts carry; only where they "
    "load\n"
    "  examples, cases, failures   test only: how many ran, how many came out otherwise\n"
    "  witnesses, dead             test only: texts, and entries without any\n"
    "  rules_hit, entries, entries_hit, mutants: [{kind, made, killed}]   test only\n"
    "  witnesses, entries, dead, failures   witness only: texts, entries with and without one\n"
    "  errors                      [{file, line, column, text}], at most 100; line and column "
    "only\n"
    "                              where the error has a place inside the file\n"
    "  error_count                 how many there are in all\n"
    "  warnings, warning_count     check only: the same\n\n"
    "Exit code 0 where all is well, 1 where an error or failure was found.\n";

struct rules_options {
    const char *folder;
    const char *override;
    const char *calm;
    const char *junit;
    bool quick;
    bool mutate;
    bool survivors;
    bool record;
    bool json;
    bool help;
};

static bool parse(int argc, char **argv, struct rules_options *options)
{
    static const struct option known[] = {{"json", no_argument, NULL, 'j'},
                                          {"rules", required_argument, NULL, 'r'},
                                          {"override", required_argument, NULL, 'o'},
                                          {"calm", required_argument, NULL, 'c'},
                                          {"quick", no_argument, NULL, 'q'},
                                          {"junit", required_argument, NULL, 'u'},
                                          {"mutate", no_argument, NULL, 'm'},
                                          {"survivors", no_argument, NULL, 's'},
                                          {"record", no_argument, NULL, 'w'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    const char *folder = NULL;
    for (int option = 0; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
        if (option == '?')
            return false;
        options->json |= option == 'j';
        options->help |= option == 'h';
        options->quick |= option == 'q';
        options->mutate |= option == 'm';
        options->survivors |= option == 's';
        options->record |= option == 'w';
        if (option == 'r')
            folder = optarg;
        if (option == 'c')
            options->calm = optarg;
        if (option == 'o')
            options->override = optarg;
        if (option == 'u')
            options->junit = optarg;
    }
    if (optind < argc)
        folder = argv[optind++];
    options->folder = rules_path(folder);
    return optind == argc;
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
        warnings ? rule_set_load_overridden(options->folder, options->override, errors, &rule_set)
                 : STATUS_MEMORY;
    struct lint lint = {.rule_set = rule_set,
                        .folder = options->folder,
                        .calm = options->calm,
                        .errors = errors,
                        .warnings = warnings};
    if (status == STATUS_OK && !options->quick)
        status = lint_run(&lint);
    error_list_sort(errors);
    if (options->json && warnings) {
        struct rules_report report;
        rules_report_open(&report, rule_set);
        rules_report_errors(&report, "error", errors);
        rules_report_errors(&report, "warning", warnings);
        rules_report_close(&report);
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
    bool failed = false;
    const struct rules_test_options test = {.folder = options->folder,
                                            .override = options->override,
                                            .junit = options->junit,
                                            .mutate = options->mutate || options->survivors,
                                            .survivors = options->survivors,
                                            .json = options->json};
    enum redress_status status = cli_rules_test(&test, errors, &failed);
    return answer(status, failed);
}

static int witness(const struct rules_options *options, struct error_list *errors)
{
    const struct rules_witness_options witness = {.folder = options->folder,
                                                  .override = options->override,
                                                  .record = options->record,
                                                  .json = options->json};
    enum redress_status status = cli_rules_witness(&witness, errors);
    return answer(status, errors->count > 0);
}

static int parity(const struct rules_options *options, struct error_list *errors)
{
    struct rule_set *rule_set = NULL;
    bool passes = false;
    enum redress_status status =
        rule_set_load_overridden(options->folder, options->override, errors, &rule_set);
    if (status == STATUS_OK)
        status = cli_rules_parity(rule_set, options->folder, options->json, errors, &passes);
    error_list_print(errors, stderr);
    redress_rule_set_free(rule_set);
    return answer(status, !passes);
}

static int patterns(const struct rules_options *options, struct error_list *errors)
{
    struct rule_set *rule_set = NULL;
    enum redress_status status =
        rule_set_load_overridden(options->folder, options->override, errors, &rule_set);
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
    } verbs[] = {{"check", check},
                 {"test", test},
                 {"witness", witness},
                 {"parity", parity},
                 {"patterns", patterns}};
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
