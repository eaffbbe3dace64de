/**
 * `redress classify` as a stream: every line is answered, in its order, whatever it holds and on
 * however many threads; and the command's own exit codes.
 * Method: input and output are files in memory; the slow writer dribbles its input through a pipe
 * in seeded pieces; the command runs in this process.
 */
#include "cli/classify.c"
#include "cli/data_path.c"
#include "cli/rules_path.c"
#include "runtime/classify_stream.c"

#include "helpers/load_rules.h"
#include "support/random.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char rules[] =
    "language: en\nrules:\n"
    "  - {id: en.a.broken, why: It broke, pattern: '\\bbroken\\b', complaint: 1, sets: [loss],\n"
    "     category: {product: 2}, at_least: moderate,\n"
    "     examples: {match: [it is broken, broken], calm: [a, b]}}\n";
static const char composites[] =
    "composites:\n  - {id: lost, why: Something is lost, when: trait.loss, at_least: serious}\n";

struct fixture {
    struct rules_folder folder;
    struct rule_set *rule_set;
};

static int begin(void **state)
{
    static struct fixture fixture;
    fixture.folder = rules_folder_make_english(rules);
    rules_folder_write(&fixture.folder, "composites.yaml", composites);
    fixture.rule_set = load_rules(fixture.folder.path);
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    redress_rule_set_free(fixture->rule_set);
    rules_folder_remove(&fixture->folder);
    return 0;
}

