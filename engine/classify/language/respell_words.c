#include "classify/language/respell_words.h"

#include <string.h>

enum {
    PIECE_BYTES_MAX = 64, /* of a word in a pattern; a longer one is left out */
    READINGS_MAX = 96,
    PATH_MAX = 2 * RESPELL_TYPED_MAX,
    WORD_ENDS = 1, /* a word ends at the node */
    STEM_ENDS = 2  /* a stem does: any letters may follow */
};

/* A tree of letters as the view has them; children are a list. */
struct word_node {
    struct word_node *child;
    struct word_node *next;
    uint8_t letter;
    uint8_t ends;
};

struct reading {
    const struct letter_reading *source;
    uint8_t typed_size;
    uint8_t meant_size;
    uint8_t meant[RESPELL_MEANT_BYTES_MAX]; /* as the view has it */
};

struct respell_words {
    struct word_node root;
    struct reading readings[READINGS_MAX];
    uint32_t reading_count;
    uint8_t first[128]; /* of the readings of an ASCII byte; those of one stand together */
    uint8_t count[128];
};

static void readings_fill(struct respell_words *words, enum language language)
{
    uint32_t count = 0;
    const struct letter_reading *source = letter_readings(language, &count);
    for (uint32_t index = 0; index < count && index < READINGS_MAX; index++) {
        struct reading *reading = &words->readings[words->reading_count++];
        uint8_t first = (uint8_t)source[index].typed[0];
        reading->source = &source[index];
        reading->typed_size = (uint8_t)strlen(source[index].typed);
        const struct slice meant = {source[index].meant, (uint32_t)strlen(source[index].meant)};
        for (uint32_t at = 0; at < meant.size;) {
            struct view_character letter = view_character_at(meant, at);
            reading->meant[reading->meant_size++] = letter.fold[0];
            at += letter.size;
        }
        if (words->count[first]++ == 0)
            words->first[first] = (uint8_t)index;
    }
}

static struct word_node *child_of(const struct word_node *node, uint8_t letter)
{
    struct word_node *child = node->child;
    while (child && child->letter != letter)
        child = child->next;
    return child;
}

/* A word of the pack while it is read. */
struct piece {
    uint32_t size;
    uint8_t letters[PIECE_BYTES_MAX];
};

/* Adds the piece, if there is one, and empties it. False when memory is out. */
static bool add_piece(struct respell_words *words, struct arena *arena, struct piece *piece,
                      bool open)
{
    uint32_t size = piece->size;
    piece->size = 0;
    if (size == 0 || size >= PIECE_BYTES_MAX)
        return true;
    struct word_node *node = &words->root;
    for (uint32_t index = 0; index < size; index++) {
        struct word_node *child = child_of(node, piece->letters[index]);
        if (!child) {
            child = arena_allocate(arena, sizeof *child);
            if (!child)
                return false;
            *child = (struct word_node){.letter = piece->letters[index], .next = node->child};
            node->child = child;
        }
        node = child;
    }
    node->ends |= WORD_ENDS;
    node->ends |= open && size >= RESPELL_STEM_LETTERS ? STEM_ENDS : 0;
    return true;
}

static void put_letters(struct piece *piece, const uint8_t *letters, uint32_t count)
{
    for (uint32_t index = 0; index < count && piece->size < PIECE_BYTES_MAX; index++)
        piece->letters[piece->size++] = letters[index];
}

/* Reads the class at `at`; its first letter stands for it. Returns its size. */
static size_t read_class(const char *at, size_t left, uint8_t *letter)
{
    size_t end = 1;
    while (end < left && at[end] != ']')
        end += at[end] == '\\' ? 2 : 1;
    *letter = 0;
    if (left > 2) {
        struct view_character first = view_character_at((struct slice){at, (uint32_t)left}, 1);
        if (first.count == 1 && view_is_letter(first.fold[0]))
            *letter = first.fold[0];
    }
    return end < left ? end + 1 : left;
}

/*
 * Gathers the words that stand in a pattern: runs of letters. What is no letter ends them: a blank
 * or \b a word, anything else what may be a stem. That some of them are only parts of words does
 * no harm: they are readings that a text may have, and the pattern itself decides.
 */
