#include "text/view_parts.h"

#include "base/lanes.h"
#include "text/utf8.h"
#include "text/view_table.h"

#include "base/assert.h"
#include "base/load.h"
#include "base/memory.h"

#include <string.h>

enum {
    VIEW_SLACK_BYTES = 64, /* whole lanes may be written and read behind the last byte */
    BYTES_PER_EDIT = 16    /* of the text: more edits than one to so many are not made */
};

size_t view_bytes_max(uint32_t text_bytes_max)
{
    /* At most three bytes for a character of at least two (script/generate-view-table), and one
     * more for an edit. */
    return (size_t)text_bytes_max * 2 + text_bytes_max / BYTES_PER_EDIT + 1;
}

enum redress_status view_init(struct view *view, uint32_t text_bytes_max)
{
    *view = (struct view){.text_bytes_max = text_bytes_max};
    view->edits_max = text_bytes_max / BYTES_PER_EDIT + 1;
    size_t room = view_bytes_max(text_bytes_max) + 2 * VIEW_GUARD_BYTES + VIEW_SLACK_BYTES;
    view->folded = memory_allocate(room);
    view->edited = memory_allocate(room);
    view->marks = memory_allocate_array(text_bytes_max / VIEW_BLOCK_BYTES + 2, sizeof *view->marks);
    view->edits = memory_allocate_array(view->edits_max, sizeof *view->edits);
    size_t blocks = view_bytes_max(text_bytes_max) / WORD_BLOCK_BYTES + 3;
    view->word_bits = memory_allocate_array(blocks, sizeof *view->word_bits);
    view->triggers = memory_allocate_array(blocks, sizeof *view->triggers);
    if (!view->folded || !view->edited || !view->marks || !view->edits || !view->word_bits ||
        !view->triggers) {
        view_destroy(view);
        return STATUS_MEMORY;
    }
    memset(view->folded, '\n', VIEW_GUARD_BYTES);
    memset(view->edited, '\n', VIEW_GUARD_BYTES);
    word_blocks_init(&view->blocks);
    view->fold = view_fold_best();
    view->words = view->word_bits + 1;
    view->bytes = view->folded + VIEW_GUARD_BYTES;
    return STATUS_OK;
}

void view_destroy(struct view *view)
{
    memory_free(view->folded);
    memory_free(view->edited);
    memory_free(view->marks);
    memory_free(view->edits);
    memory_free(view->word_bits);
    memory_free(view->triggers);
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

struct view_character view_read_character(const uint8_t *at)
{
    struct view_character character = {.code_point = at[0], .size = 1};
    if (at[0] >= 0xF0) {
        character.code_point =
            (at[0] & 7u) << 18 | (at[1] & 0x3Fu) << 12 | (at[2] & 0x3Fu) << 6 | (at[3] & 0x3Fu);
        character.size = 4;
    } else if (at[0] >= 0xE0) {
        character.code_point = (at[0] & 15u) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
        character.size = 3;
    } else if (at[0] >= 0xC0) {
        character.code_point = (at[0] & 31u) << 6 | (at[1] & 0x3Fu);
        character.size = 2;
    } else if (at[0] >= 0x80) { /* a stray continuation byte: only in unrepaired text */
        character.fold[0] = VIEW_BYTE_SYMBOL;
        character.count = 1;
        return character;
    }
    character.count = view_fold_character(character.code_point, character.fold);
    return character;
}

void view_fold(struct view *view, struct slice text)
{
    ASSERT(text.size <= view->text_bytes_max);
    view->text = text;
    view->fold(view);
    view_edit(view, VIEW_STRETCH_ONE);
}

void view_stretch(struct view *view, enum view_stretch stretch)
{
    view_edit(view, stretch);
}

/* The mark at or before a byte of the text or (by_fold) of the fold. */
static const struct view_mark *mark_before(const struct view *view, uint32_t offset, bool by_fold)
{
    uint32_t low = 0;
    uint32_t high = view->mark_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        const struct view_mark *mark = &view->marks[middle];
        if ((by_fold ? mark->fold : mark->text) <= offset)
            low = middle;
        else
            high = middle;
    }
    return &view->marks[low];
}

static void use_mark(struct view_cursor *cursor, const struct view_mark *mark)
{
    if (mark->text > cursor->text)
        *cursor = (struct view_cursor){.text = mark->text, .fold = mark->fold};
}

/* So many characters on, each of which left one byte. */
static void pass_regular(const struct view *view, struct view_cursor *cursor, uint32_t count)
{
    const uint32_t all = (1u << LANES) - 1;
    const uint8_t *text = (const uint8_t *)view->text.data;
    uint32_t at = cursor->text;
    uint32_t left = count;
    while (at < view->text.size) {
        uint32_t leads = all & ~lanes_bits(lanes_continuation(lanes_load(text + at)));
        if (leads == all && left >= LANES) {
            left -= LANES;
            at += LANES;
            continue;
        }
        for (; left > 0 && leads; left--)
            leads &= leads - 1;
        at += leads ? (uint32_t)__builtin_ctz(leads) : LANES;
        if (leads)
            break;
    }
    cursor->text = at < view->text.size ? at : view->text.size;
    cursor->fold += count - left;
}