static int file_of(const char *bytes, size_t size)
{
    int fd = memfd_create("redress-test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t done = 0; done < size;) {
        ssize_t wrote = write(fd, bytes + done, size - done);
        assert_true(wrote > 0);
        done += (size_t)wrote;
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/* All of a file as a string; the caller frees it. */
static char *whole(int fd, size_t *size)
{
    off_t end_at = lseek(fd, 0, SEEK_END);
    assert_true(end_at >= 0);
    *size = (size_t)end_at;
    char *text = memory_allocate(*size + 1);
    assert_non_null(text);
    for (size_t done = 0; done < *size;) {
        ssize_t got = pread(fd, text + done, *size - done, (off_t)done);
        assert_true(got > 0);
        done += (size_t)got;
    }
    return text;
}

static char *answers_from(struct fixture *fixture, int input_fd, unsigned threads, bool explain,
                          struct classify_totals *totals, size_t *size)
{
    int output_fd = file_of("", 0);
    const struct classify_stream stream = {.rule_set = fixture->rule_set,
                                           .threads = threads,
                                           .explain = explain,
                                           .input_fd = input_fd,
                                           .output_fd = output_fd};
    assert_int_equal(classify_stream_run(&stream, totals), STATUS_OK);
    char *text = whole(output_fd, size);
    close(output_fd);
    return text;
}

static char *answers_to(struct fixture *fixture, const char *input, size_t input_size,
                        unsigned threads, struct classify_totals *totals)
{
    size_t size;
    int input_fd = file_of(input, input_size);
    char *text = answers_from(fixture, input_fd, threads, false, totals, &size);
    assert_int_equal(strlen(text), size); /* no NUL byte comes out */
    close(input_fd);
    return text;
}

/* Cuts the next line off; NULL at the end. */
static char *next_line(char **at)
{
    char *line = *at;
    char *stop = strchr(line, '\n');
    if (!stop)
        return NULL;
    *stop = 0;
    *at = stop + 1;
    return line;
}

static void assert_has(const char *line, const char *part)
{
    if (!line || !strstr(line, part))
        fail_msg("%s stands not in: %s", part, line ? line : "(no line)");
}

#define GOOD   "{\"id\":\"g\",\"text\":\"it is broken\",\"language\":\"en\"}"
#define BROKEN "\"severity\":3"

static void every_line_is_answered_whatever_it_holds(void **state)
{
    static const char input[] = GOOD "\n"
                                     "no json\n"
                                     "\n"
                                     "{\"id\":\"cr\",\"text\":\"it is broken\"}\r\n"
                                     "{\"text\":\"nul \0 byte\"}\n"
                                     "\0\0\0\n"
                                     "{\"id\":\"u\",\"text\":\"nul \\u0000 it is broken\"}\n"
                                     "{\"id\":\"none\"}\n"
                                     "[]\n"
                                     "   \n" GOOD "\n" GOOD;
    static const char *const parts[] = {BROKEN,        "\"line\":2,",  "\"line\":3,", BROKEN,
                                        "\"line\":5,", "\"line\":6,",  BROKEN,        "\"line\":8,",
                                        "\"line\":9,", "\"line\":10,", BROKEN,        BROKEN};
    struct classify_totals totals;
    for (unsigned threads = 1; threads <= 4; threads += threads) {
        char *text = answers_to(*state, input, sizeof input - 1, threads, &totals);
        char *at = text;
        for (size_t index = 0; index < sizeof parts / sizeof parts[0]; index++) {
            char *line = next_line(&at);
            assert_has(line, parts[index]);
            assert_int_equal(strstr(line, "\"error\":\"") != NULL, parts[index][1] == 'l');
        }
        assert_null(next_line(&at));
        assert_int_equal(*at, 0);
        assert_int_equal(totals.lines, 12);
        assert_int_equal(totals.errors, 7);
        memory_free(text);
    }
}

static void no_input_gives_no_output(void **state)
{
    struct classify_totals totals;
    char *text = answers_to(*state, "", 0, 2, &totals);
    assert_string_equal(text, "");
    assert_int_equal(totals.lines, 0);
    memory_free(text);
}

/* A good line, one of that size that is no JSON, and a good line, with or without an end. */
static void answer_around_a_long_line(struct fixture *fixture, size_t long_size, bool last,
                                      unsigned threads)
{
    size_t head = strlen(GOOD) + 1;
    size_t size = head + long_size + (last ? 0 : 1 + head);
    char *input = memory_allocate(size);
    assert_non_null(input);
    memset(input, 'x', size);
    memcpy(input, GOOD "\n", head);
    if (!last) {
        input[head + long_size] = '\n';
        memcpy(input + head + long_size + 1, GOOD "\n", head);
    }
    struct classify_totals totals;
    char *text = answers_to(fixture, input, size, threads, &totals);
    char *at = text;
    assert_has(next_line(&at), BROKEN);
    char *error = next_line(&at);
    assert_has(error, "\"line\":2,");
    assert_has(error,
               long_size > LINE_BYTES_MAX ? "\"error\":\"too_large\"" : "\"error\":\"not_json\"");
    if (!last)
        assert_has(next_line(&at), BROKEN);
    assert_null(next_line(&at));
    assert_int_equal(totals.lines, last ? 2 : 3);
    assert_int_equal(totals.errors, 1);
    memory_free(text);
    memory_free(input);
}

static void a_line_over_the_limit_is_answered_and_the_next_one_too(void **state)
{
    static const size_t sizes[] = {BATCH_BYTES, LINE_BYTES_MAX, LINE_BYTES_MAX + 1,
                                   (size_t)LINE_BYTES_MAX + 1024 * 1024,
                                   (size_t)3 * LINE_BYTES_MAX};
    for (size_t index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        answer_around_a_long_line(*state, sizes[index], false, 1 + (unsigned)index % 2);
        answer_around_a_long_line(*state, sizes[index], true, 2 - (unsigned)index % 2);
    }
}

/* Lines of many lengths, some of them wrong; each good one names its number. */
static size_t make_lines(char *out, size_t out_size, unsigned count, uint64_t seed)
{
    size_t used = 0;
    for (unsigned number = 1; number <= count; number++) {
        unsigned kind = (unsigned)random_next(&seed) % 10;
        unsigned filler = (unsigned)random_next(&seed) % (kind == 9 ? 20000 : 120);
        int size = snprintf(out + used, out_size - used, "{\"id\":\"n%u\",\"text\":\"%s %0*d\"%s",
                            number, kind < 3 ? "it is broken" : "all is well", (int)filler + 1, 0,
                            kind == 4 ? "\n" : "}\n");
        used += (size_t)size;
        assert_true(used < out_size);
    }
    return used;
}

enum { LINES = 6000, LINES_BYTES_MAX = 16 * 1024 * 1024 };

static void the_order_and_every_byte_are_the_same_on_any_number_of_threads(void **state)
{
    uint64_t seed = 20261124;
    print_message("seed %llu\n", (unsigned long long)seed);
    char *input = memory_allocate(LINES_BYTES_MAX);
    size_t size = make_lines(input, LINES_BYTES_MAX, LINES, seed);
    assert_true(size > 5 * BATCH_BYTES); /* several batches, so that threads can overtake */
    struct classify_totals totals;
    char *alone = answers_to(*state, input, size, 1, &totals);
    uint64_t errors = totals.errors;
    assert_true(errors > 100);
    for (unsigned threads = 2; threads <= 4; threads += 2) {
        char *together = answers_to(*state, input, size, threads, &totals);
        assert_int_equal(totals.lines, LINES);
        assert_int_equal(totals.errors, errors);
        assert_string_equal(alone, together);
        memory_free(together);
    }
    char *at = alone;
    for (unsigned number = 1; number <= LINES; number++) {
        char expected[32];
        char *line = next_line(&at);
        bool wrong = strstr(line, "\"error\":") != NULL;
        snprintf(expected, sizeof expected, wrong ? "\"line\":%u," : "\"id\":\"n%u\"", number);
        assert_has(line, expected);
    }
    memory_free(alone);
    memory_free(input);
}

struct dribble {
    const char *bytes;
    size_t size;
    int fd;
    uint64_t seed;
};

static void *dribble(void *argument)
{
    struct dribble *self = argument;
    for (size_t done = 0; done < self->size;) {
        size_t piece = 1 + random_next(&self->seed) % 4096;
        if (piece > self->size - done)
            piece = self->size - done;
        ssize_t wrote = write(self->fd, self->bytes + done, piece);
        if (wrote <= 0)
            break;
        done += (size_t)wrote;
    }
    close(self->fd);
    return NULL;
}

static void pieces_of_lines_from_a_pipe_come_out_whole(void **state)
{
    char *input = memory_allocate(LINES_BYTES_MAX);
    size_t size = make_lines(input, LINES_BYTES_MAX, 1000, 7);
    struct classify_totals totals;
    char *expected = answers_to(*state, input, size, 1, &totals);
    for (unsigned threads = 1; threads <= 2; threads++) {
        int ends[2];
        pthread_t thread;
        assert_int_equal(pipe(ends), 0);
        struct dribble feeder = {.bytes = input, .size = size, .fd = ends[1], .seed = threads};
        assert_int_equal(pthread_create(&thread, NULL, dribble, &feeder), 0);
        size_t output_size;
        char *text = answers_from(*state, ends[0], threads, false, &totals, &output_size);
        pthread_join(thread, NULL);
        close(ends[0]);
        assert_string_equal(text, expected);
        memory_free(text);
    }
    memory_free(expected);
    memory_free(input);
}

static void who_waits_for_an_answer_gets_it_before_the_next_question(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned threads = 1; threads <= 2; threads++) {
        int questions[2];
        int answers[2];
        assert_int_equal(pipe(questions), 0);
        assert_int_equal(pipe(answers), 0);
        pid_t child = fork();
        if (child == 0) {
            struct classify_totals totals;
            const struct classify_stream stream = {.rule_set = fixture->rule_set,
                                                   .threads = threads,
                                                   .input_fd = questions[0],
                                                   .output_fd = answers[1]};
            close(questions[1]);
            _exit(classify_stream_run(&stream, &totals) == STATUS_OK ? (int)totals.lines : 99);
        }
        close(questions[0]);
        close(answers[1]);
        for (int turn = 0; turn < 3; turn++) {
            char line[4096];
            size_t used = 0;
            assert_int_equal(write(questions[1], GOOD "\n", strlen(GOOD) + 1), strlen(GOOD) + 1);
            while (used == 0 || line[used - 1] != '\n') {
                struct pollfd answer = {.fd = answers[0], .events = POLLIN};
                assert_int_equal(poll(&answer, 1, 30000), 1); /* else it waits for ever */
                ssize_t got = read(answers[0], line + used, sizeof line - used);
                assert_true(got > 0);
                used += (size_t)got;
            }
        }
        close(questions[1]);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 3);
        close(answers[0]);
    }
}

