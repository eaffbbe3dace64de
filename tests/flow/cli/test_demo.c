/**
 * The demo is the first thing that a newcomer sees: three seconds of it, in-process, with the
 * repository's own rules and samples on the mock cluster, must balance, show urgent cases in every
 * language, fit into 80 columns and leave nothing behind.
 *
 * Its output is caught in a file, so this is what people see who redirect it; the
 * drawing for a terminal is tested by itself, at 24 rows.
 */
#include "cli/demo.c"
#include "cli/demo_cluster.c"
#include "cli/demo_screen.c"

#include "cli/data_path.c"

#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { OUTPUT_MAX = 4 * 1024 * 1024, TERMINAL_ROWS = 24 };

static char output[OUTPUT_MAX];

/* Runs the command in a child, whose standard output is `fd`; gives its exit code. */
static int run_demo(int fd, const char *seconds, const char *rate)
{
    char *argv[] = {
        "demo", "--seconds", (char *)(uintptr_t)seconds, "--rate", (char *)(uintptr_t)rate, NULL};
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(fd, STDOUT_FILENO);
        int exit_code = cli_demo(5, argv);
        fflush(NULL);
        _exit(exit_code);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void read_all(FILE *file)
{
    rewind(file);
    size_t size = fread(output, 1, sizeof output - 1, file);
    output[size] = '\0';
}

static bool line_fits(const char *line, size_t size)
{
    unsigned columns = 0;
    for (size_t index = 0; index < size; index++)
        columns += ((unsigned char)line[index] & 0xC0) != 0x80;
    return columns <= COLUMNS;
}

static void assert_lines_fit(const char *text)
{
    for (const char *line = text; *line;) {
        size_t size = strcspn(line, "\n");
        assert_true(line_fits(line, size));
        line += size + (line[size] == '\n');
    }
}

static bool shows_urgent(const char *language)
{
    char serious[32];
    char critical[32];
    snprintf(serious, sizeof serious, "\n serious   %s ", language);
    snprintf(critical, sizeof critical, "\n critical  %s ", language);
    return strstr(output, serious) || strstr(output, critical);
}

static bool demo_folder_is_left(void)
{
    bool left = false;
    DIR *folder = opendir("/tmp");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        left |= strncmp(entry->d_name, "redress-demo-", strlen("redress-demo-")) == 0;
    closedir(folder);
    return left;
}

static void assert_summary_balances(void)
{
    unsigned long long received = 0;
    unsigned long long cases = 0;
    unsigned long long calm = 0;
    unsigned long long dead = 0;
    unsigned long long flying = 0;
    const char *summary = strstr(output, " SUMMARY");
    assert_non_null(summary);
    const char *totals = strstr(summary, " received ");
    assert_non_null(totals);
    assert_int_equal(sscanf(totals,
                            " received %llu = cases %llu + calm %llu + dead letters %llu + in "
                            "flight %llu",
                            &received, &cases, &calm, &dead, &flying),
                     5);
    assert_true(cases > 0 && calm > 0 && dead > 0);
    assert_int_equal(flying, 0);
    assert_int_equal(received, cases + calm + dead);
    assert_non_null(strstr(summary, ": nothing lost"));
}

static void the_demo_balances_and_speaks_six_languages(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "pl", "sv", "nl", "ru", "el"};
    FILE *file = tmpfile();
    assert_non_null(file);
    bool left_before = demo_folder_is_left();
    assert_int_equal(run_demo(fileno(file), "3", "150"), EXIT_DONE);
    read_all(file);
    fclose(file);
    assert_summary_balances();
    for (size_t index = 0; index < sizeof languages / sizeof *languages; index++)
        if (!shows_urgent(languages[index]))
            fail_msg("no urgent case in %s", languages[index]);
    assert_lines_fit(output);
    assert_null(strchr(output, '\033')); /* no terminal: no drawing */
    assert_true(left_before || !demo_folder_is_left());
}

