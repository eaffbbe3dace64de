/**
 * Finds witnesses: first what the old book has, then texts made from the entry itself, through each
 * of its alternatives; a half of `near` with a text of the other half beside it; a `not` beside a
 * witness of its rule. Entries of not and except come last: they need the others' witnesses.
 */
#include "workbench/witness.h"

#include "workbench/pattern_sample.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

enum {
    FRAMES_MAX = 24,
    FRAME_BYTES = 1024,
    PARTNERS_MAX = 10,
    PARTNER_TEXTS_MAX = 2,
    SAMPLES_MAX = 128,        /* of an entry, for its first witness */
    SAMPLES_THROUGH_MAX = 32, /* of an alternative */
    TEXT_BYTES = 4096         /* of a candidate */
};

/* What stands around a text that is made from an entry. */
struct frame {
    char before[FRAME_BYTES];
    char behind[FRAME_BYTES];
};

struct search {
    const struct witness_book *old;
    struct witness_judge *judge;
    struct witness_book *out;
    struct mutation_choices choices; /* `killed` says that a witness needs the alternative */
    struct frame *frames;
    uint32_t frame_count;
    uint32_t frame; /* the one that served last */
    uint32_t entry;
    uint32_t found;           /* witnesses of this entry */
    enum witness_answer best; /* of what did not hold */
    enum fate fate;           /* ... and the rule's */
    uint32_t covering;        /* an entry that does the same, where best is WITNESS_COVERED */
    bool refused;             /* no text can be made from the entry */
    enum redress_status status;
    char sample[TEXT_BYTES];
    char text[TEXT_BYTES];
};

static const struct rule_entry *source_of(const struct search *search)
{
    return &search->judge->probe->entries[search->entry];
}

static bool takes_back(const struct search *search)
{
    return rule_part_takes_back(source_of(search)->pattern->part);
}

/* A line of the book: no control characters, nothing that its reader would take for a mark, no
 * blank that an editor would take away. */
static bool can_be_written(struct slice text)
{
    if (text.size == 0 || text.size >= TEXT_BYTES || text.data[0] == '!' || text.data[0] == ' ' ||
        text.data[text.size - 1] == ' ')
        return false;
    for (uint32_t at = 0; at < text.size; at++)
        if ((unsigned char)text.data[at] < ' ')
            return false;
    return true;
}

static bool has_alternatives_left(const struct search *search)
{
    return mutation_choices_live(&search->choices, search->entry);
}

static uint32_t count_needed(const struct search *search)
{
    const struct mutation_choices *choices = &search->choices;
    uint32_t count = 0;
    for (uint32_t at = choices->first[search->entry]; at < choices->first[search->entry + 1]; at++)
        count += choices->items[at].killed;
    return count;
}

static void keep(struct search *search, struct slice text)
{
    search->found++;
    if (search->status == STATUS_OK)
        search->status = witness_book_add(search->out, search->entry, text, 0, false);
}

/* Another entry of the same part that has a hit in the text that was judged last. */
static uint32_t find_covering(const struct search *search)
{
    const struct entry_probe *probe = search->judge->probe;
    const struct rule_entry *source = source_of(search);
    for (uint32_t at = 0; at < probe->touched_count; at++) {
        const struct rule_entry *other = &probe->entries[probe->touched[at]];
        if (probe->touched[at] != search->entry && other->rule_index == source->rule_index &&
            takes_back(search) == rule_part_takes_back(other->pattern->part))
            return probe->touched[at];
    }
    return ENTRY_PROBE_NONE;
}

/* The answer that came nearest to a witness is the reason that is told. */
static void note_failure(struct search *search, enum witness_answer answer)
{
    if (answer >= search->best)
        return;
    search->best = answer;
    search->fate = search->judge->fate;
    if (answer == WITNESS_COVERED)
        search->covering = find_covering(search);
}

