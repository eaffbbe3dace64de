/**
 * What no rule may break (design, section 5), with the shipped packs, in six languages.
 * Method: every example that stands beside a rule is a text of our own; it is judged as it stands
 * and again shouted, louder, longer, insulted and with somebody to blame, and nothing that counts
 * may differ. Deciding is tried on seeded random verdicts and histories.
 */
#include "classify/weigh/decide.h"

#include "helpers/load_rules.h"
#include "route/ending.h"
#include "route/routing.h"
#include "support/random.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>
#include <cmocka.h>

enum { TEXT_MAX = 32 * 1024, SHOWN_MAX = 12 };

/* A neutral sentence, an insult, a blame taken, a blame given and thanks, by language. */
static const struct added_texts {
    const char *neutral;
    const char *insult;
    const char *own_fault;
    const char *their_fault;
    const char *thanks;
} added_texts[LANGUAGE_COUNT] = {
    [LANGUAGE_EN] = {"The sky over the hills was blue and a bird sang in the old tree.",
                     "You bunch of idiots.", "I am to blame for that.",
                     "You are to blame for that.", "Thank you, wonderful and excellent."},
    [LANGUAGE_PL] = {"Nad wzgórzami niebo było niebieskie i ptak śpiewał na starej lipie.",
                     "Wy idioci.", "Wina leży po mojej stronie.", "Wina leży po waszej stronie.",
                     "Dziękuję, wspaniale, polecam."},
    [LANGUAGE_SV] = {"Himlen var blå över kullarna och en fågel sjöng i den gamla linden.",
                     "Era idioter.", "Skulden ligger hos mig.", "Skulden ligger hos er.",
                     "Tack så mycket, fantastiskt och perfekt."},
    [LANGUAGE_NL] = {"De lucht boven de heuvels kleurde blauw en een vogel zong in de oude linde.",
                     "Stelletje idioten.", "De schuld ligt bij mij.", "De schuld ligt bij jullie.",
                     "Bedankt, geweldig en perfect."},
    [LANGUAGE_RU] = {"Небо над холмами синело, и птица пела на старой липе.", "Вы идиоты.",
                     "Виноват в этом я.", "Виноваты в этом вы.", "Спасибо, отлично и прекрасно."},
    [LANGUAGE_EL] = {"Ο ουρανός ήταν γαλάζιος πάνω από τους λόφους και ένα πουλί κελαηδούσε.",
                     "Είστε ηλίθιοι.", "Φταίω εγώ.", "Φταίτε εσείς.",
                     "Ευχαριστώ, τέλεια και υπέροχα."},
};

static struct rule_set *rule_set;
static struct scratch *scratch;
static unsigned broken;

static int begin(void **state)
{
    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return -1;
    rule_set = load_rules(REDRESS_SOURCE_DIR "/rules");
    return redress_scratch_create(rule_set, &scratch) == STATUS_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    redress_scratch_free(scratch);
    redress_rule_set_free(rule_set);
    return 0;
}

static struct verdict judged(const char *text, enum language language)
{
    static char room[TEXT_MAX + MESSAGE_PADDING_BYTES];
    struct verdict verdict;
    size_t size = strlen(text);
    const char *hint = redress_language_name(language);
    assert_true(size < TEXT_MAX);
    memcpy(room, text, size);
    memset(room + size, 0, MESSAGE_PADDING_BYTES);
    const struct classify_input input = {.text = {room, (uint32_t)size},
                                         .language_hint = {hint, (uint32_t)strlen(hint)}};
    assert_int_equal(redress_classify(rule_set, scratch, &input, &verdict), STATUS_OK);
    assert_int_equal(verdict.language, language);
    assert_int_equal(verdict.complaint, verdict.severity > SEVERITY_NONE);
    return verdict;
}

static void expect_same(const char *what, const char *text, const struct verdict *plain,
                        const struct verdict *changed, trait_set traits_ignored)
{
    if (plain->severity == changed->severity && plain->urgent == changed->urgent &&
        plain->category_count == changed->category_count &&
        memcmp(plain->categories, changed->categories, plain->category_count) == 0 &&
        ((plain->traits ^ changed->traits) & ~traits_ignored) == 0)
        return;
    if (broken++ < SHOWN_MAX)
        print_message("%s: severity %d to %d, traits %x to %x: %s\n", what, plain->severity,
                      changed->severity, plain->traits, changed->traits, text);
}

