#include "classify/word_index.h"

#include "classify/pattern_literals.h"

#include "base/assert.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    KEY_BYTES = 4,
    TOLD_BYTES = 8,
    SLOTS_MIN_BITS = 4,
    FILTER_MIN_BITS = 9,
    FILTER_MAX_BITS = 17
};

static uint32_t load_32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t load_64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint32_t hash_of(uint32_t key)
{
    return (key ^ key >> 15) * 0x9E3779B1u;
}

/* Word bytes from `at` on. */
static uint32_t word_size(const uint8_t *bytes, uint32_t size, uint32_t at)
{
    uint32_t end = at;
    while (end < size && view_is_word(bytes[end]))
        end++;
    return end - at;
}

/* How often such a word stands in text, about; infinite where it is no key. */
static double start_cost(const uint8_t *bytes, uint32_t size, uint32_t edges, uint32_t at)
{
    uint32_t length = word_size(bytes, size, at);
    bool whole = at + length < size || (edges & PATTERN_EDGE_BEHIND);
    bool begins = at == 0 ? (edges & PATTERN_EDGE_BEFORE) != 0 : !view_is_word(bytes[at - 1]);
    struct pattern_literals set = {.count = 1};
    if (begins && length > 0 && (length >= KEY_BYTES || whole)) {
        set.items[0].size = (uint8_t)(length < TOLD_BYTES ? length : TOLD_BYTES);
        set.items[0].edges = PATTERN_EDGE_BEFORE | (whole ? PATTERN_EDGE_BEHIND : 0);
        memcpy(set.items[0].bytes, bytes + at, set.items[0].size);
    }
    return pattern_literals_cost(&set);
}

static bool ends_a_word(const uint8_t *bytes, uint32_t size, uint32_t edges, uint32_t end)
{
    for (uint32_t i = 1; i <= KEY_BYTES; i++)
        if (!view_is_word(bytes[end - i]))
            return false;
    return end < size ? !view_is_word(bytes[end]) : (edges & PATTERN_EDGE_BEHIND) != 0;
}

struct word_anchor word_anchor_choose(const uint8_t *bytes, uint32_t size, uint32_t edges)
{
    struct word_anchor best = {.kind = WORD_ANCHOR_NONE};
    double best_cost = 1e9;
    for (uint32_t at = 0; at < size; at++) {
        double cost = start_cost(bytes, size, edges, at);
        if (cost < best_cost) {
            best = (struct word_anchor){WORD_ANCHOR_START, (uint8_t)at};
            best_cost = cost;
        }
    }
    for (uint32_t end = size; end >= KEY_BYTES && best.kind == WORD_ANCHOR_NONE; end--)
        if (ends_a_word(bytes, size, edges, end))
            best = (struct word_anchor){WORD_ANCHOR_END, (uint8_t)end};
    return best;
}

enum redress_status word_index_init(struct word_index *index, uint32_t literal_count,
                                    uint32_t byte_count)
{
    *index = (struct word_index){0};
    word_blocks_init(&index->blocks);
    index->bytes = memory_allocate(byte_count + 1);
    index->starts.entries = memory_allocate_array(literal_count + 1, sizeof *index->starts.entries);
    index->ends.entries = memory_allocate_array(literal_count + 1, sizeof *index->ends.entries);
    bool good = index->bytes && index->starts.entries && index->ends.entries;
    return good ? STATUS_OK : STATUS_MEMORY;
}

static void table_destroy(struct word_table *table)
{
    memory_free(table->entries);
    memory_free(table->slots);
    memory_free(table->filter);
}

void word_index_destroy(struct word_index *index)
{
    table_destroy(&index->starts);
    table_destroy(&index->ends);
    memory_free(index->bytes);
    *index = (struct word_index){0};
}

void word_index_add(struct word_index *index, struct word_anchor anchor, const uint8_t *bytes,
                    uint32_t size, uint32_t literal)
{
    ASSERT(anchor.kind != WORD_ANCHOR_NONE);
    bool start = anchor.kind == WORD_ANCHOR_START;
    struct word_table *table = start ? &index->starts : &index->ends;
    struct word_entry *entry = &table->entries[table->entry_count++];
    *entry = (struct word_entry){.literal = literal,
                                 .bytes_at = index->byte_count,
                                 .size = (uint8_t)size,
                                 .back = anchor.at};
    memcpy(index->bytes + index->byte_count, bytes, size);
    index->byte_count += size;
    if (start) {
        uint32_t length = word_size(bytes, size, anchor.at);
        uint32_t told = size - anchor.at < TOLD_BYTES ? size - anchor.at : TOLD_BYTES;
        memcpy(&entry->key, bytes + anchor.at, length < KEY_BYTES ? length : KEY_BYTES);
        memcpy(&entry->value, bytes + anchor.at, told);
        memset(&entry->mask, 0xFF, told);
        entry->told = anchor.at == 0 && told == size;
    } else {
        entry->key = load_32(bytes + anchor.at - KEY_BYTES);
    }
}

static int compare_entries(const void *left, const void *right)
{
    const struct word_entry *a = left;
    const struct word_entry *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->literal < b->literal ? -1 : a->literal > b->literal;
}

static struct word_slot *find_slot(const struct word_table *table, uint32_t key)
{
    uint32_t last = UINT32_MAX >> table->slot_shift;
    uint32_t at = hash_of(key) >> table->slot_shift;
    while (table->slots[at].key != 0 && table->slots[at].key != key)
        at = (at + 1) & last;
    return &table->slots[at];
}

