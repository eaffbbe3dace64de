#include "text/view.h"

#include "text/view_table.h"

#include "base/assert.h"
#include "base/memory.h"

#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "fold_ascii() counts bytes from the low end");
static_assert(MESSAGE_PADDING_BYTES >= sizeof(uint64_t), "fold_ascii() reads whole words");

enum {
    VIEW_SLACK_BYTES = 64 /* a whole word may be written behind the last byte */
};

enum redress_status view_init(struct view *view, uint32_t text_bytes_max)
{
    *view = (struct view){.text_bytes_max = text_bytes_max};
    /* At most three bytes for a character of at least two (script/generate-view-table). */
    size_t room = (size_t)text_bytes_max * 2 + 2 * VIEW_GUARD_BYTES + VIEW_SLACK_BYTES;
    view->storage = memory_allocate(room);
    view->marks = memory_allocate_array(text_bytes_max / VIEW_BLOCK_BYTES + 2, sizeof *view->marks);
    if (!view->storage || !view->marks) {
        view_destroy(view);
        return STATUS_MEMORY;
    }
    view->storage[0] = '\n';
    view->bytes = view->storage + VIEW_GUARD_BYTES;
    return STATUS_OK;
}

void view_destroy(struct view *view)
{
    memory_free(view->storage);
    memory_free(view->marks);
    *view = (struct view){0};
}

static uint32_t expand(uint32_t code_point, uint8_t out[VIEW_FOLD_BYTES_MAX])
{
    uint32_t low = 0;
    uint32_t high = view_expansion_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (view_expansions[middle].code_point < code_point)
            low = middle + 1;
        else
            high = middle;
    }
    ASSERT(low < view_expansion_count && view_expansions[low].code_point == code_point);
    memcpy(out, view_expansions[low].bytes, VIEW_FOLD_BYTES_MAX);
    return view_expansions[low].size;
}

uint32_t view_fold_character(uint32_t code_point, uint8_t out[VIEW_FOLD_BYTES_MAX])
{
    if (code_point > 0x10FFFF) {
        out[0] = VIEW_BYTE_SYMBOL;
        return 1;
    }
    uint32_t page = code_point >> 6;
    if (page >= VIEW_TABLE_DIRECT_PAGES)
        page = view_page_of[page];
    uint8_t byte = view_pages[page][code_point & 0x3F];
    if (byte == VIEW_TABLE_EXPAND)
        return expand(code_point, out);
    out[0] = byte;
    return byte != VIEW_TABLE_VANISH || code_point == 0;
}

/* One character of the text, whatever it is. Reads at most three bytes further than `at`. */
static uint32_t fold_any(const uint8_t *at, uint8_t out[VIEW_FOLD_BYTES_MAX], uint32_t *length)
{
    uint32_t code_point = at[0];
    *length = 1;
    if (code_point >= 0xF0) {
        code_point =
            (code_point & 7) << 18 | (at[1] & 0x3Fu) << 12 | (at[2] & 0x3Fu) << 6 | (at[3] & 0x3Fu);
        *length = 4;
    } else if (code_point >= 0xE0) {
        code_point = (code_point & 15) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
        *length = 3;
    } else if (code_point >= 0xC0) {
        code_point = (code_point & 31) << 6 | (at[1] & 0x3Fu);
        *length = 2;
    } else if (code_point >= 0x80) { /* a stray continuation byte: only in unrepaired text */
        out[0] = VIEW_BYTE_SYMBOL;
        return 1;
    }
    return view_fold_character(code_point, out);
}

/* Lower-cases eight bytes at a time up to the first that is not ASCII; returns how many. */
static uint32_t fold_ascii(const uint8_t *at, uint8_t *out)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t word;
    memcpy(&word, at, sizeof word);
    uint64_t above = word & (ones * 0x80);
    uint64_t low = word & (ones * 0x7F);
    uint64_t from_a = low + ones * (0x80 - 'A');
    uint64_t past_z = low + ones * (0x7F - 'Z');
    uint64_t capital = (from_a ^ past_z) & (ones * 0x80);
    word |= capital >> 2;
    memcpy(out, &word, sizeof word);
    return above ? (uint32_t)__builtin_ctzll(above) / 8 : 8;
}

struct cursor {
    const uint8_t *at;
    uint8_t *out;
};

