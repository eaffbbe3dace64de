/* What can be read off the tree without matching: lengths, costs, first and last bytes. */
#include "classify/pattern/pattern.h"

#include "text/view.h"

enum {
    WAYS_UNCOUNTED_MAX = 8 /* a repetition with more ways than this gets a callout */
};

static const double STEPS_MAX = 1e15;

uint32_t pattern_literal_bytes(const struct pattern_node *node, uint8_t *out)
{
    for (uint32_t i = 0; i < node->fold_size; i++)
        out[i] = node->fold[i];
    return node->fold_size;
}

static uint32_t cap(uint64_t length)
{
    return length > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)length;
}

static uint32_t min_length(const struct pattern *pattern, uint32_t node)
{
    const struct pattern_node *self = &pattern->nodes[node];
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    uint64_t length = 0;
    switch (self->kind) {
    case PATTERN_LITERAL:
        return pattern->original ? 1 : pattern_literal_bytes(self, folded);
    case PATTERN_CLASS:
        return 1;
    case PATTERN_ANCHOR:
    case PATTERN_LOOK:
    case PATTERN_BACKREFERENCE:
        return 0;
    case PATTERN_GROUP:
        return min_length(pattern, self->first);
    case PATTERN_REPEAT:
        return cap((uint64_t)min_length(pattern, self->first) * self->min);
    case PATTERN_SEQUENCE:
        for (uint32_t child = self->first; child; child = pattern->nodes[child].next)
            length += min_length(pattern, child);
        return cap(length);
    case PATTERN_CHOICE:
        length = UINT32_MAX;
        for (uint32_t child = self->first; child; child = pattern->nodes[child].next) {
            uint32_t one = min_length(pattern, child);
            length = one < length ? one : length;
        }
        return cap(length);
    }
    return 0;
}

/* As min_length() of it is above 0, without reading on where that is known. */
static bool has_length(const struct pattern *pattern, uint32_t node)
{
    const struct pattern_node *self = &pattern->nodes[node];
    bool any = self->kind != PATTERN_CHOICE;
    switch (self->kind) {
    case PATTERN_LITERAL:
        return pattern->original || self->fold_size > 0;
    case PATTERN_CLASS:
        return true;
    case PATTERN_ANCHOR:
    case PATTERN_LOOK:
    case PATTERN_BACKREFERENCE:
        return false;
    case PATTERN_GROUP:
        return has_length(pattern, self->first);
    case PATTERN_REPEAT:
        return self->min > 0 && has_length(pattern, self->first);
    case PATTERN_SEQUENCE:
    case PATTERN_CHOICE:
        for (uint32_t child = self->first; child; child = pattern->nodes[child].next)
            if (has_length(pattern, child) == any)
                return any;
        return !any;
    }
    return false;
}

bool pattern_has_length(const struct pattern *pattern)
{
    return has_length(pattern, pattern->root);
}

static uint32_t times(uint32_t length, uint32_t count)
{
    uint64_t product = (uint64_t)length * count;
    return product >= PATTERN_UNBOUNDED ? PATTERN_UNBOUNDED : (uint32_t)product;
}

static uint32_t max_length(const struct pattern *pattern, uint32_t node)
{
    const struct pattern_node *self = &pattern->nodes[node];
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    uint32_t length = 0;
    switch (self->kind) {
    case PATTERN_LITERAL:
        return pattern_literal_bytes(self, folded);
    case PATTERN_CLASS:
        return pattern->classes[self->class_index].expansion_count ? VIEW_FOLD_BYTES_MAX : 1;
    case PATTERN_ANCHOR:
    case PATTERN_LOOK:
        return 0;
    case PATTERN_BACKREFERENCE:
        return PATTERN_UNBOUNDED;
    case PATTERN_GROUP:
        return max_length(pattern, self->first);
    case PATTERN_REPEAT:
        return times(max_length(pattern, self->first), self->max);
    case PATTERN_SEQUENCE:
        for (uint32_t child = self->first; child; child = pattern->nodes[child].next)
            length = pattern_add(length, max_length(pattern, child));
        return length;
    case PATTERN_CHOICE:
        for (uint32_t child = self->first; child; child = pattern->nodes[child].next) {
            uint32_t one = max_length(pattern, child);
            length = one > length ? one : length;
        }
        return length;
    }
    return PATTERN_UNBOUNDED;
}

struct pattern_length pattern_length(const struct pattern *pattern, uint32_t node)
{
    return (struct pattern_length){min_length(pattern, node), max_length(pattern, node)};
}

uint32_t pattern_words_in(const uint8_t *bytes, uint32_t size, bool *in_word)
{
    uint32_t words = 0;
    for (uint32_t i = 0; i < size; i++) {
        bool own = view_is_word(bytes[i]);
        words += own && !*in_word;
        *in_word = own;
    }
    return words;
}

bool pattern_class_is_all(const struct pattern_class *class, bool of_words)
{
    for (uint32_t byte = 0; byte < 256; byte++)
        if (byte_set_has(&class->bytes, (uint8_t)byte) && view_is_word((uint8_t)byte) != of_words)
            return false;
    return !class->opaque && class->expansion_count == 0;
}

static uint32_t words_in_class(const struct pattern_class *class, bool *in_word)
{
    bool before = *in_word;
    *in_word = pattern_class_is_all(class, true);
    if (class->opaque || class->expansion_count > 0)
        return VIEW_FOLD_BYTES_MAX;
    return !pattern_class_is_all(class, false) && !(before && *in_word);
}

