#include "workbench/stem_spelling.h"

/* Where letters stand, the plain ones of each script first. */
static const struct {
    uint16_t first;
    uint16_t last;
} ranges[] = {{'a', 'z'}, {0x3B1, 0x3C9}, {0x430, 0x44F}, {0xDF, 0x52F}};

void stem_spelling_init(struct stem_spelling *spelling)
{
    *spelling = (struct stem_spelling){0};
    for (size_t range = 0; range < sizeof ranges / sizeof ranges[0]; range++)
        for (uint32_t letter = ranges[range].first; letter <= ranges[range].last; letter++) {
            uint8_t fold[VIEW_FOLD_BYTES_MAX];
            if (view_fold_character(letter, fold) == 1 && view_is_letter(fold[0]) &&
                !view_is_shared(fold[0]) && spelling->letters[fold[0]] == 0)
                spelling->letters[fold[0]] = (uint16_t)letter;
        }
}

void stem_spell(const struct stem_spelling *spelling, uint64_t stem,
                char out[STEM_SPELLING_BYTES_MAX])
{
    uint32_t size = 0;
    for (; stem; stem >>= 8) {
        uint16_t letter = spelling->letters[stem & 0xFF];
        if (letter == 0) {
            size = 0;
            break;
        }
        if (letter < 0x80) {
            out[size++] = (char)letter;
        } else {
            out[size++] = (char)(0xC0 | letter >> 6);
            out[size++] = (char)(0x80 | (letter & 0x3F));
        }
    }
    out[size] = '\0';
}
