/** redress rules witness [--record]: the texts by which each entry of the rules shows itself. */
#include "cli/rules_witness.h"

#include "cli/rules_report.h"
#include "workbench/witness.h"

#include <stdio.h>

/* Everything that one folder's witnesses need, made and freed together. */
struct bench {
    struct entry_probe probe;
    struct witness_judge judge;
    struct witness_book old;
    struct witness_book made;
};

static enum redress_status run_folder(const struct rules_witness_options *options,
                                      const char *folder, struct bench *bench,
                                      struct error_list *errors, struct witness_counts *counts)
{
    enum redress_status status = witness_book_init(&bench->old, &bench->probe, folder);
    /* What the old files name and the rules do not have is what a recording takes out. */
    struct error_list *read_errors = errors;
    static struct error_list passed_over;
    if (options->record)
        read_errors = &passed_over;
    passed_over.count = 0;
    if (status == STATUS_OK)
        status = witness_book_read(&bench->old, read_errors);
    if (status == STATUS_OK && !options->record) {
        witness_check(&bench->old, &bench->judge, NULL, errors, counts);
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = witness_book_init(&bench->made, &bench->probe, folder);
    if (status == STATUS_OK)
        status = witness_record(&bench->old, &bench->judge, &bench->made, counts);
    return status == STATUS_OK ? witness_book_write(&bench->made, errors) : status;
}

static void free_books(struct bench *bench)
{
    witness_book_free(&bench->old);
    witness_book_free(&bench->made);
}

static enum redress_status run(const struct rules_witness_options *options,
                               const struct rule_set *rule_set, struct error_list *errors,
                               struct witness_counts *counts)
{
    struct bench bench = {0};
    enum redress_status status = entry_probe_init(&bench.probe, rule_set);
    if (status == STATUS_OK)
        status = witness_judge_init(&bench.judge, &bench.probe);
    if (status == STATUS_OK)
        status = run_folder(options, options->folder, &bench, errors, counts);
    free_books(&bench);
    if (status == STATUS_OK && options->override)
        status = run_folder(options, options->override, &bench, errors, counts);
    free_books(&bench);
    witness_judge_free(&bench.judge);
    entry_probe_free(&bench.probe);
    return status;
}

static void print(const struct witness_counts *counts)
{
    printf("%u witnesses of %u entries, %u entries without any, %u failures\n", counts->texts,
           counts->entries, counts->dead, counts->failures);
}

enum redress_status cli_rules_witness(const struct rules_witness_options *options,
                                      struct error_list *errors)
{
    struct rule_set *rule_set = NULL;
    struct witness_counts counts = {0};
    enum redress_status status =
        rule_set_load_overridden(options->folder, options->override, errors, &rule_set);
    if (status == STATUS_OK)
        status = run(options, rule_set, errors, &counts);
    if (options->json) {
        struct rules_report report;
        rules_report_open(&report, rule_set);
        json_key(&report.json, "witnesses");
        json_unsigned(&report.json, counts.texts);
        json_key(&report.json, "entries");
        json_unsigned(&report.json, counts.entries);
        json_key(&report.json, "dead");
        json_unsigned(&report.json, counts.dead);
        json_key(&report.json, "failures");
        json_unsigned(&report.json, counts.failures);
        rules_report_errors(&report, "error", errors);
        rules_report_close(&report);
    } else {
        error_list_print(errors, stderr);
        if (status == STATUS_OK)
            print(&counts);
    }
    redress_rule_set_free(rule_set);
    return status;
}
