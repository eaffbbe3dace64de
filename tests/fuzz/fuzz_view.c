/*
 * Goal:   no bytes break repair or the view, and on repaired text every span holds whole
 * characters. Method: the input, raw and repaired; spans at places that the input chooses.
 */
#include "text/utf8.h"
#include "text/view.h"

#include "base/assert.h"
#include "base/memory.h"

#include <string.h>

enum { TEXT_MAX = 4096 };

static void check_spans(const struct view *view, const char *text, uint32_t size)
{
    uint32_t last = 0;
    for (uint32_t at = 0; at < view->size; at++) {
        uint32_t start;
        uint32_t end;
        view_text_span(view, at, at + 1, &start, &end);
        ASSERT(start < end && end <= size && start >= last);
        ASSERT(utf8_is_valid(text + start, end - start));
        last = start;
    }
}

static void fold(struct view *view, const char *bytes, size_t size, bool valid)
{
    /* Exactly as much memory as the contract asks for, so that a read behind it is seen. */
    char *text = memory_allocate(size + MESSAGE_PADDING_BYTES);
    ASSERT(text != NULL);
    memcpy(text, bytes, size);
    view_fold(view, (struct slice){.data = text, .size = (uint32_t)size});
    ASSERT(view->size <= 2 * size);
    ASSERT(view->bytes[-1] == '\n' && view->bytes[view->size] == '\n');
    if (valid)
        check_spans(view, text, (uint32_t)size);
    memory_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct view view;
    static char repaired[TEXT_MAX];
    if (!view.storage)
        ASSERT(view_init(&view, TEXT_MAX) == STATUS_OK);
    if (size > TEXT_MAX)
        size = TEXT_MAX;
    const char *bytes = size ? (const char *)data : "";
    struct utf8_repair repair = utf8_repair(bytes, size, repaired, sizeof repaired);
    ASSERT(utf8_is_valid(repaired, repair.size));
    ASSERT(repair.cut || repair.consumed == size);
    ASSERT(repair.cut || repair.replaced == !utf8_is_valid(bytes, size));
    fold(&view, bytes, size, false);
    fold(&view, repaired, repair.size, true);
    return 0;
}
