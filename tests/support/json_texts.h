/*
 * Reads the "text" fields of JSON Lines files for tests and benches: repaired UTF-8, cut at the
 * engine's limit, padded. A small reader of its own, so that matching is tested without decode.
 */
#ifndef REDRESS_TESTS_JSON_TEXTS_H
#define REDRESS_TESTS_JSON_TEXTS_H

#include "base/memory.h"
#include "support/lines.h"
#include "text/utf8.h"

#include <redress/message.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json_texts {
    struct slice *slices; /* each an allocation of its own */
    size_t count;
    size_t capacity;
    size_t bytes;
};

static inline uint32_t json_texts_hex(const char *at)
{
    char digits[5] = {at[0], at[1], at[2], at[3], 0};
    return (uint32_t)strtoul(digits, NULL, 16);
}

/* One escape from behind its backslash; returns the bytes read, 0 where it is broken. */
static inline size_t json_texts_escape(const char *at, size_t left, char *out, size_t *used)
{
    static const char letters[] = "bfnrt\"\\/";
    static const char meant[] = "\b\f\n\r\t\"\\/";
    const char *known = left > 0 && at[0] ? strchr(letters, at[0]) : NULL;
    if (known) {
        out[(*used)++] = meant[known - letters];
        return 1;
    }
    if (left < 5 || at[0] != 'u')
        return 0;
    uint32_t code_point = json_texts_hex(at + 1);
    size_t read = 5;
    if (code_point >= 0xD800 && code_point < 0xDC00 && left >= 11 && at[5] == '\\' &&
        at[6] == 'u') {
        code_point = 0x10000 + ((code_point - 0xD800) << 10) + (json_texts_hex(at + 7) & 0x3FF);
        read = 11;
    }
    if (code_point >= 0xD800 && code_point <= 0xDFFF)
        code_point = 0xFFFD;
    *used += utf8_encode(code_point, out + *used);
    return read;
}

static inline bool json_texts_add(struct json_texts *texts, const char *at, size_t left)
{
    char *raw = memory_allocate(left + 4);
    char *kept = memory_allocate(MESSAGE_TEXT_BYTES_MAX + MESSAGE_PADDING_BYTES);
    if (!raw || !kept)
        return false;
    size_t used = 0;
    for (size_t i = 0; i < left && at[i] != '"';) {
        size_t read = 1;
        if (at[i] == '\\')
            read = 1 + json_texts_escape(at + i + 1, left - i - 1, raw, &used);
        else
            raw[used++] = at[i];
        i += read;
    }
    struct utf8_repair repair = utf8_repair(raw, used, kept, MESSAGE_TEXT_BYTES_MAX);
    memory_free(raw);
    memset(kept + repair.size, 0, MESSAGE_PADDING_BYTES);
    kept = memory_resize(kept, repair.size + MESSAGE_PADDING_BYTES);
    if (texts->count == texts->capacity) {
        texts->capacity = texts->capacity ? texts->capacity * 2 : 1024;
        texts->slices = memory_resize(texts->slices, texts->capacity * sizeof *texts->slices);
    }
    if (!kept || !texts->slices)
        return false;
    texts->slices[texts->count++] = (struct slice){.data = kept, .size = (uint32_t)repair.size};
    texts->bytes += repair.size;
    return true;
}

static inline bool json_texts_add_line(void *texts, const struct line *line)
{
    const char *field = strstr(line->text, "\"text\":");
    const char *quote = field ? strchr(field + strlen("\"text\":"), '"') : NULL;
    return !quote ||
           json_texts_add(texts, quote + 1, (size_t)(line->text + line->size - quote - 1));
}

/* Adds the texts of one file; false where it can't be read. */
static inline bool json_texts_read(struct json_texts *texts, const char *path)
{
    return lines_read(path, json_texts_add_line, texts);
}

static inline void json_texts_free(struct json_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        memory_free((char *)texts->slices[i].data);
    memory_free(texts->slices);
    *texts = (struct json_texts){0};
}

#endif
