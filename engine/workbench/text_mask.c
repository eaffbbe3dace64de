#include "workbench/text_mask.h"

#include "text/utf8.h"
#include "text/view.h"

#include <string.h>

/* What stands for a character; 0 where it is shown itself. */
static char mask_of(uint32_t code_point)
{
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    uint32_t count = view_fold_character(code_point, folded);
    if (code_point < ' ' || code_point == 0x7F || (count > 0 && folded[0] == ' '))
        return ' ';
    if (count > 0 && folded[0] >= '0' && folded[0] <= '9')
        return '0';
    if (count > 0 && view_is_letter(folded[0]))
        return view_is_capital(code_point) || (code_point >= 'A' && code_point <= 'Z') ? 'X' : 'x';
    return code_point < 0x80 ? 0 : '*'; /* emoji and the like */
}

void text_mask(struct slice text, char out[TEXT_MASK_BYTES])
{
    size_t used = 0;
    for (size_t at = 0; at < text.size && used + 1 < TEXT_MASK_BYTES;) {
        uint32_t code_point = 0;
        size_t size = utf8_decode(text.data + at, text.size - at, &code_point, NULL);
        char mask = size ? mask_of(code_point) : '*';
        out[used++] = mask ? mask : text.data[at];
        at += size ? size : 1;
    }
    out[used] = 0;
}
