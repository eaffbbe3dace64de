#include "workbench/message_file.h"

#include "base/memory.h"

#include <redress/limits.h>

#include <string.h>

enum redress_status message_file_open(struct message_file *file, const char *path,
                                      struct error_list *errors)
{
    *file = (struct message_file){
        .text = memory_allocate(MESSAGE_TEXT_BYTES_MAX + MESSAGE_PADDING_BYTES)};
    if (!file->text)
        return STATUS_MEMORY;
    enum redress_status status = json_lines_open(&file->lines, path, errors);
    if (status != STATUS_OK)
        memory_free(file->text);
    return status;
}

enum redress_status message_file_next(struct message_file *file, struct file_message *message)
{
    struct slice text = {0};
    while (text.size == 0 || text.size > MESSAGE_TEXT_BYTES_MAX) {
        enum redress_status status = json_lines_next(&file->lines, &message->object);
        if (status != STATUS_OK)
            return status;
        text = json_lines_text(message->object, "text");
    }
    memcpy(file->text, text.data, text.size);
    memset(file->text + text.size, 0, MESSAGE_PADDING_BYTES);
    struct slice hint = json_lines_text(message->object, "language");
    message->input = (struct classify_input){
        .text = {file->text, text.size},
        .language_hint = hint.size ? hint : json_lines_text(message->object, "lang"),
        .channel = json_lines_text(message->object, "channel")};
    return STATUS_OK;
}

void message_file_close(struct message_file *file)
{
    json_lines_close(&file->lines);
    memory_free(file->text);
    *file = (struct message_file){0};
}
