/** redress rules parity: the same meanings in six languages, and where the packs part. */
#include "cli/rules_parity.h"

#include "workbench/rule_parity.h"
#include "cli/cli.h"

#include "base/json_writer.h"
#include "base/memory.h"

#include <limits.h>
#include <stdio.h>

static void print_miss(const struct parity_meaning *meaning)
{
    bool all = true;
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        all &= meaning->holds[language];
    if (all)
        return;
    printf("%-28.28s %-9.9s", meaning->id, redress_severity_name(meaning->severity));
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
        const struct verdict *verdict = &meaning->verdicts[language];
        if (meaning->holds[language])
            printf("  .       ");
        else
            printf("  %.7s%s", redress_severity_name(verdict->severity),
                   verdict->urgent ? "!" : " ");
    }
    printf("%s\n", meaning->grave ? "  GRAVE" : "");
}

static void print_table(const struct parity *parity)
{
    printf("%-28s %-9s", "meaning", "expected");
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        printf("  %-8s", redress_language_name((enum language)language));
    printf("\n");
    for (const struct parity_meaning *meaning = parity->meanings; meaning; meaning = meaning->next)
        print_miss(meaning);
    printf("%-28s %-9u", "hold", parity->count);
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        printf("  %5.1f %% ", 100.0 * parity->held[language] / (parity->count ? parity->count : 1));
    printf("\n%-28s %-9s", "grave misses", "0");
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        printf("  %-8u", parity->grave_misses[language]);
    printf("\n");
}

static void write_meaning(struct json_writer *json, const struct parity_meaning *meaning)
{
    json_object_open(json);
    json_key(json, "id");
    json_string(json, meaning->id);
    json_key(json, "theme");
    json_string(json, meaning->theme);
    json_key(json, "misses");
    json_array_open(json);
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        if (!meaning->holds[language])
            json_string(json, redress_language_name((enum language)language));
    json_array_close(json);
    json_object_close(json);
}

static void print_json(const struct parity *parity)
{
    size_t room = 1024 + (size_t)parity->count * 512;
    char *buffer = memory_allocate(room);
    struct json_writer json;
    if (!buffer)
        return;
    json_start(&json, buffer, room);
    json_object_open(&json);
    json_key(&json, "passes");
    json_bool(&json, parity_passes(parity));
    json_key(&json, "held");
    json_object_open(&json);
    for (unsigned language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
        json_key(&json, redress_language_name((enum language)language));
        json_unsigned(&json, parity->held[language]);
    }
    json_object_close(&json);
    json_key(&json, "meanings");
    json_array_open(&json);
    for (const struct parity_meaning *meaning = parity->meanings; meaning; meaning = meaning->next)
        write_meaning(&json, meaning);
    json_array_close(&json);
    json_object_close(&json);
    json_newline(&json);
    fwrite(buffer, 1, json.size, stdout);
    memory_free(buffer);
}

enum redress_status cli_rules_parity(const struct rule_set *rule_set, const char *folder, bool json,
                                     struct error_list *errors, bool *passes)
{
    char path[PATH_MAX];
    struct parity parity = {0};
    if (snprintf(path, sizeof path, "%s/cases/parallel.yaml", folder) >= (int)sizeof path)
        return STATUS_TOO_LARGE;
    enum redress_status status = parity_run(rule_set, path, errors, &parity);
    if (status == STATUS_OK && json)
        print_json(&parity);
    else if (status == STATUS_OK)
        print_table(&parity);
    *passes = status == STATUS_OK && parity_passes(&parity);
    parity_free(&parity);
    return status;
}
