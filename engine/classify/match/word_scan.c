/** Reads a text with a word index. */
#include "classify/match/word_key.h"

#include <string.h>

enum { KEY_BYTES = WORD_KEY_BYTES, LOOKUPS_MAX = 64 };

/* A key that the filter lets pass. */
struct lookup {
    uint64_t key;
    uint32_t at;
    uint16_t size; /* of a longer word this is wrong, and its key has no entry */
    uint8_t kind;  /* enum word_anchor_kind */
};

/* An entry that may stand there by its sides; soon, by eight bytes on either side. */
struct likeness {
    const struct word_entry *entry;
    uint32_t key_at;
    uint32_t key_size;
};

struct word_scan {
    const struct word_index *index;
    const uint8_t *bytes;
    uint32_t size;
    const struct word_listener *listener;
    uint32_t lookup_count;
    uint32_t likeness_count;
    struct lookup lookups[LOOKUPS_MAX];
    struct likeness likenesses[WORD_HITS_MAX];
};

static bool sides_agree(const struct word_scan *scan, const struct likeness *likeness)
{
    const struct word_entry *entry = likeness->entry;
    uint64_t before = load_64(scan->bytes + likeness->key_at - WORD_SIDE_BYTES);
    uint64_t behind = load_64(scan->bytes + likeness->key_at + likeness->key_size);
    uint32_t at = entry->at < WORD_SIDE_BYTES ? entry->at : WORD_SIDE_BYTES;
    uint32_t left = (uint32_t)entry->size - entry->at - entry->key_size;
    return word_key_last_bytes(before, at) == word_key_last_bytes(entry->before, at) &&
           word_key_first_bytes(behind, left) == word_key_first_bytes(entry->behind, left) &&
           likeness->key_at >= entry->at &&
           entry->size <= scan->size - (likeness->key_at - entry->at);
}

/* Keeps those that agree in eight bytes on either side. */
static void compare_sides(struct word_scan *scan)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < scan->likeness_count; i++) {
        const struct likeness likeness = scan->likenesses[i];
        if (!sides_agree(scan, &likeness))
            continue;
        scan->likenesses[count++] = likeness;
        if (!likeness.entry->settled)
            __builtin_prefetch(scan->index->bytes + likeness.entry->bytes_at);
    }
    scan->likeness_count = count;
}

/* What is farther from the key than eight bytes, and the key, where another one may have the same
 * hash. */
static bool stands_at(const struct word_scan *scan, const struct word_entry *entry, uint32_t start)
{
    return entry->settled ||
           memcmp(scan->bytes + start, scan->index->bytes + entry->bytes_at, entry->size) == 0;
}

static void tell(struct word_scan *scan)
{
    struct word_hit hits[WORD_HITS_MAX];
    uint32_t count = 0;
    compare_sides(scan);
    for (uint32_t i = 0; i < scan->likeness_count; i++) {
        const struct word_entry *entry = scan->likenesses[i].entry;
        uint32_t start = scan->likenesses[i].key_at - entry->at;
        if (stands_at(scan, entry, start))
            hits[count++] = (struct word_hit){entry->literal, start, start + entry->size};
    }
    scan->likeness_count = 0;
    if (count > 0)
        scan->listener->on_hits(scan->listener->user, hits, count);
}

static void keep(struct word_scan *scan, const struct word_entry *entry,
                 const struct lookup *lookup)
{
    __builtin_prefetch(entry);
    if (scan->likeness_count == WORD_HITS_MAX)
        tell(scan);
    scan->likenesses[scan->likeness_count++] = (struct likeness){entry, lookup->at, lookup->size};
}

/* The sides that an entry may need here, one byte of each pair before the key, the other behind. */
struct sides_here {
    lanes_bytes of_one;
    lanes_bytes of_two;
};

static inline lanes_bytes in_every_pair(uint8_t before, uint8_t behind)
{
    uint16_t pair;
    memcpy(&pair, &(struct word_sides){before, behind}, sizeof pair);
    return lanes_of_pair(pair);
}

static inline struct sides_here sides_at(const struct word_scan *scan, const struct lookup *lookup)
{
    const uint8_t *before = scan->bytes + lookup->at - 1 - word_key_skip_before(lookup->kind);
    const uint8_t *behind =
        scan->bytes + lookup->at + lookup->size + word_key_skip_behind(lookup->kind);
    return (struct sides_here){
        .of_one = in_every_pair(word_key_side_of_one(before[0]), word_key_side_of_one(behind[0])),
        .of_two = in_every_pair(word_key_side_of_two(before[0], *(before - 1)),
                                word_key_side_of_two(behind[0], behind[1])),
    };
}

/* Eight entries at once: two bits for each, set where both sides agree. */
static inline uint32_t agreeing(const struct word_sides *sides, const struct sides_here *here)
{
    lanes_bytes needed = lanes_load((const uint8_t *)sides);
    return lanes_pair_bits((lanes_bytes)(needed == here->of_one) |
                           (lanes_bytes)(needed == here->of_two) | lanes_equal(needed, 0));
}

static void compare(struct word_scan *scan, const struct word_slot *slot,
                    const struct lookup *lookup)
{
    const struct sides_here here = sides_at(scan, lookup);
    const struct word_sides *sides = slot->sides;
    for (uint32_t i = 0; i < slot->count; i += WORD_SLOT_SIDES) {
        uint32_t left = slot->count - i;
        uint32_t agree = agreeing(sides, &here) & 0x5555;
        if (left < WORD_SLOT_SIDES)
            agree &= ((uint32_t)1 << 2 * left) - 1;
        for (; agree; agree &= agree - 1)
            keep(scan, scan->index->entries + slot->first + i + (uint32_t)__builtin_ctz(agree) / 2,
                 lookup);
        sides = scan->index->sides + slot->first + i + WORD_SLOT_SIDES;
    }
}