static void explanations_name_rules_and_composites(void **state)
{
    struct classify_totals totals;
    size_t size;
    int input_fd = file_of(GOOD "\n", strlen(GOOD) + 1);
    char *text = answers_from(*state, input_fd, 1, true, &totals, &size);
    assert_has(text, "\"explain\":{\"rules\":[{\"id\":\"en.a.broken\",\"why\":\"It broke\"");
    assert_has(text, "\"at_least\":\"moderate\"");
    assert_has(text, "\"composites\":[{\"id\":\"lost\",\"why\":\"Something is lost\"}]");
    memory_free(text);
    close(input_fd);
}

static void input_and_output_that_fail_are_said(void **state)
{
    struct fixture *fixture = *state;
    struct classify_totals totals;
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct classify_stream stream = {
            .rule_set = fixture->rule_set, .threads = threads, .input_fd = -1, .output_fd = 1};
        assert_int_equal(classify_stream_run(&stream, &totals), STATUS_IO);
        stream.input_fd = file_of(GOOD "\n", strlen(GOOD) + 1);
        stream.output_fd = -1;
        assert_int_equal(classify_stream_run(&stream, &totals), STATUS_IO);
        close(stream.input_fd);
    }
}

static void a_failing_allocation_ends_it_cleanly(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned threads = 1; threads <= 2; threads++) {
        enum redress_status status = STATUS_MEMORY;
        for (long allowed = 0; status != STATUS_OK; allowed++) {
            struct classify_totals totals;
            assert_true(allowed < 200);
            const struct classify_stream stream = {
                .rule_set = fixture->rule_set,
                .threads = threads,
                .input_fd = file_of(GOOD "\n" GOOD, 2 * strlen(GOOD) + 1),
                .output_fd = file_of("", 0)};
            memory_fail_after(allowed);
            status = classify_stream_run(&stream, &totals);
            memory_fail_after(-1);
            assert_true(status == STATUS_OK || status == STATUS_MEMORY);
            close(stream.input_fd);
            close(stream.output_fd);
        }
    }
}

