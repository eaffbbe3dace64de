#include "workbench/pattern_sample.h"

#include "workbench/view_spelling.h"

#include "text/utf8.h"
#include "text/view.h"

#include <string.h>

enum {
    OPEN_LETTERS = 3,      /* what stands for an open end, or for any word */
    CLASS_MEMBERS_MAX = 4, /* of which each is tried */
    REPEAT_OPTIONS_MAX = 3,
    REPEAT_SHOWN_MAX = 8 /* a repetition of at most so many is tried to its end */
};

static const char letters[] = "qz";

void pattern_sample_put(struct pattern_sample *sample, uint32_t code_point)
{
    char bytes[UTF8_CHARACTER_BYTES_MAX];
    uint32_t size = (uint32_t)utf8_encode(code_point, bytes);
    if (sample->size + size >= sample->room) {
        sample->refused = true;
        return;
    }
    memcpy(sample->text + sample->size, bytes, size);
    sample->size += size;
    sample->text[sample->size] = 0;
}

bool pattern_sample_put_byte(struct pattern_sample *sample, uint8_t byte)
{
    uint32_t code_point = view_spelling(byte);
    if (code_point == 0)
        return false;
    pattern_sample_put(sample, code_point);
    return !sample->refused;
}

static uint32_t choose(struct pattern_sample *sample, uint32_t count)
{
    if (count < 2 || sample->pump)
        return 0;
    uint32_t at = sample->decision_at++;
    if (at >= PATTERN_SAMPLE_DECISIONS_MAX) {
        sample->refused = true;
        return 0;
    }
    if (at >= sample->decision_count) {
        sample->decisions[at].chosen = 0;
        sample->decision_count = at + 1;
    }
    sample->decisions[at].count = (uint16_t)count;
    return sample->decisions[at].chosen;
}

static void put_letter(struct pattern_sample *sample)
{
    pattern_sample_put(sample, (uint32_t)letters[sample->letter++ % 2]);
}

static bool says(const struct pattern_sample *sample, const struct pattern_node *node,
                 const char *part)
{
    return memmem(sample->pattern->text + node->at, node->size, part, strlen(part)) != NULL;
}

/* A class over the original text is known by its writing only: a likely member, for a pump, which
 * need not match. */
static void emit_opaque(struct pattern_sample *sample, const struct pattern_node *node)
{
    if (!sample->pump)
        sample->refused = true;
    else if (says(sample, node, "^") || says(sample, node, "\\w") || says(sample, node, "a-z"))
        put_letter(sample);
    else if (says(sample, node, "\\d") || says(sample, node, "0-9"))
        pattern_sample_put(sample, '7');
    else if (says(sample, node, "\\s"))
        pattern_sample_put(sample, ' ');
    else if (says(sample, node, "A-Z") || says(sample, node, "{Lu}"))
        pattern_sample_put(sample, sample->letter++ % 2 ? 'Q' : 'Z');
    else
        put_letter(sample);
}

static void emit_class(struct pattern_sample *sample, const struct pattern_node *node)
{
    const struct pattern_class *class = &sample->pattern->classes[node->class_index];
    uint8_t members[CLASS_MEMBERS_MAX];
    uint32_t count = 0;
    if (class->opaque) {
        emit_opaque(sample, node);
    } else if (byte_set_has(&class->bytes, 'q') && byte_set_has(&class->bytes, 'z')) {
        put_letter(sample);
    } else if (byte_set_has(&class->bytes, ' ') && byte_set_has(&class->bytes, ',') &&
               byte_set_has(&class->bytes, '/')) { /* all but some: a blank is what people write */
        pattern_sample_put(sample, ' ');
    } else {
        for (uint32_t byte = ' '; byte < 256 && count < CLASS_MEMBERS_MAX; byte++)
            if (byte_set_has(&class->bytes, (uint8_t)byte))
                members[count++] = (uint8_t)byte;
        if (count == 0 || !pattern_sample_put_byte(sample, members[choose(sample, count)]))
            sample->refused = true;
    }
}

static bool holds(const struct pattern *pattern, uint32_t node, uint32_t target)
{
    if (node == target)
        return true;
    for (uint32_t child = pattern->nodes[node].first; child; child = pattern->nodes[child].next)
        if (holds(pattern, child, target))
            return true;
    return false;
}

static void emit(struct pattern_sample *sample, uint32_t index);

static void emit_children(struct pattern_sample *sample, const struct pattern_node *node)
{
    for (uint32_t child = node->first; child && !sample->pumped;
         child = sample->pattern->nodes[child].next)
        emit(sample, child);
}

/* True where the way that was asked for leads through the node. */
static bool leads_on(const struct pattern_sample *sample, uint32_t node)
{
    return (sample->pump && holds(sample->pattern, node, sample->pump)) ||
           (sample->through && holds(sample->pattern, node, sample->through));
}

