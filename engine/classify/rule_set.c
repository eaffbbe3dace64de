#include "classify/rule_set.h"

#include "base/assert.h"
#include "base/jobs.h"
#include "base/memory.h"

#include <string.h>

enum { PATTERNS_SHARED_MIN = 4096 /* fewer are not worth a thread */ };

static float say_of(const struct rule *rule)
{
    float complaint = rule->complaint < 0 ? -rule->complaint : rule->complaint;
    return 100.0F * (float)rule->at_least + (rule->traits ? 20.0F : 0.0F) + complaint;
}

static enum redress_status make_gifts(struct rule_set *rule_set)
{
    struct rule_pack *pack = &rule_set->pack;
    struct rule_gift *gifts = arena_allocate_array(&pack->arena, pack->rule_count, sizeof *gifts);
    if (!gifts)
        return STATUS_MEMORY;
    for (uint32_t index = 0; index < pack->rule_count; index++) {
        const struct rule *rule = &pack->rules[index];
        struct rule_gift *gift = &gifts[index];
        rule_set->language_bits |= rule->languages;
        if (rule->experimental)
            continue;
        gift->traits = rule->traits;
        gift->group = rule->group;
        gift->complaint = rule->complaint;
        gift->at_least = (uint8_t)rule->at_least;
        gift->say = say_of(rule);
        for (unsigned category = 0; category < CATEGORY_COUNT; category++) {
            if (rule->categories[category] == 0)
                continue;
            ASSERT(gift->category_count < RULE_CATEGORIES_MAX); /* the loader counts them */
            gift->categories[gift->category_count] = (uint8_t)category;
            gift->weights[gift->category_count++] = rule->categories[category];
        }
    }
    rule_set->gifts = gifts;
    return STATUS_OK;
}

uint32_t rule_pack_entry_count(const struct rule_pack *pack)
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < pack->rule_count; index++)
        count += pack->rules[index].pattern_count;
    return count;
}

void rule_pack_list_entries(const struct rule_pack *pack, struct rule_entry *out)
{
    for (unsigned part = 0; part < RULE_PART_COUNT; part++)
        for (uint32_t index = 0; index < pack->rule_count; index++)
            for (uint32_t at = 0; at < pack->rules[index].pattern_count; at++)
                if (pack->rules[index].patterns[at].part == part)
                    *out++ = (struct rule_entry){&pack->rules[index].patterns[at], index};
}

struct matcher_pattern rule_entry_pattern(const struct rule_pack *pack,
                                          const struct rule_entry *entry)
{
    const struct rule *rule = &pack->rules[entry->rule_index];
    uint32_t guard = rule->traits & RULE_GUARD_TRAITS ? RULE_GUARD_LANGUAGE : 0;
    return (struct matcher_pattern){.text = entry->pattern->text,
                                    .text_size = entry->pattern->size,
                                    .rule_index =
                                        entry->pattern->part * pack->rule_count + entry->rule_index,
                                    .languages = rule->languages | guard,
                                    .original = rule->original,
                                    .file = entry->pattern->place.file,
                                    .line = entry->pattern->place.line,
                                    .column = entry->pattern->place.column};
}

/* Whatever stands in the pack's arena, so that the matcher can be made beside others that use it.
 */
static struct matcher_pattern *list_patterns(struct rule_pack *pack, uint32_t count)
{
    struct rule_entry *entries = memory_allocate_array(count + 1, sizeof *entries);
    struct matcher_pattern *patterns = memory_allocate_array(count + 1, sizeof *patterns);
    bool *one_sentence = arena_allocate_array(&pack->arena, count + 1, sizeof *one_sentence);
    bool good = entries && patterns && one_sentence;
    if (good)
        rule_pack_list_entries(pack, entries);
    for (uint32_t index = 0; good && index < count; index++) {
        one_sentence[index] = entries[index].pattern->one_sentence;
        patterns[index] = rule_entry_pattern(pack, &entries[index]);
    }
    pack->one_sentence = one_sentence;
    memory_free(entries);
    if (good)
        return patterns;
    memory_free(patterns);
    return NULL;
}

static enum redress_status make_words(struct rule_set *rule_set)
{
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
        if (!redress_rule_set_has_language(rule_set, (enum language)language))
            continue;
        rule_set->words[language] =
            respell_words_create(&rule_set->pack, (enum language)language, &rule_set->pack.arena);
        if (!rule_set->words[language])
            return STATUS_MEMORY;
    }
    return STATUS_OK;
}

/* What a loaded pack becomes: its matcher, and all that is read from its arena. */
struct making {
    struct rule_set *rule_set;
    const struct matcher_pattern *patterns;
    uint32_t pattern_count;
    struct error_list *errors;
    enum redress_status matcher_status;
    enum redress_status tables_status;
};

