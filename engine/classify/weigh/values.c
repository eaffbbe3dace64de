#include "classify/weigh/values.h"

enum {
    VALUE_DIGITS_MAX = 9, /* longer ones are numbers of orders and accounts */
    UNIT_REACH_WORDS = 2, /* "three whole weeks" */
    TIMES_MAX = 100       /* "1000 times" is a figure of speech */
};

#define VALUE_DURATION_MAX_S (100.0F * 365 * 86400)

/* One number on its way through a text: up to UNIT_REACH_WORDS words behind it may say of what. */
struct scanner {
    struct grammar_reading *reading;
    const struct grammar *grammar;
    uint32_t end; /* the word behind the sentence */
    struct verdict_values values;
};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* How many digits stand from `at` on. */
static uint32_t digits_at(const struct view *view, uint32_t at)
{
    uint32_t count = 0;
    while (at + count < view->size && is_digit(view->bytes[at + count]))
        count++;
    return count;
}

static float decimal(const struct view *view, uint32_t at, uint32_t digits)
{
    float value = 0;
    for (uint32_t index = 0; index < digits; index++)
        value = value * 10 + (float)(view->bytes[at + index] - '0');
    return value;
}

/* A number in digits: groups of three behind . , ' or a blank, then perhaps a fraction of one or
 * two digits. *end is behind it. False for what is too long to be a quantity. */
static bool read_digits(const struct view *view, uint32_t at, float *value, uint32_t *end)
{
    const uint8_t *bytes = view->bytes;
    uint32_t digits = digits_at(view, at);
    uint32_t all = digits;
    *value = decimal(view, at, digits);
    at += digits;
    while (at + 3 < view->size && digits <= 3 &&
           (bytes[at] == '.' || bytes[at] == ',' || bytes[at] == ' ' || bytes[at] == '\'') &&
           digits_at(view, at + 1) == 3) {
        *value = *value * 1000 + decimal(view, at + 1, 3);
        all += 3;
        at += 4;
    }
    if (at + 1 < view->size && (bytes[at] == '.' || bytes[at] == ',')) {
        uint32_t fraction = digits_at(view, at + 1);
        if (fraction == 1 || fraction == 2) {
            *value += decimal(view, at + 1, fraction) / (fraction == 1 ? 10.0F : 100.0F);
            at += 1 + fraction;
        }
    }
    *end = at;
    return all <= VALUE_DIGITS_MAX;
}

static float symbol_worth(uint8_t byte)
{
    switch (byte) {
    case VIEW_BYTE_EURO:
        return 1;
    case VIEW_BYTE_POUND:
        return 1.15F;
    case '$':
        return 0.9F;
    case VIEW_BYTE_ROUBLE:
        return 0.01F;
    default:
        return 0;
    }
}

static void raise(float *value, float to)
{
    if (to > *value)
        *value = to;
}

/* "€ 50", "$50": the symbol before; "50€", "50 €": the one behind. */
static float currency_beside(const struct view *view, uint32_t start, uint32_t end)
{
    const uint8_t *bytes = view->bytes;
    uint32_t before = start > 0 && bytes[start - 1] == ' ' ? start - 1 : start;
    uint32_t behind = end < view->size && bytes[end] == ' ' ? end + 1 : end;
    float worth = before > 0 ? symbol_worth(bytes[before - 1]) : 0;
    return worth != 0 || behind >= view->size ? worth : symbol_worth(bytes[behind]);
}

static void apply(struct scanner *scanner, const struct grammar_entry *entry, float number)
{
    struct verdict_values *values = &scanner->values;
    if ((entry->cues & CUE_UNIT) && number * entry->value <= VALUE_DURATION_MAX_S)
        raise(&values->duration_s, number * entry->value);
    if (entry->cues & CUE_CURRENCY)
        raise(&values->money_eur, number * entry->value);
    if ((entry->cues & CUE_TIMES) && number <= TIMES_MAX)
        raise(&values->count, number);
}

/* What stands behind a number that ends before `word` says of what it is one. */
static void read_unit(struct scanner *scanner, uint32_t word, float number)
{
    for (uint32_t reach = 0; reach < UNIT_REACH_WORDS && word < scanner->end; reach++, word++) {
        const struct grammar_entry *entry = grammar_read(scanner->reading, scanner->grammar, word);
        if (!entry || !(entry->cues & (CUE_UNIT | CUE_CURRENCY | CUE_TIMES)))
            continue;
        apply(scanner, entry, number);
        return;
    }
}

/* A word that begins with a digit. Returns the next word to look at. */
static uint32_t read_figure(struct scanner *scanner, uint32_t word)
{
    const struct view *view = scanner->reading->view;
    const struct sentences *sentences = scanner->reading->sentences;
    uint32_t start = sentences->words[word];
    uint32_t end = start;
    float number = 0;
    bool quantity = read_digits(view, start, &number, &end);
    while (word < scanner->end && sentences->words[word] < end)
        word++;
    if (!quantity)
        return word;
    float worth = currency_beside(view, start, end);
    if (worth != 0)
        raise(&scanner->values.money_eur, number * worth);
    else if (end < view->size && view->bytes[end] == 'x' && number <= TIMES_MAX)
        raise(&scanner->values.count, number);
    else
        read_unit(scanner, word, number);
    return word;
}

static uint32_t read_word(struct scanner *scanner, uint32_t word)
{
    const struct grammar_entry *entry = grammar_read(scanner->reading, scanner->grammar, word);
    if (!entry)
        return word + 1;
    uint32_t next = word + entry->word_count;
    if (entry->cues & (CUE_NUMBER | CUE_ORDINAL))
        read_unit(scanner, next, entry->value);
    return next;
}

void values_read(const struct grammar *grammar, struct grammar_reading *reading, uint32_t sentence,
                 struct verdict_values *values)
{
    const struct view *view = reading->view;
    const struct sentences *sentences = reading->sentences;
    struct scanner scanner = {.grammar = grammar, .reading = reading, .values = *values};
    uint32_t word = sentences->first_word[sentence];
    scanner.end = sentences->first_word[sentence + 1];
    while (word < scanner.end)
        word = is_digit(view->bytes[sentences->words[word]]) ? read_figure(&scanner, word)
                                                             : read_word(&scanner, word);
    *values = scanner.values;
}