static void emit_choice(struct pattern_sample *sample, uint32_t index)
{
    const struct pattern_node *node = &sample->pattern->nodes[index];
    const struct pattern *pattern = sample->pattern;
    uint32_t count = 0;
    for (uint32_t child = node->first; child; child = pattern->nodes[child].next) {
        count++;
        if (leads_on(sample, child)) {
            emit(sample, child);
            return;
        }
    }
    uint32_t chosen = choose(sample, count);
    if (sample->prefer && count > 0)
        chosen = (chosen + sample->prefer[index]) % count;
    uint32_t child = node->first;
    for (; child && chosen > 0; chosen--)
        child = pattern->nodes[child].next;
    if (child)
        emit(sample, child);
}

static bool is_any_word_byte(const struct pattern *pattern, uint32_t index)
{
    const struct pattern_node *node = &pattern->nodes[index];
    return node->kind == PATTERN_CLASS &&
           byte_set_has(&pattern->classes[node->class_index].bytes, 'q');
}

/* How often a repetition may stand there, as far as it makes a difference. */
static uint32_t repeat_options(const struct pattern *pattern, const struct pattern_node *node,
                               uint32_t out[REPEAT_OPTIONS_MAX])
{
    uint32_t count = 0;
    bool letter = is_any_word_byte(pattern, node->first);
    if (node->max == PATTERN_UNBOUNDED) {
        uint32_t some = letter && node->min < OPEN_LETTERS ? OPEN_LETTERS : node->min + !node->min;
        if (node->min == 0)
            out[count++] = 0;
        out[count++] = some;
        return count;
    }
    out[count++] = node->min;
    if (node->max > node->min)
        out[count++] = node->min + 1;
    if (node->max > node->min + 1 && node->max <= REPEAT_SHOWN_MAX)
        out[count++] = node->max;
    return count;
}

static void emit_repeat(struct pattern_sample *sample, uint32_t index)
{
    const struct pattern_node *node = &sample->pattern->nodes[index];
    if (index == sample->pump) {
        uint32_t before = UINT32_MAX;
        while (sample->size < sample->pump_bytes && sample->size != before && !sample->refused) {
            before = sample->size;
            emit(sample, node->first);
        }
        sample->pumped = true;
        return;
    }
    uint32_t options[REPEAT_OPTIONS_MAX];
    uint32_t count = repeat_options(sample->pattern, node, options);
    uint32_t times = options[choose(sample, count)];
    if (times == 0 && leads_on(sample, index))
        times = 1;
    for (uint32_t time = 0; time < times && !sample->refused && !sample->pumped; time++)
        emit(sample, node->first);
}

static void emit(struct pattern_sample *sample, uint32_t index)
{
    const struct pattern_node *node = &sample->pattern->nodes[index];
    if (sample->refused || sample->pumped)
        return;
    switch (node->kind) {
    case PATTERN_SEQUENCE:
    case PATTERN_GROUP:
        emit_children(sample, node);
        break;
    case PATTERN_CHOICE:
        emit_choice(sample, index);
        break;
    case PATTERN_REPEAT:
        emit_repeat(sample, index);
        break;
    case PATTERN_LITERAL:
        pattern_sample_put(sample, node->code_point);
        break;
    case PATTERN_CLASS:
        emit_class(sample, node);
        break;
    case PATTERN_ANCHOR:
        sample->refused |= node->anchor == 'B' && !sample->pump;
        break;
    case PATTERN_LOOK:
    case PATTERN_BACKREFERENCE:
        sample->refused |= !sample->pump; /* a pump need not match */
        break;
    }
}

static bool run(struct pattern_sample *sample)
{
    sample->size = 0;
    sample->text[0] = 0;
    sample->letter = 0;
    sample->decision_at = 0;
    sample->pumped = false;
    emit(sample, sample->pattern->root);
    return !sample->refused;
}

bool pattern_sample_first(struct pattern_sample *sample, const struct pattern *pattern, char *text,
                          uint32_t room)
{
    *sample = (struct pattern_sample){.pattern = pattern, .text = text, .room = room};
    return run(sample);
}

bool pattern_sample_first_through(struct pattern_sample *sample, const struct pattern *pattern,
                                  uint32_t node, const uint16_t *prefer, char *text, uint32_t room)
{
    *sample = (struct pattern_sample){
        .pattern = pattern, .text = text, .room = room, .through = node, .prefer = prefer};
    return run(sample);
}

bool pattern_sample_next(struct pattern_sample *sample)
{
    uint32_t at =
        sample->decision_at < sample->decision_count ? sample->decision_at : sample->decision_count;
    while (at > 0 && sample->decisions[at - 1].chosen + 1u >= sample->decisions[at - 1].count)
        at--;
    if (at == 0 || sample->refused)
        return false;
    sample->decisions[at - 1].chosen++;
    sample->decision_count = at;
    return run(sample);
}

bool pattern_sample_pump(struct pattern_sample *sample, const struct pattern *pattern,
                         uint32_t node, char *text, uint32_t room, uint32_t bytes)
{
    *sample = (struct pattern_sample){
        .pattern = pattern, .text = text, .room = room, .pump = node, .pump_bytes = bytes};
    return run(sample) && sample->size >= bytes;
}