/* Keeps a text that holds and is the first, or shows an alternative that none before it shows. */
static bool try_text(struct search *search, struct slice text)
{
    if (!can_be_written(text) || search->status != STATUS_OK)
        return false;
    enum witness_answer answer = witness_judge_text(search->judge, search->entry, text);
    if (answer != WITNESS_HOLDS) {
        note_failure(search, answer);
        return false;
    }
    uint32_t before = count_needed(search);
    search->status =
        mutation_choices_note(&search->choices, search->judge->probe, search->entry, true);
    bool wanted = search->found == 0 || count_needed(search) > before;
    if (wanted)
        keep(search, text);
    return wanted;
}

/* Two blanks would be the end of a sentence, and one at the end of a line is seen by nobody: both
 * come from parts of the entry that are left out. */
static void close_gaps(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++)
        if (*from != ' ' || (to > text && to[-1] != ' '))
            *to++ = *from;
    while (to > text && to[-1] == ' ')
        to--;
    *to = 0;
}

/* The sample within the frames, the one that served last first. */
static bool try_sample(struct search *search)
{
    for (uint32_t turn = 0; turn < search->frame_count; turn++) {
        uint32_t index = (search->frame + turn) % search->frame_count;
        const struct frame *frame = &search->frames[index];
        int size = snprintf(search->text, TEXT_BYTES, "%s%s%s", frame->before, search->sample,
                            frame->behind);
        if (size >= TEXT_BYTES)
            continue;
        close_gaps(search->text);
        if (try_text(search, (struct slice){search->text, (uint32_t)strlen(search->text)})) {
            search->frame = index;
            return true;
        }
    }
    return false;
}

static void try_samples(struct search *search, const struct pattern *pattern)
{
    struct pattern_sample sample;
    uint32_t count = 0;
    bool more = pattern_sample_first(&sample, pattern, search->sample, TEXT_BYTES);
    search->refused = !more;
    for (; more && count < SAMPLES_MAX && search->found == 0;
         more = pattern_sample_next(&sample), count++)
        (void)try_sample(search);
}

/* The first alternative of each choice that no witness shows yet: one text may show several. */
static void prefer_missing(const struct search *search, uint16_t *prefer, uint32_t node_count)
{
    const struct mutation_choices *choices = &search->choices;
    uint32_t choice = 0;
    uint16_t number = 0;
    bool found = false;
    memset(prefer, 0, node_count * sizeof *prefer);
    for (uint32_t at = choices->first[search->entry]; at < choices->first[search->entry + 1];
         at++) {
        const struct choice_alternative *alternative = &choices->items[at];
        number = alternative->choice == choice ? (uint16_t)(number + 1) : 0;
        found = found && alternative->choice == choice;
        choice = alternative->choice;
        if (!found && !alternative->killed)
            prefer[choice] = number;
        found |= !alternative->killed;
    }
}

static void try_through(struct search *search, const struct pattern *pattern,
                        const struct choice_alternative *alternative, const uint16_t *prefer)
{
    struct pattern_sample sample;
    bool more = pattern_sample_first_through(&sample, pattern, alternative->child, prefer,
                                             search->sample, TEXT_BYTES);
    for (uint32_t count = 0; more && count < SAMPLES_THROUGH_MAX && !alternative->killed;
         more = pattern_sample_next(&sample), count++)
        (void)try_sample(search);
}

static void try_alternatives(struct search *search, const struct pattern *pattern)
{
    const struct mutation_choices *choices = &search->choices;
    uint16_t *prefer = memory_allocate_array(pattern->node_count, sizeof *prefer);
    if (!prefer)
        search->status = STATUS_MEMORY;
    for (uint32_t at = choices->first[search->entry];
         search->status == STATUS_OK && at < choices->first[search->entry + 1]; at++) {
        const struct choice_alternative *alternative = &choices->items[at];
        if (alternative->killed)
            continue;
        prefer_missing(search, prefer, pattern->node_count);
        try_through(search, pattern, alternative, prefer);
        if (!alternative->killed)
            try_through(search, pattern, alternative, NULL);
    }
    memory_free(prefer);
}

static void try_old(struct search *search)
{
    const struct witness *witness = search->old->by_entry[search->entry];
    for (; witness && (search->found == 0 || has_alternatives_left(search));
         witness = witness->next)
        if (!witness->dead)
            (void)try_text(search, (struct slice){witness->text, witness->size});
}

