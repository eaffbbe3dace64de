#include "route/ending.h"

static bool is_calm(const struct message *message)
{
    const struct verdict *verdict = &message->verdict;
    return !verdict->complaint && !verdict->urgent && !verdict->undecided &&
           verdict->severity == SEVERITY_NONE && verdict->language != LANGUAGE_UNKNOWN &&
           !(message->flags & MESSAGE_TRUNCATED);
}

enum ending ending_decide(const struct message *message)
{
    if (message->dead_reason != DEAD_NONE)
        return ENDING_DEAD_LETTER;
    return is_calm(message) ? ENDING_CALM : ENDING_CASE;
}

const char *ending_name(enum ending ending)
{
    switch (ending) {
    case ENDING_NONE:
        return "none";
    case ENDING_CASE:
        return "case";
    case ENDING_CALM:
        return "calm";
    case ENDING_DEAD_LETTER:
        return "dead_letter";
    case ENDING_COUNT:
        break;
    }
    return "unknown";
}
