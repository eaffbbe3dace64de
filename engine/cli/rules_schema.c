/** redress rules schema: what a rule file may hold, for editors. */
#include "cli/cli.h"
#include "cli/rules_bench.h"
#include "workbench/rule_schema.h"

#include "base/memory.h"

#include <stdio.h>

static const char usage[] =
    "usage: redress rules schema [--json]\n\n"
    "Writes the JSON Schema (draft 2020-12) of a rule file to standard output, made of the "
    "loader's\n"
    "own tables. An editor that checks YAML against it shows keys and names while you write, such\n"
    "as the YAML language server with a first line\n\n"
    "  # yaml-language-server: $schema=rule-file.schema.json\n\n"
    "It knows what a key may hold, not what `redress rules check` knows of words and patterns.\n"
    "Exit code 0; 2: usage; 3: no memory.\n";

static int schema(const struct bench_options *options, const struct rule_set *rule_set)
{
    struct json_writer json;
    char *buffer = memory_allocate(RULE_SCHEMA_BYTES_MAX);
    (void)options;
    (void)rule_set;
    if (!buffer)
        return bench_answer(STATUS_MEMORY);
    json_start(&json, buffer, RULE_SCHEMA_BYTES_MAX);
    enum redress_status status = rule_schema_write(&json);
    if (json.overflow)
        status = STATUS_TOO_LARGE;
    if (status == STATUS_OK)
        fwrite(buffer, 1, json.size, stdout);
    memory_free(buffer);
    return bench_answer(status);
}

const struct bench_verb rules_schema_verb = {.name = "schema", .usage = usage, .run = schema};
