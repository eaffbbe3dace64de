#include "frontline/refill_book.h"

#include "base/assert.h"
#include "base/hex.h"
#include "base/memory.h"
#include "frontline/record.h"
#include "frontline/ring.h"

#include <string.h>

enum { CASE_ID_DIGITS = 32, ENTRIES_SPARE = 1024 };

enum redress_status refill_book_init(struct refill_book *book, struct frontline *frontline,
                                     uint32_t producer_index)
{
    ASSERT(producer_index < frontline->producer_count);
    *book = (struct refill_book){.frontline = frontline, .producer_index = producer_index};
    /* A case has an entry from standing until its acknowledgement comes back from the topic. */
    book->entries_max = frontline->geometry.slot_count * 2 + ENTRIES_SPARE;
    book->entries = memory_map(book->entries_max * sizeof *book->entries);
    return book->entries ? STATUS_OK : STATUS_MEMORY;
}

void refill_book_destroy(struct refill_book *book)
{
    if (book->entries)
        memory_unmap(book->entries, book->entries_max * sizeof *book->entries);
    book->entries = NULL;
}

static bool same_case(struct case_id one, struct case_id other)
{
    return one.high == other.high && one.low == other.low;
}

/** Keeps the first place of a case: an earlier one serves for a repeat too. */
static void remember(struct refill_book *book, const struct refill_entry *entry)
{
    for (uint32_t i = 0; i < book->entry_count; i++)
        if (same_case(book->entries[i].case_id, entry->case_id) &&
            book->entries[i].revision == entry->revision &&
            book->entries[i].partition_index == entry->partition_index)
            return;
    ASSERT(book->entry_count < book->entries_max);
    book->entries[book->entry_count++] = *entry;
}

static void forget(struct refill_book *book, struct case_id case_id, uint8_t revision)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < book->entry_count; i++) {
        const struct refill_entry *entry = &book->entries[i];
        if (!same_case(entry->case_id, case_id) || entry->revision > revision)
            book->entries[kept++] = *entry;
    }
    book->entry_count = kept;
}

static void count_late(struct refill_book *book)
{
    if (book->late)
        atomic_fetch_add_explicit(&book->frontline->refilled_late_total, 1, memory_order_relaxed);
}

enum redress_status refill_book_offer(struct refill_book *book, uint32_t queue_index,
                                      uint32_t partition_index, int64_t offset, const void *bytes,
                                      size_t size, uint64_t now_ns)
{
    struct frontline_record record;
    if (!bytes || frontline_record_read(bytes, size, &record) != STATUS_OK) {
        book->read_total++;
        book->refused_total++;
        return STATUS_OK;
    }
    if (book->entry_count == book->entries_max)
        return STATUS_FULL;
    const struct refill_entry entry = {record.case_id, offset, partition_index, record.revision};
    record.flags |= FRONTLINE_REFILLED;
    record.queued_ns = now_ns;
    enum redress_status status =
        frontline_push(book->frontline, book->producer_index, queue_index, &record);
    if (status == STATUS_FULL)
        return STATUS_FULL;
    book->read_total++;
    if (status == STATUS_OK) {
        book->pushed_total++;
        count_late(book);
        remember(book, &entry);
        return STATUS_OK;
    }
    book->known_total++;
    const struct standing *standing = &book->frontline->standing;
    if (standing_find(standing, record.case_id, record.revision) == STANDING_STANDS)
        remember(book, &entry);
    return STATUS_OK;
}

static bool parse_case_id(const char *key, size_t size, struct case_id *case_id)
{
    uint64_t halves[2] = {0, 0};
    if (size != CASE_ID_DIGITS)
        return false;
    for (size_t i = 0; i < CASE_ID_DIGITS; i++) {
        int digit = hex_digit_small(key[i]);
        if (digit < 0)
            return false;
        halves[i / 16] = halves[i / 16] << 4 | (unsigned)digit;
    }
    *case_id = (struct case_id){halves[0], halves[1]};
    return true;
}

/** The value's "revision", which our own writer puts first; one digit. */
static bool parse_revision(const char *value, size_t size, uint8_t *revision)
{
    static const char start[] = "{\"revision\":";
    size_t known = sizeof start - 1;
    if (size < known + 2 || memcmp(value, start, known) != 0)
        return false;
    char digit = value[known];
    char next = value[known + 1];
    if (digit < '0' || digit > '9' || (next != ',' && next != '}'))
        return false;
    *revision = (uint8_t)(digit - '0');
    return true;
}

void refill_book_acknowledgement(struct refill_book *book, const char *key, size_t key_size,
                                 const char *value, size_t value_size)
{
    struct case_id case_id;
    uint8_t revision;
    if (!value)
        return; /* a tombstone: compaction has let go of a case that is long gone */
    if (!key || !parse_case_id(key, key_size, &case_id) ||
        !parse_revision(value, value_size, &revision)) {
        book->refused_total++;
        return;
    }
    frontline_note_acknowledged(book->frontline, case_id, revision);
    forget(book, case_id, revision);
}

int64_t refill_book_low_offset(const struct refill_book *book, uint32_t partition_index,
                               int64_t position)
{
    int64_t low = position;
    for (uint32_t i = 0; i < book->entry_count; i++)
        if (book->entries[i].partition_index == partition_index && book->entries[i].offset < low)
            low = book->entries[i].offset;
    return low;
}
