#include "workbench/view_spelling.h"

#include "text/view.h"

#include <stddef.h>

enum { FOLDED_CODE_POINTS = 0x530 /* Latin, Greek and Cyrillic stand below */ };

uint32_t view_spelling(uint8_t byte)
{
    /* Bare small letters first. */
    static const uint32_t ranges[][2] = {
        {' ', '@'}, {'[', '~'}, {0x3B1, 0x3C9}, {0x430, 0x44F}, {0xA0, FOLDED_CODE_POINTS}};
    uint8_t folded[VIEW_FOLD_BYTES_MAX];
    for (size_t range = 0; range < sizeof ranges / sizeof ranges[0]; range++)
        for (uint32_t code_point = ranges[range][0]; code_point <= ranges[range][1]; code_point++)
            if (view_fold_character(code_point, folded) == 1 && folded[0] == byte)
                return code_point;
    return 0;
}