static bool add_pattern(struct respell_words *words, struct arena *arena, const char *text,
                        size_t size)
{
    struct piece piece = {0};
    for (size_t at = 0; at < size;) {
        struct view_character next = view_character_at((struct slice){text, (uint32_t)size}, at);
        size_t step = next.size;
        bool whole = text[at] == ' ';
        bool letter = next.count > 0 && view_is_letter(next.fold[0]);
        if (text[at] == '\\') {
            whole = at + 1 < size && text[at + 1] == 'b';
            step = 2;
            letter = false;
        } else if (text[at] == '[') {
            step = read_class(text + at, size - at, next.fold);
            letter = next.fold[0] != 0;
            next.count = 1;
        }
        if (letter)
            put_letters(&piece, next.fold, next.count);
        else if (text[at] != '?' && !add_piece(words, arena, &piece, !whole))
            return false;
        at += step ? step : 1;
    }
    return add_piece(words, arena, &piece, true);
}

static bool add_grammar(struct respell_words *words, struct arena *arena,
                        const struct grammar *grammar)
{
    for (uint32_t slot = 0; slot < GRAMMAR_SLOTS; slot++)
        for (const struct grammar_entry *entry = grammar->slots[slot]; entry; entry = entry->next)
            for (uint32_t index = 0; index < entry->word_count; index++) {
                struct piece piece = {0};
                put_letters(&piece, entry->words[index].bytes, entry->words[index].size);
                bool open = entry->open_end && index + 1 == entry->word_count;
                if (!add_piece(words, arena, &piece, open))
                    return false;
            }
    return true;
}

static bool add_rules(struct respell_words *words, struct arena *arena,
                      const struct rule_pack *pack, enum language language)
{
    for (uint32_t index = 0; index < pack->rule_count; index++) {
        const struct rule *rule = &pack->rules[index];
        for (uint32_t at = 0; rule->home == language && at < rule->pattern_count; at++)
            if (!add_pattern(words, arena, rule->patterns[at].text, rule->patterns[at].size))
                return false;
    }
    return true;
}

const struct respell_words *respell_words_create(const struct rule_pack *pack,
                                                 enum language language, struct arena *arena)
{
    struct respell_words *words = arena_allocate(arena, sizeof *words);
    if (!words)
        return NULL;
    readings_fill(words, language);
    const struct grammar *grammar = pack->grammars[language];
    if ((grammar && !add_grammar(words, arena, grammar)) ||
        !add_rules(words, arena, pack, language))
        return NULL;
    return words;
}

enum word_known respell_words_know(const struct respell_words *words, const uint8_t *letters,
                                   uint32_t size, uint32_t *stem)
{
    const struct word_node *node = &words->root;
    *stem = 0;
    for (uint32_t at = 0; at < size; at++) {
        node = child_of(node, letters[at]);
        if (!node)
            break;
        if (node->ends & STEM_ENDS)
            *stem = at + 1;
    }
    if (node && (node->ends & WORD_ENDS))
        return WORD_WHOLE;
    return *stem ? WORD_BEGINS : WORD_UNKNOWN;
}

bool respell_words_take(const struct respell_words *words, uint8_t letter)
{
    return letter > 0 && letter < 128 && (words->count[letter] || (letter >= 'a' && letter <= 'z'));
}

/* One reading of a letter; NULL stands for the letter itself, in a word of Latin letters. */
struct step {
    const struct reading *reading;
    uint8_t at;
};

struct path {
    uint32_t count;
    struct step steps[PATH_MAX];
};

struct search {
    const struct respell_words *words;
    const struct typed_word *typed;
    uint32_t steps_left;
    struct path path; /* the one that is being tried */
    struct path word; /* the cheapest whole word so far */
    uint32_t word_cost;
    struct path stem; /* the longest stem so far, of these the cheapest */
    uint32_t stem_cost;
    uint32_t stem_typed;
};

