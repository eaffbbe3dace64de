/** docs/configuration.md, from the rows. */
#include "config/settings_table.h"

#include <string.h>

static const char introduction[] =
    "# Configuration\n"
    "\n"
    "This page is made by `redress config reference` from the table that the loader itself uses.\n"
    "\n"
    "redress reads one YAML file. A short one that works is `examples/minimal.yaml`, one with\n"
    "everything in it is `examples/redress.yaml`; the tests load both.\n"
    "\n"
    "- `redress config check -c FILE` is silent and exits 0 when the file is good, else it prints\n"
    "  every mistake with `file:line:column` and exits 1.\n"
    "- `redress config print -c FILE` shows the settings in effect and the memory plan.\n"
    "- `redress config schema` prints a JSON Schema that editors use for completion.\n"
    "\n"
    "Unknown names are errors. Sizes carry their unit (B, KiB, MiB, GiB; kB, MB, GB are powers of\n"
    "ten), durations too (ms, s, min, h, d). Relative paths begin at the folder of the file. A "
    "list\n"
    "of one name may be written as the name.\n"
    "\n"
    "The run folder, where sockets stand by default, is `$RUNTIME_DIRECTORY` (set by systemd), "
    "else\n"
    "`/run/redress` where it may be written, else `$XDG_RUNTIME_DIR/redress`, else\n"
    "`/tmp/redress-UID`.\n";

static const char properties[] =
    "\n## librdkafka properties\n"
    "\n"
    "`kafka`, `consumer` and `producer` hold librdkafka's properties under their own names. A "
    "value\n"
    "is a scalar, `{env: NAME}` or `{file: PATH}`. Passwords, passphrases and keys must come from\n"
    "one of the two latter; a secret's file belongs to the engine's user or root and is closed to\n"
    "others (mode 0400 or 0440). What came from there is never printed.\n"
    "\n"
    "The engine owns what decides whether a message can be lost, and refuses it by name:\n"
    "`bootstrap.servers`, `group.id`, `group.instance.id`, `enable.auto.*`, `auto.commit.*`,\n"
    "`auto.offset.reset`, `partition.assignment.strategy`, `group.protocol`, `isolation.level`,\n"
    "`enable.partition.eof`, `enable.idempotence`, `enable.gapless.guarantee`, "
    "`transactional.id`,\n"
    "`acks`, `message.timeout.ms`, `delivery.report.only.error`. Any other is checked by "
    "librdkafka\n"
    "itself.\n"
    "\n"
    "`linger.ms` of the producer is 25 where nothing else is said. A shorter one brings cases "
    "sooner\n"
    "to who reads them from Kafka, at one request a partition each time: at low rates these are "
    "what\n"
    "a broker is busy with. The frontline queue does not wait for it.\n";

static void print_default(const struct setting *row, FILE *stream)
{
    if (row->required)
        fputs("required", stream);
    else if (row->default_shown)
        fputs(row->default_shown, stream);
    else if (row->default_text)
        fprintf(stream, "`%s`", row->default_text);
}

static void print_rows(const struct settings_scope *scope, const char *absent, FILE *stream)
{
    fputs("\n| name | may be | default | |\n|---|---|---|---|\n", stream);
    for (size_t index = 0; index < scope->row_count; index++) {
        const struct setting *row = &scope->rows[index];
        char wanted[200];
        setting_describe(row, wanted, sizeof wanted);
        fprintf(stream, "| `%s` | %s | ", row->name, wanted);
        if (!row->required && !row->default_shown && !row->default_text)
            fputs(absent, stream);
        print_default(row, stream);
        fprintf(stream, " | %s |\n", row->text);
    }
}

void settings_print_reference(FILE *stream)
{
    fputs(introduction, stream);
    fputs("\n## The file\n\nA name with dots is a path: `limits.payload.max` is `max` in `payload` "
          "in `limits`.\n",
          stream);
    print_rows(&settings_scope_file, "none", stream);
    fputs("\n## A channel\n\nEach item of `channels`.\n", stream);
    print_rows(&settings_scope_channel, "the file's", stream);
    fputs("\n## A row of the routing table\n\nEach item of `routing.rows`. Every condition that is "
          "named must hold; the first row that fits wins.\n",
          stream);
    print_rows(&settings_scope_route, "any", stream);
    fputs(properties, stream);
}
