/** What the files of engine/text/ share; nobody else includes it. */
#ifndef REDRESS_TEXT_VIEW_PARTS_H
#define REDRESS_TEXT_VIEW_PARTS_H

#include "text/view.h"

/** One character of the text, whatever its bytes are; reads at most three bytes further than `at`.
 */
struct view_character view_read_character(const uint8_t *at);

/** Folds view->text the way that needs nothing of the processor; sets what the fold consists of. */
void view_fold_plain(struct view *view);

/** The fastest way of this processor to do so. */
void (*view_fold_best(void))(struct view *view);

/** Moves the cursor forward to the character that left the fold's byte at `fold`. */
void view_seek_fold(const struct view *view, struct view_cursor *cursor, uint32_t fold);

/** Sets bytes, size and stretched from the fold. */
void view_edit(struct view *view, enum view_stretch stretch);

#endif
