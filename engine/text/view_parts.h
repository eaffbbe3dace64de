/** What the files of engine/text/ share; nobody else includes it. */
#ifndef REDRESS_TEXT_VIEW_PARTS_H
#define REDRESS_TEXT_VIEW_PARTS_H

#include "text/view.h"

/** One character of the text, whatever its bytes are; reads at most three bytes further than `at`.
 */
struct view_character view_read_character(const uint8_t *at);

/** Moves the cursor forward to the character that left the fold's byte at `fold`. */
void view_seek_fold(const struct view *view, struct view_cursor *cursor, uint32_t fold);

/** Sets bytes, size and stretched from the fold. */
void view_edit(struct view *view, enum view_stretch stretch);

#endif