void view_seek_fold(const struct view *view, struct view_cursor *cursor, uint32_t fold)
{
    const uint8_t *text = (const uint8_t *)view->text.data;
    if (view->mark_count == 0)
        return;
    const struct view_mark *mark = mark_before(view, fold, true);
    use_mark(cursor, mark);
    if (mark->plain) { /* each byte is a character: nothing is left to pass */
        if (fold > cursor->fold)
            *cursor = (struct view_cursor){.text = mark->text + (fold - mark->fold), .fold = fold};
        return;
    }
    if (mark->regular && fold > cursor->fold)
        pass_regular(view, cursor, fold - cursor->fold);
    while (cursor->text < view->text.size) {
        struct view_character character = view_read_character(text + cursor->text);
        if (cursor->fold + character.count > fold)
            break;
        cursor->text += character.size;
        cursor->fold += character.count;
    }
}

/* The edit that begins at or before a byte of the view or (by_fold) of the fold, or NULL. */
static const struct view_edit *edit_before(const struct view *view, uint32_t offset, bool by_fold)
{
    uint32_t low = 0;
    uint32_t high = view->edit_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint32_t at = by_fold ? view->edits[middle].fold : view->edits[middle].view;
        if (at <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &view->edits[low - 1] : NULL;
}

uint32_t view_offset_of(const struct view *view, struct view_cursor *cursor, uint32_t text_offset)
{
    const uint8_t *text = (const uint8_t *)view->text.data;
    if (text_offset - cursor->text > VIEW_BLOCK_BYTES && view->mark_count > 0)
        use_mark(cursor, mark_before(view, text_offset, false));
    while (cursor->text < text_offset && cursor->text < view->text.size) {
        struct view_character character = view_read_character(text + cursor->text);
        cursor->text += character.size;
        cursor->fold += character.count;
    }
    uint32_t fold = cursor->fold < view->folded_size ? cursor->fold : view->folded_size;
    const struct view_edit *edit = edit_before(view, fold, true);
    if (!edit)
        return fold;
    if (fold < edit->fold + edit->fold_size)
        return edit->view;
    return edit->view + edit->view_size + (fold - edit->fold - edit->fold_size);
}

/* The bytes of the fold that byte `offset` of the view came from; none where it was put in. */
static void fold_range(const struct view *view, uint32_t offset, uint32_t *from, uint32_t *to)
{
    const struct view_edit *edit = edit_before(view, offset, false);
    if (!edit) {
        *from = offset;
        *to = offset + 1;
    } else if (offset < edit->view + edit->view_size) {
        *from = edit->fold;
        *to = edit->fold + edit->fold_size;
    } else {
        *from = edit->fold + edit->fold_size + (offset - edit->view - edit->view_size);
        *to = *from + 1;
    }
}

static bool vanishes(const uint8_t *at)
{
    bool plain = at[0] >= ' ' && at[0] < 0x80;
    return !plain && view_read_character(at).count == 0;
}

/* From a place at or before it, the end of the character that left byte `fold`, and of what
 * vanishes directly behind it. */
static uint32_t text_end_of(const struct view *view, struct view_cursor cursor, uint32_t fold)
{
    const uint8_t *text = (const uint8_t *)view->text.data;
    view_seek_fold(view, &cursor, fold);
    uint32_t at = cursor.text;
    do
        at += view_read_character(text + at).size;
    while (at < view->text.size && vanishes(text + at));
    return at < view->text.size ? at : view->text.size;
}

void view_text_span(const struct view *view, uint32_t start, uint32_t end, uint32_t *text_start,
                    uint32_t *text_end)
{
    ASSERT(start < end && end <= view->size);
    uint32_t first;
    uint32_t behind_first;
    uint32_t last;
    uint32_t behind_last;
    fold_range(view, start, &first, &behind_first);
    fold_range(view, end - 1, &last, &behind_last);
    /* A space that was put in stands for its neighbours inside the span. */
    last = behind_last > first ? behind_last - 1 : first;
    struct view_cursor cursor = {0};
    view_seek_fold(view, &cursor, first);
    *text_start = cursor.text < view->text.size ? cursor.text : view->text.size;
    *text_end = text_end_of(view, cursor, last);
}

struct view_character view_character_at(struct slice text, size_t at)
{
    struct view_character character = {0};
    character.size =
        (uint32_t)utf8_decode(text.data + at, text.size - at, &character.code_point, NULL);
    if (character.size > 0)
        character.count = view_fold_character(character.code_point, character.fold);
    return character;
}

bool view_is_capital(uint32_t code_point)
{
    return code_point < VIEW_TABLE_CAPITALS_END &&
           (view_capitals[code_point / 64] >> code_point % 64 & 1);
}

enum view_script view_script(uint8_t byte)
{
    return (enum view_script)view_script_of[byte];
}

bool view_is_letter(uint8_t byte)
{
    return view_class_of[byte] & VIEW_CLASS_LETTER;
}

bool view_can_stretch(uint8_t byte)
{
    return view_class_of[byte] & VIEW_CLASS_STRETCH;
}

bool view_is_shared(uint8_t byte)
{
    return byte == VIEW_BYTE_OTHER_LETTER || byte == VIEW_BYTE_SYMBOL || byte == VIEW_BYTE_EMOJI;
}
