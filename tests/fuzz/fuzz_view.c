/*
 * Goal:   no bytes break repair, the view with its edits or the split into sentences, and on
 * repaired text every span holds whole characters. Method: the input, raw and repaired, drawn-out
 * letters both ways; every byte's span and sentence.
 */
#include "text/sentences.h"
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

static void check_sentences(struct sentences *sentences, const struct view *view)
{
    sentences_split(sentences, view);
    ASSERT((sentences->count > 0) == (view->size > 0));
    for (uint32_t i = 0; i < sentences->count; i++) {
        ASSERT(sentences->starts[i] < view->size &&
               (i == 0 || sentences->starts[i] > sentences->starts[i - 1]));
        ASSERT(sentences->first_word[i] <= sentences->first_word[i + 1]);
        ASSERT(sentences->first_word[i + 1] - sentences->first_word[i] <= SENTENCE_WORDS_MAX);
    }
    for (uint32_t i = 0; i < sentences->word_count; i++) {
        ASSERT(sentences->words[i] < view->size && view_is_word(view->bytes[sentences->words[i]]));
        ASSERT(sentences_word_at(sentences, sentences->words[i]) == i);
    }
}

static void check_view(struct view *view, const char *text, uint32_t size, bool valid)
{
    static struct sentences sentences;
    if (!sentences.starts)
        ASSERT(sentences_init(&sentences, TEXT_MAX) == STATUS_OK);
    ASSERT(view->size <= view_bytes_max(size));
    ASSERT(view->bytes[-1] == '\n' && view->bytes[view->size] == '\n');
    ASSERT(!memchr(view->bytes, '\n', view->size));
    if (valid)
        check_spans(view, text, size);
    check_sentences(&sentences, view);
}

static void fold(struct view *view, const char *bytes, size_t size, bool valid)
{
    /* Exactly as much memory as the contract asks for, so that a read behind it is seen. */
    char *text = memory_allocate(size + MESSAGE_PADDING_BYTES);
    ASSERT(text != NULL);
    memcpy(text, bytes, size);
    view_fold(view, (struct slice){.data = text, .size = (uint32_t)size});
    check_view(view, text, (uint32_t)size, valid);
    bool stretched = view->stretched;
    view_stretch(view, VIEW_STRETCH_TWO);
    ASSERT(view->stretched == stretched);
    check_view(view, text, (uint32_t)size, valid);
    memory_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct view view;
    static char repaired[TEXT_MAX];
    if (!view.folded)
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
