/** Reads disabled.yaml of a site's override folder: rules of the shipped packs that are left out.
 */
#include "classify/pack/rule_file.h"
#include "classify/pack/yaml_fields.h"

#include <string.h>

struct disabled_context {
    struct rule_pack *pack;
};

/* Takes the rule out of the list; false where none has that id. */
static bool take_out(struct rule_pack *pack, const char *id)
{
    for (struct rule **link = &pack->rules; *link; link = &(*link)->next)
        if (strcmp((*link)->id, id) == 0) {
            *link = (*link)->next;
            pack->rule_count--;
            return true;
        }
    return false;
}

static void read_disabled(struct yaml_reader *reader, void *target, struct yaml_place value)
{
    struct rule_pack *pack = ((struct disabled_context *)target)->pack;
    if (!yaml_fields_is_list(reader, value))
        return;
    pack->disabled = arena_allocate_array(reader->arena, yaml_count(value), sizeof *pack->disabled);
    reader->no_memory |= !pack->disabled;
    for (size_t index = 0; pack->disabled && index < yaml_count(value); index++) {
        struct yaml_place item = yaml_item(value, index);
        const char *id = yaml_fields_text(reader, item, RULE_ID_BYTES_MAX);
        if (!id)
            continue;
        if (take_out(pack, id))
            pack->disabled[pack->disabled_count++] = id;
        else
            yaml_error(item, reader->errors,
                       "no shipped rule has the id \"%.60s\": take it off the list", id);
    }
}

static const struct yaml_field file_fields[] = {{"disabled", read_disabled, true}};

enum redress_status disabled_file_read(struct rule_pack *pack, const struct yaml_tree *tree,
                                       const char *file, struct error_list *errors)
{
    struct yaml_reader reader = {.errors = errors, .arena = &pack->arena};
    struct disabled_context context = {pack};
    reader.file = arena_copy_text(&pack->arena, file, strlen(file));
    if (!reader.file)
        return STATUS_MEMORY;
    yaml_fields_read(&reader, yaml_root(tree), file_fields, 1, &context, "disabled.yaml");
    return reader.no_memory ? STATUS_MEMORY : STATUS_OK;
}

bool rule_pack_is_disabled(const struct rule_pack *pack, const char *id)
{
    for (uint32_t index = 0; index < pack->disabled_count; index++)
        if (strcmp(pack->disabled[index], id) == 0)
            return true;
    return false;
}