/* Folds characters until `end` is reached or passed (by less than a word). */
static struct cursor fold_block(struct cursor cursor, const uint8_t *end)
{
    while (cursor.at < end) {
        uint8_t lead = *cursor.at;
        if (lead < 0x80) {
            uint32_t count = fold_ascii(cursor.at, cursor.out);
            cursor.at += count;
            cursor.out += count;
            continue;
        }
        if (lead >= 0xC0 && lead < 0xE0) {
            uint8_t byte = view_pages[lead & 0x1F][cursor.at[1] & 0x3F];
            if (byte != VIEW_TABLE_VANISH && byte != VIEW_TABLE_EXPAND) {
                *cursor.out++ = byte;
                cursor.at += 2;
                continue;
            }
        }
        uint8_t folded[VIEW_FOLD_BYTES_MAX];
        uint32_t length;
        uint32_t count = fold_any(cursor.at, folded, &length);
        memcpy(cursor.out, folded, VIEW_FOLD_BYTES_MAX);
        cursor.out += count;
        cursor.at += length;
    }
    return cursor;
}

void view_fold(struct view *view, struct slice text)
{
    ASSERT(text.size <= view->text_bytes_max);
    const uint8_t *begin = (const uint8_t *)text.data;
    uint8_t *view_begin = view->storage + VIEW_GUARD_BYTES;
    struct cursor cursor = {.at = begin, .out = view_begin};
    uint32_t marks = 0;
    uint32_t done = 0;
    while (done < text.size) {
        view->marks[marks++] =
            (struct view_mark){.text = done, .view = (uint32_t)(cursor.out - view_begin)};
        uint32_t left = text.size - done;
        uint32_t step = left < VIEW_BLOCK_BYTES ? left : VIEW_BLOCK_BYTES;
        cursor = fold_block(cursor, begin + done + step);
        done = (uint32_t)(cursor.at - begin);
    }
    /* The last word may have gone past the end: zero bytes of the padding, one byte each. A broken
     * character there may have left fewer, so never step back over the mark. */
    uint32_t size = (uint32_t)(cursor.out - view_begin);
    uint32_t past = done - text.size;
    uint32_t floor = marks ? view->marks[marks - 1].view : 0;
    view->size = size - floor >= past ? size - past : floor;
    view->mark_count = marks;
    view->text = text;
    view->storage[VIEW_GUARD_BYTES + view->size] = '\n';
}

static const struct view_mark *mark_before(const struct view *view, uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = view->mark_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (view->marks[middle].view <= offset)
            low = middle;
        else
            high = middle;
    }
    return &view->marks[low];
}

/* The character that left byte `offset`: its first byte in *from, the byte behind it in *to. */
static void character_at(const struct view *view, uint32_t offset, uint32_t *from, uint32_t *to)
{
    const uint8_t *text = (const uint8_t *)view->text.data;
    const struct view_mark *mark = mark_before(view, offset);
    uint32_t at = mark->text;
    uint32_t left = mark->view;
    uint32_t length = 0;
    while (at < view->text.size) {
        uint8_t folded[VIEW_FOLD_BYTES_MAX];
        left += fold_any(text + at, folded, &length);
        if (left > offset)
            break;
        at += length;
    }
    uint32_t end = at + length;
    *from = at < view->text.size ? at : view->text.size;
    *to = end < view->text.size ? end : view->text.size;
}

void view_text_span(const struct view *view, uint32_t start, uint32_t end, uint32_t *text_start,
                    uint32_t *text_end)
{
    ASSERT(start < end && end <= view->size);
    uint32_t first_end;
    uint32_t last_start;
    character_at(view, start, text_start, &first_end);
    character_at(view, end - 1, &last_start, text_end);
    const uint8_t *text = (const uint8_t *)view->text.data;
    while (*text_end < view->text.size) {
        uint8_t folded[VIEW_FOLD_BYTES_MAX];
        uint32_t length;
        if (fold_any(text + *text_end, folded, &length) > 0)
            break;
        *text_end += length;
    }
    if (*text_end > view->text.size)
        *text_end = view->text.size;
}

uint32_t view_offset_of_text(const struct view *view, uint32_t offset)
{
    ASSERT(offset <= view->text.size);
    const uint8_t *text = (const uint8_t *)view->text.data;
    uint32_t low = 0;
    uint32_t high = view->mark_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (view->marks[middle].text <= offset)
            low = middle;
        else
            high = middle;
    }
    uint32_t at = view->mark_count ? view->marks[low].text : offset;
    uint32_t left = view->mark_count ? view->marks[low].view : 0;
    while (at < offset) {
        uint8_t folded[VIEW_FOLD_BYTES_MAX];
        uint32_t length;
        left += fold_any(text + at, folded, &length);
        at += length;
    }
    return left < view->size ? left : view->size;
}

enum view_script view_script(uint8_t byte)
{
    return (enum view_script)view_script_of[byte];
}

bool view_is_letter(uint8_t byte)
{
    enum view_script script = view_script(byte);
    return script != VIEW_SCRIPT_NONE && script != VIEW_SCRIPT_SYMBOL;
}

bool view_is_word(uint8_t byte)
{
    return view_is_letter(byte) || (byte >= '0' && byte <= '9') || byte == '_';
}
