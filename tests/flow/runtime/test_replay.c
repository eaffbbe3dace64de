/**
 * Goal:   a replay of a file into files gives every line its ending, over-long lines included; and
 *         the engine's exit code is 1 when a message vanishes between its stages.
 * Method: the whole engine from a configuration, with its threads. The second test builds the
 *         engine's threads with a hand-over that loses one message after it was counted.
 */
#include "runtime/engine_parts.h"

#include "base/memory.h"
#include "cli/cli.h"
#include "runtime/pipeline_state.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static unsigned lose_after; /* 0: nothing is lost */
static unsigned handed_over;

/* With inline workers ingest's thread is the inbox's reader as well. */
static enum redress_status losing_hand_over(void *context, struct message *message)
{
    struct pipeline *pipeline = context;
    enum redress_status status = pipeline_hand_over(context, message);
    if (status == STATUS_OK && ++handed_over == lose_after)
        assert_non_null(ring_pop(&pipeline->inboxes[0]));
    return status;
}

#define pipeline_hand_over losing_hand_over
#include "runtime/engine_threads.c"
#undef pipeline_hand_over

enum { LINES = 400, LIMIT = 4096 };

static char folder[64];

static const char *in_folder(const char *name)
{
    static char paths[4][160];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static FILE *open_file(const char *name, const char *mode)
{
    FILE *file = fopen(in_folder(name), mode);
    assert_non_null(file);
    return file;
}

/* Every hundredth line is over the channel's limit. */
static void write_input(void)
{
    FILE *file = open_file("input.jsonl", "w");
    for (int line = 0; line < LINES; line++) {
        int size = line % 100 == 50 ? 2 * LIMIT : 40;
        fprintf(file, "{\"id\": \"m%d\", \"customer\": \"c%d\", \"text\": \"%0*d\"}\n", line,
                line % 7, size, line);
    }
    fclose(file);
}

static void write_configuration(const char *workers)
{
    FILE *file = open_file("redress.yaml", "w");
    fprintf(file,
            "channels: [{name: chat, topics: [in.chat]}]\n"
            "workers: %s\n"
            "rules: %s\n"
            "limits: {payload: {max: %d B}, text: {max: %d B}}\n"
            "http: {enabled: false}\n"
            "frontline: {socket: %s}\n"
            "admin: {socket: %s}\n",
            workers, REDRESS_SOURCE_DIR "/tests/kafka/rules", LIMIT, LIMIT / 2, in_folder("f.sock"),
            in_folder("a.sock"));
    fclose(file);
}

static int count_lines(const char *name)
{
    FILE *file = fopen(in_folder(name), "r");
    int count = 0;
    for (int byte; file && (byte = fgetc(file)) != EOF;)
        count += byte == '\n';
    if (file)
        fclose(file);
    return count;
}

static int replay(const char *workers, enum engine_output output)
{
    struct error_list errors = {0};
    const struct settings_surroundings surroundings = {.without_kafka = true};
    write_input();
    write_configuration(workers);
    struct settings *settings =
        settings_load_file(in_folder("redress.yaml"), &surroundings, &errors);
    error_list_print(&errors, stderr);
    assert_non_null(settings);
    struct engine_options options = {.settings = settings,
                                     .replay_file = in_folder("input.jsonl"),
                                     .output = output,
                                     .output_folder = folder};
    struct engine *engine;
    handed_over = 0;
    assert_int_equal(engine_create(&options, &engine), STATUS_OK);
    int exit_code = engine_run(engine);
    engine_destroy(engine);
    settings_free(settings);
    return exit_code;
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/redress-replay-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    DIR *open = opendir(folder);
    for (struct dirent *entry; open && (entry = readdir(open));)
        if (entry->d_name[0] != '.')
            unlink(in_folder(entry->d_name));
    closedir(open);
    return rmdir(folder);
}

static void every_line_of_a_replay_stands_in_one_file(void **state)
{
    (void)state;
    lose_after = 0;
    assert_int_equal(replay("2", ENGINE_OUTPUT_FILES), EXIT_DONE);
    assert_int_equal(count_lines("redress.dead-letters.jsonl"), LINES / 100);
    assert_int_equal(count_lines("redress.cases.jsonl") + count_lines("redress.calm.jsonl"),
                     LINES - LINES / 100);
}

static void a_thread_that_spins_reads_every_line_as_well(void **state)
{
    (void)state;
    if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
        skip(); /* refused there */
    lose_after = 0;
    assert_int_equal(replay("inline\nwait: spin", ENGINE_OUTPUT_FILES), EXIT_DONE);
    assert_int_equal(count_lines("redress.cases.jsonl") + count_lines("redress.calm.jsonl"),
                     LINES - LINES / 100);
}

static void a_message_that_vanishes_makes_the_exit_code_one(void **state)
{
    (void)state;
    lose_after = LINES / 2;
    assert_int_equal(replay("inline", ENGINE_OUTPUT_MEMORY), EXIT_ANSWER_NO);
    lose_after = 0;
    assert_int_equal(replay("inline", ENGINE_OUTPUT_MEMORY), EXIT_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_line_of_a_replay_stands_in_one_file, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_thread_that_spins_reads_every_line_as_well, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_message_that_vanishes_makes_the_exit_code_one,
                                        make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