/* Calls back for every example of every rule, in the rule's first language. */
static void for_each_text(void (*visit)(const struct rule *rule, const struct rule_example *example,
                                        const char *text, enum language language))
{
    broken = 0;
    for (uint32_t index = 0; index < rule_set->pack.rule_count; index++) {
        const struct rule *rule = &rule_set->pack.rules[index];
        enum language language = LANGUAGE_EN;
        while (!(rule->languages >> language & 1))
            language++;
        for (uint32_t at = 0; at < rule->example_count; at++) {
            char text[RULE_EXAMPLE_BYTES_MAX + 1];
            memcpy(text, rule->examples[at].text, rule->examples[at].size);
            text[rule->examples[at].size] = 0;
            visit(rule, &rule->examples[at], text, language);
        }
    }
    assert_int_equal(broken, 0);
}

static void make_upper(char *out, size_t out_size, const char *text)
{
    wchar_t wide[RULE_EXAMPLE_BYTES_MAX + 1];
    size_t count = mbstowcs(wide, text, RULE_EXAMPLE_BYTES_MAX);
    assert_true(count != (size_t)-1);
    wide[count] = 0;
    for (size_t index = 0; index < count; index++)
        wide[index] = (wchar_t)towupper((wint_t)wide[index]);
    assert_true(wcstombs(out, wide, out_size) < out_size);
}

static void shout(const struct rule *rule, const struct rule_example *example, const char *text,
                  enum language language)
{
    (void)example;
    char louder[2 * RULE_EXAMPLE_BYTES_MAX];
    struct verdict plain = judged(text, language);
    /* match: original is for rules that ask for capitals or accents by themselves. */
    if (!rule->original) {
        make_upper(louder, sizeof louder, text);
        struct verdict changed = judged(louder, language);
        expect_same("capitals", text, &plain, &changed, 0);
    }
    snprintf(louder, sizeof louder, "%s!!!!!!!!!!", text);
    struct verdict changed = judged(louder, language);
    expect_same("exclamation marks", text, &plain, &changed, 0);
    snprintf(louder, sizeof louder, "%s?", text);
    plain = judged(louder, language);
    snprintf(louder, sizeof louder, "%s?!?!!", text);
    changed = judged(louder, language);
    expect_same("marks behind a question", text, &plain, &changed, 0);
}

static void capitals_and_exclamation_marks_change_nothing(void **state)
{
    (void)state;
    /* Questions that carry a complaint: what makes them questions must survive the shouting. */
    static const char *const asked[] = {"How do I get a refund for this broken phone",
                                        "Can I talk to somebody who is not rude",
                                        "Where do I return a kettle that does not work",
                                        "Could you tell me why the parcel is late"};
    static const struct rule none;
    for_each_text(shout);
    for (size_t index = 0; index < sizeof asked / sizeof asked[0]; index++)
        shout(&none, NULL, asked[index], LANGUAGE_EN);
    assert_int_equal(broken, 0);
}

/* Whether a message is nothing but a question is what it says, not how long it is. */
static bool is_only_a_question(const struct verdict *verdict)
{
    for (uint32_t index = 0; index < verdict->hits_stored; index++)
        if (strstr(redress_rule_id(rule_set, verdict->hits[index].rule_index), ".question."))
            return true;
    return false;
}

static void lengthen(const struct rule *rule, const struct rule_example *example, const char *text,
                     enum language language)
{
    (void)rule;
    (void)example;
    static char longer[TEXT_MAX];
    const char *neutral = added_texts[language].neutral;
    size_t used = (size_t)snprintf(longer, sizeof longer, "%s\n%s.\n", neutral, text);
    for (int index = 0; index < 40; index++)
        used += (size_t)snprintf(longer + used, sizeof longer - used, "%s ", neutral);
    struct verdict plain = judged(text, language);
    if (is_only_a_question(&plain))
        return;
    struct verdict changed = judged(longer, language);
    expect_same("length", text, &plain, &changed, 0);
}

