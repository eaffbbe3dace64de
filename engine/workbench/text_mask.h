/** A text whose shape can be shown without what it says: "Mask 12 letters" becomes "Xxxx 00
 * xxxxxxx". */
#ifndef REDRESS_WORKBENCH_TEXT_MASK_H
#define REDRESS_WORKBENCH_TEXT_MASK_H

#include <redress/message.h>

enum { TEXT_MASK_BYTES = 121 /* NUL included */ };

/** The first TEXT_MASK_BYTES of it; controls and line ends become blanks. */
void text_mask(struct slice text, char out[TEXT_MASK_BYTES]);

#endif
