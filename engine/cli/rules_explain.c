/** redress rules explain: why a text has its verdict, for the author of rules. */
#include "classify/verdict_json.h"
#include "cli/cli.h"
#include "cli/rules_bench.h"
#include "workbench/explain.h"

#include "base/memory.h"
#include "base/printable.h"
#include "text/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN_SENTENCE_BYTES = 400, SHOWN_SPAN_BYTES = 120 };

static const char usage[] =
    "usage: redress rules explain [--language xx] [--rules DIR] [--json] TEXT|FILE|-\n\n"
    "Says why a text has its verdict: sentence by sentence what fired, on which words, and what\n"
    "each rule gave; what nearly fired and the word that stopped it; the score against the tiers;\n"
    "the composites that hold, and those that one more trait would make hold. Words alone: what\n"
    "the lexicon hears in the sentence that complains most by it, and the strongest words; it\n"
    "makes a nuisance at most; likewise of each trait that it hears.\n\n"
    "TEXT is the message itself, FILE a file that holds one message, - standard input.\n"
    "A sentence marked * counts for the score; + and - is what a rule gave to its sentence (0\n"
    "where a stronger rule of its group stands there).\n\n"
    "  --language xx  the message's language; found from the text without it\n"
    "  --rules DIR    the rules folder (default: $REDRESS_RULES, ./rules, the installed one)\n"
    "  --json         one object: the verdict and \"explain\" as `redress classify --explain` has\n"
    "                 them, and sentences, apart, sayings, score and lacking\n\n"
    "Exit code 0; 2: usage; 3: the text could not be read.\n";

/* A message with its padding. */
struct given_text {
    char *bytes;
    uint32_t size;
    bool truncated;
};

static enum redress_status repair(const char *raw, size_t size, struct given_text *out)
{
    size_t repaired = 0;
    out->bytes = memory_allocate(MESSAGE_TEXT_BYTES_MAX + MESSAGE_PADDING_BYTES);
    if (!out->bytes)
        return STATUS_MEMORY;
    out->truncated = size > MESSAGE_TEXT_BYTES_MAX;
    /* Each bad byte may become three. */
    if (redress_repair_utf8(raw, size, out->bytes, MESSAGE_TEXT_BYTES_MAX, &repaired))
        fputs("redress rules explain: bytes that are no UTF-8 were replaced\n", stderr);
    out->size = (uint32_t)repaired;
    memset(out->bytes + repaired, 0, MESSAGE_PADDING_BYTES);
    return STATUS_OK;
}

static enum redress_status read_stream(FILE *file, struct given_text *out)
{
    char *raw = memory_allocate(MESSAGE_TEXT_BYTES_MAX + 1);
    if (!raw)
        return STATUS_MEMORY;
    size_t size = fread(raw, 1, MESSAGE_TEXT_BYTES_MAX + 1, file);
    enum redress_status status = ferror(file) ? STATUS_IO : repair(raw, size, out);
    memory_free(raw);
    return status;
}

static enum redress_status read_given(const char *argument, struct given_text *out)
{
    if (strcmp(argument, "-") == 0)
        return read_stream(stdin, out);
    if (access(argument, F_OK) != 0)
        return repair(argument, strlen(argument), out);
    FILE *file = fopen(argument, "r");
    if (!file)
        return STATUS_IO;
    enum redress_status status = read_stream(file, out);
    fclose(file);
    return status;
}

/* ---- for a terminal, or a file ---- */

static bool in_colour(void)
{
    return isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
}

/* Bytes of a text on one line; what could give a terminal orders is replaced. */
static void print_bytes(const char *bytes, uint32_t size, uint32_t size_max)
{
    char shown[SHOWN_SENTENCE_BYTES + 8];
    uint32_t kept = (uint32_t)utf8_cut(bytes, size, size_max);
    memcpy(shown, bytes, kept);
    shown[kept] = 0;
    for (uint32_t index = 0; index < kept; index++)
        if (shown[index] == '\n' || shown[index] == '\r' || shown[index] == '\t' || !shown[index])
            shown[index] = ' ';
    printable_make(shown);
    printf("%s%s", shown, kept < size ? "…" : "");
}

static void print_span(const struct explanation *explanation, struct text_span span)
{
    print_bytes(explanation->text.data + span.start, span.end - span.start, SHOWN_SPAN_BYTES);
}

