/**
 * Any bytes as a rule file, as composites, as tiers and as a lexicon: the loader answers a pack or
 * errors with a place, and never crashes. Conditions that are taken can be evaluated, and a stem
 * that was read is found.
 */
#include "classify/pack/rule_file.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct error_list errors;

static void check_errors(void)
{
    for (uint32_t index = 0; index < error_list_kept(&errors); index++)
        if (errors.errors[index].text[0] == 0)
            abort();
}

static void read_as(const struct yaml_tree *tree, int kind)
{
    struct rule_pack pack = {0};
    enum redress_status status = STATUS_OK;
    for (unsigned severity = 0; severity < SEVERITY_COUNT; severity++)
        pack.tiers.score_min[severity] = INFINITY;
    if (kind == 0)
        status = rule_file_read(&pack, tree, "fuzz.yaml", LANGUAGE_UNKNOWN, &errors);
    if (kind == 1)
        status = composite_file_read(&pack, tree, "fuzz.yaml", &errors);
    if (kind == 1 && status == STATUS_OK)
        status = composites_sort(&pack, &errors);
    if (kind == 2)
        status = tier_file_read(&pack, tree, "fuzz.yaml", &errors);
    const struct facts facts = {.traits = 5, .language = LANGUAGE_EN};
    for (uint32_t index = 0; kind == 1 && status == STATUS_OK && index < pack.composite_count;
         index++)
        (void)expression_holds(&pack.composites[index].when, &facts);
    check_errors();
    rule_pack_free(&pack);
}

static void read_as_lexicon(const uint8_t *data, size_t size)
{
    struct rule_pack pack = {0};
    FILE *stream = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
    if (!stream)
        return;
    enum redress_status status =
        lexicon_stream_read(&pack, stream, "fuzz.tsv", LANGUAGE_EN, &errors);
    (void)fclose(stream);
    const struct lexicon *lexicon = pack.lexicons[LANGUAGE_EN];
    for (uint32_t slot = 0; status == STATUS_OK && slot < 1u << lexicon->slot_bits; slot++)
        if (lexicon->slots[slot].stem != 0 &&
            lexicon_slot(lexicon, lexicon->slots[slot].stem) != &lexicon->slots[slot])
            abort();
    check_errors();
    rule_pack_free(&pack);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    errors.count = 0;
    read_as_lexicon(data, size);
    errors.count = 0;
    struct yaml_tree *tree = yaml_tree_load_bytes("fuzz.yaml", (const char *)data, size, &errors);
    for (int kind = 0; tree && kind < 3; kind++)
        read_as(tree, kind);
    yaml_tree_free(tree);
    return 0;
}
