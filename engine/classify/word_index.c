#include "classify/word_index.h"

#include "classify/pattern_literals.h"

#include "base/assert.h"
#include "base/memory.h"

#include <string.h>

enum {
    KEY_BYTES = WORD_KEY_BYTES,
    STEP_BYTES = 8,
    SLOTS_MIN_BITS = 4,
    FILTER_MIN_BITS = 9,
    FILTER_MAX_BITS = 17,
    STEP_FILTER_MAX_BITS = 20
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

/* True where a word begins that is as long as a key, or ends in the literal. */
static bool starts_a_word(const uint8_t *bytes, uint32_t size, uint32_t edges, uint32_t at)
{
    uint32_t length = word_size(bytes, size, at);
    bool whole = at + length < size || (edges & PATTERN_EDGE_BEHIND);
    bool begins = at == 0 ? (edges & PATTERN_EDGE_BEFORE) != 0 : !view_is_word(bytes[at - 1]);
    return begins && length > 0 && (length >= KEY_BYTES || whole);
}

static bool ends_a_word(const uint8_t *bytes, uint32_t size, uint32_t edges, uint32_t end)
{
    for (uint32_t i = 1; i <= KEY_BYTES; i++)
        if (!view_is_word(bytes[end - i]))
            return false;
    return end < size ? !view_is_word(bytes[end]) : (edges & PATTERN_EDGE_BEHIND) != 0;
}

struct word_anchor word_anchor_choose(const struct word_counts *counts, const uint8_t *bytes,
                                      uint32_t size, uint32_t edges)
{
    struct word_anchor rarest = {.kind = WORD_ANCHOR_NONE};
    for (uint32_t at = 0; at < size; at++) {
        if (!starts_a_word(bytes, size, edges, at))
            continue;
        uint32_t count = word_counts_of(counts, bytes + at, word_size(bytes, size, at));
        if (rarest.kind == WORD_ANCHOR_NONE || count < rarest.count)
            rarest = (struct word_anchor){WORD_ANCHOR_START, (uint8_t)at, count};
    }
    if (rarest.kind != WORD_ANCHOR_NONE)
        return rarest;
    for (uint32_t end = size; end >= KEY_BYTES; end--)
        if (ends_a_word(bytes, size, edges, end))
            return (struct word_anchor){WORD_ANCHOR_END, (uint8_t)end, 0};
    return rarest;
}

/* The key of the word that begins there. */
static uint32_t key_at(const uint8_t *literal, uint32_t size, uint32_t at)
{
    uint32_t key = 0;
    uint32_t length = word_size(literal, size, at);
    memcpy(&key, literal + at, length < KEY_BYTES ? length : KEY_BYTES);
    return key;
}

static inline uint16_t presence_of(uint32_t key)
{
    return (uint16_t)(hash_of(key) >> (32 - WORD_PRESENCE_BITS));
}

uint16_t word_presence_place(const uint8_t *literal, uint32_t size, uint32_t at)
{
    return presence_of(key_at(literal, size, at));
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
    memory_free(table->nodes);
    memory_free(table->roots.items);
    memory_free(table->steps.items);
    memory_free(table->filter);
    memory_free(table->step_filter);
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
    struct word_entry *entry = &table->entries[++table->entry_count];
    *entry = (struct word_entry){.literal = literal,
                                 .bytes_at = index->byte_count,
                                 .size = (uint8_t)size,
                                 .back = anchor.at};
    memcpy(index->bytes + index->byte_count, bytes, size);
    index->byte_count += size;
    entry->key =
        start ? key_at(bytes, size, anchor.at) : load_32(bytes + anchor.at - KEY_BYTES);
}

static enum redress_status slots_init(struct word_slots *slots, uint32_t count)
{
    slots->bits = SLOTS_MIN_BITS;
    while ((uint64_t)1 << slots->bits < 2 * (uint64_t)count)
        slots->bits++;
    slots->items = memory_allocate_array((size_t)1 << slots->bits, sizeof *slots->items);
    return slots->items ? STATUS_OK : STATUS_MEMORY;
}

static struct word_slot *find_root(const struct word_table *table, uint32_t key)
{
    const struct word_slots *slots = &table->roots;
    uint32_t at = hash_of(key) >> (32 - slots->bits);
    while (slots->items[at].node != 0 && slots->items[at].tag != key)
        at = (at + 1) & (((uint32_t)1 << slots->bits) - 1);
    return &slots->items[at];
}

static uint64_t step_hash(uint32_t parent, uint64_t bytes, uint32_t size)
{
    uint64_t mixed = bytes ^ ((uint64_t)parent << 4 | size) * 0xC2B2AE3D27D4EB4Fu;
    mixed = (mixed ^ mixed >> 32) * 0x9E3779B97F4A7C15u;
    return mixed ^ mixed >> 29;
}

/* The bit of `seen`, the tag and the place of a hash are each of other bits of it. */
static uint64_t seen_bit(uint64_t hash)
{
    return (uint64_t)1 << (hash >> 58);
}

/* The place of a hash in the filter. */
static uint32_t filter_bit(const struct word_table *table, uint64_t hash)
{
    return (uint32_t)(hash >> 34) & (((uint32_t)1 << table->step_bits) - 1);
}

static struct word_slot *find_step(const struct word_table *table, uint64_t hash, uint32_t parent,
                                   uint64_t bytes, uint32_t size)
{
    const struct word_slots *slots = &table->steps;
    uint32_t last = ((uint32_t)1 << slots->bits) - 1;
    for (uint32_t at = (uint32_t)hash & last;; at = (at + 1) & last) {
        struct word_slot *slot = &slots->items[at];
        const struct word_node *node = &table->nodes[slot->node];
        if (slot->node == 0 || (slot->tag == (uint32_t)(hash >> 26) && node->parent == parent &&
                                node->bytes == bytes && node->size == size))
            return slot;
    }
}

/* The first bytes of a word of eight, in the order of memory. */
static uint64_t first_bytes(uint64_t bytes, uint32_t count)
{
    static const uint64_t masks[STEP_BYTES + 1] = {
        0,
        0xFF,
        0xFFFF,
        0xFFFFFF,
        0xFFFFFFFF,
        0xFFFFFFFFFF,
        0xFFFFFFFFFFFF,
        0xFFFFFFFFFFFFFF,
        0xFFFFFFFFFFFFFFFF,
    };
    return bytes & masks[count];
}

static uint32_t add_root(struct word_table *table, uint32_t key)
{
    struct word_slot *slot = find_root(table, key);
    uint32_t bit = hash_of(key) >> table->filter_shift;
    if (slot->node == 0)
        *slot = (struct word_slot){key, ++table->node_count};
    table->filter[bit / 64] |= (uint64_t)1 << bit % 64;
    return slot->node;
}

static uint32_t add_step(struct word_table *table, uint32_t parent, const uint8_t *at,
                         uint32_t size)
{
    uint64_t bytes = 0;
    memcpy(&bytes, at, size);
    uint64_t hash = step_hash(parent, bytes, size);
    struct word_slot *slot = find_step(table, hash, parent, bytes, size);
    if (slot->node == 0) {
        *slot = (struct word_slot){(uint32_t)(hash >> 26), ++table->node_count};
        table->nodes[slot->node] =
            (struct word_node){.bytes = bytes, .parent = parent, .size = (uint8_t)size};
        uint32_t bit = filter_bit(table, hash);
        table->step_filter[bit / 64] |= (uint64_t)1 << bit % 64;
        table->nodes[parent].seen |= seen_bit(hash);
        table->nodes[parent].sizes |= (uint8_t)(1 << (size - 1));
    }
    return slot->node;
}

/* The least power of two that is at least so many, as bits. */
static uint32_t bits_for(uint32_t count, uint32_t max)
{
    uint32_t bits = FILTER_MIN_BITS;
    while (bits < max && (uint32_t)1 << bits < count)
        bits++;
    return bits;
}

static uint32_t steps_of(const struct word_entry *entry)
{
    return ((uint32_t)entry->size - entry->back + STEP_BYTES - 1) / STEP_BYTES;
}

static enum redress_status table_build(struct word_table *table, const uint8_t *bytes, bool steps)
{
    uint32_t step_count = 0;
    for (uint32_t i = 1; i <= table->entry_count && steps; i++)
        step_count += steps_of(&table->entries[i]);
    uint32_t filter_bits = bits_for(32 * table->entry_count, FILTER_MAX_BITS);
    table->filter_shift = 32 - filter_bits;
    table->filter = memory_allocate_array((size_t)1 << filter_bits >> 6, sizeof *table->filter);
    table->step_bits = bits_for(16 * step_count, STEP_FILTER_MAX_BITS);
    table->step_filter =
        memory_allocate_array((size_t)1 << table->step_bits >> 6, sizeof *table->step_filter);
    table->nodes =
        memory_allocate_array((size_t)table->entry_count + step_count + 1, sizeof *table->nodes);
    if (!table->filter || !table->step_filter || !table->nodes ||
        slots_init(&table->roots, table->entry_count) != STATUS_OK ||
        slots_init(&table->steps, step_count) != STATUS_OK)
        return STATUS_MEMORY;
    for (uint32_t i = 1; i <= table->entry_count; i++) {
        struct word_entry *entry = &table->entries[i];
        uint32_t node = add_root(table, entry->key);
        for (uint32_t at = entry->back; at < entry->size && steps; at += STEP_BYTES) {
            uint32_t left = entry->size - at;
            node = add_step(table, node, bytes + entry->bytes_at + at,
                            left < STEP_BYTES ? left : STEP_BYTES);
        }
        entry->next = table->nodes[node].entries;
        table->nodes[node].entries = i;
    }
    return STATUS_OK;
}

enum redress_status word_index_build(struct word_index *index)
{
    enum redress_status status = table_build(&index->starts, index->bytes, true);
    return status == STATUS_OK ? table_build(&index->ends, index->bytes, false) : status;
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

/* Names a node's literals. The walk has compared what stands behind the anchor of a word's start,
 * and nothing of those with that of a word's end. */
static void tell(const struct word_scan *scan, const struct word_table *table, uint32_t entry,
                 uint32_t anchor, bool ends)
{
    for (; entry; entry = table->entries[entry].next) {
        const struct word_entry *own = &table->entries[entry];
        uint32_t start = anchor - own->back;
        uint32_t compared = ends ? own->size : own->back;
        if (anchor < own->back || own->size > scan->size - start)
            continue;
        if (compared == 0 ||
            memcmp(scan->bytes + start, scan->index->bytes + own->bytes_at, compared) == 0)
            scan->listener->on_literal(scan->listener->user, own->literal, start,
                                       start + own->size);
    }
}

/* The node a step on, or 0. */
static inline uint32_t go(const struct word_table *table, uint32_t node, uint64_t bytes,
                          uint32_t size)
{
    uint64_t hash = step_hash(node, bytes, size);
    uint32_t bit = filter_bit(table, hash);
    if (!(table->nodes[node].seen & seen_bit(hash)) ||
        !(table->step_filter[bit / 64] >> bit % 64 & 1))
        return 0;
    return find_step(table, hash, node, bytes, size)->node;
}

/* A word with this root begins at `anchor`. */
static void walk(const struct word_scan *scan, uint32_t root, uint32_t anchor)
{
    const struct word_table *table = &scan->index->starts;
    uint32_t node = root;
    for (uint32_t at = anchor; node && at <= scan->size; at += STEP_BYTES) {
        uint64_t told = load_64(scan->bytes + at);
        uint32_t next = 0;
        for (uint32_t sizes = table->nodes[node].sizes; sizes; sizes &= sizes - 1) {
            uint32_t size = (uint32_t)__builtin_ctz(sizes) + 1;
            next = go(table, node, first_bytes(told, size), size);
            if (next)
                tell(scan, table, table->nodes[next].entries, anchor, false);
            next = size == STEP_BYTES ? next : 0;
        }
        node = next;
    }
}

/* The key of a word of the text; bits of its bytes that are of the word. */
static inline uint32_t key_of(const uint8_t *word, uint64_t word_bits)
{
    /* By how many of the first four bytes are of the word. */
    static const uint32_t masks[16] = {[1] = 0xFF, [3] = 0xFFFF,  [5] = 0xFF,  [7] = 0xFFFFFF,
                                       [9] = 0xFF, [11] = 0xFFFF, [13] = 0xFF, [15] = 0xFFFFFFFF};
    return load_32(word) & masks[word_bits & 15];
}

static void look_up_start(const struct word_scan *scan, uint32_t at, uint64_t word_bits)
{
    uint32_t key = key_of(scan->bytes + at, word_bits);
    if (may_have(&scan->index->starts, key))
        walk(scan, find_root(&scan->index->starts, key)->node, at);
}

static void look_up_end(const struct word_scan *scan, uint32_t at)
{
    if (at < KEY_BYTES)
        return;
    const struct word_table *ends = &scan->index->ends;
    uint32_t key = load_32(scan->bytes + at - KEY_BYTES);
    if (may_have(ends, key))
        tell(scan, ends, ends->nodes[find_root(ends, key)->node].entries, at, true);
}

void word_index_read(const struct word_index *index, const uint8_t *bytes, uint32_t size,
                     struct word_presence *presence)
{
    uint64_t before = 0;
    uint64_t next = size > 0 ? word_blocks_mask(&index->blocks, bytes, size, 0) : 0;
    memset(presence, 0, sizeof *presence);
    for (uint32_t at = 0; at < size; at += WORD_BLOCK_BYTES) {
        uint64_t words = next;
        uint32_t behind = at + WORD_BLOCK_BYTES;
        next = behind < size ? word_blocks_mask(&index->blocks, bytes, size, behind) : 0;
        uint64_t starts = words & ~(words << 1 | before);
        for (before = words >> 63; starts; starts &= starts - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(starts);
            uint64_t word = words >> bit | (bit ? next << (64 - bit) : 0);
            uint16_t place = presence_of(key_of(bytes + at + bit, word));
            presence->bits[place / 64] |= (uint64_t)1 << place % 64;
        }
    }
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
            look_up_start(&scan, at + bit, word);
        }
        for (uint64_t ends = has_ends ? ~words & shifted : 0; ends; ends &= ends - 1)
            if (at + (uint32_t)__builtin_ctzll(ends) <= size)
                look_up_end(&scan, at + (uint32_t)__builtin_ctzll(ends));
    }
    if (has_ends && to == size && size % WORD_BLOCK_BYTES == 0 && before)
        look_up_end(&scan, size);
}