static bool fired(const struct explained_hit *hit)
{
    return hit->fate == FATE_FIRED || hit->fate == FATE_FLIPPED;
}

/* The end of the run of bytes from `at` that are all highlighted, or all not. */
static uint32_t run_end(const struct explained_sentence *sentence, uint32_t at, bool *inside)
{
    uint32_t end = sentence->span.end;
    *inside = false;
    for (uint32_t index = 0; index < sentence->hit_count; index++) {
        const struct explained_hit *hit = &sentence->hits[index];
        if (!fired(hit))
            continue;
        *inside |= hit->span.start <= at && at < hit->span.end;
        if (hit->span.start > at && hit->span.start < end)
            end = hit->span.start;
        if (hit->span.end > at && hit->span.end < end)
            end = hit->span.end;
    }
    return end;
}

static void print_sentence(const struct explanation *explanation,
                           const struct explained_sentence *sentence)
{
    bool colour = in_colour();
    bool open = false;
    printf("%c %+.2f  ", sentence->counts ? '*' : ' ', (double)sentence->sum);
    for (uint32_t at = sentence->span.start; at < sentence->span.end;) {
        bool inside = false;
        uint32_t end = run_end(sentence, at, &inside);
        if (inside != open)
            fputs(colour ? (inside ? "\033[1;7m" : "\033[0m") : (inside ? "[" : "]"), stdout);
        open = inside;
        print_bytes(explanation->text.data + at, end - at, SHOWN_SENTENCE_BYTES);
        at = end;
    }
    puts(!open ? "" : colour ? "\033[0m" : "]");
}

static void print_gifts(const struct rule *rule, const struct explained_hit *hit)
{
    static const char *const stances[] = {"", " (announced)", " (done)"};
    if (rule->experimental) {
        printf("  experimental: gives nothing");
        return;
    }
    if (rule->complaint != 0)
        printf("  %+.2f", (double)hit->gave);
    if (rule->complaint != 0 && hit->gave == 0)
        printf(" of %+.2f: its group has a stronger one", (double)rule->complaint);
    if (rule->traits && hit->fate != FATE_FLIPPED) {
        printf("  ");
        bench_print_traits(rule->traits, " ");
        printf("%s", stances[hit->stance]);
    }
    for (unsigned category = 0; category < CATEGORY_COUNT; category++)
        if (rule->categories[category] != 0)
            printf("  %s %.1f", redress_category_name((enum category)category),
                   (double)rule->categories[category]);
    if (rule->at_least > SEVERITY_NONE && hit->fate != FATE_FLIPPED)
        printf("  at least %s", redress_severity_name(rule->at_least));
}

static void print_hit(const struct rule_set *rule_set, const struct explanation *explanation,
                      const struct explained_hit *hit)
{
    const struct rule *rule = &rule_set->pack.rules[hit->rule_index];
    if (hit->fate == FATE_REPEATED)
        return;
    printf("      %s \"", rule->id);
    print_span(explanation, hit->span);
    printf("\"");
    if (fired(hit))
        print_gifts(rule, hit);
    if (hit->fate != FATE_FIRED)
        printf("  %s", fate_name((enum fate)hit->fate));
    if (hit->stopper.end > 0) {
        printf(" by \"");
        print_span(explanation, hit->stopper);
        printf("\"");
    }
    printf("\n");
}

static void print_sentences(const struct rule_set *rule_set, const struct explanation *explanation)
{
    if (explanation->sentence_count == 0)
        puts("no rule matches");
    for (uint32_t index = 0; index < explanation->sentence_count; index++) {
        const struct explained_sentence *sentence = &explanation->sentences[index];
        print_sentence(explanation, sentence);
        for (uint32_t hit = 0; hit < sentence->hit_count; hit++)
            print_hit(rule_set, explanation, &sentence->hits[hit]);
    }
    for (uint32_t index = 0; index < explanation->apart_count; index++) {
        const struct apart_pair *pair = &explanation->apart[index];
        printf("      %s \"", rule_set->pack.rules[pair->rule_index].id);
        print_span(explanation, pair->a);
        printf("\" and \"");
        print_span(explanation, pair->b);
        puts("\"  stand too far apart");
    }
}

