#include "cli/demo_screen.h"

#include "base/printable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS = 80, ROWS_DEFAULT = 24, LINE_BYTES_MAX = 1024 };
enum { LINES_ABOVE_CASES = 8, LINES_A_CASE = 2 };

/* Overwriting in place does not flicker as clearing first would. */
static const char clear_screen[] = "\033[2J";
static const char go_home[] = "\033[H";
static const char clear_line_end[] = "\033[K";
static const char clear_below[] = "\033[J";

/* Customers' words are in it, so nothing goes out that could give the terminal orders. Cut at
   COLUMNS columns, not bytes: four-byte characters are emoji, which take two. */
static void put_line(const struct demo_screen *screen, char *text)
{
    unsigned columns = 0;
    size_t size = 0;
    printable_make(text);
    for (size_t step; text[size]; size += step) {
        step = printable_size(text + size);
        columns += step == 4 ? 2 : 1;
        if (columns > COLUMNS)
            break;
    }
    printf("%.*s%s\n", (int)size, text, screen->is_terminal ? clear_line_end : "");
}

static unsigned cases_that_fit(void)
{
    struct winsize window = {0};
    unsigned rows = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_row
                        ? window.ws_row
                        : (unsigned)ROWS_DEFAULT;
    if (rows < LINES_ABOVE_CASES + LINES_A_CASE + 1) /* the cursor's line stays free */
        return 1;
    unsigned fit = (rows - LINES_ABOVE_CASES - 1) / LINES_A_CASE;
    return fit < DEMO_SCREEN_CASES ? fit : (unsigned)DEMO_SCREEN_CASES;
}

void demo_screen_open(struct demo_screen *screen)
{
    *screen = (struct demo_screen){.is_terminal = isatty(STDOUT_FILENO) == 1};
    if (screen->is_terminal)
        printf("%s%s", clear_screen, go_home);
}

static void append_traits(char *line, size_t line_max, trait_set traits)
{
    for (unsigned trait = 0; trait < TRAIT_COUNT; trait++) {
        size_t used = strlen(line);
        if (traits >> trait & 1)
            snprintf(line + used, line_max - used, " %s", redress_trait_name((enum trait)trait));
    }
}

/* Several rules may have heard the same words: people read them once. */
static bool is_shown(const struct frontline_record *record, unsigned index)
{
    for (unsigned before = 0; before < index; before++)
        if (strstr(record->rules[before].words, record->rules[index].words))
            return true;
    return false;
}

static void format_words(const struct frontline_record *record, char *line, size_t line_max)
{
    snprintf(line, line_max, "           ");
    for (unsigned index = 0; index < record->rules_stored; index++) {
        size_t used = strlen(line);
        if (!is_shown(record, index))
            snprintf(line + used, line_max - used, " \"%s\"", record->rules[index].words);
    }
}

static void put_case(const struct demo_screen *screen, const struct frontline_record *record)
{
    char line[LINE_BYTES_MAX];
    snprintf(line, sizeof line, " %-8s  %s %-7.7s %6.1f us  %-9.9s",
             redress_severity_name((enum severity)record->severity),
             redress_language_name((enum language)record->language), record->channel,
             (double)record->latency_ns / 1000.0, record->queue);
    append_traits(line, sizeof line, record->traits);
    put_line(screen, line);
    format_words(record, line, sizeof line);
    put_line(screen, line);
}

/* A case comes again when history raises it: then its line changes, and no second one is made. */
static struct frontline_record *find_case(struct demo_screen *screen, struct case_id id)
{
    for (unsigned index = 0; index < DEMO_SCREEN_CASES && index < screen->case_count; index++)
        if (memcmp(&screen->cases[index].case_id, &id, sizeof id) == 0)
            return &screen->cases[index];
    return NULL;
}

void demo_screen_add_case(struct demo_screen *screen, const struct frontline_record *record)
{
    struct frontline_record *place = find_case(screen, record->case_id);
    if (!place)
        place = &screen->cases[screen->case_count++ % DEMO_SCREEN_CASES];
    *place = *record;
    if (!screen->is_terminal)
        put_case(screen, record);
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
    put_line(screen, line);
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
    put_line(screen, line);
}

static void put_totals(const struct demo_screen *screen, const struct demo_figures *figures)
{
    char line[LINE_BYTES_MAX];
    snprintf(line, sizeof line,
             " received %" PRIu64 " = cases %" PRIu64 " + calm %" PRIu64 " + dead letters %" PRIu64
             " + in flight %" PRIu64,
             figures->received, figures->cases, figures->calm, figures->dead_letters,
             figures->in_flight);
    put_line(screen, line);
    snprintf(line, sizeof line,
             " urgent %" PRIu64 "   undecided %" PRIu64 "   raised by history %" PRIu64
             "   law checked %" PRIu64 " times",
             figures->urgent, figures->undecided, figures->raised, figures->checks);
    put_line(screen, line);
}

static void put_frontline(const struct demo_screen *screen, const struct demo_figures *figures)
{
    unsigned fit = cases_that_fit();
    unsigned shown = screen->case_count < fit ? screen->case_count : fit;
    char line[LINE_BYTES_MAX];
    snprintf(line, sizeof line,
             " FRONTLINE  %" PRIu64 " wait, %" PRIu64
             " handled; newest first, with the words that decided:",
             figures->standing, figures->handled);
    put_line(screen, line);
    snprintf(line, sizeof line, " %-9s %s %-7s %8s     %-9s %s", "severity", "in", "channel",
             "latency", "queue", "traits");
    put_line(screen, line);
    for (unsigned age = 1; age <= shown; age++)
        put_case(screen, &screen->cases[(screen->case_count - age) % DEMO_SCREEN_CASES]);
}

static void put_head(const struct demo_screen *screen, const struct demo_figures *figures)
{
    char line[LINE_BYTES_MAX];
    snprintf(line, sizeof line, " redress demo %5.1f s   read to queue: p50 %.1f us, p99 %.1f us",
             figures->seconds, (double)figures->latency_p50_ns / 1000.0,
             (double)figures->latency_p99_ns / 1000.0);
    put_line(screen, line);
}

void demo_screen_draw(struct demo_screen *screen, const struct demo_figures *figures)
{
    double seconds = figures->seconds - screen->before.seconds;
    if (seconds <= 0)
        return;
    if (screen->is_terminal)
        fputs(go_home, stdout);
    put_head(screen, figures);
    put_channels(screen, figures, seconds);
    put_languages(screen, figures, seconds);
    put_totals(screen, figures);
    if (screen->is_terminal) {
        put_frontline(screen, figures);
        fputs(clear_below, stdout);
    }
    fflush(stdout);
    screen->before = *figures;
}

bool demo_screen_summary(struct demo_screen *screen, const struct demo_figures *figures)
{
    uint64_t ended = figures->cases + figures->calm + figures->dead_letters;
    uint64_t written = figures->sent + figures->found;
    bool balances = ended == written && figures->received == ended + figures->in_flight;
    screen->before = (struct demo_figures){0};
    puts("\n SUMMARY (rates over the whole run)");
    put_head(screen, figures);
    put_channels(screen, figures, figures->seconds);
    put_languages(screen, figures, figures->seconds);
    put_totals(screen, figures);
    printf(" sent %" PRIu64 ", ", figures->sent);
    if (figures->found)
        printf("found %" PRIu64 " of earlier runs, ", figures->found);
    printf("ended %" PRIu64 ": %s\n", ended, balances ? "nothing lost" : "THEY DIFFER");
    fflush(stdout);
    return balances;
}
