/**
 * Parity: the same meanings in every language, and whether the packs judge them alike.
 *
 *   meanings:
 *     - id: gas_leak_plain
 *       theme: gas
 *       form: plain
 *       expect: {severity: critical, urgent: true, traits: [safety]}
 *       texts: {en: "There is a gas leak in the hall", pl: "...", ...}
 *
 * A meaning holds in a language when its severity is the expected one (minor and moderate count as
 * one), its urgency too where it is named, and the named traits are all found. Files:
 * cases/parallel.yaml. Threads: one at a time.
 */
#ifndef REDRESS_WORKBENCH_RULE_PARITY_H
#define REDRESS_WORKBENCH_RULE_PARITY_H

#include "base/yaml_tree.h"
#include "classify/rule_set.h"

/* The share of meanings that must hold in each language; of the gravest themes all must. */
#define PARITY_SHARE_MIN 0.9

struct parity_meaning {
    const char *id;
    const char *theme;
    const char *form;
    enum severity severity;
    bool names_urgent;
    bool urgent;
    trait_set traits;
    const char *texts[LANGUAGE_COUNT]; /* NULL where it is missing */
    bool grave;                        /* of a theme in which every miss is one too many */
    bool holds[LANGUAGE_COUNT];
    struct verdict verdicts[LANGUAGE_COUNT]; /* without hits */
    struct rule_place place;
    struct parity_meaning *next;
};

struct parity {
    struct arena arena;
    struct parity_meaning *meanings; /* in the order of the file */
    uint32_t count;
    uint32_t held[LANGUAGE_COUNT];
    uint32_t grave_misses[LANGUAGE_COUNT];
};

/**
 * Reads the file and judges every text.
 *
 * Returns: STATUS_OK; STATUS_INVALID with errors at their places; STATUS_MEMORY.
 * Owns:    the caller frees with parity_free() in every case.
 */
NODISCARD enum redress_status parity_run(const struct rule_set *rule_set, const char *path,
                                         struct error_list *errors, struct parity *out);
void parity_free(struct parity *parity);

/** True where the verdict says what is expected of the meaning. */
bool parity_holds(const struct parity_meaning *meaning, const struct verdict *verdict);

/** True where every language reaches PARITY_SHARE_MIN and misses nothing grave. */
bool parity_passes(const struct parity *parity);

#endif
