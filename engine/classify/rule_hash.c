/**
 * The hash of a rule set: everything that can change a verdict or its explanation, in one fixed
 * order, each text led by its size. Rules and composites come sorted, so files do not matter.
 */
#include "classify/pack/rule_pack.h"

#include "base/hash.h"

#include <string.h>

static const char format_name[] = "redress rules 3";

static void add_number(XXH3_state_t *state, uint64_t number)
{
    unsigned char bytes[8];
    for (unsigned index = 0; index < sizeof bytes; index++)
        bytes[index] = (unsigned char)(number >> (8 * index));
    XXH3_64bits_update(state, bytes, sizeof bytes);
}

static void add_text(XXH3_state_t *state, const char *text, size_t size)
{
    add_number(state, size);
    XXH3_64bits_update(state, text, size);
}

static void add_weight(XXH3_state_t *state, float weight)
{
    uint32_t bits = 0;
    weight += 0.0f; /* -0 becomes 0 */
    memcpy(&bits, &weight, sizeof bits);
    add_number(state, bits);
}

static void add_pattern(XXH3_state_t *state, const struct rule_pattern *pattern)
{
    add_text(state, pattern->text, pattern->size);
    add_number(state, pattern->part);
    add_number(state, pattern->one_sentence);
}

static void add_rule(XXH3_state_t *state, const struct rule *rule)
{
    add_text(state, rule->id, strlen(rule->id));
    add_text(state, rule->why, strlen(rule->why));
    add_number(state, rule->languages);
    add_number(state, rule->traits);
    add_number(state, rule->at_least);
    add_number(state, rule->original);
    add_number(state, rule->experimental);
    add_number(state, rule->home);
    add_number(state, rule->negation);
    add_number(state, rule->stance);
    add_number(state, rule->near_words);
    add_number(state, rule->near_ordered);
    add_weight(state, rule->complaint);
    for (unsigned category = 0; category < CATEGORY_COUNT; category++)
        add_weight(state, rule->categories[category]);
    add_number(state, rule->pattern_count);
    for (uint32_t index = 0; index < rule->pattern_count; index++)
        add_pattern(state, &rule->patterns[index]);
}

/* Groups are numbered as rules name them first: their names are hashed. */
static void add_group(XXH3_state_t *state, const struct rule_pack *pack, const struct rule *rule)
{
    const char *name = rule->group ? pack->groups[rule->group - 1] : "";
    add_text(state, name, strlen(name));
}

/* Entries of one slot may stand in any order: their hashes are added. */
static uint64_t entry_hash(const struct grammar_entry *entry)
{
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    add_number(&state, entry->cues);
    add_number(&state, entry->open_end);
    add_weight(&state, entry->value);
    for (uint32_t word = 0; word < entry->word_count; word++)
        add_text(&state, (const char *)entry->words[word].bytes, entry->words[word].size);
    return XXH3_64bits_digest(&state);
}

static void add_grammar(XXH3_state_t *state, const struct grammar *grammar)
{
    uint64_t sum = 0;
    for (unsigned slot = 0; slot < GRAMMAR_SLOTS; slot++)
        for (const struct grammar_entry *entry = grammar->slots[slot]; entry; entry = entry->next)
            sum += entry_hash(entry);
    add_number(state, sum);
    add_number(state, grammar->reach_words);
    add_number(state, grammar->reach_after_words);
    add_number(state, grammar->stance_reach_words);
    add_number(state, grammar->negators_cancel);
}

/* Stems may stand in any order: their hashes are added. */
static void add_lexicon(XXH3_state_t *state, const struct lexicon *lexicon)
{
    XXH3_64bits_update(state, lexicon->start, sizeof lexicon->start);
    add_number(state, lexicon->count);
    uint64_t sum = 0;
    for (uint32_t slot = 0; slot < (uint32_t)1 << lexicon->slot_bits; slot++)
        if (lexicon->slots[slot].stem != 0)
            sum += XXH3_64bits(&lexicon->slots[slot], sizeof lexicon->slots[slot]);
    add_number(state, sum);
}

/* Channels are numbered as conditions name them first: their names are hashed, not their numbers.
 */
static void add_step(XXH3_state_t *state, const struct expression_step *step,
                     const struct channel_names *channels)
{
    add_number(state, step->op);
    if (step->op == EXPRESSION_CHANNEL)
        add_text(state, channels->names[step->argument - 1],
                 strlen(channels->names[step->argument - 1]));
    else
        add_number(state, step->argument);
    add_number(state, step->compare);
    add_weight(state, step->value);
}

static void add_composite(XXH3_state_t *state, const struct composite *composite,
                          const struct channel_names *channels)
{
    add_text(state, composite->id, strlen(composite->id));
    add_text(state, composite->why, strlen(composite->why));
    add_number(state, composite->traits);
    add_number(state, composite->at_least);
    add_number(state, composite->urgent);
    add_number(state, composite->when.count);
    for (uint32_t index = 0; index < composite->when.count; index++)
        add_step(state, &composite->when.steps[index], channels);
}

uint64_t rule_pack_hash(const struct rule_pack *pack)
{
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    add_text(&state, format_name, sizeof format_name);
    for (unsigned severity = SEVERITY_MINOR; severity < SEVERITY_COUNT; severity++)
        add_weight(&state, pack->tiers.score_min[severity]);
    add_number(&state, pack->rule_count);
    for (uint32_t index = 0; index < pack->rule_count; index++) {
        add_rule(&state, &pack->rules[index]);
        add_group(&state, pack, &pack->rules[index]);
    }
    for (unsigned language = 0; language < LANGUAGE_COUNT; language++)
        if (pack->grammars[language])
            add_grammar(&state, pack->grammars[language]);
    for (unsigned language = 0; language < LANGUAGE_COUNT; language++) {
        add_number(&state, pack->lexicons[language] != NULL);
        if (pack->lexicons[language])
            add_lexicon(&state, pack->lexicons[language]);
    }
    add_number(&state, pack->composite_count);
    for (uint32_t index = 0; index < pack->composite_count; index++)
        add_composite(&state, &pack->composites[index], &pack->channels);
    return XXH3_64bits_digest(&state);
}
