#include "cli/demo_screen.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS = 80, LINE_BYTES_MAX = 512 };

static const char home_and_clear[] = "\033[H\033[2J";

/* Writes a line cut at COLUMNS characters (not bytes): texts are UTF-8 in three scripts. */
static void put_line(const char *text)
{
    unsigned columns = 0;
    size_t size = 0;
    for (; text[size]; size++) {
        bool begins = ((unsigned char)text[size] & 0xC0) != 0x80;
        if (begins && columns == COLUMNS)
            break;
        columns += begins;
    }
    printf("%.*s\n", (int)size, text);
}

void demo_screen_open(struct demo_screen *screen)
{
    *screen = (struct demo_screen){.is_terminal = isatty(STDOUT_FILENO) == 1};
}

static void append_traits(char *line, size_t line_max, trait_set traits)
{
    for (unsigned trait = 0; trait < TRAIT_COUNT; trait++) {
        size_t used = strlen(line);
        if (traits >> trait & 1)
            snprintf(line + used, line_max - used, " %s", redress_trait_name((enum trait)trait));
    }
}

static void format_words(const struct frontline_record *record, char *line, size_t line_max)
{
    snprintf(line, line_max, "           ");
    for (unsigned index = 0; index < record->rules_stored; index++) {
        size_t used = strlen(line);
        snprintf(line + used, line_max - used, " \"%s\"", record->rules[index].words);
    }
}

static void put_case(const struct frontline_record *record)
{
    char line[LINE_BYTES_MAX];
    snprintf(line, sizeof line, " %-8s  %s %-7.7s %6.1f us  %-9.9s",
             redress_severity_name((enum severity)record->severity),
             redress_language_name((enum language)record->language), record->channel,
             (double)record->latency_ns / 1000.0, record->queue);
    append_traits(line, sizeof line, record->traits);
    put_line(line);
    format_words(record, line, sizeof line);
    put_line(line);
}

void demo_screen_add_case(struct demo_screen *screen, const struct frontline_record *record)
{
    screen->cases[screen->case_count++ % DEMO_SCREEN_CASES] = *record;
    if (!screen->is_terminal)
        put_case(record);
}

static void put_channels(const struct demo_screen *screen, const struct demo_figures *figures,
                         double seconds)
{
    char line[LINE_BYTES_MAX] = " channels  ";
    for (unsigned index = 0; index < figures->channel_count; index++) {
        size_t used = strlen(line);
        uint64_t more = figures->by_channel[index] - screen->before.by_channel[index];
        snprintf(line + used, sizeof line - used, " %s %.0f/s", figures->channel_names[index],
                 (double)more / seconds);
    }
    put_line(line);
}

static void put_languages(const struct demo_screen *screen, const struct demo_figures *figures,
                          double seconds)
{
    char line[LINE_BYTES_MAX] = " languages ";
    for (unsigned index = 0; index < LANGUAGE_COUNT; index++) {
        size_t used = strlen(line);
        uint64_t more = figures->by_language[index] - screen->before.by_language[index];
        const char *name =
            index == LANGUAGE_UNKNOWN ? "other" : redress_language_name((enum language)index);
        snprintf(line + used, sizeof line - used, " %s %.0f/s", name, (double)more / seconds);
    }
    put_line(line);
}

static void put_totals(const struct demo_figures *figures)
{
    uint64_t received = figures->cases + figures->calm + figures->dead_letters + figures->in_flight;
    char line[LINE_BYTES_MAX];
    snprintf(line, sizeof line,
             " received %" PRIu64 " = cases %" PRIu64 " + calm %" PRIu64 " + dead letters %" PRIu64
             " + in flight %" PRIu64,
             received, figures->cases, figures->calm, figures->dead_letters, figures->in_flight);
    put_line(line);
    snprintf(line, sizeof line,
             " urgent %" PRIu64 "   undecided %" PRIu64 "   raised by history %" PRIu64
             "   law checked %" PRIu64 " times",
             figures->urgent, figures->undecided, figures->raised, figures->checks);
    put_line(line);
}

static void put_frontline(const struct demo_screen *screen)
{
    unsigned shown =
        screen->case_count < DEMO_SCREEN_CASES ? screen->case_count : (unsigned)DEMO_SCREEN_CASES;
    put_line(" FRONTLINE  newest first: severity, language, channel, latency, queue, traits,");
    put_line("            and the words that decided");
    for (unsigned age = 1; age <= shown; age++)
        put_case(&screen->cases[(screen->case_count - age) % DEMO_SCREEN_CASES]);
}

static void put_head(const struct demo_figures *figures)
{
    char line[LINE_BYTES_MAX];
    snprintf(line, sizeof line, " redress demo %5.1f s   read to queue: p50 %.1f us, p99 %.1f us",
             figures->seconds, (double)figures->latency_p50_ns / 1000.0,
             (double)figures->latency_p99_ns / 1000.0);
    put_line(line);
}

void demo_screen_draw(struct demo_screen *screen, const struct demo_figures *figures)
{
    double seconds = figures->seconds - screen->before.seconds;
    if (seconds <= 0)
        return;
    if (screen->is_terminal)
        fputs(home_and_clear, stdout);
    put_head(figures);
    put_channels(screen, figures, seconds);
    put_languages(screen, figures, seconds);
    put_totals(figures);
    if (screen->is_terminal)
        put_frontline(screen);
    fflush(stdout);
    screen->before = *figures;
}

void demo_screen_summary(struct demo_screen *screen, const struct demo_figures *figures)
{
    uint64_t ended = figures->cases + figures->calm + figures->dead_letters;
    screen->before = (struct demo_figures){0};
    put_line("");
    put_line(" SUMMARY (rates over the whole run)");
    put_head(figures);
    put_channels(screen, figures, figures->seconds);
    put_languages(screen, figures, figures->seconds);
    put_totals(figures);
    printf(" sent %" PRIu64 ", ended %" PRIu64 ": %s\n", figures->sent, ended,
           ended == figures->sent ? "nothing lost" : "they differ");
    fflush(stdout);
}
