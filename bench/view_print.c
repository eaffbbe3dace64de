/*
 * Prints the views of texts in hexadecimal, for tests/rules/oracle_fold.py to judge.
 *
 *   view_print TEXTS      JSON Lines with a "text" field
 *
 * One line a text: its view with drawn-out letters once and, behind a blank, with them twice.
 */
#include "support/json_texts.h"

#include "text/view.h"

static void print_bytes(const struct view *view)
{
    static const char digits[] = "0123456789abcdef";
    for (uint32_t i = 0; i < view->size; i++) {
        putchar(digits[view->bytes[i] >> 4]);
        putchar(digits[view->bytes[i] & 15]);
    }
}

int main(int argc, char **argv)
{
    struct json_texts texts = {0};
    struct view view;
    if (argc != 2 || !json_texts_read(&texts, argv[1])) {
        (void)fprintf(stderr, "usage: view_print TEXTS\n");
        return 2;
    }
    if (view_init(&view, MESSAGE_TEXT_BYTES_MAX) != STATUS_OK)
        return 1;
    for (size_t i = 0; i < texts.count; i++) {
        view_fold(&view, texts.slices[i]);
        print_bytes(&view);
        putchar(' ');
        view_stretch(&view, VIEW_STRETCH_TWO);
        print_bytes(&view);
        putchar('\n');
    }
    view_destroy(&view);
    json_texts_free(&texts);
    return 0;
}
