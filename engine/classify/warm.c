#include "classify/warm.h"

#include "classify/rule_set.h"

#include <string.h>

enum { WARM_TEXTS_MAX = 256, WARM_TEXT_BYTES = 1024 };

/* The first example of a rule that fits; without one a text of no words. */
static struct slice example_of(const struct rule *rule, char *room)
{
    uint32_t size = 0;
    if (rule->example_count > 0 && rule->examples[0].size <= WARM_TEXT_BYTES) {
        size = rule->examples[0].size;
        memcpy(room, rule->examples[0].text, size);
    }
    memset(room + size, 0, MESSAGE_PADDING_BYTES);
    return (struct slice){room, size};
}

void classify_warm(const struct rule_set *rule_set, struct scratch *scratch)
{
    char room[WARM_TEXT_BYTES + MESSAGE_PADDING_BYTES];
    uint32_t count = rule_set->pack.rule_count;
    uint32_t step = count / WARM_TEXTS_MAX + 1;
    for (uint32_t index = 0; index < count; index += step) {
        const struct rule *rule = &rule_set->pack.rules[index];
        struct verdict verdict;
        enum redress_status status = redress_classify(
            rule_set, scratch, &(struct classify_input){.text = example_of(rule, room)}, &verdict);
        (void)status; /* what it says is the tests' concern */
    }
}
