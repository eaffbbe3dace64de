#include "config/settings.h"

#include <string.h>

int settings_find_channel(const struct settings *settings, const char *name)
{
    for (size_t index = 0; index < settings->channel_count; index++)
        if (strcmp(settings->channels[index].name, name) == 0)
            return (int)index;
    return -1;
}
