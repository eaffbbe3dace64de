/**
 * The fold as tables, written by script/generate-view-table. Only the view's own files and
 * tests read them.
 *
 * A character's low six bits are those of its last UTF-8 byte: view_pages[page][those], where page
 * is code_point >> 6 below U+0800 and view_page_of[code_point >> 6] above.
 */
#ifndef REDRESS_TEXT_VIEW_TABLE_H
#define REDRESS_TEXT_VIEW_TABLE_H

#include <stdint.h>

enum {
    VIEW_TABLE_VANISH = 0x00, /* the character leaves no byte (NUL itself is below U+0080) */
    VIEW_TABLE_EXPAND = 0x41, /* it leaves several: look it up; capitals are never folds */
    VIEW_EXPANSION_BYTES_MAX = 3,
    VIEW_TABLE_DIRECT_PAGES = 32,
    VIEW_TABLE_CAPITALS_END = 0x2000
};

struct view_expansion {
    uint32_t code_point; /* rising */
    uint8_t size;
    uint8_t bytes[VIEW_EXPANSION_BYTES_MAX];
};

extern const uint8_t view_pages[][64];
extern const uint16_t view_page_of[0x110000 >> 6];
extern const struct view_expansion view_expansions[];
extern const uint32_t view_expansion_count;
extern const uint64_t view_capitals[VIEW_TABLE_CAPITALS_END / 64]; /* bit n: capital letter n */
extern const uint64_t view_pack_orders[256]; /* a shuffle of eight bytes that leaves some out */
extern const uint8_t view_script_of[256];    /* enum view_script */

#endif