/* The least power of two that is at least so many, as bits. */
static uint32_t bits_for(uint32_t count, uint32_t min)
{
    uint32_t bits = min;
    while (bits < FILTER_MAX_BITS && (uint32_t)1 << bits < count)
        bits++;
    return bits;
}

static enum redress_status table_build(struct word_table *table)
{
    uint32_t slot_bits = SLOTS_MIN_BITS;
    while ((uint64_t)1 << slot_bits < 2 * (uint64_t)table->entry_count)
        slot_bits++;
    uint32_t filter_bits = bits_for(32 * table->entry_count, FILTER_MIN_BITS);
    table->slot_shift = 32 - slot_bits;
    table->filter_shift = 32 - filter_bits;
    table->slots = memory_allocate_array((size_t)1 << slot_bits, sizeof *table->slots);
    table->filter = memory_allocate_array((size_t)1 << filter_bits >> 6, sizeof *table->filter);
    if (!table->slots || !table->filter)
        return STATUS_MEMORY;
    qsort(table->entries, table->entry_count, sizeof *table->entries, compare_entries);
    for (uint32_t i = 0; i < table->entry_count; i++) {
        uint32_t key = table->entries[i].key;
        uint32_t bit = hash_of(key) >> table->filter_shift;
        struct word_slot *slot = find_slot(table, key);
        if (slot->key == 0)
            *slot = (struct word_slot){key, i};
        table->entries[i].last = i + 1 == table->entry_count || table->entries[i + 1].key != key;
        table->filter[bit / 64] |= (uint64_t)1 << bit % 64;
    }
    return STATUS_OK;
}

enum redress_status word_index_build(struct word_index *index)
{
    enum redress_status status = table_build(&index->starts);
    return status == STATUS_OK ? table_build(&index->ends) : status;
}

struct word_scan {
    const struct word_index *index;
    const uint8_t *bytes;
    uint32_t size;
    const struct word_listener *listener;
};

static inline bool may_have(const struct word_table *table, uint32_t key)
{
    uint32_t bit = hash_of(key) >> table->filter_shift;
    return table->filter[bit / 64] >> bit % 64 & 1;
}

/* The literal's other bytes, around its anchor at `at`. */
static bool stands_at(const struct word_scan *scan, const struct word_entry *entry, uint32_t at)
{
    uint32_t start = at - entry->back;
    if (at < entry->back || entry->size > scan->size - start)
        return false;
    return entry->told ||
           memcmp(scan->bytes + start, scan->index->bytes + entry->bytes_at, entry->size) == 0;
}

/* The anchor stands at `at`. */
static void look_up(const struct word_scan *scan, const struct word_table *table, uint32_t key,
                    uint32_t at)
{
    const struct word_slot *slot = find_slot(table, key);
    if (slot->key == 0)
        return;
    uint64_t told = load_64(scan->bytes + at);
    const struct word_entry *entry = table->entries + slot->first;
    for (bool last = false; !last; entry++) {
        last = entry->last;
        if ((told & entry->mask) == entry->value && stands_at(scan, entry, at))
            scan->listener->on_literal(scan->listener->user, entry->literal, at - entry->back,
                                       at - entry->back + entry->size);
    }
}

static void look_up_start(const struct word_scan *scan, uint32_t at, uint32_t word_bits)
{
    /* By how many of the first four bytes are of the word. */
    static const uint32_t masks[16] = {[1] = 0xFF, [3] = 0xFFFF,  [5] = 0xFF,  [7] = 0xFFFFFF,
                                       [9] = 0xFF, [11] = 0xFFFF, [13] = 0xFF, [15] = 0xFFFFFFFF};
    uint32_t key = load_32(scan->bytes + at) & masks[word_bits & 15];
    if (may_have(&scan->index->starts, key))
        look_up(scan, &scan->index->starts, key, at);
}

static void look_up_end(const struct word_scan *scan, uint32_t at)
{
    if (at < KEY_BYTES)
        return;
    uint32_t key = load_32(scan->bytes + at - KEY_BYTES);
    if (may_have(&scan->index->ends, key))
        look_up(scan, &scan->index->ends, key, at);
}

void word_index_scan(const struct word_index *index, const uint8_t *bytes, uint32_t size,
                     uint32_t from, uint32_t to, const struct word_listener *listener)
{
    struct word_scan scan = {index, bytes, size, listener};
    bool has_ends = index->ends.entry_count > 0;
    uint64_t before = from > 0 && view_is_word(bytes[from - 1]);
    uint64_t next = from < size ? word_blocks_mask(&index->blocks, bytes, size, from) : 0;
    for (uint32_t at = from; at < to; at += WORD_BLOCK_BYTES) {
        uint64_t words = next;
        uint32_t behind = at + WORD_BLOCK_BYTES;
        next = behind < size ? word_blocks_mask(&index->blocks, bytes, size, behind) : 0;
        uint64_t shifted = words << 1 | before;
        before = words >> 63;
        for (uint64_t starts = words & ~shifted; starts; starts &= starts - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(starts);
            uint64_t word = words >> bit | (bit ? next << (64 - bit) : 0);
            look_up_start(&scan, at + bit, (uint32_t)word);
        }
        for (uint64_t ends = has_ends ? ~words & shifted : 0; ends; ends &= ends - 1)
            if (at + (uint32_t)__builtin_ctzll(ends) <= size)
                look_up_end(&scan, at + (uint32_t)__builtin_ctzll(ends));
    }
    if (has_ends && to == size && size % WORD_BLOCK_BYTES == 0 && before)
        look_up_end(&scan, size);
}