static void print_verdict(const struct verdict *verdict)
{
    printf("%s%s", redress_severity_name(verdict->severity), verdict->urgent ? ", urgent" : "");
    for (unsigned index = 0; index < verdict->category_count; index++)
        printf("%s%s", index ? " " : ", ",
               redress_category_name((enum category)verdict->categories[index]));
    if (verdict->traits) {
        printf(", ");
        bench_print_traits(verdict->traits, " ");
    }
    printf(" (%s%s)\n", redress_language_name(verdict->language),
           verdict->undecided ? ", undecided: goes to people" : "");
}

static void print_values(const struct verdict_values *values)
{
    if (values->duration_s == 0 && values->money_eur == 0 && values->count == 0)
        return;
    printf("values:");
    if (values->duration_s != 0)
        printf("  duration %.1f days", (double)values->duration_s / 86400);
    if (values->money_eur != 0)
        printf("  money about %.0f EUR", (double)values->money_eur);
    if (values->count != 0)
        printf("  count %.0f", (double)values->count);
    printf("\n");
}

static void print_tiers(const struct explanation *explanation)
{
    const struct verdict *verdict = &explanation->verdict;
    printf("score %.2f: %s by the tiers", (double)verdict->score,
           redress_severity_name(explanation->by_score));
    if (explanation->next_by_score > verdict->severity)
        printf("; %.2f more would make it %s", (double)explanation->missing_score,
               redress_severity_name(explanation->next_by_score));
    printf("\n");
}

static void print_saying(const struct explanation *explanation,
                         const struct explained_saying *saying)
{
    printf("words alone, %s %.2f:", saying->what, (double)saying->sum);
    for (uint32_t index = 0; index < saying->word_count; index++) {
        printf("%s \"", index ? "," : "");
        print_span(explanation, saying->words[index].span);
        printf("\" %+.2f", (double)saying->words[index].weight);
    }
    printf("\n");
}

static void print_sayings(const struct explanation *explanation)
{
    for (uint32_t index = 0; index < explanation->saying_count; index++)
        if (explanation->sayings[index].word_count > 0)
            print_saying(explanation, &explanation->sayings[index]);
}

static void print_composites(const struct explanation *explanation)
{
    for (uint32_t index = 0; index < explanation->holding_count; index++) {
        const struct composite *composite = explanation->holding[index];
        printf("holds: %s (%s%s): %s\n", composite->id, redress_severity_name(composite->at_least),
               composite->urgent ? ", urgent" : "", composite->why);
    }
    for (uint32_t index = 0; index < explanation->lacking_count; index++) {
        const struct lacking_composite *lacking = &explanation->lacking[index];
        printf("lacks one trait: %s (%s%s): ", lacking->composite->id,
               redress_severity_name(lacking->composite->at_least),
               lacking->composite->urgent ? ", urgent" : "");
        bench_print_traits(lacking->traits, " or ");
        printf("\n");
    }
}

static void print_explanation(const struct rule_set *rule_set,
                              const struct explanation *explanation)
{
    print_verdict(&explanation->verdict);
    print_sentences(rule_set, explanation);
    print_values(&explanation->verdict.values);
    print_sayings(explanation);
    print_tiers(explanation);
    print_composites(explanation);
}

/* ---- for programs ---- */

static void write_span(struct json_writer *json, struct text_span span)
{
    json_array_open(json);
    json_unsigned(json, span.start);
    json_unsigned(json, span.end);
    json_array_close(json);
}

static void write_hit(struct json_writer *json, const struct rule_set *rule_set,
                      const struct explained_hit *hit)
{
    json_object_open(json);
    json_key(json, "id");
    json_string(json, redress_rule_id(rule_set, hit->rule_index));
    json_key(json, "span");
    write_span(json, hit->span);
    json_key(json, "fate");
    json_string(json, fate_name((enum fate)hit->fate));
    json_key(json, "gave");
    json_number(json, (double)hit->gave);
    if (hit->stopper.end > 0) {
        json_key(json, "stopped_by");
        write_span(json, hit->stopper);
    }
    json_object_close(json);
}

static void write_sentence(struct bench_report *report, const struct rule_set *rule_set,
                           const struct explained_sentence *sentence)
{
    struct json_writer *json = &report->json;
    json_object_open(json);
    json_key(json, "span");
    write_span(json, sentence->span);
    json_key(json, "sum");
    json_number(json, (double)sentence->sum);
    json_key(json, "counts");
    json_bool(json, sentence->counts);
    json_key(json, "hits");
    json_array_open(json);
    for (uint32_t index = 0; index < sentence->hit_count; index++)
        write_hit(json, rule_set, &sentence->hits[index]);
    json_array_close(json);
    json_object_close(json);
    bench_report_flush(report);
}