/* Each loop asks for the memory that the next one reads. */
static void look_up_all(struct word_scan *scan)
{
    const struct word_slot *slots[LOOKUPS_MAX];
    for (uint32_t i = 0; i < scan->lookup_count; i++) {
        slots[i] = word_key_slot(scan->index, scan->lookups[i].key);
        if (slots[i]->count > WORD_SLOT_SIDES)
            __builtin_prefetch(scan->index->sides + slots[i]->first + WORD_SLOT_SIDES);
    }
    for (uint32_t i = 0; i < scan->lookup_count; i++)
        if (slots[i]->count > 0)
            compare(scan, slots[i], &scan->lookups[i]);
    scan->lookup_count = 0;
}

static inline void look_up(struct word_scan *scan, uint64_t key, uint32_t at, uint32_t size,
                           enum word_anchor_kind kind)
{
    const struct word_index *index = scan->index;
    uint32_t bit = word_key_filter_place(index, key);
    if (!(index->filter[bit / 64] >> bit % 64 & 1))
        return;
    __builtin_prefetch(index->slots + word_key_slot_place(index, key));
    if (scan->lookup_count == LOOKUPS_MAX)
        look_up_all(scan);
    scan->lookups[scan->lookup_count++] = (struct lookup){key, at, (uint16_t)size, (uint8_t)kind};
}

static inline void look_up_part(struct word_scan *scan, uint32_t at, enum word_anchor_kind kind)
{
    look_up(scan, word_key_part(scan->bytes + at, kind), at, KEY_BYTES, kind);
}

static void look_up_word(struct word_scan *scan, const struct word_place *word)
{
    if (word->sides & WORD_HEAD) {
        look_up(scan, word_key_whole(scan->bytes + word->at, word->size), word->at, word->size,
                WORD_ANCHOR_WHOLE);
        if (word->size >= KEY_BYTES)
            look_up_part(scan, word->at, WORD_ANCHOR_START);
    }
    if (word->sides & WORD_TAIL)
        look_up_part(scan, word->at + word->size - KEY_BYTES, WORD_ANCHOR_END);
}

void word_index_scan(const struct word_index *index, const struct view *view,
                     const struct word_place *words, uint32_t count,
                     const struct word_listener *listener)
{
    struct word_scan scan; /* its arrays are not cleared */
    scan.index = index;
    scan.bytes = view->bytes;
    scan.size = view->size;
    scan.listener = listener;
    scan.lookup_count = scan.likeness_count = 0;
    for (uint32_t i = 0; i < count; i++)
        look_up_word(&scan, &words[i]);
    look_up_all(&scan);
    tell(&scan);
}

/* The first bytes of a word. */
static inline uint32_t head_of(const uint8_t *word, uint32_t size)
{
    static const uint32_t masks[KEY_BYTES + 1] = {0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF};
    return load_32(word) & masks[size < KEY_BYTES ? size : KEY_BYTES];
}

static inline uint32_t has_tail(const struct word_index *index, const uint8_t *end, uint32_t size)
{
    uint32_t hash = word_key_hash_beginning(load_32(end - KEY_BYTES));
    return word_key_has_beginning(&index->tails, hash) & (size >= KEY_BYTES);
}

static void begin_presence(struct word_presence *presence)
{
    if (++presence->round != 0)
        return;
    memset(presence->rounds, 0, sizeof presence->rounds);
    presence->round = 1;
}

/* Notes the word from `begin` to `end`; gives which sides of it may have keys. */
static inline uint32_t read_word(const struct word_index *index, struct word_presence *presence,
                                 const uint8_t *bytes, uint32_t begin, uint32_t end)
{
    uint32_t hash = word_key_hash_beginning(head_of(bytes + begin, end - begin));
    presence->rounds[word_key_presence(hash)] = presence->round;
    return word_key_has_beginning(&index->heads, hash) * WORD_HEAD |
           has_tail(index, bytes + end, end - begin) * WORD_TAIL;
}

uint32_t word_index_read(const struct word_index *index, const struct view *view,
                         struct word_presence *presence, struct word_place *out)
{
    const uint64_t last = (uint64_t)1 << (WORD_BLOCK_BYTES - 1);
    uint32_t count = 0;
    uint32_t begin = 0;
    uint64_t before = 0; /* is the last byte of the block before of a word? */
    begin_presence(presence);
    for (uint32_t at = 0; at <= view->size; at += WORD_BLOCK_BYTES) {
        uint64_t words = view->words[at / WORD_BLOCK_BYTES];
        uint64_t shifted = words << 1 | before;
        uint64_t starts = (words & ~shifted) | last; /* so that there always is a next one */
        if (!before) {
            begin = at + (uint32_t)__builtin_ctzll(starts);
            starts &= starts - 1;
        }
        for (uint64_t ends = ~words & shifted; ends; ends &= ends - 1, starts &= starts - 1) {
            uint32_t end = at + (uint32_t)__builtin_ctzll(ends);
            uint32_t sides = read_word(index, presence, view->bytes, begin, end);
            out[count] = (struct word_place){begin, end - begin, sides};
            count += sides != 0; /* no branch: it would be guessed wrong */
            begin = at + (uint32_t)__builtin_ctzll(starts);
        }
        before = words >> (WORD_BLOCK_BYTES - 1);
    }
    return count;
}
