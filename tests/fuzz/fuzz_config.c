/**
 * Any bytes as a configuration file: the loader answers settings or errors, never both, and what it
 * takes it can print so that it takes it again.
 */
#include "base/memory.h"
#include "config/memory_plan.h"
#include "config/settings.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct error_list errors;

static struct settings *load(const char *bytes, size_t size)
{
    const struct settings_surroundings surroundings = {.without_kafka = true, .cores = 4};
    errors.count = 0;
    return settings_load_bytes("fuzz.yaml", "/etc/redress", bytes, size, &surroundings, &errors);
}

/* A file or variable that a first print names may be gone: only own texts go round. */
static bool reads_surroundings(const struct settings *settings)
{
    const struct settings_properties *blocks[] = {&settings->kafka, &settings->consumer,
                                                  &settings->producer};
    for (size_t block = 0; block < 3; block++)
        for (size_t index = 0; index < blocks[block]->count; index++)
            if (blocks[block]->items[index].from_env || blocks[block]->items[index].from_file)
                return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings *settings = load((const char *)data, size);
    if ((settings == NULL) != (errors.count > 0))
        abort();
    if (!settings || reads_surroundings(settings)) {
        settings_free(settings);
        return 0;
    }
    struct memory_plan plan;
    memory_plan_compute(settings, &plan);
    char *text = NULL;
    size_t text_size = 0;
    FILE *stream = open_memstream(&text, &text_size);
    if (!stream)
        abort();
    settings_print_yaml(settings, stream);
    fclose(stream);
    struct settings *again = load(text, text_size);
    if (!again)
        abort();
    settings_free(again);
    settings_free(settings);
    memory_free(text);
    return 0;
}
