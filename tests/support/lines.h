/** Goes through the lines of a file, for tests and benches. */
#ifndef REDRESS_TESTS_LINES_H
#define REDRESS_TESTS_LINES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** Lives until the next one is read. */
struct line {
    char *text; /* a NUL stands where the line ends */
    size_t size;
    uint32_t number; /* from 1 */
};

/** Gives every line to `each` until that answers false; false then, or where there is no file. */
static inline bool lines_read(const char *path,
                              bool (*each)(void *context, const struct line *line), void *context)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    struct line line = {0};
    size_t capacity = 0;
    bool good = true;
    ssize_t size;
    while (good && (size = getline(&line.text, &capacity, file)) > 0) {
        line.size = (size_t)size - (line.text[size - 1] == '\n');
        line.text[line.size] = '\0';
        line.number++;
        good = each(context, &line);
    }
    free(line.text);
    (void)fclose(file);
    return good;
}

#endif
