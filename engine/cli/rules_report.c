#include "cli/rules_report.h"

#include <stdio.h>

static char buffer[RULES_REPORT_BYTES];

void rules_report_open(struct rules_report *report, const struct rule_set *rule_set)
{
    json_start(&report->json, buffer, sizeof buffer);
    json_object_open(&report->json);
    if (!rule_set)
        return;
    json_key(&report->json, "rules");
    json_unsigned(&report->json, redress_rule_set_count(rule_set));
    json_key(&report->json, "rule_set");
    json_hex(&report->json, redress_rule_set_hash(rule_set));
}

static void write_error(struct json_writer *json, const struct redress_error *error)
{
    json_object_open(json);
    json_key(json, "file");
    json_string(json, error->file);
    if (error->line) {
        json_key(json, "line");
        json_unsigned(json, error->line);
        json_key(json, "column");
        json_unsigned(json, error->column);
    }
    json_key(json, "text");
    json_string(json, error->text);
    json_object_close(json);
}

void rules_report_errors(struct rules_report *report, const char *name,
                         const struct error_list *errors)
{
    char key[32];
    snprintf(key, sizeof key, "%ss", name);
    json_key(&report->json, key);
    json_array_open(&report->json);
    for (uint32_t index = 0; index < error_list_kept(errors); index++)
        write_error(&report->json, &errors->errors[index]);
    json_array_close(&report->json);
    snprintf(key, sizeof key, "%s_count", name);
    json_key(&report->json, key);
    json_unsigned(&report->json, errors->count);
}

void rules_report_close(struct rules_report *report)
{
    json_object_close(&report->json);
    json_newline(&report->json);
    fwrite(buffer, 1, report->json.size, stdout);
}
