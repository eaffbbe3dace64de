/** The mutants of composites: each a copy of all composites with one of them changed. */
#include "workbench/mutation.h"

#include <string.h>

/* What is changed of a condition's postfix steps: one is replaced, left out or added behind. */
struct change {
    const char *name;
    uint32_t step;
    uint8_t op; /* in its place, or behind it where `added` */
    bool added;
    bool dropped;
};

static struct expression_step *changed_steps(struct arena *arena, const struct expression *when,
                                             const struct change *change, uint32_t *count)
{
    struct expression_step *steps = arena_allocate_array(arena, when->count + 1, sizeof *steps);
    *count = 0;
    for (uint32_t index = 0; steps && index < when->count; index++) {
        bool here = index == change->step;
        if (here && change->dropped)
            continue;
        steps[*count] = when->steps[index];
        if (here && !change->added)
            steps[*count].op = change->op;
        ++*count;
        if (here && change->added)
            steps[(*count)++] = (struct expression_step){.op = change->op};
    }
    return steps;
}

static enum redress_status add_mutant(struct mutation *mutation, uint32_t composite,
                                      const struct change *change)
{
    const struct rule_pack *pack = &mutation->rule_set->pack;
    struct composite_mutant *mutant = &mutation->mutants[mutation->mutant_count];
    struct composite *copies =
        arena_allocate_array(&mutation->arena, pack->composite_count, sizeof *copies);
    uint32_t count = 0;
    if (!copies)
        return STATUS_MEMORY;
    memcpy(copies, pack->composites, pack->composite_count * sizeof *copies);
    struct expression *when = &copies[composite].when;
    when->steps = changed_steps(&mutation->arena, when, change, &count);
    if (!when->steps)
        return STATUS_MEMORY;
    when->count = count;
    when->required_traits = 0; /* what the condition needed may be what was changed */
    when->requires_complaint = false;
    *mutant = (struct composite_mutant){
        .composite = composite, .step = change->step, .change = change->name, .composites = copies};
    mutation->mutant_count++;
    return STATUS_OK;
}

/* One that gives nothing is as good as left out. */
static enum redress_status add_dropped(struct mutation *mutation, uint32_t composite)
{
    const struct change none = {.name = "left out", .step = UINT32_MAX};
    enum redress_status status = add_mutant(mutation, composite, &none);
    if (status != STATUS_OK)
        return status;
    struct composite *dropped =
        &mutation->mutants[mutation->mutant_count - 1].composites[composite];
    dropped->traits = 0;
    dropped->at_least = SEVERITY_NONE;
    dropped->urgent = false;
    return STATUS_OK;
}

static enum redress_status add_step(struct mutation *mutation, uint32_t composite, uint32_t step)
{
    uint8_t op = mutation->rule_set->pack.composites[composite].when.steps[step].op;
    struct change change = {.name = "denied", .step = step, .op = EXPRESSION_NOT, .added = true};
    if (op == EXPRESSION_AND)
        change = (struct change){.name = "and is or", .step = step, .op = EXPRESSION_OR};
    else if (op == EXPRESSION_OR)
        change = (struct change){.name = "or is and", .step = step, .op = EXPRESSION_AND};
    else if (op == EXPRESSION_NOT)
        change = (struct change){.name = "not left out", .step = step, .dropped = true};
    return add_mutant(mutation, composite, &change);
}

enum redress_status mutation_make_composites(struct mutation *mutation)
{
    const struct rule_pack *pack = &mutation->rule_set->pack;
    uint32_t room = pack->composite_count;
    for (uint32_t index = 0; index < pack->composite_count; index++)
        room += pack->composites[index].when.count;
    mutation->mutants = arena_allocate_array(&mutation->arena, room + 1, sizeof *mutation->mutants);
    enum redress_status status = mutation->mutants ? STATUS_OK : STATUS_MEMORY;
    for (uint32_t index = 0; index < pack->composite_count && status == STATUS_OK; index++) {
        status = add_dropped(mutation, index);
        for (uint32_t step = 0; step < pack->composites[index].when.count && status == STATUS_OK;
             step++)
            status = add_step(mutation, index, step);
    }
    return status;
}
