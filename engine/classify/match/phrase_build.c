/** Makes a phrase of what was read: one block of memory, its strings chained by their beginnings.
 */
#include "classify/match/phrase_builder.h"

#include "base/memory.h"

#include <string.h>

static void build_string(struct phrase *phrase, uint32_t index, const struct pattern_string *from,
                         uint32_t bytes_at)
{
    struct phrase_string *string = &phrase->strings[index];
    *string =
        (struct phrase_string){.bytes_at = bytes_at, .size = from->size, .flags = from->flags};
    memcpy(phrase->bytes + bytes_at, from->bytes, from->size);
    uint32_t size = from->size < sizeof string->head ? from->size : sizeof string->head;
    if (from->flags & PATTERN_RUN_BEFORE)
        return;
    memcpy(&string->head, from->bytes, size);
    memset(&string->mask, 0xFF, size);
}

/* Two bytes that say what it may begin with; false where it may begin with others, too. */
static bool begins_with_two(const struct pattern_string *string)
{
    return string->size > 1 && !(string->flags & PATTERN_RUN_BEFORE);
}

/* From the last string to the first, so that a chain has them in order. One that may begin in
 * several ways is in the way of all: then there is one chain for everything. */
static void build_set(struct phrase *phrase, uint32_t index, const struct phrase_builder *builder)
{
    struct phrase_set *set = &phrase->sets[index];
    const struct pattern_string *from = builder->strings + builder->sets[index].first;
    bool several = true;
    *set = builder->sets[index];
    for (uint32_t i = 0; i < set->count; i++)
        several = several && begins_with_two(&from[i]);
    for (uint32_t i = set->count; i > 0; i--) {
        uint32_t chain = several ? phrase_chain(from[i - 1].bytes[0], from[i - 1].bytes[1]) : 0;
        phrase->strings[set->first + i - 1].next = set->chains[chain];
        set->chains[chain] = (uint16_t)i;
    }
    for (uint32_t chain = 1; chain < PHRASE_CHAINS && !several; chain++)
        set->chains[chain] = set->chains[0];
}

static uint64_t beginnings_of_set(const struct phrase_builder *builder, uint32_t index)
{
    const struct phrase_set *set = &builder->sets[index];
    uint64_t beginnings = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct pattern_string *string = &builder->strings[set->first + i];
        if (!begins_with_two(string))
            return UINT64_MAX;
        beginnings |= (uint64_t)1 << phrase_beginning(string->bytes[0], string->bytes[1]);
    }
    return beginnings;
}

/* Of the whole phrase. Forks and jumps lead forward only. */
static uint64_t beginnings_of(const struct phrase_builder *builder)
{
    uint64_t from[PHRASE_STEPS_MAX]; /* of the walks from each step on */
    for (uint32_t at = builder->step_count; at > 0; at--) {
        const struct phrase_step *step = &builder->steps[at - 1];
        uint64_t own = UINT64_MAX;
        if (step->kind == PHRASE_STRINGS)
            own = beginnings_of_set(builder, step->index);
        else if (step->kind == PHRASE_FORK)
            own = from[at] | from[step->index];
        else if (step->kind == PHRASE_JUMP)
            own = from[step->index];
        from[at - 1] = own;
    }
    return from[0];
}

static uint32_t count_places(const struct phrase_builder *builder)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < builder->need_count; i++)
        count += builder->sets[builder->needs[i]].count;
    return count;
}

static void build_needs(struct phrase *phrase, const struct phrase_builder *builder)
{
    uint32_t place_count = 0;
    phrase->need_count = builder->need_count;
    for (uint32_t i = 0; i < builder->need_count; i++) {
        const struct phrase_set *set = &builder->sets[builder->needs[i]];
        phrase->needs[i].first = place_count;
        phrase->needs[i].count = set->count;
        for (uint32_t j = 0; j < set->count; j++) {
            const struct pattern_string *string = &builder->strings[set->first + j];
            phrase->places[place_count++] = word_presence_place(
                string->bytes, string->size, builder->anchors_of[set->first + j].at);
        }
    }
}

enum redress_status phrase_build(const struct phrase_builder *builder, struct phrase **out)
{
    uint32_t byte_count = 0;
    for (uint32_t i = 0; i < builder->string_count; i++)
        byte_count += builder->strings[i].size;
    size_t classes = builder->class_count * sizeof *builder->classes;
    size_t strings = builder->string_count * sizeof(struct phrase_string);
    size_t sets = builder->set_count * sizeof *builder->sets;
    size_t steps = builder->step_count * sizeof *builder->steps;
    size_t places = (count_places(builder) * sizeof(uint16_t) + 7) / 8 * 8;
    struct phrase *phrase =
        memory_allocate(sizeof *phrase + classes + strings + sets + steps + places + byte_count);
    *out = phrase;
    if (!phrase)
        return STATUS_MEMORY;
    /* What is read most first, then the strictest alignment. */
    phrase->places = (uint16_t *)(phrase + 1);
    phrase->classes = (struct byte_set *)((uint8_t *)phrase->places + places);
    phrase->sets = (struct phrase_set *)((uint8_t *)phrase->classes + classes);
    phrase->strings = (struct phrase_string *)((uint8_t *)phrase->sets + sets);
    phrase->steps = (struct phrase_step *)((uint8_t *)phrase->strings + strings);
    phrase->bytes = (uint8_t *)phrase->steps + steps;
    phrase->beginnings = beginnings_of(builder);
    build_needs(phrase, builder);
    memcpy(phrase->classes, builder->classes, classes);
    memcpy(phrase->steps, builder->steps, steps);
    uint32_t bytes_at = 0;
    for (uint32_t i = 0; i < builder->string_count; i++) {
        build_string(phrase, i, &builder->strings[i], bytes_at);
        bytes_at += builder->strings[i].size;
    }
    for (uint32_t i = 0; i < builder->set_count; i++)
        build_set(phrase, i, builder);
    return STATUS_OK;
}