static void make_matcher(struct making *making)
{
    uint32_t errors_before = making->errors->count;
    enum redress_status status = matcher_create(making->patterns, making->pattern_count,
                                                RULE_PART_COUNT * making->rule_set->pack.rule_count,
                                                making->errors, &making->rule_set->matcher);
    /* PCRE2 out of memory names no pattern. */
    bool unnamed = status == STATUS_INVALID && making->errors->count == errors_before;
    making->matcher_status = unnamed ? STATUS_MEMORY : status;
}

static void make_tables(struct making *making)
{
    struct rule_set *rule_set = making->rule_set;
    struct rule_pack *pack = &rule_set->pack;
    enum redress_status status = make_gifts(rule_set);
    const struct trigrams *trigrams = trigrams_create(pack, &pack->arena);
    rule_set->languages = trigrams ? language_table_create(trigrams, &pack->arena) : NULL;
    if (!rule_set->languages)
        status = STATUS_MEMORY;
    if (status == STATUS_OK)
        status = make_words(rule_set);
    rule_set->hash = rule_pack_hash(pack);
    making->tables_status = status;
}

static void make_one(void *context, uint32_t job)
{
    if (job == 0)
        make_tables(context);
    else
        make_matcher(context);
}

static enum redress_status make_all(struct making *making)
{
    jobs_run(2, making->pattern_count >= PATTERNS_SHARED_MIN, make_one, making);
    return making->matcher_status == STATUS_OK ? making->tables_status : making->matcher_status;
}

/* Bad patterns are shown together with everything else that is wrong. */
static enum redress_status compile(struct rule_set *rule_set, const char *folder,
                                   const char *override_folder, struct error_list *errors)
{
    struct rule_pack *pack = &rule_set->pack;
    enum redress_status status = rule_pack_load(pack, folder, override_folder, errors);
    if (status != STATUS_OK && !(status == STATUS_INVALID && pack->rule_count > 0))
        return status;
    uint32_t count = rule_pack_entry_count(pack);
    struct matcher_pattern *patterns = list_patterns(pack, count);
    struct making making = {
        .rule_set = rule_set, .patterns = patterns, .pattern_count = count, .errors = errors};
    enum redress_status made = STATUS_MEMORY;
    if (patterns && status == STATUS_OK) {
        made = make_all(&making);
    } else if (patterns) {
        make_matcher(&making);
        made = making.matcher_status;
    }
    memory_free(patterns);
    return status == STATUS_OK || made == STATUS_MEMORY ? made : status;
}

enum redress_status rule_set_load(const char *folder, struct error_list *errors,
                                  struct rule_set **out)
{
    return rule_set_load_overridden(folder, NULL, errors, out);
}

enum redress_status rule_set_load_overridden(const char *folder, const char *override_folder,
                                             struct error_list *errors, struct rule_set **out)
{
    *out = NULL;
    struct rule_set *rule_set = memory_allocate(sizeof *rule_set);
    if (!rule_set)
        return STATUS_MEMORY;
    enum redress_status status = compile(rule_set, folder, override_folder, errors);
    if (status != STATUS_OK) {
        redress_rule_set_free(rule_set);
        return status;
    }
    *out = rule_set;
    return STATUS_OK;
}

enum redress_status redress_rule_set_load(const char *folder, struct redress_error *errors,
                                          size_t errors_max, size_t *error_count,
                                          struct rule_set **out)
{
    *out = NULL;
    *error_count = 0;
    struct error_list *list = memory_allocate(sizeof *list);
    if (!list)
        return STATUS_MEMORY;
    enum redress_status status = rule_set_load(folder, list, out);
    size_t kept = error_list_kept(list);
    if (kept > 0 && errors_max > 0)
        memcpy(errors, list->errors, (kept < errors_max ? kept : errors_max) * sizeof *errors);
    *error_count = list->count;
    memory_free(list);
    return status;
}

void redress_rule_set_free(struct rule_set *rule_set)
{
    if (!rule_set)
        return;
    if (rule_set->matcher)
        matcher_free(rule_set->matcher);
    rule_pack_free(&rule_set->pack);
    memory_free(rule_set);
}

uint64_t redress_rule_set_hash(const struct rule_set *rule_set)
{
    return rule_set->hash;
}

uint32_t redress_rule_set_count(const struct rule_set *rule_set)
{
    return rule_set->pack.rule_count;
}

const char *redress_rule_id(const struct rule_set *rule_set, uint32_t rule_index)
{
    ASSERT(rule_index < rule_set->pack.rule_count);
    return rule_set->pack.rules[rule_index].id;
}

const char *redress_rule_why(const struct rule_set *rule_set, uint32_t rule_index)
{
    ASSERT(rule_index < rule_set->pack.rule_count);
    return rule_set->pack.rules[rule_index].why;
}

bool redress_rule_set_has_language(const struct rule_set *rule_set, enum language language)
{
    return language != LANGUAGE_UNKNOWN && (rule_set->language_bits >> language & 1);
}
