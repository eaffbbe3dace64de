/**
 * The view: a text made ready for matching, one byte a letter.
 *
 *   text   "Η ΑΠΆΤΗ: 50 €, straße"     UTF-8, repaired
 *   view   "η απατη: 50 €, strasse"    one byte a character
 *
 * Case, diacritics, final sigma, width and compatibility forms become equal; combining marks and
 * invisible characters leave nothing; a few characters leave two or three bytes; line feeds, tabs
 * and other blanks are spaces. docs/view.md has the whole byte map. Bytes 0x85 and 0xA0 never occur
 * (PCRE2's \v, \R and \h would match them), and neither do the capitals A to Z.
 *
 * What people write for the eye is then edited (view_edit.c): handles, links and addresses become
 * one placeholder, hashtags are split into words, a letter drawn out is shortened. Few texts have
 * any of it, and for those that do not `bytes` is the fold itself:
 *
 *   folded   [\n][ fold of the text ][\n]        bytes points here,
 *   edited   [\n][ the same, edited ][\n]        or here
 *
 * Guard newlines stand on both sides, so that one may look a byte beyond either end. Guards are
 * no part of the view, and the view itself has no newline.
 *
 * Threads: a view serves one thread; folding a character is pure.
 */
#ifndef REDRESS_TEXT_VIEW_H
#define REDRESS_TEXT_VIEW_H

#include "text/word_blocks.h"

#include <redress/message.h>

enum {
    VIEW_BYTE_OTHER_LETTER = 0xF0, /* any letter that is not Latin, Cyrillic or Greek */
    VIEW_BYTE_ANGER = 0xC6,        /* what emoji show; a pattern's 😡 means any of its kind */
    VIEW_BYTE_SADNESS = 0xC7,
    VIEW_BYTE_PRAISE = 0xC8, /* joy, love and thanks among it */
    VIEW_BYTE_LAUGHTER = 0xC9,
    VIEW_BYTE_DANGER = 0xCA,  /* fire, weapons, death, illness, the emergency services */
    VIEW_BYTE_EMOJI = 0xCB,   /* any other */
    VIEW_BYTE_ADDRESS = 0xFB, /* a handle, a link or an e-mail address; no pattern can say it */
    VIEW_BYTE_ROUBLE = 0xFC,
    VIEW_BYTE_POUND = 0xFD,
    VIEW_BYTE_EURO = 0xFE,
    VIEW_BYTE_SYMBOL = 0xFF, /* any other symbol */
    VIEW_FOLD_BYTES_MAX = 3,
    VIEW_GUARD_BYTES = 8, /* in front; one stands behind */
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

/** What becomes of a letter that stands three times or more: "goooood", "sooo". */
enum view_stretch {
    VIEW_STRETCH_ONE, /* "god", "so" */
    VIEW_STRETCH_TWO  /* "good", "soo" */
};

/** Where a block of the text begins: byte `text` of the text stands at byte `fold` of its fold. */
struct view_mark {
    uint32_t text;
    uint32_t fold;
    bool regular; /* each character of the block left one byte */
    bool plain;   /* and each was one byte itself */
};

/** Bytes [fold, fold + fold_size) of the fold became [view, view + view_size) of the view. */
struct view_edit {
    uint32_t view; /* both rise from edit to edit */
    uint32_t fold;
    uint32_t fold_size; /* 0 where a space was put in */
    uint32_t view_size;
};

struct view {
    const uint8_t *bytes; /* the first byte of the view, behind its guard */
    uint32_t size;
    uint64_t *words;   /* bit n: byte n is of a word; none is in front or behind, as far as
                          words[-1] and words[size / WORD_BLOCK_BYTES + 1] */
    bool stretched;    /* a drawn-out letter was shortened: the other way may match other rules */
    struct slice text; /* what it was made from; the caller's */
    uint8_t *folded;
    uint8_t *edited;
    struct view_mark *marks;
    struct view_edit *edits;
    void (*fold)(struct view *view); /* the fastest way of this processor */
    uint64_t *word_bits;             /* `words` and what is in front */
    uint64_t *triggers;              /* bit n: byte n of the fold may call for an edit */
    struct word_blocks blocks;
    uint32_t folded_size;
    uint32_t mark_count;
    uint32_t edit_count;
    uint32_t edits_max; /* behind the last one the view stays as it was folded */
    uint32_t text_bytes_max;
};

/** How many bytes the view of a text of text_bytes_max bytes has at most. */
size_t view_bytes_max(uint32_t text_bytes_max);

/** Makes room for texts of up to text_bytes_max bytes. view_destroy() frees it. */
NODISCARD enum redress_status view_init(struct view *view, uint32_t text_bytes_max);
void view_destroy(struct view *view);

/**
 * Makes the view of one text, with VIEW_STRETCH_ONE; allocates nothing.
 *
 * Shape: text is valid UTF-8 of at most text_bytes_max bytes, followed by MESSAGE_PADDING_BYTES
 *        readable bytes. Invalid bytes break no memory, they become symbols.
 * Owns:  nothing; `text` must live as long as the view's spans are asked for.
 */
void view_fold(struct view *view, struct slice text);

/**
 * Makes the view of the same text again, its drawn-out letters in the given way. Only where
 * `stretched` says so do the two ways differ.
 */
void view_stretch(struct view *view, enum view_stretch stretch);

/**
 * The bytes of the text that left the bytes [start, end) of the view, whole characters; invisible
 * characters and combining marks belong to the character before them, and what was edited counts as
 * a whole. Needs start < end <= size.
 */
void view_text_span(const struct view *view, uint32_t start, uint32_t end, uint32_t *text_start,
                    uint32_t *text_end);

/**
 * A place in the text and the byte of the fold that it left, for who reads both side by side.
 * Starts as {0}; going forward through a whole text costs one walk over it.
 */
struct view_cursor {
    uint32_t text;
    uint32_t fold;
};

/** The view's byte for the character at text_offset, or for what follows where it left none. */
uint32_t view_offset_of(const struct view *view, struct view_cursor *cursor, uint32_t text_offset);

/** The fold of one character: how many bytes it leaves, 0 to VIEW_FOLD_BYTES_MAX. */
uint32_t view_fold_character(uint32_t code_point, uint8_t out[VIEW_FOLD_BYTES_MAX]);

struct view_character {
    uint32_t code_point;
    uint32_t size;  /* in the text */
    uint32_t count; /* in the fold */
    uint8_t fold[VIEW_FOLD_BYTES_MAX];
};

/** The character at byte `at` of a text that need not be padded; all 0 where there is none. */
struct view_character view_character_at(struct slice text, size_t at);

/** A capital letter of Latin, Greek, Cyrillic or a neighbour of theirs. */
bool view_is_capital(uint32_t code_point);

enum view_script view_script(uint8_t byte);

/* What each byte is, written by script/generate-view-table. */
enum {
    VIEW_CLASS_WORD = 1,
    VIEW_CLASS_LETTER = 2,
    VIEW_CLASS_STRETCH = 4 /* a letter that people draw out: not x and what looks like it */
};
extern const uint8_t view_class_of[256];

/** Letters, digits and the underscore: what \w means in the view. */
static inline bool view_is_word(uint8_t byte)
{
    return view_class_of[byte] & VIEW_CLASS_WORD;
}

bool view_is_letter(uint8_t byte);
/** A letter that people draw out: not x, which stands for what is left out, and what looks like it.
 */
bool view_can_stretch(uint8_t byte);
/** A byte that many characters share, so that a pattern can't mean one of them by it. */
bool view_is_shared(uint8_t byte);

#endif
