#include "workbench/stem_spelling.h"

#include "workbench/view_spelling.h"

void stem_spelling_init(struct stem_spelling *spelling)
{
    *spelling = (struct stem_spelling){0};
    for (unsigned byte = 1; byte < 256; byte++)
        if (view_is_letter((uint8_t)byte) && !view_is_shared((uint8_t)byte))
            spelling->letters[byte] = (uint16_t)view_spelling((uint8_t)byte);
}

void stem_spell(const struct stem_spelling *spelling, uint64_t stem,
                char out[STEM_SPELLING_BYTES_MAX])
{
    char *end = out;
    for (; stem && spelling->letters[stem & 0xFF]; stem >>= 8)
        end += utf8_encode(spelling->letters[stem & 0xFF], end);
    *(stem ? out : end) = '\0';
}