static void note_ends(struct search *search, const struct word_node *node, uint32_t at,
                      uint32_t cost)
{
    if ((node->ends & WORD_ENDS) && at == search->typed->size && cost < search->word_cost) {
        search->word = search->path;
        search->word_cost = cost;
    }
    bool better = at > search->stem_typed || (at == search->stem_typed && cost < search->stem_cost);
    if ((node->ends & STEM_ENDS) && better) {
        search->stem = search->path;
        search->stem_cost = cost;
        search->stem_typed = at;
    }
}

static void walk(struct search *search, const struct word_node *node, uint32_t at, uint32_t cost);

static void follow(struct search *search, const struct word_node *node, uint32_t at, uint32_t cost,
                   const struct reading *reading)
{
    if (reading->typed_size > search->typed->size - at ||
        memcmp(reading->source->typed, search->typed->letters + at, reading->typed_size) != 0)
        return;
    for (uint32_t index = 0; node && index < reading->meant_size; index++)
        node = child_of(node, reading->meant[index]);
    if (!node)
        return;
    search->path.steps[search->path.count++] = (struct step){reading, (uint8_t)at};
    walk(search, node, at + reading->typed_size, cost + reading->source->cost);
    search->path.count--;
}

/* Tries every reading of the letters from `at` on that goes on as some word does. */
static void walk(struct search *search, const struct word_node *node, uint32_t at, uint32_t cost)
{
    const struct respell_words *words = search->words;
    note_ends(search, node, at, cost);
    if (search->steps_left == 0 || cost >= search->word_cost || search->path.count == PATH_MAX)
        return;
    search->steps_left--;
    for (uint32_t index = 0; index < words->count[0]; index++) /* letters that are left out */
        follow(search, node, at, cost, &words->readings[words->first[0] + index]);
    if (at == search->typed->size)
        return;
    uint8_t letter = search->typed->letters[at];
    for (uint32_t index = 0; index < words->count[letter]; index++)
        follow(search, node, at, cost, &words->readings[words->first[letter] + index]);
    const struct word_node *same = child_of(node, letter);
    if (!same)
        return;
    search->path.steps[search->path.count++] = (struct step){NULL, (uint8_t)at};
    walk(search, same, at + 1, cost + 1);
    search->path.count--;
}

/* The commonest reading of what is typed at `at`: of the most letters, the first of these. */
static const struct reading *commonest(const struct respell_words *words,
                                       const struct typed_word *typed, uint32_t at)
{
    const struct reading *best = NULL;
    uint8_t letter = typed->letters[at];
    for (uint32_t index = 0; index < words->count[letter]; index++) {
        const struct reading *reading = &words->readings[words->first[letter] + index];
        if (reading->typed_size <= typed->size - at &&
            memcmp(reading->source->typed, typed->letters + at, reading->typed_size) == 0 &&
            (!best || reading->typed_size > best->typed_size))
            best = reading;
    }
    return best;
}

static void put_step(struct meant_word *out, const struct typed_word *typed, struct step step)
{
    if (out->count == PATH_MAX)
        return;
    char *text = out->text[out->count];
    out->at[out->count++] = step.at;
    memset(text, 0, RESPELL_MEANT_BYTES_MAX + 1);
    if (step.reading)
        memcpy(text, step.reading->source->meant, strlen(step.reading->source->meant));
    else
        text[0] = (char)typed->letters[step.at];
}

bool respell_words_find(const struct respell_words *words, const struct typed_word *typed,
                        uint32_t *steps_left, struct meant_word *out)
{
    struct search search = {.words = words,
                            .typed = typed,
                            .steps_left = *steps_left,
                            .word_cost = UINT32_MAX,
                            .stem_cost = UINT32_MAX};
    walk(&search, &words->root, 0, 0);
    bool whole = search.word_cost < UINT32_MAX;
    const struct path *path = whole ? &search.word : &search.stem;
    out->count = 0;
    out->known = whole || search.stem_typed > 0;
    for (uint32_t index = 0; index < path->count; index++)
        put_step(out, typed, path->steps[index]);
    for (uint32_t at = whole ? typed->size : search.stem_typed; at < typed->size;) {
        const struct reading *reading = commonest(words, typed, at);
        put_step(out, typed, (struct step){reading, (uint8_t)at});
        at += reading ? reading->typed_size : 1;
    }
    *steps_left = search.steps_left;
    return search.steps_left > 0;
}
