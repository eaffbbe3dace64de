/*
 * Goal:   no pattern breaks the parser, and what it takes matches as the plain loop does.
 * Method: the input up to its first NUL byte is the pattern, the rest is the text. Where the two
 *         differ PCRE2's interpreter has the last word, because its JIT has rare bugs.
 */
#include "support/matching.h"

#include "base/memory.h"
#include "text/utf8.h"

#include <string.h>

enum { PATTERN_MAX = 200, TEXT_MAX = 200 };

static struct error_list errors;
static struct padded_text text;

static void compare(const struct matcher_pattern *pattern, const struct matcher *matcher)
{
    struct matcher_scratch *scratch;
    struct reference *reference;
    struct match_outcome found;
    struct match_outcome wanted;
    uint32_t rule;
    ASSERT(matcher_scratch_create(matcher, &scratch) == STATUS_OK);
    ASSERT(reference_create(pattern, 1, 1, REFERENCE_VIEW, &errors, &reference) == STATUS_OK);
    (void)!matcher_match(matcher, scratch, text.slice, 0, &found);
    (void)!reference_match(reference, text.slice, 0, &wanted);
    if (!outcomes_agree(&found, &wanted, &rule)) {
        struct match_outcome interpreted;
        reference_interpret(reference, true);
        (void)!reference_match(reference, text.slice, 0, &interpreted);
        ASSERT(outcomes_agree(&found, &interpreted, &rule) ||
               !outcomes_agree(&wanted, &interpreted, &rule));
    }
    reference_free(reference);
    matcher_scratch_free(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char repaired[3 * TEXT_MAX];
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t pattern_size = end ? (size_t)(end - data) : size;
    if (size == 0 || pattern_size > PATTERN_MAX)
        return 0;
    size_t text_size = end ? size - pattern_size - 1 : 0;
    text_size = text_size > TEXT_MAX ? TEXT_MAX : text_size;
    const char *bytes = end ? (const char *)end + 1 : "";
    struct utf8_repair repair = utf8_repair(bytes, text_size, repaired, sizeof repaired);
    padded(&text, repaired, repair.size);
    struct matcher_pattern pattern = {.text = (const char *)data,
                                      .text_size = pattern_size,
                                      .original = size % 2 == 1,
                                      .file = "fuzz",
                                      .line = 1,
                                      .column = 1};
    struct matcher *matcher;
    errors.count = 0;
    enum redress_status status = matcher_create(&pattern, 1, 1, &errors, &matcher);
    ASSERT((status == STATUS_OK) == (matcher != NULL));
    ASSERT(status == STATUS_OK || errors.count == 1);
    if (status == STATUS_OK)
        compare(&pattern, matcher);
    matcher_free(matcher);
    return 0;
}
