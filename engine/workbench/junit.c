#include "workbench/junit.h"

#include "text/utf8.h"

#include <string.h>

enum { NAME_BYTES_MAX = 60 };

/* Always of the same size: the counts are known at the end only. */
static void write_head(const struct junit *junit)
{
    char counts[64];
    snprintf(counts, sizeof counts, "tests=\"%u\" failures=\"%u\"", junit->tests, junit->failures);
    fprintf(junit->file,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
            "  <testsuite name=\"redress rules\" %-44s>\n",
            counts);
}

enum redress_status junit_open(struct junit *junit, const char *path)
{
    *junit = (struct junit){.file = fopen(path, "w")};
    if (!junit->file)
        return STATUS_IO;
    write_head(junit);
    return STATUS_OK;
}

/* XML knows no other control characters than these, whichever way they are written. */
static void put_character(FILE *stream, unsigned char byte)
{
    switch (byte) {
    case '&':
        fputs("&amp;", stream);
        break;
    case '<':
        fputs("&lt;", stream);
        break;
    case '>':
        fputs("&gt;", stream);
        break;
    case '"':
        fputs("&quot;", stream);
        break;
    case '\n':
        fputs("&#10;", stream);
        break;
    default:
        fputc(byte < ' ' ? ' ' : byte, stream);
    }
}

/* Cut between two characters. */
static void put_text(FILE *stream, const char *text, size_t size_max)
{
    size_t size = utf8_cut(text, strlen(text), size_max);
    for (size_t at = 0; at < size; at++)
        put_character(stream, (unsigned char)text[at]);
}

void junit_visit(void *target, const struct rule_test_result *result)
{
    struct junit *junit = target;
    junit->tests++;
    junit->failures += result->failure != NULL;
    fputs("    <testcase classname=\"", junit->file);
    put_text(junit->file, result->suite, SIZE_MAX);
    fprintf(junit->file, "\" name=\"%s: ", result->kind);
    put_text(junit->file, result->text, NAME_BYTES_MAX);
    fputs("\" file=\"", junit->file);
    put_text(junit->file, result->place->file, SIZE_MAX);
    fprintf(junit->file, "\" line=\"%u\"", result->place->line);
    if (!result->failure) {
        fputs("/>\n", junit->file);
        return;
    }
    fputs(">\n      <failure message=\"", junit->file);
    put_text(junit->file, result->failure, SIZE_MAX);
    fputs("\"/>\n    </testcase>\n", junit->file);
}

enum redress_status junit_close(struct junit *junit)
{
    bool good = fputs("  </testsuite>\n</testsuites>\n", junit->file) >= 0 &&
                fseek(junit->file, 0, SEEK_SET) == 0;
    if (good)
        write_head(junit);
    good = good && !ferror(junit->file);
    good = fclose(junit->file) == 0 && good;
    return good ? STATUS_OK : STATUS_IO;
}
