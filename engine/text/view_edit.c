/* The second pass: what people write for the eye becomes what they say. */
#include "text/view_parts.h"

#include "text/addresses.h"

#include <string.h>

enum { STRETCH_MIN = 3 };

struct editor {
    struct view *view;
    const uint8_t *fold;
    uint8_t *out;
    uint32_t copied; /* bytes of the fold */
    uint32_t size;   /* bytes of the view */
    uint32_t letters_kept;
    struct view_cursor cursor; /* for those who need the case that the fold took away */
};

static void copy_up_to(struct editor *editor, uint32_t fold)
{
    uint32_t count = fold - editor->copied;
    memcpy(editor->out + editor->size, editor->fold + editor->copied, count);
    editor->size += count;
    editor->copied = fold;
}

/* Puts `count` times `byte` in place of [from, to) of the fold. False where there is no room. */
static bool replace(struct editor *editor, uint32_t from, uint32_t to, uint8_t byte, uint32_t count)
{
    struct view *view = editor->view;
    if (view->edit_count == view->edits_max)
        return false;
    copy_up_to(editor, from);
    view->edits[view->edit_count++] = (struct view_edit){
        .view = editor->size, .fold = from, .fold_size = to - from, .view_size = count};
    memset(editor->out + editor->size, byte, count);
    editor->size += count;
    editor->copied = to;
    return true;
}

/* Shortens the run at `at`, if there is one; returns where it ends, or `at`. */
static uint32_t shorten(struct editor *editor, uint32_t at)
{
    const uint8_t *fold = editor->fold;
    if (fold[at] != fold[at + 1] || fold[at] != fold[at + 2] || !view_can_stretch(fold[at]))
        return at;
    uint32_t end = at + STRETCH_MIN;
    while (fold[end] == fold[at])
        end++;
    if (replace(editor, at, end, fold[at], editor->letters_kept))
        editor->view->stretched = true;
    return end;
}

enum case_kind { CASE_NONE, CASE_LOWER, CASE_UPPER, CASE_DIGIT };

struct tag_letter {
    uint32_t fold; /* where it stands there */
    uint32_t count;
    enum case_kind kind;
};

/* The character at the cursor that leaves a trace, and the cursor behind it. */
static struct tag_letter next_letter(struct editor *editor)
{
    const struct view *view = editor->view;
    const uint8_t *text = (const uint8_t *)view->text.data;
    while (editor->cursor.text < view->text.size) {
        struct view_character character = view_read_character(text + editor->cursor.text);
        struct tag_letter letter = {editor->cursor.fold, character.count, CASE_LOWER};
        editor->cursor.text += character.size;
        editor->cursor.fold += character.count;
        if (character.count == 0)
            continue;
        if (character.fold[0] >= '0' && character.fold[0] <= '9')
            letter.kind = CASE_DIGIT;
        else if (!view_is_letter(character.fold[0]))
            letter.kind = CASE_NONE;
        else if (view_is_capital(character.code_point))
            letter.kind = CASE_UPPER;
        return letter;
    }
    return (struct tag_letter){.fold = view->folded_size, .kind = CASE_NONE};
}

/* "NeverFly", "BAFail", "Flight2Late"; not "BA", "B2B", "2nd". */
static bool begins_word(enum case_kind before, enum case_kind here, enum case_kind after)
{
    if (here != CASE_UPPER)
        return false;
    return before == CASE_LOWER ||
           ((before == CASE_UPPER || before == CASE_DIGIT) && after == CASE_LOWER);
}