static void length_lowers_and_raises_nothing(void **state)
{
    (void)state;
    for (enum language language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        assert_int_equal(judged(added_texts[language].neutral, language).hit_count, 0);
    for_each_text(lengthen);
}

static void insult(const struct rule *rule, const struct rule_example *example, const char *text,
                   enum language language)
{
    (void)rule;
    (void)example;
    char insulting[2 * RULE_EXAMPLE_BYTES_MAX];
    snprintf(insulting, sizeof insulting, "%s\n%s.\n", added_texts[language].insult, text);
    struct verdict plain = judged(text, language);
    if (is_only_a_question(&plain))
        return;
    struct verdict changed = judged(insulting, language);
    expect_same("abuse", text, &plain, &changed, 1u << TRAIT_ABUSE);
    broken += !(changed.traits & 1u << TRAIT_ABUSE);
}

static void abuse_is_seen_and_changes_nothing_else(void **state)
{
    (void)state;
    for (enum language language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
        struct verdict verdict = judged(added_texts[language].insult, language);
        assert_true(verdict.traits & 1u << TRAIT_ABUSE);
        assert_int_equal(verdict.severity, SEVERITY_NONE);
    }
    for_each_text(insult);
}

static struct routing *make_routes(void)
{
    static const struct route_row rows[] = {
        {.severity_at_least = SEVERITY_CRITICAL, .queue_index = 1},
        {.urgency = ROUTE_URGENCY_YES, .queue_index = 2},
        {.categories = 1u << CATEGORY_BILLING | 1u << CATEGORY_REFUND, .queue_index = 3},
        {.traits = 1u << TRAIT_LEGAL | 1u << TRAIT_LEAVING, .queue_index = 4},
        {.severity_at_least = SEVERITY_MODERATE, .queue_index = 5},
    };
    struct routing *routing;
    assert_int_equal(routing_create(rows, sizeof rows / sizeof rows[0], 0, &routing), STATUS_OK);
    return routing;
}

static void blame(const struct rule *rule, const struct rule_example *example, const char *text,
                  enum language language)
{
    (void)rule;
    (void)example;
    char own[2 * RULE_EXAMPLE_BYTES_MAX];
    char theirs[2 * RULE_EXAMPLE_BYTES_MAX];
    snprintf(own, sizeof own, "%s. %s", text, added_texts[language].own_fault);
    snprintf(theirs, sizeof theirs, "%s. %s", text, added_texts[language].their_fault);
    struct routing *routing = make_routes();
    struct message first = {.verdict = judged(own, language)};
    struct message second = {.verdict = judged(theirs, language)};
    expect_same("fault", text, &first.verdict, &second.verdict, 0);
    broken += route_choose(routing, &first) != route_choose(routing, &second);
    routing_destroy(routing);
}

static void who_is_at_fault_changes_neither_verdict_nor_route(void **state)
{
    (void)state;
    for_each_text(blame);
}

static bool is_grave(const struct rule *rule)
{
    return decide_forced_level(rule->traits) >= SEVERITY_SERIOUS;
}

static unsigned grave_texts[LANGUAGE_COUNT];

static void stay_serious(const struct rule *rule, const struct rule_example *example,
                         const char *text, enum language language)
{
    if (!example->must_match || !is_grave(rule))
        return;
    char praised[2 * RULE_EXAMPLE_BYTES_MAX];
    snprintf(praised, sizeof praised, "%s %s. %s", added_texts[language].thanks, text,
             added_texts[language].thanks);
    grave_texts[language]++;
    struct verdict plain = judged(text, language);
    struct verdict thanked = judged(praised, language);
    if (plain.severity >= SEVERITY_SERIOUS && thanked.severity >= SEVERITY_SERIOUS)
        return;
    broken++;
    print_message("%s is %d, with thanks %d: %s\n", rule->id, plain.severity, thanked.severity,
                  text);
}

static void danger_is_never_below_serious_in_any_language(void **state)
{
    (void)state;
    for_each_text(stay_serious);
    for (enum language language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        assert_true(grave_texts[language] >= 10);
}

static struct verdict random_verdict(uint64_t *seed)
{
    struct verdict verdict = {.language = (enum language)(random_next(seed) % LANGUAGE_COUNT)};
    struct score score = {
        .complaint = (float)((int)(random_next(seed) % 400) - 150) / 50,
        .traits = (trait_set)(random_next(seed) & random_next(seed)) & ((1u << TRAIT_COUNT) - 1),
        .at_least = (enum severity)(random_next(seed) % 9 ? 0 : random_next(seed) % 4)};
    score.categories[random_next(seed) % CATEGORY_COUNT] = 1;
    score.categories[random_next(seed) % CATEGORY_COUNT] += 1;
    decide(&rule_set->pack, &score, &verdict);
    assert_true(verdict.severity >= decide_forced_level(score.traits));
    return verdict;
}

static struct recurrence random_history(uint64_t *seed)
{
    uint32_t hour = (uint32_t)random_next(seed) % 3;
    uint32_t day = hour + (uint32_t)random_next(seed) % 3;
    uint32_t week = day + (uint32_t)random_next(seed) % 3;
    return (struct recurrence){.scope = (enum history_scope)(random_next(seed) % 3),
                               .repeat = random_next(seed) & 1,
                               .redelivered = random_next(seed) & 1,
                               .complaints_1h = hour,
                               .complaints_1d = day,
                               .complaints_7d = week,
                               .complaints_30d = week + (uint32_t)random_next(seed) % 4,
                               .last_complaint_ms = (int64_t)(random_next(seed) >> 20)};
}

static void history_lowers_nothing_and_settles_at_once(void **state)
{
    (void)state;
    uint64_t seed = 20261124;
    print_message("seed %llu\n", (unsigned long long)seed);
    unsigned raised_count = 0;
    for (int round = 0; round < 200000; round++) {
        struct verdict before = random_verdict(&seed);
        struct recurrence history = random_history(&seed);
        struct verdict after = before;
        raised_count += redress_decide_again(rule_set, &history, &after);
        assert_true(after.severity >= before.severity && after.urgent >= before.urgent);
        assert_int_equal(after.traits & before.traits, before.traits);
        assert_int_equal(after.complaint, after.severity > SEVERITY_NONE);
        assert_memory_equal(after.categories, before.categories, before.category_count);
        assert_true(!after.urgent || after.severity >= SEVERITY_SERIOUS);
    }
    assert_true(raised_count > 1000);
}

static void calm_needs_language_decision_whole_text_and_no_complaint(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 16; bits++) {
        struct message message = {.flags = bits & 1 ? MESSAGE_TRUNCATED : 0};
        message.verdict = (struct verdict){.language = bits & 2 ? LANGUAGE_UNKNOWN : LANGUAGE_PL,
                                           .undecided = bits & 4,
                                           .complaint = bits & 8,
                                           .severity = bits & 8 ? SEVERITY_MINOR : SEVERITY_NONE,
                                           .truncated = bits & 1};
        assert_int_equal(redress_verdict_is_calm(&message.verdict), bits == 0);
        assert_int_equal(ending_decide(&message), bits == 0 ? ENDING_CALM : ENDING_CASE);
    }
    struct verdict french;
    static const char text[160] =
        "Le magasin ouvre à neuf heures et nous sommes contents.\0"
        "                                                                ";
    const struct classify_input input = {.text = {text, (uint32_t)strlen(text)}};
    assert_int_equal(redress_classify(rule_set, scratch, &input, &french), STATUS_OK);
    assert_false(redress_verdict_is_calm(&french)); /* no pack: people must look */
}

static void the_customer_s_worth_never_matters(void **state)
{
    (void)state;
    uint64_t seed = 7;
    struct routing *routing = make_routes();
    for (int round = 0; round < 20000; round++) {
        struct message poor = {.verdict = random_verdict(&seed)};
        struct message rich = poor;
        rich.customer = (struct slice){"vip-1", 5};
        rich.customer_hash = random_next(&seed);
        rich.key = rich.customer;
        rich.attributes = (struct slice){"{\"tier\":\"gold\",\"value\":1000000}", 31};
        rich.recurrence = random_history(&seed);
        assert_int_equal(route_choose(routing, &poor), route_choose(routing, &rich));
        assert_int_equal(ending_decide(&poor), ending_decide(&rich));
    }
    routing_destroy(routing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capitals_and_exclamation_marks_change_nothing),
        cmocka_unit_test(length_lowers_and_raises_nothing),
        cmocka_unit_test(abuse_is_seen_and_changes_nothing_else),
        cmocka_unit_test(who_is_at_fault_changes_neither_verdict_nor_route),
        cmocka_unit_test(danger_is_never_below_serious_in_any_language),
        cmocka_unit_test(history_lowers_nothing_and_settles_at_once),
        cmocka_unit_test(calm_needs_language_decision_whole_text_and_no_complaint),
        cmocka_unit_test(the_customer_s_worth_never_matters),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
