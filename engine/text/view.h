/**
 * The view: a text made ready for matching, one byte a letter.
 *
 *   text   "Η ΑΠΆΤΗ: 50 €, straße"     UTF-8, repaired
 *   view   "η απατη: 50 €, strasse"    one byte a character
 *
 * Case, diacritics, final sigma, width and compatibility forms become equal; combining marks and
 * invisible characters leave nothing; a few characters leave two or three bytes. docs/view.md has
 * the whole byte map. Bytes 0x85 and 0xA0 never occur (PCRE2's \v, \R and \h would match them), and
 * neither do the capitals A to Z.
 *
 *   storage   [\n][ view: size bytes ][\n][ zeroed tail ]
 *
 * A guard newline stands on both sides, so that one may look a byte beyond either end. Guards
 * are no part of the view.
 *
 * Threads: a view serves one thread; folding a character is pure.
 */
#ifndef REDRESS_TEXT_VIEW_H
#define REDRESS_TEXT_VIEW_H

#include <redress/message.h>

enum {
    VIEW_BYTE_OTHER_LETTER = 0xF0, /* any letter that is not Latin, Cyrillic or Greek */
    VIEW_BYTE_ROUBLE = 0xFC,
    VIEW_BYTE_POUND = 0xFD,
    VIEW_BYTE_EURO = 0xFE,
    VIEW_BYTE_SYMBOL = 0xFF, /* any other symbol, emoji among them */
    VIEW_FOLD_BYTES_MAX = 3,
    VIEW_GUARD_BYTES = 1,
    VIEW_BLOCK_BYTES = 64 /* of the text; how far apart the marks of the span map stand */
};

enum view_script {
    VIEW_SCRIPT_NONE, /* ASCII that is no letter, and bytes not in use */
    VIEW_SCRIPT_LATIN,
    VIEW_SCRIPT_CYRILLIC,
    VIEW_SCRIPT_GREEK,
    VIEW_SCRIPT_OTHER,
    VIEW_SCRIPT_SYMBOL
};

/** Where a block of the text begins: byte `text` of the text stands at byte `view` of the view. */
struct view_mark {
    uint32_t text;
    uint32_t view;
};

struct view {
    const uint8_t *bytes; /* the first byte of the view, behind its guard */
    uint32_t size;
    struct slice text; /* what it was made from; the caller's */
    uint8_t *storage;
    struct view_mark *marks;
    uint32_t mark_count;
    uint32_t text_bytes_max;
};

/** Makes room for texts of up to text_bytes_max bytes. view_destroy() frees it. */
NODISCARD enum redress_status view_init(struct view *view, uint32_t text_bytes_max);
void view_destroy(struct view *view);

/**
 * Folds one text; allocates nothing.
 *
 * Shape: text is valid UTF-8 of at most text_bytes_max bytes, followed by MESSAGE_PADDING_BYTES
 *        readable bytes. Invalid bytes break no memory, they become symbols.
 * Owns:  nothing; `text` must live as long as the view's spans are asked for.
 */
void view_fold(struct view *view, struct slice text);

/**
 * The bytes of the text that left the bytes [start, end) of the view, whole characters; invisible
 * characters and combining marks belong to the character before them. Needs start < end <= size.
 */
void view_text_span(const struct view *view, uint32_t start, uint32_t end, uint32_t *text_start,
                    uint32_t *text_end);

/** How many bytes of the view the text before byte `offset` left: the inverse of the above, for
 * what stands in the text. `offset` begins a character or is the text's end. */
uint32_t view_offset_of_text(const struct view *view, uint32_t offset);

/** The fold of one character: how many bytes it leaves, 0 to VIEW_FOLD_BYTES_MAX. */
uint32_t view_fold_character(uint32_t code_point, uint8_t out[VIEW_FOLD_BYTES_MAX]);

enum view_script view_script(uint8_t byte);
/** Letters, digits and the underscore: what \w means in the view. */
bool view_is_word(uint8_t byte);
bool view_is_letter(uint8_t byte);

#endif
