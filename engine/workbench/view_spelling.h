/**
 * From the view back to what people write. Pure.
 */
#ifndef REDRESS_WORKBENCH_VIEW_SPELLING_H
#define REDRESS_WORKBENCH_VIEW_SPELLING_H

#include <stdint.h>

/**
 * Of all characters that leave this byte alone in the view the plainest, a bare small letter before
 * others; 0 where none does. Tries them one by one: keep what is asked for often.
 */
uint32_t view_spelling(uint8_t byte);

#endif