static uint32_t words_in_repeat(const struct pattern *pattern, const struct pattern_node *self,
                                bool *in_word)
{
    const struct pattern_node *once = &pattern->nodes[self->first];
    bool run = once->kind == PATTERN_CLASS &&
               pattern_class_is_all(&pattern->classes[once->class_index], true);
    bool behind = run && *in_word;
    uint32_t words = pattern_words_max(pattern, self->first, &behind);
    *in_word = behind && (self->min > 0 || *in_word);
    return run && self->max > 0 ? words : times(words, self->max);
}

uint32_t pattern_words_max(const struct pattern *pattern, uint32_t node, bool *in_word)
{
    const struct pattern_node *self = &pattern->nodes[node];
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    bool before = *in_word;
    bool behind = true;
    uint32_t words = 0;
    switch (self->kind) {
    case PATTERN_LITERAL:
        return pattern_words_in(folded, pattern_literal_bytes(self, folded), in_word);
    case PATTERN_CLASS:
        return words_in_class(&pattern->classes[self->class_index], in_word);
    case PATTERN_ANCHOR:
    case PATTERN_LOOK:
        return 0;
    case PATTERN_BACKREFERENCE:
        break;
    case PATTERN_GROUP:
        return pattern_words_max(pattern, self->first, in_word);
    case PATTERN_REPEAT:
        return words_in_repeat(pattern, self, in_word);
    case PATTERN_SEQUENCE:
        for (uint32_t child = self->first; child; child = pattern->nodes[child].next)
            words = pattern_add(words, pattern_words_max(pattern, child, in_word));
        return words;
    case PATTERN_CHOICE:
        for (uint32_t child = self->first; child; child = pattern->nodes[child].next) {
            *in_word = before;
            uint32_t one = pattern_words_max(pattern, child, in_word);
            words = one > words ? one : words;
            behind = behind && *in_word;
        }
        *in_word = behind;
        return words;
    }
    *in_word = false;
    return PATTERN_UNBOUNDED;
}

bool pattern_literal_may_vanish(const struct pattern *pattern, const struct pattern_node *node)
{
    /* Iota and the combining iota below it are one letter in two cases; in the view the second is
     * a mark. script/generate-view-table proves that no other pair folds apart. */
    uint32_t c = node->code_point;
    return pattern->original && (c == 0x3B9 || c == 0x399 || c == 0x1FBE || c == 0x345);
}

bool pattern_repeat_is_counted(const struct pattern_node *node, bool tail)
{
    if (node->kind != PATTERN_REPEAT || node->min == node->max || tail)
        return false;
    return node->max == PATTERN_UNBOUNDED || node->max - node->min > WAYS_UNCOUNTED_MAX;
}

/* How many ways a part can match at one place, and the steps to try them all once. */
struct effort {
    double ways;
    double steps;
};

static double limited(double value)
{
    return value > STEPS_MAX ? STEPS_MAX : value;
}

static struct effort effort_of(const struct pattern *pattern, uint32_t node, bool tail);

static struct effort effort_of_repeat(const struct pattern *pattern,
                                      const struct pattern_node *self, bool tail)
{
    struct effort one = effort_of(pattern, self->first, false);
    /* A counted repetition is measured by its callouts, one at the tail is never retried. */
    bool counted = pattern_repeat_is_counted(self, tail) || tail;
    uint32_t times = counted ? self->min : self->max;
    struct effort sum = {.ways = 1, .steps = 1};
    double ways = 1;
    for (uint32_t i = 0; i < times && sum.steps < STEPS_MAX; i++) {
        sum.steps = limited(sum.steps + ways * one.steps);
        ways = limited(ways * one.ways);
        if (i + 1 > self->min)
            sum.ways = limited(sum.ways + ways);
    }
    if (counted && one.ways > 1) /* what one more round may try before it reaches a callout */
        sum.steps = limited(sum.steps + ways * one.steps);
    if (self->min == self->max)
        sum.ways = ways;
    if (self->greed == PATTERN_POSSESSIVE)
        sum.ways = 1;
    return sum;
}

static struct effort effort_of(const struct pattern *pattern, uint32_t node, bool tail)
{
    const struct pattern_node *self = &pattern->nodes[node];
    struct effort sum = {.ways = 1, .steps = 1};
    switch (self->kind) {
    case PATTERN_LITERAL:
    case PATTERN_ANCHOR:
        return sum;
    case PATTERN_CLASS:
        sum.ways = 1 + (double)(pattern->classes[self->class_index].expansion_count > 0);
        return sum;
    case PATTERN_BACKREFERENCE:
        sum.steps = 16; /* a memcmp of what the group holds */
        return sum;
    case PATTERN_LOOK:
        sum.steps = effort_of(pattern, self->first, false).steps;
        return sum;
    case PATTERN_GROUP:
        sum = effort_of(pattern, self->first, tail);
        if (self->group_kind == PATTERN_GROUP_ATOMIC)
            sum.ways = 1;
        return sum;
    case PATTERN_REPEAT:
        return effort_of_repeat(pattern, self, tail);
    case PATTERN_SEQUENCE:
        for (uint32_t child = self->first; child; child = pattern->nodes[child].next) {
            struct effort more = effort_of(pattern, child, tail && !pattern->nodes[child].next);
            sum.steps = limited(sum.steps + sum.ways * more.steps);
            sum.ways = limited(sum.ways * more.ways);
        }
        return sum;
    case PATTERN_CHOICE:
        sum.ways = 0;
        for (uint32_t child = self->first; child; child = pattern->nodes[child].next) {
            struct effort more = effort_of(pattern, child, tail);
            sum.steps = limited(sum.steps + more.steps);
            sum.ways = limited(sum.ways + more.ways);
        }
        return sum;
    }
    return sum;
}

double pattern_quiet_steps(const struct pattern *pattern)
{
    return effort_of(pattern, pattern->root, true).steps;
}
