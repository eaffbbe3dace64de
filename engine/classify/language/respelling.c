#include "classify/language/respelling.h"

#include "base/memory.h"

#include <string.h>

enum { MARKS_MAX = 8192 };

enum redress_status respelling_init(struct respelling *respelling)
{
    *respelling = (struct respelling){0};
    respelling->bytes = memory_allocate(MESSAGE_TEXT_BYTES_MAX + MESSAGE_PADDING_BYTES);
    respelling->marks = memory_allocate_array(MARKS_MAX, sizeof *respelling->marks);
    if (respelling->bytes && respelling->marks)
        return STATUS_OK;
    respelling_destroy(respelling);
    return STATUS_MEMORY;
}

void respelling_destroy(struct respelling *respelling)
{
    memory_free(respelling->bytes);
    memory_free(respelling->marks);
    *respelling = (struct respelling){0};
}

void respelling_begin(struct respelling *respelling, struct slice text)
{
    respelling->text = text;
    respelling->copy = (struct slice){respelling->bytes, 0};
    respelling->mark_count = 0;
}

static void append(struct respelling *respelling, const char *bytes, uint32_t size)
{
    memcpy(respelling->bytes + respelling->copy.size, bytes, size);
    respelling->copy.size += size;
}

void respelling_keep(struct respelling *respelling, uint32_t from, uint32_t to)
{
    append(respelling, respelling->text.data + from, to - from);
}

bool respelling_replace(struct respelling *respelling, uint32_t from, uint32_t to,
                        const char *bytes, uint32_t size)
{
    uint32_t left = respelling->text.size - to;
    if (respelling->mark_count == MARKS_MAX ||
        respelling->copy.size + size + left > MESSAGE_TEXT_BYTES_MAX)
        return false;
    respelling->marks[respelling->mark_count++] =
        (struct respelling_mark){.copy = respelling->copy.size,
                                 .copy_end = respelling->copy.size + size,
                                 .text = from,
                                 .text_end = to};
    append(respelling, bytes, size);
    return true;
}

void respelling_finish(struct respelling *respelling)
{
    memset(respelling->bytes + respelling->copy.size, 0, MESSAGE_PADDING_BYTES);
}

/* The last word that begins at or before `offset` of the copy, or NULL. */
static const struct respelling_mark *mark_before(const struct respelling *respelling,
                                                 uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = respelling->mark_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (respelling->marks[middle].copy <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &respelling->marks[low - 1] : NULL;
}

void respelling_span(const struct respelling *respelling, uint32_t *start, uint32_t *end)
{
    const struct respelling_mark *first = mark_before(respelling, *start);
    const struct respelling_mark *last = *end > 0 ? mark_before(respelling, *end - 1) : NULL;
    if (first && *start < first->copy_end)
        *start = first->text;
    else if (first)
        *start = first->text_end + (*start - first->copy_end);
    if (last && *end <= last->copy_end)
        *end = last->text_end;
    else if (last)
        *end = last->text_end + (*end - last->copy_end);
}
