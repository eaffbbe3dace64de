/*
 * Prints which patterns match which texts, for tests/rules/oracle_view.py to judge.
 *
 *   match_print PATTERNS TEXTS      one pattern a line; JSON Lines with a "text" field
 *
 * One line a text: the numbers of the patterns that match (from 0), with blanks between.
 */
#include "support/json_texts.h"
#include "support/matching.h"

#include <stdio.h>

enum { PATTERNS_MAX = 1024 };

static struct matcher_pattern patterns[PATTERNS_MAX];
static struct error_list errors;

static uint32_t read_patterns(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[PATTERN_LINE_BYTES_MAX];
    uint32_t count = 0;
    while (file && count < PATTERNS_MAX && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        char *copy = memory_copy_string(line);
        if (!copy)
            break;
        patterns[count] = pattern_of(copy, count);
        patterns[count].line = count + 1;
        count++;
    }
    if (file)
        (void)fclose(file);
    return count;
}

static int print_matches(const struct matcher *matcher, struct matcher_scratch *scratch,
                         const struct json_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        struct match_outcome outcome;
        if (matcher_match(matcher, scratch, texts->slices[i], 0, &outcome) != STATUS_OK)
            return 1;
        for (uint32_t j = 0; j < outcome.hit_count; j++)
            if (j == 0 || outcome.hits[j].rule_index != outcome.hits[j - 1].rule_index)
                printf("%s%u", j ? " " : "", outcome.hits[j].rule_index);
        printf("\n");
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct json_texts texts = {0};
    struct matcher *matcher = NULL;
    struct matcher_scratch *scratch = NULL;
    uint32_t count = argc == 3 ? read_patterns(argv[1]) : 0;
    if (count == 0 || !json_texts_read(&texts, argv[2])) {
        (void)fprintf(stderr, "usage: match_print PATTERNS TEXTS\n");
        return 2;
    }
    int result = 1;
    if (matcher_create(patterns, count, count, &errors, &matcher) == STATUS_OK &&
        matcher_scratch_create(matcher, &scratch) == STATUS_OK)
        result = print_matches(matcher, scratch, &texts);
    error_list_print(&errors, stderr);
    matcher_scratch_free(scratch);
    matcher_free(matcher);
    json_texts_free(&texts);
    for (uint32_t i = 0; i < count; i++)
        memory_free((char *)patterns[i].text);
    return result;
}
