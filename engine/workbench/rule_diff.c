#include "workbench/rule_diff.h"

#include "workbench/message_file.h"

#include "base/memory.h"

#include <stdlib.h>

const char *rule_step_name(enum rule_step step)
{
    static const char *const names[] = {"patch", "minor", "major"};
    return names[step];
}

enum rule_step rule_diff_step(const struct rule_diff *diff)
{
    if (diff->urgent_lost > 0 || diff->serious_lost > 0 ||
        diff->moved > RULE_DIFF_SHARE_MAX * diff->messages)
        return RULE_STEP_MAJOR;
    return diff->moved > 0 || diff->changed > 0 ? RULE_STEP_MINOR : RULE_STEP_PATCH;
}

static struct diff_side side_of(const struct verdict *verdict)
{
    return (struct diff_side){verdict->severity, verdict->urgent};
}

static int compare_sides(struct diff_side left, struct diff_side right)
{
    if (left.severity != right.severity)
        return left.severity > right.severity ? 1 : -1;
    return left.urgent - right.urgent;
}

static bool same_move(const struct diff_move *left, const struct diff_move *right)
{
    return left->language == right->language && left->category == right->category &&
           compare_sides(left->before, right->before) == 0 &&
           compare_sides(left->after, right->after) == 0;
}

static bool grow(struct rule_diff *diff)
{
    if (diff->move_count < diff->move_room)
        return true;
    uint32_t room = diff->move_room ? 2 * diff->move_room : 64;
    struct diff_move *moves = memory_resize(diff->moves, room * sizeof *moves);
    if (!moves)
        return false;
    diff->moves = moves;
    diff->move_room = room;
    return true;
}

/* The kind of move, made where it is the first of its kind; NULL without memory. */
static struct diff_move *find_move(struct rule_diff *diff, const struct diff_move *wanted)
{
    for (uint32_t index = 0; index < diff->move_count; index++)
        if (same_move(&diff->moves[index], wanted))
            return &diff->moves[index];
    if (!grow(diff))
        return NULL;
    diff->moves[diff->move_count] = *wanted;
    return &diff->moves[diff->move_count++];
}

static enum redress_status add_move(struct rule_diff *diff, const struct verdict *before,
                                    const struct verdict *after, struct slice text)
{
    bool rises = compare_sides(side_of(after), side_of(before)) > 0;
    const struct verdict *graver = rises ? after : before;
    const struct diff_move wanted = {.language = after->language,
                                     .category = graver->category_count ? graver->categories[0]
                                                                        : (uint8_t)CATEGORY_COUNT,
                                     .before = side_of(before),
                                     .after = side_of(after)};
    struct diff_move *move = find_move(diff, &wanted);
    if (!move)
        return STATUS_MEMORY;
    if (move->count < RULE_DIFF_EXAMPLES)
        text_mask(text, move->examples[move->count]);
    move->count++;
    diff->moved++;
    diff->urgent_gained += after->urgent && !before->urgent;
    diff->urgent_lost += before->urgent && !after->urgent;
    diff->serious_lost +=
        before->severity >= SEVERITY_SERIOUS && after->severity < SEVERITY_SERIOUS;
    return STATUS_OK;
}

static enum redress_status add_message(struct rule_diff *diff, const struct verdict *before,
                                       const struct verdict *after, struct slice text)
{
    diff->messages++;
    if (compare_sides(side_of(before), side_of(after)) != 0)
        return add_move(diff, before, after, text);
    diff->changed += before->traits != after->traits ||
                     redress_verdict_categories(before) != redress_verdict_categories(after);
    return STATUS_OK;
}

static int compare_moves(const void *left, const void *right)
{
    const struct diff_move *a = left;
    const struct diff_move *b = right;
    if (a->language != b->language)
        return a->language < b->language ? -1 : 1;
    if (a->category != b->category)
        return a->category < b->category ? -1 : 1;
    int order = compare_sides(b->before, a->before);
    return order ? order : compare_sides(a->after, b->after);
}

/* Both versions with a scratch each. */
struct two_versions {
    const struct rule_set *rules[2];
    struct scratch *scratches[2];
};

static enum redress_status judge_all(struct rule_diff *diff, struct two_versions *versions,
                                     struct message_file *file)
{
    struct file_message message;
    enum redress_status status = STATUS_OK;
    while (status == STATUS_OK && (status = message_file_next(file, &message)) == STATUS_OK) {
        struct verdict verdicts[2];
        for (unsigned index = 0; index < 2; index++)
            /* One that a limit stops is judged by what was found. */
            (void)!redress_classify(versions->rules[index], versions->scratches[index],
                                    &message.input, &verdicts[index]);
        status = add_message(diff, &verdicts[0], &verdicts[1], message.input.text);
    }
    return status == STATUS_EMPTY ? STATUS_OK : status;
}

enum redress_status rule_diff_run(struct rule_diff *diff, const struct rule_set *before,
                                  const struct rule_set *after, const char *path,
                                  struct error_list *errors)
{
    struct two_versions versions = {.rules = {before, after}};
    struct message_file file;
    *diff = (struct rule_diff){0};
    enum redress_status status = redress_scratch_create(before, &versions.scratches[0]);
    if (status == STATUS_OK)
        status = redress_scratch_create(after, &versions.scratches[1]);
    if (status == STATUS_OK)
        status = message_file_open(&file, path, errors);
    if (status == STATUS_OK) {
        status = judge_all(diff, &versions, &file);
        message_file_close(&file);
    }
    if (diff->move_count > 1)
        qsort(diff->moves, diff->move_count, sizeof *diff->moves, compare_moves);
    redress_scratch_free(versions.scratches[0]);
    redress_scratch_free(versions.scratches[1]);
    return status;
}

void rule_diff_free(struct rule_diff *diff)
{
    memory_free(diff->moves);
    *diff = (struct rule_diff){0};
}
