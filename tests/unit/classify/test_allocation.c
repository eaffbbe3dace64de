/**
 * Classifying allocates nothing, not even in a library.
 * Method: every call of malloc and its kin on this thread is counted, from our own code and from
 * PCRE2 and Vectorscan: by the sanitizer's hook where there is one, else by standing before libc.
 * The shipped rules judge texts in six languages, hostile and long ones too, from the first on.
 */
#include "base/memory.h"
#include "helpers/load_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Volatile: the compiler knows malloc, and that it looks at neither. */
static _Thread_local volatile bool counting;
static _Thread_local volatile unsigned long calls;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HOOKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HOOKED 1
#endif
#endif

#ifdef HOOKED
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));

static void count_malloc(const volatile void *block, size_t size)
{
    (void)block;
    (void)size;
    calls += counting;
}

static void count_free(const volatile void *block)
{
    (void)block;
    calls += counting;
}

static void start_counting_calls(void)
{
    assert_true(__sanitizer_install_malloc_and_free_hooks(count_malloc, count_free) > 0);
}
#else
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

void *malloc(size_t size)
{
    calls += counting;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    calls += counting;
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    calls += counting;
    return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    calls += counting;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    calls += counting;
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : 12;
}

void free(void *block)
{
    calls += counting;
    __libc_free(block);
}

static void start_counting_calls(void)
{
}
#endif

enum { ROOM = MESSAGE_TEXT_BYTES_MAX + MESSAGE_PADDING_BYTES };

static char text[ROOM];

static const char *const texts[] = {
    "The charger caught fire and burned my hand, and nobody answers your phone.",
    "Ładowarka zapaliła się w nocy i poparzyła moje dziecko, infolinia milczy.",
    "Laddaren började brinna och ingen svarar när jag ringer er.",
    "De oplader vloog in brand en niemand neemt de telefoon op.",
    "Зарядка загорелась ночью, ребёнок получил ожог, на звонки не отвечают.",
    "Ο φορτιστής έπιασε φωτιά και κανείς δεν απαντά στο τηλέφωνο.",
    "Le colis est en retard et personne ne me répond.",
    "",
    "😀 ﷽ ��� \xE2\x80\x8B zero width",
};

static struct slice fill(const char *piece, size_t size)
{
    size_t piece_size = strlen(piece);
    size_t used = 0;
    while (piece_size > 0 && used + piece_size <= size) {
        memcpy(text + used, piece, piece_size);
        used += piece_size;
    }
    memset(text + used, 0, MESSAGE_PADDING_BYTES);
    return (struct slice){text, (uint32_t)used};
}

static void judge(const struct rule_set *rule_set, struct scratch *scratch, const char *piece,
                  size_t size)
{
    struct verdict verdict;
    const struct classify_input input = {.text = fill(piece, size)};
    const struct recurrence history = {.scope = HISTORY_WHOLE, .repeat = true};
    counting = true;
    enum redress_status status = redress_classify(rule_set, scratch, &input, &verdict);
    redress_decide_again(rule_set, &history, &verdict);
    counting = false;
    assert_true(status == STATUS_OK || status == STATUS_UNDECIDED);
}

static void the_counter_counts(void **state)
{
    (void)state;
    counting = true;
    void *volatile block = malloc(100);
    free(block);
    counting = false;
    assert_int_equal(calls, 2);
    calls = 0;
}

static void classifying_allocates_nothing(void **state)
{
    (void)state;
    struct rule_set *rule_set = load_rules(REDRESS_SOURCE_DIR "/rules");
    struct scratch *scratch = NULL;
    assert_int_equal(redress_scratch_create(rule_set, &scratch), STATUS_OK);
    memory_seal_thread(); /* our own allocator would abort, too */
    for (size_t index = 0; index < sizeof texts / sizeof texts[0]; index++) {
        judge(rule_set, scratch, texts[index], strlen(texts[index]));
        judge(rule_set, scratch, texts[index], MESSAGE_TEXT_BYTES_MAX);
    }
    static const char *const hostile[] = {"a", "not not ", "refused to refund the ", "зззз"};
    for (size_t index = 0; index < sizeof hostile / sizeof hostile[0]; index++)
        judge(rule_set, scratch, hostile[index], MESSAGE_TEXT_BYTES_MAX);
    assert_int_equal(calls, 0);
    redress_scratch_free(scratch);
    redress_rule_set_free(rule_set);
}

int main(void)
{
    start_counting_calls();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counter_counts),
        cmocka_unit_test(classifying_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