/* Where nothing can be made from the entry somebody may have written an example that needs it. */
static void try_examples(struct search *search)
{
    const struct rule *rule =
        &search->judge->probe->rule_set->pack.rules[source_of(search)->rule_index];
    for (uint32_t at = 0; at < rule->example_count && search->found == 0; at++)
        if (rule->examples[at].must_match != takes_back(search))
            (void)try_text(search,
                           (struct slice){rule->examples[at].text, rule->examples[at].size});
}

static void add_frame(struct search *search, const char *before, const char *behind)
{
    if (search->frame_count == FRAMES_MAX || strlen(before) + 1 >= FRAME_BYTES ||
        strlen(behind) + 1 >= FRAME_BYTES)
        return;
    struct frame *frame = &search->frames[search->frame_count++];
    snprintf(frame->before, FRAME_BYTES, "%s%s", before, before[0] ? " " : "");
    snprintf(frame->behind, FRAME_BYTES, "%s%s", behind[0] ? " " : "", behind);
}

static enum redress_status parse(const struct search *search, uint32_t entry, struct pattern *out)
{
    const struct entry_probe *probe = search->judge->probe;
    const struct rule_entry *source = &probe->entries[entry];
    struct pattern_error error;
    return pattern_parse(source->pattern->text, source->pattern->size,
                         probe->rule_set->pack.rules[source->rule_index].original, out, &error);
}

/* Texts of the other half, before or behind. */
static void add_partner(struct search *search, uint32_t partner, bool before, bool behind)
{
    struct pattern pattern;
    struct pattern_sample sample;
    if (parse(search, partner, &pattern) != STATUS_OK)
        return;
    uint32_t count = 0;
    for (bool more = pattern_sample_first(&sample, &pattern, search->sample, FRAME_BYTES - 1);
         more && count < PARTNER_TEXTS_MAX; more = pattern_sample_next(&sample), count++) {
        if (behind)
            add_frame(search, "", search->sample);
        if (before)
            add_frame(search, search->sample, "");
    }
    pattern_free(&pattern);
}

static void add_partners(struct search *search, bool is_first)
{
    const struct rule_entry *source = source_of(search);
    const struct rule *rule = &search->judge->probe->rule_set->pack.rules[source->rule_index];
    uint32_t first = 0;
    uint32_t count = witness_book_entries(search->out, source->rule_index,
                                          is_first ? RULE_PART_NEAR_B : RULE_PART_NEAR_A, &first);
    for (uint32_t at = 0; at < count && at < PARTNERS_MAX; at++)
        add_partner(search, first + at, !is_first || !rule->near_ordered,
                    is_first || !rule->near_ordered);
}

/* Witnesses of the entries that the rule matches by: each may be taken back. */
static void add_fellows(struct search *search)
{
    static const enum rule_part parts[] = {RULE_PART_MATCH, RULE_PART_NEAR_A};
    for (unsigned part = 0; part < sizeof parts / sizeof parts[0]; part++) {
        uint32_t first = 0;
        uint32_t count =
            witness_book_entries(search->out, source_of(search)->rule_index, parts[part], &first);
        uint32_t step = count / PARTNERS_MAX + 1;
        for (uint32_t at = 0; at < count; at += step) {
            const struct witness *witness = search->out->by_entry[first + at];
            if (!witness || witness->dead)
                continue;
            add_frame(search, "", witness->text);
            add_frame(search, witness->text, "");
        }
    }
}

/* A Latin word alone is none of a Russian or Greek message: letters of its script that mean nothing
 * stand beside it. */
static const char *native_words(const struct search *search)
{
    const struct rule *rule =
        &search->judge->probe->rule_set->pack.rules[source_of(search)->rule_index];
    if (rule->home == LANGUAGE_RU)
        return "жзж жзж жзж";
    return rule->home == LANGUAGE_EL ? "ζξζ ζξζ ζξζ" : "";
}

