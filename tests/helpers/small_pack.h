/** A pack of a few English rules and six gold messages whose every verdict is worked out by hand.
 */
#ifndef TESTS_HELPERS_SMALL_PACK_H
#define TESTS_HELPERS_SMALL_PACK_H

#include "helpers/load_rules.h"

static const char small_pack_rules[] =
    "language: en\n"
    "rules:\n"
    "  - id: en.t.awful\n    why: Awful\n    words: [awful]\n    complaint: 0.75\n"
    "    examples: {match: [awful, it is awful], calm: [tea, rain]}\n"
    "  - id: en.t.broken\n    why: Broken\n    words: [broken]\n    complaint: 2\n"
    "    sets: [loss]\n    category: {product: 1}\n"
    "    examples: {match: [broken, it is broken], calm: [tea, rain]}\n"
    "  - id: en.t.gas\n    why: Gas\n    words: [gas]\n    sets: [safety]\n"
    "    at_least: critical\n    category: {safety: 1}\n"
    "    examples: {match: [gas, a gas leak], calm: [tea, rain]}\n"
    "  - id: en.t.unused\n    why: Never there\n    words: [zeppelin]\n    complaint: 1\n"
    "    examples: {match: [zeppelin, my zeppelin], calm: [tea, rain]}\n"
    "  - id: en.t.wrecked\n    why: Broken in other words\n    words: [is broken]\n"
    "    complaint: 0.25\n    examples: {match: [is broken, it is broken], calm: [tea, rain]}\n"
    "  - id: en.t.unused_danger\n    why: Never there\n    words: [volcano]\n    sets: [safety]\n"
    "    examples: {match: [volcano, a volcano], calm: [tea, rain]}\n";

/*                                          gold        said
 *   s|1  it is broken      product, loss   moderate    moderate   product, loss
 *   s|2  so awful          staff, loss     serious     minor      other
 *   s|3  tea and rain                      none        none
 *   t|4  awful rain again                  none        minor      other
 *   t|5  smell of gas      safety, safety  critical!   critical!  safety, safety
 *   t|6  nothing here      billing         minor       none
 */
static const char small_pack_gold[] =
    "{\"source\":\"s\",\"id\":\"1\",\"complaint\":1,\"severity\":2,\"urgent\":0,"
    "\"categories\":[\"product\"],\"traits\":[\"loss\"]}\n"
    "{\"source\":\"s\",\"id\":\"2\",\"complaint\":1,\"severity\":3,\"urgent\":0,"
    "\"categories\":[\"staff\"],\"traits\":[\"loss\"]}\n"
    "{\"source\":\"s\",\"id\":\"3\",\"complaint\":0,\"severity\":0,\"urgent\":0,"
    "\"categories\":[],\"traits\":[]}\n"
    "{\"source\":\"t\",\"id\":\"4\",\"complaint\":false,\"severity\":0,\"urgent\":false,"
    "\"categories\":[],\"traits\":[]}\n"
    "{\"source\":\"t\",\"id\":\"5\",\"complaint\":true,\"severity\":4,\"urgent\":true,"
    "\"categories\":[\"safety\"],\"traits\":[\"safety\"]}\n"
    "{\"source\":\"t\",\"id\":\"6\",\"complaint\":1,\"severity\":1,\"urgent\":0,"
    "\"categories\":[\"billing\"],\"traits\":[]}\n";

static const char small_pack_texts_s[] =
    "{\"source\":\"s\",\"id\":\"1\",\"lang\":\"en\",\"text\":\"it is \\u0062roken\"}\n"
    "{\"source\":\"s\",\"id\":\"2\",\"lang\":\"en\",\"text\":\"so awful\"}\n"
    "{\"source\":\"s\",\"id\":\"7\",\"lang\":\"en\",\"text\":\"nobody labelled this\"}\n"
    "{\"source\":\"s\",\"id\":\"3\",\"lang\":\"en\",\"text\":\"tea and rain\"}\n";

static const char small_pack_texts_t[] =
    "{\"source\":\"t\",\"id\":\"6\",\"lang\":\"en\",\"text\":\"nothing here\"}\n"
    "{\"source\":\"t\",\"id\":\"5\",\"lang\":\"en\",\"text\":\"smell of gas\"}\n\n"
    "{\"source\":\"t\",\"id\":\"5\",\"lang\":\"en\",\"text\":\"the first one counts\"}\n"
    "{\"source\":\"t\",\"id\":\"4\",\"lang\":\"en\",\"text\":\"awful rain again\"}\n";

/** rules in rules/, gold in gold/, texts in corpus/ of a folder of its own. */
static inline struct rules_folder small_pack_make(void)
{
    struct rules_folder folder = rules_folder_make();
    struct rules_folder rules = rules_folder_make_inside(&folder, "rules");
    rules_folder_write(&rules, "en/rules.yaml", small_pack_rules);
    rules_folder_write(&rules, "tiers.yaml", "tiers: {minor: 0.5, moderate: 1.5}\n");
    rules_folder_write(&rules, "composites.yaml",
                       "composites:\n  - id: court\n    why: Court\n"
                       "    when: trait.legal and complaint\n    at_least: serious\n");
    rules_folder_write(&folder, "gold/made.en.jsonl", small_pack_gold);
    rules_folder_write(&folder, "corpus/s.jsonl", small_pack_texts_s);
    rules_folder_write(&folder, "corpus/t.jsonl", small_pack_texts_t);
    return folder;
}

static inline struct rule_set *small_pack_load(const struct rules_folder *folder)
{
    char path[128];
    snprintf(path, sizeof path, "%s/rules", folder->path);
    return load_rules(path);
}

#endif
