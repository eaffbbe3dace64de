/** redress config: the engine's own loader, its effective settings, their schema and reference. */
#include "cli/cli.h"

#include "base/json_writer.h"
#include "base/memory.h"
#include "runtime/assembly_plan.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct config_options {
    const char *verb;
    const char *file;
    bool json;
    bool without_kafka;
};

static void print_usage(FILE *stream)
{
    fputs("usage: redress config check|print [-c FILE] [--json] [--without-kafka]\n"
          "       redress config schema|reference\n"
          "\n"
          "  check      silent and 0 when the file is good; else every mistake with its place, and "
          "1\n"
          "  print      the settings in effect, secrets left out, and the memory plan\n"
          "  schema     a JSON Schema of the file, for editors\n"
          "  reference  every setting, as Markdown\n"
          "\n"
          "  -c, --config FILE   the file; redress.yaml by default\n"
          "  --without-kafka     brokers may be missing, as for `redress run --replay`\n"
          "  --json              errors or settings as one JSON object\n",
          stream);
}

static void print_errors_json(const struct error_list *errors, FILE *stream)
{
    static char buffer[ERROR_LIST_MAX * 4096];
    struct json_writer json;
    json_start(&json, buffer, sizeof buffer);
    json_object_open(&json);
    json_key(&json, "errors");
    json_array_open(&json);
    for (uint32_t index = 0; index < error_list_kept(errors); index++) {
        const struct redress_error *error = &errors->errors[index];
        json_object_open(&json);
        json_key(&json, "file");
        json_string(&json, error->file);
        json_key(&json, "line");
        json_unsigned(&json, error->line);
        json_key(&json, "column");
        json_unsigned(&json, error->column);
        json_key(&json, "status");
        json_string(&json, redress_status_name(error->status));
        json_key(&json, "text");
        json_string(&json, error->text);
        json_object_close(&json);
    }
    json_array_close(&json);
    json_key(&json, "count");
    json_unsigned(&json, errors->count);
    json_object_close(&json);
    json_newline(&json);
    fwrite(buffer, 1, json.size, stream);
}

static void print_settings(const struct assembly *assembly, bool as_json)
{
    const struct settings *settings = assembly->settings;
    struct memory_plan plan;
    assembly_memory_plan(assembly, &plan);
    if (!as_json) {
        settings_print_yaml(settings, stdout);
        fputs("\n", stdout);
        memory_plan_print(&plan, "# ", stdout);
        return;
    }
    fputs("{\"settings\":", stdout);
    settings_print_json(settings, stdout);
    fputs(",\"memory_plan\":", stdout);
    memory_plan_print_json(&plan, stdout);
    fputs("}\n", stdout);
}

/* A file that is wrong answers 1, one that cannot be read is the environment's fault. */
static int failure_code(const struct error_list *errors)
{
    for (uint32_t index = 0; index < error_list_kept(errors); index++) {
        enum redress_status status = errors->errors[index].status;
        if (status == STATUS_MEMORY || status == STATUS_IO || status == STATUS_NOT_FOUND)
            return EXIT_ENVIRONMENT;
    }
    return EXIT_ANSWER_NO;
}

static void print_outcome(const struct config_options *options, const struct assembly *assembly,
                          const struct error_list *errors)
{
    bool print = strcmp(options->verb, "print") == 0;
    if (errors->count == 0 && print)
        print_settings(assembly, options->json);
    else if (options->json)
        print_errors_json(errors, stdout);
    else
        error_list_print(errors, stderr);
}

/* As the engine does it: load, then hand each stage its share, which may find more to refuse. */
static int check_or_print(const struct config_options *options)
{
    static struct error_list errors;
    static struct assembly assembly;
    struct settings_surroundings surroundings = {.property_check = assembly_check_property,
                                                 .without_kafka = options->without_kafka};
    struct settings *settings = settings_load_file(options->file, &surroundings, &errors);
    if (settings && assembly_create(settings, &errors, &assembly) != STATUS_OK && !errors.count)
        error_list_add(&errors, STATUS_MEMORY, options->file, 0, 0, "out of memory");
    print_outcome(options, &assembly, &errors);
    if (settings)
        assembly_destroy(&assembly);
    settings_free(settings);
    return errors.count ? failure_code(&errors) : EXIT_DONE;
}

int cli_config(int argc, char **argv)
{
    static const struct option long_options[] = {{"config", required_argument, NULL, 'c'},
                                                 {"json", no_argument, NULL, 'j'},
                                                 {"without-kafka", no_argument, NULL, 'k'},
                                                 {"help", no_argument, NULL, 'h'},
                                                 {0}};
    struct config_options options = {.file = "redress.yaml"};
    int option;
    while ((option = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1) {
        if (option == 'h') {
            print_usage(stdout);
            return EXIT_DONE;
        }
        if (option == '?') {
            print_usage(stderr);
            return EXIT_USAGE;
        }
        options.json = options.json || option == 'j';
        options.without_kafka = options.without_kafka || option == 'k';
        options.file = option == 'c' ? optarg : options.file;
    }
    options.verb = optind + 1 == argc ? argv[optind] : "";
    if (strcmp(options.verb, "check") == 0 || strcmp(options.verb, "print") == 0)
        return check_or_print(&options);
    if (strcmp(options.verb, "schema") == 0) {
        settings_print_schema(stdout);
    } else if (strcmp(options.verb, "reference") == 0) {
        settings_print_reference(stdout);
    } else {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}