static void make_frames(struct search *search)
{
    unsigned part = source_of(search)->pattern->part;
    const char *native = native_words(search);
    search->frame = search->frame_count = 0;
    if (part == RULE_PART_NEAR_A || part == RULE_PART_NEAR_B)
        add_partners(search, part == RULE_PART_NEAR_A);
    else
        add_frame(search, "", "");
    if (native[0] && search->frame_count > 0 && search->frames[0].behind[0] == 0)
        add_frame(search, "", native);
    if (takes_back(search))
        add_fellows(search);
}

static void add_reason(struct search *search)
{
    char reason[200];
    char name[64] = "";
    const struct rule_pattern *other =
        search->covering == ENTRY_PROBE_NONE
            ? NULL
            : search->judge->probe->entries[search->covering].pattern;
    if (other)
        snprintf(name, sizeof name, "%s", other->entry ? other->entry : other->text);
    if (search->refused && search->best >= WITNESS_SILENT)
        snprintf(reason, sizeof reason, "no text can be made from it: write one by hand");
    else if (search->best == WITNESS_COVERED && other)
        snprintf(reason, sizeof reason, "covered by \"%s\" on line %u", name, other->place.line);
    else if (search->best == WITNESS_COVERED)
        snprintf(reason, sizeof reason, "its rule comes out the same without it");
    else if (search->best == WITNESS_STOPPED && takes_back(search))
        snprintf(reason, sizeof reason, "takes nothing back");
    else if (search->best == WITNESS_STOPPED)
        snprintf(reason, sizeof reason, "always %s",
                 search->fate == FATE_COUNT ? "too far from its partner" : fate_name(search->fate));
    else
        snprintf(reason, sizeof reason, "%s",
                 search->best == WITNESS_ELSEWHERE
                     ? "its own text is taken for another language"
                     : "no text that was made from it matches: write one by hand");
    for (char *at = reason; *at; at++)
        if ((unsigned char)*at < ' ')
            *at = ' ';
    if (search->status == STATUS_OK)
        search->status = witness_book_add(
            search->out, search->entry, (struct slice){reason, (uint32_t)strlen(reason)}, 0, true);
}

static void search_entry(struct search *search, uint32_t entry)
{
    struct pattern pattern;
    search->entry = entry;
    search->found = 0;
    search->best = WITNESS_NO_TEXT;
    search->fate = FATE_COUNT;
    search->covering = ENTRY_PROBE_NONE;
    search->refused = true;
    try_old(search);
    if ((search->found == 0 || has_alternatives_left(search)) &&
        parse(search, entry, &pattern) == STATUS_OK) {
        make_frames(search);
        if (search->found == 0)
            try_samples(search, &pattern);
        try_alternatives(search, &pattern);
        pattern_free(&pattern);
    }
    if (search->found == 0)
        try_examples(search);
    if (search->found == 0)
        add_reason(search);
}

static enum redress_status search_entries(struct search *search, struct witness_counts *counts)
{
    const struct entry_probe *probe = search->judge->probe;
    for (unsigned taking = 0; taking < 2; taking++)
        for (uint32_t entry = 0; entry < probe->entry_count; entry++) {
            search->entry = entry;
            if (takes_back(search) != (taking == 1) || !witness_book_covers(search->out, entry))
                continue;
            search_entry(search, entry);
            counts->texts += search->found;
            counts->entries += search->found > 0;
            counts->dead += search->found == 0;
            if (search->status != STATUS_OK)
                return search->status;
        }
    return STATUS_OK;
}

enum redress_status witness_record(const struct witness_book *old, struct witness_judge *judge,
                                   struct witness_book *out, struct witness_counts *counts)
{
    enum redress_status status = STATUS_MEMORY;
    struct search *search = memory_allocate(sizeof *search);
    struct frame *frames = memory_allocate_array(FRAMES_MAX, sizeof *frames);
    *counts = (struct witness_counts){0};
    if (search && frames) {
        *search = (struct search){.old = old, .judge = judge, .out = out, .frames = frames};
        status = mutation_choices_init(&search->choices, judge->probe);
        if (status == STATUS_OK)
            status = search_entries(search, counts);
        mutation_choices_free(&search->choices);
    }
    memory_free(frames);
    memory_free(search);
    return status;
}