static void write_apart(struct json_writer *json, const struct rule_set *rule_set,
                        const struct explanation *explanation)
{
    json_key(json, "apart");
    json_array_open(json);
    for (uint32_t index = 0; index < explanation->apart_count; index++) {
        const struct apart_pair *pair = &explanation->apart[index];
        json_object_open(json);
        json_key(json, "id");
        json_string(json, redress_rule_id(rule_set, pair->rule_index));
        json_key(json, "a");
        write_span(json, pair->a);
        json_key(json, "b");
        write_span(json, pair->b);
        json_object_close(json);
    }
    json_array_close(json);
}

static void write_saying(struct json_writer *json, const struct explained_saying *saying)
{
    json_object_open(json);
    json_key(json, "what");
    json_string(json, saying->what);
    json_key(json, "sum");
    json_number(json, (double)saying->sum);
    json_key(json, "words");
    json_array_open(json);
    for (uint32_t index = 0; index < saying->word_count; index++) {
        json_object_open(json);
        json_key(json, "span");
        write_span(json, saying->words[index].span);
        json_key(json, "weight");
        json_number(json, (double)saying->words[index].weight);
        json_object_close(json);
    }
    json_array_close(json);
    json_object_close(json);
}

static void write_sayings(struct json_writer *json, const struct explanation *explanation)
{
    json_key(json, "sayings");
    json_array_open(json);
    for (uint32_t index = 0; index < explanation->saying_count; index++)
        write_saying(json, &explanation->sayings[index]);
    json_array_close(json);
}

static void write_changes(struct json_writer *json, const struct explanation *explanation)
{
    json_key(json, "by_score");
    json_string(json, redress_severity_name(explanation->by_score));
    if (explanation->next_by_score > explanation->verdict.severity) {
        json_key(json, "next_by_score");
        json_string(json, redress_severity_name(explanation->next_by_score));
        json_key(json, "missing_score");
        json_number(json, (double)explanation->missing_score);
    }
    json_key(json, "lacking");
    json_array_open(json);
    for (uint32_t index = 0; index < explanation->lacking_count; index++) {
        const struct lacking_composite *lacking = &explanation->lacking[index];
        json_object_open(json);
        json_key(json, "id");
        json_string(json, lacking->composite->id);
        json_key(json, "at_least");
        json_string(json, redress_severity_name(lacking->composite->at_least));
        json_key(json, "urgent");
        json_bool(json, lacking->composite->urgent);
        json_key(json, "any_of");
        bench_write_traits(json, lacking->traits);
        json_object_close(json);
    }
    json_array_close(json);
}

static bool write_explanation(const struct rule_set *rule_set,
                              const struct explanation *explanation)
{
    struct bench_report report;
    if (!bench_report_open(&report))
        return false;
    verdict_write_json(&report.json, rule_set, &explanation->verdict);
    verdict_write_explanation(&report.json, rule_set, explanation->scratch, &explanation->verdict);
    json_key(&report.json, "sentences");
    json_array_open(&report.json);
    for (uint32_t index = 0; index < explanation->sentence_count; index++)
        write_sentence(&report, rule_set, &explanation->sentences[index]);
    json_array_close(&report.json);
    write_apart(&report.json, rule_set, explanation);
    write_sayings(&report.json, explanation);
    write_changes(&report.json, explanation);
    return bench_report_close(&report);
}

static int explain(const struct bench_options *options, const struct rule_set *rule_set)
{
    struct given_text text = {0};
    struct explanation explanation = {0};
    enum redress_status status = read_given(options->arguments[0], &text);
    if (status == STATUS_OK) {
        const struct classify_input input = {
            .text = {text.bytes, text.size},
            .language_hint = {options->language, (uint32_t)strlen(options->language)},
            .truncated = text.truncated};
        status = explain_text(rule_set, &input, &explanation);
    }
    if (status == STATUS_OK && options->json)
        status = write_explanation(rule_set, &explanation) ? STATUS_OK : STATUS_MEMORY;
    else if (status == STATUS_OK)
        print_explanation(rule_set, &explanation);
    explanation_free(&explanation);
    memory_free(text.bytes);
    return bench_answer(status);
}

const struct bench_verb rules_explain_verb = {
    .name = "explain", .usage = usage, .needs_rules = true, .argument_count = 1, .run = explain};