static void the_samples_are_enough_in_every_language(void **state)
{
    (void)state;
    static const char *const languages[] = {"-en-", "-pl-", "-sv-", "-nl-", "-ru-", "-el-"};
    unsigned counts[sizeof languages / sizeof *languages] = {0};
    FILE *file = fopen(REDRESS_SOURCE_DIR "/share/demo/messages.jsonl", "re");
    char line[SAMPLE_BYTES_MAX];
    unsigned lines = 0;
    assert_non_null(file);
    for (; fgets(line, sizeof line, file); lines++)
        for (size_t index = 0; index < sizeof languages / sizeof *languages; index++)
            counts[index] += strstr(line, languages[index]) != NULL;
    fclose(file);
    assert_true(lines >= 200);
    for (size_t index = 0; index < sizeof languages / sizeof *languages; index++)
        assert_true(counts[index] >= 33);
}

/* --- the drawing, on its own --------------------------------------------------------------------
 */

static struct frontline_record hostile_case(uint64_t id)
{
    struct frontline_record record = {
        .case_id = {.low = id}, .severity = SEVERITY_CRITICAL, .rules_stored = 2};
    snprintf(record.channel, sizeof record.channel, "web");
    snprintf(record.queue, sizeof record.queue, "people");
    snprintf(record.rules[0].words, sizeof record.rules[0].words, "gas\033[2J\r\nleak\x9b\x07");
    snprintf(record.rules[1].words, sizeof record.rules[1].words,
             "ένα πολύ μακρύ κείμενο που δεν χωράει σε μία γραμμή");
    return record;
}

static void draw_to(int fd, struct demo_screen *screen, const struct demo_figures *figures)
{
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    dup2(fd, STDOUT_FILENO);
    demo_screen_draw(screen, figures);
    dup2(kept, STDOUT_FILENO);
    close(kept);
}

static void the_screen_fits_and_gives_customers_no_say_over_the_terminal(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    struct demo_screen screen = {.is_terminal = true};
    const struct demo_figures figures = {.seconds = 1, .received = 40};
    for (uint64_t id = 1; id <= 40; id++) {
        struct frontline_record record = hostile_case(id);
        demo_screen_add_case(&screen, &record);
    }
    draw_to(fileno(file), &screen, &figures);
    read_all(file);
    fclose(file);
    unsigned lines = 0;
    for (const char *at = output; *at; at++) {
        lines += *at == '\n';
        assert_false(*at == '\r' || *at == '\x07' || (unsigned char)*at == 0x9b);
    }
    assert_true(lines < TERMINAL_ROWS);
    assert_null(strstr(output, clear_screen));
    assert_non_null(strstr(output, "gas?[2J??leak??"));
}

static void a_case_that_history_raises_changes_its_line(void **state)
{
    (void)state;
    struct demo_screen screen = {.is_terminal = true};
    struct frontline_record record = hostile_case(7);
    struct frontline_record other = hostile_case(8);
    demo_screen_add_case(&screen, &record);
    demo_screen_add_case(&screen, &other);
    record.revision = 1;
    demo_screen_add_case(&screen, &record);
    assert_int_equal(screen.case_count, 2);
    assert_int_equal(screen.cases[0].revision, 1);
}

static void figures_that_do_not_balance_are_said_so(void **state)
{
    (void)state;
    struct demo_screen screen = {0};
    struct demo_figures figures = {.seconds = 1, .sent = 10, .received = 10, .cases = 4, .calm = 6};
    assert_true(demo_screen_summary(&screen, &figures));
    figures.calm = 5;
    assert_false(demo_screen_summary(&screen, &figures));
    figures.in_flight = 1; /* accounted for, but not ended */
    assert_false(demo_screen_summary(&screen, &figures));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_demo_balances_and_speaks_six_languages),
        cmocka_unit_test(the_samples_are_enough_in_every_language),
        cmocka_unit_test(the_screen_fits_and_gives_customers_no_say_over_the_terminal),
        cmocka_unit_test(a_case_that_history_raises_changes_its_line),
        cmocka_unit_test(figures_that_do_not_balance_are_said_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
