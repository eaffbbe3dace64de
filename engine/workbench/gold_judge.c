/** What the rules say of every gold message. */
#include "workbench/gold.h"

/* The engine takes a blank text for a dead letter: nothing is decided then. */
static bool is_blank(struct slice text)
{
    for (uint32_t index = 0; index < text.size; index++)
        if (text.data[index] != ' ' && (text.data[index] < '\t' || text.data[index] > '\r'))
            return false;
    return true;
}

static struct judgement judgement_of(const struct verdict *verdict)
{
    struct judgement said = {.first_category = CATEGORY_COUNT, .unanswered = verdict->undecided};
    if (verdict->undecided)
        return said;
    said.complaint = verdict->complaint;
    said.urgent = verdict->urgent;
    said.severity = (uint8_t)verdict->severity;
    said.traits = verdict->traits;
    if (verdict->category_count > 0)
        said.first_category = verdict->categories[0];
    said.categories = redress_verdict_categories(verdict);
    return said;
}

enum redress_status gold_judge(struct gold *gold, const struct rule_set *rule_set,
                               const struct gold_visitor *visitor)
{
    struct scratch *scratch = NULL;
    enum redress_status status = redress_scratch_create(rule_set, &scratch);
    for (uint32_t index = 0; status == STATUS_OK && index < gold->count; index++) {
        struct gold_message *message = &gold->messages[index];
        struct verdict verdict = {.undecided = true};
        const struct classify_input input = {
            .text = message->text, .language_hint = message->hint, .truncated = message->truncated};
        bool blank = is_blank(message->text);
        if (!blank && redress_classify(rule_set, scratch, &input, &verdict) != STATUS_OK)
            verdict.undecided = true;
        message->said = judgement_of(&verdict);
        if (visitor && !blank)
            visitor->visit(visitor->target, message, index, scratch);
    }
    redress_scratch_free(scratch);
    return status;
}