/* Splits the hashtag whose '#' stands at `at`; returns where it ends. */
static uint32_t split_tag(struct editor *editor, uint32_t at)
{
    uint32_t end = at + 1;
    while (view_is_word(editor->fold[end]))
        end++;
    if (end == at + 1)
        return end;
    view_seek_fold(editor->view, &editor->cursor, at + 1);
    enum case_kind before = CASE_NONE;
    struct tag_letter here = next_letter(editor);
    uint32_t shortened = at + 1; /* up to here nothing is left to do */
    while (here.fold < end) {
        struct tag_letter after = next_letter(editor);
        bool free = here.fold >= shortened;
        if (free && editor->fold[here.fold] == '_')
            replace(editor, here.fold, here.fold + 1, ' ', 1);
        else if (free && begins_word(before, here.kind, after.fold < end ? after.kind : CASE_NONE))
            replace(editor, here.fold, here.fold, ' ', 1);
        for (uint32_t i = 0; free && i < here.count && here.fold + i >= shortened; i++)
            shortened = shorten(editor, here.fold + i);
        before = here.kind;
        here = after;
    }
    return end;
}

/* One word between blanks that has something to edit; returns its end. */
static void edit_token(struct editor *editor, uint32_t at, uint32_t end)
{
    const uint8_t *fold = editor->fold;
    uint32_t searched = at;
    while (at < end) {
        bool word_start = view_is_word(fold[at]) && !view_is_word(*(fold + at - 1));
        uint32_t next = at;
        if (word_start)
            next = address_end(fold, at, end, &searched);
        else if (fold[at] == '@')
            next = handle_end(fold, at);
        if (next > at) {
            replace(editor, at, next, VIEW_BYTE_ADDRESS, 1);
            at = next;
            continue;
        }
        next = fold[at] == '#' ? split_tag(editor, at) : shorten(editor, at);
        at = next > at ? next : at + 1;
    }
}

/* Whether the byte that word_blocks_triggers() found may really call for an edit. */
static bool is_trigger(const uint8_t *fold, uint32_t at)
{
    if (fold[at] == '/') /* "://" or "name.com/"; not "and/or", "24/7" */
        return fold[at + 1] == '/' ||
               (at >= 4 && (fold[at - 3] == '.' || fold[at - 4] == '.' || *(fold + at - 5) == '.'));
    if (fold[at] == '#' || fold[at] == '@')
        return view_is_word(fold[at + 1]);
    return view_can_stretch(fold[at]);
}

/* The first byte from `at` on that may call for an edit, or the end of the fold. */
static uint32_t find_trigger(const struct view *view, const uint8_t *fold, uint32_t at)
{
    uint64_t wanted = UINT64_MAX << at % WORD_BLOCK_BYTES;
    for (uint32_t block = at / WORD_BLOCK_BYTES; block * WORD_BLOCK_BYTES < view->folded_size;
         block++, wanted = UINT64_MAX) {
        for (uint64_t bits = view->triggers[block] & wanted; bits; bits &= bits - 1) {
            uint32_t found = block * WORD_BLOCK_BYTES + (uint32_t)__builtin_ctzll(bits);
            if (is_trigger(fold, found))
                return found;
        }
    }
    return view->folded_size;
}

static void edit_all(struct editor *editor)
{
    const uint8_t *fold = editor->fold;
    uint32_t at = 0;
    while ((at = find_trigger(editor->view, fold, at)) < editor->view->folded_size) {
        uint32_t begin = at;
        uint32_t end = at + 1;
        while (begin > editor->copied && fold[begin - 1] > ' ')
            begin--;
        while (fold[end] > ' ')
            end++;
        edit_token(editor, begin, end);
        at = end;
    }
}

void view_edit(struct view *view, enum view_stretch stretch)
{
    struct editor editor = {
        .view = view,
        .fold = view->folded + VIEW_GUARD_BYTES,
        .out = view->edited + VIEW_GUARD_BYTES,
        .letters_kept = stretch == VIEW_STRETCH_ONE ? 1 : 2,
    };
    view->edit_count = 0;
    view->stretched = false;
    view->bytes = editor.fold;
    view->size = view->folded_size;
    if (!word_blocks_mark_fold(&view->blocks, view->bytes, view->size, view->words, view->triggers))
        return;
    edit_all(&editor);
    if (view->edit_count == 0)
        return;
    copy_up_to(&editor, view->folded_size);
    view->bytes = editor.out;
    view->size = editor.size;
    editor.out[editor.size] = '\n';
    word_blocks_mark(&view->blocks, view->bytes, view->size, view->words);
}