/* Runs the command with its output in memory; the output is the caller's. */
static int command(char **output, int argc, const char *const *argv)
{
    char *arguments[16] = {0};
    for (int index = 0; index < argc; index++)
        arguments[index] = memory_copy_string(argv[index]);
    int caught = file_of("", 0);
    int kept[2] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
    fflush(stdout);
    dup2(caught, STDOUT_FILENO);
    dup2(caught, STDERR_FILENO);
    optind = 0;
    int code = cli_classify(argc, arguments);
    fflush(stdout);
    dup2(kept[0], STDOUT_FILENO);
    dup2(kept[1], STDERR_FILENO);
    close(kept[0]);
    close(kept[1]);
    size_t size;
    *output = whole(caught, &size);
    close(caught);
    for (int index = 0; index < argc; index++)
        memory_free(arguments[index]);
    return code;
}

static void assert_command(int code, const char *part, int argc, const char *const *argv)
{
    char *output;
    assert_int_equal(command(&output, argc, argv), code);
    assert_has(output, part);
    memory_free(output);
}

#define RUN(code, part, ...)                                                                       \
    assert_command(code, part,                                                                     \
                   (int)(sizeof(const char *const[]){"classify", __VA_ARGS__} / sizeof(char *)),   \
                   (const char *const[]){"classify", __VA_ARGS__})

static void the_command_answers_with_the_right_exit_code(void **state)
{
    struct fixture *fixture = *state;
    const char *folder = fixture->folder.path;
    char input[PATH_MAX];
    rules_folder_write(&fixture->folder, "samples/in.jsonl", "no json\n" GOOD "\n");
    snprintf(input, sizeof input, "%s/samples/in.jsonl", folder);
    RUN(EXIT_DONE, "usage:", "--help");
    RUN(EXIT_USAGE, "usage:", "--no-such-thing");
    RUN(EXIT_USAGE, "usage:", "one", "two");
    RUN(EXIT_USAGE, "1 to 64", "--threads", "0");
    RUN(EXIT_USAGE, "1 to 64", "--threads", "2x");
    RUN(EXIT_USAGE, "1 to 64", "--threads", "65");
    /* A line that is no message is answered; it is no failure of the run. */
    RUN(EXIT_DONE, "\"line\":1,\"error\":\"not_json\"", "--rules", folder, input);
    RUN(EXIT_DONE, "\"explain\":", "--rules", folder, "--explain", "--threads", "2", input);
    RUN(EXIT_ENVIRONMENT, "No such file", "--rules", folder, "/no/such/file");
    RUN(EXIT_ENVIRONMENT, "Is a directory", "--rules", folder, folder);
    RUN(EXIT_ANSWER_NO, "/no/such/rules: cannot be read", "--rules", "/no/such/rules", input);
    rules_folder_write(&fixture->folder, "en/bad.yaml", "language: en\nrules:\n  - {id: 3}\n");
    RUN(EXIT_ANSWER_NO, "bad.yaml:3:", "--rules", folder, input);
    rules_folder_write(&fixture->folder, "en/bad.yaml", rules);
    RUN(EXIT_ANSWER_NO, "is taken", "--rules", folder, input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_answered_whatever_it_holds),
        cmocka_unit_test(no_input_gives_no_output),
        cmocka_unit_test(a_line_over_the_limit_is_answered_and_the_next_one_too),
        cmocka_unit_test(the_order_and_every_byte_are_the_same_on_any_number_of_threads),
        cmocka_unit_test(pieces_of_lines_from_a_pipe_come_out_whole),
        cmocka_unit_test(who_waits_for_an_answer_gets_it_before_the_next_question),
        cmocka_unit_test(explanations_name_rules_and_composites),
        cmocka_unit_test(input_and_output_that_fail_are_said),
        cmocka_unit_test(a_failing_allocation_ends_it_cleanly),
        cmocka_unit_test(the_command_answers_with_the_right_exit_code),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
